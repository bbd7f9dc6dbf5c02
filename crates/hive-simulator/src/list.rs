//! A list: which rows, in which order, which page, and the Link header.
//!
//! **Owns:** conditions, childConditions, customFieldConditions, orderBy, page, pageSize, pageId and
//! the two ways of paging; `/count`.
//! **Does not own:** rights, faults (which arrive here as [`Tweak`]s because they bend paging itself).
//! **Limits on purpose:** links repeat the other parameters as they came (*guess*), `page` last, since
//! one client reads it with a pattern.

use std::collections::HashMap;

use crate::{
    conditions::{self, Expression},
    projection::Fields,
    refusal::{self, Refusal},
    rows::{self, Cell, Record, View},
    schema::{self, Kind},
};

pub(crate) const PAGE_SIZE_USUAL: usize = 25;
pub(crate) const PAGE_SIZE_MAX: usize = 1_000;

/// A request's query: decoded values by name, and the raw pairs for the links.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query {
    values: HashMap<String, String>,
    raw: Vec<String>,
    pub(crate) forward_only: bool,
}

impl Query {
    pub(crate) fn parse(raw: &str, forward_only: bool) -> Query {
        let values = url::form_urlencoded::parse(raw.as_bytes());
        let values = values.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        let raw = raw.split('&').filter(|pair| !pair.is_empty()).map(str::to_owned).collect();
        Query { values, raw, forward_only }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.trim().is_empty())
    }

    fn number(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let number = text
            .trim()
            .parse()
            .map_err(|_| refusal::bad_request(&format!("The value '{text}' is not valid for {name}.")));
        number.map(Some)
    }

    pub(crate) fn fields(&self) -> Option<Fields> {
        Fields::parse(self.get("fields"))
    }

    fn page_size(&self) -> Result<usize, Refusal> {
        let asked = self.number("pageSize")?.and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0);
        Ok(asked.unwrap_or(PAGE_SIZE_USUAL).min(PAGE_SIZE_MAX))
    }

    /// The same address with another page (or page id), which comes last.
    fn link(&self, address: &str, name: &str, value: i64) -> String {
        let others = self.raw.iter().filter(|pair| {
            let key = pair.split('=').next().unwrap_or("");
            !key.eq_ignore_ascii_case("page") && !key.eq_ignore_ascii_case("pageId")
        });
        let mut query = String::new();
        for pair in others {
            query.push_str(&pair.replace('<', "%3C").replace('>', "%3E").replace(' ', "+"));
            query.push('&');
        }
        format!("<{address}?{query}{name}={value}>")
    }
}

/// What a fault does to paging itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Tweak {
    #[default]
    None,
    /// The page also holds a row of its neighbour.
    Duplicate,
    /// The page's first row has slipped to the page before, after that one was read.
    Shift,
    /// The server caps pages at half of what was asked.
    ShortPage,
    LinkLoop,
    LinkMissing,
}

/// A page as it goes out.
pub(crate) struct Page {
    pub(crate) body: String,
    pub(crate) link: Option<String>,
}

/// The rows that fit, counted.
pub(crate) fn count<'a, R: Record + 'a>(
    view: View<'a>,
    records: impl Iterator<Item = &'a R>,
    query: &Query,
) -> Result<usize, Refusal> {
    let filter = Filter::parse::<R>(query)?;
    Ok(records.filter(|record| filter.fits(*record, view)).count())
}

/// One page of the rows that fit. `records` come in id order.
pub(crate) fn page<'a, R: Record + 'a>(
    view: View<'a>,
    records: impl Iterator<Item = &'a R>,
    query: &Query,
    address: &str,
    tweak: Tweak,
) -> Result<Page, Refusal> {
    let filter = Filter::parse::<R>(query)?;
    let mut records: Vec<&R> = records.filter(|record| filter.fits(*record, view)).collect();
    let mut size = query.page_size()?;
    if tweak == Tweak::ShortPage {
        size = (size.min(records.len()) / 2).max(1);
    }
    let (start, link) = if query.forward_only {
        if query.get("orderBy").is_some() {
            return Err(refusal::bad_request("orderBy is not supported with forward-only pagination."));
        }
        let after = query.number("pageId")?.unwrap_or(0);
        let start = records.partition_point(|record| record.id() <= after);
        (start, forward_link(query, address, &records, start + size))
    } else {
        sort(&mut records, view, query)?;
        let number = usize::try_from(query.number("page")?.unwrap_or(1)).unwrap_or(1).max(1);
        (number.saturating_sub(1).saturating_mul(size), page_link(query, address, number, records.len().div_ceil(size)))
    };
    let shown = window(&records, start, size, tweak);
    let link = match tweak {
        Tweak::LinkMissing => None,
        Tweak::LinkLoop if query.forward_only => Some(format!("{}; rel=\"next\"", query.link(address, "pageId", 0))),
        Tweak::LinkLoop => Some(format!("{}; rel=\"next\"", query.link(address, "page", 1))),
        _ => link,
    };
    Ok(Page { body: print(&shown, view, query), link })
}

/// The rows of a page, bent by the fault if there is one.
fn window<'a, R>(records: &[&'a R], start: usize, size: usize, tweak: Tweak) -> Vec<&'a R> {
    let end = start.saturating_add(size).min(records.len());
    let start = start.min(end);
    let mut shown = records[start..end].to_vec();
    match tweak {
        Tweak::Duplicate => {
            let before = start.checked_sub(1).and_then(|before| records.get(before));
            let extra = records.get(end).or(before).copied().or_else(|| shown.last().copied());
            shown.extend(extra);
        }
        Tweak::Shift if !shown.is_empty() => {
            shown.remove(0);
        }
        _ => {}
    }
    shown
}

