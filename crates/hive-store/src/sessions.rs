//! Signing in: one-time links, sessions, and how often somebody failed.
//!
//! **Owns:** that a link is taken once, that a session ends, that failures are counted over a window.
//! **Does not own:** tokens and cookies (only their SHA-256 comes here), when a link or a session
//! expires, what is refused after how many failures.
//! **Limits on purpose:** of the installation, not of one MSP, like the people they belong to.

use crate::Store;
use crate::db::{Row, args};
use crate::error::{Result, refused};
use crate::people::{User, UserId};
use hive_core::Timestamp;
use jiff::SignedDuration;

/// Failures are counted over this long.
pub const THROTTLE_MINUTES: i64 = 15;
/// Answers to repeated requests are kept this long: a client that repeats later asks anew.
pub const REMEMBERED_HOURS: i64 = 48;
/// Characters kept of what a browser calls itself: enough to know it by in a list.
const AGENT_CHARS_MAX: usize = 200;
/// Characters of a key that failures are counted under: what a stranger types is no longer than an
/// index can hold.
const THROTTLE_KEY_CHARS_MAX: usize = 300;
/// What a link may be for.
const PURPOSES: [&str; 3] = ["setup", "login", "password"];

/// What a one-time link is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginLink {
    /// `None`: it sets the installation up.
    pub user: Option<UserId>,
    /// setup, login or password.
    pub purpose: String,
}

fn login_link(row: &mut Row<'_>) -> Result<LoginLink> {
    Ok(LoginLink { user: row.maybe()?, purpose: row.take()? })
}

fn before(at: Timestamp, ago: SignedDuration) -> Timestamp {
    at.checked_sub(ago).unwrap_or(Timestamp::MIN)
}

fn throttle_key(key: &str) -> String {
    key.chars().take(THROTTLE_KEY_CHARS_MAX).collect()
}

fn throttle_from(at: Timestamp) -> Timestamp {
    before(at, SignedDuration::from_mins(THROTTLE_MINUTES))
}

