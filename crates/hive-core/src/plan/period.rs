//! The billing period of an agreement: which dates an average or a peak over it looks at.
//!
//! The period that the next invoice closes begins where the one before it ended: the next invoice's date
//! less the billing cycle.

use super::basis::DAYS;
use crate::mirror::Agreement;
use crate::settings::Basis;
use jiff::{ToSpan, civil::Date};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

/// Dates that a period may have: a year and what its invoice may be late.
pub const PERIOD_DAYS_MAX: i64 = 400;

/// The dates that are looked at, today the last of them.
pub(super) struct Window {
    pub(super) days: i64,
    /// Which dates they are, for the trace; empty where it goes without saying.
    pub(super) words: String,
}

/// 30 dates, or those since the agreement's present period began.
pub(super) fn window(basis: Basis, agreement: Option<&Agreement>, today: Date) -> Window {
    if !basis.is_of_the_period() {
        return Window { days: DAYS, words: String::new() };
    }
    let fallback = |why: String| Window { days: DAYS, words: format!("; {why}, so the 30 days ending today are used") };
    let Some(agreement) = agreement else {
        return fallback("which agreement bills it is not known".to_owned());
    };
    let cycle = agreement.billing_cycle.as_deref().unwrap_or("none");
    let Some(start) = period_start(agreement) else {
        let next = agreement.next_invoice.map_or_else(|| "not known".to_owned(), |day| day.to_string());
        return fallback(format!(
            "the billing period of agreement {agreement} is not known (billing cycle {cycle}, next invoice {next})"
        ));
    };
    let days = today.since(start).map_or(0, |span| i64::from(span.get_days())) + 1;
    let period = format!("the billing period of agreement {agreement} ({}) began on {start}", cycle.to_lowercase());
    match days {
        ..1 => fallback(format!("{period}, which is still to come")),
        _ if days > PERIOD_DAYS_MAX => fallback(format!("{period}, more than {PERIOD_DAYS_MAX} days ago")),
        _ => Window { days, words: format!("; {period}") },
    }
}

/// The first date of the period that the agreement's next invoice closes; `None` where ConnectWise gives
/// no date or no cycle that Hive knows.
pub fn period_start(agreement: &Agreement) -> Option<Date> {
    let (next, months) = (agreement.next_invoice?, agreement.cycle_months()?);
    if months.fract().is_zero() {
        return next.checked_sub(months.to_i32()?.months()).ok();
    }
    // Weeks are a part of a month only by their average.
    let days = months.checked_mul(Decimal::from(365))?.checked_div(Decimal::from(12))?;
    let days = days.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).to_i64()?;
    next.checked_sub(days.days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{AgreementId, CompanyId};

    fn agreement(cycle: Option<&str>, next: Option<&str>) -> Agreement {
        Agreement {
            id: AgreementId(1),
            name: "Managed".to_owned(),
            agreement_type: None,
            company: CompanyId(1),
            company_name: String::new(),
            parent: None,
            start: None,
            end: None,
            no_ending_date: false,
            cancelled: false,
            cancelled_on: None,
            status: None,
            billing_cycle: cycle.map(str::to_owned),
            next_invoice: next.map(|day| day.parse().unwrap()),
            currency: None,
            prorates: None,
        }
    }

    #[test]
    fn a_period_begins_one_cycle_before_its_invoice() {
        let start = |cycle: &str, next: &str| period_start(&agreement(Some(cycle), Some(next))).unwrap().to_string();
        assert_eq!(start("Monthly", "2026-12-01"), "2026-11-01");
        assert_eq!(start("Monthly", "2026-03-31"), "2026-02-28");
        assert_eq!(start("Quarterly", "2026-12-01"), "2026-09-01");
        assert_eq!(start("Yearly", "2027-01-15"), "2026-01-15");
        assert_eq!(start("Weekly", "2026-12-01"), "2026-11-24");
        assert_eq!(start("Bi-Weekly", "2026-12-01"), "2026-11-17");
        assert_eq!(period_start(&agreement(None, Some("2026-12-01"))), None);
        assert_eq!(period_start(&agreement(Some("Monthly"), None)), None);
    }

    #[test]
    fn where_no_period_is_known_thirty_days_are_used_and_it_is_said() {
        let today: Date = "2026-11-23".parse().unwrap();
        let of = |agreement: Option<&Agreement>| window(Basis::AveragePeriod, agreement, today);
        let days = |cycle, next| of(Some(&agreement(cycle, next))).days;
        assert_eq!(days(Some("Monthly"), Some("2026-12-01")), 23);
        assert_eq!(days(Some("Monthly"), Some("2026-11-20")), 35, "the invoice is late: its period goes on");
        for (cycle, next, why) in [
            (None, Some("2026-12-01"), "billing cycle none"),
            (Some("Monthly"), None, "next invoice not known"),
            (Some("Monthly"), Some("2027-01-01"), "still to come"),
            (Some("Monthly"), Some("2024-01-01"), "more than 400 days ago"),
        ] {
            let window = of(Some(&agreement(cycle, next)));
            assert!(window.days == DAYS && window.words.contains(why), "{}: {}", window.days, window.words);
        }
        assert!(of(None).words.contains("which agreement bills it is not known"));
    }
}
