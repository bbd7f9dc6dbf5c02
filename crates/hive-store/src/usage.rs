//! Accounts, products and their newest samples.

use crate::Store;
use crate::audit::Entry;
use crate::db::{Row, Take, Tx, args};
use crate::error::{Result, StoreError, refused, unreadable};
use crate::history::sample;
use crate::text::unseen;
use hive_core::unit::Unit;
use hive_core::usage::{Account, Product, Sample};
use hive_core::{AccountId, MspId, ProductId, Timestamp};

impl Take for Unit {
    fn take(row: &mut Row<'_>) -> Result<Option<Unit>> {
        let read = |text| Unit::parse(text).ok_or_else(|| unreadable("a unit", text));
        row.text()?.map(read).transpose()
    }
}

impl Tx {
    pub(crate) async fn accounts(&mut self, msp: MspId) -> Result<Vec<Account>> {
        let read = |row: &mut Row<'_>| Ok(Account { id: row.take()?, name: row.take()?, external_id: row.maybe()? });
        self.all("SELECT id, name, external_id FROM account WHERE msp = $1 ORDER BY id", args![msp], read).await
    }

    pub(crate) async fn products(&mut self, msp: MspId) -> Result<Vec<Product>> {
        let read = |row: &mut Row<'_>| {
            Ok(Product { id: row.take()?, name: row.take()?, external_id: row.maybe()?, unit: row.take()? })
        };
        self.all("SELECT id, name, external_id, unit FROM product WHERE msp = $1 ORDER BY id", args![msp], read).await
    }

    /// An id of another MSP is simply not found.
    pub(crate) async fn must_have_account(&mut self, msp: MspId, account: AccountId) -> Result<()> {
        let sql = "SELECT id FROM account WHERE msp = $1 AND id = $2";
        let found: Option<AccountId> = self.one(sql, args![msp, account], |row| row.take()).await?;
        found.map(|_| ()).ok_or_else(|| StoreError::NotFound(format!("there is no account {account}")))
    }

    /// An id of another MSP is simply not found.
    pub(crate) async fn must_have_product(&mut self, msp: MspId, product: ProductId) -> Result<()> {
        let sql = "SELECT id FROM product WHERE msp = $1 AND id = $2";
        let found: Option<ProductId> = self.one(sql, args![msp, product], |row| row.take()).await?;
        found.map(|_| ()).ok_or_else(|| StoreError::NotFound(format!("there is no product {product}")))
    }

    /// The newest sample of each (account, product, source) among those that had come by then.
    pub(crate) async fn newest_samples(&mut self, msp: MspId, through: i64) -> Result<Vec<Sample>> {
        let sql = "SELECT f.account, f.product, f.source, s.quantity, s.unit, s.measured_at, s.class
            FROM feed f JOIN sample s ON s.msp = f.msp AND s.account = f.account AND s.product = f.product
                AND s.source = f.source AND s.measured_at = (
                    SELECT t.measured_at FROM sample t
                    WHERE t.msp = f.msp AND t.account = f.account AND t.product = f.product
                        AND t.source = f.source AND t.seq <= $2
                    ORDER BY t.measured_at DESC LIMIT 1)
            WHERE f.msp = $1";
        let mut samples = self.all(sql, args![msp, through], sample).await?;
        samples.sort_by(|a, b| (a.account, a.product, &a.source).cmp(&(b.account, b.product, &b.source)));
        Ok(samples)
    }

    /// The sequence number of the last sample that came.
    pub(crate) async fn samples_through(&mut self, msp: MspId) -> Result<i64> {
        let sql = "SELECT value FROM counter WHERE msp = $1 AND name = 'sample'";
        Ok(self.one(sql, args![msp], |row| row.take()).await?.unwrap_or(0))
    }
}

impl Store {
    /// The MSP's customers, by id.
    pub async fn accounts(&self, msp: MspId) -> Result<Vec<Account>> {
        self.db.read().await?.accounts(msp).await
    }

    /// Adds an account that no file has named: the MSP's own, which may have a quota before any usage.
    pub async fn add_account(&self, msp: MspId, name: &str, who: &str, at: Timestamp) -> Result<AccountId> {
        let name = name.trim();
        if name.is_empty() {
            return Err(refused("an account needs a name"));
        }
        if let Some(why) = unseen(name) {
            return Err(refused(format!("the account's name {why}; give it one without")));
        }
        let mut tx = self.db.write_facts(msp).await?;
        if tx.accounts(msp).await?.iter().any(|account| account.name == name) {
            return Err(refused(format!("there is an account \"{name}\" already")));
        }
        let id = tx.next(msp, "account", 1).await?;
        let sql = "INSERT INTO account (msp, id, name, added_at) VALUES ($1, $2, $3, $4)";
        tx.run(sql, args![msp, id, name, at]).await?;
        tx.note(msp, who, at, Entry::new("account.add", id, None, Some(name.to_owned()))).await?;
        tx.commit().await?;
        Ok(AccountId(id))
    }

    /// What is metered and sold, by id.
    pub async fn products(&self, msp: MspId) -> Result<Vec<Product>> {
        self.db.read().await?.products(msp).await
    }
}
