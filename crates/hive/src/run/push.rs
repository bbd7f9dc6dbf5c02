//! The push: each released change gets its durable intent, its write and its outcome.

use super::MayGoOn;
use crate::failure::Failure;
use crate::house::{House, now};
use crate::progress::Progress;
use futures::StreamExt as _;
use hive_connectwise::{Client, RunGuard};
use hive_core::allow::Released;
use hive_core::outcome::{Outcome, Written};
use hive_core::{AdditionId, LineId, PlanId, Quantity};
use hive_store::{Lease, ReportLine, StoreError};
use jiff::Zoned;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Everything that a push needs beside the changes.
pub(crate) struct Push<'a> {
    pub(crate) house: &'a House,
    pub(crate) lease: &'a Lease,
    pub(crate) client: &'a Client,
    pub(crate) guard: &'a RunGuard,
    pub(crate) may_go_on: &'a MayGoOn,
    pub(crate) progress: &'a Progress,
    pub(crate) plan: &'a PlanId,
    pub(crate) today: Zoned,
}

/// A change that was not reached, and why.
#[derive(Debug)]
pub(crate) struct NotReached {
    pub(crate) addition: AdditionId,
    pub(crate) from: Quantity,
    pub(crate) to: Quantity,
    pub(crate) lines: Vec<LineId>,
    pub(crate) why: String,
}

impl NotReached {
    /// Its lines in the report; the store knows their names.
    pub(crate) fn report_lines(&self) -> Vec<ReportLine> {
        let line = |line: &LineId| ReportLine {
            line: *line,
            account: String::new(),
            product: String::new(),
            addition: Some(self.addition),
            from: Some(self.from),
            to: Some(self.to),
            found: None,
            outcome: Outcome::NotSent,
            message: Some(self.why.clone()),
        };
        self.lines.iter().map(line).collect()
    }
}

/// What a push came to.
#[derive(Debug, Default)]
pub(crate) struct Pushed {
    pub(crate) outcomes: BTreeMap<AdditionId, Outcome>,
    pub(crate) not_reached: Vec<NotReached>,
    /// The run was stopped before its end, and why.
    pub(crate) stopped: Option<String>,
}

/// Pushes all of `changes`; at most `connections` at once. Stops at the first reason to stop the run;
/// what is then in flight still gets its outcome.
pub(crate) async fn push(push: &Push<'_>, changes: Vec<Released>) -> Pushed {
    let total = changes.len() as u64;
    let done = AtomicU64::new(0);
    let stop: Mutex<Option<String>> = Mutex::new(None);
    let connections = push.house.process.connections_per_msp;
    let results: Vec<Result<(AdditionId, Outcome), NotReached>> = futures::stream::iter(changes)
        .map(|change| {
            let (stop, done) = (&stop, &done);
            async move {
                let result = one(push, change, stop).await;
                push.progress.at("writing", done.fetch_add(1, Ordering::Relaxed) + 1, Some(total));
                result
            }
        })
        .buffer_unordered(connections)
        .collect()
        .await;
    let mut pushed =
        Pushed { stopped: stop.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner), ..Pushed::default() };
    for result in results {
        match result {
            Ok((addition, outcome)) => {
                pushed.outcomes.insert(addition, outcome);
            }
            Err(not_reached) => pushed.not_reached.push(not_reached),
        }
    }
    pushed
}

async fn one(
    push: &Push<'_>,
    change: Released,
    stop: &Mutex<Option<String>>,
) -> Result<(AdditionId, Outcome), NotReached> {
    let (addition, from, to, lines) = (change.addition(), change.from(), change.to(), change.lines().to_vec());
    let not_reached = |why: String| NotReached { addition, from, to, lines: lines.clone(), why };
    let halt = |why: &str| {
        let mut stop = stop.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        stop.get_or_insert_with(|| why.to_owned());
    };
    let halted = stop.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
    if let Some(why) = halted {
        return Err(not_reached(format!("not reached: {why}")));
    }
    if let Err(why) = push.may_go_on.check() {
        halt(&why);
        return Err(not_reached(format!("not reached: {why}")));
    }
    let who = change.approved_by().unwrap_or(&push.house.who).to_owned();
    let intent = push.house.store.make_intent(push.lease, &change, push.plan, &who, now()).await;
    let intent = match intent {
        Ok(intent) => intent,
        // An open write of this addition, or a lease that is no longer fresh (which stops the next line).
        Err(StoreError::Refused(why)) => return Err(not_reached(why)),
        Err(error) => {
            // Without a durable intent nothing is sent, for this line or for the next ones.
            let why = format!("the intent could not be stored, so nothing was sent: {}", Failure::from(error));
            halt(&why);
            return Err(not_reached(why));
        }
    };
    let id = intent.id();
    let written: Written = push.client.write(change, intent, &push.today, push.guard).await;
    if let Some(why) = &written.stop_run {
        halt(why);
    }
    if let Err(error) = push.house.store.record_outcome(push.lease, id, &written, to, &lines, now()).await {
        // The intent stays open: the next run looks it up first.
        halt(&format!("the outcome of addition {addition} could not be stored: {}", Failure::from(error)));
        return Ok((addition, Outcome::Unknown));
    }
    Ok((addition, written.outcome))
}
