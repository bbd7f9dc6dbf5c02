//! One run: what it was, what it came to, line by line.
use super::found;
use crate::{Answer, Fault, Nav, Page, Visitor, Web};
use axum::extract::{Path, State};
use maud::html;
use std::sync::Arc;
pub(super) async fn show(State(web): State<Arc<Web>>, visitor: Visitor, Path((_, run)): Path<(i64, i64)>) -> Answer {
    let row = found(&web, &visitor, run).await?;
    Ok(Page::new(&visitor, Nav::Activity, format!("Run {}", row.id)).body(html! {}))
}
pub(super) async fn download() -> Answer {
    Err(Fault::no_page())
}
