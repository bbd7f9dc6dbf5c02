//! Matching: which company an account may be, and which catalog item a product.
//!
//! **Owns:** suggestions with a score and a reason, and the few pairs that nobody can mistake.
//! **Does not own:** links. A suggestion is a row for a person to look at; only what
//! [`unmistakable`] returns may be linked without one.
//! **Limits on purpose:** no learning, no weights to tune, no network. A name is compared after
//! [`name`] has normalised it; what is only similar is never linked by itself.

use crate::ids::{AccountId, CompanyId, ItemId, ProductId};
use crate::mirror::{CatalogItem, Company};
use crate::usage::{Account, Product};
use compare::{Verdict, names, texts};
use index::Grams;
use name::Name;
use std::collections::{BTreeMap, BTreeSet};

mod compare;
mod index;
mod name;

/// Suggestions for one account or product.
const SUGGESTIONS_MAX: usize = 5;
/// The score below which a suggestion only costs a clerk's time.
const SCORE_MIN: u8 = 60;
/// Candidates that the index hands over for a second, careful look.
const CANDIDATES_MAX: usize = 24;

/// Two records that may be the same thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion<A, B> {
    pub hive: A,
    pub connectwise: B,
    /// 0 to 100.
    pub score: u8,
    /// Why, in words for a clerk.
    pub reason: String,
}

/// Companies that each account may be: accounts in the order of their ids, best first, at most
/// five, never a deleted company nor a rejected pair. What is passed is what is compared: a caller
/// that wants free companies only leaves the linked ones out.
pub fn suggest_accounts(
    accounts: &[&Account],
    companies: &[&Company],
    rejected: &BTreeSet<(AccountId, CompanyId)>,
) -> Vec<Suggestion<AccountId, CompanyId>> {
    let companies: Vec<(&Company, CompanyNames)> = by_id(companies, |company| company.id)
        .filter(|company| !company.deleted)
        .map(|company| (company, CompanyNames::of(company)))
        .collect();
    let index = Grams::of(companies.iter().map(|(_, company)| company.keys()));
    let mut all = Vec::new();
    for account in by_id(accounts, |account| account.id) {
        let wanted = Name::read(&account.name);
        let near = index.nearest(&wanted.keys(), CANDIDATES_MAX);
        let rescored = near.into_iter().filter_map(|place| {
            let (company, found) = &companies[place];
            let verdict = found.compare(&account.name, &wanted, &company.name);
            let fits = verdict.score >= SCORE_MIN && !rejected.contains(&(account.id, company.id));
            fits.then_some((company.id, verdict))
        });
        all.extend(best(account.id, rescored.collect()));
    }
    all
}

/// Accounts and companies that are the same beyond doubt: equal after normalising, legal form
/// included where both carry one, and exactly one candidate on both sides.
///
/// Ambiguity is judged among the records that are passed and not deleted. So pass *all* accounts
/// that are not ignored and *all* companies, linked ones too, and drop the pairs of which one side is
/// linked already: a name that is linked once and free once is then left to a person. With the free
/// records alone, the twin of a linked record would look unmistakable. A rejected pair is never
/// returned, and still counts as a candidate.
pub fn unmistakable(
    accounts: &[&Account],
    companies: &[&Company],
    rejected: &BTreeSet<(AccountId, CompanyId)>,
) -> Vec<Suggestion<AccountId, CompanyId>> {
    let accounts: Vec<(AccountId, &str, Name)> =
        by_id(accounts, |account| account.id).map(|a| (a.id, a.name.as_str(), Name::read(&a.name))).collect();
    let companies: Vec<(CompanyId, &str, Name)> = by_id(companies, |company| company.id)
        .filter(|company| !company.deleted)
        .map(|c| (c.id, c.name.as_str(), Name::read(&c.name)))
        .collect();
    let of_account = candidates(&accounts, &companies);
    let of_company = candidates(&companies, &accounts);
    let mut sure = Vec::new();
    for (place, found) in of_account.iter().enumerate() {
        let [only] = found.as_slice() else { continue };
        if of_company[*only].as_slice() != [place] {
            continue;
        }
        let ((account, account_name, one), (company, company_name, two)) = (&accounts[place], &companies[*only]);
        if one.is_same(two) && !rejected.contains(&(*account, *company)) {
            let Verdict { score, reason } = names((account_name, one), (company_name, two));
            sure.push(Suggestion { hive: *account, connectwise: *company, score, reason });
        }
    }
    sure
}

