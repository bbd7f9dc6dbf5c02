//! Deciding about single accounts, products and lines: excluding, adjusting, taking either back.
//!
//! **Owns:** the verbs and their words, what an exclusion leaves billed, the list of what is excluded.
//! **Does not own:** what a decision does to a quantity, and until when it acts (core).

use crate::look::Seen;
use crate::money::{Sums, add};
use crate::view::{AdjustmentView, ExclusionView};
use crate::{By, Desk, Refused, Said};
use hive_core::plan::{Adjust, Adjustment, Exclusion, Facts, Line, Plan, worth_month};
use hive_core::usage::{Account, Product};
use hive_core::{AccountId, AdditionId, Date, LineId, ProductId, Quantity, Timestamp};
use hive_store::{Excluded, Msp};
use std::collections::{BTreeSet, HashMap};

/// Characters of a reason: a sentence or two, not a file.
const REASON_CHARS_MAX: usize = 500;

/// What stays billed in ConnectWise although it is excluded: nothing is set to 0 by an exclusion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StaysBilled {
    /// Additions that no line feeds any more.
    pub additions: BTreeSet<AdditionId>,
    /// Their quantities, added up.
    pub quantity: Quantity,
    /// What they bill a month.
    pub money: Sums,
    /// Additions without a price: they are not in the money.
    pub unpriced: usize,
    /// Additions on which other lines add up: from the next plan on they are the others' sum alone.
    pub shared: BTreeSet<AdditionId>,
}

impl StaysBilled {
    /// What `what` leaves as it is, in a plan made before it was excluded.
    pub fn of(facts: &Facts, plan: &Plan, what: Excluded) -> StaysBilled {
        let named = |line: &&Line| {
            let LineId { account, product } = line.id;
            what.0.is_none_or(|own| own == account) && what.1.is_none_or(|own| own == product)
        };
        let additions: BTreeSet<AdditionId> =
            plan.lines.iter().filter(named).filter_map(|line| line.addition).collect();
        let others: BTreeSet<AdditionId> =
            plan.lines.iter().filter(|line| !named(line)).filter_map(|line| line.addition).collect();
        let (shared, alone): (BTreeSet<_>, BTreeSet<_>) = additions.into_iter().partition(|id| others.contains(id));
        let mut stays = StaysBilled { additions: alone, shared, ..StaysBilled::default() };
        let Some(mirror) = &facts.mirror else { return stays };
        let agreements: HashMap<_, _> = mirror.agreements.iter().map(|agreement| (agreement.id, agreement)).collect();
        for addition in mirror.additions.iter().filter(|addition| stays.additions.contains(&addition.id)) {
            let Some(quantity) = addition.quantity else { continue };
            stays.quantity = stays.quantity.plus(quantity).unwrap_or(stays.quantity);
            let agreement = agreements.get(&addition.agreement).copied();
            let month = agreement.and_then(|agreement| worth_month(agreement, addition, quantity));
            match agreement.zip(month) {
                Some((agreement, month)) => add(&mut stays.money, agreement.currency.as_deref().unwrap_or(""), month),
                None => stays.unpriced += 1,
            }
        }
        stays
    }

    /// In words, each a sentence; empty where nothing is billed.
    pub fn words(&self) -> String {
        let mut words = Vec::new();
        if !self.additions.is_empty() {
            let list: Vec<String> = self.additions.iter().take(5).map(ToString::to_string).collect();
            let more = if self.additions.len() > 5 { " …" } else { "" };
            let money: Vec<String> = self
                .money
                .iter()
                .map(|(code, month)| format!("{} {code}", month.words()).trim_end().to_owned())
                .collect();
            let money = if money.is_empty() { "no price is known".to_owned() } else { money.join(", ") + " a month" };
            let unpriced =
                if self.unpriced > 0 { format!(", {} without a price", self.unpriced) } else { String::new() };
            words.push(format!(
                "Stays billed in ConnectWise as it is, since nothing is set to 0 by an exclusion: {} ({}{more}) with {} in all, {money}{unpriced}.",
                plural(self.additions.len(), "addition"),
                list.join(", "),
                self.quantity,
            ));
        }
        if !self.shared.is_empty() {
            words.push(format!(
                "{} also fed by other lines: from the next plan on the others alone add up there.",
                if self.shared.len() == 1 {
                    "1 addition is".to_owned()
                } else {
                    format!("{} additions are", self.shared.len())
                },
            ));
        }
        words.join(" ")
    }
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// A line that would be in the plan if nobody had excluded it.
#[derive(Clone, Copy, Debug)]
pub struct ExcludedLine<'a> {
    /// Whose.
    pub account: &'a Account,
    /// Of what.
    pub product: &'a Product,
    /// What excludes it: the line's own exclusion before its account's, that before its product's.
    pub exclusion: &'a Exclusion,
}

