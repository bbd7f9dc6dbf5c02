//! PSA Sync: the arrow, forcing a Sync, banners, the Sync/Update report.

use crate::city::{City, part, words};
use crate::played::{all_rights, few_rights};
use axum::http::StatusCode;
use hive_core::outcome::Outcome;
use hive_core::settings::Key;
use hive_store::{Role, RunKind, RunState};
use hive_web::RunAsked;

/// The arrow's class and its words.
async fn arrow(city: &City) -> (String, String) {
    let page = city.get("psa-sync").await.text;
    let arrow = page.split("id=\"arrow\"").nth(1).unwrap();
    let class = arrow.split("class=\"arrow-link ").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let shape = arrow.split("<svg").nth(1).unwrap().split("</svg>").next().unwrap().len();
    let tip = arrow.split("role=\"tooltip\">").nth(1).unwrap().split("class=\"icon-button\"").next().unwrap();
    (format!("{class} {shape}"), words(tip))
}

#[tokio::test]
async fn ac_03_ac_04_the_shield_and_psa_sync_on_the_left_lead_here() {
    let city = City::bare().await;
    let page = city.get("psa-sync").await.text;
    assert!(page.find("title=\"MSP Overview\"") < page.find(">PSA Sync</a>"));
    for tab in ["Show Accounts", "Show Products", "Show Product Usages", "Show Settings"] {
        assert!(page.contains(&format!(">{tab}</a>")), "{tab}");
    }
}

#[tokio::test]
async fn ac_06_the_page_points_to_storage_quotas() {
    let page = City::bare().await.get("psa-sync").await.text;
    assert!(page.contains("<a href=\"/m/1/help/storage-quotas\">How to set storage quotas</a>"));
}

