//! Sync: everything is pulled, nothing is written, nothing of Hive's is lost.

use crate::house::{House, ago, number, town};
use hive_simulator::{NewAddition, NewAgreement, NewCompany, NewItem, Size, World};

#[test]
fn ac_49_a_sync_pulls_companies_items_agreements_and_additions() {
    let house = House::connected(town());
    let synced = house.ok("sync NW --format json").json();
    let count = |key: &str| synced[key].as_u64().unwrap();
    assert_eq!(["companies", "items", "agreements", "additions"].map(count), [3, 2, 3, 6]);
    assert_eq!(synced["items_from"], "catalog");
    assert_eq!(synced["requests"].as_u64().unwrap(), house.sim.requests().total - connect_requests());
}

/// What `connect` asks: companyinfo, one company, one agreement, the rights.
fn connect_requests() -> u64 {
    4
}

#[test]
fn ac_54_a_sync_writes_nothing_to_connectwise() {
    let house = House::connected(World::generate(Size::XS, 3));
    let before = house.sim.snapshot();
    house.ok("sync NW");
    house.ok("sync NW");
    assert_eq!(house.sim.requests().patches, 0);
    assert_eq!(house.wrote(), [""; 0]);
    assert_eq!(house.sim.snapshot(), before);
}

#[test]
fn ac_55_a_sync_keeps_links_maps_units_pins_quotas_and_settings() {
    let house = House::linked();
    house.ok("ignore NW --account Bolt");
    house.ok("quota NW --account Acme --product Hot 500 GB");
    house.ok("pin NW --account Cove --product Hot --addition 200005");
    house.ok("settings NW --product Hot minimum=3");
    let (links, plan, settings) =
        (house.ok("links NW --format json").json(), house.plan(), house.ok("settings NW --format json").json());
    house.sim.delete_agreement(50_003);
    house.ok("sync NW");
    house.sim.delete_company(101, true);
    house.sim.rename_item(1001, "Something else");
    house.ok("sync NW");
    house.sim.delete_company(101, false);
    house.sim.rename_item(1001, "Hot");
    let agreement = house.sim.add_agreement(NewAgreement { id: Some(50_003), company: 103, ..NewAgreement::default() });
    for (id, item, quantity) in [(200_005, 1001, 30), (200_006, 1002, 4)] {
        house.sim.add_addition(NewAddition {
            id: Some(id),
            agreement,
            item,
            quantity: quantity.into(),
            ..NewAddition::default()
        });
    }
    house.ok("sync NW");
    assert_eq!(house.ok("links NW --format json").json(), links);
    assert_eq!(house.ok("settings NW --format json").json(), settings);
    assert_eq!(house.plan().lines(), plan.lines());
}

#[test]
fn ac_53_a_forced_sync_shows_the_latest_configuration() {
    let house = House::live();
    house.sim.add_company(NewCompany { name: "Dune".into(), ..NewCompany::default() });
    house.sim.add_item(NewItem { description: "Tape".into(), ..NewItem::default() });
    let agreement = house.sim.add_agreement(NewAgreement { company: 104, ..NewAgreement::default() });
    house.sim.add_addition(NewAddition { agreement, item: 1003, quantity: 4.into(), ..NewAddition::default() });
    house.sim.rename_company(101, "Acme Holdings");
    house.sim.cancel_addition(50_002, 200_003, Some("2020-02-01".parse().unwrap()));
    house.usage("Dune,Tape,6,user\nBolt,Hot,21,GB");
    house.run("link NW --account Dune --company 104").ends(1);
    assert_eq!(house.plan().says("Bolt Hot"), "change 20 -> 21", "a change in ConnectWise counts after the next Sync");
    house.ok("sync NW");
    house.ok("link NW --account Dune --company 104");
    house.ok("link NW --product Tape --item 1003");
    let plan = house.plan();
    assert_eq!(plan.says("Dune Tape"), "change 4 -> 6");
    assert_eq!(plan.line("Acme Hot")["company"]["name"], "Acme Holdings");
    assert!(plan.heavy("Bolt Hot").contains(&"addition.none"));
}

#[test]
fn ac_57_all_pages_are_read() {
    for count in [1_usize, 25, 26, 1000, 1001, 5000] {
        let mut world = World::empty();
        for n in 0..count {
            world.company(NewCompany { name: format!("Company {n}"), ..NewCompany::default() });
            world.item(NewItem { description: format!("Item {n}"), ..NewItem::default() });
        }
        let agreement = world.agreement(NewAgreement::default());
        for n in 0..count {
            world.addition(NewAddition {
                agreement,
                item: 1_001 + i64::try_from(n).unwrap(),
                ..NewAddition::default()
            });
        }
        let house = House::with(hive_simulator::Config::default(), world, "20000");
        house.connect("NW").done();
        house.sim.reset_counters();
        let synced = house.ok("sync NW --format json").json();
        let read = ["companies", "items", "additions"].map(|key| synced[key].as_u64().unwrap());
        assert_eq!(read, [count as u64; 3], "{count} records");
        let pages = (count as u64).div_ceil(1000).max(1);
        let asked = house.sim.requests();
        for (what, asked) in
            [("companies", asked.companies), ("catalog", asked.catalog), ("additions", asked.additions)]
        {
            // A full last page cannot be known to be the last.
            assert!(asked == pages || count % 1000 == 0 && asked == pages + 1, "{count} {what}: {asked} pages");
        }
    }
}

