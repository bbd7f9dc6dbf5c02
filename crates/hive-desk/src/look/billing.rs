//! What is billed of whom and of what: an account's line items, a product's sums.
//!
//! **Owns:** which rows there are and what is added up in them.
//! **Does not own:** a quantity's rules (the plan), quotas' rules (core), how it looks (the page).

use super::Seen;
use crate::Averages;
use crate::money::{Sums, add};
use hive_core::ladder::{Ladder, Quota};
use hive_core::mirror::{Addition, Agreement};
use hive_core::plan::{Line, cost_month, unit_price_month, worth_month};
use hive_core::settings::{At, Basis, Key, Mode};
use hive_core::unit::{Storage, Unit};
use hive_core::usage::{Product, Sample};
use hive_core::{AccountId, AdditionId, Decimal, ItemId, LineId, Money, ProductId, Quantity};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// One product of one account, as its Billing shows it.
#[derive(Clone, Debug)]
pub struct LineItem<'a> {
    /// What is used.
    pub product: &'a Product,
    /// The sample that counts.
    pub sample: Option<&'a Sample>,
    /// How much may be used.
    pub quota: Option<&'a Quota>,
    /// Its ladder; none where it was switched off or the product is not storage.
    pub ladder: Option<Ladder>,
    /// The step of the larger of quota and usage.
    pub bracket_gb: Option<Quantity>,
    /// Actual usage or the bracket, as it is in force here.
    pub mode: Mode,
    /// Which number of the samples counts.
    pub basis: Basis,
    /// Its line in the plan; none where it is ignored, or the MSP's own.
    pub line: Option<&'a Line>,
    /// What it is billed on.
    pub billed: Option<(&'a Addition, &'a Agreement)>,
    /// How many other lines add up on the same addition.
    pub shared_with: usize,
}

impl LineItem<'_> {
    /// What is used, in GB.
    pub fn usage_gb(&self) -> Option<Quantity> {
        gb(self.sample?)
    }

    /// The quota in GB.
    pub fn quota_gb(&self) -> Option<Quantity> {
        let quota = self.quota?;
        quota.unit.convert(quota.size, Storage::GB)
    }

    /// What its addition costs the MSP a month now.
    pub fn cost_month(&self) -> Option<Money> {
        let (addition, agreement) = self.billed?;
        cost_month(agreement, addition, addition.quantity?)
    }

    /// What is left of [`LineItem::month`] after its cost.
    pub fn margin_month(&self) -> Option<Money> {
        Some(self.month()?.minus(self.cost_month()?))
    }

    /// What its addition bills a month now.
    pub fn month(&self) -> Option<Money> {
        let (addition, agreement) = self.billed?;
        worth_month(agreement, addition, addition.quantity?)
    }
}

/// One product over all accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Billable {
    /// The product.
    pub product: ProductId,
    /// What it is billed as.
    pub item: Option<ItemId>,
    /// Customers that use it (or have a quota of it).
    pub accounts: usize,
    /// What they use in all, in the product's own unit; none where a sample cannot be counted in it.
    pub usage: Option<Quantity>,
    /// The sum of their quotas in GB; none where there is no quota.
    pub quota_gb: Option<Quantity>,
    /// The quantities on its additions now, each addition once.
    pub billed: Quantity,
    /// How many additions.
    pub additions: usize,
    /// Whether another product is billed as the same item: its additions are counted for both.
    pub shared: bool,
    /// The unit prices of its additions a month, lowest and highest, by currency: cycles are made alike.
    pub prices: BTreeMap<String, (Money, Money)>,
    /// The prices as they are charged, apart by how many months one invoice covers: a yearly price and a monthly one make no range.
    pub rates: BTreeMap<(String, Option<Decimal>), (Money, Money)>,
    /// What its additions bill a month now.
    pub money: Sums,
    /// What they cost a month now, by currency; none where ConnectWise has no cost or no price of one of them.
    pub costs: BTreeMap<String, Option<Money>>,
}

impl Billable {
    /// What its additions cost a month in a currency, and what is left of what they bill.
    pub fn cost_and_margin(&self, currency: &str) -> Option<(Money, Money)> {
        let cost = self.costs.get(currency).copied().flatten()?;
        Some((cost, self.money.get(currency)?.minus(cost)))
    }
}

/// A sample of storage in GB.
pub(crate) fn gb(sample: &Sample) -> Option<Quantity> {
    sample.unit.storage()?.convert(sample.quantity, Storage::GB)
}

/// A quantity of one unit in another of its kind.
fn in_unit(quantity: Quantity, from: &Unit, to: &Unit) -> Option<Quantity> {
    match (from.storage(), to.storage()) {
        (Some(from), Some(to)) => from.convert(quantity, to),
        _ => Some(quantity).filter(|_| from.alike(to)),
    }
}

