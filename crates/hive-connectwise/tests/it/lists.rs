//! Lists: the mirror is complete and right, or there is an error; never fewer rows.

use crate::support::*;
use hive_connectwise::{Client, Known, Progress, Trouble};
use hive_core::mirror::{ItemsFrom, Mirror};
use hive_core::{AdditionId, AgreementId, Quantity};
use hive_simulator::{Fault, FaultKind, NewAddition, NewAgreement, NewCompany, NewItem, On, World};
use std::sync::Mutex;
use std::time::Duration;

async fn pull(client: &Client, known: &Known) -> Result<Mirror, Trouble> {
    client.pull(known, &|_| {}).await
}

fn companies(count: usize) -> World {
    let mut world = World::empty();
    for n in 0..count {
        world.company(NewCompany { name: format!("Company {n}"), ..NewCompany::default() });
    }
    world
}

/// 1,101 companies (two pages), and agreements of every kind with 2 additions each.
fn mixed_world() -> World {
    let mut world = companies(1_101);
    let item = world.item(NewItem::default());
    for n in 0..6 {
        let end = (n == 3).then(|| "2026-01-31".parse().unwrap());
        let id = world.agreement(NewAgreement {
            company: 101 + n,
            name: format!("Agreement {n}"),
            cancelled: n == 2,
            end,
            start: if n == 5 { "2027-03-01".parse().unwrap() } else { "2020-01-01".parse().unwrap() },
            ..NewAgreement::default()
        });
        for quantity in [3, 7] {
            world.addition(NewAddition { agreement: id, item, quantity: quantity.into(), ..NewAddition::default() });
        }
    }
    world
}

#[tokio::test]
async fn lists_of_every_length_come_whole() {
    for count in [1, 25, 26, 1_000, 1_001, 5_000] {
        let running = simulator(companies(count)).await;
        let mirror = pull(&client(&running.url()), &Known::default()).await.unwrap();
        assert_eq!(mirror.companies.len(), count);
        assert!(mirror.companies.windows(2).all(|pair| pair[0].id < pair[1].id));
        let pages = running.sim().requests().companies;
        assert_eq!(pages, count.div_ceil(1_000) as u64, "{count} companies");
    }
}

#[tokio::test]
async fn a_long_list_of_additions_comes_whole_and_is_counted() {
    let mut world = small_world();
    for n in 0..2_500 {
        world.addition(NewAddition { quantity: n.into(), ..NewAddition::default() });
    }
    let running = simulator(world).await;
    let mirror = pull(&client(&running.url()), &Known::default()).await.unwrap();
    assert_eq!(mirror.additions.len(), 2_501);
    assert_eq!(running.sim().requests().counts, 4);
    running.sim().fault(Fault::new(FaultKind::Empty, On::Additions).nth(2));
    assert_eq!(pull(&client(&running.url()), &Known::default()).await.unwrap(), mirror, "an empty second page");
}

#[tokio::test]
async fn a_mirror_says_what_connectwise_holds() {
    let running = simulator(mixed_world()).await;
    let seen = Mutex::new(Vec::new());
    let mirror = client(&running.url()).pull(&Known::default(), &|step| seen.lock().unwrap().push(step)).await.unwrap();
    assert_eq!(mirror.items_from, ItemsFrom::Catalog);
    assert_eq!((mirror.companies.len(), mirror.items.len(), mirror.agreements.len()), (1_101, 1, 6));
    // Cancelled, ended and future agreements are listed, and their additions are not asked for.
    assert_eq!(mirror.additions.len(), 6);
    assert_eq!(running.sim().requests().additions, 3);
    let addition = &mirror.additions[0];
    assert_eq!(addition.quantity, Some(Quantity::from(3)));
    assert_eq!((addition.unit_price.unwrap().to_string(), addition.bill_customer.as_str()), ("10".into(), "Billable"));
    assert_eq!(addition.updated_by.as_deref(), Some("admin1"));
    assert!(addition.updated_at.is_some());
    let agreement = &mirror.agreements[0];
    assert_eq!(agreement.billing_cycle.as_deref(), Some("Monthly"));
    assert_eq!(agreement.currency.as_deref(), Some("USD"));
    assert_eq!(agreement.agreement_type.as_deref(), Some("Managed Services"));
    assert_eq!(agreement.next_invoice.unwrap().to_string(), "2026-12-01");
    assert_eq!(mirror.companies[0].types, ["Client"]);
    let last = Progress::Step { name: "additions", done: 3, total: Some(3) };
    assert_eq!(seen.lock().unwrap().last(), Some(&last));
    // Where a plan is made for the next invoice, what starts later is read too.
    let later = Known { starting_later: true, ..Known::default() };
    assert_eq!(pull(&client(&running.url()), &later).await.unwrap().additions.len(), 8);
}

