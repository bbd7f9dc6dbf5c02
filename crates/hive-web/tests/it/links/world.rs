//! An MSP whose links are to be made: companies, items, accounts and products of every kind.

use crate::door::{Door, Shown};
use hive_core::mirror::{Addition, Agreement, CatalogItem, Company, ItemsFrom, Mirror};
use hive_core::rights::Rights;
use hive_core::*;
use hive_desk::{By, Desk, UsageFile};
use hive_store::{Msp, NewConnection, Role, RunKind, RunState};

pub(crate) struct World {
    pub(crate) door: Door,
    pub(crate) desk: Desk,
    pub(crate) msp: Msp,
    /// A mapper's session.
    pub(crate) jo: String,
}

pub(crate) fn company(id: i64, name: &str, kind: &str) -> Company {
    Company {
        id: CompanyId(id),
        identifier: name.chars().filter(|c| c.is_alphanumeric()).collect(),
        name: name.to_owned(),
        status: Some("Active".to_owned()),
        deleted: false,
        types: vec![kind.to_owned()],
        parent: None,
    }
}

pub(crate) fn item(id: i64, identifier: &str, description: &str) -> CatalogItem {
    CatalogItem {
        id: ItemId(id),
        identifier: identifier.to_owned(),
        description: description.to_owned(),
        inactive: false,
        class: Some("Agreement".to_owned()),
        unit_of_measure: None,
        price: Some(Money::new(2.into())),
    }
}

