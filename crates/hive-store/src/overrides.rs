//! Items of single accounts' products, in place of the product's.

use crate::Store;
use crate::audit::Entry;
use crate::db::{Row, Tx, args};
use crate::error::Result;
use hive_core::link::ItemOverride;
use hive_core::unit::ItemUnit;
use hive_core::{AccountId, ItemId, MspId, ProductId, Timestamp};

fn item_override(row: &mut Row<'_>) -> Result<ItemOverride> {
    let (account, product, item) = (row.take()?, row.take()?, row.take()?);
    let unit = row.maybe()?.zip(row.maybe()?).and_then(|(unit, size)| ItemUnit::new(unit, size));
    Ok(ItemOverride { account, product, item, unit })
}

fn words(own: &ItemOverride) -> String {
    let unit = own.unit.as_ref().map_or(String::new(), |unit| format!(", one unit is {unit}"));
    format!("item {}{unit}", own.item)
}

impl Tx {
    pub(crate) async fn item_overrides(&mut self, msp: MspId) -> Result<Vec<ItemOverride>> {
        let sql = "SELECT account, product, item, unit, unit_size FROM item_override WHERE msp = $1
            ORDER BY account, product";
        self.all(sql, args![msp], item_override).await
    }
}

impl Store {
    /// Which accounts have a product billed as another item.
    pub async fn item_overrides(&self, msp: MspId) -> Result<Vec<ItemOverride>> {
        self.db.read().await?.item_overrides(msp).await
    }

    /// Bills one account's product as another item; `None` takes that back. It is a decision about one
    /// account: the product stays live under its rule.
    pub async fn set_item_override(
        &self,
        msp: MspId,
        (account, product): (AccountId, ProductId),
        item: Option<(ItemId, Option<ItemUnit>)>,
        who: &str,
        at: Timestamp,
    ) -> Result<()> {
        let mut tx = self.db.write_facts(msp).await?;
        tx.must_have_account(msp, account).await?;
        tx.must_have_product(msp, product).await?;
        let sql = "DELETE FROM item_override WHERE msp = $1 AND account = $2 AND product = $3
            RETURNING account, product, item, unit, unit_size";
        let before = tx.one(sql, args![msp, account, product], item_override).await?;
        let after = item.map(|(item, unit)| ItemOverride { account, product, item, unit });
        if let Some(own) = &after {
            let (unit, size) = own.unit.as_ref().map(|unit| (unit.unit.to_string(), unit.size)).unzip();
            let sql = "INSERT INTO item_override (msp, account, product, item, unit, unit_size, who, at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
            tx.run(sql, args![msp, account, product, own.item, unit, size, who, at]).await?;
        }
        if before != after {
            let subject = format!("account {account} product {product}");
            let entry =
                Entry::new("product.item_override", subject, before.as_ref().map(words), after.as_ref().map(words));
            tx.note(msp, who, at, entry).await?;
        }
        tx.commit().await
    }
}
