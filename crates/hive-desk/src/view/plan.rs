//! The plan and one number's story as others read them. The JSON is a contract.

use super::{BrakeView, IdView, NamedOwned, NamedView, RuleView, RunOfLineView, TotalView, WroteView};
use crate::Approved;
use crate::csv::Csv;
use crate::money::Both;
use hive_core::issue::Issue;
use hive_core::mirror::Agreement;
use hive_core::plan::{Brake, Candidate, Line, Mark, Plan};
use hive_core::{Money, PlanId, Quantity};
use serde::Serialize;

/// A plan as others read it.
#[derive(Debug, Serialize)]
pub struct PlanView<'a> {
    pub msp: &'a str,
    pub plan: String,
    pub mirror: Option<MirrorView>,
    pub made_at: String,
    pub counts: CountsView,
    /// Pairs with usage that a person decided not to bill.
    pub ignored: usize,
    /// Why a scheduled Update would not start on it.
    pub brake: Option<BrakeView>,
    /// Pairs that would be lines if no exclusion acted on them.
    pub excluded: usize,
    /// What would be pushed moves in all.
    pub totals: Vec<TotalView>,
    /// What is held moves in all, once it is approved.
    pub totals_held: Vec<TotalView>,
    pub lines: Vec<LineView<'a>>,
}

/// When the mirror was pulled.
#[derive(Debug, Serialize)]
pub struct MirrorView {
    pub pulled_at: String,
}

/// How many additions bear each mark.
#[derive(Debug, Serialize)]
pub struct CountsView {
    pub change: usize,
    pub unchanged: usize,
    pub held: usize,
    pub issue: usize,
}

/// What the additions of one mark move a month.
pub fn moves(plan: &Plan, mark: Mark) -> Both {
    Both::of(plan, plan.lines.iter().filter(|line| line.mark == mark))
}

/// One account x product as others read it.
#[derive(Debug, Serialize)]
pub struct LineView<'a> {
    pub id: String,
    pub account: &'a str,
    pub product: &'a str,
    pub company: Option<NamedView<'a>>,
    pub agreement: Option<NamedView<'a>>,
    pub addition: Option<IdView>,
    pub now: Option<String>,
    pub next: Option<String>,
    pub part: Option<String>,
    pub money_month: Option<String>,
    pub money_year: Option<String>,
    pub currency: Option<&'a str>,
    pub mark: &'static str,
    pub live: bool,
    pub issues: Vec<IssueView<'a>>,
    /// Whether a live approval lifts every hold; only where the next Update is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<bool>,
}

/// An issue as others read it.
#[derive(Debug, Serialize)]
pub struct IssueView<'a> {
    pub code: &'static str,
    pub severity: &'static str,
    pub cause: Option<&'a str>,
    pub message: &'a str,
}

/// The columns of CSV, in JSON's words.
pub const PLAN_COLUMNS: Csv<'static> = Csv {
    rows: "lines",
    columns: &[
        "id",
        "account",
        "product",
        "company.id",
        "company.name",
        "agreement.id",
        "agreement.name",
        "addition.id",
        "now",
        "next",
        "part",
        "money_month",
        "money_year",
        "currency",
        "mark",
        "live",
        "issues.code",
        "issues.severity",
        "issues.cause",
        "issues.message",
    ],
};

/// The same, with what is approved.
pub const PLAN_NEXT_COLUMNS: Csv<'static> = Csv {
    rows: "lines",
    columns: &[
        "id",
        "account",
        "product",
        "company.id",
        "company.name",
        "agreement.id",
        "agreement.name",
        "addition.id",
        "now",
        "next",
        "part",
        "money_month",
        "money_year",
        "currency",
        "mark",
        "live",
        "approved",
        "issues.code",
        "issues.severity",
        "issues.cause",
        "issues.message",
    ],
};

