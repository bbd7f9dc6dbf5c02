//! Which files of a watched folder are ready.

use super::now;
use hive_core::Timestamp;
use hive_desk::profile::folder::{Seen, Watch, hash, is_usage_file};
use jiff::SignedDuration;

fn at(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

fn seen(name: &str, bytes: u64, modified: i64) -> Seen {
    Seen { name: name.to_owned(), bytes, modified_at: at(modified) }
}

fn look(watch: &mut Watch, seconds: i64, listing: &[Seen]) -> Vec<String> {
    watch.look(at(seconds), listing).into_iter().map(|seen| seen.name).collect()
}

#[test]
fn only_usage_files() {
    for name in ["usage.csv", "Usage June.XLSX", "a.b.csv"] {
        assert!(is_usage_file(name), "{name}");
    }
    for name in [".usage.csv", "~$usage.xlsx", "usage.csv.part", "usage.xls", "csv", "notes.txt", "usage.csv~"] {
        assert!(!is_usage_file(name), "{name}");
    }
}

#[test]
fn a_file_is_read_once_it_has_been_still_and_only_once() {
    let mut watch = Watch::default();
    assert_eq!(look(&mut watch, 0, &[seen("a.csv", 10, -60)]), [""; 0], "one look proves nothing");
    assert_eq!(look(&mut watch, 1, &[seen("a.csv", 10, -60)]), [""; 0], "a second is too soon");
    assert_eq!(look(&mut watch, 2, &[seen("a.csv", 20, 2)]), [""; 0], "it grows");
    assert_eq!(look(&mut watch, 3, &[seen("a.csv", 20, 3)]), [""; 0], "it is written in place");
    assert_eq!(look(&mut watch, 5, &[seen("a.csv", 20, 3)]), ["a.csv"]);
    assert_eq!(look(&mut watch, 9, &[seen("a.csv", 20, 3)]), [""; 0]);
    assert_eq!(look(&mut watch, 10, &[seen("a.csv", 20, 10)]), [""; 0]);
    assert_eq!(look(&mut watch, 12, &[seen("a.csv", 20, 10)]), ["a.csv"], "it was written anew");
}

#[test]
fn the_oldest_first_and_an_empty_one_never() {
    let mut watch = Watch::default();
    let listing = [seen("new.csv", 1, -1), seen("old.csv", 1, -9), seen("empty.csv", 0, -9), seen("x.txt", 1, -9)];
    look(&mut watch, 0, &listing);
    assert_eq!(look(&mut watch, 2, &listing), ["old.csv", "new.csv"]);
}

#[test]
fn gone_and_come_again_unread_and_a_clock_set_back() {
    let mut watch = Watch::default();
    let file = [seen("a.csv", 1, -1)];
    look(&mut watch, 0, &file);
    look(&mut watch, 1, &[]);
    assert_eq!(look(&mut watch, 2, &file), [""; 0], "it was away in between");
    assert_eq!(look(&mut watch, 4, &file), ["a.csv"]);
    watch.again("a.csv");
    assert_eq!(look(&mut watch, 5, &file), [""; 0]);
    assert_eq!(look(&mut watch, 7, &file), ["a.csv"], "offered again, because it could not be read");
    assert_eq!(look(&mut watch, -100, &file), [""; 0]);
    assert_eq!(look(&mut watch, 0, &file), [""; 0], "a clock set back does not offer it twice");
}

#[test]
fn bytes_are_remembered_by_their_hash() {
    assert_eq!(hash(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
