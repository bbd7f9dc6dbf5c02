//! Writing an addition: PATCH, PUT, POST.
//!
//! **Owns:** the rules of ConnectWise's JSON Patch (arrays only, bare case-sensitive names, texts for
//! numbers), which members are written, kept or ignored, and the two refusals over dates.
//! **Does not own:** rights, the log of writes, the answer.
//! **Limits on purpose:** a write to a derived member or into an object is a false 200: accepted and
//! without effect.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::{
    refusal::{self, Refusal},
    schema::{self, Kind, member},
    world::{Addition, NewAddition, World, word},
};

/// Applies a JSON Patch to a copy; the caller stores it.
pub(crate) fn patch(world: &World, addition: &Addition, body: &[u8], strict: bool) -> Result<Addition, Refusal> {
    let body: Value = read(body)?;
    let Value::Array(operations) = &body else {
        let kind = "System.Collections.Generic.List`1[PatchOperation]";
        return Err(refusal::cannot_convert(&body.to_string(), kind));
    };
    let mut changed = addition.clone();
    for operation in operations {
        let text = |name: &str| operation.get(name).and_then(Value::as_str);
        let path = text("path").ok_or_else(|| refusal::bad_request("The path of a patch operation is required."))?;
        let path = if strict { path } else { path.strip_prefix('/').unwrap_or(path) };
        let value = match text("op").map(str::to_ascii_lowercase).as_deref() {
            Some("replace" | "add") => operation.get("value").unwrap_or(&Value::Null),
            Some("remove") => &Value::Null,
            _ => {
                return Err(refusal::bad_request("The op of a patch operation must be add, replace or remove."));
            }
        };
        if let Some((first, _)) = path.split_once('/') {
            // Into an object: ConnectWise says 200 and does nothing.
            member(schema::ADDITION, first).ok_or_else(|| refusal::unknown_member(path))?;
        } else {
            set(world, &mut changed, path, value)?;
        }
    }
    check(world, &changed)?;
    Ok(changed)
}

/// A whole record: what it does not name goes back to what it is by default.
pub(crate) fn put(world: &World, addition: &Addition, body: &[u8]) -> Result<Addition, Refusal> {
    let body = object(body)?;
    let blank = Addition {
        quantity: Decimal::ZERO,
        less_included: Decimal::ZERO,
        cancelled: None,
        uom: None,
        written: None,
        ..addition.clone()
    };
    fill(world, blank, &body)
}

/// A new record, not stored yet; its id is the caller's to give.
pub(crate) fn post(world: &World, agreement: i64, body: &[u8]) -> Result<(NewAddition, Map<String, Value>), Refusal> {
    let body = object(body)?;
    for name in ["product", "billCustomer"] {
        if body.get(name).is_none_or(Value::is_null) {
            let words = format!("The {name} field is required.");
            return Err(refusal::invalid_addition("MissingRequiredField", &words, name));
        }
    }
    if let Some(name) = body.keys().find(|name| member(schema::ADDITION, name).is_none()) {
        return Err(refusal::unknown_member(name));
    }
    let item = product(world, body.get("product").unwrap_or(&Value::Null))?;
    Ok((NewAddition { agreement, item, ..NewAddition::default() }, body))
}

/// Sets every member of the body and checks the whole.
pub(crate) fn fill(world: &World, mut addition: Addition, body: &Map<String, Value>) -> Result<Addition, Refusal> {
    for (name, value) in body {
        set(world, &mut addition, name, value)?;
    }
    check(world, &addition)?;
    Ok(addition)
}

fn read(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body)
        .map_err(|_| refusal::bad_request("Unexpected character encountered while parsing value."))
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match read(body)? {
        Value::Object(members) => Ok(members),
        other => Err(refusal::cannot_convert(&other.to_string(), "Addition")),
    }
}

fn set(world: &World, addition: &mut Addition, name: &str, value: &Value) -> Result<(), Refusal> {
    let kind = member(schema::ADDITION, name).ok_or_else(|| refusal::unknown_member(name))?;
    match name {
        "quantity" => addition.quantity = number(value)?,
        "lessIncluded" => addition.less_included = number(value)?,
        "unitPrice" => addition.unit_price = number(value)?,
        "unitCost" => addition.unit_cost = number(value)?,
        "billCustomer" => addition.bill_customer = word(&choice(value)?),
        "effectiveDate" => addition.effective = day(value)?,
        "cancelledDate" => addition.cancelled = day(value)?,
        "uom" => addition.uom = value.as_str().map(Into::into),
        "product" => repoint(world, addition, product(world, value)?),
        _ if Addition::is_kept(name) => keep(addition, name, kind, value)?,
        // Derived by the server: said to be fine, and ignored.
        _ => {}
    }
    Ok(())
}

