//! `POST /api/v1/usage`: who may, what is taken, what is refused and in which words, once under a key.

use crate::door::{Door, Shown};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use hive_core::MspId;
use hive_store::Role;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const PATH: &str = "/api/v1/usage";
const TOKEN: &str = "hive_of-a-story";

struct Api {
    door: Door,
    msp: MspId,
}

/// What the store keeps of a token.
fn hash(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sample(quantity: &Value) -> Value {
    json!({ "account": "Acme", "product": "Hot", "quantity": quantity, "unit": "GB",
        "measured_at": "2025-11-23T09:00:00Z" })
}

impl Api {
    async fn open() -> Api {
        let door = Door::open().await;
        let msp = door.msp("Northwind IT").await;
        let api = Api { door, msp };
        api.token("Meter", TOKEN, "usage").await;
        api
    }

    async fn token(&self, name: &str, token: &str, rights: &str) -> i64 {
        let (store, now) = (&self.door.store, self.door.now());
        store.make_token(self.msp, name, &hash(token), rights, "user:jo", now).await.unwrap()
    }

    fn request(&self, token: &str, body: impl Into<Body>) -> Request<Body> {
        Request::post(PATH)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.into())
            .unwrap()
    }

    async fn post(&self, body: &Value) -> Shown {
        self.door.send(self.request(TOKEN, body.to_string())).await
    }

    async fn keyed(&self, key: &str, body: &Value) -> Shown {
        let mut request = self.request(TOKEN, body.to_string());
        request.headers_mut().insert("idempotency-key", key.parse().unwrap());
        self.door.send(request).await
    }

    /// What is stored, as text: "Acme Hot 0.1 GB Meter".
    async fn stored(&self) -> Vec<String> {
        let facts = self.door.store.facts(self.msp, None).await.unwrap();
        let name = |sample: &hive_core::usage::Sample| {
            let account = facts.accounts.iter().find(|one| one.id == sample.account).unwrap();
            let product = facts.products.iter().find(|one| one.id == sample.product).unwrap();
            format!("{} {} {} {} {}", account.name, product.name, sample.quantity, sample.unit, sample.source)
        };
        facts.samples.iter().map(name).collect()
    }
}

#[track_caller]
fn problem(shown: &Shown, status: u16, code: &str) -> Value {
    assert_eq!(shown.status.as_u16(), status, "{}", shown.text);
    assert_eq!(shown.header("content-type"), "application/problem+json");
    let body: Value = serde_json::from_str(&shown.text).unwrap();
    assert_eq!((body["code"].as_str(), body["status"].as_u64()), (Some(code), Some(u64::from(status))), "{body}");
    assert!(body["detail"].as_str().unwrap().len() > 10 && body["title"].is_string() && body["type"] == "about:blank");
    body
}

#[track_caller]
fn taken(shown: &Shown) -> Value {
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
    assert_eq!(shown.header("content-type"), "application/json");
    serde_json::from_str(&shown.text).unwrap()
}

