//! The desk's tests.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

mod profile;
