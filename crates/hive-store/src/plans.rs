//! Plans: stored as they were made, read back as they were stored.

use crate::Store;
use crate::db::{Row, Tx, args, digest};
use crate::error::{Result, refused, unreadable};
use hive_core::plan::{MirrorRef, Plan, Settle, Settling};
use hive_core::{AdditionId, MspId, PlanId, Quantity};

pub(crate) mod rows;

use rows::{change_from_row, change_to_row, create_from_row, create_to_row, line_from_row, line_to_row};

/// Plans that are kept beside those that runs name.
pub const PLANS_KEPT: i64 = 50;

const LINES: &str = "INSERT INTO plan_line (msp, plan, account, product, account_name, product_name, company,
    company_name, agreement, agreement_name, addition, now_value, next_value, part, money_month, currency, mark, live,
    issues, trace)";
const CHANGES: &str = "INSERT INTO plan_change (msp, plan, addition, agreement, item, from_value, to_value, lines,
    products, live, holds, countable, money_month, currency)";
const CREATES: &str = "INSERT INTO plan_create (msp, plan, agreement, company, item, quantity, lines, products, live,
    holds, countable, money_month, currency)";

impl Store {
    /// Stores a plan and remembers the values it saw. A plan with the same id and words as one that
    /// is stored only becomes the newest again, with its new time.
    pub async fn save_plan(&self, msp: MspId, plan: &Plan) -> Result<()> {
        if plan.msp != msp {
            return Err(refused(format!("the plan is MSP {}'s, not MSP {msp}'s", plan.msp)));
        }
        let mut tx = self.db.write(msp).await?;
        let connection = tx.connection_id(msp).await?;
        let Plan { id, lines, changes, creates, .. } = plan;
        let line_rows = || lines.iter().map(|line| line_to_row(msp, id, line));
        let change_rows = || changes.iter().map(|change| change_to_row(msp, id, change));
        let create_rows = || creates.iter().map(|create| create_to_row(msp, id, create));
        let content: Vec<String> =
            line_rows().chain(change_rows()).chain(create_rows()).map(|row| digest(&row)).collect();
        let content = content.join("");
        let content = digest(&args![content]);
        let sql = "SELECT digest FROM plan WHERE msp = $1 AND id = $2";
        let before: Option<String> = tx.one(sql, args![msp, id], |row| row.take()).await?;
        tx.put_head(msp, connection, plan, &content).await?;
        if before.as_ref() != Some(&content) {
            tx.run("DELETE FROM plan_line WHERE msp = $1 AND plan = $2", args![msp, id]).await?;
            tx.run("DELETE FROM plan_change WHERE msp = $1 AND plan = $2", args![msp, id]).await?;
            tx.run("DELETE FROM plan_create WHERE msp = $1 AND plan = $2", args![msp, id]).await?;
            tx.put_many(LINES, "", line_rows()).await?;
            tx.put_many(CHANGES, "", change_rows()).await?;
            tx.put_many(CREATES, "", create_rows()).await?;
        }
        tx.settle(msp, connection, &plan.settle, plan.made_at).await?;
        tx.forget_plans(msp).await?;
        tx.commit().await
    }

    /// The plan last stored for the present connection.
    pub async fn newest_plan(&self, msp: MspId) -> Result<Option<Plan>> {
        let mut tx = self.db.read().await?;
        let connection = tx.connection_id(msp).await?;
        let sql = "SELECT id FROM plan WHERE msp = $1 AND connection = $2 ORDER BY seq DESC LIMIT 1";
        match tx.one(sql, args![msp, connection], |row| row.take()).await? {
            Some(id) => tx.plan(msp, &id).await,
            None => Ok(None),
        }
    }

    /// The id of [`Store::newest_plan`], without its lines.
    pub async fn newest_plan_id(&self, msp: MspId) -> Result<Option<PlanId>> {
        let mut tx = self.db.read().await?;
        let connection = tx.connection_id(msp).await?;
        let sql = "SELECT id FROM plan WHERE msp = $1 AND connection = $2 ORDER BY seq DESC LIMIT 1";
        tx.one(sql, args![msp, connection], |row| row.take()).await
    }

    /// The plan of an id, as it was stored last.
    pub async fn plan(&self, msp: MspId, id: &PlanId) -> Result<Option<Plan>> {
        self.db.read().await?.plan(msp, id).await
    }
}

