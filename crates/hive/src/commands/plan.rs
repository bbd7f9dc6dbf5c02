//! `hive plan`, `hive explain`.

use crate::cli::{Format, Pair};
use crate::failure::{DONE, Done, Failure};
use crate::house::{House, now};
use crate::show::{Csv, plan as view, show};
use hive_core::allow::lifted_by;
use hive_core::plan::{self, Plan};
use hive_core::{AdditionId, LineId};
use hive_store::Msp;
use serde::Serialize;
use std::collections::BTreeMap;

pub(super) async fn plan(house: &House, format: Format, msp: &str) -> Done {
    let msp = house.msp(msp).await?;
    let plan = stored(house, &msp).await?;
    let approved = approved(house, &msp, &plan).await?;
    show(format, &view::PlanView::of(&plan, None), view::COLUMNS, || view::words(&plan, &approved))?;
    Ok(DONE)
}

/// Plans now, and stores what is shown.
pub(super) async fn stored(house: &House, msp: &Msp) -> Result<Plan, Failure> {
    let facts = house.store.facts(msp.id, None).await?;
    let plan = plan::make(&facts, now());
    let wrong = plan::check(&plan, &facts);
    if !wrong.is_empty() {
        return Err(Failure::stopped(format!(
            "the plan does not pass its own check; please report this: {}",
            wrong.join("; ")
        )));
    }
    house.store.save_plan(msp.id, &plan).await?;
    Ok(plan)
}

/// The held additions whose holds are all lifted now, and by whom.
pub(super) async fn approved(house: &House, msp: &Msp, plan: &Plan) -> Result<BTreeMap<AdditionId, String>, Failure> {
    let at = now();
    let approvals = house.store.approvals(msp.id, at).await?;
    let held = plan.changes.iter().filter(|change| !change.holds.is_empty());
    Ok(held.filter_map(|change| Some((change.addition, lifted_by(change, &approvals, at)?))).collect())
}

#[derive(Debug, Serialize)]
struct ExplainedView<'a> {
    plan: String,
    line: String,
    account: &'a str,
    product: &'a str,
    now: Option<String>,
    next: Option<String>,
    part: Option<String>,
    mark: &'static str,
    steps: Vec<StepView<'a>>,
    issues: Vec<IssueView<'a>>,
}

#[derive(Debug, Serialize)]
struct StepView<'a> {
    step: &'static str,
    words: &'a str,
}

#[derive(Debug, Serialize)]
struct IssueView<'a> {
    code: &'static str,
    severity: &'static str,
    cause: Option<&'a str>,
    message: &'a str,
}

const COLUMNS: Csv<'static> = Csv { rows: "steps", columns: &["step", "words"] };

pub(super) async fn explain(house: &House, format: Format, msp: &str, pair: &Pair) -> Done {
    let msp = house.msp(msp).await?;
    let account = house.account(&msp, &pair.account).await?;
    let product = house.product(&msp, &pair.product).await?;
    let facts = house.store.facts(msp.id, None).await?;
    let plan = plan::make(&facts, now());
    let line = plan.line(LineId { account: account.id, product: product.id });
    let line = line.ok_or_else(|| {
        Failure::stopped(format!(
            "{} x {} is no line: it has no sample, no quota and no pin, or a person ignored it (hive links \"{}\")",
            account.name, product.name, msp.name,
        ))
    })?;
    let show_quantity = |quantity: Option<hive_core::Quantity>| quantity.map(|quantity| quantity.to_string());
    let view = ExplainedView {
        plan: plan.id.to_string(),
        line: line.id.to_string(),
        account: &line.account,
        product: &line.product,
        now: show_quantity(line.now),
        next: show_quantity(line.next),
        part: show_quantity(line.part),
        mark: line.mark.name(),
        steps: line.trace.iter().map(|step| StepView { step: step.step.name(), words: &step.words }).collect(),
        issues: line
            .issues
            .iter()
            .map(|issue| IssueView {
                code: issue.code.name(),
                severity: issue.severity.name(),
                cause: issue.cause.as_deref(),
                message: &issue.message,
            })
            .collect(),
    };
    show(format, &view, COLUMNS, || view::explanation(line))?;
    Ok(DONE)
}
