//! The desk: what a person can see and do, each once. The command line, the console and the API all
//! come here, so that they say the same words and show the same numbers.
//!
//! **Owns:** the verbs (link, approve, answer, pin, quota, settings, import), the views that are the
//! JSON contract, and the look at an MSP that pages read.
//! **Does not own:** any rule of a quantity (core), SQL (store), runs (the binary), HTML.

pub mod profile;
mod refused;

pub use refused::Refused;

use hive_core::Timestamp;
use hive_store::Msp;

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
