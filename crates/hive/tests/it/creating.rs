//! Creating what is missing: off by default; on and approved, exactly one row, whatever happens.

use crate::house::{House, fault, number, town};
use hive_simulator::{NewAddition, On};

/// Live, and Acme's Hot addition is gone; everything else is as it was.
fn lacking() -> House {
    let house = House::live();
    house.sim.delete_addition(50_001, 200_001);
    house.ok("sync NW");
    house
}

/// And a person switched creating on for Hot.
fn switched_on() -> House {
    let house = lacking();
    house.ok("settings NW --product Hot create=true");
    house
}

/// And the create of the plan was approved.
fn approved() -> House {
    let house = switched_on();
    assert_eq!(house.plan().line("Acme Hot")["mark"], "held");
    house.ok("approve NW --cause addition.to_create:50001-1001");
    house
}

/// The Hot additions that ConnectWise holds on Acme's agreement, by quantity.
fn rows(house: &House) -> Vec<String> {
    let rows = house.sim.snapshot();
    let here = |row: &&serde_json::Value| row["agreementId"] == 50_001 && row["product"]["id"] == 1001;
    rows.as_array()
        .unwrap()
        .iter()
        .filter(here)
        .map(|row| number(&row["quantity"].to_string()).normalize().to_string())
        .collect()
}

fn posts(house: &House) -> u64 {
    house.sim.requests().posts
}

#[test]
fn off_by_default_nothing_is_created_and_nothing_can_be_approved() {
    let house = lacking();
    let plan = house.plan();
    assert_eq!(plan.line("Acme Hot")["mark"], "issue");
    let id = plan.line("Acme Hot")["id"].as_str().unwrap().to_owned();
    house.run(&format!("approve NW --line {id}")).ends(1);
    assert_eq!(house.update().done().report().outcome("Acme Hot"), "issue");
    house.push().done();
    assert_eq!((posts(&house), rows(&house).len()), (0, 0));
    house.ok("settings NW --product Hot create=true");
    house.ok("settings NW --product Hot create=false");
    assert_eq!(house.plan().line("Acme Hot")["mark"], "issue");
    house.run("settings NW create=true").ends(2);
    house.run("settings NW --product Hot create=perhaps").ends(2);
}

#[test]
fn switched_on_it_waits_for_an_approval_of_exactly_it() {
    let house = switched_on();
    let plan = house.plan();
    let line = plan.line("Acme Hot");
    assert_eq!((&line["mark"], &line["now"], &line["next"]), (&"held".into(), &serde_json::Value::Null, &"10".into()));
    assert_eq!((&line["addition"], &line["agreement"]["id"]), (&serde_json::Value::Null, &50_001.into()));
    assert_eq!((&line["money_month"], plan.counts()), (&"20".into(), [0, 5, 1, 0]));
    let words = plan.issue("Acme Hot", "addition.to_create")["message"].as_str().unwrap();
    assert!(words.contains("at the catalog price") && words.contains("ConnectWise decides the price"), "{words}");
    // Not by going live, not by an Update with the plan's id, not at another quantity.
    assert_eq!(house.push().done().report().outcome("Acme Hot"), "held");
    assert_eq!(house.update().done().report().outcome("Acme Hot"), "held");
    house.ok("approve NW --all").shows(&["created", "addition.to_create"]);
    house.usage("Acme,Hot,20,GB");
    let report = house.update().done().report();
    assert_eq!(report.outcome("Acme Hot"), "held");
    assert!(report.message("Acme Hot").contains("waits for approval (addition.to_create)"));
    assert_eq!(posts(&house), 0);
}

