//! The lines of a plan as a table that is filtered, sorted and counted while somebody waits.
//!
//! **Owns:** small rows beside the lines, made once a look, so that a page never sorts or reads all of them.
//! **Does not own:** what a line is worth or why (the plan), how it looks (the page).

use super::{Fate, Look, Seen};
use crate::money::{Sums, add, sole_currency};
use hive_core::issue::{Code, Severity};
use hive_core::plan::{Line, Mark, worth_month};
use hive_core::{AccountId, AdditionId, AgreementId, Money, ProductId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

/// Each code of a line is one bit.
const _: () = assert!(Code::ALL.len() <= 64, "a row keeps its codes as the bits of one number");

/// Which lines are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// What becomes of them.
    pub fate: Option<Fate>,
    /// One account's.
    pub account: Option<AccountId>,
    /// One product's.
    pub product: Option<ProductId>,
    /// On one agreement.
    pub agreement: Option<AgreementId>,
    /// With this code.
    pub code: Option<Code>,
    /// Held by this cause.
    pub cause: Option<String>,
    /// Words that account, company and product hold, in whatever case.
    pub text: String,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By account, then product.
    #[default]
    Account,
    /// By product, then account.
    Product,
    /// By the difference a month; lines without one last.
    Money,
    /// By what becomes of them, the most pressing first.
    Mark,
}

/// What a filter found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Places in `plan.lines`, in the order that was asked for.
    pub places: Vec<u32>,
    /// How many lines each fate has, whatever fate was asked for.
    pub counts: BTreeMap<Fate, usize>,
    /// How many lines have each code, whatever code was asked for.
    pub codes: BTreeMap<Code, usize>,
}

/// Lines that are not pushed for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotPushed {
    /// The first issue that stops them.
    pub code: Code,
    /// How many lines.
    pub lines: usize,
    /// What they leave unbilled a month, as far as that is known; each addition once.
    pub money: Sums,
    /// The words of the first of them.
    pub words: String,
}

/// A line in a few bytes.
#[derive(Clone, Copy, Debug)]
struct Row {
    fate: Fate,
    /// Its fate once its holds are lifted.
    lifted: Fate,
    /// Ranks of the names, which are also places in [`Names`].
    account: u32,
    product: u32,
    codes: u64,
}

/// Names in their order, in lower case, and where each id stands.
#[derive(Debug)]
struct Names<Id> {
    texts: Vec<String>,
    rank: HashMap<Id, u32>,
}

impl<Id: Copy + Eq + Hash> Names<Id> {
    fn of<'a>(lines: impl Iterator<Item = (Id, &'a str, Option<&'a str>)>) -> Names<Id> {
        let mut seen: HashMap<Id, String> = HashMap::new();
        for (id, name, beside) in lines {
            let text = || format!("{name} {}", beside.unwrap_or_default()).trim_end().to_lowercase();
            seen.entry(id).or_insert_with(text);
        }
        let mut all: Vec<(String, Id)> = seen.into_iter().map(|(id, text)| (text, id)).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        let rank = all.iter().zip(0..).map(|((_, id), rank)| (*id, rank)).collect();
        Names { texts: all.into_iter().map(|(text, _)| text).collect(), rank }
    }

    fn rank(&self, id: Id) -> u32 {
        self.rank.get(&id).copied().unwrap_or_default()
    }

    fn holding(&self, word: &str) -> Vec<bool> {
        self.texts.iter().map(|text| text.contains(word)).collect()
    }
}

/// The rows and their orders.
#[derive(Debug)]
pub struct Usages {
    rows: Vec<Row>,
    accounts: Names<AccountId>,
    products: Names<ProductId>,
    by_account: Vec<u32>,
    by_product: Vec<u32>,
    /// Only lines with money, the least first.
    by_money: Vec<u32>,
    /// Places in `plan.changes`, those that move most money first.
    pub changes_by_money: Vec<u32>,
    /// Why lines are not pushed: those of most money first.
    pub not_pushed: Vec<NotPushed>,
    /// What every addition of the plan bills a month now, each once.
    pub billed_now: Sums,
    /// The additions whose money that is.
    pub billed_additions: usize,
    /// The lines on them.
    pub billed_lines: usize,
}

fn bit(code: Code) -> u64 {
    1 << (code as u32)
}

