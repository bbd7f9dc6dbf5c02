//! Writes that wait: how long, how often they knock meanwhile, and how a cancelled run ends them.

use crate::support::*;
use crate::write::*;
use hive_connectwise::RunGuard;
use hive_core::outcome::Outcome;
use hive_simulator::{Fault, FaultKind, On};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A run that is cancelled after this long.
fn cancelled_after(wait: Duration) -> RunGuard {
    let cancelled = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&cancelled);
    tokio::spawn(async move {
        tokio::time::sleep(wait).await;
        flag.store(true, Ordering::SeqCst);
    });
    let leave = move || if cancelled.load(Ordering::SeqCst) { Err("cancelled".to_owned()) } else { Ok(()) };
    RunGuard::new(Duration::from_secs(60), Arc::new(leave))
}

#[tokio::test]
async fn a_cancelled_run_does_not_wait_out_a_pause() {
    let (running, client) = stage(vec![Fault::new(FaultKind::TooMany(Some("20".into())), On::Patch)]).await;
    let start = Instant::now();
    let guard = cancelled_after(Duration::from_millis(300));
    let written = push_as(&client, ADDITION, 10.into(), 12.into(), &guard).await;
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert_eq!((written.outcome, written.stop_run.as_deref()), (Outcome::NotSent, Some("cancelled")));
    assert!(written.message.unwrap().contains("not sent: cancelled"));
    // The next one finds the pause before its own re-read.
    let written = push_as(&client, ADDITION, 10.into(), 12.into(), &guard).await;
    assert_eq!((written.outcome, written.stop_run.is_some()), (Outcome::NotSent, true));
    assert_eq!(running.sim().requests().patches, 1);
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_cancelled_run_leaves_a_doubt_unknown_at_once() {
    let (running, _) = stage(vec![named("drop")]).await;
    let slow = client_with(&running.url(), |limits| limits.request_timeout = Duration::from_secs(5));
    let start = Instant::now();
    let guard = cancelled_after(Duration::from_millis(800));
    let written = push_as(&slow, ADDITION, 10.into(), 12.into(), &guard).await;
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    assert_eq!((written.outcome, written.stop_run.as_deref()), (Outcome::Unknown, Some("cancelled")));
    let words = written.message.unwrap();
    assert!(words.contains("cancelled") && words.contains("the next run looks it up first"), "{words}");
    assert_eq!(running.sim().requests().patches, 1);
}

#[tokio::test]
async fn throttled_writes_alone_are_no_busy_loop() {
    let runs = [Some("0".to_owned()), None, Some("soon".to_owned())].map(|told| async move {
        let (running, client) = stage(vec![Fault::new(FaultKind::TooMany(told.clone()), On::Patch)]).await;
        let guard = RunGuard::new(Duration::from_secs(5), Arc::new(|| Ok(())));
        let written = push_as(&client, ADDITION, 10.into(), 12.into(), &guard).await;
        let requests = running.sim().requests();
        assert_eq!(written.outcome, Outcome::NotSent, "{told:?}: {written:?}");
        assert!(written.stop_run.unwrap().contains("429"));
        assert!(requests.patches <= 4 && requests.total < 16, "{told:?}: {requests:?}");
    });
    futures::future::join_all(runs).await;
}

/// 202 and redirects are answers, and yet the change may land later.
#[tokio::test]
async fn what_is_accepted_or_sent_elsewhere_is_waited_out() {
    for answer in ["202 Accepted", "307 Temporary Redirect\r\nlocation: http://127.0.0.2/", "303 See Other"] {
        let (patches, first) = (Arc::new(AtomicU32::new(0)), Arc::new(std::sync::Mutex::new(None)));
        let (count, at) = (Arc::clone(&patches), Arc::clone(&first));
        let server = canned(move |request| {
            let path = request.split(' ').nth(1).unwrap_or_default();
            let row = |quantity| {
                format!(r#"{{"id":200001,"agreementId":50001,"product":{{"id":1001}},"quantity":{quantity}}}"#)
            };
            if path.contains("companyinfo") {
                company_info("v2025_1/")
            } else if request.starts_with("PATCH") {
                if count.fetch_add(1, Ordering::SeqCst) == 0 {
                    *at.lock().unwrap() = Some(Instant::now());
                    return json(answer, "{}");
                }
                json("200 OK", &row(12))
            } else if path.contains("/additions/") {
                json("200 OK", &row(10))
            } else {
                json("200 OK", r#"{"id":50001,"name":"M","company":{"id":1},"agreementStatus":"Active"}"#)
            }
        })
        .await;
        let client = client_with(&server.url, |limits| limits.request_timeout = Duration::from_millis(700));
        let written = push(&client, 10, 12).await;
        assert_eq!((written.outcome, patches.load(Ordering::SeqCst)), (Outcome::Pushed, 2), "{answer}: {written:?}");
        let waited = first.lock().unwrap().unwrap().elapsed();
        assert!(waited >= Duration::from_millis(1_800), "{answer}: {waited:?}");
    }
}
