//! What a run means for its schedule: which slot it takes when it begins, and what its end changes.
//!
//! **Owns:** the next slot after one that is taken, retries after a failure.
//! **Does not own:** the grid (core), the row (store), the loop that looks at it (serve).

use super::{Origin, Stop};
use crate::failure::Failure;
use crate::house::{House, now};
use hive_core::schedule::{Every, retry_after};
use hive_core::settings::Settings;
use hive_core::{MspId, Timestamp};
use hive_store::{RunKind, RunState, Schedule, Store};

/// How a run ended.
pub(crate) struct Ended<'a> {
    pub(crate) state: RunState,
    pub(crate) words: &'a str,
    pub(crate) stopped: Option<&'a Stop>,
    pub(crate) origin: Origin,
}

/// When runs of a kind are due. An undo never is.
pub(crate) fn every(settings: &Settings, kind: RunKind) -> Every {
    match kind {
        RunKind::Update | RunKind::Undo => Every::update(settings),
        RunKind::Sync => Every::sync(settings),
    }
}

/// The row once `due` is taken at `at`. A retry takes no slot: the next one stays.
pub(crate) fn taken(due: &Schedule, every: &Every, at: Timestamp) -> Schedule {
    let mut next = Schedule { retry_at: None, words: String::new(), ..due.clone() };
    if due.due_at <= at {
        // A first Sync is due before its date's own time: that time is passed over with it.
        next.slot = every.after(due.slot, at.max(every.slot(due.slot)));
        next.due_at = every.slot(next.slot);
        next.last_slot_at = Some(due.due_at);
    }
    next
}

/// The row where its settings say another time now, else `None`. A slot whose time has come is taken
/// first, and the next one follows the new settings.
pub(crate) fn moved(row: &Schedule, every: &Every, at: Timestamp) -> Option<Schedule> {
    if row.due_at <= at {
        return None;
    }
    let Some(last) = row.last_slot_at else {
        let slot = every.first(at);
        let stands = row.due_at == every.slot(row.slot) && row.slot <= slot;
        return (!stands).then(|| Schedule { slot, due_at: every.slot(slot), ..row.clone() });
    };
    let last = last.to_zoned(every.zone.clone()).date();
    let slot = every.after(last, at.max(every.slot(last)));
    let on_grid = row.slot.since(last).map_or(0, |span| span.get_days()) % i32::from(every.days.max(1)) == 0;
    let stands = row.due_at == every.slot(row.slot) && on_grid && row.slot <= slot;
    (!stands).then(|| Schedule { slot, due_at: every.slot(slot), ..row.clone() })
}

/// The row of a schedule that begins now: the first Sync at once, the first Update at its first slot.
pub(crate) fn begun(msp: MspId, kind: RunKind, every: &Every, at: Timestamp) -> Schedule {
    let (slot, due_at) = match kind {
        RunKind::Sync => (at.to_zoned(every.zone.clone()).date(), at),
        RunKind::Update | RunKind::Undo => {
            let slot = every.first(at);
            (slot, every.slot(slot))
        }
    };
    Schedule { msp, kind, slot, due_at, failures: 0, retry_at: None, words: String::new(), last_slot_at: None }
}

/// What a run's end changes: a success ends the retries, whoever started it; a scheduled run that
/// failed is tried again, ever later; one that was cut off is started again at once.
pub(super) async fn settle(house: &House, msp: MspId, kind: RunKind, ended: &Ended<'_>) -> Result<(), Failure> {
    if kind == RunKind::Undo || ended.origin == Origin::Recovery {
        return Ok(());
    }
    let Some(row) = of(&house.store, msp, kind).await? else { return Ok(()) };
    let next = settled(&row, ended, now());
    if next != row {
        house.store.set_schedule(&next).await?;
    }
    Ok(())
}

/// The row of one kind of run.
pub(crate) async fn of(store: &Store, msp: MspId, kind: RunKind) -> Result<Option<Schedule>, Failure> {
    Ok(store.schedules(msp).await?.into_iter().find(|row| row.kind == kind))
}

fn settled(row: &Schedule, ended: &Ended<'_>, at: Timestamp) -> Schedule {
    let clear = Schedule { failures: 0, retry_at: None, words: String::new(), ..row.clone() };
    match (ended.state, ended.stopped) {
        // Lines that did not come out right are in the report; the run itself did.
        (RunState::Succeeded | RunState::PartlyFailed, _) => clear,
        _ if ended.origin != Origin::Schedule => row.clone(),
        (_, Some(Stop::Shutdown)) => Schedule {
            retry_at: Some(at),
            words: "cut off when Hive was stopped; it is started again".into(),
            ..row.clone()
        },
        (RunState::Cancelled, _) => Schedule { words: ended.words.to_owned(), retry_at: None, ..row.clone() },
        (RunState::Failed | RunState::Running, _) => failed(row, ended.words, at),
    }
}

