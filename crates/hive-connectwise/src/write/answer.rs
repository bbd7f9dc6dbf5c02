//! What the answer to a PATCH says, before anything is concluded from it.

use super::{Addition, Answer, Ask, Instant, Lost, Quantity, Trouble, Write, found_by, wire};
use crate::http::{Base, CONVERTING};
use std::sync::Arc;

/// The rows of the answer table.
pub(super) enum Sent {
    /// 200, and this record with a quantity.
    Holds {
        quantity: Quantity,
        by: Option<String>,
    },
    /// 429: certainly not applied.
    Throttled,
    /// 404.
    Gone {
        base: Arc<Base>,
        words: String,
    },
    /// 500 "Error converting value".
    Converting(String),
    Unauthorized(String),
    Forbidden(String),
    /// 409 and other 4xx.
    Refused(String),
    /// Anything else: it may have landed, or still land until then.
    Unclear {
        may_land_until: Instant,
    },
    /// The address is not one to connect to; nothing was sent.
    NotAllowed(String),
}

impl Write<'_> {
    pub(super) fn sent(&self, path: &str, base: Arc<Base>, sent_at: Instant, result: Result<Answer, Lost>) -> Sent {
        let line = &self.client.line;
        let landing = sent_at + line.landing();
        let now = Instant::now();
        let answer = match result {
            Ok(answer) => answer,
            Err(Lost::NotPublic) => {
                return Sent::NotAllowed(Trouble::NotAllowed { host: line.host.clone() }.to_string());
            }
            // No connection was made, or an answer came: nothing can land any more, yet what landed is
            // not known.
            Err(Lost::Unsent { .. } | Lost::TooBig) => return Sent::Unclear { may_land_until: now },
            Err(Lost::Silence { .. }) => return Sent::Unclear { may_land_until: landing },
        };
        let ask = Ask::Patch("");
        match answer.status {
            200 => match self.record(&answer) {
                Some(record) => match record.quantity {
                    Some(quantity) => Sent::Holds { quantity, by: found_by(&record, &self.zone) },
                    None => Sent::Unclear { may_land_until: now },
                },
                None => Sent::Unclear { may_land_until: now },
            },
            429 => Sent::Throttled,
            500 if line.text(&answer).contains(CONVERTING) => {
                Sent::Converting(format!("ConnectWise could not read the value (500){}", line.said(&answer)))
            }
            // A gateway gave up waiting: what stands behind it may not have.
            // "Accepted" and a redirect mean that somebody else, or later, may still carry it out.
            202 | 300..=399 | 408 | 504 => Sent::Unclear { may_land_until: landing },
            400..=499 if !is_json(&answer) && !answer.body.trim_ascii().is_empty() => {
                Sent::Unclear { may_land_until: now }
            }
            400..=499 => match line.refusal(ask, path, &answer) {
                trouble @ Trouble::NotFound { .. } => Sent::Gone { base, words: trouble.to_string() },
                trouble @ (Trouble::Unauthorized { .. } | Trouble::ClientId { .. }) => {
                    Sent::Unauthorized(trouble.to_string())
                }
                trouble @ Trouble::Forbidden { .. } => Sent::Forbidden(trouble.to_string()),
                trouble => Sent::Refused(trouble.to_string()),
            },
            _ => Sent::Unclear { may_land_until: now },
        }
    }

    /// The record in the answer, if it is this one.
    fn record(&self, answer: &Answer) -> Option<Addition> {
        let row: wire::Addition<'_> = serde_json::from_slice(&answer.body).ok()?;
        let row = row.read(self.change.agreement(), self.client.line.now()).ok()?;
        (row.id == self.change.addition() && row.agreement == self.change.agreement()).then_some(row)
    }
}

pub(crate) fn is_json(answer: &Answer) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(&answer.body).is_ok()
}
