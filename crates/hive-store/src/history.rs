//! What was: samples, writes, days, imports, the audit log page by page.
//!
//! **Owns:** reading back what other files stored, the newest first, and the sums of a day.
//! **Does not own:** what a curve means.

use crate::Store;
use crate::audit::AuditRow;
use crate::db::{Row, Tx, Value, args};
use crate::error::{Result, unreadable};
use hive_core::link::{AccountLink, AccountTarget};
use hive_core::mirror::Mirror;
use hive_core::outcome::Outcome;
use hive_core::plan::{Facts, PERIOD_DAYS_MAX, period_start};
use hive_core::settings::{At, Basis, Settings};
use hive_core::usage::{Product, Sample};
use hive_core::{
    AccountId, AdditionId, CompanyId, Date, Decimal, Money, MspId, ProductId, Quantity, RunId, TimeZone, Timestamp,
};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};

/// How far back an average or a peak may look: 30 days of a month, and what its newest sample may
/// lag behind the newest of the MSP.
const HISTORY_DAYS: i64 = 40;
/// Rows of the audit log that are looked at in one statement.
const AUDIT_ROWS_AT_ONCE: i64 = 500;

/// Which rows of the audit log are asked for; an empty text asks for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter<'a> {
    /// Held by who did it.
    pub who: &'a str,
    /// What was done begins with it: `quota.` is all about quotas.
    pub what: &'a str,
    /// Held by any of its texts.
    pub text: &'a str,
}

/// One write of Hive's into an addition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrote {
    pub run: RunId,
    /// When it was about to be sent.
    pub at: Timestamp,
    pub from: Quantity,
    pub to: Quantity,
    /// The last word on it; `None` while there is none.
    pub outcome: Option<Outcome>,
    pub who: String,
    pub approved_by: Option<String>,
    pub addition: AdditionId,
}

/// The sums of one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Day {
    pub date: Date,
    pub lines: i64,
    /// By currency.
    pub money_now: BTreeMap<String, Money>,
    pub money_next: BTreeMap<String, Money>,
    pub quantity: BTreeMap<ProductId, Quantity>,
}

/// One import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    pub id: i64,
    pub source: String,
    pub file_name: String,
    pub rows: i64,
    pub samples_new: i64,
    pub samples_equal: i64,
    pub samples_corrected: i64,
    pub complete: bool,
    pub who: String,
    pub at: Timestamp,
}

pub(crate) fn sample(row: &mut Row<'_>) -> Result<Sample> {
    Ok(Sample {
        account: row.take()?,
        product: row.take()?,
        source: row.take()?,
        quantity: row.take()?,
        unit: row.take()?,
        measured_at: row.take()?,
        class: row.take()?,
    })
}

fn sums<K: ToString, V: ToString>(sums: &BTreeMap<K, V>) -> String {
    let text: BTreeMap<String, String> = sums.iter().map(|(key, sum)| (key.to_string(), sum.to_string())).collect();
    serde_json::json!(text).to_string()
}

fn sums_from_row<K: Ord, V>(
    text: &str,
    key: impl Fn(String) -> Option<K>,
    sum: impl Fn(Decimal) -> V,
) -> Result<BTreeMap<K, V>> {
    let bad = || unreadable("the sums of a day", text);
    let read: BTreeMap<String, String> = serde_json::from_str(text).map_err(|_| bad())?;
    let pair = |(name, value): (String, String)| Some((key(name)?, sum(Decimal::from_str_exact(&value).ok()?)));
    read.into_iter().map(|entry| pair(entry).ok_or_else(bad)).collect()
}

fn day(row: &mut Row<'_>) -> Result<Day> {
    let product = |name: String| name.parse().ok().map(ProductId);
    Ok(Day {
        date: row.take()?,
        lines: row.take()?,
        money_now: sums_from_row(row.text()?.unwrap_or_default(), Some, Money::new)?,
        money_next: sums_from_row(row.text()?.unwrap_or_default(), Some, Money::new)?,
        quantity: sums_from_row(row.text()?.unwrap_or_default(), product, Quantity::new)?,
    })
}

