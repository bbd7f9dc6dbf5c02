//! Rules of a product and of one account's part of it: classes, basis, overage, dead band, steps as items.

use super::{At, Basis, Key, Rounding, Settings};
use crate::ids::{AccountId, ProductId};
use crate::quantity::Quantity;
use crate::usage::CLASSES_NOT_COUNTED;
use std::collections::BTreeSet;
use std::fmt;

/// The word for samples that came without a class.
const BILLABLE: &str = "billable";
/// Steps that may be items. More is a mistake in a setting.
const STEP_ITEMS_MAX: usize = 50;

/// Which classes of samples count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Classes {
    /// All but trial, nfr and internal.
    Default,
    /// Every class.
    All,
    /// These, in lower case. `billable` is also a sample without a class.
    These(BTreeSet<String>),
}

impl Classes {
    /// Reads `all`, or names between commas; nothing is the default.
    pub fn parse(text: &str) -> Result<Classes, String> {
        let text = text.trim().to_lowercase();
        if text.is_empty() {
            return Ok(Classes::Default);
        }
        let names: BTreeSet<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
        if names.contains("") {
            return Err(format!("\"{text}\" has an empty class; write all, or classes between commas: billable,trial"));
        }
        if names.contains("all") {
            return if names.len() == 1 {
                Ok(Classes::All)
            } else {
                Err(format!("\"{text}\" says all and names classes too; write one of them"))
            };
        }
        Ok(Classes::These(names))
    }

    /// Whether a sample of this class counts. `class` is in lower case, and empty where none was given.
    pub fn count(&self, class: &str) -> bool {
        match self {
            Classes::Default => !CLASSES_NOT_COUNTED.contains(&class),
            Classes::All => true,
            Classes::These(names) => names.contains(if class.is_empty() { BILLABLE } else { class }),
        }
    }
}

impl fmt::Display for Classes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Classes::Default => Ok(()),
            Classes::All => f.write_str("all"),
            Classes::These(names) => {
                for (place, name) in names.iter().enumerate() {
                    write!(f, "{}{name}", if place > 0 { "," } else { "" })?;
                }
                Ok(())
            }
        }
    }
}

/// Sizes that are items of their own: the bracket chooses the item, and its quantity is 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepItems(Vec<(Quantity, String)>);

impl StepItems {
    /// Reads `500=HOT-500,1000=HOT-1T`: sizes in GB, rising, each with an item's identifier or id.
    pub fn parse(text: &str) -> Result<StepItems, String> {
        let why = || {
            format!("\"{text}\" names no items; write sizes in GB, rising, each with its item: 500=HOT-500,1000=HOT-1T")
        };
        let mut steps = Vec::new();
        for part in text.split(',') {
            let (size, item) = part.split_once('=').ok_or_else(why)?;
            let size = Quantity::parse_plain(size.trim()).ok().filter(|size| !size.is_zero()).ok_or_else(why)?;
            let item = item.trim();
            if item.is_empty() {
                return Err(why());
            }
            steps.push((size, item.to_owned()));
        }
        let rising = steps.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let names: BTreeSet<&str> = steps.iter().map(|(_, item)| item.as_str()).collect();
        let sound = rising && names.len() == steps.len() && steps.len() <= STEP_ITEMS_MAX;
        if sound { Ok(StepItems(steps)) } else { Err(why()) }
    }

    /// The sizes in GB with their items, rising.
    pub fn steps(&self) -> &[(Quantity, String)] {
        &self.0
    }
}

impl fmt::Display for StepItems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (size, item)) in self.0.iter().enumerate() {
            write!(f, "{}{size}={item}", if place > 0 { "," } else { "" })?;
        }
        Ok(())
    }
}

impl Settings {
    /// What is set at this place itself; not what it inherits.
    pub fn set_at(&self, key: Key, at: At) -> Option<&str> {
        self.values.get(&(key, at)).map(String::as_str)
    }

    /// Which number of one account's product's samples counts.
    pub fn basis_at(&self, at: At) -> Basis {
        Basis::read(self.text(Key::Basis, at))
    }