#[tokio::test]
async fn ac_41_one_sample_or_a_batch_is_taken_to_the_digit() {
    let api = Api::open().await;
    let before = api.door.store.pulse(api.msp).await.unwrap().facts;
    let answer = taken(&api.post(&sample(&json!("0.1"))).await);
    let expected = json!({ "source": "Meter", "rows": 1, "samples_new": 1, "samples_equal": 0, "samples_corrected": 0,
        "accounts_new": 1, "products_new": 1, "quotas_set": 0, "renamed": [], "dry_run": false });
    assert_eq!(answer, expected);
    assert!(api.door.store.pulse(api.msp).await.unwrap().facts > before, "open pages hear of it");

    // As numbers: through no float.
    let raw = r#"{"source":"vendor","complete":true,"samples":[
        {"account":"Acme","product":"A","quantity":0.1,"unit":"GB","measured_at":"2025-11-23T09:00:00Z"},
        {"account":"Acme","product":"B","quantity":123456789012345678,"unit":"GB","measured_at":"2025-11-23T09:00:00Z"},
        {"account":"Acme","product":"C","quantity":123456789012.345678,"unit":"GB","measured_at":"2025-11-23T09:00:00Z"},
        {"account":"Acme","product":"D","quantity":"9007199254740993","unit":"user","measured_at":"2025-11-23T09:00:00Z",
         "quota":null,"account_id":"A-1","product_id":7,"class":"trial"}]}"#;
    let answer = taken(&api.door.send(api.request(TOKEN, raw)).await);
    assert_eq!((&answer["rows"], &answer["samples_new"], &answer["source"]), (&json!(4), &json!(4), &json!("vendor")));
    let mut stored = api.stored().await;
    stored.sort();
    assert_eq!(
        stored,
        [
            "Acme A 0.1 GB vendor",
            "Acme B 123456789012345678 GB vendor",
            "Acme C 123456789012.345678 GB vendor",
            "Acme D 9007199254740993 user vendor",
            "Acme Hot 0.1 GB Meter",
        ]
    );
    let batches = api.door.store.batches(api.msp, 10).await.unwrap();
    assert_eq!((batches[0].complete, batches[0].who.as_str(), batches.len()), (true, "token:Meter", 2));
}

#[tokio::test]
async fn an_equal_sample_is_nothing_and_another_quantity_is_a_correction() {
    let api = Api::open().await;
    taken(&api.post(&sample(&json!(5))).await);
    assert_eq!(taken(&api.post(&sample(&json!("5.0"))).await)["samples_equal"], 1);
    assert_eq!(taken(&api.post(&sample(&json!(6))).await)["samples_corrected"], 1);
    assert_eq!(api.stored().await, ["Acme Hot 6 GB Meter"]);
}

#[tokio::test]
async fn who_may_not_is_told_why() {
    let api = Api::open().await;
    api.token("Looker", "hive_read", "read").await;
    api.token("Everything", "hive_all", "all").await;
    let revoked = api.token("Old", "hive_old", "usage").await;
    api.door.store.revoke_token(api.msp, revoked, "user:jo", api.door.now()).await.unwrap();
    let body = sample(&json!("1")).to_string();

    let without = Request::post(PATH).header(header::CONTENT_TYPE, "application/json").body(Body::from(body.clone()));
    let shown = api.door.send(without.unwrap()).await;
    problem(&shown, 401, "token.missing");
    assert_eq!(shown.header("www-authenticate"), "Bearer realm=\"Hive\"");
    // A person's session opens nothing here.
    let jo = api.door.person("jo@northwind.example", Role::Admin, Some(api.msp)).await;
    let session = api.door.come_in(jo).await;
    let cookie = Request::post(PATH)
        .header(header::COOKIE, &session)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.clone()));
    problem(&api.door.send(cookie.unwrap()).await, 401, "token.missing");
    for token in ["hive_wrong", "hive_old", "", &session] {
        let shown = api.door.send(api.request(token, body.clone())).await;
        problem(&shown, 401, "token.unknown");
        assert!(shown.header("www-authenticate").contains("invalid_token"));
    }
    let refused = problem(&api.door.send(api.request("hive_read", body.clone())).await, 403, "token.rights");
    assert!(refused["detail"].as_str().unwrap().contains("\"Looker\" has \"read\""), "{refused}");
    assert_eq!(api.stored().await, [""; 0]);
    taken(&api.door.send(api.request("hive_all", body)).await);
    assert_eq!(api.stored().await, ["Acme Hot 1 GB Everything"]);
}

