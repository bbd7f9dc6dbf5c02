//! The console from outside: requests in, answers out, a real database behind it.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

mod api;
mod coming_in;
mod door;
mod frame;
mod live;
mod reach;
mod usage;
