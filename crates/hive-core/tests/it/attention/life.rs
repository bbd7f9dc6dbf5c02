//! What happens on any day: usage grows and is delivered, customers come, agreements renew, invoices are made.

use super::disasters::Bad;
use super::world::{BACKUP, BEFORE, FILE_DAYS, Pair, SOLD, World, at, day_of, is_storage, product_id, thousandths};
use hive_core::mirror::Agreement;
use hive_core::plan::{Batch, Listing, RHYTHM_BATCHES, judge_feed};
use hive_core::unit::Unit;
use hive_core::usage::Sample;
use hive_core::{AccountId, AdditionId, Date, Quantity};
use jiff::{ToSpan, civil::date};
use std::collections::BTreeMap;

/// Usage is kept in millionths.
pub(super) const MILLION: i64 = 1_000_000;
/// What an average may look back on.
const KEPT_DAYS: i64 = 45;

impl World {
    /// The days before the first plan; then the additions are made about as they should be.
    pub(super) fn begin(&mut self) {
        for day in -BEFORE..0 {
            self.usage_moves(day);
            self.deliver(day);
        }
        for company in self.accounts_of.keys().copied().collect::<Vec<_>>() {
            self.make_additions(company, 0);
        }
        self.invoices(0);
    }

    pub(super) fn live(&mut self, day: i32) {
        let (come, coming) = std::mem::take(&mut self.coming).into_iter().partition(|(from, ..)| *from <= day);
        self.coming = coming;
        for (_, account, products) in come as Vec<(i32, i64, Vec<usize>)> {
            self.customer(account, account, &products, day);
            // What is wrong with a whole feed is wrong for a new customer too.
            for fault in self.faults.iter_mut().filter(|fault| fault.lines.len() > 100) {
                let known: Vec<usize> = fault.lines.iter().map(|pair| pair.1).collect();
                fault
                    .lines
                    .extend(products.iter().filter(|place| known.contains(place)).map(|place| (account, *place)));
            }
            for pair in products.iter().map(|place| (account, *place)) {
                if self.deliver_one(pair, day).is_none() {
                    // What was sold is what the customer needs, whatever its feed says.
                    let truth = self.truth_of(pair);
                    self.meters.get_mut(&pair).expect("a meter").said.push((day, truth));
                }
            }
        }
        self.usage_moves(day);
        self.deliver(day);
        if let Some((addition, value)) = self.writer {
            let addition = self.addition_of(addition);
            (addition.quantity, addition.updated_by) = (Some(value), Some("script".to_owned()));
        }
        let new: Vec<i64> = self.accounts_of.keys().copied().filter(|company| self.has_no_addition(*company)).collect();
        for company in new {
            self.make_additions(company, day);
        }
        // Two or three agreements a month end, and their successors begin.
        if day % 13 == 4 {
            let company = self.chance.between(1, 160);
            self.renew(company, day);
        }
        self.invoices(day);
    }

    fn has_no_addition(&self, company: i64) -> bool {
        let of_company = |agreement: &&Agreement| agreement.company.0 == company;
        let agreements: Vec<_> = self.mirror.agreements.iter().filter(of_company).map(|found| found.id).collect();
        !self.mirror.additions.iter().any(|addition| agreements.contains(&addition.agreement))
    }

    /// One addition for each product of a company, at what was sold: mostly what is used.
    fn make_additions(&mut self, company: i64, day: i32) {
        let agreement = self.mirror.agreements.iter().rev().find(|found| found.company.0 == company).expect("one").id;
        let accounts = self.accounts_of[&company].clone();
        for place in 0..SOLD.len() {
            if accounts.iter().any(|account| self.meters.contains_key(&(*account, place))) {
                let wanted = self.wanted(AdditionId(0), company, place, day);
                let id = self.addition(agreement, place, wanted, day);
                if day > 0 && self.chance.happens(30_000) {
                    // The clerk typed the offer's round number.
                    let offer = (wanted.decimal() * hive_core::Decimal::new(12, 1)).ceil();
                    self.addition_of(id).quantity = Some(hive_core::Quantity::new(offer));
                }
            }
        }
    }

