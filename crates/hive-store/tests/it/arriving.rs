//! What arrives by itself: a request that is taken once, folders between two looks, remembered profiles.

use crate::door::*;
use hive_store::*;

const ROW: &str = "Acme Dental | Hot Storage | 430.5 GB | 2026-11-22";

pub(crate) async fn a_request_is_taken_once_with_its_answer(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    let token = store.make_token(msp, "Meter", "hash-1", "usage", "user:ann", at(0)).await.unwrap();
    let rows = rows(ROW);
    let answer = |imported: &Imported| format!("{} new", imported.samples_new);
    let asked = door.asked(&rows);
    let once = |hash: &'static str| {
        let (asked, answer) = (&asked, &answer);
        async move {
            let once = Once { token, key: "key", request_hash: hash, answer };
            store.import_usage_once(msp, asked, &once).await.unwrap()
        }
    };
    let before = store.pulse(msp).await.unwrap().facts;
    // At once: one is taken, and the other finds its answer.
    let (one, two) = tokio::join!(once("a"), once("a"));
    let taken = [&one, &two].into_iter().filter(|taken| matches!(taken, Taken::Now(_))).count();
    assert_eq!(taken, 1, "{one:?} {two:?}");
    let remembered = Remembered { request_hash: "a".into(), status: 200, body: "1 new".into() };
    assert!([one, two].contains(&Taken::Before(remembered.clone())));
    assert_eq!(store.pulse(msp).await.unwrap().facts, before + 1, "what is not taken moves nothing");
    assert_eq!(once("another body").await, Taken::Before(remembered));
    assert_eq!(store.batches(msp, 10).await.unwrap().len(), 1);
    // What is refused keeps no answer.
    let bad = crate::door::rows("ACME dental | Hot Storage | 1 GB | 2026-11-23");
    let asked = door.asked(&bad);
    let refused = Once { token, key: "bad", request_hash: "b", answer: &answer };
    assert!(matches!(store.import_usage_once(msp, &asked, &refused).await, Err(ImportError::Bad(_))));
    assert_eq!(store.idempotent(msp, token, "bad").await.unwrap(), None);
}

pub(crate) async fn a_look_at_a_folder_wakes_no_page(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    let id = store.add_folder(msp, "meter", "/srv/usage", "", false, "user:ann", at(0)).await.unwrap();
    let looked = async || store.folders(msp).await.unwrap()[0].looked_at;
    let pulse = store.pulse(msp).await.unwrap();
    store.note_look(msp, id, "", at(1)).await.unwrap();
    let soon = at(1) + jiff::SignedDuration::from_secs(59);
    store.note_look(msp, id, "", soon).await.unwrap();
    assert_eq!(looked().await, Some(at(1)), "at most once a minute");
    store.note_look(msp, id, "", at(2)).await.unwrap();
    assert_eq!(looked().await, Some(at(2)));
    assert_eq!(store.pulse(msp).await.unwrap(), pulse, "nothing new to see");
    store.note_look(msp, id, "cannot be listed", at(2)).await.unwrap();
    assert_eq!(store.folders(msp).await.unwrap()[0].words, "cannot be listed");
    let now = store.pulse(msp).await.unwrap();
    assert!(now.runs > pulse.runs && now.facts == pulse.facts, "trouble is shown at once");
    let other = store.note_look(door.other, id, "x", at(3)).await.unwrap_err().to_string();
    assert_eq!(other, "there is no watched folder 1");
}

pub(crate) async fn a_profile_is_remembered_and_its_folders_follow(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    let id = store.add_folder(msp, "acronis", "/srv/a", "", false, "user:ann", at(0)).await.unwrap();
    let beside = store.add_folder(msp, "veeam", "/srv/v", "", false, "user:ann", at(0)).await.unwrap();
    for (folder, hash, taken) in [(id, "good", true), (id, "bad", false), (beside, "bad", false)] {
        let file = FolderFile { name: "a.csv".into(), hash: hash.into(), at: at(1), words: String::new(), taken };
        store.note_file(msp, folder, &file).await.unwrap();
    }
    assert_eq!(store.source_profile(msp, "acronis").await.unwrap(), None);
    store.set_source_profile(msp, "acronis", "{1}", "user:ann", at(2)).await.unwrap();
    store.set_source_profile(msp, "acronis", "{1}", "user:bob", at(3)).await.unwrap();
    assert_eq!(store.source_profile(msp, "acronis").await.unwrap().as_deref(), Some("{1}"));
    assert_eq!(store.source_profile(door.other, "acronis").await.unwrap(), None);
    let known = store.source_profiles(msp).await.unwrap();
    assert_eq!((known.len(), known[0].who.as_str(), known[0].at), (1, "user:ann", at(2)), "the same again is nothing");
    let profiles: Vec<String> = store.folders(msp).await.unwrap().into_iter().map(|folder| folder.profile).collect();
    assert_eq!(profiles, ["{1}", ""]);
    let knows = async |folder, hash| store.knows_file(msp, folder, hash).await.unwrap();
    assert!(knows(id, "good").await && !knows(id, "bad").await, "what was refused is tried again");
    assert!(knows(beside, "bad").await, "another source's is not");
    // Off and on is a way to try again too.
    for on in [false, true] {
        let folder = store.folders(msp).await.unwrap().remove(1);
        store.set_folder(msp, &Folder { on, ..folder }, "user:ann", at(4)).await.unwrap();
    }
    assert!(!knows(beside, "bad").await);
    for bad in ["", " ", "a\nb"] {
        assert!(store.set_source_profile(msp, bad, "{}", "user:ann", at(5)).await.is_err(), "{bad:?}");
    }
    let log = door.audit_words().await;
    assert_eq!(log.iter().filter(|row| row.contains("profile.set acronis: - -> {1}")).count(), 1, "{log:#?}");
}
