//! PATCH and its company: the rules, and the log of what was applied.

use hive_simulator::{Date, Decimal, Fault, NewAddition, On};

use crate::client::{House, small};

#[tokio::test]
async fn a_patch_changes_the_quantity_and_what_follows_from_it() {
    let house = House::with(small()).await;
    let reply = house.patch(r#"[{"op":"replace","path":"quantity","value":7.25}]"#).await;
    let row = reply.json();
    assert_eq!((reply.status, row["quantity"].to_string()), (200, "7.25".into()));
    assert_eq!((row["extPrice"].to_string(), row["billedQuantity"].to_string()), ("72.50".into(), "7.25".into()));
    assert_eq!(row["_info"]["updatedBy"], "PUBLICKEY0000001");
    assert_ne!(row["_info"]["lastUpdated"], "2026-01-05T08:30:00Z");
    let sim = house.running.sim();
    assert_eq!(sim.quantity(5, 1000), Some(Decimal::new(725, 2)));
    let write = sim.writes().remove(0);
    assert_eq!((write.seq, write.agreement, write.addition, write.changed), (1, 5, 1000, true));
    assert_eq!((write.from, write.to), (10.into(), Decimal::new(725, 2)));
    house.patch(r#"[{"op":"replace","path":"quantity","value":7.25}]"#).await;
    assert!(!sim.writes()[1].changed);
}

#[tokio::test]
async fn what_json_patch_takes() {
    let house = House::with(small()).await;
    let quantity = async |body: &str| {
        let reply = house.patch(body).await;
        assert_eq!(reply.status, 200, "{body}");
        reply.json()["quantity"].to_string()
    };
    assert_eq!(quantity(r#"[{"op":"replace","path":"/quantity","value":"8"}]"#).await, "8.0");
    assert_eq!(quantity(r#"[{"op":"add","path":"quantity","value":9}]"#).await, "9.0");
    assert_eq!(quantity(r#"[{"op":"replace","path":"product/id","value":3}]"#).await, "9.0", "a false 200");
    assert_eq!(quantity(r#"[{"op":"replace","path":"extPrice","value":3}]"#).await, "9.0", "derived, ignored");
    let big = r#"[{"op":"replace","path":"quantity","value":123456789012345678.123456}]"#;
    assert_eq!(quantity(big).await, "123456789012345678.123456", "no float on the way");
    let described = house.patch(r#"[{"op":"replace","path":"invoiceDescription","value":"à la carte"}]"#).await;
    assert_eq!(described.json()["invoiceDescription"], "à la carte");
}

#[tokio::test]
async fn what_json_patch_refuses() {
    let house = House::with(small()).await;
    let refused = async |body: &str| {
        let reply = house.patch(body).await;
        (reply.status, reply.json()["message"].as_str().unwrap().to_owned())
    };
    let (status, words) = refused(r#"{"op":"replace","path":"quantity","value":7}"#).await;
    assert!(status == 500 && words.starts_with("Error converting value"), "{words}");
    let (status, words) = refused(r#"[{"op":"replace","path":"Quantity","value":7}]"#).await;
    assert_eq!((status, words.as_str()), (400, "Could not find member 'Quantity' on object of type 'Addition'."));
    assert_eq!(refused(r#"[{"op":"replace","path":"quantity","value":"n/a"}]"#).await.0, 500);
    assert_eq!(refused(r#"[{"op":"test","path":"quantity","value":7}]"#).await.0, 400);
    assert_eq!(refused("nonsense").await.0, 400);
    house.running.sim().set_strict_paths(true);
    assert_eq!(refused(r#"[{"op":"replace","path":"/quantity","value":7}]"#).await.0, 400);
    assert_eq!(house.running.sim().quantity(5, 1000), Some(10.into()));
    assert!(house.running.sim().writes().is_empty());
}

#[tokio::test]
async fn old_wrong_data_refuses_an_unrelated_write() {
    let mut world = small();
    let effective = Some("2019-12-31".parse::<Date>().unwrap());
    world.addition(NewAddition { id: Some(1000), agreement: 5, item: 30, effective, ..NewAddition::default() });
    let house = House::with(world).await;
    let reply = house.patch(r#"[{"op":"replace","path":"quantity","value":7}]"#).await;
    assert_eq!((reply.status, reply.json()["message"].clone()), (400, "addition object is invalid".into()));
    let words = reply.json()["errors"][0]["message"].clone();
    assert_eq!(words, "effectiveDate cannot be less than the agreement billing start date");
}

#[tokio::test]
async fn a_post_can_stumble_after_it_was_applied() {
    let house = House::with(small()).await;
    let sim = house.running.sim();
    let body = r#"{"product":{"id":30},"billCustomer":"Billable","quantity":4}"#;
    let post = async || house.call("POST", "/finance/agreements/5/additions", body).await;
    let many = || sim.snapshot().as_array().unwrap().len();
    let before = many();
    let on = |name: &str| Fault::named(name, On::Post).unwrap().times(1);
    sim.fault(on("patch_lost"));
    assert!(post().await.is_err(), "the answer is lost");
    assert_eq!(many(), before + 1);
    sim.fault(on("500").applied());
    assert_eq!(post().await.unwrap().status, 500);
    assert_eq!(many(), before + 2);
    sim.fault(on("drop"));
    assert!(post().await.is_err());
    assert_eq!(many(), before + 2, "lost on the way there");
    sim.fault(on("dup"));
    assert_eq!(post().await.unwrap().status, 201);
    assert_eq!(many(), before + 4, "carried out twice");
    sim.fault(on("rounded"));
    assert_eq!(post().await.unwrap().json()["quantity"].to_string().trim_end_matches(['0', '.']), "5");
    assert_eq!(sim.requests().posts, 5);
    sim.set_add_right("None");
    assert_eq!(post().await.unwrap().status, 403);
}

#[tokio::test]
async fn post_put_and_delete() {
    let house = House::with(small()).await;
    let post = async |body: &str| house.call("POST", "/finance/agreements/5/additions", body).await.unwrap();
    let made = post(r#"{"product":{"id":30},"billCustomer":"Billable","quantity":1}"#).await;
    assert_eq!((made.status, made.json()["id"].clone()), (201, 200_001.into()));
    assert_eq!(post(r#"{"product":{"id":30}}"#).await.status, 400);
    assert_eq!(post(r#"{"product":{"id":30},"billCustomer":"Billable","qty":1}"#).await.status, 400);
    assert_eq!(post(r#"{"product":{"id":99},"billCustomer":"Billable"}"#).await.status, 400);
    assert_eq!(post(r#"{"product":{"id":30},"billCustomer":"Billable","quantity":"x"}"#).await.status, 500);
    assert_eq!(house.get("/finance/agreements/5/additions").await.ids(), [1000, 200_001]);
    let path = "/finance/agreements/5/additions/200001";
    let put = house.call("PUT", path, r#"{"product":{"id":30},"billCustomer":"NoCharge","quantity":4}"#).await.unwrap();
    assert_eq!((put.status, put.json()["billCustomer"].clone()), (200, "NoCharge".into()));
    let gone = house.call("DELETE", path, "").await.unwrap();
    assert_eq!((gone.status, gone.body.len()), (204, 0));
    assert_eq!(house.get(path).await.status, 404);
    let methods: Vec<_> = house.running.sim().writes().into_iter().map(|write| write.method).collect();
    assert_eq!(methods, ["POST", "PUT", "DELETE"]);
}
