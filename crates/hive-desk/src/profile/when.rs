//! A vendor's time as the moment that `usage.csv` would say.
//!
//! A date without a time is the end of that day, in the profile's zone. A time without a zone is in
//! the profile's zone: a gap of daylight saving moves forward, a fold takes the first.

use super::row::{not_ahead, rfc_3339};
use super::table::{Cell, Kind};
use hive_core::{TimeZone, Timestamp};
use jiff::civil::{self, DateTime};
use jiff::fmt::strtime::BrokenDownTime;

/// The format's name for what `usage.csv` asks for.
pub(super) const RFC_3339: &str = "rfc3339";
/// Earlier years come from a format that does not fit: `%Y` takes 26 for the year 26.
const YEAR_MIN: i16 = 2000;

/// What a text says, before it is put into a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Moment(Timestamp),
    Local(DateTime),
    Day(civil::Date),
}

impl Said {
    /// Whether the year is one that a usage can be of.
    pub(super) fn is_recent(self) -> bool {
        let year = match self {
            Said::Moment(at) => at.to_zoned(TimeZone::UTC).year(),
            Said::Local(at) => at.year(),
            Said::Day(day) => day.year(),
        };
        year >= YEAR_MIN
    }
}

/// How times are to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock<'a> {
    pub(super) formats: &'a [String],
    pub(super) zone: &'a TimeZone,
    pub(super) now: Timestamp,
}

impl Clock<'_> {
    /// The moment that a cell says.
    pub(super) fn of_cell(&self, cell: Cell<'_>) -> Result<Timestamp, String> {
        let text = cell.text;
        if text.is_empty() {
            return Err("the time is empty".to_owned());
        }
        let said = match cell.kind {
            Kind::Date => text.parse().map(Said::Day).map_err(|error| error.to_string())?,
            Kind::DateTime => text.parse().map(Said::Local).map_err(|error| error.to_string())?,
            // A day may stand as the number 20260630.
            Kind::Text | Kind::Number => self.of_text(text)?,
            Kind::Percent | Kind::Inexact | Kind::Formula => return Err(format!("\"{text}\" is no date")),
        };
        self.moment(said, text)
    }

    fn of_text(&self, text: &str) -> Result<Said, String> {
        let mut fits: Vec<Said> = Vec::new();
        for said in self.formats.iter().filter_map(|format| read(format, text)) {
            if !fits.contains(&said) {
                fits.push(said);
            }
        }
        match fits.as_slice() {
            [said] => Ok(*said),
            [] if self.formats.is_empty() => {
                Err(format!("\"{text}\" is no date of a workbook, and the profile names no format of dates"))
            }
            [] => Err(format!("\"{text}\" is not written as the profile says dates are ({})", self.formats.join(", "))),
            _ => Err(format!("\"{text}\" can be two dates by the profile's formats; leave one of them out")),
        }
    }

    /// The date in a file's name: the first place where the pattern fits and no digit is left over.
    pub(super) fn of_name(&self, pattern: &str, name: &str) -> Result<Timestamp, String> {
        let fits = |from: usize| {
            let (tm, bytes) = BrokenDownTime::parse_prefix(pattern, &name[from..]).ok()?;
            let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
            let whole = !digit(name[..from].chars().next_back()) && !digit(name.get(from + bytes..)?.chars().next());
            // `usage-2026-06-30`: the hyphen before a year is no sign.
            said(&tm).filter(|said| whole && bytes > 0 && said.is_recent())
        };
        let found = name.char_indices().find_map(|(from, _)| fits(from));
        let said = found.ok_or_else(|| format!("the file's name \"{name}\" holds no date such as {pattern}"))?;
        self.moment(said, name)
    }

    fn moment(&self, said: Said, text: &str) -> Result<Timestamp, String> {
        let of_zone = |at: DateTime| self.zone.to_ambiguous_timestamp(at).compatible().map_err(|e| e.to_string());
        if !said.is_recent() {
            return Err(format!("\"{text}\" would be before the year {YEAR_MIN}; the format of dates does not fit"));
        }
        let at = match said {
            Said::Moment(at) => at,
            Said::Local(at) => of_zone(at)?,
            Said::Day(day) => {
                // Only a day that has begun can be cut short by the moment of import.
                not_ahead(of_zone(day.at(0, 0, 0, 0))?, text, self.now)?;
                of_zone(day.at(23, 59, 59, 0))?.min(self.now)
            }
        };
        not_ahead(at, text, self.now)
    }
}

/// What a text says by one format, if it fits.
pub(super) fn read(format: &str, text: &str) -> Option<Said> {
    if format == RFC_3339 {
        return rfc_3339(text).ok().map(Said::Moment);
    }
    said(&BrokenDownTime::parse(format, text).ok()?)
}

fn said(tm: &BrokenDownTime) -> Option<Said> {
    if tm.timestamp().is_some() || tm.offset().is_some() {
        return tm.to_timestamp().ok().map(Said::Moment);
    }
    if tm.hour().is_none() {
        return tm.to_date().ok().map(Said::Day);
    }
    tm.to_datetime().ok().map(Said::Local)
}

/// Whether a format names a day at all: what it writes, it reads as the same day.
pub(super) fn names_a_day(format: &str) -> bool {
    if format == RFC_3339 {
        return true;
    }
    // A day whose day, month and year cannot be taken for each other.
    let day = civil::date(2031, 11, 23);
    let Ok(at) = day.at(21, 45, 57, 0).to_zoned(TimeZone::UTC) else { return false };
    let written = jiff::fmt::strtime::format(format, &at);
    written.ok().and_then(|text| read(format, &text)).is_some_and(|said| match said {
        Said::Moment(at) => at.to_zoned(TimeZone::UTC).date() == day,
        Said::Local(at) => at.date() == day,
        Said::Day(read) => read == day,
    })
}
