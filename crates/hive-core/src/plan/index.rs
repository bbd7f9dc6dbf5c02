//! The facts, found by their ids.

use super::basis::History;
use super::feed::Feeds;
use super::{Facts, Standing};
use crate::ids::{AccountId, AdditionId, AgreementId, CompanyId, ItemId, ProductId};
use crate::import::loose;
use crate::ladder::Quota;
use crate::link::{AccountTarget, LinkedBy, ProductLink, ProductTarget};
use crate::mirror::{Addition, Agreement, CatalogItem, Company, Mirror};
use crate::settings::Basis;
use crate::usage::{Account, Product, Sample};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use std::collections::{HashMap, HashSet};

pub(super) type Pair = (AccountId, ProductId);

/// Everything the planner looks up, and the moment it plans for.
pub(super) struct Index<'a> {
    pub(super) facts: &'a Facts,
    pub(super) now: Timestamp,
    pub(super) today: Date,
    /// The MSP's zone, found once.
    pub(super) zone: TimeZone,
    pub(super) accounts: HashMap<AccountId, &'a Account>,
    pub(super) products: HashMap<ProductId, &'a Product>,
    pub(super) account_targets: HashMap<AccountId, AccountTarget>,
    linked_by_match: HashSet<AccountId>,
    pub(super) product_links: HashMap<ProductId, &'a ProductLink>,
    pub(super) samples: HashMap<Pair, Vec<&'a Sample>>,
    pub(super) history: History<'a>,
    pub(super) feeds: Feeds<'a>,
    pub(super) quotas: HashMap<Pair, &'a Quota>,
    pub(super) pins: HashMap<Pair, AdditionId>,
    pub(super) standings: HashMap<AdditionId, &'a Standing>,
    pub(super) companies: HashMap<CompanyId, &'a Company>,
    /// Companies that are not deleted, by their name without case and spaces.
    pub(super) companies_named: HashMap<String, Vec<&'a Company>>,
    pub(super) items: HashMap<ItemId, &'a CatalogItem>,
    pub(super) agreements: HashMap<AgreementId, &'a Agreement>,
    pub(super) agreements_of: HashMap<CompanyId, Vec<&'a Agreement>>,
    /// Additions of an item on any agreement of a company, in the order of their ids.
    pub(super) additions_of: HashMap<(CompanyId, ItemId), Vec<&'a Addition>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(facts: &'a Facts, now: Timestamp) -> Index<'a> {
        let zone = facts.settings.time_zone();
        let today = now.to_zoned(zone.clone()).date();
        let mut samples: HashMap<Pair, Vec<&Sample>> = HashMap::new();
        for sample in &facts.samples {
            samples.entry((sample.account, sample.product)).or_default().push(sample);
        }
        for of_pair in samples.values_mut() {
            of_pair.sort_by(|a, b| (b.measured_at, &a.source).cmp(&(a.measured_at, &b.source)));
        }
        let basis = |product: &&Product| facts.settings.basis(product.id) != Basis::Latest;
        let over: HashSet<ProductId> = facts.products.iter().filter(basis).map(|product| product.id).collect();
        let history = History::new(facts.history.iter().chain(&facts.samples), &over, today, &zone);
        let mut index = Index {
            facts,
            now,
            today,
            zone,
            accounts: facts.accounts.iter().map(|a| (a.id, a)).collect(),
            products: facts.products.iter().map(|p| (p.id, p)).collect(),
            linked_by_match: facts
                .account_links
                .iter()
                .filter(|l| l.by == LinkedBy::Match)
                .map(|l| l.account)
                .collect(),
            account_targets: facts.account_links.iter().map(|l| (l.account, l.target)).collect(),
            product_links: facts.product_links.iter().map(|l| (l.product, l)).collect(),
            samples,
            history,
            feeds: Feeds::new(facts, today),
            quotas: facts.quotas.iter().map(|q| ((q.account, q.product), q)).collect(),
            pins: facts.pins.iter().map(|p| ((p.account, p.product), p.addition)).collect(),
            standings: facts.standings.iter().map(|s| (s.addition, s)).collect(),
            companies: HashMap::new(),
            companies_named: HashMap::new(),
            items: HashMap::new(),
            agreements: HashMap::new(),
            agreements_of: HashMap::new(),
            additions_of: HashMap::new(),
        };
        if let Some(mirror) = &facts.mirror {
            index.read(mirror);
        }
        index
    }

    fn read(&mut self, mirror: &'a Mirror) {
        self.companies = mirror.companies.iter().map(|c| (c.id, c)).collect();
        for company in mirror.companies.iter().filter(|company| !company.deleted) {
            self.companies_named.entry(loose(&company.name)).or_default().push(company);
        }
        for same in self.companies_named.values_mut() {
            same.sort_by_key(|company| company.id);
        }
        self.items = mirror.items.iter().map(|i| (i.id, i)).collect();
        self.agreements = mirror.agreements.iter().map(|a| (a.id, a)).collect();
        for agreement in &mirror.agreements {
            self.agreements_of.entry(agreement.company).or_default().push(agreement);
        }
        for addition in &mirror.additions {
            if let Some(agreement) = self.agreements.get(&addition.agreement) {
                self.additions_of.entry((agreement.company, addition.item)).or_default().push(addition);
            }
        }
        for agreements in self.agreements_of.values_mut() {
            agreements.sort_by_key(|agreement| agreement.id);
        }
        for additions in self.additions_of.values_mut() {
            additions.sort_by_key(|addition| addition.id);
        }
    }

    /// Whether a pair ever had a sample, a quota or a pin.
    pub(super) fn is_known(&self, pair: Pair) -> bool {
        self.samples.contains_key(&pair) || self.quotas.contains_key(&pair) || self.pins.contains_key(&pair)
    }

    /// The company and item of a pair whose links are both made.
    pub(super) fn linked(&self, (account, product): Pair) -> Option<(CompanyId, ItemId)> {
        let AccountTarget::Company(company) = *self.account_targets.get(&account)? else { return None };
        let ProductTarget::Item(item) = self.product_links.get(&product)?.target else { return None };
        Some((company, item))
    }

    /// Whether a person decided not to bill this pair.
    pub(super) fn is_ignored(&self, (account, product): Pair) -> bool {
        let target = self.product_links.get(&product).map(|link| link.target);
        self.is_ignored_account(account) || target == Some(ProductTarget::Ignored)
    }

    /// Whether nothing of this account is billed.
    pub(super) fn is_ignored_account(&self, account: AccountId) -> bool {
        match self.account_targets.get(&account) {
            Some(AccountTarget::Ignored) => true,
            // Its own account is billed only where a person linked it.
            Some(AccountTarget::Company(_)) => {
                self.linked_by_match.contains(&account) && self.facts.settings.is_own(account)
            }
            None => self.facts.settings.is_own(account),
        }
    }

    pub(super) fn account_name(&self, account: AccountId) -> &'a str {
        self.accounts.get(&account).map_or("(unknown account)", |account| account.name.as_str())
    }

    pub(super) fn product_name(&self, product: ProductId) -> &'a str {
        self.products.get(&product).map_or("(unknown product)", |product| product.name.as_str())
    }

    /// An item as a clerk knows it.
    pub(super) fn item_name(&self, item: ItemId) -> String {
        self.items
            .get(&item)
            .map_or_else(|| format!("item {item}"), |found| format!("item {} ({item})", found.identifier))
    }
}
