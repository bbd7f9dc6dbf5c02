//! What became of a line in an Update, and the durable record that must exist before a write.

use crate::ids::{AdditionId, AgreementId, IntentId, ItemId, RunId};
use crate::mirror::Addition;
use crate::quantity::Quantity;
use jiff::Timestamp;

/// What became of a line. All twelve are always counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Written, and ConnectWise answered with the quantity.
    Pushed,
    /// The answer was lost; reading back showed the quantity.
    Confirmed,
    /// It held the quantity before Hive wrote.
    AlreadyRight,
    /// Somebody changed it since the plan: not written.
    Drifted,
    /// Cancelled, ended or gone: not written.
    NotATarget,
    /// Written, but ConnectWise kept another quantity.
    Alarm,
    /// ConnectWise said no.
    Refused,
    /// It is not known whether the write landed; the next run looks it up first.
    Unknown,
    /// Never sent.
    NotSent,
    /// Waits for an approval, an answer, go-live or its invoice.
    Held,
    /// Cannot be pushed.
    Issue,
    /// Nothing to write.
    Unchanged,
}

impl Outcome {
    /// All twelve, in the order of reports.
    pub const ALL: [Outcome; 12] = [
        Outcome::Pushed,
        Outcome::Confirmed,
        Outcome::AlreadyRight,
        Outcome::Drifted,
        Outcome::NotATarget,
        Outcome::Alarm,
        Outcome::Refused,
        Outcome::Unknown,
        Outcome::NotSent,
        Outcome::Held,
        Outcome::Issue,
        Outcome::Unchanged,
    ];

    /// The word that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Pushed => "pushed",
            Outcome::Confirmed => "confirmed",
            Outcome::AlreadyRight => "already_right",
            Outcome::Drifted => "drifted",
            Outcome::NotATarget => "not_a_target",
            Outcome::Alarm => "alarm",
            Outcome::Refused => "refused",
            Outcome::Unknown => "unknown",
            Outcome::NotSent => "not_sent",
            Outcome::Held => "held",
            Outcome::Issue => "issue",
            Outcome::Unchanged => "unchanged",
        }
    }

    /// Reads [`Outcome::name`].
    pub fn parse(text: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|outcome| outcome.name() == text)
    }

    /// Whether an Update with such a line ends with exit code 3.
    pub fn is_failure(self) -> bool {
        match self {
            Outcome::Drifted
            | Outcome::NotATarget
            | Outcome::Alarm
            | Outcome::Refused
            | Outcome::Unknown
            | Outcome::NotSent => true,
            Outcome::Pushed
            | Outcome::Confirmed
            | Outcome::AlreadyRight
            | Outcome::Held
            | Outcome::Issue
            | Outcome::Unchanged => false,
        }
    }

    /// Whether a write certainly landed.
    pub fn wrote(self) -> bool {
        matches!(self, Outcome::Pushed | Outcome::Confirmed | Outcome::Alarm)
    }
}

/// Proof that an intent is stored durably. Not `Clone`: one intent, one write.
///
/// Only `hive-store` may make one, after its commit; `cargo xtask tidy` refuses a second caller.
#[derive(Debug)]
pub struct DurableIntent {
    id: IntentId,
    run: RunId,
    agreement: AgreementId,
    of: Of,
    to: Quantity,
    fence: i64,
}

/// What a durable intent is of.
#[derive(Debug, PartialEq, Eq)]
enum Of {
    Change { addition: AdditionId, from: Quantity },
    Create { item: ItemId },
}

/// What an intent to create an addition records: there is none yet, and no value to start from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateIntent {
    pub id: IntentId,
    pub run: RunId,
    pub agreement: AgreementId,
    pub item: ItemId,
    pub quantity: Quantity,
    /// The lease's fencing number when it was made.
    pub fence: i64,
    /// Who approved it.
    pub who: String,
    pub made_at: Timestamp,
}

/// What an intent records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    pub id: IntentId,
    pub run: RunId,
    pub agreement: AgreementId,
    pub addition: AdditionId,
    pub from: Quantity,
    pub to: Quantity,
    /// The lease's fencing number when it was made.
    pub fence: i64,
    /// Who approved or started it.
    pub who: String,
    pub made_at: Timestamp,
}

