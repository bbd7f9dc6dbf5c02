//! The keys of settings: names, defaults, where each applies, and what each may say.

use super::{AgreementChoice, AgreementRule, At, Classes, Rounding, StepItems};
use crate::ladder::Ladder;
use crate::quantity::Quantity;
use jiff::{civil::Time, tz::TimeZone};
use std::ops::RangeInclusive;

/// Where a key may be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// For the MSP alone.
    Msp,
    /// For the MSP or a product.
    Product,
    /// For the MSP, a product, an account, or an account's product.
    Everywhere,
    /// For one account.
    Account,
    /// For a product or an account's product.
    Pair,
}

macro_rules! keys {
    ($($variant:ident = $name:literal, $default:literal, $scope:ident),+ $(,)?) => {
        /// A setting's key.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Key { $(#[doc = $name] $variant),+ }

        impl Key {
            /// Every key that is built.
            pub const ALL: &[Key] = &[$(Key::$variant),+];

            /// Its name on the command line.
            pub fn name(self) -> &'static str {
                match self { $(Key::$variant => $name),+ }
            }

            /// What holds where nothing is set.
            pub fn default(self) -> &'static str {
                match self { $(Key::$variant => $default),+ }
            }

            /// Where it may be set.
            pub fn scope(self) -> Scope {
                match self { $(Key::$variant => Scope::$scope),+ }
            }
        }
    };
}

keys! {
    Mode = "mode", "actual", Everywhere,
    Basis = "basis", "latest", Product,
    Ladder = "ladder", "100,250,500,750,1000+1000", Product,
    Included = "included", "", Pair,
    Minimum = "minimum", "", Pair,
    Maximum = "maximum", "", Pair,
    Rounding = "rounding", "", Pair,
    Updates = "updates", "automatic", Msp,
    SyncDays = "sync_days", "3", Msp,
    UpdateDays = "update_days", "5", Msp,
    SyncTime = "sync_time", "02:00", Msp,
    UpdateTime = "update_time", "03:00", Msp,
    InvoiceDays = "invoice_days", "", Msp,
    TimeZone = "time_zone", "UTC", Msp,
    AgreementRule = "agreement_rule", "", Product,
    Own = "own", "false", Account,
    Source = "source", "", Pair,
    TargetDate = "target_date", "today", Product,
    Create = "create", "false", Pair,
    DropPercent = "drop_percent", "30", Msp,
    DropMoney = "drop_money", "50", Msp,
    RisePercent = "rise_percent", "100", Msp,
    RiseMoney = "rise_money", "100", Msp,
    PriceUnknownUnits = "price_unknown_units", "5", Msp,
    PriceUnknownTb = "price_unknown_tb", "1", Msp,
    StaleHoldRhythms = "stale_hold_rhythms", "2", Msp,
    StaleHoldDays = "stale_hold_days", "3", Msp,
    StaleStopRhythms = "stale_stop_rhythms", "3", Msp,
    StaleStopDays = "stale_stop_days", "35", Msp,
    GapsDays = "gaps_days", "20", Msp,
    TwoSourcesDays = "two_sources_days", "35", Msp,
    ApprovalPercent = "approval_percent", "5", Msp,
    ApprovalDays = "approval_days", "7", Msp,
    Classes = "classes", "", Pair,
    Overage = "overage", "false", Pair,
    DeadBand = "dead_band", "", Pair,
    BracketOf = "bracket_of", "account", Pair,
    StepItems = "step_items", "", Pair,
    FeedAccountsPercent = "feed_accounts_percent", "10", Msp,
    FeedAccountsMin = "feed_accounts_min", "3", Msp,
    FeedTotalPercent = "feed_total_percent", "20", Msp,
    FeedLinesPercent = "feed_lines_percent", "25", Msp,
    FeedLineDropPercent = "feed_line_drop_percent", "10", Msp,
    BrakePercent = "brake_percent", "10", Msp,
    Agreement = "agreement", "", Account,
}

impl Key {
    /// Finds a key by its name, or says which there are.
    pub fn parse(name: &str) -> Result<Key, String> {
        if let Some(key) = Key::ALL.iter().copied().find(|key| key.name() == name) {
            return Ok(key);
        }
        let known: Vec<&str> = Key::ALL.iter().map(|key| key.name()).collect();
        Err(format!("{name}: no such setting; there are {}", known.join(", ")))
    }

    /// Whether one account's product may have its own: it then says what this account's part is, and
    /// changes no rule of the product.
    pub fn is_of_a_part(self) -> bool {
        use Key::{Basis, Classes, DeadBand, Included, Maximum, Minimum, Overage, Rounding, Source};
        matches!(self, Source | Included | Minimum | Maximum | Rounding | DeadBand | Classes | Basis | Overage)
    }

