//! Approving: a person's agreement to held changes of the plan last stored.

use crate::view::{ApprovedLine, ApprovedView, IdView};
use crate::{By, Desk, Refused};
use hive_core::allow::{Approval, CreateApproval};
use hive_core::plan::{Change, Create, Line, Plan};
use hive_core::settings::{Key, Settings};
use hive_core::{LineId, PlanId, Timestamp};
use hive_store::Msp;
use jiff::ToSpan as _;
use std::collections::BTreeSet;

/// Which held changes are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// Everything that is held.
    All,
    /// The changes of these lines.
    Lines(Vec<LineId>),
    /// Everything that one cause holds.
    Cause(String),
}

/// What an approval would be of: for the question before it.
#[derive(Clone, Debug)]
pub struct ToApprove {
    /// The plan last stored.
    pub plan: Plan,
    /// Its held changes that were asked for.
    pub changes: Vec<Change>,
    /// What it would create and was asked for.
    pub creates: Vec<Create>,
}

impl Desk {
    /// The held changes that would be approved, or why there is nothing to approve.
    pub async fn to_approve(&self, msp: &Msp, plan: Option<&PlanId>, which: &Which) -> Result<ToApprove, Refused> {
        let last = self.plan_meant(msp, plan).await?;
        let Chosen { changes, creates } = chosen(&last, which)?;
        let changes: Vec<Change> = changes.into_iter().cloned().collect();
        let creates: Vec<Create> = creates.into_iter().cloned().collect();
        let nothing = changes.is_empty() && creates.is_empty();
        if nothing && (*which != Which::All || self.brake_now(msp, &last, last.made_at).await?.is_none()) {
            return Err(Refused::Stopped(format!("nothing is held in plan {}", last.id)));
        }
        Ok(ToApprove { plan: last, changes, creates })
    }

    /// The plan last stored, if it is the one that the person had before them: a word given to one plan is
    /// never taken for another.
    pub(crate) async fn plan_meant(&self, msp: &Msp, plan: Option<&PlanId>) -> Result<Plan, Refused> {
        let last = self.last_plan(msp).await?;
        match plan.filter(|id| **id != last.id) {
            None => Ok(last),
            Some(id) => Err(Refused::Stopped(format!(
                "plan {id} is not the plan last stored, which is {}; look at it first: hive plan \"{}\"",
                last.id, msp.name
            ))),
        }
    }

    /// When an approval that is given at `at` lapses.
    pub async fn would_lapse(&self, msp: &Msp, at: Timestamp) -> Result<Timestamp, Refused> {
        let settings = self.store.settings(msp.id).await?;
        Ok(lapse(&settings, self.store.next_update_at(msp.id).await?, at))
    }

    /// Approves held changes of the plan last stored; with `plan` only if it is still that one.
    pub async fn approve(&self, by: &By, plan: Option<&PlanId>, which: &Which) -> Result<ApprovedView, Refused> {
        let ToApprove { plan, changes, creates } = self.to_approve(&by.msp, plan, which).await?;
        let settings = self.store.settings(by.msp.id).await?;
        let lapses_at = self.would_lapse(&by.msp, by.at).await?;
        let percent = settings.number(Key::ApprovalPercent);
        let cause = match which {
            Which::Cause(cause) => Some(cause.as_str()),
            Which::All | Which::Lines(_) => None,
        };
        let approve = |change: &Change| Approval::of(change, cause, percent, &by.who, (by.at, lapses_at));
        let approvals: Vec<Approval> = changes.iter().map(approve).collect();
        let create = |create: &Create| CreateApproval::of(create, cause, percent, &by.who, (by.at, lapses_at));
        let created: Vec<CreateApproval> = creates.iter().map(create).collect();
        self.store.approve(by.msp.id, &approvals, &plan.id).await?;
        let brake_passed = *which == Which::All && self.pass_brake(by, &plan, lapses_at).await?;
        self.store.approve_creates(by.msp.id, &created, &plan.id).await?;
        let mut view = ApprovedView { brake_passed, ..view(&plan, &changes, &approvals, lapses_at) };
        view.live &= creates.iter().all(|create| create.live);
        for (create, approval) in creates.iter().zip(&created) {
            view.lines.extend(
                create.lines.iter().filter_map(|id| plan.line(*id)).map(|line| to_create(line, create, approval)),
            );
        }
        Ok(view)
    }
}

