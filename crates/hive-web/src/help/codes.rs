//! Every issue code in a clerk's words: what it means, how much it weighs, what to do.
//!
//! **Owns:** the words. **Does not own:** the codes, and when one is raised (`hive_core`); a code
//! without a row here fails a test.

use super::part::{Head, Row, list, p, section, see, table, words};
use super::{Guide, Topic, link};
use hive_core::issue::{Code, Severity};
use maud::{Markup, html};

mod rows;

pub(super) const TOPIC: Topic = Topic {
    slug: "issues",
    title: "Every issue code",
    summary: "What each code on a line means, whether it stops the line, and what to do about it.",
};

/// What there is to say about a code.
pub(super) struct Words {
    /// The code's full name.
    pub(super) code: &'static str,
    /// How much it can weigh.
    pub(super) weighs: &'static [Severity],
    /// What it means, in one sentence.
    pub(super) means: &'static str,
    /// What to do.
    pub(super) todo: &'static str,
    /// Where the Help says more, or "".
    pub(super) see: &'static str,
}

/// Groups of codes by what they are about, in the order of reading.
pub(super) const GROUPS: [(&str, &str, &[&str]); 6] = [
    ("about-syncs", "Syncs, Updates and writes", &["sync", "update", "write", "link"]),
    ("about-links", "Accounts and products", &["account", "product"]),
    ("about-additions", "Agreements and additions", &["agreement", "addition", "price"]),
    ("about-usage", "Usage", &["usage"]),
    ("about-quotas", "Quotas and units", &["quota", "unit"]),
    ("about-quantities", "Quantities and sums", &["quantity", "sum", "rule", "included", "exclusion"]),
];

/// What is written about `code`.
pub(super) fn of(code: Code) -> Option<&'static Words> {
    rows::ALL.iter().find(|words| words.code == code.name())
}

/// The codes of a group, in the order of the documentation.
pub(super) fn group(about: &[&str]) -> impl Iterator<Item = Code> {
    let is_about = |code: &Code| code.name().split('.').next().is_some_and(|first| about.contains(&first));
    Code::ALL.iter().copied().filter(is_about)
}

pub(super) fn guide() -> Guide {
    let mut sections = vec![section("weights", "Stop, hold, note", weights())];
    sections.extend(GROUPS.iter().map(|(id, title, about)| {
        let rows: Vec<Row> = group(about).map(row_of).collect();
        let heads =
            [Head::Words("Code"), Head::Words("Weight"), Head::Words("What it means"), Head::Words("What to do")];
        section(id, title, table(&format!("{title}: issue codes"), &heads, &rows))
    }));
    Guide {
        lead: html! {
            "A line that is not pushed says why, with a code. The code stays the same in pages, reports, files and the API, so that you can look it up or filter by it."
        },
        sections,
    }
}

fn weights() -> Markup {
    html! {
        (list(&[
            html! { strong { "Stop" } ": nothing is written until it is mended. A red exclamation mark." },
            html! { strong { "Hold" } ": the value is known and waits for a person. A red exclamation mark, with the words \"waits for approval\". See " (see(link::HOLDS, "holds")) "." },
            html! { strong { "Note" } ": worth knowing. It does not stop anything." },
        ]))
        (p("The line itself names the records: which company, which addition, which numbers."))
    }
}

/// The title of the topic that a place is in: a link says where it leads.
fn title_of(place: &str) -> &'static str {
    let slug = place.split('#').next().unwrap_or_default();
    super::topics().iter().find(|topic| topic.slug == slug).map_or("", |topic| topic.title)
}

/// Capitals, for a cell of its own.
fn weight(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "Note",
        Severity::Hold => "Hold",
        Severity::Stop => "Stop",
    }
}

fn row_of(code: Code) -> Row {
    let head = html! { a href={ "#" (code) } { code { (code) } } };
    let cells = match of(code) {
        Some(found) => vec![
            html! {
                @for (place, severity) in found.weighs.iter().enumerate() {
                    @if place > 0 { " or " }
                    span.weight.{ (severity.name()) } { (weight(*severity)) }
                }
            },
            words(found.means),
            html! { (found.todo) @if !found.see.is_empty() { " " (see(found.see, title_of(found.see))) } },
        ],
        // A test sees to it that this is never shown.
        None => vec![words(""), words("The line says what happened."), words("")],
    };
    Row { id: Some(code.name().to_owned()), head, cells }
}
