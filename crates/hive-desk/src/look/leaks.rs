//! What is not billed and what is billed too much, in money: what a look comes to for somebody who has
//! never seen Hive before.
//!
//! **Owns:** which lines count as the one or the other, and by what each is explained.
//! **Does not own:** what a change is worth (the plan).
//! **Limits on purpose:** what has no price is counted, never guessed.

use super::Seen;
use super::usages::heaviest;
use crate::money::{Sums, add, sole_currency};
use hive_core::issue::{Code, Severity};
use hive_core::plan::{Line, Mark, worth_month};
use hive_core::{AdditionId, LineId, Money};
use std::collections::{BTreeMap, BTreeSet};

/// The single dearest things that are shown.
const DEAREST_MAX: usize = 5;

/// What stands between usage and the right invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// Nothing but an Update (and going live, where that is still to come).
    Update,
    /// A person's approval or answer.
    Held,
    /// An issue: an account linked to nothing, a product mapped to nothing, no addition …
    Issue(Code),
}

/// Everything of one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// The reason.
    pub why: Why,
    /// How many additions, or lines without one.
    pub many: usize,
    /// How many of them have no price: they are not in the money.
    pub unpriced: usize,
    /// What they come to a month.
    pub money: Sums,
}

/// One side: what is not billed, or what is billed too much.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaks {
    /// All of it a month, one amount a currency.
    pub money: Sums,
    /// How many additions, or lines without one.
    pub many: usize,
    /// How many of them have no price.
    pub unpriced: usize,
    /// By reason, the dearest first.
    pub by_reason: Vec<Leak>,
    /// The dearest single ones: a line, what it comes to a month, in which currency.
    pub dearest: Vec<(LineId, Money, Option<String>)>,
}

/// Both sides, and what is billed while no usage says anything of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Used, and not billed.
    pub not_billed: Leaks,
    /// Billed, and not used.
    pub over_billed: Leaks,
    /// Additions that are billed though no usage of them ever arrived, and what they bill a month. They are on
    /// neither side: what is not known is never taken as 0.
    pub unmeasured: (usize, Sums),
}

/// A side while it is added up.
#[derive(Default)]
struct Side {
    reasons: BTreeMap<Why, Leak>,
    each: Vec<(LineId, Money, Option<String>)>,
}

impl Side {
    fn count(&mut self, why: Why, line: &Line, money: Option<(Money, &str)>) {
        let new = || Leak { why, many: 0, unpriced: 0, money: Sums::new() };
        let leak = self.reasons.entry(why).or_insert_with(new);
        leak.many += 1;
        match money {
            Some((month, currency)) => {
                add(&mut leak.money, currency, month);
                self.each.push((line.id, month, Some(currency.to_owned()).filter(|code| !code.is_empty())));
            }
            None => leak.unpriced += 1,
        }
    }

    fn done(mut self) -> Leaks {
        self.each.sort_by_key(|(line, month, _)| (std::cmp::Reverse(month.abs()), *line));
        self.each.truncate(DEAREST_MAX);
        let mut leaks = Leaks { dearest: self.each, ..Leaks::default() };
        for leak in self.reasons.values() {
            leaks.many += leak.many;
            leaks.unpriced += leak.unpriced;
            for (currency, month) in &leak.money {
                add(&mut leaks.money, currency, *month);
            }
        }
        leaks.by_reason = self.reasons.into_values().collect();
        leaks.by_reason.sort_by_key(|leak| std::cmp::Reverse((heaviest(&leak.money), leak.many)));
        leaks
    }
}

/// Usage that reaches no addition at all: it is billed to nobody even where nothing says what it is worth.
const REACHES_NOTHING: [Code; 5] =
    [Code::AccountUnlinked, Code::ProductUnmapped, Code::AgreementNone, Code::AgreementNoneActive, Code::AdditionNone];

pub(super) fn balance(seen: &Seen) -> Balance {
    let sole = sole_currency(&seen.plan);
    let (mut less, mut more) = (Side::default(), Side::default());
    let mut unmeasured: (usize, Sums) = (0, Sums::new());
    let mut counted: BTreeSet<AdditionId> = BTreeSet::new();
    for line in &seen.plan.lines {
        if line.addition.is_some_and(|addition| !counted.insert(addition)) {
            continue;
        }
        let currency = line.currency.as_deref().unwrap_or(sole);
        let money = line.money_month.map(|month| (month, currency));
        match line.mark {
            Mark::Unchanged => {}
            Mark::Change | Mark::Held => {
                let why = if line.mark == Mark::Held { Why::Held } else { Why::Update };
                let side = if line.next >= line.now { &mut less } else { &mut more };
                side.count(why, line, money);
            }
            Mark::Issue => issue(seen, line, money, (&mut less, &mut more), &mut unmeasured),
        }
    }
    Balance { not_billed: less.done(), over_billed: more.done(), unmeasured }
}

fn issue(
    seen: &Seen,
    line: &Line,
    money: Option<(Money, &str)>,
    (less, more): (&mut Side, &mut Side),
    unmeasured: &mut (usize, Sums),
) {
    let stop = line.issues.iter().find(|issue| issue.severity == Severity::Stop).or(line.issues.first());
    let Some(code) = stop.map(|issue| issue.code) else { return };
    match money {
        Some((month, _)) if month > Money::ZERO => less.count(Why::Issue(code), line, money),
        Some((month, _)) if month < Money::ZERO => more.count(Why::Issue(code), line, money),
        Some(_) => {}
        None if code == Code::UsageMissing => {
            let addition = line.addition.and_then(|addition| seen.addition(addition));
            let Some((addition, agreement)) = addition.zip(addition.and_then(|a| seen.agreement(a.agreement))) else {
                return;
            };
            unmeasured.0 += 1;
            let month = addition.quantity.and_then(|quantity| worth_month(agreement, addition, quantity));
            if let Some(month) = month {
                add(&mut unmeasured.1, agreement.currency.as_deref().unwrap_or_default(), month);
            }
        }
        None if REACHES_NOTHING.contains(&code) && used(seen, line) => less.count(Why::Issue(code), line, None),
        None => {}
    }
}

/// Whether anything of it was measured that is more than nothing.
fn used(seen: &Seen, line: &Line) -> bool {
    seen.sample_in_force(line.id.account, line.id.product)
        .is_some_and(|sample| sample.counts() && !sample.quantity.is_zero())
}
