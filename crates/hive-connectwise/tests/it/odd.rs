//! Servers that cap their pages without a word, and records that are not as they should be.

use crate::support::*;
use hive_connectwise::{Known, Trouble};
use hive_core::mirror::Mirror;
use hive_simulator::{NewAddition, World};
use std::fmt::Write as _;

const COMPANY: &str = r#"[{"id":1,"identifier":"a","name":"A"}]"#;
const ITEM: &str = r#"[{"id":1,"identifier":"i","description":"I"}]"#;
const AGREEMENT: &str = r#"[{"id":5,"name":"M","company":{"id":1},"agreementStatus":"Active"}]"#;
const ADDITION: &str = r#"[{"id":7,"product":{"id":1},"quantity":1}]"#;

/// What a stub holds. It pages by `cap`, whatever it is asked for, and never sends a Link header.
struct Stub {
    companies: Vec<String>,
    agreements: Vec<String>,
    /// By agreement.
    additions: Vec<(i64, Vec<String>)>,
    cap: usize,
    /// The status of every `/count`; 200 counts.
    count_status: &'static str,
}

fn records(list: &str) -> Vec<String> {
    let rows: Vec<serde_json::Value> = serde_json::from_str(list).unwrap();
    rows.iter().map(ToString::to_string).collect()
}

impl Stub {
    fn new(agreements: &str, additions: &[(i64, &str)]) -> Stub {
        Stub {
            companies: records(COMPANY),
            agreements: records(agreements),
            additions: additions.iter().map(|(id, list)| (*id, records(list))).collect(),
            cap: 1_000,
            count_status: "200 OK",
        }
    }

