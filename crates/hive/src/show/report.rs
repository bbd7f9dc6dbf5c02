//! What an Update or an undo did, for people.

use super::plan::signed;
use super::{Align, table};
use hive_core::TimeZone;
use hive_core::outcome::Outcome;
use hive_core::when::stamp;
use hive_desk::money::{Sums, both_words};
use hive_desk::view::written;
use hive_desk::{TrueUps, WouldUndo, undone_words};
use hive_store::{Report, ReportLine, RunRow};

/// The report for people: what was written, what was not and why.
pub(crate) fn words(report: &Report, zone: &TimeZone) -> String {
    let ended = report.ended_at.map_or_else(|| "still running".to_owned(), |at| format!("ended {}", stamp(at, zone)));
    let mut text =
        format!("{} {} by {}: {} ({ended})\n", title_of(report.kind), report.run, report.who, report.state.name());
    if !report.words.is_empty() {
        text.push_str(&format!("{}\n", report.words));
    }
    if let Some(undone) = &report.undone {
        text.push_str(&format!("It is {}.\n", undone_words(undone, zone)));
    }
    for outcome in Outcome::ALL.into_iter().filter(|outcome| *outcome != Outcome::Unchanged) {
        let lines: Vec<&ReportLine> = report.lines.iter().filter(|line| line.outcome == outcome).collect();
        if lines.is_empty() {
            continue;
        }
        text.push_str(&format!("\n{}: {}\n", title(outcome), lines.len()));
        text.push_str(&section(&lines));
        text.push('\n');
    }
    let counts = Outcome::ALL
        .iter()
        .filter_map(|outcome| Some((report.counts.get(outcome).filter(|count| **count > 0)?, outcome)));
    let counts: Vec<String> =
        counts.map(|(count, outcome)| format!("{count} {}", short(*outcome, report.kind))).collect();
    text.push_str(&format!(
        "\nBy addition: {}.\n",
        if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") }
    ));
    let both = written(report);
    if !both.is_nothing() {
        text.push_str(&format!("What was written moves {}.\n", both_words(&both)));
    }
    text
}

/// An outcome in a line of counts.
fn short(outcome: Outcome, kind: hive_store::RunKind) -> &'static str {
    match outcome {
        Outcome::Pushed if kind == hive_store::RunKind::Undo => "restored",
        Outcome::AlreadyRight => "already right",
        Outcome::NotATarget => "no longer a target",
        Outcome::NotSent => "not sent",
        Outcome::Issue => "with issues",
        other => other.name(),
    }
}

fn title(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pushed => "Pushed",
        Outcome::Confirmed => "Pushed, confirmed by reading back",
        Outcome::AlreadyRight => "Already right, not written",
        Outcome::Drifted => "Changed by somebody since the plan, not written",
        Outcome::NotATarget => "No longer a target, not written",
        Outcome::Alarm => "ALARM: ConnectWise kept another quantity",
        Outcome::Refused => "Refused by ConnectWise",
        Outcome::Unknown => "Unknown: the next run looks it up first",
        Outcome::NotSent => "Not sent",
        Outcome::Held => "Held",
        Outcome::Issue => "Not pushed, with issues",
        Outcome::Unchanged => "Unchanged",
    }
}

fn section(lines: &[&ReportLine]) -> String {
    let columns = [
        ("Account", Align::Left),
        ("Product", Align::Left),
        ("From", Align::Right),
        ("To", Align::Right),
        ("In ConnectWise now", Align::Right),
        ("Why", Align::Left),
    ];
    let show = |quantity: Option<hive_core::Quantity>| {
        quantity.map_or_else(|| "-".to_owned(), |quantity| quantity.to_string())
    };
    let rows = lines.iter().map(|line| {
        vec![
            line.account.clone(),
            line.product.clone(),
            show(line.from),
            show(line.to),
            show(line.found),
            line.message.clone().unwrap_or_default(),
        ]
    });
    table(&columns, rows)
}

/// Runs for people.
pub(crate) fn run_words(runs: &[RunRow], zone: &TimeZone) -> String {
    if runs.is_empty() {
        return "No run yet. Start with: hive sync MSP".to_owned();
    }
    let columns = [
        ("Run", Align::Right),
        ("Kind", Align::Left),
        ("State", Align::Left),
        ("Started", Align::Left),
        ("Ended", Align::Left),
        ("By", Align::Left),
        ("Words", Align::Left),
    ];
    let rows = runs.iter().map(|run| {
        vec![
            run.id.to_string(),
            run.kind.name().to_owned(),
            run.state.name().to_owned(),
            stamp(run.started_at, zone),
            run.ended_at.map_or_else(|| "-".to_owned(), |at| stamp(at, zone)),
            run.who.clone(),
            own_words(run, zone),
        ]
    });
    table(&columns, rows)
}

