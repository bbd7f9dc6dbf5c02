//! `hive plan`, `hive explain`.

use super::rules::{self, SettingsAsked};
use crate::cli::{Format, Pair};
use crate::failure::{DONE, Done};
use crate::house::{House, now};
use crate::show::{plan as words, show, what_if as what_if_words};
use hive_desk::view::{EXPLAINED_COLUMNS, ExplainedView, PLAN_COLUMNS, PlanView, WHAT_IF_COLUMNS, WhatIfView};

pub(super) async fn plan(house: &House, format: Format, msp: &str) -> Done {
    let (msp, desk, at) = (house.msp(msp).await?, house.desk(), now());
    let plan = desk.plan(&msp, at).await?;
    let approved = desk.approved(&msp, &plan, at).await?;
    show(format, &PlanView::of(&plan, None), PLAN_COLUMNS, || words::words(&plan, &approved))?;
    Ok(DONE)
}

/// What other settings would change: planned twice, nothing stored.
pub(super) async fn what_if(house: &House, format: Format, msp: &str, asked: &SettingsAsked) -> Done {
    let (msp, desk) = (house.msp(msp).await?, house.desk());
    let (_, changes) = rules::read(house, &msp, asked).await?;
    let what_if = desk.what_if_now(&msp, &changes, now()).await?;
    let view = WhatIfView::of(&msp.name, &changes, &what_if);
    show(format, &view, WHAT_IF_COLUMNS, || what_if_words::words(&view, &what_if))?;
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
