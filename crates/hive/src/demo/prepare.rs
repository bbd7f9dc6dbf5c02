//! Up to the plan: connect, import, Sync, link.

use super::data::{
    HOT, Link, MATCHES_SHOWN, NEAR_TWIN, NEVER_LINKED, PRODUCTS, QUOTA, QUOTA_GB, TRAINING, VENDORS, Vendor,
};
use super::stage::Stage;
use super::vendors;
use super::words::{count, heading, say, say_at, thousands};
use super::{must, not_as_told};
use crate::failure::Failure;
use crate::files::{read_links, read_usage, text_of};
use crate::house::now;
use crate::run;
use crate::show::print;
use hive_connectwise::{Access, SiteUrl};
use hive_core::Quantity;
use hive_core::import::{BadRow, LinksKnown, resolve_links};
use hive_core::settings::{At, Key};
use hive_core::unit::Storage;
use hive_store::{ImportAsked, ImportError, NewConnection};
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::path::Path;

/// Everything before the first plan, told step by step.
pub(crate) async fn prepare(stage: &Stage) -> Result<(), Failure> {
    introduce(stage);
    connect(stage).await?;
    import(stage).await?;
    sync(stage).await?;
    link(stage).await
}

fn introduce(stage: &Stage) {
    print("Hive demo: Northwind IT, and the invoices go out tomorrow\n");
    let directory = stage.directory().display();
    let after = if stage.is_kept() { "which is kept" } else { "which is removed at the end" };
    say_at(
        0,
        &format!(
            "Everything here is made up, and nothing of yours is touched: the ConnectWise is a sample inside this process, and the database is in {directory}, {after}."
        ),
    );
}

async fn connect(stage: &Stage) -> Result<(), Failure> {
    heading(1, "Connect");
    let config = hive_simulator::Config::default();
    let site = SiteUrl::parse(&stage.running.url(), &stage.house.process.private_hosts()).map_err(Failure::stopped)?;
    let url = site.to_string();
    let private_key = SecretString::from(config.private_key);
    let access = Access {
        site,
        company: config.company.clone(),
        public_key: config.public_key.clone(),
        private_key: private_key.clone(),
        client_id: stage.house.process.connectwise_client_id.clone(),
    };
    let tested = stage.house.client_of(access)?.test().await?;
    must(!tested.rights.waits_for_admin(), || "the sample key misses a right".to_owned())?;
    let codebase = tested.codebase.trim_end_matches('/').to_owned();
    let connection = NewConnection {
        url: url.clone(),
        company: config.company.clone(),
        public_key: config.public_key,
        private_key,
        client_id: None,
        codebase: Some(tested.codebase.clone()),
        rights: &tested.rights,
        tested_at: now(),
    };
    stage.house.store.save_connection(stage.msp.id, &connection, &stage.house.who, now()).await?;
    say(&format!(
        "{} is connected to {url} as {} ({codebase}). The key has every right that Hive needs.",
        stage.msp.name, config.company
    ));
    Ok(())
}

async fn import(stage: &Stage) -> Result<(), Failure> {
    heading(2, "Import what six vendors measured");
    let mut lines = 0;
    for vendor in &VENDORS {
        lines += import_one(stage, vendor).await?;
    }
    let (store, msp) = (&stage.house.store, stage.msp.id);
    let (accounts, products) = (store.accounts(msp).await?, store.products(msp).await?);
    must((accounts.len(), products.len()) == (stage.customers.len(), PRODUCTS.len()), || {
        format!("{} accounts and {} products came", accounts.len(), products.len())
    })?;
    print("");
    say(&format!("{} customers, {} products, {lines} lines, six months of samples.", accounts.len(), products.len()));
    let mut changes = Vec::new();
    for product in
        products.iter().filter(|product| PRODUCTS.iter().any(|known| known.by_bracket && known.name == product.name))
    {
        changes.push((Key::Mode, At { product: Some(product.id), account: None }, "quota_bracket".to_owned()));
        say(&format!(
            "{} is billed by the bracket of its quota (100, 250, 500, 750 GB, 1 TB …), the rest by actual usage.",
            product.name
        ));
    }
    store.set_settings(msp, &changes, &stage.house.who, now()).await?;
    let (account, product) = (
        accounts.iter().find(|account| account.name == QUOTA).map(|account| account.id),
        products.iter().find(|product| product.name == HOT).map(|product| product.id),
    );
    let (Some(account), Some(product)) = (account, product) else {
        return Err(not_as_told(format!("{QUOTA} has no {HOT}")));
    };
    // A soft quota rises when usage passes it; this one was agreed as a limit, and so it is exceeded.
    let hard = (Quantity::from(QUOTA_GB), Storage::GB, true);
    store.set_quota(msp, account, product, Some(hard), &stage.house.who, now()).await?;
    say(&format!("The {QUOTA_GB} GB of {QUOTA} are a hard quota: it does not rise by itself when usage passes it."));
    Ok(())
}

