//! Lists: every page of a collection, or an error; never fewer rows.
//!
//! The end of a list is told by its pages and its Link header; whether it was whole is told by
//! `/count`. A list that does not agree with its count is read once more, in the way that a
//! moving list cannot shift (forward-only), and then given up.

use crate::http::{Answer, Ask, Line};
use crate::rows::{PAGE_RECORDS, within_limits};
use crate::trouble::Trouble;
use crate::wire;
use std::collections::BTreeMap;
use tokio::time::Instant;

/// Servers that cap their pages do so at a round number: 25, 100, 250 ...
const ROUND: usize = 25;
/// Pages a collection. Source: design, section 10.
const PAGES_MAX: u32 = 10_000;

/// A record with its id; `None` where it counts as received but cannot be used.
pub(crate) type Row<T> = (i64, Option<T>);

/// Reads one page's body into records.
pub(crate) type ReadPage<'a, T> = &'a (dyn Fn(&[u8]) -> Result<Vec<Row<T>>, String> + Send + Sync);

/// Which list, and how its rows are read.
pub(crate) struct List<'a, T> {
    pub(crate) path: &'a str,
    pub(crate) fields: &'a str,
    pub(crate) read: ReadPage<'a, T>,
}

/// The rows of one reading.
struct Sweep<T> {
    /// By id: once each, in order.
    rows: BTreeMap<i64, Option<T>>,
    pages: u32,
    bytes: u64,
    /// A record came twice, or a page brought nothing new: the list moved while it was read.
    moved: bool,
    counted: Counted,
}

/// What `/count` says of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counted {
    NotAsked,
    /// This server has no such path.
    Nowhere,
    Records(u64),
}

/// One page, read.
struct Page<T> {
    rows: Vec<Row<T>>,
    more: More,
    bytes: u64,
}

/// How far a list was read, for progress.
pub(crate) type Pages<'a> = &'a (dyn Fn(u64) + Send + Sync);

impl Line {
    /// A collection that is always held against its count.
    pub(crate) async fn collection<T: Send>(
        &self,
        list: &List<'_, T>,
        known: usize,
        deadline: Instant,
        pages: Pages<'_>,
    ) -> Result<Vec<T>, Trouble> {
        // Counted first: a full last page then needs no empty one after it to be known as the last.
        let counted = self.count(list.path, deadline).await?;
        let first = self.sweep(list, counted, deadline, pages).await?;
        self.settle(list, first, counted, known, deadline).await
    }

    /// A list that is held against its count only where it looks as if rows could be missing:
    /// nothing came, fewer than the last mirror knew, more than one page, or the list moved.
    pub(crate) async fn short_list<T: Send>(
        &self,
        list: &List<'_, T>,
        known: usize,
        deadline: Instant,
    ) -> Result<Vec<T>, Trouble> {
        let first = self.sweep(list, Counted::NotAsked, deadline, &|_| {}).await?;
        let suspect = first.rows.is_empty() || first.rows.len() < known || first.pages > 1 || first.moved;
        let counted = match first.counted {
            Counted::NotAsked if !suspect => return Ok(first.usable()),
            Counted::NotAsked => self.count(list.path, deadline).await?,
            asked => asked,
        };
        self.settle(list, first, counted, known, deadline).await
    }

    /// `first` if it agrees with its count; else one more reading.
    async fn settle<T: Send>(
        &self,
        list: &List<'_, T>,
        first: Sweep<T>,
        counted: Counted,
        known: usize,
        deadline: Instant,
    ) -> Result<Vec<T>, Trouble> {
        let received = first.rows.len();
        match counted {
            Counted::Records(counted) if received as u64 == counted => return Ok(first.usable()),
            // No count is to be had on this server: what looks whole is taken as it is.
            Counted::Nowhere if !first.moved && received > 0 && known <= received => return Ok(first.usable()),
            _ => {}
        }
        tracing::debug!(host = self.host, path = list.path, received, ?counted, "reading again");
        // Of the first reading only the ids are kept: a list must not be in memory twice.
        let ids: Vec<i64> = first.rows.into_keys().collect();
        let count_again =
            || async { if counted == Counted::Nowhere { Ok(counted) } else { self.count(list.path, deadline).await } };
        let second = match self.sweep_forward(list, deadline).await? {
            Some(sweep) => sweep,
            None => self.sweep(list, count_again().await?, deadline, &|_| {}).await?,
        };
        let received = second.rows.len() as u64;
        let (whole, counted) = match count_again().await? {
            Counted::Records(counted) => (received == counted, counted),
            Counted::Nowhere | Counted::NotAsked => (second.rows.keys().eq(&ids), ids.len() as u64),
        };
        if whole {
            return Ok(second.usable());
        }
        Err(Trouble::CountMismatch { place: self.place(list.path), received, counted })
    }

