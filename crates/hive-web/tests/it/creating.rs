//! Creating what is missing, on the pages: the switch, the line, the decision.

use crate::town::{Town, words};
use axum::http::StatusCode;
use hive_store::Role;

/// Acme's agreement lacks Hot; everything else is the town's.
async fn lacking() -> Town {
    let town = Town::live().await;
    town.sync(&[(2, "5"), (3, "20"), (4, "1"), (5, "2")]).await;
    town
}

async fn page_of(town: &Town) -> (String, String) {
    let line = town.line("Acme", "Hot").await;
    (format!("psa-sync/usages/{line}"), format!("psa-sync/settings/products/{}", line.product))
}

#[tokio::test]
async fn the_line_says_that_hive_can_create_it_and_where_that_is_switched_on() {
    let town = lacking().await;
    let (line, product) = page_of(&town).await;
    let shown = town.get(&line).await;
    assert!(
        words(&shown.text).contains("Hive can create it, once creating is switched on for Hot"),
        "{}",
        words(&shown.text)
    );
    assert!(shown.text.contains(&format!("{product}\"")), "it leads to the switch");
    assert!(!words(&town.get("psa-sync/update").await.text).contains("could be created"), "off: nothing is offered");
    let settings = words(&town.get(&product).await.text);
    for says in ["Create an addition that is missing", "a new line on a customer's invoice", "Hive deletes nothing"] {
        assert!(settings.contains(says), "{says}: {settings}");
    }
}

#[tokio::test]
async fn switched_on_it_is_a_decision_that_one_approval_answers() {
    let town = lacking().await;
    let (line, product) = page_of(&town).await;
    let (posted, _) = town.post(&product, "create=true").await;
    assert_eq!(posted.status, StatusCode::SEE_OTHER);
    let update = town.get("psa-sync/update").await;
    let shown = words(&update.text);
    for says in [
        "What is missing and could be created: 1",
        "Acme × Hot",
        "Approve creating 13 on agreement",
        "new line on a customer's invoice",
    ] {
        assert!(shown.contains(says), "{says}: {shown}");
    }
    let shown = words(&town.get(&line).await.text);
    for says in ["addition.to_create", "create the addition", "an undo does not delete it", "Pushed once approved"] {
        assert!(shown.contains(says), "{says}: {shown}");
    }
    let plan = town.desk.look_fresh(&town.msp, town.door.now()).await.unwrap().plan.id.clone();
    let viewer = town.session(Role::ReadOnly).await;
    let refused = town.post_as(&format!("{line}/approve"), &format!("plan={plan}"), &viewer).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let (_, said) = town.post(&format!("{line}/approve"), &format!("plan={plan}")).await;
    assert!(
        said.contains("Creating the addition at 13 is approved") && said.contains("The next Update pushes it"),
        "{said}"
    );
    let update = words(&town.get("psa-sync/update").await.text);
    assert!(
        update.contains("approved, the next Update creates it") && !update.contains("Approve creating"),
        "{update}"
    );
    let asks = town.post_as("psa-sync/update/push", "", &town.session(Role::Admin).await).await;
    assert!(
        words(&asks.text).contains("It creates 1 addition on the agreement that lacks it"),
        "{}",
        words(&asks.text)
    );
}
