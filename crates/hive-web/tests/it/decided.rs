//! Excluding and adjusting on pages, the page of all of it, the true-up list.

use crate::town::{Town, words};
use axum::http::StatusCode;
use hive_store::Role;

const DECIDED: &str = "psa-sync/decided";

#[tokio::test]
async fn feature_14_a_line_is_excluded_on_its_page_and_taken_back_in_the_list() {
    let town = Town::live().await;
    let bolt = town.line("Bolt", "Hot").await;
    let place = format!("psa-sync/usages/{bolt}");
    let page = town.get(&place).await;
    assert!(page.text.contains(&format!("action=\"{}\"", town.path(&format!("{DECIDED}/exclude")))));
    assert!(words(&page.text).contains("1 addition (3) with 20 in all, 40.00 USD a month"), "what stays is said first");
    let form = format!("account={}&product={}&reason=own+licences&until=2025-12-31", bolt.account, bolt.product);
    let (posted, said) = town.post(&format!("{DECIDED}/exclude"), &form).await;
    assert_eq!((posted.status, posted.header("location")), (StatusCode::SEE_OTHER, town.path(DECIDED).as_str()));
    assert!(said.contains("Bolt x Hot is excluded through 2025-12-31"), "{said}");
    // Its page says so, and no sum of what is not billed has it.
    let page = words(&town.get(&place).await.text);
    assert!(page.contains("excluded own licences, by jo@northwind.example"), "{page}");
    assert!(page.contains("Take the exclusion back"), "{page}");
    let update = words(&town.get("psa-sync/update").await.text);
    assert!(update.contains("of ignored accounts and products; 1 excluded"), "{update}");
    for other in ["month", ""] {
        let page = words(&town.get(other).await.text);
        assert!(page.contains("Decided, not billed: 1 excluded line"), "{other}: {page}");
        assert!(page.contains("Bolt Hot 200 GB own licences 31 Dec 2025"), "{other}: {page}");
    }
    let month = words(&town.get("month").await.text);
    assert!(!month.contains("360.00"), "decided is not owed: {month}");
    let list = words(&town.get(DECIDED).await.text);
    assert!(list.contains("Bolt Hot own licences 31 Dec 2025 acts jo@northwind.example"), "{list}");
    let (_, said) =
        town.post(&format!("{DECIDED}/include"), &format!("account={}&product={}", bolt.account, bolt.product)).await;
    assert!(said.contains("not excluded any more"), "{said}");
    assert_eq!(town.get(&place).await.status, StatusCode::OK);
    assert!(words(&town.get(DECIDED).await.text).contains("Nothing is excluded"));
}

#[tokio::test]
async fn feature_14_accounts_and_products_are_excluded_from_their_rows_with_a_reason() {
    let town = Town::live().await;
    let line = town.line("Acme", "Hot").await;
    let ask = town.path(&format!("{DECIDED}/exclude?account={}", line.account));
    assert!(
        town.get("psa-sync/accounts?view=accounts")
            .await
            .text
            .contains(&format!("href=\"{ask}\" aria-label=\"Exclude Acme\""))
    );
    let of_product = town.path(&format!("{DECIDED}/exclude?product={}", line.product));
    assert!(town.get("psa-sync/products").await.text.contains(&format!("href=\"{of_product}\"")));
    let page = words(&town.get(&format!("{DECIDED}/exclude?account={}", line.account)).await.text);
    assert!(
        page.contains("Exclude Acme") && page.contains("2 additions (1, 2) with 15 in all, 70.00 USD a month"),
        "{page}"
    );
    let without = format!("account={}&reason=", line.account);
    let (_, said) = town.post(&format!("{DECIDED}/exclude"), &without).await;
    assert!(said.contains("a reason is needed"), "{said}");
    let (_, said) = town.post(&format!("{DECIDED}/exclude"), &format!("{without}it+is+us")).await;
    assert!(said.contains("Acme is excluded until somebody takes it back"), "{said}");
    let rows = words(&town.get("psa-sync/accounts?view=accounts").await.text);
    assert!(rows.contains("Excluded : it is us") || rows.contains("Excluded: it is us"), "{rows}");
    for nonsense in ["account=x", "account=999", ""] {
        let status = town.get(&format!("{DECIDED}/exclude?{nonsense}")).await.status;
        assert!(status.is_client_error(), "{nonsense}: {status}");
    }
    let settings = words(&town.get("psa-sync/settings").await.text);
    assert!(settings.contains("1 exclusion and 0 adjustments"), "{settings}");
}

