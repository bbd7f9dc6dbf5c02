//! The lines of one addition: their target, their sum, and the rules of the item.

use super::amount::{Rules, amount};
use super::index::{Index, Pair};
use super::money;
use super::part::{Part, part};
use super::pool;
use super::steps;
use super::target::{Candidates, Place, Target, company_name};
use super::{Gone, Step, StepKind};
use crate::ids::{AdditionId, CompanyId, ItemId, ProductId};
use crate::issue::{Code, Issue, Severity};
use crate::ladder::Ladder;
use crate::mirror::{Addition, Agreement, ItemsFrom};
use crate::quantity::{DIGITS_MAX, Money, Quantity};
use crate::settings::{At, Key};
use crate::unit::{ItemUnit, Storage, Unit};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// How the words of a hold begin that is another part's.
pub const OF_A_PART: &str = "A part of this sum waits";

/// Lines that end in one addition, or share one reason why they end in none.
pub(super) struct Group<'a> {
    pub(super) company: CompanyId,
    pub(super) parts: Vec<Part>,
    pub(super) target: Option<(&'a Agreement, &'a Addition)>,
    pub(super) item: ItemId,
    /// Where it could be created, if nothing of the item can bill there.
    pub(super) place: Option<Place<'a>>,
    /// Where it is to be created.
    pub(super) create: Option<&'a Agreement>,
    pub(super) next: Option<Quantity>,
    /// The ladder and the step on it in GB, where the bracket is that of the sum.
    pub(super) pooled: Option<(Ladder, Quantity)>,
    /// What would be written were it not within the dead band.
    pub(super) banded: Option<Quantity>,
    pub(super) money_month: Option<Money>,
    /// Issues of the addition as a whole.
    pub(super) issues: Vec<Issue>,
    pub(super) trace: Vec<Step>,
}

impl Group<'_> {
    pub(super) fn now(&self) -> Option<Quantity> {
        self.target.and_then(|(_, addition)| addition.quantity)
    }

    pub(super) fn unit(&self) -> Option<&ItemUnit> {
        self.parts.iter().find_map(|part| part.unit.as_ref())
    }

    pub(super) fn has(&self, severity: Severity) -> bool {
        let all = self.issues.iter().chain(self.parts.iter().flat_map(|part| &part.issues));
        all.into_iter().any(|issue| issue.severity == severity)
    }

    pub(super) fn stop(&mut self, code: Code, words: String) {
        self.issues.push(Issue::stop(code, words));
    }

    pub(super) fn step(&mut self, step: StepKind, words: impl Into<String>) {
        self.trace.push(Step::new(step, words));
    }

    /// A part with a stop stops every line of its sum, by name.
    pub(super) fn spread_stops(&mut self, index: &Index<'_>) {
        let blockers: Vec<String> =
            self.parts.iter().filter(|part| part.stopped()).map(|part| blocker(index, part)).collect();
        if blockers.is_empty() {
            return;
        }
        for part in self.parts.iter_mut().filter(|part| !part.stopped()) {
            part.issues.push(Issue::stop(Code::SumPartBlocked, format!(
                "This line adds up with others on one addition, and a part of the sum cannot be counted: {}. Mend that part first.",
                blockers.join("; "),
            )));
        }
    }

    /// A part with a hold holds every line of its sum, under the same cause.
    pub(super) fn spread_holds(&mut self, index: &Index<'_>) {
        let held: Vec<(Pair, Issue)> = self
            .parts
            .iter()
            .flat_map(|part| {
                let holds = part.issues.iter().filter(|issue| issue.severity == Severity::Hold);
                holds.map(|issue| (part.pair, issue.clone()))
            })
            .collect();
        for part in &mut self.parts {
            for (pair, issue) in held.iter().filter(|(pair, _)| *pair != part.pair) {
                let known = part.issues.iter().any(|own| own.code == issue.code && own.cause == issue.cause);
                if !known {
                    let message = format!(
                        "{OF_A_PART} ({} for {}): {}",
                        index.product_name(pair.1),
                        index.account_name(pair.0),
                        issue.message
                    );
                    part.issues.push(Issue { message, ..issue.clone() });
                }
            }
        }
    }
}

