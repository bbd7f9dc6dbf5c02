//! Preview and go-live, and what Hive will never do.

use super::part::{Head, clicks, list, note, p, page, row, section, see, table, ui, warning, words};
use super::{Guide, Topic, link};
use maud::{Markup, html};

pub(super) const TOPIC: Topic = Topic {
    slug: "go-live",
    title: "Preview and go-live",
    summary: "A new connection only shows what it would do. A product is written once a person has seen the plan and started it.",
};

pub(super) const NEVER: Topic = Topic {
    slug: "never",
    title: "What Hive will never do",
    summary: "The promises behind every write: one field, never twice, never blindly, never unexplained.",
};

pub(super) fn guide() -> Guide {
    Guide {
        lead: html! { "Nothing is ever pushed for a product that nobody has looked at. Until then Hive previews." },
        sections: vec![
            section("preview", "Preview", preview()),
            section("live", "Go live", live()),
            section("changed", "When a live product waits again", changed()),
            section("plan", "Exactly this plan", plan()),
        ],
    }
}

fn preview() -> Markup {
    html! {
        (p("A new connection is in preview. Usage, marks and money are computed as if everything were live; the checks are hollow and say \"after go-live\". Nothing is written, by no schedule and by no button that does not name the plan."))
        (p("Use the time: mend what has an issue, and compare some customers with their last invoice. The difference in money is what has not been billed, or was billed too much."))
    }
}

fn live() -> Markup {
    html! {
        (clicks(&[
            html! { "Open " (page("psa-sync/usages", "Product Usages")) " and look at the lines of a product." },
            html! { "Start an Update of exactly the plan that is shown: for all its products, or for those you choose. How many lines it writes, and how much money that moves, stands beside it." },
            html! { "Those products are live from then on. Their later changes are pushed by the scheduled Updates too." },
        ]))
        (p("Begin with one product, and look at the agreement in ConnectWise afterwards. The others stay in preview."))
        (note("Go-live does not approve what is held", html! {
            p { "A line that waits for approval waits then too. See " (see(link::HOLDS, "holds")) "." }
        }))
    }
}

fn changed() -> Markup {
    html! {
        (p("A product goes live under its rule. If the rule changes, all its lines could change, so it waits until a person has seen the new plan:"))
        (list(&[
            words("another item, or another unit or size of it;"),
            words("another mode, basis or ladder, for the product or for the whole MSP;"),
            words("another included quantity, minimum, maximum, rounding or agreement rule."),
        ]))
        (p("A setting for one account, or the answer to one line, is no change of the rule. The product stays live. A connection that points at another ConnectWise, or a backup that was restored, begins with a preview again."))
    }
}

fn plan() -> Markup {
    html! {
        (p("What you see has an id, made from every line and every number in it. When you start it, Hive reads ConnectWise again and plans anew. If anything differs from what you saw, it writes nothing and lists what differs. You never push something else than you looked at."))
        (p("Usage that arrives in between waits for the next plan. A plan that is older than a day has lapsed: look again."))
    }
}

pub(super) fn never() -> Guide {
    Guide {
        lead: html! { "Hive writes into somebody else's invoices. These are its promises." },
        sections: vec![
            section("one-field", "One field, and no other", one_field()),
            section("write", "Before and after every write", write()),
            section("zero", "What is unknown is never 0", zero()),
            section("people", "People come first", people()),
            section("keys", "Your keys and your data", keys()),
        ],
    }
}

fn one_field() -> Markup {
    html! {
        (p("Hive changes the quantity of an addition that is there already. It does not touch price, cost, dates, description or tax."))
        (warning("It creates nothing by itself and never deletes", html! {
            p { "No company, no item and no agreement is made or removed. If there is no addition for an item, Hive says so, and a person makes it. Only where you switch that on in the settings of a product does Hive offer to create the addition, and then only once somebody approved exactly it." }
        }))
        (p("It does not invoice. What you invoice, and when, stays in ConnectWise."))
    }
}

fn write() -> Markup {
    html! {
        (clicks(&[
            words("Hive first writes down what it is about to do. If it cannot, it sends nothing."),
            words("It reads the addition again. If it is not what the plan saw, it writes nothing."),
            words("It writes the quantity, once."),
            words("It compares the answer. If the answer was lost, it looks up what happened before it does anything else."),
        ]))
        (p("So the same Update run twice writes nothing the second time, and a machine that loses power in the middle knows afterwards what was written. An Update can be undone, except where somebody has changed the value since."))
    }
}

fn zero() -> Markup {
    html! {
        (list(&[
            words("Usage that did not arrive is an issue. The quantity stays as it is."),
            html! { "A 0 that was measured, where more is billed today, " (see(link::HOLDS, "waits for a person")) "." },
            words("Old usage is held, then no longer used. It is never taken for today's without a word."),
        ]))
    }
}

fn people() -> Markup {
    html! {
        (list(&[
            html! { "A value that a person typed into ConnectWise is never overwritten by itself. Hive " (see(link::ANSWERS, "asks what it meant")) "." },
            words("It never guesses: two companies of one name, two additions of one item, an unclear unit are questions."),
            words("It never replaces a link that a person made."),
            html! { "It never pushes a product before " (see(link::GO_LIVE, "somebody has looked")) "." },
            html! { "With " (ui("Off")) ", no Update writes, neither by schedule nor by hand." },
        ]))
    }
}

fn keys() -> Markup {
    table(
        "What Hive keeps, and who sees it",
        &[Head::Words("What"), Head::Words("How it is kept")],
        &[
            row(
                words("The private key"),
                [words("Encrypted. It is never shown again, sent to a browser or written to a log.")],
            ),
            row(
                words("Your MSP's data"),
                [words("Apart from every other MSP's, even if two have customers of the same name.")],
            ),
            row(
                words("Who did what"),
                [words(
                    "Every change of a link, a rule, a quota, a setting or a key, and every write: who, when, before and after.",
                )],
            ),
            row(
                words("Everything else"),
                [words("Hive talks to your ConnectWise and to nobody else. It does not report home.")],
            ),
        ],
    )
}
