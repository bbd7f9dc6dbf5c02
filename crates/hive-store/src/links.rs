//! Links between Hive and ConnectWise, and the pairs that were taken apart.
//!
//! **Limits on purpose:** a removed or re-pointed pair is remembered and never linked automatically
//! again; a person who links it anew takes that back.

mod undo;

pub use undo::{Linked, LinksUndone};

use crate::Store;
use crate::audit::Entry;
use crate::db::{Put, Row, Take, Tx, Value, args};
use crate::error::{Result, unreadable};
use hive_core::import::LinkAsked;
use hive_core::link::{AccountLink, AccountTarget, LinkedBy, ProductLink, ProductTarget};
use hive_core::unit::ItemUnit;
use hive_core::{AccountId, CompanyId, ItemId, MspId, ProductId, Timestamp};
use std::collections::BTreeSet;

/// What is to become of a product's link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductLinkAsked {
    pub product: ProductId,
    /// `None` takes the link away.
    pub target: Option<ProductTarget>,
    /// What one unit of the item is. `None` keeps it as it is while the item stays the same.
    pub unit: Option<Option<ItemUnit>>,
    /// A person confirmed unit and size again after `unit.suspect` was shown.
    pub unit_trusted: bool,
}

/// Who does something, and when.
struct Hand<'a> {
    /// Whether repeating a link that was matched makes it a person's.
    confirms: bool,
    /// An undo: that a pair was together for a moment is not held against it.
    takes_back: bool,
    by: LinkedBy,
    who: &'a str,
    at: Timestamp,
}

impl Put for LinkedBy {
    const NULL: Value = Value::Text(None);
    fn put(self) -> Value {
        match self {
            LinkedBy::Match => "match".put(),
            LinkedBy::Person => "person".put(),
        }
    }
}

impl Take for LinkedBy {
    fn take(row: &mut Row<'_>) -> Result<Option<LinkedBy>> {
        let read = |text| match text {
            "match" => Ok(LinkedBy::Match),
            "person" => Ok(LinkedBy::Person),
            _ => Err(unreadable("who linked", text)),
        };
        row.text()?.map(read).transpose()
    }
}

fn account_link(row: &mut Row<'_>) -> Result<AccountLink> {
    Ok(AccountLink {
        account: row.take()?,
        target: row.maybe()?.map_or(AccountTarget::Ignored, AccountTarget::Company),
        by: row.take()?,
        who: row.take()?,
        at: row.take()?,
    })
}

fn product_link(row: &mut Row<'_>) -> Result<ProductLink> {
    let product = row.take()?;
    let target = row.maybe()?.map_or(ProductTarget::Ignored, ProductTarget::Item);
    let unit = row.maybe()?.zip(row.maybe()?).and_then(|(unit, size)| ItemUnit::new(unit, size));
    let unit_trusted = row.take()?;
    Ok(ProductLink { product, target, unit, unit_trusted, by: row.take()?, who: row.take()?, at: row.take()? })
}

fn account_words(target: AccountTarget) -> String {
    match target {
        AccountTarget::Company(company) => format!("company {company}"),
        AccountTarget::Ignored => "ignored".to_owned(),
    }
}

fn product_words(link: &ProductLink) -> String {
    let ProductLink { product: _, target, unit, unit_trusted, by: _, who: _, at: _ } = link;
    let target = match target {
        ProductTarget::Item(item) => format!("item {item}"),
        ProductTarget::Ignored => "ignored".to_owned(),
    };
    let unit = unit.as_ref().map_or(String::new(), |unit| format!(", one unit is {unit}"));
    format!("{target}{unit}{}", if *unit_trusted { ", confirmed again" } else { "" })
}

impl Tx {
    pub(crate) async fn account_links(&mut self, msp: MspId) -> Result<Vec<AccountLink>> {
        let sql = "SELECT account, company, linked_by, who, at FROM account_link WHERE msp = $1 ORDER BY account";
        self.all(sql, args![msp], account_link).await
    }

    pub(crate) async fn product_links(&mut self, msp: MspId) -> Result<Vec<ProductLink>> {
        let sql = "SELECT product, item, unit, unit_size, unit_trusted, linked_by, who, at
            FROM product_link WHERE msp = $1 ORDER BY product";
        self.all(sql, args![msp], product_link).await
    }

