//! A vendor's number as the plain decimal that `usage.csv` asks for. Text to text: no float.
//!
//! What is not surely a number of the profile's kind is refused, in the words of the one rule of a
//! quantity where that refuses it too. Guessing here would bill a thousand times too much.

use super::{Finer, Thousands};
use hive_core::quantity::FRACTION_DIGITS_MAX;
use hive_core::{Decimal, Quantity};

/// How a profile says that numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) comma: bool,
    pub(super) thousands: Option<Thousands>,
    pub(super) finer: Finer,
}

impl Style {
    /// `1.250,5` as `1250.5`, where the profile says so.
    pub(super) fn plain(self, text: &str) -> Result<String, String> {
        match (self.read(text), Quantity::parse_plain(text)) {
            (Some(plain), _) => Ok(plain),
            (None, Err(error)) => Err(error.to_string()),
            // `1.234` where a comma is the decimal sign: a plain decimal, but not what the source means.
            (None, Ok(_)) => {
                Err(format!("\"{text}\" is not written as the profile says numbers are ({})", self.words()))
            }
        }
    }

    fn words(self) -> String {
        let decimal = if self.comma { "decimal comma" } else { "decimal point" };
        let thousands = self.thousands.map_or("no sign between thousands", Thousands::words);
        format!("{decimal}, {thousands}")
    }

    fn read(self, text: &str) -> Option<String> {
        let (sign, digits) = text.strip_prefix(['-', '\u{2212}']).map_or(("", text), |rest| ("-", rest));
        let point = if self.comma { ',' } else { '.' };
        let (whole, fraction) = digits.split_once(point).map_or((digits, None), |(w, f)| (w, Some(f)));
        let whole = self.whole(whole)?;
        match fraction {
            None => Some(format!("{sign}{whole}")),
            Some(fraction) if is_digits(fraction) => Some(self.coarse(&format!("{sign}{whole}.{fraction}"))),
            Some(_) => None,
        }
    }

    /// Digits before the point, their groups checked: `1 25 000` is a slip, not 125000.
    fn whole(self, text: &str) -> Option<String> {
        if is_digits(text) {
            return Some(text.to_owned());
        }
        let thousands = self.thousands?;
        let mut groups = text.split(|c| thousands.is(c));
        let first = groups.next().filter(|first| is_digits(first) && first.len() <= 3)?;
        let mut whole = first.to_owned();
        for group in groups {
            whole.push_str(Some(group).filter(|group| is_digits(group) && group.len() == 3)?);
        }
        Some(whole)
    }

    /// No finer than a quantity may be. Zeros say nothing and always go; anything else only goes
    /// where the profile asks for it.
    pub(super) fn coarse(self, plain: &str) -> String {
        let as_it_is = || plain.to_owned();
        let Some((whole, fraction)) = plain.split_once('.') else { return as_it_is() };
        if !is_digits(fraction) || fraction.len() <= FRACTION_DIGITS_MAX {
            return as_it_is();
        }
        let (kept, rest) = fraction.split_at(FRACTION_DIGITS_MAX);
        if rest.bytes().all(|digit| digit == b'0') {
            return format!("{whole}.{kept}");
        }
        if self.finer == Finer::Refuse {
            return as_it_is();
        }
        // On the digits themselves: half of the last digit goes up.
        let up = i128::from(rest.as_bytes()[0] >= b'5');
        let scale = u32::try_from(FRACTION_DIGITS_MAX).unwrap_or_default();
        let rounded = format!("{whole}{kept}").parse::<i128>().ok().and_then(|units| {
            let units = if whole.starts_with('-') { units.checked_sub(up)? } else { units.checked_add(up)? };
            Decimal::try_from_i128_with_scale(units, scale).ok()
        });
        rounded.map_or_else(as_it_is, |rounded| rounded.to_string())
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// `430 GB` as `430` and `GB`, where the second is letters; otherwise all of it and nothing.
pub(super) fn with_unit(text: &str) -> (&str, &str) {
    let start = text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len();
    let (number, unit) = text.split_at(start);
    if number.ends_with(|c: char| c.is_ascii_digit() || c.is_whitespace()) && !number.trim().is_empty() {
        (number.trim_end(), unit)
    } else {
        (text, "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(comma: bool, thousands: Option<Thousands>) -> Style {
        Style { comma, thousands, finer: Finer::Refuse }
    }

    fn plain(style: Style, text: &str) -> String {
        style.plain(text).unwrap_or_else(|why| why)
    }

    #[test]
    fn signs_are_the_profiles_and_groups_are_checked() {
        let german = style(true, Some(Thousands::Point));
        assert_eq!(plain(german, "1.250,5"), "1250.5");
        assert!(plain(german, "1.25,5").contains("not a plain decimal"), "a group of two is a slip");
        assert!(plain(german, "12.5").contains("not written as the profile says"), "12.5 is no 12,5");
        assert!(plain(style(true, None), "1.234").contains("not written as the profile says"));
        assert_eq!(plain(german, "-5,0"), "-5.0");
        assert!(plain(style(false, None), "1,250").contains("not a plain decimal"), "no thousands sign was agreed");
        assert_eq!(plain(style(true, Some(Thousands::Space)), "12\u{202f}345,25"), "12345.25");
        assert!(plain(german, "NaN").contains("not a plain decimal"));
    }

    #[test]
    fn finer_than_six_digits_is_cut_only_where_it_says_nothing_or_is_asked_for() {
        let refuse = style(false, None);
        assert_eq!(plain(refuse, "0.12345600"), "0.123456");
        assert_eq!(plain(refuse, "0.1234567"), "0.1234567");
        let nearest = Style { finer: Finer::Nearest, ..refuse };
        assert_eq!(plain(nearest, "0.1234565"), "0.123457");
        assert_eq!(plain(nearest, "9.9999999"), "10.000000");
        assert_eq!(plain(nearest, "0.30000000000000004"), "0.300000");
    }

    #[test]
    fn a_unit_behind_a_number_is_told_apart() {
        assert_eq!(with_unit("430 GB"), ("430", "GB"));
        assert_eq!(with_unit("1,5TB"), ("1,5", "TB"));
        assert_eq!(with_unit("85%"), ("85%", ""));
        assert_eq!(with_unit("NaN"), ("NaN", ""));
    }
}
