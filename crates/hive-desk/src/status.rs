//! What runs, what ran last and what runs next at an MSP: what the arrow says.
//!
//! **Owns:** how an MSP's runs and schedules are told in one word, and why an Update cannot run now.
//! **Does not own:** when something is due (the schedules do), runs themselves, HTML.

use crate::{Desk, Refused};
use hive_core::settings::Updates;
use hive_core::{TimeZone, Timestamp};
use hive_store::{Connection, Msp, RunKind, RunRow, RunState, Schedule};
use jiff::SignedDuration;

/// A run that was not heard of for so long was cut off; it renews its lease far more often.
const SILENT_MAX: SignedDuration = SignedDuration::from_mins(5);

/// How an MSP's Syncs and Updates stand, as of one moment.
#[derive(Clone, Debug)]
pub struct Status {
    /// When it was read.
    pub at: Timestamp,
    /// What was written so far: a page that shows this status says it.
    pub pulse: hive_store::Pulse,
    /// The way into ConnectWise.
    pub connection: Option<Connection>,
    /// When Updates run.
    pub updates: Updates,
    /// The zone of every time that is shown.
    pub zone: TimeZone,
    /// The run that works now.
    pub running: Option<RunRow>,
    /// The last Sync that ended.
    pub sync: Option<RunRow>,
    /// The last Update that ended.
    pub update: Option<RunRow>,
    /// The last undo that ended.
    pub undo: Option<RunRow>,
    /// When runs are due by themselves.
    pub schedules: Vec<Schedule>,
}

/// All of it in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// There is no way into ConnectWise yet.
    NotConnected,
    /// A run works now.
    Running,
    /// A run is due and begins in a moment.
    Queued,
    /// The last run failed.
    Failed,
    /// The last run came to its end, and some lines failed.
    PartlyFailed,
    /// Updates are off; Syncs run.
    Disabled,
    /// The last run did all it should.
    Succeeded,
    /// Nothing ran yet.
    Idle,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Stage; 8] = [
        Stage::NotConnected,
        Stage::Running,
        Stage::Queued,
        Stage::Failed,
        Stage::PartlyFailed,
        Stage::Disabled,
        Stage::Succeeded,
        Stage::Idle,
    ];

    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Stage::NotConnected => "not connected",
            Stage::Running => "running",
            Stage::Queued => "queued",
            Stage::Failed => "failed",
            Stage::PartlyFailed => "partly failed",
            Stage::Disabled => "disabled",
            Stage::Succeeded => "succeeded",
            Stage::Idle => "idle",
        }
    }
}

/// When a kind of run begins by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// At its time.
    At(Timestamp),
    /// It failed, and is tried again then.
    RetryAt(Timestamp),
    /// It is due: in a moment, or after the run that works now.
    Due,
    /// Not by itself, and why.
    Never(&'static str),
}

impl Status {
    /// The schedule of a kind of run.
    pub fn schedule(&self, kind: RunKind) -> Option<&Schedule> {
        self.schedules.iter().find(|schedule| schedule.kind == kind)
    }

    /// The last run of a kind that ended.
    pub fn last(&self, kind: RunKind) -> Option<&RunRow> {
        match kind {
            RunKind::Sync => self.sync.as_ref(),
            RunKind::Update => self.update.as_ref(),
            RunKind::Undo => self.undo.as_ref(),
        }
    }

    /// The run that ended last.
    pub fn newest(&self) -> Option<&RunRow> {
        [&self.sync, &self.update, &self.undo].into_iter().flatten().max_by_key(|run| run.id)
    }

    /// When a kind of run begins by itself.
    pub fn next(&self, kind: RunKind) -> Next {
        match (kind, self.updates) {
            _ if self.connection.is_none() => return Next::Never("not before ConnectWise is connected"),
            (RunKind::Undo, _) => return Next::Never("only when a person asks"),
            (RunKind::Update, Updates::Off) => return Next::Never("Updates are off"),
            (RunKind::Update, Updates::Manual) => return Next::Never("only by hand: Updates are set to manual"),
            _ => {}
        }
        let Some(schedule) = self.schedule(kind) else { return Next::Due };
        let retry = schedule.retry_at.filter(|retry| *retry < schedule.due_at);
        match retry {
            Some(retry) if retry > self.at => Next::RetryAt(retry),
            None if schedule.due_at > self.at => Next::At(schedule.due_at),
            Some(_) | None => Next::Due,
        }
    }

