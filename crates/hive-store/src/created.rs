//! The journal of creations: the intent before an addition is created, its outcome after.
//!
//! **Owns:** [`Store::make_create_intent`], the only caller of `DurableIntent::after_create_commit`;
//! that an outcome, its audit row, the standing of what was created, the report and the mirror's row
//! are one transaction.
//! **Limits on purpose:** one intent for an item on an agreement in one run; none while an older one
//! is open.

use crate::Store;
use crate::audit::Entry;
use crate::db::{Row, Tx, args};
use crate::error::{Result, StoreError, refused};
use crate::intents::LineIds;
use crate::lease::{Lease, RunState};
use crate::report::ReportLine;
use hive_core::allow::ReleasedCreate;
use hive_core::outcome::{CreateIntent, Created, DurableIntent, Outcome};
use hive_core::{AdditionId, AgreementId, IntentId, ItemId, LineId, MspId, PlanId, Quantity, RunId, Timestamp};

/// An intent to create whose outcome is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCreate {
    pub intent: CreateIntent,
    pub lines: Vec<LineId>,
    /// The last moment at which its run may have sent the request.
    pub may_send_until: Timestamp,
}

/// An addition that a run created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedByRun {
    /// `None` where it could not be told from others.
    pub addition: Option<AdditionId>,
    pub agreement: AgreementId,
    pub item: ItemId,
    pub quantity: Quantity,
    pub lines: Vec<LineId>,
}

/// An intent with what else its outcome needs to know.
struct Stored {
    intent: CreateIntent,
    lines: Vec<LineId>,
    connection: i64,
    plan: PlanId,
    state: RunState,
}

fn intent(row: &mut Row<'_>) -> Result<CreateIntent> {
    Ok(CreateIntent {
        id: row.take()?,
        run: row.take()?,
        agreement: row.take()?,
        item: row.take()?,
        quantity: row.take()?,
        fence: row.take()?,
        who: row.take()?,
        made_at: row.take()?,
    })
}

