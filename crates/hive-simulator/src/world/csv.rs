//! Usage and links that fit a world, as the two files Hive reads.
//!
//! **Owns:** which lines are clean, the usage that equals (or nearly equals) what is billed, the
//! links by id.
//! **Does not own:** Hive's rules: it writes what a vendor and an operator would write.
//! **Limits on purpose:** only clean lines appear; conversions are exact.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::{Addition, Item, World, name_of, random::Random};

/// What one unit of an item is, and in which unit a vendor measures it.
struct Measure {
    link_unit: String,
    link_size: Decimal,
    usage_unit: String,
    /// Usage of one unit of the item.
    usage_per_unit: Decimal,
    /// The smallest step that keeps every mode's answer exact, in units of the item.
    step: Decimal,
}

impl World {
    /// `account,product,quantity,unit,measured_at` for the clean lines: what is billed now, but for
    /// `changed_percent` of them, which differ by a little: never a quarter, at least one unit, and a
    /// fall never by more than a tenth, so that nothing is held.
    pub fn usage_csv(&self, changed_percent: u32, measured_at: &str, seed: u64) -> String {
        let changed: HashMap<i64, Decimal> =
            self.expected_changes(changed_percent, measured_at, seed).into_iter().map(|(_, id, to)| (id, to)).collect();
        let mut out = String::from("account,product,quantity,unit,measured_at\n");
        for line in self.clean_lines(day_of(measured_at)) {
            let Some((account, item)) = self.names_of(line) else {
                continue;
            };
            let measure = self.measure(item);
            let units = changed.get(&line.id).copied().unwrap_or(line.quantity);
            let quantity = (units * measure.usage_per_unit).normalize();
            let fields = [account, &item.description, &quantity.to_string(), &measure.usage_unit, measured_at];
            out.push_str(&fields.map(field).join(","));
            out.push('\n');
        }
        out
    }

    /// (agreement, addition, new quantity) of the lines that `usage_csv` changes, in id order.
    pub fn expected_changes(&self, changed_percent: u32, measured_at: &str, seed: u64) -> Vec<(i64, i64, Decimal)> {
        let lines = self.clean_lines(day_of(measured_at));
        let count = lines.len() * usize::try_from(changed_percent.min(100)).unwrap_or(100) / 100;
        let mut drawn: Vec<(u64, &Addition)> =
            lines.into_iter().map(|line| (Random::new(seed ^ line.id.unsigned_abs()).next(), line)).collect();
        drawn.sort_by_key(|(draw, line)| (*draw, line.id));
        drawn.truncate(count);
        let mut changes: Vec<_> = drawn
            .into_iter()
            .filter_map(|(draw, line)| {
                let (_, item) = self.names_of(line)?;
                let step = self.measure(item).step;
                let step = if line.quantity < step * Decimal::from(5) { Decimal::ONE } else { step };
                let may_fall = line.quantity >= step * Decimal::TEN;
                let to = if may_fall && draw % 2 == 0 { line.quantity - step } else { line.quantity + step };
                Some((line.agreement, line.id, to))
            })
            .collect();
        changes.sort_by_key(|(_, id, _)| *id);
        changes
    }

    /// `kind,hive,connectwise,unit,size`: every account and product of the clean lines, linked by id.
    pub fn links_csv(&self) -> String {
        let (mut accounts, mut products) = (BTreeSet::new(), BTreeSet::new());
        for line in self.clean_lines(TODAY) {
            if let Some(agreement) = self.agreements.get(&line.agreement) {
                accounts.insert(agreement.company);
                products.insert(line.item);
            }
        }
        let mut out = String::from("kind,hive,connectwise,unit,size\n");
        for company in accounts.iter().filter_map(|id| self.companies.get(id)) {
            out.push_str(&format!("account,{},{},,\n", field(&company.name), company.id));
        }
        for item in products.iter().filter_map(|id| self.items.get(id)) {
            let Measure { link_unit, link_size, .. } = self.measure(item);
            out.push_str(&format!(
                "product,{},{},{},{link_size}\n",
                field(&item.description),
                item.id,
                field(&link_unit)
            ));
        }
        out
    }

