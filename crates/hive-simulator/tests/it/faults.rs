//! Every fault does what its name says.

use std::time::{Duration, Instant};

use hive_simulator::{Decimal, Fault, FaultKind, NewAddition, On};
use serde_json::Value;

use crate::client::{House, Reply, small, with_companies};

const SEVEN: &str = r#"[{"op":"replace","path":"quantity","value":7}]"#;

async fn house_with(fault: Fault) -> House {
    let mut world = small();
    for id in [1001, 1002, 1003] {
        world.addition(NewAddition { id: Some(id), agreement: 5, item: 30, ..NewAddition::default() });
    }
    let house = House::with(world).await;
    house.running.sim().fault(fault);
    house
}

fn named(name: &str, on: On) -> Fault {
    Fault::named(name, on).unwrap()
}

async fn additions_under(name: &str) -> Reply {
    house_with(named(name, On::Additions)).await.get("/finance/agreements/5/additions").await
}

#[tokio::test]
async fn every_name_is_a_fault() {
    for name in FaultKind::NAMES {
        assert!(FaultKind::parse(name, None).is_some(), "{name}");
    }
}

#[tokio::test]
async fn statuses_and_their_bodies() {
    for (name, status, words) in [
        ("500", 500, "An error has occurred"),
        ("502", 502, "<html>"),
        ("503", 503, "<html>"),
        ("emptyobj503", 503, "{}"),
        ("500timeout", 500, "A timeout has occured"),
        ("500bad", 500, "Error converting value"),
        ("html200", 200, "Sign in"),
        ("401", 401, "Unauthorized"),
        ("403", 403, "Security"),
        ("404", 404, "NotFound"),
        ("400", 400, "addition object is invalid"),
        ("409", 409, "Record possibly in use"),
        ("408", 408, "timed out"),
        ("null200", 200, "null"),
        ("empty", 200, "[]"),
        ("429", 429, "Too many requests"),
        ("429na", 429, "Too many requests"),
        ("redirect", 302, ""),
        ("204", 204, ""),
    ] {
        let reply = additions_under(name).await;
        let text = String::from_utf8_lossy(&reply.body);
        assert!(reply.status == status && text.contains(words), "{name}: {} {text}", reply.status);
    }
    assert_eq!(additions_under("429").await.header("retry-after"), Some("1"));
    assert_eq!(additions_under("429na").await.header("retry-after"), None);
    let any_text = Fault::new(FaultKind::TooMany(Some("Wed, 21 Oct 2015 07:28:00 GMT".into())), On::Any);
    let reply = house_with(any_text).await.get("/finance/agreements").await;
    assert_eq!(reply.header("retry-after"), Some("Wed, 21 Oct 2015 07:28:00 GMT"));
}

#[tokio::test]
async fn broken_connections() {
    let reset = additions_under("reset_mid").await;
    assert!(reset.cut && !reset.body.is_empty());
    let dropped = house_with(named("drop", On::Patch)).await;
    assert!(dropped.call("PATCH", "/finance/agreements/5/additions/1000", SEVEN).await.is_err());
    assert_eq!(dropped.running.sim().quantity(5, 1000), Some(10.into()));
    let lost = house_with(named("patch_lost", On::Patch)).await;
    assert!(lost.call("PATCH", "/finance/agreements/5/additions/1000", SEVEN).await.is_err());
    assert_eq!(lost.running.sim().quantity(5, 1000), Some(7.into()));
    assert_eq!(lost.running.sim().writes().len(), 1);
    let truncated = additions_under("truncate").await;
    assert!(!truncated.cut && serde_json::from_slice::<Value>(&truncated.body).is_err());
}

#[tokio::test]
async fn time() {
    let house = house_with(Fault::new(FaultKind::Latency(Duration::from_millis(300)), On::Patch)).await;
    let call = house.call("PATCH", "/finance/agreements/5/additions/1000", SEVEN);
    assert!(tokio::time::timeout(Duration::from_millis(100), call).await.is_err());
    assert_eq!(house.running.sim().quantity(5, 1000), Some(10.into()));
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(house.running.sim().quantity(5, 1000), Some(7.into()), "applied though the client had gone");
    let hung = house_with(named("hang", On::Get)).await;
    let call = hung.get("/finance/agreements");
    assert!(tokio::time::timeout(Duration::from_millis(200), call).await.is_err());
    let slow = house_with(named("slow", On::Counts)).await;
    let started = Instant::now();
    assert_eq!(slow.get("/finance/agreements/count").await.json()["count"], 1);
    let slow_list = slow.running.sim();
    slow_list.clear_faults();
    slow_list.fault(named("slow", On::Agreement));
    let call = slow.get("/finance/agreements/5?fields=id,name,company,type,contact,site");
    assert!(started.elapsed() < Duration::from_secs(2), "a short body is one piece");
    assert!(call.await.body.len() > 128 && started.elapsed() > Duration::from_millis(500));
}

#[tokio::test]
async fn bent_rows() {
    assert!(additions_under("noqty").await.json()[0].get("quantity").is_none());
    assert_eq!(additions_under("badtype").await.json()[0]["quantity"], "n/a");
    assert_eq!(additions_under("blank_dates").await.json()[0]["cancelledDate"], "");
    assert_eq!(additions_under("dup").await.ids(), [1000, 1001, 1002, 1003, 1003]);
    assert_eq!(additions_under("shift").await.ids(), [1001, 1002, 1003]);
    assert_eq!(additions_under("wrong_record").await.ids(), [1001, 1002, 1003, 1004]);
    let weird = additions_under("weird").await;
    let text = String::from_utf8(weird.body).unwrap();
    assert!(text.contains("1099511627776") && text.contains("quantumFlag") && text.contains(&"[".repeat(200)));
}

