//! Links, suggestions, and what is broken, as others read them. The JSON is a contract.

use crate::csv::Csv;
use hive_core::link::{AccountLink, AccountTarget, LinkedBy, ProductLink, ProductTarget};
use hive_core::matching::{suggest_accounts, suggest_items};
use hive_core::mirror::{CatalogItem, Company, ItemsFrom, Mirror};
use hive_core::usage::{Account, Product};
use hive_core::{AccountId, CompanyId, ItemId, ProductId};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Every account and product with its link or its suggestions.
#[derive(Debug, Serialize)]
pub struct LinksView {
    pub msp: String,
    /// Where items come from: the catalog, or the additions where the key may not read it.
    pub items_from: Option<&'static str>,
    pub counts: BTreeMap<&'static str, usize>,
    pub links: Vec<LinkView>,
}

/// One account or product and what it is linked to.
#[derive(Debug, Serialize)]
pub struct LinkView {
    pub kind: &'static str,
    /// The name in Hive.
    pub hive: String,
    pub id: i64,
    /// What `import links` reads: an id, empty or -.
    pub connectwise: String,
    pub unit: Option<String>,
    pub size: Option<String>,
    /// linked, suggested, unlinked, ignored or broken.
    pub state: &'static str,
    /// match or person.
    pub by: Option<&'static str>,
    pub target: Option<TargetView>,
    pub note: Option<String>,
    pub suggestions: Vec<SuggestionView>,
}

/// The company or the item that something is linked to.
#[derive(Debug, Serialize)]
pub struct TargetView {
    pub id: i64,
    pub identifier: String,
    pub name: String,
    pub status: Option<String>,
}

/// A company or an item that it may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SuggestionView {
    pub id: i64,
    pub name: String,
    pub score: u8,
    pub reason: String,
}

/// The file that `import links` reads.
pub const LINKS_COLUMNS: Csv<'static> =
    Csv { rows: "links", columns: &["kind", "hive", "connectwise", "unit", "size"] };

/// Everything that links are shown from.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    pub msp: &'a str,
    pub accounts: &'a [Account],
    pub products: &'a [Product],
    pub account_links: &'a [AccountLink],
    pub product_links: &'a [ProductLink],
    pub rejected_accounts: &'a BTreeSet<(AccountId, CompanyId)>,
    pub rejected_products: &'a BTreeSet<(ProductId, ItemId)>,
    pub mirror: Option<&'a Mirror>,
}

/// What each account and product that nobody decided about may be, best first. One that was linked since
/// it was compared may still stand here.
#[derive(Clone, Debug, Default)]
pub struct Suggestions {
    pub accounts: HashMap<AccountId, Vec<SuggestionView>>,
    pub products: HashMap<ProductId, Vec<SuggestionView>>,
    compared: Compared,
}

/// What was compared with what, as fingerprints: the same again need not be compared again.
#[derive(Clone, Debug, Default)]
struct Compared {
    companies: u64,
    items: u64,
    accounts: HashMap<AccountId, u64>,
    products: HashMap<ProductId, u64>,
}

impl Suggestions {
    /// Compares every open name with everything in the mirror: seconds where both are many thousands.
    pub fn of(sources: &Sources<'_>) -> Suggestions {
        Suggestions::after(&Suggestions::default(), sources)
    }

    /// The same, where an earlier comparison is at hand: only what is new or was taken apart since is
    /// compared.
    pub fn after(earlier: &Suggestions, sources: &Sources<'_>) -> Suggestions {
        let mut new = earlier.clone();
        new.compare_accounts(sources);
        new.compare_products(sources);
        new
    }

    fn compare_accounts(&mut self, sources: &Sources<'_>) {
        let companies = companies(sources);
        let all: Vec<&Company> = sources.mirror.map_or(&[][..], |mirror| &mirror.companies).iter().collect();
        let of_all =
            fingerprint(all.iter().map(|company| (company.id, &company.name, &company.identifier, company.deleted)));
        if std::mem::replace(&mut self.compared.companies, of_all) != of_all {
            self.accounts.clear();
            self.compared.accounts.clear();
        }
        let linked: BTreeSet<AccountId> = sources.account_links.iter().map(|link| link.account).collect();
        let open = sources.accounts.iter().filter(|account| !linked.contains(&account.id));
        let mut again: Vec<&Account> = Vec::new();
        for account in open {
            let apart = (account.id, CompanyId(i64::MIN))..=(account.id, CompanyId(i64::MAX));
            let apart: Vec<_> = sources.rejected_accounts.range(apart).collect();
            let print = fingerprint([(&account.name, apart)]);
            if self.compared.accounts.insert(account.id, print) != Some(print) {
                self.accounts.remove(&account.id);
                again.push(account);
            }
        }
        if again.is_empty() {
            return;
        }
        for one in suggest_accounts(&again, &all, sources.rejected_accounts) {
            self.accounts.entry(one.hive).or_default().push(SuggestionView {
                id: one.connectwise.0,
                name: companies.get(&one.connectwise).map_or_else(String::new, |company| company.name.clone()),
                score: one.score,
                reason: one.reason,
            });
        }
    }

