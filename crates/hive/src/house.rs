//! The house: everything a command needs, wired once.

use crate::failure::Failure;
use crate::process::Process;
use hive_connectwise::{Access, Client, Limits, SiteUrl};
use hive_core::usage::Product;
use hive_core::{MspId, TimeZone, Timestamp};
use hive_desk::{By, Desk};
use hive_store::{Connection, KeySource, Msp, Store};
use std::sync::Arc;

pub(crate) mod clock;

/// The clock of the binary: the only place that reads one.
#[expect(clippy::disallowed_methods, reason = "the binary has the clock; everything else is given the time")]
pub(crate) fn now() -> Timestamp {
    let now = clock::moved(Timestamp::now());
    // The store keeps microseconds: a moment that is read back must be the one that was stored.
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

/// The store, the settings, who is asking and where from.
#[derive(Clone)]
pub(crate) struct House {
    pub(crate) store: Store,
    pub(crate) process: Process,
    /// `cli:USER`, `user:EMAIL`, `schedule`.
    pub(crate) who: String,
    pub(crate) place: Place,
}

/// Where runs run: who sees their progress beside the store, and who may stop them.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// A person's own command: its terminal shows, and Ctrl-C stops.
    Terminal,
    /// A server: pages show, and the end of the process (`true`) stops.
    Server(tokio::sync::watch::Receiver<bool>),
}

impl House {
    /// Opens the store that the process settings name; a new one only where `may_begin`.
    pub(crate) async fn open(may_begin: bool) -> Result<House, Failure> {
        let process = Process::read()?;
        if let Some(path) = process.sqlite_file().filter(|path| !may_begin && !path.exists()) {
            return Err(Failure::stopped(format!(
                "there is no database at {} (from {}): go to its directory, set HIVE_DATABASE_URL, or begin with: hive msp add NAME",
                path.display(),
                std::env::current_dir().map_or_else(|_| "here".to_owned(), |here| here.display().to_string()),
            )));
        }
        House::open_with(process).await
    }

    /// Opens a store, for the demo also one of its own.
    pub(crate) async fn open_with(process: Process) -> Result<House, Failure> {
        if let Some(words) = clock::moved_words()? {
            crate::show::tell(&format!("hive: {words}"));
        }
        let store = Store::open(&process.database_url, KeySource(process.key_file()?)).await?;
        Ok(House { store, process, who: who(), place: Place::Terminal })
    }

    /// The same house, where somebody else asks.
    pub(crate) fn asked_by(&self, who: &str) -> House {
        House { who: who.to_owned(), ..self.clone() }
    }

    /// What a person can see and do.
    pub(crate) fn desk(&self) -> Desk {
        Desk::new(self.store.clone())
    }

    /// This command's caller, now.
    pub(crate) fn by(&self, msp: &Msp) -> By {
        By { msp: msp.clone(), who: self.who.clone(), at: now() }
    }

    /// The MSP of an id or a unique name.
    pub(crate) async fn msp(&self, text: &str) -> Result<Msp, Failure> {
        Ok(self.desk().msp(text).await?)
    }

    /// Its clock: what a person reads of moments names it.
    pub(crate) async fn zone(&self, msp: &Msp) -> Result<TimeZone, Failure> {
        Ok(self.store.settings(msp.id).await?.time_zone())
    }

    /// The product of a name or id.
    pub(crate) async fn product(&self, msp: &Msp, text: &str) -> Result<Product, Failure> {
        Ok(self.desk().product(msp, text).await?)
    }

    /// The connection of an MSP, or what to do first.
    pub(crate) async fn connection(&self, msp: &Msp) -> Result<Connection, Failure> {
        Ok(self.desk().connection(msp).await?)
    }

    /// A client for a stored connection.
    pub(crate) async fn client(&self, msp: MspId, connection: &Connection) -> Result<Client, Failure> {
        let site = SiteUrl::parse(&connection.url, &self.process.private_hosts()).map_err(Failure::stopped)?;
        let access = Access {
            site,
            company: connection.company.clone(),
            public_key: connection.public_key.clone(),
            private_key: self.store.private_key(msp).await?,
            client_id: connection.client_id.clone().or_else(|| self.process.connectwise_client_id.clone()),
        };
        self.client_of(access)
    }

    /// A client for an access that may not be stored yet.
    pub(crate) fn client_of(&self, access: Access) -> Result<Client, Failure> {
        clock::refuse_real_books(&access.site)?;
        let ca_pem = match &self.process.ca_file {
            Some(path) => Some(std::fs::read(path).map_err(|error| {
                Failure::stopped(format!("HIVE_CA_FILE {} cannot be read: {error}", path.display()))
            })?),
            None => None,
        };
        let limits = Limits {
            requests_per_minute: self.process.requests_per_minute,
            connections: self.process.connections_per_msp,
            request_timeout: self.process.request_timeout(),
            private_hosts: self.process.private_hosts(),
            ca_pem,
        };
        Ok(Client::new(access, limits, Arc::new(now))?)
    }
}

/// Who is at the command line.
fn who() -> String {
    let user = ["SUDO_USER", "USER", "LOGNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()));
    // Where the environment names nobody, the account that owns this process does.
    let uid = || {
        std::fs::metadata("/proc/self").map_or_else(
            |_| "unknown".to_owned(),
            |process| format!("uid{}", std::os::unix::fs::MetadataExt::uid(&process)),
        )
    };
    format!("cli:{}", user.unwrap_or_else(uid))
}
