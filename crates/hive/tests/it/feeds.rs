//! What sources send: customers who are gone, half answers, rhythms; who else writes; and the brake.

use crate::house::{House, USED, ago};
use crate::moved::Moved;
use crate::runs::wait_until;

/// Imports `rows` as the whole of a source, measured so many minutes ago.
fn complete(house: &House, rows: &str, minutes: i64) {
    let at = ago(minutes);
    let rows: String = rows.lines().map(|row| format!("{},{at}\n", row.trim())).collect();
    let file = house.write("complete.csv", format!("account,product,quantity,unit,measured_at\n{rows}"));
    house.hive(&["import", "usage", "NW", &file, "--complete"]).done();
}

/// Everyone but Acme.
const WITHOUT_ACME: &str = "Bolt,Hot,20,GB\nBolt,Seat,8,user\nCove,Hot,30,GB\nCove,Seat,4,user";

fn without_acme() -> House {
    let house = House::live();
    complete(&house, USED, 120);
    complete(&house, WITHOUT_ACME, 60);
    house
}

#[test]
fn a_customer_who_left_is_asked_about_and_set_to_0_only_when_a_person_says_so() {
    let house = without_acme();
    let plan = house.plan();
    assert_eq!(plan.heavy("Acme Hot"), ["usage.gone"]);
    let line = plan.line("Acme Hot");
    assert_eq!((&line["now"], &line["next"], &line["mark"]), (&"10".into(), &"0".into(), &"held".into()));
    let words = plan.issue("Acme Hot", "usage.gone")["message"].as_str().unwrap().to_owned();
    assert!(words.contains("20.00 USD a month") && words.contains("hive answer \"NW\" --cause"), "{words}");
    house.update().done();
    assert_eq!(house.wrote(), [""; 0], "never 0 by itself");
    house.ok("sources NW").shows(&["import", "gone: Acme", "(complete)"]);

    house.hive(&["answer", "NW", "--line", &plan.line_id("Acme Hot"), "left"]).done().shows(&["Acme x Hot: left"]);
    house.hive(&["answer", "NW", "--cause", "usage.gone:1-2", "keep"]).done().shows(&["Acme x Seat: still there"]);
    let plan = house.plan();
    assert_eq!(
        [plan.line("Acme Hot")["mark"].as_str(), plan.line("Acme Seat")["mark"].as_str()],
        [Some("change"), Some("unchanged")]
    );
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 0"]);

    // It comes back: the answers end.
    complete(&house, USED, 30);
    let plan = house.plan();
    assert_eq!(
        [plan.line("Acme Hot")["next"].as_str(), plan.line("Acme Seat")["next"].as_str()],
        [Some("10"), Some("5")]
    );
    complete(&house, WITHOUT_ACME, 20);
    assert_eq!(house.plan().heavy("Acme Seat"), ["usage.gone"], "and leaves again: another question");
}

#[test]
fn ask_again_next_time_asks_at_the_next_complete_batch() {
    let house = without_acme();
    let plan = house.plan();
    house.hive(&["answer", "NW", "--line", &plan.line_id("Acme Hot"), "later"]).done();
    assert_eq!(house.plan().line("Acme Hot")["mark"], "unchanged");
    complete(&house, WITHOUT_ACME, 30);
    assert_eq!(house.plan().heavy("Acme Hot"), ["usage.gone"]);
    house
        .hive(&["answer", "NW", "--line", &plan.line_id("Bolt Hot"), "left"])
        .ends(1)
        .tells(&["Bolt x Hot", "no question"]);
}

#[test]
fn a_feed_that_answered_half_holds_every_fall_as_one_until_it_is_accepted() {
    let house = House::live();
    house.usage(USED);
    house.usage("Acme,Hot,5,GB\nBolt,Hot,11,GB\nCove,Hot,17,GB\nAcme,Seat,6,user");
    let plan = house.plan();
    for name in ["Acme Hot", "Bolt Hot", "Cove Hot"] {
        assert_eq!(plan.heavy(name), ["usage.feed_partial"]);
        assert_eq!(plan.issue(name, "usage.feed_partial")["cause"], "usage.feed_partial:import-1");
    }
    assert_eq!(plan.line("Acme Seat")["mark"], "change", "a rise of another product passes");
    house.update().done();
    assert_eq!(house.wrote_now(), ["200002: 5 -> 6"]);
    let sources = house.ok("sources NW --format json").json();
    let hot = &sources["sources"][0]["products"][0];
    assert_eq!((&hot["partial"], &hot["cause"]), (&true.into(), &"usage.feed_partial:import-1".into()));
    house
        .hive(&["answer", "NW", "--cause", "usage.feed_partial:import-1", "accept"])
        .done()
        .shows(&["3 of 3 accounts", "33 after 60"]);
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 5", "200003: 20 -> 11", "200005: 30 -> 17"]);
    house.hive(&["answer", "NW", "--cause", "usage.feed_partial:import-1", "accept"]).ends(1);
}

#[test]
fn a_better_batch_clears_a_half_one_by_itself() {
    let house = House::live();
    house.usage(USED);
    house.usage("Acme,Hot,5,GB\nBolt,Hot,11,GB\nCove,Hot,17,GB");
    assert_eq!(house.plan().counts()[2], 3);
    house.usage("Acme,Hot,9,GB\nBolt,Hot,20,GB\nCove,Hot,30,GB");
    let plan = house.plan();
    assert_eq!((plan.counts(), plan.line("Acme Hot")["mark"].as_str()), ([1, 5, 0, 0], Some("change")));
}

