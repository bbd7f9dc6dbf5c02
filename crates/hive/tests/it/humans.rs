//! People work in ConnectWise too: what they typed stands, whenever they typed it.

use crate::house::{House, fault};
use crate::ran::{Plan, Ran};
use hive_simulator::On;
use serde_json::json;

const CHANGED: &str = "Acme,Hot,12,GB\nBolt,Hot,21,GB\nCove,Hot,31,GB";
/// What goes on where Acme's line is somebody's.
const OTHERS: [&str; 2] = ["200003: 20 -> 21", "200005: 30 -> 31"];

/// A plan of three changes; then `human` acts; then exactly that plan is pushed.
fn between(human: impl Fn(&House)) -> (House, Ran) {
    let house = House::linked();
    house.usage(CHANGED);
    let plan = house.plan();
    human(&house);
    let ran = house.hive(&["update", "NW", "--plan", plan.id(), "--format", "json"]);
    (house, ran)
}

/// Not written and named so; the others go on.
#[track_caller]
fn named(human: impl Fn(&House), outcome: &str, found: &str, words: &str) -> House {
    let (house, ran) = between(human);
    let report = ran.ends(3).report();
    assert_eq!(report.outcome("Acme Hot"), outcome);
    assert_eq!(report.line("Acme Hot")["found"].as_str().unwrap_or("-"), found);
    assert!(report.message("Acme Hot").contains(words), "{words:?} in {}", report.message("Acme Hot"));
    assert_eq!([report.count(outcome), report.count("pushed"), report.count("unchanged")], [1, 2, 3]);
    assert_eq!(house.wrote_now(), OTHERS);
    house
}

#[test]
fn an_addition_edited_between_plan_and_update_has_drifted() {
    let house = named(|house| house.human(200_001, "25"), "drifted", "25", "jdoe");
    assert_eq!(house.holds(200_001), "25");
    for _ in 0..2 {
        let report = house.update().done().report();
        assert_eq!(report.outcome("Acme Hot"), "held");
        assert!(report.message("Acme Hot").contains("addition.edited_by_hand"), "{}", report.message("Acme Hot"));
        assert_eq!(house.wrote(), [""; 0], "the next automatic Update respects it too");
    }
    house.ok("sync NW");
    let plan = house.plan();
    let issue = plan.issue("Acme Hot", "addition.edited_by_hand")["message"].as_str().unwrap().to_owned();
    for word in ["jdoe", "10", "25", "12", "overwrite", "minimum", "lock"] {
        assert!(issue.contains(word), "{word} in {issue}");
    }
}

#[test]
fn an_addition_cancelled_between_plan_and_update_is_no_target() {
    named(
        |house| assert!(house.sim.cancel_addition(50_001, 200_001, Some("2026-01-31".parse().unwrap()))),
        "not_a_target",
        "10",
        "cancelled",
    );
}

#[test]
fn an_addition_deleted_between_plan_and_update_is_no_target_and_is_not_made_anew() {
    let house =
        named(|house| assert!(house.sim.delete_addition(50_001, 200_001)), "not_a_target", "-", "not there any more");
    assert!(house.sim.writes().iter().all(|write| write.method == "PATCH"));
}

#[test]
fn an_agreement_cancelled_between_plan_and_update_is_no_target() {
    named(|house| assert!(house.sim.cancel_agreement(50_001)), "not_a_target", "10", "cancelled");
}

#[test]
fn an_agreement_deleted_between_plan_and_update_is_no_target() {
    named(|house| assert!(house.sim.delete_agreement(50_001)), "not_a_target", "-", "not there any more");
}

#[test]
fn an_addition_set_to_the_wanted_value_is_already_right() {
    let (house, ran) = between(|house| house.human(200_001, "12"));
    let report = ran.done().report();
    assert_eq!(report.outcome("Acme Hot"), "already_right");
    assert_eq!(house.wrote_now(), OTHERS);
    house.ok("sync NW");
    assert_eq!(house.plan().says("Acme Hot"), "unchanged 12 -> 12");
}

#[test]
fn an_edit_between_re_read_and_patch_cannot_be_prevented_and_is_not_fought() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB");
    house.sim.fault(fault("human_after=99", On::Addition).nth(1));
    house.update();
    assert_eq!(house.wrote_now(), ["200001: 99 -> 12"], "ConnectWise has no way to prevent it");
    assert_eq!(house.plan().says("Acme Hot"), "unchanged 12 -> 12");
}

#[test]
fn an_edit_right_after_the_patch_is_a_persons_value_at_the_next_sync() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB");
    house.sim.fault(fault("human_after=99", On::Patch).nth(1));
    house.update();
    house.ok("sync NW");
    assert_eq!(house.plan().heavy("Acme Hot"), ["addition.edited_by_hand"]);
}

