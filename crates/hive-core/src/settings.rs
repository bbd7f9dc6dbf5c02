//! Settings of an MSP, overridden per product and per account where that makes sense.
//!
//! A setting is kept as its text; [`Key::check`] is the only judge of what a text may say, and the
//! typed readers below are the only ones who read it back.

use crate::ids::{AccountId, ProductId};
use crate::ladder::Ladder;
use crate::quantity::Quantity;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

mod key;
mod own;
mod rule;

pub use key::{Key, Scope};
pub use own::{Classes, StepItems};
pub use rule::{AgreementChoice, AgreementRule, Rounding};

/// Usage as measured, or the bracket of the quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Actual,
    QuotaBracket,
}

/// Which number of a source's samples counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// The newest sample.
    Latest,
    /// The average of the 30 dates ending today.
    Average30d,
    /// The largest of them.
    Peak30d,
    /// The average of the dates since the agreement's present billing period began.
    AveragePeriod,
    /// The largest of them.
    PeakPeriod,
}

impl Basis {
    /// As a sentence names it.
    pub fn words(self) -> &'static str {
        match self {
            Basis::Latest => "latest sample",
            Basis::Average30d => "average of 30 days",
            Basis::Peak30d => "peak of 30 days",
            Basis::AveragePeriod => "average of the billing period",
            Basis::PeakPeriod => "peak of the billing period",
        }
    }

    /// Whether it is the average of its dates.
    pub fn is_average(self) -> bool {
        matches!(self, Basis::Average30d | Basis::AveragePeriod)
    }

    /// Whether its dates are those of the agreement's own billing period.
    pub fn is_of_the_period(self) -> bool {
        matches!(self, Basis::AveragePeriod | Basis::PeakPeriod)
    }

    fn read(text: &str) -> Basis {
        match text {
            "average_30d" => Basis::Average30d,
            "peak_30d" => Basis::Peak30d,
            "average_period" => Basis::AveragePeriod,
            "peak_period" => Basis::PeakPeriod,
            _ => Basis::Latest,
        }
    }
}

/// When Updates run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Updates {
    /// By schedule and by hand.
    Automatic,
    /// By hand only.
    Manual,
    /// Never: read-only.
    Off,
}

/// The day an addition must be ongoing on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetDate {
    Today,
    NextInvoice,
}

/// Where a setting applies: the MSP, one product, one account, or one account's product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At {
    pub product: Option<ProductId>,
    pub account: Option<AccountId>,
}

/// Everything an MSP has set; what is not set has its default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    values: BTreeMap<(Key, At), String>,
}

impl Settings {
    /// Sets one value, checked and in its one spelling. An empty text takes the setting back.
    pub fn set(&mut self, key: Key, at: At, text: &str) -> Result<(), String> {
        key.allowed_at(at)?;
        if text.is_empty() {
            self.values.remove(&(key, at));
        } else {
            self.values.insert((key, at), key.check(text)?);
        }
        Ok(())
    }

    /// What was set, and where, in a fixed order.
    pub fn entries(&self) -> impl Iterator<Item = (Key, At, &str)> {
        self.values.iter().map(|((key, at), text)| (*key, *at, text.as_str()))
    }

    /// The text in force: the account's product, then the account, the product, the MSP, the default.
    pub fn text(&self, key: Key, at: At) -> &str {
        let places =
            [at, At { product: None, account: at.account }, At { product: at.product, account: None }, At::default()];
        places.iter().find_map(|place| self.values.get(&(key, *place))).map_or(key.default(), String::as_str)
    }

    fn of_msp(&self, key: Key) -> &str {
        self.text(key, At::default())
    }

    /// How usage becomes a quantity for one account's product.
    pub fn mode(&self, at: At) -> Mode {
        if self.text(Key::Mode, at) == "quota_bracket" { Mode::QuotaBracket } else { Mode::Actual }
    }

    /// Which number of a product's samples counts.
    pub fn basis(&self, product: ProductId) -> Basis {
        self.basis_at(At { product: Some(product), account: None })
    }

    /// The ladder of a product; `None` where it was switched off.
    pub fn ladder(&self, product: ProductId) -> Option<Ladder> {
        let text = self.text(Key::Ladder, At { product: Some(product), account: None });
        if text == "none" { None } else { Some(Ladder::parse(text).unwrap_or_default()) }
    }

    /// `included`, `minimum` or `maximum` of a product, in units of its item.
    pub fn bound(&self, key: Key, product: ProductId) -> Option<Quantity> {
        Quantity::parse_plain(self.text(key, At { product: Some(product), account: None })).ok()
    }

    /// The rounding a person chose for a product.
    pub fn rounding(&self, product: ProductId) -> Option<Rounding> {
        Rounding::parse(self.text(Key::Rounding, At { product: Some(product), account: None })).ok()
    }

