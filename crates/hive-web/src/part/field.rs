//! Forms: fields, the combobox, buttons.

#![expect(clippy::needless_pass_by_value, reason = "markup is handed over as html! makes it")]

use super::icon::Icon;
use maud::{Markup, html};
use serde::Serialize;

/// A labelled line of text. `hint` stands below it and is read out with it. `kind` is the input's type.
pub fn field(kind: &str, name: &str, label: &str, value: &str, hint: &str) -> Markup {
    labelled(
        name,
        label,
        hint,
        html! {
            input type=(kind) id=(name) name=(name) value=(value) aria-describedby=[described(name, hint)] autocomplete="off";
        },
    )
}

/// A password; it never carries a value. `autocomplete` is `current-password`, `new-password` or `off`.
pub fn password(name: &str, label: &str, autocomplete: &str, hint: &str) -> Markup {
    labelled(
        name,
        label,
        hint,
        html! {
            input type="password" id=(name) name=(name) autocomplete=(autocomplete) aria-describedby=[described(name, hint)];
        },
    )
}

/// Several lines of text.
pub fn text_area(name: &str, label: &str, value: &str, hint: &str) -> Markup {
    labelled(
        name,
        label,
        hint,
        html! {
            textarea id=(name) name=(name) rows="4" aria-describedby=[described(name, hint)] { (value) }
        },
    )
}

/// One of a few: (value, words). `chosen` is the value that holds.
pub fn select(name: &str, label: &str, options: &[(&str, &str)], chosen: &str, hint: &str) -> Markup {
    labelled(
        name,
        label,
        hint,
        html! {
            select id=(name) name=(name) aria-describedby=[described(name, hint)] {
                @for (value, words) in options { option value=(value) selected[*value == chosen] { (words) } }
            }
        },
    )
}

/// A box to tick; the form carries `on` where it is.
pub fn checkbox(name: &str, label: &str, ticked: bool) -> Markup {
    html! { label.checkbox { input type="checkbox" name=(name) checked[ticked]; " " (label) } }
}

/// A value the form carries unseen.
pub fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// The button that sends its form. `class` is `button`, `button primary` or `button danger`.
pub fn submit(class: &str, label: &str) -> Markup {
    html! { button class=(class) type="submit" { (label) } }
}

/// A link that looks like a button.
pub fn button(class: &str, href: &str, label: &str) -> Markup {
    html! { a class=(class) href=(href) { (label) } }
}

/// A form of one button, with what it carries.
pub fn post_button(action: &str, class: &str, label: &str, carries: &[(&str, &str)]) -> Markup {
    html! {
        form.inline method="post" action=(action) {
            @for (name, value) in carries { (hidden(name, value)) }
            (submit(class, label))
        }
    }
}

fn labelled(name: &str, label: &str, hint: &str, input: Markup) -> Markup {
    html! {
        div.field {
            label for=(name) { (label) }
            (input)
            @if !hint.is_empty() { p.hint id={ (name) "-hint" } { (hint) } }
        }
    }
}

fn described(name: &str, hint: &str) -> Option<String> {
    (!hint.is_empty()).then(|| format!("{name}-hint"))
}

/// A field that finds one of thousands by typing.
#[derive(Clone, Debug, Default)]
pub struct Combobox<'a> {
    /// The element's id, unique on the page.
    pub id: &'a str,
    /// The form's field. It carries the id of what was chosen, or the text as typed: the desk finds by both.
    pub name: &'a str,
    /// What it is for, read out: "Hive account for Acme Dental".
    pub label: &'a str,
    /// GET `url?q=…` (or `url&q=…`) answers a JSON list of [`Chosen`].
    pub url: &'a str,
    /// What is chosen now: id and title.
    pub value: Option<(String, String)>,
    /// Grey words while it is empty: "Search for product...".
    pub placeholder: &'a str,
    /// Choosing sends the form at once.
    pub sends: bool,
}

/// One thing a combobox offers: the row of its JSON answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chosen {
    /// What the form carries.
    pub id: String,
    /// Its name.
    pub title: String,
    /// A second, smaller line.
    pub detail: String,
    /// A word in a pill (`inactive`, `linked`), or "".
    pub state: String,
}

/// The combobox; a plain text field without JavaScript.
pub fn combobox(box_: &Combobox<'_>) -> Markup {
    let (id, title) = box_.value.as_ref().map_or((None, ""), |(id, title)| (Some(id.as_str()), title.as_str()));
    html! {
        span.combo data-url=(box_.url) data-id=[id] data-sends[box_.sends] {
            input type="text" id=(box_.id) name=(box_.name) value=(title) placeholder=(box_.placeholder)
                aria-label=(box_.label) autocomplete="off" spellcheck="false" data-combo;
            (Icon::Chevron)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_combobox_is_a_field_and_escapes_what_it_shows() {
        let value = Some(("7".to_owned(), "\"><script>".to_owned()));
        let shown = combobox(&Combobox { id: "c", name: "company", url: "/x", value, ..Combobox::default() }).0;
        assert!(shown.contains("name=\"company\"") && shown.contains("data-id=\"7\""));
        assert!(!shown.contains("<script>"), "{shown}");
    }
}