impl Seen {
    /// The MSP's own accounts: their usage is nobody's bill.
    pub fn own_accounts(&self) -> Vec<AccountId> {
        let own = self.facts.settings.entries().filter(|(key, _, text)| *key == Key::Own && *text == "true");
        own.filter_map(|(_, at, _)| at.account).filter(|account| self.account(*account).is_some()).collect()
    }

    /// What an account uses, by product: the products in their order. `all_storage` adds the storage that it
    /// does not use, for quotas that come before any usage.
    pub fn line_items(&self, account: AccountId, all_storage: bool) -> Vec<LineItem<'_>> {
        let lines: BTreeMap<ProductId, &Line> =
            self.lines_of(account).iter().map(|line| (line.id.product, line)).collect();
        let known = |product: &&Product| {
            lines.contains_key(&product.id)
                || self.samples(account, product.id).next().is_some()
                || self.quota(account, product.id).is_some()
                || all_storage && product.is_storage()
        };
        let products = self.facts.products.iter().filter(known);
        products.map(|product| self.line_item(account, product, lines.get(&product.id).copied())).collect()
    }

    /// One of an account's line items.
    pub fn line_item_of(&self, account: AccountId, product: ProductId) -> Option<LineItem<'_>> {
        let line = self.line(LineId { account, product });
        Some(self.line_item(account, self.product(product)?, line))
    }

    fn line_item<'a>(&'a self, account: AccountId, product: &'a Product, line: Option<&'a Line>) -> LineItem<'a> {
        let settings = &self.facts.settings;
        let at = At { product: Some(product.id), account: Some(account) };
        let addition = line.and_then(|line| line.addition).and_then(|addition| self.addition(addition));
        let agreement = addition.and_then(|addition| self.agreement(addition.agreement));
        let mut item = LineItem {
            product,
            sample: self.sample_in_force(account, product.id),
            quota: self.quota(account, product.id),
            ladder: settings.ladder(product.id).filter(|_| product.is_storage()),
            bracket_gb: None,
            mode: settings.mode(at),
            basis: settings.basis_at(at),
            line,
            billed: addition.zip(agreement),
            shared_with: addition.map_or(0, |addition| self.lines_of_addition(addition.id).count().saturating_sub(1)),
        };
        let larger = item.usage_gb().max(item.quota_gb());
        item.bracket_gb = item.ladder.as_ref().zip(larger).and_then(|(ladder, gb)| ladder.step(gb));
        item
    }

    /// The customers' 30-day averages of a storage product added up, in the product's own unit.
    pub fn average_of(&self, product: ProductId, averages: &Averages) -> Option<Quantity> {
        let (own, of) = (self.own_accounts(), self.product(product)?);
        let mut sum = None;
        for ((account, _), days) in averages.iter().filter(|((_, id), _)| *id == product) {
            let Some(sample) = self.sample_in_force(*account, product).filter(|_| !own.contains(account)) else {
                continue;
            };
            let average = in_unit(days.average, &sample.unit, &of.unit)?;
            sum = Some(sum.unwrap_or(Quantity::ZERO).plus(average)?);
        }
        sum
    }

    /// The accounts that use a product or have a quota of it, in the order of their names.
    pub fn accounts_of_product(&self, product: ProductId) -> Vec<AccountId> {
        let mut all: BTreeSet<AccountId> =
            self.facts.samples.iter().filter(|sample| sample.product == product).map(|sample| sample.account).collect();
        all.extend(self.facts.quotas.iter().filter(|quota| quota.product == product).map(|quota| quota.account));
        let mut named: Vec<(String, AccountId)> =
            all.into_iter().filter_map(|id| Some((self.account(id)?.name.to_lowercase(), id))).collect();
        named.sort();
        named.into_iter().map(|(_, id)| id).collect()
    }

    /// What customers use of each storage product and what their quotas come to, in GB; the MSP's own
    /// accounts are not among them. A product that nobody uses or has a quota of is not in it.
    pub fn customers_gb(&self) -> &HashMap<ProductId, (Quantity, Quantity)> {
        self.customers_gb.get_or_init(|| customers_gb(self))
    }
}

fn customers_gb(seen: &Seen) -> HashMap<ProductId, (Quantity, Quantity)> {
    let own: BTreeSet<AccountId> = seen.own_accounts().into_iter().collect();
    let mut sums: HashMap<ProductId, (Quantity, Quantity)> = HashMap::new();
    let pairs: HashSet<(AccountId, ProductId)> =
        seen.facts.samples.iter().map(|sample| (sample.account, sample.product)).collect();
    for (account, product) in pairs.into_iter().filter(|(account, _)| !own.contains(account)) {
        let Some(used) = seen.sample_in_force(account, product).and_then(gb) else { continue };
        let sum = sums.entry(product).or_default();
        sum.0 = sum.0.plus(used).unwrap_or(sum.0);
    }
    for quota in seen.facts.quotas.iter().filter(|quota| !own.contains(&quota.account)) {
        let Some(size) = quota.unit.convert(quota.size, Storage::GB) else { continue };
        let sum = sums.entry(quota.product).or_default();
        sum.1 = sum.1.plus(size).unwrap_or(sum.1);
    }
    sums
}

