//! A whole tenant from a size and a seed.
//!
//! **Owns:** worlds of exact sizes, the same for the same seed, mostly clean and messy on purpose:
//! deleted twins, ended, future and cancelled agreements, successors, doubles, odd billing.
//! **Does not own:** the usage that goes with them (`csv`).
//! **Limits on purpose:** dates are around 23 November 2026; "ended" is years ago and "future" years
//! ahead, so a world stays what it is when the calendar moves on.

use std::collections::{HashMap, HashSet};

use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::{NewAddition, NewAgreement, NewCompany, NewItem, World, names, random::Random};

/// The sizes of the design document, section 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    XS,
    S,
    M,
    L,
}

impl Size {
    /// Companies, catalog items, agreements, additions.
    pub fn counts(self) -> [usize; 4] {
        match self {
            Size::XS => [10, 10, 15, 60],
            Size::S => [200, 50, 300, 3_000],
            Size::M => [2_000, 500, 3_000, 30_000],
            Size::L => [10_000, 2_000, 15_000, 150_000],
        }
    }
}

impl std::str::FromStr for Size {
    type Err = String;
    fn from_str(text: &str) -> Result<Size, String> {
        match text.to_ascii_uppercase().as_str() {
            "XS" => Ok(Size::XS),
            "S" => Ok(Size::S),
            "M" => Ok(Size::M),
            "L" => Ok(Size::L),
            _ => Err(format!("{text} is not a size: XS, S, M or L")),
        }
    }
}

const SUCCESSION: Date = date(2026, 6, 30);

/// What the generator knows while it fills a world.
struct Filling {
    world: World,
    random: Random,
    /// Items that can be on a clean line.
    usable: Vec<i64>,
    inactive: Vec<i64>,
    /// Items each company has on an ongoing addition, and where its search for the next one stands.
    used: HashSet<(i64, i64)>,
    next_item: HashMap<i64, usize>,
}

impl World {
    /// A tenant of exactly this size; the same seed gives the same tenant.
    pub fn generate(size: Size, seed: u64) -> World {
        let [companies, items, agreements, additions] = size.counts();
        let mut filling = Filling {
            world: World::empty(),
            random: Random::new(seed),
            usable: Vec::new(),
            inactive: Vec::new(),
            used: HashSet::new(),
            next_item: HashMap::new(),
        };
        filling.items(items);
        let live = filling.companies(companies);
        let (clean, messy) = filling.agreements(&live, agreements);
        filling.additions(&clean, &messy, additions);
        filling.world
    }
}

impl Filling {
    fn items(&mut self, count: usize) {
        let inactive = (count * 3 / 100).max(1);
        for n in 0..count {
            let bundle = n + 1 == count;
            let retired = !bundle && n + 1 + inactive >= count;
            let description = names::product(n);
            let units = if names::is_storage(&description) { ["TB", "100 GB"] } else { ["Each", "User"] };
            // Both storage units are in the smallest catalog, too.
            let unit = if n < 2 { units[n] } else { *self.random.one_of(&units) };
            let cents = 200 + self.random.below(if unit == "100 GB" { 400 } else { 6_000 });
            let id = self.world.item(NewItem {
                description,
                class: if bundle { "Bundle" } else { *self.random.one_of(&["Agreement", "Service", "NonInventory"]) }
                    .into(),
                unit_of_measure: Some(unit.into()),
                price: Decimal::new(i64::try_from(cents).unwrap_or(200), 2),
                cost: Decimal::new(i64::try_from(cents / 2).unwrap_or(100), 2),
                inactive: retired,
                ..NewItem::default()
            });
            if retired {
                self.inactive.push(id);
            } else if !bundle {
                self.usable.push(id);
            }
        }
    }

    /// Live companies, then deleted ones with the name of a live one, then live ones with a name that
    /// is taken. Returns the live ones.
    fn companies(&mut self, count: usize) -> Vec<i64> {
        let twins = (count * 2 / 100).max(1);
        let doubles = count / 200;
        let single = count - twins - doubles;
        let shift = usize::try_from(self.random.below(10_000)).unwrap_or(0);
        let mut live = Vec::with_capacity(count);
        for n in 0..single {
            let status = if self.random.percent(2) { "Not Approved" } else { "Active" };
            let name = names::company(n, shift);
            live.push(self.world.company(NewCompany { name, status: status.into(), ..NewCompany::default() }));
        }
        for n in 0..twins + doubles {
            // Every third company has the twin, so that the first (hard) names are among them.
            let name = names::company((n * 3) % single, shift);
            let deleted = n < twins;
            let id = self.world.company(NewCompany { name, deleted, ..NewCompany::default() });
            if !deleted {
                live.push(id);
            }
        }
        live
    }