impl Store {
    /// Stores durably what is about to be created. Nothing may be sent without what this returns.
    pub async fn make_create_intent(
        &self,
        lease: &Lease,
        released: &ReleasedCreate,
        plan: &PlanId,
        at: Timestamp,
    ) -> Result<DurableIntent> {
        if !lease.is_fresh(at) {
            return Err(refused("the lease was not confirmed for half of its time; nothing is sent"));
        }
        let (msp, connection) = (lease.msp, lease.connection);
        let mut tx = self.db.write_facts(msp).await?;
        tx.check_connection(lease).await?;
        let (agreement, item) = (released.agreement(), released.item());
        let sql = "SELECT id FROM create_intent WHERE msp = $1 AND connection = $2 AND agreement = $3 AND item = $4
            AND (open = 1 OR run = $5) ORDER BY id LIMIT 1";
        let values = args![msp, connection, agreement, item, lease.run];
        let before: Option<IntentId> = tx.one(sql, values, |row| row.take()).await?;
        if let Some(before) = before {
            return Err(refused(format!(
                "the addition of item {item} on agreement {agreement} was to be created already (intent {before}); that must be looked up before another is sent"
            )));
        }
        let intent = CreateIntent {
            id: IntentId(tx.next(msp, "intent", 1).await?),
            run: lease.run,
            agreement,
            item,
            quantity: released.quantity(),
            fence: lease.fence,
            who: released.approved_by().to_owned(),
            made_at: at,
        };
        let CreateIntent { id, run, agreement, item, quantity, fence, who, made_at } = &intent;
        let sql = "INSERT INTO create_intent (msp, id, run, plan, connection, agreement, item, quantity, lines, fence,
            who, made_at, open) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1)";
        let values = args![
            msp,
            *id,
            *run,
            plan,
            connection,
            *agreement,
            *item,
            *quantity,
            released.lines(),
            *fence,
            who,
            *made_at
        ];
        tx.run(sql, values).await?;
        tx.set_run_plan(lease, plan).await?;
        tx.commit().await?;
        Ok(DurableIntent::after_create_commit(&intent))
    }

    /// Stores what became of an intent to create, once. Only an unknown outcome takes a second one,
    /// from a later run that looked it up; it stays in the report of the run that made the intent.
    pub async fn record_created(&self, lease: &Lease, id: IntentId, created: &Created, at: Timestamp) -> Result<()> {
        let msp = lease.msp;
        let mut tx = self.db.write_facts(msp).await?;
        tx.check_fence(lease).await?;
        let stored = tx.stored_create(msp, id).await?;
        tx.put_create_outcome(lease, &stored, created, at).await?;
        let Created { written, addition, rows } = created;
        if stored.connection == tx.connection_id(msp).await? {
            for row in rows {
                tx.mirror_row_seen(msp, row).await?;
            }
        }
        if let Some(addition) = addition.filter(|_| written.outcome.wrote()) {
            let left = written.found.unwrap_or(stored.intent.quantity);
            let mut standing = tx.standing(msp, stored.connection, addition).await?;
            (standing.settled, standing.pushed) = (Some(left), Some(left));
            tx.put_standing(msp, stored.connection, &standing, Some(at)).await?;
        }
        let line = |line: &LineId| ReportLine {
            line: *line,
            account: String::new(),
            product: String::new(),
            addition: *addition,
            from: None,
            to: Some(stored.intent.quantity),
            found: written.found,
            outcome: written.outcome,
            message: written.message.clone(),
        };
        let lines: Vec<ReportLine> = stored.lines.iter().map(line).collect();
        tx.put_report_lines(msp, stored.intent.run, &lines).await?;
        if stored.state != RunState::Running {
            tx.recount(msp, stored.intent.run).await?;
        }
        tx.commit().await
    }

    /// Intents to create without an outcome, and unknown ones that no later run has looked up.
    pub async fn open_creates(&self, msp: MspId) -> Result<Vec<OpenCreate>> {
        let sql = "SELECT i.id, i.run, i.agreement, i.item, i.quantity, i.fence, i.who, i.made_at, i.lines, o.at,
            coalesce(r.ended_at, r.expires_at)
            FROM create_intent i JOIN run r ON r.msp = i.msp AND r.id = i.run
            LEFT JOIN create_outcome o ON o.msp = i.msp AND o.intent = i.id AND o.nth = 1
            WHERE i.msp = $1 AND i.connection = $2 AND i.open = 1 ORDER BY i.id";
        let read = |row: &mut Row<'_>| {
            let (intent, lines) = (intent(row)?, row.take::<LineIds>()?.0);
            let learnt: Option<Timestamp> = row.maybe()?;
            let run_over: Timestamp = row.take()?;
            let may_send_until = learnt.unwrap_or(run_over.max(intent.made_at));
            Ok(OpenCreate { intent, lines, may_send_until })
        };
        let mut tx = self.db.read().await?;
        let connection = tx.connection_id(msp).await?;
        tx.all(sql, args![msp, connection], read).await
    }

    /// What a run created: an undo names it and leaves it alone.
    pub async fn created(&self, msp: MspId, run: RunId) -> Result<Vec<CreatedByRun>> {
        let sql = "SELECT o.addition, i.agreement, i.item, i.quantity, i.lines
            FROM create_intent i JOIN create_outcome o ON o.msp = i.msp AND o.intent = i.id
            WHERE i.msp = $1 AND i.run = $2 AND i.connection = $3 AND o.outcome IN ('pushed', 'confirmed', 'alarm')
            ORDER BY i.id";
        let read = |row: &mut Row<'_>| {
            Ok(CreatedByRun {
                addition: row.maybe()?,
                agreement: row.take()?,
                item: row.take()?,
                quantity: row.take()?,
                lines: row.take::<LineIds>()?.0,
            })
        };
        let mut tx = self.db.read().await?;
        let connection = tx.connection_id(msp).await?;
        tx.all(sql, args![msp, run, connection], read).await
    }
}

