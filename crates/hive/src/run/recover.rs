//! What an interrupted run left behind is looked up first: intents without an outcome, and lines
//! that it did not reach. Nothing is sent again blindly.

use super::{NotBegun, Origin, Running};
use crate::failure::Failure;
use crate::house::{House, now};
use crate::progress::Progress;
use hive_connectwise::{Client, Trouble};
use hive_core::mirror::Addition;
use hive_core::outcome::{Created, Intent, Outcome, Written};
use hive_core::{TimeZone, Timestamp};
use hive_store::{Msp, OpenCreate, OpenIntent, RunKind, RunState};

/// Begins a run that only looks up what a run of this kind left behind.
pub(crate) async fn begin(house: &House, msp: &Msp, kind: RunKind) -> Result<Running, NotBegun> {
    let connection = house.connection(msp).await?;
    let run = super::begin(house, msp, kind, &connection, None).await?;
    Ok(Running { origin: Origin::Recovery, ..run })
}

/// Such a run to its end.
pub(crate) async fn go(run: Running) -> Result<(), Failure> {
    match run.under_lease(run.until_stopped(look_up_first(&run))).await {
        Ok(()) => run.finish(RunState::Succeeded, None, "what an interrupted run had written was looked up").await,
        Err(failure) => {
            run.finish(RunState::Failed, None, &failure.words).await?;
            Err(failure)
        }
    }
}

/// Settles every open intent of this MSP, then closes the runs that were cut off.
pub(crate) async fn look_up_first(run: &Running) -> Result<(), Failure> {
    let Running { house, msp, lease, client, progress, .. } = run;
    let open = house.store.open_intents(msp.id).await?;
    let begun = now();
    let mut waited = false;
    for open in &open {
        match look_up(client, open, begun, &mut waited, progress).await {
            Ok(written) => {
                let (intent, lines) = (&open.intent, &open.lines);
                house.store.record_outcome(lease, intent.id, &written, intent.to, lines, now()).await?;
            }
            // One record that cannot be read holds up its own addition, not the whole MSP.
            Err(trouble) if of_one_record(&trouble) => progress.say(&format!(
                "… addition {} has a write whose outcome is not known yet, and cannot be looked up now: {trouble}",
                open.intent.addition,
            )),
            Err(trouble) => return Err(trouble.into()),
        }
    }
    for open in house.store.open_creates(msp.id).await? {
        let place = format!("item {} on agreement {}", open.intent.item, open.intent.agreement);
        match look_up_create(run, &open, begun, &mut waited).await {
            Ok(created) => house.store.record_created(lease, open.intent.id, &created, now()).await?,
            Err(trouble) if of_one_record(&trouble) => progress.say(&format!(
                "… the creation of {place} has no known outcome yet, and cannot be looked up now: {trouble}"
            )),
            Err(trouble) => return Err(trouble.into()),
        }
    }
    for run in house.store.interrupted_runs(msp.id).await? {
        house
            .store
            .close_interrupted(lease, run.id, "the run was interrupted; what it had written was looked up", now())
            .await?;
    }
    Ok(())
}

/// What became of one write that was cut off.
async fn look_up(
    client: &Client,
    open: &OpenIntent,
    begun: Timestamp,
    waited: &mut bool,
    progress: &Progress,
) -> Result<Written, Trouble> {
    let OpenIntent { intent, lines: _, plan: _, item: _, unknown: _, may_send_until } = open;
    let mut found = client.look_up(intent.agreement, intent.addition).await?;
    let undecided = found.as_ref().is_some_and(|addition| addition.quantity != Some(intent.to));
    if undecided && !*waited {
        // The process that sent it may have ended just now: its request can still land until its own
        // deadline has passed.
        progress.say("… an interrupted write is looked up; waiting until it can no longer land");
        wait_until_landed(*may_send_until, begun, client).await;
        *waited = *may_send_until >= begun;
        found = client.look_up(intent.agreement, intent.addition).await?;
    }
    if found.is_none() {
        // Wrong keys can look like a 404 too: gone is believed only where other records can be read.
        client.test().await?;
    }
    Ok(settled(intent, found.as_ref()))
}

