//! Exact decimals: what is counted ([`Quantity`]) and what it is worth ([`Money`]).
//!
//! No float touches either, not even while JSON is read: a number arrives as its text.

use rust_decimal::{Decimal, RoundingStrategy};
use std::fmt;

/// Digits a quantity may have in all. Source: the usage file's rule (design, section 7).
pub const DIGITS_MAX: usize = 18;
/// Digits a quantity of a usage file may have after the point.
pub const FRACTION_DIGITS_MAX: usize = 6;

/// An exact amount of something. Always normalised: 10 and 10.00 are one value and print alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(Decimal);

/// Why a text is no quantity, in words for the person whose file it stands in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// Nothing there.
    #[error("the quantity is empty; an unknown quantity is left out, never written as 0")]
    Empty,
    /// Below zero.
    #[error("\"{0}\" is negative; a usage cannot be below 0")]
    Negative(String),
    /// Anything but digits and one point.
    #[error("\"{0}\" is not a plain decimal such as 1250.5 (no separators, signs, units or exponents)")]
    NotPlain(String),
    /// More than [`DIGITS_MAX`] digits.
    #[error("\"{0}\" has more than {DIGITS_MAX} digits")]
    TooLong(String),
    /// More than [`FRACTION_DIGITS_MAX`] digits after the point.
    #[error("\"{0}\" has more than {FRACTION_DIGITS_MAX} digits after the point")]
    TooFine(String),
}

impl Quantity {
    /// Nothing. Only ever a measured or approved nothing.
    pub const ZERO: Quantity = Quantity(Decimal::ZERO);

    /// Wraps and normalises.
    pub fn new(value: Decimal) -> Quantity {
        Quantity(value.normalize())
    }

    /// The decimal inside.
    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// Reads a quantity of a usage file: digits with at most one point, not negative, at most
    /// [`DIGITS_MAX`] digits and [`FRACTION_DIGITS_MAX`] after the point.
    pub fn parse_plain(text: &str) -> Result<Quantity, QuantityError> {
        if text.is_empty() {
            return Err(QuantityError::Empty);
        }
        let (whole, fraction) = text.split_once('.').map_or((text, None), |(w, f)| (w, Some(f)));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if let Some(rest) = text.strip_prefix('-')
            && rest.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && rest.bytes().any(|b| b.is_ascii_digit())
        {
            return Err(QuantityError::Negative(shown(text)));
        }
        if !digits(whole) || !fraction.is_none_or(digits) {
            return Err(QuantityError::NotPlain(shown(text)));
        }
        let fraction_digits = fraction.map_or(0, str::len);
        if fraction_digits > FRACTION_DIGITS_MAX {
            return Err(QuantityError::TooFine(shown(text)));
        }
        if whole.trim_start_matches('0').len() + fraction_digits > DIGITS_MAX {
            return Err(QuantityError::TooLong(shown(text)));
        }
        let value = Decimal::from_str_exact(text).map_err(|_| QuantityError::NotPlain(shown(text)))?;
        Ok(Quantity::new(value))
    }

    /// Reads a JSON number from its own text (`7`, `7.00`, `1.5E+2`), exactly or not at all.
    pub fn parse_json(text: &str) -> Option<Quantity> {
        let value = if text.contains(['e', 'E']) {
            Decimal::from_scientific(text).ok()?
        } else {
            Decimal::from_str_exact(text).ok()?
        };
        Some(Quantity::new(value))
    }

    /// Whether it has no fraction.
    pub fn is_whole(self) -> bool {
        self.0.is_integer()
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Digits in all, leading zeros not counted: the size that [`DIGITS_MAX`] limits.
    pub fn digits(self) -> usize {
        self.0.mantissa().unsigned_abs().to_string().len()
    }

    /// Sum; `None` beyond what a decimal holds.
    pub fn plus(self, other: Quantity) -> Option<Quantity> {
        self.0.checked_add(other.0).map(Quantity::new)
    }

    /// Difference; `None` beyond what a decimal holds.
    pub fn minus(self, other: Quantity) -> Option<Quantity> {
        self.0.checked_sub(other.0).map(Quantity::new)
    }

    /// Product; `None` beyond what a decimal holds.
    pub fn times(self, factor: Decimal) -> Option<Quantity> {
        self.0.checked_mul(factor).map(Quantity::new)
    }

    /// Quotient; `None` for a divisor of 0.
    pub fn over(self, divisor: Decimal) -> Option<Quantity> {
        self.0.checked_div(divisor).map(Quantity::new)
    }

    /// The multiple of `step` at or above. `step` must be over 0, otherwise `None`.
    pub fn up_to(self, step: Decimal) -> Option<Quantity> {
        let rest = self.rest(step)?;
        if rest.is_zero() { Some(self) } else { self.0.checked_sub(rest)?.checked_add(step).map(Quantity::new) }
    }

    /// The multiple of `step` at or below.
    pub fn down_to(self, step: Decimal) -> Option<Quantity> {
        self.0.checked_sub(self.rest(step)?).map(Quantity::new)
    }

    /// The nearest multiple of `step`; the middle goes up.
    pub fn nearest_to(self, step: Decimal) -> Option<Quantity> {
        let rest = self.rest(step)?;
        if rest.checked_add(rest)? >= step { self.up_to(step) } else { self.down_to(step) }
    }

    fn rest(self, step: Decimal) -> Option<Decimal> {
        if step <= Decimal::ZERO || self.0.is_sign_negative() && !self.0.is_zero() {
            return None;
        }
        self.0.checked_rem(step)
    }
}

impl From<i64> for Quantity {
    fn from(value: i64) -> Quantity {
        Quantity::new(Decimal::from(value))
    }
}

impl fmt::Display for Quantity {
    /// Plain, no exponent, no trailing zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.to_string())
    }
}

