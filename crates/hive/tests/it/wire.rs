//! The wire at its worst: pages that move, links that lead elsewhere, codebases that change, answers
//! without end.

use crate::house::{House, at_once, fault, now, town};
use hive_simulator::{Config, NewAddition, NewAgreement, NewCompany, NewItem, On, World};
use std::io::Read as _;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The town, with 1,100 more companies and an agreement with 1,100 additions: two pages each.
fn city() -> World {
    let mut world = town();
    for n in 0..1_100 {
        world.company(NewCompany { name: format!("Company {n}"), ..NewCompany::default() });
    }
    let agreement = world.agreement(NewAgreement { company: 110, ..NewAgreement::default() });
    let item = world.item(NewItem { description: "Tape".into(), ..NewItem::default() });
    for _ in 0..1_100 {
        world.addition(NewAddition { agreement, item, ..NewAddition::default() });
    }
    world
}

fn city_house() -> House {
    let house = House::with(Config::default(), city(), "5000");
    house.connect("NW").done();
    house.ok("sync NW");
    house
}

/// Whole, or failed with the old mirror.
#[track_caller]
fn whole_or_old(house: &House, what: &str) -> i32 {
    let before = house.plan();
    let ran = house.run("sync NW --format json");
    match ran.code {
        0 => {
            let json = ran.json();
            let read = ["companies", "items", "agreements", "additions"].map(|key| json[key].as_u64().unwrap());
            assert_eq!(read, [1_103, 3, 4, 1_106], "{what}: a partial mirror");
        }
        code => {
            assert_eq!(code, 1, "{what}");
            assert_eq!(house.plan().0["mirror"], before.0["mirror"], "{what}");
        }
    }
    ran.code
}

#[test]
fn pages_that_move_or_repeat_are_read_whole_or_not_taken() {
    let house = city_house();
    for kind in ["dup", "shift", "link_missing", "link_garbage", "link_loop", "short_page", "empty"] {
        for on in [On::Companies, On::Additions] {
            for nth in [1, 2] {
                house.sim.fault(fault(kind, on).nth(nth));
                whole_or_old(&house, &format!("{kind} on page {nth} of {on:?}"));
                house.sim.clear_faults();
            }
            house.sim.fault(fault(kind, on));
            let code = whole_or_old(&house, &format!("{kind} on every page of {on:?}"));
            house.sim.clear_faults();
            if kind == "short_page" {
                assert_eq!(code, 0, "a short page in the middle is no end");
            }
        }
    }
    assert_eq!(whole_or_old(&house, "without faults"), 0);
}

#[test]
fn keys_never_follow_a_link_or_a_redirect_to_another_host() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let other = listener.local_addr().unwrap();
    let heard = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&heard);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = stream.map(|mut stream| stream.read(&mut [0; 64]));
        }
    });
    let house = city_house();
    for kind in [format!("link_other_host=http://{other}"), format!("redirect=http://{other}/v2025_1/apis/3.0/")] {
        house.sim.fault(fault(&kind, On::Companies));
        let hosts = format!("{},{other}", house.addr());
        house.run_with("HIVE_PRIVATE_HOSTS", &hosts, "sync NW");
        house.sim.clear_faults();
        assert_eq!(heard.load(Ordering::SeqCst), 0, "{kind}");
    }
    house.ok("sync NW");
}

#[test]
fn a_codebase_that_moves_is_found_again() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB\nBolt,Hot,21,GB");
    house.sim.set_codebase("v2026_1/");
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 12", "200003: 20 -> 21"]);
    house.sim.set_codebase("v2026_2/");
    house.ok("sync NW");
    house.usage("Acme,Hot,13,GB\nBolt,Hot,22,GB");
    house.fault("latency=150", On::Patch);
    let update = house.begin("update NW");
    crate::runs::wait_until("the re-read is done", || house.sim.requests().patches > 2);
    house.sim.set_codebase("v2026_3/");
    house.sim.clear_faults();
    let code = update.wait_with_output().unwrap().status.code();
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 12 -> 13", "200003: 21 -> 22"], "{code:?}");
}

