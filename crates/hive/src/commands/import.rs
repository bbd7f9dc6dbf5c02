//! `hive import usage`, `hive import links`: all rows or none, every bad one named.

use crate::cli::Format;
use crate::failure::{DONE, Done, STOPPED, bad_rows_words};
use crate::files::text_of;
use crate::house::House;
use crate::show::{show, tell};
use hive_desk::view::{IMPORTED_COLUMNS, ImportedView, LINKS_IMPORTED_COLUMNS};
use hive_desk::{Refused, UsageFile};
use hive_store::Msp;
use std::path::{Path, PathBuf};

/// Bad rows that are named one by one; the rest is counted.
const BAD_ROWS_SHOWN: usize = 1_000;

/// A usage file and how it is to be taken.
pub(super) struct Asked {
    pub(super) file: PathBuf,
    pub(super) source: Option<String>,
    pub(super) complete: bool,
    pub(super) dry_run: bool,
}

pub(super) async fn usage(house: &House, format: Format, msp: &str, asked: Asked) -> Done {
    let msp = house.msp(msp).await?;
    let Asked { file, source, complete, dry_run } = asked;
    let text = text_of(&file, house.process.upload_bytes_max)?;
    let file = UsageFile { name: file.display().to_string(), text, source, complete, dry_run };
    let view = match house.desk().import_usage(&house.by(&msp), &file).await {
        Err(Refused::BadRows { file, rows }) => return refuse(&file, &rows),
        imported => imported?,
    };
    show(format, &view, IMPORTED_COLUMNS, || words(&view, &msp, complete))?;
    Ok(DONE)
}

fn words(view: &ImportedView, msp: &Msp, complete: bool) -> String {
    let mut text = view.words();
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
fn refuse(file: &str, bad: &[(u64, Option<String>, String)]) -> Done {
    for (line, column, reason) in bad.iter().take(BAD_ROWS_SHOWN) {
        let column = column.as_ref().map_or(String::new(), |column| format!(", column {column}"));
        tell(&format!("{file}: line {line}{column}: {reason}"));
    }
    if bad.len() > BAD_ROWS_SHOWN {
        tell(&format!("… and {} more", bad.len() - BAD_ROWS_SHOWN));
    }
    tell(&format!("hive: {}", bad_rows_words(bad.len())));
    Ok(STOPPED)
}

pub(super) async fn links(house: &House, format: Format, msp: &str, file: &Path) -> Done {
    let msp = house.msp(msp).await?;
    let text = text_of(file, house.process.upload_bytes_max)?;
    let view = match house.desk().import_links(&house.by(&msp), &file.display().to_string(), &text).await {
        Err(Refused::BadRows { file, rows }) => return refuse(&file, &rows),
        imported => imported?,
    };
    show(format, &view, LINKS_IMPORTED_COLUMNS, || {
        format!(
            "{} rows: {} linked, {} unlinked, {} ignored. Rows not named stayed as they were. Next: hive plan \"{}\"",
            view.rows, view.linked, view.unlinked, view.ignored, msp.name,
        )
    })?;
    Ok(DONE)
}
