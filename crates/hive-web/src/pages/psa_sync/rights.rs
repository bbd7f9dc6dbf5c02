//! Which rights were found, which are missing, what each is for.

use crate::part::{self, Kind};
use hive_core::rights::{Level, NEEDED, Rights};
use maud::{Markup, html};

/// Every right that Hive asks for, found or missing, with what it is for.
pub(super) fn table(rights: &Rights) -> Markup {
    let Rights::Known { missing, restricted } = rights else {
        return html! { p { (part::pill(Kind::Info, "not known")) " " (unknown(rights)) } };
    };
    html! {
        ul.rights {
            @for needed in NEEDED {
                @let found = missing.iter().find(|missing| missing.needed == needed);
                li {
                    @match (found, needed.optional) {
                        (None, _) => (part::pill(Kind::Good, "found")),
                        (Some(_), true) => (part::pill(Kind::Info, "missing, optional")),
                        (Some(_), false) => (part::pill(Kind::Bad, "missing")),
                    }
                    span {
                        b { (needed.module) " > " (needed.function) ": " (needed.action.to_string()) " Level All" }
                        @if let Some(missing) = found { " (" (level(missing.found)) " found)" }
                        small { "Without it " (needed.stops) "." }
                    }
                }
            }
            @for place in restricted {
                li { (part::pill(Kind::Wait, "restricted")) span { b { (place) } small { "The role is customised there: rows may be hidden from Hive." } } }
            }
        }
    }
}

/// What is missing alone, for a banner.
pub(super) fn missing_list(rights: &Rights) -> Markup {
    let Rights::Known { missing, restricted: _ } = rights else { return html! { p { (unknown(rights)) } } };
    html! {
        ul { @for missing in missing.iter().filter(|missing| !missing.needed.optional) { li { (missing.to_string()) "." } } }
    }
}

/// "all 4 rights found", "3 of 4 rights found".
pub(super) fn words(rights: &Rights) -> String {
    match rights {
        Rights::Unknown { .. } => "rights not known".to_owned(),
        Rights::Known { missing, .. } if missing.is_empty() => format!("all {} rights found", NEEDED.len()),
        Rights::Known { missing, .. } => format!("{} of {} rights found", NEEDED.len() - missing.len(), NEEDED.len()),
    }
}

fn unknown(rights: &Rights) -> String {
    match rights {
        Rights::Unknown { why } => format!("ConnectWise did not say which rights this member has: {why}"),
        Rights::Known { .. } => String::new(),
    }
}

fn level(level: Level) -> String {
    level.to_string()
}
