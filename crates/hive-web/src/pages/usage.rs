//! Usage: how it comes in, by upload, by program and from watched folders, and what came last.
//!
//! **Owns:** the page and what leads to it. **Does not own:** the rules of a row, reading files (the desk).

mod check;
mod folders;
mod mapping;
mod sources;

use crate::auth::{Do, Visitor};
use crate::part::{self, Column, Kind, Table};
use crate::uploads::Upload;
use crate::{Answer, App, Fault, Nav, Page};
use axum::Router;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{FromRequest, Request, State};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use hive_core::usage::SOURCE_DEFAULT;
use hive_desk::Refused;
use hive_desk::profile::{Opening, Profile, Table as FileTable};
use hive_store::Batch;
use maud::{Markup, html};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Batches that are listed: those of the last days.
const BATCHES_SHOWN: i64 = 50;
/// Characters of a source's name in the form.
const SOURCE_CHARACTERS_MAX: usize = 255;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/m/{msp}/usage", get(show).post(upload))
        .route("/m/{msp}/usage/check", get(check::show).post(check::change))
        .route("/m/{msp}/usage/take", post(check::take))
        .route("/m/{msp}/usage/drop", post(check::forget))
        .route("/m/{msp}/usage/accept", post(sources::accept))
        .route("/m/{msp}/usage/rhythm", post(sources::declare))
        .merge(folders::routes())
}

async fn show(State(app): State<App>, visitor: Visitor) -> Answer {
    let store = &app.web.desk.store;
    let msp = visitor.msp.id;
    let pulse = store.pulse(msp).await?;
    let batches = store.batches(msp, BATCHES_SHOWN).await?;
    let mut sources: BTreeSet<String> = batches.iter().map(|batch| batch.source.clone()).collect();
    sources.extend(store.source_profiles(msp).await?.into_iter().map(|known| known.source));
    let waiting = app.uploads.get(msp, visitor.person.user.id, visitor.now());
    let listed = app.web.desk.sources(&visitor.msp, visitor.now()).await?;
    let body = html! {
        @if let Some(waiting) = &waiting { (waits(&visitor, waiting)) }
        (part::panel(None, "Bring a file", html! {}, html! { div.panel-body { (uploading(&visitor, &sources)) } }))
        (folders::panel(&app, &visitor).await?)
        (part::panel(None, "Send it by program", html! {}, html! { div.panel-body { (by_program(&visitor)) } }))
        (sources::panel(&visitor, &listed))
        (part::panel(Some("batches"), "What came last", html! {}, latest(&visitor, &batches)))
    };
    Ok(Page::new(&visitor, Nav::PsaSync, "Usage")
        .lead(html! { "What each account used comes in here: by file, from a folder, or from a program. Nothing is written to ConnectWise by it." })
        .pulse(pulse.facts, pulse.runs)
        .body(html! { datalist id="sources" { @for source in &sources { option value=(source) {} } } (body) }))
}

fn waits(visitor: &Visitor, upload: &Upload) -> Markup {
    let action = part::button("button", &visitor.path("usage/check"), "Look at it");
    part::banner(Kind::Wait, "A file waits for you", html! { (part::name(&upload.name)) " is not taken yet." }, action)
}

fn uploading(visitor: &Visitor, sources: &BTreeSet<String>) -> Markup {
    if !visitor.may(Do::Import) {
        return html! { p { (Do::Import.refusal(&visitor.roles, &visitor.msp.name)) } };
    }
    let hint = format!("Who measured it, if there is more than one: a vendor's name. Empty: {SOURCE_DEFAULT}.");
    html! {
        form.stack method="post" action=(visitor.path("usage")) enctype="multipart/form-data" {
            div.field {
                label for="file" { "Usage file" }
                input type="file" id="file" name="file" required accept=".csv,.xlsx,.txt,.tsv,text/csv" aria-describedby="file-hint";
                p.hint id="file-hint" { "CSV or XLSX: Hive's own usage.csv, or a report as a vendor exports it. It is checked first; nothing is taken before you say so." }
            }
            div.field {
                label for="source" { "Source" }
                input type="text" id="source" name="source" list=[(!sources.is_empty()).then_some("sources")] maxlength=(SOURCE_CHARACTERS_MAX) autocomplete="off" aria-describedby="source-hint";
                p.hint id="source-hint" { (hint) }
            }
            (part::checkbox("complete", "This file lists everyone of this source", false))
            (part::submit("button primary", "Check this file"))
        }
    }
}

fn by_program(visitor: &Visitor) -> Markup {
    html! {
        p { "A program posts samples to " code { "/api/v1/usage" } " with a token; they are on open pages within seconds. "
            a href="/api/v1/openapi.json" { "The API's description" } " says what it takes." }
        @if visitor.may(Do::People) {
            p { a.button href=(visitor.path("people/tokens")) { "API tokens" } }
        } @else {
            p.muted { "An admin makes tokens under People." }
        }
    }
}

