//! Every page of the console: accessible, quiet, small, narrow enough, and harmless whatever names say.

use crate::browser::Browser;
use crate::house::{House, ago};
use crate::served::{Demo, Served};
use hive_simulator::{NewAddition, NewAgreement, NewCompany, NewItem, World};
use serde_json::json;
use std::collections::BTreeSet;

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
    /// Below the MSP, where nothing is.
    Nothing(&'static str),
}
use At::{Behind, Hive, Msp, Nothing};

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
    ("unmistakable", Msp("/psa-sync/accounts/unmistakable")),
    ("links-as-a-file", Msp("/psa-sync/links")),
    ("show-settings", Msp("/psa-sync/settings")),
    ("report", Msp("/psa-sync/report")),
    ("preview-and-update", Msp("/psa-sync/update")),
    ("run", Behind("/activity", "/runs/")),
    ("month", Msp("/month")),
    ("invoice-day", Behind("/month", "/month/")),
    ("settings-of-a-product", Behind("/psa-sync/settings", "/psa-sync/settings/products/")),
    ("audit-trail", Msp("/activity/audit")),
    ("nothing-there", Nothing("/nothing/there")),
    ("usage", Msp("/usage")),
    ("tokens", Msp("/people/tokens")),
    ("accounts", Msp("/accounts")),
    ("billing", Behind("/accounts", "/accounts/2/billing")),
    ("billable-items", Msp("/billable-items")),
    ("activity", Msp("/activity")),
    ("people", Msp("/people")),
    ("help", Msp("/help")),
    ("help-connect", Msp("/help/connect")),
    ("help-quotas", Msp("/help/storage-quotas")),
    ("first-run", Msp("/first-run")),
    ("password", Hive("/password")),
    ("msps", Hive("/?all=yes")),
];

