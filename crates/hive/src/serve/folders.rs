//! Watched folders: what is put there comes in by itself.
//!
//! **Owns:** looking at the disk, which of its places are allowed, and that one slow folder holds up no
//! other.
//! **Does not own:** when a file is whole ([`hive_desk::profile::folder`]), what becomes of it (the desk).
//! **Limits on purpose:** nothing is ever written, moved or deleted there. Links in a folder are not
//! followed, and a folder that leads out of the allowed directories is not looked at.

use crate::house::{House, now};
use crate::process::Process;
use hive_core::{MspId, Timestamp};
use hive_desk::profile::folder::{Seen, Watch, is_usage_file};
use hive_desk::{ArrivedFile, Desk, Refused};
use hive_store::{Folder, FolderFile, Msp};
use hive_web::FolderRoots;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How often folders are looked at. A file has to be still for two seconds, and what it holds is on an
/// open page within five (AC-41).
const LOOK: Duration = Duration::from_millis(700);
/// Files of one folder that are looked at: a folder is for what arrives, not an archive.
const FILES_MAX: usize = 10_000;
/// Stands for an MSP's number in a directory of HIVE_FOLDERS.
const MSP: &str = "{msp}";

/// The directories in which folders of one MSP may be watched.
#[derive(Clone, Debug)]
pub(super) struct Roots {
    paths: Vec<PathBuf>,
    shared: bool,
}

impl Roots {
    pub(super) fn of(process: &Process, msp: MspId) -> Roots {
        let written = process.folders();
        let shared = written.iter().any(|path| !path.contains(MSP));
        let paths = written.iter().map(|path| PathBuf::from(path.replace(MSP, &msp.to_string()))).collect();
        Roots { paths, shared }
    }

    pub(super) fn shown(&self) -> FolderRoots {
        FolderRoots { paths: self.paths.iter().map(|path| path.display().to_string()).collect(), shared: self.shared }
    }

    /// The folder that a path means, links followed; words where it may not be watched. Where it leads is
    /// told to nobody who may not look there.
    pub(super) fn folder(&self, path: &Path) -> Result<PathBuf, String> {
        let allowed: Vec<String> = self.paths.iter().map(|path| path.display().to_string()).collect();
        let outside =
            || format!("{} is not inside {}; HIVE_FOLDERS names what is", path.display(), allowed.join(" or "));
        if allowed.is_empty() {
            return Err("watched folders are off: who hosts Hive sets HIVE_FOLDERS".to_owned());
        }
        if !path.is_absolute() {
            return Err(format!("{} is no absolute path; write it from / on", path.display()));
        }
        // By its words first: whether a place outside exists is nobody's business.
        if path.components().any(|part| part.as_os_str() == "..")
            || !self.paths.iter().any(|root| path.starts_with(root))
        {
            return Err(outside());
        }
        let cannot = |error: std::io::Error| format!("{} cannot be looked at: {error}", path.display());
        let found = path.canonicalize().map_err(cannot)?;
        let roots = self.paths.iter().filter_map(|root| root.canonicalize().ok());
        if !roots.into_iter().any(|root| found.starts_with(root)) {
            return Err(format!("{} leads out of {}; it is not looked at", path.display(), allowed.join(" or ")));
        }
        if !found.is_dir() {
            return Err(format!("{} is no folder", path.display()));
        }
        Ok(found)
    }
}

type Key = (MspId, i64);

/// A folder between two looks.
#[derive(Default)]
struct Known {
    watch: Watch,
    /// As a person last set it: once that changes every file is looked at anew.
    set: Option<(String, String, String, bool)>,
}

/// Looks at the folders until the process ends. What is being taken then is taken whole.
pub(super) async fn run(house: House, stopped: watch::Receiver<bool>) {
    if house.process.folders().is_empty() {
        return;
    }
    let mut stop = std::pin::pin!(super::until(stopped));
    let mut looks: JoinSet<(Key, Known)> = JoinSet::new();
    // A folder that is being looked at is not here.
    let mut known: HashMap<Key, Option<Known>> = HashMap::new();
    let mut tick = tokio::time::interval(LOOK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            Some(ended) = looks.join_next() => match ended {
                Ok((key, one)) => { known.insert(key, Some(one)); }
                Err(error) => {
                    tracing::error!("a look at a folder broke off; please report this: {error}");
                    // Whose it was is lost with it: all that are under way may begin again.
                    known.retain(|_, one| one.is_some());
                }
            },
            _ = tick.tick() => {
                if let Err(refused) = begin(&house, &mut looks, &mut known).await {
                    tracing::warn!("watched folders could not be looked at, and will be again: {refused}");
                }
            }
        }
    }
    // A disk that does not answer keeps no process from ending.
    let _ = tokio::time::timeout(Duration::from_secs(super::PAGES_SECONDS_MAX), async {
        while looks.join_next().await.is_some() {}
    })
    .await;
}

