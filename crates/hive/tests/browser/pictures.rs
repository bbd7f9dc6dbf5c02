//! The pictures of docs/pictures: every page of the console with the demo's data, light and dark.
//!
//! Made only where HIVE_PICTURES=1 asks for it: a suite does not write into the checkout.

use crate::pages::{PAGES, msp_of, open};
use crate::palette::paletted;
use crate::served::Demo;
use std::path::{Path, PathBuf};

/// As wide as a laptop shows it.
const SIZE: (u32, u32) = (1360, 900);
/// A checkout is not an album.
const BYTES_MAX: usize = 150_000;

#[test]
fn pictures_of_every_page() {
    let wanted = std::env::var("HIVE_PICTURES").unwrap_or_default();
    if wanted.is_empty() {
        return;
    }
    let folder = match wanted.as_str() {
        "1" => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/pictures"),
        other => PathBuf::from(other),
    };
    let demo = Demo::start();
    let Some(browser) = demo.browser() else { return };
    browser.window(SIZE.0, SIZE.1);
    let msp = msp_of(&browser);
    for (name, at) in PAGES {
        open(&browser, &msp, *at).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        for look in ["light", "dark"] {
            let file = folder.join(format!("{name}-{look}.png"));
            if look == "light" { browser.light() } else { browser.dark() }.picture_of_window(&file);
            let small = paletted(&std::fs::read(&file).unwrap());
            assert!(small.len() < BYTES_MAX, "{}: {} bytes", file.display(), small.len());
            std::fs::write(&file, small).unwrap();
        }
    }
}
