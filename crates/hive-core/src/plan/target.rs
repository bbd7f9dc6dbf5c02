//! Which addition a line's quantity belongs on: never the first match.

use super::index::{Index, Pair};
use super::money;
use super::{Step, StepKind};
use crate::ids::{AdditionId, CompanyId, ItemId};
use crate::issue::{Code, Issue};
use crate::mirror::{Addition, Agreement};
use crate::settings::{AgreementRule, TargetDate};
use jiff::civil::Date;

/// The one addition, or why there is none.
pub(super) struct Target<'a> {
    pub(super) chosen: Option<(&'a Agreement, &'a Addition)>,
    pub(super) issues: Vec<Issue>,
    pub(super) trace: Vec<Step>,
}

/// Where an addition that is missing could be created.
pub(super) struct Place<'a> {
    /// Active agreements of the company that the rule admits.
    pub(super) admitted: Vec<&'a Agreement>,
    /// What else of the item there is, in words: over, elsewhere, at the parent company.
    pub(super) beside: String,
}

/// Everything of a company that could bill an item.
pub(super) struct Candidates<'a> {
    company: CompanyId,
    item: ItemId,
    rule: Option<AgreementRule>,
    ongoing: Vec<(&'a Agreement, &'a Addition)>,
    rejected: Vec<String>,
    agreements: usize,
    agreements_active: usize,
    agreements_admitted: usize,
    admitted: Vec<&'a Agreement>,
    /// The nearest miss of an addition: its code.
    missed: Option<Code>,
}

