//! `hive import usage`, `hive import links`: all rows or none, every bad one named.

use crate::cli::Format;
use crate::failure::{DONE, Done, Failure, STOPPED};
use crate::files::{read_links, read_usage, text_of};
use crate::house::{House, now};
use crate::show::{Csv, show, tell};
use hive_core::ProductId;
use hive_core::import::{BadRow, LinkAsked, LinksKnown, resolve_links};
use hive_core::usage::SOURCE_DEFAULT;
use hive_store::{ImportAsked, ImportError, Msp};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Bad rows that are named one by one; the rest is counted.
const BAD_ROWS_SHOWN: usize = 1_000;

/// A usage file and how it is to be taken.
pub(super) struct UsageFile {
    pub(super) file: PathBuf,
    pub(super) source: Option<String>,
    pub(super) complete: bool,
    pub(super) dry_run: bool,
}

#[derive(Debug, Serialize)]
struct ImportedView {
    source: String,
    rows: usize,
    samples_new: u64,
    samples_equal: u64,
    samples_corrected: u64,
    accounts_new: u64,
    products_new: u64,
    quotas_set: u64,
    renamed: Vec<RenamedView>,
    dry_run: bool,
}

#[derive(Debug, Serialize)]
struct RenamedView {
    before: String,
    after: String,
}

const COLUMNS: Csv<'static> = Csv {
    rows: "",
    columns: &[
        "source",
        "rows",
        "samples_new",
        "samples_equal",
        "samples_corrected",
        "accounts_new",
        "products_new",
        "quotas_set",
        "renamed.before",
        "renamed.after",
        "dry_run",
    ],
};

pub(super) async fn usage(house: &House, format: Format, msp: &str, asked: &UsageFile) -> Done {
    let msp = house.msp(msp).await?;
    let text = text_of(&asked.file, house.process.upload_bytes_max)?;
    let at = now();
    let rows = match read_usage(&text, at) {
        Ok(rows) => rows,
        Err(bad) => return refuse(&asked.file, &bad),
    };
    let source = asked.source.as_deref().unwrap_or(SOURCE_DEFAULT);
    let hash: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let imported = house
        .store
        .import_usage(
            msp.id,
            &ImportAsked {
                source,
                complete: asked.complete,
                file_name: &asked.file.display().to_string(),
                file_hash: &hash,
                rows: &rows,
                dry_run: asked.dry_run,
                who: &house.who,
                at,
            },
        )
        .await;
    let imported = match imported {
        Ok(imported) => imported,
        Err(ImportError::Bad(bad)) => return refuse(&asked.file, &bad),
        Err(ImportError::Store(error)) => return Err(error.into()),
    };
    let view = ImportedView {
        source: source.to_owned(),
        rows: rows.len(),
        samples_new: imported.samples_new as u64,
        samples_equal: imported.samples_equal as u64,
        samples_corrected: imported.samples_corrected as u64,
        accounts_new: imported.accounts_new.len() as u64,
        products_new: imported.products_new.len() as u64,
        quotas_set: imported.quotas_set as u64,
        renamed: imported.renamed.into_iter().map(|(before, after)| RenamedView { before, after }).collect(),
        dry_run: asked.dry_run,
    };
    show(format, &view, COLUMNS, || words(&view, &msp, asked.complete))?;
    Ok(DONE)
}

fn words(view: &ImportedView, msp: &Msp, complete: bool) -> String {
    let mut text = format!(
        "{} rows from {}: {} new samples, {} known already, {} corrected; {} new accounts, {} new products, {} quotas.",
        view.rows,
        view.source,
        view.samples_new,
        view.samples_equal,
        view.samples_corrected,
        view.accounts_new,
        view.products_new,
        view.quotas_set,
    );
    for renamed in &view.renamed {
        text.push_str(&format!("\nRenamed: \"{}\" is now \"{}\".", renamed.before, renamed.after));
    }
    if complete {
        text.push_str(
            "\nComplete: kept with the batch. What it lists no more is not judged yet; look at what is stale.",
        );
    }
    if view.dry_run {
        text.push_str("\nDry run: nothing was imported.");
    } else {
        if view.accounts_new + view.products_new > 0 {
            text.push_str(&format!(
                "\nNext: hive sync \"{0}\", then hive match \"{0}\" --apply and hive links \"{0}\"",
                msp.name
            ));
        } else {
            text.push_str(&format!("\nNext: hive plan \"{}\"", msp.name));
        }
    }
    text
}

/// Names every bad row; nothing was imported.
fn refuse(file: &Path, bad: &[BadRow]) -> Done {
    for row in bad.iter().take(BAD_ROWS_SHOWN) {
        tell(&format!("{}: {row}", file.display()));
    }
    if bad.len() > BAD_ROWS_SHOWN {
        tell(&format!("… and {} more", bad.len() - BAD_ROWS_SHOWN));
    }
    tell(&format!("hive: {} bad {}; nothing was imported", bad.len(), if bad.len() == 1 { "row" } else { "rows" }));
    Ok(STOPPED)
}

#[derive(Debug, Serialize)]
struct LinksImportedView {
    rows: usize,
    linked: usize,
    unlinked: usize,
    ignored: usize,
}

const LINK_COLUMNS: Csv<'static> = Csv { rows: "", columns: &["rows", "linked", "unlinked", "ignored"] };

pub(super) async fn links(house: &House, format: Format, msp: &str, file: &Path) -> Done {
    let msp = house.msp(msp).await?;
    let text = text_of(file, house.process.upload_bytes_max)?;
    let rows = match read_links(&text) {
        Ok(rows) => rows,
        Err(bad) => return refuse(file, &bad),
    };
    let accounts = house.store.accounts(msp.id).await?;
    let products = house.store.products(msp.id).await?;
    let mirror = house.store.mirror(msp.id).await?;
    let known = LinksKnown { accounts: &accounts, products: &products, mirror: mirror.as_ref() };
    let asked = match resolve_links(&rows, known) {
        Ok(asked) => asked,
        Err(bad) => return refuse(file, &bad),
    };
    let suspected = suspected(house, &msp).await?;
    house.store.apply_links(msp.id, &asked, &suspected, &house.who, now()).await?;
    let count = |kind: fn(&LinkAsked) -> bool| asked.iter().filter(|one| kind(one)).count();
    let view = LinksImportedView {
        rows: rows.len(),
        linked: count(|one| matches!(one, LinkAsked::Account(..) | LinkAsked::Product(..))),
        unlinked: count(|one| matches!(one, LinkAsked::UnlinkAccount(_) | LinkAsked::UnlinkProduct(_))),
        ignored: count(|one| matches!(one, LinkAsked::IgnoreAccount(_) | LinkAsked::IgnoreProduct(_))),
    };
    show(format, &view, LINK_COLUMNS, || {
        format!(
            "{} rows: {} linked, {} unlinked, {} ignored. Rows not named stayed as they were. Next: hive plan \"{}\"",
            view.rows, view.linked, view.unlinked, view.ignored, msp.name,
        )
    })?;
    Ok(DONE)
}

/// Products whose unit the plan last shown suspects: saying the unit again is then a confirmation.
pub(super) async fn suspected(house: &House, msp: &Msp) -> Result<BTreeSet<ProductId>, Failure> {
    let plan = house.store.newest_plan(msp.id).await?;
    let lines = plan.iter().flat_map(|plan| &plan.lines);
    let suspect =
        lines.filter(|line| line.issues.iter().any(|issue| issue.code == hive_core::issue::Code::UnitSuspect));
    Ok(suspect.map(|line| line.id.product).collect())
}
