//! The accounts that must be one company: listed first, then linked in one go.

use super::{done_at, short};
use crate::pages::psa_sync::{Tab, frame};
use crate::part::{self, Column, Paged, Table};
use crate::{Answer, Do, Visitor, Web};
use axum::Form;
use axum::extract::State;
use hive_core::matching::Suggestion;
use hive_core::{AccountId, CompanyId};
use hive_desk::{Look, Refused};
use maud::{Markup, html};
use serde::Deserialize;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

type Pairs = [Suggestion<AccountId, CompanyId>];

/// What was listed, in a word: what is linked is what was seen.
fn seal(pairs: &Pairs) -> String {
    let mut hasher = DefaultHasher::new();
    for one in pairs {
        (one.hive, one.connectwise).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

pub(super) async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let look = web.desk.look_fresh(&visitor.msp, visitor.now()).await?;
    let boards = web.desk.boards_whole(&look).await?;
    let pairs = &boards.unmistakable;
    let paged = Paged::of(visitor.here(), pairs.len());
    let back = visitor.path("psa-sync/accounts");
    let body = html! {
        section.panel aria-label="Unmistakable matches" {
            header.panel-head { h2 { "Link " (part::plural(pairs.len(), "unmistakable match", "unmistakable matches")) } }
            @if pairs.is_empty() {
                (part::empty("No unmistakable match is left", html! { "What is only similar stands under Suggested, for a person to decide." },
                    part::button("button", &back, "To Show Accounts")))
            } @else {
                div.tools {
                    p.hint { "Each pair is equal once case, punctuation, spaces and legal forms are set aside, and has no second candidate on either side." }
                    (part::pager(visitor.here(), paged, "pair", "pairs"))
                }
                (table(&look, paged.slice(pairs)))
                @if visitor.may(Do::Map) {
                    div.bulk {
                        form.inline method="post" action=(visitor.path("psa-sync/accounts/unmistakable")) {
                            (part::hidden("seal", &seal(pairs)))
                            (part::submit("button primary", &format!("Link all {} unmistakable", part::count(pairs.len()))))
                        }
                        (part::button("button", &back, "Cancel"))
                    }
                }
            }
        }
    };
    Ok(frame(&web, &visitor, &look, Tab::Accounts).await?.body(body))
}

fn table(look: &Look, pairs: &Pairs) -> Markup {
    let columns = [Column::new("ConnectWise company"), Column::new("Hive account"), Column::new("Why")];
    let table = Table { caption: "Unmistakable matches", columns: &columns, sort: None };
    table.rows(html! {
        @for one in pairs {
            tr {
                th scope="row" {
                    @if let Some(company) = look.company(one.connectwise) {
                        (part::name(&company.name)) " " span.small { (short(&company.identifier)) " · id " (company.id) }
                    }
                }
                td {
                    @if let Some(account) = look.account(one.hive) { (part::name(&account.name)) " " span.small { "id " (account.id) } }
                }
                td { "Score " (one.score) " of 100: " (one.reason) }
            }
        }
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct Listed {
    seal: String,
}

pub(super) async fn link(State(web): State<Arc<Web>>, visitor: Visitor, Form(listed): Form<Listed>) -> Answer {
    visitor.need(Do::Map)?;
    let look = web.desk.look_fresh(&visitor.msp, visitor.now()).await?;
    let boards = web.desk.boards_whole(&look).await?;
    let act = async {
        if seal(&boards.unmistakable) != listed.seal {
            return Err(Refused::Stopped(
                "the matches changed since they were listed, so nothing was linked; look at the list again".to_owned(),
            ));
        }
        let done = web.desk.match_unmistakable(&visitor.by(), true).await?;
        let count = done.matches.len();
        Ok(format!("{} linked, matched by Hive.", part::plural(count, "account is", "accounts are")))
    };
    done_at(&web, &visitor, act, &visitor.path("psa-sync/accounts")).await
}
