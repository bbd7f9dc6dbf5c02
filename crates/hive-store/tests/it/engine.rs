//! A PostgreSQL server for the tests, and the runtime they run in.

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, postgres::PgConnectOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

pub(crate) fn run(story: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(story);
}

/// A server that makes databases.
pub(crate) struct Server {
    admin: String,
    made: AtomicU32,
    cluster: Option<Cluster>,
}

struct Cluster {
    child: Child,
    _dir: tempfile::TempDir,
}

impl Server {
    pub(crate) async fn start() -> Option<Server> {
        if let Ok(admin) = std::env::var("HIVE_TEST_POSTGRES_URL") {
            return Some(Server { admin, made: AtomicU32::new(0), cluster: None });
        }
        let Some(bin) = find() else {
            eprintln!(
                "SKIPPED: no PostgreSQL (no initdb in PATH or /usr/lib/postgresql; or set HIVE_TEST_POSTGRES_URL)"
            );
            println!("SKIPPED: no PostgreSQL");
            return None;
        };
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let owner = is_root().then(|| own(dir.path(), &data));
        let initdb = command(&bin.join("initdb"), owner)
            .args(["--auth=trust", "--username=hive", "--no-sync", "--encoding=UTF8", "--locale=C", "-D"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(initdb.status.success(), "initdb: {}", String::from_utf8_lossy(&initdb.stderr));
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = command(&bin.join("postgres"), owner)
            .arg("-D")
            .arg(&data)
            .args([
                "-p",
                &port.to_string(),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "log_min_messages=fatal",
                "-c",
                "fsync=off",
            ])
            .arg("-c")
            .arg(format!("unix_socket_directories={}", dir.path().display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let admin = format!("postgres://hive@127.0.0.1:{port}/postgres");
        let server = Server { admin, made: AtomicU32::new(0), cluster: Some(Cluster { child, _dir: dir }) };
        let options = PgConnectOptions::from_str(&server.admin).unwrap();
        for _ in 0..200 {
            if options.connect().await.is_ok() {
                return Some(server);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("PostgreSQL did not start");
    }

    /// A fresh database: its URL.
    pub(crate) async fn database(&self) -> String {
        let name = format!("hive_{}_{}", std::process::id(), self.made.fetch_add(1, Ordering::SeqCst));
        let mut admin = PgConnectOptions::from_str(&self.admin).unwrap().connect().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut admin).await.unwrap();
        admin.close().await.unwrap();
        let (before, _) = self.admin.rsplit_once('/').unwrap();
        format!("{before}/{name}")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(cluster) = &mut self.cluster {
            // A fast shutdown, so that no helper process outlives the test.
            let asked = Command::new("kill").args(["-INT", &cluster.child.id().to_string()]).status();
            if !asked.is_ok_and(|status| status.success()) {
                let _ = cluster.child.kill();
            }
            let _ = cluster.child.wait();
        }
    }
}

fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        places.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    places.into_iter().find(|place| place.join("initdb").exists() && place.join("postgres").exists())
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

/// PostgreSQL refuses root: its files become another user's.
fn own(dir: &Path, data: &Path) -> (u32, u32) {
    let number = |what: &str| -> u32 {
        let id = Command::new("id").args([what, "postgres"]).output().unwrap();
        let text = String::from_utf8(id.stdout).unwrap();
        text.trim().parse().unwrap_or(65534)
    };
    let owner = (number("-u"), number("-g"));
    for path in [dir, data] {
        std::os::unix::fs::chown(path, Some(owner.0), Some(owner.1)).unwrap();
    }
    owner
}

fn command(program: &Path, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    if let Some((user, group)) = owner {
        use std::os::unix::process::CommandExt;
        command.uid(user).gid(group).current_dir("/");
    }
    command
}
