//! The whole story, as a new user lives it: from the link of the first run to the report.
//!
//! **Owns:** the story with a mouse; its world and its steps, which other stories begin with, too.

use crate::browser::Browser;
use crate::house::{House, PRIVATE_KEY, TIMEOUT_MS, ago};
use crate::served::{PASSWORD, Served};
use hive_simulator::{Config, NewAddition, NewItem, World};
use serde_json::json;
use std::time::Duration;

/// The town, and a catalogue with an archive that Cove's agreement does not have.
pub(crate) fn town() -> World {
    let mut world = crate::house::town();
    world.item(NewItem { description: "Archive".into(), price: 1.into(), ..NewItem::default() });
    world.addition(NewAddition { agreement: 50_001, item: 1003, quantity: 40.into(), ..NewAddition::default() });
    world
}

/// What the customers use: Acme more hot storage and fewer seats than it pays for, Sandy Bay (whom
/// ConnectWise calls Cove) an archive that is on no agreement. Training has no item.
pub(crate) const ROWS: &str = "Acme,Hot,12,GB\nAcme,Seat,4,user\nAcme,Archive,40,device\nBolt Pty Ltd,Hot,20,GB\n\
    Bolt Pty Ltd,Seat,8,user\nSandy Bay,Hot,30,GB\nSandy Bay,Seat,4,user\nSandy Bay,Archive,7,device\n\
    Acme,Training,3,hour";

pub(crate) fn usage() -> String {
    let at = ago(120);
    let rows: String = ROWS.lines().map(|row| format!("{row},{at}\n")).collect();
    format!("account,product,quantity,unit,measured_at\n{rows}")
}

/// An installation on its first day.
pub(crate) fn first_day() -> Served {
    // As far away as a real one: what runs can be seen running.
    let config = Config { latency: Duration::from_millis(60), ..Config::default() };
    Served::new(House::empty(config, town(), TIMEOUT_MS))
}

/// The first admin, and the first MSP.
pub(crate) fn sets_up(browser: &Browser, hive: &Served) {
    browser.open(hive.setup.as_deref().unwrap()).sees("Make the first admin");
    browser.fill("Your e-mail address", "priya@nw.example");
    browser.fill("Password", PASSWORD).fill("Password again", PASSWORD);
    browser.fill("Name of your MSP", "NW").click("Begin");
    browser.sees("First run").sees("From nothing to live");
}

/// First with a private key that is none: it is said at its field, and nothing is kept.
pub(crate) fn connects(browser: &Browser, hive: &Served) {
    browser.click("Connect ConnectWise").sees("Connection to ConnectWise");
    browser.fill("Company", "northwind").fill("Public Key", "PUBLICKEY0000001").fill("Private Key", "NOTTHEKEY");
    browser.fill("URL", &hive.house.url()).click("Test and save");
    browser.sees("Nothing was saved").sees("did not accept the keys");
    let wrong = "const fields = [...document.querySelectorAll('[aria-invalid=true]')];
        return fields.map((one) => [one.name, one.value, document.getElementById(one.getAttribute('aria-describedby')
            .split(' ')[0]).textContent.includes('private key')])";
    assert_eq!(browser.script(wrong, vec![]), json!([["private_key", "", true]]));
    assert_eq!(browser.value("Company"), "northwind", "what was right need not be typed again");
    browser.take_console_errors();
    browser.sees("Not connected to ConnectWise yet.");
    browser.fill("Private Key", PRIVATE_KEY).click("Test and save");
    browser.sees("NW is connected to northwind");
}

/// With what is right at once.
pub(crate) fn connects_once(browser: &Browser, hive: &Served) {
    browser.click("Connect ConnectWise").sees("Connection to ConnectWise");
    browser.fill("Company", "northwind").fill("Public Key", "PUBLICKEY0000001").fill("Private Key", PRIVATE_KEY);
    browser.fill("URL", &hive.house.url()).click("Test and save").sees("NW is connected to northwind");
}

/// The first Sync begins by itself once Hive is connected; then one more by hand. The page shows by itself
/// that it runs, and that it ended.
pub(crate) fn syncs(browser: &Browser) {
    assert_eq!(browser.path(), "/m/1/psa-sync");
    browser.sees("The last Sync succeeded").click("Force a Sync").sees("has begun");
    runs(browser, "Sync");
    browser.sees("The last Sync succeeded").sees("3 companies");
}

/// There is a bar that moves, and it goes when the run ends.
fn runs(browser: &Browser, what: &str) {
    let bar = || browser.script("return document.querySelectorAll('main progress').length", vec![]).as_i64() > Some(0);
    browser.until(&format!("no {what} is seen running"), bar);
    browser.until(&format!("the {what} is seen running for ever"), || !bar());
}

pub(crate) fn uploads(browser: &Browser, hive: &Served) {
    let file = hive.house.write("usage.csv", usage());
    browser.open("/m/1/first-run").click("Bring usage").attach("Usage file", file.as_ref()).click("Check this file");
    browser.sees("This file can be taken").sees("Nothing is taken yet");
    browser.click("Take these 9 rows").sees("What came last").sees("9 new samples");
}

