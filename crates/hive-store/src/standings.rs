//! What Hive remembers of each addition, per connection.

use crate::db::{Row, Take, Tx, args};
use crate::error::{Result, unreadable};
use hive_core::outcome::Outcome;
use hive_core::plan::{Answered, Failure, Locked, Settle, Settling, Standing, Undone};
use hive_core::{AdditionId, MspId, Quantity, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

impl Take for Outcome {
    fn take(row: &mut Row<'_>) -> Result<Option<Outcome>> {
        let read = |text| Outcome::parse(text).ok_or_else(|| unreadable("an outcome", text));
        row.text()?.map(read).transpose()
    }
}

fn standing(row: &mut Row<'_>) -> Result<Standing> {
    let (addition, settled, pushed) = (row.take()?, row.maybe()?, row.maybe()?);
    let minimum = (row.maybe()?, row.maybe::<String>()?);
    let locked = (row.maybe()?, row.maybe()?, row.maybe::<String>()?);
    let failure = (row.maybe()?, row.maybe::<String>()?, row.take()?);
    let (replaced, flips, flip_counted) = (row.maybe()?, row.take()?, row.take()?);
    let words = Option::unwrap_or_default;
    Ok(Standing {
        addition,
        settled,
        pushed,
        undone: Vec::new(),
        minimum: minimum.0.map(|value| Answered { value, who: words(minimum.1) }),
        locked: locked.0.zip(locked.1).map(|(value, until)| Locked { value, until, who: words(locked.2) }),
        open_intent: false,
        failure: failure.0.map(|outcome| Failure { outcome, words: words(failure.1), times: failure.2 }),
        replaced,
        flips,
        flip_counted,
    })
}

impl Tx {
    /// Every addition of the connection that anything is remembered of, by id.
    pub(crate) async fn standings(&mut self, msp: MspId, connection: i64) -> Result<Vec<Standing>> {
        let sql = "SELECT addition, settled, pushed, minimum, minimum_who, locked, locked_until,
            locked_who, failure, failure_words, failure_times, replaced, flips, flip_counted
            FROM standing WHERE msp = $1 AND connection = $2";
        let found = self.all(sql, args![msp, connection], standing).await?;
        let mut found: BTreeMap<AdditionId, Standing> = found.into_iter().map(|s| (s.addition, s)).collect();
        let sql = "SELECT addition FROM intent WHERE msp = $1 AND connection = $2 AND open = 1";
        let open: BTreeSet<AdditionId> =
            self.all(sql, args![msp, connection], |row| row.take()).await?.into_iter().collect();
        for addition in open {
            found.entry(addition).or_insert_with(|| Standing::new(addition)).open_intent = true;
        }
        for (addition, undone) in self.undone(msp, connection).await? {
            found.entry(addition).or_insert_with(|| Standing::new(addition)).undone.push(undone);
        }
        Ok(found.into_values().collect())
    }

    /// What people took back: every push that was undone and that no later push stands above.
    async fn undone(&mut self, msp: MspId, connection: i64) -> Result<Vec<(AdditionId, Undone)>> {
        let sql = "SELECT i.addition, i.to_value, o.outcome, o.found, i.undone_by, u.who FROM intent i
            JOIN outcome o ON o.msp = i.msp AND o.intent = i.id AND o.outcome IN ('pushed', 'confirmed', 'alarm')
            JOIN run u ON u.msp = i.msp AND u.id = i.undone_by
            JOIN run p ON p.msp = i.msp AND p.id = i.run AND p.kind = 'update'
            WHERE i.msp = $1 AND i.connection = $2 AND NOT EXISTS (
                SELECT 1 FROM intent later
                JOIN run r ON r.msp = later.msp AND r.id = later.run AND r.kind = 'update'
                JOIN outcome lo ON lo.msp = later.msp AND lo.intent = later.id
                    AND lo.outcome IN ('pushed', 'confirmed', 'alarm')
                WHERE later.msp = i.msp AND later.connection = i.connection AND later.addition = i.addition
                    AND later.id > i.id AND later.undone_by IS NULL)
            ORDER BY i.addition, i.id";
        let read = |row: &mut Row<'_>| {
            let (addition, to): (AdditionId, Quantity) = (row.take()?, row.take()?);
            let (outcome, found): (Outcome, Option<Quantity>) = (row.take()?, row.maybe()?);
            let value = crate::intents::left(outcome, to, found);
            Ok((addition, Undone { value, run: row.take()?, who: row.take()? }))
        };
        self.all(sql, args![msp, connection], read).await
    }

    /// One addition's, without its open intents and what was undone.
    pub(crate) async fn standing(&mut self, msp: MspId, connection: i64, addition: AdditionId) -> Result<Standing> {
        let sql = "SELECT addition, settled, pushed, minimum, minimum_who, locked, locked_until,
            locked_who, failure, failure_words, failure_times, replaced, flips, flip_counted
            FROM standing WHERE msp = $1 AND connection = $2 AND addition = $3";
        let found = self.one(sql, args![msp, connection, addition], standing).await?;
        Ok(found.unwrap_or_else(|| Standing::new(addition)))
    }

    /// Stores all of it; `settled_at` where this settles it.
    pub(crate) async fn put_standing(
        &mut self,
        msp: MspId,
        connection: i64,
        standing: &Standing,
        settled_at: Option<Timestamp>,
    ) -> Result<()> {
        // What was undone is told by the intents.
        let Standing {
            addition,
            settled,
            pushed,
            undone: _,
            minimum,
            locked,
            open_intent: _,
            failure,
            replaced,
            flips,
            flip_counted,
        } = standing;
        let sql = "INSERT INTO standing (msp, connection, addition, settled, settled_at, pushed, minimum, minimum_who, locked, locked_until, locked_who, failure, failure_words, failure_times, replaced, flips, flip_counted)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
            ON CONFLICT (msp, connection, addition) DO UPDATE SET settled = excluded.settled,
            settled_at = coalesce(excluded.settled_at, standing.settled_at), pushed = excluded.pushed,
            minimum = excluded.minimum, minimum_who = excluded.minimum_who, locked = excluded.locked,
            locked_until = excluded.locked_until, locked_who = excluded.locked_who, failure = excluded.failure,
            failure_words = excluded.failure_words, failure_times = excluded.failure_times,
            replaced = excluded.replaced, flips = excluded.flips, flip_counted = excluded.flip_counted";
        let (minimum, locked, failure) = (minimum.as_ref(), locked.as_ref(), failure.as_ref());
        let values = args![
            msp,
            connection,
            *addition,
            *settled,
            settled_at,
            *pushed,
            minimum.map(|m| m.value),
            minimum.map(|m| &m.who),
            locked.map(|l| l.value),
            locked.map(|l| l.until),
            locked.map(|l| &l.who),
            failure.map(|f| f.outcome.name()),
            failure.map(|f| &f.words),
            failure.map_or(0, |f| f.times),
            *replaced,
            *flips,
            *flip_counted
        ];
        self.run(sql, values).await?;
        Ok(())
    }

    /// Remembers what a plan saw, unless something newer than that plan was settled meanwhile.
    pub(crate) async fn settle(
        &mut self,
        msp: MspId,
        connection: i64,
        settle: &[Settle],
        made_at: Timestamp,
    ) -> Result<()> {
        let insert = "INSERT INTO standing (msp, connection, addition, settled, settled_at, failure_times)";
        let of = |why: Settling| {
            let of_it = settle.iter().filter(|settle| settle.why == why);
            let values: BTreeMap<AdditionId, Quantity> = of_it.map(|settle| (settle.addition, settle.value)).collect();
            values.into_iter().map(move |(addition, value)| args![msp, connection, addition, value, made_at, 0])
        };
        let seen_equal = "ON CONFLICT (msp, connection, addition) DO UPDATE SET settled = excluded.settled,
            settled_at = excluded.settled_at
            WHERE standing.settled IS DISTINCT FROM excluded.settled
                AND (standing.settled_at IS NULL OR standing.settled_at <= excluded.settled_at)";
        self.put_many(insert, seen_equal, of(Settling::SeenEqual)).await?;
        let first_held = "ON CONFLICT (msp, connection, addition) DO UPDATE SET settled = excluded.settled,
            settled_at = excluded.settled_at WHERE standing.settled IS NULL";
        self.put_many(insert, first_held, of(Settling::FirstHeld)).await?;
        for flip in settle.iter().filter(|settle| settle.why == Settling::Flipped) {
            let sql = "UPDATE standing SET flips = flips + 1, flip_counted = 1
                WHERE msp = $1 AND connection = $2 AND addition = $3 AND flip_counted = 0 AND replaced = $4
                    AND (settled_at IS NULL OR settled_at <= $5)";
            self.run(sql, args![msp, connection, flip.addition, flip.value, made_at]).await?;
        }
        Ok(())
    }
}
