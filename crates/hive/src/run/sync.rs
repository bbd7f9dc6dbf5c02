//! A Sync: pulls the MSP's ConnectWise data whole, or leaves the old mirror as it is.

use super::{NotBegun, Running, recover};
use crate::failure::Failure;
use crate::house::{House, now};
use hive_connectwise::Known;
use hive_core::link::AccountTarget;
use hive_core::matching::{Suggestion, unmistakable};
use hive_core::mirror::{ItemsFrom, Mirror};
use hive_core::settings::Key;
use hive_core::usage::Account;
use hive_core::{AccountId, CompanyId, MspId};
use hive_store::{Msp, RunKind, RunState, Schedule};
use std::collections::BTreeSet;

/// What a Sync brought.
#[derive(Debug)]
pub(crate) struct Synced {
    pub(crate) run: String,
    pub(crate) companies: usize,
    pub(crate) items: usize,
    pub(crate) items_from: ItemsFrom,
    pub(crate) agreements: usize,
    pub(crate) additions: usize,
    /// Additions whose quantity could not be read, by id.
    pub(crate) unreadable: Vec<i64>,
    pub(crate) requests: u64,
    /// The first Sync of a connection links the unmistakable accounts by itself.
    pub(crate) linked: Vec<(String, String)>,
}

/// Begins a Sync; the schedule gives the slot that it takes.
pub(crate) async fn begin(house: &House, msp: &Msp, advance: Option<&Schedule>) -> Result<Running, NotBegun> {
    let connection = house.connection(msp).await?;
    super::begin(house, msp, RunKind::Sync, &connection, advance).await
}

/// Syncs, or says why the old mirror stays.
pub(crate) async fn sync(house: &House, msp: &Msp) -> Result<Synced, Failure> {
    go(begin(house, msp, None).await?).await
}

/// A Sync that has begun, to its end.
pub(crate) async fn go(run: Running) -> Result<Synced, Failure> {
    let pulled = run.under_lease(pull_and_link(&run)).await;
    match pulled {
        Ok(synced) => {
            run.finish(RunState::Succeeded, None, &words(&synced)).await?;
            Ok(synced)
        }
        Err(failure) => {
            run.finish(RunState::Failed, None, &failure.words).await?;
            Err(Failure::stopped(format!("the Sync failed and the mirror stays as it was: {}", failure.words)))
        }
    }
}

async fn pull_and_link(run: &Running) -> Result<Synced, Failure> {
    let mirror = pull(run).await?;
    let mut synced = Synced {
        run: run.lease.run.to_string(),
        companies: mirror.companies.len(),
        items: mirror.items.len(),
        items_from: mirror.items_from,
        agreements: mirror.agreements.len(),
        additions: mirror.additions.len(),
        unreadable: mirror
            .additions
            .iter()
            .filter(|addition| addition.quantity.is_none())
            .map(|addition| addition.id.0)
            .collect(),
        requests: run.client.requests(),
        linked: Vec::new(),
    };
    // Linking reads the stored mirror; two of them need not stand in memory.
    drop(mirror);
    let (house, msp) = (&run.house, run.msp.id);
    if house.store.connection(msp).await?.is_some_and(|connection| !connection.first_sync_done) {
        synced.linked = link_unmistakable(house, msp).await?;
    }
    house.store.first_sync_done(msp).await?;
    Ok(synced)
}

async fn pull(run: &Running) -> Result<Mirror, Failure> {
    let Running { house, msp, lease, client, .. } = run;
    let mirror = run
        .until_stopped(async {
            recover::look_up_first(run).await?;
            let known = known(house, msp.id, house.store.mirror(msp.id).await?.as_ref()).await?;
            Ok(client.pull(&known, &run.shows()).await?)
        })
        .await?;
    run.may_go_on.check().map_err(Failure::stopped)?;
    run.progress.at("storing the mirror", 0, None);
    house.store.save_mirror(msp.id, lease, &mirror).await?;
    Ok(mirror)
}

