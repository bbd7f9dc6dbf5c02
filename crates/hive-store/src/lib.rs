//! The database: the only room that knows SQL.
//!
//! **Owns:** what an MSP keeps in Hive (accounts, usage, links, settings, mirrors, plans, runs, the
//! journal of writes, the audit log), the lease that lets one run work for an MSP, the sealing of
//! secrets. SQLite by default, PostgreSQL by URL: the same SQL text on both.
//! **Does not own:** what any of it means (hive-core), the clock (times come in), HTTP.
//! **Limits on purpose:** times are kept to the microsecond; a column is a BIGINT or a TEXT;
//! every row belongs to an MSP and every statement asks for one, save where it says why (people sign
//! in to the installation).

mod answers;
mod approvals;
mod audit;
mod config;
mod connection;
mod create_approvals;
mod created;
mod db;
mod decided;
mod error;
mod facts;
mod feeds;
mod folders;
mod history;
mod import;
mod intents;
mod journal;
mod key;
mod lease;
mod links;
mod live;
mod mirror;
mod msp;
mod open;
mod overrides;
mod people;
mod plans;
mod profiles;
mod proof;
mod pulse;
mod quotas;
mod report;
mod reviews;
mod runs;
mod schedules;
mod sessions;
mod settings;
mod setup;
mod standings;
mod text;
mod tokens;
mod undone;
mod usage;

pub use audit::{AuditCheck, AuditRow};
pub use config::ConfigChange;
pub use connection::{Connection, NewConnection};
pub use created::{CreatedByRun, OpenCreate};
pub use decided::Excluded;
pub use error::{Result, StoreError};
pub use feeds::{BrakePass, RHYTHM_DAYS_MAX, Sources};
pub use folders::{Folder, FolderFile};
pub use history::{AuditFilter, Batch, Day, Wrote};
pub use import::{ImportAsked, ImportError, Imported, Once, Taken};
pub use intents::OpenIntent;
pub use key::KeySource;
pub use lease::{BeginError, LEASE_MS_MAX, Lease, Renewed, RunKind, RunState};
pub use links::{Linked, LinksUndone, ProductLinkAsked};
pub use msp::Msp;
pub use open::sqlite_path;
pub use people::{Role, User, UserId};
pub use plans::PLANS_KEPT;
pub use profiles::SourceProfile;
pub use proof::{Learnt, Sent};
pub use pulse::Pulse;
pub use quotas::QuotaChange;
pub use report::{OutcomeCounts, Report, ReportLine};
pub use reviews::{Review, Stands, WroteOn};
pub use runs::RunRow;
pub use schedules::Schedule;
pub use sessions::{LoginLink, REMEMBERED_HOURS, THROTTLE_MINUTES};
pub use setup::FirstAdmin;
pub use tokens::{Remembered, Token};
pub use undone::Undone;

use std::sync::Arc;

/// How long a writer waits for another process's.
pub const BUSY_SECONDS_MAX: u64 = 10;

/// The database. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Store {
    db: db::Db,
    keys: Arc<key::Keys>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}
