//! Links files and connections that are wrong: each in its own words, and nothing kept.

use crate::house::{GUID, House, PRIVATE_KEY, town};
use crate::ran::Ran;
use hive_simulator::On;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

const HEADER: &str = "kind,hive,connectwise";

#[track_caller]
fn refused(house: &House, text: impl AsRef<[u8]>, words: &[&str]) {
    let before = house.ok("links NW --format json").json();
    house.import_links(text).ends(1).tells(words);
    assert_eq!(house.ok("links NW --format json").json(), before, "nothing was imported");
}

#[test]
fn every_wrong_row_of_a_links_file_is_named() {
    let house = House::synced();
    let good = "product,Hot,1001";
    for (row, column, reason) in [
        ("customer,Acme,101", "kind", "customer"),
        ("account,Nobody,101", "hive", "Nobody"),
        ("account,Acme,9999", "connectwise", "9999"),
        ("account,Acme,NoSuch", "connectwise", "NoSuch"),
        ("account,Acme,identifier:101", "connectwise", "101"),
        ("product,Nothing,1001", "hive", "Nothing"),
        ("product,Seat,4711", "connectwise", "4711"),
        (",Acme,101", "kind", ""),
        ("account,acme,101", "hive", "acme"),
        ("account,Acme,101.0", "connectwise", "101.0"),
        ("account,Acme,-1", "connectwise", "-1"),
    ] {
        refused(
            &house,
            format!("{HEADER}\n{good}\n{row}\n"),
            &[&format!("line 3, column {column}"), reason, "nothing was imported"],
        );
    }
    refused(
        &house,
        format!("{HEADER}\nx,Acme,1\naccount,Nobody,1\n{good}\naccount,Acme,77\n"),
        &["line 2", "line 3", "line 5", "3 bad rows"],
    );
    refused(&house, format!("{HEADER}\naccount,Acme,101\naccount,Acme,102\n"), &["line 3", "line 2"]);
    let sized = |row: &str| format!("{HEADER},unit,size\n{row}\n");
    refused(&house, sized("product,Hot,1001,GB,0"), &["line 2, column size"]);
    refused(&house, sized("product,Hot,1001,GB,-5"), &["line 2, column size"]);
    refused(&house, sized("product,Hot,1001,,5"), &["line 2, column unit"]);
    refused(&house, sized("product,Hot,1001,user,1"), &["line 2, column unit"]);
    refused(&house, "", &["empty"]);
    refused(&house, format!("{HEADER}\n{HEADER}\n"), &["line 2, column kind"]);
    refused(&house, format!("{HEADER}\n{good}\n").replace(',', ";"), &["semicolons"]);
    refused(&house, format!("{HEADER}\nproduct,Hot\n"), &["line 2", "2 fields"]);
    refused(&house, format!("{HEADER}\n\"product,Hot,1001\n"), &["quotation mark"]);
    refused(
        &house,
        [b"kind,hive,connectwise\naccount,Caf".as_slice(), &[0xE9], b",101\n"].concat(),
        &["line 2", "not UTF-8"],
    );
    refused(&house, "x".repeat(11 * 1024 * 1024), &["HIVE_UPLOAD_BYTES_MAX"]);
}

#[test]
fn ac_50_nothing_can_be_linked_before_a_pull() {
    let house = House::connected(town());
    house.usage("Acme,Hot,10,GB");
    refused(
        &house,
        format!("{HEADER}\naccount,Acme,101\nproduct,Hot,1001\n"),
        &["line 2, column connectwise", "line 3", "hive sync"],
    );
    house.run("link NW --account Acme --company 101").ends(1).tells(&["hive sync"]);
    house.run("link NW --product Hot --item 1001").ends(1).tells(&["hive sync"]);
    house.ok("sync NW");
    house.import_links(format!("{HEADER}\naccount,Acme,101\nproduct,Hot,1001\n")).done();
}

#[test]
fn rows_not_named_stay_and_empty_unlinks_and_a_dash_ignores() {
    let house = House::linked();
    house.import_links(format!("{HEADER}\naccount,Acme,\naccount,Bolt,-\n")).done();
    let plan = house.plan();
    assert_eq!(plan.heavy("Acme Hot"), ["account.unlinked"]);
    assert!(!plan.has("Bolt Hot"), "ignored ones are no lines");
    assert_eq!(plan.0["ignored"], 2);
    assert_eq!(plan.says("Cove Hot"), "unchanged 30 -> 30");
    let identifier = house.sim.snapshot();
    assert!(identifier.is_array());
    house.import_links(format!("{HEADER}\naccount,Acme,Acme-101\n")).done();
    assert_eq!(house.plan().says("Acme Hot"), "unchanged 10 -> 10", "an identifier does as well as an id");
}

