//! The conversation, held with the simulator and with servers that are worse, over loopback.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod connect;
mod creating;
mod lists;
mod odd;
mod pace;
mod safety;
mod stops;
mod support;
mod write;
