//! Tenants.

use crate::Store;
use crate::db::{Row, Tx, args};
use crate::error::{Result, refused};
use crate::text::unseen;
use hive_core::{MspId, Timestamp};

/// A tenant of Hive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Msp {
    pub id: MspId,
    pub name: String,
}

impl Msp {
    pub(crate) fn from_row(row: &mut Row<'_>) -> Result<Msp> {
        Ok(Msp { id: row.take()?, name: row.take()? })
    }
}

/// A name as an MSP may have it.
pub(crate) fn seen_name(name: &str) -> Result<&str> {
    let name = name.trim();
    if name.is_empty() {
        return Err(refused("an MSP needs a name"));
    }
    if name.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refused(format!("\"{name}\" would read as an id; give the MSP a name with a letter in it")));
    }
    if let Some(why) = unseen(name) {
        return Err(refused(format!("the MSP's name {why}; give it one without")));
    }
    Ok(name)
}

impl Tx {
    /// Adds an MSP with a name that [`seen_name`] let pass.
    pub(crate) async fn put_msp(&mut self, name: &str, at: Timestamp) -> Result<Msp> {
        let sql = "INSERT INTO msp (name, added_at, version) VALUES ($1, $2, 0)
            ON CONFLICT (name) DO NOTHING RETURNING id, name";
        let added = self.one(sql, args![name, at], Msp::from_row).await?;
        added.ok_or_else(|| refused(format!("there is an MSP \"{name}\" already")))
    }
}

impl Store {
    /// Adds an MSP. Its name is trimmed, unique, no number (numbers are ids) and can be seen whole.
    pub async fn add_msp(&self, name: &str, at: Timestamp) -> Result<Msp> {
        let name = seen_name(name)?;
        let mut tx = self.db.write_any().await?;
        let added = tx.put_msp(name, at).await?;
        tx.commit().await?;
        Ok(added)
    }

    /// Every MSP, in the order they were added: for the operator and the run loop alone.
    pub async fn msps(&self) -> Result<Vec<Msp>> {
        self.db.read().await?.all("SELECT id, name FROM msp ORDER BY id", args![], Msp::from_row).await
    }

    /// Finds an MSP by its id or its name.
    pub async fn msp(&self, asked: &str) -> Result<Option<Msp>> {
        let asked = asked.trim();
        let mut tx = self.db.read().await?;
        if let Ok(id) = asked.parse::<i64>() {
            return tx.one("SELECT id, name FROM msp WHERE id = $1", args![id], Msp::from_row).await;
        }
        tx.one("SELECT id, name FROM msp WHERE name = $1", args![asked], Msp::from_row).await
    }
}
