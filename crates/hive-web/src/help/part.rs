//! What a topic is made of: sections, clicks, tables, notes.
//!
//! **Owns:** the markup and its class names. **Does not own:** looks; words.

#![expect(clippy::needless_pass_by_value, reason = "markup is handed over as html! makes it")]

use maud::{Markup, html};

/// A heading with what stands below it.
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) body: Markup,
}

/// A section of a topic.
pub(super) fn section(id: &'static str, title: &'static str, body: Markup) -> Section {
    Section { id, title, body }
}

/// What one clicks, chooses or reads on a screen, by its own name.
pub(super) fn ui(name: &str) -> Markup {
    html! { kbd { (name) } }
}

/// One screen after the other: System > Members > API Keys.
pub(super) fn crumbs(path: &[&str]) -> Markup {
    html! {
        span.crumbs { @for (place, name) in path.iter().enumerate() { @if place > 0 { " > " } (ui(name)) } }
    }
}

/// What one types, to the letter.
pub(super) fn typed(text: &str) -> Markup {
    html! { code { (text) } }
}

/// Steps, one click each.
pub(super) fn clicks(steps: &[Markup]) -> Markup {
    html! { ol.clicks { @for step in steps { li { (step) } } } }
}

/// A list without an order.
pub(super) fn list(entries: &[Markup]) -> Markup {
    html! { ul { @for entry in entries { li { (entry) } } } }
}

/// Worth knowing.
pub(super) fn note(title: &str, body: Markup) -> Markup {
    html! { aside.note role="note" { strong { (title) } div { (body) } } }
}

/// To be read before going on.
pub(super) fn warning(title: &str, body: Markup) -> Markup {
    html! { aside.note.warning role="note" { strong { (title) } div { (body) } } }
}

/// Something to copy, line by line.
pub(super) fn sample(label: &str, text: &str) -> Markup {
    html! { figure.sample { figcaption { (label) } pre tabindex="0" { code { (text) } } } }
}

/// A column of a table.
#[derive(Clone, Copy)]
pub(super) enum Head {
    Words(&'static str),
    Figures(&'static str),
}

/// A row: its heading, then a cell for each further column. With an id it can be linked to.
pub(super) struct Row {
    pub(super) id: Option<String>,
    pub(super) head: Markup,
    pub(super) cells: Vec<Markup>,
}

/// A row without an id.
pub(super) fn row<const N: usize>(head: Markup, cells: [Markup; N]) -> Row {
    Row { id: None, head, cells: cells.into() }
}

/// A table in a region that scrolls sideways where the screen is too narrow.
pub(super) fn table(caption: &str, heads: &[Head], rows: &[Row]) -> Markup {
    let figures = |place: usize| matches!(heads.get(place), Some(Head::Figures(_)));
    html! {
        div.scroll role="region" aria-label=(caption) tabindex="0" {
            table.data {
                caption { (caption) }
                thead {
                    tr {
                        @for head in heads {
                            @match head {
                                Head::Words(title) => th scope="col" { (title) },
                                Head::Figures(title) => th.figure scope="col" { (title) },
                            }
                        }
                    }
                }
                tbody {
                    @for row in rows {
                        tr id=[row.id.as_deref()] {
                            th.figure[figures(0)] scope="row" { (row.head) }
                            @for (place, cell) in row.cells.iter().enumerate() {
                                td.figure[figures(place + 1)] { (cell) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A link to another place of the Help, by a constant of [`super::link`].
pub(super) fn see(place: &str, words: &str) -> Markup {
    html! { a href=(place) { (words) } }
}

/// A link to a page of the same MSP's console, such as `psa-sync`.
pub(super) fn page(path: &str, words: &str) -> Markup {
    html! { a href={ "../" (path) } { (words) } }
}

/// Plain words.
pub(super) fn p(words: &str) -> Markup {
    html! { p { (words) } }
}

/// Words in a cell.
pub(super) fn words(words: &str) -> Markup {
    html! { (words) }
}
