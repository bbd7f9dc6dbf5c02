//! What sources list: their last batches, who is gone, rhythms, and what people said of these.
//!
//! **Owns:** which batches are kept (few), and that a listing is one row. **Does not own:** the rules
//! over them (core's `plan`), samples.

use crate::Store;
use crate::audit::Entry;
use crate::db::{Row, Take, Tx, args};
use crate::error::{Result, StoreError, refused, unreadable};
use crate::import::ImportAsked;
use hive_core::plan::{Batch, Gone, GoneAnswer, Listing, RHYTHM_BATCHES, Unlisted, judge_feed, newest_complete};
use hive_core::unit::{Storage, Unit};
use hive_core::{AccountId, Date, Decimal, Money, MspId, ProductId, Quantity, Timestamp};
use std::collections::{BTreeMap, HashSet};

/// Batches of a source that are kept: what a rhythm is told from, and two to look at.
const BATCHES_KEPT: usize = RHYTHM_BATCHES + 2;
/// Listings of a source and product that are kept beside the last good one: a plan asked for by its
/// id may be one or two batches old.
const LISTINGS_KEPT: usize = 3;
/// Days from one batch to the next that a person may declare.
pub const RHYTHM_DAYS_MAX: i64 = 366;

/// One sample of a batch.
pub(crate) struct Listed<'a> {
    pub(crate) account: AccountId,
    pub(crate) product: ProductId,
    pub(crate) measured_at: Timestamp,
    pub(crate) quantity: Quantity,
    pub(crate) unit: &'a str,
}

/// Everything that is known of an MSP's sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    pub names: Vec<String>,
    /// Declared, in days.
    pub rhythms: BTreeMap<String, i64>,
    pub batches: Vec<Batch>,
    pub listings: Vec<Listing>,
    pub unlisted: Vec<Unlisted>,
    pub gone_answers: Vec<GoneAnswer>,
}

/// That a person let a plan pass the brake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrakePass {
    /// How much may move, rises and falls added up.
    pub moved: Money,
    pub who: String,
    pub lapses_at: Timestamp,
}

impl Take for Gone {
    fn take(row: &mut Row<'_>) -> Result<Option<Gone>> {
        let read = |text| Gone::parse(text).ok_or_else(|| unreadable("an answer", text));
        row.text()?.map(read).transpose()
    }
}

fn batch(row: &mut Row<'_>) -> Result<Batch> {
    Ok(Batch { source: row.take()?, id: row.take()?, at: row.take()?, complete: row.take()?, day: row.maybe()? })
}

fn listing(row: &mut Row<'_>) -> Result<Listing> {
    Ok(Listing {
        source: row.take()?,
        product: row.take()?,
        batch: row.take()?,
        at: row.take()?,
        day: row.maybe()?,
        accepted: row.maybe::<String>()?.is_some(),
        quantities: quantities(row.text()?.unwrap_or_default())?,
    })
}

/// `account:quantity;account:quantity`.
fn quantities(text: &str) -> Result<Vec<(AccountId, Quantity)>> {
    let read = |pair: &str| {
        let (account, quantity) = pair.split_once(':')?;
        Some((AccountId(account.parse().ok()?), Quantity::new(Decimal::from_str_exact(quantity).ok()?)))
    };
    let pairs = text.split(';').filter(|pair| !pair.is_empty());
    pairs.map(|pair| read(pair).ok_or_else(|| unreadable("what a batch listed", pair))).collect()
}

fn words(quantities: &BTreeMap<AccountId, Quantity>) -> String {
    let pairs: Vec<String> = quantities.iter().map(|(account, quantity)| format!("{account}:{quantity}")).collect();
    pairs.join(";")
}

