//! `hive serve`: what runs by itself runs when it is due, once, and never where it must not.

use crate::house::{House, USED, fault, town};
use crate::moved::{Moved, Run, local};
use crate::runs::wait_until;
use hive_simulator::{On, Timestamp};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, ToSpan as _};

const MELBOURNE: &str = "Australia/Melbourne";
const NEW_YORK: &str = "America/New_York";

fn later(at: Timestamp, seconds: i64) -> Timestamp {
    at + SignedDuration::from_secs(seconds)
}

/// What each of the sixty days uses: Acme's hot storage moves every day, within every limit.
fn used(day: i32) -> String {
    USED.replacen("Acme,Hot,10", &format!("Acme,Hot,{}", 11 + day % 7), 1)
}

/// What is due on a day, in order: kind and moment.
fn due_on(zone: &str, begin: Date, day: i32) -> Vec<(&'static str, Timestamp)> {
    let date = begin.checked_add(day.days()).unwrap();
    let mut due = Vec::new();
    if day % 3 == 0 && day > 0 {
        due.push(("sync", local(zone, date, 2, 30)));
    }
    if day % 5 == 0 {
        due.push(("update", local(zone, date, 3, 0)));
    }
    due.sort_by_key(|(_, at)| *at);
    due
}

/// Sixty days from 02:00 of the first one. The server is restarted on the way, and once it is killed
/// -9 while it runs.
fn sixty_days(zone: &str, begin: Date) -> Vec<Run> {
    const RESTARTED_ON: i32 = 20;
    const KILLED_ON: i32 = 25;
    let moved = Moved::live(local(zone, begin.yesterday().unwrap(), 12, 0), zone, "02:30");
    let first = local(zone, begin, 2, 0);
    moved.set(first);
    let mut server = moved.serve();
    moved.ended(1);
    let mut expected = vec![("sync", first)];
    let mut cut_off = 0;
    for day in 0..60 {
        if day > 0 {
            moved.set(local(zone, begin.checked_add(day.days()).unwrap(), 1, 0));
            moved.usage(&used(day));
        }
        if day == RESTARTED_ON {
            server.stop();
            server = moved.serve();
        }
        for (kind, at) in due_on(zone, begin, day) {
            moved.set(later(at, -20));
            moved.quiet(expected.len() + cut_off);
            if (day, kind) == (KILLED_ON, "update") {
                moved.house.fault("hang", On::Lists);
                moved.set(later(at, 1));
                wait_until("the Update", || moved.scheduled("NW").iter().any(|run| run.state == "running"));
                server.kill();
                moved.house.sim.clear_faults();
                server = moved.serve();
                cut_off = 1;
            } else {
                moved.set(later(at, 1));
            }
            expected.push((kind, at));
            moved.ended(expected.len() + cut_off);
        }
    }
    moved.set(later(local(zone, begin.checked_add(60.days()).unwrap(), 2, 0), -1));
    let runs = moved.ended(expected.len() + cut_off);
    server.stop();

    let (well, not): (Vec<Run>, Vec<Run>) = runs.into_iter().partition(|run| run.state == "succeeded");
    assert_eq!(not.len(), 1, "{not:#?}");
    assert_eq!((not[0].kind.as_str(), not[0].state.as_str()), ("update", "failed"));
    assert!(not[0].words.contains("interrupted"), "{not:#?}");
    for (run, (kind, at)) in well.iter().zip(&expected) {
        assert_eq!(run.kind, *kind, "{run:#?}");
        let after = run.started_at.duration_since(*at).as_secs();
        assert!((0..20).contains(&after), "due at {at}: {run:#?}");
    }
    let count = |kind: &str| well.iter().filter(|run| run.kind == kind).count();
    assert_eq!((well.len(), count("sync"), count("update")), (32, 20, 12));
    // The first Update had nothing to write; each later one wrote the newest sample, once.
    let wrote: Vec<String> = moved.house.sim.writes().iter().map(|write| write.to.normalize().to_string()).collect();
    assert_eq!(wrote, ["16", "14", "12", "17", "15", "13", "11", "16", "14", "12", "17"]);
    well
}

fn started(runs: &[Run], kind: &str, minute: &str) -> bool {
    runs.iter().any(|run| run.kind == kind && run.started_at.to_string().starts_with(minute))
}

#[test]
fn sixty_days_in_melbourne_across_the_change_in_october() {
    let runs = sixty_days(MELBOURNE, date(2026, 9, 19));
    // On 4 October 02:30 is skipped: 03:30 in the new time, and the Update at 03:00 comes first.
    assert!(started(&runs, "sync", "2026-10-03T16:30"), "{runs:#?}");
    assert!(started(&runs, "update", "2026-10-03T16:00"), "{runs:#?}");
    // Before it 02:30 is at +10, after it at +11.
    assert!(started(&runs, "sync", "2026-09-30T16:30"), "{runs:#?}");
    assert!(started(&runs, "sync", "2026-10-06T15:30"), "{runs:#?}");
}

