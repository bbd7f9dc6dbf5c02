//! Quotas as a person asks for them, their history, and the MSP's own account.
//!
//! **Owns:** the verbs and their words, the same for the command line and the console.
//! **Does not own:** the rule (`hive_core::quota`), the record of a change (store).

use crate::look::Look;
use crate::{By, Desk, Refused, Said};
use hive_core::plan::{ThirtyDays, thirty_days};
use hive_core::quota::ask;
use hive_core::settings::{At, Key};
use hive_core::unit::{Storage, Unit};
use hive_core::usage::Sample;
use hive_core::{AccountId, Date, ProductId, Quantity, TimeZone};
use hive_store::QuotaChange;
use jiff::ToSpan;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The name of the MSP's own account where it has none yet: the article's word.
pub const OWN_ACCOUNT: &str = "(My Account)";
/// Account's storage products whose 30 days are worked out for one page. More would be a second's work and
/// some hundred megabytes.
const AVERAGED_MAX: usize = 2_000;

/// How far back a chart of usage and quota looks.
const CHART_DAYS: i64 = 90;
/// Samples that one chart is made of: more than one an hour for a month.
const SAMPLES_MAX: i64 = 3_000;
/// Changes of a quota that are listed.
const CHANGES_MAX: i64 = 50;

/// What an account used of a storage product lately, and what its quota was.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// Its 30-day average and peak, in the unit of its newest sample.
    pub thirty: Option<ThirtyDays>,
    /// In GB at the end of each day, carried over gaps, from its first sample of the last 90 days through today.
    pub usage_gb: Vec<(Date, Quantity)>,
    /// The quota in GB at the end of each of these days.
    pub quota_gb: Vec<(Date, Option<Quantity>)>,
    /// How the quota changed, the newest first.
    pub changes: Vec<QuotaChange>,
}

/// The 30-day averages of every account's storage.
pub type Averages = BTreeMap<(AccountId, ProductId), ThirtyDays>;

impl Desk {
    /// Sets how much an account may use of a storage product; `None` takes the quota away. What is asked for
    /// is rounded up to the ladder, and refused below what is used now.
    pub async fn set_quota(
        &self,
        by: &By,
        account: AccountId,
        product: ProductId,
        size: Option<(Quantity, Storage)>,
        hard: bool,
    ) -> Result<Said, Refused> {
        let (account, product) = (self.account_of(&by.msp, account).await?, self.product_of(&by.msp, product).await?);
        if !product.is_storage() {
            return Err(Refused::Stopped(format!(
                "{} is counted in {}: only storage has a quota",
                product.name, product.unit
            )));
        }
        let (msp, name) = (by.msp.id, format!("{} x {}", account.name, product.name));
        let Some((size, unit)) = size else {
            self.store.set_quota(msp, account.id, product.id, None, &by.who, by.at).await?;
            return Ok(Said(format!("{name} has no quota now.")));
        };
        let asked_gb = unit.convert(size, Storage::GB).ok_or_else(|| {
            Refused::WrongUsage(format!("{size} {} in GB is more than 18 digits can hold", unit.name()))
        })?;
        let ladder = self.store.settings(msp).await?.ladder(product.id);
        let used = self.store.usage_in_force(msp, account.id, product.id).await?;
        let used_gb = used.and_then(|sample| sample.unit.storage()?.convert(sample.quantity, Storage::GB));
        let granted = ask(asked_gb, ladder.as_ref(), used_gb)
            .map_err(|why| Refused::Stopped(format!("{name} keeps its quota as it is: {why}")))?;
        self.store.set_quota(msp, account.id, product.id, Some((granted, Storage::GB, hard)), &by.who, by.at).await?;
        let asked = format!("{size} {}", unit.name());
        let rounded = if granted == asked_gb { String::new() } else { format!(": {asked} is rounded up to it") };
        let kind = if hard { "hard quota" } else { "quota" };
        Ok(Said(format!("{name} has a {kind} of {granted} GB{rounded}.")))
    }

