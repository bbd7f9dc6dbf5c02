//! The store's door for stories: few words in, readable results out.

use crate::engine::Server;
use hive_core::allow::{Released, Request, allow};
use hive_core::import::UsageRow;
use hive_core::ladder::Quota;
use hive_core::mirror::{Addition, Agreement, CatalogItem, Company, ItemsFrom, Mirror};
use hive_core::outcome::{Outcome, Written};
use hive_core::plan::{Change, Line, Mark, Plan, Standing};
use hive_core::rights::Rights;
use hive_core::unit::{Storage, Unit};
use hive_core::*;
use hive_store::*;
use jiff::SignedDuration;
use std::collections::BTreeSet;

pub(crate) const LEASE_MS: i64 = 120_000;

pub(crate) struct Door {
    pub(crate) store: Store,
    pub(crate) url: String,
    pub(crate) key: KeySource,
    pub(crate) dir: tempfile::TempDir,
    /// The story's MSP.
    pub(crate) msp: MspId,
    /// The one that must see nothing.
    pub(crate) other: MspId,
}

/// Minutes after the story's beginning.
pub(crate) fn at(minutes: i64) -> Timestamp {
    let start: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
    start + SignedDuration::from_mins(minutes)
}

pub(crate) fn q(text: &str) -> Quantity {
    Quantity::parse_json(text).unwrap()
}

pub(crate) fn plan_id(text: &str) -> PlanId {
    PlanId(text.to_owned())
}

pub(crate) fn line_id(account: i64, product: i64) -> LineId {
    LineId { account: AccountId(account), product: ProductId(product) }
}

/// `Acme | Hot Storage | 430 GB | 2026-11-22` and optionally `| quota 500 GB`, one row a line.
pub(crate) fn rows(text: &str) -> Vec<UsageRow> {
    let row = |(place, text): (usize, &str)| {
        let mut parts = text.split('|').map(str::trim);
        let (account, product) = (parts.next().unwrap(), parts.next().unwrap());
        let (quantity, unit) = parts.next().unwrap().split_once(' ').unwrap();
        let day = parts.next().unwrap();
        let quota = parts.next().map(|quota| {
            let mut words = quota.split(' ').skip(1);
            let size = q(words.next().unwrap());
            (size, Unit::parse(words.next().unwrap()).unwrap().storage().unwrap())
        });
        UsageRow {
            line: place as u64 + 2,
            account: account.to_owned(),
            product: product.to_owned(),
            quantity: q(quantity),
            unit: Unit::parse(unit).unwrap(),
            measured_at: format!("{day}T00:00:00Z").parse().unwrap(),
            quota,
            account_id: None,
            product_id: None,
            class: String::new(),
        }
    };
    text.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate().map(row).collect()
}

