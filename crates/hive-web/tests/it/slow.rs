//! Clients that are slow on purpose, or many: each is cut off in time, and the others are answered.

use crate::door::Door;
use hive_web::Patience;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// As long as a slow machine may take for anything here.
const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(300);

async fn serve(patience: Patience) -> (Door, SocketAddr) {
    let door = Door::open().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(hive_web::serve_within(listener, door.web(), std::future::pending(), patience));
    (door, address)
}

async fn says(address: SocketAddr, words: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(words.as_bytes()).await.unwrap();
    stream
}

/// Everything until the other side closes.
async fn to_the_end(mut stream: TcpStream) -> String {
    let mut heard = Vec::new();
    // A connection that is reset is closed, too.
    let _ = tokio::time::timeout(LONG, stream.read_to_end(&mut heard)).await.expect("it stays open for ever");
    String::from_utf8_lossy(&heard).into_owned()
}

const WHOLE: &str = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn half_a_header_is_waited_for_only_so_long() {
    let (_door, address) = serve(Patience { headers: SHORT, ..Patience::default() }).await;
    let half = says(address, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ").await;
    let silent = says(address, "").await;
    // Who keeps a connection open without asking again is slow, too.
    let mut kept = says(address, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let mut begun = [0; 15];
    kept.read_exact(&mut begun).await.unwrap();
    assert_eq!(&begun, b"HTTP/1.1 200 OK");
    for slow in [half, silent, kept] {
        to_the_end(slow).await;
    }
    assert!(to_the_end(says(address, WHOLE).await).await.starts_with("HTTP/1.1 200 OK"));
    assert!(Patience::default().headers <= Duration::from_secs(30));
}

#[tokio::test]
async fn a_body_that_drips_is_cut_off_as_a_whole() {
    let (_door, address) = serve(Patience { body: SHORT, ..Patience::default() }).await;
    let head = "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9000\r\n\r\n";
    let (mut reads, mut writes) = says(address, head).await.into_split();
    let dripping = async {
        // Never silent for as long as the limit.
        while writes.write_all(b"a").await.is_ok() {
            tokio::time::sleep(SHORT / 6).await;
        }
    };
    let hearing = async {
        let mut heard = Vec::new();
        let _ = reads.read_to_end(&mut heard).await;
        String::from_utf8_lossy(&heard).into_owned()
    };
    let (heard, ()) =
        tokio::time::timeout(LONG, async { tokio::join!(hearing, dripping) }).await.expect("it drips for ever");
    assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 4"), "{heard}");
}

#[tokio::test]
async fn only_so_many_connections_are_open_and_the_next_waits_for_a_place() {
    let patience = Patience { connections: 2, headers: LONG * 9, ..Patience::default() };
    let (_door, address) = serve(patience).await;
    let (one, _two) = (says(address, "GET /").await, says(address, "GET /").await);
    let mut third = says(address, WHOLE).await;
    let mut byte = [0; 1];
    let early = tokio::time::timeout(SHORT, third.read(&mut byte)).await;
    assert!(early.is_err(), "a third is answered while two are open: {early:?}");
    drop(one);
    assert!(to_the_end(third).await.starts_with("HTTP/1.1 200 OK"));
}
