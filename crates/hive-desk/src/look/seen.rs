//! Facts and plan of one MSP, found by their ids.

use crate::money::Sums;
use crate::view::{LinksView, Sources, Suggestions};
use hive_core::ladder::Quota;
use hive_core::link::{AccountLink, AccountTarget, ProductLink, ProductTarget};
use hive_core::mirror::{Addition, Agreement, CatalogItem, Company, Mirror};
use hive_core::plan::{Change, Counts, Facts, Line, Mark, Plan, Standing, live_products};
use hive_core::settings::At;
use hive_core::usage::{Account, Product, Sample};
use hive_core::{AccountId, AdditionId, AgreementId, CompanyId, ItemId, LineId, MspId, ProductId, Quantity, Timestamp};
use hive_store::Msp;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::{Arc, OnceLock};

use super::boards::Kept;
use super::{Balance, Billable, Cause, InvoiceDay, Unbilled, Usages, billing, leaks, month, sums};
use crate::Averages;

/// Pairs that people took apart.
#[derive(Debug, Default)]
pub(crate) struct Rejected {
    pub(crate) accounts: BTreeSet<(AccountId, CompanyId)>,
    pub(crate) products: BTreeSet<(ProductId, ItemId)>,
}

/// The facts, the plan that they make, and lookups.
#[derive(Debug)]
pub struct Seen {
    /// Whose.
    pub msp: Msp,
    /// When the facts were read and the plan was made.
    pub at: Timestamp,
    /// What the plan was made from.
    pub facts: Facts,
    /// Made, checked and stored.
    pub plan: Plan,
    /// Additions (and lines without one) by mark.
    pub counts: Counts,
    /// Products that are live under their present rule.
    pub live: BTreeSet<ProductId>,
    rejected: Rejected,
    places: Places,
    suggestions: OnceLock<Arc<Suggestions>>,
    /// What an earlier look compared.
    earlier: Option<Arc<Suggestions>>,
    money: OnceLock<BTreeMap<Mark, Sums>>,
    causes: OnceLock<Vec<Cause>>,
    unlinked: OnceLock<Vec<Unbilled<AccountId>>>,
    unmapped: OnceLock<Vec<Unbilled<ProductId>>>,
    usages: OnceLock<Usages>,
    invoices: OnceLock<month::Invoices>,
    pub(super) kept: Kept,
    balance: OnceLock<Balance>,
    billables: OnceLock<Vec<Billable>>,
    by_name: OnceLock<Vec<(String, usize)>>,
    pub(super) customers_gb: OnceLock<HashMap<ProductId, (Quantity, Quantity)>>,
    averages: tokio::sync::OnceCell<Option<Arc<Averages>>>,
}

/// Where each record stands in its list.
#[derive(Debug, Default)]
struct Places {
    accounts: HashMap<AccountId, usize>,
    products: HashMap<ProductId, usize>,
    companies: HashMap<CompanyId, usize>,
    items: HashMap<ItemId, usize>,
    agreements: HashMap<AgreementId, usize>,
    additions: HashMap<AdditionId, usize>,
    account_links: HashMap<AccountId, usize>,
    product_links: HashMap<ProductId, usize>,
    quotas: HashMap<(AccountId, ProductId), usize>,
    standings: HashMap<AdditionId, usize>,
    pins: HashMap<(AccountId, ProductId), AdditionId>,
    samples: HashMap<(AccountId, ProductId), Vec<usize>>,
    agreements_of: HashMap<CompanyId, Vec<usize>>,
    additions_of: HashMap<AgreementId, Vec<usize>>,
    accounts_on: HashMap<CompanyId, Vec<AccountId>>,
    products_on: HashMap<ItemId, Vec<ProductId>>,
    lines_of_product: HashMap<ProductId, Vec<usize>>,
    lines_of_addition: HashMap<AdditionId, Vec<usize>>,
}

fn one<T, K: Hash + Eq>(rows: &[T], key: impl Fn(&T) -> K) -> HashMap<K, usize> {
    rows.iter().enumerate().map(|(place, row)| (key(row), place)).collect()
}

fn many<T, K: Hash + Eq>(rows: &[T], key: impl Fn(&T) -> Option<K>) -> HashMap<K, Vec<usize>> {
    let mut places: HashMap<K, Vec<usize>> = HashMap::new();
    for (place, row) in rows.iter().enumerate() {
        if let Some(key) = key(row) {
            places.entry(key).or_default().push(place);
        }
    }
    places
}

