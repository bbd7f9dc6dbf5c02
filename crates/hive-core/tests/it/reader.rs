//! Reads the door's commands into facts. The syntax is at the head of `door.rs`.

use crate::door::q;
use hive_core::ladder::Quota;
use hive_core::link::{AccountLink, AccountTarget, LinkedBy, Pin, ProductLink, ProductTarget};
use hive_core::mirror::{Addition, Agreement, CatalogItem, Company, ItemsFrom, Mirror};
use hive_core::outcome::Outcome;
use hive_core::plan::{
    self, Answered, Batch, Facts, Failure, Gone, GoneAnswer, Listing, Locked, Standing, Undone, Unlisted,
};
use hive_core::settings::{At, Key, Settings};
use hive_core::unit::{ItemUnit, Unit};
use hive_core::usage::{Account, Product, Sample};
use hive_core::{
    AccountId, AdditionId, AgreementId, CompanyId, Date, ItemId, MirrorId, Money, MspId, ProductId, RunId, Timestamp,
};
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// Reads commands. Panics on what it does not know: a test with a typo must not pass.
pub(crate) fn read(commands: &str) -> (Facts, Timestamp) {
    let mut reader = Reader::new();
    for line in commands.lines().map(str::trim).filter(|line| !line.is_empty()) {
        reader.command(line);
    }
    reader.done()
}

struct Reader {
    facts: Facts,
    mirror: Mirror,
    now: Timestamp,
    not_live: Vec<String>,
    other_rule: Vec<String>,
    never_synced: bool,
}

/// `head; key value; key value`, taken apart.
struct Options<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Options<'a> {
    fn take(&mut self, key: &str) -> Option<&'a str> {
        self.0.remove(key)
    }

    fn has(&mut self, key: &str) -> bool {
        self.take(key).is_some()
    }

    fn date(&mut self, key: &str) -> Option<Date> {
        self.take(key).map(|text| text.parse().expect("a date"))
    }
}

impl Reader {
    fn new() -> Reader {
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().expect("a time");
        let pulled_at = now - SignedDuration::from_hours(1);
        let mirror = Mirror {
            id: MirrorId(1),
            pulled_at,
            refreshed_at: pulled_at,
            items_from: ItemsFrom::Catalog,
            companies: Vec::new(),
            items: Vec::new(),
            agreements: Vec::new(),
            additions: Vec::new(),
        };
        let facts = Facts {
            msp: MspId(1),
            msp_name: "Northwind IT".to_owned(),
            connection: 1,
            mirror: None,
            accounts: Vec::new(),
            products: Vec::new(),
            account_links: Vec::new(),
            product_links: Vec::new(),
            samples: Vec::new(),
            history: Vec::new(),
            samples_through: 1,
            quotas: Vec::new(),
            pins: Vec::new(),
            settings: Settings::default(),
            standings: Vec::new(),
            live_rules: BTreeMap::new(),
            invoiced: BTreeMap::new(),
            batches: Vec::new(),
            listings: Vec::new(),
            rhythms: BTreeMap::new(),
            unlisted: Vec::new(),
            gone_answers: Vec::new(),
        };
        Reader { facts, mirror, now, not_live: Vec::new(), other_rule: Vec::new(), never_synced: false }
    }

