//! Sending usage: the file, the API, watched folders.

use super::part::{Head, clicks, list, note, p, page, row, sample, section, see, table, typed, ui, warning, words};
use super::{Guide, Topic};
use hive_core::import::AHEAD_MINUTES_MAX;
use hive_core::quantity::{DIGITS_MAX, FRACTION_DIGITS_MAX};
use hive_core::usage::{CLASSES_NOT_COUNTED, SOURCE_DEFAULT};
use maud::{Markup, html};

pub(super) const TOPIC: Topic = Topic {
    slug: "sending-usage",
    title: "Sending usage",
    summary: "How usage reaches Hive: a CSV file, the API with a token, or a folder that Hive watches.",
};

const CSV: &str = "\
account,product,quantity,unit,measured_at,quota,quota_unit
Acme Dental,Hot Storage,430,GB,2026-11-22T23:00:00Z,500,GB
Acme Dental,M365 Backup,24,user,2026-11-22T23:00:00Z,,
";

const ONE: &str = r#"{"account": "Acme Dental", "product": "Hot Storage",
 "quantity": "430", "unit": "GB",
 "measured_at": "2026-11-22T23:00:00Z"}"#;

const SEVERAL: &str = r#"{"samples": [
  {"account": "Acme Dental", "product": "Hot Storage", "quantity": "430",
   "unit": "GB", "measured_at": "2026-11-22T23:00:00Z"},
  {"account": "Acme Dental", "product": "M365 Backup", "quantity": "24",
   "unit": "user", "measured_at": "2026-11-22T23:00:00Z"}
]}"#;

const REQUEST: &str = "\
POST /api/v1/usage
Authorization: Bearer YOUR-TOKEN
Content-Type: application/json
Idempotency-Key: nightly-2026-11-22
";

pub(super) fn guide() -> Guide {
    Guide {
        lead: html! {
            "A sample is one measurement: this account has so much of this product at this time. "
            "All three ways take the same samples, and each that arrives is on an open page within seconds."
        },
        sections: vec![
            section("csv", "A CSV file", csv()),
            section("rows", "What each column is", rows()),
            section("rules", "All rows or none", rules()),
            section("api", "The API", api()),
            section("folders", "Watched folders", folders()),
            section("sources", "One source for each number", sources()),
        ],
    }
}

fn csv() -> Markup {
    html! {
        (sample("usage.csv", CSV))
        (p("UTF-8, commas, a header, and quotes around a field that holds a comma. What a spreadsheet saves as CSV UTF-8 is fine. The order of the columns does not matter."))
        (note("Dates", html! {
            p { "The time has a zone: " (typed("2026-11-22T23:00:00Z")) ", or " (typed("2026-11-23T10:00:00+11:00")) ". Without one nobody can say which day it was." }
        }))
    }
}

fn rows() -> Markup {
    html! {
        (table(
            "The columns of a usage file, and the fields of a sample in the API",
            &[Head::Words("Column"), Head::Words("Needed"), Head::Words("What it is")],
            &[
                row(typed("account"), [words("yes"), words("The customer's name, as your source writes it. A new name makes a new account.")]),
                row(typed("product"), [words("yes"), words("The product's name. A new name makes a new product; its unit decides whether it is storage.")]),
                row(typed("quantity"), [words("yes"), html! { "A plain number with a point, not negative: at most " (DIGITS_MAX) " digits, " (FRACTION_DIGITS_MAX) " of them after the point." }]),
                row(typed("unit"), [words("yes"), words("B, KB, MB, GB, TB, KiB, MiB, GiB or TiB for storage; any other word counts things: user, machine, licence.")]),
                row(typed("measured_at"), [words("yes"), html! { "When it was measured, with its zone (RFC 3339). At most " (AHEAD_MINUTES_MAX) " minutes ahead of now." }]),
                row(typed("quota"), [words("no"), words("The account's quota of this product. Empty leaves it as it is.")]),
                row(typed("quota_unit"), [words("no"), words("The quota's unit; without it the sample's.")]),
                row(typed("account_id"), [words("no"), words("Your source's own id of the customer. It beats the name, so that a renamed customer stays the same.")]),
                row(typed("product_id"), [words("no"), words("The same for the product.")]),
                row(typed("class"), [words("no"), html! { "billable, or your vendor's word. Rows of the class " (CLASSES_NOT_COUNTED.join(", ")) " are listed and not billed." }]),
            ],
        ))
    }
}

fn rules() -> Markup {
    html! {
        (list(&[
            words("All rows are taken, or none. Every bad row is named with its line, its column and the reason."),
            words("The same source, account, product and time again: with the same quantity it is nothing new, with another one it is a correction, and is written down as such."),
            words("Names are compared exactly. A new name that differs from a known one only in capitals or spaces is a bad row: it is a slip of the pen, and would be a second customer."),
            words("What a file does not list stays as it is. A customer who is missing is not at 0."),
        ]))
        (p("You can check a file without importing it."))
    }
}

fn api() -> Markup {
    html! {
        (clicks(&[
            html! { "Have an admin make a token whose right is to send usage. It is shown once, like a private key." },
            html! { "Send samples with " (typed("POST /api/v1/usage")) " and the token." },
        ]))
        (sample("The request", REQUEST))
        (sample("One sample", ONE))
        (sample("Several samples at once", SEVERAL))
        (list(&[
            words("The fields are the columns of the file. Write quantities as strings, so that no program rounds them on the way."),
            html! { (typed("Idempotency-Key")) " is a name of your own for this request. Sent again with the same content, it is answered as before and taken once; with another content it is refused." },
            words("All samples of a request are taken, or none. Errors are problem+json and name each sample and field."),
            words("A token belongs to one MSP. Take it back at any time; what it sent stays."),
        ]))
        (warning("Never put a token into a web address", html! {
            p { "It belongs into the " (typed("Authorization")) " header. Addresses end up in logs." }
        }))
    }
}

fn folders() -> Markup {
    html! {
        (p("If your vendor exports files every night, let Hive take them: a folder on the machine that Hive runs on, one per source. CSV and XLSX are read as the vendor writes them."))
        (list(&[
            words("You say once which of its columns is the account, which the quantity, and so on. Hive remembers it for this folder."),
            words("A file is taken once, by its content. Copied again, or under another name, it is nothing new."),
            words("A file with a bad row is left alone, and the folder says which row it is."),
            words("Whoever runs Hive decides whether folders may be watched at all."),
        ]))
    }
}

fn sources() -> Markup {
    html! {
        p { "Every sample has a source. For a file it is " (typed(SOURCE_DEFAULT)) " unless you name another. If two sources report the same account and product, Hive does not add them up and does not choose: the line " (see("issues#usage.two_sources", "waits")) " until you say which one counts." }
        (p("If a source lists everyone every time, say that its batches are complete."))
        p { "The usages are on " (page("psa-sync/usages", "Product Usages")) " (" (ui("Show Product Usages")) "), with value, unit, time and source." }
    }
}