#[tokio::test]
async fn wrong_tokens_of_one_address_are_told_to_wait_and_right_ones_are_not() {
    let api = Api::open().await;
    let body = sample(&json!("1")).to_string();
    let from = |token: &str, address: &str| {
        let mut request = api.request(token, body.clone());
        request.extensions_mut().insert(ConnectInfo(address.parse::<SocketAddr>().unwrap()));
        request
    };
    for _ in 0..20 {
        problem(&api.door.send(from("hive_wrong", "203.0.113.9:5000")).await, 401, "token.unknown");
    }
    let shown = api.door.send(from("hive_wrong", "203.0.113.9:5001")).await;
    problem(&shown, 429, "token.throttled");
    assert_eq!(shown.header("retry-after"), "900");
    problem(&api.door.send(from("hive_wrong", "203.0.113.10:5000")).await, 401, "token.unknown");
    taken(&api.door.send(from(TOKEN, "203.0.113.9:5002")).await);
    api.door.later(16);
    problem(&api.door.send(from("hive_wrong", "203.0.113.9:5000")).await, 401, "token.unknown");
}

#[tokio::test]
async fn a_token_does_not_travel_openly() {
    let door = Door::open_at("http://hive.example").await;
    let msp = door.msp("Northwind IT").await;
    let api = Api { door, msp };
    api.token("Meter", TOKEN, "usage").await;
    problem(&api.post(&sample(&json!("1"))).await, 403, "token.without_https");
    assert_eq!(api.stored().await, [""; 0]);
}

#[tokio::test]
async fn bad_samples_are_named_by_index_and_field_and_nothing_is_taken() {
    let api = Api::open().await;
    let mut ahead = sample(&json!("1"));
    ahead["measured_at"] = json!("2099-01-01T00:00:00Z");
    let mut typed = sample(&json!([1]));
    typed["unit"] = json!(true);
    typed["colour"] = json!("red");
    let twice = json!([sample(&json!("1")), sample(&json!("-1")), ahead, typed, {}]);
    let body = problem(&api.post(&json!({ "samples": twice })).await, 422, "usage.bad_rows");
    let errors: Vec<String> = body["errors"].as_array().unwrap().iter().map(named).collect();
    let wanted = [
        "1 quantity #/samples/1/quantity: \"-1\" is negative",
        "2 measured_at #/samples/2/measured_at: 2099-01-01T00:00:00Z is more than 10 minutes ahead",
        "3 quantity #/samples/3/quantity: must be a number",
        "3 unit #/samples/3/unit: must be a text",
        "3 colour #/samples/3/colour: the fields are account",
        "4 account #/samples/4/account: the account is empty",
        "4 product #/samples/4/product: the product is empty",
        "4 quantity #/samples/4/quantity: the quantity is empty",
        "4 unit #/samples/4/unit: the unit is empty",
        "4 measured_at #/samples/4/measured_at: \"\" is no RFC 3339 time",
    ];
    for want in wanted {
        assert!(errors.iter().any(|error| error.starts_with(want)), "no {want}\n{errors:#?}");
    }
    assert_eq!((errors.len(), &body["errors_left_out"]), (wanted.len(), &json!(0)));

    let one = problem(&api.post(&sample(&json!("1.1234567"))).await, 422, "usage.bad_rows");
    assert_eq!(one["errors"][0]["pointer"], "#/quantity");
    // What only the whole batch shows is said by place too.
    let twins = json!({ "samples": [sample(&json!("1")), sample(&json!("2"))] });
    let twins = problem(&api.post(&twins).await, 422, "usage.bad_rows");
    let words = twins["errors"][0]["detail"].as_str().unwrap();
    assert!(words.starts_with("sample 0 gives the same account, product and time with 1"), "{words}");
    let many: Vec<Value> = (0..150).map(|_| json!({ "account": "A" })).collect();
    let many = problem(&api.post(&json!({ "samples": many })).await, 422, "usage.bad_rows");
    assert_eq!((many["errors"].as_array().unwrap().len(), &many["errors_left_out"]), (100, &json!(500)));
    assert_eq!(api.stored().await, [""; 0]);
    assert!(api.door.store.batches(api.msp, 1).await.unwrap().is_empty());
}

fn named(error: &Value) -> String {
    let text = |key: &str| error[key].as_str().unwrap().to_owned();
    format!("{} {} {}: {}", error["index"], text("field"), text("pointer"), text("detail"))
}

