//! Folders that are watched for usage files, and the files that were seen in them.
//!
//! **Owns:** which folder belongs to which MSP, which contents were seen.
//! **Does not own:** reading a folder, what a profile says (the desk's JSON), whether folders are
//! allowed at all.

use crate::Store;
use crate::audit::Entry;
use crate::db::{Row, args};
use crate::error::{Result, StoreError, refused};
use crate::text::unseen;
use hive_core::{MspId, Timestamp};
use jiff::SignedDuration;

/// A look that found nothing new is noted at most this often.
const LOOK_NOTED_SECONDS: i64 = 60;

/// A folder that is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    pub id: i64,
    /// The source of what its files measure.
    pub source: String,
    pub path: String,
    /// How its files are read: JSON, the desk's own.
    pub profile: String,
    /// Whether each file holds everything the source measures.
    pub complete: bool,
    pub on: bool,
    /// What came of the last look.
    pub words: String,
    pub looked_at: Option<Timestamp>,
}

impl Folder {
    /// What a person sets, in words.
    fn set_words(&self) -> String {
        let Folder { id: _, source, path, profile, complete, on, words: _, looked_at: _ } = self;
        let complete = if *complete { ", complete" } else { "" };
        let off = if *on { "" } else { ", off" };
        format!("{path} source {source}{complete}{off} profile {profile}")
    }

    fn check(&self) -> Result<()> {
        for (what, text) in [("path", &self.path), ("source", &self.source)] {
            if text.trim().is_empty() {
                return Err(refused(format!("a watched folder needs a {what}")));
            }
            if let Some(why) = unseen(text) {
                return Err(refused(format!("the folder's {what} {why}; write it without")));
            }
        }
        Ok(())
    }
}

/// A file that was seen in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderFile {
    pub name: String,
    /// SHA-256 (hex) of its content.
    pub hash: String,
    pub at: Timestamp,
    /// What came of it.
    pub words: String,
    /// Whether it was imported.
    pub taken: bool,
}

fn folder(row: &mut Row<'_>) -> Result<Folder> {
    Ok(Folder {
        id: row.take()?,
        source: row.take()?,
        path: row.take()?,
        profile: row.take()?,
        complete: row.take()?,
        on: row.take()?,
        words: row.take()?,
        looked_at: row.maybe()?,
    })
}

fn no_folder(id: i64) -> StoreError {
    StoreError::NotFound(format!("there is no watched folder {id}"))
}

impl Store {
    /// Watches a folder: its number.
    #[expect(clippy::too_many_arguments, reason = "a folder's own settings, and who set them when")]
    pub async fn add_folder(
        &self,
        msp: MspId,
        source: &str,
        path: &str,
        profile: &str,
        complete: bool,
        who: &str,
        at: Timestamp,
    ) -> Result<i64> {
        let mut folder = Folder {
            id: 0,
            source: source.trim().to_owned(),
            path: path.trim().to_owned(),
            profile: profile.to_owned(),
            complete,
            on: true,
            words: String::new(),
            looked_at: None,
        };
        folder.check()?;
        let mut tx = self.db.write(msp).await?;
        folder.id = tx.next(msp, "folder", 1).await?;
        let after = folder.set_words();
        let Folder { id, source, path, profile, complete, on, words, looked_at } = &folder;
        let sql = "INSERT INTO folder (msp, id, source, path, profile, complete, active, words, looked_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        tx.run(sql, args![msp, *id, source, path, profile, *complete, *on, words, *looked_at]).await?;
        tx.note(msp, who, at, Entry::new("folder.add", id, None, Some(after))).await?;
        tx.commit().await?;
        Ok(*id)
    }

    /// The MSP's folders, by number.
    pub async fn folders(&self, msp: MspId) -> Result<Vec<Folder>> {
        let sql = "SELECT id, source, path, profile, complete, active, words, looked_at FROM folder
            WHERE msp = $1 ORDER BY id";
        self.db.read().await?.all(sql, args![msp], folder).await
    }

    /// Every MSP's folders: for the watch alone.
    pub async fn all_folders(&self) -> Result<Vec<(MspId, Folder)>> {
        let sql = "SELECT msp, id, source, path, profile, complete, active, words, looked_at FROM folder
            ORDER BY msp, id";
        self.db.read().await?.all(sql, args![], |row| Ok((row.take()?, folder(row)?))).await
    }

