//! The one agreement that an account's company is billed on, where a person fixes it.

use crate::part;
use crate::{Answer, Do, Fault, Visitor, Web};
use axum::Form;
use axum::extract::{Path, State};
use hive_core::link::AccountTarget;
use hive_core::mirror::Agreement;
use hive_core::settings::{At, Key};
use hive_core::usage::Account;
use hive_desk::Look;
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

use super::Whose;

/// Every agreement of the account's company, one of which may be fixed.
pub(super) fn panel(visitor: &Visitor, look: &Look, account: &Account) -> Markup {
    let Some(AccountTarget::Company(company)) = look.account_link(account.id).map(|link| link.target) else {
        return html! {};
    };
    let all: Vec<&Agreement> = look.agreements_of(company).collect();
    let fixed = look.facts.settings.agreement(account.id);
    if all.is_empty() && fixed.is_none() {
        return html! {};
    }
    let mut options = vec![(String::new(), "Every active agreement, as the rules say".to_owned())];
    options.extend(all.iter().map(|agreement| (agreement.id.to_string(), words(look, agreement))));
    // Fixed by its name, or an agreement that is not here any more: it stays what it is until somebody chooses.
    let named: Vec<&&Agreement> =
        all.iter().filter(|one| fixed.as_ref().is_some_and(|fixed| fixed.names(one))).collect();
    let chosen = match (&fixed, named.as_slice()) {
        (None, _) => String::new(),
        (Some(_), [one]) => one.id.to_string(),
        (Some(fixed), found) => {
            let many = if found.is_empty() { "not one of the company's" } else { "the name of several" };
            options.push((fixed.to_string(), format!("{fixed} ({many})")));
            fixed.to_string()
        }
    };
    let options: Vec<(&str, &str)> = options.iter().map(|(value, words)| (value.as_str(), words.as_str())).collect();
    let others = look.accounts_on(company).len().saturating_sub(1);
    let hint = "Only additions on this agreement are then fed, whatever the rules say.";
    part::panel(
        None,
        "Agreement",
        html! {},
        html! {
            div.panel-body {
                div.anchor id="agreement" {}
                @if visitor.may(Do::Settings) {
                    form.stack method="post" action=(visitor.path(&format!("accounts/{}/agreement", account.id))) {
                        (part::select("agreement", "Billed on", &options, &chosen, hint))
                        @if others > 0 { p.hint { (part::plural(others, "other account is", "other accounts are")) " linked to the same company: the choice holds for all of them." } }
                        (part::submit("button", "Save the agreement"))
                    }
                } @else {
                    p { "Billed on " (part::name(options.iter().find(|(value, _)| *value == chosen).map_or("", |(_, words)| words))) "." }
                    p.hint { (Do::Settings.refusal(&visitor.roles, &visitor.msp.name)) }
                }
            }
        },
    )
}

/// An agreement in a list: its name, what it is, whose child, and why it bills nothing where it does not.
fn words(look: &Look, agreement: &Agreement) -> String {
    let mut words = format!("{} ({}", agreement.name, agreement.id);
    if let Some(of) = &agreement.agreement_type {
        words.push_str(&format!(", {of}"));
    }
    if let Some(parent) = agreement.parent {
        let name = look.agreement(parent).map_or(String::new(), |found| format!(" {}", found.name));
        words.push_str(&format!(", child of {parent}{name}"));
    }
    words.push(')');
    if let Some(why) = agreement.rejected_on(look.plan.today) {
        words.push_str(&format!(": {why}"));
    }
    words
}

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    agreement: String,
}

pub(super) async fn set(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path((_, account)): Path<(String, String)>,
    Form(asked): Form<Asked>,
) -> Answer {
    visitor.need(Do::Settings)?;
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let Whose::Customer(account) = Whose::find(&look, &account)? else {
        return Err(Fault::NotFound("The MSP's own account is billed on no agreement.".to_owned()));
    };
    let at = At { product: None, account: Some(account.id) };
    let set = web.desk.set_settings(&visitor.by(), &[(Key::Agreement, at, asked.agreement.trim().to_owned())]).await;
    let said = set.map(|()| match asked.agreement.trim() {
        "" => format!("{} is billed on every active agreement that the rules admit.", account.name),
        chosen => format!("{} is billed on agreement {chosen} alone from now on.", account.name),
    });
    Ok(visitor.done_at(said, &visitor.path(&format!("accounts/{}/billing", account.id))))
}
