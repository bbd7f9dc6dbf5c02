//! The pages, one module for each area.
//!
//! **Owns:** which areas there are. Each brings its own routes.
//! **Does not own:** the frame (`page`), the parts (`part`), who may come in (`auth`).

mod accounts;
mod activity;
mod billable_items;
mod decided;
mod file;
mod first_run;
mod help;
mod links;
mod month;
mod overview;
mod people;
mod proof;
mod psa_sync;
mod runs;
mod settings;
mod shown;
mod true_up;
mod update;
mod usage;
mod usages;
mod welcome;

use crate::App;
use axum::Router;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .merge(welcome::routes())
        .merge(overview::routes())
        .merge(psa_sync::routes())
        .merge(links::routes())
        .merge(usages::routes())
        .merge(update::routes())
        .merge(runs::routes())
        .merge(settings::routes())
        .merge(month::routes())
        .merge(accounts::routes())
        .merge(billable_items::routes())
        .merge(activity::routes())
        .merge(people::routes())
        .merge(proof::routes())
        .merge(usage::routes())
        .merge(help::routes())
        .merge(first_run::routes())
        .merge(decided::routes())
        .merge(true_up::routes())
}
