//! Holds, approvals and answers: what waits for a person, under which limits, and what ends it.

use super::part::{Head, clicks, list, note, p, row, section, see, table, ui, words};
use super::{Guide, Topic, link};
use hive_core::issue::Code;
use hive_core::settings::Key;
use maud::{Markup, html};

pub(super) const TOPIC: Topic = Topic {
    slug: "holds",
    title: "Holds, approvals and answers",
    summary: "Why some changes wait for a person, what an approval covers, and what to say about a value edited by hand.",
};

pub(super) fn guide() -> Guide {
    Guide {
        lead: html! {
            "Most changes are small and expected, and are pushed without asking. A few look like a mistake. "
            "Those are held: the value is known, nothing is written, and a person decides."
        },
        sections: vec![
            section("what", "What is held", what()),
            section("approvals", "Approve", approvals()),
            section("answers", "A value that somebody edited by hand", answers()),
            section("gone", "A customer who is not listed any more", gone()),
            section("half", "A source that answered half", half()),
            section("brake", "The brake", brake()),
            section("paid", "A period that is paid already", paid()),
            section("undone", "A value that was taken back", undone()),
        ],
    }
}

/// A code as a link to its row.
fn code(code: Code) -> Markup {
    html! { a href=(link::issue(code)) { code { (code) } } }
}

fn what() -> Markup {
    let set = |key: Key| key.default();
    html! {
        (table(
            "What is held, and the limits until you change them in Show Settings",
            &[Head::Words("What"), Head::Words("Held when"), Head::Words("Code")],
            &[
                row(words("A large fall"), [
                    html! { "over " (set(Key::DropPercent)) " % and over " (set(Key::DropMoney)) " a month" },
                    code(Code::UsageDrop),
                ]),
                row(words("A large rise"), [
                    html! { "over " (set(Key::RisePercent)) " % and over " (set(Key::RiseMoney)) " a month" },
                    code(Code::UsageSpike),
                ]),
                row(words("To zero"), [words("0 was measured, and more is billed now"), code(Code::UsageZero)]),
                row(words("Old usage"), [
                    html! { "older than " (set(Key::StaleHoldDays)) " days; after " (set(Key::StaleStopDays)) " it is no longer used" },
                    code(Code::UsageStale),
                ]),
                row(words("Gone"), [words("a complete batch does not list the customer any more"), code(Code::UsageGone)]),
                row(words("Half an answer"), [
                    html! { "over " (set(Key::FeedAccountsPercent)) " % of a source's accounts (and at least " (set(Key::FeedAccountsMin)) ") missing, its total down over " (set(Key::FeedTotalPercent)) " %, or over " (set(Key::FeedLinesPercent)) " % of its lines down by over " (set(Key::FeedLineDropPercent)) " %" },
                    code(Code::UsageFeedPartial),
                ]),
                row(words("The brake"), [
                    html! { "a scheduled Update would move over " (set(Key::BrakePercent)) " % of the money under Hive" },
                    code(Code::UpdateBrake),
                ]),
                row(words("Two sources"), [
                    html! { "two sources reported the same within " (set(Key::TwoSourcesDays)) " days" },
                    code(Code::UsageTwoSources),
                ]),
                row(words("Edited by hand"), [words("somebody changed the value in ConnectWise"), code(Code::AdditionEditedByHand)]),
                row(words("Taken back"), [words("a person undid this very value"), code(Code::AdditionUndone)]),
                row(words("A paid period"), [words("the agreement is billed for longer than a month, or has no billing cycle"), code(Code::AdditionPaidPeriod)]),
                row(words("An old Sync"), [words("no complete Sync for twice its interval"), code(Code::SyncStale)]),
            ],
        ))
        (list(&[
            html! { "Without a price, " (set(Key::PriceUnknownUnits)) " units or " (set(Key::PriceUnknownTb)) " TB stand in for the money." },
            words("Falls and rises are measured against what Hive wrote last, or else against what is there now."),
            words("When you bill by the bracket, one step up or down is what a ladder is for, and is not held."),
        ]))
    }
}

