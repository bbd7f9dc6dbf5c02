//! What was measured and what was pushed, over time.

use super::super::shown::{maybe, who as who_words};
use crate::part::{self, Column, Kind, Point, Table};
use crate::{Fault, Visitor, Web};
use hive_core::plan::Line;
use hive_core::usage::Sample;
use hive_store::Wrote;
use jiff::SignedDuration;
use maud::{Markup, html};
use std::collections::BTreeMap;

/// How far back a line's story is told.
const DAYS: i64 = 400;
/// Samples that a chart is made of: one an hour for a month, or one a day for more than the whole span.
const SAMPLES_MAX: i64 = 1000;
/// Rows of each table under a chart.
const ROWS_MAX: usize = 30;

/// What is known of a line's past, the newest first.
pub(super) struct Past {
    samples: Vec<Sample>,
    wrote: Vec<Wrote>,
}

pub(super) async fn read(web: &Web, visitor: &Visitor, line: &Line) -> Result<Past, Fault> {
    let (store, msp) = (&web.desk.store, visitor.msp.id);
    let since = visitor.now().saturating_sub(SignedDuration::from_hours(DAYS * 24));
    let since = since.unwrap_or(hive_core::Timestamp::MIN);
    let samples = store.samples(msp, line.id.account, line.id.product, since, SAMPLES_MAX).await?;
    let wrote = match line.addition {
        Some(addition) => store.wrote(msp, addition, ROWS_MAX as i64).await?,
        None => Vec::new(),
    };
    Ok(Past { samples, wrote })
}

pub(super) fn panels(visitor: &Visitor, line: &Line, past: &Past) -> Markup {
    html! {
        (part::panel(None, "Measured", html! {}, measured(visitor, line, past)))
        (part::panel(None, "Pushed", html! {}, pushed(visitor, line, past)))
    }
}

/// The last value of each day.
fn daily<'a, T: 'a>(
    newest_first: impl Iterator<Item = &'a T>,
    visitor: &Visitor,
    at: impl Fn(&T) -> (hive_core::Timestamp, hive_core::Quantity),
) -> Vec<Point> {
    let mut days = BTreeMap::new();
    for row in newest_first {
        let (moment, value) = at(row);
        days.entry(moment.to_zoned(visitor.zone.clone()).date()).or_insert(value.decimal());
    }
    days.into_iter().map(|(date, value)| Point { date, value }).collect()
}

fn measured(visitor: &Visitor, line: &Line, past: &Past) -> Markup {
    let Some(newest) = past.samples.first() else {
        return part::empty("Nothing measured yet", html! {}, html! {});
    };
    // One source and one unit: others would make steps that nobody used.
    let same = || past.samples.iter().filter(|s| s.source == newest.source && s.unit == newest.unit);
    let points = daily(same(), visitor, |sample: &Sample| (sample.measured_at, sample.quantity));
    let label = format!("{} of {}, source {}", line.product, line.account, newest.source);
    let columns = [Column::new("Measured"), Column::new("Value").figure(), Column::new("Source")];
    let table = Table { caption: "Samples, the newest first", columns: &columns, sort: None };
    html! {
        @if points.len() > 1 { (part::line_chart(&label, &newest.unit.to_string(), &points)) }
        (table.rows(html! {
            @for sample in past.samples.iter().take(ROWS_MAX) {
                tr {
                    th scope="row" { (part::time(sample.measured_at, &visitor.zone)) }
                    td.figure { (part::quantity(sample.quantity)) " " span.unit { (sample.unit.name_for(sample.quantity)) } }
                    td { (part::name(&sample.source)) }
                }
            }
        }))
    }
}

fn pushed(visitor: &Visitor, line: &Line, past: &Past) -> Markup {
    if past.wrote.is_empty() {
        return part::empty(
            "Hive has not written this line yet",
            html! {
                "What an Update writes to its addition stands here, with who approved it."
            },
            html! {},
        );
    }
    let wrote = || past.wrote.iter().filter(|one| one.outcome.is_some_and(hive_core::outcome::Outcome::wrote));
    let points = daily(wrote(), visitor, |one: &Wrote| (one.at, one.to));
    let label = format!("Pushed to addition {}", line.addition.map_or_else(String::new, |id| id.to_string()));
    let columns = [
        Column::new("When"),
        Column::new("From").figure(),
        Column::new("To").figure(),
        Column::new("What became of it"),
        Column::new("Who"),
        Column::new("Run"),
    ];
    let table = Table { caption: "Writes, the newest first", columns: &columns, sort: None };
    html! {
        @if points.len() > 1 { (part::line_chart(&label, "units of the item", &points)) }
        (table.rows(html! {
            @for one in &past.wrote {
                tr {
                    th scope="row" { (part::time(one.at, &visitor.zone)) }
                    td.figure { (part::quantity(one.from)) }
                    td.figure { (maybe(Some(one.to))) }
                    td { @match one.outcome {
                        Some(outcome) => (part::pill(if outcome.is_failure() { Kind::Bad } else { Kind::Good }, &outcome.name().replace('_', " "))),
                        None => (part::pill(Kind::Wait, "not known yet")),
                    } }
                    td { (who_words(&one.who)) @if let Some(by) = &one.approved_by { small.below { "approved by " (who_words(by)) } } }
                    td { a href=(visitor.path(&format!("runs/{}/lines/{}", one.run, line.id))) { "Run " (one.run) } }
                }
            }
        }))
    }
}
