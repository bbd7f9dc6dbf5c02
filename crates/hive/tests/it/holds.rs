//! Holds: what waits for a person, what an approval lifts, and when it is used up.

use crate::house::{House, ago, town};
use hive_simulator::{NewAddition, NewAgreement, NewItem};

/// Held with this code and nothing heavier; an Update leaves it; an approval of it lets exactly it through.
#[track_caller]
fn held_then_approved(house: &House, name: &str, code: &str, writes: &str, words: &[&str]) {
    let plan = house.plan();
    assert_eq!(plan.line(name)["mark"], "held", "{}", plan.line(name));
    assert_eq!(plan.heavy(name), [code]);
    let issue = plan.issue(name, code);
    assert_eq!(issue["severity"], "hold");
    assert!(issue["cause"].as_str().unwrap().starts_with(code), "{issue}");
    for word in words {
        assert!(issue["message"].as_str().unwrap().contains(word), "{word:?} in {issue}");
    }
    let report = house.update().done().report();
    assert_eq!(house.wrote(), [""; 0]);
    assert_eq!(report.outcome(name), "held");
    assert!(report.message(name).contains(code), "{}", report.message(name));
    assert_eq!(house.plan().id(), plan.id(), "looking and trying change nothing");
    let approved = house.hive(&["approve", "NW", "--line", &plan.line_id(name), "--format", "json"]).done().json();
    assert_eq!(approved["lines"].as_array().unwrap().len(), 1);
    assert_eq!(house.plan().id(), plan.id(), "an approval changes no plan");
    house.update().done();
    assert_eq!(house.wrote_now(), [writes]);
}

#[test]
fn a_large_fall_is_held_until_approved() {
    let house = House::live();
    house.usage("Cove,Hot,4,GB");
    held_then_approved(&house, "Cove Hot", "usage.drop", "200005: 30 -> 4", &["falls", "30", "4", "52.00"]);
}

#[test]
fn a_large_rise_is_held_until_approved() {
    let house = House::live();
    house.usage("Acme,Hot,61,GB");
    held_then_approved(&house, "Acme Hot", "usage.spike", "200001: 10 -> 61", &["rises", "10", "61", "102.00"]);
}

#[test]
fn limits_are_percent_and_money_and_both_are_settings() {
    let house = House::live();
    house.usage("Cove,Hot,5,GB\nAcme,Hot,60,GB\nBolt,Hot,14,GB");
    let plan = house.plan();
    assert_eq!(plan.counts(), [3, 3, 0, 0], "a fall of 50 and a rise of 100 are not over the limit");
    house.ok("settings NW drop_money=49 rise_money=99");
    let plan = house.plan();
    assert_eq!([plan.heavy("Cove Hot"), plan.heavy("Acme Hot")], [["usage.drop"], ["usage.spike"]]);
    house.ok("settings NW drop_percent=84 rise_percent=501");
    assert_eq!(house.plan().counts(), [3, 3, 0, 0]);
}

#[test]
fn a_measured_zero_is_held_until_approved() {
    let house = House::live();
    house.usage("Cove,Hot,0,GB");
    held_then_approved(&house, "Cove Hot", "usage.zero", "200005: 30 -> 0", &["0", "30", "60.00"]);
}

#[test]
fn stale_usage_is_held_and_then_stopped() {
    let house = House::synced();
    house.ok("link NW --product Seat --item 1002");
    house.push().done();
    let old = ago(4 * 24 * 60);
    let house = {
        drop(house);
        let house = House::connected(town());
        house.usage_at("Acme,Seat,6,user", &old);
        house.usage("Bolt,Seat,8,user\nCove,Seat,4,user");
        house.ok("sync NW");
        house.ok("link NW --product Seat --item 1002");
        house.push().done();
        house
    };
    held_then_approved(&house, "Acme Seat", "usage.stale", "200002: 5 -> 6", &["4 days ago", "Import newer usage"]);
    house.usage_at("Dune,Seat,6,user", &ago(36 * 24 * 60));
    house.ok("link NW --account Dune --company 101");
    let plan = house.plan();
    assert!(plan.heavy("Dune Seat").contains(&"usage.stale"));
    assert_eq!(plan.issue("Dune Seat", "usage.stale")["severity"], "stop");
    assert!(plan.heavy("Acme Seat").contains(&"sum.part_blocked"));
}

#[test]
fn stale_usage_of_an_unchanged_quantity_needs_nobody() {
    let house = House::connected(town());
    house.usage_at("Acme,Seat,5,user", &ago(4 * 24 * 60));
    house.ok("sync NW");
    house.ok("link NW --product Seat --item 1002");
    assert_eq!(house.plan().line("Acme Seat")["mark"], "unchanged");
}

