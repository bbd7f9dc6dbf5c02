//! Many things at once: tabs, tables, pages of rows, filters, search.

#![expect(clippy::needless_pass_by_value, reason = "markup is handed over as html! makes it")]

use super::here::Here;
use super::icon::Icon;
use super::words::{count, plural};
use maud::{Markup, html};

/// Rows on one page of the console (design section 10): more make a page slow to read and to send.
pub const ROWS_A_PAGE: usize = 100;

/// Tabs: links, of which the one that is open is marked.
pub fn tabs(label: &str, links: &[(&str, String, bool)]) -> Markup {
    html! {
        nav.tabs aria-label=(label) {
            @for (words, href, open) in links { a href=(href) aria-current=[open.then_some("page")] { (words) } }
        }
    }
}

/// How a table is sorted: `name`, or `-name` for downwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    /// The column's key.
    pub by: String,
    /// Largest first.
    pub down: bool,
}

impl Sort {
    /// The sort that `?sort=` asks for, if it is one of the table's; else `usual`.
    pub fn of(here: &Here, keys: &[&str], usual: &str) -> Sort {
        let asked = here.get("sort").filter(|asked| keys.contains(&asked.trim_start_matches('-'))).unwrap_or(usual);
        Sort { by: asked.trim_start_matches('-').to_owned(), down: asked.starts_with('-') }
    }

    /// Turns an upward order round where downward was asked.
    pub fn order(&self, up: std::cmp::Ordering) -> std::cmp::Ordering {
        if self.down { up.reverse() } else { up }
    }
}

/// A table's column.
#[derive(Clone, Debug, Default)]
pub struct Column<'a> {
    title: &'a str,
    key: Option<&'a str>,
    figure: bool,
    unseen: bool,
}

impl<'a> Column<'a> {
    /// Words, left-aligned, not sortable.
    pub fn new(title: &'a str) -> Column<'a> {
        Column { title, ..Column::default() }
    }

    /// Figures: right-aligned. Give their cells the class `figure` too.
    #[must_use]
    pub fn figure(mut self) -> Column<'a> {
        self.figure = true;
        self
    }

    /// Sortable, under this key.
    #[must_use]
    pub fn sort(mut self, key: &'a str) -> Column<'a> {
        self.key = Some(key);
        self
    }

    /// The heading is for screen readers alone (marks, buttons).
    #[must_use]
    pub fn unseen(mut self) -> Column<'a> {
        self.unseen = true;
        self
    }
}

/// A data table. `rows` are `tr`s with one `td` (or `th scope="row"`) a column.
#[derive(Debug)]
pub struct Table<'a> {
    /// What the table is; read out, not shown.
    pub caption: &'a str,
    /// Its columns.
    pub columns: &'a [Column<'a>],
    /// Its order, and where its headers' links lead; `None`: not sortable.
    pub sort: Option<(&'a Sort, &'a Here)>,
}

impl Table<'_> {
    /// The table around its rows, in a region that scrolls sideways where the screen is too narrow.
    pub fn rows(&self, rows: Markup) -> Markup {
        html! {
            div.scroll role="region" aria-label=(self.caption) tabindex="0" {
                table.data {
                    caption.unseen { (self.caption) }
                    thead { tr { @for column in self.columns { (self.head(column)) } } }
                    tbody { (rows) }
                }
            }
        }
    }

    fn head(&self, column: &Column<'_>) -> Markup {
        let sorted = self.sort.zip(column.key).map(|((sort, here), key)| {
            let open = sort.by == key;
            let next = if open && !sort.down { format!("-{key}") } else { key.to_owned() };
            (open.then_some(sort.down), here.with("sort", &next).without("page"))
        });
        let order =
            sorted.as_ref().and_then(|(down, _)| *down).map(|down| if down { "descending" } else { "ascending" });
        html! {
            th scope="col" .figure[column.figure] aria-sort=[order] {
                @match (sorted, column.unseen) {
                    (_, true) => span.unseen { (column.title) },
                    (Some((_, href)), false) => a href=(href) { (column.title) },
                    (None, false) => (column.title),
                }
            }
        }
    }
}

/// Which rows of how many a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paged {
    page: usize,
    total: usize,
}

impl Paged {
    /// The page that `?page=` asks for; the last one where it asks for more.
    pub fn of(here: &Here, total: usize) -> Paged {
        let last = total.div_ceil(ROWS_A_PAGE).max(1);
        let page = here.get("page").and_then(|page| page.parse::<usize>().ok()).unwrap_or(1).clamp(1, last);
        Paged { page, total }
    }

