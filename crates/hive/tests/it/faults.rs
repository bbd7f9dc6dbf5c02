//! ConnectWise and the network fail: never a wrong write, never a doubled one, never a silent
//! success; the mirror is whole or the old one; when the fault is over, one Sync and one Update
//! make everything right.

use crate::house::{House, at_once, fault};
use hive_simulator::On;
use std::collections::BTreeMap;

/// What each line is to become, round by round: small moves that nothing holds.
const LINES: [(&str, &str, i64, i64); 6] = [
    ("Acme,Hot", "GB", 200_001, 10),
    ("Acme,Seat", "user", 200_002, 5),
    ("Bolt,Hot", "GB", 200_003, 20),
    ("Bolt,Seat", "user", 200_004, 8),
    ("Cove,Hot", "GB", 200_005, 30),
    ("Cove,Seat", "user", 200_006, 4),
];

/// Four of the six lines grow by one with each round.
fn wanted(round: i64) -> BTreeMap<i64, i64> {
    LINES.iter().enumerate().map(|(n, (_, _, id, base))| (*id, if n % 3 == 2 { *base } else { base + round })).collect()
}

fn use_more(house: &House, round: i64) {
    let wanted = wanted(round);
    let rows: Vec<String> = LINES.iter().map(|(name, unit, id, _)| format!("{name},{},{unit}", wanted[id])).collect();
    house.usage(&rows.join("\n"));
}

#[track_caller]
fn right(house: &House, round: i64, what: &str) {
    for (id, value) in wanted(round) {
        assert_eq!(house.holds(id), value.to_string(), "{what}: addition {id}");
    }
}

/// The log: values of the plan only, and each addition's quantity moved at most once.
#[track_caller]
fn only_planned_and_once(house: &House, round: i64, what: &str) {
    let mut moved: BTreeMap<i64, u32> = BTreeMap::new();
    for write in house.sim.writes() {
        assert_eq!(write.to, wanted(round)[&write.addition].into(), "{what}: a wrong write: {write:?}");
        *moved.entry(write.addition).or_default() += u32::from(write.changed);
    }
    assert!(moved.values().all(|times| *times <= 1), "{what}: written twice: {:?}", house.wrote());
}

/// The exit code and the report tell whether everything came right.
#[track_caller]
fn honest(house: &House, ran: &crate::ran::Ran, round: i64, what: &str) {
    let all = wanted(round).iter().all(|(id, value)| house.holds(*id) == value.to_string());
    match ran.code {
        0 => assert!(all, "{what}: a silent success\n{}\n{:?}", ran.out, house.wrote()),
        1 | 3 => {
            assert!(!ran.err.is_empty() || !ran.out.is_empty(), "{what}: no words");
            if let (3, Ok(report)) = (ran.code, serde_json::from_str::<serde_json::Value>(&ran.out)) {
                let bad = ["drifted", "not_a_target", "alarm", "refused", "unknown", "not_sent"];
                let named: i64 = bad.iter().map(|outcome| report["counts"][outcome].as_i64().unwrap()).sum();
                assert!(named > 0, "{what}: exit 3 without a reason {report:#}");
            }
        }
        code => panic!("{what}: exit {code}\n{}", ran.err),
    }
}

/// Without faults one Sync and one Update make everything right, and a second writes nothing.
#[track_caller]
fn heals(house: &House, round: i64, what: &str) {
    house.sim.clear_faults();
    house.ok("sync NW");
    only_planned_and_once(house, round, what);
    house.update().done();
    only_planned_and_once(house, round, what);
    right(house, round, what);
    house.sim.reset_writes();
    house.update().done();
    assert_eq!(house.wrote(), [""; 0], "{what}: a second Update writes nothing");
    house.ok("doctor NW");
}

/// The fault hits an Update's Nth request of this kind, for each N.
fn update_under(kind: &str, on: On, hits: &[u64]) {
    let house = House::live();
    for (round, nth) in (1..).zip(hits) {
        let what = format!("{kind} on request {nth} of {on:?}");
        use_more(&house, round);
        house.plan();
        house.sim.reset_counters();
        house.sim.fault(fault(kind, on).nth(*nth));
        let ran = house.update();
        assert!(asked(&house, on) >= *nth, "{what}: it never hit");
        only_planned_and_once(&house, round, &what);
        honest(&house, &ran, round, &what);
        heals(&house, round, &what);
    }
}

/// The fault hits every request of this kind.
fn update_under_all(kind: &str, on: On) {
    let house = House::live();
    let what = format!("{kind} on every {on:?}");
    use_more(&house, 1);
    house.fault(kind, on);
    let ran = house.update();
    assert_ne!(ran.code, 0, "{what}: nothing can have come right\n{}", ran.out);
    only_planned_and_once(&house, 1, &what);
    honest(&house, &ran, 1, &what);
    heals(&house, 1, &what);
}

