//! The desk from outside, over a real store: what a person asks, what they are told, what stands then.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

mod apart;
mod billing;
mod door;
mod folders;
mod looks;
mod profile;
mod sums;
mod verbs;
