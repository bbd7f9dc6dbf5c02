//! A disk that fails, a file that is damaged, a writer that is busy, a database with two names.

use crate::door::*;
use crate::engine::run;
use crate::keeping::Hand;
use hive_core::*;
use hive_store::*;
use std::process::Command;
use std::time::{Duration, Instant};

/// What the process that may write only small files works on: database, key file.
const LIMITED: &str = "HIVE_TEST_SMALL_FILES";

/// Nothing by itself; the story below starts it where no file may grow over a megabyte or two.
#[test]
fn writes_where_files_stay_small() {
    let Ok(limited) = std::env::var(LIMITED) else { return };
    let (url, key) = limited.split_once('\n').unwrap();
    run(async {
        let store = Store::open(url, KeySource(key.into())).await.unwrap();
        let msp = store.add_msp("Northwind", at(0)).await.unwrap().id;
        let mut big = rows(&(0..2_000).map(|n| format!("Account {n} | Hot | 1 GB | 2026-11-22\n")).collect::<String>());
        big.iter_mut().for_each(|row| row.class = "x".repeat(3_000));
        let small = rows("Acme | Hot | 1 GB | 2026-11-22");
        for day in 0..3 {
            let failed = import(&store, msp, &big).await.unwrap_err();
            let ImportError::Store(StoreError::Disk { why, .. }) = &failed else { panic!("{failed:?}") };
            assert!(["the disk is full", "the disk reported an error"].contains(why), "{why}");
            assert_eq!(store.accounts(msp).await.unwrap().len(), day.min(1), "nothing of it was stored");
            import(&store, msp, &small).await.unwrap();
        }
        store.close().await;
    });
    println!("written after all");
}

async fn import(store: &Store, msp: MspId, rows: &[hive_core::import::UsageRow]) -> Result<Imported, ImportError> {
    let asked = ImportAsked {
        source: "import",
        complete: false,
        one_by_one: false,
        file_hash: "abc",
        file_name: "usage.csv",
        rows,
        dry_run: false,
        who: "cli:ann",
        at: at(1),
    };
    store.import_usage(msp, &asked).await
}

#[cfg(unix)]
#[test]
fn a_disk_that_fails_does_not_end_all_writing() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", dir.path().join("hive.db").display());
    let limits = "trap '' XFSZ; ulimit -f 2048; exec \"$0\" --exact failing::writes_where_files_stay_small --nocapture";
    let limited = Command::new("sh")
        .args(["-c", limits])
        .arg(std::env::current_exe().unwrap())
        .env(LIMITED, format!("{url}\n{}", dir.path().join("hive.key").display()))
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&limited.stdout);
    let errors = String::from_utf8_lossy(&limited.stderr);
    assert!(limited.status.success() && words.contains("written after all"), "{words}\n{errors}");
}

#[test]
fn a_damaged_file_is_called_damaged() {
    run(async {
        let door = Door::sqlite().await;
        door.store.close().await;
        let file = sqlite_path(&door.url).unwrap();
        let whole = std::fs::read(&file).unwrap();
        let mut torn = whole.clone();
        torn[4096..].fill(0xff);
        for bytes in [b"This is no database. ".repeat(400), torn] {
            std::fs::write(&file, bytes).unwrap();
            let damaged = door.open_again().await.unwrap_err();
            assert!(matches!(damaged, StoreError::Damaged(_)), "{damaged:?}");
            assert_eq!(damaged.to_string(), "the database file is damaged; stop Hive and restore a backup");
        }
        std::fs::write(&file, whole).unwrap();
        assert_eq!(door.open_again().await.unwrap().msps().await.unwrap().len(), 2);
    });
}

#[test]
fn reading_does_not_wait_for_a_writer() {
    run(async {
        let door = Door::sqlite().await;
        let mut writer = Hand::open(&door).await;
        writer.run("BEGIN IMMEDIATE").await.unwrap();
        let start = Instant::now();
        let reader = door.open_again().await.unwrap();
        assert_eq!(reader.msps().await.unwrap().len(), 2);
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
        reader.close().await;
        writer.run("COMMIT").await.unwrap();

        // Another key while nothing is sealed: then there is a word to write, and it is written.
        let KeySource(key) = &door.key;
        std::fs::write(key, "new:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n").unwrap();
        let renewed = door.open_again().await.unwrap();
        let mut hand = Hand::open(&door).await;
        let Hand::Lite(engine) = &mut hand else { panic!("not SQLite") };
        let known: i64 =
            sqlx::query_scalar("SELECT count(*) FROM sealing_key WHERE id = 'new'").fetch_one(engine).await.unwrap();
        assert_eq!(known, 1);
        renewed.close().await;
    });
}

#[cfg(unix)]
#[test]
fn a_link_to_the_database_is_the_same_database() {
    run(async {
        let door = Door::sqlite().await;
        let elsewhere = tempfile::tempdir().unwrap();
        let link = elsewhere.path().join("linked.db");
        std::os::unix::fs::symlink(sqlite_path(&door.url).unwrap(), &link).unwrap();
        let linked = Store::open(&format!("sqlite://{}", link.display()), door.key.clone()).await.unwrap();
        let lease = door.begin(RunKind::Sync, 0).await;
        let taken = linked.begin_run(door.msp, RunKind::Update, "cli:bob", at(1), LEASE_MS, None).await.unwrap_err();
        assert!(matches!(taken, BeginError::Taken { .. }), "{taken:?}");
        let locks = std::fs::read_dir(elsewhere.path()).unwrap().flatten().map(|file| file.file_name());
        assert_eq!(locks.collect::<Vec<_>>(), ["linked.db"], "the locks stand beside the database itself");
        door.finish(lease, 2).await;
        linked.close().await;
    });
}

#[test]
fn the_file_of_a_url_is_the_one_that_is_opened() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/my%20hive%3F.db?mode=rw", dir.path().display());
        let file = dir.path().join("my hive?.db");
        assert_eq!(sqlite_path(&url), Some(file.clone()));
        let store = Store::open(&url, KeySource(dir.path().join("hive.key"))).await.unwrap();
        store.close().await;
        assert!(file.exists());
        assert_eq!(sqlite_path("sqlite:hive.db"), Some("hive.db".into()));
        assert_eq!(sqlite_path("sqlite://hive.db"), Some("hive.db".into()));
        for none in ["postgres://hive@host/hive", "sqlite::memory:", "sqlite://", "sqlite://x?mode=odd", "hive.db"] {
            assert_eq!(sqlite_path(none), None, "{none}");
        }
    });
}