/// Catalog items that each product may be billed as, by identifier and description: best first, at
/// most five, never a rejected pair. An inactive item or a bundle only ever follows one that can be
/// on an agreement.
pub fn suggest_items(
    products: &[&Product],
    items: &[&CatalogItem],
    rejected: &BTreeSet<(ProductId, ItemId)>,
) -> Vec<Suggestion<ProductId, ItemId>> {
    let items: Vec<(&CatalogItem, Name, Name)> = by_id(items, |item| item.id)
        .map(|item| (item, Name::read_text(&item.identifier), Name::read_text(&item.description)))
        .collect();
    let index =
        Grams::of(items.iter().map(|(_, identifier, description)| [identifier.keys(), description.keys()].concat()));
    let mut all = Vec::new();
    for product in by_id(products, |product| product.id) {
        let wanted = Name::read_text(&product.name);
        let own_id = product.external_id.as_deref().map(Name::read_text);
        let mut keys = wanted.keys();
        keys.extend(own_id.iter().flat_map(Name::keys));
        let near = index.nearest(&keys, CANDIDATES_MAX * 2);
        let (mut usable, mut unusable) = (Vec::new(), Vec::new());
        for (item, identifier, description) in near.into_iter().map(|place| &items[place]) {
            let mut verdict = texts((&wanted, own_id.as_ref()), identifier, description);
            if verdict.score < SCORE_MIN || rejected.contains(&(product.id, item.id)) {
                continue;
            }
            if let Some(why) = unusable_words(item) {
                verdict.reason.push_str(why);
                unusable.push((item.id, verdict));
            } else {
                usable.push((item.id, verdict));
            }
        }
        let mut best_first = best(product.id, usable);
        if !best_first.is_empty() {
            best_first.extend(best(product.id, unusable));
        }
        best_first.truncate(SUGGESTIONS_MAX);
        all.extend(best_first);
    }
    all
}

fn unusable_words(item: &CatalogItem) -> Option<&'static str> {
    if item.inactive {
        Some("; but the item is inactive")
    } else if item.is_bundle() {
        Some("; but the item is a bundle, which cannot be on an agreement")
    } else {
        None
    }
}

/// A company by its name and by its short identifier.
struct CompanyNames {
    name: Name,
    identifier: Name,
}

impl CompanyNames {
    fn of(company: &Company) -> CompanyNames {
        CompanyNames { name: Name::read(&company.name), identifier: Name::read_text(&company.identifier) }
    }

    fn keys(&self) -> Vec<String> {
        [self.name.keys(), self.identifier.keys()].concat()
    }

    fn compare(&self, account_name: &str, account: &Name, company_name: &str) -> Verdict {
        let by_name = names((account_name, account), (company_name, &self.name));
        if by_name.score < compare::IDENTIFIER && account.is_same_words(&self.identifier) {
            return Verdict::new(compare::IDENTIFIER, "same as the company's identifier");
        }
        by_name
    }
}

/// The records in the order of their ids, so that no answer hangs on the order they came in.
fn by_id<'a, T, Id: Ord>(records: &[&'a T], id: impl Fn(&T) -> Id) -> impl Iterator<Item = &'a T> {
    let mut sorted = records.to_vec();
    sorted.sort_by_key(|record| id(record));
    sorted.dedup_by_key(|record| id(record));
    sorted.into_iter()
}

/// For each of `ones`, the places of `others` that it could be confused with.
fn candidates<A, B>(ones: &[(A, &str, Name)], others: &[(B, &str, Name)]) -> Vec<Vec<usize>> {
    let mut by_key: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, (_, _, name)) in others.iter().enumerate() {
        for key in name.doubts() {
            by_key.entry(key).or_default().push(place);
        }
    }
    let of_one = |name: &Name| {
        let near = name.doubts().into_iter().filter_map(|key| by_key.get(key)).flatten();
        let found: BTreeSet<usize> = near.copied().filter(|place| name.may_be(&others[*place].2)).collect();
        found.into_iter().collect()
    };
    ones.iter().map(|(_, _, name)| of_one(name)).collect()
}

/// The best of them, and a word where several are equally good.
fn best<A: Copy, B: Copy + Ord>(hive: A, mut found: Vec<(B, Verdict)>) -> Vec<Suggestion<A, B>> {
    found.sort_by(|(id, verdict), (other_id, other)| (other.score, id).cmp(&(verdict.score, other_id)));
    let top = found.first().map(|(_, verdict)| verdict.score).filter(|score| *score >= compare::LEGAL_FORM);
    let equal = found.iter().filter(|(_, verdict)| verdict.score >= compare::LEGAL_FORM).count();
    found.truncate(SUGGESTIONS_MAX);
    let words = |verdict: Verdict| match top {
        Some(_) if equal > 1 && verdict.score >= compare::LEGAL_FORM => {
            format!("{}; one of {equal} with this name", verdict.reason)
        }
        Some(_) | None => verdict.reason,
    };
    found
        .into_iter()
        .map(|(connectwise, verdict)| Suggestion { hive, connectwise, score: verdict.score, reason: words(verdict) })
        .collect()
}

#[cfg(test)]
mod tests;
