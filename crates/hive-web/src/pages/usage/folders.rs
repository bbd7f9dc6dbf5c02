//! Watched folders: what a vendor's job or a colleague puts there comes in by itself.
//!
//! **Owns:** their panel and its forms.
//! **Does not own:** which places are allowed (the engine), what becomes of a file (the desk).

use crate::auth::{Do, Visitor};
use crate::part::{self, Column, Kind, Table};
use crate::{Answer, App, Fault};
use axum::extract::State;
use axum::routing::post;
use axum::{Form, Router};
use hive_desk::{Refused, Said};
use hive_store::{Folder, FolderFile};
use maud::{Markup, html};
use serde::Deserialize;

/// Files of a folder that are listed.
const FILES_SHOWN: i64 = 10;
/// Folders whose files are listed: an MSP has a handful.
const FOLDERS_SHOWN: usize = 20;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/m/{msp}/usage/folders", post(add))
        .route("/m/{msp}/usage/folders/turn", post(turn))
        .route("/m/{msp}/usage/folders/remove", post(remove))
}

/// The panel of the Usage page.
pub(super) async fn panel(app: &App, visitor: &Visitor) -> Result<Markup, Fault> {
    let store = &app.web.desk.store;
    let folders = store.folders(visitor.msp.id).await?;
    let mut shown = Vec::new();
    for folder in folders.iter().take(FOLDERS_SHOWN) {
        shown.push((folder, store.folder_files(visitor.msp.id, folder.id, FILES_SHOWN).await?));
    }
    let list = html! {
        @for (folder, files) in &shown { (one(visitor, folder, files)) }
        @if folders.len() > shown.len() { p.more { "… and " (folders.len() - shown.len()) " more." } }
        @if folders.is_empty() {
            div.panel-body { p { "None yet. A file that is put into a watched folder comes in by itself, and stays where it is." } }
        }
    };
    Ok(html! {
        (part::panel(Some("folders"), "Watched folders", html! {}, list))
        (part::panel(None, "", html! {}, html! { div.folder-new { (part::reveal(html! { "Watch a folder" }, adding(app, visitor))) } }))
    })
}

fn one(visitor: &Visitor, folder: &Folder, files: &[FolderFile]) -> Markup {
    let (id, dialog) = (folder.id.to_string(), format!("unwatch-{}", folder.id));
    let (state, turn, to) =
        if folder.on { ((Kind::Good, "on"), "Turn off", "") } else { ((Kind::Plain, "off"), "Turn on", "on") };
    let refused = files.iter().filter(|file| !file.taken).count();
    html! {
        section.folder {
            div.folder-head {
                h3 { (part::name(&folder.source)) }
                (part::pill(state.0, state.1))
                @if folder.complete { (part::pill(Kind::Info, "each file lists everyone")) }
                @if visitor.may(Do::Settings) {
                    div.actions {
                        form.inline method="post" action=(visitor.path("usage/folders/turn")) {
                            (part::hidden("id", &id)) (part::hidden("on", to))
                            button.button type="submit" { (turn) span.unseen { " the folder of " (folder.source) } }
                        }
                        (part::open_dialog(&dialog, "button", html! { "Remove" span.unseen { " the folder of " (folder.source) } }))
                    }
                }
            }
            p { code { (folder.path) } }
            p.small {
                @if folder.profile.is_empty() { "Read as Hive's own usage.csv." } @else { "Read as the last upload of this source was." }
                @if let Some(at) = folder.looked_at { " Looked at " (part::time(at, &visitor.zone)) "." } @else if folder.on { " Not looked at yet." }
            }
            @if !folder.words.is_empty() { (part::banner(Kind::Wait, "This folder needs somebody", html! { (part::name(&folder.words)) }, html! {})) }
            @if !files.is_empty() {
                @let title = if refused == 0 { format!("The last {}", part::plural(files.len(), "file", "files")) }
                    else { format!("The last {}, {refused} refused", part::plural(files.len(), "file", "files")) };
                details.reveal open[refused > 0] { summary { (title) } div { (listed(visitor, files)) } }
            }
            (part::dialog(&dialog, "Watch this folder no longer?", html! {
                p { "What came from " code { (folder.path) } " stays, and its files stay where they are. Hive forgets which files it saw there." }
                form method="post" action=(visitor.path("usage/folders/remove")) {
                    (part::hidden("id", &id))
                    div.actions { (part::cancel()) " " (part::submit("button danger", "Watch it no longer")) }
                }
            }))
        }
    }
}

