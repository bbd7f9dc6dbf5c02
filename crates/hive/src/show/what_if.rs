//! What other settings would change, for people.

use super::plan::signed;
use super::{Align, table};
use hive_core::Quantity;
use hive_desk::money::{Both, both_words};
use hive_desk::view::{BackTestRow, BackTestView, WhatIfView};
use hive_desk::{Moved, WhatIf};
use std::collections::BTreeMap;

/// The lines that differ, and what they come to.
pub(crate) fn words(view: &WhatIfView<'_>, what_if: &WhatIf) -> String {
    let mut text = format!("{} with {}: nothing is stored.\n", view.msp, view.with.join(" "));
    if what_if.moved.is_empty() {
        text.push_str("This would change no line.\n");
    } else {
        text.push_str(&format!("\n{}\n", lines(&what_if.moved)));
    }
    let both = Both { up: what_if.up.clone(), down: what_if.down.clone() };
    let money = if both.is_nothing() { String::new() } else { format!(", {}", both_words(&both)) };
    text.push_str(&format!("\n{} lines would have another quantity{money}.\n", what_if.lines));
    for (title, codes) in [("New holds", &view.new_holds), ("New stops", &view.new_stops)] {
        text.push_str(&format!("{title}: {}.\n", counted(codes)));
    }
    if view.wait_again > 0 {
        text.push_str(&format!("{} live products would wait for go-live again.\n", view.wait_again));
    }
    text
}

fn counted(codes: &BTreeMap<&str, usize>) -> String {
    let all: Vec<String> = codes.iter().map(|(code, many)| format!("{many} by {code}")).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

fn lines(moved: &[Moved]) -> String {
    let columns = [
        ("Account", Align::Left),
        ("Product", Align::Left),
        ("Now", Align::Right),
        ("Next", Align::Right),
        ("Would be", Align::Right),
        ("A month", Align::Right),
        ("Mark", Align::Left),
    ];
    let show = |quantity: Option<Quantity>| quantity.map_or_else(|| "-".to_owned(), |quantity| quantity.to_string());
    let rows = moved.iter().map(|one| {
        let mark = |mark: Option<hive_core::plan::Mark>| mark.map_or("no line", hive_core::plan::Mark::name);
        let marks = if one.marks.0 == one.marks.1 {
            mark(one.marks.1).to_owned()
        } else {
            format!("{} -> {}", mark(one.marks.0), mark(one.marks.1))
        };
        vec![
            one.account.clone(),
            one.product.clone(),
            show(one.now),
            show(one.before),
            show(one.after),
            one.month.map_or_else(|| "-".to_owned(), signed),
            marks,
        ]
    });
    table(&columns, rows)
}

/// Past months: what they would have billed.
pub(crate) fn months(view: &BackTestView<'_>) -> String {
    let compared = !view.with.is_empty();
    let with = if compared { format!(" with {}", view.with.join(" ")) } else { String::new() };
    let mut columns = vec![("Month", Align::Left), ("Product", Align::Left), ("Quantity", Align::Right)];
    if compared {
        columns.extend([("With", Align::Right), ("Difference", Align::Right)]);
    }
    columns.push(("A month", Align::Right));
    if compared {
        columns.extend([("With", Align::Right), ("Difference", Align::Right)]);
    }
    columns.extend([("Currency", Align::Left), ("Note", Align::Left)]);
    let show = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let row = |row: &BackTestRow| {
        let mut cells = vec![row.month.clone(), row.product.clone().unwrap_or_else(|| "in all".to_owned())];
        cells.push(if row.no_samples { "no samples".to_owned() } else { show(&row.quantity) });
        if compared {
            cells.extend([show(&row.quantity_with), show(&row.quantity_difference)]);
        }
        cells.push(show(&row.money));
        if compared {
            cells.extend([show(&row.money_with), show(&row.money_difference)]);
        }
        let unknown = if row.unknown > 0 { format!("{} not known", row.unknown) } else { String::new() };
        cells.extend([row.currency.clone().unwrap_or_default(), unknown]);
        cells
    };
    format!("{}{with}: nothing is stored.\n{}\n\n{}\n", view.msp, view.note, table(&columns, view.rows.iter().map(row)))
}
