//! Accounts: every customer, and the MSP itself as (My Account). Each leads to its Billing.
//!
//! **Does not own:** links (Show Accounts has them), the rules of a quota (the desk asks core).

mod agreement;
mod billing;
mod own;
mod quota;

use super::shown::amounts;
use crate::part::{self, Chip, Column, Kind, Paged, Sort, Table};
use crate::{Answer, App, Fault, Nav, Page, Visitor, Web};
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use hive_core::link::AccountTarget;
use hive_core::unit::Storage;
use hive_core::usage::Account;
use hive_core::{AccountId, Quantity};
use hive_desk::look::LineItem;
use hive_desk::money::Sums;
use hive_desk::{Look, OWN_ACCOUNT};
use maud::{Markup, html};
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) fn routes() -> Router<App> {
    let at = |rest: &str| format!("/m/{{msp}}/accounts{rest}");
    Router::new()
        .route(&at(""), get(show))
        .route(&at("/own"), get(own::show).post(own::choose))
        .route(&at("/{account}/billing"), get(billing::show))
        .route(&at("/{account}/agreement"), post(agreement::set))
        .route(&at("/{account}/billing/{product}"), get(quota::show).post(quota::set))
}

/// Whose Billing it is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Whose {
    Customer(Account),
    /// The MSP's own; `None` while it has no account yet.
    Own(Option<Account>),
}

impl Whose {
    /// `own` is the MSP's own account, anything else an account's id.
    fn find(look: &Look, text: &str) -> Result<Whose, Fault> {
        let own = look.own_accounts();
        let first = own.first().and_then(|id| look.account(*id)).cloned();
        if text == "own" {
            return Ok(Whose::Own(first));
        }
        let found = text.parse().ok().map(AccountId).and_then(|id| look.account(id)).cloned();
        let found = found.ok_or_else(|| Fault::NotFound(format!("{} has no account {text}.", look.msp.name)))?;
        Ok(if own.contains(&found.id) { Whose::Own(Some(found)) } else { Whose::Customer(found) })
    }

    fn account(&self) -> Option<&Account> {
        match self {
            Whose::Customer(account) => Some(account),
            Whose::Own(account) => account.as_ref(),
        }
    }

    fn name(&self) -> &str {
        match self {
            Whose::Customer(account) => &account.name,
            Whose::Own(_) => OWN_ACCOUNT,
        }
    }

    /// In a path: the MSP's own stays `own`, whichever account it is.
    fn key(&self) -> String {
        match self {
            Whose::Customer(account) => account.id.to_string(),
            Whose::Own(_) => "own".to_owned(),
        }
    }
}

/// How an account stands to ConnectWise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Own,
    Linked,
    Ignored,
    Unlinked,
}

fn state_of(look: &Look, own: &BTreeSet<AccountId>, account: AccountId) -> Standing {
    if own.contains(&account) {
        return Standing::Own;
    }
    match look.account_link(account).map(|link| link.target) {
        Some(AccountTarget::Company(_)) => Standing::Linked,
        Some(AccountTarget::Ignored) => Standing::Ignored,
        None => Standing::Unlinked,
    }
}

const FILTERS: [(Standing, &str, &str); 3] = [
    (Standing::Linked, "linked", "Linked"),
    (Standing::Unlinked, "unlinked", "Not linked"),
    (Standing::Ignored, "ignored", "Ignored"),
];

async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let here = visitor.here();
    let own: BTreeSet<AccountId> = look.own_accounts().into_iter().collect();
    let wanted = here.get("q").unwrap_or_default().to_lowercase();
    let named = look.accounts_by_name().filter(|(name, account)| !own.contains(&account.id) && name.contains(&wanted));
    let mut found: Vec<(Standing, &Account)> =
        named.map(|(_, account)| (state_of(&look, &own, account.id), account)).collect();
    let many = |state: Standing| found.iter().filter(|(of, _)| *of == state).count();
    let mut chips = vec![Chip { value: "", words: "All", count: Some(found.len()) }];
    chips.extend(FILTERS.map(|(state, value, words)| Chip { value, words, count: Some(many(state)) }));
    let asked = here.get("show").and_then(|asked| FILTERS.iter().find(|(_, value, _)| *value == asked));
    found.retain(|(state, _)| asked.is_none_or(|(of, _, _)| of == state));
    let sort = Sort::of(here, &["account"], "account");
    if sort.down {
        found.reverse();
    }
    let paged = Paged::of(here, found.len());
    let columns = [
        Column::new("Account").sort("account"),
        Column::new("Usage"),
        Column::new("Company in ConnectWise"),
        Column::new("Billed a month").figure(),
        Column::new("Actions").unseen(),
    ];
    let table = Table { caption: "Accounts", columns: &columns, sort: Some((&sort, here)) };
    let rows = html! {
        @if paged.offset() == 0 { (own_row(&visitor, &look)) }
        @for (state, account) in paged.slice(&found) { (row(&visitor, &look, *state, account)) }
    };
    let body = html! {
        section.panel id="accounts" data-live {
            div.tools {
                (part::search(here, "q", "Search accounts"))
                (part::chips(here, "Which accounts", "show", &chips))
                (part::pager(here, paged, "account", "accounts"))
            }
            (table.rows(rows))
            @if found.is_empty() { (nothing(&visitor, &look)) }
        }
    };
    Ok(Page::new(&visitor, Nav::Accounts, "Accounts")
        .lead(html! { "Your customers in Hive: what they use, which company they are billed to, and their Billing." })
        .actions(part::button("button", &visitor.path("usage"), "Bring usage"))
        .pulse(look.pulse.facts, look.pulse.runs)
        .body(body))
}