/// Pointing at another product brings that product's price, cost and texts, unless they are sent too.
fn repoint(world: &World, addition: &mut Addition, item: i64) {
    if addition.item == item {
        return;
    }
    addition.item = item;
    addition.written = None;
    addition.uom = None;
    if let Some(item) = world.items.get(&item) {
        (addition.unit_price, addition.unit_cost) = (item.price, item.cost);
    }
}

fn keep(addition: &mut Addition, name: &str, kind: Kind, value: &Value) -> Result<(), Refusal> {
    let fits = match kind {
        Kind::Flag => value.is_boolean() || value.is_null(),
        Kind::Text => value.is_string() || value.is_null(),
        Kind::Number => {
            return keep_value(
                addition,
                name,
                &serde_json::json!(number(value)?.to_string().parse::<serde_json::Number>().ok()),
            );
        }
        _ => true,
    };
    if !fits {
        return Err(refusal::cannot_convert(
            &value.to_string(),
            if kind == Kind::Flag { "System.Boolean" } else { "System.String" },
        ));
    }
    keep_value(addition, name, value)
}

fn keep_value(addition: &mut Addition, name: &str, value: &Value) -> Result<(), Refusal> {
    let written = addition.written.get_or_insert_default();
    if value.is_null() {
        written.remove(name)
    } else {
        written.insert(name.to_owned(), value.clone())
    };
    Ok(())
}

/// A number, or a text that is one (one known client sends every value as a text); nothing is 0.
fn number(value: &Value) -> Result<Decimal, Refusal> {
    let wrong = || refusal::cannot_convert(&value.to_string(), "System.Nullable`1[System.Double]");
    let text = match value {
        Value::Null => return Ok(Decimal::ZERO),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return Err(wrong()),
    };
    let number = text.parse().or_else(|_| Decimal::from_scientific(&text)).map_err(|_| wrong())?;
    Ok(number.normalize())
}

fn choice(value: &Value) -> Result<String, Refusal> {
    let known =
        schema::BILLING.iter().find(|known| value.as_str().is_some_and(|word| word.eq_ignore_ascii_case(known)));
    known.map(|known| (*known).to_owned()).ok_or_else(|| refusal::cannot_convert(&value.to_string(), "BillCustomer"))
}

/// The calendar date of a date-time; null and "" unset it.
fn day(value: &Value) -> Result<Option<Date>, Refusal> {
    let text = match value {
        Value::Null => "",
        Value::String(text) => text.as_str(),
        _ => {
            return Err(refusal::cannot_convert(&value.to_string(), "System.Nullable`1[System.DateTime]"));
        }
    };
    if text.is_empty() {
        return Ok(None);
    }
    let day = text.get(..10).and_then(|day| day.parse().ok());
    day.map(Some).ok_or_else(|| refusal::cannot_convert(&value.to_string(), "System.Nullable`1[System.DateTime]"))
}

fn product(world: &World, value: &Value) -> Result<i64, Refusal> {
    let by_id = value.get("id").and_then(Value::as_i64).filter(|id| world.items.contains_key(id));
    let name = value.get("identifier").and_then(Value::as_str);
    let by_name = || world.items.values().find(|item| Some(item.identifier.as_str()) == name).map(|item| item.id);
    let item = by_id.or_else(by_name);
    item.ok_or_else(|| refusal::invalid_addition("NotFound", &format!("Product {value} not found"), "product/id"))
}

/// ConnectWise checks the whole record again, so that old wrong data refuses an unrelated write.
fn check(world: &World, addition: &Addition) -> Result<(), Refusal> {
    let Some(agreement) = world.agreements.get(&addition.agreement) else {
        return Ok(());
    };
    if addition.effective.is_some_and(|day| day < agreement.start) {
        return Err(refusal::starts_too_early());
    }
    Ok(())
}