impl Tx {
    /// The samples that averages and peaks are made of: for each product that is billed by one, every
    /// sample of [`HISTORY_DAYS`] before the newest of `newest` (or since the billing period of the
    /// account's agreements began, where that is what counts), and of each (account, product, source) the
    /// newest before those. None that came after `through`.
    pub(crate) async fn history(
        &mut self,
        msp: MspId,
        (products, settings, periods): (&[Product], &Settings, &BTreeMap<AccountId, Date>),
        newest: &[Sample],
        through: i64,
    ) -> Result<Vec<Sample>> {
        let by_more_than_the_latest =
            |product: &&Product| settings.bases(product.id).iter().any(|basis| *basis != Basis::Latest);
        let asked: BTreeSet<ProductId> = products.iter().filter(by_more_than_the_latest).map(|p| p.id).collect();
        let through_all = newest.iter().map(|sample| sample.measured_at).max();
        let Some(last) = through_all.filter(|_| !asked.is_empty()) else { return Ok(Vec::new()) };
        let back = |days: i64| last.checked_sub(SignedDuration::from_hours(days * 24)).unwrap_or(Timestamp::MIN);
        let (usual, furthest) = (back(HISTORY_DAYS), back(PERIOD_DAYS_MAX));
        let since = |feed: &Sample| {
            let at = At { product: Some(feed.product), account: Some(feed.account) };
            let start = periods.get(&feed.account).filter(|_| settings.basis_at(at).is_of_the_period());
            start.and_then(|date| begins(*date)).map_or(usual, |start| start.max(furthest).min(usual))
        };
        // Each source that ever measured a pair has its newest sample here.
        let feeds = newest.iter().filter(|sample| asked.contains(&sample.product));
        let key = |feed: &Sample| args![msp, feed.account, feed.product, &feed.source, since(feed), through];
        let keys: Vec<Vec<Value>> = feeds.map(key).collect();
        let columns = "msp, account, product, source, since, through";
        let mut history = self.all_of(columns, HISTORY, &keys, sample).await?;
        history.extend(self.all_of(columns, BEFORE_HISTORY, &keys, sample).await?);
        history.sort_by(|a, b| {
            let key = |s: &Sample| (s.account, s.product, s.measured_at);
            key(a).cmp(&key(b)).then_with(|| a.source.cmp(&b.source))
        });
        Ok(history)
    }
}

