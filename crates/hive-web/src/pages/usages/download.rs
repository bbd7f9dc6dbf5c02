//! The lines that the page shows, as files: all of what is filtered, in the page's order.

use super::super::shown::fate_words;
use super::Asked;
use crate::part::time_words;
use crate::{Answer, Fault, Visitor, Web};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use hive_core::TimeZone;
use hive_core::plan::Line;
use hive_desk::view::{LineView, PLAN_NEXT_COLUMNS};
use hive_desk::xlsx::{self, Cell};
use hive_desk::{Look, Refused};
use serde::Serialize;
use std::sync::Arc;

/// Lines that are put into words at once: the whole of a large plan would be some hundred megabytes.
const LINES_AT_ONCE: usize = 500;

/// Some lines, under the name that the columns know.
#[derive(Serialize)]
struct Lines<'a> {
    lines: Vec<LineView<'a>>,
}

async fn found(web: &Web, visitor: &Visitor) -> Result<(Arc<Look>, Vec<u32>), Fault> {
    let look = web.desk.look_fresh(&visitor.msp, visitor.now()).await?;
    let asked = Asked::of(visitor.here(), &look);
    let places = look.find_usages(&asked.filter, asked.order, asked.sort.down).places;
    Ok((look, places))
}

/// `usages.csv`.
pub(super) async fn csv(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let (look, places) = found(&web, &visitor).await?;
    let approved = look.approvals();
    // At least one part, so that the header is there where nothing was found.
    let parts = places.len().div_ceil(LINES_AT_ONCE).max(1);
    let text = (0..parts).map(move |part| {
        let of_part = places.iter().skip(part * LINES_AT_ONCE).take(LINES_AT_ONCE);
        let lines = of_part.filter_map(|place| look.plan.lines.get(*place as usize));
        let lines = Lines { lines: lines.map(|line| LineView::of(line, Some(&approved))).collect() };
        let text = PLAN_NEXT_COLUMNS.of(&lines).map_err(|refused| std::io::Error::other(refused.to_string()))?;
        let header_end = text.find('\n').map_or(0, |end| end + 1);
        Ok::<String, std::io::Error>(if part == 0 { text } else { text[header_end..].to_owned() })
    });
    Ok(file("text/csv; charset=utf-8", "usages.csv", Body::from_stream(futures::stream::iter(text))))
}

/// `usages.xlsx`.
pub(super) async fn spreadsheet(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let (look, places) = found(&web, &visitor).await?;
    let zone = visitor.zone.clone();
    let made = tokio::task::spawn_blocking(move || workbook(&look, &places, &zone)).await;
    let broken = |error: &dyn std::fmt::Display| Refused::Broken(format!("the spreadsheet could not be made: {error}"));
    let bytes = made.map_err(|error| broken(&error))??;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(file(kind, "usages.xlsx", Body::from(bytes)))
}

fn file(kind: &'static str, name: &str, body: Body) -> Response {
    let mut answer = ([(header::CONTENT_TYPE, kind)], body).into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    answer
}

const HEADINGS: [&str; 19] = [
    "Line",
    "Account",
    "Product",
    "Usage",
    "Unit",
    "Measured at",
    "Source",
    "Company",
    "Agreement",
    "Addition",
    "In ConnectWise",
    "Will be pushed",
    "Its part",
    "Difference a month",
    "Currency",
    "Mark",
    "Live",
    "Codes",
    "Issues",
];

fn workbook(look: &Look, places: &[u32], zone: &TimeZone) -> Result<Vec<u8>, Refused> {
    let lines = places.iter().filter_map(|place| look.plan.lines.get(*place as usize));
    xlsx::book("Product Usages", &HEADINGS, lines.map(|line| cells(look, line, zone)))
}

fn cells(look: &Look, line: &Line, zone: &TimeZone) -> [Cell; HEADINGS.len()] {
    let sample = look.sample_in_force(line.id.account, line.id.product);
    let words = |text: &str| Cell::Words(text.to_owned());
    let codes: Vec<&str> = line.issues.iter().map(|issue| issue.code.name()).collect();
    let messages: Vec<&str> = line.issues.iter().map(|issue| issue.message.as_str()).collect();
    [
        Cell::Words(line.id.to_string()),
        words(&line.account),
        words(&line.product),
        Cell::number(sample.map(|sample| sample.quantity)),
        Cell::Words(sample.map_or_else(String::new, |sample| sample.unit.to_string())),
        Cell::Words(sample.map_or_else(String::new, |sample| time_words(sample.measured_at, zone))),
        words(sample.map_or("", |sample| &sample.source)),
        words(line.company.as_ref().map_or("", |company| &company.name)),
        words(line.agreement.as_ref().map_or("", |agreement| &agreement.name)),
        Cell::number(line.addition),
        Cell::number(line.now),
        Cell::number(line.next),
        Cell::number(line.part),
        Cell::number(line.money_month),
        words(line.currency.as_deref().unwrap_or_default()),
        words(fate_words(look.fate(line))),
        words(if line.live { "yes" } else { "no" }),
        Cell::Words(codes.join("; ")),
        Cell::Words(messages.join("\n")),
    ]
}