    async fn put_account_link(
        &mut self,
        msp: MspId,
        account: AccountId,
        target: Option<AccountTarget>,
        hand: &Hand<'_>,
    ) -> Result<bool> {
        let sql = "SELECT account, company, linked_by, who, at FROM account_link WHERE msp = $1 AND account = $2";
        let before = self.one(sql, args![msp, account], account_link).await?;
        // A person who says what was matched makes the link a person's; a file that repeats it changes nothing.
        let confirmed = hand.confirms && before.as_ref().is_some_and(|link| link.by != hand.by);
        let before = before.map(|link| link.target);
        if before == target && !confirmed {
            return Ok(false);
        }
        self.run("DELETE FROM account_link WHERE msp = $1 AND account = $2", args![msp, account]).await?;
        if let Some(AccountTarget::Company(company)) = before.filter(|_| before != target && !hand.takes_back) {
            let sql = "INSERT INTO rejected_account (msp, account, company, at) VALUES ($1, $2, $3, $4)
                ON CONFLICT DO NOTHING";
            self.run(sql, args![msp, account, company, hand.at]).await?;
        }
        if let Some(target) = target {
            let company = match target {
                AccountTarget::Company(company) => Some(company),
                AccountTarget::Ignored => None,
            };
            let sql = "DELETE FROM rejected_account WHERE msp = $1 AND account = $2 AND company = $3";
            self.run(sql, args![msp, account, company]).await?;
            let sql = "INSERT INTO account_link (msp, account, company, linked_by, who, at)
                VALUES ($1, $2, $3, $4, $5, $6)";
            self.run(sql, args![msp, account, company, hand.by, hand.who, hand.at]).await?;
        }
        let entry = Entry::new("account.link", account, before.map(account_words), target.map(account_words));
        self.note(msp, hand.who, hand.at, entry).await?;
        Ok(true)
    }

    async fn put_product_link(&mut self, msp: MspId, asked: &ProductLinkAsked, hand: &Hand<'_>) -> Result<bool> {
        let ProductLinkAsked { product, target, unit, unit_trusted } = asked;
        let sql = "SELECT product, item, unit, unit_size, unit_trusted, linked_by, who, at
            FROM product_link WHERE msp = $1 AND product = $2";
        let before = self.one(sql, args![msp, *product], product_link).await?;
        let kept = before.as_ref().filter(|before| Some(before.target) == *target);
        let link = target.map(|target| {
            let unit = unit.clone().unwrap_or_else(|| kept.and_then(|before| before.unit.clone()));
            // Trust lasts until the link's unit changes.
            let still = kept.is_some_and(|before| before.unit_trusted && before.unit == unit);
            let unit_trusted = unit.is_some() && (*unit_trusted || still);
            ProductLink {
                product: *product,
                target,
                unit,
                unit_trusted,
                by: hand.by,
                who: hand.who.into(),
                at: hand.at,
            }
        });
        let (was, is) = (before.as_ref().map(product_words), link.as_ref().map(product_words));
        if was == is {
            return Ok(false);
        }
        self.run("DELETE FROM product_link WHERE msp = $1 AND product = $2", args![msp, *product]).await?;
        if let Some(ProductTarget::Item(item)) = before.map(|before| before.target)
            && *target != Some(ProductTarget::Item(item))
        {
            if !hand.takes_back {
                let sql = "INSERT INTO rejected_product (msp, product, item, at) VALUES ($1, $2, $3, $4)
                    ON CONFLICT DO NOTHING";
                self.run(sql, args![msp, *product, item, hand.at]).await?;
            }
            // A link that is made anew is a new link: somebody looks at it again.
            self.run("DELETE FROM live_rule WHERE msp = $1 AND product = $2", args![msp, *product]).await?;
        }
        if let Some(link) = link {
            let item = match link.target {
                ProductTarget::Item(item) => Some(item),
                ProductTarget::Ignored => None,
            };
            let sql = "DELETE FROM rejected_product WHERE msp = $1 AND product = $2 AND item = $3";
            self.run(sql, args![msp, *product, item]).await?;
            let (unit, size) = link.unit.map(|unit| (unit.unit.to_string(), unit.size)).unzip();
            let sql = "INSERT INTO product_link (msp, product, item, unit, unit_size, unit_trusted, linked_by, who, at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
            let values = args![msp, *product, item, unit, size, link.unit_trusted, hand.by, hand.who, hand.at];
            self.run(sql, values).await?;
        }
        self.note(msp, hand.who, hand.at, Entry::new("product.link", product, was, is)).await?;
        Ok(true)
    }
}

impl Store {
    /// Which company each account is billed to.
    pub async fn account_links(&self, msp: MspId) -> Result<Vec<AccountLink>> {
        self.db.read().await?.account_links(msp).await
    }

    /// Which item each product is billed as.
    pub async fn product_links(&self, msp: MspId) -> Result<Vec<ProductLink>> {
        self.db.read().await?.product_links(msp).await
    }

    /// Links an account, ignores it, or (`None`) takes its link away.
    pub async fn set_account_link(
        &self,
        msp: MspId,
        account: AccountId,
        target: Option<AccountTarget>,
        by: LinkedBy,
        who: &str,
        at: Timestamp,
    ) -> Result<()> {
        let mut tx = self.db.write_facts(msp).await?;
        tx.must_have_account(msp, account).await?;
        tx.put_account_link(
            msp,
            account,
            target,
            &Hand { confirms: by == LinkedBy::Person, takes_back: false, by, who, at },
        )
        .await?;
        tx.commit().await
    }

