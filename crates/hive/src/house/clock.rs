//! A clock that a test moves, and the promise that a moved clock never reaches real books.

use crate::failure::Failure;
use crate::process::Shown;
use hive_connectwise::SiteUrl;
use hive_core::Timestamp;
use jiff::SignedDuration;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;
use url::Url;

/// A file with a moment (RFC 3339): the time was that when the file was written, and goes on from
/// there. By environment alone, so that no file that lies about can move a clock.
const VARIABLE: &str = "HIVE_TEST_CLOCK";
/// How often the run loop looks, in milliseconds; heard only while the clock is moved.
const TICK_VARIABLE: &str = "HIVE_TEST_TICK_MS";

/// How far the moved clock was ahead when its file could last be read: a test may be writing it.
static AHEAD: Mutex<Option<SignedDuration>> = Mutex::new(None);

/// That the clock is moved, in words for whoever starts the process; an error where its file is bad.
pub(crate) fn moved_words() -> Result<Option<String>, Failure> {
    let Some(path) = file() else { return Ok(None) };
    ahead(path).map_err(|why| Failure::wrong_usage(format!("{VARIABLE}={}: {why}", path.display())))?;
    Ok(Some(format!(
        "the clock is moved by {VARIABLE} and says {:.0}; only a ConnectWise on this machine is spoken to",
        super::now()
    )))
}

/// While the clock is moved nothing but this machine is spoken to: a wrong date in somebody's books
/// is a wrong invoice.
pub(crate) fn refuse_real_books(site: &SiteUrl) -> Result<(), Failure> {
    if file().is_none() || site.is_loopback() {
        return Ok(());
    }
    Err(Failure::stopped(format!(
        "the clock is moved by {VARIABLE}, so {site} is not spoken to: only a ConnectWise on this machine is"
    )))
}

/// A moved clock lets old sessions and links live on: nobody but this machine comes in while it is moved.
pub(crate) fn refuse_public(public_url: &Url) -> Result<(), Failure> {
    if file().is_none() || hive_web::auth::is_loopback(public_url) {
        return Ok(());
    }
    Err(Failure::wrong_usage(format!(
        "the clock is moved by {VARIABLE}, which is for tests on one machine, but people are to come in at {public_url}: \
         unset {VARIABLE}, or HIVE_PUBLIC_URL"
    )))
}

/// How often the run loop looks, where a test says so.
pub(crate) fn tick() -> Option<Duration> {
    file()?;
    Some(Duration::from_millis(std::env::var(TICK_VARIABLE).ok()?.parse().ok()?))
}

/// The moved clock among the process settings, while it is moved.
pub(crate) fn shown() -> Option<Shown> {
    let path = file()?;
    Some(Shown {
        name: VARIABLE.to_owned(),
        value: path.display().to_string(),
        from: "environment",
        meaning: "a file that moves the clock, for tests; no ConnectWise but this machine's is spoken to",
    })
}

fn file() -> Option<&'static Path> {
    static FILE: OnceLock<Option<PathBuf>> = OnceLock::new();
    let read = || std::env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
    FILE.get_or_init(read).as_deref()
}

/// What time it is where it is `real` on this machine.
pub(super) fn moved(real: Timestamp) -> Timestamp {
    let Some(path) = file() else { return real };
    let mut last = AHEAD.lock().unwrap_or_else(PoisonError::into_inner);
    if let Ok(ahead) = ahead(path) {
        *last = Some(ahead);
    }
    real.saturating_add(last.unwrap_or_default()).unwrap_or(real)
}

/// How far the clock in the file was ahead of this machine's when it was written.
fn ahead(path: &Path) -> Result<SignedDuration, String> {
    let says = |error: &dyn std::fmt::Display| format!("cannot be read: {error}");
    let text = std::fs::read_to_string(path).map_err(|error| says(&error))?;
    let written = std::fs::metadata(path).and_then(|file| file.modified()).map_err(|error| says(&error))?;
    let written = Timestamp::try_from(written).map_err(|error| says(&error))?;
    let moment: Timestamp = text.trim().parse().map_err(|_| {
        format!("\"{}\" is no moment such as 2026-10-04T02:29:50Z", text.trim().chars().take(40).collect::<String>())
    })?;
    Ok(moment.duration_since(written))
}
