//! The key file, and the sealing of secrets with it.
//!
//! **Owns:** XChaCha20-Poly1305 with the MSP and the field as associated data, the key list
//! (`id:base64(32 bytes)` a line, the first is the active one), the word that tells a wrong key.
//! **Limits on purpose:** the file is made only while the database holds no secret.

use crate::db::{Tx, args};
use crate::error::{Result, StoreError};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hive_core::MspId;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Keys one file may list.
const KEYS_MAX: usize = 100;
/// What is sealed to know a key by.
const WORD: &str = "hive seals with this key";

/// Where the key file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySource(pub PathBuf);

impl From<&Path> for KeySource {
    fn from(path: &Path) -> KeySource {
        KeySource(path.to_owned())
    }
}

impl From<PathBuf> for KeySource {
    fn from(path: PathBuf) -> KeySource {
        KeySource(path)
    }
}

/// The keys of the file. Never printed.
pub(crate) struct Keys {
    /// The active one first; never empty.
    list: Vec<(String, SecretSlice<u8>)>,
    path: PathBuf,
}

/// A sealed secret as it is stored.
pub(crate) struct Sealed {
    pub(crate) key_id: String,
    pub(crate) nonce: String,
    pub(crate) sealed: String,
}

impl Keys {
    /// Reads the file where the database knows its active key already; `None` where opening has
    /// something to write.
    pub(crate) async fn known(source: &KeySource, tx: &mut Tx) -> Result<Option<Keys>> {
        if !is_there(&source.0)? {
            return Ok(None);
        }
        let used = used(tx).await?;
        let (keys, known) = Keys::read(source, &used, tx).await?;
        if known {
            warn_if_others_can_read(&source.0);
        }
        Ok(known.then_some(keys))
    }

    /// Reads the file, or makes it while nothing was sealed yet; then leaves a word to know its
    /// active key by.
    pub(crate) async fn open(source: &KeySource, tx: &mut Tx) -> Result<Keys> {
        let path = &source.0;
        let used = used(tx).await?;
        if !is_there(path)? {
            let wrong = |why: String| StoreError::Key { path: path.clone(), why };
            if !used.is_empty() {
                return Err(wrong(
                    "is missing, and the database holds secrets that only it can open; restore it".into(),
                ));
            }
            create(path).map_err(|error| wrong(format!("cannot be made: {error}")))?;
        }
        let (keys, known) = Keys::read(source, &used, tx).await?;
        warn_if_others_can_read(path);
        if !known {
            let word = keys.seal_with(0, WORD, b"hive:word")?;
            let sql = "INSERT INTO sealing_key (id, word) VALUES ($1, $2)
                ON CONFLICT (id) DO UPDATE SET word = excluded.word";
            tx.run(sql, args![&keys.list[0].0, format!("{}:{}", word.nonce, word.sealed)]).await?;
        }
        Ok(keys)
    }

    /// Reads the file and holds it against the words of the keys that sealed here before; whether
    /// its active key has its word, too.
    async fn read(source: &KeySource, used: &[String], tx: &mut Tx) -> Result<(Keys, bool)> {
        let path = &source.0;
        let wrong = |why: String| StoreError::Key { path: path.clone(), why };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
        let text = SecretString::from(text);
        let keys = Keys { list: read(text.expose_secret()).map_err(wrong)?, path: path.clone() };
        let words = tx.all("SELECT id, word FROM sealing_key", args![], |row| Ok((row.take()?, row.take()?))).await?;
        let words: Vec<(String, String)> = words;
        let word = |id: &String| words.iter().find(|(known, _)| known == id).map(|(_, word)| word.as_str());
        for id in used {
            keys.recognise(id, word(id))?;
        }
        let active = &keys.list[0].0;
        let known = keys.recognise(active, word(active)).is_ok();
        Ok((keys, known))
    }

    /// Whether the file's key `id` is the one that sealed here.
    fn recognise(&self, id: &str, word: Option<&str>) -> Result<()> {
        let wrong = |why: String| StoreError::Key { path: self.path.clone(), why };
        if !self.list.iter().any(|(known, _)| known == id) {
            return Err(wrong(format!("does not hold the key \"{id}\", which sealed secrets in this database")));
        }
        let (nonce, sealed) = word.and_then(|word| word.split_once(':')).unwrap_or_default();
        let sealed = Sealed { key_id: id.to_owned(), nonce: nonce.to_owned(), sealed: sealed.to_owned() };
        match self.unseal(&sealed, b"hive:word") {
            Ok(_) => Ok(()),
            Err(_) => {
                Err(wrong(format!("holds another key \"{id}\" than the one that sealed this database's secrets")))
            }
        }
    }

    /// Seals with the active key.
    pub(crate) fn seal(&self, msp: MspId, field: &str, secret: &SecretString) -> Result<Sealed> {
        self.seal_with(0, secret.expose_secret(), bound_to(msp, field).as_bytes())
    }

