//! What proves a number afterwards: a run's own plan line, what was sent for it, the samples of an earlier day.
//!
//! **Owns:** reading one line of what other files stored. **Does not own:** what it means.

use crate::Store;
use crate::audit::AuditRow;
use crate::db::{Row, Value, args};
use crate::error::Result;
use crate::history::sample;
use crate::plans::rows::line_from_row;
use crate::report::{ReportLine, report_line};
use hive_core::outcome::Outcome;
use hive_core::plan::{Facts, Line, PERIOD_DAYS_MAX};
use hive_core::settings::{Basis, Settings};
use hive_core::usage::Sample;
use hive_core::{AdditionId, LineId, MspId, PlanId, ProductId, Quantity, RunId, Timestamp};
use jiff::SignedDuration;

/// How far back an average may look, and the day on which it stands.
const HISTORY_DAYS: i64 = 40;

/// One request of a run, with everything that was learnt of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// When it was about to be sent.
    pub at: Timestamp,
    pub from: Quantity,
    pub to: Quantity,
    pub who: String,
    pub approved_by: Option<String>,
    /// The run that took it back.
    pub undone_by: Option<RunId>,
    /// What was learnt, in its order.
    pub answers: Vec<Learnt>,
}

/// What was learnt of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learnt {
    pub outcome: Outcome,
    /// The value that was read.
    pub found: Option<Quantity>,
    /// Who had set it, as ConnectWise says.
    pub found_by: Option<String>,
    pub message: Option<String>,
    /// The run that learnt it.
    pub run: RunId,
    pub at: Timestamp,
}

impl Store {
    /// One line of a stored plan, with its story, and when that plan was made. Plans that runs name are kept.
    pub async fn plan_line(&self, msp: MspId, plan: &PlanId, line: LineId) -> Result<Option<(Timestamp, Line)>> {
        let mut tx = self.db.read().await?;
        let sql = "SELECT made_at FROM plan WHERE msp = $1 AND id = $2";
        let made_at: Option<Timestamp> = tx.one(sql, args![msp, plan], |row| row.take()).await?;
        let sql = "SELECT account, product, account_name, product_name, company, company_name, agreement,
            agreement_name, addition, now_value, next_value, part, money_month, currency, mark, live, issues, trace
            FROM plan_line WHERE msp = $1 AND plan = $2 AND account = $3 AND product = $4";
        let found = tx.one(sql, args![msp, plan, line.account, line.product], line_from_row).await?;
        Ok(made_at.zip(found))
    }

    /// What became of one line in a run.
    pub async fn report_of_line(&self, msp: MspId, run: RunId, line: LineId) -> Result<Option<ReportLine>> {
        let sql = "SELECT l.account, l.product, a.name, p.name, l.addition, l.from_value, l.to_value, l.found,
            l.outcome, l.message FROM report_line l
            LEFT JOIN account a ON a.msp = l.msp AND a.id = l.account
            LEFT JOIN product p ON p.msp = l.msp AND p.id = l.product
            WHERE l.msp = $1 AND l.run = $2 AND l.account = $3 AND l.product = $4";
        self.db.read().await?.one(sql, args![msp, run, line.account, line.product], report_line).await
    }

