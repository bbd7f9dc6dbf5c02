//! The controls: what a test or a person does to the simulated ConnectWise from outside its API.
//!
//! **Owns:** the one state behind a lock, the counters, the log of applied writes, playing the human.
//! **Does not own:** answering requests (`route`), the same controls over HTTP (`control`).

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    clock::Clock,
    fault::{Fault, Faults, On},
    rights::Rights,
    rows::{self, View},
    server::Config,
    world::{Addition, NewAddition, NewAgreement, NewCompany, NewItem, Stamp, World},
};

/// A write over the API that was applied. What humans do is not in this log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// From 1, without a gap.
    pub seq: u64,
    pub method: String,
    pub agreement: i64,
    pub addition: i64,
    /// The quantity before (0 for a POST) and after (0 for a DELETE).
    pub from: Decimal,
    pub to: Decimal,
    pub at: Timestamp,
    /// The API member's public key, which ConnectWise shows as `updatedBy`.
    pub by: String,
    /// Whether the quantity is another one than before.
    pub changed: bool,
    pub path: String,
    pub body: String,
}

impl Write {
    pub(crate) fn json(&self) -> Value {
        json!({
            "seq": self.seq, "method": self.method, "agreement": self.agreement, "addition": self.addition,
            "from": self.from.to_string(), "to": self.to.to_string(), "at": self.at.to_string(), "by": self.by,
            "changed": self.changed, "path": self.path, "body": self.body,
        })
    }
}

/// How many requests of each kind came (those answered with a fault or 429 too). `/_sim` is not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Requests {
    pub companyinfo: u64,
    pub systeminfo: u64,
    /// Pages.
    pub companies: u64,
    pub catalog: u64,
    pub agreements: u64,
    /// Pages of an agreement's additions.
    pub additions: u64,
    pub counts: u64,
    /// Single records.
    pub addition: u64,
    pub agreement: u64,
    pub patches: u64,
    /// POST and DELETE.
    pub posts: u64,
    pub mysecurity: u64,
    pub other: u64,
    pub total: u64,
    pub answered_429: u64,
}

impl Requests {
    fn count(&mut self, on: On) {
        self.total += 1;
        *match on {
            On::CompanyInfo => &mut self.companyinfo,
            On::SystemInfo => &mut self.systeminfo,
            On::Companies => &mut self.companies,
            On::Catalog => &mut self.catalog,
            On::Agreements => &mut self.agreements,
            On::Additions => &mut self.additions,
            On::Counts => &mut self.counts,
            On::Addition => &mut self.addition,
            On::Agreement => &mut self.agreement,
            On::Patch => &mut self.patches,
            On::Post => &mut self.posts,
            On::MySecurity => &mut self.mysecurity,
            On::Any | On::Get | On::Lists | On::Company | On::CatalogItem => &mut self.other,
        } += 1;
    }

    pub(crate) fn json(&self) -> Value {
        let Requests {
            companyinfo,
            systeminfo,
            companies,
            catalog,
            agreements,
            additions,
            counts,
            addition,
            agreement,
            patches,
            posts,
            mysecurity,
            other,
            total,
            answered_429,
        } = self;
        json!({
            "companyinfo": companyinfo, "systeminfo": systeminfo, "companies": companies, "catalog": catalog,
            "agreements": agreements, "additions": additions, "counts": counts, "addition": addition,
            "agreement": agreement, "patches": patches, "posts": posts, "mysecurity": mysecurity, "other": other, "total": total,
            "answered_429": answered_429,
        })
    }
}

/// Everything that changes while the server runs.
pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) clock: Clock,
    pub(crate) rights: Rights,
    pub(crate) faults: Faults,
    pub(crate) requests: Requests,
    pub(crate) writes: Vec<Write>,
    pub(crate) codebase: String,
    pub(crate) requests_per_minute: u32,
    /// Only bare paths in JSON Patch.
    pub(crate) strict_paths: bool,
    /// New connections are reset at once.
    pub(crate) refusing: bool,
    /// When the requests of the last minute came.
    pub(crate) minute: VecDeque<Instant>,
    pub(crate) request_number: u64,
}

