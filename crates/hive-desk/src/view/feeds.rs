//! Sources, and the brake, as others read them. The JSON is a contract.

use crate::csv::Csv;
use hive_core::plan::{Batch, Brake};
use serde::Serialize;

/// Every source of an MSP.
#[derive(Debug, Serialize)]
pub struct SourcesView {
    pub msp: String,
    pub sources: Vec<SourceView>,
}

/// One source.
#[derive(Debug, Serialize)]
pub struct SourceView {
    pub source: String,
    /// Days from one batch to the next.
    pub rhythm_days: i64,
    /// Whether a person declared it.
    pub declared: bool,
    /// The newest first.
    pub batches: Vec<SourceBatchView>,
    pub products: Vec<SourceProductView>,
}

/// One batch of a source.
#[derive(Debug, Serialize)]
pub struct SourceBatchView {
    pub batch: i64,
    /// Its newest measurement.
    pub measured_at: String,
    /// It lists everyone.
    pub complete: bool,
    /// The day on which its samples came one by one.
    pub day: Option<String>,
}

/// What the newest batch of a source said of a product.
#[derive(Debug, Serialize)]
pub struct SourceProductView {
    pub id: i64,
    pub product: String,
    pub batch: i64,
    pub measured_at: String,
    pub accounts: usize,
    /// It lacks much of the last good one.
    pub partial: bool,
    pub cause: Option<String>,
    pub accounts_before: Option<usize>,
    pub total: Option<String>,
    pub total_before: Option<String>,
    pub lines_down: Option<usize>,
    /// Accounts of the last good batch that it lacks, where it is partial.
    pub missing: Vec<String>,
    /// Accounts that the newest complete batch leaves out.
    pub gone: Vec<String>,
}

/// The columns of CSV, in JSON's words.
pub const SOURCES_COLUMNS: Csv<'static> = Csv {
    rows: "sources",
    columns: &[
        "source",
        "rhythm_days",
        "declared",
        "batches.measured_at",
        "batches.complete",
        "products.product",
        "products.accounts",
        "products.partial",
        "products.cause",
    ],
};

impl SourceBatchView {
    /// A batch as others read it.
    pub fn of(batch: &Batch) -> SourceBatchView {
        let Batch { source: _, id, at, complete, day } = batch;
        SourceBatchView {
            batch: *id,
            measured_at: format!("{at:.0}"),
            complete: *complete,
            day: day.map(|day| day.to_string()),
        }
    }
}

/// Why a scheduled Update does not start.
#[derive(Debug, Serialize)]
pub struct BrakeView {
    pub code: &'static str,
    pub percent: String,
    pub over: Vec<BrakedView>,
    pub message: String,
}

/// What moves in one currency, a month.
#[derive(Debug, Serialize)]
pub struct BrakedView {
    pub currency: Option<String>,
    pub now: String,
    pub next: String,
    pub moved: String,
    pub share: String,
}

impl BrakeView {
    /// A brake as others read it.
    pub fn of(brake: &Brake) -> BrakeView {
        let over = brake.over.iter().map(|one| BrakedView {
            currency: one.currency.clone(),
            now: one.now.to_string(),
            next: one.next.to_string(),
            moved: one.moved.to_string(),
            share: one.share.to_string(),
        });
        BrakeView {
            code: hive_core::issue::Code::UpdateBrake.name(),
            percent: brake.percent.normalize().to_string(),
            over: over.collect(),
            message: brake.words(),
        }
    }
}
