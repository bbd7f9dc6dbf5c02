//! One-time links: a random token that is shown once, and the hash that is kept of it.

use crate::failure::Failure;
use crate::process::Process;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use url::Url;

/// 256 bits: nobody guesses one in its day.
const TOKEN_BYTES: usize = 32;

/// A token. It is never stored and never logged; `Debug` is left out on purpose.
pub(crate) struct OneTime(String);

impl OneTime {
    pub(crate) fn new() -> Result<OneTime, Failure> {
        let mut bytes = [0; TOKEN_BYTES];
        getrandom::fill(&mut bytes)
            .map_err(|error| Failure::stopped(format!("this machine gives no random bytes: {error}")))?;
        Ok(OneTime(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// What the store keeps: SHA-256 of the text, in hex.
    pub(crate) fn hash(&self) -> String {
        Sha256::digest(self.0.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The link a person opens.
    pub(crate) fn link(&self, public_url: &Url, path: &str) -> String {
        format!("{}/{path}/{}", public_url.as_str().trim_end_matches('/'), self.0)
    }
}

/// The address that people open: as set, else `http://` and where Hive listens.
pub(crate) fn public_url(process: &Process, listens: &str) -> Result<Url, Failure> {
    let text = process.public_url.clone().unwrap_or_else(|| format!("http://{listens}"));
    let bad = |why: String| Failure::wrong_usage(format!("HIVE_PUBLIC_URL={text}: {why}"));
    let url = Url::parse(&text).map_err(|error| bad(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(bad("it must begin with https:// (or http://) and name a host".to_owned()));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_holds_the_token_and_the_hash_does_not() {
        let (one, other) = (OneTime::new().unwrap(), OneTime::new().unwrap());
        assert_ne!(one.0, other.0);
        assert_eq!(one.0.len(), 43, "32 bytes");
        let url = Url::parse("https://hive.example/").unwrap();
        assert_eq!(one.link(&url, "setup"), format!("https://hive.example/setup/{}", one.0));
        assert_eq!(
            OneTime("abc".into()).hash(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "FIPS 180-2's own example"
        );
    }
}
