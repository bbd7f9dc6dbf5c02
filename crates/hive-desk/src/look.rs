//! A look at one MSP: everything a page reads, as of one moment, made once and shared.
//!
//! **Owns:** when a look is made anew, that one MSP's is made once at a time, how many are kept.
//! **Does not own:** what is in it beyond the facts and the plan ([`seen`]), what a page makes of it.

mod billing;
mod boards;
mod candidates;
mod decisions;
mod fate;
mod finder;
mod leaks;
mod month;
mod seen;
mod sums;
mod usages;

pub use billing::{Billable, LineItem};
pub use boards::{AccountRow, Boards, CompanyRow, LinkState, ProductRow, ProductUsage, left_out};
pub use decisions::{Decision, Together};
pub use fate::Fate;
pub use finder::{Finder, OFFERED_MAX};
pub use leaks::{Balance, Leak, Leaks, MayBeBilled, Why};
pub use month::InvoiceDay;
pub use seen::Seen;
pub use sums::{Cause, Unbilled};
pub use usages::{Filter, Found, NotPushed, Order, Usages};

use crate::day::day;
use crate::month::Left;
use crate::plan::{Approved, apart, check};
use crate::{Desk, Refused};
use hive_core::plan::{self, Brake, Change};
use hive_core::{AdditionId, LineId, MspId, Timestamp};
use hive_store::{Msp, Pulse};
use jiff::SignedDuration;
use seen::Rejected;
use std::collections::{BTreeMap, HashMap};
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// Looks that are kept; one of a large MSP is some hundred megabytes.
const LOOKS_MAX: usize = 8;
/// An older look is made anew though nothing changed: usage grows stale by itself, approvals lapse.
const AGE_MAX: SignedDuration = SignedDuration::from_mins(10);
/// Approvals are asked for again after this long, since they lapse by themselves.
const APPROVED_AGE_MAX: SignedDuration = SignedDuration::from_mins(1);
/// How long a page waits for a new look while an older one is at hand.
const PATIENCE: Duration = Duration::from_millis(80);
/// A look that takes long to make is made again only after this many times as long: during an Update
/// every write changes the facts, and pages must not take the machine from it.
const REST: u32 = 3;

/// One MSP as of one moment: immutable and shared. Facts, plan and lookups are [`Seen`]'s, and are
/// reached as its own (`look.plan`, `look.account(id)`).
#[derive(Debug)]
pub struct Look {
    /// What the MSP's changes stood at when this was read.
    pub pulse: Pulse,
    /// The held additions whose holds are all lifted, and by whom.
    pub approved: BTreeMap<AdditionId, String>,
    /// Why a scheduled Update would not start now.
    pub brake: Option<Brake>,
    /// The lines whose addition may be created, and who approved that.
    pub approved_creates: BTreeMap<LineId, String>,
    /// Whether nothing that shapes the plan is known to have changed since. If not, a newer look is
    /// being made: [`Desk::look_fresh`] waits for it.
    pub fresh: bool,
    approved_at: Timestamp,
    /// What is left of each invoice day, made when first asked for.
    pub(crate) left: OnceLock<Vec<Left>>,
    /// How long it took to make, and when that was.
    made: (Duration, Instant),
    seen: Arc<Seen>,
}

impl Deref for Look {
    type Target = Seen;

    fn deref(&self) -> &Seen {
        &self.seen
    }
}

impl Look {
    /// Whether a held change still waits for a person.
    pub fn waits(&self, change: &Change) -> bool {
        !change.holds.is_empty() && !self.approved.contains_key(&change.addition)
    }

    /// What of the plan is approved, as views take it.
    pub fn approvals(&self) -> Approved {
        Approved { additions: self.approved.clone(), creates: self.approved_creates.clone() }
    }

    /// The additions of a cause that still wait for a person.
    pub fn waiting(&self, cause: &Cause) -> usize {
        cause.additions.iter().filter(|addition| !self.approved.contains_key(addition)).count()
    }

    /// How long it still stands though it no longer fits; only one that took long to make does.
    fn rests(&self) -> Option<Duration> {
        let (took, at) = self.made;
        (took > PATIENCE).then(|| (took * REST).checked_sub(at.elapsed())).flatten()
    }

    /// Nothing that shapes a plan changed since, and it is young enough.
    fn fits(&self, pulse: Pulse, at: Timestamp) -> bool {
        self.pulse.facts == pulse.facts && at.duration_since(self.at).abs() < AGE_MAX
    }
}

/// The last look at each MSP that was looked at lately.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    slots: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    by_msp: HashMap<MspId, (Arc<Slot>, u64)>,
    uses: u64,
}

/// The place of one MSP's look.
#[derive(Debug, Default)]
struct Slot {
    known: Mutex<Option<Arc<Look>>>,
    /// Held while a look is made, so that it is made once.
    making: tokio::sync::Mutex<()>,
    /// Somebody will make one after a rest: nobody else need.
    resting: AtomicBool,
}

