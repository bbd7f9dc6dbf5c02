//! Reading Product Usages: the marks, the columns, the story of a number.

use super::part::{Head, clicks, list, note, p, page, row, section, see, table, ui, words};
use super::{Guide, Topic, link};
use maud::{Markup, html};

pub(super) const TOPIC: Topic = Topic {
    slug: "product-usages",
    title: "Reading Product Usages: the marks",
    summary: "One line per account and product: what is used, what ConnectWise has, what will be written, and why not.",
};

pub(super) fn guide() -> Guide {
    Guide {
        lead: html! {
            "Product Usages is the product map: every account with every product, and what the next Update does with it. "
            "Open it at any time with " (ui("Show Product Usages")) " on " (page("psa-sync", "PSA Sync")) "; it updates by itself."
        },
        sections: vec![
            section("marks", "The marks", marks()),
            section("columns", "The figures of a line", columns()),
            section("money", "The money", money()),
            section("explain", "Explain this number", explain()),
            section("recover", "When a mark changes", recover()),
        ],
    }
}

fn marks() -> Markup {
    html! {
        (p("Every line has exactly one mark. The shape and the words say the same as the colour."))
        (table(
            "The marks and what each means",
            &[Head::Words("Mark"), Head::Words("Its words"), Head::Words("What it means")],
            &[
                row(words("Green check"), [
                    words("will be pushed on the next Update"),
                    words("The value shown is what the next Update writes, to the digit, if nothing changes meanwhile."),
                ]),
                row(words("Green check"), [
                    words("in step"),
                    words("ConnectWise says the same already. Nothing is written."),
                ]),
                row(words("Hollow check"), [
                    words("after go-live"),
                    html! { "It would be pushed, but nobody has taken this product live yet. See " (see(link::GO_LIVE, "preview and go-live")) "." },
                ]),
                row(words("Red exclamation mark"), [
                    words("waits for approval"),
                    html! { "Held: the value is known, and a person should look first. See " (see(link::HOLDS, "holds, approvals and answers")) "." },
                ]),
                row(words("Red exclamation mark"), [
                    words("issue"),
                    html! { "An issue was found; nothing is written. Click it for more: which records, what to do. See " (see(link::ISSUES, "every issue code")) "." },
                ]),
            ],
        ))
        (p("If Updates are off, a banner above the marks says so: a green check then means what would be pushed."))
    }
}

fn columns() -> Markup {
    html! {
        (table(
            "The figures of a line",
            &[Head::Words("Figure"), Head::Words("What it is")],
            &[
                row(words("Usage"), [words("What was measured, in the product's unit, with the time of measurement and its zone.")]),
                row(words("Now"), [words("The quantity on the addition in ConnectWise, as last read.")]),
                row(words("Next"), [words("The quantity that Hive wants there. A held line shows it too; a line with an issue has none.")]),
                row(words("Part"), [words("This line's own share, where several lines add up on one addition.")]),
            ],
        ))
        (p("Now and next belong to the addition. All lines of one addition have the same two numbers and the same mark."))
        (note("Nothing known is not zero", html! {
            p { "If no usage was ever measured, there is a dash and an issue. 0 is shown only where 0 was measured." }
        }))
    }
}

fn money() -> Markup {
    html! {
        (p("Beside a change stands what it moves a month: the difference, times the addition's own unit price, divided by the months of the billing cycle. It carries a sign and the agreement's currency. Hive reads prices and never writes one."))
        (list(&[
            words("No unit price on the addition: no money is shown, and a note says why."),
            words("The addition is not charged to the customer (Do Not Bill, No Charge): the money is 0."),
            words("Usage that nobody is billed for is valued at the item's list price, if the item is known."),
        ]))
    }
}

fn explain() -> Markup {
    html! {
        (p("Click a line: its story opens, step by step, so that you can tell a customer where a number comes from."))
        (clicks(&[
            html! { strong { "Basis" } ": the sample, or the days behind an average, with its source." },
            html! { strong { "Mode" } ": actual usage, or the bracket of the quota." },
            html! { strong { "Unit" } ": what one unit of the item is." },
            html! { strong { "Sum" } ": the parts, if there are several." },
            html! { strong { "Rules" } ": included, minimum, maximum, rounding." },
            html! { strong { "Target" } ": which addition, and why the others are not it." },
            html! { strong { "Mark" } ": what is there now, and what is wanted." },
        ]))
        (p("The same place has the button that mends an issue: pin, link, confirm the unit, approve."))
    }
}

fn recover() -> Markup {
    html! {
        (list(&[
            words("New usage, a link, a quota, a rule or a setting counts at once."),
            html! { "What you mend in ConnectWise counts after the next Sync. " (see(link::FORCE_SYNC, "Force a Sync")) " if you do not want to wait." },
            words("A mark turns green by itself once the cause is gone. There is nothing to reset."),
        ]))
    }
}
