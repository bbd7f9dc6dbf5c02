//! Importing: all rows of a file or none, every bad one named.

use crate::files::{read_links, read_usage};
use crate::plan::apart;
use crate::view::{ImportedView, LinksImportedView, RenamedView};
use crate::{By, Desk, Refused};
use hive_core::ProductId;
use hive_core::import::{BadRow, LinkAsked, LinksKnown, UsageRow, resolve_links};
use hive_core::issue::Code;
use hive_core::usage::SOURCE_DEFAULT;
use hive_store::{ImportAsked, ImportError, Imported, Msp};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

/// Characters a source's name may have: it is for a list.
const SOURCE_CHARACTERS_MAX: usize = 255;

/// A usage file and how it is to be taken.
#[derive(Clone, Debug)]
pub struct UsageFile {
    /// As the person knows it: a path, or the name of an upload.
    pub name: String,
    /// Its text: [`crate::files::decode`] makes it from bytes.
    pub text: String,
    /// The name of the source, if there is more than one.
    pub source: Option<String>,
    /// This file lists everyone.
    pub complete: bool,
    /// Check every row and import nothing.
    pub dry_run: bool,
}

/// Rows that are to be taken, wherever they came from.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    /// As the person knows where they came from.
    pub(crate) name: String,
    /// SHA-256 (hex) of what they were read from.
    pub(crate) hash: String,
    pub(crate) rows: Vec<UsageRow>,
    pub(crate) source: Option<String>,
    pub(crate) complete: bool,
    /// Some of many that come one by one: a day of them is a batch.
    pub(crate) one_by_one: bool,
    pub(crate) dry_run: bool,
}

impl Desk {
    /// Imports measured usage.
    pub async fn import_usage(&self, by: &By, file: &UsageFile) -> Result<ImportedView, Refused> {
        let (text, at) = (file.text.clone(), by.at);
        let (rows, hash) = apart(move || (read_usage(&text, at), sha256(text.as_bytes()))).await?;
        let rows = Rows {
            name: file.name.clone(),
            hash,
            rows: rows.map_err(|bad| bad_rows(&file.name, bad))?,
            source: file.source.clone(),
            complete: file.complete,
            one_by_one: false,
            dry_run: file.dry_run,
        };
        self.import_rows(by, &rows).await?.map_err(|bad| bad_rows(&file.name, bad))
    }

    /// Takes rows, all or none: the outer error stops everything, the inner one names the bad rows.
    pub(crate) async fn import_rows(&self, by: &By, rows: &Rows) -> Result<Result<ImportedView, Vec<BadRow>>, Refused> {
        let (source, asked) = asked(by, rows)?;
        match self.store.import_usage(by.msp.id, &asked).await {
            Ok(imported) => Ok(Ok(view(source, rows.rows.len(), imported, rows.dry_run))),
            Err(ImportError::Bad(bad)) => Ok(Err(bad)),
            Err(ImportError::Store(error)) => Err(error.into()),
        }
    }

    /// Imports links; rows that are not named stay as they were.
    pub async fn import_links(&self, by: &By, name: &str, text: &str) -> Result<LinksImportedView, Refused> {
        let msp = by.msp.id;
        let rows = read_links(text).map_err(|bad| bad_rows(name, bad))?;
        let accounts = self.store.accounts(msp).await?;
        let products = self.store.products(msp).await?;
        let mirror = self.store.mirror(msp).await?;
        let known = LinksKnown { accounts: &accounts, products: &products, mirror: mirror.as_ref() };
        let asked = resolve_links(&rows, known).map_err(|bad| bad_rows(name, bad))?;
        let suspected = self.suspected(&by.msp).await?;
        self.store.apply_links(msp, &asked, &suspected, &by.who, by.at).await?;
        let count = |kind: fn(&LinkAsked) -> bool| asked.iter().filter(|one| kind(one)).count();
        Ok(LinksImportedView {
            rows: rows.len(),
            linked: count(|one| matches!(one, LinkAsked::Account(..) | LinkAsked::Product(..))),
            unlinked: count(|one| matches!(one, LinkAsked::UnlinkAccount(_) | LinkAsked::UnlinkProduct(_))),
            ignored: count(|one| matches!(one, LinkAsked::IgnoreAccount(_) | LinkAsked::IgnoreProduct(_))),
        })
    }

    /// Products whose unit the plan last shown suspects: saying the unit again is then a confirmation.
    pub(crate) async fn suspected(&self, msp: &Msp) -> Result<BTreeSet<ProductId>, Refused> {
        let plan = self.store.newest_plan(msp.id).await?;
        let lines = plan.iter().flat_map(|plan| &plan.lines);
        let suspect = lines.filter(|line| line.issues.iter().any(|issue| issue.code == Code::UnitSuspect));
        Ok(suspect.map(|line| line.id.product).collect())
    }
}

/// What rows ask of the store, and the name of their source.
pub(crate) fn asked<'a>(by: &'a By, rows: &'a Rows) -> Result<(&'a str, ImportAsked<'a>), Refused> {
    let source = rows.source.as_deref().unwrap_or(SOURCE_DEFAULT);
    if source.trim() != source || source.is_empty() || source.chars().count() > SOURCE_CHARACTERS_MAX {
        let words = format!(
            "the name of a source has 1 to {SOURCE_CHARACTERS_MAX} characters and no spaces around it; nothing was taken"
        );
        return Err(Refused::WrongUsage(words));
    }
    if source.chars().any(char::is_control) {
        return Err(Refused::WrongUsage("the source's name holds a control character; nothing was taken".to_owned()));
    }
    let asked = ImportAsked {
        source,
        complete: rows.complete,
        one_by_one: rows.one_by_one,
        file_name: &rows.name,
        file_hash: &rows.hash,
        rows: &rows.rows,
        dry_run: rows.dry_run,
        who: &by.who,
        at: by.at,
    };
    Ok((source, asked))
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn bad_rows(file: &str, bad: Vec<BadRow>) -> Refused {
    let rows = bad.into_iter().map(|BadRow { line, column, reason }| (line, Some(column), reason));
    Refused::BadRows { file: file.to_owned(), rows: rows.collect() }
}

pub(crate) fn view(source: &str, rows: usize, imported: Imported, dry_run: bool) -> ImportedView {
    ImportedView {
        source: source.to_owned(),
        rows,
        samples_new: imported.samples_new as u64,
        samples_equal: imported.samples_equal as u64,
        samples_corrected: imported.samples_corrected as u64,
        accounts_new: imported.accounts_new.len() as u64,
        products_new: imported.products_new.len() as u64,
        quotas_set: imported.quotas_set as u64,
        renamed: imported.renamed.into_iter().map(|(before, after)| RenamedView { before, after }).collect(),
        dry_run,
        quotas_risen: imported.quotas_risen,
    }
}
