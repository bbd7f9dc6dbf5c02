//! Accounts and products: who is linked to what, by whom, and what nobody may undo silently.

use crate::house::{House, USED, town};
use hive_simulator::{NewAddition, NewAgreement, NewCompany, NewItem, World};
use serde_json::Value;

fn link<'a>(links: &'a Value, kind: &str, name: &str) -> &'a Value {
    let rows = links["links"].as_array().unwrap();
    rows.iter()
        .find(|row| row["kind"] == kind && row["hive"] == name)
        .unwrap_or_else(|| panic!("no {kind} {name}: {links:#}"))
}

fn links(house: &House) -> Value {
    house.ok("links NW --format json").json()
}

#[track_caller]
fn state(house: &House, kind: &str, name: &str) -> String {
    let links = links(house);
    let row = link(&links, kind, name);
    format!(
        "{} {} {}",
        row["state"].as_str().unwrap(),
        row["connectwise"].as_str().unwrap(),
        row["by"].as_str().unwrap_or("-")
    )
}

/// A world of companies with these names, 101 and on.
fn companies(names: &[&str]) -> World {
    let mut world = World::empty();
    for name in names {
        world.company(NewCompany { name: (*name).into(), ..NewCompany::default() });
    }
    world
}

/// Accounts of these names, and a first Sync.
fn matched(world: World, accounts: &[&str]) -> House {
    let house = House::connected(world);
    let rows: Vec<String> = accounts.iter().map(|name| format!("\"{name}\",Hot,1,GB")).collect();
    house.usage(&rows.join("\n"));
    house.ok("sync NW");
    house
}

#[test]
fn ac_25_the_first_sync_links_the_unmistakable_accounts_and_lists_them() {
    let house = House::connected(town());
    house.usage(USED);
    let synced = house.ok("sync NW --format json").json();
    assert_eq!(synced["linked"].as_array().unwrap().len(), 3, "{synced:#}");
    assert_eq!(state(&house, "account", "Acme"), "linked 101 match");
    // Only the first: what comes later waits for a person.
    house.sim.add_company(NewCompany { name: "Dune".into(), ..NewCompany::default() });
    house.usage("Dune,Hot,1,GB");
    house.ok("sync NW").shows(&["Sync"]).never_says(&["Linked by itself"]);
    assert_eq!(state(&house, "account", "Dune"), "suggested  -");
    house.ok("match NW").shows(&["Dune", "--apply"]);
    assert_eq!(state(&house, "account", "Dune"), "suggested  -", "looking links nothing");
    house.ok("match NW --apply");
    assert_eq!(state(&house, "account", "Dune"), "linked 104 match");
}

#[test]
fn ac_31_case_punctuation_spacing_and_legal_forms_do_not_matter_and_equal_candidates_are_left() {
    let house = matched(
        companies(&[
            "ACME DENTAL PTY LTD",
            "Bolt & Sons",
            "Cove-Cafe, Inc.",
            "Dune",
            "Dune",
            "Echo Ltd",
            "Fern GmbH",
            "Gale",
            "Gale (old)",
        ]),
        &["Acme Dental", "bolt and sons", "COVE CAFE", "Dune", "Echo Inc", "Fern", "FERN GmbH", "Gale"],
    );
    assert_eq!(state(&house, "account", "Acme Dental"), "linked 101 match");
    assert_eq!(state(&house, "account", "COVE CAFE"), "linked 103 match");
    assert_eq!(state(&house, "account", "bolt and sons"), "linked 102 match");
    for (name, why) in [
        ("Dune", "two companies"),
        ("Fern", "two accounts"),
        ("FERN GmbH", "two accounts"),
        ("Echo Inc", "another legal form"),
    ] {
        assert!(!state(&house, "account", name).starts_with("linked"), "{name}: {why}");
    }
    let links = links(&house);
    let dune = link(&links, "account", "Dune");
    assert_eq!(dune["suggestions"].as_array().unwrap().len(), 2, "both are suggested: {dune:#}");
    for suggestion in dune["suggestions"].as_array().unwrap() {
        assert!(suggestion["score"].as_u64().unwrap() >= 60 && !suggestion["reason"].as_str().unwrap().is_empty());
    }
}

