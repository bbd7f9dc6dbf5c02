//! A real process, really killed.

use crate::door::*;
use hive_core::*;
use hive_store::*;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What the process that is to be killed works on: database, key file, the file that says it is ready.
const HELD: &str = "HIVE_TEST_HOLD_A_LEASE";

/// Nothing by itself; started by the story below it holds a lease with an intent until it is killed.
#[test]
fn holds_a_lease_until_killed() {
    let Ok(held) = std::env::var(HELD) else { return };
    let [url, key, msp, ready] = held.split('\n').collect::<Vec<_>>().try_into().unwrap();
    crate::engine::run(async {
        let store = Store::open(url, KeySource(key.into())).await.unwrap();
        let msp = MspId(msp.parse().unwrap());
        let lease = store.begin_run(msp, RunKind::Update, "cli:doomed", at(0), LEASE_MS, None).await.unwrap();
        let plan = plan(msp, "p1", &[(1000, "10", "12")], 0);
        store.make_intent(&lease, &released(&plan)[0], &plan.id, "cli:doomed", at(0)).await.unwrap();
        std::fs::write(ready, "ready").unwrap();
        tokio::time::sleep(Duration::from_secs(60)).await;
    });
}

pub(crate) async fn a_killed_run_is_taken_over_at_once(door: &Door) {
    let ready = door.dir.path().join("ready");
    let KeySource(key) = &door.key;
    let held = [&door.url, key.to_str().unwrap(), &door.msp.to_string(), ready.to_str().unwrap()].join("\n");
    let mut doomed = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::holds_a_lease_until_killed"])
        .env(HELD, held)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while !ready.exists() {
        assert!(start.elapsed() < Duration::from_secs(30), "the process never got ready");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let taken = door.store.begin_run(door.msp, RunKind::Sync, "cli:ann", at(1), LEASE_MS, None).await.unwrap_err();
    assert!(taken.to_string().contains("started by cli:doomed"), "{taken}");
    doomed.kill().unwrap();
    doomed.wait().unwrap();
    let killed = Instant::now();
    let lease = loop {
        match door.store.begin_run(door.msp, RunKind::Sync, "cli:ann", at(1), LEASE_MS, None).await {
            Ok(lease) => break lease,
            Err(why) => assert!(killed.elapsed() < Duration::from_secs(5), "{why}"),
        }
        assert!(!door.is_sqlite(), "on SQLite a killed run's lease is free at once");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!((lease.run, lease.fence), (RunId(2), 2));
    let open = door.store.open_intents(door.msp).await.unwrap();
    assert_eq!((open.len(), open[0].intent.to, open[0].may_send_until), (1, q("12"), at(2)));
    door.store.close_interrupted(&lease, RunId(1), "interrupted", at(1)).await.unwrap();
    let report = door.store.report(door.msp, RunId(1)).await.unwrap().unwrap();
    assert_eq!((report.state, report.lines[0].outcome.name()), (RunState::Failed, "unknown"));
    door.finish(lease, 2).await;
}
