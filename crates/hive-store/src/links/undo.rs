//! Taking back what was just done to links, from the audit trail.
//!
//! **Owns:** that a link becomes what it was before, and only where nobody changed it since.
//! **Limits on purpose:** a product that was unmapped is mapped again, but does not go live by itself
//! again: somebody looks at it first. What is restored counts as said by the person who took it back.

use super::{Hand, ProductLinkAsked, account_link, account_words, product_link, product_words};
use crate::Store;
use crate::audit::AuditRow;
use crate::db::{Tx, args};
use crate::error::Result;
use hive_core::link::{AccountTarget, LinkedBy, ProductTarget};
use hive_core::unit::{ItemUnit, Unit};
use hive_core::{AccountId, CompanyId, ItemId, MspId, ProductId, Quantity, Timestamp};

/// Whose link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Linked {
    /// An account's.
    Account(AccountId),
    /// A product's.
    Product(ProductId),
}

/// What an undo of links came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinksUndone {
    /// Each link that is as it was before, and the words of what it is now; `None`: no link.
    pub restored: Vec<(Linked, Option<String>)>,
    /// Links that somebody changed since: they stay.
    pub moved_on: Vec<Linked>,
}

impl Store {
    /// The number of the last row of the audit log; 0 while there is none.
    pub async fn audit_last(&self, msp: MspId) -> Result<i64> {
        let sql = "SELECT value FROM counter WHERE msp = $1 AND name = 'audit'";
        let last = self.db.read().await?.one(sql, args![msp], |row| row.take()).await?;
        Ok(last.unwrap_or(0))
    }

    /// First and last of the link changes after row `after` that this person, or Hive for them, made at
    /// this moment; `None` where there is none.
    pub async fn links_changed(&self, msp: MspId, after: i64, who: &str, at: Timestamp) -> Result<Option<(i64, i64)>> {
        let mut tx = self.db.read().await?;
        let rows = tx.link_rows(msp, (after.saturating_add(1), i64::MAX)).await?;
        let mut seqs = rows.iter().filter(|row| is_of(row, who, at)).map(|row| row.seq);
        let last = seqs.next();
        Ok(last.map(|last| (seqs.next_back().unwrap_or(last), last)))
    }

    /// Takes back the link changes in these rows of the audit log, as far as this person, or Hive for
    /// them, made them at one moment and they still stand. All in one transaction.
    pub async fn undo_links(
        &self,
        msp: MspId,
        (first, last): (i64, i64),
        who: &str,
        at: Timestamp,
    ) -> Result<LinksUndone> {
        let mut tx = self.db.write_facts(msp).await?;
        let rows = tx.link_rows(msp, (first, last)).await?;
        let Some(then) = rows.iter().rev().find(|row| row.who == who || row.who == "hive").map(|row| row.at) else {
            return Ok(LinksUndone::default());
        };
        let hand = Hand { confirms: false, takes_back: true, by: LinkedBy::Person, who, at };
        let mut undone = LinksUndone::default();
        // Newest first, as one takes off what was put on last.
        for row in rows.iter().filter(|row| is_of(row, who, then)) {
            let Some(linked) = subject(row) else { continue };
            if tx.link_words(msp, linked).await? != row.after {
                undone.moved_on.push(linked);
                continue;
            }
            match linked {
                Linked::Account(account) => {
                    let target = row.before.as_deref().and_then(account_target);
                    tx.put_account_link(msp, account, target, &hand).await?;
                }
                Linked::Product(product) => {
                    let asked = product_asked(product, row.before.as_deref());
                    tx.put_product_link(msp, &asked, &hand).await?;
                }
            }
            undone.restored.push((linked, row.before.clone()));
        }
        tx.commit().await?;
        Ok(undone)
    }
}

impl Tx {
    /// Rows about links in a range of the audit log, newest first.
    async fn link_rows(&mut self, msp: MspId, (first, last): (i64, i64)) -> Result<Vec<AuditRow>> {
        let sql = "SELECT seq, at, who, what, subject, before, after, hash FROM audit
            WHERE msp = $1 AND seq BETWEEN $2 AND $3 AND what IN ('account.link', 'product.link')
            ORDER BY seq DESC";
        self.all(sql, args![msp, first, last], AuditRow::from_row).await
    }

