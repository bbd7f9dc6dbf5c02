//! One door to both engines: a transaction, values going in, rows coming out.
//!
//! **Owns:** which engine it is, and nothing else in the crate knows. The same SQL text with `$1`
//! placeholders runs on both.
//! **Limits on purpose:** a column is a BIGINT or a TEXT, so that both engines hold the very same.

use crate::error::{Result, unreadable};
use crate::people::UserId;
use futures::future::{BoxFuture, FutureExt};
use futures::stream::TryStreamExt;
use hive_core::{
    AccountId, AdditionId, AgreementId, CompanyId, Date, IntentId, ItemId, MirrorId, Money, MspId, PlanId, ProductId,
    Quantity, RunId, Timestamp,
};
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};
use sqlx::postgres::{PgConnectOptions, PgPool, PgRow};
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{AssertSqlSafe, Postgres, Row as _, Sqlite, Transaction};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Rows of one INSERT.
const CHUNK_ROWS_MAX: usize = 250;
/// Parameters of one statement. Source: SQLite's limit is 32,766, PostgreSQL's 65,535.
const PARAMETERS_MAX: usize = 32_000;

/// Which database.
#[derive(Clone, Debug)]
pub(crate) enum Db {
    Lite { writer: SqlitePool, readers: SqlitePool, path: PathBuf },
    Pg { pool: PgPool, options: Box<PgConnectOptions> },
}

