//! A stranger with a read-only key and one CSV: what is not billed, what is over-billed, in money.

use crate::browser::Browser;
use crate::story::{connects_once, first_day, links, maps, sets_up, syncs, uploads};
use std::time::Instant;

/// Ten minutes of a person: a press or a field takes about ten seconds with reading.
const STEPS_MAX: usize = 60;

#[test]
fn a_stranger_sees_what_is_not_billed_and_what_is_over_billed_without_a_write() {
    let hive = first_day();
    let Some(browser) = hive.browser() else { return };
    // A key that may look, and change nothing.
    hive.house.sim.set_rights("Finance", "Agreements", "All", "None");
    let began = Instant::now();
    let mut all = Vec::new();
    let mut chapter = |browser: &Browser, name: &str| {
        let steps = browser.take_steps();
        println!("{name}: {} steps: {}", steps.len(), steps.join(" · "));
        all.extend(steps);
    };
    sets_up(&browser, &hive);
    chapter(&browser, "set up");
    connects_once(&browser, &hive);
    chapter(&browser, "connect");
    syncs(&browser);
    chapter(&browser, "Sync");
    uploads(&browser, &hive);
    chapter(&browser, "bring usage");
    links(&browser);
    chapter(&browser, "link");
    maps(&browser, "");
    chapter(&browser, "map");
    browser.click("Hive MSP Overview");
    browser.sees("Not billed +11.00 USD a month").sees("Over-billed −10.00 USD a month").is_clean();
    chapter(&browser, "look");
    println!("{} steps in all; the machine took {:?}", all.len(), began.elapsed());
    assert!(all.len() <= STEPS_MAX, "{} steps", all.len());
    assert_eq!(hive.wrote(), [""; 0]);
}
