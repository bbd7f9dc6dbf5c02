//! A person's answers to an addition that was edited by hand. Each settles on the value found and
//! takes the place of the answer before.

use crate::Store;
use crate::audit::Entry;
use crate::db::args;
use crate::error::Result;
use hive_core::allow::Approval;
use hive_core::plan::{Answered, FLIPS_MAX, Locked, Standing};
use hive_core::{AdditionId, Date, MspId, PlanId, Quantity, Timestamp};

/// Who answers for which addition, when.
struct Answer<'a> {
    what: &'static str,
    msp: MspId,
    addition: AdditionId,
    who: &'a str,
    at: Timestamp,
}

impl Store {
    /// Overwrite once: the value found is settled on, so that it no longer counts as edited; with an
    /// approval for the change where one is needed.
    pub async fn answer_overwrite(
        &self,
        msp: MspId,
        addition: AdditionId,
        settled: Quantity,
        approval: Option<&Approval>,
        who: &str,
        at: Timestamp,
    ) -> Result<()> {
        let answer = Answer { what: "addition.overwrite_once", msp, addition, who, at };
        self.answer(&answer, approval, |standing| {
            standing.settled = Some(settled);
        })
        .await
    }

    /// A minimum and a lock given before no longer stand; what is settled stays.
    pub async fn take_answers_back(&self, msp: MspId, addition: AdditionId, who: &str, at: Timestamp) -> Result<()> {
        let answer = Answer { what: "addition.answers_taken_back", msp, addition, who, at };
        self.answer(&answer, None, |standing| {
            standing.minimum = None;
            standing.locked = None;
        })
        .await
    }

    /// Never below `value`.
    pub async fn answer_minimum(
        &self,
        msp: MspId,
        addition: AdditionId,
        value: Quantity,
        settled: Quantity,
        who: &str,
        at: Timestamp,
    ) -> Result<()> {
        let answer = Answer { what: "addition.minimum", msp, addition, who, at };
        self.answer(&answer, None, |standing| {
            standing.settled = Some(settled);
            standing.minimum = Some(Answered { value, who: who.to_owned() });
            standing.locked = None;
        })
        .await
    }

    /// Stays at `value`, which is the one found, through `until`.
    pub async fn answer_lock(
        &self,
        msp: MspId,
        addition: AdditionId,
        until: Date,
        value: Quantity,
        who: &str,
        at: Timestamp,
    ) -> Result<()> {
        let answer = Answer { what: "addition.lock", msp, addition, who, at };
        self.answer(&answer, None, |standing| {
            standing.settled = Some(value);
            standing.locked = Some(Locked { value, until, who: who.to_owned() });
        })
        .await
    }

    async fn answer(
        &self,
        answer: &Answer<'_>,
        approval: Option<&Approval>,
        change: impl FnOnce(&mut Standing),
    ) -> Result<()> {
        let Answer { what, msp, addition, who, at } = *answer;
        let mut tx = self.db.write_facts(msp).await?;
        let connection = tx.connection_id(msp).await?;
        let before = tx.standing(msp, connection, addition).await?;
        let mut after = before.clone();
        change(&mut after);
        // Asked who else writes it, a person has answered: the count begins anew.
        if after.flips >= FLIPS_MAX {
            (after.flips, after.flip_counted, after.replaced) = (0, false, None);
        }
        tx.put_standing(msp, connection, &after, Some(at)).await?;
        if let Some(approval) = approval {
            let sql = "SELECT id FROM plan WHERE msp = $1 AND connection = $2 ORDER BY seq DESC LIMIT 1";
            let plan: Option<PlanId> = tx.one(sql, args![msp, connection], |row| row.take()).await?;
            let plan = plan.unwrap_or_else(|| PlanId(String::new()));
            tx.put_approvals(msp, std::slice::from_ref(approval), &plan).await?;
        }
        tx.note(msp, who, at, Entry::new(what, addition, Some(words(&before)), Some(words(&after)))).await?;
        tx.commit().await
    }
}

fn words(standing: &Standing) -> String {
    let settled = standing.settled.map_or("nothing settled".to_owned(), |value| format!("settled on {value}"));
    let minimum = standing.minimum.as_ref().map_or(String::new(), |m| format!(", never below {}", m.value));
    let locked =
        standing.locked.as_ref().map_or(String::new(), |l| format!(", locked at {} through {}", l.value, l.until));
    format!("{settled}{minimum}{locked}")
}