#[tokio::test]
async fn feature_45_a_line_is_adjusted_on_its_page_and_taken_back() {
    let town = Town::live().await;
    let seat = town.line("Acme", "Seat").await;
    let pair = format!("account={}&product={}", seat.account, seat.product);
    let adjust = format!("{DECIDED}/adjust");
    let (_, said) = town.post(&adjust, &format!("{pair}&how=plus&quantity=3&reason=kiosk+users&until=")).await;
    assert!(said.contains("Acme x Seat is adjusted until somebody takes it back: plus 3"), "{said}");
    let page = words(&town.get(&format!("psa-sync/usages/{seat}")).await.text);
    assert!(page.contains("Adjusted 5 + 3 = 8, kiosk users, by user:jo@northwind.example"), "{page}");
    assert!(page.contains("quantity.adjusted"), "{page}");
    assert!(page.contains("Adjusted: plus 3, kiosk users, by jo@northwind.example"), "{page}");
    let list = words(&town.get(DECIDED).await.text);
    assert!(list.contains("Acme Seat plus 3 kiosk users no end acts"), "{list}");
    for (wrong, why) in [
        ("how=plus&quantity=1.5&reason=x", "a whole number"),
        ("how=plus&quantity=3&reason=", "a reason is needed"),
        ("how=times&quantity=3&reason=x", "Choose plus"),
        ("how=plus&quantity=many&reason=x", "How many"),
        ("how=plus&quantity=3&reason=x&until=2020-01-01", "is over"),
    ] {
        let (_, said) = town.post(&adjust, &format!("{pair}&{wrong}")).await;
        assert!(said.contains(why), "{wrong}: {said}");
    }
    let (_, said) = town.post(&format!("{DECIDED}/adjust-none"), &pair).await;
    assert!(said.contains("not adjusted any more (it was plus 3)"), "{said}");
}

#[tokio::test]
async fn who_may_not_decide_reads_who_may_and_is_refused() {
    let town = Town::live().await;
    let line = town.line("Acme", "Hot").await;
    let pair = format!("account={}&product={}", line.account, line.product);
    let (exclude, adjust) = (format!("{DECIDED}/exclude"), format!("{DECIDED}/adjust"));
    let excluding = format!("{pair}&reason=x");
    let adjusting = format!("{pair}&how=plus&quantity=3&reason=x");
    let reader = town.session(Role::ReadOnly).await;
    let page = town.get_as(&format!("psa-sync/usages/{line}"), &reader).await;
    assert!(!page.text.contains(&format!("action=\"{}\"", town.path(&exclude))));
    assert!(words(&page.text).contains("Excluding needs the role"));
    for (path, form) in [(&exclude, &excluding), (&adjust, &adjusting)] {
        assert_eq!(town.post_as(path, form, &reader).await.status, StatusCode::FORBIDDEN);
    }
    let mapper = town.session(Role::Mapper).await;
    assert_eq!(town.post_as(&adjust, &adjusting, &mapper).await.status, StatusCode::FORBIDDEN);
    assert_eq!(town.post_as(&exclude, &excluding, &mapper).await.status, StatusCode::SEE_OTHER);
    let approver = town.session(Role::Approver).await;
    assert_eq!(town.post_as(&adjust, &adjusting, &approver).await.status, StatusCode::SEE_OTHER);
    let log = town.door.store.audit(town.msp.id).await.unwrap();
    let decided = log.iter().filter(|row| !row.what.starts_with("user."));
    let last: Vec<&str> = decided.rev().take(2).map(|row| row.what.as_str()).collect();
    assert_eq!(last, ["adjustment.set", "exclusion.set"]);
    assert!(words(&town.get("activity/audit?text=exclusion").await.text).contains("exclusion.set"));
}

#[tokio::test]
async fn feature_63_the_true_up_list_has_a_page_and_a_file() {
    let town = Town::live().await;
    let page = words(&town.get("true-up").await.text);
    assert!(
        page.contains("Pushed from 1 Nov 2025 through 23 Nov 2025") && page.contains("Nothing to make up for"),
        "{page}"
    );
    assert!(town.get("month").await.text.contains(&format!("href=\"{}\"", town.path("true-up"))));
    let file = town.get("true-up/true-up.csv?from=2025-11-01&to=2025-11-30").await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert!(
        file.text.starts_with("run,customer,agreement_id,agreement_name,addition_id,item,from,to,pushed_on,"),
        "{}",
        file.text
    );
    assert!(town.get("true-up?from=x").await.status.is_client_error());
    assert!(town.get("true-up/other.csv").await.status.is_client_error());
}

#[tokio::test]
async fn feature_58_cost_and_margin_are_shown_and_unknown_is_no_zero() {
    let town = Town::live().await;
    let line = town.line("Acme", "Hot").await;
    // 10 at 2.00, and at a cost of 1.50.
    let page = words(&town.get(&format!("psa-sync/usages/{line}")).await.text);
    assert!(page.contains("15.00 USD cost, 5.00 USD margin"), "{page}");
    let bolt = town.line("Bolt", "Hot").await;
    let page = words(&town.get(&format!("psa-sync/usages/{bolt}")).await.text);
    assert!(page.contains("ConnectWise has no unit cost"), "{page}");
    let customers = words(&town.get(&format!("billable-items/{}", line.product)).await.text);
    assert!(customers.contains("10 20.00 USD 15.00 USD 5.00 USD"), "{customers}");
    assert!(customers.contains("20 40.00 USD – –"), "{customers}");
    let file = town.get("billable-items.csv").await.text;
    assert!(file.lines().next().unwrap().ends_with(",currency,cost_month,margin_month"), "{file}");
    let hot = file.lines().find(|row| row.starts_with("Hot,")).unwrap();
    assert!(hot.ends_with(",USD,,"), "one addition without a cost: no sum pretends to know it: {hot}");
}
