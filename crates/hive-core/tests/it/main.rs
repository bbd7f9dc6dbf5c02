//! The planner's scenarios: a short text in, a readable plan out. `door` knows the types; the
//! scenarios know none of them.
#![cfg(test)]

mod allowing;
mod attention;
mod averages;
mod choosing;
mod codes;
mod creating;
mod decided;
mod door;
mod feeds;
mod invoices;
mod limits;
mod lines;
mod memory;
mod properties;
mod reader;
mod rules;
mod rules_md;
mod sums;
mod targets;
mod true_ups;
mod units;
