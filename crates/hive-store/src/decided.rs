//! Exclusions and adjustments: what a person decided, kept with its reason until it is taken back.
//!
//! **Does not own:** what they do to a plan (core), whether one acts today (core).

use crate::Store;
use crate::audit::Entry;
use crate::db::{Row, Tx, args};
use crate::error::{Result, refused, unreadable};
use hive_core::plan::{Adjust, Adjustment, Exclusion};
use hive_core::{AccountId, MspId, ProductId, Quantity, Timestamp};

/// What an exclusion names: an account, a product or, with both, a line.
pub type Excluded = (Option<AccountId>, Option<ProductId>);

impl Tx {
    /// Every exclusion, ended ones too.
    pub(crate) async fn exclusions(&mut self, msp: MspId) -> Result<Vec<Exclusion>> {
        let sql = "SELECT account, product, reason, until, who, at FROM exclusion WHERE msp = $1
            ORDER BY account, product";
        self.all(sql, args![msp], exclusion).await
    }

    /// Every adjustment, ended ones too.
    pub(crate) async fn adjustments(&mut self, msp: MspId) -> Result<Vec<Adjustment>> {
        let sql = "SELECT account, product, kind, quantity, reason, until, who, at FROM adjustment WHERE msp = $1
            ORDER BY account, product";
        self.all(sql, args![msp], adjustment).await
    }
}

impl Store {
    /// Every exclusion, ended ones too, in the order of account and product.
    pub async fn exclusions(&self, msp: MspId) -> Result<Vec<Exclusion>> {
        self.db.read().await?.exclusions(msp).await
    }

    /// Every adjustment, ended ones too, in the order of account and product.
    pub async fn adjustments(&self, msp: MspId) -> Result<Vec<Adjustment>> {
        self.db.read().await?.adjustments(msp).await
    }

    /// Excludes an account, a product or a line, in the place of what was decided of the very same before.
    pub async fn exclude(&self, msp: MspId, asked: &Exclusion) -> Result<()> {
        let Exclusion { account, product, reason, until, who, at } = asked;
        must_have_reason(reason)?;
        let mut tx = self.db.write_facts(msp).await?;
        let before = tx.take_exclusion(msp, (*account, *product)).await?;
        let (account_key, product_key) = (account.map_or(0, |id| id.0), product.map_or(0, |id| id.0));
        let sql = "INSERT INTO exclusion (msp, account, product, reason, until, who, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        tx.run(sql, args![msp, account_key, product_key, reason, *until, who, *at]).await?;
        let entry = Entry::new(
            "exclusion.set",
            subject((*account, *product)),
            before.as_ref().map(exclusion_words),
            Some(exclusion_words(asked)),
        );
        tx.note(msp, who, *at, entry).await?;
        tx.commit().await
    }

    /// Takes an exclusion back; what it was.
    pub async fn include(&self, msp: MspId, what: Excluded, who: &str, at: Timestamp) -> Result<Option<Exclusion>> {
        let mut tx = self.db.write_facts(msp).await?;
        let before = tx.take_exclusion(msp, what).await?;
        if let Some(before) = &before {
            let entry = Entry::new("exclusion.set", subject(what), Some(exclusion_words(before)), None);
            tx.note(msp, who, at, entry).await?;
        }
        tx.commit().await?;
        Ok(before)
    }

    /// Adjusts a line, in the place of the adjustment before.
    pub async fn adjust(&self, msp: MspId, asked: &Adjustment) -> Result<()> {
        let Adjustment { account, product, adjust, reason, until, who, at } = asked;
        must_have_reason(reason)?;
        if adjust.quantity() < Quantity::ZERO {
            return Err(refused("an adjustment has a quantity that is not below 0; to take some off, it is a minus"));
        }
        let mut tx = self.db.write_facts(msp).await?;
        tx.must_have_account(msp, *account).await?;
        tx.must_have_product(msp, *product).await?;
        let before = tx.take_adjustment(msp, (*account, *product)).await?;
        let sql = "INSERT INTO adjustment (msp, account, product, kind, quantity, reason, until, who, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let (kind, quantity) = (adjust.name(), adjust.quantity());
        tx.run(sql, args![msp, *account, *product, kind, quantity, reason, *until, who, *at]).await?;
        let what = subject((Some(*account), Some(*product)));
        let (before, after) = (before.as_ref().map(adjustment_words), Some(adjustment_words(asked)));
        tx.note(msp, who, *at, Entry::new("adjustment.set", what, before, after)).await?;
        tx.commit().await
    }

