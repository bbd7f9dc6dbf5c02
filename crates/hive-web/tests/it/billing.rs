//! Accounts, their Billing with quotas, Billable items.

use crate::city::City;
use crate::town::{Town, words};
use axum::http::StatusCode;
use hive_core::LineId;
use hive_core::settings::Key;
use hive_store::Role;

async fn acme_hot(town: &Town) -> (LineId, String, String) {
    let line = town.line("Acme", "Hot").await;
    let billing = format!("accounts/{}/billing", line.account);
    let quota = format!("{billing}/{}", line.product);
    (line, billing, quota)
}

async fn quota_of(town: &Town, line: LineId) -> Option<String> {
    let look = town.desk.look(&town.msp, town.door.now()).await.unwrap();
    look.quota(line.account, line.product)
        .map(|quota| format!("{} {}{}", quota.size, quota.unit.name(), if quota.hard { " hard" } else { "" }))
}

#[tokio::test]
async fn ac_92_accounts_lead_by_their_billing_to_the_edit_icon_of_storage() {
    let town = Town::live().await;
    let (_, billing, quota) = acme_hot(&town).await;
    let list = town.get("accounts").await;
    let menu = format!("<a href=\"{}\">Billing</a>", town.path(&billing));
    assert!(list.text.contains(&menu) && list.text.contains("aria-label=\"Actions for Acme\""));
    let said = words(&list.text);
    assert!(said.contains("(My Account) your own"), "{said}");
    assert!(said.contains("Acme 4 products, 1,012.5 GB stored Acme 70.00 USD"), "{said}");
    assert!(said.contains("Dune 1 product, 9 GB stored not linked –"), "{said}");
    let page = town.get(&billing).await;
    assert!(page.text.contains("<h1>View End User Billing</h1>"));
    assert!(
        page.text.contains(&format!("href=\"{}\" aria-label=\"Edit the quota of Hot for Acme\"", town.path(&quota)))
    );
    let said = words(&page.text);
    assert!(
        said.contains("Hot 12.5 GB 23 Nov 2025, 10:00 UTC 12.5 none 100 GB 10 2.00 USD a month 20.00 USD"),
        "{said}"
    );
    assert!(!page.text.contains("Edit the quota of Seat"), "users have none");
    let found = words(&town.get("accounts?q=cov&show=linked").await.text);
    assert!(found.contains("Cove 1 product") && !found.contains("Acme 4"), "{found}");
}

#[tokio::test]
async fn what_two_accounts_are_billed_on_says_so_in_both_rows() {
    let town = Town::live().await;
    town.usage("Acme North,Hot,1,GB").await;
    let north = town.desk.account(&town.msp, "Acme North").await.unwrap().id;
    town.desk.link_account(&town.by(), north, "101").await.unwrap();
    let said = words(&town.get("accounts").await.text);
    assert!(said.contains("Acme 70.00 USD part of it shared with 1 other account"), "{said}");
    assert!(said.contains("Acme North 1 product, 1 GB stored Acme 20.00 USD shared with 1 other account"), "{said}");
    assert!(said.contains("Bolt 40.00 USD Actions"), "{said}");
}

#[tokio::test]
async fn ac_94_a_size_is_rounded_up_in_words_before_it_is_saved_and_then_so() {
    let town = Town::live().await;
    let (line, billing, quota) = acme_hot(&town).await;
    let page = town.get(&quota).await;
    assert!(words(&page.text).contains("100 GB 250 GB 500 GB 750 GB 1 TB 2 TB"), "the ladder's steps are offered");
    let asked = words(&town.get(&format!("{quota}?size=0.43&unit=TB")).await.text);
    assert!(asked.contains("0.43 TB is rounded up: the quota becomes 500 GB."), "{asked}");
    assert_eq!(quota_of(&town, line).await, None, "looking sets nothing");
    let (posted, said) = town.post(&quota, "size=0.43&unit=TB&hard=").await;
    assert_eq!(posted.header("location"), town.path(&billing));
    assert_eq!(said, "Acme x Hot has a quota of 500 GB: 0.43 TB is rounded up to it.");
    assert_eq!(quota_of(&town, line).await.as_deref(), Some("500 GB"));
    let (_, said) = town.post(&quota, "size=750&unit=GB&hard=true").await;
    assert_eq!(said, "Acme x Hot has a hard quota of 750 GB.");
    assert!(words(&town.get(&billing).await.text).contains("750 GB hard"));
    let (_, said) = town.post(&quota, "what=none&size=750&unit=GB").await;
    assert_eq!(said, "Acme x Hot has no quota now.");
}