#[test]
fn a_deleted_twin_does_not_count_and_is_never_suggested() {
    let mut world = companies(&["Acme"]);
    world.company(NewCompany { name: "Acme".into(), deleted: true, ..NewCompany::default() });
    world.company(NewCompany { name: "Bolt".into(), deleted: true, ..NewCompany::default() });
    let house = matched(world, &["Acme", "Bolt"]);
    assert_eq!(state(&house, "account", "Acme"), "linked 101 match");
    assert_eq!(state(&house, "account", "Bolt"), "unlinked  -");
    house.run("link NW --account Bolt --company 103").ends(1).tells(&["deleted"]);
}

#[test]
fn ac_28_links_survive_every_sync_and_a_persons_is_never_replaced() {
    let house = House::synced();
    house.ok("link NW --account Acme --company 102");
    house.ok("link NW --account Bolt --company 101");
    for _ in 0..2 {
        house.ok("sync NW");
        house.ok("match NW --apply");
        assert_eq!(state(&house, "account", "Acme"), "linked 102 person");
        assert_eq!(state(&house, "account", "Bolt"), "linked 101 person");
        assert_eq!(
            state(&house, "account", "Cove"),
            "linked 103 match",
            "an automatic link looks different and survives too"
        );
    }
}

#[test]
fn ac_29_a_removed_link_is_out_of_the_next_update_and_remembered() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB\nBolt,Hot,21,GB");
    house.ok("unlink NW --account Acme");
    let plan = house.plan();
    assert_eq!(plan.heavy("Acme Hot"), ["account.unlinked"]);
    assert!(plan.issue("Acme Hot", "account.unlinked")["message"].as_str().unwrap().contains("hive link"));
    house.update().done();
    assert_eq!(house.wrote_now(), ["200003: 20 -> 21"]);
    house.ok("sync NW");
    house.ok("match NW --apply");
    assert_eq!(
        state(&house, "account", "Acme"),
        "unlinked  -",
        "the pair is never linked by itself again, nor suggested"
    );
    house.ok("link NW --account Acme --company 101");
    house.update().done();
    assert_eq!(house.wrote(), ["200001: 10 -> 12"]);
}

#[test]
fn ac_30_two_accounts_on_one_company_are_summed_and_shown_as_such() {
    let house = House::linked();
    house.usage("Annex,Hot,3,GB");
    let plan = house.plan();
    assert_eq!(plan.heavy("Annex Hot"), ["account.unlinked"]);
    house.ok("link NW --account Annex --company 101");
    let plan = house.plan();
    for (name, part) in [("Acme Hot", "10"), ("Annex Hot", "3")] {
        let line = plan.line(name);
        assert_eq!([&line["now"], &line["next"], &line["part"], &line["mark"]], ["10", "13", part, "change"], "{name}");
    }
    assert_eq!(plan.counts(), [1, 5, 0, 0], "counts are by addition");
    house
        .hive(&["explain", "NW", "--account", "Annex", "--product", "Hot"])
        .done()
        .shows(&["2 parts", "10 (Acme Hot) + 3 (Annex Hot)"]);
    let report = house.push().done().report();
    assert_eq!(house.wrote(), ["200001: 10 -> 13"], "once for both lines");
    assert_eq!([report.outcome("Acme Hot"), report.outcome("Annex Hot")], ["pushed", "pushed"]);
    assert_eq!(report.count("pushed"), 1);
}

#[test]
fn ac_30_linking_a_second_account_to_a_company_says_so() {
    let house = House::linked();
    house.usage("Annex,Hot,3,GB");
    house.ok("link NW --account Acme --company 101").never_says(&["shares"]);
    house.ok("link NW --account Annex --company 101").shows(&["shares this with \"Acme\"", "adds up"]);
}

#[test]
fn ac_30_the_explanation_of_a_sum_names_whose_parts_they_are() {
    let house = House::linked();
    house.usage("Annex,Hot,3,GB");
    house.ok("link NW --account Annex --company 101");
    house.hive(&["explain", "NW", "--account", "Annex", "--product", "Hot"]).done().shows(&["Annex", "Acme"]);
}

#[test]
fn a_sum_is_only_as_good_as_its_parts() {
    let house = House::live();
    house.usage("Annex,Hot,3,GB");
    house.ok("link NW --account Annex --company 101");
    house.push().done();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 13"]);
    house.usage("Acme,Hot,11,GB\nAnnex,Hot,4,user");
    let plan = house.plan();
    assert_eq!(plan.heavy("Annex Hot"), ["unit.mismatch"]);
    assert_eq!(plan.heavy("Acme Hot"), ["sum.part_blocked"]);
    assert!(plan.issue("Acme Hot", "sum.part_blocked")["message"].as_str().unwrap().contains("Annex"));
    house.update().done();
    assert_eq!(house.wrote(), [""; 0]);
}

