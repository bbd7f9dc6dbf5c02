//! Which agreement is meant: rules tried and saved, one fixed for a company, children and parents, all by
//! the real binary against the simulator.

use crate::house::{House, now, town};
use hive_simulator::{NewAddition, NewAgreement, NewCompany, World};
use jiff::ToSpan;
use serde_json::Value;

/// Each company has a second agreement of type Backup (50004 to 50006) with Hot on it (200007 to 200009).
fn twice() -> World {
    let mut world = town();
    for company in 101..=103 {
        let agreement = world.agreement(NewAgreement {
            name: "Cloud Backup".into(),
            type_name: "Backup".into(),
            company,
            ..NewAgreement::default()
        });
        world.addition(NewAddition { agreement, item: 1001, quantity: 1.into(), ..NewAddition::default() });
    }
    world
}

fn house(world: World) -> House {
    let house = House::connected(world);
    house.usage("Acme,Hot,12,GB\nBolt,Hot,20,GB\nCove,Hot,30,GB");
    house.ok("sync NW");
    house.ok("link NW --product Hot --item 1001 --unit GB --size 1");
    house
}

fn chosen(explained: &Value) -> Vec<(i64, bool)> {
    let all = explained["candidates"].as_array().unwrap();
    all.iter().map(|one| (one["addition"].as_i64().unwrap(), one["chosen"].as_bool().unwrap())).collect()
}

#[test]
fn a_rule_is_tried_on_the_mirror_and_nothing_is_saved_by_it() {
    let house = house(twice());
    let tried = house.ok("settings NW --product Hot agreement_rule=type=Backup --try --format json").json();
    assert_eq!((&tried["changed"], &tried["gained"], &tried["lost"]), (&0.into(), &3.into(), &0.into()), "{tried:#}");
    let acme = &tried["companies"][0];
    assert_eq!((acme["name"].as_str(), acme["moves"].as_bool()), (Some("Acme"), Some(true)), "{acme}");
    assert_eq!(acme["admits"][0]["id"], 50_004);
    assert_eq!(acme["rejects"][0]["why"], "agreement \"Managed\" (50001) does not match the rule type=Backup");
    house.ok("settings NW --product Hot agreement_rule=type=Backup --try").shows(&[
        "Cloud Backup (50004)",
        "3 lines would gain one",
        "Nothing was saved.",
    ]);
    let settings = house.ok("settings NW --product Hot --format json").json();
    let rule = settings.as_array().unwrap().iter().find(|one| one["key"] == "agreement_rule").unwrap();
    assert_eq!(rule["value"], "", "trying is not saving");
    assert!(house.plan().codes("Acme Hot").contains(&"addition.ambiguous"));
    house.run("settings NW drop_percent=5 --try").ends(2).tells(&["drop_percent cannot be tried so"]);
    house.run("settings NW --try").ends(2);

    house.ok("settings NW --product Hot agreement_rule=type=Backup");
    assert_eq!(house.plan().says("Acme Hot"), "change 1 -> 12");
    let lost = house.ok("settings NW --product Hot agreement_rule=type=Gold|Silver --try --format json").json();
    assert_eq!(lost["lost"], 3, "{lost:#}");
    house.hive(&["settings", "NW", "--product", "Hot", "agreement_rule=type!=Backup|Gold & name~manag"]).done();
    assert_eq!(house.plan().says("Acme Hot"), "change 10 -> 12");
}

#[test]
fn a_fixed_agreement_is_the_one_that_is_billed_and_explain_names_every_candidate() {
    let house = house(twice());
    house.ok("settings NW --account Acme agreement=50004");
    assert_eq!(house.plan().says("Acme Hot"), "change 1 -> 12");
    let explained = house.ok("explain NW --account Acme --product Hot --format json").json();
    assert_eq!(chosen(&explained), [(200_001, false), (200_007, true)]);
    let other = &explained["candidates"][0];
    assert_eq!((other["agreement"]["id"].as_i64(), other["quantity"].as_str()), (Some(50_001), Some("10")), "{other}");
    assert!(other["why"].as_str().unwrap().contains("is not the one that account \"Acme\" fixes (50004)"), "{other}");
    house.ok("explain NW --account Acme --product Hot").shows(&[
        "Additions of the company and the item:",
        "200001",
        "200007",
        "the only ongoing one",
    ]);
    house.push().done();
    assert_eq!(house.wrote_now(), ["200007: 1 -> 12"]);
    house.ok("settings NW --account Bolt agreement=50001");
    let foreign = house.plan();
    let words = foreign.issue("Bolt Hot", "agreement.not_matching_rule")["message"].clone();
    for part in ["fixes agreement 50001", "Bolt (102)", "\"Managed\" (50002)", "agreement=ID"] {
        assert!(words.as_str().unwrap().contains(part), "{part}: {words}");
    }
    house.ok("settings NW --account Bolt agreement=");
    assert!(house.plan().codes("Bolt Hot").contains(&"addition.ambiguous"));
}

