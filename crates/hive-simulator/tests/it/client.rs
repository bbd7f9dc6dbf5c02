//! A small HTTP client that sees everything: raw bytes, headers, broken connections.

use std::{io, time::Duration};

use hive_simulator::{Config, NewAddition, NewAgreement, NewCompany, NewItem, Running, World, start};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub(crate) const API: &str = "/v2025_1/apis/3.0";
/// `northwind+PUBLICKEY0000001:PRIVATEKEY000001`
pub(crate) const BASIC: &str = "Basic bm9ydGh3aW5kK1BVQkxJQ0tFWTAwMDAwMDE6UFJJVkFURUtFWTAwMDAwMQ==";
const CLIENT_ID: &str = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// Content-Length said more than came.
    pub(crate) cut: bool,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    pub(crate) fn ids(&self) -> Vec<i64> {
        self.json().as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
    }
}

pub(crate) struct House {
    pub(crate) running: Running,
}

impl House {
    pub(crate) async fn with(world: World) -> House {
        House::configured(Config::default(), world).await
    }

    pub(crate) async fn configured(config: Config, world: World) -> House {
        House { running: start(config, world).await.unwrap() }
    }

    pub(crate) async fn raw(&self, request: &str) -> io::Result<Reply> {
        let mut stream = TcpStream::connect(self.running.addr()).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut bytes = Vec::new();
        let read = stream.read_to_end(&mut bytes);
        let ended = tokio::time::timeout(Duration::from_secs(20), read).await.map_err(io::Error::other)?;
        if bytes.is_empty() {
            ended?;
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let body = bytes[end + 4..].to_vec();
        let mut reply = Reply { status, head, body, cut: false };
        let length = reply.header("content-length").and_then(|length| length.parse::<usize>().ok());
        reply.cut = length.is_some_and(|length| length > reply.body.len());
        Ok(reply)
    }

    pub(crate) async fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> io::Result<Reply> {
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: sim.test:8080\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        );
        self.raw(&request).await
    }

    /// With good keys.
    pub(crate) async fn call(&self, method: &str, path: &str, body: &str) -> io::Result<Reply> {
        let headers = format!("Authorization: {BASIC}\r\nclientId: {CLIENT_ID}\r\n");
        self.send(method, &format!("{API}{path}"), &headers, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.call("GET", path, "").await.unwrap()
    }

    pub(crate) async fn forward(&self, path: &str) -> Reply {
        let headers = format!("Authorization: {BASIC}\r\nclientId: {CLIENT_ID}\r\npagination-type: forward-only\r\n");
        self.send("GET", &format!("{API}{path}"), &headers, "").await.unwrap()
    }

    pub(crate) async fn patch(&self, body: &str) -> Reply {
        self.call("PATCH", "/finance/agreements/5/additions/1000", body).await.unwrap()
    }

    pub(crate) async fn control(&self, path: &str, body: &str) -> Reply {
        self.send("POST", &format!("/_sim{path}"), "", body).await.unwrap()
    }
}

/// Acme Dental (20), Hot Storage (30), Managed (5), and its addition 1000 of quantity 10.
pub(crate) fn small() -> World {
    let mut world = World::empty();
    let company = world.company(NewCompany { id: Some(20), name: "Acme Dental".into(), ..NewCompany::default() });
    let item = world.item(NewItem { id: Some(30), ..NewItem::default() });
    world.agreement(NewAgreement { id: Some(5), company, ..NewAgreement::default() });
    world.addition(NewAddition { id: Some(1000), agreement: 5, item, quantity: 10.into(), ..NewAddition::default() });
    world
}

/// The small world and this many companies, from id 101.
pub(crate) fn with_companies(count: usize) -> World {
    let mut world = World::empty();
    for n in 0..count {
        let name = format!("Company {n:03}");
        world.company(NewCompany { name, deleted: n % 10 == 9, ..NewCompany::default() });
    }
    world
}
