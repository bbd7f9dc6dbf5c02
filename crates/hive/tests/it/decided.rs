//! What a person decides of single accounts, products and lines, through the real binary; what long cycles leave
//! to be billed by hand.

use crate::house::{House, USED, ago, now, town};
use hive_simulator::{NewAddition, NewAgreement};

#[test]
fn feature_14_an_excluded_line_is_pushed_by_no_update_and_stays_as_it_is() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB\nBolt,Hot,21,GB");
    let args = ["exclude", "NW", "--account", "Acme", "--product", "Hot", "--reason", "own licences"];
    house.hive(&args).done().shows(&[
        "nothing is set to 0",
        "1 addition (200001) with 10 in all, 20.00 USD a month",
        "Acme x Hot is excluded until somebody takes it back",
    ]);
    let plan = house.plan();
    assert!(!plan.has("Acme Hot") && plan.has("Acme Seat"));
    assert_eq!((plan.0["excluded"].as_i64(), plan.0["ignored"].as_i64()), (Some(1), Some(0)));
    house.ok("plan NW").shows(&["; 1 excluded. Nothing has been written."]);
    house.ok("explain NW --account Bolt --product Hot");
    house.run("explain NW --account Acme --product Hot").ends(1).tells(&["excluded it (own licences)", "hive include"]);
    house.update().done();
    assert_eq!(house.wrote_now(), ["200003: 20 -> 21"]);
    assert_eq!(house.holds(200_001), "10");
    let all = house.ok("exclusions NW --format json").json();
    let one = &all[0];
    assert_eq!(
        (&one["account"], &one["product"], &one["reason"], &one["until"], &one["acts"], &one["who"]),
        (
            &"Acme".into(),
            &"Hot".into(),
            &"own licences".into(),
            &serde_json::Value::Null,
            &true.into(),
            &"cli:priya".into()
        )
    );
    let csv = house.ok("exclusions NW --format csv").csv();
    assert_eq!(csv[0][..4], ["account", "account_id", "product", "product_id"]);
    house.ok("exclusions NW").shows(&["own licences", "cli:priya"]);
    // Taken back, it is in the next plan at once, without a Sync and without going live again.
    house.ok("include NW --account Acme --product Hot").shows(&["not excluded any more"]);
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 12"]);
    house.ok("exclusions NW").shows(&["Nothing of NW is excluded."]);
    house.run("include NW --account Acme --product Hot").ends(1).tells(&["is not excluded itself"]);
}

#[test]
fn feature_14_accounts_and_products_are_excluded_whole_and_end_by_themselves() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB\nAcme,Seat,6,user\nBolt,Hot,21,GB");
    let (today, tomorrow) = (day(0), day(1));
    house.hive(&["exclude", "NW", "--account", "Acme", "--reason", "pilot", "--until", &tomorrow]).done();
    house.hive(&["exclude", "NW", "--product", "Hot", "--reason", "free this month"]).done();
    assert_eq!(house.plan().0["excluded"], 4);
    house.update().done();
    assert_eq!(house.wrote_now(), [""; 0]);
    for wrong in [
        &["exclude", "NW", "--account", "Acme"][..],
        &["exclude", "NW", "--reason", "all"],
        &["exclude", "NW", "--account", "Acme", "--reason", " "],
        &["exclude", "NW", "--account", "Acme", "--reason", "x", "--until", "2020-01-01"],
        &["exclude", "NW", "--account", "Acme", "--reason", "x", "--until", "soon"],
    ] {
        house.hive(wrong).ends(2);
    }
    house.hive(&["exclude", "NW", "--account", "Nobody", "--reason", "x"]).ends(1).tells(&["Nobody"]);
    let until = |index: usize| house.ok("exclusions NW --format json").json()[index]["until"].clone();
    assert_eq!(until(1), tomorrow);
    // The same again is another end and another reason, not a second exclusion.
    house.hive(&["exclude", "NW", "--account", "Acme", "--reason", "pilot ends", "--until", &today]).done();
    assert_eq!(until(1), today);
    assert_eq!(house.ok("exclusions NW --format json").json().as_array().unwrap().len(), 2);
}

#[test]
fn feature_45_a_line_is_adjusted_in_units_of_the_item_and_says_so() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB\nAcme,Seat,6,user");
    let reason = ["--reason", "kiosk users"];
    let until = day(3);
    let args =
        [&["adjust", "NW", "--account", "Acme", "--product", "Seat", "plus", "3", "--until", &until], &reason[..]];
    house.hive(&args.concat()).done().shows(&["Acme x Seat is adjusted through", "plus 3"]);
    let plan = house.plan();
    assert_eq!(plan.says("Acme Seat"), "change 5 -> 9");
    let note = plan.issue("Acme Seat", "quantity.adjusted")["message"].as_str().unwrap();
    assert!(note.contains("6 + 3 = 9; kiosk users; by cli:priya through"), "{note}");
    assert_eq!(plan.line("Acme Seat")["live"], true, "no go-live again");
    house.ok("explain NW --account Acme --product Seat").shows(&["6 + 3 = 9, kiosk users, by cli:priya through"]);
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 12", "200002: 5 -> 9"]);
    let all = house.ok("adjustments NW --format json").json();
    assert_eq!((&all[0]["adjust"], &all[0]["quantity"], &all[0]["acts"]), (&"plus".into(), &"3".into(), &true.into()));
    assert_eq!(house.ok("adjustments NW --format csv").csv()[1][1], "Acme");
    house.ok("adjustments NW").shows(&["kiosk users"]);
    let fixed = ["adjust", "NW", "--account", "Acme", "--product", "Seat", "fixed", "4", "--reason", "contract"];
    house.hive(&fixed).done();
    assert_eq!(house.plan().says("Acme Seat"), "change 9 -> 4");
    house.ok("adjust NW --account Acme --product Seat --none").shows(&["it was fixed 4"]);
    assert_eq!(house.plan().says("Acme Seat"), "change 9 -> 6");
    house.ok("adjustments NW").shows(&["Nothing of NW is adjusted."]);
    house.run("adjust NW --account Acme --product Seat --none").ends(1).tells(&["has no adjustment"]);
    for wrong in ["plus 1.5 --reason half", "plus 3", "times 3 --reason x", "plus -3 --reason x", "plus 0 --reason x"] {
        house.run(&format!("adjust NW --account Acme --product Seat {wrong}")).ends(2);
    }
}

