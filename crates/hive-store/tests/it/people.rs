//! People: their roles, their links, their sessions, and how often they fail.

use crate::door::*;
use hive_store::*;

const PHC: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA";

async fn roles(door: &Door, user: UserId) -> Vec<String> {
    let user = door.store.user(user).await.unwrap().unwrap();
    let place = |msp: Option<hive_core::MspId>| msp.map_or("all".to_owned(), |msp| msp.to_string());
    user.roles.iter().map(|(msp, role)| format!("{} {}", place(*msp), role.name())).collect()
}

async fn audited(door: &Door, msp: hive_core::MspId) -> Vec<String> {
    let log = door.store.audit(msp).await.unwrap();
    log.iter().map(|row| format!("{} {}", row.what, row.subject)).collect()
}

pub(crate) async fn an_address_stands_once(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    let ann = store.add_user("  Ann@Example.COM ", Role::Admin, Some(msp), "cli:root", at(0)).await.unwrap();
    assert_eq!(store.add_user("ann@example.com", Role::Admin, Some(msp), "cli:root", at(1)).await.unwrap(), ann);
    let found = store.user_by_email(" ANN@example.com").await.unwrap().unwrap();
    assert_eq!(
        (found.id, found.email.as_str(), found.has_password, found.added_at),
        (ann, "ann@example.com", false, at(0))
    );
    assert_eq!(found.roles, [(Some(msp), Role::Admin)]);
    for bad in ["ann", "a@b@c", "@b", "a@", "a b@c", "a\u{200b}@b", "a\u{202e}@b", "a\0@b", "a\n@b", ""] {
        let refused = store.add_user(bad, Role::Admin, None, "cli:root", at(1)).await.unwrap_err();
        assert!(matches!(refused, StoreError::Refused(_)), "{bad:?}: {refused:?}");
    }
    let long = format!("{}@b", "a".repeat(253));
    assert!(store.add_user(&long, Role::Admin, None, "cli:root", at(1)).await.is_err());
    let nowhere = store.add_user("bob@b.c", Role::Admin, Some(hive_core::MspId(99)), "cli:root", at(1)).await;
    assert_eq!(nowhere.unwrap_err().to_string(), "there is no MSP 99");
    assert_eq!(store.users().await.unwrap().len(), 1);
    // Said once, and to this MSP alone.
    assert_eq!(audited(door, msp).await, ["user.add ann@example.com", "user.role ann@example.com at MSP 2"]);
    assert!(audited(door, door.other).await.is_empty());
    assert!(store.users_of(door.other).await.unwrap().is_empty());
}

pub(crate) async fn the_last_admin_stays(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    let ann = store.add_user("ann@x.y", Role::Admin, None, "setup", at(0)).await.unwrap();
    let bob = store.add_user("bob@x.y", Role::Admin, Some(msp), "user:ann", at(1)).await.unwrap();
    for role in [None, Some(Role::Approver)] {
        let last = store.set_role(ann, None, role, "user:bob", at(2)).await.unwrap_err();
        assert!(last.to_string().starts_with("this is the last admin of the installation"), "{last}");
    }
    let last = store.add_user("ann@x.y", Role::ReadOnly, None, "user:bob", at(2)).await.unwrap_err();
    assert!(last.to_string().starts_with("this is the last admin"), "{last}");
    assert_eq!(roles(door, ann).await, ["all admin"]);
    // One of one MSP may go; then another of every MSP lets the first go.
    store.set_role(bob, Some(msp), Some(Role::Mapper), "user:ann", at(3)).await.unwrap();
    store.set_role(bob, None, Some(Role::Admin), "user:ann", at(4)).await.unwrap();
    store.set_role(ann, None, None, "user:bob", at(5)).await.unwrap();
    assert_eq!(
        (roles(door, ann).await, roles(door, bob).await),
        (vec![], vec!["all admin".to_owned(), format!("{msp} mapper")])
    );
    assert_eq!(store.users_of(door.other).await.unwrap()[0].roles, [(None, Role::Admin)], "nothing of another MSP");
    // A role at every MSP is said at every MSP, one at an MSP there alone.
    let every = [
        "user.add ann@x.y",
        "user.role ann@x.y at every MSP",
        "user.role bob@x.y at every MSP",
        "user.role ann@x.y at every MSP",
    ];
    assert_eq!(audited(door, door.other).await, every);
    let log = door.audit_words().await;
    assert_eq!(log[log.len() - 3], format!("user:ann user.role bob@x.y at MSP {msp}: admin -> mapper"));
    assert_eq!(log.last().unwrap(), "user:bob user.role ann@x.y at every MSP: admin -> -");
    // A role that is as it is changes nothing and says nothing.
    store.set_role(ann, None, None, "user:bob", at(6)).await.unwrap();
    assert_eq!(door.audit_words().await, log);
    assert!(matches!(store.verify_audit(door.other).await.unwrap(), AuditCheck::Whole { rows: 4, .. }));
}