fn print<R: Record>(records: &[&R], view: View<'_>, query: &Query) -> String {
    let fields = query.fields();
    let mut body = String::with_capacity(records.len() * if fields.is_some() { 128 } else { 1_400 } + 2);
    body.push('[');
    for (n, record) in records.iter().enumerate() {
        if n > 0 {
            body.push(',');
        }
        record.write(view, fields.as_ref(), &mut body);
    }
    body.push(']');
    body
}

/// Always there when paging forward; empty when nothing follows.
fn forward_link<R: Record>(query: &Query, address: &str, records: &[&R], end: usize) -> Option<String> {
    if end >= records.len() {
        return Some(String::new());
    }
    let last = records[end - 1].id();
    Some(format!("{}; rel=\"next\"", query.link(address, "pageId", last)))
}

/// next and last, then prev and first; none where one page holds everything.
fn page_link(query: &Query, address: &str, number: usize, pages: usize) -> Option<String> {
    if pages <= 1 {
        return None;
    }
    let to = |page: usize, rel: &str| {
        format!("{}; rel=\"{rel}\"", query.link(address, "page", i64::try_from(page).unwrap_or(1)))
    };
    let mut links = Vec::new();
    if number < pages {
        links.push(to(number + 1, "next"));
        links.push(to(pages, "last"));
    }
    if number > 1 {
        links.push(to((number - 1).min(pages), "prev"));
        links.push(to(1, "first"));
    }
    Some(links.join(", "))
}

fn sort<R: Record>(records: &mut Vec<&R>, view: View<'_>, query: &Query) -> Result<(), Refusal> {
    let Some(order) = query.get("orderBy") else {
        return Ok(());
    };
    let mut keys: Vec<(String, Kind, bool)> = Vec::new();
    for part in order.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let mut words = part.split_whitespace();
        let path = words.next().unwrap_or("");
        let kind = schema::comparable(R::MEMBERS, path).ok_or_else(|| refusal::not_recognized(path))?;
        let down = match words.next().map(str::to_ascii_lowercase).as_deref() {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(word) => return Err(refusal::condition(&format!("{word} is not asc or desc."))),
        };
        keys.push((path.to_owned(), kind, down));
    }
    // Rows come in id order already, which is what nearly every sweep asks for.
    if let [(path, _, false)] = keys.as_slice()
        && path == "id"
    {
        return Ok(());
    }
    let cells = |record: &R| -> Vec<SortKey> {
        keys.iter().map(|(path, kind, down)| SortKey::new(&rows::cell(record, view, path, *kind), *down)).collect()
    };
    records.sort_by_cached_key(|record| (cells(record), record.id()));
    Ok(())
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum SortKey {
    Up(Cell<'static>),
    Down(std::cmp::Reverse<Cell<'static>>),
}

impl SortKey {
    fn new(cell: &Cell<'_>, down: bool) -> SortKey {
        let owned = match cell {
            Cell::Text(text) => Cell::Text(text.to_lowercase().into()),
            Cell::Null => Cell::Null,
            Cell::Flag(flag) => Cell::Flag(*flag),
            Cell::Number(number) => Cell::Number(*number),
            Cell::Time(time) => Cell::Time(*time),
        };
        if down { SortKey::Down(std::cmp::Reverse(owned)) } else { SortKey::Up(owned) }
    }
}

/// All three kinds of conditions of a request.
struct Filter {
    own: Option<Expression>,
    children: Vec<Expression>,
}

impl Filter {
    fn parse<R: Record>(query: &Query) -> Result<Filter, Refusal> {
        let own = |path: &str| schema::comparable(R::MEMBERS, path);
        let child = |path: &str| schema::child(R::MEMBERS, path);
        let custom = |path: &str| schema::child(R::MEMBERS, &format!("customFields/{path}"));
        let read = |name: &str, known: &dyn Fn(&str) -> Option<Kind>| {
            query.get(name).map(|text| conditions::parse(text, known)).transpose()
        };
        let children = [read("childConditions", &child)?, read("customFieldConditions", &custom)?];
        Ok(Filter { own: read("conditions", &own)?, children: children.into_iter().flatten().collect() })
    }

    fn fits<R: Record>(&self, record: &R, view: View<'_>) -> bool {
        let own =
            self.own.as_ref().is_none_or(|own| own.fits(&|path: &str, kind| rows::cell(record, view, path, kind)));
        own && (self.children.is_empty() || self.children_fit(&rows::tree(record, view)))
    }

    /// A row fits when one element of the array it names does.
    fn children_fit(&self, row: &serde_json::Value) -> bool {
        self.children.iter().all(|expression| {
            let list =
                row.as_object().into_iter().flatten().filter_map(|(name, value)| Some((name, value.as_array()?)));
            let mut elements = list.flat_map(|(name, list)| list.iter().map(move |element| (name, element)));
            elements.any(|(name, element)| {
                expression.fits(&|path: &str, kind| match path.split_once('/') {
                    Some((first, rest)) if first == name => rows::cell_in(element, rest, kind),
                    Some(_) => Cell::Null,
                    None if name == "customFields" => rows::cell_in(element, path, kind),
                    None => Cell::Null,
                })
            })
        })
    }
}
