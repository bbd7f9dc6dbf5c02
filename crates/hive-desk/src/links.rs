//! Linking: a person's decisions, which nothing overwrites, and the matches that nobody can mistake.

mod many;
mod own;
mod undo;

pub use many::{LinkWanted, ManyLinked};
pub use undo::UndoLinks;

use crate::view::{LinksView, MatchView, MatchedView, MatchesView, Sources, Suggestions};
use crate::{By, Desk, Refused, Said};
use hive_core::import::{LinkAsked, LinkRow, LinksKnown, resolve_links};
use hive_core::link::{AccountLink, AccountTarget, LinkedBy, ProductLink, ProductTarget};
use hive_core::matching::{Suggestion, unmistakable};
use hive_core::mirror::{Company, Mirror};
use hive_core::settings::Settings;
use hive_core::unit::ItemUnit;
use hive_core::usage::{Account, Product};
use hive_core::{AccountId, CompanyId, ItemId, ProductId, Timestamp};
use hive_store::Msp;
use std::collections::BTreeSet;

/// Everything that links are shown from, read from the store.
struct Known {
    accounts: Vec<Account>,
    products: Vec<Product>,
    account_links: Vec<AccountLink>,
    product_links: Vec<ProductLink>,
    rejected_accounts: BTreeSet<(AccountId, CompanyId)>,
    rejected_products: BTreeSet<(ProductId, ItemId)>,
    mirror: Option<Mirror>,
}

impl Known {
    fn sources<'a>(&'a self, msp: &'a str) -> Sources<'a> {
        Sources {
            msp,
            accounts: &self.accounts,
            products: &self.products,
            account_links: &self.account_links,
            product_links: &self.product_links,
            rejected_accounts: &self.rejected_accounts,
            rejected_products: &self.rejected_products,
            mirror: self.mirror.as_ref(),
        }
    }
}

impl Desk {
    /// Every account and product with its link or its suggestions.
    pub async fn links(&self, msp: &Msp) -> Result<LinksView, Refused> {
        let (known, name) = (self.known(msp).await?, msp.name.clone());
        crate::plan::apart(move || {
            let sources = known.sources(&name);
            LinksView::of(&sources, &Suggestions::of(&sources))
        })
        .await
    }

    async fn known(&self, msp: &Msp) -> Result<Known, Refused> {
        let store = &self.store;
        Ok(Known {
            accounts: store.accounts(msp.id).await?,
            products: store.products(msp.id).await?,
            account_links: store.account_links(msp.id).await?,
            product_links: store.product_links(msp.id).await?,
            rejected_accounts: store.rejected_accounts(msp.id).await?.into_iter().collect(),
            rejected_products: store.rejected_products(msp.id).await?.into_iter().collect(),
            mirror: store.mirror(msp.id).await?,
        })
    }

    /// Links an account to a company (its id or identifier); `""` unlinks it, `-` ignores it.
    pub async fn link_account(&self, by: &By, account: AccountId, target: &str) -> Result<Said, Refused> {
        let name = self.account_of(&by.msp, account).await?.name;
        self.ask(by, "account", name, target, None).await
    }

    /// Maps a product to an item (its id or identifier); `""` unmaps it, `-` ignores it. `unit` says what
    /// one unit of the item is.
    pub async fn map_product(
        &self,
        by: &By,
        product: ProductId,
        target: &str,
        unit: Option<ItemUnit>,
    ) -> Result<Said, Refused> {
        let name = self.product_of(&by.msp, product).await?.name;
        self.ask(by, "product", name, target, unit).await
    }

    /// Says what one unit of the item is that a product is mapped to already.
    pub async fn confirm_unit(&self, by: &By, product: ProductId, unit: ItemUnit) -> Result<Said, Refused> {
        let product = self.product_of(&by.msp, product).await?;
        let links = self.store.product_links(by.msp.id).await?;
        let target = links.iter().find(|link| link.product == product.id).map(|link| link.target);
        match target {
            Some(ProductTarget::Item(item)) => {
                self.ask(by, "product", product.name, &item.to_string(), Some(unit)).await
            }
            Some(ProductTarget::Ignored) | None => {
                Err(Refused::Stopped(format!("\"{}\" is mapped to no item yet; give --item too", product.name)))
            }
        }
    }

