//! The human, the world and the log, in process and over HTTP; https; stopping.

use hive_simulator::{CertificateKind, Config, Decimal, World};
use serde_json::json;
use tokio::net::TcpStream;

use crate::client::{House, small};

#[tokio::test]
async fn the_human_over_http() {
    let house = House::with(small()).await;
    let sim = house.running.sim();
    let ok = house.control("/human", r#"{"agreement":5,"addition":1000,"quantity":"12.5","who":"jdoe"}"#).await;
    assert_eq!((ok.status, ok.json()), (200, json!({ "ok": true })));
    assert_eq!(sim.quantity(5, 1000), Some(Decimal::new(125, 1)));
    let row = house.get("/finance/agreements/5/additions/1000").await.json();
    assert_eq!(row["_info"]["updatedBy"], "jdoe");
    assert!(sim.writes().is_empty(), "the log holds writes over the API only");
    house.control("/cancel_addition", r#"{"agreement":5,"addition":1000,"date":"2026-11-30"}"#).await;
    let row = house.get("/finance/agreements/5/additions/1000").await.json();
    assert_eq!(row["cancelledDate"], "2026-11-30T00:00:00Z");
    house.control("/cancel", r#"{"agreement":5}"#).await;
    let row = house.get("/finance/agreements/5").await.json();
    assert_eq!((&row["agreementStatus"], &row["cancelledFlag"]), (&"Cancelled".into(), &true.into()));
    house.control("/delete_addition", r#"{"agreement":5,"addition":1000}"#).await;
    assert_eq!(house.get("/finance/agreements/5/additions").await.ids(), [0i64; 0]);
    assert_eq!(house.control("/human", r#"{"agreement":5,"addition":1000,"quantity":1}"#).await.status, 400);
}

#[tokio::test]
async fn faults_rights_codebase_and_counters_over_http() {
    let house = House::with(small()).await;
    let set = house.control("/fault", r#"{"kind":"429","value":"120","on":"patch","times":1}"#).await;
    assert_eq!(set.status, 200);
    let body = r#"[{"op":"replace","path":"quantity","value":7}]"#;
    assert_eq!(house.patch(body).await.header("retry-after"), Some("120"));
    assert_eq!(house.patch(body).await.status, 200);
    house.control("/fault", r#"{"kind":"500"}"#).await;
    house.control("/clear", "").await;
    assert_eq!(house.get("/company/companies").await.status, 200);
    assert_eq!(house.control("/fault", r#"{"kind":"gremlin"}"#).await.status, 400);
    let writes = house.send("GET", "/_sim/writes", "", "").await.unwrap().json();
    assert_eq!((&writes[0]["to"], writes.as_array().unwrap().len()), (&"7".into(), 1));
    let requests = house.send("GET", "/_sim/requests", "", "").await.unwrap().json();
    assert_eq!(
        (&requests["patches"], &requests["total"], &requests["answered_429"]),
        (&2.into(), &3.into(), &1.into())
    );
    house
        .control("/rights", r#"{"module":"Companies","function":"Company Maintenance","inquire":"None","edit":"None"}"#)
        .await;
    assert_eq!(house.get("/company/companies").await.status, 403);
    house.control("/codebase", r#"{"codebase":"v2026_1/"}"#).await;
    assert_eq!(house.get("/finance/agreements").await.status, 404);
    for page in ["/", "/_sim", "/_sim/agreements/5"] {
        assert_eq!(house.send("GET", page, "", "").await.unwrap().status, 200, "{page}");
    }
}

#[tokio::test]
async fn a_snapshot_is_the_same_until_something_changes() {
    let house = House::with(small()).await;
    let sim = house.running.sim();
    let before = sim.snapshot().to_string();
    house.get("/finance/agreements/5/additions").await;
    assert_eq!(before, sim.snapshot().to_string());
    sim.human_edit(5, 1000, 11.into(), "jdoe");
    assert_ne!(before, sim.snapshot().to_string());
}

#[tokio::test]
async fn the_clock_can_be_moved() {
    let house = House::with(small()).await;
    house.running.sim().set_clock("2028-02-29T12:00:00Z".parse().unwrap());
    let reply = house.patch(r#"[{"op":"replace","path":"quantity","value":7}]"#).await;
    assert!(reply.header("date").unwrap().starts_with("Tue, 29 Feb 2028 12:00:0"), "{:?}", reply.header("date"));
    assert!(reply.json()["_info"]["lastUpdated"].as_str().unwrap().starts_with("2028-02-29T12:00:0"));
}

#[tokio::test]
async fn stopping_frees_the_port() {
    let house = House::with(small()).await;
    let addr = house.running.addr();
    house.running.stop().await;
    assert!(TcpStream::connect(addr).await.is_err());
}

async fn shakes_hands(certificate: CertificateKind) -> bool {
    use tokio_rustls::{TlsConnector, rustls};
    let house = House::configured(Config { tls: true, certificate, ..Config::default() }, World::empty()).await;
    assert!(house.running.url().starts_with("https://127.0.0.1:"));
    let mut roots = rustls::RootCertStore::empty();
    let pem = house.running.certificate_pem().unwrap();
    let der = rustls::pki_types::pem::PemObject::from_pem_slice(pem.as_bytes()).unwrap();
    roots.add(der).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let stream = TcpStream::connect(house.running.addr()).await.unwrap();
    TlsConnector::from(std::sync::Arc::new(config)).connect("127.0.0.1".try_into().unwrap(), stream).await.is_ok()
}

#[tokio::test]
async fn certificates_good_and_bad() {
    assert!(shakes_hands(CertificateKind::Good).await);
    for bad in [CertificateKind::Expired, CertificateKind::WrongHost, CertificateKind::Stranger] {
        assert!(!shakes_hands(bad).await, "{bad:?}");
    }
}
