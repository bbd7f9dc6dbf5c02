//! Runs: a Sync, an Update or an undo of one MSP, under its lease. One path for runs that a person
//! starts at the command line or on a page and for those that the schedule starts.
//!
//! **Owns:** the order of a run's steps, its heartbeat, its stop, what a crashed run left behind.
//! **Does not own:** what may be written (plan and allow), how it is written (connectwise), the
//! journal (store), when a run is due (serve).

use crate::failure::Failure;
use crate::house::{House, Place, now};
use crate::progress::Progress;
use hive_connectwise::Client;
use hive_core::when::stamp;
use hive_core::{PlanId, Timestamp};
use hive_store::{BeginError, Connection, Lease, Msp, RunKind, RunState, Schedule, StoreError};
use std::future::Future;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

mod create;
pub(crate) mod push;
pub(crate) mod recover;
pub(crate) mod slot;
pub(crate) mod sync;
pub(crate) mod undo;
pub(crate) mod update;

/// Longest a run may take (design, section 10).
pub(crate) const RUN_MAX: Duration = Duration::from_secs(6 * 60 * 60);

/// How often a run's progress is stored while it moves: a page looks no more often.
const PROGRESS_EVERY: Duration = Duration::from_millis(500);

/// Whether this run may go on: asked before each write.
#[derive(Clone, Debug)]
pub(crate) struct MayGoOn {
    /// When the lease was last confirmed, in epoch microseconds.
    confirmed_us: Arc<AtomicI64>,
    stopped: Arc<OnceLock<Stop>>,
    lease_ms: u64,
}

/// Who stopped a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The person at the command line who started it.
    Terminal,
    /// Somebody with a right to, elsewhere.
    Asked(String),
    /// The process ends; the schedule starts its own runs again.
    Shutdown,
}

impl Stop {
    fn words(&self) -> String {
        match self {
            Stop::Terminal => "the run was stopped".to_owned(),
            Stop::Asked(who) => format!("the run was stopped by {who}"),
            Stop::Shutdown => "the run was stopped because Hive was stopped".to_owned(),
        }
    }
}

impl MayGoOn {
    fn new(at: Timestamp, lease_ms: u64) -> MayGoOn {
        MayGoOn {
            confirmed_us: Arc::new(AtomicI64::new(at.as_microsecond())),
            stopped: Arc::new(OnceLock::new()),
            lease_ms,
        }
    }

    /// No, with the words: somebody stopped the run, or its lease was not confirmed for half its time.
    pub(crate) fn check(&self) -> Result<(), String> {
        if let Some(stop) = self.stopped.get() {
            return Err(stop.words());
        }
        // On wall time, so that a machine that slept knows it. A clock that is moved stops the run too.
        let silent_us = now().as_microsecond().saturating_sub(self.confirmed_us.load(Ordering::SeqCst));
        let half_us = i64::try_from(self.lease_ms.saturating_mul(500)).unwrap_or(i64::MAX);
        if silent_us > half_us || silent_us < -half_us {
            return Err("the run's lease was not confirmed in time, so another run may have begun".to_owned());
        }
        Ok(())
    }

    /// Who stopped it, if anybody did.
    pub(crate) fn stopped(&self) -> Option<&Stop> {
        self.stopped.get()
    }

    fn confirm(&self, at: Timestamp) {
        self.confirmed_us.store(at.as_microsecond(), Ordering::SeqCst);
    }

    fn stop(&self, stop: Stop) {
        let _ = self.stopped.set(stop);
    }
}

/// Why a run did not begin.
#[derive(Debug)]
pub(crate) enum NotBegun {
    /// Another run works for this MSP: later it can begin.
    Taken(String),
    /// Nothing is wrong; by the settings, the connection or the links it is not to run now.
    Waits(String),
    /// It was not this caller's turn any more: the slot was taken elsewhere.
    SlotTaken,
    /// It cannot.
    No(Failure),
}

impl From<NotBegun> for Failure {
    fn from(why: NotBegun) -> Failure {
        match why {
            NotBegun::Taken(words) | NotBegun::Waits(words) => Failure::stopped(words),
            NotBegun::SlotTaken => Failure::stopped("this slot was taken by another process"),
            NotBegun::No(failure) => failure,
        }
    }
}

impl From<Failure> for NotBegun {
    fn from(failure: Failure) -> NotBegun {
        NotBegun::No(failure)
    }
}

impl From<StoreError> for NotBegun {
    fn from(error: StoreError) -> NotBegun {
        NotBegun::No(error.into())
    }
}

/// A run that has begun and holds its MSP's lease.
pub(crate) struct Running {
    pub(crate) house: House,
    pub(crate) msp: Msp,
    pub(crate) lease: Lease,
    pub(crate) client: Client,
    pub(crate) may_go_on: MayGoOn,
    pub(crate) progress: Progress,
    pub(crate) origin: Origin,
}

/// Why a run runs, which decides what its end means for the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Person,
    Schedule,
    /// Only to look up what a run that was cut off left behind.
    Recovery,
}

