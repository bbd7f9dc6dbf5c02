//! The plan as JSON, CSV and table. The JSON is a contract (design, section 7).

use super::{Align, Csv, table};
use hive_core::issue::{Code, Issue, Severity};
use hive_core::plan::{Line, Mark, Plan};
use hive_core::{AdditionId, Money};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A plan as others read it.
#[derive(Debug, Serialize)]
pub(crate) struct PlanView<'a> {
    pub(crate) msp: &'a str,
    plan: String,
    mirror: Option<MirrorView>,
    made_at: String,
    counts: CountsView,
    /// Pairs with usage that a person decided not to bill.
    ignored: usize,
    lines: Vec<LineView<'a>>,
}

#[derive(Debug, Serialize)]
struct MirrorView {
    pulled_at: String,
}

#[derive(Debug, Serialize)]
struct CountsView {
    change: usize,
    unchanged: usize,
    held: usize,
    issue: usize,
}

#[derive(Debug, Serialize)]
struct NamedView<'a> {
    id: i64,
    name: &'a str,
}

/// A record that has no name of its own.
#[derive(Debug, Serialize)]
pub(crate) struct IdView {
    pub(crate) id: i64,
}

#[derive(Debug, Serialize)]
struct LineView<'a> {
    id: String,
    account: &'a str,
    product: &'a str,
    company: Option<NamedView<'a>>,
    agreement: Option<NamedView<'a>>,
    addition: Option<IdView>,
    now: Option<String>,
    next: Option<String>,
    part: Option<String>,
    money_month: Option<String>,
    money_year: Option<String>,
    currency: Option<&'a str>,
    mark: &'static str,
    live: bool,
    issues: Vec<IssueView<'a>>,
    /// Whether a live approval lifts every hold; only where the next Update is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    approved: Option<bool>,
}

#[derive(Debug, Serialize)]
struct IssueView<'a> {
    code: &'static str,
    severity: &'static str,
    cause: Option<&'a str>,
    message: &'a str,
}

/// The columns of CSV, in JSON's words.
pub(crate) const COLUMNS: Csv<'static> = Csv {
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
pub(crate) const COLUMNS_NEXT: Csv<'static> = Csv {
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
    /// `approved`: the additions whose holds are lifted, where the next Update is shown.
    pub(crate) fn of(plan: &'a Plan, approved: Option<&BTreeSet<AdditionId>>) -> PlanView<'a> {
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
            lines: plan.lines.iter().map(|line| LineView::of(line, approved)).collect(),
        }
    }
}

impl<'a> LineView<'a> {
    fn of(line: &'a Line, approved: Option<&BTreeSet<AdditionId>>) -> LineView<'a> {
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
            approved: approved.map(|approved| addition.is_some_and(|addition| approved.contains(&addition))),
        }
    }
}

