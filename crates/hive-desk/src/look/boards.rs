//! The links of an MSP as boards: every company, account and product with the state of its link.
//!
//! **Owns:** states, what is counted, in which order; made once a look, so that a page only cuts.
//! **Does not own:** what is alike (core's matching), what a row looks like (the page).

mod companies;
mod usage;

pub use companies::left_out;
pub use usage::ProductUsage;

use super::{Finder, Look, Seen};
use crate::links::unmistakable_of;
use crate::plan::apart;
use crate::view::{Sources, SuggestionView, Suggestions};
use crate::{Desk, Refused};
use companies::companies;
use hive_core::link::{AccountLink, AccountTarget, ProductLink, ProductTarget};
use hive_core::matching::Suggestion;
use hive_core::{AccountId, CompanyId, ItemId, ProductId};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How long a page waits for names to be compared; without them it shows everything else.
const PATIENCE: Duration = Duration::from_millis(60);

/// How a link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkState {
    /// Nobody decided, and nothing is alike.
    Unlinked,
    /// Nobody decided; something is alike.
    Suggested,
    /// Linked.
    Linked,
    /// A person decided that it is not billed.
    Ignored,
    /// Linked to what is gone, deleted or inactive.
    Broken,
}

impl LinkState {
    /// All five.
    pub const ALL: [LinkState; 5] =
        [LinkState::Unlinked, LinkState::Suggested, LinkState::Linked, LinkState::Ignored, LinkState::Broken];

    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            LinkState::Unlinked => "unlinked",
            LinkState::Suggested => "suggested",
            LinkState::Linked => "linked",
            LinkState::Ignored => "ignored",
            LinkState::Broken => "broken",
        }
    }

    /// Reads [`LinkState::name`].
    pub fn parse(text: &str) -> Option<LinkState> {
        LinkState::ALL.into_iter().find(|state| state.name() == text)
    }

    /// Nobody decided yet.
    pub fn is_open(self) -> bool {
        matches!(self, LinkState::Unlinked | LinkState::Suggested)
    }
}

/// A ConnectWise company and the accounts that are billed to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyRow {
    /// The company; it may be gone from the last Sync.
    pub id: CompanyId,
    /// How its link stands; a company is never ignored.
    pub state: LinkState,
    /// One "you currently have": active in ConnectWise, a customer by its type, or linked.
    pub yours: bool,
    /// In the order of their ids.
    pub accounts: Vec<AccountId>,
    /// Open accounts that it may be, the likeliest first.
    pub suggested: Vec<Suggestion<AccountId, CompanyId>>,
}

/// A Hive account and what it is linked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// The account.
    pub id: AccountId,
    /// How its link stands.
    pub state: LinkState,
    /// What it is linked to.
    pub link: Option<AccountLink>,
    /// Why it is broken.
    pub note: Option<&'static str>,
}

/// A Hive product and what it is mapped to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductRow {
    /// The product.
    pub id: ProductId,
    /// How its link stands.
    pub state: LinkState,
    /// What it is mapped to.
    pub link: Option<ProductLink>,
    /// Why it is broken.
    pub note: Option<&'static str>,
    /// Who uses it and how much.
    pub usage: ProductUsage,
}

/// Everything that can be linked, as of one moment.
#[derive(Debug)]
pub struct Boards {
    /// By name.
    pub companies: Vec<CompanyRow>,
    /// Those with usage that nobody is billed for first, the dearest before; then by name.
    pub accounts: Vec<AccountRow>,
    /// Open ones with most users first, then by name.
    pub products: Vec<ProductRow>,
    /// Accounts that must be one company, and are linked to none yet.
    pub unmistakable: Vec<Suggestion<AccountId, CompanyId>>,
    /// Whether names were compared: without that nothing is suggested yet.
    pub compared: bool,
    accounts_on: HashMap<CompanyId, Vec<AccountId>>,
    products_on: HashMap<ItemId, Vec<ProductId>>,
    account_links: HashMap<AccountId, AccountLink>,
    suggestions_of: HashMap<ProductId, Vec<SuggestionView>>,
}

impl Boards {
    /// The accounts on a company.
    pub fn accounts_on(&self, company: CompanyId) -> &[AccountId] {
        self.accounts_on.get(&company).map_or(&[], Vec::as_slice)
    }

    /// The products on an item.
    pub fn products_on(&self, item: ItemId) -> &[ProductId] {
        self.products_on.get(&item).map_or(&[], Vec::as_slice)
    }

    /// What an account is linked to.
    pub fn account_link(&self, account: AccountId) -> Option<&AccountLink> {
        self.account_links.get(&account)
    }

    /// What a product may be, best first; nothing where somebody decided.
    pub fn suggestions_of(&self, product: ProductId) -> &[SuggestionView] {
        self.suggestions_of.get(&product).map_or(&[], Vec::as_slice)
    }

