//! The console and the HTTP API.
//!
//! **Owns:** HTML, the HTTP server, sessions in cookies, what a role may open.
//! **Does not own:** any rule; what a page says and does comes from the desk and the store. It never
//! speaks to ConnectWise: it nudges a run through [`Engine`].

mod api;
mod asset;
pub mod auth;
mod engine;
mod events;
mod fault;
mod flash;
mod headers;
pub mod help;
mod listen;
pub mod page;
mod pages;
pub mod part;
mod server;
mod uploads;

pub use auth::{Do, Person, Visitor, new_token};
pub use engine::{About, BoxFuture, ConnectForm, Connected, Engine, FolderRoots, NotConnected, RunAsked};
pub use fault::{Answer, Fault};
pub use flash::Said;
pub use listen::Patience;
pub use page::{Nav, Page};
pub use server::{App, Web, router, serve, serve_within};
