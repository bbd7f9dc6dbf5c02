//! How fast one MSP's ConnectWise is asked: connections, tokens, and the pause after a 429.
//!
//! Shared by everything that talks to that MSP, because ConnectWise limits the MSP, not the task.

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use jiff::Timestamp;
use std::hash::{BuildHasher, Hasher};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, sleep_until};

/// Requests that may leave at once after a quiet time.
const BURST_MAX: u32 = 30;
/// Longest pause that ConnectWise can ask for at once. Source: design, section 5.
const PAUSE_MAX: Duration = Duration::from_secs(15 * 60);
/// Pauses without Retry-After grow from one second to this.
const PAUSE_UNTOLD_MAX: Duration = Duration::from_secs(60);
/// The first wait before a GET is asked again.
const RETRY_FIRST: Duration = Duration::from_millis(200);

pub(crate) struct Pace {
    slots: Arc<Semaphore>,
    bucket: Option<DefaultDirectRateLimiter>,
    pause: Mutex<Pause>,
    /// While a pause is fresh, requests go one by one: N tasks must not knock N times.
    probe: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Clone, Copy, Default)]
struct Pause {
    until: Option<Instant>,
    /// Answers 429 in a row.
    strikes: u32,
    /// The same for writes alone: a read that gets through between two writes proves nothing for
    /// them, and must not let them knock at full speed.
    write_strikes: u32,
    /// When the newest of them came.
    struck: Option<Instant>,
}

impl Pause {
    fn strikes_for(self, writes: bool) -> u32 {
        if writes { self.strikes.max(self.write_strikes) } else { self.strikes }
    }
}

/// Leave to send one request.
pub(crate) struct Permit {
    _slot: OwnedSemaphorePermit,
    _probe: Option<OwnedMutexGuard<()>>,
    entered: Instant,
    writes: bool,
    /// It had to wait for the end of a pause: what was read before may be old by now.
    pub(crate) paused: bool,
}

/// Why there is no leave.
pub(crate) enum Late {
    /// The pause lasts longer than there is time.
    Throttled,
    /// The time is over.
    Deadline,
}

impl Pace {
    /// `requests_per_minute` 0 sets no limit.
    pub(crate) fn new(requests_per_minute: u32, connections: usize) -> Pace {
        let quota = |rate: NonZeroU32| {
            let burst = NonZeroU32::new(BURST_MAX).map_or(rate, |burst| burst.min(rate));
            RateLimiter::direct(Quota::per_minute(rate).allow_burst(burst))
        };
        Pace {
            slots: Arc::new(Semaphore::new(connections.max(1))),
            bucket: NonZeroU32::new(requests_per_minute).map(quota),
            pause: Mutex::new(Pause::default()),
            probe: Arc::default(),
        }
    }

    /// Waits for a connection, a token and the end of any pause. `writes`: for a PATCH.
    pub(crate) async fn enter(&self, writes: bool, deadline: Instant) -> Result<Permit, Late> {
        let slots = Arc::clone(&self.slots);
        let slot = tokio::time::timeout_at(deadline, slots.acquire_owned()).await.map_err(|_| Late::Deadline)?;
        let slot = slot.map_err(|_| Late::Deadline)?;
        self.token(deadline).await?;
        let (mut probe, mut paused) = (None, false);
        loop {
            let pause = self.read();
            match pause.until.filter(|until| Instant::now() < *until) {
                Some(until) if deadline < until => return Err(Late::Throttled),
                Some(until) => {
                    (probe, paused) = (None, true);
                    sleep_until(until).await;
                }
                None if deadline < Instant::now() => return Err(Late::Deadline),
                None if pause.strikes_for(writes) > 0 && probe.is_none() => {
                    probe = Some(Arc::clone(&self.probe).lock_owned().await);
                }
                None => return Ok(Permit { _slot: slot, _probe: probe, entered: Instant::now(), writes, paused }),
            }
        }
    }

    async fn token(&self, deadline: Instant) -> Result<(), Late> {
        let Some(bucket) = &self.bucket else { return Ok(()) };
        while let Err(not_yet) = bucket.check() {
            let wait = not_yet.wait_time_from(DefaultClock::default().now());
            if deadline < Instant::now() + wait {
                return Err(Late::Deadline);
            }
            sleep(wait).await;
        }
        Ok(())
    }

    /// ConnectWise answered something other than 429: the pause is over, for writes only where it
    /// was a write.
    pub(crate) fn answered(&self, permit: &Permit) {
        let mut pause = self.pause.lock().unwrap_or_else(PoisonError::into_inner);
        pause.strikes = 0;
        if permit.writes {
            pause.write_strikes = 0;
        }
    }

    /// ConnectWise answered 429: everything for this MSP waits.
    pub(crate) fn throttled(&self, permit: &Permit, told: Option<Duration>) {
        let mut pause = self.pause.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        // A request sent before the newest 429 came is part of the same knock.
        if pause.struck.is_none_or(|struck| struck <= permit.entered) {
            pause.strikes = pause.strikes.saturating_add(1);
            pause.write_strikes = pause.write_strikes.saturating_add(u32::from(permit.writes));
        }
        pause.struck = Some(now);
        let strikes = pause.strikes_for(permit.writes);
        let grown = Duration::from_secs(1 << strikes.saturating_sub(1).min(6)).min(PAUSE_UNTOLD_MAX);
        let wait = match told {
            // Told "0" again and again, it still must not become a busy loop.
            Some(told) if told.is_zero() && strikes > 1 => jittered(grown),
            Some(told) => told,
            None => jittered(grown),
        };
        let until = now + wait.min(PAUSE_MAX);
        pause.until = Some(pause.until.map_or(until, |old| old.max(until)));
    }

