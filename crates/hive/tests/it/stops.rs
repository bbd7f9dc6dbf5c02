//! Every other stop and note, in words that a clerk understands.

use crate::house::{House, number, town};
use hive_simulator::{NewAddition, NewAgreement, NewCompany, NewItem, World};

/// Acme has Tape (item 1003, addition 200007 at 3 on 50001) and uses 4.
fn tape(change: impl FnOnce(&mut World)) -> House {
    let mut world = town();
    world.item(NewItem { description: "Tape".into(), ..NewItem::default() });
    world.addition(NewAddition { item: 1003, quantity: 3.into(), ..NewAddition::default() });
    change(&mut world);
    let house = House::connected(world);
    house.usage("Acme,Tape,4,user\nBolt,Hot,21,GB\nAcme,Hot,10,GB\nCove,Hot,30,GB");
    house.ok("sync NW");
    house.ok("link NW --product Tape --item 1003");
    house.ok("link NW --product Hot --item 1001 --unit GB --size 1");
    house
}

/// Stopped with this code and words; an Update writes the other line alone.
#[track_caller]
fn stopped(house: &House, code: &str, words: &[&str]) {
    let plan = house.plan();
    assert_eq!(plan.line("Acme Tape")["mark"], "issue", "{:#}", plan.line("Acme Tape"));
    let issue = plan.issue("Acme Tape", code);
    assert_eq!(issue["severity"], "stop", "{issue}");
    for word in words {
        assert!(issue["message"].as_str().unwrap().contains(word), "{word:?} in {issue}");
    }
    assert!(plan.line("Acme Tape")["next"].is_null(), "what cannot be known is not shown");
    house.push().done();
    assert_eq!(house.wrote_now(), ["200003: 20 -> 21"]);
}

#[test]
fn a_company_that_is_inactive_stops() {
    let house = tape(|world| {
        world.company(NewCompany {
            id: Some(101),
            name: "Acme".into(),
            status: "Inactive".into(),
            ..NewCompany::default()
        });
    });
    stopped(&house, "account.company_inactive", &["Acme", "Inactive"]);
}

#[test]
fn an_item_that_is_a_bundle_or_gone_or_inactive_stops() {
    let item = |class: &str, inactive: bool| NewItem {
        id: Some(1003),
        description: "Tape".into(),
        class: class.into(),
        inactive,
        ..NewItem::default()
    };
    stopped(
        &tape(|world| {
            world.item(item("Bundle", false));
        }),
        "product.bundle_class",
        &["bundle", "Choose another item"],
    );
    stopped(
        &tape(|world| {
            world.item(item("Agreement", true));
        }),
        "product.item_inactive",
        &["inactive"],
    );
}

#[test]
fn a_company_without_agreements_or_without_an_active_one_stops_with_the_list() {
    let house = tape(|_| {});
    house.sim.delete_agreement(50_001);
    house.ok("sync NW");
    stopped(&house, "agreement.none", &["Acme", "no agreement"]);
    let house = tape(|_| {});
    house.sim.cancel_agreement(50_001);
    house.ok("sync NW");
    stopped(&house, "agreement.none_active", &["Acme", "50001", "cancelled"]);
}

#[test]
fn a_parents_addition_is_mentioned_and_never_taken() {
    let house = tape(|world| {
        world.company(NewCompany { id: Some(101), name: "Acme".into(), parent: Some(102), ..NewCompany::default() });
        world.addition(NewAddition {
            id: Some(200_007),
            agreement: 50_002,
            item: 1003,
            quantity: 3.into(),
            ..NewAddition::default()
        });
    });
    stopped(&house, "addition.none", &["parent", "200007"]);
}

#[test]
fn a_fraction_of_a_thing_stops_until_a_rounding_is_chosen() {
    let house = tape(|_| {});
    house.usage("Acme,Tape,4.5,user");
    stopped(&house, "quantity.fraction_of_countable", &["4.5", "rounding=up:1"]);
    house.ok("settings NW --product Tape rounding=up:1");
    assert_eq!(house.plan().says("Acme Tape"), "change 3 -> 5");
}

#[test]
fn included_on_both_sides_stops_and_on_one_is_taken_off_never_below_0() {
    let less = |world: &mut World| {
        world.addition(NewAddition {
            id: Some(200_007),
            item: 1003,
            quantity: 3.into(),
            less_included: 2.into(),
            ..NewAddition::default()
        });
    };
    let house = tape(less);
    house.ok("settings NW --product Tape included=1");
    stopped(&house, "included.twice", &["1", "2", "Less Included"]);
    let house = tape(|_| {});
    house.ok("settings NW --product Tape included=1");
    assert_eq!(house.plan().says("Acme Tape"), "unchanged 3 -> 3");
    house.ok("settings NW --product Tape included=9");
    let plan = house.plan();
    assert_eq!(plan.line("Acme Tape")["next"], "0");
    assert!(plan.codes("Acme Tape").contains(&"quantity.below_included"));
    assert_eq!(plan.heavy("Acme Tape"), ["usage.zero"], "to 0 from more waits for a person");
    house.ok("settings NW --product Tape included= maximum=2");
    assert_eq!(house.plan().line("Acme Tape")["next"], "2");
}

#[test]
fn arithmetic_that_leaves_18_digits_stops() {
    let house = tape(|_| {});
    house.ok("settings NW rise_money=999999999999");
    house.usage("Acme,Tape,999999999999999999,user\nAnnex,Tape,999999999999999999,user");
    house.ok("link NW --account Annex --company 101");
    stopped(&house, "quantity.overflow", &["18 digits"]);
}

