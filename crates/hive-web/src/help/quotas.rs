//! How to set storage quotas: the article that the guide links to, with the ladder as it is computed.

use super::part::{
    Head, Row, clicks, crumbs, list, note, p, page, row, section, see, table, typed, ui, warning, words,
};
use super::{Guide, Topic, link};
use hive_core::Quantity;
use hive_core::ladder::Ladder;
use maud::{Markup, html};

pub(super) const TOPIC: Topic = Topic {
    slug: "storage-quotas",
    title: "How to set storage quotas",
    summary: "How much storage an account may have, which sizes there are, and what a quota does to the bill.",
};

pub(super) fn guide() -> Guide {
    Guide {
        lead: html! {
            "A quota is the amount of storage that an account is allowed. It governs how the customer's usage appears, and, "
            "if you bill by the bracket, what the customer pays."
        },
        sections: vec![
            section("levels", "Two levels", levels()),
            section("set", "Set a quota", set()),
            section("ladder", "The ladder of sizes", ladder()),
            section("soft-hard", "Soft and hard", soft_hard()),
            section("modes", "What it means for the bill", modes()),
            section("basis", "Latest, average or peak", basis()),
        ],
    }
}

fn levels() -> Markup {
    html! {
        (table(
            "The two levels of a quota",
            &[Head::Words("Level"), Head::Words("Where"), Head::Words("What it does")],
            &[
                row(words("MSP"), [
                    crumbs(&["Accounts", "(My Account)", "Billing"]),
                    words("What you have ordered for all your customers together. It is about your own bill from the vendor."),
                ]),
                row(words("Customer"), [
                    crumbs(&["Accounts", "a customer", "Billing"]),
                    words("What this customer may use. It is optional, and does not alter your own bill."),
                ]),
            ],
        ))
        (p("The two are apart: setting one never changes the other, and the quotas of your customers need not add up to yours."))
        (p("Only storage has quotas. Users, mailboxes and licences have none."))
    }
}

fn set() -> Markup {
    html! {
        (clicks(&[
            html! { "Open " (page("accounts", "Accounts")) " and choose the account: a customer, or " (ui("(My Account)")) " for your own quota." },
            html! { "Open " (ui("Billing")) "." },
            html! { "Find the storage line item, for example Hot Storage, and hit its edit icon." },
            html! { "Choose the new quota, soft or hard, and save." },
        ]))
        p { "In short: " (crumbs(&["Accounts", "account", "Billing", "storage line item", "edit icon"])) }
        (warning("Never below current usage", html! {
            p { "A quota cannot be set below what is used now. Hive refuses it, and names the smallest size that is possible." }
        }))
        p { "Quotas can also come with " (see(link::USAGE_CSV, "the usage file")) ". Every change is in Activity: who, when, before and after." }
    }
}

/// A size as a clerk reads it: 2 TB rather than 2000 GB.
fn size(gb: Quantity) -> String {
    let thousand = Quantity::from(1000);
    let terabytes = (gb >= thousand).then(|| gb.over(thousand.decimal())).flatten();
    terabytes.map_or_else(|| format!("{gb} GB"), |terabytes| format!("{terabytes} TB"))
}

/// Usages that show each kind of step: within, exactly on, just over, in whole terabytes.
const SHOWN: [&str; 9] = ["20", "100", "100.5", "430", "500", "500.01", "990", "1200", "20300"];

fn ladder() -> Markup {
    let ladder = Ladder::default();
    let rows: Vec<Row> = SHOWN
        .iter()
        .filter_map(|asked| {
            let asked = Quantity::parse_plain(asked).ok()?;
            let step = ladder.step(asked)?;
            let why = if step == asked { "exactly on a step: it stays" } else { "rounded up to the next step" };
            Some(row(html! { (size(asked)) }, [html! { (size(step)) }, words(why)]))
        })
        .collect();
    html! {
        (p("A quota has a size from the ladder: 100 GB, 250 GB, 500 GB, 750 GB, 1 TB and upwards in increments of 1 TB. What you ask for is rounded up to the nearest increment."))
        (table(
            "What a size becomes on the ladder",
            &[Head::Figures("Asked for, or used"), Head::Figures("Step"), Head::Words("Why")],
            &rows,
        ))
        (p("1 TB is 1,000 GB here."))
        p {
            "The ladder is a setting, per product. If your customers buy in steps of 100 GB, write "
            (typed("100+100")) ": 300 GB then stays 300 GB, where the usual ladder makes it 500 GB. The usual one is "
            (typed(&ladder.to_string())) ": its steps in GB, then every so many."
        }
    }
}

