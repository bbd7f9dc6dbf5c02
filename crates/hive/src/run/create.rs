//! Creating what is missing: each released create gets its durable intent, its POST and its outcome.
//! After the changes, one after the other: they are few, and each is looked at before and after.

use super::push::Push;
use crate::failure::Failure;
use crate::house::now;
use hive_core::allow::ReleasedCreate;
use hive_core::outcome::Outcome;
use hive_core::{AgreementId, ItemId};
use hive_store::{ReportLine, StoreError};

/// What the creates of a run came to.
#[derive(Debug, Default)]
pub(crate) struct Creations {
    pub(crate) outcomes: Vec<((AgreementId, ItemId), Outcome)>,
    /// Lines of creates that were not reached, and why.
    pub(crate) not_reached: Vec<ReportLine>,
    /// The run was stopped before its end, and why.
    pub(crate) stopped: Option<String>,
}

/// Creates all of `creates`, unless the run was stopped already.
pub(crate) async fn create(push: &Push<'_>, creates: Vec<ReleasedCreate>, stopped: Option<String>) -> Creations {
    let total = creates.len() as u64;
    let mut done = Creations { stopped, ..Creations::default() };
    for (create, nth) in creates.into_iter().zip(1..) {
        if done.stopped.is_none() {
            done.stopped = push.may_go_on.check().err();
        }
        let place = (create.agreement(), create.item());
        let lines = not_reached(&create);
        match one(push, create, &mut done.stopped).await {
            Ok(outcome) => done.outcomes.push((place, outcome)),
            Err(why) => {
                done.not_reached
                    .extend(lines.into_iter().map(|line| ReportLine { message: Some(why.clone()), ..line }));
            }
        }
        push.progress.at("creating", nth, Some(total));
    }
    done
}

/// What became of it; an error says why it was not reached.
async fn one(push: &Push<'_>, create: ReleasedCreate, stopped: &mut Option<String>) -> Result<Outcome, String> {
    if let Some(why) = stopped {
        return Err(format!("not reached: {why}"));
    }
    let place = format!("item {} on agreement {}", create.item(), create.agreement());
    let intent = push.house.store.make_create_intent(push.lease, &create, push.plan, now()).await;
    let intent = match intent {
        Ok(intent) => intent,
        // An open create of this place, or a lease that is no longer fresh (which stops the next one).
        Err(StoreError::Refused(why)) => return Err(why),
        Err(error) => {
            let why = format!("the intent could not be stored, so nothing was sent: {}", Failure::from(error));
            *stopped = Some(why.clone());
            return Err(why);
        }
    };
    let id = intent.id();
    let created = push.client.create(create, intent, &push.today, push.guard).await;
    if let Some(why) = &created.written.stop_run {
        stopped.get_or_insert_with(|| why.clone());
    }
    if let Err(error) = push.house.store.record_created(push.lease, id, &created, now()).await {
        // The intent stays open: the next run looks it up first.
        stopped.get_or_insert_with(|| {
            format!("the outcome of creating {place} could not be stored: {}", Failure::from(error))
        });
        return Ok(Outcome::Unknown);
    }
    Ok(created.written.outcome)
}

fn not_reached(create: &ReleasedCreate) -> Vec<ReportLine> {
    let line = |line: &hive_core::LineId| ReportLine {
        line: *line,
        account: String::new(),
        product: String::new(),
        addition: None,
        from: None,
        to: Some(create.quantity()),
        found: None,
        outcome: Outcome::NotSent,
        message: None,
    };
    create.lines().iter().map(line).collect()
}
