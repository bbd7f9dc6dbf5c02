//! Generated worlds: exact sizes, the same for the same seed, and files that fit them.

use std::collections::{HashMap, HashSet};

use hive_simulator::{Decimal, Size, World};

use crate::client::House;

const AT: &str = "2026-11-23T09:00:00Z";

fn lines(csv: &str) -> Vec<&str> {
    csv.lines().skip(1).collect()
}

#[test]
fn sizes_are_exact() {
    for size in [Size::XS, Size::S, Size::M, Size::L] {
        assert_eq!(World::generate(size, 7).sizes(), size.counts(), "{size:?}");
    }
}

#[test]
fn most_lines_are_clean_and_each_appears_once() {
    for (size, at_least) in [(Size::XS, 25), (Size::S, 2_200), (Size::M, 24_000)] {
        let world = World::generate(size, 1);
        let usage = world.usage_csv(0, AT, 1);
        let rows = lines(&usage);
        assert!(rows.len() >= at_least, "{size:?}: {} clean lines", rows.len());
        let keys: HashSet<&str> = rows.iter().map(|row| row.rsplitn(4, ',').last().unwrap()).collect();
        assert_eq!(keys.len(), rows.len());
    }
}

#[test]
fn a_seed_is_a_world() {
    let usage = |seed| World::generate(Size::S, seed).usage_csv(10, AT, 3);
    assert_eq!(usage(1), usage(1));
    assert_ne!(usage(1), usage(2));
}

#[test]
fn changes_are_as_many_and_as_small_as_said() {
    let world = World::generate(Size::S, 1);
    let (same, changed) = (world.usage_csv(0, AT, 9), world.usage_csv(10, AT, 9));
    let different = lines(&same).iter().zip(lines(&changed)).filter(|(before, after)| *before != after).count();
    let changes = world.expected_changes(10, AT, 9);
    assert_eq!(different, changes.len());
    assert_eq!(changes.len(), lines(&same).len() / 10);
    for (agreement, addition, to) in changes {
        let from = world.quantity(agreement, addition).unwrap();
        let by = (to - from).abs();
        assert!(by >= Decimal::ONE && by * Decimal::from(4) < from, "{from} -> {to}");
    }
}

#[test]
fn links_are_by_id_and_cover_the_usage() {
    let world = World::generate(Size::XS, 1);
    let links = world.links_csv();
    assert!(links.starts_with("kind,hive,connectwise,unit,size\n"));
    let kinds = lines(&links).iter().fold(HashMap::new(), |mut kinds, line| {
        *kinds.entry(line.split(',').next().unwrap()).or_insert(0) += 1;
        kinds
    });
    assert!(kinds["account"] >= 5 && kinds["product"] >= 5, "{kinds:?}");
    for row in lines(&world.usage_csv(0, AT, 1)) {
        let account = row.rsplitn(5, ',').last().unwrap();
        assert!(links.contains(&format!("account,{account},")), "{account}");
    }
}

#[tokio::test]
async fn a_generated_world_is_served_whole() {
    let house = House::with(World::generate(Size::XS, 1)).await;
    let agreements = house.get("/finance/agreements?pageSize=1000").await;
    let mut additions = 0;
    for id in agreements.ids() {
        additions += house.get(&format!("/finance/agreements/{id}/additions?pageSize=1000")).await.ids().len();
    }
    assert_eq!(additions, 60);
    let twins = house.get("/company/companies/count?conditions=deletedFlag=true").await;
    assert_eq!(twins.json()["count"], 1);
    let statuses: HashSet<String> =
        agreements.json().as_array().unwrap().iter().map(|row| row["agreementStatus"].to_string()).collect();
    assert!(statuses.len() >= 3, "{statuses:?}");
}
