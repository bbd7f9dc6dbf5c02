//! Keys stay with the one origin and out of every text; addresses are checked on connect.

use crate::support::*;
use hive_connectwise::{Access, Client, Known, Limits, SiteUrl};
use hive_core::{AdditionId, AgreementId};
use hive_simulator::{Fault, FaultKind, On};

#[tokio::test]
async fn no_other_origin_hears_anything() {
    let trap = canned(|_| json("200 OK", "[]")).await;
    let running = simulator(small_world()).await;
    let client = client(&running.url());
    for kind in [FaultKind::Redirect(trap.url.clone()), FaultKind::LinkOtherHost(trap.url.clone())] {
        for on in [On::Any, On::Lists, On::Addition, On::Patch] {
            running.sim().clear_faults();
            running.sim().fault(Fault::new(kind.clone(), on));
            let _ = client.pull(&Known::default(), &|_| {}).await;
            let _ = client.look_up(AgreementId(50_001), AdditionId(200_001)).await;
            let _ = crate::write::push(&client, 10, 12).await;
        }
    }
    assert_eq!(trap.connections(), 0);
}

#[tokio::test]
async fn companyinfo_is_asked_without_keys() {
    let server = canned(|_| json("200 OK", "null")).await;
    let _ = client(&server.url).test().await;
    let heard = server.heard();
    assert!(heard[0].starts_with("GET /login/companyinfo/northwind HTTP/1.1"));
    assert!(!heard.concat().to_lowercase().contains("authorization"));
}

#[tokio::test]
async fn a_company_id_cannot_leave_its_place_in_the_path() {
    let server = canned(|_| json("200 OK", "null")).await;
    let limits = limits(&server.url);
    let access = Access { company: "../x?y=1#z w".into(), ..access(&server.url, &limits) };
    let error = Client::new(access, limits, clock()).unwrap().test().await.unwrap_err();
    assert_eq!(error.kind(), "company");
    assert!(server.heard()[0].starts_with("GET /login/companyinfo/..%2Fx%3Fy%3D1%23z%20w HTTP/1.1"));
}

#[tokio::test]
async fn no_text_shows_the_private_key() {
    let basic = "bm9ydGh3aW5kK1BVQkxJQ0tFWTAwMDAwMDE6UFJJVkFURUtFWTAwMDAwMQ==";
    let echo = canned(move |request| {
        if request.contains("companyinfo") {
            return company_info("v2025_1/");
        }
        assert!(request.contains(basic));
        let message = format!("You sent {PRIVATE_KEY} in Basic {basic}, \\u0050RIVATEKEY000001");
        json("400 Bad Request", &format!(r#"{{"code":"InvalidObject","message":"{message}","errors":null}}"#))
    })
    .await;
    let client = client(&echo.url);
    let error = client.test().await.unwrap_err();
    let written = crate::write::push(&client, 10, 12).await;
    let access = access(&echo.url, &limits(&echo.url));
    for text in
        [error.to_string(), format!("{error:?}"), format!("{client:?}"), format!("{access:?}"), format!("{written:?}")]
    {
        assert!(!text.contains(PRIVATE_KEY) && !text.contains(basic), "{text}");
    }
    assert!(error.to_string().contains("You sent [hidden]"), "{error}");
}

#[tokio::test]
async fn a_name_that_resolves_to_the_inside_is_refused_on_connect() {
    // Read while the operator allowed it, or rebound since: the connection itself must refuse.
    let limits = |private_hosts: Vec<String>| Limits { private_hosts, ..limits("http://x") };
    let allowed = vec!["localhost".to_owned()];
    let site = SiteUrl::parse("https://localhost", &allowed).unwrap();
    let access = Access { site, ..access("http://x", &limits(vec!["x:80".into()])) };
    let error = Client::new(access, limits(vec![]), clock()).unwrap_err();
    assert_eq!(error.kind(), "not_allowed");
    assert!(!error.to_string().contains("127.0.0.1"), "{error}");
}
