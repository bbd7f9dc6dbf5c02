//! An account's Billing: its line items with usage, quota and money; charts of its storage.

use super::super::shown::{cycle_of, maybe};
use super::{Whose, agreement};
use crate::part::{self, Card, Column, Icon, Kind, Paged, Point, Table};
use crate::{Answer, Do, Nav, Page, Visitor, Web};
use axum::extract::{Path, State};
use hive_core::link::AccountTarget;
use hive_core::settings::{Basis, Mode};
use hive_core::unit::{Storage, Unit};
use hive_core::{ProductId, Quantity};
use hive_desk::look::LineItem;
use hive_desk::{Look, OWN_ACCOUNT, Past};
use maud::{Markup, html};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Storage whose past is read and drawn on this page; each has a page of its own.
const CHARTS_MAX: usize = 6;

pub(super) async fn show(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path((_, account)): Path<(String, String)>,
) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let whose = Whose::find(&look, &account)?;
    let mut items = match (&whose, whose.account()) {
        (Whose::Own(_), None) => storage_alone(&look),
        (Whose::Own(_), Some(account)) => look.line_items(account.id, true),
        (Whose::Customer(account), _) => look.line_items(account.id, false),
    };
    let wanted = visitor.here().get("q").unwrap_or_default().to_lowercase();
    items.retain(|item| item.product.name.to_lowercase().contains(&wanted));
    items.sort_by_cached_key(|item| (!item.product.is_storage(), item.product.name.to_lowercase()));
    let paged = Paged::of(visitor.here(), items.len());
    let shown = paged.slice(&items);
    let mut pasts: BTreeMap<ProductId, Past> = BTreeMap::new();
    if let Some(account) = whose.account() {
        for item in shown.iter().filter(|item| item.product.is_storage() && item.sample.is_some()).take(CHARTS_MAX) {
            pasts.insert(item.product.id, web.desk.past(&look, account.id, item.product.id).await?);
        }
    }
    let table = match &whose {
        Whose::Customer(_) => customer(&visitor, &whose, shown, &pasts),
        Whose::Own(_) => own(&visitor, &look, &whose, shown),
    };
    let body = html! {
        (tiles(shown, &pasts))
        section.panel id="line-items" data-live {
            @if paged.is_many() || !wanted.is_empty() {
                div.tools { (part::search(visitor.here(), "q", "Search products")) (part::pager(visitor.here(), paged, "product", "products")) }
            }
            (table)
        }
        @if let Whose::Customer(account) = &whose { (agreement::panel(&visitor, &look, account)) }
        div id="charts" data-live {
            @for item in shown.iter().filter_map(|item| Some((item, pasts.get(&item.product.id)?))) { (chart_panel(&whose, item.0, item.1)) }
        }
    };
    let title = if matches!(whose, Whose::Own(_)) {
        format!("Billing of {OWN_ACCOUNT}")
    } else {
        "View End User Billing".to_owned()
    };
    Ok(Page::new(&visitor, Nav::Accounts, title)
        .lead(lead(&visitor, &look, &whose))
        .actions(actions(&visitor, &whose))
        .pulse(look.pulse.facts, look.pulse.runs)
        .body(body))
}

/// The MSP before it has an account of its own: what it may have quotas of.
fn storage_alone(look: &Look) -> Vec<LineItem<'_>> {
    let nobody = hive_core::AccountId(0);
    look.line_items(nobody, true)
}

fn lead(visitor: &Visitor, look: &Look, whose: &Whose) -> Markup {
    match whose {
        Whose::Customer(account) => html! {
            b { (part::name(&account.name)) } ", "
            @match look.account_link(account.id).map(|link| link.target) {
                Some(AccountTarget::Company(id)) => {
                    "billed to " @match look.company(id) { Some(company) => { (part::name(&company.name)) }, None => { "company " (id) } }
                },
                Some(AccountTarget::Ignored) => { "ignored: billed to nobody" },
                None => { a href=(visitor.path("psa-sync/accounts")) { "linked to no company yet" } },
            }
            ". A quota is what this customer may use; where there is none, usage alone counts."
        },
        Whose::Own(account) => html! {
            @if let Some(account) = account.as_ref().filter(|account| account.name != OWN_ACCOUNT) { b { (part::name(&account.name)) } " is your own account. " }
            "The quota of " (part::name(&visitor.msp.name)) " itself. It is apart from your customers' quotas: they do not change it, and it changes nobody's bill."
        },
    }
}

