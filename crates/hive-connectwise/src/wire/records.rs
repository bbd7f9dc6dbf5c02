//! The records of the four collections, and the rows of mySecurity.

use super::{LIST_BYTES_MAX, Raw, day, flag, id, number, reference, text, texts_fit, word};
use hive_core::mirror;
use hive_core::rights::{Granted, Level};
use hive_core::{AdditionId, AgreementId, CompanyId, Date, ItemId, Money, Quantity, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Why agreements may come without their company.
pub(crate) const COMPANIES_HIDDEN: &str = "the API member may lack Companies > Company Maintenance: Inquire";
/// The status of an agreement of which it cannot be read whether it is over: it bills nothing.
const UNREADABLE: &str = "Unreadable";

/// A row of `company/companies`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Company<'a> {
    #[serde(borrow, default)]
    id: Raw<'a>,
    #[serde(borrow, default)]
    identifier: Raw<'a>,
    #[serde(borrow, default)]
    name: Raw<'a>,
    #[serde(borrow, default)]
    status: Raw<'a>,
    #[serde(borrow, default)]
    deleted_flag: Raw<'a>,
    #[serde(borrow, default)]
    types: Raw<'a>,
    #[serde(borrow, default)]
    parent_company: Raw<'a>,
}

impl Company<'_> {
    /// The fields to ask for.
    pub(crate) const FIELDS: &'static str = "id,identifier,name,status,deletedFlag,types,parentCompany";

    pub(crate) fn read(&self) -> Result<mirror::Company, String> {
        let Some(id) = id(self.id) else { return Err(no_id("company", self.name)) };
        let named = |what: String| format!("company {id}: {what}");
        let identifier = text(self.identifier).unwrap_or_default();
        let company = mirror::Company {
            id: CompanyId(id),
            name: text(self.name).unwrap_or_else(|| identifier.clone()),
            identifier,
            status: reference(self.status).name,
            deleted: flag(self.deleted_flag, "deletedFlag").map_err(named)?,
            types: names(self.types, "types").map_err(named)?,
            parent: reference(self.parent_company).id.map(CompanyId),
        };
        let texts = [Some(&company.name), Some(&company.identifier), company.status.as_ref()];
        texts_fit(texts.into_iter().chain(company.types.iter().map(Some))).map_err(named)?;
        Ok(company)
    }
}

/// The names in a list of references.
fn names(raw: Raw<'_>, name: &str) -> Result<Vec<String>, String> {
    if raw.is_some_and(|raw| LIST_BYTES_MAX < raw.get().len()) {
        return Err(format!("{name} is longer than {LIST_BYTES_MAX} bytes"));
    }
    let rows: Vec<&RawValue> = raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    Ok(rows.into_iter().filter_map(|row| reference(Some(row)).name).collect())
}

/// A row of `procurement/catalog`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CatalogItem<'a> {
    #[serde(borrow, default)]
    id: Raw<'a>,
    #[serde(borrow, default)]
    identifier: Raw<'a>,
    #[serde(borrow, default)]
    description: Raw<'a>,
    #[serde(borrow, default)]
    inactive_flag: Raw<'a>,
    #[serde(borrow, default)]
    product_class: Raw<'a>,
    #[serde(borrow, default)]
    unit_of_measure: Raw<'a>,
    #[serde(borrow, default)]
    price: Raw<'a>,
}

impl CatalogItem<'_> {
    /// The fields to ask for.
    pub(crate) const FIELDS: &'static str = "id,identifier,description,inactiveFlag,productClass,unitOfMeasure,price";

    pub(crate) fn read(&self) -> Result<mirror::CatalogItem, String> {
        let Some(id) = id(self.id) else { return Err(no_id("catalog item", self.identifier)) };
        let named = |what: String| format!("catalog item {id}: {what}");
        let item = mirror::CatalogItem {
            id: ItemId(id),
            identifier: text(self.identifier).unwrap_or_default(),
            description: text(self.description).unwrap_or_default(),
            inactive: flag(self.inactive_flag, "inactiveFlag").map_err(named)?,
            class: text(self.product_class),
            unit_of_measure: reference(self.unit_of_measure).name.or_else(|| text(self.unit_of_measure)),
            price: number(self.price).map(Money::new),
        };
        let texts =
            [Some(&item.identifier), Some(&item.description), item.class.as_ref(), item.unit_of_measure.as_ref()];
        texts_fit(texts).map_err(named)?;
        Ok(item)
    }
}

/// A row of `finance/agreements`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Agreement<'a> {
    #[serde(borrow, default)]
    id: Raw<'a>,
    #[serde(borrow, default)]
    name: Raw<'a>,
    #[serde(borrow, default, rename = "type")]
    agreement_type: Raw<'a>,
    #[serde(borrow, default)]
    company: Raw<'a>,
    #[serde(borrow, default)]
    parent_agreement: Raw<'a>,
    #[serde(borrow, default)]
    start_date: Raw<'a>,
    #[serde(borrow, default)]
    end_date: Raw<'a>,
    #[serde(borrow, default)]
    no_ending_date_flag: Raw<'a>,
    #[serde(borrow, default)]
    cancelled_flag: Raw<'a>,
    #[serde(borrow, default)]
    date_cancelled: Raw<'a>,
    #[serde(borrow, default)]
    agreement_status: Raw<'a>,
    #[serde(borrow, default)]
    billing_cycle: Raw<'a>,
    #[serde(borrow, default)]
    next_invoice_date: Raw<'a>,
    #[serde(borrow, default)]
    currency: Raw<'a>,
    #[serde(borrow, default)]
    prorate_flag: Raw<'a>,
}