    /// What a run sent for an addition.
    pub async fn sent(&self, msp: MspId, run: RunId, addition: AdditionId) -> Result<Vec<Sent>> {
        let mut tx = self.db.read().await?;
        let sql = "SELECT id, made_at, from_value, to_value, who, approved_by, undone_by FROM intent
            WHERE msp = $1 AND run = $2 AND addition = $3 ORDER BY id";
        let read = |row: &mut Row<'_>| {
            let id: i64 = row.take()?;
            Ok((
                id,
                Sent {
                    at: row.take()?,
                    from: row.take()?,
                    to: row.take()?,
                    who: row.take()?,
                    approved_by: row.maybe()?,
                    undone_by: row.maybe()?,
                    answers: Vec::new(),
                },
            ))
        };
        let found: Vec<(i64, Sent)> = tx.all(sql, args![msp, run, addition], read).await?;
        let sql = "SELECT outcome, found, found_by, message, run, at FROM outcome
            WHERE msp = $1 AND intent = $2 ORDER BY nth";
        let learnt = |row: &mut Row<'_>| {
            Ok(Learnt {
                outcome: row.take()?,
                found: row.maybe()?,
                found_by: row.maybe()?,
                message: row.maybe()?,
                run: row.take()?,
                at: row.take()?,
            })
        };
        let mut all = Vec::new();
        for (id, mut sent) in found {
            sent.answers = tx.all(sql, args![msp, id], learnt).await?;
            all.push(sent);
        }
        Ok(all)
    }

    /// What was done to rules, the oldest first: links of products, settings, going live.
    pub async fn rule_audit(&self, msp: MspId) -> Result<Vec<AuditRow>> {
        let sql = "SELECT seq, at, who, what, subject, before, after, hash FROM audit
            WHERE msp = $1 AND what IN ('product.link', 'setting.set', 'product.go_live') ORDER BY seq";
        self.db.read().await?.all(sql, args![msp], AuditRow::from_row).await
    }

    /// What rules are made of: products, their links and the settings. Nothing else is in it.
    pub async fn facts_of_rules(&self, msp: MspId) -> Result<Facts> {
        let mut tx = self.db.read().await?;
        let facts = Facts {
            msp,
            msp_name: String::new(),
            connection: 0,
            mirror: None,
            accounts: Vec::new(),
            products: tx.products(msp).await?,
            account_links: Vec::new(),
            product_links: tx.product_links(msp).await?,
            samples: Vec::new(),
            history: Vec::new(),
            samples_through: 0,
            quotas: Vec::new(),
            pins: Vec::new(),
            settings: tx.settings(msp).await?,
            standings: Vec::new(),
            live_rules: std::collections::BTreeMap::new(),
            invoiced: std::collections::BTreeMap::new(),
            item_overrides: Vec::new(),
            batches: Vec::new(),
            listings: Vec::new(),
            rhythms: std::collections::BTreeMap::new(),
            unlisted: Vec::new(),
            gone_answers: Vec::new(),
            exclusions: Vec::new(),
            adjustments: Vec::new(),
        };
        Ok(facts)
    }

    /// The samples as they stood at a moment, by when they were measured: the newest of each feed, and those
    /// that averages and peaks are made of under any of these settings.
    pub async fn samples_as_of(
        &self,
        facts: &Facts,
        settings: &[&Settings],
        until: Timestamp,
    ) -> Result<(Vec<Sample>, Vec<Sample>)> {
        let averaged = |product: ProductId| {
            settings.iter().any(|one| one.bases(product).iter().any(|basis| *basis != Basis::Latest))
        };

        let periods = facts.products.iter().any(|product| {
            settings.iter().any(|one| one.bases(product.id).iter().any(|basis| basis.is_of_the_period()))
        });
        let days = if periods { PERIOD_DAYS_MAX } else { HISTORY_DAYS };
        let since = until.checked_sub(SignedDuration::from_hours(days * 24)).unwrap_or(Timestamp::MIN);
        let key = |feed: &Sample| args![facts.msp, feed.account, feed.product, &feed.source, since, until];
        let columns = "msp, account, product, source, since, until";
        let mut tx = self.db.read().await?;
        let keys: Vec<Vec<Value>> = facts.samples.iter().map(key).collect();
        let mut newest = tx.all_of(columns, NEWEST_AS_OF, &keys, sample).await?;
        newest.sort_by(|a, b| (a.account, a.product, &a.source).cmp(&(b.account, b.product, &b.source)));
        let keys: Vec<Vec<Value>> = facts.samples.iter().filter(|feed| averaged(feed.product)).map(key).collect();
        let mut history = tx.all_of(columns, HISTORY_AS_OF, &keys, sample).await?;
        history.extend(tx.all_of(columns, BEFORE_AS_OF, &keys, sample).await?);
        history.sort_by(|a, b| {
            let key = |s: &Sample| (s.account, s.product, s.measured_at);
            key(a).cmp(&key(b)).then_with(|| a.source.cmp(&b.source))
        });
        Ok((newest, history))
    }
}

const NEWEST_AS_OF: &str = "SELECT s.account, s.product, s.source, s.quantity, s.unit, s.measured_at, s.class
    FROM asked CROSS JOIN sample s
    WHERE s.msp = asked.msp AND s.account = asked.account AND s.product = asked.product
        AND s.source = asked.source AND s.measured_at = (
            SELECT t.measured_at FROM sample t
            WHERE t.msp = asked.msp AND t.account = asked.account AND t.product = asked.product
                AND t.source = asked.source AND t.measured_at <= asked.until
            ORDER BY t.measured_at DESC LIMIT 1)";
const HISTORY_AS_OF: &str = "SELECT s.account, s.product, s.source, s.quantity, s.unit, s.measured_at, s.class
    FROM asked CROSS JOIN sample s
    WHERE s.msp = asked.msp AND s.account = asked.account AND s.product = asked.product
        AND s.source = asked.source AND s.measured_at >= asked.since AND s.measured_at <= asked.until";
const BEFORE_AS_OF: &str = "SELECT s.account, s.product, s.source, s.quantity, s.unit, s.measured_at, s.class
    FROM asked CROSS JOIN sample s
    WHERE s.msp = asked.msp AND s.account = asked.account AND s.product = asked.product
        AND s.source = asked.source AND s.measured_at = (
            SELECT t.measured_at FROM sample t
            WHERE t.msp = asked.msp AND t.account = asked.account AND t.product = asked.product
                AND t.source = asked.source AND t.measured_at < asked.since
            ORDER BY t.measured_at DESC LIMIT 1)";
