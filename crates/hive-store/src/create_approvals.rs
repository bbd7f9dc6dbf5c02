//! Approvals of additions to create.

use crate::Store;
use crate::audit::Entry;
use crate::db::{Row, args};
use crate::error::{Result, unreadable};
use hive_core::allow::CreateApproval;
use hive_core::issue::Code;
use hive_core::{AgreementId, ItemId, MspId, PlanId, RunId, Timestamp};

fn approval(row: &mut Row<'_>) -> Result<CreateApproval> {
    let read = |name: &str| Code::parse(name).ok_or_else(|| unreadable("an issue's code", name));
    Ok(CreateApproval {
        agreement: row.take()?,
        item: row.take()?,
        quantity: row.take()?,
        limit: row.take()?,
        codes: row.text()?.unwrap_or_default().split_whitespace().map(read).collect::<Result<_>>()?,
        who: row.take()?,
        at: row.take()?,
        lapses_at: row.take()?,
    })
}

fn codes(approval: &CreateApproval) -> String {
    approval.codes.iter().map(|code| code.name()).collect::<Vec<_>>().join(" ")
}

fn subject(approval: &CreateApproval) -> String {
    format!("agreement {} item {}", approval.agreement, approval.item)
}

impl Store {
    /// Stores approvals to create what `plan` showed as missing.
    pub async fn approve_creates(&self, msp: MspId, approvals: &[CreateApproval], plan: &PlanId) -> Result<()> {
        let Ok(count @ 1..) = i64::try_from(approvals.len()) else { return Ok(()) };
        let mut tx = self.db.write_facts(msp).await?;
        let connection = tx.connection_id(msp).await?;
        let first = tx.next(msp, "create_approval", count).await?;
        let rows = approvals.iter().zip(first..).map(|(approval, id)| {
            let CreateApproval { agreement, item, quantity, limit, codes: _, who, at, lapses_at } = approval;
            let codes = codes(approval);
            args![msp, id, connection, *agreement, *item, *quantity, *limit, codes, plan, who, *at, *lapses_at, false]
        });
        let insert = "INSERT INTO create_approval (msp, id, connection, agreement, item, quantity, limit_value, codes,
            plan, who, at, lapses_at, told)";
        tx.put_many(insert, "", rows).await?;
        for approval in approvals {
            let CreateApproval { quantity, limit, lapses_at, .. } = approval;
            let codes = codes(approval);
            let words = format!("{quantity} to {limit} ({codes}) until {lapses_at}, shown in plan {plan}");
            let entry = Entry::new("addition.approve_create", subject(approval), None, Some(words));
            tx.note(msp, &approval.who, approval.at, entry).await?;
        }
        tx.commit().await
    }

    /// Every approval of the present connection to create that was not used up, lapsed ones too: a
    /// report says when one lapsed.
    pub async fn create_approvals_unused(&self, msp: MspId) -> Result<Vec<CreateApproval>> {
        let mut tx = self.db.read().await?;
        let connection = tx.connection_id(msp).await?;
        let sql = "SELECT agreement, item, quantity, limit_value, codes, who, at, lapses_at FROM create_approval
            WHERE msp = $1 AND connection = $2 AND used_by IS NULL ORDER BY id";
        tx.all(sql, args![msp, connection], approval).await
    }

    /// An Update that sent something under these approvals has ended: they act no longer.
    pub async fn use_up_creates(&self, msp: MspId, created: &[(AgreementId, ItemId)], run: RunId) -> Result<()> {
        if created.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.write_facts(msp).await?;
        let connection = tx.connection_id(msp).await?;
        let sql = "UPDATE create_approval SET used_by = $5
            WHERE msp = $1 AND connection = $2 AND agreement = $3 AND item = $4 AND used_by IS NULL";
        for (agreement, item) in created {
            tx.run(sql, args![msp, connection, *agreement, *item, run]).await?;
        }
        tx.commit().await
    }

    /// Approvals to create that lapsed unused, each told once.
    pub async fn lapsed_creates(&self, msp: MspId, now: Timestamp) -> Result<Vec<CreateApproval>> {
        let mut tx = self.db.write(msp).await?;
        let connection = tx.connection_id(msp).await?;
        let sql = "UPDATE create_approval SET told = 1
            WHERE msp = $1 AND connection = $2 AND used_by IS NULL AND told = 0 AND lapses_at < $3
            RETURNING agreement, item, quantity, limit_value, codes, who, at, lapses_at";
        let mut lapsed = tx.all(sql, args![msp, connection, now], approval).await?;
        if !lapsed.is_empty() {
            tx.facts_moved(msp).await?;
        }
        lapsed.sort_by_key(|approval| (approval.at, approval.agreement, approval.item));
        for approval in &lapsed {
            let words = format!("lapsed unused at {}", approval.lapses_at);
            let entry = Entry::new("addition.create_approval_lapsed", subject(approval), None, Some(words));
            tx.note(msp, "hive", now, entry).await?;
        }
        tx.commit().await?;
        Ok(lapsed)
    }
}
