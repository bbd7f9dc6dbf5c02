//! A file that was uploaded, before it is taken: what it would bring, its bad rows, how it is read.

use super::mapping;
use crate::auth::{Do, Visitor};
use crate::part::{self, Column, Kind, Table};
use crate::uploads::Upload;
use crate::{Answer, App, Fault, Nav, Page};
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use hive_desk::profile::{Preview, Profile, Table as FileTable};
use hive_desk::{ArrivedFile, ArrivedView, Refused};
use maud::{Markup, html};

/// Bad rows that are named one by one; whoever mends those sees the others then.
const BAD_ROWS_SHOWN: usize = 100;
/// Characters of a bad row's reason: a name in it may have ten thousand.
const REASON_SHOWN_MAX: usize = 500;
/// Things that are listed beside the counts.
const LISTED_MAX: usize = 20;
/// Rows below the header that are shown.
const ROWS_SHOWN: usize = 3;

/// How a vendor's file looks under its profile.
pub(super) struct Seen {
    pub(super) profile: Profile,
    pub(super) reasons: Vec<String>,
    pub(super) preview: Preview,
    pub(super) sheets: Vec<String>,
    /// The one that is open.
    pub(super) sheet: Option<String>,
    /// What has to be said before it can be read.
    pub(super) missing: Vec<String>,
    /// Other ways to read it: the reasons of each.
    pub(super) others: Vec<Vec<String>>,
}

type Checked = Result<ArrivedView, Refused>;

fn none_waits(visitor: &Visitor) -> Response {
    let words = "No file waits here any more (files are kept for an hour). Choose it again.".to_owned();
    visitor.done_at::<String>(Err(Refused::Stopped(words)), &visitor.path("usage"))
}

fn waiting(app: &App, visitor: &Visitor) -> Option<Upload> {
    app.uploads.get(visitor.msp.id, visitor.person.user.id, visitor.now())
}

fn file(app: &App, upload: &Upload, dry_run: bool) -> ArrivedFile {
    ArrivedFile {
        name: upload.name.clone(),
        bytes: upload.bytes.clone(),
        modified_at: upload.measured_at,
        source: Some(upload.source.clone()).filter(|source| !source.is_empty()),
        complete: upload.complete,
        dry_run,
        profile: upload.profile.as_ref().map(|(profile, _)| profile.clone()),
        bytes_max: app.web.upload_bytes_max,
    }
}

/// `GET /m/{msp}/usage/check`.
pub(super) async fn show(State(app): State<App>, visitor: Visitor) -> Answer {
    visitor.need(Do::Import)?;
    let Some(upload) = waiting(&app, &visitor) else { return Ok(none_waits(&visitor)) };
    let seen = match &upload.profile {
        Some((profile, reasons)) => Some(look(&app, &upload, profile.clone(), reasons.clone()).await?),
        None => None,
    };
    let readable = seen.as_ref().is_none_or(|seen| seen.missing.is_empty());
    let checked = if readable { Some(check(&app, &visitor, &upload).await?) } else { None };
    let body = html! {
        @if let Some(checked) = &checked { (outcome(&visitor, &upload, checked)) }
        @if let Some(seen) = &seen { (mapping::form(&visitor, &upload, seen)) }
        @if !matches!(&checked, Some(Ok(_))) {
            p.actions { (part::post_button(&visitor.path("usage/drop"), "button", "Leave this file", &[])) }
        }
    };
    Ok(Page::new(&visitor, Nav::PsaSync, "Check a usage file")
        .lead(html! { (part::name(&upload.name)) ", from " (part::name(source(&upload))) @if upload.complete { ", lists everyone" } ". Nothing is taken yet." })
        .body(body))
}

fn source(upload: &Upload) -> &str {
    if upload.source.is_empty() { hive_core::usage::SOURCE_DEFAULT } else { &upload.source }
}

/// Words of what is wrong with the file are a page; that the database does not answer is not.
async fn check(app: &App, visitor: &Visitor, upload: &Upload) -> Result<Checked, Fault> {
    match app.web.desk.import_file(&visitor.by(), &file(app, upload, true)).await {
        Err(Refused::Broken(words)) => Err(Refused::Broken(words).into()),
        checked => Ok(checked),
    }
}

async fn look(app: &App, upload: &Upload, profile: Profile, reasons: Vec<String>) -> Result<Seen, Fault> {
    let (bytes, max) = (upload.bytes.clone(), app.web.upload_bytes_max);
    let seen = super::apart(move || {
        let table = FileTable::read(&bytes, &profile.opening(max))?;
        let others = Profile::proposals(&table).into_iter().map(|(_, reasons)| reasons).collect();
        let (preview, missing) = (profile.preview(&table, ROWS_SHOWN), profile.check(&table));
        Ok(Seen {
            preview,
            sheets: table.sheets().to_vec(),
            sheet: table.sheet().map(str::to_owned),
            missing,
            others,
            profile,
            reasons,
        })
    });
    seen.await?.map_err(|words: String| Refused::WrongUsage(words).into())
}

fn outcome(visitor: &Visitor, upload: &Upload, checked: &Checked) -> Markup {
    match checked {
        Ok(view) => good(visitor, upload, view),
        Err(Refused::BadRows { rows, .. }) => bad(rows),
        Err(refused) => part::banner(Kind::Bad, "This file cannot be taken", html! { (refused.to_string()) }, html! {}),
    }
}