impl Usages {
    pub(super) fn of(seen: &Seen) -> Usages {
        let lines = &seen.plan.lines;
        let accounts = Names::of(lines.iter().map(|line| {
            (line.id.account, line.account.as_str(), line.company.as_ref().map(|company| company.name.as_str()))
        }));
        let products = Names::of(lines.iter().map(|line| (line.id.product, line.product.as_str(), None)));
        let row = |line: &Line| Row {
            fate: Fate::before_approvals(line),
            lifted: Fate::lifted(line),
            account: accounts.rank(line.id.account),
            product: products.rank(line.id.product),
            codes: line.issues.iter().fold(0, |codes, issue| codes | bit(issue.code)),
        };
        let rows: Vec<Row> = lines.iter().map(row).collect();
        let all = || (0u32..).take(rows.len()).collect::<Vec<u32>>();
        let at = |place: &u32| rows[*place as usize];
        let (mut by_account, mut by_product) = (all(), all());
        by_account.sort_by_key(|place| (at(place).account, at(place).product));
        by_product.sort_by_key(|place| (at(place).product, at(place).account));
        let mut by_money: Vec<u32> =
            by_account.iter().copied().filter(|place| lines[*place as usize].money_month.is_some()).collect();
        by_money.sort_by_key(|place| lines[*place as usize].money_month);
        let (not_pushed, (billed_now, billed)) = (not_pushed(seen), billed_now(seen));
        let changes = &seen.plan.changes;
        let mut changes_by_money: Vec<u32> = (0u32..).take(changes.len()).collect();
        let month = |place: &u32| changes[*place as usize].money_month.map(Money::abs);
        changes_by_money.sort_by_key(|place| std::cmp::Reverse(month(place)));
        Usages {
            rows,
            accounts,
            products,
            by_account,
            by_product,
            by_money,
            changes_by_money,
            not_pushed,
            billed_now,
            billed_additions: billed.len(),
            billed_lines: lines.iter().filter(|line| line.addition.is_some_and(|id| billed.contains(&id))).count(),
        }
    }

    /// The lines without money, in the order of accounts.
    fn without_money<'a>(&'a self, lines: &'a [Line]) -> impl Iterator<Item = u32> + 'a {
        self.by_account.iter().copied().filter(|place| lines[*place as usize].money_month.is_none())
    }
}

/// The lines that cannot be pushed, by the first issue that stops each.
fn not_pushed(seen: &Seen) -> Vec<NotPushed> {
    let sole = sole_currency(&seen.plan);
    let mut groups: BTreeMap<Code, (NotPushed, BTreeSet<AdditionId>)> = BTreeMap::new();
    for line in seen.plan.lines.iter().filter(|line| line.mark == Mark::Issue) {
        let stops = line.issues.iter().find(|issue| issue.severity == Severity::Stop);
        let Some(issue) = stops.or(line.issues.first()) else { continue };
        let (group, counted) = groups.entry(issue.code).or_insert_with(|| {
            let group = NotPushed { code: issue.code, lines: 0, money: Sums::new(), words: issue.message.clone() };
            (group, BTreeSet::new())
        });
        group.lines += 1;
        let first = line.addition.is_none_or(|addition| counted.insert(addition));
        if let Some(month) = line.money_month.filter(|_| first) {
            add(&mut group.money, line.currency.as_deref().unwrap_or(sole), month);
        }
    }
    let mut all: Vec<NotPushed> = groups.into_values().map(|(group, _)| group).collect();
    all.sort_by_key(|group| std::cmp::Reverse((heaviest(&group.money), group.lines)));
    all
}

/// What is billed now, and the additions whose money it is: those without a price are not among them.
fn billed_now(seen: &Seen) -> (Sums, BTreeSet<AdditionId>) {
    let (mut sums, mut counted, mut billed) = (Sums::new(), BTreeSet::new(), BTreeSet::new());
    for line in &seen.plan.lines {
        let Some(id) = line.addition.filter(|id| counted.insert(*id)) else { continue };
        let Some(addition) = seen.addition(id) else { continue };
        let month = seen.agreement(addition.agreement).zip(addition.quantity);
        if let Some(month) = month.and_then(|(agreement, quantity)| worth_month(agreement, addition, quantity)) {
            add(&mut sums, line.currency.as_deref().unwrap_or_default(), month);
            billed.insert(id);
        }
    }
    (sums, billed)
}

/// The largest amount of any currency, for an order alone: currencies are never added up.
pub(super) fn heaviest(sums: &Sums) -> Option<Money> {
    sums.values().map(|month| month.abs()).max()
}

/// What a row must be, worked out once for all rows.
struct Test<'a> {
    look: &'a Look,
    filter: &'a Filter,
    account: Option<u32>,
    product: Option<u32>,
    /// For each word: which accounts and which products hold it.
    words: Vec<(Vec<bool>, Vec<bool>)>,
    /// The additions that the cause holds.
    held: Option<BTreeSet<AdditionId>>,
}

