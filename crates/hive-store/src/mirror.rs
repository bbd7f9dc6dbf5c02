//! Mirrors: generations that replace each other whole.
//!
//! **Owns:** that a reader sees exactly one generation, and that a row that did not change is not
//! written again: each row is valid from the generation it came with until the one it was gone in.
//! **Limits on purpose:** the current generation and the one before are kept; a reused row's time
//! of reading is the earliest of its generation's additions, so it never claims to be fresher than
//! it is.

use crate::Store;
use crate::db::{Put, Row, Take, Tx, Value, args};
use crate::error::{Result, refused, unreadable};
use crate::lease::Lease;
use hive_core::mirror::{Addition, ItemsFrom, Mirror};
use hive_core::{AdditionId, MirrorId, MspId, Quantity, Timestamp};
use std::collections::HashMap;

mod rows;

use rows::{ADDITIONS, AGREEMENTS, COMPANIES, ITEMS, Kind};

impl Put for ItemsFrom {
    const NULL: Value = Value::Text(None);
    fn put(self) -> Value {
        match self {
            ItemsFrom::Catalog => "catalog".put(),
            ItemsFrom::Additions => "additions".put(),
        }
    }
}

impl Take for ItemsFrom {
    fn take(row: &mut Row<'_>) -> Result<Option<ItemsFrom>> {
        let read = |text| match text {
            "catalog" => Ok(ItemsFrom::Catalog),
            "additions" => Ok(ItemsFrom::Additions),
            _ => Err(unreadable("where items come from", text)),
        };
        row.text()?.map(read).transpose()
    }
}

/// The current generation, without its rows.
struct Head {
    id: MirrorId,
    pulled_at: Timestamp,
    refreshed_at: Timestamp,
    items_from: ItemsFrom,
    additions_read_at: Option<Timestamp>,
}

impl Store {
    /// Stores a complete pull as the next generation and makes it current, in one transaction.
    /// The id inside `mirror` is not looked at: generations are numbered here.
    pub async fn save_mirror(&self, msp: MspId, fence: &Lease, mirror: &Mirror) -> Result<MirrorId> {
        if fence.msp != msp {
            return Err(refused(format!("the lease is MSP {}'s, the mirror MSP {msp}'s", fence.msp)));
        }
        let mut tx = self.db.write_facts(msp).await?;
        tx.check_connection(fence).await?;
        let connection = fence.connection;
        let id = MirrorId(tx.next(msp, "mirror", 1).await?);
        let Mirror { id: _, pulled_at, refreshed_at, items_from, companies, items, agreements, additions } = mirror;
        let read_at = additions.iter().map(|addition| addition.read_at).min();
        let sql = "INSERT INTO mirror (msp, id, connection, run, pulled_at, refreshed_at, items_from,
            additions_read_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let values = args![msp, id, connection, fence.run, *pulled_at, *refreshed_at, *items_from, read_at];
        tx.run(sql, values).await?;
        tx.replace(msp, id, &COMPANIES, companies).await?;
        tx.replace(msp, id, &ITEMS, items).await?;
        tx.replace(msp, id, &AGREEMENTS, agreements).await?;
        tx.replace(msp, id, &ADDITIONS, additions).await?;
        let previous = MirrorId(id.0 - 1);
        tx.run("DELETE FROM mirror WHERE msp = $1 AND id < $2", args![msp, previous]).await?;
        for sql in [COMPANIES.forget, ITEMS.forget, AGREEMENTS.forget, ADDITIONS.forget] {
            tx.run(sql, args![msp, previous]).await?;
        }
        tx.commit().await?;
        Ok(id)
    }

    /// The current generation: the last complete pull of the present connection.
    pub async fn mirror(&self, msp: MspId) -> Result<Option<Mirror>> {
        self.db.read().await?.mirror(msp).await
    }

    /// The addition's row takes the value last read from ConnectWise, with its time.
    pub async fn mirror_row_read(
        &self,
        msp: MspId,
        addition: AdditionId,
        quantity: Quantity,
        updated_by: Option<&str>,
        read_at: Timestamp,
        fence: &Lease,
    ) -> Result<()> {
        let mut tx = self.db.write_facts(msp).await?;
        tx.check_fence(fence).await?;
        tx.mirror_row_read(msp, addition, quantity, updated_by, read_at).await?;
        tx.commit().await
    }
}

/// Rows that are compared and written at once.
const ROWS_AT_ONCE: usize = 2_000;

