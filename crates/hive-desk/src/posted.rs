//! Samples that a program posts: the rules of a usage file, in its words, once under a key.
//!
//! **Owns:** how a posted sample becomes a row, and that a request is answered once.
//! **Does not own:** JSON, HTTP (web).

use crate::import::{Rows, asked, view};
use crate::plan::apart;
use crate::profile::{UsageTexts, usage_row};
use crate::view::ImportedView;
use crate::{By, Desk, Refused};
use hive_core::Timestamp;
use hive_core::import::{BadRow, ROWS_MAX, UsageRow};
use hive_store::{ImportError, Imported, Once, Remembered, Taken};
use std::sync::Arc;

/// A sample as it was posted: its texts by the columns of `usage.csv`, empty where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostedSample {
    /// The account's name.
    pub account: String,
    /// The product's name.
    pub product: String,
    /// A plain decimal.
    pub quantity: String,
    /// Its unit.
    pub unit: String,
    /// An RFC 3339 time.
    pub measured_at: String,
    /// The quota.
    pub quota: String,
    /// Its unit of storage.
    pub quota_unit: String,
    /// The source's id of the account.
    pub account_id: String,
    /// The source's id of the product.
    pub product_id: String,
    /// What kind of usage it is.
    pub class: String,
    /// What was wrong before any rule: the field, and why.
    pub wrong: Vec<(String, String)>,
}

/// What a program posts.
#[derive(Clone, Debug)]
pub struct Posted {
    /// The samples, in their order.
    pub samples: Vec<PostedSample>,
    /// Their source.
    pub source: String,
    /// They are everyone.
    pub complete: bool,
    /// SHA-256 (hex) of the request's body.
    pub hash: String,
    /// The token that posts.
    pub token: i64,
    /// The request's Idempotency-Key.
    pub key: Option<String>,
}

/// What a program is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Taken now: [`ImportedView`] as JSON.
    Now(String),
    /// Its key was answered before, perhaps for another request.
    Before(Remembered),
}

impl Desk {
    /// Takes posted samples, all or none. A bad row's line is the sample's place, the first being 0.
    pub async fn post_usage(&self, by: &By, posted: Posted) -> Result<Answered, Refused> {
        let at = by.at;
        let posted = Arc::new(posted);
        let read = posted.clone();
        let rows = apart(move || rows(&read.samples, at)).await?.map_err(bad_samples)?;
        let rows = Rows {
            name: "POST /api/v1/usage".to_owned(),
            hash: posted.hash.clone(),
            rows,
            source: Some(posted.source.clone()),
            complete: posted.complete,
            one_by_one: true,
            dry_run: false,
        };
        let (source, asked) = asked(by, &rows)?;
        let answer = |imported: &Imported| json(&view(source, rows.rows.len(), imported.clone(), false));
        let taken = match &posted.key {
            Some(key) => {
                let once = Once { token: posted.token, key, request_hash: &posted.hash, answer: &answer };
                self.store.import_usage_once(by.msp.id, &asked, &once).await
            }
            None => self.store.import_usage(by.msp.id, &asked).await.map(Taken::Now),
        };
        match taken {
            Ok(Taken::Now(imported)) => Ok(Answered::Now(answer(&imported))),
            Ok(Taken::Before(remembered)) => Ok(Answered::Before(remembered)),
            Err(ImportError::Bad(bad)) => Err(bad_samples(bad)),
            Err(ImportError::Store(error)) => Err(error.into()),
        }
    }
}

fn json(view: &ImportedView) -> String {
    // A view has text keys and no floats, so that it always becomes JSON.
    serde_json::to_string(view).unwrap_or_default()
}

fn rows(samples: &[PostedSample], now: Timestamp) -> Result<Vec<UsageRow>, Vec<BadRow>> {
    if samples.len() > ROWS_MAX {
        let reason = format!("a request may have at most {ROWS_MAX} samples; split it");
        return Err(vec![BadRow { line: ROWS_MAX as u64, column: String::new(), reason }]);
    }
    let (mut rows, mut bad) = (Vec::with_capacity(samples.len()), Vec::new());
    for (index, sample) in (0..).zip(samples) {
        let wrong = &sample.wrong;
        let mut refuse = |column: &str, reason: String| {
            bad.push(BadRow { line: index, column: column.to_owned(), reason });
        };
        wrong.iter().for_each(|(field, reason)| refuse(field, reason.clone()));
        match usage_row(index, &texts(sample), now) {
            Ok(row) if wrong.is_empty() => rows.push(row),
            Ok(_) => {}
            Err(more) => {
                let said = |field: &str| wrong.iter().any(|(known, _)| known == field);
                more.into_iter().filter(|(field, _)| !said(field)).for_each(|(field, reason)| refuse(field, reason));
            }
        }
    }
    if bad.is_empty() { Ok(rows) } else { Err(bad) }
}

fn texts(sample: &PostedSample) -> UsageTexts<'_> {
    UsageTexts {
        account: &sample.account,
        product: &sample.product,
        quantity: &sample.quantity,
        unit: &sample.unit,
        measured_at: &sample.measured_at,
        quota: &sample.quota,
        quota_unit: &sample.quota_unit,
        account_id: &sample.account_id,
        product_id: &sample.product_id,
        class: &sample.class,
    }
}

/// The words of a file's rules name the other row by its line; a program knows samples by their place.
fn bad_samples(bad: Vec<BadRow>) -> Refused {
    let reason = |reason: String| match reason.strip_prefix("line ") {
        Some(rest) => format!("sample {rest}"),
        None => reason,
    };
    let rows = bad.into_iter().map(|row| (row.line, Some(row.column).filter(|c| !c.is_empty()), reason(row.reason)));
    Refused::BadRows { file: "the request".to_owned(), rows: rows.collect() }
}
