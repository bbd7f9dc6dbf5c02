//! Plans by their id, answers and approvals as typed, one run at a time.

use crate::house::{House, fault};
use hive_simulator::On;
use std::time::{Duration, Instant};

#[test]
fn an_update_by_id_that_no_longer_stands_writes_nothing_and_lists_the_differences() {
    let house = House::linked();
    house.usage("Acme,Hot,12,GB\nBolt,Hot,21,GB");
    let plan = house.plan();
    house.ok("link NW --product Seat --item 1002 --unit user --size 1");
    house.ok("settings NW --product Hot minimum=15");
    let ran = house.hive(&["update", "NW", "--plan", plan.id()]).ends(1);
    ran.tells(&["Acme x Hot", &plan.line_id("Acme Hot"), "10 -> 12", "10 -> 15"]).never_says(&["Bolt x Hot", "Cove"]);
    assert_eq!(house.wrote(), [""; 0]);
}

#[test]
fn a_plan_by_id_knows_only_the_samples_it_was_made_from() {
    let house = House::linked();
    house.usage("Acme,Hot,12,GB");
    let plan = house.plan();
    house.usage("Acme,Hot,14,GB\nEcho,Hot,1,GB");
    house.hive(&["update", "NW", "--plan", plan.id(), "--format", "json"]).done();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 12"], "what arrived since waits for the next");
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 12 -> 14"]);
}

#[test]
fn a_correction_of_a_sample_counts_at_once_even_for_a_plan_by_id() {
    let house = House::linked();
    let at = crate::house::ago(30);
    house.usage_at("Acme,Hot,12,GB", &at);
    let plan = house.plan();
    house.usage_at("Acme,Hot,11,GB", &at);
    house.hive(&["update", "NW", "--plan", plan.id()]).ends(1).tells(&["Acme x Hot", "10 -> 12", "10 -> 11"]);
    assert_eq!(house.wrote(), [""; 0]);
}

#[test]
fn an_approval_of_another_plan_than_the_last_stored_is_refused() {
    let house = House::live();
    house.usage("Acme,Hot,1000,GB");
    let old = house.plan();
    house.usage("Acme,Hot,2000,GB");
    let new = house.plan();
    house.hive(&["approve", "NW", "--all", "--plan", old.id()]).ends(1).tells(&[old.id(), new.id()]);
    house.hive(&["approve", "NW", "--line", "nonsense"]).ends(1);
    house.hive(&["approve", "NW", "--line", &new.line_id("Bolt Hot")]).ends(1).tells(&["not held"]);
    house.hive(&["approve", "NW", "--cause", "usage.spike:1"]).ends(1);
    house.update().done();
    assert_eq!(house.wrote(), [""; 0], "nothing was approved");
    house.hive(&["approve", "NW", "--all", "--plan", new.id()]).done();
    house.update().done();
    assert_eq!(house.wrote(), ["200001: 10 -> 2000"]);
}

#[test]
fn answers_take_both_forms_and_refuse_others() {
    let house = House::live();
    house.human(200_001, "15");
    house.human(200_002, "7");
    house.human(200_003, "22");
    house.ok("sync NW");
    let plan = house.plan();
    let (one, two) = (plan.line_id("Acme Hot"), plan.line_id("Acme Seat"));
    house.hive(&["answer", "NW", "--line", &one]).ends(2);
    house.hive(&["answer", "NW", "--line", &one, "perhaps"]).ends(2);
    house.hive(&["answer", "NW", "--line", &one, "lock=someday"]).ends(2);
    house.hive(&["answer", "NW", "--line", &one, "left"]).ends(1).tells(&["no question"]);
    house.hive(&["answer", "NW", "--line", &plan.line_id("Cove Hot"), "overwrite"]).ends(1);
    assert_eq!(house.plan().counts(), plan.counts(), "nothing was answered");
    house.hive(&["answer", "NW", "--line", &one, &two, "overwrite"]).done();
    house.hive(&["answer", "NW", "--cause", "addition.edited_by_hand:200003", "lock=2031-12-31"]).done();
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 15 -> 10", "200002: 7 -> 5"]);
    assert_eq!(house.holds(200_003), "22");
}

#[test]
fn ac_58_a_second_run_is_refused_and_names_who_holds_it_since_when() {
    let house = House::live();
    let day = crate::house::ago(0)[..10].to_owned();
    house.sim.fault(fault("hang", On::Lists));
    let mut first = house.begin("sync NW");
    wait_until("the first Sync is under way", || house.run("runs NW").out.contains("running"));
    for second in ["sync NW", "update NW"] {
        house.run(second).ends(1).tells(&["a run already", "Sync", "cli:priya", &day]);
    }
    house.usage("Acme,Hot,11,GB");
    house.plan();
    first.kill().unwrap();
    first.wait().unwrap();
    house.sim.clear_faults();
    house.ok("sync NW");
    house.update().done();
    assert_eq!(house.wrote(), ["200001: 10 -> 11"], "a killed run gives way at once");
}

pub(crate) fn wait_until(what: &str, mut is: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < Duration::from_secs(20), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn runs_lists_every_run_with_its_state_and_words() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB");
    house.update().done();
    house.fault("401", On::Lists);
    house.run("sync NW").ends(1);
    let runs = house.ok("runs NW --format json").json();
    let said: Vec<String> = runs
        .as_array()
        .unwrap()
        .iter()
        .map(|run| format!("{} {}", run["kind"].as_str().unwrap(), run["state"].as_str().unwrap()))
        .collect();
    assert_eq!(said, ["sync failed", "update succeeded", "update succeeded", "sync succeeded"], "newest first");
    assert!(runs[0]["words"].as_str().unwrap().contains("did not accept the keys"), "{runs:#}");
    assert_eq!(runs[0]["who"], "cli:priya");
}

