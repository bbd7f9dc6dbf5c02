//! Product Usages and the story of a line.

use crate::town::{Town, row, words};
use axum::http::StatusCode;
use hive_core::Quantity;
use hive_core::settings::{At, Key};
use hive_store::Role;

const USAGES: &str = "psa-sync/usages";

#[tokio::test]
async fn ac_40_a_button_shows_product_usages_at_any_time() {
    let town = Town::bare().await;
    let page = town.get(USAGES).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("<h1>Product Usages</h1>"), "the page's own title");
    let tab = format!("href=\"{}\"", town.path(USAGES));
    assert!(page.text.contains(&tab) && page.text.contains("Show Product Usages</a>"));
    assert!(page.text.contains("Nothing was synced and no usage has arrived yet"));
}

#[tokio::test]
async fn ac_41_a_sample_that_arrives_is_on_the_page_and_the_page_is_told() {
    let town = Town::live().await;
    let line = town.line("Acme", "Hot").await;
    let before = town.get(USAGES).await;
    assert!(words(row(&before, line)).contains("12.5 GB"));
    let pulse = |text: &str| text.split("data-pulse=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    town.door.later(1);
    town.usage("Acme,Hot,13.25,GB").await;
    let after = town.get(USAGES).await;
    assert!(words(row(&after, line)).contains("13.25 GB"), "{}", row(&after, line));
    assert_ne!(pulse(&before.text), pulse(&after.text), "an open page hears of it by the pulse");
    assert!(after.text.contains("id=\"usages\" data-live"));
}

#[tokio::test]
async fn ac_42_value_unit_and_time_of_measurement_with_its_zone() {
    let town = Town::live().await;
    let zone = (Key::TimeZone, At::default(), "Australia/Melbourne".to_owned());
    town.desk.set_settings(&town.by(), &[zone]).await.unwrap();
    let page = town.get(USAGES).await;
    let shown = words(row(&page, town.line("Acme", "Hot").await));
    assert!(
        shown.starts_with("id=\"line-") && shown.contains("Acme Hot 12.5 GB 23 Nov 2025, 21:00 AEDT 10 13 +6.00 USD"),
        "{shown}"
    );
}

#[tokio::test]
async fn ac_43_the_table_shows_which_accounts_and_products_are_linked() {
    let town = Town::live().await;
    let page = town.get(USAGES).await;
    for (account, product, code) in [
        ("Dune", "Hot", "account.unlinked"),
        ("Acme", "Extra", "product.unmapped"),
        ("Acme", "Cold", "unit.unconfirmed"),
    ] {
        let shown = words(row(&page, town.line(account, product).await));
        assert!(shown.contains(code), "{shown}");
    }
    assert!(words(row(&page, town.line("Acme", "Seat").await)).contains("in step"));
}

#[tokio::test]
async fn ac_44_a_green_check_is_pushed_next_a_hollow_one_after_go_live_and_off_is_said() {
    let town = Town::built().await;
    let line = town.line("Acme", "Hot").await;
    let page = town.get(USAGES).await;
    let shown = row(&page, line);
    assert!(shown.contains("class=\"mark good\"") && words(shown).contains("after go-live"), "{shown}");
    assert!(page.text.contains("Preview: no product is live yet"));
    town.go_live(&["Hot", "Seat"]).await;
    let page = town.get(USAGES).await;
    let shown = row(&page, line);
    assert!(
        shown.contains("class=\"mark good\"") && words(shown).contains("will be pushed on the next Update"),
        "{shown}"
    );
    assert!(!page.text.contains("Preview: no product") && !page.text.contains("Updates are off"));
    town.desk.set_settings(&town.by(), &[(Key::Updates, At::default(), "off".to_owned())]).await.unwrap();
    let page = town.get(USAGES).await;
    let (banner, table) = (page.text.find("Updates are off").unwrap(), page.text.find("<table").unwrap());
    assert!(banner < table, "above the marks");
}

#[tokio::test]
async fn ac_45_a_red_mark_leads_to_the_issue_and_a_held_line_waits_for_approval() {
    let town = Town::live().await;
    let page = town.get(USAGES).await;
    let held = town.line("Bolt", "Hot").await;
    let shown = row(&page, held);
    assert!(shown.contains("class=\"mark bad\"") && words(shown).contains("waits for approval"), "{shown}");
    let href = format!("href=\"{}/{held}\"", town.path(USAGES));
    assert!(shown.contains(&href), "{shown}");
    let story = town.get(&format!("{USAGES}/{held}")).await;
    assert_eq!(story.status, StatusCode::OK);
    assert!(story.text.contains("usage.spike") && story.text.contains("Approve 20 → 200 for addition 3"));
    assert!(story.text.contains("help/issues#usage.spike"));
}

#[tokio::test]
async fn ac_46_the_value_beside_a_green_mark_is_what_the_update_writes_to_the_digit() {
    let town = Town::built().await;
    town.door.later(1);
    town.usage("Acme,Hot,10.123456,GB").await;
    let hot = At { product: Some(town.line("Acme", "Hot").await.product), account: None };
    town.desk.set_settings(&town.by(), &[(Key::Rounding, hot, "none".to_owned())]).await.unwrap();
    town.go_live(&["Hot", "Seat"]).await;
    let page = town.get(USAGES).await;
    let shown = row(&page, town.line("Acme", "Hot").await);
    assert!(shown.contains("class=\"mark good\""), "{shown}");
    assert!(words(shown).contains("10 10.123456 +0.25"), "{}", words(shown));
    let look = town.desk.look(&town.msp, town.door.now()).await.unwrap();
    let would = town.desk.would_push(&look, None, None, town.door.now()).await.unwrap();
    let change = look.change(would.additions[0]).unwrap();
    assert_eq!((would.additions.len(), change.to), (1, Quantity::parse_plain("10.123456").unwrap()));
}

#[tokio::test]
async fn ac_47_every_line_has_exactly_one_mark_and_its_info_says_what_to_do() {
    let town = Town::live().await;
    let page = town.get(USAGES).await;
    let look = town.desk.look(&town.msp, town.door.now()).await.unwrap();
    assert_eq!(look.plan.lines.len(), 7);
    for line in &look.plan.lines {
        assert_eq!(row(&page, line.id).matches("class=\"mark ").count(), 1, "{}", line.id);
        let story = town.get(&format!("{USAGES}/{}", line.id)).await;
        for issue in &line.issues {
            assert!(story.text.contains(issue.code.name()), "{} does not name {}", line.id, issue.code);
        }
    }
    let ambiguous = town.get(&format!("{USAGES}/{}", town.line("Cove", "Hot").await)).await;
    let shown = words(&ambiguous.text);
    assert!(shown.contains("Cove (103) has 2 ongoing additions of"), "the records involved: {shown}");
    assert!(ambiguous.text.contains("Pin addition 4</button>") && ambiguous.text.contains("Pin addition 5</button>"));
    assert!(!shown.split("On the command line").next().unwrap().contains("hive pin"), "a button, not a command");
}

#[tokio::test]
async fn ac_48_a_mark_recovers_once_its_cause_is_gone() {
    let town = Town::live().await;
    let line = town.line("Cove", "Hot").await;
    assert!(words(row(&town.get(USAGES).await, line)).contains("addition.ambiguous"));
    town.sync(&[(1, "10"), (2, "5"), (3, "20"), (4, "1")]).await;
    let page = town.get(USAGES).await;
    let shown = words(row(&page, line));
    assert!(shown.contains("will be pushed on the next Update") && shown.contains("1 7 +12.00 USD"), "{shown}");
}

#[tokio::test]
async fn the_buttons_of_a_line_do_what_they_say() {
    let town = Town::live().await;
    let at = |line, verb: &str| format!("{USAGES}/{line}/{verb}");
    let cove = town.line("Cove", "Hot").await;
    let (posted, said) = town.post(&at(cove, "pin"), "addition=4").await;
    assert_eq!((posted.status, said.as_str()), (StatusCode::SEE_OTHER, "Cove x Hot is pinned to addition 4."));
    let cold = town.line("Acme", "Cold").await;
    let form = town.get(&format!("{USAGES}/{cold}")).await;
    assert!(form.text.contains("<option value=\"TB\" selected>"), "the proposal of the item's own text");
    let (_, said) = town.post(&at(cold, "unit"), "item=1003&unit=TB&size=1").await;
    assert!(said.contains("one unit of which is 1 TB"), "{said}");
    let bolt = town.line("Bolt", "Hot").await;
    let plan = town.desk.look_fresh(&town.msp, town.door.now()).await.unwrap().plan.id.clone();
    let (_, said) = town.post(&at(bolt, "approve"), &format!("plan={plan}")).await;
    assert!(said.starts_with("20 → 200 is approved, until 30 Nov 2025"), "{said}");
    let page = town.get(USAGES).await;
    assert!(words(row(&page, bolt)).contains("will be pushed on the next Update"));
    let extra = town.line("Acme", "Extra").await;
    let (posted, said) = town.post(&at(extra, "ignore"), "what=product").await;
    assert_eq!(posted.header("location"), town.path(USAGES));
    assert!(said.contains("is ignored") && said.contains("Show Products takes it back"), "{said}");
    assert_eq!(town.get(&format!("{USAGES}/{extra}")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_value_edited_by_hand_is_answered_in_three_ways() {
    for (form, then) in [
        ("answer=overwrite", "13 over 11, once"),
        ("answer=minimum", "11 is the least"),
        ("answer=lock&until=2025-12-31", "it stays at 11 through 2025-12-31"),
    ] {
        let town = Town::live().await;
        let _ = town.desk.plan(&town.msp, town.door.now()).await.unwrap();
        town.sync(&[(1, "11"), (2, "5"), (3, "20"), (4, "1"), (5, "2")]).await;
        let acme = town.line("Acme", "Hot").await;
        let story = town.get(&format!("{USAGES}/{acme}")).await;
        assert!(story.text.contains("addition.edited_by_hand") && story.text.contains("Make 11 the minimum"));
        let address = format!("{USAGES}/{acme}/answer");
        let plan = story.text.split("name=\"plan\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let (_, other) = town.post(&address, &format!("plan=another&{form}")).await;
        assert!(other.contains("is not the plan last stored"), "an answer is to the plan that was shown: {other}");
        let (_, said) = town.post(&address, &format!("plan={plan}&{form}")).await;
        assert!(said.contains(then), "{said}");
    }
}

#[tokio::test]
async fn who_may_only_look_sees_no_button_that_works_and_is_refused_in_words() {
    let town = Town::live().await;
    let session = town.session(Role::ReadOnly).await;
    for (account, verb, form) in
        [("Cove", "pin", "addition=4"), ("Bolt", "approve", "plan=x"), ("Dune", "ignore", "what=account")]
    {
        let line = town.line(account, "Hot").await;
        let page = town.get_as(&format!("{USAGES}/{line}"), &session).await;
        let action = format!("{USAGES}/{line}/{verb}");
        assert!(!page.text.contains(&action) && page.text.contains("needs the role"), "{account}");
        let refused = town.post_as(&action, form, &session).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert!(refused.text.contains("yours is read-only"), "{}", refused.text);
    }
}

#[tokio::test]
async fn filters_count_sort_and_search() {
    let town = Town::live().await;
    let page = town.get(USAGES).await;
    let shown = words(&page.text);
    for chip in ["All 7", "Will be pushed 1", "Unchanged 1", "Waits for approval 1", "Issues 4", "Not live 0"] {
        assert!(shown.contains(chip), "{chip}: {shown}");
    }
    let lines = |text: &str| text.matches("id=\"line-L").count();
    for (query, many) in [
        ("mark=issue", 4),
        ("mark=waits", 1),
        ("code=account.unlinked", 1),
        ("q=bolt", 1),
        ("q=ACME+hot", 1),
        ("account=Acme", 4),
        ("product=Hot&mark=push", 1),
        ("q=nobody", 0),
        ("agreement=501", 2),
        ("account=nobody", 0),
        ("cause=usage.spike:3", 1),
        ("cause=nothing", 0),
    ] {
        let page = town.get(&format!("{USAGES}?{query}")).await;
        assert_eq!(lines(&page.text), many, "{query}");
    }
    let order = |text: &str| {
        text.split("id=\"line-").skip(1).map(|row| row.split('"').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let dearest = order(&town.get(&format!("{USAGES}?sort=-money")).await.text);
    assert_eq!(dearest[0], town.line("Bolt", "Hot").await.to_string());
    let (down, up) = (town.get(&format!("{USAGES}?sort=-account")).await, town.get(USAGES).await);
    let mut turned = order(&down.text);
    turned.reverse();
    assert_eq!(turned, order(&up.text));
    assert!(up.text.contains("aria-sort=\"ascending\""));
}

#[tokio::test]
async fn what_is_filtered_is_what_is_downloaded() {
    let town = Town::live().await;
    let csv = town.get(&format!("{USAGES}.csv?mark=push")).await;
    assert!(csv.header("content-disposition").contains("usages.csv"));
    let rows: Vec<&str> = csv.text.lines().collect();
    assert!(
        rows[0].starts_with("id,account,product,company_id,company_name,agreement_id") && rows[0].contains("approved")
    );
    assert!(
        rows.len() == 2 && rows[1].contains(",Acme,Hot,101,Acme,501,Managed 101,1,10,13,12.5,6,72,USD,change,true,"),
        "{rows:?}"
    );
    assert_eq!(town.get(&format!("{USAGES}.csv?q=nobody")).await.text.lines().count(), 1, "the header stands alone");
    let xlsx = town.get(&format!("{USAGES}.xlsx")).await;
    assert!(xlsx.status == StatusCode::OK && xlsx.text.starts_with("PK"));
}

#[tokio::test]
async fn names_are_harmless_and_a_thousand_lines_are_ten_pages() {
    let town = Town::bare().await;
    let rows: String = (0..1100).map(|n| format!("Account <script>{n:04},Hot,{n}.5,GB\n")).collect();
    town.usage(rows.trim_end()).await;
    town.sync(&[(1, "10")]).await;
    let page = town.get(USAGES).await;
    assert_eq!(page.text.matches("id=\"line-L").count(), 100);
    assert!(page.text.contains("1–100 of 1,100 lines") && !page.text.contains("<script>0"));
    assert!(page.text.len() < 300_000, "{} bytes", page.text.len());
    let last = town.get(&format!("{USAGES}?page=11")).await;
    assert!(last.text.contains("1,001–1,100 of 1,100 lines"));
    assert_eq!(town.get(&format!("{USAGES}.csv")).await.text.lines().count(), 1101);
}