pub(crate) async fn two_admins_cannot_both_go(door: &Door) {
    let again = door.open_again().await.unwrap();
    for round in 0..6 {
        let ann = door.store.add_user("ann@x.y", Role::Admin, None, "setup", at(0)).await.unwrap();
        let bob = door.store.add_user("bob@x.y", Role::Admin, None, "setup", at(0)).await.unwrap();
        let (one, two) = tokio::join!(
            door.store.set_role(ann, None, None, "user:bob", at(round)),
            again.set_role(bob, None, None, "user:ann", at(round)),
        );
        assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
    }
    again.close().await;
}

pub(crate) async fn a_link_is_taken_once(door: &Door) {
    let store = &door.store;
    let ann = store.add_user("ann@x.y", Role::Admin, Some(door.msp), "setup", at(0)).await.unwrap();
    store.add_link("h1", None, "setup", at(0), at(30)).await.unwrap();
    store.add_link("h2", Some(ann), "login", at(0), at(30)).await.unwrap();
    let setup = LoginLink { user: None, purpose: "setup".to_owned() };
    assert_eq!(store.link("h1", at(29)).await.unwrap(), Some(setup.clone()));
    assert_eq!(store.link("h1", at(30)).await.unwrap(), None, "expired");
    assert_eq!(store.take_link("h1", at(30)).await.unwrap(), None, "expired");
    assert_eq!(store.take_link("h1", at(1)).await.unwrap(), Some(setup));
    assert_eq!(store.take_link("h1", at(1)).await.unwrap(), None, "taken");
    assert_eq!(store.link("h1", at(1)).await.unwrap(), None, "taken");
    let taken: Vec<_> = futures_of(store, "h2").await;
    assert_eq!(taken.into_iter().flatten().count(), 1, "eight at once, one winner");
    assert!(store.add_link("h3", Some(ann), "whatever", at(0), at(1)).await.is_err());
    assert!(matches!(
        store.add_link("h3", Some(UserId(99)), "login", at(0), at(1)).await,
        Err(StoreError::NotFound(_))
    ));
}

async fn futures_of(store: &Store, hash: &'static str) -> Vec<Option<LoginLink>> {
    let takers = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.take_link(hash, at(1)).await.unwrap() })
    });
    let takers: Vec<_> = takers.collect();
    let mut taken = Vec::new();
    for taker in takers {
        taken.push(taker.await.unwrap());
    }
    taken
}

