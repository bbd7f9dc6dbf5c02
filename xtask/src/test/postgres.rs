//! A throwaway PostgreSQL: a cluster of its own on a free loopback port, gone afterwards.
//!
//! **Owns:** finding the server's programs, the cluster's folder, its start and its end.
//! **Does not own:** what the tests put into it.
//! **Limits on purpose:** no password, since it listens on loopback alone and holds nothing real; no
//! fsync, since the tests kill Hive and never the machine. A commit is a commit all the same.

use super::Workshop;
use super::tools::Got;
use crate::process::{self, Leashed};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const START_DEADLINE: Duration = Duration::from_secs(30);
const TRIES: usize = 3;
const CONNECTIONS_MAX: usize = 400;

/// A running cluster; dropping it stops the server and removes the folder.
pub(super) struct Cluster {
    pub(super) url: String,
    server: Option<Leashed>,
    folder: Folder,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.server = None;
        println!("PostgreSQL is stopped, {} removed", self.folder.0.display());
    }
}

/// Removed when it is dropped.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Starts a cluster; installs the server first where it is missing and that is allowed.
pub(super) fn start(workshop: &Workshop) -> Got<Cluster> {
    let programs = match programs() {
        Some(programs) => programs,
        None => {
            workshop.install_postgres()?;
            programs().ok_or("initdb and postgres are still missing after the installation")?
        }
    };
    let user = User::who_may()?;
    let words = |error: io::Error| format!("no cluster: {error}");
    let folder = folder(&workshop.target(), &user).map_err(words)?;
    let data = folder.0.join("data");
    initdb(&programs, &user, &data)?;
    for _ in 0..TRIES {
        let port = process::free_port().map_err(words)?;
        let server = Leashed::start(&server(&programs, &user, &data, port), "INT").map_err(words)?;
        if process::until(START_DEADLINE, || is_ready(&data)) {
            let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
            println!("PostgreSQL of {} runs as {} at {url}", programs.display(), user.name());
            return Ok(Cluster { url, server: Some(server), folder });
        }
    }
    Err(format!("the server did not start within {} s", START_DEADLINE.as_secs()))
}

/// The eighth line of postmaster.pid is the server's state.
fn is_ready(data: &Path) -> bool {
    let text = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    text.lines().nth(7).is_some_and(|state| state.trim() == "ready")
}

/// The folder that holds initdb and postgres: the PATH's, else the newest of Debian's.
fn programs() -> Option<PathBuf> {
    let complete = |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("postgres").is_file();
    let linked = process::in_path("initdb").and_then(|initdb| initdb.canonicalize().ok());
    let in_path = linked.and_then(|initdb| initdb.parent().map(PathBuf::from)).filter(complete);
    in_path.or_else(|| {
        let versions = fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(Result::ok);
        let folders = versions.map(|version| version.path().join("bin")).filter(complete);
        folders.max_by_key(|folder| version_of(folder))
    })
}

/// `/usr/lib/postgresql/15/bin` → 15.
fn version_of(folder: &Path) -> u32 {
    let name = folder.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    name.and_then(|name| name.parse().ok()).unwrap_or(0)
}

/// Who runs the server: initdb and postgres refuse root.
enum User {
    Myself,
    Other { name: &'static str, setpriv: bool },
}

impl User {
    fn who_may() -> Got<User> {
        if !process::is_root() {
            return Ok(User::Myself);
        }
        let known = |name: &&str| process::works("id", &["-u", name]);
        let name = ["postgres", "nobody"].into_iter().find(known).ok_or("no user but root to run PostgreSQL as")?;
        match (process::in_path("setpriv"), process::in_path("runuser")) {
            (Some(_), _) => Ok(User::Other { name, setpriv: true }),
            (None, Some(_)) => Ok(User::Other { name, setpriv: false }),
            (None, None) => {
                Err("neither setpriv nor runuser is here to run PostgreSQL as another user than root".to_owned())
            }
        }
    }

    fn name(&self) -> &str {
        match self {
            User::Myself => "myself",
            User::Other { name, .. } => name,
        }
    }

    /// The program run as this user, its pid the program's own (setpriv and runuser -u replace themselves).
    fn run(&self, program: &Path) -> Command {
        match self {
            User::Myself => Command::new(program),
            User::Other { name, setpriv: true } => {
                let group = process::says("id", &["-g", name]).unwrap_or_else(|| (*name).to_owned());
                let mut command = Command::new("setpriv");
                command
                    .args([&format!("--reuid={name}"), &format!("--regid={group}"), "--clear-groups", "--"])
                    .arg(program);
                command
            }
            User::Other { name, setpriv: false } => {
                let mut command = Command::new("runuser");
                command.args(["-u", name, "--"]).arg(program);
                command
            }
        }
    }

    fn owns(&self, folder: &Path) -> bool {
        match self {
            User::Myself => true,
            User::Other { name, .. } => {
                let chown = Command::new("chown").arg(name).arg(folder).status();
                let enters = self.run(Path::new("test")).arg("-w").arg(folder).status();
                chown.is_ok_and(|status| status.success()) && enters.is_ok_and(|status| status.success())
            }
        }
    }
}

/// A new folder under target/, or under the system's temporary folder where that user cannot get to
/// target/ (a clone in a private folder of root's).
fn folder(target: &Path, user: &User) -> io::Result<Folder> {
    let name = format!("hive-postgres-{}", std::process::id());
    for parent in [target.join("tmp"), std::env::temp_dir()] {
        let folder = Folder(parent.join(&name));
        fs::create_dir_all(&folder.0)?;
        fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o700))?;
        if user.owns(&folder.0) {
            return Ok(folder);
        }
    }
    Err(io::Error::other(format!("no folder that {} can write", user.name())))
}

fn initdb(programs: &Path, user: &User, data: &Path) -> Got<()> {
    let mut initdb = user.run(&programs.join("initdb"));
    initdb
        .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--pgdata"])
        .arg(data);
    let output = initdb.current_dir("/").output().map_err(|error| format!("initdb cannot be started: {error}"))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("initdb failed: {}", String::from_utf8_lossy(&output.stderr)))
    }
}

fn server(programs: &Path, user: &User, data: &Path, port: u16) -> Command {
    let mut server = user.run(&programs.join("postgres"));
    server.arg("-D").arg(data).current_dir("/");
    let settings = [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        "unix_socket_directories=".to_owned(),
        format!("max_connections={CONNECTIONS_MAX}"),
        "fsync=off".to_owned(),
        "log_min_messages=fatal".to_owned(),
    ];
    for setting in settings {
        server.args(["-c", &setting]);
    }
    server
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_number() {
        assert_eq!(version_of(Path::new("/usr/lib/postgresql/15/bin")), 15);
        assert!(
            version_of(Path::new("/usr/lib/postgresql/9/bin")) < version_of(Path::new("/usr/lib/postgresql/17/bin"))
        );
    }
}
