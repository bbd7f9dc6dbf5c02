//! `hive config`, `hive doctor`.

use crate::cli::Format;
use crate::failure::{DONE, Done, STOPPED};
use crate::house::{House, now};
use crate::process::Process;
use crate::show::{Align, Csv, show, table};
use hive_core::rights::Rights;
use hive_core::when::stamp;
use hive_store::Msp;
use serde::Serialize;

#[derive(Debug, Serialize)]
struct ConfigView {
    name: String,
    value: String,
    from: &'static str,
    meaning: &'static str,
}

const CONFIG_COLUMNS: Csv<'static> = Csv { rows: "", columns: &["name", "value", "from", "meaning"] };

pub(super) fn config(format: Format) -> Done {
    let rows: Vec<ConfigView> = Process::shown()?
        .into_iter()
        .map(|row| ConfigView { name: row.name, value: row.value, from: row.from, meaning: row.meaning })
        .collect();
    show(format, &rows, CONFIG_COLUMNS, || {
        let columns =
            [("Setting", Align::Left), ("Value", Align::Left), ("From", Align::Left), ("Meaning", Align::Left)];
        table(
            &columns,
            rows.iter()
                .map(|row| vec![row.name.clone(), row.value.clone(), row.from.to_owned(), row.meaning.to_owned()]),
        )
    })?;
    Ok(DONE)
}

#[derive(Debug, Serialize)]
struct CheckView {
    check: String,
    /// ok, note or bad.
    state: &'static str,
    words: String,
}

const COLUMNS: Csv<'static> = Csv { rows: "", columns: &["check", "state", "words"] };

/// Looks at everything that can be looked at without writing; 1 if anything is bad.
pub(super) async fn doctor(house: &House, format: Format, msp: Option<&str>) -> Done {
    let mut checks = vec![check(
        "database",
        "ok",
        format!(
            "{} opened, schema is current, the key fits",
            house.process.database_url.split('?').next().unwrap_or_default()
        ),
    )];
    if house.process.database_url.contains('@') {
        checks[0].words = "opened, schema is current, the key fits".to_owned();
    }
    if house.process.connectwise_client_id.is_none() {
        checks.push(check(
            "clientId",
            "note",
            "HIVE_CONNECTWISE_CLIENT_ID is not set: every connection needs one of its own (--client-id)".to_owned(),
        ));
    }
    let msps = match msp {
        Some(msp) => vec![house.msp(msp).await?],
        None => house.store.msps().await?,
    };
    for msp in &msps {
        examine(house, msp, &mut checks).await?;
    }
    show(format, &checks, COLUMNS, || {
        let columns = [("", Align::Left), ("Check", Align::Left), ("Words", Align::Left)];
        table(
            &columns,
            checks.iter().map(|check| vec![check.state.to_owned(), check.check.clone(), check.words.clone()]),
        )
    })?;
    Ok(if checks.iter().any(|check| check.state == "bad") { STOPPED } else { DONE })
}

fn check(name: impl Into<String>, state: &'static str, words: String) -> CheckView {
    CheckView { check: name.into(), state, words }
}

async fn examine(house: &House, msp: &Msp, checks: &mut Vec<CheckView>) -> Result<(), crate::failure::Failure> {
    let name = |what: &str| format!("{}: {what}", msp.name);
    let zone = house.zone(msp).await?;
    let Some(connection) = house.store.connection(msp.id).await? else {
        checks.push(check(name("connection"), "note", format!("not connected yet: hive connect \"{}\" …", msp.name)));
        return Ok(());
    };
    match house.client(msp.id, &connection).await {
        Err(failure) => checks.push(check(name("connection"), "bad", failure.words)),
        Ok(client) => match client.test().await {
            Err(trouble) => checks.push(check(name("connection"), "bad", trouble.to_string())),
            Ok(tested) => {
                house.store.save_rights(msp.id, &tested.rights).await?;
                checks.push(check(
                    name("connection"),
                    "ok",
                    format!("{} as {}, {}", connection.url, connection.company, tested.codebase.trim_end_matches('/')),
                ));
                rights(&tested.rights, connection.accepted.is_some(), &name("rights"), checks);
                right_to_create(house, msp, &client, &name("rights"), checks).await?;
            }
        },
    }
    checks.push(check(
        name("private key"),
        "ok",
        format!("set on {} by {}", stamp(connection.set_at, &zone), connection.set_by),
    ));
    match house.store.mirror(msp.id).await? {
        None => {
            checks.push(check(name("mirror"), "note", format!("nothing was synced yet: hive sync \"{}\"", msp.name)))
        }
        Some(mirror) => {
            let days = now().duration_since(mirror.pulled_at).as_hours() / 24;
            let state = if days > 6 { "note" } else { "ok" };
            checks.push(check(
                name("mirror"),
                state,
                format!("pulled at {}, {} additions", stamp(mirror.pulled_at, &zone), mirror.additions.len()),
            ));
        }
    }
    let open = house.store.open_intents(msp.id).await?.len() + house.store.open_creates(msp.id).await?.len();
    if open > 0 {
        checks.push(check(
            name("journal"),
            "note",
            format!("{open} writes have no outcome yet; the next run looks them up first"),
        ));
    }
    for schedule in house.store.schedules(msp.id).await? {
        if !schedule.words.is_empty() {
            checks.push(check(name(&format!("scheduled {}", schedule.kind.name())), "note", schedule.words));
        }
    }
    let (state, words) = match house.store.verify_audit(msp.id).await? {
        hive_store::AuditCheck::Whole { rows, head: _ } => ("ok", format!("{rows} rows, the chain is whole")),
        hive_store::AuditCheck::Broken { at } => ("bad", format!("row {at} was changed, taken out or put in")),
    };
    checks.push(check(name("audit"), state, words));
    Ok(())
}

/// Only where a product may create what it lacks; nothing waits for it.
async fn right_to_create(
    house: &House,
    msp: &Msp,
    client: &hive_connectwise::Client,
    name: &str,
    checks: &mut Vec<CheckView>,
) -> Result<(), crate::failure::Failure> {
    let settings = house.store.settings(msp.id).await?;
    if !settings.creates_anything() {
        return Ok(());
    }
    match client.lacks_right_to_create().await {
        Ok(Some(missing)) => checks.push(check(name, "note", missing.to_string())),
        Ok(None) => {}
        Err(trouble) => checks.push(check(name, "note", format!("the right to create cannot be read: {trouble}"))),
    }
    Ok(())
}

fn rights(rights: &Rights, accepted: bool, name: &str, checks: &mut Vec<CheckView>) {
    match rights {
        Rights::Unknown { why } => checks.push(check(name, "note", format!("cannot be read: {why}"))),
        Rights::Known { missing, restricted } => {
            for missing in missing {
                let state = if missing.needed.optional || accepted { "note" } else { "bad" };
                checks.push(check(name, state, missing.to_string()));
            }
            for restricted in restricted {
                checks.push(check(
                    name,
                    "note",
                    format!("{restricted} is customised in the role; rows may be hidden from Hive"),
                ));
            }
            if missing.is_empty() {
                checks.push(check(name, "ok", "everything that Hive needs".to_owned()));
            }
        }
    }
}