impl State {
    pub(crate) fn view<'a>(&'a self, base: &'a str) -> View<'a> {
        View { world: &self.world, base, today: self.clock.today() }
    }

    pub(crate) fn stamp(&self, by: &str) -> Stamp {
        Stamp { at: self.clock.now(), by: by.into() }
    }

    pub(crate) fn count(&mut self, on: On) {
        self.requests.count(on);
    }
}

struct Shared {
    config: Config,
    state: Mutex<State>,
}

/// A handle to the running simulator; clones share it.
#[derive(Clone)]
pub struct Sim(Arc<Shared>);

/// Where references of a snapshot point; always the same, so that snapshots can be compared.
const SNAPSHOT_BASE: &str = "http://simulator";

impl Sim {
    pub(crate) fn new(config: Config, world: World) -> Sim {
        let state = State {
            world,
            clock: Clock::default(),
            rights: Rights::default(),
            faults: Faults::default(),
            requests: Requests::default(),
            writes: Vec::new(),
            codebase: config.codebase.clone(),
            requests_per_minute: config.requests_per_minute,
            strict_paths: false,
            refusing: false,
            minute: VecDeque::new(),
            request_number: 0,
        };
        Sim(Arc::new(Shared { config, state: Mutex::new(state) }))
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    /// A panic elsewhere must not hide what the tests want to see.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn quantity(&self, agreement: i64, addition: i64) -> Option<Decimal> {
        self.state().world.quantity(agreement, addition)
    }

    pub fn writes(&self) -> Vec<Write> {
        self.state().writes.clone()
    }

    pub fn requests(&self) -> Requests {
        self.state().requests
    }

    /// Counters to 0; the log of writes stays.
    pub fn reset_counters(&self) {
        self.state().requests = Requests::default();
    }

    pub fn reset_writes(&self) {
        self.state().writes.clear();
    }

    /// A person changes a quantity in ConnectWise's own screens. False: no such addition.
    pub fn human_edit(&self, agreement: i64, addition: i64, quantity: Decimal, who: &str) -> bool {
        self.change(agreement, addition, who, |found| found.quantity = quantity.normalize())
    }

    /// Sets `cancelledDate`; None: today.
    pub fn cancel_addition(&self, agreement: i64, addition: i64, date: Option<Date>) -> bool {
        let date = date.unwrap_or_else(|| self.state().clock.today());
        self.change(agreement, addition, "admin1", |found| found.cancelled = Some(date))
    }

    /// An addition, changed by someone in ConnectWise's own screens.
    pub(crate) fn change(&self, agreement: i64, addition: i64, who: &str, change: impl FnOnce(&mut Addition)) -> bool {
        let mut state = self.state();
        let stamp = state.stamp(who);
        let Some(found) = state.world.addition_of_mut(agreement, addition) else {
            return false;
        };
        change(found);
        found.stamp = stamp;
        true
    }

    pub fn delete_addition(&self, agreement: i64, addition: i64) -> bool {
        self.state().world.remove_addition(agreement, addition).is_some()
    }

    pub fn cancel_agreement(&self, agreement: i64) -> bool {
        let mut state = self.state();
        let (stamp, today) = (state.stamp("admin1"), state.clock.today());
        let Some(found) = state.world.agreements.get_mut(&agreement) else {
            return false;
        };
        found.cancelled = true;
        found.date_cancelled = Some(today);
        found.status = None;
        found.stamp = stamp;
        true
    }

    /// Takes the agreement and its additions away.
    pub fn delete_agreement(&self, agreement: i64) -> bool {
        let mut state = self.state();
        for id in state.world.additions_of.remove(&agreement).unwrap_or_default() {
            state.world.additions.remove(&id);
        }
        state.world.agreements.remove(&agreement).is_some()
    }

