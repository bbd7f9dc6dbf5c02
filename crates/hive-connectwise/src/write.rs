//! The safe write: the only function of Hive that sends a PATCH. Design, section 5.
//!
//! **Owns:** the re-read before, the PATCH, what each answer means, the read-back after a doubt.
//! **Does not own:** what may be written (`allow`), the durable intent (`hive-store`).
//! **Limits on purpose:** at most two PATCHes that could have landed per intent, the second only
//! after a re-read showed that the first did not and no longer can; throttled and moved ones
//! (429, 404) certainly did not.

use crate::client::{Client, addition_path};
use crate::guard::RunGuard;
use crate::http::{Answer, Ask, Lost};
use crate::trouble::Trouble;
use crate::wire;
use hive_core::allow::Released;
use hive_core::mirror::{Addition, Agreement};
use hive_core::outcome::{DurableIntent, Outcome, Written};
use hive_core::when::stamp;
use hive_core::{Date, Quantity, TimeZone};
use jiff::Zoned;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

pub(crate) mod answer;

use answer::Sent;

/// PATCHes that may have landed, per intent.
const DOUBTS_MAX: u32 = 2;
/// How long after an answered error the re-read waits: the request is over, only the server needs
/// a breath.
pub(crate) const BREATH: Duration = Duration::from_millis(500);

impl Client {
    /// Writes one released change, at most once, and says what certainly became of it.
    ///
    /// `today` is the day on which the addition and its agreement must still bill, by the MSP's clock.
    pub async fn write(&self, change: Released, intent: DurableIntent, today: &Zoned, run: &RunGuard) -> Written {
        let (today, zone) = (today.date(), today.time_zone().clone());
        let write = Write { client: self, change, intent, today, zone, run, doubts: 0, renewed: false };
        write.settle().await
    }
}

/// One write on its way.
struct Write<'a> {
    client: &'a Client,
    change: Released,
    intent: DurableIntent,
    today: Date,
    zone: TimeZone,
    run: &'a RunGuard,
    /// PATCHes of which it is not known whether they landed.
    doubts: u32,
    /// The codebase moved once already.
    renewed: bool,
}