#[tokio::test]
async fn without_the_catalog_the_items_come_from_additions() {
    let running = simulator(mixed_world()).await;
    running.sim().set_rights("Procurement", "Product Catalog", "None", "None");
    let client = client(&running.url());
    let mirror = pull(&client, &Known::default()).await.unwrap();
    assert_eq!(mirror.items_from, ItemsFrom::Additions);
    assert_eq!(mirror.items.len(), 1);
    let item = running.sim().add_item(NewItem { description: "New".into(), ..NewItem::default() });
    running.sim().add_addition(NewAddition { item, ..NewAddition::default() });
    let fresh = client.refresh(&mirror, &Known::of(&mirror), &|_| {}).await.unwrap();
    assert_eq!((fresh.items.len(), fresh.additions.len(), fresh.pulled_at), (2, 7, mirror.pulled_at));
}

#[tokio::test]
async fn a_refresh_reads_agreements_and_additions_alone() {
    let running = simulator(mixed_world()).await;
    let client = client(&running.url());
    let mirror = pull(&client, &Known::default()).await.unwrap();
    running.sim().reset_counters();
    running.sim().human_edit(50_001, 200_001, 5.into(), "jo");
    let fresh = client.refresh(&mirror, &Known::of(&mirror), &|_| {}).await.unwrap();
    let requests = running.sim().requests();
    assert_eq!((requests.companies, requests.catalog, requests.agreements, requests.additions), (0, 0, 1, 3));
    assert_eq!(fresh.additions[0].quantity, Some(Quantity::from(5)));
    assert_eq!((fresh.companies, fresh.items), (mirror.companies, mirror.items));
}

/// Each fault on the first, second ... request until a pull is clean.
async fn each_request(kind: &FaultKind, on: On, may_fail: bool) {
    let running = simulator(mixed_world()).await;
    let quick = client_with(&running.url(), |limits| limits.request_timeout = Duration::from_millis(250));
    let whole = pull(&quick, &Known::default()).await.unwrap();
    let known = Known::of(&whole);
    let mut pulls = 0;
    for nth in 1.. {
        running.sim().clear_faults();
        running.sim().fault(Fault::new(kind.clone(), on).nth(nth));
        running.sim().reset_counters();
        let pulled = pull(&quick, &known).await;
        match pulled {
            Ok(mirror) => assert_eq!(mirror, whole, "{kind:?} {nth}"),
            Err(error) => assert!(may_fail, "{kind:?} {nth}: {error}"),
        }
        let requests = running.sim().requests();
        let asked = match on {
            On::Lists => requests.companies + requests.catalog + requests.agreements + requests.additions,
            _ => requests.total,
        };
        if asked < nth {
            break;
        }
        pulls += 1;
    }
    assert!(pulls >= 7, "{kind:?}: {pulls}");
}

#[tokio::test]
async fn a_stumble_is_asked_again() {
    let kinds = ["reset_mid", "drop", "500", "502", "503", "emptyobj503", "500timeout", "408", "204"];
    let kinds = kinds.map(|name| FaultKind::parse(name, None).unwrap());
    futures::future::join_all(kinds.iter().map(|kind| each_request(kind, On::Any, false))).await;
}

#[tokio::test]
async fn a_wrong_body_is_asked_again() {
    let kinds = ["html200", "truncate", "null200"].map(|name| FaultKind::parse(name, None).unwrap());
    futures::future::join_all(kinds.iter().map(|kind| each_request(kind, On::Lists, false))).await;
    futures::future::join_all(kinds.iter().map(|kind| each_request(kind, On::Any, true))).await;
}

#[tokio::test]
async fn silence_is_asked_again() {
    futures::future::join_all(
        [FaultKind::Hang, FaultKind::Slow].iter().map(|kind| each_request(kind, On::Lists, false)),
    )
    .await;
}

#[tokio::test]
async fn rows_that_are_missing_or_doubled_are_found() {
    let kinds = ["empty", "dup", "shift", "link_loop", "link_missing", "link_garbage", "link_other_host", "short_page"];
    let kinds = kinds.map(|name| FaultKind::parse(name, None).unwrap());
    futures::future::join_all(kinds.iter().map(|kind| each_request(kind, On::Lists, false))).await;
}

#[tokio::test]
async fn a_refusal_ends_the_pull_or_is_got_over_but_never_shortens_it() {
    for name in ["401", "403", "404", "400", "409", "redirect", "500bad", "weird", "bomb"] {
        let kind = FaultKind::parse(name, None).unwrap();
        let running = simulator(mixed_world()).await;
        let client = client(&running.url());
        let whole = pull(&client, &Known::default()).await.unwrap();
        for nth in 1..=12 {
            running.sim().clear_faults();
            running.sim().fault(Fault::new(kind.clone(), On::Any).nth(nth));
            if let Ok(mirror) = pull(&client, &Known::of(&whole)).await {
                let rows = |mirror: &Mirror| (mirror.companies.len(), mirror.agreements.len(), mirror.additions.len());
                assert!(rows(&mirror) >= rows(&whole), "{name} {nth}");
            }
        }
    }
}

