//! `GET /api/v1/openapi.json`: what the API has, for programs that write clients.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use hive_core::import::ROWS_MAX;
use hive_store::REMEMBERED_HOURS;
use serde_json::{Value, json};
use std::sync::LazyLock;

static DOCUMENT: LazyLock<String> = LazyLock::new(|| document().to_string());

pub(super) async fn answer() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response()
}

fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Hive",
            "version": "1",
            "description": "A token belongs to one MSP, so no address names one. An admin makes it under People.",
        },
        "security": [{ "token": [] }],
        "paths": {
            "/api/v1/usage": { "post": post_usage() },
            "/api/v1/openapi.json": { "get": {
                "operationId": "getOpenApi", "summary": "This document.", "security": [],
                "responses": { "200": { "description": "OpenAPI 3.1", "content": { "application/json": {} } } },
            } },
        },
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer", "description": "hive_…" } },
            "schemas": { "Sample": sample(), "Batch": batch(), "Imported": imported(), "Problem": problem() },
        },
    })
}

fn post_usage() -> Value {
    let problem = |words: &str| {
        let schema = json!({ "$ref": "#/components/schemas/Problem" });
        json!({ "description": words, "content": { "application/problem+json": { "schema": schema } } })
    };
    let either = json!([{ "$ref": "#/components/schemas/Sample" }, { "$ref": "#/components/schemas/Batch" }]);
    let key_words = format!(
        "The same key with the same body is answered as the first time, for {REMEMBERED_HOURS} hours; with another \
         body it is refused. A request that was refused keeps no key."
    );
    json!({
        "operationId": "postUsage",
        "summary": "Take measured usage: one sample or a batch, all of it or nothing.",
        "description": "The rules are those of usage.csv. A sample is known by source, account, product and \
            measured_at: an equal one is nothing, another quantity is a correction. Without a source the token's \
            name is the source. Needs the right usage or all.",
        "parameters": [{
            "name": "Idempotency-Key", "in": "header", "required": false, "description": key_words,
            "schema": { "type": "string", "minLength": 1, "maxLength": 200 },
        }],
        "requestBody": { "required": true, "content": { "application/json": { "schema": { "oneOf": either } } } },
        "responses": {
            "200": { "description": "Taken.", "content": { "application/json": {
                "schema": { "$ref": "#/components/schemas/Imported" } } } },
            "400": problem("No JSON, or the body was cut off."),
            "401": problem("Without a token, or with one that opens nothing."),
            "403": problem("The token is not for this, or it travelled without https."),
            "413": problem("Too many bytes or samples."),
            "415": problem("Not application/json."),
            "422": problem("Bad samples, each named by index and field; or a key that was used for another body."),
            "429": problem("Too many wrong tokens from this address."),
            "503": problem("The database does not answer just now."),
        },
    })
}

fn sample() -> Value {
    let text = |words: &str| json!({ "type": ["string", "null"], "description": words });
    let id = json!({ "type": ["string", "integer", "null"] });
    let figure = json!({
        "description": "At most 18 digits in all and 6 after the point, kept exactly.",
        "oneOf": [{ "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?$" }, { "type": "number", "minimum": 0 }],
    });
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["account", "product", "quantity", "unit", "measured_at"],
        "properties": {
            "account": { "type": "string" },
            "product": { "type": "string" },
            "quantity": figure,
            "unit": { "type": "string", "description": "GB, TB, user …" },
            "measured_at": { "type": "string", "format": "date-time" },
            "quota": { "description": "None: the quota stays.", "anyOf": [figure, { "type": "null" }] },
            "quota_unit": text("The quantity's own where there is none."),
            "account_id": id,
            "product_id": id,
            "class": text("billable, trial, nfr, internal, or the vendor's word"),
            "source": text("Only beside one sample that is posted alone."),
        },
    })
}

fn batch() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["samples"],
        "properties": {
            "source": { "type": ["string", "null"] },
            "complete": { "type": "boolean", "description": "This batch lists everyone." },
            "samples": {
                "type": "array", "maxItems": ROWS_MAX, "items": { "$ref": "#/components/schemas/Sample" },
            },
        },
    })
}

fn imported() -> Value {
    let count = json!({ "type": "integer", "minimum": 0 });
    let text = json!({ "type": "string" });
    let renamed = json!({ "type": "object", "properties": { "before": text, "after": text } });
    json!({
        "type": "object",
        "properties": {
            "source": text, "rows": count, "samples_new": count, "samples_equal": count,
            "samples_corrected": count, "accounts_new": count, "products_new": count, "quotas_set": count,
            "renamed": { "type": "array", "items": renamed }, "dry_run": { "type": "boolean" },
        },
    })
}

fn problem() -> Value {
    json!({
        "type": "object",
        "description": "RFC 9457",
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "code": { "type": "string", "description": "For programs: token.unknown, usage.bad_rows …" },
            "detail": { "type": "string", "description": "For whoever reads the log." },
            "errors": { "type": "array", "items": { "type": "object", "properties": {
                "index": { "type": "integer", "description": "The sample's place, the first being 0." },
                "field": { "type": ["string", "null"] },
                "detail": { "type": "string" },
                "pointer": { "type": "string" },
            } } },
            "errors_left_out": { "type": "integer" },
        },
    })
}
