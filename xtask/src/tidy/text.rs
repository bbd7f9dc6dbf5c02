//! The rules that are words in files: what may stand where, and how often.

use super::source::Source;
use super::{House, Refusal};
use std::collections::BTreeSet;

const UNDOCUMENTED_LINES_MAX: usize = 150;
const LINES_MAX: usize = 500;
const LONG_BECAUSE: &str = "//! Long because: ";

pub(super) fn undocumented(house: &House) -> Vec<Refusal> {
    let bare = |source: &&Source| {
        let is_root = source.path.ends_with("/src/lib.rs") || source.path.ends_with("/src/main.rs");
        let long = source.text.lines().count() > UNDOCUMENTED_LINES_MAX;
        source.is_in_src() && !source.is_all_tests() && (is_root || long) && !opens_with_docs(&source.text)
    };
    let why = "opens without //!: say what it owns, what it does not own, and its limits on purpose";
    house.sources.iter().filter(bare).map(|source| Refusal::new(&*source.path, 1, why)).collect()
}

fn opens_with_docs(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with("#!["));
    first.is_some_and(|line| line.starts_with("//!"))
}

pub(super) fn long(house: &House) -> Vec<Refusal> {
    let says_why =
        |text: &str| text.lines().any(|line| line.strip_prefix(LONG_BECAUSE).is_some_and(|why| !why.trim().is_empty()));
    let too_long = |source: &&Source| source.text.lines().count() > LINES_MAX && !says_why(&source.text);
    let refuse = |source: &Source| {
        let lines = source.text.lines().count();
        Refusal::new(&*source.path, 0, format!("{lines} lines, over {LINES_MAX}, and no line `{LONG_BECAUSE}…`"))
    };
    house.sources.iter().filter(too_long).map(refuse).collect()
}

pub(super) fn one_sided_migrations(house: &House) -> Vec<Refusal> {
    let of = |database: &str| -> BTreeSet<&str> {
        let folder = format!("crates/hive-store/migrations/{database}/");
        house.migrations.iter().filter_map(|path| path.strip_prefix(&folder)).collect()
    };
    let (sqlite, postgres) = (of("sqlite"), of("postgres"));
    let missing = |has: &str, names: &BTreeSet<&str>, others: &BTreeSet<&str>, lacks: &str| -> Vec<Refusal> {
        let path = |name: &&str| format!("crates/hive-store/migrations/{has}/{name}");
        names
            .difference(others)
            .map(|name| Refusal::new(path(name), 0, format!("has no twin in migrations/{lacks}")))
            .collect()
    };
    let mut refused = missing("sqlite", &sqlite, &postgres, "postgres");
    refused.extend(missing("postgres", &postgres, &sqlite, "sqlite"));
    refused
}

/// A change and a create have a door each, with one caller each.
pub(super) fn intents(house: &House) -> Vec<Refusal> {
    let mut refused = Vec::new();
    for made in ["after_commit", "after_create_commit"] {
        let is_call = |source: &Source, line: usize| !source.code_line(line).contains(&format!("fn {made}"));
        let calls: Vec<(&Source, usize)> = found(house, |source| source.lines_outside_tests_with(&[made]));
        let calls: Vec<_> = calls.into_iter().filter(|(source, line)| is_call(source, *line)).collect();
        let (inside, outside): (Vec<_>, Vec<_>) =
            calls.into_iter().partition(|(source, _)| is_src_of(source, "hive-store"));
        refused.extend(refuse(outside, &format!("calls DurableIntent::{made}; only hive-store may, after its commit")));
        refused.extend(refuse(inside.into_iter().skip(1), &format!("a second call of DurableIntent::{made}")));
    }
    refused
}

pub(super) fn patches(house: &House) -> Vec<Refusal> {
    sends(house, &["Method::PATCH", ".patch("], "PATCH")
}

/// What creates an addition. A page's router has posts of its own: they are what a person sends to Hive.
pub(super) fn posts(house: &House) -> Vec<Refusal> {
    sends(house, &["Method::POST"], "POST")
}

