//! Private keys: sealed, bound to their MSP, gone with another URL.

use crate::door::*;
use hive_core::rights::{Action, Level, Missing, NEEDED, Rights};
use hive_store::*;
use secrecy::ExposeSecret;

const CANARY: &str = "canary-7f3a9c-do-not-print";

pub(crate) async fn a_private_key_is_sealed(door: &Door) {
    door.connect("https://na.example.com", "acme", CANARY).await;
    assert_eq!(door.store.private_key(door.msp).await.unwrap().expose_secret(), CANARY);
    let again = door.open_again().await.unwrap();
    assert_eq!(again.private_key(door.msp).await.unwrap().expose_secret(), CANARY);
    again.close().await;
    for file in std::fs::read_dir(door.dir.path()).unwrap().flatten() {
        let bytes = std::fs::read(file.path()).unwrap();
        assert!(!bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()), "{:?}", file.path());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = file.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{:?}", file.path());
        }
    }
    let log = door.audit_words().await.join("\n") + &format!("{:?}", door.store);
    assert!(!log.contains(CANARY));

    // Moved to another MSP, a sealed key does not open.
    let mut hand = crate::keeping::Hand::open(door).await;
    hand.run(
        "INSERT INTO secret SELECT (SELECT min(id) FROM msp), field, key_id, nonce, sealed, set_by, set_at FROM secret",
    )
    .await
    .unwrap();
    let moved = door.store.private_key(door.other).await.unwrap_err();
    assert!(moved.to_string().contains("cannot be opened"), "{moved}");

    // A missing key, another key under the same name, a key of another name.
    let KeySource(path) = &door.key;
    let text = std::fs::read_to_string(path).unwrap();
    std::fs::remove_file(path).unwrap();
    let missing = door.open_again().await.unwrap_err().to_string();
    assert!(missing.contains("is missing, and the database holds secrets"), "{missing}");
    assert!(!path.exists(), "no key is made while secrets wait for the old one");
    let (id, _) = text.split_once(':').unwrap();
    let other = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    std::fs::write(path, format!("{id}:{other}\n")).unwrap();
    let wrong = door.open_again().await.unwrap_err().to_string();
    assert!(wrong.contains("holds another key"), "{wrong}");
    std::fs::write(path, format!("new:{other}\n")).unwrap();
    let unknown = door.open_again().await.unwrap_err().to_string();
    assert!(unknown.contains("does not hold the key"), "{unknown}");
    std::fs::write(path, "nonsense\n").unwrap();
    assert!(door.open_again().await.unwrap_err().to_string().contains("line 1 is not"));
    // A new active key beside the old one: old secrets still open, new ones use the new key.
    std::fs::write(path, format!("new:{other}\n{text}")).unwrap();
    let rotated = door.open_again().await.unwrap();
    assert_eq!(rotated.private_key(door.msp).await.unwrap().expose_secret(), CANARY);
    rotated.close().await;
}

pub(crate) async fn another_url_wipes_the_key(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    door.connect("https://na.example.com", "acme", CANARY).await;
    let Rights::Known { .. } = store.connection(msp).await.unwrap().unwrap().rights else { panic!("unknown") };
    let needed = NEEDED.into_iter().find(|needed| needed.action == Action::Edit).unwrap();
    let rights =
        Rights::Known { missing: vec![Missing { needed, found: Level::My }], restricted: vec!["a > b".into()] };
    store.save_rights(msp, &rights).await.unwrap();
    store.accept_rights(msp, "cli:owner", at(3)).await.unwrap();
    store.save_rights(msp, &rights).await.unwrap();
    let connection = store.connection(msp).await.unwrap().unwrap();
    assert_eq!((connection.rights, connection.accepted), (rights, Some(("cli:owner".into(), at(3)))));
    store.save_rights(msp, &Rights::Unknown { why: "404".into() }).await.unwrap();
    assert_eq!(store.connection(msp).await.unwrap().unwrap().accepted, None);

    door.connect("https://na.example.com", "acme", "").await;
    assert_eq!(store.private_key(msp).await.unwrap().expose_secret(), CANARY);
    door.connect("https://evil.example.com", "acme", "").await;
    let gone = store.private_key(msp).await.unwrap_err();
    assert!(gone.to_string().contains("there is no private key"), "{gone}");
    door.connect("https://na.example.com", "acme", "fresh").await;
    assert_eq!(store.private_key(msp).await.unwrap().expose_secret(), "fresh");
    assert_eq!(store.connection(msp).await.unwrap().unwrap().id, 3);
}
