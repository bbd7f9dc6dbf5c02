//! The plan for people: what changes, what waits, what cannot be pushed and why.

use super::{Align, table};
use hive_core::Money;
use hive_core::TimeZone;
use hive_core::issue::{Code, Severity};
use hive_core::plan::{Line, Mark, Plan};
use hive_core::when::stamp;
use hive_desk::view::{CandidateView, moves};
use hive_desk::{Approved, money};
use std::collections::{BTreeMap, BTreeSet};

/// The plan for people: what changes, what waits, what cannot be pushed and why.
pub(crate) fn words(plan: &Plan, approved: &Approved, zone: &TimeZone) -> String {
    let mut text = head(plan, zone);
    for (mark, title) in
        [(Mark::Change, "Will be pushed"), (Mark::Held, "Waits for approval"), (Mark::Issue, "Will not be pushed")]
    {
        let is_approved = |line: &&Line| approved.of(line).is_some();
        let lines: Vec<&Line> = plan.lines.iter().filter(|line| line.mark == mark).collect();
        let (agreed, lines): (Vec<&Line>, Vec<&Line>) = lines.into_iter().partition(is_approved);
        for (title, lines) in [("Approved, the next Update pushes it", agreed), (title, lines)] {
            if !lines.is_empty() {
                let month = total(plan, &lines);
                text.push_str(&format!("\n{title}: {}{month}\n", count_words(&lines)));
                text.push_str(&section(mark, &lines, approved));
                text.push('\n');
            }
        }
    }
    let counts = plan.counts();
    text.push_str(&format!(
        "\n{} change, {} unchanged, {} held, {} with issues{}{}. Nothing has been written.\n",
        counts.change,
        counts.unchanged,
        counts.held,
        counts.issue,
        if plan.ignored > 0 { format!("; {} ignored", plan.ignored) } else { String::new() },
        if plan.excluded > 0 { format!("; {} excluded", plan.excluded) } else { String::new() },
    ));
    for (mark, title) in [(Mark::Change, "In all, to be pushed"), (Mark::Held, "In all, waiting")] {
        let both = moves(plan, mark);
        if !both.is_nothing() {
            text.push_str(&format!("{title}: {}.\n", money::both_words(&both)));
        }
    }
    text.push_str(&next_steps(plan, approved));
    text
}

fn head(plan: &Plan, zone: &TimeZone) -> String {
    let mirror = plan.mirror.as_ref().map_or_else(
        || "nothing was synced yet".to_owned(),
        |mirror| format!("ConnectWise as of {}", stamp(mirror.pulled_at, zone)),
    );
    format!("{}: plan {} ({mirror})\n", plan.msp_name, plan.id)
}

fn count_words(lines: &[&Line]) -> String {
    let plural = |count: usize, word: &str| if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") };
    let additions: BTreeSet<_> = lines.iter().filter_map(|line| line.addition).collect();
    let all = plural(lines.len(), "line");
    if additions.is_empty() || additions.len() == lines.len() {
        all
    } else {
        format!("{all} on {}", plural(additions.len(), "addition"))
    }
}

/// The money of a section, one amount a currency, each addition once.
fn total(plan: &Plan, lines: &[&Line]) -> String {
    let sums = money::of(plan, lines.iter().copied());
    let words: Vec<String> = sums
        .iter()
        .filter(|(_, sum)| **sum != Money::ZERO)
        .map(|(currency, sum)| format!("{} {currency}", signed(*sum)).trim_end().to_owned())
        .collect();
    if words.is_empty() { String::new() } else { format!(", {} a month", words.join(", ")) }
}

pub(crate) fn signed(money: Money) -> String {
    if money > Money::ZERO { format!("+{}", money.words()) } else { money.words() }
}

fn section(mark: Mark, lines: &[&Line], approved: &Approved) -> String {
    let mut columns =
        vec![("", Align::Left), ("Account", Align::Left), ("Product", Align::Left), ("Now", Align::Right)];
    if mark == Mark::Held {
        columns.insert(1, ("Line", Align::Left));
    }
    if mark != Mark::Issue {
        columns.push(("Next", Align::Right));
    }
    columns.extend([("A month", Align::Right), (if mark == Mark::Change { "Note" } else { "Why" }, Align::Left)]);
    let mut decisions = decisions(lines);
    decisions.sort_by_key(|decision| std::cmp::Reverse(decision.money.map(Money::abs)));
    let rows = decisions.into_iter().map(|Decision { sign, account, product, line, money, why }| {
        let show = |quantity: Option<hive_core::Quantity>| {
            quantity.map_or_else(|| "-".to_owned(), |quantity| quantity.to_string())
        };
        let mut row = vec![sign.to_owned(), account, product, show(line.and_then(|line| line.now))];
        if mark == Mark::Held {
            row.insert(1, line.map_or_else(String::new, |line| line.id.to_string()));
        }
        let by = line.and_then(|line| approved.of(line));
        let why = by.map_or(why, |who| format!("approved by {who}"));
        if mark != Mark::Issue {
            row.push(show(line.and_then(|line| line.next)));
        }
        row.push(money.map_or_else(|| "-".to_owned(), signed));
        row.push(why);
        row
    });
    table(&columns, rows)
}

/// One row of a section: a line, or every line that one decision answers.
struct Decision<'a> {
    sign: &'static str,
    account: String,
    product: String,
    line: Option<&'a Line>,
    money: Option<Money>,
    why: String,
}