#[test]
fn approved_it_is_created_once_and_from_then_on_an_ordinary_addition() {
    let house = approved();
    let next = house.ok("report NW --run next --format json").json();
    let line =
        next["lines"].as_array().unwrap().iter().find(|line| line["account"] == "Acme" && line["product"] == "Hot");
    assert_eq!(line.unwrap()["approved"], true);
    house.ok("plan NW").shows(&["Approved, the next Update pushes it", "approved by cli:priya"]);
    let report = house.push().done().report();
    assert_eq!((report.outcome("Acme Hot"), rows(&house)), ("pushed", vec!["10".to_owned()]));
    let write = &house.sim.writes()[0];
    assert_eq!((write.method.as_str(), house.sim.writes().len()), ("POST", 1));
    assert_eq!(write.body, r#"{"product":{"id":1001},"quantity":10,"billCustomer":"Billable"}"#);
    let json = house.ok("report NW --format json").json();
    let line =
        json["lines"].as_array().unwrap().iter().find(|line| line["product"] == "Hot" && line["account"] == "Acme");
    let line = line.unwrap();
    assert_eq!((&line["addition"]["id"], &line["from"]), (&write.addition.into(), &serde_json::Value::Null));
    assert_eq!((&line["to"], &line["found"]), (&"10".into(), &"10".into()));
    // Without a Sync: the mirror's row is there.
    assert_eq!(house.plan().says("Acme Hot"), "unchanged 10 -> 10");
    house.push().done();
    house.update().done();
    assert_eq!((posts(&house), rows(&house).len()), (1, 1), "running again creates nothing");
    house.usage("Acme,Hot,12,GB");
    house.update().done();
    assert_eq!(rows(&house), ["12"]);
    house.ok("sync NW");
    assert_eq!(house.plan().says("Acme Hot"), "unchanged 12 -> 12");
    house.ok("doctor NW").shows(&["the chain is whole"]);
}

#[test]
fn lines_of_one_item_make_one_row_of_their_sum() {
    let house = switched_on();
    house.usage("Dune,Hot,7,GB");
    house.ok("link NW --account Dune --company 101");
    let plan = house.plan();
    assert_eq!([&plan.line("Acme Hot")["next"], &plan.line("Dune Hot")["next"]], ["17", "17"]);
    house.ok("approve NW --all");
    let report = house.update().done().report();
    assert_eq!([report.outcome("Acme Hot"), report.outcome("Dune Hot")], ["pushed", "pushed"]);
    assert_eq!((posts(&house), rows(&house)), (1, vec!["17".to_owned()]));
}

#[test]
fn a_lost_answer_is_looked_up_and_never_sent_again() {
    for (name, applied, outcome, left) in [
        ("patch_lost", false, "confirmed", vec!["10"]),
        ("500", true, "confirmed", vec!["10"]),
        ("hang", true, "confirmed", vec!["10"]),
        ("drop", false, "not_sent", vec![]),
        ("500", false, "not_sent", vec![]),
    ] {
        let house = approved();
        let fault = fault(name, On::Post);
        house.sim.fault(if applied { fault.applied() } else { fault });
        let ran = house.update();
        let report = if outcome == "confirmed" { ran.done() } else { ran.ends(3) }.report();
        assert_eq!(
            (report.outcome("Acme Hot"), rows(&house), posts(&house)),
            (outcome, left.iter().map(|text| (*text).to_owned()).collect(), 1),
            "{name}"
        );
        house.sim.clear_faults();
        // What did not land is created by the next Update, under the approval that was not used up.
        let report = house.update().done().report();
        let again = if outcome == "confirmed" { ("unchanged", 1) } else { ("pushed", 2) };
        assert_eq!((report.outcome("Acme Hot"), posts(&house)), again, "{name}");
        assert_eq!(rows(&house), ["10"], "{name}");
    }
}

#[test]
fn what_a_human_added_meanwhile_is_left_alone() {
    let house = approved();
    house.sim.add_addition(NewAddition { agreement: 50_001, item: 1001, quantity: 5.into(), ..NewAddition::default() });
    let report = house.update().ends(3).report();
    assert_eq!((report.outcome("Acme Hot"), posts(&house)), ("drifted", 0));
    assert!(report.message("Acme Hot").contains("somebody added addition"), "{}", report.message("Acme Hot"));
    // It is known from now on: an ordinary addition that holds another value.
    assert_eq!(house.plan().line("Acme Hot")["now"], "5");
    house.update();
    assert_eq!((posts(&house), rows(&house).len()), (0, 1));
}

#[test]
fn a_refusal_and_another_quantity_are_told() {
    let house = approved();
    house.sim.fault(fault("400", On::Post));
    let report = house.update().ends(3).report();
    assert_eq!(report.outcome("Acme Hot"), "refused");
    assert!(report.message("Acme Hot").contains("already been invoiced"));
    house.sim.clear_faults();
    assert_eq!(house.update().done().report().outcome("Acme Hot"), "held", "a refused approval is used up");
    house.plan();
    house.ok("approve NW --all");
    house.sim.set_add_right("None");
    house.ok("doctor NW").shows(&["Finance > Agreements: Add Level None found"]);
    let report = house.update().ends(3).report();
    assert!(report.message("Acme Hot").contains("Agreements: Add = All"), "{}", report.message("Acme Hot"));
    house.sim.set_add_right("All");
    house.plan();
    house.ok("approve NW --all");
    house.sim.fault(fault("rounded", On::Post));
    assert_eq!(house.update().ends(3).report().outcome("Acme Hot"), "alarm");
    assert_eq!(rows(&house), ["11"]);
    let line = house.plan().line("Acme Hot").clone();
    assert_eq!((&line["now"], &line["next"]), (&"11".into(), &"10".into()), "from now on an ordinary change");
}

#[test]
fn a_kill_between_the_post_and_its_outcome_leaves_one_row() {
    for (name, applied, outcome) in
        [("answer_late=3000", true, "confirmed"), ("latency=700", false, "confirmed"), ("hang", false, "not_sent")]
    {
        let house = approved();
        house.sim.fault(fault(name, On::Post));
        let mut child = house.begin("update NW");
        crate::runs::wait_until("the POST left", || posts(&house) > 0 && (!applied || rows(&house).len() == 1));
        child.kill().unwrap();
        child.wait().unwrap();
        house.sim.clear_faults();
        house.ok("doctor NW").shows(&["1 writes have no outcome yet"]);
        house.update().done();
        let killed = house.ok("runs NW --format json").json()[1]["run"].as_str().unwrap().to_owned();
        let report = house.ok(&format!("report NW --run {killed} --format json")).report();
        assert_eq!(report.outcome("Acme Hot"), outcome, "{name}: in the report of the run that made it");
        assert!(report.message("Acme Hot").contains("interrupted"), "{name}");
        // The one that never landed was planned and created anew, under the same approval.
        let again = if outcome == "confirmed" { 1 } else { 2 };
        assert_eq!((rows(&house), posts(&house)), (vec!["10".to_owned()], again), "{name}");
        assert_eq!(house.plan().says("Acme Hot"), "unchanged 10 -> 10", "{name}");
    }
}

#[test]
fn an_undo_names_what_was_created_and_leaves_it() {
    let house = approved();
    let report = house.push().done().report();
    let run = report.run().to_owned();
    house.ok(&format!("undo NW --run {run} --dry-run")).shows(&["Stays: addition", "cancel it in ConnectWise"]);
    let report = house.run(&format!("undo NW --run {run} --format json")).done().report();
    assert_eq!(report.outcome("Acme Hot"), "held");
    assert!(report.message("Acme Hot").contains("was created by run"));
    assert_eq!((rows(&house), house.sim.writes().len()), (vec!["10".to_owned()], 1));
}

#[test]
fn two_agreements_are_nobodys_guess() {
    let mut world = town();
    world.agreement(hive_simulator::NewAgreement { company: 101, ..hive_simulator::NewAgreement::default() });
    let house = House::connected(world);
    house.usage("Acme,Hot,10,GB\nAcme,Tape,4,user");
    house.sim.add_item(hive_simulator::NewItem { description: "Tape".into(), ..hive_simulator::NewItem::default() });
    house.ok("sync NW");
    house.ok("link NW --product Tape --item 1003");
    house.ok("settings NW --product Tape create=true");
    let plan = house.plan();
    assert_eq!(plan.line("Acme Tape")["mark"], "issue");
    assert!(plan.codes("Acme Tape").contains(&"agreement.ambiguous"));
}
