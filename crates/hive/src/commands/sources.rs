//! `hive sources`: the sources of usage, their batches and their rhythm.

use crate::cli::{Format, Sources};
use crate::failure::{DONE, Done, Failure};
use crate::house::{House, now};
use crate::show::{Align, say, show, table};
use hive_desk::Said;
use hive_desk::view::{SOURCES_COLUMNS, SourceProductView, SourceView, SourcesView};

/// Batches of a source that a terminal shows.
const BATCHES_SHOWN: usize = 3;
/// Names that a terminal shows.
const NAMES_SHOWN: usize = 5;

pub(super) async fn sources(house: &House, format: Format, asked: &Sources) -> Done {
    let (msp, desk) = (house.msp(&asked.msp).await?, house.desk());
    if let (Some(source), Some(days)) = (&asked.source, &asked.rhythm_days) {
        let days = match days.as_str() {
            "learned" => None,
            text => Some(text.parse().map_err(|_| {
                Failure::wrong_usage(format!("--rhythm-days {text}: write a number of days, or learned"))
            })?),
        };
        let Said(words) = desk.set_rhythm(&house.by(&msp), source, days).await?;
        say(format, &words)?;
        return Ok(DONE);
    }
    let view = desk.sources(&msp, now()).await?;
    show(format, &view, SOURCES_COLUMNS, || words(&view))?;
    Ok(DONE)
}

fn words(view: &SourcesView) -> String {
    let columns = [
        ("Source", Align::Left),
        ("Expected", Align::Left),
        ("Last batches", Align::Left),
        ("Product", Align::Left),
        ("Accounts", Align::Right),
        ("What is missing", Align::Left),
    ];
    let mut rows = Vec::new();
    for source in &view.sources {
        let head = vec![source.source.clone(), expected(source), batches(source)];
        if source.products.is_empty() {
            rows.push([head.clone(), vec![String::new(), String::new(), String::new()]].concat());
        }
        for (place, product) in source.products.iter().enumerate() {
            let head = if place == 0 { head.clone() } else { vec![String::new(); 3] };
            rows.push([head, vec![product.product.clone(), product.accounts.to_string(), missing(product)]].concat());
        }
    }
    if rows.is_empty() {
        return format!("No source has brought usage to {} yet: hive import usage \"{}\" FILE", view.msp, view.msp);
    }
    table(&columns, rows)
}

fn expected(source: &SourceView) -> String {
    let every = if source.rhythm_days == 1 { "daily".to_owned() } else { format!("every {} days", source.rhythm_days) };
    if source.declared { format!("{every} (declared)") } else { every }
}

fn batches(source: &SourceView) -> String {
    let shown = source.batches.iter().take(BATCHES_SHOWN).map(|batch| {
        let when = batch.day.clone().unwrap_or_else(|| batch.measured_at.clone());
        if batch.complete { format!("{when} (complete)") } else { when }
    });
    shown.collect::<Vec<_>>().join(", ")
}

fn missing(product: &SourceProductView) -> String {
    let names = |all: &[String]| {
        let more = all.len().saturating_sub(NAMES_SHOWN);
        let shown = all.iter().take(NAMES_SHOWN).cloned().collect::<Vec<_>>().join(", ");
        if more > 0 { format!("{shown} and {more} more") } else { shown }
    };
    let mut words = Vec::new();
    if let (Some(cause), Some(before)) = (&product.cause, product.accounts_before) {
        words.push(format!("{} of {before} accounts ({cause})", product.accounts));
        if !product.missing.is_empty() {
            words.push(format!("missing: {}", names(&product.missing)));
        }
    }
    if !product.gone.is_empty() {
        words.push(format!("gone: {}", names(&product.gone)));
    }
    words.join("; ")
}
