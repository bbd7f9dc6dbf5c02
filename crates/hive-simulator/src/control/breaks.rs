//! The ways to break things that have a button, each in the words of whoever presses it.
//!
//! **Owns:** their names, words and what each sets; saying in words what is broken now.
//! **Does not own:** what a fault does (`stumble`), the HTML (`panel`).
//! **Limits on purpose:** connections are never refused from here: the pages would be gone too.

use crate::{
    fault::{Fault, FaultKind, On},
    rights::{AGREEMENTS, Act, CATALOG, COMPANIES},
    sim::{Sim, State},
};

pub(super) struct Break {
    pub(super) name: &'static str,
    /// What the button says.
    pub(super) label: &'static str,
    /// What a client meets.
    pub(super) hint: &'static str,
    does: Does,
}

enum Does {
    Fault { kind: &'static str, value: Option<&'static str>, on: On, applied: bool },
    Take { right: (&'static str, &'static str), act: Act },
    HideRights,
}

pub(super) struct Group {
    pub(super) title: &'static str,
    /// What asks how often; a number of times makes sense for faults, not for rights.
    pub(super) often: Option<&'static str>,
    pub(super) breaks: &'static [Break],
}

const fn fault(kind: &'static str, value: Option<&'static str>, on: On) -> Does {
    Does::Fault { kind, value, on, applied: false }
}

const fn take(right: (&'static str, &'static str), act: Act) -> Does {
    Does::Take { right, act }
}

const SERVER: &[Break] = &[
    Break { name: "500", label: "Answer 500", hint: "to every request", does: fault("500", None, On::Any) },
    Break {
        name: "429",
        label: "Throttle",
        hint: "429, come back in 5 seconds",
        does: fault("429", Some("5"), On::Any),
    },
    Break {
        name: "slow",
        label: "Slow down",
        hint: "3 seconds before every answer",
        does: fault("latency", Some("3000"), On::Any),
    },
    Break { name: "drop", label: "Drop the line", hint: "no answer to anything", does: fault("drop", None, On::Any) },
    Break {
        name: "feed",
        label: "Drop the feed",
        hint: "every list comes back empty",
        does: fault("empty", None, On::Lists),
    },
];

const UPDATE: &[Break] = &[
    Break {
        name: "cut_before",
        label: "Cut the line before a write",
        hint: "nothing is applied, nothing is answered",
        does: fault("drop", None, On::Patch),
    },
    Break {
        name: "cut_after",
        label: "Cut the line after a write",
        hint: "it is applied, and nothing is answered",
        does: fault("patch_lost", None, On::Patch),
    },
    Break {
        name: "500_after",
        label: "Answer 500 after a write",
        hint: "it is applied all the same",
        does: Does::Fault { kind: "500", value: None, on: On::Patch, applied: true },
    },
    Break {
        name: "human_between",
        label: "Let jdoe get in between",
        hint: "types 99 after an addition is read and before it is written",
        does: fault("human_after", Some("99"), On::Addition),
    },
];

const KEY: &[Break] = &[
    Break { name: "401", label: "Refuse the key", hint: "401 to every request", does: fault("401", None, On::Any) },
    Break {
        name: "no_edit",
        label: "Take Agreements: Edit",
        hint: "reads go on, writes are 403",
        does: take(AGREEMENTS, Act::Edit),
    },
    Break {
        name: "no_agreements",
        label: "Take Agreements: Inquire",
        hint: "agreements and additions are 403",
        does: take(AGREEMENTS, Act::Inquire),
    },
    Break {
        name: "no_companies",
        label: "Take Companies: Inquire",
        hint: "Company Maintenance: Inquire is gone, companies are 403",
        does: take(COMPANIES, Act::Inquire),
    },
    Break {
        name: "no_catalog",
        label: "Drop the catalog right",
        hint: "Product Catalog: Inquire is gone, catalog items are 403",
        does: take(CATALOG, Act::Inquire),
    },
    Break {
        name: "no_rights",
        label: "Hide the rights",
        hint: "the member may not read what it may do",
        does: Does::HideRights,
    },
];

pub(super) const GROUPS: [Group; 3] = [
    Group { title: "The server", often: Some("How often it fails"), breaks: SERVER },
    Group { title: "In mid-update", often: Some("How often it happens"), breaks: UPDATE },
    Group { title: "The key and its rights", often: None, breaks: KEY },
];

fn all() -> impl Iterator<Item = &'static Break> {
    GROUPS.iter().flat_map(|group| group.breaks)
}

impl Break {
    pub(super) fn named(name: &str) -> Option<&'static Break> {
        all().find(|one| one.name == name)
    }

    /// Breaks it; so often, where it is a fault.
    pub(super) fn set(&self, sim: &Sim, times: Option<u64>) {
        match &self.does {
            Does::Take { right, act } => sim.state().rights.take(*right, *act),
            Does::HideRights => sim.forbid_my_security(true),
            Does::Fault { .. } => {
                if let Some(fault) = self.fault() {
                    sim.fault(Fault { times, ..fault });
                }
            }
        }
    }

    fn fault(&self) -> Option<Fault> {
        let Does::Fault { kind, value, on, applied } = &self.does else { return None };
        let fault = Fault::new(FaultKind::parse(kind, *value)?, *on);
        Some(if *applied { fault.applied() } else { fault })
    }

    fn is(&self, fault: &Fault) -> bool {
        self.fault().is_some_and(|own| own.kind == fault.kind && own.on == fault.on && own.applied == fault.applied)
    }
}

/// Everything that is broken now, a line each.
pub(super) fn in_force(state: &State) -> Vec<String> {
    let faults = state.faults.in_force().map(|(fault, hits)| {
        let what = all().find(|one| one.is(fault)).map_or_else(|| other(fault), |one| one.label.to_owned());
        let left = match (fault.nth, fault.times) {
            (Some(nth), _) => format!("request number {nth} only"),
            (None, Some(times)) => format!("{} more", times.saturating_sub(hits)),
            (None, None) => "until healed".to_owned(),
        };
        format!("{what} ({left}, hit {hits} so far)")
    });
    faults.chain(state.rights.changed()).collect()
}

/// A fault without a button: its kind and its requests, as words.
fn other(fault: &Fault) -> String {
    let (kind, on) = (format!("{:?}", fault.kind), format!("{:?}", fault.on));
    format!("{} on {}", words(&kind), words(&on))
}

/// `ServerBadInput` → `server bad input`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_uppercase() && words.ends_with(char::is_alphanumeric) {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_button_does_something_that_can_be_told_apart() {
        for one in all() {
            assert_eq!(all().filter(|other| other.name == one.name).count(), 1, "{}", one.name);
            if let Does::Fault { .. } = one.does {
                let fault = one.fault().unwrap_or_else(|| panic!("{} is no fault", one.name));
                assert_eq!(all().filter(|other| other.is(&fault)).count(), 1, "{}", one.name);
            }
        }
    }

    #[test]
    fn a_fault_without_a_button_has_words() {
        assert_eq!(other(&Fault::new(FaultKind::ServerBadInput, On::CatalogItem)), "server bad input on catalog item");
    }
}
