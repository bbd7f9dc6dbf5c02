//! Usage that arrives by itself, into a server that runs: by program and from a watched folder, on an open
//! page within seconds (AC-41).

use crate::house::{House, ago};
use crate::moved::Server;
use crate::runs::wait_until;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// AC-41: a sample that arrives is on an open page within so long.
const WITHIN: Duration = Duration::from_secs(5);
const PASSWORD: &str = "correct+horse+battery";

/// A server over a house, and an admin who is signed in.
struct Open {
    house: House,
    server: Option<Server>,
    address: String,
    cookie: String,
}

impl Open {
    fn begin() -> Open {
        let house = House::linked();
        std::fs::create_dir_all(house.path("in/vendor")).unwrap();
        let mut open = Open { house, server: None, address: String::new(), cookie: String::new() };
        open.serve();
        let said = open.server.as_ref().unwrap().said();
        let setup = said.iter().find_map(|line| line.split_once("/setup/")).unwrap().1.trim().to_owned();
        let form = format!("email=jo@northwind.example&password={PASSWORD}&again={PASSWORD}");
        let answer = open.post(&format!("/setup/{setup}"), &form);
        let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: hive_session=")).unwrap();
        open.cookie = format!("hive_session={}", cookie.split(';').next().unwrap());
        open
    }

    fn serve(&mut self) {
        let roots = self.house.path("in").display().to_string();
        let mut command = self.house.command(&["serve"]);
        command.env("HIVE_LISTEN", "127.0.0.1:0").env("HIVE_FOLDERS", roots);
        let server = Server::of(&mut command, &self.house.path("serve.log"));
        // The setup's link is the second thing that it says.
        wait_until("the server is open", || server.said().len() > usize::from(self.cookie.is_empty()));
        server.said()[0].rsplit_once("http://").unwrap().1.clone_into(&mut self.address);
        self.server = Some(server);
    }

    fn send(&self, head: &str, body: &[u8]) -> String {
        let mut line = TcpStream::connect(&self.address).unwrap();
        let (host, length) = (&self.address, body.len());
        let head = format!("{head}\r\nHost: {host}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
        line.write_all(head.as_bytes()).unwrap();
        line.write_all(body).unwrap();
        let mut answer = Vec::new();
        line.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn get(&self, path: &str) -> String {
        self.send(&format!("GET {path} HTTP/1.1\r\nCookie: {}", self.cookie), b"")
    }

    fn post(&self, path: &str, form: &str) -> String {
        let kind = "Content-Type: application/x-www-form-urlencoded";
        let head = format!("POST {path} HTTP/1.1\r\nCookie: {}\r\nSec-Fetch-Site: same-origin\r\n{kind}", self.cookie);
        self.send(&head, form.as_bytes())
    }

    /// A browser's upload.
    fn upload(&self, name: &str, source: &str, bytes: &str) -> String {
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{bytes}\r\n--b\r\n\
             Content-Disposition: form-data; name=\"source\"\r\n\r\n{source}\r\n--b--\r\n"
        );
        let head = format!(
            "POST /m/1/usage HTTP/1.1\r\nCookie: {}\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: multipart/form-data; boundary=b",
            self.cookie
        );
        self.send(&head, body.as_bytes())
    }

    fn token(&self) -> String {
        let page = self.post("/m/1/people/tokens", "name=Meter&rights=usage");
        let token = page.split("value=\"hive_").nth(1).unwrap().split('"').next().unwrap();
        format!("hive_{token}")
    }

    fn watch(&self, source: &str, folder: &str) {
        let form = format!("source={source}&path={}", self.house.path(folder).display());
        let answer = self.post("/m/1/usage/folders", &form);
        assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
        assert!(self.get("/m/1/usage").contains(&format!("{}</code>", self.house.path(folder).display())));
    }

    fn page(&self) -> OpenPage {
        OpenPage::open(self)
    }

    fn explains(&self, account: &str, words: &[&str]) {
        self.house.ok(&format!("explain NW --account {account} --product Hot")).shows(words);
    }
}

/// An open page: it hears when facts change.
struct OpenPage {
    heard: Receiver<i64>,
    facts: i64,
}

impl OpenPage {
    fn open(open: &Open) -> OpenPage {
        let mut line = TcpStream::connect(&open.address).unwrap();
        let (host, cookie) = (&open.address, &open.cookie);
        write!(
            line,
            "GET /m/1/events HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\nCookie: {cookie}\r\n\r\n"
        )
        .unwrap();
        let (tell, heard) = channel();
        std::thread::spawn(move || {
            let mut changed = false;
            for line in BufReader::new(line).lines().map_while(Result::ok) {
                let data = line.strip_prefix("data: ").filter(|_| changed);
                changed = line == "event: changed";
                let facts = data.and_then(|data| data.split('.').next()?.parse().ok());
                if facts.is_some_and(|facts| tell.send(facts).is_err()) {
                    return;
                }
            }
        });
        let facts = heard.recv_timeout(WITHIN).unwrap();
        OpenPage { heard, facts }
    }

