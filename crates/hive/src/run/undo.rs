//! An undo: a run turned round, pushed through the same door.

use super::push::{NotReached, Push, Pushed, push};
use super::update::must_not_wait_for_admin;
use super::{NotBegun, RUN_MAX, Running, recover};
use crate::failure::Failure;
use crate::house::{House, now};
use hive_connectwise::RunGuard;
use hive_core::allow::turn_round;
use hive_core::outcome::Outcome;
use hive_core::settings::Updates;
use hive_core::{LineId, PlanId, RunId};
use hive_store::{CreatedByRun, Msp, Report, ReportLine, RunKind, RunState};
use std::sync::Arc;

/// Begins an undo of `run`, or says why there is none.
pub(crate) async fn begin(house: &House, msp: &Msp, run: RunId) -> Result<Running, NotBegun> {
    if house.store.settings(msp.id).await?.updates() == Updates::Off {
        let words = format!("Updates are off for {}: nothing is written, an undo neither", msp.name);
        return Err(NotBegun::Waits(words));
    }
    house.desk().still_stands(msp, run).await.map_err(Failure::from)?;
    let connection = house.connection(msp).await?;
    must_not_wait_for_admin(msp, &connection)?;
    super::begin(house, msp, RunKind::Undo, &connection, None).await
}

/// Restores what `run` found, except where somebody changed it since.
pub(crate) async fn undo(house: &House, msp: &Msp, run: RunId) -> Result<Report, Failure> {
    go(begin(house, msp, run).await?, run).await
}

/// An undo that has begun, to its report.
pub(crate) async fn go(running: Running, run: RunId) -> Result<Report, Failure> {
    let ended = running.under_lease(push_back(&running, run)).await;
    let (store, msp, id) = (running.house.store.clone(), running.msp.id, running.lease.run);
    match ended {
        Ok(pushed) => {
            let failed = !pushed.not_reached.is_empty() || pushed.outcomes.values().any(|outcome| outcome.is_failure());
            let state = match (&pushed.stopped, failed) {
                (Some(_), _) => RunState::Failed,
                (None, true) => RunState::PartlyFailed,
                (None, false) => RunState::Succeeded,
            };
            let words = format!("undo of run {run}{}", pushed.stopped.map_or(String::new(), |why| format!("; {why}")));
            running.finish(state, None, &words).await?;
        }
        Err(failure) => {
            running.finish(RunState::Failed, None, &failure.words).await?;
            return Err(failure);
        }
    }
    let report = store.report(msp, id).await?;
    report.ok_or_else(|| Failure::stopped(format!("the report of run {id} cannot be read")))
}

/// What the run created stays: Hive deletes nothing.
fn left_alone(created: &[CreatedByRun], run: RunId) -> Vec<ReportLine> {
    let line = |of: &CreatedByRun, line: LineId| ReportLine {
        line,
        account: String::new(),
        product: String::new(),
        addition: of.addition,
        from: Some(of.quantity),
        to: None,
        found: None,
        outcome: Outcome::Held,
        message: Some(cancel_words(of, run)),
    };
    created.iter().flat_map(|of| of.lines.iter().map(move |id| line(of, *id))).collect()
}

/// What to do about an addition that a run created.
pub(crate) fn cancel_words(of: &CreatedByRun, run: RunId) -> String {
    let which = of.addition.map_or_else(|| format!("the addition of item {}", of.item), |id| format!("addition {id}"));
    format!("{which} on agreement {} was created by run {run}: cancel it in ConnectWise", of.agreement)
}

async fn push_back(running: &Running, run: RunId) -> Result<Pushed, Failure> {
    let Running { house, msp, lease, client, may_go_on, progress, .. } = running;
    running.until_stopped(recover::look_up_first(running)).await?;
    let done = house.desk().still_stands(msp, run).await?;
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
    let mut lines: Vec<ReportLine> = not_yet.collect();
    lines.extend(left_alone(&house.store.created(msp.id, run).await?, run));
    house.store.record_lines(lease, &lines).await?;
    let check = may_go_on.clone();
    let guard = RunGuard::new(RUN_MAX, Arc::new(move || check.check()));
    let zone = house.store.settings(msp.id).await?.time_zone();
    let today = now().to_zoned(zone);
    let pusher = Push { house, lease, client, guard: &guard, may_go_on, progress, plan: &plan, today };
    let pushed = push(&pusher, turn_round(&done, &house.who)).await;
    let not_reached: Vec<_> = pushed.not_reached.iter().flat_map(NotReached::report_lines).collect();
    house.store.record_lines(lease, &not_reached).await?;
    Ok(pushed)
}
