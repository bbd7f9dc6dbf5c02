//! Quotas: what a person set, what a file said, and how soft ones rise.
//!
//! **Owns:** that every change of a quota is recorded, with who and why.
//! **Does not own:** the rule by which one rises (hive-core).

use crate::Store;
use crate::audit::Entry;
use crate::db::{Row, Tx, Value, args};
use crate::error::{Result, unreadable};
use crate::import::ImportAsked;
use hive_core::ladder::Quota;
use hive_core::quota::risen;
use hive_core::settings::At;
use hive_core::unit::{Storage, Unit};
use hive_core::usage::Sample;
use hive_core::{AccountId, MspId, ProductId, Quantity, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// An account's product.
pub(crate) type Pair = (AccountId, ProductId);

/// One change of a quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaChange {
    pub at: Timestamp,
    /// "hive" where it rose by itself.
    pub who: String,
    /// `None`: there was none.
    pub before: Option<String>,
    /// `None`: it was taken away.
    pub after: Option<String>,
    pub reason: String,
}

/// A quota that an import raised.
pub(crate) type Risen = (AccountId, ProductId, Quantity, Quantity);

/// A change on its way into the database.
struct Change {
    before: Option<Quota>,
    /// Whose, of what, and how much from now on.
    pair: Pair,
    after: Option<Quota>,
    what: &'static str,
    reason: String,
}

fn quota(row: &mut Row<'_>) -> Result<Quota> {
    let (account, product, size) = (row.take()?, row.take()?, row.take()?);
    let unit: Unit = row.take()?;
    let unit = unit.storage().ok_or_else(|| unreadable("a quota's unit", &unit))?;
    Ok(Quota { account, product, size, unit, hard: row.take()? })
}

fn words(quota: &Quota) -> String {
    format!("{} {}{}", quota.size, quota.unit.name(), if quota.hard { " hard" } else { "" })
}

fn pair_words((account, product): Pair) -> String {
    format!("account {account} product {product}")
}

impl Tx {
    pub(crate) async fn quotas(&mut self, msp: MspId) -> Result<Vec<Quota>> {
        let sql = "SELECT account, product, size, unit, hard FROM quota WHERE msp = $1 ORDER BY account, product";
        self.all(sql, args![msp], quota).await
    }

    /// Stores changes with their record, in their order.
    async fn put_quotas(&mut self, msp: MspId, changes: &[Change], who: &str, at: Timestamp) -> Result<()> {
        // One row a key in one statement: the last word on a pair that changes twice.
        let last: BTreeMap<Pair, &Change> = changes.iter().map(|change| (change.pair, change)).collect();
        let rows = last.iter().filter_map(|((account, product), change)| {
            let after = change.after.as_ref()?;
            Some(args![msp, *account, *product, after.size, after.unit.name(), after.hard, who, at])
        });
        let insert = "INSERT INTO quota (msp, account, product, size, unit, hard, who, at)";
        let after = "ON CONFLICT (msp, account, product) DO UPDATE SET size = excluded.size, unit = excluded.unit,
            hard = excluded.hard, who = excluded.who, at = excluded.at";
        self.put_many(insert, after, rows.collect::<Vec<_>>().into_iter()).await?;
        for ((account, product), _) in last.iter().filter(|(_, change)| change.after.is_none()) {
            let sql = "DELETE FROM quota WHERE msp = $1 AND account = $2 AND product = $3";
            self.run(sql, args![msp, *account, *product]).await?;
        }
        let Ok(count @ 1..) = i64::try_from(changes.len()) else { return Ok(()) };
        let first = self.next(msp, "quota_change", count).await?;
        let rows = changes.iter().zip(first..).map(|(change, seq)| {
            let (before, after) = (change.before.as_ref().map(words), change.after.as_ref().map(words));
            args![msp, change.pair.0, change.pair.1, seq, at, who, before, after, &change.reason]
        });
        let insert = "INSERT INTO quota_change (msp, account, product, seq, at, who, before, after, reason)";
        self.put_many(insert, "", rows.collect::<Vec<_>>().into_iter()).await?;
        let entry = |change: &Change| {
            let (before, after) = (change.before.as_ref().map(words), change.after.as_ref().map(words));
            Entry::new(change.what, pair_words(change.pair), before, after)
        };
        self.note_all(msp, who, at, changes.iter().map(entry).collect()).await
    }