impl<'a> IssueView<'a> {
    fn of(issue: &'a Issue) -> IssueView<'a> {
        let Issue { code, severity, cause, message } = issue;
        IssueView { code: code.name(), severity: severity.name(), cause: cause.as_deref(), message }
    }
}

/// The plan for people: what changes, what waits, what cannot be pushed and why.
pub(crate) fn words(plan: &Plan, approved: &BTreeMap<AdditionId, String>) -> String {
    let mut text = head(plan);
    for (mark, title) in
        [(Mark::Change, "Will be pushed"), (Mark::Held, "Waits for approval"), (Mark::Issue, "Will not be pushed")]
    {
        let is_approved = |line: &&Line| line.addition.is_some_and(|addition| approved.contains_key(&addition));
        let lines: Vec<&Line> = plan.lines.iter().filter(|line| line.mark == mark).collect();
        let (agreed, lines): (Vec<&Line>, Vec<&Line>) = lines.into_iter().partition(is_approved);
        for (title, lines) in [("Approved, the next Update pushes it", agreed), (title, lines)] {
            if !lines.is_empty() {
                let month = total(plan, &lines);
                text.push_str(&format!("\n{title}: {}{month}\n", count_words(&lines)));
                text.push_str(&section(mark, &lines, approved));
                text.push('\n');
            }
        }
    }
    let counts = plan.counts();
    text.push_str(&format!(
        "\n{} change, {} unchanged, {} held, {} with issues{}. Nothing has been written.\n",
        counts.change,
        counts.unchanged,
        counts.held,
        counts.issue,
        if plan.ignored > 0 { format!("; {} ignored", plan.ignored) } else { String::new() },
    ));
    text.push_str(&next_steps(plan, approved));
    text
}

fn head(plan: &Plan) -> String {
    let mirror = plan.mirror.as_ref().map_or_else(
        || "nothing was synced yet".to_owned(),
        |mirror| format!("ConnectWise as of {:.0}", mirror.pulled_at),
    );
    format!("{}: plan {} ({mirror})\n", plan.msp_name, plan.id)
}

fn count_words(lines: &[&Line]) -> String {
    let plural = |count: usize, word: &str| if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") };
    let additions: BTreeSet<_> = lines.iter().filter_map(|line| line.addition).collect();
    let all = plural(lines.len(), "line");
    if additions.is_empty() || additions.len() == lines.len() {
        all
    } else {
        format!("{all} on {}", plural(additions.len(), "addition"))
    }
}

/// The money of a section, one amount a currency, each addition once.
fn total(plan: &Plan, lines: &[&Line]) -> String {
    let mut seen = BTreeSet::new();
    let mut sums: BTreeMap<&str, Money> = BTreeMap::new();
    // Without an addition there is no currency; where all others share one, it is that.
    let currencies: BTreeSet<&str> = plan.lines.iter().filter_map(|line| line.currency.as_deref()).collect();
    let sole = currencies.iter().next().copied().filter(|_| currencies.len() == 1).unwrap_or_default();
    for line in lines {
        let first = line.addition.is_none_or(|addition| seen.insert(addition));
        if let Some(month) = line.money_month.filter(|_| first) {
            let sum = sums.entry(line.currency.as_deref().unwrap_or(sole)).or_default();
            *sum = sum.plus(month);
        }
    }
    let words: Vec<String> = sums
        .iter()
        .filter(|(_, sum)| **sum != Money::ZERO)
        .map(|(currency, sum)| format!("{} {currency}", signed(*sum)).trim_end().to_owned())
        .collect();
    if words.is_empty() { String::new() } else { format!(", {} a month", words.join(", ")) }
}

pub(crate) fn signed(money: Money) -> String {
    if money > Money::ZERO { format!("+{}", money.words()) } else { money.words() }
}

fn section(mark: Mark, lines: &[&Line], approved: &BTreeMap<AdditionId, String>) -> String {
    let mut columns =
        vec![("", Align::Left), ("Account", Align::Left), ("Product", Align::Left), ("Now", Align::Right)];
    if mark == Mark::Held {
        columns.insert(1, ("Line", Align::Left));
    }
    if mark != Mark::Issue {
        columns.push(("Next", Align::Right));
    }
    columns.extend([("A month", Align::Right), (if mark == Mark::Change { "Note" } else { "Why" }, Align::Left)]);
    let mut decisions = decisions(lines);
    decisions.sort_by_key(|decision| std::cmp::Reverse(decision.money.map(Money::abs)));
    let rows = decisions.into_iter().map(|Decision { sign, account, product, line, money, why }| {
        let show = |quantity: Option<hive_core::Quantity>| {
            quantity.map_or_else(|| "-".to_owned(), |quantity| quantity.to_string())
        };
        let mut row = vec![sign.to_owned(), account, product, show(line.and_then(|line| line.now))];
        if mark == Mark::Held {
            row.insert(1, line.map_or_else(String::new, |line| line.id.to_string()));
        }
        let by = line.and_then(|line| approved.get(&line.addition?));
        let why = by.map_or(why, |who| format!("approved by {who}"));
        if mark != Mark::Issue {
            row.push(show(line.and_then(|line| line.next)));
        }
        row.push(money.map_or_else(|| "-".to_owned(), signed));
        row.push(why);
        row
    });
    table(&columns, rows)
}

/// One row of a section: a line, or every line that one decision answers.
struct Decision<'a> {
    sign: &'static str,
    account: String,
    product: String,
    line: Option<&'a Line>,
    money: Option<Money>,
    why: String,
}

