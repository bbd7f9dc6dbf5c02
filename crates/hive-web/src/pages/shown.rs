//! What the pages of usages, of the Update and of the month show alike: sums, marks, codes, the tabs.

use crate::Visitor;
use crate::part::{self, Icon, Kind, Tick};
use hive_core::Quantity;
use hive_core::issue::Code;
use hive_core::settings::Updates;
use hive_desk::Look;
use hive_desk::look::Fate;
use hive_desk::money::Sums;
use maud::{Markup, html};

/// The tabs of PSA Sync; `open` is the last part of the path.
pub(super) fn psa_tabs(visitor: &Visitor, open: &str) -> Markup {
    const TABS: [(&str, &str); 6] = [
        ("PSA Sync", ""),
        ("Show Accounts", "accounts"),
        ("Show Products", "products"),
        ("Show Product Usages", "usages"),
        ("Show Settings", "settings"),
        ("Preview and Update", "update"),
    ];
    let path = |rest: &str| visitor.path(format!("psa-sync/{rest}").trim_end_matches('/'));
    let tabs: Vec<(&str, String, bool)> =
        TABS.iter().map(|(words, rest)| (*words, path(rest), *rest == open)).collect();
    part::tabs("PSA Sync", &tabs)
}

/// Differences a month, one amount a currency.
pub(super) fn changes(sums: &Sums) -> Markup {
    html! {
        @if sums.is_empty() { span.muted { "no price" } }
        @for (place, (currency, month)) in sums.iter().enumerate() {
            @if place > 0 { ", " }
            (part::money_change(*month, Some(currency.as_str()).filter(|code| !code.is_empty())))
        }
    }
}

/// Amounts a month, one a currency.
pub(super) fn amounts(sums: &Sums) -> Markup {
    html! {
        @if sums.is_empty() { span.muted { "nothing" } }
        @for (place, (currency, month)) in sums.iter().enumerate() {
            @if place > 0 { ", " }
            (part::money(*month, Some(currency.as_str()).filter(|code| !code.is_empty())))
        }
    }
}

/// [`changes`] as text alone.
pub(super) fn changes_words(sums: &Sums) -> String {
    if sums.is_empty() {
        return "no price".to_owned();
    }
    let one = |(currency, month): (&String, &hive_core::Money)| {
        let sign = if *month > hive_core::Money::ZERO { "+" } else { "" };
        format!("{sign}{} {currency}", month.words().replacen('-', "\u{2212}", 1)).trim_end().to_owned()
    };
    sums.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A line's fate in words, as its mark says it.
pub(super) fn fate_words(fate: Fate) -> &'static str {
    match fate {
        Fate::Push => Tick::Push.words(),
        Fate::InStep => Tick::InStep.words(),
        Fate::AfterGoLive => Tick::AfterGoLive.words(),
        Fate::AtInvoice => "waits for its invoice",
        Fate::Waits => Tick::Held.words(),
        Fate::Issue => Tick::Issue.words(),
    }
}

/// The one mark of a line.
pub(super) fn fate_mark(fate: Fate) -> Markup {
    let tick = match fate {
        Fate::Push => Tick::Push,
        Fate::InStep => Tick::InStep,
        Fate::AfterGoLive => Tick::AfterGoLive,
        Fate::Waits => Tick::Held,
        Fate::Issue => Tick::Issue,
        Fate::AtInvoice => {
            let words = fate_words(fate);
            return html! { span.mark.good title=(words) { (Icon::CheckHollow) span.unseen { (words) } } };
        }
    };
    part::mark(tick)
}

/// A code that leads to what the Help says about it.
pub(super) fn code_link(visitor: &Visitor, code: Code) -> Markup {
    let href = visitor.help(&crate::help::link::issue(code));
    html! { a.issue-code href=(href) title="What Help says about this code" { code { (code) } } }
}

/// A quantity, or a dash where there is none.
pub(super) fn maybe(value: Option<Quantity>) -> Markup {
    match value {
        Some(value) => part::quantity(value),
        None => html! { span.muted title="not known" { "–" } },
    }
}

/// What somebody must know before they believe a mark: preview, Updates off, older data.
pub(super) fn banners(visitor: &Visitor, look: &Look) -> Markup {
    let settings = visitor.path("psa-sync/settings");
    html! {
        @if look.facts.settings.updates() == Updates::Off {
            (part::banner(Kind::Wait, "Updates are off", html! {
                "Nothing is written to ConnectWise until they are on again. The marks show what an Update would do."
            }, part::button("button", &settings, "Show Settings")))
        } @else if look.facts.settings.updates() == Updates::Manual {
            (part::banner(Kind::Info, "Updates are started by hand only", html! {
                "\"The next Update\" is the next one that somebody starts."
            }, html! {}))
        }
        @if look.live.is_empty() && !look.plan.lines.is_empty() {
            (part::banner(Kind::Info, "Preview: no product is live yet", html! {
                "Nothing is written before somebody looked at a plan and pushed exactly that one. Hollow checks show what would be pushed after go-live."
            }, part::button("button", &visitor.path("psa-sync/update"), "Preview and Update")))
        }
        @if !look.fresh {
            (part::banner(Kind::Info, "Something changed just now", html! {
                "Newer numbers are being put together; this page renews itself when they are there."
            }, html! {}))
        }
    }
}

/// A person as others call them: the address without the word before it.
pub(super) fn who(text: &str) -> Markup {
    part::name(text.strip_prefix("user:").unwrap_or(text))
}