    /// Links a product, ignores it, or takes its link away.
    pub async fn set_product_link(
        &self,
        msp: MspId,
        asked: &ProductLinkAsked,
        by: LinkedBy,
        who: &str,
        at: Timestamp,
    ) -> Result<()> {
        let mut tx = self.db.write_facts(msp).await?;
        tx.must_have_product(msp, asked.product).await?;
        tx.put_product_link(msp, asked, &Hand { confirms: false, takes_back: false, by, who, at }).await?;
        tx.commit().await
    }

    /// Everything a links file asks for, or nothing: how many links changed. The units of `trusted`
    /// products count as confirmed again.
    pub async fn apply_links(
        &self,
        msp: MspId,
        asked: &[LinkAsked],
        trusted: &BTreeSet<ProductId>,
        who: &str,
        at: Timestamp,
    ) -> Result<usize> {
        let mut tx = self.db.write_facts(msp).await?;
        let changed = tx.apply_links(msp, asked, trusted, who, at).await?;
        tx.commit().await?;
        Ok(changed)
    }
}

impl Tx {
    /// What links are asked for: how many changed.
    pub(crate) async fn apply_links(
        &mut self,
        msp: MspId,
        asked: &[LinkAsked],
        trusted: &BTreeSet<ProductId>,
        who: &str,
        at: Timestamp,
    ) -> Result<usize> {
        let tx = self;
        let hand = Hand { confirms: false, takes_back: false, by: LinkedBy::Person, who, at };
        let mut changed = 0;
        for ask in asked {
            let product = |product: ProductId, target, unit: Option<ItemUnit>| {
                let unit_trusted = trusted.contains(&product) && unit.is_some();
                ProductLinkAsked { product, target, unit: unit.map(Some), unit_trusted }
            };
            let account = match ask {
                LinkAsked::Account(id, company) => (*id, Some(AccountTarget::Company(*company))),
                LinkAsked::UnlinkAccount(id) => (*id, None),
                LinkAsked::IgnoreAccount(id) => (*id, Some(AccountTarget::Ignored)),
                LinkAsked::Product(..) | LinkAsked::UnlinkProduct(_) | LinkAsked::IgnoreProduct(_) => {
                    let asked = match ask {
                        LinkAsked::Product(id, item, unit) => {
                            product(*id, Some(ProductTarget::Item(*item)), unit.clone())
                        }
                        LinkAsked::IgnoreProduct(id) => product(*id, Some(ProductTarget::Ignored), None),
                        LinkAsked::UnlinkProduct(id) => product(*id, None, None),
                        LinkAsked::Account(..) | LinkAsked::UnlinkAccount(_) | LinkAsked::IgnoreAccount(_) => continue,
                    };
                    tx.must_have_product(msp, asked.product).await?;
                    changed += usize::from(tx.put_product_link(msp, &asked, &hand).await?);
                    continue;
                }
            };
            tx.must_have_account(msp, account.0).await?;
            changed += usize::from(tx.put_account_link(msp, account.0, account.1, &hand).await?);
        }
        Ok(changed)
    }
}

impl Store {
    /// Links the unmistakable pairs by themselves: those of accounts that nobody linked or ignored,
    /// unless somebody took that pair apart before. Which were linked.
    pub async fn link_matches(
        &self,
        msp: MspId,
        matches: &[(AccountId, CompanyId)],
        at: Timestamp,
    ) -> Result<Vec<(AccountId, CompanyId)>> {
        let mut tx = self.db.write_facts(msp).await?;
        let decided: BTreeSet<AccountId> = tx.account_links(msp).await?.into_iter().map(|link| link.account).collect();
        let rejected: BTreeSet<_> = tx.rejected_accounts(msp).await?.into_iter().collect();
        let hand = Hand { confirms: false, takes_back: false, by: LinkedBy::Match, who: "hive", at };
        let mut linked = Vec::new();
        for (account, company) in matches.iter().copied() {
            if decided.contains(&account) || rejected.contains(&(account, company)) {
                continue;
            }
            tx.must_have_account(msp, account).await?;
            tx.put_account_link(msp, account, Some(AccountTarget::Company(company)), &hand).await?;
            linked.push((account, company));
        }
        tx.commit().await?;
        Ok(linked)
    }

    /// Pairs that a person took apart.
    pub async fn rejected_accounts(&self, msp: MspId) -> Result<Vec<(AccountId, CompanyId)>> {
        self.db.read().await?.rejected_accounts(msp).await
    }

    /// Pairs that a person took apart.
    pub async fn rejected_products(&self, msp: MspId) -> Result<Vec<(ProductId, ItemId)>> {
        let sql = "SELECT product, item FROM rejected_product WHERE msp = $1 ORDER BY product, item";
        self.db.read().await?.all(sql, args![msp], |row| Ok((row.take()?, row.take()?))).await
    }
}

impl Tx {
    async fn rejected_accounts(&mut self, msp: MspId) -> Result<Vec<(AccountId, CompanyId)>> {
        let sql = "SELECT account, company FROM rejected_account WHERE msp = $1 ORDER BY account, company";
        self.all(sql, args![msp], |row| Ok((row.take()?, row.take()?))).await
    }
}
