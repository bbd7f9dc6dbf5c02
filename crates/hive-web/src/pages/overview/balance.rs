//! Both sides of the balance: used and not billed, billed and not used.

use super::super::shown::{amounts, changes, code_link};
use super::figure;
use crate::Visitor;
use crate::part::{self, Card, Column, Table};
use hive_core::issue::Code;
use hive_core::plan::Line;
use hive_desk::Look;
use hive_desk::look::{Balance, Leak, Leaks, MayBeBilled, Why};
use maud::{Markup, html};

/// All that can be said: minimums and brackets bill more than what is measured, and rightly so.
const NOTHING_LOWER: &str = "No Update would lower anything.";

/// The first of the two figures that the page is for.
pub(super) fn not_billed(visitor: &Visitor, look: &Look, balance: &Balance) -> Markup {
    let side = &balance.not_billed;
    let may_be = &balance.may_be_billed;
    let nothing = if may_be.many == 0 { "Everything that is used is billed." } else { "Nothing for certain." };
    part::card(&Card {
        title: "Not billed",
        figure: figure(&side.money, if side.many == 0 { "Nothing" } else { "No price known" }, part::money_change),
        detail: html! {
            (detail(look, side, nothing))
            @if may_be.many > 0 { "; " (part::plural(may_be.many, "more", "more")) " may be billed already, not in the sum" }
        },
        href: Some(&visitor.path("psa-sync/usages?sort=-money")),
        values: &[],
    })
}

/// The second.
pub(super) fn over_billed(visitor: &Visitor, look: &Look, balance: &Balance) -> Markup {
    let side = &balance.over_billed;
    part::card(&Card {
        title: "Over-billed",
        figure: figure(&side.money, if side.many == 0 { "Nothing" } else { "No price known" }, part::money_change),
        detail: detail(look, side, NOTHING_LOWER),
        href: Some(&visitor.path("psa-sync/usages?sort=money")),
        values: &[],
    })
}

fn detail(look: &Look, side: &Leaks, nothing: &str) -> Markup {
    html! {
        @if look.facts.samples.is_empty() { "Nothing is known before usage is imported." }
        @else if look.mirror().is_none() { "Nothing is known before the first Sync." }
        @else if side.many == 0 { (nothing) }
        @else {
            (part::plural(side.many, "line", "lines"))
            @if side.unpriced > 0 { "; " (part::count(side.unpriced)) " of them without a price, not in the sum" }
        }
    }
}

pub(super) fn not_billed_panel(visitor: &Visitor, look: &Look, balance: &Balance) -> Markup {
    let (side, may_be) = (&balance.not_billed, &balance.may_be_billed);
    let body = html! {
        @if side.many == 0 && may_be.many > 0 {
            p.panel-note { "Nothing is missing for certain." }
        } @else if side.many == 0 {
            (part::empty("Nothing is missing", html! { "What is measured and linked is what ConnectWise bills." }, html! {}))
        } @else {
            (reasons(visitor, side, "Not billed, by reason", true))
            (dearest(visitor, look, side))
        }
        @if may_be.many > 0 { (may_be_billed(visitor, balance, may_be)) }
    };
    part::panel(Some("not-billed"), "Not billed, by reason", html! {}, body)
}

/// What is in no sum, since a company that the account is like may be billed for it.
fn may_be_billed(visitor: &Visitor, balance: &Balance, may_be: &MayBeBilled) -> Markup {
    let href = visitor.path("psa-sync/accounts");
    html! {
        p.panel-note {
            a href=(href) { (part::plural(may_be.many, "line", "lines")) " may be billed already, not in the sum" }
            ": " @if may_be.money.is_empty() { "no price is known" } @else { (amounts(&may_be.money)) " a month at list prices" }
            @if may_be.unpriced > 0 && may_be.unpriced < may_be.many { ", " (part::count(may_be.unpriced)) " without a price" }
            ". "
            @if balance.compared {
                @if may_be.accounts.len() == 1 { "The account is linked to no company, and is like one" }
                @else { "The " (part::count(may_be.accounts.len())) " accounts are linked to no company, and each is like one" }
                " that may be billed for the same items already."
            } @else {
                "Names of accounts and companies are still being compared; until then every account that is linked to no company stands here."
            }
        }
    }
}

