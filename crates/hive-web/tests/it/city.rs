//! A city of any size for stories about PSA Sync: customers with mail seats and storage, agreements, additions.
//!
//! Customer n has Seat n+1 (its addition bills n) and Hot 100 GB (its addition bills 100: in step). Every 10th
//! customer has no addition for Seat; every 7th is linked to nothing.

use crate::door::{Door, Shown};
use crate::played::{LEASE_MS, Played, all_rights};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use hive_core::allow::{self, Released, allow, turn_round};
use hive_core::mirror::{Addition, Agreement, CatalogItem, Company, ItemsFrom, Mirror};
use hive_core::outcome::{Outcome, Written};
use hive_core::rights::Rights;
use hive_core::unit::{ItemUnit, Unit};
use hive_core::*;
use hive_desk::{By, Desk, UsageFile};
use hive_store::{Lease, Msp, NewConnection, ReportLine, Role, RunKind, RunState, Schedule};
use hive_web::{Web, router};
use std::sync::Arc;
use tower::ServiceExt;

pub(crate) struct City {
    pub(crate) door: Door,
    pub(crate) msp: Msp,
    pub(crate) engine: Arc<Played>,
    pub(crate) desk: Desk,
    pub(crate) admin: String,
    router: Router,
}

impl City {
    /// An MSP with an admin and nothing else.
    pub(crate) async fn bare() -> City {
        let door = Door::open().await;
        let id = door.msp("Northwind IT").await;
        let msp = door.store.msp(&id.to_string()).await.unwrap().unwrap();
        let admin = door.person("jo@northwind.example", Role::Admin, Some(id)).await;
        let admin = door.come_in(admin).await;
        let engine = Arc::new(Played::new(door.engine.clone(), door.store.clone()));
        let web = Web { engine: engine.clone(), ..door.web() };
        City { msp, desk: web.desk.clone(), router: router(web), engine, admin, door }
    }

    pub(crate) async fn connected(rights: &Rights) -> City {
        let city = City::bare().await;
        city.connect(rights).await;
        city
    }

    pub(crate) async fn connect(&self, rights: &Rights) {
        let now = self.door.now();
        let new = NewConnection {
            url: "https://na.myconnectwise.net".to_owned(),
            company: "northwind".to_owned(),
            public_key: "PuBlIcKeY".to_owned(),
            private_key: "sEcReTkEy".to_owned().into(),
            client_id: None,
            codebase: None,
            rights,
            tested_at: now,
        };
        self.door.store.save_connection(self.msp.id, &new, "user:jo@northwind.example", now).await.unwrap();
    }

    /// Connected, synced, linked and mapped; in preview.
    pub(crate) async fn of(customers: usize) -> City {
        let city = City::connected(&all_rights()).await;
        city.fill(customers).await;
        city
    }

    /// Usage, a Sync, links and maps.
    pub(crate) async fn fill(&self, customers: usize) {
        self.usage(customers).await;
        self.sync(customers).await;
        self.desk.match_unmistakable(&self.by(), true).await.unwrap();
        self.map("Seat", "1001", None).await;
        self.map("Hot Storage", "1002", Some("GB")).await;
    }

    /// The same, with Seat live.
    pub(crate) async fn live(customers: usize) -> City {
        let city = City::of(customers).await;
        city.go_live("Seat").await;
        city
    }

    pub(crate) fn by(&self) -> By {
        By { msp: self.msp.clone(), who: "user:ann@northwind.example".to_owned(), at: self.door.now() }
    }

    pub(crate) async fn usage(&self, customers: usize) {
        let mut text = "account,product,quantity,unit,measured_at\n".to_owned();
        for n in 1..=customers {
            let (name, now) = (name(n), self.door.now());
            text.push_str(&format!("{name},Seat,{},user,{now:.0}\n{name},Hot Storage,100,GB,{now:.0}\n", n + 1));
        }
        self.import(&text).await;
    }

    pub(crate) async fn import(&self, text: &str) {
        let text = text.to_owned();
        let file = UsageFile { name: "usage.csv".to_owned(), text, source: None, complete: false, dry_run: false };
        self.desk.import_usage(&self.by(), &file).await.unwrap();
    }

    pub(crate) async fn map(&self, product: &str, item: &str, unit: Option<&str>) {
        let unit = unit.and_then(|unit| ItemUnit::new(Unit::parse(unit)?, Quantity::from(1)));
        let product = self.desk.product(&self.msp, product).await.unwrap().id;
        self.desk.map_product(&self.by(), product, item, unit).await.unwrap();
    }

    pub(crate) async fn begin(&self, kind: RunKind, who: &str) -> Lease {
        self.door.store.begin_run(self.msp.id, kind, who, self.door.now(), LEASE_MS, None).await.unwrap()
    }

    pub(crate) async fn end(&self, lease: Lease, state: RunState, words: &str) -> RunId {
        let run = lease.run;
        self.door.store.finish_run(lease, state, None, words, self.door.now()).await.unwrap();
        run
    }