/// A task for each folder that is on and not being looked at: a slow one holds up itself alone.
async fn begin(
    house: &House,
    looks: &mut JoinSet<(Key, Known)>,
    known: &mut HashMap<Key, Option<Known>>,
) -> Result<(), Refused> {
    let folders = house.store.all_folders().await?;
    known.retain(|key, one| one.is_none() || folders.iter().any(|(msp, folder)| (*msp, folder.id) == *key));
    for (msp, folder) in folders.into_iter().filter(|(_, folder)| folder.on) {
        let key = (msp, folder.id);
        let Some(one) = known.entry(key).or_insert_with(|| Some(Known::default())).take() else { continue };
        let house = house.clone();
        looks.spawn(async move { (key, look(&house, msp, &folder, one).await) });
    }
    Ok(())
}

/// One look at one folder.
async fn look(house: &House, msp: MspId, folder: &Folder, mut known: Known) -> Known {
    let set = (folder.path.clone(), folder.source.clone(), folder.profile.clone(), folder.complete);
    if known.set.as_ref() != Some(&set) {
        known = Known { watch: Watch::default(), set: Some(set) };
    }
    let at = now();
    let (roots, path) = (Roots::of(&house.process, msp), PathBuf::from(&folder.path));
    let listed = tokio::task::spawn_blocking(move || list(&roots, &path)).await;
    let words = match listed.unwrap_or_else(|error| Err(error.to_string())) {
        Ok(listed) => {
            let mut words = listed.words();
            for seen in known.watch.look(at, &listed.files) {
                if let Err(why) = take(house, msp, folder, &listed.path, &seen).await {
                    // Nothing is known of it yet: it is tried again.
                    known.watch.again(&seen.name);
                    words = format!("{} could not be read and is tried again: {why}", seen.name);
                }
            }
            words
        }
        Err(words) => words,
    };
    if let Err(error) = house.store.note_look(msp, folder.id, &words, at).await {
        tracing::debug!(%msp, folder = folder.id, "a look at a folder was not noted: {error}");
    }
    known
}

struct Listed {
    path: PathBuf,
    files: Vec<Seen>,
    links: Vec<String>,
    more: bool,
}

impl Listed {
    /// What somebody should know of the folder; nothing where all is well.
    fn words(&self) -> String {
        let mut words = Vec::new();
        match self.links.as_slice() {
            [] => {}
            [one] => words.push(format!("{one} is a link, and links are not followed; put the file itself there")),
            [one, rest @ ..] => {
                words.push(format!("{one} and {} more are links, and links are not followed", rest.len()));
            }
        }
        if self.more {
            words.push(format!("more than {FILES_MAX} files are in it; the rest is not looked at, so empty it"));
        }
        words.join(". ")
    }
}

/// The usage files of a folder, each as its own entry says: no link is followed.
fn list(roots: &Roots, path: &Path) -> Result<Listed, String> {
    let path = roots.folder(path)?;
    let cannot = |error: std::io::Error| format!("{} cannot be listed: {error}", path.display());
    let mut listed = Listed { path: path.clone(), files: Vec::new(), links: Vec::new(), more: false };
    for entry in fs::read_dir(&path).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        // What vanished since is not there.
        let Ok(found) = entry.metadata() else { continue };
        if !is_usage_file(&name) {
            continue;
        }
        if listed.files.len() >= FILES_MAX {
            listed.more = true;
            break;
        }
        if found.is_symlink() {
            listed.links.push(name);
        } else if found.is_file() {
            listed.files.push(Seen { name, bytes: found.len(), modified_at: modified_at(&found) });
        }
    }
    listed.links.sort();
    Ok(listed)
}