/// An amount of money in the agreement's currency. Shown, never written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(Decimal);

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money(Decimal::ZERO);

    /// Wraps, rounded to hundredths of a cent so that a third of a price prints.
    pub fn new(value: Decimal) -> Money {
        Money(value.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero).normalize())
    }

    /// The decimal inside.
    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// The difference; amounts of one currency.
    #[must_use]
    pub fn minus(self, other: Money) -> Money {
        self.plus(Money::new(-other.decimal()))
    }

    /// Sum; stays at the largest amount instead of failing, since money here is only shown.
    #[must_use]
    pub fn plus(self, other: Money) -> Money {
        Money(self.0.saturating_add(other.0).normalize())
    }

    /// Without its sign.
    #[must_use]
    pub fn abs(self) -> Money {
        Money(self.0.abs())
    }

    /// For a clerk: two digits after the point and thousands apart (`1,234.50`).
    pub fn words(self) -> String {
        let rounded = self.0.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        let text = format!("{:.2}", rounded.abs());
        let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
        let mut grouped = String::new();
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let sign = if rounded.is_sign_negative() && !rounded.is_zero() { "-" } else { "" };
        format!("{sign}{grouped}.{cents}")
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.to_string())
    }
}

fn shown(text: &str) -> String {
    let mut cut: String = text.chars().take(40).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn q(text: &str) -> Quantity {
        Quantity::parse_plain(text).unwrap()
    }

    #[test]
    fn what_is_no_plain_decimal_is_refused_in_words() {
        for (text, words) in [
            ("", "the quantity is empty"),
            ("NaN", "not a plain decimal"),
            ("inf", "not a plain decimal"),
            ("-1", "negative"),
            ("-0", "negative"),
            ("1e3", "not a plain decimal"),
            ("0x10", "not a plain decimal"),
            ("1_000", "not a plain decimal"),
            ("1,5", "not a plain decimal"),
            ("1.234,56", "not a plain decimal"),
            ("５", "not a plain decimal"),
            ("٣", "not a plain decimal"),
            (" 5 ", "not a plain decimal"),
            ("5%", "not a plain decimal"),
            ("5 seats", "not a plain decimal"),
            ("1.", "not a plain decimal"),
            (".5", "not a plain decimal"),
            ("+5", "not a plain decimal"),
            ("1.2.3", "not a plain decimal"),
            ("1234567890123456789", "more than 18 digits"),
            ("1.1234567", "more than 6 digits after the point"),
        ] {
            let error = Quantity::parse_plain(text).unwrap_err().to_string();
            assert!(error.contains(words), "{text:?}: {error}");
        }
    }

    #[test]
    fn eighteen_digits_survive() {
        assert_eq!(q("123456789012.345678").to_string(), "123456789012.345678");
        assert_eq!(q("9007199254740993").to_string(), "9007199254740993");
        assert_eq!(q("10.00"), q("10"));
    }

    #[test]
    fn a_json_number_is_read_from_its_text() {
        assert_eq!(Quantity::parse_json("7.00"), Some(q("7")));
        assert_eq!(Quantity::parse_json("1.5E+2"), Some(q("150")));
        assert_eq!(Quantity::parse_json("0.1"), Some(q("0.1")));
        assert_eq!(Quantity::parse_json("n/a"), None);
    }

    #[test]
    fn steps_are_exact() {
        let step = Decimal::new(1, 2);
        assert_eq!(q("0.430001").up_to(step), Some(q("0.44")));
        assert_eq!(q("0.43").up_to(step), Some(q("0.43")));
        assert_eq!(q("2.5").nearest_to(Decimal::ONE), Some(q("3")));
        assert_eq!(q("2.49").nearest_to(Decimal::ONE), Some(q("2")));
        assert_eq!(q("2.99").down_to(Decimal::ONE), Some(q("2")));
        assert_eq!(q("2").up_to(Decimal::ZERO), None);
    }

    #[test]
    fn money_is_readable() {
        assert_eq!(Money::new(Decimal::new(1_234_567, 1)).words(), "123,456.70");
        assert_eq!(Money::new(Decimal::new(-5, 1)).words(), "-0.50");
    }

    proptest! {
        #[test]
        fn parse_of_print_is_the_same(whole in 0u64..999_999_999_999, fraction in 0u32..1_000_000) {
            let text = format!("{whole}.{fraction:06}");
            let value = q(&text);
            prop_assert_eq!(q(&value.to_string()), value);
            prop_assert_eq!(Quantity::parse_json(&value.to_string()), Some(value));
        }

        #[test]
        fn rounding_up_is_never_below(micros in 0i64..1_000_000_000_000, step in 1i64..5_000) {
            let value = Quantity::new(Decimal::new(micros, 6));
            let step = Decimal::new(step, 2);
            let up = value.up_to(step).unwrap();
            prop_assert!(up >= value && up.decimal() - value.decimal() < step);
        }
    }
}
