//! The panel to break things, which stands beside every page.
//!
//! **Owns:** its HTML: what is broken now, the buttons, any other fault.
//! **Does not own:** what a button breaks (`breaks`), what its form does (`forms`).

use maud::{Markup, html};

use super::breaks::{GROUPS, Group, in_force};
use crate::{fault::FaultKind, sim::State};

/// The groups of requests that a fault can be for, by the names that [`crate::On::parse`] reads.
const REQUESTS: [&str; 17] = [
    "any",
    "get",
    "patch",
    "post",
    "lists",
    "companies",
    "catalog",
    "agreements",
    "additions",
    "counts",
    "company",
    "catalogitem",
    "agreement",
    "addition",
    "mysecurity",
    "companyinfo",
    "systeminfo",
];

/// The forms lead back to this agreement's page, or to the list.
pub(super) fn panel(state: &State, agreement: Option<i64>) -> Markup {
    let broken = in_force(state);
    html! {
        aside aria-labelledby="break" {
            h2 id="break" { "Break things" }
            @if broken.is_empty() {
                p.whole { "Nothing is broken." }
            } @else {
                p { strong { "Broken now:" } }
                ul.broken { @for line in &broken { li { (line) } } }
            }
            form method="post" action="/_sim/break/heal" {
                (back(agreement))
                button.heal { "Heal everything" }
            }
            @for (nth, group) in GROUPS.iter().enumerate() { (buttons(group, nth, agreement)) }
            (any_other(agreement))
        }
    }
}

fn back(agreement: Option<i64>) -> Markup {
    html! { @if let Some(id) = agreement { input type="hidden" name="agreement" value=(id); } }
}

fn buttons(group: &Group, nth: usize, agreement: Option<i64>) -> Markup {
    let id = format!("often-{nth}");
    html! {
        form.breaks method="post" action="/_sim/break/set" {
            (back(agreement))
            h3 { (group.title) }
            @if let Some(often) = group.often {
                p {
                    label for=(id) { (often) } " "
                    select id=(id) name="times" {
                        option value="" { "until healed" }
                        option value="1" { "the next time only" }
                        option value="3" { "the next 3 times" }
                    }
                }
            }
            ul {
                @for one in group.breaks {
                    li { button name="what" value=(one.name) { (one.label) } " " span.hint { (one.hint) } }
                }
            }
        }
    }
}

fn any_other(agreement: Option<i64>) -> Markup {
    let select = |label: &str, name: &str, options: &[&str]| {
        html! { p { label { (label) " " select name=(name) { @for option in options { option { (option) } } } } } }
    };
    let field = |label: &str, name: &str| html! { p { label { (label) " " input name=(name) size="8"; } } };
    html! {
        details {
            summary { "Any other fault" }
            form method="post" action="/_sim/break/fault" {
                (back(agreement))
                (select("Fault", "kind", &FaultKind::NAMES))
                (select("Requests", "on", &REQUESTS))
                (field("Value", "value"))
                (field("Only the Nth request", "nth"))
                (field("At most so many times", "times"))
                button { "Set this fault" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::On;

    #[test]
    fn every_group_of_requests_is_one() {
        let read: Vec<Option<On>> = REQUESTS.into_iter().map(On::parse).collect();
        assert!(read.iter().all(Option::is_some), "{read:?}");
    }
}
