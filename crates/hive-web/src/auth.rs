//! Who is here and what they may do.
//!
//! **Owns:** the session cookie, login and its throttle, one-time links, the roles' reach.
//! **Does not own:** where people, sessions and links are kept (the store).
//! **Limits on purpose:** passwords and one-time links; no mail is sent by Hive.

pub(crate) mod cookie;
mod gate;
mod login;
mod may;
mod once;
mod people;
mod setup;
mod token;
mod visitor;

pub(crate) use cookie::secure_cookies;
pub use cookie::{Scheme, new_token};
pub use gate::is_loopback;
pub(crate) use gate::{Gate, address};
pub use may::Do;
pub use people::{PASSWORD_CHARS_MIN, invite};
pub(crate) use token::{api_token_hash, new_api_token};
pub use visitor::{Person, Visitor};

use crate::App;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

/// A login form is small; nobody who is not signed in sends more.
const FORM_BYTES_MAX: usize = 16 * 1024;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/login", get(login::show).post(login::enter))
        .route("/logout", post(login::leave))
        .route("/look", post(login::look))
        .route("/login/once/{token}", get(once::show).post(once::take))
        .route("/setup/{token}", get(setup::show).post(setup::take))
        .route("/password", get(once::show_own).post(once::set_own))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
}
