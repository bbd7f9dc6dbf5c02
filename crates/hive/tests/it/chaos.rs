//! Many faults at once, by a seed: whatever comes, the invariants hold, and it heals.

use crate::house::{House, ago, fault};
use hive_simulator::{Decimal, On, Size, World};
use std::collections::BTreeMap;

const KINDS: [&str; 22] = [
    "html200",
    "truncate",
    "empty",
    "null200",
    "noqty",
    "badtype",
    "patch_lost",
    "drop",
    "429=0",
    "500",
    "500timeout",
    "500bad",
    "502",
    "503",
    "emptyobj503",
    "reset_mid",
    "hang",
    "404",
    "409",
    "408",
    "204",
    "wrong_record",
];

/// A Sync and an Update in weather: each of these kinds hits so many in a hundred requests.
fn weather(seed: u64, percent: u8) {
    let house = House::generated(World::generate(Size::XS, seed), "300");
    for round in 0..3_u64 {
        let at = ago(100 - i64::try_from(round).unwrap());
        let world = house.sim.world();
        let wanted: BTreeMap<i64, Decimal> =
            world.expected_changes(50, &at, seed + round).into_iter().map(|(_, id, to)| (id, to)).collect();
        house.import(world.usage_csv(50, &at, seed + round)).done();
        house.sim.reset_writes();
        for pick in 0..4 {
            let kind = KINDS[usize::try_from((seed * 31 + round * 7 + pick * 5) % 22).unwrap()];
            let on = match kind {
                "patch_lost" => On::Patch,
                // In a list it would be another tenant's truth: nothing contradicts it.
                "wrong_record" => On::Addition,
                _ => On::Any,
            };
            house.sim.fault(fault(kind, on).percent(percent, seed ^ round << 8 ^ pick << 16));
        }
        let what = format!("seed {seed}, round {round}");
        let before = house.plan();
        let synced = house.run("sync NW");
        if synced.code == 1 {
            assert_eq!(house.plan().0["mirror"], before.0["mirror"], "{what}: a failed Sync leaves the mirror");
        }
        let updated = house.update();
        held_to(&house, &wanted, &what);
        let all = wanted.iter().all(|(id, to)| house.holds(*id) == to.normalize().to_string());
        assert!(
            updated.code != 0 || all || updated.report().count("issue") + updated.report().count("held") > 0,
            "{what}: a silent success"
        );
        house.sim.clear_faults();
        house.ok("sync NW");
        house.update().done();
        held_to(&house, &wanted, &what);
        let plan = house.plan();
        for (id, to) in &wanted {
            let line = plan.lines().as_array().unwrap().iter().find(|line| line["addition"]["id"] == *id);
            let story = || format!("{line:#?}\n{}\n{:?}", house.ok("runs NW").out, house.wrote());
            assert_eq!(
                house.holds(*id),
                to.normalize().to_string(),
                "{what}: addition {id} is not right in the end: {}",
                story()
            );
        }
        house.ok("doctor NW");
    }
}

#[track_caller]
fn held_to(house: &House, wanted: &BTreeMap<i64, Decimal>, what: &str) {
    let mut moved: BTreeMap<i64, u32> = BTreeMap::new();
    for write in house.sim.writes() {
        assert_eq!(Some(&write.to), wanted.get(&write.addition), "{what}: a wrong write: {write:?}");
        *moved.entry(write.addition).or_default() += u32::from(write.changed);
    }
    assert!(moved.values().all(|times| *times <= 1), "{what}: written twice: {:?}", house.wrote());
}

#[test]
fn drizzle() {
    weather(21, 1);
}

#[test]
fn rain() {
    weather(22, 2);
}

#[test]
fn storm() {
    weather(23, 4);
}

/// CHAOS_SEED plays another one.
#[test]
fn storm_of_any_seed() {
    let seed = std::env::var("CHAOS_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(24);
    weather(seed, 5);
}
