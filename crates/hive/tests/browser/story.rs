//! The whole story, as a new user lives it: from the link of the first run to the report.
//!
//! **Owns:** the story with a mouse; its world and its steps, which other stories begin with, too.

use crate::browser::Browser;
use crate::house::{House, PRIVATE_KEY, TIMEOUT_MS, ago};
use crate::served::{PASSWORD, Served};
use hive_simulator::{Config, NewAddition, NewItem, World};
use serde_json::json;

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
    Served::new(House::empty(Config::default(), town(), TIMEOUT_MS))
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
fn connects(browser: &Browser, hive: &Served) {
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

/// The page shows by itself that the Sync runs and that it ended.
fn syncs(browser: &Browser) {
    assert_eq!(browser.path(), "/m/1/psa-sync");
    browser.click("Force a Sync").sees("has begun").sees("The last Sync succeeded");
    browser.is_clean();
}

fn uploads(browser: &Browser, hive: &Served) {
    let file = hive.house.write("usage.csv", usage());
    browser.open("/m/1/first-run").click("Bring usage").attach("Usage file", file.as_ref()).click("Check this file");
    browser.sees("This file can be taken").sees("Nothing is taken yet");
    browser.click("Take these 9 rows").sees("9 new samples");
}

/// One of the article's tabs.
pub(crate) fn tab<'a>(browser: &'a Browser, name: &str) -> &'a Browser {
    browser.click_in("Show Accounts Show Products Show Product Usages Show Settings", name)
}

/// Acme and Bolt are beyond doubt; Cove is chosen.
fn links(browser: &Browser) {
    browser.open("/m/1/psa-sync");
    tab(browser, "Show Accounts").sees("Unlinked 1");
    browser.click("Link all 2 unmistakable…").sees("Bolt Pty Ltd").click("Link all 2 unmistakable");
    browser.sees("2 accounts are linked").is_clean();
    browser.fill("Hive account for Cove", "sandy").sees("1 found").press("Enter");
    browser.sees("account \"Sandy Bay\" is linked to company 103").sees("Linked 3");
}

/// Each by a few letters and Enter, since one who maps forty products does it so.
fn maps(browser: &Browser) {
    tab(browser, "Show Products").sees("Training");
    for (product, letters) in [("Hot", "ho"), ("Seat", "1002"), ("Archive", "arch")] {
        browser.fill(&format!("Search for product: ConnectWise item for {product}"), letters).sees("1 found");
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
    browser.click("issue: why, for Sandy Bay Archive addition.missing").sees("Why this number").is_clean();
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
    maps(&browser);
    understands(&browser);
}