impl Seen {
    /// The exclusion that acts on a pair today.
    pub fn exclusion(&self, account: AccountId, product: ProductId) -> Option<&Exclusion> {
        let acting =
            self.facts.exclusions.iter().filter(|one| one.acts(self.plan.today) && one.names(account, product));
        acting.min_by_key(|one| (one.account.is_none(), one.product.is_none()))
    }

    /// The adjustment of a pair, acting or ended.
    pub fn adjustment(&self, account: AccountId, product: ProductId) -> Option<&Adjustment> {
        self.facts.adjustments.iter().find(|one| (one.account, one.product) == (account, product))
    }

    /// What is known to be used, granted or chosen and is excluded, in the order of accounts and products.
    pub fn excluded_lines(&self) -> Vec<ExcludedLine<'_>> {
        if self.facts.exclusions.is_empty() {
            return Vec::new();
        }
        let facts = &self.facts;
        let mut pairs: BTreeSet<(AccountId, ProductId)> =
            facts.samples.iter().map(|sample| (sample.account, sample.product)).collect();
        pairs.extend(facts.quotas.iter().map(|quota| (quota.account, quota.product)));
        pairs.extend(facts.pins.iter().map(|pin| (pin.account, pin.product)));
        pairs.extend(facts.adjustments.iter().map(|one| (one.account, one.product)));
        pairs.extend(facts.exclusions.iter().filter_map(|one| one.account.zip(one.product)));
        let line = |(account, product): (AccountId, ProductId)| {
            let exclusion = self.exclusion(account, product)?;
            Some(ExcludedLine { account: self.account(account)?, product: self.product(product)?, exclusion })
        };
        pairs.into_iter().filter_map(line).collect()
    }
}

impl Desk {
    /// Excludes an account, a product or, with both, a line, through a day or until it is taken back. What stays
    /// billed in ConnectWise is said first.
    pub async fn exclude(&self, by: &By, what: Excluded, reason: &str, until: Option<Date>) -> Result<Said, Refused> {
        let name = self.name_of(&by.msp, what).await?;
        let reason = checked_reason(reason)?;
        let (facts, plan, _) = self.make(&by.msp, by.at).await?;
        not_over(until, plan.today)?;
        let stays = StaysBilled::of(&facts, &plan, what).words();
        let (account, product) = what;
        let exclusion = Exclusion { account, product, reason, until, who: by.who.clone(), at: by.at };
        self.store.exclude(by.msp.id, &exclusion).await?;
        let through =
            until.map_or_else(|| "until somebody takes it back".to_owned(), |until| format!("through {until}"));
        let first = if stays.is_empty() { String::new() } else { format!("{stays}\n") };
        Ok(Said(format!("{first}{name} is excluded {through}: no line of the plan, and counted apart.")))
    }

    /// Takes an exclusion back.
    pub async fn include(&self, by: &By, what: Excluded) -> Result<Said, Refused> {
        let name = self.name_of(&by.msp, what).await?;
        match self.store.include(by.msp.id, what, &by.who, by.at).await? {
            Some(_) => Ok(Said(format!("{name} is not excluded any more: it is in the next plan."))),
            None => Err(Refused::Stopped(format!(
                "{name} is not excluded itself; what is: hive exclusions \"{}\"",
                by.msp.name
            ))),
        }
    }

