//! One Rust file, its comments, strings and test code told apart.
//!
//! **Owns:** a lexer for exactly that, and which lines are test code.
//! **Does not own:** any rule.
//! **Limits on purpose:** test code is `#[cfg(test)]` items as rustfmt lays them out; a file behind
//! `#[cfg(test)] mod x;` is known by its name (`tests.rs`, `x_tests.rs`).

/// A file's text three times, each with the same lines and columns.
#[derive(Debug)]
pub(super) struct Source {
    /// From the workspace's root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
    /// Comments and what is in strings blanked.
    code: String,
    /// Everything but what is in strings blanked.
    strings: String,
    /// For each line, whether it is test code.
    tests: Vec<bool>,
}

impl Source {
    pub(super) fn new(path: impl Into<String>, text: impl Into<String>) -> Source {
        let (path, text) = (path.into(), text.into());
        let (code, strings) = parts(&text);
        let tests = test_lines(&path, &code);
        Source { path, text, code, strings, tests }
    }

    /// The crate's folder name: `hive-core`, `xtask`.
    pub(super) fn room(&self) -> &str {
        let path = self.path.strip_prefix("crates/").unwrap_or(&self.path);
        path.split('/').next().unwrap_or_default()
    }

    pub(super) fn is_in_src(&self) -> bool {
        self.path.contains("/src/")
    }

    pub(super) fn is_all_tests(&self) -> bool {
        is_all_tests(&self.path)
    }

    /// The lines (from 1) that hold any of the words as code.
    pub(super) fn lines_with(&self, words: &[&str]) -> Vec<usize> {
        lines_with(&self.code, words)
    }

    /// The same, outside test code.
    pub(super) fn lines_outside_tests_with(&self, words: &[&str]) -> Vec<usize> {
        self.lines_with(words).into_iter().filter(|line| !self.tests[line - 1]).collect()
    }

    /// The lines that hold any of the words in a string.
    pub(super) fn lines_with_string(&self, words: &[&str]) -> Vec<usize> {
        lines_with(&self.strings, words)
    }

    pub(super) fn code_line(&self, line: usize) -> &str {
        self.code.lines().nth(line - 1).unwrap_or_default()
    }
}

fn lines_with(text: &str, words: &[&str]) -> Vec<usize> {
    let holds = |line: &str| words.iter().any(|word| has_word(line, word));
    text.lines().enumerate().filter(|(_, line)| holds(line)).map(|(nth, _)| nth + 1).collect()
}

/// Whether the word is there and is not the end or the beginning of a longer name.
fn has_word(line: &str, word: &str) -> bool {
    let in_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        let cut_before = word.starts_with(in_name) && before.ends_with(in_name);
        let cut_after = word.ends_with(in_name) && after.starts_with(in_name);
        !cut_before && !cut_after
    })
}

fn is_all_tests(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let in_folder = path.contains("/tests/") || path.contains("/benches/");
    in_folder || name == "tests.rs" || name.ends_with("_tests.rs")
}

fn test_lines(path: &str, code: &str) -> Vec<bool> {
    let lines: Vec<&str> = code.lines().collect();
    let mut tests = vec![is_all_tests(path); lines.len()];
    let mut at = 0;
    while at < lines.len() {
        if lines[at].trim_start().starts_with("#[cfg(test)]") {
            let end = end_of_item(&lines, at);
            tests[at..=end].fill(true);
            at = end;
        }
        at += 1;
    }
    tests
}

/// The last line of the item whose attribute stands on this line: where its brackets are closed.
fn end_of_item(lines: &[&str], attribute: usize) -> usize {
    let mut open = 0;
    for (at, line) in lines.iter().enumerate().skip(attribute) {
        for c in line.chars() {
            open += match c {
                '(' | '[' | '{' => 1,
                ')' | ']' | '}' => -1,
                _ => 0,
            };
        }
        let whole = open == 0 && line.trim_end().ends_with([';', '}']);
        if open < 0 || whole {
            return at;
        }
    }
    lines.len() - 1
}

/// The code without comments and strings, and the strings without code and comments.
fn parts(text: &str) -> (String, String) {
    let mut reader = Reader { text, at: 0, code: String::with_capacity(text.len()), strings: String::new() };
    while reader.at < text.len() {
        reader.step();
    }
    (reader.code, reader.strings)
}

