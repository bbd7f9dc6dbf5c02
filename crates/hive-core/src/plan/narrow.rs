//! What narrows a company's agreements: dates and status, then the one that a person fixed, else the rule.
//!
//! **Owns:** which agreements a person fixed for a company, and why an agreement does not count.
//! **Does not own:** which addition is chosen among those that are left ([`super::target`]).

use super::Facts;
use super::target::judged_on;
use crate::ids::{AccountId, AgreementId, CompanyId, ProductId};
use crate::link::AccountTarget;
use crate::mirror::Agreement;
use crate::settings::{AgreementChoice, AgreementRule, At, Key, Settings, TargetDate};
use jiff::civil::Date;
use std::collections::HashMap;

/// The agreements that accounts fix, by the company that they are linked to.
pub(super) type Choices = HashMap<CompanyId, Vec<(AccountId, AgreementChoice)>>;

/// Every fixed agreement, found once.
pub(super) fn choices(facts: &Facts) -> Choices {
    let mut choices: Choices = HashMap::new();
    for link in &facts.account_links {
        if let AccountTarget::Company(company) = link.target
            && let Some(choice) = facts.settings.agreement(link.account)
        {
            choices.entry(company).or_default().push((link.account, choice));
        }
    }
    for of_company in choices.values_mut() {
        of_company.sort();
    }
    choices
}

/// The agreement that a person fixed for a company.
#[derive(Clone, Debug)]
pub(super) struct Fixed {
    /// The account that fixes it.
    pub(super) account: String,
    pub(super) choice: AgreementChoice,
    /// The company's agreements that the choice names: one, unless it names none or a name of several.
    pub(super) ids: Vec<AgreementId>,
}

/// What narrows the agreements of one company for one product.
pub(super) struct Narrow {
    rule: Option<AgreementRule>,
    pub(super) fixed: Option<Fixed>,
    /// Two accounts of the company fix different agreements.
    pub(super) conflict: Option<String>,
    target_date: TargetDate,
    today: Date,
}

/// Why an agreement does not count.
pub(super) enum Rejected {
    /// By its status or its dates.
    Inactive(String),
    /// By a person's choice or rule.
    NotMeant(String),
}

impl Rejected {
    pub(super) fn words(self) -> String {
        match self {
            Rejected::Inactive(words) | Rejected::NotMeant(words) => words,
        }
    }
}

impl Narrow {
    /// Without a product: what holds for the MSP.
    pub(super) fn of<'n>(
        settings: &Settings,
        product: Option<ProductId>,
        today: Date,
        choices: &[(AccountId, AgreementChoice)],
        agreements: &[&Agreement],
        name: impl Fn(AccountId) -> &'n str,
    ) -> Narrow {
        let mut fixed: Vec<Fixed> = Vec::new();
        for (account, choice) in choices {
            let ids: Vec<AgreementId> =
                agreements.iter().filter(|agreement| choice.names(agreement)).map(|agreement| agreement.id).collect();
            if !fixed.iter().any(|known| known.choice == *choice || !ids.is_empty() && known.ids == ids) {
                fixed.push(Fixed { account: name(*account).to_owned(), choice: choice.clone(), ids });
            }
        }
        let conflict = (fixed.len() > 1).then(|| conflict_words(&fixed));
        Narrow {
            rule: AgreementRule::parse(settings.text(Key::AgreementRule, At { product, account: None })).ok(),
            fixed: fixed.into_iter().next().filter(|_| conflict.is_none()),
            conflict,
            target_date: settings.target_date_at(At { product, account: None }),
            today,
        }
    }

    /// The day an agreement and its additions are judged on.
    pub(super) fn day(&self, agreement: &Agreement) -> Date {
        judged_on(agreement, self.today, self.target_date)
    }

    pub(super) fn is_next_invoice(&self) -> bool {
        self.target_date == TargetDate::NextInvoice
    }

    /// Why the agreement does not count on `day`. What a person fixed for the account goes before the rule.
    pub(super) fn rejects(&self, agreement: &Agreement, day: Date) -> Option<Rejected> {
        if let Some(why) = agreement.rejected_on(day) {
            return Some(Rejected::Inactive(why));
        }
        self.not_meant(agreement).map(Rejected::NotMeant)
    }

    /// Whether a person's choice or rule leaves the agreement out, whatever its dates.
    pub(super) fn not_meant(&self, agreement: &Agreement) -> Option<String> {
        if let Some(fixed) = &self.fixed {
            let Fixed { account, choice, ids } = fixed;
            return (!ids.contains(&agreement.id))
                .then(|| format!("agreement {agreement} is not the one that account \"{account}\" fixes ({choice})"));
        }
        let rule = self.rule.as_ref().filter(|rule| !rule.admits(agreement))?;
        Some(format!("agreement {agreement} does not match the rule {rule}"))
    }

    /// What narrowed the choice, for the words of what was chosen.
    pub(super) fn words(&self) -> String {
        match (&self.fixed, &self.rule) {
            (Some(fixed), _) => format!(" (account \"{}\" fixes agreement {})", fixed.account, fixed.choice),
            (None, Some(rule)) => format!(" (rule {rule})"),
            (None, None) => String::new(),
        }
    }

    pub(super) fn rule_words(&self) -> String {
        self.rule.as_ref().map(ToString::to_string).unwrap_or_default()
    }
}

fn conflict_words(fixed: &[Fixed]) -> String {
    let each: Vec<String> = fixed
        .iter()
        .map(|Fixed { account, choice, .. }| format!("account \"{account}\" fixes agreement {choice}"))
        .collect();
    let first = fixed.first().map_or("A", |fixed| fixed.account.as_str());
    format!(
        "Accounts that are linked to one company fix different agreements, and what they use is billed together: {}. Leave one of them: hive settings MSP --account \"{first}\" agreement= takes one back.",
        each.join(" and "),
    )
}