/// Acme Hot was settled at 10; a person made it 15; the usage says 12.
fn edited() -> (House, Plan) {
    let house = House::live();
    house.human(200_001, "15");
    house.usage("Acme,Hot,12,GB");
    house.ok("sync NW");
    let plan = house.plan();
    assert_eq!(plan.says("Acme Hot"), "held 15 -> 12");
    assert_eq!(plan.heavy("Acme Hot"), ["addition.edited_by_hand"]);
    house.update().done();
    house.push().done();
    assert_eq!(house.wrote(), [""; 0]);
    (house, plan)
}

#[test]
fn overwrite_writes_once_and_asks_again_after_the_next_edit() {
    let (house, plan) = edited();
    house.hive(&["answer", "NW", "--line", &plan.line_id("Acme Hot"), "overwrite"]).done();
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 15 -> 12"]);
    house.human(200_001, "15");
    house.ok("sync NW");
    assert_eq!(house.plan().says("Acme Hot"), "held 15 -> 12");
    house.update().done();
    assert_eq!(house.wrote(), [""; 0]);
}

#[test]
fn to_approve_a_line_edited_by_hand_is_to_overwrite_once() {
    let (house, plan) = edited();
    house.hive(&["approve", "NW", "--line", &plan.line_id("Acme Hot")]).done();
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 15 -> 12"]);
}

#[test]
fn minimum_is_never_gone_below_and_can_be_gone_above() {
    let (house, plan) = edited();
    house.hive(&["answer", "NW", "--line", &plan.line_id("Acme Hot"), "minimum"]).done();
    let plan = house.plan();
    assert_eq!(plan.says("Acme Hot"), "unchanged 15 -> 15");
    assert!(plan.codes("Acme Hot").contains(&"quantity.below_minimum"));
    house.usage("Acme,Hot,17,GB");
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 15 -> 17"]);
    house.usage("Acme,Hot,11,GB");
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 17 -> 15"]);
}

#[test]
fn lock_keeps_the_value_through_the_date_and_not_longer() {
    let (house, plan) = edited();
    house.hive(&["answer", "NW", "--line", &plan.line_id("Acme Hot"), "lock=2031-12-31"]).done();
    house.usage("Acme,Hot,14,GB");
    assert_eq!(house.plan().says("Acme Hot"), "unchanged 15 -> 15");
    house.update().done();
    assert_eq!(house.wrote(), [""; 0]);
    let (house, plan) = edited();
    let today = &crate::house::ago(0)[..10];
    house.hive(&["answer", "NW", "--line", &plan.line_id("Acme Hot"), &format!("lock={today}")]).done();
    assert_eq!(house.plan().says("Acme Hot"), "unchanged 15 -> 15", "through today");
    let (house, plan) = edited();
    let past = house.hive(&["answer", "NW", "--line", &plan.line_id("Acme Hot"), "lock=2020-01-01"]);
    house.update().done();
    let wrote = if past.code == 0 { vec!["200001: 15 -> 12"] } else { vec![] };
    assert_eq!(house.wrote(), wrote, "a lock that is over locks nothing; refused, it answers nothing");
}

#[test]
fn a_value_seen_at_go_live_is_settled_and_a_later_edit_of_an_unchanged_line_is_respected() {
    let house = House::live();
    house.human(200_003, "23");
    house.ok("sync NW");
    assert_eq!(house.plan().says("Bolt Hot"), "held 23 -> 20");
    house.human(200_003, "20");
    house.ok("sync NW");
    assert_eq!(house.plan().says("Bolt Hot"), "unchanged 20 -> 20", "the person took it back");
}