/// Which part it is, and the first sentence of what stops it.
fn blocker(index: &Index<'_>, part: &Part) -> String {
    let stop = part.issues.iter().find(|issue| issue.severity == Severity::Stop);
    let words =
        stop.map_or("", |issue| issue.message.split_once(". ").map_or(issue.message.as_str(), |(first, _)| first));
    let code = stop.map_or("", |issue| issue.code.name());
    format!(
        "{} for {} ({code}: {})",
        index.product_name(part.pair.1),
        index.account_name(part.pair.0),
        words.trim_end_matches('.')
    )
}

/// All groups, in the order of company, item and addition.
pub(super) fn groups<'a>(index: &Index<'a>, linked: &BTreeMap<(CompanyId, ItemId), BTreeSet<Pair>>) -> Vec<Group<'a>> {
    linked.iter().flat_map(|(key, pairs)| groups_of(index, *key, pairs, linked)).collect()
}

/// The pairs of one company and item: one group, or one for each pinned addition. Where a line of
/// them has no target, none of them has: it may belong to any sum.
fn groups_of<'a>(
    index: &Index<'a>,
    key: (CompanyId, ItemId),
    pairs: &BTreeSet<Pair>,
    linked: &BTreeMap<(CompanyId, ItemId), BTreeSet<Pair>>,
) -> Vec<Group<'a>> {
    let products: BTreeSet<ProductId> = pairs.iter().map(|pair| pair.1).collect();
    let first = products.first().copied();
    let candidates = Candidates::of(index, key, first);
    let mut by_addition: BTreeMap<Option<AdditionId>, Group<'a>> = BTreeMap::new();
    for pair in pairs {
        let Target { chosen, issues, trace } = candidates.target(index, *pair);
        let mut part = part(index, *pair, chosen.map(|(agreement, _)| agreement));
        let group = by_addition.entry(chosen.map(|(_, addition)| addition.id)).or_insert_with(|| Group {
            company: key.0,
            parts: Vec::new(),
            target: chosen,
            item: key.1,
            place: chosen.is_none().then(|| candidates.place(index, *pair)).flatten(),
            create: None,
            next: None,
            pooled: None,
            banded: None,
            money_month: None,
            issues: Vec::new(),
            trace: Vec::new(),
        });
        part.issues.extend(issues);
        part.trace.extend(trace);
        group.parts.push(part);
    }
    let unresolved = by_addition.contains_key(&None).then(|| unresolved_words(index, &by_addition));
    let conflicts: Vec<String> =
        conflict(index, &products, pairs).into_iter().chain(candidates.narrow.conflict.clone()).collect();
    by_addition
        .into_values()
        .map(|mut group| {
            if let (Some(words), true) = (&unresolved, group.target.is_some()) {
                group.stop(Code::SumPartBlocked, words.clone());
            }
            for words in &conflicts {
                group.stop(Code::RuleConflict, words.clone());
            }
            judge_records(index, &mut group, key.1);
            steps::judge_other_sizes(index, &mut group, key.1, linked);
            add_up(index, &mut group, first);
            group
        })
        .collect()
}

fn unresolved_words(index: &Index<'_>, groups: &BTreeMap<Option<AdditionId>, Group<'_>>) -> String {
    let parts = groups.get(&None).map_or(&[][..], |group| group.parts.as_slice());
    let names: Vec<String> = parts.iter().map(|part| blocker(index, part)).collect();
    format!(
        "A line of the same company and item has no addition yet, and may belong to this sum: {}. Mend that line first.",
        names.join("; ")
    )
}

