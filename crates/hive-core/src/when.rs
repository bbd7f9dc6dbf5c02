//! Moments as people read them, on pages, in issues and in answers alike.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A moment in a zone, with the zone's own name: `23 Nov 2026, 21:00 AEDT`.
pub fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%-d %b %Y, %H:%M %Z").to_string()
}

/// The same in the words of issues, reports and the command line, which programs read too: `2026-11-23 21:00 AEDT`.
pub fn stamp(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_names_its_zone() {
        let at: Timestamp = "2026-11-23T10:00:59Z".parse().unwrap();
        assert_eq!(moment(at, &TimeZone::get("Australia/Sydney").unwrap()), "23 Nov 2026, 21:00 AEDT");
        assert_eq!(moment(at, &TimeZone::UTC), "23 Nov 2026, 10:00 UTC");
        assert_eq!(stamp(at, &TimeZone::get("Australia/Sydney").unwrap()), "2026-11-23 21:00 AEDT");
    }
}
