//! A rule that does what people's pins do: found from the pins of a product, proposed, never saved by itself.
//!
//! **Owns:** which rule, and how many lines it would resolve.
//! **Does not own:** what a rule does to a whole plan (the trial of a rule plans with it).

use super::narrow::{Choices, choices};
use super::{Facts, Line, Plan};
use crate::ids::{AccountId, AdditionId, CompanyId, LineId, ProductId};
use crate::issue::Code;
use crate::link::{AccountTarget, ProductTarget};
use crate::mirror::{Addition, Agreement};
use crate::settings::AgreementRule;
use std::collections::{BTreeSet, HashMap};

/// Characters that a word of an agreement's name needs, to say anything.
const WORD_MIN: usize = 3;

/// A rule that is consistent with every pin of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSuggested {
    pub product: ProductId,
    /// In its one spelling.
    pub rule: String,
    /// Pins that it does the work of.
    pub pins: usize,
    /// Ambiguous lines that it resolves,
    pub resolves: usize,
    /// of so many.
    pub ambiguous: usize,
}

impl RuleSuggested {
    /// For a page or a line of the command line.
    pub fn words(&self) -> String {
        let pins = if self.pins == 1 { "the pin".to_owned() } else { format!("each of the {} pins", self.pins) };
        format!(
            "The rule {} does what {pins} of this product does, and chooses the addition of {} of {} lines that are {}.",
            self.rule,
            self.resolves,
            self.ambiguous,
            Code::AdditionAmbiguous,
        )
    }
}

/// Ongoing additions of one line, by dates alone.
type Ongoing<'a> = Vec<(&'a Agreement, AdditionId)>;

/// The simplest rule that chooses what every pin of `product` chose, resolves more than half of its
/// ambiguous lines, and leaves every other line its addition. By type first, then by a word of the name.
pub fn suggest_rule(facts: &Facts, plan: &Plan, product: ProductId) -> Option<RuleSuggested> {
    let lines: Vec<&Line> = plan.lines.iter().filter(|line| line.id.product == product).collect();
    let is_ambiguous = |line: &Line| line.issues.iter().any(|issue| issue.code == Code::AdditionAmbiguous);
    if !lines.iter().any(|line| is_ambiguous(line)) {
        return None;
    }
    let pins: HashMap<LineId, AdditionId> = facts
        .pins
        .iter()
        .filter(|pin| pin.product == product)
        .map(|pin| (LineId { account: pin.account, product }, pin.addition))
        .collect();
    let found = Found::of(facts, plan, product)?;
    let mut pinned: Vec<(&Agreement, Ongoing<'_>)> = Vec::new();
    let mut settled: Vec<(AdditionId, Ongoing<'_>)> = Vec::new();
    let mut ambiguous: Vec<Ongoing<'_>> = Vec::new();
    for line in lines.into_iter().filter(|line| !found.is_fixed(line.id)) {
        let ongoing = found.ongoing(line.id);
        match (pins.get(&line.id), line.addition) {
            (Some(pin), _) => {
                // A pin to what has ended says nothing about the others.
                if let Some((agreement, _)) = ongoing.iter().find(|(_, addition)| addition == pin) {
                    pinned.push((agreement, ongoing));
                }
            }
            (None, Some(addition)) => settled.push((addition, ongoing)),
            (None, None) if is_ambiguous(line) => ambiguous.push(ongoing),
            (None, None) => {}
        }
    }
    let fits = |rule: &AgreementRule| {
        pinned.iter().all(|(agreement, ongoing)| chooses(rule, ongoing).is_some_and(|one| one.0.id == agreement.id))
            && settled.iter().all(|(addition, ongoing)| chooses(rule, ongoing).is_some_and(|one| one.1 == *addition))
    };
    let mut best: Option<RuleSuggested> = None;
    for rule in rules(&pinned).iter().filter(|rule| fits(rule)) {
        let resolves = ambiguous.iter().filter(|ongoing| chooses(rule, ongoing).is_some()).count();
        let better = best.as_ref().is_none_or(|best| resolves > best.resolves);
        if better && resolves * 2 > ambiguous.len() {
            let (pins, ambiguous) = (pinned.len(), ambiguous.len());
            best = Some(RuleSuggested { product, rule: rule.to_string(), pins, resolves, ambiguous });
        }
    }
    best
}

/// The one addition that a rule leaves.
fn chooses<'a>(rule: &AgreementRule, ongoing: &[(&'a Agreement, AdditionId)]) -> Option<(&'a Agreement, AdditionId)> {
    let mut left = ongoing.iter().filter(|(agreement, _)| rule.admits(agreement));
    let one = left.next()?;
    left.next().is_none().then_some(*one)
}