/// Goes there. What is behind a link that is not there is a failure.
pub(crate) fn open(browser: &Browser, msp: &str, at: At) -> Result<(), String> {
    match at {
        Msp(path) => browser.open(&format!("{msp}{path}")),
        Hive(path) => browser.open(path),
        Nothing(path) => {
            browser.open(&format!("{msp}{path}")).sees("There is nothing at this address").sees("Billable items");
            // The browser itself complains of a page that is not there.
            browser.take_console_errors();
            browser
        }
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
pub(crate) fn problems(browser: &Browser, at: At) -> Vec<String> {
    let mut problems = Vec::new();
    let errors = browser.take_console_errors();
    problems.extend(errors.into_iter().map(|error| format!("complains: {error}")));
    let read = "const done = arguments[arguments.length - 1];
        fetch(location.href).then((answer) => answer.text().then((text) => done([answer.status, text])))";
    let answer = browser.script_later(read, vec![]);
    let html = answer[1].as_str().unwrap();
    let bytes = i64::try_from(html.len()).unwrap();
    if answer[0] != if matches!(at, Nothing(_)) { 404 } else { 200 } {
        problems.push(format!("answers {}", answer[0]));
    }
    if bytes > HTML_BYTES_MAX {
        problems.push(format!("has {bytes} bytes"));
    }
    problems.extend(problems_of(browser, html));
    problems
}

/// What is wrong with the page that is open, whose HTML is this, and that only a form leads to.
fn problems_of(browser: &Browser, html: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if browser.script("return window.harmed === true", vec![]) == true {
        problems.push("a name was run as a script".to_owned());
    }
    let inline = "const page = new DOMParser().parseFromString(arguments[0], 'text/html');
        return [...page.querySelectorAll('*')].filter((one) => one.matches('style, script:not([src]), [style]')
            || [...one.attributes].some((attribute) => attribute.name.startsWith('on')
                || attribute.value.trim().toLowerCase().startsWith('javascript:')))
            .map((one) => one.outerHTML.slice(0, 200)).slice(0, 3)";
    let inline = browser.script(inline, vec![json!(html)]);
    problems.extend(inline.as_array().unwrap().iter().map(|one| format!("has inline style or script: {one}")));
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
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.scroll, .unseen, .tabs'))
    .map((one) => one.tagName + '.' + one.className).slice(0, 4).join(' ')";

/// The path of the MSP that the browser is in.
pub(crate) fn msp_of(browser: &Browser) -> String {
    browser.path().split('/').take(3).collect::<Vec<_>>().join("/")
}

/// Links of the page that lead to no page, each asked once in the walk. Ids and queries make no other page.
fn dead_links(browser: &Browser, asked: &mut BTreeSet<String>) -> Vec<String> {
    let find = "return [...new Set([...document.querySelectorAll('a[href^=\"/\"]')].filter((one) => !one.download)
        .map((one) => one.getAttribute('href')))]";
    let links = browser.script(find, vec![]);
    let path = |link: &str| link.split('?').next().unwrap_or_default().to_owned();
    let kind = |link: &str| path(link).replace(|letter: char| letter.is_ascii_digit(), "0");
    let links = links.as_array().unwrap().iter().filter_map(|link| link.as_str());
    let new: Vec<&str> = links.filter(|link| asked.insert(kind(link))).collect();
    let ask = "const done = arguments[arguments.length - 1];
        Promise.all(arguments[0].map(async (link) => {
            const answer = await fetch(link);
            const part = link.split('#')[1];
            if (!answer.ok) return `${link} answers ${answer.status}`;
            const there = !part || new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(part);
            return there ? '' : `${link} has no such place`;
        })).then((all) => done(all.filter(Boolean)))";
    let dead = browser.script_later(ask, vec![json!(new)]);
    dead.as_array().unwrap().iter().map(|link| format!("has a dead link: {link}")).collect()
}

fn walk(browser: &Browser) -> Vec<String> {
    let msp = msp_of(browser);
    let mut all = Vec::new();
    let mut asked = BTreeSet::new();
    for (name, at) in PAGES {
        match open(browser, &msp, *at) {
            Ok(()) => {
                let found = problems(browser, *at).into_iter().chain(dead_links(browser, &mut asked));
                all.extend(found.map(|problem| format!("{name}: {problem}")));
                // A dead link complains, too, and was told already.
                browser.take_console_errors();
            }
            Err(problem) => all.push(format!("{name}: {problem}")),
        }
    }
    all
}

#[test]
fn every_page_of_the_demo_is_in_order() {
    let demo = Demo::start();
    let Some(browser) = demo.browser() else { return };
    let mut problems = walk(&browser);
    let stranger = demo.stranger().unwrap();
    stranger.open("/login").sees("Log in");
    problems.extend(self::problems(&stranger, Hive("/login")).into_iter().map(|problem| format!("login: {problem}")));
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

/// What only a form leads to, and what there is to see once something was written and taken back.
#[test]
fn questions_and_what_follows_them_are_in_order() {
    let hive = Served::with_admin(House::linked());
    let Some(browser) = hive.browser() else { return };
    hive.let_in(&browser, "jo@nw.example", "admin");
    let (mut all, mut asked) = (Vec::new(), BTreeSet::new());
    let mut look = |name: &str, by_form: bool| {
        let found = if by_form {
            let html = browser.script("return document.documentElement.outerHTML", vec![]);
            problems_of(&browser, html.as_str().unwrap())
        } else {
            problems(&browser, Hive(""))
        };
        all.extend(
            found.into_iter().chain(dead_links(&browser, &mut asked)).map(|problem| format!("{name}: {problem}")),
        );
    };
    let file = hive
        .house
        .write("usage.csv", format!("account,product,quantity,unit,measured_at\nAcme,Hot,12,GB,{}\n", ago(60)));
    browser
        .open("/m/1/usage")
        .attach("Usage file", file.as_ref())
        .click("Check this file")
        .sees("This file can be taken");
    look("usage-check", false);
    browser.click("Take this row").sees("1 new sample");
    browser.open("/m/1/psa-sync/products/1/map?item=1001").sees("Map Hot");
    look("map-confirmation", false);
    browser.open("/m/1/psa-sync/update").sees("Push exactly this plan").tick("Push Hot", true);
    browser.click("Push exactly this plan…").sees("This writes 1 addition in ConnectWise");
    look("push-confirmation", true);
    browser.click("Push 1 addition").sees("1 pushed").click("The outcome line by line").sees("Line by line");
    look("run-of-an-update", false);
    browser.click("Undo this Update…").sees("This would write to 1 addition").sees("Acme");
    look("undo-question", false);
    browser.click("Undo Update 3: restore 1 addition").sees("has begun").sees("undo of run 3");
    browser.open("/m/1/runs/3").sees("undone by run 4").sees_no("Undo this Update…");
    look("undone-run", false);
    assert!(all.is_empty(), "{} problems:\n{}", all.len(), all.join("\n"));
}

const HARM: &str = "<script>window.harmed=true</script>";

/// Companies, items, accounts and products of which each name is a script or has 10,000 letters.
fn names() -> House {
    let long = format!("<img src=x onerror=window.harmed=true>{}", "W".repeat(10_000));
    let mut world = World::empty();
    for name in [HARM, &long] {
        world.item(NewItem {
            description: name.into(),
            unit_of_measure: Some("GB".into()),
            price: 2.into(),
            ..NewItem::default()
        });
        let company = world.company(NewCompany { name: name.into(), ..NewCompany::default() });
        let agreement = world.agreement(NewAgreement { name: name.into(), company, ..NewAgreement::default() });
        world.addition(NewAddition { agreement, item: 1001, quantity: 3.into(), ..NewAddition::default() });
    }
    let house = House::connected(world);
    let at = ago(120);
    let names = [HARM, &long[..250]];
    let rows = names.iter().flat_map(|account| names.iter().map(move |product| (account, product)));
    let rows: String = rows.map(|(account, product)| format!("\"{account}\",\"{product}\",4,GB,{at}\n")).collect();
    house.import(format!("account,product,quantity,unit,measured_at\n{rows}")).done();
    house.ok("sync NW");
    house.hive(&["link", "NW", "--product", HARM, "--item", "1001", "--unit", "GB", "--size", "1"]).done();
    house.hive(&["link", "NW", "--account", &long[..250], "--company", "102"]).done();
    house
}

#[test]
fn names_are_harmless_on_every_page() {
    let hive = Served::with_admin(names());
    let Some(browser) = hive.browser() else { return };
    hive.let_in(&browser, "jo@nw.example", "admin");
    browser.open("/m/1").sees("MSP Overview");
    let problems = walk(&browser);
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}
