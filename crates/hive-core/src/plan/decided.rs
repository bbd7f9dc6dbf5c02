//! What a person decided about single accounts, products and lines: exclusions and adjustments.
//!
//! **Owns:** their types, until when each acts, how an adjustment changes an account's own part.
//! **Does not own:** which pairs are lines (`pairs`), limits (`holds`: a change is judged by them, adjusted or not).
//! **Limits on purpose:** neither is a rule of a product: what a person decides for one account asks for no go-live.

use super::StepKind;
use super::index::{Index, Pair};
use super::part::Part;
use crate::ids::{AccountId, ProductId};
use crate::issue::{Code, Issue};
use crate::link::ProductTarget;
use crate::quantity::Quantity;
use jiff::{Timestamp, ToSpan, civil::Date};
use std::collections::HashMap;

/// For how many days after its end a line says that something ended.
pub const TOLD_DAYS: i64 = 14;

/// Not billed, by a person's word: everything of an account, everything of a product, or one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// `None`: of every account.
    pub account: Option<AccountId>,
    /// `None`: every product.
    pub product: Option<ProductId>,
    pub reason: String,
    /// The last day, in the MSP's zone, on which it acts; `None`: until it is taken back.
    pub until: Option<Date>,
    pub who: String,
    pub at: Timestamp,
}

impl Exclusion {
    /// Whether it names this pair, acting or not.
    pub fn names(&self, account: AccountId, product: ProductId) -> bool {
        self.account.is_none_or(|own| own == account) && self.product.is_none_or(|own| own == product)
    }

    /// Whether it acts on a day.
    pub fn acts(&self, today: Date) -> bool {
        acts(self.until, today)
    }
}

/// How an adjustment changes a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adjust {
    Plus(Quantity),
    Minus(Quantity),
    Fixed(Quantity),
}

impl Adjust {
    /// `plus`, `minus` or `fixed`.
    pub fn name(self) -> &'static str {
        match self {
            Adjust::Plus(_) => "plus",
            Adjust::Minus(_) => "minus",
            Adjust::Fixed(_) => "fixed",
        }
    }

    /// By how much, or at how many.
    pub fn quantity(self) -> Quantity {
        let (Adjust::Plus(quantity) | Adjust::Minus(quantity) | Adjust::Fixed(quantity)) = self;
        quantity
    }

    /// Reads [`Adjust::name`] with its quantity.
    pub fn of(name: &str, quantity: Quantity) -> Option<Adjust> {
        match name {
            "plus" => Some(Adjust::Plus(quantity)),
            "minus" => Some(Adjust::Minus(quantity)),
            "fixed" => Some(Adjust::Fixed(quantity)),
            _ => None,
        }
    }
}

impl std::fmt::Display for Adjust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name(), self.quantity())
    }
}

/// A person's correction of one account's part, in units of the item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjustment {
    pub account: AccountId,
    pub product: ProductId,
    pub adjust: Adjust,
    pub reason: String,
    /// The last day, in the MSP's zone, on which it acts; `None`: until it is taken back.
    pub until: Option<Date>,
    pub who: String,
    pub at: Timestamp,
}

impl Adjustment {
    /// Whether it acts on a day.
    pub fn acts(&self, today: Date) -> bool {
        acts(self.until, today)
    }
}

fn acts(until: Option<Date>, today: Date) -> bool {
    until.is_none_or(|until| today <= until)
}

/// The day it ended, where that is so lately that a line still says so.
fn ended_lately(until: Option<Date>, today: Date) -> Option<Date> {
    until.filter(|until| *until < today && today <= until.saturating_add(TOLD_DAYS.days()))
}

/// Exclusions and adjustments, found by what they name.
#[derive(Default)]
pub(super) struct Decided<'a> {
    exclusions: HashMap<(Option<AccountId>, Option<ProductId>), &'a Exclusion>,
    adjustments: HashMap<Pair, &'a Adjustment>,
}

impl<'a> Decided<'a> {
    pub(super) fn of(exclusions: &'a [Exclusion], adjustments: &'a [Adjustment]) -> Decided<'a> {
        Decided {
            exclusions: exclusions.iter().map(|one| ((one.account, one.product), one)).collect(),
            adjustments: adjustments.iter().map(|one| ((one.account, one.product), one)).collect(),
        }
    }

    /// Every exclusion that names this pair: the line's own, its account's, its product's.
    fn naming(&self, (account, product): Pair) -> impl Iterator<Item = &'a Exclusion> {
        let keys = [(Some(account), Some(product)), (Some(account), None), (None, Some(product))];
        keys.into_iter().filter_map(|key| self.exclusions.get(&key).copied())
    }

    /// Whether a person excluded this pair, and that acts on this day.
    pub(super) fn excludes(&self, pair: Pair, today: Date) -> bool {
        self.naming(pair).any(|exclusion| exclusion.acts(today))
    }

    /// Pairs whose part a person fixed, acting or ended: what was billed by hand is known, and once the hand is
    /// gone it is missing, never 0.
    pub(super) fn fixed(&self) -> impl Iterator<Item = Pair> {
        self.adjustments.iter().filter(|(_, one)| matches!(one.adjust, Adjust::Fixed(_))).map(|(pair, _)| *pair)
    }

    /// Whether [`Decided::fixed`] has this pair.
    pub(super) fn is_fixed(&self, pair: Pair) -> bool {
        self.adjustments.get(&pair).is_some_and(|one| matches!(one.adjust, Adjust::Fixed(_)))
    }
}

