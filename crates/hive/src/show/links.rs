//! Links, suggestions, and what is broken.

use super::{Align, Csv, table};
use hive_core::link::{AccountTarget, LinkedBy, ProductTarget};
use hive_core::matching::{suggest_accounts, suggest_items};
use hive_core::mirror::{CatalogItem, Company, Mirror};
use hive_core::usage::{Account, Product};
use hive_core::{AccountId, CompanyId, ItemId, ProductId};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Every account and product with its link or its suggestions.
#[derive(Debug, Serialize)]
pub(crate) struct LinksView {
    pub(crate) msp: String,
    /// Where items come from: the catalog, or the additions where the key may not read it.
    items_from: Option<&'static str>,
    counts: BTreeMap<&'static str, usize>,
    pub(crate) links: Vec<LinkView>,
}

#[derive(Debug, Serialize)]
pub(crate) struct LinkView {
    kind: &'static str,
    /// The name in Hive.
    hive: String,
    id: i64,
    /// What `import links` reads: an id, empty or -.
    connectwise: String,
    unit: Option<String>,
    size: Option<String>,
    /// linked, suggested, unlinked, ignored or broken.
    state: &'static str,
    /// match or person.
    by: Option<&'static str>,
    target: Option<TargetView>,
    note: Option<String>,
    suggestions: Vec<SuggestionView>,
}

#[derive(Debug, Serialize)]
struct TargetView {
    id: i64,
    identifier: String,
    name: String,
    status: Option<String>,
}

#[derive(Debug, Serialize)]
struct SuggestionView {
    id: i64,
    name: String,
    score: u8,
    reason: String,
}

/// The file that `import links` reads.
pub(crate) const COLUMNS: Csv<'static> =
    Csv { rows: "links", columns: &["kind", "hive", "connectwise", "unit", "size"] };

/// Everything that links are shown from.
pub(crate) struct Sources {
    pub(crate) msp: String,
    pub(crate) accounts: Vec<Account>,
    pub(crate) products: Vec<Product>,
    pub(crate) account_links: Vec<hive_core::link::AccountLink>,
    pub(crate) product_links: Vec<hive_core::link::ProductLink>,
    pub(crate) rejected_accounts: BTreeSet<(AccountId, CompanyId)>,
    pub(crate) rejected_products: BTreeSet<(ProductId, ItemId)>,
    pub(crate) mirror: Option<Mirror>,
}

impl LinksView {
    pub(crate) fn of(sources: &Sources) -> LinksView {
        let mut links = accounts(sources);
        links.extend(products(sources));
        let mut counts =
            BTreeMap::from([("linked", 0), ("suggested", 0), ("unlinked", 0), ("ignored", 0), ("broken", 0)]);
        for link in &links {
            *counts.entry(link.state).or_default() += 1;
        }
        let items_from = sources.mirror.as_ref().map(|mirror| match mirror.items_from {
            hive_core::mirror::ItemsFrom::Catalog => "catalog",
            hive_core::mirror::ItemsFrom::Additions => "additions",
        });
        LinksView { msp: sources.msp.clone(), items_from, counts, links }
    }
}

fn accounts(sources: &Sources) -> Vec<LinkView> {
    let links: HashMap<AccountId, &hive_core::link::AccountLink> =
        sources.account_links.iter().map(|link| (link.account, link)).collect();
    let companies: HashMap<CompanyId, &Company> =
        sources.mirror.iter().flat_map(|mirror| &mirror.companies).map(|company| (company.id, company)).collect();
    let open: Vec<&Account> = sources.accounts.iter().filter(|account| !links.contains_key(&account.id)).collect();
    let all: Vec<&Company> = companies.values().copied().collect();
    let suggestions = suggest_accounts(&open, &all, &sources.rejected_accounts);
    sources
        .accounts
        .iter()
        .map(|account| {
            let mut view = LinkView::open("account", account.name.clone(), account.id.0);
            match links.get(&account.id).map(|link| (link.target, link.by)) {
                Some((AccountTarget::Company(company), by)) => {
                    view.link_company(company, companies.get(&company).copied(), by)
                }
                Some((AccountTarget::Ignored, _)) => view.ignore(),
                None => {
                    view.suggest(suggestions.iter().filter(|one| one.hive == account.id).map(|one| SuggestionView {
                        id: one.connectwise.0,
                        name: companies.get(&one.connectwise).map_or_else(String::new, |company| company.name.clone()),
                        score: one.score,
                        reason: one.reason.clone(),
                    }))
                }
            }
            view
        })
        .collect()
}