    /// The page hears of new facts in time.
    fn hears(&mut self, of: &str, since: Instant) {
        let until = since + WITHIN;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(facts) = self.heard.recv_timeout(left) else { panic!("an open page did not hear of {of} in time") };
            if facts > self.facts {
                self.facts = facts;
                return;
            }
        }
    }
}

/// A whole file, put there as a job does it: written beside and renamed.
fn put(open: &Open, path: &str, text: &str) -> Instant {
    let new = open.house.write("new.tmp", text);
    std::fs::rename(new, open.house.path(path)).unwrap();
    Instant::now()
}

#[test]
fn ac_41_what_a_program_posts_and_what_a_folder_gets_is_on_an_open_page_within_five_seconds() {
    let open = Open::begin();
    let token = open.token();
    open.watch("vendor", "in/vendor");
    let mut page = open.page();

    let at = ago(2);
    let body = format!(r#"{{"account":"Acme","product":"Hot","quantity":"12.5","unit":"GB","measured_at":"{at}"}}"#);
    let sent = Instant::now();
    let head =
        format!("POST /api/v1/usage HTTP/1.1\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json");
    let answer = open.send(&head, body.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"samples_new\":1"), "{answer}");
    page.hears("what was posted", sent);
    open.explains("Acme", &["12.5", "Meter"]);

    let file = format!("account,product,quantity,unit,measured_at\nBolt,Hot,21.25,GB,{}\n", ago(1));
    let came = put(&open, "in/vendor/usage-1.csv", &file);
    page.hears("what was put into the folder", came);
    open.explains("Bolt", &["21.25", "vendor"]);
    assert_eq!(std::fs::read_to_string(open.house.path("in/vendor/usage-1.csv")).unwrap(), file, "it stays as it was");
    let shown = open.get("/m/1/usage");
    assert!(shown.contains("usage-1.csv") && shown.contains("1 row from vendor: 1 new sample,"), "{shown}");
}

#[test]
fn a_vendors_report_is_read_from_its_folder_as_its_last_upload_was_and_a_bad_file_stops_no_other() {
    let mut open = Open::begin();
    let report = |quantity: &str| format!("Customer,Service,Used GB,Date\nCove,Hot,{quantity},{}\n", ago(1));
    let answer = open.upload("report.csv", "acronis", &report("31.375"));
    assert!(answer.contains("location: /m/1/usage/check"), "{answer}");
    let check = open.get("/m/1/usage/check");
    assert!(check.contains("1 row from acronis: 1 new sample,"), "{check}");
    assert!(!open.house.ok("explain NW --account Cove --product Hot").out.contains("31.375"), "nothing is taken yet");
    assert!(open.post("/m/1/usage/take", "").starts_with("HTTP/1.1 303"));
    open.explains("Cove", &["31.375"]);

    open.watch("acronis", "in/vendor");
    // A bad file, then a good one: the one is named, the other is taken.
    put(&open, "in/vendor/a-bad.csv", "Customer,Service,Used GB,Date\nCove,Hot,many,2026-01-01T00:00:00Z\n");
    put(&open, "in/vendor/b-good.csv", &report("32.5"));
    std::os::unix::fs::symlink("/etc/hostname", open.house.path("in/vendor/link.csv")).unwrap();
    wait_until("both files are known", || {
        let page = open.get("/m/1/usage");
        page.contains("a-bad.csv") && page.contains("b-good.csv")
    });
    open.explains("Cove", &["32.5"]);
    let page = open.get("/m/1/usage");
    assert!(page.contains("Nothing was taken. line 2, column Used GB: &quot;many&quot;"), "{page}");
    assert!(page.contains("2 files, 1 refused") && page.contains("link.csv is a link"), "{page}");

    // After a restart what is known is known: nothing comes twice. A mended file is a new one.
    let batches = |page: &str| page.matches("by <span class=\"name\">folder:acronis").count();
    assert_eq!(batches(&page), 1);
    open.server.take().unwrap().stop();
    open.serve();
    put(&open, "in/vendor/a-bad.csv", &report("33.125"));
    wait_until("the mended file is taken", || batches(&open.get("/m/1/usage")) > 1);
    assert_eq!(batches(&open.get("/m/1/usage")), 2, "and b-good.csv once");
    open.explains("Cove", &["33.125"]);
}

#[test]
fn folders_are_watched_only_where_the_operator_allows_it() {
    let open = Open::begin();
    std::fs::create_dir_all(open.house.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink(open.house.path("elsewhere"), open.house.path("in/out")).unwrap();
    let refused = |path: String| {
        let answer = open.post("/m/1/usage/folders", &format!("source=x&path={path}"));
        assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
        assert!(open.get("/m/1/usage").contains("None yet."), "{path} is watched");
    };
    for path in ["elsewhere", "in/out", "in/../elsewhere", "in/nowhere"] {
        refused(open.house.path(path).display().to_string());
    }
    refused("/etc".to_owned());
    open.house.run_with("HIVE_FOLDERS", "in", "config").ends(2).tells(&["HIVE_FOLDERS", "absolute path"]);
    open.house.run_with("HIVE_FOLDERS", "/srv/{msp}", "config").done().shows(&["HIVE_FOLDERS", "/srv/{msp}"]);
}
