//! `hive approve`: a person's agreement to held changes of the plan last stored.

use crate::cli::{Approve, Format};
use crate::failure::{DONE, Done, Failure};
use crate::house::{House, now};
use crate::show::{Align, Csv, show, table, tell};
use hive_core::allow::Approval;
use hive_core::plan::{Change, Plan};
use hive_core::settings::{Key, Settings};
use hive_core::{LineId, Money, Timestamp};
use hive_store::Msp;
use jiff::ToSpan as _;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, IsTerminal as _};

#[derive(Debug, Serialize)]
struct ApprovedView {
    plan: String,
    lapses_at: String,
    lines: Vec<ApprovedLine>,
}

#[derive(Debug, Serialize)]
struct ApprovedLine {
    line: String,
    account: String,
    product: String,
    addition: crate::show::plan::IdView,
    from: String,
    to: String,
    limit: String,
    codes: Vec<&'static str>,
    money_month: Option<String>,
}

const COLUMNS: Csv<'static> = Csv {
    rows: "lines",
    columns: &["line", "account", "product", "addition.id", "from", "to", "limit", "codes", "money_month"],
};

pub(super) async fn approve(house: &House, format: Format, asked: &Approve) -> Done {
    let msp = house.msp(&asked.msp).await?;
    let plan = last_stored(house, &msp).await?;
    if let Some(id) = asked.plan.as_ref().filter(|id| **id != plan.id.0) {
        return Err(Failure::stopped(format!(
            "plan {id} is not the plan last stored, which is {}; look at it first: hive plan \"{}\"",
            plan.id, msp.name
        )));
    }
    let changes = chosen(&plan, asked.all, &asked.line, asked.cause.as_deref())?;
    if changes.is_empty() {
        return Err(Failure::stopped(format!("nothing is held in plan {}", plan.id)));
    }
    if asked.all && !confirmed(&changes) {
        return Err(Failure::stopped("nothing was approved"));
    }
    let at = now();
    let settings = house.store.settings(msp.id).await?;
    let lapses_at = lapse(&settings, at);
    let percent = settings.number(Key::ApprovalPercent);
    let approvals: Vec<Approval> = changes
        .iter()
        .map(|change| Approval::of(change, asked.cause.as_deref(), percent, &house.who, (at, lapses_at)))
        .collect();
    house.store.approve(msp.id, &approvals, &plan.id).await?;
    let view = view(&plan, &changes, &approvals, lapses_at);
    show(format, &view, COLUMNS, || words(&view, &msp, &changes))?;
    Ok(DONE)
}

/// The plan that a person has looked at.
pub(super) async fn last_stored(house: &House, msp: &Msp) -> Result<Plan, Failure> {
    let plan = house.store.newest_plan(msp.id).await?;
    plan.ok_or_else(|| Failure::stopped(format!("there is no plan of {} yet: hive plan \"{}\"", msp.name, msp.name)))
}

/// The held changes of lines or of a cause; every one of them where all are asked for.
pub(super) fn chosen<'a>(
    plan: &'a Plan,
    all: bool,
    lines: &[String],
    cause: Option<&str>,
) -> Result<Vec<&'a Change>, Failure> {
    let held = || plan.changes.iter().filter(|change| !change.holds.is_empty());
    if all {
        return Ok(held().collect());
    }
    if let Some(cause) = cause {
        let found: Vec<&Change> = held().filter(|change| change.holds.iter().any(|(_, of)| of == cause)).collect();
        if found.is_empty() {
            return Err(Failure::stopped(format!("no held change of plan {} has the cause \"{cause}\"", plan.id)));
        }
        return Ok(found);
    }
    let mut found: Vec<&Change> = Vec::new();
    for text in lines {
        let id = LineId::parse(text).filter(|id| plan.line(*id).is_some());
        let id = id.ok_or_else(|| {
            Failure::stopped(format!("plan {} has no line {text}; hive plan … --format json shows the ids", plan.id))
        })?;
        let change = held().find(|change| change.lines.contains(&id));
        let change = change.ok_or_else(|| Failure::stopped(format!("line {text} is not held in plan {}", plan.id)))?;
        if !found.iter().any(|known| known.addition == change.addition) {
            found.push(change);
        }
    }
    Ok(found)
}

/// Count and total drop first; a question on a terminal only.
fn confirmed(changes: &[&Change]) -> bool {
    let mut sums: BTreeMap<&str, (Money, Money)> = BTreeMap::new();
    for change in changes {
        let (less, more) = sums.entry(change.currency.as_deref().unwrap_or_default()).or_default();
        let month = change.money_month.unwrap_or_default();
        let side = if month < Money::ZERO { less } else { more };
        *side = side.plus(month.abs());
    }
    let count = if changes.len() == 1 { "1 held change".to_owned() } else { format!("{} held changes", changes.len()) };
    let money: Vec<String> = sums
        .iter()
        .map(|(currency, (less, more))| {
            format!("{} {currency} a month less, {} {currency} more", less.words(), more.words()).replace("  ", " ")
        })
        .collect();
    tell(&format!("{count}: {}.", money.join("; ")));
    if !std::io::stdin().is_terminal() {
        return true;
    }
    tell("Approve all of them? Type yes:");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).is_ok_and(|_| answer.trim() == "yes")
}

/// `approval_days` past the next scheduled Update, or past now where none is scheduled.
pub(super) fn lapse(settings: &Settings, at: Timestamp) -> Timestamp {
    let days = settings.whole(Key::ApprovalDays);
    at.saturating_add((days.clamp(0, 36_500) * 24).hours()).unwrap_or(at)
}

fn view(plan: &Plan, changes: &[&Change], approvals: &[Approval], lapses_at: Timestamp) -> ApprovedView {
    let mut lines = Vec::new();
    for (change, approval) in changes.iter().zip(approvals) {
        let codes: BTreeSet<&'static str> = approval.codes.iter().map(|code| code.name()).collect();
        for line in change.lines.iter().filter_map(|id| plan.line(*id)) {
            lines.push(ApprovedLine {
                line: line.id.to_string(),
                account: line.account.clone(),
                product: line.product.clone(),
                addition: crate::show::plan::IdView { id: change.addition.0 },
                from: change.from.to_string(),
                to: change.to.to_string(),
                limit: approval.limit.to_string(),
                codes: codes.iter().copied().collect(),
                money_month: change.money_month.map(|month| month.to_string()),
            });
        }
    }
    ApprovedView { plan: plan.id.to_string(), lapses_at: format!("{lapses_at:.0}"), lines }
}

fn words(view: &ApprovedView, msp: &Msp, changes: &[&Change]) -> String {
    let columns = [
        ("Line", Align::Left),
        ("Account", Align::Left),
        ("Product", Align::Left),
        ("From", Align::Right),
        ("To", Align::Right),
        ("Up to", Align::Right),
        ("A month", Align::Right),
        ("Lifts", Align::Left),
    ];
    let rows = view.lines.iter().map(|line| {
        vec![
            line.line.clone(),
            line.account.clone(),
            line.product.clone(),
            line.from.clone(),
            line.to.clone(),
            line.limit.clone(),
            line.money_month.clone().unwrap_or_default(),
            line.codes.join(", "),
        ]
    });
    let with = if changes.iter().all(|change| change.live) { String::new() } else { format!(" --plan {}", view.plan) };
    format!(
        "Approved:\n{}\nIt lapses at {}. What nothing else holds is pushed by: hive update \"{}\"{with}",
        table(&columns, rows),
        view.lapses_at,
        msp.name,
    )
}
