//! The pull: one complete mirror, or the reason why there is none.

use crate::client::{Client, RUN_MAX};
use crate::http::RETRIES_MAX;
use crate::list::{List, Row};
use crate::rows::{rows, within_limits};
use crate::trouble::Trouble;
use crate::wire;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use hive_core::mirror::{Addition, Agreement, CatalogItem, Company, ItemsFrom, Mirror};
use hive_core::{AgreementId, CompanyId, Date, ItemId, MirrorId, TimeZone};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use tokio::time::Instant;

/// Agreements whose additions are asked for at once; `connections` limits what really is.
const AGREEMENTS_AT_ONCE: usize = 16;

/// What is known before a pull.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// How many additions each agreement had in the last mirror, for the count rule.
    pub additions_by_agreement: HashMap<AgreementId, usize>,
    /// The date in the MSP's zone, which says what is active; `None`: the date in UTC.
    pub today: Option<Date>,
    /// Agreements that start later are read too: a plan may be made for the next invoice's day.
    pub starting_later: bool,
}

impl Known {
    /// What `mirror` knows.
    pub fn of(mirror: &Mirror) -> Known {
        let mut additions_by_agreement = HashMap::new();
        for addition in &mirror.additions {
            *additions_by_agreement.entry(addition.agreement).or_default() += 1;
        }
        Known { additions_by_agreement, ..Known::default() }
    }
}

/// How far a pull is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// `done` records of this step (additions: agreements), of `total` where that is known.
    Step { name: &'static str, done: u64, total: Option<u64> },
}

type Report<'a> = &'a (dyn Fn(Progress) + Send + Sync);

impl Client {
    /// Reads everything. The mirror's id is 0 until it is stored.
    pub async fn pull(&self, known: &Known, progress: Report<'_>) -> Result<Mirror, Trouble> {
        let deadline = Instant::now() + RUN_MAX;
        let pull = self.pull_by(known, progress, deadline);
        tokio::time::timeout_at(deadline, pull).await.map_err(|_| self.line.too_late("everything"))?
    }

    /// Reads agreements and additions anew; companies and items stay as `old` has them.
    pub async fn refresh(&self, old: &Mirror, known: &Known, progress: Report<'_>) -> Result<Mirror, Trouble> {
        let deadline = Instant::now() + RUN_MAX;
        let refresh = self.refresh_by(old, known, progress, deadline);
        tokio::time::timeout_at(deadline, refresh).await.map_err(|_| self.line.too_late("agreements"))?
    }

    async fn pull_by(&self, known: &Known, progress: Report<'_>, deadline: Instant) -> Result<Mirror, Trouble> {
        self.line.first_contact(deadline, RETRIES_MAX).await?;
        let pulled_at = self.line.now();
        let companies = self.companies(progress, deadline).await?;
        let catalog = match self.items(progress, deadline).await {
            Ok(items) => Some(items),
            Err(Trouble::Forbidden { .. }) => None,
            Err(trouble) => return Err(trouble),
        };
        let refreshed_at = self.line.now();
        let (agreements, additions) = self.contracts(&companies, known, progress, deadline).await?;
        // A right of level My shows an empty catalog instead of refusing it.
        let catalog = catalog.filter(|items| !items.is_empty() || additions.is_empty());
        let items_from = if catalog.is_some() { ItemsFrom::Catalog } else { ItemsFrom::Additions };
        let items = catalog.unwrap_or_else(|| items_of(&additions, Vec::new()));
        let id = MirrorId(0);
        Ok(Mirror { id, pulled_at, refreshed_at, items_from, companies, items, agreements, additions })
    }

