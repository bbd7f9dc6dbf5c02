//! What if, past months, the configuration as a file, one line of a past run: as pages.

use crate::city::{City, words};
use crate::town::Town;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use hive_core::outcome::Outcome;
use hive_core::settings::Key;
use hive_store::{Role, RunState};

#[tokio::test]
async fn row_54_every_key_can_be_asked_about_before_it_is_saved() {
    let city = City::live(3).await;
    let page = city.get("psa-sync/what-if").await;
    assert_eq!(page.status, StatusCode::OK);
    for key in Key::ALL {
        assert!(page.text.contains(&format!("<option value=\"{}\"", key.name())), "{}", key.name());
    }
    let asked = city.get("psa-sync/what-if?asked=1&key0=maximum&value0=2&product=Seat&account=").await;
    let told = words(&asked.text);
    assert!(told.contains("This would change") && told.contains("Nothing is saved here"), "{told}");
    let bad = city.get("psa-sync/what-if?asked=1&key0=mode&value0=sometimes").await;
    assert!(words(&bad.text).contains("is none of actual"), "{}", bad.text);
    assert_eq!(city.desk.store.settings(city.msp.id).await.unwrap().entries().count(), 0, "nothing is stored");
}

#[tokio::test]
async fn row_80_past_months_say_no_samples_and_download() {
    let city = City::live(3).await;
    let page = city.get("psa-sync/back-test?asked=1&months=2").await;
    let told = words(&page.text);
    assert!(page.status == StatusCode::OK && told.contains("no samples"), "{told}");
    let csv = city.get("psa-sync/back-test.csv?asked=1&months=2").await;
    assert!(csv.text.starts_with("month,product,no_samples"), "{}", csv.text);
    assert!(city.get("psa-sync/back-test.xlsx?asked=1&months=2").await.text.starts_with("PK"));
    let bad = city.get("psa-sync/back-test?asked=1&months=99").await;
    assert!(words(&bad.text).contains("ask for 1 to 36"));
}

async fn upload(city: &City, session: &str, text: &str) -> crate::door::Shown {
    let body =
        format!("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"c.toml\"\r\n\r\n{text}\r\n--b--\r\n");
    let request = Request::post(format!("/m/{}/psa-sync/configuration", city.msp.id))
        .header(header::COOKIE, session)
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .body(Body::from(body))
        .unwrap();
    city.send(request).await
}

#[tokio::test]
async fn row_79_a_file_is_compared_first_and_applied_when_somebody_says_so() {
    let city = City::live(3).await;
    let file = city.get("psa-sync/configuration.toml").await;
    assert!(file.text.contains("[[product]]") && file.header("content-disposition").contains("configuration.toml"));
    let text = "format = 1\n\n[[setting]]\nkey = \"drop_percent\"\nvalue = \"7\"\n";
    let shown = upload(&city, &city.admin, text).await;
    let told = words(&shown.text);
    assert!(told.contains("setting drop_percent: value 7") && told.contains("Apply all of it"), "{told}");
    assert_eq!(city.desk.store.settings(city.msp.id).await.unwrap().entries().count(), 0, "shown is not applied");
    let bad = upload(&city, &city.admin, &text.replace("drop_percent", "nonsense")).await;
    assert!(words(&bad.text).contains("Line 4, key : nonsense: no such setting"), "{}", words(&bad.text));
    let form = |entries: usize| {
        let text: String = url_form(&text.replace('\n', "\r\n"));
        format!("text={text}&entries={entries}")
    };
    let again = city.post("psa-sync/configuration/apply", &form(2)).await;
    assert!(words(&again.text).contains("Apply all of it"), "something else was shown: it is shown again");
    let done = city.post("psa-sync/configuration/apply", &form(1)).await;
    assert!(words(&city.follow(&done).await.text).contains("Applied: 1 entry."));
    assert_eq!(city.desk.store.settings(city.msp.id).await.unwrap().entries().count(), 1);
    let reader = city.session(Role::ReadOnly).await;
    assert_eq!(upload(&city, &reader, text).await.status, StatusCode::FORBIDDEN);
}

fn url_form(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn row_70_a_line_of_a_past_run_has_an_address_that_survives_the_log_in() {
    let city = City::live(3).await;
    let run = city.update(&[Outcome::Pushed], RunState::Succeeded).await;
    let list = city.get(&format!("runs/{run}")).await;
    let start = list.text.find(&format!("/runs/{run}/lines/")).unwrap();
    let path = list.text[start..].split('"').next().unwrap().trim_start_matches('/').to_owned();
    let page = city.get(&path).await;
    let told = words(&page.text);
    for shown in ["What became of it", "pushed", "The rule it was made by"] {
        assert!(told.contains(shown), "{shown}: {told}");
    }
    let stranger = city.get_as(&path, "hive_session=none").await;
    let to = stranger.header("location");
    assert!(stranger.status.is_redirection() && to.contains("login?next=") && to.contains("lines"), "{to}");
    let line = path.rsplit('/').next().unwrap();
    let now = words(&city.get(&format!("psa-sync/usages/{line}")).await.text);
    assert!(now.contains("The rule Version"), "{now}");
    assert_eq!(city.get(&format!("runs/999/lines/{line}")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn row_69_what_was_measured_and_pushed_of_a_line_stands_over_time() {
    let town = Town::live().await;
    let line = town.line("Acme", "Hot").await;
    // A session that is idle for half a day ends.
    town.door.later(10 * 60);
    town.get("psa-sync/usages").await;
    town.door.later(5 * 60);
    town.usage("Acme,Hot,13.5,GB").await;
    let page = town.get(&format!("psa-sync/usages/{line}")).await;
    let told = words(&page.text);
    assert!(page.text.contains("Hot of Acme, source import: 12.5 GB on 2025-11-23, 13.5 GB on 2025-11-24"), "{told}");
    assert!(
        told.contains("Samples, the newest first") && told.contains("Hive has not written this line yet"),
        "{told}"
    );
}
