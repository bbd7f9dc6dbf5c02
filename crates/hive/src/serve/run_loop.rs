//! The run loop: looks every second at what is due, and starts it.
//!
//! **Owns:** one task per MSP, at most [`RUNS_AT_ONCE`] at once; runs that were cut off; rows of
//! schedules for new connections and changed settings.
//! **Does not own:** a slot is taken with the lease in the store, so two processes with this loop on
//! one database share the work and take no slot twice.

use crate::failure::Failure;
use crate::house::clock;
use crate::house::{House, now};
use crate::run::update::Asked;
use crate::run::{NotBegun, recover, slot, sync, update};
use hive_core::{MspId, Timestamp};
use hive_store::{Msp, RunKind, RunRow, Schedule};
use jiff::SignedDuration;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Scheduled runs at once: each waits for its ConnectWise most of the time, and holds a mirror in
/// memory.
const RUNS_AT_ONCE: usize = 64;
/// How often it looks.
const TICK: Duration = Duration::from_secs(1);
/// How soon it tries again where another run has the lease, and how often it looks for runs that
/// were cut off.
const SOON: SignedDuration = SignedDuration::from_mins(1);

/// What a task found that the loop must know: runs that another one keeps waiting.
type Waiting = Vec<RunKind>;

struct RunLoop {
    house: House,
    tasks: JoinSet<Waiting>,
    busy: HashMap<tokio::task::Id, MspId>,
    /// Not again before.
    waits: HashMap<(MspId, RunKind), Timestamp>,
    /// What was known of an MSP when its rows were last held against its settings.
    seen: HashMap<MspId, i64>,
    cut_off: HashMap<MspId, RunRow>,
    looked_for_cut_off: Option<Timestamp>,
}

/// Runs until the process ends, then waits for what is running.
pub(super) async fn run(house: House, stopped: watch::Receiver<bool>) {
    let mut stop = std::pin::pin!(super::until(stopped));
    let mut this = RunLoop {
        house,
        tasks: JoinSet::new(),
        busy: HashMap::new(),
        waits: HashMap::new(),
        seen: HashMap::new(),
        cut_off: HashMap::new(),
        looked_for_cut_off: None,
    };
    let mut tick = tokio::time::interval(clock::tick().unwrap_or(TICK));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            Some(ended) = this.tasks.join_next_with_id() => this.ended(ended),
            _ = tick.tick() => {
                if let Err(failure) = this.look().await {
                    tracing::warn!("scheduled runs could not be looked at, and will be again: {failure}");
                }
            }
        }
    }
    while this.tasks.join_next().await.is_some() {}
}

impl RunLoop {
    async fn look(&mut self) -> Result<(), Failure> {
        let at = now();
        if self.looked_for_cut_off.is_none_or(|last| at < last || at.duration_since(last) >= SOON) {
            self.look_for_cut_off(at).await?;
            self.looked_for_cut_off = Some(at);
        }
        self.keep_rows(at).await?;
        self.start_due(at).await
    }

    /// A row for each MSP that has a connection; a row follows its settings. What has not changed
    /// since the last look costs one row of one query.
    async fn keep_rows(&mut self, at: Timestamp) -> Result<(), Failure> {
        let store = &self.house.store;
        for (msp, facts) in store.facts_versions().await? {
            if self.seen.get(&msp) == Some(&facts) {
                continue;
            }
            if store.connection(msp).await?.is_some() {
                let settings = store.settings(msp).await?;
                let rows = store.schedules(msp).await?;
                for kind in [RunKind::Sync, RunKind::Update] {
                    let every = slot::every(&settings, kind);
                    let row = match rows.iter().find(|row| row.kind == kind) {
                        None => Some(slot::begun(msp, kind, &every, at)),
                        Some(row) => slot::moved(row, &every, at),
                    };
                    if let Some(row) = row {
                        store.set_schedule(&row).await?;
                    }
                }
            }
            self.seen.insert(msp, facts);
        }
        Ok(())
    }

    /// A run that says running while nobody holds its MSP was cut off. A Sync and a scheduled Update
    /// are started again; of others only what they left behind is looked up.
    async fn look_for_cut_off(&mut self, at: Timestamp) -> Result<(), Failure> {
        let store = &self.house.store;
        for (msp, run) in store.interrupted_everywhere(Timestamp::MAX).await? {
            if self.busy.values().any(|busy| *busy == msp) || !store.is_free(msp).await? {
                continue;
            }
            let again = run.kind == RunKind::Sync || run.kind == RunKind::Update && run.who == super::SCHEDULE;
            let row = if again { slot::of(store, msp, run.kind).await? } else { None };
            if let Some(row) = row.filter(|row| row.retry_at.is_none_or(|retry_at| retry_at > at)) {
                let words = format!("run {} was cut off; it is started again", run.id);
                store.set_schedule(&Schedule { retry_at: Some(at), words, ..row }).await?;
            }
            self.cut_off.insert(msp, run);
        }
        Ok(())
    }

