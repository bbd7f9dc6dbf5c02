//! When runs would be due under some settings: what a page shows before they are saved.
//!
//! **Owns:** the next few slots of a kind of run. **Does not own:** the grid (core), taking a slot (the run loop).

use hive_core::Timestamp;
use hive_core::schedule::Every;
use hive_core::settings::Settings;
use hive_store::{RunKind, Schedule};

/// When runs of a kind are due.
fn every(settings: &Settings, kind: RunKind) -> Every {
    match kind {
        RunKind::Update | RunKind::Undo => Every::update(settings),
        RunKind::Sync => Every::sync(settings),
    }
}

/// The next `many` slots after `at` under these settings: on the grid that begins with the slot taken last, or at
/// the first time of day where none was taken yet.
pub fn next_slots(
    settings: &Settings,
    kind: RunKind,
    row: Option<&Schedule>,
    at: Timestamp,
    many: usize,
) -> Vec<Timestamp> {
    let every = every(settings, kind);
    let first = match row.and_then(|row| row.last_slot_at) {
        Some(last) => every.after(last.to_zoned(every.zone.clone()).date(), at),
        None => every.first(at),
    };
    let following = std::iter::successors(Some(first), |slot| Some(every.after(*slot, every.slot(*slot))));
    following.take(many).map(|slot| every.slot(slot)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hive_core::settings::{At, Key};
    use hive_core::{Date, MspId};

    #[test]
    fn slots_follow_the_last_one_taken_and_keep_their_hour_when_clocks_change() {
        let mut settings = Settings::default();
        for (key, text) in [(Key::SyncTime, "02:30"), (Key::TimeZone, "Australia/Melbourne"), (Key::SyncDays, "2")] {
            settings.set(key, At::default(), text).unwrap();
        }
        let at: Timestamp = "2026-10-02T00:00:00Z".parse().unwrap();
        let said = |row: Option<&Schedule>| -> Vec<String> {
            next_slots(&settings, RunKind::Sync, row, at, 3).iter().map(ToString::to_string).collect()
        };
        // On 4 October 02:30 does not exist in Melbourne.
        assert_eq!(said(None), ["2026-10-02T16:30:00Z", "2026-10-04T15:30:00Z", "2026-10-06T15:30:00Z"]);
        let row = Schedule {
            msp: MspId(1),
            kind: RunKind::Sync,
            slot: Date::constant(2026, 10, 4),
            due_at: at,
            failures: 0,
            retry_at: None,
            words: String::new(),
            last_slot_at: Some("2026-10-01T16:30:00Z".parse().unwrap()),
        };
        assert_eq!(said(Some(&row)), ["2026-10-03T16:30:00Z", "2026-10-05T15:30:00Z", "2026-10-07T15:30:00Z"]);
    }
}
