//! What an MSP has in ConnectWise, as one complete pull saw it.
//!
//! ConnectWise's words: [`Company`], [`CatalogItem`], [`Agreement`], [`Addition`].
//! Dates are calendar dates as sent; no zone moves them.

use crate::ids::{AdditionId, AgreementId, CompanyId, ItemId, MirrorId};
use crate::quantity::{Money, Quantity};
use crate::unit::ItemUnit;
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;

/// One complete pull: a generation.
#[derive(Clone, Debug, PartialEq)]
pub struct Mirror {
    /// Its generation.
    pub id: MirrorId,
    /// When the companies and catalog items were read whole.
    pub pulled_at: Timestamp,
    /// When the agreements and additions were last read whole (an Update refreshes these alone).
    pub refreshed_at: Timestamp,
    /// Where `items` come from.
    pub items_from: ItemsFrom,
    pub companies: Vec<Company>,
    pub items: Vec<CatalogItem>,
    pub agreements: Vec<Agreement>,
    pub additions: Vec<Addition>,
}

/// Without the right to read the catalog, the items seen on additions stand in for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemsFrom {
    Catalog,
    Additions,
}

/// A customer record of the MSP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    pub id: CompanyId,
    pub identifier: String,
    pub name: String,
    /// The status as named there; MSPs edit these names.
    pub status: Option<String>,
    /// In the recycle bin.
    pub deleted: bool,
    /// Types as named there, for example Customer or Prospect.
    pub types: Vec<String>,
    /// The company this one is a branch of.
    pub parent: Option<CompanyId>,
}

/// How the names of a customer's types begin; MSPs edit them. "Former Customer" is none.
const CUSTOMER_TYPES: [&str; 2] = ["customer", "client"];

impl Company {
    /// Whether its status says that it is not served any more: nothing is pushed to it then.
    pub fn is_inactive(&self) -> bool {
        self.status.as_deref().is_some_and(|status| status.eq_ignore_ascii_case("inactive"))
    }

    /// Whether one of its types says that it is a customer.
    pub fn is_customer(&self) -> bool {
        let of = |name: &String| {
            let name = name.trim().to_lowercase();
            CUSTOMER_TYPES.iter().any(|begins| name.starts_with(begins))
        };
        self.types.iter().any(of)
    }
}

/// A record of the product catalog.
#[derive(Clone, Debug, PartialEq)]
pub struct CatalogItem {
    pub id: ItemId,
    pub identifier: String,
    pub description: String,
    pub inactive: bool,
    /// Agreement, Bundle, Inventory, NonInventory or Service.
    pub class: Option<String>,
    pub unit_of_measure: Option<String>,
    pub price: Option<Money>,
}

impl CatalogItem {
    /// What one unit of it seems to be, and which of its texts says so. Only ever a proposal that a
    /// person confirms.
    pub fn unit_proposed(&self) -> Option<(ItemUnit, &'static str)> {
        let uom = self.unit_of_measure.as_deref().unwrap_or_default();
        let texts = [(uom, "unit of measure"), (&self.identifier, "product ID"), (&self.description, "description")];
        texts.into_iter().find_map(|(text, from)| Some((ItemUnit::guess(&[text])?, from)))
    }

    /// Whether it is a bundle, which cannot be on an agreement.
    pub fn is_bundle(&self) -> bool {
        self.class.as_deref() == Some("Bundle")
    }
}

/// A recurring contract with one company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    pub id: AgreementId,
    pub name: String,
    pub agreement_type: Option<String>,
    pub company: CompanyId,
    /// The name that came with the agreement, for records whose company cannot be seen.
    pub company_name: String,
    pub parent: Option<AgreementId>,
    pub start: Option<Date>,
    pub end: Option<Date>,
    pub no_ending_date: bool,
    pub cancelled: bool,
    pub cancelled_on: Option<Date>,
    /// Active, Cancelled, Expired or Inactive; `None` where ConnectWise sent none.
    pub status: Option<String>,
    /// The billing cycle's name; `None` or "None" bills nothing by itself.
    pub billing_cycle: Option<String>,
    pub next_invoice: Option<Date>,
    /// ISO code or the currency's name; `None` where ConnectWise sent none.
    pub currency: Option<String>,
    /// Whether it bills parts of a period; `None` where ConnectWise did not say.
    pub prorates: Option<bool>,
}