impl Places {
    fn of(facts: &Facts, plan: &Plan) -> Places {
        let mut places = Places {
            accounts: one(&facts.accounts, |account| account.id),
            products: one(&facts.products, |product| product.id),
            account_links: one(&facts.account_links, |link| link.account),
            product_links: one(&facts.product_links, |link| link.product),
            quotas: one(&facts.quotas, |quota| (quota.account, quota.product)),
            standings: one(&facts.standings, |standing| standing.addition),
            pins: facts.pins.iter().map(|pin| ((pin.account, pin.product), pin.addition)).collect(),
            samples: many(&facts.samples, |sample| Some((sample.account, sample.product))),
            lines_of_product: many(&plan.lines, |line| Some(line.id.product)),
            lines_of_addition: many(&plan.lines, |line| line.addition),
            ..Places::default()
        };
        for link in &facts.account_links {
            if let AccountTarget::Company(company) = link.target {
                places.accounts_on.entry(company).or_default().push(link.account);
            }
        }
        for link in &facts.product_links {
            if let ProductTarget::Item(item) = link.target {
                places.products_on.entry(item).or_default().push(link.product);
            }
        }
        if let Some(mirror) = &facts.mirror {
            places.companies = one(&mirror.companies, |company| company.id);
            places.items = one(&mirror.items, |item| item.id);
            places.agreements = one(&mirror.agreements, |agreement| agreement.id);
            places.additions = one(&mirror.additions, |addition| addition.id);
            places.agreements_of = many(&mirror.agreements, |agreement| Some(agreement.company));
            places.additions_of = many(&mirror.additions, |addition| Some(addition.agreement));
        }
        places
    }
}

fn at_all<'a, T>(rows: &'a [T], places: Option<&'a Vec<usize>>) -> impl Iterator<Item = &'a T> {
    places.into_iter().flatten().filter_map(|place| rows.get(*place))
}

impl Seen {
    pub(crate) fn new(msp: Msp, at: Timestamp, facts: Facts, plan: Plan, rejected: Rejected) -> Seen {
        let (counts, live, places) = (plan.counts(), live_products(&facts), Places::of(&facts, &plan));
        Seen {
            msp,
            at,
            facts,
            plan,
            counts,
            live,
            rejected,
            places,
            suggestions: OnceLock::new(),
            earlier: None,
            money: OnceLock::new(),
            causes: OnceLock::new(),
            unlinked: OnceLock::new(),
            unmapped: OnceLock::new(),
            usages: OnceLock::new(),
            invoices: OnceLock::new(),
            kept: Kept::default(),
            balance: OnceLock::new(),
            billables: OnceLock::new(),
            by_name: OnceLock::new(),
            customers_gb: OnceLock::new(),
            averages: tokio::sync::OnceCell::new(),
        }
    }

    /// The MSP's id.
    pub fn id(&self) -> MspId {
        self.msp.id
    }

    /// What was synced last; `None` before the first Sync.
    pub fn mirror(&self) -> Option<&Mirror> {
        self.facts.mirror.as_ref()
    }

