//! The pages for people: what they show, and what their forms do.

use hive_simulator::{Decimal, NewAddition, NewCompany, Size, World};

use crate::client::{House, Reply, small};

impl House {
    async fn page(&self, path: &str) -> String {
        let reply = self.send("GET", path, "", "").await.unwrap();
        assert_eq!(reply.status, 200, "{path}");
        String::from_utf8(reply.body).unwrap()
    }

    async fn form(&self, path: &str, fields: &str) -> Reply {
        let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
        self.send("POST", &format!("/_sim{path}"), headers, fields).await.unwrap()
    }

    /// Sent, and sent on to a page.
    async fn submit(&self, path: &str, fields: &str) -> String {
        let reply = self.form(path, fields).await;
        assert_eq!(reply.status, 303, "{path} {fields}: {}", String::from_utf8_lossy(&reply.body));
        reply.header("location").unwrap().to_owned()
    }
}

const ONE: &str = "agreement=5&addition=1000";

#[tokio::test]
async fn a_person_sets_cancels_restores_and_deletes() {
    let house = House::with(small()).await;
    let before = house.page("/_sim/agreements/5").await;
    assert!(before.contains("Hot Storage") && !before.contains("class=\"fresh\""), "{before}");
    let next = house.submit("/be/set", &format!("{ONE}&quantity=12.50&who=Priya+%26+Co")).await;
    assert_eq!(next, "/_sim/agreements/5?who=Priya+%26+Co", "whoever they are, they stay it");
    assert_eq!(house.running.sim().quantity(5, 1000), Some(Decimal::new(125, 1)));
    let after = house.page(&next).await;
    for words in ["class=\"fresh\"", "<strong>12.5</strong>", "by Priya &amp; Co", "value=\"Priya &amp; Co\"", "125.00"]
    {
        assert!(after.contains(words), "{words} in {after}");
    }
    house.submit("/be/cancel", ONE).await;
    assert!(house.get("/finance/agreements/5/additions/1000").await.json()["cancelledDate"].is_string());
    assert!(house.page("/_sim/agreements/5").await.contains("Cancelled 2"));
    house.submit("/be/restore", ONE).await;
    let row = house.get("/finance/agreements/5/additions/1000").await.json();
    assert_eq!((&row["cancelledDate"], &row["_info"]["updatedBy"]), (&serde_json::Value::Null, &"jdoe".into()));
    house.submit("/be/delete", ONE).await;
    assert!(house.page("/_sim/agreements/5").await.contains("This agreement has no additions."));
    assert!(house.running.sim().writes().is_empty(), "the log holds writes over the API only");
}

#[tokio::test]
async fn a_person_adds_an_addition_by_identifier_or_id() {
    let house = House::with(small()).await;
    let identifier = house.get("/procurement/catalog/30").await.json()["identifier"].as_str().unwrap().to_owned();
    house.submit("/be/add", &format!("agreement=5&item={}&quantity=3&who=priya", identifier.to_lowercase())).await;
    house.submit("/be/add", "agreement=5&item=30&quantity=4&price=1.25").await;
    let rows = house.get("/finance/agreements/5/additions").await.json();
    let number = |value: &serde_json::Value| value.to_string().parse::<Decimal>().unwrap();
    assert_eq!((number(&rows[1]["quantity"]), &rows[1]["_info"]["updatedBy"]), (3.into(), &"priya".into()));
    assert_eq!((number(&rows[2]["quantity"]), number(&rows[2]["unitPrice"])), (4.into(), Decimal::new(125, 2)));
}

#[tokio::test]
async fn what_cannot_be_done_is_said_on_the_page_and_changes_nothing() {
    let house = House::with(small()).await;
    let before = house.running.sim().snapshot();
    for (path, fields, words) in [
        ("/be/set", "agreement=5&addition=1000&quantity=a+dozen", "“a dozen” is not a number"),
        ("/be/set", "agreement=5&addition=1000&quantity=", "Type a quantity."),
        ("/be/set", "agreement=5&addition=1001&quantity=1", "It is not there any more."),
        ("/be/add", "agreement=5&item=gremlin&quantity=1", "“gremlin”"),
        ("/be/cancel", "addition=1000", "which agreement"),
        ("/break/set", "what=gremlin", "gremlin is nothing that breaks here"),
        ("/break/fault", "kind=gremlin", "gremlin is not a fault"),
    ] {
        let reply = house.form(path, fields).await;
        let page = String::from_utf8(reply.body).unwrap();
        assert_eq!(reply.status, 400, "{path} {fields}");
        assert!(page.contains("role=\"alert\"") && page.contains(words), "{words} in {page}");
    }
    assert_eq!(house.running.sim().snapshot(), before);
}