    fn command(&mut self, line: &str) {
        let mut pieces = line.split(';').map(str::trim);
        let head = pieces.next().unwrap_or_default();
        let mut options = Options(pieces.map(|option| option.split_once(' ').unwrap_or((option, ""))).collect());
        let words: Vec<&str> = head.split_whitespace().collect();
        match words.as_slice() {
            ["company", id, name @ ..] => self.company(id, &name.join(" "), &mut options),
            ["item", id, identifier] => self.item(id, identifier, &mut options),
            ["agreement", id, "of", company, name @ ..] => self.agreement(id, company, &name.join(" "), &mut options),
            ["addition", id, "on", agreement, "item", item, "at", quantity] => {
                self.addition(id, agreement, item, quantity, &mut options)
            }
            ["account", name, target @ ..] => self.account(name, target),
            ["product", name, unit, target @ ..] => self.product(name, unit, target, &mut options),
            ["usage", account, product, quantity, unit, age] => {
                self.usage((account, product), quantity, unit, age, &mut options)
            }
            ["before", account, product, quantity, unit, age] => {
                self.before((account, product), quantity, unit, age, &mut options)
            }
            ["quota", account, product, size, unit] => {
                let (account, product) = (self.account_id(account), self.product_id(product));
                let unit = Unit::parse(unit).and_then(|unit| unit.storage()).expect("a unit of storage");
                self.facts.quotas.push(Quota { account, product, size: q(size), unit, hard: false });
            }
            ["pin", account, product, addition] => {
                let pin = Pin {
                    account: self.account_id(account),
                    product: self.product_id(product),
                    addition: AdditionId(number(addition)),
                };
                self.facts.pins.push(pin);
            }
            ["set", key, text @ ..] => {
                let at = At {
                    product: options.take("product").map(|name| self.product_id(name)),
                    account: options.take("account").map(|name| self.account_id(name)),
                };
                self.facts.settings.set(Key::parse(key).expect("a key"), at, &text.join(" ")).expect("a setting");
            }
            ["invoiced", agreement, date] => {
                self.facts.invoiced.insert(AgreementId(number(agreement)), date.parse().expect("a date"));
            }
            ["batch", source, id, age] => {
                let batch = Batch {
                    source: (*source).to_owned(),
                    id: number(id),
                    at: self.now - read_age(age),
                    complete: options.has("complete"),
                    day: options.date("day"),
                };
                self.facts.batches.push(batch);
            }
            ["listed", source, id, product, quantities @ ..] => {
                self.listed(source, number(id), product, quantities, &mut options);
            }
            ["answered", account, product, answer] => {
                let answer = GoneAnswer {
                    account: self.account_id(account),
                    product: self.product_id(product),
                    source: options.take("source").unwrap_or("import").to_owned(),
                    seen: options.take("seen").map_or(0, number),
                    batch: options.take("batch").map_or(0, number),
                    answer: Gone::parse(answer).expect("an answer"),
                    who: "cli:jane".to_owned(),
                };
                self.facts.gone_answers.push(answer);
            }
            ["rhythm", source, days] => {
                self.facts.rhythms.insert((*source).to_owned(), number(days));
            }
            ["not", "live", product] => self.not_live.push((*product).to_owned()),
            ["looked", "at", product, "under", "another", "rule"] => self.other_rule.push((*product).to_owned()),
            ["pulled", age, "ago"] => self.mirror.pulled_at = self.now - read_age(age),
            ["now", at] => self.now = at.parse().expect("a time"),
            ["never", "synced"] => self.never_synced = true,
            ["items", "from", "additions"] => self.mirror.items_from = ItemsFrom::Additions,
            [word, addition, rest @ ..] => self.remembered(word, addition, rest),
            _ => panic!("no such command: {line}"),
        }
        assert!(options.0.is_empty(), "no such option in {line}: {:?}", options.0.keys());
    }

    fn company(&mut self, id: &str, name: &str, options: &mut Options<'_>) {
        let id = CompanyId(number(id));
        put(
            &mut self.mirror.companies,
            |company| company.id == id,
            Company {
                id,
                identifier: name.split_whitespace().collect(),
                name: name.to_owned(),
                status: Some(options.take("status").unwrap_or("Active").to_owned()),
                deleted: options.has("deleted"),
                types: vec!["Customer".to_owned()],
                parent: options.take("parent").map(|id| CompanyId(number(id))),
            },
        );
        if options.has("gone") {
            self.mirror.companies.retain(|company| company.id != id);
        }
    }

