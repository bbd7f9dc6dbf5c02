//! What follows with `--exit`: a hand edit, the Update, a second one, an undo, and the proof.

use super::data::{ENDPOINTS, LICENCES, MARCUS, PRIYA};
use super::stage::{MSP, Stage};
use super::words::{dollars, heading, say, say_at, without_command};
use super::world::Place;
use super::{must, not_as_told};
use crate::failure::Failure;
use crate::run::undo::undo;
use crate::run::update::{Asked, update};
use crate::show::print;
use hive_core::AdditionId;
use hive_core::issue::Code;
use hive_core::outcome::Outcome;
use hive_core::plan::Plan;
use hive_core::quantity::Money;
use hive_store::{Report, ReportLine};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// The seats that Priya types.
const SEATS: i64 = 25;
/// The devices that Marcus types, after the Update.
const DEVICES: i64 = 62;

/// Acts as the person, and proves against the sample ConnectWise what was told.
pub(crate) async fn act(stage: &Stage, plan: &Plan) -> Result<(), Failure> {
    let before = quantities(stage);
    let (priya, marcus) = (stage.built.priya, stage.built.marcus);
    heading(6, "Meanwhile, Priya types in ConnectWise");
    let was = before.get(&priya).copied().unwrap_or_default();
    edit(stage, priya, SEATS, "priya")?;
    say(&format!("The plan is made. Now Priya sets {PRIYA}'s {LICENCES} to {SEATS} seats herself: it was {was}."));

    heading(7, "The Update");
    print(&format!("   Acting as the person: starting the Update with the plan's id {}", plan.id));
    print(&format!("   (hive update \"{MSP}\" --plan {})\n", plan.id));
    let first =
        update(&stage.house, &stage.msp, &Asked { plan: Some(plan.id.clone()), products: None, accounts: None })
            .await?;
    tell_first(stage, plan, &first)?;

    heading(8, "A second Update, without an id");
    let second = update(&stage.house, &stage.msp, &Asked { plan: None, products: None, accounts: None }).await?;
    tell_second(stage, &first, &second).await?;

    heading(9, "The undo");
    edit(stage, marcus, DEVICES, "marcus")?;
    say(&format!(
        "After the Update, Marcus sets {MARCUS}'s {ENDPOINTS} to {DEVICES}. Then the first Update is taken back (hive undo \"{MSP}\" --run {}).",
        first.run
    ));
    let undone = undo(&stage.house, &stage.msp, first.run).await?;
    tell_undo(&first, &undone)?;

    heading(10, "The proof, from the sample ConnectWise itself");
    prove(stage, &before, (&first, &undone))
}

fn edit(stage: &Stage, place: Place, quantity: i64, who: &str) -> Result<(), Failure> {
    let Place { agreement, addition } = place;
    let done = stage.sim().human_edit(agreement, addition, Decimal::from(quantity), who);
    must(done, || format!("the sample ConnectWise has no addition {addition}"))
}

/// What ConnectWise holds now.
fn quantities(stage: &Stage) -> BTreeMap<Place, Decimal> {
    let read = |place: &Place| Some((*place, stage.sim().quantity(place.agreement, place.addition)?));
    stage.built.additions.iter().filter_map(read).collect()
}

fn tell_first(stage: &Stage, plan: &Plan, report: &Report) -> Result<(), Failure> {
    counts(report);
    let ready = plan.changes.iter().filter(|change| change.holds.is_empty()).count();
    must(number(report, Outcome::Pushed) == ready - 1, || {
        format!("{} additions were pushed of {ready} that were ready{}", number(report, Outcome::Pushed), why(report))
    })?;
    must(number(report, Outcome::Drifted) == 1, || format!("{} additions drifted", number(report, Outcome::Drifted)))?;
    for outcome in [
        Outcome::Confirmed,
        Outcome::AlreadyRight,
        Outcome::NotATarget,
        Outcome::Alarm,
        Outcome::Refused,
        Outcome::Unknown,
        Outcome::NotSent,
    ] {
        must(number(report, outcome) == 0, || format!("{} additions are {}", number(report, outcome), outcome.name()))?;
    }
    let drifted = line_of(report, stage.built.priya, Outcome::Drifted)?;
    print("");
    line("drifted", drifted);
    must(drifted.found.map(hive_core::Quantity::decimal) == Some(Decimal::from(SEATS)), || {
        format!("the Update found {:?}", drifted.found)
    })?;
    for held in report.lines.iter().filter(|line| line.outcome == Outcome::Held) {
        line("held", held);
    }
    print("");
    say(&format!(
        "The {} with issues were not touched: they are the stories above, and wait for a person.",
        number(report, Outcome::Issue)
    ));
    let pushed: BTreeSet<AdditionId> =
        report.lines.iter().filter(|line| line.outcome == Outcome::Pushed).filter_map(|line| line.addition).collect();
    let months =
        plan.changes.iter().filter(|change| pushed.contains(&change.addition)).filter_map(|change| change.money_month);
    let month = months.fold(Money::ZERO, Money::plus);
    must(month > Money::ZERO, || format!("the Update moved {}", dollars(month)))?;
    say(&format!("Tomorrow's invoices come to {} more, rises and falls together.", dollars(month)));
    Ok(())
}