    /// One row of a links file, said by a person: the same door, the same words when it is refused.
    async fn ask(
        &self,
        by: &By,
        kind: &str,
        hive: String,
        target: &str,
        unit: Option<ItemUnit>,
    ) -> Result<Said, Refused> {
        let msp = by.msp.id;
        let row = one_row(kind, hive, target.to_owned(), unit);
        let accounts = self.store.accounts(msp).await?;
        let products = self.store.products(msp).await?;
        let mirror = self.store.mirror(msp).await?;
        let known = LinksKnown { accounts: &accounts, products: &products, mirror: mirror.as_ref() };
        let asked = resolve_links(std::slice::from_ref(&row), known).map_err(|bad| {
            let reasons: Vec<String> = bad.into_iter().map(|row| row.reason).collect();
            Refused::Stopped(reasons.join("; "))
        })?;
        let moved = self.moved(&by.msp, asked.first(), mirror.as_ref()).await?;
        let suspected = if row.unit.is_some() { self.suspected(&by.msp).await? } else { BTreeSet::new() };
        self.store.apply_links(msp, &asked, &suspected, &by.who, by.at).await?;
        if let Some(LinkAsked::Account(account, company)) = asked.first() {
            // Said by a person, also where it was matched before.
            let target = Some(AccountTarget::Company(*company));
            self.store.set_account_link(msp, *account, target, LinkedBy::Person, &by.who, by.at).await?;
        }
        let shared = match asked.first() {
            Some(asked) => self.shared(&by.msp, asked, &accounts, &products).await?,
            None => String::new(),
        };
        Ok(Said(format!("{} \"{}\" {}.{shared}{moved}", row.kind, row.hive, words(asked.first(), row.unit.as_ref()))))
    }

    /// An account is billed to one company: whoever links it elsewhere is told where it was.
    async fn moved(&self, msp: &Msp, asked: Option<&LinkAsked>, mirror: Option<&Mirror>) -> Result<String, Refused> {
        let Some(LinkAsked::Account(account, to)) = asked else { return Ok(String::new()) };
        let links = self.store.account_links(msp.id).await?;
        let before = links.iter().find(|link| link.account == *account).map(|link| link.target);
        let Some(AccountTarget::Company(before)) = before.filter(|before| *before != AccountTarget::Company(*to))
        else {
            return Ok(String::new());
        };
        let found = mirror.and_then(|mirror| company(&mirror.companies, before));
        let name = found.map_or_else(String::new, |found| format!(" \"{}\"", found.name));
        Ok(format!("\nIt was linked to company {before}{name} before, and is not any more."))
    }

    /// Two accounts on one company, or two products on one item, are allowed and add up; a person who did
    /// not mean it should see it now.
    async fn shared(
        &self,
        msp: &Msp,
        asked: &LinkAsked,
        accounts: &[Account],
        products: &[Product],
    ) -> Result<String, Refused> {
        let names: Vec<String> = match asked {
            LinkAsked::Account(account, company) => {
                let links = self.store.account_links(msp.id).await?;
                let target = AccountTarget::Company(*company);
                let same = links.iter().filter(|link| link.account != *account && link.target == target);
                same.filter_map(|link| accounts.iter().find(|found| found.id == link.account))
                    .map(|found| format!("\"{}\"", found.name))
                    .collect()
            }
            LinkAsked::Product(product, item, _) => {
                let links = self.store.product_links(msp.id).await?;
                let target = ProductTarget::Item(*item);
                let same = links.iter().filter(|link| link.product != *product && link.target == target);
                same.filter_map(|link| products.iter().find(|found| found.id == link.product))
                    .map(|found| format!("\"{}\"", found.name))
                    .collect()
            }
            LinkAsked::UnlinkAccount(_)
            | LinkAsked::IgnoreAccount(_)
            | LinkAsked::UnlinkProduct(_)
            | LinkAsked::IgnoreProduct(_) => Vec::new(),
        };
        if names.is_empty() {
            return Ok(String::new());
        }
        let names = names.join(", ");
        Ok(format!(
            "\nIt shares this with {names}: their usage adds up on one addition. If that is not meant, link one of them elsewhere."
        ))
    }

    /// The accounts that must be one company and are linked to none yet; `apply` links them.
    pub async fn match_unmistakable(&self, by: &By, apply: bool) -> Result<MatchesView, Refused> {
        let known = self.known(&by.msp).await?;
        let found = self.unmistakable_in(&by.msp, &known).await?;
        let companies = known.mirror.as_ref().map_or(&[][..], |mirror| &mirror.companies);
        let matches: Vec<MatchView> = found
            .iter()
            .map(|one| MatchView {
                account: account_name(&known.accounts, one.hive),
                company: MatchedView {
                    id: one.connectwise.0,
                    name: company(companies, one.connectwise).map_or_else(String::new, |found| found.name.clone()),
                },
                score: one.score,
                reason: one.reason.clone(),
            })
            .collect();
        if apply {
            self.link_unmistakable(&by.msp, by.at).await?;
        }
        Ok(MatchesView { msp: by.msp.name.clone(), applied: apply, matches })
    }