    /// Says which account is the MSP's own: its usage is nobody's bill, and its quotas are the MSP's. `None`:
    /// a new account of that name, or the one that has it already.
    pub async fn set_own(&self, by: &By, account: Option<AccountId>) -> Result<(AccountId, Said), Refused> {
        let accounts = self.store.accounts(by.msp.id).await?;
        let named = || accounts.iter().find(|account| account.name == OWN_ACCOUNT).map(|account| account.id);
        let account = match account.or_else(named) {
            Some(id) => self.account_of(&by.msp, id).await?.id,
            None => self.store.add_account(by.msp.id, OWN_ACCOUNT, &by.who, by.at).await?,
        };
        let settings = self.store.settings(by.msp.id).await?;
        let at = |account| At { product: None, account: Some(account) };
        let before = settings.entries().filter(|(key, place, _)| *key == Key::Own && *place != at(account));
        let mut changes: Vec<_> = before.map(|(key, place, _)| (key, place, String::new())).collect();
        changes.push((Key::Own, at(account), "true".to_owned()));
        self.set_settings(by, &changes).await?;
        let name = self.account_of(&by.msp, account).await?.name;
        let words = if name == OWN_ACCOUNT {
            format!("{OWN_ACCOUNT} is the own account of {} now.", by.msp.name)
        } else {
            format!("{name} is {OWN_ACCOUNT} of {} now: its usage is billed to nobody.", by.msp.name)
        };
        Ok((account, Said(words)))
    }

    /// The 30-day averages of every account's storage; `None` where there are too many to work out for a page.
    /// Worked out once a look.
    pub async fn averages(&self, look: &Arc<Look>) -> Result<Option<Arc<Averages>>, Refused> {
        let made = look.averages_cell().get_or_try_init(|| self.make_averages(look)).await?;
        Ok(made.clone())
    }

    /// What an account used of a storage product lately, and what its quota was.
    pub async fn past(&self, look: &Look, account: AccountId, product: ProductId) -> Result<Past, Refused> {
        let (store, msp, today) = (&self.store, look.msp.id, look.plan.today);
        let changes = store.quota_changes(msp, account, product, CHANGES_MAX).await?;
        let Some(newest) = look.sample_in_force(account, product).filter(|sample| sample.unit.storage().is_some())
        else {
            return Ok(Past { changes, ..Past::default() });
        };
        let zone = look.facts.settings.time_zone();
        let classes = look.facts.settings.classes(At { product: Some(product), account: Some(account) });
        let since = look.at.checked_sub(jiff::SignedDuration::from_hours(CHART_DAYS * 24));
        let samples = store.samples(msp, account, product, since.unwrap_or(look.at), SAMPLES_MAX).await?;
        let usage_gb = daily_gb(&samples, newest, today, &zone);
        let now_gb = look.line_item_of(account, product).and_then(|item| item.quota_gb());
        let quota_gb = quota_by_day(&changes, now_gb, usage_gb.iter().map(|(date, _)| *date), &zone);
        Ok(Past { thirty: thirty_days(&samples, newest, today, &zone, &classes), usage_gb, quota_gb, changes })
    }

    async fn make_averages(&self, look: &Arc<Look>) -> Result<Option<Arc<Averages>>, Refused> {
        let storage = |id: ProductId| look.product(id).is_some_and(hive_core::usage::Product::is_storage);
        if look.facts.samples.iter().filter(|sample| storage(sample.product)).count() > AVERAGED_MAX {
            return Ok(None);
        }
        let mut settings = look.facts.settings.clone();
        for product in look.facts.products.iter().filter(|product| product.is_storage()) {
            let at = At { product: Some(product.id), account: None };
            settings.set(Key::Basis, at, "average_30d").map_err(Refused::Broken)?;
        }
        let history = self.store.history_under(&look.facts, &settings).await?;
        let mut averages = Averages::new();
        // In the order of their pairs, as the store gives them.
        for of_pair in history.chunk_by(|a, b| (a.account, a.product) == (b.account, b.product)) {
            let Some(pair) = of_pair.first().map(|sample| (sample.account, sample.product)) else { continue };
            if !storage(pair.1) {
                continue;
            }
            let Some(newest) = look.sample_in_force(pair.0, pair.1) else { continue };
            let classes = settings.classes(At { product: Some(pair.1), account: Some(pair.0) });
            let days = thirty_days(of_pair, newest, look.plan.today, &settings.time_zone(), &classes);
            averages.extend(days.map(|days| (pair, days)));
        }
        Ok(Some(Arc::new(averages)))
    }
}

