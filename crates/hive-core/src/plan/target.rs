//! Which addition a line's quantity belongs on: never the first match.

use super::index::{Index, Pair};
use super::money;
use super::narrow::{Fixed, Narrow, Rejected};
use super::successor::{predecessors, successors};
use super::{Step, StepKind};
use crate::ids::{AdditionId, CompanyId, ItemId, ProductId};
use crate::issue::{Code, Issue};
use crate::mirror::{Addition, Agreement};
use crate::settings::TargetDate;
use jiff::civil::Date;

/// The one addition, or why there is none.
pub(super) struct Target<'a> {
    pub(super) chosen: Option<(&'a Agreement, &'a Addition)>,
    pub(super) issues: Vec<Issue>,
    pub(super) trace: Vec<Step>,
}

impl<'a> Target<'a> {
    fn chosen(one: (&'a Agreement, &'a Addition), words: String) -> Target<'a> {
        Target { chosen: Some(one), issues: Vec::new(), trace: vec![Step::new(StepKind::Target, words)] }
    }

    fn none(issues: Vec<Issue>, words: String) -> Target<'a> {
        Target { chosen: None, issues, trace: vec![Step::new(StepKind::Target, words)] }
    }
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
    pub(super) narrow: Narrow,
    ongoing: Vec<(&'a Agreement, &'a Addition)>,
    rejected: Vec<String>,
    agreements: usize,
    agreements_active: usize,
    /// Agreements that are active and meant.
    admitted: Vec<&'a Agreement>,
    /// The nearest miss of an addition: its code.
    missed: Option<Code>,
}

