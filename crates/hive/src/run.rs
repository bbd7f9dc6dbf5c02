//! Runs: a Sync, an Update or an undo of one MSP, under its lease.
//!
//! **Owns:** the order of a run's steps, its heartbeat, its stop, what a crashed run left behind.
//! **Does not own:** what may be written (plan and allow), how it is written (connectwise), the
//! journal (store).

use crate::failure::Failure;
use crate::house::{House, now};
use crate::progress::Progress;
use hive_core::Timestamp;
use hive_store::{BeginError, Connection, Lease, Msp, RunKind, RunState};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

pub(crate) mod push;
pub(crate) mod recover;
pub(crate) mod sync;
pub(crate) mod undo;
pub(crate) mod update;

/// Longest a run may take (design, section 10).
pub(crate) const RUN_MAX: Duration = Duration::from_secs(6 * 60 * 60);

/// Whether this run may go on: asked before each write.
#[derive(Clone, Debug)]
pub(crate) struct MayGoOn {
    /// When the lease was last confirmed, in epoch microseconds.
    confirmed_us: Arc<AtomicI64>,
    cancelled: Arc<AtomicBool>,
    lease_ms: u64,
}

impl MayGoOn {
    fn new(at: Timestamp, lease_ms: u64) -> MayGoOn {
        MayGoOn {
            confirmed_us: Arc::new(AtomicI64::new(at.as_microsecond())),
            cancelled: Arc::new(AtomicBool::new(false)),
            lease_ms,
        }
    }

    /// No, with the words: somebody stopped the run, or its lease was not confirmed for half its time.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.cancelled.load(Ordering::SeqCst) {
            return Err("the run was stopped".to_owned());
        }
        let silent_us = now().as_microsecond().saturating_sub(self.confirmed_us.load(Ordering::SeqCst));
        let half_us = i64::try_from(self.lease_ms.saturating_mul(500)).unwrap_or(i64::MAX);
        if silent_us > half_us || silent_us < -half_us {
            return Err("the run's lease was not confirmed in time, so another run may have begun".to_owned());
        }
        Ok(())
    }

    fn confirm(&self, at: Timestamp) {
        self.confirmed_us.store(at.as_microsecond(), Ordering::SeqCst);
    }

    fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
    }
}

/// Begins a run, or says who has one.
pub(crate) async fn begin(
    house: &House,
    msp: &Msp,
    kind: RunKind,
    connection: &Connection,
) -> Result<(Lease, MayGoOn), Failure> {
    let at = now();
    let may_go_on = MayGoOn::new(at, house.process.lease_ms);
    let lease = house
        .store
        .begin_run(msp.id, kind, &house.who, at, i64::try_from(house.process.lease_ms).unwrap_or(i64::MAX), None)
        .await;
    match lease {
        Ok(lease) if lease.connection == connection.id => Ok((lease, may_go_on)),
        Ok(lease) => {
            let words = "the connection was changed just now; start again";
            house.store.finish_run(lease, RunState::Failed, None, words, now()).await?;
            Err(Failure::stopped(words))
        }
        Err(BeginError::Taken { who, kind, since, run }) => Err(Failure::stopped(format!(
            "{} has a run already: {} {run} by {who} since {since:.0}. Wait for it to end; hive runs \"{}\" shows it.",
            msp.name,
            crate::show::report::title_of(kind),
            msp.name,
        ))),
        Err(error @ (BeginError::Starting | BeginError::SlotTaken { .. })) => Err(error.into()),
        Err(BeginError::Store(error)) => Err(error.into()),
    }
}

/// Keeps the lease alive while `work` goes on, and passes on Ctrl-C: the work itself stops cleanly
/// after the request in flight.
pub(crate) async fn under_lease<T>(lease: &Lease, may_go_on: &MayGoOn, work: impl Future<Output = T>) -> T {
    tokio::pin!(work);
    let mut heart = std::pin::pin!(heart(lease, may_go_on));
    let mut stop = Box::pin(stop_asked());
    let mut asked = false;
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = &mut stop => {
                if asked {
                    // What is under way has its durable intent; the next run looks it up first.
                    crate::show::tell("… stopped at once; the next run looks up what was under way");
                    std::process::exit(i32::from(crate::failure::STOPPED));
                }
                asked = true;
                stop = Box::pin(stop_asked());
                may_go_on.cancel();
                crate::show::tell("… stopping after the request in flight");
            }
            // Beside the work, never instead of it: both may wait for the one writer.
            () = &mut heart => {}
        }
    }
}

/// Work that only reads ConnectWise may be dropped anywhere once the run is to stop.
pub(crate) async fn until_stopped<T>(
    may_go_on: &MayGoOn,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::select! {
        done = work => done,
        why = stopped(may_go_on) => Err(Failure::stopped(why)),
    }
}

async fn stopped(may_go_on: &MayGoOn) -> String {
    loop {
        if let Err(why) = may_go_on.check() {
            return why;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Renews the lease for ever. A renewal that fails is seen by [`MayGoOn::check`].
async fn heart(lease: &Lease, may_go_on: &MayGoOn) {
    let mut heartbeat = tokio::time::interval(Duration::from_millis((may_go_on.lease_ms / 6).max(50)));
    loop {
        heartbeat.tick().await;
        let at = now();
        match lease.renew(at).await {
            Ok(_) => may_go_on.confirm(at),
            Err(error) => tracing::warn!(%error, "the run's lease could not be renewed"),
        }
    }
}

async fn stop_asked() {
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

/// What a pull reports, on the terminal.
pub(crate) fn show_progress(progress: &Progress) -> impl Fn(hive_connectwise::Progress) + Send + Sync {
    move |hive_connectwise::Progress::Step { name, done, total }| progress.at(name, done, total)
}
