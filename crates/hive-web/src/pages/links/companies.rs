//! Show Accounts: ConnectWise companies on the left, Hive accounts on the right.

use super::search::id_words;
use super::{Tally, bulk, comparing, made_by, reach, short, state_chips, state_pill};
use crate::part::{self, Chip, Column, Combobox, Kind, Paged, Table};
use crate::{Do, Visitor};
use hive_core::matching::Suggestion;
use hive_core::mirror::Company;
use hive_core::{AccountId, CompanyId};
use hive_desk::Look;
use hive_desk::look::{Boards, CompanyRow, LinkState, left_out};
use maud::{Markup, html};

const STATES: [(LinkState, &str); 4] = [
    (LinkState::Unlinked, "Unlinked"),
    (LinkState::Suggested, "Suggested"),
    (LinkState::Linked, "Linked"),
    (LinkState::Broken, "Broken"),
];

/// The live part of the page.
pub(super) fn board(visitor: &Visitor, look: &Look, boards: &Boards) -> Markup {
    let here = visitor.here();
    let everyone = here.get("scope") == Some("all");
    let typed = here.get("q").unwrap_or_default();
    let wanted = (!typed.is_empty()).then(|| (look.companies_with(typed), look.accounts_with(typed)));
    let fits = |row: &&CompanyRow| {
        wanted.as_ref().is_none_or(|(companies, accounts)| {
            companies.contains(&row.id) || row.accounts.iter().any(|account| accounts.contains(account))
        })
    };
    let (yours, all) = (boards.companies.iter().filter(|row| row.yours).count(), boards.companies.len());
    let found: Vec<&CompanyRow> = boards.companies.iter().filter(|row| row.yours || everyone).filter(fits).collect();
    let tally = Tally::of(found.iter().map(|row| row.state));
    let show = here.get("show").and_then(LinkState::parse);
    let rows: Vec<&CompanyRow> = found.into_iter().filter(|row| show.is_none_or(|state| row.state == state)).collect();
    let paged = Paged::of(here, rows.len());
    let scopes = [
        Chip { value: "", words: "Companies you currently have", count: Some(yours) },
        Chip { value: "all", words: "All companies", count: Some(all) },
    ];
    let ignored = boards.accounts.iter().filter(|row| row.state == LinkState::Ignored).count();
    html! {
        div.tools {
            (part::chips(here, "Which companies", "scope", &scopes))
            (state_chips(visitor, &STATES, &tally))
            // A company is never ignored; accounts are, and stand on their own side.
            a.chip href=(here.with("view", "accounts").with("show", "ignored").without("page").without("scope")) {
                "Ignored accounts " span.tally { (part::count(ignored)) }
            }
            (part::pager(here, paged, "company", "companies"))
        }
        (comparing(boards))
        @if all == 0 { (nothing(visitor, look)) }
        @else if rows.is_empty() {
            (part::empty("No company is like this", html! { "Take away a filter or the search, or look at all companies." },
                part::button("button", &here.with("scope", "all").without("show").without("q").to_string(), "All companies")))
        } @else {
            (table(visitor, look, boards, paged.slice(&rows)))
        }
    }
}

fn nothing(visitor: &Visitor, look: &Look) -> Markup {
    match look.mirror() {
        None => part::empty(
            "Nothing was synced yet",
            html! { "After the first Sync your ConnectWise companies stand here, each with the Hive account that Hive thinks it is." },
            part::button("button primary", &visitor.path("psa-sync"), "To PSA Sync"),
        ),
        Some(_) => part::empty(
            "ConnectWise showed no company",
            html! { "The API member may be restricted to none, or the company is new. Help says which rights it needs." },
            part::button("button", &visitor.help(crate::help::link::RIGHTS), "Help"),
        ),
    }
}

fn table(visitor: &Visitor, look: &Look, boards: &Boards, rows: &[&CompanyRow]) -> Markup {
    let may = visitor.may(Do::Map);
    let columns = [
        Column::new("Tick").unseen(),
        Column::new("ConnectWise company"),
        Column::new("Hive account"),
        Column::new("State"),
    ];
    let columns = if may { &columns[..] } else { &columns[1..] };
    let table = Table { caption: "ConnectWise companies and their Hive accounts", columns, sort: None };
    html! {
        (reach(visitor))
        form id="act" method="post" action=(visitor.path("psa-sync/accounts/act")) { (part::hidden("rows", "companies")) }
        (table.rows(html! { @for row in rows { (company_row(visitor, look, boards, row)) } }))
        (bulk(visitor, &[("accept", "Accept the suggestions of ticked rows"), ("unlink", "Unlink ticked rows")]))
    }
}

