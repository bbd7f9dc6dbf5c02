//! The desk's door for stories: few words in, readable results out.

use hive_core::mirror::{Addition, Agreement, CatalogItem, Company, ItemsFrom, Mirror};
use hive_core::rights::Rights;
use hive_core::unit::{ItemUnit, Unit};
use hive_core::*;
use hive_desk::{By, Desk, Refused, Said, UsageFile};
use hive_store::{KeySource, Msp, NewConnection, RunKind, RunState, Store};
use jiff::SignedDuration;

/// An MSP with a desk. Acme (101) and Bolt (102); Hot by the GB at 2 (1001), Seat at 10 (1002); additions
/// 1 (Acme Hot 10), 2 (Acme Seat 5), 3 (Bolt Hot 20).
pub(crate) struct Door {
    pub(crate) desk: Desk,
    pub(crate) msp: Msp,
    /// The one that must see nothing.
    pub(crate) other: Msp,
    _dir: tempfile::TempDir,
}

pub(crate) const HEADER: &str = "account,product,quantity,unit,measured_at";

/// Minutes after the story's beginning.
pub(crate) fn at(minutes: i64) -> Timestamp {
    let start: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
    start + SignedDuration::from_mins(minutes)
}

/// A story on a runtime of its own.
pub(crate) fn story<T>(story: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap().block_on(story)
}

/// Words that refuse, whatever the kind.
pub(crate) fn words<T: std::fmt::Debug>(refused: Result<T, Refused>) -> String {
    refused.unwrap_err().to_string()
}

impl Door {
    /// Two MSPs that know nothing.
    pub(crate) async fn bare() -> Door {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("hive.db").display());
        let store = Store::open(&url, KeySource(dir.path().join("hive.key"))).await.unwrap();
        let other = store.add_msp("Southwind", at(0)).await.unwrap();
        let msp = store.add_msp("Northwind", at(0)).await.unwrap();
        Door { desk: Desk::new(store), msp, other, _dir: dir }
    }

    /// The town's usage imported, ConnectWise synced, everything linked; nothing has changed.
    pub(crate) async fn linked() -> Door {
        let door = Door::bare().await;
        door.usage("Acme,Hot,10,GB\nAcme,Seat,5,user\nBolt,Hot,20,GB", 0).await;
        door.sync(&[(1, 10), (2, 5), (3, 20)], 1).await;
        door.desk.match_unmistakable(&door.by(2), true).await.unwrap();
        door.map("Hot", "1001", Some(("GB", 1))).await;
        door.map("Seat", "1002", None).await;
        door
    }

    pub(crate) fn by(&self, minutes: i64) -> By {
        By { msp: self.msp.clone(), who: "user:ann@example.com".to_owned(), at: at(minutes) }
    }

    pub(crate) async fn account(&self, name: &str) -> AccountId {
        self.desk.account(&self.msp, name).await.unwrap().id
    }

    pub(crate) async fn product(&self, name: &str) -> ProductId {
        self.desk.product(&self.msp, name).await.unwrap().id
    }

    /// Usage measured and imported so many minutes after the beginning.
    pub(crate) async fn usage(&self, rows: &str, minutes: i64) {
        let stamp = format!(",{:.0}\n", at(minutes));
        let text: String = rows.lines().map(|row| format!("{row}{stamp}")).collect();
        let file = UsageFile {
            name: "usage.csv".to_owned(),
            text: format!("{HEADER}\n{text}"),
            source: None,
            complete: false,
            dry_run: false,
        };
        self.desk.import_usage(&self.by(minutes), &file).await.unwrap();
    }

    pub(crate) async fn map(&self, product: &str, item: &str, unit: Option<(&str, i64)>) -> String {
        let unit = unit.map(|(unit, size)| ItemUnit::new(Unit::parse(unit).unwrap(), Quantity::from(size)).unwrap());
        let product = self.product(product).await;
        let Said(words) = self.desk.map_product(&self.by(3), product, item, unit).await.unwrap();
        words
    }

    /// One Sync that finds these additions (id, quantity).
    pub(crate) async fn sync(&self, additions: &[(i64, i64)], minutes: i64) {
        let store = &self.desk.store;
        if store.connection(self.msp.id).await.unwrap().is_none() {
            let rights = Rights::Known { missing: Vec::new(), restricted: Vec::new() };
            let new = NewConnection {
                url: "https://cw.example.com".to_owned(),
                company: "northwind".to_owned(),
                public_key: "public".to_owned(),
                private_key: secrecy::SecretString::from("private"),
                client_id: None,
                codebase: None,
                rights: &rights,
                tested_at: at(0),
            };
            store.save_connection(self.msp.id, &new, "cli:ann", at(0)).await.unwrap();
        }
        let lease = self.begin(minutes).await;
        store.save_mirror(self.msp.id, &lease, &mirror(additions, minutes)).await.unwrap();
        store.finish_run(lease, RunState::Succeeded, None, "done", at(minutes)).await.unwrap();
    }

    /// One Sync of the same town, in which Bolt's agreement has another billing cycle.
    pub(crate) async fn sync_with_bolt_billed(&self, cycle: &str, minutes: i64) {
        let mut mirror = mirror(&[(1, 10), (2, 5), (3, 20)], minutes);
        mirror.agreements[1].billing_cycle = Some(cycle.to_owned());
        let lease = self.begin(minutes).await;
        self.desk.store.save_mirror(self.msp.id, &lease, &mirror).await.unwrap();
        self.desk.store.finish_run(lease, RunState::Succeeded, None, "done", at(minutes)).await.unwrap();
    }

    async fn begin(&self, minutes: i64) -> hive_store::Lease {
        self.desk.store.begin_run(self.msp.id, RunKind::Sync, "cli:ann", at(minutes), 120_000, None).await.unwrap()
    }
}

