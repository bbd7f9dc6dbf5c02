//! The story once with exactly the role of the article: what it lacks is said, and the rest goes on.

use crate::house::House;
use crate::served::Served;
use crate::story::{connects, first_day, links, maps, pushes, sets_up, syncs, uploads};

#[test]
fn ac_13_14_15_the_articles_own_role_is_enough_to_push() {
    let hive = first_day();
    let Some(browser) = hive.browser() else { return };
    hive.house.sim.set_rights("Procurement", "Product Catalog", "None", "None");
    sets_up(&browser, &hive);
    connects(&browser, &hive);
    browser.sees("The product catalogue cannot be read, so items come from additions").is_clean();
    browser.sees("Procurement > Product Catalog: Inquire Level None found, All needed");
    syncs(&browser);
    uploads(&browser, &hive);
    links(&browser);
    browser.open("/m/1/psa-sync/products").sees("knows only items that are on an agreement");
    maps(&browser, " (only items that are on an agreement)");
    pushes(&browser, &hive);
}

#[test]
fn ac_14_an_admin_is_asked_and_accepts() {
    let house = House::live();
    house.sim.set_rights("Finance", "Agreements", "All", "None");
    house.connect("NW").done();
    let hive = Served::with_admin(house);
    let Some(browser) = hive.browser() else { return };
    hive.let_in(&browser, "jo@nw.example", "admin");
    browser.open("/m/1").sees("The connection is waiting for an admin").sees("Finance > Agreements: Edit Level");
    browser.is_clean().click("Accept the missing rights").sees("Accepted by jo@nw.example");
    browser.sees_no("The connection is waiting for an admin").is_clean();
}
