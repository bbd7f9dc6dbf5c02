//! A watched folder: which of its files are whole and new enough to be read.
//!
//! **Owns:** what is told from names, sizes and times alone.
//! **Does not own:** looking at the disk, reading, when to look. Whoever lists the folder gives
//! regular files only, no folders and no links. A file that was read stays where it is: it belongs
//! to the MSP. It is remembered by the hash of its bytes ([`hash`]), so that the same bytes under
//! another name, or after a restart, are not taken twice.

use hive_core::Timestamp;
use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// How long a file has to stay as it is before it is read. A copy over a slow share writes more
/// often than this.
pub const STILL_FOR: SignedDuration = SignedDuration::from_secs(2);

/// A file as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its name, without the folder.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// When it was last written, as the disk says.
    pub modified_at: Timestamp,
}

/// Whether a file of this name is a usage file at all. The rest of a folder is none of Hive's business.
pub fn is_usage_file(name: &str) -> bool {
    let suffix = name.rsplit_once('.').map_or("", |(_, suffix)| suffix);
    // Excel keeps `~$name.xlsx` beside a workbook that is open.
    !name.starts_with(['.', '~']) && ["csv", "xlsx"].iter().any(|known| suffix.eq_ignore_ascii_case(known))
}

/// The name by which the bytes of a file are remembered: SHA-256, hex.
pub fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is remembered of a folder between two looks. Begins with nothing: after a restart every file
/// is offered once more, and its hash tells that it is known.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    files: BTreeMap<String, Remembered>,
}

#[derive(Clone, Debug)]
struct Remembered {
    bytes: u64,
    modified_at: Timestamp,
    /// Since when it has looked like this.
    since: Timestamp,
    offered: bool,
}

impl Watch {
    /// The files of this look that can be read now, the oldest first: usage files that have had the
    /// same size and time in every look for [`STILL_FOR`], each offered once until it changes.
    pub fn look(&mut self, at: Timestamp, listing: &[Seen]) -> Vec<Seen> {
        self.files.retain(|name, _| listing.iter().any(|seen| seen.name == *name));
        let mut ready: Vec<Seen> = listing.iter().filter(|seen| self.is_ready(at, seen)).cloned().collect();
        ready.sort_by(|one, two| (one.modified_at, &one.name).cmp(&(two.modified_at, &two.name)));
        ready
    }

    /// A file that could not be read after all is offered again, once it has been still once more.
    pub fn again(&mut self, name: &str) {
        self.files.remove(name);
    }

    fn is_ready(&mut self, at: Timestamp, seen: &Seen) -> bool {
        // An empty file is one that is about to be written.
        if !is_usage_file(&seen.name) || seen.bytes == 0 {
            return false;
        }
        let Seen { name, bytes, modified_at } = seen;
        let new = Remembered { bytes: *bytes, modified_at: *modified_at, since: at, offered: false };
        let known = self.files.entry(name.clone()).or_insert_with(|| new.clone());
        // A clock that was set back proves nothing about how long the file has been still.
        if (known.bytes, known.modified_at) != (*bytes, *modified_at) || at < known.since {
            let offered = known.offered && (known.bytes, known.modified_at) == (*bytes, *modified_at);
            *known = Remembered { offered, ..new };
            return false;
        }
        let ready = !known.offered && at.duration_since(known.since) >= STILL_FOR;
        known.offered |= ready;
        ready
    }
}
