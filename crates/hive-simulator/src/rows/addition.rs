//! An addition's row, with its derived members.
//!
//! **Owns:** extPrice, extCost, billedQuantity, margin; the mixed print of quantities.
//! **Does not own:** what a PATCH may change (`patch`).

use rust_decimal::Decimal;

use super::{Cell, Record, RowWriter, View};
use crate::{
    projection::Fields,
    schema::{self, Members},
    world::{Addition, name_of},
};

impl Record for Addition {
    const MEMBERS: Members = schema::ADDITION;

    fn id(&self) -> i64 {
        self.id
    }

    fn cell<'a>(&'a self, view: View<'a>, path: &str) -> Option<Cell<'a>> {
        let item = || view.world.items.get(&self.item);
        Some(match path {
            "id" => Cell::id(Some(self.id)),
            "agreementId" => Cell::id(Some(self.agreement)),
            "quantity" => Cell::Number(self.quantity),
            "product/id" => Cell::id(Some(self.item)),
            "product/identifier" => item().map_or(Cell::Null, |item| Cell::text(&item.identifier)),
            "billCustomer" => Cell::text(&self.bill_customer),
            "effectiveDate" => Cell::day(self.effective),
            "cancelledDate" => Cell::day(self.cancelled),
            "lastUpdated" => Cell::Time(self.stamp.at),
            "updatedBy" => Cell::text(&self.stamp.by),
            _ => return None,
        })
    }

    fn write(&self, view: View<'_>, fields: Option<&Fields>, out: &mut String) {
        let row = &mut RowWriter::new(out, fields);
        row.int("id", self.id);
        self.write_product(view, row);
        self.write_amounts(row);
        row.text("billCustomer", &self.bill_customer);
        if let Some(day) = self.effective {
            row.day("effectiveDate", day);
        }
        match self.cancelled {
            Some(day) => row.day("cancelledDate", day),
            None if self.blank_dates => row.text("cancelledDate", ""),
            None => {}
        }
        self.write_written(row);
        row.int("agreementId", self.agreement);
        let agreement = view.world.agreements.get(&self.agreement);
        row.text("agreementStatus", agreement.map_or("Inactive", |agreement| agreement.status(view.today)));
        let href = format!("{}/finance/agreements/{}", view.base, self.agreement);
        row.info(&self.stamp, &view.world.founded, &[("agreement_href", &href)]);
        out.push('}');
    }
}

/// Members that are only kept, and what they are until someone writes them.
const KEPT: [(&str, &str); 9] = [
    ("taxableFlag", "true"),
    ("serialNumber", "\"\""),
    ("purchaseItemFlag", "false"),
    ("specialOrderFlag", "false"),
    ("sequenceNumber", "1.00"),
    ("prorateCurrentPeriodFlag", "false"),
    ("customFields", "[]"),
    ("opportunity", ""),
    ("invoiceGrouping", ""),
];

impl Addition {
    pub(crate) fn is_kept(name: &str) -> bool {
        matches!(name, "description" | "invoiceDescription") || KEPT.iter().any(|(kept, _)| *kept == name)
    }

    fn write_product(&self, view: View<'_>, row: &mut RowWriter<'_>) {
        let item = view.world.items.get(&self.item);
        let (identifier, description) = item.map_or(("", ""), |item| (&*item.identifier, &*item.description));
        let href = format!("{}/procurement/catalog", view.base);
        row.reference("product", self.item, &[("identifier", identifier)], ("catalog_href", &href));
        let unit = item.and_then(|item| item.unit).map_or("", |unit| name_of(&view.world.units, unit));
        row.text("uom", self.uom.as_deref().unwrap_or(unit));
        for name in ["description", "invoiceDescription"] {
            match self.written.as_ref().and_then(|written| written.get(name)) {
                Some(value) => row.value(name, value),
                None => row.text(name, description),
            }
        }
    }

    /// ConnectWise prints `7.0` here and `7.00` there; the id decides, so that a row is always the same.
    fn write_amounts(&self, row: &mut RowWriter<'_>) {
        let places = if self.id % 2 == 0 { 1 } else { 2 };
        let ext = |unit: Decimal| self.quantity.checked_mul(unit).unwrap_or(Decimal::MAX);
        let billed = (self.quantity - self.less_included).max(Decimal::ZERO);
        let (price, cost) = (ext(self.unit_price), ext(self.unit_cost));
        row.number("quantity", self.quantity, places);
        row.number("lessIncluded", self.less_included, places);
        row.number("unitPrice", self.unit_price, 2);
        row.number("unitCost", self.unit_cost, 2);
        row.number("billedQuantity", billed, places);
        row.number("extPrice", price, 2);
        row.number("extCost", cost, 2);
        row.number("margin", price.checked_sub(cost).unwrap_or_default(), 2);
        for name in ["prorateCost", "proratePrice", "extendedProrateCost", "extendedProratePrice"] {
            row.json(name, "0.00");
        }
    }

    fn write_written(&self, row: &mut RowWriter<'_>) {
        for (name, usual) in KEPT {
            match self.written.as_ref().and_then(|written| written.get(name)) {
                Some(value) => row.value(name, value),
                None if usual.is_empty() => {}
                None => row.json(name, usual),
            }
        }
    }
}
