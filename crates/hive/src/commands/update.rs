//! `hive sync`, `hive update`, `hive report`, `hive runs`, `hive undo`.

use super::decided::date;
use crate::cli::{Format, Update};
use crate::failure::{DONE, Done, Failure, LINES_FAILED, STOPPED};
use crate::house::{House, now};
use crate::run::update::Asked;
use crate::run::{self, sync::Synced};
use crate::show::{plan as plan_words, report as words, show, show_in, tell};
use hive_core::mirror::ItemsFrom;
use hive_core::{AccountId, PlanId, ProductId, RunId};
use hive_desk::TrueUpOf;
use hive_desk::view::{
    LinkedView, PLAN_NEXT_COLUMNS, PlanView, REPORT_COLUMNS, RUN_COLUMNS, ReportView, RunView, SYNCED_COLUMNS,
    SyncedView, TRUE_UP_COLUMNS, TrueUpsView, WOULD_UNDO_COLUMNS, WouldUndoView,
};
use hive_store::{Report, RunState};
use std::collections::BTreeSet;
use std::path::Path;

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
    let mut accounts: BTreeSet<AccountId> = BTreeSet::new();
    for account in &asked.account {
        accounts.insert(house.desk().account(&msp, account).await?.id);
    }
    let asked = Asked {
        plan: asked.plan.clone().map(PlanId),
        products: (!products.is_empty()).then_some(products),
        accounts: (!accounts.is_empty()).then_some(accounts),
    };
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

pub(super) async fn report(house: &House, format: Format, msp: &str, run: Option<&str>, out: Option<&Path>) -> Done {
    let msp = house.msp(msp).await?;
    if run == Some("next") {
        let (desk, at) = (house.desk(), now());
        let (plan, brake) = desk.plan_braked(&msp, at).await?;
        let lifted = desk.approved(&msp, &plan, at).await?;
        let zone = house.zone(&msp).await?;
        let view = PlanView::of(&plan, Some(&lifted), brake.as_ref());
        show_in(out, format, &view, PLAN_NEXT_COLUMNS, || plan_words::words(&plan, &lifted, &zone))?;
        if let Some(brake) = &brake {
            tell(&format!("{}. {}.", brake.words(), hive_desk::brake_advice(&msp.name)));
        }
        return Ok(DONE);
    }
    let read = |text: &str| {
        let id = text.parse().map(RunId);
        id.map_err(|_| Failure::wrong_usage(format!("--run: \"{text}\" is neither a run's id nor next")))
    };
    let report = house.desk().report(&msp, run.map(read).transpose()?).await?;
    let zone = house.zone(&msp).await?;
    show_in(out, format, &ReportView::of(&report), REPORT_COLUMNS, || words::words(&report, &zone))?;
    Ok(DONE)
}

/// Which writes `hive report --true-up` is asked for.
pub(super) struct TrueUpAsked {
    pub(super) run: Option<String>,
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
}

pub(super) async fn true_up(house: &House, format: Format, msp: &str, asked: &TrueUpAsked) -> Done {
    let msp = house.msp(msp).await?;
    let span = date(asked.from.as_deref(), "--from")?.zip(date(asked.to.as_deref(), "--to")?);
    let read = |text: &String| {
        let id = text.parse().map(RunId);
        id.map_err(|_| Failure::wrong_usage(format!("--run: with --true-up it is a run's id, not \"{text}\"")))
    };
    let run = asked.run.as_ref().map(read).transpose()?;
    let of = span.map_or(TrueUpOf::Run(run), |(from, to)| TrueUpOf::Span(from, to));
    let found = house.desk().true_up(&msp, of).await?;
    show(format, &TrueUpsView::of(&found), TRUE_UP_COLUMNS, || words::true_up(&found))?;
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
        let created = house.store.created(msp.id, RunId(run)).await?;
        let created: Vec<String> = created.iter().map(|of| run::undo::cancel_words(of, RunId(run))).collect();
        let view = WouldUndoView { left: created, ..WouldUndoView::of(RunId(run), &would) };
        show(format, &view, WOULD_UNDO_COLUMNS, || {
            let stays: String = view.left.iter().map(|words| format!("\nStays: {words}")).collect();
            words::would_undo_words(RunId(run), &would) + &stays
        })?;
        return Ok(DONE);
    }
    let report = run::undo::undo(house, &msp, RunId(run)).await?;
    let zone = house.zone(&msp).await?;
    show(format, &ReportView::of(&report), REPORT_COLUMNS, || words::words(&report, &zone))?;
    Ok(code(&report))
}