fn actions(visitor: &Visitor, whose: &Whose) -> Markup {
    html! {
        @match whose {
            Whose::Customer(account) => {
                (part::button("button", &visitor.path(&format!("psa-sync/usages?account={}", account.id)), "Show Product Usages"))
            },
            Whose::Own(_) => { (part::button("button", &visitor.path("accounts/own"), "Choose the account")) },
        }
        (part::button("button", &visitor.help(crate::help::link::QUOTAS), "How to set storage quotas"))
    }
}

/// The 30-day averages of the storage, in one tile each.
fn tiles(items: &[LineItem<'_>], pasts: &BTreeMap<ProductId, Past>) -> Markup {
    let averaged: Vec<_> =
        items.iter().filter_map(|item| Some((item, pasts.get(&item.product.id)?.thirty.as_ref()?))).collect();
    html! {
        @if !averaged.is_empty() {
            div.cards id="averages" data-live {
                @for (item, days) in averaged {
                    @let unit = item.sample.map_or_else(String::new, |sample| sample.unit.to_string());
                    (part::card(&Card {
                        title: &format!("30-day average of {}", item.product.name),
                        figure: html! { (part::quantity(rounded(days.average))) " " small { (unit) } },
                        detail: html! {
                            "measured on " (days.measured) " of 30 days, peak " (part::quantity(days.peak)) " " (unit)
                            @if item.basis == Basis::Average30d { "; this is what is billed" }
                        },
                        href: None,
                        values: &[],
                    }))
                }
            }
        }
    }
}

/// An average to two digits: the exact one is in the explanation of the line.
fn rounded(value: Quantity) -> Quantity {
    value.nearest_to(hive_core::Decimal::new(1, 2)).unwrap_or(value)
}

fn customer(visitor: &Visitor, whose: &Whose, items: &[LineItem<'_>], pasts: &BTreeMap<ProductId, Past>) -> Markup {
    let columns = [
        Column::new("Product"),
        Column::new("Usage").figure(),
        Column::new("30-day average").figure(),
        Column::new("Quota").figure(),
        Column::new("Bracket").figure(),
        Column::new("In ConnectWise").figure(),
        Column::new("Rate").figure(),
        Column::new("A month").figure(),
    ];
    let rows = html! {
        @for item in items {
            tr {
                th scope="row" { (product(visitor, item)) }
                td.figure { (used(item)) (measured(visitor, item)) }
                td.figure {
                    @if let Some(days) = pasts.get(&item.product.id).and_then(|past| past.thirty.as_ref()) { (part::quantity(rounded(days.average))) }
                    @else { span.muted { "–" } }
                }
                td.figure { (quota_cell(visitor, whose, item)) }
                td.figure { (bracket(item)) }
                (money_cells(item))
            }
        }
    };
    html! {
        @if items.is_empty() {
            (part::empty("Nothing is used yet", html! { "Line items come with usage." }, html! {}))
        } @else {
            (Table { caption: "Line items", columns: &columns, sort: None }.rows(rows))
        }
    }
}

fn own(visitor: &Visitor, look: &Look, whose: &Whose, items: &[LineItem<'_>]) -> Markup {
    let columns = [
        Column::new("Product"),
        Column::new("Your own usage").figure(),
        Column::new("Quota of the MSP").figure(),
        Column::new("All customers use").figure(),
        Column::new("All customers' quotas").figure(),
    ];
    let rows = html! {
        @for item in items {
            @let storage = item.product.is_storage();
            @let (usage, quotas) = look.customers_gb().get(&item.product.id).copied().unwrap_or_default();
            tr {
                th scope="row" { (part::name(&item.product.name)) }
                td.figure { (used(item)) (measured(visitor, item)) }
                td.figure { (quota_cell(visitor, whose, item)) }
                td.figure { @if storage { span.nowrap { (part::quantity(usage)) " GB" } } @else { span.muted { "–" } } }
                td.figure { @if storage { span.nowrap { (part::quantity(quotas)) " GB" } } @else { span.muted { "–" } } }
            }
        }
    };
    html! {
        @if items.is_empty() {
            (part::empty("No storage yet", html! { "Quotas belong to storage; the first usage of a storage product brings it here." }, html! {}))
        } @else {
            (Table { caption: "The MSP's own line items", columns: &columns, sort: None }.rows(rows))
        }
    }
}

fn product(visitor: &Visitor, item: &LineItem<'_>) -> Markup {
    html! {
        @match item.line {
            Some(line) => { a href=(visitor.path(&format!("psa-sync/usages/{}", line.id))) { (part::name(&item.product.name)) } },
            None => { (part::name(&item.product.name)) " " (part::pill(Kind::Plain, "ignored")) },
        }
    }
}

fn used(item: &LineItem<'_>) -> Markup {
    html! {
        @match item.sample {
            Some(sample) => { span.nowrap { (part::quantity(sample.quantity)) " " span.unit { (sample.unit.name_for(sample.quantity)) } } },
            None => { span.muted { "not measured" } },
        }
    }
}

/// When, below what was measured.
fn measured(visitor: &Visitor, item: &LineItem<'_>) -> Markup {
    html! { @if let Some(sample) = item.sample { br; small { (part::time(sample.measured_at, &visitor.zone)) } } }
}

/// The quota with its edit icon; users and licences have none.
pub(super) fn quota_cell(visitor: &Visitor, whose: &Whose, item: &LineItem<'_>) -> Markup {
    let edit = visitor.path(&format!("accounts/{}/billing/{}", whose.key(), item.product.id));
    let what = if visitor.may(Do::Map) { "Edit the quota of" } else { "The quota of" };
    let label = format!("{what} {} for {}", item.product.name, whose.name());
    html! {
        @if item.product.is_storage() {
            span.quota {
                @match item.quota {
                    Some(quota) => { (quota_size(quota.size, quota.unit)) " " (hardness(quota.hard)) },
                    None => { span.muted { "none" } },
                }
                a.icon-button href=(edit) aria-label=(label) title=(label) { @if visitor.may(Do::Map) { (Icon::Pencil) } @else { (Icon::Info) } }
            }
        } @else { span.muted title="Only storage has a quota" { "–" } }
    }
}

pub(super) fn quota_size(size: Quantity, unit: Storage) -> Markup {
    html! { (part::quantity(size)) " " (unit.name()) }
}

pub(super) fn hardness(hard: bool) -> Markup {
    if hard { part::pill(Kind::Info, "hard") } else { part::pill(Kind::Plain, "soft") }
}

fn bracket(item: &LineItem<'_>) -> Markup {
    let Some(step) = item.bracket_gb else { return html! { span.muted { "–" } } };
    let (step, unit) = whole_tb(step).map_or((step, Storage::GB), |tb| (tb, Storage::TB));
    match item.mode {
        Mode::QuotaBracket => html! { span.nowrap { (quota_size(step, unit)) } },
        Mode::Actual => html! {
            span.muted.nowrap title="Actual usage is billed; this is the bracket it is in" { (quota_size(step, unit)) }
        },
    }
}

/// Whole terabytes read better than thousands of gigabytes.
pub(super) fn whole_tb(gb: Quantity) -> Option<Quantity> {
    Storage::GB.convert(gb, Storage::TB).filter(|tb| tb.is_whole() && !tb.is_zero())
}

/// The quantity in ConnectWise, the rate and what they come to.
fn money_cells(item: &LineItem<'_>) -> Markup {
    let Some((addition, agreement)) = item.billed else {
        return html! { td.figure colspan="3" { span.muted { "no addition" } } };
    };
    let currency = agreement.currency.as_deref();
    html! {
        td.figure {
            (maybe(addition.quantity))
            @if item.shared_with > 0 { br; small { "shared with " (part::plural(item.shared_with, "line", "lines")) } }
        }
        td.figure { @if let Some(price) = addition.unit_price { (part::money(price, currency)) " " small.nowrap { (cycle_of(agreement)) } } @else { span.muted { "no price" } } }
        td.figure { @if let Some(month) = item.month() { (part::money(month, currency)) } @else { span.muted { "–" } } }
    }
}

fn chart_panel(whose: &Whose, item: &LineItem<'_>, past: &Past) -> Markup {
    html! {
        @if past.usage_gb.len() > 1 {
            (part::panel(None, &format!("{}: usage and quota", item.product.name), html! {}, chart(whose, item, past)))
        }
    }
}

/// Usage as a line, the quota as steps.
pub(super) fn chart(whose: &Whose, item: &LineItem<'_>, past: &Past) -> Markup {
    let points: Vec<Point> =
        past.usage_gb.iter().map(|(date, value)| Point { date: *date, value: value.decimal() }).collect();
    let steps: Vec<_> = past.quota_gb.iter().map(|(date, value)| (*date, value.map(Quantity::decimal))).collect();
    let label = format!("{} of {}", item.product.name, whose.name());
    part::stepped_chart(&label, &Unit::Storage(Storage::GB).to_string(), ("usage", "quota"), &points, &steps)
}
