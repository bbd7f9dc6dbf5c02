//! Finding one of many thousands by what a person types.
//!
//! **Owns:** the order of what is found: exact, then beginnings, then words, then anywhere.
//! **Limits on purpose:** no fuzziness: what is typed stands in what is found, whatever the case.

use unicode_normalization::UnicodeNormalization;

/// How many things a search offers: more are a reason to type another letter.
pub const OFFERED_MAX: usize = 20;
/// What is typed beyond this is not looked at: no record is found by more.
const TYPED_MAX: usize = 200;

/// Texts by which records are found.
#[derive(Debug, Default)]
pub struct Finder {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    id: i64,
    /// Whether it can be used as it is: what cannot comes after what can.
    usable: bool,
    /// The texts in lower case, the id and the identifier before the name, each on its own line.
    hay: String,
}

/// How well a row fits; the least is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Exact,
    Begins,
    Words,
    Within,
}

impl Finder {
    /// Takes rows of: id, whether it is usable, its texts.
    pub fn of<'a>(rows: impl Iterator<Item = (i64, bool, Vec<&'a str>)>) -> Finder {
        let row = |(id, usable, texts): (i64, bool, Vec<&str>)| {
            let mut hay = format!("\n{id}\n");
            for text in texts.into_iter().filter(|text| !text.is_empty()) {
                hay.push_str(&folded(text));
                hay.push('\n');
            }
            Row { id, usable, hay }
        };
        Finder { rows: rows.map(row).collect() }
    }

    /// The ids of what fits best, at most `max`, and how many fit in all. Nothing typed finds all.
    pub fn find(&self, typed: &str, max: usize) -> (Vec<i64>, usize) {
        let typed = folded(typed.get(..typed.floor_char_boundary(TYPED_MAX)).unwrap_or_default());
        let words: Vec<&str> = typed.split(' ').filter(|word| !word.is_empty()).collect();
        let fits = |row: &Row| words.iter().all(|word| row.hay.contains(word));
        let mut found: Vec<(bool, Fit, usize, i64)> = self
            .rows
            .iter()
            .filter(|row| fits(row))
            .map(|row| (!row.usable, row.fit(&typed, &words), row.hay.len(), row.id))
            .collect();
        let all = found.len();
        // An exact hit comes first even where it cannot be used: it is what was asked for.
        let order =
            |(unusable, fit, long, id): &(bool, Fit, usize, i64)| (*fit != Fit::Exact, *unusable, *fit, *long, *id);
        if all > max {
            found.select_nth_unstable_by_key(max, order);
            found.truncate(max);
        }
        found.sort_unstable_by_key(order);
        (found.into_iter().map(|(.., id)| id).collect(), all)
    }

    /// The ids of everything that fits, in no order.
    pub fn all<'a>(&'a self, typed: &str) -> impl Iterator<Item = i64> + 'a {
        let typed = folded(typed.get(..typed.floor_char_boundary(TYPED_MAX)).unwrap_or_default());
        let words: Vec<String> = typed.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        self.rows.iter().filter(move |row| words.iter().all(|word| row.hay.contains(word))).map(|row| row.id)
    }
}

impl Row {
    fn fit(&self, typed: &str, words: &[&str]) -> Fit {
        let after =
            |begin: char, word: &str| self.hay.match_indices(word).any(|(at, _)| self.hay[..at].ends_with(begin));
        let starts =
            |word: &&str| self.hay.match_indices(*word).any(|(at, _)| !self.hay[..at].ends_with(char::is_alphanumeric));
        let whole =
            |(at, _): (usize, &str)| self.hay[..at].ends_with('\n') && self.hay[at + typed.len()..].starts_with('\n');
        if !typed.is_empty() && self.hay.match_indices(typed).any(whole) {
            Fit::Exact
        } else if after('\n', typed) {
            Fit::Begins
        } else if words.iter().all(starts) {
            Fit::Words
        } else {
            Fit::Within
        }
    }
}

/// As two people might both have typed it: composed, lower case, one space between words.
fn folded(text: &str) -> String {
    let text: String = text.nfc().collect();
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finder() -> Finder {
        let rows = [
            (1, true, vec!["BKP-GB", "Backup storage per GB"]),
            (2, true, vec!["GB", "Gigabyte"]),
            (3, true, vec!["HOT", "Hot storage (GB)"]),
            (4, false, vec!["GB-OLD", "GB, sold no more"]),
            (5, true, vec!["ZOË", "Zoe\u{308}'s bundle"]),
            (41, true, vec!["RUGBY", "Rugby seat"]),
        ];
        Finder::of(rows.into_iter())
    }

    #[test]
    fn the_best_fit_comes_first_whatever_the_case() {
        assert_eq!(
            finder().find("gb", 20),
            (vec![2, 3, 1, 41, 4], 5),
            "exact, then words, within, then what is sold no more"
        );
        assert_eq!(finder().find("STORAGE hot", 20).0, [3]);
        assert_eq!(finder().find("4", 20).0, [4, 41], "the id itself, then what begins with it");
        assert_eq!(finder().find("zoë", 20).0, [5]);
        assert_eq!(finder().find("nowhere", 20), (vec![], 0));
    }

    #[test]
    fn no_more_are_offered_than_asked_for_and_all_are_counted() {
        assert_eq!(finder().find("gb", 2), (vec![2, 3], 5));
        assert_eq!(finder().find("  ", 3).1, 6);
        assert_eq!(finder().find(&"ü".repeat(10_000), 3).1, 0);
        assert_eq!(finder().all("gb").count(), 5);
    }
}
