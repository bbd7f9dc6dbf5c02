//! What the next Update does with a line: one word for each mark on a page.

use super::Look;
use hive_core::issue::Code;
use hive_core::plan::{Change, Line, Mark};

/// What becomes of a line on the next Update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// Cannot be pushed.
    Issue,
    /// Waits for a person's approval or answer.
    Waits,
    /// Would be pushed, and is not live yet.
    AfterGoLive,
    /// Would be pushed, and its invoice is not due yet (or was pushed for already).
    AtInvoice,
    /// Is pushed on the next Update.
    Push,
    /// ConnectWise holds the value already.
    InStep,
}

impl Fate {
    /// All of them, the most pressing first.
    pub const ALL: [Fate; 6] = [Fate::Issue, Fate::Waits, Fate::AfterGoLive, Fate::AtInvoice, Fate::Push, Fate::InStep];

    /// As an address says it.
    pub fn name(self) -> &'static str {
        match self {
            Fate::Issue => "issue",
            Fate::Waits => "waits",
            Fate::AfterGoLive => "not-live",
            Fate::AtInvoice => "invoice",
            Fate::Push => "push",
            Fate::InStep => "unchanged",
        }
    }

    /// Reads [`Fate::name`].
    pub fn parse(text: &str) -> Option<Fate> {
        Fate::ALL.into_iter().find(|fate| fate.name() == text)
    }

    /// Without a look at approvals.
    pub(super) fn before_approvals(line: &Line) -> Fate {
        match line.mark {
            Mark::Unchanged => Fate::InStep,
            Mark::Issue => Fate::Issue,
            Mark::Held => Fate::Waits,
            Mark::Change => Fate::lifted(line),
        }
    }

    /// Once nothing holds it.
    pub(super) fn lifted(line: &Line) -> Fate {
        if !line.live {
            Fate::AfterGoLive
        } else if line.issues.iter().any(|issue| issue.code == Code::AgreementWaitsInvoice) {
            Fate::AtInvoice
        } else {
            Fate::Push
        }
    }
}

impl Look {
    /// What the next Update does with a line.
    pub fn fate(&self, line: &Line) -> Fate {
        match Fate::before_approvals(line) {
            Fate::Waits if line.addition.is_some_and(|addition| self.approved.contains_key(&addition)) => {
                Fate::lifted(line)
            }
            Fate::Waits if self.approved_creates.contains_key(&line.id) => Fate::lifted(line),
            fate => fate,
        }
    }

    /// What the next Update does with a change: all its lines share it.
    pub fn fate_of(&self, change: &Change) -> Fate {
        let line = change.lines.first().and_then(|id| self.line(*id));
        line.map_or(Fate::Issue, |line| self.fate(line))
    }
}
