//! A believable MSP: what it sells, to whom, how it is measured, and its little ConnectWise.
//!
//! **Owns:** the true usage of every line and what was delivered of it; the mirror; the facts of a plan.
//! **Does not own:** what goes wrong (`disasters`), what should be billed (`truth`), the days (`life`).

use super::chance::Chance;
use super::disasters::Fault;
use hive_core::allow::Approval;
use hive_core::link::{AccountLink, AccountTarget, LinkedBy, ProductLink, ProductTarget};
use hive_core::mirror::{Addition, Agreement, CatalogItem, Company, ItemsFrom, Mirror};
use hive_core::plan::{Batch, Facts, GoneAnswer, Listing, Standing, Unlisted};
use hive_core::settings::{At, Key, Settings};
use hive_core::unit::{ItemUnit, Unit};
use hive_core::usage::{Account, Product, Sample};
use hive_core::{
    AccountId, AdditionId, AgreementId, CompanyId, Date, Decimal, ItemId, MirrorId, Money, MspId, ProductId, Quantity,
    Timestamp,
};
use jiff::{SignedDuration, ToSpan, civil::date};
use std::collections::BTreeMap;

/// How many accounts there are in the end, and how many lines.
pub(super) const CUSTOMERS: i64 = 180;
pub(super) const LINES: usize = 900;
/// Customers that come during the year.
const NEW_CUSTOMERS: i64 = 12;
/// Days of samples before the first plan: an average looks back.
pub(super) const BEFORE: i32 = 40;
/// The complete file of devices comes every so many days.
pub(super) const FILE_DAYS: i32 = 7;