/// Rules that belong to the item must be the same on every product that shares it.
fn conflict(index: &Index<'_>, products: &BTreeSet<ProductId>, pairs: &BTreeSet<Pair>) -> Option<String> {
    let settings = &index.facts.settings;
    let of_product = |key: Key, product: ProductId| {
        let text = settings.text(key, At { product: Some(product), account: None });
        if text.is_empty() { "not set".to_owned() } else { text.to_owned() }
    };
    let units = differing(index, pairs.iter().map(|pair| (pair.1, unit_words(index, *pair))));
    let mut words: Vec<String> = units.map(|units| format!("one unit of the item is {units}")).into_iter().collect();
    let mut keys = vec![
        Key::Included,
        Key::Minimum,
        Key::Maximum,
        Key::Rounding,
        Key::AgreementRule,
        Key::TargetDate,
        Key::DeadBand,
        Key::BracketOf,
        Key::StepItems,
    ];
    // A bracket of the sum is on one ladder.
    if products.iter().any(|product| settings.brackets_the_sum(*product)) {
        keys.push(Key::Ladder);
    }
    for key in keys {
        let values = products.iter().map(|product| {
            let text = of_product(key, *product);
            (*product, (text.clone(), text))
        });
        words.extend(differing(index, values).map(|values| format!("{} is {values}", key.name())));
    }
    if words.is_empty() {
        return None;
    }
    Some(format!(
        "These products are billed as one item, but their rules differ: {}. Make them the same: hive settings MSP --product P …, or hive link MSP --product P --unit U --size N",
        words.join("; ")
    ))
}

/// What one unit is: how it is compared, and how it was said. Things may be called user here and
/// seat there; the size is what matters.
fn unit_words(index: &Index<'_>, pair: Pair) -> (String, String) {
    let Some(unit) = index.unit_of(pair) else {
        return (String::new(), "not said".to_owned());
    };
    let same = match unit.unit {
        Unit::Storage(storage) => format!("{} B", unit.size.times(Decimal::from(storage.bytes())).unwrap_or(unit.size)),
        Unit::Count(_) => unit.size.to_string(),
    };
    (same, unit.to_string())
}

/// `3 for Warm and not set for Hot`, where the values are not all the same. A value is how it is
/// compared, and how it was said.
fn differing(index: &Index<'_>, values: impl Iterator<Item = (ProductId, (String, String))>) -> Option<String> {
    let mut said: BTreeMap<String, (String, Vec<&str>)> = BTreeMap::new();
    for (product, (same, words)) in values {
        let names = &mut said.entry(same).or_insert_with(|| (words, Vec::new())).1;
        let name = index.product_name(product);
        if names.last() != Some(&name) {
            names.push(name);
        }
    }
    let list: Vec<String> = said.values().map(|(words, names)| format!("{words} for {}", names.join(", "))).collect();
    (list.len() > 1).then(|| list.join(" and "))
}