impl Tx {
    async fn stored_create(&mut self, msp: MspId, id: IntentId) -> Result<Stored> {
        let sql = "SELECT i.id, i.run, i.agreement, i.item, i.quantity, i.fence, i.who, i.made_at, i.lines,
            i.connection, i.plan, r.state
            FROM create_intent i JOIN run r ON r.msp = i.msp AND r.id = i.run WHERE i.msp = $1 AND i.id = $2";
        let read = |row: &mut Row<'_>| {
            Ok(Stored {
                intent: intent(row)?,
                lines: row.take::<LineIds>()?.0,
                connection: row.take()?,
                plan: row.take()?,
                state: row.take()?,
            })
        };
        let stored = self.one(sql, args![msp, id], read).await?;
        stored.ok_or_else(|| StoreError::NotFound(format!("there is no intent {id} to create")))
    }

    async fn put_create_outcome(
        &mut self,
        lease: &Lease,
        stored: &Stored,
        created: &Created,
        at: Timestamp,
    ) -> Result<()> {
        let Stored { intent, lines: _, connection: _, plan, state: _ } = stored;
        let sql = "SELECT nth, outcome FROM create_outcome WHERE msp = $1 AND intent = $2 ORDER BY nth DESC LIMIT 1";
        let read = |row: &mut Row<'_>| Ok((row.take()?, row.take()?));
        let before: Option<(i64, Outcome)> = self.one(sql, args![lease.msp, intent.id], read).await?;
        let nth = match before {
            None => 1,
            Some((1, Outcome::Unknown)) if lease.run != intent.run => 2,
            Some(_) => return Err(StoreError::Twice(intent.id.0)),
        };
        let Created { written, addition, rows: _ } = created;
        let sql = "INSERT INTO create_outcome (msp, intent, nth, outcome, addition, found, message, run, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let (outcome, message) = (written.outcome, written.message.as_ref());
        let values = args![lease.msp, intent.id, nth, outcome.name(), *addition, written.found, message, lease.run, at];
        self.run(sql, values).await?;
        if nth == 2 || outcome != Outcome::Unknown {
            let sql = "UPDATE create_intent SET open = 0 WHERE msp = $1 AND id = $2";
            self.run(sql, args![lease.msp, intent.id]).await?;
        }
        let subject = format!(
            "update {} plan {plan} intent {} agreement {} item {}",
            intent.run, intent.id, intent.agreement, intent.item
        );
        let new = addition.map_or(String::new(), |addition| format!(", addition {addition}"));
        let found = written.found.map_or(String::new(), |found| format!(", found {found}"));
        let words = message.map_or(String::new(), |message| format!(": {message}"));
        let after = format!("{} at {}{new}{found}, approved by {}{words}", outcome.name(), intent.quantity, intent.who);
        let what = if nth == 1 { "addition.create" } else { "addition.look_up" };
        self.note(lease.msp, &intent.who, at, Entry::new(what, subject, None, Some(after))).await
    }

    /// Lines of intents to create of a crashed run whose outcome is still open.
    pub(crate) async fn close_open_creates(&mut self, msp: MspId, run: RunId, words: &str) -> Result<()> {
        let sql = "SELECT quantity, lines FROM create_intent WHERE msp = $1 AND run = $2 AND open = 1";
        let read = |row: &mut Row<'_>| Ok((row.take::<Quantity>()?, row.take::<LineIds>()?.0));
        let mut lines = Vec::new();
        for (quantity, of) in self.all(sql, args![msp, run], read).await? {
            lines.extend(of.into_iter().map(|line| ReportLine {
                line,
                account: String::new(),
                product: String::new(),
                addition: None,
                from: None,
                to: Some(quantity),
                found: None,
                outcome: Outcome::Unknown,
                message: Some(words.to_owned()),
            }));
        }
        self.put_report_lines(msp, run, &lines).await
    }
}
