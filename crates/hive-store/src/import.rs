//! A usage file into the database: all of it in one transaction, or nothing.

use crate::Store;
use crate::audit::Entry;
use crate::db::{Row, Tx, Value, args};
use crate::error::{Result, StoreError};
use crate::feeds::Listed;
use crate::text::unseen;
use crate::tokens::Remembered;
use hive_core::import::{BadRow, Ref, Renamed, Resolved, UsageKnown, UsageRow, resolve_usage};
use hive_core::unit::Unit;
use hive_core::{AccountId, MspId, ProductId, Quantity, Timestamp};
use std::collections::HashMap;

/// What a request that was taken is answered with: 200.
const STATUS_TAKEN: i64 = 200;

/// What a person asks to import.
#[derive(Clone, Copy, Debug)]
pub struct ImportAsked<'a> {
    pub source: &'a str,
    /// Whether the file says it holds everything the source measures.
    pub complete: bool,
    /// Whether its samples are some of many that come one by one: a day of them is a batch.
    pub one_by_one: bool,
    pub file_hash: &'a str,
    pub file_name: &'a str,
    pub rows: &'a [UsageRow],
    /// Only says what it would come to.
    pub dry_run: bool,
    pub who: &'a str,
    pub at: Timestamp,
}

/// What an import came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Names of the accounts that were created.
    pub accounts_new: Vec<String>,
    pub products_new: Vec<String>,
    /// Accounts and products whose name changed: before, after.
    pub renamed: Vec<(String, String)>,
    pub samples_new: usize,
    pub samples_equal: usize,
    pub samples_corrected: usize,
    pub quotas_set: usize,
    /// Soft quotas that usage had passed: whose, of what, from and to how many GB.
    pub quotas_risen: Vec<(AccountId, ProductId, Quantity, Quantity)>,
    /// The number of this import; 0 for a dry run.
    pub batch: i64,
}

/// A request that is taken once under its key, however often it is sent.
pub struct Once<'a> {
    /// The token that sent it.
    pub token: i64,
    /// Its Idempotency-Key.
    pub key: &'a str,
    /// The SHA-256 (hex) of its body.
    pub request_hash: &'a str,
    /// What it is answered, of what it came to.
    pub answer: &'a (dyn Fn(&Imported) -> String + Send + Sync),
}

