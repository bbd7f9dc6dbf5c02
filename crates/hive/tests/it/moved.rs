//! A house whose time is moved, not waited for: a file says what time it is, for Hive and for its
//! ConnectWise.

use crate::house::{House, PRIVATE_KEY, USED, town};
use crate::ran::Ran;
use crate::runs::wait_until;
use hive_simulator::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How often the run loop of these tests looks.
const TICK_MS: &str = "25";
/// So long nothing must happen where nothing is due: several looks.
const QUIET: Duration = Duration::from_millis(200);

pub(crate) struct Moved {
    pub(crate) house: House,
    /// Hosts besides the house's own simulator.
    pub(crate) hosts: String,
}

impl Moved {
    /// The MSP NW in the town, nothing else, at this moment.
    pub(crate) fn bare(at: Timestamp) -> Moved {
        let moved = Moved { house: House::bare(town()), hosts: String::new() };
        moved.set(at);
        moved
    }

    /// Connected, linked, live; the schedule is the default one at these local times.
    pub(crate) fn live(at: Timestamp, zone: &str, sync_time: &str) -> Moved {
        let moved = Moved::bare(at);
        moved.ok(&format!("settings NW time_zone={zone} sync_time={sync_time}"));
        moved.connect("NW", &moved.house.url());
        moved.usage(USED);
        moved.ok("sync NW");
        moved.ok("link NW --product Hot --item 1001 --unit GB --size 1");
        moved.ok("link NW --product Seat --item 1002");
        let plan = moved.ok("plan NW --format json").json();
        moved.ok(&format!("update NW --plan {}", plan["plan"].as_str().unwrap()));
        assert_eq!(moved.house.wrote(), [""; 0]);
        moved
    }

    /// It is this moment now, for everybody.
    pub(crate) fn set(&self, at: Timestamp) {
        let new = self.house.write("clock.new", at.to_string());
        self.house.sim.set_clock(at);
        std::fs::rename(new, self.house.path("clock")).unwrap();
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = self.house.command(args);
        command
            .env("HIVE_TEST_CLOCK", self.house.path("clock"))
            .env("HIVE_TEST_TICK_MS", TICK_MS)
            .env("HIVE_PRIVATE_HOSTS", format!("{},{}", self.house.addr(), self.hosts))
            .env("HIVE_LISTEN", "127.0.0.1:0");
        command
    }

    pub(crate) fn run(&self, words: &str) -> Ran {
        let args: Vec<&str> = words.split_whitespace().collect();
        Ran::of(&args, &mut self.command(&args))
    }

    pub(crate) fn ok(&self, words: &str) -> Ran {
        self.run(words).done()
    }

    pub(crate) fn connect(&self, msp: &str, url: &str) {
        let key = self.house.write("key", PRIVATE_KEY);
        self.ok(&format!(
            "connect {msp} --url {url} --company northwind --public-key PUBLICKEY0000001 --private-key-file {key}"
        ));
    }

    /// Imports these rows, measured at the very moment.
    pub(crate) fn usage(&self, rows: &str) {
        let now: Timestamp = std::fs::read_to_string(self.house.path("clock")).unwrap().parse().unwrap();
        let rows: String = rows.lines().map(|row| format!("{row},{now}\n")).collect();
        let file = self.house.write("usage.csv", format!("account,product,quantity,unit,measured_at\n{rows}"));
        self.ok(&format!("import usage NW {file}"));
    }

    /// Runs of an MSP that its schedule started, oldest first.
    pub(crate) fn scheduled(&self, msp: &str) -> Vec<Run> {
        let runs = self.ok(&format!("runs {msp} --format json")).json();
        let runs = runs.as_array().unwrap().iter().rev();
        runs.filter(|run| run["who"] == "schedule").map(Run::of).collect()
    }

    /// Waits until so many scheduled runs of NW have ended, and gives them all.
    pub(crate) fn ended(&self, count: usize) -> Vec<Run> {
        let mut runs = Vec::new();
        wait_until(&format!("{count} ended runs, last {}", self.log()), || {
            runs = self.scheduled("NW");
            runs.len() >= count && runs.iter().all(|run| run.state != "running")
        });
        assert_eq!(runs.len(), count, "{runs:#?}");
        runs
    }

    /// Nothing more starts by itself now.
    pub(crate) fn quiet(&self, count: usize) {
        std::thread::sleep(QUIET);
        let runs = self.scheduled("NW");
        assert_eq!(runs.len(), count, "nothing is due: {runs:#?}");
    }

    pub(crate) fn serve(&self) -> Server {
        Server::start(self)
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.house.path("serve.log")).unwrap_or_default()
    }
}

/// A run, as `hive runs` lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) id: i64,
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) started_at: Timestamp,
    pub(crate) words: String,
}

impl Run {
    fn of(run: &Value) -> Run {
        let text = |key: &str| run[key].as_str().unwrap().to_owned();
        Run {
            id: text("run").parse().unwrap(),
            kind: text("kind"),
            state: text("state"),
            started_at: text("started_at").parse().unwrap(),
            words: text("words"),
        }
    }
}

/// `hive serve`, running. Dropping it kills it.
pub(crate) struct Server {
    child: Child,
    said: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(moved: &Moved) -> Server {
        Server::of(&mut moved.command(&["serve"]), &moved.house.path("serve.log"))
    }

    /// `command` is `hive serve`; what it tells goes into a file.
    pub(crate) fn of(command: &mut Command, log: &Path) -> Server {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = said.clone();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                heard.lock().unwrap().push(line);
            }
        });
        let server = Server { child, said };
        wait_until("Hive listens", || server.said().iter().any(|line| line.starts_with("Hive listens on http://")));
        server
    }

    pub(crate) fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }

    /// What a page answers, head and body.
    pub(crate) fn get(&self, path: &str) -> String {
        let said = self.said();
        let address = said[0].rsplit_once("http://").unwrap().1;
        let mut line = TcpStream::connect(address).unwrap();
        write!(line, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        line.read_to_string(&mut answer).unwrap();
        answer
    }

    /// As a service manager stops it; it must end 0.
    pub(crate) fn stop(mut self) {
        let stopped = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(stopped.success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }

    /// As a power cut stops it.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A moment on the wall of a zone; an hour that is skipped moves forward.
pub(crate) fn local(zone: &str, date: Date, hour: i8, minute: i8) -> Timestamp {
    date.at(hour, minute, 0, 0).to_zoned(TimeZone::get(zone).unwrap()).unwrap().timestamp()
}