impl<'a> Test<'a> {
    /// `None` where nothing can be found.
    fn of(look: &'a Look, filter: &'a Filter, usages: &Usages) -> Option<Test<'a>> {
        let text = filter.text.to_lowercase();
        let words = text.split_whitespace().map(|word| (usages.accounts.holding(word), usages.products.holding(word)));
        let held = filter.cause.as_ref().map(|cause| {
            let found = look.held_causes().iter().find(|known| known.cause == *cause);
            found.map(|found| found.additions.iter().copied().collect()).unwrap_or_default()
        });
        Some(Test {
            look,
            filter,
            account: match filter.account {
                Some(id) => Some(*usages.accounts.rank.get(&id)?),
                None => None,
            },
            product: match filter.product {
                Some(id) => Some(*usages.products.rank.get(&id)?),
                None => None,
            },
            words: words.collect(),
            held,
        })
    }

    /// Whether a row passes everything but the fate and the code.
    fn passes(&self, row: &Row, place: u32) -> bool {
        if self.account.is_some_and(|account| account != row.account)
            || self.product.is_some_and(|product| product != row.product)
        {
            return false;
        }
        let holds = |(accounts, products): &(Vec<bool>, Vec<bool>)| {
            accounts.get(row.account as usize) == Some(&true) || products.get(row.product as usize) == Some(&true)
        };
        if !self.words.iter().all(holds) {
            return false;
        }
        if self.filter.agreement.is_none() && self.held.is_none() {
            return true;
        }
        let Some(line) = self.look.plan.lines.get(place as usize) else { return false };
        let agreement = self.filter.agreement;
        agreement.is_none_or(|id| line.agreement.as_ref().is_some_and(|agreement| agreement.id == id))
            && self.held.as_ref().is_none_or(|held| line.addition.is_some_and(|addition| held.contains(&addition)))
    }

    fn fate(&self, row: &Row, place: u32) -> Fate {
        if row.fate != Fate::Waits || self.look.approved.is_empty() && self.look.approved_creates.is_empty() {
            return row.fate;
        }
        let Some(line) = self.look.plan.lines.get(place as usize) else { return row.fate };
        let lifted = line.addition.is_some_and(|addition| self.look.approved.contains_key(&addition));
        if lifted || self.look.approved_creates.contains_key(&line.id) { row.lifted } else { row.fate }
    }
}

impl Look {
    /// The lines that a filter finds, in an order, with counts for the filters beside it.
    pub fn find_usages(&self, filter: &Filter, order: Order, down: bool) -> Found {
        let (usages, lines) = (self.usages(), &self.plan.lines);
        let mut found = Found { counts: Fate::ALL.into_iter().map(|fate| (fate, 0)).collect(), ..Found::default() };
        let Some(test) = Test::of(self, filter, usages) else { return found };
        let mut marked: BTreeMap<Fate, Vec<u32>> = BTreeMap::new();
        let mut codes = [0usize; 64];
        let mut look_at = |place: u32| {
            let Some(row) = usages.rows.get(place as usize).filter(|row| test.passes(row, place)) else { return };
            let fate = test.fate(row, place);
            let coded = filter.code.is_none_or(|code| row.codes & bit(code) != 0);
            if coded {
                *found.counts.entry(fate).or_default() += 1;
            }
            if filter.fate.is_none_or(|asked| asked == fate) {
                let mut bits = row.codes;
                while bits != 0 {
                    codes[bits.trailing_zeros() as usize] += 1;
                    bits &= bits - 1;
                }
                match order {
                    Order::Mark if coded => marked.entry(fate).or_default().push(place),
                    _ if coded => found.places.push(place),
                    _ => {}
                }
            }
        };
        match (order, down) {
            (Order::Account | Order::Mark, false) => usages.by_account.iter().copied().for_each(&mut look_at),
            (Order::Account, true) => usages.by_account.iter().rev().copied().for_each(&mut look_at),
            (Order::Mark, true) => usages.by_account.iter().copied().for_each(&mut look_at),
            (Order::Product, false) => usages.by_product.iter().copied().for_each(&mut look_at),
            (Order::Product, true) => usages.by_product.iter().rev().copied().for_each(&mut look_at),
            (Order::Money, false) => {
                usages.by_money.iter().copied().chain(usages.without_money(lines)).for_each(&mut look_at);
            }
            (Order::Money, true) => {
                usages.by_money.iter().rev().copied().chain(usages.without_money(lines)).for_each(&mut look_at);
            }
        }
        let groups: Vec<Vec<u32>> = marked.into_values().collect();
        let groups: Vec<Vec<u32>> = if down { groups.into_iter().rev().collect() } else { groups };
        found.places.extend(groups.into_iter().flatten());
        found.codes =
            Code::ALL.iter().map(|code| (*code, codes[*code as usize])).filter(|(_, many)| *many > 0).collect();
        found
    }
}