async fn tell_second(stage: &Stage, first: &Report, second: &Report) -> Result<(), Failure> {
    counts(second);
    must(number(second, Outcome::Pushed) == 0 && number(second, Outcome::Confirmed) == 0, || {
        "the second Update wrote again".to_owned()
    })?;
    must(stage.sim().writes().len() == number(first, Outcome::Pushed), || {
        format!("ConnectWise logged {} writes", stage.sim().writes().len())
    })?;
    let held = line_of(second, stage.built.priya, Outcome::Held)?;
    let plan = match &second.plan {
        Some(id) => stage.house.store.plan(stage.msp.id, id).await?,
        None => None,
    };
    let planned = plan.as_ref().and_then(|plan| plan.line(held.line));
    let issue = planned.and_then(|line| line.issues.iter().find(|issue| issue.code == Code::AdditionEditedByHand));
    let issue = issue.ok_or_else(|| not_as_told(format!("{PRIYA}'s seats are not held as edited by hand")))?;
    print("");
    say("Nothing is written twice: what the first Update wrote is right now. Priya's seats are respected still:");
    print("");
    line("held", held);
    say_at(6, &format!("{} [{}]", without_command(&issue.message), issue.code));
    Ok(())
}

fn tell_undo(first: &Report, undone: &Report) -> Result<(), Failure> {
    counts(undone);
    let pushed = number(first, Outcome::Pushed);
    must(number(undone, Outcome::Pushed) == pushed - 1 && number(undone, Outcome::Drifted) == 1, || {
        format!("the undo restored {} of {pushed}{}", number(undone, Outcome::Pushed), why(undone))
    })?;
    print("");
    for drifted in undone.lines.iter().filter(|line| line.outcome == Outcome::Drifted) {
        line("drifted", drifted);
    }
    print("");
    say(&format!(
        "{} of {pushed} additions are restored. The one that somebody changed since is left to that somebody.",
        number(undone, Outcome::Pushed)
    ));
    Ok(())
}

/// Every quantity is back but for the two that people typed, and no write was made twice.
fn prove(stage: &Stage, before: &BTreeMap<Place, Decimal>, (first, undone): (&Report, &Report)) -> Result<(), Failure> {
    let typed =
        BTreeMap::from([(stage.built.priya, Decimal::from(SEATS)), (stage.built.marcus, Decimal::from(DEVICES))]);
    let after = quantities(stage);
    for (place, quantity) in before {
        let expected = typed.get(place).unwrap_or(quantity);
        let found = after.get(place);
        must(found == Some(expected), || format!("addition {} holds {found:?}, not {expected}", place.addition))?;
    }
    let writes = stage.sim().writes();
    let (pushed, restored) = (number(first, Outcome::Pushed), number(undone, Outcome::Pushed));
    let once: BTreeSet<(i64, Decimal, Decimal)> =
        writes.iter().map(|write| (write.addition, write.from, write.to)).collect();
    must(once.len() == writes.len() && writes.iter().all(|write| write.changed), || {
        "a write was made twice".to_owned()
    })?;
    must(writes.len() == pushed + restored, || {
        format!("it logged {} writes, not {pushed} and {restored}", writes.len())
    })?;
    say(&format!(
        "The sample ConnectWise logged {} writes, each once: {pushed} by the Update, {restored} by the undo.",
        writes.len()
    ));
    say(&format!("All {} quantities are as they were before, but for the two that people typed.", before.len()));
    Ok(())
}

fn number(report: &Report, outcome: Outcome) -> usize {
    report.counts.get(&outcome).copied().unwrap_or_default()
}

fn line_of(report: &Report, place: Place, outcome: Outcome) -> Result<&ReportLine, Failure> {
    let found =
        report.lines.iter().find(|line| line.addition == Some(AdditionId(place.addition)) && line.outcome == outcome);
    found.ok_or_else(|| not_as_told(format!("addition {} is not {}", place.addition, outcome.name())))
}

/// The report's own words on the first line that was not written, for a demo that goes wrong.
fn why(report: &Report) -> String {
    let failed = report.lines.iter().find(|line| line.outcome.is_failure() && line.outcome != Outcome::Drifted);
    failed.and_then(|line| line.message.as_ref()).map_or(String::new(), |message| format!(" ({message})"))
}

/// What became of the additions, in one line.
fn counts(report: &Report) {
    let counts =
        Outcome::ALL.into_iter().map(|outcome| (number(report, outcome), outcome)).filter(|(number, _)| *number > 0);
    let counts: Vec<String> = counts.map(|(number, outcome)| format!("{number} {}", outcome.name())).collect();
    let kind = crate::show::report::title_of(report.kind);
    say(&format!("{kind} {}, by addition: {}.", report.run, counts.join(", ")));
}

/// One line of a report.
fn line(outcome: &str, line: &ReportLine) {
    let show = |quantity: Option<hive_core::Quantity>| {
        quantity.map_or_else(|| "?".to_owned(), |quantity| quantity.to_string())
    };
    print(&format!("   {outcome:<10}{:<26}{:<22}{} -> {}", line.account, line.product, show(line.from), show(line.to)));
    if let Some(message) = &line.message {
        say_at(6, message);
    }
}