/// How many additions each agreement had, for the rule on counts, and what is active today.
pub(crate) async fn known(house: &House, msp: MspId, mirror: Option<&Mirror>) -> Result<Known, Failure> {
    let settings = house.store.settings(msp).await?;
    let starting_later = settings.entries().any(|(key, _, text)| key == Key::TargetDate && text == "next_invoice");
    let today = now().to_zoned(settings.time_zone()).date();
    Ok(Known { today: Some(today), starting_later, ..mirror.map(Known::of).unwrap_or_default() })
}

/// The unmistakable matches that stand open now.
pub(crate) async fn matches(house: &House, msp: MspId) -> Result<Vec<Suggestion<AccountId, CompanyId>>, Failure> {
    match house.store.mirror(msp).await? {
        Some(mirror) => matches_in(house, msp, &mirror).await,
        None => Ok(Vec::new()),
    }
}

async fn matches_in(
    house: &House,
    msp: MspId,
    mirror: &Mirror,
) -> Result<Vec<Suggestion<AccountId, CompanyId>>, Failure> {
    let accounts = house.store.accounts(msp).await?;
    let links = house.store.account_links(msp).await?;
    let decided: BTreeSet<AccountId> = links.iter().map(|link| link.account).collect();
    let taken: BTreeSet<CompanyId> = links
        .iter()
        .filter_map(|link| match link.target {
            AccountTarget::Company(company) => Some(company),
            AccountTarget::Ignored => None,
        })
        .collect();
    // Every account and every company takes part, so that a twin that is linked already still makes
    // a match ambiguous; only open ones come out.
    let everyone: Vec<&Account> = accounts.iter().collect();
    let companies: Vec<_> = mirror.companies.iter().collect();
    let rejected = house.store.rejected_accounts(msp).await?.into_iter().collect();
    let found = unmistakable(&everyone, &companies, &rejected);
    // The MSP's own account is excluded until a person links it.
    let settings = house.store.settings(msp).await?;
    Ok(found
        .into_iter()
        .filter(|one| !settings.is_own(one.hive) && !decided.contains(&one.hive) && !taken.contains(&one.connectwise))
        .collect())
}

/// Links what is unmistakable, and names each pair.
pub(crate) async fn link_unmistakable(house: &House, msp: MspId) -> Result<Vec<(String, String)>, Failure> {
    let Some(mirror) = house.store.mirror(msp).await? else { return Ok(Vec::new()) };
    let found = matches_in(house, msp, &mirror).await?;
    let pairs: Vec<(AccountId, CompanyId)> = found.iter().map(|one| (one.hive, one.connectwise)).collect();
    house.store.link_matches(msp, &pairs, now()).await?;
    let accounts = house.store.accounts(msp).await?;
    let name = |(account, company): &(AccountId, CompanyId)| {
        let account =
            accounts.iter().find(|found| found.id == *account).map_or_else(String::new, |found| found.name.clone());
        let company = mirror
            .companies
            .iter()
            .find(|found| found.id == *company)
            .map_or_else(String::new, |found| format!("{} ({})", found.name, found.id));
        (account, company)
    };
    Ok(pairs.iter().map(name).collect())
}

/// What a Sync brought, in one line.
pub(crate) fn words(synced: &Synced) -> String {
    let items = match synced.items_from {
        ItemsFrom::Catalog => format!("{} catalog items", synced.items),
        ItemsFrom::Additions => format!("{} items seen on additions (the key may not read the catalog)", synced.items),
    };
    let mut text = format!(
        "{} companies, {items}, {} agreements, {} additions; {} requests",
        synced.companies, synced.agreements, synced.additions, synced.requests,
    );
    if !synced.unreadable.is_empty() {
        let ids: Vec<String> = synced.unreadable.iter().take(20).map(ToString::to_string).collect();
        text.push_str(&format!(
            "; {} additions have no readable quantity: {}",
            synced.unreadable.len(),
            ids.join(", ")
        ));
    }
    text
}
