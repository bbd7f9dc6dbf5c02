//! The members of every record, by name and kind.
//!
//! **Owns:** which names `conditions`, `orderBy` and PATCH recognise, and the words an enum allows.
//! **Does not own:** the values (`rows`).
//! **Limits on purpose:** written afresh from the tables of connectwise.md; the vendor's spec is not
//! copied. Members no billing client reads may be missing.

/// What a member holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Text,
    Flag,
    /// A date-time.
    Time,
    Choice(&'static [&'static str]),
    /// A nested record; its own members that can be named are id, name, identifier and a few more.
    Reference,
    /// An array; refused in `conditions`, asked for with `childConditions`.
    List,
    /// The `_info` map.
    Info,
}

use Kind::{Choice, Flag, Info, List, Number, Reference, Text, Time};

pub(crate) type Members = &'static [(&'static str, Kind)];

/// Kept in `_info`, but asked for by their bare names.
const STAMPS: Members = &[("lastUpdated", Time), ("updatedBy", Text), ("dateEntered", Time), ("enteredBy", Text)];
const NESTED: Members = &[
    ("id", Number),
    ("name", Text),
    ("identifier", Text),
    ("type", Text),
    ("serializedFlag", Flag),
    ("currencyCode", Text),
    ("caption", Text),
    ("value", Text),
];

const STATUS: Kind = Choice(&["Active", "Cancelled", "Expired", "Inactive"]);
pub(crate) const BILLING: &[&str] = &["Billable", "DoNotBill", "NoCharge"];
const BILLING_DEFAULT: Kind = Choice(&["Billable", "DoNotBill", "NoCharge", "NoDefault"]);
const LEVEL: Kind = Choice(&["None", "My", "All"]);
const YEARS: Kind = Choice(&["ContractYear", "CalendarYear"]);

pub(crate) const COMPANY: Members = &[
    ("id", Number),
    ("identifier", Text),
    ("name", Text),
    ("status", Reference),
    ("addressLine1", Text),
    ("addressLine2", Text),
    ("city", Text),
    ("state", Text),
    ("zip", Text),
    ("country", Reference),
    ("phoneNumber", Text),
    ("faxNumber", Text),
    ("website", Text),
    ("territory", Reference),
    ("market", Reference),
    ("accountNumber", Text),
    ("defaultContact", Reference),
    ("dateAcquired", Time),
    ("sicCode", Reference),
    ("parentCompany", Reference),
    ("annualRevenue", Number),
    ("numberOfEmployees", Number),
    ("yearEstablished", Number),
    ("timeZoneSetup", Reference),
    ("leadSource", Text),
    ("leadFlag", Flag),
    ("unsubscribeFlag", Flag),
    ("calendar", Reference),
    ("taxCode", Reference),
    ("billingTerms", Reference),
    ("billToCompany", Reference),
    ("billingSite", Reference),
    ("billingContact", Reference),
    ("invoiceDeliveryMethod", Reference),
    ("invoiceToEmailAddress", Text),
    ("currency", Reference),
    ("deletedFlag", Flag),
    ("dateDeleted", Time),
    ("deletedBy", Text),
    ("mobileGuid", Text),
    ("isVendorFlag", Flag),
    ("types", List),
    ("site", Reference),
    ("integratorTags", List),
    ("vendorIdentifier", Text),
    ("taxIdentifier", Text),
    ("invoiceTemplate", Reference),
    ("territoryManager", Reference),
    ("userDefinedField1", Text),
    ("userDefinedField2", Text),
    ("customFields", List),
    ("_info", Info),
];

pub(crate) const ITEM: Members = &[
    ("id", Number),
    ("identifier", Text),
    ("description", Text),
    ("inactiveFlag", Flag),
    ("subcategory", Reference),
    ("type", Reference),
    ("productClass", Choice(&["Agreement", "Bundle", "Inventory", "NonInventory", "Service"])),
    ("serializedFlag", Flag),
    ("serializedCostFlag", Flag),
    ("phaseProductFlag", Flag),
    ("unitOfMeasure", Reference),
    ("minStockLevel", Number),
    ("price", Number),
    ("cost", Number),
    ("priceAttribute", Text),
    ("taxableFlag", Flag),
    ("customerDescription", Text),
    ("manufacturer", Reference),
    ("manufacturerPartNumber", Text),
    ("vendor", Reference),
    ("vendorSku", Text),
    ("notes", Text),
    ("integrationXRef", Text),
    ("sla", Reference),
    ("entityType", Reference),
    ("dropShipFlag", Flag),
    ("specialOrderFlag", Flag),
    ("recurringFlag", Flag),
    ("recurringRevenue", Number),
    ("recurringCost", Number),
    ("recurringOneTimeFlag", Flag),
    ("recurringBillCycle", Reference),
    ("recurringCycleType", YEARS),
    ("calculatedPriceFlag", Flag),
    ("calculatedCostFlag", Flag),
    ("calculatedPrice", Number),
    ("calculatedCost", Number),
    ("billableOption", BILLING_DEFAULT),
    ("connectWiseID", Text),
    ("autoUpdateUnitCostFlag", Flag),
    ("autoUpdateUnitPriceFlag", Flag),
    ("category", Reference),
    ("dateEntered", Time),
    ("customFields", List),
    ("_info", Info),
];