    /// Whether the run that works now was not heard of for long.
    pub fn silent(&self) -> bool {
        self.running.as_ref().is_some_and(|run| self.at.duration_since(run.heartbeat_at) > SILENT_MAX)
    }

    /// All of it in one word: what moves first, then what went wrong, then what is off.
    pub fn stage(&self) -> Stage {
        if self.running.is_some() {
            return Stage::Running;
        }
        if self.connection.is_none() {
            return Stage::NotConnected;
        }
        if [RunKind::Sync, RunKind::Update].into_iter().any(|kind| self.next(kind) == Next::Due) {
            return Stage::Queued;
        }
        // A Sync that worked does not hide that the Update before it failed.
        let worst =
            [&self.sync, &self.update].into_iter().flatten().map(|run| run.state).max_by_key(|state| bad(*state));
        match worst {
            Some(RunState::Failed) => Stage::Failed,
            Some(RunState::PartlyFailed) => Stage::PartlyFailed,
            _ if self.updates == Updates::Off => Stage::Disabled,
            Some(_) => Stage::Succeeded,
            None => Stage::Idle,
        }
    }

    /// Whether the missing rights wait for an admin.
    pub fn waits_for_admin(&self) -> bool {
        let waits = |connection: &Connection| connection.rights.waits_for_admin() && connection.accepted.is_none();
        self.connection.as_ref().is_some_and(waits)
    }

    /// Why a Sync cannot be started now; `None` where it can.
    pub fn no_sync(&self) -> Option<String> {
        if self.connection.is_none() {
            return Some("ConnectWise is not connected yet.".to_owned());
        }
        self.running
            .as_ref()
            .map(|run| format!("Run {} works now ({}); wait for its end or stop it.", run.id, run.kind.name()))
    }

    /// Why what is live cannot be pushed now; `None` where it can. `live`: whether any product is.
    pub fn no_update(&self, live: bool) -> Option<String> {
        if let Some(why) = self.no_sync() {
            return Some(why);
        }
        if self.updates == Updates::Off {
            return Some("Updates are off under Show Settings: nothing is written.".to_owned());
        }
        if self.waits_for_admin() {
            return Some("The connection waits for an admin: a right is missing in ConnectWise.".to_owned());
        }
        if self.sync.is_none() {
            return Some("There was no Sync yet.".to_owned());
        }
        if !live {
            return Some(
                "Nothing is live yet: the first Update pushes exactly a plan that a person has looked at.".to_owned(),
            );
        }
        None
    }
}

fn bad(state: RunState) -> u8 {
    match state {
        RunState::Failed => 2,
        RunState::PartlyFailed => 1,
        RunState::Succeeded | RunState::Cancelled | RunState::Running => 0,
    }
}