/// What became of one creation that was cut off: the agreement is looked at, and nothing is sent again.
async fn look_up_create(
    run: &Running,
    open: &OpenCreate,
    begun: Timestamp,
    waited: &mut bool,
) -> Result<Created, Trouble> {
    let OpenCreate { intent, lines: _, may_send_until } = open;
    let Running { house, msp, client, progress, .. } = run;
    let zone = house.store.settings(msp.id).await.map(|settings| settings.time_zone()).unwrap_or(TimeZone::UTC);
    // Nothing that bills was there when it was sent: what bills now came since.
    let today = intent.made_at.to_zoned(zone).date();
    let bills = |row: &&Addition| row.cancelled.is_none_or(|last| last >= today);
    let why = "the run was interrupted before it knew";
    let look = async || -> Result<Option<Created>, Trouble> {
        let rows = client.additions_of_item(intent.agreement, intent.item).await?;
        Ok(rows.map(|rows| {
            let fresh: Vec<Addition> = rows.iter().filter(bills).cloned().collect();
            Created::told_by(intent.quantity, &fresh, rows, why)
        }))
    };
    let mut found = look().await?;
    let confirmed = found.as_ref().is_some_and(|created| created.written.outcome == Outcome::Confirmed);
    if !confirmed && !*waited {
        progress.say("… an interrupted creation is looked up; waiting until it can no longer land");
        wait_until_landed(*may_send_until, begun, client).await;
        *waited = *may_send_until >= begun;
        found = look().await?;
    }
    if let Some(created) = found {
        return Ok(created);
    }
    // Wrong keys can look like a 404 too: gone is believed only where other records can be read.
    client.test().await?;
    let words = format!("the run was interrupted, and agreement {} is gone", intent.agreement);
    let written =
        Written { outcome: Outcome::NotATarget, found: None, found_by: None, message: Some(words), stop_run: None };
    Ok(Created { written, addition: None, rows: Vec::new() })
}

fn of_one_record(trouble: &Trouble) -> bool {
    matches!(trouble.kind(), "bad_answer" | "unavailable" | "refused")
}

/// The lease is ours, so the run that sent it is dead and sent nothing after `begun`.
async fn wait_until_landed(may_send_until: Timestamp, begun: Timestamp, client: &Client) {
    let landing = jiff::SignedDuration::try_from(client.landing()).unwrap_or(jiff::SignedDuration::from_mins(2));
    let until = may_send_until.min(begun).saturating_add(landing).unwrap_or(begun);
    let left = until.duration_since(now());
    if let Ok(left) = std::time::Duration::try_from(left) {
        tokio::time::sleep(left).await;
    }
}

fn settled(intent: &Intent, found: Option<&Addition>) -> Written {
    let quantity = found.and_then(|addition| addition.quantity);
    let by = found.and_then(|addition| addition.updated_by.clone());
    let (outcome, words) = match quantity {
        Some(quantity) if quantity == intent.to => {
            (Outcome::Confirmed, "the run was interrupted; reading back shows that the write had landed")
        }
        Some(quantity) if quantity == intent.from => {
            (Outcome::NotSent, "the run was interrupted before this was written; it is planned anew")
        }
        Some(_) => (Outcome::Drifted, "the run was interrupted, and the addition holds another value now"),
        None if found.is_some() => {
            (Outcome::Unknown, "the run was interrupted, and ConnectWise gives no readable quantity now")
        }
        None => (Outcome::NotATarget, "the run was interrupted, and the addition is gone"),
    };
    Written { outcome, found: quantity, found_by: by, message: Some(words.to_owned()), stop_run: None }
}
