//! kill -9 at any moment: nothing written twice, everything accounted for by the next run.

use crate::house::{House, ago, fault, now};
use hive_simulator::{On, Size, World};
use std::collections::BTreeMap;
use std::time::Duration;

/// Small numbers from a seed; the seed is printed, and CRASH_SEED plays it again.
struct Dice(u64);

impl Dice {
    fn new(which: u64) -> Dice {
        let seed = std::env::var("CRASH_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| now().as_nanosecond().unsigned_abs() as u64 ^ which << 56) | 1;
        println!("CRASH_SEED={seed}");
        Dice(seed)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// Starts a command, and kills it -9 after so long.
fn kill_after(house: &House, words: &str, wait: Duration) {
    let mut child = house.begin(words);
    std::thread::sleep(wait);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Kills -9 once more than so many writes were applied, and a little later.
fn kill_at(house: &House, words: &str, writes: u64, wait: Duration) {
    let mut child = house.begin(words);
    crate::runs::wait_until("the writes", || {
        house.wrote().len() as u64 > writes || child.try_wait().unwrap().is_some()
    });
    std::thread::sleep(wait);
    let _ = child.kill();
    child.wait().unwrap();
}

fn update_killed_five_times(which: u64) {
    let mut dice = Dice::new(which);
    let house = House::generated(World::generate(Size::XS, which), "300");
    let mut in_the_middle = 0;
    for round in 0..5_u64 {
        let at = ago(100 - i64::try_from(round).unwrap());
        let world = house.sim.world();
        let wanted: BTreeMap<i64, _> =
            world.expected_changes(80, &at, round).into_iter().map(|(_, id, to)| (id, to)).collect();
        house.import(world.usage_csv(80, &at, round)).done();
        assert_eq!(house.plan().counts()[0], i64::try_from(wanted.len()).unwrap());
        house.sim.reset_writes();
        house.fault("latency=40", On::Any);
        let last = house.ok("runs NW --format json").json()[0]["run"].as_str().unwrap().parse::<i64>().unwrap();
        if dice.below(4) == 0 {
            kill_after(&house, "update NW", Duration::from_millis(30 + dice.below(900)));
        } else {
            kill_at(&house, "update NW", dice.below(wanted.len() as u64), Duration::from_millis(dice.below(45)));
        }
        house.sim.clear_faults();
        let by_then = house.wrote().len();
        in_the_middle += u32::from(by_then > 0 && by_then < wanted.len());
        house.update().done();
        accounted_for(&house, &wanted, last);
        house.ok("doctor NW").shows(&["the chain is whole"]);
    }
    println!("{in_the_middle} of 5 were killed with some written and some not");
}

/// Each addition moved once, to what the plan says; each write is in a report as done.
fn accounted_for(house: &House, wanted: &BTreeMap<i64, hive_simulator::Decimal>, last: i64) {
    let writes = house.sim.writes();
    let mut moved: BTreeMap<i64, u32> = BTreeMap::new();
    for write in &writes {
        assert_eq!(Some(&write.to), wanted.get(&write.addition), "not planned: {write:?}");
        *moved.entry(write.addition).or_default() += 1;
    }
    for (id, to) in wanted {
        assert_eq!(house.holds(*id), to.normalize().to_string(), "the end state is right");
        assert_eq!(moved.get(id), Some(&1), "addition {id} is written once: {:?}", house.wrote());
    }
    let runs = house.ok("runs NW --format json").json();
    let new: Vec<i64> = runs
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["run"].as_str().unwrap().parse().unwrap())
        .filter(|run| *run > last)
        .collect();
    let mut done: BTreeMap<i64, u32> = BTreeMap::new();
    for run in &new {
        let report = house.ok(&format!("report NW --run {run} --format json")).json();
        let lines = report["lines"].as_array().unwrap();
        for line in lines.iter().filter(|line| line["outcome"] == "pushed" || line["outcome"] == "confirmed") {
            let (id, to) = (line["addition"]["id"].as_i64().unwrap(), line["to"].as_str().unwrap());
            assert_eq!(to, wanted[&id].normalize().to_string());
            *done.entry(id).or_default() += 1;
        }
        if !report["plan"].is_null() {
            let plan_lines = house.plan().lines().as_array().unwrap().len();
            assert_eq!(lines.len(), plan_lines, "run {run}: every line of the plan is in its report");
        }
    }
    for id in wanted.keys() {
        assert_eq!(done.get(id), Some(&1), "addition {id} is in exactly one report as done: {new:?}");
    }
    let states: Vec<&str> = runs.as_array().unwrap().iter().map(|run| run["state"].as_str().unwrap()).collect();
    assert!(!states.contains(&"running"), "no run is left open: {states:?}");
}

#[test]
fn ac_74_an_update_killed_at_random_1_to_5() {
    update_killed_five_times(1);
}

#[test]
fn ac_74_an_update_killed_at_random_6_to_10() {
    update_killed_five_times(2);
}

#[test]
fn ac_74_an_update_killed_at_random_11_to_15() {
    update_killed_five_times(3);
}

#[test]
fn ac_74_an_update_killed_at_random_16_to_20() {
    update_killed_five_times(4);
}

#[test]
fn an_update_killed_while_a_patch_is_under_way_is_looked_up_before_anything_is_sent() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB");
    house.sim.fault(fault("answer_late=3000", On::Patch));
    let mut child = house.begin("update NW");
    crate::runs::wait_until("the PATCH landed", || !house.wrote().is_empty());
    child.kill().unwrap();
    child.wait().unwrap();
    house.sim.clear_faults();
    house.ok("doctor NW").shows(&["no outcome yet"]);
    let patches = house.sim.requests().patches;
    house.update().done();
    assert_eq!(house.sim.requests().patches, patches, "reading back was enough");
    assert_eq!(house.wrote(), ["200001: 10 -> 12"]);
    let runs = house.ok("runs NW --format json").json();
    let killed = runs[1]["run"].as_str().unwrap();
    let report = house.ok(&format!("report NW --run {killed} --format json")).report();
    assert_eq!(report.outcome("Acme Hot"), "confirmed", "in the report of the run that made it");
    assert!(report.message("Acme Hot").contains("interrupted"));
}

#[test]
fn a_request_that_lands_after_the_kill_is_waited_for() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB");
    house.sim.fault(fault("latency=700", On::Patch));
    let mut child = house.begin("update NW");
    crate::runs::wait_until("the PATCH left", || house.sim.requests().patches > 0);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(house.wrote(), [""; 0], "it has not landed yet");
    house.sim.clear_faults();
    house.update().done();
    assert_eq!(house.wrote(), ["200001: 10 -> 12"], "it landed, and nothing was sent again");
}

#[test]
fn a_hand_edit_after_the_kill_is_respected() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB\nBolt,Hot,21,GB");
    house.sim.fault(fault("hang", On::Patch));
    let mut child = house.begin("update NW");
    crate::runs::wait_until("the PATCHes left", || house.sim.requests().patches == 2);
    child.kill().unwrap();
    child.wait().unwrap();
    house.sim.clear_faults();
    house.human(200_001, "15");
    let report = house.update().done().report();
    assert_eq!(report.outcome("Acme Hot"), "held");
    assert_eq!(house.wrote(), ["200003: 20 -> 21"]);
    assert_eq!(house.holds(200_001), "15");
}

