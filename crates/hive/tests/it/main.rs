//! The house door: the real binary, from outside, against a living ConnectWise in this process.
//!
//! What counts is what ConnectWise holds and logs, not what Hive says of it.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod accounts;
mod arrives;
mod bad_links;
mod bad_usage;
mod bracket;
mod chaos;
mod choosing;
mod contract;
mod crash;
mod creating;
mod decided;
mod faults;
mod feeds;
mod golive;
mod holds;
mod house;
mod humans;
mod moved;
mod proof;
mod questions;
mod ran;
mod rules;
mod runs;
mod serve;
mod stops;
mod syncing;
mod updating;
mod wire;
