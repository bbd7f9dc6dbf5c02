//! MSP Overview: what is not billed and what is over-billed, in money, before anything else.

use crate::city::{City, part};
use crate::town::{Town, words};
use axum::http::StatusCode;
use hive_core::settings::{At, Key};
use hive_store::{Role, RunKind};

/// The text of one element with its own id, up to where the next panel ends.
fn cards(html: &str) -> String {
    words(html.split("id=\"balance\"").nth(1).unwrap().split("id=\"sides\"").next().unwrap())
}

#[tokio::test]
async fn ac_03_the_shield_leads_to_msp_overview_and_it_says_what_leaks_in_money() {
    let town = Town::live().await;
    // Acme's seats fell: 3 are used, 5 are billed. Dune uses 9 GB and is linked to nothing.
    town.door.later(1);
    town.usage("Acme,Seat,3,user").await;
    let page = town.get("").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.text.contains(r#"title="MSP Overview" aria-current="page""#)
            && page.text.contains("<h1>MSP Overview</h1>")
    );
    let said = cards(&page.text);
    // Acme's Hot 3 more at 2, Bolt's 180 more at 2 (held), Dune's 9 at 2.
    assert!(
        said.contains(
            "Not billed +384.00 USD a month, +4,608.00 USD a year 4 lines; 1 of them without a price, not in the sum"
        ),
        "{said}"
    );
    assert!(said.contains("Over-billed \u{2212}20.00 USD a month, \u{2212}240.00 USD a year 1 line"), "{said}");
    assert!(
        said.contains("Billed through Hive now 110.00 USD a month, 1,320.00 USD a year 3 lines on 3 additions"),
        "{said}"
    );
    assert!(said.contains("Waits for a person 1 decision"), "{said}");
    let first = page.text.find("Not billed").unwrap();
    assert!(first < page.text.find("Next Sync").unwrap(), "what leaks comes first");
}

#[tokio::test]
async fn each_reason_leads_to_where_it_is_mended() {
    let town = Town::built().await;
    let page = town.get("").await;
    let less = part(&page, "not-billed");
    for row in [
        "Waits for approval 1 +360.00 USD",
        "The account is linked to no company 1 +18.00 USD",
        "Only an Update: it would add this 1 +6.00 USD",
        "The product is mapped to no item 1 no price",
        "Bolt · Hot 20 → 200 +360.00 USD",
    ] {
        assert!(less.contains(row), "{row}: {less}");
    }
    for href in [
        "psa-sync/usages?mark=waits&amp;sort=-money",
        "psa-sync/accounts\"",
        "psa-sync/products\"",
        "psa-sync/update\"",
    ] {
        assert!(page.text.contains(&town.path(href)), "{href}");
    }
    assert!(part(&page, "over-billed").contains("Nothing is to be lowered No Update would lower anything."));
    assert!(words(&page.text).contains("Over-billed Nothing No Update would lower anything."));
    assert!(part(&page, "decisions").contains("Preview and Update"));
}

#[tokio::test]
async fn an_account_that_is_like_a_company_stands_apart_from_what_nobody_is_billed_for() {
    let town = Town::built().await;
    // ConnectWise has a Cove, which may be billed for it; nobody said.
    town.usage("Cove Ltd,Hot,4,GB").await;
    let page = town.get("").await;
    let said = cards(&page.text);
    assert!(
        said.contains("Not billed +384.00 USD a month, +4,608.00 USD a year 4 lines; 1 of them without a price, not in the sum; 1 more may be billed already, not in the sum"),
        "{said}"
    );
    let less = part(&page, "not-billed");
    assert!(less.contains("The account is linked to no company 1 +18.00 USD"), "Dune alone: {less}");
    assert!(
        less.contains("1 line may be billed already, not in the sum : 8.00 USD a month at list prices. The account is linked to no company, and is like one that may be billed for the same items already."),
        "{less}"
    );
}

#[tokio::test]
async fn next_runs_have_their_time_zone_and_countdown_and_the_mode_of_updates() {
    let city = City::live(3).await;
    city.set(Key::TimeZone, "Australia/Melbourne").await;
    city.due(RunKind::Sync, 150).await;
    city.due(RunKind::Update, 4 * 24 * 60).await;
    let said = cards(&city.get("").await.text);
    assert!(said.contains("Next Sync in 2 hours 23 Nov 2025, 23:32 AEDT"), "{said}");
    assert!(said.contains("Next Update in 4 days 27 Nov 2025, 21:02 AEDT. Updates are Automatic."), "{said}");
    city.set(Key::Updates, "off").await;
    let said = cards(&city.get("").await.text);
    assert!(said.contains("Next Update Not by itself Updates are off. Updates are Off."), "{said}");
    assert!(part(&city.get("").await, "runs").contains("Sync 1"), "the last runs");
}

#[tokio::test]
async fn ac_05_a_reader_sees_all_of_it_and_another_msp_nothing() {
    let town = Town::live().await;
    let reader = town.session(Role::ReadOnly).await;
    let (own, theirs) = (town.get("").await, town.get_as("", &reader).await);
    assert_eq!(cards(&own.text), cards(&theirs.text));
    let elsewhere = town.door.msp("Southwind").await;
    for path in ["", "/accounts", "/accounts/1/billing", "/billable-items", "/psa-sync/settings"] {
        let shown = town.door.get(&format!("/m/{elsewhere}{path}"), &reader).await;
        assert_eq!(shown.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn before_anything_is_known_the_page_says_what_comes_next() {
    let town = Town::bare().await;
    let page = town.get("").await;
    let said = words(&page.text);
    assert!(said.contains("Nothing is known before usage is imported."), "{said}");
    assert!(said.contains("What is left to do") && said.contains("Connect ConnectWise"));
    assert!(said.contains("Nothing ran yet"));
}

#[tokio::test]
async fn a_full_house_stays_small_and_a_hostile_name_harmless() {
    let city = City::live(700).await;
    city.set(Key::Mode, "quota_bracket").await;
    let page = city.get("").await;
    assert!(page.text.len() < 300_000, "{} bytes", page.text.len());
    let town = Town::live().await;
    let text = "account,product,quantity,unit,measured_at\n<script>alert(1)</script>,Hot,900,GB,2025-11-23T10:00:00Z\n";
    let file =
        hive_desk::UsageFile { name: "x".into(), text: text.into(), source: None, complete: false, dry_run: false };
    town.desk.import_usage(&town.by(), &file).await.unwrap();
    for path in ["", "accounts", "billable-items"] {
        let page = town.get(path).await;
        assert!(!page.text.contains("<script>alert"), "{path}");
    }
    assert!(town.get("accounts").await.text.contains("&lt;script&gt;alert(1)"));
    let set = town.desk.store.settings(town.msp.id).await.unwrap();
    assert_eq!(set.text(Key::Mode, At::default()), "actual");
}