pub(crate) const AGREEMENT: Members = &[
    ("id", Number),
    ("name", Text),
    ("type", Reference),
    ("company", Reference),
    ("contact", Reference),
    ("site", Reference),
    ("subContractCompany", Reference),
    ("parentAgreement", Reference),
    ("customerPO", Text),
    ("location", Reference),
    ("department", Reference),
    ("restrictLocationFlag", Flag),
    ("restrictDepartmentFlag", Flag),
    ("startDate", Time),
    ("endDate", Time),
    ("noEndingDateFlag", Flag),
    ("opportunity", Reference),
    ("cancelledFlag", Flag),
    ("dateCancelled", Time),
    ("reasonCancelled", Text),
    ("sla", Reference),
    ("workOrder", Text),
    ("internalNotes", Text),
    ("applicationUnits", Choice(&["Amount", "Hours", "Incidents"])),
    ("applicationLimit", Number),
    ("applicationCycle", Text),
    ("applicationUnlimitedFlag", Flag),
    ("oneTimeFlag", Flag),
    ("coverAgreementTime", Flag),
    ("coverAgreementProduct", Flag),
    ("coverAgreementExpense", Flag),
    ("coverSalesTax", Flag),
    ("carryOverUnused", Flag),
    ("allowOverruns", Flag),
    ("expiredDays", Number),
    ("limit", Number),
    ("expireWhenZero", Flag),
    ("chargeToFirm", Flag),
    ("employeeCompRate", Choice(&["Actual", "Hourly"])),
    ("employeeCompNotExceed", Choice(&["Billing", "Amount", "Percent"])),
    ("compHourlyRate", Number),
    ("compLimitAmount", Number),
    ("billingCycle", Reference),
    ("billOneTimeFlag", Flag),
    ("billingTerms", Reference),
    ("invoicingCycle", YEARS),
    ("billToCompany", Reference),
    ("billAmount", Number),
    ("taxable", Flag),
    ("prorateFirstBill", Number),
    ("billStartDate", Time),
    ("taxCode", Reference),
    ("restrictDownPayment", Flag),
    ("prorateFlag", Flag),
    ("invoiceProratedAdditionsFlag", Flag),
    ("invoiceDescription", Text),
    ("topComment", Flag),
    ("bottomComment", Flag),
    ("workRole", Reference),
    ("workType", Reference),
    ("projectType", Reference),
    ("invoiceTemplate", Reference),
    ("billTime", BILLING_DEFAULT),
    ("billExpenses", BILLING_DEFAULT),
    ("billProducts", BILLING_DEFAULT),
    ("billableTimeInvoice", Flag),
    ("billableExpenseInvoice", Flag),
    ("billableProductInvoice", Flag),
    ("currency", Reference),
    ("periodType", Choice(&["Current", "Future", "Both", "Undefined"])),
    ("autoInvoiceFlag", Flag),
    ("billZeroAmountFlag", Flag),
    ("nextInvoiceDate", Time),
    ("companyLocation", Reference),
    ("agreementStatus", STATUS),
    ("customFields", List),
    ("_info", Info),
];

pub(crate) const ADDITION: Members = &[
    ("id", Number),
    ("product", Reference),
    ("quantity", Number),
    ("lessIncluded", Number),
    ("unitPrice", Number),
    ("unitCost", Number),
    ("billCustomer", Choice(BILLING)),
    ("effectiveDate", Time),
    ("cancelledDate", Time),
    ("taxableFlag", Flag),
    ("serialNumber", Text),
    ("invoiceDescription", Text),
    ("purchaseItemFlag", Flag),
    ("specialOrderFlag", Flag),
    ("description", Text),
    ("billedQuantity", Number),
    ("uom", Text),
    ("extPrice", Number),
    ("extCost", Number),
    ("sequenceNumber", Number),
    ("margin", Number),
    ("prorateCost", Number),
    ("proratePrice", Number),
    ("extendedProrateCost", Number),
    ("extendedProratePrice", Number),
    ("prorateCurrentPeriodFlag", Flag),
    ("opportunity", Reference),
    ("agreementId", Number),
    ("agreementStatus", STATUS),
    ("invoiceGrouping", Reference),
    ("customFields", List),
    ("_info", Info),
];

/// All setup tables and mySecurity together: small rows, asked for with few conditions.
pub(crate) const SETUP: Members = &[
    ("id", Number),
    ("identifier", Text),
    ("name", Text),
    ("defaultFlag", Flag),
    ("inactiveFlag", Flag),
    ("notifyFlag", Flag),
    ("vendorFlag", Flag),
    ("serviceAlertFlag", Flag),
    ("billingOptions", Text),
    ("prorateFlag", Flag),
    ("moduleName", Text),
    ("moduleIdentifier", Text),
    ("moduleDescription", Text),
    ("moduleFunctionName", Text),
    ("moduleFunctionIdentifier", Text),
    ("moduleFunctionDescription", Text),
    ("addLevel", LEVEL),
    ("editLevel", LEVEL),
    ("deleteLevel", LEVEL),
    ("inquireLevel", LEVEL),
    ("customFlag", Flag),
    ("sortOrder", Number),
    ("_info", Info),
];

/// The kind of a bare member; only members of the record itself.
pub(crate) fn member(members: Members, name: &str) -> Option<Kind> {
    members.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
}

/// The kind behind a path that a condition or an order names: a member, a stamp, or a member of a
/// reference. Arrays and references as such cannot be compared.
pub(crate) fn comparable(members: Members, path: &str) -> Option<Kind> {
    let kind = match path.split_once('/') {
        Some((first, rest)) => match member(members, first)? {
            Reference => member(NESTED, rest)?,
            Info => member(STAMPS, rest)?,
            _ => return None,
        },
        None => member(members, path).or_else(|| member(STAMPS, path))?,
    };
    (!matches!(kind, Reference | List | Info)).then_some(kind)
}

/// The kind behind a path into an array (`types/id`), for `childConditions`.
pub(crate) fn child(members: Members, path: &str) -> Option<Kind> {
    let (first, rest) = path.split_once('/')?;
    if member(members, first)? == List { member(NESTED, rest) } else { None }
}
