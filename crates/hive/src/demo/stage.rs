//! The stage: a directory, a database and a sample ConnectWise of the demo's own.

use super::data::{self, Customer};
use super::world::{self, Built};
use crate::cli::Demo;
use crate::failure::Failure;
use crate::house::{House, now};
use crate::process::Process;
use crate::serve::{OneTime, serve_on};
use crate::show::print;
use hive_core::Timestamp;
use hive_simulator::{Config, Running, Sim, start};
use hive_store::{Msp, Role};
use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::net::TcpListener;
use url::Url;

/// The MSP of the story.
pub(super) const MSP: &str = "Northwind IT";
/// Any GUID will do for the sample ConnectWise.
pub(super) const CLIENT_ID: &str = "00000000-0000-4000-8000-000000000000";
/// Who looks at the demo.
const VISITOR: &str = "you@northwind.example";
/// How long the link into the console is good for.
const LINK_HOURS: i64 = 24;
/// The console's usual port (design, section 7).
const CONSOLE_PORT: u16 = 7400;
/// A loopback answers at once, or something is wrong.
const REQUEST_TIMEOUT_MS: u64 = 5_000;

/// Where the demo lives.
enum Directory {
    Temporary(TempDir),
    Kept(PathBuf),
}

/// Everything the story needs.
pub(crate) struct Stage {
    pub(crate) house: House,
    pub(crate) msp: Msp,
    pub(super) customers: Vec<Customer>,
    pub(super) built: Built,
    pub(super) running: Running,
    pub(super) began_at: Timestamp,
    /// Where the console will be; none with `--exit`.
    listener: Option<TcpListener>,
    directory: Directory,
}

/// Where the console listens: as asked, else at its usual place or, where that is taken, at a free port.
async fn listener(asked: Option<SocketAddr>) -> Result<TcpListener, Failure> {
    if let Some(listen) = asked {
        if !listen.ip().is_loopback() {
            return Err(Failure::wrong_usage(format!(
                "--listen {listen}: the demo's console opens for anyone with its link, so it listens on loopback only"
            )));
        }
        let bound = TcpListener::bind(listen).await;
        return bound.map_err(|error| Failure::stopped(format!("the console cannot listen on {listen}: {error}")));
    }
    let here = |port| SocketAddr::from(([127, 0, 0, 1], port));
    match TcpListener::bind(here(CONSOLE_PORT)).await {
        Ok(listener) => Ok(listener),
        Err(_) => Ok(TcpListener::bind(here(0)).await?),
    }
}

impl Stage {
    /// Sets it up. Neither HIVE_DATABASE_URL nor HIVE_KEY_FILE nor any stored connection is looked at.
    pub(crate) async fn set(asked: &Demo) -> Result<Stage, Failure> {
        let listener = match asked.exit {
            true => None,
            false => Some(listener(asked.listen).await?),
        };
        let directory = Directory::make(asked.keep.as_deref())?;
        let began_at = now();
        let customers = data::customers()?;
        let built = world::build(&customers, began_at.to_zoned(TimeZone::UTC).date())?;
        let config = Config { listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..Config::default() };
        let running = start(config, built.world.clone())
            .await
            .map_err(|error| Failure::stopped(format!("the sample ConnectWise cannot listen: {error}")))?;
        let process = Process {
            database_url: format!("sqlite://{}", directory.path().join("hive.db").display()),
            key_file: Some(directory.path().join("hive.key")),
            private_hosts: Some(running.addr().to_string()),
            connectwise_client_id: Some(CLIENT_ID.to_owned()),
            requests_per_minute: 0,
            request_timeout_ms: REQUEST_TIMEOUT_MS,
            ..Process::default()
        };
        let house = House::open_with(process).await?;
        let msp = house.store.add_msp(MSP, began_at).await?;
        Ok(Stage { house, msp, customers, built, running, began_at, listener, directory })
    }

    /// Opens the console for the person at the terminal: a user of the demo's own and a link that signs
    /// in once. The listener is given away with the address.
    pub(super) async fn console(&self) -> Result<Url, Failure> {
        let at = now();
        let user = self.house.store.add_user(VISITOR, Role::Admin, None, "demo", at).await?;
        let token = OneTime::new()?;
        let expires_at = at.saturating_add(LINK_HOURS.hours()).unwrap_or(at);
        self.house.store.add_link(&token.hash(), Some(user), "login", at, expires_at).await?;
        Ok(Url::parse(&token.link(&self.public_url()?, "login/once"))?)
    }

    fn public_url(&self) -> Result<Url, Failure> {
        let listener = self.listener.as_ref().ok_or_else(|| Failure::stopped("the demo has no console with --exit"))?;
        Ok(Url::parse(&format!("http://{}", listener.local_addr()?))?)
    }

    /// Serves the console until Ctrl-C.
    pub(crate) async fn serve(&mut self) -> Result<(), Failure> {
        let url = self.public_url()?;
        match self.listener.take() {
            Some(listener) => serve_on(&self.house, listener, url).await,
            None => Ok(()),
        }
    }

    pub(super) fn sim(&self) -> &Sim {
        self.running.sim()
    }

    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(super) fn is_kept(&self) -> bool {
        matches!(self.directory, Directory::Kept(_))
    }

    /// Takes it down: the database is closed, and a temporary directory goes.
    pub(crate) async fn strike(self) -> Result<(), Failure> {
        self.house.store.close().await;
        self.running.stop().await;
        match self.directory {
            Directory::Temporary(directory) => {
                directory.close()?;
                print("\nThe demo has ended, and its directory is removed.");
            }
            Directory::Kept(path) => print(&format!(
                "\nThe demo has ended. Its database, its usage files and its links file stay in {}.",
                path.display()
            )),
        }
        Ok(())
    }
}

impl Directory {
    fn make(keep: Option<&Path>) -> Result<Directory, Failure> {
        let Some(keep) = keep else {
            return Ok(Directory::Temporary(tempfile::Builder::new().prefix("hive-demo-").tempdir()?));
        };
        let cannot = |error| Failure::stopped(format!("--keep {}: {error}", keep.display()));
        std::fs::create_dir_all(keep).map_err(cannot)?;
        let path = keep.canonicalize().map_err(cannot)?;
        if path.join("hive.db").exists() {
            return Err(Failure::stopped(format!(
                "--keep {}: a hive.db is there already; name an empty directory, so that nothing of yours is touched",
                keep.display()
            )));
        }
        if path.to_str().is_none_or(|text| text.contains(['?', '%', '#'])) {
            return Err(Failure::stopped(format!(
                "--keep {}: a database's address cannot carry ?, % or #; name another directory",
                keep.display()
            )));
        }
        Ok(Directory::Kept(path))
    }

    fn path(&self) -> &Path {
        match self {
            Directory::Temporary(directory) => directory.path(),
            Directory::Kept(path) => path,
        }
    }
}
