//! Update: what is written, where, and what is only reported.

use crate::house::{House, number, town};
use crate::syncing::same_but_for_quantities;
use hive_simulator::{NewAddition, NewAgreement, NewItem, On};

#[test]
fn ac_44_46_59_a_green_mark_is_what_the_update_writes_to_the_digit() {
    let house = House::live();
    house.ok("settings NW --product Hot rounding=none");
    house.push().done();
    house.usage("Acme,Hot,12.345678,GB\nBolt,Hot,19.5,GB\nAcme,Seat,6,user");
    let plan = house.plan();
    assert_eq!(plan.counts(), [3, 3, 0, 0]);
    for name in ["Acme Hot", "Bolt Hot", "Acme Seat"] {
        assert_eq!(
            [&plan.line(name)["mark"], &plan.line(name)["live"]],
            [&serde_json::json!("change"), &serde_json::json!(true)]
        );
    }
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 12.345678", "200002: 5 -> 6", "200003: 20 -> 19.5"]);
    for (name, addition) in [("Acme Hot", 200_001), ("Acme Seat", 200_002), ("Bolt Hot", 200_003)] {
        assert_eq!(plan.line(name)["next"], house.holds(addition));
    }
}

#[test]
fn ac_44_in_preview_the_mark_says_after_go_live() {
    let house = House::linked();
    house.usage("Acme,Hot,12,GB");
    let plan = house.plan();
    assert_eq!(plan.says("Acme Hot"), "change 10 -> 12", "marks are computed as if live");
    assert_eq!(plan.line("Acme Hot")["live"], false);
    assert!(plan.codes("Acme Hot").contains(&"link.not_live"));
    house.ok("plan NW").shows(&["not live yet", "○"]);
    house.ok("settings NW updates=off");
    assert!(house.plan().codes("Acme Hot").contains(&"update.disabled"));
}

#[test]
fn ac_45_47_every_line_has_one_mark_and_words_that_name_records_and_what_to_do() {
    let house = House::live();
    let blind = house.sim.add_item(NewItem { description: "Tape".into(), ..NewItem::default() });
    house.usage("Acme,Hot,12,GB\nBolt,Hot,500,GB\nDune,Hot,1,GB\nAcme,Tape,1,user");
    house.ok("sync NW");
    house.hive(&["link", "NW", "--product", "Tape", "--item", &blind.to_string()]).done();
    let plan = house.plan();
    let marks: Vec<&str> = plan.lines().as_array().unwrap().iter().map(|line| line["mark"].as_str().unwrap()).collect();
    assert!(marks.iter().all(|mark| ["change", "unchanged", "held", "issue"].contains(mark)), "{marks:?}");
    assert_eq!(plan.counts().iter().sum::<i64>(), 8);
    for (name, code, words) in [
        ("Bolt Hot", "usage.spike", ["20", "500", "Approve"]),
        ("Dune Hot", "account.unlinked", ["Dune", "Hot", "hive link"]),
        ("Acme Tape", "addition.none", ["Acme", "Tape", "ConnectWise"]),
    ] {
        let message = plan.issue(name, code)["message"].as_str().unwrap().to_owned();
        for word in words {
            assert!(message.contains(word), "{word:?} in {message}");
        }
    }
    house.ok("plan NW").shows(&["Waits for approval", "Will not be pushed", "Will be pushed"]);
}

#[test]
fn ac_48_a_mark_recovers_once_the_cause_is_gone_and_a_sync_has_run() {
    let house = House::live();
    house.sim.delete_addition(50_001, 200_001);
    house.usage("Acme,Hot,12,GB");
    house.ok("sync NW");
    assert!(house.plan().heavy("Acme Hot").contains(&"addition.none"));
    house.sim.add_addition(NewAddition {
        id: Some(200_001),
        agreement: 50_001,
        item: 1001,
        quantity: 10.into(),
        ..NewAddition::default()
    });
    house.ok("sync NW");
    assert_eq!(house.plan().says("Acme Hot"), "change 10 -> 12");
}

#[test]
fn ac_60_61_62_every_linked_account_and_product_is_found_and_pushed() {
    let house = House::live();
    house.usage("Acme,Hot,11,GB\nAcme,Seat,6,user\nBolt,Hot,21,GB\nBolt,Seat,9,user\nCove,Hot,31,GB\nCove,Seat,5,user");
    house.update().done();
    assert_eq!(
        house.wrote_now(),
        [
            "200001: 10 -> 11",
            "200002: 5 -> 6",
            "200003: 20 -> 21",
            "200004: 8 -> 9",
            "200005: 30 -> 31",
            "200006: 4 -> 5",
        ]
    );
}

