//! Who asks: a person who is signed in, and a person at an MSP.
//!
//! **Owns:** the extractors that every page begins with.
//! **Limits on purpose:** an MSP that is not theirs is not there for them: 404, not 403.

use super::cookie::{self, Scheme};
use super::{Do, may};
use crate::flash::{self, Said};
use crate::part::Here;
use crate::{App, Fault};
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse, Redirect, Response};
use hive_core::{MspId, TimeZone, Timestamp};
use hive_desk::{By, Refused};
use hive_store::{Msp, Role, User};
use jiff::SignedDuration;
use url::Url;

/// A session that is not used for so long has ended.
pub(crate) const IDLE: SignedDuration = SignedDuration::from_hours(12);
/// A session ends after this, used or not.
pub(crate) const LONGEST: SignedDuration = SignedDuration::from_hours(30 * 24);
/// What the script says when it fetches a page again by itself: nobody is sitting there because of it.
const BY_ITSELF: &str = "x-hive-live";

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who.
    pub user: User,
    /// The moment of asking, by the one clock.
    pub now: Timestamp,
    /// Light or dark.
    pub scheme: Scheme,
    /// Where they are.
    pub here: Here,
    pub(crate) said: Option<Said>,
    pub(crate) session: String,
    back: Option<String>,
}

impl Person {
    /// For [`By`] and the audit log.
    pub fn who(&self) -> String {
        format!("user:{}", self.user.email)
    }

    /// Their roles at an MSP.
    pub fn roles(&self, msp: MspId) -> Vec<Role> {
        let here = |at: &Option<MspId>| at.is_none_or(|at| at == msp);
        self.user.roles.iter().filter(|(at, _)| here(at)).map(|(_, role)| *role).collect()
    }

    /// Whether they may be at more than one MSP.
    pub fn many(&self) -> bool {
        self.user.roles.len() > 1 || self.everywhere()
    }

    /// Whether they have a role at every MSP.
    pub fn everywhere(&self) -> bool {
        self.user.roles.iter().any(|(at, _)| at.is_none())
    }

    /// Whether they run the installation: an admin of every MSP.
    pub fn runs_all(&self) -> bool {
        self.user.roles.contains(&(None, Role::Admin))
    }

    /// Goes to a page and says something there.
    pub fn go(&self, to: &str, said: &Said) -> Response {
        go(to, said)
    }

    /// The page of Hive that the form was on, if the browser says so.
    pub fn back(&self) -> Option<&str> {
        self.back.as_deref()
    }
}

/// Somebody at an MSP of theirs: `/m/{msp}/…`.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Who.
    pub person: Person,
    /// Where.
    pub msp: Msp,
    /// What they are there; never empty.
    pub roles: Vec<Role>,
    /// The MSP's time zone.
    pub zone: TimeZone,
}

impl Visitor {
    /// The moment of asking.
    pub fn now(&self) -> Timestamp {
        self.person.now
    }

    /// The path and query that were asked for.
    pub fn here(&self) -> &Here {
        &self.person.here
    }

    /// Who asks for what, for the desk's verbs.
    pub fn by(&self) -> By {
        By { msp: self.msp.clone(), who: self.person.who(), at: self.person.now }
    }

    /// Whether their role reaches so far: for showing a button, never instead of [`Visitor::need`].
    pub fn may(&self, what: Do) -> bool {
        may::Do::allowed(what, &self.roles)
    }

    /// Refuses (403, in words) what their role does not reach.
    pub fn need(&self, what: Do) -> Result<(), Fault> {
        if self.may(what) { Ok(()) } else { Err(Fault::Forbidden(what.refusal(&self.roles, &self.msp.name))) }
    }

    /// A path at this MSP: `path("accounts")` is `/m/1/accounts`.
    pub fn path(&self, rest: &str) -> String {
        let id = self.msp.id.0;
        if rest.is_empty() { format!("/m/{id}") } else { format!("/m/{id}/{rest}") }
    }

    /// A place in the Help, one of [`crate::help::link`].
    pub(crate) fn help(&self, place: &str) -> String {
        self.path(&format!("help/{place}"))
    }

    /// Goes back to the page the form was on (`else_to` where the browser does not say), and says what was
    /// done or why not.
    pub fn done<T: Into<String>>(&self, result: Result<T, Refused>, else_to: &str) -> Response {
        let to = self.person.back().map_or_else(|| self.path(else_to), str::to_owned);
        self.done_at(result, &to)
    }

    /// [`Visitor::done`], at exactly this address.
    pub fn done_at<T: Into<String>>(&self, result: Result<T, Refused>, to: &str) -> Response {
        match result {
            Ok(words) => go(to, &Said::good(words)),
            Err(refused) => go(to, &Said::bad(refused.to_string())),
        }
    }

    pub(crate) fn role_words(&self) -> String {
        self.roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ")
    }
}