/// An ordinary HTTP server that is no ConnectWise.
fn web_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer);
            let body = "<html><body>It works!</body></html>";
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    format!("http://{address}")
}

fn with_host(house: &House, url: &str, company: &str, key: &str) -> Ran {
    let file = house.write("key", key);
    let host = url.split_once("://").unwrap().1;
    let args = [
        "connect",
        "NW",
        "--url",
        url,
        "--company",
        company,
        "--public-key",
        "PUBLICKEY0000001",
        "--private-key-file",
        &file,
    ];
    Ran::of(&args, house.command(&args).env("HIVE_PRIVATE_HOSTS", host))
}

#[test]
fn ac_19_five_kinds_of_wrong_give_five_messages_and_nothing_is_saved() {
    let house = House::bare(town());
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = house.url();
    let company = with_host(&house, &url, "Northwind", PRIVATE_KEY).ends(1).tells(&["company", "Northwind"]);
    let key = with_host(&house, &url, "northwind", "WRONGKEY99999999").ends(1).tells(&["did not accept the keys"]);
    let wrong_url = with_host(&house, &web_server(), "northwind", PRIVATE_KEY).ends(1).tells(&["not as ConnectWise"]);
    let network =
        with_host(&house, &format!("http://{closed}"), "northwind", PRIVATE_KEY).ends(1).tells(&["cannot be reached"]);
    house.sim.set_rights("Finance", "Agreements", "None", "None");
    house.sim.forbid_my_security(true);
    let right =
        with_host(&house, &url, "northwind", PRIVATE_KEY).ends(1).tells(&["Finance > Agreements", "Inquire", "All"]);
    let said =
        [company, key, wrong_url, network, right].map(|ran| ran.never_says(&[PRIVATE_KEY, "WRONGKEY99999999"]).err);
    for (place, one) in said.iter().enumerate() {
        let words = |text: &str| text.split(char::is_whitespace).skip(2).take(6).collect::<Vec<_>>().join(" ");
        assert!(said[..place].iter().all(|other| words(other) != words(one)), "two messages alike: {said:#?}");
    }
    house.run("sync NW").ends(1).tells(&["not connected"]);
    assert_eq!(house.ok("doctor NW --format json").json()[1]["state"], "note", "nothing was saved");
}

#[test]
fn ac_11_the_url_is_taken_as_copied() {
    let house = House::bare(town());
    for url in [
        house.url(),
        format!("{}/", house.url()),
        format!("{}/v4_6_release/apis/3.0/", house.url()),
        format!(" {} ", house.url()),
    ] {
        let json = house.connect_as("NW", &url, "northwind", PRIVATE_KEY).done().json();
        assert_eq!([&json["url"], &json["state"]], [house.url().as_str(), "ok"]);
    }
    // Without a scheme it is https, which this server does not speak: the host is right.
    house.connect_as("NW", &house.addr(), "northwind", PRIVATE_KEY).ends(1).tells(&[&house.addr()]);
    for (url, words) in [
        ("ftp://cw.example.com", "ftp"),
        ("", "--url"),
        ("http://cw.example.com", "https"),
        ("https://user:pw@cw.example.com", ""),
    ] {
        let ran = house.connect_as("NW", url, "northwind", PRIVATE_KEY).tells(&[words]);
        assert_ne!(ran.code, 0, "{url}");
    }
}

#[test]
fn a_private_address_is_refused_unless_the_operator_allows_it() {
    let house = House::bare(town());
    let key = house.write("key", PRIVATE_KEY);
    let url = house.url();
    let args = [
        "connect",
        "NW",
        "--url",
        &url,
        "--company",
        "northwind",
        "--public-key",
        "PUBLICKEY0000001",
        "--private-key-file",
        &key,
    ];
    Ran::of(&args, house.command(&args).env_remove("HIVE_PRIVATE_HOSTS")).ends(1).tells(&["HIVE_PRIVATE_HOSTS"]);
    assert_eq!(house.sim.requests().total, 0, "not a byte was sent");
}

#[test]
fn ac_15_the_articles_least_privileged_role_suffices_and_the_missing_catalog_is_named() {
    let house = House::bare(town());
    house.sim.set_rights("Procurement", "Product Catalog", "None", "None");
    let json = house.connect("NW").done().json();
    assert_eq!(json["state"], "ok", "the catalog's right is optional: {json:#}");
    assert_eq!(json["missing"][0]["module"], "Procurement");
    assert_eq!(json["missing"][0]["function"], "Product Catalog");
    assert_eq!(
        [&json["missing"][0]["found"], &json["missing"][0]["needed"], &json["missing"][0]["action"]],
        ["None", "All", "Inquire"]
    );
    house.usage("Acme,Hot,12,GB\nBolt,Hot,20,GB\nCove,Hot,30,GB");
    let synced = house.ok("sync NW --format json").json();
    assert_eq!([&synced["items_from"], &synced["items"]], [&serde_json::json!("additions"), &serde_json::json!(2)]);
    assert_eq!(house.ok("links NW --format json").json()["items_from"], "additions");
    house.ok("links NW").shows(&["may not read the catalog"]);
    house.ok("link NW --product Hot --item 1001 --unit GB --size 1");
    house.push().done();
    assert_eq!(house.wrote(), ["200001: 10 -> 12"]);
}

