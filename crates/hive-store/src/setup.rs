//! Setting an installation up: its first admin and its first MSP, by a link that is good while nobody is there.
//!
//! **Owns:** that this happens once, whole or not at all.
//! **Does not own:** the token (only its SHA-256 comes here), how a password is hashed.

use crate::Store;
use crate::db::{Row, Tx, args};
use crate::error::Result;
use crate::msp::{Msp, seen_name};
use crate::people::{Role, UserId, address};
use hive_core::Timestamp;

/// What the first minute asks for.
#[derive(Clone, Copy, Debug)]
pub struct FirstAdmin<'a> {
    pub email: &'a str,
    /// The password's hash, a PHC string.
    pub phc: &'a str,
    /// The MSP's name; not looked at where there is an MSP already.
    pub msp: &'a str,
}

impl Tx {
    async fn nobody_is_there(&mut self) -> Result<bool> {
        let people: Option<i64> = self.one("SELECT count(*) FROM person", args![], |row| row.take()).await?;
        Ok(people == Some(0))
    }
}

impl Store {
    /// The one link that sets the installation up: those before it are dead. False, and no link, where
    /// somebody is there already.
    pub async fn add_setup_link(&self, hash: &str, at: Timestamp, expires_at: Timestamp) -> Result<bool> {
        let mut tx = self.db.write_any().await?;
        tx.run("DELETE FROM login_link WHERE purpose = 'setup'", args![]).await?;
        let open = tx.nobody_is_there().await?;
        if open {
            let sql = "INSERT INTO login_link (hash, person, purpose, made_at, expires_at)
                VALUES ($1, NULL, 'setup', $2, $3)";
            tx.run(sql, args![hash, at, expires_at]).await?;
        }
        tx.commit().await?;
        Ok(open)
    }

    /// Whether this link sets up now.
    pub async fn setup_is_open(&self, hash: &str, at: Timestamp) -> Result<bool> {
        let mut tx = self.db.read().await?;
        let sql = "SELECT count(*) FROM login_link WHERE hash = $1 AND purpose = 'setup' AND expires_at > $2";
        let links: Option<i64> = tx.one(sql, args![hash, at], |row| row.take()).await?;
        Ok(links.is_some_and(|links| links > 0) && tx.nobody_is_there().await?)
    }

    /// Sets up, all of it or nothing: takes every setup link, adds the MSP where there is none, and an admin of
    /// every MSP with a password. The MSP is the new one's; `None` where the link is not open any more.
    pub async fn set_up(
        &self,
        hash: &str,
        first: FirstAdmin<'_>,
        who: &str,
        at: Timestamp,
    ) -> Result<Option<(UserId, Option<Msp>)>> {
        let email = address(first.email)?;
        let mut tx = self.db.write_any().await?;
        // Every setup link is taken, whichever was used: so two that set up at once wait for each other here.
        let sql = "DELETE FROM login_link WHERE purpose = 'setup' RETURNING hash, expires_at";
        let read = |row: &mut Row<'_>| Ok((row.take()?, row.take()?));
        let taken: Vec<(String, Timestamp)> = tx.all(sql, args![], read).await?;
        let is_open = taken.iter().any(|(known, expires_at)| known == hash && *expires_at > at);
        if !is_open || !tx.nobody_is_there().await? {
            return Ok(None);
        }
        let msps: Option<i64> = tx.one("SELECT count(*) FROM msp", args![], |row| row.take()).await?;
        let msp = if msps == Some(0) { Some(tx.put_msp(seen_name(first.msp)?, at).await?) } else { None };
        let user = tx.put_person(&email, None, None, who, at).await?;
        tx.put_role(&user, None, Some(Role::Admin), who, at).await?;
        let user = tx.must_have_user(user.id).await?;
        tx.put_password(&user, first.phc, who, at).await?;
        tx.commit().await?;
        Ok(Some((user.id, msp)))
    }
}
