//! What runs did, as others read it. The JSON is a contract.

use super::{IdView, TotalView};
use crate::csv::Csv;
use crate::money::Both;
use hive_core::allow::Done;
use hive_core::outcome::Outcome;
use hive_core::{AdditionId, Quantity, RunId};
use hive_store::{Report, ReportLine, RunRow};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A report as others read it.
#[derive(Debug, Serialize)]
pub struct ReportView<'a> {
    pub run: String,
    pub kind: &'static str,
    pub state: &'static str,
    pub who: &'a str,
    pub started_at: String,
    pub ended_at: Option<String>,
    pub plan: Option<String>,
    pub counts: BTreeMap<&'static str, usize>,
    pub words: &'a str,
    /// What was written moves in all.
    pub totals: Vec<TotalView>,
    pub lines: Vec<ReportLineView<'a>>,
}

/// What a run's writes move a month, each addition once.
pub fn written(report: &Report) -> Both {
    let wrote = report.lines.iter().filter(|line| line.outcome.wrote());
    let additions: BTreeSet<AdditionId> = wrote.filter_map(|line| line.addition).collect();
    let mut both = Both::default();
    for (month, currency) in additions.iter().filter_map(|addition| report.money.get(addition)) {
        both.add(currency.as_deref().unwrap_or_default(), *month);
    }
    both
}

/// One line of a report.
#[derive(Debug, Serialize)]
pub struct ReportLineView<'a> {
    pub line: String,
    pub account: &'a str,
    pub product: &'a str,
    pub addition: Option<IdView>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub found: Option<String>,
    pub outcome: &'static str,
    pub message: Option<&'a str>,
    /// What the whole addition's change moves a month, as it was planned; null where nothing was to change.
    pub money_month: Option<String>,
    pub currency: Option<&'a str>,
}

/// The columns of CSV.
pub const REPORT_COLUMNS: Csv<'static> = Csv {
    rows: "lines",
    columns: &[
        "line",
        "account",
        "product",
        "addition.id",
        "from",
        "to",
        "found",
        "outcome",
        "message",
        "money_month",
        "currency",
    ],
};

impl<'a> ReportView<'a> {
    /// A report with every line.
    pub fn of(report: &'a Report) -> ReportView<'a> {
        let counts = Outcome::ALL
            .iter()
            .map(|outcome| (outcome.name(), report.counts.get(outcome).copied().unwrap_or_default()))
            .collect();
        ReportView {
            run: report.run.to_string(),
            kind: report.kind.name(),
            state: report.state.name(),
            who: &report.who,
            started_at: format!("{:.0}", report.started_at),
            ended_at: report.ended_at.map(|at| format!("{at:.0}")),
            plan: report.plan.as_ref().map(ToString::to_string),
            counts,
            words: &report.words,
            totals: TotalView::of(&written(report)),
            lines: report.lines.iter().map(|line| ReportLineView::of(report, line)).collect(),
        }
    }
}

impl<'a> ReportLineView<'a> {
    /// One line of a report.
    pub fn of(report: &'a Report, line: &'a ReportLine) -> ReportLineView<'a> {
        let money = line.addition.and_then(|addition| report.money.get(&addition));
        let ReportLine { line, account, product, addition, from, to, found, outcome, message } = line;
        let show = |quantity: &Option<Quantity>| quantity.map(|quantity| quantity.to_string());
        ReportLineView {
            line: line.to_string(),
            account,
            product,
            addition: addition.map(|id| IdView { id: id.0 }),
            from: show(from),
            to: show(to),
            found: show(found),
            outcome: outcome.name(),
            message: message.as_deref(),
            money_month: money.map(|(month, _)| month.to_string()),
            currency: money.and_then(|(_, currency)| currency.as_deref()),
        }
    }
}

/// A run as others read it.
#[derive(Debug, Serialize)]
pub struct RunView {
    pub run: String,
    pub kind: &'static str,
    pub state: &'static str,
    pub who: String,
    pub started_at: String,
    pub ended_at: Option<String>,
    pub step: String,
    pub done: i64,
    pub total: i64,
    pub plan: Option<String>,
    pub words: String,
}

/// The columns of CSV.
pub const RUN_COLUMNS: Csv<'static> = Csv {
    rows: "",
    columns: &["run", "kind", "state", "who", "started_at", "ended_at", "step", "done", "total", "plan", "words"],
};

impl RunView {
    /// A run with its progress or its end.
    pub fn of(run: &RunRow) -> RunView {
        RunView {
            run: run.id.to_string(),
            kind: run.kind.name(),
            state: run.state.name(),
            who: run.who.clone(),
            started_at: format!("{:.0}", run.started_at),
            ended_at: run.ended_at.map(|at| format!("{at:.0}")),
            step: run.step.clone(),
            done: run.done,
            total: run.total,
            plan: run.plan.as_ref().map(ToString::to_string),
            words: run.words.clone(),
        }
    }
}

/// What a Sync brought, as others read it.
#[derive(Debug, Serialize)]
pub struct SyncedView<'a> {
    pub run: &'a str,
    pub companies: usize,
    pub items: usize,
    pub items_from: &'static str,
    pub agreements: usize,
    pub additions: usize,
    pub unreadable: &'a [i64],
    pub requests: u64,
    pub linked: Vec<LinkedView<'a>>,
}

/// An account that a Sync linked by itself.
#[derive(Debug, Serialize)]
pub struct LinkedView<'a> {
    pub account: &'a str,
    pub company: &'a str,
}

/// The columns of CSV.
pub const SYNCED_COLUMNS: Csv<'static> = Csv {
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

/// What an undo would write, as others read it.
#[derive(Debug, Serialize)]
pub struct WouldUndoView {
    pub run: String,
    pub lines: Vec<WouldUndoLine>,
    /// What the run created, in words: an undo leaves it alone.
    pub left: Vec<String>,
}

/// One addition that an undo would restore.
#[derive(Debug, Serialize)]
pub struct WouldUndoLine {
    pub addition: IdView,
    pub agreement: IdView,
    pub from: String,
    pub to: String,
}

/// The columns of CSV.
pub const WOULD_UNDO_COLUMNS: Csv<'static> =
    Csv { rows: "lines", columns: &["addition.id", "agreement.id", "from", "to"] };

impl WouldUndoView {
    /// What a run did, turned round.
    pub fn of(run: RunId, done: &[Done]) -> WouldUndoView {
        let lines = done.iter().map(|done| WouldUndoLine {
            addition: IdView { id: done.addition.0 },
            agreement: IdView { id: done.agreement.0 },
            from: done.wrote.to_string(),
            to: done.found.to_string(),
        });
        WouldUndoView { run: run.to_string(), lines: lines.collect(), left: Vec::new() }
    }
}
