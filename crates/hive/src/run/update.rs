//! An Update: plans anew, lets through what is allowed, pushes it, reports every line.

use super::create::{Creations, create};
use super::push::{NotReached, Push, Pushed, push};
use super::{MayGoOn, NotBegun, Origin, RUN_MAX, Running, recover, sync};
use crate::failure::Failure;
use crate::house::{House, now};
use crate::progress::Progress;
use hive_connectwise::{Client, RunGuard};
use hive_core::allow::{Allowed, AllowedCreates, Request, allow, allow_creates, settled_at_go_live};
use hive_core::issue::Severity;
use hive_core::outcome::Outcome;
use hive_core::plan::{self, Facts, Line, Mark, Plan};
use hive_core::settings::Updates;
use hive_core::when::stamp;
use hive_core::{AccountId, AdditionId, AgreementId, ItemId, LineId, PlanId, ProductId, Quantity, Timestamp};
use hive_desk::brake_advice;
use hive_store::{Connection, Lease, Msp, Report, ReportLine, RunKind, RunState, Schedule};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A mirror older than this is refreshed before an Update plans.
const MIRROR_MINUTES_MAX: i64 = 60;
/// A plan older than this has lapsed.
const PLAN_HOURS_MAX: i64 = 24;

/// How an Update was asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) plan: Option<PlanId>,
    pub(crate) products: Option<BTreeSet<ProductId>>,
    /// Only these accounts' additions: no product goes live then.
    pub(crate) accounts: Option<BTreeSet<AccountId>>,
}

/// Begins an Update, or says why none is to run; the schedule gives the slot that it takes.
pub(crate) async fn begin(
    house: &House,
    msp: &Msp,
    asked: &Asked,
    advance: Option<&Schedule>,
) -> Result<Running, NotBegun> {
    let connection = house.connection(msp).await?;
    let updates = house.store.settings(msp.id).await?.updates();
    if updates == Updates::Off {
        return Err(NotBegun::Waits(format!(
            "Updates are off for {}: nothing is written. Switch them on: hive settings \"{}\" updates=automatic (or manual)",
            msp.name, msp.name
        )));
    }
    if updates == Updates::Manual && advance.is_some() {
        return Err(NotBegun::Waits(format!("Updates of {} are started by hand only (updates=manual)", msp.name)));
    }
    must_not_wait_for_admin(msp, &connection)?;
    if house.store.mirror(msp.id).await?.is_none() {
        return Err(NotBegun::Waits(format!("nothing was synced for {} yet: hive sync \"{}\"", msp.name, msp.name)));
    }
    if asked.plan.is_none() {
        must_be_live(house, msp).await?;
    }
    if advance.is_some() {
        must_not_be_braked(house, msp).await?;
    }
    super::begin(house, msp, RunKind::Update, &connection, advance).await
}

/// Runs an Update to its report.
pub(crate) async fn update(house: &House, msp: &Msp, asked: &Asked) -> Result<Report, Failure> {
    go(begin(house, msp, asked, None).await?, asked).await
}

/// An Update that has begun, to its report.
pub(crate) async fn go(running: Running, asked: &Asked) -> Result<Report, Failure> {
    let run = Run {
        house: &running.house,
        msp: &running.msp,
        lease: &running.lease,
        client: &running.client,
        may_go_on: &running.may_go_on,
        progress: &running.progress,
        running: &running,
    };
    let ended = running.under_lease(run.go(asked)).await;
    let (store, msp, id) = (running.house.store.clone(), running.msp.id, running.lease.run);
    match ended {
        Ok(Ended { plan, state, words }) => {
            running.finish(state, Some(&plan), &words.unwrap_or_default()).await?;
        }
        Err(failure) => {
            running.finish(RunState::Failed, None, &failure.words).await?;
            return Err(failure);
        }
    }
    let report = store.report(msp, id).await?;
    report.ok_or_else(|| Failure::stopped(format!("the report of run {id} cannot be read")))
}

/// While a needed right is missing and nobody accepted that, nothing is written, by an undo neither.
pub(super) fn must_not_wait_for_admin(msp: &Msp, connection: &Connection) -> Result<(), NotBegun> {
    if !connection.rights.waits_for_admin() || connection.accepted.is_some() {
        return Ok(());
    }
    Err(NotBegun::Waits(format!(
        "the connection of {} is waiting for an admin: rights are missing (hive doctor \"{}\"). Mend the role and connect again, or accept what will not work: hive connect \"{}\" --accept",
        msp.name, msp.name, msp.name,
    )))
}

