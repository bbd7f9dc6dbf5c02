//! What each fault does to an answer.
//!
//! **Owns:** turning a fault and a request into bytes, a wait, or a broken connection.
//! **Does not own:** when a fault hits (`fault`), the ordinary answer (`route`).

use std::{future::pending, time::Duration};

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::{
    fault::{Fault, FaultKind},
    list::Tweak,
    refusal::{self, Refusal},
    route::{self, Answer, Bend, Request},
    sim::Sim,
};

/// What goes on the wire.
pub(crate) enum Outcome {
    Answer(Answer),
    Slow(Answer),
    Reset(Answer),
    Endless,
    Bomb,
    /// The connection is closed without an answer.
    Dropped,
}

const SIGN_IN: &str = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>ConnectWise</h1>\
                       <form method=\"post\"><input name=\"password\" type=\"password\"></form></body></html>";

pub(crate) async fn stumble(sim: &Sim, request: &Request, fault: Fault) -> Outcome {
    if let Some(outcome) = broken(sim, request, &fault).await {
        return outcome;
    }
    if let Some(answer) = canned(&fault.kind) {
        if fault.applied {
            route::answer(sim, request, Bend::default());
        }
        return Outcome::Answer(answer);
    }
    Outcome::Answer(bent(sim, request, &fault.kind))
}

/// Faults of the connection and of time.
async fn broken(sim: &Sim, request: &Request, fault: &Fault) -> Option<Outcome> {
    let answer = || route::answer(sim, request, Bend::default());
    Some(match &fault.kind {
        FaultKind::Hang => {
            if fault.applied {
                answer();
            }
            pending().await
        }
        FaultKind::Drop => {
            if fault.applied {
                answer();
            }
            Outcome::Dropped
        }
        FaultKind::PatchLost => {
            answer();
            Outcome::Dropped
        }
        FaultKind::Latency(wait) => Outcome::Answer(late(sim, request, *wait).await),
        FaultKind::AnswerLate(wait) => {
            let answer = answer();
            tokio::time::sleep(*wait).await;
            Outcome::Answer(answer)
        }
        FaultKind::HumanBefore(quantity) => {
            human(sim, request, *quantity);
            Outcome::Answer(answer())
        }
        FaultKind::HumanAfter(quantity) => {
            let answer = answer();
            human(sim, request, *quantity);
            Outcome::Answer(answer)
        }
        FaultKind::Slow => Outcome::Slow(answer()),
        FaultKind::ResetMid => Outcome::Reset(answer()),
        FaultKind::Endless => Outcome::Endless,
        FaultKind::Bomb => Outcome::Bomb,
        _ => return None,
    })
}

/// Someone edits the addition that the request is about.
fn human(sim: &Sim, request: &Request, quantity: Decimal) {
    let subject = route::subject(&request.method, &route::place_of(&request.path).0);
    if let (Some(agreement), Some(addition)) = (subject.agreement, subject.addition) {
        sim.human_edit(agreement, addition, quantity, "jdoe");
    }
}

/// In a task of its own: a client that has given up does not stop the write.
async fn late(sim: &Sim, request: &Request, wait: Duration) -> Answer {
    let (sim, request) = (sim.clone(), request.clone());
    let task = tokio::spawn(async move {
        tokio::time::sleep(wait).await;
        route::answer(&sim, &request, Bend::default())
    });
    task.await.unwrap_or_else(|_| refusal::server_error().into())
}

/// Answers that do not depend on the request.
fn canned(kind: &FaultKind) -> Option<Answer> {
    let refused = |refusal: Refusal| Some(Answer::from(refusal));
    let with = |mut answer: Answer, name: &'static str, value: &str| {
        answer.headers.push((name, value.to_owned()));
        Some(answer)
    };
    match kind {
        FaultKind::TooMany(Some(after)) => with(refusal::too_many(after).into(), "retry-after", after),
        FaultKind::TooMany(None) => refused(refusal::too_many("30")),
        FaultKind::ServerError => refused(refusal::server_error()),
        FaultKind::ServerTimeout => refused(refusal::server_timeout()),
        FaultKind::ServerBadInput => refused(refusal::cannot_convert("\"7\"", "System.Nullable`1[System.Double]")),
        FaultKind::BadGateway => {
            Some(Answer::html(502, "<html><head><title>502 Bad Gateway</title></head><body></body></html>"))
        }
        FaultKind::Unavailable => Some(Answer::html(503, "<html><body><h1>Service Unavailable</h1></body></html>")),
        FaultKind::UnavailableEmptyObject => Some(Answer::json("{}".into()).with_status(503)),
        FaultKind::Html => Some(Answer::html(200, SIGN_IN)),
        FaultKind::Unauthorized => refused(refusal::wrong_keys()),
        FaultKind::Forbidden => refused(refusal::forbidden()),
        FaultKind::NotFound => refused(refusal::not_found("Record", "0")),
        FaultKind::InvalidAddition => refused(refusal::already_invoiced()),
        FaultKind::Conflict => refused(refusal::conflict()),
        FaultKind::RequestTimeout => refused(refusal::request_timeout()),
        FaultKind::Redirect(to) => with(Answer::html(302, ""), "location", to),
        FaultKind::Null => Some(Answer::json("null".into())),
        _ => None,
    }
}

