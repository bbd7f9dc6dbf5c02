//! When a scheduled Sync or Update is due: an interval of days, a time of day, a zone.
//!
//! **Owns:** the grid of dates and the moment each of them means.
//! **Does not own:** which slot was taken last (the store), the clock, what a run does.

use crate::settings::{At, Key, Settings};
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// The time of day where a setting cannot be read: every setting was checked when it was set.
const TIME_OF_NEED: Time = jiff::civil::time(2, 0, 0, 0);
/// Days an interval may have; the settings allow no more.
const DAYS_MAX: i64 = 366;
/// Minutes after a first, second, third and fourth failure: soon, since most trouble is short, then
/// ever rarer, since the rest waits for a person.
const RETRY_MINUTES: [i64; 4] = [5, 15, 60, 240];
/// And after every later one.
const RETRY_MINUTES_AT_LAST: i64 = 720;

/// An interval with a time of day in a zone. Its slots are dates; what moment a date means is the
/// zone's to say, so the hour on the wall stays when the clocks change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Every {
    pub days: u16,
    pub time: Time,
    pub zone: TimeZone,
}

impl Every {
    /// When Syncs are due.
    pub fn sync(settings: &Settings) -> Every {
        Every::of(settings, Key::SyncDays, Key::SyncTime)
    }

    /// When Updates are due. Whether they run at all is [`Settings::updates`]. With `invoice_days` agreements
    /// are pushed so many days before each one's own invoice: every day some may be due, and the plan leaves
    /// the others alone.
    pub fn update(settings: &Settings) -> Every {
        let every = Every::of(settings, Key::UpdateDays, Key::UpdateTime);
        if settings.invoice_days().is_some() { Every { days: 1, ..every } } else { every }
    }

    fn of(settings: &Settings, days: Key, time: Key) -> Every {
        let time = settings.text(time, At::default()).parse().unwrap_or(TIME_OF_NEED);
        let days = u16::try_from(settings.whole(days).clamp(1, DAYS_MAX)).unwrap_or(1);
        Every { days, time, zone: settings.time_zone() }
    }

    /// The moment of a date's slot. An hour that the clocks skip moves forward; of an hour that comes
    /// twice it is the first.
    pub fn slot(&self, date: Date) -> Timestamp {
        // It fails only beyond the last moment there is, and nothing is due then.
        date.to_datetime(self.time).to_zoned(self.zone.clone()).map_or(Timestamp::MAX, |at| at.timestamp())
    }

    /// The first date whose slot is after `from`.
    pub fn first(&self, from: Timestamp) -> Date {
        let today = from.to_zoned(self.zone.clone()).date();
        // A day early: in a zone that skipped a date, two dates can mean one moment.
        let mut date = plus(today, -1);
        while self.slot(date) <= from && date < Date::MAX {
            date = plus(date, 1);
        }
        date
    }

    /// The grid `slot`, `slot` + `days`, … : its first date whose time is after `now`. Slots that were
    /// missed are passed over, and the grid stays: what was due every third day still is. That is
    /// `slot` itself while its time has not come.
    pub fn after(&self, slot: Date, now: Timestamp) -> Date {
        let days = i64::from(self.days.max(1));
        let since = now.to_zoned(self.zone.clone()).date().since(slot).map_or(0, |span| i64::from(span.get_days()));
        let passed = since.max(0) / days;
        let mut date = plus(slot, passed.saturating_mul(days));
        while self.slot(date) <= now && date < Date::MAX {
            date = plus(date, days);
        }
        date
    }
}

/// So many days later, or the last date there is.
fn plus(date: Date, days: i64) -> Date {
    date.saturating_add(days.days())
}