    /// Links what is unmistakable, in Hive's own name, and names each account with its company.
    pub async fn link_unmistakable(&self, msp: &Msp, at: Timestamp) -> Result<Vec<(String, String)>, Refused> {
        let known = self.known(msp).await?;
        let Some(mirror) = &known.mirror else { return Ok(Vec::new()) };
        let found = self.unmistakable_in(msp, &known).await?;
        let pairs: Vec<(AccountId, CompanyId)> = found.iter().map(|one| (one.hive, one.connectwise)).collect();
        self.store.link_matches(msp.id, &pairs, at).await?;
        let name = |(account, to): &(AccountId, CompanyId)| {
            let company = company(&mirror.companies, *to);
            let company = company.map_or_else(String::new, |found| format!("{} ({})", found.name, found.id));
            (account_name(&known.accounts, *account), company)
        };
        Ok(pairs.iter().map(name).collect())
    }

    /// The unmistakable matches that stand open.
    async fn unmistakable_in(
        &self,
        msp: &Msp,
        known: &Known,
    ) -> Result<Vec<Suggestion<AccountId, CompanyId>>, Refused> {
        // The MSP's own account is excluded until a person links it.
        let settings = self.store.settings(msp.id).await?;
        let sources = known.sources(&msp.name);
        Ok(unmistakable_of(&sources, &settings))
    }
}

/// The unmistakable matches that stand open: neither side is linked yet.
pub(crate) fn unmistakable_of(sources: &Sources<'_>, settings: &Settings) -> Vec<Suggestion<AccountId, CompanyId>> {
    let Some(mirror) = sources.mirror else { return Vec::new() };
    let decided: BTreeSet<AccountId> = sources.account_links.iter().map(|link| link.account).collect();
    let target = |link: &AccountLink| match link.target {
        AccountTarget::Company(company) => Some(company),
        AccountTarget::Ignored => None,
    };
    let taken: BTreeSet<CompanyId> = sources.account_links.iter().filter_map(target).collect();
    // Every account and every company takes part, so that a twin that is linked already still makes
    // a match ambiguous; only open ones come out.
    let everyone: Vec<&Account> = sources.accounts.iter().collect();
    let companies: Vec<&Company> = mirror.companies.iter().collect();
    let found = unmistakable(&everyone, &companies, sources.rejected_accounts);
    let open = |one: &Suggestion<AccountId, CompanyId>| {
        !settings.is_own(one.hive) && !decided.contains(&one.hive) && !taken.contains(&one.connectwise)
    };
    found.into_iter().filter(open).collect()
}

/// One row of a links file, for something that is asked for by itself.
fn one_row(kind: &str, hive: String, connectwise: String, unit: Option<ItemUnit>) -> LinkRow {
    LinkRow { line: 1, kind: kind.to_owned(), hive, connectwise, unit }
}

fn words(asked: Option<&LinkAsked>, unit: Option<&ItemUnit>) -> String {
    match asked {
        Some(LinkAsked::Account(_, company)) => format!("is linked to company {company}"),
        Some(LinkAsked::Product(_, item, _)) => format!(
            "is mapped to item {item}{}; it is pushed once a person starts an Update with a plan's id",
            unit.map_or(String::new(), |unit| format!(", one unit of which is {unit}")),
        ),
        Some(LinkAsked::UnlinkAccount(_) | LinkAsked::UnlinkProduct(_)) => {
            "is linked to nothing now; this pair is never linked automatically again".to_owned()
        }
        Some(LinkAsked::IgnoreAccount(_) | LinkAsked::IgnoreProduct(_)) => {
            "is ignored: its usage is counted apart and never pushed".to_owned()
        }
        None => "stays as it was".to_owned(),
    }
}

fn account_name(accounts: &[Account], id: AccountId) -> String {
    accounts.iter().find(|found| found.id == id).map_or_else(String::new, |found| found.name.clone())
}

fn company(companies: &[Company], id: CompanyId) -> Option<&Company> {
    companies.iter().find(|found| found.id == id)
}
