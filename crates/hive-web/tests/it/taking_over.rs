//! What somebody tries who wants to be somebody else: links, setting up, accounts made beforehand.

use crate::door::{Door, PASSWORD, Shown};
use axum::http::StatusCode;
use hive_core::MspId;
use hive_store::Role;

const LINK: &str = "/login/once/";

/// Two MSPs and the admin of the first, who tries.
async fn two_msps() -> (Door, MspId, MspId, String) {
    let door = Door::open().await;
    let (ours, theirs) = (door.msp("Northwind IT").await, door.msp("Southwind IT").await);
    let jo = door.person("jo@northwind.example", Role::Admin, Some(ours)).await;
    let session = door.come_in(jo).await;
    (door, ours, theirs, session)
}

#[tokio::test]
async fn adding_somebody_who_reaches_further_makes_no_link_even_where_no_password_is_chosen() {
    let (door, ours, theirs, session) = two_msps().await;
    let add = |email, at| door.store.add_user(email, Role::Admin, at, "story", door.now());
    let root = add("root@house.example", None).await.unwrap();
    let kim = add("kim@southwind.example", Some(theirs)).await.unwrap();
    for (email, user) in [("root@house.example", root), ("Kim@Southwind.example", kim)] {
        let shown = door.post("/m/1/people", &session, &format!("email={email}&role=read-only&known=yes")).await;
        assert!(!shown.text.contains(LINK), "{}", shown.text);
        assert!(shown.text.contains("an admin of every MSP"), "{}", shown.text);
        let roles = door.store.user(user).await.unwrap().unwrap().roles;
        assert!(roles.contains(&(Some(ours), Role::ReadOnly)), "the role is granted all the same: {roles:?}");
        let link = door.post("/m/1/people/link", &session, &format!("user={}", user.0)).await;
        assert!(link.status == StatusCode::FORBIDDEN && !link.text.contains(LINK));
    }
}

#[tokio::test]
async fn an_admin_everywhere_that_a_person_is_makes_their_link() {
    let (door, _, theirs, session) = two_msps().await;
    let jo = door.store.user_by_email("jo@northwind.example").await.unwrap().unwrap();
    door.store.add_user("kim@southwind.example", Role::Mapper, Some(theirs), "story", door.now()).await.unwrap();
    door.store.set_role(jo.id, Some(theirs), Some(Role::Admin), "story", door.now()).await.unwrap();
    let shown = door.post("/m/1/people", &session, "email=kim@southwind.example&role=mapper").await;
    assert!(shown.text.contains(LINK), "{}", shown.text);
}

fn first(email: &str, msp: &str) -> String {
    format!("email={email}&password={PASSWORD}&again={PASSWORD}&msp={msp}")
}

