//! What a Sync linked by itself, as far as it stands.

use crate::Visitor;
use crate::part::{self, Column, Paged, Table};
use hive_core::link::{AccountLink, AccountTarget, LinkedBy};
use hive_desk::Look;
use hive_store::RunRow;
use maud::{Markup, html};

/// Its accounts with their companies; nothing where it linked none.
pub(super) fn panel(visitor: &Visitor, look: &Look, run: &RunRow) -> Markup {
    let Some(ended) = run.ended_at else { return html! {} };
    let of_it = |link: &&AccountLink| link.by == LinkedBy::Match && (run.started_at..=ended).contains(&link.at);
    let all: Vec<&AccountLink> = look.facts.account_links.iter().filter(of_it).collect();
    if all.is_empty() {
        return html! {};
    }
    let here = visitor.here();
    let paged = Paged::of(here, all.len());
    let columns = [Column::new("Account"), Column::new("Company in ConnectWise")];
    let table = Table { caption: "Accounts that it linked", columns: &columns, sort: None };
    let change = part::button("button", &visitor.path("psa-sync/accounts"), "Show Accounts");
    let body = html! {
        div.panel-body { p.hint { "Beyond doubt: one candidate on both sides, equal names. Show Accounts changes a link or takes it back." } }
        (table.rows(html! { @for link in paged.slice(&all) { (row(look, link)) } }))
        (part::pager(here, paged, "account", "accounts"))
    };
    let title = format!("Linked by itself: {}", part::plural(all.len(), "account", "accounts"));
    part::panel(Some("linked"), &title, change, body)
}

fn row(look: &Look, link: &AccountLink) -> Markup {
    let company = match link.target {
        AccountTarget::Company(id) => Some((id, look.company(id).map_or("", |company| company.name.as_str()))),
        AccountTarget::Ignored => None,
    };
    html! {
        tr {
            th scope="row" { @if let Some(account) = look.account(link.account) { (part::name(&account.name)) } }
            td { @if let Some((id, name)) = company { (part::name(name)) " " span.muted { (id) } } }
        }
    }
}
