//! The simulator's clock.
//!
//! **Owns:** the time the simulated ConnectWise believes it is, which a test may move.
//! **Does not own:** waiting (that is tokio's).

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

/// The machine's time plus an offset, so that skewed clocks, leap days and year changes can be played.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clock {
    offset: SignedDuration,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "the simulator is an outside system with a clock of its own")]
    fn machine() -> Timestamp {
        Timestamp::now()
    }

    pub(crate) fn now(self) -> Timestamp {
        let now = Clock::machine();
        now.checked_add(self.offset).unwrap_or(now)
    }

    pub(crate) fn today(self) -> Date {
        self.now().to_zoned(TimeZone::UTC).date()
    }

    pub(crate) fn set(&mut self, now: Timestamp) {
        self.offset = now.duration_since(Clock::machine());
    }
}
