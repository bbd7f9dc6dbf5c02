//! The interfaces that others rely on: design, section 7.

use crate::house::{House, PRIVATE_KEY, TIMEOUT_MS, USED, town};
use crate::ran::keys;
use serde_json::json;

#[test]
fn the_plans_json_has_every_key_of_the_contract() {
    let house = House::linked();
    house.usage("Acme,Hot,12.5,GB\nDune,Hot,7,GB");
    let plan = house.plan();
    for key in ["msp", "plan", "mirror", "counts", "lines"] {
        assert!(plan.0.get(key).is_some(), "{key}: {:#}", plan.0);
    }
    assert_eq!(plan.0["msp"], "NW");
    assert!(plan.0["mirror"]["pulled_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(keys(&plan.0["counts"]), ["change", "held", "issue", "unchanged"]);
    let line = plan.line("Acme Hot");
    let must = [
        "id",
        "account",
        "product",
        "company",
        "agreement",
        "addition",
        "now",
        "next",
        "part",
        "money_month",
        "currency",
        "mark",
        "live",
        "issues",
    ];
    for line in plan.lines().as_array().unwrap() {
        for key in must {
            assert!(line.get(key).is_some(), "{key} is always there: {line:#}");
        }
    }
    assert_eq!(line["company"], json!({"id": 101, "name": "Acme"}));
    assert_eq!(line["agreement"], json!({"id": 50001, "name": "Managed"}));
    assert_eq!(line["addition"], json!({"id": 200_001}));
    // Storage by the GB goes up to whole GB.
    assert_eq!([&line["now"], &line["next"], &line["part"]], ["10", "13", "12.5"]);
    assert_eq!([&line["money_month"], &line["currency"], &line["mark"]], ["6", "USD", "change"]);
    assert_eq!(line["live"], false);
    for issue in line["issues"].as_array().unwrap() {
        assert_eq!(keys(issue), ["cause", "code", "message", "severity"]);
    }
    let unlinked = plan.line("Dune Hot");
    for key in ["company", "agreement", "addition", "now", "next"] {
        assert!(unlinked[key].is_null(), "unknown is null: {key} of {unlinked:#}");
    }
}

#[test]
fn decimals_are_plain_strings() {
    let house = House::linked();
    house.ok("settings NW --product Hot rounding=none");
    house.usage("Acme,Hot,12.500000,GB\nBolt,Hot,123456789012.123456,GB\nCove,Hot,0.000001,GB");
    let plan = house.plan();
    assert_eq!(plan.line("Acme Hot")["part"], "12.5", "no trailing zeros");
    assert_eq!(plan.line("Bolt Hot")["next"], "123456789012.123456", "18 digits, to the last");
    assert_eq!(plan.line("Cove Hot")["next"], "0.000001", "no exponent");
    let whole = |value: &serde_json::Value| value.as_str().is_none_or(|text| !text.contains(['e', 'E', '+']));
    for line in plan.lines().as_array().unwrap() {
        for key in ["now", "next", "part", "money_month"] {
            assert!(line[key].is_null() || line[key].is_string() && whole(&line[key]), "{key}: {line:#}");
        }
    }
}

#[test]
fn a_plan_without_a_mirror_says_so_on_every_line() {
    let house = House::connected(town());
    house.usage(USED);
    let plan = house.plan();
    assert!(plan.0["mirror"].is_null());
    assert_eq!(plan.counts(), [0, 0, 0, 6]);
    for line in plan.lines().as_array().unwrap() {
        assert_eq!(line["mark"], "issue");
        assert_eq!(line["issues"][0]["code"], "sync.never", "{line:#}");
        assert_eq!(line["issues"][0]["severity"], "stop");
    }
    house.update().ends(1).tells(&["hive sync"]);
    assert_eq!(house.wrote(), [""; 0]);
}

const OUTCOMES: [&str; 12] = [
    "alarm",
    "already_right",
    "confirmed",
    "drifted",
    "held",
    "issue",
    "not_a_target",
    "not_sent",
    "pushed",
    "refused",
    "unchanged",
    "unknown",
];

#[test]
fn the_reports_json_has_every_key_and_all_twelve_outcomes() {
    let house = House::linked();
    house.usage("Acme,Hot,12,GB\nDune,Hot,7,GB");
    let plan = house.plan();
    let ran = house.push().done();
    let report = ran.report();
    for key in ["run", "plan", "counts", "lines"] {
        assert!(report.0.get(key).is_some(), "{key}");
    }
    assert_eq!(report.0["plan"], plan.id());
    assert_eq!(keys(&report.0["counts"]), OUTCOMES);
    assert_eq!(
        report.0["lines"].as_array().unwrap().len(),
        plan.lines().as_array().unwrap().len(),
        "every line of the plan is there"
    );
    for line in report.0["lines"].as_array().unwrap() {
        for key in ["line", "addition", "from", "to", "found", "outcome", "message"] {
            assert!(line.get(key).is_some(), "{key}: {line:#}");
        }
    }
    let line = report.line("Acme Hot");
    assert_eq!(line["line"], plan.line("Acme Hot")["id"]);
    assert_eq!(line["addition"], json!({"id": 200_001}));
    assert_eq!([&line["from"], &line["to"], &line["outcome"]], ["10", "12", "pushed"]);
    assert!(report.line("Dune Hot")["addition"].is_null());
    assert_eq!([report.count("pushed"), report.count("unchanged"), report.count("issue")], [1, 5, 1]);
    let again = house.ok("report NW --format json").json();
    assert_eq!(again, report.0, "the report can be read again, as it was");
    house.ok(&format!("report NW --run {} --format json", report.run()));
    house.run("report NW --run 999").ends(1);
}

#[test]
fn csv_has_jsons_fields_joined_by_underscores() {
    let house = House::linked();
    house.usage("Acme,Hot,12,GB");
    let plan = house.ok("plan NW --format csv").csv();
    for name in [
        "id",
        "account",
        "product",
        "company_id",
        "company_name",
        "agreement_id",
        "agreement_name",
        "addition_id",
        "now",
        "next",
        "part",
        "money_month",
        "currency",
        "mark",
        "live",
        "issues_code",
    ] {
        assert!(plan[0].iter().any(|column| column == name), "{name} in {:?}", plan[0]);
    }
    assert_eq!(plan.len(), 7, "a header and six lines");
    let next = house.ok("report NW --run next --format csv").csv();
    assert!(next[0].iter().any(|column| column == "approved"));
    house.push().done();
    let report = house.ok("report NW --format csv").csv();
    for name in ["line", "addition_id", "from", "to", "found", "outcome", "message"] {
        assert!(report[0].iter().any(|column| column == name), "{name} in {:?}", report[0]);
    }
    assert_eq!(house.ok("links NW --format csv").csv()[0], ["kind", "hive", "connectwise", "unit", "size"]);
}

#[test]
fn data_stands_alone_on_standard_output() {
    let house = House::linked();
    house.usage("Acme,Hot,12,GB");
    let all = [
        "msp list",
        "links NW",
        "match NW",
        "sync NW",
        "plan NW",
        "report NW --run next",
        "update NW --plan",
        "report NW",
        "runs NW",
        "undo NW --run",
        "settings NW",
        "config",
        "doctor NW",
        "explain NW --account Acme --product Hot",
    ];
    let plan = house.plan();
    let mut run = String::new();
    for command in all {
        let command = match command {
            "update NW --plan" => format!("{command} {}", plan.id()),
            "undo NW --run" => format!("{command} {run} --dry-run"),
            other => other.to_owned(),
        };
        let ran = house.ok(&format!("{command} --format json"));
        let json = ran.json();
        if command.starts_with("update") {
            run = json["run"].as_str().unwrap().to_owned();
            assert!(ran.err.contains('…'), "progress is on standard error: {}", ran.err);
        }
        if !command.starts_with("update") {
            let rows = house.ok(&format!("{command} --format csv")).csv();
            assert!(rows[0].len() > 1, "{command}: a header of columns, {rows:?}");
        }
    }
}

#[test]
fn exit_codes_are_0_done_1_stopped_2_usage_3_lines() {
    let house = House::linked();
    house.ok("plan NW");
    house.run("plan Nobody").ends(1).tells(&["\"NW\""]);
    house.run("update NW --plan nonsense --format json").ends(1);
    house.run("frobnicate").ends(2);
    house.run("plan").ends(2);
    house.run("plan NW --format xml").ends(2);
    house.run("link NW --account Acme").ends(2);
    house.run("approve NW").ends(2);
    house.usage("Acme,Hot,12,GB");
    let plan = house.plan();
    house.human(200_001, "11");
    let ran = house.hive(&["update", "NW", "--plan", plan.id(), "--format", "json"]).ends(3);
    assert_eq!(ran.report().outcome("Acme Hot"), "drifted");
    house.run_with("HIVE_LEASE_MS", "soon", "plan NW").ends(2).tells(&["hive config"]);
}

#[test]
fn links_as_csv_are_the_file_that_import_links_reads() {
    let house = House::synced();
    house.usage("Dune,Hot,1,GB\n=1+1,Tape,3,TB\n\"Q, \"\"R\"\"\",Seat,1,user");
    house.ok("link NW --product Hot --item 1001 --unit GB --size 1");
    house.ok("ignore NW --account Dune");
    let before = house.ok("links NW --format json").json();
    let csv = house.ok("links NW --format csv").out;
    house.import_links(&csv).done();
    assert_eq!(house.ok("links NW --format json").json(), before, "importing what was exported changes nothing\n{csv}");
    assert!(csv.contains("account,Acme,101"), "{csv}");
    assert!(csv.contains("product,Hot,1001,GB,1"), "{csv}");
    assert!(csv.contains("account,Dune,-"), "{csv}");
    assert!(csv.contains("'=1+1"), "a formula is neutralised: {csv}");
}

#[test]
fn unknown_settings_and_nonsense_are_wrong_usage() {
    let house = House::bare(town());
    house.run("settings NW colour=blue").ends(2).tells(&["colour"]);
    house.run("settings NW brake_percent=much").ends(2).tells(&["brake_percent"]);
    house.run("settings NW drop_percent").ends(2);
    house.run("settings NW drop_percent=-1").ends(2);
    house.run("settings NW drop_percent=20 colour=blue").ends(2);
    let settings = house.ok("settings NW --format json").json();
    let drop = settings.as_array().unwrap().iter().find(|row| row["key"] == "drop_percent").unwrap();
    assert_eq!(drop["value"], "30", "nothing of a refused change is kept");
}

#[test]
fn every_settings_key_of_the_contract_is_known() {
    let house = House::bare(town());
    house.usage("Acme,Hot,1,GB");
    let plain = "mode=quota_bracket basis=average_30d gaps_days=10 invoice_days=3 ladder=100,250 updates=manual sync_days=4 update_days=6 sync_time=01:30 \
        update_time=04:30 time_zone=Australia/Melbourne target_date=next_invoice drop_percent=1 drop_money=2 rise_percent=3 \
        rise_money=4 price_unknown_units=5 price_unknown_tb=2 stale_hold_rhythms=2 stale_hold_days=3 stale_stop_rhythms=3 \
        stale_stop_days=35 two_sources_days=35 approval_percent=5 approval_days=7 feed_accounts_percent=10 feed_accounts_min=3 feed_total_percent=20 \
        feed_lines_percent=25 feed_line_drop_percent=10 brake_percent=10";
    house.ok(&format!("settings NW {plain}"));
    house.ok("settings NW --product Hot included=5 minimum=1 maximum=100 rounding=up:5 mode=actual");
    house.ok("settings NW --product Hot classes=billable,trial overage=true dead_band=2 bracket_of=sum step_items=500=A basis=peak_period");
    house.ok("settings NW --account Acme --product Hot included=1 minimum=1 maximum=9 rounding=none dead_band=1 classes=all basis=latest overage=false");
    house.ok("settings NW --account Acme own=true");
    house.ok("settings NW --account Acme --product Hot source=import");
    house.hive(&["settings", "NW", "agreement_rule=name~Managed"]).done();
}

#[test]
fn config_lists_every_process_setting_and_no_secret() {
    let house = House::connected(town());
    let ran = house.ok("config --format json").never_says(&[PRIVATE_KEY]);
    let json = ran.json();
    let names: Vec<&str> = json.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    for name in [
        "DATABASE_URL",
        "LISTEN",
        "PUBLIC_URL",
        "KEY_FILE",
        "CONNECTWISE_CLIENT_ID",
        "PRIVATE_HOSTS",
        "CA_FILE",
        "REQUESTS_PER_MINUTE",
        "CONNECTIONS_PER_MSP",
        "REQUEST_TIMEOUT_MS",
        "LEASE_MS",
        "UPLOAD_BYTES_MAX",
    ] {
        assert!(names.contains(&format!("HIVE_{name}").as_str()), "{name} in {names:?}");
    }
    let timeout = json.as_array().unwrap().iter().find(|row| row["name"] == "HIVE_REQUEST_TIMEOUT_MS").unwrap();
    assert_eq!([&timeout["value"], &timeout["from"]], [TIMEOUT_MS, "environment"]);
    house.write("hive.toml", "lease_ms = 90000\nrequest_timeout_ms = 5\n");
    let json = house.ok("config --format json").json();
    let find = |name: &str| json.as_array().unwrap().iter().find(|row| row["name"] == name).unwrap()["value"].clone();
    assert_eq!(find("HIVE_LEASE_MS"), "90000");
    assert_eq!(find("HIVE_REQUEST_TIMEOUT_MS"), TIMEOUT_MS, "the environment wins");
    house
        .run_with("HIVE_DATABASE_URL", "postgres://hive:s3cr3t@localhost/hive", "config")
        .done()
        .never_says(&["s3cr3t"]);
}

#[test]
fn line_ids_are_stable() {
    let house = House::linked();
    let before = house.plan().line_id("Acme Hot");
    house.usage("Aaron,Hot,1,GB\nAcme,Archive,1,TB\nAcme,Hot,13,GB");
    house.ok("unlink NW --account Acme");
    assert_eq!(house.plan().line_id("Acme Hot"), before);
    house.ok("link NW --account Acme --company 101");
    house.push().done();
    assert_eq!(house.plan().line_id("Acme Hot"), before);
}

#[test]
fn links_of_a_messy_tenant_survive_the_round_trip() {
    let house = House::generated(hive_simulator::World::generate(hive_simulator::Size::S, 2), "20000");
    let before = house.ok("links NW --format json").json();
    assert!(before["counts"]["linked"].as_u64().unwrap() > 150);
    let csv = house.ok("links NW --format csv").out;
    house.import_links(&csv).done();
    assert_eq!(house.ok("links NW --format json").json(), before);
}