    fn compare_products(&mut self, sources: &Sources<'_>) {
        let items = items(sources);
        let all: Vec<&CatalogItem> = sources.mirror.map_or(&[][..], |mirror| &mirror.items).iter().collect();
        let of_all = fingerprint(
            all.iter().map(|item| (item.id, &item.identifier, &item.description, item.inactive, item.is_bundle())),
        );
        if std::mem::replace(&mut self.compared.items, of_all) != of_all {
            self.products.clear();
            self.compared.products.clear();
        }
        let linked: BTreeSet<ProductId> = sources.product_links.iter().map(|link| link.product).collect();
        let open = sources.products.iter().filter(|product| !linked.contains(&product.id));
        let mut again: Vec<&Product> = Vec::new();
        for product in open {
            let apart = (product.id, ItemId(i64::MIN))..=(product.id, ItemId(i64::MAX));
            let apart: Vec<_> = sources.rejected_products.range(apart).collect();
            let print = fingerprint([(&product.name, &product.external_id, apart)]);
            if self.compared.products.insert(product.id, print) != Some(print) {
                self.products.remove(&product.id);
                again.push(product);
            }
        }
        if again.is_empty() {
            return;
        }
        for one in suggest_items(&again, &all, sources.rejected_products) {
            self.products.entry(one.hive).or_default().push(SuggestionView {
                id: one.connectwise.0,
                name: items
                    .get(&one.connectwise)
                    .map_or_else(String::new, |item| format!("{}: {}", item.identifier, item.description)),
                score: one.score,
                reason: one.reason,
            });
        }
    }

    /// Of an account; none where it is linked or nothing is alike.
    pub fn of_account(&self, account: AccountId) -> &[SuggestionView] {
        self.accounts.get(&account).map_or(&[], Vec::as_slice)
    }

    /// Of a product; none where it is mapped or nothing is alike.
    pub fn of_product(&self, product: ProductId) -> &[SuggestionView] {
        self.products.get(&product).map_or(&[], Vec::as_slice)
    }
}

fn fingerprint(values: impl IntoIterator<Item = impl Hash>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for value in values {
        value.hash(&mut hasher);
    }
    hasher.finish()
}

fn companies<'a>(sources: &Sources<'a>) -> HashMap<CompanyId, &'a Company> {
    let mirror = sources.mirror.into_iter();
    mirror.flat_map(|mirror| &mirror.companies).map(|company| (company.id, company)).collect()
}

fn items<'a>(sources: &Sources<'a>) -> HashMap<ItemId, &'a CatalogItem> {
    sources.mirror.into_iter().flat_map(|mirror| &mirror.items).map(|item| (item.id, item)).collect()
}

impl LinksView {
    /// Every account, then every product, each with its link or its suggestions.
    pub fn of(sources: &Sources<'_>, suggestions: &Suggestions) -> LinksView {
        let mut links: Vec<LinkView> = accounts(sources, suggestions);
        links.extend(products(sources, suggestions));
        let mut counts =
            BTreeMap::from([("linked", 0), ("suggested", 0), ("unlinked", 0), ("ignored", 0), ("broken", 0)]);
        for link in &links {
            *counts.entry(link.state).or_default() += 1;
        }
        let items_from = sources.mirror.as_ref().map(|mirror| match mirror.items_from {
            ItemsFrom::Catalog => "catalog",
            ItemsFrom::Additions => "additions",
        });
        LinksView { msp: sources.msp.to_owned(), items_from, counts, links }
    }
}