fn mirror(additions: &[(i64, i64)], minutes: i64) -> Mirror {
    let company = |(id, name): (i64, &str)| Company {
        id: CompanyId(id),
        identifier: name.to_lowercase(),
        name: name.to_owned(),
        status: Some("Active".to_owned()),
        deleted: false,
        types: Vec::new(),
        parent: None,
    };
    let item = |(id, name): (i64, &str)| CatalogItem {
        id: ItemId(id),
        identifier: name.to_uppercase(),
        description: name.to_owned(),
        inactive: false,
        class: Some("Agreement".to_owned()),
        unit_of_measure: None,
        price: Some(Money::new(2.into())),
    };
    Mirror {
        id: MirrorId(0),
        pulled_at: at(minutes),
        refreshed_at: at(minutes),
        items_from: ItemsFrom::Catalog,
        companies: [(101, "Acme"), (102, "Bolt"), (103, "Cove Ltd")].map(company).to_vec(),
        items: [(1001, "Hot"), (1002, "Seat")].map(item).to_vec(),
        agreements: [101, 102].map(agreement).to_vec(),
        additions: additions.iter().map(|(id, quantity)| addition(*id, *quantity, minutes)).collect(),
    }
}

fn agreement(company: i64) -> Agreement {
    Agreement {
        id: AgreementId(company + 400),
        name: "Managed".to_owned(),
        agreement_type: None,
        company: CompanyId(company),
        company_name: String::new(),
        parent: None,
        start: Some("2025-01-01".parse().unwrap()),
        end: None,
        no_ending_date: true,
        cancelled: false,
        cancelled_on: None,
        status: Some("Active".to_owned()),
        billing_cycle: Some("Monthly".to_owned()),
        next_invoice: Some("2026-12-01".parse().unwrap()),
        currency: Some("USD".to_owned()),
        prorates: None,
    }
}

fn addition(id: i64, quantity: i64, minutes: i64) -> Addition {
    let (agreement, item, price) = match id {
        1 => (501, 1001, 2),
        2 => (501, 1002, 10),
        _ => (502, 1001, 2),
    };
    Addition {
        id: AdditionId(id),
        agreement: AgreementId(agreement),
        item: ItemId(item),
        item_identifier: String::new(),
        description: String::new(),
        quantity: Some(Quantity::from(quantity)),
        less_included: None,
        billed_quantity: None,
        unit_price: Some(Money::new(price.into())),
        unit_cost: None,
        bill_customer: "Billable".to_owned(),
        effective: Some("2026-01-01".parse().unwrap()),
        cancelled: None,
        unit_of_measure: None,
        updated_by: None,
        updated_at: None,
        read_at: at(minutes),
    }
}