    /// Ongoing, billable additions of running monthly agreements, one per company and item, where the
    /// company's name is its own.
    fn clean_lines(&self, today: Date) -> Vec<&Addition> {
        let mut names: HashMap<&str, usize> = HashMap::new();
        for company in self.companies.values().filter(|company| !company.deleted) {
            *names.entry(&company.name).or_default() += 1;
        }
        let mut ongoing: HashMap<(i64, i64), usize> = HashMap::new();
        let lines: Vec<_> =
            self.additions.values().filter_map(|line| Some((self.running_company(line, today)?, line))).collect();
        for (company, line) in &lines {
            *ongoing.entry((*company, line.item)).or_default() += 1;
        }
        let single = |(company, line): &(i64, &Addition)| {
            let named_once =
                self.companies.get(company).is_some_and(|company| names.get(company.name.as_str()) == Some(&1));
            named_once && ongoing.get(&(*company, line.item)) == Some(&1) && self.is_plain(line)
        };
        lines.into_iter().filter(single).map(|(_, line)| line).collect()
    }

    /// The company of an addition that is ongoing today under a running agreement.
    fn running_company(&self, line: &Addition, today: Date) -> Option<i64> {
        let agreement = self.agreements.get(&line.agreement)?;
        let runs = agreement.status(today) == "Active" && !agreement.cancelled && agreement.start <= today;
        let ongoing = line.effective.is_none_or(|day| day <= today) && line.cancelled.is_none_or(|day| day >= today);
        (runs && ongoing).then_some(agreement.company)
    }

    fn is_plain(&self, line: &Addition) -> bool {
        let monthly = self.agreements.get(&line.agreement).and_then(|agreement| agreement.cycle);
        let monthly = monthly.is_some_and(|cycle| name_of(&self.cycles, cycle) == "Monthly");
        let sold = self.items.get(&line.item).is_some_and(|item| !item.inactive && item.class != "Bundle");
        let live = self.names_of(line).is_some();
        let simple = &*line.bill_customer == "Billable" && line.less_included.is_zero() && line.cancelled.is_none();
        monthly && sold && live && simple && line.uom.is_none() && line.quantity >= Decimal::from(5)
    }

    fn names_of(&self, line: &Addition) -> Option<(&str, &Item)> {
        let company = self.companies.get(&self.agreements.get(&line.agreement)?.company)?;
        let item = self.items.get(&line.item)?;
        (!company.deleted).then_some((company.name.as_str(), item))
    }

    fn measure(&self, item: &Item) -> Measure {
        let text = item.unit.map_or("", |unit| name_of(&self.units, unit));
        let digits = text.chars().take_while(char::is_ascii_digit).count();
        let size = text[..digits].parse::<Decimal>().unwrap_or(Decimal::ONE);
        let unit = text[digits..].trim();
        let in_gb = match unit {
            "GB" => Some(size),
            "TB" => Some(size * Decimal::ONE_THOUSAND),
            _ => None,
        };
        let counted = if unit.is_empty() || unit == "Each" { "licence".to_owned() } else { unit.to_lowercase() };
        match in_gb {
            Some(gb) => Measure {
                link_unit: unit.to_owned(),
                link_size: size,
                usage_unit: "GB".to_owned(),
                usage_per_unit: gb,
                step: (Decimal::ONE_THOUSAND / gb).max(Decimal::ONE),
            },
            None => Measure {
                link_unit: counted.clone(),
                link_size: size,
                usage_unit: counted,
                usage_per_unit: size,
                step: Decimal::ONE,
            },
        }
    }
}

/// The day around which generated worlds are made.
const TODAY: Date = date(2026, 11, 23);

fn day_of(measured_at: &str) -> Date {
    measured_at.get(..10).and_then(|day| day.parse().ok()).unwrap_or(TODAY)
}

/// RFC 4180: quoted where it must be.
fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
