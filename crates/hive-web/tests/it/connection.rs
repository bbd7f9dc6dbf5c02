//! The connection: the pencil, its form, what it refuses, what an admin accepts.

use crate::city::{City, part, words};
use crate::played::{all_rights, few_rights};
use axum::http::StatusCode;
use hive_store::Role;
use hive_web::About;

const FORM: &str =
    "company=northwind&public_key=PuBlIcKeY&private_key=sEcReTkEy&url=https%3A%2F%2Fna.myconnectwise.net";

#[tokio::test]
async fn ac_17_a_small_pencil_opens_a_window_with_the_form() {
    let city = City::connected(&all_rights()).await;
    let page = city.get("psa-sync").await.text;
    let pencil = page.split("<a class=\"icon-button\"").nth(1).unwrap().split("</a>").next().unwrap();
    assert!(pencil.contains("aria-label=\"Edit the connection\"") && pencil.contains("data-dialog=\"connection\""));
    assert!(pencil.contains("href=\"/m/1/psa-sync/connection\""), "without a script it is a page: {pencil}");
    assert!(page.contains("<dialog id=\"connection\""));
    assert_eq!(city.get("psa-sync/connection").await.status, StatusCode::OK);
}

#[tokio::test]
async fn ac_18_the_form_asks_for_company_both_keys_and_the_url() {
    let city = City::bare().await;
    let page = city.get("psa-sync/connection").await.text;
    for label in ["Company", "Public Key", "Private Key", "URL"] {
        let at = page.find(&format!(">{label}</label>")).unwrap_or_else(|| panic!("no {label}"));
        let field = page[at..].split("</div>").next().unwrap();
        assert!(field.contains("/m/1/help/connect#"), "{label} leads to its place in Help");
    }
    assert!(page.contains("The name used to log in, as on the login screen under"));
    let empty = city.post("psa-sync/connection", "company=&public_key=&private_key=&url=").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["company", "public_key", "private_key", "url"] {
        assert!(empty.text.contains(&format!("id=\"{field}-wrong\"")), "{field}");
        assert!(empty.text.contains(&format!("aria-describedby=\"{field}-wrong {field}-hint\"")), "{field}");
    }
}

