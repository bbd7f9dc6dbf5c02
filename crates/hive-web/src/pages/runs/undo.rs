//! Undo: shows first what it would restore, then asks.
use crate::{Answer, Fault};
pub(super) async fn ask() -> Answer {
    Err(Fault::no_page())
}
pub(super) async fn start() -> Answer {
    Err(Fault::no_page())
}
