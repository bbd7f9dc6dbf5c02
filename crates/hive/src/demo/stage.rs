//! The stage: a directory, a database and a sample ConnectWise of the demo's own.

use super::data::{self, Customer};
use super::world::{self, Built};
use crate::cli::Demo;
use crate::failure::Failure;
use crate::house::{House, now};
use crate::process::Process;
use crate::show::print;
use hive_core::Timestamp;
use hive_simulator::{Config, Running, Sim, start};
use hive_store::Msp;
use jiff::tz::TimeZone;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The MSP of the story.
pub(super) const MSP: &str = "Northwind IT";
/// Any GUID will do for the sample ConnectWise.
pub(super) const CLIENT_ID: &str = "00000000-0000-4000-8000-000000000000";
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
    directory: Directory,
}

impl Stage {
    /// Sets it up. Neither HIVE_DATABASE_URL nor HIVE_KEY_FILE nor any stored connection is looked at.
    pub(crate) async fn set(asked: &Demo) -> Result<Stage, Failure> {
        let listen = asked.listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0)));
        if !listen.ip().is_loopback() {
            return Err(Failure::wrong_usage(format!(
                "--listen {listen}: the sample ConnectWise has no real login, so it listens on loopback only"
            )));
        }
        let directory = Directory::make(asked.keep.as_deref())?;
        let began_at = now();
        let customers = data::customers()?;
        let built = world::build(&customers, began_at.to_zoned(TimeZone::UTC).date())?;
        let config = Config { listen, ..Config::default() };
        let running = start(config, built.world.clone())
            .await
            .map_err(|error| Failure::stopped(format!("the sample ConnectWise cannot listen on {listen}: {error}")))?;
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
        Ok(Stage { house, msp, customers, built, running, began_at, directory })
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