impl Slot {
    fn known(&self) -> Option<Arc<Look>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, look: &Arc<Look>) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(look.clone());
    }
}

impl Looks {
    /// The place of an MSP; the one least lately used goes where there are too many.
    fn slot(&self, msp: MspId) -> Arc<Slot> {
        let mut kept = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        kept.uses += 1;
        let uses = kept.uses;
        if let Some((slot, used)) = kept.by_msp.get_mut(&msp) {
            *used = uses;
            return slot.clone();
        }
        if kept.by_msp.len() >= LOOKS_MAX {
            let oldest = kept.by_msp.iter().min_by_key(|(_, (_, used))| *used).map(|(msp, _)| *msp);
            oldest.and_then(|msp| kept.by_msp.remove(&msp));
        }
        let slot = Arc::<Slot>::default();
        kept.by_msp.insert(msp, (slot.clone(), uses));
        slot
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).by_msp.len()
    }
}

impl Desk {
    /// The MSP as it is, for a page: at once where nothing changed; where making it anew takes long, the
    /// last look, which then says that it is not fresh.
    pub async fn look(&self, msp: &Msp, at: Timestamp) -> Result<Arc<Look>, Refused> {
        self.look_within(msp, at, Some(PATIENCE)).await
    }

    /// The MSP as it is, however long that takes to make.
    pub async fn look_fresh(&self, msp: &Msp, at: Timestamp) -> Result<Arc<Look>, Refused> {
        self.look_within(msp, at, None).await
    }

    async fn look_within(&self, msp: &Msp, at: Timestamp, patience: Option<Duration>) -> Result<Arc<Look>, Refused> {
        let slot = self.looks.slot(msp.id);
        let pulse = self.store.pulse(msp.id).await?;
        let known = slot.known();
        if let Some(known) = known.as_ref().filter(|known| known.fits(pulse, at)) {
            return self.with_approvals(&slot, known, pulse, at).await;
        }
        if let (Some(known), Some(_)) = (&known, patience)
            && let Some(rest) = known.rests()
        {
            self.make_after(rest, msp, &slot, at);
            return self.not_fresh(known, at).await;
        }
        let (desk, of, place) = (self.clone(), msp.clone(), slot.clone());
        let mut making = tokio::spawn(async move { desk.make_look(&of, &place, at).await });
        if let (Some(known), Some(patience)) = (known, patience) {
            return match tokio::time::timeout(patience, &mut making).await {
                Ok(made) => made.map_err(broke_off)?,
                // The task goes on by itself and keeps what it makes.
                Err(_) => self.not_fresh(&known, at).await,
            };
        }
        making.await.map_err(broke_off)?
    }

    /// Makes a look when the last one has rested, once however many ask.
    fn make_after(&self, rest: Duration, msp: &Msp, slot: &Arc<Slot>, at: Timestamp) {
        if slot.resting.swap(true, Ordering::SeqCst) {
            return;
        }
        let (desk, of, place) = (self.clone(), msp.clone(), slot.clone());
        tokio::spawn(async move {
            tokio::time::sleep(rest).await;
            place.resting.store(false, Ordering::SeqCst);
            // What went wrong was logged, and is said to the next page that must wait for it.
            let at = SignedDuration::try_from(rest).ok().and_then(|rest| at.checked_add(rest).ok()).unwrap_or(at);
            let _ = desk.make_look(&of, &place, at).await;
        });
    }

    /// Makes a look, unless another maker just did.
    async fn make_look(&self, msp: &Msp, slot: &Slot, at: Timestamp) -> Result<Arc<Look>, Refused> {
        let _one_at_a_time = slot.making.lock().await;
        // Read before the facts: a change in between is then seen by the next look.
        let pulse = self.store.pulse(msp.id).await?;
        let before = slot.known();
        if let Some(known) = before.as_ref().filter(|known| known.fits(pulse, at)) {
            return self.with_approvals(slot, known, pulse, at).await;
        }
        let began = Instant::now();
        let made = self.see(msp, before.as_deref(), at).await;
        let seen = made.inspect_err(|refused| tracing::warn!(msp = %msp.id, %refused, "a look could not be made"))?;
        let Approved { additions: approved, creates: approved_creates } = self.approved(msp, &seen.plan, at).await?;
        let brake = self.brake(msp, &seen.facts, &seen.plan, at).await?;
        let made = (began.elapsed(), Instant::now());
        let look = Arc::new(Look {
            pulse,
            approved,
            brake,
            approved_creates,
            fresh: true,
            approved_at: at,
            left: OnceLock::new(),
            made,
            seen: Arc::new(seen),
        });
        slot.keep(&look);
        Ok(look)
    }