#[test]
fn odd_members_words_and_dates_do_no_harm() {
    for kind in ["weird", "blank_dates"] {
        let house = House::live();
        house.usage("Acme,Hot,12,GB");
        house.fault(kind, On::Any);
        let ran = house.run("sync NW").never_says(&["panicked"]);
        assert!([0, 1].contains(&ran.code));
        house.update().never_says(&["panicked"]);
        house.sim.clear_faults();
        house.ok("sync NW");
        house.update().done();
        assert_eq!(house.wrote(), ["200001: 10 -> 12"], "{kind}");
    }
}

#[test]
fn answers_without_end_are_cut_off() {
    at_once(&["slow", "endless", "bomb"], |kind| {
        let house = House::live();
        let before = house.plan();
        house.sim.fault(fault(kind, On::Additions).times(2));
        let begun = now();
        let ran = house.run("sync NW");
        assert!(now().duration_since(begun).as_secs() < 60, "{kind}");
        assert!([0, 1].contains(&ran.code), "{kind}");
        assert_eq!(house.plan().lines(), before.lines(), "{kind}");
    });
}

#[test]
fn nobody_listening_is_exit_1_and_names_the_host() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB");
    house.sim.refuse_connections(true);
    let before = house.plan();
    house.run("sync NW").ends(1).tells(&[&house.addr(), "mirror stays"]);
    let ran = house.update();
    assert!([1, 3].contains(&ran.code), "{}", ran.err);
    assert!((ran.err + &ran.out).contains(&house.addr()));
    house.run("doctor NW").ends(1).shows(&["cannot be reached"]);
    house.sim.refuse_connections(false);
    assert_eq!(house.plan().0["mirror"], before.0["mirror"]);
    house.update().done();
    assert_eq!(house.wrote(), ["200001: 10 -> 12"]);
}

#[test]
fn an_agreement_that_cannot_be_read_again_holds_its_lines_and_no_others() {
    let kinds = [("503", "not_sent"), ("html200", "not_sent"), ("null200", "not_sent"), ("404", "not_a_target")];
    at_once(&kinds, |(kind, outcome)| {
        let house = House::live();
        house.usage("Acme,Hot,12,GB\nBolt,Hot,21,GB");
        house.sim.fault(fault(kind, On::Agreement).agreement(50_001));
        let report = house.update().ends(3).report();
        assert_eq!([report.outcome("Acme Hot"), report.outcome("Bolt Hot")], [*outcome, "pushed"], "{kind}");
        assert_eq!(house.wrote_now(), ["200003: 20 -> 21"], "{kind}");
        house.sim.clear_faults();
        house.update().done();
        assert_eq!(house.wrote_now(), ["200001: 10 -> 12"], "{kind}");
    });
}

#[test]
fn a_confirmed_write_can_be_undone_too() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB\nBolt,Hot,21,GB");
    house.sim.fault(fault("patch_lost", On::Patch).addition(200_001));
    let report = house.update().done().report();
    assert_eq!([report.outcome("Acme Hot"), report.outcome("Bolt Hot")], ["confirmed", "pushed"]);
    house.sim.clear_faults();
    house.sim.reset_writes();
    house.ok(&format!("undo NW --run {}", report.run()));
    assert_eq!(house.wrote_now(), ["200001: 12 -> 10", "200003: 21 -> 20"]);
}

#[test]
fn a_throttling_connectwise_is_not_knocked_at() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB\nAcme,Seat,6,user\nBolt,Hot,21,GB\nBolt,Seat,9,user\nCove,Hot,31,GB\nCove,Seat,5,user");
    house.sim.reset_counters();
    house.sim.fault(fault("429=1", On::Any).times(2));
    let begun = now();
    house.update().done();
    assert_eq!(house.wrote().len(), 6);
    assert!(now().duration_since(begun).as_millis() >= 1_000, "it waits as long as it was told");
    assert!(house.sim.requests().total < 40, "{:?}", house.sim.requests());
}