    /// One clean agreement for every live company, the rest anywhere; some of those are messy.
    fn agreements(&mut self, live: &[i64], count: usize) -> (Vec<i64>, Vec<i64>) {
        let messy_count = (count * 8 / 100).max(5).min(count.saturating_sub(live.len()));
        let (mut clean, mut messy) = (Vec::new(), Vec::new());
        for n in 0..count {
            let company = live.get(n).copied().unwrap_or_else(|| *self.random.one_of(live));
            let name = ["Managed", "Cloud Backup", "Licences & Seats", "Managed \"Gold\""][n % 4];
            let type_name = ["Managed Services", "Cloud Backup", "Licences", "Managed Services"][n % 4];
            let ordinary = NewAgreement {
                name: name.into(),
                type_name: type_name.into(),
                company,
                start: date(2021, i8::try_from(1 + n % 12).unwrap_or(1), 1),
                ..NewAgreement::default()
            };
            let place = n + messy_count;
            if place < count {
                clean.push(self.world.agreement(ordinary));
            } else {
                messy.push(self.world.agreement(mess(place - count, ordinary)));
            }
        }
        (clean, messy)
    }

    fn additions(&mut self, clean: &[i64], messy: &[i64], count: usize) {
        let mut left = count;
        for agreement in messy.iter().flat_map(|agreement| [*agreement; 2]) {
            if let (Some(item), true) = (self.fresh_item(agreement), left > 0) {
                self.ongoing(agreement, item);
                left -= 1;
            }
        }
        let mut turn = 0;
        while left > 0 {
            let agreement = clean[turn % clean.len()];
            left -= self.some_additions(agreement, turn % 50, left);
            turn += 1;
        }
    }

    /// Usually one clean addition; at some turns of every fifty, something else. Returns how many.
    fn some_additions(&mut self, agreement: i64, turn: usize, left: usize) -> usize {
        let item = self.fresh_item(agreement).unwrap_or(self.usable[0]);
        let plain = NewAddition { agreement, item, quantity: self.quantity(item), ..NewAddition::default() };
        let turn = if left < 2 && matches!(turn, 7 | 17) { 0 } else { turn };
        match turn {
            7 => {
                let next_day = SUCCESSION.tomorrow().ok();
                let older = NewAddition { cancelled: Some(SUCCESSION), ..plain.clone() };
                self.world.addition(older);
                self.world.addition(NewAddition { effective: next_day, ..plain });
                return 2;
            }
            17 => {
                let other = NewAddition { quantity: Decimal::from(3), ..plain.clone() };
                self.world.addition(plain);
                self.world.addition(other);
                return 2;
            }
            23 => self.world.addition(NewAddition { bill_customer: "DoNotBill".into(), ..plain }),
            29 => self.world.addition(NewAddition { less_included: Decimal::TWO, ..plain }),
            37 => {
                let item = *self.random.one_of(&self.inactive.clone());
                self.world.addition(NewAddition { item, ..plain })
            }
            43 => self.world.addition(NewAddition { bill_customer: "NoCharge".into(), ..plain }),
            47 => self.world.addition(NewAddition { effective: Some(date(2031, 1, 1)), ..plain }),
            _ => self.world.addition(plain),
        };
        1
    }

    fn ongoing(&mut self, agreement: i64, item: i64) {
        let quantity = self.quantity(item);
        self.world.addition(NewAddition { agreement, item, quantity, ..NewAddition::default() });
    }

    /// An item that the agreement's company has on no addition yet; None when it has them all.
    fn fresh_item(&mut self, agreement: i64) -> Option<i64> {
        let company = self.world.agreements.get(&agreement)?.company;
        let start = usize::try_from(self.random.below(self.usable.len() as u64)).unwrap_or(0);
        let next = self.next_item.entry(company).or_insert(start);
        for _ in 0..self.usable.len() {
            let item = self.usable[*next % self.usable.len()];
            *next += 1;
            if self.used.insert((company, item)) {
                return Some(item);
            }
        }
        None
    }

    /// Large enough that one unit more or less is a small change; 100 GB blocks come in whole TB, so
    /// that they are what they are with and without brackets.
    fn quantity(&mut self, item: i64) -> Decimal {
        let unit = self.world.items.get(&item).and_then(|item| item.unit).unwrap_or(0);
        let unit = super::name_of(&self.world.units, unit);
        let number = match unit {
            "100 GB" => 100 + 10 * self.random.below(30),
            "TB" => 10 + self.random.below(60),
            _ => 5 + self.random.below(120),
        };
        Decimal::from(number)
    }
}

/// The ways an agreement can be other than monthly and active.
fn mess(n: usize, ordinary: NewAgreement) -> NewAgreement {
    match n % 6 {
        0 => NewAgreement { end: Some(date(2024, 12, 31)), ..ordinary },
        1 => NewAgreement { start: date(2031, 1, 1), next_invoice_date: Some(date(2031, 1, 1)), ..ordinary },
        2 => NewAgreement { cancelled: true, date_cancelled: Some(date(2025, 6, 30)), ..ordinary },
        3 => NewAgreement { billing_cycle: Some("None".into()), next_invoice_date: None, ..ordinary },
        4 => {
            NewAgreement { billing_cycle: Some("Yearly".into()), next_invoice_date: Some(date(2027, 7, 1)), ..ordinary }
        }
        _ => NewAgreement { status: Some("Inactive".into()), ..ordinary },
    }
}
