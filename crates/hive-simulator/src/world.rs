//! What the simulated ConnectWise holds.
//!
//! **Owns:** the records, their ids, and the builders that tests and the generator use.
//! **Does not own:** how a record looks as JSON (`rows`), who may see it (`rights`), how it is
//! changed over the API (`patch`).
//! **Limits on purpose:** records are kept compact, so that 150,000 additions are a few tens of
//! megabytes; what Hive never reads is made up when a row is printed.

mod csv;
mod generate;
mod names;
mod new;
mod random;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde_json::{Map, Value};

pub use generate::Size;
pub(crate) use new::word;
pub use new::{NewAddition, NewAgreement, NewCompany, NewItem};
pub(crate) use random::Random;

/// Who changed a record last, and when.
#[derive(Debug, Clone)]
pub(crate) struct Stamp {
    pub(crate) at: Timestamp,
    pub(crate) by: Arc<str>,
}

#[derive(Debug, Clone)]
pub(crate) struct Company {
    pub(crate) id: i64,
    pub(crate) identifier: String,
    pub(crate) name: String,
    pub(crate) status: i64,
    pub(crate) types: Vec<i64>,
    pub(crate) deleted: bool,
    pub(crate) parent: Option<i64>,
    pub(crate) currency: Option<i64>,
    pub(crate) stamp: Stamp,
}

#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) id: i64,
    pub(crate) identifier: String,
    pub(crate) description: String,
    pub(crate) class: String,
    pub(crate) unit: Option<i64>,
    pub(crate) price: Decimal,
    pub(crate) cost: Decimal,
    pub(crate) inactive: bool,
    pub(crate) category: String,
    pub(crate) stamp: Stamp,
}

#[derive(Debug, Clone)]
pub(crate) struct Agreement {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) kind: i64,
    pub(crate) company: i64,
    pub(crate) parent: Option<i64>,
    pub(crate) start: Date,
    pub(crate) end: Option<Date>,
    pub(crate) no_ending_date: bool,
    pub(crate) cancelled: bool,
    pub(crate) date_cancelled: Option<Date>,
    /// Said outright, or worked out from the flag and the dates.
    pub(crate) status: Option<String>,
    pub(crate) cycle: Option<i64>,
    pub(crate) next_invoice: Option<Date>,
    pub(crate) currency: Option<i64>,
    pub(crate) prorate: bool,
    pub(crate) stamp: Stamp,
}

