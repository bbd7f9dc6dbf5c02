//! What an Update or an undo did, line by line. The JSON is a contract (design, section 7).

use super::plan::IdView;
use super::{Align, Csv, table};
use hive_core::outcome::Outcome;
use hive_store::{Report, ReportLine, RunRow};
use serde::Serialize;
use std::collections::BTreeMap;

/// A report as others read it.
#[derive(Debug, Serialize)]
pub(crate) struct ReportView<'a> {
    run: String,
    kind: &'static str,
    state: &'static str,
    who: &'a str,
    started_at: String,
    ended_at: Option<String>,
    plan: Option<String>,
    counts: BTreeMap<&'static str, usize>,
    words: &'a str,
    lines: Vec<ReportLineView<'a>>,
}

#[derive(Debug, Serialize)]
struct ReportLineView<'a> {
    line: String,
    account: &'a str,
    product: &'a str,
    addition: Option<IdView>,
    from: Option<String>,
    to: Option<String>,
    found: Option<String>,
    outcome: &'static str,
    message: Option<&'a str>,
}

/// The columns of CSV.
pub(crate) const COLUMNS: Csv<'static> = Csv {
    rows: "lines",
    columns: &["line", "account", "product", "addition.id", "from", "to", "found", "outcome", "message"],
};

impl<'a> ReportView<'a> {
    pub(crate) fn of(report: &'a Report) -> ReportView<'a> {
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
            lines: report.lines.iter().map(ReportLineView::of).collect(),
        }
    }
}

impl<'a> ReportLineView<'a> {
    fn of(line: &'a ReportLine) -> ReportLineView<'a> {
        let ReportLine { line, account, product, addition, from, to, found, outcome, message } = line;
        let show = |quantity: &Option<hive_core::Quantity>| quantity.map(|quantity| quantity.to_string());
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
        }
    }
}

/// The report for people: what was written, what was not and why.
pub(crate) fn words(report: &Report) -> String {
    let ended = report.ended_at.map_or_else(|| "still running".to_owned(), |at| format!("ended {at:.0}"));
    let mut text =
        format!("{} {} by {}: {} ({ended})\n", title_of(report.kind), report.run, report.who, report.state.name());
    if !report.words.is_empty() {
        text.push_str(&format!("{}\n", report.words));
    }
    for outcome in Outcome::ALL.into_iter().filter(|outcome| *outcome != Outcome::Unchanged) {
        let lines: Vec<&ReportLine> = report.lines.iter().filter(|line| line.outcome == outcome).collect();
        if lines.is_empty() {
            continue;
        }
        text.push_str(&format!("\n{}: {}\n", title(outcome), lines.len()));
        text.push_str(&section(&lines));
        text.push('\n');
    }
    let counts = Outcome::ALL
        .iter()
        .filter_map(|outcome| Some((report.counts.get(outcome).filter(|count| **count > 0)?, outcome)));
    let counts: Vec<String> =
        counts.map(|(count, outcome)| format!("{count} {}", short(*outcome, report.kind))).collect();
    text.push_str(&format!(
        "\nBy addition: {}.\n",
        if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") }
    ));
    text
}

/// An outcome in a line of counts.
fn short(outcome: Outcome, kind: hive_store::RunKind) -> &'static str {
    match outcome {
        Outcome::Pushed if kind == hive_store::RunKind::Undo => "restored",
        Outcome::AlreadyRight => "already right",
        Outcome::NotATarget => "no longer a target",
        Outcome::NotSent => "not sent",
        Outcome::Issue => "with issues",
        other => other.name(),
    }
}

fn title(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pushed => "Pushed",
        Outcome::Confirmed => "Pushed, confirmed by reading back",
        Outcome::AlreadyRight => "Already right, not written",
        Outcome::Drifted => "Changed by somebody since the plan, not written",
        Outcome::NotATarget => "No longer a target, not written",
        Outcome::Alarm => "ALARM: ConnectWise kept another quantity",
        Outcome::Refused => "Refused by ConnectWise",
        Outcome::Unknown => "Unknown: the next run looks it up first",
        Outcome::NotSent => "Not sent",
        Outcome::Held => "Held",
        Outcome::Issue => "Not pushed, with issues",
        Outcome::Unchanged => "Unchanged",
    }
}

fn section(lines: &[&ReportLine]) -> String {
    let columns = [
        ("Account", Align::Left),
        ("Product", Align::Left),
        ("From", Align::Right),
        ("To", Align::Right),
        ("In ConnectWise now", Align::Right),
        ("Why", Align::Left),
    ];
    let show = |quantity: Option<hive_core::Quantity>| {
        quantity.map_or_else(|| "-".to_owned(), |quantity| quantity.to_string())
    };
    let rows = lines.iter().map(|line| {
        vec![
            line.account.clone(),
            line.product.clone(),
            show(line.from),
            show(line.to),
            show(line.found),
            line.message.clone().unwrap_or_default(),
        ]
    });
    table(&columns, rows)
}

/// A run as others read it.
#[derive(Debug, Serialize)]
pub(crate) struct RunView {
    run: String,
    kind: &'static str,
    state: &'static str,
    who: String,
    started_at: String,
    ended_at: Option<String>,
    step: String,
    done: i64,
    total: i64,
    plan: Option<String>,
    words: String,
}

/// The columns of CSV.
pub(crate) const RUN_COLUMNS: Csv<'static> = Csv {
    rows: "",
    columns: &["run", "kind", "state", "who", "started_at", "ended_at", "step", "done", "total", "plan", "words"],
};

impl RunView {
    pub(crate) fn of(run: &RunRow) -> RunView {
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

/// Runs for people.
pub(crate) fn run_words(runs: &[RunRow]) -> String {
    if runs.is_empty() {
        return "No run yet. Start with: hive sync MSP".to_owned();
    }
    let columns = [
        ("Run", Align::Right),
        ("Kind", Align::Left),
        ("State", Align::Left),
        ("Started", Align::Left),
        ("Ended", Align::Left),
        ("By", Align::Left),
        ("Words", Align::Left),
    ];
    let rows = runs.iter().map(|run| {
        vec![
            run.id.to_string(),
            run.kind.name().to_owned(),
            run.state.name().to_owned(),
            format!("{:.0}", run.started_at),
            run.ended_at.map_or_else(|| "-".to_owned(), |at| format!("{at:.0}")),
            run.who.clone(),
            run.words.lines().next().unwrap_or_default().to_owned(),
        ]
    });
    table(&columns, rows)
}

/// The article's word for a run.
pub(crate) fn title_of(kind: hive_store::RunKind) -> &'static str {
    match kind {
        hive_store::RunKind::Sync => "Sync",
        hive_store::RunKind::Update => "Update",
        hive_store::RunKind::Undo => "Undo",
    }
}
