//! Lines and changes of a plan as rows.

use crate::db::{Row, Take, Value, args};
use crate::error::{Result, unreadable};
use crate::intents::LineIds;
use hive_core::issue::{Code, Issue, Severity};
use hive_core::plan::{Change, Create, Line, Mark, Named, Step, StepKind};
use hive_core::{LineId, MspId, PlanId, ProductId};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

type IssueRow = (String, String, Option<String>, String);

pub(super) fn line_to_row(msp: MspId, plan: &PlanId, line: &Line) -> Vec<Value> {
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
        trace,
    } = line;
    let issue = |issue: &Issue| -> IssueRow {
        let Issue { code, severity, cause, message } = issue;
        (code.name().to_owned(), severity.name().to_owned(), cause.clone(), message.clone())
    };
    let issues: Vec<IssueRow> = issues.iter().map(issue).collect();
    let trace: Vec<(&str, &str)> = trace.iter().map(|Step { step, words }| (step.name(), words.as_str())).collect();
    let (company, company_name) = named(company.as_ref());
    let (agreement, agreement_name) = named(agreement.as_ref());
    args![
        msp,
        plan,
        id.account,
        id.product,
        account,
        product,
        company,
        company_name,
        agreement,
        agreement_name,
        *addition,
        *now,
        *next,
        *part,
        *money_month,
        currency.as_ref(),
        mark.name(),
        *live,
        serde_json::json!(issues).to_string(),
        serde_json::json!(trace).to_string()
    ]
}

fn named<Id: Copy>(record: Option<&Named<Id>>) -> (Option<Id>, Option<&String>) {
    record.map(|Named { id, name }| (*id, name)).unzip()
}

fn name_of<Id: Take>(row: &mut Row<'_>) -> Result<Option<Named<Id>>> {
    Ok(row.maybe()?.zip(row.maybe()?).map(|(id, name)| Named { id, name }))
}

pub(crate) fn line_from_row(row: &mut Row<'_>) -> Result<Line> {
    Ok(Line {
        id: LineId { account: row.take()?, product: row.take()? },
        account: row.take()?,
        product: row.take()?,
        company: name_of(row)?,
        agreement: name_of(row)?,
        addition: row.maybe()?,
        now: row.maybe()?,
        next: row.maybe()?,
        part: row.maybe()?,
        money_month: row.maybe()?,
        currency: row.maybe()?,
        mark: {
            let mark = row.text()?.unwrap_or_default();
            Mark::parse(mark).ok_or_else(|| unreadable("a mark", mark))?
        },
        live: row.take()?,
        issues: json::<IssueRow>(row)?.into_iter().map(issue_from_row).collect::<Result<_>>()?,
        trace: json::<(String, String)>(row)?.into_iter().map(step_from_row).collect::<Result<_>>()?,
    })
}

fn issue_from_row((code, severity, cause, message): IssueRow) -> Result<Issue> {
    Ok(Issue {
        code: Code::parse(&code).ok_or_else(|| unreadable("an issue's code", &code))?,
        severity: Severity::parse(&severity).ok_or_else(|| unreadable("a severity", &severity))?,
        cause,
        message,
    })
}

fn step_from_row((step, words): (String, String)) -> Result<Step> {
    let step = StepKind::parse(&step).ok_or_else(|| unreadable("a step", &step))?;
    Ok(Step { step, words })
}

fn json<T: DeserializeOwned>(row: &mut Row<'_>) -> Result<Vec<T>> {
    let text = row.text()?.unwrap_or_default();
    serde_json::from_str(text).map_err(|_| unreadable("a list", text))
}

pub(super) fn change_to_row(msp: MspId, plan: &PlanId, change: &Change) -> Vec<Value> {
    let Change { addition, agreement, item, from, to, lines, products, live, holds, countable, money_month, currency } =
        change;
    args![
        msp,
        plan,
        *addition,
        *agreement,
        *item,
        *from,
        *to,
        lines.as_slice(),
        products_to_row(products),
        *live,
        holds_to_row(holds),
        *countable,
        *money_month,
        currency.as_ref()
    ]
}

fn products_to_row(products: &BTreeSet<ProductId>) -> String {
    products.iter().map(ProductId::to_string).collect::<Vec<_>>().join(" ")
}

fn products_from_row(row: &mut Row<'_>) -> Result<BTreeSet<ProductId>> {
    let product = |text: &str| text.parse().map(ProductId).map_err(|_| unreadable("a product's id", text));
    row.text()?.unwrap_or_default().split_whitespace().map(product).collect()
}

fn holds_to_row(holds: &BTreeSet<(Code, String)>) -> String {
    let holds: Vec<(&str, &str)> = holds.iter().map(|(code, cause)| (code.name(), cause.as_str())).collect();
    serde_json::json!(holds).to_string()
}

fn holds_from_row(row: &mut Row<'_>) -> Result<BTreeSet<(Code, String)>> {
    let hold = |(code, cause): (String, String)| {
        Ok((Code::parse(&code).ok_or_else(|| unreadable("a hold's code", &code))?, cause))
    };
    json(row)?.into_iter().map(hold).collect()
}

pub(super) fn create_to_row(msp: MspId, plan: &PlanId, create: &Create) -> Vec<Value> {
    let Create { agreement, company, item, quantity, lines, products, live, holds, countable, money_month, currency } =
        create;
    args![
        msp,
        plan,
        *agreement,
        *company,
        *item,
        *quantity,
        lines.as_slice(),
        products_to_row(products),
        *live,
        holds_to_row(holds),
        *countable,
        *money_month,
        currency.as_ref()
    ]
}

pub(super) fn create_from_row(row: &mut Row<'_>) -> Result<Create> {
    Ok(Create {
        agreement: row.take()?,
        company: row.take()?,
        item: row.take()?,
        quantity: row.take()?,
        lines: row.take::<LineIds>()?.0,
        products: products_from_row(row)?,
        live: row.take()?,
        holds: holds_from_row(row)?,
        countable: row.take()?,
        money_month: row.maybe()?,
        currency: row.maybe()?,
    })
}

pub(super) fn change_from_row(row: &mut Row<'_>) -> Result<Change> {
    Ok(Change {
        addition: row.take()?,
        agreement: row.take()?,
        item: row.take()?,
        from: row.take()?,
        to: row.take()?,
        lines: row.take::<LineIds>()?.0,
        products: products_from_row(row)?,
        live: row.take()?,
        holds: holds_from_row(row)?,
        countable: row.take()?,
        money_month: row.maybe()?,
        currency: row.maybe()?,
    })
}