    pub(crate) async fn sync(&self, customers: usize) {
        let lease = self.begin(RunKind::Sync, "schedule").await;
        self.pulled(&lease, customers).await;
        self.door.later(2);
        self.end(lease, RunState::Succeeded, "pulled").await;
        self.door.store.first_sync_done(self.msp.id).await.unwrap();
    }

    /// What a Sync found is stored.
    pub(crate) async fn pulled(&self, lease: &Lease, customers: usize) {
        let mirror = mirror(customers, self.door.now());
        self.door.store.save_mirror(self.msp.id, lease, &mirror).await.unwrap();
    }

    pub(crate) async fn go_live(&self, product: &str) {
        let (store, now) = (&self.door.store, self.door.now());
        let plan = self.desk.plan(&self.msp, now).await.unwrap();
        let facts = store.facts(self.msp.id, None).await.unwrap();
        let named = |id: &ProductId| facts.products.iter().any(|one| one.id == *id && one.name == product);
        let rules = plan::looked_at(&facts).into_iter().filter(|(id, _)| named(id)).collect();
        let lease = self.begin(RunKind::Update, "user:jo@northwind.example").await;
        store.go_live(self.msp.id, &lease, &rules, &[], &plan.id, "user:jo@northwind.example", now).await.unwrap();
        self.end(lease, RunState::Succeeded, "went live").await;
    }

    /// An Update whose lines come to these outcomes, in turn.
    pub(crate) async fn update(&self, outcomes: &[Outcome], state: RunState) -> RunId {
        let plan = self.desk.plan(&self.msp, self.door.now()).await.unwrap();
        let lease = self.begin(RunKind::Update, "schedule").await;
        let line = |(line, outcome): (&plan::Line, &Outcome)| ReportLine {
            line: line.id,
            account: String::new(),
            product: String::new(),
            addition: line.addition,
            from: line.now,
            to: line.next,
            found: line.now.filter(|_| *outcome == Outcome::Drifted),
            outcome: *outcome,
            message: outcome.is_failure().then(|| "ConnectWise said: not today".to_owned()),
        };
        let lines: Vec<ReportLine> = plan.lines.iter().zip(outcomes.iter().cycle()).map(line).collect();
        self.door.store.record_lines(&lease, &lines).await.unwrap();
        self.door.later(1);
        self.end(lease, state, "").await
    }

    /// An Update that writes so many of the plan's changes, and does.
    pub(crate) async fn push(&self, many: usize) -> RunId {
        let plan = self.desk.plan(&self.msp, self.door.now()).await.unwrap();
        let facts = self.door.store.facts(self.msp.id, None).await.unwrap();
        let request = allow::Request { by_plan_id: true, ..Default::default() };
        let released = allow(&plan, &facts.product_links, &[], &request, self.door.now()).released;
        let lease = self.begin(RunKind::Update, "user:jo@northwind.example").await;
        self.write(lease, released.into_iter().take(many).collect()).await
    }

    /// An undo that takes back so many of a run's writes.
    pub(crate) async fn take_back(&self, run: RunId, many: usize) -> RunId {
        let done = self.door.store.done(self.msp.id, run).await.unwrap();
        let lease = self.begin(RunKind::Undo, "user:jo@northwind.example").await;
        self.write(lease, turn_round(&done[..many], "user:jo@northwind.example")).await
    }

    async fn write(&self, lease: Lease, released: Vec<Released>) -> RunId {
        let (store, who, now) = (&self.door.store, "user:jo@northwind.example", self.door.now());
        for one in released {
            let intent = store.make_intent(&lease, &one, &PlanId("p".to_owned()), who, now).await.unwrap();
            let (outcome, found) = (Outcome::Pushed, Some(one.to()));
            let written = Written { outcome, found, found_by: None, message: None, stop_run: None };
            store.record_outcome(&lease, intent.id(), &written, one.to(), one.lines(), now).await.unwrap();
        }
        self.door.later(1);
        self.end(lease, RunState::Succeeded, "").await
    }

    pub(crate) async fn due(&self, kind: RunKind, minutes: i64) {
        let due_at = self.door.now() + jiff::SignedDuration::from_mins(minutes);
        let slot = due_at.to_zoned(TimeZone::UTC).date();
        let schedule = Schedule {
            msp: self.msp.id,
            kind,
            slot,
            due_at,
            failures: 0,
            retry_at: None,
            words: String::new(),
            last_slot_at: None,
        };
        self.door.store.set_schedule(&schedule).await.unwrap();
    }

    /// Both kinds are due some day, as in a house that runs.
    pub(crate) async fn scheduled(&self) {
        self.due(RunKind::Sync, 2 * 24 * 60).await;
        self.due(RunKind::Update, 4 * 24 * 60).await;
    }

    pub(crate) async fn set(&self, key: settings::Key, text: &str) {
        let changes = [(key, settings::At::default(), text.to_owned())];
        self.desk.set_settings(&self.by(), &changes).await.unwrap();
    }

