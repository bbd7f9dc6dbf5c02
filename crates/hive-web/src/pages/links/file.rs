//! The links as a file: download it, edit it, upload it. All rows or none.

use super::{done_at, short};
use crate::pages::file::{Kind as FileKind, answer, bytes};
use crate::pages::psa_sync::{Tab, frame};
use crate::part::{self, Column, Kind, ROWS_A_PAGE, Table};
use crate::{Answer, Do, Fault, Visitor, Web};
use axum::extract::{Multipart, State};
use hive_desk::view::LINKS_COLUMNS;
use hive_desk::{Refused, files};
use maud::{Markup, html};
use std::sync::Arc;

/// The file that `import links` reads.
pub(super) async fn download(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let links = web.desk.links(&visitor.msp).await?;
    answer(FileKind::Csv, "links.csv", bytes(FileKind::Csv, &links, LINKS_COLUMNS)?)
}

pub(super) async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    page(&web, &visitor, html! {}).await
}

async fn page(web: &Web, visitor: &Visitor, above: Markup) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let body = html! {
        (above)
        section.panel aria-label="Links as a file" {
            header.panel-head {
                h2 { "Links as a file" }
                div.actions { (part::button("button", &visitor.path("psa-sync/links.csv"), "Download links.csv")) }
            }
            div.panel-body {
                p { "One row for each account and product: " code { "kind,hive,connectwise,unit,size" } ". "
                    "In " code { "connectwise" } " stands an id or an identifier; nothing unlinks, and " code { "-" } " ignores. "
                    "Rows that a file does not hold stay as they are. If one row is bad, nothing of the file is taken." }
                @if visitor.may(Do::Import) {
                    form.stack method="post" action=(visitor.path("psa-sync/links")) enctype="multipart/form-data" {
                        div.field {
                            label for="file" { "links.csv" }
                            input type="file" id="file" name="file" accept=".csv,text/csv" required;
                        }
                        (part::submit("button primary", "Upload links.csv"))
                    }
                } @else { p.note { (Do::Import.refusal(&visitor.roles, &visitor.msp.name)) } }
            }
        }
    };
    Ok(frame(web, visitor, &look, Tab::Accounts).await?.body(body))
}

/// Takes a file, or names each of its bad rows.
pub(super) async fn take(State(web): State<Arc<Web>>, visitor: Visitor, mut form: Multipart) -> Answer {
    visitor.need(Do::Import)?;
    let broken =
        |error: &dyn std::fmt::Display| Fault::from(Refused::WrongUsage(format!("the upload broke off: {error}")));
    let mut file = None;
    while let Some(field) = form.next_field().await.map_err(|error| broken(&error.body_text()))? {
        if field.name() == Some("file") {
            let name = short(field.file_name().unwrap_or("links.csv"));
            let bytes = field.bytes().await.map_err(|error| broken(&error.body_text()))?;
            file = Some((name, bytes));
        }
    }
    let Some((name, bytes)) = file.filter(|(_, bytes)| !bytes.is_empty()) else {
        let words = "choose a file first; nothing was changed".to_owned();
        return Ok(visitor.done_at::<String>(Err(Refused::WrongUsage(words)), &visitor.path("psa-sync/links")));
    };
    let text = match files::decode(&bytes) {
        Ok(text) => text,
        Err(why) => {
            let above = part::banner(Kind::Bad, &format!("{name}: nothing was taken"), html! { (why) }, html! {});
            return page(&web, &visitor, above).await;
        }
    };
    let taken = web.desk.undoable(&visitor.by(), web.desk.import_links(&visitor.by(), &name, &text)).await;
    match taken {
        Ok((taken, undo)) => {
            let words = format!(
                "{name}: {} read: {} linked, {} unlinked, {} ignored.",
                part::plural(taken.rows, "row", "rows"),
                taken.linked,
                taken.unlinked,
                taken.ignored
            );
            let said = crate::Said::good(words).with_undo(undo.map(|undo| super::undo_button(&visitor, undo)));
            Ok(super::go(&visitor, &visitor.path("psa-sync/accounts"), &said))
        }
        Err(Refused::BadRows { file, rows }) => page(&web, &visitor, bad_rows(&file, &rows)).await,
        Err(refused) => done_at(&web, &visitor, async { Err(refused) }, &visitor.path("psa-sync/links")).await,
    }
}

fn bad_rows(file: &str, rows: &[(u64, Option<String>, String)]) -> Markup {
    let columns = [Column::new("Line").figure(), Column::new("Column"), Column::new("Why")];
    let table = Table { caption: "Bad rows", columns: &columns, sort: None };
    let shown = rows.iter().take(ROWS_A_PAGE);
    let title = format!("{file}: nothing was taken, because of {}", part::plural(rows.len(), "bad row", "bad rows"));
    html! {
        (part::banner(Kind::Bad, &title, html! { "Mend them in the file and upload it again." }, html! {}))
        section.panel aria-label="Bad rows" {
            (table.rows(html! {
                @for (line, column, why) in shown {
                    tr {
                        td.figure { (line) }
                        td { (short(column.as_deref().unwrap_or_default())) }
                        td { (part::name(why)) }
                    }
                }
            }))
            @if rows.len() > ROWS_A_PAGE { p.hint.below { "And " (part::count(rows.len() - ROWS_A_PAGE)) " more." } }
        }
    }
}
