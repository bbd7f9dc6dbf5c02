//! Lists: every page of a collection, or an error; never fewer rows.
//!
//! The end of a list is told by its pages and its Link header; whether it was whole is told by
//! `/count`. A list that does not agree with its count is read once more, in the way that a
//! moving list cannot shift (forward-only), and then given up.

use crate::http::{Answer, Ask, Line};
use crate::trouble::Trouble;
use crate::wire;
use std::collections::BTreeMap;
use tokio::time::Instant;

/// Records asked for per page; the most that ConnectWise gives.
const PAGE_RECORDS: usize = 1_000;
/// Pages a collection. Source: design, section 10.
const PAGES_MAX: u32 = 10_000;

/// Reads one page's body into records with their ids.
pub(crate) type ReadPage<'a, T> = &'a (dyn Fn(&[u8]) -> Result<Vec<(i64, T)>, String> + Send + Sync);

/// Which list, and how its rows are read.
pub(crate) struct List<'a, T> {
    pub(crate) path: &'a str,
    pub(crate) fields: &'a str,
    pub(crate) read: ReadPage<'a, T>,
}

/// The rows of one reading.
struct Sweep<T> {
    /// By id: once each, in order.
    rows: BTreeMap<i64, T>,
    pages: u32,
    /// A record came twice, or a page brought nothing new: the list moved while it was read.
    moved: bool,
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
        let first = self.sweep(list, None, deadline, &|_| {}).await?;
        let suspect = first.rows.is_empty() || first.rows.len() < known || first.pages > 1 || first.moved;
        if !suspect {
            return Ok(first.rows.into_values().collect());
        }
        let counted = self.count(list.path, deadline).await?;
        self.settle(list, first, counted, known, deadline).await
    }

    /// `first` if it agrees with its count; else one more reading.
    async fn settle<T: Send>(
        &self,
        list: &List<'_, T>,
        first: Sweep<T>,
        counted: Option<u64>,
        known: usize,
        deadline: Instant,
    ) -> Result<Vec<T>, Trouble> {
        let agrees = |sweep: &Sweep<T>, counted: u64| sweep.rows.len() as u64 == counted;
        match counted {
            Some(counted) if agrees(&first, counted) => return Ok(first.rows.into_values().collect()),
            // No count is to be had on this server: what looks whole is taken as it is.
            None if !first.moved && !first.rows.is_empty() && known <= first.rows.len() => {
                return Ok(first.rows.into_values().collect());
            }
            _ => {}
        }
        tracing::debug!(host = self.host, path = list.path, received = first.rows.len(), ?counted, "reading again");
        let second = match self.sweep_forward(list, deadline).await? {
            Some(sweep) => sweep,
            None => self.sweep(list, None, deadline, &|_| {}).await?,
        };
        let same = || second.rows.keys().eq(first.rows.keys());
        let counted = match counted {
            Some(_) => self.count(list.path, deadline).await?,
            None => None,
        };
        let whole = counted.map_or_else(same, |counted| agrees(&second, counted));
        if whole {
            return Ok(second.rows.into_values().collect());
        }
        Err(Trouble::CountMismatch {
            place: self.place(list.path),
            received: second.rows.len() as u64,
            counted: counted.unwrap_or(first.rows.len() as u64),
        })
    }

    /// Page by page. The Link header is only a sign that there is more: every request is built
    /// here, from our own parameters, so that no header can lead the keys elsewhere or in circles.
    async fn sweep<T: Send>(
        &self,
        list: &List<'_, T>,
        expected: Option<u64>,
        deadline: Instant,
        pages: Pages<'_>,
    ) -> Result<Sweep<T>, Trouble> {
        let mut sweep = Sweep { rows: BTreeMap::new(), pages: 0, moved: false };
        while sweep.pages < PAGES_MAX {
            let page = sweep.pages + 1;
            let path =
                format!("{}?fields={}&orderBy=id%20asc&pageSize={PAGE_RECORDS}&page={page}", list.path, list.fields);
            let (rows, more) = self.page(Ask::Page, &path, list, deadline).await?;
            sweep.pages = page;
            let received = rows.len();
            let news = sweep.take(rows);
            pages(sweep.rows.len() as u64);
            if received > 0 && news == 0 {
                // The same page again and again: asking on would never end.
                sweep.moved = true;
                return Ok(sweep);
            }
            // Some servers give fewer than asked for in the middle, so a short page ends a list
            // only without a next link; and a full one goes on even without, unless all that were
            // counted are there.
            let all_there = expected == Some(sweep.rows.len() as u64);
            let goes_on = more == More::Next || received >= PAGE_RECORDS && !all_there;
            if received == 0 || !goes_on {
                return Ok(sweep);
            }
        }
        Err(self.endless(list.path))
    }

    /// By `Id > pageId`: rows that come or go meanwhile shift nothing. `None` where the server
    /// does not know how.
    async fn sweep_forward<T: Send>(&self, list: &List<'_, T>, deadline: Instant) -> Result<Option<Sweep<T>>, Trouble> {
        let mut sweep = Sweep { rows: BTreeMap::new(), pages: 0, moved: false };
        let mut after: Option<i64> = None;
        while sweep.pages < PAGES_MAX {
            let from = after.map_or(String::new(), |id| format!("&pageId={id}"));
            let path = format!("{}?fields={}&pageSize={PAGE_RECORDS}{from}", list.path, list.fields);
            let (rows, more) = self.page(Ask::PageForward, &path, list, deadline).await?;
            let ids: Vec<i64> = rows.iter().map(|(id, _)| *id).collect();
            let ascending = ids.windows(2).all(|pair| pair[0] < pair[1]);
            let beyond = ids.first().is_none_or(|first| after.is_none_or(|after| after < *first));
            if !ascending || !beyond || more == More::Untold && sweep.pages == 0 && !ids.is_empty() {
                return Ok(None);
            }
            sweep.pages += 1;
            sweep.take(rows);
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
    ) -> Result<(Vec<(i64, T)>, More), Trouble> {
        let read = |answer: &Answer| Ok(((list.read)(&answer.body)?, More::of(answer.link.as_deref())));
        self.get_as(ask, path, deadline, read).await
    }

    /// How many ConnectWise says there are; `None` where it has no such path.
    async fn count(&self, path: &str, deadline: Instant) -> Result<Option<u64>, Trouble> {
        let read =
            |body: &[u8]| serde_json::from_slice::<wire::Count<'_>>(body).map_err(|error| error.to_string())?.read();
        match self.get(&format!("{path}/count"), deadline, read).await {
            Ok(counted) => Ok(Some(counted)),
            Err(Trouble::NotFound { .. }) => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    fn endless(&self, path: &str) -> Trouble {
        Trouble::BadAnswer { place: self.place(path), what: format!("a list of more than {PAGES_MAX} pages") }
    }
}

impl<T> Sweep<T> {
    /// How many of `rows` were new. A record read twice counts as it was read last.
    fn take(&mut self, rows: Vec<(i64, T)>) -> usize {
        let before = self.rows.len();
        let received = rows.len();
        self.rows.extend(rows);
        let news = self.rows.len() - before;
        self.moved |= news < received;
        news
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