    fn answer(&self, request: &str) -> String {
        let path = request.split(' ').nth(1).unwrap_or_default();
        let items = records(ITEM);
        let rows = match path {
            _ if path.contains("companyinfo") => return company_info("v2025_1/"),
            _ if path.contains("company/companies") => &self.companies,
            _ if path.contains("procurement") => &items,
            _ if path.contains("/additions") => {
                let of = |(id, _): &&(i64, _)| path.contains(&format!("/{id}/"));
                &self.additions.iter().find(of).unwrap().1
            }
            _ => &self.agreements,
        };
        if path.contains("/count") {
            return match self.count_status {
                "200 OK" => json("200 OK", &format!(r#"{{"count":{}}}"#, rows.len())),
                status => json(status, r#"{"code":"x","message":"no count here"}"#),
            };
        }
        let page = path.split("&page=").nth(1).and_then(|page| page.parse().ok()).unwrap_or(1_usize);
        let page: Vec<&str> = rows.iter().skip((page - 1) * self.cap).take(self.cap).map(String::as_str).collect();
        json("200 OK", &format!("[{}]", page.join(",")))
    }

    async fn pull(self) -> (Result<Mirror, Trouble>, Vec<String>) {
        let server = canned(move |request| self.answer(request)).await;
        let pulled = client(&server.url).pull(&Known::default(), &|_| {}).await;
        let paths = server.heard().iter().map(|heard| heard.split(' ').nth(1).unwrap_or_default().to_owned()).collect();
        (pulled, paths)
    }
}

fn many(count: usize, row: impl Fn(usize) -> String) -> Vec<String> {
    (1..=count).map(row).collect()
}

fn asked(paths: &[String], part: &str) -> usize {
    paths.iter().filter(|path| path.contains(part)).count()
}

#[tokio::test]
async fn capped_pages_without_a_link_header_come_whole() {
    for (cap, total) in [(25, 60), (25, 75), (100, 300), (250, 251), (250, 250), (250, 600), (30, 95)] {
        for count_status in ["200 OK", "404 Not Found", "405 Method Not Allowed"] {
            if cap == 30 && count_status != "200 OK" {
                continue;
            }
            let companies = many(total, |n| format!(r#"{{"id":{n},"identifier":"c{n}","name":"C{n}"}}"#));
            let additions = many(total, |n| format!(r#"{{"id":{n},"product":{{"id":1}},"quantity":1}}"#));
            // Without a count only a round page says that a list may go on.
            let additions = if cap == 30 { records(ADDITION) } else { additions };
            let expected = additions.len();
            let stub = Stub { companies, cap, count_status, ..Stub::new(AGREEMENT, &[]) };
            let (pulled, paths) = Stub { additions: vec![(5, additions)], ..stub }.pull().await;
            let mirror = pulled.unwrap();
            assert_eq!((mirror.companies.len(), mirror.additions.len()), (total, expected), "{cap} {count_status}");
            if count_status == "200 OK" {
                assert_eq!(asked(&paths, "companies?"), total.div_ceil(cap), "{cap} of {total}");
                assert_eq!(asked(&paths, "additions?"), expected.div_ceil(cap), "{cap} of {total}");
            }
        }
    }
}

#[tokio::test]
async fn only_a_round_number_of_additions_costs_a_count() {
    for (additions, counts) in [(7, 3), (24, 3), (25, 4), (50, 4), (51, 3), (1_000, 4)] {
        let mut world: World = small_world();
        for n in 1..additions {
            world.addition(NewAddition { quantity: n.into(), ..NewAddition::default() });
        }
        let running = simulator(world).await;
        let mirror = client(&running.url()).pull(&Known::default(), &|_| {}).await.unwrap();
        assert_eq!(mirror.additions.len() as u64, additions as u64);
        let requests = running.sim().requests();
        assert_eq!((requests.counts, requests.additions), (counts, 1), "{additions}");
    }
}

#[tokio::test]
async fn a_page_that_is_too_large_is_refused() {
    let mut long = String::new();
    write!(long, r#"[{{"id":7,"product":{{"id":1}},"description":"{}"}}]"#, "x".repeat(100_001)).unwrap();
    let (pulled, _) = Stub::new(AGREEMENT, &[(5, &long)]).pull().await;
    let error = pulled.unwrap_err().to_string();
    assert!(error.contains("addition 7 of agreement 5: a name or text of more than 100000 characters"), "{error}");

    let companies = many(2_001, |n| format!(r#"{{"id":{n},"identifier":"c"}}"#));
    let (pulled, _) = Stub { companies, cap: 9_999, ..Stub::new(AGREEMENT, &[(5, ADDITION)]) }.pull().await;
    let error = pulled.unwrap_err();
    assert_eq!(error.kind(), "bad_answer");
    assert!(error.to_string().contains("more rows than were asked for"), "{error}");
}

#[tokio::test]
async fn an_addition_without_a_product_is_left_out_but_counted() {
    let rows = r#"[{"id":6,"quantity":1},{"id":7,"product":{"id":1},"quantity":1},{"id":8,"product":null}]"#;
    let (pulled, paths) = Stub::new(AGREEMENT, &[(5, rows)]).pull().await;
    let ids: Vec<i64> = pulled.unwrap().additions.iter().map(|addition| addition.id.0).collect();
    assert_eq!((ids, asked(&paths, "additions/count")), (vec![7], 0));
    // Counted: 25 received of 25, one of them left out.
    let mut rows = many(25, |n| format!(r#"{{"id":{n},"product":{{"id":1}},"quantity":1}}"#));
    rows[3] = r#"{"id":4,"product":null}"#.to_owned();
    let stub = Stub { additions: vec![(5, rows)], ..Stub::new(AGREEMENT, &[]) };
    let (pulled, paths) = stub.pull().await;
    assert_eq!((pulled.unwrap().additions.len(), asked(&paths, "additions/count")), (24, 1));
    for (row, words) in [
        (r#"[{"product":null}]"#, "an addition came without its id"),
        (r#"[{"id":7,"product":{}}]"#, "addition 7 of agreement 5: it came without its product"),
        (r#"[{"id":7,"product":{"id":1},"cancelledDate":{}}]"#, "addition 7 of agreement 5: cancelledDate is {}"),
    ] {
        let error = Stub::new(AGREEMENT, &[(5, row)]).pull().await.0.unwrap_err().to_string();
        assert!(error.replace("a addition", "an addition").contains(words), "{error}");
    }
}

#[tokio::test]
async fn a_bad_agreement_does_not_take_the_others_away() {
    for bad in [
        r#""company":null"#,
        r#""note":1"#,
        r#""company":{"id":1},"endDate":"soon""#,
        r#""company":{"id":1},"startDate":{}"#,
        r#""company":{"id":1},"cancelledFlag":[true]"#,
        r#""company":{"id":1},"agreementStatus":{"name":"Cancelled"}"#,
    ] {
        let agreements = format!(r#"[{{"id":5,"company":{{"id":1}}}},{{"id":6,{bad}}}]"#);
        let (pulled, paths) = Stub::new(&agreements, &[(5, ADDITION), (6, ADDITION)]).pull().await;
        let mirror = pulled.unwrap();
        let kept = if bad.contains("company\":{") { 2 } else { 1 };
        assert_eq!((mirror.agreements.len(), mirror.additions.len()), (kept, 1), "{bad}");
        assert_eq!(asked(&paths, "/6/additions"), 0, "{bad}");
        if let Some(unreadable) = mirror.agreements.get(1) {
            let why = unreadable.rejected_on(today()).unwrap();
            assert!(why.ends_with("is unreadable"), "{why}");
        }
    }
    let hidden = r#"[{"id":5,"company":null},{"id":6}]"#;
    let error = Stub::new(hidden, &[]).pull().await.0.unwrap_err().to_string();
    assert!(error.contains("Companies > Company Maintenance: Inquire"), "{error}");
    let error = Stub::new(r#"[{"company":{"id":1}}]"#, &[]).pull().await.0.unwrap_err().to_string();
    assert!(error.contains("came without its id"), "{error}");
}

#[tokio::test]
async fn flags_that_are_objects_are_errors_by_name() {
    let companies = vec![r#"{"id":1,"deletedFlag":{"value":true}}"#.to_owned()];
    let (pulled, _) = Stub { companies, ..Stub::new(AGREEMENT, &[(5, ADDITION)]) }.pull().await;
    let error = pulled.unwrap_err().to_string();
    assert!(error.contains("company 1: deletedFlag is {") && error.contains("neither true nor false"), "{error}");
}

#[tokio::test]
async fn an_addition_in_two_lists_says_the_same_in_both() {
    let two = r#"[{"id":5,"company":{"id":1}},{"id":6,"company":{"id":1}}]"#;
    let row = |quantity| format!(r#"[{{"id":7,"agreementId":6,"product":{{"id":1}},"quantity":{quantity}}}]"#);
    let (pulled, _) = Stub::new(two, &[(5, &row(3)), (6, &row(3))]).pull().await;
    assert_eq!(pulled.unwrap().additions.len(), 1);
    for other in [row(4), ADDITION.to_owned()] {
        let error = Stub::new(two, &[(5, &other), (6, &row(3))]).pull().await.0.unwrap_err();
        assert_eq!(error.kind(), "bad_answer");
        let words = "addition 7 came with agreement 5 and, differently, with agreement 6";
        assert!(error.to_string().contains(words), "{error}");
    }
}