impl Store {
    /// Remembers a link by the SHA-256 (hex) of its token.
    pub async fn add_link(
        &self,
        hash: &str,
        user: Option<UserId>,
        purpose: &str,
        at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<()> {
        if !PURPOSES.contains(&purpose) {
            return Err(refused(format!("a link is for setup, login or password, not for \"{purpose}\"")));
        }
        let mut tx = self.db.write_any().await?;
        if let Some(user) = user {
            tx.must_have_user(user).await?;
        }
        let sql = "INSERT INTO login_link (hash, person, purpose, made_at, expires_at) VALUES ($1, $2, $3, $4, $5)";
        tx.run(sql, args![hash, user, purpose, at, expires_at]).await?;
        tx.commit().await
    }

    /// What a link is for, without taking it; `None` where it was taken, has expired or never was.
    pub async fn link(&self, hash: &str, at: Timestamp) -> Result<Option<LoginLink>> {
        let sql = "SELECT person, purpose FROM login_link WHERE hash = $1 AND expires_at > $2";
        self.db.read().await?.one(sql, args![hash, at], login_link).await
    }

    /// Takes a link: whoever comes second gets `None`.
    pub async fn take_link(&self, hash: &str, at: Timestamp) -> Result<Option<LoginLink>> {
        let mut tx = self.db.write_any().await?;
        let sql = "DELETE FROM login_link WHERE hash = $1 AND expires_at > $2 RETURNING person, purpose";
        let taken = tx.one(sql, args![hash, at], login_link).await?;
        tx.commit().await?;
        Ok(taken)
    }

    /// Begins a session, known by the SHA-256 (hex) of its cookie's token.
    pub async fn begin_session(
        &self,
        hash: &str,
        user: UserId,
        at: Timestamp,
        expires_at: Timestamp,
        agent: &str,
    ) -> Result<()> {
        let agent: String = agent.chars().filter(|c| !c.is_control()).take(AGENT_CHARS_MAX).collect();
        let mut tx = self.db.write_any().await?;
        tx.must_have_user(user).await?;
        let sql = "INSERT INTO session (hash, person, begun_at, seen_at, expires_at, agent)
            VALUES ($1, $2, $3, $3, $4, $5)";
        tx.run(sql, args![hash, user, at, expires_at, agent]).await?;
        tx.commit().await
    }

    /// Whose session this is, with their roles as they are now; `None` once it ended.
    pub async fn session(&self, hash: &str, at: Timestamp) -> Result<Option<User>> {
        let mut tx = self.db.read().await?;
        let sql = "SELECT person FROM session WHERE hash = $1 AND expires_at > $2";
        let user: Option<UserId> = tx.one(sql, args![hash, at], |row| row.take()).await?;
        match user {
            Some(user) => tx.user(user).await,
            None => Ok(None),
        }
    }

    /// The session was used and lasts until `expires_at`. One that ended stays ended.
    pub async fn touch_session(&self, hash: &str, at: Timestamp, expires_at: Timestamp) -> Result<()> {
        let mut tx = self.db.write_any().await?;
        let sql = "UPDATE session SET seen_at = $2, expires_at = $3 WHERE hash = $1 AND expires_at > $2";
        tx.run(sql, args![hash, at, expires_at]).await?;
        tx.commit().await
    }

    /// Ends one session.
    pub async fn end_session(&self, hash: &str) -> Result<()> {
        let mut tx = self.db.write_any().await?;
        tx.run("DELETE FROM session WHERE hash = $1", args![hash]).await?;
        tx.commit().await
    }

    /// Ends every session of a user.
    pub async fn end_sessions(&self, user: UserId) -> Result<()> {
        let mut tx = self.db.write_any().await?;
        tx.run("DELETE FROM session WHERE person = $1", args![user]).await?;
        tx.commit().await
    }

    /// Somebody failed to sign in under this key; how often in the last [`THROTTLE_MINUTES`], this
    /// time among them.
    pub async fn login_failed(&self, key: &str, at: Timestamp) -> Result<i64> {
        let mut tx = self.db.write_any().await?;
        let sql = "DELETE FROM login_failure WHERE name = $1 AND at <= $2";
        tx.run(sql, args![throttle_key(key), throttle_from(at)]).await?;
        let sql = "INSERT INTO login_failure (name, at, times) VALUES ($1, $2, 1)
            ON CONFLICT (name, at) DO UPDATE SET times = login_failure.times + 1";
        tx.run(sql, args![throttle_key(key), at]).await?;
        let failures = tx.one(FAILURES, args![throttle_key(key), throttle_from(at)], |row| row.take()).await?;
        tx.commit().await?;
        Ok(failures.unwrap_or(0))
    }

    /// How often somebody failed under this key in the last [`THROTTLE_MINUTES`].
    pub async fn login_failures(&self, key: &str, at: Timestamp) -> Result<i64> {
        let failures =
            self.db.read().await?.one(FAILURES, args![throttle_key(key), throttle_from(at)], |row| row.take()).await?;
        Ok(failures.unwrap_or(0))
    }

    /// Somebody signed in under this key: what failed before no longer counts.
    pub async fn login_succeeded(&self, key: &str) -> Result<()> {
        let mut tx = self.db.write_any().await?;
        tx.run("DELETE FROM login_failure WHERE name = $1", args![throttle_key(key)]).await?;
        tx.commit().await
    }

    /// One attempt that was counted at this moment under this key was none that failed.
    pub async fn login_not_failed(&self, key: &str, at: Timestamp) -> Result<()> {
        let mut tx = self.db.write_any().await?;
        let sql = "UPDATE login_failure SET times = times - 1 WHERE name = $1 AND at = $2 AND times > 0";
        tx.run(sql, args![throttle_key(key), at]).await?;
        tx.commit().await
    }

    /// Takes out what has expired: sessions, links, failures, and answers older than
    /// [`REMEMBERED_HOURS`] of every MSP. How many rows went.
    pub async fn sweep(&self, at: Timestamp) -> Result<u64> {
        let mut tx = self.db.write_any().await?;
        let mut gone = 0;
        for sql in ["DELETE FROM session WHERE expires_at <= $1", "DELETE FROM login_link WHERE expires_at <= $1"] {
            gone += tx.run(sql, args![at]).await?;
        }
        gone += tx.run("DELETE FROM login_failure WHERE at <= $1", args![throttle_from(at)]).await?;
        let remembered = before(at, SignedDuration::from_hours(REMEMBERED_HOURS));
        gone += tx.run("DELETE FROM remembered WHERE at <= $1", args![remembered]).await?;
        tx.commit().await?;
        Ok(gone)
    }
}

/// PostgreSQL's sum of a BIGINT is no BIGINT.
const FAILURES: &str = "SELECT CAST(coalesce(sum(times), 0) AS BIGINT) FROM login_failure WHERE name = $1 AND at > $2";