/// A redirect that says something once.
pub(crate) fn go(to: &str, said: &Said) -> Response {
    let mut answer = Redirect::to(to).into_response();
    if let Some(cookie) = said.cookie() {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}

impl FromRequestParts<App> for Person {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Person, Fault> {
        let here = Here::new(parts.uri.path(), parts.uri.query().unwrap_or_default());
        let nobody = || nobody(parts, &here);
        let cookie = cookie::read(&parts.headers, cookie::SESSION).ok_or_else(nobody)?;
        let (now, session) = (app.web.engine.now(), cookie::hash(cookie));
        let ends = cookie::begun(cookie).and_then(|begun| begun.checked_add(LONGEST).ok()).ok_or_else(nobody)?;
        let store = &app.web.desk.store;
        let user = store.session(&session, now).await?.filter(|_| now < ends).ok_or_else(nobody)?;
        if !by_itself(&parts.headers) && app.gate.touches(&session, now) {
            let idle = now.checked_add(IDLE).unwrap_or(ends);
            store.touch_session(&session, now, idle.min(ends)).await?;
        }
        Ok(Person {
            user,
            now,
            scheme: Scheme::of(&parts.headers),
            said: cookie::read(&parts.headers, flash::COOKIE)
                .filter(|_| !by_itself(&parts.headers))
                .and_then(Said::read),
            back: back(&parts.headers),
            here,
            session,
        })
    }
}

/// A page leads to the login and back; a script or a form is told.
fn nobody(parts: &Parts, here: &Here) -> Fault {
    let page = parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let is_page = page.is_none_or(|accept| accept.contains("text/html") || accept == "*/*");
    match (parts.method == Method::GET, is_page && !by_itself(&parts.headers)) {
        (true, true) => Fault::SignIn(here.to_string()),
        (false, true) => Fault::SignIn(back(&parts.headers).unwrap_or_else(|| "/".to_owned())),
        (_, false) => Fault::NotSignedIn,
    }
}

/// Whether no person caused this request.
fn by_itself(headers: &HeaderMap) -> bool {
    let events = |accept: &axum::http::HeaderValue| accept.as_bytes() == b"text/event-stream";
    headers.contains_key(BY_ITSELF) || headers.get(header::ACCEPT).is_some_and(events)
}

/// The path and query of the page a form was on. The browser sends it to this site alone
/// (Referrer-Policy same-origin), and cross-site posts are refused before, so its path is ours.
fn back(headers: &HeaderMap) -> Option<String> {
    let referer = Url::parse(headers.get(header::REFERER)?.to_str().ok()?).ok()?;
    let path = local(referer.path())?;
    Some(referer.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}")))
}

/// A path of this site: what would lead to another one is none.
pub(crate) fn local(path: &str) -> Option<&str> {
    let leads_away = path.starts_with("//") || path.contains('\\') || path.chars().any(char::is_control);
    Some(path).filter(|path| path.starts_with('/') && !leads_away)
}

impl Visitor {
    /// Somebody who is signed in, at the MSP of the address or else the first of theirs: for what is said where
    /// no page is. None where nobody is, or where they have no MSP.
    pub(crate) async fn somewhere(parts: &mut Parts, app: &App) -> Option<Visitor> {
        let person = Person::from_request_parts(parts, app).await.ok()?;
        let named = parts.uri.path().strip_prefix("/m/").and_then(|rest| rest.split('/').next()?.parse().ok());
        let store = &app.web.desk.store;
        let theirs = store.msps().await.ok()?.into_iter().filter(|msp| !person.roles(msp.id).is_empty());
        let theirs: Vec<Msp> = theirs.collect();
        let msp = theirs.iter().find(|msp| named == Some(msp.id.0)).or(theirs.first())?.clone();
        let (roles, zone) = (person.roles(msp.id), store.settings(msp.id).await.ok()?.time_zone());
        Some(Visitor { person, msp, roles, zone })
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Visitor, Fault> {
        let person = Person::from_request_parts(parts, app).await?;
        let parameters = RawPathParams::from_request_parts(parts, app).await.map_err(|_| Fault::no_page())?;
        let asked = parameters.iter().find(|(name, _)| *name == "msp").map(|(_, value)| value.to_owned());
        let msp = asked.and_then(|asked| asked.parse().ok()).map(MspId).ok_or_else(Fault::no_page)?;
        let roles = person.roles(msp);
        if roles.is_empty() {
            return Err(Fault::no_page());
        }
        let store = &app.web.desk.store;
        let zone = store.settings(msp).await?.time_zone();
        let msp = store.msp(&msp.0.to_string()).await?.ok_or_else(Fault::no_page)?;
        Ok(Visitor { person, msp, roles, zone })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_lead_back() {
        assert_eq!(local("/m/1/accounts?q=x"), Some("/m/1/accounts?q=x"));
        for away in ["//evil.example", "https://evil.example", "/\\evil.example", "", "m/1", "/a\r\nb"] {
            assert_eq!(local(away), None, "{away}");
        }
    }
}