fn company_row(visitor: &Visitor, look: &Look, boards: &Boards, row: &CompanyRow) -> Markup {
    let company = look.company(row.id);
    let name = company.map_or_else(|| format!("Company {}", row.id), |company| short(&company.name));
    let best = row.suggested.first().filter(|_| row.accounts.is_empty());
    let tick = best.map_or_else(|| row.id.to_string(), |best| format!("{}.{}", row.id, best.hive));
    html! {
        tr {
            @if visitor.may(Do::Map) {
                td.tick { input type="checkbox" form="act" name="row" value=(tick) aria-label={ "Tick " (name) }; }
            }
            th scope="row" { (company_cell(look, row, company)) }
            td.other {
                @for account in &row.accounts { (linked(visitor, look, boards, *account, &name)) }
                @if row.accounts.len() > 1 {
                    p.small { (row.accounts.len()) " accounts on one company: their usage adds up on one addition." }
                }
                @if row.accounts.is_empty() {
                    @for one in &row.suggested { (suggested(visitor, look, one, &name)) }
                }
                @if visitor.may(Do::Map) && company.is_some_and(|company| !company.deleted) {
                    (choose(visitor, row, &name))
                }
            }
            td { (state_pill(row.state, "unlinked")) }
        }
    }
}

fn company_cell(look: &Look, row: &CompanyRow, company: Option<&Company>) -> Markup {
    html! {
        @match company {
            Some(company) => {
                (part::name(&company.name))
                div.small {
                    (short(&company.identifier)) " · id " (company.id)
                    @if let Some(status) = &company.status { " · " (short(status)) }
                    @if company.deleted { " " (part::pill(Kind::Bad, "deleted")) }
                    @else if company.is_inactive() { " " (part::pill(Kind::Bad, "inactive")) }
                }
                @if !row.yours {
                    @if let Some(why) = left_out(look, company) { div.small { "Left out: " (short(&why)) "." } }
                }
            },
            None => {
                "Company " (row.id)
                div.small { "Not visible in ConnectWise any more: deleted, or hidden by the API member's role." }
            },
        }
    }
}

fn linked(visitor: &Visitor, look: &Look, boards: &Boards, account: AccountId, company: &str) -> Markup {
    let name = look.account(account).map_or("", |account| account.name.as_str());
    html! {
        div.linked {
            div {
                (part::name(name)) " " span.small { "id " (account) }
                @if let Some(link) = boards.account_link(account) {
                    div.small { (made_by(link.by, &link.who, link.at, &visitor.zone)) }
                }
            }
            @if visitor.may(Do::Map) {
                button.button type="submit" form="act" name="unlink" value=(account)
                    aria-label={ "Unlink " (short(name)) " from " (company) } { "Unlink" }
            }
        }
    }
}

fn suggested(visitor: &Visitor, look: &Look, one: &Suggestion<AccountId, CompanyId>, company: &str) -> Markup {
    let name = look.account(one.hive).map_or("", |account| account.name.as_str());
    html! {
        div.linked.perhaps {
            div {
                "Perhaps " (part::name(name)) " " span.small { "id " (one.hive) }
                div.small { "Score " (one.score) " of 100: " (one.reason) }
            }
            @if visitor.may(Do::Map) {
                button.button type="submit" form="act" name="accept" value={ (one.hive) "." (one.connectwise) }
                    aria-label={ "Accept: link " (short(name)) " to " (company) } { "Accept" }
            }
        }
    }
}

fn choose(visitor: &Visitor, row: &CompanyRow, name: &str) -> Markup {
    let placeholder =
        if row.accounts.is_empty() { "Choose the Hive account…" } else { "Add another account: it adds up…" };
    let combobox = Combobox {
        id: &format!("account-of-{}", row.id),
        name: "account",
        label: &format!("Hive account for {name}"),
        url: &visitor.path("psa-sync/accounts/search"),
        value: None,
        placeholder,
        sends: true,
    };
    html! {
        form.choose method="post" action=(visitor.path("psa-sync/accounts/link")) {
            (part::hidden("company", &id_words(row.id.0)))
            (part::combobox(&combobox))
            button.unseen type="submit" tabindex="-1" { "Link" }
        }
    }
}
