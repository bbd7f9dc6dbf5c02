//! Units: what is measured, and what one unit of a catalog item is.
//!
//! Declared factors: GB is 10^9 bytes, TB is 1000 GB; GiB and TiB are binary.

use crate::quantity::Quantity;
use rust_decimal::Decimal;
use std::fmt;

/// A unit of storage. Anything else counts things (users, machines).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Storage {
    B,
    KB,
    MB,
    GB,
    TB,
    KiB,
    MiB,
    GiB,
    TiB,
}

impl Storage {
    /// Every unit of storage, smallest first within its family.
    pub const ALL: [Storage; 9] = [
        Storage::B,
        Storage::KB,
        Storage::MB,
        Storage::GB,
        Storage::TB,
        Storage::KiB,
        Storage::MiB,
        Storage::GiB,
        Storage::TiB,
    ];

    /// Its name as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Storage::B => "B",
            Storage::KB => "KB",
            Storage::MB => "MB",
            Storage::GB => "GB",
            Storage::TB => "TB",
            Storage::KiB => "KiB",
            Storage::MiB => "MiB",
            Storage::GiB => "GiB",
            Storage::TiB => "TiB",
        }
    }

    /// Bytes in one.
    pub fn bytes(self) -> i64 {
        match self {
            Storage::B => 1,
            Storage::KB => 1_000,
            Storage::MB => 1_000_000,
            Storage::GB => 1_000_000_000,
            Storage::TB => 1_000_000_000_000,
            Storage::KiB => 1 << 10,
            Storage::MiB => 1 << 20,
            Storage::GiB => 1 << 30,
            Storage::TiB => 1 << 40,
        }
    }

    /// `value` of this unit in `to`; `None` beyond what a decimal holds.
    pub fn convert(self, value: Quantity, to: Storage) -> Option<Quantity> {
        let divisor = gcd(self.bytes(), to.bytes());
        value.times(Decimal::from(self.bytes() / divisor))?.over(Decimal::from(to.bytes() / divisor))
    }
}

/// A unit of usage or of an item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Storage, convertible by declared factors.
    Storage(Storage),
    /// Things that are counted, in the words of the file (`user`, `licence`).
    Count(String),
}

impl Unit {
    /// Reads a unit; `None` for nothing but blanks. Storage names are known whatever their case.
    pub fn parse(text: &str) -> Option<Unit> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let storage = Storage::ALL.into_iter().find(|unit| unit.name().eq_ignore_ascii_case(text));
        Some(storage.map_or_else(|| Unit::Count(text.to_owned()), Unit::Storage))
    }

    /// The unit of storage, if it is one.
    pub fn storage(&self) -> Option<Storage> {
        match self {
            Unit::Storage(unit) => Some(*unit),
            Unit::Count(_) => None,
        }
    }

    /// A quantity with its unit, for a sentence: 1 user, 24 users, 430 GB.
    pub fn counted(&self, quantity: Quantity) -> String {
        format!("{quantity} {}", self.name_for(quantity))
    }

    /// The unit's name beside a quantity that is shown by itself: 1 licence, 84 licences.
    pub fn name_for(&self, quantity: Quantity) -> String {
        let plain = |words: &str| words.ends_with(|last: char| last.is_ascii_lowercase() && last != 's');
        match self {
            Unit::Count(words) if quantity != Quantity::from(1) && plain(words) => format!("{words}s"),
            Unit::Count(_) | Unit::Storage(_) => self.to_string(),
        }
    }

    /// Whether two units count the same thing: storage with storage, words alike but for case and
    /// a plural s.
    pub fn alike(&self, other: &Unit) -> bool {
        match (self, other) {
            (Unit::Storage(_), Unit::Storage(_)) => true,
            (Unit::Count(one), Unit::Count(two)) => singular(one) == singular(two),
            (Unit::Storage(_), Unit::Count(_)) | (Unit::Count(_), Unit::Storage(_)) => false,
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unit::Storage(unit) => f.write_str(unit.name()),
            Unit::Count(words) => f.write_str(words),
        }
    }
}

/// What one unit of a catalog item is: 1 GB, 100 GB, 1 TB, 1 user.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ItemUnit {
    /// The unit that is counted.
    pub unit: Unit,
    /// How many of it one unit of the item holds; over 0.
    pub size: Quantity,
}

impl ItemUnit {
    /// `None` unless the size is over 0.
    pub fn new(unit: Unit, size: Quantity) -> Option<ItemUnit> {
        (size > Quantity::ZERO).then_some(ItemUnit { unit, size })
    }

    /// Guesses from an item's texts, most telling first: "Cold Storage per TB", "Backup 100 GB
    /// block". Only ever a proposal that a person confirms.
    pub fn guess(texts: &[&str]) -> Option<ItemUnit> {
        texts.iter().find_map(|text| guess_one(text))
    }
}

impl fmt::Display for ItemUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.size, self.unit)
    }
}

fn guess_one(text: &str) -> Option<ItemUnit> {
    let mut words = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric() && c != '.') {
        let cut = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
        let (digits, letters) = word.split_at(cut);
        words.extend([digits, letters].into_iter().filter(|part| !part.is_empty()));
    }
    let place = words.iter().position(|word| word.len() > 1 && matches!(Unit::parse(word), Some(Unit::Storage(_))))?;
    let size = place.checked_sub(1).and_then(|before| Quantity::parse_plain(words[before]).ok());
    ItemUnit::new(Unit::parse(words[place])?, size.filter(|size| !size.is_zero()).unwrap_or(Quantity::from(1)))
}

fn singular(word: &str) -> String {
    let lower = word.trim().to_lowercase();
    lower.strip_suffix('s').map_or(lower.clone(), str::to_owned)
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(value: &str, from: Storage, to: Storage) -> String {
        from.convert(Quantity::parse_plain(value).unwrap(), to).unwrap().to_string()
    }

    #[test]
    fn factors_are_declared() {
        assert_eq!(convert("1", Storage::TB, Storage::GB), "1000");
        assert_eq!(convert("1", Storage::TiB, Storage::GB), "1099.511627776");
        assert_eq!(convert("430", Storage::GB, Storage::TB), "0.43");
        assert_eq!(convert("500000000000", Storage::B, Storage::GB), "500");
    }

    #[test]
    fn units_are_guessed_from_what_items_are_called() {
        let guess = |text: &str| ItemUnit::guess(&[text]).map(|unit| unit.to_string());
        assert_eq!(guess("Cold Storage per TB"), Some("1 TB".into()));
        assert_eq!(guess("BACKUP-100GB"), Some("100 GB".into()));
        assert_eq!(guess("Hot storage, 100 GB block"), Some("100 GB".into()));
        assert_eq!(guess("Microsoft 365 Backup"), None);
    }

    #[test]
    fn users_are_users() {
        let unit = |text| Unit::parse(text).unwrap();
        assert!(unit("Users").alike(&unit("user")));
        assert!(!unit("user").alike(&unit("GB")));
        assert_eq!(unit("user").counted(24.into()), "24 users");
        let licences = |many: i64| format!("{many} {}", unit("licence").name_for(many.into()));
        assert_eq!([licences(1), licences(84), licences(0)], ["1 licence", "84 licences", "0 licences"]);
        assert_eq!(
            (unit("users").counted(2.into()), unit("user").counted(1.into())),
            ("2 users".into(), "1 user".into())
        );
        assert_eq!(unit("tb"), Unit::Storage(Storage::TB));
    }
}
