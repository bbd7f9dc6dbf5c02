//! A living ConnectWise PSA, to try Hive with and to test with.
//!
//! **Owns:** a world of companies, catalog items, agreements and additions; the part of the REST API
//! that billing needs, answered as ConnectWise answers it; the ways in which ConnectWise and the
//! network fail, each switchable while it runs; the log of every applied write.
//! **Does not own:** anything of Hive. It knows no other room and speaks JSON of its own, so that a
//! mistake in reading ConnectWise cannot hide on both sides.
//! **Limits on purpose:** HTTP/1.1 only; only additions can be written; no bundles, reports,
//! callbacks or audit trail. What no public source settles is marked *guess* where it is answered.

mod body;
mod certificate;
mod clock;
mod conditions;
mod control;
mod fault;
mod list;
mod patch;
mod projection;
mod refusal;
mod rights;
mod route;
mod rows;
mod schema;
mod server;
mod sim;
mod stumble;
mod wire;
mod world;

pub use certificate::CertificateKind;
pub use fault::{Fault, FaultKind, On};
pub use jiff::{Timestamp, civil::Date};
pub use rust_decimal::Decimal;
pub use server::{Config, Running, start};
pub use sim::{Requests, Sim, Write};
pub use world::{NewAddition, NewAgreement, NewCompany, NewItem, Size, World};
