//! The configuration as one document: everything that it changes, in one transaction.

use crate::Store;
use crate::audit::Entry;
use crate::error::Result;
use hive_core::import::LinkAsked;
use hive_core::settings::{At, Key};
use hive_core::{AccountId, AdditionId, MspId, ProductId, Timestamp};
use std::collections::BTreeSet;

/// One thing that a configuration changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigChange {
    /// A link of an account or a product.
    Link(LinkAsked),
    /// A setting; an empty text takes it back.
    Setting(Key, At, String),
    /// The chosen addition of a line; `None` takes the choice back.
    Pin(AccountId, ProductId, Option<AdditionId>),
}

impl Store {
    /// All of these or none. Each leaves its own row in the audit log, and the document one more with `words`.
    pub async fn apply_config(
        &self,
        msp: MspId,
        changes: &[ConfigChange],
        words: &str,
        who: &str,
        at: Timestamp,
    ) -> Result<()> {
        let mut tx = self.db.write_facts(msp).await?;
        for change in changes {
            match change {
                ConfigChange::Link(asked) => {
                    tx.apply_links(msp, std::slice::from_ref(asked), &BTreeSet::new(), who, at).await?;
                }
                ConfigChange::Setting(key, place, text) => {
                    tx.put_settings(msp, &[(*key, *place, text.clone())], who, at).await?;
                }
                ConfigChange::Pin(account, product, addition) => {
                    tx.put_pin(msp, (*account, *product), *addition, who, at).await?;
                }
            }
        }
        tx.note(msp, who, at, Entry::new("config.apply", "configuration", None, Some(words.to_owned()))).await?;
        tx.commit().await
    }
}