#[tokio::test]
async fn what_is_no_request_is_refused_in_its_own_way() {
    let api = Api::open().await;
    let good = sample(&json!("1")).to_string();
    let mut text = api.request(TOKEN, good.clone());
    text.headers_mut().insert(header::CONTENT_TYPE, "text/csv".parse().unwrap());
    problem(&api.door.send(text).await, 415, "request.kind");
    let mut packed = api.request(TOKEN, good.clone());
    packed.headers_mut().insert(header::CONTENT_ENCODING, "gzip".parse().unwrap());
    problem(&api.door.send(packed).await, 415, "request.kind");
    for (body, status, code) in [
        ("{", 400, "request.no_json"),
        ("", 400, "request.no_json"),
        ("[]", 422, "request.shape"),
        ("7", 422, "request.shape"),
        (r#"{"samples":[7]}"#, 422, "request.shape"),
        (r#"{"samples":{}}"#, 422, "request.shape"),
        (r#"{"samples":[],"samples":[]}"#, 422, "request.shape"),
        (r#"{"samples":[],"account":"A"}"#, 422, "request.shape"),
        (r#"{"samples":[],"complete":"yes"}"#, 422, "request.shape"),
        (r#"{"samples":[],"source":""}"#, 422, "api.wrong_usage"),
        (r#"{"account":"A","account":"B"}"#, 422, "usage.bad_rows"),
    ] {
        problem(&api.door.send(api.request(TOKEN, body)).await, status, code);
    }
    // The door takes a million bytes: said before, and found out on the way.
    let large = " ".repeat(1_000_001);
    let mut said = api.request(TOKEN, large.clone());
    said.headers_mut().insert(header::CONTENT_LENGTH, "1000001".parse().unwrap());
    problem(&api.door.send(said).await, 413, "request.too_large");
    let chunks = futures_of(large);
    problem(&api.door.send(api.request(TOKEN, chunks)).await, 413, "request.too_large");
    let many = format!("{{\"samples\":[{}{{}}]}}", "{},".repeat(200_000));
    let shown = problem(&api.door.send(api.request(TOKEN, many)).await, 413, "request.too_large");
    assert!(shown["detail"].as_str().unwrap().contains("200000 samples"), "{shown}");

    let get = Request::get(PATH).body(Body::empty()).unwrap();
    problem(&api.door.send(get).await, 405, "api.method");
    for path in ["/api", "/api/", "/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v2/usage"] {
        problem(&api.door.get(path, "").await, 404, "api.nothing_here");
    }
    assert_eq!(api.stored().await, [""; 0]);
}

/// A body whose length nobody says before.
fn futures_of(text: String) -> Body {
    Body::from_stream(futures::stream::iter([Ok::<_, std::io::Error>(text)]))
}

#[tokio::test]
async fn a_key_is_answered_once_and_kept_for_its_own_body() {
    let api = Api::open().await;
    let first = api.keyed("k-1", &sample(&json!(1))).await;
    assert_eq!(taken(&first)["samples_new"], 1);
    let again = api.keyed("k-1", &sample(&json!(1))).await;
    assert_eq!((again.text.as_str(), again.header("idempotent-replayed")), (first.text.as_str(), "true"));
    assert_eq!(first.header("idempotent-replayed"), "");
    problem(&api.keyed("k-1", &sample(&json!(2))).await, 422, "request.key_reused");
    assert_eq!(api.stored().await, ["Acme Hot 1 GB Meter"]);
    // Refused: nothing was done, so the key is free for the mended request.
    problem(&api.keyed("k-2", &sample(&json!(-2))).await, 422, "usage.bad_rows");
    assert_eq!(taken(&api.keyed("k-2", &sample(&json!(2))).await)["samples_corrected"], 1);
    // Another token's key is another key.
    api.token("Other", "hive_other", "usage").await;
    let mut other = api.request("hive_other", sample(&json!(9)).to_string());
    other.headers_mut().insert("idempotency-key", "k-1".parse().unwrap());
    assert_eq!(taken(&api.door.send(other).await)["source"], "Other");
    for key in ["", &"k".repeat(201)] {
        problem(&api.keyed(key, &sample(&json!(1))).await, 400, "request.key");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_equal_posts_at_once_are_one() {
    let api = Api::open().await;
    let posts = (0..8).map(|_| async { api.keyed("race", &sample(&json!("7"))).await });
    let answers = futures::future::join_all(posts).await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.text), (StatusCode::OK, &answers[0].text));
    }
    assert_eq!(taken(&answers[0])["samples_new"], 1, "the first one's answer, for all");
    assert_eq!(api.door.store.batches(api.msp, 10).await.unwrap().len(), 1, "taken once");
    // The same key for different bodies at once: one is taken, the others are told.
    let posts = (0..6).map(|n| {
        let body = sample(&json!(n));
        let api = &api;
        async move { api.keyed("clash", &body).await.status.as_u16() }
    });
    let mut statuses = futures::future::join_all(posts).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422, 422, 422, 422, 422]);
    assert_eq!(api.door.store.batches(api.msp, 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_token_brings_usage_to_its_own_msp_alone() {
    let api = Api::open().await;
    let other = api.door.msp("Southwind IT").await;
    taken(&api.post(&sample(&json!("3"))).await);
    let theirs = api.door.store.facts(other, None).await.unwrap();
    assert!(theirs.samples.is_empty() && theirs.accounts.is_empty());
}

#[tokio::test]
async fn the_description_names_what_there_is() {
    let api = Api::open().await;
    let shown = api.door.get("/api/v1/openapi.json", "").await;
    assert_eq!((shown.status, shown.header("content-type")), (StatusCode::OK, "application/json"));
    let document: Value = serde_json::from_str(&shown.text).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"][PATH]["post"]["responses"]["422"].is_object());
    let text = shown.text.as_str();
    for (place, rest) in text.match_indices("\"$ref\":\"#/").map(|(at, _)| (at, &text[at + 10..])) {
        let pointer = rest.split('"').next().unwrap();
        assert!(document.pointer(&format!("/{pointer}")).is_some(), "{place}: {pointer}");
    }
    // Every field that it names is taken, and no other is named.
    let fields = document["components"]["schemas"]["Sample"]["properties"].as_object().unwrap();
    let mut whole = json!({});
    for field in fields.keys() {
        whole[field] = json!("1");
    }
    whole["measured_at"] = json!("2025-11-23T09:00:00Z");
    whole["unit"] = json!("GB");
    whole["quota_unit"] = json!("GB");
    taken(&api.post(&whole).await);
    assert_eq!(fields.len(), 11);
}

/// A body that never comes; how often one of them was asked for is counted.
fn silent(asked: &Arc<AtomicUsize>) -> Body {
    let (asked, mut first) = (asked.clone(), true);
    Body::from_stream(futures::stream::poll_fn(move |_| {
        if std::mem::take(&mut first) {
            asked.fetch_add(1, Ordering::SeqCst);
        }
        std::task::Poll::<Option<Result<Vec<u8>, std::io::Error>>>::Pending
    }))
}

#[tokio::test]
async fn a_body_is_read_only_when_its_turn_has_come() {
    let api = Api::open().await;
    let asked = Arc::new(AtomicUsize::new(0));
    let send = || tokio::spawn(tower::ServiceExt::oneshot(api.door.router.clone(), api.request(TOKEN, silent(&asked))));
    let reach = async |many: usize| {
        let waits = async {
            while asked.load(Ordering::SeqCst) < many {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), waits).await.unwrap_or_else(|_| panic!("{many} are never read"));
    };
    let four: Vec<_> = (0..4).map(|_| send()).collect();
    reach(4).await;
    let fifth = send();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(asked.load(Ordering::SeqCst), 4, "the fifth is read while four are");
    four[0].abort();
    reach(5).await;
    fifth.abort();
}
