//! Open pages hear what changed, and hold no server back from ending.

use crate::door::Door;
use hive_store::Role;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const PATIENCE: Duration = Duration::from_secs(5);

/// Reads until the words came; everything read so far.
async fn until(page: &mut TcpStream, words: &str) -> String {
    let (mut heard, mut bytes) = (String::new(), [0; 4096]);
    let reading = async {
        while !heard.contains(words) {
            let read = page.read(&mut bytes).await.unwrap();
            assert!(read > 0, "it ended without {words}: {heard}");
            heard.push_str(&String::from_utf8_lossy(&bytes[..read]));
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.unwrap_or_else(|_| panic!("no {words}"));
    heard
}

#[tokio::test]
async fn an_open_page_hears_a_change_and_the_server_ends_all_the_same() {
    let door = Door::open().await;
    let msp = door.msp("Northwind IT").await;
    let jo = door.person("jo@northwind.example", Role::ReadOnly, Some(msp)).await;
    let session = door.come_in(jo).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(hive_web::serve(listener, door.web(), async { drop(stopped.await) }));

    let mut page = TcpStream::connect(address).await.unwrap();
    let ask = format!(
        "GET /m/{}/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nCookie: {session}\r\n\r\n",
        msp.0
    );
    page.write_all(ask.as_bytes()).await.unwrap();
    let heard = until(&mut page, "event: changed").await;
    assert!(heard.contains("200 OK") && heard.contains("text/event-stream"), "{heard}");
    let before = door.store.pulse(msp).await.unwrap();
    door.person("kim@northwind.example", Role::Mapper, Some(msp)).await;
    let after = door.store.pulse(msp).await.unwrap();
    assert_ne!(before, after);
    until(&mut page, &format!("data: {}.{}", after.facts, after.runs)).await;

    stop.send(()).unwrap();
    tokio::time::timeout(PATIENCE, server).await.unwrap().unwrap().unwrap();
}