/// Acme has Tape at 3 on an agreement with this billing.
fn billed(cycle: Option<&str>) -> House {
    let mut world = town();
    let item = world.item(NewItem { description: "Tape".into(), ..NewItem::default() });
    let agreement = world.agreement(NewAgreement {
        billing_cycle: cycle.map(str::to_owned),
        next_invoice_date: cycle.map(|_| "2027-07-01".parse().unwrap()),
        ..NewAgreement::default()
    });
    world.addition(NewAddition { agreement, item, quantity: 3.into(), ..NewAddition::default() });
    let house = House::connected(world);
    house.usage("Acme,Tape,4,user");
    house.ok("sync NW");
    house.hive(&["link", "NW", "--product", "Tape", "--item", &item.to_string()]).done();
    house.push().done();
    house
}

#[test]
fn a_paid_period_is_held_with_what_is_not_billed_until_then() {
    for (cycle, word) in [("Yearly", "yearly"), ("Quarterly", "quarterly"), ("Semi-Annual", "semi")] {
        let house = billed(Some(cycle));
        held_then_approved(
            &house,
            "Acme Tape",
            "addition.paid_period",
            "200007: 3 -> 4",
            &[word, "2027-07-01", "does not bill"],
        );
    }
}

#[test]
fn a_monthly_cycle_is_a_note_that_names_the_invoice() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB");
    let plan = house.plan();
    assert_eq!(plan.issue("Acme Hot", "addition.paid_period")["severity"], "note");
    assert!(plan.issue("Acme Hot", "addition.paid_period")["message"].as_str().unwrap().contains("2026-12-01"));
}

#[test]
fn an_agreement_without_a_billing_cycle_is_held() {
    for cycle in [Some("None"), None] {
        held_then_approved(
            &billed(cycle),
            "Acme Tape",
            "addition.paid_period",
            "200007: 3 -> 4",
            &["no billing cycle"],
        );
    }
}

#[test]
fn two_sources_are_held_until_a_person_chooses() {
    let house = House::live();
    let file = house.write("b.csv", format!("account,product,quantity,unit,measured_at\nAcme,Hot,14,GB,{}\n", ago(1)));
    house.hive(&["import", "usage", "NW", &file, "--source", "veeam"]).done();
    let plan = house.plan();
    assert_eq!(plan.heavy("Acme Hot"), ["usage.two_sources"]);
    assert!(plan.issue("Acme Hot", "usage.two_sources")["message"].as_str().unwrap().contains("veeam"));
    house.update().done();
    assert_eq!(house.wrote(), [""; 0]);
    house.ok("settings NW --product Hot --account Acme source=veeam");
    house.update().done();
    assert_eq!(house.wrote(), ["200001: 10 -> 14"]);
}

#[test]
fn an_approval_is_used_up_by_the_update_that_sent_it() {
    let house = House::live();
    house.usage("Acme,Hot,100,GB");
    house.plan();
    house.ok("approve NW --all");
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 100"]);
    house.human(200_001, "10");
    house.ok("sync NW");
    let plan = house.plan();
    assert_eq!(plan.line("Acme Hot")["mark"], "held");
    house.update().done();
    assert_eq!(house.wrote(), [""; 0], "the old approval does not lift it again");
}

#[test]
fn an_approval_that_drifted_is_not_used_up() {
    let house = House::live();
    house.usage("Acme,Hot,100,GB");
    house.plan();
    house.ok("approve NW --all");
    house.human(200_001, "11");
    house.update().ends(3);
    assert_eq!(house.wrote(), [""; 0]);
    house.human(200_001, "10");
    house.ok("sync NW");
    house.update().done();
    assert_eq!(house.wrote(), ["200001: 10 -> 100"]);
}

#[test]
fn an_approval_reaches_five_percent_further_for_storage_and_no_further_for_things() {
    let house = House::live();
    house.usage("Acme,Hot,100,GB\nAcme,Seat,30,user");
    house.plan();
    house.ok("approve NW --all");
    house.usage("Acme,Hot,105,GB\nAcme,Seat,31,user");
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 105"]);
    house.usage("Acme,Seat,29,user");
    house.update().done();
    assert_eq!(house.wrote_now(), ["200002: 5 -> 29"], "what is less of it is within");
    house.usage("Bolt,Hot,200,GB");
    house.plan();
    house.ok("approve NW --all");
    house.usage("Bolt,Hot,211,GB");
    house.update().done();
    assert_eq!(house.wrote(), [""; 0], "beyond 5 % it waits again");
}

#[test]
fn an_approval_lifts_the_codes_that_were_shown_and_no_later_ones() {
    let house = House::live();
    house.usage("Cove,Hot,4,GB");
    house.plan();
    house.ok("approve NW --all");
    house.usage("Cove,Hot,0,GB");
    house.plan();
    house.update().done();
    assert_eq!(house.wrote(), [""; 0], "a zero was never shown");
}

