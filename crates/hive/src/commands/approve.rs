//! `hive approve`: a person's agreement to held changes of the plan last stored.

use crate::cli::{Approve, Format};
use crate::failure::{DONE, Done, Failure};
use crate::house::House;
use crate::show::{Align, show, table, tell};
use hive_core::when::stamp;
use hive_core::{LineId, Money, PlanId, TimeZone};
use hive_desk::view::{APPROVED_COLUMNS, ApprovedView};
use hive_desk::{ToApprove, Which};
use hive_store::Msp;
use std::collections::BTreeMap;
use std::io::{BufRead as _, IsTerminal as _};

pub(super) async fn approve(house: &House, format: Format, asked: &Approve) -> Done {
    let msp = house.msp(&asked.msp).await?;
    let (desk, by) = (house.desk(), house.by(&msp));
    let which = match &asked.cause {
        _ if asked.all => Which::All,
        Some(cause) => Which::Cause(cause.clone()),
        None => Which::Lines(lines(house, &msp, &asked.line).await?),
    };
    let mut plan = asked.plan.clone().map(PlanId);
    if asked.all {
        let shown: ToApprove = desk.to_approve(&msp, plan.as_ref(), &which).await?;
        if !confirmed(&shown) {
            return Err(Failure::stopped("nothing was approved"));
        }
        // Exactly what was counted on the terminal, even if another plan is stored meanwhile.
        plan = Some(shown.plan.id);
    }
    let view = desk.approve(&by, plan.as_ref(), &which).await?;
    let zone = house.zone(&msp).await?;
    show(format, &view, APPROVED_COLUMNS, || words(&view, &msp, &zone))?;
    Ok(DONE)
}

/// The lines of their ids; what is no id is no line of the plan last stored either.
pub(super) async fn lines(house: &House, msp: &Msp, texts: &[String]) -> Result<Vec<LineId>, Failure> {
    let mut lines = Vec::new();
    for text in texts {
        match LineId::parse(text) {
            Some(line) => lines.push(line),
            None => {
                let plan = house.desk().last_plan(msp).await?.id;
                return Err(Failure::stopped(format!(
                    "plan {plan} has no line {text}; hive plan … --format json shows the ids"
                )));
            }
        }
    }
    Ok(lines)
}

/// Count and total drop first; a question on a terminal only.
fn confirmed(ToApprove { plan: _, changes, creates }: &ToApprove) -> bool {
    let mut sums: BTreeMap<&str, (Money, Money)> = BTreeMap::new();
    let changed = changes.iter().map(|change| (&change.currency, change.money_month));
    for (currency, month) in changed.chain(creates.iter().map(|create| (&create.currency, create.money_month))) {
        let (less, more) = sums.entry(currency.as_deref().unwrap_or_default()).or_default();
        let month = month.unwrap_or_default();
        let side = if month < Money::ZERO { less } else { more };
        *side = side.plus(month.abs());
    }
    let count = if changes.len() == 1 { "1 held change".to_owned() } else { format!("{} held changes", changes.len()) };
    let count = match creates.len() {
        0 => count,
        1 => format!("{count}, 1 addition to create"),
        many => format!("{count}, {many} additions to create"),
    };
    let money: Vec<String> = sums
        .iter()
        .map(|(currency, (less, more))| {
            format!("{} {currency} a month less, {} {currency} more", less.words(), more.words()).replace("  ", " ")
        })
        .collect();
    tell(&format!("{count}: {}.", money.join("; ")));
    if !std::io::stdin().is_terminal() {
        return true;
    }
    tell("Approve all of them? Type yes:");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).is_ok_and(|_| answer.trim() == "yes")
}

fn words(view: &ApprovedView, msp: &Msp, zone: &TimeZone) -> String {
    let columns = [
        ("Line", Align::Left),
        ("Account", Align::Left),
        ("Product", Align::Left),
        ("From", Align::Right),
        ("To", Align::Right),
        ("Up to", Align::Right),
        ("A month", Align::Right),
        ("Lifts", Align::Left),
    ];
    let rows = view.lines.iter().map(|line| {
        vec![
            line.line.clone(),
            line.account.clone(),
            line.product.clone(),
            line.from.clone().unwrap_or_else(|| "created".to_owned()),
            line.to.clone(),
            line.limit.clone(),
            line.money_month.clone().unwrap_or_default(),
            line.codes.join(", "),
        ]
    });
    let with = if view.live { String::new() } else { format!(" --plan {}", view.plan) };
    format!(
        "Approved:\n{}\nIt lapses at {}. What nothing else holds is pushed by: hive update \"{}\"{with}",
        table(&columns, rows),
        stamp(view.lapses, zone),
        msp.name,
    )
}
