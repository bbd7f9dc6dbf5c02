//! Linking accounts and products, and what one unit of an item is.

use super::part::{Head, clicks, list, note, p, page, row, section, see, table, typed, ui, words};
use super::{Guide, Topic, link};
use maud::{Markup, html};

pub(super) const TOPIC: Topic = Topic {
    slug: "linking",
    title: "Linking accounts and products",
    summary: "Say which ConnectWise customer is which Hive account, and which item each product is billed as.",
};

pub(super) const UNITS: Topic = Topic {
    slug: "units",
    title: "Units: what one unit of an item is",
    summary: "If an invoice says 2, is it 2 GB, 2 TB or 2 packs of 100 GB? Said once per product, then counted exactly.",
};

pub(super) fn guide() -> Guide {
    Guide {
        lead: html! {
            "Links are two lists. Both are needed before a quantity can be written: which customer, and which item. "
            "A Sync has to have run once, so that there is something to link to."
        },
        sections: vec![
            section("accounts", "Link your accounts", accounts()),
            section("matching", "What Hive matches by itself", matching()),
            section("products", "Map your products", products()),
            section("sums", "Several on one", sums()),
            section("pin", "Which addition, if there are several", pin()),
            section("ignore", "Ignore, unlink, change", ignore()),
        ],
    }
}

fn accounts() -> Markup {
    html! {
        (clicks(&[
            html! { "On " (page("psa-sync", "PSA Sync")) " select the " (ui("Show Accounts")) " tab: the ConnectWise customers you currently have, each with its Hive account." },
            html! { "For each customer that is active in both, compare the ConnectWise account name on the left with the Hive account name on the right." },
            html! { "Where they do not match yet, open the drop-down box on the right and choose the account. Choosing links the two." },
        ]))
        (p("Customers with an active agreement or a customer's type are listed first. All companies stand beside them, each with the reason why it is left out by default."))
        (p("A link is kept by ConnectWise's own number of the company, not by its name. If a company is renamed, the link stays."))
    }
}

fn matching() -> Markup {
    html! {
        (p("Hive compares names without regard to capitals, punctuation, spaces and legal forms such as Ltd or Pty. What it then does depends on how sure it is:"))
        (table(
            "What becomes of names that look alike",
            &[Head::Words("Names"), Head::Words("What Hive does")],
            &[
                row(words("Equal, and only one candidate on each side"), [words("The first Sync links them, and lists what it linked. Later a button does the same.")]),
                row(words("Similar"), [words("A suggestion with a score and a reason. You accept it or not.")]),
                row(words("Two companies that could both be it"), [words("Nothing, until you choose: to guess wrong is worse than not to guess.")]),
            ],
        ))
        (p("A link that a person made is never replaced by an automatic one. A pair that you took apart is remembered and never linked by itself again."))
    }
}

fn products() -> Markup {
    html! {
        (clicks(&[
            html! { "Hit the " (page("psa-sync/products", "Show Products")) " tab at the top of the PSA Sync menu." },
            html! { "View the items on the left-hand side, and select the products you wish to link." },
            html! { "Type into the " (ui("Search for product...")) " box: a part of the ConnectWise product id or of its description. Choose the item." },
            html! { "Say " (see(link::UNITS, "what one unit of the item is")) ", if Hive could not read it from the item." },
        ]))
        (p("Your products and your ConnectWise items need not have the same names, and need not be counted alike. The map carries the difference."))
        (p("Hive only suggests items, it never maps one by itself: a wrong item is a wrong price. A product without an item is never pushed."))
        p { "If the search does not find an item that you see in ConnectWise: " (see(link::CATALOG, "the role may lack the catalogue")) ", or the item is new and a Sync has not run since." }
    }
}

fn sums() -> Markup {
    html! {
        (list(&[
            words("Several accounts linked to one company are added up, per product. Hive tells you when you make the second link."),
            words("Several products mapped to one item are added up too."),
            words("The parts stay visible, with the names of the accounts they come from."),
            words("If one part cannot be counted, the sum is not written: a sum without a part would be too low."),
        ]))
    }
}