    pub(crate) async fn session(&self, role: Role) -> String {
        let user = self.door.person(&format!("{}@northwind.example", role.name()), role, Some(self.msp.id)).await;
        self.door.come_in(user).await
    }

    pub(crate) async fn get(&self, rest: &str) -> Shown {
        self.get_as(rest, &self.admin).await
    }

    pub(crate) async fn get_as(&self, rest: &str, session: &str) -> Shown {
        let path = format!("/m/{}/{rest}", self.msp.id);
        let path = path.trim_end_matches('/');
        // A page may show the last look while a newer one is made; stories wait for it.
        self.desk.look_fresh(&self.msp, self.door.now()).await.unwrap();
        self.send(Request::get(path).header(header::COOKIE, session).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, rest: &str, form: &str) -> Shown {
        self.post_as(rest, form, &self.admin).await
    }

    pub(crate) async fn post_as(&self, rest: &str, form: &str, session: &str) -> Shown {
        self.send(self.door.form(&format!("/m/{}/{rest}", self.msp.id), session, form, "same-origin")).await
    }

    /// The page that a form led to, with what it says there.
    pub(crate) async fn follow(&self, posted: &Shown) -> Shown {
        let said = posted.cookie("hive_said").unwrap();
        let cookies = format!("{}; {}", self.admin, said.split(';').next().unwrap());
        let page = Request::get(posted.header("location")).header(header::COOKIE, cookies);
        self.send(page.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Shown {
        let (head, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = to_bytes(body, 50_000_000).await.unwrap();
        Shown { status: head.status, headers: head.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }
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
    let text = text.replace("&gt;", ">").replace("&lt;", "<").replace("&quot;", "\"").replace("&amp;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The element with this id, up to the next one at the page's level, as words.
pub(crate) fn part(page: &Shown, id: &str) -> String {
    let from = page.text.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id}: {}", words(&page.text)));
    let inside = page.text[from..].split_once('>').unwrap().1;
    words(inside.split("</section>").next().unwrap())
}

pub(crate) fn name(n: usize) -> String {
    const FIRST: [&str; 10] =
        ["Acme", "Harbour", "Koala", "Summit", "Zen", "Blue Gum", "Coral", "Delta", "Evergreen", "Fern"];
    const SECOND: [&str; 6] = ["Dental", "Legal", "Accounting", "Builders", "Logistics", "Clinic"];
    format!("{} {} {n}", FIRST[n % FIRST.len()], SECOND[n / FIRST.len() % SECOND.len()])
}

fn mirror(customers: usize, now: Timestamp) -> Mirror {
    let all: Vec<i64> = (1..=i64::try_from(customers).unwrap()).collect();
    let named = |n: &i64| if n % 7 == 0 { format!("Somebody else {n}") } else { name(usize::try_from(*n).unwrap()) };
    let company = |n: &i64| Company {
        id: CompanyId(10_000 + n),
        identifier: format!("c{n}"),
        name: named(n),
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
    let seats = all.iter().filter(|n| *n % 10 != 0).map(|n| addition(30_000 + n, *n, 1001, *n, now));
    let hot = all.iter().map(|n| addition(60_000 + n, *n, 1002, 100, now));
    Mirror {
        id: MirrorId(0),
        pulled_at: now,
        refreshed_at: now,
        items_from: ItemsFrom::Catalog,
        companies: all.iter().map(company).collect(),
        items: [(1001, "Mail seat"), (1002, "Hot storage per GB")].map(item).to_vec(),
        agreements: all.iter().map(agreement).collect(),
        additions: seats.chain(hot).collect(),
    }
}

fn agreement(n: &i64) -> Agreement {
    Agreement {
        id: AgreementId(20_000 + n),
        name: "Managed services".to_owned(),
        agreement_type: Some("Gold".to_owned()),
        company: CompanyId(10_000 + n),
        company_name: String::new(),
        parent: None,
        start: Some("2025-01-01".parse().unwrap()),
        end: None,
        no_ending_date: true,
        cancelled: false,
        cancelled_on: None,
        status: Some("Active".to_owned()),
        billing_cycle: Some("Monthly".to_owned()),
        next_invoice: Some("2025-12-01".parse().unwrap()),
        currency: Some("USD".to_owned()),
        prorates: None,
    }
}

fn addition(id: i64, customer: i64, item: i64, quantity: i64, now: Timestamp) -> Addition {
    Addition {
        id: AdditionId(id),
        agreement: AgreementId(20_000 + customer),
        item: ItemId(item),
        item_identifier: String::new(),
        description: String::new(),
        quantity: Some(Quantity::from(quantity)),
        less_included: None,
        billed_quantity: None,
        unit_price: Some(Money::new(12.into())),
        unit_cost: None,
        bill_customer: "Billable".to_owned(),
        effective: Some("2025-01-01".parse().unwrap()),
        cancelled: None,
        unit_of_measure: None,
        updated_by: None,
        updated_at: None,
        read_at: now,
    }
}
