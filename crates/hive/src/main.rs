//! Hive, the binary: settings, wiring, the command line and the runs.
//!
//! **Owns:** what a command does from its arguments to its exit code, the clock, the runs.
//! **Does not own:** any rule of a quantity (core), SQL (store), HTTP (connectwise).

mod cli;
mod commands;
mod connecting;
mod demo;
mod failure;
mod files;
mod house;
mod process;
mod progress;
mod run;
mod serve;
mod show;

use clap::Parser as _;
use std::io::IsTerminal as _;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// One for pages while another plans; more would only cost memory, since runs wait for ConnectWise.
const SERVE_WORKERS: usize = 2;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let filter = EnvFilter::try_from_env("HIVE_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let runtime = if matches!(cli.command, cli::Command::Serve | cli::Command::Demo(_)) {
        // Pages answer while a plan of many lines is made (decision 013).
        tokio::runtime::Builder::new_multi_thread().worker_threads(SERVE_WORKERS).enable_all().build()
    } else {
        tokio::runtime::Builder::new_current_thread().enable_all().build()
    };
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            show::tell(&format!("hive: {error}"));
            return ExitCode::from(failure::STOPPED);
        }
    };
    let code = match runtime.block_on(commands::execute(cli)) {
        Ok(code) => code,
        Err(failure) => {
            show::tell(&format!("hive: {failure}"));
            failure.code
        }
    };
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    ExitCode::from(code)
}
