//! The additions that a line could be billed on, and what people could do about them.

use super::Seen;
use hive_core::issue::Code;
use hive_core::mirror::{Addition, Agreement, Company};
use hive_core::plan::{self, Candidate, Line, RuleSuggested};
use hive_core::{LineId, ProductId};
use std::collections::BTreeSet;

impl Seen {
    /// Every addition of the line's item on an agreement of its company, chosen or not, and why.
    pub fn candidates(&self, line: LineId) -> Vec<Candidate<'_>> {
        plan::candidates(&self.facts, line, self.plan.today)
    }

    /// The parent of the line's company, where it has an addition of the item.
    pub fn parent_with_addition(&self, line: LineId) -> Option<(&Company, &Agreement, &Addition)> {
        plan::parent_with_addition(&self.facts, line, self.plan.today)
    }

    /// A rule that does what the pins of a product do, and more.
    pub fn suggested_rule(&self, product: ProductId) -> Option<RuleSuggested> {
        plan::suggest_rule(&self.facts, &self.plan, product)
    }

    /// The lines of a product for which several additions could be meant.
    pub fn ambiguous(&self, product: ProductId) -> Vec<&Line> {
        let ambiguous = |line: &&Line| line.issues.iter().any(|issue| issue.code == Code::AdditionAmbiguous);
        self.plan.lines.iter().filter(|line| line.id.product == product).filter(ambiguous).collect()
    }

    /// The types of agreement that these lines could be billed on.
    pub fn types_of(&self, lines: &[&Line]) -> BTreeSet<String> {
        let all = lines.iter().flat_map(|line| self.candidates(line.id));
        let possible = all.filter(|one| one.possible);
        possible.filter_map(|one| one.agreement.agreement_type.clone()).filter(|of| !of.is_empty()).collect()
    }
}
