//! The planner's scenarios: a short text in, a readable plan out. `door` knows the types; the
//! scenarios know none of them.
#![cfg(test)]

mod allowing;
mod averages;
mod codes;
mod creating;
mod door;
mod invoices;
mod limits;
mod lines;
mod memory;
mod properties;
mod reader;
mod sums;
mod targets;
mod units;