    /// Every meter's next day.
    fn usage_moves(&mut self, day: i32) {
        let World { chance, meters, .. } = self;
        for ((_, place), meter) in meters.iter_mut().filter(|(_, meter)| meter.base > 0) {
            if is_storage(*place) {
                let noise = chance.between(-40, 40) * 100;
                meter.base += meter.base * (meter.growth * 1000 / 30 + noise) / MILLION;
                if meter.spike.is_some_and(|(until, _)| until < day) {
                    meter.spike = None;
                }
                // A merge needs room for some days.
                if meter.spike.is_none() && chance.happens(150) {
                    let much = if chance.happens(15_000) { 90 } else { 35 };
                    let until = day + i32::try_from(chance.between(0, 3)).expect("few");
                    meter.spike = Some((until, 100 + chance.between(5, much)));
                }
            } else if chance.happens(1_200) {
                let step = chance.one_of(&[1, 1, 1, 2, -1, -1, -2]);
                let step = if step == 2 && chance.happens(3_000) { 15 } else { step };
                let least = if *place == super::world::ANTIVIRUS { 4 } else { 1 };
                meter.base = (meter.base + step * MILLION).max(least * MILLION);
            }
        }
    }

    /// What of today's usage arrives, right or wrong.
    pub(super) fn deliver(&mut self, day: i32) {
        for source in ["vault", "graph", "rmm"] {
            if source != "rmm" || day.rem_euclid(FILE_DAYS) == 0 {
                self.deliver_source(source, day);
            }
        }
    }

    /// One batch: everyone, or for the source that tells one customer after another whoever is due.
    pub(super) fn deliver_source(&mut self, source: &'static str, day: i32) {
        let id = self.batches.last().map_or(1, |last| last.id + 1);
        let one_by_one = (source == "graph").then(|| day_of(day));
        let mut said: BTreeMap<usize, Vec<(AccountId, Quantity, Quantity)>> = BTreeMap::new();
        for pair in self.meters.keys().copied().filter(|pair| SOLD[pair.1].source == source).collect::<Vec<Pair>>() {
            let due = source != "graph" || (i64::from(day) + pair.0).rem_euclid(2) == 0;
            let listed = if due { self.deliver_one(pair, day) } else { None };
            if let Some((quantity, truth)) = listed {
                said.entry(pair.1).or_default().push((AccountId(pair.0), quantity, truth));
                self.meters.get_mut(&pair).expect("a meter").seen = (id, Some(at(day, 1)));
            }
        }
        if said.is_empty() {
            return;
        }
        let batch =
            Batch { source: source.to_owned(), id, at: at(day, 1), complete: source != "graph", day: one_by_one };
        self.batches.push(batch);
        let of_source = |batch: &&Batch| batch.source == source;
        if self.batches.iter().filter(of_source).count() > RHYTHM_BATCHES + 1 {
            let oldest = self.batches.iter().position(|batch| batch.source == source).expect("one");
            self.batches.remove(oldest);
        }
        for (place, rows) in said {
            let listing = Listing {
                source: source.to_owned(),
                product: product_id(place),
                batch: id,
                at: at(day, 1),
                day: one_by_one,
                accepted: false,
                quantities: rows.iter().map(|(account, quantity, _)| (*account, *quantity)).collect(),
            };
            self.listings.push((listing, rows.into_iter().map(|(_, _, truth)| truth).collect()));
            self.forget(place, day);
        }
    }

    /// What is kept of a product's listings: the last good one, and those after it.
    fn forget(&mut self, place: usize, day: i32) {
        let of_product = |listing: &Listing| listing.product == product_id(place);
        let listings: Vec<&Listing> =
            self.listings.iter().map(|(listing, _)| listing).filter(|l| of_product(l)).collect();
        // A day that is over accuses like any other.
        let judged = judge_feed(&listings, &self.settings, day_of(day));
        let Some(good) = judged.map(|judged| judged.good.batch) else { return };
        self.listings.retain(|(listing, _)| !of_product(listing) || listing.batch >= good);
    }

