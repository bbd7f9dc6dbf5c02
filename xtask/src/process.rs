//! Other programs: finding them, running them, reading what they print, ending them.
//!
//! **Owns:** the environment they get; that what is started is ended by its pid, also when this
//! process is killed first.
//! **Does not own:** what is run.
//! **Limits on purpose:** Unix; signals are sent by `kill`, since the standard library has none.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(20);

/// Cargo, without what the cargo that runs this process has put into the environment: build scripts
/// that watch those variables would build anew each time.
pub(crate) fn cargo(root: &Path, arguments: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(arguments).current_dir(root);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "OUT_DIR" {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// Where a program is, by the PATH.
pub(crate) fn in_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Whether it starts at all and ends well.
pub(crate) fn works(program: impl AsRef<OsStr>, arguments: &[&str]) -> bool {
    let quiet =
        Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

/// The first line a program prints.
pub(crate) fn says(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).lines().next()?.trim().to_owned();
    output.status.success().then_some(text)
}

pub(crate) fn is_root() -> bool {
    says("id", &["-u"]).is_some_and(|id| id == "0")
}

/// Runs a program to its end, its output passed through.
pub(crate) fn run(command: &mut Command) -> bool {
    println!("$ {}", shown(command));
    match command.stdin(Stdio::null()).status() {
        Ok(status) => status.success(),
        Err(error) => {
            println!("{}: {error}", command.get_program().to_string_lossy());
            false
        }
    }
}

/// Which of a program's outputs is read; the other one is passed through unread.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    Standard,
    Error,
}

/// What a watched program came to.
pub(crate) struct Ended {
    pub(crate) lines: Vec<String>,
    pub(crate) well: bool,
}

/// Runs a program, passes its output on line by line, and keeps the lines of one output. A program
/// that outlasts its deadline is killed.
pub(crate) fn watch(command: &mut Command, output: Output, deadline: Option<Duration>) -> io::Result<Ended> {
    println!("$ {}", shown(command));
    command.stdin(Stdio::null());
    match output {
        Output::Standard => command.stdout(Stdio::piped()),
        Output::Error => command.stderr(Stdio::piped()),
    };
    let mut child = command.spawn()?;
    let (send, received) = mpsc::channel();
    if let Some(pipe) = child.stdout.take() {
        pass_on(pipe, send.clone(), |line| println!("{line}"));
    }
    if let Some(pipe) = child.stderr.take() {
        pass_on(pipe, send.clone(), |line| eprintln!("{line}"));
    }
    drop(send);
    let status = wait(&mut child, deadline)?;
    let well = status.is_some_and(|status| status.success());
    Ok(Ended { lines: rest_of(&received), well })
}

fn pass_on(pipe: impl Read + Send + 'static, lines: mpsc::Sender<String>, print: fn(&str)) {
    thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            print(&line);
            let _ = lines.send(line);
        }
    });
}

/// Every line until the pipe closes; something left running may hold it open, so not for long.
fn rest_of(received: &mpsc::Receiver<String>) -> Vec<String> {
    const PATIENCE: Duration = Duration::from_secs(2);
    let mut lines = Vec::new();
    while let Ok(line) = received.recv_timeout(PATIENCE) {
        lines.push(line);
    }
    lines
}

/// None: it outlasted its deadline and was killed.
fn wait(child: &mut Child, deadline: Option<Duration>) -> io::Result<Option<ExitStatus>> {
    let Some(deadline) = deadline else { return child.wait().map(Some) };
    let started = Instant::now();
    while started.elapsed() < deadline {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(POLL);
    }
    println!("not done after {} s: killed (pid {})", deadline.as_secs(), child.id());
    child.kill()?;
    child.wait()?;
    Ok(None)
}

/// Asks again and again; false after the deadline.
pub(crate) fn until(deadline: Duration, mut asked: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    while !asked() {
        if started.elapsed() > deadline {
            return false;
        }
        thread::sleep(POLL);
    }
    true
}

/// A free port on loopback; another process may take it first, so starting is tried again.
pub(crate) fn free_port() -> io::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// A server on a leash: a shell starts it and signals its pid when this value is dropped, or when
/// this process ends in whatever way, since the shell's standard input closes then.
pub(crate) struct Leashed {
    shell: Child,
    leash: Option<ChildStdin>,
}

const ON_A_LEASH: &str = r#"signal=$1; shift; trap '' INT
"$@" </dev/null & server=$!
cat >/dev/null
kill -s "$signal" "$server" 2>/dev/null
wait "$server" 2>/dev/null"#;

impl Leashed {
    /// The signal is the one that ends the server at once and well.
    pub(crate) fn start(command: &Command, signal: &str) -> io::Result<Leashed> {
        let mut shell = Command::new("sh");
        shell.args(["-c", ON_A_LEASH, "leash", signal]).arg(command.get_program()).args(command.get_args());
        if let Some(folder) = command.get_current_dir() {
            shell.current_dir(folder);
        }
        let mut shell = shell.stdin(Stdio::piped()).spawn()?;
        let leash = shell.stdin.take();
        Ok(Leashed { shell, leash })
    }
}

impl Drop for Leashed {
    fn drop(&mut self) {
        self.leash = None;
        let _ = wait(&mut self.shell, Some(Duration::from_secs(30)));
    }
}

/// The command as a person would type it, more or less.
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
