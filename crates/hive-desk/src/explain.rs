//! One number's proof: the rule it was made by and who set it last, what a run planned for it, what was sent.
//!
//! **Owns:** the version of a rule, the story of a past push.
//! **Does not own:** the steps from samples to quantity (the plan's trace).

use crate::{Desk, Refused};
use hive_core::plan::{Line, Mark, looked_at};
use hive_core::{LineId, PlanId, ProductId, RunId, Timestamp};
use hive_store::{AuditRow, Msp, ReportLine, RunRow, Sent, Wrote};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Writes that an explanation lists.
const WROTE_MAX: i64 = 20;

/// The rule of a product link, as it stands or stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleVersion {
    /// The first 8 hex digits of the sha256 of its text: the same rule has the same version everywhere.
    pub version: String,
    /// Its text: item, unit, and every setting that shapes it.
    pub rule: String,
    /// Since when it stands, and who set it last.
    pub set: Option<(Timestamp, String)>,
}

/// What a run planned and did about one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedRun {
    pub run: RunRow,
    /// `None` for an undo, which has none of its own.
    pub plan: Option<PlanId>,
    /// When that plan was made last: one with the same numbers takes its place.
    pub made_at: Option<Timestamp>,
    /// The line with its steps, as that run had it.
    pub line: Line,
    /// What became of it.
    pub report: Option<ReportLine>,
    /// What was sent, and what was learnt of it.
    pub sent: Vec<Sent>,
    /// The rule it was pushed by; `None` where it was not live and not pushed.
    pub rule: Option<RuleVersion>,
}

impl Desk {
    /// The rule that a product is billed by now; `None` where it is mapped to no item.
    pub async fn rule_version(&self, msp: &Msp, product: ProductId) -> Result<Option<RuleVersion>, Refused> {
        let facts = self.store.facts_of_rules(msp.id).await?;
        let Some(rule) = looked_at(&facts).remove(&product) else { return Ok(None) };
        let log = self.store.rule_audit(msp.id).await?;
        Ok(Some(version(product, rule, &log, Timestamp::MAX)))
    }

    /// What Hive wrote into the addition of a line, the newest first.
    pub async fn wrote(&self, msp: &Msp, line: &Line) -> Result<Vec<Wrote>, Refused> {
        match line.addition {
            Some(addition) => Ok(self.store.wrote(msp.id, addition, WROTE_MAX).await?),
            None => Ok(Vec::new()),
        }
    }

    /// What a run planned for one line, what it sent and what came of it.
    pub async fn explain_run(&self, msp: &Msp, run: RunId, id: LineId) -> Result<ExplainedRun, Refused> {
        let none = |words: String| Err(Refused::NotFound(words));
        let Some(row) = self.store.run(msp.id, run).await? else {
            return none(format!("{} has no run {run}; hive runs \"{}\" lists them", msp.name, msp.name));
        };
        let report = self.store.report_of_line(msp.id, run, id).await?;
        let planned = match &row.plan {
            Some(plan) => self.store.plan_line(msp.id, plan, id).await?,
            None => None,
        };
        let (made_at, line) = match (planned, &report) {
            (Some((made_at, line)), _) => (Some(made_at), line),
            // An undo plans nothing: it is another run turned round.
            (None, Some(report)) => (None, without_plan(report)),
            (None, None) => {
                let (account, product) =
                    (self.account_of(msp, id.account).await?, self.product_of(msp, id.product).await?);
                return none(format!("{} x {} was no line of run {run}", account.name, product.name));
            }
        };
        let sent = match line.addition {
            Some(addition) => self.store.sent(msp.id, run, addition).await?,
            None => Vec::new(),
        };
        let rule = if line.live || !sent.is_empty() {
            self.rule_at(msp, id.product, row.ended_at.unwrap_or(Timestamp::MAX)).await?
        } else {
            None
        };
        Ok(ExplainedRun { plan: row.plan.clone(), run: row, made_at, line, report, sent, rule })
    }

