//! Login, its throttle, one-time links, setting up.

use crate::door::{Door, PASSWORD};
use axum::http::StatusCode;
use hive_store::Role;

#[tokio::test]
async fn a_session_begins_with_a_cookie_that_scripts_cannot_read_and_ends_with_a_log_out() {
    let door = Door::open().await;
    let msp = door.msp("Northwind IT").await;
    door.person("jo@northwind.example", Role::Admin, Some(msp)).await;
    let entered = door.log_in("Jo@Northwind.example", PASSWORD).await;
    assert_eq!((entered.status, entered.header("location")), (StatusCode::SEE_OTHER, "/"));
    let cookie = entered.cookie("hive_session").unwrap();
    assert!(cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Lax"), "{cookie}");
    assert!(!cookie.contains("Secure"), "over http on loopback the browser would drop it: {cookie}");

    let session = entered.session();
    assert_eq!(door.get(&format!("/m/{}", msp.0), &session).await.status, StatusCode::OK);
    door.post("/logout", &session, "").await;
    let after = door.get(&format!("/m/{}", msp.0), &session).await;
    assert_eq!((after.status, after.header("location")), (StatusCode::SEE_OTHER, "/login?next=%2Fm%2F1"));
}

#[tokio::test]
async fn over_https_the_cookie_is_secure_and_without_it_nobody_logs_in() {
    let door = Door::open_at("https://hive.example").await;
    door.person("jo@northwind.example", Role::Admin, None).await;
    assert!(
        door.log_in("jo@northwind.example", PASSWORD).await.cookie("__Host-hive_session").unwrap().contains("; Secure")
    );

    let door = Door::open_at("http://hive.example").await;
    let jo = door.person("jo@northwind.example", Role::Admin, None).await;
    let token = door.link(Some(jo), "login").await;
    for shown in [
        door.get("/login", "").await,
        door.log_in("jo@northwind.example", PASSWORD).await,
        door.get(&format!("/login/once/{token}"), "").await,
        door.post(&format!("/login/once/{token}"), "", "").await,
    ] {
        assert_eq!(shown.status, StatusCode::FORBIDDEN);
        assert!(shown.text.contains("HIVE_PUBLIC_URL") && shown.cookie("hive_session").is_none());
        assert!(!shown.text.contains("type=\"password\""));
    }
}

#[tokio::test]
async fn unknown_people_and_wrong_passwords_read_the_same_and_five_are_enough() {
    let door = Door::open().await;
    door.person("jo@northwind.example", Role::Admin, None).await;
    let wrong = door.log_in("jo@northwind.example", "not this one").await;
    let unknown = door.log_in("no@northwind.example", "not this one").await;
    assert_eq!((wrong.status, unknown.status), (StatusCode::FORBIDDEN, StatusCode::FORBIDDEN));
    assert_eq!(wrong.text.replace("jo@", ""), unknown.text.replace("no@", ""));
    for _ in 0..4 {
        door.log_in("jo@northwind.example", "not this one").await;
    }
    let refused = door.log_in("jo@northwind.example", PASSWORD).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("Wait 15 minutes"), "{}", refused.text);
    door.later(16);
    assert_eq!(door.log_in("jo@northwind.example", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_slides_and_ends_after_thirty_days_all_the_same() {
    let door = Door::open().await;
    let msp = door.msp("Northwind IT").await;
    let jo = door.person("jo@northwind.example", Role::ReadOnly, Some(msp)).await;
    let (idle, busy) = (door.come_in(jo).await, door.come_in(jo).await);
    for hours in (11..30 * 24).step_by(11) {
        door.later(11 * 60);
        assert_eq!(door.get("/m/1", &busy).await.status, StatusCode::OK, "{hours} h");
    }
    door.later(11 * 60);
    assert_eq!(door.get("/m/1", &busy).await.status, StatusCode::SEE_OTHER);
    assert_eq!(door.get("/m/1", &idle).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_one_time_link_may_be_looked_at_often_and_taken_once() {
    let door = Door::open().await;
    let jo = door.person("jo@northwind.example", Role::Admin, None).await;
    let path = format!("/login/once/{}", door.link(Some(jo), "login").await);
    for _ in 0..3 {
        let shown = door.get(&path, "").await;
        assert!(shown.text.contains("jo@northwind.example") && shown.cookie("hive_session").is_none());
    }
    assert!(door.post(&path, "", "").await.cookie("hive_session").is_some());
    let second = door.post(&path, "", "").await;
    assert_eq!(second.status, StatusCode::NOT_FOUND);
    assert!(second.cookie("hive_session").is_none() && second.text.contains("Each link works once"));
}

#[tokio::test]
async fn setting_up_makes_the_first_admin_and_the_first_msp_and_forgives_a_slip() {
    let door = Door::open().await;
    let path = format!("/setup/{}", door.link(None, "setup").await);
    assert!(door.get(&path, "").await.text.contains("Name of your MSP"));
    let form =
        |msp: &str, again: &str| format!("email=Jo@northwind.example&password={PASSWORD}&again={again}&msp={msp}");
    assert!(door.post(&path, "", &form("Northwind", "another one")).await.text.contains("The two passwords differ"));
    assert!(door.post(&path, "", &form("", PASSWORD)).await.text.contains("An MSP needs a name"));
    let done = door.post(&path, "", &form("Northwind", PASSWORD)).await;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/m/1/first-run"));
    assert_eq!(door.get("/m/1/people", &done.session()).await.status, StatusCode::OK);
    assert_eq!(door.get(&path, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(door.log_in("jo@northwind.example", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_setup_link_logs_nobody_in_and_a_login_link_sets_nothing_up() {
    let door = Door::open().await;
    let jo = door.person("jo@northwind.example", Role::Admin, None).await;
    let setup = door.link(None, "setup").await;
    let login = door.link(Some(jo), "login").await;
    assert_eq!(door.post(&format!("/login/once/{setup}"), "", "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(door.get(&format!("/setup/{login}"), "").await.status, StatusCode::NOT_FOUND);
}
