//! What an answer means for a GET. By status first, then by code, then by text.

use super::{Answer, Ask, Line, Lost};
use crate::trouble::Trouble;
use crate::wire;

/// What to do next.
pub(crate) enum Verdict {
    /// 200: read it.
    Answer(Answer),
    /// 429: wait with everything else, then ask again.
    Throttled,
    /// Worth asking again.
    Again(Trouble),
    /// Asking again changes nothing.
    Final(Trouble),
}

/// Text with which ConnectWise answers a body it cannot read, as a 500.
pub(crate) const CONVERTING: &str = "error converting value";

impl Line {
    pub(super) fn judge(&self, ask: Ask<'_>, path: &str, result: Result<Answer, Lost>) -> Verdict {
        let answer = match result {
            Ok(answer) => answer,
            Err(Lost::TooBig) => {
                let what = "more than 64 MiB".to_owned();
                return Verdict::Final(Trouble::BadAnswer { place: self.place(path), what });
            }
            Err(Lost::NotPublic) => return Verdict::Final(Trouble::NotAllowed { host: self.host.clone() }),
            Err(Lost::Unsent { what, lasting: true }) => return Verdict::Final(self.network(what)),
            Err(Lost::Unsent { what, .. } | Lost::Silence { what }) => return Verdict::Again(self.network(what)),
        };
        match answer.status {
            200 => Verdict::Answer(answer),
            201..=299 => {
                let what = format!("status {} instead of 200", answer.status);
                Verdict::Again(Trouble::BadAnswer { place: self.place(path), what })
            }
            429 => Verdict::Throttled,
            408 | 500.. if !self.text(&answer).contains(CONVERTING) => Verdict::Again(Trouble::Unavailable {
                place: self.place(path),
                status: answer.status,
                words: self.said(&answer),
            }),
            _ => Verdict::Final(self.refusal(ask, path, &answer)),
        }
    }

    pub(crate) fn network(&self, what: String) -> Trouble {
        Trouble::Network { host: self.host.clone(), what }
    }

    /// The trouble behind an answer that is neither 200 nor worth asking again.
    pub(crate) fn refusal(&self, ask: Ask<'_>, path: &str, answer: &Answer) -> Trouble {
        let (host, words) = (self.host.clone(), self.said(answer));
        let text = self.text(answer);
        if text.contains("ssl is required") {
            let what = "\"SSL is required\": the API is served on https and, when hosted, on a name with api-";
            return Trouble::Url { host, what: what.to_owned() };
        }
        let status = answer.status;
        if matches!(status, 400 | 401 | 403) && text.contains("clientid") {
            return Trouble::ClientId { host, words };
        }
        match status {
            401 => Trouble::Unauthorized { host, words },
            403 => {
                let (module, function, action) = right(ask, path);
                Trouble::Forbidden { host, place: self.place(path), module, function, action, words }
            }
            404 => Trouble::NotFound { place: self.place(path), words },
            300..=399 => Trouble::Url { host, what: format!("a redirect ({status}), which is never followed") },
            _ => Trouble::Refused { place: self.place(path), status, words },
        }
    }

    /// `: ` and what ConnectWise said in its own shape; "" where it said nothing like it.
    pub(crate) fn said(&self, answer: &Answer) -> String {
        let failure = serde_json::from_slice::<wire::Failure<'_>>(&answer.body).ok();
        let words = failure.filter(wire::Failure::is_one).and_then(|failure| failure.words());
        words.and_then(|words| self.words_of(&words)).map_or(String::new(), |words| format!(": {words}"))
    }

    /// The body in small letters, as far as anything in it could matter.
    pub(crate) fn text(&self, answer: &Answer) -> String {
        let start = answer.body.get(..answer.body.len().min(8_192)).unwrap_or_default();
        String::from_utf8_lossy(start).to_lowercase()
    }
}

/// The right without which a path is forbidden, as ConnectWise's admins see it.
fn right(ask: Ask<'_>, path: &str) -> (&'static str, &'static str, &'static str) {
    let action = match ask {
        Ask::Patch(_) => "Edit",
        Ask::Post(_) => "Add",
        Ask::Record | Ask::Page | Ask::PageForward | Ask::CompanyInfo => "Inquire",
    };
    if path.starts_with("company/") {
        ("Companies", "Company Maintenance", action)
    } else if path.starts_with("procurement/") {
        ("Procurement", "Product Catalog", action)
    } else if path.starts_with("finance/") {
        ("Finance", "Agreements", action)
    } else {
        ("System", "My Security", action)
    }
}

/// Whether a body is a web page.
pub(crate) fn is_html(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'<')
}
