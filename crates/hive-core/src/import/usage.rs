//! A usage file against the accounts and products that are known.

use super::{BadRow, NewAccount, NewProduct, Ref, Renamed, Resolved, SettledSample, UsageKnown, UsageRow};
use crate::quantity::Quantity;
use crate::unit::{Storage, Unit};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use unicode_normalization::UnicodeNormalization;

/// Names trimmed, NFC and exact; ids, where given, beat names; all rows or none.
pub fn resolve_usage(rows: &[UsageRow], known: UsageKnown<'_>) -> Result<Resolved, Vec<BadRow>> {
    let UsageKnown { accounts, products } = known;
    let mut accounts = Names::new(accounts.iter().map(|a| (a.id, a.name.as_str(), a.external_id.as_deref())));
    let mut products = Names::new(products.iter().map(|p| (p.id, p.name.as_str(), p.external_id.as_deref())));
    let mut resolved = Resolved::default();
    let mut bad = Vec::new();
    let mut seen: HashMap<_, (u64, (Quantity, Unit, String))> = HashMap::new();
    let mut quotas: BTreeMap<_, (Timestamp, Quantity, Storage)> = BTreeMap::new();
    for row in rows {
        let account = accounts.find(&row.account, row.account_id.as_deref());
        let product = products.find(&row.product, row.product_id.as_deref());
        let mut refuse = |column: &str, reason: String| {
            bad.push(BadRow { line: row.line, column: column.to_owned(), reason });
        };
        let (account, product) = match (account, product) {
            (Ok(account), Ok(product)) => (account, product),
            (account, product) => {
                let _ = account.map_err(|reason| refuse("account", reason));
                let _ = product.map_err(|reason| refuse("product", reason));
                continue;
            }
        };
        if let Ref::New(place) = product
            && place == resolved.new_products.len()
        {
            let name = clean(&row.product);
            resolved.new_products.push(NewProduct {
                name,
                external_id: row.product_id.clone(),
                unit: row.unit.clone(),
            });
        }
        let said = (row.quantity, row.unit.clone(), row.class.clone());
        match seen.get(&(account, product, row.measured_at)) {
            Some((line, before)) if *before != said => {
                refuse("quantity", twice(*line, before.0, row.quantity));
                continue;
            }
            Some(_) => continue,
            None => seen.insert((account, product, row.measured_at), (row.line, said)),
        };
        if let Some((size, unit)) = row.quota
            && quotas.get(&(account, product)).is_none_or(|(at, ..)| *at <= row.measured_at)
        {
            quotas.insert((account, product), (row.measured_at, size, unit));
        }
        resolved.samples.push(SettledSample {
            account,
            product,
            quantity: row.quantity,
            unit: row.unit.clone(),
            measured_at: row.measured_at,
            class: row.class.clone(),
        });
    }
    if !bad.is_empty() {
        return Err(bad);
    }
    resolved.new_accounts =
        accounts.created.iter().map(|(name, id)| NewAccount { name: name.clone(), external_id: id.clone() }).collect();
    for (product, (_, external_id)) in resolved.new_products.iter_mut().zip(&products.created) {
        product.external_id.clone_from(external_id);
    }
    resolved.accounts = accounts.changed();
    resolved.products = products.changed();
    resolved.quotas = quotas.into_iter().map(|((a, p), (_, size, unit))| (a, p, size, unit)).collect();
    Ok(resolved)
}

fn twice(line: u64, before: Quantity, now: Quantity) -> String {
    format!("line {line} gives the same account, product and time with {before}, this one says {now}; keep one of them")
}

/// A name as it is kept: trimmed, NFC.
pub(super) fn clean(name: &str) -> String {
    name.trim().nfc().collect()
}

/// A name as two people might both have typed it: case and spaces do not tell names apart.
pub(crate) fn loose(name: &str) -> String {
    clean(name).to_lowercase().split_whitespace().collect::<Vec<_>>().join("")
}

/// Known records, and the new ones of this file as they come.
struct Names<Id> {
    by_name: HashMap<String, Ref<Id>>,
    by_loose: HashMap<String, String>,
    by_id: HashMap<String, Ref<Id>>,
    known: HashMap<Id, (String, Option<String>)>,
    renamed: BTreeMap<Id, (String, Option<String>)>,
    created: Vec<(String, Option<String>)>,
}

