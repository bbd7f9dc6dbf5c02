//! The plan on one screen: the money first, then the stories, then a count of the rest.

use super::data::{
    ARCHIVE, BRANCH, CANCELLED, ENDPOINTS, FRACTION, HOT, LEFT, LICENCES, MAIL, NEAR_TWIN, NEVER_LINKED, PASSWORDS,
    PER_TB, PRIYA, QUOTA, SERVERS, TRAINING, TWO_ADDITIONS, YEARLY,
};
use super::stage::Stage;
use super::words::{count, dollars, heading, say, say_at, without_command};
use super::{must, not_as_told};
use crate::failure::Failure;
use crate::house::now;
use crate::show::print;
use hive_core::Quantity;
use hive_core::issue::Code;
use hive_core::matching::suggest_accounts;
use hive_core::plan::{Line, Mark, Plan, StepKind};
use hive_core::quantity::Money;
use hive_desk::money::Sums;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// What the never linked customer uses, at list prices. The table is made so.
const NEVER_LINKED_MONTH: Decimal = Decimal::from_parts(312, 0, 0, false, 0);

/// One story: which line it is, and what the planner must say about it.
struct Story {
    title: &'static str,
    account: &'static str,
    product: &'static str,
    mark: Mark,
    words: Words,
}

/// Where a story's words come from.
enum Words {
    /// What the planner says under this code.
    Issue(Code),
    /// A step of the number's own story.
    Step(StepKind),
}
use Words::{Issue, Step};

const fn story(title: &'static str, account: &'static str, product: &'static str, mark: Mark, words: Words) -> Story {
    Story { title, account, product, mark, words }
}

const WAITING: [Story; 4] = [
    story("two additions for one item", TWO_ADDITIONS, ENDPOINTS, Mark::Issue, Issue(Code::AdditionAmbiguous)),
    story("a yearly agreement", YEARLY, MAIL, Mark::Held, Issue(Code::AdditionPaidPeriod)),
    story("a branch is missing", BRANCH, SERVERS, Mark::Issue, Issue(Code::SumPartBlocked)),
    story("a fraction of a user", FRACTION, PASSWORDS, Mark::Issue, Issue(Code::QuantityFraction)),
];

const READY: [Story; 4] = [
    story("a quota exceeded", QUOTA, HOT, Mark::Change, Issue(Code::QuotaExceeded)),
    story("sold per TB", PER_TB, ARCHIVE, Mark::Change, Step(StepKind::Unit)),
    story("new people", PRIYA, LICENCES, Mark::Change, Step(StepKind::Basis)),
    story("people who left", LEFT, LICENCES, Mark::Change, Step(StepKind::Basis)),
];

/// Shows the plan, and insists on every story.
pub(crate) async fn tell(stage: &Stage, plan: &Plan) -> Result<(), Failure> {
    heading(5, &format!("The plan {}", plan.id));
    money(stage, plan).await?;
    print("\n   Waiting for a person\n");
    never_linked(plan)?;
    cancelled(plan)?;
    near_twin(stage, plan).await?;
    unmapped(plan)?;
    for story in &WAITING {
        tell_one(plan, story)?;
    }
    print("\n   Ready to be written\n");
    for story in &READY {
        tell_one(plan, story)?;
    }
    rest(plan)
}