impl Agreement<'_> {
    /// The fields to ask for: whole ones, since servers differ on parts of them.
    pub(crate) const FIELDS: &'static str = "id,name,type,company,parentAgreement,startDate,endDate,noEndingDateFlag,\
        cancelledFlag,dateCancelled,agreementStatus,billingCycle,nextInvoiceDate,currency,prorateFlag";

    /// All of it, or the reason why not: a write rests on it.
    pub(crate) fn read(&self) -> Result<mirror::Agreement, String> {
        let Some(id) = id(self.id) else { return Err(no_id("agreement", self.name)) };
        let agreement = self.read_identified(id, true)?;
        agreement.ok_or_else(|| format!("agreement {id}: it came without its company; {COMPANIES_HIDDEN}"))
    }

    /// For a list, of which one bad record must not take the others away. Without a company it
    /// can bill nobody: `None`. What cannot be read of its days or state makes it unreadable as a
    /// whole, so that it bills nothing either.
    pub(crate) fn read_listed(&self) -> Result<(i64, Option<mirror::Agreement>), String> {
        let Some(id) = id(self.id) else { return Err(no_id("agreement", self.name)) };
        self.read_identified(id, false).map(|agreement| (id, agreement))
    }

    fn read_identified(&self, id: i64, strict: bool) -> Result<Option<mirror::Agreement>, String> {
        let named = |what: String| format!("agreement {id}: {what}");
        if self.company.is_none() {
            return Ok(None);
        }
        let company = reference(self.company);
        let Some(company_id) = company.id else {
            return Err(named(format!("it came without its company; {COMPANIES_HIDDEN}")));
        };
        let currency = reference(self.currency);
        let term = match self.term() {
            Ok(term) => term,
            Err(what) if strict => return Err(named(what)),
            Err(what) => {
                tracing::warn!(agreement = id, what, "the agreement is unreadable, and so bills nothing");
                Term { status: Some(UNREADABLE.to_owned()), ..Term::default() }
            }
        };
        let agreement = mirror::Agreement {
            id: AgreementId(id),
            name: text(self.name).unwrap_or_default(),
            agreement_type: reference(self.agreement_type).name,
            company: CompanyId(company_id),
            company_name: company.name.or(company.identifier).unwrap_or_default(),
            parent: reference(self.parent_agreement).id.map(AgreementId),
            start: term.start,
            end: term.end,
            no_ending_date: term.no_ending_date,
            cancelled: term.cancelled,
            cancelled_on: term.cancelled_on,
            status: term.status,
            billing_cycle: reference(self.billing_cycle).name,
            // A plain string without a promised format, and only shown or compared: no date is none.
            next_invoice: day(self.next_invoice_date, "nextInvoiceDate").unwrap_or(None),
            currency: currency.currency_code.or(currency.identifier).or(currency.name),
            // Only shown: what is no flag says nothing.
            prorates: self.prorate_flag.and_then(|raw| flag(Some(raw), "prorateFlag").ok()),
        };
        let texts = [&agreement.agreement_type, &agreement.status, &agreement.billing_cycle, &agreement.currency];
        let texts = texts.into_iter().map(Option::as_ref);
        texts_fit(texts.chain([Some(&agreement.name), Some(&agreement.company_name)])).map_err(named)?;
        Ok(Some(agreement))
    }

    fn term(&self) -> Result<Term, String> {
        Ok(Term {
            start: day(self.start_date, "startDate")?,
            end: day(self.end_date, "endDate")?,
            no_ending_date: flag(self.no_ending_date_flag, "noEndingDateFlag")?,
            cancelled: flag(self.cancelled_flag, "cancelledFlag")?,
            cancelled_on: day(self.date_cancelled, "dateCancelled")?,
            status: word(self.agreement_status, "agreementStatus")?,
        })
    }
}

/// From when to when an agreement bills, and whether.
#[derive(Default)]
struct Term {
    start: Option<Date>,
    end: Option<Date>,
    no_ending_date: bool,
    cancelled: bool,
    cancelled_on: Option<Date>,
    status: Option<String>,
}

