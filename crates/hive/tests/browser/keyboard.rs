//! The whole story without a mouse: Tab, Enter, arrows, letters.

use crate::browser::Browser;
use crate::house::PRIVATE_KEY;
use crate::served::PASSWORD;
use crate::story::{first_day, usage};

/// Goes to a button or link and presses it.
fn enter<'a>(browser: &'a Browser, name: &str) -> &'a Browser {
    browser.tab_to(name).press("Enter")
}

/// Goes to a field and types.
fn write<'a>(browser: &'a Browser, label: &str, text: &str) -> &'a Browser {
    browser.tab_to(label).types(text)
}

#[test]
fn the_whole_story_by_keyboard_alone() {
    let hive = first_day();
    let Some(browser) = hive.browser() else { return };
    browser.open(hive.setup.as_deref().unwrap()).sees("Make the first admin");
    // The first field has the focus already.
    browser.types("priya@nw.example");
    write(&browser, "Password", PASSWORD);
    write(&browser, "Password again", PASSWORD);
    write(&browser, "Name of your MSP", "NW").press("Enter").sees("From nothing to live");

    enter(&browser, "Connect ConnectWise").sees("Connection to ConnectWise");
    write(&browser, "Company", "northwind");
    write(&browser, "Public Key", "PUBLICKEY0000001");
    write(&browser, "Private Key", PRIVATE_KEY);
    write(&browser, "URL", &hive.house.url()).press("Enter").sees("NW is connected to northwind");
    browser.sees("The last Sync succeeded");
    enter(&browser, "Force a Sync").sees("has begun").sees("The last Sync succeeded");

    // A file dialog is the system's own: its keys are not the page's.
    let file = hive.house.write("usage.csv", usage());
    browser.open("/m/1/usage").attach("Usage file", file.as_ref());
    enter(&browser, "Check this file").sees("This file can be taken");
    enter(&browser, "Take these 9 rows").sees("What came last").sees("9 new samples");

    enter(&browser, "PSA Sync").sees("Forcing a Sync");
    enter(&browser, "Show Accounts").sees("Unlinked 1");
    enter(&browser, "Link all 2 unmistakable…").sees("Bolt Pty Ltd");
    enter(&browser, "Link all 2 unmistakable").sees("2 accounts are linked");
    write(&browser, "Hive account for Cove", "sandy").sees("1 found").press("Enter").sees("Linked 3");

    enter(&browser, "Show Products").sees("Training");
    write(&browser, "Search for product: ConnectWise item for Hot", "ho").sees("1 found").press("Enter");
    browser.sees("Map Hot");
    write(&browser, "Size", "1");
    write(&browser, "Unit", "GB");
    enter(&browser, "Map Hot to Hot-1001").sees("product \"Hot\" is mapped");
    for (product, letters) in [("Seat", "seat"), ("Archive", "arch")] {
        let label = format!("Search for product: ConnectWise item for {product}");
        write(&browser, &label, letters).sees("1 found").press("Down").press("Up").press("Enter");
        browser.sees(&format!("product \"{product}\" is mapped"));
    }

    enter(&browser, "Show Product Usages").sees("Issues 2");
    enter(&browser, "Issues 2").sees_no("in step");
    enter(&browser, "issue : why, for Sandy Bay Archive addition.none").sees("Why this number");
    enter(&browser, "Preview and Update").sees("Push exactly this plan");
    for product in ["Hot", "Seat", "Archive"] {
        browser.tab_to(&format!("Push {product}")).press("Space");
    }
    enter(&browser, "Push exactly this plan…").sees("This writes 2 additions");
    enter(&browser, "Push 2 additions").sees("2 pushed");
    assert_eq!(hive.wrote().len(), 2);

    enter(&browser, "Show Settings").sees("How customers are billed");
    browser.press("Tab");
    for _ in 0..60 {
        if browser.focused().starts_with("ACTUAL usage") {
            break;
        }
        browser.press("Tab");
    }
    browser.press("Down").sees("This would change 3 lines");
    enter(&browser, "Save how customers are billed").sees("Bill customers on: Upper bracket");
    // What the arrow says is said to whoever comes to it by Tab; Enter opens the report.
    enter(&browser, "Sync/Update report").sees("Will not be pushed");
    enter(&browser, "CSV of all lines that will not be pushed");
    assert!(!browser.downloaded("not-pushed.csv").is_empty());
    assert_eq!(browser.take_steps(), ["field Usage file"], "nothing else was pointed at");
}
