//! The month: who reviewed the invoices of a day, and what Hive wrote on agreements lately.
//!
//! **Does not own:** which agreements a day has (the mirror), what a review allows (nothing: it is a mark).

use crate::Store;
use crate::audit::Entry;
use crate::db::{Row, args};
use crate::error::{Result, refused};
use hive_core::{AdditionId, AgreementId, Date, MspId, Quantity, RunId, Timestamp};

/// A person looked through what the invoices of a day will bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    pub invoice_date: Date,
    pub who: String,
    pub at: Timestamp,
}

/// An addition that Hive wrote in a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WroteOn {
    pub agreement: AgreementId,
    pub addition: AdditionId,
    /// The last write.
    pub last: Timestamp,
}

impl Store {
    /// Marks the invoices of a day as reviewed, or takes the mark back.
    pub async fn set_review(&self, msp: MspId, date: Date, reviewed: bool, who: &str, at: Timestamp) -> Result<()> {
        let mut tx = self.db.write(msp).await?;
        let sql = "SELECT who FROM review WHERE msp = $1 AND invoice_date = $2";
        let before: Option<String> = tx.one(sql, args![msp, date], |row| row.take()).await?;
        match (&before, reviewed) {
            (Some(by), true) => return Err(refused(format!("the invoices of {date} were reviewed by {by} already"))),
            (None, false) => return Err(refused(format!("the invoices of {date} were not reviewed"))),
            (None, true) => {
                let sql = "INSERT INTO review (msp, invoice_date, who, at) VALUES ($1, $2, $3, $4)";
                tx.run(sql, args![msp, date, who, at]).await?;
            }
            (Some(_), false) => {
                tx.run("DELETE FROM review WHERE msp = $1 AND invoice_date = $2", args![msp, date]).await?;
            }
        }
        let after = reviewed.then(|| who.to_owned());
        tx.note(msp, who, at, Entry::new("month.review", format!("invoices of {date}"), before, after)).await?;
        tx.commit().await
    }

    /// Every review, the latest invoice first.
    pub async fn reviews(&self, msp: MspId) -> Result<Vec<Review>> {
        let sql = "SELECT invoice_date, who, at FROM review WHERE msp = $1 ORDER BY invoice_date DESC";
        let read = |row: &mut Row<'_>| Ok(Review { invoice_date: row.take()?, who: row.take()?, at: row.take()? });
        self.db.read().await?.all(sql, args![msp], read).await
    }

    /// What stands written, by addition of the present connection, since then. What was found right
    /// already counts: nothing else has to be written for it.
    pub async fn wrote_since(&self, msp: MspId, since: Timestamp) -> Result<Vec<WroteOn>> {
        let mut tx = self.db.read().await?;
        let connection = tx.connection_id(msp).await?;
        let sql = "SELECT i.agreement, i.addition, max(i.made_at) FROM intent i
            JOIN outcome o ON o.msp = i.msp AND o.intent = i.id
            WHERE i.msp = $1 AND i.connection = $2 AND i.made_at >= $3 AND i.undone_by IS NULL
                AND o.outcome IN ('pushed', 'confirmed', 'already_right')
            GROUP BY i.agreement, i.addition ORDER BY i.agreement, i.addition";
        let read = |row: &mut Row<'_>| Ok(WroteOn { agreement: row.take()?, addition: row.take()?, last: row.take()? });
        tx.all(sql, args![msp, connection, since], read).await
    }
}

/// One write that stands: neither undone, nor an undo's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stands {
    pub run: RunId,
    pub agreement: AgreementId,
    pub addition: AdditionId,
    pub from: Quantity,
    pub to: Quantity,
    pub at: Timestamp,
}

impl Store {
    /// The writes of the present connection that stand, of one run or of all, from `since` until before `until`,
    /// in their order. What was found right already was written by somebody else, and is none of them.
    pub async fn stands(
        &self,
        msp: MspId,
        run: Option<RunId>,
        (since, until): (Timestamp, Timestamp),
    ) -> Result<Vec<Stands>> {
        let mut tx = self.db.read().await?;
        let connection = tx.connection_id(msp).await?;
        let sql = "SELECT i.run, i.agreement, i.addition, i.from_value, i.to_value, i.made_at FROM intent i
            JOIN outcome o ON o.msp = i.msp AND o.intent = i.id
            JOIN run r ON r.msp = i.msp AND r.id = i.run
            WHERE i.msp = $1 AND i.connection = $2 AND i.undone_by IS NULL AND r.kind <> 'undo'
                AND o.outcome IN ('pushed', 'confirmed') AND (i.run = $3 OR $3 = 0)
                AND i.made_at >= $4 AND i.made_at < $5
            ORDER BY i.id";
        let read = |row: &mut Row<'_>| {
            Ok(Stands {
                run: row.take()?,
                agreement: row.take()?,
                addition: row.take()?,
                from: row.take()?,
                to: row.take()?,
                at: row.take()?,
            })
        };
        let values = args![msp, connection, run.map_or(0, |run| run.0), since, until];
        tx.all(sql, values, read).await
    }
}
