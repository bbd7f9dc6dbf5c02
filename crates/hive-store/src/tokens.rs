//! API tokens, and what a repeated request was answered.
//!
//! **Owns:** that a token is one MSP's, that a revoked one opens nothing, that an answer is
//! remembered once. Only the SHA-256 of a token is ever kept.
//! **Does not own:** what a right lets through, how long ago a request may be repeated.

use crate::Store;
use crate::audit::Entry;
use crate::db::{Row, Tx, args};
use crate::error::{Result, StoreError, refused};
use crate::text::unseen;
use hive_core::{MspId, Timestamp};
use jiff::SignedDuration;

/// Use is noted at most this often: a token that posts every second need not write every second.
const USE_NOTED_SECONDS: i64 = 60;
/// A token's name is for a list.
const NAME_CHARS_MAX: usize = 100;
/// What a token may be for.
const RIGHTS: [&str; 3] = ["usage", "read", "all"];
/// Characters of an Idempotency-Key. A UUID has 36.
const KEY_CHARS_MAX: usize = 200;

/// A key to the API of one MSP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub id: i64,
    pub name: String,
    /// usage (may post usage), read or all.
    pub rights: String,
    pub made_by: String,
    pub made_at: Timestamp,
    pub used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// What a request was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// Another request under the same key is told by it.
    pub request_hash: String,
    pub status: i64,
    pub body: String,
}

fn token(row: &mut Row<'_>) -> Result<Token> {
    Ok(Token {
        id: row.take()?,
        name: row.take()?,
        rights: row.take()?,
        made_by: row.take()?,
        made_at: row.take()?,
        used_at: row.maybe()?,
        revoked_at: row.maybe()?,
    })
}

impl Store {
    /// Makes a token, known by the SHA-256 (hex) of it: its number.
    pub async fn make_token(
        &self,
        msp: MspId,
        name: &str,
        hash: &str,
        rights: &str,
        who: &str,
        at: Timestamp,
    ) -> Result<i64> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
            return Err(refused(format!("a token needs a name of 1 to {NAME_CHARS_MAX} characters")));
        }
        if let Some(why) = unseen(name) {
            return Err(refused(format!("the token's name {why}; give it one without")));
        }
        if !RIGHTS.contains(&rights) {
            return Err(refused(format!("a token's rights are usage, read or all, not \"{rights}\"")));
        }
        let mut tx = self.db.write(msp).await?;
        let id = tx.next(msp, "token", 1).await?;
        let sql = "INSERT INTO token (msp, id, name, hash, rights, made_by, made_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        tx.run(sql, args![msp, id, name, hash, rights, who, at]).await?;
        let subject = format!("{id} {name}");
        tx.note(msp, who, at, Entry::new("token.make", subject, None, Some(rights.to_owned()))).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The MSP's tokens, the newest first, revoked ones too.
    pub async fn tokens(&self, msp: MspId) -> Result<Vec<Token>> {
        let sql = "SELECT id, name, rights, made_by, made_at, used_at, revoked_at FROM token
            WHERE msp = $1 ORDER BY id DESC";
        self.db.read().await?.all(sql, args![msp], token).await
    }

    /// From now on the token opens nothing. Revoking it twice changes nothing.
    pub async fn revoke_token(&self, msp: MspId, id: i64, who: &str, at: Timestamp) -> Result<()> {
        let mut tx = self.db.write(msp).await?;
        let sql = "SELECT id, name, rights, made_by, made_at, used_at, revoked_at FROM token
            WHERE msp = $1 AND id = $2";
        let found = tx.one(sql, args![msp, id], token).await?;
        let found = found.ok_or_else(|| StoreError::NotFound(format!("there is no token {id}")))?;
        if found.revoked_at.is_some() {
            return Ok(());
        }
        let sql = "UPDATE token SET revoked_by = $3, revoked_at = $4 WHERE msp = $1 AND id = $2";
        tx.run(sql, args![msp, id, who, at]).await?;
        let subject = format!("{id} {}", found.name);
        tx.note(msp, who, at, Entry::new("token.revoke", subject, Some(found.rights), None)).await?;
        tx.commit().await
    }

    /// Whose token this is. It says which MSP, so it asks for none: a hash is one token's.
    pub async fn token(&self, hash: &str, at: Timestamp) -> Result<Option<(MspId, Token)>> {
        let sql = "SELECT msp, id, name, rights, made_by, made_at, used_at, revoked_at FROM token
            WHERE hash = $1 AND revoked_at IS NULL";
        let read = |row: &mut Row<'_>| Ok((row.take()?, token(row)?));
        let found: Option<(MspId, Token)> = self.db.read().await?.one(sql, args![hash], read).await?;
        let Some((msp, token)) = found else { return Ok(None) };
        let noted_until =
            token.used_at.and_then(|used| used.checked_add(SignedDuration::from_secs(USE_NOTED_SECONDS)).ok());
        if noted_until.is_none_or(|until| until <= at)
            && let Err(error) = self.note_use(msp, token.id, at).await
        {
            // A request is not refused because its use could not be noted.
            tracing::warn!(%error, %msp, token = token.id, "the use of a token could not be noted");
        }
        Ok(Some((msp, token)))
    }

    /// Changes nothing that a page shows by itself, so the MSP's own row stays untouched.
    async fn note_use(&self, msp: MspId, id: i64, at: Timestamp) -> Result<()> {
        let mut tx = self.db.write_any().await?;
        tx.run("UPDATE token SET used_at = $3 WHERE msp = $1 AND id = $2", args![msp, id, at]).await?;
        tx.commit().await
    }

    /// What a request of this token under this key was answered before.
    pub async fn idempotent(&self, msp: MspId, token: i64, key: &str) -> Result<Option<Remembered>> {
        self.db.read().await?.remembered(msp, token, key).await
    }

    /// Remembers an answer. Where two requests came at once, the first answer stands.
    pub async fn remember(&self, msp: MspId, token: i64, key: &str, answer: &Remembered, at: Timestamp) -> Result<()> {
        let mut tx = self.db.write(msp).await?;
        tx.remember(msp, token, key, answer, at).await?;
        tx.commit().await
    }
}

impl Tx {
    pub(crate) async fn remembered(&mut self, msp: MspId, token: i64, key: &str) -> Result<Option<Remembered>> {
        let sql = "SELECT request_hash, status, body FROM remembered WHERE msp = $1 AND token = $2 AND name = $3";
        let read =
            |row: &mut Row<'_>| Ok(Remembered { request_hash: row.take()?, status: row.take()?, body: row.take()? });
        self.one(sql, args![msp, token, key], read).await
    }

    pub(crate) async fn remember(
        &mut self,
        msp: MspId,
        token: i64,
        key: &str,
        answer: &Remembered,
        at: Timestamp,
    ) -> Result<()> {
        if key.is_empty() || key.chars().count() > KEY_CHARS_MAX {
            return Err(refused(format!("an Idempotency-Key has 1 to {KEY_CHARS_MAX} characters")));
        }
        let Remembered { request_hash, status, body } = answer;
        let sql = "INSERT INTO remembered (msp, token, name, request_hash, status, body, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (msp, token, name) DO NOTHING";
        self.run(sql, args![msp, token, key, request_hash, *status, body, at]).await?;
        Ok(())
    }
}