#[test]
fn agreements_come_in_pages_too() {
    let mut world = World::empty();
    world.company(NewCompany::default());
    world.item(NewItem::default());
    for _ in 0..1001 {
        let agreement = world.agreement(NewAgreement::default());
        world.addition(NewAddition { agreement, ..NewAddition::default() });
    }
    let house = House::with(hive_simulator::Config::default(), world, "20000");
    house.connect("NW").done();
    let synced = house.ok("sync NW --format json").json();
    assert_eq!([&synced["agreements"], &synced["additions"]], [1001, 1001]);
}

#[test]
fn a_sync_asks_for_the_proven_minimum_and_an_update_too() {
    let house = House::connected(World::generate(Size::S, 7));
    house.sim.reset_counters();
    house.ok("sync NW");
    let first = house.sim.requests();
    assert_eq!([first.companies, first.catalog, first.agreements], [1, 1, 1]);
    let active = active_agreements(&house);
    assert_eq!(first.additions, active, "one for each active agreement of a company that is not deleted");
    assert!(first.counts >= 3);
    assert_eq!(
        first.additions
            + first.companies
            + first.catalog
            + first.agreements
            + first.counts
            + first.companyinfo
            + first.systeminfo,
        first.total
    );
}

/// Running agreements, as the rows of their additions say: status and dates.
fn active_agreements(house: &House) -> u64 {
    let rows = house.sim.snapshot();
    let of: std::collections::BTreeSet<i64> = rows
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["agreementStatus"] == "Active" && !row["effectiveDate"].as_str().unwrap().starts_with("2031"))
        .map(|row| row["agreementId"].as_i64().unwrap())
        .collect();
    of.len() as u64
}

#[test]
fn size_s_with_ten_percent_changed_writes_exactly_those_each_once() {
    let house = House::generated(World::generate(Size::S, 11), "20000");
    assert_eq!(house.wrote(), [""; 0], "what is used equals what is billed");
    let at = ago(30);
    let world = house.sim.world();
    let expected: Vec<(i64, String)> =
        world.expected_changes(10, &at, 5).into_iter().map(|(_, id, to)| (id, to.normalize().to_string())).collect();
    assert!(expected.len() > 150, "{}", expected.len());
    house.import(world.usage_csv(10, &at, 5)).done();
    let plan = house.plan();
    assert_eq!(plan.counts()[0], i64::try_from(expected.len()).unwrap());
    let before = house.sim.snapshot();
    house.sim.reset_counters();
    let report = house.update().done().report();
    let mut written: Vec<(i64, String)> =
        house.sim.writes().iter().map(|w| (w.addition, w.to.normalize().to_string())).collect();
    written.sort();
    assert_eq!(written, expected, "exactly the changed additions, each once");
    assert_eq!(report.count("pushed"), i64::try_from(expected.len()).unwrap());
    let asked = house.sim.requests();
    let agreements: std::collections::BTreeSet<i64> = house.sim.writes().iter().map(|write| write.agreement).collect();
    let (changed, touched) = (expected.len() as u64, agreements.len() as u64);
    assert_eq!([asked.patches, asked.addition, asked.agreement], [changed, changed, touched]);
    assert!(asked.total <= 2 * changed + touched + asked.companyinfo + asked.systeminfo, "{asked:?}");
    assert!(asked.companyinfo <= 1, "{asked:?}");
    same_but_for_quantities(&before, &house.sim.snapshot(), &expected);
    let plan = house.plan();
    assert_eq!(plan.counts()[0], 0, "the mirror's rows took the values that were read back");
    house.sim.reset_counters();
    house.update().done();
    assert_eq!(house.sim.requests().patches, 0, "a second Update writes nothing");
    house.ok("sync NW");
    assert_eq!(house.plan().counts(), plan.counts());
    house.ok("doctor NW");
}

/// All but the quantity, what ConnectWise derives from it, and `_info`.
pub(crate) fn same_but_for_quantities(
    before: &serde_json::Value,
    after: &serde_json::Value,
    changed: &[(i64, String)],
) {
    let strip = |row: &serde_json::Value| {
        let mut row = row.as_object().unwrap().clone();
        for key in ["quantity", "_info", "billedQuantity", "extPrice", "extCost", "margin"] {
            row.remove(key);
        }
        serde_json::to_string(&row).unwrap()
    };
    let (before, after) = (before.as_array().unwrap(), after.as_array().unwrap());
    assert_eq!(before.len(), after.len());
    for (old, new) in before.iter().zip(after) {
        let id = old["id"].as_i64().unwrap();
        match changed.iter().find(|(changed, _)| *changed == id) {
            Some((_, to)) => {
                assert_eq!(strip(old), strip(new), "addition {id}");
                let now: rust_decimal::Decimal = new["quantity"].to_string().parse().unwrap();
                assert_eq!(now, number(to), "addition {id}");
            }
            None => assert_eq!(old.to_string(), new.to_string(), "addition {id} is not touched"),
        }
    }
}

#[test]
fn ac_99_a_sync_shows_its_progress() {
    let house = House::connected(World::generate(Size::XS, 1));
    let ran = house.ok("sync NW");
    ran.tells(&["… companies", "… agreements", "… additions"]);
}
