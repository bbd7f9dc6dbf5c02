//! Intents: what was about to be written, what is still open of it, what a run wrote.

use crate::Store;
use crate::db::{Put, Row, Take, Tx, Value, args};
use crate::error::{Result, unreadable};
use crate::report::ReportLine;
use hive_core::allow::Done;
use hive_core::outcome::{Intent, Outcome};
use hive_core::{AdditionId, ItemId, LineId, MspId, PlanId, Quantity, RunId, Timestamp};

/// An intent whose outcome is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenIntent {
    pub intent: Intent,
    pub plan: PlanId,
    pub item: ItemId,
    pub lines: Vec<LineId>,
    /// Its run came to no answer; otherwise its run crashed.
    pub unknown: bool,
    /// The last moment at which its run may have sent the request: only a request's deadline after
    /// it can the write no longer land.
    pub may_send_until: Timestamp,
}

/// Line ids in one column.
pub(crate) struct LineIds(pub(crate) Vec<LineId>);

impl Put for &[LineId] {
    const NULL: Value = Value::Text(None);
    fn put(self) -> Value {
        self.iter().map(LineId::to_string).collect::<Vec<_>>().join(" ").put()
    }
}

impl Take for LineIds {
    fn take(row: &mut Row<'_>) -> Result<Option<LineIds>> {
        let read = |text| LineId::parse(text).ok_or_else(|| unreadable("a line's id", text));
        let lines = row.text()?.map(|text| text.split_whitespace().map(read).collect::<Result<_>>());
        Ok(lines.transpose()?.map(LineIds))
    }
}

pub(crate) fn intent(row: &mut Row<'_>) -> Result<Intent> {
    Ok(Intent {
        id: row.take()?,
        run: row.take()?,
        agreement: row.take()?,
        addition: row.take()?,
        from: row.take()?,
        to: row.take()?,
        fence: row.take()?,
        who: row.take()?,
        made_at: row.take()?,
    })
}

impl Tx {
    /// Lines of intents of a crashed run whose outcome is still open.
    pub(crate) async fn close_open_lines(&mut self, msp: MspId, run: RunId, words: &str) -> Result<()> {
        let sql = "SELECT addition, from_value, to_value, lines FROM intent WHERE msp = $1 AND run = $2 AND open = 1";
        let read = |row: &mut Row<'_>| {
            let addition: Option<AdditionId> = row.maybe()?;
            let (from, to): (Option<Quantity>, Option<Quantity>) = (row.maybe()?, row.maybe()?);
            Ok((addition, from, to, row.take::<LineIds>()?.0))
        };
        let mut lines = Vec::new();
        for (addition, from, to, of) in self.all(sql, args![msp, run], read).await? {
            lines.extend(of.into_iter().map(|line| ReportLine {
                line,
                account: String::new(),
                product: String::new(),
                addition,
                from,
                to,
                found: None,
                outcome: Outcome::Unknown,
                message: Some(words.to_owned()),
            }));
        }
        self.put_report_lines(msp, run, &lines).await
    }
}

impl Store {
    /// Intents without an outcome, and unknown ones that no later run has looked up. Those of the
    /// run that holds the lease now are among them while it works.
    pub async fn open_intents(&self, msp: MspId) -> Result<Vec<OpenIntent>> {
        let sql = "SELECT i.id, i.run, i.agreement, i.addition, i.from_value, i.to_value, i.fence, i.who, i.made_at,
            i.plan, i.item, i.lines, o.at, coalesce(r.ended_at, r.expires_at)
            FROM intent i JOIN run r ON r.msp = i.msp AND r.id = i.run
            LEFT JOIN outcome o ON o.msp = i.msp AND o.intent = i.id AND o.nth = 1
            WHERE i.msp = $1 AND i.connection = $2 AND i.open = 1 ORDER BY i.id";
        let read = |row: &mut Row<'_>| {
            let intent = intent(row)?;
            let (plan, item, lines) = (row.take()?, row.take()?, row.take::<LineIds>()?.0);
            let learnt: Option<Timestamp> = row.maybe()?;
            let run_over: Timestamp = row.take()?;
            let may_send_until = learnt.unwrap_or(run_over.max(intent.made_at));
            Ok(OpenIntent { intent, plan, item, lines, unknown: learnt.is_some(), may_send_until })
        };
        let mut tx = self.db.read().await?;
        let connection = tx.connection_id(msp).await?;
        tx.all(sql, args![msp, connection], read).await
    }

    /// What a run wrote and no undo took back, to turn it round.
    pub async fn done(&self, msp: MspId, run: RunId) -> Result<Vec<Done>> {
        let sql = "SELECT i.addition, i.agreement, i.item, i.from_value, i.to_value, i.lines, o.outcome, o.found
            FROM intent i JOIN outcome o ON o.msp = i.msp AND o.intent = i.id
            WHERE i.msp = $1 AND i.run = $2 AND i.connection = $3 AND i.undone_by IS NULL
                AND o.outcome IN ('pushed', 'confirmed', 'alarm')
            ORDER BY i.addition";
        let read = |row: &mut Row<'_>| {
            let (addition, agreement, item) = (row.take()?, row.take()?, row.take()?);
            let (found, to) = (row.take()?, row.take()?);
            let lines = row.take::<LineIds>()?.0;
            let (outcome, read_back): (Outcome, Option<Quantity>) = (row.take()?, row.maybe()?);
            Ok(Done { addition, agreement, item, found, wrote: left(outcome, to, read_back), lines })
        };
        let mut tx = self.db.read().await?;
        let connection = tx.connection_id(msp).await?;
        tx.all(sql, args![msp, run, connection], read).await
    }
}

/// The value that a write left in ConnectWise.
pub(crate) fn left(outcome: Outcome, to: Quantity, read_back: Option<Quantity>) -> Quantity {
    if outcome == Outcome::Alarm { read_back.unwrap_or(to) } else { to }
}