#[tokio::test]
async fn every_button_breaks_what_it_says_and_healing_mends_it() {
    let house = House::with(small()).await;
    let body = r#"[{"op":"replace","path":"quantity","value":7}]"#;
    // Button, a read and a write afterwards (None: no answer), and the quantity then.
    for (button, read, write, then) in [
        ("500", Some(500), Some(500), 10),
        ("429", Some(429), Some(429), 10),
        ("drop", None, None, 10),
        ("cut_before", Some(200), None, 10),
        ("cut_after", Some(200), None, 7),
        ("500_after", Some(200), Some(500), 7),
        ("human_between", Some(200), Some(200), 7),
        ("401", Some(401), Some(401), 10),
        ("no_edit", Some(200), Some(403), 10),
        ("no_agreements", Some(403), Some(404), 10),
        ("no_companies", Some(200), Some(200), 7),
        ("no_catalog", Some(200), Some(200), 7),
    ] {
        house.running.sim().human_edit(5, 1000, 10.into(), "jdoe");
        let next = house.submit("/break/set", &format!("what={button}&agreement=5")).await;
        assert_eq!(next, "/_sim/agreements/5?who=jdoe");
        assert!(house.page(&next).await.contains("Broken now:"), "{button}");
        let path = "/finance/agreements/5/additions/1000";
        let status = |reply: std::io::Result<Reply>| reply.ok().map(|reply| reply.status);
        assert_eq!(status(house.call("GET", path, "").await), read, "{button}: read");
        assert_eq!(status(house.call("PATCH", path, body).await), write, "{button}: write");
        assert_eq!(house.running.sim().quantity(5, 1000), Some(then.into()), "{button}: quantity");
        house.submit("/break/heal", "").await;
        assert_eq!((house.get(path).await.status, house.patch(body).await.status), (200, 200), "{button}: healed");
        assert!(house.page("/").await.contains("Nothing is broken."), "{button}");
    }
}

#[tokio::test]
async fn the_other_buttons_too() {
    let house = House::with(small()).await;
    house.submit("/break/set", "what=feed").await;
    assert_eq!(house.get("/finance/agreements").await.ids(), [0i64; 0]);
    house.submit("/break/heal", "").await;
    assert_eq!(house.get("/finance/agreements").await.ids(), [5]);
    for (button, path) in [("no_catalog", "/procurement/catalog"), ("no_companies", "/company/companies")] {
        house.submit("/break/set", &format!("what={button}")).await;
        assert_eq!(house.get(path).await.status, 403, "{button}");
    }
    house.submit("/break/set", "what=no_rights").await;
    let page = house.page("/").await;
    for words in ["Procurement &gt; Product Catalog: Inquire None", "may not read its own rights"] {
        assert!(page.contains(words), "{words} in {page}");
    }
    assert_eq!(house.get("/system/mySecurity").await.status, 403);
    house.submit("/break/heal", "").await;
    assert_eq!(house.get("/system/mySecurity").await.status, 200);
    house.submit("/break/fault", "kind=500bad&on=patch&nth=2&times=").await;
    assert!(house.page("/").await.contains("server bad input on patch (request number 2 only, hit 0 so far)"));
}

#[tokio::test]
async fn a_fault_for_the_next_time_only_is_gone_from_the_page_then() {
    let house = House::with(small()).await;
    house.submit("/break/set", "what=500&times=1").await;
    assert!(house.page("/").await.contains("Answer 500 (1 more, hit 0 so far)"));
    assert_eq!(house.get("/company/companies").await.status, 500);
    assert!(house.page("/").await.contains("Nothing is broken."));
    assert_eq!(house.get("/company/companies").await.status, 200);
}

#[tokio::test]
async fn names_are_harmless_and_nothing_is_inline_or_from_elsewhere() {
    let mut world = small();
    world.company(NewCompany {
        id: Some(20),
        name: "<script>alert(1)</script> & \"Sons\"".into(),
        ..Default::default()
    });
    world.addition(NewAddition { id: Some(1001), agreement: 5, item: 4711, ..NewAddition::default() });
    let house = House::with(world).await;
    for path in ["/", "/_sim/agreements/5", "/?q=%22%3E%3Cscript%3E", "/_sim/agreements/5?who=%22%3E%3Cscript%3E"] {
        let reply = house.send("GET", path, "", "").await.unwrap();
        let policy = reply.header("content-security-policy").unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        let page = String::from_utf8(reply.body).unwrap();
        for word in ["<script", "<style", " style=", " onclick", "http://", "https://"] {
            assert!(!page.contains(word), "{word} on {path}");
        }
        assert!(page.contains("A simulated ConnectWise"), "{path} says what it is");
    }
    for (path, kind) in [("/_sim/style.css", "text/css"), ("/_sim/icon.svg", "image/svg+xml")] {
        let reply = house.send("GET", path, "", "").await.unwrap();
        assert!(reply.status == 200 && reply.header("content-type").unwrap().starts_with(kind), "{path}");
    }
    assert_eq!(house.send("GET", "/_sim/agreements/6", "", "").await.unwrap().status, 404);
}

#[tokio::test]
async fn the_list_is_found_in_and_turned() {
    let house = House::with(World::generate(Size::S, 1)).await;
    let first = house.page("/").await;
    assert_eq!(first.matches("href=\"/_sim/agreements/").count(), 100, "a page of rows");
    assert!(first.contains("Page 1 of ") && first.contains("/?q=&amp;page=2"));
    assert_ne!(house.page("/?page=2").await, first);
    let last = house.page("/?page=100000").await;
    assert!(last.contains("Previous") && !last.contains(">Next<"));
    let agreement = house.running.sim().snapshot()[0]["agreementId"].as_i64().unwrap();
    let found = house.page(&format!("/?q={agreement}")).await;
    assert_eq!(found.matches("href=\"/_sim/agreements/").count(), 1, "{agreement}");
    assert!(house.page("/?q=no+such+company").await.contains("No company and no agreement has"));
}

#[tokio::test]
async fn the_list_tells_the_latest_writes() {
    let house = House::with(small()).await;
    assert!(house.page("/").await.contains("None yet."));
    house.patch(r#"[{"op":"replace","path":"quantity","value":7}]"#).await;
    let page = house.page("/").await;
    assert!(page.contains("addition 1000: 10 → <strong>7</strong>") && page.contains("just now by"), "{page}");
}
