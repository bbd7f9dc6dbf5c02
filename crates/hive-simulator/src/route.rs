//! From a request to the answer ConnectWise would give.
//!
//! **Owns:** paths, authentication, rights, the rate limit's answer; reading and writing records.
//! **Does not own:** what a fault does to the answer (`stumble`), the socket (`server`).

mod place;
mod write;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{
    list::{self, Query, Tweak},
    refusal::{self, Refusal},
    rights::{AGREEMENTS, Act, CATALOG, COMPANIES},
    rows::{Record, setup_rows},
    sim::{Sim, State},
};

use place::{API, ROUTER};
pub(crate) use place::{Place, place_of, subject};

/// A request, read whole.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Query,
    pub(crate) authorization: Option<String>,
    pub(crate) client_id: Option<String>,
    /// `http://host:port`, as the client called it.
    pub(crate) origin: String,
    pub(crate) body: Vec<u8>,
}

/// An answer before it is put on the wire.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

const JSON: &str = "application/json; charset=utf-8";

impl Answer {
    pub(crate) fn json(body: String) -> Answer {
        Answer { status: 200, content_type: JSON, headers: Vec::new(), body: body.into_bytes() }
    }

    pub(crate) fn html(status: u16, text: &str) -> Answer {
        Answer { status, content_type: "text/html; charset=utf-8", headers: Vec::new(), body: text.as_bytes().to_vec() }
    }

    pub(crate) fn with_status(self, status: u16) -> Answer {
        Answer { status, ..self }
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Answer {
        Answer { status: refusal.status, content_type: JSON, headers: Vec::new(), body: refusal::print(&refusal.body) }
    }
}

/// What a fault asks of the ordinary answer.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bend {
    pub(crate) tweak: Tweak,
    /// Another quantity is stored than was sent.
    pub(crate) rounded: bool,
}

/// The ordinary answer, bent where a fault asks for it. This is where a write is applied.
pub(crate) fn answer(sim: &Sim, request: &Request, bend: Bend) -> Answer {
    let (place, codebase) = place_of(&request.path);
    let mut state = sim.state();
    let known = codebase == state.codebase || codebase == ROUTER;
    let done = match &place {
        Place::CompanyInfo(company) => Ok(company_info(sim, &state, company)),
        Place::Nowhere => Err(refusal::no_endpoint()),
        _ if !known => Err(refusal::no_endpoint()),
        _ => check_keys(sim, &state, request, &codebase).and_then(|by| {
            let base = format!("{}/{codebase}{API}", request.origin);
            match request.method.as_str() {
                "GET" => read(&state, request, &place, &base, bend.tweak),
                _ => write::apply(&mut state, request, &place, &base, &by, bend.rounded),
            }
        }),
    };
    done.unwrap_or_else(Answer::from)
}

fn company_info(sim: &Sim, state: &State, company: &str) -> Answer {
    let config = sim.config();
    if company != config.company {
        return Answer::json("null".to_owned());
    }
    let version = state.codebase.trim_end_matches('/').replace('_', ".");
    let body = json!({
        "CompanyName": "Northwind IT", "Codebase": state.codebase, "VersionCode": version,
        "VersionNumber": "v4.6.85432", "CompanyID": config.company,
        "IsCloud": if state.codebase == ROUTER { "False" } else { "True" },
    });
    Answer::json(body.to_string())
}

/// The member behind the keys. Wrong keys through the router on cloud are 404, as documented.
fn check_keys(sim: &Sim, state: &State, request: &Request, codebase: &str) -> Result<String, Refusal> {
    let config = sim.config();
    let wrong = || {
        if codebase == ROUTER && state.codebase != ROUTER { refusal::no_endpoint() } else { refusal::wrong_keys() }
    };
    let header = request.authorization.as_deref().ok_or_else(refusal::not_authenticated)?;
    let encoded = header.strip_prefix("Basic ").ok_or_else(refusal::not_authenticated)?;
    let decoded =
        STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(wrong)?;
    if decoded != format!("{}+{}:{}", config.company, config.public_key, config.private_key) {
        return Err(wrong());
    }
    let client_id = request.client_id.as_deref().map(str::trim).filter(|id| !id.is_empty());
    let client_id = client_id.ok_or_else(refusal::client_id_missing)?;
    let registered = match &config.client_id {
        Some(only) => client_id.eq_ignore_ascii_case(only),
        None => is_guid(client_id),
    };
    if registered { Ok(config.public_key.clone()) } else { Err(refusal::client_id_unknown()) }
}

