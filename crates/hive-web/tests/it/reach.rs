//! Who reaches what: roles, other people's MSPs, other sites.

use crate::door::Door;
use axum::http::StatusCode;
use hive_store::Role;

#[tokio::test]
async fn another_msp_is_not_there_and_a_role_reaches_so_far() {
    let door = Door::open().await;
    let (ours, theirs) = (door.msp("Northwind IT").await, door.msp("Southwind IT").await);
    let jo = door.person("jo@northwind.example", Role::ReadOnly, Some(ours)).await;
    let session = door.come_in(jo).await;
    assert_eq!(door.get(&format!("/m/{}", ours.0), &session).await.status, StatusCode::OK);
    for path in [format!("/m/{}", theirs.0), format!("/m/{}/people", theirs.0), "/m/99".into(), "/m/x".into()] {
        let shown = door.get(&path, &session).await;
        assert_eq!(shown.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!shown.text.contains("Southwind"));
    }
    let refused = door.get(&format!("/m/{}/people", ours.0), &session).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("needs the role admin at Northwind IT; yours is read-only"), "{}", refused.text);
    let posted = door.post(&format!("/m/{}/people", ours.0), &session, "email=x@y.example&role=admin").await;
    assert_eq!(posted.status, StatusCode::FORBIDDEN);
    assert!(door.store.user_by_email("x@y.example").await.unwrap().is_none());
}

#[tokio::test]
async fn a_form_from_another_site_does_nothing() {
    let door = Door::open().await;
    let msp = door.msp("Northwind IT").await;
    let jo = door.person("jo@northwind.example", Role::Admin, Some(msp)).await;
    let session = door.come_in(jo).await;
    for site in ["cross-site", "same-site"] {
        let request = door.form("/m/1/people", &session, "email=x@y.example&role=admin", site);
        let shown = door.send(request).await;
        assert_eq!(shown.status, StatusCode::FORBIDDEN, "{site}");
        assert!(shown.text.contains("sent from another site"));
    }
    let mut old = door.form("/m/1/people", &session, "email=x@y.example&role=admin", "x");
    old.headers_mut().remove("sec-fetch-site");
    old.headers_mut().insert("origin", "https://evil.example".parse().unwrap());
    assert_eq!(door.send(old).await.status, StatusCode::FORBIDDEN);
    assert!(door.store.user_by_email("x@y.example").await.unwrap().is_none());
}

#[tokio::test]
async fn people_are_added_with_a_link_shown_once_and_lose_what_is_taken_away() {
    let door = Door::open().await;
    let msp = door.msp("Northwind IT").await;
    let jo = door.person("jo@northwind.example", Role::Admin, Some(msp)).await;
    let session = door.come_in(jo).await;
    let added = door.post("/m/1/people", &session, "email=kim@northwind.example&role=mapper").await;
    let link = added.text.split("value=\"http://127.0.0.1:7400").nth(1).unwrap().split('"').next().unwrap();
    assert!(!door.get("/m/1/people", &session).await.text.contains("/login/once/"));
    let password = "a long enough password";
    let kim = door.post(link, "", &format!("password={password}&again={password}")).await.session();
    assert_eq!(door.get("/m/1", &kim).await.status, StatusCode::OK);
    assert_eq!(door.log_in("kim@northwind.example", password).await.status, StatusCode::SEE_OTHER);

    let id = door.store.user_by_email("kim@northwind.example").await.unwrap().unwrap().id.0;
    door.post("/m/1/people/role", &session, &format!("user={id}&role=")).await;
    assert_eq!(door.get("/m/1", &kim).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_admin_of_one_msp_makes_no_link_for_somebody_who_reaches_further() {
    let door = Door::open().await;
    let (ours, theirs) = (door.msp("Northwind IT").await, door.msp("Southwind IT").await);
    let jo = door.person("jo@northwind.example", Role::Admin, Some(ours)).await;
    let both = door.person("kim@consult.example", Role::ReadOnly, Some(ours)).await;
    door.person("kim@consult.example", Role::Admin, Some(theirs)).await;
    let session = door.come_in(jo).await;
    let shown = door.post("/m/1/people/link", &session, &format!("user={}", both.0)).await;
    assert_eq!(shown.status, StatusCode::FORBIDDEN);
    assert!(!shown.text.contains("/login/once/"));
}