/// Begins a run, or says who has one. A scheduled run takes its slot in the same transaction.
pub(crate) async fn begin(
    house: &House,
    msp: &Msp,
    kind: RunKind,
    connection: &Connection,
    advance: Option<&Schedule>,
) -> Result<Running, NotBegun> {
    let client = house.client(msp.id, connection).await?;
    let at = now();
    let may_go_on = MayGoOn::new(at, house.process.lease_ms);
    let lease_ms = i64::try_from(house.process.lease_ms).unwrap_or(i64::MAX);
    let lease = house.store.begin_run(msp.id, kind, &house.who, at, lease_ms, advance).await;
    match lease {
        Ok(lease) if lease.connection == connection.id => Ok(Running {
            house: house.clone(),
            msp: msp.clone(),
            lease,
            client,
            may_go_on,
            progress: Progress::new(&house.place),
            origin: if advance.is_some() { Origin::Schedule } else { Origin::Person },
        }),
        Ok(lease) => {
            let words = "the connection was changed just now; start again";
            house.store.finish_run(lease, RunState::Failed, None, words, now()).await?;
            Err(NotBegun::No(Failure::stopped(words)))
        }
        Err(BeginError::Taken { who, kind, since, run }) => Err(NotBegun::Taken(format!(
            "{} has a run already: {} {run} by {who} since {}. Wait for it to end; hive runs \"{}\" shows it.",
            msp.name,
            crate::show::report::title_of(kind),
            stamp(since, &house.zone(msp).await.map_err(NotBegun::No)?),
            msp.name,
        ))),
        Err(error @ BeginError::Starting) => Err(NotBegun::Taken(error.to_string())),
        Err(BeginError::SlotTaken { .. }) => Err(NotBegun::SlotTaken),
        Err(BeginError::Store(error)) => Err(NotBegun::No(error.into())),
    }
}

impl Running {
    /// Keeps the lease alive while `work` goes on, stores its progress, and passes on every stop: the
    /// work itself stops cleanly after the request in flight.
    pub(crate) async fn under_lease<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        let mut heart = std::pin::pin!(self.heart());
        let mut tell = std::pin::pin!(self.tell());
        let mut stop = std::pin::pin!(self.pass_on_stops());
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = &mut stop => {}
                // Beside the work, never instead of it: all may wait for the one writer.
                () = &mut heart => {}
                () = &mut tell => {}
            }
        }
    }

    /// Work that only reads ConnectWise may be dropped anywhere once the run is to stop.
    pub(crate) async fn until_stopped<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        tokio::select! {
            done = work => done,
            why = self.no_longer() => Err(Failure::stopped(why)),
        }
    }

    /// Ends the run: its row, and what that means for the schedule.
    pub(crate) async fn finish(self, state: RunState, plan: Option<&PlanId>, words: &str) -> Result<(), Failure> {
        let Running { house, msp, lease, may_go_on, progress, origin, .. } = self;
        progress.end();
        let state =
            if may_go_on.stopped().is_some() && state == RunState::Failed { RunState::Cancelled } else { state };
        let ended = slot::Ended { state, words, stopped: may_go_on.stopped(), origin };
        // Under the lease still, so that no other run settles the same row meanwhile.
        if let Err(error) = slot::settle(&house, msp.id, lease.kind, &ended).await {
            // The run's own end matters more; the next one that ends settles it.
            tracing::warn!(%error, "the schedule could not be told how the run ended");
        }
        house.store.finish_run(lease, state, plan, words, now()).await?;
        Ok(())
    }

    async fn no_longer(&self) -> String {
        loop {
            if let Err(why) = self.may_go_on.check() {
                return why;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Renews the lease for ever, and learns that somebody asked the run to stop. A renewal that fails
    /// is seen by [`MayGoOn::check`].
    async fn heart(&self) {
        let mut heartbeat = tokio::time::interval(heartbeat_every(self.may_go_on.lease_ms));
        loop {
            heartbeat.tick().await;
            let at = now();
            match self.lease.renew(at).await {
                Ok(renewed) => {
                    self.may_go_on.confirm(at);
                    if let Some(who) = renewed.stop_asked_by {
                        self.may_go_on.stop(Stop::Asked(who));
                    }
                }
                Err(error) => tracing::warn!(%error, "the run's lease could not be renewed"),
            }
        }
    }

    /// Stores how far the run is, for whoever looks from elsewhere.
    async fn tell(&self) {
        let mut every = tokio::time::interval(PROGRESS_EVERY);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            let Some(at) = self.progress.moved() else { continue };
            let total = at.total.unwrap_or_default();
            let told = self.house.store.run_progress(&self.lease, &at.step, count(at.done), count(total), now()).await;
            if let Err(error) = told {
                tracing::debug!(%error, "a run's progress could not be stored");
            }
        }
    }

    /// Ctrl-C at the command line, the end of the process elsewhere.
    async fn pass_on_stops(&self) {
        match &self.house.place {
            Place::Terminal => {
                stop_asked().await;
                self.may_go_on.stop(Stop::Terminal);
                crate::show::tell("… stopping after the request in flight");
                stop_asked().await;
                // What is under way has its durable intent; the next run looks it up first.
                crate::show::tell("… stopped at once; the next run looks up what was under way");
                std::process::exit(i32::from(crate::failure::STOPPED));
            }
            Place::Server(stop) => {
                let mut stop = stop.clone();
                // An error means that the server is gone already.
                let _ = stop.wait_for(|stop| *stop).await;
                self.may_go_on.stop(Stop::Shutdown);
            }
        }
        std::future::pending().await
    }

    /// What a pull reports.
    pub(crate) fn shows(&self) -> impl Fn(hive_connectwise::Progress) + Send + Sync {
        move |hive_connectwise::Progress::Step { name, done, total }| self.progress.at(name, done, total)
    }
}

/// A stop that a person asked for is learnt with the next heartbeat, so it beats at least this often;
/// and no oftener, since each beat is a write.
const HEARTBEAT_MS_MAX: u64 = 2_000;

fn heartbeat_every(lease_ms: u64) -> Duration {
    Duration::from_millis((lease_ms / 6).clamp(50, HEARTBEAT_MS_MAX))
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Ctrl-C or SIGTERM.
pub(crate) async fn stop_asked() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