/// A transaction. Dropped without [`Tx::commit`], it never was.
pub(crate) enum Tx {
    Lite(Transaction<'static, Sqlite>),
    Pg(Transaction<'static, Postgres>),
}

macro_rules! on {
    ($tx:expr, $engine:ident => $do:expr) => {
        match $tx {
            Tx::Lite($engine) => $do,
            Tx::Pg($engine) => $do,
        }
    };
}

macro_rules! bound {
    ($sql:expr, $args:expr) => {{
        let mut query = sqlx::query($sql);
        for value in $args {
            query = match value {
                Value::Int(int) => query.bind(int),
                Value::Text(text) => query.bind(text),
            };
        }
        query
    }};
}

impl Db {
    /// Sees one moment of the database until it ends.
    pub(crate) async fn read(&self) -> Result<Tx> {
        Ok(match self {
            Db::Lite { readers, .. } => Tx::Lite(readers.begin_with("BEGIN").await?),
            Db::Pg { pool, .. } => Tx::Pg(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?),
        })
    }

    /// A writer of no MSP's rows, or of a new MSP's.
    pub(crate) async fn write_any(&self) -> Result<Tx> {
        Ok(match self {
            Db::Lite { writer, .. } => Tx::Lite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Db::Pg { pool, .. } => Tx::Pg(pool.begin_with("BEGIN").await?),
        })
    }

    /// A writer of one MSP's rows. Writers of one MSP follow one another on PostgreSQL too: each
    /// first takes the MSP's own row, so that sequences have no gaps and rise as commits do.
    pub(crate) async fn write(&self, msp: MspId) -> Result<Tx> {
        let mut tx = self.write_any().await?;
        tx.take_msp(msp).await?;
        Ok(tx)
    }

    /// A writer of something that can change the MSP's plan.
    pub(crate) async fn write_facts(&self, msp: MspId) -> Result<Tx> {
        let mut tx = self.write(msp).await?;
        tx.facts_moved(msp).await?;
        Ok(tx)
    }
}

impl Tx {
    /// Runs one statement; how many rows it touched.
    pub(crate) async fn run(&mut self, sql: &'static str, args: Vec<Value>) -> Result<u64> {
        Ok(on!(self, engine => bound!(sql, args).execute(&mut **engine).await?.rows_affected()))
    }

    /// Every row, as `from_row` reads it.
    pub(crate) async fn all<T>(
        &mut self,
        sql: &'static str,
        args: Vec<Value>,
        mut from_row: impl FnMut(&mut Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        on!(self, engine => {
            let mut rows = bound!(sql, args).fetch(&mut **engine);
            while let Some(row) = rows.try_next().await? {
                found.push(from_row(&mut Row { of: (&row).into(), at: 0 })?);
            }
        });
        Ok(found)
    }

    /// The first row, if there is one.
    pub(crate) async fn one<T>(
        &mut self,
        sql: &'static str,
        args: Vec<Value>,
        from_row: impl FnOnce(&mut Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        on!(self, engine => match bound!(sql, args).fetch_optional(&mut **engine).await? {
            Some(row) => from_row(&mut Row { of: (&row).into(), at: 0 }).map(Some),
            None => Ok(None),
        })
    }

    /// Many rows in few statements: `INSERT INTO t (a, b)` before them, `ON CONFLICT …` after.
    ///
    /// Boxed, so that the iterator's type does not stand in the caller's future: it would not be
    /// `Send` for every lifetime, and no task could be made of it.
    pub(crate) fn put_many<'a>(
        &'a mut self,
        insert: &'a str,
        after: &'a str,
        rows: impl Iterator<Item = Vec<Value>> + Send + 'a,
    ) -> BoxFuture<'a, Result<()>> {
        self.put_each(insert, after, Box::new(rows)).boxed()
    }

    async fn put_each(
        &mut self,
        insert: &str,
        after: &str,
        rows: Box<dyn Iterator<Item = Vec<Value>> + Send + '_>,
    ) -> Result<()> {
        let mut rows = rows.peekable();
        let columns = rows.peek().map_or(1, Vec::len);
        let chunk_rows = CHUNK_ROWS_MAX.min(PARAMETERS_MAX / columns.max(1));
        let numbered = self.numbers_placeholders();
        let mut whole = None;
        while rows.peek().is_some() {
            let mut values = Vec::with_capacity(chunk_rows * columns);
            let mut count = 0;
            for row in rows.by_ref().take(chunk_rows) {
                values.extend(row);
                count += 1;
            }
            let full = count == chunk_rows;
            let sql = if full {
                whole.get_or_insert_with(|| many(insert, after, columns, count, numbered)).clone()
            } else {
                many(insert, after, columns, count, numbered)
            };
            on!(self, engine => {
                bound!(AssertSqlSafe(sql), values).persistent(full).execute(&mut **engine).await?;
            });
        }
        Ok(())
    }

    /// Rows that match any of `keys`: `WITH asked (a, b) AS (VALUES …)` and then `select`, whose own
    /// parameters must be among the keys.
    pub(crate) async fn all_of<T>(
        &mut self,
        asked: &str,
        select: &str,
        keys: &[Vec<Value>],
        mut from_row: impl FnMut(&mut Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let columns = keys.first().map_or(1, Vec::len);
        let numbered = self.numbers_placeholders();
        let mut found = Vec::new();
        for chunk in keys.chunks(CHUNK_ROWS_MAX.min(PARAMETERS_MAX / columns.max(1))) {
            let sql =
                many(&format!("WITH asked ({asked}) AS ("), &format!(") {select}"), columns, chunk.len(), numbered);
            let values = chunk.iter().flatten().cloned();
            let full = chunk.len() == CHUNK_ROWS_MAX;
            on!(self, engine => {
                let mut rows = bound!(AssertSqlSafe(sql), values).persistent(full).fetch(&mut **engine);
                while let Some(row) = rows.try_next().await? {
                    found.push(from_row(&mut Row { of: (&row).into(), at: 0 })?);
                }
            });
        }
        Ok(found)
    }

    /// SQLite looks `$n` up by name, one after the other: over thousands of them that costs more than
    /// the rows do, so its many placeholders have no number.
    fn numbers_placeholders(&self) -> bool {
        matches!(self, Tx::Pg(_))
    }

    /// The next `count` numbers of a sequence without gaps: the first of them.
    pub(crate) async fn next(&mut self, msp: MspId, name: &'static str, count: i64) -> Result<i64> {
        let sql = "INSERT INTO counter (msp, name, value) VALUES ($1, $2, $3)
            ON CONFLICT (msp, name) DO UPDATE SET value = counter.value + excluded.value RETURNING value";
        let last: i64 = self.one(sql, args![msp, name, count], |row| row.take()).await?.unwrap_or(count);
        Ok(last - count + 1)
    }

    /// Stores it durably.
    pub(crate) async fn commit(self) -> Result<()> {
        on!(self, engine => engine.commit().await?);
        Ok(())
    }
}

fn many(before: &str, after: &str, columns: usize, rows: usize, numbered: bool) -> String {
    let mut sql = String::with_capacity(before.len() + after.len() + rows * columns * 7);
    sql.push_str(before);
    let mut parameter = 0;
    for row in 0..rows {
        sql.push_str(if row == 0 { " VALUES (" } else { ",(" });
        for column in 0..columns {
            parameter += 1;
            sql.push_str(if column == 0 { "" } else { "," });
            if numbered {
                // Writing to a String cannot fail.
                let _ = write!(sql, "${parameter}");
            } else {
                sql.push('?');
            }
        }
        sql.push(')');
    }
    sql.push(' ');
    sql.push_str(after);
    sql
}

/// A value on its way into the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
}

/// What can be stored in a column, and which kind of column.
pub(crate) trait Put {
    const NULL: Value;
    fn put(self) -> Value;
}

/// What can be read from a column that is not NULL.
pub(crate) trait Take: Sized {
    fn take(row: &mut Row<'_>) -> Result<Option<Self>>;
}

macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::db::Put::put($value)),*] };
}
pub(crate) use args;

