//! The proof of one number as others read it.

use crate::config::{ConfigDiff, Differs};
use crate::csv::Csv;
use crate::explain::{ExplainedRun, RuleVersion};
use hive_store::{Sent, Wrote};
use serde::Serialize;

/// The rule that a number was made by.
#[derive(Debug, Serialize)]
pub struct RuleView<'a> {
    /// The same text has the same version.
    pub version: &'a str,
    pub rule: &'a str,
    pub since: Option<String>,
    pub who: Option<&'a str>,
}

/// One write.
#[derive(Debug, Serialize)]
pub struct WroteView<'a> {
    pub run: String,
    pub at: String,
    pub from: String,
    pub to: String,
    pub outcome: Option<&'static str>,
    pub who: &'a str,
    pub approved_by: Option<&'a str>,
}

/// What one run did about a number.
#[derive(Debug, Serialize)]
pub struct RunOfLineView<'a> {
    pub run: String,
    pub kind: &'static str,
    pub who: &'a str,
    pub started_at: String,
    pub ended_at: Option<String>,
    /// When its plan was made last.
    pub plan_made_at: Option<String>,
    pub outcome: Option<&'static str>,
    pub found: Option<String>,
    pub message: Option<&'a str>,
    pub sent: Vec<SentView<'a>>,
}

/// One request and what was learnt of it.
#[derive(Debug, Serialize)]
pub struct SentView<'a> {
    pub at: String,
    pub from: String,
    pub to: String,
    pub who: &'a str,
    pub approved_by: Option<&'a str>,
    pub undone_by: Option<String>,
    pub answers: Vec<LearntView<'a>>,
}

/// What was learnt of one request.
#[derive(Debug, Serialize)]
pub struct LearntView<'a> {
    pub at: String,
    pub run: String,
    pub outcome: &'static str,
    pub found: Option<String>,
    pub found_by: Option<&'a str>,
    pub message: Option<&'a str>,
}

impl<'a> RuleView<'a> {
    /// A rule with who set it last.
    pub fn of(rule: &'a RuleVersion) -> RuleView<'a> {
        let RuleVersion { version, rule, set } = rule;
        RuleView {
            version,
            rule,
            since: set.as_ref().map(|(at, _)| format!("{at:.0}")),
            who: set.as_ref().map(|(_, who)| who.as_str()),
        }
    }
}

impl<'a> WroteView<'a> {
    /// One write.
    pub fn of(wrote: &'a Wrote) -> WroteView<'a> {
        let Wrote { run, at, from, to, outcome, who, approved_by, addition: _ } = wrote;
        WroteView {
            run: run.to_string(),
            at: format!("{at:.0}"),
            from: from.to_string(),
            to: to.to_string(),
            outcome: outcome.map(hive_core::outcome::Outcome::name),
            who,
            approved_by: approved_by.as_deref(),
        }
    }
}

impl<'a> RunOfLineView<'a> {
    /// What a run did about one line.
    pub fn of(explained: &'a ExplainedRun) -> RunOfLineView<'a> {
        let ExplainedRun { run, plan: _, made_at, line: _, report, sent, rule: _ } = explained;
        RunOfLineView {
            run: run.id.to_string(),
            kind: run.kind.name(),
            who: &run.who,
            started_at: format!("{:.0}", run.started_at),
            ended_at: run.ended_at.map(|at| format!("{at:.0}")),
            plan_made_at: made_at.map(|at| format!("{at:.0}")),
            outcome: report.as_ref().map(|line| line.outcome.name()),
            found: report.as_ref().and_then(|line| line.found).map(|found| found.to_string()),
            message: report.as_ref().and_then(|line| line.message.as_deref()),
            sent: sent.iter().map(SentView::of).collect(),
        }
    }
}

impl<'a> SentView<'a> {
    fn of(sent: &'a Sent) -> SentView<'a> {
        let Sent { at, from, to, who, approved_by, undone_by, answers } = sent;
        let learnt = |one: &'a hive_store::Learnt| LearntView {
            at: format!("{:.0}", one.at),
            run: one.run.to_string(),
            outcome: one.outcome.name(),
            found: one.found.map(|found| found.to_string()),
            found_by: one.found_by.as_deref(),
            message: one.message.as_deref(),
        };
        SentView {
            at: format!("{at:.0}"),
            from: from.to_string(),
            to: to.to_string(),
            who,
            approved_by: approved_by.as_deref(),
            undone_by: undone_by.map(|run| run.to_string()),
            answers: answers.iter().map(learnt).collect(),
        }
    }
}

/// What applying a configuration changed, or would.
#[derive(Debug, Serialize)]
pub struct AppliedView<'a> {
    pub msp: &'a str,
    /// False in a dry run.
    pub applied: bool,
    pub entries: &'a [Differs],
}

/// The columns of CSV: the entries.
pub const APPLIED_COLUMNS: Csv<'static> = Csv {
    rows: "entries",
    columns: &["sign", "line", "section", "name", "fields.field", "fields.before", "fields.after"],
};

impl<'a> AppliedView<'a> {
    /// What differs.
    pub fn of(msp: &'a str, applied: bool, diff: &'a ConfigDiff) -> AppliedView<'a> {
        AppliedView { msp, applied, entries: &diff.entries }
    }
}
