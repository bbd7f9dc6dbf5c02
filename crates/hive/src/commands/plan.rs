//! `hive plan`, `hive explain`.

use super::rules::{self, SettingsAsked};
use crate::cli::{Format, Pair};
use crate::failure::{DONE, Done};
use crate::house::{House, now};
use crate::show::{plan as words, proof, show, tell, what_if as what_if_words};
use hive_core::{LineId, RunId};
use hive_desk::brake_advice;
use hive_desk::view::{
    BACK_TEST_COLUMNS, BackTestView, EXPLAINED_COLUMNS, ExplainedView, PLAN_COLUMNS, PlanView, RuleView, RunOfLineView,
    WHAT_IF_COLUMNS, WhatIfView, WroteView,
};

pub(super) async fn plan(house: &House, format: Format, msp: &str) -> Done {
    let (msp, desk, at) = (house.msp(msp).await?, house.desk(), now());
    let (plan, brake) = desk.plan_braked(&msp, at).await?;
    let approved = desk.approved(&msp, &plan, at).await?;
    let zone = house.zone(&msp).await?;
    let view = PlanView::of(&plan, None, brake.as_ref());
    show(format, &view, PLAN_COLUMNS, || words::words(&plan, &approved, &zone))?;
    if let Some(brake) = &brake {
        tell(&format!("{}. {}.", brake.words(), brake_advice(&msp.name)));
    }
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

/// What past months would have billed.
pub(super) async fn back_test(house: &House, format: Format, msp: &str, months: u16, asked: &SettingsAsked) -> Done {
    let (msp, desk) = (house.msp(msp).await?, house.desk());
    let (place, changes) = rules::read(house, &msp, asked).await?;
    let test = desk.back_test(&msp, months, &changes, place.product, now()).await?;
    let view = BackTestView::of(&msp.name, &changes, &test);
    show(format, &view, BACK_TEST_COLUMNS, || what_if_words::months(&view))?;
    Ok(DONE)
}

pub(super) async fn explain(house: &House, format: Format, msp: &str, pair: &Pair, run: Option<i64>) -> Done {
    let (msp, desk) = (house.msp(msp).await?, house.desk());
    let account = desk.account(&msp, &pair.account).await?;
    let product = desk.product(&msp, &pair.product).await?;
    if let Some(run) = run {
        let id = LineId { account: account.id, product: product.id };
        let explained = desk.explain_run(&msp, RunId(run), id).await?;
        let mut view = ExplainedView::of(explained.plan.as_ref(), &explained.line, &[]);
        view.rule = explained.rule.as_ref().map(RuleView::of);
        view.run = Some(RunOfLineView::of(&explained));
        show(format, &view, EXPLAINED_COLUMNS, || words::explanation(&explained.line) + &proof::words(&view))?;
        return Ok(DONE);
    }
    let (plan, line, candidates) = desk.explain(&msp, account.id, product.id, now()).await?;
    let (rule, wrote) = (desk.rule_version(&msp, product.id).await?, desk.wrote(&msp, &line).await?);
    let mut view = ExplainedView::of(Some(&plan), &line, &candidates);
    view.rule = rule.as_ref().map(RuleView::of);
    view.pushed = wrote.iter().map(WroteView::of).collect();
    show(format, &view, EXPLAINED_COLUMNS, || {
        words::explanation(&line) + &words::candidates(&candidates) + &proof::words(&view)
    })?;
    Ok(DONE)
}