/// How it ended, and what was taken back of it.
fn own_words(run: &RunRow, zone: &TimeZone) -> String {
    let undone = run.undone.as_ref().map(|undone| undone_words(undone, zone));
    let own = run.words.lines().next().filter(|words| !words.is_empty());
    undone.iter().map(String::as_str).chain(own).collect::<Vec<_>>().join("; ")
}

/// What an undo would write, for people.
pub(crate) fn would_undo_words(run: hive_core::RunId, would: &WouldUndo) -> String {
    let additions = would.additions.len();
    let mut text = format!(
        "An undo of run {run} would restore {additions} {}, except those changed since:\n",
        if additions == 1 { "addition" } else { "additions" }
    );
    let columns = [
        ("Customer", Align::Left),
        ("Product", Align::Left),
        ("Addition", Align::Right),
        ("From", Align::Right),
        ("To", Align::Right),
        ("A month", Align::Right),
    ];
    text.push_str(&table(
        &columns,
        would.additions.iter().map(|one| {
            let currency = one.currency.as_deref().unwrap_or_default();
            vec![
                one.accounts.join(", "),
                one.products.join(", "),
                one.done.addition.to_string(),
                one.done.wrote.to_string(),
                one.done.found.to_string(),
                one.money_month.map_or_else(|| "-".to_owned(), |month| format!("{} {currency}", signed(month))),
            ]
        }),
    ));
    let sums = |sums: &Sums| {
        let words: Vec<String> = sums.iter().map(|(currency, sum)| format!("{} {currency}", signed(*sum))).collect();
        if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
    };
    text.push_str(&format!("\nA month: {} up, {} down.", sums(&would.up), sums(&would.down)));
    if would.unpriced > 0 {
        text.push_str(&format!(" The money of {} of them is not known.", would.unpriced));
    }
    text + " Nothing has been written."
}

/// The article's word for a run.
pub(crate) fn title_of(kind: hive_store::RunKind) -> &'static str {
    match kind {
        hive_store::RunKind::Sync => "Sync",
        hive_store::RunKind::Update => "Update",
        hive_store::RunKind::Undo => "Undo",
    }
}

/// A true-up list for people.
pub(crate) fn true_up(found: &TrueUps) -> String {
    let of = match (found.run, found.span) {
        (_, Some((from, to))) => format!("pushed from {from} through {to}"),
        (Some(run), None) => format!("pushed by run {run}"),
        (None, None) => "pushed".to_owned(),
    };
    let not_judged = match found.not_judged {
        0 => String::new(),
        many => format!("\n{many} writes are on agreements that the last Sync does not have, and are not judged."),
    };
    if found.lines.is_empty() {
        return format!(
            "Nothing to make up for: nothing {of} is on an agreement billed less often than monthly.{not_judged}"
        );
    }
    let columns = [
        ("Customer", Align::Left),
        ("Agreement", Align::Left),
        ("Addition", Align::Right),
        ("From", Align::Right),
        ("To", Align::Right),
        ("Pushed on", Align::Left),
        ("Next invoice", Align::Left),
        ("Days", Align::Right),
        ("Not billed", Align::Right),
    ];
    let rows = found.lines.iter().map(|one| {
        let amount = one.owed.amount.map_or("?".to_owned(), |amount| format!("{} {}", amount.words(), one.currency));
        vec![
            one.customer.clone(),
            format!("{} ({})", one.agreement.1, one.agreement.0),
            format!("{} {}", one.item, one.addition),
            one.from.to_string(),
            one.to.to_string(),
            one.pushed_on.to_string(),
            one.owed.next_invoice.map_or("?".to_owned(), |date| date.to_string()),
            one.owed.days.map_or("?".to_owned(), |days| days.to_string()),
            amount.trim_end().to_owned(),
        ]
    });
    let sums: Vec<String> =
        found.sums.iter().map(|(currency, sum)| format!("{} {currency}", sum.words()).trim_end().to_owned()).collect();
    let sums = if sums.is_empty() { "no price is known".to_owned() } else { sums.join(", ") };
    format!(
        "{}\nNot billed until the next invoice, {of}: {sums}. Bill it by hand where it is due; Hive writes none of it to ConnectWise.{not_judged}",
        table(&columns, rows)
    )
}