    /// The row of a product.
    pub fn product(&self, product: ProductId) -> Option<&ProductRow> {
        self.products.iter().find(|row| row.id == product)
    }

    /// The boards of an older look with the links of now: what was compared for it still holds.
    fn newer(seen: &Seen, account_links: &[AccountLink], product_links: &[ProductLink]) -> Boards {
        let mut boards = Boards::of(seen, account_links, product_links, false);
        let Some(before) = seen.kept.boards.get() else { return boards };
        let open = |one: &&Suggestion<AccountId, CompanyId>| {
            boards.account_link(one.hive).is_none() && boards.accounts_on(one.connectwise).is_empty()
        };
        boards.unmistakable = before.unmistakable.iter().filter(open).cloned().collect();
        boards.compared = true;
        boards
    }

    fn of(seen: &Seen, account_links: &[AccountLink], product_links: &[ProductLink], compare: bool) -> Boards {
        let sources = Sources { account_links, product_links, ..seen.sources() };
        let none = Suggestions::default();
        let suggestions = if compare || seen.has_suggestions() { seen.suggestions() } else { &none };
        let mut accounts_on: HashMap<CompanyId, Vec<AccountId>> = HashMap::new();
        for link in account_links {
            if let AccountTarget::Company(company) = link.target {
                accounts_on.entry(company).or_default().push(link.account);
            }
        }
        let mut products_on: HashMap<ItemId, Vec<ProductId>> = HashMap::new();
        for link in product_links {
            if let ProductTarget::Item(item) = link.target {
                products_on.entry(item).or_default().push(link.product);
            }
        }
        let account_links: HashMap<AccountId, AccountLink> =
            account_links.iter().map(|link| (link.account, link.clone())).collect();
        let products = products(seen, product_links, suggestions);
        let open = products.iter().filter(|row| row.state.is_open()).map(|row| row.id);
        let suggestions_of = open.map(|id| (id, suggestions.of_product(id).to_vec())).collect();
        Boards {
            companies: companies(seen, &accounts_on, &account_links, suggestions),
            accounts: accounts(seen, &account_links, suggestions),
            products,
            unmistakable: if compare { unmistakable_of(&sources, &seen.facts.settings) } else { Vec::new() },
            compared: compare,
            accounts_on,
            products_on,
            account_links,
            suggestions_of,
        }
    }
}

/// The state of an account's link, and why it is broken.
fn account_state(seen: &Seen, link: Option<&AccountLink>, suggested: bool) -> (LinkState, Option<&'static str>) {
    match link.map(|link| link.target) {
        Some(AccountTarget::Company(company)) => match companies::broken(seen, company) {
            Some(why) => (LinkState::Broken, Some(why)),
            None => (LinkState::Linked, None),
        },
        Some(AccountTarget::Ignored) => (LinkState::Ignored, None),
        None if suggested => (LinkState::Suggested, None),
        None => (LinkState::Unlinked, None),
    }
}

fn accounts(seen: &Seen, links: &HashMap<AccountId, AccountLink>, suggestions: &Suggestions) -> Vec<AccountRow> {
    let rank: HashMap<AccountId, usize> =
        seen.unlinked_with_usage().iter().enumerate().map(|(rank, one)| (one.id, rank)).collect();
    let row = |account: &hive_core::usage::Account| {
        let link = links.get(&account.id);
        let (state, note) = account_state(seen, link, !suggestions.of_account(account.id).is_empty());
        let rank = rank.get(&account.id).copied().filter(|_| state.is_open()).unwrap_or(usize::MAX);
        ((rank, account.name.to_lowercase()), AccountRow { id: account.id, state, link: link.cloned(), note })
    };
    let mut rows: Vec<_> = seen.facts.accounts.iter().map(row).collect();
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    rows.into_iter().map(|(_, row)| row).collect()
}

fn products(seen: &Seen, links: &[ProductLink], suggestions: &Suggestions) -> Vec<ProductRow> {
    let links: HashMap<ProductId, &ProductLink> = links.iter().map(|link| (link.product, link)).collect();
    let mut usages = usage::by_product(seen);
    let row = |product: &hive_core::usage::Product| {
        let link = links.get(&product.id).copied();
        let (state, note) = match link.map(|link| link.target) {
            Some(ProductTarget::Item(item)) => match broken_item(seen, item) {
                Some(why) => (LinkState::Broken, Some(why)),
                None => (LinkState::Linked, None),
            },
            Some(ProductTarget::Ignored) => (LinkState::Ignored, None),
            None if !suggestions.of_product(product.id).is_empty() => (LinkState::Suggested, None),
            None => (LinkState::Unlinked, None),
        };
        let usage = usages.remove(&product.id).unwrap_or_default();
        let rank = if state.is_open() { usize::MAX - usage.accounts } else { usize::MAX };
        let row = ProductRow { id: product.id, state, link: link.cloned(), note, usage };
        ((!state.is_open(), rank, product.name.to_lowercase()), row)
    };
    let mut rows: Vec<_> = seen.facts.products.iter().map(row).collect();
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    rows.into_iter().map(|(_, row)| row).collect()
}

