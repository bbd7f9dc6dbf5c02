//! An undo: a run turned round, pushed through the same door.

use super::push::{Push, push};
use super::{RUN_MAX, begin, recover, under_lease};
use crate::failure::Failure;
use crate::house::{House, now};
use crate::progress::Progress;
use hive_connectwise::RunGuard;
use hive_core::allow::{Done, turn_round};
use hive_core::outcome::Outcome;
use hive_core::settings::Updates;
use hive_core::{LineId, PlanId, RunId};
use hive_store::{Lease, Msp, Report, ReportLine, RunKind, RunState};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an undo of `run` would write: from what it wrote, to what it found.
pub(crate) async fn would_write(house: &House, msp: &Msp, run: RunId) -> Result<Vec<Done>, Failure> {
    let done = house.store.done(msp.id, run).await?;
    if done.is_empty() {
        return Err(Failure::stopped(format!("run {run} of {} wrote nothing, so there is nothing to undo; hive runs \"{}\" lists the runs", msp.name, msp.name)));
    }
    Ok(done)
}

/// Restores what `run` found, except where somebody changed it since.
pub(crate) async fn undo(house: &House, msp: &Msp, run: RunId) -> Result<Report, Failure> {
    if house.store.settings(msp.id).await?.updates() == Updates::Off {
        return Err(Failure::stopped(format!("Updates are off for {}: nothing is written, an undo neither", msp.name)));
    }
    would_write(house, msp, run).await?;
    let connection = house.connection(msp).await?;
    let client = house.client(msp.id, &connection).await?;
    let (lease, may_go_on) = begin(house, msp, RunKind::Undo).await?;
    let progress = Progress::new();
    let work = async {
        recover::look_up_first(house, msp, &lease, &client).await?;
        let done = would_write(house, msp, run).await?;
        let original = house.store.run(msp.id, run).await?;
        let plan = original.and_then(|original| original.plan).unwrap_or_else(|| PlanId(format!("undo-of-{run}")));
        let check = may_go_on.clone();
        let guard = RunGuard::new(RUN_MAX, Arc::new(move || check.check()));
        let zone = house.store.settings(msp.id).await?.time_zone();
        let pusher = Push {
            house,
            lease: &lease,
            client: &client,
            guard: &guard,
            may_go_on: &may_go_on,
            progress: &progress,
            plan: &plan,
            today: now().to_zoned(zone).date(),
        };
        let pushed = push(&pusher, turn_round(&done, &house.who)).await;
        record_not_reached(house, msp, &lease, run, &pushed.not_reached).await?;
        Ok::<_, Failure>(pushed)
    };
    let ended = under_lease(&lease, &may_go_on, work).await;
    progress.end();
    let id = lease.run;
    match ended {
        Ok(pushed) => {
            let failed = !pushed.not_reached.is_empty() || pushed.outcomes.values().any(|outcome| outcome.is_failure());
            let state = match (&pushed.stopped, failed) {
                (Some(_), _) => RunState::Failed,
                (None, true) => RunState::PartlyFailed,
                (None, false) => RunState::Succeeded,
            };
            let words = format!("undo of run {run}{}", pushed.stopped.map_or(String::new(), |why| format!("; {why}")));
            house.store.finish_run(lease, state, None, &words, now()).await?;
        }
        Err(failure) => {
            house.store.finish_run(lease, RunState::Failed, None, &failure.words, now()).await?;
            return Err(failure);
        }
    }
    house.store.report(msp.id, id).await?.ok_or_else(|| Failure::stopped(format!("the report of run {id} cannot be read")))
}

async fn record_not_reached(house: &House, msp: &Msp, lease: &Lease, run: RunId, changes: &[super::push::NotReached]) -> Result<(), Failure> {
    if changes.is_empty() {
        return Ok(());
    }
    let original = house.store.report(msp.id, run).await?;
    let names: BTreeMap<LineId, (String, String)> = original.iter().flat_map(|report| &report.lines).map(|line| (line.line, (line.account.clone(), line.product.clone()))).collect();
    let lines: Vec<ReportLine> = changes.iter().flat_map(|change| {
        let names = &names;
        change.lines.iter().map(move |id| {
            let (account, product) = names.get(id).cloned().unwrap_or_default();
            ReportLine {
                line: *id,
                account,
                product,
                addition: Some(change.addition),
                from: Some(change.from),
                to: Some(change.to),
                found: None,
                outcome: Outcome::NotSent,
                message: Some(change.why.clone()),
            }
        })
    }).collect();
    house.store.record_lines(lease, &lines).await?;
    Ok(())
}
