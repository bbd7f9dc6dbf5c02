//! What other settings would change, as others read it.

use super::TotalView;
use crate::csv::Csv;
use crate::money::Both;
use crate::{Moved, WhatIf};
use hive_core::issue::Code;
use hive_core::plan::{Counts, Mark};
use hive_core::settings::{At, Key};
use serde::Serialize;
use std::collections::BTreeMap;

/// What settings would change.
#[derive(Debug, Serialize)]
pub struct WhatIfView<'a> {
    pub msp: &'a str,
    /// `KEY=VALUE` as they were asked; nothing is stored.
    pub with: Vec<String>,
    /// Lines whose quantity would be another one.
    pub moved: usize,
    /// What that comes to beside what is planned now.
    pub totals: Vec<TotalView>,
    pub counts_before: super::CountsView,
    pub counts_after: super::CountsView,
    pub new_holds: BTreeMap<&'static str, usize>,
    pub new_stops: BTreeMap<&'static str, usize>,
    /// How many live products wait for go-live again, since their rule would be another one.
    pub wait_again: usize,
    pub lines: Vec<MovedView<'a>>,
}

/// One line whose quantity or mark would be another one.
#[derive(Debug, Serialize)]
pub struct MovedView<'a> {
    pub id: String,
    pub account: &'a str,
    pub product: &'a str,
    pub now: Option<String>,
    pub next_before: Option<String>,
    pub next_after: Option<String>,
    pub mark_before: Option<&'static str>,
    pub mark_after: Option<&'static str>,
    /// The difference a month for the whole addition, on the first of its lines.
    pub money_month: Option<String>,
    pub currency: Option<&'a str>,
}

/// The columns of CSV: the lines.
pub const WHAT_IF_COLUMNS: Csv<'static> = Csv {
    rows: "lines",
    columns: &[
        "id",
        "account",
        "product",
        "now",
        "next_before",
        "next_after",
        "mark_before",
        "mark_after",
        "money_month",
        "currency",
    ],
};

impl<'a> WhatIfView<'a> {
    /// What was asked, and what it would change.
    pub fn of(msp: &'a str, asked: &[(Key, At, String)], what_if: &'a WhatIf) -> WhatIfView<'a> {
        let codes = |codes: &BTreeMap<Code, usize>| codes.iter().map(|(code, many)| (code.name(), *many)).collect();
        WhatIfView {
            msp,
            with: asked.iter().map(|(key, _, text)| format!("{}={text}", key.name())).collect(),
            moved: what_if.lines,
            totals: TotalView::of(&Both { up: what_if.up.clone(), down: what_if.down.clone() }),
            counts_before: counts(what_if.before),
            counts_after: counts(what_if.after),
            new_holds: codes(&what_if.new_holds),
            new_stops: codes(&what_if.new_stops),
            wait_again: what_if.wait_again.len(),
            lines: what_if.moved.iter().map(MovedView::of).collect(),
        }
    }
}

impl<'a> MovedView<'a> {
    fn of(moved: &'a Moved) -> MovedView<'a> {
        let Moved { line, account, product, now, marks, before, after, month, currency } = moved;
        MovedView {
            id: line.to_string(),
            account,
            product,
            now: now.map(|now| now.to_string()),
            next_before: before.map(|next| next.to_string()),
            next_after: after.map(|next| next.to_string()),
            mark_before: marks.0.map(Mark::name),
            mark_after: marks.1.map(Mark::name),
            money_month: month.map(|month| month.to_string()),
            currency: currency.as_deref(),
        }
    }
}

fn counts(counts: Counts) -> super::CountsView {
    let Counts { change, unchanged, held, issue } = counts;
    super::CountsView { change, unchanged, held, issue }
}