#[tokio::test]
async fn bent_paging() {
    let house = House::with(with_companies(50)).await;
    let sim = house.running.sim();
    let link = async |name: &str, path: &str| {
        sim.clear_faults();
        sim.fault(named(name, On::Companies));
        let reply = house.get(path).await;
        (reply.header("link").map(str::to_owned), reply.ids())
    };
    let (looped, _) = link("link_loop", "/company/companies?pageSize=20&page=3").await;
    assert!(looped.unwrap().ends_with("page=1>; rel=\"next\""));
    let (other, _) = link("link_other_host", "/company/companies?pageSize=20").await;
    assert!(other.unwrap().starts_with("<http://127.0.0.2:9/"));
    assert_eq!(link("link_missing", "/company/companies?pageSize=20").await.0, None);
    let mut seen = Vec::new();
    for page in 1..=4 {
        seen.extend(link("short_page", &format!("/company/companies?pageSize=30&page={page}")).await.1);
    }
    assert_eq!(seen, (101..151).collect::<Vec<_>>(), "short pages, and none missing");
    let (_, first) = link("dup", "/company/companies?pageSize=20").await;
    assert_eq!((first.len(), first[20]), (21, 121));
}

#[tokio::test]
async fn bent_writes() {
    let rounded = house_with(named("rounded", On::Patch)).await;
    assert_eq!(rounded.patch(SEVEN).await.json()["quantity"].to_string(), "8.0");
    assert_eq!(rounded.running.sim().quantity(5, 1000), Some(8.into()));
    let without = house_with(named("no_quantity_answer", On::Patch)).await;
    assert!(without.patch(SEVEN).await.json().get("quantity").is_none());
    assert_eq!(without.running.sim().quantity(5, 1000), Some(7.into()));
    let silent = house_with(named("204", On::Patch)).await;
    assert_eq!(silent.patch(SEVEN).await.status, 204);
    assert_eq!(silent.running.sim().quantity(5, 1000), Some(7.into()));
    let after = house_with(named("500", On::Patch).applied()).await;
    assert_eq!(after.patch(SEVEN).await.status, 500);
    assert_eq!(after.running.sim().quantity(5, 1000), Some(7.into()));
    let refused = house_with(named("400", On::Patch).addition(1001)).await;
    assert_eq!(refused.patch(SEVEN).await.status, 200, "only addition 1001 is refused");
    let second = refused.call("PATCH", "/finance/agreements/5/additions/1001", SEVEN).await.unwrap();
    assert_eq!(second.status, 400);
}

#[tokio::test]
async fn which_requests_are_hit() {
    let house = house_with(named("500", On::Get).nth(2)).await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(house.get("/finance/agreements").await.status);
    }
    assert_eq!(statuses, [200, 500, 200, 200]);
    let sim = house.running.sim();
    sim.clear_faults();
    sim.fault(named("503", On::Lists).every(2).times(2));
    statuses.clear();
    for _ in 0..8 {
        statuses.push(house.get("/finance/agreements").await.status);
    }
    assert_eq!(statuses, [200, 503, 200, 503, 200, 200, 200, 200]);
    assert_eq!(house.get("/finance/agreements/5").await.status, 200);
    sim.clear_faults();
    sim.fault(named("500", On::Any).percent(50, 3));
    let mut hits = 0;
    for _ in 0..40 {
        hits += u32::from(house.get("/finance/agreements").await.status == 500);
    }
    assert!((8..33).contains(&hits), "{hits}");
}

#[tokio::test]
async fn bodies_without_end() {
    let bomb = house_with(named("bomb", On::Agreements)).await.get("/finance/agreements").await;
    assert_eq!(bomb.header("content-encoding"), Some("gzip"));
    assert!((10_000_000..20_000_000).contains(&bomb.body.len()), "{}", bomb.body.len());
    let endless = house_with(named("endless", On::Agreements)).await;
    let call = endless.get("/finance/agreements");
    assert!(tokio::time::timeout(Duration::from_millis(300), call).await.is_err());
    let after = endless.get("/finance/agreements/count").await;
    assert_eq!(after.status, 200, "the server goes on once the client has closed");
    assert_eq!(Decimal::from(endless.running.sim().requests().total), Decimal::TWO);
}

#[tokio::test]
async fn a_human_between_the_read_and_the_write() {
    let house = house_with(Fault::new(FaultKind::HumanAfter(12.into()), On::Addition)).await;
    let row = house.get("/finance/agreements/5/additions/1000").await.json();
    assert_eq!(row["quantity"].to_string(), "10.0");
    assert_eq!(house.running.sim().quantity(5, 1000), Some(12.into()));
    let before = house_with(Fault::new(FaultKind::HumanBefore(12.into()), On::Patch)).await;
    before.patch(SEVEN).await;
    assert_eq!(before.running.sim().writes()[0].from, 12.into());
}

#[tokio::test]
async fn refused_connections() {
    let house = House::with(small()).await;
    house.running.sim().refuse_connections(true);
    assert!(house.call("GET", "/finance/agreements", "").await.is_err());
    house.running.sim().refuse_connections(false);
    assert_eq!(house.get("/finance/agreements").await.status, 200);
}
