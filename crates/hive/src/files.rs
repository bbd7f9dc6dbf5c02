//! Files that people bring: read, bounded. What they say is the desk's to judge.

use crate::failure::Failure;
use std::io::Read as _;
use std::path::Path;

pub(crate) use hive_desk::files::{read_links, read_usage};

/// The text of a file, or why it cannot be read: size, encoding, no file.
pub(crate) fn text_of(path: &Path, bytes_max: u64) -> Result<String, Failure> {
    let name = path.display();
    let unreadable = |error: std::io::Error| Failure::stopped(format!("{name} cannot be read: {error}"));
    let mut bytes = Vec::new();
    // One byte more than allowed tells that there is more, whatever the file says of its size.
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > bytes_max {
        return Err(Failure::stopped(format!(
            "{name} is too large: a file may have at most {bytes_max} bytes (HIVE_UPLOAD_BYTES_MAX). Split it. Nothing was imported.",
        )));
    }
    hive_desk::files::decode(&bytes).map_err(|why| Failure::stopped(format!("{name}: {why}. Nothing was imported.")))
}
