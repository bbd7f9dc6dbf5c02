//! API tokens, what a repeated request is answered, and watched folders.

use crate::door::*;
use hive_store::*;

pub(crate) async fn a_token_opens_its_msp_until_it_is_revoked(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    let id = store.make_token(msp, " Meter ", "hash-1", "usage", "user:ann", at(0)).await.unwrap();
    let (whose, token) = store.token("hash-1", at(1)).await.unwrap().unwrap();
    assert_eq!((whose, token.id, token.name.as_str(), token.rights.as_str()), (msp, id, "Meter", "usage"));
    assert_eq!(store.token("hash-2", at(1)).await.unwrap(), None);
    let pulse = store.pulse(msp).await.unwrap();
    let used = async || store.tokens(msp).await.unwrap()[0].used_at;
    assert_eq!(used().await, Some(at(1)));
    let soon = at(1) + jiff::SignedDuration::from_secs(59);
    store.token("hash-1", soon).await.unwrap();
    assert_eq!(used().await, Some(at(1)), "at most once a minute");
    store.token("hash-1", at(2)).await.unwrap();
    assert_eq!(used().await, Some(at(2)));
    assert_eq!(store.pulse(msp).await.unwrap(), pulse, "use changes no page");
    // Another MSP can neither see nor revoke it.
    assert_eq!(
        store.revoke_token(door.other, id, "user:eve", at(3)).await.unwrap_err().to_string(),
        "there is no token 1"
    );
    store.revoke_token(msp, id, "user:ann", at(3)).await.unwrap();
    store.revoke_token(msp, id, "user:bob", at(4)).await.unwrap();
    assert_eq!(store.token("hash-1", at(3)).await.unwrap(), None);
    assert_eq!(store.tokens(msp).await.unwrap()[0].revoked_at, Some(at(3)));
    assert_eq!(
        door.audit_words().await,
        ["user:ann token.make 1 Meter: - -> usage", "user:ann token.revoke 1 Meter: usage -> -"],
        "never the hash"
    );
    for (name, rights) in [("", "usage"), ("x\ny", "usage"), ("x", "everything")] {
        assert!(store.make_token(msp, name, "hash-3", rights, "user:ann", at(5)).await.is_err(), "{name:?} {rights}");
    }
}

pub(crate) async fn a_repeated_request_is_answered_the_same(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    let one = store.make_token(msp, "one", "hash-1", "usage", "user:ann", at(0)).await.unwrap();
    let two = store.make_token(msp, "two", "hash-2", "usage", "user:ann", at(0)).await.unwrap();
    let answer = |body: &str| Remembered { request_hash: "r".into(), status: 201, body: body.into() };
    assert_eq!(store.idempotent(msp, one, "key").await.unwrap(), None);
    store.remember(msp, one, "key", &answer("first"), at(1)).await.unwrap();
    store.remember(msp, one, "key", &answer("second"), at(2)).await.unwrap();
    assert_eq!(store.idempotent(msp, one, "key").await.unwrap(), Some(answer("first")));
    assert_eq!(store.idempotent(msp, two, "key").await.unwrap(), None, "another token's key is another key");
    assert_eq!(store.idempotent(door.other, one, "key").await.unwrap(), None);
    assert!(store.remember(msp, one, "", &answer("x"), at(1)).await.is_err());
    assert!(store.remember(msp, one, &"k".repeat(201), &answer("x"), at(1)).await.is_err());
}

pub(crate) async fn a_folder_knows_what_it_saw(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    let id = store.add_folder(msp, " meter ", "/srv/usage", "{}", true, "user:ann", at(0)).await.unwrap();
    let mut folder = store.folders(msp).await.unwrap().remove(0);
    assert_eq!((folder.id, folder.source.as_str(), folder.on, folder.complete), (id, "meter", true, true));
    assert_eq!(store.all_folders().await.unwrap(), [(msp, folder.clone())]);
    let file = |name: &str, hash: &str, words: &str, taken: bool, minutes: i64| FolderFile {
        name: name.into(),
        hash: hash.into(),
        at: at(minutes),
        words: words.into(),
        taken,
    };
    assert!(!store.knows_file(msp, id, "h1").await.unwrap());
    store.note_file(msp, id, &file("a.csv", "h1", "still growing", false, 1)).await.unwrap();
    store.note_file(msp, id, &file("a.csv", "h1", "12 rows", true, 2)).await.unwrap();
    store.note_file(msp, id, &file("b.csv", "h2", "line 3 is bad", false, 3)).await.unwrap();
    let seen = store.folder_files(msp, id, 10).await.unwrap();
    assert_eq!(seen, [file("b.csv", "h2", "line 3 is bad", false, 3), file("a.csv", "h1", "12 rows", true, 2)]);
    assert_eq!(store.folder_files(msp, id, 1).await.unwrap().len(), 1);
    assert!(store.knows_file(msp, id, "h1").await.unwrap() && !store.knows_file(door.other, id, "h1").await.unwrap());
    // What a look found is no edit; what a person sets is.
    (folder.words, folder.looked_at) = ("2 files".into(), Some(at(3)));
    store.set_folder(msp, &folder, "hive", at(3)).await.unwrap();
    folder.on = false;
    store.set_folder(msp, &folder, "user:ann", at(4)).await.unwrap();
    assert_eq!(store.folders(msp).await.unwrap(), [folder.clone()]);
    for refused in [
        store.set_folder(door.other, &folder, "user:eve", at(5)).await,
        store.remove_folder(door.other, id, "user:eve", at(5)).await,
        store.note_file(door.other, id, &file("c.csv", "h3", "", false, 5)).await,
    ] {
        assert_eq!(refused.unwrap_err().to_string(), "there is no watched folder 1");
    }
    assert!(store.add_folder(msp, "meter", "/srv\u{202e}", "{}", true, "user:ann", at(5)).await.is_err());
    store.remove_folder(msp, id, "user:ann", at(6)).await.unwrap();
    assert!(store.folders(msp).await.unwrap().is_empty() && !store.knows_file(msp, id, "h1").await.unwrap());
    assert_eq!(
        door.audit_words().await,
        [
            "user:ann folder.add 1: - -> /srv/usage source meter, complete profile {}",
            "user:ann folder.set 1: /srv/usage source meter, complete profile {} -> /srv/usage source meter, complete, off profile {}",
            "user:ann folder.remove 1: /srv/usage source meter, complete, off profile {} -> -",
        ]
    );
}
