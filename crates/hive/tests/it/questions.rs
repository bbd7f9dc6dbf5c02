//! A question that a person was asked stays a question until a person answers that very question.

use crate::house::{House, ago};

/// Acme's addition was live at 10, then somebody typed 25; Hive would write 12.
fn edited() -> House {
    let house = House::live();
    house.usage("Acme,Hot,12,GB");
    house.human(200_001, "25");
    house.ok("sync NW");
    house
}

#[test]
fn going_live_again_is_no_answer_to_an_edit_by_hand() {
    let house = edited();
    house.ok("settings NW minimum=1 --product Hot");
    house.push().done();
    assert_eq!(house.wrote(), [""; 0], "a person's value waits");
    for _ in 0..2 {
        assert_eq!(house.plan().heavy("Acme Hot"), ["addition.edited_by_hand"]);
        house.update().done();
        assert_eq!(house.wrote(), [""; 0]);
    }
    assert_eq!(house.holds(200_001), "25");
}

#[test]
fn to_approve_one_cause_is_to_approve_that_cause_alone() {
    let house = edited();
    house.ok("settings NW stale_hold_days=0 stale_hold_rhythms=0");
    house.usage("Bolt,Hot,100,GB");
    let plan = house.plan();
    assert_eq!(plan.heavy("Bolt Hot"), ["usage.stale", "usage.spike"]);
    let cause = plan.issue("Bolt Hot", "usage.stale")["cause"].as_str().unwrap().to_owned();
    house.hive(&["approve", "NW", "--cause", &cause]).done().shows(&["usage.stale"]);
    house.update().done();
    assert_eq!(house.wrote(), [""; 0], "the rise was nobody's decision");
    let spike = plan.issue("Bolt Hot", "usage.spike")["cause"].as_str().unwrap().to_owned();
    house.hive(&["approve", "NW", "--cause", &spike]).done();
    house.update().done();
    assert_eq!(house.wrote_now(), ["200003: 20 -> 100"], "both causes were decided, one by one");
}

#[test]
fn what_two_undos_took_back_waits_both_times() {
    let house = House::live();
    house.usage("Acme,Hot,11,GB");
    let first = house.update().done().report().run().to_owned();
    house.usage_at("Acme,Hot,12,GB", &ago(0));
    let second = house.update().done().report().run().to_owned();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 11", "200001: 11 -> 12"]);
    house.ok(&format!("undo NW --run {second}"));
    house.ok(&format!("undo NW --run {first}"));
    assert_eq!(house.wrote_now(), ["200001: 11 -> 10", "200001: 12 -> 11"]);
    assert_eq!(house.plan().heavy("Acme Hot"), ["addition.undone"]);
    house.update().done();
    assert_eq!(house.wrote(), [""; 0]);
}

#[test]
fn an_answer_keeps_to_its_word() {
    let house = edited();
    let line = house.plan().line_id("Acme Hot");
    house.hive(&["answer", "NW", "--line", &line, "minimum"]).done();
    house.human(200_001, "20");
    house.ok("sync NW");
    assert_eq!(house.plan().says("Acme Hot"), "held 20 -> 25");
    house.hive(&["answer", "NW", "--line", &line, "overwrite"]).done().shows(&["writes 25 over 20"]);
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 20 -> 25"], "the minimum stands, and so does the number that was promised");
    house.hive(&["answer", "NW", "--line", &line, "overwrite"]).done().shows(&["taken back"]);
    assert_eq!(house.plan().says("Acme Hot"), "change 25 -> 12", "usage decides again");
}

#[test]
fn a_lock_is_shown_and_is_never_in_the_past() {
    let house = edited();
    let line = house.plan().line_id("Acme Hot");
    house.hive(&["answer", "NW", "--line", &line, "lock=2020-12-31"]).ends(2).tells(&["past"]);
    assert_eq!(house.plan().heavy("Acme Hot"), ["addition.edited_by_hand"], "nothing was answered");
    house.hive(&["answer", "NW", "--line", &line, "lock=2099-12-31"]).done();
    let plan = house.plan();
    assert_eq!(plan.says("Acme Hot"), "unchanged 25 -> 25");
    let note = plan.issue("Acme Hot", "addition.edited_by_hand")["message"].as_str().unwrap();
    assert!(note.contains("2099-12-31") && note.contains("would be 12"), "{note}");
}

#[test]
fn an_undo_waits_for_the_admin_too() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB");
    let run = house.update().done().report().run().to_owned();
    house.sim.set_rights("Finance", "Agreements", "All", "My");
    house.connect("NW").done();
    house.sim.reset_writes();
    house.run(&format!("undo NW --run {run}")).ends(1).tells(&["admin"]);
    assert_eq!(house.wrote(), [""; 0]);
}

#[test]
fn a_product_linked_anew_is_looked_at_anew() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB");
    house.ok("unlink NW --product Hot");
    house.ok("link NW --product Hot --item 1001 --unit GB --size 1");
    assert_eq!(house.plan().line("Acme Hot")["live"], false);
    house.update();
    assert_eq!(house.wrote(), [""; 0]);
}