    /// What is said of a line today, and what is true.
    pub(super) fn deliver_one(&mut self, pair: Pair, day: i32) -> Option<(Quantity, Quantity)> {
        let truth = self.truth_of(pair);
        let sold = &SOLD[pair.1];
        let mut sample = Sample {
            account: AccountId(pair.0),
            product: product_id(pair.1),
            source: sold.source.to_owned(),
            quantity: thousandths(truth),
            unit: Unit::parse(sold.unit).expect("a unit"),
            measured_at: at(day, 1),
            class: String::new(),
        };
        let mut second = None;
        for fault in self.faults.iter().filter(|fault| fault.lines.contains(&pair)) {
            match &fault.bad {
                Bad::Silent => return None,
                Bad::Times(up, down) => {
                    let times = truth * up / down;
                    // There is no half user.
                    sample.quantity = thousandths(if is_storage(pair.1) { times } else { times / 1000 * 1000 });
                }
                Bad::Class(class) => sample.class = (*class).to_owned(),
                Bad::Fraction => sample.quantity = thousandths(truth + 500),
                Bad::Unit(unit) => sample.unit = Unit::parse(unit).expect("a unit"),
                Bad::Second(source) => {
                    let quantity = thousandths(truth * 13 / 10_000 * 1000 + 1000);
                    second = Some(Sample {
                        source: (*source).to_owned(),
                        quantity,
                        measured_at: at(day, 2),
                        ..sample.clone()
                    });
                }
            }
        }
        let said = (sample.quantity, thousandths(truth));
        let meter = self.meters.get_mut(&pair).expect("a meter");
        if meter.left {
            return None;
        }
        if meter.samples.is_empty() {
            // So far there was only what was sold.
            meter.said.clear();
        }
        meter.said.push((day, truth));
        let sources: Vec<String> =
            second.iter().map(|second| second.source.clone()).chain([sample.source.clone()]).collect();
        if pair.1 == BACKUP {
            let oldest = at(day, 0) - jiff::SignedDuration::from_hours(24 * KEPT_DAYS);
            // And the newest before those.
            let before = meter.samples.iter().rposition(|(kept, _)| kept.measured_at < oldest).unwrap_or(0);
            meter.samples.drain(..before);
        } else {
            meter.samples.retain(|(kept, _)| !sources.contains(&kept.source));
        }
        meter.samples.push((sample, truth));
        meter.samples.extend(second.map(|second| (second, truth)));
        Some(said)
    }

    /// Thousandths of what is truly used now.
    fn truth_of(&self, pair: Pair) -> i64 {
        let meter = &self.meters[&pair];
        let now = meter.base * meter.spike.map_or(100, |(_, percent)| percent) / 100;
        // Storage is told to a tenth of a GB, things are whole.
        let fine = if is_storage(pair.1) { MILLION / 10 } else { MILLION };
        (now + fine / 2) / fine * fine / 1000
    }

    /// The addition ends today's eve and its successor begins today, on the same agreement or a new one.
    pub(super) fn renew(&mut self, company: i64, day: i32) {
        let Some(agreement) = self.mirror.agreements.iter().rev().find(|found| found.company.0 == company).cloned()
        else {
            return;
        };
        let ongoing: Vec<_> = self
            .mirror
            .additions
            .iter()
            .filter(|addition| addition.agreement == agreement.id && addition.rejected_on(day_of(day)).is_none())
            .cloned()
            .collect();
        if ongoing.is_empty() || agreement.rejected_on(day_of(day)).is_some() {
            return;
        }
        let on = if self.chance.happens(50_000) {
            let cycle = agreement.billing_cycle.clone().unwrap_or_default();
            self.agreement(company, &cycle, day)
        } else {
            agreement.id
        };
        for old in ongoing {
            self.addition_of(old.id).cancelled = Some(day_of(day - 1));
            let id = AdditionId(self.next_addition);
            self.next_addition += 1;
            let effective = Some(day_of(day));
            self.mirror.additions.push(hive_core::mirror::Addition { id, agreement: on, effective, ..old });
        }
        if on != agreement.id {
            let old = self.mirror.agreements.iter_mut().find(|found| found.id == agreement.id).expect("it");
            (old.end, old.no_ending_date) = (Some(day_of(day - 1)), false);
        }
    }

    /// The next invoice of every agreement.
    fn invoices(&mut self, day: i32) {
        let today = day_of(day);
        for agreement in &mut self.mirror.agreements {
            if agreement.next_invoice.is_none_or(|next| next <= today) {
                agreement.next_invoice = Some(next_invoice(agreement, today));
            }
        }
    }
}

/// The first of the next month, quarter or, for a year, of a month of its own.
fn next_invoice(agreement: &Agreement, today: Date) -> Date {
    let mut next = today.first_of_month() + 1.month();
    match agreement.billing_cycle.as_deref() {
        Some("Quarterly") => {
            while next.month() % 3 != 1 {
                next += 1.month();
            }
            next
        }
        Some("Yearly") => {
            let month = i8::try_from(agreement.company.0 % 12).expect("a month") + 1;
            let this = date(today.year(), month, 1);
            if this > today { this } else { this + 1.year() }
        }
        _ => next,
    }
}