impl Tx {
    async fn put_head(&mut self, msp: MspId, connection: i64, plan: &Plan, content: &str) -> Result<()> {
        let Plan {
            id,
            msp: _,
            msp_name,
            mirror,
            made_at,
            today,
            samples_through,
            lines: _,
            changes: _,
            creates: _,
            ignored,
            excluded,
            settle,
        } = plan;
        let seq = self.next(msp, "plan", 1).await?;
        let sql = "INSERT INTO plan (msp, id, seq, connection, msp_name, mirror, pulled_at, made_at, today,
            samples_through, ignored, settle, digest, excluded)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            ON CONFLICT (msp, id) DO UPDATE SET seq = excluded.seq, connection = excluded.connection,
            msp_name = excluded.msp_name, mirror = excluded.mirror, pulled_at = excluded.pulled_at,
            made_at = excluded.made_at, today = excluded.today, samples_through = excluded.samples_through,
            ignored = excluded.ignored, settle = excluded.settle, digest = excluded.digest,
            excluded = excluded.excluded";
        let ignored = i64::try_from(*ignored).unwrap_or(i64::MAX);
        let excluded = i64::try_from(*excluded).unwrap_or(i64::MAX);
        let (mirror, pulled_at) = mirror.as_ref().map(|mirror| (mirror.id, mirror.pulled_at)).unzip();
        let values = args![
            msp,
            id,
            seq,
            connection,
            msp_name,
            mirror,
            pulled_at,
            *made_at,
            *today,
            *samples_through,
            ignored,
            settle_to_row(settle),
            content,
            excluded
        ];
        self.run(sql, values).await?;
        Ok(())
    }

    async fn plan(&mut self, msp: MspId, id: &PlanId) -> Result<Option<Plan>> {
        let sql = "SELECT id, msp, msp_name, mirror, pulled_at, made_at, today, samples_through, ignored, settle,
            excluded FROM plan WHERE msp = $1 AND id = $2";
        let head = |row: &mut Row<'_>| {
            Ok(Plan {
                id: row.take()?,
                msp: row.take()?,
                msp_name: row.take()?,
                mirror: row.maybe()?.zip(row.maybe()?).map(|(id, pulled_at)| MirrorRef { id, pulled_at }),
                made_at: row.take()?,
                today: row.take()?,
                samples_through: row.take()?,
                ignored: usize::try_from(row.take::<i64>()?).unwrap_or_default(),
                settle: settle_from_row(row.text()?.unwrap_or_default())?,
                excluded: usize::try_from(row.take::<i64>()?).unwrap_or_default(),
                lines: Vec::new(),
                changes: Vec::new(),
                creates: Vec::new(),
            })
        };
        let Some(mut plan) = self.one(sql, args![msp, id], head).await? else { return Ok(None) };
        let sql = "SELECT account, product, account_name, product_name, company, company_name, agreement,
            agreement_name, addition, now_value, next_value, part, money_month, currency, mark, live, issues, trace
            FROM plan_line WHERE msp = $1 AND plan = $2 ORDER BY account, product";
        plan.lines = self.all(sql, args![msp, id], line_from_row).await?;
        let sql = "SELECT addition, agreement, item, from_value, to_value, lines, products, live, holds, countable,
            money_month, currency FROM plan_change WHERE msp = $1 AND plan = $2 ORDER BY addition";
        plan.changes = self.all(sql, args![msp, id], change_from_row).await?;
        let sql = "SELECT agreement, company, item, quantity, lines, products, live, holds, countable, money_month,
            currency FROM plan_create WHERE msp = $1 AND plan = $2 ORDER BY agreement, item";
        plan.creates = self.all(sql, args![msp, id], create_from_row).await?;
        Ok(Some(plan))
    }

    /// Old plans go, unless a run names them.
    async fn forget_plans(&mut self, msp: MspId) -> Result<()> {
        let sql = "DELETE FROM plan WHERE msp = $1
            AND seq < (SELECT min(k.seq) FROM (SELECT seq FROM plan WHERE msp = $1 ORDER BY seq DESC LIMIT $2) k)
            AND id NOT IN (SELECT plan FROM run WHERE msp = $1 AND plan IS NOT NULL) RETURNING id";
        let gone: Vec<PlanId> = self.all(sql, args![msp, PLANS_KEPT], |row| row.take()).await?;
        for id in &gone {
            self.run("DELETE FROM plan_line WHERE msp = $1 AND plan = $2", args![msp, id]).await?;
            self.run("DELETE FROM plan_change WHERE msp = $1 AND plan = $2", args![msp, id]).await?;
            self.run("DELETE FROM plan_create WHERE msp = $1 AND plan = $2", args![msp, id]).await?;
        }
        Ok(())
    }
}

fn settle_to_row(settle: &[Settle]) -> String {
    let row = |Settle { addition, value, why }: &Settle| {
        let why = match why {
            Settling::SeenEqual => "seen_equal",
            Settling::FirstHeld => "first_held",
            Settling::Flipped => "flipped",
        };
        format!("{addition} {value} {why}")
    };
    settle.iter().map(row).collect::<Vec<_>>().join("\n")
}

fn settle_from_row(text: &str) -> Result<Vec<Settle>> {
    let read = |line: &str| {
        let mut words = line.split(' ');
        let addition = AdditionId(words.next()?.parse().ok()?);
        let value = Quantity::parse_json(words.next()?)?;
        let why = match words.next()? {
            "seen_equal" => Settling::SeenEqual,
            "first_held" => Settling::FirstHeld,
            "flipped" => Settling::Flipped,
            _ => return None,
        };
        Some(Settle { addition, value, why })
    };
    text.lines().map(|line| read(line).ok_or_else(|| unreadable("what a plan settles", line))).collect()
}
