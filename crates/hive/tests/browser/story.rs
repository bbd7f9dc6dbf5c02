//! The whole story, as a new user lives it: from the link of the first run to the report.

use crate::browser::Browser;
use crate::house::{GUID, House, PRIVATE_KEY, TIMEOUT_MS, ago};
use crate::served::{PASSWORD, Served};
use hive_simulator::{Config, NewAddition, NewItem, World};

/// The town, and a catalogue in which Cove has no addition of the archive.
pub(crate) fn town() -> World {
    let mut world = crate::house::town();
    world.item(NewItem { description: "Archive".into(), price: 1.into(), ..NewItem::default() });
    world.addition(NewAddition { agreement: 50_001, item: 1003, quantity: 40.into(), ..NewAddition::default() });
    world
}

/// What the customers use: Acme more hot storage and fewer seats than it pays for. Two accounts have
/// names of their own, and Cove's archive is on no agreement.
pub(crate) fn usage() -> String {
    let at = ago(120);
    let rows = "Acme,Hot,12,GB\nAcme,Seat,4,user\nAcme,Archive,40,GB\nBolt Pty Ltd,Hot,20,GB\nBolt Pty Ltd,Seat,8,user\n\
        Sandy Bay,Hot,30,GB\nSandy Bay,Seat,4,user\nSandy Bay,Archive,7,GB";
    let rows: String = rows.lines().map(|row| format!("{row},{at}\n")).collect();
    format!("account,product,quantity,unit,measured_at\n{rows}")
}

/// An installation on its first day.
fn first_day() -> Served {
    Served::new(House::empty(Config::default(), town(), TIMEOUT_MS))
}

/// The first admin, and the first MSP.
fn sets_up(browser: &Browser, hive: &Served) {
    browser.open(hive.setup.as_deref().unwrap()).sees("Make the first admin");
    browser.fill("Your e-mail address", "priya@nw.example");
    browser.fill("Password", PASSWORD).fill("Password again", PASSWORD);
    browser.fill("Name of your MSP", "NW").click("Begin");
    browser.sees("First run").sees("From nothing to live");
}

/// First with a private key that is none.
fn connects(browser: &Browser, hive: &Served) {
    browser.click("Connect ConnectWise").sees("Connection to ConnectWise");
    browser.fill("Company", "northwind").fill("Public Key", "PUBLICKEY0000001").fill("Private Key", "NOTTHEKEY");
    browser.fill("URL", &hive.house.url()).click("Test and save");
    browser.sees("does not accept");
    let wrong = "const field = document.querySelector('[aria-invalid=true]');
        return [document.querySelectorAll('[aria-invalid=true]').length, field?.name, field?.value,
            field?.getAttribute('aria-describedby').split(' ').map((id) => document.getElementById(id).textContent)[0]]";
    println!("{}", browser.script(wrong, vec![]));
    assert_ne!(hive.house.run("doctor NW").code, 0, "nothing is saved");
    browser.fill("Private Key", PRIVATE_KEY).click("Test and save");
    browser.sees("NW is connected to northwind");
    let _ = GUID;
}

#[test]
fn a_new_user_lives_the_whole_story() {
    let hive = first_day();
    let Some(browser) = hive.browser() else { return };
    sets_up(&browser, &hive);
    connects(&browser, &hive);
    browser.picture(std::path::Path::new("/tmp/p6/psa.png"));
    browser.click("Force a Sync").sees("has begun").sees("The last Sync succeeded");
    browser.picture(std::path::Path::new("/tmp/p6/psa2.png"));
    std::fs::write("/tmp/p6/psa2.txt", browser.text()).unwrap();
}