impl Door {
    pub(crate) async fn sqlite() -> Door {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("hive.db").display());
        Door::open(url, dir).await
    }

    pub(crate) async fn postgres(server: &Server) -> Door {
        Door::open(server.database().await, tempfile::tempdir().unwrap()).await
    }

    async fn open(url: String, dir: tempfile::TempDir) -> Door {
        let key = KeySource(dir.path().join("hive.key"));
        let store = Store::open(&url, key.clone()).await.unwrap();
        let other = store.add_msp("Southwind", at(0)).await.unwrap().id;
        let msp = store.add_msp("Northwind IT", at(0)).await.unwrap().id;
        Door { store, url, key, dir, msp, other }
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite")
    }

    /// What another process would open.
    pub(crate) async fn open_again(&self) -> Result<Store> {
        Store::open(&self.url, self.key.clone()).await
    }

    /// A second MSP stands in every story and sees nothing.
    pub(crate) async fn nobody_else_sees_anything(&self) {
        let (store, other) = (&self.store, self.other);
        let facts = store.facts(other, None).await.unwrap();
        assert!(facts.accounts.is_empty() && facts.products.is_empty() && facts.samples.is_empty());
        assert!(facts.mirror.is_none() && facts.account_links.is_empty() && facts.product_links.is_empty());
        assert!(facts.quotas.is_empty() && facts.pins.is_empty() && facts.standings.is_empty());
        assert!(facts.live_rules.is_empty() && facts.settings.entries().next().is_none());
        assert_eq!((facts.connection, facts.samples_through), (0, 0));
        assert!(store.runs(other, 10).await.unwrap().is_empty());
        // Only people of every MSP are everybody's business.
        let log = store.audit(other).await.unwrap();
        assert!(log.iter().all(|row| row.what.starts_with("user.")), "{log:#?}");
        assert!(facts.history.is_empty() && facts.invoiced.is_empty() && facts.item_overrides.is_empty());
        assert!(facts.exclusions.is_empty() && facts.adjustments.is_empty());
        assert!(facts.history.is_empty() && facts.invoiced.is_empty());
        assert!(store.tokens(other).await.unwrap().is_empty() && store.schedules(other).await.unwrap().is_empty());
        assert!(store.folders(other).await.unwrap().is_empty() && store.batches(other, 10).await.unwrap().is_empty());
        assert!(store.days(other, "2000-01-01".parse().unwrap()).await.unwrap().is_empty());
        let (account, product) = (AccountId(1), ProductId(1));
        assert!(store.quota_changes(other, account, product, 10).await.unwrap().is_empty());
        assert!(store.samples(other, account, product, Timestamp::MIN, 10).await.unwrap().is_empty());
        assert!(store.wrote(other, AdditionId(1000), 10).await.unwrap().is_empty());
        assert!(store.newest_plan(other).await.unwrap().is_none());
        assert!(store.approvals(other, at(0)).await.unwrap().is_empty());
        assert!(store.open_intents(other).await.unwrap().is_empty());
        assert!(store.open_creates(other).await.unwrap().is_empty());
        assert!(store.create_approvals_unused(other).await.unwrap().is_empty());
        assert!(store.created(other, RunId(1)).await.unwrap().is_empty());
        assert!(store.interrupted_runs(other).await.unwrap().is_empty());
        assert!(store.connection(other).await.unwrap().is_none() && store.private_key(other).await.is_err());
        assert!(store.rejected_accounts(other).await.unwrap().is_empty());
        assert!(store.report(other, RunId(1)).await.unwrap().is_none());
    }

    pub(crate) async fn import(&self, text: &str) -> Result<Imported, ImportError> {
        let rows = rows(text);
        self.store.import_usage(self.msp, &self.asked(&rows)).await
    }

    pub(crate) fn asked<'a>(&self, rows: &'a [UsageRow]) -> ImportAsked<'a> {
        ImportAsked {
            source: "import",
            complete: false,
            one_by_one: false,
            file_hash: "abc",
            file_name: "usage.csv",
            rows,
            dry_run: false,
            who: "cli:ann",
            at: at(1),
        }
    }

    pub(crate) async fn connect(&self, url: &str, company: &str, private_key: &str) {
        let rights = Rights::Known { missing: Vec::new(), restricted: Vec::new() };
        let new = NewConnection {
            url: url.to_owned(),
            company: company.to_owned(),
            public_key: "public".to_owned(),
            private_key: private_key.to_owned().into(),
            client_id: None,
            codebase: None,
            rights: &rights,
            tested_at: at(0),
        };
        self.store.save_connection(self.msp, &new, "cli:ann", at(0)).await.unwrap();
    }

    pub(crate) async fn begin(&self, kind: RunKind, minutes: i64) -> Lease {
        self.store.begin_run(self.msp, kind, "cli:ann", at(minutes), LEASE_MS, None).await.unwrap()
    }

    pub(crate) async fn finish(&self, lease: Lease, minutes: i64) {
        self.store.finish_run(lease, RunState::Succeeded, None, "done", at(minutes)).await.unwrap();
    }

    /// One Sync that finds these additions (id, quantity).
    pub(crate) async fn sync(&self, additions: &[(i64, &str)], minutes: i64) -> MirrorId {
        let lease = self.begin(RunKind::Sync, minutes).await;
        let id = self.store.save_mirror(self.msp, &lease, &mirror(additions, minutes)).await.unwrap();
        self.finish(lease, minutes).await;
        id
    }

    /// The standing of one addition, in words.
    pub(crate) async fn standing(&self, addition: i64) -> String {
        let facts = self.store.facts(self.msp, None).await.unwrap();
        let found = facts.standings.into_iter().find(|standing| standing.addition.0 == addition);
        found.map_or("nothing".to_owned(), |standing| words(&standing))
    }

    /// Who did what to which record, from what to what.
    pub(crate) async fn audit_words(&self) -> Vec<String> {
        let log = self.store.audit(self.msp).await.unwrap();
        let words = |row: &AuditRow| {
            let side = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
            format!("{} {} {}: {} -> {}", row.who, row.what, row.subject, side(&row.before), side(&row.after))
        };
        log.iter().map(words).collect()
    }
}

fn words(standing: &Standing) -> String {
    let mut words = Vec::new();
    let mut say = |what: &str, value: Option<String>| words.extend(value.map(|value| format!("{what} {value}")));
    say("settled", standing.settled.map(|value| value.to_string()));
    say("pushed", standing.pushed.map(|value| value.to_string()));
    say("undone", standing.undone.last().map(|undone| undone.value.to_string()));
    say("minimum", standing.minimum.as_ref().map(|minimum| minimum.value.to_string()));
    say("locked", standing.locked.as_ref().map(|locked| format!("{} until {}", locked.value, locked.until)));
    say("failed", standing.failure.as_ref().map(|failure| format!("{} x{}", failure.outcome.name(), failure.times)));
    say("open", standing.open_intent.then(|| "intent".to_owned()));
    words.join(", ")
}

