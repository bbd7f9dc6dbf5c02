//! Hive as its users have it: the binary serving its console, with a simulated ConnectWise behind it.
//!
//! **Owns:** starting `hive serve` and `hive demo`, what they print, that they end with the value.
//! **Does not own:** the database and the simulator of a served house (`House`).

use crate::browser::Browser;
use crate::house::House;
use crate::ran::Ran;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// A debug build on a busy machine needs a while to open its database.
const START_DEADLINE: Duration = Duration::from_secs(60);
/// As long as a service manager would wait.
const END_DEADLINE: Duration = Duration::from_secs(15);

/// A process that prints where it is to be found; told to end when it is dropped.
struct Running {
    process: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(command: &mut Command) -> Running {
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (said, lines) = channel();
        let out = BufReader::new(process.stdout.take().unwrap());
        std::thread::spawn(move || out.lines().map_while(Result::ok).for_each(|line| drop(said.send(line))));
        // What it tells an operator is shown where the test fails.
        let told = BufReader::new(process.stderr.take().unwrap());
        std::thread::spawn(move || told.lines().map_while(Result::ok).for_each(|line| eprintln!("hive: {line}")));
        Running { process, lines }
    }

    /// What follows these words in the next line that has them.
    fn says(&self, words: &str) -> String {
        let line = self.line(words);
        line.split_once(words).map(|(_, rest)| rest.trim().to_owned()).unwrap()
    }

    /// The next line that has this.
    fn line(&self, words: &str) -> String {
        let asked = Instant::now();
        let mut heard = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(START_DEADLINE.saturating_sub(asked.elapsed())) {
            if line.contains(words) {
                return line.trim().to_owned();
            }
            heard.push(line);
        }
        panic!("hive does not say “{words}” but {heard:#?}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        let told = Instant::now();
        while told.elapsed() < END_DEADLINE {
            if let Ok(Some(_)) = self.process.try_wait() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A house whose console is open. Dropping it closes the console, then the house.
pub(crate) struct Served {
    _running: Running,
    pub(crate) house: House,
    pub(crate) url: String,
    /// The link that makes the first admin, where nobody can log in yet.
    pub(crate) setup: Option<String>,
}

impl Served {
    /// As on the first day: nobody can log in.
    pub(crate) fn new(house: House) -> Served {
        Served::start(house, true)
    }

    /// With an admin who has a link to choose a password.
    pub(crate) fn with_admin(house: House) -> Served {
        house.ok("user add priya@nw.example --role admin");
        Served::start(house, false)
    }

    fn start(house: House, first: bool) -> Served {
        let running = Running::start(house.command(&["serve"]).env("HIVE_LISTEN", "127.0.0.1:0"));
        let url = running.says("Hive listens on ");
        let setup = first.then(|| running.says("First run: open "));
        Served { _running: running, house, url, setup }
    }

    pub(crate) fn browser(&self) -> Option<Browser> {
        Browser::at(&self.url)
    }

    /// A command of an operator who knows the console's address.
    pub(crate) fn operator(&self, words: &str) -> Ran {
        self.house.run_with("HIVE_PUBLIC_URL", &self.url, words).done()
    }

    /// Somebody with a role at every MSP comes in by a link and chooses a password.
    pub(crate) fn let_in(&self, browser: &Browser, email: &str, role: &str) {
        let added = self.operator(&format!("user add {email} --role {role} --format json")).json();
        browser.open(added["link"].as_str().unwrap());
        browser.fill("New password", PASSWORD).fill("New password again", PASSWORD).click("Save the password");
        browser.sees("Log out");
    }

    /// What the simulated ConnectWise's own log of writes says now, oldest first.
    pub(crate) fn wrote(&self) -> Vec<String> {
        self.house.wrote()
    }
}

pub(crate) const PASSWORD: &str = "a few words in a row";

/// `hive demo`, which prints a link that logs in once.
pub(crate) struct Demo {
    _running: Running,
    pub(crate) link: String,
}

impl Demo {
    pub(crate) fn start() -> Demo {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hive"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HIVE_")) {
            command.env_remove(name);
        }
        let running = Running::start(command.args(["demo", "--listen", "127.0.0.1:0"]));
        let link = running.line("/login/once/");
        Demo { _running: running, link }
    }

    /// A browser in front of the console in which nobody is logged in.
    pub(crate) fn stranger(&self) -> Option<Browser> {
        Browser::at(&url::Url::parse(&self.link).unwrap().origin().ascii_serialization())
    }

    /// A browser in front of the console, logged in by the link.
    pub(crate) fn browser(&self) -> Option<Browser> {
        let origin = url::Url::parse(&self.link).unwrap().origin().ascii_serialization();
        let browser = Browser::at(&origin)?;
        browser.open(&self.link).click("Log in").sees("MSP Overview");
        Some(browser)
    }
}