impl Write<'_> {
    async fn settle(mut self) -> Written {
        let (from, to) = (self.change.from(), self.change.to());
        if !self.intent.is_for(self.change.agreement(), self.change.addition(), from, to) {
            return said(Outcome::NotSent, "the stored intent is not the record of this write; nothing was sent");
        }
        loop {
            match self.run.while_allowed(self.check()).await {
                Ok(Ok(())) => {}
                Ok(Err(settled)) => return settled,
                Err(why) => return self.stopped(why),
            }
            if DOUBTS_MAX <= self.doubts {
                let message = format!(
                    "sent twice without a usable answer, and it still holds {from}; the next run looks it up first"
                );
                return Written { found: Some(from), ..said(Outcome::Unknown, message) };
            }
            let sent = match self.send().await {
                Ok(Some(sent)) => sent,
                Ok(None) => continue,
                Err(settled) => return settled,
            };
            if let Some(written) = self.weigh(sent).await {
                return written;
            }
        }
    }

    /// Reads addition and agreement anew: `Ok` if the addition is still a target that holds
    /// `from`, otherwise what that means for this write.
    async fn check(&self) -> Result<(), Written> {
        let (agreement_id, addition_id) = (self.change.agreement(), self.change.addition());
        let read = self.client.addition(agreement_id, addition_id, self.run.deadline()).await;
        let addition = match read {
            Ok(Some(addition)) => addition,
            Ok(None) => {
                let why = format!("addition {addition_id} of agreement {agreement_id} is not there any more (404)");
                return Err(self.unless_doubt(Outcome::NotATarget, &why));
            }
            Err(trouble) => return Err(self.unread(&trouble).await),
        };
        let found = self.compare(&addition);
        // Whether an earlier PATCH landed is the first question; then it does not matter any more
        // whether the agreement is still a target.
        if let Some(written) = found.as_ref().filter(|_| self.doubts > 0) {
            return Err(written.clone());
        }
        let agreement = match self.run.agreement(self.client, agreement_id).await {
            Ok(agreement) => agreement,
            Err(trouble) => return Err(Written { found: addition.quantity, ..self.not_sent(&trouble).await }),
        };
        let Some(agreement) = agreement else {
            let why = format!("agreement {agreement_id} is not there any more (404)");
            return Err(said(Outcome::NotATarget, why));
        };
        if let Some(why) = self.not_a_target(&addition, &agreement) {
            return Err(Written { found: addition.quantity, ..said(Outcome::NotATarget, why) });
        }
        found.map_or(Ok(()), Err)
    }

    /// Why it is not to be written at all.
    fn not_a_target(&self, addition: &Addition, agreement: &Agreement) -> Option<String> {
        if addition.agreement != self.change.agreement() {
            return Some(format!("addition {} now belongs to agreement {}", addition.id, addition.agreement));
        }
        if addition.item != self.change.item() {
            let (id, now, planned) = (addition.id, addition.item, self.change.item());
            return Some(format!("addition {id} is now of item {now}, not of item {planned} as planned"));
        }
        // What starts later is a target of a plan made for the next invoice; what is over is none.
        let starts = |day: Option<Date>| day.map_or(self.today, |day| day.max(self.today));
        agreement.rejected_on(starts(agreement.start)).or_else(|| addition.rejected_on(starts(addition.effective)))
    }

    /// `None` if it holds `from`; otherwise what the value found means.
    fn compare(&self, addition: &Addition) -> Option<Written> {
        let (from, to) = (self.change.from(), self.change.to());
        let Some(quantity) = addition.quantity else {
            return Some(self.unless_doubt(
                Outcome::NotSent,
                &format!("addition {} was read again, but its quantity is missing or no number", addition.id),
            ));
        };
        let found_by = found_by(addition, &self.zone);
        let written = |outcome, message: Option<String>| Written {
            outcome,
            found: Some(quantity),
            found_by: found_by.clone(),
            message,
            stop_run: None,
        };
        if quantity == to && self.doubts > 0 {
            let message = format!("the answer to the write was lost or unclear; read back, it holds {to}");
            return Some(written(Outcome::Confirmed, Some(message)));
        }
        if quantity == to {
            return Some(written(Outcome::AlreadyRight, None));
        }
        if quantity == from {
            return None;
        }
        let by = found_by.as_ref().map_or(String::new(), |by| format!(" (set by {by})"));
        let tail = if self.doubts > 0 { "after a write whose answer was lost" } else { "nothing was written" };
        let message = format!("it holds {quantity}{by}, not {from} as planned; {tail}");
        Some(written(Outcome::Drifted, Some(message)))
    }

    /// Sends the PATCH. `Ok(None)`: what was read has become old while waiting; check again.
    async fn send(&self) -> Result<Option<Sent>, Written> {
        let (agreement, addition, to) = (self.change.agreement(), self.change.addition(), self.change.to());
        let path = addition_path(agreement, addition);
        let line = &self.client.line;
        let deadline = self.run.deadline();
        let body = body(to);
        let ask = Ask::Patch(&body);
        let ready = async { Ok((line.current_base(deadline).await?, line.enter(ask, &path, deadline).await?)) };
        let (base, permit) = match self.run.while_allowed(ready).await {
            Ok(Ok(ready)) => ready,
            Ok(Err(trouble)) => return Err(self.not_sent(&trouble).await),
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
        tracing::debug!(host = line.host, %addition, %to, status = result.as_ref().ok().map(|a| a.status), "sent");
        Ok(Some(self.sent(&path, base, sent_at, result)))
    }

    /// What an answer means; `None`: check again, and send again if the check says so.
    async fn weigh(&mut self, sent: Sent) -> Option<Written> {
        if !matches!(sent, Sent::Forbidden(_)) {
            self.run.was_not_forbidden();
        }
        match sent {
            Sent::Holds { quantity, by } => Some(self.holds(quantity, by)),
            Sent::Throttled => None,
            Sent::Gone { base, words } => self.gone(&base, &words).await,
            Sent::Converting(words) => Some(self.converting(words).await),
            Sent::Unauthorized(words) => {
                Some(Written { stop_run: Some(words.clone()), ..said(Outcome::Refused, words) })
            }
            Sent::Forbidden(words) => {
                let stop_run = self.run.was_forbidden(self.client).await;
                Some(Written { stop_run, ..said(Outcome::Refused, words) })
            }
            Sent::Refused(words) => Some(said(Outcome::Refused, words)),
            Sent::Unclear { may_land_until } => {
                self.doubts += 1;
                self.wait_out(may_land_until).await
            }
            Sent::NotAllowed(words) => Some(Written { stop_run: Some(words.clone()), ..said(Outcome::NotSent, words) }),
        }
    }

    fn holds(&self, quantity: Quantity, by: Option<String>) -> Written {
        let to = self.change.to();
        let written =
            Written { outcome: Outcome::Pushed, found: Some(quantity), found_by: by, message: None, stop_run: None };
        if quantity == to {
            return written;
        }
        let message = format!(
            "{to} was written, but ConnectWise kept {quantity}; look at addition {} there",
            self.change.addition()
        );
        Written { outcome: Outcome::Alarm, message: Some(message), ..written }
    }

    /// 404: the codebase may have moved; then it is sent once more, from the check on.
    async fn gone(&mut self, base: &crate::http::Base, words: &str) -> Option<Written> {
        let renewed = self.client.line.renewed_base(base, self.run.deadline());
        let renewed = match self.run.while_allowed(renewed).await {
            Ok(renewed) => renewed,
            Err(why) => return Some(self.without_leave(why)),
        };
        match renewed {
            Ok(Some(_)) if !self.renewed => {
                self.renewed = true;
                None
            }
            Ok(_) => Some(said(Outcome::NotATarget, words)),
            Err(trouble) => Some(self.not_sent(&trouble).await),
        }
    }

    /// ConnectWise could not read the body: never sent again, but looked at.
    async fn converting(&self, words: String) -> Written {
        sleep(BREATH).await;
        let (agreement, addition) = (self.change.agreement(), self.change.addition());
        let read = self.run.while_allowed(self.client.addition(agreement, addition, self.run.deadline())).await;
        let read = read.ok().and_then(Result::ok).flatten();
        let found = read.as_ref().and_then(|read| read.quantity);
        if found == Some(self.change.to()) {
            let message = format!("{words}; but read back, it holds {}", self.change.to());
            return Written { found, ..said(Outcome::Confirmed, message) };
        }
        Written {
            found,
            found_by: read.as_ref().and_then(|read| found_by(read, &self.zone)),
            ..said(Outcome::Refused, words)
        }
    }

    /// Waits until the request can no longer land; ends at once when the run loses its leave.
    async fn wait_out(&self, until: Instant) -> Option<Written> {
        self.run.while_allowed(self.landed(until)).await.unwrap_or_else(|why| Some(self.stopped(why)))
    }

    /// Only the value wanted is believed before the request can no longer land: any other could
    /// still be overwritten.
    async fn landed(&self, until: Instant) -> Option<Written> {
        sleep(BREATH).await;
        if until <= Instant::now() {
            return None;
        }
        let (agreement, addition) = (self.change.agreement(), self.change.addition());
        let early = self.client.addition(agreement, addition, self.run.deadline()).await;
        if let Ok(Some(addition)) = early
            && addition.quantity == Some(self.change.to())
        {
            return self.compare(&addition);
        }
        sleep_until(until).await;
        None
    }

    /// The run lost its leave while this write waited: not sent, or, after a doubt, unknown.
    fn stopped(&self, why: String) -> Written {
        let words = if self.doubts == 0 { format!("not sent: {why}") } else { why.clone() };
        let written = self.unless_doubt(Outcome::NotSent, &words);
        Written { stop_run: Some(why), ..written }
    }

    /// The same where it was read just now, and no earlier PATCH can land any more.
    fn without_leave(&self, why: String) -> Written {
        let written = said(Outcome::NotSent, format!("not sent: {why}"));
        Written { found: Some(self.change.from()), stop_run: Some(why), ..written }
    }

    /// The re-read failed: not sent, or, after a doubt, unknown.
    async fn unread(&self, trouble: &Trouble) -> Written {
        let stop_run = self.stops(trouble).await;
        Written { stop_run, ..self.unless_doubt(Outcome::NotSent, &trouble.to_string()) }
    }

    /// Something failed after the addition was read; unless said otherwise it holds `from`.
    async fn not_sent(&self, trouble: &Trouble) -> Written {
        let stop_run = self.stops(trouble).await;
        Written { found: Some(self.change.from()), stop_run, ..said(Outcome::NotSent, trouble.to_string()) }
    }

    /// Whether the other writes of the run would fail alike, and why.
    async fn stops(&self, trouble: &Trouble) -> Option<String> {
        match trouble {
            Trouble::Forbidden { .. } => self.run.was_forbidden(self.client).await,
            trouble => ends_the_run(trouble),
        }
    }

    /// `outcome`, unless an earlier PATCH may have landed: then nothing is certain.
    fn unless_doubt(&self, outcome: Outcome, why: &str) -> Written {
        if self.doubts == 0 {
            return said(outcome, why);
        }
        let message =
            format!("{} was sent and the answer lost, and it could not be read back: {why}", self.change.to());
        said(Outcome::Unknown, format!("{message}; the next run looks it up first"))
    }
}