#[tokio::test]
async fn ac_19_five_kinds_of_trouble_stand_at_their_fields_and_save_nothing() {
    let city = City::bare().await;
    for (about, said, field) in [
        (About::Company, "knows no company \"northwind\"", Some("company")),
        (About::Keys, "did not accept the keys", Some("private_key")),
        (About::Url, "answers, but not as ConnectWise PSA", Some("url")),
        (About::Network, "cannot be reached", Some("url")),
        (About::Rights, "the role needs Finance > Agreements", None),
    ] {
        *city.engine.refuses.lock().unwrap() = Some((about, said));
        let page = city.post("psa-sync/connection", FORM).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        let text = words(&page.text).to_lowercase();
        assert!(text.contains("nothing was saved") && text.contains(&said.to_lowercase()), "{said}: {text}");
        let wrong: Vec<&str> =
            page.text.split("class=\"wrong\" id=\"").skip(1).map(|rest| rest.split("-wrong").next().unwrap()).collect();
        assert_eq!(wrong, field.into_iter().collect::<Vec<_>>(), "{said}");
        assert_eq!(text.contains("type the private key again"), field != Some("private_key"), "{said}");
        assert!(city.door.store.connection(city.msp.id).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn ac_20_saving_tests_and_the_private_key_never_comes_back() {
    let city = City::bare().await;
    *city.engine.refuses.lock().unwrap() = Some((About::Keys, "no"));
    let refused = city.post("psa-sync/connection", FORM).await;
    assert!(refused.text.contains("value=\"PuBlIcKeY\"") && !refused.text.contains("sEcReTkEy"));
    *city.engine.refuses.lock().unwrap() = None;
    let saved = city.post("psa-sync/connection", FORM).await;
    assert_eq!((saved.status, saved.header("location")), (StatusCode::SEE_OTHER, "/m/1/psa-sync"));
    let page = city.follow(&saved).await;
    assert!(words(&page.text).contains("Northwind IT is connected to northwind; all 4 rights found."));
    for path in ["psa-sync", "psa-sync/connection", "activity/audit"] {
        assert!(!city.get(path).await.text.contains("sEcReTkEy"), "{path}");
    }
    assert!(city.get("psa-sync/connection").await.text.contains("It stays as it is when left empty."));
    // Left empty, the stored one stays.
    let again = city.post("psa-sync/connection", &FORM.replace("sEcReTkEy", "").replace("PuBlIcKeY", "other")).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    let stored = city.door.store.private_key(city.msp.id).await.unwrap();
    assert_eq!(secrecy::ExposeSecret::expose_secret(&stored), "sEcReTkEy");
}

#[tokio::test]
async fn ac_21_another_company_warns_before_it_is_saved_and_links_stay() {
    let city = City::of(3).await;
    let links = || async { city.door.store.account_links(city.msp.id).await.unwrap().len() };
    let before = links().await;
    assert!(before > 0);
    let moves = FORM.replace("company=northwind", "company=southwind");
    let asked = city.post("psa-sync/connection", &moves).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(words(&asked.text).contains("This is a different ConnectWise company. Nothing is saved yet"));
    assert!(!asked.text.contains("sEcReTkEy"));
    assert_eq!(city.door.store.connection(city.msp.id).await.unwrap().unwrap().company, "northwind");
    let yes = asked.text.split("name=\"other\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let saved = city.post("psa-sync/connection", &format!("{moves}&other={}", yes.replace(' ', "+"))).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", words(&saved.text));
    assert_eq!(city.door.store.connection(city.msp.id).await.unwrap().unwrap().company, "southwind");
    assert_eq!(links().await, before, "links stay");
    // Other keys alone ask nothing.
    let keys = moves.replace("PuBlIcKeY", "new").replace("https%3A%2F%2Fna", "NA");
    assert_eq!(city.post("psa-sync/connection", &keys).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn ac_22_another_msps_connection_is_not_there_and_only_an_admin_edits_it() {
    let city = City::connected(&all_rights()).await;
    let theirs = city.door.msp("Southwind IT").await;
    let jo = city.door.person("sue@southwind.example", Role::Admin, Some(theirs)).await;
    let sue = city.door.come_in(jo).await;
    for path in ["psa-sync", "psa-sync/connection", "psa-sync/report", "activity/audit"] {
        let page = city.get_as(path, &sue).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!page.text.contains("myconnectwise"), "{path}");
    }
    for role in [Role::ReadOnly, Role::Mapper, Role::Approver] {
        let session = city.session(role).await;
        let page = city.get_as("psa-sync", &session).await;
        assert!(page.text.contains("Only an admin may edit the connection") && !page.text.contains("<dialog"));
        let posted = city.post_as("psa-sync/connection", FORM, &session).await;
        assert_eq!(posted.status, StatusCode::FORBIDDEN, "{role:?}");
        let posted = city.post_as("psa-sync/connection/accept", "", &session).await;
        assert_eq!(posted.status, StatusCode::FORBIDDEN, "{role:?}");
    }
}

#[tokio::test]
async fn ac_14_missing_rights_wait_for_an_admin_who_accepts_them_once() {
    let city = City::connected(&few_rights()).await;
    let page = city.get("psa-sync").await;
    let banner = words(page.text.split("id=\"banners\"").nth(1).unwrap());
    assert!(banner.contains("The connection is waiting for an admin") && banner.contains("Syncs run."));
    assert!(banner.contains(
        "Finance > Agreements: Edit Level None found, All needed; without it an Update cannot write a quantity"
    ));
    assert!(part(&page, "connection-summary").contains("2 of 4 rights found"));
    assert!(banner.contains("Test again") && banner.contains("Accept the missing rights"));
    let mapper = city.session(Role::Mapper).await;
    let theirs = words(&city.get_as("psa-sync", &mapper).await.text);
    assert!(theirs.contains("The connection is waiting for an admin") && !theirs.contains("Accept the missing rights"));
    let accepted = city.post("psa-sync/connection/accept", "").await;
    assert_eq!(accepted.status, StatusCode::SEE_OTHER);
    let page = city.follow(&accepted).await;
    assert!(words(&page.text).contains("Accepted by jo@northwind.example"));
    assert!(!words(&page.text).contains("waiting for an admin"));
    assert!(part(&page, "connection-summary").contains("Accepted as it is by jo@northwind.example"));
    assert!(words(&city.get("activity/audit").await.text).contains("connection.accept_rights"));
    // There is nothing to accept twice.
    assert_eq!(city.post("psa-sync/connection/accept", "").await.status, StatusCode::CONFLICT);
}