/// Something the MSP sells. Its place in [`SOLD`] is its product's and its item's id, less 1.
pub(super) struct Sold {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    /// What one unit of its item is.
    pub(super) item: (&'static str, i64),
    pub(super) source: &'static str,
    /// Price of one unit a month, in thousandths.
    price: (i64, i64),
    /// What a customer uses of it.
    level: (i64, i64),
    /// How many customers of 100,000 have it.
    share: i64,
}

pub(super) const HOT: usize = 0;
pub(super) const COLD: usize = 1;
pub(super) const BACKUP: usize = 2;
pub(super) const ARCHIVE: usize = 3;
pub(super) const BUSINESS: usize = 4;
pub(super) const E5: usize = 5;
pub(super) const WORKSTATION: usize = 6;
pub(super) const SERVER: usize = 7;
pub(super) const ANTIVIRUS: usize = 8;

const fn sold(
    name: &'static str,
    unit: &'static str,
    item: (&'static str, i64),
    source: &'static str,
    price: (i64, i64),
    level: (i64, i64),
    share: i64,
) -> Sold {
    Sold { name, unit, item, source, price, level, share }
}

pub(super) const SOLD: [Sold; 9] = [
    sold("Hot storage", "GB", ("GB", 1), "vault", (60, 180), (40, 4_000), 70_000),
    sold("Cold storage", "GB", ("GB", 1000), "vault", (14_000, 30_000), (400, 12_000), 45_000),
    sold("Server backup", "GB", ("TB", 1), "vault", (40_000, 90_000), (100, 9_000), 50_000),
    sold("Mail archive", "GB", ("GB", 1), "vault", (40, 90), (20, 2_500), 45_000),
    sold("M365 Business", "user", ("user", 1), "graph", (14_000, 22_000), (4, 90), 75_000),
    sold("M365 E5", "user", ("user", 1), "graph", (35_000, 57_000), (2, 30), 25_000),
    sold("Workstation care", "device", ("device", 1), "rmm", (3_000, 6_000), (4, 100), 75_000),
    sold("Server care", "device", ("device", 1), "rmm", (15_000, 30_000), (1, 9), 55_000),
    sold("Antivirus", "device", ("device", 1), "rmm", (0, 0), (6, 110), 60_000),
];

/// A line: account and place in [`SOLD`].
pub(super) type Pair = (i64, usize);

/// What is measured of one line.
pub(super) struct Meter {
    /// True usage in millionths, without today's spike.
    pub(super) base: i64,
    /// A month, in thousandths.
    pub(super) growth: i64,
    /// Through which day, and how many percent of the base.
    pub(super) spike: Option<(i32, i64)>,
    /// Truth as it was delivered: day and thousandths.
    pub(super) said: Vec<(i32, i64)>,
    /// The last batch that listed it.
    pub(super) seen: (i64, Option<Timestamp>),
    /// It left: nothing is billed.
    pub(super) left: bool,
    /// What arrived, with the truth of that moment.
    pub(super) samples: Vec<(Sample, i64)>,
}

pub(super) struct World {
    pub(super) chance: Chance,
    pub(super) mirror: Mirror,
    pub(super) accounts: Vec<Account>,
    pub(super) account_links: Vec<AccountLink>,
    pub(super) products: Vec<Product>,
    pub(super) product_links: Vec<ProductLink>,
    pub(super) settings: Settings,
    pub(super) meters: BTreeMap<Pair, Meter>,
    pub(super) accounts_of: BTreeMap<i64, Vec<i64>>,
    pub(super) standings: BTreeMap<AdditionId, Standing>,
    pub(super) live_rules: BTreeMap<ProductId, String>,
    pub(super) approvals: Vec<Approval>,
    pub(super) faults: Vec<Fault>,
    pub(super) batches: Vec<Batch>,
    /// What each batch said of each product, with the truth of that moment.
    pub(super) listings: Vec<(Listing, Vec<Quantity>)>,
    pub(super) gone_answers: Vec<GoneAnswer>,
    /// Somebody else sets an addition to a value, every night.
    pub(super) writer: Option<(AdditionId, Quantity)>,
    /// Samples of products that nobody mapped.
    pub(super) stray: Vec<Sample>,
    /// On which day a customer begins that is not there yet, with the products it will have.
    pub(super) coming: Vec<(i32, i64, Vec<usize>)>,
    pub(super) next_addition: i64,
    pub(super) next_agreement: i64,
}

/// Midnight of a day of the year, 0 the first.
pub(super) fn day_of(day: i32) -> Date {
    date(2026, 1, 1) + day.days()
}

/// A moment of a day, in UTC.
pub(super) fn at(day: i32, hour: i64) -> Timestamp {
    let begin: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
    begin + SignedDuration::from_hours(i64::from(day) * 24 + hour)
}

pub(super) fn thousandths(value: i64) -> Quantity {
    Quantity::new(Decimal::new(value, 3))
}

pub(super) fn product_id(place: usize) -> ProductId {
    ProductId(i64::try_from(place).expect("few") + 1)
}

pub(super) fn item_id(place: usize) -> ItemId {
    ItemId(i64::try_from(place).expect("few") + 1)
}

pub(super) fn place_of(product: ProductId) -> usize {
    usize::try_from(product.0 - 1).expect("a product")
}

pub(super) fn is_storage(place: usize) -> bool {
    SOLD[place].unit == "GB"
}

impl World {
    pub(super) fn new(seed: u64) -> World {
        let mut world = World {
            chance: Chance::new(seed),
            mirror: Mirror {
                id: MirrorId(1),
                pulled_at: at(0, 0),
                refreshed_at: at(0, 0),
                items_from: ItemsFrom::Catalog,
                companies: Vec::new(),
                items: Vec::new(),
                agreements: Vec::new(),
                additions: Vec::new(),
            },
            accounts: Vec::new(),
            account_links: Vec::new(),
            products: Vec::new(),
            product_links: Vec::new(),
            settings: Settings::default(),
            meters: BTreeMap::new(),
            accounts_of: BTreeMap::new(),
            standings: BTreeMap::new(),
            live_rules: BTreeMap::new(),
            approvals: Vec::new(),
            faults: Vec::new(),
            batches: Vec::new(),
            listings: Vec::new(),
            gone_answers: Vec::new(),
            writer: None,
            stray: Vec::new(),
            coming: Vec::new(),
            next_addition: 1000,
            next_agreement: 500,
        };
        world.sell();
        world.settle_customers();
        world
    }

    /// Products, items, links and rules.
    fn sell(&mut self) {
        for (place, sold) in SOLD.iter().enumerate() {
            let unit = Unit::parse(sold.item.0).expect("a unit");
            self.products.push(Product {
                id: product_id(place),
                name: sold.name.to_owned(),
                external_id: None,
                unit: Unit::parse(sold.unit).expect("a unit"),
            });
            self.product_links.push(ProductLink {
                product: product_id(place),
                target: ProductTarget::Item(item_id(place)),
                unit: ItemUnit::new(unit, Quantity::from(sold.item.1)),
                unit_trusted: false,
                by: LinkedBy::Person,
                who: "cli:clerk".to_owned(),
                at: at(-1, 0),
            });
            self.mirror.items.push(CatalogItem {
                id: item_id(place),
                identifier: sold.name.to_uppercase().replace(' ', "-"),
                description: sold.name.to_owned(),
                inactive: false,
                class: Some("Agreement".to_owned()),
                unit_of_measure: None,
                price: None,
            });
        }
        let of = |place| At { product: Some(product_id(place)), account: None };
        self.settings.set(Key::Basis, of(BACKUP), "average_30d").expect("a setting");
        self.settings.set(Key::Mode, of(ARCHIVE), "quota_bracket").expect("a setting");
        self.settings.set(Key::Included, of(ANTIVIRUS), "2").expect("a setting");
    }

    /// Who buys what; the last customers come during the year. Every thirtieth company has two accounts.
    fn settle_customers(&mut self) {
        let mut bought: Vec<Vec<usize>> = (0..CUSTOMERS)
            .map(|_| (0..SOLD.len()).filter(|place| self.chance.happens(SOLD[*place].share)).collect())
            .collect();
        let count = |bought: &[Vec<usize>]| bought.iter().map(Vec::len).sum::<usize>();
        while count(&bought) != LINES {
            let more = count(&bought) < LINES;
            let who = usize::try_from(self.chance.between(0, CUSTOMERS - 1)).expect("a place");
            let what = usize::try_from(self.chance.between(0, 8)).expect("a place");
            let has = bought[who].iter().position(|place| *place == what);
            match has {
                None if more => bought[who].push(what),
                Some(place) if !more && bought[who].len() > 1 => drop(bought[who].remove(place)),
                _ => {}
            }
        }
        for (account, products) in (1..).zip(bought) {
            if account > CUSTOMERS - NEW_CUSTOMERS {
                let nth = i32::try_from(account - (CUSTOMERS - NEW_CUSTOMERS)).expect("few");
                self.coming.push((nth * 29 - 17, account, products));
            } else {
                let company = if account % 30 == 0 { account - 1 } else { account };
                self.customer(account, company, &products, -BEFORE);
                self.link(account);
            }
        }
    }

    /// A company with its agreement (unless it has one) and one account, which uses these products.
    pub(super) fn customer(&mut self, account: i64, company: i64, products: &[usize], day: i32) {
        let name = format!("Customer {account:03}");
        if company == account {
            self.mirror.companies.push(Company {
                id: CompanyId(company),
                identifier: format!("CUST{company}"),
                name: name.clone(),
                status: Some("Active".to_owned()),
                deleted: false,
                types: vec!["Customer".to_owned()],
                parent: None,
            });
            // Most are billed monthly.
            let cycle = if company % 60 == 7 { "Quarterly" } else { "Monthly" };
            let cycle = if company % 90 == 11 { "Yearly" } else { cycle };
            self.agreement(company, cycle, day.max(0));
        }
        self.accounts.push(Account { id: AccountId(account), name, external_id: None });
        self.accounts_of.entry(company).or_default().push(account);
        for place in products {
            let (low, high) = SOLD[*place].level;
            // Many are small and few are large.
            let level = self.chance.between(low, high).min(self.chance.between(low, high));
            let level = level.min(self.chance.between(low, high));
            let (base, growth) = (level * super::life::MILLION, self.chance.between(2, 30));
            let meter = Meter {
                base,
                growth,
                spike: None,
                said: Vec::new(),
                seen: (0, None),
                left: false,
                samples: Vec::new(),
            };
            self.meters.insert((account, *place), meter);
        }
    }

    /// A person links the account to its company.
    pub(super) fn link(&mut self, account: i64) {
        let company = self.company_of(account);
        self.account_links.push(AccountLink {
            account: AccountId(account),
            target: AccountTarget::Company(CompanyId(company)),
            by: LinkedBy::Person,
            who: "cli:clerk".to_owned(),
            at: at(-1, 0),
        });
    }

    pub(super) fn company_of(&self, account: i64) -> i64 {
        let found = self.accounts_of.iter().find(|(_, accounts)| accounts.contains(&account));
        *found.expect("every account has a company").0
    }

    /// A new agreement of a company.
    pub(super) fn agreement(&mut self, company: i64, cycle: &str, day: i32) -> AgreementId {
        let id = AgreementId(self.next_agreement);
        self.next_agreement += 1;
        self.mirror.agreements.push(Agreement {
            id,
            name: format!("Managed {company:03}"),
            agreement_type: Some("Managed".to_owned()),
            company: CompanyId(company),
            company_name: String::new(),
            parent: None,
            start: Some(day_of(day)),
            end: None,
            no_ending_date: true,
            cancelled: false,
            cancelled_on: None,
            status: Some("Active".to_owned()),
            billing_cycle: Some(cycle.to_owned()),
            next_invoice: None,
            currency: Some("USD".to_owned()),
            prorates: None,
        });
        id
    }

    /// A new addition, of what an invoice of its agreement asks for one unit.
    pub(super) fn addition(
        &mut self,
        agreement: AgreementId,
        place: usize,
        quantity: Quantity,
        from: i32,
    ) -> AdditionId {
        let id = AdditionId(self.next_addition);
        self.next_addition += 1;
        let (low, high) = SOLD[place].price;
        let cycle = self.mirror.agreements.iter().find(|found| found.id == agreement);
        let months = cycle.and_then(Agreement::cycle_months).unwrap_or(Decimal::ONE);
        let price = Decimal::new(self.chance.between(low, high), 3) * months;
        self.mirror.additions.push(Addition {
            id,
            agreement,
            item: item_id(place),
            item_identifier: SOLD[place].name.to_owned(),
            description: SOLD[place].name.to_owned(),
            quantity: Some(quantity),
            less_included: None,
            billed_quantity: None,
            unit_price: Some(Money::new(price)),
            unit_cost: None,
            bill_customer: "Billable".to_owned(),
            effective: Some(day_of(from)),
            cancelled: None,
            unit_of_measure: None,
            updated_by: Some("clerk".to_owned()),
            updated_at: Some(at(from, 0)),
            read_at: at(from, 0),
        });
        id
    }

    /// The addition that bills a product of a company on a day, as the generator knows it: the newest.
    pub(super) fn billed_on(&mut self, company: i64, place: usize, day: i32) -> Option<&mut Addition> {
        let agreements: Vec<AgreementId> =
            self.mirror.agreements.iter().filter(|found| found.company.0 == company).map(|found| found.id).collect();
        let today = day_of(day);
        self.mirror.additions.iter_mut().rev().find(|addition| {
            addition.item == item_id(place)
                && agreements.contains(&addition.agreement)
                && addition.effective.is_none_or(|from| from <= today)
        })
    }

    pub(super) fn addition_of(&mut self, id: AdditionId) -> &mut Addition {
        self.mirror.additions.iter_mut().find(|addition| addition.id == id).expect("an addition")
    }

    pub(super) fn standing(&mut self, id: AdditionId) -> &mut Standing {
        self.standings.entry(id).or_insert_with(|| Standing::new(id))
    }

    /// Pairs that the newest complete batch of their source does not list.
    fn unlisted(&self) -> Vec<Unlisted> {
        let newest = hive_core::plan::newest_complete(&self.batches);
        let of = |((account, place), meter): (&Pair, &Meter)| {
            let batch = newest.get(SOLD[*place].source).filter(|batch| meter.seen.0 < batch.id)?;
            let (account, product, source) = (AccountId(*account), product_id(*place), batch.source.clone());
            Some(Unlisted { account, product, source, seen: meter.seen.0, seen_at: meter.seen.1 })
        };
        self.meters.iter().filter(|(_, meter)| !meter.samples.is_empty()).filter_map(of).collect()
    }

    /// Everything a plan is made from, on a day at 3 in the morning.
    pub(super) fn facts(&mut self, day: i32) -> Facts {
        self.mirror.pulled_at = at(day - day.rem_euclid(3), 1);
        self.mirror.refreshed_at = at(day, 2);
        let mut samples = self.stray.clone();
        let mut history = Vec::new();
        for ((_, place), meter) in &self.meters {
            let mut newest: BTreeMap<&str, &Sample> = BTreeMap::new();
            for (sample, _) in &meter.samples {
                newest.insert(&sample.source, sample);
            }
            samples.extend(newest.into_values().cloned());
            if *place == BACKUP {
                history.extend(meter.samples.iter().map(|(sample, _)| sample.clone()));
            }
        }
        Facts {
            msp: MspId(1),
            msp_name: "Northwind IT".to_owned(),
            connection: 1,
            mirror: Some(self.mirror.clone()),
            accounts: self.accounts.clone(),
            products: self.products.clone(),
            account_links: self.account_links.clone(),
            product_links: self.product_links.clone(),
            samples,
            history,
            samples_through: i64::from(day),
            quotas: Vec::new(),
            pins: Vec::new(),
            settings: self.settings.clone(),
            standings: self.standings.values().cloned().collect(),
            live_rules: self.live_rules.clone(),
            invoiced: BTreeMap::new(),
            batches: self.batches.clone(),
            listings: self.listings.iter().map(|(listing, _)| listing.clone()).collect(),
            rhythms: BTreeMap::new(),
            unlisted: self.unlisted(),
            gone_answers: self.gone_answers.clone(),
            item_overrides: Vec::new(),
            exclusions: Vec::new(),
            adjustments: Vec::new(),
        }
    }
}
