//! The builders: a record in a few words, everything unsaid sensible.
//!
//! **Owns:** what a new record looks like when its maker says little.
//! **Does not own:** whether it makes sense: a world may be as wrong as a real one.

use std::sync::Arc;

use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::{Addition, Agreement, Company, Item, World, id_of};

/// First ids, far apart by kind, so that an id used for the wrong kind of record is seen.
const COMPANY_FIRST: i64 = 101;
const ITEM_FIRST: i64 = 1_001;
const AGREEMENT_FIRST: i64 = 50_001;
const ADDITION_FIRST: i64 = 200_001;

/// Agreements and additions start here unless told otherwise.
const START: Date = date(2020, 1, 1);

#[derive(Debug, Clone)]
pub struct NewCompany {
    pub id: Option<i64>,
    pub name: String,
    /// Empty: made from the name and the id.
    pub identifier: String,
    /// A status's name; a new one is added to the setup table.
    pub status: String,
    pub types: Vec<String>,
    /// In the recycle bin: still listed, with `deletedFlag` true.
    pub deleted: bool,
    pub parent: Option<i64>,
    pub currency: Option<String>,
}

impl Default for NewCompany {
    fn default() -> NewCompany {
        NewCompany {
            id: None,
            name: "Acme Dental".into(),
            identifier: String::new(),
            status: "Active".into(),
            types: vec!["Client".into()],
            deleted: false,
            parent: None,
            currency: Some("USD".into()),
        }
    }
}

#[derive(Debug, Clone)]
pub struct NewItem {
    pub id: Option<i64>,
    /// Empty: made from the description and the id.
    pub identifier: String,
    pub description: String,
    /// Agreement, Bundle, Inventory, NonInventory or Service.
    pub class: String,
    pub unit_of_measure: Option<String>,
    pub price: Decimal,
    pub cost: Decimal,
    pub inactive: bool,
    pub category: String,
}

impl Default for NewItem {
    fn default() -> NewItem {
        NewItem {
            id: None,
            identifier: String::new(),
            description: "Hot Storage".into(),
            class: "Agreement".into(),
            unit_of_measure: Some("Each".into()),
            price: Decimal::from(10),
            cost: Decimal::from(5),
            inactive: false,
            category: "Cloud".into(),
        }
    }
}

#[derive(Debug, Clone)]
pub struct NewAgreement {
    pub id: Option<i64>,
    pub name: String,
    /// An agreement type's name; a new one is added to the setup table.
    pub type_name: String,
    pub company: i64,
    pub parent: Option<i64>,
    pub start: Date,
    pub end: Option<Date>,
    /// None: true when there is no end.
    pub no_ending_date: Option<bool>,
    pub cancelled: bool,
    pub date_cancelled: Option<Date>,
    /// None: Cancelled, Expired or Active, from the flag and the dates.
    pub status: Option<String>,
    pub billing_cycle: Option<String>,
    pub next_invoice_date: Option<Date>,
    pub currency: Option<String>,
    pub prorate: bool,
}

impl Default for NewAgreement {
    fn default() -> NewAgreement {
        NewAgreement {
            id: None,
            name: "Managed".into(),
            type_name: "Managed Services".into(),
            company: COMPANY_FIRST,
            parent: None,
            start: START,
            end: None,
            no_ending_date: None,
            cancelled: false,
            date_cancelled: None,
            status: None,
            billing_cycle: Some("Monthly".into()),
            next_invoice_date: Some(date(2026, 12, 1)),
            currency: Some("USD".into()),
            prorate: false,
        }
    }
}

#[derive(Debug, Clone)]
pub struct NewAddition {
    pub id: Option<i64>,
    pub agreement: i64,
    pub item: i64,
    pub quantity: Decimal,
    /// None: the item's.
    pub unit_price: Option<Decimal>,
    pub unit_cost: Option<Decimal>,
    pub less_included: Decimal,
    /// Billable, DoNotBill or NoCharge.
    pub bill_customer: String,
    /// None: the agreement's start. Before the agreement's start: every PATCH is refused with 400,
    /// as ConnectWise refuses legacy data that it checks again.
    pub effective: Option<Date>,
    pub cancelled: Option<Date>,
    /// None: the item's unit of measure.
    pub uom: Option<String>,
    /// An unset `cancelledDate` is printed as "" (pyconnectwise cannot read that) and not left out.
    pub blank_dates: bool,
}

impl Default for NewAddition {
    fn default() -> NewAddition {
        NewAddition {
            id: None,
            agreement: AGREEMENT_FIRST,
            item: ITEM_FIRST,
            quantity: Decimal::ONE,
            unit_price: None,
            unit_cost: None,
            less_included: Decimal::ZERO,
            bill_customer: "Billable".into(),
            effective: None,
            cancelled: None,
            uom: None,
            blank_dates: false,
        }
    }
}

