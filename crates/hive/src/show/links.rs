//! Links, suggestions, and what is broken, for people.

use super::{Align, table};
use hive_desk::view::{LinksView, MatchesView};

/// Links for people.
pub(crate) fn words(view: &LinksView) -> String {
    let columns = [
        ("Kind", Align::Left),
        ("Hive", Align::Left),
        ("State", Align::Left),
        ("ConnectWise", Align::Left),
        ("One unit", Align::Right),
        ("By", Align::Left),
    ];
    let rows = view.links.iter().map(|link| {
        let target = match (&link.target, link.suggestions.first()) {
            (Some(target), _) => format!("{} ({})", target.name, target.id),
            (None, Some(first)) => format!("? {} ({}), {} %: {}", first.name, first.id, first.score, first.reason),
            (None, None) => link.connectwise.clone(),
        };
        let target = link.note.as_ref().map_or(target.clone(), |note| format!("{target}: {note}"));
        let unit = match (&link.size, &link.unit) {
            (Some(size), Some(unit)) => format!("{size} {unit}"),
            _ => String::new(),
        };
        vec![
            link.kind.to_owned(),
            link.hive.clone(),
            link.state.to_owned(),
            target,
            unit,
            link.by.unwrap_or_default().to_owned(),
        ]
    });
    let counts: Vec<String> =
        view.counts.iter().filter(|(_, count)| **count > 0).map(|(state, count)| format!("{count} {state}")).collect();
    let from = if view.items_from == Some("additions") {
        "\nThe key may not read the catalog: only items that are on an addition are known."
    } else {
        ""
    };
    format!(
        "{}\n{}.{from}",
        table(&columns, rows),
        if counts.is_empty() { "Nothing to link yet".to_owned() } else { counts.join(", ") }
    )
}

/// Matches for people.
pub(crate) fn match_words(view: &MatchesView) -> String {
    if view.matches.is_empty() {
        return format!(
            "No account of {} has an unmistakable company that is not linked yet. Suggestions: hive links \"{}\"",
            view.msp, view.msp
        );
    }
    let mut text = String::new();
    for one in &view.matches {
        text.push_str(&format!("{} = {} ({}): {}\n", one.account, one.company.name, one.company.id, one.reason));
    }
    if view.applied {
        text + &format!("{} linked.", view.matches.len())
    } else {
        text + &format!("{} unmistakable; link them: hive match \"{}\" --apply", view.matches.len(), view.msp)
    }
}