#[test]
fn undo_restores_to_the_digit_except_what_somebody_changed_since_and_says_which() {
    let house = House::live();
    house.ok("settings NW --product Hot rounding=none");
    house.push().done();
    house.human(200_001, "10.25");
    house.ok("sync NW");
    house.plan();
    house.usage("Acme,Hot,12.5,GB\nBolt,Hot,21.125,GB\nCove,Hot,31,GB");
    house.plan();
    house.ok("approve NW --all");
    let report = house.update().done().report();
    assert_eq!(house.wrote_now(), ["200001: 10.25 -> 12.5", "200003: 20 -> 21.125", "200005: 30 -> 31"]);
    house.human(200_005, "33");
    let run = report.run().to_owned();
    let dry = house.ok(&format!("undo NW --run {run} --dry-run --format json")).json();
    assert_eq!(dry["lines"].as_array().unwrap().len(), 3);
    assert_eq!([&dry["lines"][0]["accounts"], &dry["lines"][0]["products"]], [&json!(["Acme"]), &json!(["Hot"])]);
    assert!(dry["totals"][0]["down_month"].as_str().unwrap().starts_with('-'), "{dry}");
    assert_eq!(house.wrote(), [""; 0]);
    let undo = house.run(&format!("undo NW --run {run} --format json")).ends(3).report();
    assert_eq!(house.wrote_now(), ["200001: 12.5 -> 10.25", "200003: 21.125 -> 20"]);
    assert_eq!(
        [undo.outcome("Acme Hot"), undo.outcome("Bolt Hot"), undo.outcome("Cove Hot")],
        ["pushed", "pushed", "drifted"]
    );
    assert_eq!(undo.line("Cove Hot")["found"], "33");
    let runs = house.ok("runs NW --format json").json();
    let told = |id: &str| runs.as_array().unwrap().iter().find(|one| one["run"] == id).unwrap()["undone"].clone();
    assert_eq!(
        [&told(&run)["whole"], &told(&run)["wrote"], &told(&run)["taken_back"]],
        [&json!(false), &json!(3), &json!(2)]
    );
    house.ok("runs NW").shows(&["partly undone by run"]);
    house.ok(&format!("report NW --run {run}")).shows(&["partly undone by run", "UTC"]);
    let dry = house.ok(&format!("undo NW --run {run} --dry-run --format json")).json();
    assert_eq!(dry["lines"][0]["accounts"], json!(["Cove"]), "only what still stands: {dry}");
    assert_eq!([house.holds(200_001), house.holds(200_003), house.holds(200_005)], ["10.25", "20", "33"]);
    house.ok("doctor NW");
}

#[test]
fn what_was_undone_is_held_until_a_person_approves_or_the_usage_changes() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB\nBolt,Hot,21,GB");
    let run = house.update().done().report().run().to_owned();
    house.sim.reset_writes();
    let undo = house.ok(&format!("undo NW --run {run} --format json")).report().run().to_owned();
    assert_eq!(house.wrote_now(), ["200001: 12 -> 10", "200003: 21 -> 20"]);
    for _ in 0..2 {
        let plan = house.plan();
        assert_eq!(plan.says("Acme Hot"), "held 10 -> 12");
        assert_eq!(plan.heavy("Acme Hot"), ["addition.undone"]);
        let message = plan.issue("Acme Hot", "addition.undone")["message"].as_str().unwrap();
        assert!(
            message.contains("cli:priya")
                && (message.contains(&format!("run {run}")) || message.contains(&format!("run {undo}"))),
            "{message}"
        );
        house.update().done();
        assert_eq!(house.wrote(), [""; 0]);
        house.ok("sync NW");
    }
    let plan = house.plan();
    house.hive(&["approve", "NW", "--line", &plan.line_id("Acme Hot")]).done();
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 12"]);
    house.usage("Bolt,Hot,22,GB");
    house.update().done();
    assert_eq!(house.wrote_now(), ["200003: 20 -> 22"], "another value than the one undone is another question");
}

#[test]
fn an_undo_asks_no_limit_and_ends_1_with_updates_off() {
    let house = House::live();
    house.usage("Acme,Hot,200,GB");
    house.plan();
    house.ok("approve NW --all");
    let run = house.update().done().report().run().to_owned();
    house.sim.reset_writes();
    house.ok("settings NW updates=off");
    house.run(&format!("undo NW --run {run}")).ends(1).tells(&["off"]);
    assert_eq!(house.wrote(), [""; 0]);
    house.ok("settings NW updates=manual");
    house.ok(&format!("undo NW --run {run}"));
    assert_eq!(house.wrote_now(), ["200001: 200 -> 10"], "a fall of 95 % that a person asked for");
    house.run("undo NW --run 999").ends(1).tells(&["has no run 999"]);
    let runs = house.ok("runs NW --format json").json().as_array().unwrap().len();
    for again in ["", " --dry-run"] {
        house.run(&format!("undo NW --run {run}{again}")).ends(1).tells(&["is undone by run", "already"]);
    }
    assert_eq!(house.wrote(), [""; 0], "undone twice is undone once");
    assert_eq!(house.ok("runs NW --format json").json().as_array().unwrap().len(), runs, "no run began");
}

#[test]
fn an_undo_can_be_undone_and_the_audit_is_whole() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB");
    let run = house.update().done().report().run().to_owned();
    let undo = house.ok(&format!("undo NW --run {run} --format json")).report().run().to_owned();
    house.ok(&format!("undo NW --run {undo}"));
    assert_eq!(house.wrote(), ["200001: 10 -> 12", "200001: 12 -> 10", "200001: 10 -> 12"]);
    house.ok("doctor NW").shows(&["the chain is whole"]);
}