    /// Adjusts one account's part of a product, in units of the item, through a day or until it is taken back.
    pub async fn adjust(
        &self,
        by: &By,
        (account, product): (AccountId, ProductId),
        adjust: Adjust,
        reason: &str,
        until: Option<Date>,
    ) -> Result<Said, Refused> {
        let (account, product) = (self.account_of(&by.msp, account).await?, self.product_of(&by.msp, product).await?);
        let reason = checked_reason(reason)?;
        let settings = self.store.settings(by.msp.id).await?;
        not_over(until, by.at.to_zoned(settings.time_zone()).date())?;
        if !product.is_storage() && !adjust.quantity().is_whole() {
            return Err(Refused::WrongUsage(format!(
                "{} is counted in {}: an adjustment of it is a whole number, not {}",
                product.name,
                product.unit,
                adjust.quantity()
            )));
        }
        if adjust.quantity().is_zero() && !matches!(adjust, Adjust::Fixed(_)) {
            return Err(Refused::WrongUsage("an adjustment by 0 adjusts nothing".to_owned()));
        }
        let (who, at) = (by.who.clone(), by.at);
        let adjustment = Adjustment { account: account.id, product: product.id, adjust, reason, until, who, at };
        self.store.adjust(by.msp.id, &adjustment).await?;
        let through =
            until.map_or_else(|| "until somebody takes it back".to_owned(), |until| format!("through {until}"));
        let waits = self.store.usage_in_force(by.msp.id, account.id, product.id).await?.is_none();
        let waits = match adjust {
            Adjust::Plus(_) | Adjust::Minus(_) if waits => {
                " No usage of it has arrived yet: there is nothing to add to or to take off until some does."
            }
            _ => "",
        };
        Ok(Said(format!("{} x {} is adjusted {through}: {adjust}.{waits}", account.name, product.name)))
    }

    /// Takes an adjustment back.
    pub async fn adjust_none(&self, by: &By, account: AccountId, product: ProductId) -> Result<Said, Refused> {
        let name = self.name_of(&by.msp, (Some(account), Some(product))).await?;
        match self.store.adjust_none(by.msp.id, account, product, &by.who, by.at).await? {
            Some(before) => Ok(Said(format!("{name} is not adjusted any more (it was {}).", before.adjust))),
            None => Err(Refused::Stopped(format!("{name} has no adjustment"))),
        }
    }

    /// Every exclusion, ended ones too.
    pub async fn exclusions(&self, msp: &Msp, at: Timestamp) -> Result<Vec<ExclusionView>, Refused> {
        let (accounts, products) = (self.store.accounts(msp.id).await?, self.store.products(msp.id).await?);
        let today = at.to_zoned(self.store.settings(msp.id).await?.time_zone()).date();
        let all = self.store.exclusions(msp.id).await?;
        Ok(all.iter().map(|one| ExclusionView::of(one, &accounts, &products, today)).collect())
    }

    /// Every adjustment, ended ones too.
    pub async fn adjustments(&self, msp: &Msp, at: Timestamp) -> Result<Vec<AdjustmentView>, Refused> {
        let (accounts, products) = (self.store.accounts(msp.id).await?, self.store.products(msp.id).await?);
        let links = self.store.product_links(msp.id).await?;
        let today = at.to_zoned(self.store.settings(msp.id).await?.time_zone()).date();
        let all = self.store.adjustments(msp.id).await?;
        Ok(all.iter().map(|one| AdjustmentView::of(one, (&accounts, &products, &links), today)).collect())
    }

    /// `Acme`, `Hot Storage` or `Acme x Hot Storage`.
    async fn name_of(&self, msp: &Msp, what: Excluded) -> Result<String, Refused> {
        let mut names = Vec::new();
        if let Some(account) = what.0 {
            names.push(self.account_of(msp, account).await?.name);
        }
        if let Some(product) = what.1 {
            names.push(self.product_of(msp, product).await?.name);
        }
        if names.is_empty() {
            return Err(Refused::WrongUsage("--account, --product or both are needed".to_owned()));
        }
        Ok(names.join(" x "))
    }
}

/// A reason in one line.
fn checked_reason(reason: &str) -> Result<String, Refused> {
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    let reason: String = reason.chars().filter(|c| !c.is_control()).collect();
    if reason.is_empty() {
        return Err(Refused::WrongUsage("a reason is needed: whoever finds it later must know why".to_owned()));
    }
    if reason.chars().count() > REASON_CHARS_MAX {
        return Err(Refused::WrongUsage(format!("a reason has at most {REASON_CHARS_MAX} characters")));
    }
    Ok(reason)
}

fn not_over(until: Option<Date>, today: Date) -> Result<(), Refused> {
    match until.filter(|until| *until < today) {
        Some(until) => Err(Refused::WrongUsage(format!("{until} is over: it is {today} at the MSP already"))),
        None => Ok(()),
    }
}
