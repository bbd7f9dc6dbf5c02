//! The brake as people meet it: whether a scheduled Update would start, and letting it pass.

use crate::{By, Desk, Refused, Said};
use hive_core::allow::{Request, allow};
use hive_core::plan::{self, Brake, Facts, Plan};
use hive_core::{AdditionId, Timestamp};
use hive_store::{BrakePass, Msp};
use std::collections::BTreeSet;

impl Desk {
    /// Why a scheduled Update would not start on this plan; `None` where it would, or where a person
    /// let as much pass.
    pub async fn brake(&self, msp: &Msp, facts: &Facts, plan: &Plan, at: Timestamp) -> Result<Option<Brake>, Refused> {
        let brake = self.moves_much(msp, facts, plan, at).await?;
        let Some(brake) = brake else { return Ok(None) };
        let pass = self.store.brake_pass(msp.id, at).await?;
        Ok(Some(brake).filter(|brake| pass.is_none_or(|pass| brake.moved() > pass.moved)))
    }

    /// The same of a plan that was just stored.
    pub async fn brake_now(&self, msp: &Msp, plan: &Plan, at: Timestamp) -> Result<Option<Brake>, Refused> {
        let facts = self.store.facts(msp.id, None).await?;
        self.brake(msp, &facts, plan, at).await
    }

    async fn moves_much(&self, msp: &Msp, facts: &Facts, plan: &Plan, at: Timestamp) -> Result<Option<Brake>, Refused> {
        if plan.changes.is_empty() {
            return Ok(None);
        }
        let approvals = self.store.approvals(msp.id, at).await?;
        let allowed = allow(plan, &facts.product_links, &approvals, &Request::default(), at);
        let released: BTreeSet<AdditionId> = allowed.released.iter().map(|released| released.addition()).collect();
        Ok(plan::brake(plan, facts, &released))
    }

    /// A person lets the scheduled Updates push what is live and free now, much as it is.
    pub async fn let_pass(&self, by: &By) -> Result<Said, Refused> {
        let plan = self.last_plan(&by.msp).await?;
        let lapses_at = self.would_lapse(&by.msp, by.at).await?;
        if !self.pass_brake(by, &plan, lapses_at).await? {
            return Err(Refused::Stopped("no brake holds the next Update; nothing was changed".to_owned()));
        }
        Ok(Said(format!("The next scheduled Update starts by itself. This lapses at {lapses_at:.0}.")))
    }

    /// A person agreed to everything: what moves now may move by itself, until the approvals lapse.
    /// Whether there was a brake to let pass.
    pub(crate) async fn pass_brake(&self, by: &By, plan: &Plan, lapses_at: Timestamp) -> Result<bool, Refused> {
        let facts = self.store.facts(by.msp.id, None).await?;
        let Some(brake) = self.moves_much(&by.msp, &facts, plan, by.at).await? else { return Ok(false) };
        let pass = BrakePass { moved: brake.moved(), who: by.who.clone(), lapses_at };
        self.store.pass_brake(by.msp.id, &pass, by.at).await?;
        Ok(true)
    }
}

/// What to do about a brake, after its words.
pub fn brake_advice(msp: &str) -> String {
    format!(
        "A scheduled Update does not start until a person starts one (hive update \"{msp}\") or approves all (hive approve \"{msp}\" --all)"
    )
}