    /// Whether the newest answer was a 429.
    pub(crate) fn is_throttled(&self) -> bool {
        self.read().strikes > 0
    }

    fn read(&self) -> Pause {
        *self.pause.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What Retry-After asks for: seconds or an HTTP date, within 0..15 minutes; `None` for garbage.
pub(crate) fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        if text.starts_with('-') {
            return Some(Duration::ZERO);
        }
        // More digits than fit are a very long time.
        let seconds = digits.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(PAUSE_MAX));
    }
    let when = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    let seconds = when.as_second().saturating_sub(now.as_second());
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)).min(PAUSE_MAX))
}

/// How long to wait before try number `tries` (from 1) of a GET: 0.2 s, 0.4 s ... with jitter.
pub(crate) fn backoff(tries: u32) -> Duration {
    jittered(RETRY_FIRST * (1 << tries.saturating_sub(1).min(6)))
}

/// Between three quarters and five quarters of `wait`, so that many do not come back at once.
fn jittered(wait: Duration) -> Duration {
    // Each RandomState has fresh keys: random enough for jitter, without a crate for it.
    let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
    let part = u32::try_from(random % 513).unwrap_or(256);
    wait * (768 + part) / 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_clamped() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let date = |seconds: i64| {
            let when = Timestamp::from_second(now.as_second() + seconds).unwrap();
            jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&when).unwrap()
        };
        for (text, seconds) in [
            ("1".to_owned(), Some(1)),
            (" 30 ".to_owned(), Some(30)),
            ("0".to_owned(), Some(0)),
            ("-5".to_owned(), Some(0)),
            ("1000000000".to_owned(), Some(900)),
            ("99999999999999999999999999".to_owned(), Some(900)),
            ("soon".to_owned(), None),
            ("1.5".to_owned(), None),
            (String::new(), None),
            (date(120), Some(120)),
            (date(-120), Some(0)),
            (date(1_000_000), Some(900)),
        ] {
            assert_eq!(retry_after(&text, now), seconds.map(Duration::from_secs), "{text:?}");
        }
    }

    #[tokio::test]
    async fn without_retry_after_the_pause_grows_and_is_shared() {
        let pace = Pace::new(0, 4);
        let long = Instant::now() + Duration::from_secs(3600);
        let mut waits = Vec::new();
        for _ in 0..9 {
            let permit = Permit {
                _slot: Arc::clone(&pace.slots).acquire_owned().await.unwrap(),
                _probe: None,
                entered: Instant::now(),
                writes: false,
                paused: false,
            };
            pace.pause.lock().unwrap().until = None;
            pace.throttled(&permit, None);
            waits.push(pace.read().until.unwrap() - Instant::now());
        }
        assert!(waits[0] < Duration::from_millis(1_300), "{waits:?}");
        assert!(waits[8] > Duration::from_secs(44) && waits[8] < Duration::from_secs(76), "{waits:?}");
        let soon = Instant::now() + Duration::from_secs(1);
        assert!(matches!(pace.enter(false, soon).await, Err(Late::Throttled)));
        assert!(tokio::time::timeout(Duration::from_millis(50), pace.enter(false, long)).await.is_err());
    }

    #[tokio::test]
    async fn a_read_between_two_writes_does_not_reset_their_wait() {
        let pace = Pace::new(0, 4);
        let deadline = Instant::now() + Duration::from_secs(3600);
        for told in [None, Some(Duration::ZERO)] {
            let mut waits = Vec::new();
            for _ in 0..8 {
                let enter = |writes| {
                    pace.pause.lock().unwrap().until = None;
                    pace.enter(writes, deadline)
                };
                pace.answered(&enter(false).await.ok().unwrap());
                let write = enter(true).await.ok().unwrap();
                pace.throttled(&write, told);
                waits.push(pace.read().until.unwrap().saturating_duration_since(Instant::now()));
            }
            assert!(waits[1] > Duration::from_millis(1_400), "{told:?}: {waits:?}");
            assert!(waits[7] > Duration::from_secs(44) && waits[7] < Duration::from_secs(76), "{told:?}: {waits:?}");
            pace.pause.lock().unwrap().until = None;
            let write = pace.enter(true, deadline).await.ok().unwrap();
            pace.throttled(&write, Some(Duration::from_secs(2)));
            let obeyed = pace.read().until.unwrap() - Instant::now();
            assert!(obeyed <= Duration::from_secs(2), "told is told: {obeyed:?}");
            pace.answered(&write);
            assert_eq!(pace.read().strikes_for(true), 0, "a write that got through");
        }
    }

    #[tokio::test]
    async fn the_bucket_holds_a_burst_and_no_more() {
        let pace = Pace::new(600, 100);
        let deadline = Instant::now() + Duration::from_secs(60);
        let start = Instant::now();
        for _ in 0..30 {
            assert!(pace.enter(false, deadline).await.is_ok());
        }
        assert!(start.elapsed() < Duration::from_millis(90), "the burst leaves at once");
        for _ in 0..5 {
            assert!(pace.enter(false, deadline).await.is_ok());
        }
        assert!(start.elapsed() > Duration::from_millis(400), "then ten a second");
    }
}