#[test]
fn a_sync_killed_at_random_leaves_the_old_mirror_or_the_whole_new_one() {
    let mut dice = Dice::new(9);
    let house = House::generated(World::generate(Size::XS, 9), "2000");
    let first = house.sim.snapshot()[0]["id"].as_i64().unwrap();
    let now_of = |house: &House| {
        let plan = house.plan();
        let line = plan.lines().as_array().unwrap().iter().find(|line| line["addition"]["id"] == first).cloned();
        line.map(|line| line["now"].as_str().unwrap().to_owned())
    };
    let mut before = now_of(&house);
    for round in 0..8 {
        house.human(first, &format!("{}", 1_000 + round));
        house.fault("latency=10", On::Any);
        kill_after(&house, "sync NW", Duration::from_millis(20 + dice.below(400)));
        house.sim.clear_faults();
        let after = now_of(&house);
        assert!(
            after == before || before.is_some() && after == Some(format!("{}", 1_000 + round)),
            "{before:?} {after:?}"
        );
        before = after;
        house.ok("doctor NW");
    }
    house.ok("sync NW");
    assert_eq!(house.wrote(), [""; 0]);
}

#[test]
fn an_import_killed_at_random_is_whole_or_nothing() {
    let mut dice = Dice::new(7);
    let house = House::linked();
    let rows: String = (0..20_000).map(|n| format!("Account {n},Hot,1,GB,{}\n", ago(300))).collect();
    for _ in 0..6 {
        let at = ago(200);
        house.write(
            "big.csv",
            format!("account,product,quantity,unit,measured_at\nAcme,Hot,13,GB,{at}\n{rows}Bolt,Hot,21,GB,{at}\n"),
        );
        kill_after(&house, "import usage NW big.csv", Duration::from_millis(20 + dice.below(700)));
        let plan = house.plan();
        let lines = plan.lines().as_array().unwrap().len();
        assert!(lines == 6 || lines == 20_006, "{lines} lines: half a file");
        let whole = lines == 20_006;
        assert_eq!(plan.line("Acme Hot")["next"], if whole { "13" } else { "10" });
        assert_eq!(plan.line("Bolt Hot")["next"], if whole { "21" } else { "20" });
        if whole {
            break;
        }
    }
    house.ok("import usage NW big.csv");
    assert_eq!(house.plan().line("Bolt Hot")["next"], "21");
    house.ok("doctor NW");
}

