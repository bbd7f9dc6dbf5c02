//! Approvals of held changes.

use crate::Store;
use crate::audit::Entry;
use crate::db::{Row, Tx, args};
use crate::error::{Result, unreadable};
use hive_core::allow::Approval;
use hive_core::issue::Code;
use hive_core::{AdditionId, MspId, PlanId, RunId, Timestamp};

fn approval(row: &mut Row<'_>) -> Result<Approval> {
    let read = |name: &str| Code::parse(name).ok_or_else(|| unreadable("an issue's code", name));
    Ok(Approval {
        addition: row.take()?,
        from: row.take()?,
        limit: row.take()?,
        codes: row.text()?.unwrap_or_default().split_whitespace().map(read).collect::<Result<_>>()?,
        who: row.take()?,
        at: row.take()?,
        lapses_at: row.take()?,
    })
}

fn words(approval: &Approval, plan: &PlanId) -> String {
    let Approval { addition: _, from, limit, codes: _, who: _, at: _, lapses_at } = approval;
    format!("{from} to {limit} ({}) until {lapses_at}, shown in plan {plan}", codes(approval))
}

fn codes(approval: &Approval) -> String {
    approval.codes.iter().map(|code| code.name()).collect::<Vec<_>>().join(" ")
}

impl Tx {
    pub(crate) async fn put_approvals(&mut self, msp: MspId, approvals: &[Approval], plan: &PlanId) -> Result<()> {
        let connection = self.connection_id(msp).await?;
        let Ok(count @ 1..) = i64::try_from(approvals.len()) else { return Ok(()) };
        let first = self.next(msp, "approval", count).await?;
        let rows = approvals.iter().zip(first..).map(|(approval, id)| {
            let Approval { addition, from, limit, codes: _, who, at, lapses_at } = approval;
            args![msp, id, connection, *addition, *from, *limit, codes(approval), plan, who, *at, *lapses_at, false]
        });
        let insert = "INSERT INTO approval (msp, id, connection, addition, from_value, limit_value, codes, plan, who,
            at, lapses_at, told)";
        self.put_many(insert, "", rows).await?;
        for approval in approvals {
            let entry = Entry::new("change.approve", approval.addition, None, Some(words(approval, plan)));
            self.note(msp, &approval.who, approval.at, entry).await?;
        }
        Ok(())
    }
}

impl Store {
    /// Stores approvals of what `plan` showed.
    pub async fn approve(&self, msp: MspId, approvals: &[Approval], plan: &PlanId) -> Result<()> {
        let mut tx = self.db.write_facts(msp).await?;
        tx.put_approvals(msp, approvals, plan).await?;
        tx.commit().await
    }

    /// The approvals that act at `now`: not used up, not lapsed, of the present connection.
    pub async fn approvals(&self, msp: MspId, now: Timestamp) -> Result<Vec<Approval>> {
        let mut tx = self.db.read().await?;
        let connection = tx.connection_id(msp).await?;
        let sql = "SELECT addition, from_value, limit_value, codes, who, at, lapses_at FROM approval
            WHERE msp = $1 AND connection = $2 AND used_by IS NULL AND lapses_at >= $3 ORDER BY id";
        tx.all(sql, args![msp, connection, now], approval).await
    }

    /// Every approval of the present connection that was not used up, lapsed ones too: a report says
    /// when one lapsed.
    pub async fn approvals_unused(&self, msp: MspId) -> Result<Vec<Approval>> {
        let mut tx = self.db.read().await?;
        let connection = tx.connection_id(msp).await?;
        let sql = "SELECT addition, from_value, limit_value, codes, who, at, lapses_at FROM approval
            WHERE msp = $1 AND connection = $2 AND used_by IS NULL ORDER BY id";
        tx.all(sql, args![msp, connection], approval).await
    }

    /// An Update that sent writes under these approvals has ended: they act no longer.
    pub async fn use_up(&self, msp: MspId, additions: &[AdditionId], run: RunId) -> Result<()> {
        let mut tx = self.db.write_facts(msp).await?;
        let connection = tx.connection_id(msp).await?;
        let sql = "UPDATE approval SET used_by = $4
            WHERE msp = $1 AND connection = $2 AND addition = $3 AND used_by IS NULL";
        for addition in additions {
            tx.run(sql, args![msp, connection, *addition, run]).await?;
        }
        tx.commit().await
    }

    /// Approvals that lapsed unused, each told once.
    pub async fn lapsed(&self, msp: MspId, now: Timestamp) -> Result<Vec<Approval>> {
        let mut tx = self.db.write(msp).await?;
        let connection = tx.connection_id(msp).await?;
        let sql = "UPDATE approval SET told = 1
            WHERE msp = $1 AND connection = $2 AND used_by IS NULL AND told = 0 AND lapses_at < $3
            RETURNING addition, from_value, limit_value, codes, who, at, lapses_at";
        let mut lapsed = tx.all(sql, args![msp, connection, now], approval).await?;
        if !lapsed.is_empty() {
            tx.facts_moved(msp).await?;
        }
        lapsed.sort_by_key(|approval| (approval.at, approval.addition));
        for approval in &lapsed {
            let words = format!("lapsed unused at {}", approval.lapses_at);
            let entry = Entry::new("change.approval_lapsed", approval.addition, None, Some(words));
            tx.note(msp, "hive", now, entry).await?;
        }
        tx.commit().await?;
        Ok(lapsed)
    }
}