fn approvals() -> Markup {
    html! {
        (clicks(&[
            words("Look at what is held. Those with the most money come first; lines with one cause are one decision, however many they are."),
            html! { "Read why, and open the line's story if you doubt it." },
            html! { "Hit " (ui("Approve")) ", for one, several or all. If it is wrong, leave it, and mend the cause." },
        ]))
        (p("An approval is narrow:"))
        (list(&[
            words("It is for this addition, from this value, to this value, for the reasons that were shown. A new reason asks again."),
            html! { "For storage it reaches " (Key::ApprovalPercent.default()) " % further in the same direction, since usage moves a little every day. For users and machines it reaches no further." },
            html! { "It is used up by the next Update that writes under it, and lapses " (Key::ApprovalDays.default()) " days after the next scheduled Update. When it lapses, it says so." },
            html! { "It lifts holds and nothing else: an issue still stops, and a product that is not live " (see(link::GO_LIVE, "still waits for go-live")) "." },
        ]))
        (p("Who approved, when and what is kept with the write."))
    }
}

fn answers() -> Markup {
    html! {
        (p("Hive remembers the value it settled on for each addition. If it finds another one, and not the one it wants, a person has typed it. That may be a mistake, or an agreement with the customer. Hive shows both numbers, who changed it and when, and asks once:"))
        (table(
            "The answers to a value edited by hand",
            &[Head::Words("Answer"), Head::Words("What it does"), Head::Words("For example")],
            &[
                row(ui("Overwrite once"), [
                    words("Writes the usage this time. The next edit by hand asks again."),
                    words("Somebody corrected it before Hive was connected."),
                ]),
                row(ui("Make it the minimum"), [
                    words("At least the value typed is billed on this addition from now on."),
                    words("The customer has committed to 25 users."),
                ]),
                row(ui("Lock until a date"), [
                    words("The value stays through that day, whatever is used."),
                    words("A price was agreed until the end of the quarter."),
                ]),
            ],
        ))
        (p("To take a minimum or a lock back, answer Overwrite once on that line."))
    }
}

fn gone() -> Markup {
    html! {
        (p("A source may say that a batch lists everyone. If a customer was listed before and is not any more, Hive asks; it never sets 0 by itself, and the old quantity stays until you answer:"))
        (list(&[
            html! { (ui("Left: set 0")) ": 0 is billed from the next Update on." },
            html! { (ui("Still there: keep")) ": the quantity stays as it is." },
            html! { (ui("Ask again next time")) ": it stays, and the next complete batch asks again." },
        ]))
        (p("An answer ends by itself when the customer is listed again. Several customers who vanish together are one question."))
    }
}

fn half() -> Markup {
    html! {
        (p("If a source's batch lacks much of the last good one, every fall of that source and product waits, as one decision; rises go on. Ask the source again: a better batch clears it by itself. If the batch is right, say so with The batch is right, and it is what the next one is measured against."))
        (p("Samples that come one by one, by program or from a folder, are a batch a day. A day that still goes on accuses nobody."))
    }
}

fn brake() -> Markup {
    html! {
        (p("An Update that starts by itself does not start when it would move too much of what all live additions bill a month, rises and falls added up, in any one currency. PSA Sync says the total now and next. Start an Update yourself, which has no brake, or let it pass: what moves now may then move by itself, until the approval lapses."))
    }
}

fn paid() -> Markup {
    html! {
        (p("A plain change of a quantity counts from the next invoice on. If an agreement is billed monthly or more often, the line names that invoice, and nothing waits."))
        (p("If it is billed by the quarter, the half-year or the year, the present period is paid already. The line is held, and says which invoice the change reaches and how much is not billed, or not given back, until then. Approve it, and bill the difference by hand where it is due. Hive does not prorate."))
    }
}

fn undone() -> Markup {
    html! {
        (p("If a person undid an Update, the old value is back, and the usage still says the new one. Hive does not write it again by itself. The line says which run it was and who took it back; approve it to write it again."))
        (note("Usage that is wrong", html! {
            p { "If the usage was wrong, correct it at its source: send the same account, product and time with the right quantity. The hold goes by itself." }
        }))
    }
}