/// What of a plan waits for an approval that is given.
#[derive(Default)]
pub(crate) struct Chosen<'a> {
    pub(crate) changes: Vec<&'a Change>,
    pub(crate) creates: Vec<&'a Create>,
}

/// The held changes of lines or of a cause, and what would be created; all of it where all is asked for.
pub(crate) fn chosen<'a>(plan: &'a Plan, which: &Which) -> Result<Chosen<'a>, Refused> {
    let held = || plan.changes.iter().filter(|change| !change.holds.is_empty());
    let lines = match which {
        Which::All => return Ok(Chosen { changes: held().collect(), creates: plan.creates.iter().collect() }),
        Which::Cause(cause) => {
            let of_cause = |(_, of): &(_, String)| of == cause;
            let changes: Vec<&Change> = held().filter(|change| change.holds.iter().any(of_cause)).collect();
            let creates = plan.creates.iter().filter(|create| create.holds.iter().any(|(_, of)| of == cause));
            let creates: Vec<&Create> = creates.collect();
            if changes.is_empty() && creates.is_empty() {
                return Err(Refused::Stopped(format!("no held change of plan {} has the cause \"{cause}\"", plan.id)));
            }
            return Ok(Chosen { changes, creates });
        }
        Which::Lines(lines) => lines,
    };
    let mut found = Chosen::default();
    let (mut known, mut places) = (BTreeSet::new(), BTreeSet::new());
    for id in lines {
        let line = plan.line(*id).ok_or_else(|| no_line(plan, &id.to_string()))?;
        if let Some(create) = plan.create_of(*id) {
            if places.insert((create.agreement, create.item)) {
                found.creates.push(create);
            }
            continue;
        }
        let change = held().find(|change| Some(change.addition) == line.addition && change.lines.contains(id));
        let change = change.ok_or_else(|| Refused::Stopped(format!("line {id} is not held in plan {}", plan.id)))?;
        if known.insert(change.addition) {
            found.changes.push(change);
        }
    }
    Ok(found)
}

/// The words for a line that the plan last stored does not have.
pub(crate) fn no_line(plan: &Plan, text: &str) -> Refused {
    Refused::NotFound(format!("plan {} has no line {text}; hive plan … --format json shows the ids", plan.id))
}

/// `approval_days` past the next scheduled Update, or past now where none is scheduled.
fn lapse(settings: &Settings, next_update_at: Option<Timestamp>, at: Timestamp) -> Timestamp {
    let days = settings.whole(Key::ApprovalDays);
    let from = next_update_at.map_or(at, |next| next.max(at));
    from.saturating_add((days.clamp(0, 36_500) * 24).hours()).unwrap_or(from)
}

fn to_create(line: &Line, create: &Create, approval: &CreateApproval) -> ApprovedLine {
    ApprovedLine {
        line: line.id.to_string(),
        account: line.account.clone(),
        product: line.product.clone(),
        addition: None,
        from: None,
        to: create.quantity.to_string(),
        limit: approval.limit.to_string(),
        codes: approval.codes.iter().map(|code| code.name()).collect(),
        money_month: create.money_month.map(|month| month.to_string()),
    }
}

fn view(plan: &Plan, changes: &[Change], approvals: &[Approval], lapses_at: Timestamp) -> ApprovedView {
    let mut lines = Vec::new();
    for (change, approval) in changes.iter().zip(approvals) {
        let codes: BTreeSet<&'static str> = approval.codes.iter().map(|code| code.name()).collect();
        for line in change.lines.iter().filter_map(|id| plan.line(*id)) {
            lines.push(ApprovedLine {
                line: line.id.to_string(),
                account: line.account.clone(),
                product: line.product.clone(),
                addition: Some(IdView { id: change.addition.0 }),
                from: Some(change.from.to_string()),
                to: change.to.to_string(),
                limit: approval.limit.to_string(),
                codes: codes.iter().copied().collect(),
                money_month: change.money_month.map(|month| month.to_string()),
            });
        }
    }
    let live = changes.iter().all(|change| change.live);
    ApprovedView {
        plan: plan.id.to_string(),
        lapses_at: format!("{lapses_at:.0}"),
        lapses: lapses_at,
        lines,
        live,
        brake_passed: false,
    }
}