impl<'a> Candidates<'a> {
    /// Active agreements on the target date that a person's choice or rule admits, and their ongoing additions.
    pub(super) fn of(
        index: &Index<'a>,
        (company, item): (CompanyId, ItemId),
        product: Option<ProductId>,
    ) -> Candidates<'a> {
        let agreements = index.agreements_of.get(&company).map_or(&[][..], Vec::as_slice);
        let choices = index.choices.get(&company).map_or(&[][..], Vec::as_slice);
        let settings = &index.facts.settings;
        let mut found = Candidates {
            company,
            item,
            narrow: Narrow::of(settings, product, index.today, choices, agreements, |account| {
                index.account_name(account)
            }),
            ongoing: Vec::new(),
            rejected: Vec::new(),
            agreements: agreements.len(),
            agreements_active: 0,
            admitted: Vec::new(),
            missed: None,
        };
        let additions = index.additions_of.get(&(company, item)).map_or(&[][..], Vec::as_slice);
        for agreement in agreements {
            let day = found.narrow.day(agreement);
            let of_this = additions.iter().filter(|addition| addition.agreement == agreement.id);
            let rejected = found.narrow.rejects(agreement, day);
            found.agreements_active += usize::from(!matches!(rejected, Some(Rejected::Inactive(_))));
            if let Some(rejected) = rejected {
                let there: Vec<String> = of_this.map(|addition| addition.id.to_string()).collect();
                let there = if there.is_empty() {
                    String::new()
                } else {
                    format!(" (it holds addition {})", there.join(" and "))
                };
                found.rejected.push(format!("{}{there}", rejected.words()));
                continue;
            }
            found.admitted.push(agreement);
            for addition in of_this {
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
    pub(super) fn place(&self, index: &Index<'a>, pair: Pair) -> Option<Place<'a>> {
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
        Some(Place { admitted, beside: format!("{beside}{}", self.parent_words(index, pair)) })
    }

    /// The target of one line: its pin, else the only candidate.
    pub(super) fn target(&self, index: &Index<'a>, pair: Pair) -> Target<'a> {
        if let Some(several) = self.several_fixed(index) {
            return several;
        }
        let pin = index.pins.get(&pair).copied();
        let mut target = match (pin, self.ongoing.as_slice()) {
            (Some(pin), ongoing) => match ongoing.iter().find(|(_, addition)| addition.id == pin) {
                Some(one) => Target::chosen(
                    *one,
                    format!(
                        "pinned to addition {pin} on agreement {}{}",
                        agreement_words(index, one.0),
                        self.rejected_words()
                    ),
                ),
                None if ongoing.is_empty() => self.none(index, pair, &format!("The pinned addition {pin} is not an ongoing addition of this item.{} Pin another (hive pin … --addition ID) or take the pin back (--none). ", self.instead(index, pair, pin))),
                None => self.pinned_elsewhere(index, pair, pin),
            },
            (None, [one]) => Target::chosen(
                *one,
                format!(
                    "addition {} is the only ongoing one of {} on agreement {}{}{}",
                    one.1.id,
                    index.item_name(self.item),
                    agreement_words(index, one.0),
                    self.narrow.words(),
                    self.rejected_words(),
                ),
            ),
            (None, []) => self.none(index, pair, ""),
            (None, several) => self.ambiguous(index, pair, several),
        };
        if let Some(one) = target.chosen {
            self.tell_successor(index, pair, one, &mut target);
        }
        target
    }

    /// A name that a person fixed, and that several active agreements bear.
    fn several_fixed(&self, index: &Index<'a>) -> Option<Target<'a>> {
        let fixed = self.narrow.fixed.as_ref().filter(|_| self.admitted.len() > 1)?;
        let list: Vec<String> = self
            .admitted
            .iter()
            .map(|agreement| format!("agreement {}{}", agreement_words(index, agreement), dates(agreement)))
            .collect();
        let words = format!(
            "Account \"{}\" fixes the agreement called \"{}\", and {} active agreements of {} are called so: {}. Choose one by its id: hive settings MSP --account \"{}\" agreement=ID",
            fixed.account,
            fixed.choice,
            list.len(),
            company_name(index, self.company),
            list.join("; "),
            fixed.account,
        );
        let trace = format!("\"{}\" names {} agreements: {}", fixed.choice, list.len(), list.join("; "));
        Some(Target::none(vec![Issue::stop(Code::AgreementAmbiguous, words)], trace))
    }

    /// An addition that ends has a follower: both are named, and which is fed when.
    fn tell_successor(
        &self,
        index: &Index<'a>,
        pair: Pair,
        (agreement, addition): (&Agreement, &Addition),
        target: &mut Target<'a>,
    ) {
        let of = (self.company, self.item);
        for before in predecessors(index, of, addition) {
            let (last, from) = (date_words(before.cancelled), date_words(addition.effective));
            target.trace.push(Step::new(
                StepKind::Target,
                format!(
                    "addition {} follows addition {}, which ends on {last}: the next invoice covers it from {from}, so it is fed already now",
                    addition.id, before.id
                ),
            ));
        }
        let covered = agreement.next_invoice.filter(|next| *next > index.today);
        let Some(last) = addition.cancelled.filter(|last| covered.is_none_or(|next| *last < next)) else { return };
        let next = successors(index, of, &self.narrow, addition);
        let Some(from) = next.first().and_then(|(_, next)| next.effective) else { return };
        let names: Vec<String> = next
            .iter()
            .map(|(agreement, next)| format!("addition {} on agreement {}", next.id, agreement_words(index, agreement)))
            .collect();
        let ids: Vec<String> = next.iter().map(|(_, next)| next.id.to_string()).collect();
        let (names, ids) = (names.join(" and "), ids.join(" or "));
        let (account, product) = (index.account_name(pair.0), index.product_name(pair.1));
        let how = if index.pins.contains_key(&pair) {
            format!(
                "This line is pinned to addition {}, so it stops then until you pin the other: hive pin MSP --account \"{account}\" --product \"{product}\" --addition {ids}",
                addition.id
            )
        } else if next.len() > 1 {
            format!(
                "They are several: choose one then: hive pin MSP --account \"{account}\" --product \"{product}\" --addition {ids}"
            )
        } else if self.narrow.is_next_invoice() {
            String::new()
        } else {
            format!(
                "To feed addition {ids} already before, for the invoice that covers it: hive settings MSP --product \"{product}\" target_date=next_invoice"
            )
        };
        let words = format!(
            "Addition {} on agreement {agreement} ends on {last}, and {names} takes effect on {from}. Hive feeds addition {} through {last} and addition {ids} from {from}. {how}",
            addition.id, addition.id,
        );
        target.trace.push(Step::new(
            StepKind::Target,
            format!("addition {} ends on {last}; {names} follows from {from}", addition.id),
        ));
        target.issues.push(Issue::note(Code::AdditionSuccessor, words.trim_end()));
    }

    fn none(&self, index: &Index<'a>, pair: Pair, pin_words: &str) -> Target<'a> {
        let company = company_name(index, self.company);
        let item = index.item_name(self.item);
        let specific = self.why_no_agreement(index);
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
            self.parent_words(index, pair),
        )));
        if let (None, Some(code)) = (specific, self.missed) {
            issues.push(Issue::note(code, format!("{}.", self.rejected.join("; "))));
        }
        Target::none(issues, format!("no ongoing addition of {item}{}", self.rejected_words()))
    }

    /// Why no agreement is left, where none is.
    fn why_no_agreement(&self, index: &Index<'a>) -> Option<(Code, String)> {
        let company = company_name(index, self.company);
        if self.agreements == 0 {
            let words = format!(
                "{company} has no agreement in ConnectWise. Make one there and Sync, or link the account to the company that is billed."
            );
            return Some((Code::AgreementNone, words));
        }
        if let Some(fixed) = self.narrow.fixed.as_ref().filter(|_| self.admitted.is_empty()) {
            return Some(self.fixed_misses(index, fixed));
        }
        if self.agreements_active == 0 {
            let words = format!(
                "{company} has no active agreement: {}. Renew one in ConnectWise and Sync, or link the account to the company that is billed.",
                self.rejected.join("; ")
            );
            return Some((Code::AgreementNoneActive, words));
        }
        self.admitted.is_empty().then(|| {
            let rule = self.narrow.rule_words();
            let words =
                format!("No active agreement of {company} matches the rule {rule}: {}. Correct the rule: hive settings MSP agreement_rule=…", self.rejected.join("; "));
            (Code::AgreementNotMatchingRule, words)
        })
    }

    /// The fixed agreement is not one of the company's, or bills nothing on the day.
    fn fixed_misses(&self, index: &Index<'a>, fixed: &Fixed) -> (Code, String) {
        let Fixed { account, choice, ids } = fixed;
        let company = company_name(index, self.company);
        let all = index.agreements_of.get(&self.company).map_or(&[][..], Vec::as_slice);
        let list: Vec<String> =
            all.iter().map(|agreement| format!("{}{}", agreement_words(index, agreement), dates(agreement))).collect();
        let next = format!(
            "Choose another: hive settings MSP --account \"{account}\" agreement=ID, or take the choice back: agreement="
        );
        if ids.is_empty() {
            let words = format!(
                "Account \"{account}\" fixes agreement {choice}, which is none of the agreements of {company}: {}. {next}",
                list.join("; ")
            );
            return (Code::AgreementNotMatchingRule, words);
        }
        let why: Vec<String> = all
            .iter()
            .filter(|agreement| ids.contains(&agreement.id))
            .filter_map(|agreement| agreement.rejected_on(self.narrow.day(agreement)))
            .collect();
        let words = format!(
            "Account \"{account}\" fixes agreement {choice} of {company}, which bills nothing: {}. The company has {}. {next}",
            why.join("; "),
            list.join("; ")
        );
        (Code::AgreementNoneActive, words)
    }

    /// The pin misses, though there is something to pin to.
    fn pinned_elsewhere(&self, index: &Index<'a>, pair: Pair, pin: AdditionId) -> Target<'a> {
        let list: Vec<String> =
            self.ongoing.iter().map(|(agreement, addition)| candidate(index, agreement, addition)).collect();
        let (account, product) = (index.account_name(pair.0), index.product_name(pair.1));
        let words = format!(
            "This line is pinned to addition {pin}, which is not an ongoing addition of {} that {} may be billed on{}.{} There is {}. Pin one of them: hive pin MSP --account \"{account}\" --product \"{product}\" --addition ID, or take the pin back: --none",
            index.item_name(self.item),
            company_name(index, self.company),
            self.rejected_words(),
            self.instead(index, pair, pin),
            list.join("; "),
        );
        Target::none(
            vec![Issue::stop(Code::AdditionNone, words)],
            format!("pinned to addition {pin}, which is no candidate; there is {}", list.join("; ")),
        )
    }

    /// What follows a pinned addition that ended: proposed, never taken.
    fn instead(&self, index: &Index<'a>, pair: Pair, pin: AdditionId) -> String {
        let of = (self.company, self.item);
        let all = index.additions_of.get(&of).map_or(&[][..], Vec::as_slice);
        let Some(ended) = all.iter().find(|addition| addition.id == pin) else { return String::new() };
        let next: Vec<String> = successors(index, of, &self.narrow, ended)
            .into_iter()
            .map(|(agreement, next)| {
                format!(
                    "addition {} on agreement {} from {} (hive pin MSP --account \"{}\" --product \"{}\" --addition {})",
                    next.id,
                    agreement_words(index, agreement),
                    date_words(next.effective),
                    index.account_name(pair.0),
                    index.product_name(pair.1),
                    next.id
                )
            })
            .collect();
        if next.is_empty() {
            return String::new();
        }
        format!(" Addition {pin} ended on {}; it is followed by {}.", date_words(ended.cancelled), next.join("; "))
    }

    fn ambiguous(&self, index: &Index<'a>, pair: Pair, several: &[(&'a Agreement, &'a Addition)]) -> Target<'a> {
        let list: Vec<String> =
            several.iter().map(|(agreement, addition)| candidate(index, agreement, addition)).collect();
        let words = format!(
            "{} has {} ongoing additions of {}, and only one can be right: {}. Choose: hive pin MSP --account \"{}\" --product \"{}\" --addition ID",
            company_name(index, self.company),
            several.len(),
            index.item_name(self.item),
            list.join("; "),
            index.account_name(pair.0),
            index.product_name(pair.1),
        );
        Target::none(
            vec![Issue::stop(Code::AdditionAmbiguous, words)],
            format!("{} candidates: {}{}", several.len(), list.join("; "), self.rejected_words()),
        )
    }

    fn parent_words(&self, index: &Index<'a>, pair: Pair) -> String {
        let parent = index.companies.get(&self.company).and_then(|company| company.parent);
        let Some(parent) = parent else { return String::new() };
        let additions = index.additions_of.get(&(parent, self.item)).map_or(&[][..], Vec::as_slice);
        let ongoing = additions.iter().find(|addition| {
            let agreement = index.agreements.get(&addition.agreement);
            addition.rejected_on(index.today).is_none()
                && agreement.is_some_and(|a| a.rejected_on(index.today).is_none())
        });
        let (name, account) = (company_name(index, parent), index.account_name(pair.0));
        match ongoing {
            Some(addition) => format!(
                " Its parent {name} has one: addition {} at {}. Where the parent pays for it, link the account to the parent: hive link MSP --account \"{account}\" --company {parent} (everything that {account} uses is then billed to {name}, added to what is billed there).",
                addition.id,
                quantity_words(addition)
            ),
            None => format!(" Its parent {name} has none either."),
        }
    }

    fn rejected_words(&self) -> String {
        if self.rejected.is_empty() { String::new() } else { format!("; rejected: {}", self.rejected.join("; ")) }
    }
}

fn candidate(index: &Index<'_>, agreement: &Agreement, addition: &Addition) -> String {
    let since = addition.effective.map_or(String::new(), |effective| format!(", since {effective}"));
    let price = money::price_month(agreement, addition);
    let worth = addition.quantity.and_then(|quantity| money::worth(quantity, price));
    let worth = worth
        .map_or(String::new(), |worth| format!(", {} a month", money::words(worth, agreement.currency.as_deref())));
    format!(
        "addition {} on agreement {} at {}{since}{worth}",
        addition.id,
        agreement_words(index, agreement),
        quantity_words(addition)
    )
}

/// An agreement, and whose child it is.
fn agreement_words(index: &Index<'_>, agreement: &Agreement) -> String {
    let Some(parent) = agreement.parent else { return agreement.to_string() };
    match index.agreements.get(&parent) {
        Some(found) => format!("{agreement}, child of agreement {parent} {}", found.name),
        None => format!("{agreement}, child of agreement {parent}"),
    }
}

/// From when to when an agreement runs, and its status where that is not Active.
fn dates(agreement: &Agreement) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(agreement.start.map(|start| format!("from {start}")));
    parts.extend(agreement.end.filter(|_| !agreement.no_ending_date).map(|end| format!("until {end}")));
    parts.extend(agreement.cancelled_on.map(|on| format!("cancelled on {on}")));
    if agreement.cancelled && agreement.cancelled_on.is_none() {
        parts.push("cancelled".to_owned());
    }
    parts.extend(agreement.status.as_deref().filter(|status| *status != "Active").map(str::to_lowercase));
    if parts.is_empty() { ", no dates".to_owned() } else { format!(", {}", parts.join(", ")) }
}

fn date_words(date: Option<Date>) -> String {
    date.map_or_else(|| "a day that ConnectWise does not say".to_owned(), |date| date.to_string())
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