/// An account that is linked to nothing, or a product that is mapped to nothing, is one decision,
/// however many lines it stops.
fn decisions<'a>(lines: &[&'a Line]) -> Vec<Decision<'a>> {
    let mut shared: BTreeMap<(Code, &str), Vec<&'a Line>> = BTreeMap::new();
    let mut decisions = Vec::new();
    for line in lines {
        match line.issues.iter().find(|issue| issue.severity == Severity::Stop).map(|issue| issue.code) {
            Some(code @ Code::AccountUnlinked) => shared.entry((code, &line.account)).or_default().push(line),
            Some(code @ Code::ProductUnmapped) => shared.entry((code, &line.product)).or_default().push(line),
            _ => decisions.push(decision(line)),
        }
    }
    for ((code, name), of_one) in shared {
        let [first, _, ..] = of_one.as_slice() else {
            decisions.extend(of_one.into_iter().map(decision));
            continue;
        };
        let count = of_one.len();
        let money = of_one.iter().filter_map(|line| line.money_month).reduce(Money::plus);
        let how = first
            .issues
            .first()
            .and_then(|issue| issue.message.split_once(" Link it: ").or_else(|| issue.message.split_once(" Map it: ")));
        let how = how.map_or("", |(_, how)| how);
        let (account, product, why) = if code == Code::AccountUnlinked {
            (name.to_owned(), format!("{count} products"), format!("{code}: linked to no company. Link it: {how}"))
        } else {
            (format!("{count} accounts"), name.to_owned(), format!("{code}: mapped to no item. Map it: {how}"))
        };
        decisions.push(Decision { sign: "!", account, product, line: None, money, why });
    }
    decisions
}

fn decision(line: &Line) -> Decision<'_> {
    let sign = match line.mark {
        Mark::Change if line.live => "✓",
        Mark::Change => "○",
        Mark::Held => "⏸",
        Mark::Unchanged => "=",
        Mark::Issue => "!",
    };
    Decision {
        sign,
        account: line.account.clone(),
        product: line.product.clone(),
        line: Some(line),
        money: line.money_month,
        why: why(line),
    }
}

/// The heaviest issues of a line; for a change its notes that are not everyday ones.
fn why(line: &Line) -> String {
    let heaviest = line.issues.iter().map(|issue| issue.severity).max();
    let chosen = line.issues.iter().filter(|issue| match line.mark {
        Mark::Change | Mark::Unchanged => {
            !matches!(issue.code.name(), "link.not_live" | "addition.paid_period" | "quota.missing")
        }
        Mark::Held | Mark::Issue => Some(issue.severity) == heaviest && issue.severity > Severity::Note,
    });
    let words: Vec<String> = chosen.map(|issue| format!("{}: {}", issue.code, issue.message)).collect();
    words.join("\n")
}

fn next_steps(plan: &Plan, approved: &BTreeMap<AdditionId, String>) -> String {
    let mut steps = Vec::new();
    let waiting = plan.changes.iter().any(|change| !change.live);
    if waiting {
        steps.push(format!(
            "○ not live yet: hive update \"{}\" --plan {} pushes exactly this plan and takes its products live.",
            plan.msp_name, plan.id
        ));
    }
    if plan.changes.iter().any(|change| !change.holds.is_empty() && !approved.contains_key(&change.addition)) {
        steps.push(format!("⏸ held: hive approve \"{}\" --line L…, or --all.", plan.msp_name));
    }
    steps.join("\n")
}

/// One line's story.
pub(crate) fn explanation(line: &Line) -> String {
    let mut text = format!("{} x {} ({})\n", line.account, line.product, line.id);
    for step in &line.trace {
        text.push_str(&format!("  {:<7} {}\n", step.step.name(), step.words));
    }
    let show = |quantity: Option<hive_core::Quantity>| {
        quantity.map_or_else(|| "unknown".to_owned(), |quantity| quantity.to_string())
    };
    text.push_str(&format!("  now {} -> next {}: {}", show(line.now), show(line.next), line.mark.name()));
    if let Some(month) = line.money_month.filter(|month| *month != Money::ZERO) {
        let currency = line.currency.as_deref().map_or(String::new(), |currency| format!(" {currency}"));
        text.push_str(&format!(", {}{currency} a month", signed(month)));
    }
    text.push('\n');
    for issue in &line.issues {
        text.push_str(&format!("  {} {}: {}\n", issue.severity.name(), issue.code, issue.message));
    }
    text
}
