//! The path from nothing to live.

use crate::city::{City, words};
use crate::played::all_rights;
use hive_store::Role;

/// The step that is next, in words.
async fn next(city: &City) -> String {
    let page = city.get("first-run").await.text;
    words(page.split("aria-current=\"step\">").nth(1).map_or("", |rest| rest.split("</li>").next().unwrap()))
}

#[tokio::test]
async fn each_step_says_what_is_left_and_has_one_button_for_the_next() {
    let city = City::bare().await;
    assert!(next(&city).await.starts_with("1 Connect next") && next(&city).await.ends_with("Connect ConnectWise"));
    city.connect(&all_rights()).await;
    assert!(next(&city).await.starts_with("2 Sync next") && next(&city).await.ends_with("Force a Sync"));
    city.sync(21).await;
    assert!(next(&city).await.starts_with("3 Bring usage next"), "{}", next(&city).await);
    city.usage(21).await;
    let link = next(&city).await;
    assert!(link.starts_with("4 Link accounts next 21 accounts with usage are not linked yet; 0 decided."), "{link}");
    city.desk.match_unmistakable(&city.by(), true).await.unwrap();
    assert!(next(&city).await.contains("3 accounts with usage are not linked yet; 18 decided."));
    for n in [7, 14, 21] {
        let account = city.desk.account(&city.msp, &crate::city::name(n)).await.unwrap().id;
        city.desk.link_account(&city.by(), account, "-").await.unwrap();
    }
    assert!(next(&city).await.starts_with("5 Map products next 2 products with usage are not mapped yet"));
    city.map("Seat", "1001", None).await;
    city.map("Hot Storage", "1002", Some("GB")).await;
    let plan = next(&city).await;
    assert!(
        plan.starts_with(
            "6 Look at the first plan next 16 would be pushed, 0 held for a decision, 2 with an issue, 18 in step."
        ),
        "{plan}"
    );
    city.go_live("Seat").await;
    let page = words(&city.get("first-run").await.text);
    assert!(
        page.contains("All of it is done.") && page.contains("1 product is live. Updates run by themselves."),
        "{page}"
    );
    assert!(!words(&city.get("psa-sync").await.text).contains("What is left to do"));
}

#[tokio::test]
async fn who_may_not_connect_is_told_who_may() {
    let city = City::bare().await;
    let session = city.session(Role::Mapper).await;
    let page = words(&city.get_as("first-run", &session).await.text);
    assert!(page.contains("An admin of Northwind IT connects it."));
}