fn products(sources: &Sources) -> Vec<LinkView> {
    let links: HashMap<ProductId, &hive_core::link::ProductLink> =
        sources.product_links.iter().map(|link| (link.product, link)).collect();
    let items: HashMap<ItemId, &CatalogItem> =
        sources.mirror.iter().flat_map(|mirror| &mirror.items).map(|item| (item.id, item)).collect();
    let open: Vec<&Product> = sources.products.iter().filter(|product| !links.contains_key(&product.id)).collect();
    let all: Vec<&CatalogItem> = items.values().copied().collect();
    let suggestions = suggest_items(&open, &all, &sources.rejected_products);
    sources
        .products
        .iter()
        .map(|product| {
            let mut view = LinkView::open("product", product.name.clone(), product.id.0);
            let link = links.get(&product.id);
            if let Some(unit) = link.and_then(|link| link.unit.as_ref()) {
                view.unit = Some(unit.unit.to_string());
                view.size = Some(unit.size.to_string());
            }
            match link.map(|link| (link.target, link.by)) {
                Some((ProductTarget::Item(item), by)) => view.link_item(item, items.get(&item).copied(), by),
                Some((ProductTarget::Ignored, _)) => view.ignore(),
                None => view.suggest(suggestions.iter().filter(|one| one.hive == product.id).map(|one| {
                    SuggestionView {
                        id: one.connectwise.0,
                        name: items
                            .get(&one.connectwise)
                            .map_or_else(String::new, |item| format!("{}: {}", item.identifier, item.description)),
                        score: one.score,
                        reason: one.reason.clone(),
                    }
                })),
            }
            view
        })
        .collect()
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

    fn suggest(&mut self, suggestions: impl Iterator<Item = SuggestionView>) {
        self.suggestions = suggestions.collect();
        if !self.suggestions.is_empty() {
            self.state = "suggested";
        }
    }
}

/// Links for people.
pub(crate) fn words(view: &LinksView) -> String {
    let columns = [
        ("Kind", Align::Left),
        ("Hive", Align::Left),
        ("State", Align::Left),
        ("ConnectWise", Align::Left),
        ("One unit", Align::Right),
        ("By", Align::Left),
    ];
    let rows = view.links.iter().map(|link| {
        let target = match (&link.target, link.suggestions.first()) {
            (Some(target), _) => format!("{} ({})", target.name, target.id),
            (None, Some(first)) => format!("? {} ({}), {} %: {}", first.name, first.id, first.score, first.reason),
            (None, None) => link.connectwise.clone(),
        };
        let target = link.note.as_ref().map_or(target.clone(), |note| format!("{target}: {note}"));
        let unit = match (&link.size, &link.unit) {
            (Some(size), Some(unit)) => format!("{size} {unit}"),
            _ => String::new(),
        };
        vec![
            link.kind.to_owned(),
            link.hive.clone(),
            link.state.to_owned(),
            target,
            unit,
            link.by.unwrap_or_default().to_owned(),
        ]
    });
    let counts: Vec<String> =
        view.counts.iter().filter(|(_, count)| **count > 0).map(|(state, count)| format!("{count} {state}")).collect();
    let from = if view.items_from == Some("additions") {
        "\nThe key may not read the catalog: only items that are on an addition are known."
    } else {
        ""
    };
    format!(
        "{}\n{}.{from}",
        table(&columns, rows),
        if counts.is_empty() { "Nothing to link yet".to_owned() } else { counts.join(", ") }
    )
}
