//! What becomes of a quota: a size that a person asks for, and one that usage has passed.
//!
//! **Owns:** the two decisions. **Does not own:** the ladder's steps ([`crate::ladder`]), what a quota
//! bills (the plan), who may set one, the record of it (the store).

use crate::ladder::{Ladder, Quota};
use crate::quantity::Quantity;
use crate::unit::Storage;

/// What a request for `asked_gb` becomes: rounded up to the ladder, the size as it is where there is
/// no ladder. Refused in words where that is below what is used already, or above the ladder's end.
pub fn ask(asked_gb: Quantity, ladder: Option<&Ladder>, usage_gb: Option<Quantity>) -> Result<Quantity, String> {
    let size = match ladder {
        Some(ladder) => ladder.step(asked_gb).ok_or_else(|| {
            format!("{asked_gb} GB is above {} GB, the last step of the ladder {ladder}", ladder.below(asked_gb))
        })?,
        None => asked_gb,
    };
    let Some(usage) = usage_gb.filter(|usage| size < *usage) else { return Ok(size) };
    let rounded = if size == asked_gb { String::new() } else { format!(" (rounded up to {size} GB)") };
    let smallest = match ladder.map_or(Some(usage), |ladder| ladder.step(usage)) {
        Some(smallest) => format!("the smallest size possible is {smallest} GB"),
        None => "no step of its ladder is that large; lengthen the ladder first".to_owned(),
    };
    Err(format!("a quota of {asked_gb} GB{rounded} is below the {usage} GB that are used now; {smallest}"))
}

/// The size in GB to which a quota rises by itself: a soft one that usage has passed rises to the
/// usage's own step of the ladder. `None`: it stays. A hard one stays whatever is used; a usage equal
/// to the quota has not passed it; without a ladder, or above its end, there is no step to rise to.
pub fn risen(quota: &Quota, usage_gb: Quantity, ladder: Option<&Ladder>) -> Option<Quantity> {
    let quota_gb = quota.unit.convert(quota.size, Storage::GB)?;
    if quota.hard || usage_gb <= quota_gb {
        return None;
    }
    ladder?.step(usage_gb)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{AccountId, ProductId};
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    fn q(text: &str) -> Quantity {
        Quantity::parse_plain(text).unwrap()
    }

    fn quota(size: Quantity, unit: Storage, hard: bool) -> Quota {
        Quota { account: AccountId(1), product: ProductId(1), size, unit, hard }
    }

    #[test]
    fn a_request_is_rounded_up_to_the_ladder() {
        let ladder = Ladder::default();
        for (asked, used, size) in [
            ("430", None, "500"),
            ("500", Some("500"), "500"),
            ("430", Some("450"), "500"),
            ("1001", None, "2000"),
            ("0", None, "0"),
        ] {
            assert_eq!(ask(q(asked), Some(&ladder), used.map(q)), Ok(q(size)), "{asked} with {used:?} used");
        }
        assert_eq!(ask(q("430"), None, Some(q("430"))), Ok(q("430")), "no ladder");
    }

    #[test]
    fn what_is_too_small_or_too_large_is_refused_with_the_figures() {
        let (ladder, short) = (Ladder::default(), Ladder::parse("100,200").unwrap());
        let refused = |asked: &str, ladder, used: &str| ask(q(asked), ladder, Some(q(used))).unwrap_err();
        assert_eq!(
            refused("430", Some(&ladder), "500.5"),
            "a quota of 430 GB (rounded up to 500 GB) is below the 500.5 GB that are used now; the smallest size possible is 750 GB"
        );
        assert_eq!(
            refused("430", None, "500.5"),
            "a quota of 430 GB is below the 500.5 GB that are used now; the smallest size possible is 500.5 GB"
        );
        assert_eq!(
            refused("200", Some(&short), "300"),
            "a quota of 200 GB is below the 300 GB that are used now; no step of its ladder is that large; lengthen the ladder first"
        );
        assert_eq!(refused("201", Some(&short), "10"), "201 GB is above 200 GB, the last step of the ladder 100,200");
    }

    #[test]
    fn a_soft_quota_rises_once_usage_has_passed_it() {
        let ladder = Ladder::default();
        for (size, unit, hard, used, rises) in [
            ("500", Storage::GB, false, "499.999999", None),
            ("500", Storage::GB, false, "500", None),
            ("500", Storage::GB, false, "500.000001", Some("750")),
            ("0.5", Storage::TB, false, "500.000001", Some("750")),
            ("0.5", Storage::TB, false, "500", None),
            ("500", Storage::GB, false, "3100", Some("4000")),
            ("500", Storage::GB, true, "3100", None),
            ("0", Storage::GB, false, "1", Some("100")),
            ("430", Storage::GB, false, "450", Some("500")),
        ] {
            let quota = quota(q(size), unit, hard);
            assert_eq!(risen(&quota, q(used), Some(&ladder)), rises.map(q), "{size} {unit:?} hard {hard}, {used} used");
        }
        let quota = quota(q("200"), Storage::GB, false);
        assert_eq!(risen(&quota, q("300"), None), None);
        assert_eq!(risen(&quota, q("300"), Some(&Ladder::parse("100,200").unwrap())), None);
    }

    fn gb() -> impl Strategy<Value = Quantity> {
        prop_oneof![
            (0i64..5_000_000).prop_map(|thousandths| Quantity::new(Decimal::new(thousandths, 3))),
            prop::sample::select(vec![0i64, 100, 250, 500, 750, 1000, 2000]).prop_map(Quantity::from),
        ]
    }

    proptest! {
        #[test]
        fn what_is_granted_is_the_smallest_step_that_holds_the_request_and_the_usage(asked in gb(), usage in gb()) {
            let ladder = Ladder::default();
            match ask(asked, Some(&ladder), Some(usage)) {
                Ok(size) => {
                    prop_assert!(size >= asked && size >= usage);
                    prop_assert_eq!(ladder.step(size), Some(size));
                    prop_assert!(size.is_zero() || ladder.below(size) < asked, "{} would do", ladder.below(size));
                }
                Err(words) => {
                    prop_assert!(ladder.step(asked).unwrap() < usage);
                    let smallest = ladder.step(usage).unwrap();
                    prop_assert!(words.contains(&format!("{asked} GB")) && words.contains(&format!("{usage} GB")), "{}", words);
                    prop_assert!(words.ends_with(&format!("possible is {smallest} GB")), "{}", words);
                    prop_assert_eq!(ask(smallest, Some(&ladder), Some(usage)), Ok(smallest));
                }
            }
        }

        #[test]
        fn a_quota_rises_exactly_when_it_is_soft_and_passed_and_then_rests(size in gb(), usage in gb(), hard: bool) {
            let ladder = Ladder::default();
            let rises = risen(&quota(size, Storage::GB, hard), usage, Some(&ladder));
            prop_assert_eq!(rises.is_some(), !hard && usage > size);
            if let Some(size) = rises {
                prop_assert!(size >= usage && ladder.below(size) < usage, "its own step, no further");
                prop_assert_eq!(risen(&quota(size, Storage::GB, hard), usage, Some(&ladder)), None);
                // The bill does not move with it: the bracket of the usage is billed already.
                prop_assert_eq!(ladder.step(usage), Some(size));
            }
        }
    }
}
