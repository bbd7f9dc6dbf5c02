//! Process settings: the environment first, then `hive.toml`, then defaults.

use crate::failure::Failure;
use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// What the operator set.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Process {
    pub(crate) database_url: String,
    pub(crate) listen: String,
    pub(crate) public_url: Option<String>,
    pub(crate) key_file: Option<PathBuf>,
    pub(crate) connectwise_client_id: Option<String>,
    pub(crate) private_hosts: Option<String>,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) requests_per_minute: u32,
    pub(crate) connections_per_msp: usize,
    pub(crate) request_timeout_ms: u64,
    pub(crate) lease_ms: u64,
    pub(crate) upload_bytes_max: u64,
    pub(crate) folders: Option<String>,
}

/// Name, what it means, and its value for the list: never a secret among them.
pub(crate) struct Shown {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) from: &'static str,
    pub(crate) meaning: &'static str,
}

impl Default for Process {
    fn default() -> Process {
        Process {
            database_url: "sqlite://hive.db".to_owned(),
            listen: "127.0.0.1:7400".to_owned(),
            public_url: None,
            key_file: None,
            connectwise_client_id: None,
            private_hosts: None,
            ca_file: None,
            requests_per_minute: 900,
            connections_per_msp: 4,
            request_timeout_ms: 30_000,
            lease_ms: 120_000,
            upload_bytes_max: 10_485_760,
            folders: None,
        }
    }
}

const MEANINGS: [(&str, &str); 13] = [
    ("database_url", "where Hive keeps its data: sqlite://FILE or postgres://…"),
    ("listen", "where the console listens"),
    ("public_url", "the address people open, for links and cookies"),
    ("key_file", "the keys that secrets are encrypted with"),
    ("connectwise_client_id", "the operator's clientId; a connection may override it"),
    ("private_hosts", "private or plain-http hosts that are allowed as a ConnectWise URL"),
    ("ca_file", "extra root certificates"),
    ("requests_per_minute", "requests to ConnectWise per MSP; 0 = no limit"),
    ("connections_per_msp", "connections to ConnectWise per MSP"),
    ("request_timeout_ms", "a request's deadline; list pages have twice that"),
    ("lease_ms", "how long a run's lease holds without being renewed"),
    ("upload_bytes_max", "the largest file that is imported"),
    ("folders", "directories in which folders may be watched; {msp} stands for an MSP's number; none = off"),
];

/// Connections to one ConnectWise; it asks for few.
const CONNECTIONS_MAX: usize = 64;

impl Process {
    /// Reads the settings in force.
    pub(crate) fn read() -> Result<Process, Failure> {
        let process: Process = figment().extract().map_err(|error| {
            // A line of hive.toml may hold a password: only what is wrong and where is repeated.
            let words = error.to_string();
            let words = words.lines().next().unwrap_or_default().trim_end_matches(':');
            Failure::wrong_usage(format!(
                "a process setting cannot be read: {words}; `hive config` lists them once they can be"
            ))
        })?;
        if process.lease_ms > hive_store::LEASE_MS_MAX.unsigned_abs() {
            return Err(Failure::wrong_usage(format!(
                "HIVE_LEASE_MS may be at most {} (a day)",
                hive_store::LEASE_MS_MAX
            )));
        }
        if process.connections_per_msp > CONNECTIONS_MAX {
            return Err(Failure::wrong_usage(format!("HIVE_CONNECTIONS_PER_MSP may be at most {CONNECTIONS_MAX}")));
        }
        if process.connections_per_msp == 0 || process.request_timeout_ms == 0 || process.lease_ms == 0 {
            return Err(Failure::wrong_usage(
                "HIVE_CONNECTIONS_PER_MSP, HIVE_REQUEST_TIMEOUT_MS and HIVE_LEASE_MS must be over 0",
            ));
        }
        if let Some(path) = process.folders().iter().find(|path| !path.starts_with('/')) {
            return Err(Failure::wrong_usage(format!("HIVE_FOLDERS: {path} is no absolute path; write it from / on")));
        }
        Ok(process)
    }

