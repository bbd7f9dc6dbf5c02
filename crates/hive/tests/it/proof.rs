//! Proof: what if, past months, the configuration as a document, the story of a past run, reports as files.

use crate::house::{House, now, town};

/// The dates of the whole months before this one: their 20th, the newest first.
fn months_back(months: i32) -> Vec<String> {
    let first = now().to_zoned(jiff::tz::TimeZone::UTC).date().first_of_month();
    let of = |back| format!("{}-20T12:00:00Z", (first - jiff::Span::new().months(back)).strftime("%Y-%m"));
    (1..=months).map(of).collect()
}

#[test]
fn row_54_what_if_shows_both_directions_and_stores_nothing() {
    let house = House::live();
    let before = house.plan();
    let shown = house.ok("plan NW --with minimum=15 --product Hot --format json").json();
    assert_eq!((&shown["moved"], &shown["with"][0]), (&1.into(), &"minimum=15".into()));
    let line = &shown["lines"][0];
    assert_eq!(
        [&line["account"], &line["now"], &line["next_before"], &line["next_after"], &line["money_month"]],
        ["Acme", "10", "10", "15", "10"]
    );
    assert_eq!([&line["mark_before"], &line["mark_after"]], ["unchanged", "change"]);
    let total = &shown["totals"][0];
    assert_eq!([&total["up_month"], &total["down_month"], &total["up_year"]], ["10", "0", "120"]);
    assert_eq!(shown["wait_again"], 1, "the rule of Hot would be another one");
    let both = house.ok("plan NW --with minimum=12 maximum=25 --product Hot");
    both.shows(&["+4.00 and -10.00", "a month (+48.00 and -120.00", "a year)", "New holds: none", "New stops: none"]);
    let rows = house.ok("plan NW --with maximum=25 --product Hot --format csv").csv();
    assert_eq!(rows[0][..4], ["id", "account", "product", "now"]);
    assert_eq!(rows[1][1..8], ["Cove", "Hot", "30", "30", "25", "unchanged", "change"]);
    house.ok("plan NW --with drop_percent=31").shows(&["This would change no line"]);
    house.run("plan NW --with minimum=-1 --product Hot").ends(2).tells(&["minimum"]);
    house.run("plan NW --with nonsense=1").ends(2).tells(&["nonsense"]);
    assert_eq!(house.plan().id(), before.id());
    assert!(!house.ok("settings NW --product Hot --format csv").out.contains("minimum,15"));
}

#[test]
fn row_54_a_setting_that_holds_says_how_many() {
    let house = House::live();
    house.usage("Cove,Hot,22,GB");
    let shown = house.ok("plan NW --with drop_percent=1 drop_money=1 --format json").json();
    assert_eq!(shown["new_holds"]["usage.drop"], 1, "{shown:#}");
    assert_eq!((&shown["counts_before"]["change"], &shown["counts_after"]["held"]), (&1.into(), &1.into()));
    assert_eq!(shown["lines"][0]["mark_after"], "held");
}

#[test]
fn row_80_past_months_are_replayed_and_an_empty_one_is_not_0() {
    let house = House::live();
    let at = months_back(3);
    house.usage_at("Acme,Hot,40,GB\nBolt,Hot,20,GB\nCove,Hot,30,GB", &at[0]);
    // Nothing in the month before; two rows in the one before that.
    house.usage_at("Acme,Hot,5,GB\nBolt,Hot,20,GB\nCove,Hot,30,GB", &at[2]);
    let shown = house.ok("backtest NW --months 3 minimum=10 --product Hot --format json").json();
    let rows = shown["rows"].as_array().unwrap();
    let row = |back: usize, product: Option<&str>| {
        let month = &at[back][..7];
        let found = rows.iter().find(|row| row["month"] == *month && row["product"].as_str() == product);
        found.unwrap_or_else(|| panic!("{month} {product:?} in {shown:#}"))
    };
    let newest = row(0, Some("Hot"));
    assert_eq!([&newest["quantity"], &newest["quantity_with"], &newest["money"]], ["90", "90", "180"]);
    let oldest = row(2, Some("Hot"));
    assert_eq!(
        [&oldest["quantity"], &oldest["quantity_with"], &oldest["quantity_difference"]],
        ["55", "60", "5"],
        "{shown:#}"
    );
    assert_eq!([&oldest["money"], &oldest["money_with"], &oldest["money_difference"]], ["110", "120", "10"]);
    assert_eq!(row(2, None)["money_difference"], "10", "the month in all");
    let empty = row(1, Some("Hot"));
    assert_eq!(empty["no_samples"], true);
    assert!(empty["quantity"].is_null() && empty["money"].is_null(), "never 0: {empty:#}");
    assert!(row(1, None)["no_samples"] == true && row(1, None)["money"].is_null());
    house.ok("backtest NW --months 3").shows(&["no samples", "Holds and people's answers are left out"]);
    house.run("backtest NW --months 0").ends(2).tells(&["1 to 36"]);
    assert_eq!(house.ok("backtest NW --months 1 --format csv").csv()[0][0], "month");
}