/// The first thing a clerk wants to know: the sums of MSP Overview, to the cent.
async fn money(stage: &Stage, plan: &Plan) -> Result<(), Failure> {
    let look = stage.house.desk().look_fresh(&stage.msp, now()).await?;
    must(look.plan.id == plan.id, || "the plan is another one already".to_owned())?;
    let balance = look.balance();
    let (missing, over, may_be) = (&balance.not_billed, &balance.over_billed, &balance.may_be_billed);
    let near_twin = look.facts.accounts.iter().find(|account| account.name == NEAR_TWIN).map(|account| account.id);
    must(near_twin.is_some_and(|id| may_be.accounts.iter().eq([&id])), || {
        format!("{NEAR_TWIN} is not the one account that may be billed already")
    })?;
    let (month, over_month, may_be_month) = (sum(&missing.money), sum(&over.money), sum(&may_be.money));
    let counts = plan.counts();
    let year = Money::new(month.decimal().saturating_mul(Decimal::from(12)));
    must(month > Money::ZERO && over_month < Money::ZERO, || "nothing is missing on the invoices".to_owned())?;
    let row = |label: &str, month: Money, lines: &str| {
        print(&format!("   {label:<24}{:>12} a month   {lines}", dollars(month)))
    };
    let year = format!("on {}: {} a year", count(missing.many, "line", "lines"), dollars(year));
    row("Not billed", month, &year);
    row("Over-billed", over_month.abs(), &format!("on {}", count(over.many, "line", "lines")));
    let lines = count(may_be.many, "line", "lines");
    row("May be billed already", may_be_month, &format!("on {lines} at list prices, not in the sum"));
    print(&format!(
        "   {:<24}{:>12}           {} held, {} with issues",
        "Waiting for a decision",
        counts.held + counts.issue,
        counts.held,
        counts.issue
    ));
    Ok(())
}

/// The demo's agreements share one currency.
fn sum(sums: &Sums) -> Money {
    sums.values().copied().fold(Money::ZERO, Money::plus)
}

fn has(line: &Line, code: Code) -> bool {
    line.issues.iter().any(|issue| issue.code == code)
}

fn of_account<'a>(plan: &'a Plan, account: &str) -> Vec<&'a Line> {
    plan.lines.iter().filter(|line| line.account == account).collect()
}

fn total(lines: &[&Line]) -> Money {
    lines.iter().filter_map(|line| line.money_month).fold(Money::ZERO, Money::plus)
}

fn never_linked(plan: &Plan) -> Result<(), Failure> {
    let lines = of_account(plan, NEVER_LINKED);
    let month = total(&lines);
    must(lines.iter().all(|line| has(line, Code::AccountUnlinked)), || format!("{NEVER_LINKED} is linked"))?;
    must(month.decimal() == NEVER_LINKED_MONTH, || format!("{NEVER_LINKED} comes to {} a month", dollars(month)))?;
    title("a customer never linked", NEVER_LINKED, &format!("{} products", lines.len()), "", Some(month));
    body(
        &format!(
            "It is linked to no company. At the items' list prices that is {} a month that nobody is billed.",
            dollars(month)
        ),
        Code::AccountUnlinked,
    );
    Ok(())
}

fn cancelled(plan: &Plan) -> Result<(), Failure> {
    let lines = of_account(plan, CANCELLED);
    let first = lines.first().and_then(|line| line.issues.iter().find(|issue| issue.code == Code::AgreementNoneActive));
    let first = first.ok_or_else(|| not_as_told(format!("{CANCELLED} has an active agreement")))?;
    must(lines.iter().all(|line| line.mark == Mark::Issue && has(line, Code::AgreementNoneActive)), || {
        format!("a line of {CANCELLED} is billed")
    })?;
    title("a cancelled agreement", CANCELLED, &format!("{} products", lines.len()), "", Some(total(&lines)));
    body(&first.message, first.code);
    Ok(())
}

async fn near_twin(stage: &Stage, plan: &Plan) -> Result<(), Failure> {
    let lines = of_account(plan, NEAR_TWIN);
    must(!lines.is_empty() && lines.iter().all(|line| has(line, Code::AccountUnlinked)), || {
        format!("{NEAR_TWIN} is linked")
    })?;
    let (accounts, mirror) =
        (stage.house.store.accounts(stage.msp.id).await?, stage.house.store.mirror(stage.msp.id).await?);
    let account = accounts
        .iter()
        .find(|account| account.name == NEAR_TWIN)
        .ok_or_else(|| not_as_told(format!("there is no {NEAR_TWIN}")))?;
    let companies = mirror.as_ref().map_or(&[][..], |mirror| &mirror.companies);
    let found = suggest_accounts(&[account], &companies.iter().collect::<Vec<_>>(), &BTreeSet::new());
    let names: Vec<String> = found
        .iter()
        .filter_map(|one| {
            let company = companies.iter().find(|company| company.id == one.connectwise)?;
            Some(format!("\"{}\" ({} of 100: {})", company.name, one.score, one.reason.replace('"', "'")))
        })
        .collect();
    must(names.len() >= 2, || format!("{NEAR_TWIN} is like {} companies", names.len()))?;
    title("names that almost match", NEAR_TWIN, &format!("{} products", lines.len()), "", None);
    body(&format!("ConnectWise has {}. A person says which.", names.join(" and ")), Code::AccountUnlinked);
    Ok(())
}

