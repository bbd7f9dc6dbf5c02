//! The lease: one run at a time for an MSP, as a value that the run holds.
//!
//! **Owns:** who may work, the fencing number that grows with every lease, and the check that an
//! old holder stores nothing more. On SQLite the holder also holds an OS lock on a file beside the
//! database, on PostgreSQL an advisory lock on a connection of its own: where that lock is free,
//! the lease is free, so that a killed run is taken over at once.
//! **Limits on purpose:** time comes in; a lease never renews itself.

use crate::Store;
use crate::db::{Db, Row, Take, Tx, args};
use crate::error::{Result, StoreError, refused, unreadable};
use crate::key::open_private;
use crate::schedules::Schedule;
use hive_core::{MspId, RunId, Timestamp};
use jiff::SignedDuration;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::sync::Mutex;

/// "HIVE" in the upper half of the advisory lock's key; the MSP in the lower.
const ADVISORY_CLASS: i64 = 0x4849_5645 << 32;

/// A lease lasts a day at most, whatever was asked: longer than any run takes.
pub const LEASE_MS_MAX: i64 = 24 * 60 * 60 * 1000;

/// What a run does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunKind {
    Sync,
    Update,
    Undo,
}

impl RunKind {
    pub const ALL: [RunKind; 3] = [RunKind::Sync, RunKind::Update, RunKind::Undo];

    /// The word that reports use.
    pub fn name(self) -> &'static str {
        match self {
            RunKind::Sync => "sync",
            RunKind::Update => "update",
            RunKind::Undo => "undo",
        }
    }

    /// Reads [`RunKind::name`].
    pub fn parse(text: &str) -> Option<RunKind> {
        RunKind::ALL.into_iter().find(|kind| kind.name() == text)
    }
}

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunState {
    Running,
    Succeeded,
    /// It came to its end, and some lines failed.
    PartlyFailed,
    Failed,
    Cancelled,
}

impl RunState {
    pub const ALL: [RunState; 5] =
        [RunState::Running, RunState::Succeeded, RunState::PartlyFailed, RunState::Failed, RunState::Cancelled];

    /// The word that reports use.
    pub fn name(self) -> &'static str {
        match self {
            RunState::Running => "running",
            RunState::Succeeded => "succeeded",
            RunState::PartlyFailed => "partly_failed",
            RunState::Failed => "failed",
            RunState::Cancelled => "cancelled",
        }
    }

    /// Reads [`RunState::name`].
    pub fn parse(text: &str) -> Option<RunState> {
        RunState::ALL.into_iter().find(|state| state.name() == text)
    }
}

impl Take for RunKind {
    fn take(row: &mut Row<'_>) -> Result<Option<RunKind>> {
        let read = |text| RunKind::parse(text).ok_or_else(|| unreadable("a kind of run", text));
        row.text()?.map(read).transpose()
    }
}

impl Take for RunState {
    fn take(row: &mut Row<'_>) -> Result<Option<RunState>> {
        let read = |text| RunState::parse(text).ok_or_else(|| unreadable("a run's state", text));
        row.text()?.map(read).transpose()
    }
}

/// The right to work for one MSP. Dropping it frees the MSP for the next run; the run itself then
/// still says running, and the next run closes it.
#[derive(Debug)]
pub struct Lease {
    pub run: RunId,
    pub msp: MspId,
    pub kind: RunKind,
    /// Stored with every intent; grows with every lease.
    pub fence: i64,
    /// The connection it began with. Once another one is saved, this run writes nothing more.
    pub connection: i64,
    lease_ms: i64,
    confirmed_at: AtomicI64,
    store: Store,
    hold: Hold,
}

/// The lock of the operating system or of PostgreSQL.
#[derive(Debug)]
enum Hold {
    /// Freed when the file closes.
    File { _file: std::fs::File },
    /// Freed when the connection closes.
    Pg(Mutex<PgConnection>),
}

/// What a renewed lease learnt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renewed {
    /// Who asked the run to stop, once somebody has.
    pub stop_asked_by: Option<String>,
}