#[tokio::test]
async fn a_setup_link_is_dead_once_anybody_is_there() {
    let door = Door::open().await;
    let (used, other) = (door.link(None, "setup").await, door.link(None, "setup").await);
    let done = door.post(&format!("/setup/{used}"), "", &first("jo@northwind.example", "Northwind")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    // One that was open before, and one that came into the table after.
    for token in [other, door.link(None, "setup").await] {
        let path = format!("/setup/{token}");
        assert_eq!(door.get(&path, "").await.status, StatusCode::NOT_FOUND);
        let again = format!("email=jo@northwind.example&password={0}&again={0}", "another long password");
        assert_eq!(door.post(&path, "", &again).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(door.log_in("jo@northwind.example", PASSWORD).await.status, StatusCode::SEE_OTHER);
    assert_eq!(door.store.users().await.unwrap().len(), 1);
}

#[tokio::test]
async fn four_set_up_at_once_and_one_msp_with_one_admin_is_left() {
    let door = Door::open().await;
    let path = format!("/setup/{}", door.link(None, "setup").await);
    let posts = (0..4).map(|n| {
        let (door, path) = (&door, &path);
        async move { door.post(path, "", &first(&format!("jo{n}@northwind.example"), &format!("Northwind{n}"))).await }
    });
    let shown: Vec<Shown> = futures::future::join_all(posts).await;
    let done = shown.iter().filter(|shown| shown.status == StatusCode::SEE_OTHER).count();
    assert_eq!(done, 1);
    assert_eq!((door.store.msps().await.unwrap().len(), door.store.users().await.unwrap().len()), (1, 1));
}

#[tokio::test]
async fn a_bad_address_at_setting_up_leaves_nothing() {
    let door = Door::open().await;
    let path = format!("/setup/{}", door.link(None, "setup").await);
    let shown = door.post(&path, "", &first("jo", "Northwind")).await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(door.store.msps().await.unwrap().is_empty() && door.store.users().await.unwrap().is_empty());
    let done = door.post(&path, "", &first("jo@northwind.example", "Northwind")).await;
    assert_eq!(done.header("location"), "/m/1/first-run", "the link is as good as before");
}

#[tokio::test]
async fn an_account_made_at_another_msp_is_taken_in_knowingly_and_comes_in_anew() {
    let (door, _, theirs, session) = two_msps().await;
    let eve = door.person("eve@southwind.example", Role::Admin, Some(theirs)).await;
    let eve = door.come_in(eve).await;
    let path = format!("/m/{}/people", theirs.0);
    // Eve makes an account in the name of one of Northwind's, chooses its password and stays in.
    let made = door.post(&path, &eve, "email=ann@northwind.example&role=mapper").await;
    let link = made.text.split("value=\"http://127.0.0.1:7400").nth(1).unwrap().split('"').next().unwrap();
    let ann = door.post(link, "", &format!("password={PASSWORD}&again={PASSWORD}")).await.session();
    let id = door.store.user_by_email("ann@northwind.example").await.unwrap().unwrap().id;
    let open = door.link(Some(id), "password").await;

    let asked = door.post("/m/1/people", &session, "email=ann@northwind.example&role=admin").await;
    assert!(asked.text.contains("made at another MSP") && asked.text.contains("I know this person"), "{}", asked.text);
    assert_eq!(door.store.user(id).await.unwrap().unwrap().roles, [(Some(theirs), Role::Mapper)], "nothing yet");
    assert_eq!(door.get(&format!("/m/{}", theirs.0), &ann).await.status, StatusCode::OK);

    let form = "email=ann@northwind.example&role=admin&known=yes";
    assert_eq!(door.post("/m/1/people", &session, form).await.status, StatusCode::SEE_OTHER);
    assert_eq!(door.get("/m/1", &ann).await.status, StatusCode::SEE_OTHER, "the old session ended");
    assert_eq!(door.get(&format!("{LINK}{open}"), "").await.status, StatusCode::NOT_FOUND, "the open link is gone");
}

#[tokio::test]
async fn an_address_that_guesses_at_many_accounts_at_once_is_counted() {
    let door = Door::open().await;
    let posts = (0..26).map(|n| {
        let mut request = door.form("/login", "", &format!("email=jo{n}@x.example&password=wrong"), "same-origin");
        let peer: std::net::SocketAddr = "203.0.113.9:4000".parse().unwrap();
        request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
        door.send(request)
    });
    let shown = futures::future::join_all(posts).await;
    assert_eq!(shown.iter().filter(|shown| shown.text.contains("Too many logins")).count(), 6);
}

#[tokio::test]
async fn logging_in_again_ends_the_session_that_the_browser_had() {
    let (door, _, _, session) = two_msps().await;
    let jo = door.store.user_by_email("jo@northwind.example").await.unwrap().unwrap();
    let token = door.link(Some(jo.id), "login").await;
    let anew = door.post(&format!("{LINK}{token}"), &session, "").await.session();
    assert_eq!(door.get("/m/1", &anew).await.status, StatusCode::OK);
    assert_eq!(door.get("/m/1", &session).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn over_https_every_cookie_is_secure() {
    let door = Door::open_at("https://hive.example").await;
    let jo = door.person("jo@northwind.example", Role::Admin, None).await;
    door.msp("Northwind IT").await;
    let session = door.come_in(jo).await;
    let post = |path, form| {
        let mut request = door.form(path, &session, form, "same-origin");
        request.headers_mut().insert("host", "hive.example".parse().unwrap());
        door.send(request)
    };
    let look = post("/look", "look=dark").await.cookie("__Host-hive_look").unwrap();
    let said = post("/m/1/people/role", "user=1&role=mapper").await.cookie("__Host-hive_said").unwrap();
    for cookie in [look, said] {
        assert_eq!(cookie.matches("; Secure").count(), 1, "{cookie}");
        assert!(cookie.contains("; Path=/;") && !cookie.contains("Domain"), "{cookie}");
    }
    let page = door.get("/m/1", &session).await;
    assert_eq!((page.status, page.header("strict-transport-security")), (StatusCode::OK, "max-age=31536000"));
    // A host beside this one can set a cookie without the prefix, and none with it.
    let planted = session.strip_prefix("__Host-").unwrap();
    assert_eq!(door.get("/m/1", planted).await.status, StatusCode::SEE_OTHER);
    assert_eq!(Door::open().await.get("/login", "").await.header("strict-transport-security"), "", "http stays http");
}

async fn listen(door: &Door, session: &str) -> axum::response::Response {
    let request = axum::http::Request::get("/m/1/events").header("cookie", session);
    let request = request.header("accept", "text/event-stream").body(axum::body::Body::empty()).unwrap();
    tower::ServiceExt::oneshot(door.router.clone(), request).await.unwrap()
}

#[tokio::test]
async fn one_person_listens_twenty_times_and_no_more() {
    let (door, ours, _, session) = two_msps().await;
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(listen(&door, &session).await);
    }
    assert!(open.iter().all(|answer| answer.status() == StatusCode::OK));
    assert_ne!(listen(&door, &session).await.status(), StatusCode::OK);
    let kim = door.person("kim@northwind.example", Role::ReadOnly, Some(ours)).await;
    let kim = door.come_in(kim).await;
    assert_eq!(listen(&door, &kim).await.status(), StatusCode::OK, "others still may");
    open.pop();
    assert_eq!(listen(&door, &session).await.status(), StatusCode::OK, "a place that is free is given again");
}

#[tokio::test]
async fn a_stream_ends_with_its_session() {
    let (door, ours, _, session) = two_msps().await;
    let mut body = listen(&door, &session).await.into_body().into_data_stream();
    let first = futures::StreamExt::next(&mut body).await.unwrap().unwrap();
    assert!(first.starts_with(b"event: changed"), "{first:?}");
    door.post("/logout", &session, "").await;
    door.later(1);
    // Something is told to all who listen.
    door.store.add_user("kim@northwind.example", Role::Mapper, Some(ours), "story", door.now()).await.unwrap();
    let ends = async { while futures::StreamExt::next(&mut body).await.is_some() {} };
    tokio::time::timeout(std::time::Duration::from_secs(10), ends).await.expect("it ends");
}
