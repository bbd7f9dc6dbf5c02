//! The constitution, executable: what `cargo xtask tidy` refuses, each with its file and its reason.
//!
//! **Owns:** the list of rules and how a refusal is printed.
//! **Does not own:** what clippy and rustfmt see better (function length, lints, layout).
//! **Limits on purpose:** it reads text, not Rust: comments, strings and test code are told apart
//! (`source`), names are not resolved.

mod arrows;
mod source;
mod text;

use crate::tally::Tally;
use source::Source;
use std::fmt;
use std::fs;
use std::path::Path;

/// Where something is refused, and why.
#[derive(Debug, PartialEq, Eq)]
struct Refusal {
    path: String,
    /// 0: the whole file.
    line: usize,
    why: String,
}

impl Refusal {
    fn new(path: impl Into<String>, line: usize, why: impl Into<String>) -> Refusal {
        Refusal { path: path.into(), line, why: why.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Refusal { path, line, why } = self;
        if *line == 0 { write!(f, "{path}: {why}") } else { write!(f, "{path}:{line}: {why}") }
    }
}

/// A file that is read but is no Rust.
#[derive(Debug, Default)]
struct Plain {
    /// From the workspace's root, with `/`.
    path: String,
    text: String,
}

/// Everything the rules look at.
#[derive(Debug, Default)]
struct House {
    sources: Vec<Source>,
    manifests: Vec<Plain>,
    migrations: Vec<String>,
    architecture: Option<Plain>,
}

type Rule = fn(&House) -> Vec<Refusal>;

const RULES: [(&str, Rule); 13] = [
    ("arrows between crates", arrows::refused),
    ("files open with //!", text::undocumented),
    ("files are short, or say why not", text::long),
    ("migrations exist for both databases", text::one_sided_migrations),
    ("one place makes a durable intent", text::intents),
    ("one place sends a PATCH", text::patches),
    ("one place sends a POST", text::posts),
    ("no unwrap()", text::unwraps),
    ("nothing unfinished, no test ignored", text::unfinished),
    ("time comes in as a value", text::clocks),
    ("SQL lives in hive-store", text::sql),
    ("HTTP requests are made in hive-connectwise", text::requests),
    ("a quantity is never a float", text::floats),
];

/// Prints every refusal and one line at the end; a rule counts as one check.
pub(crate) fn run(root: &Path) -> Tally {
    let house = match House::read(root) {
        Ok(house) => house,
        Err(error) => {
            println!("tidy: the workspace cannot be read: {error}");
            return Tally::failed(1);
        }
    };
    let mut tally = Tally::default();
    let mut refused = 0;
    for (name, rule) in RULES {
        let refusals = rule(&house);
        for refusal in &refusals {
            println!("tidy: {refusal} [{name}]");
        }
        refused += refusals.len();
        tally += if refusals.is_empty() { Tally::passed(1) } else { Tally::failed(1) };
    }
    let files = house.sources.len() + house.manifests.len() + house.migrations.len();
    let verdict = if refused == 0 { "ok".to_owned() } else { format!("{refused} refused") };
    println!("tidy: {} rules, {files} files, {verdict}", RULES.len());
    tally
}

impl House {
    fn read(root: &Path) -> std::io::Result<House> {
        let mut house = House::default();
        for folder in ["crates", "xtask"] {
            house.walk(root, &root.join(folder))?;
        }
        let architecture = root.join("ARCHITECTURE.md");
        if architecture.is_file() {
            house.architecture = Some(plain(root, &architecture)?);
        }
        Ok(house)
    }

    fn walk(&mut self, root: &Path, folder: &Path) -> std::io::Result<()> {
        let mut paths: Vec<_> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
        paths.sort();
        for path in paths {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() {
                if name != "target" && !name.starts_with('.') {
                    self.walk(root, &path)?;
                }
            } else if name == "Cargo.toml" {
                self.manifests.push(plain(root, &path)?);
            } else if has_extension(&path, "rs") {
                let Plain { path, text } = plain(root, &path)?;
                self.sources.push(Source::new(path, text));
            } else if has_extension(&path, "sql") {
                self.migrations.push(relative(root, &path));
            }
        }
        Ok(())
    }
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension().is_some_and(|extension| extension == wanted)
}

fn plain(root: &Path, path: &Path) -> std::io::Result<Plain> {
    Ok(Plain { path: relative(root, path), text: fs::read_to_string(path)? })
}

fn relative(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_workspace_is_tidy() {
        let house = House::read(&crate::root()).unwrap();
        let refused: Vec<String> = RULES.iter().flat_map(|(_, rule)| rule(&house)).map(|r| r.to_string()).collect();
        assert!(refused.is_empty(), "\n{}", refused.join("\n"));
    }

    #[test]
    fn the_whole_workspace_is_read() {
        let house = House::read(&crate::root()).unwrap();
        assert!(house.sources.iter().any(|source| source.path == "xtask/src/tidy.rs"));
        assert!(house.manifests.iter().any(|manifest| manifest.path == "crates/hive-core/Cargo.toml"));
        assert!(house.migrations.iter().any(|path| path.starts_with("crates/hive-store/migrations/")));
    }
}