pub(super) fn over_billed_panel(visitor: &Visitor, look: &Look, balance: &Balance) -> Markup {
    let (many, money) = &balance.unmeasured;
    let href = visitor.path("psa-sync/usages?mark=issue&code=usage.missing");
    let body = html! {
        @if balance.over_billed.many == 0 {
            (part::empty("Nothing is to be lowered", html! { (NOTHING_LOWER) }, html! {}))
        } @else {
            (reasons(visitor, &balance.over_billed, "Over-billed, by reason", false))
            (dearest(visitor, look, &balance.over_billed))
        }
        @if *many > 0 {
            p.panel-note {
                a href=(href) { (part::plural(*many, "addition is", "additions are")) " billed though no usage arrived" }
                ": " (amounts(money)) " a month. It is in neither sum, since unknown usage is never taken as 0."
            }
        }
    };
    part::panel(Some("over-billed"), "Over-billed, by reason", html! {}, body)
}

fn reasons(visitor: &Visitor, side: &Leaks, caption: &str, less: bool) -> Markup {
    let columns =
        [Column::new("What stands in the way"), Column::new("Lines").figure(), Column::new("A month").figure()];
    let rows = html! {
        @for leak in &side.by_reason {
            tr {
                th scope="row" { (reason(visitor, leak, less)) }
                td.figure { (part::count(leak.many)) }
                td.figure {
                    (changes(&leak.money, leak.many))
                    @if leak.unpriced > 0 && leak.unpriced < leak.many {
                        br; small { (part::count(leak.unpriced)) " without a price" }
                    }
                }
            }
        }
    };
    Table { caption, columns: &columns, sort: None }.rows(rows)
}

fn reason(visitor: &Visitor, leak: &Leak, less: bool) -> Markup {
    let to = |rest: &str| visitor.path(rest);
    let sort = if less { "-money" } else { "money" };
    html! {
        @match leak.why {
            Why::Update => { a href=(to("psa-sync/update")) { "Only an Update: it would " (if less { "add" } else { "take off" }) " this" } },
            Why::Held => { a href=(to(&format!("psa-sync/usages?mark=waits&sort={sort}"))) { "Waits for approval" } },
            Why::Issue(Code::AccountUnlinked) => { a href=(to("psa-sync/accounts")) { "The account is linked to no company" } },
            Why::Issue(Code::ProductUnmapped) => { a href=(to("psa-sync/products")) { "The product is mapped to no item" } },
            Why::Issue(code) => {
                a href=(to(&format!("psa-sync/usages?mark=issue&code={code}&sort={sort}"))) { (issue_words(code)) }
                " " (code_link(visitor, code))
            },
        }
    }
}

/// What the commonest issues are called where there is room for a few words.
fn issue_words(code: Code) -> &'static str {
    match code {
        Code::AdditionNone => "No addition of the item on the agreement",
        Code::AdditionAmbiguous => "More than one addition fits",
        Code::AgreementNone | Code::AgreementNoneActive => "The company has no active agreement",
        Code::UnitUnconfirmed => "Nobody said what one unit of the item is",
        Code::UnitSuspect => "The unit looks wrong",
        Code::SumPartBlocked => "A part of the sum cannot be counted",
        Code::UsageStale => "The usage is too old",
        Code::AdditionOtherWriter => "Somebody else writes it too",
        Code::SyncNever => "Nothing was synced yet",
        _ => "An issue",
    }
}

/// The single dearest, with what they are now and will be.
fn dearest(visitor: &Visitor, look: &Look, side: &Leaks) -> Markup {
    html! {
        @if !side.dearest.is_empty() {
            h3.panel-sub { "The dearest" }
            ul.plain-list {
                @for (id, month, currency) in &side.dearest {
                    @if let Some(line) = look.line(*id) {
                        li {
                            a href=(visitor.path(&format!("psa-sync/usages/{id}"))) { (part::name(&line.account)) " · " (part::name(&line.product)) }
                            span.list-figures { (from_to(line)) (part::money_change(*month, currency.as_deref())) }
                        }
                    }
                }
            }
        }
    }
}

fn from_to(line: &Line) -> Markup {
    html! {
        @match (line.now, line.next) {
            (Some(now), Some(next)) => { span.muted { (part::quantity(now)) " → " (part::quantity(next)) } },
            (None, _) => { span.muted { "not billed" } },
            (Some(_), None) => {},
        }
    }
}
