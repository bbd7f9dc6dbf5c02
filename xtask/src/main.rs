//! The workshop: `cargo xtask tidy` keeps the constitution, `cargo xtask test` runs every test there is.
//!
//! **Owns:** what is refused in this workspace (`tidy`), which suites there are and what they need
//! (`test`).
//! **Does not own:** any test of Hive; those live in the crates and in `witnesses/`.
//! **Limits on purpose:** the standard library alone, so that it builds in a second on any machine
//! that has cargo.

mod process;
mod tally;
mod test;
mod tidy;

use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask tidy                              refuse what breaks the constitution
cargo xtask test [--install] [--only SUITE]   run every suite, or one
    --install   get what is missing (PostgreSQL, Chromium, Python, Node.js) with apt-get
    suites      format lint tidy rust browser demo witnesses
    HIVE_TEST_NO_SKIPS=1 makes every skip a failure";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["tidy"] => ended(tidy::run(&root()).failed == 0),
        ["test", asked @ ..] => match test::Asked::read(asked) {
            Ok(asked) => ended(test::run(&root(), &asked)),
            Err(wrong) => usage(&wrong),
        },
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        [] => usage("what shall be done?"),
        [other, ..] => usage(&format!("{other} is nothing the workshop does")),
    }
}

/// The workspace's root: this crate is one step below it.
fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(PathBuf::from).unwrap_or(here)
}

fn ended(well: bool) -> ExitCode {
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn usage(wrong: &str) -> ExitCode {
    eprintln!("xtask: {wrong}\n\n{USAGE}");
    ExitCode::from(2)
}