/// Without a live product an Update without an id writes nothing; it shows which plan would.
async fn must_be_live(house: &House, msp: &Msp) -> Result<(), NotBegun> {
    let facts = house.store.facts(msp.id, None).await?;
    if !plan::live_products(&facts).is_empty() {
        return Ok(());
    }
    let plan = plan::make(&facts, now());
    save(house, msp, &facts, &plan).await?;
    Err(NotBegun::Waits(format!(
        "{} only previews so far: no product is live, so nothing was written. Look at the plan (hive plan \"{}\"), then push exactly it: hive update \"{}\" --plan {}",
        msp.name, msp.name, msp.name, plan.id,
    )))
}

/// A scheduled Update that would move too much of the money under Hive waits for a person; it is named
/// where the next Update is shown. The plan is stored, for whoever looks.
async fn must_not_be_braked(house: &House, msp: &Msp) -> Result<(), NotBegun> {
    let facts = house.store.facts(msp.id, None).await?;
    let at = now();
    let plan = plan::make(&facts, at);
    let brake = house.desk().brake(msp, &facts, &plan, at).await.map_err(Failure::from)?;
    let Some(brake) = brake else { return Ok(()) };
    save(house, msp, &facts, &plan).await?;
    Err(NotBegun::Waits(format!("{}. {}", brake.words(), brake_advice(&msp.name))))
}

/// Keeps a plan with the sums of its day, as `hive plan` does: the trend has no hole where an Update planned.
async fn save(house: &House, msp: &Msp, facts: &Facts, plan: &Plan) -> Result<(), Failure> {
    house.store.save_plan(msp.id, plan).await?;
    house.store.save_day(msp.id, &hive_desk::day(facts, plan)).await?;
    Ok(())
}

struct Run<'a> {
    house: &'a House,
    msp: &'a Msp,
    lease: &'a Lease,
    client: &'a Client,
    may_go_on: &'a MayGoOn,
    progress: &'a Progress,
    running: &'a Running,
}

struct Ended {
    plan: PlanId,
    state: RunState,
    words: Option<String>,
}