#[test]
fn ctrl_c_stops_after_the_request_in_flight_and_reports_the_rest_as_not_sent() {
    let house = House::linked();
    house.usage("Acme,Hot,12,GB\nAcme,Seat,6,user\nBolt,Hot,21,GB\nBolt,Seat,9,user\nCove,Hot,31,GB\nCove,Seat,5,user");
    let plan = house.plan();
    house.fault("latency=400", On::Patch);
    let update = house.begin(&format!("update NW --plan {} --format json", plan.id()));
    wait_until("a PATCH is under way", || house.sim.requests().patches > 0);
    let pid = update.id().to_string();
    std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap();
    let output = update.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{err}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |outcome: &str| report["counts"][outcome].as_u64().unwrap();
    assert_eq!(of("pushed") as usize, house.wrote().len(), "{report:#}");
    assert_eq!(of("pushed") + of("not_sent"), 6, "{report:#}");
    assert!(of("not_sent") > 0, "{report:#}");
    house.sim.clear_faults();
    house.update().done();
    assert_eq!(house.wrote().len(), 6, "each once: {:?}", house.wrote());
}

#[test]
fn an_unknown_outcome_is_exit_3_and_the_next_update_looks_it_up_first() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB\nBolt,Hot,21,GB");
    house.sim.fault(fault("hang", On::Patch).addition(200_001));
    let report = house.update().ends(3).report();
    assert_eq!([report.outcome("Acme Hot"), report.outcome("Bolt Hot")], ["unknown", "pushed"]);
    assert!(report.message("Acme Hot").contains("looks it up first"), "{}", report.message("Acme Hot"));
    house.sim.clear_faults();
    house.update().done();
    assert_eq!(house.wrote(), ["200003: 20 -> 21", "200001: 10 -> 12"]);
}

#[test]
fn a_key_that_was_taken_back_stops_the_update_at_once() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB\nAcme,Seat,6,user\nBolt,Hot,21,GB\nBolt,Seat,9,user\nCove,Hot,31,GB\nCove,Seat,5,user");
    house.fault("401", On::Patch);
    let ran = house.update().ends(1).tells(&["did not accept the keys"]);
    assert!(house.sim.requests().patches <= 4, "no knocking on: a locked key stays locked");
    let report = ran.report();
    assert!(
        report.count("refused") >= 1 && report.count("refused") + report.count("not_sent") == 6,
        "{:#}",
        report.0["counts"]
    );
}

#[test]
fn imports_links_and_approvals_go_on_while_a_run_is_under_way() {
    let house = House::live();
    house.usage("Acme,Hot,100,GB");
    house.plan();
    house.fault("hang", On::Lists);
    let mut sync = house.begin("sync NW");
    wait_until("the Sync is under way", || house.run("runs NW").out.contains("running"));
    house.ok("approve NW --all");
    house.usage("Bolt,Hot,21,GB");
    house.ok("link NW --account Cove --company 103");
    house.ok("plan NW");
    sync.kill().unwrap();
    sync.wait().unwrap();
    house.sim.clear_faults();
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 100", "200003: 20 -> 21"]);
}

#[test]
fn two_updates_at_once_write_everything_once() {
    let house = House::live();
    for round in 1..4 {
        let rows: Vec<String> = [("Acme", 10), ("Bolt", 20), ("Cove", 30)]
            .iter()
            .map(|(name, base)| format!("{name},Hot,{},GB", base + round))
            .collect();
        house.usage(&rows.join("\n"));
        house.fault("latency=20", On::Any);
        let both: Vec<_> = (0..3).map(|_| house.begin("update NW")).collect();
        let codes: Vec<_> =
            both.into_iter().map(|child| child.wait_with_output().unwrap().status.code().unwrap()).collect();
        house.sim.clear_faults();
        assert!(codes.contains(&0) && codes.iter().all(|code| [0, 1].contains(code)), "{codes:?}");
        assert_eq!(house.wrote_now().len(), 3, "{codes:?}");
    }
    house.ok("doctor NW");
}

#[test]
fn linking_the_same_again_is_no_change_of_rule() {
    let house = House::live();
    house.ok("link NW --product Hot --item 1001 --unit GB --size 1");
    house.import_links("kind,hive,connectwise\nproduct,Seat,1002\n").done();
    house.usage("Acme,Hot,12,GB\nAcme,Seat,6,user");
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 12", "200002: 5 -> 6"]);
}

#[test]
fn a_connection_needs_a_client_id() {
    let house = House::bare(crate::house::town());
    let key = house.write("key", crate::house::PRIVATE_KEY);
    let url = house.url();
    let args = [
        "connect",
        "NW",
        "--url",
        &url,
        "--company",
        "northwind",
        "--public-key",
        "PUBLICKEY0000001",
        "--private-key-file",
        &key,
    ];
    crate::ran::Ran::of(&args, house.command(&args).env_remove("HIVE_CONNECTWISE_CLIENT_ID"))
        .ends(1)
        .tells(&["clientId", "HIVE_CONNECTWISE_CLIENT_ID"]);
    let own = [&args[..], &["--client-id", crate::house::GUID]].concat();
    crate::ran::Ran::of(&own, house.command(&own).env_remove("HIVE_CONNECTWISE_CLIENT_ID")).done();
    crate::ran::Ran::of(&["sync", "NW"], house.command(&["sync", "NW"]).env_remove("HIVE_CONNECTWISE_CLIENT_ID"))
        .done();
}