/// The moment at which a date has begun nowhere yet, a day earlier.
fn begins(date: Date) -> Option<Timestamp> {
    let day_before = date.yesterday().ok()?.yesterday().ok()?;
    Some(day_before.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// When the present billing period of each account's company began: the first of its agreements'.
pub(crate) fn period_starts(links: &[AccountLink], mirror: Option<&Mirror>) -> BTreeMap<AccountId, Date> {
    let mut of_company: BTreeMap<CompanyId, Date> = BTreeMap::new();
    for agreement in mirror.iter().flat_map(|mirror| &mirror.agreements) {
        if let Some(start) = period_start(agreement) {
            let first = of_company.entry(agreement.company).or_insert(start);
            *first = start.min(*first);
        }
    }
    let of_link = |link: &AccountLink| match link.target {
        AccountTarget::Company(company) => Some((link.account, *of_company.get(&company)?)),
        AccountTarget::Ignored => None,
    };
    links.iter().filter_map(of_link).collect()
}

const HISTORY: &str = "SELECT s.account, s.product, s.source, s.quantity, s.unit, s.measured_at, s.class
    FROM asked CROSS JOIN sample s
    WHERE s.msp = asked.msp AND s.account = asked.account AND s.product = asked.product
        AND s.source = asked.source AND s.measured_at >= asked.since AND s.seq <= asked.through";
const BEFORE_HISTORY: &str = "SELECT s.account, s.product, s.source, s.quantity, s.unit, s.measured_at, s.class
    FROM asked CROSS JOIN sample s
    WHERE s.msp = asked.msp AND s.account = asked.account AND s.product = asked.product
        AND s.source = asked.source AND s.measured_at = (
            SELECT t.measured_at FROM sample t
            WHERE t.msp = asked.msp AND t.account = asked.account AND t.product = asked.product
                AND t.source = asked.source AND t.measured_at < asked.since AND t.seq <= asked.through
            ORDER BY t.measured_at DESC LIMIT 1)";

impl Store {
    /// The samples that averages and peaks would be made of under other settings than those in force.
    pub async fn history_under(&self, facts: &Facts, settings: &Settings) -> Result<Vec<Sample>> {
        let mut tx = self.db.read().await?;
        let periods = period_starts(&facts.account_links, facts.mirror.as_ref());
        tx.history(facts.msp, (&facts.products, settings, &periods), &facts.samples, facts.samples_through).await
    }

    /// What was measured of an account's product since then, by whatever source, the newest first.
    pub async fn samples(
        &self,
        msp: MspId,
        account: AccountId,
        product: ProductId,
        since: Timestamp,
        limit: i64,
    ) -> Result<Vec<Sample>> {
        let sql = "SELECT account, product, source, quantity, unit, measured_at, class FROM sample
            WHERE msp = $1 AND account = $2 AND product = $3 AND measured_at >= $4
            ORDER BY measured_at DESC, source LIMIT $5";
        self.db.read().await?.all(sql, args![msp, account, product, since, limit], sample).await
    }

    /// What Hive wrote into an addition of the present connection, the newest first.
    pub async fn wrote(&self, msp: MspId, addition: AdditionId, limit: i64) -> Result<Vec<Wrote>> {
        let sql = "SELECT i.run, i.made_at, i.from_value, i.to_value, o.outcome, i.who, i.approved_by, i.addition
            FROM intent i LEFT JOIN outcome o ON o.msp = i.msp AND o.intent = i.id AND o.nth = (
                SELECT max(l.nth) FROM outcome l WHERE l.msp = i.msp AND l.intent = i.id)
            WHERE i.msp = $1 AND i.connection = $2 AND i.addition = $3 ORDER BY i.id DESC LIMIT $4";
        let read = |row: &mut Row<'_>| {
            Ok(Wrote {
                run: row.take()?,
                at: row.take()?,
                from: row.take()?,
                to: row.take()?,
                outcome: row.maybe()?,
                who: row.take()?,
                approved_by: row.maybe()?,
                addition: row.take()?,
            })
        };
        let mut tx = self.db.read().await?;
        let connection = tx.connection_id(msp).await?;
        tx.all(sql, args![msp, connection, addition, limit], read).await
    }

    /// Stores the sums of a day, in the place of those stored for it before.
    pub async fn save_day(&self, msp: MspId, day: &Day) -> Result<()> {
        let Day { date, lines, money_now, money_next, quantity } = day;
        let mut tx = self.db.write(msp).await?;
        let sql = "INSERT INTO day (msp, date, lines, money_now, money_next, quantity)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (msp, date) DO UPDATE SET lines = excluded.lines, money_now = excluded.money_now,
            money_next = excluded.money_next, quantity = excluded.quantity";
        let quantity: BTreeMap<i64, Quantity> = quantity.iter().map(|(product, sum)| (product.0, *sum)).collect();
        tx.run(sql, args![msp, *date, *lines, sums(money_now), sums(money_next), sums(&quantity)]).await?;
        tx.commit().await
    }

    /// The days since then, the oldest first.
    pub async fn days(&self, msp: MspId, since: Date) -> Result<Vec<Day>> {
        let sql = "SELECT date, lines, money_now, money_next, quantity FROM day WHERE msp = $1 AND date >= $2
            ORDER BY date";
        self.db.read().await?.all(sql, args![msp, since], day).await
    }

    /// The last imports, the newest first.
    pub async fn batches(&self, msp: MspId, limit: i64) -> Result<Vec<Batch>> {
        let sql = "SELECT id, source, file_name, rows, samples_new, samples_equal, samples_corrected, complete, who,
            at FROM batch WHERE msp = $1 ORDER BY id DESC LIMIT $2";
        let read = |row: &mut Row<'_>| {
            Ok(Batch {
                id: row.take()?,
                source: row.take()?,
                file_name: row.take()?,
                rows: row.take()?,
                samples_new: row.take()?,
                samples_equal: row.take()?,
                samples_corrected: row.take()?,
                complete: row.take()?,
                who: row.take()?,
                at: row.take()?,
            })
        };
        self.db.read().await?.all(sql, args![msp, limit], read).await
    }

    /// The newest rows of the audit log before row `before`. With a filter, those alone that hold its
    /// text somewhere, in whatever case: looked for here, so that both engines find the same.
    pub async fn audit_page(
        &self,
        msp: MspId,
        before: Option<i64>,
        limit: i64,
        filter: Option<&str>,
    ) -> Result<Vec<AuditRow>> {
        let filter = AuditFilter { text: filter.unwrap_or_default(), ..AuditFilter::default() };
        self.audit_found(msp, before, limit, &filter).await
    }

    /// [`Store::audit_page`], also by who did it and what was done.
    pub async fn audit_found(
        &self,
        msp: MspId,
        before: Option<i64>,
        limit: i64,
        filter: &AuditFilter<'_>,
    ) -> Result<Vec<AuditRow>> {
        let [who, what, text] = [filter.who, filter.what, filter.text].map(|words| words.trim().to_lowercase());
        let wanted = |row: &AuditRow| {
            row.who.to_lowercase().contains(&who)
                && row.what.starts_with(&what)
                && (text.is_empty() || row.holds(&text))
        };
        let limit = usize::try_from(limit).unwrap_or_default();
        let (mut tx, mut before) = (self.db.read().await?, before.unwrap_or(i64::MAX));
        let mut page = Vec::new();
        let sql = "SELECT seq, at, who, what, subject, before, after, hash FROM audit WHERE msp = $1 AND seq < $2
            ORDER BY seq DESC LIMIT $3";
        while page.len() < limit {
            let rows = tx.all(sql, args![msp, before, AUDIT_ROWS_AT_ONCE], AuditRow::from_row).await?;
            let Some(last) = rows.last() else { break };
            before = last.seq;
            page.extend(rows.into_iter().filter(wanted));
        }
        page.truncate(limit);
        Ok(page)
    }
}