/// One more failure: tried again, ever later.
pub(crate) fn failed(row: &Schedule, words: &str, at: Timestamp) -> Schedule {
    let failures = row.failures.saturating_add(1);
    let wait = retry_after(u32::try_from(failures).unwrap_or(u32::MAX));
    Schedule { failures, retry_at: Some(at.saturating_add(wait).unwrap_or(at)), words: words.to_owned(), ..row.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hive_core::Date;
    use hive_core::settings::{At, Key};
    use jiff::civil::date;

    fn every(days: &str, time: &str, zone: &str) -> Every {
        let mut settings = Settings::default();
        for (key, text) in [(Key::SyncDays, days), (Key::SyncTime, time), (Key::TimeZone, zone)] {
            settings.set(key, At::default(), text).unwrap();
        }
        super::every(&settings, RunKind::Sync)
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// A row that took the slot of 4 June at 02:00 UTC.
    fn row() -> Schedule {
        let every = every("3", "02:00", "UTC");
        let begun = begun(MspId(1), RunKind::Sync, &every, at("2026-06-01T01:00:00Z"));
        let first = taken(&begun, &every, at("2026-06-01T01:00:01Z"));
        assert_eq!(first.due_at, at("2026-06-04T02:00:00Z"), "the first one passed over its own day's time");
        taken(&first, &every, at("2026-06-04T02:00:01Z"))
    }

    fn next(row: &Schedule) -> (Date, Timestamp) {
        (row.slot, row.due_at)
    }

    #[test]
    fn a_row_stands_while_its_settings_do_and_follows_them_when_they_move() {
        let (row, now) = (row(), at("2026-06-05T12:00:00Z"));
        assert_eq!(next(&row), (date(2026, 6, 7), at("2026-06-07T02:00:00Z")));
        assert_eq!(moved(&row, &every("3", "02:00", "UTC"), now), None);
        for (changed, due) in [
            (every("3", "04:30", "UTC"), "2026-06-07T04:30:00Z"),
            (every("1", "02:00", "UTC"), "2026-06-06T02:00:00Z"),
            (every("5", "02:00", "UTC"), "2026-06-09T02:00:00Z"),
            (every("3", "02:00", "Australia/Melbourne"), "2026-06-06T16:00:00Z"),
        ] {
            let row = moved(&row, &changed, now).unwrap();
            assert_eq!(row.due_at, at(due));
            assert_eq!(moved(&row, &changed, now), None, "once");
        }
        let late = at("2026-06-20T12:00:00Z");
        assert_eq!(moved(&row, &every("1", "02:00", "UTC"), late), None, "what is due is taken first");
    }

    #[test]
    fn a_retry_takes_no_slot() {
        let (row, every) = (row(), every("3", "02:00", "UTC"));
        let retry = Schedule { retry_at: Some(at("2026-06-04T02:05:00Z")), failures: 1, ..row.clone() };
        let after = taken(&retry, &every, at("2026-06-04T02:05:01Z"));
        assert_eq!(after, Schedule { failures: 1, ..row });
    }

    #[test]
    fn what_an_end_means() {
        let now = at("2026-06-04T02:10:00Z");
        let before = Schedule { failures: 1, retry_at: Some(now), words: "before".into(), ..row() };
        let after = |state, stopped: Option<Stop>, origin| {
            let ended = Ended { state, words: "why", stopped: stopped.as_ref(), origin };
            let row = settled(&before, &ended, now);
            assert_eq!(next(&row), next(&before), "the grid stays");
            (row.failures, row.retry_at, row.words)
        };
        let in_minutes = |minutes| Some(now + jiff::SignedDuration::from_mins(minutes));
        let asked = Some(Stop::Asked("user:a".into()));
        use Origin::{Person, Schedule as ByItself};
        use RunState::{Cancelled, Failed, PartlyFailed, Succeeded};
        assert_eq!(after(Succeeded, None, Person), (0, None, String::new()));
        assert_eq!(after(PartlyFailed, None, ByItself), (0, None, String::new()));
        assert_eq!(after(Failed, None, Person), (1, Some(now), "before".into()), "a person's own failure");
        assert_eq!(after(Failed, None, ByItself), (2, in_minutes(15), "why".into()));
        assert_eq!(after(Cancelled, asked, ByItself), (1, None, "why".into()));
        let (_, retry_at, words) = after(Cancelled, Some(Stop::Shutdown), ByItself);
        assert_eq!(retry_at, in_minutes(0));
        assert!(words.contains("started again"));
    }
}
