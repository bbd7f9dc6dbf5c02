//! Undo: what of a run still stands, and what taking it back would write.
//!
//! **Owns:** that only what still stands is taken back; the words where nothing is left; what it moves a month.
//! **Does not own:** the writing (the binary), what was taken back (the store).

use crate::money::{Sums, add};
use crate::{Desk, Refused};
use hive_core::allow::Done;
use hive_core::mirror::{Addition, Agreement};
use hive_core::plan::worth_month;
use hive_core::when::moment;
use hive_core::{AccountId, AdditionId, AgreementId, LineId, Money, ProductId, RunId, TimeZone};
use hive_store::{Msp, Undone};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What an undo would write.
#[derive(Clone, Debug, Default)]
pub struct WouldUndo {
    /// Each addition, by id.
    pub additions: Vec<WouldRestore>,
    /// What it moves a month, up and down, by currency.
    pub up: Sums,
    /// See `up`.
    pub down: Sums,
    /// Additions whose money is not known.
    pub unpriced: usize,
}

/// One addition that an undo would restore.
#[derive(Clone, Debug)]
pub struct WouldRestore {
    /// What was written, turned round.
    pub done: Done,
    /// The customers whose usage makes it.
    pub accounts: Vec<String>,
    /// The products that make it.
    pub products: Vec<String>,
    /// What restoring it moves a month.
    pub money_month: Option<Money>,
    /// The agreement's.
    pub currency: Option<String>,
}

/// "undone by run 7 (jo, 23 Nov 2026, 21:00 AEDT)", or how much of it was.
pub fn undone_words(undone: &Undone, zone: &TimeZone) -> String {
    let Undone { wrote, taken_back, by, who, at } = undone;
    let by = format!("by run {by} ({}, {})", crate::words::who(who), moment(*at, zone));
    if undone.whole() {
        format!("undone {by}")
    } else {
        format!("partly undone {by}: {taken_back} of the {wrote} additions that it wrote")
    }
}

impl Desk {
    /// What a run wrote that no undo took back; refused in words where nothing of it stands.
    pub async fn still_stands(&self, msp: &Msp, run: RunId) -> Result<Vec<Done>, Refused> {
        let Some(row) = self.store.run(msp.id, run).await? else {
            let words = format!("{} has no run {run}; hive runs \"{}\" lists them", msp.name, msp.name);
            return Err(Refused::NotFound(words));
        };
        let done = self.store.done(msp.id, run).await?;
        // What was created stays, and an undo says so.
        let created = row.undone.is_none() && !self.store.created(msp.id, run).await?.is_empty();
        if !done.is_empty() || created {
            return Ok(done);
        }
        Err(Refused::Stopped(match row.undone.filter(Undone::whole) {
            Some(undone) => {
                let zone = self.store.settings(msp.id).await?.time_zone();
                let words = undone_words(&undone, &zone);
                format!("run {run} of {} is {words} already: nothing of it is left to undo", msp.name)
            }
            None => format!(
                "run {run} of {} wrote nothing that can be undone; hive runs \"{}\" lists the runs",
                msp.name, msp.name
            ),
        }))
    }

    /// What an undo of a run would write, with whom it touches and what it moves a month.
    pub async fn would_undo(&self, msp: &Msp, run: RunId) -> Result<WouldUndo, Refused> {
        let done = self.still_stands(msp, run).await?;
        let (accounts, products) = (self.store.accounts(msp.id).await?, self.store.products(msp.id).await?);
        let accounts = accounts.into_iter().map(|account| (account.id, account.name)).collect();
        let products = products.into_iter().map(|product| (product.id, product.name)).collect();
        let mirror = self.store.mirror(msp.id).await?;
        let mirror = mirror.as_ref();
        let known = Known {
            accounts,
            products,
            additions: mirror.into_iter().flat_map(|mirror| &mirror.additions).map(|one| (one.id, one)).collect(),
            agreements: mirror.into_iter().flat_map(|mirror| &mirror.agreements).map(|one| (one.id, one)).collect(),
        };
        let mut would = WouldUndo::default();
        for done in done {
            let one = known.restores(done);
            match one.money_month {
                Some(month) if month < Money::ZERO => add(&mut would.down, currency(&one), month),
                Some(month) if month > Money::ZERO => add(&mut would.up, currency(&one), month),
                Some(_) => {}
                None => would.unpriced += 1,
            }
            would.additions.push(one);
        }
        Ok(would)
    }
}

fn currency(one: &WouldRestore) -> &str {
    one.currency.as_deref().unwrap_or_default()
}

/// Names and prices.
struct Known<'a> {
    accounts: BTreeMap<AccountId, String>,
    products: BTreeMap<ProductId, String>,
    additions: HashMap<AdditionId, &'a Addition>,
    agreements: HashMap<AgreementId, &'a Agreement>,
}

impl Known<'_> {
    fn restores(&self, done: Done) -> WouldRestore {
        let of = |name: fn(&Self, &LineId) -> Option<String>| -> Vec<String> {
            let names: BTreeSet<String> = done.lines.iter().filter_map(|line| name(self, line)).collect();
            names.into_iter().collect()
        };
        let accounts = of(|known, line| known.accounts.get(&line.account).cloned());
        let products = of(|known, line| known.products.get(&line.product).cloned());
        let agreement = self.agreements.get(&done.agreement).copied();
        let month = self.additions.get(&done.addition).zip(agreement).and_then(|(addition, agreement)| {
            let after = worth_month(agreement, addition, done.found)?;
            let before = worth_month(agreement, addition, done.wrote)?;
            after.decimal().checked_sub(before.decimal()).map(Money::new)
        });
        let currency = agreement.and_then(|agreement| agreement.currency.clone());
        WouldRestore { done, accounts, products, money_month: month, currency }
    }
}
