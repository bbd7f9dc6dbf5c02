//! The bodies ConnectWise refuses with.
//!
//! **Owns:** status, code, words and errors of every refusal; pretty-printed JSON with CRLF.
//! **Does not own:** when to refuse.

use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

fn refusal(status: u16, code: &str, message: &str) -> Refusal {
    Refusal { status, body: json!({ "code": code, "message": message, "errors": null }) }
}

/// A 400 about one field of an addition.
pub(crate) fn invalid_addition(code: &str, message: &str, field: &str) -> Refusal {
    let error = json!({ "code": code, "message": message, "resource": "addition", "field": field });
    let body = json!({ "code": "InvalidObject", "message": "addition object is invalid", "errors": [error] });
    Refusal { status: 400, body }
}

pub(crate) fn starts_too_early() -> Refusal {
    let words = "effectiveDate cannot be less than the agreement billing start date";
    invalid_addition("InvalidObject", words, "effectiveDate")
}

pub(crate) fn already_invoiced() -> Refusal {
    let words = "Since this period has already been invoiced there will not be an invoice generated for additional \
                 products for this period. Please prorate the agreement or update the start date to on or after the \
                 Next Invoice Date.";
    invalid_addition("InvalidObject", words, "effectiveDate")
}

pub(crate) fn unknown_member(name: &str) -> Refusal {
    refusal(400, "InvalidObject", &format!("Could not find member '{name}' on object of type 'Addition'."))
}

pub(crate) fn bad_request(message: &str) -> Refusal {
    refusal(400, "InvalidObject", message)
}

pub(crate) fn condition(message: &str) -> Refusal {
    refusal(400, "ApiFindCondition", message)
}

pub(crate) fn not_recognized(name: &str) -> Refusal {
    condition(&format!("{name} is not a recognized name."))
}

pub(crate) fn cannot_convert(value: &str, kind: &str) -> Refusal {
    refusal(500, "ConnectWiseApi", &format!("Error converting value {value} to type '{kind}'."))
}

pub(crate) fn not_authenticated() -> Refusal {
    refusal(401, "ConnectWiseApi", "UserNotAuthenticated")
}

pub(crate) fn wrong_keys() -> Refusal {
    refusal(401, "Unauthorized", "The supplied authentication is incorrect")
}

/// *Guess*: only the status is known, from one self-hosted system.
pub(crate) fn client_id_missing() -> Refusal {
    refusal(403, "Security", "Missing clientId header.")
}

/// *Guess*: reported as a 400 with "clientId" in the error.
pub(crate) fn client_id_unknown() -> Refusal {
    refusal(400, "InvalidObject", "The clientId supplied is not a registered clientId.")
}

pub(crate) fn forbidden() -> Refusal {
    refusal(403, "Security", "You do not have security permission to perform this action.")
}

/// *Guess*: only the status is documented.
pub(crate) fn not_found(what: &str, id: &str) -> Refusal {
    refusal(404, "NotFound", &format!("{what} {id} not found"))
}

pub(crate) fn no_endpoint() -> Refusal {
    refusal(404, "ConnectWiseApi", "The endpoint does not exist.")
}

pub(crate) fn no_method() -> Refusal {
    refusal(405, "ConnectWiseApi", "The method is not supported by this endpoint.")
}

pub(crate) fn conflict() -> Refusal {
    refusal(409, "ConnectWiseApi", "Record possibly in use or another conflict")
}

pub(crate) fn request_timeout() -> Refusal {
    refusal(408, "ConnectWiseApi", "The request timed out.")
}

pub(crate) fn server_timeout() -> Refusal {
    refusal(500, "ConnectWiseApi", "A timeout has occured")
}

pub(crate) fn server_error() -> Refusal {
    refusal(500, "ConnectWiseApi", "An error has occurred.")
}

/// The one error of another shape.
pub(crate) fn too_many(seconds: &str) -> Refusal {
    let message = format!("Too many requests. Please try again in {seconds} seconds.");
    Refusal { status: 429, body: json!({ "error": "ConnectWiseAPI", "message": message }) }
}

/// As ConnectWise prints it: indented, with CRLF.
pub(crate) fn print(body: &Value) -> Vec<u8> {
    let text = serde_json::to_string_pretty(body).unwrap_or_default();
    text.replace('\n', "\r\n").into_bytes()
}