impl<'a> Candidates<'a> {
    /// Active agreements on the target date that the rule admits, and their ongoing additions.
    pub(super) fn of(
        index: &Index<'a>,
        (company, item): (CompanyId, ItemId),
        rule: Option<AgreementRule>,
        target_date: TargetDate,
    ) -> Candidates<'a> {
        let agreements = index.agreements_of.get(&company).map_or(&[][..], Vec::as_slice);
        let mut found = Candidates {
            company,
            item,
            rule,
            ongoing: Vec::new(),
            rejected: Vec::new(),
            agreements: agreements.len(),
            agreements_active: 0,
            agreements_admitted: 0,
            admitted: Vec::new(),
            missed: None,
        };
        let additions = index.additions_of.get(&(company, item)).map_or(&[][..], Vec::as_slice);
        for agreement in agreements {
            let day = judged_on(agreement, index.today, target_date);
            if let Some(why) = agreement.rejected_on(day) {
                found.rejected.push(why);
                continue;
            }
            found.agreements_active += 1;
            if let Some(rule) = found.rule.as_ref().filter(|rule| !rule.admits(agreement)) {
                found.rejected.push(format!("agreement {agreement} does not match the rule {rule}"));
                continue;
            }
            found.agreements_admitted += 1;
            found.admitted.push(agreement);
            for addition in additions.iter().filter(|addition| addition.agreement == agreement.id) {
                found.judge(agreement, addition, day);
            }
        }
        found
    }

    fn judge(&mut self, agreement: &'a Agreement, addition: &'a Addition, day: Date) {
        let Some(why) = addition.rejected_on(day) else {
            self.ongoing.push((agreement, addition));
            return;
        };
        let future = addition.effective.is_some_and(|effective| effective > day);
        self.missed = Some(if future { Code::AdditionFuture } else { Code::AdditionCancelled });
        self.rejected.push(format!("{why} (on agreement {agreement})"));
    }

    /// Where the item's addition could be created: `None` while one of it may bill, now or later, on an
    /// agreement that is admitted.
    pub(super) fn place(&self, index: &Index<'a>) -> Option<Place<'a>> {
        let additions = index.additions_of.get(&(self.company, self.item)).map_or(&[][..], Vec::as_slice);
        let here = |addition: &&&Addition| self.admitted.iter().any(|agreement| agreement.id == addition.agreement);
        let over = |addition: &Addition| addition.cancelled.is_some_and(|last| last < index.today);
        if !self.ongoing.is_empty() || additions.iter().filter(here).any(|addition| !over(addition)) {
            return None;
        }
        let say = |addition: &&Addition| {
            let of = index.agreements.get(&addition.agreement).map_or_else(String::new, ToString::to_string);
            let over = addition.cancelled.map_or(String::new(), |last| format!(", cancelled as of {last}"));
            format!(" There is addition {} at {} on agreement {of}{over}.", addition.id, quantity_words(addition))
        };
        let beside: String = additions.iter().map(say).collect();
        // An active agreement must be so today, not only when its next invoice comes.
        let admitted = self.admitted.iter().copied().filter(|a| a.rejected_on(index.today).is_none()).collect();
        Some(Place { admitted, beside: format!("{beside}{}", self.parent_words(index)) })
    }

    /// The target of one line: its pin, else the only candidate.
    pub(super) fn target(&self, index: &Index<'a>, pair: Pair) -> Target<'a> {
        if let Some(pin) = index.pins.get(&pair) {
            let pinned = self.ongoing.iter().find(|(_, addition)| addition.id == *pin);
            return match pinned {
                Some((agreement, addition)) => Target {
                    chosen: Some((agreement, addition)),
                    issues: Vec::new(),
                    trace: vec![Step::new(StepKind::Target, format!("pinned to addition {pin} on agreement {agreement}"))],
                },
                None if self.ongoing.is_empty() => self.none(index, &format!("The pinned addition {pin} is not an ongoing addition of this item. Pin another (hive pin … --addition ID) or take the pin back (--none). ")),
                None => self.pinned_elsewhere(index, pair, *pin),
            };
        }
        match self.ongoing.as_slice() {
            [(agreement, addition)] => Target {
                chosen: Some((agreement, addition)),
                issues: Vec::new(),
                trace: vec![Step::new(
                    StepKind::Target,
                    format!(
                        "addition {} is the only ongoing one of {} on agreement {agreement}{}",
                        addition.id,
                        index.item_name(self.item),
                        self.rejected_words(),
                    ),
                )],
            },
            [] => self.none(index, ""),
            several => self.ambiguous(index, pair, several),
        }
    }

    fn none(&self, index: &Index<'a>, pin_words: &str) -> Target<'a> {
        let company = company_name(index, self.company);
        let item = index.item_name(self.item);
        let specific = if self.agreements == 0 {
            Some((Code::AgreementNone, format!("{company} has no agreement in ConnectWise.")))
        } else if self.agreements_active == 0 {
            Some((
                Code::AgreementNoneActive,
                format!("{company} has no active agreement: {}.", self.rejected.join("; ")),
            ))
        } else if self.agreements_admitted == 0 {
            let rule = self.rule.as_ref().map(ToString::to_string).unwrap_or_default();
            Some((
                Code::AgreementNotMatchingRule,
                format!("No active agreement of {company} matches the rule {rule}: {}.", self.rejected.join("; ")),
            ))
        } else {
            None
        };
        let mut issues = Vec::new();
        // The cause first: without an active agreement an addition would not help.
        if let Some((code, words)) = specific.clone() {
            issues.push(Issue::stop(code, words));
        }
        let candidates = if self.rejected.is_empty() {
            "There is no candidate".to_owned()
        } else {
            format!("Rejected: {}", self.rejected.join("; "))
        };
        issues.push(Issue::stop(Code::AdditionNone, format!(
            "{pin_words}{company} has no ongoing addition of {item}, so there is nothing to write on. {candidates}.{} Add it in ConnectWise and Sync, or correct the link.",
            self.parent_words(index),
        )));
        if let (None, Some(code)) = (specific, self.missed) {
            issues.push(Issue::note(code, format!("{}.", self.rejected.join("; "))));
        }
        let trace =
            vec![Step::new(StepKind::Target, format!("no ongoing addition of {item}{}", self.rejected_words()))];
        Target { chosen: None, issues, trace }
    }

    /// The pin misses, though there is something to pin to.
    fn pinned_elsewhere(&self, index: &Index<'a>, (account, product): Pair, pin: AdditionId) -> Target<'a> {
        let list: Vec<String> =
            self.ongoing.iter().map(|(agreement, addition)| candidate(agreement, addition)).collect();
        let (account, product) = (index.account_name(account), index.product_name(product));
        let words = format!(
            "This line is pinned to addition {pin}, which is not an ongoing addition of {} that {} may be billed on{}. There is {}. Pin one of them: hive pin MSP --account \"{account}\" --product \"{product}\" --addition ID, or take the pin back: --none",
            index.item_name(self.item),
            company_name(index, self.company),
            self.rejected_words(),
            list.join("; "),
        );
        Target {
            chosen: None,
            issues: vec![Issue::stop(Code::AdditionNone, words)],
            trace: vec![Step::new(
                StepKind::Target,
                format!("pinned to addition {pin}, which is no candidate; there is {}", list.join("; ")),
            )],
        }
    }

    fn ambiguous(&self, index: &Index<'a>, pair: Pair, several: &[(&'a Agreement, &'a Addition)]) -> Target<'a> {
        let list: Vec<String> = several.iter().map(|(agreement, addition)| candidate(agreement, addition)).collect();
        let words = format!(
            "{} has {} ongoing additions of {}, and only one can be right: {}. Choose: hive pin MSP --account \"{}\" --product \"{}\" --addition ID",
            company_name(index, self.company),
            several.len(),
            index.item_name(self.item),
            list.join("; "),
            index.account_name(pair.0),
            index.product_name(pair.1),
        );
        Target {
            chosen: None,
            trace: vec![Step::new(StepKind::Target, format!("{} candidates: {}", several.len(), list.join("; ")))],
            issues: vec![Issue::stop(Code::AdditionAmbiguous, words)],
        }
    }

    fn parent_words(&self, index: &Index<'a>) -> String {
        let parent = index.companies.get(&self.company).and_then(|company| company.parent);
        let Some(parent) = parent else { return String::new() };
        let additions = index.additions_of.get(&(parent, self.item)).map_or(&[][..], Vec::as_slice);
        let ongoing = additions.iter().find(|addition| {
            let agreement = index.agreements.get(&addition.agreement);
            addition.rejected_on(index.today).is_none()
                && agreement.is_some_and(|a| a.rejected_on(index.today).is_none())
        });
        match ongoing {
            Some(addition) => format!(
                " Its parent {} has one: addition {} at {}.",
                company_name(index, parent),
                addition.id,
                quantity_words(addition)
            ),
            None => format!(" Its parent {} has none either.", company_name(index, parent)),
        }
    }

    fn rejected_words(&self) -> String {
        if self.rejected.is_empty() { String::new() } else { format!("; rejected: {}", self.rejected.join("; ")) }
    }
}

fn candidate(agreement: &Agreement, addition: &Addition) -> String {
    let since = addition.effective.map_or(String::new(), |effective| format!(", since {effective}"));
    let price = money::price_month(agreement, addition);
    let worth = addition.quantity.and_then(|quantity| money::worth(quantity, price));
    let worth = worth
        .map_or(String::new(), |worth| format!(", {} a month", money::words(worth, agreement.currency.as_deref())));
    format!("addition {} on agreement {agreement} at {}{since}{worth}", addition.id, quantity_words(addition))
}

fn quantity_words(addition: &Addition) -> String {
    addition.quantity.map_or_else(|| "an unreadable quantity".to_owned(), |quantity| quantity.to_string())
}

/// The company as a clerk knows it.
pub(super) fn company_name(index: &Index<'_>, company: CompanyId) -> String {
    let Some(found) = index.companies.get(&company) else { return format!("company {company}") };
    format!("{} ({company})", found.name)
}

/// The day a target is judged on: today, or the first day that the next invoice covers.
pub fn judged_on(agreement: &Agreement, today: Date, target_date: TargetDate) -> Date {
    match target_date {
        TargetDate::Today => today,
        TargetDate::NextInvoice => agreement.next_invoice.filter(|next| *next > today).unwrap_or(today),
    }
}
