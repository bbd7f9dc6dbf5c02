//! Watched folders: which are watched, and what becomes of a file in one.
//!
//! **Owns:** the verbs, and the words that stand beside a file that was taken or refused.
//! **Does not own:** the disk and which of its places are allowed (the binary), when a file is ready
//! ([`crate::profile::folder`]).

use crate::arrive::FOLDER;
use crate::import::sha256;
use crate::plan::apart;
use crate::profile::Profile;
use crate::{ArrivedFile, ArrivedView, By, Desk, Refused, Said};
use hive_core::Timestamp;
use hive_core::usage::SOURCE_DEFAULT;
use hive_store::{Folder, FolderFile, Msp};
use std::path::Path;

/// Bad rows that are named beside a refused file; whoever mends the file sees the others then.
const BAD_ROWS_SHOWN: usize = 10;
/// Characters of the words beside a file.
const WORDS_MAX: usize = 2_000;

impl Desk {
    /// Watches a folder, given as the binary allows it. Its files are read as the source's last upload was.
    pub async fn watch_folder(&self, by: &By, source: &str, path: &str, complete: bool) -> Result<Said, Refused> {
        let source = source_of(source);
        let (path_asked, near) =
            (Path::new(path), |other: &Path| Path::new(path).starts_with(other) || other.starts_with(Path::new(path)));
        for (msp, known) in self.store.all_folders().await? {
            let other = Path::new(&known.path);
            if msp == by.msp.id && other == path_asked {
                let words = format!("{path} is watched already, for the source {}", known.source);
                return Err(Refused::Stopped(words));
            }
            if msp != by.msp.id && near(other) {
                let words =
                    format!("{path}, or a folder around or inside it, is watched for another MSP; take another one");
                return Err(Refused::Stopped(words));
            }
        }
        let profile = self.store.source_profile(by.msp.id, source).await?.unwrap_or_default();
        self.store.add_folder(by.msp.id, source, path, &profile, complete, &by.who, by.at).await?;
        Ok(Said(format!("{path} is watched: what is put there comes in by itself, from the source {source}.")))
    }

    /// Turns a folder on or off. On again, files that were refused are tried again.
    pub async fn turn_folder(&self, by: &By, id: i64, on: bool) -> Result<Said, Refused> {
        let folder = self.folder(by, id).await?;
        let said = if on { "is watched again" } else { "is not looked at any more; what came from it stays" };
        let said = Said(format!("{} {said}.", folder.path));
        self.store.set_folder(by.msp.id, &Folder { on, ..folder }, &by.who, by.at).await?;
        Ok(said)
    }

    /// Watches a folder no longer, and forgets which files it saw. What came from it stays.
    pub async fn unwatch_folder(&self, by: &By, id: i64) -> Result<Said, Refused> {
        let folder = self.folder(by, id).await?;
        self.store.remove_folder(by.msp.id, id, &by.who, by.at).await?;
        Ok(Said(format!("{} is no longer watched. What came from it stays.", folder.path)))
    }

    async fn folder(&self, by: &By, id: i64) -> Result<Folder, Refused> {
        let found = self.store.folders(by.msp.id).await?.into_iter().find(|folder| folder.id == id);
        found.ok_or_else(|| Refused::NotFound(format!("there is no watched folder {id}")))
    }

    /// Remembers how a source's files are read, as a person just confirmed it.
    pub async fn remember_profile(&self, by: &By, source: &str, profile: &Profile) -> Result<(), Refused> {
        let json = profile.to_json().map_err(Refused::WrongUsage)?;
        Ok(self.store.set_source_profile(by.msp.id, source_of(source), &json, &by.who, by.at).await?)
    }

    /// The profile that is remembered for a source.
    pub async fn remembered_profile(&self, msp: &Msp, source: &str) -> Result<Option<Profile>, Refused> {
        let json = self.store.source_profile(msp.id, source_of(source)).await?;
        // One that a newer Hive wrote is not guessed at: a person confirms the columns anew.
        Ok(json.and_then(|json| Profile::from_json(&json).ok()))
    }

    /// Takes a file of a watched folder, unless its bytes were seen there before (`None`). An error means
    /// that nothing is known of the file yet and it is to be tried again.
    pub async fn take_folder_file(
        &self,
        msp: &Msp,
        folder: &Folder,
        mut file: ArrivedFile,
        at: Timestamp,
    ) -> Result<Option<FolderFile>, Refused> {
        let bytes = file.bytes.clone();
        let hash = apart(move || sha256(&bytes)).await?;
        if self.store.knows_file(msp.id, folder.id, &hash).await? {
            return Ok(None);
        }
        file.source = Some(folder.source.clone());
        file.complete = folder.complete;
        let by = By { msp: msp.clone(), who: format!("{FOLDER}{}", folder.source), at };
        let taken = match profile(&folder.profile) {
            Ok(profile) => self.import_file(&by, &ArrivedFile { profile, ..file.clone() }).await,
            Err(words) => Err(Refused::Stopped(words)),
        };
        let (taken, words) = match taken {
            Ok(view) => (true, view.words()),
            Err(Refused::Broken(words)) => return Err(Refused::Broken(words)),
            Err(refused) => (false, refused_words(&refused)),
        };
        let seen = FolderFile { name: file.name, hash, at, words, taken };
        self.store.note_file(msp.id, folder.id, &seen).await?;
        Ok(Some(seen))
    }
}

fn source_of(text: &str) -> &str {
    let text = text.trim();
    if text.is_empty() { SOURCE_DEFAULT } else { text }
}

fn profile(json: &str) -> Result<Option<Profile>, String> {
    if json.is_empty() { Ok(None) } else { Profile::from_json(json).map(Some) }
}

/// Why a file was refused, its first bad rows named.
fn refused_words(refused: &Refused) -> String {
    let mut words = match refused {
        Refused::BadRows { rows, .. } => {
            let named = rows.iter().take(BAD_ROWS_SHOWN).map(|(line, column, reason)| match column {
                Some(column) => format!("line {line}, column {column}: {reason}"),
                None => format!("line {line}: {reason}"),
            });
            let named: Vec<String> = named.collect();
            let more = rows.len().saturating_sub(BAD_ROWS_SHOWN);
            let more = if more > 0 { format!("; and {more} more") } else { String::new() };
            format!("Nothing was taken. {}{more}.", named.join("; "))
        }
        other => format!("Nothing was taken: {other}."),
    };
    if let Some((end, _)) = words.char_indices().nth(WORDS_MAX) {
        words.truncate(end);
        words.push('…');
    }
    words
}

impl ArrivedView {
    /// What the file brought, in words.
    pub fn words(&self) -> String {
        let mut words = self.imported.words();
        if !self.skipped.is_empty() {
            words.push_str(&format!(" {} rows are left out by the profile.", self.skipped.len()));
        }
        if self.blank > 0 {
            words.push_str(&format!(" {} blank quantities are no samples.", self.blank));
        }
        words
    }
}
