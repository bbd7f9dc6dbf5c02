//! Settings and pins.

use crate::Store;
use crate::audit::Entry;
use crate::db::{Row, Tx, args};
use crate::error::{Result, refused, unreadable};
use hive_core::link::Pin;
use hive_core::settings::{At, Key, Settings};
use hive_core::{AccountId, AdditionId, MspId, ProductId, Timestamp};

impl Tx {
    /// What is set; a key that this Hive does not know is left alone.
    pub(crate) async fn settings(&mut self, msp: MspId) -> Result<Settings> {
        let sql = "SELECT name, product, account, value FROM setting WHERE msp = $1";
        let read = |row: &mut Row<'_>| {
            let name: String = row.take()?;
            let (product, account): (i64, i64) = (row.take()?, row.take()?);
            let product = Some(ProductId(product)).filter(|id| id.0 != 0);
            let account = Some(AccountId(account)).filter(|id| id.0 != 0);
            Ok((name, At { product, account }, row.take::<String>()?))
        };
        let mut settings = Settings::default();
        for (name, at, value) in self.all(sql, args![msp], read).await? {
            if let Ok(key) = Key::parse(&name) {
                settings.set(key, at, &value).map_err(|why| unreadable("a setting", why))?;
            }
        }
        Ok(settings)
    }

    pub(crate) async fn pins(&mut self, msp: MspId) -> Result<Vec<Pin>> {
        let sql = "SELECT account, product, addition FROM pin WHERE msp = $1 ORDER BY account, product";
        let read = |row: &mut Row<'_>| Ok(Pin { account: row.take()?, product: row.take()?, addition: row.take()? });
        self.all(sql, args![msp], read).await
    }
}

impl Store {
    /// Everything the MSP has set.
    pub async fn settings(&self, msp: MspId) -> Result<Settings> {
        self.db.read().await?.settings(msp).await
    }

    /// Sets all of these or none. An empty text takes a setting back.
    pub async fn set_settings(&self, msp: MspId, asked: &[(Key, At, String)], who: &str, at: Timestamp) -> Result<()> {
        let mut tx = self.db.write_facts(msp).await?;
        tx.put_settings(msp, asked, who, at).await?;
        tx.commit().await
    }

    /// Chooses the addition of a line; `None` takes the choice back.
    pub async fn set_pin(
        &self,
        msp: MspId,
        account: AccountId,
        product: ProductId,
        addition: Option<AdditionId>,
        who: &str,
        at: Timestamp,
    ) -> Result<()> {
        let mut tx = self.db.write_facts(msp).await?;
        tx.put_pin(msp, (account, product), addition, who, at).await?;
        tx.commit().await
    }
}

impl Tx {
    /// Sets all of these. An empty text takes a setting back.
    pub(crate) async fn put_settings(
        &mut self,
        msp: MspId,
        asked: &[(Key, At, String)],
        who: &str,
        at: Timestamp,
    ) -> Result<()> {
        let tx = self;
        let before = tx.settings(msp).await?;
        let mut after = before.clone();
        for (key, place, text) in asked {
            after.set(*key, *place, text).map_err(refused)?;
        }
        let set = |settings: &Settings, key: Key, place: At| {
            settings.entries().find(|(k, p, _)| (*k, *p) == (key, place)).map(|(_, _, text)| text.to_owned())
        };
        let mut entries = Vec::new();
        for (key, place, _) in asked {
            let (was, is) = (set(&before, *key, *place), set(&after, *key, *place));
            if let Some(product) = place.product {
                tx.must_have_product(msp, product).await?;
            }
            if let Some(account) = place.account {
                tx.must_have_account(msp, account).await?;
            }
            let (product, account) = (place.product.map_or(0, |id| id.0), place.account.map_or(0, |id| id.0));
            let sql = "DELETE FROM setting WHERE msp = $1 AND name = $2 AND product = $3 AND account = $4";
            tx.run(sql, args![msp, key.name(), product, account]).await?;
            if let Some(value) = &is {
                let sql = "INSERT INTO setting (msp, name, product, account, value, who, at)
                    VALUES ($1, $2, $3, $4, $5, $6, $7)";
                tx.run(sql, args![msp, key.name(), product, account, value, who, at]).await?;
            }
            if was != is {
                let place = place_words(*place);
                entries.push(Entry::new("setting.set", format!("{}{place}", key.name()), was, is));
            }
        }
        tx.note_all(msp, who, at, entries).await
    }

    /// Chooses the addition of a line; `None` takes the choice back.
    pub(crate) async fn put_pin(
        &mut self,
        msp: MspId,
        (account, product): (AccountId, ProductId),
        addition: Option<AdditionId>,
        who: &str,
        at: Timestamp,
    ) -> Result<()> {
        let tx = self;
        tx.must_have_account(msp, account).await?;
        tx.must_have_product(msp, product).await?;
        let sql = "DELETE FROM pin WHERE msp = $1 AND account = $2 AND product = $3 RETURNING addition";
        let before: Option<AdditionId> = tx.one(sql, args![msp, account, product], |row| row.take()).await?;
        if let Some(addition) = addition {
            let sql = "INSERT INTO pin (msp, account, product, addition, who, at) VALUES ($1, $2, $3, $4, $5, $6)";
            tx.run(sql, args![msp, account, product, addition, who, at]).await?;
        }
        let subject = format!("account {account} product {product}");
        let words = |addition: AdditionId| format!("addition {addition}");
        tx.note(msp, who, at, Entry::new("pin.set", subject, before.map(words), addition.map(words))).await
    }
}

fn place_words(place: At) -> String {
    let product = place.product.map_or(String::new(), |id| format!(" product {id}"));
    let account = place.account.map_or(String::new(), |id| format!(" account {id}"));
    format!("{product}{account}")
}
