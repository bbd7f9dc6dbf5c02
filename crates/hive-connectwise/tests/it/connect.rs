//! "Test this connection": each kind of wrong has its own words.

use crate::support::*;
use hive_connectwise::{Client, Trouble};
use hive_core::rights::Rights;
use hive_simulator::{CertificateKind, Config, Fault, FaultKind, On};
use std::collections::HashSet;
use std::time::Duration;

async fn trouble(client: &Client) -> Trouble {
    client.test().await.unwrap_err()
}

#[tokio::test]
async fn a_good_connection_shows_rights_and_codebase() {
    let running = simulator(small_world()).await;
    let tested = client(&running.url()).test().await.unwrap();
    assert_eq!(tested.codebase, "v2025_1/");
    assert_eq!(tested.cloud, Some(true));
    assert_eq!(tested.rights, Rights::Known { missing: vec![], restricted: vec![] });
    assert_eq!(tested.warnings, Vec::<String>::new());
    let requests = running.sim().requests();
    assert_eq!((requests.companyinfo, requests.companies, requests.agreements, requests.mysecurity), (1, 1, 1, 1));
}

#[tokio::test]
async fn an_on_premise_server_with_a_ca_of_its_own_works() {
    let config = Config { tls: true, codebase: "v4_6_release/".into(), ..Config::default() };
    let running = hive_simulator::start(config, small_world()).await.unwrap();
    let pem = running.certificate_pem().unwrap().as_bytes().to_vec();
    let good = client_with(&running.url(), |limits| limits.ca_pem = Some(pem));
    assert_eq!(good.test().await.unwrap().cloud, Some(false));
    let stranger = trouble(&client(&running.url())).await;
    assert_eq!(stranger.kind(), "network");
    assert!(stranger.to_string().contains("TLS certificate"), "{stranger}");
}

#[tokio::test]
async fn a_certificate_that_is_expired_or_of_another_host_is_refused() {
    for certificate in [CertificateKind::Expired, CertificateKind::WrongHost, CertificateKind::Stranger] {
        let running =
            hive_simulator::start(Config { tls: true, certificate, ..Config::default() }, small_world()).await.unwrap();
        let pem = running.certificate_pem().unwrap().as_bytes().to_vec();
        let error = trouble(&client_with(&running.url(), |limits| limits.ca_pem = Some(pem))).await;
        assert!(error.to_string().contains("TLS certificate"), "{certificate:?}: {error}");
        assert_eq!(running.sim().requests().total, 0);
    }
}

#[tokio::test]
async fn five_kinds_of_wrong_have_five_messages() {
    let running = simulator(small_world()).await;
    let url = running.url();
    let mut wrong = access(&url, &limits(&url));
    wrong.company = "Northwind".into();
    let company = trouble(&Client::new(wrong, limits(&url), clock()).unwrap()).await;
    assert_eq!((company.kind(), company.code()), ("company", Some("conn.unauthorized")));

    let mut wrong = access(&url, &limits(&url));
    wrong.private_key = "WRONG".to_owned().into();
    let keys = trouble(&Client::new(wrong, limits(&url), clock()).unwrap()).await;
    assert_eq!((keys.kind(), keys.code()), ("unauthorized", Some("conn.unauthorized")));

    let html = canned(|_| reply("404 Not Found", "text/html", "<html><body>no such page</body></html>")).await;
    let site = trouble(&client(&html.url)).await;
    assert_eq!((site.kind(), site.code()), ("url", Some("conn.unreachable")));

    let closed = running.url();
    running.stop().await;
    let network = trouble(&client(&closed)).await;
    assert_eq!((network.kind(), network.code()), ("network", Some("conn.unreachable")));

    let running = simulator(small_world()).await;
    running.sim().set_rights("Companies", "Company Maintenance", "None", "None");
    running.sim().forbid_my_security(true);
    let right = trouble(&client(&running.url())).await;
    assert_eq!((right.kind(), right.code()), ("forbidden", Some("conn.forbidden")));
    assert!(right.to_string().contains("Companies > Company Maintenance: Inquire"), "{right}");

    let all = [&company, &keys, &site, &network, &right].map(ToString::to_string);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 5);
    for words in all {
        assert!(words.contains("127.0.0.1") && !words.contains(PRIVATE_KEY), "{words}");
    }
}

