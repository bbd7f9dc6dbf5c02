//! Requests that change an addition.
//!
//! **Owns:** rights to write, storing, the log of writes.
//! **Does not own:** what a body means (`patch`).

use rust_decimal::Decimal;

use super::{Answer, Place, Request, visible_agreement};
use crate::{
    patch,
    refusal::{self, Refusal},
    rights::{AGREEMENTS, Act},
    rows::Record,
    sim::{State, Write},
    world::Addition,
};

pub(super) fn apply(
    state: &mut State,
    request: &Request,
    place: &Place,
    base: &str,
    by: &str,
    rounded: bool,
) -> Result<Answer, Refusal> {
    let method = request.method.as_str();
    let (parent, addition) = match (method, place) {
        ("POST", Place::Additions(parent)) => (parent, None),
        ("PATCH" | "PUT" | "DELETE", Place::Addition(parent, id)) => (parent, Some(id)),
        _ => return Err(refusal::no_method()),
    };
    let act = match method {
        "POST" => Act::Add,
        "DELETE" => Act::Delete,
        _ => Act::Edit,
    };
    if !state.rights.may(AGREEMENTS, act) {
        return Err(refusal::forbidden());
    }
    let agreement = visible_agreement(state, parent).map(|agreement| agreement.id);
    let agreement = agreement.ok_or_else(|| refusal::not_found("Agreement", parent))?;
    if !state.rights.owns(AGREEMENTS, act, agreement) {
        return Err(refusal::forbidden());
    }
    let Some(id) = addition else {
        return create(state, request, agreement, base, by, rounded);
    };
    let before = id.parse().ok().and_then(|id| state.world.addition_of(agreement, id));
    let before = before.cloned().ok_or_else(|| refusal::not_found("Addition", id))?;
    if method == "DELETE" {
        state.world.remove_addition(agreement, before.id);
        log(state, request, &before, before.quantity, Decimal::ZERO, by);
        return Ok(Answer::json(String::new()).with_status(204));
    }
    let mut after = match method {
        "PATCH" => patch::patch(&state.world, &before, &request.body, state.strict_paths)?,
        _ => patch::put(&state.world, &before, &request.body)?,
    };
    if rounded {
        after.quantity = another(after.quantity);
    }
    after.stamp = state.stamp(by);
    log(state, request, &after, before.quantity, after.quantity, by);
    store(state, after, base)
}

/// A whole number near it that is not it.
fn another(quantity: Decimal) -> Decimal {
    let up = quantity.ceil();
    if up == quantity { up + Decimal::ONE } else { up }
}

fn create(
    state: &mut State,
    request: &Request,
    agreement: i64,
    base: &str,
    by: &str,
    rounded: bool,
) -> Result<Answer, Refusal> {
    let (new, body) = patch::post(&state.world, agreement, &request.body)?;
    let id = state.world.addition(new);
    let blank = state.world.additions.get(&id).cloned();
    let filled = blank.ok_or_else(refusal::server_error).and_then(|blank| patch::fill(&state.world, blank, &body));
    let mut filled = filled.inspect_err(|_| {
        state.world.remove_addition(agreement, id);
    })?;
    if rounded {
        filled.quantity = another(filled.quantity);
    }
    filled.stamp = state.stamp(by);
    log(state, request, &filled, Decimal::ZERO, filled.quantity, by);
    Ok(store(state, filled, base)?.with_status(201))
}

fn store(state: &mut State, addition: Addition, base: &str) -> Result<Answer, Refusal> {
    let mut body = String::new();
    addition.write(state.view(base), None, &mut body);
    state.world.additions.insert(addition.id, addition);
    Ok(Answer::json(body))
}

fn log(state: &mut State, request: &Request, addition: &Addition, from: Decimal, to: Decimal, by: &str) {
    let write = Write {
        seq: state.writes.len() as u64 + 1,
        method: request.method.clone(),
        agreement: addition.agreement,
        addition: addition.id,
        from,
        to,
        at: state.clock.now(),
        by: by.to_owned(),
        changed: from != to,
        path: request.path.clone(),
        body: String::from_utf8_lossy(&request.body).into_owned(),
    };
    state.writes.push(write);
}
