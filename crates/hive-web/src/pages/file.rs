//! Downloads: the desk's views as CSV, XLSX and JSON, the same bytes as the command line's.

use crate::Fault;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use hive_desk::Refused;
use hive_desk::csv::Csv;
use serde::Serialize;

/// What a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Csv,
    Xlsx,
    Json,
}

impl Kind {
    /// The kind that a file's name ends with, and the name before it.
    pub(super) fn of(file: &str) -> Option<(&str, Kind)> {
        let (name, end) = file.rsplit_once('.')?;
        let kind = [("csv", Kind::Csv), ("xlsx", Kind::Xlsx), ("json", Kind::Json)];
        kind.into_iter().find(|(known, _)| *known == end).map(|(_, kind)| (name, kind))
    }

    fn words(self) -> &'static str {
        match self {
            Kind::Csv => "text/csv; charset=utf-8",
            Kind::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Kind::Json => "application/json",
        }
    }
}

/// A view as a file. Blocking: a large one is work for a thread of its own.
pub(super) fn bytes(kind: Kind, view: &impl Serialize, columns: Csv<'_>) -> Result<Vec<u8>, Refused> {
    let broken = |error: &dyn std::fmt::Display| Refused::Broken(format!("the file could not be made: {error}"));
    match kind {
        Kind::Csv => Ok(columns.of(view)?.into_bytes()),
        Kind::Json => serde_json::to_vec_pretty(view).map_err(|error| broken(&error)),
        Kind::Xlsx => hive_desk::xlsx::of(view, columns, "Hive"),
    }
}

/// The answer that a browser saves under this name.
pub(super) fn answer(kind: Kind, name: &str, body: impl Into<Body>) -> Result<Response, Fault> {
    let mut answer = ([(header::CONTENT_TYPE, kind.words())], body.into()).into_response();
    let value = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let value = value.map_err(|_| Refused::Broken("the file has no name that a browser takes".to_owned()))?;
    answer.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_it_is() {
        assert_eq!(Kind::of("run-7.csv"), Some(("run-7", Kind::Csv)));
        assert_eq!(Kind::of("run-7.exe"), None);
    }
}