impl<Id: Copy + Eq + Hash + Ord> Names<Id> {
    fn new<'a>(records: impl Iterator<Item = (Id, &'a str, Option<&'a str>)>) -> Names<Id> {
        let mut names = Names {
            by_name: HashMap::new(),
            by_loose: HashMap::new(),
            by_id: HashMap::new(),
            known: HashMap::new(),
            renamed: BTreeMap::new(),
            created: Vec::new(),
        };
        for (id, name, external) in records {
            names.by_name.insert(name.to_owned(), Ref::Known(id));
            names.by_loose.insert(loose(name), name.to_owned());
            if let Some(external) = external {
                names.by_id.insert(external.to_owned(), Ref::Known(id));
            }
            names.known.insert(id, (name.to_owned(), external.map(str::to_owned)));
        }
        names
    }

    fn find(&mut self, name: &str, external: Option<&str>) -> Result<Ref<Id>, String> {
        let name = clean(name);
        if let Some(external) = external {
            return self.find_by_id(&name, external);
        }
        if let Some(found) = self.by_name.get(&name) {
            return Ok(*found);
        }
        self.create(name, None)
    }

    fn find_by_id(&mut self, name: &str, external: &str) -> Result<Ref<Id>, String> {
        if let Some(found) = self.by_id.get(external).copied() {
            self.rename(found, name)?;
            return Ok(found);
        }
        let Some(found) = self.by_name.get(name).copied() else {
            return self.create(name.to_owned(), Some(external.to_owned()));
        };
        let had = match found {
            Ref::Known(id) => self.known.get(&id).and_then(|(_, had)| had.clone()),
            Ref::New(place) => self.created[place].1.clone(),
        };
        if let Some(had) = had {
            return Err(format!("\"{name}\" is known with the id {had}; this row says {external}"));
        }
        match found {
            Ref::Known(id) => {
                self.renamed.insert(id, (name.to_owned(), Some(external.to_owned())));
            }
            Ref::New(place) => self.created[place].1 = Some(external.to_owned()),
        }
        self.by_id.insert(external.to_owned(), found);
        Ok(found)
    }

    fn rename(&mut self, found: Ref<Id>, name: &str) -> Result<(), String> {
        if self.by_name.get(name) == Some(&found) {
            return Ok(());
        }
        if self.by_name.contains_key(name) {
            return Err(format!("\"{name}\" is the name of another record than the one with this row's id"));
        }
        if let Ref::Known(id) = found {
            let external = self.known.get(&id).and_then(|(_, external)| external.clone());
            self.renamed.insert(id, (name.to_owned(), external));
            self.by_name.insert(name.to_owned(), found);
            return Ok(());
        }
        Err("one id stands with two names in this file".to_owned())
    }

    fn create(&mut self, name: String, external: Option<String>) -> Result<Ref<Id>, String> {
        if let Some(near) = self.by_loose.get(&loose(&name)) {
            return Err(format!(
                "\"{name}\" differs from the known \"{near}\" only by case or spaces; write it the same way"
            ));
        }
        let created = Ref::New(self.created.len());
        self.by_loose.insert(loose(&name), name.clone());
        self.by_name.insert(name.clone(), created);
        if let Some(external) = &external {
            self.by_id.insert(external.clone(), created);
        }
        self.created.push((name, external));
        Ok(created)
    }

    fn changed(&self) -> Vec<Renamed<Id>> {
        let changed = |(id, (after, external_id)): (&Id, &(String, Option<String>))| Renamed {
            id: *id,
            before: self.known.get(id).map(|(name, _)| name.clone()).unwrap_or_default(),
            after: after.clone(),
            external_id: external_id.clone(),
        };
        self.renamed.iter().map(changed).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{AccountId, ProductId};
    use crate::unit::Unit;
    use crate::usage::{Account, Product};

    fn row(line: u64, account: &str, product: &str, quantity: &str) -> UsageRow {
        UsageRow {
            line,
            account: account.into(),
            product: product.into(),
            quantity: Quantity::parse_plain(quantity).unwrap(),
            unit: Unit::parse("user").unwrap(),
            measured_at: "2026-11-22T00:00:00Z".parse().unwrap(),
            quota: None,
            account_id: None,
            product_id: None,
            class: String::new(),
        }
    }

    fn check(rows: &[UsageRow]) -> Result<Resolved, String> {
        let accounts = [Account { id: AccountId(1), name: "Acme Dental".into(), external_id: Some("A-1".into()) }];
        let products =
            [Product { id: ProductId(1), name: "M365".into(), external_id: None, unit: Unit::parse("user").unwrap() }];
        let known = UsageKnown { accounts: &accounts, products: &products };
        resolve_usage(rows, known).map_err(|bad| bad.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    }

    #[test]
    fn new_names_are_created_once() {
        let resolved =
            check(&[row(2, "Zen", "M365", "5"), row(3, "Zen", "Scout", "1"), row(4, " Acme Dental ", "Scout", "2")]);
        let resolved = resolved.unwrap();
        assert_eq!(resolved.new_accounts.len(), 1);
        assert_eq!(resolved.new_products.len(), 1);
        assert_eq!(resolved.samples[2].account, Ref::Known(AccountId(1)));
    }

    #[test]
    fn a_name_that_differs_by_case_is_a_bad_row() {
        let error = check(&[row(2, "ACME dental", "M365", "5")]).unwrap_err();
        assert!(
            error.starts_with("line 2, column account: \"ACME dental\" differs from the known \"Acme Dental\""),
            "{error}"
        );
    }

    #[test]
    fn an_id_beats_a_name_and_renames() {
        let mut renamed = row(2, "Acme Dental Group", "M365", "5");
        renamed.account_id = Some("A-1".into());
        let resolved = check(&[renamed]).unwrap();
        assert_eq!(resolved.accounts[0].after, "Acme Dental Group");
        assert!(resolved.new_accounts.is_empty());
    }

    #[test]
    fn twice_with_two_values_is_a_bad_row_and_twice_the_same_is_nothing() {
        let error = check(&[row(2, "Zen", "M365", "5"), row(3, "Zen", "M365", "6")]).unwrap_err();
        assert!(error.contains("line 3, column quantity: line 2 gives the same"), "{error}");
        assert_eq!(check(&[row(2, "Zen", "M365", "5"), row(3, "Zen", "M365", "5.0")]).unwrap().samples.len(), 1);
    }
}
