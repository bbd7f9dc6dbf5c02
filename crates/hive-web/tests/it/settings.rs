//! Show Settings: actual usage or the bracket of the quota, with what it would change before it is saved.

use crate::city::City;
use crate::town::{Town, words};
use axum::http::StatusCode;
use hive_core::Quantity;
use hive_core::settings::{At, Key};
use hive_store::Role;

const SETTINGS: &str = "psa-sync/settings";

/// The words of a form's preview.
fn preview(html: &str, section: &str) -> String {
    let from = html.split(&format!("id=\"preview-{section}\"")).nth(1).unwrap();
    words(from.split("class=\"actions\"").next().unwrap().split_once('>').unwrap().1)
}

#[tokio::test]
async fn ac_84_show_settings_reviews_how_charges_are_pushed_each_with_its_default() {
    let town = Town::live().await;
    let page = town.get(SETTINGS).await;
    assert_eq!(page.status, StatusCode::OK);
    let tab = format!("href=\"{}\" aria-current=\"page\">Show Settings</a>", town.path(SETTINGS));
    assert!(page.text.contains(&tab));
    let said = words(&page.text);
    for words in [
        "ACTUAL usage default",
        "Upper bracket of the storage quota",
        "Which number of the usage counts",
        "Default: 30 %.",
        "Default: 50 a month.",
        "Default: 7 days.",
        "Sync every",
        "Time zone",
        "Only agreements whose",
        "No product and no account has a setting of its own.",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    for key in Key::ALL.iter().filter(|key| {
        !matches!(
            key,
            Key::Own | Key::Source | Key::Included | Key::Minimum | Key::Maximum | Key::Rounding | Key::Create
        )
    }) {
        assert!(page.text.contains(&format!("name=\"{}\"", key.name())), "{}", key.name());
    }
}

#[tokio::test]
async fn ac_85_ac_86_the_choice_is_previewed_in_lines_and_money_then_saved_and_seen() {
    let town = Town::live().await;
    let asked = town.get(&format!("{SETTINGS}?section=billing&mode=quota_bracket")).await;
    let said = preview(&asked.text, "billing");
    // Acme's Hot 13 -> 100 (+174), Bolt's 200 -> 250 (+100); both are on the additions of live Hot.
    assert!(said.contains("This would change 2 lines, +274.00 USD a month."), "{said}");
    assert!(said.contains("Acme · Hot 13 100 +174.00 USD"), "{said}");
    assert!(
        said.contains("0 would be pushed (1 now), 2 would be held (1 now). Newly held: 1 addition by usage.spike."),
        "{said}"
    );
    assert!(said.contains("The rule of Hot would be another one: 1 product waits for go-live again"), "{said}");
    assert!(
        town.desk.store.settings(town.msp.id).await.unwrap().entries().next().is_none(),
        "nothing is saved by looking"
    );

    let (posted, said) =
        town.post(SETTINGS, "section=billing&mode=quota_bracket&basis=latest&ladder=100,250,500,750,1000%2B1000").await;
    assert_eq!(posted.status, StatusCode::SEE_OTHER);
    assert_eq!(said, "Bill customers on: Upper bracket of the storage quota now, ACTUAL usage before.");
    let look = town.desk.look(&town.msp, town.door.now()).await.unwrap();
    let line = town.line("Acme", "Hot").await;
    assert_eq!(look.line(line).unwrap().next, Some(Quantity::from(100)), "plan, report and next Update follow");
    let page = town.get(&format!("psa-sync/usages/{line}")).await;
    assert!(words(&page.text).contains("100"), "and the map of usages");
    let same = town.get(&format!("{SETTINGS}?section=billing&mode=quota_bracket")).await;
    assert!(preview(&same.text, "billing").contains("This is how it is now."));
}

#[tokio::test]
async fn ac_89_users_and_licences_are_said_not_to_be_touched() {
    let town = Town::live().await;
    let said = words(&town.get(SETTINGS).await.text);
    assert!(
        said.contains("Users and licences have no quota, so this choice does not touch them: Seat, Extra."),
        "{said}"
    );
    let seat = town.line("Acme", "Seat").await.product;
    let page = town.get(&format!("{SETTINGS}/products/{seat}")).await;
    assert!(
        words(&page.text).contains("it has no quota, so actual usage or the bracket of the quota makes no difference")
    );
    assert!(!page.text.contains("name=\"mode\"") && !page.text.contains("name=\"ladder\""));
    let form = format!("key=mode&product={seat}&account=&value=quota_bracket");
    let (_, said) = town.post(&format!("{SETTINGS}/overrides"), &form).await;
    assert!(said.contains("It is counted in user and has no quota, so this changes nothing of it."), "{said}");
}

#[tokio::test]
async fn ac_85_overrides_are_listed_added_and_taken_back() {
    let town = Town::live().await;
    let (hot, acme) = (town.line("Acme", "Hot").await.product, town.line("Acme", "Hot").await.account);
    let overrides = format!("{SETTINGS}/overrides");
    let (_, said) = town.post(&overrides, "key=mode&product=&account=Acme&value=quota_bracket").await;
    assert_eq!(said, "Acme: Bill customers on: Upper bracket of the storage quota now, ACTUAL usage before.");
    let (_, said) = town.post(&overrides, "key=mode&product=&account=&value=quota_bracket").await;
    assert!(said.contains("Choose a product, an account or both"), "{said}");
    let (_, said) = town.post(&overrides, "key=mode&product=Nothing&account=&value=actual").await;
    assert!(said.contains("has no product called &quot;Nothing&quot;"), "{said}");
    let page = words(&town.get(SETTINGS).await.text);
    assert!(
        page.contains("Bill customers on all Acme Upper bracket of the storage quota ACTUAL usage Remove"),
        "{page}"
    );
    let look = town.desk.look(&town.msp, town.door.now()).await.unwrap();
    let next = look.lines_of_product(hot).map(|line| line.next.map(|next| next.to_string())).collect::<Vec<_>>();
    assert_eq!(next[0].as_deref(), Some("100"), "Acme alone");
    let (_, said) = town.post(&overrides, &format!("key=mode&account={acme}&value=")).await;
    assert!(said.contains("ACTUAL usage now"), "{said}");
    assert!(words(&town.get(SETTINGS).await.text).contains("No product and no account has a setting of its own."));
}

#[tokio::test]
async fn ac_90_ac_98_schedules_show_their_next_slots_in_the_zone_before_they_are_saved() {
    let town = Town::live().await;
    let now = preview(&town.get(SETTINGS).await.text, "schedule");
    assert!(now.contains("Syncs begin 24 Nov 2025, 02:00 UTC (in 16 hours), 27 Nov 2025, 02:00 UTC, 30 Nov"), "{now}");
    let form = "section=schedule&updates=manual&sync_days=1&sync_time=02:30&time_zone=Australia/Melbourne";
    let then = preview(&town.get(&format!("{SETTINGS}?{form}")).await.text, "schedule");
    assert!(then.contains("Syncs would begin 24 Nov 2025, 02:30 AEDT (in 5 hours), 25 Nov 2025, 02:30 AEDT"), "{then}");
    assert!(then.contains("Updates would begin only when a person starts one."), "{then}");
    let (_, said) = town.post(SETTINGS, form).await;
    assert!(
        said.contains("Updates: Manual only now, Automatic before")
            && said.contains("Time zone: Australia/Melbourne now, UTC before"),
        "{said}"
    );
    let off = preview(&town.get(&format!("{SETTINGS}?section=schedule&updates=off")).await.text, "schedule");
    assert!(off.contains("never: Updates are Off. Nothing is written."), "{off}");
}

#[tokio::test]
async fn what_cannot_be_is_named_at_its_field_and_nothing_is_saved() {
    let town = Town::live().await;
    let posted = town.post(SETTINGS, "section=limits&drop_percent=much&drop_money=60").await.0;
    assert_eq!(posted.status, StatusCode::UNPROCESSABLE_ENTITY);
    let field = posted.text.split("for=\"drop_percent\"").nth(1).unwrap().split("for=\"drop_money\"").next().unwrap();
    assert!(
        field.contains("value=\"much\"") && field.contains("aria-invalid=\"true\"") && field.contains("drop_percent: "),
        "{field}"
    );
    assert!(posted.text.contains("value=\"60\""), "what was typed stays");
    assert!(town.desk.store.settings(town.msp.id).await.unwrap().entries().next().is_none());
    let zone = town.get(&format!("{SETTINGS}?section=schedule&time_zone=Mars/Olympus")).await;
    assert_eq!(zone.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(preview(&zone.text, "schedule").contains("This cannot be saved"));
}

#[tokio::test]
async fn a_product_has_settings_of_its_own_and_says_how_many_days_are_measured() {
    let town = Town::live().await;
    let hot = town.line("Acme", "Hot").await.product;
    let at = format!("{SETTINGS}/products/{hot}");
    let page = words(&town.get(&at).await.text);
    assert!(
        page.contains("the average of 30 days is proposed")
            && page.contains("1 of 30 days are measured at 4 accounts."),
        "{page}"
    );
    let asked = town.get(&format!("{at}?section=product&minimum=50")).await;
    let said = preview(&asked.text, "product");
    assert!(said.contains("This would change 1 line, +74.00 USD a month."), "{said}");
    let (posted, said) =
        town.post(&at, "section=product&mode=&basis=&ladder=&included=&minimum=50&maximum=&rounding=up:10").await;
    assert_eq!(posted.header("location"), town.path(&at));
    assert_eq!(said, "Hot: Minimum: 50 units of the item now, nothing before; Rounding: up:10 now, nothing before.");
    let settings = town.desk.store.settings(town.msp.id).await.unwrap();
    assert_eq!(settings.entries().count(), 2);
    let (_, said) = town.post(&at, "section=product&minimum=&rounding=up:10").await;
    assert_eq!(said, "Hot: Minimum: nothing now, 50 units of the item before.");
    let wrong = town.post(&at, "section=product&rounding=sideways").await.0;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(words(&town.get(SETTINGS).await.text).contains("rounding up:10"));
}

#[tokio::test]
async fn only_settings_people_save_and_the_others_are_told_whom_to_ask() {
    let town = Town::live().await;
    for role in [Role::ReadOnly, Role::Mapper, Role::Approver] {
        let session = town.session(role).await;
        let page = town.get_as(SETTINGS, &session).await;
        assert!(
            page.text.contains("<fieldset class=\"bare\" disabled>")
                && !page.text.contains("Save how customers are billed")
        );
        assert!(page.text.contains("Changing settings needs the role admin at Northwind IT"));
        for (path, form) in [
            (SETTINGS, "section=billing&mode=quota_bracket"),
            ("psa-sync/settings/overrides", "key=mode&account=Acme&value=actual"),
        ] {
            assert_eq!(town.post_as(path, form, &session).await.status, StatusCode::FORBIDDEN, "{role:?} {path}");
        }
    }
    assert!(town.desk.store.settings(town.msp.id).await.unwrap().entries().next().is_none());
}

#[tokio::test]
async fn ac_101_a_saved_setting_is_in_the_next_plan_without_a_sync() {
    let city = City::live(3).await;
    let before = city.desk.look(&city.msp, city.door.now()).await.unwrap();
    city.post(SETTINGS, "section=billing&mode=quota_bracket&ladder=300").await;
    let after = city.desk.look(&city.msp, city.door.now()).await.unwrap();
    assert_eq!(before.mirror().map(|mirror| mirror.id), after.mirror().map(|mirror| mirror.id));
    assert_ne!(before.plan.id, after.plan.id);
    assert!(after.plan.lines.iter().any(|line| line.next == Some(Quantity::from(300))));
    assert!(after.facts.settings.text(Key::Ladder, At::default()) == "300");
}

#[tokio::test]
async fn the_page_of_a_full_house_stays_small() {
    let city = City::live(600).await;
    let page = city.get(&format!("{SETTINGS}?section=billing&mode=quota_bracket")).await;
    assert!(page.text.len() < 300_000, "{} bytes", page.text.len());
}