#[test]
fn row_79_a_configuration_goes_round_and_twice_changes_nothing() {
    let house = House::live();
    house.ok("settings NW drop_percent=40");
    house.ok("settings NW --product Hot minimum=2 rounding=up:0.5");
    house.ok("settings NW --account Bolt mode=quota_bracket");
    house.ok("pin NW --account Acme --product Hot --addition 200001");
    house.ok("ignore NW --account Cove");
    let exported = house.ok("export NW").out;
    for words in
        ["[[account]]\nname = \"Acme\"\ncompany = 101", "company = \"ignored\"", "item = 1001", "addition = 200001"]
    {
        assert!(exported.contains(words), "{words}\n{exported}");
    }
    assert!(!exported.contains("PRIVATEKEY") && !exported.contains("PUBLICKEY"), "no secrets");
    let file = house.write("nw.toml", &exported);
    house.hive(&["apply", "NW", &file]).done().shows(&["Nothing differs"]);

    let fresh = House::connected(town());
    fresh.usage(crate::house::USED);
    fresh.ok("sync NW");
    let file = fresh.write("nw.toml", &exported);
    let dry = fresh.hive(&["apply", "NW", &file, "--dry-run"]).done();
    dry.shows(&[
        "~ account Cove: company 103 -> ignored",
        "+ product Hot: item 1001, unit GB, size 1",
        "+ setting minimum x Hot: value 2",
        "+ pin Acme x Hot: addition 200001",
        "dry run",
    ]);
    assert_ne!(fresh.ok("export NW").out, exported, "a dry run changes nothing");
    fresh.hive(&["apply", "NW", &file]).done().shows(&["All of it was applied"]);
    assert_eq!(fresh.ok("export NW").out, exported);
    fresh.hive(&["apply", "NW", &file]).done().shows(&["Nothing differs"]);
    fresh.ok("doctor NW");
}

#[test]
fn row_79_what_is_wrong_is_named_by_line_and_field_and_nothing_is_applied() {
    let house = House::live();
    let before = house.ok("export NW").out;
    let bad = "format = 1\n\n[[setting]]\nkey = \"drop_percent\"\nvalue = \"7\"\n\n[[account]]\nname = \"Nobody\"\ncompany = 101\n\n[[setting]]\nkey = \"mode\"\nproduct = \"Hot\"\nvalue = \"sometimes\"\n\n[[pin]]\naccount = \"Acme\"\nproduct = \"Hot\"\naddition = 200003\n";
    let file = house.write("bad.toml", bad);
    house.hive(&["apply", "NW", &file]).ends(1).tells(&[
        "line 8, field name: no account is called \"Nobody\"",
        "line 14, field value: mode: \"sometimes\" is none of",
        "line 19, field addition: addition 200003 is on agreement",
        "3 bad entries; nothing was applied",
    ]);
    for (text, words) in [
        ("format = 2", "line 1, field format"),
        ("x = ", "line 1"),
        ("format = 1\n[[settings]]\nkey = \"mode\"", "line 2, field settings: there is no such section"),
        ("format = 1\n[[setting]]\nkay = \"mode\"", "line 3, field kay"),
        ("format = 1\n[[setting]]\nkey = \"mode\"", "line 2, field value: it is missing"),
        ("format = 1\n[[setting]]\nkey = \"drop_percent\"\nvalue = 1.5", "line 4, field value: write a number"),
        ("format = 1\n[[pin]]\naccount = \"Acme\"\naddition = 1", "line 2, field product: it is missing"),
        (
            "format = 1\n[[setting]]\nkey = \"mode\"\nvalue = \"actual\"\n[[setting]]\nkey = \"mode\"\nvalue = \"actual\"",
            "line 5, field key: this entry stands in line 2 already",
        ),
    ] {
        let file = house.write("bad.toml", text);
        house.hive(&["apply", "NW", &file]).ends(1).tells(&[words, "nothing was applied"]);
    }
    assert_eq!(house.ok("export NW").out, before);
    let file = house.write(
        "gone.toml",
        "format = 1\n[[account]]\nname = \"Acme\"\nremove = true\n[[setting]]\nkey = \"mode\"\nremove = true\n",
    );
    house.hive(&["apply", "NW", &file]).done().shows(&["- account Acme: company 101"]);
    assert!(!house.ok("export NW").out.contains("name = \"Acme\""));
    house.hive(&["apply", "NW", &file]).done().shows(&["Nothing differs"]);
}