#[test]
fn ac_63_without_an_addition_nothing_is_created_and_the_line_is_reported() {
    let house = House::live();
    house.sim.delete_addition(50_001, 200_001);
    house.ok("sync NW");
    house.usage("Acme,Hot,12,GB\nBolt,Hot,21,GB");
    let additions = house.sim.world().sizes()[3];
    let report = house.update().done().report();
    assert_eq!(report.outcome("Acme Hot"), "issue");
    assert!(report.message("Acme Hot").contains("addition.none"));
    assert_eq!(house.wrote(), ["200003: 20 -> 21"]);
    assert_eq!(house.sim.world().sizes()[3], additions);
}

/// Acme has Hot only on an agreement or addition that this changes.
#[track_caller]
fn no_target(code: &str, agreement: NewAgreement, addition: NewAddition) {
    let mut world = town();
    let item = world.item(NewItem { description: "Tape".into(), ..NewItem::default() });
    let agreement = world.agreement(agreement);
    world.addition(NewAddition { agreement, item, quantity: 3.into(), ..addition });
    let house = House::connected(world);
    house.usage("Acme,Tape,4,user\nAcme,Seat,6,user\nBolt,Seat,8,user\nCove,Seat,4,user");
    house.ok("sync NW");
    house.hive(&["link", "NW", "--product", "Tape", "--item", &item.to_string()]).done();
    house.ok("link NW --product Seat --item 1002");
    let plan = house.plan();
    assert_eq!(plan.line("Acme Tape")["mark"], "issue");
    let all = plan.line("Acme Tape")["issues"].to_string();
    assert!(plan.codes("Acme Tape").contains(&code), "{code} in {all}");
    assert!(all.contains("50004") || all.contains("200007"), "the rejected candidate is named: {all}");
    house.push().done();
    assert_eq!(house.wrote(), ["200002: 5 -> 6"], "{code}");
}

#[test]
fn ac_64_only_running_agreements_and_ongoing_additions_are_targets() {
    let day = |text: &str| Some(text.parse().unwrap());
    let plain = NewAgreement::default;
    let past = NewAgreement { end: day("2025-01-31"), ..plain() };
    no_target("addition.none", past, NewAddition::default());
    let later = NewAgreement { start: "2031-01-01".parse().unwrap(), ..plain() };
    no_target("addition.none", later, NewAddition::default());
    let cancelled = NewAgreement { cancelled: true, date_cancelled: day("2025-01-31"), ..plain() };
    no_target("addition.none", cancelled, NewAddition::default());
    no_target("addition.none", NewAgreement { status: Some("Inactive".into()), ..plain() }, NewAddition::default());
    no_target("addition.cancelled", plain(), NewAddition { cancelled: day("2026-01-31"), ..NewAddition::default() });
    no_target("addition.future", plain(), NewAddition { effective: day("2031-01-01"), ..NewAddition::default() });
}

#[test]
fn ac_64_all_agreements_of_the_company_are_searched_and_a_blank_date_is_none() {
    let mut world = town();
    let item = world.item(NewItem { description: "Tape".into(), ..NewItem::default() });
    for _ in 0..3 {
        world.agreement(NewAgreement::default());
    }
    world.addition(NewAddition {
        agreement: 50_006,
        item,
        quantity: 3.into(),
        blank_dates: true,
        ..NewAddition::default()
    });
    let house = House::connected(world);
    house.usage("Acme,Tape,4,user");
    house.ok("sync NW");
    house.hive(&["link", "NW", "--product", "Tape", "--item", &item.to_string()]).done();
    house.push().done();
    assert_eq!(house.wrote(), ["200007: 3 -> 4"]);
}

#[test]
fn ac_65_two_matching_additions_are_an_issue_until_a_pin_or_a_rule_decides() {
    let mut world = town();
    let other =
        world.agreement(NewAgreement { name: "Cloud".into(), type_name: "Cloud".into(), ..NewAgreement::default() });
    world.addition(NewAddition { agreement: other, item: 1001, quantity: 3.into(), ..NewAddition::default() });
    let house = House::connected(world);
    house.usage("Acme,Hot,12,GB\nBolt,Hot,20,GB");
    house.ok("sync NW");
    house.ok("link NW --product Hot --item 1001 --unit GB --size 1");
    let plan = house.plan();
    assert_eq!(plan.heavy("Acme Hot"), ["addition.ambiguous"]);
    let message = plan.issue("Acme Hot", "addition.ambiguous")["message"].as_str().unwrap().to_owned();
    assert!(message.contains("200001") && message.contains("200007") && message.contains("hive pin"), "{message}");
    house.push().done();
    assert_eq!(house.wrote(), [""; 0], "never the first match");
    house.run("pin NW --account Acme --product Hot --addition 200003").ends(1).tells(&["company"]);
    house.run("pin NW --account Acme --product Hot --addition 200002").ends(1).tells(&["item"]);
    house.run("pin NW --account Acme --product Hot --addition 999").ends(1);
    house.ok("pin NW --account Acme --product Hot --addition 200007");
    assert_eq!(house.plan().says("Acme Hot"), "change 3 -> 12");
    house.ok("pin NW --account Acme --product Hot --none");
    assert_eq!(house.plan().line("Acme Hot")["mark"], "issue");
    house.hive(&["settings", "NW", "--product", "Hot", "agreement_rule=type=Managed Services"]).done();
    assert_eq!(house.plan().says("Acme Hot"), "change 10 -> 12");
    house.push().done();
    assert_eq!(house.wrote(), ["200001: 10 -> 12"]);
    house.hive(&["settings", "NW", "--product", "Hot", "agreement_rule=type=Nothing"]).done();
    assert!(house.plan().codes("Acme Hot").contains(&"agreement.not_matching_rule"));
}

