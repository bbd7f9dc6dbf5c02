//! What another rule about agreements would do, company by company, before anybody saves it.
//!
//! **Owns:** two plans of the same facts, compared by their targets. Nothing is stored.
//! **Does not own:** what a rule admits (core), what the change comes to in money ([`crate::WhatIf`]).

use crate::plan::{apart, check};
use crate::view::NamedOwned;
use crate::{Desk, Look, Refused};
use hive_core::plan::{self, Facts, Line, Plan, RuleSuggested, judged};
use hive_core::settings::{At, Key};
use hive_core::{AdditionId, AgreementId, CompanyId, LineId, ProductId, Timestamp};
use hive_store::Msp;
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// The settings that choose agreements and additions, and nothing else.
const TRIED: [Key; 3] = [Key::AgreementRule, Key::Agreement, Key::TargetDate];

/// A setting as a form or a command changes it.
type Changed = (Key, At, String);

/// What the settings would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RuleTrial {
    /// Lines that would be billed on another addition than now.
    pub changed: usize,
    /// Lines that have no addition now, and would have one.
    pub gained: usize,
    /// Lines that have one now, and would have none.
    pub lost: usize,
    /// The companies whose agreements are judged: those with another outcome first, then by name.
    pub companies: Vec<TriedCompany>,
    /// The lines that are counted above.
    pub lines: Vec<TriedLine>,
}

/// One company's agreements under the settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TriedCompany {
    pub id: i64,
    pub name: String,
    pub admits: Vec<NamedOwned>,
    pub rejects: Vec<TriedAgreement>,
    /// Whether a line of it has another addition, gains one or loses one.
    pub moves: bool,
}

/// An agreement that does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TriedAgreement {
    pub id: i64,
    pub name: String,
    pub why: String,
}

/// A line that would be billed elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TriedLine {
    pub line: String,
    pub account: String,
    pub product: String,
    pub before: Option<i64>,
    pub after: Option<i64>,
}

impl RuleTrial {
    /// What the lines come to, in one sentence.
    pub fn words(&self) -> String {
        let lines = |count: usize| if count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
        if self.changed + self.gained + self.lost == 0 {
            return "No line would be billed on another addition.".to_owned();
        }
        format!(
            "{} would be billed on another addition, {} would gain one, {} would lose the one it has.",
            lines(self.changed),
            lines(self.gained),
            lines(self.lost),
        )
    }
}

impl Desk {
    /// What these settings would do to a plan made now; neither is stored.
    pub async fn try_rule_now(&self, msp: &Msp, at: Timestamp, changes: &[Changed]) -> Result<RuleTrial, Refused> {
        must_be_tried(changes)?;
        let (facts, now, wrong) = self.make(msp, at).await?;
        check(&wrong)?;
        let changes = changes.to_vec();
        self.tried(move || tried(facts, &now, at, &changes)).await
    }

    /// What these settings would do to the plan of a look.
    pub async fn try_rule(&self, look: &Arc<Look>, changes: &[Changed]) -> Result<RuleTrial, Refused> {
        must_be_tried(changes)?;
        let (look, changes) = (look.clone(), changes.to_vec());
        self.tried(move || tried(look.facts.clone(), &look.plan, look.at, &changes)).await
    }

    /// A rule that does what the pins of a product do, found in a plan made now.
    pub async fn suggested_rule(
        &self,
        msp: &Msp,
        product: ProductId,
        at: Timestamp,
    ) -> Result<Option<RuleSuggested>, Refused> {
        let (facts, now, _) = self.make(msp, at).await?;
        apart(move || plan::suggest_rule(&facts, &now, product)).await
    }

    async fn tried(
        &self,
        work: impl FnOnce() -> Result<(RuleTrial, Vec<String>), Refused> + Send + 'static,
    ) -> Result<RuleTrial, Refused> {
        // Two plans of a large MSP at once would need twice its memory.
        let _one_at_a_time = self.what_ifs.lock().await;
        let (trial, wrong) = apart(work).await??;
        check(&wrong)?;
        Ok(trial)
    }
}

/// Only what chooses agreements and additions.
fn must_be_tried(changes: &[Changed]) -> Result<(), Refused> {
    match changes.iter().find(|(key, _, _)| !TRIED.contains(key)) {
        Some((key, _, _)) => Err(Refused::WrongUsage(format!(
            "{} cannot be tried so; agreement_rule, agreement and target_date can",
            key.name()
        ))),
        None => Ok(()),
    }
}

fn tried(
    mut facts: Facts,
    now: &Plan,
    at: Timestamp,
    changes: &[Changed],
) -> Result<(RuleTrial, Vec<String>), Refused> {
    if facts.mirror.is_none() {
        return Err(Refused::Stopped(format!(
            "nothing was synced yet, so there is nothing to try it on: hive sync \"{}\"",
            facts.msp_name
        )));
    }
    for (key, at, text) in changes {
        facts.settings.set(*key, *at, text).map_err(Refused::WrongUsage)?;
    }
    let product = changes.iter().find_map(|(_, at, _)| at.product);
    let then = plan::make(&facts, at);
    Ok((compare(&facts, now, &then, product), plan::check(&then, &facts)))
}

fn compare(facts: &Facts, now: &Plan, then: &Plan, product: Option<ProductId>) -> RuleTrial {
    let mut trial = RuleTrial::default();
    let before: HashMap<LineId, Option<AdditionId>> = now.lines.iter().map(|line| (line.id, line.addition)).collect();
    let mut moving: BTreeSet<CompanyId> = BTreeSet::new();
    for line in &then.lines {
        let was = before.get(&line.id).copied().flatten();
        match (was, line.addition) {
            (Some(was), Some(will)) if was != will => trial.changed += 1,
            (None, Some(_)) => trial.gained += 1,
            (Some(_), None) => trial.lost += 1,
            _ => continue,
        }
        moving.extend(line.company.as_ref().map(|named| named.id));
        trial.lines.push(line_of(line, was));
    }
    let of_product = |line: &&Line| product.is_none_or(|product| line.id.product == product);
    let concerned: BTreeSet<CompanyId> =
        then.lines.iter().filter(of_product).filter_map(|line| Some(line.company.as_ref()?.id)).collect();
    let mirrors = facts.mirror.iter();
    let names: HashMap<CompanyId, &str> =
        mirrors.flat_map(|mirror| &mirror.companies).map(|found| (found.id, found.name.as_str())).collect();
    for (company, agreements) in
        judged(facts, product, then.today).into_iter().filter(|(company, _)| concerned.contains(company))
    {
        let mut one = TriedCompany {
            id: company.0,
            name: names.get(&company).map_or_else(|| format!("company {company}"), |name| (*name).to_owned()),
            admits: Vec::new(),
            rejects: Vec::new(),
            moves: moving.contains(&company),
        };
        for plan::AgreementJudged { agreement, rejected } in agreements {
            let (AgreementId(id), name) = (agreement.id, agreement.name.clone());
            match rejected {
                None => one.admits.push(NamedOwned { id, name }),
                Some(why) => one.rejects.push(TriedAgreement { id, name, why }),
            }
        }
        trial.companies.push(one);
    }
    trial.companies.sort_by_key(|one| (!one.moves, !one.admits.is_empty(), one.name.to_lowercase(), one.id));
    trial
}

fn line_of(line: &Line, was: Option<AdditionId>) -> TriedLine {
    TriedLine {
        line: line.id.to_string(),
        account: line.account.clone(),
        product: line.product.clone(),
        before: was.map(|addition| addition.0),
        after: line.addition.map(|addition| addition.0),
    }
}