    async fn link_words(&mut self, msp: MspId, linked: Linked) -> Result<Option<String>> {
        match linked {
            Linked::Account(account) => {
                let sql =
                    "SELECT account, company, linked_by, who, at FROM account_link WHERE msp = $1 AND account = $2";
                Ok(self.one(sql, args![msp, account], account_link).await?.map(|link| account_words(link.target)))
            }
            Linked::Product(product) => {
                let sql = "SELECT product, item, unit, unit_size, unit_trusted, linked_by, who, at
                    FROM product_link WHERE msp = $1 AND product = $2";
                Ok(self.one(sql, args![msp, product], product_link).await?.as_ref().map(product_words))
            }
        }
    }
}

fn is_of(row: &AuditRow, who: &str, at: Timestamp) -> bool {
    row.at == at && (row.who == who || row.who == "hive")
}

fn subject(row: &AuditRow) -> Option<Linked> {
    let id: i64 = row.subject.parse().ok()?;
    match row.what.as_str() {
        "account.link" => Some(Linked::Account(AccountId(id))),
        "product.link" => Some(Linked::Product(ProductId(id))),
        _ => None,
    }
}

/// Reads [`account_words`].
fn account_target(words: &str) -> Option<AccountTarget> {
    match words.strip_prefix("company ") {
        Some(id) => id.parse().ok().map(|id| AccountTarget::Company(CompanyId(id))),
        None => (words == "ignored").then_some(AccountTarget::Ignored),
    }
}

/// Reads [`product_words`].
fn product_asked(product: ProductId, words: Option<&str>) -> ProductLinkAsked {
    let Some(words) = words else {
        return ProductLinkAsked { product, target: None, unit: None, unit_trusted: false };
    };
    let (words, unit_trusted) = match words.strip_suffix(", confirmed again") {
        Some(rest) => (rest, true),
        None => (words, false),
    };
    let (target, unit) =
        words.split_once(", one unit is ").map_or((words, None), |(target, unit)| (target, item_unit(unit)));
    let target = match target.strip_prefix("item ") {
        Some(id) => id.parse().ok().map(|id| ProductTarget::Item(ItemId(id))),
        None => (target == "ignored").then_some(ProductTarget::Ignored),
    };
    ProductLinkAsked { product, target, unit: Some(unit), unit_trusted }
}

fn item_unit(words: &str) -> Option<ItemUnit> {
    let (size, unit) = words.split_once(' ')?;
    ItemUnit::new(Unit::parse(unit)?, Quantity::parse_plain(size).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hive_core::link::ProductLink;

    #[test]
    fn the_audit_log_says_enough_to_restore_a_link() {
        let unit =
            |text: &str, size: &str| ItemUnit::new(Unit::parse(text).unwrap(), Quantity::parse_plain(size).unwrap());
        for (target, unit, unit_trusted) in [
            (ProductTarget::Item(ItemId(7)), unit("GB", "100"), true),
            (ProductTarget::Item(ItemId(7)), unit("licence pack, small", "0.5"), false),
            (ProductTarget::Item(ItemId(8)), None, false),
            (ProductTarget::Ignored, None, false),
        ] {
            let link = ProductLink {
                product: ProductId(1),
                target,
                unit: unit.clone(),
                unit_trusted,
                by: LinkedBy::Person,
                who: "user:jo".into(),
                at: Timestamp::UNIX_EPOCH,
            };
            let asked = product_asked(ProductId(1), Some(&product_words(&link)));
            let wanted =
                ProductLinkAsked { product: ProductId(1), target: Some(target), unit: Some(unit), unit_trusted };
            assert_eq!(asked, wanted);
        }
        for target in [AccountTarget::Company(CompanyId(101)), AccountTarget::Ignored] {
            assert_eq!(account_target(&account_words(target)), Some(target));
        }
    }
}