impl Look {
    /// What a request for a quota would become, or why it would be refused.
    pub fn quota_asked(
        &self,
        account: AccountId,
        product: ProductId,
        size: Quantity,
        unit: Storage,
    ) -> Result<Quantity, String> {
        let item = self.line_item_of(account, product).ok_or("there is no such product")?;
        let asked_gb = unit.convert(size, Storage::GB).ok_or("that is more than 18 digits can hold")?;
        ask(asked_gb, item.ladder.as_ref(), item.usage_gb())
    }
}

/// The last value of each day of the source in force, in GB, carried over the days without one.
fn daily_gb(newest_first: &[Sample], newest: &Sample, today: Date, zone: &TimeZone) -> Vec<(Date, Quantity)> {
    let mut of_day: BTreeMap<Date, Quantity> = BTreeMap::new();
    for sample in newest_first.iter().filter(|sample| sample.source == newest.source) {
        let gb = sample.unit.storage().and_then(|unit| unit.convert(sample.quantity, Storage::GB));
        let date = sample.measured_at.to_zoned(zone.clone()).date().min(today);
        if let Some(gb) = gb {
            of_day.entry(date).or_insert(gb);
        }
    }
    let Some((first, _)) = of_day.first_key_value() else { return Vec::new() };
    let (mut date, mut last, mut days) = (*first, Quantity::ZERO, Vec::new());
    while date <= today {
        last = of_day.get(&date).copied().unwrap_or(last);
        days.push((date, last));
        date = date.saturating_add(1.days());
    }
    days
}

/// The quota at the end of each of these dates, in GB: what its changes say, and before the first of them
/// what that one replaced. Dates without a quota have none.
fn quota_by_day(
    newest_first: &[QuotaChange],
    now_gb: Option<Quantity>,
    dates: impl Iterator<Item = Date>,
    zone: &TimeZone,
) -> Vec<(Date, Option<Quantity>)> {
    let at_end = |date: Date| {
        let end = date.saturating_add(1.days()).to_zoned(zone.clone()).ok()?.timestamp();
        let last = newest_first.iter().find(|change| change.at < end);
        match (last, newest_first.last()) {
            (Some(change), _) => change.after.as_deref().and_then(size_gb),
            (None, Some(first)) => first.before.as_deref().and_then(size_gb),
            (None, None) => now_gb,
        }
    };
    dates.map(|date| (date, at_end(date))).collect()
}

/// The size of a quota as its record tells it ("750 GB hard"), in GB.
fn size_gb(words: &str) -> Option<Quantity> {
    let mut words = words.split_whitespace();
    let size = Quantity::parse_plain(words.next()?).ok()?;
    Unit::parse(words.next()?)?.storage()?.convert(size, Storage::GB)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_stands_from_its_change_to_the_next() {
        let change = |at: &str, before: Option<&str>, after: Option<&str>| QuotaChange {
            at: at.parse().unwrap(),
            who: "user:ann".to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
            reason: String::new(),
        };
        let changes = [
            change("2026-11-22T10:00:00Z", Some("1 TB hard"), None),
            change("2026-11-20T23:30:00Z", Some("250 GB"), Some("1 TB hard")),
        ];
        let days = |zone: &str| -> Vec<Option<String>> {
            let dates = [19, 20, 21, 22].map(|day| Date::constant(2026, 11, day));
            let zone = TimeZone::get(zone).unwrap();
            let all = quota_by_day(&changes, None, dates.into_iter(), &zone);
            all.into_iter().map(|(_, size)| size.map(|size| size.to_string())).collect()
        };
        let said = |sizes: [Option<&str>; 4]| sizes.map(|size| size.map(str::to_owned)).to_vec();
        assert_eq!(days("UTC"), said([Some("250"), Some("1000"), Some("1000"), None]));
        assert_eq!(days("Australia/Melbourne"), said([Some("250"), Some("250"), Some("1000"), None]));
    }
}
