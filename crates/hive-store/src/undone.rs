//! What undos took back of a run.
//!
//! **Owns:** how much of what a run wrote was taken back, by which run.
//! **Does not own:** what is taken back (the journal, as each outcome comes in).

use crate::db::{Row, Tx, args};
use crate::error::Result;
use crate::runs::RunRow;
use hive_core::{MspId, RunId, Timestamp};
use std::collections::BTreeMap;

/// What undos took back of what a run wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// How many additions the run wrote.
    pub wrote: i64,
    /// How many of them were taken back.
    pub taken_back: i64,
    /// The newest run that took any of them back.
    pub by: RunId,
    /// Who asked for that.
    pub who: String,
    /// When that ended (began, while it runs).
    pub at: Timestamp,
}

impl Undone {
    /// Nothing of the run stands any more.
    pub fn whole(&self) -> bool {
        self.taken_back >= self.wrote
    }
}

/// Of runs of which something was taken back.
const UNDONE: &str = "SELECT t.run, t.wrote, t.taken_back, u.id, u.who, coalesce(u.ended_at, u.started_at) FROM (
        SELECT i.run, COUNT(*) AS wrote, COUNT(i.undone_by) AS taken_back, MAX(i.undone_by) AS newest FROM intent i
        JOIN outcome o ON o.msp = i.msp AND o.intent = i.id AND o.outcome IN ('pushed', 'confirmed', 'alarm')
        WHERE i.msp = $1 AND i.run IN (SELECT x.run FROM intent x
            WHERE x.msp = $1 AND x.run >= $2 AND x.run <= $3 AND x.undone_by IS NOT NULL)
        GROUP BY i.run
    ) t JOIN run u ON u.msp = $1 AND u.id = t.newest";

impl Tx {
    /// Says of each of these runs, of which none is missing between the first and the last, what was taken back.
    pub(crate) async fn put_undone(&mut self, msp: MspId, runs: &mut [RunRow]) -> Result<()> {
        let ids = || runs.iter().map(|run| run.id);
        let Some((first, last)) = ids().min().zip(ids().max()) else { return Ok(()) };
        let read = |row: &mut Row<'_>| {
            let run: RunId = row.take()?;
            let (wrote, taken_back) = (row.take()?, row.take()?);
            Ok((run, Undone { wrote, taken_back, by: row.take()?, who: row.take()?, at: row.take()? }))
        };
        let found = self.all(UNDONE, args![msp, first, last], read).await?;
        let mut found: BTreeMap<RunId, Undone> = found.into_iter().collect();
        for run in runs {
            run.undone = found.remove(&run.id);
        }
        Ok(())
    }
}