fn listed(visitor: &Visitor, files: &[FolderFile]) -> Markup {
    let columns = ["File", "When", "What became of it"].map(Column::new);
    let table = Table { caption: "Files of the folder", columns: &columns, sort: None };
    table.rows(html! {
        @for file in files {
            @let (kind, word) = if file.taken { (Kind::Good, "taken") } else { (Kind::Bad, "refused") };
            tr {
                th scope="row" { (part::name(&file.name)) }
                td { (part::time(file.at, &visitor.zone)) }
                td { (part::pill(kind, word)) " " (super::check::cut(&file.words, 2000)) }
            }
        }
    })
}

fn adding(app: &App, visitor: &Visitor) -> Markup {
    let roots = app.web.engine.folder_roots(&visitor.msp);
    if !app.web.folders_allowed || roots.paths.is_empty() {
        return html! {
            p { "Watched folders are off. Who hosts Hive names the directories in which folders may be watched: " code { "HIVE_FOLDERS" } "." }
        };
    }
    if !visitor.may(Do::Settings) {
        return html! { p { (Do::Settings.refusal(&visitor.roles, &visitor.msp.name)) } };
    }
    html! {
        form.stack method="post" action=(visitor.path("usage/folders")) {
            div.field {
                label for="folder-source" { "Source" }
                input type="text" id="folder-source" name="source" list="sources" required autocomplete="off" aria-describedby="folder-source-hint";
                p.hint id="folder-source-hint" { "Its files are read as the last upload of this source was: bring one by hand first. Hive's own usage.csv needs none." }
            }
            div.field {
                label for="folder-path" { "Folder on the server" }
                input type="text" id="folder-path" name="path" required autocomplete="off" spellcheck="false" aria-describedby="folder-path-hint";
                p.hint id="folder-path-hint" { "An absolute path inside " @for (place, root) in roots.paths.iter().enumerate() { @if place > 0 { " or " } code { (root) } } "." }
            }
            (part::checkbox("complete", "Each file lists everyone of this source", false))
            (part::submit("button primary", "Watch this folder"))
        }
    }
}

#[derive(Debug, Deserialize)]
struct Added {
    source: String,
    path: String,
    #[serde(default)]
    complete: String,
}

async fn add(State(app): State<App>, visitor: Visitor, Form(added): Form<Added>) -> Answer {
    visitor.need(Do::Settings)?;
    let done = watch(&app, &visitor, &added).await.map(|Said(words)| words);
    Ok(visitor.done_at(done, &visitor.path("usage")))
}

async fn watch(app: &App, visitor: &Visitor, added: &Added) -> Result<Said, Refused> {
    let (web, msp) = (&app.web, &visitor.msp);
    let off = || Refused::Stopped("watched folders are off: who hosts Hive sets HIVE_FOLDERS".to_owned());
    let roots = web.engine.folder_roots(msp);
    if !web.folders_allowed || roots.paths.is_empty() {
        return Err(off());
    }
    // A folder that every MSP's admin may name is every MSP's to read.
    if roots.shared && !visitor.person.runs_all() && web.desk.store.msps().await?.len() > 1 {
        let words = "the directories of HIVE_FOLDERS are shared by all MSPs here, so only an admin of every MSP \
            adds a folder; with {msp} in them each MSP has its own";
        return Err(Refused::Stopped(words.to_owned()));
    }
    let path = web.engine.folder(msp, added.path.trim()).await?;
    web.desk.watch_folder(&visitor.by(), &added.source, &path, !added.complete.is_empty()).await
}

#[derive(Debug, Deserialize)]
struct Turned {
    id: i64,
    #[serde(default)]
    on: String,
}

async fn turn(State(app): State<App>, visitor: Visitor, Form(turned): Form<Turned>) -> Answer {
    visitor.need(Do::Settings)?;
    let done = app.web.desk.turn_folder(&visitor.by(), turned.id, !turned.on.is_empty()).await;
    Ok(visitor.done_at(done.map(|Said(words)| words), &visitor.path("usage")))
}

async fn remove(State(app): State<App>, visitor: Visitor, Form(turned): Form<Turned>) -> Answer {
    visitor.need(Do::Settings)?;
    let done = app.web.desk.unwatch_folder(&visitor.by(), turned.id).await;
    Ok(visitor.done_at(done.map(|Said(words)| words), &visitor.path("usage")))
}