/// The rules to try, the simplest first: the one type of all pinned agreements, then each word that all their
/// names share.
fn rules(pinned: &[(&Agreement, Ongoing<'_>)]) -> Vec<AgreementRule> {
    let types: BTreeSet<&str> =
        pinned.iter().map(|(agreement, _)| agreement.agreement_type.as_deref().unwrap_or_default()).collect();
    let mut texts: Vec<String> = Vec::new();
    if let (1, Some(of)) = (types.len(), types.first()) {
        texts.push(format!("type={of}"));
    }
    let words = |name: &str| -> Vec<String> {
        let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= WORD_MIN);
        words.map(str::to_owned).collect()
    };
    if let Some(((first, _), rest)) = pinned.split_first() {
        let all: Vec<Vec<String>> = rest.iter().map(|(agreement, _)| words(&agreement.name.to_lowercase())).collect();
        let shared = |word: &String| all.iter().all(|words| words.contains(&word.to_lowercase()));
        texts.extend(words(&first.name).into_iter().filter(shared).map(|word| format!("name~{word}")));
    }
    texts.iter().filter_map(|text| AgreementRule::parse(text).ok()).collect()
}

/// The mirror's records of one item, by company.
struct Found<'a> {
    companies: HashMap<AccountId, CompanyId>,
    /// Where a person fixed an agreement no rule is asked.
    fixed: Choices,
    by_company: HashMap<CompanyId, Ongoing<'a>>,
}

impl<'a> Found<'a> {
    fn of(facts: &'a Facts, plan: &Plan, product: ProductId) -> Option<Found<'a>> {
        let mirror = facts.mirror.as_ref()?;
        let link = facts.product_links.iter().find(|link| link.product == product)?;
        let ProductTarget::Item(item) = link.target else { return None };
        let agreements: HashMap<_, &Agreement> = mirror.agreements.iter().map(|found| (found.id, found)).collect();
        let target_date = facts.settings.target_date(product);
        let mut by_company: HashMap<CompanyId, Ongoing<'a>> = HashMap::new();
        let of_item = |addition: &&Addition| -> bool { addition.item == item };
        for addition in mirror.additions.iter().filter(of_item) {
            let Some(agreement) = agreements.get(&addition.agreement) else { continue };
            let day = super::judged_on(agreement, plan.today, target_date);
            if agreement.rejected_on(day).is_none() && addition.rejected_on(day).is_none() {
                by_company.entry(agreement.company).or_default().push((agreement, addition.id));
            }
        }
        let companies = facts.account_links.iter().filter_map(|link| match link.target {
            AccountTarget::Company(company) => Some((link.account, company)),
            AccountTarget::Ignored => None,
        });
        Some(Found { companies: companies.collect(), fixed: choices(facts), by_company })
    }

    fn is_fixed(&self, line: LineId) -> bool {
        self.companies.get(&line.account).is_some_and(|company| self.fixed.contains_key(company))
    }

    fn ongoing(&self, line: LineId) -> Ongoing<'a> {
        let company = self.companies.get(&line.account);
        company.and_then(|company| self.by_company.get(company)).cloned().unwrap_or_default()
    }
}