    async fn start_due(&mut self, at: Timestamp) -> Result<(), Failure> {
        let mut work: BTreeMap<MspId, Vec<Schedule>> = self.cut_off.keys().map(|msp| (*msp, Vec::new())).collect();
        for row in self.house.store.due(at).await? {
            if !self.is_waiting(&row, at) {
                work.entry(row.msp).or_default().push(row);
            }
        }
        work.retain(|msp, _| !self.busy.values().any(|busy| busy == msp));
        if work.is_empty() {
            return Ok(());
        }
        let msps: HashMap<MspId, Msp> = self.house.store.msps().await?.into_iter().map(|msp| (msp.id, msp)).collect();
        for (id, mut due) in work {
            if self.tasks.len() >= RUNS_AT_ONCE {
                break;
            }
            let Some(msp) = msps.get(&id).cloned() else { continue };
            // An Update plans on what a Sync brings.
            due.sort_by_key(|row| row.kind);
            let (house, cut_off) = (self.house.clone(), self.cut_off.remove(&id));
            let task = self.tasks.spawn(async move { work_for(&house, &msp, &due, cut_off).await });
            self.busy.insert(task.id(), id);
        }
        Ok(())
    }

    fn is_waiting(&self, row: &Schedule, at: Timestamp) -> bool {
        // A clock that was set back must not make it wait for ever.
        let until = self.waits.get(&(row.msp, row.kind));
        until.is_some_and(|until| *until > at && until.duration_since(at) <= SOON)
    }

    fn ended(&mut self, ended: Result<(tokio::task::Id, Waiting), tokio::task::JoinError>) {
        let (id, waiting) = match ended {
            Ok(ended) => ended,
            // The run is found as cut off once its lease has lapsed.
            Err(error) => {
                tracing::error!("a scheduled run ended in the middle; please report this: {error}");
                (error.id(), Waiting::new())
            }
        };
        let Some(msp) = self.busy.remove(&id) else { return };
        let at = now();
        self.waits.retain(|(waits, _), _| *waits != msp);
        for kind in waiting {
            self.waits.insert((msp, kind), at.saturating_add(SOON).unwrap_or(at));
        }
    }
}

/// What is due for one MSP, one after the other.
async fn work_for(house: &House, msp: &Msp, due: &[Schedule], cut_off: Option<RunRow>) -> Waiting {
    let mut waiting = Waiting::new();
    let mut ran = false;
    for row in due {
        match attempt(house, msp, row).await {
            Ok(Attempt::Ran) => ran = true,
            Ok(Attempt::Not) => {}
            Ok(Attempt::Taken) => waiting.push(row.kind),
            Err(failure) => {
                tracing::warn!(msp = %msp.name, "a scheduled {} could not be started: {failure}", row.kind.name());
                waiting.push(row.kind);
            }
        }
    }
    // Any run begins by looking up what was left behind; where none ran, this one does only that.
    if let Some(run) = cut_off.filter(|_| !ran && waiting.is_empty())
        && let Err(failure) = look_up(house, msp, &run).await
    {
        tracing::warn!(msp = %msp.name, "what run {} left behind could not be looked up: {failure}", run.id);
    }
    waiting
}

enum Attempt {
    Ran,
    /// Its slot has passed, or somebody else took it.
    Not,
    /// Another run has the MSP; the slot is not lost.
    Taken,
}

async fn attempt(house: &House, msp: &Msp, due: &Schedule) -> Result<Attempt, Failure> {
    let settings = house.store.settings(msp.id).await?;
    let next = slot::taken(due, &slot::every(&settings, due.kind), now());
    let asked = Asked::default();
    let begun = match due.kind {
        RunKind::Sync => sync::begin(house, msp, Some(&next)).await,
        RunKind::Update => update::begin(house, msp, &asked, Some(&next)).await,
        RunKind::Undo => return Ok(Attempt::Not),
    };
    match begun {
        Ok(run) => {
            // How it ended stands in its own row and in the schedule's.
            let ended = match due.kind {
                RunKind::Sync => sync::go(run).await.map(drop),
                RunKind::Update | RunKind::Undo => update::go(run, &asked).await.map(drop),
            };
            if let Err(failure) = ended {
                tracing::warn!(msp = %msp.name, "a scheduled {} ended: {failure}", due.kind.name());
            }
            Ok(Attempt::Ran)
        }
        Err(NotBegun::Taken(_)) => Ok(Attempt::Taken),
        Err(NotBegun::SlotTaken) => Ok(Attempt::Not),
        Err(NotBegun::Waits(words)) => {
            house.store.set_schedule(&Schedule { words, failures: 0, ..next }).await?;
            Ok(Attempt::Not)
        }
        Err(NotBegun::No(failure)) => {
            house.store.set_schedule(&slot::failed(&next, &failure.words, now())).await?;
            Ok(Attempt::Not)
        }
    }
}

async fn look_up(house: &House, msp: &Msp, run: &RunRow) -> Result<(), Failure> {
    match recover::begin(house, msp, run.kind).await {
        Ok(run) => recover::go(run).await,
        // It was not cut off after all, or somebody looks it up now.
        Err(NotBegun::Taken(_)) => Ok(()),
        Err(why) => Err(why.into()),
    }
}