#[tokio::test]
async fn ac_93_below_what_is_used_is_refused_with_both_figures_at_the_field() {
    let town = Town::live().await;
    let line = town.line("Bolt", "Hot").await;
    let quota = format!("accounts/{}/billing/{}", line.account, line.product);
    let asked = words(&town.get(&format!("{quota}?size=100&unit=GB")).await.text);
    assert!(
        asked.contains("This would be refused: a quota of 100 GB is below the 200 GB that are used now"),
        "{asked}"
    );
    let refused = town.post(&quota, "size=100&unit=GB&hard=true").await.0;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text.contains("below the 200 GB that are used now; the smallest size possible is 250 GB"),
        "{}",
        refused.text
    );
    assert!(refused.text.contains("aria-invalid=\"true\"") && refused.text.contains("value=\"100\""));
    assert_eq!(quota_of(&town, line).await, None);
    let nonsense = town.post(&quota, "size=lots&unit=GB").await.0;
    assert_eq!(nonsense.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nonsense.text.contains("&quot;lots&quot; is not a plain decimal"));
}

#[tokio::test]
async fn ac_95_a_soft_quota_that_usage_passed_rose_by_itself_and_the_page_tells() {
    let town = Town::live().await;
    let (line, billing, quota) = acme_hot(&town).await;
    town.post(&quota, "size=100&unit=GB&hard=").await;
    // A session that nobody uses for half a day has ended.
    town.door.later(10 * 60);
    town.get(&billing).await;
    town.door.later(10 * 60);
    town.usage("Acme,Hot,120,GB").await;
    assert_eq!(quota_of(&town, line).await.as_deref(), Some("250 GB"));
    let page = town.get(&quota).await;
    let said = words(&page.text);
    assert!(said.contains("24 Nov 2025, 06:00 UTC 100 GB 250 GB Hive itself usage of 120 GB passed it"), "{said}");
    assert!(said.contains("23 Nov 2025, 10:00 UTC none 100 GB jo@northwind.example set by hand"), "{said}");
    assert!(
        page.text.contains("usage 12.5 GB on 2025-11-23, 120 GB on 2025-11-24; quota now 250 GB"),
        "the chart is read out"
    );
    assert!(page.text.contains("class=\"step\"") && town.get(&billing).await.text.contains("class=\"step\""));
    town.post(&quota, "size=250&unit=GB&hard=true").await;
    town.door.later(60);
    town.usage("Acme,Hot,300,GB").await;
    assert_eq!(quota_of(&town, line).await.as_deref(), Some("250 GB hard"), "a hard one stays");
}

#[tokio::test]
async fn ac_91_the_msps_own_quota_is_apart_and_changes_nobodys_bill() {
    let town = Town::live().await;
    let page = town.get("accounts/own/billing").await;
    assert!(page.text.contains("<h1>Billing of (My Account)</h1>"), "{}", page.text);
    let said = words(&page.text);
    assert!(said.contains("It is apart from your customers' quotas: they do not change it"), "{said}");
    assert!(said.contains("Hot not measured none 228.5 GB 0 GB"), "{said}");
    let plan = town.desk.look(&town.msp, town.door.now()).await.unwrap().plan.id.clone();
    let hot = town.line("Acme", "Hot").await.product;
    let (posted, said) = town.post(&format!("accounts/own/billing/{hot}"), "size=5&unit=TB&hard=true").await;
    assert_eq!(said, "(My Account) x Hot has a hard quota of 5000 GB.");
    assert_eq!(posted.header("location"), town.path("accounts/own/billing"));
    let look = town.desk.look(&town.msp, town.door.now()).await.unwrap();
    assert_eq!(look.plan.id, plan, "no line moved");
    let own = look.own_accounts();
    assert_eq!(look.account(own[0]).unwrap().name, "(My Account)", "made with its first quota");
    // A customer's quota leaves it as it is.
    let (_, _, quota) = acme_hot(&town).await;
    town.post(&quota, "size=100&unit=GB&hard=").await;
    let said = words(&town.get("accounts/own/billing").await.text);
    assert!(said.contains("Hot not measured 5,000 GB hard 228.5 GB 100 GB"), "{said}");
}