fn soft_hard() -> Markup {
    html! {
        (table(
            "Soft and hard quotas",
            &[Head::Words("Kind"), Head::Words("When usage goes above it"), Head::Words("Use it if")],
            &[
                row(words("Soft"), [
                    words("The quota rises by itself to the step of the usage. It is written down in Activity, with both sizes."),
                    words("Backups should go on. This is the usual kind, and the one we advise."),
                ]),
                row(words("Hard"), [
                    words("The quota stays. The line says that usage is above it."),
                    words("The customer has agreed to a limit and does not want more."),
                ]),
            ],
        ))
        (p("A soft quota rises only when usage is strictly above it. Usage of exactly 500 GB fills a quota of 500 GB and leaves it there; 500.01 GB raises it to 750 GB."))
        (p("It does not fall by itself. If a customer uses less again, lower the quota by hand; in the bracket mode you bill the larger one until then."))
        (p("Hive itself stops no backup, not even at a hard quota. It says what is allowed and bills by it."))
    }
}

/// Usage, quota and whether it is hard: the rows of the worked table.
const WORKED: [(&str, Option<(&str, bool)>); 9] = [
    ("430", None),
    ("430", Some(("500", false))),
    ("430", Some(("1000", false))),
    ("500", None),
    ("500.01", None),
    ("1200", None),
    ("620", Some(("500", false))),
    ("620", Some(("500", true))),
    ("0", None),
];

/// Quantities of the worked table: actual (whole GB, rounded up) and the bracket.
pub(super) fn worked(usage: Quantity, quota: Option<Quantity>) -> Option<(Quantity, Quantity)> {
    let actual = usage.up_to(Quantity::from(1).decimal())?;
    let bracket = Ladder::default().step(quota.map_or(usage, |quota| quota.max(usage)))?;
    Some((actual, bracket))
}

fn modes() -> Markup {
    let rows: Vec<Row> = WORKED
        .iter()
        .filter_map(|(usage, quota)| {
            let usage = Quantity::parse_plain(usage).ok()?;
            let size_of = |text: &str| Quantity::parse_plain(text).ok();
            let quota_gb = quota.and_then(|(text, _)| size_of(text));
            let (actual, bracket) = worked(usage, quota_gb)?;
            let quota_words = match (quota_gb, quota) {
                (Some(gb), Some((_, hard))) => format!("{}, {}", size(gb), if *hard { "hard" } else { "soft" }),
                _ => "none".to_owned(),
            };
            Some(row(html! { (usage) " GB" }, [words(&quota_words), html! { (actual) }, html! { (bracket) }]))
        })
        .collect();
    html! {
        p { "In " (page("psa-sync/settings", "Show Settings")) " you choose how storage is billed, for the MSP, a product or one account:" }
        (list(&[
            html! { strong { "Actual usage" } ": what was measured. The quota does not matter." },
            html! { strong { "The upper bracket of the allowed storage quota" } ": the step of the ladder at or above the larger of quota and usage. Without a quota it is the step of the usage." },
        ]))
        (table(
            "What is billed for a usage and a quota, for an item of 1 GB",
            &[Head::Figures("Usage"), Head::Words("Quota"), Head::Figures("Actual usage"), Head::Figures("Upper bracket")],
            &rows,
        ))
        (list(&[
            words("Actual usage is rounded up to whole GB, unless the product has a rounding of its own: 500.01 GB is 501."),
            words("A quota above the bracket of the usage is billed at the quota: the customer has ordered it."),
            words("Usage above a quota, soft or hard, is never billed below its own bracket: 620 GB is 750, and not 500."),
            words("Each account has its own bracket. Brackets of several accounts are added up afterwards."),
            words("Users and licences have no ladder: they are billed on actual usage in both modes, and the line says so."),
        ]))
        (note("Changing the mode", html! {
            p { "Show Settings says how many lines a change moves, and how much money, before you save. Afterwards the products " (see(link::CHANGED_RULE, "wait to be looked at again")) "." }
        }))
    }
}

fn basis() -> Markup {
    html! {
        (p("Usage of storage swings: a merge of backups can need twice the space for a day. So each product has a basis:"))
        (table(
            "What counts as usage",
            &[Head::Words("Basis"), Head::Words("What it takes"), Head::Words("Good for")],
            &[
                row(words("Latest"), [words("The newest sample."), words("Users, licences, and storage that is billed as it stands on the day.")]),
                row(words("Average of 30 days"), [words("The 30 days ending today, each with its last sample."), words("Hot storage: one day's swing does not move the bill.")]),
                row(words("Peak of 30 days"), [words("The largest of the 30 days."), words("Contracts that bill the highest point.")]),
            ],
        ))
        (p("A quota rises by the newest sample, whatever the basis."))
        p { "If too few of the 30 days were measured, the line " (see(link::HOLDS, "waits for a person")) "." }
    }
}
