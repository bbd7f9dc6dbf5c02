//! The door: whether passwords may be asked for here, and how many are checked at once.
//!
//! **Owns:** the throttle's numbers, hashing off the async threads.

use crate::Web;
use axum::http::HeaderMap;
use hive_core::Timestamp;
use hive_store::{Store, User};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, OnceLock, PoisonError};
use tokio::sync::Semaphore;
use url::{Host, Url};

/// Failures of one account, and of one address, in 15 minutes: enough for a person, too few to guess.
const ACCOUNT_FAILURES_MAX: i64 = 5;
const ADDRESS_FAILURES_MAX: i64 = 20;
/// Argon2id takes 19 MiB and a core for each: a flood of logins must not take the machine.
const CHECKS_AT_ONCE: usize = 2;
/// A session is written at most this often: a page has not to write to be read.
const TOUCH_SECONDS: i64 = 300;
/// Sessions remembered as touched; beyond it all are forgotten, which costs one write each.
const TOUCHED_MAX: usize = 10_000;

/// One server's door.
pub(crate) struct Gate {
    /// Cookies travel over https alone.
    pub(crate) secure: bool,
    /// Why nobody logs in here.
    closed: Option<String>,
    checks: Semaphore,
    nobody: OnceLock<String>,
    touched: Mutex<BTreeMap<String, Timestamp>>,
}

impl Gate {
    pub(crate) fn new(public_url: &Url) -> Gate {
        let secure = public_url.scheme() == "https";
        let closed = (!secure && !is_loopback(public_url)).then(|| {
            format!(
                "Nobody can log in at {public_url}: a password would travel readable by everyone on the way. \
                 Put a proxy with https in front of Hive and set HIVE_PUBLIC_URL to its address (https://…)."
            )
        });
        Gate {
            secure,
            closed,
            checks: Semaphore::new(CHECKS_AT_ONCE),
            nobody: OnceLock::new(),
            touched: Mutex::default(),
        }
    }

    /// Words, where no password may be asked for.
    pub(crate) fn closed(&self) -> Option<&str> {
        self.closed.as_deref()
    }

    /// Whether a session's use is to be written now.
    pub(crate) fn touches(&self, hash: &str, at: Timestamp) -> bool {
        let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        let last = touched.get(hash);
        if last.is_some_and(|last| at.duration_since(*last).as_secs() < TOUCH_SECONDS) {
            return false;
        }
        if touched.len() >= TOUCHED_MAX {
            touched.clear();
        }
        touched.insert(hash.to_owned(), at);
        true
    }

    /// The hash to store of a new password.
    pub(crate) async fn hash(&self, password: String) -> Option<String> {
        let _one = self.checks.acquire().await.ok()?;
        tokio::task::spawn_blocking(move || password_auth::generate_hash(password)).await.ok()
    }

    /// Who this is, or the words of the refusal. Unknown addresses take as long as wrong passwords.
    pub(crate) async fn check(
        &self,
        web: &Web,
        email: &str,
        password: String,
        address: Option<IpAddr>,
    ) -> hive_store::Result<Result<User, String>> {
        let (store, now) = (&web.desk.store, web.engine.now());
        let account = format!("account:{}", email.trim().to_lowercase());
        let address = address.map(|address| format!("address:{address}"));
        if store.login_failures(&account, now).await? >= ACCOUNT_FAILURES_MAX
            || failures(store, address.as_deref(), now).await? >= ADDRESS_FAILURES_MAX
        {
            return Ok(Err(too_often()));
        }
        // Counted before it is checked, so that many at once are not each the first.
        if store.login_failed(&account, now).await? > ACCOUNT_FAILURES_MAX {
            return Ok(Err(too_often()));
        }
        if let Some(address) = &address
            && store.login_failed(address, now).await? > ADDRESS_FAILURES_MAX
        {
            return Ok(Err(too_often()));
        }
        let user = store.user_by_email(email).await?;
        let stored = match &user {
            Some(user) => store.password(user.id).await?,
            None => None,
        };
        let known = stored.is_some();
        let right = self.is_right(password, stored).await;
        if let Some(user) = user.filter(|_| known && right) {
            store.login_succeeded(&account).await?;
            if let Some(address) = &address {
                store.login_not_failed(address, now).await?;
            }
            return Ok(Ok(user));
        }
        Ok(Err("This e-mail address and this password do not belong together.".to_owned()))
    }

    /// Checks a password against a stored hash; without one against a hash of nothing, for as long.
    pub(crate) async fn is_right(&self, password: String, stored: Option<String>) -> bool {
        let Ok(_one) = self.checks.acquire().await else { return false };
        let known = stored.is_some();
        let nobody = stored.is_none().then(|| self.nobody.get().cloned()).flatten();
        let checked = tokio::task::spawn_blocking(move || {
            let made = nobody.is_none() && stored.is_none();
            let phc = stored.or(nobody).unwrap_or_else(|| password_auth::generate_hash("nobody"));
            let right = !made && password_auth::verify_password(password, &phc).is_ok();
            (right, phc)
        });
        let Ok((right, phc)) = checked.await else { return false };
        if !known {
            let _ = self.nobody.set(phc);
        }
        right && known
    }
}

async fn failures(store: &Store, key: Option<&str>, at: Timestamp) -> hive_store::Result<i64> {
    match key {
        Some(key) => store.login_failures(key, at).await,
        None => Ok(0),
    }
}

fn too_often() -> String {
    let minutes = hive_store::THROTTLE_MINUTES;
    format!("Too many logins failed here. Wait {minutes} minutes and try again, or ask an admin for a one-time link.")
}

/// Whether only this machine reaches it.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whose address a login comes from: the peer's, or what a proxy on this machine says it is.
pub(crate) fn address(peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
    // The proxy's own word is the last value of the last line: what stands before is whatever was sent to it.
    let lines = || headers.get_all("x-forwarded-for").iter();
    let said = || lines().next_back()?.to_str().ok()?.rsplit(',').next()?.trim().parse().ok();
    if peer?.is_loopback() { said().or(peer) } else { peer }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_need_https_or_loopback() {
        let closed = |url: &str| Gate::new(&url.parse().unwrap()).closed().is_some();
        for open in ["http://127.0.0.1:7400", "http://localhost:7400", "http://[::1]:7400", "https://hive.example"] {
            assert!(!closed(open), "{open}");
        }
        for shut in ["http://hive.example", "http://10.0.0.5:7400", "http://localhost.example"] {
            assert!(closed(shut), "{shut}");
        }
    }

    #[test]
    fn only_a_proxy_on_this_machine_is_believed() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "6.6.6.6, 203.0.113.9".parse().unwrap());
        let outside = "198.51.100.1".parse().ok();
        assert_eq!(address(outside, &headers), outside);
        assert_eq!(address("127.0.0.1".parse().ok(), &headers), "203.0.113.9".parse().ok());
        // A proxy may add a line of its own below the one that came.
        headers.append("x-forwarded-for", "203.0.113.10".parse().unwrap());
        assert_eq!(address("127.0.0.1".parse().ok(), &headers), "203.0.113.10".parse().ok());
    }
}
