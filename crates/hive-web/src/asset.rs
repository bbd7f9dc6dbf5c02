//! The console's own files: style, script, icon. They are inside the binary.
//!
//! **Owns:** their names, which carry a hash of their content, so that a browser may keep them for ever.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::LazyLock;

/// Hexadecimal digits of the hash in a name: enough to tell any two versions apart.
const HASH_DIGITS: usize = 12;

/// A file of the console.
pub(crate) struct Asset {
    path: String,
    kind: &'static str,
    text: &'static str,
}

impl Asset {
    fn new(stem: &str, extension: &str, kind: &'static str, text: &'static str) -> Asset {
        let mut hash = String::new();
        for byte in Sha256::digest(text.as_bytes()) {
            let _ = write!(hash, "{byte:02x}");
        }
        Asset { path: format!("/assets/{stem}.{}.{extension}", &hash[..HASH_DIGITS]), kind, text }
    }

    /// Where the page asks for it.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }
}

pub(crate) static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let text = concat!(
        include_str!("../assets/base.css"),
        include_str!("../assets/frame.css"),
        include_str!("../assets/parts.css"),
        include_str!("../assets/pages.css"),
        include_str!("../assets/help.css"),
        include_str!("../assets/usages.css"),
        include_str!("../assets/psa-sync.css"),
        include_str!("../assets/links.css"),
        include_str!("../assets/usage.css"),
        include_str!("../assets/billing.css")
    );
    Asset::new("hive", "css", "text/css; charset=utf-8", text)
});
pub(crate) static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("hive", "js", "text/javascript; charset=utf-8", include_str!("../assets/hive.js")));
pub(crate) static SHIELD: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("shield", "svg", "image/svg+xml", include_str!("../assets/shield.svg")));

/// `GET /assets/{name}`.
pub(crate) async fn answer(Path(name): Path<String>) -> Response {
    let asked = |asset: &&Asset| asset.path.strip_prefix("/assets/") == Some(name.as_str());
    match [&*STYLE, &*SCRIPT, &*SHIELD].into_iter().find(asked) {
        Some(asset) => {
            let kept = "public, max-age=31536000, immutable";
            ([(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, kept)], asset.text).into_response()
        }
        None => (StatusCode::NOT_FOUND, "There is no such file in this version of Hive.").into_response(),
    }
}
