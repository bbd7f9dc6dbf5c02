//! A client for a simulator, and servers in a few lines.

use hive_connectwise::{Access, Client, Clock, Limits, RunGuard, SiteUrl};
use hive_core::{Date, Timestamp};
use hive_simulator::{Config, NewAddition, NewAgreement, NewCompany, NewItem, Running, World};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

pub(crate) const PRIVATE_KEY: &str = "PRIVATEKEY000001";
pub(crate) const GUID: &str = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";

pub(crate) fn clock() -> Clock {
    Arc::new(|| "2026-11-23T10:00:00Z".parse::<Timestamp>().unwrap())
}

pub(crate) fn today() -> Date {
    "2026-11-23".parse().unwrap()
}

/// The same day, by the clock of an MSP in Sydney.
pub(crate) fn in_sydney() -> jiff::Zoned {
    clock()().to_zoned(jiff::tz::TimeZone::get("Australia/Sydney").unwrap())
}

pub(crate) fn limits(url: &str) -> Limits {
    Limits {
        requests_per_minute: 0,
        connections: 4,
        request_timeout: Duration::from_secs(5),
        private_hosts: vec![url.split_once("://").unwrap().1.to_owned()],
        ca_pem: None,
    }
}

pub(crate) fn access(url: &str, limits: &Limits) -> Access {
    Access {
        site: SiteUrl::parse(url, &limits.private_hosts).unwrap(),
        company: "northwind".into(),
        public_key: "PUBLICKEY0000001".into(),
        private_key: PRIVATE_KEY.to_owned().into(),
        client_id: Some(GUID.into()),
    }
}

pub(crate) fn client_with(url: &str, change: impl FnOnce(&mut Limits)) -> Client {
    let mut limits = limits(url);
    change(&mut limits);
    Client::new(access(url, &limits), limits, clock()).unwrap()
}

pub(crate) fn client(url: &str) -> Client {
    client_with(url, |_| {})
}

pub(crate) async fn simulator(world: World) -> Running {
    hive_simulator::start(Config::default(), world).await.unwrap()
}

/// One company, one agreement (50001), one addition (200001) of item 1001 that holds 10.
pub(crate) fn small_world() -> World {
    let mut world = World::empty();
    let company = world.company(NewCompany::default());
    let item = world.item(NewItem::default());
    let agreement = world.agreement(NewAgreement { company, ..NewAgreement::default() });
    world.addition(NewAddition { agreement, item, quantity: 10.into(), ..NewAddition::default() });
    world
}

pub(crate) fn guard() -> RunGuard {
    RunGuard::new(Duration::from_secs(60), Arc::new(|| Ok(())))
}

/// A server that answers each request by `answer`, from the request's head and body; it closes
/// after each. What it was sent is kept.
pub(crate) struct Canned {
    pub(crate) url: String,
    pub(crate) heard: Arc<Mutex<Vec<String>>>,
    pub(crate) connections: Arc<AtomicUsize>,
}

impl Canned {
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

pub(crate) async fn canned(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Canned {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (heard, connections) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
    let server = Canned { url, heard: Arc::clone(&heard), connections: Arc::clone(&connections) };
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            connections.fetch_add(1, Ordering::SeqCst);
            let (heard, answer) = (Arc::clone(&heard), Arc::clone(&answer));
            tokio::spawn(async move {
                let mut bytes = vec![0; 65_536];
                let read = stream.read(&mut bytes).await.unwrap_or(0);
                let request = String::from_utf8_lossy(&bytes[..read]).into_owned();
                let reply = answer(&request);
                heard.lock().unwrap().push(request);
                let _ = stream.write_all(reply.as_bytes()).await;
            });
        }
    });
    server
}

pub(crate) fn reply(status: &str, kind: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

pub(crate) fn json(status: &str, body: &str) -> String {
    reply(status, "application/json", body)
}

pub(crate) fn company_info(codebase: &str) -> String {
    json("200 OK", &format!(r#"{{"CompanyName":"N","Codebase":"{codebase}","IsCloud":true,"VersionNumber":"v1"}}"#))
}