fn modified_at(found: &fs::Metadata) -> Timestamp {
    let nanoseconds = i32::try_from(found.mtime_nsec()).unwrap_or_default();
    Timestamp::new(found.mtime(), nanoseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Takes one file, or notes why it is refused. An error: it could not be read.
async fn take(house: &House, msp: MspId, folder: &Folder, path: &Path, seen: &Seen) -> Result<(), String> {
    let store = &house.store;
    let msp = store.msp(&msp.to_string()).await.map_err(|error| error.to_string())?;
    let msp: Msp = msp.ok_or("its MSP is gone")?;
    let max = house.process.upload_bytes_max;
    if seen.bytes > max {
        let words = format!(
            "Nothing was taken: it has {} bytes; a file may have at most {max} (HIVE_UPLOAD_BYTES_MAX).",
            seen.bytes
        );
        let hash = format!("{} bytes of {}", seen.bytes, seen.modified_at);
        if store.knows_file(msp.id, folder.id, &hash).await.map_err(|error| error.to_string())? {
            return Ok(());
        }
        let file = FolderFile { name: seen.name.clone(), hash, at: now(), words, taken: false };
        return store.note_file(msp.id, folder.id, &file).await.map_err(|error| error.to_string());
    }
    let (file, expected) = (path.join(&seen.name), seen.clone());
    let read = tokio::task::spawn_blocking(move || read(&file, &expected)).await.map_err(|error| error.to_string())?;
    let bytes = read.map_err(|error| error.to_string())?;
    let file = ArrivedFile {
        name: seen.name.clone(),
        bytes: Arc::new(bytes),
        modified_at: Some(seen.modified_at),
        source: None,
        complete: false,
        dry_run: false,
        profile: None,
        bytes_max: usize::try_from(max).unwrap_or(usize::MAX),
    };
    match Desk::new(store.clone()).take_folder_file(&msp, folder, file, now()).await {
        Ok(Some(file)) if !file.taken => {
            tracing::warn!(msp = %msp.name, folder = %folder.path, file = %file.name, "a usage file was refused: {}", file.words);
            Ok(())
        }
        Ok(_) => Ok(()),
        Err(refused) => Err(refused.to_string()),
    }
}

/// The bytes of the very file that was listed: what was put in its place meanwhile is another one.
fn read(path: &Path, seen: &Seen) -> std::io::Result<Vec<u8>> {
    let entry = fs::symlink_metadata(path)?;
    let changed = || std::io::Error::other("it was changed while it was being read");
    if !entry.is_file() {
        return Err(changed());
    }
    let file = File::open(path)?;
    let opened = file.metadata()?;
    if (entry.dev(), entry.ino()) != (opened.dev(), opened.ino()) {
        return Err(changed());
    }
    let mut bytes = Vec::new();
    file.take(seen.bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    let whole = u64::try_from(bytes.len()).is_ok_and(|length| length == seen.bytes);
    if whole && modified_at(&fs::symlink_metadata(path)?) == seen.modified_at { Ok(bytes) } else { Err(changed()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roots(paths: &[&Path]) -> Roots {
        Roots { paths: paths.iter().map(|path| path.to_path_buf()).collect(), shared: true }
    }

    #[test]
    fn a_folder_is_inside_an_allowed_directory_whatever_its_path_says() {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().canonicalize().unwrap();
        let (root, outside) = (base.join("in"), base.join("in-not"));
        for path in [&root.join("acronis"), &outside] {
            fs::create_dir_all(path).unwrap();
        }
        std::os::unix::fs::symlink(&outside, root.join("out")).unwrap();
        std::os::unix::fs::symlink(root.join("acronis"), root.join("same")).unwrap();
        let roots = roots(&[&root]);
        assert_eq!(roots.folder(&root.join("acronis")).unwrap(), root.join("acronis"));
        assert_eq!(roots.folder(&root.join("same")).unwrap(), root.join("acronis"), "a link that stays inside");
        for (path, words) in [
            (outside.clone(), "is not inside"),
            (root.join("acronis/../../in-not"), "is not inside"),
            (root.join("out"), "leads out of"),
            (root.join("nowhere"), "cannot be looked at"),
            (PathBuf::from("in"), "no absolute path"),
            (PathBuf::from("/etc"), "is not inside"),
        ] {
            let refused = roots.folder(&path).unwrap_err();
            assert!(refused.contains(words), "{}: {refused}", path.display());
        }
        assert!(super::Roots { paths: Vec::new(), shared: false }.folder(&root).unwrap_err().contains("are off"));
    }

    #[test]
    fn links_are_told_and_not_followed_and_other_files_are_nobodys_business() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        fs::write(root.join("usage.csv"), "x").unwrap();
        fs::write(root.join("notes.txt"), "x").unwrap();
        fs::create_dir(root.join("old.csv")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", root.join("secret.csv")).unwrap();
        let listed = list(&roots(&[&root]), &root).unwrap();
        assert_eq!(listed.files.iter().map(|seen| seen.name.as_str()).collect::<Vec<_>>(), ["usage.csv"]);
        assert!(listed.words().starts_with("secret.csv is a link"), "{}", listed.words());
        let seen = listed.files[0].clone();
        assert_eq!(read(&root.join("usage.csv"), &seen).unwrap(), b"x");
        fs::remove_file(root.join("usage.csv")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", root.join("usage.csv")).unwrap();
        assert!(read(&root.join("usage.csv"), &seen).is_err(), "a link put in its place");
    }
}