impl Run<'_> {
    async fn go(&self, asked: &Asked) -> Result<Ended, Failure> {
        self.running
            .until_stopped(async {
                recover::look_up_first(self.running).await?;
                self.refresh().await
            })
            .await?;
        let at = now();
        let (facts, plan) = self.plan(asked, at).await?;
        let (mut allowed, mut creates) = self.allow(asked, &facts, &plan, at).await?;
        let wrong = plan::check(&plan, &facts);
        if !wrong.is_empty() {
            return Err(Failure::stopped(format!(
                "the plan does not pass its own check, so nothing is written; please report this: {}",
                wrong.join("; ")
            )));
        }
        if asked.plan.is_none() {
            save(self.house, self.msp, &facts, &plan).await?;
        }
        self.house.store.run_plan(self.lease, &plan.id).await?;
        let brake = self.brake(&facts, &plan, (&mut allowed, &mut creates), at).await?;
        self.go_live(&allowed, &facts, &plan, at).await?;
        self.record_the_rest(&plan, &allowed, &creates).await?;
        let (pushed, created) = self.push(&plan, allowed, creates).await?;
        let ended = self.end(&facts, &plan, &pushed, &created).await?;
        Ok(Ended { words: ended.words.or(brake), ..ended })
    }

    /// The mirror may have been read anew since the slot was taken, and more may move now: then nothing
    /// is pushed, and every line of it is *held*. What a person starts has no brake.
    async fn brake(
        &self,
        facts: &Facts,
        plan: &Plan,
        (allowed, creates): (&mut Allowed, &mut AllowedCreates),
        at: Timestamp,
    ) -> Result<Option<String>, Failure> {
        if self.running.origin != Origin::Schedule {
            return Ok(None);
        }
        let Some(brake) = self.house.desk().brake(self.msp, facts, plan, at).await? else { return Ok(None) };
        let words = format!("{}. {}", brake.words(), brake_advice(&self.msp.name));
        for released in std::mem::take(&mut allowed.released) {
            allowed.waiting.insert(released.addition(), words.clone());
        }
        for released in std::mem::take(&mut creates.released) {
            creates.waiting.extend(released.lines().iter().map(|line| (*line, words.clone())));
        }
        Ok(Some(words))
    }

    /// Reads agreements and additions again where the mirror is older than an hour.
    async fn refresh(&self) -> Result<(), Failure> {
        let Some(old) = self.house.store.mirror(self.msp.id).await? else {
            return Err(Failure::stopped("the mirror is gone; run a Sync first"));
        };
        if now().duration_since(old.refreshed_at).as_mins() < MIRROR_MINUTES_MAX {
            return Ok(());
        }
        let show = self.running.shows();
        let known = sync::known(self.house, self.msp.id, Some(&old)).await?;
        let mirror = self.client.refresh(&old, &known, &show).await?;
        self.house.store.save_mirror(self.msp.id, self.lease, &mirror).await?;
        Ok(())
    }

    /// Plans anew; a plan asked for by its id with the samples and the date of that plan.
    async fn plan(&self, asked: &Asked, at: Timestamp) -> Result<(Facts, Plan), Failure> {
        let store = &self.house.store;
        let Some(id) = &asked.plan else {
            let facts = store.facts(self.msp.id, None).await?;
            let plan = plan::make(&facts, at);
            return Ok((facts, plan));
        };
        let Some(shown) = store.plan(self.msp.id, id).await? else {
            return Err(Failure::stopped(format!(
                "{} has no plan {id}; plan again: hive plan \"{}\"",
                self.msp.name, self.msp.name
            )));
        };
        if at.duration_since(shown.made_at).as_hours() >= PLAN_HOURS_MAX {
            return Err(Failure::stopped(format!(
                "plan {id} was made at {} and has lapsed after a day; plan again: hive plan \"{}\"",
                stamp(shown.made_at, &self.house.zone(self.msp).await?),
                self.msp.name
            )));
        }
        let facts = store.facts(self.msp.id, Some(shown.samples_through)).await?;
        let plan = plan::make(&facts, shown.made_at);
        if plan.id != *id {
            return Err(Failure::stopped(format!(
                "plan {id} no longer stands, so nothing was written. What differs now:\n{}\nLook at it again: hive plan \"{}\"",
                differences(&shown, &plan),
                self.msp.name,
            )));
        }
        Ok((facts, plan))
    }

    async fn allow(
        &self,
        asked: &Asked,
        facts: &Facts,
        plan: &Plan,
        at: Timestamp,
    ) -> Result<(Allowed, AllowedCreates), Failure> {
        let approvals = self.house.store.approvals_unused(self.msp.id).await?;
        let creates = self.house.store.create_approvals_unused(self.msp.id).await?;
        let Asked { plan: id, products, accounts } = asked.clone();
        let zone = Some(facts.settings.time_zone());
        let request = Request { by_plan_id: id.is_some(), products, accounts, zone };
        let allowed = allow(plan, &facts.product_links, &approvals, &request, at);
        Ok((allowed, allow_creates(plan, &creates, &request, at)))
    }

    /// The links of this Update go live before its first intent, with the values settled on.
    async fn go_live(&self, allowed: &Allowed, facts: &Facts, plan: &Plan, at: Timestamp) -> Result<(), Failure> {
        let live = plan::live_products(facts);
        let rules: BTreeMap<ProductId, String> = plan::looked_at(facts)
            .into_iter()
            .filter(|(product, _)| allowed.going_live.contains(product) && !live.contains(product))
            .collect();
        if rules.is_empty() {
            return Ok(());
        }
        let going_live: BTreeSet<ProductId> = rules.keys().copied().collect();
        let settled = settled_at_go_live(plan, &facts.standings, &going_live);
        let settled: Vec<(AdditionId, Quantity)> = settled.into_iter().collect();
        self.house.store.go_live(self.msp.id, self.lease, &rules, &settled, &plan.id, &self.house.who, at).await?;
        Ok(())
    }

    /// Lines that need no write get their outcome before the first write, so that a crash leaves a
    /// whole report.
    async fn record_the_rest(&self, plan: &Plan, allowed: &Allowed, creates: &AllowedCreates) -> Result<(), Failure> {
        let released: BTreeSet<AdditionId> =
            allowed.released.iter().map(hive_core::allow::Released::addition).collect();
        let created: BTreeSet<LineId> =
            creates.released.iter().flat_map(|create| create.lines().iter().copied()).collect();
        let lines: Vec<ReportLine> = plan
            .lines
            .iter()
            .filter_map(|line| {
                let written = matches!(line.mark, Mark::Change | Mark::Held)
                    && line.addition.map_or(created.contains(&line.id), |id| released.contains(&id));
                (!written).then(|| rest(line, allowed, creates))
            })
            .collect();
        self.house.store.record_lines(self.lease, &lines).await?;
        Ok(())
    }

    /// The changes, then what is created.
    async fn push(
        &self,
        plan: &Plan,
        allowed: Allowed,
        creates: AllowedCreates,
    ) -> Result<(Pushed, Creations), Failure> {
        let may_go_on = self.may_go_on.clone();
        let guard = RunGuard::new(RUN_MAX, Arc::new(move || may_go_on.check()));
        let pusher = Push {
            house: self.house,
            lease: self.lease,
            client: self.client,
            guard: &guard,
            may_go_on: self.may_go_on,
            progress: self.progress,
            plan: &plan.id,
            // A plan may be a day old; what is over is judged today.
            today: now().to_zoned(self.house.store.settings(self.msp.id).await?.time_zone()),
        };
        let pushed = push(&pusher, allowed.released).await;
        let created = create(&pusher, creates.released, pushed.stopped.clone()).await;
        let mut lines: Vec<ReportLine> = pushed.not_reached.iter().flat_map(NotReached::report_lines).collect();
        lines.extend(created.not_reached.iter().cloned());
        self.house.store.record_lines(self.lease, &lines).await?;
        Ok((pushed, created))
    }

    /// Agreements pushed for their next invoice are frozen until ConnectWise shows another date.
    async fn note_invoiced(&self, facts: &Facts, plan: &Plan, pushed: &Pushed) -> Result<(), Failure> {
        let mut outcomes = pushed.outcomes.clone();
        outcomes.extend(pushed.not_reached.iter().map(|change| (change.addition, Outcome::NotSent)));
        let invoiced: Vec<_> = plan::pushed_for_invoice(facts, plan, &outcomes).into_iter().collect();
        if !invoiced.is_empty() {
            self.house.store.note_invoiced(self.msp.id, self.lease.run, &invoiced, now()).await?;
        }
        Ok(())
    }

    async fn end(&self, facts: &Facts, plan: &Plan, pushed: &Pushed, created: &Creations) -> Result<Ended, Failure> {
        let used: Vec<AdditionId> = pushed
            .outcomes
            .iter()
            .filter(|(_, outcome)| !matches!(outcome, Outcome::NotSent | Outcome::Drifted))
            .map(|(addition, _)| *addition)
            .collect();
        self.house.store.use_up(self.msp.id, &used, self.lease.run).await?;
        if !used.is_empty() {
            self.house.store.use_up_brake_pass(self.msp.id).await?;
        }
        let used: Vec<(AgreementId, ItemId)> = created
            .outcomes
            .iter()
            .filter(|(_, outcome)| !matches!(outcome, Outcome::NotSent | Outcome::Drifted))
            .map(|(place, _)| *place)
            .collect();
        self.house.store.use_up_creates(self.msp.id, &used, self.lease.run).await?;
        self.note_invoiced(facts, plan, pushed).await?;
        let failed = !pushed.not_reached.is_empty() || pushed.outcomes.values().any(|outcome| outcome.is_failure());
        let failed = failed
            || !created.not_reached.is_empty()
            || created.outcomes.iter().any(|(_, outcome)| outcome.is_failure());
        let state = match (&created.stopped, failed) {
            (Some(_), _) if self.may_go_on.stopped().is_some() => RunState::Cancelled,
            (Some(_), _) => RunState::Failed,
            (None, true) => RunState::PartlyFailed,
            (None, false) => RunState::Succeeded,
        };
        Ok(Ended { plan: plan.id.clone(), state, words: created.stopped.clone() })
    }
}

