//! The configuration as a file: download it, upload it, look at what differs, apply it.

use super::super::psa_sync::{Tab, frame};
use crate::part::{self, Column, Kind, ROWS_A_PAGE, Table};
use crate::{Answer, Do, Fault, Visitor, Web};
use axum::Form;
use axum::extract::{Multipart, State};
use axum::http::header;
use axum::response::IntoResponse;
use hive_desk::{ConfigDiff, Refused, files};
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

/// What stands in the words about bad entries where the file's own name is not at hand.
const FILE: &str = "configuration.toml";

pub(super) async fn download(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let text = web.desk.export(&visitor.msp).await?;
    let as_file = "attachment; filename=\"configuration.toml\"";
    let head = [(header::CONTENT_TYPE, "application/toml; charset=utf-8"), (header::CONTENT_DISPOSITION, as_file)];
    Ok((head, text).into_response())
}

pub(super) async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    page(&web, &visitor, html! {}).await
}

async fn page(web: &Web, visitor: &Visitor, above: Markup) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let may = visitor.may(Do::Settings);
    let body = html! {
        (above)
        section.panel aria-label="Configuration as a file" {
            header.panel-head {
                h2 { "Configuration as a file" }
                div.actions { (part::button("button", &visitor.path("psa-sync/configuration.toml"), "Download configuration.toml")) }
            }
            div.panel-body {
                p { "Links, units, settings and pins of " (part::name(&visitor.msp.name)) " in one document. Quotas are data and come with usage; "
                    "secrets, people and the connection are in no file. What a file does not name stays as it is; an entry goes by "
                    code { "remove = true" } "." }
                @if may {
                    form.stack method="post" action=(visitor.path("psa-sync/configuration")) enctype="multipart/form-data" {
                        div.field {
                            label for="file" { "configuration.toml" }
                            input type="file" id="file" name="file" accept=".toml,text/plain" required;
                        }
                        (part::submit("button primary", "See what differs"))
                    }
                } @else { p.note { (Do::Settings.refusal(&visitor.roles, &visitor.msp.name)) } }
            }
        }
    };
    Ok(frame(web, visitor, &look, Tab::Settings).await?.titled("Configuration").body(body))
}

/// Shows what an uploaded file would change; nothing is changed yet.
pub(super) async fn compare(State(web): State<Arc<Web>>, visitor: Visitor, mut form: Multipart) -> Answer {
    visitor.need(Do::Settings)?;
    let broken =
        |error: &dyn std::fmt::Display| Fault::from(Refused::WrongUsage(format!("the upload broke off: {error}")));
    let mut bytes = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|error| broken(&error.body_text()))? {
        if field.name() == Some("file") {
            bytes = field.bytes().await.map_err(|error| broken(&error.body_text()))?.to_vec();
        }
    }
    let above = match files::decode(&bytes) {
        Ok(text) => differs(&web, &visitor, &text).await?,
        Err(why) => part::banner(Kind::Bad, "Nothing was changed", html! { (why) }, html! {}),
    };
    page(&web, &visitor, above).await
}

async fn differs(web: &Web, visitor: &Visitor, text: &str) -> Result<Markup, Fault> {
    let diff = match web.desk.config_diff(&visitor.msp, FILE, text).await {
        Err(Refused::BadRows { rows, .. }) => return Ok(bad(&rows)),
        found => found?,
    };
    if diff.entries.is_empty() {
        return Ok(part::banner(
            Kind::Info,
            "Nothing differs",
            html! { "The file says what stands already." },
            html! {},
        ));
    }
    Ok(part::panel(
        Some("differs"),
        "What the file would change",
        html! {},
        html! {
            (table(&diff))
            div.panel-body {
                p.hint { "A product whose rule changes waits for go-live again." }
                form method="post" action=(visitor.path("psa-sync/configuration/apply")) {
                    (part::hidden("text", text))
                    (part::hidden("entries", &diff.entries.len().to_string()))
                    div.actions { (part::submit("button primary", "Apply all of it")) }
                }
            }
        },
    ))
}

fn table(diff: &ConfigDiff) -> Markup {
    let columns = [Column::new(""), Column::new("Line"), Column::new("Entry")];
    let rows = html! {
        @for one in &diff.entries {
            tr { td { (match one.sign { '+' => "new", '-' => "taken away", _ => "changed" }) } td { (one.line) } th scope="row" { (part::name(&one.words())) } }
        }
    };
    Table { caption: "What the file would change", columns: &columns, sort: None }.rows(rows)
}

fn bad(rows: &[(u64, Option<String>, String)]) -> Markup {
    let words = html! {
        ul {
            @for (line, field, why) in rows.iter().take(ROWS_A_PAGE) {
                li { "Line " (line) @if let Some(field) = field { ", " code { (field) } } ": " (why) }
            }
            @if rows.len() > ROWS_A_PAGE { li { "and " (part::count(rows.len() - ROWS_A_PAGE)) " more" } }
        }
    };
    part::banner(Kind::Bad, "Nothing of the file can be applied", words, html! {})
}

#[derive(Debug, Deserialize)]
pub(super) struct ToApply {
    text: String,
    /// How many entries the person was shown.
    entries: usize,
}

pub(super) async fn apply(State(web): State<Arc<Web>>, visitor: Visitor, Form(asked): Form<ToApply>) -> Answer {
    visitor.need(Do::Settings)?;
    // A browser sends every line break of a form as two characters.
    let text = asked.text.replace("\r\n", "\n");
    let diff = web.desk.config_diff(&visitor.msp, FILE, &text).await;
    if !diff.is_ok_and(|diff| diff.entries.len() == asked.entries) {
        // Something changed since it was shown: it is shown again.
        let above = differs(&web, &visitor, &text).await?;
        return page(&web, &visitor, above).await;
    }
    let done = web.desk.apply_config(&visitor.by(), FILE, &text).await;
    let words = done.map(|diff| format!("Applied: {}.", part::plural(diff.entries.len(), "entry", "entries")));
    Ok(visitor.done_at(words, &visitor.path("psa-sync/configuration")))
}