fn unmapped(plan: &Plan) -> Result<(), Failure> {
    let lines: Vec<&Line> = plan.lines.iter().filter(|line| line.product == TRAINING).collect();
    must(
        !lines.is_empty() && lines.iter().all(|line| has(line, Code::ProductUnmapped) && line.money_month.is_none()),
        || format!("{TRAINING} is mapped"),
    )?;
    title("a product never mapped", &format!("{} customers", lines.len()), TRAINING, "", None);
    body(
        "No item in ConnectWise stands for it, so nobody is billed, and what it would bill cannot be known.",
        Code::ProductUnmapped,
    );
    Ok(())
}

/// A story that one line tells, in the planner's own words.
fn tell_one(plan: &Plan, story: &Story) -> Result<(), Failure> {
    let Story { title: name, account, product, mark, words } = story;
    let line = plan.lines.iter().find(|line| line.account == *account && line.product == *product);
    let line = line.ok_or_else(|| not_as_told(format!("{account} x {product} is no line")))?;
    must(line.mark == *mark, || format!("{account} x {product} is {}, not {}", line.mark.name(), mark.name()))?;
    title(name, account, product, &from_to(line), line.money_month.filter(|_| line.mark != Mark::Issue));
    match words {
        Issue(code) => {
            let issue = line.issues.iter().find(|issue| issue.code == *code);
            let issue = issue.ok_or_else(|| not_as_told(format!("{account} x {product} has no {code}")))?;
            body(without_command(&issue.message), *code);
        }
        Step(kind) => {
            let step = line.trace.iter().find(|step| step.step == *kind);
            let step = step.ok_or_else(|| not_as_told(format!("{account} x {product} has no step {}", kind.name())))?;
            say_at(6, &step.words);
        }
    }
    Ok(())
}

fn from_to(line: &Line) -> String {
    let show = |quantity: Option<Quantity>| quantity.map_or_else(|| "?".to_owned(), |quantity| quantity.to_string());
    match (line.now, line.next) {
        (None, _) => String::new(),
        (now, next) => format!("{} -> {}", show(now), show(next)),
    }
}

fn title(name: &str, who: &str, what: &str, numbers: &str, money: Option<Money>) {
    let money = money.map_or_else(
        || "not known".to_owned(),
        |money| {
            if money > Money::ZERO { format!("+{}", dollars(money)) } else { dollars(money) }
        },
    );
    print(&format!("   {name:<28}{who:<24}{what:<20}{numbers:>12}{money:>12}"));
}

fn body(words: &str, code: Code) {
    say_at(6, &format!("{words} [{code}]"));
}

/// Everything that has no story of its own.
fn rest(plan: &Plan) -> Result<(), Failure> {
    let counts = plan.counts();
    let ready = plan.changes.iter().filter(|change| change.holds.is_empty());
    let falls = ready.filter(|change| change.to < change.from).count();
    must(counts.held == 1, || format!("{} changes are held, not 1", counts.held))?;
    print("");
    say(&format!(
        "In all {} changes are ready: {} rise, {falls} fall. {} additions are right already.",
        counts.change,
        counts.change.saturating_sub(falls),
        counts.unchanged,
    ));
    say("Nothing has been written to ConnectWise.");
    Ok(())
}
