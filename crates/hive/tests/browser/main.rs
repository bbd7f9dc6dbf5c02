//! The browser door: a real chromium, driven as a person would, against the real binary and a living
//! simulated ConnectWise.
//!
//! `cargo xtask test --only browser` gets chromium, its driver and axe-core. Without a driver the tests
//! say that they are skipped; with HIVE_TEST_NO_SKIPS=1 that is a failure.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod browser;
mod driver;
#[expect(dead_code, reason = "a browser needs a house, but not all that can be done to one")]
#[path = "../it/house.rs"]
mod house;
mod keyboard;
mod live;
mod pages;
mod palette;
mod pictures;
#[expect(dead_code, reason = "a browser needs a house, but not all that can be read from one")]
#[path = "../it/ran.rs"]
mod ran;
mod role;
mod served;
mod simulator;
mod story;
mod stranger;