/// The part as a person adjusted it, and what ended lately.
pub(super) fn decide(index: &Index<'_>, mut part: Part) -> Part {
    let pair = part.pair;
    for exclusion in index.decided.naming(pair) {
        if let Some(day) = ended_lately(exclusion.until, index.today) {
            let (account, product) = (index.account_name(pair.0), index.product_name(pair.1));
            let what = match (exclusion.account, exclusion.product) {
                (Some(_), None) => account.to_owned(),
                (None, _) => product.to_owned(),
                (Some(_), Some(_)) => format!("{account} x {product}"),
            };
            part.issues.push(Issue::note(
                Code::ExclusionEnded,
                format!(
                    "Its exclusion ended on {day}; {}; by {}. {what} is billed like any other since.",
                    exclusion.reason, exclusion.who
                ),
            ));
        }
    }
    let Some(adjustment) = index.decided.adjustments.get(&pair) else { return part };
    // Where nothing was ever measured, the adjustment that ended is all there is to say, however long ago.
    let missing = part.value.is_none() && matches!(adjustment.adjust, Adjust::Fixed(_));
    let ended = adjustment.until.filter(|until| *until < index.today && missing);
    if let Some(day) = ended.or(ended_lately(adjustment.until, index.today)) {
        let now = if missing { "nothing says how many there are now" } else { "the part is what was measured again" };
        part.issues.push(Issue::note(
            Code::QuantityAdjusted,
            format!(
                "Its adjustment ({}; {}; by {}) ended on {day}: {now}.",
                adjustment.adjust, adjustment.reason, adjustment.who
            ),
        ));
    }
    let mapped = index.product_links.get(&pair.1).is_some_and(|link| matches!(link.target, ProductTarget::Item(_)));
    if mapped && adjustment.acts(index.today) {
        adjust(index, adjustment, &mut part);
    }
    part
}

fn adjust(index: &Index<'_>, adjustment: &Adjustment, part: &mut Part) {
    let measured = part.value;
    let shown = |value: Option<Quantity>| value.map_or_else(|| "nothing".to_owned(), |value| value.to_string());
    let (value, sum) = match adjustment.adjust {
        Adjust::Fixed(fixed) => {
            forget_usage(index, part);
            (Some(fixed), format!("fixed at {fixed}, whatever is used ({} measured)", shown(measured)))
        }
        // What cannot be counted cannot be adjusted: its stop stays.
        Adjust::Plus(_) | Adjust::Minus(_) if measured.is_none() => return,
        Adjust::Plus(more) => {
            let value = measured.and_then(|value| value.plus(more));
            (value, format!("{} + {more} = {}", shown(measured), shown(value)))
        }
        Adjust::Minus(less) => {
            let value = measured.and_then(|value| value.minus(less));
            let floor = value.map(|value| value.max(Quantity::ZERO));
            let below = if floor == value { "" } else { ": never below 0" };
            (floor, format!("{} - {less} = {}{below}", shown(measured), shown(floor)))
        }
    };
    part.value = value;
    // A class that does not count gives 0; what a person says on top of that counts.
    part.excluded = false;
    let until = adjustment.until.map_or(String::new(), |until| format!(" through {until}"));
    part.step(StepKind::Adjusted, format!("{sum}, {}, by {}{until}", adjustment.reason, adjustment.who));
    if value.is_none() {
        let words = format!("{sum} leaves 18 digits. Correct the adjustment, or take it back.");
        part.issues.push(Issue::stop(Code::QuantityOverflow, words));
    }
    part.issues.push(Issue::note(
        Code::QuantityAdjusted,
        format!(
            "{} x {} is adjusted: {sum}; {}; by {}{until}.",
            index.account_name(part.pair.0),
            index.product_name(part.pair.1),
            adjustment.reason,
            adjustment.who
        ),
    ));
}

/// A fixed part asks nothing of usage: whatever was missing, old or doubtful there holds it no more. Only what one
/// unit of the item is must still be known.
fn forget_usage(index: &Index<'_>, part: &mut Part) {
    let unit = part.unit.is_none().then_some(Code::UnitUnconfirmed);
    part.issues.retain(|issue| {
        [Some(Code::ExclusionEnded), unit].contains(&Some(issue.code)) || issue.code == Code::QuantityAdjusted
    });
    if let Some(code) = unit.filter(|code| !part.issues.iter().any(|issue| issue.code == *code)) {
        let product = index.product_name(part.pair.1);
        part.issues.push(Issue::stop(code, format!(
            "Nobody has said yet what one unit of the item for {product} is. Confirm it: hive link MSP --product \"{product}\" --unit U --size N",
        )));
    }
    part.bracket = None;
    part.averaged = false;
    part.fraction = None;
    part.pooled = None;
    part.gone = None;
    part.half = None;
}