    pub fn rename_company(&self, company: i64, name: &str) -> bool {
        let mut state = self.state();
        let stamp = state.stamp("admin1");
        let Some(found) = state.world.companies.get_mut(&company) else {
            return false;
        };
        found.name = name.to_owned();
        found.stamp = stamp;
        true
    }

    /// Moves a company to the recycle bin, or back.
    pub fn delete_company(&self, company: i64, deleted: bool) -> bool {
        let mut state = self.state();
        let stamp = state.stamp("admin1");
        let Some(found) = state.world.companies.get_mut(&company) else {
            return false;
        };
        found.deleted = deleted;
        found.stamp = stamp;
        true
    }

    pub fn rename_item(&self, item: i64, description: &str) -> bool {
        let mut state = self.state();
        let stamp = state.stamp("admin1");
        let Some(found) = state.world.items.get_mut(&item) else {
            return false;
        };
        found.description = description.to_owned();
        found.stamp = stamp;
        true
    }

    /// Levels are None, My or All.
    pub fn set_rights(&self, module: &str, function: &str, level_inquire: &str, level_edit: &str) {
        self.state().rights.set(module, function, level_inquire, level_edit);
    }

    /// Whether additions may be created: None, My or All.
    pub fn set_add_right(&self, level: &str) {
        self.state().rights.set_add(crate::rights::AGREEMENTS, level);
    }

    /// mySecurity itself answers 403.
    pub fn forbid_my_security(&self, forbidden: bool) {
        self.state().rights.my_security_forbidden = forbidden;
    }

    /// The role is customised: agreements of other types are not shown. None: all are.
    pub fn restrict_agreement_types(&self, types: Option<Vec<i64>>) {
        self.state().rights.restrict_agreement_types(types);
    }

    pub fn fault(&self, fault: Fault) {
        self.state().faults.set(fault);
    }

    pub fn clear_faults(&self) {
        self.state().faults.clear();
    }

    /// No faults, every right, the codebase and the limit it began with. What it holds stays.
    pub fn heal(&self) {
        let mut state = self.state();
        state.faults.clear();
        state.rights = Rights::default();
        state.codebase.clone_from(&self.config().codebase);
        state.requests_per_minute = self.config().requests_per_minute;
        state.minute.clear();
        state.strict_paths = false;
        state.refusing = false;
    }

    /// As after a cloud upgrade: the old codebase is 404 from now on.
    pub fn set_codebase(&self, codebase: &str) {
        self.state().codebase = codebase.to_owned();
    }

    pub fn set_requests_per_minute(&self, requests: u32) {
        let mut state = self.state();
        state.requests_per_minute = requests;
        state.minute.clear();
    }

    /// JSON Patch takes only bare paths; a leading slash is an unknown member.
    pub fn set_strict_paths(&self, strict: bool) {
        self.state().strict_paths = strict;
    }

    /// New connections are reset before a byte is read, as if nobody listened.
    pub fn refuse_connections(&self, refuse: bool) {
        self.state().refusing = refuse;
    }

    /// The server's clock (Date header, lastUpdated, what "today" is) goes on from here.
    pub fn set_clock(&self, now: Timestamp) {
        self.state().clock.set(now);
    }

    pub fn add_company(&self, new: NewCompany) -> i64 {
        self.state().world.company(new)
    }

    pub fn add_item(&self, new: NewItem) -> i64 {
        self.state().world.item(new)
    }

    pub fn add_agreement(&self, new: NewAgreement) -> i64 {
        self.state().world.agreement(new)
    }

    pub fn add_addition(&self, new: NewAddition) -> i64 {
        self.state().world.addition(new)
    }

    /// A copy of everything it holds now.
    pub fn world(&self) -> World {
        self.state().world.clone()
    }

    /// All additions, whole rows in id order, for comparing byte by byte.
    pub fn snapshot(&self) -> Value {
        let state = self.state();
        let view = state.view(SNAPSHOT_BASE);
        Value::Array(state.world.additions.values().map(|addition| rows::tree(addition, view)).collect())
    }
}
