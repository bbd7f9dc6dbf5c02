//! Files that were uploaded and wait for a person's word.
//!
//! **Owns:** how many, how large and how long. They are in this process's memory alone: nothing of a file
//! is kept that nobody confirmed, and a restart forgets it.
//! **Limits on purpose:** where several servers share one database, the confirmation must reach the one
//! that has the file; another one asks for the file again.

use hive_core::{MspId, Timestamp};
use hive_desk::profile::Profile;
use hive_store::UserId;
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A person looks at the columns, asks somebody, comes back from lunch.
const KEPT_FOR: SignedDuration = SignedDuration::from_mins(60);
/// Bytes of all files together: several people with large files at once.
const BYTES_MAX: usize = 96 << 20;

/// A file that waits.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) msp: MspId,
    pub(crate) user: UserId,
    pub(crate) name: String,
    pub(crate) bytes: Arc<Vec<u8>>,
    pub(crate) source: String,
    pub(crate) complete: bool,
    /// How it is read where it is not Hive's own, and why it was proposed so.
    pub(crate) profile: Option<(Profile, Vec<String>)>,
    /// When it was measured, as the person says, where the file does not say it.
    pub(crate) measured_at: Option<Timestamp>,
    pub(crate) at: Timestamp,
}

/// The files that wait. One person has one at a time at an MSP: a new one takes the old one's place.
#[derive(Debug, Default)]
pub(crate) struct Uploads(Mutex<BTreeMap<(MspId, UserId), Upload>>);

impl Uploads {
    /// Keeps a file; words where there is no room.
    pub(crate) fn keep(&self, upload: Upload) -> Result<(), String> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, old| upload.at.duration_since(old.at) < KEPT_FOR);
        kept.remove(&(upload.msp, upload.user));
        let bytes: usize = kept.values().map(|upload| upload.bytes.len()).sum();
        if bytes.saturating_add(upload.bytes.len()) > BYTES_MAX {
            return Err("Too many files wait for a confirmation just now. Try again in a few minutes.".to_owned());
        }
        kept.insert((upload.msp, upload.user), upload);
        Ok(())
    }

    /// The file that waits for this person.
    pub(crate) fn get(&self, msp: MspId, user: UserId, at: Timestamp) -> Option<Upload> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&(msp, user)).filter(|upload| at.duration_since(upload.at) < KEPT_FOR).cloned()
    }

    /// Forgets it.
    pub(crate) fn forget(&self, msp: MspId, user: UserId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&(msp, user));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(user: i64, bytes: usize, minutes: i64) -> Upload {
        Upload {
            msp: MspId(1),
            user: UserId(user),
            name: "usage.csv".to_owned(),
            bytes: Arc::new(vec![0; bytes]),
            source: "import".to_owned(),
            complete: false,
            profile: None,
            measured_at: None,
            at: Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes),
        }
    }

    #[test]
    fn a_file_waits_for_its_person_a_while_and_all_have_a_limit() {
        let (uploads, now) = (Uploads::default(), Timestamp::UNIX_EPOCH);
        uploads.keep(upload(1, BYTES_MAX - 1, 0)).unwrap();
        assert!(uploads.keep(upload(2, 2, 0)).is_err(), "no room");
        uploads.keep(upload(1, 2, 0)).unwrap();
        uploads.keep(upload(2, 2, 0)).unwrap();
        assert_eq!(uploads.get(MspId(1), UserId(1), now).unwrap().bytes.len(), 2, "the newer one");
        assert!(uploads.get(MspId(2), UserId(1), now).is_none(), "another MSP's person");
        assert!(uploads.get(MspId(1), UserId(1), now + KEPT_FOR).is_none(), "too late");
        uploads.forget(MspId(1), UserId(2));
        assert!(uploads.get(MspId(1), UserId(2), now).is_none());
    }
}
