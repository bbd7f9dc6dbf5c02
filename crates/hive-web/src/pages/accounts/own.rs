//! (My Account): which of the accounts is the MSP's own.

use super::Whose;
use crate::part::{self, Combobox};
use crate::{Answer, Do, Fault, Nav, Page, Visitor, Web};
use axum::Form;
use axum::extract::State;
use hive_core::AccountId;
use hive_desk::OWN_ACCOUNT;
use maud::html;
use serde::Deserialize;
use std::sync::Arc;

pub(super) async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let own = Whose::find(&look, "own")?;
    let value = own.account().map(|account| (account.id.to_string(), account.name.clone()));
    let url = visitor.path("psa-sync/usages/find");
    let action = visitor.path("accounts/own");
    let body = html! {
        p {
            (OWN_ACCOUNT) " is you: what you store for yourself is billed to none of your customers, and its quota is the MSP's own. "
            "Customers' quotas never change it, and it never changes theirs."
        }
        @if visitor.may(Do::Settings) {
            form.stack method="post" action=(action) {
                div.field {
                    label for="account" { "The account that is your own" }
                    (part::combobox(&Combobox { id: "account", name: "account", label: "The account that is your own", url: &url, value, placeholder: "Search for an account...", sends: false }))
                }
                (part::submit("button primary", "This is my own account"))
            }
            @if own.account().is_none() {
                p.or { "or, where no file names you:" }
                (part::post_button(&action, "button", &format!("Make a new account {OWN_ACCOUNT}"), &[]))
            }
        } @else {
            p.hint { (Do::Settings.refusal(&visitor.roles, &visitor.msp.name)) }
        }
    };
    Ok(Page::new(&visitor, Nav::Accounts, OWN_ACCOUNT)
        .lead(html! { "Which account in Hive is your own." })
        .body(part::panel(None, "", html! {}, html! { div.panel-body { (body) } })))
}

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    account: String,
}

pub(super) async fn choose(State(web): State<Arc<Web>>, visitor: Visitor, Form(asked): Form<Asked>) -> Answer {
    visitor.need(Do::Settings)?;
    let account: Option<AccountId> = match asked.account.trim() {
        "" => None,
        text => Some(web.desk.account(&visitor.msp, text).await.map_err(Fault::Refused)?.id),
    };
    let said = web.desk.set_own(&visitor.by(), account).await.map(|(_, said)| said.0);
    Ok(visitor.done_at(said, &visitor.path("accounts/own/billing")))
}
