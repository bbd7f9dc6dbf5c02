//! The commands: who asks, one call, one view.

use crate::cli::{Cli, Command, Import, Msp, User};
use crate::failure::{DONE, Done};
use crate::house::House;

mod answer;
mod approve;
mod config;
mod connect;
mod decided;
mod demo;
mod doctor;
mod import;
mod link;
mod links;
mod msp;
mod plan;
mod rules;
mod serve;
mod simulate;
mod sources;
mod update;
mod user;

/// Runs one command to its exit code.
pub(crate) async fn execute(cli: Cli) -> Done {
    let format = cli.format;
    match cli.command {
        Command::Demo(asked) => return demo::demo(&asked).await,
        Command::Simulate(asked) => return simulate::simulate(&asked).await,
        Command::Config => return doctor::config(format),
        _ => {}
    }
    // Only these may begin a new database; elsewhere a missing one means the wrong directory.
    let may_begin =
        matches!(cli.command, Command::Msp { .. } | Command::Doctor { .. } | Command::Serve | Command::User { .. });
    let house = House::open(may_begin).await?;
    let house = &house;
    match cli.command {
        Command::Msp { command: Msp::Add { name } } => msp::add(house, format, &name).await,
        Command::Msp { command: Msp::List } => msp::list(house, format).await,
        Command::Connect(asked) => connect::connect(house, format, &asked).await,
        Command::Import { command: Import::Usage { msp, file, source, complete, dry_run } } => {
            import::usage(house, format, &msp, import::Asked { file, source, complete, dry_run }).await
        }
        Command::Import { command: Import::Links { msp, file } } => import::links(house, format, &msp, &file).await,
        Command::Links { msp } => links::links(house, format, &msp).await,
        Command::Match { msp, apply } => links::matches(house, format, &msp, apply).await,
        Command::Link(asked) => link::link(house, format, &asked).await,
        Command::Unlink(asked) => link::unlink(house, format, &asked).await,
        Command::Ignore(asked) => link::ignore(house, format, &asked).await,
        Command::Exclude(asked) => decided::exclude(house, format, &asked).await,
        Command::Include(asked) => decided::include(house, format, &asked).await,
        Command::Exclusions { msp } => decided::exclusions(house, format, &msp).await,
        Command::Adjust(asked) => decided::adjust(house, format, &asked).await,
        Command::Adjustments { msp } => decided::adjustments(house, format, &msp).await,
        Command::Sync { msp } => update::sync(house, format, &msp).await,
        Command::Plan { msp, with, .. } if with.is_empty() => plan::plan(house, format, &msp).await,
        Command::Plan { msp, with, product, account } => {
            let asked = rules::SettingsAsked { changes: with, product, account, tried: false };
            plan::what_if(house, format, &msp, &asked).await
        }
        Command::Backtest { msp, months, with, product } => {
            let asked = rules::SettingsAsked { changes: with, product, account: None, tried: false };
            plan::back_test(house, format, &msp, months, &asked).await
        }
        Command::Export { msp } => config::export(house, &msp).await,
        Command::Apply { msp, file, dry_run } => config::apply(house, format, &msp, &file, dry_run).await,
        Command::Explain { msp, pair, run } => plan::explain(house, format, &msp, &pair, run).await,
        Command::Pin(asked) => rules::pin(house, format, &asked).await,
        Command::Quota(asked) => rules::quota(house, format, &asked).await,
        Command::Approve(asked) => approve::approve(house, format, &asked).await,
        Command::Answer(asked) => answer::answer(house, format, &asked).await,
        Command::Update(asked) => update::update(house, format, &asked).await,
        Command::Report { msp, run, true_up: true, from, to, .. } => {
            update::true_up(house, format, &msp, &update::TrueUpAsked { run, from, to }).await
        }
        Command::Report { msp, run, out, .. } => {
            update::report(house, format, &msp, run.as_deref(), out.as_deref()).await
        }
        Command::Runs { msp } => update::runs(house, format, &msp).await,
        Command::Undo { msp, run, dry_run } => update::undo(house, format, &msp, run, dry_run).await,
        Command::Settings { msp, changes, product, account, tried } => {
            rules::settings(house, format, &msp, &rules::SettingsAsked { changes, product, account, tried }).await
        }
        Command::Sources(asked) => sources::sources(house, format, &asked).await,
        Command::Serve => serve::serve(house).await,
        Command::User { command: User::Add { email, role, msp } } => {
            user::add(house, format, &email, role, msp.as_deref()).await
        }
        Command::Doctor { msp } => doctor::doctor(house, format, msp.as_deref()).await,
        Command::Demo(_) | Command::Simulate(_) | Command::Config => Ok(DONE),
    }
}
