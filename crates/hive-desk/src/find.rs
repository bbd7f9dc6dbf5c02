//! Finding a record by what a person calls it: its exact name or its id.

use crate::{Desk, Refused};
use hive_core::usage::{Account, Product};
use hive_core::{AccountId, ProductId};
use hive_store::{Connection, Msp};

impl Desk {
    /// The MSP of an id or a unique name.
    pub async fn msp(&self, text: &str) -> Result<Msp, Refused> {
        if let Some(msp) = self.store.msp(text).await? {
            return Ok(msp);
        }
        let known: Vec<String> = self.store.msps().await?.iter().map(|msp| format!("\"{}\"", msp.name)).collect();
        let list = if known.is_empty() {
            "there is none yet: hive msp add NAME".to_owned()
        } else {
            format!("there is {}", known.join(", "))
        };
        Err(Refused::NotFound(format!("no MSP is called \"{text}\"; {list}")))
    }

    /// The account of a name or an id.
    pub async fn account(&self, msp: &Msp, text: &str) -> Result<Account, Refused> {
        let accounts = self.store.accounts(msp.id).await?;
        let named = accounts.iter().find(|account| account.name == text.trim());
        let found = named.or_else(|| accounts.iter().find(|account| account.id.to_string() == text));
        found.cloned().ok_or_else(|| {
            Refused::NotFound(format!(
                "{} has no account called \"{text}\"; accounts come with usage (hive import usage)",
                msp.name
            ))
        })
    }

    /// The product of a name or an id.
    pub async fn product(&self, msp: &Msp, text: &str) -> Result<Product, Refused> {
        let products = self.store.products(msp.id).await?;
        let named = products.iter().find(|product| product.name == text.trim());
        let found = named.or_else(|| products.iter().find(|product| product.id.to_string() == text));
        found.cloned().ok_or_else(|| {
            Refused::NotFound(format!(
                "{} has no product called \"{text}\"; products come with usage (hive import usage)",
                msp.name
            ))
        })
    }

    /// The connection of an MSP, or what to do first.
    pub async fn connection(&self, msp: &Msp) -> Result<Connection, Refused> {
        let found = self.store.connection(msp.id).await?;
        found.ok_or_else(|| {
            Refused::Stopped(format!(
                "{} is not connected to ConnectWise yet: hive connect \"{}\" --url … --company … --public-key … --private-key-file …",
                msp.name, msp.name
            ))
        })
    }

    /// The account of an id, of this MSP alone.
    pub(crate) async fn account_of(&self, msp: &Msp, id: AccountId) -> Result<Account, Refused> {
        let found = self.store.accounts(msp.id).await?.into_iter().find(|account| account.id == id);
        found.ok_or_else(|| Refused::NotFound(format!("{} has no account {id}", msp.name)))
    }

    /// The product of an id, of this MSP alone.
    pub(crate) async fn product_of(&self, msp: &Msp, id: ProductId) -> Result<Product, Refused> {
        let found = self.store.products(msp.id).await?.into_iter().find(|product| product.id == id);
        found.ok_or_else(|| Refused::NotFound(format!("{} has no product {id}", msp.name)))
    }
}