#[test]
fn ac_66_only_the_quantity_changes() {
    let mut world = town();
    let item = world.item(NewItem { description: "Tape".into(), ..NewItem::default() });
    world.addition(NewAddition {
        agreement: 50_001,
        item,
        quantity: number("3.25"),
        unit_price: Some(number("7.77")),
        unit_cost: Some(number("1.23")),
        cancelled: Some("2031-05-01".parse().unwrap()),
        bill_customer: "DoNotBill".into(),
        uom: Some("Odd".into()),
        blank_dates: true,
        ..NewAddition::default()
    });
    let house = House::connected(world);
    house.usage("Acme,Tape,5,user\nAcme,Hot,12,GB\nBolt,Hot,20,GB\nCove,Hot,30,GB");
    house.ok("sync NW");
    house.hive(&["link", "NW", "--product", "Tape", "--item", &item.to_string()]).done();
    house.ok("link NW --product Hot --item 1001 --unit GB --size 1");
    let before = house.sim.snapshot();
    house.push().done();
    let changed = [(200_001, "12".to_owned()), (200_007, "5".to_owned())];
    same_but_for_quantities(&before, &house.sim.snapshot(), &changed);
    for write in house.sim.writes() {
        let body: serde_json::Value = serde_json::from_str(&write.body).unwrap();
        assert_eq!(body.as_array().unwrap().len(), 1, "{}", write.body);
        assert_eq!([&body[0]["op"], &body[0]["path"]], ["replace", "quantity"]);
    }
}

#[test]
fn ac_71_a_failure_on_one_line_does_not_stop_the_others() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB\nBolt,Hot,21,GB\nCove,Hot,31,GB");
    house.sim.fault(crate::house::fault("400", On::Patch).addition(200_003));
    let report = house.update().ends(3).report();
    assert_eq!(report.outcome("Bolt Hot"), "refused");
    assert!(report.message("Bolt Hot").contains("invalid"), "ConnectWise's own words: {}", report.message("Bolt Hot"));
    assert_eq!([report.outcome("Acme Hot"), report.outcome("Cove Hot")], ["pushed", "pushed"]);
    assert_eq!([report.count("refused"), report.count("pushed"), report.count("unchanged")], [1, 2, 3]);
    assert_eq!(house.wrote_now(), ["200001: 10 -> 12", "200005: 30 -> 31"]);
    assert!(house.plan().codes("Bolt Hot").contains(&"write.failed"));
    house.sim.clear_faults();
    house.update().done();
    assert_eq!(house.wrote(), ["200003: 20 -> 21"], "the next Update tries again");
    assert!(!house.plan().codes("Bolt Hot").contains(&"write.failed"));
}

#[test]
fn ac_72_an_unknown_usage_is_not_0_and_a_measured_0_waits_for_a_person() {
    let house = House::linked();
    house.usage("Acme,Hot,0,GB");
    house.sim.add_addition(NewAddition { agreement: 50_002, item: 1003, ..NewAddition::default() });
    house.push().done();
    let plan = house.plan();
    assert_eq!(plan.says("Acme Hot"), "held 10 -> 0");
    assert_eq!(plan.heavy("Acme Hot"), ["usage.zero"]);
    assert_eq!(house.wrote(), [""; 0]);
    house.hive(&["approve", "NW", "--line", &plan.line_id("Acme Hot")]).done();
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 0"]);
    let plan = house.plan();
    assert_eq!(plan.says("Acme Hot"), "unchanged 0 -> 0");
    assert_eq!(plan.issue("Acme Hot", "usage.zero")["severity"], "note");
}