    /// Stores a folder as it is now. What a look found is no edit: only what a person sets goes into
    /// the audit log, and then files that were refused are tried again.
    pub async fn set_folder(&self, msp: MspId, now: &Folder, who: &str, at: Timestamp) -> Result<()> {
        now.check()?;
        let mut tx = self.db.write(msp).await?;
        let sql = "SELECT id, source, path, profile, complete, active, words, looked_at FROM folder
            WHERE msp = $1 AND id = $2";
        let before = tx.one(sql, args![msp, now.id], folder).await?.ok_or_else(|| no_folder(now.id))?;
        let Folder { id, source, path, profile, complete, on, words, looked_at } = now;
        let sql = "UPDATE folder SET source = $3, path = $4, profile = $5, complete = $6, active = $7, words = $8,
            looked_at = $9 WHERE msp = $1 AND id = $2";
        tx.run(sql, args![msp, *id, source, path, profile, *complete, *on, words, *looked_at]).await?;
        let (was, is) = (before.set_words(), now.set_words());
        if was != is {
            tx.note(msp, who, at, Entry::new("folder.set", id, Some(was), Some(is))).await?;
            let sql = "DELETE FROM folder_file WHERE msp = $1 AND folder = $2 AND taken = 0";
            tx.run(sql, args![msp, *id]).await?;
        }
        tx.commit().await
    }

    /// What a look at a folder found. Words that are the same as before are written only now and then,
    /// and then no page is told: a look every second must not wake every page.
    pub async fn note_look(&self, msp: MspId, id: i64, words: &str, at: Timestamp) -> Result<()> {
        let sql = "SELECT words, looked_at FROM folder WHERE msp = $1 AND id = $2";
        let read = |row: &mut Row<'_>| Ok((row.take::<String>()?, row.maybe::<Timestamp>()?));
        let found = self.db.read().await?.one(sql, args![msp, id], read).await?;
        let (before, looked_at) = found.ok_or_else(|| no_folder(id))?;
        let noted_until = looked_at.and_then(|at| at.checked_add(SignedDuration::from_secs(LOOK_NOTED_SECONDS)).ok());
        let same = before == words;
        if same && noted_until.is_some_and(|until| until > at) {
            return Ok(());
        }
        let mut tx = if same { self.db.write_any().await? } else { self.db.write(msp).await? };
        let sql = "UPDATE folder SET words = $3, looked_at = $4 WHERE msp = $1 AND id = $2";
        tx.run(sql, args![msp, id, words, at]).await?;
        tx.commit().await
    }

    /// Watches a folder no longer, and forgets its files.
    pub async fn remove_folder(&self, msp: MspId, id: i64, who: &str, at: Timestamp) -> Result<()> {
        let mut tx = self.db.write(msp).await?;
        tx.run("DELETE FROM folder_file WHERE msp = $1 AND folder = $2", args![msp, id]).await?;
        let sql = "DELETE FROM folder WHERE msp = $1 AND id = $2
            RETURNING id, source, path, profile, complete, active, words, looked_at";
        let before = tx.one(sql, args![msp, id], folder).await?.ok_or_else(|| no_folder(id))?;
        tx.note(msp, who, at, Entry::new("folder.remove", id, Some(before.set_words()), None)).await?;
        tx.commit().await
    }

    /// The files last seen in a folder, the newest first.
    pub async fn folder_files(&self, msp: MspId, folder: i64, limit: i64) -> Result<Vec<FolderFile>> {
        let sql = "SELECT name, hash, at, words, taken FROM folder_file WHERE msp = $1 AND folder = $2
            ORDER BY at DESC, name, hash LIMIT $3";
        let read = |row: &mut Row<'_>| {
            Ok(FolderFile {
                name: row.take()?,
                hash: row.take()?,
                at: row.take()?,
                words: row.take()?,
                taken: row.take()?,
            })
        };
        self.db.read().await?.all(sql, args![msp, folder, limit], read).await
    }

    /// What came of a file. The same content under the same name takes the newer words.
    pub async fn note_file(&self, msp: MspId, folder: i64, file: &FolderFile) -> Result<()> {
        let mut tx = self.db.write(msp).await?;
        let sql = "SELECT id FROM folder WHERE msp = $1 AND id = $2";
        let found: Option<i64> = tx.one(sql, args![msp, folder], |row| row.take()).await?;
        found.ok_or_else(|| no_folder(folder))?;
        let FolderFile { name, hash, at, words, taken } = file;
        let sql = "INSERT INTO folder_file (msp, folder, hash, name, at, words, taken)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (msp, folder, hash, name) DO UPDATE SET at = excluded.at, words = excluded.words,
            taken = excluded.taken";
        tx.run(sql, args![msp, folder, hash, name, *at, words, *taken]).await?;
        tx.commit().await
    }

    /// Whether a file with this content was seen in the folder, under whatever name.
    pub async fn knows_file(&self, msp: MspId, folder: i64, hash: &str) -> Result<bool> {
        let sql = "SELECT folder FROM folder_file WHERE msp = $1 AND folder = $2 AND hash = $3 LIMIT 1";
        let found: Option<i64> = self.db.read().await?.one(sql, args![msp, folder, hash], |row| row.take()).await?;
        Ok(found.is_some())
    }
}