#[test]
fn sixty_days_in_new_york_across_the_change_in_march() {
    let runs = sixty_days(NEW_YORK, date(2026, 2, 21));
    assert!(started(&runs, "sync", "2026-03-08T07:30"), "{runs:#?}");
    assert!(started(&runs, "update", "2026-03-08T07:00"), "{runs:#?}");
    assert!(started(&runs, "sync", "2026-03-05T07:30"), "{runs:#?}");
    assert!(started(&runs, "sync", "2026-03-11T06:30"), "{runs:#?}");
}

/// Noon of a Monday, where nothing changes.
fn noon() -> Timestamp {
    local("UTC", date(2026, 6, 1), 12, 0)
}

fn day(day: i8, hour: i8) -> Timestamp {
    local("UTC", date(2026, 6, day), hour, 0)
}

#[test]
fn a_slot_that_was_missed_runs_once_and_the_grid_stays() {
    let moved = Moved::live(noon(), "UTC", "02:00");
    let server = moved.serve();
    moved.ended(1);
    server.stop();
    // Syncs of the 4th, 7th and 10th, Updates of the 2nd and 7th had their time meanwhile.
    moved.set(day(11, 12));
    let _server = moved.serve();
    let runs = moved.ended(3);
    assert_eq!([runs[1].kind.as_str(), runs[2].kind.as_str()], ["sync", "update"]);
    moved.set(later(day(12, 3), -5));
    moved.quiet(3);
    moved.set(later(day(12, 3), 1));
    assert_eq!(moved.ended(4)[3].kind, "update", "the 2nd, 7th, 12th");
    moved.set(later(day(13, 2), 1));
    assert_eq!(moved.ended(5)[4].kind, "sync", "the 1st, 4th, 7th, 10th, 13th");
}

#[test]
fn two_servers_on_one_database_take_each_slot_once() {
    let moved = Moved::live(noon(), "UTC", "02:00");
    let _servers = [moved.serve(), moved.serve()];
    moved.ended(1);
    for (count, at) in [(2, day(2, 3)), (3, day(4, 2)), (5, day(7, 4))] {
        moved.set(later(at, 1));
        moved.ended(count);
        moved.quiet(count);
    }
}

#[test]
fn where_updates_are_off_none_runs_and_none_is_made_up_for() {
    let moved = Moved::live(noon(), "UTC", "02:00");
    moved.ok("settings NW updates=off");
    moved.usage(&used(3));
    let _server = moved.serve();
    moved.ended(1);
    for (count, at) in [(1, day(2, 4)), (2, day(4, 4)), (3, day(7, 4))] {
        moved.set(at);
        moved.ended(count);
        moved.quiet(count);
    }
    assert!(moved.scheduled("NW").iter().all(|run| run.kind == "sync"));
    assert_eq!(moved.house.wrote(), [""; 0]);
    moved.run("update NW").ends(1).tells(&["Updates are off"]);
    moved.ok("settings NW updates=manual");
    moved.set(day(12, 4));
    assert!(moved.ended(4).iter().all(|run| run.kind == "sync"), "by hand only");
    moved.ok("settings NW updates=automatic");
    moved.quiet(4);
    moved.set(day(17, 2));
    moved.usage(&used(3));
    assert!(moved.ended(5).iter().all(|run| run.kind == "sync"), "what was passed over is not made up for");
    assert_eq!(moved.house.wrote(), [""; 0]);
    moved.set(later(day(17, 3), 1));
    wait_until("the Update", || moved.house.wrote() == ["200001: 10 -> 14"]);
}

#[test]
fn a_sync_that_fails_is_tried_again_ever_later_and_the_mirror_stays() {
    let moved = Moved::live(noon(), "UTC", "02:00");
    moved.ok("settings NW updates=manual");
    let _server = moved.serve();
    moved.ended(1);
    let mirror = || moved.ok("plan NW --format json").json()["mirror"].clone();
    let before = mirror();
    moved.house.fault("401", On::Lists);
    let mut at = later(day(4, 2), 1);
    for (failures, minutes) in [(1, 5), (2, 15), (3, 60)] {
        moved.set(at);
        let runs = moved.ended(1 + failures);
        assert_eq!(runs[failures].state, "failed", "{runs:#?}");
        assert_eq!(mirror(), before, "the mirror stays as it was");
        at = later(runs[failures].started_at, minutes * 60 - 10);
        moved.set(at);
        moved.quiet(1 + failures);
        at = later(at, 20);
    }
    moved.house.sim.clear_faults();
    moved.set(at);
    assert_eq!(moved.ended(5)[4].state, "succeeded");
    assert_ne!(mirror(), before);
    moved.set(day(6, 23));
    moved.quiet(5);
    moved.set(later(day(7, 2), 1));
    assert_eq!(moved.ended(6)[5].state, "succeeded", "and the grid stays");
}

