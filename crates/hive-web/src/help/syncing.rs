//! Syncing and Updating: what each does, when, and what became of each line.

use super::part::{Head, clicks, list, note, p, page, row, section, see, table, ui, words};
use super::{Guide, Topic, link};
use hive_core::outcome::Outcome;
use hive_core::settings::Key;
use maud::{Markup, html};

pub(super) const TOPIC: Topic = Topic {
    slug: "syncing-updating",
    title: "Syncing and Updating",
    summary: "A Sync reads from ConnectWise, an Update writes to it. When each runs, how to start one, how to stop them.",
};

pub(super) fn guide() -> Guide {
    let (sync, update) = (Key::SyncDays.default(), Key::UpdateDays.default());
    Guide {
        lead: html! {
            "Syncing pulls from ConnectWise into Hive, every " (sync) " days. Updating pushes from Hive to ConnectWise, every "
            (update) " days. Both can be started by hand."
        },
        sections: vec![
            section("syncing", "Syncing", syncing()),
            section("forcing", "Forcing a Sync", forcing()),
            section("updating", "Updating", updating()),
            section("modes", "Automatic, manual only, off", modes()),
            section("schedule", "The schedule", schedule()),
            section("arrow", "The green arrow and the report", arrow()),
            section("outcomes", "What became of each line", outcomes()),
        ],
    }
}

fn syncing() -> Markup {
    html! {
        (p("A Sync pulls your ConnectWise data into Hive: companies and products, and the agreements and additions that a quantity needs. Once they are pulled, you can link your accounts to companies and your products to items."))
        (list(&[
            html! { "It runs automatically every " (Key::SyncDays.default()) " days, and by hand at any time." },
            words("It writes nothing to ConnectWise."),
            words("It never takes away a link, a map or a setting. What is gone or inactive in ConnectWise is marked, not dropped."),
            words("It counts what it reads. If something is missing, what was known before stays, the run says why, and it is tried again."),
        ]))
    }
}

fn forcing() -> Markup {
    html! {
        (p("Things change: a customer's requirements, a new customer, a price, a service. If you have just worked on billing in ConnectWise, do not wait for the schedule."))
        p { "Press " (ui("Force a Sync")) " on " (page("psa-sync", "PSA Sync")) ". It pulls all the ConnectWise properties anew. Pages that are open show the result without being loaded again." }
    }
}

fn updating() -> Markup {
    html! {
        (p("An Update pushes the values in Hive out to ConnectWise:"))
        (clicks(&[
            words("For every account that is linked to a ConnectWise company, Hive finds all linked products."),
            words("For each linked product, it sees if an addition exists in ConnectWise for this item on the relevant company."),
            words("If it finds one, it pushes the quantity in Hive for this company and item."),
        ]))
        (p("If there is none, nothing is created, and the line is reported. Only quantities that differ are written. A failure on one line does not stop the others."))
        p { "It pushes " (see(link::GO_LIVE, "products that are live")) " and nothing that " (see(link::HOLDS, "waits for a person")) "." }
    }
}

fn modes() -> Markup {
    html! {
        (table(
            "The three modes of Updates",
            &[Head::Words("Mode"), Head::Words("By schedule"), Head::Words("By hand"), Head::Words("For whom")],
            &[
                row(ui("Automatic"), [words("Writes"), words("Writes"), words("You trust the preview. Holds still wait for you.")]),
                row(ui("Manual only"), [words("Does not run"), words("Writes"), words("You want to start every Update yourself.")]),
                row(ui("Off"), [words("Does not run"), words("Does not write"), words("Hive only reads. Nothing at all is written.")]),
            ],
        ))
        (p("Syncs run in every mode."))
    }
}

fn schedule() -> Markup {
    html! {
        (table(
            "What the schedule is until you change it",
            &[Head::Words("Run"), Head::Words("Every"), Head::Words("At"), Head::Words("Zone")],
            &[
                row(words("Sync"), [html! { (Key::SyncDays.default()) " days" }, words(Key::SyncTime.default()), words(Key::TimeZone.default())]),
                row(words("Update"), [html! { (Key::UpdateDays.default()) " days" }, words(Key::UpdateTime.default()), words(Key::TimeZone.default())]),
            ],
        ))
        (p("Set your own time zone in Show Settings: the hour then stays the same on the wall, through summer time too. When the last run ended and when the next one begins stands beside the arrow."))
        (p("One run at a time: if one is under way, a second waits or is refused, and says who holds it since when. A failed Sync is tried again, at first after minutes and then more rarely."))
    }
}

fn arrow() -> Markup {
    html! {
        (list(&[
            words("Hover over the green arrow icon, or move to it with the keyboard: what runs now and how far it is, or when the last run ended and the next one begins."),
            html! { "Click it: the " (page("psa-sync/report", "Sync/Update report")) ". What will be pushed on the next Update, what will not be, and which issues there are." },
            words("It changes its shape and its words when something failed, not only its colour."),
        ]))
    }
}

/// What an outcome means, for somebody who reads a report.
pub(super) fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pushed => "Written, and ConnectWise answered with this quantity.",
        Outcome::Confirmed => "Written; the answer was lost, and reading it back showed the quantity.",
        Outcome::AlreadyRight => "ConnectWise had this quantity already when Hive came to write it.",
        Outcome::Drifted => "Somebody changed it since the plan. Nothing was written; the next plan asks.",
        Outcome::NotATarget => "The addition was cancelled, has ended or is gone. Nothing was written.",
        Outcome::Alarm => "Written, but ConnectWise kept another quantity. Look at it there.",
        Outcome::Refused => "ConnectWise said no. Its own words stand beside it.",
        Outcome::Unknown => "It is not known whether the write landed. The next run looks it up before anything else.",
        Outcome::NotSent => "Never sent: the run was stopped, or ended before it came to this line.",
        Outcome::Held => "Waits for an approval, an answer or go-live.",
        Outcome::Issue => "Cannot be pushed; the issue says why.",
        Outcome::Unchanged => "Nothing to write: ConnectWise says the same.",
    }
}

fn outcomes() -> Markup {
    let rows: Vec<_> = Outcome::ALL
        .into_iter()
        .map(|outcome| row(html! { (outcome.name().replace('_', " ")) }, [words(outcome_words(outcome))]))
        .collect();
    html! {
        (p("Every line of the plan is in the report of its Update, with one of these:"))
        (table("What can become of a line in an Update", &[Head::Words("Outcome"), Head::Words("What it means")], &rows))
        (note("Taking an Update back", html! {
            p { "A run can be undone: each addition gets back what it had before, except where somebody has changed it since; those are listed." }
        }))
    }
}