/// The fault hits a Sync: once at each N (asked again or failed), then always (failed).
fn sync_under(kind: &str, on: On, hits: &[u64]) {
    let house = House::live();
    let once = |nth: &u64| (format!("{kind} on request {nth} of {on:?}"), fault(kind, on).nth(*nth), *nth);
    let faults = hits.iter().map(once).chain([(format!("{kind} on every {on:?}"), fault(kind, on), 1)]);
    for (value, (what, fault, nth)) in (11..).zip(faults) {
        for id in [200_001, 200_004] {
            house.human(id, &value.to_string());
        }
        let before = house.plan();
        house.sim.reset_counters();
        house.sim.fault(fault);
        let ran = house.run("sync NW");
        house.sim.clear_faults();
        assert!(asked(&house, on) >= nth, "{what}: it never hit");
        let after = house.plan();
        let now = value.to_string();
        match ran.code {
            0 => {
                assert_eq!(
                    [&after.line("Acme Hot")["now"], &after.line("Bolt Seat")["now"]],
                    [&now, &now],
                    "{what}: a partial mirror"
                );
                assert_eq!(after.lines().as_array().unwrap().len(), 6, "{what}");
                assert!(!after.lines().to_string().contains("addition.none"), "{what}: {:#}", after.lines());
            }
            1 => {
                assert_eq!(after.0["mirror"], before.0["mirror"], "{what}: the old mirror stays");
                assert_eq!(after.lines(), before.lines(), "{what}: the plan is as before");
                assert!(ran.err.contains("mirror stays"), "{what}: {}", ran.err);
            }
            code => panic!("{what}: exit {code}"),
        }
        assert_eq!(house.wrote(), [""; 0], "{what}");
        if what.contains("every") {
            assert_eq!(ran.code, 1, "{what}: a Sync cannot be right then");
        }
    }
    house.human(200_001, "99");
    house.ok("sync NW");
    assert_eq!(house.plan().line("Acme Hot")["now"], "99");
    house.ok("doctor NW");
}

/// How many requests of this group came.
fn asked(house: &House, on: On) -> u64 {
    let asked = house.sim.requests();
    match on {
        On::Lists => asked.companies + asked.catalog + asked.agreements + asked.additions,
        On::Companies => asked.companies,
        On::Catalog => asked.catalog,
        On::Agreements => asked.agreements,
        On::Additions => asked.additions,
        On::Counts => asked.counts,
        On::CompanyInfo => asked.companyinfo,
        On::Addition => asked.addition,
        On::Agreement => asked.agreement,
        On::Patch => asked.patches,
        _ => asked.total,
    }
}

macro_rules! on_update {
    ($($name:ident = $kind:literal $(, patch $patch:expr)? $(, get $get:expr)?;)+) => { $(
        #[test]
        fn $name() {
            $(update_under($kind, On::Patch, &$patch);)?
            $(update_under($kind, On::Addition, &$get);)?
        }
    )+ };
}

on_update! {
    update_html_instead_of_json = "html200", patch [1, 3], get [1, 2];
    update_truncated_body = "truncate", patch [1, 3], get [1, 3];
    update_empty_list = "empty", patch [2], get [2];
    update_null = "null200", patch [1, 3], get [2];
    update_missing_quantity = "noqty", patch [1, 2], get [1, 3];
    update_wrong_type = "badtype", patch [1, 2], get [1, 3];
    update_lost_answer = "patch_lost", patch [1, 2, 3, 4];
    update_dropped = "drop", patch [1, 2, 3], get [1, 4];
    update_429_with_retry_after = "429=1", patch [1, 3], get [2];
    update_429_without_retry_after = "429na", patch [2], get [1];
    update_429_with_a_retry_after_that_is_garbage = "429=soon", patch [1];
    update_500 = "500", patch [1, 3], get [2];
    update_500_timeout = "500timeout", patch [2], get [1];
    update_500_bad_input = "500bad", patch [1, 4], get [2];
    update_502 = "502", patch [1, 3], get [2];
    update_503 = "503", patch [1, 3], get [2];
    update_503_empty_object = "emptyobj503", patch [2], get [1];
    update_reset_in_mid_body = "reset_mid", patch [1, 3], get [1, 3];
    update_hang = "hang", patch [1, 3], get [2];
    update_401 = "401", patch [1, 3], get [2];
    update_403 = "403", patch [1, 3], get [2];
    update_404 = "404", patch [2], get [2];
    update_409 = "409", patch [2], get [2];
    update_408 = "408", patch [2], get [2];
    update_204 = "204", patch [2], get [2];
    update_redirect = "redirect", patch [2], get [2];
    update_another_record = "wrong_record", patch [2], get [2];
    update_answer_without_quantity = "no_quantity_answer", patch [1, 3];
    update_late_answer = "answer_late=1500", patch [2];
    update_late_write = "latency=1500", patch [2];
}

#[test]
fn an_applied_write_with_an_answer_that_says_otherwise_is_looked_up_and_not_sent_again() {
    at_once(&["500", "502", "503", "emptyobj503", "500timeout", "html200", "hang", "drop", "408"], |kind| {
        let house = House::live();
        use_more(&house, 1);
        house.plan();
        house.sim.fault(fault(kind, On::Patch).nth(2).applied());
        let ran = house.update().done();
        let report = ran.report();
        assert_eq!([report.count("confirmed"), report.count("pushed")], [1, 3], "{kind}: {:#}", report.0["counts"]);
        assert_eq!(house.sim.requests().patches, 4, "{kind}: not sent again");
        only_planned_and_once(&house, 1, kind);
    });
}

