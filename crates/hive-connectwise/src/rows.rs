//! A page's rows, straight from its bytes and one at a time.
//!
//! A row is turned into what we mean before the next one is looked at: a body of 64 MiB can hold
//! twenty million empty objects, and must not cost gigabytes before it is refused.

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// Records asked for per page; the most that ConnectWise gives.
pub(crate) const PAGE_RECORDS: usize = 1_000;
/// Records taken from one page: some servers round what they are asked for, none doubles it.
const PAGE_RECORDS_MAX: usize = 2 * PAGE_RECORDS;
/// Records of one collection.
pub(crate) const RECORDS_MAX: usize = 2_000_000;
/// Bytes of one collection, all pages together.
const BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// Whether a collection is still of a size that is taken; says what it is too large in.
pub(crate) fn within_limits(records: usize, bytes: u64) -> Result<(), String> {
    if RECORDS_MAX < records {
        return Err(format!("a collection of more than {RECORDS_MAX} records"));
    }
    if BYTES_MAX < bytes {
        return Err(format!("a collection of more than {} MiB", BYTES_MAX / (1024 * 1024)));
    }
    Ok(())
}

/// The rows of a page; each is either read or fails the page by name.
pub(crate) fn rows<'a, W, T>(body: &'a [u8], read: impl Fn(&W) -> Result<T, String>) -> Result<Vec<T>, String>
where
    W: Deserialize<'a>,
{
    let mut refused = None;
    let page = Page { read, refused: &mut refused, row: PhantomData::<fn() -> W> };
    let mut json = serde_json::Deserializer::from_slice(body);
    let rows = page.deserialize(&mut json).and_then(|rows| json.end().map(|()| rows));
    rows.map_err(|error| refused.unwrap_or_else(|| format!("no list that can be read: {error}")))
}

struct Page<'p, W, F> {
    read: F,
    /// Why a row was not taken, in our own words.
    refused: &'p mut Option<String>,
    row: PhantomData<fn() -> W>,
}

impl<'a, W, T, F> DeserializeSeed<'a> for Page<'_, W, F>
where
    W: Deserialize<'a>,
    F: Fn(&W) -> Result<T, String>,
{
    type Value = Vec<T>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'a, W, T, F> Visitor<'a> for Page<'_, W, F>
where
    W: Deserialize<'a>,
    F: Fn(&W) -> Result<T, String>,
{
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut rows = Vec::new();
        while let Some(row) = list.next_element::<W>()? {
            let row = if rows.len() < PAGE_RECORDS_MAX {
                (self.read)(&row)
            } else {
                Err(format!("more rows than were asked for ({PAGE_RECORDS})"))
            };
            match row {
                Ok(row) => rows.push(row),
                Err(why) => {
                    *self.refused = Some(why);
                    return Err(A::Error::custom("a row that is not taken"));
                }
            }
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(body: &str) -> Result<Vec<u32>, String> {
        rows(body.as_bytes(), |row: &u32| if *row == 13 { Err("row 13 is bad".to_owned()) } else { Ok(*row) })
    }

    #[test]
    fn a_page_is_read_whole_or_not_at_all() {
        assert_eq!(numbers("[]"), Ok(vec![]));
        assert_eq!(numbers(" [1, 2] "), Ok(vec![1, 2]));
        assert_eq!(numbers("[1,13,x"), Err("row 13 is bad".to_owned()));
        for body in ["", "null", "{}", "[1,2", "[1,]", "[1]]", "[1] 2", "[\"x\"]"] {
            assert!(numbers(body).unwrap_err().starts_with("no list that can be read"), "{body}");
        }
    }

    #[test]
    fn more_rows_than_were_asked_for_are_not_taken() {
        let page = |rows: usize| format!("[{}]", vec!["1"; rows].join(","));
        assert_eq!(numbers(&page(2_000)).map(|rows| rows.len()), Ok(2_000));
        assert_eq!(numbers(&page(2_001)), Err("more rows than were asked for (1000)".to_owned()));
    }

    #[test]
    fn a_collection_has_limits() {
        assert_eq!(within_limits(2_000_000, 1 << 30), Ok(()));
        assert!(within_limits(2_000_001, 0).unwrap_err().contains("2000000 records"));
        assert!(within_limits(0, (1 << 30) + 1).unwrap_err().contains("1024 MiB"));
    }
}