/// Whether a request was taken now or before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    Now(Imported),
    /// Nothing was done now: this was the answer, perhaps to another request.
    Before(Remembered),
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Rows that cannot be taken. All rows are good or nothing is imported.
    #[error("{} bad rows; nothing was imported", .0.len())]
    Bad(Vec<BadRow>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A sample of the file with its ids.
struct Measured {
    account: AccountId,
    product: ProductId,
    measured_at: Timestamp,
    quantity: Quantity,
    unit: String,
    class: String,
}

/// A stored sample that a file measures again.
struct Known {
    quantity: Quantity,
    unit: String,
    class: String,
    seq: i64,
    batch: i64,
}

type SampleKey = (AccountId, ProductId, Timestamp);

impl Store {
    /// Imports usage. An equal row is nothing, another quantity (unit, class) is a correction that
    /// keeps its place in the sequence, and everything else is new.
    pub async fn import_usage(&self, msp: MspId, asked: &ImportAsked<'_>) -> Result<Imported, ImportError> {
        match self.import(msp, asked, None).await? {
            Taken::Now(imported) => Ok(imported),
            Taken::Before(_) => Ok(Imported::default()),
        }
    }

    /// [`Store::import_usage`], once under a key: the answer is kept in the transaction that takes the
    /// rows, so that of two requests at once the second finds the first one's answer. A refused one
    /// keeps no answer: nothing was done, so it may be sent again.
    pub async fn import_usage_once(
        &self,
        msp: MspId,
        asked: &ImportAsked<'_>,
        once: &Once<'_>,
    ) -> Result<Taken, ImportError> {
        self.import(msp, asked, Some(once)).await
    }

    async fn import(&self, msp: MspId, asked: &ImportAsked<'_>, once: Option<&Once<'_>>) -> Result<Taken, ImportError> {
        let bad = unkept(asked.rows);
        if !bad.is_empty() {
            return Err(ImportError::Bad(bad));
        }
        let mut tx = self.db.write(msp).await?;
        if let Some(once) = once
            && let Some(remembered) = tx.remembered(msp, once.token, once.key).await?
        {
            return Ok(Taken::Before(remembered));
        }
        tx.facts_moved(msp).await?;
        let (accounts, products) = (tx.accounts(msp).await?, tx.products(msp).await?);
        let known = UsageKnown { accounts: &accounts, products: &products };
        let resolved = resolve_usage(asked.rows, known).map_err(ImportError::Bad)?;
        let imported = apply(&mut tx, msp, asked, resolved).await?;
        if asked.dry_run {
            return Ok(Taken::Now(Imported { batch: 0, ..imported }));
        }
        if let Some(once) = once {
            let (request_hash, body) = (once.request_hash.to_owned(), (once.answer)(&imported));
            let answer = Remembered { request_hash, status: STATUS_TAKEN, body };
            tx.remember(msp, once.token, once.key, &answer, asked.at).await?;
        }
        tx.commit().await?;
        Ok(Taken::Now(imported))
    }
}

/// What is not kept: a character that nobody sees in a name, a unit or an id, and a time finer than
/// a microsecond, which neither engine can hold.
fn unkept(rows: &[UsageRow]) -> Vec<BadRow> {
    let mut bad = Vec::new();
    for row in rows {
        let mut refuse = |column: &str, reason: &str| {
            bad.push(BadRow { line: row.line, column: column.to_owned(), reason: reason.to_owned() });
        };
        let unit = match &row.unit {
            Unit::Count(words) => words.as_str(),
            Unit::Storage(unit) => unit.name(),
        };
        for (column, text) in [
            ("account", row.account.as_str()),
            ("account_id", row.account_id.as_deref().unwrap_or_default()),
            ("product", &row.product),
            ("product_id", row.product_id.as_deref().unwrap_or_default()),
            ("class", &row.class),
            ("unit", unit),
        ] {
            if let Some(why) = unseen(text) {
                refuse(column, why);
            }
        }
        if row.measured_at.subsec_nanosecond() % 1000 != 0 {
            refuse("measured_at", "is finer than a microsecond");
        }
    }
    bad
}

async fn apply(tx: &mut Tx, msp: MspId, asked: &ImportAsked<'_>, resolved: Resolved) -> Result<Imported> {
    let Resolved { new_accounts, new_products, accounts, products, samples, quotas } = resolved;
    let mut imported = Imported::default();
    let names = [RENAME_ACCOUNT, RENAME_PRODUCT];
    let accounts =
        accounts.into_iter().map(|Renamed { id, before, after, external_id }| (id.0, before, after, external_id));
    let products =
        products.into_iter().map(|Renamed { id, before, after, external_id }| (id.0, before, after, external_id));
    for (kind, renamed) in [accounts.collect::<Vec<_>>(), products.collect()].into_iter().enumerate() {
        for (id, before, after, external_id) in renamed {
            tx.run(names[kind].0, args![msp, id, &after, external_id]).await?;
            if before != after {
                let entry = Entry::new(names[kind].1, id, Some(before.clone()), Some(after.clone()));
                tx.note(msp, asked.who, asked.at, entry).await?;
                imported.renamed.push((before, after));
            }
        }
    }
    let first_account = tx.next(msp, "account", count(new_accounts.len())).await?;
    let rows = new_accounts.iter().zip(first_account..);
    let rows = rows.map(|(new, id)| args![msp, id, &new.name, new.external_id.as_ref(), asked.at]);
    tx.put_many("INSERT INTO account (msp, id, name, external_id, added_at)", "", rows).await?;
    let first_product = tx.next(msp, "product", count(new_products.len())).await?;
    let rows = new_products.iter().zip(first_product..);
    let rows =
        rows.map(|(new, id)| args![msp, id, &new.name, new.external_id.as_ref(), new.unit.to_string(), asked.at]);
    tx.put_many("INSERT INTO product (msp, id, name, external_id, unit, added_at)", "", rows).await?;
    imported.accounts_new = new_accounts.into_iter().map(|new| new.name).collect();
    imported.products_new = new_products.into_iter().map(|new| new.name).collect();
    let account = |reference| match reference {
        Ref::Known(id) => id,
        Ref::New(place) => AccountId(first_account + count(place)),
    };
    let product = |reference| match reference {
        Ref::Known(id) => id,
        Ref::New(place) => ProductId(first_product + count(place)),
    };
    let measured: Vec<Measured> = samples
        .into_iter()
        .map(|sample| Measured {
            account: account(sample.account),
            product: product(sample.product),
            measured_at: sample.measured_at,
            quantity: sample.quantity,
            unit: sample.unit.to_string(),
            class: sample.class,
        })
        .collect();
    imported.batch = tx.next(msp, "batch", 1).await?;
    apply_samples(tx, msp, asked, &measured, &mut imported).await?;
    let quotas = quotas.into_iter().map(|(a, p, size, unit)| ((account(a), product(p)), (size, unit)));
    let touched = measured.iter().map(|sample| (sample.account, sample.product)).collect();
    (imported.quotas_set, imported.quotas_risen) = tx.import_quotas(msp, asked, quotas.collect(), touched).await?;
    note_batch(tx, msp, asked, &imported).await?;
    Ok(imported)
}

const RENAME_ACCOUNT: (&str, &str) =
    ("UPDATE account SET name = $3, external_id = $4 WHERE msp = $1 AND id = $2", "account.rename");
const RENAME_PRODUCT: (&str, &str) =
    ("UPDATE product SET name = $3, external_id = $4 WHERE msp = $1 AND id = $2", "product.rename");

async fn apply_samples(
    tx: &mut Tx,
    msp: MspId,
    asked: &ImportAsked<'_>,
    measured: &[Measured],
    imported: &mut Imported,
) -> Result<()> {
    let known = known_samples(tx, msp, asked.source, measured).await?;
    let (mut new, mut corrected, mut entries) = (Vec::new(), Vec::new(), Vec::new());
    for sample in measured {
        let Measured { account, product, measured_at, quantity, unit, class } = sample;
        match known.get(&(*account, *product, *measured_at)) {
            None => new.push(sample),
            Some(before) if (before.quantity, &before.unit, &before.class) == (*quantity, unit, class) => {
                imported.samples_equal += 1;
            }
            Some(before) => {
                let subject = format!("account {account} product {product} source {} at {measured_at}", asked.source);
                let words =
                    |q: &Quantity, unit: &str, class: &str| Some(format!("{q} {unit} {class}").trim_end().to_owned());
                let was = words(&before.quantity, &before.unit, &before.class);
                entries.push(Entry::new("sample.correct", subject, was, words(quantity, unit, class)));
                corrected.push((sample, before));
            }
        }
    }
    imported.samples_new = new.len();
    imported.samples_corrected = corrected.len();
    let row = |sample: &Measured, seq: i64, batch: i64| {
        let Measured { account, product, measured_at, quantity, unit, class } = sample;
        args![msp, *account, *product, asked.source, *measured_at, *quantity, unit, class, seq, batch]
    };
    let insert = "INSERT INTO sample (msp, account, product, source, measured_at, quantity, unit, class, seq, batch)";
    let first = tx.next(msp, "sample", count(new.len())).await?;
    let rows = new.iter().zip(first..).map(|(sample, seq)| row(sample, seq, imported.batch));
    tx.put_many(insert, "", rows).await?;
    let rows = corrected.iter().map(|(sample, before)| row(sample, before.seq, before.batch));
    let correct = "ON CONFLICT (msp, account, product, source, measured_at) DO UPDATE SET
        quantity = excluded.quantity, unit = excluded.unit, class = excluded.class";
    tx.put_many(insert, correct, rows).await?;
    let listed = measured.iter().map(|sample| {
        let Measured { account, product, measured_at, quantity, unit, class: _ } = sample;
        Listed { account: *account, product: *product, measured_at: *measured_at, quantity: *quantity, unit }
    });
    tx.note_listed(msp, asked, imported.batch, &listed.collect::<Vec<_>>()).await?;
    tx.note_all(msp, asked.who, asked.at, entries).await
}

async fn known_samples(
    tx: &mut Tx,
    msp: MspId,
    source: &str,
    measured: &[Measured],
) -> Result<HashMap<SampleKey, Known>> {
    let keys: Vec<Vec<Value>> =
        measured.iter().map(|s| args![msp, s.account, s.product, source, s.measured_at]).collect();
    let select = "SELECT s.account, s.product, s.measured_at, s.quantity, s.unit, s.class, s.seq, s.batch
        FROM asked CROSS JOIN sample s
        WHERE s.msp = asked.msp AND s.account = asked.account AND s.product = asked.product
            AND s.source = asked.source AND s.measured_at = asked.measured_at";
    let read = |row: &mut Row<'_>| {
        let key = (row.take()?, row.take()?, row.take()?);
        let (quantity, unit, class) = (row.take()?, row.take()?, row.take()?);
        Ok((key, Known { quantity, unit, class, seq: row.take()?, batch: row.take()? }))
    };
    let found = tx.all_of("msp, account, product, source, measured_at", select, &keys, read).await?;
    Ok(found.into_iter().collect())
}

async fn note_batch(tx: &mut Tx, msp: MspId, asked: &ImportAsked<'_>, imported: &Imported) -> Result<()> {
    let ImportAsked { source, complete, one_by_one: _, file_hash, file_name, rows, dry_run: _, who, at } = *asked;
    let Imported { samples_new, samples_equal, samples_corrected, batch, .. } = imported;
    let sql = "INSERT INTO batch (msp, id, source, complete, file_hash, file_name, rows, samples_new, samples_equal,
        samples_corrected, who, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let numbers = [samples_new, samples_equal, samples_corrected].map(|number| count(*number));
    let values = args![
        msp,
        *batch,
        source,
        complete,
        file_hash,
        file_name,
        count(rows.len()),
        numbers[0],
        numbers[1],
        numbers[2],
        who,
        at
    ];
    tx.run(sql, values).await?;
    let after =
        format!("{file_name} ({file_hash}): {} new, {} equal, {} corrected", numbers[0], numbers[1], numbers[2]);
    tx.note(msp, who, at, Entry::new("usage.import", format!("batch {batch} source {source}"), None, Some(after))).await
}

/// A count as a number of the database; a file has [`hive_core::import::ROWS_MAX`] rows at most.
fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
