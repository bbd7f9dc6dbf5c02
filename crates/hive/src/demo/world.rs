//! Northwind IT's ConnectWise, built by hand: companies, items, agreements, additions, and what an
//! MSP's ConnectWise has lying about.

use super::data::{
    CANCELLED, Customer, ENDPOINTS, LICENCES, MARCUS, NEVER_LINKED, PRIYA, PRODUCTS, TWO_ADDITIONS, YEARLY,
};
use super::not_as_told;
use crate::failure::Failure;
use hive_core::{Date, Quantity};
use hive_simulator::{NewAddition, NewAgreement, NewCompany, NewItem, World};
use jiff::ToSpan as _;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Companies by their names, with agreements of their own for storage: every third.
const STORAGE_APART_EVERY: usize = 3;

/// An addition and the agreement it is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) agreement: i64,
    pub(super) addition: i64,
}

/// The sample ConnectWise before anybody touches it.
pub(super) struct Built {
    pub(super) world: World,
    /// Each company's id, by its name.
    pub(super) companies: BTreeMap<&'static str, i64>,
    /// Every addition.
    pub(super) additions: Vec<Place>,
    /// Where Priya types her seats.
    pub(super) priya: Place,
    /// Where Marcus adds devices after the Update.
    pub(super) marcus: Place,
}

struct Builder {
    world: World,
    today: Date,
    items: Vec<Option<i64>>,
    companies: BTreeMap<&'static str, i64>,
    additions: Vec<Place>,
    /// By account and product.
    found: BTreeMap<(&'static str, &'static str), Place>,
}

/// Builds it, dated from `today`.
pub(super) fn build(customers: &[Customer], today: Date) -> Result<Built, Failure> {
    let mut world = World::empty();
    let items = items(&mut world);
    let mut builder =
        Builder { world, today, items, companies: BTreeMap::new(), additions: Vec::new(), found: BTreeMap::new() };
    let mut by_company: BTreeMap<&'static str, Vec<&Customer>> = BTreeMap::new();
    for customer in customers {
        by_company.entry(customer.company).or_default().push(customer);
    }
    for (place, (company, branches)) in by_company.into_iter().enumerate() {
        builder.company(company, &branches, place % STORAGE_APART_EVERY == 0);
    }
    builder.lies_about();
    let find = |account, product| {
        builder
            .found
            .get(&(account, product))
            .copied()
            .ok_or_else(|| not_as_told(format!("{account} has no addition of {product}")))
    };
    let (priya, marcus) = (find(PRIYA, LICENCES)?, find(MARCUS, ENDPOINTS)?);
    let Builder { world, companies, additions, .. } = builder;
    Ok(Built { world, companies, additions, priya, marcus })
}

/// The catalog: an item for each product that has one, and two that nobody sells any more.
fn items(world: &mut World) -> Vec<Option<i64>> {
    let items = PRODUCTS.iter().map(|product| {
        let item = product.item.as_ref()?;
        Some(world.item(NewItem {
            identifier: item.identifier.into(),
            description: item.description.into(),
            unit_of_measure: Some(item.unit_of_measure.into()),
            price: Decimal::new(item.price_cents, 2),
            cost: Decimal::new(item.price_cents * 6 / 10, 2),
            ..NewItem::default()
        }))
    });
    let items = items.collect();
    for (identifier, description, inactive) in
        [("NW-TAPE", "Tape rotation, per visit", true), ("NW-SUPPORT", "Support, per hour", false)]
    {
        world.item(NewItem {
            identifier: identifier.into(),
            description: description.into(),
            class: "Service".into(),
            inactive,
            ..NewItem::default()
        });
    }
    items
}

impl Builder {
    /// A company, its agreements and what they bill: the sum of its branches.
    fn company(&mut self, name: &'static str, branches: &[&Customer], storage_apart: bool) {
        let company = self.world.company(NewCompany { name: name.into(), ..NewCompany::default() });
        self.companies.insert(name, company);
        let account = branches.first().map_or(name, |branch| branch.account);
        let managed = self.agreement(company, account, "Managed Services", "Managed Services");
        let apart = storage_apart && account != NEVER_LINKED;
        let storage = if apart { self.agreement(company, account, "Cloud Storage", "Cloud Backup") } else { managed };
        for (place, product) in PRODUCTS.iter().enumerate() {
            let uses = branches.iter().flat_map(|branch| &branch.uses).filter(|used| used.product == place);
            let billed: Vec<Quantity> = uses.map(|used| used.billed).collect();
            let (Some(item), false) = (self.items[place], billed.is_empty()) else { continue };
            let billed = billed.iter().fold(Decimal::ZERO, |sum, billed| sum.saturating_add(billed.decimal()));
            let agreement = if product.unit == "GB" { storage } else { managed };
            let addition = self.addition(agreement, (item, place), billed, account == YEARLY);
            self.found.insert((account, product.name), addition);
            if account == TWO_ADDITIONS && product.name == ENDPOINTS {
                // The old add-on that was never taken away.
                let old = self.agreement(company, account, "Security Add-on", "Managed Services");
                self.addition(old, (item, place), Decimal::from(12), false);
            }
        }
    }

    fn agreement(&mut self, company: i64, account: &str, name: &str, type_name: &str) -> i64 {
        let today = self.today;
        let cancelled = account == CANCELLED;
        let yearly = account == YEARLY;
        self.world.agreement(NewAgreement {
            name: name.into(),
            type_name: type_name.into(),
            company,
            start: today.saturating_sub(34.months()).first_of_month(),
            cancelled,
            date_cancelled: cancelled.then(|| today.saturating_sub(40.days())),
            billing_cycle: Some(if yearly { "Yearly" } else { "Monthly" }.into()),
            next_invoice_date: Some(if yearly {
                today.saturating_add(83.days())
            } else {
                today.saturating_add(1.day())
            }),
            ..NewAgreement::default()
        })
    }

    fn addition(&mut self, agreement: i64, (item, place): (i64, usize), quantity: Decimal, yearly: bool) -> Place {
        let month = PRODUCTS[place].item.as_ref().map_or(0, |item| item.price_cents);
        let cycle = if yearly { month * 12 } else { month };
        let addition = self.world.addition(NewAddition {
            agreement,
            item,
            quantity,
            unit_price: Some(Decimal::new(cycle, 2)),
            ..NewAddition::default()
        });
        let place = Place { agreement, addition };
        self.additions.push(place);
        place
    }

    /// What no invoice needs and every ConnectWise has.
    fn lies_about(&mut self) {
        let of = |name: &str, status: &str, kind: &str, deleted| NewCompany {
            name: name.into(),
            status: status.into(),
            types: vec![kind.into()],
            deleted,
            ..NewCompany::default()
        };
        for company in [
            of("Harbour Dental Laboratory", "Active", "Client", false),
            of("Quarry Lane Design", "Active", "Client", true),
            of("Northwind IT", "Active", "Owner", false),
            of("Old Mill Carpets", "Inactive", "Client", false),
            of("Silverfern Yoga", "Active", "Prospect", false),
        ] {
            self.world.company(company);
        }
    }
}