    /// An account of Hive.
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.places.accounts.get(&id).and_then(|place| self.facts.accounts.get(*place))
    }

    /// A product of Hive.
    pub fn product(&self, id: ProductId) -> Option<&Product> {
        self.places.products.get(&id).and_then(|place| self.facts.products.get(*place))
    }

    /// A company of the last Sync.
    pub fn company(&self, id: CompanyId) -> Option<&Company> {
        self.places.companies.get(&id).and_then(|place| self.mirror()?.companies.get(*place))
    }

    /// An item of the last Sync.
    pub fn item(&self, id: ItemId) -> Option<&CatalogItem> {
        self.places.items.get(&id).and_then(|place| self.mirror()?.items.get(*place))
    }

    /// An agreement of the last Sync.
    pub fn agreement(&self, id: AgreementId) -> Option<&Agreement> {
        self.places.agreements.get(&id).and_then(|place| self.mirror()?.agreements.get(*place))
    }

    /// An addition of the last Sync.
    pub fn addition(&self, id: AdditionId) -> Option<&Addition> {
        self.places.additions.get(&id).and_then(|place| self.mirror()?.additions.get(*place))
    }

    /// The agreements of a company.
    pub fn agreements_of(&self, company: CompanyId) -> impl Iterator<Item = &Agreement> {
        let all = self.mirror().map_or(&[][..], |mirror| &mirror.agreements);
        at_all(all, self.places.agreements_of.get(&company))
    }

    /// The additions of an agreement.
    pub fn additions_of(&self, agreement: AgreementId) -> impl Iterator<Item = &Addition> {
        let all = self.mirror().map_or(&[][..], |mirror| &mirror.additions);
        at_all(all, self.places.additions_of.get(&agreement))
    }

    /// What an account is linked to; `None` while nobody decided.
    pub fn account_link(&self, account: AccountId) -> Option<&AccountLink> {
        self.places.account_links.get(&account).and_then(|place| self.facts.account_links.get(*place))
    }

    /// What a product is mapped to; `None` while nobody decided.
    pub fn product_link(&self, product: ProductId) -> Option<&ProductLink> {
        self.places.product_links.get(&product).and_then(|place| self.facts.product_links.get(*place))
    }

    /// The accounts that are billed to a company.
    pub fn accounts_on(&self, company: CompanyId) -> &[AccountId] {
        self.places.accounts_on.get(&company).map_or(&[], Vec::as_slice)
    }

    /// The products that are billed as an item.
    pub fn products_on(&self, item: ItemId) -> &[ProductId] {
        self.places.products_on.get(&item).map_or(&[], Vec::as_slice)
    }

    /// How much an account may use of a product.
    pub fn quota(&self, account: AccountId, product: ProductId) -> Option<&Quota> {
        self.places.quotas.get(&(account, product)).and_then(|place| self.facts.quotas.get(*place))
    }

    /// The one addition that a person chose.
    pub fn pin(&self, account: AccountId, product: ProductId) -> Option<AdditionId> {
        self.places.pins.get(&(account, product)).copied()
    }

    /// What Hive remembers of an addition.
    pub fn standing(&self, addition: AdditionId) -> Option<&Standing> {
        self.places.standings.get(&addition).and_then(|place| self.facts.standings.get(*place))
    }

    /// The newest sample of each source.
    pub fn samples(&self, account: AccountId, product: ProductId) -> impl Iterator<Item = &Sample> {
        at_all(&self.facts.samples, self.places.samples.get(&(account, product)))
    }

    /// A line of the plan.
    pub fn line(&self, id: LineId) -> Option<&Line> {
        self.plan.line(id)
    }

    /// An account's lines, in the order of their products.
    pub fn lines_of(&self, account: AccountId) -> &[Line] {
        let lines = &self.plan.lines;
        let begin = lines.partition_point(|line| line.id.account < account);
        let end = lines.partition_point(|line| line.id.account <= account);
        &lines[begin..end]
    }

    /// A product's lines, in the order of their accounts.
    pub fn lines_of_product(&self, product: ProductId) -> impl Iterator<Item = &Line> {
        at_all(&self.plan.lines, self.places.lines_of_product.get(&product))
    }

    /// The lines whose parts add up on an addition.
    pub fn lines_of_addition(&self, addition: AdditionId) -> impl Iterator<Item = &Line> {
        at_all(&self.plan.lines, self.places.lines_of_addition.get(&addition))
    }

    /// What the plan would write to an addition, now or once a person agrees.
    pub fn change(&self, addition: AdditionId) -> Option<&Change> {
        let changes = &self.plan.changes;
        changes.binary_search_by_key(&addition, |change| change.addition).ok().map(|place| &changes[place])
    }

    /// Every account in the order of its name, with that name in lower case.
    pub fn accounts_by_name(&self) -> impl Iterator<Item = (&str, &Account)> {
        let all = self.by_name.get_or_init(|| {
            let named = self.facts.accounts.iter().enumerate();
            let mut all: Vec<(String, usize)> =
                named.map(|(place, account)| (account.name.to_lowercase(), place)).collect();
            all.sort();
            all
        });
        all.iter().filter_map(|(name, place)| Some((name.as_str(), self.facts.accounts.get(*place)?)))
    }

    /// What the lines of each mark move a month, one amount a currency, each addition once.
    pub fn money(&self) -> &BTreeMap<Mark, Sums> {
        self.money.get_or_init(|| sums::by_mark(&self.plan))
    }

    /// What these lines of the plan move a month, one amount a currency, each addition once.
    pub fn money_of<'a>(&'a self, lines: impl IntoIterator<Item = &'a Line>) -> Sums {
        crate::money::of(&self.plan, lines)
    }

    /// The causes that hold changes: each is one decision. The dearest first.
    pub fn held_causes(&self) -> &[Cause] {
        self.causes.get_or_init(|| sums::causes(self))
    }

    /// Accounts with usage that are linked to nothing and not ignored. The dearest first.
    pub fn unlinked_with_usage(&self) -> &[Unbilled<AccountId>] {
        self.unlinked.get_or_init(|| sums::unlinked(self))
    }

    /// Products with usage that are mapped to nothing and not ignored. Those of most lines first.
    pub fn unmapped_with_usage(&self) -> &[Unbilled<ProductId>] {
        self.unmapped.get_or_init(|| sums::unmapped(self))
    }

    /// The lines by account, product and money, made when first asked for.
    pub fn usages(&self) -> &Usages {
        self.usages.get_or_init(|| Usages::of(self))
    }

    /// The invoices to come, by their day; the agreements without one last.
    pub fn invoice_days(&self) -> &[InvoiceDay] {
        &self.invoices.get_or_init(|| month::invoices(self)).days
    }

    /// Lines that stand on no invoice to come: no account's company, or none with an active agreement.
    pub fn on_no_invoice(&self) -> &[LineId] {
        &self.invoices.get_or_init(|| month::invoices(self)).nowhere
    }

    /// What is not billed, and what is billed too much. Compares names: see [`Seen::suggestions`].
    pub fn balance(&self) -> &Balance {
        self.balance.get_or_init(|| leaks::balance(self, true))
    }

    /// Every product with its sums over all accounts, in the order of names.
    pub fn billables(&self) -> &[Billable] {
        self.billables.get_or_init(|| billing::billables(self))
    }

    pub(crate) fn averages_cell(&self) -> &tokio::sync::OnceCell<Option<Arc<Averages>>> {
        &self.averages
    }

    /// The sample that counts: of the source a person chose, else the newest.
    pub fn sample_in_force(&self, account: AccountId, product: ProductId) -> Option<&Sample> {
        let chosen = self.facts.settings.source(At { product: Some(product), account: Some(account) });
        let of_source = self.samples(account, product).filter(|sample| chosen.is_none_or(|of| sample.source == of));
        of_source.max_by(|a, b| (a.measured_at, &b.source).cmp(&(b.measured_at, &a.source)))
    }

    /// Whether a sample is of a class that counts.
    pub fn counts(&self, sample: &Sample) -> bool {
        let at = At { product: Some(sample.product), account: Some(sample.account) };
        self.facts.settings.classes(at).count(&sample.class)
    }

    /// What open accounts and products may be. Made when it is first asked for: seconds where both
    /// sides are many thousands, so ask on a thread that may wait ([`Seen::has_suggestions`]).
    pub fn suggestions(&self) -> &Suggestions {
        self.suggestions.get_or_init(|| {
            let sources = self.sources();
            Arc::new(match &self.earlier {
                Some(earlier) => Suggestions::after(earlier, &sources),
                None => Suggestions::of(&sources),
            })
        })
    }

    /// What was compared so far, for the look that follows this one.
    pub(super) fn compared(&self) -> Option<Arc<Suggestions>> {
        self.suggestions.get().or(self.earlier.as_ref()).cloned()
    }

    /// The same, with what an earlier look compared.
    pub(super) fn with_compared(mut self, earlier: Option<Arc<Suggestions>>) -> Seen {
        self.earlier = earlier;
        self
    }

    /// Whether suggestions are at hand already.
    pub fn has_suggestions(&self) -> bool {
        self.suggestions.get().is_some()
    }

    /// Links as the command line and the API show them; makes the suggestions.
    pub fn links(&self) -> LinksView {
        LinksView::of(&self.sources(), self.suggestions())
    }

    pub(super) fn sources(&self) -> Sources<'_> {
        Sources {
            msp: &self.msp.name,
            accounts: &self.facts.accounts,
            products: &self.facts.products,
            account_links: &self.facts.account_links,
            product_links: &self.facts.product_links,
            rejected_accounts: &self.rejected.accounts,
            rejected_products: &self.rejected.products,
            mirror: self.mirror(),
        }
    }
}