    /// The quotas of a file, and then those of `touched` pairs whose newest usage has passed them:
    /// how many were set, and which rose. A file that repeats what usage has passed since changes
    /// nothing: its quota rose already.
    pub(crate) async fn import_quotas(
        &mut self,
        msp: MspId,
        asked: &ImportAsked<'_>,
        quotas: Vec<(Pair, (Quantity, Storage))>,
        touched: BTreeSet<Pair>,
    ) -> Result<(usize, Vec<Risen>)> {
        let known = self.quotas(msp).await?;
        let mut known: BTreeMap<Pair, Quota> =
            known.into_iter().map(|quota| ((quota.account, quota.product), quota)).collect();
        let mut touched = touched;
        touched.retain(|pair| known.contains_key(pair));
        touched.extend(quotas.iter().map(|(pair, _)| *pair));
        let settings = self.settings(msp).await?;
        let mut measured: BTreeMap<Pair, Vec<Sample>> = BTreeMap::new();
        for sample in self.newest_of(msp, &touched).await? {
            measured.entry((sample.account, sample.product)).or_default().push(sample);
        }
        let rises_to = |quota: &Quota| {
            let pair = At { product: Some(quota.product), account: Some(quota.account) };
            // Where what exceeds the quota is billed, a quota that rose by itself would bill nothing.
            if settings.overage(pair) {
                return None;
            }
            let samples = measured.get(&(quota.account, quota.product))?;
            let sample = in_force(samples, settings.source(pair))?;
            let usage_gb = sample.unit.storage()?.convert(sample.quantity, Storage::GB)?;
            let size = risen(quota, usage_gb, settings.ladder(quota.product).as_ref())?;
            let after = Quota { size, unit: Storage::GB, ..quota.clone() };
            Some((after, sample.unit.counted(sample.quantity)))
        };
        let mut set = Vec::new();
        for (pair, (size, unit)) in quotas {
            let before = known.get(&pair).cloned();
            let hard = before.as_ref().is_some_and(|before| before.hard);
            let said = Quota { account: pair.0, product: pair.1, size, unit, hard };
            if before.as_ref() == Some(&said) || before.is_some() && before == rises_to(&said).map(|(after, _)| after) {
                continue;
            }
            known.insert(pair, said.clone());
            let reason = format!("usage file {}", asked.file_name);
            set.push(Change { before, pair, after: Some(said), what: "quota.set", reason });
        }
        let (mut raised, mut told) = (Vec::new(), Vec::new());
        for pair in touched {
            let Some(before) = known.get(&pair) else { continue };
            let Some((after, usage)) = rises_to(before) else { continue };
            let from_gb = before.unit.convert(before.size, Storage::GB).unwrap_or(before.size);
            told.push((pair.0, pair.1, from_gb, after.size));
            let reason = format!("usage of {usage} passed it");
            let before = Some(before.clone());
            raised.push(Change { before, pair, after: Some(after), what: "quota.risen", reason });
        }
        self.put_quotas(msp, &set, asked.who, asked.at).await?;
        self.put_quotas(msp, &raised, "hive", asked.at).await?;
        Ok((set.len(), told))
    }

    /// The newest sample of each source of these pairs.
    async fn newest_of(&mut self, msp: MspId, pairs: &BTreeSet<Pair>) -> Result<Vec<Sample>> {
        let keys: Vec<Vec<Value>> = pairs.iter().map(|(account, product)| args![msp, *account, *product]).collect();
        let select = "SELECT s.account, s.product, s.source, s.quantity, s.unit, s.measured_at, s.class
            FROM asked CROSS JOIN feed f CROSS JOIN sample s
            WHERE f.msp = asked.msp AND f.account = asked.account AND f.product = asked.product
                AND s.msp = f.msp AND s.account = f.account AND s.product = f.product AND s.source = f.source
                AND s.measured_at = (
                    SELECT t.measured_at FROM sample t
                    WHERE t.msp = f.msp AND t.account = f.account AND t.product = f.product AND t.source = f.source
                    ORDER BY t.measured_at DESC LIMIT 1)";
        self.all_of("msp, account, product", select, &keys, crate::history::sample).await
    }
}

/// The sample that a plan takes: of the source a person chose, else the newest.
fn in_force<'s>(samples: &'s [Sample], chosen: Option<&str>) -> Option<&'s Sample> {
    let of_source = samples.iter().filter(|sample| chosen.is_none_or(|source| sample.source == source));
    of_source.max_by(|a, b| a.measured_at.cmp(&b.measured_at).then_with(|| b.source.cmp(&a.source)))
}

impl Store {
    /// The sample that counts for an account's product: of the source a person chose, else the newest.
    pub async fn usage_in_force(&self, msp: MspId, account: AccountId, product: ProductId) -> Result<Option<Sample>> {
        let mut tx = self.db.read().await?;
        let settings = tx.settings(msp).await?;
        let samples = tx.newest_of(msp, &BTreeSet::from([(account, product)])).await?;
        let pair = At { product: Some(product), account: Some(account) };
        Ok(in_force(&samples, settings.source(pair)).cloned())
    }

    /// How much an account may use of a storage product, and whether that is enforced (hard: it
    /// never rises by itself); `None` takes the quota away.
    pub async fn set_quota(
        &self,
        msp: MspId,
        account: AccountId,
        product: ProductId,
        size: Option<(Quantity, Storage, bool)>,
        who: &str,
        at: Timestamp,
    ) -> Result<()> {
        let mut tx = self.db.write_facts(msp).await?;
        tx.must_have_account(msp, account).await?;
        tx.must_have_product(msp, product).await?;
        let sql = "SELECT account, product, size, unit, hard FROM quota
            WHERE msp = $1 AND account = $2 AND product = $3";
        let before = tx.one(sql, args![msp, account, product], quota).await?;
        let after = size.map(|(size, unit, hard)| Quota { account, product, size, unit, hard });
        if before != after {
            let reason = if after.is_some() { "set by hand" } else { "taken away by hand" }.to_owned();
            let change = Change { before, pair: (account, product), after, what: "quota.set", reason };
            tx.put_quotas(msp, &[change], who, at).await?;
        }
        tx.commit().await
    }

    /// How an account's quota changed, the newest first.
    pub async fn quota_changes(
        &self,
        msp: MspId,
        account: AccountId,
        product: ProductId,
        limit: i64,
    ) -> Result<Vec<QuotaChange>> {
        let sql = "SELECT at, who, before, after, reason FROM quota_change
            WHERE msp = $1 AND account = $2 AND product = $3 ORDER BY seq DESC LIMIT $4";
        let read = |row: &mut Row<'_>| {
            Ok(QuotaChange {
                at: row.take()?,
                who: row.take()?,
                before: row.maybe()?,
                after: row.maybe()?,
                reason: row.take()?,
            })
        };
        self.db.read().await?.all(sql, args![msp, account, product, limit], read).await
    }
}
