//! What runs did, as others read it. The JSON is a contract.

use super::{IdView, TotalView};
use crate::csv::Csv;
use crate::money::{Both, Sums};
use crate::{WouldRestore, WouldUndo};
use hive_core::outcome::Outcome;
use hive_core::{AdditionId, Quantity, RunId};
use hive_store::{Report, ReportLine, RunRow, Undone};
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
    pub undone: Option<UndoneView>,
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

/// What undos took back of a run, as others read it.
#[derive(Debug, Serialize)]
pub struct UndoneView {
    /// Nothing of it stands any more.
    pub whole: bool,
    pub wrote: i64,
    pub taken_back: i64,
    pub run: String,
    pub who: String,
    pub at: String,
}

impl UndoneView {
    fn of(undone: &Undone) -> UndoneView {
        let Undone { wrote, taken_back, by, who, at } = undone;
        UndoneView {
            whole: undone.whole(),
            wrote: *wrote,
            taken_back: *taken_back,
            run: by.to_string(),
            who: who.clone(),
            at: format!("{at:.0}"),
        }
    }
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
            undone: report.undone.as_ref().map(UndoneView::of),
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
    pub undone: Option<UndoneView>,
}

/// The columns of CSV.
pub const RUN_COLUMNS: Csv<'static> = Csv {
    rows: "",
    columns: &[
        "run",
        "kind",
        "state",
        "who",
        "started_at",
        "ended_at",
        "step",
        "done",
        "total",
        "plan",
        "words",
        "undone.run",
    ],
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
            undone: run.undone.as_ref().map(UndoneView::of),
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
pub struct WouldUndoView<'a> {
    pub run: String,
    pub lines: Vec<WouldUndoLine<'a>>,
    /// One a currency.
    pub totals: Vec<UndoTotal<'a>>,
    /// Additions whose money is not known.
    pub unpriced: usize,
    /// What the run created, in words: an undo leaves it alone.
    pub left: Vec<String>,
}

/// One addition that an undo would restore.
#[derive(Debug, Serialize)]
pub struct WouldUndoLine<'a> {
    pub addition: IdView,
    pub agreement: IdView,
    pub from: String,
    pub to: String,
    pub accounts: &'a [String],
    pub products: &'a [String],
    pub money_month: Option<String>,
    pub currency: Option<&'a str>,
}

/// What an undo moves a month in one currency.
#[derive(Debug, Serialize)]
pub struct UndoTotal<'a> {
    pub currency: Option<&'a str>,
    pub up_month: String,
    pub down_month: String,
}

/// The columns of CSV.
pub const WOULD_UNDO_COLUMNS: Csv<'static> = Csv {
    rows: "lines",
    columns: &["addition.id", "agreement.id", "from", "to", "accounts", "products", "money_month", "currency"],
};

impl<'a> WouldUndoView<'a> {
    /// What a run did, turned round.
    pub fn of(run: RunId, would: &'a WouldUndo) -> WouldUndoView<'a> {
        let line = |one: &'a WouldRestore| WouldUndoLine {
            addition: IdView { id: one.done.addition.0 },
            agreement: IdView { id: one.done.agreement.0 },
            from: one.done.wrote.to_string(),
            to: one.done.found.to_string(),
            accounts: &one.accounts,
            products: &one.products,
            money_month: one.money_month.map(|month| month.to_string()),
            currency: one.currency.as_deref(),
        };
        let currencies: BTreeSet<&str> = would.up.keys().chain(would.down.keys()).map(String::as_str).collect();
        let sum = |sums: &Sums, currency: &str| sums.get(currency).copied().unwrap_or_default().to_string();
        let total = |currency: &'a str| UndoTotal {
            currency: Some(currency).filter(|code| !code.is_empty()),
            up_month: sum(&would.up, currency),
            down_month: sum(&would.down, currency),
        };
        WouldUndoView {
            run: run.to_string(),
            lines: would.additions.iter().map(line).collect(),
            totals: currencies.into_iter().map(total).collect(),
            unpriced: would.unpriced,
            left: Vec::new(),
        }
    }
}
