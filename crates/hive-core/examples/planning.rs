//! What planning size L costs: 10,000 companies, 15,000 agreements, 150,000 additions and as many
//! lines, of which a third change. `cargo run --release -p hive-core --example planning` prints CPU and
//! memory of the process alone (design, section 10); Linux only, since it reads `/proc`.

use hive_core::link::{AccountLink, AccountTarget, LinkedBy, ProductLink, ProductTarget};
use hive_core::mirror::{Addition, Agreement, CatalogItem, Company, ItemsFrom, Mirror};
use hive_core::plan::{self, Facts};
use hive_core::settings::Settings;
use hive_core::unit::{ItemUnit, Storage, Unit};
use hive_core::usage::{Account, Product, Sample};
use hive_core::*;
use jiff::SignedDuration;
use std::time::Instant;

const COMPANIES: i64 = 10_000;
const PRODUCTS: i64 = 15;
/// Milliseconds of a tick of `/proc/self/stat`, on every Linux that Hive runs on.
const TICK_MS: u64 = 10;
const ROUNDS: usize = 5;

fn main() {
    let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH);
    let facts = facts(now);
    let held = memory("VmRSS");
    let (mut cpu_ms, mut wall_ms): (Vec<u64>, Vec<u128>) = (Vec::new(), Vec::new());
    let (mut lines, mut changes) = (0, 0);
    for _ in 0..ROUNDS {
        let (before, begun) = (cpu(), Instant::now());
        let plan = plan::make(&facts, now);
        cpu_ms.push(cpu().saturating_sub(before));
        wall_ms.push(begun.elapsed().as_millis());
        (lines, changes) = (plan.lines.len(), plan.changes.len());
    }
    cpu_ms.sort_unstable();
    wall_ms.sort_unstable();
    println!("{lines} lines, {changes} changes");
    println!("cpu {} ms, wall {} ms (medians of {ROUNDS})", cpu_ms[ROUNDS / 2], wall_ms[ROUNDS / 2]);
    println!("memory: facts {} MiB, peak {} MiB of the whole process", held / 1024, memory("VmHWM") / 1024);
}

/// A month of an MSP of size L.
#[expect(clippy::too_many_lines, reason = "one literal of everything a plan is made from")]
fn facts(now: Timestamp) -> Facts {
    let quantity = Quantity::from;
    let unit = ItemUnit { unit: Unit::Storage(Storage::GB), size: quantity(1) };
    let (mut agreements, mut additions, mut samples) = (Vec::new(), Vec::new(), Vec::new());
    for company in 1..=COMPANIES {
        // Three companies have two agreements for each pair of companies: 15,000 in all.
        for nth in 0..=company % 2 {
            agreements.push(agreement(company * 2 + nth, company));
        }
        for product in 1..=PRODUCTS {
            let id = company * 100 + product;
            let used = (company * 7 + product * 13) % 900 + 1;
            let billed = if id % 3 == 0 { used + 1 } else { used };
            let on = company * 2 + if company % 2 == 1 { product % 2 } else { 0 };
            additions.push(addition(id, on, product, billed, now));
            samples.push(Sample {
                account: AccountId(company),
                product: ProductId(product),
                source: "vendor".to_owned(),
                quantity: quantity(used),
                unit: Unit::Storage(Storage::GB),
                measured_at: now - SignedDuration::from_hours(3),
                class: String::new(),
            });
        }
    }
    let names = |id: i64| format!("Customer number {id} Pty Ltd");
    Facts {
        msp: MspId(1),
        msp_name: "Northwind IT".to_owned(),
        connection: 1,
        mirror: Some(Mirror {
            id: MirrorId(1),
            pulled_at: now,
            refreshed_at: now,
            items_from: ItemsFrom::Catalog,
            companies: (1..=COMPANIES).map(|id| company(id, names(id))).collect(),
            items: (1..=2_000).map(item).collect(),
            agreements,
            additions,
        }),
        accounts: (1..=COMPANIES).map(|id| Account { id: AccountId(id), name: names(id), external_id: None }).collect(),
        products: (1..=PRODUCTS)
            .map(|id| Product {
                id: ProductId(id),
                name: format!("Product {id}"),
                external_id: None,
                unit: Unit::Storage(Storage::GB),
            })
            .collect(),
        account_links: (1..=COMPANIES)
            .map(|id| AccountLink {
                account: AccountId(id),
                target: AccountTarget::Company(CompanyId(id)),
                by: LinkedBy::Match,
                who: "hive".to_owned(),
                at: now,
            })
            .collect(),
        product_links: (1..=PRODUCTS)
            .map(|id| ProductLink {
                product: ProductId(id),
                target: ProductTarget::Item(ItemId(id)),
                unit: Some(unit.clone()),
                unit_trusted: false,
                by: LinkedBy::Person,
                who: "cli:clerk".to_owned(),
                at: now,
            })
            .collect(),
        samples,
        history: Vec::new(),
        samples_through: 150_000,
        quotas: Vec::new(),
        pins: Vec::new(),
        settings: Settings::default(),
        standings: Vec::new(),
        live_rules: std::collections::BTreeMap::new(),
        invoiced: std::collections::BTreeMap::new(),
        item_overrides: Vec::new(),
        batches: Vec::new(),
        listings: Vec::new(),
        rhythms: std::collections::BTreeMap::new(),
        unlisted: Vec::new(),
        gone_answers: Vec::new(),
        exclusions: Vec::new(),
        adjustments: Vec::new(),
    }
}

