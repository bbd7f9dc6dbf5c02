//! Show Accounts: the page, and its other side: Hive accounts and the company each is billed to.

use super::super::decided;
use super::search::id_words;
use super::{Tally, bulk, companies, comparing, made_by, reach, short, state_chips, state_pill};
use crate::pages::psa_sync::{Tab, frame};
use crate::pages::shown::amounts;
use crate::part::{self, Chip, Column, Combobox, Paged, Table};
use crate::{Answer, Do, Visitor, Web};
use axum::extract::State;
use hive_core::AccountId;
use hive_core::link::AccountTarget;
use hive_desk::Look;
use hive_desk::look::{AccountRow, Boards, LinkState, Unbilled};
use hive_desk::view::SuggestionView;
use maud::{Markup, html};
use std::collections::HashMap;
use std::sync::Arc;

/// Suggestions in one row; a person who wants more searches.
const SUGGESTED_MAX: usize = 3;
const STATES: [(LinkState, &str); 5] = [
    (LinkState::Unlinked, "Unlinked"),
    (LinkState::Suggested, "Suggested"),
    (LinkState::Linked, "Linked"),
    (LinkState::Ignored, "Ignored"),
    (LinkState::Broken, "Broken"),
];

pub(super) async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let boards = web.desk.boards(&look).await?;
    let here = visitor.here();
    let other_side = here.get("view") == Some("accounts");
    let sides = [
        Chip { value: "", words: "By ConnectWise company", count: None },
        Chip { value: "accounts", words: "By Hive account", count: Some(boards.accounts.len()) },
    ];
    // The two sides share the search alone: the states of one are not those of the other.
    let side_here = here.without("show").without("scope");
    let body = html! {
        (unmistakable(&visitor, &boards))
        section.panel.links aria-label="Show Accounts" {
            div.tools {
                (part::search(here, "q", "Search companies and accounts"))
                (part::chips(&side_here, "Which side", "view", &sides))
                div.actions {
                    (part::button("button", &visitor.path("psa-sync/links"), "Links as a file"))
                }
            }
            div id="links" data-live {
                @if other_side { (board(&visitor, &look, &boards)) }
                @else { (companies::board(&visitor, &look, &boards)) }
            }
        }
    };
    Ok(frame(&web, &visitor, &look, Tab::Accounts).await?.body(body))
}

/// Those that nobody can mistake can be linked in one go, after they were listed.
fn unmistakable(visitor: &Visitor, boards: &Boards) -> Markup {
    let count = boards.unmistakable.len();
    html! {
        div id="unmistakable" data-live {
            @if count > 0 && visitor.may(Do::Map) {
                (part::banner(part::Kind::Info,
                    &format!("{} can be linked without doubt", part::plural(count, "Hive account", "Hive accounts")),
                    html! { "Their names and the companies' are equal once case, punctuation, spaces and legal forms are set aside, and there is no second candidate." },
                    part::button("button primary", &visitor.path("psa-sync/accounts/unmistakable"),
                        &format!("Link all {} unmistakable…", part::count(count)))))
            }
        }
    }
}

fn board(visitor: &Visitor, look: &Look, boards: &Boards) -> Markup {
    let here = visitor.here();
    let typed = here.get("q").unwrap_or_default();
    let wanted = (!typed.is_empty()).then(|| (look.accounts_with(typed), look.companies_with(typed)));
    let fits = |row: &&AccountRow| {
        let company = row.link.as_ref().and_then(|link| match link.target {
            AccountTarget::Company(company) => Some(company),
            AccountTarget::Ignored => None,
        });
        wanted.as_ref().is_none_or(|(accounts, companies)| {
            accounts.contains(&row.id) || company.is_some_and(|company| companies.contains(&company))
        })
    };
    let found: Vec<&AccountRow> = boards.accounts.iter().filter(fits).collect();
    let tally = Tally::of(found.iter().map(|row| row.state));
    let show = here.get("show").and_then(LinkState::parse);
    let rows: Vec<&AccountRow> = found.into_iter().filter(|row| show.is_none_or(|state| row.state == state)).collect();
    let paged = Paged::of(here, rows.len());
    html! {
        div.tools {
            (state_chips(visitor, &STATES, &tally))
            (part::pager(here, paged, "account", "accounts"))
        }
        (comparing(boards))
        @if boards.accounts.is_empty() {
            (part::empty("Hive knows no accounts yet: bring usage first", html! { "Accounts come with usage: import a usage file, or let it arrive by itself." },
                part::button("button primary", &visitor.path("usage"), "Bring usage")))
        } @else if rows.is_empty() {
            (part::empty("No account is like this", html! { "Take away a filter or the search." },
                part::button("button", &here.without("show").without("q").to_string(), "All accounts")))
        } @else {
            (table(visitor, look, paged.slice(&rows)))
        }
    }
}

fn table(visitor: &Visitor, look: &Look, rows: &[&AccountRow]) -> Markup {
    let unbilled: HashMap<AccountId, &Unbilled<AccountId>> =
        look.unlinked_with_usage().iter().map(|one| (one.id, one)).collect();
    let columns = [
        Column::new("Tick").unseen(),
        Column::new("Hive account"),
        Column::new("ConnectWise company"),
        Column::new("Not billed").figure(),
        Column::new("State"),
    ];
    let columns = if visitor.may(Do::Map) { &columns[..] } else { &columns[1..] };
    let table = Table { caption: "Hive accounts and their ConnectWise companies", columns, sort: None };
    let many = [
        ("accept", "Accept the suggestions of ticked rows"),
        ("unlink", "Unlink ticked rows"),
        ("ignore", "Ignore ticked rows"),
    ];
    html! {
        (reach(visitor))
        form id="act" method="post" action=(visitor.path("psa-sync/accounts/act")) { (part::hidden("rows", "accounts")) }
        (table.rows(html! { @for row in rows { (account_row(visitor, look, row, unbilled.get(&row.id).copied())) } }))
        (bulk(visitor, &many))
    }
}