impl Desk {
    /// How an MSP's Syncs and Updates stand.
    pub async fn status(&self, msp: &Msp, at: Timestamp) -> Result<Status, Refused> {
        let pulse = self.store.pulse(msp.id).await?;
        let settings = self.store.settings(msp.id).await?;
        Ok(Status {
            at,
            pulse,
            connection: self.store.connection(msp.id).await?,
            updates: settings.updates(),
            zone: settings.time_zone(),
            running: self.store.running(msp.id).await?,
            sync: self.store.last_run(msp.id, RunKind::Sync).await?,
            update: self.store.last_run(msp.id, RunKind::Update).await?,
            undo: self.store.last_run(msp.id, RunKind::Undo).await?,
            schedules: self.store.schedules(msp.id).await?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hive_core::rights::Rights;
    use hive_core::{Date, MspId, RunId};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    const NOW: &str = "2026-11-23T10:00:00Z";

    fn run(id: i64, kind: RunKind, state: RunState) -> RunRow {
        RunRow {
            id: RunId(id),
            kind,
            state,
            who: "schedule".into(),
            started_at: at("2026-11-23T09:00:00Z"),
            ended_at: (state != RunState::Running).then(|| at("2026-11-23T09:10:00Z")),
            heartbeat_at: at("2026-11-23T09:59:00Z"),
            step: String::new(),
            done: 0,
            total: 0,
            words: String::new(),
            plan: None,
            counts: std::collections::BTreeMap::new(),
            stop_asked_by: None,
            undone: None,
        }
    }

    fn schedule(kind: RunKind, due: &str) -> Schedule {
        Schedule {
            msp: MspId(1),
            kind,
            slot: Date::constant(2026, 11, 24),
            due_at: at(due),
            failures: 0,
            retry_at: None,
            words: String::new(),
            last_slot_at: None,
        }
    }

    fn status() -> Status {
        Status {
            at: at(NOW),
            pulse: hive_store::Pulse::default(),
            connection: Some(Connection {
                id: 1,
                url: "https://example.com".into(),
                company: "northwind".into(),
                public_key: "key".into(),
                client_id: None,
                codebase: None,
                rights: Rights::Known { missing: Vec::new(), restricted: Vec::new() },
                tested_at: at(NOW),
                accepted: None,
                set_by: "user:jo".into(),
                set_at: at(NOW),
                first_sync_done: true,
            }),
            updates: Updates::Automatic,
            zone: TimeZone::UTC,
            running: None,
            sync: None,
            update: None,
            undo: None,
            schedules: vec![
                schedule(RunKind::Sync, "2026-11-24T02:00:00Z"),
                schedule(RunKind::Update, "2026-11-25T03:00:00Z"),
            ],
        }
    }

    #[test]
    fn ac_81_every_stage_is_reached() {
        let mut all = vec![status().stage()];
        let mut one = Status { connection: None, ..status() };
        all.push(one.stage());
        one = Status { running: Some(run(1, RunKind::Sync, RunState::Running)), ..status() };
        all.push(one.stage());
        one = status();
        one.schedules[0].due_at = at(NOW);
        all.push(one.stage());
        for state in [RunState::Succeeded, RunState::PartlyFailed, RunState::Failed] {
            // A Sync that worked since does not hide the Update.
            let sync = Some(run(2, RunKind::Sync, RunState::Succeeded));
            all.push(Status { sync, update: Some(run(1, RunKind::Update, state)), ..status() }.stage());
        }
        all.push(Status { updates: Updates::Off, ..status() }.stage());
        all.sort();
        assert_eq!(all, Stage::ALL);
    }

    #[test]
    fn what_comes_next_is_said_and_why_nothing_does() {
        let mut one = status();
        assert_eq!(one.next(RunKind::Sync), Next::At(at("2026-11-24T02:00:00Z")));
        one.schedules[0].retry_at = Some(at("2026-11-23T10:05:00Z"));
        assert_eq!(one.next(RunKind::Sync), Next::RetryAt(at("2026-11-23T10:05:00Z")));
        one.updates = Updates::Manual;
        assert_eq!(one.next(RunKind::Update), Next::Never("only by hand: Updates are set to manual"));
        one.connection = None;
        assert!(matches!(one.next(RunKind::Sync), Next::Never(_)));
    }

    #[test]
    fn an_update_says_what_it_lacks() {
        let synced = Status { sync: Some(run(1, RunKind::Sync, RunState::Succeeded)), ..status() };
        assert_eq!(synced.no_update(true), None);
        assert!(synced.no_update(false).is_some_and(|why| why.contains("Nothing is live yet")));
        assert!(status().no_update(true).is_some_and(|why| why.contains("no Sync yet")));
        let off = Status { updates: Updates::Off, ..synced.clone() };
        assert!(off.no_update(true).is_some_and(|why| why.contains("Updates are off")));
        let busy = Status { running: Some(run(7, RunKind::Update, RunState::Running)), ..synced };
        assert!(busy.no_update(true).is_some_and(|why| why.contains("Run 7 works now")));
        assert!(busy.no_sync().is_some());
    }
}