    /// Every setting, its value and where it comes from.
    pub(crate) fn shown() -> Result<Vec<Shown>, Failure> {
        let process = Process::read()?;
        let figment = figment();
        let rows = MEANINGS.into_iter().map(|(key, meaning)| {
            let found = figment.find_value(key).ok();
            let value = found.as_ref().and_then(|value| {
                value
                    .as_str()
                    .map(str::to_owned)
                    .or_else(|| value.to_u128().map(|n| n.to_string()))
                    .or_else(|| value.to_i128().map(|n| n.to_string()))
            });
            let from = figment.find_metadata(key).map_or("default", |metadata| {
                if metadata.name.contains("environment") {
                    "environment"
                } else if metadata.name.contains("TOML") {
                    "hive.toml"
                } else {
                    "default"
                }
            });
            let value = match (key, value) {
                ("public_url", None) => format!("http://{}", process.listen),
                ("key_file", None) => process
                    .key_file()
                    .map_or_else(|_| "required with postgres://".to_owned(), |path| path.display().to_string()),
                ("database_url", Some(url)) => without_password(&url),
                (_, value) => value.unwrap_or_default(),
            };
            Shown { name: format!("HIVE_{}", key.to_uppercase()), value, from, meaning }
        });
        let clock = crate::house::clock::shown();
        Ok(rows.chain(clock).collect())
    }

    /// The key file: beside the SQLite file unless set.
    pub(crate) fn key_file(&self) -> Result<PathBuf, Failure> {
        if let Some(path) = &self.key_file {
            return Ok(path.clone());
        }
        let Some(database) = self.sqlite_file() else {
            return Err(Failure::stopped("HIVE_KEY_FILE must be set when the database is PostgreSQL; see the README"));
        };
        Ok(database.with_file_name("hive.key"))
    }

    /// The SQLite file, if it is one.
    pub(crate) fn sqlite_file(&self) -> Option<PathBuf> {
        hive_store::sqlite_path(&self.database_url)
    }

    /// Hosts that the operator allows.
    pub(crate) fn private_hosts(&self) -> Vec<String> {
        let list = self.private_hosts.as_deref().unwrap_or_default();
        list.split(',').map(str::trim).filter(|host| !host.is_empty()).map(str::to_owned).collect()
    }

    /// Directories in which folders may be watched, as the operator wrote them.
    pub(crate) fn folders(&self) -> Vec<String> {
        let list = self.folders.as_deref().unwrap_or_default();
        list.split(',').map(str::trim).filter(|path| !path.is_empty()).map(str::to_owned).collect()
    }

    pub(crate) fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }
}

fn figment() -> Figment {
    // An empty variable is an unset one.
    let env = Env::prefixed("HIVE_").filter(|key| {
        std::env::var(format!("HIVE_{}", key.as_str().to_uppercase())).is_ok_and(|value| !value.is_empty())
    });
    Figment::from(Serialized::defaults(Process::default())).merge(Toml::file("hive.toml")).merge(env)
}

/// The URL without anything that lets in: `user:password@`, and parameters named password.
fn without_password(url: &str) -> String {
    let (place, query) = url.split_once('?').map_or((url, None), |(place, query)| (place, Some(query)));
    let place = match place.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?))) {
        Some((scheme, (login, host))) => {
            format!("{scheme}://{}:***@{host}", login.split(':').next().unwrap_or_default())
        }
        None => place.to_owned(),
    };
    let hidden = |parameter: &str| match parameter.split_once('=') {
        Some((name, _)) if name.to_lowercase().contains("password") => format!("{name}=***"),
        Some(_) | None => parameter.to_owned(),
    };
    let query = query.map(|query| query.split('&').map(hidden).collect::<Vec<_>>().join("&"));
    query.map_or(place.clone(), |query| format!("{place}?{query}"))
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn a_password_is_never_shown() {
        assert_eq!(without_password("postgres://u:secret@h/d"), "postgres://u:***@h/d");
        assert_eq!(without_password("postgres://h/d?user=u&password=secret"), "postgres://h/d?user=u&password=***");
        assert_eq!(without_password("sqlite://hive.db"), "sqlite://hive.db");
    }
}