/// Why nothing can be pushed to an item.
fn broken_item(seen: &Seen, item: ItemId) -> Option<&'static str> {
    match seen.item(item) {
        None => Some("the item is not in the last Sync any more"),
        Some(item) if item.inactive => Some("the item is inactive in ConnectWise"),
        Some(item) if item.is_bundle() => Some("the item is a bundle, which cannot be on an agreement"),
        Some(_) => None,
    }
}

/// What is made once a look for boards and searches.
#[derive(Debug, Default)]
pub(super) struct Kept {
    boards: OnceLock<Arc<Boards>>,
    /// Without suggestions, for as long as names are being compared.
    bare: OnceLock<Arc<Boards>>,
    comparing: AtomicBool,
    items: OnceLock<Finder>,
    accounts: OnceLock<Finder>,
    companies: OnceLock<Finder>,
}

impl Seen {
    /// ConnectWise items by product id and description: what 'Search for product...' asks.
    pub fn item_finder(&self) -> &Finder {
        self.kept.items.get_or_init(|| {
            let items = self.mirror().map_or(&[][..], |mirror| &mirror.items);
            Finder::of(items.iter().map(|item| {
                (
                    item.id.0,
                    !item.inactive && !item.is_bundle(),
                    vec![item.identifier.as_str(), item.description.as_str()],
                )
            }))
        })
    }

    /// Hive accounts by name and the id that their source gave them.
    pub fn account_finder(&self) -> &Finder {
        self.kept.accounts.get_or_init(|| {
            Finder::of(self.facts.accounts.iter().map(|account| {
                let own_id = account.external_id.as_deref().unwrap_or_default();
                (account.id.0, true, vec![own_id, account.name.as_str()])
            }))
        })
    }

    /// ConnectWise companies by identifier and name.
    pub fn company_finder(&self) -> &Finder {
        self.kept.companies.get_or_init(|| {
            let companies = self.mirror().map_or(&[][..], |mirror| &mirror.companies);
            Finder::of(companies.iter().map(|company| {
                let usable = !company.deleted && !company.is_inactive();
                (company.id.0, usable, vec![company.identifier.as_str(), company.name.as_str()])
            }))
        })
    }

    /// The accounts whose names or ids hold what was typed.
    pub fn accounts_with(&self, typed: &str) -> HashSet<AccountId> {
        self.account_finder().all(typed).map(AccountId).collect()
    }

    /// The companies whose names or ids hold what was typed.
    pub fn companies_with(&self, typed: &str) -> HashSet<CompanyId> {
        self.company_finder().all(typed).map(CompanyId).collect()
    }
}

impl Desk {
    /// The boards of a look. Links are always those of now, also where the look is an older one: whoever
    /// links one after the other sees each. What takes long to compare is left out until it is done.
    pub async fn boards(&self, look: &Arc<Look>) -> Result<Arc<Boards>, Refused> {
        if !look.fresh {
            let account_links = self.store.account_links(look.msp.id).await?;
            let product_links = self.store.product_links(look.msp.id).await?;
            let older = look.clone();
            return apart(move || Arc::new(Boards::newer(&older, &account_links, &product_links))).await;
        }
        if let Some(boards) = look.kept.boards.get() {
            return Ok(boards.clone());
        }
        // One request has names compared; it and the others show the rest meanwhile.
        if !look.kept.comparing.swap(true, Ordering::Relaxed) {
            let making = whole(look);
            if let Ok(boards) = tokio::time::timeout(PATIENCE, making).await {
                return boards;
            }
        }
        let bare = look.clone();
        apart(move || bare.kept.bare.get_or_init(|| Arc::new(of_facts(&bare, false))).clone()).await
    }

    /// [`Desk::boards`], with everything compared however long that takes.
    pub async fn boards_whole(&self, look: &Arc<Look>) -> Result<Arc<Boards>, Refused> {
        match look.kept.boards.get() {
            Some(boards) => Ok(boards.clone()),
            None => whole(look).await,
        }
    }
}

fn of_facts(look: &Look, compare: bool) -> Boards {
    Boards::of(look, &look.facts.account_links, &look.facts.product_links, compare)
}

/// Goes on by itself where nobody waits any more.
fn whole(look: &Arc<Look>) -> impl Future<Output = Result<Arc<Boards>, Refused>> + use<> {
    let look = look.clone();
    let making =
        tokio::task::spawn_blocking(move || look.kept.boards.get_or_init(|| Arc::new(of_facts(&look, true))).clone());
    async { making.await.map_err(|error| Refused::Broken(format!("the boards broke off: {error}"))) }
}
