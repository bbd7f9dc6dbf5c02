//! What sources list: few batches, one row a listing; and what people say of them.

use crate::door::*;
use hive_core::outcome::Outcome;
use hive_core::plan::{FLIPS_MAX, Gone, GoneAnswer, Settle, Settling};
use hive_core::*;
use hive_store::*;

async fn import(door: &Door, text: &str, complete: bool, one_by_one: bool) {
    let rows = rows(text);
    let asked = ImportAsked { complete, one_by_one, ..door.asked(&rows) };
    door.store.import_usage(door.msp, &asked).await.unwrap();
}

pub(crate) async fn batches_are_kept_compact_and_say_who_is_gone(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    import(
        door,
        "Acme | Hot | 2 TB | 2026-11-01\nZen | Hot | 5 GB | 2026-11-01\nZen | M365 | 3 user | 2026-11-01",
        true,
        false,
    )
    .await;
    for day in 2..=14 {
        import(door, &format!("Acme | Hot | {day} GB | 2026-11-{day:02}"), day % 2 == 0, false).await;
    }
    let facts = store.facts(msp, None).await.unwrap();
    assert_eq!(facts.batches.len(), 8, "{:#?}", facts.batches);
    // The first one of Hot lists 2 TB as 2000 GB; what came since lacks too much to be good.
    let of_hot: Vec<String> = facts
        .listings
        .iter()
        .filter(|listing| listing.product == ProductId(1))
        .map(|listing| {
            let pairs = listing.quantities.iter().map(|(account, quantity)| format!("{account}={quantity}"));
            format!("{}: {}", listing.batch, pairs.collect::<Vec<_>>().join(" "))
        })
        .collect();
    assert!(of_hot.len() <= 4 && of_hot.last().unwrap() == "14: 1=14", "{of_hot:?}");
    let gone: Vec<_> = facts.unlisted.iter().map(|pair| (pair.account.0, pair.product.0, pair.seen)).collect();
    assert_eq!(gone, [(2, 1, 1), (2, 2, 1)]);
    // As of an earlier sample, the later batches are not seen.
    let early = store.facts(msp, Some(3)).await.unwrap();
    assert!(early.unlisted.is_empty() && early.batches.iter().all(|batch| batch.id == 1), "{:?}", early.batches);
    // An older file, come late, takes nobody away and brings nobody back.
    import(door, "Zen | Hot | 5 GB | 2026-10-01", true, false).await;
    assert_eq!(store.facts(msp, None).await.unwrap().unlisted, facts.unlisted);
    import(door, "Zen | Hot | 6 GB | 2026-11-15", false, false).await;
    assert_eq!(store.facts(msp, None).await.unwrap().unlisted.len(), 1, "it came back");
    assert!(store.sources(door.other).await.unwrap().names.is_empty());
}

pub(crate) async fn samples_one_by_one_are_a_batch_a_day(door: &Door) {
    for (text, _) in [("Acme | Hot | 1 GB | 2026-11-22", 1), ("Zen | Hot | 2 GB | 2026-11-22", 2)] {
        import(door, text, false, true).await;
    }
    import(door, "Acme | Hot | 3 GB | 2026-11-23", false, true).await;
    let facts = door.store.facts(door.msp, None).await.unwrap();
    let days: Vec<String> = facts.batches.iter().map(|batch| format!("{:?}", batch.day.unwrap())).collect();
    assert_eq!(days, ["2026-11-22", "2026-11-23"]);
    assert_eq!(facts.listings[0].quantities, [(AccountId(1), q("1")), (AccountId(2), q("2"))]);
    assert_eq!(facts.listings[1].quantities, [(AccountId(1), q("3"))]);
}

