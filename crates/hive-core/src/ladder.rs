//! Quotas and the ladder of sizes they may have. Source: the article on storage quotas: "100 GB,
//! 250 GB, 500 GB, 750 GB, 1 TB and upwards in increments of 1 TB … rounded up".

use crate::ids::{AccountId, ProductId};
use crate::quantity::Quantity;
use crate::unit::Storage;
use rust_decimal::Decimal;
use std::fmt;

/// Steps a ladder may name. More is a mistake in a setting.
pub const STEPS_MAX: usize = 100;

/// Less than any two steps are apart.
const HAIR: Decimal = Decimal::from_parts(1, 0, 0, false, 6);

/// The sizes a quota can have, in GB: some steps, then every so many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    steps_gb: Vec<Quantity>,
    then_every_gb: Option<Quantity>,
}

/// How much an account may use of a storage product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Whose.
    pub account: AccountId,
    /// Of what.
    pub product: ProductId,
    /// How much, in `unit`.
    pub size: Quantity,
    /// In which unit.
    pub unit: Storage,
    /// A hard quota is enforced and never rises by itself; a soft one rises when usage passes it.
    pub hard: bool,
}

impl Default for Ladder {
    fn default() -> Ladder {
        Ladder {
            steps_gb: [100, 250, 500, 750, 1000].map(Quantity::from).to_vec(),
            then_every_gb: Some(Quantity::from(1000)),
        }
    }
}

impl Ladder {
    /// Reads `100,250,500,750,1000+1000`: steps in GB, rising, then every so many above the last.
    /// Without the `+` part the ladder ends at its last step.
    pub fn parse(text: &str) -> Result<Ladder, String> {
        let why = || {
            format!(
                "\"{text}\" is no ladder; write its steps in GB, rising, and what it goes on by: 100,250,500,750,1000+1000"
            )
        };
        let (steps, then_every) = text.split_once('+').map_or((text, None), |(s, t)| (s, Some(t)));
        let read = |part: &str| Quantity::parse_plain(part.trim()).ok().filter(|size| !size.is_zero());
        let steps_gb: Vec<Quantity> = steps.split(',').map(read).collect::<Option<_>>().ok_or_else(why)?;
        let rising = steps_gb.windows(2).all(|pair| pair[0] < pair[1]);
        if !rising || steps_gb.len() > STEPS_MAX {
            return Err(why());
        }
        let then_every_gb = then_every.map(|part| read(part).ok_or_else(why)).transpose()?;
        Ok(Ladder { steps_gb, then_every_gb })
    }

    /// The step at or above `value_gb`; 0 stays 0; `None` above the end of a ladder that ends.
    pub fn step(&self, value_gb: Quantity) -> Option<Quantity> {
        if value_gb.is_zero() {
            return Some(Quantity::ZERO);
        }
        if let Some(step) = self.steps_gb.iter().find(|step| **step >= value_gb) {
            return Some(*step);
        }
        let last = *self.steps_gb.last()?;
        let every: Decimal = self.then_every_gb?.decimal();
        last.plus(value_gb.minus(last)?.up_to(every)?)
    }

    /// The step above `step_gb`; `None` where the ladder ends.
    pub fn above(&self, step_gb: Quantity) -> Option<Quantity> {
        self.step(step_gb.plus(Quantity::new(HAIR))?)
    }

    /// The step below `step_gb`; nothing counts as the step below the first.
    pub fn below(&self, step_gb: Quantity) -> Quantity {
        let beyond = self.steps_gb.last().copied().filter(|last| *last < step_gb);
        if let (Some(last), Some(every)) = (beyond, self.then_every_gb) {
            let under = step_gb.minus(last).and_then(|over| over.minus(Quantity::new(HAIR))?.down_to(every.decimal()));
            return under.and_then(|under| last.plus(under)).unwrap_or(last);
        }
        self.steps_gb.iter().rev().find(|step| **step < step_gb).copied().unwrap_or_default()
    }

    /// Whether two sizes are on neighbouring steps (or on one). Nothing counts as the step below
    /// the first.
    pub fn neighbours(&self, one_gb: Quantity, two_gb: Quantity) -> bool {
        let (low, high) = if one_gb <= two_gb { (one_gb, two_gb) } else { (two_gb, one_gb) };
        low == high || self.step(low) == Some(low) && self.above(low) == Some(high)
    }
}

impl fmt::Display for Ladder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<String> = self.steps_gb.iter().map(Quantity::to_string).collect();
        f.write_str(&steps.join(","))?;
        self.then_every_gb.map_or(Ok(()), |every| write!(f, "+{every}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_at_just_under_and_just_over() {
        let ladder = Ladder::default();
        for (usage, step) in [
            ("0", "0"),
            ("0.000001", "100"),
            ("100", "100"),
            ("100.01", "250"),
            ("430", "500"),
            ("500", "500"),
            ("500.01", "750"),
            ("750.01", "1000"),
            ("1000", "1000"),
            ("1200", "2000"),
            ("2000.000001", "3000"),
        ] {
            let usage = Quantity::parse_plain(usage).unwrap();
            assert_eq!(ladder.step(usage).unwrap().to_string(), step, "{usage}");
        }
    }

    #[test]
    fn a_ladder_prints_as_it_reads() {
        assert_eq!(Ladder::parse("100,250,500,750,1000+1000").unwrap(), Ladder::default());
        assert_eq!(Ladder::default().to_string(), "100,250,500,750,1000+1000");
        assert!(Ladder::parse("250,100").is_err());
        assert_eq!(Ladder::parse("100").unwrap().step(Quantity::from(101)), None);
    }

    #[test]
    fn above_and_below_are_the_next_steps() {
        let (ladder, q) = (Ladder::default(), Quantity::from);
        for pair in [0, 100, 250, 500, 750, 1000, 2000, 3000].map(q).windows(2) {
            assert_eq!((ladder.above(pair[0]), ladder.below(pair[1])), (Some(pair[1]), pair[0]));
        }
        assert_eq!(Ladder::parse("100,200").unwrap().above(q(200)), None);
    }

    #[test]
    fn neighbours_are_one_step_apart() {
        let (ladder, q) = (Ladder::default(), Quantity::from);
        assert!(ladder.neighbours(q(500), q(750)));
        assert!(ladder.neighbours(q(750), q(500)));
        assert!(ladder.neighbours(q(1000), q(2000)));
        assert!(!ladder.neighbours(q(250), q(750)));
    }
}