/// How long to wait after so many failures in a row: 5 minutes, 15 minutes, an hour, 4 hours, then
/// 12 hours each.
pub fn retry_after(failures: u32) -> SignedDuration {
    let place = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
    SignedDuration::from_mins(RETRY_MINUTES.get(place).copied().unwrap_or(RETRY_MINUTES_AT_LAST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const ZONES: [&str; 4] = ["Australia/Melbourne", "America/New_York", "UTC", "Pacific/Apia"];

    fn every(days: u16, time: &str, zone: &str) -> Every {
        Every { days, time: time.parse().unwrap(), zone: TimeZone::get(zone).unwrap() }
    }

    fn slot(zone: &str, on: Date) -> String {
        let every = every(3, "02:30", zone);
        every.slot(on).to_zoned(every.zone).strftime("%Y-%m-%d %H:%M %:z").to_string()
    }

    #[test]
    fn an_hour_that_is_skipped_moves_forward_and_of_one_that_comes_twice_it_is_the_first() {
        for (zone, on, said) in [
            ("Australia/Melbourne", date(2026, 10, 3), "2026-10-03 02:30 +10:00"),
            ("Australia/Melbourne", date(2026, 10, 4), "2026-10-04 03:30 +11:00"),
            ("Australia/Melbourne", date(2026, 4, 5), "2026-04-05 02:30 +11:00"),
            ("Australia/Melbourne", date(2026, 4, 6), "2026-04-06 02:30 +10:00"),
            ("America/New_York", date(2026, 3, 8), "2026-03-08 03:30 -04:00"),
            ("America/New_York", date(2026, 11, 1), "2026-11-01 02:30 -05:00"),
        ] {
            assert_eq!(slot(zone, on), said, "{zone}");
        }
        // New York's own hour that comes twice is the one before.
        let every = every(1, "01:30", "America/New_York");
        assert_eq!(every.slot(date(2026, 11, 1)).to_string(), "2026-11-01T05:30:00Z");
    }

    #[test]
    fn sixty_days_have_twenty_syncs_and_twelve_updates() {
        let (sync, update) = (Every::sync(&Settings::default()), Every::update(&Settings::default()));
        for (every, times) in [(sync, 20), (update, 12)] {
            for zone in ZONES {
                let every = Every { zone: TimeZone::get(zone).unwrap(), ..every.clone() };
                let begin = every.slot(date(2026, 9, 20));
                let end = every.slot(date(2026, 11, 19));
                let mut slot = every.first(begin - SignedDuration::from_secs(1));
                assert_eq!(slot, date(2026, 9, 20), "{zone}");
                let mut taken = 0;
                while every.slot(slot) < end {
                    taken += 1;
                    slot = every.after(slot, every.slot(slot));
                }
                assert_eq!((taken, slot), (times, date(2026, 11, 19)), "{zone}");
            }
        }
    }

    #[test]
    fn settings_say_when() {
        let mut settings = Settings::default();
        for (key, text) in [
            (Key::SyncDays, "1"),
            (Key::SyncTime, "23:15"),
            (Key::TimeZone, "America/New_York"),
            (Key::UpdateDays, "7"),
        ] {
            settings.set(key, At::default(), text).unwrap();
        }
        assert_eq!(Every::sync(&settings), every(1, "23:15", "America/New_York"));
        assert_eq!(Every::update(&settings), every(7, "03:00", "America/New_York"));
    }

    #[test]
    fn what_was_missed_is_passed_over_and_the_grid_stays() {
        let every = every(5, "02:30", "Australia/Melbourne");
        let begin = date(2026, 9, 1);
        for (down_until, next) in [
            (date(2026, 9, 1), date(2026, 9, 6)),
            (date(2026, 9, 5), date(2026, 9, 6)),
            (date(2026, 9, 6), date(2026, 9, 11)),
            (date(2026, 9, 20), date(2026, 9, 21)),
            (date(2026, 10, 6), date(2026, 10, 11)),
        ] {
            assert_eq!(every.after(begin, every.slot(down_until)), next, "down until {down_until}");
        }
        assert_eq!(every.after(begin, every.slot(begin) - SignedDuration::from_secs(1)), begin, "not due yet");
    }

    #[test]
    fn a_date_that_a_zone_skipped_is_due_with_the_next() {
        // Samoa had no 30 December 2011.
        let every = every(1, "02:30", "Pacific/Apia");
        assert_eq!(every.slot(date(2011, 12, 30)), every.slot(date(2011, 12, 31)));
        assert_eq!(every.after(date(2011, 12, 29), every.slot(date(2011, 12, 30))), date(2012, 1, 1));
        assert_eq!(every.first(every.slot(date(2011, 12, 30))), date(2012, 1, 1));
    }

    #[test]
    fn retries_become_rarer_and_stay_at_twelve_hours() {
        let minutes: Vec<i64> = (1..8).map(|failures| retry_after(failures).as_mins()).collect();
        assert_eq!(minutes, [5, 15, 60, 240, 720, 720, 720]);
        assert_eq!((retry_after(0).as_mins(), retry_after(u32::MAX).as_mins()), (5, 720));
    }

    #[test]
    fn the_ends_of_time_end_no_loop() {
        let every = every(1, "02:30", "America/New_York");
        assert_eq!(every.first(Timestamp::MAX), Date::MAX);
        assert_eq!(every.after(Date::MIN, Timestamp::MAX), Date::MAX);
        assert!(every.first(Timestamp::MIN) < date(-9998, 1, 1));
    }

    proptest! {
        #[test]
        fn the_next_slot_is_on_the_grid_after_now_and_none_before_it_is(
            days in 1u16..40, offset in 0i64..900, now in 0i64..1_000_000_000, zone in 0usize..4, minute in 0i8..48,
        ) {
            let every = Every {
                days,
                time: jiff::civil::time(minute / 2, minute % 2 * 30, 0, 0),
                zone: TimeZone::get(ZONES[zone]).unwrap(),
            };
            let slot = plus(date(2009, 1, 1), offset);
            let now = Timestamp::from_second(1_230_768_000 + now).unwrap();
            let next = every.after(slot, now);
            let steps = i64::from(next.since(slot).unwrap().get_days());
            prop_assert!(steps >= 0 && steps % i64::from(days) == 0);
            prop_assert!(every.slot(next) > now);
            let before = plus(next, -i64::from(days));
            prop_assert!(next == slot || every.slot(before) <= now, "{before} is after {now} already");
            let first = every.first(now);
            prop_assert!(every.slot(first) > now && every.slot(plus(first, -1)) <= now);
        }
    }
}
