//! The Rust tests of the workspace, on both databases, and those that drive a browser.
//!
//! **Owns:** running them with nextest, or with cargo alone; counting what they print.
//! **Does not own:** the PostgreSQL they use (`postgres`), where chromedriver and axe-core come from
//! (`tools`).

use super::{Tally, Workshop, postgres};
use crate::process::{self, Ended, Output};
use std::process::Command;

/// Where the tests find a PostgreSQL; without it they use SQLite alone.
const POSTGRES_URL: &str = "HIVE_TEST_POSTGRES_URL";

/// Where the browser tests find chromedriver (empty: nowhere) and axe-core.
const CHROMEDRIVER: &str = "HIVE_TEST_CHROMEDRIVER";
const AXE: &str = "HIVE_TEST_AXE";
const NO_SKIPS: &str = "HIVE_TEST_NO_SKIPS";

/// The tests in `crates/hive/tests/browser`; they have all they need, so none of them may skip.
pub(super) fn browser(workshop: &mut Workshop) -> Tally {
    let needs = workshop.chromedriver().and_then(|driver| Ok((driver, workshop.axe()?)));
    let (driver, axe) = match needs {
        Ok(needs) => needs,
        Err(why) => return workshop.skip("browser", &why),
    };
    let with_needs = |mut command: Command| {
        command.env(CHROMEDRIVER, &driver).env(AXE, &axe).env(NO_SKIPS, "1");
        command
    };
    if process::works("cargo", &["nextest", "--version"]) {
        let arguments = ["nextest", "run", "-p", "hive", "--test", "browser", "--ignore-default-filter"];
        let arguments = [&arguments[..], &["--config-file", "xtask/nextest.toml"]].concat();
        counted(with_needs(process::cargo(&workshop.root, &arguments)), Output::Error, nextest_line)
    } else {
        let arguments = ["test", "-p", "hive", "--test", "browser", "--no-fail-fast"];
        counted(with_needs(process::cargo(&workshop.root, &arguments)), Output::Standard, cargo_line)
    }
}

pub(super) fn suite(workshop: &mut Workshop) -> Tally {
    let mut tally = Tally::default();
    let mut cluster = None;
    if std::env::var_os(POSTGRES_URL).is_some() {
        println!("{POSTGRES_URL} is set: no cluster of our own");
    } else {
        match postgres::start(workshop) {
            Ok(started) => cluster = Some(started),
            Err(why) => tally += workshop.skip("rust on PostgreSQL", &why),
        }
    }
    let url = cluster.as_ref().map(|cluster| cluster.url.as_str());
    if process::works("cargo", &["nextest", "--version"]) {
        tally += nextest(workshop, url);
        tally += cargo_test(workshop, url, &["--doc"]);
    } else {
        println!("cargo-nextest is missing: cargo test instead");
        tally += cargo_test(workshop, url, &[]);
    }
    tally
}

fn nextest(workshop: &Workshop, url: Option<&str>) -> Tally {
    let arguments = ["nextest", "run", "--workspace", "--config-file", "xtask/nextest.toml"];
    let command = with_postgres(process::cargo(&workshop.root, &arguments), url);
    counted(command, Output::Error, nextest_line)
}

fn cargo_test(workshop: &Workshop, url: Option<&str>, more: &[&str]) -> Tally {
    let arguments = [&["test", "--workspace", "--no-fail-fast"], more].concat();
    let mut command = with_postgres(process::cargo(&workshop.root, &arguments), url);
    // Cargo alone cannot leave one test binary out: without a driver the browser tests end at once.
    command.env(CHROMEDRIVER, "").env_remove(NO_SKIPS);
    counted(command, Output::Standard, cargo_line)
}

fn with_postgres(mut command: Command, url: Option<&str>) -> Command {
    if let Some(url) = url {
        command.env(POSTGRES_URL, url);
    }
    command
}

/// What a test runner printed, added up. One that failed without a failed test (a build that broke,
/// a test binary that died) is a failure.
fn counted(mut command: Command, output: Output, read: fn(&str) -> Option<Tally>) -> Tally {
    command.env("CARGO_TERM_COLOR", "never");
    let Ended { lines, well } = match process::watch(&mut command, output, None) {
        Ok(ended) => ended,
        Err(error) => {
            println!("cargo cannot be started: {error}");
            return Tally::failed(1);
        }
    };
    let mut tally = Tally::default();
    lines.iter().filter_map(|line| read(line)).for_each(|line| tally += line);
    if !well && tally.failed == 0 {
        tally += Tally::failed(1);
    }
    tally
}

/// `     Summary [   1.234s] 12 tests run: 10 passed (1 slow), 1 failed, 1 timed out, 2 skipped`
fn nextest_line(line: &str) -> Option<Tally> {
    let (_, counts) = line.trim_start().strip_prefix("Summary [")?.split_once(" run: ")?;
    let number = |word: &str| numbers(counts).filter(|(_, what)| what.starts_with(word)).map(|(n, _)| n).sum::<usize>();
    let failed = number("failed") + number("timed out") + number("exec failed");
    Some(Tally { passed: number("passed"), failed, skipped: number("skipped") })
}

/// `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s`
fn cargo_line(line: &str) -> Option<Tally> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let number = |word: &str| numbers(counts).find(|(_, what)| what.starts_with(word)).map_or(0, |(n, _)| n);
    Some(Tally { passed: number("passed"), failed: number("failed"), skipped: number("ignored") })
}

/// `10 passed (1 slow), 1 failed` → (10, `passed (1 slow)`), (1, `failed`).
fn numbers(counts: &str) -> impl Iterator<Item = (usize, &str)> {
    let parts = counts.split([',', ';']).filter_map(|part| part.trim().split_once(' '));
    parts.filter_map(|(number, what)| Some((number.parse().ok()?, what)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_are_counted() {
        let tally = |passed, failed, skipped| Some(Tally { passed, failed, skipped });
        let line =
            "     Summary [   1.234s] 13 tests run: 10 passed (1 slow, 1 leaky), 1 failed, 2 timed out, 2 skipped";
        assert_eq!(nextest_line(line), tally(10, 3, 2));
        assert_eq!(
            nextest_line("     Summary [   0.019s] 4/6 tests run: 3 passed, 1 failed, 0 skipped"),
            tally(3, 1, 0)
        );
        assert_eq!(nextest_line("        PASS [   0.019s] hive-core it::Summary"), None);
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(cargo_line(line), tally(12, 3, 1));
        assert_eq!(cargo_line("test result_of_x ... ok"), None);
    }
}