/// Why a run did not begin.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// Another run works for this MSP.
    #[error("{} {run} is running for this MSP since {since}, started by {who}; wait for its end", kind.name())]
    Taken { who: String, kind: RunKind, since: Timestamp, run: RunId },
    /// Another process has just taken the lease and has not said who it is yet.
    #[error("another run is just starting for this MSP; try again")]
    Starting,
    /// The slot it was to take was taken by another run, or is not due.
    #[error("the {} that was due for MSP {msp} has been taken already", kind.name())]
    SlotTaken { msp: MspId, kind: RunKind },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Begins a run, or says who runs since when. The lease lasts [`LEASE_MS_MAX`] at most. With
    /// `advance`, the run takes the slot that is due, and this is the schedule from then on.
    pub async fn begin_run(
        &self,
        msp: MspId,
        kind: RunKind,
        who: &str,
        at: Timestamp,
        lease_ms: i64,
        advance: Option<&Schedule>,
    ) -> Result<Lease, BeginError> {
        if advance.is_some_and(|next| (next.msp, next.kind) != (msp, kind)) {
            return Err(refused("the slot is another MSP's or another kind of run's").into());
        }
        let Some(hold) = self.take_hold(msp).await? else {
            return Err(self.taken(msp).await?);
        };
        let lease_ms = lease_ms.clamp(0, LEASE_MS_MAX);
        let begun = match self.begin_holding(msp, kind, who, at, lease_ms, advance).await {
            Ok(begun) => begun,
            Err(error) => {
                hold.free().await;
                return Err(error);
            }
        };
        let (run, fence, connection) = begun;
        let confirmed_at = AtomicI64::new(at.as_microsecond());
        Ok(Lease { run, msp, kind, fence, connection, lease_ms, confirmed_at, store: self.clone(), hold })
    }

    /// The run, its fence and its connection.
    async fn begin_holding(
        &self,
        msp: MspId,
        kind: RunKind,
        who: &str,
        at: Timestamp,
        lease_ms: i64,
        advance: Option<&Schedule>,
    ) -> Result<(RunId, i64, i64), BeginError> {
        let expires_at = later(at, lease_ms);
        let mut tx = self.db.write(msp).await?;
        if let Some(next) = advance
            && !tx.advance(next, at).await?
        {
            return Err(BeginError::SlotTaken { msp, kind });
        }
        let run = RunId(tx.next(msp, "run", 1).await?);
        let sql = "INSERT INTO lease (msp, fence, run, kind, who, since, expires_at)
            VALUES ($1, 1, $2, $3, $4, $5, $6)
            ON CONFLICT (msp) DO UPDATE SET fence = lease.fence + 1, run = excluded.run, kind = excluded.kind,
                who = excluded.who, since = excluded.since, expires_at = excluded.expires_at
            RETURNING fence";
        let fence = tx.one(sql, args![msp, run, kind.name(), who, at, expires_at], |row| row.take()).await?;
        let fence: i64 = fence.ok_or_else(|| unreadable("a lease", msp))?;
        let sql = "INSERT INTO run (msp, id, kind, state, who, fence, started_at, heartbeat_at, expires_at, step, done,
            total, words, counts) VALUES ($1, $2, $3, 'running', $4, $5, $6, $6, $7, '', 0, 0, '', '')";
        tx.run(sql, args![msp, run, kind.name(), who, fence, at, expires_at]).await?;
        let connection = tx.connection_id(msp).await?;
        tx.commit().await?;
        Ok((run, fence, connection))
    }

    /// Whether no living run works for this MSP: the lock says so at once, where the lease's time may
    /// still have to lapse. For the run loop alone, and only where a run says that it is running.
    pub async fn is_free(&self, msp: MspId) -> Result<bool> {
        let Some(hold) = self.take_hold(msp).await? else { return Ok(false) };
        hold.free().await;
        Ok(true)
    }

    /// `None` where another run holds it.
    async fn take_hold(&self, msp: MspId) -> Result<Option<Hold>> {
        match &self.db {
            Db::Lite { path, .. } => {
                let mut beside = path.as_os_str().to_owned();
                beside.push(format!(".msp-{msp}.lock"));
                let beside = PathBuf::from(beside);
                let failed = |source| StoreError::File { path: beside.clone(), doing: "cannot be locked", source };
                let file = open_private(&beside).map_err(failed)?;
                match file.try_lock() {
                    Ok(()) => Ok(Some(Hold::File { _file: file })),
                    Err(std::fs::TryLockError::WouldBlock) => Ok(None),
                    Err(std::fs::TryLockError::Error(source)) => Err(failed(source)),
                }
            }
            Db::Pg { options, .. } => {
                let mut own = options.connect().await?;
                let locked = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(ADVISORY_CLASS | msp.0);
                let locked: bool = locked.fetch_one(&mut own).await?;
                Ok(locked.then(|| Hold::Pg(Mutex::new(own))))
            }
        }
    }

    async fn taken(&self, msp: MspId) -> Result<BeginError> {
        let mut tx = self.db.read().await?;
        let sql = "SELECT l.who, l.kind, l.since, l.run FROM lease l JOIN run r ON r.msp = l.msp AND r.id = l.run
            WHERE l.msp = $1 AND r.state = 'running'";
        let read = |row: &mut Row<'_>| Ok((row.take()?, row.take()?, row.take()?, row.take()?));
        let found: Option<(String, RunKind, Timestamp, RunId)> = tx.one(sql, args![msp], read).await?;
        let Some((who, kind, since, run)) = found else { return Ok(BeginError::Starting) };
        Ok(BeginError::Taken { who, kind, since, run })
    }
}

