//! A Sync: pulls the MSP's ConnectWise data whole, or leaves the old mirror as it is.

use super::{begin, recover, show_progress, under_lease, until_stopped};
use crate::failure::Failure;
use crate::house::{House, now};
use crate::progress::Progress;
use hive_connectwise::{Client, Known};
use hive_core::MspId;
use hive_core::mirror::{ItemsFrom, Mirror};
use hive_core::settings::Key;
use hive_store::{Lease, Msp, RunKind, RunState};

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

/// Syncs, or says why the old mirror stays.
pub(crate) async fn sync(house: &House, msp: &Msp) -> Result<Synced, Failure> {
    let connection = house.connection(msp).await?;
    let client = house.client(msp.id, &connection).await?;
    let (lease, may_go_on) = begin(house, msp, RunKind::Sync, &connection).await?;
    let work = async {
        let progress = Progress::new();
        let pulled = pull(house, msp, &lease, &client, &progress, &may_go_on).await;
        progress.end();
        pulled
    };
    let pulled = under_lease(&lease, &may_go_on, work).await;
    let run = lease.run.to_string();
    let mirror = match pulled {
        Ok(mirror) => mirror,
        Err(failure) => {
            house.store.finish_run(lease, RunState::Failed, None, &failure.words, now()).await?;
            return Err(Failure::stopped(format!("the Sync failed and the mirror stays as it was: {}", failure.words)));
        }
    };
    let mut synced = Synced {
        run,
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
        requests: client.requests(),
        linked: Vec::new(),
    };
    // Linking reads the stored mirror; two of them need not stand in memory.
    drop(mirror);
    if !connection.first_sync_done {
        synced.linked = house.desk().link_unmistakable(msp, now()).await?;
    }
    house.store.first_sync_done(msp.id).await?;
    house.store.finish_run(lease, RunState::Succeeded, None, &words(&synced), now()).await?;
    Ok(synced)
}

async fn pull(
    house: &House,
    msp: &Msp,
    lease: &Lease,
    client: &Client,
    progress: &Progress,
    may_go_on: &super::MayGoOn,
) -> Result<Mirror, Failure> {
    let mirror = until_stopped(may_go_on, async {
        recover::look_up_first(house, msp, lease, client).await?;
        let known = known(house, msp.id, house.store.mirror(msp.id).await?.as_ref()).await?;
        Ok(client.pull(&known, &show_progress(progress)).await?)
    })
    .await?;
    may_go_on.check().map_err(Failure::stopped)?;
    progress.at("storing the mirror", 0, None);
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
