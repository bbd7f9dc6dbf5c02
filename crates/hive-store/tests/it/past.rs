//! What was: quotas that rose, samples behind averages, days, writes, imports, pages of the log.

use crate::door::*;
use hive_core::outcome::Outcome;
use hive_core::settings::{At, Key};
use hive_core::unit::Storage;
use hive_core::*;
use hive_store::*;
use std::collections::BTreeMap;

const ACME: AccountId = AccountId(1);
const HOT: ProductId = ProductId(1);

async fn quotas(door: &Door) -> Vec<String> {
    let facts = door.store.facts(door.msp, None).await.unwrap();
    let words = |q: &hive_core::ladder::Quota| {
        format!("{} {} {}{}", q.account, q.size, q.unit.name(), if q.hard { " hard" } else { "" })
    };
    facts.quotas.iter().map(words).collect()
}

async fn changes(door: &Door) -> Vec<String> {
    let found = door.store.quota_changes(door.msp, ACME, HOT, 10).await.unwrap();
    let side = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
    found.iter().map(|c| format!("{} {} -> {}: {}", c.who, side(&c.before), side(&c.after), c.reason)).collect()
}

pub(crate) async fn a_soft_quota_rises_and_a_hard_one_does_not(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    door.import("Acme | Hot | 400 GB | 2026-11-20\n Zen | Hot | 400 GB | 2026-11-20").await.unwrap();
    let half_tb = Some((q("0.5"), Storage::TB, false));
    store.set_quota(msp, ACME, HOT, half_tb, "user:ann", at(0)).await.unwrap();
    store.set_quota(msp, ACME, HOT, half_tb, "user:ann", at(0)).await.unwrap();
    store.set_quota(msp, AccountId(2), HOT, Some((q("500"), Storage::GB, true)), "user:ann", at(0)).await.unwrap();
    // As much as the quota has not passed it; a little more has.
    assert_eq!(door.import("Acme | Hot | 500 GB | 2026-11-21").await.unwrap().quotas_risen, []);
    let file = "Acme | Hot | 500.000001 GB | 2026-11-22\n Zen | Hot | 900 GB | 2026-11-22";
    let dry = rows(file);
    let dry = ImportAsked { dry_run: true, ..door.asked(&dry) };
    let risen = [(ACME, HOT, q("500"), q("750"))];
    assert_eq!(store.import_usage(msp, &dry).await.unwrap().quotas_risen, risen);
    assert_eq!(quotas(door).await, ["1 0.5 TB", "2 500 GB hard"], "a dry run raises nothing");
    assert_eq!(door.import(file).await.unwrap().quotas_risen, risen);
    assert_eq!(quotas(door).await, ["1 750 GB", "2 500 GB hard"]);
    assert_eq!(door.import(file).await.unwrap().quotas_risen, []);
    // An old file says nothing of what is used now, and a quota never falls by itself.
    let old = door.import("Acme | Hot | 4000 GB | 2026-11-01\n Acme | Hot | 10 GB | 2026-11-23").await.unwrap();
    assert_eq!(old.quotas_risen, []);
    store.set_quota(msp, ACME, HOT, None, "user:ann", at(9)).await.unwrap();
    assert_eq!(
        changes(door).await,
        [
            "user:ann 750 GB -> -: taken away by hand",
            "hive 0.5 TB -> 750 GB: usage of 500.000001 GB passed it",
            "user:ann - -> 0.5 TB: set by hand",
        ]
    );
    let log = door.audit_words().await;
    let risen = "hive quota.risen account 1 product 1: 0.5 TB -> 750 GB";
    assert_eq!(log.iter().filter(|row| *row == risen).count(), 1, "{log:#?}");
    assert!(log.contains(&"user:ann quota.set account 2 product 1: - -> 500 GB hard".to_owned()), "{log:#?}");
}

pub(crate) async fn an_account_may_come_before_any_usage(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    door.import("Acme | Hot | 400 GB | 2026-11-20").await.unwrap();
    let own = store.add_account(msp, " (My Account) ", "user:ann", at(1)).await.unwrap();
    let named: Vec<String> = store.accounts(msp).await.unwrap().into_iter().map(|account| account.name).collect();
    assert_eq!((own, named), (AccountId(2), vec!["Acme".to_owned(), "(My Account)".to_owned()]));
    assert!(
        store.add_account(msp, "(My Account)", "user:ann", at(2)).await.unwrap_err().to_string().contains("already")
    );
    assert!(store.add_account(msp, "  ", "user:ann", at(2)).await.is_err());
    assert_eq!(store.usage_in_force(msp, own, HOT).await.unwrap(), None);
    // A file that names it later means this one.
    door.import("(My Account) | Hot | 7 GB | 2026-11-21").await.unwrap();
    assert_eq!(store.usage_in_force(msp, own, HOT).await.unwrap().map(|sample| sample.quantity), Some(q("7")));
    assert_eq!(store.accounts(msp).await.unwrap().len(), 2);
    assert_eq!(store.accounts(door.other).await.unwrap(), []);
    assert_eq!(store.usage_in_force(door.other, own, HOT).await.unwrap(), None, "the other MSP has none of it");
    let log = door.audit_words().await;
    assert!(log.iter().any(|row| row == "user:ann account.add 2: - -> (My Account)"), "{log:#?}");
}