/// One line of an agreement: an item and a quantity. The only thing Hive writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    pub id: AdditionId,
    pub agreement: AgreementId,
    pub item: ItemId,
    pub item_identifier: String,
    pub description: String,
    /// `None` where ConnectWise sent none or no number: never read as 0.
    pub quantity: Option<Quantity>,
    pub less_included: Option<Quantity>,
    pub billed_quantity: Option<Quantity>,
    /// Per unit and billing cycle.
    pub unit_price: Option<Money>,
    pub unit_cost: Option<Money>,
    /// Billable, DoNotBill or NoCharge.
    pub bill_customer: String,
    pub effective: Option<Date>,
    /// The last billed day, inclusive.
    pub cancelled: Option<Date>,
    pub unit_of_measure: Option<String>,
    pub updated_by: Option<String>,
    pub updated_at: Option<Timestamp>,
    /// When Hive read this row.
    pub read_at: Timestamp,
}

impl Agreement {
    /// Why it bills nothing on `day`; `None` when it is active then.
    pub fn rejected_on(&self, day: Date) -> Option<String> {
        if self.cancelled || self.status.as_deref() == Some("Cancelled") {
            let when = self.cancelled_on.map_or(String::new(), |on| format!(" on {on}"));
            return Some(format!("agreement {self} was cancelled{when}"));
        }
        if let Some(on) = self.cancelled_on.filter(|on| *on < day) {
            return Some(format!("agreement {self} was cancelled on {on}"));
        }
        if let Some(status) = self.status.as_deref().filter(|status| *status != "Active") {
            return Some(format!("agreement {self} is {}", status.to_lowercase()));
        }
        if let Some(start) = self.start.filter(|start| *start > day) {
            return Some(format!("agreement {self} starts on {start}"));
        }
        let ended = self.end.filter(|end| !self.no_ending_date && *end < day);
        ended.map(|end| format!("agreement {self} ended on {end}"))
    }

    /// How many months one invoice covers, as a fraction (numerator, denominator); `None` where
    /// the cycle is missing, "None" or a name that says no length.
    pub fn cycle_months(&self) -> Option<Decimal> {
        cycle_months(self.billing_cycle.as_deref()?)
    }
}

impl std::fmt::Display for Agreement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\" ({})", self.name, self.id)
    }
}

impl Addition {
    /// Why it bills nothing on `day`; `None` when it is ongoing then.
    pub fn rejected_on(&self, day: Date) -> Option<String> {
        if let Some(effective) = self.effective.filter(|effective| *effective > day) {
            return Some(format!("addition {} takes effect on {effective}", self.id));
        }
        let cancelled = self.cancelled.filter(|cancelled| *cancelled < day)?;
        Some(format!("addition {} was cancelled as of {cancelled}", self.id))
    }
}

/// The length of a billing cycle by its name, in months.
fn cycle_months(name: &str) -> Option<Decimal> {
    let name: String = name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let has = |word: &str| name.contains(word);
    let number: String = name.chars().filter(char::is_ascii_digit).collect();
    let number = number.parse::<i64>().ok().filter(|n| (1..=120).contains(n));
    if let Some(number) = number {
        return if has("year") {
            Some(Decimal::from(number * 12))
        } else if has("month") {
            Some(Decimal::from(number))
        } else {
            None
        };
    }
    let weeks = |count: i64| Some(Decimal::from(count * 12) / Decimal::from(52));
    if has("bimonth") {
        Some(Decimal::from(2))
    } else if has("semiannual") || has("halfyear") || has("semiyear") || has("biannual") {
        Some(Decimal::from(6))
    } else if has("quarter") {
        Some(Decimal::from(3))
    } else if has("year") || has("annual") {
        Some(Decimal::from(12))
    } else if has("biweek") || has("fortnight") {
        weeks(2)
    } else if has("week") {
        weeks(1)
    } else if has("month") {
        Some(Decimal::ONE)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cycles_are_read_by_their_names() {
        for (name, months) in [
            ("Monthly", Some("1")),
            ("Monthly - in advance", Some("1")),
            ("Bi-Monthly", Some("2")),
            ("Quarterly", Some("3")),
            ("Semi-Annual", Some("6")),
            ("Yearly", Some("12")),
            ("Annually", Some("12")),
            ("3 Years", Some("36")),
            ("None", None),
            ("Not Recurring", None),
            ("Every blue moon", None),
        ] {
            assert_eq!(cycle_months(name).map(|m| m.to_string()).as_deref(), months, "{name}");
        }
        assert!(cycle_months("Weekly").unwrap() < Decimal::ONE);
    }
}
