//! What shapes a quantity: pins and settings. Quotas are in `quotas`.

use crate::view::SettingView;
use crate::{By, Desk, Look, Refused, Said};
use hive_core::link::{AccountTarget, ProductTarget};
use hive_core::mirror::{Addition, Mirror};
use hive_core::plan::Candidate;
use hive_core::settings::{At, Key, Scope, Settings};
use hive_core::usage::{Account, Product};
use hive_core::{AccountId, AdditionId, LineId, ProductId};
use hive_store::Msp;

impl Desk {
    /// Chooses the one addition of a line; `None` takes the choice back.
    pub async fn pin(
        &self,
        by: &By,
        account: AccountId,
        product: ProductId,
        addition: Option<AdditionId>,
    ) -> Result<Said, Refused> {
        let (account, product) = (self.account_of(&by.msp, account).await?, self.product_of(&by.msp, product).await?);
        let name = format!("{} x {}", account.name, product.name);
        if let Some(addition) = addition {
            self.must_fit(&by.msp, &account, &product, addition).await?;
        }
        self.store.set_pin(by.msp.id, account.id, product.id, addition, &by.who, by.at).await?;
        Ok(Said(match addition {
            Some(addition) => format!("{name} is pinned to addition {addition}."),
            None => format!("{name} has no pin now."),
        }))
    }

    /// Pins each line to its one possible addition on an agreement of a type; a line that has none or several
    /// there is left as it is, and named.
    pub async fn pin_by_type(&self, by: &By, look: &Look, lines: &[LineId], of_type: &str) -> Result<Said, Refused> {
        let wanted = of_type.trim().to_lowercase();
        if wanted.is_empty() || lines.is_empty() {
            return Err(Refused::WrongUsage("Tick the lines, and choose the type of agreement.".to_owned()));
        }
        let (mut pinned, mut left) = (0, Vec::new());
        for line in lines {
            let candidates = look.candidates(*line);
            let of_type = |one: &&Candidate<'_>| {
                one.agreement.agreement_type.as_deref().is_some_and(|of| of.trim().to_lowercase() == wanted)
            };
            let fits: Vec<_> = candidates.iter().filter(|one| one.possible).filter(of_type).collect();
            let name = look.account(line.account).map_or_else(|| line.to_string(), |account| account.name.clone());
            match fits.as_slice() {
                [one] => {
                    // It is of the linked company and item: the candidates are nothing else.
                    let (store, addition) = (&self.store, Some(one.addition.id));
                    store.set_pin(by.msp.id, line.account, line.product, addition, &by.who, by.at).await?;
                    pinned += 1;
                }
                [] => left.push(format!("{name} has no ongoing addition on such an agreement")),
                several => left.push(format!("{name} has {} there", several.len())),
            }
        }
        let words = if pinned == 1 { "1 line is".to_owned() } else { format!("{pinned} lines are") };
        let left = if left.is_empty() { String::new() } else { format!(" Left as it was: {}.", left.join("; ")) };
        Ok(Said(format!("{words} pinned to the addition on the agreement of type {}.{left}", of_type.trim())))
    }

    /// A pin never crosses to another item or another company than those that are linked.
    async fn must_fit(
        &self,
        msp: &Msp,
        account: &Account,
        product: &Product,
        addition: AdditionId,
    ) -> Result<(), Refused> {
        let mirror = self.store.mirror(msp.id).await?;
        let mirror =
            mirror.ok_or_else(|| Refused::Stopped(format!("nothing was synced yet: hive sync \"{}\"", msp.name)))?;
        let found = mirror.additions.iter().find(|found| found.id == addition);
        let found = found.ok_or_else(|| {
            Refused::NotFound(format!("there is no addition {addition} on an active agreement in the last Sync"))
        })?;
        let links = self.store.product_links(msp.id).await?;
        let item = links.into_iter().find(|link| link.product == product.id).map(|link| link.target);
        if let Some(ProductTarget::Item(item)) = item
            && item != found.item
        {
            return Err(Refused::Stopped(format!(
                "addition {addition} is of item {} ({}), but {} is mapped to item {item}",
                found.item, found.item_identifier, product.name
            )));
        }
        let links = self.store.account_links(msp.id).await?;
        let target = links.into_iter().find(|link| link.account == account.id).map(|link| link.target);
        must_be_of_the_company(&mirror, found, account, target)
    }

    /// Changes settings, all of them or none.
    pub async fn set_settings(&self, by: &By, changes: &[(Key, At, String)]) -> Result<(), Refused> {
        for (key, at, text) in changes {
            Settings::default().set(*key, *at, text).map_err(Refused::WrongUsage)?;
        }
        if !changes.is_empty() {
            self.store.set_settings(by.msp.id, changes, &by.who, by.at).await?;
        }
        Ok(())
    }

    /// The settings in force at `at`, then every one that is set elsewhere.
    pub async fn settings(&self, msp: &Msp, at: At) -> Result<Vec<SettingView>, Refused> {
        let settings = self.store.settings(msp.id).await?;
        let products = self.store.products(msp.id).await?;
        let accounts = self.store.accounts(msp.id).await?;
        Ok(views(&settings, &products, &accounts, at))
    }
}

pub(crate) fn must_be_of_the_company(
    mirror: &Mirror,
    addition: &Addition,
    account: &Account,
    target: Option<AccountTarget>,
) -> Result<(), Refused> {
    let agreement = mirror.agreements.iter().find(|agreement| agreement.id == addition.agreement);
    if let (Some(AccountTarget::Company(company)), Some(agreement)) = (target, agreement)
        && company != agreement.company
    {
        return Err(Refused::Stopped(format!(
            "addition {} is on agreement {agreement} of company {}, but {} is linked to company {company}",
            addition.id, agreement.company, account.name
        )));
    }
    Ok(())
}

fn views(settings: &Settings, products: &[Product], accounts: &[Account], at: At) -> Vec<SettingView> {
    let product_name = |at: At| {
        at.product.and_then(|id| products.iter().find(|product| product.id == id)).map(|product| product.name.clone())
    };
    let account_name = |at: At| {
        at.account.and_then(|id| accounts.iter().find(|account| account.id == id)).map(|account| account.name.clone())
    };
    let here = Key::ALL
        .iter()
        .filter(|key| key.allowed_at(at).is_ok() || !matches!(key.scope(), Scope::Msp | Scope::Account))
        .map(|key| SettingView {
            key: key.name(),
            value: settings.text(*key, at).to_owned(),
            default: key.default(),
            product: product_name(at),
            account: account_name(at),
            set: settings.entries().any(|(set, place, _)| set == *key && place == at),
        });
    let mut views: Vec<SettingView> = here.collect();
    views.extend(settings.entries().filter(|(_, place, _)| *place != at && *place != At::default()).map(
        |(key, place, text)| SettingView {
            key: key.name(),
            value: text.to_owned(),
            default: key.default(),
            product: product_name(place),
            account: account_name(place),
            set: true,
        },
    ));
    views
}
