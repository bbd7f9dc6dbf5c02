//! What is not billed and what is billed too much, in money: what a look comes to for somebody who has
//! never seen Hive before.
//!
//! **Owns:** which lines count as the one or the other, and by what each is explained; the one rule of what may be
//! billed already, for the console and the terminal alike.
//! **Does not own:** what a change is worth (the plan), which company is like which account (core's matching).
//! **Limits on purpose:** what has no price is counted, never guessed.

use super::usages::heaviest;
use super::{Look, Seen};
use crate::money::{Sums, add, sole_currency};
use crate::{Desk, Refused};
use hive_core::issue::{Code, Severity};
use hive_core::plan::{Line, Mark, worth_month};
use hive_core::{AccountId, AdditionId, LineId, Money};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// The single dearest things that are shown.
const DEAREST_MAX: usize = 5;
/// How long a page waits for names to be compared: comparing many thousands takes seconds, once.
const PATIENCE: Duration = Duration::from_millis(500);

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

/// Usage of accounts that are linked to nothing and are like a company: that company may be billed for it already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MayBeBilled {
    /// The accounts.
    pub accounts: BTreeSet<AccountId>,
    /// How many lines.
    pub many: usize,
    /// How many of them have no price: they are not in the money.
    pub unpriced: usize,
    /// What they come to a month at list prices.
    pub money: Sums,
}

/// Both sides, and what is on neither.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Used, and not billed.
    pub not_billed: Leaks,
    /// Billed, and not used.
    pub over_billed: Leaks,
    /// Additions that are billed though no usage of them ever arrived, and what they bill a month. They are on
    /// neither side: what is not known is never taken as 0.
    pub unmeasured: (usize, Sums),
    /// Used, and linked to nothing; somebody may be billed for it, so it is on neither side.
    pub may_be_billed: MayBeBilled,
    /// Whether names were compared; until then every account that is linked to nothing may be billed already.
    pub compared: bool,
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

/// A balance while it is added up.
struct Adding<'a> {
    seen: &'a Seen,
    compared: bool,
    less: Side,
    more: Side,
    unmeasured: (usize, Sums),
    may_be: MayBeBilled,
}

/// `compare`: whether names are compared, which may take seconds; without that nothing is taken for certain of an
/// account that is linked to nothing.
pub(super) fn balance(seen: &Seen, compare: bool) -> Balance {
    let sole = sole_currency(&seen.plan);
    let (less, more, may_be) = (Side::default(), Side::default(), MayBeBilled::default());
    let mut adding = Adding { seen, compared: compare, less, more, unmeasured: (0, Sums::new()), may_be };
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
                let side = if line.next >= line.now { &mut adding.less } else { &mut adding.more };
                side.count(why, line, money);
            }
            Mark::Issue => adding.issue(line, money),
        }
    }
    let Adding { less, more, unmeasured, may_be, .. } = adding;
    Balance { not_billed: less.done(), over_billed: more.done(), unmeasured, may_be_billed: may_be, compared: compare }
}

impl Adding<'_> {
    fn issue(&mut self, line: &Line, money: Option<(Money, &str)>) {
        let seen = self.seen;
        let stop = line.issues.iter().find(|issue| issue.severity == Severity::Stop).or(line.issues.first());
        let Some(code) = stop.map(|issue| issue.code) else { return };
        match money {
            Some((month, _)) if month > Money::ZERO => self.not_billed(code, line, money),
            Some((month, _)) if month < Money::ZERO => self.more.count(Why::Issue(code), line, money),
            Some(_) => {}
            None if code == Code::UsageMissing => {
                let addition = line.addition.and_then(|addition| seen.addition(addition));
                let Some((addition, agreement)) = addition.zip(addition.and_then(|a| seen.agreement(a.agreement)))
                else {
                    return;
                };
                self.unmeasured.0 += 1;
                let month = addition.quantity.and_then(|quantity| worth_month(agreement, addition, quantity));
                if let Some(month) = month {
                    add(&mut self.unmeasured.1, agreement.currency.as_deref().unwrap_or_default(), month);
                }
            }
            None if REACHES_NOTHING.contains(&code) && used(seen, line) => self.not_billed(code, line, None),
            None => {}
        }
    }

    /// Usage behind an issue: not billed, unless a company that its account is like may be billed for it.
    fn not_billed(&mut self, code: Code, line: &Line, money: Option<(Money, &str)>) {
        let account = line.id.account;
        let unlinked = line.issues.iter().any(|issue| issue.code == Code::AccountUnlinked);
        let like_a_company = || !self.compared || !self.seen.suggestions().of_account(account).is_empty();
        if !unlinked || !like_a_company() {
            self.less.count(Why::Issue(code), line, money);
            return;
        }
        self.may_be.accounts.insert(account);
        self.may_be.many += 1;
        match money {
            Some((month, currency)) => add(&mut self.may_be.money, currency, month),
            None => self.may_be.unpriced += 1,
        }
    }
}

impl Desk {
    /// Both sides of a look. Where comparing names takes long, what hangs on it is left out of the sums for as long.
    pub async fn balance(&self, look: &Arc<Look>) -> Result<Balance, Refused> {
        let whole = look.clone();
        let making = tokio::task::spawn_blocking(move || whole.balance().clone());
        match tokio::time::timeout(PATIENCE, making).await {
            Ok(made) => made.map_err(|error| Refused::Broken(format!("the balance broke off: {error}"))),
            // The comparison goes on by itself, and the next page has it.
            Err(_) => Ok(balance(look, false)),
        }
    }
}

/// Whether anything of it was measured that is more than nothing.
fn used(seen: &Seen, line: &Line) -> bool {
    seen.sample_in_force(line.id.account, line.id.product)
        .is_some_and(|sample| seen.counts(sample) && !sample.quantity.is_zero())
}