fn accounts(sources: &Sources<'_>, suggestions: &Suggestions) -> Vec<LinkView> {
    let links: HashMap<AccountId, &AccountLink> =
        sources.account_links.iter().map(|link| (link.account, link)).collect();
    let companies = companies(sources);
    let view = |account: &Account| {
        let mut view = LinkView::open("account", account.name.clone(), account.id.0);
        match links.get(&account.id).map(|link| (link.target, link.by)) {
            Some((AccountTarget::Company(company), by)) => {
                view.link_company(company, companies.get(&company).copied(), by);
            }
            Some((AccountTarget::Ignored, _)) => view.ignore(),
            None => view.suggest(suggestions.of_account(account.id)),
        }
        view
    };
    sources.accounts.iter().map(view).collect()
}

fn products(sources: &Sources<'_>, suggestions: &Suggestions) -> Vec<LinkView> {
    let links: HashMap<ProductId, &ProductLink> =
        sources.product_links.iter().map(|link| (link.product, link)).collect();
    let items = items(sources);
    let view = |product: &Product| {
        let mut view = LinkView::open("product", product.name.clone(), product.id.0);
        let link = links.get(&product.id);
        if let Some(unit) = link.and_then(|link| link.unit.as_ref()) {
            view.unit = Some(unit.unit.to_string());
            view.size = Some(unit.size.to_string());
        }
        match link.map(|link| (link.target, link.by)) {
            Some((ProductTarget::Item(item), by)) => view.link_item(item, items.get(&item).copied(), by),
            Some((ProductTarget::Ignored, _)) => view.ignore(),
            None => view.suggest(suggestions.of_product(product.id)),
        }
        view
    };
    sources.products.iter().map(view).collect()
}

impl LinkView {
    fn open(kind: &'static str, hive: String, id: i64) -> LinkView {
        LinkView {
            kind,
            hive,
            id,
            connectwise: String::new(),
            unit: None,
            size: None,
            state: "unlinked",
            by: None,
            target: None,
            note: None,
            suggestions: Vec::new(),
        }
    }

    fn link_company(&mut self, id: CompanyId, found: Option<&Company>, by: LinkedBy) {
        self.linked(id.0, by);
        self.target = found.map(|company| TargetView {
            id: id.0,
            identifier: company.identifier.clone(),
            name: company.name.clone(),
            status: company.status.clone(),
        });
        match found {
            None => self.broken("the company is not visible in ConnectWise any more"),
            Some(company) if company.deleted => self.broken("the company is in ConnectWise's recycle bin"),
            Some(_) => {}
        }
    }

    fn link_item(&mut self, id: ItemId, found: Option<&CatalogItem>, by: LinkedBy) {
        self.linked(id.0, by);
        self.target = found.map(|item| TargetView {
            id: id.0,
            identifier: item.identifier.clone(),
            name: item.description.clone(),
            status: item.inactive.then(|| "inactive".to_owned()),
        });
        match found {
            None => self.broken("the item is not in the last Sync any more"),
            Some(item) if item.inactive => self.broken("the item is inactive in ConnectWise"),
            Some(_) => {}
        }
    }

    fn linked(&mut self, id: i64, by: LinkedBy) {
        self.state = "linked";
        self.connectwise = id.to_string();
        self.by = Some(match by {
            LinkedBy::Match => "match",
            LinkedBy::Person => "person",
        });
    }

    fn broken(&mut self, note: &str) {
        self.state = "broken";
        self.note = Some(note.to_owned());
    }

    fn ignore(&mut self) {
        self.state = "ignored";
        self.connectwise = "-".to_owned();
        self.by = Some("person");
    }

    fn suggest(&mut self, suggestions: &[SuggestionView]) {
        self.suggestions = suggestions.to_vec();
        if !self.suggestions.is_empty() {
            self.state = "suggested";
        }
    }
}

/// The matches that nobody can mistake, as others read them.
#[derive(Debug, Serialize)]
pub struct MatchesView {
    pub msp: String,
    pub applied: bool,
    pub matches: Vec<MatchView>,
}

/// An account and the one company it must be.
#[derive(Debug, Serialize)]
pub struct MatchView {
    pub account: String,
    pub company: MatchedView,
    pub score: u8,
    pub reason: String,
}

/// The company of a match.
#[derive(Debug, Serialize)]
pub struct MatchedView {
    pub id: i64,
    pub name: String,
}

/// The columns of CSV.
pub const MATCHES_COLUMNS: Csv<'static> =
    Csv { rows: "matches", columns: &["account", "company.id", "company.name", "score", "reason"] };