#[tokio::test]
async fn a_list_that_is_always_wrong_never_becomes_a_mirror() {
    let cases = [
        ("empty", On::Companies),
        ("empty", On::Agreements),
        ("empty", On::Additions),
        ("shift", On::Agreements),
        ("null200", On::Catalog),
        ("html200", On::Agreements),
        ("truncate", On::Companies),
        ("emptyobj503", On::Additions),
        ("401", On::Additions),
        ("403", On::Agreements),
        ("404", On::Additions),
        ("endless", On::Catalog),
    ];
    let runs = cases.map(|(name, on)| async move {
        let running = simulator(mixed_world()).await;
        let quick = client_with(&running.url(), |limits| limits.request_timeout = Duration::from_millis(300));
        running.sim().fault(Fault::named(name, on).unwrap());
        let error = pull(&quick, &Known::default()).await.unwrap_err();
        assert!(error.to_string().contains("127.0.0.1"), "{name}: {error}");
    });
    futures::future::join_all(runs).await;
}

#[tokio::test]
async fn links_that_loop_or_lie_for_ever_end() {
    for name in ["link_loop", "link_other_host", "link_garbage", "link_missing", "dup", "short_page"] {
        let running = simulator(mixed_world()).await;
        let client = client(&running.url());
        let whole = pull(&client, &Known::default()).await.unwrap();
        running.sim().fault(Fault::named(name, On::Lists).unwrap());
        match pull(&client, &Known::default()).await {
            Ok(mirror) => assert_eq!(mirror, whole, "{name}"),
            Err(error) => assert_eq!(error.kind(), "count_mismatch", "{name}: {error}"),
        }
        assert!(running.sim().requests().total < 400, "{name}");
    }
}

#[tokio::test]
async fn a_quantity_that_is_none_is_never_read_as_zero() {
    for name in ["noqty", "badtype"] {
        let running = simulator(mixed_world()).await;
        running.sim().fault(Fault::named(name, On::Additions).unwrap());
        let mirror = pull(&client(&running.url()), &Known::default()).await.unwrap();
        assert_eq!(mirror.additions.len(), 6);
        assert!(mirror.additions.iter().all(|addition| addition.quantity.is_none()));
    }
}

#[tokio::test]
async fn unset_dates_may_be_empty_texts() {
    let running = simulator(mixed_world()).await;
    let client = client(&running.url());
    let whole = pull(&client, &Known::default()).await.unwrap();
    running.sim().fault(Fault::new(FaultKind::BlankDates, On::Lists));
    assert_eq!(pull(&client, &Known::default()).await.unwrap(), whole);
}

#[tokio::test]
async fn a_missing_count_is_made_up_for_by_reading_twice() {
    let running = simulator(mixed_world()).await;
    let client = client(&running.url());
    let whole = pull(&client, &Known::default()).await.unwrap();
    running.sim().fault(Fault::new(FaultKind::NotFound, On::Counts));
    assert_eq!(pull(&client, &Known::default()).await.unwrap(), whole);
    running.sim().fault(Fault::new(FaultKind::Empty, On::Agreements).nth(1));
    let error = pull(&client, &Known::of(&whole)).await.unwrap_err();
    assert_eq!(error.kind(), "count_mismatch");
}

#[tokio::test]
async fn an_upgrade_in_the_middle_moves_the_codebase() {
    let running = simulator(mixed_world()).await;
    let client = client(&running.url());
    let whole = pull(&client, &Known::default()).await.unwrap();
    running.sim().set_codebase("v2026_2/");
    let found = client.look_up(AgreementId(50_001), AdditionId(200_001)).await.unwrap().unwrap();
    assert_eq!(found, whole.additions[0]);
    assert_eq!(client.look_up(AgreementId(50_001), AdditionId(9)).await.unwrap(), None);
    assert_eq!(pull(&client, &Known::default()).await.unwrap(), whole);
}

#[tokio::test]
async fn a_row_without_id_or_product_fails_the_pull_by_name() {
    let rows = [
        (r#"[{"description":"Backup","product":{"id":1},"quantity":1}]"#, "\"Backup\" came without its id"),
        (r#"[{"id":7,"product":{},"quantity":1}]"#, "addition 7 of agreement 5: it came without its product"),
        (r#"[{"id":7,"product":{"id":1},"quantity":1,"cancelledDate":"soon"}]"#, "cancelledDate is \"soon\""),
    ];
    let runs = rows.map(|(row, words)| async move {
        let server = canned(move |request| {
            let path = request.split(' ').nth(1).unwrap_or_default();
            let list = |rows: &str| json("200 OK", rows);
            match path {
                _ if path.contains("companyinfo") => company_info("v2025_1/"),
                _ if path.contains("/count") => list(r#"{"count":1}"#),
                _ if path.contains("company/companies") => list(r#"[{"id":"1","identifier":"a","name":"A"}]"#),
                _ if path.contains("procurement") => list(r#"[{"id":1,"identifier":"i","description":"I"}]"#),
                _ if path.contains("/additions") => list(row),
                _ => list(r#"[{"id":5,"name":"M","company":{"id":1},"agreementStatus":"Active"}]"#),
            }
        })
        .await;
        let error = pull(&client(&server.url), &Known::default()).await.unwrap_err();
        assert_eq!(error.kind(), "bad_answer");
        assert!(error.to_string().contains(words), "{error}");
    });
    futures::future::join_all(runs).await;
}
