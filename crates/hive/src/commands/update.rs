//! `hive sync`, `hive update`, `hive report`, `hive runs`, `hive undo`.

use crate::cli::{Format, Update};
use crate::failure::{DONE, Done, Failure, LINES_FAILED, STOPPED};
use crate::house::{House, now};
use crate::run::update::Asked;
use crate::run::{self, sync::Synced};
use crate::show::{plan as plan_words, report as words, show, tell};
use hive_core::mirror::ItemsFrom;
use hive_core::{AdditionId, PlanId, ProductId, RunId};
use hive_desk::view::{
    LinkedView, PLAN_NEXT_COLUMNS, PlanView, REPORT_COLUMNS, RUN_COLUMNS, ReportView, RunView, SYNCED_COLUMNS,
    SyncedView, WOULD_UNDO_COLUMNS, WouldUndoView,
};
use hive_store::{Report, RunState};
use std::collections::BTreeSet;

pub(super) async fn sync(house: &House, format: Format, msp: &str) -> Done {
    let msp = house.msp(msp).await?;
    let synced = run::sync::sync(house, &msp).await?;
    let Synced { run, companies, items, items_from, agreements, additions, unreadable, requests, linked } = &synced;
    let view = SyncedView {
        run,
        companies: *companies,
        items: *items,
        items_from: match items_from {
            ItemsFrom::Catalog => "catalog",
            ItemsFrom::Additions => "additions",
        },
        agreements: *agreements,
        additions: *additions,
        unreadable,
        requests: *requests,
        linked: linked.iter().map(|(account, company)| LinkedView { account, company }).collect(),
    };
    show(format, &view, SYNCED_COLUMNS, || {
        let mut text = format!("Sync {run} done: {}.", run::sync::words(&synced));
        for (account, company) in linked {
            text.push_str(&format!("\nLinked by itself, unmistakable: {account} = {company}"));
        }
        text.push_str(&format!("\nNext: hive links \"{}\", then hive plan \"{}\"", msp.name, msp.name));
        text
    })?;
    Ok(DONE)
}

pub(super) async fn update(house: &House, format: Format, asked: &Update) -> Done {
    let msp = house.msp(&asked.msp).await?;
    let mut products: BTreeSet<ProductId> = BTreeSet::new();
    for product in &asked.product {
        products.insert(house.product(&msp, product).await?.id);
    }
    let asked = Asked { plan: asked.plan.clone().map(PlanId), products: (!products.is_empty()).then_some(products) };
    let report = run::update::update(house, &msp, &asked).await?;
    let zone = house.zone(&msp).await?;
    show(format, &ReportView::of(&report), REPORT_COLUMNS, || words::words(&report, &zone))?;
    Ok(code(&report))
}

/// 0: every line came out right; 1: the run was stopped; 3: a line did not.
fn code(report: &Report) -> u8 {
    match report.state {
        RunState::Failed | RunState::Cancelled => {
            tell(&format!("hive: {}", report.words));
            STOPPED
        }
        _ if report.lines.iter().any(|line| line.outcome.is_failure()) => LINES_FAILED,
        _ => DONE,
    }
}

pub(super) async fn report(house: &House, format: Format, msp: &str, run: Option<&str>) -> Done {
    let msp = house.msp(msp).await?;
    if run == Some("next") {
        let (desk, at) = (house.desk(), now());
        let plan = desk.plan(&msp, at).await?;
        let lifted = desk.approved(&msp, &plan, at).await?;
        let approved: BTreeSet<AdditionId> = lifted.keys().copied().collect();
        let zone = house.zone(&msp).await?;
        show(format, &PlanView::of(&plan, Some(&approved)), PLAN_NEXT_COLUMNS, || {
            plan_words::words(&plan, &lifted, &zone)
        })?;
        return Ok(DONE);
    }
    let read = |text: &str| {
        let id = text.parse().map(RunId);
        id.map_err(|_| Failure::wrong_usage(format!("--run: \"{text}\" is neither a run's id nor next")))
    };
    let report = house.desk().report(&msp, run.map(read).transpose()?).await?;
    let zone = house.zone(&msp).await?;
    show(format, &ReportView::of(&report), REPORT_COLUMNS, || words::words(&report, &zone))?;
    Ok(DONE)
}

pub(super) async fn runs(house: &House, format: Format, msp: &str) -> Done {
    let msp = house.msp(msp).await?;
    let runs = house.desk().runs(&msp).await?;
    let views: Vec<RunView> = runs.iter().map(RunView::of).collect();
    let zone = house.zone(&msp).await?;
    show(format, &views, RUN_COLUMNS, || words::run_words(&runs, &zone))?;
    Ok(DONE)
}

pub(super) async fn undo(house: &House, format: Format, msp: &str, run: i64, dry_run: bool) -> Done {
    let msp = house.msp(msp).await?;
    if dry_run {
        let would = house.desk().would_undo(&msp, RunId(run)).await?;
        show(format, &WouldUndoView::of(RunId(run), &would), WOULD_UNDO_COLUMNS, || {
            words::would_undo_words(RunId(run), &would)
        })?;
        return Ok(DONE);
    }
    let report = run::undo::undo(house, &msp, RunId(run)).await?;
    let zone = house.zone(&msp).await?;
    show(format, &ReportView::of(&report), REPORT_COLUMNS, || words::words(&report, &zone))?;
    Ok(code(&report))
}
