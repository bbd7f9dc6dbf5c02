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

impl Desk {
    /// Imports measured usage.
    pub async fn import_usage(&self, by: &By, file: &UsageFile) -> Result<ImportedView, Refused> {
        let (text, at) = (file.text.clone(), by.at);
        let read = apart(move || (read_usage(&text, at), sha256(&text))).await?;
        let (rows, hash) = (read.0.map_err(|bad| bad_rows(&file.name, bad))?, read.1);
        let source = file.source.as_deref().unwrap_or(SOURCE_DEFAULT);
        let asked = ImportAsked {
            source,
            complete: file.complete,
            file_name: &file.name,
            file_hash: &hash,
            rows: &rows,
            dry_run: file.dry_run,
            who: &by.who,
            at,
        };
        match self.store.import_usage(by.msp.id, &asked).await {
            Ok(imported) => Ok(view(source, &rows, imported, file.dry_run)),
            Err(ImportError::Bad(bad)) => Err(bad_rows(&file.name, bad)),
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

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bad_rows(file: &str, bad: Vec<BadRow>) -> Refused {
    let rows = bad.into_iter().map(|BadRow { line, column, reason }| (line, Some(column), reason));
    Refused::BadRows { file: file.to_owned(), rows: rows.collect() }
}

fn view(source: &str, rows: &[UsageRow], imported: Imported, dry_run: bool) -> ImportedView {
    ImportedView {
        source: source.to_owned(),
        rows: rows.len(),
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