#[derive(Clone, Copy)]
enum Part {
    Code,
    String,
    Comment,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    code: String,
    strings: String,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn step(&mut self) {
        let rest = self.rest();
        let after_name = self.code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if rest.starts_with("//") {
            self.take(rest.find('\n').unwrap_or(rest.len()), Part::Comment);
        } else if rest.starts_with("/*") {
            self.take(block_comment(rest), Part::Comment);
        } else if let Some((open, close)) = raw_string(rest).filter(|_| !after_name) {
            self.string(open, &close, false);
        } else if rest.starts_with('"') {
            self.string(1, "\"", true);
        } else if let Some(length) = character(rest) {
            self.take(length, Part::String);
        } else {
            self.take(rest.chars().next().map_or(1, char::len_utf8), Part::Code);
        }
    }

    /// A string whose quote is `open` bytes long and which ends at `close`.
    fn string(&mut self, open: usize, close: &str, escapes: bool) {
        self.take(open, Part::Code);
        let rest = self.rest();
        let end = if escapes { unescaped_quote(rest) } else { rest.find(close).unwrap_or(rest.len()) };
        self.take(end, Part::String);
        self.take(close.len().min(self.rest().len()), Part::Code);
    }

    /// Puts the next bytes where they belong and blanks them elsewhere; lines stay lines.
    fn take(&mut self, length: usize, part: Part) {
        for c in self.rest()[..length].chars() {
            let blank = if c == '\n' { '\n' } else { ' ' };
            self.code.push(if matches!(part, Part::Code) { c } else { blank });
            self.strings.push(if matches!(part, Part::String) { c } else { blank });
        }
        self.at += length;
    }
}

/// Block comments nest.
fn block_comment(text: &str) -> usize {
    let (mut at, mut depth) = (2, 1);
    while depth > 0 {
        let rest = &text[at..];
        match (rest.find("/*"), rest.find("*/")) {
            (Some(open), Some(close)) if open < close => (at, depth) = (at + open + 2, depth + 1),
            (_, Some(close)) => (at, depth) = (at + close + 2, depth - 1),
            (_, None) => return text.len(),
        }
    }
    at
}

/// `r"`, `r#"`, `br#"` …: how long the opening is, and what closes it.
fn raw_string(text: &str) -> Option<(usize, String)> {
    let after = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..]
        .starts_with('"')
        .then(|| (text.len() - after.len() + hashes + 1, format!("\"{}", "#".repeat(hashes))))
}

fn unescaped_quote(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at,
            _ => {}
        }
    }
    text.len()
}

/// The length of a character literal; a lifetime is none.
fn character(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('\'')?;
    if inside.starts_with('\\') {
        return inside[2..].find('\'').map(|end| end + 4);
    }
    let first = inside.chars().next()?;
    inside[first.len_utf8()..].starts_with('\'').then(|| first.len_utf8() + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new("crates/hive-core/src/x.rs", text)
    }

    #[test]
    fn comments_and_strings_are_no_code() {
        let text = "a(); // word\n/* word /* word */ word */ b(\"word \\\" word\");\nr#\"word \" word\"#; '\"'; word";
        assert_eq!(source(text).lines_with(&["word"]), [3]);
        assert_eq!(source("// word\nlet a: &'a str = \"\\\\\"; word").lines_with(&["word"]), [2]);
        assert_eq!(source("let a = '\\''; word\nlet b = '\\u{22}'; word").lines_with(&["word"]), [1, 2]);
    }

    #[test]
    fn a_string_is_told_from_code() {
        let text = "SELECT \n// \"SELECT a\"\n\"SELECT a\"\nr\"\n SELECT a\"\n\"SELECTED\"";
        assert_eq!(source(text).lines_with_string(&["SELECT "]), [3, 5]);
    }

    #[test]
    fn a_word_is_a_whole_word() {
        assert_eq!(source("f32\nmy_f32\nf32x\n(f32)").lines_with(&["f32"]), [1, 4]);
        assert_eq!(source("a.unwrap()\na.unwrap_or()").lines_with(&["unwrap()"]), [1]);
    }

    #[test]
    fn test_code_ends_where_its_item_ends() {
        let text = "#[cfg(test)]\nmod tests;\nword\n#[cfg(test)]\n#[path = \"x.rs\"]\nmod tests {\n    fn a() {\n    }\n    word\n}\nword";
        assert_eq!(source(text).lines_outside_tests_with(&["word"]), [3, 11]);
        assert_eq!(source("#[cfg(test)]\nuse {a, word};\nword").lines_outside_tests_with(&["word"]), [3]);
        assert_eq!(source("#[cfg(test)]\nfn a() { word }\nword").lines_outside_tests_with(&["word"]), [3]);
    }

    #[test]
    fn a_file_of_tests_is_known_by_its_name() {
        for path in
            ["crates/a/tests/it/x.rs", "crates/a/src/x/tests.rs", "crates/a/src/x_tests.rs", "crates/a/benches/b.rs"]
        {
            assert!(Source::new(path, "word").lines_outside_tests_with(&["word"]).is_empty(), "{path}");
        }
    }
}