impl Agreement {
    pub(crate) fn status(&self, today: Date) -> &str {
        match &self.status {
            Some(said) => said,
            None if self.cancelled => "Cancelled",
            None if self.end.is_some_and(|end| end < today) => "Expired",
            None => "Active",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Addition {
    pub(crate) id: i64,
    pub(crate) agreement: i64,
    pub(crate) item: i64,
    pub(crate) quantity: Decimal,
    pub(crate) less_included: Decimal,
    pub(crate) unit_price: Decimal,
    pub(crate) unit_cost: Decimal,
    pub(crate) bill_customer: Arc<str>,
    pub(crate) effective: Option<Date>,
    pub(crate) cancelled: Option<Date>,
    pub(crate) uom: Option<Arc<str>>,
    /// An unset date is printed as "" and not left out.
    pub(crate) blank_dates: bool,
    /// Members that someone wrote and that nothing here computes with; they win over the printed ones.
    pub(crate) written: Option<Box<Map<String, Value>>>,
    pub(crate) stamp: Stamp,
}

/// A record of a setup table: an id, a name, and for billing cycles what the cycle is.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) option: &'static str,
}

/// Everything one tenant holds.
#[derive(Debug, Clone)]
pub struct World {
    pub(crate) companies: BTreeMap<i64, Company>,
    pub(crate) items: BTreeMap<i64, Item>,
    pub(crate) agreements: BTreeMap<i64, Agreement>,
    pub(crate) additions: BTreeMap<i64, Addition>,
    pub(crate) additions_of: HashMap<i64, Vec<i64>>,
    pub(crate) statuses: Vec<Named>,
    pub(crate) company_types: Vec<Named>,
    pub(crate) agreement_types: Vec<Named>,
    pub(crate) cycles: Vec<Named>,
    pub(crate) units: Vec<Named>,
    pub(crate) currencies: Vec<Named>,
    pub(crate) founded: Stamp,
}

fn named(names: &[(&str, &'static str)]) -> Vec<Named> {
    let rows = (1i64..).zip(names);
    rows.map(|(id, (name, option))| Named { id, name: (*name).to_owned(), option }).collect()
}

/// The id of a name in a setup table; a name that is not there yet is added.
pub(crate) fn id_of(table: &mut Vec<Named>, name: &str) -> i64 {
    if let Some(row) = table.iter().find(|row| row.name == name) {
        return row.id;
    }
    let id = table.iter().map(|row| row.id).max().unwrap_or(0) + 1;
    table.push(Named { id, name: name.to_owned(), option: "Monthly" });
    id
}

pub(crate) fn name_of(table: &[Named], id: i64) -> &str {
    table.iter().find(|row| row.id == id).map_or("", |row| row.name.as_str())
}

/// When the records of a fresh world were last changed: 5 January 2026, 08:30 UTC.
const FOUNDED_SECONDS: i64 = 1_767_601_800;

impl World {
    /// A tenant with its setup tables and nothing else.
    pub fn empty() -> World {
        World {
            companies: BTreeMap::new(),
            items: BTreeMap::new(),
            agreements: BTreeMap::new(),
            additions: BTreeMap::new(),
            additions_of: HashMap::new(),
            statuses: named(&[("Active", ""), ("Inactive", ""), ("Not Approved", ""), ("Delinquent", "")]),
            company_types: named(&[("Client", ""), ("Prospect", ""), ("Vendor", ""), ("Owner", "")]),
            agreement_types: named(&[
                ("Managed Services", ""),
                ("Cloud Backup", ""),
                ("Licences", ""),
                ("Block Time", ""),
            ]),
            cycles: named(&[
                ("Monthly", "Monthly"),
                ("Quarterly", "Quarterly"),
                ("Semi-Annual", "SemiAnnual"),
                ("Yearly", "Yearly"),
                ("Weekly", "Weekly"),
                ("Bi-Weekly", "BiWeekly"),
                ("Bi-Monthly", "BiMonthly"),
                ("None", "NotRecurring"),
            ]),
            units: named(&[("Each", ""), ("User", ""), ("TB", ""), ("100 GB", ""), ("GB", "")]),
            currencies: named(&[("USD", ""), ("EUR", ""), ("GBP", ""), ("AUD", "")]),
            founded: Stamp { at: Timestamp::from_second(FOUNDED_SECONDS).unwrap_or_default(), by: "admin1".into() },
        }
    }

    /// The additions of one agreement, in id order.
    pub(crate) fn additions_of(&self, agreement: i64) -> impl Iterator<Item = &Addition> {
        let ids = self.additions_of.get(&agreement).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(|id| self.additions.get(id))
    }

    /// An addition, but only under the agreement that it belongs to.
    pub(crate) fn addition_of(&self, agreement: i64, addition: i64) -> Option<&Addition> {
        self.additions.get(&addition).filter(|found| found.agreement == agreement)
    }

    pub(crate) fn addition_of_mut(&mut self, agreement: i64, addition: i64) -> Option<&mut Addition> {
        self.additions.get_mut(&addition).filter(|found| found.agreement == agreement)
    }

    pub(crate) fn remove_addition(&mut self, agreement: i64, addition: i64) -> Option<Addition> {
        self.addition_of(agreement, addition)?;
        if let Some(ids) = self.additions_of.get_mut(&agreement) {
            ids.retain(|id| *id != addition);
        }
        self.additions.remove(&addition)
    }

    /// How many records: companies, catalog items, agreements, additions.
    pub fn sizes(&self) -> [usize; 4] {
        [self.companies.len(), self.items.len(), self.agreements.len(), self.additions.len()]
    }

    /// The quantity of an addition, if it is there.
    pub fn quantity(&self, agreement: i64, addition: i64) -> Option<Decimal> {
        self.addition_of(agreement, addition).map(|found| found.quantity)
    }
}