/// One row, read column by column in the order of the statement.
pub(crate) struct Row<'r> {
    of: Of<'r>,
    at: usize,
}

pub(crate) enum Of<'r> {
    Lite(&'r SqliteRow),
    Pg(&'r PgRow),
}

impl<'r> From<&'r SqliteRow> for Of<'r> {
    fn from(row: &'r SqliteRow) -> Of<'r> {
        Of::Lite(row)
    }
}

impl<'r> From<&'r PgRow> for Of<'r> {
    fn from(row: &'r PgRow) -> Of<'r> {
        Of::Pg(row)
    }
}

impl<'r> Row<'r> {
    /// The next column, which must hold something.
    pub(crate) fn take<T: Take>(&mut self) -> Result<T> {
        T::take(self)?.ok_or_else(|| unreadable("an empty column, number", self.at))
    }

    /// The next column, which may be NULL.
    pub(crate) fn maybe<T: Take>(&mut self) -> Result<Option<T>> {
        T::take(self)
    }

    fn int(&mut self) -> Result<Option<i64>> {
        self.at += 1;
        Ok(match self.of {
            Of::Lite(row) => row.try_get(self.at - 1)?,
            Of::Pg(row) => row.try_get(self.at - 1)?,
        })
    }

    /// The next column's text, not copied.
    pub(crate) fn text(&mut self) -> Result<Option<&'r str>> {
        self.at += 1;
        Ok(match self.of {
            Of::Lite(row) => row.try_get(self.at - 1)?,
            Of::Pg(row) => row.try_get(self.at - 1)?,
        })
    }
}

impl Put for i64 {
    const NULL: Value = Value::Int(None);
    fn put(self) -> Value {
        Value::Int(Some(self))
    }
}

impl Take for i64 {
    fn take(row: &mut Row<'_>) -> Result<Option<i64>> {
        row.int()
    }
}

impl Put for &str {
    const NULL: Value = Value::Text(None);
    fn put(self) -> Value {
        self.to_owned().put()
    }
}

impl Put for String {
    const NULL: Value = Value::Text(None);
    /// PostgreSQL's TEXT cannot hold NUL; neither engine gets one, so that both hold the same.
    fn put(self) -> Value {
        Value::Text(Some(if self.contains('\0') { self.replace('\0', "\u{fffd}") } else { self }))
    }
}