fn company(id: i64, name: String) -> Company {
    Company {
        id: CompanyId(id),
        identifier: format!("C{id}"),
        name,
        status: Some("Active".to_owned()),
        deleted: false,
        types: vec!["Customer".to_owned()],
        parent: None,
    }
}

fn item(id: i64) -> CatalogItem {
    CatalogItem {
        id: ItemId(id),
        identifier: format!("ITEM-{id}"),
        description: format!("Item {id}"),
        inactive: false,
        class: Some("Agreement".to_owned()),
        unit_of_measure: None,
        price: None,
    }
}

fn agreement(id: i64, company: i64) -> Agreement {
    Agreement {
        id: AgreementId(id),
        name: format!("Managed services {id}"),
        agreement_type: Some("Managed".to_owned()),
        company: CompanyId(company),
        company_name: String::new(),
        parent: None,
        start: None,
        end: None,
        no_ending_date: true,
        cancelled: false,
        cancelled_on: None,
        status: Some("Active".to_owned()),
        billing_cycle: Some("Monthly".to_owned()),
        next_invoice: "2026-12-01".parse().ok(),
        currency: Some("USD".to_owned()),
        prorates: None,
    }
}

fn addition(id: i64, agreement: i64, item: i64, billed: i64, now: Timestamp) -> Addition {
    Addition {
        id: AdditionId(id),
        agreement: AgreementId(agreement),
        item: ItemId(item),
        item_identifier: format!("ITEM-{item}"),
        description: "Backup storage".to_owned(),
        quantity: Some(Quantity::from(billed)),
        less_included: None,
        billed_quantity: None,
        unit_price: Some(Money::new(Decimal::new(15, 1))),
        unit_cost: None,
        bill_customer: "Billable".to_owned(),
        effective: None,
        cancelled: None,
        unit_of_measure: None,
        updated_by: Some("jane".to_owned()),
        updated_at: Some(now),
        read_at: now,
    }
}

/// User and system time of this process, in milliseconds.
fn cpu() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(") ").next().unwrap_or_default();
    let ticks = |nth: usize| after.split(' ').nth(nth).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    (ticks(11) + ticks(12)) * TICK_MS
}

/// A line of `/proc/self/status`, in KiB.
fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0)
}