#[test]
fn another_storage_unit_on_the_addition_stops() {
    let mut world = town();
    world.addition(NewAddition {
        id: Some(200_001),
        item: 1001,
        quantity: 10.into(),
        uom: Some("TB".into()),
        ..NewAddition::default()
    });
    let house = House::connected(world);
    house.usage("Acme,Hot,12,GB\nBolt,Hot,21,GB\nCove,Hot,30,GB");
    house.ok("sync NW");
    house.ok("link NW --product Hot --item 1001 --unit GB --size 1");
    let plan = house.plan();
    assert_eq!(plan.heavy("Acme Hot"), ["unit.mismatch"]);
    let message = plan.issue("Acme Hot", "unit.mismatch")["message"].as_str().unwrap();
    assert!(message.contains("TB") && message.contains("GB"), "{message}");
    house.push().done();
    assert_eq!(house.wrote(), ["200003: 20 -> 21"]);
}

#[test]
fn what_is_not_billed_or_has_no_price_is_a_note_and_is_written() {
    let house = tape(|world| {
        world.addition(NewAddition {
            id: Some(200_007),
            item: 1003,
            quantity: 3.into(),
            unit_price: Some(number("0")),
            bill_customer: "DoNotBill".into(),
            ..NewAddition::default()
        });
    });
    let plan = house.plan();
    for code in ["addition.not_billable", "price.zero"] {
        assert_eq!(plan.issue("Acme Tape", code)["severity"], "note");
    }
    assert!(plan.line("Acme Tape")["money_month"].as_str().is_none_or(|month| month == "0"));
    house.push().done();
    assert_eq!(house.wrote_now(), ["200003: 20 -> 21", "200007: 3 -> 4"]);
}

#[test]
fn trial_usage_does_not_count_and_is_listed() {
    let house = tape(|_| {});
    house
        .import(format!(
            "account,product,quantity,unit,measured_at,class\nAnnex,Tape,7,user,{},trial\n",
            crate::house::ago(1)
        ))
        .done();
    house.ok("link NW --account Annex --company 101");
    let plan = house.plan();
    assert_eq!(plan.says("Acme Tape"), "change 3 -> 4");
    assert_eq!(plan.issue("Annex Tape", "usage.not_counted")["severity"], "note");
    assert_eq!(plan.line("Annex Tape")["part"], "0");
}

#[test]
fn ac_42_the_explanation_shows_value_unit_time_and_every_step() {
    let house = tape(|_| {});
    let json = house.ok("explain NW --account Acme --product Tape --format json").json();
    let steps: Vec<&str> =
        json["steps"].as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect();
    for step in ["basis", "target", "mark"] {
        assert!(steps.contains(&step), "{step} in {steps:?}");
    }
    let words = json["steps"].to_string();
    for word in ["4 user", "UTC", "200007", "import"] {
        assert!(words.contains(word), "{word} in {words}");
    }
    house.run("explain NW --account Acme --product Seat").ends(1);
    house.run("explain NW --account Nobody --product Tape").ends(1).tells(&["Nobody"]);
}

#[test]
fn a_quantity_of_connectwise_is_read_and_written_exactly() {
    for (now, usage) in [
        ("0.1", "0.3"),
        ("-5", "4"),
        ("9007199254740993", "9007199254740992"),
        ("3.00001", "3"),
        ("0.000001", "0.000002"),
    ] {
        let mut world = town();
        let addition = NewAddition {
            id: Some(200_001),
            item: 1001,
            quantity: number(now),
            unit_price: Some(number("0")),
            ..NewAddition::default()
        };
        world.addition(addition);
        let house = House::connected(world);
        house.usage(&format!("Acme,Hot,{usage},GB\nBolt,Hot,20,GB\nCove,Hot,30,GB"));
        house.ok("sync NW");
        house.ok("link NW --product Hot --item 1001 --unit GB --size 1");
        house.ok("settings NW --product Hot rounding=none");
        let plan = house.plan();
        assert_eq!([&plan.line("Acme Hot")["now"], &plan.line("Acme Hot")["next"]], [now, usage], "shown as it is");
        if plan.line("Acme Hot")["mark"] == "held" {
            house.ok("approve NW --all");
        }
        house.push().done();
        assert_eq!(house.wrote(), [format!("200001: {now} -> {usage}")], "{:#}", plan.line("Acme Hot"));
    }
}

#[test]
fn the_msps_own_account_is_excluded_unless_a_person_links_it() {
    let house = House::connected(town());
    house.usage("Acme,Seat,6,user\nBolt,Seat,9,user");
    house.ok("settings NW --account Acme own=true");
    house.ok("sync NW").never_says(&["Acme ="]);
    house.ok("match NW --apply");
    house.ok("link NW --product Seat --item 1002");
    let plan = house.plan();
    assert!(!plan.has("Acme Seat"), "excluded by default: {:#}", plan.lines());
    house.push().done();
    assert_eq!(house.wrote_now(), ["200004: 8 -> 9"]);
    house.ok("link NW --account Acme --company 101");
    house.push().done();
    assert_eq!(house.wrote_now(), ["200002: 5 -> 6"]);
}

#[test]
fn an_agreement_rule_that_admits_several_is_still_ambiguous() {
    let house = tape(|world| {
        let agreement = world.agreement(NewAgreement { name: "Managed Two".into(), ..NewAgreement::default() });
        world.addition(NewAddition { agreement, item: 1003, quantity: 1.into(), ..NewAddition::default() });
    });
    house.hive(&["settings", "NW", "agreement_rule=name~Managed"]).done();
    stopped(&house, "addition.ambiguous", &["200007", "200008", "hive pin"]);
}
