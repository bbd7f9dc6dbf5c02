//! Whether anything changed at an MSP: one cheap read before anything dear.

use crate::Refused;
use hive_core::MspId;
use hive_store::Store;
use std::sync::atomic::{AtomicI64, Ordering};

/// What changed: `facts` grows with anything that can change a plan, `runs` with runs, plans and audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pulse {
    pub facts: i64,
    pub runs: i64,
}

/// The pulse of an MSP. Until the store counts changes itself, every pulse is a new one.
#[expect(clippy::unused_async, reason = "the store will be asked here")]
pub(crate) async fn pulse(_store: &Store, _msp: MspId) -> Result<Pulse, Refused> {
    static BEATS: AtomicI64 = AtomicI64::new(0);
    let beat = BEATS.fetch_add(1, Ordering::Relaxed);
    Ok(Pulse { facts: beat, runs: beat })
}
