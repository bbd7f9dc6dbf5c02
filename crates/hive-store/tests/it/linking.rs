//! Links, and pairs taken apart.

use crate::door::*;
use hive_core::import::LinkAsked;
use hive_core::link::{AccountTarget, LinkedBy, ProductTarget};
use hive_core::unit::{ItemUnit, Storage, Unit};
use hive_core::*;
use hive_store::ProductLinkAsked;
use std::collections::BTreeSet;

const ACME: AccountId = AccountId(1);
const HOT: ProductId = ProductId(1);

pub(crate) async fn a_pair_taken_apart_is_not_linked_again(door: &Door) {
    door.import("Acme | Hot | 1 GB | 2026-11-22\n Zen | Hot | 1 GB | 2026-11-22").await.unwrap();
    let (store, msp) = (&door.store, door.msp);
    let pairs = [(ACME, CompanyId(20)), (AccountId(2), CompanyId(21))];
    assert_eq!(store.link_matches(msp, &pairs, at(1)).await.unwrap(), pairs);
    store.set_account_link(msp, ACME, None, LinkedBy::Person, "cli:ann", at(2)).await.unwrap();
    assert_eq!(store.rejected_accounts(msp).await.unwrap(), [(ACME, CompanyId(20))]);
    assert_eq!(store.link_matches(msp, &pairs, at(3)).await.unwrap(), []);
    assert_eq!(store.link_matches(msp, &[(ACME, CompanyId(30))], at(3)).await.unwrap().len(), 1);
    // Re-pointing rejects the old pair; linking it anew takes that back.
    let target = Some(AccountTarget::Company(CompanyId(20)));
    store.set_account_link(msp, ACME, target, LinkedBy::Person, "cli:ann", at(4)).await.unwrap();
    assert_eq!(store.rejected_accounts(msp).await.unwrap(), [(ACME, CompanyId(30))]);
    let ignored = Some(AccountTarget::Ignored);
    store.set_account_link(msp, ACME, ignored, LinkedBy::Person, "cli:ann", at(5)).await.unwrap();
    let link = &store.account_links(msp).await.unwrap()[0];
    assert_eq!((link.target, link.by, link.who.as_str()), (AccountTarget::Ignored, LinkedBy::Person, "cli:ann"));
    let log = door.audit_words().await;
    assert_eq!(log.last().unwrap(), "cli:ann account.link 1: company 20 -> ignored");
    let elsewhere = store.set_account_link(door.other, ACME, ignored, LinkedBy::Person, "cli:ann", at(5)).await;
    assert_eq!(elsewhere.unwrap_err().to_string(), "there is no account 1");
}

pub(crate) async fn a_links_file_is_all_or_nothing(door: &Door) {
    door.import("Acme | Hot | 1 GB | 2026-11-22\n Zen | Cold | 1 GB | 2026-11-22").await.unwrap();
    let (store, msp) = (&door.store, door.msp);
    let unit = ItemUnit::new(Unit::Storage(Storage::TB), q("1")).unwrap();
    let mut asked = vec![
        LinkAsked::Account(ACME, CompanyId(20)),
        LinkAsked::IgnoreAccount(AccountId(2)),
        LinkAsked::Product(HOT, ItemId(7), Some(unit.clone())),
        LinkAsked::UnlinkProduct(ProductId(9)),
    ];
    let trusted = BTreeSet::from([HOT]);
    let error = store.apply_links(msp, &asked, &trusted, "cli:ann", at(1)).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no product 9");
    assert!(store.account_links(msp).await.unwrap().is_empty());
    asked.pop();
    assert_eq!(store.apply_links(msp, &asked, &trusted, "cli:ann", at(1)).await.unwrap(), 3);
    assert_eq!(store.apply_links(msp, &asked, &trusted, "cli:ann", at(1)).await.unwrap(), 0);
    let link = &store.product_links(msp).await.unwrap()[0];
    assert_eq!((link.target, &link.unit, link.unit_trusted), (ProductTarget::Item(ItemId(7)), &Some(unit), true));
}

pub(crate) async fn a_unit_belongs_to_its_item(door: &Door) {
    door.import("Acme | Hot | 1 GB | 2026-11-22").await.unwrap();
    let (store, msp) = (&door.store, door.msp);
    let tb = ItemUnit::new(Unit::Storage(Storage::TB), q("1"));
    let ask = |item: i64, unit: Option<Option<ItemUnit>>, unit_trusted: bool| ProductLinkAsked {
        product: HOT,
        target: Some(ProductTarget::Item(ItemId(item))),
        unit,
        unit_trusted,
    };
    let link = async |asked: ProductLinkAsked| {
        store.set_product_link(msp, &asked, LinkedBy::Person, "cli:ann", at(1)).await.unwrap();
        let link = store.product_links(msp).await.unwrap().remove(0);
        (link.unit.map(|unit| unit.to_string()), link.unit_trusted)
    };
    assert_eq!(link(ask(7, Some(tb.clone()), true)).await, (Some("1 TB".into()), true));
    assert_eq!(link(ask(7, None, false)).await, (Some("1 TB".into()), true));
    let gb = ItemUnit::new(Unit::Storage(Storage::GB), q("100"));
    assert_eq!(link(ask(7, Some(gb), false)).await, (Some("100 GB".into()), false));
    assert_eq!(link(ask(8, None, false)).await, (None, false));
    assert_eq!(store.rejected_products(msp).await.unwrap(), [(HOT, ItemId(7))]);
}
