//! Creating an addition that is missing: the only function of Hive that sends a POST.
//!
//! **Owns:** the re-read before, the POST, what each answer means, the look at the agreement after a
//! doubt.
//! **Does not own:** whether it may be created (`allow`), the durable intent (`hive-store`).
//! **Limits on purpose:** at most one POST that may have landed per intent: a second row would be
//! billed, so after a doubt the agreement is looked at and nothing is sent again. Only the item, the
//! quantity and that it is billable are sent; price, cost, tax, texts and dates are ConnectWise's.

use crate::client::Client;
use crate::guard::RunGuard;
use crate::http::{Answer, Ask, Base, Lost};
use crate::list::{List, Row};
use crate::rows::rows;
use crate::trouble::Trouble;
use crate::wire;
use crate::write::answer::is_json;
use crate::write::{BREATH, ends_the_run, found_by, said};
use hive_core::allow::ReleasedCreate;
use hive_core::mirror::Addition;
use hive_core::outcome::{Created, DurableIntent, Outcome, Written};
use hive_core::{AdditionId, AgreementId, ItemId, Quantity};
use jiff::Zoned;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// How long a look at an agreement after a crash may take.
const LOOK_MAX: Duration = Duration::from_secs(60 * 60);

impl Client {
    /// Creates one released addition, at most once, and says what certainly became of it.
    ///
    /// `today` is the day on which the agreement must bill and nothing of the item may.
    pub async fn create(
        &self,
        create: ReleasedCreate,
        intent: DurableIntent,
        today: &Zoned,
        run: &RunGuard,
    ) -> Created {
        Creating { client: self, create, intent, today, run, renewed: false }.settle().await
    }

    /// The additions of an item that an agreement has, whatever their dates; `None` where ConnectWise
    /// has no such agreement. Never fewer than there are: a row that cannot be read is an error.
    pub async fn additions_of_item(
        &self,
        agreement: AgreementId,
        item: ItemId,
    ) -> Result<Option<Vec<Addition>>, Trouble> {
        match self.rows_of_item(agreement, item, Instant::now() + LOOK_MAX).await {
            Ok(rows) => Ok(Some(rows)),
            Err(Trouble::NotFound { .. }) => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    /// The whole list, held against its count: a condition on `product/id` is filtered by the server,
    /// and one that it does not know would look like an agreement that lacks the item.
    async fn rows_of_item(
        &self,
        agreement: AgreementId,
        item: ItemId,
        deadline: Instant,
    ) -> Result<Vec<Addition>, Trouble> {
        let read = |body: &[u8]| {
            let read_at = self.line.now();
            rows(body, |row: &wire::Addition<'_>| -> Result<Row<Addition>, String> {
                row.read(agreement, read_at).map(|row| (row.id.0, Some(row)))
            })
        };
        let path = path_of(agreement);
        let list = List { path: &path, fields: wire::Addition::FIELDS, read: &read };
        let all = self.line.short_list(&list, 0, deadline).await?;
        Ok(all.into_iter().filter(|row| row.agreement == agreement && row.item == item).collect())
    }
}

fn path_of(agreement: AgreementId) -> String {
    format!("finance/agreements/{agreement}/additions")
}

/// One creation on its way.
struct Creating<'a> {
    client: &'a Client,
    create: ReleasedCreate,
    intent: DurableIntent,
    /// "Now" in the MSP's zone.
    today: &'a Zoned,
    run: &'a RunGuard,
    /// The codebase moved once already.
    renewed: bool,
}

/// What the answer to the POST says.
enum Sent {
    /// 200 or 201, and a new record of this item on this agreement.
    Made(Box<Addition>),
    /// 429: certainly not applied.
    Throttled,
    /// 404.
    Gone { base: Arc<Base>, words: String },
    /// ConnectWise said no.
    Refused { words: String, stop_run: Option<String> },
    /// Anything else: it may have landed, or still land until then.
    Unclear { may_land_until: Instant, said: String },
    /// The address is not one to connect to; nothing was sent.
    NotAllowed(String),
}

fn only(written: Written) -> Created {
    Created { written, addition: None, rows: Vec::new() }
}