    async fn refresh_by(
        &self,
        old: &Mirror,
        known: &Known,
        progress: Report<'_>,
        deadline: Instant,
    ) -> Result<Mirror, Trouble> {
        self.line.first_contact(deadline, RETRIES_MAX).await?;
        let refreshed_at = self.line.now();
        let (agreements, additions) = self.contracts(&old.companies, known, progress, deadline).await?;
        let items = match old.items_from {
            ItemsFrom::Catalog => old.items.clone(),
            ItemsFrom::Additions => items_of(&additions, old.items.clone()),
        };
        Ok(Mirror {
            id: MirrorId(0),
            pulled_at: old.pulled_at,
            refreshed_at,
            items_from: old.items_from,
            companies: old.companies.clone(),
            items,
            agreements,
            additions,
        })
    }

    async fn companies(&self, progress: Report<'_>, deadline: Instant) -> Result<Vec<Company>, Trouble> {
        let read = |body: &[u8]| rows(body, |row: &wire::Company<'_>| row.read().map(|row| (row.id.0, Some(row))));
        let list = List { path: "company/companies", fields: wire::Company::FIELDS, read: &read };
        let pages = |done| progress(Progress::Step { name: "companies", done, total: None });
        self.line.collection(&list, 0, deadline, &pages).await
    }

    async fn items(&self, progress: Report<'_>, deadline: Instant) -> Result<Vec<CatalogItem>, Trouble> {
        let read = |body: &[u8]| rows(body, |row: &wire::CatalogItem<'_>| row.read().map(|row| (row.id.0, Some(row))));
        let list = List { path: "procurement/catalog", fields: wire::CatalogItem::FIELDS, read: &read };
        let pages = |done| progress(Progress::Step { name: "items", done, total: None });
        self.line.collection(&list, 0, deadline, &pages).await
    }

    /// Agreements, and the additions of those that are not over. Where one of them vanishes
    /// between its list and its additions, both are read once more, and then given up: a 404
    /// alone never means deleted.
    async fn contracts(
        &self,
        companies: &[Company],
        known: &Known,
        progress: Report<'_>,
        deadline: Instant,
    ) -> Result<(Vec<Agreement>, Vec<Addition>), Trouble> {
        let mut again = false;
        loop {
            let agreements = self.agreements(known, progress, deadline).await?;
            match self.additions(&agreements, companies, known, progress, deadline).await {
                Err(Trouble::NotFound { .. }) if !again => again = true,
                Err(trouble) => return Err(trouble),
                Ok(additions) => return Ok((agreements, additions)),
            }
        }
    }

    async fn agreements(
        &self,
        known: &Known,
        progress: Report<'_>,
        deadline: Instant,
    ) -> Result<Vec<Agreement>, Trouble> {
        let without_company = AtomicUsize::new(0);
        let read_row = |row: &wire::Agreement<'_>| {
            let (id, agreement) = row.read_listed()?;
            if agreement.is_none() {
                without_company.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(
                    host = self.line.host,
                    agreement = id,
                    "left out: the agreement came without its company"
                );
            }
            Ok((id, agreement))
        };
        let read = |body: &[u8]| rows(body, read_row);
        let path = "finance/agreements";
        let list = List { path, fields: wire::Agreement::FIELDS, read: &read };
        let pages = |done| progress(Progress::Step { name: "agreements", done, total: None });
        let agreements = self.line.collection(&list, known.additions_by_agreement.len(), deadline, &pages).await?;
        // One such agreement is a bad record; nothing but such agreements is a right that is missing.
        if without_company.into_inner() > 1 && agreements.is_empty() {
            let what = format!("all agreements came without their company; {}", wire::COMPANIES_HIDDEN);
            return Err(Trouble::BadAnswer { place: self.line.place(path), what });
        }
        Ok(agreements)
    }

    async fn additions(
        &self,
        agreements: &[Agreement],
        companies: &[Company],
        known: &Known,
        progress: Report<'_>,
        deadline: Instant,
    ) -> Result<Vec<Addition>, Trouble> {
        let alive: HashSet<CompanyId> = companies.iter().filter(|c| !c.deleted).map(|c| c.id).collect();
        let today = known.today.unwrap_or_else(|| self.line.now().to_zoned(TimeZone::UTC).date());
        let later =
            |a: &Agreement| known.starting_later.then_some(a.start).flatten().map_or(today, |start| start.max(today));
        let ongoing = |a: &&Agreement| alive.contains(&a.company) && a.rejected_on(later(a)).is_none();
        let ids: Vec<AgreementId> = agreements.iter().filter(ongoing).map(|a| a.id).collect();
        let (total, done) = (ids.len() as u64, AtomicU64::new(0));
        let ask = |id: AgreementId| {
            let (known, done) = (known.additions_by_agreement.get(&id).copied().unwrap_or(0), &done);
            async move {
                let additions = self.additions_of(id, known, deadline).await?;
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                progress(Progress::Step { name: "additions", done, total: Some(total) });
                Ok::<_, Trouble>(additions.into_iter().map(move |row| (id, row)))
            }
        };
        let mut lists = stream::iter(ids).map(ask).buffer_unordered(AGREEMENTS_AT_ONCE);
        let mut additions = Vec::new();
        while let Some(list) = lists.try_next().await? {
            additions.extend(list);
            within_limits(additions.len(), 0).map_err(|what| self.unfit_additions(what))?;
        }
        one_row_per_id(additions).map_err(|what| self.unfit_additions(what))
    }

    fn unfit_additions(&self, what: String) -> Trouble {
        Trouble::BadAnswer { place: self.line.place("finance/agreements"), what }
    }

    async fn additions_of(
        &self,
        agreement: AgreementId,
        known: usize,
        deadline: Instant,
    ) -> Result<Vec<Addition>, Trouble> {
        let read = |body: &[u8]| {
            let read_at = self.line.now();
            rows(body, |row: &wire::Addition<'_>| -> Result<Row<Addition>, String> {
                let (id, row) = row.read_listed(agreement, read_at)?;
                if row.is_none() {
                    let host = &self.line.host;
                    tracing::warn!(host, %agreement, addition = id, "left out: the addition came without its product");
                }
                Ok((id, row))
            })
        };
        let path = format!("finance/agreements/{agreement}/additions");
        let list = List { path: &path, fields: wire::Addition::FIELDS, read: &read };
        self.line.short_list(&list, known, deadline).await
    }
}

