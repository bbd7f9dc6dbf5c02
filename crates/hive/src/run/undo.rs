//! An undo: a run turned round, pushed through the same door.

use super::push::{NotReached, Push, push};
use super::update::must_not_wait_for_admin;
use super::{RUN_MAX, begin, recover, under_lease, until_stopped};
use crate::failure::Failure;
use crate::house::{House, now};
use crate::progress::Progress;
use hive_connectwise::RunGuard;
use hive_core::allow::{Done, turn_round};
use hive_core::settings::Updates;
use hive_core::{PlanId, RunId};
use hive_store::{Msp, Report, RunKind, RunState};
use std::sync::Arc;

/// What an undo of `run` would write: from what it wrote, to what it found.
pub(crate) async fn would_write(house: &House, msp: &Msp, run: RunId) -> Result<Vec<Done>, Failure> {
    let done = house.store.done(msp.id, run).await?;
    if house.store.run(msp.id, run).await?.is_none() {
        return Err(Failure::stopped(format!("{} has no run {run}; hive runs \"{}\" lists them", msp.name, msp.name)));
    }
    if done.is_empty() {
        return Err(Failure::stopped(format!(
            "run {run} of {} wrote nothing, so there is nothing to undo; hive runs \"{}\" lists the runs",
            msp.name, msp.name
        )));
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
    must_not_wait_for_admin(msp, &connection)?;
    let client = house.client(msp.id, &connection).await?;
    let (lease, may_go_on) = begin(house, msp, RunKind::Undo, &connection).await?;
    let progress = Progress::new();
    let work = async {
        until_stopped(&may_go_on, recover::look_up_first(house, msp, &lease, &client)).await?;
        let done = would_write(house, msp, run).await?;
        let original = house.store.run(msp.id, run).await?;
        let plan = original.and_then(|original| original.plan).unwrap_or_else(|| PlanId(format!("undo-of-{run}")));
        // Every line has an outcome before the first write, so that a crash leaves a whole report.
        let not_yet = done.iter().flat_map(|done| {
            NotReached {
                addition: done.addition,
                from: done.wrote,
                to: done.found,
                lines: done.lines.clone(),
                why: "not reached".to_owned(),
            }
            .report_lines()
        });
        house.store.record_lines(&lease, &not_yet.collect::<Vec<_>>()).await?;
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
        let not_reached: Vec<_> = pushed.not_reached.iter().flat_map(NotReached::report_lines).collect();
        house.store.record_lines(&lease, &not_reached).await?;
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
    house
        .store
        .report(msp.id, id)
        .await?
        .ok_or_else(|| Failure::stopped(format!("the report of run {id} cannot be read")))
}