#[test]
fn ac_32_a_deleted_company_is_marked_and_not_dropped() {
    let house = House::live();
    house.sim.delete_company(101, true);
    house.usage("Acme,Hot,12,GB\nBolt,Hot,21,GB");
    house.ok("sync NW");
    let broken = links(&house);
    let row = link(&broken, "account", "Acme");
    assert_eq!([&row["state"], &row["connectwise"]], ["broken", "101"]);
    assert!(row["note"].as_str().unwrap().contains("recycle bin"));
    let plan = house.plan();
    assert!(plan.heavy("Acme Hot").contains(&"account.deleted"), "{:?}", plan.codes("Acme Hot"));
    house.update().done();
    assert_eq!(house.wrote_now(), ["200003: 20 -> 21"]);
    house.sim.delete_company(101, false);
    house.ok("sync NW");
    assert_eq!(state(&house, "account", "Acme"), "linked 101 match", "it comes back as it was");
    house.update().done();
    assert_eq!(house.wrote(), ["200001: 10 -> 12"]);
}

#[test]
fn ac_32_an_inactive_item_is_marked_and_not_dropped() {
    let mut world = town();
    world.item(NewItem { id: Some(1002), description: "Seat".into(), inactive: true, ..NewItem::default() });
    let house = House::connected(world);
    house.usage(USED);
    house.ok("sync NW");
    house.ok("link NW --product Seat --item 1002");
    let row = links(&house);
    assert_eq!(link(&row, "product", "Seat")["state"], "broken");
    house.usage("Acme,Seat,6,user");
    let plan = house.plan();
    assert!(plan.heavy("Acme Seat").contains(&"product.item_inactive"), "{:?}", plan.codes("Acme Seat"));
    house.push();
    assert_eq!(house.wrote(), [""; 0]);
}

#[test]
fn ac_36_one_unit_of_the_item_carries_the_difference() {
    let mut world = town();
    let tb =
        world.item(NewItem { description: "Cold".into(), unit_of_measure: Some("TB".into()), ..NewItem::default() });
    let blocks = world.item(NewItem {
        description: "Block".into(),
        unit_of_measure: Some("100 GB".into()),
        ..NewItem::default()
    });
    world.addition(NewAddition { agreement: 50_001, item: tb, quantity: 1.into(), ..NewAddition::default() });
    world.addition(NewAddition { agreement: 50_001, item: blocks, quantity: 1.into(), ..NewAddition::default() });
    let house = House::connected(world);
    house.usage("Acme,Archive,1234,GB\nAcme,Vault,130,GB\nBolt,Archive,1,GB\nCove,Archive,1,GB");
    house.ok("sync NW");
    house.hive(&["link", "NW", "--product", "Archive", "--item", &tb.to_string()]).done();
    let plan = house.plan();
    assert_eq!(plan.heavy("Acme Archive"), ["unit.unconfirmed"], "storage is never guessed");
    house.hive(&["link", "NW", "--product", "Archive", "--unit", "TB", "--size", "1"]).done();
    house
        .hive(&["link", "NW", "--product", "Vault", "--item", &blocks.to_string(), "--unit", "GB", "--size", "100"])
        .done();
    let plan = house.plan();
    assert_eq!(plan.line("Acme Archive")["next"], "1.24", "0.01 TB, up");
    assert_eq!(plan.line("Acme Vault")["next"], "2", "blocks round up");
    house.push().done();
    assert_eq!(house.wrote_now(), ["200007: 1 -> 1.24", "200008: 1 -> 2"]);
}

#[test]
fn ac_38_an_unmapped_product_is_never_pushed_and_a_map_can_be_changed() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB\nAcme,Tape,7,user\nBolt,Hot,21,GB\nCove,Hot,31,GB");
    house.ok("unlink NW --product Hot");
    let plan = house.plan();
    assert_eq!(plan.heavy("Acme Hot"), ["product.unmapped"]);
    assert_eq!(plan.heavy("Acme Tape"), ["product.unmapped"]);
    house.update().done();
    house.push().done();
    assert_eq!(house.wrote(), [""; 0]);
    house.ok("link NW --product Tape --item 1002");
    house.ok("unlink NW --product Seat");
    house.push().done();
    assert_eq!(house.wrote(), ["200002: 5 -> 7"]);
    assert_eq!(
        state(&house, "product", "Hot").split(' ').next(),
        Some("unlinked"),
        "a removed map is not suggested again"
    );
}

