//! A run line by line, undo, Activity and the audit trail.

use crate::city::{City, part, words};
use axum::http::StatusCode;
use hive_core::outcome::Outcome;
use hive_store::{Role, RunState};
use hive_web::RunAsked;

#[tokio::test]
async fn a_run_counts_all_twelve_and_shows_what_failed_alone() {
    let city = City::live(21).await;
    let run = city.update(&[Outcome::Pushed, Outcome::Drifted, Outcome::Unchanged], RunState::PartlyFailed).await;
    let page = city.get(&format!("runs/{run}")).await;
    let counts = part(&page, "counts");
    for outcome in Outcome::ALL {
        let name = outcome.name().replace('_', " ");
        assert!(counts.contains(&name), "{name}: {counts}");
    }
    assert!(words(&page.text).contains("partly failed") && words(&page.text).contains("by the schedule"));
    let lines = part(&page, "lines");
    assert!(
        lines.contains("What it did 28") && lines.contains("Only failed 14") && lines.contains("Every line 42"),
        "{lines}"
    );
    let failed = part(&city.get(&format!("runs/{run}?show=failed")).await, "lines");
    assert!(failed.contains("somebody changed it since the plan: not written ConnectWise said: not today"), "{failed}");
    assert!(!failed.contains("ConnectWise answered with it") && failed.ends_with("14 lines"), "{failed}");
    let one = part(&city.get(&format!("runs/{run}?show=all&q=BUILDERS%2021")).await, "lines");
    assert!(one.ends_with("0 lines"), "{one}");
    let one = part(&city.get(&format!("runs/{run}?show=all&q=dental%201")).await, "lines");
    assert!(one.contains("Harbour Dental 1") && one.ends_with("2 lines"), "{one}");
    assert_eq!(city.get("runs/999").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_report_downloads_as_the_command_line_gives_it() {
    let city = City::live(3).await;
    let run = city.update(&[Outcome::Pushed], RunState::Succeeded).await;
    let csv = city.get(&format!("runs/{run}/run-{run}.csv")).await;
    assert!(
        csv.text.starts_with("line,account,product,addition_id,from,to,found,outcome,message,money_month,currency\n"),
        "{}",
        csv.text
    );
    assert_eq!(csv.text.lines().count(), 7);
    let json = city.get(&format!("runs/{run}/run-{run}.json")).await.text;
    assert!(json.contains("\"pushed\": 6") && json.contains("\"not_a_target\": 0"), "{json}");
    let xlsx = city.get(&format!("runs/{run}/run-{run}.xlsx")).await;
    assert_eq!(
        (xlsx.status, xlsx.header("content-disposition")),
        (StatusCode::OK, &*format!("attachment; filename=\"run-{run}.xlsx\""))
    );
    assert!(xlsx.text.starts_with("PK"));
}

#[tokio::test]
async fn an_undo_shows_what_it_restores_before_it_is_asked_for() {
    let city = City::live(3).await;
    let run = city.push(2).await;
    assert!(city.get(&format!("runs/{run}")).await.text.contains("Undo this Update…"));
    let ask = words(&city.get(&format!("runs/{run}/undo")).await.text);
    assert!(ask.contains("This would write to 2 additions in ConnectWise"), "{ask}");
    assert!(ask.contains("In all nothing a month up and \u{2212}24.00 USD a month down."), "{ask}");
    assert!(ask.contains("Harbour Dental 1 Seat 30001 agreement 20001 2 1 \u{2212}1 \u{2212}12.00 USD"), "{ask}");
    assert!(city.engine.asked.lock().unwrap().is_empty());
    let posted = city.post(&format!("runs/{run}/undo"), "").await;
    assert_eq!(*city.engine.asked.lock().unwrap(), [RunAsked::Undo { run }]);
    assert_eq!(posted.header("location"), format!("/m/1/runs/{}", run.0 + 1));
    let reader = city.session(Role::Mapper).await;
    assert_eq!(city.post_as(&format!("runs/{run}/undo"), "", &reader).await.status, StatusCode::FORBIDDEN);
    assert_eq!(city.post_as(&format!("runs/{run}/stop"), "", &reader).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_run_says_what_was_taken_back_of_it_and_is_not_undone_twice() {
    let city = City::live(3).await;
    city.set(hive_core::settings::Key::TimeZone, "Australia/Melbourne").await;
    let run = city.push(2).await;
    let first = city.take_back(run, 1).await;
    let said = format!("partly undone by run {first} (jo@northwind.example, 23 Nov 2025, 21:04 AEDT): 1 of the 2");
    for page in [format!("runs/{run}"), "activity".to_owned()] {
        let shown = words(&city.get(&page).await.text);
        assert!(shown.contains(&said), "{page}: {shown}");
    }
    assert!(city.get(&format!("runs/{run}")).await.text.contains("Undo this Update…"), "the rest can be undone");
    let ask = words(&city.get(&format!("runs/{run}/undo")).await.text);
    assert!(ask.contains("This would write to 1 addition in ConnectWise") && !ask.contains("30001"), "{ask}");
    let last = city.take_back(run, 1).await;
    let page = city.get(&format!("runs/{run}")).await;
    let said = format!("undone by run {last} (jo@northwind.example, 23 Nov 2025, 21:05 AEDT)");
    assert!(words(&page.text).contains(&said) && !page.text.contains("partly undone"), "{}", words(&page.text));
    assert!(!page.text.contains("Undo this Update…"));
    let asked = city.get(&format!("runs/{run}/undo")).await;
    assert_eq!((asked.status, asked.header("location")), (StatusCode::SEE_OTHER, &*format!("/m/1/runs/{run}")));
    let said = words(&city.follow(&asked).await.text);
    assert!(said.contains(&format!("run {run} of Northwind IT is undone by run {last}")), "{said}");
    let json = city.get(&format!("runs/{run}/run-{run}.json")).await.text;
    assert!(json.contains("\"whole\": true") && json.contains(&format!("\"run\": \"{last}\"")), "{json}");
}

#[tokio::test]
async fn ac_98_activity_lists_runs_and_says_when_the_next_begin_in_which_zone() {
    let city = City::of(3).await;
    city.set(hive_core::settings::Key::TimeZone, "Australia/Melbourne").await;
    city.scheduled().await;
    let page = city.get("activity").await;
    let next = part(&page, "next");
    assert!(
        next.contains("The next begins 25 Nov 2025, 21:02 AEDT") && next.contains("Times are in Australia/Melbourne"),
        "{next}"
    );
    assert!(part(&page, "runs").contains("Sync 1 succeeded 23 Nov 2025, 21:00 AEDT 2 minutes the schedule"));
    assert!(words(&city.get("first-run").await.text).contains("A Sync runs every 3 days at 02:00 (Australia/Melbourne). An Update runs every 5 days at 03:00 (Australia/Melbourne)."));
}

#[tokio::test]
async fn ac_97_every_change_is_in_the_audit_trail_with_who_when_before_and_after() {
    let city = City::of(3).await;
    city.set(hive_core::settings::Key::SyncDays, "1").await;
    let all = part(&city.get("activity/audit").await, "audit");
    for what in ["account.link", "product.link", "setting.set", "connection.save", "usage.import"] {
        assert!(all.contains(what), "{what}: {all}");
    }
    let settings = part(&city.get("activity/audit?what=setting.&who=ANN").await, "audit");
    assert!(settings.contains("ann@northwind.example setting.set") && !settings.contains("account.link"), "{settings}");
    assert!(part(&city.get("activity/audit?who=nobody").await, "audit").contains("Nothing found"));
    let whole = words(&city.get("activity/audit?check=1").await.text);
    assert!(whole.contains("The chain is whole All "), "{whole}");
    let csv = city.get("activity/audit.csv?what=setting.").await.text;
    assert!(csv.starts_with("seq,at,who,what,subject,before,after,hash\n") && csv.lines().count() == 2, "{csv}");
}

#[tokio::test]
async fn runs_and_trails_of_any_length_are_read_page_by_page() {
    let city = City::of(3).await;
    for _ in 0..105 {
        let lease = city.begin(hive_store::RunKind::Sync, "schedule").await;
        city.end(lease, RunState::Succeeded, "<script>alert(1)</script>").await;
    }
    let page = city.get("activity").await;
    assert_eq!(page.text.matches("<tr>").count(), 101);
    assert!(!page.text.contains("<script>alert") && page.text.len() < 300_000);
    let earlier = page.text.split("rel=\"next\" href=\"/m/1/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let rest = city.get(&earlier).await;
    assert_eq!(rest.text.matches("<tr>").count(), 7);
}

#[tokio::test]
async fn a_syncs_page_lists_what_it_linked_by_itself() {
    let city = City::connected(&crate::played::all_rights()).await;
    city.usage(8).await;
    let lease = city.begin(hive_store::RunKind::Sync, "schedule").await;
    city.pulled(&lease, 8).await;
    city.desk.link_unmistakable(&city.msp, city.door.now()).await.unwrap();
    city.door.later(1);
    let run = city.end(lease, RunState::Succeeded, "pulled").await;
    let linked = part(&city.get(&format!("runs/{run}")).await, "linked");
    assert!(linked.contains("Linked by itself: 7 accounts"), "the seventh is somebody else there: {linked}");
    assert!(linked.contains("Harbour Dental 1 Harbour Dental 1 10001") && linked.ends_with("7 accounts"), "{linked}");
    city.door.later(60);
    let lease = city.begin(hive_store::RunKind::Sync, "schedule").await;
    let later = city.end(lease, RunState::Succeeded, "pulled").await;
    assert!(!city.get(&format!("runs/{later}")).await.text.contains("Linked by itself"));
}