pub(crate) async fn a_file_that_repeats_its_quota_changes_nothing(door: &Door) {
    let imported = door.import("Acme | Hot | 600 GB | 2026-11-20 | quota 500 GB").await.unwrap();
    assert_eq!((imported.quotas_set, imported.quotas_risen.len()), (1, 1));
    assert_eq!(quotas(door).await, ["1 750 GB"]);
    let imported = door.import("Acme | Hot | 610 GB | 2026-11-21 | quota 500 GB").await.unwrap();
    assert_eq!((imported.quotas_set, imported.quotas_risen.len()), (0, 0), "it rose already");
    let words = ["hive 500 GB -> 750 GB: usage of 600 GB passed it", "cli:ann - -> 500 GB: usage file usage.csv"];
    assert_eq!(changes(door).await, words);
    // What a person made hard stays hard whatever a file says of its size.
    door.store.set_quota(door.msp, ACME, HOT, Some((q("1"), Storage::TB, true)), "user:ann", at(1)).await.unwrap();
    door.import("Acme | Hot | 5000 GB | 2026-11-22 | quota 2000 GB").await.unwrap();
    assert_eq!(quotas(door).await, ["1 2000 GB hard"]);
    // A chosen source speaks alone; a ladder that is off has no step to rise to.
    door.store.set_quota(door.msp, ACME, HOT, Some((q("500"), Storage::GB, false)), "user:ann", at(1)).await.unwrap();
    let pair = At { product: Some(HOT), account: Some(ACME) };
    let product = At { product: Some(HOT), account: None };
    let set = async |key: Key, place: At, text: &str| {
        door.store.set_settings(door.msp, &[(key, place, text.to_owned())], "user:ann", at(2)).await.unwrap();
    };
    set(Key::Source, pair, "other").await;
    assert_eq!(door.import("Acme | Hot | 5001 GB | 2026-11-23").await.unwrap().quotas_risen, []);
    set(Key::Source, pair, "").await;
    set(Key::Ladder, product, "none").await;
    assert_eq!(door.import("Acme | Hot | 5002 GB | 2026-11-24").await.unwrap().quotas_risen, []);
    set(Key::Ladder, product, "").await;
    assert_eq!(
        door.import("Acme | Hot | 5003 GB | 2026-11-25").await.unwrap().quotas_risen,
        [(ACME, HOT, q("500"), q("6000"))]
    );
}

