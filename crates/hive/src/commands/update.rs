//! `hive sync`, `hive update`, `hive report`, `hive runs`, `hive undo`.

use crate::cli::{Format, Update};
use crate::failure::{DONE, Done, Failure, LINES_FAILED, STOPPED};
use crate::house::House;
use crate::run::update::Asked;
use crate::run::{self, sync::Synced};
use crate::show::{Csv, plan as plan_view, report as view, show, tell};
use hive_core::mirror::ItemsFrom;
use hive_core::{AdditionId, PlanId, ProductId, RunId};
use hive_store::{Report, RunState};
use serde::Serialize;
use std::collections::BTreeSet;

#[derive(Debug, Serialize)]
struct SyncedView<'a> {
    run: &'a str,
    companies: usize,
    items: usize,
    items_from: &'static str,
    agreements: usize,
    additions: usize,
    unreadable: &'a [i64],
    requests: u64,
    linked: Vec<LinkedView<'a>>,
}

#[derive(Debug, Serialize)]
struct LinkedView<'a> {
    account: &'a str,
    company: &'a str,
}

const SYNC_COLUMNS: Csv<'static> = Csv {
    rows: "",
    columns: &[
        "run",
        "companies",
        "items",
        "items_from",
        "agreements",
        "additions",
        "unreadable",
        "requests",
        "linked.account",
        "linked.company",
    ],
};

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
    show(format, &view, SYNC_COLUMNS, || {
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
    show(format, &view::ReportView::of(&report), view::COLUMNS, || view::words(&report))?;
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
        let plan = super::plan::stored(house, &msp).await?;
        let lifted = super::plan::approved(house, &msp, &plan).await?;
        let approved: BTreeSet<AdditionId> = lifted.keys().copied().collect();
        show(format, &plan_view::PlanView::of(&plan, Some(&approved)), plan_view::COLUMNS_NEXT, || {
            plan_view::words(&plan, &lifted)
        })?;
        return Ok(DONE);
    }
    let run = match run {
        Some(text) => RunId(
            text.parse()
                .map_err(|_| Failure::wrong_usage(format!("--run: \"{text}\" is neither a run's id nor next")))?,
        ),
        None => {
            let newest = house.store.newest_update(msp.id).await?;
            newest.ok_or_else(|| {
                Failure::stopped(format!(
                    "{} had no Update yet; hive report \"{}\" --run next shows what the next one will do",
                    msp.name, msp.name
                ))
            })?
        }
    };
    let report = house.store.report(msp.id, run).await?;
    let report = report.ok_or_else(|| {
        Failure::stopped(format!("{} has no run {run}; hive runs \"{}\" lists them", msp.name, msp.name))
    })?;
    show(format, &view::ReportView::of(&report), view::COLUMNS, || view::words(&report))?;
    Ok(DONE)
}

pub(super) async fn runs(house: &House, format: Format, msp: &str) -> Done {
    /// Runs that are listed.
    const RUNS_MAX: i64 = 100;
    let msp = house.msp(msp).await?;
    let runs = house.store.runs(msp.id, RUNS_MAX).await?;
    let views: Vec<view::RunView> = runs.iter().map(view::RunView::of).collect();
    show(format, &views, view::RUN_COLUMNS, || view::run_words(&runs))?;
    Ok(DONE)
}

#[derive(Debug, Serialize)]
struct WouldUndoView {
    run: String,
    lines: Vec<WouldUndoLine>,
}

#[derive(Debug, Serialize)]
struct WouldUndoLine {
    addition: plan_view::IdView,
    agreement: plan_view::IdView,
    from: String,
    to: String,
}

const UNDO_COLUMNS: Csv<'static> = Csv { rows: "lines", columns: &["addition.id", "agreement.id", "from", "to"] };

pub(super) async fn undo(house: &House, format: Format, msp: &str, run: i64, dry_run: bool) -> Done {
    let msp = house.msp(msp).await?;
    if dry_run {
        let done = run::undo::would_write(house, &msp, RunId(run)).await?;
        let lines = done.iter().map(|done| WouldUndoLine {
            addition: plan_view::IdView { id: done.addition.0 },
            agreement: plan_view::IdView { id: done.agreement.0 },
            from: done.wrote.to_string(),
            to: done.found.to_string(),
        });
        let view = WouldUndoView { run: run.to_string(), lines: lines.collect() };
        show(format, &view, UNDO_COLUMNS, || {
            let mut text = format!(
                "An undo of run {run} would restore {} additions, except those changed since:\n",
                view.lines.len()
            );
            for line in &view.lines {
                text.push_str(&format!("  addition {}: {} -> {}\n", line.addition.id, line.from, line.to));
            }
            text + "Nothing has been written."
        })?;
        return Ok(DONE);
    }
    let report = run::undo::undo(house, &msp, RunId(run)).await?;
    show(format, &view::ReportView::of(&report), view::COLUMNS, || view::words(&report))?;
    Ok(code(&report))
}