impl DurableIntent {
    /// Call it only after the commit that stored `intent`.
    pub fn after_commit(intent: &Intent) -> DurableIntent {
        let Intent { id, run, agreement, addition, from, to, fence, who: _, made_at: _ } = intent;
        DurableIntent {
            id: *id,
            run: *run,
            agreement: *agreement,
            of: Of::Change { addition: *addition, from: *from },
            to: *to,
            fence: *fence,
        }
    }

    /// Call it only after the commit that stored `intent`.
    pub fn after_create_commit(intent: &CreateIntent) -> DurableIntent {
        let CreateIntent { id, run, agreement, item, quantity, fence, who: _, made_at: _ } = intent;
        DurableIntent {
            id: *id,
            run: *run,
            agreement: *agreement,
            of: Of::Create { item: *item },
            to: *quantity,
            fence: *fence,
        }
    }

    /// Which intent.
    pub fn id(&self) -> IntentId {
        self.id
    }

    /// Of which run.
    pub fn run(&self) -> RunId {
        self.run
    }

    /// The fencing number it was made under.
    pub fn fence(&self) -> i64 {
        self.fence
    }

    /// Whether it is the record of exactly this write.
    pub fn is_for(&self, agreement: AgreementId, addition: AdditionId, from: Quantity, to: Quantity) -> bool {
        self.of == Of::Change { addition, from } && (self.agreement, self.to) == (agreement, to)
    }

    /// Whether it is the record of creating exactly this.
    pub fn is_for_create(&self, agreement: AgreementId, item: ItemId, quantity: Quantity) -> bool {
        self.of == Of::Create { item } && (self.agreement, self.to) == (agreement, quantity)
    }
}

/// What one write came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub outcome: Outcome,
    /// The value found or read back, where one was read.
    pub found: Option<Quantity>,
    /// Who set the value found, and when, where ConnectWise says so.
    pub found_by: Option<String>,
    /// ConnectWise's own words, or ours, for the report.
    pub message: Option<String>,
    /// Whether the whole run must stop, and why (401, a second 403 in a row, the lease).
    pub stop_run: Option<String>,
}

/// What one attempt to create an addition came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    pub written: Written,
    /// The addition that is there now because of it.
    pub addition: Option<AdditionId>,
    /// The agreement's additions of the item as they were last read, the new one among them.
    pub rows: Vec<Addition>,
}

impl Created {
    /// What the agreement's additions of the item tell of a creation whose answer is not known, once it
    /// can no longer land: `fresh` are those that were not there before it, or that bill now.
    pub fn told_by(quantity: Quantity, fresh: &[Addition], rows: Vec<Addition>, why: &str) -> Created {
        let at = |addition: &Addition| {
            let holds =
                addition.quantity.map_or_else(|| "an unreadable quantity".to_owned(), |found| found.to_string());
            format!("addition {} at {holds}", addition.id)
        };
        let (outcome, addition, words) = match fresh {
            [] => (Outcome::NotSent, None, "no addition of the item is there, so nothing was created".to_owned()),
            [one] if one.quantity == Some(quantity) => {
                (Outcome::Confirmed, Some(one), format!("reading back shows {}", at(one)))
            }
            [one] => (
                Outcome::Drifted,
                None,
                format!("reading back shows {}, not {quantity}; look at it in ConnectWise", at(one)),
            ),
            several => (
                Outcome::Alarm,
                None,
                format!(
                    "reading back shows {} where one was to be created: {}; cancel what is too many in ConnectWise",
                    several.len(),
                    several.iter().map(at).collect::<Vec<_>>().join(", "),
                ),
            ),
        };
        let written = Written {
            outcome,
            found: fresh.first().filter(|_| fresh.len() == 1).and_then(|one| one.quantity),
            found_by: fresh.first().and_then(|one| one.updated_by.clone()),
            message: Some(format!("{why}; {words}")),
            stop_run: None,
        };
        Created { written, addition: addition.map(|one| one.id), rows }
    }
}