/// One of the article's tabs.
pub(crate) fn tab<'a>(browser: &'a Browser, name: &str) -> &'a Browser {
    browser.click_in("Show Accounts Show Products Show Product Usages Show Settings", name)
}

/// Acme and Bolt are beyond doubt; Cove is chosen.
pub(crate) fn links(browser: &Browser) {
    browser.open("/m/1/psa-sync");
    tab(browser, "Show Accounts").sees("Unlinked 1");
    browser.click("Link all 2 unmistakable…").sees("Bolt Pty Ltd").click("Link all 2 unmistakable");
    browser.sees("2 accounts are linked").is_clean();
    browser.fill("Hive account for Cove", "sandy").sees("1 found").press("Enter");
    browser.sees("account \"Sandy Bay\" is linked to company 103").sees("Linked 3");
}

/// Each by a few letters and Enter, since one who maps forty products does it so.
pub(crate) fn maps(browser: &Browser, knows: &str) {
    tab(browser, "Show Products").sees("Training");
    for (product, letters) in [("Hot", "ho"), ("Seat", "1002"), ("Archive", "arch")] {
        browser.fill(&format!("Search for product: ConnectWise item for {product}{knows}"), letters).sees("1 found");
        browser.press("Enter");
        if product == "Hot" {
            browser.sees("Map Hot").fill("Size", "1").choose("Unit", "GB").is_clean();
            browser.click("Map Hot to Hot-1001");
        }
        browser.sees(&format!("product \"{product}\" is mapped to item"));
    }
    browser.is_clean();
}

/// What is right, what is not, and why.
fn understands(browser: &Browser) {
    tab(browser, "Show Product Usages").sees("All 9").sees("Not live 2").sees("Unchanged 5").sees("Issues 2");
    browser.click_in("Issues 2", "Issues 2").sees_no("in step").is_clean();
    browser.click("issue issue : why, for Sandy Bay Archive addition.none").sees("Why this number").is_clean();
}

/// Exactly the plan that was looked at, and what became of it.
pub(crate) fn pushes(browser: &Browser, hive: &Served) {
    tab(browser, "Preview and Update").sees("Push exactly this plan");
    for product in ["Hot", "Seat", "Archive"] {
        browser.tick(&format!("Push {product}"), true);
    }
    browser.is_clean().click("Push exactly this plan…").sees("This writes 2 additions in ConnectWise");
    assert_eq!(hive.wrote(), [""; 0], "it asks first");
    browser.is_clean().click("Push 2 additions").sees("has begun");
    runs(browser, "Update");
    browser.sees("2 pushed");
    browser.click("The outcome line by line").sees("Line by line").is_clean();
    let mut wrote = hive.wrote();
    wrote.sort();
    assert_eq!(wrote, ["200001: 10 -> 12", "200002: 5 -> 4"]);
    // ConnectWise itself says so, too.
    browser.open(&format!("{}/_sim/agreements/50001", hive.house.url())).sees("Acme: Managed");
    assert_eq!(browser.value("Quantity of Hot (200001)"), "12");
    browser.open("/m/1/psa-sync/usages").sees("Unchanged 7");
}

/// What the other way of billing would come to, before it is saved; and what then waits for whom.
fn switches_to_the_bracket(browser: &Browser) {
    tab(browser, "Show Settings").choose("Bill customers on", "Upper bracket of the storage quota");
    browser.sees("This would change 3 lines, +476.00 USD a month.").is_clean();
    browser.click("Save how customers are billed").sees("Bill customers on: Upper bracket");
    tab(browser, "Preview and Update").sees("Hot").sees("100").is_clean();
}

/// By the green arrow; what the file says is what the page says.
fn reads_the_report(browser: &Browser) {
    browser.click("Sync/Update report").sees("Will not be pushed").is_clean();
    browser.click("CSV of all lines that will not be pushed");
    let file = String::from_utf8(browser.downloaded("not-pushed.csv")).unwrap();
    let mut file = csv::Reader::from_reader(file.as_bytes());
    let header = file.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|one| one == name).unwrap_or_else(|| panic!("{header:?}"));
    let (account, product, now) = (column("account"), column("product"), column("now"));
    let rows: Vec<csv::StringRecord> = file.records().map(Result::unwrap).collect();
    let told = rows.iter().find(|row| (&row[account], &row[product]) == ("Acme", "Hot"));
    let told = told.unwrap_or_else(|| panic!("Acme x Hot is not in the file: {rows:#?}"));
    let shown = "return [...document.querySelectorAll('#not-pushed tbody tr')]
        .map((row) => [...row.cells].map((cell) => cell.innerText.trim())).find((row) => row.includes('Acme') && row.includes('Hot'))";
    let shown = browser.script(shown, vec![]);
    assert!(shown.as_array().unwrap().iter().any(|cell| cell == &told[now]), "{shown} and {told:?}");
}

#[test]
fn a_new_user_lives_the_whole_story() {
    let hive = first_day();
    let Some(browser) = hive.browser() else { return };
    sets_up(&browser, &hive);
    connects(&browser, &hive);
    syncs(&browser);
    uploads(&browser, &hive);
    links(&browser);
    maps(&browser, "");
    understands(&browser);
    pushes(&browser, &hive);
    switches_to_the_bracket(&browser);
    reads_the_report(&browser);
}
