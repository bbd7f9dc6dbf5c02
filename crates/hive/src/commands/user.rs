//! `hive user add EMAIL --role ROLE [--msp MSP]`.

use crate::cli::{Format, Role};
use crate::failure::{DONE, Done};
use crate::house::{House, now};
use crate::serve::{OneTime, public_url};
use crate::show::{Csv, show};
use jiff::ToSpan as _;
use serde::Serialize;

/// How long the link to set a password is good for.
const LINK_HOURS: i64 = 24;

#[derive(Debug, Serialize)]
struct UserView {
    email: String,
    role: &'static str,
    msp: Option<String>,
    link: String,
    expires_at: String,
}

const COLUMNS: Csv<'static> = Csv { rows: "", columns: &["email", "role", "msp", "link", "expires_at"] };

pub(super) async fn add(house: &House, format: Format, email: &str, role: Role, msp: Option<&str>) -> Done {
    let msp = match msp {
        Some(text) => Some(house.msp(text).await?),
        None => None,
    };
    let public_url = public_url(&house.process, &house.process.listen)?;
    let at = now();
    let role = match role {
        Role::Admin => hive_store::Role::Admin,
        Role::Approver => hive_store::Role::Approver,
        Role::Mapper => hive_store::Role::Mapper,
        Role::ReadOnly => hive_store::Role::ReadOnly,
    };
    let user = house.store.add_user(email, role, msp.as_ref().map(|msp| msp.id), &house.who, at).await?;
    let token = OneTime::new()?;
    let expires_at = at.saturating_add(LINK_HOURS.hours()).unwrap_or(at);
    house.store.add_link(&token.hash(), Some(user), "password", at, expires_at).await?;
    let view = UserView {
        email: email.trim().to_owned(),
        role: role.name(),
        msp: msp.map(|msp| msp.name),
        link: token.link(&public_url, "login/once"),
        expires_at: format!("{expires_at:.0}"),
    };
    show(format, &view, COLUMNS, || {
        let place = view.msp.as_ref().map_or_else(|| "every MSP".to_owned(), |msp| format!("\"{msp}\""));
        format!(
            "{} is {} at {place}. To set a password, once, until {}:\n{}",
            view.email, view.role, view.expires_at, view.link
        )
    })?;
    Ok(DONE)
}