pub(crate) fn written(outcome: Outcome, found: Option<&str>) -> Written {
    Written { outcome, found: found.map(q), found_by: None, message: None, stop_run: None }
}

/// A pull that found these additions (id, quantity), all of one item on one agreement.
pub(crate) fn mirror(additions: &[(i64, &str)], minutes: i64) -> Mirror {
    let addition = |(id, quantity): &(i64, &str)| Addition {
        id: AdditionId(*id),
        agreement: AgreementId(5),
        item: ItemId(7),
        item_identifier: "HOT".into(),
        description: "Hot storage".into(),
        quantity: Some(q(quantity)),
        less_included: None,
        billed_quantity: None,
        unit_price: Some(Money::new(Decimal::new(25, 1))),
        unit_cost: None,
        bill_customer: "Billable".into(),
        effective: Some("2026-01-01".parse().unwrap()),
        cancelled: None,
        unit_of_measure: Some("GB".into()),
        updated_by: Some("ann".into()),
        updated_at: Some(at(-60)),
        read_at: at(minutes),
    };
    Mirror {
        id: MirrorId(0),
        pulled_at: at(minutes),
        refreshed_at: at(minutes),
        items_from: ItemsFrom::Catalog,
        companies: vec![Company {
            id: CompanyId(20),
            identifier: "acme".into(),
            name: "Acme \"Dental\" & Söhne".into(),
            status: None,
            deleted: false,
            types: vec!["Customer".into(), "Partner, gold".into()],
            parent: Some(CompanyId(19)),
        }],
        items: vec![CatalogItem {
            id: ItemId(7),
            identifier: "HOT".into(),
            description: "Hot storage".into(),
            inactive: false,
            class: Some("Agreement".into()),
            unit_of_measure: None,
            price: Some(Money::new(Decimal::new(1999, 2))),
        }],
        agreements: vec![Agreement {
            id: AgreementId(5),
            name: "Managed".into(),
            agreement_type: Some("Gold".into()),
            company: CompanyId(20),
            company_name: "Acme".into(),
            parent: Some(AgreementId(4)),
            start: Some("2025-01-01".parse().unwrap()),
            end: None,
            no_ending_date: true,
            cancelled: false,
            cancelled_on: None,
            status: Some("Active".into()),
            billing_cycle: Some("Monthly".into()),
            next_invoice: Some("2026-12-01".parse().unwrap()),
            currency: Some("USD".into()),
            prorates: Some(false),
        }],
        additions: additions.iter().map(addition).collect(),
    }
}

/// A plan with one live change an addition: (addition, from, to); line L1-n.
pub(crate) fn plan(msp: MspId, id: &str, changes: &[(i64, &str, &str)], minutes: i64) -> Plan {
    let line = |(addition, from, to): &(i64, &str, &str)| Line {
        id: line_id(1, *addition),
        account: "Acme".into(),
        product: "Hot".into(),
        company: None,
        agreement: None,
        addition: Some(AdditionId(*addition)),
        now: Some(q(from)),
        next: Some(q(to)),
        part: Some(q(to)),
        money_month: None,
        currency: None,
        mark: if from == to { Mark::Unchanged } else { Mark::Change },
        live: true,
        issues: Vec::new(),
        trace: Vec::new(),
    };
    let change = |(addition, from, to): &(i64, &str, &str)| Change {
        addition: AdditionId(*addition),
        agreement: AgreementId(5),
        item: ItemId(7),
        from: q(from),
        to: q(to),
        lines: vec![line_id(1, *addition)],
        products: BTreeSet::from([ProductId(*addition)]),
        live: true,
        holds: BTreeSet::new(),
        countable: false,
        money_month: None,
        currency: None,
    };
    Plan {
        id: plan_id(id),
        msp,
        msp_name: "Northwind IT".into(),
        mirror: None,
        made_at: at(minutes),
        today: "2026-11-23".parse().unwrap(),
        samples_through: 0,
        lines: changes.iter().map(line).collect(),
        changes: changes.iter().filter(|(_, from, to)| from != to).map(change).collect(),
        creates: Vec::new(),
        ignored: 0,
        excluded: 0,
        settle: Vec::new(),
    }
}

/// What `allow` releases of a plan.
pub(crate) fn released(plan: &Plan) -> Vec<Released> {
    allow(plan, &[], &[], &Request::default(), at(0)).released
}

pub(crate) fn quota(account: i64, product: i64, size: &str) -> Quota {
    Quota { account: AccountId(account), product: ProductId(product), size: q(size), unit: Storage::GB, hard: false }
}
