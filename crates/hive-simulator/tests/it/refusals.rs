//! Who may come in, and in which words the others are sent away.

use hive_simulator::{Config, NewAgreement, World};

use crate::client::{API, BASIC, House, small};

const GUID: &str = "clientId: 3f2504e0-4f89-11d3-9a0c-0305e82c3301\r\n";

#[tokio::test]
async fn companyinfo_needs_no_keys() {
    let house = House::with(small()).await;
    let known = house.send("GET", "/login/companyinfo/northwind", "", "").await.unwrap();
    assert_eq!(known.json()["Codebase"], "v2025_1/");
    let unknown = house.send("GET", "/login/companyinfo/Northwind", "Authorization: Basic eA==\r\n", "").await.unwrap();
    assert_eq!((unknown.status, unknown.body.as_slice()), (200, &b"null"[..]));
}

#[tokio::test]
async fn wrong_keys() {
    let house = House::with(small()).await;
    let get = async |path: &str, headers: &str| {
        let reply = house.send("GET", path, headers, "").await.unwrap();
        (reply.status, reply.json()["code"].as_str().unwrap().to_owned())
    };
    let path = format!("{API}/company/companies");
    assert_eq!(get(&path, GUID).await, (401, "ConnectWiseApi".into()));
    let wrong = format!("Authorization: Basic eCt5Ono=\r\n{GUID}");
    assert_eq!(get(&path, &wrong).await, (401, "Unauthorized".into()));
    assert_eq!(get("/v4_6_release/apis/3.0/company/companies", &wrong).await, (404, "ConnectWiseApi".into()));
    let keys = format!("Authorization: {BASIC}\r\n");
    assert_eq!(get(&path, &keys).await, (403, "Security".into()));
    assert_eq!(get(&path, &format!("{keys}clientId: me\r\n")).await.0, 400);
    assert_eq!(get("/v2024_1/apis/3.0/company/companies", &format!("{keys}{GUID}")).await.0, 404);
    let router =
        house.send("GET", "/v4_6_release/apis/3.0/company/companies", &format!("{keys}{GUID}"), "").await.unwrap();
    assert_eq!(router.status, 200);
}

#[tokio::test]
async fn a_new_codebase_makes_the_old_one_404() {
    let house = House::with(small()).await;
    house.running.sim().set_codebase("v2025_2/");
    assert_eq!(house.get("/company/companies").await.status, 404);
    let info = house.send("GET", "/login/companyinfo/northwind", "", "").await.unwrap();
    assert_eq!(info.json()["Codebase"], "v2025_2/");
}

#[tokio::test]
async fn rights_are_levels() {
    let house = House::with(small()).await;
    let sim = house.running.sim();
    sim.set_rights("Finance", "Agreements", "All", "None");
    let patch = house.patch(r#"[{"op":"replace","path":"quantity","value":7}]"#).await;
    assert_eq!((patch.status, patch.json()["code"].clone()), (403, "Security".into()));
    assert_eq!(house.get("/finance/agreements").await.status, 200);
    let rows = house.get("/system/mySecurity?conditions=moduleFunctionName=%22Agreements%22").await.json();
    assert_eq!((&rows[0]["inquireLevel"], &rows[0]["editLevel"]), (&"All".into(), &"None".into()));
    sim.set_rights("Procurement", "Product Catalog", "None", "None");
    assert_eq!(house.get("/procurement/catalog").await.status, 403);
    sim.forbid_my_security(true);
    assert_eq!(house.get("/system/mySecurity").await.status, 403);
    assert!(sim.writes().is_empty());
}

#[tokio::test]
async fn a_customised_role_hides_agreements_without_a_word() {
    let mut world = small();
    world.agreement(NewAgreement { id: Some(6), company: 20, type_name: "Secret".into(), ..NewAgreement::default() });
    let house = House::with(world).await;
    assert_eq!(house.get("/finance/agreements").await.ids(), [5, 6]);
    house.running.sim().restrict_agreement_types(Some(vec![1]));
    assert_eq!(house.get("/finance/agreements").await.ids(), [5]);
    assert_eq!(house.get("/finance/agreements/6/additions").await.status, 404);
    assert_eq!(house.get("/finance/agreements/count").await.json()["count"], 1);
}

#[tokio::test]
async fn the_limit_answers_429_in_its_own_shape() {
    let config = Config { requests_per_minute: 3, ..Config::default() };
    let house = House::configured(config, World::empty()).await;
    for _ in 0..3 {
        assert_eq!(house.get("/company/companies").await.status, 200);
    }
    let refused = house.get("/company/companies").await;
    assert_eq!((refused.status, refused.json()["error"].clone()), (429, "ConnectWiseAPI".into()));
    assert_eq!(refused.header("retry-after"), Some("60"));
    let requests = house.running.sim().requests();
    assert_eq!((requests.total, requests.companies, requests.answered_429), (4, 4, 1));
}

#[tokio::test]
async fn what_is_not_there() {
    let house = House::with(small()).await;
    for path in
        ["/finance/agreements/9", "/finance/agreements/9/additions", "/finance/agreements/5/additions/9", "/nothing"]
    {
        assert_eq!(house.get(path).await.status, 404, "{path}");
    }
    assert_eq!(house.get("/finance/agreements/abc").await.status, 400);
    assert_eq!(house.call("PATCH", "/company/companies/20", "[]").await.unwrap().status, 405);
}
