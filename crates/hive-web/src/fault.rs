//! Why a page was not shown, in words.
//!
//! **Owns:** which status goes with which trouble, the pages that say so, in the frame for whoever is logged in.

use crate::auth::cookie;
use crate::page::{self, Nav, Page};
use crate::{App, Visitor};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use hive_desk::Refused;
use maud::html;
use std::any::Any;

/// What a handler answers.
pub type Answer = Result<Response, Fault>;

/// Why it was not shown or done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nobody is signed in; a page leads to the login and back to here.
    SignIn(String),
    /// Nobody is signed in, and a program is asking.
    NotSignedIn,
    /// There is no such record for this reader.
    NotFound(String),
    /// The reader's role does not reach so far.
    Forbidden(String),
    /// The desk, the store or the engine refused.
    Refused(Refused),
}

impl Fault {
    /// There is no such page.
    pub fn no_page() -> Fault {
        Fault::NotFound("There is nothing at this address. MSP Overview leads everywhere, also to the Help.".to_owned())
    }

    fn status(&self) -> StatusCode {
        match self {
            Fault::SignIn(_) => StatusCode::SEE_OTHER,
            Fault::NotSignedIn => StatusCode::UNAUTHORIZED,
            Fault::NotFound(_) | Fault::Refused(Refused::NotFound(_)) => StatusCode::NOT_FOUND,
            Fault::Forbidden(_) => StatusCode::FORBIDDEN,
            Fault::Refused(Refused::Stopped(_)) => StatusCode::CONFLICT,
            Fault::Refused(Refused::WrongUsage(_) | Refused::BadRows { .. }) => StatusCode::UNPROCESSABLE_ENTITY,
            Fault::Refused(Refused::Broken(_)) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Fault::SignIn(_) | Fault::NotSignedIn => "Log in first",
            Fault::NotFound(_) | Fault::Refused(Refused::NotFound(_)) => "There is no such thing here",
            Fault::Forbidden(_) => "Your role does not reach this far",
            Fault::Refused(Refused::Broken(_)) => "Hive cannot reach its data just now",
            Fault::Refused(_) => "This was not done",
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fault::SignIn(_) | Fault::NotSignedIn => f.write_str("Nobody is logged in here."),
            Fault::NotFound(words) | Fault::Forbidden(words) => f.write_str(words),
            Fault::Refused(refused) => refused.fmt(f),
        }
    }
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Fault {
        Fault::Refused(refused)
    }
}

impl From<hive_store::StoreError> for Fault {
    fn from(error: hive_store::StoreError) -> Fault {
        Fault::Refused(Refused::from(error))
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        if let Fault::SignIn(next) = &self {
            let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
            return Redirect::to(&format!("/login?{query}")).into_response();
        }
        let words = self.to_string();
        let body = html! {
            p { (words) }
            p.actions { a.button href="/" { "To MSP Overview" } }
        };
        let mut answer = (self.status(), page::bare(self.title(), body)).into_response();
        // For `framed`, which knows who is here.
        answer.extensions_mut().insert(self);
        answer
    }
}

/// The same answer with the frame around it, so that somebody who is logged in has the navigation.
pub(crate) async fn framed(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let mut asked = cookie::read(&parts.headers, cookie::SESSION).is_some().then(|| parts.clone());
    let answer = next.run(Request::from_parts(parts, body)).await;
    let Some((fault, asked)) = answer.extensions().get::<Fault>().zip(asked.as_mut()) else { return answer };
    let Some(visitor) = Visitor::somewhere(asked, &app).await else { return answer };
    let body = html! {
        section.panel { div.panel-body {
            p { (fault.to_string()) }
            p.actions { a.button href=(visitor.path("")) { "To MSP Overview" } }
        } }
    };
    (fault.status(), Page::new(&visitor, Nav::None, fault.title()).body(body)).into_response()
}

/// A page that broke while it was made. What broke goes to the log, never to the reader.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over")]
pub(crate) fn broke(panic: Box<dyn Any + Send + 'static>) -> Response {
    let words = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no words");
    tracing::error!("a page broke: {words}");
    let body = html! {
        p { "Hive made a mistake while making this page. Nothing was written to ConnectWise by it." }
        p { "Try again; if it stays so, tell who hosts Hive, with the time. The log says more." }
        p.actions { a.button href="/" { "To MSP Overview" } }
    };
    (StatusCode::INTERNAL_SERVER_ERROR, page::bare("Something broke", body)).into_response()
}

/// A form that another site sent.
pub(crate) fn cross_site() -> Response {
    let body = html! {
        p { "This form was sent from another site, so Hive did nothing. Open Hive itself and try again there." }
        p { "If you did send it from Hive: a proxy in front of it may be changing the Host or Origin header." }
        p.actions { a.button href="/" { "To MSP Overview" } }
    };
    (StatusCode::FORBIDDEN, page::bare("Sent from another site", body)).into_response()
}

/// More was sent than may be.
pub(crate) fn too_large(max: usize) -> Response {
    let body = html! {
        p { "A file may have at most " (max) " bytes here (HIVE_UPLOAD_BYTES_MAX). Nothing was taken; split the file and choose it again." }
        p.actions { a.button href="/" { "To MSP Overview" } }
    };
    (StatusCode::PAYLOAD_TOO_LARGE, page::bare("This is too large", body)).into_response()
}

/// No such address.
pub(crate) async fn no_page() -> Fault {
    Fault::no_page()
}

/// For probes and scripts: plain words.
pub(crate) fn plain(status: StatusCode, words: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], words.to_owned()).into_response()
}
