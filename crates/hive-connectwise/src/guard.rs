//! What the writes of one run share.

use crate::client::Client;
use crate::trouble::Trouble;
use hive_core::AgreementId;
use hive_core::mirror::Agreement;
use hive_core::rights::Action;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, OnceCell};
use tokio::time::Instant;

/// Writes refused for lack of a right, in a row, that end the run.
const FORBIDDEN_MAX: u32 = 2;

/// How often leave is asked for while something is waited for.
const LEAVE_ASKED_EVERY: Duration = Duration::from_millis(250);

/// Asked immediately before each PATCH leaves; an error says why it must not.
type MaySend = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

/// An agreement as it was found; `None` where ConnectWise has none.
type ReadOnce = Arc<OnceCell<Option<Arc<Agreement>>>>;

/// One per run: what it has read of agreements, its deadline, and its leave to write.
pub struct RunGuard {
    deadline: Instant,
    may_send: MaySend,
    agreements: Mutex<HashMap<AgreementId, ReadOnce>>,
    forbidden: AtomicU32,
    /// Whether mySecurity shows that the role may not edit agreements; asked once.
    lacks_edit: OnceCell<bool>,
}

impl fmt::Debug for RunGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunGuard").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

impl RunGuard {
    /// `time_left` bounds every wait of the run's writes. `may_send` says whether the lease is
    /// still confirmed and nobody cancelled.
    pub fn new(time_left: Duration, may_send: MaySend) -> RunGuard {
        RunGuard {
            deadline: Instant::now() + time_left,
            may_send,
            agreements: Mutex::default(),
            forbidden: AtomicU32::new(0),
            lacks_edit: OnceCell::new(),
        }
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.deadline
    }

    pub(crate) fn may_send(&self) -> Result<(), String> {
        (self.may_send)()
    }

    /// Waits for `work` as long as the run has leave to write; without it, says why. Never for the
    /// sending of a PATCH itself, whose answer must not be thrown away.
    pub(crate) async fn while_allowed<T>(&self, work: impl Future<Output = T>) -> Result<T, String> {
        let mut work = std::pin::pin!(work);
        loop {
            match tokio::time::timeout(LEAVE_ASKED_EVERY, work.as_mut()).await {
                Ok(done) => return Ok(done),
                Err(_) => self.may_send()?,
            }
        }
    }

    /// The agreement as this run found it; `None` where ConnectWise has none. Each is asked for
    /// once, however many of its additions are written; a failure is not kept.
    pub(crate) async fn agreement(&self, client: &Client, id: AgreementId) -> Result<Option<Arc<Agreement>>, Trouble> {
        // One lock an agreement: writes on other agreements do not wait for this answer.
        let kept = Arc::clone(self.agreements.lock().await.entry(id).or_default());
        let ask = || async { Ok::<_, Trouble>(client.agreement(id, self.deadline).await?.map(Arc::new)) };
        kept.get_or_try_init(ask).await.cloned()
    }

    /// A write was answered with something other than 403.
    pub(crate) fn was_not_forbidden(&self) {
        self.forbidden.store(0, Ordering::Relaxed);
    }

    /// A write was answered with 403; says why the run must stop, if it must.
    pub(crate) async fn was_forbidden(&self, client: &Client) -> Option<String> {
        let in_a_row = self.forbidden.fetch_add(1, Ordering::Relaxed) + 1;
        if FORBIDDEN_MAX <= in_a_row {
            return Some(format!(
                "{in_a_row} writes in a row were refused for lack of a right (403): Finance > Agreements: Edit = All is needed"
            ));
        }
        let ask = || async { client.rights(self.deadline).await.lacks("Agreements", Action::Edit) };
        let lacks_edit = match self.while_allowed(self.lacks_edit.get_or_init(ask)).await {
            Ok(lacks_edit) => *lacks_edit,
            Err(why) => return Some(why),
        };
        lacks_edit.then(|| {
            "the API member's security role lacks Finance > Agreements: Edit = All; \
             set it in System > Security Roles"
                .to_owned()
        })
    }
}