    /// The rule that narrows agreements: the product's, else the MSP's.
    pub fn agreement_rule(&self, product: ProductId) -> Option<AgreementRule> {
        AgreementRule::parse(self.text(Key::AgreementRule, At { product: Some(product), account: None })).ok()
    }

    /// The one agreement that a person fixed for an account's company.
    pub fn agreement(&self, account: AccountId) -> Option<AgreementChoice> {
        let at = At { product: None, account: Some(account) };
        self.values.get(&(Key::Agreement, at)).and_then(|text| AgreementChoice::parse(text))
    }

    /// The day targets are judged on for a product.
    pub fn target_date(&self, product: ProductId) -> TargetDate {
        self.target_date_at(At { product: Some(product), account: None })
    }

    pub(crate) fn target_date_at(&self, at: At) -> TargetDate {
        if self.text(Key::TargetDate, at) == "next_invoice" { TargetDate::NextInvoice } else { TargetDate::Today }
    }

    /// Whether an approved change may create the addition that a product lacks. Off unless a person
    /// switched it on for this very product.
    pub fn creates(&self, product: ProductId) -> bool {
        self.text(Key::Create, At { product: Some(product), account: None }) == "true"
    }

    /// Whether any product may create what it lacks.
    pub fn creates_anything(&self) -> bool {
        self.entries().any(|(key, _, text)| key == Key::Create && text == "true")
    }

    /// The source a person chose for one account's product, if any.
    pub fn source(&self, at: At) -> Option<&str> {
        Some(self.text(Key::Source, at)).filter(|text| !text.is_empty())
    }

    /// Whether this account is the MSP's own.
    pub fn is_own(&self, account: AccountId) -> bool {
        self.text(Key::Own, At { product: None, account: Some(account) }) == "true"
    }

    /// When Updates run.
    pub fn updates(&self) -> Updates {
        match self.of_msp(Key::Updates) {
            "off" => Updates::Off,
            "manual" => Updates::Manual,
            _ => Updates::Automatic,
        }
    }

    /// How many days before its next invoice an agreement is pushed, once; `None`: whenever an Update
    /// runs.
    pub fn invoice_days(&self) -> Option<i64> {
        self.of_msp(Key::InvoiceDays).parse().ok()
    }

    /// The zone that says what "today" is.
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(self.of_msp(Key::TimeZone)).unwrap_or(TimeZone::UTC)
    }

    /// A limit that is a number. Every such key has a number as its default.
    pub fn number(&self, key: Key) -> Decimal {
        let read = |text: &str| Quantity::parse_plain(text).map(Quantity::decimal).ok();
        read(self.of_msp(key)).or_else(|| read(key.default())).unwrap_or_default()
    }

    /// A limit that counts days or runs.
    pub fn whole(&self, key: Key) -> i64 {
        i64::try_from(self.number(key).trunc()).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: At = At { product: Some(ProductId(1)), account: Some(AccountId(2)) };

    #[test]
    fn the_nearest_setting_wins() {
        let mut settings = Settings::default();
        assert_eq!(settings.mode(HERE), Mode::Actual);
        settings.set(Key::Mode, At::default(), "quota_bracket").unwrap();
        assert_eq!(settings.mode(HERE), Mode::QuotaBracket);
        settings.set(Key::Mode, At { product: HERE.product, account: None }, "actual").unwrap();
        assert_eq!(settings.mode(HERE), Mode::Actual);
        settings.set(Key::Mode, At { product: None, account: HERE.account }, "quota_bracket").unwrap();
        assert_eq!(settings.mode(HERE), Mode::QuotaBracket);
        settings.set(Key::Mode, At { product: None, account: HERE.account }, "").unwrap();
        assert_eq!(settings.mode(HERE), Mode::Actual);
    }

    #[test]
    fn nonsense_is_refused_in_words() {
        let mut settings = Settings::default();
        for (key, text) in [
            (Key::Mode, "sometimes"),
            (Key::DropPercent, "-1"),
            (Key::TimeZone, "Mars/Olympus"),
            (Key::Updates, "maybe"),
            (Key::UpdateTime, "25:00"),
            (Key::SyncDays, "0"),
            (Key::AgreementRule, "whatever"),
        ] {
            let error = settings.set(key, At::default(), text).unwrap_err();
            assert!(error.contains(key.name()), "{error}");
        }
        let at_product = At { product: Some(ProductId(1)), account: None };
        assert!(settings.set(Key::Updates, at_product, "off").is_err(), "updates belong to the MSP");
    }

    #[test]
    fn every_default_passes_its_own_check() {
        for key in Key::ALL {
            if !key.default().is_empty() {
                assert_eq!(key.check(key.default()).as_deref(), Ok(key.default()), "{}", key.name());
            }
        }
    }
}