impl Lease {
    /// Says that the run still works, and learns whether it was asked to stop. Not confirmed for
    /// half of the lease, the run must stop.
    pub async fn renew(&self, at: Timestamp) -> Result<Renewed> {
        if let Hold::Pg(own) = &self.hold {
            // The advisory lock lives as long as this connection does.
            sqlx::query("SELECT 1").execute(&mut *own.lock().await).await.map_err(StoreError::Unreachable)?;
        }
        let Lease { run, msp, fence, lease_ms, .. } = self;
        let expires_at = later(at, *lease_ms);
        let mut tx = self.store.db.write(*msp).await?;
        tx.check_fence(self).await?;
        let sql = "UPDATE lease SET expires_at = $3 WHERE msp = $1 AND fence = $2";
        tx.run(sql, args![*msp, *fence, expires_at]).await?;
        let sql = "UPDATE run SET heartbeat_at = $3, expires_at = $4 WHERE msp = $1 AND id = $2
            RETURNING stop_asked_by";
        let asked = tx.one(sql, args![*msp, *run, at, expires_at], |row| row.maybe()).await?;
        tx.commit().await?;
        self.confirmed_at.fetch_max(at.as_microsecond(), Ordering::SeqCst);
        Ok(Renewed { stop_asked_by: asked.flatten() })
    }

    /// When the lease was last confirmed.
    pub fn confirmed_at(&self) -> Timestamp {
        let micros = self.confirmed_at.load(Ordering::SeqCst);
        Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// How long the lease lasts from its last confirmation.
    pub fn lease_ms(&self) -> i64 {
        self.lease_ms
    }

    /// Whether it was confirmed less than half a lease ago. What is not fresh sends nothing.
    pub fn is_fresh(&self, at: Timestamp) -> bool {
        let age = at.as_microsecond().saturating_sub(self.confirmed_at().as_microsecond());
        age < self.lease_ms.saturating_mul(500)
    }

    pub(crate) async fn release(self) {
        self.hold.free().await;
    }
}

impl Hold {
    /// Frees the lock at once, where dropping it might take PostgreSQL a moment to notice.
    async fn free(self) {
        match self {
            Hold::File { _file } => drop(_file),
            Hold::Pg(own) => {
                let mut own = own.into_inner();
                let unlock = sqlx::query("SELECT pg_advisory_unlock_all()").execute(&mut own).await;
                // Whatever came of it, the server frees the lock when the connection is gone.
                let _ = (unlock, own.close().await);
            }
        }
    }
}

impl Tx {
    /// Refuses whoever no longer holds the MSP's lease.
    pub(crate) async fn check_fence(&mut self, lease: &Lease) -> Result<()> {
        let sql = "SELECT l.fence FROM lease l JOIN run r ON r.msp = l.msp AND r.id = l.run
            WHERE l.msp = $1 AND r.state = 'running'";
        let now: i64 = self.one(sql, args![lease.msp], |row| row.take()).await?.unwrap_or(0);
        if now == lease.fence {
            return Ok(());
        }
        Err(StoreError::Fenced { run: lease.run.0, fence: lease.fence, now })
    }

    /// Refuses a run whose connection was replaced while it worked: what it holds is of another
    /// ConnectWise.
    pub(crate) async fn check_connection(&mut self, lease: &Lease) -> Result<()> {
        self.check_fence(lease).await?;
        if self.connection_id(lease.msp).await? == lease.connection {
            return Ok(());
        }
        Err(refused("the connection was changed while this run worked, so the run ends; start another"))
    }
}

/// The end of time is late enough for a clock that is near it.
fn later(at: Timestamp, ms: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_millis(ms)).unwrap_or(Timestamp::MAX)
}
