//! A rule that is tried: company by company which agreements it admits, and the lines it moves.

use super::{Align, table};
use hive_desk::view::NamedOwned;
use hive_desk::{RuleTrial, TriedAgreement};

/// What a rule would do, for people.
pub(crate) fn words(trial: &RuleTrial) -> String {
    let admits = |one: &NamedOwned| format!("{} ({})", one.name, one.id);
    let rejects = |one: &TriedAgreement| one.why.clone();
    let columns = [("", Align::Left), ("Company", Align::Left), ("Admits", Align::Left), ("Rejects", Align::Left)];
    let rows = trial.companies.iter().map(|company| {
        let admitted: Vec<String> = company.admits.iter().map(admits).collect();
        let rejected: Vec<String> = company.rejects.iter().map(rejects).collect();
        vec![
            if company.moves { "→".to_owned() } else { String::new() },
            format!("{} ({})", company.name, company.id),
            if admitted.is_empty() { "none".to_owned() } else { admitted.join("\n") },
            rejected.join("\n"),
        ]
    });
    let mut text = table(&columns, rows);
    if !trial.lines.is_empty() {
        let columns = [
            ("Account", Align::Left),
            ("Product", Align::Left),
            ("Addition now", Align::Right),
            ("Then", Align::Right),
        ];
        let id = |id: Option<i64>| id.map_or_else(|| "none".to_owned(), |id| id.to_string());
        let rows = trial
            .lines
            .iter()
            .map(|line| vec![line.account.clone(), line.product.clone(), id(line.before), id(line.after)]);
        text.push_str(&format!("\n\n{}", table(&columns, rows)));
    }
    format!("{text}\n\n{} Nothing was saved.\n", trial.words())
}
