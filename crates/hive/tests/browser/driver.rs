//! chromedriver and one headless chromium: started, spoken to, ended.
//!
//! **Owns:** where the driver is, the flags, that both end with the value (also in a panic), the
//! commands that WebDriver has and fantoccini has not.
//! **Does not own:** what a person does with it (`browser`).

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Where chromedriver is; empty: nowhere. Not set: the PATH is searched.
const DRIVER: &str = "HIVE_TEST_CHROMEDRIVER";
const NO_SKIPS: &str = "HIVE_TEST_NO_SKIPS";

/// How long chromium has to go after it was told to.
const END_DEADLINE: Duration = Duration::from_secs(5);

/// A fresh profile, nothing asked of anybody, no picture of the machine in what it does.
const FLAGS: [&str; 14] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--force-device-scale-factor=1",
    "--lang=en-GB",
];

pub(crate) struct Driver {
    runtime: Runtime,
    client: Option<Client>,
    process: Child,
    _profile: TempDir,
}

/// The driver's program; None: the test is skipped, and has said so.
fn program() -> Option<PathBuf> {
    let found = match std::env::var_os(DRIVER) {
        Some(path) => Some(PathBuf::from(path)).filter(|path| path.is_file()),
        None => std::env::var_os("PATH").and_then(|path| {
            std::env::split_paths(&path).map(|folder| folder.join("chromedriver")).find(|file| file.is_file())
        }),
    };
    if found.is_none() {
        let why = format!("no chromedriver in PATH or {DRIVER} (apt-get install chromium chromium-driver)");
        assert!(std::env::var(NO_SKIPS).as_deref() != Ok("1"), "{why}, and {NO_SKIPS}=1 makes that a failure");
        eprintln!("SKIPPED: {why}");
        println!("SKIPPED: {why}");
    }
    found
}

impl Driver {
    pub(crate) fn start(width: u32, height: u32) -> Option<Driver> {
        let program = program()?;
        let profile = TempDir::new().unwrap();
        let mut command = Command::new(program);
        for proxy in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
            command.env_remove(proxy);
        }
        command.arg("--port=0").env("HOME", profile.path());
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let port = port_of(&mut process);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mut driver = Driver { runtime, client: None, process, _profile: profile };
        let mut arguments: Vec<String> = FLAGS.map(str::to_owned).to_vec();
        arguments.push(format!("--window-size={width},{height}"));
        arguments.push(format!("--user-data-dir={}", driver._profile.path().join("profile").display()));
        let downloads = driver._profile.path().join("downloads").display().to_string();
        let wanted = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments, "prefs": { "download.default_directory": downloads } },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        });
        let Value::Object(wanted) = wanted else { unreachable!() };
        let connecting = async {
            ClientBuilder::new(HttpConnector::new())
                .capabilities(wanted)
                .connect(&format!("http://127.0.0.1:{port}"))
                .await
        };
        driver.client = Some(driver.runtime.block_on(connecting).unwrap());
        Some(driver)
    }

    /// Where downloads arrive.
    pub(crate) fn downloads(&self) -> PathBuf {
        self._profile.path().join("downloads")
    }

    pub(crate) fn client(&self) -> &Client {
        self.client.as_ref().unwrap()
    }

    /// Runs what a client does to its end.
    pub(crate) fn wait<T>(&self, doing: impl Future<Output = T>) -> T {
        self.runtime.block_on(doing)
    }

    /// A command under `/session/ID/`: GET without a body, else POST.
    pub(crate) fn command(&self, path: impl Into<String>, body: Option<Value>) -> Value {
        let command = Raw { path: path.into(), body };
        self.wait(self.client().issue_cmd(command)).unwrap()
    }

    /// A command of the browser's own protocol.
    pub(crate) fn devtools(&self, name: &str, parameters: &Value) -> Value {
        self.command("goog/cdp/execute", Some(json!({ "cmd": name, "params": parameters })))
    }

    /// The entries of a log since it was read last.
    pub(crate) fn log(&self, name: &str) -> Vec<Value> {
        let entries = self.command("se/log", Some(json!({ "type": name })));
        entries.as_array().cloned().unwrap_or_default()
    }
}

impl Drop for Driver {
    /// First the browser, asked; then the driver, by its pid.
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            let _ = self.runtime.block_on(async { tokio::time::timeout(END_DEADLINE, client.close()).await });
        }
        let _ = Command::new("kill").arg(self.process.id().to_string()).stderr(Stdio::null()).status();
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

/// It prints `ChromeDriver was started successfully on port 45607.`; what it prints later is let go.
fn port_of(process: &mut Child) -> u16 {
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
    let port = lines.find_map(|line| {
        let (_, port) = line.split_once("successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    std::thread::spawn(move || lines.for_each(drop));
    port.expect("chromedriver says its port")
}

#[derive(Debug)]
struct Raw {
    path: String,
    body: Option<Value>,
}

impl WebDriverCompatibleCommand for Raw {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (hyper::Method, Option<String>) {
        match &self.body {
            None => (hyper::Method::GET, None),
            Some(body) => (hyper::Method::POST, Some(body.to_string())),
        }
    }
}
