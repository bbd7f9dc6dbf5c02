//! Forty things that go wrong in a year: when, on which lines, under which code they must be named,
//! and how a person mends them.

use super::world::{
    ANTIVIRUS, ARCHIVE, BACKUP, BUSINESS, COLD, E5, HOT, Pair, SERVER, SOLD, WORKSTATION, World, at, day_of, item_id,
    product_id, thousandths,
};
use hive_core::issue::{Code, Issue, Severity};
use hive_core::plan::{Answered, GoneAnswer, Line, Locked};
use hive_core::settings::{At, Key};
use hive_core::unit::Unit;
use hive_core::usage::{Product, Sample};
use hive_core::{AccountId, AdditionId, Decimal, ProductId, Quantity};
use std::collections::BTreeSet;

/// How a delivery is spoiled.
pub(super) enum Bad {
    /// Nothing arrives.
    Silent,
    /// So many times, over so many.
    Times(i64, i64),
    Class(&'static str),
    /// Half a user too much.
    Fraction,
    Unit(&'static str),
    /// Another source reports too, and something else.
    Second(&'static str),
}

/// Spoils what arrives of some lines while its disaster lasts.
pub(super) struct Fault {
    disaster: usize,
    pub(super) lines: BTreeSet<Pair>,
    pub(super) bad: Bad,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A whole product's numbers are so many times too large (or too small).
    WrongUnit(usize, i64, i64),
    /// Every `.1`th account's rows of a product come twice and are added up.
    DoubledRows(usize, i64),
    DeadFeed(&'static str, i32),
    /// A second integration reports every `.1`th account too.
    SecondSource(usize, i64),
    /// A person types a deal: kept at least, kept until a date, or a mistake.
    Deal(usize, Answer),
    /// The successor begins before its predecessor ends.
    RenewalOverlap,
    /// The predecessor ended, and the successor begins in some weeks.
    RenewalGap,
    /// One wrong measurement, so many times the truth.
    Spike(usize, i64),
    /// One customer's agent loses most of what it measures.
    Loss(usize),
    Zero(usize),
    /// The customer left: truly nothing any more.
    Departed(usize),
    /// The vendor marks a paying customer as a trial.
    Class(usize),
    AdditionCancelled(usize),
    AgreementEnded,
    CompanyInactive,
    CompanyDeleted,
    ItemInactive(usize),
    Fraction(usize),
    UnitOfMeasure,
    SampleUnit(usize),
    Unreadable(usize),
    LessIncluded,
    NewProduct,
    NoCycle,
    /// Half of a source's customers are not in its batch.
    HalfFeed(&'static str),
    /// One customer is no longer in a complete batch: it left, or (`true`) the source forgot it.
    Gone(usize, bool),
    /// Somebody else writes the same addition, every night.
    OtherWriter(usize),
    /// Everything of a source is a quarter too large: too little for any line's limits.
    Scaled(&'static str),
}

/// What a person makes of a typed value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer {
    Overwrite,
    Minimum,
    Lock,
}

/// Undoes what went wrong, on a day.
type Mend = Box<dyn Fn(&mut World, i32)>;

pub(super) struct Disaster {
    pub(super) kind: Kind,
    pub(super) day: i32,
    pub(super) lines: BTreeSet<Pair>,
    codes: &'static [Code],
    /// The record: one of these stands in the issue's words or cause.
    pub(super) names: Vec<String>,
    /// Days that the mending takes.
    pub(super) takes: i32,
    pub(super) mend: Option<Mend>,
    pub(super) caught: Option<(i32, Code)>,
    pub(super) mended: Option<i32>,
    /// Days for which it may still be seen after that.
    pub(super) tail: i32,
}

impl Disaster {
    /// Whether this issue of this line names it.
    pub(super) fn is_named_by(&self, line: &Line, issue: &Issue) -> bool {
        let said = |name: &String| {
            issue.message.contains(name.as_str())
                || issue.cause.as_ref().is_some_and(|cause| cause.contains(name.as_str()))
        };
        self.touches(line)
            && issue.severity >= Severity::Hold
            && self.codes.contains(&issue.code)
            && self.names.iter().any(said)
    }

    pub(super) fn touches(&self, line: &Line) -> bool {
        self.lines.contains(&(line.id.account.0, super::world::place_of(line.id.product)))
    }

    /// Whether it, or what it left, may still be seen on a day.
    pub(super) fn lasts(&self, from: i32, through: i32) -> bool {
        self.day <= through && self.mended.is_none_or(|mended| mended + self.tail >= from)
    }
}

use Answer::{Lock, Minimum, Overwrite};
use Kind::*;

/// In the order in which they come, about nine days apart.
pub(super) const PLANTED: [Kind; 40] = [
    Deal(HOT, Overwrite),
    Spike(HOT, 9),
    WrongUnit(HOT, 1000, 1),
    Zero(BUSINESS),
    RenewalOverlap,
    Class(E5),
    SecondSource(BUSINESS, 6),
    Loss(HOT),
    Fraction(BUSINESS),
    DeadFeed("vault", 12),
    AdditionCancelled(WORKSTATION),
    Deal(BUSINESS, Minimum),
    DoubledRows(WORKSTATION, 1),
    UnitOfMeasure,
    AgreementEnded,
    Spike(BUSINESS, 4),
    WrongUnit(BACKUP, 1000, 1),
    Unreadable(SERVER),
    Departed(HOT),
    RenewalGap,
    LessIncluded,
    ItemInactive(SERVER),
    Zero(BACKUP),
    DeadFeed("graph", 20),
    CompanyInactive,
    Deal(COLD, Lock),
    WrongUnit(ARCHIVE, 1024, 1),
    SampleUnit(BUSINESS),
    DoubledRows(BUSINESS, 2),
    Loss(E5),
    Gone(WORKSTATION, false),
    NewProduct,
    HalfFeed("vault"),
    OtherWriter(SERVER),
    WrongUnit(COLD, 1, 1000),
    Gone(HOT, true),
    HalfFeed("rmm"),
    CompanyDeleted,
    Scaled("graph"),
    NoCycle,
];

impl World {
    /// Something goes wrong on a day. Lines that a disaster touched before are left alone.
    pub(super) fn strike(&mut self, nth: usize, day: i32, struck: &mut BTreeSet<i64>) -> Disaster {
        let kind = PLANTED[nth];
        let mut disaster = Disaster {
            kind,
            day,
            lines: BTreeSet::new(),
            codes: &[],
            names: Vec::new(),
            takes: 0,
            mend: None,
            caught: None,
            mended: None,
            tail: 6,
        };
        match kind {
            WrongUnit(place, ..) | DoubledRows(place, _) | SecondSource(place, _) => {
                self.whole_product(nth, place, &mut disaster)
            }
            DeadFeed(source, days) => {
                disaster.lines = self.meters.keys().filter(|pair| SOLD[pair.1].source == source).copied().collect();
                disaster.codes = &[Code::UsageStale, Code::UsageGaps];
                disaster.names = vec![format!("\"{source}\"")];
                disaster.takes = days;
                self.spoil(nth, &mut disaster, Bad::Silent);
            }
            Spike(place, _) | Loss(place) | Zero(place) | Class(place) | Fraction(place) | SampleUnit(place) => {
                self.one_line(nth, place, struck, &mut disaster);
            }
            HalfFeed(source) => {
                let of_source = |pair: &&Pair| SOLD[pair.1].source == source;
                disaster.lines = self.meters.keys().filter(of_source).copied().collect();
                disaster.codes = &[Code::UsageFeedPartial, Code::UsageGone];
                disaster.names = vec![format!("\"{source}\""), format!("{source}-")];
                disaster.takes = 2;
                self.spoil(nth, &mut disaster, Bad::Silent);
                let fault = self.faults.last_mut().expect("it");
                fault.lines.retain(|pair| pair.0 % 2 == 0);
            }
            Scaled(source) => {
                disaster.lines = self.meters.keys().filter(|pair| SOLD[pair.1].source == source).copied().collect();
                disaster.codes = &[Code::UpdateBrake];
                disaster.takes = 2;
                self.spoil(nth, &mut disaster, Bad::Times(124, 100));
            }
            Gone(place, comes_back) => {
                let pair = self.victim(place, struck, day, 30);
                disaster.lines = BTreeSet::from([pair]);
                disaster.codes = &[Code::UsageGone];
                disaster.names = vec![format!("Customer {:03}", pair.0)];
                self.spoil(nth, &mut disaster, Bad::Silent);
                if comes_back {
                    disaster.takes = 2;
                } else {
                    disaster.mend = Some(Box::new(move |world, _| world.says_left(pair)));
                }
            }
            NewProduct => self.new_product(&mut disaster),
            ItemInactive(place) => {
                disaster.lines = self.meters.keys().filter(|pair| pair.1 == place).copied().collect();
                disaster.codes = &[Code::ProductItemInactive];
                disaster.names = vec![format!("({})", item_id(place))];
                disaster.takes = 1;
                let set = move |world: &mut World, inactive| world.mirror.items[place].inactive = inactive;
                set(self, true);
                disaster.mend = Some(Box::new(move |world, _| set(world, false)));
            }
            _ => self.of_connectwise(day, struck, &mut disaster),
        }
        disaster
    }

    fn spoil(&mut self, nth: usize, disaster: &mut Disaster, bad: Bad) {
        self.faults.push(Fault { disaster: nth, lines: disaster.lines.clone(), bad });
        let lines = disaster.lines.clone();
        disaster.mend = Some(Box::new(move |world, day| {
            world.faults.retain(|fault| fault.disaster != nth);
            world.correct(&lines, day);
        }));
    }

    /// A corrected file arrives: what was delivered wrong is right, and everything is delivered again.
    fn correct(&mut self, lines: &BTreeSet<Pair>, day: i32) {
        for pair in lines {
            let sold = &SOLD[pair.1];
            let meter = self.meters.get_mut(pair).expect("a meter");
            for (sample, truth) in meter.samples.iter_mut().filter(|(sample, _)| sample.source == sold.source) {
                sample.quantity = thousandths(*truth);
                sample.class = String::new();
                sample.unit = Unit::parse(sold.unit).expect("a unit");
            }
        }
        let places: BTreeSet<usize> = lines.iter().map(|pair| pair.1).collect();
        for (listing, truths) in &mut self.listings {
            if places.contains(&super::world::place_of(listing.product)) {
                listing.quantities.iter_mut().zip(truths).for_each(|((_, quantity), truth)| *quantity = *truth);
            }
        }
        let sources: BTreeSet<&str> = places.iter().map(|place| SOLD[*place].source).collect();
        for source in sources {
            self.deliver_source(source, day);
        }
    }

    fn whole_product(&mut self, nth: usize, place: usize, disaster: &mut Disaster) {
        let every = if let DoubledRows(_, every) | SecondSource(_, every) = disaster.kind { every } else { 1 };
        let of_product = self.meters.keys().filter(|pair| pair.1 == place && pair.0 % every == 0);
        disaster.lines = of_product.copied().collect();
        disaster.names = vec![SOLD[place].name.to_owned(), format!("product {}", product_id(place))];
        disaster.codes = &[Code::UnitSuspect, Code::UsageSpike, Code::UsageFeedPartial];
        disaster.takes = 1;
        match disaster.kind {
            WrongUnit(_, up, down) => self.spoil(nth, disaster, Bad::Times(up, down)),
            DoubledRows(..) => self.spoil(nth, disaster, Bad::Times(2, 1)),
            _ => {
                disaster.codes = &[Code::UsageTwoSources];
                self.spoil(nth, disaster, Bad::Second("sheet"));
                // The person says which of them counts; the second one goes on.
                disaster.mend = Some(Box::new(move |world, _| {
                    let at = At { product: Some(product_id(place)), account: None };
                    world.settings.set(Key::Source, at, SOLD[place].source).expect("a setting");
                }));
            }
        }
    }

    fn one_line(&mut self, nth: usize, place: usize, struck: &mut BTreeSet<i64>, disaster: &mut Disaster) {
        // A limit of money holds only what is worth it.
        let pair = self.victim(place, struck, disaster.day, 110);
        disaster.lines = self.lines_of(pair);
        let addition = self.billed_on(pair.0, place, disaster.day).expect("one").id;
        disaster.names = vec![format!("Customer {:03}", pair.0), addition.to_string()];
        disaster.takes = 2;
        let (codes, bad): (&'static [Code], Bad) = match disaster.kind {
            Spike(_, times) => (&[Code::UsageSpike], Bad::Times(times, 1)),
            Loss(_) => (&[Code::UsageDrop], Bad::Times(1, 4)),
            Zero(_) => (&[Code::UsageZero, Code::UsageDrop], Bad::Times(0, 1)),
            Class(_) => (&[Code::UsageNotCounted], Bad::Class("trial")),
            Fraction(_) => (&[Code::QuantityFraction], Bad::Fraction),
            _ => (&[Code::UnitMismatch], Bad::Unit("GB")),
        };
        disaster.codes = codes;
        self.spoil(nth, disaster, bad);
    }

    /// Everything on one addition with a line.
    fn lines_of(&self, pair: Pair) -> BTreeSet<Pair> {
        let accounts = &self.accounts_of[&self.company_of(pair.0)];
        accounts.iter().map(|account| (*account, pair.1)).filter(|pair| self.meters.contains_key(pair)).collect()
    }

    /// A line of a product whose company nothing struck yet, billed monthly for at least so much.
    fn victim(&mut self, place: usize, struck: &mut BTreeSet<i64>, day: i32, worth: i64) -> Pair {
        let mut found = Vec::new();
        for (company, accounts) in self.accounts_of.clone() {
            let agreement = self.mirror.agreements.iter().rev().find(|found| found.company.0 == company);
            let monthly = agreement.is_some_and(|found| found.billing_cycle.as_deref() == Some("Monthly"));
            if accounts.len() > 1
                || struck.contains(&company)
                || !monthly
                || !self.meters.contains_key(&(company, place))
            {
                continue;
            }
            let Some(addition) = self.billed_on(company, place, (day - 30).max(0)) else { continue };
            let price = addition.unit_price.expect("a price").decimal();
            let money = addition.quantity.expect("a quantity").decimal() * price;
            if addition.rejected_on(day_of(day)).is_none() && money > Decimal::from(worth) {
                found.push(company);
            }
        }
        let company = self.chance.one_of(&found);
        struck.insert(company);
        (company, place)
    }

    fn new_product(&mut self, disaster: &mut Disaster) {
        let place = SOLD.len();
        self.products.push(Product {
            id: product_id(place),
            name: "Copilot".to_owned(),
            external_id: None,
            unit: Unit::parse("user").expect("a unit"),
        });
        let accounts: Vec<i64> = (1..160).filter(|account| account % 8 == 3).collect();
        disaster.lines = accounts.iter().map(|account| (*account, place)).collect();
        self.stray.extend(accounts.into_iter().map(|account| Sample {
            account: AccountId(account),
            product: product_id(place),
            source: "graph".to_owned(),
            quantity: Quantity::from(3),
            unit: Unit::parse("user").expect("a unit"),
            measured_at: at(disaster.day, 1),
            class: String::new(),
        }));
        disaster.codes = &[Code::ProductUnmapped];
        disaster.names = vec!["Copilot".to_owned()];
        // Not sold: a person says so.
        disaster.mend = Some(Box::new(move |world, _| {
            let link = world.product_links[0].clone();
            let target = hive_core::link::ProductTarget::Ignored;
            world.product_links.push(hive_core::link::ProductLink {
                product: ProductId(10),
                target,
                unit: None,
                ..link
            });
        }));
    }

    /// Something is wrong on ConnectWise's side.
    fn of_connectwise(&mut self, day: i32, struck: &mut BTreeSet<i64>, disaster: &mut Disaster) {
        let place = match disaster.kind {
            Deal(place, _) | Departed(place) | AdditionCancelled(place) | Unreadable(place) | OtherWriter(place) => {
                place
            }
            LessIncluded => ANTIVIRUS,
            _ => HOT,
        };
        let worth = if place == ANTIVIRUS { -1 } else { 20 };
        let pair = self.victim(place, struck, day, worth);
        let addition = self.billed_on(pair.0, place, day).expect("one").id;
        let agreement = self.addition_of(addition).agreement;
        disaster.names = vec![addition.to_string(), format!("Customer {:03}", pair.0)];
        disaster.lines = BTreeSet::from([pair]);
        let whole = matches!(
            disaster.kind,
            AgreementEnded | CompanyInactive | CompanyDeleted | RenewalOverlap | RenewalGap | NoCycle
        );
        if whole {
            disaster.lines = self.meters.keys().filter(|other| other.0 == pair.0).copied().collect();
        }
        super::mirror::strike(self, disaster, (pair, addition, agreement));
    }

    /// A person says that a customer left.
    fn says_left(&mut self, pair: Pair) {
        self.meters.get_mut(&pair).expect("a meter").left = true;
        let source = SOLD[pair.1].source.to_owned();
        let batch = self.batches.iter().rev().find(|batch| batch.complete && batch.source == source).expect("one").id;
        self.gone_answers.push(GoneAnswer {
            account: AccountId(pair.0),
            product: product_id(pair.1),
            source,
            seen: self.meters[&pair].seen.0,
            batch,
            answer: hive_core::plan::Gone::Left,
            who: "cli:clerk".to_owned(),
        });
    }

    /// A person answers an edit by hand.
    pub(super) fn answer(&mut self, addition: AdditionId, answer: Answer, day: i32) {
        let found = self.addition_of(addition).quantity.expect("a quantity");
        let who = "cli:clerk".to_owned();
        let standing = self.standing(addition);
        standing.settled = Some(found);
        (standing.flips, standing.flip_counted) = (0, true);
        match answer {
            Overwrite => {}
            Minimum => standing.minimum = Some(Answered { value: found, who }),
            Lock => standing.locked = Some(Locked { value: found, until: day_of(day + 60), who }),
        }
    }
}

impl Disaster {
    pub(super) fn codes_have_gaps(&self) -> bool {
        self.codes.contains(&Code::UsageGaps)
    }

    pub(super) fn named(&mut self, codes: &'static [Code], takes: i32, mend: Mend) {
        (self.codes, self.takes, self.mend) = (codes, takes, Some(mend));
    }
}

/// Days between two disasters.
pub(super) const APART: i32 = 8;
