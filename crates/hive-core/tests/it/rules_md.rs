//! `docs/rules.md` is executed: every row of its tables is planned, and must come out as it says.
//!
//! A row: what was measured, quota, one unit of the item, rule, what ConnectWise has, what Hive writes, why.
//! Its words are read by the functions below; a code in `backticks` under "why" must stand on the line.

use crate::door::Planned;
use hive_core::issue::Code;
use hive_core::plan::{Line, Mark};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/rules.md");
const COLUMNS: usize = 8;
const ROWS_MIN: usize = 60;

#[test]
fn every_worked_example_comes_out_as_it_says() {
    let text = std::fs::read_to_string(FILE).expect("docs/rules.md");
    let mut wrong = Vec::new();
    let mut rows = 0;
    for (number, line) in text.lines().enumerate().map(|(place, line)| (place + 1, line)) {
        let Some(cells) = row(line) else { continue };
        rows += 1;
        assert_eq!(cells.len(), COLUMNS, "docs/rules.md:{number}: a row has {COLUMNS} columns: {line}");
        assert_eq!(cells[0].parse(), Ok(rows), "docs/rules.md:{number}: the examples are numbered one by one");
        if let Err(why) = execute(&cells) {
            wrong.push(format!("docs/rules.md:{number}: {why}\n  {line}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rows >= ROWS_MIN, "{rows} examples");
}

#[test]
fn a_wrong_row_is_found() {
    let right = row("| 1 | 12 GB | none | 1 GB | actual usage | 10 | 12 | As measured. |").unwrap();
    assert_eq!(execute(&right), Ok(()));
    for wrong in [
        "| 1 | 12 GB | none | 1 GB | actual usage | 10 | 13 | As measured. |",
        "| 1 | 12 GB | none | 1 GB | actual usage | 12 | 12 | As measured. |",
        "| 1 | 12 GB | none | 1 GB | actual usage | 10 | 12, once approved | As measured. |",
        "| 1 | 12 GB | none | 1 GB | actual usage | 10 | nothing, it stops | As measured. |",
        "| 1 | 12 GB | none | 1 GB | actual usage | 10 | 12 | `quota.missing` |",
    ] {
        assert!(execute(&row(wrong).unwrap()).is_err(), "{wrong}");
    }
}

/// The cells of an example; `None` for a head, a rule under it, and anything that is no table.
fn row(line: &str) -> Option<Vec<&str>> {
    let cells = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let cells: Vec<&str> = cells.split('|').map(str::trim).collect();
    cells.first()?.parse::<usize>().ok().map(|_| cells)
}

fn execute(cells: &[&str]) -> Result<(), String> {
    let [_, measured, quota, unit, rule, has, writes, why] = cells else { return Err("columns".to_owned()) };
    let parts = parts(measured);
    let mut world = vec![
        "company 20 Acme Dental".to_owned(),
        "item 5 ITEM".to_owned(),
        "agreement 1 of 20 Managed".to_owned(),
        format!("addition 1000 on 1 item 5 at {has}; price 0.01"),
    ];
    world.extend(products(&parts, unit));
    for part in &parts {
        world.push(format!("account {} -> 20", part.account));
    }
    for part in &parts {
        world.extend(samples(part)?);
    }
    for quota in quotas(quota, &parts) {
        world.push(quota);
    }
    for rule in rule.split(';').map(str::trim) {
        world.extend(ruled(rule, &parts, has)?);
    }
    let planned = Planned::of(&world.join("\n"));
    let line = planned.line(&parts[0].account, &parts[0].product);
    compare(line, writes, why).map_err(|words| format!("{words}\n{}\n{}", world.join("\n"), planned.printed()))
}

struct Measured {
    account: String,
    product: String,
    words: String,
}

/// `430 GB`, or `Acme: 430 GB + East: 70 GB + East Warm: 5 GB`; days after semicolons.
fn parts(cell: &str) -> Vec<Measured> {
    let of = |part: &str| {
        let (whose, words) = part.split_once(':').unwrap_or(("Acme", part));
        let (account, product) = whose.trim().split_once(' ').unwrap_or((whose.trim(), "Hot"));
        Measured { account: account.to_owned(), product: product.to_owned(), words: words.trim().to_owned() }
    };
    cell.split(" + ").map(of).collect()
}

fn products(parts: &[Measured], unit: &str) -> Vec<String> {
    let measured = parts[0].words.split_whitespace().nth(1).unwrap_or("GB").trim_matches(';');
    let mut names: Vec<&str> = parts.iter().map(|part| part.product.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let measured = if unit.ends_with("user") { "user" } else { measured };
    names.iter().map(|name| format!("product {name} {measured} -> 5 per {unit}")).collect()
}

/// `430 GB`, `430 GB (trial)`, `40 GB today; 10 GB 1 to 29 days ago; 70 GB 12 days ago`, `nothing ever`.
fn samples(part: &Measured) -> Result<Vec<String>, String> {
    let mut commands = Vec::new();
    for piece in part.words.split(';').map(str::trim).filter(|piece| *piece != "nothing ever") {
        let (piece, class) = match piece.split_once('(') {
            Some((before, class)) => (before.trim(), format!("; class {}", class.trim_end_matches(')'))),
            None => (piece, String::new()),
        };
        let words: Vec<&str> = piece.split_whitespace().collect();
        let (quantity, unit, when) = match words.as_slice() {
            [quantity, unit] | [quantity, unit, "today"] => (quantity, unit, None),
            [quantity, unit, day, "days" | "day", "ago"] => (quantity, unit, Some(format!("{day}d"))),
            [quantity, unit, first, "to", last, "days", "ago"] => (quantity, unit, Some(format!("{first}d..{last}d"))),
            _ => return Err(format!("what was measured cannot be read: {piece}")),
        };
        let (word, when) = when.map_or(("usage", "1h".to_owned()), |when| ("before", when));
        let unit = unit.strip_suffix('s').unwrap_or(unit);
        commands.push(format!("{word} {} {} {quantity} {unit} {when}{class}", part.account, part.product));
    }
    Ok(commands)
}

/// `none`, `500 GB`, or `Acme: 500 GB + East: 100 GB`.
fn quotas(cell: &str, parts: &[Measured]) -> Vec<String> {
    if cell == "none" {
        return Vec::new();
    }
    let of = |quota: &str| {
        let (whose, size) = quota.split_once(':').unwrap_or((&parts[0].account, quota));
        format!("quota {} {} {}", whose.trim(), parts[0].product, size.trim())
    };
    cell.split(" + ").map(of).collect()
}

/// One rule, for every product of the row; `East's included 5` is the account's own.
fn ruled(rule: &str, parts: &[Measured], has: &str) -> Result<Vec<String>, String> {
    if let Some(terms) = rule.strip_prefix("agreement ") {
        let (cycle, next) = terms.split_once(", next invoice ").ok_or("an agreement has a next invoice")?;
        return Ok(vec![format!("agreement 1 of 20 Managed; cycle {cycle}; next {next}")]);
    }
    if let Some(less) = rule.strip_prefix("Less Included ") {
        return Ok(vec![format!("addition 1000 on 1 item 5 at {has}; price 0.01; less {less}")]);
    }
    if let Some(days) = rule.strip_prefix("days needed ") {
        return Ok(vec![format!("set gaps_days {days}")]);
    }
    let (account, rule) = match rule.split_once("'s ") {
        Some((account, rule)) => (format!("; account {account}"), rule),
        None => (String::new(), rule),
    };
    let (key, value) = match rule {
        "actual usage" => ("mode", "actual"),
        "upper bracket" => ("mode", "quota_bracket"),
        "average of 30 days" => ("basis", "average_30d"),
        "peak of 30 days" => ("basis", "peak_30d"),
        "average of the period" => ("basis", "average_period"),
        "peak of the period" => ("basis", "peak_period"),
        "only over the quota" => ("overage", "true"),
        "bracket of the sum" => ("bracket_of", "sum"),
        other => match other.rsplit_once(' ').ok_or_else(|| format!("no such rule: {other}"))? {
            ("dead band", value) => ("dead_band", value),
            (key @ ("included" | "minimum" | "maximum" | "rounding" | "ladder" | "classes"), value) => (key, value),
            _ => return Err(format!("no such rule: {other}")),
        },
    };
    let mut products: Vec<&str> = parts.iter().map(|part| part.product.as_str()).collect();
    products.sort_unstable();
    products.dedup();
    Ok(products.iter().map(|product| format!("set {key} {value}; product {product}{account}")).collect())
}

/// `12`, `12, once approved`, `nothing, it is right`, `nothing, it stops`.
fn compare(line: &Line, writes: &str, why: &str) -> Result<(), String> {
    let next = line.next.map(|next| next.to_string());
    let (mark, wanted) = match writes {
        "nothing, it is right" => (Mark::Unchanged, None),
        "nothing, it stops" => (Mark::Issue, None),
        _ => match writes.strip_suffix(", once approved") {
            Some(value) => (Mark::Held, Some(value)),
            None => (Mark::Change, Some(writes)),
        },
    };
    if line.mark != mark || wanted.is_some_and(|wanted| next.as_deref() != Some(wanted)) {
        return Err(format!("\"{writes}\" is expected, it is {} {next:?}", line.mark.name()));
    }
    let codes = why.split('`').skip(1).step_by(2);
    for code in codes.filter(|text| text.contains('.')) {
        let code = Code::parse(code).ok_or_else(|| format!("no such code: {code}"))?;
        if !line.issues.iter().any(|issue| issue.code == code) {
            return Err(format!("{code} does not stand on the line"));
        }
    }
    Ok(())
}
