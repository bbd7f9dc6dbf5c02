//! Every test there is, in one command: `cargo xtask test`.
//!
//! **Owns:** the suites and their order, how they are counted, what a skip means.
//! **Does not own:** the tests; how a tool is found or got (`tools`).
//! **Limits on purpose:** what cannot be had is skipped loudly, never silently; with
//! HIVE_TEST_NO_SKIPS=1 a skip is a failure.

mod postgres;
mod rust;
mod tools;
mod witnesses;

use crate::process::{self, Output};
use crate::tally::Tally;
use crate::tidy;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const DEMO_DEADLINE: Duration = Duration::from_secs(300);

type Suite = fn(&mut Workshop) -> Tally;

const SUITES: [(&str, Suite); 7] = [
    ("format", format),
    ("lint", lint),
    ("tidy", |workshop| tidy::run(&workshop.root)),
    ("rust", rust::suite),
    ("browser", rust::browser),
    ("demo", demo),
    ("witnesses", witnesses::suite),
];

/// What was asked for on the command line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    install: bool,
    only: Option<String>,
}

impl Asked {
    pub(crate) fn read(words: &[&str]) -> Result<Asked, String> {
        let mut asked = Asked::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--install" => asked.install = true,
                "--only" => asked.only = Some(suite_named(words.next().copied())?),
                other => return Err(format!("{other} is not an option of test")),
            }
        }
        Ok(asked)
    }
}

fn suite_named(name: Option<&str>) -> Result<String, String> {
    let name = name.ok_or("--only needs a suite")?;
    let known = SUITES.iter().any(|(suite, _)| *suite == name);
    if known { Ok(name.to_owned()) } else { Err(format!("{name} is not a suite")) }
}

/// Where the suites run, and what they have to say at the end.
pub(crate) struct Workshop {
    root: PathBuf,
    install: bool,
    no_skips: bool,
    /// Every skip with its reason, for the end.
    skips: Vec<String>,
}

impl Workshop {
    /// Says loudly that something is not tested here.
    fn skip(&mut self, what: &str, why: &str) -> Tally {
        println!("!!! SKIPPED {what}: {why}");
        if self.no_skips {
            println!("!!! and HIVE_TEST_NO_SKIPS=1 makes that a failure");
            self.skips.push(format!("FAILED {what}: it was skipped: {why}"));
            return Tally::failed(1);
        }
        self.skips.push(format!("SKIPPED {what}: {why}"));
        Tally { skipped: 1, ..Tally::default() }
    }

    fn target(&self) -> PathBuf {
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.root.join("target"), |folder| self.root.join(folder))
    }

    /// The binary a user gets from the README's first command; None: it does not build.
    fn hive(&self) -> Option<PathBuf> {
        let built = process::run(&mut process::cargo(&self.root, &["build", "--release", "-p", "hive"]));
        built.then(|| self.target().join("release").join("hive"))
    }
}

/// Runs the suites; true when nothing failed. The last line is the count of everything.
pub(crate) fn run(root: &Path, asked: &Asked) -> bool {
    let no_skips = std::env::var("HIVE_TEST_NO_SKIPS").is_ok_and(|value| value == "1");
    let mut workshop = Workshop { root: root.to_owned(), install: asked.install, no_skips, skips: Vec::new() };
    let mut all = Tally::default();
    let mut told = Vec::new();
    for (name, suite) in SUITES {
        if asked.only.as_deref().is_none_or(|only| only == name) {
            println!("\n=== {name}");
            let started = Instant::now();
            let tally = suite(&mut workshop);
            println!("suite {name}: {tally}");
            told.push(format!("{name}: {tally} ({} s)", started.elapsed().as_secs()));
            all += tally;
        }
    }
    println!("\n=== all");
    told.iter().chain(&workshop.skips).for_each(|line| println!("  {line}"));
    println!("{all}");
    all.failed == 0
}

fn format(workshop: &mut Workshop) -> Tally {
    if !process::works("cargo", &["fmt", "--version"]) {
        return workshop.skip("format", "rustfmt is missing (rustup component add rustfmt)");
    }
    Tally::check(process::run(&mut process::cargo(&workshop.root, &["fmt", "--all", "--check"])))
}

fn lint(workshop: &mut Workshop) -> Tally {
    if !process::works("cargo", &["clippy", "--version"]) {
        return workshop.skip("lint", "clippy is missing (rustup component add clippy)");
    }
    let arguments = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    Tally::check(process::run(&mut process::cargo(&workshop.root, &arguments)))
}

/// The README's first command, told as text.
fn demo(workshop: &mut Workshop) -> Tally {
    let Some(hive) = workshop.hive() else { return Tally::failed(1) };
    let mut demo = std::process::Command::new(hive);
    demo.args(["demo", "--exit"]).current_dir(&workshop.root);
    match process::watch(&mut demo, Output::Standard, Some(DEMO_DEADLINE)) {
        Ok(ended) => Tally::check(ended.well && told_something(&ended.lines)),
        Err(error) => {
            println!("hive demo --exit cannot be started: {error}");
            Tally::failed(1)
        }
    }
}

/// A demo that says nothing is none.
fn told_something(lines: &[String]) -> bool {
    let told = lines.iter().any(|line| !line.trim().is_empty());
    if !told {
        println!("hive demo --exit printed nothing");
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_or_refused() {
        assert_eq!(Asked::read(&[]), Ok(Asked::default()));
        let asked = Asked { install: true, only: Some("demo".into()) };
        assert_eq!(Asked::read(&["--only", "demo", "--install"]), Ok(asked));
        assert!(Asked::read(&["--only", "everything"]).is_err());
        assert!(Asked::read(&["--only"]).is_err());
        assert!(Asked::read(&["--quick"]).is_err());
    }

    #[test]
    fn a_skip_is_a_failure_where_none_is_allowed() {
        let mut workshop = Workshop { root: PathBuf::new(), install: false, no_skips: false, skips: Vec::new() };
        assert_eq!(workshop.skip("x", "y"), Tally { skipped: 1, ..Tally::default() });
        workshop.no_skips = true;
        assert_eq!(workshop.skip("x", "y"), Tally::failed(1));
        assert_eq!(workshop.skips.len(), 2);
    }
}
