//! What the pages of usages, of the Update and of the month show alike: sums, marks, codes, the tabs.

use crate::Visitor;
use crate::part::{self, Icon, Kind, Tick};
use hive_core::issue::Code;
use hive_core::mirror::Agreement;
use hive_core::settings::Updates;
use hive_core::{Decimal, Quantity};
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

/// Differences a month of so many things, one amount a currency.
pub(super) fn changes(sums: &Sums, many: usize) -> Markup {
    html! {
        @if sums.is_empty() { span.muted { (none(many)) } }
        @for (place, (currency, month)) in sums.iter().enumerate() {
            @if place > 0 { ", " }
            (part::money_change(*month, Some(currency.as_str()).filter(|code| !code.is_empty())))
        }
    }
}

/// How often a price is charged: `a year`. `months` is what one invoice covers.
pub(super) fn cycle_words(months: Option<Decimal>) -> String {
    // Months as a fraction, and their words.
    const NAMED: [(i64, i64, &str); 5] =
        [(1, 1, "a month"), (3, 1, "a quarter"), (12, 1, "a year"), (12, 52, "a week"), (24, 52, "every 2 weeks")];
    let Some(months) = months else { return "a billing cycle".to_owned() };
    let is = |part: i64, of: i64| Decimal::from(part).checked_div(Decimal::from(of)) == Some(months);
    let named = NAMED.into_iter().find(|(part, of, _)| is(*part, *of));
    named.map_or_else(|| format!("every {} months", months.normalize()), |(_, _, words)| words.to_owned())
}

/// How often an agreement charges its unit prices.
pub(super) fn cycle_of(agreement: &Agreement) -> String {
    cycle_words(agreement.cycle_months())
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

/// What stands where there is no amount: things without a price are not nothing.
fn none(many: usize) -> &'static str {
    if many == 0 { "nothing" } else { "no price" }
}

/// [`changes`] as text alone.
pub(super) fn changes_words(sums: &Sums, many: usize) -> String {
    if sums.is_empty() {
        return none(many).to_owned();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_says_how_often_it_is_charged() {
        let named = |name: &str| {
            let agreement: Agreement = hive_core::mirror::Agreement {
                id: hive_core::AgreementId(1),
                name: String::new(),
                agreement_type: None,
                company: hive_core::CompanyId(1),
                company_name: String::new(),
                parent: None,
                start: None,
                end: None,
                no_ending_date: true,
                cancelled: false,
                cancelled_on: None,
                status: None,
                billing_cycle: Some(name.to_owned()),
                next_invoice: None,
                currency: None,
                prorates: None,
            };
            cycle_of(&agreement)
        };
        let of = [
            ("Monthly", "a month"),
            ("Quarterly", "a quarter"),
            ("Yearly", "a year"),
            ("Semi-Annual", "every 6 months"),
            ("2 Years", "every 24 months"),
            ("Weekly", "a week"),
            ("None", "a billing cycle"),
        ];
        for (name, words) in of {
            assert_eq!(named(name), words, "{name}");
        }
    }

    #[test]
    fn no_things_come_to_nothing_and_things_without_a_price_do_not() {
        let none = Sums::new();
        assert_eq!((changes_words(&none, 0).as_str(), changes_words(&none, 2).as_str()), ("nothing", "no price"));
        assert!(changes(&none, 0).0.contains("nothing") && changes(&none, 1).0.contains("no price"));
    }
}