    /// The rule that a product was live by at a moment.
    async fn rule_at(&self, msp: &Msp, product: ProductId, at: Timestamp) -> Result<Option<RuleVersion>, Refused> {
        let log = self.store.rule_audit(msp.id).await?;
        let begins = format!("product {product} by ");
        let went = log.iter().rfind(|row| {
            row.what == "product.go_live" && row.at <= at && row.subject.starts_with(&begins) && row.after.is_some()
        });
        Ok(went.map(|row| version(product, row.after.clone().unwrap_or_default(), &log, row.at)))
    }
}

/// What a report knows of a line that no plan tells of.
fn without_plan(report: &ReportLine) -> Line {
    Line {
        id: report.line,
        account: report.account.clone(),
        product: report.product.clone(),
        company: None,
        agreement: None,
        addition: report.addition,
        now: report.from,
        next: report.to,
        part: None,
        money_month: None,
        currency: None,
        mark: Mark::Change,
        live: false,
        issues: Vec::new(),
        trace: Vec::new(),
    }
}

/// The version of a rule's text, and who made it what it was at a moment.
fn version(product: ProductId, rule: String, log: &[AuditRow], at: Timestamp) -> RuleVersion {
    let digest = Sha256::digest(rule.as_bytes());
    let version = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let set = last_set(product, &rule, log, at);
    RuleVersion { version, rule, set }
}

/// The last change that the rule could come from: of the link, of a setting of the product, or of the MSP's
/// where the product has none of its own.
fn last_set(product: ProductId, rule: &str, log: &[AuditRow], at: Timestamp) -> Option<(Timestamp, String)> {
    let keys: BTreeSet<&str> = rule.split(';').filter_map(|part| part.split_once('=')).map(|(key, _)| key).collect();
    let of_product = format!(" product {product}");
    let (mut own, mut last) = (BTreeSet::new(), None);
    for row in log.iter().take_while(|row| row.at <= at) {
        let counts = match row.what.as_str() {
            "product.link" => row.subject == product.to_string(),
            "setting.set" => match row.subject.strip_suffix(&of_product) {
                Some(key) => {
                    if row.after.is_some() {
                        own.insert(key);
                    } else {
                        own.remove(key);
                    }
                    keys.contains(key)
                }
                None => keys.contains(row.subject.as_str()) && !own.contains(row.subject.as_str()),
            },
            _ => false,
        };
        if counts {
            last = Some((row.at, row.who.clone()));
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(seq: i64, what: &str, subject: &str, after: Option<&str>) -> AuditRow {
        AuditRow {
            seq,
            at: Timestamp::from_second(seq).unwrap(),
            who: format!("user:{seq}"),
            what: what.to_owned(),
            subject: subject.to_owned(),
            before: None,
            after: after.map(str::to_owned),
            hash: String::new(),
        }
    }

    #[test]
    fn who_set_a_rule_last_is_whose_change_it_comes_from() {
        let log = [
            row(1, "product.link", "7", Some("item 5")),
            row(2, "setting.set", "mode", Some("quota_bracket")),
            row(3, "setting.set", "mode product 7", Some("actual")),
            row(4, "setting.set", "mode", Some("actual")),
            row(5, "setting.set", "drop_percent", Some("10")),
            row(6, "setting.set", "minimum product 8", Some("1")),
            row(7, "setting.set", "mode account 7", Some("actual")),
            row(8, "setting.set", "mode product 7", None),
            row(9, "setting.set", "mode", Some("quota_bracket")),
        ];
        let rule = "item=5;unit=1 GB;classes=default;minimum=;mode=actual";
        let who = |at: i64| {
            let at = Timestamp::from_second(at).unwrap();
            version(ProductId(7), rule.to_owned(), &log, at).set.map(|(_, who)| who)
        };
        let expected = [(0, None), (1, Some("user:1")), (2, Some("user:2")), (7, Some("user:3")), (9, Some("user:9"))];
        for (at, expected) in expected {
            assert_eq!(who(at).as_deref(), expected, "{at}");
        }
        let of = |rule: &str| version(ProductId(7), rule.to_owned(), &[], Timestamp::MAX).version;
        assert_eq!((of("item=5"), of("item=5").len()), (of("item=5"), 8));
        assert_ne!(of("item=5"), of("item=6"));
    }
}