#[test]
fn a_sync_by_hand_ends_the_retries() {
    let moved = Moved::live(noon(), "UTC", "02:00");
    moved.ok("settings NW updates=manual");
    let _server = moved.serve();
    moved.ended(1);
    moved.house.fault("401", On::Lists);
    moved.set(later(day(4, 2), 1));
    moved.ended(2);
    moved.house.sim.clear_faults();
    moved.ok("sync NW");
    moved.set(day(5, 12));
    moved.quiet(2);
}

#[test]
fn one_slow_msp_delays_no_other() {
    let slow = House::bare(town());
    let mut moved = Moved::live(noon(), "UTC", "02:00");
    moved.hosts = slow.addr();
    moved.ok("msp add Slow");
    moved.connect("Slow", &slow.url());
    slow.fault("hang", On::Lists);
    let server = moved.serve();
    moved.ended(1);
    let running = || moved.scheduled("Slow").iter().map(|run| run.state.clone()).collect::<Vec<_>>();
    assert_eq!(running(), ["running"], "the other one still waits for its ConnectWise");
    slow.sim.clear_faults();
    server.stop();
}

#[test]
fn where_invoice_days_are_set_an_agreement_is_pushed_once_so_many_days_before_its_invoice() {
    let date = |day: i8, hour: i8| local("UTC", date(2026, 11, day), hour, 0);
    let moved = Moved::live(date(25, 12), "UTC", "23:00");
    let _server = moved.serve();
    moved.ended(1);
    // The next invoice of each agreement is that of 1 December.
    moved.ok("settings NW invoice_days=3 sync_days=100");
    for (day, wrote) in [(26, ""), (27, ""), (28, "200001: 10 -> 11"), (29, ""), (30, "")] {
        moved.set(date(day, 2));
        moved.usage(&used(i32::from(day) - 28 + 7));
        moved.set(later(date(day, 3), 1));
        let runs = moved.ended(usize::try_from(day).unwrap() - 24);
        assert_eq!(runs.last().unwrap().kind, "update", "there is an attempt every day");
        assert_eq!(moved.house.wrote_now().join(" "), wrote, "on the {day}th");
    }
}

#[test]
fn how_far_a_run_is_can_be_seen_from_elsewhere_while_it_goes_on() {
    let moved = Moved::live(noon(), "UTC", "02:00");
    moved.house.fault("latency=400", On::Lists);
    let server = moved.serve();
    let mut steps = Vec::new();
    wait_until("the steps", || {
        let runs = moved.ok("runs NW --format json").json();
        let (state, step) = (&runs[0]["state"], runs[0]["step"].as_str().unwrap().to_owned());
        if state == "running" && !step.is_empty() && !steps.contains(&step) {
            steps.push(step);
        }
        runs[0]["who"] == "schedule" && state == "succeeded"
    });
    assert!(!steps.is_empty(), "no step was seen");
    server.stop();
}

#[test]
fn a_stop_that_is_asked_for_ends_the_run_and_nothing_starts_it_again() {
    let moved = Moved::live(noon(), "UTC", "02:00");
    moved.ok("settings NW updates=manual");
    let server = moved.serve();
    moved.ended(1);
    moved.house.fault("hang", On::Lists);
    moved.set(later(day(4, 2), 1));
    wait_until("the Sync", || moved.scheduled("NW").iter().any(|run| run.state == "running"));
    let run = moved.scheduled("NW")[1].id;
    ask_stop(&moved, run, "user:owner@northwind.example");
    let runs = moved.ended(2);
    assert_eq!(runs[1].state, "cancelled", "{runs:#?}");
    assert!(runs[1].words.contains("stopped by user:owner@northwind.example"), "{runs:#?}");
    moved.house.sim.clear_faults();
    moved.set(day(5, 12));
    moved.quiet(2);
    server.stop();
}

/// As the page's button asks.
fn ask_stop(moved: &Moved, run: i64, who: &str) {
    let database = format!("sqlite://{}", moved.house.path("hive.db").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let key = hive_store::KeySource(moved.house.path("hive.key"));
        let store = hive_store::Store::open(&database, key).await.unwrap();
        let msp = store.msp("NW").await.unwrap().unwrap();
        assert!(store.ask_stop(msp.id, hive_core::RunId(run), who).await.unwrap());
        store.close().await;
    });
}

