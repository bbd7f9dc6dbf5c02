//! Runs: how far they are, how they ended.

use crate::Store;
use crate::audit::Entry;
use crate::db::{Row, Tx, args};
use crate::error::{Result, unreadable};
use crate::lease::{Lease, RunKind, RunState};
use crate::report::{OutcomeCounts, counts_from_row};
use crate::undone::Undone;
use hive_core::outcome::Outcome;
use hive_core::plan::Mark;
use hive_core::{MspId, PlanId, RunId, Timestamp};

/// A run as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRow {
    pub id: RunId,
    pub kind: RunKind,
    pub state: RunState,
    pub who: String,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub heartbeat_at: Timestamp,
    pub step: String,
    pub done: i64,
    pub total: i64,
    pub words: String,
    pub plan: Option<PlanId>,
    /// By addition, as in its report; all 0 until it ended.
    pub counts: OutcomeCounts,
    /// Who asked it to stop.
    pub stop_asked_by: Option<String>,
    /// What undos took back of it. Read where runs are listed or one is asked for.
    pub undone: Option<Undone>,
}

fn run_row(row: &mut Row<'_>) -> Result<RunRow> {
    Ok(RunRow {
        id: row.take()?,
        kind: row.take()?,
        state: row.take()?,
        who: row.take()?,
        started_at: row.take()?,
        ended_at: row.maybe()?,
        heartbeat_at: row.take()?,
        step: row.take()?,
        done: row.take()?,
        total: row.take()?,
        words: row.take()?,
        plan: row.maybe()?,
        counts: counts_from_row(row.text()?.unwrap_or_default())?,
        stop_asked_by: row.maybe()?,
        undone: None,
    })
}

impl Tx {
    pub(crate) async fn a_run(&mut self, msp: MspId, run: RunId) -> Result<Option<RunRow>> {
        let sql = "SELECT id, kind, state, who, started_at, ended_at, heartbeat_at, step, done, total, words, plan,
            counts, stop_asked_by FROM run WHERE msp = $1 AND id = $2";
        let mut found: Vec<RunRow> = self.all(sql, args![msp, run], run_row).await?;
        self.put_undone(msp, &mut found).await?;
        Ok(found.pop())
    }

    /// The plan that the lease's run pushes.
    pub(crate) async fn set_run_plan(&mut self, lease: &Lease, plan: &PlanId) -> Result<()> {
        let sql = "UPDATE run SET plan = $3 WHERE msp = $1 AND id = $2 AND plan IS DISTINCT FROM $3";
        self.run(sql, args![lease.msp, lease.run, plan]).await?;
        Ok(())
    }

    async fn end_run(&mut self, msp: MspId, run: RunId, state: RunState, words: &str, at: Timestamp) -> Result<()> {
        let sql = "UPDATE run SET state = $3, ended_at = $4, words = $5 WHERE msp = $1 AND id = $2";
        self.run(sql, args![msp, run, state.name(), at, words]).await?;
        self.recount(msp, run).await
    }
}

impl Store {
    /// Which plan this run pushes, before the first line: what a crash leaves behind is told by it.
    pub async fn run_plan(&self, lease: &Lease, plan: &PlanId) -> Result<()> {
        let mut tx = self.db.write(lease.msp).await?;
        tx.check_fence(lease).await?;
        tx.set_run_plan(lease, plan).await?;
        tx.commit().await
    }

    /// How far a run is.
    pub async fn run_progress(&self, lease: &Lease, step: &str, done: i64, total: i64, at: Timestamp) -> Result<()> {
        let mut tx = self.db.write(lease.msp).await?;
        tx.check_fence(lease).await?;
        let sql = "UPDATE run SET step = $3, done = $4, total = $5, heartbeat_at = $6 WHERE msp = $1 AND id = $2";
        tx.run(sql, args![lease.msp, lease.run, step, done, total, at]).await?;
        tx.commit().await
    }