fn agreement(id: i64, company: i64) -> Agreement {
    Agreement {
        id: AgreementId(id),
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

fn addition(id: i64, agreement: i64, item: i64, read_at: Timestamp) -> Addition {
    Addition {
        id: AdditionId(id),
        agreement: AgreementId(agreement),
        item: ItemId(item),
        item_identifier: String::new(),
        description: String::new(),
        quantity: Some(Quantity::from(10)),
        less_included: None,
        billed_quantity: None,
        unit_price: Some(Money::new(2.into())),
        unit_cost: None,
        bill_customer: "Billable".to_owned(),
        effective: Some("2025-01-01".parse().unwrap()),
        cancelled: None,
        unit_of_measure: None,
        updated_by: None,
        updated_at: None,
        read_at,
    }
}

/// Acme and Bolt have agreements; Cove is a customer by its type, Dusk a prospect; Erin is deleted, Fern
/// inactive. STO-GB, STO-TB and SEAT can be billed; OLD is inactive, BUN a bundle.
pub(crate) fn town(at: Timestamp) -> Mirror {
    let mut companies = vec![
        company(101, "Acme Dental Pty Ltd", "Owner"),
        company(102, "Bolt Electrical", "Customer"),
        company(103, "Cove Legal", "Customer"),
        company(104, "Dusk & Dawn", "Prospect"),
        company(105, "Erin Motors", "Customer"),
        company(106, "Fern Florists", "Customer"),
    ];
    companies[4].deleted = true;
    companies[5].status = Some("Inactive".to_owned());
    let mut items = vec![
        item(1001, "STO-GB", "Cloud backup storage"),
        item(1002, "STO-TB", "Cold storage per TB"),
        item(1003, "SEAT", "Microsoft 365 backup seat"),
        item(1004, "OLD-STO", "Storage, sold no more"),
        item(1005, "BUN", "Backup bundle"),
    ];
    items[0].unit_of_measure = Some("GB".to_owned());
    items[3].inactive = true;
    items[4].class = Some("Bundle".to_owned());
    Mirror {
        id: MirrorId(0),
        pulled_at: at,
        refreshed_at: at,
        items_from: ItemsFrom::Catalog,
        companies,
        items,
        agreements: vec![agreement(501, 101), agreement(502, 102)],
        additions: vec![addition(1, 501, 1001, at), addition(2, 502, 1001, at)],
    }
}

pub(crate) const USAGE: &str = "Acme Dental,Cold storage,1200,GB
Bolt Electrical Services,Cold storage,800,GB
Bolt Electrical Services,M365 seats,24,user
Cove Legal,Hot storage,30,GB
Cove Legal (Perth),Hot storage,12,GB
Zenith,M365 seats,3,user";

impl World {
    /// Nothing is linked yet.
    pub(crate) async fn new() -> World {
        World::of(USAGE, |_| {}).await
    }

    pub(crate) async fn of(usage: &str, change: impl FnOnce(&mut Mirror)) -> World {
        let world = World::bare().await;
        world.usage(usage).await;
        let mut mirror = town(world.door.now());
        change(&mut mirror);
        world.sync(&mirror).await;
        world
    }

    /// No usage, no Sync.
    pub(crate) async fn bare() -> World {
        let door = Door::open().await;
        let id = door.msp("Northwind IT").await;
        let msp = door.store.msp(&id.0.to_string()).await.unwrap().unwrap();
        let jo = door.person("jo@northwind.example", Role::Mapper, Some(id)).await;
        let jo = door.come_in(jo).await;
        World { desk: Desk::new(door.store.clone()), door, msp, jo }
    }

    pub(crate) fn by(&self) -> By {
        By { msp: self.msp.clone(), who: "user:jo@northwind.example".into(), at: self.door.now() }
    }

    pub(crate) async fn usage(&self, rows: &str) {
        let stamp = format!(",{:.0}\n", self.door.now());
        let text: String = rows.lines().map(|row| format!("{row}{stamp}")).collect();
        let text = format!("account,product,quantity,unit,measured_at\n{text}");
        let file = UsageFile { name: "usage.csv".into(), text, source: None, complete: false, dry_run: false };
        self.desk.import_usage(&self.by(), &file).await.unwrap();
    }

    pub(crate) async fn sync(&self, mirror: &Mirror) {
        let (store, msp, at) = (&self.door.store, self.msp.id, self.door.now());
        if store.connection(msp).await.unwrap().is_none() {
            let rights = Rights::Known { missing: Vec::new(), restricted: Vec::new() };
            let new = NewConnection {
                url: "https://cw.example.com".to_owned(),
                company: "northwind".to_owned(),
                public_key: "public".to_owned(),
                private_key: secrecy::SecretString::from("private"),
                client_id: None,
                codebase: None,
                rights: &rights,
                tested_at: at,
            };
            store.save_connection(msp, &new, "story", at).await.unwrap();
        }
        let lease = store.begin_run(msp, RunKind::Sync, "story", at, 120_000, None).await.unwrap();
        store.save_mirror(msp, &lease, mirror).await.unwrap();
        store.finish_run(lease, RunState::Succeeded, None, "done", at).await.unwrap();
    }

    /// A page of PSA Sync, for the mapper. Comparing names is waited for.
    pub(crate) async fn page(&self, rest: &str) -> String {
        let mut shown = self.door.get(&self.path(rest), &self.jo).await;
        for _ in 0..50 {
            if !shown.text.contains("data-again") {
                break;
            }
            shown = self.door.get(&self.path(rest), &self.jo).await;
        }
        assert_eq!(shown.status, 200, "{rest}: {}", shown.text);
        assert!(!shown.text.contains(" style=") && !shown.text.contains("<script>"), "{rest}");
        shown.text
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/m/{}/psa-sync/{rest}", self.msp.id.0)
    }

    pub(crate) async fn post(&self, rest: &str, form: &str) -> Shown {
        self.door.later(1);
        self.door.post(&self.path(rest), &self.jo, form).await
    }

    /// What was said after a POST, as the next page shows it.
    pub(crate) async fn said(&self, rest: &str, form: &str) -> String {
        let answer = self.post(rest, form).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        self.said_of(&answer).await
    }

    pub(crate) async fn said_of(&self, answer: &Shown) -> String {
        let said = answer.cookie("hive_said").unwrap().split(';').next().unwrap().to_owned();
        let to = answer.header("location").to_owned();
        let page = self.door.get(&to, &format!("{}; {said}", self.jo)).await.text;
        let begin = page.find("<div class=\"said\"").unwrap();
        page[begin..][..page[begin..].find("<div class=\"banners\"").unwrap()].to_owned()
    }

    /// What the Undo button of the words carries.
    pub(crate) fn undo_of(said: &str) -> String {
        let at = said.find("name=\"undo\" value=\"").unwrap_or_else(|| panic!("no undo in {said}"));
        let rest = &said[at + "name=\"undo\" value=\"".len()..];
        rest[..rest.find('"').unwrap()].to_owned()
    }

    pub(crate) async fn account(&self, name: &str) -> i64 {
        self.desk.account(&self.msp, name).await.unwrap().id.0
    }

    pub(crate) async fn product(&self, name: &str) -> i64 {
        self.desk.product(&self.msp, name).await.unwrap().id.0
    }

    /// `account=company` for each link, by names and ids; `-` is ignored.
    pub(crate) async fn links(&self) -> Vec<String> {
        let links = self.desk.links(&self.msp).await.unwrap().links;
        let linked = links.iter().filter(|link| !link.connectwise.is_empty());
        linked.map(|link| format!("{}={} by {}", link.hive, link.connectwise, link.by.unwrap_or("?"))).collect()
    }
}

/// The table row that holds these words.
pub(crate) fn row<'a>(page: &'a str, words: &str) -> &'a str {
    let found = page.split("<tr>").skip(1).map(|row| row.split("</tr>").next().unwrap_or(row));
    let mut found = found.filter(|row| row.split("</th>").next().is_some_and(|head| head.contains(words)));
    found.next().unwrap_or_else(|| panic!("no row of {words} in {page}"))
}
