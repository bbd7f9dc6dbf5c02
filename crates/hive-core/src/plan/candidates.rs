//! Every addition that a line could be billed on, chosen or not, and why.
//!
//! **Limits on purpose:** worked out when somebody asks about one line; a plan does not carry them.

use super::Facts;
use super::narrow::{Narrow, Rejected, choices};
use crate::ids::{AccountId, AdditionId, AgreementId, CompanyId, ItemId, LineId, ProductId};
use crate::issue::Code;
use crate::link::{AccountTarget, ProductTarget};
use crate::mirror::{Addition, Agreement, Company};
use crate::settings::AgreementChoice;
use crate::usage::Account;
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap};

/// One addition of the line's item on an agreement of its company.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate<'a> {
    pub agreement: &'a Agreement,
    /// The agreement that this one is a child of.
    pub parent: Option<&'a Agreement>,
    pub addition: &'a Addition,
    /// The line is billed on it.
    pub chosen: bool,
    /// Ongoing, and admitted by what people fixed or ruled: a pin may choose it.
    pub possible: bool,
    /// The line is pinned to it, whether it may be or not.
    pub pinned: bool,
    /// The line's pin ended, and this addition goes on for it.
    pub follows_pin: bool,
    /// Why it is chosen, or why not.
    pub why: String,
}

/// The candidates of one line, in the order of agreements and additions; empty where a link is missing.
pub fn candidates(facts: &Facts, line: LineId, today: Date) -> Vec<Candidate<'_>> {
    let Some((company, item)) = linked(facts, line) else { return Vec::new() };
    let Some(mirror) = &facts.mirror else { return Vec::new() };
    let mut agreements: Vec<&Agreement> = mirror.agreements.iter().filter(|found| found.company == company).collect();
    agreements.sort_by_key(|agreement| agreement.id);
    let choices = choices_of(facts, company);
    // Few accounts fix an agreement: their names are looked for one by one.
    let name = |account: AccountId| {
        let found = facts.accounts.iter().find(|known| known.id == account);
        found.map_or("(unknown account)", |account| account.name.as_str())
    };
    let narrow = Narrow::of(&facts.settings, Some(line.product), today, &choices, &agreements, name);
    let pin = facts.pins.iter().find(|pin| (pin.account, pin.product) == (line.account, line.product));
    let pin = pin.map(|pin| pin.addition);
    let of_item: Vec<&Addition> = mirror.additions.iter().filter(|addition| addition.item == item).collect();
    let mut found = Vec::new();
    let mut admitted = 0;
    for agreement in &agreements {
        let day = narrow.day(agreement);
        let rejected = narrow.rejects(agreement, day).map(Rejected::words);
        admitted += usize::from(rejected.is_none());
        let parent = agreement.parent.and_then(|id| mirror.agreements.iter().find(|found| found.id == id));
        let mut additions: Vec<&Addition> =
            of_item.iter().filter(|addition| addition.agreement == agreement.id).copied().collect();
        additions.sort_by_key(|addition| addition.id);
        for addition in additions {
            let why = rejected.clone().or_else(|| addition.rejected_on(day));
            found.push(Candidate {
                agreement,
                parent,
                addition,
                chosen: false,
                possible: why.is_none(),
                pinned: pin == Some(addition.id),
                follows_pin: false,
                why: why.unwrap_or_default(),
            });
        }
    }
    let several = narrow.fixed.is_some() && admitted > 1;
    decide(&mut found, pin, several, &narrow);
    follow(&mut found, pin, &narrow);
    found
}

/// Which of those that could be it is, and in what words.
fn decide(found: &mut [Candidate<'_>], pin: Option<AdditionId>, several_fixed: bool, narrow: &Narrow) {
    let possible = found.iter().filter(|one| one.possible).count();
    for one in found.iter_mut().filter(|one| one.possible) {
        (one.chosen, one.why) = match pin {
            _ if several_fixed => {
                (false, format!("several agreements bear the name that was fixed ({})", Code::AgreementAmbiguous))
            }
            Some(pin) if pin == one.addition.id => (true, "pinned".to_owned()),
            Some(pin) => (false, format!("the line is pinned to addition {pin}")),
            None if possible == 1 => (true, format!("the only ongoing one{}", narrow.words())),
            None => {
                (false, format!("one of {possible} ongoing additions: a rule or a pin must choose{}", narrow.words()))
            }
        };
    }
}

/// What follows a pinned addition that ended.
fn follow(found: &mut [Candidate<'_>], pin: Option<AdditionId>, narrow: &Narrow) {
    let ended = found.iter().find(|one| Some(one.addition.id) == pin && !one.possible);
    let Some(last) = ended.and_then(|one| one.addition.cancelled) else { return };
    let from = |one: &Candidate<'_>| {
        let from = one.addition.effective.filter(|from| *from > last)?;
        let bills = one.addition.rejected_on(from).is_none() && narrow.rejects(one.agreement, from).is_none();
        bills.then_some(from)
    };
    let first = found.iter().filter_map(from).min();
    for one in found.iter_mut().filter(|one| first.is_some() && from(one) == first) {
        one.follows_pin = true;
    }
}

/// An agreement of a company, and why it does not count.
#[derive(Clone, Debug, PartialEq)]
pub struct AgreementJudged<'a> {
    pub agreement: &'a Agreement,
    /// `None`: it counts.
    pub rejected: Option<String>,
}

