//! A company's row.
//!
//! **Owns:** its members; the references to companies and currencies that other rows carry.
//! **Does not own:** whether it is shown (`rights`, `list`).

use rust_decimal::Decimal;

use super::{Cell, Record, RowWriter, View};
use crate::{
    projection::Fields,
    schema::{self, Members},
    world::{Company, name_of},
};

impl Record for Company {
    const MEMBERS: Members = schema::COMPANY;

    fn id(&self) -> i64 {
        self.id
    }

    fn cell<'a>(&'a self, view: View<'a>, path: &str) -> Option<Cell<'a>> {
        Some(match path {
            "id" => Cell::id(Some(self.id)),
            "name" => Cell::text(&self.name),
            "identifier" => Cell::text(&self.identifier),
            "deletedFlag" => Cell::Flag(self.deleted),
            "status/id" => Cell::id(Some(self.status)),
            "status/name" => Cell::text(name_of(&view.world.statuses, self.status)),
            "lastUpdated" => Cell::Time(self.stamp.at),
            "updatedBy" => Cell::text(&self.stamp.by),
            _ => return None,
        })
    }

    fn write(&self, view: View<'_>, fields: Option<&Fields>, out: &mut String) {
        let row = &mut RowWriter::new(out, fields);
        let (world, base) = (view.world, view.base);
        row.int("id", self.id);
        row.text("identifier", &self.identifier);
        row.text("name", &self.name);
        let href = format!("{base}/company/companies/statuses");
        row.reference(
            "status",
            self.status,
            &[("name", name_of(&world.statuses, self.status))],
            ("status_href", &href),
        );
        write_address(self.id, view, row);
        if let Some(parent) = self.parent.and_then(|parent| world.companies.get(&parent)) {
            write_reference("parentCompany", parent, view, row);
        }
        write_reference("billToCompany", self, view, row);
        if let Some(currency) = self.currency {
            write_currency(currency, view, row);
        }
        row.flag("deletedFlag", self.deleted);
        if self.deleted {
            row.text("dateDeleted", &self.stamp.at.to_string());
            row.text("deletedBy", &self.stamp.by);
        }
        row.text("mobileGuid", &format!("00000000-0000-4000-8000-{:012x}", self.id));
        row.unset(&["isVendorFlag", "leadFlag", "unsubscribeFlag"]);
        row.json("types", &self.types_json(view));
        row.json("integratorTags", "[]");
        row.json("customFields", "[]");
        let contacts = format!("{base}/company/contacts?conditions=company/id={}", self.id);
        let agreements = format!("{base}/finance/agreements?conditions=company/id={}", self.id);
        row.info(&self.stamp, &world.founded, &[("contacts_href", &contacts), ("agreements_href", &agreements)]);
        out.push('}');
    }
}

impl Company {
    fn types_json(&self, view: View<'_>) -> String {
        let types = self.types.iter().map(|kind| {
            let name = serde_json::Value::from(name_of(&view.world.company_types, *kind));
            let href = format!("{}/company/companies/types/{kind}", view.base);
            format!("{{\"id\":{kind},\"name\":{name},\"_info\":{{\"type_href\":\"{href}\"}}}}")
        });
        format!("[{}]", types.collect::<Vec<_>>().join(","))
    }
}

/// Nobody bills by an address; every company has the same one, but for the number.
fn write_address(id: i64, view: View<'_>, row: &mut RowWriter<'_>) {
    let base = view.base;
    row.text("addressLine1", &format!("{} High Street", id % 400 + 1));
    row.text("addressLine2", "");
    row.text("city", "Tampa");
    row.text("state", "FL");
    row.text("zip", "33602");
    let href = format!("{base}/company/countries");
    row.reference("country", 1, &[("name", "United States"), ("identifier", "USA")], ("country_href", &href));
    row.text("phoneNumber", "8135550100");
    row.text("faxNumber", "");
    row.text("website", "");
    let href = format!("{base}/system/locations");
    row.reference("territory", 2, &[("name", "Head Office")], ("location_href", &href));
    row.text("accountNumber", "");
    row.number("annualRevenue", Decimal::ZERO, 2);
    let href = format!("{base}/finance/taxCodes");
    row.reference("taxCode", 8, &[("name", "FL")], ("taxCode_href", &href));
    row.reference("billingTerms", 1, &[("name", "Net 30 days")], ("billingTerms_href", base));
    let href = format!("{base}/company/companies/{id}/sites");
    row.reference("site", 1, &[("name", "Main")], ("site_href", &href));
    row.text("invoiceToEmailAddress", "");
    row.text("leadSource", "");
    row.text("vendorIdentifier", "");
    row.text("taxIdentifier", "");
}

pub(super) fn write_reference(name: &str, company: &Company, view: View<'_>, row: &mut RowWriter<'_>) {
    let href = format!("{}/company/companies", view.base);
    let texts = [("identifier", company.identifier.as_str()), ("name", company.name.as_str())];
    row.reference(name, company.id, &texts, ("company_href", &href));
}

pub(super) fn write_currency(currency: i64, view: View<'_>, row: &mut RowWriter<'_>) {
    let code = name_of(&view.world.currencies, currency);
    let href = format!("{}/finance/currencies", view.base);
    let texts = [("currencyCode", code), ("currencyIdentifier", code), ("name", code), ("symbol", code)];
    row.reference("currency", currency, &texts, ("currency_href", &href));
}
