//! What a command said, and how tests read it.

use serde_json::Value;
use std::process::Command;

/// A command that ended.
pub(crate) struct Ran {
    args: String,
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(args: &[&str], command: &mut Command) -> Ran {
        let output = command.output().unwrap();
        Ran {
            args: args.join(" "),
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn all(&self) -> String {
        format!("hive {}\nexit {}\n--- out\n{}\n--- err\n{}", self.args, self.code, self.out, self.err)
    }

    /// Ended 0.
    #[track_caller]
    pub(crate) fn done(self) -> Ran {
        self.ends(0)
    }

    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Ran {
        assert_eq!(self.code, code, "{}", self.all());
        self
    }

    /// Says each of these on standard error.
    #[track_caller]
    pub(crate) fn tells(self, words: &[&str]) -> Ran {
        for word in words {
            assert!(self.err.contains(word), "does not tell {word:?}\n{}", self.all());
        }
        self
    }

    /// Says none of these anywhere.
    #[track_caller]
    pub(crate) fn never_says(self, words: &[&str]) -> Ran {
        for word in words {
            assert!(!self.err.contains(word) && !self.out.contains(word), "says {word:?}\n{}", self.all());
        }
        self
    }

    /// Shows each of these on standard output.
    #[track_caller]
    pub(crate) fn shows(self, words: &[&str]) -> Ran {
        for word in words {
            assert!(self.out.contains(word), "does not show {word:?}\n{}", self.all());
        }
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("no JSON: {error}\n{}", self.all()))
    }

    #[track_caller]
    pub(crate) fn report(&self) -> Report {
        Report(self.json())
    }

    /// A CSV's header and rows.
    #[track_caller]
    pub(crate) fn csv(&self) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(self.out.as_bytes());
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }
}

/// The keys of an object, sorted.
pub(crate) fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[track_caller]
fn named<'a>(lines: &'a Value, name: &str) -> &'a Value {
    let (account, product) = name.split_once(' ').unwrap();
    let is = |line: &&Value| line["account"] == account && line["product"] == product;
    lines.as_array().unwrap().iter().find(is).unwrap_or_else(|| panic!("no line {name} in {lines:#}"))
}

/// A plan's JSON. A line is named "Account Product".
pub(crate) struct Plan(pub(crate) Value);

impl Plan {
    pub(crate) fn id(&self) -> &str {
        self.0["plan"].as_str().unwrap()
    }

    #[track_caller]
    pub(crate) fn line(&self, name: &str) -> &Value {
        named(&self.0["lines"], name)
    }

    pub(crate) fn line_id(&self, name: &str) -> String {
        self.line(name)["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        let (account, product) = name.split_once(' ').unwrap();
        self.0["lines"].as_array().unwrap().iter().any(|line| line["account"] == account && line["product"] == product)
    }

    /// "mark now -> next", a dash for null.
    #[track_caller]
    pub(crate) fn says(&self, name: &str) -> String {
        let line = self.line(name);
        let text = |key: &str| line[key].as_str().unwrap_or("-").to_owned();
        format!("{} {} -> {}", text("mark"), text("now"), text("next"))
    }

    #[track_caller]
    pub(crate) fn codes(&self, name: &str) -> Vec<&str> {
        self.line(name)["issues"].as_array().unwrap().iter().map(|issue| issue["code"].as_str().unwrap()).collect()
    }

    /// The issue of this code, which must be there.
    #[track_caller]
    pub(crate) fn issue(&self, name: &str, code: &str) -> &Value {
        let issues = self.line(name)["issues"].as_array().unwrap();
        issues.iter().find(|issue| issue["code"] == code).unwrap_or_else(|| panic!("{name} has no {code}: {issues:#?}"))
    }

    /// Of severity stop or hold.
    #[track_caller]
    pub(crate) fn heavy(&self, name: &str) -> Vec<&str> {
        let issues = self.line(name)["issues"].as_array().unwrap().iter();
        issues.filter(|issue| issue["severity"] != "note").map(|issue| issue["code"].as_str().unwrap()).collect()
    }

    /// change, unchanged, held, issue.
    pub(crate) fn counts(&self) -> [i64; 4] {
        ["change", "unchanged", "held", "issue"].map(|mark| self.0["counts"][mark].as_i64().unwrap())
    }

    /// All lines as they would be pushed, for comparing two plans.
    pub(crate) fn lines(&self) -> &Value {
        &self.0["lines"]
    }
}

/// An Update's report.
pub(crate) struct Report(pub(crate) Value);

impl Report {
    #[track_caller]
    pub(crate) fn line(&self, name: &str) -> &Value {
        named(&self.0["lines"], name)
    }

    #[track_caller]
    pub(crate) fn outcome(&self, name: &str) -> &str {
        self.line(name)["outcome"].as_str().unwrap()
    }

    #[track_caller]
    pub(crate) fn message(&self, name: &str) -> &str {
        self.line(name)["message"].as_str().unwrap_or_default()
    }

    pub(crate) fn count(&self, outcome: &str) -> i64 {
        self.0["counts"][outcome].as_i64().unwrap_or_else(|| panic!("{outcome} is not counted"))
    }

    pub(crate) fn run(&self) -> &str {
        self.0["run"].as_str().unwrap()
    }
}
