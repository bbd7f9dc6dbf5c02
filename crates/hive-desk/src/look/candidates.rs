//! The additions that a line could be pinned to.

use super::Seen;
use hive_core::LineId;
use hive_core::link::{AccountTarget, ProductTarget};
use hive_core::mirror::{Addition, Agreement};
use hive_core::plan::judged_on;

/// One addition of the line's item on an agreement of its company.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate<'a> {
    /// Where it is.
    pub agreement: &'a Agreement,
    /// The addition.
    pub addition: &'a Addition,
    /// Whether the line is pinned to it.
    pub pinned: bool,
}

impl Seen {
    /// The ongoing additions that the line could be pinned to, and the others with why they could not.
    pub fn candidates(&self, line: LineId) -> (Vec<Candidate<'_>>, Vec<(Candidate<'_>, String)>) {
        let (mut can, mut cannot) = (Vec::new(), Vec::new());
        let company = self.account_link(line.account).map(|link| link.target);
        let item = self.product_link(line.product).map(|link| link.target);
        let (Some(AccountTarget::Company(company)), Some(ProductTarget::Item(item))) = (company, item) else {
            return (can, cannot);
        };
        let (settings, pin) = (&self.facts.settings, self.pin(line.account, line.product));
        let rule = settings.agreement_rule(line.product);
        for agreement in self.agreements_of(company) {
            let day = judged_on(agreement, self.plan.today, settings.target_date(line.product));
            let misses = rule.as_ref().filter(|rule| !rule.admits(agreement));
            let misses = misses.map(|rule| format!("agreement {agreement} does not match the rule {rule}"));
            for addition in self.additions_of(agreement.id).filter(|addition| addition.item == item) {
                let candidate = Candidate { agreement, addition, pinned: pin == Some(addition.id) };
                let why = agreement.rejected_on(day).or_else(|| misses.clone()).or_else(|| addition.rejected_on(day));
                match why {
                    None => can.push(candidate),
                    Some(why) => cannot.push((candidate, why)),
                }
            }
        }
        (can, cannot)
    }
}
