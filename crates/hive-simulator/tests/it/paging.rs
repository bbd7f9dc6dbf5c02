//! Lists: pages both ways, conditions, order, fields.

use crate::client::{House, small, with_companies};

#[tokio::test]
async fn pages_are_linked_with_page_last() {
    let house = House::with(with_companies(60)).await;
    let first = house.get("/company/companies?conditions=deletedFlag%3Dfalse&pageSize=20&orderBy=id+asc").await;
    assert_eq!(first.ids().len(), 20);
    let url = "http://sim.test:8080/v2025_1/apis/3.0/company/companies?conditions=deletedFlag%3Dfalse&pageSize=20&orderBy=id+asc";
    let expected = format!("<{url}&page=2>; rel=\"next\", <{url}&page=3>; rel=\"last\"");
    assert_eq!(first.header("link"), Some(expected.as_str()));
    let last = house.get("/company/companies?conditions=deletedFlag%3Dfalse&pageSize=20&page=3").await;
    assert_eq!(last.ids().len(), 14);
    let link = last.header("link").unwrap();
    assert!(
        link.ends_with("page=1>; rel=\"first\"") && link.contains("rel=\"prev\"") && !link.contains("next"),
        "{link}"
    );
    let past = house.get("/company/companies?pageSize=20&page=9").await;
    assert_eq!((past.status, past.body.as_slice()), (200, &b"[]"[..]));
}

#[tokio::test]
async fn one_page_has_no_link_and_sizes_have_limits() {
    let house = House::with(with_companies(30)).await;
    assert_eq!(house.get("/company/companies").await.ids().len(), 25);
    let all = house.get("/company/companies?pageSize=99999").await;
    assert_eq!((all.ids().len(), all.header("link")), (30, None));
    let big = House::with(with_companies(1_001)).await;
    assert_eq!(big.get("/company/companies?pageSize=5000").await.ids().len(), 1_000);
    assert_eq!(house.get("/company/companies?page=abc").await.status, 400);
}

#[tokio::test]
async fn forward_only_goes_by_id_and_ends_with_an_empty_link() {
    let house = House::with(with_companies(50)).await;
    let first = house.forward("/company/companies?pageSize=20&page=7").await;
    assert_eq!(first.ids(), (101..121).collect::<Vec<_>>());
    assert!(first.header("link").unwrap().ends_with("pageSize=20&pageId=120>; rel=\"next\""));
    let last = house.forward("/company/companies?pageSize=20&pageId=140").await;
    assert_eq!((last.ids().len(), last.header("link")), (10, Some("")));
    assert_eq!(house.forward("/company/companies?orderBy=id").await.status, 400);
}

#[tokio::test]
async fn conditions_and_counts_agree() {
    let house = House::with(with_companies(40)).await;
    let ids = house.get("/company/companies?conditions=(deletedFlag=True+and+id+in+(110,120,121))&pageSize=50").await;
    assert_eq!(ids.ids(), [110, 120]);
    let count = house.get("/company/companies/count?conditions=deletedFlag=False").await;
    assert_eq!(count.json()["count"], 36);
    let typed = house.get("/company/companies/count?childConditions=types/id=1").await;
    assert_eq!(typed.json()["count"], 40);
    let other = house.get("/company/companies/count?childConditions=types/name=%22Vendor%22").await;
    assert_eq!(other.json()["count"], 0);
    let slow_way =
        house.get("/company/companies/count?conditions=zip=%2233602%22%20and%20country/identifier='usa'").await;
    assert_eq!(slow_way.json()["count"], 40);
    let stamped = house.get("/company/companies/count?conditions=lastUpdated%3E[2026-01-05T08:29:59Z]").await;
    assert_eq!(stamped.json()["count"], 40);
}

#[tokio::test]
async fn wrong_conditions_are_400() {
    let house = House::with(small()).await;
    let words =
        |reply: &crate::client::Reply| (reply.status, reply.json()["code"].clone(), reply.json()["message"].clone());
    let unknown = house.get("/finance/agreements?conditions=invoiceDate=1").await;
    assert_eq!(words(&unknown), (400, "ApiFindCondition".into(), "invoiceDate is not a recognized name.".into()));
    assert!(unknown.body.windows(2).any(|two| two == b"\r\n"), "errors are printed with CRLF");
    let literal = house.get("/finance/agreements?conditions=agreementStatus%20Not%20Like%20%22Canceled%22").await;
    assert_eq!(words(&literal), (400, "ApiFindCondition".into(), "Enum value supplied was invalid".into()));
    assert_eq!(house.get("/company/companies?conditions=types/name=%22x%22").await.status, 400);
    assert_eq!(house.get("/company/companies?orderBy=nothing").await.status, 400);
}

#[tokio::test]
async fn order_and_fields() {
    let house = House::with(with_companies(5)).await;
    let rows = house.get("/company/companies?orderBy=name%20desc&fields=id,name,status/id").await.json();
    let names: Vec<_> = rows.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Company 004", "Company 003", "Company 002", "Company 001", "Company 000"]);
    assert_eq!(rows[0], serde_json::json!({ "id": 105, "name": "Company 004", "status": { "id": 1 } }));
    let info = house.get("/company/companies/101?fields=_info/lastUpdated,id").await.json();
    assert_eq!(info, serde_json::json!({ "id": 101, "_info": { "lastUpdated": "2026-01-05T08:30:00Z" } }));
}

#[tokio::test]
async fn every_place_answers() {
    let house = House::with(small()).await;
    for path in [
        "/system/info",
        "/system/mySecurity?pageSize=1000",
        "/company/companies/20",
        "/company/companies/statuses",
        "/company/companies/statuses/1",
        "/company/companies/types",
        "/procurement/catalog",
        "/procurement/catalog/30",
        "/procurement/catalog/count",
        "/finance/agreements",
        "/finance/agreements/5",
        "/finance/agreements/types",
        "/finance/agreements/5/additions",
        "/finance/agreements/5/additions/count",
        "/finance/agreements/5/additions/1000",
        "/finance/billingCycles",
        "/finance/billingCycles/count",
    ] {
        let reply = house.get(path).await;
        assert_eq!(reply.status, 200, "{path}");
        reply.json();
        assert_eq!(reply.header("api-current-version"), Some("2025.1"));
        assert_eq!(reply.header("cache-control"), Some("no-cache"));
        assert!(reply.header("x-cw-request-id").is_some());
    }
    let row = house.get("/finance/agreements/5/additions/1000").await.json();
    assert_eq!(row["quantity"].to_string(), "10.0");
    assert_eq!((row["extPrice"].to_string(), row["agreementStatus"].clone()), ("100.00".into(), "Active".into()));
    assert!(row.get("cancelledDate").is_none());
}