pub(crate) async fn averages_have_their_history(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    door.import("Acme | Hot | 1 GB | 2026-09-01\n Acme | Hot | 2 GB | 2026-10-01\n Acme | Cold | 9 GB | 2026-11-20")
        .await
        .unwrap();
    // 40 days before the newest of the MSP (another product's) is 2026-10-13.
    door.import("Acme | Hot | 3 GB | 2026-10-12\n Acme | Hot | 4 GB | 2026-10-13\n Acme | Hot | 5 GB | 2026-11-21\n Acme | Cold | 9 GB | 2026-11-22")
        .await
        .unwrap();
    let other = rows("Acme | Hot | 7 GB | 2026-08-01\n Zen | Hot | 8 GB | 2026-11-01");
    store.import_usage(msp, &ImportAsked { source: "other", ..door.asked(&other) }).await.unwrap();
    let history = async |through: Option<i64>| {
        let facts = store.facts(msp, through).await.unwrap();
        facts.history.iter().map(|s| format!("{}:{}:{}", s.account, s.source, s.quantity)).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(history(None).await, "", "the latest needs none");
    let basis = |text: &str| [(Key::Basis, At { product: Some(HOT), account: None }, text.to_owned())];
    for text in ["average_30d", "peak_30d"] {
        store.set_settings(msp, &basis(text), "user:ann", at(0)).await.unwrap();
        assert_eq!(history(None).await, "1:other:7 1:import:3 1:import:4 1:import:5 2:other:8", "{text}");
    }
    // With the samples of the first file alone: its newest is of 2026-11-20, its 40 days begin on 2026-10-11.
    assert_eq!(history(Some(3)).await, "1:import:2");
    assert_eq!(history(Some(0)).await, "");
    store.set_settings(msp, &basis("latest"), "user:ann", at(1)).await.unwrap();
    assert_eq!(history(None).await, "");
    let since: Timestamp = "2026-10-01T00:00:00Z".parse().unwrap();
    let found = store.samples(msp, ACME, HOT, since, 10).await.unwrap();
    assert_eq!(found.iter().map(|s| s.quantity.to_string()).collect::<Vec<_>>(), ["5", "4", "3", "2"]);
    assert_eq!(store.samples(msp, ACME, HOT, since, 1).await.unwrap(), found[..1]);
}

pub(crate) async fn a_day_is_stored_once(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    let money = |text: &str| Money::new(text.parse().unwrap());
    let day = |date: &str, lines: i64| Day {
        date: date.parse().unwrap(),
        lines,
        money_now: BTreeMap::from([("USD".into(), money("123456789012.3456")), ("A \"$\"".into(), money("-0.5"))]),
        money_next: BTreeMap::from([("USD".into(), money("7"))]),
        quantity: BTreeMap::from([(HOT, q("123456789012.345678")), (ProductId(12), q("3"))]),
    };
    store.save_day(msp, &day("2026-11-23", 1)).await.unwrap();
    store.save_day(msp, &day("2026-11-22", 5)).await.unwrap();
    let empty = Day { money_now: BTreeMap::new(), quantity: BTreeMap::new(), ..day("2026-11-23", 2) };
    store.save_day(msp, &empty).await.unwrap();
    assert_eq!(store.days(msp, "2026-11-01".parse().unwrap()).await.unwrap(), [day("2026-11-22", 5), empty.clone()]);
    assert_eq!(store.days(msp, "2026-11-23".parse().unwrap()).await.unwrap(), [empty]);
}

pub(crate) async fn writes_and_imports_are_listed(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    door.sync(&[(1000, "10")], 0).await;
    for (from, to, outcome, minutes) in [("10", "12", Outcome::Pushed, 1), ("12", "14", Outcome::Refused, 2)] {
        let lease = door.begin(RunKind::Update, minutes).await;
        let plan = plan(msp, "p", &[(1000, from, to)], 0);
        let intent = store.make_intent(&lease, &released(&plan)[0], &plan.id, "cli:ann", at(minutes)).await.unwrap();
        if minutes == 2 {
            let open = store.wrote(msp, AdditionId(1000), 1).await.unwrap();
            assert_eq!((open[0].to, open[0].outcome), (q("14"), None));
        }
        let lines = [line_id(1, 1000)];
        store.record_outcome(&lease, intent.id(), &written(outcome, None), q(to), &lines, at(minutes)).await.unwrap();
        door.finish(lease, minutes).await;
    }
    let wrote = store.wrote(msp, AdditionId(1000), 10).await.unwrap();
    let words = wrote.iter().map(|w| format!("{} {}->{} {} {}", w.run, w.from, w.to, w.outcome.unwrap().name(), w.who));
    assert_eq!(words.collect::<Vec<_>>(), ["3 12->14 refused cli:ann", "2 10->12 pushed cli:ann"]);
    assert_eq!((wrote[0].at, wrote[0].addition, wrote[0].approved_by.clone()), (at(2), AdditionId(1000), None));
    assert!(store.wrote(msp, AdditionId(1001), 10).await.unwrap().is_empty());

    door.import("Acme | Hot | 1 GB | 2026-11-20").await.unwrap();
    door.import("Acme | Hot | 2 GB | 2026-11-20\n Acme | Hot | 2 GB | 2026-11-21").await.unwrap();
    let batches = store.batches(msp, 10).await.unwrap();
    let words = batches.iter().map(|b| {
        format!(
            "{} {} {}: {} {} {} {}",
            b.id, b.source, b.file_name, b.rows, b.samples_new, b.samples_equal, b.samples_corrected
        )
    });
    assert_eq!(words.collect::<Vec<_>>(), ["2 import usage.csv: 2 1 0 1", "1 import usage.csv: 1 1 0 0"]);
    assert_eq!(store.batches(msp, 1).await.unwrap(), batches[..1]);
}

pub(crate) async fn the_log_is_read_page_by_page(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    let file: Vec<String> = (1..=28).map(|day| format!("Acme | Hot | {day} GB | 2026-11-{day:02}")).collect();
    door.import(&file.join("\n")).await.unwrap();
    // 28 corrections an import: more rows than are looked at at once.
    for round in 0..20 {
        let file: Vec<String> =
            (1..=28).map(|day| format!("Acme | Hot | {}.5 GB | 2026-11-{day:02}", day + round)).collect();
        door.import(&file.join("\n")).await.unwrap();
    }
    let all: Vec<AuditRow> = store.audit(msp).await.unwrap().into_iter().rev().collect();
    assert!(all.len() > 500, "{}", all.len());
    let (mut pages, mut before) = (Vec::new(), None);
    loop {
        let page = store.audit_page(msp, before, 77, None).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.seq);
        pages.extend(page);
    }
    assert_eq!(pages, all);
    let found = store.audit_page(msp, None, 1_000, Some(" Usage.IMPORT ")).await.unwrap();
    assert_eq!((found.len(), found.last().unwrap().seq), (21, 1), "in whatever case, back to the first row");
    assert_eq!(store.audit_page(msp, None, 3, Some("usage.import")).await.unwrap(), found[..3]);
    let filter = AuditFilter { who: &found[0].who.to_uppercase(), what: "usage.", text: "" };
    assert_eq!(store.audit_found(msp, None, 1_000, &filter).await.unwrap(), found);
    let nobody = AuditFilter { who: "nobody", ..filter };
    assert!(store.audit_found(msp, None, 10, &nobody).await.unwrap().is_empty());
    assert!(store.audit_page(msp, None, 10, Some("nobody said this")).await.unwrap().is_empty());
    assert!(store.audit_page(door.other, None, 10, None).await.unwrap().is_empty());
}