pub(crate) async fn a_new_password_ends_every_session(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    let ann = store.add_user("ann@x.y", Role::Admin, Some(msp), "setup", at(0)).await.unwrap();
    let bob = store.add_user("bob@x.y", Role::ReadOnly, Some(msp), "user:ann", at(0)).await.unwrap();
    assert_eq!(store.password(ann).await.unwrap(), None);
    assert!(store.set_password(ann, "hunter2", "user:ann", at(1)).await.is_err(), "no plain password is stored");
    store.set_password(ann, PHC, "user:ann", at(1)).await.unwrap();
    assert_eq!(store.password(ann).await.unwrap().as_deref(), Some(PHC));
    for (hash, user) in [("s1", ann), ("s2", ann), ("s3", bob)] {
        store.begin_session(hash, user, at(2), at(60), "A browser\u{1b}").await.unwrap();
    }
    store.add_link("forgot", Some(ann), "password", at(2), at(60)).await.unwrap();
    assert_eq!(store.session("s1", at(3)).await.unwrap().map(|user| (user.id, user.has_password)), Some((ann, true)));
    assert_eq!(store.session("s1", at(60)).await.unwrap(), None, "expired");
    store.touch_session("s1", at(3), at(90)).await.unwrap();
    assert!(store.session("s1", at(89)).await.unwrap().is_some(), "it slides");
    store.touch_session("s2", at(60), at(120)).await.unwrap();
    assert_eq!(store.session("s2", at(60)).await.unwrap(), None, "what ended stays ended");
    // A role taken away acts at once.
    store.set_role(bob, Some(msp), None, "user:ann", at(4)).await.unwrap();
    assert!(store.session("s3", at(4)).await.unwrap().unwrap().roles.is_empty());
    store.set_password(ann, "$argon2id$new", "user:ann", at(5)).await.unwrap();
    for gone in ["s1", "s2"] {
        assert_eq!(store.session(gone, at(6)).await.unwrap(), None, "{gone}");
    }
    assert_eq!(store.link("forgot", at(6)).await.unwrap(), None);
    assert!(store.session("s3", at(6)).await.unwrap().is_some(), "another's session goes on");
    store.end_sessions(bob).await.unwrap();
    assert_eq!(store.session("s3", at(6)).await.unwrap(), None);
    let log = door.audit_words().await;
    assert_eq!(log.last().unwrap(), "user:ann user.password ann@x.y: set -> set anew");
    assert!(log.iter().all(|row| !row.contains("argon2") && !row.contains("hunter2")), "{log:#?}");
    assert!(audited(door, door.other).await.is_empty());
}

pub(crate) async fn failures_count_for_a_quarter_of_an_hour(door: &Door) {
    let store = &door.store;
    let (key, other) = ("account:ann@x.y", "address:192.0.2.7");
    for minute in 0..5 {
        assert_eq!(store.login_failed(key, at(minute)).await.unwrap(), minute + 1);
    }
    assert_eq!(store.login_failed(key, at(4)).await.unwrap(), 6, "twice at the same moment");
    assert_eq!(store.login_failures(other, at(4)).await.unwrap(), 0);
    assert_eq!(store.login_failures(key, at(14)).await.unwrap(), 6);
    assert_eq!(store.login_failures(key, at(15)).await.unwrap(), 5, "the first is 15 minutes ago");
    assert_eq!(store.login_failures(key, at(18)).await.unwrap(), 2);
    assert_eq!(store.login_failed(key, at(30)).await.unwrap(), 1);
    store.login_failed(other, at(30)).await.unwrap();
    store.login_succeeded(key).await.unwrap();
    assert_eq!(store.login_failures(key, at(30)).await.unwrap(), 0);
    assert_eq!(store.login_failures(other, at(30)).await.unwrap(), 1);
    let long = "x".repeat(100_000);
    assert_eq!(store.login_failed(&long, at(30)).await.unwrap(), 1, "whatever a stranger types");
}

pub(crate) async fn what_expired_is_swept(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    let ann = store.add_user("ann@x.y", Role::Admin, Some(msp), "setup", at(0)).await.unwrap();
    let token = store.make_token(msp, "meter", "t1", "usage", "user:ann", at(0)).await.unwrap();
    let answer = Remembered { request_hash: "r".into(), status: 200, body: "{}".into() };
    let days = |days: i64| at(days * 24 * 60);
    for (key, when) in [("old", at(0)), ("young", days(1))] {
        store.begin_session(key, ann, when, when + jiff::SignedDuration::from_mins(60), "").await.unwrap();
        store.add_link(key, Some(ann), "login", when, when + jiff::SignedDuration::from_mins(60)).await.unwrap();
        store.login_failed(key, when).await.unwrap();
        store.remember(msp, token, key, &answer, when).await.unwrap();
    }
    assert_eq!(store.sweep(days(1)).await.unwrap(), 3, "the old session, link and failure");
    assert!(store.session("young", days(1)).await.unwrap().is_some());
    assert!(store.link("young", days(1)).await.unwrap().is_some());
    assert_eq!(store.login_failures("young", days(1)).await.unwrap(), 1);
    assert!(store.idempotent(msp, token, "old").await.unwrap().is_some());
    assert_eq!(store.sweep(days(2)).await.unwrap(), 4, "the old answer; the young session, link and failure");
    assert_eq!(store.idempotent(msp, token, "old").await.unwrap(), None);
    assert_eq!(store.idempotent(msp, token, "young").await.unwrap(), Some(answer));
}