/// The outcome of a line that is not written.
fn rest(line: &Line, allowed: &Allowed, creates: &AllowedCreates) -> ReportLine {
    let heaviest = line.issues.iter().find(|issue| issue.severity == Severity::Stop);
    let (outcome, message) = match line.mark {
        Mark::Unchanged => (Outcome::Unchanged, None),
        Mark::Issue => (Outcome::Issue, heaviest.map(|issue| format!("{}: {}", issue.code, issue.message))),
        Mark::Change | Mark::Held => {
            let waits = line.addition.map_or_else(|| creates.waiting.get(&line.id), |id| allowed.waiting.get(&id));
            (Outcome::Held, waits.cloned())
        }
    };
    ReportLine {
        line: line.id,
        account: line.account.clone(),
        product: line.product.clone(),
        addition: line.addition,
        from: line.now,
        to: line.next,
        found: None,
        outcome,
        message,
    }
}

/// The lines in which two plans differ, in words.
fn differences(shown: &Plan, now: &Plan) -> String {
    let say = |line: Option<&Line>| {
        line.map_or_else(
            || "no line".to_owned(),
            |line| {
                let quantity = |q: Option<Quantity>| q.map_or_else(|| "-".to_owned(), |q| q.to_string());
                let mut codes: Vec<&str> = line.issues.iter().map(|issue| issue.code.name()).collect();
                codes.sort_unstable();
                format!(
                    "{} -> {} {} [{}]{}",
                    quantity(line.now),
                    quantity(line.next),
                    line.mark.name(),
                    codes.join(","),
                    if line.live { "" } else { " not live" }
                )
            },
        )
    };
    let ids: BTreeSet<LineId> = shown.lines.iter().chain(&now.lines).map(|line| line.id).collect();
    let mut words = Vec::new();
    for id in ids {
        let (before, after) = (shown.line(id), now.line(id));
        if say(before) != say(after) {
            let name = before.or(after).map(|line| format!("{} x {}", line.account, line.product)).unwrap_or_default();
            words.push(format!("  {name} ({id}): was {}; is {}", say(before), say(after)));
        }
    }
    words.join("\n")
}