    /// Every basis that is in force for a product: its own, and those of single accounts.
    pub fn bases(&self, product: ProductId) -> BTreeSet<Basis> {
        let of_product = At { product: Some(product), account: None };
        let last = At { product: Some(product), account: Some(AccountId(i64::MAX)) };
        let of_accounts = self.values.range((Key::Basis, of_product)..=(Key::Basis, last));
        of_accounts.map(|(_, text)| Basis::read(text)).chain([self.basis_at(of_product)]).collect()
    }

    /// Which classes of one account's product count.
    pub fn classes(&self, at: At) -> Classes {
        Classes::parse(self.text(Key::Classes, at)).unwrap_or(Classes::Default)
    }

    /// Whether only what exceeds the account's quota is billed.
    pub fn overage(&self, at: At) -> bool {
        self.text(Key::Overage, at) == "true"
    }

    /// A difference up to which nothing is written, in units of the item.
    pub fn dead_band(&self, at: At) -> Option<Quantity> {
        Quantity::parse_plain(self.text(Key::DeadBand, at)).ok().filter(|band| !band.is_zero())
    }

    /// Whether the bracket is that of all parts together.
    pub fn brackets_the_sum(&self, product: ProductId) -> bool {
        self.text(Key::BracketOf, At { product: Some(product), account: None }) == "sum"
    }

    /// The items that a product's sizes are billed as.
    pub fn step_items(&self, product: ProductId) -> Option<StepItems> {
        StepItems::parse(self.text(Key::StepItems, At { product: Some(product), account: None })).ok()
    }

    /// `included`, `minimum` or `maximum` that one account's part has of its own.
    pub fn own_bound(&self, key: Key, at: At) -> Option<Quantity> {
        Quantity::parse_plain(self.set_at(key, at)?).ok()
    }

    /// The rounding that one account's part has of its own.
    pub fn own_rounding(&self, at: At) -> Option<Rounding> {
        Rounding::parse(self.set_at(Key::Rounding, at)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_names_between_commas() {
        let read = |text: &str| Classes::parse(text).unwrap();
        assert!(read("").count("") && read("").count("reserved") && !read("").count("trial"));
        assert!(read("all").count("trial"));
        let these = read(" Trial , billable ");
        assert_eq!(these.to_string(), "billable,trial");
        assert!(these.count("") && these.count("billable") && these.count("trial") && !these.count("nfr"));
        assert!(!read("trial").count(""));
        assert!(Classes::parse("trial,,nfr").is_err() && Classes::parse("all,nfr").is_err());
    }

    #[test]
    fn step_items_rise_and_read_back() {
        let steps = StepItems::parse("500=HOT-500, 1000=HOT-1T").unwrap();
        assert_eq!(steps.to_string(), "500=HOT-500,1000=HOT-1T");
        for wrong in ["", "500", "0=A", "500=", "1000=A,500=B", "500=A,1000=A", "x=A"] {
            assert!(StepItems::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_account_has_its_own_where_it_is_a_part_that_is_meant() {
        let (product, account) = (ProductId(1), AccountId(2));
        let (of_product, of_account) =
            (At { product: Some(product), account: None }, At { product: Some(product), account: Some(account) });
        let mut settings = Settings::default();
        for key in [Key::Included, Key::Minimum, Key::Maximum, Key::DeadBand] {
            settings.set(key, of_account, "5").unwrap();
        }
        settings.set(Key::Basis, of_account, "peak_period").unwrap();
        assert_eq!(settings.basis(product), Basis::Latest);
        assert_eq!(settings.basis_at(of_account), Basis::PeakPeriod);
        assert_eq!(settings.bases(product), BTreeSet::from([Basis::Latest, Basis::PeakPeriod]));
        assert_eq!(settings.bases(ProductId(2)), BTreeSet::from([Basis::Latest]));
        assert_eq!(settings.own_bound(Key::Included, of_account), Some(Quantity::from(5)));
        assert_eq!(settings.bound(Key::Included, product), None);
        for (key, text) in [(Key::StepItems, "500=A"), (Key::BracketOf, "sum"), (Key::Ladder, "100")] {
            settings.set(key, of_product, text).unwrap();
            assert!(settings.set(key, of_account, text).is_err(), "{}", key.name());
        }
        let of_all = At { product: None, account: Some(account) };
        assert!(settings.set(Key::Included, of_all, "5").is_err(), "an account alone has no item");
    }
}