    fn item(&mut self, id: &str, identifier: &str, options: &mut Options<'_>) {
        let id = ItemId(number(id));
        put(
            &mut self.mirror.items,
            |item| item.id == id,
            CatalogItem {
                id,
                identifier: identifier.to_owned(),
                description: options.take("says").unwrap_or("Backup").to_owned(),
                inactive: options.has("inactive"),
                class: Some(options.take("class").unwrap_or("Agreement").to_owned()),
                unit_of_measure: None,
                price: options.take("price").map(|text| Money::new(q(text).decimal())),
            },
        );
        if options.has("gone") {
            self.mirror.items.retain(|item| item.id != id);
        }
    }

    fn agreement(&mut self, id: &str, company: &str, name: &str, options: &mut Options<'_>) {
        let id = AgreementId(number(id));
        let cancelled = options.take("cancelled");
        let next = options.take("next").unwrap_or("2026-12-01");
        let cycle = options.take("cycle").unwrap_or("Monthly");
        put(
            &mut self.mirror.agreements,
            |agreement| agreement.id == id,
            Agreement {
                id,
                name: name.to_owned(),
                agreement_type: Some(options.take("type").unwrap_or("Managed Services").to_owned()),
                company: CompanyId(number(company)),
                company_name: String::new(),
                parent: None,
                start: options.date("start"),
                end: options.date("end"),
                no_ending_date: false,
                cancelled: cancelled == Some(""),
                cancelled_on: cancelled.filter(|text| !text.is_empty()).map(|text| text.parse().expect("a date")),
                status: Some(options.take("status").unwrap_or("Active").to_owned()),
                billing_cycle: Some(cycle.to_owned()).filter(|cycle| cycle != "none"),
                next_invoice: (next != "none").then(|| next.parse().expect("a date")),
                currency: Some(options.take("currency").unwrap_or("USD").to_owned()),
            },
        );
    }

    fn addition(&mut self, id: &str, agreement: &str, item: &str, quantity: &str, options: &mut Options<'_>) {
        let id = AdditionId(number(id));
        let by = options.take("by");
        put(
            &mut self.mirror.additions,
            |addition| addition.id == id,
            Addition {
                id,
                agreement: AgreementId(number(agreement)),
                item: ItemId(number(item)),
                item_identifier: String::new(),
                description: String::new(),
                quantity: Some(quantity).filter(|text| *text != "?").map(q),
                less_included: options.take("less").map(q),
                billed_quantity: None,
                unit_price: options.take("price").map(|text| Money::new(q(text).decimal())),
                unit_cost: None,
                bill_customer: options.take("bill").unwrap_or("Billable").to_owned(),
                effective: options.date("from"),
                cancelled: options.date("until"),
                unit_of_measure: options.take("uom").map(str::to_owned),
                updated_by: by.map(str::to_owned),
                updated_at: by.map(|_| self.now - SignedDuration::from_hours(2)),
                read_at: self.mirror.refreshed_at,
            },
        );
    }

    fn account(&mut self, name: &str, target: &[&str]) {
        let account = self.account_id_or_new(name);
        let target = match target {
            [] => return,
            ["->", "ignored"] => AccountTarget::Ignored,
            ["->", company] => AccountTarget::Company(CompanyId(number(company))),
            other => panic!("no such target: {other:?}"),
        };
        put(
            &mut self.facts.account_links,
            |link| link.account == account,
            AccountLink { account, target, by: LinkedBy::Person, who: "cli:tester".to_owned(), at: self.now },
        );
    }

    fn product(&mut self, name: &str, unit: &str, target: &[&str], options: &mut Options<'_>) {
        let id = self
            .facts
            .products
            .iter()
            .find(|product| product.name == name)
            .map_or(ProductId(1 + len(&self.facts.products)), |product| product.id);
        put(
            &mut self.facts.products,
            |product| product.id == id,
            Product { id, name: name.to_owned(), external_id: None, unit: Unit::parse(unit).expect("a unit") },
        );
        let (target, unit) = match target {
            [] => return,
            ["->", "ignored"] => (ProductTarget::Ignored, None),
            ["->", item] => (ProductTarget::Item(ItemId(number(item))), None),
            ["->", item, "per", size, unit] => {
                (ProductTarget::Item(ItemId(number(item))), ItemUnit::new(Unit::parse(unit).expect("a unit"), q(size)))
            }
            other => panic!("no such target: {other:?}"),
        };
        let link = ProductLink {
            product: id,
            target,
            unit,
            unit_trusted: options.has("trusted"),
            by: LinkedBy::Person,
            who: "cli:tester".to_owned(),
            at: self.now,
        };
        put(&mut self.facts.product_links, |link| link.product == id, link);
    }