fn account_row(visitor: &Visitor, look: &Look, row: &AccountRow, unbilled: Option<&Unbilled<AccountId>>) -> Markup {
    let Some(account) = look.account(row.id) else { return html! {} };
    let name = short(&account.name);
    let suggested = if row.state == LinkState::Suggested && look.has_suggestions() {
        look.suggestions().of_account(row.id)
    } else {
        &[]
    };
    let tick = suggested.first().map_or_else(|| row.id.to_string(), |best| format!("{}.{}", row.id, best.id));
    let unbilled = unbilled.filter(|_| row.state.is_open());
    html! {
        tr {
            @if visitor.may(Do::Map) {
                td.tick { input type="checkbox" form="act" name="row" value=(tick) aria-label={ "Tick " (name) }; }
            }
            th scope="row" {
                (part::name(&account.name))
                div.small { "id " (row.id) @if let Some(own_id) = &account.external_id { " · " (short(own_id)) } }
            }
            td.other {
                (target(visitor, look, row, &name))
                @for one in suggested.iter().take(SUGGESTED_MAX) { (perhaps(visitor, look, row.id, &name, one)) }
                @if visitor.may(Do::Map) { (choose(visitor, row, &name)) }
            }
            td.figure {
                @if let Some(unbilled) = unbilled {
                    (part::plural(unbilled.lines.len(), "product", "products"))
                    @if !unbilled.money.is_empty() { div.small { (amounts(&unbilled.money)) " a month" } }
                }
            }
            td {
                (state_pill(row.state, "unlinked"))
                @if row.state.is_open() && visitor.may(Do::Map) {
                    button.link type="submit" form="act" name="ignore" value=(row.id) aria-label={ "Ignore " (name) } { "Ignore" }
                }
                (decided::of_row(visitor, look, (Some(row.id), None), &name))
            }
        }
    }
}

fn target(visitor: &Visitor, look: &Look, row: &AccountRow, name: &str) -> Markup {
    let Some(link) = &row.link else { return html! {} };
    let undo = |words: &str, label: String| {
        html! {
            @if visitor.may(Do::Map) {
                button.button type="submit" form="act" name="unlink" value=(row.id) aria-label=(label) { (words) }
            }
        }
    };
    match link.target {
        AccountTarget::Company(id) => {
            let company = look.company(id);
            let others = look.accounts_on(id).len().saturating_sub(1);
            html! {
                div.linked {
                    div {
                        @match company {
                            Some(company) => { (part::name(&company.name)) " " span.small { (short(&company.identifier)) " · id " (id) } },
                            None => { "Company " (id) },
                        }
                        @if let Some(note) = row.note { div.small.bad { (capital(note)) ". Choose another company, or unlink." } }
                        @if others > 0 { div.small { "Shared with " (part::plural(others, "other account", "other accounts")) ": their usage adds up." } }
                        div.small { (made_by(link.by, &link.who, link.at, &visitor.zone)) }
                    }
                    (undo("Unlink", format!("Unlink {name}")))
                }
            }
        }
        AccountTarget::Ignored => html! {
            div.linked {
                div { "Ignored: its usage is never pushed." div.small { (made_by(link.by, &link.who, link.at, &visitor.zone)) } }
                (undo("Take it up again", format!("Take up {name} again")))
            }
        },
    }
}

fn perhaps(visitor: &Visitor, look: &Look, account: AccountId, name: &str, one: &SuggestionView) -> Markup {
    let shared = look.accounts_on(hive_core::CompanyId(one.id)).len();
    html! {
        div.linked.perhaps {
            div {
                "Perhaps " (part::name(&one.name)) " " span.small { "id " (one.id) }
                div.small {
                    "Score " (one.score) " of 100: " (one.reason)
                    @if shared > 0 { ". It has " (part::plural(shared, "account", "accounts")) " already: it would add up" }
                }
            }
            @if visitor.may(Do::Map) {
                button.button type="submit" form="act" name="accept" value={ (account) "." (one.id) }
                    aria-label={ "Accept: link " (name) " to " (short(&one.name)) } { "Accept" }
            }
        }
    }
}

fn choose(visitor: &Visitor, row: &AccountRow, name: &str) -> Markup {
    let linked = matches!(row.link.as_ref().map(|link| link.target), Some(AccountTarget::Company(_)));
    let combobox = Combobox {
        id: &format!("company-of-{}", row.id),
        name: "company",
        label: &format!("ConnectWise company for {name}"),
        url: &visitor.path("psa-sync/companies/search"),
        value: None,
        placeholder: if linked { "Choose another company…" } else { "Choose the ConnectWise company…" },
        sends: true,
    };
    html! {
        form.choose method="post" action=(visitor.path("psa-sync/accounts/link")) {
            (part::hidden("account", &id_words(row.id.0)))
            (part::combobox(&combobox))
            button.unseen type="submit" tabindex="-1" { "Link" }
        }
    }
}

pub(super) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
