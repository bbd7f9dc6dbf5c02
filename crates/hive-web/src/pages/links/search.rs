//! What the drop-downs and the 'Search for product...' box ask while somebody types.

use super::short;
use crate::part::Chosen;
use crate::{Fault, Visitor, Web};
use axum::Json;
use axum::extract::{Query, State};
use hive_core::link::AccountTarget;
use hive_core::mirror::CatalogItem;
use hive_core::{AccountId, CompanyId, ItemId};
use hive_desk::Look;
use hive_desk::look::OFFERED_MAX;
use serde::Deserialize;
use std::sync::Arc;

/// What was typed so far.
#[derive(Debug, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    q: String,
}

/// How an offered record is named in the form: never mistaken for a name of digits.
pub(super) fn id_words(id: i64) -> String {
    format!("id:{id}")
}

/// Reads [`id_words`].
pub(super) fn read_id(text: &str) -> Option<i64> {
    text.trim().strip_prefix("id:")?.parse().ok()
}

/// What a list begins with while nothing is typed: A to Z, whatever the case.
fn first_by_name<'a>(all: impl Iterator<Item = (&'a str, i64)>) -> Vec<i64> {
    let mut all: Vec<(String, i64)> = all.map(|(name, id)| (name.to_lowercase(), id)).collect();
    all.sort_unstable();
    all.into_iter().take(OFFERED_MAX).map(|(_, id)| id).collect()
}

/// Hive accounts by name and id.
pub(super) async fn accounts(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Query(typed): Query<Typed>,
) -> Result<Json<Vec<Chosen>>, Fault> {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let found = if typed.q.trim().is_empty() {
        first_by_name(look.facts.accounts.iter().map(|account| (account.name.as_str(), account.id.0)))
    } else {
        look.account_finder().find(&typed.q, OFFERED_MAX).0
    };
    Ok(Json(found.into_iter().filter_map(|id| account(&look, AccountId(id))).collect()))
}

fn account(look: &Look, id: AccountId) -> Option<Chosen> {
    let account = look.account(id)?;
    let mut detail = format!("id {id}");
    if let Some(own_id) = &account.external_id {
        detail.push_str(&format!(" · {}", short(own_id)));
    }
    let state = match look.account_link(id).map(|link| link.target) {
        Some(AccountTarget::Company(company)) => {
            let name = look.company(company).map_or_else(String::new, |company| short(&company.name));
            detail.push_str(&format!(" · linked to {name} ({company}) now"));
            "linked"
        }
        Some(AccountTarget::Ignored) => "ignored",
        None => "",
    };
    Some(Chosen { id: id_words(id.0), title: short(&account.name), detail, state: state.to_owned() })
}

/// ConnectWise companies by name, identifier and id.
pub(super) async fn companies(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Query(typed): Query<Typed>,
) -> Result<Json<Vec<Chosen>>, Fault> {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let found = if typed.q.trim().is_empty() {
        let companies = look.mirror().into_iter().flat_map(|mirror| &mirror.companies);
        let kept = companies.filter(|company| !company.deleted);
        first_by_name(kept.map(|company| (company.name.as_str(), company.id.0)))
    } else {
        look.company_finder().find(&typed.q, OFFERED_MAX).0
    };
    Ok(Json(found.into_iter().filter_map(|id| company(&look, CompanyId(id))).collect()))
}

fn company(look: &Look, id: CompanyId) -> Option<Chosen> {
    let company = look.company(id)?;
    let mut detail = format!("{} · id {id}", short(&company.identifier));
    match look.accounts_on(id) {
        [] => {}
        [one] => {
            let name = look.account(*one).map_or_else(String::new, |account| short(&account.name));
            detail.push_str(&format!(" · has {name} already: it would add up"));
        }
        many => detail.push_str(&format!(" · has {} accounts already: it would add up", many.len())),
    }
    let state = if company.deleted {
        "deleted"
    } else if company.is_inactive() {
        "inactive"
    } else {
        ""
    };
    Some(Chosen { id: id_words(id.0), title: short(&company.name), detail, state: state.to_owned() })
}

/// ConnectWise items by product id and description.
pub(super) async fn items(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Query(typed): Query<Typed>,
) -> Result<Json<Vec<Chosen>>, Fault> {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let (found, _) = look.item_finder().find(&typed.q, OFFERED_MAX);
    Ok(Json(found.into_iter().filter_map(|id| look.item(ItemId(id))).map(item).collect()))
}

fn item(item: &CatalogItem) -> Chosen {
    let mut detail = format!("{} · id {}", short(&item.description), item.id);
    if let Some(unit) = item.unit_of_measure.as_ref().filter(|unit| !unit.is_empty()) {
        detail.push_str(&format!(" · by {}", short(unit)));
    }
    Chosen {
        id: id_words(item.id.0),
        title: short(&item.identifier),
        detail,
        state: item_state(item).unwrap_or_default().to_owned(),
    }
}

/// What speaks against an item, in a word.
pub(super) fn item_state(item: &CatalogItem) -> Option<&'static str> {
    if item.inactive {
        Some("inactive")
    } else if item.is_bundle() {
        Some("bundle")
    } else {
        None
    }
}
