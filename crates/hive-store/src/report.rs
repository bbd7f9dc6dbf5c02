//! Reports: what became of every line of a run.

use crate::Store;
use crate::db::{Row, Tx, args};
use crate::error::{Result, unreadable};
use crate::lease::{Lease, RunKind, RunState};
use crate::undone::Undone;
use hive_core::outcome::Outcome;
use hive_core::{AccountId, AdditionId, LineId, Money, MspId, PlanId, ProductId, Quantity, RunId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// How many additions (and lines without one) came to each outcome: all twelve, always.
pub type OutcomeCounts = BTreeMap<Outcome, usize>;

/// What became of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportLine {
    pub line: LineId,
    /// The account's name. Read from the account; not looked at when a line is recorded.
    pub account: String,
    /// The product's name. Read from the product; not looked at when a line is recorded.
    pub product: String,
    pub addition: Option<AdditionId>,
    pub from: Option<Quantity>,
    pub to: Option<Quantity>,
    pub found: Option<Quantity>,
    pub outcome: Outcome,
    pub message: Option<String>,
}

/// A run and what became of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub run: RunId,
    pub plan: Option<PlanId>,
    pub kind: RunKind,
    pub state: RunState,
    pub who: String,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub words: String,
    /// What undos took back of it.
    pub undone: Option<Undone>,
    pub counts: OutcomeCounts,
    /// What each addition's change moves a month, with its currency, as it was planned. An undo moves it back.
    pub money: BTreeMap<AdditionId, (Money, Option<String>)>,
    /// In the order of their ids.
    pub lines: Vec<ReportLine>,
}

pub(crate) fn report_line(row: &mut Row<'_>) -> Result<ReportLine> {
    Ok(ReportLine {
        line: LineId { account: row.take()?, product: row.take()? },
        account: row.maybe()?.unwrap_or_default(),
        product: row.maybe()?.unwrap_or_default(),
        addition: row.maybe()?,
        from: row.maybe()?,
        to: row.maybe()?,
        found: row.maybe()?,
        outcome: row.take()?,
        message: row.maybe()?,
    })
}

fn no_counts() -> OutcomeCounts {
    Outcome::ALL.into_iter().map(|outcome| (outcome, 0)).collect()
}

fn count(lines: impl Iterator<Item = (Option<AdditionId>, Outcome)>) -> OutcomeCounts {
    let (mut counts, mut seen) = (no_counts(), BTreeSet::new());
    for (addition, outcome) in lines {
        if addition.is_none_or(|addition| seen.insert(addition)) {
            *counts.entry(outcome).or_default() += 1;
        }
    }
    counts
}

/// Reads what [`Tx::recount`] stored: one number for each outcome in the order of reports.
pub(crate) fn counts_from_row(text: &str) -> Result<OutcomeCounts> {
    let mut counts = no_counts();
    for (outcome, number) in Outcome::ALL.into_iter().zip(text.split_whitespace()) {
        counts.insert(outcome, number.parse().map_err(|_| unreadable("a run's counts", text))?);
    }
    Ok(counts)
}

/// What LIKE takes for "holds this text"; `%` where there is none.
fn holding(text: &str) -> String {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return "%".to_owned();
    }
    let escaped: String =
        text.chars().flat_map(|letter| "!%_".contains(letter).then_some('!').into_iter().chain([letter])).collect();
    format!("%{escaped}%")
}

impl Tx {
    /// What the changes of a run's plan move a month; of an undo, what it takes back.
    async fn report_money(
        &mut self,
        msp: MspId,
        run: RunId,
        plan: Option<&PlanId>,
    ) -> Result<BTreeMap<AdditionId, (Money, Option<String>)>> {
        let read = |row: &mut Row<'_>| Ok((row.take()?, (row.take()?, row.maybe()?)));
        let undone = "SELECT c.addition, c.money_month, c.currency FROM intent i
            JOIN plan_change c ON c.msp = i.msp AND c.plan = i.plan AND c.addition = i.addition
            WHERE i.msp = $1 AND i.undone_by = $2 AND c.money_month IS NOT NULL";
        let undone: Vec<(AdditionId, (Money, Option<String>))> = self.all(undone, args![msp, run], read).await?;
        let mut money: BTreeMap<_, _> =
            undone.into_iter().map(|(id, (month, currency))| (id, (Money::new(-month.decimal()), currency))).collect();
        if let Some(plan) = plan {
            let sql = "SELECT addition, money_month, currency FROM plan_change
                WHERE msp = $1 AND plan = $2 AND money_month IS NOT NULL";
            money.extend(self.all(sql, args![msp, plan], read).await?);
        }
        Ok(money)
    }

    /// Stores the counts of a run that ended, for lists.
    pub(crate) async fn recount(&mut self, msp: MspId, run: RunId) -> Result<()> {
        let sql = "SELECT addition, outcome FROM report_line WHERE msp = $1 AND run = $2 ORDER BY account, product";
        let lines = self.all(sql, args![msp, run], |row| Ok((row.maybe()?, row.take()?))).await?;
        let counts: Vec<String> = count(lines.into_iter()).values().map(usize::to_string).collect();
        let sql = "UPDATE run SET counts = $3 WHERE msp = $1 AND id = $2";
        self.run(sql, args![msp, run, counts.join(" ")]).await?;
        Ok(())
    }