fn latest(visitor: &Visitor, batches: &[Batch]) -> Markup {
    if batches.is_empty() {
        return part::empty("No usage yet", html! { "Bring a usage file above; what came is listed here." }, html! {});
    }
    let figure = |title| Column::new(title).figure();
    let columns = [
        Column::new("When"),
        Column::new("Source"),
        Column::new("What"),
        figure("Rows"),
        figure("New"),
        figure("Corrected"),
        figure("Known already"),
    ];
    let table = Table { caption: "The latest batches of usage", columns: &columns, sort: None };
    let number = |count: i64| part::count(usize::try_from(count).unwrap_or_default());
    table.rows(html! {
        @for batch in batches {
            tr {
                td { (part::time(batch.at, &visitor.zone)) div.small { (part::ago(batch.at, visitor.now())) } }
                th scope="row" { (part::name(&batch.source)) @if batch.complete { " " (part::pill(Kind::Info, "everyone")) } }
                td { (part::name(&batch.file_name)) div.small { "by " (part::name(&batch.who)) } }
                td.figure { (number(batch.rows)) }
                td.figure { (number(batch.samples_new)) }
                td.figure { (number(batch.samples_corrected)) }
                td.figure { (number(batch.samples_equal)) }
            }
        }
    })
}

/// `POST /m/{msp}/usage`: keeps the file, proposes how to read it, leads to the check.
async fn upload(State(app): State<App>, visitor: Visitor, request: Request) -> Answer {
    visitor.need(Do::Import)?;
    let back = visitor.path("usage");
    let refuse = |words: String| Ok(visitor.done_at::<String>(Err(Refused::WrongUsage(words)), &back));
    let max = app.web.upload_bytes_max;
    let form = match Multipart::from_request(request, &app).await {
        Ok(form) => form,
        Err(error) => return refuse(format!("the file did not arrive as a form: {error}")),
    };
    let Sent { name, bytes, source, complete } = match sent(form).await {
        Ok(sent) => sent,
        Err(error) => {
            return refuse(format!("the file did not arrive whole: {error}. It may have at most {max} bytes."));
        }
    };
    if bytes.is_empty() {
        return refuse("no file was chosen, or it is empty; choose one and check it again".to_owned());
    }
    if bytes.len() > max {
        return refuse(format!(
            "the file has {} bytes; it may have at most {max} (HIVE_UPLOAD_BYTES_MAX)",
            bytes.len()
        ));
    }
    let mut upload = Upload {
        msp: visitor.msp.id,
        user: visitor.person.user.id,
        name,
        bytes: Arc::new(bytes),
        source: source.chars().take(SOURCE_CHARACTERS_MAX).collect(),
        complete,
        profile: None,
        measured_at: None,
        at: visitor.now(),
    };
    if !hive_desk::files::is_usage_csv(&upload.bytes) {
        let remembered = app.web.desk.remembered_profile(&visitor.msp, &upload.source).await?;
        match proposed(upload.bytes.clone(), max, remembered).await? {
            Ok(profile) => upload.profile = Some(profile),
            Err(words) => return refuse(format!("{}: {words}", upload.name)),
        }
    }
    if let Err(words) = app.uploads.keep(upload) {
        return refuse(words);
    }
    Ok(Redirect::to(&visitor.path("usage/check")).into_response())
}

/// How a vendor's file is read: as remembered where that fits, else as proposed.
async fn proposed(
    bytes: Arc<Vec<u8>>,
    max: usize,
    remembered: Option<Profile>,
) -> Result<Result<(Profile, Vec<String>), String>, Fault> {
    apart(move || {
        if let Some(profile) = remembered
            && let Ok(table) = FileTable::read(&bytes, &profile.opening(max))
            && profile.check(&table).is_empty()
        {
            return Ok((profile, vec!["as the last file of this source was read".to_owned()]));
        }
        let table = FileTable::read(&bytes, &Opening { sheet: None, delimiter: None, bytes_max: max })?;
        let first = Profile::proposals(&table).into_iter().next();
        first.ok_or_else(|| "nothing in it can be read".to_owned())
    })
    .await
}

/// A large workbook takes a core and much memory while it is read; others wait their turn.
static READ_AT_ONCE: Semaphore = Semaphore::const_new(2);

/// Long work on a thread that no other page waits on.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    let _one = READ_AT_ONCE.acquire().await;
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Refused::Broken(format!("the file could not be looked at: {error}")).into())
}

#[derive(Default)]
struct Sent {
    name: String,
    bytes: Vec<u8>,
    source: String,
    complete: bool,
}

async fn sent(mut form: Multipart) -> Result<Sent, MultipartError> {
    let mut sent = Sent::default();
    while let Some(field) = form.next_field().await? {
        match field.name().unwrap_or_default() {
            "file" => {
                sent.name = file_name(field.file_name().unwrap_or_default());
                sent.bytes = field.bytes().await?.to_vec();
            }
            "source" => sent.source = field.text().await?.trim().to_owned(),
            "complete" => sent.complete = !field.text().await?.is_empty(),
            _ => {}
        }
    }
    Ok(sent)
}

/// The file's own name: some browsers send the folders too.
fn file_name(text: &str) -> String {
    let name = text.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let name: String = name.chars().filter(|c| !c.is_control()).take(SOURCE_CHARACTERS_MAX).collect();
    if name.is_empty() { "upload".to_owned() } else { name }
}
