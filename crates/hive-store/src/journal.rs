//! The journal of writes: the intent before a write, its outcome after.
//!
//! **Owns:** [`Store::make_intent`], the only caller of `DurableIntent::after_commit`; that an
//! outcome, its audit row, the standing, the report and the mirror's row are one transaction.
//! **Limits on purpose:** one intent for an addition in one run; none while an older one is open.

use crate::Store;
use crate::audit::Entry;
use crate::db::{Row, Tx, args};
use crate::error::{Result, StoreError, refused};
use crate::intents::{intent, left};
use crate::lease::{Lease, RunKind, RunState};
use crate::report::ReportLine;
use hive_core::allow::Released;
use hive_core::outcome::{DurableIntent, Intent, Outcome, Written};
use hive_core::plan::Failure;
use hive_core::{IntentId, LineId, MspId, PlanId, Quantity, RunId, Timestamp};

/// An intent with what else its outcome needs to know.
struct Stored {
    intent: Intent,
    connection: i64,
    plan: PlanId,
    approved_by: Option<String>,
    kind: RunKind,
    state: RunState,
}

impl Store {
    /// Stores durably what is about to be written. Nothing may be sent without what this returns.
    pub async fn make_intent(
        &self,
        lease: &Lease,
        released: &Released,
        plan: &PlanId,
        who: &str,
        at: Timestamp,
    ) -> Result<DurableIntent> {
        if !lease.is_fresh(at) {
            return Err(refused("the lease was not confirmed for half of its time; nothing is sent"));
        }
        let msp = lease.msp;
        let mut tx = self.db.write_facts(msp).await?;
        tx.check_connection(lease).await?;
        let connection = lease.connection;
        let addition = released.addition();
        let sql =
            "SELECT id FROM intent WHERE msp = $1 AND connection = $2 AND addition = $3 AND (open = 1 OR run = $4)
            ORDER BY id LIMIT 1";
        let before: Option<IntentId> =
            tx.one(sql, args![msp, connection, addition, lease.run], |row| row.take()).await?;
        if let Some(before) = before {
            return Err(refused(format!(
                "addition {addition} has a write (intent {before}) that must be looked up before another is sent"
            )));
        }
        let intent = Intent {
            id: IntentId(tx.next(msp, "intent", 1).await?),
            run: lease.run,
            agreement: released.agreement(),
            addition,
            from: released.from(),
            to: released.to(),
            fence: lease.fence,
            who: who.to_owned(),
            made_at: at,
        };
        let Intent { id, run, agreement, addition, from, to, fence, who, made_at } = &intent;
        let sql = "INSERT INTO intent (msp, id, run, plan, connection, agreement, addition, item, from_value, to_value,
            lines, fence, who, approved_by, made_at, open)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1)";
        let values = args![
            msp,
            *id,
            *run,
            plan,
            connection,
            *agreement,
            *addition,
            released.item(),
            *from,
            *to,
            released.lines(),
            *fence,
            who,
            released.approved_by(),
            *made_at
        ];
        tx.run(sql, values).await?;
        tx.set_run_plan(lease, plan).await?;
        tx.commit().await?;
        Ok(DurableIntent::after_commit(&intent))
    }

    /// Stores what became of an intent, once. Only an unknown outcome takes a second one, from a
    /// later run that looked it up; it stays in the report of the run that made the intent.
    pub async fn record_outcome(
        &self,
        lease: &Lease,
        id: IntentId,
        written: &Written,
        to: Quantity,
        lines: &[LineId],
        at: Timestamp,
    ) -> Result<()> {
        let msp = lease.msp;
        let mut tx = self.db.write_facts(msp).await?;
        tx.check_fence(lease).await?;
        let stored = tx.stored_intent(msp, id).await?;
        if stored.intent.to != to {
            return Err(refused(format!("intent {id} was to write {}, not {to}", stored.intent.to)));
        }
        tx.put_outcome(lease, &stored, written, at).await?;
        tx.put_standing_after(msp, &stored, lease.run, written, at).await?;
        if let Some(value) = value_last_read(written, to)
            && stored.connection == tx.connection_id(msp).await?
        {
            let by = written.found_by.as_deref();
            tx.mirror_row_read(msp, stored.intent.addition, value, by, at).await?;
        }
        let line = |line: &LineId| ReportLine {
            line: *line,
            account: String::new(),
            product: String::new(),
            addition: Some(stored.intent.addition),
            from: Some(stored.intent.from),
            to: Some(to),
            found: written.found,
            outcome: written.outcome,
            message: written.message.clone(),
        };
        let lines: Vec<ReportLine> = lines.iter().map(line).collect();
        tx.put_report_lines(msp, stored.intent.run, &lines).await?;
        if stored.state != RunState::Running {
            tx.recount(msp, stored.intent.run).await?;
        }
        tx.commit().await
    }
}

