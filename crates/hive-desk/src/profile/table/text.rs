//! A text file (CSV) as rows: its encoding, what separates its columns, its lines as an editor counts them.

use super::{Collected, Delimiter, Table};

/// Records that are looked at to find what separates the columns.
const RECORDS_LOOKED_AT: usize = 100;
/// Stands alone behind the last line, and is swallowed where a quotation mark is never closed.
const END: &str = "\u{1}end";

pub(super) fn read(bytes: &[u8], delimiter: Option<Delimiter>) -> Result<Table, String> {
    let mut text = decode(bytes)?;
    // `sep=;` in the first line is for Excel, and true.
    let first = text.lines().next().unwrap_or_default().trim_end().to_lowercase();
    let said = Delimiter::ALL.into_iter().find(|one| first == format!("sep={}", char::from(one.byte())));
    let begins = if said.is_some() { text.find('\n').map_or(text.len(), |end| end + 1) } else { 0 };
    let delimiter = delimiter.or(said).unwrap_or_else(|| found(&text[begins..]));
    text.push('\n');
    text.push_str(END);
    let mut collected = Collected::default();
    let mut lines = Lines { text: &text, at: 0, line: 1 };
    let mut closed = false;
    for record in reader(&text[begins..], delimiter).into_records() {
        let record = record.map_err(|error| error.to_string())?;
        let line = lines.of(record.position().map(|position| begins + usize::try_from(position.byte()).unwrap_or(0)));
        closed = record.len() == 1 && &record[0] == END;
        if !closed {
            collected.push(line, record, Vec::new())?;
        }
    }
    if !closed {
        let line = collected.rows.last().map_or(1, |row| row.line);
        return Err(format!("a quotation mark is opened in line {line} and never closed"));
    }
    Ok(Table { sheets: Vec::new(), sheet: None, delimiter: Some(delimiter), rows: collected.rows })
}

fn reader(text: &str, delimiter: Delimiter) -> csv::Reader<&[u8]> {
    let mut builder = csv::ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(delimiter.byte());
    builder.from_reader(text.as_bytes())
}

/// What cuts the longest run of lines into the same number of columns. Titles above a header have
/// one, whatever separates; a decimal comma cuts the numbers, but not the header.
fn found(text: &str) -> Delimiter {
    let weight = |delimiter: &Delimiter| {
        let records = reader(text, *delimiter).into_records().take(RECORDS_LOOKED_AT).filter_map(Result::ok);
        let widths: Vec<usize> = records.map(|record| record.len()).collect();
        let runs = widths.chunk_by(|one, next| one == next).filter(|run| run[0] > 1);
        runs.map(|run| (run.len(), run[0])).max().unwrap_or_default()
    };
    // The last of equals wins in `max_by_key`; a comma shall, where nothing separates anything.
    Delimiter::ALL.into_iter().rev().max_by_key(weight).unwrap_or(Delimiter::Comma)
}

fn decode(bytes: &[u8]) -> Result<String, String> {
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => utf_16(rest, u16::from_le_bytes)?,
        [0xFE, 0xFF, rest @ ..] => utf_16(rest, u16::from_be_bytes)?,
        _ => utf_8(bytes)?,
    };
    if let Some(at) = text.find('\0') {
        return Err(format!("line {} holds a NUL character; it is not a text file", line_at(&text.as_bytes()[..at])));
    }
    Ok(text)
}

fn utf_8(bytes: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = line_at(&bytes[..error.valid_up_to()]);
        format!("line {line} is not UTF-8 (perhaps Latin-1 or Windows-1252); save the file as CSV UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned())
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect::<Result<String, _>>();
    let text = text.ok().filter(|_| rest.is_empty());
    text.ok_or_else(|| "the file says that it is UTF-16 and is cut off or damaged; save it as CSV UTF-8".to_owned())
}

fn line_at(before: &[u8]) -> usize {
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Counts lines as an editor does. The reader's own count stands at the line break before a record
/// where that is CRLF or follows an empty line.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

impl Lines<'_> {
    fn of(&mut self, begins: Option<usize>) -> u64 {
        let begins = begins.unwrap_or(self.at);
        let bytes = self.text.as_bytes();
        while self.at < bytes.len() && (self.at < begins || matches!(bytes[self.at], b'\r' | b'\n')) {
            let crlf = bytes[self.at] == b'\r' && bytes.get(self.at + 1) == Some(&b'\n');
            self.line += u64::from(matches!(bytes[self.at], b'\r' | b'\n') && !crlf);
            self.at += 1;
        }
        self.line
    }
}
