//! Watched folders: whose they are, and what becomes of a file.

use crate::door::{Door, HEADER, at, story, words};
use hive_desk::{ArrivedFile, By, Said};
use hive_store::{Folder, FolderFile};
use std::sync::Arc;

fn file(name: &str, text: &str) -> ArrivedFile {
    ArrivedFile {
        name: name.to_owned(),
        bytes: Arc::new(text.as_bytes().to_vec()),
        modified_at: Some(at(0)),
        source: None,
        complete: false,
        dry_run: false,
        profile: None,
        bytes_max: 10_000,
    }
}

impl Door {
    async fn watched(&self) -> Folder {
        self.desk.watch_folder(&self.by(0), "acronis", "/srv/in/acronis", true).await.unwrap();
        self.desk.store.folders(self.msp.id).await.unwrap().remove(0)
    }

    async fn put(&self, folder: &Folder, name: &str, text: &str) -> Option<FolderFile> {
        self.desk.take_folder_file(&self.msp, folder, file(name, text), at(1)).await.unwrap()
    }
}

#[test]
fn no_two_msps_watch_one_place() {
    story(async {
        let door = Door::bare().await;
        door.watched().await;
        let theirs = By { msp: door.other.clone(), ..door.by(0) };
        for near in ["/srv/in/acronis", "/srv/in", "/srv/in/acronis/june"] {
            let refused = words(door.desk.watch_folder(&theirs, "x", near, false).await);
            assert!(refused.contains("is watched for another MSP"), "{near}: {refused}");
            assert!(!refused.contains("Northwind"), "whose it is, is nobody's business");
        }
        door.desk.watch_folder(&theirs, "x", "/srv/in/acronis-2", false).await.unwrap();
        let twice = words(door.desk.watch_folder(&door.by(0), "other", "/srv/in/acronis", false).await);
        assert!(twice.contains("is watched already, for the source acronis"), "{twice}");
        let Said(said) = door.desk.watch_folder(&door.by(0), "", "/srv/in/plain", false).await.unwrap();
        assert!(said.contains("from the source import"), "{said}");
        let none = words(door.desk.turn_folder(&theirs, 9, false).await);
        assert_eq!(none, "there is no watched folder 9");
    });
}

#[test]
fn a_file_is_taken_once_for_its_source_and_a_bad_one_is_named() {
    story(async {
        let door = Door::bare().await;
        let folder = door.watched().await;
        let good = format!("{HEADER}\nAcme,Hot,10.5,GB,2026-11-23T09:00:00Z\n");
        let taken = door.put(&folder, "a.csv", &good).await.unwrap();
        assert!(taken.taken && taken.words.starts_with("1 row from acronis: 1 new sample,"), "{}", taken.words);
        assert_eq!(door.put(&folder, "copy of a.csv", &good).await, None, "the same bytes under another name");
        let bad = format!("{HEADER}\n{}", "Acme,Hot,many,GB,2026-11-23T09:00:00Z\n".repeat(30));
        let refused = door.put(&folder, "b.csv", &bad).await.unwrap();
        assert!(!refused.taken && refused.words.contains("line 2, column quantity: \"many\""), "{}", refused.words);
        assert!(refused.words.ends_with("; and 20 more."), "{}", refused.words);
        assert_eq!(door.put(&folder, "b.csv", &bad).await, None, "until it changes");
        let unknown = door.put(&folder, "c.csv", "Customer,Used\nAcme,1\n").await.unwrap();
        assert!(unknown.words.contains("this is not Hive's own usage.csv"), "{}", unknown.words);
        let batches = door.desk.store.batches(door.msp.id, 10).await.unwrap();
        let batch = (batches.len(), batches[0].source.as_str(), batches[0].who.as_str(), batches[0].complete);
        assert_eq!(batch, (1, "acronis", "folder:acronis", true));
    });
}

#[test]
fn a_profile_that_cannot_be_read_refuses_and_breaks_nothing() {
    story(async {
        let door = Door::bare().await;
        let folder = Folder { profile: "{\"version\":99}".to_owned(), ..door.watched().await };
        let refused = door.put(&folder, "a.csv", "Customer,Used\nAcme,1\n").await.unwrap();
        assert!(!refused.taken && refused.words.contains("of version 99"), "{}", refused.words);
    });
}