    /// Its rows.
    pub fn slice<'a, T>(&self, rows: &'a [T]) -> &'a [T] {
        let from = self.offset().min(rows.len());
        &rows[from..rows.len().min(from + ROWS_A_PAGE)]
    }

    /// Rows before its first.
    pub fn offset(&self) -> usize {
        (self.page - 1) * ROWS_A_PAGE
    }

    /// Whether there is more than this page.
    pub fn is_many(&self) -> bool {
        self.last() > 1
    }

    fn last(&self) -> usize {
        self.total.div_ceil(ROWS_A_PAGE).max(1)
    }
}

/// Earlier and later pages, and which rows these are. `one`/`many`: "account", "accounts".
pub fn pager(here: &Here, paged: Paged, one: &str, many: &str) -> Markup {
    let link = |page: usize| if page == 1 { here.without("page") } else { here.with("page", &page.to_string()) };
    let end = paged.total.min(paged.offset() + ROWS_A_PAGE);
    html! {
        nav.pager aria-label="Pages" {
            @if paged.last() == 1 {
                span { (plural(paged.total, one, many)) }
            } @else {
                span { (count(paged.offset() + 1)) "–" (count(end)) " of " (plural(paged.total, one, many)) }
                @if paged.page > 1 { a.button rel="prev" href=(link(paged.page - 1)) { "Earlier" } }
                @if paged.page < paged.last() { a.button rel="next" href=(link(paged.page + 1)) { "Later" } }
            }
        }
    }
}

/// One filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chip<'a> {
    /// The parameter's value; "" is everything.
    pub value: &'a str,
    /// Its words.
    pub words: &'a str,
    /// How many it shows.
    pub count: Option<usize>,
}

/// Filters of which one holds, as links with counts, under one parameter.
pub fn chips(here: &Here, label: &str, parameter: &str, chips: &[Chip<'_>]) -> Markup {
    let open = here.get(parameter).unwrap_or_default();
    html! {
        nav.chips aria-label=(label) {
            @for chip in chips {
                a.chip href=(here.with(parameter, chip.value).without("page")) aria-current=[(chip.value == open).then_some("true")] {
                    (chip.words) @if let Some(many) = chip.count { " " span.tally { (count(many)) } }
                }
            }
        }
    }
}

/// A search box that keeps the page's other parameters. It searches while the reader types, `/` leads to it.
pub fn search(here: &Here, parameter: &str, label: &str) -> Markup {
    html! {
        form.search method="get" action=(here.path()) role="search" data-auto {
            @for (name, value) in here.parameters() {
                @if name != parameter && name != "page" { input type="hidden" name=(name) value=(value); }
            }
            label { span.unseen { (label) } (Icon::Search)
                input type="search" name=(parameter) value=[here.get(parameter)] placeholder=(label) autocomplete="off" data-search; }
            button.unseen type="submit" { "Search" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_turns_the_order_and_begins_at_the_first_page() {
        let here = Here::new("/m/1/accounts", "q=a&sort=name&page=2");
        let sort = Sort::of(&here, &["name"], "name");
        let columns = [Column::new("Account").sort("name"), Column::new("Now").figure()];
        let table = Table { caption: "Accounts", columns: &columns, sort: Some((&sort, &here)) }.rows(html! {}).0;
        assert!(table.contains(r#"aria-sort="ascending"><a href="/m/1/accounts?q=a&amp;sort=-name">"#), "{table}");
        assert!(table.contains(r#"<th class="figure" scope="col">Now"#), "{table}");
    }

    #[test]
    fn only_known_keys_sort() {
        assert_eq!(Sort::of(&Here::new("/", "sort=-evil"), &["name"], "-name"), Sort { by: "name".into(), down: true });
    }

    #[test]
    fn pages_hold_a_hundred_rows_and_end() {
        let rows: Vec<usize> = (0..250).collect();
        let here = Here::new("/x", "page=99&mark=held");
        let paged = Paged::of(&here, rows.len());
        assert_eq!((paged.slice(&rows).len(), paged.slice(&rows)[0]), (50, 200));
        let shown = pager(&here, paged, "line", "lines").0;
        assert!(shown.contains("201–250 of 250 lines") && shown.contains("mark=held&amp;page=2"), "{shown}");
        assert!(!shown.contains("Later"));
        assert_eq!(Paged::of(&here, 0).slice(&rows[..0]).len(), 0);
    }
}