#[test]
fn products_are_suggested_and_never_linked_by_themselves() {
    let house = House::synced();
    assert!(state(&house, "product", "Hot").starts_with("suggested"));
    house.ok("match NW --apply");
    assert!(state(&house, "product", "Hot").starts_with("suggested"));
}

#[test]
fn ac_39_two_products_on_one_item_are_summed_and_a_branch_too() {
    let house = House::linked();
    house.usage("Acme,Warm,4,GB\nAnnex,Warm,0.5,GB");
    house.ok("link NW --product Warm --item 1001 --unit GB --size 1");
    house.ok("link NW --account Annex --company 101");
    let plan = house.plan();
    assert_eq!(plan.says("Acme Hot"), "change 10 -> 15");
    assert_eq!(plan.says("Annex Warm"), "change 10 -> 15");
    assert_eq!(plan.line("Annex Warm")["part"], "0.5", "rounded once, after the sum");
    house.ok("settings NW --product Hot included=2");
    house.ok("settings NW --product Warm included=3");
    assert_eq!(house.plan().heavy("Acme Warm"), ["rule.conflict"], "the item's own rule cannot be two");
    house.ok("settings NW --product Warm included=2");
    assert_eq!(house.plan().says("Acme Warm"), "change 10 -> 13");
    house.push().done();
    assert_eq!(house.wrote_now()[0], "200001: 10 -> 13");
}

#[test]
fn ac_96_two_msps_with_equal_names_do_not_interact() {
    let house = House::live();
    let mut world = World::empty();
    for name in ["Acme", "Bolt"] {
        world.company(NewCompany { name: name.into(), ..NewCompany::default() });
    }
    world.item(NewItem { description: "Hot".into(), unit_of_measure: Some("GB".into()), ..NewItem::default() });
    let agreement = world.agreement(NewAgreement::default());
    world.addition(NewAddition { agreement, quantity: 10.into(), ..NewAddition::default() });
    let other = House::bare(world);
    house.ok("msp add Other");
    house.run("msp add Other").ends(1);
    let both = format!("{},{}", house.addr(), other.addr());
    let key = house.write("key", crate::house::PRIVATE_KEY);
    let url = other.url();
    let run = |words: &str| {
        let args: Vec<&str> = words.split_whitespace().collect();
        crate::ran::Ran::of(&args, house.command(&args).env("HIVE_PRIVATE_HOSTS", &both))
    };
    run(&format!(
        "connect Other --url {url} --company northwind --public-key PUBLICKEY0000001 --private-key-file {key}"
    ))
    .done();
    let before = (house.plan(), links(&house));
    house.import(
        format!("account,product,quantity,unit,measured_at\nAcme,Hot,77,GB,{}\n", crate::house::ago(1))
            .replace("NW", "Other"),
    );
    let file = house.path("usage.csv").display().to_string();
    house
        .import(format!("account,product,quantity,unit,measured_at\nAcme,Hot,10,GB,{}\n", crate::house::ago(0)))
        .done();
    house.write(
        "usage.csv",
        format!(
            "account,product,quantity,unit,measured_at\nAcme,Hot,13,GB,{}\nBolt,Hot,1,GB,{0}\n",
            crate::house::ago(2)
        ),
    );
    run(&format!("import usage Other {file}")).done();
    run("sync Other").done();
    run("link Other --product Hot --item 1001 --unit GB --size 1").done();
    run("settings Other mode=actual drop_percent=1").done();
    let plan = run("plan Other --format json").done().json();
    let id = plan["plan"].as_str().unwrap();
    house.run(&format!("update NW --plan {id}")).ends(1).tells(&["no plan"]);
    run(&format!("update Other --plan {id}")).done();
    let written: Vec<String> = other.wrote();
    assert_eq!(written, ["200001: 10 -> 13"]);
    assert_eq!(house.wrote(), [""; 0], "nothing was written for NW");
    assert_eq!(house.plan().counts(), before.0.counts());
    assert_eq!(links(&house), before.1);
    run("report Other --run 1").ends(0).never_says(&["NW"]);
    let of_other = run("runs Other --format json").done().json();
    assert_eq!(of_other.as_array().unwrap().len(), 2, "one Sync, one Update: {of_other:#}");
}
