//! What changed: two counters of an MSP that only grow.
//!
//! **Owns:** that a page can ask in one cheap read whether anything it shows may have changed.
//! **Limits on purpose:** a counter may grow where nothing changed, never the other way round.
//! What a saved plan settles is not counted as facts: a plan that is made again from what it settled
//! itself is the same plan.

use crate::Store;
use crate::db::{Row, Tx, args};
use crate::error::{Result, StoreError};
use hive_core::MspId;

/// How often an MSP's rows were written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pulse {
    /// Grows with anything that can change a plan.
    pub facts: i64,
    /// Grows with every write: runs' progress and ends, plans, schedules, the audit log.
    pub runs: i64,
}

impl Tx {
    /// Takes the MSP's own row, so that its writers follow one another, and counts the write.
    pub(crate) async fn take_msp(&mut self, msp: MspId) -> Result<()> {
        match self.run("UPDATE msp SET version = version + 1 WHERE id = $1", args![msp]).await? {
            0 => Err(StoreError::NotFound(format!("there is no MSP {msp}"))),
            _ => Ok(()),
        }
    }

    /// Something that can change a plan is written in this transaction.
    pub(crate) async fn facts_moved(&mut self, msp: MspId) -> Result<()> {
        self.run("UPDATE msp SET facts_version = facts_version + 1 WHERE id = $1", args![msp]).await?;
        Ok(())
    }
}

impl Store {
    /// [`Pulse::facts`] of every MSP, in one read: for the run loop alone.
    pub async fn facts_versions(&self) -> Result<Vec<(MspId, i64)>> {
        let sql = "SELECT id, facts_version FROM msp ORDER BY id";
        self.db.read().await?.all(sql, args![], |row| Ok((row.take()?, row.take()?))).await
    }

    /// What was written for an MSP so far.
    pub async fn pulse(&self, msp: MspId) -> Result<Pulse> {
        let sql = "SELECT facts_version, version FROM msp WHERE id = $1";
        let read = |row: &mut Row<'_>| Ok(Pulse { facts: row.take()?, runs: row.take()? });
        let found = self.db.read().await?.one(sql, args![msp], read).await?;
        found.ok_or_else(|| StoreError::NotFound(format!("there is no MSP {msp}")))
    }
}