fn is_guid(text: &str) -> bool {
    let text = text.trim_matches(['{', '}']);
    text.chars().filter(|c| *c != '-').count() == 32 && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

fn inquire(state: &State, function: (&str, &str)) -> Result<(), Refusal> {
    if state.rights.may(function, Act::Inquire) { Ok(()) } else { Err(refusal::forbidden()) }
}

fn read(state: &State, request: &Request, place: &Place, base: &str, tweak: Tweak) -> Result<Answer, Refusal> {
    match place {
        Place::CompanyInfo(_) | Place::Nowhere => Err(refusal::no_endpoint()),
        Place::SystemInfo => Ok(system_info(state)),
        Place::Setup(path, Some(id)) => {
            let rows = setup_rows(&state.world, path).unwrap_or_default();
            let row = rows.iter().find(|row| row.id().to_string() == *id);
            one(state, request, base, row, "Record", id)
        }
        Place::Company(id) => {
            inquire(state, COMPANIES)?;
            let found = id.parse().ok().and_then(|id| state.world.companies.get(&id));
            let found = found.filter(|company| state.rights.owns(COMPANIES, Act::Inquire, company.id));
            one(state, request, base, found, "Company", id)
        }
        Place::Item(id) => {
            inquire(state, CATALOG)?;
            one(state, request, base, id.parse().ok().and_then(|id| state.world.items.get(&id)), "CatalogItem", id)
        }
        Place::Agreement(id) => {
            inquire(state, AGREEMENTS)?;
            one(state, request, base, visible_agreement(state, id), "Agreement", id)
        }
        Place::Addition(parent, id) => {
            inquire(state, AGREEMENTS)?;
            let parent = visible_agreement(state, parent).map(|agreement| agreement.id);
            let found = parent.zip(id.parse().ok()).and_then(|(parent, id)| state.world.addition_of(parent, id));
            one(state, request, base, found, "Addition", id)
        }
        _ => many(state, request, place, base, tweak),
    }
}

fn visible_agreement<'a>(state: &'a State, id: &str) -> Option<&'a crate::world::Agreement> {
    let found = state.world.agreements.get(&id.parse().ok()?)?;
    shows_agreement(state, found).then_some(found)
}

fn shows_agreement(state: &State, agreement: &crate::world::Agreement) -> bool {
    state.rights.owns(AGREEMENTS, Act::Inquire, agreement.id) && state.rights.shows_agreement_type(agreement.kind)
}

fn one<R: Record>(
    state: &State,
    request: &Request,
    base: &str,
    record: Option<&R>,
    kind: &str,
    id: &str,
) -> Result<Answer, Refusal> {
    if id.parse::<i64>().is_err() {
        return Err(refusal::bad_request(&format!("The value '{id}' is not valid for Id.")));
    }
    let record = record.ok_or_else(|| refusal::not_found(kind, id))?;
    let mut body = String::new();
    record.write(state.view(base), request.query.fields().as_ref(), &mut body);
    Ok(Answer::json(body))
}

/// A list or a count.
fn many(state: &State, request: &Request, place: &Place, base: &str, tweak: Tweak) -> Result<Answer, Refusal> {
    let (place, counting) = match place {
        Place::Count(inner) => (&**inner, true),
        place => (place, false),
    };
    let listing = Listing { state, request, base, tweak, counting };
    let world = &state.world;
    match place {
        Place::Companies => {
            inquire(state, COMPANIES)?;
            listing.of(world.companies.values().filter(|row| state.rights.owns(COMPANIES, Act::Inquire, row.id)))
        }
        Place::Catalog => {
            inquire(state, CATALOG)?;
            listing.of(world.items.values())
        }
        Place::Agreements => {
            inquire(state, AGREEMENTS)?;
            listing.of(world.agreements.values().filter(|row| shows_agreement(state, row)))
        }
        Place::Additions(parent) => {
            inquire(state, AGREEMENTS)?;
            let agreement = visible_agreement(state, parent).ok_or_else(|| refusal::not_found("Agreement", parent))?;
            listing.of(world.additions_of(agreement.id))
        }
        Place::MySecurity if state.rights.my_security_forbidden => Err(refusal::forbidden()),
        Place::MySecurity => listing.of(state.rights.table().iter()),
        Place::Setup(path, None) => listing.of(setup_rows(world, path).unwrap_or_default().iter()),
        _ => Err(refusal::no_endpoint()),
    }
}

struct Listing<'a> {
    state: &'a State,
    request: &'a Request,
    base: &'a str,
    tweak: Tweak,
    counting: bool,
}

impl Listing<'_> {
    fn of<'r, R: Record + 'r>(&'r self, records: impl Iterator<Item = &'r R>) -> Result<Answer, Refusal> {
        let (view, query) = (self.state.view(self.base), &self.request.query);
        if self.counting {
            let count = list::count(view, records, query)?;
            return Ok(Answer::json(json!({ "count": count }).to_string()));
        }
        let address = format!("{}{}", self.request.origin, self.request.path);
        let page = list::page(view, records, query, &address, self.tweak)?;
        let mut answer = Answer::json(page.body);
        answer.headers.extend(page.link.map(|link| ("link", link)));
        Ok(answer)
    }
}

fn system_info(state: &State) -> Answer {
    let licences: Vec<Value> =
        ["Agreements", "Procurement"].map(|name| json!({ "name": name, "activeFlag": true })).into();
    let body = json!({
        "version": format!("{}.85432", state.codebase.trim_end_matches('/').replace('_', ".")),
        "isCloud": state.codebase != ROUTER, "serverTimeZone": "Eastern Standard Time", "licenseBits": licences,
        "cloudRegion": "NA", "maxWorkFlowRecordsAllowed": 1000,
    });
    Answer::json(body.to_string())
}
