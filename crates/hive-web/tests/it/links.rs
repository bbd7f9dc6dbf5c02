//! Show Accounts and Show Products, as a mapper uses them (AC-01, AC-23 to AC-39).

mod accounts;
mod products;
mod world;

pub(crate) use world::{World, company, item, row};
