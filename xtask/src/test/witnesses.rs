//! Other people's ConnectWise clients, unmodified, against the simulator over TLS.
//!
//! **Owns:** the simulator they run against and the environment that points them at it.
//! **Does not own:** what they check (`witnesses/`), how the clients are got (`tools`).

use super::tools::Got;
use super::{Tally, Workshop};
use crate::process::{self, Leashed, Output};
use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const WITNESS_DEADLINE: Duration = Duration::from_secs(300);
const START_DEADLINE: Duration = Duration::from_secs(20);
const TRIES: usize = 3;

const WITNESSES: [(&str, Client); 3] =
    [("pyconnectwise", Client::Python), ("connectwise_rest", Client::Node), ("django_connectwise", Client::Python)];

#[derive(Clone, Copy)]
enum Client {
    Python,
    Node,
}

pub(super) fn suite(workshop: &mut Workshop) -> Tally {
    let Some(hive) = workshop.hive() else { return Tally::failed(1) };
    let python = workshop.python();
    let modules = workshop.node_modules();
    let simulator = match Simulator::start(&hive, &workshop.target()) {
        Ok(simulator) => simulator,
        Err(why) => {
            println!("the simulator does not start: {why}");
            return Tally::failed(1);
        }
    };
    let mut tally = Tally::default();
    for (name, client) in WITNESSES {
        let command = match client {
            Client::Python => python.as_ref().map(|python| in_python(&workshop.root, name, python)),
            Client::Node => modules.as_ref().map(|modules| in_node(&workshop.root, name, modules)),
        };
        tally += match command {
            Ok(command) => run(command, &simulator),
            Err(why) => workshop.skip(&format!("witness {name}"), why),
        };
    }
    tally
}

fn in_python(root: &Path, name: &str, python: &Path) -> Command {
    let mut command = Command::new(python);
    command.arg(root.join(format!("witnesses/witness_{name}.py"))).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

fn in_node(root: &Path, name: &str, modules: &Path) -> Command {
    let mut command = Command::new("node");
    command.arg(root.join(format!("witnesses/witness_{name}.js"))).env("NODE_PATH", modules);
    command
}

/// A line `ok …` is a check that passed, `FAIL …` one that failed.
fn run(mut command: Command, simulator: &Simulator) -> Tally {
    command.env("HIVE_WITNESS_URL", &simulator.url).env("HIVE_WITNESS_CA", &simulator.certificate);
    command.env("REQUESTS_CA_BUNDLE", &simulator.certificate).env("NODE_EXTRA_CA_CERTS", &simulator.certificate);
    for proxy in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
        command.env_remove(proxy);
    }
    let ended = match process::watch(&mut command, Output::Standard, Some(WITNESS_DEADLINE)) {
        Ok(ended) => ended,
        Err(error) => {
            println!("the witness cannot be started: {error}");
            return Tally::failed(1);
        }
    };
    let lines = |word: &str| ended.lines.iter().filter(|line| line.starts_with(word)).count();
    let mut tally = Tally { passed: lines("ok "), failed: lines("FAIL "), skipped: 0 };
    if tally.failed == 0 && (!ended.well || tally.passed == 0) {
        println!("the witness ended badly");
        tally.failed += 1;
    }
    tally
}

/// `hive simulate` over TLS; dropping it stops it.
struct Simulator {
    url: String,
    certificate: PathBuf,
    _server: Leashed,
}

impl Simulator {
    fn start(hive: &Path, target: &Path) -> Got<Simulator> {
        let words = |error: std::io::Error| error.to_string();
        let certificate = target.join("tmp").join("witnesses.pem");
        fs::create_dir_all(target.join("tmp")).map_err(words)?;
        for _ in 0..TRIES {
            let _ = fs::remove_file(&certificate);
            let address = format!("127.0.0.1:{}", process::free_port().map_err(words)?);
            let mut simulate = Command::new(hive);
            simulate.args(["simulate", "--listen", &address, "--size", "S", "--tls"]).arg(&certificate);
            let server = Leashed::start(&simulate, "TERM").map_err(words)?;
            let ready = || certificate.is_file() && TcpStream::connect(&address).is_ok();
            if process::until(START_DEADLINE, ready) {
                return Ok(Simulator { url: format!("https://{address}"), certificate, _server: server });
            }
        }
        Err(format!("it does not answer within {} s", START_DEADLINE.as_secs()))
    }
}