fn sends(house: &House, words: &[&str], what: &str) -> Vec<Refusal> {
    let sends = found(house, |source| match source.room() {
        "hive-simulator" => Vec::new(),
        _ => source.lines_outside_tests_with(words),
    });
    let (inside, outside): (Vec<_>, Vec<_>) =
        sends.into_iter().partition(|(source, _)| is_src_of(source, "hive-connectwise"));
    let mut refused = refuse(outside, &format!("a {what} outside hive-connectwise"));
    refused.extend(refuse(inside.into_iter().skip(1), &format!("a second place that sends a {what}")));
    refused
}

pub(super) fn unwraps(house: &House) -> Vec<Refusal> {
    let lines = found(house, |source| source.lines_outside_tests_with(&["unwrap()"]));
    refuse(lines, "unwrap() outside tests: say what happens otherwise")
}

pub(super) fn unfinished(house: &House) -> Vec<Refusal> {
    let words = ["todo!", "unimplemented!", "#[ignore"];
    refuse(found(house, |source| source.lines_with(&words)), "unfinished, or a test that nobody runs")
}

pub(super) fn clocks(house: &House) -> Vec<Refusal> {
    let words = ["SystemTime::now", "Timestamp::now", "Zoned::now"];
    let reads = found(house, |source| match (source.room(), source.path.as_str()) {
        ("hive-simulator" | "xtask", _) | (_, "crates/hive/src/house.rs") => Vec::new(),
        _ => source.lines_outside_tests_with(&words),
    });
    refuse(reads, "reads the clock; time comes in as a value, from crates/hive/src/house.rs")
}

pub(super) fn sql(house: &House) -> Vec<Refusal> {
    let elsewhere = |source: &Source| !matches!(source.room(), "hive-store" | "xtask");
    let statements = found(house, |source| source.lines_with_string(&["SELECT ", "INSERT INTO "]));
    let drivers = found(house, |source| source.lines_outside_tests_with(&["sqlx::"]));
    let both = statements.into_iter().chain(drivers).filter(|(source, _)| elsewhere(source));
    refuse(both, "SQL outside hive-store")
}

pub(super) fn requests(house: &House) -> Vec<Refusal> {
    let uses = found(house, |source| source.lines_outside_tests_with(&["reqwest::"]));
    refuse(
        uses.into_iter().filter(|(source, _)| source.room() != "hive-connectwise"),
        "reqwest outside hive-connectwise",
    )
}

pub(super) fn floats(house: &House) -> Vec<Refusal> {
    let exact = |source: &&Source| {
        ["hive-core", "hive-connectwise", "hive-store"].contains(&source.room()) && source.is_in_src()
    };
    let lines = |source| lines_of(source, Source::lines_with(source, &["f32", "f64"]));
    refuse(house.sources.iter().filter(exact).flat_map(lines), "a float where quantities and money are")
}

/// Every line of the house that a search finds.
fn found(house: &House, search: impl Fn(&Source) -> Vec<usize>) -> Vec<(&Source, usize)> {
    house.sources.iter().flat_map(|source| lines_of(source, search(source))).collect()
}

fn lines_of(source: &Source, lines: Vec<usize>) -> impl Iterator<Item = (&Source, usize)> {
    lines.into_iter().map(move |line| (source, line))
}

fn refuse<'a>(lines: impl IntoIterator<Item = (&'a Source, usize)>, why: &str) -> Vec<Refusal> {
    lines.into_iter().map(|(source, line)| Refusal::new(&*source.path, line, why)).collect()
}

