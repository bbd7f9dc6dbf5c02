//! Mirrors: generations that replace each other whole.

use crate::door::*;
use crate::keeping::Hand;
use hive_core::mirror::Mirror;
use hive_core::*;
use hive_store::*;

/// As it should read back: its own generation.
fn expected(additions: &[(i64, &str)], minutes: i64, id: MirrorId) -> Mirror {
    Mirror { id, ..mirror(additions, minutes) }
}

pub(crate) async fn a_generation_replaces_the_one_before(door: &Door) {
    assert_eq!(door.store.mirror(door.msp).await.unwrap(), None);
    let first = door.sync(&[(1, "10"), (2, "123456789012.345678"), (3, "0")], 0).await;
    let read = async || door.store.mirror(door.msp).await.unwrap().unwrap();
    assert_eq!(read().await, expected(&[(1, "10"), (2, "123456789012.345678"), (3, "0")], 0, first));
    // Nothing changed, something changed, something went and came back: always exactly one generation.
    let rounds: [&[(i64, &str)]; 5] =
        [&[(1, "10"), (2, "7"), (3, "0")], &[(1, "11"), (3, "0"), (4, "-1")], &[(2, "7")], &[], &[(1, "10"), (2, "7")]];
    for (round, additions) in rounds.into_iter().enumerate() {
        let minutes = round as i64 + 1;
        let id = door.sync(additions, minutes).await;
        assert_eq!(id.0, minutes + 1);
        assert_eq!(read().await, expected(additions, minutes, id));
    }
}

pub(crate) async fn a_mirror_that_fails_leaves_the_old_one(door: &Door) {
    let first = door.sync(&[(1, "10"), (2, "20")], 0).await;
    let lease = door.begin(RunKind::Sync, 1).await;
    // One id twice: the pull was not whole.
    let error = door.store.save_mirror(door.msp, &lease, &mirror(&[(1, "11"), (5, "1"), (5, "2")], 1)).await;
    assert!(error.is_err());
    assert_eq!(door.store.mirror(door.msp).await.unwrap(), Some(expected(&[(1, "10"), (2, "20")], 0, first)));
    let wrong = door.store.save_mirror(door.other, &lease, &mirror(&[], 1)).await.unwrap_err();
    assert!(wrong.to_string().starts_with("the lease is MSP"), "{wrong}");
    door.finish(lease, 2).await;
    // A generation that was begun and never ended is nothing.
    let mut hand = Hand::open(door).await;
    hand.run(
        "BEGIN; INSERT INTO mirror SELECT msp, id + 1, connection, run, 0, 0, items_from, 0 FROM mirror; ROLLBACK",
    )
    .await
    .unwrap();
    assert_eq!(door.store.mirror(door.msp).await.unwrap().unwrap().id, first);
}

pub(crate) async fn a_row_takes_the_value_last_read(door: &Door) {
    door.sync(&[(1, "10"), (2, "20")], 0).await;
    let second = door.sync(&[(1, "10"), (2, "20")], 5).await;
    let lease = door.begin(RunKind::Update, 6).await;
    let (store, msp) = (&door.store, door.msp);
    store.mirror_row_read(msp, AdditionId(1), q("12"), Some("bob"), at(7), &lease).await.unwrap();
    store.mirror_row_read(msp, AdditionId(9), q("12"), None, at(7), &lease).await.unwrap();
    let mut wanted = expected(&[(1, "12"), (2, "20")], 5, second);
    wanted.additions[0].read_at = at(7);
    wanted.additions[0].updated_by = Some("bob".into());
    wanted.additions[0].updated_at = None;
    assert_eq!(store.mirror(msp).await.unwrap().unwrap(), wanted);
    store.mirror_row_read(msp, AdditionId(1), q("13"), None, at(8), &lease).await.unwrap();
    assert_eq!(store.mirror(msp).await.unwrap().unwrap().additions[0].quantity, Some(q("13")));
    door.finish(lease, 9).await;
    let third = door.sync(&[(1, "12"), (2, "20")], 10).await;
    assert_eq!(store.mirror(msp).await.unwrap().unwrap(), expected(&[(1, "12"), (2, "20")], 10, third));
}
