//! Help, by topic.
//!
//! **Owns:** where the topics stand in the console.
//! **Does not own:** a word of them: that is [`crate::help`]'s.

use crate::help::{topic, topics};
use crate::{Answer, App, Fault, Nav, Page, Visitor, part};
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use hive_desk::Refused;
use maud::html;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/m/{msp}/help", get(index)).route("/m/{msp}/help/{topic}", get(show))
}

async fn index(visitor: Visitor) -> Answer {
    let body = html! {
        ul.topics {
            @for topic in topics() {
                li {
                    a href=(visitor.path(&format!("help/{}", topic.slug))) { (topic.title) }
                    p.muted { (topic.summary) }
                }
            }
        }
    };
    let lead = html! { "How Hive works, and the exact clicks in ConnectWise." };
    Ok(Page::new(&visitor, Nav::Help, "Help").lead(lead).body(part::panel(None, "", html! {}, body)))
}

async fn show(visitor: Visitor, Path((_, slug)): Path<(i64, String)>) -> Answer {
    let found = topics().iter().find(|topic| topic.slug == slug);
    let (Some(about), Some(inside)) = (found, topic(&slug)) else {
        let words = format!("Help has no topic \"{slug}\"; all of them are listed under Help");
        return Err(Fault::from(Refused::NotFound(words)));
    };
    let back = html! { a href=(visitor.path("help")) { "All of Help" } };
    let body = html! { article.help { (inside) } };
    Ok(Page::new(&visitor, Nav::Help, about.title).actions(back).body(part::panel(None, "", html! {}, body)))
}