/// A short identifier: letters and digits of the words, and the id to make it one of a kind.
fn identifier_from(name: &str, id: i64) -> String {
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    format!("{letters}-{id}")
}

fn next_id(last: Option<&i64>, first: i64) -> i64 {
    last.map_or(first, |last| (last + 1).max(first))
}

impl World {
    pub fn company(&mut self, new: NewCompany) -> i64 {
        let NewCompany { id, name, identifier, status, types, deleted, parent, currency } = new;
        let id = id.unwrap_or_else(|| next_id(self.companies.keys().next_back(), COMPANY_FIRST));
        let identifier = if identifier.is_empty() { identifier_from(&name, id) } else { identifier };
        let status = id_of(&mut self.statuses, &status);
        let types = types.iter().map(|kind| id_of(&mut self.company_types, kind)).collect();
        let currency = currency.map(|code| id_of(&mut self.currencies, &code));
        let stamp = self.founded.clone();
        self.companies.insert(id, Company { id, identifier, name, status, types, deleted, parent, currency, stamp });
        id
    }

    pub fn item(&mut self, new: NewItem) -> i64 {
        let NewItem { id, identifier, description, class, unit_of_measure, price, cost, inactive, category } = new;
        let id = id.unwrap_or_else(|| next_id(self.items.keys().next_back(), ITEM_FIRST));
        let identifier = if identifier.is_empty() { identifier_from(&description, id) } else { identifier };
        let unit = unit_of_measure.map(|unit| id_of(&mut self.units, &unit));
        let stamp = self.founded.clone();
        let item = Item { id, identifier, description, class, unit, price, cost, inactive, category, stamp };
        self.items.insert(id, item);
        id
    }

    pub fn agreement(&mut self, new: NewAgreement) -> i64 {
        let NewAgreement {
            id,
            name,
            type_name,
            company,
            parent,
            start,
            end,
            no_ending_date,
            cancelled,
            date_cancelled,
            status,
            billing_cycle,
            next_invoice_date,
            currency,
            prorate,
        } = new;
        let id = id.unwrap_or_else(|| next_id(self.agreements.keys().next_back(), AGREEMENT_FIRST));
        let agreement = Agreement {
            id,
            name,
            kind: id_of(&mut self.agreement_types, &type_name),
            company,
            parent,
            start,
            end,
            no_ending_date: no_ending_date.unwrap_or(end.is_none()),
            cancelled,
            date_cancelled,
            status,
            cycle: billing_cycle.map(|cycle| id_of(&mut self.cycles, &cycle)),
            next_invoice: next_invoice_date,
            currency: currency.map(|code| id_of(&mut self.currencies, &code)),
            prorate,
            stamp: self.founded.clone(),
        };
        self.agreements.insert(id, agreement);
        id
    }

    pub fn addition(&mut self, new: NewAddition) -> i64 {
        let NewAddition {
            id,
            agreement,
            item,
            quantity,
            unit_price,
            unit_cost,
            less_included,
            bill_customer,
            effective,
            cancelled,
            uom,
            blank_dates,
        } = new;
        let id = id.unwrap_or_else(|| next_id(self.additions.keys().next_back(), ADDITION_FIRST));
        let (price, cost) = self.items.get(&item).map_or_else(Default::default, |item| (item.price, item.cost));
        let start = self.agreements.get(&agreement).map(|agreement| agreement.start);
        let addition = Addition {
            id,
            agreement,
            item,
            quantity: quantity.normalize(),
            less_included: less_included.normalize(),
            unit_price: unit_price.unwrap_or(price),
            unit_cost: unit_cost.unwrap_or(cost),
            bill_customer: word(&bill_customer),
            effective: effective.or(start),
            cancelled,
            uom: uom.map(Arc::from),
            blank_dates,
            written: None,
            stamp: self.founded.clone(),
        };
        self.remove_anywhere(id);
        self.additions.insert(id, addition);
        let ids = self.additions_of.entry(agreement).or_default();
        let place = ids.partition_point(|other| *other < id);
        ids.insert(place, id);
        id
    }

    /// An id given twice moves the addition; it is never under two agreements.
    fn remove_anywhere(&mut self, id: i64) {
        if let Some(agreement) = self.additions.get(&id).map(|found| found.agreement) {
            self.remove_addition(agreement, id);
        }
    }
}

/// The billing words are few and every addition carries one; the usual ones share their letters.
pub(crate) fn word(text: &str) -> Arc<str> {
    use std::sync::LazyLock;
    static BILLABLE: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from("Billable"));
    if text == "Billable" { BILLABLE.clone() } else { Arc::from(text) }
}