#[test]
fn a_value_that_connectwise_rounds_is_an_alarm() {
    let house = House::live();
    house.ok("settings NW --product Hot rounding=none");
    house.push().done();
    house.usage("Acme,Hot,12.5,GB");
    house.fault("rounded", On::Patch);
    let report = house.update().ends(3).report();
    assert_eq!(report.outcome("Acme Hot"), "alarm");
    assert_eq!(report.line("Acme Hot")["found"].as_str().unwrap(), house.holds(200_001));
    assert_eq!(report.line("Acme Hot")["to"], "12.5");
}

#[test]
fn faults_that_never_end_stop_the_update_and_heal_afterwards() {
    at_once(
        &[
            ("503", On::Addition),
            ("noqty", On::Addition),
            ("500bad", On::Patch),
            ("drop", On::Patch),
            ("401", On::Patch),
            ("403", On::Patch),
            ("html200", On::Patch),
            ("404", On::Agreement),
            ("401", On::Any),
        ],
        |(kind, on)| update_under_all(kind, *on),
    );
}

#[test]
fn a_hang_that_never_ends_leaves_unknown_and_the_next_run_looks_it_up() {
    update_under_all("hang", On::Patch);
}

/// A kind, the group of requests, and which of them it hits.
type Hits = (&'static str, On, &'static [u64]);

fn syncs_under(all: &[Hits]) {
    at_once(all, |(kind, on, hits)| sync_under(kind, *on, hits));
}

#[test]
fn sync_bodies_that_cannot_be_used_html_truncated_null() {
    syncs_under(&[
        ("html200", On::Lists, &[1, 4]),
        ("html200", On::Counts, &[1]),
        ("truncate", On::Lists, &[1, 5]),
        ("truncate", On::Counts, &[2]),
        ("null200", On::Lists, &[2, 6]),
        ("204", On::Lists, &[4]),
        ("redirect", On::Lists, &[2]),
    ]);
}

#[test]
fn sync_empty_lists() {
    syncs_under(&[
        ("empty", On::Companies, &[1]),
        ("empty", On::Agreements, &[1]),
        ("empty", On::Additions, &[1, 2]),
        ("empty", On::Catalog, &[1]),
    ]);
}

#[test]
fn sync_500_502_503() {
    syncs_under(&[
        ("500", On::Lists, &[1, 4]),
        ("500timeout", On::Lists, &[3]),
        ("500bad", On::Lists, &[3]),
        ("502", On::Lists, &[2]),
        ("503", On::Lists, &[4]),
        ("emptyobj503", On::Lists, &[1, 4]),
    ]);
}

#[test]
fn sync_dropped_reset_and_hanging() {
    syncs_under(&[("drop", On::Lists, &[1, 4]), ("reset_mid", On::Lists, &[1, 4]), ("hang", On::Lists, &[4])]);
}

#[test]
fn sync_401_403_404() {
    syncs_under(&[
        ("401", On::Lists, &[1, 5]),
        ("401", On::Any, &[1]),
        ("403", On::Companies, &[1]),
        ("403", On::Additions, &[2]),
        ("404", On::Additions, &[2]),
    ]);
}

#[test]
fn sync_without_company_info() {
    syncs_under(&[
        ("drop", On::CompanyInfo, &[1]),
        ("html200", On::CompanyInfo, &[1]),
        ("404", On::CompanyInfo, &[1]),
        ("hang", On::CompanyInfo, &[1]),
    ]);
}

#[test]
fn sync_429_waits_and_goes_on() {
    at_once(&["429=1", "429na", "429=0", "429=-5"], |kind| {
        let house = House::live();
        house.human(200_001, "11");
        house.sim.fault(fault(kind, On::Lists).nth(3));
        house.ok("sync NW");
        assert_eq!(house.plan().line("Acme Hot")["now"], "11", "{kind}");
        assert_eq!(house.sim.requests().answered_429, 1, "{kind}");
    });
}

/// An addition whose quantity cannot be read is named and never 0; the other lines go on.
#[test]
fn sync_missing_or_wrong_quantity_is_named_and_never_0() {
    for kind in ["noqty", "badtype"] {
        let house = House::live();
        use_more(&house, 1);
        house.sim.fault(fault(kind, On::Additions).agreement(50_001));
        let ran = house.run("sync NW --format json");
        house.sim.clear_faults();
        if ran.code == 0 {
            assert_eq!(ran.json()["unreadable"], serde_json::json!([200_001, 200_002]), "{kind}");
            let plan = house.plan();
            assert_eq!(plan.heavy("Acme Hot"), ["addition.unreadable"], "{kind}");
            assert!(plan.line("Acme Hot")["now"].is_null(), "{kind}: never 0");
        }
        house.update();
        only_planned_and_once(&house, 1, kind);
        assert_eq!(house.holds(200_004), "9", "{kind}: the others go on");
        heals(&house, 1, kind);
    }
}
