//! The budget of attention: a year of an MSP with 180 customers and 900 lines, with 40 planted disasters.
//! A person can only look at so much; what is asked in vain is waved through one day.

mod chance;
mod disasters;
mod life;
mod mirror;
mod truth;
mod world;
mod year;

use std::collections::BTreeMap;
use std::fmt::Write;
use year::{Month, Year};

/// Of the lines that no disaster touches, how many may wait in a month, in percent.
const WAITING_PERCENT: usize = 3;
/// Decisions that a month may ask for.
const DECISIONS: usize = 12;

#[test]
fn a_year_asks_for_no_more_than_a_person_can_look_at() {
    let year = Year::lived(2026);
    let report = report(&year);
    println!("{report}");
    assert_eq!(year.wrong, Vec::<String>::new(), "{report}");
    let uncaught: Vec<String> =
        year.disasters.iter().filter(|d| d.caught.is_none()).map(|d| format!("{:?}", d.kind)).collect();
    assert_eq!(uncaught, Vec::<String>::new(), "{report}");
    assert_eq!(year.disasters.len(), 40);
    for (nth, month) in (1..).zip(&year.months) {
        let decisions: usize = month.decisions.values().sum();
        assert!(decisions <= DECISIONS, "month {nth}: {decisions} decisions\n{report}");
        assert!(
            month.waiting.len() * 100 <= month.lines.len() * WAITING_PERCENT,
            "month {nth}: {} of {} lines wait\n{report}",
            month.waiting.len(),
            month.lines.len()
        );
    }
}

/// A table: a row a month.
fn report(year: &Year) -> String {
    let mut text = String::from("month  lines  waiting     %  written  struck  named  decisions\n");
    for (nth, month) in (1..).zip(&year.months) {
        let Month { lines, waiting, decisions, struck, caught, written, .. } = month;
        let of_codes: Vec<String> = decisions.iter().map(|(code, count)| format!("{code} {count}")).collect();
        let mut why: BTreeMap<String, usize> = BTreeMap::new();
        waiting.values().for_each(|code| *why.entry(code.to_string()).or_default() += 1);
        let why: Vec<String> = why.into_iter().map(|(code, count)| format!("{code} {count}")).collect();
        let tenths = if lines.is_empty() { 0 } else { waiting.len() * 1000 / lines.len() };
        let _ = writeln!(
            text,
            "{nth:5}  {:5}  {:7}  {:2}.{}  {written:7}  {struck:6}  {caught:5}  {:2}: {}\n{:23}waiting: {}",
            lines.len(),
            waiting.len(),
            tenths / 10,
            tenths % 10,
            decisions.values().sum::<usize>(),
            of_codes.join(", "),
            "",
            why.join(", "),
        );
    }
    for (nth, disaster) in (1..).zip(&year.disasters) {
        let caught = disaster
            .caught
            .map_or("NOT NAMED".to_owned(), |(day, code)| format!("{code} after {} days", day - disaster.day));
        let _ = writeln!(
            text,
            "{nth:2} {:?} on {} ({} lines): {caught}",
            disaster.kind,
            world::day_of(disaster.day),
            disaster.lines.len()
        );
    }
    for decision in &year.decided {
        let _ = writeln!(text, "- {decision}");
    }
    for puzzle in year.puzzles.iter().take(40) {
        let _ = writeln!(text, "? {puzzle}");
    }
    text
}