/// What one product comes to while it is added up.
#[derive(Default)]
struct Sum {
    accounts: BTreeSet<AccountId>,
    usage: Option<Quantity>,
    uncounted: bool,
    quota_gb: Option<Quantity>,
    additions: BTreeSet<AdditionId>,
}

/// Every product, in the order of their names.
pub(super) fn billables(seen: &Seen) -> Vec<Billable> {
    let own: BTreeSet<AccountId> = seen.own_accounts().into_iter().collect();
    let mut sums: HashMap<ProductId, Sum> = HashMap::new();
    let mut pairs: BTreeSet<(AccountId, ProductId)> = BTreeSet::new();
    for sample in seen.facts.samples.iter().filter(|sample| !own.contains(&sample.account)) {
        pairs.insert((sample.account, sample.product));
    }
    for (account, product) in pairs {
        let Some((sample, of)) = seen.sample_in_force(account, product).zip(seen.product(product)) else { continue };
        let sum = sums.entry(product).or_default();
        sum.accounts.insert(account);
        let before = sum.usage.unwrap_or_default();
        match in_unit(sample.quantity, &sample.unit, &of.unit).and_then(|quantity| before.plus(quantity)) {
            Some(usage) => sum.usage = Some(usage),
            None => sum.uncounted = true,
        }
    }
    for quota in seen.facts.quotas.iter().filter(|quota| !own.contains(&quota.account)) {
        let sum = sums.entry(quota.product).or_default();
        sum.accounts.insert(quota.account);
        let size = quota.unit.convert(quota.size, Storage::GB);
        sum.quota_gb = size.and_then(|size| sum.quota_gb.unwrap_or_default().plus(size)).or(sum.quota_gb);
    }
    for line in &seen.plan.lines {
        if let Some(addition) = line.addition {
            sums.entry(line.id.product).or_default().additions.insert(addition);
        }
    }
    let nothing = Sum::default();
    let mut all: Vec<(&str, Billable)> = seen
        .facts
        .products
        .iter()
        .map(|product| (product.name.as_str(), billable(seen, product, sums.get(&product.id).unwrap_or(&nothing))))
        .collect();
    all.sort_by_key(|(name, _)| name.to_lowercase());
    all.into_iter().map(|(_, billable)| billable).collect()
}

fn billable(seen: &Seen, product: &Product, sum: &Sum) -> Billable {
    let item = seen.product_link(product.id).and_then(|link| match link.target {
        hive_core::link::ProductTarget::Item(item) => Some(item),
        hive_core::link::ProductTarget::Ignored => None,
    });
    let mut billable = Billable {
        product: product.id,
        item,
        accounts: sum.accounts.len(),
        usage: sum.usage.filter(|_| !sum.uncounted),
        quota_gb: sum.quota_gb,
        billed: Quantity::ZERO,
        additions: sum.additions.len(),
        shared: item.is_some_and(|item| seen.products_on(item).len() > 1),
        prices: BTreeMap::new(),
        rates: BTreeMap::new(),
        money: Sums::new(),
        costs: BTreeMap::new(),
    };
    for addition in sum.additions.iter().filter_map(|id| seen.addition(*id)) {
        let Some(agreement) = seen.agreement(addition.agreement) else { continue };
        let currency = agreement.currency.as_deref().unwrap_or_default();
        if let Some(price) = addition.unit_price {
            if let Some(month) = unit_price_month(agreement, addition) {
                let range = billable.prices.entry(currency.to_owned()).or_insert((month, month));
                *range = (range.0.min(month), range.1.max(month));
            }
            let rate = (currency.to_owned(), agreement.cycle_months());
            let range = billable.rates.entry(rate).or_insert((price, price));
            *range = (range.0.min(price), range.1.max(price));
        }
        let Some(quantity) = addition.quantity else { continue };
        billable.billed = billable.billed.plus(quantity).unwrap_or(billable.billed);
        let month = worth_month(agreement, addition, quantity);
        if let Some(month) = month {
            add(&mut billable.money, currency, month);
        }
        let cost = cost_month(agreement, addition, quantity).filter(|_| month.is_some());
        let sum = billable.costs.entry(currency.to_owned()).or_insert(Some(Money::ZERO));
        *sum = sum.zip(cost).map(|(sum, cost)| sum.plus(cost));
    }
    billable
}
