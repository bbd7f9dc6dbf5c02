//! A small town for stories about usages: who uses what, what ConnectWise has, what is linked.
//!
//! Acme: Hot 12.5 GB (addition 1 has 10), Seat 5 (addition 2 has 5), Cold in TB (no unit said), Extra (mapped to
//! nothing). Bolt: Hot 200 (addition 3 has 20: a spike). Cove: Hot 7 (additions 4 and 5: which?). Dune: Hot 9,
//! linked to nothing. Hot is 2 USD a GB, Seat 10 USD.

use crate::door::{Door, Shown};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use hive_core::mirror::{Addition, Agreement, CatalogItem, Company, ItemsFrom, Mirror};
use hive_core::rights::Rights;
use hive_core::unit::{ItemUnit, Unit};
use hive_core::*;
use hive_desk::{By, Desk, Refused, UsageFile};
use hive_store::{Msp, NewConnection, Role, RunKind, RunState};
use hive_web::{BoxFuture, ConnectForm, Connected, Engine, NotConnected, RunAsked, router};
use std::sync::{Arc, Mutex};
use tower::ServiceExt;

const LEASE_MS: i64 = 120_000;

/// Remembers what it was asked to start, and starts nothing.
pub(crate) struct Recorder {
    door: Arc<crate::door::StillEngine>,
    pub(crate) asked: Mutex<Vec<RunAsked>>,
}

impl Engine for Recorder {
    fn now(&self) -> Timestamp {
        self.door.now()
    }

    fn connect<'a>(
        &'a self,
        msp: &'a Msp,
        form: ConnectForm,
        who: &'a str,
    ) -> BoxFuture<'a, Result<Connected, NotConnected>> {
        self.door.connect(msp, form, who)
    }

    fn start<'a>(&'a self, _: &'a Msp, asked: RunAsked, _: &'a str) -> BoxFuture<'a, Result<RunId, Refused>> {
        self.asked.lock().unwrap().push(asked);
        Box::pin(async { Ok(RunId(77)) })
    }
}

pub(crate) struct Town {
    pub(crate) door: Door,
    pub(crate) msp: Msp,
    pub(crate) engine: Arc<Recorder>,
    pub(crate) desk: Desk,
    pub(crate) router: Router,
    admin: String,
}

impl Town {
    pub(crate) async fn bare() -> Town {
        let door = Door::open().await;
        let id = door.msp("Northwind IT").await;
        let msp = door.store.msp(&id.to_string()).await.unwrap().unwrap();
        let admin = door.person("jo@northwind.example", Role::Admin, Some(id)).await;
        let admin = door.come_in(admin).await;
        let engine = Arc::new(Recorder { door: door.engine.clone(), asked: Mutex::default() });
        let web = hive_web::Web { engine: engine.clone(), ..door.web() };
        Town { msp, engine, desk: web.desk.clone(), router: router(web), admin, door }
    }

    pub(crate) async fn built() -> Town {
        let town = Town::bare().await;
        town.usage("Acme,Hot,12.5,GB\nAcme,Seat,5,user\nAcme,Cold,1,TB\nAcme,Extra,3,user\nBolt,Hot,200,GB\nCove,Hot,7,GB\nDune,Hot,9,GB").await;
        town.sync(&[(1, "10"), (2, "5"), (3, "20"), (4, "1"), (5, "2")]).await;
        town.desk.match_unmistakable(&town.by(), true).await.unwrap();
        town.map("Hot", "1001", Some("GB")).await;
        town.map("Seat", "1002", None).await;
        town.map("Cold", "1003", None).await;
        town
    }

    /// The same, with Hot and Seat live.
    pub(crate) async fn live() -> Town {
        let town = Town::built().await;
        town.go_live(&["Hot", "Seat"]).await;
        town
    }

    pub(crate) fn by(&self) -> By {
        By { msp: self.msp.clone(), who: "user:ann@example.com".to_owned(), at: self.door.now() }
    }

    pub(crate) async fn usage(&self, rows: &str) {
        let stamp = format!(",{:.0}\n", self.door.now());
        let text: String = rows.lines().map(|row| format!("{row}{stamp}")).collect();
        let text = format!("account,product,quantity,unit,measured_at\n{text}");
        let file = UsageFile { name: "usage.csv".to_owned(), text, source: None, complete: false, dry_run: false };
        self.desk.import_usage(&self.by(), &file).await.unwrap();
    }

    pub(crate) async fn map(&self, product: &str, item: &str, unit: Option<&str>) {
        let unit = unit.and_then(|unit| ItemUnit::new(Unit::parse(unit)?, Quantity::from(1)));
        let product = self.desk.product(&self.msp, product).await.unwrap().id;
        self.desk.map_product(&self.by(), product, item, unit).await.unwrap();
    }

    pub(crate) async fn line(&self, account: &str, product: &str) -> LineId {
        let account = self.desk.account(&self.msp, account).await.unwrap().id;
        LineId { account, product: self.desk.product(&self.msp, product).await.unwrap().id }
    }

    /// One Sync that finds these additions (id, quantity).
    pub(crate) async fn sync(&self, additions: &[(i64, &str)]) {
        let (store, now) = (&self.door.store, self.door.now());
        if store.connection(self.msp.id).await.unwrap().is_none() {
            let rights = Rights::Known { missing: Vec::new(), restricted: Vec::new() };
            let new = NewConnection {
                url: "https://cw.example.com".to_owned(),
                company: "northwind".to_owned(),
                public_key: "public".to_owned(),
                private_key: "private".to_owned().into(),
                client_id: None,
                codebase: None,
                rights: &rights,
                tested_at: now,
            };
            store.save_connection(self.msp.id, &new, "cli:ann", now).await.unwrap();
        }
        let lease = store.begin_run(self.msp.id, RunKind::Sync, "cli:ann", now, LEASE_MS, None).await.unwrap();
        store.save_mirror(self.msp.id, &lease, &mirror(additions, now)).await.unwrap();
        store.finish_run(lease, RunState::Succeeded, None, "done", now).await.unwrap();
    }

