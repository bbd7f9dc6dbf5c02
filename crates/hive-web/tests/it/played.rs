//! An engine that does what a story says: it refuses, connects, begins runs that stay at their beginning.

use crate::door::StillEngine;
use hive_core::rights::{Action, Level, Missing, NEEDED, Rights};
use hive_core::{RunId, Timestamp};
use hive_desk::Refused;
use hive_store::{Lease, Msp, NewConnection, RunKind, Store};
use hive_web::{About, BoxFuture, ConnectForm, Connected, Engine, NotConnected, RunAsked};
use std::sync::{Arc, Mutex};

pub(crate) const LEASE_MS: i64 = 120_000;

pub(crate) struct Played {
    pub(crate) door: Arc<StillEngine>,
    pub(crate) store: Store,
    /// What the next test of a connection comes to; `None`: it works.
    pub(crate) refuses: Mutex<Option<(About, &'static str)>>,
    pub(crate) rights: Mutex<Rights>,
    /// Every run that was asked for.
    pub(crate) asked: Mutex<Vec<RunAsked>>,
    /// The leases of the runs that it began.
    pub(crate) leases: Mutex<Vec<Lease>>,
}

pub(crate) fn all_rights() -> Rights {
    Rights::Known { missing: Vec::new(), restricted: Vec::new() }
}

/// Without the right to edit agreements, and without the catalogue.
pub(crate) fn few_rights() -> Rights {
    let lacks = |action: Action, function: &str| {
        let needed = NEEDED.into_iter().find(|one| one.action == action && one.function == function).unwrap();
        Missing { needed, found: Level::None }
    };
    let missing = vec![lacks(Action::Edit, "Agreements"), lacks(Action::Inquire, "Product Catalog")];
    Rights::Known { missing, restricted: Vec::new() }
}

impl Played {
    pub(crate) fn new(door: Arc<StillEngine>, store: Store) -> Played {
        Played {
            door,
            store,
            refuses: Mutex::default(),
            rights: Mutex::new(all_rights()),
            asked: Mutex::default(),
            leases: Mutex::default(),
        }
    }
}

impl Engine for Played {
    fn now(&self) -> Timestamp {
        self.door.now()
    }

    fn site(&self, url: &str) -> String {
        url.trim_start_matches("https://").trim_end_matches('/').to_lowercase()
    }

    fn connect<'a>(
        &'a self,
        msp: &'a Msp,
        form: ConnectForm,
        who: &'a str,
    ) -> BoxFuture<'a, Result<Connected, NotConnected>> {
        let (refuses, rights, now) = (*self.refuses.lock().unwrap(), self.rights.lock().unwrap().clone(), self.now());
        Box::pin(async move {
            if let Some((about, words)) = refuses {
                return Err(NotConnected { about, refused: Refused::Stopped(words.to_owned()) });
            }
            let before = self.store.connection(msp.id).await.unwrap();
            let moved = before.is_some_and(|before| before.url != form.url || before.company != form.company);
            let new = NewConnection {
                url: form.url,
                company: form.company,
                public_key: form.public_key,
                private_key: form.private_key.unwrap_or_default(),
                client_id: form.client_id,
                codebase: None,
                rights: &rights,
                tested_at: now,
            };
            self.store.save_connection(msp.id, &new, who, now).await.unwrap();
            Ok(Connected { rights, warnings: Vec::new(), moved })
        })
    }

    fn start<'a>(&'a self, msp: &'a Msp, asked: RunAsked, who: &'a str) -> BoxFuture<'a, Result<RunId, Refused>> {
        let kind = match &asked {
            RunAsked::Sync => RunKind::Sync,
            RunAsked::Update { .. } => RunKind::Update,
            RunAsked::Undo { .. } => RunKind::Undo,
        };
        self.asked.lock().unwrap().push(asked);
        Box::pin(async move {
            let begun = self.store.begin_run(msp.id, kind, who, self.now(), LEASE_MS, None).await;
            let lease = begun.map_err(|error| Refused::Stopped(error.to_string()))?;
            let run = lease.run;
            self.leases.lock().unwrap().push(lease);
            Ok(run)
        })
    }
}
