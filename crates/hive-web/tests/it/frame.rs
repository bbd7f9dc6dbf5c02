//! What every page has: headers, the shield, escaped names, files that may be kept.

use crate::door::Door;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use hive_store::Role;

const PAGES: [&str; 11] = [
    "",
    "/psa-sync",
    "/accounts",
    "/billable-items",
    "/activity",
    "/people",
    "/help",
    "/month",
    "/first-run",
    "/nowhere",
    "/runs/1",
];

async fn in_a_hostile_house() -> (Door, String) {
    let door = Door::open().await;
    let msp = door.msp("<script>alert(1)</script> & \"Sons\"").await;
    let jo = door.person("jo@northwind.example", Role::Admin, Some(msp)).await;
    let session = door.come_in(jo).await;
    (door, session)
}

#[tokio::test]
async fn every_answer_carries_the_policy_and_no_page_needs_more() {
    let (door, session) = in_a_hostile_house().await;
    let paths = PAGES.iter().map(|page| format!("/m/1{page}"));
    let beside = ["/", "/login", "/setup/x", "/login/once/x", "/healthz", "/readyz", "/assets/x", "/password"];
    for path in paths.chain(beside.into_iter().map(String::from)) {
        let shown = door.get(&path, &session).await;
        let policy = shown.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(shown.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(shown.header("cache-control"), "no-store", "{path}");
        assert!(!shown.text.contains(" style=") && !shown.text.contains("<style"), "{path}");
        assert!(!shown.text.contains(" onclick=") && !shown.text.contains("<script>"), "{path}");
    }
}

#[tokio::test]
async fn the_shield_is_first_and_the_entries_are_on_the_left() {
    let (door, session) = in_a_hostile_house().await;
    let text = door.get("/m/1/psa-sync", &session).await.text;
    let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("no {words}"));
    assert!(at("title=\"MSP Overview\"") < at(">PSA Sync<") && at(">PSA Sync<") < at("<main"));
    assert!(text.contains(r#"<a href="/m/1/psa-sync" aria-current="page">PSA Sync</a>"#), "{text}");
    assert!(text.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;Sons&quot;"));
}

#[tokio::test]
async fn assets_may_be_kept_for_ever_and_old_names_are_gone() {
    let (door, _) = in_a_hostile_house().await;
    let page = door.get("/login", "").await.text;
    for extension in [".css", ".js", ".svg"] {
        let end = page.find(&format!("{extension}\"")).unwrap() + extension.len();
        let path = &page[page[..end].rfind("/assets/").unwrap()..end];
        let shown = door.get(path, "").await;
        assert_eq!(shown.status, StatusCode::OK, "{path}");
        assert!(shown.header("cache-control").contains("immutable") && shown.text.len() > 100, "{path}");
    }
    assert_eq!(door.get("/assets/hive.000000000000.css", "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_was_said_is_said_once_and_escaped() {
    let (door, session) = in_a_hostile_house().await;
    let to = door.post("/m/1/people/role", &session, "user=1&role=").await;
    let said = to.cookie("hive_said").unwrap().split(';').next().unwrap().to_owned();
    let shown = door.get("/m/1/people", &format!("{session}; {said}")).await;
    assert!(shown.text.contains("role=\"alert\""), "the last admin stays: {}", shown.text);
    assert!(shown.cookie("hive_said").unwrap().contains("Max-Age=0"));
}

#[tokio::test]
async fn a_script_that_is_not_signed_in_is_told_so() {
    let (door, session) = in_a_hostile_house().await;
    let ask = |cookie: &str| {
        let request = Request::get("/m/1/events").header("accept", "text/event-stream").header("cookie", cookie);
        request.body(Body::empty()).unwrap()
    };
    assert_eq!(door.send(ask("")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(door.get("/readyz", "").await.text, "ready\n");
    assert_eq!(door.get("/m/1/people", &session).await.header("content-type"), "text/html; charset=utf-8");
}

#[tokio::test]
async fn the_look_is_kept_and_put_on_the_page_by_the_server() {
    let (door, session) = in_a_hostile_house().await;
    let cookie = door.post("/look", &session, "look=dark").await.cookie("hive_look").unwrap();
    assert!(cookie.starts_with("hive_look=dark;"));
    let shown = door.get("/m/1", &format!("{session}; hive_look=dark")).await.text;
    assert!(shown.contains(r#"<html lang="en" class="dark">"#));
    assert!(!door.get("/m/1", &format!("{session}; hive_look=\"><script>")).await.text.contains("<script>"));
}

#[tokio::test]
async fn somebody_who_is_logged_in_keeps_the_navigation_where_nothing_is() {
    let (door, session) = in_a_hostile_house().await;
    for path in ["/m/1/nothing/there", "/nothing", "/m/99/psa-sync", "/m/1/runs/77"] {
        let shown = door.get(path, &session).await;
        assert_eq!(shown.status, StatusCode::NOT_FOUND, "{path}");
        assert!(shown.text.contains("There is no such thing here"), "{path}");
        assert!(shown.text.contains(r#"<a href="/m/1/billable-items">Billable items</a>"#), "{path}: {}", shown.text);
        assert!(!shown.text.contains("aria-current=\"page\""), "{path} is no entry's page");
    }
    // Nobody learns of an MSP from it.
    let shown = door.get("/nothing", "").await;
    assert!(shown.status == StatusCode::NOT_FOUND && !shown.text.contains("Billable items"), "{}", shown.text);
}
