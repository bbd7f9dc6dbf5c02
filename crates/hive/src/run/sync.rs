//! A Sync: pulls the MSP's ConnectWise data whole, or leaves the old mirror as it is.

use super::{NotBegun, Running, recover};
use crate::failure::Failure;
use crate::house::{House, now};
use hive_connectwise::Known;
use hive_core::MspId;
use hive_core::mirror::{ItemsFrom, Mirror};
use hive_core::settings::Key;
use hive_store::{Msp, RunKind, RunState, Schedule};

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
    let (house, msp) = (&run.house, &run.msp);
    if house.store.connection(msp.id).await?.is_some_and(|connection| !connection.first_sync_done) {
        synced.linked = house.desk().link_unmistakable(msp, now()).await?;
    }
    house.store.first_sync_done(msp.id).await?;
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