#[test]
fn ac_72_a_linked_account_without_a_sample_is_an_issue_and_never_0() {
    let house = House::connected(town());
    house.usage("Acme,Hot,10,GB\nBolt,Seat,8,user");
    house.ok("sync NW");
    house.ok("link NW --product Hot --item 1001 --unit GB --size 1");
    house.ok("link NW --product Seat --item 1002");
    let plan = house.plan();
    assert_eq!(plan.heavy("Bolt Hot"), ["usage.missing"], "an ongoing addition nobody measures");
    assert!(plan.line("Bolt Hot")["next"].is_null());
    assert_eq!(plan.line("Bolt Hot")["now"], "20");
    house.push().done();
    assert_eq!(house.wrote(), [""; 0]);
}

#[test]
fn ac_73_the_same_update_twice_writes_nothing_the_second_time() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB\nBolt,Seat,9,user");
    house.update().done();
    assert_eq!(house.wrote_now().len(), 2);
    for _ in 0..2 {
        let report = house.update().done().report();
        assert_eq!([report.count("unchanged"), report.count("pushed")], [6, 0]);
    }
    house.ok("sync NW");
    house.update().done();
    assert_eq!(house.wrote(), [""; 0]);
    let patches = house.sim.requests().patches;
    assert_eq!(patches, 2);
}

#[test]
fn ac_77_78_79_80_the_next_report_lists_what_will_and_will_not_be_pushed() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB\nBolt,Hot,500,GB\nDune,Hot,1,GB\nCove,Hot,500,GB");
    let plan = house.plan();
    house.hive(&["approve", "NW", "--line", &plan.line_id("Cove Hot")]).done();
    let next = crate::ran::Plan(house.ok("report NW --run next --format json").json());
    assert_eq!(next.0["plan"], plan.id());
    let approved = |name: &str| next.line(name)["approved"].as_bool().unwrap();
    assert_eq!([approved("Acme Hot"), approved("Bolt Hot"), approved("Cove Hot")], [false, false, true]);
    let lines = next.lines().as_array().unwrap();
    let pushed = |line: &&serde_json::Value| line["mark"] == "change" || line["approved"] == true;
    let will: Vec<&serde_json::Value> = lines.iter().filter(pushed).collect();
    assert_eq!(will.len(), 2);
    assert_eq!(lines.len(), 7, "every line is in one of the two lists");
    assert_eq!(next.heavy("Dune Hot"), ["account.unlinked"]);
    house.ok("report NW --run next").shows(&[
        "Will be pushed: 1 line",
        "Approved, the next Update pushes it: 1 line",
        "approved by cli:priya",
        "Waits for approval: 1 line",
        "Will not be pushed: 1 line",
        "account.unlinked",
    ]);
    let report = house.update().done().report();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 12", "200005: 30 -> 500"]);
    let sum: i64 = report.0["counts"].as_object().unwrap().values().map(|count| count.as_i64().unwrap()).sum();
    assert_eq!(sum, 7, "counts add up: {:#}", report.0["counts"]);
    assert_eq!(report.outcome("Bolt Hot"), "held");
    assert!(report.message("Bolt Hot").contains("usage.spike"));
}

#[test]
fn ac_101_a_change_of_link_rule_quota_or_setting_is_in_the_next_plan_without_a_sync() {
    let house = House::linked();
    house.usage("Acme,Hot,12,GB");
    let syncs = house.sim.requests().companies;
    let next = |house: &House| house.plan().line("Acme Hot")["next"].as_str().unwrap_or("-").to_owned();
    assert_eq!(next(&house), "12");
    house.ok("settings NW mode=quota_bracket");
    assert_eq!(next(&house), "100");
    house.ok("quota NW --account Acme --product Hot 300 GB");
    assert_eq!(next(&house), "500");
    house.ok("settings NW --product Hot ladder=300,600");
    assert_eq!(next(&house), "600");
    house.ok("settings NW --account Acme mode=actual");
    assert_eq!(next(&house), "12");
    house.ok("settings NW --product Hot included=5");
    assert_eq!(next(&house), "7");
    house.ok("settings NW --product Hot minimum=9");
    assert_eq!(next(&house), "9");
    house.ok("settings NW --product Hot included= minimum= rounding=up:50");
    assert_eq!(next(&house), "50");
    house.ok("link NW --product Hot --item 1001 --unit GB --size 10");
    assert_eq!(next(&house), "50");
    house.ok("settings NW --product Hot rounding=");
    assert_eq!(next(&house), "2");
    house.ok("link NW --account Acme --company 102");
    assert_eq!(house.plan().line("Acme Hot")["addition"]["id"], 200_003);
    assert_eq!(house.sim.requests().companies, syncs, "without a Sync");
}
