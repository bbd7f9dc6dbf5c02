//! Another item for one account's product.

use super::one_row;
use crate::{By, Desk, Refused, Said};
use hive_core::import::{LinkAsked, LinksKnown, resolve_links};
use hive_core::link::ProductTarget;
use hive_core::unit::ItemUnit;
use hive_core::{AccountId, ProductId};

impl Desk {
    /// Bills one account's product as another item (its id or identifier); `""` takes that back. `unit`
    /// says what one unit of that item is; without it, it is what the product link says.
    pub async fn own_item(
        &self,
        by: &By,
        (account, product): (AccountId, ProductId),
        target: &str,
        unit: Option<ItemUnit>,
    ) -> Result<Said, Refused> {
        let msp = by.msp.id;
        let (account, product) = (self.account_of(&by.msp, account).await?, self.product_of(&by.msp, product).await?);
        let (pair, name) = ((account.id, product.id), format!("{} x {}", account.name, product.name));
        if target.trim().is_empty() {
            self.store.set_item_override(msp, pair, None, &by.who, by.at).await?;
            return Ok(Said(format!("{name} is billed as the item that {} is mapped to.", product.name)));
        }
        let links = self.store.product_links(msp).await?;
        let link = links.iter().find(|link| link.product == product.id);
        if !link.is_some_and(|link| matches!(link.target, ProductTarget::Item(_))) {
            return Err(Refused::Stopped(format!(
                "\"{}\" is mapped to no item yet; map it for all accounts first, then give {} its own",
                product.name, account.name
            )));
        }
        let row = one_row("product", product.name.clone(), target.to_owned(), unit.clone());
        let (accounts, products) = (self.store.accounts(msp).await?, self.store.products(msp).await?);
        let mirror = self.store.mirror(msp).await?;
        let known = LinksKnown { accounts: &accounts, products: &products, mirror: mirror.as_ref() };
        let asked = resolve_links(std::slice::from_ref(&row), known).map_err(|bad| {
            let reasons: Vec<String> = bad.into_iter().map(|row| row.reason).collect();
            Refused::Stopped(reasons.join("; "))
        })?;
        let Some(LinkAsked::Product(_, item, _)) = asked.first() else {
            return Err(Refused::WrongUsage(
                "one account's product has an item of its own, or none; to bill nothing of it, ignore the account"
                    .to_owned(),
            ));
        };
        self.store.set_item_override(msp, pair, Some((*item, unit.clone())), &by.who, by.at).await?;
        let unit = unit.map_or(String::new(), |unit| format!(", one unit of which is {unit}"));
        Ok(Said(format!("{name} is billed as item {item}{unit}, whatever {} is mapped to otherwise.", product.name)))
    }
}