    pub(crate) async fn go_live(&self, products: &[&str]) {
        let (store, now) = (&self.door.store, self.door.now());
        let plan = self.desk.plan(&self.msp, now).await.unwrap();
        let facts = store.facts(self.msp.id, None).await.unwrap();
        let named = |id: &ProductId| facts.products.iter().any(|p| p.id == *id && products.contains(&p.name.as_str()));
        let rules = plan::looked_at(&facts).into_iter().filter(|(id, _)| named(id)).collect();
        let lease = store.begin_run(self.msp.id, RunKind::Update, "cli:ann", now, LEASE_MS, None).await.unwrap();
        store.go_live(self.msp.id, &lease, &rules, &[], &plan.id, "cli:ann", now).await.unwrap();
        store.finish_run(lease, RunState::Succeeded, None, "done", now).await.unwrap();
    }

    /// The session of somebody with another role.
    pub(crate) async fn session(&self, role: Role) -> String {
        let user = self.door.person(&format!("{}@northwind.example", role.name()), role, Some(self.msp.id)).await;
        self.door.come_in(user).await
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/m/{}/{rest}", self.msp.id).trim_end_matches('/').to_owned()
    }

    pub(crate) async fn get(&self, rest: &str) -> Shown {
        self.get_as(rest, &self.admin).await
    }

    pub(crate) async fn get_as(&self, rest: &str, session: &str) -> Shown {
        let request = Request::get(self.path(rest)).header(header::COOKIE, session).body(Body::empty()).unwrap();
        self.send(request).await
    }

    /// A form's post as an admin, and what the next page says of it.
    pub(crate) async fn post(&self, rest: &str, form: &str) -> (Shown, String) {
        let (posted, session) = (self.post_as(rest, form, &self.admin).await, &self.admin);
        let Some(said) = posted.cookie("hive_said") else { return (posted, String::new()) };
        let said = said.split(';').next().unwrap();
        let page = Request::get(posted.header("location")).header(header::COOKIE, format!("{session}; {said}"));
        let page = self.send(page.body(Body::empty()).unwrap()).await;
        let words = page.text.split("<div class=\"said\"").nth(1).unwrap().split("</strong>").next().unwrap();
        (posted, words.rsplit("<strong>").next().unwrap().to_owned())
    }

    pub(crate) async fn post_as(&self, rest: &str, form: &str, session: &str) -> Shown {
        self.send(self.door.form(&self.path(rest), session, form, "same-origin")).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Shown {
        let (head, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = to_bytes(body, 50_000_000).await.unwrap();
        Shown { status: head.status, headers: head.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }
}

/// The row of a line in the table, as HTML.
pub(crate) fn row(page: &Shown, line: LineId) -> &str {
    let from = page.text.find(&format!("id=\"line-{line}\"")).unwrap_or_else(|| panic!("no {line}: {}", page.text));
    page.text[from..].split("</tr>").next().unwrap()
}

/// The text of some HTML, blanks as one.
pub(crate) fn words(html: &str) -> String {
    let (mut text, mut inside) = (String::new(), false);
    for letter in html.chars() {
        match letter {
            '<' => (inside, _) = (true, text.push(' ')),
            '>' => inside = false,
            _ if !inside => text.push(letter),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" ,", ",").replace(" .", ".")
}

pub(crate) fn mirror(additions: &[(i64, &str)], now: Timestamp) -> Mirror {
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
        pulled_at: now,
        refreshed_at: now,
        items_from: ItemsFrom::Catalog,
        companies: [(101, "Acme"), (102, "Bolt"), (103, "Cove")].map(company).to_vec(),
        items: [(1001, "Hot"), (1002, "Seat"), (1003, "Cold per TB")].map(item).to_vec(),
        agreements: [(501, 101, "2025-12-01"), (502, 102, "2025-12-01"), (503, 103, "2025-12-15")]
            .map(agreement)
            .to_vec(),
        additions: additions.iter().map(|(id, quantity)| addition(*id, quantity, now)).collect(),
    }
}

fn agreement((id, company, next): (i64, i64, &str)) -> Agreement {
    Agreement {
        id: AgreementId(id),
        name: format!("Managed {company}"),
        agreement_type: Some("Gold".to_owned()),
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
        next_invoice: Some(next.parse().unwrap()),
        currency: Some("USD".to_owned()),
        prorates: None,
    }
}

fn addition(id: i64, quantity: &str, now: Timestamp) -> Addition {
    let (agreement, item, price) = match id {
        1 => (501, 1001, 2),
        2 => (501, 1002, 10),
        3 => (502, 1001, 2),
        _ => (503, 1001, 2),
    };
    Addition {
        id: AdditionId(id),
        agreement: AgreementId(agreement),
        item: ItemId(item),
        item_identifier: "ITEM".to_owned(),
        description: "What is billed".to_owned(),
        quantity: Some(Quantity::parse_plain(quantity).unwrap()),
        less_included: None,
        billed_quantity: None,
        unit_price: Some(Money::new(price.into())),
        unit_cost: (id == 1).then(|| Money::new("1.5".parse().unwrap())),
        bill_customer: "Billable".to_owned(),
        effective: Some("2025-01-01".parse().unwrap()),
        cancelled: None,
        unit_of_measure: None,
        updated_by: Some("clerk".to_owned()),
        updated_at: Some(now),
        read_at: now,
    }
}