#[tokio::test]
async fn ac_91_an_account_may_be_chosen_as_the_msps_own() {
    let town = Town::live().await;
    let (_, said) = town.post("accounts/own", "account=Dune").await;
    assert_eq!(said, "Dune is (My Account) of Northwind IT now: its usage is billed to nobody.");
    let look = town.desk.look(&town.msp, town.door.now()).await.unwrap();
    assert!(look.unlinked_with_usage().is_empty(), "nobody is asked to link it");
    let said = words(&town.get("accounts").await.text);
    assert!(said.contains("(My Account) your own Dune 1 product, 9 GB stored billed to nobody"), "{said}");
    let mapper = town.session(Role::Mapper).await;
    assert_eq!(town.post_as("accounts/own", "account=Acme", &mapper).await.status, StatusCode::FORBIDDEN);
    assert!(town.get_as("accounts/own", &mapper).await.text.contains("needs the role admin"));
}

#[tokio::test]
async fn a_quota_needs_the_role_and_the_record() {
    let town = Town::live().await;
    let (line, billing, quota) = acme_hot(&town).await;
    let reader = town.session(Role::ReadOnly).await;
    let page = town.get_as(&quota, &reader).await;
    assert!(page.text.contains("needs the role mapper or admin") && !page.text.contains("name=\"size\""));
    assert!(!town.get_as(&billing, &reader).await.text.contains("Edit the quota"));
    assert_eq!(town.post_as(&quota, "size=100&unit=GB", &reader).await.status, StatusCode::FORBIDDEN);
    assert_eq!(quota_of(&town, line).await, None);
    for path in ["accounts/999/billing", "accounts/x/billing", "accounts/1/billing/999", "billable-items/999"] {
        assert_eq!(town.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let seat = town.line("Acme", "Seat").await;
    let refused = town.post(&format!("accounts/{}/billing/{}", seat.account, seat.product), "size=100&unit=GB").await.0;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("Only storage has a quota"), "{}", refused.text);
}

#[tokio::test]
async fn billable_items_come_to_sums_and_lead_to_end_user_billing() {
    let town = Town::live().await;
    let line = town.line("Acme", "Hot").await;
    let page = town.get("billable-items").await;
    let said = words(&page.text);
    assert!(said.contains("Hot HOT 4 228.5 GB – 228.5 GB 30 on 2 additions 2.00 USD a month 60.00 USD"), "{said}");
    assert!(said.contains("Extra not mapped 1 3 user"), "{said}");
    let one = town.get(&format!("billable-items/{}", line.product)).await;
    let href = town.path(&format!("accounts/{}/billing", line.account));
    assert!(
        one.text.contains(&format!(
            "href=\"{href}\" aria-label=\"View End User Billing of Acme\">View End User Billing</a>"
        ))
    );
    let csv = town.get("billable-items.csv").await;
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"billable-items.csv\"");
    let row = csv.text.lines().find(|row| row.starts_with("Hot,")).unwrap();
    assert_eq!(row, "Hot,GB,HOT,4,228.5,,228.5,2,30,2,2,60,USD,,");
    let xlsx = town.get("billable-items.xlsx").await;
    assert!(xlsx.header("content-type").contains("spreadsheetml") && xlsx.text.starts_with("PK"));
}

#[tokio::test]
async fn full_lists_have_a_hundred_rows_and_stay_small() {
    let city = City::live(620).await;
    city.set(Key::TimeZone, "Australia/Melbourne").await;
    for path in ["accounts?page=2", "billable-items/1", "billable-items"] {
        let page = city.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.text.len() < 300_000, "{path}: {} bytes", page.text.len());
        assert!(page.text.matches("<tr").count() <= 103, "{path}");
    }
    let own = city.get("accounts/own/billing").await;
    assert!(words(&own.text).contains("62,000 GB"), "all customers' storage: {}", words(&own.text));
}

#[tokio::test]
async fn an_account_of_thousands_of_products_is_paged_and_searched() {
    let city = City::bare().await;
    let rows: Vec<String> = (1..=230).map(|n| format!("Big Store,Tub {n:03},{n},GB,{:.0}", city.door.now())).collect();
    let file = format!("account,product,quantity,unit,measured_at\n{}", rows.join("\n"));
    city.import(&file).await;
    let account = city.desk.account(&city.msp, "Big Store").await.unwrap().id;
    for (path, first) in
        [("accounts/own/billing?page=2", "Tub 101"), (&*format!("accounts/{account}/billing?page=3"), "Tub 201")]
    {
        let page = city.get(path).await;
        assert!(page.text.len() < 300_000 && words(&page.text).contains(first), "{path}");
        assert!(!words(&page.text).contains("Tub 001"), "{path}");
    }
    let found = words(&city.get("accounts/own/billing?q=tub%20117").await.text);
    assert!(found.contains("Tub 117") && !found.contains("Tub 118"), "{found}");
    assert!(found.contains("117 GB"), "what customers use of it: {found}");
}