    async fn see(&self, msp: &Msp, before: Option<&Look>, at: Timestamp) -> Result<Seen, Refused> {
        let facts = self.store.facts(msp.id, None).await?;
        let rejected = Rejected {
            accounts: self.store.rejected_accounts(msp.id).await?.into_iter().collect(),
            products: self.store.rejected_products(msp.id).await?.into_iter().collect(),
        };
        let (of, compared) = (msp.clone(), before.and_then(|look| look.compared()));
        let (seen, day, wrong) = apart(move || {
            let plan = plan::make(&facts, at);
            let wrong = plan::check(&plan, &facts);
            let day = day(&facts, &plan);
            (Seen::new(of, at, facts, plan, rejected).with_compared(compared), day, wrong)
        })
        .await?;
        check(&wrong)?;
        // What is shown is what can be approved and pushed, so it is the plan last stored.
        let same =
            before.is_some_and(|before| before.plan.id == seen.plan.id && before.plan.changes == seen.plan.changes);
        let same = same && before.is_some_and(|before| before.plan.creates == seen.plan.creates);
        if !same || self.store.newest_plan_id(msp.id).await?.as_ref() != Some(&seen.plan.id) {
            self.store.save_plan(msp.id, &seen.plan).await?;
        }
        if !same || before.is_some_and(|before| before.plan.today != seen.plan.today) {
            self.store.save_day(msp.id, &day).await?;
        }
        Ok(seen)
    }

    /// A look that fits, with its approvals as they are now.
    async fn with_approvals(
        &self,
        slot: &Slot,
        known: &Arc<Look>,
        pulse: Pulse,
        at: Timestamp,
    ) -> Result<Arc<Look>, Refused> {
        if known.pulse == pulse && at.duration_since(known.approved_at).abs() < APPROVED_AGE_MAX {
            return Ok(known.clone());
        }
        let now = self.approved(&known.msp, &known.plan, at).await?;
        let brake = self.brake(&known.msp, &known.facts, &known.plan, at).await?;
        let look = Arc::new(Look {
            pulse,
            approved: now.additions,
            brake,
            approved_creates: now.creates,
            fresh: true,
            approved_at: at,
            left: OnceLock::new(),
            made: known.made,
            seen: known.seen.clone(),
        });
        slot.keep(&look);
        Ok(look)
    }

    /// An older look while a newer one is being made; its approvals are those of now.
    async fn not_fresh(&self, known: &Look, at: Timestamp) -> Result<Arc<Look>, Refused> {
        let now = self.approved(&known.msp, &known.plan, at).await?;
        let (pulse, seen) = (known.pulse, known.seen.clone());
        Ok(Arc::new(Look {
            pulse,
            approved: now.additions,
            brake: known.brake.clone(),
            approved_creates: now.creates,
            fresh: false,
            approved_at: at,
            left: OnceLock::new(),
            made: known.made,
            seen,
        }))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed over by map_err")]
fn broke_off(error: tokio::task::JoinError) -> Refused {
    Refused::Broken(format!("the look broke off; please report this: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hive_core::settings::{At, Key};

    #[test]
    fn the_look_least_lately_used_goes() {
        let looks = Looks::default();
        let first = looks.slot(MspId(1));
        for msp in 2..=8 {
            looks.slot(MspId(msp));
        }
        assert!(Arc::ptr_eq(&first, &looks.slot(MspId(1))), "all eight are kept");
        looks.slot(MspId(9));
        assert_eq!(looks.len(), LOOKS_MAX);
        assert!(Arc::ptr_eq(&first, &looks.slot(MspId(1))), "MSP 2 was used least lately, and went");
    }

    #[test]
    fn while_a_look_takes_long_the_last_one_is_shown_and_says_so() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let dir = tempfile::tempdir().unwrap();
            let url = format!("sqlite://{}", dir.path().join("hive.db").display());
            let key = hive_store::KeySource(dir.path().join("hive.key"));
            let desk = Desk::new(hive_store::Store::open(&url, key).await.unwrap());
            let at: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
            let msp = desk.store.add_msp("Northwind", at).await.unwrap();
            let first = desk.look(&msp, at).await.unwrap();
            let change = (Key::DropPercent, At::default(), "7".to_owned());
            desk.store.set_settings(msp.id, &[change], "cli:ann", at).await.unwrap();

            let slot = desk.looks.slot(msp.id);
            let somebody_makes_one = slot.making.lock().await;
            let meanwhile = desk.look(&msp, at).await.unwrap();
            assert!(first.fresh && !meanwhile.fresh && std::ptr::eq(&first.plan, &meanwhile.plan));
            drop(somebody_makes_one);
            let waited = desk.look_fresh(&msp, at).await.unwrap();
            assert!(waited.fresh && waited.facts.settings.text(Key::DropPercent, At::default()) == "7");
            let next = desk.look(&msp, at).await.unwrap();
            assert!(std::ptr::eq(&waited.plan, &next.plan), "it is kept");
        });
    }
}