/// The agreements of every linked company, each judged for one product (without one: for the MSP) by its
/// dates, by what is fixed and by the rule.
pub fn judged(facts: &Facts, product: Option<ProductId>, today: Date) -> BTreeMap<CompanyId, Vec<AgreementJudged<'_>>> {
    let Some(mirror) = &facts.mirror else { return BTreeMap::new() };
    let mut by_company: BTreeMap<CompanyId, Vec<&Agreement>> = BTreeMap::new();
    for link in &facts.account_links {
        if let AccountTarget::Company(company) = link.target {
            by_company.entry(company).or_default();
        }
    }
    for agreement in &mirror.agreements {
        if let Some(of_company) = by_company.get_mut(&agreement.company) {
            of_company.push(agreement);
        }
    }
    let names: HashMap<AccountId, &Account> = facts.accounts.iter().map(|account| (account.id, account)).collect();
    let fixed = choices(facts);
    let mut all = BTreeMap::new();
    for (company, mut agreements) in by_company {
        agreements.sort_by_key(|agreement| agreement.id);
        let choices = fixed.get(&company).map_or(&[][..], Vec::as_slice);
        let narrow = Narrow::of(&facts.settings, product, today, choices, &agreements, |account| {
            names.get(&account).map_or("(unknown account)", |account| account.name.as_str())
        });
        let judge = |agreement| AgreementJudged {
            agreement,
            rejected: narrow.rejects(agreement, narrow.day(agreement)).map(Rejected::words),
        };
        all.insert(company, agreements.iter().copied().map(judge).collect());
    }
    all
}

/// The parent of the line's company, where it has an ongoing addition of the item on `today`: what a person
/// may link the account to instead.
pub fn parent_with_addition(facts: &Facts, line: LineId, today: Date) -> Option<(&Company, &Agreement, &Addition)> {
    let (company, item) = linked(facts, line)?;
    let mirror = facts.mirror.as_ref()?;
    let parent = mirror.companies.iter().find(|found| found.id == company)?.parent?;
    let parent = mirror.companies.iter().find(|found| found.id == parent && !found.deleted)?;
    let active = |agreement: &&Agreement| agreement.company == parent.id && agreement.rejected_on(today).is_none();
    let agreements: BTreeMap<AgreementId, &Agreement> =
        mirror.agreements.iter().filter(active).map(|agreement| (agreement.id, agreement)).collect();
    let ongoing = mirror.additions.iter().filter(|addition| addition.item == item);
    let ongoing = ongoing.filter(|addition| addition.rejected_on(today).is_none());
    let first = ongoing.filter(|addition| agreements.contains_key(&addition.agreement)).min_by_key(|one| one.id)?;
    Some((parent, agreements.get(&first.agreement)?, first))
}

fn linked(facts: &Facts, line: LineId) -> Option<(CompanyId, ItemId)> {
    let account = facts.account_links.iter().find(|link| link.account == line.account)?;
    let product = facts.product_links.iter().find(|link| link.product == line.product)?;
    match (account.target, product.target) {
        (AccountTarget::Company(company), ProductTarget::Item(item)) => Some((company, item)),
        (AccountTarget::Ignored, _) | (_, ProductTarget::Ignored) => None,
    }
}

/// What the accounts of one company fix.
fn choices_of(facts: &Facts, company: CompanyId) -> Vec<(AccountId, AgreementChoice)> {
    let links = facts.account_links.iter().filter(|link| link.target == AccountTarget::Company(company));
    let mut choices: Vec<(AccountId, AgreementChoice)> =
        links.filter_map(|link| Some((link.account, facts.settings.agreement(link.account)?))).collect();
    choices.sort();
    choices
}
