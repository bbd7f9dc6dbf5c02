//! Many links in one go: each is asked for by itself, and those that cannot be done are named.

use super::one_row;
use crate::plan::apart;
use crate::{By, Desk, Refused};
use hive_core::import::{LinkAsked, LinkRow, LinksKnown, resolve_links};
use hive_core::link::{AccountTarget, ProductTarget};
use hive_core::unit::ItemUnit;
use hive_core::{AccountId, CompanyId, ItemId, ProductId};
use std::collections::HashMap;

/// Names that are said one by one; more make a sentence that nobody reads.
const NAMED_MAX: usize = 5;

/// One link that is asked for. The target is an id, an identifier, `""` (unlink) or `-` (ignore).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkWanted {
    /// An account's company.
    Account(AccountId, String),
    /// A product's item, and what one unit of it is.
    Product(ProductId, String, Option<ItemUnit>),
}

/// What became of many links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManyLinked {
    /// Those that were done, by their names.
    pub done: Vec<String>,
    /// Those that were not, and why.
    pub refused: Vec<(String, String)>,
    /// Those that now share their company or item with others: their usage adds up.
    pub shared: Vec<String>,
}

impl ManyLinked {
    /// The words for the person who asked: `what` is "linked", "unlinked", "ignored".
    pub fn words(&self, what: &str) -> String {
        let listed = |names: &mut dyn Iterator<Item = String>, all: usize| {
            let shown: Vec<String> = names.take(NAMED_MAX).collect();
            let more = all.saturating_sub(shown.len());
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("{}{rest}", shown.join(", "))
        };
        let quoted = |name: &String| format!("\"{}\"", short(name));
        let mut words = match self.done.len() {
            0 => format!("Nothing was {what}."),
            count => format!("{count} {what}: {}.", listed(&mut self.done.iter().map(quoted), count)),
        };
        if !self.refused.is_empty() {
            let reasons = &mut self.refused.iter().map(|(name, why)| format!("\"{}\" ({why})", short(name)));
            let count = self.refused.len();
            words.push_str(&format!("\n{count} not {what}: {}.", listed(reasons, count)));
        }
        if !self.shared.is_empty() {
            let count = self.shared.len();
            let names = listed(&mut self.shared.iter().map(quoted), count);
            words.push_str(&format!("\nTheir usage adds up with others' on one addition: {names}."));
        }
        words
    }
}

/// A name as far as a sentence holds it.
fn short(name: &str) -> String {
    const SHOWN_MAX: usize = 60;
    match name.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

impl Desk {
    /// Asks for each link as [`Desk::link_account`] and [`Desk::map_product`] do, reading what is known once:
    /// what is good is done together, what is not is named.
    pub async fn link_many(&self, by: &By, wanted: Vec<LinkWanted>) -> Result<ManyLinked, Refused> {
        let msp = by.msp.id;
        let accounts = self.store.accounts(msp).await?;
        let products = self.store.products(msp).await?;
        let mirror = self.store.mirror(msp).await?;
        let (asked, mut many) = apart(move || {
            let known = LinksKnown { accounts: &accounts, products: &products, mirror: mirror.as_ref() };
            let account_names: HashMap<AccountId, &str> = accounts.iter().map(|a| (a.id, a.name.as_str())).collect();
            let product_names: HashMap<ProductId, &str> = products.iter().map(|p| (p.id, p.name.as_str())).collect();
            let (mut asked, mut many) = (Vec::new(), ManyLinked::default());
            for one in wanted {
                let (kind, name, id, target, unit) = match one {
                    LinkWanted::Account(id, target) => ("account", account_names.get(&id), id.0, target, None),
                    LinkWanted::Product(id, target, unit) => ("product", product_names.get(&id), id.0, target, unit),
                };
                let Some(name) = name.map(|name| (*name).to_owned()) else {
                    many.refused.push((id.to_string(), format!("there is no {kind} with this id")));
                    continue;
                };
                match resolve(one_row(kind, name.clone(), target, unit), known) {
                    Ok(one) => {
                        asked.extend(one);
                        many.done.push(name);
                    }
                    Err(why) => many.refused.push((name, why)),
                }
            }
            (asked, many)
        })
        .await?;
        if !asked.is_empty() {
            let suspected = self.suspected(&by.msp).await?;
            self.store.apply_links(msp, &asked, &suspected, &by.who, by.at).await?;
        }
        many.shared = self.sharing(by, &asked, &many.done).await?;
        Ok(many)
    }

    /// The names of those that are not alone on what they were linked to.
    async fn sharing(&self, by: &By, asked: &[LinkAsked], names: &[String]) -> Result<Vec<String>, Refused> {
        let mut on_company: HashMap<CompanyId, usize> = HashMap::new();
        for link in self.store.account_links(by.msp.id).await? {
            if let AccountTarget::Company(company) = link.target {
                *on_company.entry(company).or_default() += 1;
            }
        }
        let mut on_item: HashMap<ItemId, usize> = HashMap::new();
        for link in self.store.product_links(by.msp.id).await? {
            if let ProductTarget::Item(item) = link.target {
                *on_item.entry(item).or_default() += 1;
            }
        }
        let shares = |asked: &LinkAsked| match asked {
            LinkAsked::Account(_, company) => on_company.get(company).is_some_and(|count| *count > 1),
            LinkAsked::Product(_, item, _) => on_item.get(item).is_some_and(|count| *count > 1),
            LinkAsked::UnlinkAccount(_)
            | LinkAsked::IgnoreAccount(_)
            | LinkAsked::UnlinkProduct(_)
            | LinkAsked::IgnoreProduct(_) => false,
        };
        // One asked for each name, in the same order.
        Ok(asked.iter().zip(names).filter(|(asked, _)| shares(asked)).map(|(_, name)| name.clone()).collect())
    }
}

fn resolve(row: LinkRow, known: LinksKnown<'_>) -> Result<Vec<LinkAsked>, String> {
    resolve_links(&[row], known).map_err(|bad| bad.into_iter().map(|row| row.reason).collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_go_is_named_with_its_reason() {
        let done = (1..=7).map(|n| format!("A{n}")).collect();
        let many =
            ManyLinked { done, refused: vec![("Bolt".into(), "company 9 is deleted".into())], shared: Vec::new() };
        assert_eq!(
            many.words("linked"),
            "7 linked: \"A1\", \"A2\", \"A3\", \"A4\", \"A5\" and 2 more.\n1 not linked: \"Bolt\" (company 9 is deleted)."
        );
        assert_eq!(ManyLinked::default().words("ignored"), "Nothing was ignored.");
    }
}