    /// Ends a run and frees its MSP.
    pub async fn finish_run(
        &self,
        lease: Lease,
        state: RunState,
        plan: Option<&PlanId>,
        words: &str,
        at: Timestamp,
    ) -> Result<()> {
        let mut tx = self.db.write(lease.msp).await?;
        tx.check_fence(&lease).await?;
        if let Some(plan) = plan {
            tx.set_run_plan(&lease, plan).await?;
        }
        tx.end_run(lease.msp, lease.run, state, words, at).await?;
        tx.commit().await?;
        lease.release().await;
        Ok(())
    }

    /// The newest runs first.
    pub async fn runs(&self, msp: MspId, limit: i64) -> Result<Vec<RunRow>> {
        let sql = "SELECT id, kind, state, who, started_at, ended_at, heartbeat_at, step, done, total, words, plan,
            counts, stop_asked_by FROM run WHERE msp = $1 ORDER BY id DESC LIMIT $2";
        let mut tx = self.db.read().await?;
        let mut runs = tx.all(sql, args![msp, limit], run_row).await?;
        tx.put_undone(msp, &mut runs).await?;
        Ok(runs)
    }

    /// The newest runs before one, newest first.
    pub async fn runs_before(&self, msp: MspId, before: RunId, limit: i64) -> Result<Vec<RunRow>> {
        let sql = "SELECT id, kind, state, who, started_at, ended_at, heartbeat_at, step, done, total, words, plan,
            counts, stop_asked_by FROM run WHERE msp = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
        let mut tx = self.db.read().await?;
        let mut runs = tx.all(sql, args![msp, before, limit], run_row).await?;
        tx.put_undone(msp, &mut runs).await?;
        Ok(runs)
    }

    /// The run that says it is running, the newest where a crash left another.
    pub async fn running(&self, msp: MspId) -> Result<Option<RunRow>> {
        let sql = "SELECT id, kind, state, who, started_at, ended_at, heartbeat_at, step, done, total, words, plan,
            counts, stop_asked_by FROM run WHERE msp = $1 AND state = 'running' ORDER BY id DESC LIMIT 1";
        self.db.read().await?.one(sql, args![msp], run_row).await
    }

    /// The newest run of a kind that ended.
    pub async fn last_run(&self, msp: MspId, kind: RunKind) -> Result<Option<RunRow>> {
        let sql = "SELECT id, kind, state, who, started_at, ended_at, heartbeat_at, step, done, total, words, plan,
            counts, stop_asked_by FROM run WHERE msp = $1 AND kind = $2 AND state <> 'running'
            ORDER BY id DESC LIMIT 1";
        self.db.read().await?.one(sql, args![msp, kind.name()], run_row).await
    }

    /// One run.
    pub async fn run(&self, msp: MspId, run: RunId) -> Result<Option<RunRow>> {
        self.db.read().await?.a_run(msp, run).await
    }

    /// The newest Update.
    pub async fn newest_update(&self, msp: MspId) -> Result<Option<RunId>> {
        // One that did not start reports nothing; the last that did is what people ask for.
        let sql = "SELECT r.id FROM run r WHERE r.msp = $1 AND r.kind = 'update' ORDER BY
            CASE WHEN EXISTS (SELECT 1 FROM report_line l WHERE l.msp = r.msp AND l.run = r.id) THEN 0 ELSE 1 END,
            r.id DESC LIMIT 1";
        self.db.read().await?.one(sql, args![msp], |row| row.take()).await
    }

    /// Runs that say running but do not hold the lease: they crashed. A run that crashed with the
    /// lease in its hand is among them once the next run has begun, so ask holding a lease.
    pub async fn interrupted_runs(&self, msp: MspId) -> Result<Vec<RunRow>> {
        let sql = "SELECT r.id, r.kind, r.state, r.who, r.started_at, r.ended_at, r.heartbeat_at, r.step, r.done,
            r.total, r.words, r.plan, r.counts, r.stop_asked_by FROM run r JOIN lease l ON l.msp = r.msp
            WHERE r.msp = $1 AND r.state = 'running' AND r.id <> l.run ORDER BY r.id";
        self.db.read().await?.all(sql, args![msp], run_row).await
    }

