//! The Sync/Update report.
use crate::{Answer, Fault};
pub(super) async fn show() -> Answer {
    Err(Fault::no_page())
}
pub(super) async fn download() -> Answer {
    Err(Fault::no_page())
}