#[test]
fn feature_45_the_limits_still_judge_an_adjusted_line() {
    let house = House::live();
    let minus = ["adjust", "NW", "--account", "Cove", "--product", "Seat", "minus", "9", "--reason", "left"];
    house.hive(&minus).done();
    assert_eq!(house.plan().says("Cove Seat"), "held 4 -> 0");
    assert_eq!(house.plan().heavy("Cove Seat"), ["usage.zero"]);
    house.update().done();
    assert_eq!(house.wrote(), [""; 0]);
}

#[test]
fn feature_63_a_true_up_list_says_what_a_long_cycle_did_not_bill() {
    let mut world = town();
    let next = now().to_zoned(jiff::tz::TimeZone::UTC).date() + jiff::ToSpan::days(73);
    let quarterly = world.agreement(NewAgreement {
        company: 101,
        billing_cycle: Some("Quarterly".into()),
        next_invoice_date: Some(next),
        ..NewAgreement::default()
    });
    world.item(hive_simulator::NewItem {
        description: "Cold".into(),
        unit_of_measure: Some("GB".into()),
        price: 60.into(),
        ..hive_simulator::NewItem::default()
    });
    world.addition(NewAddition { agreement: quarterly, item: 1003, quantity: 10.into(), ..NewAddition::default() });
    let house = House::connected(world);
    house.usage(&format!("{USED}\nAcme,Cold,10,GB"));
    house.ok("sync NW");
    for (product, item) in [("Hot", 1001), ("Seat", 1002), ("Cold", 1003)] {
        let unit = if product == "Seat" { "" } else { " --unit GB --size 1" };
        house.ok(&format!("link NW --product {product} --item {item}{unit}"));
    }
    house.push().done();
    house.usage_at("Acme,Cold,12,GB\nAcme,Hot,12,GB", &ago(1));
    let plan = house.plan();
    assert_eq!(plan.heavy("Acme Cold"), ["addition.paid_period"]);
    house.hive(&["approve", "NW", "--line", &plan.line_id("Acme Cold")]).done();
    let run = house.update().done().report().run().to_owned();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 12", "200007: 10 -> 12"]);
    // 2 more at 60 a quarter each, for 73 days: 2 x 20 x 12 x 73 / 365.
    let list = house.ok(&format!("report NW --true-up --run {run} --format json")).json();
    let line = &list["lines"][0];
    assert_eq!(list["lines"].as_array().unwrap().len(), 1, "the monthly one is billed with its next invoice");
    assert_eq!((&line["customer"], &line["from"], &line["to"]), (&"Acme".into(), &"10".into(), &"12".into()));
    assert_eq!((&line["days"], &line["amount"], &line["currency"]), (&73.into(), &"96".into(), &"USD".into()));
    assert_eq!((&list["sums"][0]["amount"], &list["sums"][0]["currency"]), (&"96".into(), &"USD".into()));
    house.ok("report NW --true-up").shows(&["96.00 USD", "Hive writes none of it to ConnectWise"]);
    let (from, to) = (day(-1), day(1));
    let csv = house.ok(&format!("report NW --true-up --from {from} --to {to} --format csv")).csv();
    assert_eq!(
        csv[0],
        [
            "run",
            "customer",
            "agreement_id",
            "agreement_name",
            "addition_id",
            "item",
            "from",
            "to",
            "pushed_on",
            "next_invoice",
            "days",
            "amount",
            "currency"
        ]
    );
    assert_eq!((csv.len(), csv[1][11].as_str()), (2, "96"));
    house.ok("report NW --true-up --from 2020-01-01 --to 2020-01-31").shows(&["Nothing to make up for"]);
    house.ok(&format!("undo NW --run {run}"));
    house.ok(&format!("report NW --true-up --from {from} --to {to}")).shows(&["Nothing to make up for"]);
    house.run("report NW --true-up --from 2020-02-01 --to 2020-01-31").ends(2);
    house.run("report NW --from 2020-01-01 --to 2020-01-31").ends(2);
    house.run("report NW --true-up --run 99").ends(1);
}

/// The date so many days from now, in UTC.
fn day(days: i64) -> String {
    let today = now().to_zoned(jiff::tz::TimeZone::UTC).date();
    today.saturating_add(jiff::ToSpan::days(days)).to_string()
}