#[test]
fn a_declared_rhythm_says_when_usage_is_stale() {
    let house = House::linked();
    house.usage_at("Dune,Seat,6,user", &ago(5 * 24 * 60));
    house.ok("link NW --account Dune --company 101");
    assert!(house.plan().heavy("Dune Seat").contains(&"usage.stale"));
    house.ok("sources NW --source import --rhythm-days 7").shows(&["every 7 days"]);
    assert!(!house.plan().heavy("Dune Seat").contains(&"usage.stale"));
    house.ok("sources NW --source import --rhythm-days learned");
    assert!(house.plan().heavy("Dune Seat").contains(&"usage.stale"));
    house.run("sources NW --source nobody --rhythm-days 7").ends(1);
    house.run("sources NW --source import --rhythm-days 0").ends(2);
    house.run("sources NW --source import --rhythm-days weekly").ends(2);
}

#[test]
fn what_somebody_puts_back_twice_is_written_no_more_until_a_person_answers() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB");
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 12"]);
    house.human(200_001, "10");
    house.ok("sync NW");
    let plan = house.plan();
    assert_eq!(plan.heavy("Acme Hot"), ["addition.edited_by_hand"], "once is an edit");
    house.plan();
    house.hive(&["answer", "NW", "--line", &plan.line_id("Acme Hot"), "overwrite"]).done();
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 12"]);
    house.human(200_001, "10");
    house.ok("sync NW");
    for _ in 0..2 {
        let plan = house.plan();
        assert_eq!(plan.heavy("Acme Hot"), ["addition.other_writer"]);
        assert_eq!(plan.line("Acme Hot")["mark"], "issue");
    }
    let words = house.plan().issue("Acme Hot", "addition.other_writer")["message"].as_str().unwrap().to_owned();
    assert!(words.contains("put back to 10 2 times, last by jdoe"), "{words}");
    house.update().done();
    assert_eq!(house.wrote(), [""; 0]);

    house.hive(&["answer", "NW", "--line", &plan.line_id("Acme Hot"), "overwrite"]).done().shows(&["begins anew"]);
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 12"]);
    house.human(200_001, "10");
    house.ok("sync NW");
    assert_eq!(house.plan().heavy("Acme Hot"), ["addition.edited_by_hand"], "the count began anew");
}

#[test]
fn an_undo_and_hives_own_writes_are_no_flip() {
    let house = House::live();
    for (quantity, wrote) in [("12", "200001: 10 -> 12"), ("10", "200001: 12 -> 10"), ("12", "200001: 10 -> 12")] {
        house.usage(&format!("Acme,Hot,{quantity},GB"));
        house.update().done();
        assert_eq!(house.wrote_now(), [wrote]);
    }
    let run = house.ok("runs NW --format json").json()[0]["run"].to_string().replace('"', "");
    house.ok(&format!("undo NW --run {run}"));
    house.sim.reset_writes();
    let plan = house.plan();
    assert_eq!(plan.heavy("Acme Hot"), ["addition.undone"]);
    house.human(200_001, "12");
    house.ok("sync NW");
    house.human(200_001, "10");
    house.ok("sync NW");
    assert_eq!(house.plan().heavy("Acme Hot"), ["addition.undone"]);
}

#[test]
fn a_scheduled_update_that_moves_too_much_waits_for_a_person() {
    let at: hive_simulator::Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
    let moved = Moved::live(at, "UTC", "02:30");
    let house = &moved.house;
    let plan = || moved.ok("plan NW --format json").json();
    assert!(plan()["brake"].is_null());
    // 290 a month are under Hive; 15 GB more are 30.
    moved.usage("Acme,Hot,25,GB");
    let brake = plan()["brake"].clone();
    assert_eq!(brake["code"], "update.brake");
    let over = &brake["over"][0];
    assert_eq!([&over["now"], &over["next"], &over["moved"], &over["share"]], ["290", "320", "30", "10.3"]);
    moved.ok("plan NW").tells(&["update.brake", "290.00 USD a month now", "320.00 USD a month next"]);

    let server = moved.serve();
    moved.ended(1);
    moved.set("2026-11-24T03:00:05Z".parse().unwrap());
    wait_until("the schedule says why", || moved.ok("doctor NW").out.contains("update.brake"));
    assert!(moved.scheduled("NW").iter().all(|run| run.kind != "update"), "it did not start");
    assert_eq!(house.wrote(), [""; 0]);
    server.stop();
    // What a person starts has no brake.
    moved.ok("update NW");
    assert_eq!(house.wrote_now(), ["200001: 10 -> 25"]);
    assert!(plan()["brake"].is_null());
}

#[test]
fn to_approve_all_lets_the_next_update_pass() {
    let house = House::live();
    house.usage("Acme,Hot,25,GB");
    let next = |house: &House| house.ok("report NW --run next --format json").json()["brake"].clone();
    assert_eq!(next(&house)["code"], "update.brake");
    let approved = house.ok("approve NW --all --format json").json();
    assert_eq!((&approved["brake_passed"], approved["lines"].as_array().unwrap().len()), (&true.into(), 0));
    assert!(next(&house).is_null());
    house.usage("Acme,Hot,26,GB");
    assert_eq!(next(&house)["code"], "update.brake", "more than was agreed to");
    house.ok("settings NW brake_percent=100");
    assert!(next(&house).is_null());
}
