//! Connecting: tests a way into ConnectWise, and saves it only if it works. The command and the page
//! behind the pencil both come here.

use crate::failure::Failure;
use crate::house::{House, now};
use crate::run::slot;
use hive_connectwise::{Access, SiteUrl, Tested, Trouble};
use hive_store::{Msp, NewConnection, RunKind, Schedule, StoreError};
use hive_web::About;
use secrecy::SecretString;

/// A way into ConnectWise, as a person gives it.
pub(crate) struct Way {
    pub(crate) url: String,
    pub(crate) company: String,
    pub(crate) public_key: String,
    /// `None` keeps the stored one, only while URL and company stay.
    pub(crate) private_key: Option<SecretString>,
    pub(crate) client_id: Option<String>,
}

/// What the test found; it is saved.
pub(crate) struct Saved {
    pub(crate) url: String,
    pub(crate) tested: Tested,
    /// It is another ConnectWise than before.
    pub(crate) moved: bool,
}

/// Why nothing was saved, and what of the form it is about.
pub(crate) struct NotSaved {
    pub(crate) about: About,
    pub(crate) failure: Failure,
}

impl From<Failure> for NotSaved {
    fn from(failure: Failure) -> NotSaved {
        NotSaved { about: About::Other, failure }
    }
}

impl From<StoreError> for NotSaved {
    fn from(error: StoreError) -> NotSaved {
        Failure::from(error).into()
    }
}

/// What of the form a trouble is about.
fn about(trouble: &Trouble) -> About {
    match trouble {
        Trouble::Company { .. } => About::Company,
        Trouble::Unauthorized { .. } => About::Keys,
        Trouble::Url { .. } | Trouble::NotAllowed { .. } | Trouble::NotFound { .. } => About::Url,
        Trouble::Network { .. } | Trouble::Unavailable { .. } | Trouble::Deadline { .. } => About::Network,
        Trouble::Forbidden { .. } => About::Rights,
        Trouble::ClientId { .. } => About::ClientId,
        Trouble::Throttled { .. }
        | Trouble::BadAnswer { .. }
        | Trouble::CountMismatch { .. }
        | Trouble::Refused { .. }
        | Trouble::Setup { .. } => About::Other,
    }
}

/// Tests, then saves. What does not work is said in words and changes nothing.
pub(crate) async fn test_and_save(house: &House, msp: &Msp, way: &Way) -> Result<Saved, NotSaved> {
    let bad_url = |words| NotSaved { about: About::Url, failure: Failure::stopped(words) };
    let site = SiteUrl::parse(&way.url, &house.process.private_hosts()).map_err(bad_url)?;
    let url = site.to_string();
    let before = house.store.connection(msp.id).await?;
    let same = before.as_ref().is_some_and(|before| before.url == url && before.company == way.company);
    let private_key = match &way.private_key {
        Some(key) => key.clone(),
        None if same => house.store.private_key(msp.id).await?,
        None => {
            return Err(Failure::wrong_usage(
                "the private key is missing: the stored one belongs to another URL or company, so give the private key again",
            )
            .into());
        }
    };
    let access = Access {
        site,
        company: way.company.clone(),
        public_key: way.public_key.clone(),
        private_key,
        client_id: way.client_id.clone().or_else(|| house.process.connectwise_client_id.clone()),
    };
    let has_client_id = access.client_id.is_some();
    let tested = house.client_of(access)?.test().await.map_err(|trouble| {
        let unset = trouble.kind() == "clientid" && !has_client_id;
        let hint = if unset { "no clientId is set: set HIVE_CONNECTWISE_CLIENT_ID, or give --client-id. " } else { "" };
        NotSaved { about: about(&trouble), failure: Failure::stopped(format!("{hint}{trouble}")) }
    })?;
    let connection = NewConnection {
        url: url.clone(),
        company: way.company.clone(),
        public_key: way.public_key.clone(),
        // Empty: the stored one stays.
        private_key: way.private_key.clone().unwrap_or_default(),
        client_id: way.client_id.clone(),
        codebase: Some(tested.codebase.clone()),
        rights: &tested.rights,
        tested_at: now(),
    };
    house.store.save_connection(msp.id, &connection, &house.who, now()).await?;
    if !same {
        first_sync_at_once(house, msp).await?;
    }
    Ok(Saved { url, tested, moved: before.is_some() && !same })
}

/// A new connection knows nothing yet: its first Sync is due now. (Without a row the run loop makes
/// one, and that Sync is due at once too.)
async fn first_sync_at_once(house: &House, msp: &Msp) -> Result<(), Failure> {
    if let Some(row) = slot::of(&house.store, msp.id, RunKind::Sync).await? {
        let words = "the connection is new".to_owned();
        house.store.set_schedule(&Schedule { retry_at: Some(now()), failures: 0, words, ..row }).await?;
    }
    Ok(())
}