pub(crate) async fn what_people_say_of_batches_is_kept_and_told(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    import(door, "Acme | Hot | 1 GB | 2026-11-01\nZen | Hot | 5 GB | 2026-11-01", true, false).await;
    import(door, "Acme | Hot | 1 GB | 2026-11-02", true, false).await;
    let answer = GoneAnswer {
        account: AccountId(2),
        product: ProductId(1),
        source: "import".to_owned(),
        seen: 1,
        batch: 2,
        answer: Gone::Keep,
        who: "cli:ann".to_owned(),
    };
    store.answer_gone(msp, std::slice::from_ref(&answer), at(1)).await.unwrap();
    store.accept_batch(msp, "import", ProductId(1), 2, "cli:ann", at(2)).await.unwrap();
    let twice = store.accept_batch(msp, "import", ProductId(1), 2, "cli:ann", at(2)).await.unwrap_err();
    assert!(twice.to_string().contains("does not wait"), "{twice}");
    store.set_rhythm(msp, "import", Some(7), "cli:ann", at(3)).await.unwrap();
    assert!(store.set_rhythm(msp, "import", Some(0), "cli:ann", at(3)).await.is_err());
    assert!(store.set_rhythm(msp, "nobody", Some(7), "cli:ann", at(3)).await.is_err());
    let facts = store.facts(msp, None).await.unwrap();
    assert_eq!(facts.gone_answers, [answer]);
    assert_eq!(facts.rhythms.get("import"), Some(&7));
    assert!(facts.listings.iter().any(|listing| listing.batch == 2 && listing.accepted));
    let log = door.audit_words().await;
    assert_eq!(
        log[log.len() - 3..],
        [
            "cli:ann usage.gone account 2 product 1 source import: - -> keep (not in batch 2)",
            "cli:ann usage.accept_batch batch 2 source import product 1: - -> right as it is",
            "cli:ann source.rhythm import: - -> every 7 days",
        ]
    );
    let pass = BrakePass { moved: Money::new(q("30").decimal()), who: "cli:ann".to_owned(), lapses_at: at(9) };
    store.pass_brake(msp, &pass, at(4)).await.unwrap();
    assert_eq!(store.brake_pass(msp, at(9)).await.unwrap(), Some(pass));
    assert_eq!(store.brake_pass(msp, at(10)).await.unwrap(), None, "it lapses");
    assert_eq!(store.brake_pass(door.other, at(5)).await.unwrap(), None);
    store.use_up_brake_pass(msp).await.unwrap();
    assert_eq!(store.brake_pass(msp, at(5)).await.unwrap(), None);
}

pub(crate) async fn who_puts_a_value_back_is_counted_once_a_write(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    door.sync(&[(1000, "10")], 0).await;
    let saw_flip = async |minutes: i64| {
        let mut saw = plan(msp, &format!("p{minutes}"), &[], minutes);
        saw.settle = vec![Settle { addition: AdditionId(1000), value: q("10"), why: Settling::Flipped }];
        store.save_plan(msp, &saw).await.unwrap();
        let standing = store.facts(msp, None).await.unwrap().standings.remove(0);
        (standing.flips, standing.flip_counted, standing.settled)
    };
    door.update((1000, "10", "12"), Outcome::Pushed, Some("12"), 1).await;
    let standing = store.facts(msp, None).await.unwrap().standings.remove(0);
    assert_eq!((standing.replaced, standing.flips), (Some(q("10")), 0));
    assert_eq!(saw_flip(2).await, (1, true, Some(q("12"))), "a flip settles nothing");
    assert_eq!(saw_flip(3).await.0, 1, "a later plan sees the same one");
    store.answer_overwrite(msp, AdditionId(1000), q("10"), None, "cli:ann", at(4)).await.unwrap();
    door.update((1000, "10", "12"), Outcome::Pushed, Some("12"), 5).await;
    assert_eq!(saw_flip(6).await.0, FLIPS_MAX);
    store.answer_overwrite(msp, AdditionId(1000), q("10"), None, "cli:ann", at(7)).await.unwrap();
    let standing = store.facts(msp, None).await.unwrap().standings.remove(0);
    assert_eq!((standing.flips, standing.replaced), (0, None), "asked who writes it, a person has answered");
}