#[test]
fn approve_all_prints_count_and_money_and_approve_cause_takes_one_decision() {
    let house = House::live();
    house.usage("Acme,Hot,100,GB\nBolt,Hot,200,GB\nCove,Hot,0,GB");
    let plan = house.plan();
    assert_eq!(plan.counts(), [0, 3, 3, 0]);
    let cause = plan.issue("Bolt Hot", "usage.spike")["cause"].as_str().unwrap().to_owned();
    house.hive(&["approve", "NW", "--cause", &cause]).done();
    house.update().done();
    assert_eq!(house.wrote_now(), ["200003: 20 -> 200"]);
    house.plan();
    house.ok("approve NW --all").tells(&["2 held", "60.00", "180.00"]);
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 100", "200005: 30 -> 0"]);
    house.plan();
    house.run("approve NW --all").ends(1).tells(&["nothing is held"]);
}

#[test]
fn an_approval_is_for_the_whole_addition_and_lists_all_its_lines() {
    let house = House::live();
    house.usage("Annex,Hot,90,GB");
    house.ok("link NW --account Annex --company 101");
    let plan = house.plan();
    assert_eq!([&plan.line("Acme Hot")["mark"], &plan.line("Annex Hot")["mark"]], ["held", "held"]);
    let approved =
        house.hive(&["approve", "NW", "--line", &plan.line_id("Annex Hot"), "--format", "json"]).done().json();
    assert_eq!(approved["lines"].as_array().unwrap().len(), 2, "{approved:#}");
    house.update().done();
    assert_eq!(house.wrote(), ["200001: 10 -> 100"]);
}

#[test]
fn an_approval_lapses_when_its_days_are_over() {
    let house = House::live();
    house.ok("settings NW approval_days=0 updates=manual");
    house.usage("Acme,Hot,100,GB");
    house.plan();
    house.ok("approve NW --all");
    let report = house.update().done().report();
    assert_eq!(house.wrote(), [""; 0]);
    assert_eq!(report.outcome("Acme Hot"), "held");
    assert!(report.message("Acme Hot").contains("laps"), "it says so: {}", report.message("Acme Hot"));
}

#[test]
fn a_part_with_a_hold_holds_the_whole_sum() {
    let house = House::live();
    house.usage_at("Annex,Seat,1,user", &ago(4 * 24 * 60));
    house.ok("link NW --account Annex --company 101");
    house.usage("Acme,Seat,6,user");
    let plan = house.plan();
    assert_eq!([&plan.line("Acme Seat")["mark"], &plan.line("Annex Seat")["mark"]], ["held", "held"]);
    house.update().done();
    assert_eq!(house.wrote(), [""; 0]);
}

#[test]
fn in_bracket_mode_one_step_is_never_held() {
    let house = House::live();
    house.ok("settings NW mode=quota_bracket --product Hot");
    house.usage("Acme,Hot,90,GB\nBolt,Hot,90,GB\nCove,Hot,90,GB");
    house.plan();
    house.ok("approve NW --all");
    house.push().done();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 100", "200003: 20 -> 100", "200005: 30 -> 100"]);
    house.usage("Acme,Hot,240,GB\nBolt,Hot,490,GB");
    let plan = house.plan();
    assert_eq!([plan.says("Acme Hot"), plan.says("Bolt Hot")], ["change 100 -> 250", "held 100 -> 500"]);
}

#[test]
fn a_suspicious_factor_stops_until_unit_and_size_are_confirmed_again() {
    let mut world = town();
    world.item(NewItem {
        id: Some(1001),
        description: "Hot".into(),
        unit_of_measure: Some("Each".into()),
        ..NewItem::default()
    });
    for (company, id) in [(101, 200_001), (102, 200_003), (103, 200_005), (101, 200_007), (102, 200_008)] {
        let name = format!("Extra {id}");
        let company = if id > 200_006 {
            world.company(hive_simulator::NewCompany { name, ..Default::default() })
        } else {
            company
        };
        let agreement = if id > 200_006 {
            world.agreement(NewAgreement { company, ..NewAgreement::default() })
        } else {
            50_001 + company - 101
        };
        world.addition(NewAddition {
            id: Some(id),
            agreement,
            item: 1001,
            quantity: 5.into(),
            ..NewAddition::default()
        });
    }
    let house = House::connected(world);
    let names = ["Acme", "Bolt", "Cove", "Extra 200007", "Extra 200008"];
    house.usage(&names.map(|name| format!("{name},Hot,5000,GB")).join("\n"));
    house.ok("sync NW");
    house.ok("link NW --product Hot --item 1001 --unit GB --size 1");
    let plan = house.plan();
    assert_eq!(plan.heavy("Acme Hot"), ["unit.suspect"]);
    let message = plan.issue("Acme Hot", "unit.suspect")["message"].as_str().unwrap().to_owned();
    assert!(message.contains("1000 GB") && message.contains("USD a month"), "{message}");
    house.push().done();
    assert_eq!(house.wrote(), [""; 0]);
    house.ok("link NW --product Hot --unit GB --size 1");
    assert!(!house.plan().codes("Acme Hot").contains(&"unit.suspect"), "a person said it again");
    house.ok("link NW --product Hot --unit TB --size 1");
    assert_eq!(house.plan().says("Acme Hot"), "unchanged 5 -> 5");
}
