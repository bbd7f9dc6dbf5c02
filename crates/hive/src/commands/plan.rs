//! `hive plan`, `hive explain`.

use crate::cli::{Format, Pair};
use crate::failure::{DONE, Done};
use crate::house::{House, now};
use crate::show::{plan as words, show, tell};
use hive_desk::brake_advice;
use hive_desk::view::{EXPLAINED_COLUMNS, ExplainedView, PLAN_COLUMNS, PlanView};

pub(super) async fn plan(house: &House, format: Format, msp: &str) -> Done {
    let (msp, desk, at) = (house.msp(msp).await?, house.desk(), now());
    let (plan, brake) = desk.plan_braked(&msp, at).await?;
    let approved = desk.approved(&msp, &plan, at).await?;
    show(format, &PlanView::of(&plan, None, brake.as_ref()), PLAN_COLUMNS, || words::words(&plan, &approved))?;
    if let Some(brake) = &brake {
        tell(&format!("{}. {}.", brake.words(), brake_advice(&msp.name)));
    }
    Ok(DONE)
}

pub(super) async fn explain(house: &House, format: Format, msp: &str, pair: &Pair) -> Done {
    let (msp, desk) = (house.msp(msp).await?, house.desk());
    let account = desk.account(&msp, &pair.account).await?;
    let product = desk.product(&msp, &pair.product).await?;
    let (plan, line) = desk.explain(&msp, account.id, product.id, now()).await?;
    show(format, &ExplainedView::of(&plan, &line), EXPLAINED_COLUMNS, || words::explanation(&line))?;
    Ok(DONE)
}