    fn usage(&mut self, whose: (&str, &str), quantity: &str, unit: &str, age: &str, options: &mut Options<'_>) {
        let sample = self.sample(whose, quantity, unit, age, options);
        put(
            &mut self.facts.samples,
            |known| (known.account, known.product, &known.source) == (sample.account, sample.product, &sample.source),
            sample.clone(),
        );
    }

    /// Samples before the newest one: one, or one a day. The same moment again is a correction.
    fn before(&mut self, whose: (&str, &str), quantity: &str, unit: &str, age: &str, options: &mut Options<'_>) {
        let sample = self.sample(whose, quantity, unit, age.split("..").next().unwrap_or(age), options);
        let last = age.split_once("..").map_or(sample.measured_at, |(_, last)| self.now - read_age(last));
        let mut at = sample.measured_at;
        while at >= last {
            let of = |sample: &Sample| (sample.account, sample.product, sample.source.clone());
            let sample = Sample { measured_at: at, ..sample.clone() };
            put(
                &mut self.facts.history,
                |known| (of(known), known.measured_at) == (of(&sample), sample.measured_at),
                sample.clone(),
            );
            at -= SignedDuration::from_hours(24);
        }
    }

    fn sample(
        &mut self,
        (account, product): (&str, &str),
        quantity: &str,
        unit: &str,
        age: &str,
        options: &mut Options<'_>,
    ) -> Sample {
        Sample {
            account: self.account_id_or_new(account),
            product: self.product_id(product),
            source: options.take("source").unwrap_or("import").to_owned(),
            quantity: q(quantity),
            unit: Unit::parse(unit).expect("a unit"),
            measured_at: self.now - read_age(age),
            class: options.take("class").unwrap_or("").to_owned(),
        }
    }

    /// `Acme=12 Bert=7`: what a batch said of a product.
    fn listed(&mut self, source: &str, id: i64, product: &str, quantities: &[&str], options: &mut Options<'_>) {
        let batch = self.facts.batches.iter().find(|batch| batch.source == source && batch.id == id);
        let Batch { source, id, at, day, .. } = batch.expect("a batch").clone();
        let product = self.product_id(product);
        let quantities = quantities.iter().map(|text| {
            let (account, quantity) = text.split_once('=').expect("account=quantity");
            (self.account_id_or_new(account), q(quantity))
        });
        let quantities = quantities.collect();
        let accepted = options.has("accepted");
        self.facts.listings.push(Listing { source, product, batch: id, at, day, accepted, quantities });
    }

    /// The pairs that the newest complete batch of their source does not list, as the store finds them.
    fn unlisted(&self) -> Vec<Unlisted> {
        let complete = plan::newest_complete(&self.facts.batches);
        let of_sample = |sample: &Sample| {
            let newest = complete.get(sample.source.as_str())?;
            let lists = |listing: &&Listing| {
                (&listing.source, listing.product) == (&sample.source, sample.product)
                    && listing.quantities.iter().any(|(account, _)| *account == sample.account)
            };
            let seen = self.facts.listings.iter().filter(lists).map(|listing| (Some(listing.at), listing.batch)).max();
            let (seen_at, seen) = seen.unwrap_or((None, 0));
            let Sample { account, product, source, .. } = sample.clone();
            ((seen_at, seen) < (Some(newest.at), newest.id)).then_some(Unlisted {
                account,
                product,
                source,
                seen,
                seen_at,
            })
        };
        self.facts.samples.iter().filter_map(of_sample).collect()
    }

