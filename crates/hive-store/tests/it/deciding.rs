//! What people decided of accounts, products and lines.

use crate::door::*;
use hive_core::plan::{Adjust, Adjustment, Exclusion};
use hive_core::*;

fn exclusion(account: Option<i64>, product: Option<i64>, reason: &str, until: Option<&str>) -> Exclusion {
    Exclusion {
        account: account.map(AccountId),
        product: product.map(ProductId),
        reason: reason.into(),
        until: until.map(|date| date.parse().unwrap()),
        who: "cli:ann".into(),
        at: at(5),
    }
}

pub(crate) fn adjustment(adjust: Adjust) -> Adjustment {
    Adjustment {
        account: AccountId(1),
        product: ProductId(1),
        adjust,
        reason: "kiosk users".into(),
        until: Some("2026-12-31".parse().unwrap()),
        who: "cli:ann".into(),
        at: at(5),
    }
}

pub(crate) async fn an_exclusion_is_kept_with_its_reason_until_it_is_taken_back(door: &Door) {
    door.import("Acme | Hot | 1 GB | 2026-11-22").await.unwrap();
    let (store, msp) = (&door.store, door.msp);
    let line = exclusion(Some(1), Some(1), "pilot", Some("2026-12-31"));
    let (account, product) = (exclusion(Some(1), None, "own", None), exclusion(None, Some(1), "free", None));
    for one in [&line, &account, &product] {
        store.exclude(msp, one).await.unwrap();
    }
    let facts = store.facts(msp, None).await.unwrap();
    assert_eq!(facts.exclusions, [product.clone(), account.clone(), line.clone()]);
    assert_eq!(store.exclusions(msp).await.unwrap(), facts.exclusions);
    let longer = exclusion(Some(1), Some(1), "pilot goes on", None);
    store.exclude(msp, &longer).await.unwrap();
    assert_eq!(store.exclusions(msp).await.unwrap(), [product, account.clone(), longer.clone()]);
    let taken = store.include(msp, (Some(AccountId(1)), Some(ProductId(1))), "user:bob", at(6)).await.unwrap();
    assert_eq!(taken, Some(longer));
    let again = store.include(msp, (Some(AccountId(1)), Some(ProductId(1))), "user:bob", at(7)).await.unwrap();
    assert_eq!(again, None);
    let log = door.audit_words().await;
    assert_eq!(
        log[log.len() - 3..],
        [
            "cli:ann exclusion.set product 1: - -> excluded: free",
            "cli:ann exclusion.set account 1 product 1: excluded through 2026-12-31: pilot -> excluded: pilot goes on",
            "user:bob exclusion.set account 1 product 1: excluded: pilot goes on -> -",
        ]
    );
    for bad in [
        exclusion(Some(1), None, "  ", None),
        exclusion(None, None, "all", None),
        exclusion(Some(9), None, "nobody", None),
        exclusion(Some(1), Some(9), "nothing", None),
    ] {
        assert!(store.exclude(msp, &bad).await.is_err(), "{bad:?}");
    }
    assert_eq!(store.exclusions(msp).await.unwrap().len(), 2);
    // Another MSP's account is nobody there.
    assert!(store.exclude(door.other, &account).await.is_err());
}

pub(crate) async fn an_adjustment_is_kept_with_its_reason_until_it_is_taken_back(door: &Door) {
    door.import("Acme | Hot | 1 GB | 2026-11-22").await.unwrap();
    let (store, msp, acme, hot) = (&door.store, door.msp, AccountId(1), ProductId(1));
    for adjust in [Adjust::Plus(q("3")), Adjust::Minus(q("0.5")), Adjust::Fixed(q("123456789012345678"))] {
        store.adjust(msp, &adjustment(adjust)).await.unwrap();
        assert_eq!(store.facts(msp, None).await.unwrap().adjustments, [adjustment(adjust)]);
    }
    assert_eq!(store.adjustments(msp).await.unwrap(), [adjustment(Adjust::Fixed(q("123456789012345678")))]);
    assert!(store.adjust_none(msp, acme, hot, "user:bob", at(6)).await.unwrap().is_some());
    assert!(store.adjust_none(msp, acme, hot, "user:bob", at(7)).await.unwrap().is_none());
    let log = door.audit_words().await;
    assert_eq!(
        log[log.len() - 3..],
        [
            "cli:ann adjustment.set account 1 product 1: plus 3 through 2026-12-31: kiosk users -> minus 0.5 through 2026-12-31: kiosk users",
            "cli:ann adjustment.set account 1 product 1: minus 0.5 through 2026-12-31: kiosk users -> fixed 123456789012345678 through 2026-12-31: kiosk users",
            "user:bob adjustment.set account 1 product 1: fixed 123456789012345678 through 2026-12-31: kiosk users -> -",
        ]
    );
    let nameless = Adjustment { reason: String::new(), ..adjustment(Adjust::Plus(q("3"))) };
    assert!(store.adjust(msp, &nameless).await.is_err());
    assert!(store.adjust(msp, &adjustment(Adjust::Plus(q("-3")))).await.is_err());
    assert!(store.adjust(door.other, &adjustment(Adjust::Plus(q("3")))).await.is_err());
}