/// As `hive import usage --source` does it. How many lines the file is about.
async fn import_one(stage: &Stage, vendor: &Vendor) -> Result<usize, Failure> {
    let path = stage.directory().join(format!("{}.csv", vendor.source));
    let vendors::File { text, lines } = vendors::file(vendor, &stage.customers, stage.began_at)?;
    std::fs::write(&path, text)?;
    let text = text_of(&path, stage.house.process.upload_bytes_max)?;
    let at = now();
    let rows = read_usage(&text, at).map_err(|bad| refused(&path, &bad))?;
    let hash: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let asked = ImportAsked {
        source: vendor.source,
        complete: false,
        one_by_one: false,
        file_name: &path.display().to_string(),
        file_hash: &hash,
        rows: &rows,
        dry_run: false,
        who: &stage.house.who,
        at,
    };
    let imported = match stage.house.store.import_usage(stage.msp.id, &asked).await {
        Ok(imported) => imported,
        Err(ImportError::Bad(bad)) => return Err(refused(&path, &bad)),
        Err(ImportError::Store(error)) => return Err(error.into()),
    };
    let names: Vec<&str> =
        PRODUCTS.iter().filter(|product| product.source == vendor.source).map(|product| product.name).collect();
    print(&format!(
        "   {:<12}{:<18}{:>6} samples   {}",
        vendor.name,
        format!("{}.csv", vendor.source),
        thousands(imported.samples_new),
        names.join(", ")
    ));
    Ok(lines)
}

fn refused(path: &Path, bad: &[BadRow]) -> Failure {
    let first = bad.first().map_or(String::new(), ToString::to_string);
    not_as_told(format!("{} has {} bad rows, the first: {first}", path.display(), bad.len()))
}

async fn sync(stage: &Stage) -> Result<(), Failure> {
    heading(3, "Sync: pull ConnectWise");
    let synced = run::sync::sync(&stage.house, &stage.msp).await?;
    say(&format!("{}.", run::sync::words(&synced)));
    let expected: BTreeSet<&str> = stage
        .customers
        .iter()
        .filter(|customer| customer.link == Link::Itself)
        .map(|customer| customer.account)
        .collect();
    let linked: BTreeSet<&str> = synced.linked.iter().map(|(account, _)| account.as_str()).collect();
    must(linked == expected, || {
        format!("the Sync linked {} accounts by itself, not {}", linked.len(), expected.len())
    })?;
    say(&format!(
        "It linked {} of {} customers by itself, because nobody can mistake them:",
        linked.len(),
        stage.customers.len()
    ));
    for (account, company) in synced.linked.iter().filter(|(account, _)| MATCHES_SHOWN.contains(&account.as_str())) {
        print(&format!("      {account:<26}= {company}"));
    }
    print(&format!("      and {} more", linked.len().saturating_sub(MATCHES_SHOWN.len())));
    Ok(())
}

/// As `hive import links` does it.
async fn link(stage: &Stage) -> Result<(), Failure> {
    heading(4, "Link the rest, as a clerk would");
    let (path, accounts, products) = write_links(stage)?;
    let rows =
        read_links(&text_of(&path, stage.house.process.upload_bytes_max)?).map_err(|bad| refused(&path, &bad))?;
    let (store, msp) = (&stage.house.store, stage.msp.id);
    let (known_accounts, known_products, mirror) =
        (store.accounts(msp).await?, store.products(msp).await?, store.mirror(msp).await?);
    let known = LinksKnown { accounts: &known_accounts, products: &known_products, mirror: mirror.as_ref() };
    let asked = resolve_links(&rows, known).map_err(|bad| refused(&path, &bad))?;
    let changed = store.apply_links(msp, &asked, &BTreeSet::new(), &stage.house.who, now()).await?;
    must(changed == accounts + products, || {
        format!("the links file changed {changed} links, not {}", accounts + products)
    })?;
    say(&format!(
        "links.csv links {} whose names differ, and {}, each with what one unit of its item is (1 GB, 1 TB, 1 user …).",
        count(accounts, "customer", "customers"),
        count(products, "product", "products"),
    ));
    say(&format!(
        "Nobody is sure about {NEVER_LINKED} and {NEAR_TWIN}, and {TRAINING} has no item: they stay as they are."
    ));
    Ok(())
}

/// The clerk's file, and how many accounts and products are in it.
fn write_links(stage: &Stage) -> Result<(std::path::PathBuf, usize, usize), Failure> {
    let path = stage.directory().join("links.csv");
    let mut writer = csv::Writer::from_path(&path)?;
    writer.write_record(["kind", "hive", "connectwise", "unit", "size"])?;
    let (mut accounts, mut products) = (0, 0);
    for customer in stage.customers.iter().filter(|customer| customer.link == Link::Clerk) {
        let company = stage
            .built
            .companies
            .get(customer.company)
            .ok_or_else(|| not_as_told(format!("there is no company {}", customer.company)))?;
        writer.write_record(["account", customer.account, &company.to_string(), "", ""])?;
        accounts += 1;
    }
    for product in &PRODUCTS {
        let Some(item) = &product.item else { continue };
        writer.write_record(["product", product.name, item.identifier, item.unit, "1"])?;
        products += 1;
    }
    writer.flush()?;
    Ok((path, accounts, products))
}
