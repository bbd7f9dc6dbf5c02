//! The same controls over HTTP, under `/_sim`.
//!
//! **Owns:** reading a control's JSON, calling [`Sim`], the two CSV files, the log and counters; which
//! page is where.
//! **Does not own:** what a control does, how a page looks (`pages`), what its forms do (`forms`).
//! **Limits on purpose:** no authentication: the simulator holds nothing real and listens on loopback.

mod breaks;
mod forms;
mod pages;
mod panel;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::{
    fault::Fault,
    route::{Answer, Request},
    sim::Sim,
};

pub(crate) fn answer(sim: &Sim, request: &Request) -> Answer {
    let path = request.path.strip_prefix("/_sim").unwrap_or("").trim_end_matches('/');
    match (request.method.as_str(), path) {
        ("GET", "") => pages::agreements(sim, &request.query),
        ("GET", pages::STYLE_PATH) => pages::style(),
        ("GET", pages::ICON_PATH) => pages::icon(),
        ("GET", "/writes") => {
            let writes: Vec<Value> = sim.writes().iter().map(crate::Write::json).collect();
            Answer::json(Value::Array(writes).to_string())
        }
        ("GET", "/requests") => Answer::json(sim.requests().json().to_string()),
        ("GET", "/additions") => Answer::json(sim.snapshot().to_string()),
        ("GET", "/usage.csv") => {
            let changed = request.query.get("changed").and_then(|text| text.parse().ok()).unwrap_or(0);
            let seed = request.query.get("seed").and_then(|text| text.parse().ok()).unwrap_or(1);
            let now = sim.state().clock.now().to_string();
            csv(sim.world().usage_csv(changed, request.query.get("at").unwrap_or(&now), seed))
        }
        ("GET", "/links.csv") => csv(sim.world().links_csv()),
        ("GET", page) => match page.strip_prefix("/agreements/").and_then(|id| id.parse().ok()) {
            Some(id) => pages::agreement(sim, id, &pages::Seen::of(&request.query)),
            None => said(Err("no such control".to_owned())).with_status(404),
        },
        ("POST", path) if forms::is_form(path) => forms::answer(sim, path, &request.body),
        ("POST", path) => {
            let body = if request.body.is_empty() { Ok(json!({})) } else { serde_json::from_slice(&request.body) };
            match body {
                Ok(body) => said(control(sim, path, &body)),
                Err(error) => said(Err(error.to_string())),
            }
        }
        _ => said(Err("only GET and POST".to_owned())).with_status(405),
    }
}

fn csv(text: String) -> Answer {
    Answer { content_type: "text/csv; charset=utf-8", ..Answer::json(text) }
}

fn said(done: Result<(), String>) -> Answer {
    match done {
        Ok(()) => Answer::json(json!({ "ok": true }).to_string()),
        Err(words) => Answer::json(json!({ "ok": false, "message": words }).to_string()).with_status(400),
    }
}

fn text<'a>(body: &'a Value, name: &str) -> Result<&'a str, String> {
    let text = body.get(name).and_then(Value::as_str);
    text.ok_or(format!("{name} is missing"))
}

fn id(body: &Value, name: &str) -> Result<i64, String> {
    let value = body.get(name).ok_or(format!("{name} is missing"))?;
    let number = value.as_i64();
    let number = number.or_else(|| value.as_str()?.trim().parse().ok());
    number.ok_or(format!("{name} is not an id"))
}

fn control(sim: &Sim, path: &str, body: &Value) -> Result<(), String> {
    match edited(sim, path, body)? {
        Some(true) => Ok(()),
        Some(false) => Err("no such record".to_owned()),
        None => switched(sim, path, body),
    }
}

/// What a person does to records: whether the record was there; None: not such a control.
fn edited(sim: &Sim, path: &str, body: &Value) -> Result<Option<bool>, String> {
    let (agreement, addition) = (|| id(body, "agreement"), || id(body, "addition"));
    Ok(Some(match path {
        "/human" => {
            let quantity = decimal(body.get("quantity").ok_or("quantity is missing")?)?;
            let who = text(body, "who").unwrap_or("jdoe");
            sim.human_edit(agreement()?, addition()?, quantity, who)
        }
        "/cancel_addition" => {
            let date = text(body, "date").ok().map(str::parse::<Date>);
            let date = date.transpose().map_err(|error| error.to_string())?;
            sim.cancel_addition(agreement()?, addition()?, date)
        }
        "/delete_addition" => sim.delete_addition(agreement()?, addition()?),
        "/cancel" => sim.cancel_agreement(agreement()?),
        "/delete_agreement" => sim.delete_agreement(agreement()?),
        "/rename_company" => sim.rename_company(id(body, "company")?, text(body, "name")?),
        "/delete_company" => {
            let deleted = body.get("deleted").and_then(Value::as_bool);
            sim.delete_company(id(body, "company")?, deleted.unwrap_or(true))
        }
        "/rename_item" => sim.rename_item(id(body, "item")?, text(body, "description")?),
        _ => return Ok(None),
    }))
}

/// What is done to the server itself.
fn switched(sim: &Sim, path: &str, body: &Value) -> Result<(), String> {
    match path {
        "/fault" => sim.fault(Fault::read(body)?),
        "/clear" => sim.clear_faults(),
        "/reset" => sim.reset_counters(),
        "/rights" => rights(sim, body)?,
        "/codebase" => sim.set_codebase(text(body, "codebase")?),
        "/clock" => {
            let now = text(body, "now")?.parse();
            sim.set_clock(now.map_err(|error: jiff::Error| error.to_string())?);
        }
        "/strict_paths" => {
            let strict = body.get("strict").and_then(Value::as_bool);
            sim.set_strict_paths(strict.unwrap_or(true));
        }
        "/requests_per_minute" => {
            let limit = body.get("limit").and_then(Value::as_u64);
            let limit = limit.and_then(|limit| u32::try_from(limit).ok());
            sim.set_requests_per_minute(limit.ok_or("limit is missing")?);
        }
        _ => return Err(format!("{path} is not a control")),
    }
    Ok(())
}

/// `{"module","function","inquire","edit"}`, `{"mysecurity":"forbidden"|"allowed"}`, or
/// `{"agreement_types":[1,2]|null}`.
fn rights(sim: &Sim, body: &Value) -> Result<(), String> {
    if let Some(word) = body.get("mysecurity").and_then(Value::as_str) {
        sim.forbid_my_security(word == "forbidden");
        return Ok(());
    }
    if let Some(types) = body.get("agreement_types") {
        let ids = types.as_array().map(|types| types.iter().filter_map(Value::as_i64).collect());
        sim.restrict_agreement_types(ids);
        return Ok(());
    }
    let (module, function) = (text(body, "module")?, text(body, "function")?);
    sim.set_rights(module, function, text(body, "inquire")?, text(body, "edit")?);
    Ok(())
}

fn decimal(value: &Value) -> Result<Decimal, String> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.trim().parse().map_err(|_| format!("{text} is not a number"))
}
