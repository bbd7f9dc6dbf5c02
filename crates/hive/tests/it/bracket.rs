//! Actual usage or the upper bracket of the quota: product.md, section 3.

use crate::house::{House, town};
use hive_simulator::{Decimal, NewAddition, World};

/// As the town, but every Hot addition holds so much that no rise is held.
fn dear_town() -> World {
    let mut world = town();
    for (agreement, id) in [(50_001, 200_001), (50_002, 200_003), (50_003, 200_005)] {
        world.addition(NewAddition {
            id: Some(id),
            agreement,
            item: 1001,
            quantity: 1500.into(),
            unit_price: Some(Decimal::new(1, 3)),
            ..NewAddition::default()
        });
    }
    world
}

fn house() -> House {
    let house = House::connected(dear_town());
    house.usage("Acme,Hot,430,GB\nAcme,Seat,7,user\nBolt,Hot,1,GB\nCove,Hot,1,GB");
    house.ok("sync NW");
    house.ok("link NW --product Hot --item 1001 --unit GB --size 1");
    house.ok("link NW --product Seat --item 1002");
    house
}

#[test]
fn ac_85_86_87_88_the_worked_table_holds_in_both_modes() {
    let house = house();
    for (usage, quota, actual, bracket) in [
        ("430", None, "430", "500"),
        ("430", Some(("500", "GB")), "430", "500"),
        ("430", Some(("1", "TB")), "430", "1000"),
        ("500", None, "500", "500"),
        ("500.01", None, "501", "750"),
        ("1200", None, "1200", "2000"),
        ("620", Some(("500", "GB")), "620", "750"),
        ("99.5", None, "100", "100"),
        ("100", None, "100", "100"),
        ("1", None, "1", "100"),
        ("100.01", None, "101", "250"),
        ("250", None, "250", "250"),
        ("750", None, "750", "750"),
        ("751", None, "751", "1000"),
        ("1000", None, "1000", "1000"),
        ("1000.000001", None, "1001", "2000"),
        ("2000", None, "2000", "2000"),
        ("0", None, "0", "0"),
        ("0", Some(("300", "GB")), "0", "500"),
    ] {
        // A quota is never set below what is used: it was set while less was.
        house.usage("Acme,Hot,0,GB");
        match quota {
            Some((size, unit)) => house.ok(&format!("quota NW --account Acme --product Hot {size} {unit}")),
            None => house.ok("quota NW --account Acme --product Hot --none"),
        };
        house.usage(&format!("Acme,Hot,{usage},GB"));
        for (mode, wanted) in [("actual", actual), ("quota_bracket", bracket)] {
            house.ok(&format!("settings NW mode={mode}"));
            let plan = house.plan();
            assert_eq!(plan.line("Acme Hot")["next"], wanted, "{usage} GB, quota {quota:?}, {mode}");
        }
    }
}

#[test]
fn ac_86_the_choice_changes_plan_next_report_and_update_alike() {
    let house = house();
    house.ok("settings NW mode=quota_bracket --account Acme");
    let plan = house.plan();
    assert_eq!(plan.line("Acme Hot")["next"], "500");
    assert_eq!(plan.line("Bolt Hot")["next"], "1", "an override for one account");
    assert!(plan.codes("Acme Hot").contains(&"quota.missing"), "which fallback was used: {:?}", plan.codes("Acme Hot"));
    let next = crate::ran::Plan(house.ok("report NW --run next --format json").json());
    assert_eq!(next.line("Acme Hot")["next"], "500");
    house.push().done();
    assert_eq!(house.holds(200_001), "500");
    house.ok("quota NW --account Acme --product Hot 450 GB");
    let plan = house.plan();
    assert_eq!(plan.says("Acme Hot"), "unchanged 500 -> 500");
    assert!(!plan.codes("Acme Hot").contains(&"quota.missing"), "{:?}", plan.codes("Acme Hot"));
    house.hive(&["explain", "NW", "--account", "Acme", "--product", "Hot"]).done().shows(&["430", "500", "quota"]);
}

#[test]
fn ac_88_usage_above_a_soft_quota_is_never_billed_below_its_own_bracket() {
    let house = house();
    house.ok("settings NW mode=quota_bracket");
    house.usage("Acme,Hot,200,GB\nBolt,Hot,200,GB");
    house.ok("quota NW --account Acme --product Hot 250 GB --hard");
    house.ok("quota NW --account Bolt --product Hot 250 GB");
    house.usage("Acme,Hot,430,GB\nBolt,Hot,430,GB");
    let plan = house.plan();
    assert_eq!(plan.line("Acme Hot")["next"], "500");
    assert_eq!(plan.issue("Acme Hot", "quota.exceeded")["severity"], "note", "a hard one stays");
    assert_eq!(plan.line("Bolt Hot")["next"], "500");
    assert!(!plan.codes("Bolt Hot").contains(&"quota.exceeded"), "a soft one rose: {:?}", plan.codes("Bolt Hot"));
}

#[test]
fn ac_93_94_a_quota_is_rounded_up_to_the_ladder_and_never_below_what_is_used() {
    let house = house();
    let quota = |size: &str| format!("quota NW --account Acme --product Hot {size}");
    house.run(&quota("400 GB")).done().shows(&["Acme x Hot has a quota of 500 GB: 400 GB is rounded up to it."]);
    house.run(&quota("0.75 TB --hard")).done().shows(&["Acme x Hot has a hard quota of 750 GB."]);
    house.run(&quota("250 GB")).ends(1).tells(&["250 GB is below the 430 GB that are used now", "500 GB"]);
    house.run(&quota("--none")).done().shows(&["Acme x Hot has no quota now."]);
    house.run(&quota("--none --hard")).ends(2);
    house.ok("settings NW --product Hot ladder=none");
    house.run(&quota("431 GB")).done().shows(&["a quota of 431 GB."]);
}

#[test]
fn ac_89_users_have_no_quota_and_the_setting_does_not_move_them() {
    let house = house();
    house.ok("settings NW mode=quota_bracket");
    assert_eq!(house.plan().says("Acme Seat"), "change 5 -> 7");
    house.run("quota NW --account Acme --product Seat 10 GB").ends(1).tells(&["only storage has a quota"]);
    house
        .hive(&["explain", "NW", "--account", "Acme", "--product", "Seat"])
        .done()
        .shows(&["has no ladder", "actual usage, whatever the mode"]);
}

#[test]
fn ac_87_sums_are_of_brackets_per_account() {
    let house = house();
    house.ok("settings NW mode=quota_bracket");
    house.usage("Annex,Hot,30,GB");
    house.ok("link NW --account Annex --company 101");
    let plan = house.plan();
    assert_eq!(plan.line("Acme Hot")["next"], "600", "500 + 100, and not the step of 460");
    assert_eq!([&plan.line("Acme Hot")["part"], &plan.line("Annex Hot")["part"]], ["500", "100"]);
}
