//! The conversation with ConnectWise PSA.
//!
//! **Owns:** the HTTP client, the address check, pacing, paging, the wire's types, the one function
//! that sends a PATCH ([`Client::write`]) and the one that sends a POST ([`Client::create`]).
//! **Does not own:** what is written (the plan, `allow`), what is stored (`hive-store`), the clock
//! (it comes in as a value).
//! **Limits on purpose:** it reads companies, catalog items, agreements and additions, and writes
//! the quantity of an addition. It creates an addition only from a `ReleasedCreate`, which a person
//! switched on for that product and approved; it never deletes or re-prices anything.

mod address;
mod client;
mod create;
mod guard;
mod http;
mod list;
mod pace;
mod pull;
mod rows;
mod site;
mod tested;
mod trouble;
mod wire;
mod write;

pub use client::{Access, Client, Clock, Limits};
pub use guard::RunGuard;
pub use pull::{Known, Progress};
pub use site::SiteUrl;
pub use tested::Tested;
pub use trouble::Trouble;
