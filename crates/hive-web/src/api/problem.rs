//! Errors as RFC 9457 has them: a status, a code for programs, words for whoever reads the log.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hive_desk::Refused;
use hive_store::StoreError;
use serde_json::{Value, json};
use std::any::Any;

/// Bad rows that are named one by one; the rest is counted. A program mends the first and sees the next.
const ERRORS_MAX: usize = 100;
/// Characters of one row's words: a name may have ten thousand.
const WORDS_MAX: usize = 500;

/// Why a request was not done.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<Value>,
    left_out: usize,
    header: Option<(&'static str, &'static str)>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Problem {
        Problem { status, code, detail: detail.into(), errors: Vec::new(), left_out: 0, header: None }
    }

    pub(super) fn with(mut self, name: &'static str, value: &'static str) -> Problem {
        self.header = Some((name, value));
        self
    }

    /// Bad samples: the place of each, its field, why. `batch`: they stand in a list.
    pub(super) fn of_rows(rows: Vec<(u64, Option<String>, String)>, batch: bool) -> Problem {
        let many = rows.len();
        let detail = format!("Nothing was taken, because of {many} bad field{}.", if many == 1 { "" } else { "s" });
        let mut problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "usage.bad_rows", detail);
        problem.left_out = many.saturating_sub(ERRORS_MAX);
        problem.errors = rows.into_iter().take(ERRORS_MAX).map(|row| error(row, batch)).collect();
        problem
    }
}

fn error((index, field, reason): (u64, Option<String>, String), batch: bool) -> Value {
    let mut pointer = if batch { format!("#/samples/{index}") } else { "#".to_owned() };
    if let Some(field) = &field {
        // RFC 6901: ~ and / stand for themselves in no name.
        pointer.push_str(&format!("/{}", cut(field).replace('~', "~0").replace('/', "~1")));
    }
    json!({ "index": index, "field": field.as_deref().map(cut), "detail": cut(&reason), "pointer": pointer })
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(WORDS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        Problem::from(Refused::from(error))
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Problem {
        let words = refused.to_string();
        match refused {
            Refused::Stopped(_) => Problem::new(StatusCode::CONFLICT, "api.stopped", words),
            Refused::WrongUsage(_) => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "api.wrong_usage", words),
            Refused::NotFound(_) => Problem::new(StatusCode::NOT_FOUND, "api.nothing_here", words),
            Refused::BadRows { rows, .. } => Problem::of_rows(rows, true),
            Refused::Broken(_) => {
                tracing::error!("the API could not reach the database: {words}");
                let words = "Hive cannot reach its data just now. Nothing was taken; send it again in a minute.";
                Problem::new(StatusCode::SERVICE_UNAVAILABLE, "api.unavailable", words).with("retry-after", "60")
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or_default(),
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.detail,
        });
        if !self.errors.is_empty() {
            body["errors"] = Value::Array(self.errors);
            body["errors_left_out"] = json!(self.left_out);
        }
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut answer = (self.status, kind, body.to_string()).into_response();
        if let Some((name, value)) = self.header {
            answer.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        answer
    }
}

/// What broke goes to the log, never to the caller.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over")]
pub(super) fn broke(panic: Box<dyn Any + Send + 'static>) -> Response {
    let words = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!("the API broke: {}", words.unwrap_or("no words"));
    let words = "Hive made a mistake. Send it again; if it stays so, tell who hosts Hive, with the time.";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "api.broke", words).into_response()
}
