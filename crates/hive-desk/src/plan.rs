//! Planning, and what was planned and run: the plan, one number's story, reports.

use crate::day::day;
use crate::view::CandidateView;
use crate::{Desk, Refused};
use hive_core::allow::{Approval, CreateApproval, create_lifted_by, lifted_by};
use hive_core::plan::{self, Brake, Facts, Line, Plan};
use hive_core::{AccountId, AdditionId, LineId, PlanId, ProductId, RunId, Timestamp};
use hive_store::{Msp, Report, RunRow};
use std::collections::{BTreeMap, HashMap};

/// Runs that are listed at once.
const RUNS_MAX: i64 = 100;

impl Desk {
    /// Plans now, checks the plan and stores it: what is shown is what can be approved and pushed.
    pub async fn plan(&self, msp: &Msp, at: Timestamp) -> Result<Plan, Refused> {
        Ok(self.plan_braked(msp, at).await?.0)
    }

    /// The same, with why a scheduled Update would not start on it.
    pub async fn plan_braked(&self, msp: &Msp, at: Timestamp) -> Result<(Plan, Option<Brake>), Refused> {
        let (facts, plan, wrong) = self.make(msp, at).await?;
        check(&wrong)?;
        self.store.save_plan(msp.id, &plan).await?;
        let brake = self.brake(msp, &facts, &plan, at).await?;
        let (plan, day) = apart(move || {
            let day = day(&facts, &plan);
            (plan, day)
        })
        .await?;
        self.store.save_day(msp.id, &day).await?;
        Ok((plan, brake))
    }

    /// The story of one number, planned now and not stored; with the id of that plan, and every addition
    /// that the line could be billed on.
    pub async fn explain(
        &self,
        msp: &Msp,
        account: AccountId,
        product: ProductId,
        at: Timestamp,
    ) -> Result<(PlanId, Line, Vec<CandidateView>), Refused> {
        let (facts, plan, _) = self.make(msp, at).await?;
        if let Some(line) = plan.line(LineId { account, product }) {
            let candidates = plan::candidates(&facts, line.id, plan.today);
            return Ok((plan.id.clone(), line.clone(), candidates.iter().map(CandidateView::of).collect()));
        }
        let (account, product) = (self.account_of(msp, account).await?, self.product_of(msp, product).await?);
        let excluded = facts.exclusions.iter().find(|one| one.acts(plan.today) && one.names(account.id, product.id));
        if let Some(exclusion) = excluded {
            return Err(Refused::NotFound(format!(
                "{} x {} is no line: {} excluded it{} ({}). To take it back: hive include \"{}\"",
                account.name,
                product.name,
                exclusion.who,
                exclusion.until.map_or_else(String::new, |until| format!(" through {until}")),
                exclusion.reason,
                msp.name,
            )));
        }
        Err(Refused::NotFound(format!(
            "{} x {} is no line: it has no sample, no quota and no pin, or a person ignored it (hive links \"{}\")",
            account.name, product.name, msp.name,
        )))
    }

    /// The plan that a person has looked at: the one last stored.
    pub async fn last_plan(&self, msp: &Msp) -> Result<Plan, Refused> {
        let plan = self.store.newest_plan(msp.id).await?;
        plan.ok_or_else(|| {
            Refused::Stopped(format!("there is no plan of {} yet: hive plan \"{}\"", msp.name, msp.name))
        })
    }

    /// What of a plan is approved at `at`, and by whom.
    pub async fn approved(&self, msp: &Msp, plan: &Plan, at: Timestamp) -> Result<Approved, Refused> {
        let additions = lifted(plan, self.store.approvals(msp.id, at).await?, at);
        let creates = self.store.create_approvals_unused(msp.id).await?;
        Ok(Approved { additions, creates: lifted_creates(plan, &creates, at) })
    }

    /// What a run did; without a run the newest Update.
    pub async fn report(&self, msp: &Msp, run: Option<RunId>) -> Result<Report, Refused> {
        let newest = match run {
            Some(run) => Some(run),
            None => self.store.newest_update(msp.id).await?,
        };
        let run = newest.ok_or_else(|| {
            Refused::NotFound(format!(
                "{} had no Update yet; hive report \"{}\" --run next shows what the next one will do",
                msp.name, msp.name
            ))
        })?;
        let report = self.store.report(msp.id, run).await?;
        report.ok_or_else(|| {
            Refused::NotFound(format!("{} has no run {run}; hive runs \"{}\" lists them", msp.name, msp.name))
        })
    }

    /// The newest runs, newest first.
    pub async fn runs(&self, msp: &Msp) -> Result<Vec<RunRow>, Refused> {
        Ok(self.store.runs(msp.id, RUNS_MAX).await?)
    }

    /// Facts and their plan, with what its own check found wrong. Planning is work for a thread of its own.
    pub(crate) async fn make(&self, msp: &Msp, at: Timestamp) -> Result<(Facts, Plan, Vec<String>), Refused> {
        let facts = self.store.facts(msp.id, None).await?;
        apart(move || {
            let plan = plan::make(&facts, at);
            let wrong = plan::check(&plan, &facts);
            (facts, plan, wrong)
        })
        .await
    }
}

/// Long work on a thread that no request waits on.
pub(crate) async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refused> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Refused::Broken(format!("the work broke off; please report this: {error}")))
}

/// A plan that does not pass its own check is shown to nobody.
pub(crate) fn check(wrong: &[String]) -> Result<(), Refused> {
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Refused::Stopped(format!("the plan does not pass its own check; please report this: {}", wrong.join("; "))))
}

/// What of a plan is approved, and by whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approved {
    /// The held additions whose holds are all lifted.
    pub additions: BTreeMap<AdditionId, String>,
    /// The lines whose addition is to be created.
    pub creates: BTreeMap<LineId, String>,
}

impl Approved {
    /// Who approved what the plan would do for a line.
    pub fn of(&self, line: &Line) -> Option<&str> {
        let by_addition = line.addition.and_then(|addition| self.additions.get(&addition));
        by_addition.or_else(|| self.creates.get(&line.id)).map(String::as_str)
    }
}

/// The lines whose addition may be created, and who approved it.
fn lifted_creates(plan: &Plan, approvals: &[CreateApproval], at: Timestamp) -> BTreeMap<LineId, String> {
    let lifted = plan.creates.iter().filter_map(|create| Some((create, create_lifted_by(create, approvals, at)?)));
    lifted.flat_map(|(create, who)| create.lines.iter().map(move |line| (*line, who.clone()))).collect()
}

/// The held additions whose holds are all lifted, and by whom.
fn lifted(plan: &Plan, approvals: Vec<Approval>, at: Timestamp) -> BTreeMap<AdditionId, String> {
    let mut by_addition: HashMap<AdditionId, Vec<Approval>> = HashMap::new();
    for approval in approvals {
        by_addition.entry(approval.addition).or_default().push(approval);
    }
    let held = plan.changes.iter().filter(|change| !change.holds.is_empty());
    held.filter_map(|change| {
        let approvals = by_addition.get(&change.addition)?;
        Some((change.addition, lifted_by(change, approvals, at)?))
    })
    .collect()
}