#[test]
fn a_run_that_the_end_of_the_process_cuts_short_is_started_again() {
    let moved = Moved::live(noon(), "UTC", "02:00");
    moved.ok("settings NW updates=manual");
    let server = moved.serve();
    moved.ended(1);
    moved.house.fault("hang", On::Lists);
    moved.set(later(day(4, 2), 1));
    wait_until("the Sync", || moved.scheduled("NW").iter().any(|run| run.state == "running"));
    server.stop();
    assert_eq!(moved.ended(2)[1].state, "cancelled");
    moved.house.sim.clear_faults();
    let _server = moved.serve();
    assert_eq!(moved.ended(3)[2].state, "succeeded");
}

#[test]
fn an_update_by_hand_that_was_killed_is_looked_up_and_not_started_again() {
    let moved = Moved::live(noon(), "UTC", "02:00");
    let server = moved.serve();
    moved.ended(1);
    moved.usage(&used(3));
    moved.house.sim.fault(fault("answer_late=5000", On::Patch));
    let mut update = moved.command(&["update", "NW"]).spawn().unwrap();
    wait_until("the write", || !moved.house.wrote().is_empty());
    update.kill().unwrap();
    update.wait().unwrap();
    moved.house.sim.clear_faults();
    // The loop looks once a minute for what was cut off.
    moved.set(later(noon(), 120));
    wait_until("the look", || {
        let runs = moved.ok("runs NW --format json").json();
        runs.as_array().unwrap().iter().all(|run| run["state"] != "running") && runs[0]["who"] == "schedule"
    });
    let runs = moved.ended(2);
    assert!(runs[1].words.contains("looked up"), "{runs:#?}");
    assert_eq!(moved.house.wrote(), ["200001: 10 -> 14"], "once");
    let report = moved.ok("report NW --format json").report();
    assert_eq!(report.outcome("Acme Hot"), "confirmed");
    server.stop();
}

#[test]
fn the_setup_link_is_printed_once_and_never_where_somebody_can_sign_in() {
    let moved = Moved::bare(noon());
    let setup =
        |said: &[String]| said.iter().filter(|line| line.starts_with("First run: open http://127.0.0.1:")).count();
    let server = moved.serve();
    wait_until("the setup link", || setup(&server.said()) > 0);
    let said = server.said();
    assert_eq!(setup(&said), 1, "{said:#?}");
    let token = said[1].rsplit_once("/setup/").unwrap().1.to_owned();
    assert_eq!(token.len(), 43);
    assert!(!String::from_utf8_lossy(&moved.house.database()).contains(&token), "only its hash is kept");
    assert!(!moved.log().contains(&token));
    assert!(server.get("/healthz").starts_with("HTTP/1.1 200"), "pages are served");
    server.stop();
    let added = moved.ok("user add Owner@Northwind.example --role admin --format json").json();
    assert_eq!([&added["role"], &added["msp"]], [&serde_json::json!("admin"), &serde_json::Value::Null]);
    assert!(added["link"].as_str().unwrap().contains("/login/once/"));
    let server = moved.serve();
    server.stop();
    let server = moved.serve();
    assert_eq!(setup(&server.said()), 0);
    moved.ok("user add clerk@northwind.example --role approver --msp NW").shows(&["\"NW\"", "/login/once/"]);
    moved.run("user add clerk@northwind.example --role king").ends(2);
    moved.run("user add clerk@northwind.example --role mapper --msp Nobody").ends(1).tells(&["no MSP is called"]);
}

#[test]
fn a_moved_clock_reaches_no_real_books() {
    let moved = Moved::bare(noon());
    let key = moved.house.write("key", crate::house::PRIVATE_KEY);
    moved
        .run(&format!(
            "connect NW --url https://na.myconnectwise.net --company northwind --public-key P --private-key-file {key}"
        ))
        .ends(1)
        .tells(&["the clock is moved by HIVE_TEST_CLOCK", "only a ConnectWise on this machine"]);
    moved.ok("config").shows(&["HIVE_TEST_CLOCK"]);
    moved.house.ok("config").never_says(&["HIVE_TEST_CLOCK"]);
    let mut public = moved.command(&["serve"]);
    let public = crate::ran::Ran::of(&["serve"], public.env("HIVE_PUBLIC_URL", "https://hive.example"));
    public.ends(2).tells(&["the clock is moved by HIVE_TEST_CLOCK", "https://hive.example"]);
    moved.house.write("clock", "yesterday");
    moved.run("runs NW").ends(2).tells(&["HIVE_TEST_CLOCK", "is no moment"]);
}
