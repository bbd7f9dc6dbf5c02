//! Not too fast, and never past a 429.

use crate::support::*;
use hive_connectwise::Known;
use hive_core::{AdditionId, AgreementId};
use hive_simulator::{Fault, FaultKind, On};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_429_pauses_everything_for_that_msp() {
    let running = simulator(small_world()).await;
    let first = client(&running.url());
    first.test().await.unwrap();
    running.sim().fault(Fault::new(FaultKind::TooMany(Some("1".into())), On::Addition).nth(1));
    let second = first.clone();
    let start = Instant::now();
    let hit = tokio::spawn(async move { first.look_up(AgreementId(50_001), AdditionId(200_001)).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    second.test().await.unwrap();
    assert!(start.elapsed() > Duration::from_secs(1), "the other task waited too");
    assert!(hit.await.unwrap().unwrap().is_some());
    assert_eq!(running.sim().requests().answered_429, 1);
}

#[tokio::test]
async fn many_tasks_knock_once_while_throttled() {
    let running = simulator(small_world()).await;
    let client = client(&running.url());
    client.test().await.unwrap();
    running.sim().fault(Fault::new(FaultKind::TooMany(Some("0".into())), On::Addition).times(6));
    running.sim().reset_counters();
    let ask = || client.look_up(AgreementId(50_001), AdditionId(200_001));
    let asked = futures::future::join_all((0..20).map(|_| ask())).await;
    assert!(asked.into_iter().all(|found| found.unwrap().is_some()));
    // Four were on their way when the first 429 came; from then on one at a time.
    assert_eq!(running.sim().requests().answered_429, 6);
    assert_eq!(running.sim().requests().total, 26);
}

#[tokio::test]
async fn the_token_bucket_keeps_below_the_limit() {
    let running = simulator(small_world()).await;
    running.sim().set_requests_per_minute(1_000);
    let client = client_with(&running.url(), |limits| limits.requests_per_minute = 900);
    let start = Instant::now();
    for _ in 0..8 {
        client.pull(&Known::default(), &|_| {}).await.unwrap();
    }
    let sent = client.requests();
    assert_eq!(sent, running.sim().requests().total);
    let least = Duration::from_millis((sent - 30) * 1_000 / 15 - 100);
    assert!(start.elapsed() >= least, "{sent} requests in {:?}", start.elapsed());
    assert_eq!(running.sim().requests().answered_429, 0);
}
