//! What holds for any facts: 256 cases each.
//! Long because: every property shares the generators of whole facts.

use crate::door::{ACME, Planned, q, reversed};
use hive_core::allow::{Request, allow};
use hive_core::issue::{Code, Issue};
use hive_core::ladder::{Ladder, Quota};
use hive_core::link::{AccountLink, AccountTarget, ItemOverride, LinkedBy, Pin, ProductLink, ProductTarget};
use hive_core::mirror::{Addition, Agreement, CatalogItem, Company, ItemsFrom, Mirror};
use hive_core::plan::{
    self, Adjust, Adjustment, Batch, Exclusion, Facts, Gone, GoneAnswer, Line, Listing, Mark, Plan, Standing, Undone,
    Unlisted,
};
use hive_core::settings::{At, Key, Settings};
use hive_core::unit::{ItemUnit, Storage, Unit};
use hive_core::usage::{Account, Product, Sample};
use hive_core::{
    AccountId, AdditionId, AgreementId, CompanyId, Decimal, ItemId, MirrorId, Money, MspId, ProductId, Quantity, RunId,
    Timestamp,
};
use jiff::{SignedDuration, ToSpan};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn now() -> Timestamp {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

fn amount() -> impl Strategy<Value = Quantity> {
    prop_oneof![
        40 => (1i64..200).prop_map(Quantity::from),
        20 => (0i64..2_000_000_000).prop_map(|micros| Quantity::new(Decimal::new(micros, 6))),
        3 => Just(Quantity::ZERO),
        1 => Just(q("999999999999999999")),
    ]
}

fn storage() -> impl Strategy<Value = Storage> {
    prop_oneof![8 => Just(Storage::GB), 1 => proptest::sample::select(Storage::ALL.to_vec())]
}

/// One row of a matrix: an account's use of a product.
#[derive(Clone, Debug)]
struct Row {
    usage: Option<(Quantity, Storage, i64, bool, bool)>,
    quota: Option<i64>,
    pin: Option<i64>,
}

fn row() -> impl Strategy<Value = Row> {
    let age = prop_oneof![8 => 0i64..3, 1 => 3i64..40];
    let usage = option::weighted(0.8, (amount(), storage(), age, prop::bool::weighted(0.1), prop::bool::weighted(0.1)));
    (usage, option::weighted(0.1, 0i64..3000), option::weighted(0.05, 0i64..12)).prop_map(|(usage, quota, pin)| Row {
        usage,
        quota,
        pin,
    })
}

fn companies() -> impl Strategy<Value = Vec<Company>> {
    vec((prop::bool::weighted(0.05), prop::bool::weighted(0.05)), 3).prop_map(|flags| {
        let company = |(id, (deleted, inactive)): (i64, (bool, bool))| Company {
            id: CompanyId(id),
            identifier: format!("C{id}"),
            name: format!("Company {id}"),
            deleted,
            types: Vec::new(),
            status: Some(if inactive { "Inactive" } else { "Active" }.to_owned()),
            parent: (id == 2).then_some(CompanyId(1)),
        };
        (1..).zip(flags).map(company).collect()
    })
}

fn agreements() -> impl Strategy<Value = Vec<Agreement>> {
    let cycle = proptest::sample::select(vec!["Monthly", "Monthly", "Monthly", "Quarterly", "Yearly", "None"]);
    // Each company has one; the fourth is a second one of somebody.
    vec((1i64..4, prop::bool::weighted(0.05), option::weighted(0.1, -40i32..40), cycle), 4).prop_map(|all| {
        let agreement = |(id, (other, cancelled, end, cycle)): (i64, (i64, bool, Option<i32>, &str))| Agreement {
            id: AgreementId(id),
            name: format!("Agreement {id}"),
            agreement_type: None,
            company: CompanyId(if id < 4 { id } else { other }),
            company_name: String::new(),
            parent: None,
            start: None,
            end: end.map(day),
            no_ending_date: false,
            cancelled,
            cancelled_on: None,
            status: Some("Active".to_owned()),
            billing_cycle: Some(cycle.to_owned()),
            next_invoice: Some(day(8)),
            currency: None,
            prorates: None,
        };
        (1..).zip(all).map(agreement).collect()
    })
}

fn day(offset: i32) -> hive_core::Date {
    jiff::civil::date(2026, 11, 23) + offset.days()
}

fn additions() -> impl Strategy<Value = Vec<Addition>> {
    let dates = (option::weighted(0.05, -3i32..3), option::weighted(0.05, -3i32..3));
    let price = prop_oneof![6 => Just(Some(50)), 2 => option::of(0i64..500)];
    // Each item once on each company's own agreement; the rest on the fourth.
    vec((option::weighted(0.97, amount()), dates, price, option::weighted(0.05, 0i64..5)), 7..12).prop_map(|all| {
        (0..)
            .zip(all)
            .map(|(id, (quantity, (from, until), price, less))| Addition {
                id: AdditionId(id),
                agreement: AgreementId(if id < 9 { id / 3 + 1 } else { 4 }),
                item: ItemId(id % 3 + 1),
                item_identifier: String::new(),
                description: String::new(),
                quantity,
                less_included: less.map(Quantity::from),
                billed_quantity: None,
                unit_price: price.map(|cents| Money::new(Decimal::new(cents, 2))),
                unit_cost: None,
                bill_customer: "Billable".to_owned(),
                effective: from.map(day),
                cancelled: until.map(day),
                unit_of_measure: None,
                updated_by: None,
                updated_at: None,
                read_at: now(),
            })
            .collect()
    })
}

#[expect(clippy::too_many_lines, reason = "every key once")]
fn settings() -> impl Strategy<Value = Settings> {
    let own = |key: Key, text: &'static str| (Just(key), Just(text));
    let msp = prop_oneof![
        own(Key::Mode, "quota_bracket"),
        own(Key::TargetDate, "next_invoice"),
        own(Key::DropPercent, "5"),
        own(Key::SyncDays, "1"),
        own(Key::InvoiceDays, "5"),
        own(Key::InvoiceDays, "28"),
        own(Key::Updates, "off")
    ];
    let product = prop_oneof![
        own(Key::AgreementRule, "name~agreement & name!=Agreement 2|Agreement 3"),
        own(Key::Included, "20"),
        own(Key::Minimum, "15"),
        own(Key::Maximum, "400"),
        own(Key::Rounding, "none"),
        own(Key::Rounding, "nearest:5"),
        own(Key::Ladder, "50+50"),
        own(Key::Ladder, "none"),
        own(Key::AgreementRule, "name~1"),
        own(Key::Source, "vendor"),
        own(Key::Basis, "average_30d"),
        own(Key::Basis, "peak_30d"),
        own(Key::Basis, "average_period"),
        own(Key::Basis, "peak_period"),
        own(Key::Classes, "all"),
        own(Key::Classes, "trial"),
        own(Key::Overage, "true"),
        own(Key::DeadBand, "7"),
        own(Key::BracketOf, "sum"),
    ];
    let part = prop_oneof![
        own(Key::Included, "3"),
        own(Key::Minimum, "4"),
        own(Key::Maximum, "90"),
        own(Key::Rounding, "down:2"),
        own(Key::Classes, "all"),
        own(Key::Overage, "false"),
        own(Key::Overage, "true"),
        own(Key::DeadBand, "9"),
        own(Key::Basis, "peak_period"),
        own(Key::Basis, "latest"),
    ];
    let parts = vec((part, 1i64..4, 1i64..5), 0..3);
    let fixed = vec((1i64..4, proptest::sample::select(vec!["1", "2", "4", "Agreement 4"])), 0..2);
    // Any number where a number may stand, and other modes for single accounts.
    let keys = vec![Key::Included, Key::Minimum, Key::Maximum, Key::Rounding];
    let number =
        (proptest::sample::select(keys), 1i64..4, 1i64..300, proptest::sample::select(vec!["up", "down", "nearest"]));
    let mode = (proptest::sample::select(vec!["actual", "quota_bracket"]), 1i64..5, option::of(1i64..4));
    let drawn = (vec(number, 0..3), vec(mode, 0..3));
    let all = (vec(msp, 0..3), vec((product, 1i64..4), 0..4), parts, fixed, drawn);
    all.prop_map(|(of_msp, of_products, of_parts, fixed, (numbers, modes))| {
        let mut settings = Settings::default();
        for (key, product, value, way) in numbers {
            let text = if key == Key::Rounding { format!("{way}:{value}") } else { value.to_string() };
            settings.set(key, At { product: Some(ProductId(product)), account: None }, &text).unwrap();
        }
        for (mode, account, product) in modes {
            let at = At { product: product.map(ProductId), account: Some(AccountId(account)) };
            settings.set(Key::Mode, at, mode).unwrap();
        }
        for (key, text) in of_msp {
            settings.set(key, At::default(), text).unwrap();
        }
        for ((key, text), product) in of_products {
            settings.set(key, At { product: Some(ProductId(product)), account: None }, text).unwrap();
        }
        for ((key, text), product, account) in of_parts {
            let at = At { product: Some(ProductId(product)), account: Some(AccountId(account)) };
            settings.set(key, at, text).unwrap();
        }
        for (account, text) in fixed {
            settings.set(Key::Agreement, At { product: None, account: Some(AccountId(account)) }, text).unwrap();
        }
        settings
    })
}

fn standings() -> impl Strategy<Value = Vec<Standing>> {
    vec(
        (
            option::weighted(0.1, amount()),
            option::weighted(0.3, amount()),
            option::weighted(0.1, amount()),
            prop::bool::weighted(0.1),
        ),
        12,
    )
    .prop_map(|all| {
        (0..)
            .zip(all)
            .map(|(id, (settled, pushed, undone, open_intent))| Standing {
                settled,
                pushed,
                undone: undone
                    .into_iter()
                    .map(|value| Undone { value, run: RunId(1), who: "jane".to_owned() })
                    .collect(),
                open_intent,
                ..Standing::new(AdditionId(id))
            })
            .collect()
    })
}

/// Account links (0: none, 4: ignored), product links (item, size, said at all) and the live ones.
type Links = (Vec<i64>, Vec<(i64, Storage, i64, bool)>, Vec<bool>);

fn links() -> impl Strategy<Value = Links> {
    let company = prop_oneof![10 => 1i64..4, 1 => Just(0), 1 => Just(4)];
    let item = prop_oneof![10 => 1i64..4, 1 => Just(0)];
    let size = prop_oneof![8 => Just(1i64), 1 => 1i64..200];
    (vec(company, 4), vec((item, storage(), size, prop::bool::weighted(0.97)), 3), vec(prop::bool::weighted(0.8), 3))
}

/// What a person excluded and adjusted: some of it ended, some long ago.
fn decided() -> impl Strategy<Value = (Vec<Exclusion>, Vec<Adjustment>)> {
    let until = || option::of(-20i32..3).prop_map(|offset| offset.map(day));
    let who = || "cli:tester".to_owned();
    let scope = prop_oneof![
        4 => (1i64..5, 1i64..4).prop_map(|(account, product)| (Some(account), Some(product))),
        1 => (1i64..5).prop_map(|account| (Some(account), None)),
        1 => (1i64..4).prop_map(|product| (None, Some(product))),
    ];
    let exclusion = (scope, until()).prop_map(move |((account, product), until)| Exclusion {
        account: account.map(AccountId),
        product: product.map(ProductId),
        reason: "own".to_owned(),
        until,
        who: who(),
        at: now(),
    });
    let adjustment = (1i64..5, 1i64..4, "plus|minus|fixed", amount(), until()).prop_map(
        move |(account, product, how, much, until)| {
            let (account, product) = (AccountId(account), ProductId(product));
            let adjust = Adjust::of(&how, much).expect("one of three");
            Adjustment { account, product, adjust, reason: "kiosk".to_owned(), until, who: who(), at: now() }
        },
    );
    (vec(exclusion, 0..3), vec(adjustment, 0..4)).prop_map(|(mut exclusions, mut adjustments)| {
        exclusions.sort_by_key(|one| (one.account, one.product));
        exclusions.dedup_by_key(|one| (one.account, one.product));
        adjustments.sort_by_key(|one| (one.account, one.product));
        adjustments.dedup_by_key(|one| (one.account, one.product));
        (exclusions, adjustments)
    })
}

fn facts() -> impl Strategy<Value = Facts> {
    (undecided_facts(), decided()).prop_map(|(facts, (exclusions, adjustments))| Facts {
        exclusions,
        adjustments,
        ..facts
    })
}

fn undecided_facts() -> impl Strategy<Value = Facts> {
    let mirror = (companies(), agreements(), additions()).prop_map(|(companies, agreements, additions)| Mirror {
        id: MirrorId(1),
        pulled_at: now() - SignedDuration::from_hours(30),
        refreshed_at: now(),
        items_from: ItemsFrom::Catalog,
        companies,
        agreements,
        additions,
        items: (1..4)
            .map(|id| CatalogItem {
                id: ItemId(id),
                identifier: format!("I{id}"),
                description: String::new(),
                inactive: false,
                class: None,
                unit_of_measure: None,
                price: None,
            })
            .collect(),
    });
    (option::weighted(0.97, mirror), links(), vec(row(), 12), settings(), standings())
        .prop_map(|(mirror, links, rows, settings, standings)| build(mirror, links, &rows, settings, standings))
}

#[expect(clippy::too_many_lines, reason = "each field of the facts, once")]
fn build(
    mirror: Option<Mirror>,
    (accounts, products, live): Links,
    rows: &[Row],
    settings: Settings,
    standings: Vec<Standing>,
) -> Facts {
    let mut facts = Facts {
        msp: MspId(1),
        msp_name: "Northwind IT".to_owned(),
        connection: 1,
        mirror,
        settings,
        standings,
        samples_through: 1,
        accounts: (1..5)
            .map(|id| Account { id: AccountId(id), name: format!("Account {id}"), external_id: None })
            .collect(),
        products: (1..4)
            .map(|id| Product {
                id: ProductId(id),
                name: format!("Product {id}"),
                external_id: None,
                unit: Unit::Storage(Storage::GB),
            })
            .collect(),
        account_links: Vec::new(),
        product_links: Vec::new(),
        samples: Vec::new(),
        history: Vec::new(),
        quotas: Vec::new(),
        pins: Vec::new(),
        live_rules: BTreeMap::new(),
        invoiced: BTreeMap::from([(AgreementId(1), day(8))]),
        item_overrides: Vec::new(),
        batches: Vec::new(),
        listings: Vec::new(),
        rhythms: BTreeMap::new(),
        unlisted: Vec::new(),
        gone_answers: Vec::new(),
        exclusions: Vec::new(),
        adjustments: Vec::new(),
    };
    let (by, who, at) = (LinkedBy::Person, "cli:tester".to_owned(), now());
    for (account, target) in (1..).map(AccountId).zip(accounts).filter(|(_, target)| *target > 0) {
        let target = if target == 4 { AccountTarget::Ignored } else { AccountTarget::Company(CompanyId(target)) };
        facts.account_links.push(AccountLink { account, target, by, who: who.clone(), at });
    }
    for (product, (item, unit, size, said)) in (1..).map(ProductId).zip(products).filter(|(_, link)| link.0 > 0) {
        let unit = ItemUnit::new(Unit::Storage(unit), Quantity::from(size)).filter(|_| said);
        facts.product_links.push(ProductLink {
            product,
            target: ProductTarget::Item(ItemId(item)),
            unit,
            unit_trusted: false,
            by,
            who: who.clone(),
            at,
        });
    }
    let pairs = (1..5).flat_map(|account| (1..4).map(move |product| (AccountId(account), ProductId(product))));
    for ((account, product), row) in pairs.zip(rows) {
        if let Some((quantity, unit, days, second, trial)) = row.usage {
            let class = if trial { "trial" } else { "" };
            let sample = Sample {
                account,
                product,
                source: "import".to_owned(),
                quantity,
                unit: Unit::Storage(unit),
                measured_at: now() - SignedDuration::from_hours(24 * (days / 4)),
                class: class.to_owned(),
            };
            if second && days % 5 == 0 {
                facts.samples.push(Sample {
                    source: "vendor".to_owned(),
                    measured_at: now() - SignedDuration::from_hours(24 * days),
                    ..sample.clone()
                });
            }
            // Before it: some days that differ, with gaps.
            facts.history.extend([1, 2, 3, 9, 35].map(|before| Sample {
                quantity: sample.quantity.times(Decimal::new(before + 6, 1)).expect("small"),
                measured_at: sample.measured_at - SignedDuration::from_hours(24 * before),
                ..sample.clone()
            }));
            facts.samples.push(sample);
        }
        facts.quotas.extend(row.quota.map(|size| Quota {
            account,
            product,
            size: Quantity::from(size),
            unit: Storage::GB,
            hard: false,
        }));
        // A few pairs are billed as another item.
        if quantity_of(row).is_some_and(|quantity| quantity.digits() == 4) {
            let item = ItemId((account.0 + product.0) % 3 + 1);
            facts.item_overrides.push(ItemOverride { account, product, item, unit: None });
        }
        facts.pins.extend(row.pin.map(|addition| Pin { account, product, addition: AdditionId(addition) }));
    }
    batches(&mut facts);
    let is_live = |product: &ProductId| usize::try_from(product.0 - 1).is_ok_and(|place| live[place]);
    facts.live_rules = plan::looked_at(&facts).into_iter().filter(|(product, _)| is_live(product)).collect();
    facts
}

fn quantity_of(row: &Row) -> Option<Quantity> {
    row.usage.map(|(quantity, ..)| quantity)
}

/// Two batches of a source, of which the newer, complete one lists only every other pair.
fn batches(facts: &mut Facts) {
    let at = |days: i64| now() - SignedDuration::from_hours(24 * days);
    let batch = |id, at, complete| Batch { source: "import".to_owned(), id, at, complete, day: None };
    facts.batches = vec![batch(1, at(9), true), batch(2, at(0), !facts.samples.len().is_multiple_of(3))];
    for (place, sample) in (0_i64..).zip(facts.samples.iter().filter(|sample| sample.source == "import")) {
        let Sample { account, product, quantity, .. } = sample.clone();
        for (id, at) in [(1, at(9)), (2, at(0))].into_iter().take(if place % 2 == 0 { 2 } else { 1 }) {
            let source = || "import".to_owned();
            let known = facts.listings.iter_mut().find(|of| (of.product, of.batch) == (product, id));
            match known {
                Some(listing) => listing.quantities.push((account, quantity)),
                None => facts.listings.push(Listing {
                    source: source(),
                    product,
                    batch: id,
                    at,
                    day: None,
                    accepted: place % 5 == 4,
                    quantities: vec![(account, quantity)],
                }),
            }
        }
        if place % 2 == 1 {
            let source = "import".to_owned();
            let seen = Unlisted { account, product, source: source.clone(), seen: 1, seen_at: Some(at(9)) };
            facts.unlisted.push(seen);
            let answer = Gone::ALL.get(usize::try_from(place / 2 % 4).unwrap_or(3)).copied();
            facts.gone_answers.extend(answer.map(|answer| GoneAnswer {
                account,
                product,
                source,
                seen: 1,
                batch: 2,
                answer,
                who: "cli:tester".to_owned(),
            }));
        }
    }
}

/// The mirror after everything that `plan` would write was written.
fn pushed(facts: &Facts, plan: &Plan) -> Facts {
    let mut facts = facts.clone();
    let to: BTreeMap<AdditionId, Quantity> = plan.changes.iter().map(|change| (change.addition, change.to)).collect();
    for addition in facts.mirror.iter_mut().flat_map(|mirror| &mut mirror.additions) {
        addition.quantity = to.get(&addition.id).copied().or(addition.quantity);
    }
    for standing in &mut facts.standings {
        if let Some(to) = to.get(&standing.addition) {
            (standing.settled, standing.pushed) = (Some(*to), Some(*to));
        }
    }
    facts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_plan_is_the_same_again_and_in_whatever_order_the_rows_come(facts in facts()) {
        let plan = plan::make(&facts, now());
        prop_assert_eq!(&plan::make(&facts, now()), &plan);
        prop_assert_eq!(&plan::make(&reversed(&facts), now()), &plan);
    }

    #[test]
    fn the_checker_finds_nothing_in_any_plan(facts in facts()) {
        let plan = plan::make(&facts, now());
        prop_assert_eq!(plan::check(&plan, &facts), Vec::<String>::new());
    }

    #[test]
    fn what_was_pushed_is_not_pushed_again(facts in facts()) {
        let plan = plan::make(&facts, now());
        let after = pushed(&facts, &plan);
        let again = plan::make(&after, now());
        // A unit can look wrong only while something would change; nothing else may move.
        for change in &again.changes {
            prop_assert!(plan.lines.iter().any(|line| line.addition == Some(change.addition) && line.mark == Mark::Issue), "addition {} is changed again", change.addition);
        }
        for line in plan.lines.iter().filter(|line| matches!(line.mark, Mark::Change | Mark::Held)) {
            let line = again.line(line.id).unwrap();
            prop_assert_eq!((line.mark, line.now), (Mark::Unchanged, line.next));
        }
    }

    #[test]
    fn no_line_is_in_two_lists_and_every_write_is_explained_by_one_set_of_lines(facts in facts()) {
        let plan = plan::make(&facts, now());
        let ids: BTreeSet<_> = plan.lines.iter().map(|line| line.id).collect();
        prop_assert_eq!(ids.len(), plan.lines.len(), "a line stands twice");
        let request = Request { by_plan_id: true, ..Request::default() };
        let allowed = allow(&plan, &facts.product_links, &[], &request, now());
        let mut listed = BTreeSet::new();
        for released in &allowed.released {
            let of_addition: Vec<_> = plan.lines.iter().filter(|line| line.addition == Some(released.addition())).collect();
            let same: Vec<_> = of_addition.iter().map(|line| line.id).collect();
            prop_assert_eq!(released.lines(), same.as_slice());
            prop_assert!(of_addition.iter().all(|line| line.mark == Mark::Change && line.next == Some(released.to())));
            prop_assert!(released.lines().iter().all(|line| listed.insert(*line)), "a line explains two writes");
            prop_assert!(!allowed.waiting.contains_key(&released.addition()), "written and waiting");
        }
        let waiting = plan.changes.iter().filter(|change| allowed.waiting.contains_key(&change.addition));
        for line in waiting.flat_map(|change| &change.lines) {
            prop_assert!(listed.insert(*line), "a line waits and is written");
        }
        let moving = plan.lines.iter().filter(|line| matches!(line.mark, Mark::Change | Mark::Held)).count();
        prop_assert_eq!(listed.len(), moving);
    }

    #[test]
    fn every_line_has_one_mark_and_the_counts_add_up(facts in facts()) {
        let plan = plan::make(&facts, now());
        let counts = plan.counts();
        let with: BTreeSet<AdditionId> = plan.lines.iter().filter_map(|line| line.addition).collect();
        let without = plan.lines.iter().filter(|line| line.addition.is_none()).count();
        prop_assert_eq!(counts.change + counts.unchanged + counts.held + counts.issue, with.len() + without);
        let pairs: BTreeSet<_> = facts.samples.iter().map(|sample| (sample.account, sample.product)).collect();
        let shown = pairs.iter().filter(|pair| plan.lines.iter().any(|line| (line.id.account, line.id.product) == **pair)).count();
        let excluded = pairs.iter().filter(|(account, product)| excluded(&facts, *account, *product));
        let ignored = |account| facts.account_links.iter().any(|link| link.account == account && link.target == AccountTarget::Ignored);
        let apart = excluded.filter(|(account, _)| !ignored(*account)).count();
        prop_assert_eq!(shown + plan.ignored + apart, pairs.len(), "every pair with usage is a line, ignored or excluded");
        prop_assert!(plan.excluded >= apart);
    }

    #[test]
    fn the_parts_of_a_sum_add_up(facts in facts()) {
        let plan = plan::make(&facts, now());
        for change in &plan.changes {
            let bare = change.products.iter().all(|product| [Key::Included, Key::Minimum, Key::Maximum, Key::Rounding].into_iter().all(|key| facts.settings.text(key, At { product: Some(*product), account: None }).is_empty()));
            let parts = change.lines.iter().filter_map(|id| plan.line(*id)?.part).try_fold(Quantity::ZERO, Quantity::plus).unwrap();
            prop_assert!(change.lines.iter().all(|id| plan.line(*id).is_some_and(|line| line.part.is_some())));
            // A bracket of the sum is no part's own.
            let apart = change.products.iter().all(|product| !facts.settings.brackets_the_sum(*product));
            if bare && apart {
                prop_assert!(parts <= change.to && change.to.decimal() - parts.decimal() < Decimal::ONE, "{} -> {}", parts, change.to);
            }
        }
    }

    #[test]
    fn a_measured_nothing_alone_becomes_nothing(facts in facts()) {
        let plan = plan::make(&facts, now());
        for change in plan.changes.iter().filter(|change| change.to.is_zero()) {
            // A person who said that the customer left is asked no more.
            let gone = |id: &hive_core::LineId| plan.line(*id).is_some_and(|line| line.issues.iter().any(|issue| issue.code == Code::UsageGone));
            let asked = change.holds.iter().any(|(code, _)| matches!(code, Code::UsageZero | Code::UsageGone | Code::UsageFeedPartial));
            prop_assert!(asked || change.lines.iter().any(gone), "to 0 without a hold");
            for id in &change.lines {
                let said = facts.adjustments.iter().any(|one| (one.account, one.product) == (id.account, id.product));
                prop_assert!(said || facts.samples.iter().any(|sample| (sample.account, sample.product) == (id.account, id.product)));
            }
        }
    }

    #[test]
    fn what_is_excluded_is_in_no_line_and_no_change(facts in facts()) {
        let plan = plan::make(&facts, now());
        let changed = plan.changes.iter().flat_map(|change| &change.lines).copied();
        for line in plan.lines.iter().map(|line| line.id).chain(changed) {
            prop_assert!(!excluded(&facts, line.account, line.product), "line {} is excluded", line);
        }
    }

    #[test]
    fn with_every_account_excluded_nothing_changes(facts in facts()) {
        let exclusion = |account: &Account| Exclusion {
            account: Some(account.id), product: None, reason: "all".to_owned(), until: None, who: "cli:tester".to_owned(), at: now(),
        };
        let exclusions = facts.accounts.iter().map(exclusion).collect();
        let plan = plan::make(&Facts { exclusions, ..facts }, now());
        prop_assert!(plan.lines.is_empty() && plan.changes.is_empty() && plan.settle.is_empty());
    }

    #[test]
    fn a_bracket_is_never_below_the_usage_nor_the_quota(micros in 0i64..9_000_000_000_000, quota in option::of(0i64..9_000)) {
        let usage = Quantity::new(Decimal::new(micros, 6));
        let quota_command = quota.map_or(String::new(), |size| format!("quota Acme Hot {size} GB"));
        let planned = Planned::of(&format!("{ACME}\nset mode quota_bracket\nset rounding none; product Hot\nusage Acme Hot {usage} GB 1d\n{quota_command}"));
        let next = planned.line("Acme", "Hot").next.unwrap();
        prop_assert!(next >= usage && next >= Quantity::from(quota.unwrap_or(0)));
        prop_assert_eq!(Ladder::default().step(next), Some(next), "always a step");
        prop_assert!(Ladder::default().below(next) < usage.max(Quantity::from(quota.unwrap_or(0))) || next.is_zero(), "the least such step");
    }

    /// Asked for one line by itself, the candidates say what the plan says.
    #[test]
    fn the_candidates_of_a_line_choose_what_its_plan_chose(facts in facts()) {
        let plan = plan::make(&facts, now());
        // Where two products of one item have different rules nothing is decided, and the line says so.
        let decided = |line: &&Line| !line.issues.iter().any(|issue| issue.code == Code::RuleConflict);
        for line in plan.lines.iter().filter(decided) {
            let candidates = plan::candidates(&facts, line.id, plan.today);
            let chosen: Vec<AdditionId> =
                candidates.iter().filter(|one| one.chosen).map(|one| one.addition.id).collect();
            prop_assert_eq!(chosen, Vec::from_iter(line.addition), "{:?}", line);
            prop_assert!(candidates.iter().all(|one| !one.why.is_empty()));
        }
    }

    #[test]
    fn the_checker_finds_what_was_planted(facts in facts(), which in 0usize..PLANTED.len()) {
        let plan = plan::make(&facts, now());
        let (name, plant) = PLANTED[which];
        let mut spoiled = plan.clone();
        plant(&mut spoiled);
        if spoiled != plan {
            prop_assert!(!plan::check(&spoiled, &facts).is_empty(), "{} was not found", name);
        }
    }
}

/// Whether a person excluded the pair, and that acts today.
fn excluded(facts: &Facts, account: AccountId, product: ProductId) -> bool {
    facts.exclusions.iter().any(|one| one.names(account, product) && one.until.is_none_or(|until| until >= day(0)))
}

type Plant = fn(&mut Plan);

/// What a bug, a bad row or a hand could do to a plan.
const PLANTED: [(&str, Plant); 19] = [
    ("another from", |plan| plan.changes.iter_mut().take(1).for_each(|change| change.from = other(change.from))),
    ("another to", |plan| plan.changes.iter_mut().take(1).for_each(|change| change.to = other(change.to))),
    ("another addition", |plan| {
        plan.changes.iter_mut().take(1).for_each(|change| change.addition = AdditionId(change.addition.0 + 1000))
    }),
    ("another agreement", |plan| plan.changes.iter_mut().take(1).for_each(|change| change.agreement = AgreementId(99))),
    ("another item", |plan| plan.changes.iter_mut().take(1).for_each(|change| change.item = ItemId(99))),
    ("a change twice", |plan| plan.changes.extend(plan.changes.first().cloned())),
    ("a change lost", |plan| plan.changes.truncate(plan.changes.len().saturating_sub(1))),
    ("a hold lost", |plan| plan.changes.iter_mut().for_each(|change| change.holds.clear())),
    ("live without a look", |plan| plan.changes.iter_mut().for_each(|change| change.live = true)),
    ("a line's change lost", |plan| {
        plan.changes.iter_mut().take(1).for_each(|change| change.lines.truncate(change.lines.len() - 1))
    }),
    ("a product lost", |plan| plan.changes.iter_mut().take(1).for_each(|change| change.products.clear())),
    ("an issue marked as a change", |plan| mark_first(plan, Mark::Issue, Mark::Change)),
    ("a held line marked as a change", |plan| mark_first(plan, Mark::Held, Mark::Change)),
    ("a change marked as unchanged", |plan| mark_first(plan, Mark::Change, Mark::Unchanged)),
    ("another now", |plan| first_with_addition(plan, |line| line.now = Some(line.now.map_or(Quantity::ZERO, other)))),
    ("a line twice", |plan| plan.lines.extend(plan.lines.last().cloned())),
    ("an adjustment that is not said", |plan| {
        let changed = |line: &&mut Line| matches!(line.mark, Mark::Change | Mark::Held);
        plan.lines.iter_mut().filter(changed).for_each(|line| line.issues.retain(|i| i.code != Code::QuantityAdjusted))
    }),
    ("an adjustment that is not followed", |plan| {
        let adjusted = |line: &&mut Line| line.issues.iter().any(|issue| issue.code == Code::QuantityAdjusted);
        let changed = |line: &&mut Line| matches!(line.mark, Mark::Change | Mark::Held) && adjusted(line);
        plan.lines.iter_mut().filter(changed).for_each(|line| line.part = None)
    }),
    ("another MSP", |plan| plan.msp = MspId(2)),
];

fn other(value: Quantity) -> Quantity {
    value.plus(Quantity::from(1)).unwrap()
}

fn mark_first(plan: &mut Plan, from: Mark, to: Mark) {
    if let Some(line) = plan.lines.iter_mut().find(|line| line.mark == from) {
        line.mark = to;
    }
}

fn first_with_addition(plan: &mut Plan, spoil: impl Fn(&mut Line)) {
    if let Some(line) = plan.lines.iter_mut().find(|line| line.addition.is_some()) {
        spoil(line);
    }
}

/// Each planted fault, in a plan that is known to have what it spoils.
#[test]
fn each_planted_fault_is_found_once_for_certain() {
    let planned = Planned::of(&format!(
        "{ACME}
        item 6 COLD
        product Cold GB -> 6 per 1 GB
        addition 1001 on 1 item 6 at 100; price 2
        account Beta -> 20
        usage Acme Hot 12 GB 1d
        usage Beta Hot 1 GB 1d
        usage Acme Cold 1 GB 1d
        usage Zoo Cold 1 GB 1d
        adjust Beta Hot plus 4
        not live Cold"
    ));
    assert_eq!(
        planned.printed(),
        "\
Acme x Hot: change 10 -> 17 (addition 1000) 14 [addition.paid_period]
Acme x Cold: held 100 -> 1 (addition 1001) -198 [?usage.drop addition.paid_period link.not_live]
Beta x Hot: change 10 -> 17 (addition 1000) 14 [quantity.adjusted addition.paid_period]
Zoo x Cold: issue [!account.unlinked]
1 change, 1 held, 1 issue"
    );
    for (name, plant) in PLANTED {
        let mut spoiled = planned.plan.clone();
        plant(&mut spoiled);
        assert_ne!(spoiled, planned.plan, "{name} spoils nothing");
        assert_ne!(plan::check(&spoiled, &planned.facts), Vec::<String>::new(), "{name} was not found");
    }
    let mut without_words = planned.plan.clone();
    without_words.lines[0].issues.push(Issue::note(Code::PriceZero, " "));
    assert_ne!(plan::check(&without_words, &planned.facts), Vec::<String>::new());
    let id = planned.plan.changes[0].lines[0];
    let (account, product) = (Some(id.account), Some(id.product));
    let who = "cli:tester".to_owned();
    let mut facts = planned.facts.clone();
    facts.exclusions.push(Exclusion { account, product, reason: "own".to_owned(), until: None, who, at: now() });
    assert_ne!(plan::check(&planned.plan, &facts), Vec::<String>::new(), "an excluded line");
}
