//! The desk: what a person can see and do, each once. The command line, the console and the API all
//! come here, so that they say the same words and show the same numbers.
//!
//! **Owns:** the verbs (link, approve, answer, pin, quota, settings, import), the views that are the
//! JSON contract, and the look at an MSP that pages read.
//! **Does not own:** any rule of a quantity (core), SQL (store), runs (the binary), HTML.

mod answer;
mod approve;
pub mod arrive;
pub mod back_test;
mod brake;
pub mod config;
pub mod csv;
mod day;
mod decided;
pub mod explain;
mod feeds;
pub mod files;
mod find;
mod folders;
mod import;
mod links;
pub mod look;
pub mod money;
pub mod month;
mod plan;
mod posted;
pub mod profile;
mod push;
mod quotas;
mod refused;
mod rule_trial;
mod rules;
mod slots;
mod status;
mod true_up;
mod undo;
pub mod view;
mod what_if;
pub mod words;
pub mod xlsx;

pub use answer::Answer;
pub use approve::{ToApprove, Which};
pub use arrive::{ArrivedFile, ArrivedView};
pub use back_test::BackTest;
pub use brake::brake_advice;
pub use config::{ConfigDiff, Differs};
pub use day::day;
pub use decided::{ExcludedLine, StaysBilled};
pub use explain::{ExplainedRun, RuleVersion};
pub use import::UsageFile;
pub use links::{LinkWanted, ManyLinked, UndoLinks};
pub use look::Look;
pub use plan::Approved;
pub use posted::{Answered, Posted, PostedSample};
pub use push::WouldPush;
pub use quotas::{Averages, OWN_ACCOUNT, Past};
pub use refused::Refused;
pub use rule_trial::{RuleTrial, TriedAgreement, TriedCompany, TriedLine};
pub use slots::next_slots;
pub use status::{Next, Stage, Status};
pub use true_up::{TrueUpLine, TrueUpOf, TrueUps};
pub use undo::{WouldRestore, WouldUndo, undone_words};
pub use what_if::{Moved, WhatIf};

pub use hive_store::Pulse;

use hive_core::Timestamp;
use hive_store::{Msp, Store};
use std::sync::Arc;

/// Who asks for what, and when: every verb that changes something takes one.
#[derive(Clone, Debug)]
pub struct By {
    /// Whose data.
    pub msp: Msp,
    /// `cli:USER`, `user:EMAIL`, `token:NAME`, `schedule`.
    pub who: String,
    /// The moment of asking. The desk has no clock.
    pub at: Timestamp,
}

/// What was done, in words for the person who asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said(pub String);

/// Every verb and every look. Cheap to clone; all clones share one store and the looks they made.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The database.
    pub store: Store,
    looks: Arc<look::Looks>,
    /// Held while a plan is made that nobody asked to keep.
    what_ifs: Arc<tokio::sync::Mutex<()>>,
}

impl Desk {
    /// A desk over a store.
    pub fn new(store: Store) -> Desk {
        Desk { store, looks: Arc::default(), what_ifs: Arc::default() }
    }
}
