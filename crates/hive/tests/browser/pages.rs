//! Every page of the console: accessible, quiet, small, narrow enough, and harmless whatever names say.

use crate::browser::Browser;
use crate::served::Demo;
use serde_json::json;

/// A page of a browser's budget (design, section 10).
const HTML_BYTES_MAX: i64 = 300_000;
/// The narrowest telephone.
const NARROW: (u32, u32) = (360, 800);

/// Where a page is.
#[derive(Clone, Copy)]
pub(crate) enum At {
    /// Below the MSP.
    Msp(&'static str),
    /// An address of Hive itself.
    Hive(&'static str),
    /// Behind the first link of a page (below the MSP) whose address has this.
    Behind(&'static str, &'static str),
}
use At::{Behind, Hive, Msp};

/// Every page, by the name of its picture.
pub(crate) const PAGES: &[(&str, At)] = &[
    ("overview", Msp("")),
    ("psa-sync", Msp("/psa-sync")),
    ("connection", Msp("/psa-sync/connection")),
    ("show-accounts", Msp("/psa-sync/accounts")),
    ("show-products", Msp("/psa-sync/products")),
    ("product-usages", Msp("/psa-sync/usages")),
    ("issues", Msp("/psa-sync/usages?mark=issue")),
    ("why-this-number", Behind("/psa-sync/usages?mark=issue", "/psa-sync/usages/")),
    ("show-settings", Msp("/psa-sync/settings")),
    ("report", Msp("/psa-sync/report")),
    ("preview-and-update", Msp("/psa-sync/update")),
    ("run", Behind("/activity", "/runs/")),
    ("month", Msp("/month")),
    ("accounts", Msp("/accounts")),
    ("billing", Behind("/accounts", "/billing")),
    ("billable-items", Msp("/billable-items")),
    ("activity", Msp("/activity")),
    ("people", Msp("/people")),
    ("help", Msp("/help")),
    ("help-connect", Msp("/help/connect")),
    ("help-quotas", Msp("/help/storage-quotas")),
    ("first-run", Msp("/first-run")),
    ("password", Hive("/password")),
    ("msps", Hive("/?all")),
];

/// Goes there. What is behind a link that is not there is a failure.
pub(crate) fn open(browser: &Browser, msp: &str, at: At) -> Result<(), String> {
    match at {
        Msp(path) => browser.open(&format!("{msp}{path}")),
        Hive(path) => browser.open(path),
        Behind(path, part) => {
            browser.open(&format!("{msp}{path}"));
            let find = "return [...document.querySelectorAll('main a[href]')].map((one) => one.getAttribute('href'))
                .find((one) => one.split('?')[0].includes(arguments[0]) && one.split('?')[0] !== location.pathname) || ''";
            let link = browser.script(find, vec![json!(part)]);
            let link = link.as_str().filter(|link| !link.is_empty());
            browser.open(link.ok_or_else(|| format!("{path} has no link to {part}"))?)
        }
    };
    Ok(())
}

/// What is wrong with the page that is open.
pub(crate) fn problems(browser: &Browser) -> Vec<String> {
    let mut problems = Vec::new();
    let errors = browser.take_console_errors();
    problems.extend(errors.into_iter().map(|error| format!("complains: {error}")));
    let read = "const done = arguments[arguments.length - 1];
        fetch(location.href).then((answer) => answer.text().then((text) => done([answer.status, text])))";
    let answer = browser.script_later(read);
    let html = answer[1].as_str().unwrap();
    let bytes = i64::try_from(html.len()).unwrap();
    if answer[0] != 200 {
        problems.push(format!("answers {}", answer[0]));
    }
    if bytes > HTML_BYTES_MAX {
        problems.push(format!("has {bytes} bytes"));
    }
    for part in [" style=", "<style", "<script>", " onclick=", " onload=", " onerror=", "javascript:"] {
        // Names are escaped, so none of them can look like this.
        if html.contains(part) {
            problems.push(format!("has {part:?} in its HTML"));
        }
    }
    browser.dark();
    problems.extend(browser.axe().into_iter().map(|found| format!("dark: {found}")));
    browser.light();
    problems.extend(browser.axe().into_iter().map(|found| format!("light: {found}")));
    browser.window(NARROW.0, NARROW.1);
    let wider = "return document.documentElement.scrollWidth - window.innerWidth";
    let wider = browser.script(wider, vec![]).as_i64().unwrap();
    if wider > 0 {
        problems.push(format!("at {} px it is {wider} px too wide: {}", NARROW.0, browser.script(WIDE, vec![])));
    }
    browser.window(crate::browser::SIZE.0, crate::browser::SIZE.1);
    problems.extend(browser.requests_elsewhere().into_iter().map(|url| format!("asks {url}")));
    problems
}

/// What sticks out at the right.
const WIDE: &str = "return [...document.querySelectorAll('main *, header *')]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.scroll, .unseen'))
    .map((one) => one.tagName + '.' + one.className).slice(0, 4).join(' ')";

/// The path of the MSP that the browser is in.
pub(crate) fn msp_of(browser: &Browser) -> String {
    browser.path().split('/').take(3).collect::<Vec<_>>().join("/")
}

fn walk(browser: &Browser) -> Vec<String> {
    let msp = msp_of(browser);
    let mut all = Vec::new();
    for (name, at) in PAGES {
        match open(browser, &msp, *at) {
            Ok(()) => all.extend(problems(browser).into_iter().map(|problem| format!("{name}: {problem}"))),
            Err(problem) => all.push(format!("{name}: {problem}")),
        }
    }
    all
}

#[test]
fn every_page_of_the_demo_is_in_order() {
    let demo = Demo::start();
    let Some(browser) = demo.browser() else { return };
    let problems = walk(&browser);
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}
