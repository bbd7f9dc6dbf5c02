//! `hive plan`, `hive explain`.

use crate::cli::{Format, Pair};
use crate::failure::{DONE, Done};
use crate::house::{House, now};
use crate::show::{plan as words, show};
use hive_desk::view::{EXPLAINED_COLUMNS, ExplainedView, PLAN_COLUMNS, PlanView};

pub(super) async fn plan(house: &House, format: Format, msp: &str) -> Done {
    let (msp, desk, at) = (house.msp(msp).await?, house.desk(), now());
    let plan = desk.plan(&msp, at).await?;
    let approved = desk.approved(&msp, &plan, at).await?;
    let zone = house.zone(&msp).await?;
    show(format, &PlanView::of(&plan, None), PLAN_COLUMNS, || words::words(&plan, &approved, &zone))?;
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