/// Each account's newest quantity of each product, storage in GB: a source may turn from GB to TB.
fn by_product(listed: &[Listed<'_>]) -> BTreeMap<ProductId, BTreeMap<AccountId, Quantity>> {
    let mut newest: BTreeMap<(ProductId, AccountId), &Listed<'_>> = BTreeMap::new();
    for sample in listed {
        let kept = newest.entry((sample.product, sample.account)).or_insert(sample);
        if kept.measured_at < sample.measured_at {
            *kept = sample;
        }
    }
    let mut found: BTreeMap<ProductId, BTreeMap<AccountId, Quantity>> = BTreeMap::new();
    for ((product, account), sample) in newest {
        let storage = Unit::parse(sample.unit).and_then(|unit| unit.storage());
        let in_gb = storage.and_then(|storage| storage.convert(sample.quantity, Storage::GB));
        found.entry(product).or_default().insert(account, in_gb.unwrap_or(sample.quantity));
    }
    found
}

impl Tx {
    /// What the planner needs of the sources, as of a sample: what came after it is not seen.
    pub(crate) async fn sources(&mut self, msp: MspId, through: i64) -> Result<Sources> {
        let names = self.all("SELECT name FROM source WHERE msp = $1 ORDER BY name", args![msp], |row| row.take());
        let mut sources = Sources { names: names.await?, ..Sources::default() };
        let sql = "SELECT name, rhythm_days FROM source WHERE msp = $1 AND rhythm_days IS NOT NULL";
        let rhythms: Vec<(String, i64)> = self.all(sql, args![msp], |row| Ok((row.take()?, row.take()?))).await?;
        sources.rhythms = rhythms.into_iter().collect();
        let sql = "SELECT source, batch, measured_at, complete, day FROM source_batch
            WHERE msp = $1 AND through <= $2 ORDER BY source, measured_at, batch";
        sources.batches = self.all(sql, args![msp, through], batch).await?;
        let sql = "SELECT source, product, batch, measured_at, day, accepted_by, listed FROM listing
            WHERE msp = $1 AND through <= $2 ORDER BY source, product, measured_at, batch";
        sources.listings = self.all(sql, args![msp, through], listing).await?;
        for (source, newest) in newest_complete(&sources.batches) {
            let sql = "SELECT account, product, source, coalesce(seen, 0), seen_at FROM feed
                WHERE msp = $1 AND source = $2
                    AND (seen_at IS NULL OR seen_at < $3 OR (seen_at = $3 AND seen < $4))
                ORDER BY account, product";
            let read = |row: &mut Row<'_>| {
                let (account, product, source) = (row.take()?, row.take()?, row.take()?);
                Ok(Unlisted { account, product, source, seen: row.take()?, seen_at: row.maybe()? })
            };
            sources.unlisted.extend(self.all(sql, args![msp, source, newest.at, newest.id], read).await?);
        }
        let sql = "SELECT account, product, source, seen, batch, answer, who FROM gone_answer
            WHERE msp = $1 ORDER BY account, product, source";
        let read = |row: &mut Row<'_>| {
            let (account, product, source, seen) = (row.take()?, row.take()?, row.take()?, row.take()?);
            Ok(GoneAnswer { account, product, source, seen, batch: row.take()?, answer: row.take()?, who: row.take()? })
        };
        sources.gone_answers = self.all(sql, args![msp], read).await?;
        Ok(sources)
    }

    /// Notes what an import listed. Samples that come one by one are one batch a day.
    pub(crate) async fn note_listed(
        &mut self,
        msp: MspId,
        asked: &ImportAsked<'_>,
        id: i64,
        listed: &[Listed<'_>],
    ) -> Result<()> {
        let source = asked.source;
        let Some(measured_at) = listed.iter().map(|sample| sample.measured_at).max() else { return Ok(()) };
        self.run("INSERT INTO source (msp, name) VALUES ($1, $2) ON CONFLICT DO NOTHING", args![msp, source]).await?;
        let settings = self.settings(msp).await?;
        let zone = settings.time_zone();
        let day = (asked.one_by_one && !asked.complete).then(|| measured_at.to_zoned(zone.clone()).date());
        let id = match day {
            Some(day) => self.batch_of_day(msp, source, day).await?.unwrap_or(id),
            None => id,
        };
        let through = self.samples_through(msp).await?;
        let sql = "INSERT INTO source_batch (msp, source, batch, measured_at, complete, day, through)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (msp, source, batch) DO UPDATE SET through = excluded.through,
            measured_at = CASE WHEN excluded.measured_at > source_batch.measured_at THEN excluded.measured_at
                ELSE source_batch.measured_at END";
        self.run(sql, args![msp, source, id, measured_at, asked.complete, day, through]).await?;
        let mut found = by_product(listed);
        let before = self.listed_by(msp, source, id, asked.complete).await?;
        for (product, mut earlier) in before {
            let now = found.entry(product).or_default();
            earlier.append(now);
            *now = earlier;
        }
        let rows =
            found.iter().map(|(product, of)| args![msp, source, *product, id, measured_at, day, through, words(of)]);
        let insert = "INSERT INTO listing (msp, source, product, batch, measured_at, day, through, listed)";
        let again = "ON CONFLICT (msp, source, product, batch) DO UPDATE SET listed = excluded.listed,
            through = excluded.through,
            measured_at = CASE WHEN excluded.measured_at > listing.measured_at THEN excluded.measured_at
                ELSE listing.measured_at END";
        self.put_many(insert, again, rows).await?;
        let pairs = listed.iter().map(|sample| (sample.account, sample.product)).collect::<HashSet<_>>();
        let rows = pairs.into_iter().map(|(account, product)| args![msp, account, product, source, id, measured_at]);
        let insert = "INSERT INTO feed (msp, account, product, source, seen, seen_at)";
        let newer = "ON CONFLICT (msp, account, product, source) DO UPDATE SET seen = excluded.seen,
            seen_at = excluded.seen_at
            WHERE feed.seen_at IS NULL OR feed.seen_at < excluded.seen_at
                OR (feed.seen_at = excluded.seen_at AND feed.seen < excluded.seen)";
        self.put_many(insert, newer, rows).await?;
        self.forget_batches(msp, source).await?;
        let today = asked.at.to_zoned(zone).date();
        self.forget_listings(msp, source, &settings, today).await
    }

    async fn batch_of_day(&mut self, msp: MspId, source: &str, day: Date) -> Result<Option<i64>> {
        let sql = "SELECT batch FROM source_batch WHERE msp = $1 AND source = $2 AND day = $3 ORDER BY batch LIMIT 1";
        self.one(sql, args![msp, source, day], |row| row.take()).await
    }

    /// What the batch of the day listed before; and, of a complete batch, the products that the source
    /// listed before: it lists nobody of those that it leaves out.
    async fn listed_by(
        &mut self,
        msp: MspId,
        source: &str,
        id: i64,
        complete: bool,
    ) -> Result<BTreeMap<ProductId, BTreeMap<AccountId, Quantity>>> {
        if complete {
            let sql = "SELECT DISTINCT product FROM listing WHERE msp = $1 AND source = $2";
            let products: Vec<ProductId> = self.all(sql, args![msp, source], |row| row.take()).await?;
            return Ok(products.into_iter().map(|product| (product, BTreeMap::new())).collect());
        }
        let sql = "SELECT product, listed FROM listing WHERE msp = $1 AND source = $2 AND batch = $3";
        let read = |row: &mut Row<'_>| {
            let product: ProductId = row.take()?;
            Ok((product, quantities(row.text()?.unwrap_or_default())?.into_iter().collect()))
        };
        Ok(self.all(sql, args![msp, source, id], read).await?.into_iter().collect())
    }

    /// The last few stay, and the newest complete one.
    async fn forget_batches(&mut self, msp: MspId, source: &str) -> Result<()> {
        let sql = "SELECT source, batch, measured_at, complete, day FROM source_batch
            WHERE msp = $1 AND source = $2 ORDER BY measured_at DESC, batch DESC";
        let all = self.all(sql, args![msp, source], batch).await?;
        let complete = newest_complete(&all).get(source).map(|batch| batch.id);
        for old in all.iter().skip(BATCHES_KEPT).filter(|batch| Some(batch.id) != complete) {
            let sql = "DELETE FROM source_batch WHERE msp = $1 AND source = $2 AND batch = $3";
            self.run(sql, args![msp, source, old.id]).await?;
        }
        Ok(())
    }

    /// The last good one stays, and the last few.
    async fn forget_listings(
        &mut self,
        msp: MspId,
        source: &str,
        settings: &hive_core::settings::Settings,
        today: Date,
    ) -> Result<()> {
        let kept = i64::try_from(LISTINGS_KEPT).unwrap_or(i64::MAX);
        let sql = "SELECT product FROM listing WHERE msp = $1 AND source = $2 GROUP BY product HAVING count(*) > $3";
        let products: Vec<ProductId> = self.all(sql, args![msp, source, kept], |row| row.take()).await?;
        for product in products {
            let sql = "SELECT source, product, batch, measured_at, day, accepted_by, listed FROM listing
                WHERE msp = $1 AND source = $2 AND product = $3 ORDER BY measured_at DESC, batch DESC";
            let all = self.all(sql, args![msp, source, product], listing).await?;
            let good = judge_feed(&all.iter().collect::<Vec<_>>(), settings, today).map(|judged| judged.good.batch);
            for old in all.iter().skip(LISTINGS_KEPT).filter(|listing| Some(listing.batch) != good) {
                let sql = "DELETE FROM listing WHERE msp = $1 AND source = $2 AND product = $3 AND batch = $4";
                self.run(sql, args![msp, source, product, old.batch]).await?;
            }
        }
        Ok(())
    }
}

