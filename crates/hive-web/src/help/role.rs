//! A least-privilege role: the clicks, the rights and what each is for, waiting for an admin.

use super::part::{Head, clicks, crumbs, list, note, p, row, section, see, table, typed, ui, words};
use super::{Guide, Topic, link};
use hive_core::rights::{Action, Level, NEEDED, Needed};
use maud::{Markup, html};

pub(super) const TOPIC: Topic = Topic {
    slug: "least-privilege",
    title: "A least-privilege role",
    summary: "A security role that lets Hive read customers and agreements and change a quantity, and nothing else.",
};

pub(super) fn guide() -> Guide {
    Guide {
        lead: html! {
            "An API member with a small role of its own is the way we recommend. If its keys are ever lost, little can be done with them."
        },
        sections: vec![
            section("role", "Make the security role", role()),
            section("recommended", "What Hive recommends", recommended()),
            section("rights", "Every right, and what it is for", rights()),
            section("member", "Make the API member and its keys", member()),
            section("waiting", "Waiting for an admin", waiting()),
            section("catalog", "Without the right to read the catalogue", catalog()),
            section("restricted", "A role that is restricted to some agreement types", restricted()),
        ],
    }
}

fn role() -> Markup {
    html! {
        (clicks(&[
            html! { "In ConnectWise head to the " (ui("System")) " tab at the bottom left of your console, and select " (ui("Security Roles")) "." },
            html! { "Hit " (ui("Create New Role")) " and give the role an ID. We suggest " (typed("LeastPriv_Probax")) " or similar." },
            html! { "Save it. You are taken to the permission levels, where two permissions are to be set." },
            html! {
                "Expand the " (ui("Finance")) " menu, navigate to " (ui("Agreements")) " and set " (ui("Edit Level")) " and "
                (ui("Inquire Level")) " to " (ui("All")) "."
            },
            html! {
                "Expand the " (ui("Company")) " menu, navigate to " (ui("Company Maintenance")) " and set " (ui("Add Level")) " and "
                (ui("Inquire Level")) " to " (ui("All")) "."
            },
        ]))
        (table(
            "The two permissions of the role",
            &[Head::Words("Permission"), Head::Words("Levels to set to All")],
            &[
                row(crumbs(&["Finance", "Agreements"]), [words("Edit Level and Inquire Level")]),
                row(crumbs(&["Company", "Company Maintenance"]), [words("Add Level and Inquire Level")]),
            ],
        ))
        (p("Additions, the lines of an agreement, have no permission of their own: they belong to Agreements."))
    }
}

fn recommended() -> Markup {
    html! {
        (p("Hive works with exactly that role. If you make one anew, two things are better:"))
        (list(&[
            html! { "Leave out " (ui("Add Level")) " on " (crumbs(&["Company", "Company Maintenance"])) ". Hive creates no companies, so it does not need it." },
            html! { "Set " (ui("Inquire Level")) " on " (crumbs(&["Procurement", "Product Catalog"])) " to " (ui("All")) ". " (see("#catalog", "Without it")) " the search knows fewer products." },
        ]))
        (p("That leaves:"))
        ul {
            li { (crumbs(&["Company", "Company Maintenance"])) ": Inquire" }
            li { (crumbs(&["Finance", "Agreements"])) ": Edit and Inquire" }
            li { (crumbs(&["Procurement", "Product Catalog"])) ": Inquire" }
        }
    }
}

/// What a right lets Hive do; a right that is asked for and has no purpose fails a test.
pub(super) fn purpose(needed: &Needed) -> &'static str {
    match (needed.function, needed.action) {
        ("Company Maintenance", Action::Inquire) => "To list your companies, so that customers can be linked.",
        ("Agreements", Action::Inquire) => {
            "To read agreements and their additions: what is billed now, and until when."
        }
        ("Agreements", Action::Edit) => "To write a quantity on an addition. The only thing that Hive writes.",
        ("Product Catalog", Action::Inquire) => "To list your products, so that each can be found and mapped.",
        _ => "",
    }
}

fn rights() -> Markup {
    let rows: Vec<_> = NEEDED
        .iter()
        .map(|needed| {
            row(
                html! { (crumbs(&[needed.module, needed.function])) },
                [
                    html! { (needed.action) " Level = " (Level::All) },
                    words(purpose(needed)),
                    words(&sentence(needed.stops)),
                    words(if needed.optional { "No: it is optional." } else { "Yes" }),
                ],
            )
        })
        .collect();
    html! {
        (table(
            "The rights that Hive tests when you connect",
            &[
                Head::Words("Permission"),
                Head::Words("Level"),
                Head::Words("What it is for"),
                Head::Words("Without it"),
                Head::Words("Waits for an admin"),
            ],
            &rows,
        ))
        (p("ConnectWise calls the first menu Company or Companies, depending on the screen. It is the same."))
        p {
            "The level must be " (ui("All")) ". With " (ui("My")) " the member sees only what it is assigned to, "
            "so customers would be missing without a word."
        }
    }
}

/// A capital first and a full stop last.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).chain(['.']).collect()).unwrap_or_default()
}

fn member() -> Markup {
    html! {
        (clicks(&[
            html! {
                "Navigate to the " (ui("System")) " tab, select " (ui("Members")) ", open the " (ui("API Members")) " tab and hit "
                (ui("New Item")) "."
            },
            html! {
                "Fill in " (ui("Member ID")) " and " (ui("Member Name")) ", and set " (ui("Role ID"))
                " to the role that you made above."
            },
            html! { "Save the member." },
            html! { "In this same section open the " (ui("API Keys")) " tab, hit " (ui("New Item")) ", type a description and save." },
            html! { "Record both keys now: " (see(link::PRIVATE_KEY, "the private key is shown only once")) "." },
            html! { "Take note of the URL too: " (crumbs(&["System", "My Company", "Miscellaneous Options", "Site URL for Manage*"])) "." },
        ]))
        p { "Then " (see(link::FORM, "enter them in Hive")) "." }
    }
}

fn waiting() -> Markup {
    html! {
        (p("When you save the connection, Hive asks ConnectWise which rights the member has. If one is missing that Hive cannot do without, the connection is waiting for an admin: a banner says which right it is, what works, and what does not."))
        (list(&[
            html! { "Syncs run, as far as the rights go. " strong { "No Update writes." } },
            words("An admin of your MSP mends the role in ConnectWise and tests again; the banner goes by itself."),
            words("Or an admin accepts what will not work. Who accepted what, and when, is kept, and stands in Activity."),
        ]))
        (p("With every right present there is nothing to accept. Where ConnectWise does not let Hive look, the rights are unknown: Hive says so, and nothing waits."))
    }
}

fn catalog() -> Markup {
    html! {
        (p("The role of the article has no right to the product catalogue. Hive works without it, and says so:"))
        (list(&[
            words("It knows the items that are on an addition of an active agreement, and no others. Those are the ones that can be billed anyway."),
            words("The search for a product finds only these. An item that no customer has yet appears after it is on an agreement and a Sync has run."),
            words("Hive cannot tell that an item was made inactive."),
            words("Nothing waits for an admin because of it."),
        ]))
    }
}

fn restricted() -> Markup {
    html! {
        (p("ConnectWise can restrict a permission to some agreement types. The others are then hidden from Hive: not refused, just not there. Hive warns you when it sees such a role."))
        (note("Hidden is not deleted", html! {
            p { "A record that vanished is treated as not visible. Its lines stop, with the words why; nothing is set to 0." }
        }))
    }
}