/// A row of `finance/agreements/{id}/additions`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Addition<'a> {
    #[serde(borrow, default)]
    id: Raw<'a>,
    #[serde(borrow, default)]
    agreement_id: Raw<'a>,
    #[serde(borrow, default)]
    product: Raw<'a>,
    #[serde(borrow, default)]
    description: Raw<'a>,
    #[serde(borrow, default)]
    quantity: Raw<'a>,
    #[serde(borrow, default)]
    less_included: Raw<'a>,
    #[serde(borrow, default)]
    billed_quantity: Raw<'a>,
    #[serde(borrow, default)]
    unit_price: Raw<'a>,
    #[serde(borrow, default)]
    unit_cost: Raw<'a>,
    #[serde(borrow, default)]
    bill_customer: Raw<'a>,
    #[serde(borrow, default)]
    effective_date: Raw<'a>,
    #[serde(borrow, default)]
    cancelled_date: Raw<'a>,
    #[serde(borrow, default)]
    uom: Raw<'a>,
    #[serde(borrow, default, rename = "_info")]
    info: Raw<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Info<'a> {
    #[serde(borrow, default)]
    updated_by: Raw<'a>,
    #[serde(borrow, default)]
    last_updated: Raw<'a>,
}

impl Addition<'_> {
    /// The fields to ask for. `_info` comes only when it is named.
    pub(crate) const FIELDS: &'static str = "id,agreementId,product,description,quantity,lessIncluded,billedQuantity,\
        unitPrice,unitCost,billCustomer,effectiveDate,cancelledDate,uom,_info";

    /// For a list, of which one bad record must not take the others away: `None` where it has no
    /// product at all, so that it can be no line of a plan.
    pub(crate) fn read_listed(
        &self,
        agreement: AgreementId,
        read_at: Timestamp,
    ) -> Result<(i64, Option<mirror::Addition>), String> {
        match id(self.id) {
            Some(id) if self.product.is_none() => Ok((id, None)),
            _ => self.read(agreement, read_at).map(|row| (row.id.0, Some(row))),
        }
    }

    /// `agreement` is the one whose list it came from; the row's own word wins, since a parent's
    /// list may show a child's additions.
    pub(crate) fn read(&self, agreement: AgreementId, read_at: Timestamp) -> Result<mirror::Addition, String> {
        let Some(id) = id(self.id) else { return Err(no_id("addition", self.description)) };
        let named = |what: String| format!("addition {id} of agreement {agreement}: {what}");
        let product = reference(self.product);
        let Some(item) = product.id else { return Err(named("it came without its product".to_owned())) };
        let info: Info<'_> = self.info.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
        let addition = mirror::Addition {
            id: AdditionId(id),
            agreement: super::id(self.agreement_id).filter(|id| *id > 0).map_or(agreement, AgreementId),
            item: ItemId(item),
            item_identifier: product.identifier.or(product.name).unwrap_or_default(),
            description: text(self.description).unwrap_or_default(),
            quantity: number(self.quantity).map(Quantity::new),
            less_included: number(self.less_included).map(Quantity::new),
            billed_quantity: number(self.billed_quantity).map(Quantity::new),
            unit_price: number(self.unit_price).map(Money::new),
            unit_cost: number(self.unit_cost).map(Money::new),
            bill_customer: text(self.bill_customer).unwrap_or_default(),
            effective: day(self.effective_date, "effectiveDate").map_err(named)?,
            cancelled: day(self.cancelled_date, "cancelledDate").map_err(named)?,
            unit_of_measure: text(self.uom).or_else(|| reference(self.uom).name),
            updated_by: text(info.updated_by),
            updated_at: text(info.last_updated).and_then(|text| text.parse().ok()),
            read_at,
        };
        let texts = [&addition.item_identifier, &addition.description, &addition.bill_customer].map(Some);
        let rest = [addition.unit_of_measure.as_ref(), addition.updated_by.as_ref()];
        texts_fit(texts.into_iter().chain(rest)).map_err(named)?;
        Ok(addition)
    }
}

/// A row of `system/mySecurity`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Security<'a> {
    #[serde(borrow, default)]
    module_name: Raw<'a>,
    #[serde(borrow, default)]
    module_identifier: Raw<'a>,
    #[serde(borrow, default)]
    module_function_name: Raw<'a>,
    #[serde(borrow, default)]
    module_function_identifier: Raw<'a>,
    #[serde(borrow, default)]
    inquire_level: Raw<'a>,
    #[serde(borrow, default)]
    edit_level: Raw<'a>,
    #[serde(borrow, default)]
    add_level: Raw<'a>,
    #[serde(borrow, default)]
    custom_flag: Raw<'a>,
}

impl Security<'_> {
    pub(crate) fn read(&self) -> Granted {
        let level = |raw: Raw<'_>| text(raw).map_or(Level::None, |text| Level::parse(&text));
        Granted {
            module: text(self.module_name).or_else(|| text(self.module_identifier)).unwrap_or_default(),
            function: text(self.module_function_name)
                .or_else(|| text(self.module_function_identifier))
                .unwrap_or_default(),
            inquire: level(self.inquire_level),
            edit: level(self.edit_level),
            add: level(self.add_level),
            customised: flag(self.custom_flag, "customFlag").unwrap_or(true),
        }
    }
}

fn no_id(what: &str, name: Raw<'_>) -> String {
    let name = text(name).map_or(String::new(), |name| format!(" \"{}\"", super::shown(&name)));
    format!("a {what}{name} came without its id")
}