    /// [`Store::interrupted_runs`] of every MSP, for the run loop alone: runs that say running though
    /// another one holds the lease, or though their lease has lapsed.
    pub async fn interrupted_everywhere(&self, now: Timestamp) -> Result<Vec<(MspId, RunRow)>> {
        let sql = "SELECT r.msp, r.id, r.kind, r.state, r.who, r.started_at, r.ended_at, r.heartbeat_at, r.step,
            r.done, r.total, r.words, r.plan, r.counts, r.stop_asked_by FROM run r JOIN lease l ON l.msp = r.msp
            WHERE r.state = 'running' AND (r.id <> l.run OR r.expires_at <= $1) ORDER BY r.msp, r.id";
        self.db.read().await?.all(sql, args![now], |row| Ok((row.take()?, run_row(row)?))).await
    }

    /// Asks a run to stop after the request in flight: it hears of it when it renews its lease.
    /// Whether it runs. Who asked first stands.
    pub async fn ask_stop(&self, msp: MspId, run: RunId, who: &str) -> Result<bool> {
        let mut tx = self.db.write(msp).await?;
        let sql = "UPDATE run SET stop_asked_by = coalesce(stop_asked_by, $3)
            WHERE msp = $1 AND id = $2 AND state = 'running'";
        let runs = tx.run(sql, args![msp, run, who]).await? > 0;
        tx.commit().await?;
        Ok(runs)
    }

    /// Ends a run that crashed: every line of its plan without an outcome gets one. What it would
    /// have written is not_sent (unknown, where an intent of it is still open).
    pub async fn close_interrupted(&self, lease: &Lease, run: RunId, words: &str, at: Timestamp) -> Result<()> {
        let msp = lease.msp;
        let mut tx = self.db.write(msp).await?;
        tx.check_fence(lease).await?;
        let crashed = tx.a_run(msp, run).await?.filter(|row| row.state == RunState::Running && run != lease.run);
        let crashed = crashed.ok_or_else(|| crate::error::refused(format!("run {run} is not an interrupted run")))?;
        tx.close_open_lines(msp, run, words).await?;
        tx.close_open_creates(msp, run, words).await?;
        if let Some(plan) = crashed.plan.as_ref().filter(|_| crashed.kind == RunKind::Update) {
            tx.close_plan_lines(msp, run, plan, words).await?;
        }
        tx.end_run(msp, run, RunState::Failed, words, at).await?;
        let entry = Entry::new("run.interrupted", run, None, Some(words.to_owned()));
        tx.note(msp, &crashed.who, at, entry).await?;
        tx.commit().await
    }
}

impl Tx {
    async fn close_plan_lines(&mut self, msp: MspId, run: RunId, plan: &PlanId, words: &str) -> Result<()> {
        let sql = "SELECT l.account, l.product, l.addition, l.now_value, l.next_value, l.mark FROM plan_line l
            WHERE l.msp = $1 AND l.plan = $2 AND NOT EXISTS (SELECT 1 FROM report_line r WHERE r.msp = l.msp
                AND r.run = $3 AND r.account = l.account AND r.product = l.product)";
        let rows = self
            .all(sql, args![msp, plan, run], |row| {
                let mut values = args![msp, run, row.take::<i64>()?, row.take::<i64>()?, row.maybe::<i64>()?];
                values.extend(args![row.maybe::<String>()?, row.maybe::<String>()?]);
                let mark: String = row.take()?;
                let mark = Mark::parse(&mark).ok_or_else(|| unreadable("a mark", &mark))?;
                let (outcome, message) = match mark {
                    Mark::Change => (Outcome::NotSent, Some(words)),
                    Mark::Unchanged => (Outcome::Unchanged, None),
                    Mark::Held => (Outcome::Held, None),
                    Mark::Issue => (Outcome::Issue, None),
                };
                values.extend(args![outcome.name(), message]);
                Ok(values)
            })
            .await?;
        let insert = "INSERT INTO report_line (msp, run, account, product, addition, from_value, to_value, outcome,
            message)";
        self.put_many(insert, "ON CONFLICT DO NOTHING", rows.into_iter()).await
    }
}
