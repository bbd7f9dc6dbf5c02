//! ConnectWise companies: which ones the MSP currently has, and how each is linked.

use super::{CompanyRow, account_state};
use crate::look::Seen;
use crate::view::Suggestions;
use hive_core::link::AccountLink;
use hive_core::matching::Suggestion;
use hive_core::mirror::Company;
use hive_core::{AccountId, CompanyId};
use std::collections::HashMap;

/// Suggestions on one company's row; a person who wants more searches.
const SUGGESTED_MAX: usize = 3;

/// Why a company is not among those "you currently have"; `None`: it is.
pub fn left_out(seen: &Seen, company: &Company) -> Option<String> {
    if company.deleted {
        return Some("in ConnectWise's recycle bin".to_owned());
    }
    let today = seen.plan.today;
    if company.is_customer() || seen.agreements_of(company.id).any(|one| one.rejected_on(today).is_none()) {
        return None;
    }
    let types = company.types.join(", ");
    Some(match types.as_str() {
        "" => "no active agreement, and no type".to_owned(),
        types => format!("no active agreement, and its type is {types}"),
    })
}

/// Why nothing can be pushed to a company.
pub(super) fn broken(seen: &Seen, company: CompanyId) -> Option<&'static str> {
    match seen.company(company) {
        None => Some("the company is not visible in ConnectWise any more"),
        Some(company) if company.deleted => Some("the company is in ConnectWise's recycle bin"),
        Some(company) if company.is_inactive() => Some("the company has the status Inactive in ConnectWise"),
        Some(_) => None,
    }
}

pub(super) fn companies(
    seen: &Seen,
    accounts_on: &HashMap<CompanyId, Vec<AccountId>>,
    links: &HashMap<AccountId, AccountLink>,
    suggestions: &Suggestions,
) -> Vec<CompanyRow> {
    let mut suggested = by_company(seen, links, suggestions);
    let mut row = |id: CompanyId| {
        let accounts = accounts_on.get(&id).cloned().unwrap_or_default();
        let suggested = suggested.remove(&id).unwrap_or_default();
        let link = accounts.first().and_then(|first| links.get(first));
        let (state, _) = account_state(seen, link, !suggested.is_empty());
        let yours = !accounts.is_empty() || seen.company(id).is_some_and(|found| left_out(seen, found).is_none());
        CompanyRow { id, state, yours, accounts, suggested }
    };
    let known = seen.mirror().map_or(&[][..], |mirror| &mirror.companies);
    let mut rows: Vec<(String, CompanyRow)> =
        known.iter().map(|company| (company.name.to_lowercase(), row(company.id))).collect();
    // Links to companies that are gone are broken, not dropped.
    let gone = accounts_on.keys().copied().filter(|id| seen.company(*id).is_none());
    rows.extend(gone.map(|id| (String::new(), row(id))));
    rows.sort_by(|(one, a), (other, b)| (one, a.id).cmp(&(other, b.id)));
    rows.into_iter().map(|(_, row)| row).collect()
}

/// For each company the open accounts that are likest to it: an account is offered where nothing else is
/// more like it.
fn by_company(
    seen: &Seen,
    links: &HashMap<AccountId, AccountLink>,
    suggestions: &Suggestions,
) -> HashMap<CompanyId, Vec<Suggestion<AccountId, CompanyId>>> {
    let mut found: HashMap<CompanyId, Vec<Suggestion<AccountId, CompanyId>>> = HashMap::new();
    for account in seen.facts.accounts.iter().filter(|account| !links.contains_key(&account.id)) {
        let of = suggestions.of_account(account.id);
        let best = of.first().map(|one| one.score);
        for one in of.iter().filter(|one| Some(one.score) == best) {
            let company = CompanyId(one.id);
            let reason = one.reason.clone();
            let one = Suggestion { hive: account.id, connectwise: company, score: one.score, reason };
            found.entry(company).or_default().push(one);
        }
    }
    for list in found.values_mut() {
        list.sort_by_key(|one| (std::cmp::Reverse(one.score), one.hive));
        list.truncate(SUGGESTED_MAX);
    }
    // A row that is linked shows what it is linked to; another account is found by searching.
    found
}
