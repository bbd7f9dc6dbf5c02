//! Where a request goes.
//!
//! **Owns:** reading a path, and what faults and counters call it.
//! **Does not own:** the answer.

use crate::fault::{On, Subject};

/// What a path is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    CompanyInfo(String),
    SystemInfo,
    MySecurity,
    Companies,
    Company(String),
    Catalog,
    Item(String),
    Agreements,
    Agreement(String),
    Additions(String),
    Addition(String, String),
    /// A setup table, and the id of one row.
    Setup(String, Option<String>),
    /// The number of records at a place.
    Count(Box<Place>),
    Nowhere,
}

pub(super) const API: &str = "apis/3.0";
/// On cloud a router to the current version; on premise the only one.
pub(super) const ROUTER: &str = "v4_6_release/";

/// The place of a path under its codebase, and that codebase; the codebase ends with a slash.
pub(crate) fn place_of(path: &str) -> (Place, String) {
    if let Some(company) = path.strip_prefix("/login/companyinfo/") {
        let company = format!("id={company}");
        let decoded = url::form_urlencoded::parse(company.as_bytes()).next().map(|(_, value)| value.into_owned());
        return (Place::CompanyInfo(decoded.unwrap_or_default()), String::new());
    }
    let Some((codebase, rest)) = path.trim_start_matches('/').split_once(API) else {
        return (Place::Nowhere, String::new());
    };
    let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
    let place = match parts.split_last() {
        Some((&"count", before)) => match collection(before) {
            Place::Nowhere => Place::Nowhere,
            place => Place::Count(Box::new(place)),
        },
        _ => collection(&parts),
    };
    (place, codebase.to_owned())
}

fn collection(parts: &[&str]) -> Place {
    let own = |text: &str| text.to_owned();
    match parts {
        ["system", "info"] => Place::SystemInfo,
        ["system", "mySecurity"] => Place::MySecurity,
        ["company", "companies", table @ ("statuses" | "types"), id @ ..] if id.len() < 2 => {
            Place::Setup(format!("/company/companies/{table}"), id.first().map(|id| own(id)))
        }
        ["finance", "agreements", "types", id @ ..] if id.len() < 2 => {
            Place::Setup(own("/finance/agreements/types"), id.first().map(|id| own(id)))
        }
        ["finance", table @ ("billingCycles" | "currencies"), id @ ..] if id.len() < 2 => {
            Place::Setup(format!("/finance/{table}"), id.first().map(|id| own(id)))
        }
        ["procurement", "unitOfMeasures", id @ ..] if id.len() < 2 => {
            Place::Setup(own("/procurement/unitOfMeasures"), id.first().map(|id| own(id)))
        }
        ["company", "companies"] => Place::Companies,
        ["company", "companies", id] => Place::Company(own(id)),
        ["procurement", "catalog"] => Place::Catalog,
        ["procurement", "catalog", id] => Place::Item(own(id)),
        ["finance", "agreements"] => Place::Agreements,
        ["finance", "agreements", id] => Place::Agreement(own(id)),
        ["finance", "agreements", id, "additions"] => Place::Additions(own(id)),
        ["finance", "agreements", parent, "additions", id] => Place::Addition(own(parent), own(id)),
        _ => Place::Nowhere,
    }
}

/// What faults and counters call this request.
pub(crate) fn subject(method: &str, place: &Place) -> Subject {
    let number = |text: &str| text.parse().ok();
    let (agreement, addition) = match place {
        Place::Agreement(id) | Place::Additions(id) => (number(id), None),
        Place::Addition(parent, id) => (number(parent), number(id)),
        Place::Count(inner) => match &**inner {
            Place::Additions(id) => (number(id), None),
            _ => (None, None),
        },
        _ => (None, None),
    };
    let on = match (method, place) {
        ("PATCH" | "PUT", _) => On::Patch,
        ("POST" | "DELETE", _) => On::Post,
        (_, Place::CompanyInfo(_)) => On::CompanyInfo,
        (_, Place::SystemInfo) => On::SystemInfo,
        (_, Place::MySecurity) => On::MySecurity,
        (_, Place::Companies) => On::Companies,
        (_, Place::Company(_)) => On::Company,
        (_, Place::Catalog) => On::Catalog,
        (_, Place::Item(_)) => On::CatalogItem,
        (_, Place::Agreements) => On::Agreements,
        (_, Place::Agreement(_)) => On::Agreement,
        (_, Place::Additions(_)) => On::Additions,
        (_, Place::Addition(..)) => On::Addition,
        (_, Place::Count(_)) => On::Counts,
        (_, Place::Setup(..) | Place::Nowhere) => On::Get,
    };
    Subject { on, agreement, addition }
}