    fn remembered(&mut self, word: &str, addition: &str, rest: &[&str]) {
        let addition = AdditionId(number(addition));
        if !self.facts.standings.iter().any(|standing| standing.addition == addition) {
            self.facts.standings.push(Standing::new(addition));
        }
        let standing =
            self.facts.standings.iter_mut().find(|standing| standing.addition == addition).expect("just made");
        let who = "cli:jane".to_owned();
        match (word, rest) {
            ("settled", [value]) => standing.settled = Some(q(value)),
            ("pushed", [value]) => standing.pushed = Some(q(value)),
            ("undone", [value, "run", run]) => {
                standing.undone.push(Undone { value: q(value), run: RunId(number(run)), who })
            }
            ("minimum", [value]) => standing.minimum = Some(Answered { value: q(value), who }),
            ("locked", [value, "until", until]) => {
                standing.locked = Some(Locked { value: q(value), until: until.parse().expect("a date"), who })
            }
            ("replaced", [value]) => standing.replaced = Some(q(value)),
            ("flips", [count]) => standing.flips = number(count),
            ("counted", []) => standing.flip_counted = true,
            ("open", []) => standing.open_intent = true,
            ("failed", [outcome, times, words @ ..]) => {
                let outcome = Outcome::parse(outcome).expect("an outcome");
                standing.failure = Some(Failure { outcome, words: words.join(" "), times: number(times) });
            }
            _ => panic!("no such command: {word} {rest:?}"),
        }
    }

    fn account_id(&self, name: &str) -> AccountId {
        self.facts
            .accounts
            .iter()
            .find(|account| account.name == name)
            .unwrap_or_else(|| panic!("no account {name}"))
            .id
    }

    fn account_id_or_new(&mut self, name: &str) -> AccountId {
        if !self.facts.accounts.iter().any(|account| account.name == name) {
            let id = AccountId(1 + len(&self.facts.accounts));
            self.facts.accounts.push(Account { id, name: name.to_owned(), external_id: None });
        }
        self.account_id(name)
    }

    fn product_id(&self, name: &str) -> ProductId {
        self.facts
            .products
            .iter()
            .find(|product| product.name == name)
            .unwrap_or_else(|| panic!("no product {name}"))
            .id
    }

    fn done(self) -> (Facts, Timestamp) {
        let unlisted = self.unlisted();
        let Reader { mut facts, mirror, now, not_live, other_rule, never_synced } = self;
        facts.unlisted = unlisted;
        facts.mirror = Some(mirror).filter(|_| !never_synced);
        let mut rules = plan::looked_at(&facts);
        for product in &facts.products {
            if not_live.contains(&product.name) {
                rules.remove(&product.id);
            } else if other_rule.contains(&product.name) {
                rules.insert(product.id, "another rule".to_owned());
            }
        }
        facts.live_rules = rules;
        (facts, now)
    }
}

fn put<T>(records: &mut Vec<T>, is_it: impl Fn(&T) -> bool, record: T) {
    records.retain(|known| !is_it(known));
    records.push(record);
}

fn len<T>(records: &[T]) -> i64 {
    i64::try_from(records.len()).expect("few records")
}

fn number(text: &str) -> i64 {
    text.parse().unwrap_or_else(|_| panic!("no number: {text}"))
}

/// `1d`, `3d+1s`, `5h`.
fn read_age(text: &str) -> SignedDuration {
    let part = |part: &str| {
        let (count, unit) = part.split_at(part.len() - 1);
        match unit {
            "d" => SignedDuration::from_hours(24 * number(count)),
            "h" => SignedDuration::from_hours(number(count)),
            "s" => SignedDuration::from_secs(number(count)),
            other => panic!("no such unit of time: {other}"),
        }
    };
    text.split('+').map(part).fold(SignedDuration::ZERO, |sum, part| sum + part)
}