/// The ordinary answer, changed.
fn bent(sim: &Sim, request: &Request, kind: &FaultKind) -> Answer {
    let tweak = match kind {
        FaultKind::Duplicate => Tweak::Duplicate,
        FaultKind::Shift => Tweak::Shift,
        FaultKind::ShortPage => Tweak::ShortPage,
        FaultKind::LinkLoop => Tweak::LinkLoop,
        FaultKind::LinkMissing => Tweak::LinkMissing,
        _ => Tweak::None,
    };
    // A create that is carried out twice, as where something between repeats it.
    if *kind == FaultKind::Duplicate && request.method == "POST" {
        route::answer(sim, request, Bend::default());
    }
    let mut answer = route::answer(sim, request, Bend { tweak, rounded: *kind == FaultKind::Rounded });
    match kind {
        FaultKind::LinkOtherHost(host) => {
            let link = format!("<{}{}?page=2>; rel=\"next\"", host.trim_end_matches('/'), request.path);
            answer.headers.retain(|(name, _)| *name != "link");
            answer.headers.push(("link", link));
        }
        FaultKind::LinkGarbage => {
            answer.headers.retain(|(name, _)| *name != "link");
            answer.headers.push(("link", "<not a link>; rel=next, \u{fffd}".replace('\u{fffd}', "%%%")));
        }
        FaultKind::NoContent => (answer.status, answer.body) = (204, Vec::new()),
        FaultKind::Truncate => answer.body.truncate(answer.body.len() / 2),
        _ if matches!(answer.status, 200 | 201) => rewrite(&mut answer, kind),
        _ => {}
    }
    answer
}

/// Changes the JSON of a good answer.
fn rewrite(answer: &mut Answer, kind: &FaultKind) {
    let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) else {
        return;
    };
    match kind {
        FaultKind::Empty => {
            body = if body.get("count").is_some() { json!({ "count": 0 }) } else { json!([]) };
            answer.headers.retain(|(name, _)| *name != "link");
        }
        FaultKind::NoQuantity | FaultKind::NoQuantityAnswer => each(&mut body, |row| {
            row.remove("quantity");
        }),
        FaultKind::BadType => each(&mut body, |row| {
            if let Some(quantity) = row.get_mut("quantity") {
                *quantity = json!("n/a");
            }
        }),
        FaultKind::BlankDates => each(&mut body, |row| {
            for name in ["cancelledDate", "endDate", "dateCancelled"] {
                row.entry(name).or_insert_with(|| json!(""));
            }
        }),
        FaultKind::WrongRecord => each(&mut body, |row| {
            let id = row.get("id").and_then(Value::as_i64).unwrap_or(0);
            row.insert("id".into(), json!(id + 1));
        }),
        FaultKind::Weird => weird(&mut body),
        _ => return,
    }
    answer.body = body.to_string().into_bytes();
}

fn each(body: &mut Value, change: impl Fn(&mut Map<String, Value>)) {
    match body {
        Value::Array(rows) => rows.iter_mut().filter_map(Value::as_object_mut).for_each(change),
        Value::Object(row) => change(row),
        _ => {}
    }
}

const DEEP: usize = 200;
const LONG_BYTES: usize = 65_536;

/// Every row grows a member nobody knows; the first also a long text and deep nesting; a list gets one
/// more row with a huge id and words that no enum has.
fn weird(body: &mut Value) {
    each(body, |row| {
        row.insert("quantumFlag".into(), json!({ "state": "both", "since": "v2027.1" }));
    });
    let pointer = if body.is_array() { "/0" } else { "" };
    let Some(first) = body.pointer_mut(pointer) else {
        return;
    };
    let mut odd = first.clone();
    if let Some(row) = first.as_object_mut() {
        row.insert("longText".into(), json!("x".repeat(LONG_BYTES)));
        row.insert("deep".into(), (0..DEEP).fold(json!(1), |inner, _| json!([inner])));
    }
    if let (Value::Array(rows), Some(row)) = (body, odd.as_object_mut()) {
        row.insert("id".into(), json!(1_099_511_627_776_i64));
        for name in ["agreementStatus", "billCustomer", "productClass"] {
            if let Some(word) = row.get_mut(name) {
                *word = json!("Quantum");
            }
        }
        rows.push(odd);
    }
}
