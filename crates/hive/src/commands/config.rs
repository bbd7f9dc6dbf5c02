//! `hive export`, `hive apply`: the configuration as one document.

use crate::cli::Format;
use crate::failure::{DONE, Done, Failure, STOPPED};
use crate::house::House;
use crate::show::{print, show, tell};
use hive_desk::view::{APPLIED_COLUMNS, AppliedView};
use hive_desk::{Refused, files};
use std::io::Read as _;
use std::path::Path;

pub(super) async fn export(house: &House, msp: &str) -> Done {
    let msp = house.msp(msp).await?;
    print(&house.desk().export(&msp).await?);
    Ok(DONE)
}

pub(super) async fn apply(house: &House, format: Format, msp: &str, file: &Path, dry_run: bool) -> Done {
    let (msp, name) = (house.msp(msp).await?, file.display().to_string());
    let text = files::decode(&bytes(file)?).map_err(|why| Failure::stopped(format!("{name}: {why}")))?;
    let desk = house.desk();
    let applied = if dry_run {
        desk.config_diff(&msp, &name, &text).await
    } else {
        desk.apply_config(&house.by(&msp), &name, &text).await
    };
    let diff = match applied {
        Err(Refused::BadRows { file, rows }) => {
            for (line, field, why) in &rows {
                let field = field.as_ref().map_or(String::new(), |field| format!(", field {field}"));
                tell(&format!("{file}, line {line}{field}: {why}"));
            }
            tell(&format!("hive: {} bad entries; nothing was applied", rows.len()));
            return Ok(STOPPED);
        }
        other => other?,
    };
    let view = AppliedView::of(&msp.name, !dry_run, &diff);
    show(format, &view, APPLIED_COLUMNS, || {
        let mut text: String = diff.entries.iter().map(|one| format!("{}\n", one.words())).collect();
        text.push_str(match (diff.entries.is_empty(), dry_run) {
            (true, _) => "Nothing differs; nothing was changed.",
            (false, true) => "Nothing was changed: this was a dry run.",
            (false, false) => "All of it was applied. A product whose rule changed waits for go-live again.",
        });
        text
    })?;
    Ok(DONE)
}

fn bytes(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().read_to_end(&mut bytes).map(drop)
    } else {
        std::fs::read(file).map(|found| bytes = found)
    };
    read.map_err(|error| Failure::stopped(format!("{} cannot be read: {error}", file.display())))?;
    Ok(bytes)
}