fn is_src_of(source: &Source, room: &str) -> bool {
    source.room() == room && source.is_in_src()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CORE: &str = "crates/hive-core/src/x.rs";
    const STORE: &str = "crates/hive-store/src/x.rs";
    const CLIENT: &str = "crates/hive-connectwise/src/x.rs";
    const HIVE: &str = "crates/hive/src/x.rs";

    fn count(rule: fn(&House) -> Vec<Refusal>, files: &[(&str, &str)]) -> usize {
        let sources = files.iter().map(|(path, text)| Source::new(*path, *text)).collect();
        rule(&House { sources, ..House::default() }).len()
    }

    #[test]
    fn long_files_and_roots_have_docs() {
        let (short, long) = ("fn a() {}\n".repeat(150), "fn a() {}\n".repeat(151));
        assert_eq!(count(undocumented, &[(CORE, &short), (CORE, &format!("//! x\n{long}"))]), 0);
        assert_eq!(count(undocumented, &[(CORE, &long), ("crates/hive-core/src/lib.rs", "mod x;\n")]), 2);
    }

    #[test]
    fn very_long_files_say_why() {
        let lines = "a\n".repeat(501);
        assert_eq!(count(super::long, &[(CORE, &lines), (CORE, &format!("//! Long because: \n{lines}"))]), 2);
        assert_eq!(
            count(super::long, &[(CORE, &lines[2..]), (CORE, &format!("//! Long because: a table\n{lines}"))]),
            0
        );
    }

    #[test]
    fn a_migration_has_its_twin() {
        let refused = |paths: &[&str]| {
            let migrations = paths.iter().map(|path| format!("crates/hive-store/migrations/{path}")).collect();
            one_sided_migrations(&House { migrations, ..House::default() }).len()
        };
        assert_eq!(refused(&["sqlite/1.sql", "postgres/1.sql"]), 0);
        assert_eq!(refused(&["sqlite/1.sql", "postgres/2.sql"]), 2);
    }

    #[test]
    fn one_intent_and_one_patch() {
        let call = "DurableIntent::after_commit(&intent);";
        assert_eq!(
            count(
                intents,
                &[(CORE, "pub fn after_commit(a: A) {}"), (STORE, call), ("crates/hive/tests/it/x.rs", call)]
            ),
            0
        );
        assert_eq!(count(intents, &[(STORE, call), (STORE, "x.map(DurableIntent::after_commit)"), (HIVE, call)]), 2);
        let patch = "http.request(Method::PATCH, url)";
        assert_eq!(count(patches, &[(CLIENT, patch), ("crates/hive-simulator/src/x.rs", patch)]), 0);
        assert_eq!(count(patches, &[(CLIENT, patch), (CLIENT, "http.patch(url)"), (HIVE, patch)]), 2);
        let create = "DurableIntent::after_create_commit(&intent);";
        assert_eq!(count(intents, &[(CORE, "pub fn after_create_commit(a: A) {}"), (STORE, create), (STORE, call)]), 0);
        assert_eq!(count(intents, &[(STORE, create), (STORE, create), (HIVE, create)]), 2);
        let post = "reqwest::Method::POST";
        assert_eq!(count(posts, &[(CLIENT, post), ("crates/hive-simulator/src/x.rs", post)]), 0);
        assert_eq!(count(posts, &[(CLIENT, post), (CLIENT, post), (HIVE, post)]), 2);
    }

    #[test]
    fn words_that_tests_may_use() {
        for (rule, word) in
            [(unwraps as fn(&House) -> _, "a.unwrap()"), (clocks, "Timestamp::now()"), (requests, "reqwest::get")]
        {
            let tested = format!("#[cfg(test)]\nmod tests {{\n    fn a() {{ {word} }}\n}}\n");
            assert_eq!(count(rule, &[(HIVE, &tested), ("crates/hive/tests/it/x.rs", word)]), 0, "{word}");
            assert_eq!(count(rule, &[(HIVE, word)]), 1, "{word}");
        }
        assert_eq!(count(clocks, &[("crates/hive/src/house.rs", "Timestamp::now()"), (HIVE, "SystemTime::now()")]), 1);
        assert_eq!(count(requests, &[(CLIENT, "reqwest::Client")]), 0);
    }

    #[test]
    fn words_that_nobody_may_use() {
        assert_eq!(count(unfinished, &[(CORE, "todo!()"), ("crates/hive/tests/it/x.rs", "#[ignore = \"later\"]")]), 2);
        assert_eq!(
            count(sql, &[(HIVE, "let a = \"SELECT a FROM b\";"), (STORE, "\"SELECT a\""), (HIVE, "use sqlx::Row;")]),
            2
        );
        assert_eq!(count(floats, &[(CORE, "a as f64"), (STORE, "my_f32"), (HIVE, "f64")]), 1);
    }
}