#[tokio::test]
async fn keys_that_the_cloud_router_answers_with_404_are_wrong_keys() {
    let server = canned(|request| {
        if request.contains("companyinfo") {
            company_info("v4_6_release/")
        } else {
            json("404 Not Found", r#"{"code":"ConnectWiseApi","message":"The endpoint does not exist."}"#)
        }
    })
    .await;
    let error = trouble(&client(&server.url)).await;
    assert_eq!(error.kind(), "unauthorized");
    assert!(error.to_string().contains("v4_6_release"), "{error}");
}

#[tokio::test]
async fn a_client_id_that_is_missing_or_unknown_is_named() {
    let running = simulator(small_world()).await;
    let url = running.url();
    for client_id in [None, Some("not-a-guid".to_owned())] {
        let access = hive_connectwise::Access { client_id, ..access(&url, &limits(&url)) };
        let error = trouble(&Client::new(access, limits(&url), clock()).unwrap()).await;
        assert_eq!((error.kind(), error.code()), ("clientid", Some("conn.clientid")), "{error}");
    }
}

#[tokio::test]
async fn missing_rights_are_no_error_where_they_can_be_read() {
    let running = simulator(small_world()).await;
    running.sim().set_rights("Finance", "Agreements", "None", "None");
    running.sim().set_rights("Procurement", "Product Catalog", "None", "None");
    let tested = client(&running.url()).test().await.unwrap();
    let Rights::Known { missing, .. } = &tested.rights else { panic!("{:?}", tested.rights) };
    let named: Vec<String> = missing.iter().map(|m| format!("{} {}", m.needed.function, m.needed.action)).collect();
    assert_eq!(named, ["Agreements Inquire", "Agreements Edit", "Product Catalog Inquire"]);
    assert!(tested.rights.waits_for_admin());

    running.sim().set_rights("Finance", "Agreements", "All", "All");
    running.sim().forbid_my_security(true);
    let tested = client(&running.url()).test().await.unwrap();
    assert!(matches!(tested.rights, Rights::Unknown { .. }));
    assert_eq!(tested.warnings.len(), 1);

    running.sim().forbid_my_security(false);
    running.sim().restrict_agreement_types(Some(vec![1]));
    let tested = client(&running.url()).test().await.unwrap();
    assert!(tested.warnings[0].contains("Finance > Agreements is customised"), "{:?}", tested.warnings);
}

#[tokio::test]
async fn a_refusal_that_my_security_does_not_know_of_counts_as_missing() {
    let running = simulator(small_world()).await;
    running.sim().fault(Fault::new(FaultKind::Forbidden, On::Companies));
    let tested = client(&running.url()).test().await.unwrap();
    assert!(tested.rights.waits_for_admin());
    assert!(tested.rights.lacks("Company Maintenance", hive_core::rights::Action::Inquire));
}

#[tokio::test]
async fn servers_that_are_no_connectwise_are_told_apart() {
    for (answer, words) in [
        (reply("200 OK", "text/html", "<!DOCTYPE html><title>Welcome</title>"), "a web page"),
        (json("200 OK", "{}"), "no codebase"),
        (json("200 OK", r#"{"Codebase":"../../evil/"}"#), "no codebase"),
        (json("200 OK", r#"{"Codebase":"//evil/"}"#), "no codebase"),
        (json("200 OK", "[1,2]"), "no codebase"),
        (json("200 OK", "17"), "no company lookup"),
        (json("401 Unauthorized", r#"{"code":"x","message":"y"}"#), "refuses the company lookup"),
        (reply("302 Found\r\nlocation: http://127.0.0.2/", "text/html", ""), "a redirect (302)"),
        (json("403 Forbidden", r#"{"code":"Security","message":"SSL is required."}"#), "SSL is required"),
    ] {
        let server = canned(move |_| answer.clone()).await;
        let error = trouble(&client(&server.url)).await;
        assert_eq!(error.kind(), "url", "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_never_answers_is_unreachable() {
    let running = simulator(small_world()).await;
    running.sim().fault(Fault::new(FaultKind::Hang, On::CompanyInfo));
    let error = trouble(&client_with(&running.url(), |l| l.request_timeout = Duration::from_millis(100))).await;
    assert_eq!(error.kind(), "network");
    assert!(error.to_string().contains("within 100 ms"), "{error}");
}

#[tokio::test]
async fn a_person_does_not_wait_out_a_long_pause() {
    for on in [On::CompanyInfo, On::Companies] {
        let running = simulator(small_world()).await;
        running.sim().fault(Fault::new(FaultKind::TooMany(Some("120".into())), on));
        let start = std::time::Instant::now();
        let error = trouble(&client(&running.url())).await;
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
        assert_eq!(error.kind(), "throttled", "{error}");
        assert!(error.to_string().contains("429"), "{error}");
    }
}
