//! How alike two names are, from 0 to 100, and why, in words for a clerk.

use super::name::Name;
use rapidfuzz::distance::{indel, osa};
use std::collections::BTreeSet;

/// The same name after normalising.
pub(super) const SAME: u8 = 100;
/// The same but for a legal form that one of them does not carry.
pub(super) const LEGAL_FORM: u8 = 98;
const TRADING: u8 = 92;
/// The account's name is the company's identifier.
pub(super) const IDENTIFIER: u8 = 90;
const OTHER_FORM: u8 = 85;
const ORDER: u8 = 84;
/// What is only similar stays below everything that has a reason.
const SIMILAR_MAX: u8 = 83;
/// Two branches of one customer often differ in a number alone.
const OTHER_NUMBER_MAX: u8 = 65;

/// A score and its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) score: u8,
    pub(super) reason: String,
}

impl Verdict {
    pub(super) fn new(score: u8, reason: impl Into<String>) -> Verdict {
        Verdict { score, reason: reason.into() }
    }
}

/// Compares an account's name with a company's; each as written and as read.
pub(super) fn names((one_text, one): (&str, &Name), (two_text, two): (&str, &Name)) -> Verdict {
    if one.is_same_words(two) && one.sides.is_some() == two.sides.is_some() {
        return same_words((one_text, one), (two_text, two));
    }
    let traded = |name: &Name, other: &Name| name.side_list().into_iter().any(|side| side.is_same_words(other));
    if traded(one, two) || traded(two, one) {
        return Verdict::new(TRADING, "one trades under the other's name");
    }
    if sorted(one) == sorted(two) && !one.words.is_empty() {
        return Verdict::new(ORDER, "same words in another order");
    }
    similar(one, two)
}

fn same_words((one_text, one): (&str, &Name), (two_text, two): (&str, &Name)) -> Verdict {
    match (one.form, two.form) {
        (Some(here), Some(there)) if here != there => {
            Verdict::new(OTHER_FORM, format!("same name, but {here} here and {there} in ConnectWise"))
        }
        (one_form, two_form) if one_form != two_form => Verdict::new(LEGAL_FORM, "same name but for the legal form"),
        _ if one.exact != two.exact => Verdict::new(LEGAL_FORM - 1, "sounds the same in another script"),
        _ if one_text.trim() == two_text.trim() => Verdict::new(SAME, "same name"),
        _ => Verdict::new(SAME, "same name but for case, punctuation or spelling of the legal form"),
    }
}

fn similar(one: &Name, two: &Name) -> Verdict {
    let (one_joined, two_joined) = (one.words.join(" "), two.words.join(" "));
    let as_written = ratio(&one_joined, &two_joined);
    let score = as_written.max(ratio(&sorted(one).join(" "), &sorted(two).join(" ")));
    if one.numbers() != two.numbers() {
        return Verdict::new(score.min(OTHER_NUMBER_MAX), "similar name, but another number");
    }
    let letters = osa::distance(one.plain.chars(), two.plain.chars());
    let long_enough = one.plain.len().min(two.plain.len()) >= 5;
    if long_enough && letters == 1 {
        return Verdict::new(score.min(SIMILAR_MAX), "differs by 1 letter");
    }
    if long_enough && letters <= 3 && letters * 5 <= one.plain.len() {
        return Verdict::new(score.min(SIMILAR_MAX), format!("differs by {letters} letters"));
    }
    if let Some(more) = more_words(one, two).or_else(|| more_words(two, one)) {
        return Verdict::new(score.clamp(super::SCORE_MIN, SIMILAR_MAX), format!("same but for \"{more}\""));
    }
    Verdict::new(score.min(SIMILAR_MAX), "similar name")
}

/// The words of `long` beyond those of `short`, where all of `short` is in it and tells enough.
fn more_words(long: &Name, short: &Name) -> Option<String> {
    let words: BTreeSet<&String> = long.words.iter().collect();
    let all = short.words.iter().all(|word| words.contains(word));
    let more: Vec<&str> = long.words.iter().filter(|word| !short.words.contains(word)).map(String::as_str).collect();
    (all && short.plain.len() >= 4 && !more.is_empty() && more.len() <= 2).then(|| more.join(" "))
}

/// Compares a product's name (and its own id) with an item's identifier and description.
pub(super) fn texts((product, own_id): (&Name, Option<&Name>), identifier: &Name, description: &Name) -> Verdict {
    if own_id.is_some_and(|own_id| own_id.is_same_words(identifier)) {
        return Verdict::new(SAME, "the item's identifier is the product's own id");
    }
    if product.is_same_words(description) {
        return Verdict::new(SAME, "same as the item's description");
    }
    if product.is_same_words(identifier) {
        return Verdict::new(SAME, "same as the item's identifier");
    }
    let [by_description, by_identifier] = [description, identifier].map(|text| covered(product, text));
    if by_identifier > by_description {
        Verdict::new(by_identifier, "like the item's identifier")
    } else {
        Verdict::new(by_description, "like the item's description")
    }
}

/// Words of an item that say how it is sold, not what it is.
const SALES_WORDS: [&str; 14] =
    ["per", "gb", "tb", "gib", "tib", "mb", "month", "monthly", "each", "unit", "the", "and", "of", "for"];

/// How much of a product's name an item's text says: word by word, or letter by letter.
fn covered(product: &Name, text: &Name) -> u8 {
    let telling = |name: &Name| -> Vec<String> {
        name.words.iter().filter(|word| !SALES_WORDS.contains(&word.as_str())).cloned().collect()
    };
    let (wanted, found) = (telling(product), telling(text));
    if wanted.is_empty() || found.is_empty() {
        return 0;
    }
    let shared = |from: &[String], in_these: &[String]| {
        let hits = from.iter().filter(|word| in_these.iter().any(|other| same_word(word, other)));
        hits.map(String::len).sum::<usize>() * 100 / from.iter().map(String::len).sum::<usize>().max(1)
    };
    // All of the product's words count most; words that the item has beyond them count against it.
    let by_words = (shared(&wanted, &found) * 3 + shared(&found, &wanted)) / 4;
    let by_letters = ratio(&wanted.join(" "), &found.join(" "));
    u8::try_from(by_words).unwrap_or(0).max(by_letters).min(SAME - 1)
}

/// Equal, or one letter apart in a long word (storages, storage).
fn same_word(one: &str, two: &str) -> bool {
    one == two || one.len().min(two.len()) >= 5 && osa::distance(one.chars(), two.chars()) <= 1
}

/// How much of two texts is common, from 0 to 100.
fn ratio(one: &str, two: &str) -> u8 {
    let total = one.len() + two.len();
    if total == 0 {
        return 0;
    }
    let apart = indel::distance(one.chars(), two.chars()).min(total);
    u8::try_from((total - apart) * 100 / total).unwrap_or(0)
}

fn sorted(name: &Name) -> Vec<&str> {
    let mut words: Vec<&str> = name.words.iter().map(String::as_str).collect();
    words.sort_unstable();
    words
}
