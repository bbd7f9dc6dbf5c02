//! A usage file as bytes, by upload or from a watched folder: Hive's own, or a vendor's by its profile.
//!
//! **Owns:** which of the two it is, and the way from bytes to an import.
//! **Does not own:** the rules of a row, what a profile may say, where the bytes come from.

use crate::files::{decode, is_usage_csv, read_usage};
use crate::import::{Rows, bad_rows, sha256};
use crate::plan::apart;
use crate::profile::{Arrived, Profile, Read, Table};
use crate::view::ImportedView;
use crate::{By, Desk, Refused};
use hive_core::import::BadRow;
use hive_core::{TimeZone, Timestamp};
use std::sync::Arc;

/// A file, whole, and how it is to be taken.
#[derive(Clone, Debug)]
pub struct ArrivedFile {
    /// Its name, without the folder.
    pub name: String,
    /// What is in it.
    pub bytes: Arc<Vec<u8>>,
    /// When it was last written. None: nobody knows, as with an upload.
    pub modified_at: Option<Timestamp>,
    /// The name of the source, if there is more than one.
    pub source: Option<String>,
    /// This file lists everyone.
    pub complete: bool,
    /// Check every row and import nothing.
    pub dry_run: bool,
    /// How it is read where it is not Hive's own. Hive's own needs none.
    pub profile: Option<Profile>,
    /// The most bytes it may have.
    pub bytes_max: usize,
}

/// What a file brought, or would bring.
#[derive(Debug)]
pub struct ArrivedView {
    /// The import.
    pub imported: ImportedView,
    /// Rows that the profile leaves out: line and first filled cell.
    pub skipped: Vec<(u64, String)>,
    /// Quantities that were blank: no sample was taken from them.
    pub blank: usize,
}

/// Who brings the files of a watched folder: `folder:SOURCE`.
pub(crate) const FOLDER: &str = "folder:";

impl Desk {
    /// Imports a file that came as bytes, all of it or nothing.
    pub async fn import_file(&self, by: &By, file: &ArrivedFile) -> Result<ArrivedView, Refused> {
        let zone = self.store.settings(by.msp.id).await?.time_zone();
        let (asked, at) = (file.clone(), by.at);
        let (read, hash) = apart(move || (read(&asked, at, &zone), sha256(&asked.bytes))).await?;
        let Read { rows, skipped, blank } = read.map_err(|bad| bad_rows(&file.name, bad))?;
        let rows = Rows {
            name: file.name.clone(),
            hash,
            rows,
            source: file.source.clone(),
            complete: file.complete,
            one_by_one: by.who.starts_with(FOLDER),
            dry_run: file.dry_run,
        };
        let imported = self.import_rows(by, &rows).await?;
        let imported = imported.map_err(|bad| bad_rows(&file.name, file.in_its_words(bad)))?;
        Ok(ArrivedView { imported, skipped, blank })
    }
}

impl ArrivedFile {
    fn in_its_words(&self, bad: Vec<BadRow>) -> Vec<BadRow> {
        match &self.profile {
            Some(profile) if !is_usage_csv(&self.bytes) => profile.in_its_words(bad),
            _ => bad,
        }
    }
}

fn read(file: &ArrivedFile, now: Timestamp, zone: &TimeZone) -> Result<Read, Vec<BadRow>> {
    let bad = |reason: String| vec![BadRow { line: 1, column: "file".to_owned(), reason }];
    if file.bytes.len() > file.bytes_max {
        return Err(bad(format!("a file may have at most {} bytes (HIVE_UPLOAD_BYTES_MAX); split it", file.bytes_max)));
    }
    if is_usage_csv(&file.bytes) {
        let rows = read_usage(&decode(&file.bytes).map_err(bad)?, now)?;
        return Ok(Read { rows, ..Read::default() });
    }
    let Some(profile) = &file.profile else {
        let words = "this is not Hive's own usage.csv (account,product,quantity,unit,measured_at), and how the \
            source's files are read is not known yet; upload one of them under Usage and confirm its columns";
        return Err(bad(words.to_owned()));
    };
    let table = Table::read(&file.bytes, &profile.opening(file.bytes_max)).map_err(bad)?;
    profile.read(&table, &Arrived { file_name: &file.name, modified_at: file.modified_at, now, zone })
}