/// A parent's list may show a child's additions again: one row per id, and never one of two that
/// say different things.
fn one_row_per_id(mut rows: Vec<(AgreementId, Addition)>) -> Result<Vec<Addition>, String> {
    rows.sort_unstable_by_key(|(list, row)| (row.id, *list));
    let mut kept: Vec<(AgreementId, Addition)> = Vec::with_capacity(rows.len());
    for (list, row) in rows {
        match kept.last().filter(|(_, last)| last.id == row.id) {
            None => kept.push((list, row)),
            Some((_, last)) if (Addition { read_at: last.read_at, ..row.clone() }) == *last => {}
            Some((other, _)) => {
                let id = row.id;
                return Err(format!(
                    "addition {id} came with agreement {other} and, differently, with agreement {list}"
                ));
            }
        }
    }
    Ok(kept.into_iter().map(|(_, row)| row).collect())
}

/// The items that additions show, for a role that may not read the catalog.
fn items_of(additions: &[Addition], known: Vec<CatalogItem>) -> Vec<CatalogItem> {
    let mut items: BTreeMap<ItemId, CatalogItem> = known.into_iter().map(|item| (item.id, item)).collect();
    for addition in additions {
        items.entry(addition.item).or_insert_with(|| CatalogItem {
            id: addition.item,
            identifier: addition.item_identifier.clone(),
            description: addition.description.clone(),
            inactive: false,
            class: None,
            unit_of_measure: addition.unit_of_measure.clone(),
            price: None,
        });
    }
    items.into_values().collect()
}
