//! What past months would have billed, with and without other settings.

use super::super::file::{self, Kind};
use super::super::psa_sync::{Tab, frame};
use super::{Asked, asked, fields, is_asked, wrong};
use crate::part::{self, Column, Icon, Point, Table};
use crate::{Answer, Fault, Visitor, Web};
use axum::extract::State;
use hive_desk::back_test::{MONTHS, MONTHS_MAX, Month};
use hive_desk::money::Sums;
use hive_desk::view::{BACK_TEST_COLUMNS, BACK_TEST_NOTE, BackTestRow, BackTestView};
use hive_desk::{BackTest, Refused};
use maud::{Markup, html};
use std::sync::Arc;

pub(super) async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let found = if is_asked(visitor.here()) { Some(told(&web, &visitor).await.or_else(wrong)?) } else { None };
    let months = visitor.here().get("months").map_or_else(|| MONTHS.to_string(), str::to_owned);
    let form = html! {
        div.panel-body {
            p.hint { (BACK_TEST_NOTE) " Nothing is saved here." }
            form.settings method="get" action=(visitor.path("psa-sync/back-test")) {
                div.field {
                    label for="months" { "Months" }
                    input type="number" id="months" name="months" min="1" max=(MONTHS_MAX) value=(months);
                }
                (fields(&visitor, &look))
                div.actions { (part::submit("button primary", "Replay these months")) }
            }
        }
    };
    let body = html! {
        (part::panel(None, "Past months", html! {}, form))
        @if let Some(found) = found { (part::panel(Some("answer"), "What they would have billed", downloads(&visitor), found)) }
    };
    Ok(frame(&web, &visitor, &look, Tab::Settings).await?.titled("Past months").body(body))
}

fn downloads(visitor: &Visitor) -> Markup {
    let query: Vec<String> = visitor
        .here()
        .parameters()
        .map(|(name, value)| url::form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish())
        .collect();
    let at = |end: &str| visitor.path(&format!("psa-sync/back-test.{end}?{}", query.join("&")));
    html! {
        @for (end, words) in [("csv", "CSV"), ("xlsx", "XLSX")] {
            a.button href=(at(end)) download { (Icon::Download) (words) span.unseen { " of these months" } }
        }
    }
}

async fn read(web: &Web, visitor: &Visitor) -> Result<(Asked, BackTest), Fault> {
    let asked = asked(web, visitor).await?;
    let months = visitor.here().get("months").map_or(Ok(MONTHS), str::parse);
    let months = months.map_err(|_| Refused::WrongUsage(format!("Months: ask for 1 to {MONTHS_MAX}.")))?;
    let test = web.desk.back_test(&visitor.msp, months, &asked.changes, asked.product, visitor.now()).await?;
    Ok((asked, test))
}

async fn told(web: &Web, visitor: &Visitor) -> Result<Markup, Fault> {
    let (asked, test) = read(web, visitor).await?;
    let view = BackTestView::of(&visitor.msp.name, &asked.changes, &test);
    Ok(html! {
        (chart("Billed a month, as it is set now", &test, |month| Some(&month.total)))
        @if test.compared { (chart("Billed a month, with these settings", &test, |month| month.total_with.as_ref())) }
        (table(&view, test.compared))
    })
}

/// The totals, the oldest first; months without samples are no points. Two currencies make no one line.
fn chart(label: &str, test: &BackTest, of: impl Fn(&Month) -> Option<&Sums>) -> Markup {
    let measured: Vec<&Month> = test.months.iter().rev().filter(|month| month.has_samples()).collect();
    let mut currencies: Vec<&String> = measured.iter().filter_map(|month| of(month)).flat_map(Sums::keys).collect();
    currencies.sort();
    currencies.dedup();
    let [currency] = currencies.as_slice() else { return html! {} };
    let point = |month: &&Month| {
        let value = of(month)?.get(*currency).copied().unwrap_or_default().decimal();
        Some(Point { date: month.end, value })
    };
    let points: Vec<Point> = measured.iter().filter_map(point).collect();
    html! { @if points.len() > 1 { (part::line_chart(label, currency, &points)) } }
}

fn table(view: &BackTestView<'_>, compared: bool) -> Markup {
    let mut columns = vec![Column::new("Month"), Column::new("Product"), Column::new("Quantity").figure()];
    if compared {
        columns.extend([Column::new("With").figure(), Column::new("Difference").figure()]);
    }
    columns.push(Column::new("Money").figure());
    if compared {
        columns.extend([Column::new("Money with").figure(), Column::new("Money difference").figure()]);
    }
    columns.push(Column::new("Note"));
    let cell = |value: &Option<String>| html! { td.figure { @if let Some(value) = value { (value) } @else { span.muted { "–" } } } };
    let money = |row: &BackTestRow, value: &Option<String>| {
        let value = value.as_ref().map(|value| format!("{value} {}", row.currency.as_deref().unwrap_or_default()));
        cell(&value.map(|text| text.trim_end().to_owned()))
    };
    let rows = html! {
        @for row in &view.rows {
            tr {
                th scope="row" { (row.month) }
                td { @match &row.product { Some(name) => (part::name(name)), None => b { "In all" } } }
                @if row.no_samples { td.figure { "no samples" } } @else { (cell(&row.quantity)) }
                @if compared { (cell(&row.quantity_with)) (cell(&row.quantity_difference)) }
                (money(row, &row.money))
                @if compared { (money(row, &row.money_with)) (money(row, &row.money_difference)) }
                td { @if row.unknown > 0 { (part::plural(row.unknown, "addition is", "additions are")) " not known: an issue stops them" } }
            }
        }
    };
    Table { caption: "Past months", columns: &columns, sort: None }.rows(rows)
}

pub(super) async fn csv(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    download(&web, &visitor, Kind::Csv, "back-test.csv").await
}

pub(super) async fn spreadsheet(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    download(&web, &visitor, Kind::Xlsx, "back-test.xlsx").await
}

async fn download(web: &Web, visitor: &Visitor, kind: Kind, name: &str) -> Answer {
    let (asked, test) = read(web, visitor).await?;
    let view = BackTestView::of(&visitor.msp.name, &asked.changes, &test);
    file::answer(kind, name, file::bytes(kind, &view, BACK_TEST_COLUMNS)?)
}
