//! The simulator as its clients see it, over real sockets.
#![cfg(test)]

mod client;
mod controls;
mod faults;
mod generated;
mod pages;
mod paging;
mod refusals;
mod writing;