/// Whether the company, the item and the addition may be billed at all.
fn judge_records(index: &Index<'_>, group: &mut Group<'_>, item: ItemId) {
    let name = company_name(index, group.company);
    match index.companies.get(&group.company) {
        None => group.stop(Code::AccountDeleted, format!("The linked {name} is not visible in ConnectWise any more: it was deleted, or the API member's role hides it. Relink the account, or mend the role.")),
        Some(company) if company.deleted => group.stop(Code::AccountDeleted, format!("The linked company {name} is in ConnectWise's recycle bin. Link the account to the company that is billed now.")),
        Some(company) if company.is_inactive() => {
            group.stop(Code::AccountCompanyInactive, format!("The linked company {name} has the status Inactive in ConnectWise. Relink the account, or change the status there."));
        }
        Some(_) => {}
    }
    let from = index.facts.mirror.as_ref().map(|mirror| mirror.items_from);
    match index.items.get(&item) {
        None if from == Some(ItemsFrom::Catalog) => group.stop(Code::ProductDeleted, format!("The mapped item {item} is not in ConnectWise's catalog any more. Map the product to the item that is billed now.")),
        Some(found) if found.inactive => group.stop(Code::ProductItemInactive, format!("The mapped {} is inactive in ConnectWise's catalog. Choose another item, or make it active there.", index.item_name(item))),
        Some(found) if found.class.as_deref() == Some("Bundle") => group.stop(Code::ProductBundleClass, format!("The mapped {} is a bundle, which cannot be on an agreement. Choose another item.", index.item_name(item))),
        None | Some(_) => {}
    }
    let Some((agreement, addition)) = group.target else { return };
    if addition.quantity.is_none() {
        group.stop(Code::AdditionUnreadable, format!("ConnectWise sent no readable quantity for addition {} on agreement {agreement}. Nothing is assumed; look at it there and Sync.", addition.id));
    }
    if matches!(addition.bill_customer.as_str(), "DoNotBill" | "NoCharge") {
        group.issues.push(Issue::note(
            Code::AdditionNotBillable,
            format!(
                "Addition {} is {} in ConnectWise: its quantity is kept right, but the customer is not charged for it.",
                addition.id, addition.bill_customer
            ),
        ));
    }
    // What one unit of a size's item is, its own text need not say.
    if group.parts.iter().all(|part| index.steps_of(part.pair).is_none()) {
        judge_unit_of_measure(group, addition);
    }
}

/// Another storage unit in the addition's own text than the link says.
fn judge_unit_of_measure(group: &mut Group<'_>, addition: &Addition) {
    let said = addition.unit_of_measure.as_deref().and_then(Unit::parse).and_then(|unit| unit.storage());
    let Some(said) = said.filter(|storage| *storage != Storage::B) else { return };
    let Some(unit) = group.unit().cloned() else { return };
    if unit.unit != Unit::Storage(said) {
        group.stop(Code::UnitMismatch, format!(
            "Addition {} is counted in {said:?} in ConnectWise, but one unit of the item is said to be {unit}. Correct one of them: hive link MSP --product P --unit U --size N",
            addition.id,
        ));
    }
}

/// The sum of the parts, then included, minimum, maximum and rounding.
fn add_up(index: &Index<'_>, group: &mut Group<'_>, product: Option<ProductId>) {
    let counted: Vec<&Part> = group.parts.iter().filter(|part| !part.excluded).collect();
    if counted.is_empty() && !group.parts.is_empty() {
        let name = |part: &Part| format!("{} for {}", index.product_name(part.pair.1), index.account_name(part.pair.0));
        let names: Vec<String> = group.parts.iter().map(name).collect();
        group.stop(Code::UsageNotCounted, format!(
            "Nothing of this usage counts: every sample of {} is of a class that is not billed. Ignore the account or the product, or correct the class.",
            names.join(" and "),
        ));
        return;
    }
    let values: Option<Vec<Quantity>> = counted.iter().map(|part| part.value).collect();
    let Some(values) = values else { return };
    if values.len() > 1 {
        let name = |part: &Part| format!("{} {}", index.account_name(part.pair.0), index.product_name(part.pair.1));
        let words: Vec<String> =
            counted.iter().zip(&values).map(|(part, value)| format!("{value} ({})", name(part))).collect();
        let words = format!("{} parts: {}", values.len(), words.join(" + "));
        group.step(StepKind::Sum, words);
    }
    let sum = match pool::pooled(index, group) {
        Some(bracketed) => bracketed,
        None => values.into_iter().try_fold(Quantity::ZERO, Quantity::plus),
    };
    let settled = gone_next(group);
    let ruled =
        settled.or_else(|| sum.and_then(|sum| product.map_or(Some(sum), |product| rules(index, group, product, sum))));
    match ruled.filter(|next| next.digits() <= DIGITS_MAX) {
        Some(next) => {
            if let Some(locked) = locked(index, group, next) {
                group.next = Some(locked);
            } else if settled.is_some() {
                group.next = settled;
            } else {
                let next = at_least(index, group, next);
                group.next = Some(next);
                whole(index, group);
                group.next = Some(pool::dead_band(index, group, next));
            }
        }
        None => group.stop(
            Code::QuantityOverflow,
            format!(
                "Adding up and rounding {} leaves {DIGITS_MAX} digits. Check the samples: {}.",
                product.map_or("the usage", |product| index.product_name(product)),
                sum.map_or_else(|| "the sum is too large".to_owned(), |sum| sum.to_string())
            ),
        ),
    }
    price(group);
}