    /// The last word on each of these lines.
    pub(crate) async fn put_report_lines(&mut self, msp: MspId, run: RunId, lines: &[ReportLine]) -> Result<()> {
        let rows = lines.iter().map(|line| {
            let ReportLine { line, account: _, product: _, addition, from, to, found, outcome, message } = line;
            let LineId { account, product } = *line;
            args![msp, run, account, product, *addition, *from, *to, *found, outcome.name(), message.as_ref()]
        });
        let insert = "INSERT INTO report_line (msp, run, account, product, addition, from_value, to_value, found,
            outcome, message)";
        let after = "ON CONFLICT (msp, run, account, product) DO UPDATE SET addition = excluded.addition,
            from_value = excluded.from_value, to_value = excluded.to_value, found = excluded.found,
            outcome = excluded.outcome, message = excluded.message";
        self.put_many(insert, after, rows).await
    }
}

impl Store {
    /// Outcomes of lines that had no intent (held, issue, unchanged, not_sent). A line recorded
    /// before takes the new outcome, so a run may first record every line as not_sent.
    pub async fn record_lines(&self, lease: &Lease, lines: &[ReportLine]) -> Result<()> {
        let mut tx = self.db.write(lease.msp).await?;
        tx.check_fence(lease).await?;
        // One row a key in one statement: the last word on a line that is named twice.
        let last: BTreeMap<(AccountId, ProductId), &ReportLine> =
            lines.iter().map(|line| ((line.line.account, line.line.product), line)).collect();
        let lines: Vec<ReportLine> = last.into_values().cloned().collect();
        tx.put_report_lines(lease.msp, lease.run, &lines).await?;
        tx.commit().await
    }

    /// How many of a run's lines came to each outcome, of those whose account or product holds a text.
    pub async fn report_tally(&self, msp: MspId, run: RunId, text: &str) -> Result<OutcomeCounts> {
        let sql = "SELECT l.outcome, COUNT(*) FROM report_line l
            LEFT JOIN account a ON a.msp = l.msp AND a.id = l.account
            LEFT JOIN product p ON p.msp = l.msp AND p.id = l.product
            WHERE l.msp = $1 AND l.run = $2
                AND ($3 = '%' OR lower(a.name) LIKE $3 ESCAPE '!' OR lower(p.name) LIKE $3 ESCAPE '!')
            GROUP BY l.outcome";
        let read = |row: &mut Row<'_>| Ok((row.take::<Outcome>()?, row.take::<i64>()?));
        let found = self.db.read().await?.all(sql, args![msp, run, holding(text)], read).await?;
        let mut counts = no_counts();
        counts.extend(found.into_iter().map(|(outcome, lines)| (outcome, usize::try_from(lines).unwrap_or_default())));
        Ok(counts)
    }

    /// Some of a run's lines: with these outcomes, and an account or a product that holds a text.
    pub async fn report_page(
        &self,
        msp: MspId,
        run: RunId,
        outcomes: &[Outcome],
        text: &str,
        offset: i64,
        limit: i64,
    ) -> Result<Vec<ReportLine>> {
        let sql = "SELECT l.account, l.product, a.name, p.name, l.addition, l.from_value, l.to_value, l.found,
            l.outcome, l.message FROM report_line l
            LEFT JOIN account a ON a.msp = l.msp AND a.id = l.account
            LEFT JOIN product p ON p.msp = l.msp AND p.id = l.product
            WHERE l.msp = $1 AND l.run = $2 AND $3 LIKE '%,' || l.outcome || ',%'
                AND ($4 = '%' OR lower(a.name) LIKE $4 ESCAPE '!' OR lower(p.name) LIKE $4 ESCAPE '!')
            ORDER BY l.account, l.product LIMIT $5 OFFSET $6";
        let names: Vec<&str> = outcomes.iter().map(|outcome| outcome.name()).collect();
        let values = args![msp, run, format!(",{},", names.join(",")), holding(text), limit, offset];
        self.db.read().await?.all(sql, values, report_line).await
    }

    /// The report of a run, as far as it is.
    pub async fn report(&self, msp: MspId, run: RunId) -> Result<Option<Report>> {
        let mut tx = self.db.read().await?;
        let Some(row) = tx.a_run(msp, run).await? else { return Ok(None) };
        let sql = "SELECT l.account, l.product, a.name, p.name, l.addition, l.from_value, l.to_value, l.found,
            l.outcome, l.message FROM report_line l
            LEFT JOIN account a ON a.msp = l.msp AND a.id = l.account
            LEFT JOIN product p ON p.msp = l.msp AND p.id = l.product
            WHERE l.msp = $1 AND l.run = $2 ORDER BY l.account, l.product";
        let lines = tx.all(sql, args![msp, run], report_line).await?;
        let money = tx.report_money(msp, run, row.plan.as_ref()).await?;
        Ok(Some(Report {
            money,
            run,
            plan: row.plan,
            kind: row.kind,
            state: row.state,
            who: row.who,
            started_at: row.started_at,
            ended_at: row.ended_at,
            words: row.words,
            undone: row.undone,
            counts: count(lines.iter().map(|line| (line.addition, line.outcome))),
            lines,
        }))
    }
}
