//! The console from outside: requests in, answers out, a real database behind it.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

mod api;
mod billing;
mod choosing;
mod city;
mod coming_in;
mod connection;
mod creating;
mod decided;
mod door;
mod first_run;
mod frame;
mod links;
mod live;
mod month;
mod overview;
mod played;
mod proof;
mod psa_sync;
mod reach;
mod run_pages;
mod settings;
mod slow;
mod taking_over;
mod town;
mod update;
mod usage;
mod usages;
