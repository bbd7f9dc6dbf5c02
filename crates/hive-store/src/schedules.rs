//! When runs are due by themselves, and for which invoices agreements were pushed.
//!
//! **Owns:** that a slot is taken exactly once: it moves on in the transaction of the lease, and
//! only while it is due.
//! **Does not own:** which slot follows which (hive-core), what a run does.

use crate::Store;
use crate::db::{Row, Tx, args};
use crate::error::Result;
use crate::lease::RunKind;
use hive_core::settings::Updates;
use hive_core::{AgreementId, Date, MspId, RunId, Timestamp};
use std::collections::BTreeSet;

/// The next slot of one kind of run at an MSP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub msp: MspId,
    /// Sync or Update.
    pub kind: RunKind,
    /// The day of the slot, in the MSP's own zone.
    pub slot: Date,
    pub due_at: Timestamp,
    /// How often it failed in a row.
    pub failures: i64,
    /// When it is tried again after a failure.
    pub retry_at: Option<Timestamp>,
    /// Why the last slot did not run or failed; empty where it ran.
    pub words: String,
    /// When the last slot was taken.
    pub last_slot_at: Option<Timestamp>,
}

fn schedule(row: &mut Row<'_>) -> Result<Schedule> {
    Ok(Schedule {
        msp: row.take()?,
        kind: row.take()?,
        slot: row.take()?,
        due_at: row.take()?,
        failures: row.take()?,
        retry_at: row.maybe()?,
        words: row.take()?,
        last_slot_at: row.maybe()?,
    })
}

impl Tx {
    async fn put_schedule(&mut self, schedule: &Schedule) -> Result<()> {
        let Schedule { msp, kind, slot, due_at, failures, retry_at, words, last_slot_at } = schedule;
        let sql = "INSERT INTO schedule (msp, kind, slot, due_at, failures, retry_at, words, last_slot_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (msp, kind) DO UPDATE SET slot = excluded.slot, due_at = excluded.due_at,
            failures = excluded.failures, retry_at = excluded.retry_at, words = excluded.words,
            last_slot_at = excluded.last_slot_at";
        let values = args![*msp, kind.name(), *slot, *due_at, *failures, *retry_at, words, *last_slot_at];
        self.run(sql, values).await?;
        Ok(())
    }

    /// In the order of their pushes.
    pub(crate) async fn invoiced(&mut self, msp: MspId, connection: i64) -> Result<Vec<(AgreementId, Date)>> {
        let sql = "SELECT agreement, invoice FROM invoiced WHERE msp = $1 AND connection = $2
            ORDER BY at, agreement, invoice";
        self.all(sql, args![msp, connection], |row| Ok((row.take()?, row.take()?))).await
    }

    /// Moves a slot on, unless somebody else has: whether this one did. A schedule that was never
    /// stored is due.
    pub(crate) async fn advance(&mut self, next: &Schedule, at: Timestamp) -> Result<bool> {
        let sql = "SELECT CAST(CASE WHEN due_at <= $3 OR retry_at <= $3 THEN 1 ELSE 0 END AS BIGINT)
            FROM schedule WHERE msp = $1 AND kind = $2";
        let due: Option<bool> = self.one(sql, args![next.msp, next.kind.name(), at], |row| row.take()).await?;
        if due == Some(false) {
            return Ok(false);
        }
        self.put_schedule(next).await?;
        Ok(true)
    }
}

impl Store {
    /// The MSP's schedules.
    pub async fn schedules(&self, msp: MspId) -> Result<Vec<Schedule>> {
        let sql = "SELECT msp, kind, slot, due_at, failures, retry_at, words, last_slot_at FROM schedule
            WHERE msp = $1 ORDER BY kind";
        self.db.read().await?.all(sql, args![msp], schedule).await
    }

    /// When the next scheduled Update is, where Updates run by themselves and one is scheduled.
    pub async fn next_update_at(&self, msp: MspId) -> Result<Option<Timestamp>> {
        if self.settings(msp).await?.updates() != Updates::Automatic {
            return Ok(None);
        }
        let rows = self.schedules(msp).await?;
        Ok(rows.into_iter().find(|row| row.kind == RunKind::Update).map(|row| row.due_at))
    }

    /// What is due at every MSP, the longest overdue first: for the run loop alone.
    pub async fn due(&self, now: Timestamp) -> Result<Vec<Schedule>> {
        let sql = "SELECT msp, kind, slot, due_at, failures, retry_at, words, last_slot_at FROM schedule
            WHERE due_at <= $1 OR retry_at <= $1";
        let mut due = self.db.read().await?.all(sql, args![now], schedule).await?;
        due.sort_by_key(|schedule| {
            let first = schedule.retry_at.map_or(schedule.due_at, |retry| retry.min(schedule.due_at));
            (first, schedule.msp, schedule.kind)
        });
        Ok(due)
    }

    /// Stores a schedule as it is. A slot that a run takes moves on in
    /// [`begin_run`](Store::begin_run).
    pub async fn set_schedule(&self, schedule: &Schedule) -> Result<()> {
        let mut tx = self.db.write(schedule.msp).await?;
        tx.put_schedule(schedule).await?;
        tx.commit().await
    }

    /// Agreements of the present connection that were pushed, each with the invoice's date.
    pub async fn invoiced(&self, msp: MspId) -> Result<Vec<(AgreementId, Date)>> {
        let mut tx = self.db.read().await?;
        let connection = tx.connection_id(msp).await?;
        tx.invoiced(msp, connection).await
    }

    /// These agreements were pushed for the invoices of these dates. Saying it twice changes nothing.
    pub async fn note_invoiced(
        &self,
        msp: MspId,
        run: RunId,
        pushed: &[(AgreementId, Date)],
        at: Timestamp,
    ) -> Result<()> {
        let mut tx = self.db.write_facts(msp).await?;
        let connection = tx.connection_id(msp).await?;
        let pushed: BTreeSet<(AgreementId, Date)> = pushed.iter().copied().collect();
        let rows = pushed.into_iter().map(|(agreement, date)| args![msp, connection, agreement, date, run, at]);
        let insert = "INSERT INTO invoiced (msp, connection, agreement, invoice, run, at)";
        let after = "ON CONFLICT (msp, connection, agreement, invoice) DO UPDATE SET run = excluded.run,
            at = excluded.at";
        tx.put_many(insert, after, rows).await?;
        tx.commit().await
    }
}
