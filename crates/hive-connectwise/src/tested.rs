//! "Test this connection": five kinds of wrong, each in its own words, and the rights.

use crate::client::Client;
use crate::http::{Ask, RETRIES_WAITED_FOR};
use crate::rows::rows;
use crate::trouble::Trouble;
use crate::wire;
use hive_core::rights::{Action, Granted, Level, Missing, NEEDED, Rights, missing_to_create};
use serde::de::IgnoredAny;
use std::time::Duration;
use tokio::time::Instant;

/// Rows of mySecurity that are asked for; a member has a few hundred.
const RIGHTS_MAX: u32 = 1_000;

/// Longest that a person waits to hear whether a connection works.
const TEST_MAX: Duration = Duration::from_secs(90);

/// A connection that works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tested {
    pub codebase: String,
    pub version: Option<String>,
    pub cloud: Option<bool>,
    pub rights: Rights,
    /// What a person should know, though nothing is wrong.
    pub warnings: Vec<String>,
}

impl Client {
    /// Reads companyinfo, one company, one agreement and the rights. A missing right is no error
    /// where mySecurity can be read: it is in [`Tested::rights`].
    pub async fn test(&self) -> Result<Tested, Trouble> {
        let deadline = Instant::now() + TEST_MAX;
        match tokio::time::timeout_at(deadline, self.test_by(deadline)).await {
            Ok(Err(Trouble::Deadline { .. })) | Err(_) => Err(self.waited_in_vain()),
            Ok(tested) => tested,
        }
    }

    /// Why a test found no end in time, in words for who waits: there is no next run to speak of.
    fn waited_in_vain(&self) -> Trouble {
        let host = self.line.host.clone();
        if self.line.pace.is_throttled() {
            return Trouble::Throttled { host };
        }
        self.line.network(format!("no answer to everything within {} s", TEST_MAX.as_secs()))
    }

    async fn test_by(&self, deadline: Instant) -> Result<Tested, Trouble> {
        let info = self.line.first_contact(deadline, RETRIES_WAITED_FOR).await?;
        let mut forbidden = Vec::new();
        for path in ["company/companies", "finance/agreements"] {
            match self.read_one(path, deadline).await {
                Ok(()) => {}
                Err(trouble @ Trouble::Forbidden { .. }) => forbidden.push(trouble),
                Err(Trouble::NotFound { words, .. }) => return Err(self.not_there(&info.codebase, &words)),
                Err(trouble) => return Err(trouble),
            }
        }
        let rights = self.rights(deadline).await;
        let rights = match (rights, forbidden.first()) {
            (Rights::Unknown { .. }, Some(trouble)) => return Err(trouble.clone()),
            (rights, _) => with_refused(rights, &forbidden),
        };
        let warnings = self.warnings(&rights);
        Ok(Tested { codebase: info.codebase, version: info.version, cloud: info.cloud, rights, warnings })
    }

    /// What the API member may do.
    pub(crate) async fn rights(&self, deadline: Instant) -> Rights {
        match self.granted(deadline).await {
            Ok(granted) if granted.is_empty() => Rights::Unknown { why: "mySecurity lists nothing".to_owned() },
            Ok(granted) => Rights::of(&granted),
            Err(trouble) => Rights::Unknown { why: trouble.to_string() },
        }
    }

    /// The right to create additions, if mySecurity shows that it is missing. Asked only where a person
    /// switched creating on.
    pub async fn lacks_right_to_create(&self) -> Result<Option<Missing>, Trouble> {
        let granted = self.granted(Instant::now() + TEST_MAX).await?;
        Ok(missing_to_create(&granted))
    }

    async fn granted(&self, deadline: Instant) -> Result<Vec<Granted>, Trouble> {
        let read = |body: &[u8]| rows(body, |row: &wire::Security<'_>| Ok(row.read()));
        let path = format!("system/mySecurity?pageSize={RIGHTS_MAX}&page=1");
        self.line.get(&path, deadline, read).await
    }

    async fn read_one(&self, path: &str, deadline: Instant) -> Result<(), Trouble> {
        let read = |answer: &crate::http::Answer| {
            let rows: Result<Vec<IgnoredAny>, _> = serde_json::from_slice(&answer.body);
            rows.map(|_| ()).map_err(|error| error.to_string())
        };
        self.line.get_as(Ask::Record, &format!("{path}?pageSize=1&page=1"), deadline, read).await
    }

    /// A 404 on a list that every ConnectWise has. Through `v4_6_release` the cloud answers wrong
    /// keys so.
    fn not_there(&self, codebase: &str, words: &str) -> Trouble {
        let host = self.line.host.clone();
        if codebase.starts_with("v4_6_release") {
            let words = format!("{words} (it answered 404, which through v4_6_release means wrong keys)");
            return Trouble::Unauthorized { host, words };
        }
        Trouble::Url { host, what: "its list of companies or agreements is not found (404)".to_owned() }
    }

    fn warnings(&self, rights: &Rights) -> Vec<String> {
        let mut warnings = Vec::new();
        if !self.line.has_client_id() {
            warnings.push(
                "no clientId is set; ConnectWise asks for one on every call and may refuse calls without it".to_owned(),
            );
        }
        match rights {
            Rights::Unknown { why } => warnings.push(format!("the rights could not be read: {why}")),
            Rights::Known { restricted, .. } => warnings.extend(restricted.iter().map(|function| {
                format!("{function} is customised for this role: records may be hidden without a word")
            })),
        }
        warnings
    }
}

/// What was refused counts as missing, whatever mySecurity says of it.
fn with_refused(rights: Rights, forbidden: &[Trouble]) -> Rights {
    let Rights::Known { mut missing, restricted } = rights else { return rights };
    for trouble in forbidden {
        let Trouble::Forbidden { function: refused, .. } = trouble else { continue };
        let same = |function: &str| function == *refused;
        let named = missing.iter().any(|m| same(m.needed.function) && m.needed.action == Action::Inquire);
        let needed = NEEDED.into_iter().find(|needed| same(needed.function) && needed.action == Action::Inquire);
        if let Some(needed) = needed.filter(|_| !named) {
            missing.push(Missing { needed, found: Level::None });
        }
    }
    Rights::Known { missing, restricted }
}