fn pin() -> Markup {
    html! {
        (p("Hive looks for the item on every active agreement of the company, among the additions that are in effect: not cancelled, not expired, not in the future. If there is exactly one, that is the one. If there are two, only one can be right, and Hive does not guess. You have three ways to say which:"))
        (list(&[
            html! { strong { "Pin the line" } " to one addition: for this account and product, that one and no other." },
            html! {
                strong { "Set an agreement rule" } " for the MSP or a product: only agreements of this type, or with this word in the name, such as "
                (typed("type=Managed Services")) " or " (typed("name~Backup")) ". " (typed("type=Gold|Silver & name!~Old"))
                " joins several. Try shows company by company what a rule would do, before it is saved."
            },
            html! {
                strong { "Fix the agreement" } " of a customer, on the account's Billing page: no rule is then asked, and the choice holds for every account of the same company."
            },
        ]))
        (p("If there is none, nothing is created. The line says which additions were looked at and why each was left out."))
    }
}

fn ignore() -> Markup {
    html! {
        (list(&[
            html! { strong { "Ignore" } " an account or a product that is not billed: your own, a test, a free one. It is then counted apart and no longer asks." },
            html! { strong { "Unlink" } " takes it out of the next Update. What ConnectWise holds stays as it is." },
            html! { strong { "Change" } " a link at any time. The next plan follows at once; it needs no Sync. A product with another item waits " (see(link::CHANGED_RULE, "to be looked at again")) "." },
        ]))
        (p("Every change is in Activity, with who, when, before and after."))
    }
}

pub(super) fn units() -> Guide {
    Guide {
        lead: html! {
            "Usage comes in gigabytes, users or machines. An item is sold in units of its own. "
            "Between the two stands one sentence, said once per product: one unit of this item is so much."
        },
        sections: vec![
            section("say", "Say what one unit is", say()),
            section("gigabytes", "Gigabytes and terabytes", gigabytes()),
            section("suspect", "When the unit looks wrong", suspect()),
            section("rules", "Included, minimum, maximum, rounding", rules()),
        ],
    }
}

fn say() -> Markup {
    html! {
        (p("It has a size and a unit. Hive proposes one from the item's own texts (its unit of measure, id and description), and a person confirms it."))
        (table(
            "How 1,250 GB of usage is counted",
            &[Head::Words("One unit of the item"), Head::Figures("Quantity"), Head::Words("Why")],
            &[
                row(words("1 GB"), [words("1,250"), words("as measured")]),
                row(words("1 TB"), [words("1.25"), words("1,250 GB are 1.25 TB")]),
                row(words("100 GB"), [words("13"), words("packs are sold whole: 12.5 rounds up")]),
            ],
        ))
        (p("For users and machines one unit is one user or one machine, unless you sell packs: 24 users in packs of 10 are 3."))
        (p("A storage product whose unit nobody has confirmed is not written at all."))
    }
}

fn gigabytes() -> Markup {
    html! {
        (list(&[
            words("GB is 1,000,000,000 bytes. TB is 1,000 GB. KB and MB likewise."),
            words("GiB and TiB are the binary ones: 1 TiB is 1,024 GiB, or about 1,099.5 GB."),
            words("If your vendor writes GB and means the binary kind, say GiB in the usage file. Hive does not guess."),
        ]))
        (p("Every number's explanation shows what it was converted from."))
    }
}

fn suspect() -> Markup {
    html! {
        (p("If five lines or more of a product would all become about 10, 100, 1,000 or 1,024 times what they are now (or 250 or 500 times, or that much smaller), the unit is wrong, and not the usage. Hive stops the whole product, says which unit it looks like, and how much money it would have moved."))
        (p("Look at the item in ConnectWise. If the unit was wrong, correct it. If it is right, confirm it again: Hive then believes you."))
    }
}

fn rules() -> Markup {
    html! {
        (p("These belong to the product's map, and are applied to the sum in this order:"))
        (table(
            "Rules of a product, in the order in which they are applied",
            &[Head::Words("Rule"), Head::Words("What it does"), Head::Words("If it is not set")],
            &[
                row(words("Included"), [words("Taken off first: the customer has so much free. Never below 0."), words("Nothing is taken off.")]),
                row(words("Minimum"), [words("At least so much is billed."), words("No minimum.")]),
                row(words("Maximum"), [words("At most so much is billed."), words("No maximum.")]),
                row(words("Rounding"), [
                    words("Up, down or to the nearest step you name."),
                    words("Storage up to whole GB, or to 0.01 TB. Users and machines must be whole. Packs are always whole."),
                ]),
            ],
        ))
        (note("Included twice", html! {
            p { "An addition in ConnectWise can have a " (ui("Less Included")) " of its own. If both are set, the customer would have it free twice; Hive stops the line and says so." }
        }))
    }
}