impl Creating<'_> {
    async fn settle(mut self) -> Created {
        let (agreement, item, quantity) = (self.create.agreement(), self.create.item(), self.create.quantity());
        if !self.intent.is_for_create(agreement, item, quantity) {
            let words = "the stored intent is not the record of this creation; nothing was sent";
            return only(said(Outcome::NotSent, words));
        }
        loop {
            let before = match self.run.while_allowed(self.check()).await {
                Ok(Ok(before)) => before,
                Ok(Err(settled)) => return settled,
                Err(why) => return self.without_leave(why),
            };
            let sent = match self.send(&before).await {
                Ok(Some(sent)) => sent,
                Ok(None) => continue,
                Err(settled) => return settled,
            };
            match sent {
                Sent::Made(row) => return self.made(*row),
                Sent::Throttled => {}
                Sent::Gone { base, words } => {
                    if let Some(settled) = self.gone(&base, &words).await {
                        return settled;
                    }
                }
                Sent::Refused { words, stop_run } => {
                    return only(Written { stop_run, ..said(Outcome::Refused, words) });
                }
                Sent::Unclear { may_land_until, said } => return self.doubt(&before, may_land_until, &said).await,
                Sent::NotAllowed(words) => {
                    return only(Written { stop_run: Some(words.clone()), ..said(Outcome::NotSent, words) });
                }
            }
        }
    }

    /// Reads agreement and additions anew: the ids of the item's additions that are over, if the
    /// agreement still lacks one that bills; otherwise what that means for this creation.
    async fn check(&self) -> Result<BTreeSet<AdditionId>, Created> {
        let id = self.create.agreement();
        let agreement = match self.run.agreement(self.client, id).await {
            Ok(agreement) => agreement,
            Err(trouble) => return Err(self.not_sent(&trouble)),
        };
        let Some(agreement) = agreement else {
            return Err(only(said(Outcome::NotATarget, format!("agreement {id} is not there any more (404)"))));
        };
        if agreement.company != self.create.company() {
            let words = format!("agreement {agreement} is of company {} now", agreement.company);
            return Err(only(said(Outcome::NotATarget, words)));
        }
        if let Some(why) = agreement.rejected_on(self.today.date()) {
            return Err(only(said(Outcome::NotATarget, why)));
        }
        let rows = match self.client.rows_of_item(id, self.create.item(), self.run.deadline()).await {
            Ok(rows) => rows,
            Err(trouble) => return Err(self.not_sent(&trouble)),
        };
        // Ongoing or future: whatever is not over is billed, now or one day.
        let bills = rows.iter().find(|row| row.cancelled.is_none_or(|last| last >= self.today.date()));
        let Some(there) = bills else { return Ok(rows.iter().map(|row| row.id).collect()) };
        let at = there.quantity.map_or_else(|| "an unreadable quantity".to_owned(), |found| found.to_string());
        let by = found_by(there, self.today.time_zone());
        let who = by.as_ref().map_or(String::new(), |by| format!(" (set by {by})"));
        let words = format!("somebody added addition {} meanwhile at {at}{who}; nothing was created", there.id);
        let written = Written { found: there.quantity, found_by: by, ..said(Outcome::Drifted, words) };
        Err(Created { written, addition: None, rows })
    }

    /// Sends the POST. `Ok(None)`: what was read has become old while waiting; check again.
    async fn send(&self, before: &BTreeSet<AdditionId>) -> Result<Option<Sent>, Created> {
        let (agreement, item, quantity) = (self.create.agreement(), self.create.item(), self.create.quantity());
        let path = path_of(agreement);
        let line = &self.client.line;
        let deadline = self.run.deadline();
        let body = body(item, quantity);
        let ask = Ask::Post(&body);
        let ready = async { Ok((line.current_base(deadline).await?, line.enter(ask, &path, deadline).await?)) };
        let (base, permit) = match self.run.while_allowed(ready).await {
            Ok(Ok(ready)) => ready,
            Ok(Err(trouble)) => return Err(self.not_sent(&trouble)),
            Err(why) => return Err(self.without_leave(why)),
        };
        if permit.paused {
            return Ok(None);
        }
        if let Err(why) = self.run.may_send() {
            return Err(self.without_leave(why));
        }
        let sent_at = Instant::now();
        let result = line.exchange(ask, &base.url(&path)).await;
        line.note_pace(&permit, &result);
        drop(permit);
        tracing::debug!(host = line.host, %agreement, %item, %quantity, status = result.as_ref().ok().map(|a| a.status), "created");
        Ok(Some(self.sent(before, base, sent_at, result)))
    }

    fn sent(
        &self,
        before: &BTreeSet<AdditionId>,
        base: Arc<Base>,
        sent_at: Instant,
        result: Result<Answer, Lost>,
    ) -> Sent {
        let line = &self.client.line;
        let landing = sent_at + line.landing();
        let now = Instant::now();
        let lost = |may_land_until: Instant| Sent::Unclear { may_land_until, said: "was lost".to_owned() };
        let answer = match result {
            Ok(answer) => answer,
            Err(Lost::NotPublic) => {
                return Sent::NotAllowed(Trouble::NotAllowed { host: line.host.clone() }.to_string());
            }
            Err(Lost::Unsent { .. } | Lost::TooBig) => return lost(now),
            Err(Lost::Silence { .. }) => return lost(landing),
        };
        let unclear = |may_land_until: Instant| {
            let said = format!("was unclear (status {}{})", answer.status, line.said(&answer));
            Sent::Unclear { may_land_until, said }
        };
        match answer.status {
            200 | 201 => self.record(&answer, before).map_or_else(|| unclear(now), |row| Sent::Made(Box::new(row))),
            429 => Sent::Throttled,
            // Somebody else, or later, may still carry it out.
            202 | 300..=399 | 408 | 504 => unclear(landing),
            400..=499 if !is_json(&answer) && !answer.body.trim_ascii().is_empty() => unclear(now),
            400..=499 => match line.refusal(Ask::Post(""), &path_of(self.create.agreement()), &answer) {
                trouble @ Trouble::NotFound { .. } => Sent::Gone { base, words: trouble.to_string() },
                trouble => Sent::Refused { words: trouble.to_string(), stop_run: ends_the_run(&trouble) },
            },
            _ => unclear(now),
        }
    }

    /// The record in the answer, if it is a new one of this item on this agreement with a quantity.
    fn record(&self, answer: &Answer, before: &BTreeSet<AdditionId>) -> Option<Addition> {
        let row: wire::Addition<'_> = serde_json::from_slice(&answer.body).ok()?;
        let row = row.read(self.create.agreement(), self.client.line.now()).ok()?;
        let ours = (row.agreement, row.item) == (self.create.agreement(), self.create.item());
        (ours && row.quantity.is_some() && !before.contains(&row.id)).then_some(row)
    }

    fn made(&self, row: Addition) -> Created {
        let (wanted, id) = (self.create.quantity(), row.id);
        let pushed = Written {
            outcome: Outcome::Pushed,
            found: row.quantity,
            found_by: found_by(&row, self.today.time_zone()),
            message: Some(format!("created addition {id}")),
            stop_run: None,
        };
        let written = match row.quantity {
            Some(quantity) if quantity != wanted => Written {
                outcome: Outcome::Alarm,
                message: Some(format!(
                    "addition {id} was created with {wanted}, but ConnectWise kept {quantity}; look at it there"
                )),
                ..pushed
            },
            _ => pushed,
        };
        Created { written, addition: Some(id), rows: vec![row] }
    }

    /// 404: the codebase may have moved; then it is sent once more, from the check on.
    async fn gone(&mut self, base: &Base, words: &str) -> Option<Created> {
        let renewed = self.client.line.renewed_base(base, self.run.deadline());
        match self.run.while_allowed(renewed).await {
            Err(why) => Some(self.without_leave(why)),
            Ok(Ok(Some(_))) if !self.renewed => {
                self.renewed = true;
                None
            }
            Ok(Ok(_)) => Some(only(said(Outcome::NotATarget, words))),
            Ok(Err(trouble)) => Some(self.not_sent(&trouble)),
        }
    }

    /// It may have landed: looks at the agreement once it can no longer, and never sends it again.
    async fn doubt(&self, before: &BTreeSet<AdditionId>, until: Instant, answer: &str) -> Created {
        let unknown = |why: &str| {
            let words = format!(
                "the creation was sent, its answer {answer}, and the agreement could not be looked at: {why}; the next run looks it up first"
            );
            only(said(Outcome::Unknown, words))
        };
        let landed = async {
            sleep(BREATH).await;
            // One row as wanted is believed at once: nothing else could have made it, and nothing is sent again.
            if Instant::now() < until {
                let early = self.look(before, answer).await;
                if let Ok(created) = early
                    && created.written.outcome == Outcome::Confirmed
                {
                    return Ok(created);
                }
                sleep_until(until).await;
            }
            self.look(before, answer).await
        };
        match self.run.while_allowed(landed).await {
            Ok(Ok(created)) => created,
            Ok(Err(trouble)) => {
                let unknown = unknown(&trouble.to_string());
                let stop_run = ends_the_run(&trouble);
                Created { written: Written { stop_run, ..unknown.written }, ..unknown }
            }
            Err(why) => {
                let unknown = unknown(&why);
                Created { written: Written { stop_run: Some(why), ..unknown.written }, ..unknown }
            }
        }
    }

    async fn look(&self, before: &BTreeSet<AdditionId>, answer: &str) -> Result<Created, Trouble> {
        let rows = self.client.rows_of_item(self.create.agreement(), self.create.item(), self.run.deadline()).await?;
        let fresh: Vec<Addition> = rows.iter().filter(|row| !before.contains(&row.id)).cloned().collect();
        let why = format!("the answer to the creation {answer}, and it is not sent again in this run");
        Ok(Created::told_by(self.create.quantity(), &fresh, rows, &why))
    }

    /// Something failed before anything was sent.
    fn not_sent(&self, trouble: &Trouble) -> Created {
        only(Written { stop_run: ends_the_run(trouble), ..said(Outcome::NotSent, trouble.to_string()) })
    }

    /// The run lost its leave before anything was sent.
    fn without_leave(&self, why: String) -> Created {
        let written = said(Outcome::NotSent, format!("not sent: {why}"));
        only(Written { stop_run: Some(why), ..written })
    }
}

/// What a POST of an addition needs, and nothing else: the product by its id (its price, cost, tax and
/// texts come from the catalog), the quantity, and that it is billed. The first day is ConnectWise's.
fn body(item: ItemId, quantity: Quantity) -> String {
    format!(r#"{{"product":{{"id":{item}}},"quantity":{quantity},"billCustomer":"Billable"}}"#)
}