/// Where nothing is left but pairs that are gone: 0, whatever the minimum; or, where people said that
/// all of them stay, the present quantity.
fn gone_next(group: &mut Group<'_>) -> Option<Quantity> {
    let counted: Vec<&Part> = group.parts.iter().filter(|part| !part.excluded).collect();
    let all = |is: &dyn Fn(Option<Gone>) -> bool| {
        counted.iter().all(|part| part.gone.as_ref().is_some_and(|gone| is(gone.answer)))
    };
    // What a person added by hand is no share of what is gone.
    let nothing = counted.iter().all(|part| part.value.is_none_or(|value| value.is_zero()));
    if nothing && all(&|answer| matches!(answer, None | Some(Gone::Left))) {
        group.step(StepKind::Rule, "nobody is listed any more: 0, whatever the minimum");
        return Some(Quantity::ZERO);
    }
    let now = group.now().filter(|_| all(&|answer| matches!(answer, Some(Gone::Keep | Gone::Later))))?;
    group.step(StepKind::Rule, format!("nobody is listed any more, and it stays at {now}"));
    Some(now)
}

fn rules(index: &Index<'_>, group: &mut Group<'_>, product: ProductId, sum: Quantity) -> Option<Quantity> {
    let unit = group.unit().cloned();
    let counted = || group.parts.iter().filter(|part| !part.excluded);
    let averaged = counted().any(|part| part.averaged);
    let item = Rules::of_item(&index.facts.settings, product);
    let own: Vec<&Rules> = counted().map(|part| &part.own).collect();
    let (rules, rounding) = item.for_sum(&own, (unit.as_ref(), averaged));
    let own = counted().find_map(|part| part.own.included);
    let amount = amount(&rules, rounding, unit.as_ref(), sum)?;
    let less = group.target.and_then(|(_, addition)| addition.less_included).unwrap_or_default();
    if let Some(included) = amount.included.map(|(included, _)| included).or(own).filter(|_| !less.is_zero()) {
        let addition = group.target.map_or(String::new(), |(_, addition)| format!(" {}", addition.id));
        group.stop(Code::IncludedTwice, format!("{included} are included by the product link and {less} by the addition{addition} itself (Less Included in ConnectWise): they would be taken off twice. Set one of them to 0."));
    }
    if let Some((included, left)) = amount.included {
        if sum < included {
            group.issues.push(Issue::note(
                Code::QuantityBelowIncluded,
                format!(
                    "{sum} is within the {included} that are included with {}: 0 is billed.",
                    index.product_name(product)
                ),
            ));
        }
        group.step(StepKind::Rule, format!("{included} included: {left} left"));
    }
    if let Some(minimum) = amount.minimum {
        let left = amount.included.map_or(sum, |(_, left)| left);
        group.issues.push(Issue::note(
            Code::QuantityBelowMinimum,
            format!("{left} is below the minimum: {minimum} is billed ({}).", index.product_name(product)),
        ));
        group.step(StepKind::Rule, format!("minimum {minimum}"));
    }
    if let Some(maximum) = amount.maximum {
        group.step(StepKind::Rule, format!("maximum {maximum}"));
    }
    if amount.rounded != amount.exact {
        group.step(StepKind::Rule, format!("rounded {} to {}", amount.exact, amount.rounded));
    }
    Some(amount.rounded)
}