#[test]
fn a_404_after_the_kill_is_no_proof_that_the_addition_is_gone() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB\nBolt,Hot,21,GB");
    house.sim.fault(fault("answer_late=3000", On::Patch));
    let mut child = house.begin("update NW");
    crate::runs::wait_until("the PATCHes landed", || house.wrote().len() == 2);
    child.kill().unwrap();
    child.wait().unwrap();
    house.sim.clear_faults();
    // Wrong keys look like this through the router.
    house.sim.fault(fault("404", On::Any));
    house.run("sync NW").ends(1);
    house.sim.clear_faults();
    house.ok("doctor NW").shows(&["2 writes have no outcome yet"]);
    house.ok("sync NW");
    let runs = house.ok("runs NW --format json").json();
    let killed =
        runs.as_array().unwrap().iter().find(|run| run["kind"] == "update" && run["state"] == "failed").unwrap();
    let report = house.ok(&format!("report NW --run {} --format json", killed["run"].as_str().unwrap())).report();
    assert_eq!([report.outcome("Acme Hot"), report.outcome("Bolt Hot")], ["confirmed", "confirmed"]);
    assert!(house.plan().heavy("Acme Hot").is_empty(), "nobody is blamed for Hive's own write");
}

#[test]
fn one_addition_that_cannot_be_looked_up_holds_up_itself_alone() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB");
    house.sim.fault(fault("hang", On::Patch));
    let mut child = house.begin("update NW");
    crate::runs::wait_until("the PATCH left", || house.sim.requests().patches == 1);
    child.kill().unwrap();
    child.wait().unwrap();
    house.sim.clear_faults();
    house.sim.fault(fault("500", On::Addition).addition(200_001));
    house.usage("Bolt,Hot,21,GB");
    let report = house.update().ends(3).report();
    assert_eq!(house.wrote_now(), ["200003: 20 -> 21"], "the others go on");
    assert_eq!(report.outcome("Acme Hot"), "not_sent");
    house.sim.clear_faults();
    house.update().done();
    assert_eq!(house.wrote(), ["200001: 10 -> 12"]);
}
