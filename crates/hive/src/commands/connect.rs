//! `hive connect`: tests first, saves then; `--accept` takes what will not work.

use crate::cli::{Connect, Format};
use crate::connecting::{Saved, Way, test_and_save};
use crate::failure::{DONE, Done, Failure};
use crate::house::{House, now};
use crate::show::{Csv, say, show};
use hive_connectwise::Tested;
use hive_core::rights::Rights;
use hive_store::Msp;
use secrecy::SecretString;
use serde::Serialize;
use std::io::Read as _;

#[derive(Debug, Serialize)]
struct ConnectionView {
    msp: String,
    url: String,
    company: String,
    codebase: String,
    version: Option<String>,
    state: &'static str,
    rights: &'static str,
    missing: Vec<MissingView>,
    warnings: Vec<String>,
}

#[derive(Debug, Serialize)]
struct MissingView {
    module: &'static str,
    function: &'static str,
    action: String,
    found: String,
    needed: &'static str,
    stops: &'static str,
    optional: bool,
}

const COLUMNS: Csv<'static> = Csv {
    rows: "",
    columns: &[
        "msp",
        "url",
        "company",
        "codebase",
        "version",
        "state",
        "rights",
        "missing.module",
        "missing.function",
        "missing.action",
        "missing.found",
        "missing.needed",
        "warnings",
    ],
};

pub(super) async fn connect(house: &House, format: Format, asked: &Connect) -> Done {
    let msp = house.msp(&asked.msp).await?;
    if asked.accept
        && asked.url.is_none()
        && asked.company.is_none()
        && asked.public_key.is_none()
        && asked.private_key_file.is_none()
    {
        return accept(house, format, &msp).await;
    }
    let new = New::of(asked)?;
    let way = Way {
        url: new.url,
        company: new.company,
        public_key: new.public_key,
        private_key: Some(new.private_key),
        client_id: asked.client_id.clone(),
    };
    let Saved { url, tested, moved } = test_and_save(house, &msp, &way).await.map_err(|not| not.failure)?;
    if asked.accept {
        house.store.accept_rights(msp.id, &house.who, now()).await?;
    }
    let view = view(&msp, &url, &way.company, &tested, asked.accept);
    show(format, &view, COLUMNS, || words(&view, &tested, moved))?;
    Ok(DONE)
}

/// What a new connection needs.
struct New {
    url: String,
    company: String,
    public_key: String,
    private_key: SecretString,
}

impl New {
    fn of(asked: &Connect) -> Result<New, Failure> {
        let need = |value: &Option<String>, name: &str| {
            let value = value.as_deref().map(str::trim).filter(|value| !value.is_empty());
            value.map(str::to_owned).ok_or_else(|| {
                Failure::wrong_usage(format!(
                    "--{name} is missing; a connection needs --url, --company, --public-key and --private-key-file"
                ))
            })
        };
        Ok(New {
            url: need(&asked.url, "url")?,
            company: need(&asked.company, "company")?,
            public_key: need(&asked.public_key, "public-key")?,
            private_key: private_key(&need(&asked.private_key_file, "private-key-file")?)?,
        })
    }
}

fn private_key(file: &str) -> Result<SecretString, Failure> {
    let text = if file == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    let text =
        text.map_err(|error| Failure::stopped(format!("the private key cannot be read from {file}: {error}")))?;
    let key = text.trim();
    if key.is_empty() || key.contains(char::is_whitespace) {
        return Err(Failure::stopped(format!("{file} holds no private key: one word on one line is expected")));
    }
    Ok(SecretString::from(key.to_owned()))
}

async fn accept(house: &House, format: Format, msp: &Msp) -> Done {
    let connection = house.connection(msp).await?;
    if !connection.rights.waits_for_admin() {
        say(format, &format!("{} has every right it needs: there is nothing to accept.", msp.name))?;
        return Ok(DONE);
    }
    house.store.accept_rights(msp.id, &house.who, now()).await?;
    say(
        format,
        &format!(
            "Accepted by {}: {} goes on without the missing rights (hive doctor \"{}\" lists them).",
            house.who, msp.name, msp.name
        ),
    )?;
    Ok(DONE)
}

fn view(msp: &Msp, url: &str, company: &str, tested: &Tested, accepted: bool) -> ConnectionView {
    let (rights, missing) = match &tested.rights {
        Rights::Unknown { .. } => ("unknown", Vec::new()),
        Rights::Known { missing, .. } => (
            "known",
            missing
                .iter()
                .map(|missing| MissingView {
                    module: missing.needed.module,
                    function: missing.needed.function,
                    action: missing.needed.action.to_string(),
                    found: missing.found.to_string(),
                    needed: "All",
                    stops: missing.needed.stops,
                    optional: missing.needed.optional,
                })
                .collect(),
        ),
    };
    let warnings = tested.warnings.clone();
    let waits = tested.rights.waits_for_admin() && !accepted;
    ConnectionView {
        msp: msp.name.clone(),
        url: url.to_owned(),
        company: company.to_owned(),
        codebase: tested.codebase.clone(),
        version: tested.version.clone(),
        state: if waits { "waiting for an admin" } else { "ok" },
        rights,
        missing,
        warnings,
    }
}

fn words(view: &ConnectionView, tested: &Tested, moved: bool) -> String {
    let mut text = format!(
        "{} is connected to {} as {} ({}).\n",
        view.msp,
        view.url,
        view.company,
        view.codebase.trim_end_matches('/')
    );
    if moved {
        text.push_str("This is another ConnectWise than before: Hive previews again, and nothing is written until you start an Update with a plan's id.\n");
    }
    if let Rights::Known { missing, restricted } = &tested.rights {
        for missing in missing {
            text.push_str(&format!(
                "Missing right: {missing}{}\n",
                if missing.needed.optional { " (optional)" } else { "" }
            ));
        }
        for restricted in restricted {
            text.push_str(&format!(
                "Restricted: {restricted} is customised in the role; rows may be hidden from Hive.\n"
            ));
        }
    }
    for warning in &view.warnings {
        text.push_str(&format!("Note: {warning}\n"));
    }
    if view.state == "ok" {
        text.push_str(&format!("Next: hive import usage \"{}\" FILE, then hive sync \"{}\"", view.msp, view.msp));
    } else {
        text.push_str(&format!("The connection is waiting for an admin: Syncs run, no Update writes. Mend the role in ConnectWise and connect again, or accept: hive connect \"{}\" --accept", view.msp));
    }
    text
}