/// What ConnectWise held when Hive last looked, as far as the outcome tells.
fn value_last_read(written: &Written, to: Quantity) -> Option<Quantity> {
    match written.outcome {
        Outcome::Pushed | Outcome::Confirmed | Outcome::AlreadyRight => Some(written.found.unwrap_or(to)),
        _ => written.found,
    }
}

impl Tx {
    async fn stored_intent(&mut self, msp: MspId, id: IntentId) -> Result<Stored> {
        let sql = "SELECT i.id, i.run, i.agreement, i.addition, i.from_value, i.to_value, i.fence, i.who, i.made_at,
            i.connection, i.plan, i.approved_by, r.kind, r.state
            FROM intent i JOIN run r ON r.msp = i.msp AND r.id = i.run WHERE i.msp = $1 AND i.id = $2";
        let read = |row: &mut Row<'_>| {
            Ok(Stored {
                intent: intent(row)?,
                connection: row.take()?,
                plan: row.take()?,
                approved_by: row.maybe()?,
                kind: row.take()?,
                state: row.take()?,
            })
        };
        let stored = self.one(sql, args![msp, id], read).await?;
        stored.ok_or_else(|| StoreError::NotFound(format!("there is no intent {id}")))
    }

    async fn put_outcome(&mut self, lease: &Lease, stored: &Stored, written: &Written, at: Timestamp) -> Result<()> {
        let Stored { intent, connection: _, plan, approved_by, kind, state: _ } = stored;
        let sql = "SELECT nth, outcome FROM outcome WHERE msp = $1 AND intent = $2 ORDER BY nth DESC LIMIT 1";
        let read = |row: &mut Row<'_>| Ok((row.take()?, row.take()?));
        let before: Option<(i64, Outcome)> = self.one(sql, args![lease.msp, intent.id], read).await?;
        let nth = match before {
            None => 1,
            Some((1, Outcome::Unknown)) if lease.run != intent.run => 2,
            Some(_) => return Err(StoreError::Twice(intent.id.0)),
        };
        let Written { outcome, found, found_by, message, stop_run: _ } = written;
        let sql = "INSERT INTO outcome (msp, intent, nth, outcome, found, found_by, message, run, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let values = args![
            lease.msp,
            intent.id,
            nth,
            outcome.name(),
            *found,
            found_by.as_ref(),
            message.as_ref(),
            lease.run,
            at
        ];
        self.run(sql, values).await?;
        if nth == 2 || *outcome != Outcome::Unknown {
            let sql = "UPDATE intent SET open = 0 WHERE msp = $1 AND id = $2";
            self.run(sql, args![lease.msp, intent.id]).await?;
        }
        let subject = format!(
            "{} {} plan {plan} intent {} agreement {} addition {}",
            kind.name(),
            intent.run,
            intent.id,
            intent.agreement,
            intent.addition
        );
        let found = found.map_or(String::new(), |found| format!(", found {found}"));
        let approved = approved_by.as_ref().map_or(String::new(), |who| format!(", approved by {who}"));
        let words = message.as_ref().map_or(String::new(), |message| format!(": {message}"));
        let after = format!("{} to {}{found}{approved}{words}", outcome.name(), intent.to);
        let what = if nth == 1 { "quantity.write" } else { "quantity.look_up" };
        let entry = Entry::new(what, subject, Some(intent.from.to_string()), Some(after));
        self.note(lease.msp, &intent.who, at, entry).await
    }

    /// What the outcome tells of the addition from now on.
    async fn put_standing_after(
        &mut self,
        msp: MspId,
        stored: &Stored,
        run: RunId,
        written: &Written,
        at: Timestamp,
    ) -> Result<()> {
        let Stored { intent, connection, kind, .. } = stored;
        let mut standing = self.standing(msp, *connection, intent.addition).await?;
        let mut settled_at = Some(at);
        let failed = |times: i64| {
            let words = written.message.clone().unwrap_or_default();
            Some(Failure { outcome: written.outcome, words, times })
        };
        let times = standing.failure.as_ref().map_or(1, |failure| failure.times + 1);
        match written.outcome {
            Outcome::Pushed | Outcome::Confirmed | Outcome::AlreadyRight => {
                standing.settled = Some(intent.to);
                standing.failure = None;
            }
            Outcome::Alarm => {
                standing.settled = written.found.or(standing.settled);
                standing.failure = failed(times);
            }
            _ => {
                settled_at = None;
                standing.failure = failed(times);
            }
        }
        let done = written.outcome.wrote() || written.outcome == Outcome::AlreadyRight;
        match kind {
            RunKind::Undo if done => {
                standing.pushed = self.pushed_after_undo(msp, stored, run).await?;
                standing.replaced = None;
            }
            RunKind::Update if written.outcome.wrote() => {
                standing.pushed = Some(left(written.outcome, intent.to, written.found));
                (standing.replaced, standing.flip_counted) = (Some(intent.from), false);
            }
            RunKind::Sync | RunKind::Update | RunKind::Undo => {}
        }
        self.put_standing(msp, *connection, &standing, settled_at).await
    }

    /// Marks the push that an undo took back, and says which push stands now. An undo that takes back
    /// an undo lets the push stand again; one that finds nothing of its own to take back marks nothing.
    async fn pushed_after_undo(&mut self, msp: MspId, stored: &Stored, run: RunId) -> Result<Option<Quantity>> {
        let Stored { intent, connection, .. } = stored;
        let sql = "SELECT i.id, i.to_value, o.outcome, o.found, i.undone_by FROM intent i
            JOIN run r ON r.msp = i.msp AND r.id = i.run
            JOIN outcome o ON o.msp = i.msp AND o.intent = i.id
            WHERE i.msp = $1 AND i.connection = $2 AND i.addition = $3 AND r.kind = 'update'
                AND o.outcome IN ('pushed', 'confirmed', 'alarm')
            ORDER BY i.id DESC";
        let read = |row: &mut Row<'_>| {
            let (id, to): (IntentId, Quantity) = (row.take()?, row.take()?);
            let (outcome, found): (Outcome, Option<Quantity>) = (row.take()?, row.maybe()?);
            Ok((id, left(outcome, to, found), row.maybe::<RunId>()?))
        };
        let mut pushes = self.all(sql, args![msp, *connection, intent.addition], read).await?;
        let taken = pushes.iter().position(|(_, value, undone)| undone.is_none() && *value == intent.from);
        let again = pushes.iter().position(|(_, value, undone)| undone.is_some() && *value == intent.to);
        if let Some(place) = taken.or(again) {
            let push = &mut pushes[place];
            let undo = std::mem::replace(&mut push.2, taken.map(|_| run));
            let sql = "UPDATE intent SET undone_by = $3 WHERE msp = $1 AND id = $2";
            self.run(sql, args![msp, push.0, push.2]).await?;
            if let Some(undo) = undo {
                // The undo that had taken it back is itself taken back.
                let sql = "UPDATE intent SET undone_by = $4 WHERE msp = $1 AND run = $2 AND addition = $3";
                self.run(sql, args![msp, undo, intent.addition, run]).await?;
            }
        }
        Ok(pushes.iter().find(|(_, _, undone)| undone.is_none()).map(|(_, value, _)| *value))
    }
}