#[test]
fn pins_suggest_a_rule_beside_the_settings() {
    let house = house(twice());
    house.ok("settings NW --product Hot").never_says(&["The rule"]);
    house.ok("pin NW --account Acme --product Hot --addition 200007");
    house.ok("settings NW --product Hot").tells(&["The rule type=Backup does what the pin", "2 of 2 lines", "--try"]);
}

#[test]
fn a_child_agreement_is_read_on_its_own_and_a_parent_company_is_proposed() {
    let mut world = town();
    let child = NewAgreement {
        name: "Site B".into(),
        type_name: "Backup".into(),
        company: 101,
        parent: Some(50_001),
        prorate: true,
        ..NewAgreement::default()
    };
    let child = world.agreement(child);
    world.addition(NewAddition { agreement: child, item: 1001, quantity: 4.into(), ..NewAddition::default() });
    world.company(NewCompany { id: Some(104), name: "Dune".into(), parent: Some(103), ..NewCompany::default() });
    world.agreement(NewAgreement { company: 104, ..NewAgreement::default() });
    let house = house(world);
    house.usage("Dune,Hot,5,GB");
    house.ok("match NW --apply");
    let plan = house.plan();
    let words = plan.issue("Acme Hot", "addition.ambiguous")["message"].as_str().unwrap().to_owned();
    assert!(words.contains("on agreement \"Site B\" (50004), child of agreement 50001 Managed at 4"), "{words}");
    let explained = house.ok("explain NW --account Acme --product Hot --format json").json();
    assert_eq!(explained["candidates"][1]["parent"]["id"], 50_001);
    house.ok("pin NW --account Acme --product Hot --addition 200007");
    let plan = house.plan();
    assert_eq!(plan.says("Acme Hot"), "change 4 -> 12", "the child's own addition, once");
    let note = plan.issue("Acme Hot", "addition.paid_period")["message"].as_str().unwrap().to_owned();
    assert!(note.contains("prorates in ConnectWise"), "{note}");

    let none = plan.issue("Dune Hot", "addition.none")["message"].as_str().unwrap().to_owned();
    let link = "hive link \"NW\" --account \"Dune\" --company 103";
    assert!(none.contains("Its parent Cove (103) has one: addition 200005 at 30") && none.contains(link), "{none}");
    house.ok("link NW --account Dune --company 103");
    assert_eq!(house.plan().says("Dune Hot"), "change 30 -> 35", "added to what is billed there");
}

#[test]
fn an_addition_that_ends_and_the_one_that_follows_it() {
    let mut world = town();
    let today = now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let (last, from) = (today + 5.days(), today + 6.days());
    world.addition(NewAddition {
        id: Some(200_001),
        item: 1001,
        quantity: 10.into(),
        cancelled: Some(last),
        ..NewAddition::default()
    });
    world.addition(NewAddition { item: 1001, quantity: 10.into(), effective: Some(from), ..NewAddition::default() });
    world.agreement(NewAgreement {
        id: Some(50_001),
        company: 101,
        next_invoice_date: Some(from),
        ..NewAgreement::default()
    });
    let house = house(world);
    let plan = house.plan();
    assert_eq!(plan.says("Acme Hot"), "change 10 -> 12");
    let note = plan.issue("Acme Hot", "addition.successor")["message"].as_str().unwrap().to_owned();
    for words in [format!("200001 through {last}"), format!("200007 from {from}")] {
        assert!(note.contains(&words), "{words}: {note}");
    }
    house.ok("settings NW --product Hot target_date=next_invoice");
    house.push().done();
    assert_eq!(house.wrote_now(), ["200007: 10 -> 12"], "the one that the next invoice covers");
}