#[test]
fn a_missing_right_is_saved_named_by_module_and_level_and_waits_for_an_admin() {
    let house = House::bare(town());
    house.sim.set_rights("Finance", "Agreements", "All", "My");
    let json = house.connect("NW").done().json();
    assert_eq!(json["state"], "waiting for an admin");
    let missing = &json["missing"][0];
    assert_eq!([&missing["module"], &missing["function"], &missing["action"]], ["Finance", "Agreements", "Edit"]);
    assert_eq!([&missing["found"], &missing["needed"]], ["My", "All"]);
    assert_eq!(missing["stops"], "an Update cannot write a quantity");
    house.usage("Acme,Hot,12,GB\nBolt,Hot,20,GB\nCove,Hot,30,GB");
    house.ok("sync NW");
    house.ok("link NW --product Hot --item 1001 --unit GB --size 1");
    house.push().ends(1).tells(&["waiting for an admin", "hive connect \"NW\" --accept"]);
    house.update().ends(1).tells(&["waiting for an admin"]);
    house.ok("plan NW");
    assert_eq!(house.sim.requests().patches, 0);
    house.run("doctor NW").ends(1).shows(&["Finance > Agreements", "My"]);
    house.ok("connect NW --accept");
    house.sim.set_rights("Finance", "Agreements", "All", "All");
    house.push().done();
    assert_eq!(house.wrote(), ["200001: 10 -> 12"]);
    house.ok("doctor NW");
}

#[test]
fn an_accepted_connection_without_the_right_is_stopped_by_connectwise_and_says_which_right() {
    let house = House::linked();
    house.usage("Acme,Hot,12,GB\nBolt,Hot,21,GB\nCove,Hot,31,GB");
    house.sim.set_rights("Finance", "Agreements", "All", "None");
    let ran = house.push().ends(1).tells(&["lack"]);
    assert!(ran.report().count("refused") >= 1, "{:#}", ran.report().0);
    assert!(ran.out.contains("Finance > Agreements: Edit = All"), "the right is named: {}", ran.out);
    assert_eq!(house.wrote(), [""; 0]);
    assert!(house.sim.requests().patches <= 4, "not one for each line: the run stops");
}

#[test]
fn rights_that_cannot_be_read_are_unknown_and_nothing_waits() {
    let house = House::bare(town());
    house.sim.forbid_my_security(true);
    let json = house.connect("NW").done().json();
    assert_eq!([&json["state"], &json["rights"]], ["ok", "unknown"]);
    assert!(json["warnings"].to_string().contains("rights"), "{json:#}");
    house.ok("sync NW");
}

#[test]
fn ac_20_the_private_key_is_in_no_output_no_error_and_not_in_the_database() {
    let house = House::linked();
    house.usage("Acme,Hot,12,GB");
    let secrets = [PRIVATE_KEY, "UFJJVkFURUtFWTAwMDAwMQ", "bm9ydGh3aW5kK1BVQkxJQ0tFWTAwMDAwMDE6"];
    house.push().never_says(&secrets);
    for command in
        ["config", "doctor NW", "links NW", "runs NW", "report NW", "settings NW", "plan NW --format json", "msp list"]
    {
        house.run(command).never_says(&secrets);
    }
    house.run_with("HIVE_LOG", "trace", "sync NW").done().never_says(&secrets);
    for fault in ["401", "500", "hang", "html200", "drop"] {
        house.fault(fault, On::Any);
        house.run_with("HIVE_LOG", "trace", "doctor NW").never_says(&secrets);
        house.sim.clear_faults();
    }
    let database = house.database();
    assert!(database.len() > 10_000);
    for secret in secrets {
        assert!(!database.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()), "{secret} is in the database");
    }
    assert!(
        database.windows(GUID.len()).all(|bytes| bytes != GUID.as_bytes()),
        "the operator's clientId is a setting, not data"
    );
}

#[test]
fn a_wrong_or_missing_key_file_is_exit_1_and_never_replaced() {
    let house = House::linked();
    let file = house.path("hive.key");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let good = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    house.run("sync NW").ends(1).tells(&["hive.key"]);
    assert!(!file.exists(), "a key that fits nothing is not made");
    let flipped: Vec<u8> = good.iter().rev().copied().collect();
    std::fs::write(&file, flipped).unwrap();
    house.run("sync NW").ends(1);
    std::fs::write(&file, good).unwrap();
    house.ok("sync NW");
}