impl Store {
    /// The MSP's sources with their last batches.
    pub async fn sources(&self, msp: MspId) -> Result<Sources> {
        self.db.read().await?.sources(msp, i64::MAX).await
    }

    /// Declares a source's rhythm; `None`: it is learned from its batches again.
    pub async fn set_rhythm(
        &self,
        msp: MspId,
        source: &str,
        days: Option<i64>,
        who: &str,
        at: Timestamp,
    ) -> Result<()> {
        if days.is_some_and(|days| !(1..=RHYTHM_DAYS_MAX).contains(&days)) {
            return Err(refused(format!("a rhythm is a number of days from 1 to {RHYTHM_DAYS_MAX}")));
        }
        let mut tx = self.db.write_facts(msp).await?;
        let sql = "SELECT rhythm_days FROM source WHERE msp = $1 AND name = $2";
        let found: Option<Option<i64>> = tx.one(sql, args![msp, source], |row| row.maybe()).await?;
        let before = found.ok_or_else(|| StoreError::NotFound(format!("no source \"{source}\" has brought usage")))?;
        let sql = "UPDATE source SET rhythm_days = $3 WHERE msp = $1 AND name = $2";
        tx.run(sql, args![msp, source, days]).await?;
        let words = |days: Option<i64>| days.map(|days| format!("every {days} days"));
        tx.note(msp, who, at, Entry::new("source.rhythm", source, words(before), words(days))).await?;
        tx.commit().await
    }