impl Put for &String {
    const NULL: Value = Value::Text(None);
    fn put(self) -> Value {
        self.clone().put()
    }
}

impl Take for String {
    fn take(row: &mut Row<'_>) -> Result<Option<String>> {
        Ok(row.text()?.map(str::to_owned))
    }
}

impl<T: Put> Put for Option<T> {
    const NULL: Value = T::NULL;
    fn put(self) -> Value {
        self.map_or(T::NULL, T::put)
    }
}

impl Put for bool {
    const NULL: Value = Value::Int(None);
    fn put(self) -> Value {
        i64::from(self).put()
    }
}

impl Take for bool {
    fn take(row: &mut Row<'_>) -> Result<Option<bool>> {
        Ok(row.int()?.map(|int| int != 0))
    }
}

impl Put for Timestamp {
    const NULL: Value = Value::Int(None);
    fn put(self) -> Value {
        self.as_microsecond().put()
    }
}

impl Take for Timestamp {
    fn take(row: &mut Row<'_>) -> Result<Option<Timestamp>> {
        let read = |int| Timestamp::from_microsecond(int).map_err(|_| unreadable("a time", int));
        row.int()?.map(read).transpose()
    }
}

impl Put for Date {
    const NULL: Value = Value::Text(None);
    fn put(self) -> Value {
        self.to_string().put()
    }
}

impl Take for Date {
    fn take(row: &mut Row<'_>) -> Result<Option<Date>> {
        let read = |text: &str| text.parse().map_err(|_| unreadable("a date", text));
        row.text()?.map(read).transpose()
    }
}

impl Put for Quantity {
    const NULL: Value = Value::Text(None);
    fn put(self) -> Value {
        self.to_string().put()
    }
}

impl Take for Quantity {
    fn take(row: &mut Row<'_>) -> Result<Option<Quantity>> {
        Ok(decimal(row)?.map(Quantity::new))
    }
}

impl Put for Money {
    const NULL: Value = Value::Text(None);
    fn put(self) -> Value {
        self.to_string().put()
    }
}

impl Take for Money {
    fn take(row: &mut Row<'_>) -> Result<Option<Money>> {
        Ok(decimal(row)?.map(Money::new))
    }
}

fn decimal(row: &mut Row<'_>) -> Result<Option<Decimal>> {
    let read = |text: &str| Decimal::from_str_exact(text).map_err(|_| unreadable("a decimal", text));
    row.text()?.map(read).transpose()
}

impl Put for &PlanId {
    const NULL: Value = Value::Text(None);
    fn put(self) -> Value {
        self.0.clone().put()
    }
}

impl Take for PlanId {
    fn take(row: &mut Row<'_>) -> Result<Option<PlanId>> {
        Ok(String::take(row)?.map(PlanId))
    }
}

macro_rules! ids {
    ($($id:ident),+) => {$(
        impl Put for $id {
            const NULL: Value = Value::Int(None);
            fn put(self) -> Value {
                self.0.put()
            }
        }

        impl Take for $id {
            fn take(row: &mut Row<'_>) -> Result<Option<$id>> {
                Ok(row.int()?.map($id))
            }
        }
    )+};
}

ids!(MspId, AccountId, ProductId, MirrorId, RunId, IntentId, CompanyId, ItemId, AgreementId, AdditionId, UserId);

/// A hash over the columns, each with its kind and length: equal digests are equal rows.
pub(crate) fn digest<'a>(values: impl IntoIterator<Item = &'a Value>) -> String {
    let mut sha = Sha256::new();
    for value in values {
        match value {
            Value::Int(None) | Value::Text(None) => sha.update(b"-"),
            Value::Int(Some(int)) => {
                sha.update(b"i");
                sha.update(int.to_le_bytes());
            }
            Value::Text(Some(text)) => {
                sha.update(b"t");
                sha.update((text.len() as u64).to_le_bytes());
                sha.update(text.as_bytes());
            }
        }
    }
    sha.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