    /// Opens what [`Keys::seal`] sealed for this MSP and field.
    pub(crate) fn open_sealed(&self, msp: MspId, field: &str, sealed: &Sealed) -> Result<SecretString> {
        self.unseal(sealed, bound_to(msp, field).as_bytes())
    }

    fn seal_with(&self, place: usize, text: &str, aad: &[u8]) -> Result<Sealed> {
        let mut nonce = [0_u8; 24];
        getrandom::fill(&mut nonce).map_err(|_| self.failed("no randomness to seal with"))?;
        let (id, key) = &self.list[place];
        let payload = Payload { msg: text.as_bytes(), aad };
        let sealed = cipher(key).encrypt(&XNonce::from(nonce), payload).map_err(|_| self.failed("could not seal"))?;
        Ok(Sealed { key_id: id.clone(), nonce: BASE64.encode(nonce), sealed: BASE64.encode(sealed) })
    }

    fn unseal(&self, sealed: &Sealed, aad: &[u8]) -> Result<SecretString> {
        let Sealed { key_id, nonce, sealed } = sealed;
        let failed = || self.failed("a stored secret cannot be opened with it");
        let key = self.list.iter().find(|(id, _)| id == key_id).map(|(_, key)| key).ok_or_else(failed)?;
        let nonce: [u8; 24] = BASE64.decode(nonce).ok().and_then(|n| n.try_into().ok()).ok_or_else(failed)?;
        let sealed = BASE64.decode(sealed).map_err(|_| failed())?;
        let payload = Payload { msg: sealed.as_slice(), aad };
        let text = cipher(key).decrypt(&XNonce::from(nonce), payload).map_err(|_| failed())?;
        String::from_utf8(text).map(SecretString::from).map_err(|_| failed())
    }

    fn failed(&self, why: &str) -> StoreError {
        StoreError::Key { path: self.path.clone(), why: why.to_owned() }
    }
}

/// The ids of the keys that sealed something. The one question across MSPs: is anything at all
/// sealed here?
async fn used(tx: &mut Tx) -> Result<Vec<String>> {
    tx.all("SELECT DISTINCT key_id FROM secret", args![], |row| row.take()).await
}

fn is_there(path: &Path) -> Result<bool> {
    let failed = |error| StoreError::Key { path: path.to_owned(), why: format!("cannot be looked at: {error}") };
    path.try_exists().map_err(failed)
}

fn bound_to(msp: MspId, field: &str) -> String {
    format!("hive:{msp}:{field}")
}

fn cipher(key: &SecretSlice<u8>) -> XChaCha20Poly1305 {
    let mut bytes = [0_u8; 32];
    bytes.copy_from_slice(key.expose_secret());
    XChaCha20Poly1305::new(&Key::from(bytes))
}

fn read(text: &str) -> Result<Vec<(String, SecretSlice<u8>)>, String> {
    let mut list: Vec<(String, SecretSlice<u8>)> = Vec::new();
    for (place, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let why = || format!("line {} is not id:base64 of 32 bytes", place + 1);
        let (id, key) = line.split_once(':').ok_or_else(why)?;
        let key = BASE64.decode(key.trim()).map_err(|_| why())?;
        if id.is_empty() || key.len() != 32 {
            return Err(why());
        }
        if list.iter().any(|(known, _)| known == id) {
            return Err(format!("lists the key \"{id}\" twice"));
        }
        list.push((id.to_owned(), SecretSlice::from(key)));
    }
    match list.len() {
        0 => Err("holds no key".to_owned()),
        1..=KEYS_MAX => Ok(list),
        _ => Err(format!("lists more than {KEYS_MAX} keys")),
    }
}

/// Makes the file whole or not at all: written beside, then given its name unless another process
/// was first.
fn create(path: &Path) -> std::io::Result<()> {
    let mut bytes = [0_u8; 40];
    getrandom::fill(&mut bytes).map_err(|_| std::io::Error::other("no randomness"))?;
    let (name, key) = bytes.split_at(8);
    let name: String = name.iter().map(|byte| format!("{byte:02x}")).collect();
    let beside = path.with_file_name(format!(".hive.key.{name}"));
    let mut file = open_private(&beside)?;
    let written = writeln!(file, "{}:{}", &name[..8], BASE64.encode(key)).and_then(|()| file.sync_all());
    let named = written.and_then(|()| std::fs::hard_link(&beside, path));
    std::fs::remove_file(&beside)?;
    match named {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        named => named,
    }
}

/// A file that only its owner can read: made if it is not there, never emptied.
pub(crate) fn open_private(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
fn warn_if_others_can_read(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    if std::fs::metadata(path).is_ok_and(|data| data.permissions().mode() & 0o077 != 0) {
        tracing::warn!(path = %path.display(), "the key file can be read by others; chmod 600 it");
    }
}

#[cfg(not(unix))]
fn warn_if_others_can_read(_: &Path) {}