#[tokio::test]
async fn ac_52_a_sync_is_forced_by_hand_under_its_heading() {
    let city = City::connected(&all_rights()).await;
    city.scheduled().await;
    let reader = city.session(Role::ReadOnly).await;
    let theirs = part(&city.get_as("psa-sync", &reader).await, "forcing");
    assert!(theirs.contains("needs the role approver or mapper or admin at Northwind IT"), "{theirs}");
    let page = city.get("psa-sync").await.text;
    let (heading, button) = (page.find("<h2>Forcing a Sync</h2>").unwrap(), page.find(">Force a Sync</button>"));
    assert!(page[heading..].contains(">Force a Sync</button>") && button.is_some());
    let posted = city.post("psa-sync/sync", "").await;
    assert_eq!(posted.status, StatusCode::SEE_OTHER);
    assert_eq!(*city.engine.asked.lock().unwrap(), [RunAsked::Sync]);
    assert!(words(&city.follow(&posted).await.text).contains("Sync 1 has begun"));
    assert_eq!(city.post_as("psa-sync/sync", "", &reader).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn ac_53_pages_are_live_while_a_sync_brings_the_latest() {
    let city = City::of(3).await;
    let page = city.get("psa-sync").await.text;
    assert!(page.contains("data-events=\"/m/1/events\"") && page.contains("data-pulse=\""));
    for region in ["arrow", "forcing", "running", "connection-summary", "banners"] {
        let at = page.find(&format!("id=\"{region}\"")).unwrap();
        let tag = page[page[..at].rfind('<').unwrap()..].split('>').next().unwrap();
        assert!(tag.contains("data-live"), "{region}: {tag}");
    }
    let pulled = |page: &str| words(page).split(" companies, ").next().unwrap().rsplit(' ').next().unwrap().to_owned();
    assert_eq!(pulled(&city.get("first-run").await.text), "3");
    city.sync(5).await;
    assert_eq!(pulled(&city.get("first-run").await.text), "5");
}

#[tokio::test]
async fn ac_56_a_failed_sync_is_said_with_its_reason_and_the_old_data_stays() {
    let city = City::of(3).await;
    city.scheduled().await;
    let lease = city.begin(RunKind::Sync, "schedule").await;
    city.end(lease, RunState::Failed, "na.myconnectwise.net cannot be reached").await;
    city.door.later(60);
    let page = words(&city.get("psa-sync").await.text);
    assert!(page.contains("The last Sync failed 1 hour ago na.myconnectwise.net cannot be reached"), "{page}");
    assert!(page.contains("The data of 23 Nov 2025, 10:00 UTC stays as it was."), "{page}");
}

#[tokio::test]
async fn ac_58_a_second_run_is_refused_visibly() {
    let city = City::of(3).await;
    let lease = city.begin(RunKind::Update, "user:ann@northwind.example").await;
    let page = city.get("psa-sync").await;
    assert!(part(&page, "forcing").contains(&format!("Run {} works now (update)", lease.run)));
    let posted = city.post("psa-sync/sync", "").await;
    assert!(
        words(&city.follow(&posted).await.text)
            .contains(&format!("Run {} works now (update); wait for its end", lease.run))
    );
    assert!(city.engine.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn ac_75_the_arrow_says_how_far_a_run_is() {
    let city = City::of(3).await;
    let lease = city.begin(RunKind::Sync, "user:jo@northwind.example").await;
    city.door.store.run_progress(&lease, "Reading additions", 1860, 3000, city.door.now()).await.unwrap();
    let (class, tip) = arrow(&city).await;
    assert!(class.starts_with("running"));
    assert!(tip.starts_with("Sync is running Reading additions 62 % 62 % 1,860 / 3,000"), "{tip}");
    assert!(tip.contains("by jo@northwind.example"), "{tip}");
    let page = city.get("psa-sync").await.text;
    assert!(page.contains("Stop this Sync</button>"));
    city.post(&format!("runs/{}/stop", lease.run), "").await;
    let asked = city.door.store.run(city.msp.id, lease.run).await.unwrap().unwrap();
    assert_eq!(asked.stop_asked_by.as_deref(), Some("user:jo@northwind.example"));
}

#[tokio::test]
async fn ac_76_ac_83_a_click_or_a_key_on_the_arrow_opens_the_report() {
    let city = City::of(3).await;
    let page = city.get("psa-sync").await.text;
    let arrow = page.split("id=\"arrow\"").nth(1).unwrap();
    assert!(arrow.contains("href=\"/m/1/psa-sync/report\" aria-describedby=\"arrow-status\""));
    assert!(arrow.contains(">Sync/Update report</span>"), "a link, so a key reaches it and it has a name");
    assert!(arrow.contains("id=\"arrow-status\" role=\"tooltip\""), "what hovering shows is read out on focus");
    let report = city.get("psa-sync/report").await;
    assert!(report.text.contains("<h1>Sync/Update report</h1>"));
    // The same information as words, on the page that needs no hovering.
    assert!(words(&report.text).contains("The last Sync succeeded, ended 23 Nov 2025, 10:02 UTC"));
}

#[tokio::test]
async fn ac_81_ac_82_every_state_has_its_words_and_its_shape() {
    let mut seen = std::collections::BTreeMap::new();
    let mut note = |(class, tip): (String, String), begins: &str| {
        assert!(tip.starts_with(begins), "{tip}");
        assert!(seen.insert(class.clone(), tip).is_none(), "{class} is a shape of its own");
    };
    let city = City::bare().await;
    note(arrow(&city).await, "Not connected: nothing runs");
    city.connect(&all_rights()).await;
    note(arrow(&city).await, "Queued: Sync begins in a moment");
    city.scheduled().await;
    note(arrow(&city).await, "Nothing runs now, and nothing ran yet");
    city.fill(3).await;
    let (class, tip) = arrow(&city).await;
    assert!(tip.contains("The last Sync succeeded, ended 23 Nov 2025, 10:02 UTC (now). The next begins 25 Nov 2025, 10:00 UTC (in 47 hours)."), "{tip}");
    note((class, tip), "Nothing runs now. The last run succeeded");
    city.set(Key::Updates, "off").await;
    note(arrow(&city).await, "Nothing runs now. Updates are disabled");
    city.set(Key::Updates, "automatic").await;
    city.update(&[Outcome::Pushed, Outcome::Drifted], RunState::PartlyFailed).await;
    note(arrow(&city).await, "Nothing runs now. The last Update partly failed");
    city.update(&[Outcome::NotSent], RunState::Failed).await;
    note(arrow(&city).await, "Nothing runs now. The last run failed");
    let _lease = city.begin(RunKind::Update, "schedule").await;
    note(arrow(&city).await, "Update is running");
    assert_eq!(seen.len(), 8);
}

#[tokio::test]
async fn ac_77_ac_78_ac_79_the_report_lists_what_is_pushed_and_what_is_not_with_its_issues() {
    let city = City::live(21).await;
    let report = city.get("psa-sync/report").await;
    let pushed = part(&report, "pushed");
    assert!(pushed.starts_with("Will be pushed on the next Update: 16 lines"), "{pushed}");
    assert!(pushed.contains("Harbour Dental 1 Seat 1 2 +1 +12.00 USD"), "{pushed}");
    let not = part(&report, "not-pushed");
    assert!(not.starts_with("Will not be pushed: 8 lines"), "{not}");
    assert!(not.contains("addition.none") && not.contains("account.unlinked") && !not.contains("in step"), "{not}");
    assert!(part(&report, "already-right").starts_with("Already right: 18 lines"), "in step, counted apart");
    assert!(!not.contains("hive link"), "a page names no command");
}

#[tokio::test]
async fn ac_80_every_line_is_in_exactly_one_list_and_the_counts_add_up() {
    let city = City::live(21).await;
    let ids = |text: &str| -> Vec<String> {
        text.lines().skip(1).map(|row| row.split(',').next().unwrap().to_owned()).collect()
    };
    let pushed = city.get("psa-sync/report/pushed.csv").await;
    assert_eq!(pushed.header("content-disposition"), "attachment; filename=\"pushed.csv\"");
    let mut all = ids(&pushed.text);
    assert_eq!(all.len(), 16);
    let not_pushed = ids(&city.get("psa-sync/report/not-pushed.csv").await.text);
    let right = ids(&city.get("psa-sync/report/already-right.csv").await.text);
    assert!(!not_pushed.is_empty() && !right.is_empty(), "no list of the three is empty here");
    let (kept, right_count) = (not_pushed.len(), right.len());
    assert_eq!(16 + kept + right_count, 42);
    all.extend(not_pushed);
    all.extend(right);
    all.sort();
    let mut planned: Vec<String> = city
        .desk
        .plan(&city.msp, city.door.now())
        .await
        .unwrap()
        .lines
        .iter()
        .map(|line| line.id.to_string())
        .collect();
    planned.sort();
    assert_eq!(all, planned);
    let report = words(&city.get("psa-sync/report").await.text);
    let counted = format!("{kept} will not, each with its reason; {right_count} are already right");
    assert!(report.contains("16 of 42") && report.contains(&counted), "{report}");
    assert!(report.contains(&format!("Will not be pushed: {kept} lines")), "{report}");
    assert!(report.contains(&format!("Already right: {right_count} line")), "{report}");
    let some = part(&city.get("psa-sync/report?list=not-pushed&why=issue").await, "not-pushed");
    assert!(some.starts_with("Will not be pushed: 8 lines"), "{some}");
    assert_eq!(city.get("psa-sync/report/passwd").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn ac_44_ac_100_preview_and_updates_that_are_off_are_said_above_the_marks() {
    let city = City::of(21).await;
    let report = city.get("psa-sync/report").await;
    let text = words(&report.text);
    assert!(text.contains(
        "Preview: no product is live yet Nothing is written to ConnectWise until a person pushes exactly a plan"
    ));
    assert!(part(&report, "pushed").contains("Nothing is pushed in preview"));
    assert!(part(&report, "not-pushed").contains("after go-live"));
    assert_eq!(part(&report, "not-pushed").matches("link.not_live").count(), 1, "said once, above the list");
    let page = city.get("psa-sync").await;
    assert!(part(&page, "forcing").contains("Nothing is live yet: the first Update pushes exactly a plan"));
    assert!(page.text.contains("<button class=\"button\" type=\"button\" disabled"), "Update now");
    city.go_live("Seat").await;
    assert!(!words(&city.get("psa-sync").await.text).contains("Preview: no product is live yet"));
    city.set(Key::Updates, "off").await;
    let page = city.get("psa-sync").await;
    let at = page.text.find("Updates are off").unwrap();
    assert!(at < page.text.find("id=\"forcing\"").unwrap());
    assert!(part(&page, "forcing").contains("Updates are off under Show Settings: nothing is written."));
    city.set(Key::Updates, "manual").await;
    assert!(words(&city.get("psa-sync").await.text).contains("Updates run by hand only"));
}

#[tokio::test]
async fn a_catalogue_that_cannot_be_read_is_said() {
    let city = City::connected(&few_rights()).await;
    assert!(words(&city.get("psa-sync").await.text).contains("A search knows only items that are on an agreement."));
}

#[tokio::test]
async fn pages_of_a_large_msp_are_small() {
    let city = City::live(700).await;
    for path in [
        "psa-sync",
        "psa-sync/report",
        "psa-sync/report?list=not-pushed",
        "psa-sync/report?list=pushed&page=3",
        "first-run",
    ] {
        let page = city.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.text.len() < 300_000, "{path}: {}", page.text.len());
        assert!(page.text.matches("<tr>").count() <= 102, "{path}");
    }
    let third = part(&city.get("psa-sync/report?list=pushed&page=3").await, "pushed");
    assert!(third.contains("201–300 of 540 lines"), "{third}");
}

/// The places of the Help that a page leads to.
fn help_links(html: &str) -> Vec<String> {
    let hrefs = html.split(" href=\"/m/1/").skip(1).filter_map(|rest| rest.split('"').next());
    hrefs.filter(|href| href.starts_with("help/")).map(str::to_owned).collect()
}

#[tokio::test]
async fn every_link_into_the_help_leads_to_a_heading() {
    let (live, empty) = (City::live(21).await, City::connected(&all_rights()).await);
    let mut found = std::collections::BTreeSet::new();
    for city in [&live, &empty] {
        for path in [
            "",
            "accounts",
            "accounts/1/billing",
            "billable-items",
            "usage",
            "psa-sync",
            "psa-sync/connection",
            "psa-sync/report",
            "psa-sync/accounts",
            "psa-sync/accounts?side=companies",
            "psa-sync/products",
            "psa-sync/usages",
            "psa-sync/usages/1-1",
            "psa-sync/settings",
            "psa-sync/update",
        ] {
            found.extend(help_links(&city.get(path).await.text));
        }
    }
    assert!(found.len() > 8, "{found:?}");
    for link in found {
        let (topic, heading) = link.split_once('#').map_or((link.as_str(), None), |(topic, id)| (topic, Some(id)));
        let page = live.get(topic).await;
        assert_eq!(page.status, StatusCode::OK, "{link}");
        let stands = heading.is_none_or(|id| page.text.contains(&format!(" id=\"{id}\"")));
        assert!(stands, "{link}: no such heading");
    }
}
