//! What rules need of the store: another item for one account, samples as far back as a billing period,
//! quotas that stay where what exceeds them is billed.

use crate::door::*;
use hive_core::link::{AccountTarget, LinkedBy};
use hive_core::settings::{At, Key};
use hive_core::unit::{ItemUnit, Storage, Unit};
use hive_core::*;
use hive_store::*;

const ACME: AccountId = AccountId(1);
const HOT: ProductId = ProductId(1);

async fn own_items(door: &Door) -> Vec<String> {
    let facts = door.store.facts(door.msp, None).await.unwrap();
    assert_eq!(facts.item_overrides, door.store.item_overrides(door.msp).await.unwrap());
    let unit = |unit: &Option<ItemUnit>| unit.as_ref().map_or("as the product".to_owned(), ToString::to_string);
    facts
        .item_overrides
        .iter()
        .map(|own| format!("{} {} -> {} per {}", own.account, own.product, own.item, unit(&own.unit)))
        .collect()
}

pub(crate) async fn an_account_has_an_item_of_its_own(door: &Door) {
    door.import("Acme | Hot | 1 GB | 2026-11-22\n Zen | Hot | 1 GB | 2026-11-22").await.unwrap();
    let set = async |account: i64, product: i64, item: Option<(ItemId, Option<ItemUnit>)>| {
        let pair = (AccountId(account), ProductId(product));
        door.store.set_item_override(door.msp, pair, item, "user:ann", at(1)).await
    };
    let block = ItemUnit::new(Unit::Storage(Storage::GB), q("100"));
    let before = door.store.pulse(door.msp).await.unwrap().facts;
    set(1, 1, Some((ItemId(7), block.clone()))).await.unwrap();
    set(2, 1, Some((ItemId(8), None))).await.unwrap();
    assert!(door.store.pulse(door.msp).await.unwrap().facts > before, "the next plan sees it");
    assert_eq!(own_items(door).await, ["1 1 -> 7 per 100 GB", "2 1 -> 8 per as the product"]);
    set(1, 1, Some((ItemId(7), block))).await.unwrap();
    set(1, 1, Some((ItemId(9), None))).await.unwrap();
    set(2, 1, None).await.unwrap();
    set(2, 1, None).await.unwrap();
    assert_eq!(own_items(door).await, ["1 1 -> 9 per as the product"]);
    for (account, product) in [(99, 1), (1, 99)] {
        let refused = set(account, product, Some((ItemId(7), None))).await.unwrap_err().to_string();
        assert!(refused.contains("99"), "{refused}");
    }
    assert!(door.store.set_item_override(door.other, (ACME, HOT), None, "user:eve", at(1)).await.is_err());
    assert_eq!(door.store.item_overrides(door.other).await.unwrap(), []);
    let log = door.audit_words().await;
    let said: Vec<&String> = log.iter().filter(|row| row.contains("item_override")).collect();
    assert_eq!(
        said,
        [
            "user:ann product.item_override account 1 product 1: - -> item 7, one unit is 100 GB",
            "user:ann product.item_override account 2 product 1: - -> item 8",
            "user:ann product.item_override account 1 product 1: item 7, one unit is 100 GB -> item 9",
            "user:ann product.item_override account 2 product 1: item 8 -> -",
        ],
        "what changes nothing is no edit"
    );
}

pub(crate) async fn a_billing_period_has_its_history(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    let mut pulled = mirror(&[(1000, "10")], 0);
    pulled.agreements[0].billing_cycle = Some("Quarterly".into());
    let lease = door.begin(RunKind::Sync, 0).await;
    store.save_mirror(msp, &lease, &pulled).await.unwrap();
    door.finish(lease, 0).await;
    let days = ["2025-01-01", "2026-08-01", "2026-08-29", "2026-09-01", "2026-10-01", "2026-11-01", "2026-11-22"];
    for account in ["Acme", "Zen"] {
        let file: Vec<String> =
            days.iter().zip(1..).map(|(day, size)| format!("{account} | Hot | {size} GB | {day}")).collect();
        door.import(&file.join("\n")).await.unwrap();
    }
    let company = Some(AccountTarget::Company(CompanyId(20)));
    store.set_account_link(msp, ACME, company, LinkedBy::Person, "user:ann", at(1)).await.unwrap();
    let set = async |place: At, text: &str| {
        store.set_settings(msp, &[(Key::Basis, place, text.to_owned())], "user:ann", at(1)).await.unwrap();
    };
    let history = async || {
        let facts = store.facts(msp, None).await.unwrap();
        facts.history.iter().map(|s| format!("{}:{}", s.account, s.quantity)).collect::<Vec<_>>().join(" ")
    };
    let product = At { product: Some(HOT), account: None };
    set(product, "average_30d").await;
    // 40 days before the newest are since 2026-10-13; the sample before those is carried over.
    assert_eq!(history().await, "1:5 1:6 1:7 2:5 2:6 2:7");
    set(product, "average_period").await;
    // The quarter began on 2026-09-01. Zen is linked to nobody, so no period is known for it.
    assert_eq!(history().await, "1:3 1:4 1:5 1:6 1:7 2:5 2:6 2:7");
    // For one account alone, the others' samples still tell the source's rhythm.
    set(product, "latest").await;
    set(At { account: Some(ACME), ..product }, "peak_period").await;
    assert_eq!(history().await, "1:3 1:4 1:5 1:6 1:7 2:5 2:6 2:7");
    // A period is never looked for further back than 400 days.
    pulled.agreements[0].billing_cycle = Some("3 Years".into());
    let lease = door.begin(RunKind::Sync, 2).await;
    store.save_mirror(msp, &lease, &pulled).await.unwrap();
    door.finish(lease, 2).await;
    assert_eq!(history().await, "1:1 1:2 1:3 1:4 1:5 1:6 1:7 2:5 2:6 2:7", "and the newest before them");
    set(At { account: Some(ACME), ..product }, "").await;
    assert_eq!(history().await, "");
}

pub(crate) async fn a_quota_stays_where_what_exceeds_it_is_billed(door: &Door) {
    door.import("Acme | Hot | 1 GB | 2026-11-20\n Zen | Hot | 1 GB | 2026-11-20").await.unwrap();
    for account in [1, 2] {
        let size = Some((q("500"), Storage::GB, false));
        door.store.set_quota(door.msp, AccountId(account), HOT, size, "user:ann", at(1)).await.unwrap();
    }
    let pair = At { product: Some(HOT), account: Some(ACME) };
    door.store.set_settings(door.msp, &[(Key::Overage, pair, "true".into())], "user:ann", at(1)).await.unwrap();
    let imported = door.import("Acme | Hot | 620 GB | 2026-11-21\n Zen | Hot | 620 GB | 2026-11-21").await.unwrap();
    assert_eq!(imported.quotas_risen, [(AccountId(2), HOT, q("500"), q("750"))], "Acme's 120 GB are billed");
}
