//! The console and the HTTP API.
//!
//! **Owns:** HTML, the HTTP server, sessions in cookies, what a role may open.
//! **Does not own:** any rule; what a page says and does comes from the desk and the store. It never
//! speaks to ConnectWise: it nudges a run through [`Engine`].

mod engine;
pub mod help;

pub use engine::{BoxFuture, ConnectForm, Connected, Engine, RunAsked};