/// Whether every other write of the run would fail alike, and why. A missing right is another matter.
pub(crate) fn ends_the_run(trouble: &Trouble) -> Option<String> {
    match trouble {
        Trouble::Unauthorized { .. }
        | Trouble::Company { .. }
        | Trouble::ClientId { .. }
        | Trouble::NotAllowed { .. }
        | Trouble::Deadline { .. }
        | Trouble::Throttled { .. } => Some(trouble.to_string()),
        Trouble::Forbidden { .. }
        | Trouble::Url { .. }
        | Trouble::Network { .. }
        | Trouble::BadAnswer { .. }
        | Trouble::CountMismatch { .. }
        | Trouble::NotFound { .. }
        | Trouble::Refused { .. }
        | Trouble::Unavailable { .. }
        | Trouble::Setup { .. } => None,
    }
}

/// The one form of PATCH that was seen to work: an array, a bare path, a JSON number.
fn body(to: Quantity) -> String {
    format!(r#"[{{"op":"replace","path":"quantity","value":{to}}}]"#)
}

pub(crate) fn said(outcome: Outcome, message: impl Into<String>) -> Written {
    Written { outcome, found: None, found_by: None, message: Some(message.into()), stop_run: None }
}

/// Who and when, for a sentence, as far as ConnectWise says so.
pub(crate) fn found_by(addition: &Addition, zone: &TimeZone) -> Option<String> {
    let when = addition.updated_at.map(|at| stamp(at, zone));
    match (&addition.updated_by, when) {
        (Some(by), Some(when)) => Some(format!("{by} on {when}")),
        (Some(by), None) => Some(by.clone()),
        (None, Some(when)) => Some(format!("somebody on {when}")),
        (None, None) => None,
    }
}