#[test]
fn row_70_a_past_push_is_explained_with_its_rule_who_approved_and_what_was_answered() {
    let house = House::live();
    house.usage("Cove,Hot,3,GB");
    house.ok("settings NW drop_percent=1 drop_money=1");
    house.ok("plan NW");
    let line = house.plan().line("Cove Hot")["id"].as_str().unwrap().to_owned();
    house.hive(&["approve", "NW", "--line", &line]).done();
    let run = house.update().done().report().run().to_owned();
    house.ok("settings NW --product Hot minimum=5");
    let args = ["explain", "NW", "--account", "Cove", "--product", "Hot", "--run", &run];
    let text = house.hive(&args).done();
    text.shows(&["basis", "3 GB", "rule    version", "outcome pushed", "30 -> 3 by cli:priya, approved by cli:priya"]);
    let then = house.hive(&[&args[..], &["--format", "json"]].concat()).done().json();
    assert_eq!([&then["now"], &then["next"], &then["run"]["outcome"]], ["30", "3", "pushed"]);
    assert_eq!(then["run"]["sent"][0]["approved_by"], "cli:priya");
    assert_eq!(then["run"]["sent"][0]["answers"][0]["outcome"], "pushed");
    let present = house.ok("explain NW --account Cove --product Hot --format json").json();
    assert_eq!(present["pushed"][0]["run"], run.as_str());
    let (was, is) = (&then["rule"]["version"], &present["rule"]["version"]);
    assert!(was.as_str().is_some_and(|version| version.len() == 8) && was != is, "{was} {is}");
    assert_eq!((&present["rule"]["who"], &then["run"]["kind"]), (&"cli:priya".into(), &"update".into()));
    assert!(present["rule"]["rule"].as_str().unwrap().contains("minimum=5"));
    house.run("explain NW --account Cove --product Hot --run 999").ends(1).tells(&["no run 999"]);
}

#[test]
fn row_67_a_report_is_a_spreadsheet_in_a_file_and_on_a_pipe() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB\nCove,Hot,28,GB");
    house.update().done();
    house.ok("report NW").shows(&["What was written moves +4.00 and -4.00", "a month (+48.00 and -48.00"]);
    let report = house.ok("report NW --format json").json();
    assert_eq!([&report["totals"][0]["up_month"], &report["totals"][0]["down_year"]], ["4", "-48"]);
    house.ok("report NW --format xlsx --out report.xlsx");
    let bytes = std::fs::read(house.path("report.xlsx")).unwrap();
    assert!(bytes.starts_with(b"PK"));
    let piped = house.command(&["report", "NW", "--format", "xlsx"]).output().unwrap();
    assert!(piped.status.success() && piped.stdout.starts_with(b"PK"));
    house.ok("report NW --format csv --out report.csv");
    assert!(std::fs::read_to_string(house.path("report.csv")).unwrap().contains("pushed"));
    house.ok("undo NW --run 3");
    house.ok("report NW --run 4").shows(&["What was written moves +4.00 and -4.00"]);
    house.ok("explain NW --account Acme --product Hot --run 4").shows(&["undo 4", "12 -> 10", "outcome pushed"]);
    house.ok("explain NW --account Acme --product Hot --run 3").shows(&["10 -> 12", "undone by run 4", "basis"]);
}

#[test]
fn row_59_one_account_or_one_line_is_pushed_alone() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB\nAcme,Seat,6,user\nBolt,Hot,22,GB");
    let plan = house.plan().id().to_owned();
    house.hive(&["update", "NW", "--plan", &plan, "--account", "Acme", "--product", "Hot"]).done();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 12"], "one line");
    let plan = house.plan().id().to_owned();
    house
        .hive(&["update", "NW", "--plan", &plan, "--account", "Acme"])
        .done()
        .shows(&["not among the accounts that this Update was asked for"]);
    assert_eq!(house.wrote_now(), ["200002: 5 -> 6"], "one company");
    house.ok("settings NW --product Hot minimum=1");
    let plan = house.plan().id().to_owned();
    house.hive(&["update", "NW", "--plan", &plan, "--account", "Bolt"]).done().shows(&["takes no product live"]);
    assert_eq!(house.wrote_now(), [""; 0], "its rule changed: it waits for go-live of the whole product");
    assert_eq!(house.plan().line("Bolt Hot")["live"], false);
    house.run("update NW --account Nobody").ends(1).tells(&["Nobody"]);
}