/// An account that is linked to nothing, or a product that is mapped to nothing, is one decision,
/// however many lines it stops.
fn decisions<'a>(lines: &[&'a Line]) -> Vec<Decision<'a>> {
    let mut shared: BTreeMap<(Code, &str), Vec<&'a Line>> = BTreeMap::new();
    let mut decisions = Vec::new();
    for line in lines {
        match line.issues.iter().find(|issue| issue.severity == Severity::Stop).map(|issue| issue.code) {
            Some(code @ Code::AccountUnlinked) => shared.entry((code, &line.account)).or_default().push(line),
            Some(code @ Code::ProductUnmapped) => shared.entry((code, &line.product)).or_default().push(line),
            _ => decisions.push(decision(line)),
        }
    }
    for ((code, name), of_one) in shared {
        let [first, _, ..] = of_one.as_slice() else {
            decisions.extend(of_one.into_iter().map(decision));
            continue;
        };
        let count = of_one.len();
        let money = of_one.iter().filter_map(|line| line.money_month).reduce(Money::plus);
        let how = first
            .issues
            .first()
            .and_then(|issue| issue.message.split_once(" Link it: ").or_else(|| issue.message.split_once(" Map it: ")));
        let how = how.map_or("", |(_, how)| how);
        let (account, product, why) = if code == Code::AccountUnlinked {
            (name.to_owned(), format!("{count} products"), format!("{code}: linked to no company. Link it: {how}"))
        } else {
            (format!("{count} accounts"), name.to_owned(), format!("{code}: mapped to no item. Map it: {how}"))
        };
        decisions.push(Decision { sign: "!", account, product, line: None, money, why });
    }
    decisions
}

fn decision(line: &Line) -> Decision<'_> {
    let sign = match line.mark {
        Mark::Change if line.live => "✓",
        Mark::Change => "○",
        Mark::Held => "⏸",
        Mark::Unchanged => "=",
        Mark::Issue => "!",
    };
    Decision {
        sign,
        account: line.account.clone(),
        product: line.product.clone(),
        line: Some(line),
        money: line.money_month,
        why: why(line),
    }
}

/// The heaviest issues of a line; for a change its notes that are not everyday ones.
fn why(line: &Line) -> String {
    let heaviest = line.issues.iter().map(|issue| issue.severity).max();
    let chosen = line.issues.iter().filter(|issue| match line.mark {
        Mark::Change | Mark::Unchanged => {
            !matches!(issue.code.name(), "link.not_live" | "addition.paid_period" | "quota.missing")
        }
        Mark::Held | Mark::Issue => Some(issue.severity) == heaviest && issue.severity > Severity::Note,
    });
    let words: Vec<String> = chosen.map(|issue| format!("{}: {}", issue.code, issue.message)).collect();
    words.join("\n")
}

fn next_steps(plan: &Plan, approved: &Approved) -> String {
    let mut steps = Vec::new();
    let waiting = plan.changes.iter().any(|change| !change.live) || plan.creates.iter().any(|create| !create.live);
    if waiting {
        steps.push(format!(
            "○ not live yet: hive update \"{}\" --plan {} pushes exactly this plan and takes its products live.",
            plan.msp_name, plan.id
        ));
    }
    let held = plan
        .changes
        .iter()
        .any(|change| !change.holds.is_empty() && !approved.additions.contains_key(&change.addition));
    let missing = plan.creates.iter().flat_map(|create| &create.lines).any(|line| !approved.creates.contains_key(line));
    if held || missing {
        steps.push(format!("⏸ held: hive approve \"{}\" --line L…, or --all.", plan.msp_name));
    }
    steps.join("\n")
}

/// One line's story.
pub(crate) fn explanation(line: &Line) -> String {
    let mut text = format!("{} x {} ({})\n", line.account, line.product, line.id);
    for step in &line.trace {
        text.push_str(&format!("  {:<7} {}\n", step.step.name(), step.words));
    }
    let show = |quantity: Option<hive_core::Quantity>| {
        quantity.map_or_else(|| "unknown".to_owned(), |quantity| quantity.to_string())
    };
    text.push_str(&format!("  now {} -> next {}: {}", show(line.now), show(line.next), line.mark.name()));
    if let Some(month) = line.money_month.filter(|month| *month != Money::ZERO) {
        let currency = line.currency.as_deref().map_or(String::new(), |currency| format!(" {currency}"));
        text.push_str(&format!(", {}{currency} a month", signed(month)));
    }
    text.push('\n');
    for issue in &line.issues {
        text.push_str(&format!("  {} {}: {}\n", issue.severity.name(), issue.code, issue.message));
    }
    text
}

/// Every addition that the line could be billed on, and why it is or is not.
pub(crate) fn candidates(all: &[CandidateView]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let columns = [
        ("", Align::Left),
        ("Addition", Align::Right),
        ("Agreement", Align::Left),
        ("Quantity", Align::Right),
        ("Why", Align::Left),
    ];
    let rows = all.iter().map(|one| {
        let child =
            one.parent.as_ref().map_or(String::new(), |parent| format!(", child of {} {}", parent.id, parent.name));
        vec![
            if one.chosen { "✓".to_owned() } else { String::new() },
            one.addition.to_string(),
            format!("{} ({}{child})", one.agreement.name, one.agreement.id),
            one.quantity.clone().unwrap_or_else(|| "-".to_owned()),
            one.why.clone(),
        ]
    });
    format!("\nAdditions of the company and the item:\n{}\n", table(&columns, rows))
}