    /// Page by page. The Link header is only a sign that there is more: every request is built
    /// here, from our own parameters, so that no header can lead the keys elsewhere or in circles.
    async fn sweep<T: Send>(
        &self,
        list: &List<'_, T>,
        counted: Counted,
        deadline: Instant,
        pages: Pages<'_>,
    ) -> Result<Sweep<T>, Trouble> {
        let mut sweep = Sweep::new(counted);
        while sweep.pages < PAGES_MAX {
            let number = sweep.pages + 1;
            let path =
                format!("{}?fields={}&orderBy=id%20asc&pageSize={PAGE_RECORDS}&page={number}", list.path, list.fields);
            let page = self.page(Ask::Page, &path, list, deadline).await?;
            let (received, more) = (page.rows.len(), page.more);
            let news = sweep.take(page).map_err(|what| self.unfit(list.path, what))?;
            pages(sweep.rows.len() as u64);
            if received == 0 {
                return Ok(sweep);
            }
            if news == 0 {
                // The same page again and again: asking on would never end.
                sweep.moved = true;
                return Ok(sweep);
            }
            // Servers that cap their pages and send no Link header are known only by the round
            // number of rows; what the list really holds is then for its count to say.
            let capped = more == More::Untold && received.is_multiple_of(ROUND);
            if capped && sweep.counted == Counted::NotAsked {
                sweep.counted = self.count(list.path, deadline).await?;
            }
            // Some servers give fewer than asked for in the middle, so a short page ends a list
            // only without a next link and with all that were counted; and a full one goes on even
            // without, unless all that were counted are there.
            let rows = sweep.rows.len() as u64;
            let goes_on = match sweep.counted {
                Counted::Records(counted) => rows < counted || received >= PAGE_RECORDS && rows != counted,
                Counted::Nowhere | Counted::NotAsked => received >= PAGE_RECORDS || capped,
            };
            if more != More::Next && !goes_on {
                return Ok(sweep);
            }
        }
        Err(self.endless(list.path))
    }

    /// By `Id > pageId`: rows that come or go meanwhile shift nothing. `None` where the server
    /// does not know how.
    async fn sweep_forward<T: Send>(&self, list: &List<'_, T>, deadline: Instant) -> Result<Option<Sweep<T>>, Trouble> {
        let mut sweep = Sweep::new(Counted::NotAsked);
        let mut after: Option<i64> = None;
        while sweep.pages < PAGES_MAX {
            let from = after.map_or(String::new(), |id| format!("&pageId={id}"));
            let path = format!("{}?fields={}&pageSize={PAGE_RECORDS}{from}", list.path, list.fields);
            let page = self.page(Ask::PageForward, &path, list, deadline).await?;
            let more = page.more;
            let ids: Vec<i64> = page.rows.iter().map(|(id, _)| *id).collect();
            let ascending = ids.windows(2).all(|pair| pair[0] < pair[1]);
            let beyond = ids.first().is_none_or(|first| after.is_none_or(|after| after < *first));
            if !ascending || !beyond || more == More::Untold && sweep.pages == 0 && !ids.is_empty() {
                return Ok(None);
            }
            sweep.take(page).map_err(|what| self.unfit(list.path, what))?;
            after = ids.last().copied().or(after);
            if ids.is_empty() || more != More::Next && ids.len() < PAGE_RECORDS {
                return Ok(Some(sweep));
            }
        }
        Err(self.endless(list.path))
    }

    async fn page<T: Send>(
        &self,
        ask: Ask<'_>,
        path: &str,
        list: &List<'_, T>,
        deadline: Instant,
    ) -> Result<Page<T>, Trouble> {
        let read = |answer: &Answer| {
            let (more, bytes) = (More::of(answer.link.as_deref()), answer.body.len() as u64);
            Ok(Page { rows: (list.read)(&answer.body)?, more, bytes })
        };
        self.get_as(ask, path, deadline, read).await
    }

    /// How many ConnectWise says there are.
    async fn count(&self, path: &str, deadline: Instant) -> Result<Counted, Trouble> {
        let read =
            |body: &[u8]| serde_json::from_slice::<wire::Count<'_>>(body).map_err(|error| error.to_string())?.read();
        match self.get(&format!("{path}/count"), deadline, read).await {
            Ok(counted) => Ok(Counted::Records(counted)),
            Err(Trouble::NotFound { .. } | Trouble::Refused { status: 405, .. }) => Ok(Counted::Nowhere),
            Err(trouble) => Err(trouble),
        }
    }

    fn endless(&self, path: &str) -> Trouble {
        self.unfit(path, format!("a list of more than {PAGES_MAX} pages"))
    }

    fn unfit(&self, path: &str, what: String) -> Trouble {
        Trouble::BadAnswer { place: self.place(path), what }
    }
}

impl<T> Sweep<T> {
    fn new(counted: Counted) -> Sweep<T> {
        Sweep { rows: BTreeMap::new(), pages: 0, bytes: 0, moved: false, counted }
    }

    /// How many of the page's rows were new. A record read twice counts as it was read last.
    fn take(&mut self, page: Page<T>) -> Result<usize, String> {
        let before = self.rows.len();
        let received = page.rows.len();
        self.pages += 1;
        self.bytes += page.bytes;
        self.rows.extend(page.rows);
        let news = self.rows.len() - before;
        self.moved |= news < received;
        within_limits(self.rows.len(), self.bytes)?;
        Ok(news)
    }

    fn usable(self) -> Vec<T> {
        self.rows.into_values().flatten().collect()
    }
}

/// What the Link header says of a next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum More {
    Next,
    End,
    /// There is no such header.
    Untold,
}

impl More {
    fn of(link: Option<&str>) -> More {
        let Some(link) = link else { return More::Untold };
        let spaceless: String = link.to_ascii_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
        if spaceless.contains("rel=\"next\"") || spaceless.contains("rel=next") { More::Next } else { More::End }
    }
}

#[cfg(test)]
mod tests {
    use super::More;

    #[test]
    fn only_the_relation_of_a_link_matters() {
        for (link, more) in [
            (None, More::Untold),
            (Some(""), More::End),
            (Some("garbage"), More::End),
            (Some("<http://evil/?page=2>; rel=\"next\""), More::Next),
            (Some("<x?page=9>; rel=\"last\", <x?page=1>; rel=\"first\""), More::End),
            (Some("<x?page=2>;rel = next, <x>; rel=last"), More::Next),
        ] {
            assert_eq!(More::of(link), more, "{link:?}");
        }
    }
}