fn good(visitor: &Visitor, upload: &Upload, view: &ArrivedView) -> Markup {
    let imported = &view.imported;
    let these =
        if imported.rows == 1 { "this row".to_owned() } else { format!("these {} rows", part::count(imported.rows)) };
    let take = html! {
        (part::post_button(&visitor.path("usage/drop"), "button", "Leave this file", &[]))
        " " (part::post_button(&visitor.path("usage/take"), "button primary", &format!("Take {these}"), &[]))
    };
    let body = html! {
        p { (imported.words()) }
        @for renamed in imported.renamed.iter().take(LISTED_MAX) {
            p { "Renamed: " (part::name(&renamed.before)) " is now " (part::name(&renamed.after)) "." }
        }
        @if imported.renamed.len() > LISTED_MAX { p { "… and " (imported.renamed.len() - LISTED_MAX) " more names change." } }
        @if imported.accounts_new > 0 { p { "New accounts are created by their names as the file has them." } }
        @if upload.complete { p { "The file says that it lists everyone of its source." } }
        @if view.blank > 0 { p { (part::plural(view.blank, "blank quantity is no sample", "blank quantities are no samples")) "." } }
        @if !view.skipped.is_empty() { p { "Left out: "
            @for (place, (line, first)) in view.skipped.iter().take(LISTED_MAX).enumerate() {
                @if place > 0 { ", " } "line " (line) " (" (part::name(first)) ")"
            }
            @if view.skipped.len() > LISTED_MAX { " and " (view.skipped.len() - LISTED_MAX) " more" } "."
        } }
    };
    part::banner(Kind::Good, "This file can be taken", body, take)
}

fn bad(rows: &[(u64, Option<String>, String)]) -> Markup {
    let columns = [Column::new("Line").figure(), Column::new("Column"), Column::new("What is wrong")];
    let table = Table { caption: "Bad rows", columns: &columns, sort: None };
    let listed = table.rows(html! {
        @for (line, column, reason) in rows.iter().take(BAD_ROWS_SHOWN) {
            tr {
                td.figure { (line) }
                th scope="row" { (part::name(column.as_deref().unwrap_or_default())) }
                td { (cut(reason, REASON_SHOWN_MAX)) }
            }
        }
    });
    let words = html! { "All rows are good or nothing is taken. Mend the file and choose it again, or correct below how it is read." };
    html! {
        (part::banner(Kind::Bad, &format!("This file cannot be taken: {}", part::plural(rows.len(), "bad cell", "bad cells")), words, html! {}))
        (part::panel(None, "What is wrong", html! {}, html! {
            (listed)
            @if rows.len() > BAD_ROWS_SHOWN { p.more { "… and " (part::count(rows.len() - BAD_ROWS_SHOWN)) " more." } }
        }))
    }
}

/// A text cut to what is shown of it.
pub(super) fn cut(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// `POST /m/{msp}/usage/check`: another way to read the file.
pub(super) async fn change(
    State(app): State<App>,
    visitor: Visitor,
    Form(fields): Form<Vec<(String, String)>>,
) -> Answer {
    visitor.need(Do::Import)?;
    let Some(mut upload) = waiting(&app, &visitor) else { return Ok(none_waits(&visitor)) };
    let Some((profile, reasons)) = upload.profile.clone() else { return Ok(none_waits(&visitor)) };
    let said = mapping::Fields::of(fields);
    let (bytes, max) = (upload.bytes.clone(), app.web.upload_bytes_max);
    let (zone, before) = (visitor.zone.clone(), profile);
    let changed = super::apart(move || mapping::changed(&before, reasons, &said, &bytes, max, &zone)).await?;
    let to = visitor.path("usage/check");
    match changed {
        Ok(changed) => {
            upload.profile = Some((changed.profile, changed.reasons));
            upload.measured_at = changed.measured_at;
            if let Err(words) = app.uploads.keep(upload) {
                return Ok(visitor.done_at::<String>(Err(Refused::Stopped(words)), &to));
            }
            Ok(match changed.wrong.first() {
                Some(_) => visitor.done_at::<String>(Err(Refused::WrongUsage(changed.wrong.join(" "))), &to),
                None => Redirect::to(&to).into_response(),
            })
        }
        Err(words) => Ok(visitor.done_at::<String>(Err(Refused::WrongUsage(words)), &to)),
    }
}

/// `POST /m/{msp}/usage/take`: takes the file, and remembers how it was read.
pub(super) async fn take(State(app): State<App>, visitor: Visitor) -> Answer {
    visitor.need(Do::Import)?;
    let Some(upload) = waiting(&app, &visitor) else { return Ok(none_waits(&visitor)) };
    let (desk, by) = (&app.web.desk, visitor.by());
    let taken = desk.import_file(&by, &file(&app, &upload, false)).await;
    let view = match taken {
        Ok(view) => view,
        // What changed since the check stands on the page again.
        Err(refused) => return Ok(visitor.done_at::<String>(Err(refused), &visitor.path("usage/check"))),
    };
    app.uploads.forget(visitor.msp.id, visitor.person.user.id);
    let mut words = view.words();
    if let Some((profile, _)) = &upload.profile {
        desk.remember_profile(&by, &upload.source, profile).await?;
        words.push_str(&format!(" How files of {} are read is remembered.", source(&upload)));
    }
    Ok(visitor.done_at(Ok(words), &visitor.path("usage")))
}

/// `POST /m/{msp}/usage/drop`: forgets the file.
pub(super) async fn forget(State(app): State<App>, visitor: Visitor) -> Answer {
    visitor.need(Do::Import)?;
    app.uploads.forget(visitor.msp.id, visitor.person.user.id);
    Ok(visitor.done_at(Ok("The file is left; nothing was taken."), &visitor.path("usage")))
}