impl<'a> PlanView<'a> {
    /// `approved`: what a person approved, where the next Update is shown.
    pub fn of(plan: &'a Plan, approved: Option<&Approved>, brake: Option<&Brake>) -> PlanView<'a> {
        let counts = plan.counts();
        PlanView {
            msp: &plan.msp_name,
            plan: plan.id.to_string(),
            mirror: plan.mirror.as_ref().map(|mirror| MirrorView { pulled_at: format!("{:.0}", mirror.pulled_at) }),
            made_at: format!("{:.0}", plan.made_at),
            counts: CountsView {
                change: counts.change,
                unchanged: counts.unchanged,
                held: counts.held,
                issue: counts.issue,
            },
            ignored: plan.ignored,
            brake: brake.map(BrakeView::of),
            excluded: plan.excluded,
            totals: TotalView::of(&moves(plan, Mark::Change)),
            totals_held: TotalView::of(&moves(plan, Mark::Held)),
            lines: plan.lines.iter().map(|line| LineView::of(line, approved)).collect(),
        }
    }
}

impl<'a> LineView<'a> {
    /// `approved`: what a person approved, where the next Update is shown.
    pub fn of(line: &'a Line, approved: Option<&Approved>) -> LineView<'a> {
        let Line {
            id,
            account,
            product,
            company,
            agreement,
            addition,
            now,
            next,
            part,
            money_month,
            currency,
            mark,
            live,
            issues,
            trace: _,
        } = line;
        let year = money_month.map(|month| Money::new(month.decimal().saturating_mul(12.into())));
        LineView {
            id: id.to_string(),
            account,
            product,
            company: company.as_ref().map(|named| NamedView { id: named.id.0, name: &named.name }),
            agreement: agreement.as_ref().map(|named| NamedView { id: named.id.0, name: &named.name }),
            addition: addition.map(|id| IdView { id: id.0 }),
            now: now.map(|now| now.to_string()),
            next: next.map(|next| next.to_string()),
            part: part.map(|part| part.to_string()),
            money_month: money_month.map(|month| month.to_string()),
            money_year: year.map(|year| year.to_string()),
            currency: currency.as_deref(),
            mark: mark.name(),
            live: *live,
            issues: issues.iter().map(IssueView::of).collect(),
            approved: approved.map(|approved| approved.of(line).is_some()),
        }
    }
}

impl<'a> IssueView<'a> {
    /// An issue as others read it.
    pub fn of(issue: &'a Issue) -> IssueView<'a> {
        let Issue { code, severity, cause, message } = issue;
        IssueView { code: code.name(), severity: severity.name(), cause: cause.as_deref(), message }
    }
}

/// One number's story as others read it.
#[derive(Debug, Serialize)]
pub struct ExplainedView<'a> {
    /// Null where no plan tells of it (an undo).
    pub plan: Option<String>,
    pub line: String,
    pub account: &'a str,
    pub product: &'a str,
    pub now: Option<String>,
    pub next: Option<String>,
    pub part: Option<String>,
    pub mark: &'static str,
    pub steps: Vec<StepView<'a>>,
    pub issues: Vec<IssueView<'a>>,
    /// Every addition of the company and the item, chosen or not.
    pub candidates: &'a [CandidateView],
    /// The rule it is made by; null where the product is mapped to nothing.
    pub rule: Option<RuleView<'a>>,
    /// What Hive wrote into its addition, the newest first.
    pub pushed: Vec<WroteView<'a>>,
    /// What the run did that was asked about; null for the next Update.
    pub run: Option<RunOfLineView<'a>>,
}

/// An addition that a line could be billed on, and why it is or is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CandidateView {
    pub addition: i64,
    pub agreement: NamedOwned,
    /// The agreement that this one is a child of.
    pub parent: Option<NamedOwned>,
    pub quantity: Option<String>,
    pub chosen: bool,
    pub why: String,
}

impl CandidateView {
    /// A candidate as others read it.
    pub fn of(one: &Candidate<'_>) -> CandidateView {
        let named = |agreement: &Agreement| NamedOwned { id: agreement.id.0, name: agreement.name.clone() };
        CandidateView {
            addition: one.addition.id.0,
            agreement: named(one.agreement),
            parent: one.parent.map(named),
            quantity: one.addition.quantity.map(|quantity| quantity.to_string()),
            chosen: one.chosen,
            why: one.why.clone(),
        }
    }
}

/// One step from samples to quantity.
#[derive(Debug, Serialize)]
pub struct StepView<'a> {
    pub step: &'static str,
    pub words: &'a str,
}

/// The columns of CSV: the steps.
pub const EXPLAINED_COLUMNS: Csv<'static> = Csv { rows: "steps", columns: &["step", "words"] };

impl<'a> ExplainedView<'a> {
    /// A line of a plan with its steps.
    pub fn of(plan: Option<&PlanId>, line: &'a Line, candidates: &'a [CandidateView]) -> ExplainedView<'a> {
        let shown = |quantity: Option<Quantity>| quantity.map(|quantity| quantity.to_string());
        ExplainedView {
            plan: plan.map(ToString::to_string),
            line: line.id.to_string(),
            account: &line.account,
            product: &line.product,
            now: shown(line.now),
            next: shown(line.next),
            part: shown(line.part),
            mark: line.mark.name(),
            steps: line.trace.iter().map(|step| StepView { step: step.step.name(), words: &step.words }).collect(),
            issues: line.issues.iter().map(IssueView::of).collect(),
            candidates,
            rule: None,
            pushed: Vec::new(),
            run: None,
        }
    }
}
