//! An agreement's row.
//!
//! **Owns:** its members and dates.
//! **Does not own:** its status (`world`); its additions, which are never inlined.

use rust_decimal::Decimal;

use super::{Cell, Record, RowWriter, View, company};
use crate::{
    projection::Fields,
    schema::{self, Members},
    world::{Agreement, name_of},
};

impl Record for Agreement {
    const MEMBERS: Members = schema::AGREEMENT;

    fn id(&self) -> i64 {
        self.id
    }

    fn cell<'a>(&'a self, view: View<'a>, path: &str) -> Option<Cell<'a>> {
        let company = || view.world.companies.get(&self.company);
        Some(match path {
            "id" => Cell::id(Some(self.id)),
            "name" => Cell::text(&self.name),
            "company/id" => Cell::id(Some(self.company)),
            "company/name" => company().map_or(Cell::Null, |company| Cell::text(&company.name)),
            "company/identifier" => company().map_or(Cell::Null, |company| Cell::text(&company.identifier)),
            "type/id" => Cell::id(Some(self.kind)),
            "type/name" => Cell::text(name_of(&view.world.agreement_types, self.kind)),
            "billingCycle/id" => Cell::id(self.cycle),
            "parentAgreement/id" => Cell::id(self.parent),
            "agreementStatus" => Cell::text(self.status(view.today)),
            "cancelledFlag" => Cell::Flag(self.cancelled),
            "noEndingDateFlag" => Cell::Flag(self.no_ending_date),
            "startDate" => Cell::day(Some(self.start)),
            "endDate" => Cell::day(self.end),
            "nextInvoiceDate" => Cell::day(self.next_invoice),
            "dateCancelled" => Cell::day(self.date_cancelled),
            "lastUpdated" => Cell::Time(self.stamp.at),
            "updatedBy" => Cell::text(&self.stamp.by),
            _ => return None,
        })
    }

    fn write(&self, view: View<'_>, fields: Option<&Fields>, out: &mut String) {
        let row = &mut RowWriter::new(out, fields);
        row.int("id", self.id);
        row.text("name", &self.name);
        self.write_references(view, row);
        self.write_dates(row);
        row.unset(&["restrictLocationFlag", "restrictDepartmentFlag", "oneTimeFlag", "billOneTimeFlag"]);
        row.text("applicationUnits", "Amount");
        row.number("applicationLimit", Decimal::ZERO, 2);
        row.text("applicationCycle", "CalendarMonth");
        row.flag("applicationUnlimitedFlag", true);
        row.unset(&["coverAgreementTime", "coverAgreementProduct", "coverAgreementExpense", "coverSalesTax"]);
        row.unset(&["carryOverUnused", "allowOverruns", "expireWhenZero", "chargeToFirm"]);
        row.int("expiredDays", 0);
        row.int("limit", 0);
        row.text("employeeCompRate", "Hourly");
        row.text("employeeCompNotExceed", "Billing");
        row.number("compHourlyRate", Decimal::ZERO, 2);
        row.number("compLimitAmount", Decimal::ZERO, 2);
        row.text("invoicingCycle", "CalendarYear");
        row.number("billAmount", Decimal::ZERO, 2);
        row.flag("taxable", true);
        row.number("prorateFirstBill", Decimal::ZERO, 2);
        row.unset(&["restrictDownPayment", "topComment", "bottomComment"]);
        row.flag("prorateFlag", self.prorate);
        row.flag("invoiceProratedAdditionsFlag", self.prorate);
        for name in ["invoiceDescription", "internalNotes", "customerPO", "workOrder"] {
            row.text(name, "");
        }
        for name in ["billTime", "billExpenses", "billProducts"] {
            row.text(name, "Billable");
        }
        row.unset(&["billableTimeInvoice", "billableExpenseInvoice", "billableProductInvoice"]);
        row.text("periodType", "Current");
        row.flag("autoInvoiceFlag", true);
        row.flag("billZeroAmountFlag", false);
        row.text("agreementStatus", self.status(view.today));
        row.json("customFields", "[]");
        let additions = format!("{}/finance/agreements/{}/additions", view.base, self.id);
        row.info(&self.stamp, &view.world.founded, &[("additions_href", &additions)]);
        out.push('}');
    }
}

impl Agreement {
    fn write_references(&self, view: View<'_>, row: &mut RowWriter<'_>) {
        let (world, base) = (view.world, view.base);
        let href = format!("{base}/finance/agreements/types");
        row.reference("type", self.kind, &[("name", name_of(&world.agreement_types, self.kind))], ("type_href", &href));
        if let Some(company) = world.companies.get(&self.company) {
            company::write_reference("company", company, view, row);
            company::write_reference("billToCompany", company, view, row);
        }
        let href = format!("{base}/company/contacts");
        row.reference("contact", self.company + 5_000, &[("name", "Alex Morgan")], ("contact_href", &href));
        let href = format!("{base}/company/companies/{}/sites", self.company);
        row.reference("site", 1, &[("name", "Main")], ("site_href", &href));
        if let Some(parent) = self.parent.and_then(|parent| world.agreements.get(&parent)) {
            let href = format!("{base}/finance/agreements");
            row.reference("parentAgreement", parent.id, &[("name", &*parent.name)], ("agreement_href", &href));
        }
        let href = format!("{base}/system/locations");
        row.reference("location", 2, &[("name", "Head Office")], ("location_href", &href));
        let href = format!("{base}/system/departments");
        let texts = [("identifier", "Services"), ("name", "Professional Services")];
        row.reference("department", 10, &texts, ("department_href", &href));
        if let Some(cycle) = self.cycle {
            let href = format!("{base}/finance/billingCycles");
            row.reference(
                "billingCycle",
                cycle,
                &[("name", name_of(&world.cycles, cycle))],
                ("billingCycle_href", &href),
            );
        }
        row.reference("billingTerms", 1, &[("name", "Net 30 days")], ("billingTerms_href", base));
        let href = format!("{base}/finance/taxCodes");
        row.reference("taxCode", 8, &[("name", "FL")], ("taxCode_href", &href));
        if let Some(currency) = self.currency {
            company::write_currency(currency, view, row);
        }
    }

    fn write_dates(&self, row: &mut RowWriter<'_>) {
        row.day("startDate", self.start);
        row.day("billStartDate", self.start);
        if let Some(day) = self.end {
            row.day("endDate", day);
        }
        row.flag("noEndingDateFlag", self.no_ending_date);
        row.flag("cancelledFlag", self.cancelled);
        if let Some(day) = self.date_cancelled {
            row.day("dateCancelled", day);
        }
        row.text("reasonCancelled", if self.cancelled { "Left" } else { "" });
        if let Some(day) = self.next_invoice {
            row.day("nextInvoiceDate", day);
        }
    }
}
