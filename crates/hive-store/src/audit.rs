//! Who, when, what, before, after: append only, each row sealed onto the one before.
//!
//! **Limits on purpose:** a cut of the newest rows is found against the sequence's counter; whoever
//! can edit that too is found only against an exported head ([`crate::Store::verify_audit`] gives it).

use crate::Store;
use crate::db::{Row, Tx, args};
use crate::error::Result;
use hive_core::{MspId, Timestamp};
use sha2::{Digest, Sha256};

/// One row of an MSP's audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    pub seq: i64,
    pub at: Timestamp,
    pub who: String,
    /// What was done: `account.link`, `quantity.write` …
    pub what: String,
    /// To which record.
    pub subject: String,
    pub before: Option<String>,
    pub after: Option<String>,
    /// sha256 of the previous row's hash and this row, in hex.
    pub hash: String,
}

/// Whether the log is what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditCheck {
    /// Every row stands; `head` is the newest row's hash.
    Whole { rows: i64, head: String },
    /// The first row that was changed, taken out or put in.
    Broken { at: i64 },
}

/// One thing to write down.
pub(crate) struct Entry {
    pub(crate) what: &'static str,
    pub(crate) subject: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

impl Entry {
    pub(crate) fn new(
        what: &'static str,
        subject: impl std::fmt::Display,
        before: Option<String>,
        after: Option<String>,
    ) -> Entry {
        Entry { what, subject: subject.to_string(), before, after }
    }
}

impl Tx {
    /// Appends one row.
    pub(crate) async fn note(&mut self, msp: MspId, who: &str, at: Timestamp, entry: Entry) -> Result<()> {
        self.note_all(msp, who, at, vec![entry]).await
    }

    /// Appends rows in their order.
    pub(crate) async fn note_all(&mut self, msp: MspId, who: &str, at: Timestamp, entries: Vec<Entry>) -> Result<()> {
        let Ok(count @ 1..) = i64::try_from(entries.len()) else { return Ok(()) };
        let first = self.next(msp, "audit", count).await?;
        let before = "SELECT hash FROM audit WHERE msp = $1 AND seq = $2";
        let mut hash: String = self.one(before, args![msp, first - 1], |row| row.take()).await?.unwrap_or_default();
        let rows = entries.into_iter().zip(first..).map(|(entry, seq)| {
            // As it will be read back: neither engine keeps a NUL.
            let kept = |text: String| text.replace('\0', "\u{fffd}");
            let mut row = AuditRow {
                seq,
                at,
                who: kept(who.to_owned()),
                what: entry.what.to_owned(),
                subject: kept(entry.subject),
                before: entry.before.map(kept),
                after: entry.after.map(kept),
                hash: String::new(),
            };
            hash = row.seal(msp, &hash);
            row.hash.clone_from(&hash);
            let AuditRow { seq, at, who, what, subject, before, after, hash } = row;
            args![msp, seq, at, who, what, subject, before, after, hash]
        });
        let rows: Vec<_> = rows.collect();
        let insert = "INSERT INTO audit (msp, seq, at, who, what, subject, before, after, hash)";
        self.put_many(insert, "", rows.into_iter()).await
    }
}

impl AuditRow {
    pub(crate) fn from_row(row: &mut Row<'_>) -> Result<AuditRow> {
        Ok(AuditRow {
            seq: row.take()?,
            at: row.take()?,
            who: row.take()?,
            what: row.take()?,
            subject: row.take()?,
            before: row.maybe()?,
            after: row.maybe()?,
            hash: row.take()?,
        })
    }

    /// Whether any of its texts holds this one, which is in lower case.
    pub(crate) fn holds(&self, lower: &str) -> bool {
        let AuditRow { seq: _, at: _, who, what, subject, before, after, hash: _ } = self;
        let texts = [Some(who), Some(what), Some(subject), before.as_ref(), after.as_ref()];
        texts.into_iter().flatten().any(|text| text.to_lowercase().contains(lower))
    }

    /// The hash over the previous one and every field of this row, each with its length before it.
    fn seal(&self, msp: MspId, previous: &str) -> String {
        let AuditRow { seq, at, who, what, subject, before, after, hash: _ } = self;
        let mut sha = Sha256::new();
        let mut field = |text: Option<&str>| {
            let length = text.map_or("-".to_owned(), |text| text.len().to_string());
            sha.update(length.as_bytes());
            sha.update(b":");
            sha.update(text.unwrap_or_default().as_bytes());
        };
        field(Some(previous));
        for number in [msp.0, *seq, at.as_microsecond()] {
            field(Some(&number.to_string()));
        }
        for text in [Some(who), Some(what), Some(subject), before.as_ref(), after.as_ref()] {
            field(text.map(String::as_str));
        }
        sha.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

const ROWS: &str = "SELECT seq, at, who, what, subject, before, after, hash FROM audit WHERE msp = $1 ORDER BY seq";

impl Store {
    /// The whole log of an MSP, oldest first.
    pub async fn audit(&self, msp: MspId) -> Result<Vec<AuditRow>> {
        self.db.read().await?.all(ROWS, args![msp], AuditRow::from_row).await
    }

    /// Holds every row against the one before it and against the sequence.
    pub async fn verify_audit(&self, msp: MspId) -> Result<AuditCheck> {
        let mut tx = self.db.read().await?;
        let sql = "SELECT value FROM counter WHERE msp = $1 AND name = 'audit'";
        let last: i64 = tx.one(sql, args![msp], |row| row.take()).await?.unwrap_or(0);
        let (mut hash, mut rows, mut broken) = (String::new(), 0, None);
        tx.all(ROWS, args![msp], |row| {
            let row = AuditRow::from_row(row)?;
            rows += 1;
            if broken.is_none() && (row.seq != rows || row.seal(msp, &hash) != row.hash) {
                broken = Some(rows);
            }
            hash = row.hash;
            Ok(())
        })
        .await?;
        if broken.is_none() && rows != last {
            broken = Some(rows.min(last) + 1);
        }
        Ok(broken.map_or(AuditCheck::Whole { rows, head: hash }, |at| AuditCheck::Broken { at }))
    }
}
