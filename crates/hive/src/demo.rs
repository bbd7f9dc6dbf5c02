//! The demo: Northwind IT, the evening before its invoices go out.
//!
//! **Owns:** the made-up MSP, its sample ConnectWise, and the story told with them.
//! **Does not own:** anything that the story shows: planning, linking, writing and undoing are the
//! functions that the commands call. What does not come out as told ends the demo with exit code 1.

mod act;
mod data;
mod offer;
mod plan;
mod prepare;
mod stage;
mod vendors;
mod words;
mod world;

pub(crate) use act::act;
pub(crate) use offer::offer;
pub(crate) use plan::tell as tell_plan;
pub(crate) use prepare::prepare;
pub(crate) use stage::Stage;

use crate::failure::Failure;

/// Something did not come out as told: the demo is a test of itself.
fn not_as_told(words: impl std::fmt::Display) -> Failure {
    Failure::stopped(format!("the demo did not come out as told: {words}; please report this"))
}

/// Insists on what was told.
fn must(holds: bool, words: impl FnOnce() -> String) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(not_as_told(words())) }
}