    /// A person says that a batch is right as it is, for one product.
    pub async fn accept_batch(
        &self,
        msp: MspId,
        source: &str,
        product: ProductId,
        batch: i64,
        who: &str,
        at: Timestamp,
    ) -> Result<()> {
        let mut tx = self.db.write_facts(msp).await?;
        let sql = "UPDATE listing SET accepted_by = $5, accepted_at = $6
            WHERE msp = $1 AND source = $2 AND product = $3 AND batch = $4 AND accepted_by IS NULL";
        if tx.run(sql, args![msp, source, product, batch, who, at]).await? == 0 {
            return Err(StoreError::NotFound(format!(
                "batch {batch} of the source \"{source}\" does not wait for anybody's word"
            )));
        }
        let subject = format!("batch {batch} source {source} product {product}");
        tx.note(msp, who, at, Entry::new("usage.accept_batch", subject, None, Some("right as it is".to_owned())))
            .await?;
        tx.commit().await
    }

    /// What a person says of pairs that a complete batch left out.
    pub async fn answer_gone(&self, msp: MspId, answers: &[GoneAnswer], at: Timestamp) -> Result<()> {
        let mut tx = self.db.write_facts(msp).await?;
        for answer in answers {
            let GoneAnswer { account, product, source, seen, batch, answer, who } = answer;
            let sql = "INSERT INTO gone_answer (msp, account, product, source, seen, batch, answer, who, at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                ON CONFLICT (msp, account, product, source) DO UPDATE SET seen = excluded.seen,
                batch = excluded.batch, answer = excluded.answer, who = excluded.who, at = excluded.at";
            tx.run(sql, args![msp, *account, *product, source, *seen, *batch, answer.name(), who, at]).await?;
            let subject = format!("account {account} product {product} source {source}");
            let after = format!("{} (not in batch {batch})", answer.name());
            tx.note(msp, who, at, Entry::new("usage.gone", subject, None, Some(after))).await?;
        }
        tx.commit().await
    }

    /// A person lets plans of the present connection pass the brake, as long as no more moves.
    pub async fn pass_brake(&self, msp: MspId, pass: &BrakePass, at: Timestamp) -> Result<()> {
        let mut tx = self.db.write_facts(msp).await?;
        let connection = tx.connection_id(msp).await?;
        let sql = "INSERT INTO brake_pass (msp, connection, moved, who, at, lapses_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (msp, connection) DO UPDATE SET moved = excluded.moved, who = excluded.who,
            at = excluded.at, lapses_at = excluded.lapses_at";
        let BrakePass { moved, who, lapses_at } = pass;
        tx.run(sql, args![msp, connection, *moved, who, at, *lapses_at]).await?;
        let after = format!("{moved} a month may move, until {lapses_at}");
        tx.note(msp, who, at, Entry::new("update.brake_pass", connection, None, Some(after))).await?;
        tx.commit().await
    }

    /// What a person let pass, if it still stands at `now`.
    pub async fn brake_pass(&self, msp: MspId, now: Timestamp) -> Result<Option<BrakePass>> {
        let mut tx = self.db.read().await?;
        let connection = tx.connection_id(msp).await?;
        let sql = "SELECT moved, who, lapses_at FROM brake_pass WHERE msp = $1 AND connection = $2 AND lapses_at >= $3";
        let read = |row: &mut Row<'_>| Ok(BrakePass { moved: row.take()?, who: row.take()?, lapses_at: row.take()? });
        tx.one(sql, args![msp, connection, now], read).await
    }

    /// An Update has used it.
    pub async fn use_up_brake_pass(&self, msp: MspId) -> Result<()> {
        let mut tx = self.db.write(msp).await?;
        let connection = tx.connection_id(msp).await?;
        tx.run("DELETE FROM brake_pass WHERE msp = $1 AND connection = $2", args![msp, connection]).await?;
        tx.commit().await
    }
}
