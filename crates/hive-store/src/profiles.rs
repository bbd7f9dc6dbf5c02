//! How each source's files are read: remembered from the last time that a person said so.
//!
//! **Owns:** one profile a source, and that the folders of the source follow it.
//! **Does not own:** what a profile says (the desk's JSON).

use crate::Store;
use crate::audit::Entry;
use crate::db::{Row, args};
use crate::error::{Result, refused};
use crate::text::unseen;
use hive_core::{MspId, Timestamp};

/// How a source's files are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceProfile {
    pub source: String,
    /// JSON, the desk's own.
    pub profile: String,
    pub who: String,
    pub at: Timestamp,
}

impl Store {
    /// The profiles that are remembered, by source.
    pub async fn source_profiles(&self, msp: MspId) -> Result<Vec<SourceProfile>> {
        let sql = "SELECT source, profile, who, at FROM source_profile WHERE msp = $1 ORDER BY source";
        let read = |row: &mut Row<'_>| {
            Ok(SourceProfile { source: row.take()?, profile: row.take()?, who: row.take()?, at: row.take()? })
        };
        self.db.read().await?.all(sql, args![msp], read).await
    }

    /// The profile of a source.
    pub async fn source_profile(&self, msp: MspId, source: &str) -> Result<Option<String>> {
        let sql = "SELECT profile FROM source_profile WHERE msp = $1 AND source = $2";
        self.db.read().await?.one(sql, args![msp, source], |row| row.take()).await
    }

    /// Remembers how a source's files are read. Folders of that source are read so from now on, and what
    /// was refused in them is tried again. The same profile again changes nothing.
    pub async fn set_source_profile(
        &self,
        msp: MspId,
        source: &str,
        profile: &str,
        who: &str,
        at: Timestamp,
    ) -> Result<()> {
        if source.trim().is_empty() {
            return Err(refused("a profile is remembered for a source; name the source"));
        }
        if let Some(why) = unseen(source) {
            return Err(refused(format!("the source's name {why}; write it without")));
        }
        let mut tx = self.db.write(msp).await?;
        let sql = "SELECT profile FROM source_profile WHERE msp = $1 AND source = $2";
        let before: Option<String> = tx.one(sql, args![msp, source], |row| row.take()).await?;
        if before.as_deref() == Some(profile) {
            return Ok(());
        }
        let sql = "INSERT INTO source_profile (msp, source, profile, who, at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (msp, source) DO UPDATE SET profile = excluded.profile, who = excluded.who, at = excluded.at";
        tx.run(sql, args![msp, source, profile, who, at]).await?;
        let sql = "UPDATE folder SET profile = $3 WHERE msp = $1 AND source = $2";
        tx.run(sql, args![msp, source, profile]).await?;
        let sql = "DELETE FROM folder_file WHERE msp = $1 AND taken = 0
            AND folder IN (SELECT id FROM folder WHERE msp = $1 AND source = $2)";
        tx.run(sql, args![msp, source]).await?;
        tx.note(msp, who, at, Entry::new("profile.set", source, before, Some(profile.to_owned()))).await?;
        tx.commit().await
    }
}