impl Tx {
    async fn mirror_head(&mut self, msp: MspId) -> Result<Option<Head>> {
        let connection = self.connection_id(msp).await?;
        let sql = "SELECT id, pulled_at, refreshed_at, items_from, additions_read_at FROM mirror
            WHERE msp = $1 AND connection = $2 ORDER BY id DESC LIMIT 1";
        let read = |row: &mut Row<'_>| {
            Ok(Head {
                id: row.take()?,
                pulled_at: row.take()?,
                refreshed_at: row.take()?,
                items_from: row.take()?,
                additions_read_at: row.maybe()?,
            })
        };
        self.one(sql, args![msp, connection], read).await
    }

    pub(crate) async fn mirror(&mut self, msp: MspId) -> Result<Option<Mirror>> {
        let Some(head) = self.mirror_head(msp).await? else { return Ok(None) };
        let Head { id, pulled_at, refreshed_at, items_from, additions_read_at } = head;
        let companies = self.all(COMPANIES.read, args![msp, id], COMPANIES.from_row).await?;
        let items = self.all(ITEMS.read, args![msp, id], ITEMS.from_row).await?;
        let agreements = self.all(AGREEMENTS.read, args![msp, id], AGREEMENTS.from_row).await?;
        let read = |row: &mut Row<'_>| {
            let since: MirrorId = row.take()?;
            let mut addition = (ADDITIONS.from_row)(row)?;
            if let Some(read_at) = additions_read_at.filter(|_| since < id) {
                addition.read_at = addition.read_at.max(read_at);
            }
            Ok(addition)
        };
        let additions = self.all(ADDITIONS.read, args![msp, id], read).await?;
        Ok(Some(Mirror { id, pulled_at, refreshed_at, items_from, companies, items, agreements, additions }))
    }

    /// Brings one collection to generation `id`: rows that stayed the same stay, those that changed
    /// or went end here, and what is new begins here.
    async fn replace<T: Sync>(&mut self, msp: MspId, id: MirrorId, kind: &Kind<T>, rows: &[T]) -> Result<()> {
        let read = |row: &mut Row<'_>| Ok((row.take::<i64>()?, row.take::<String>()?));
        let open = self.all(kind.open, args![msp], read).await?;
        let mut open: HashMap<i64, String> = open.into_iter().collect();
        // In chunks: a first pull of 150,000 rows is not to stand in memory twice.
        for chunk in rows.chunks(ROWS_AT_ONCE) {
            let mut fresh = Vec::new();
            let mut ended = Vec::new();
            for row in chunk {
                let (key, digest) = (kind.id)(row);
                match open.remove(&key) {
                    Some(before) if before == digest => {}
                    Some(_) => {
                        ended.push(key);
                        fresh.push((row, digest));
                    }
                    None => fresh.push((row, digest)),
                }
            }
            self.end_rows(msp, id, kind.end, &ended).await?;
            let values = fresh.into_iter().map(|(row, digest)| {
                let mut values = args![msp, id, digest];
                values.extend((kind.to_row)(row));
                values
            });
            self.put_many(kind.insert, "", values).await?;
        }
        let gone: Vec<i64> = open.into_keys().collect();
        self.end_rows(msp, id, kind.end, &gone).await
    }

    async fn end_rows(&mut self, msp: MspId, until: MirrorId, end: &str, ids: &[i64]) -> Result<()> {
        let keys: Vec<Vec<Value>> = ids.iter().map(|id| args![msp, *id, until]).collect();
        self.all_of("msp, id, until", end, &keys, |_| Ok(())).await?;
        Ok(())
    }

    /// An addition that was seen on its agreement takes its place in the current generation, as it was
    /// read: what was created just now is not missing until the next Sync.
    pub(crate) async fn mirror_row_seen(&mut self, msp: MspId, addition: &Addition) -> Result<()> {
        let Some(head) = self.mirror_head(msp).await? else { return Ok(()) };
        let sql = "DELETE FROM addition WHERE msp = $1 AND id = $2 AND since = $3";
        self.run(sql, args![msp, addition.id, head.id]).await?;
        self.end_rows(msp, head.id, ADDITIONS.end, &[addition.id.0]).await?;
        let mut values = args![msp, head.id, (ADDITIONS.id)(addition).1];
        values.extend((ADDITIONS.to_row)(addition));
        self.put_many(ADDITIONS.insert, "", std::iter::once(values)).await
    }

    /// The one function that changes a value in a row of the current generation. The generation before keeps
    /// the row it had.
    pub(crate) async fn mirror_row_read(
        &mut self,
        msp: MspId,
        addition: AdditionId,
        quantity: Quantity,
        updated_by: Option<&str>,
        read_at: Timestamp,
    ) -> Result<()> {
        let Some(head) = self.mirror_head(msp).await? else { return Ok(()) };
        let read = |row: &mut Row<'_>| {
            let since: MirrorId = row.take()?;
            Ok((since, (ADDITIONS.from_row)(row)?))
        };
        let found = self.one(rows::ADDITION, args![msp, head.id, addition], read).await?;
        // Gone from the mirror meanwhile: there is no row to tell.
        let Some((since, mut row)) = found else { return Ok(()) };
        row.quantity = Some(quantity);
        row.read_at = read_at;
        if let Some(who) = updated_by {
            row.updated_by = Some(who.to_owned());
            row.updated_at = None;
        }
        if since == head.id {
            let sql = "DELETE FROM addition WHERE msp = $1 AND id = $2 AND since = $3";
            self.run(sql, args![msp, addition, since]).await?;
        } else {
            self.end_rows(msp, head.id, ADDITIONS.end, &[addition.0]).await?;
        }
        let mut values = args![msp, head.id, (ADDITIONS.id)(&row).1];
        values.extend((ADDITIONS.to_row)(&row));
        self.put_many(ADDITIONS.insert, "", std::iter::once(values)).await
    }
}
