//! The month: the agreements of each invoice day with what still has to be written for them.

use super::Seen;
use hive_core::plan::Mark;
use hive_core::{AdditionId, AgreementId, CompanyId, Date, LineId};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The agreements that ConnectWise invoices next on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvoiceDay {
    /// The day; `None`: ConnectWise gives none.
    pub date: Option<Date>,
    /// The active agreements, in the order of their ids.
    pub agreements: Vec<AgreementId>,
    /// What the plan would write to them, in the order of the additions.
    pub changes: Vec<AdditionId>,
    /// Lines that cannot be pushed, each with its agreement; one that stands on none goes with its
    /// company's first invoice to come.
    pub issues: Vec<(LineId, AgreementId)>,
    /// Additions that hold what they should.
    pub in_step: usize,
}

/// The invoices to come, and what will be on none of them.
#[derive(Debug)]
pub(super) struct Invoices {
    /// The agreements without a day last.
    pub(super) days: Vec<InvoiceDay>,
    /// Lines with an issue or a change whose account or company has no active agreement.
    pub(super) nowhere: Vec<LineId>,
}

pub(super) fn invoices(seen: &Seen) -> Invoices {
    let mut nowhere = Vec::new();
    let mut days: BTreeMap<(bool, Option<Date>), InvoiceDay> = BTreeMap::new();
    let mut of_agreement: HashMap<AgreementId, (bool, Option<Date>)> = HashMap::new();
    let mut of_company: HashMap<CompanyId, ((bool, Option<Date>), AgreementId)> = HashMap::new();
    let active = seen.mirror().map_or(&[][..], |mirror| &mirror.agreements);
    for agreement in active.iter().filter(|agreement| agreement.rejected_on(seen.plan.today).is_none()) {
        let date = agreement.next_invoice;
        let key = (date.is_none(), date);
        let day = days.entry(key).or_insert_with(|| InvoiceDay { date, ..InvoiceDay::default() });
        day.agreements.push(agreement.id);
        of_agreement.insert(agreement.id, key);
        let first = of_company.entry(agreement.company).or_insert((key, agreement.id));
        *first = (*first).min((key, agreement.id));
    }
    for change in &seen.plan.changes {
        if let Some(day) = of_agreement.get(&change.agreement).and_then(|key| days.get_mut(key)) {
            day.changes.push(change.addition);
        }
    }
    let mut seen_additions = HashSet::new();
    for line in &seen.plan.lines {
        let own = line.agreement.as_ref().and_then(|agreement| Some((*of_agreement.get(&agreement.id)?, agreement.id)));
        let of_its_company = || of_company.get(&line.company.as_ref()?.id).copied();
        let Some((key, agreement)) = own.or_else(of_its_company) else {
            if line.mark != Mark::Unchanged {
                nowhere.push(line.id);
            }
            continue;
        };
        let Some(day) = days.get_mut(&key) else { continue };
        let first = line.addition.is_some_and(|addition| seen_additions.insert(addition));
        match line.mark {
            Mark::Issue => day.issues.push((line.id, agreement)),
            Mark::Unchanged if first => day.in_step += 1,
            Mark::Unchanged | Mark::Change | Mark::Held => {}
        }
    }
    let sorted = |mut day: InvoiceDay| {
        day.agreements.sort();
        day
    };
    Invoices { days: days.into_values().map(sorted).collect(), nowhere }
}