/// A person's answer to an edit by hand: it stays at a value through a date, whatever is used.
fn locked(index: &Index<'_>, group: &mut Group<'_>, next: Quantity) -> Option<Quantity> {
    let (_, addition) = group.target?;
    let locked = index.standings.get(&addition.id)?.locked.as_ref().filter(|locked| index.today <= locked.until)?;
    let words = format!(
        "locked at {} through {} by {}; without the lock it would be {next}",
        locked.value, locked.until, locked.who
    );
    group.step(StepKind::Rule, words.clone());
    if locked.value < Quantity::ZERO && addition.quantity != Some(locked.value) {
        group.stop(Code::AdditionEditedByHand, format!(
            "Addition {} is {words}, but ConnectWise holds another value now, and Hive writes no quantity below 0. Set it there, or take the lock back: hive answer MSP --line ID overwrite",
            addition.id,
        ));
    } else {
        group.issues.push(Issue::note(Code::AdditionEditedByHand, format!("Addition {} is {words}.", addition.id)));
    }
    Some(locked.value)
}

/// The other answer: the value typed is the least that is billed on this addition.
fn at_least(index: &Index<'_>, group: &mut Group<'_>, next: Quantity) -> Quantity {
    let standing = group.target.and_then(|(_, addition)| index.standings.get(&addition.id));
    let minimum = standing.and_then(|standing| standing.minimum.as_ref()).filter(|minimum| next < minimum.value);
    let Some(minimum) = minimum else { return next };
    group.issues.push(Issue::note(
        Code::QuantityBelowMinimum,
        format!(
            "{next} is below {}, which {} made the minimum of addition {}: {} is billed.",
            minimum.value,
            minimum.who,
            standing.map_or(0, |standing| standing.addition.0),
            minimum.value,
        ),
    ));
    group.step(StepKind::Rule, format!("minimum {} of this addition, by {}", minimum.value, minimum.who));
    minimum.value
}

/// A thing has no fractions, unless a rule rounds them away.
fn whole(index: &Index<'_>, group: &mut Group<'_>) {
    let countable = group.unit().is_some_and(|unit| unit.unit.storage().is_none());
    let rounds = |part: &Part| part.own.rounding.or(index.facts.settings.rounding(part.pair.1)).is_some();
    let rounded = group.parts.iter().all(rounds);
    let fraction = group.parts.iter().any(|part| part.fraction.is_some());
    let broken = group.next.is_some_and(|next| !next.is_whole());
    if !countable || !(broken || fraction && !rounded) {
        return;
    }
    for part in group.parts.iter_mut().filter(|part| part.fraction.is_some() || broken) {
        let (account, product) = (index.account_name(part.pair.0), index.product_name(part.pair.1));
        let unit = part.unit.as_ref().map(|unit| unit.unit.to_string()).unwrap_or_default();
        let measured = part.fraction.or(part.measured).map(|value| value.to_string()).unwrap_or_default();
        part.issues.push(Issue::stop(Code::QuantityFraction, format!(
            "{account} has {measured} of {product}, but a {unit} cannot be billed in fractions. Correct the source, or say how to round: hive settings MSP --product \"{product}\" rounding=up:1",
        )));
    }
}

/// What the change moves a month.
fn price(group: &mut Group<'_>) {
    let (Some((agreement, addition)), Some(next)) = (group.target, group.next) else { return };
    let Some(now) = addition.quantity else { return };
    // What the customer is not charged for moves no money, whatever its price.
    let charged = !matches!(addition.bill_customer.as_str(), "DoNotBill" | "NoCharge");
    let price = money::price_month(agreement, addition).filter(|_| charged);
    group.money_month = match next.minus(now) {
        Some(delta) if charged => money::worth(delta, price),
        Some(_) => Some(Money::ZERO),
        None => None,
    };
}