    /// Takes an adjustment back; what it was.
    pub async fn adjust_none(
        &self,
        msp: MspId,
        account: AccountId,
        product: ProductId,
        who: &str,
        at: Timestamp,
    ) -> Result<Option<Adjustment>> {
        let mut tx = self.db.write_facts(msp).await?;
        let before = tx.take_adjustment(msp, (account, product)).await?;
        if let Some(before) = &before {
            let what = subject((Some(account), Some(product)));
            tx.note(msp, who, at, Entry::new("adjustment.set", what, Some(adjustment_words(before)), None)).await?;
        }
        tx.commit().await?;
        Ok(before)
    }
}

impl Tx {
    async fn take_exclusion(&mut self, msp: MspId, (account, product): Excluded) -> Result<Option<Exclusion>> {
        if let Some(account) = account {
            self.must_have_account(msp, account).await?;
        }
        if let Some(product) = product {
            self.must_have_product(msp, product).await?;
        }
        if account.is_none() && product.is_none() {
            return Err(refused("an exclusion names an account, a product or both"));
        }
        let sql = "DELETE FROM exclusion WHERE msp = $1 AND account = $2 AND product = $3
            RETURNING account, product, reason, until, who, at";
        let keys = args![msp, account.map_or(0, |id| id.0), product.map_or(0, |id| id.0)];
        self.one(sql, keys, exclusion).await
    }

    async fn take_adjustment(
        &mut self,
        msp: MspId,
        (account, product): (AccountId, ProductId),
    ) -> Result<Option<Adjustment>> {
        let sql = "DELETE FROM adjustment WHERE msp = $1 AND account = $2 AND product = $3
            RETURNING account, product, kind, quantity, reason, until, who, at";
        self.one(sql, args![msp, account, product], adjustment).await
    }
}

fn must_have_reason(reason: &str) -> Result<()> {
    if reason.trim().is_empty() {
        return Err(refused("a reason is needed: whoever finds it later must know why"));
    }
    Ok(())
}

fn exclusion(row: &mut Row<'_>) -> Result<Exclusion> {
    let (account, product): (AccountId, ProductId) = (row.take()?, row.take()?);
    Ok(Exclusion {
        account: Some(account).filter(|id| id.0 != 0),
        product: Some(product).filter(|id| id.0 != 0),
        reason: row.take()?,
        until: row.maybe()?,
        who: row.take()?,
        at: row.take()?,
    })
}

fn adjustment(row: &mut Row<'_>) -> Result<Adjustment> {
    let (account, product) = (row.take()?, row.take()?);
    let kind: String = row.take()?;
    let adjust = Adjust::of(&kind, row.take()?).ok_or_else(|| unreadable("an adjustment", &kind))?;
    Ok(Adjustment {
        account,
        product,
        adjust,
        reason: row.take()?,
        until: row.maybe()?,
        who: row.take()?,
        at: row.take()?,
    })
}

fn subject((account, product): Excluded) -> String {
    let account = account.map(|id| format!("account {id}"));
    let product = product.map(|id| format!("product {id}"));
    account.into_iter().chain(product).collect::<Vec<_>>().join(" ")
}

fn exclusion_words(exclusion: &Exclusion) -> String {
    let until = exclusion.until.map_or(String::new(), |until| format!(" through {until}"));
    format!("excluded{until}: {}", exclusion.reason)
}

fn adjustment_words(adjustment: &Adjustment) -> String {
    let until = adjustment.until.map_or(String::new(), |until| format!(" through {until}"));
    format!("{}{until}: {}", adjustment.adjust, adjustment.reason)
}