    /// Refuses an override where the key cannot have one.
    pub fn allowed_at(self, at: At) -> Result<(), String> {
        let allowed = match (self.scope(), at.product.is_some(), at.account.is_some()) {
            (Scope::Msp | Scope::Product | Scope::Everywhere, false, false) => true,
            (Scope::Product, true, false) => true,
            (Scope::Product | Scope::Pair, true, true) => self.is_of_a_part(),
            (Scope::Pair, true, false) => true,
            (Scope::Everywhere, _, _) => true,
            (Scope::Account, false, true) => true,
            (Scope::Msp | Scope::Product | Scope::Account | Scope::Pair, _, _) => false,
        };
        if allowed {
            return Ok(());
        }
        let name = self.name();
        Err(match self.scope() {
            Scope::Msp => format!("{name} belongs to the whole MSP; leave out --product and --account"),
            Scope::Product if self.is_of_a_part() => {
                format!("{name} is set for the MSP, with --product, or with --product and --account")
            }
            Scope::Product => format!("{name} is set for the MSP or with --product"),
            Scope::Everywhere => format!("{name} cannot be set here"),
            Scope::Account => format!("{name} needs --account, and no --product"),
            Scope::Pair if self.is_of_a_part() => format!("{name} needs --product (and, if you like, --account)"),
            Scope::Pair => format!("{name} belongs to a product link; it needs --product, and no --account"),
        })
    }

    /// The text in its one spelling, or why it cannot be.
    pub fn check(self, text: &str) -> Result<String, String> {
        let text = text.trim();
        let name = self.name();
        let one_of = |words: &[&str]| {
            let lower = text.to_ascii_lowercase();
            words
                .iter()
                .find(|word| **word == lower)
                .map(|word| (*word).to_owned())
                .ok_or_else(|| format!("{name}: \"{text}\" is none of {}", words.join(", ")))
        };
        match self {
            Key::Mode => one_of(&["actual", "quota_bracket"]),
            Key::Basis => one_of(&["latest", "average_30d", "peak_30d", "average_period", "peak_period"]),
            Key::Ladder if text == "none" => Ok(text.to_owned()),
            Key::Ladder => Ladder::parse(text).map(|l| l.to_string()).map_err(|e| format!("{name}: {e}")),
            Key::Included | Key::Minimum | Key::Maximum => number(name, text),
            Key::Rounding => Rounding::parse(text).map(|r| r.to_string()).map_err(|e| format!("{name}: {e}")),
            Key::Updates => one_of(&["automatic", "manual", "off"]),
            Key::SyncDays | Key::UpdateDays => days(name, text, 1..=366),
            // An average looks at 30 days; 0 asks for none of them.
            Key::GapsDays => days(name, text, 0..=30),
            // Every month has 28 days: more would reach back into the invoice before.
            Key::InvoiceDays => days(name, text, 0..=28),
            Key::SyncTime | Key::UpdateTime => time(name, text),
            Key::TimeZone => TimeZone::get(text)
                .map(|_| text.to_owned())
                .map_err(|_| format!("{name}: \"{text}\" is no time zone; write one such as Australia/Melbourne")),
            Key::AgreementRule => AgreementRule::parse(text).map(|r| r.to_string()).map_err(|e| format!("{name}: {e}")),
            Key::Own | Key::Create => one_of(&["true", "false"]),
            Key::Agreement => AgreementChoice::parse(text)
                .map(|choice| choice.to_string())
                .ok_or_else(|| format!("{name}: \"{text}\" is neither an agreement's id nor its name")),
            Key::Source => Ok(text.to_owned()),
            Key::TargetDate => one_of(&["today", "next_invoice"]),
            Key::Classes => Classes::parse(text).map(|c| c.to_string()).map_err(|e| format!("{name}: {e}")),
            Key::Overage => one_of(&["true", "false"]),
            Key::DeadBand => number(name, text),
            Key::BracketOf => one_of(&["account", "sum"]),
            Key::StepItems => StepItems::parse(text).map(|s| s.to_string()).map_err(|e| format!("{name}: {e}")),
            Key::DropPercent
            | Key::DropMoney
            | Key::RisePercent
            | Key::RiseMoney
            | Key::PriceUnknownUnits
            | Key::PriceUnknownTb
            | Key::StaleHoldRhythms
            | Key::StaleHoldDays
            | Key::StaleStopRhythms
            | Key::StaleStopDays
            | Key::TwoSourcesDays
            | Key::ApprovalPercent
            | Key::ApprovalDays
            | Key::FeedAccountsPercent
            | Key::FeedAccountsMin
            | Key::FeedTotalPercent
            | Key::FeedLinesPercent
            | Key::FeedLineDropPercent
            | Key::BrakePercent => number(name, text),
        }
    }
}

fn number(name: &str, text: &str) -> Result<String, String> {
    Quantity::parse_plain(text).map(|value| value.to_string()).map_err(|error| format!("{name}: {error}"))
}

fn days(name: &str, text: &str, allowed: RangeInclusive<u16>) -> Result<String, String> {
    let days = text.parse::<u16>().ok().filter(|days| allowed.contains(days));
    days.map(|days| days.to_string()).ok_or_else(|| {
        format!("{name}: \"{text}\" is not a number of days from {} to {}", allowed.start(), allowed.end())
    })
}

fn time(name: &str, text: &str) -> Result<String, String> {
    let time: Option<Time> = (text.len() == 5).then(|| text.parse().ok()).flatten();
    time.map(|_| text.to_owned()).ok_or_else(|| format!("{name}: \"{text}\" is no time of day such as 02:30"))
}
