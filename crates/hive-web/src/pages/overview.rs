//! MSP Overview: the page behind the shield. In ten seconds it says what is not billed and what is over-billed.
//!
//! **Does not own:** what counts as the one or the other (the desk), what stands in the way of a line (the plan).

mod balance;
mod going;

use super::{decided, first_run, psa_sync};
use crate::part::{self, Card};
use crate::{Answer, App, Nav, Page, Visitor, Web};
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use hive_core::Decimal;
use hive_desk::Look;
use hive_desk::money::Sums;
use hive_store::Day;
use jiff::ToSpan;
use maud::{Markup, html};
use std::sync::Arc;

/// How far back the trend looks.
const TREND_DAYS: i64 = 90;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/m/{msp}", get(show))
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let (desk, now) = (&web.desk, visitor.now());
    let look = desk.look(&visitor.msp, now).await?;
    let status = desk.status(&visitor.msp, now).await?;
    let decisions = desk.decisions(&look, now).await?;
    let both = desk.balance(&look).await?;
    let days = desk.store.days(visitor.msp.id, look.plan.today.saturating_sub(TREND_DAYS.days())).await?;
    let runs = desk.store.runs(visitor.msp.id, going::RUNS_SHOWN).await?;
    let steps = first_run::steps(&visitor, &look, &status);
    // What it comes to in money stands first as soon as there is any.
    let knows = look.mirror().is_some() && !look.facts.samples.is_empty();
    let body = html! {
        @if !knows { (first_run::panel(&steps)) }
        div id="balance" data-live {
            div.cards.two {
                (balance::not_billed(&visitor, &look, &both))
                (balance::over_billed(&visitor, &look, &both))
            }
            div.cards {
                (billed(&visitor, &look, &days))
                (waiting(&visitor, &decisions))
                (going::next_card(&visitor, &status, hive_store::RunKind::Sync))
                (going::next_card(&visitor, &status, hive_store::RunKind::Update))
            }
        }
        div.columns id="sides" data-live {
            (balance::not_billed_panel(&visitor, &look, &both))
            (balance::over_billed_panel(&visitor, &look, &both))
        }
        (decided::lines(&visitor, &look))
        @if knows { (first_run::panel(&steps)) }
        div.columns id="going" data-live {
            (going::decisions(&visitor, &look, &decisions))
            (going::runs(&visitor, &status, &runs))
        }
    };
    Ok(Page::new(&visitor, Nav::Overview, "MSP Overview")
        .lead(
            html! { "What " (part::name(&visitor.msp.name)) " bills, what it does not, and what waits for somebody." },
        )
        .banner(psa_sync::banners(&look, &status, &visitor))
        .pulse(look.pulse.facts, status.pulse.runs)
        .body(body))
}

/// Amounts a month as a figure: each currency on a line of its own.
pub(super) fn figure(sums: &Sums, none: &str, one: impl Fn(hive_core::Money, Option<&str>) -> Markup) -> Markup {
    html! {
        @if sums.is_empty() { (none) }
        @for (currency, month) in sums {
            @let code = Some(currency.as_str()).filter(|code| !code.is_empty());
            span.amount { (one(*month, code)) " " small { "a month, " (one(hive_desk::money::a_year(*month), code)) " a year" } }
        }
    }
}

fn billed(visitor: &Visitor, look: &Look, days: &[Day]) -> Markup {
    let usages = look.usages();
    let now = &usages.billed_now;
    // Amounts of two currencies make no one line.
    let only = (now.len() == 1).then(|| now.keys().next()).flatten();
    let trend: Vec<Decimal> = only.map_or_else(Vec::new, |currency| {
        days.iter().filter_map(|day| day.money_now.get(currency)).map(|month| month.decimal()).collect()
    });
    let since = days.first().filter(|_| trend.len() > 1).map(|day| day.date);
    part::card(&Card {
        title: "Billed through Hive now",
        figure: figure(now, "Nothing yet", part::money),
        detail: html! {
            (part::plural(usages.billed_lines, "line", "lines")) " on " (part::plural(usages.billed_additions, "addition", "additions"))
            @if let Some(since) = since { "; the line: since " (part::date(since)) }
        },
        href: Some(&visitor.path("billable-items")),
        values: &trend,
    })
}

fn waiting(visitor: &Visitor, decisions: &[hive_desk::look::Decision<'_>]) -> Markup {
    let additions: usize = decisions.iter().map(|one| one.waiting.len()).sum();
    part::card(&Card {
        title: "Waits for a person",
        figure: html! { (part::plural(decisions.len(), "decision", "decisions")) },
        detail: html! {
            @if decisions.is_empty() { "Nothing is held." }
            @else { (part::plural(additions, "addition is", "additions are")) " held until somebody decides." }
        },
        href: Some(&visitor.path("psa-sync/update")),
        values: &[],
    })
}