fn nothing(visitor: &Visitor, look: &Look) -> Markup {
    if look.facts.accounts.is_empty() {
        let body = html! { "Accounts come with usage: the first file that names a customer makes its account." };
        return part::empty("No customers yet", body, part::button("button", &visitor.path("first-run"), "First run"));
    }
    part::empty("No account is called so", html! { "Search for less, or choose All." }, html! {})
}

/// The MSP itself, first of all and whatever is searched for.
fn own_row(visitor: &Visitor, look: &Look) -> Markup {
    let own = look.own_accounts().first().and_then(|id| look.account(*id)).cloned();
    html! {
        tr.own {
            th scope="row" {
                (OWN_ACCOUNT) " " (part::pill(Kind::Info, "your own"))
                @if let Some(account) = own.as_ref().filter(|account| account.name != OWN_ACCOUNT) { br; small { (part::name(&account.name)) } }
            }
            td {
                @match &own {
                    Some(account) => { (usage_words(&look.line_items(account.id, false))) },
                    None => { span.muted { "Your own storage and its quota, apart from your customers'." } },
                }
            }
            td { span.muted { "billed to nobody" } }
            td.figure { span.muted { "–" } }
            td { (menu(OWN_ACCOUNT, &[("Billing", visitor.path("accounts/own/billing")), ("Choose the account", visitor.path("accounts/own"))])) }
        }
    }
}

fn row(visitor: &Visitor, look: &Look, state: Standing, account: &Account) -> Markup {
    let items = look.line_items(account.id, false);
    let billing = visitor.path(&format!("accounts/{}/billing", account.id));
    let usages = visitor.path(&format!("psa-sync/usages?account={}", account.id));
    html! {
        tr {
            th scope="row" {
                a href=(billing) { (part::name(&account.name)) }
                @if let Some(id) = &account.external_id { br; small { (part::name(id)) } }
            }
            td { (usage_words(&items)) }
            td { (company(look, state, account.id)) }
            td.figure { (billed(look, account.id, &items)) }
            td {
                (menu(&account.name, &[("Billing", billing), ("Product Usages", usages), ("Show Accounts", visitor.path("psa-sync/accounts"))]))
            }
        }
    }
}

fn company(look: &Look, state: Standing, account: AccountId) -> Markup {
    match (state, look.account_link(account).map(|link| link.target)) {
        (Standing::Linked, Some(AccountTarget::Company(id))) => html! {
            @match look.company(id) {
                Some(company) => { (part::name(&company.name)) @if company.deleted { " " (part::pill(Kind::Bad, "deleted")) } },
                None => { span.muted { "company " (id) } " " (part::pill(Kind::Wait, "not in the last Sync")) },
            }
        },
        (Standing::Ignored, _) => part::pill(Kind::Plain, "ignored"),
        _ => part::pill(Kind::Wait, "not linked"),
    }
}

/// What is used, in one line: products, storage, things.
fn usage_words(items: &[LineItem<'_>]) -> Markup {
    let used = items.iter().filter(|item| item.sample.is_some()).count();
    let stored = items.iter().filter_map(LineItem::usage_gb).try_fold(Quantity::ZERO, Quantity::plus);
    let storage = items.iter().any(|item| item.sample.is_some() && item.product.is_storage());
    html! {
        @if used == 0 { span.muted { "none measured yet" } }
        @else {
            (part::plural(used, "product", "products"))
            @if let Some(gb) = stored.filter(|_| storage) { ", " (part::quantity(gb)) " " (Storage::GB.name()) " stored" }
        }
    }
}

/// What the additions of an account's items bill a month now, each once. What other accounts are billed on too stands
/// in their rows as well, so it says so.
fn billed(look: &Look, account: AccountId, items: &[LineItem<'_>]) -> Markup {
    let (mut counted, mut others, mut shared) = (BTreeSet::new(), BTreeSet::new(), 0);
    let mut priced = 0;
    let mut sums = Sums::new();
    for item in items {
        let Some((addition, agreement)) = item.billed.filter(|(addition, _)| counted.insert(addition.id)) else {
            continue;
        };
        if let Some(month) = item.month() {
            let sum = sums.entry(agreement.currency.clone().unwrap_or_default()).or_default();
            *sum = sum.plus(month);
            let on_it = look.lines_of_addition(addition.id).map(|line| line.id.account);
            let of_others: BTreeSet<AccountId> = on_it.filter(|id| *id != account).collect();
            shared += usize::from(!of_others.is_empty());
            priced += 1;
            others.extend(of_others);
        }
    }
    html! {
        @if sums.is_empty() { span.muted { "–" } } @else { (amounts(&sums)) }
        @if shared > 0 {
            br; small title="The same money stands in the rows of all of them: it is billed once" {
                @if shared < priced { "part of it " } "shared with " (part::plural(others.len(), "other account", "other accounts"))
            }
        }
    }
}

/// The action menu of a row.
fn menu(name: &str, links: &[(&str, String)]) -> Markup {
    html! {
        details.row-menu {
            summary aria-label={ "Actions for " (name) } { "Actions" }
            ul { @for (words, href) in links { li { a href=(href) { (words) } } } }
        }
    }
}
