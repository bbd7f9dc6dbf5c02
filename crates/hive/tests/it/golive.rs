//! Preview and go-live: nothing is pushed for a product link that nobody has looked at.

use crate::house::{House, USED, ago, town};
use hive_simulator::{NewAddition, NewAgreement, NewItem};

#[test]
fn ac_100_a_new_connection_previews_and_writes_nothing() {
    let house = House::linked();
    house.usage("Acme,Hot,12,GB\nAcme,Seat,6,user");
    let plan = house.plan();
    assert_eq!(plan.counts(), [2, 4, 0, 0]);
    let ran = house.update().ends(1).tells(&["only previews", plan.id(), "--plan"]);
    assert_eq!(ran.out, "");
    assert_eq!([house.sim.requests().patches, house.sim.requests().addition], [0, 0]);
    house.hive(&["update", "NW", "--plan", plan.id()]).done();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 12", "200002: 5 -> 6"]);
    assert_eq!(house.plan().line("Acme Hot")["live"], true);
    house.usage("Acme,Hot,13,GB");
    house.update().done();
    assert_eq!(house.wrote_now(), ["200001: 12 -> 13"], "from then on Updates without an id push it too");
}

#[test]
fn ac_100_a_changed_rule_waits_until_somebody_looks_again() {
    for change in [
        "link NW --product Hot --item 1001 --unit GB --size 2",
        "settings NW --product Hot included=1",
        "settings NW --product Hot minimum=1",
        "settings NW --product Hot maximum=99",
        "settings NW --product Hot rounding=up:2",
        "settings NW --product Hot mode=quota_bracket",
        "settings NW --product Hot ladder=100,200",
        "settings NW --product Hot agreement_rule=type~Managed",
        "settings NW mode=quota_bracket",
    ] {
        let house = House::live();
        house.usage("Acme,Hot,12,GB\nAcme,Seat,6,user");
        house.ok(change);
        let plan = house.plan();
        assert_eq!(plan.line("Acme Hot")["live"], false, "{change}");
        assert!(plan.codes("Acme Hot").contains(&"link.not_live"), "{change}");
        assert_eq!(plan.issue("Acme Hot", "link.not_live")["severity"], "note");
        assert_eq!(plan.line("Acme Seat")["live"], true, "{change}");
        let report = house.update().done().report();
        assert_eq!(house.wrote_now(), ["200002: 5 -> 6"], "{change}");
        if plan.line("Acme Hot")["mark"] == "change" {
            assert_eq!(report.outcome("Acme Hot"), "held", "{change}");
            assert!(report.message("Acme Hot").contains("waits for go-live"), "{change}");
        }
    }
}

#[test]
fn ac_100_an_override_for_one_account_or_a_limit_is_no_change_of_rule() {
    let house = House::live();
    house.ok("settings NW --account Bolt mode=quota_bracket");
    house.ok("settings NW drop_percent=31 approval_days=3 time_zone=Europe/Paris");
    house.ok("quota NW --account Cove --product Hot 100 GB");
    house.usage("Acme,Hot,12,GB");
    assert_eq!(house.plan().line("Acme Hot")["live"], true);
    house.update().done();
    assert_eq!(house.holds(200_001), "12");
}

#[test]
fn ac_100_only_the_named_product_goes_live_and_is_pushed() {
    let house = House::linked();
    house.usage("Acme,Hot,12,GB\nAcme,Seat,6,user");
    let plan = house.plan();
    let report =
        house.hive(&["update", "NW", "--plan", plan.id(), "--product", "Hot", "--format", "json"]).done().report();
    assert_eq!(house.wrote_now(), ["200001: 10 -> 12"]);
    assert_eq!(report.outcome("Acme Seat"), "held");
    let plan = house.plan();
    assert_eq!([&plan.line("Acme Hot")["live"], &plan.line("Acme Seat")["live"]], [true, false]);
    house.usage("Acme,Hot,13,GB");
    let report = house.update().done().report();
    assert_eq!(house.wrote_now(), ["200001: 12 -> 13"]);
    assert!(report.message("Acme Seat").contains("waits for go-live"), "{}", report.message("Acme Seat"));
    house.run("update NW --product Nothing").ends(1);
    house.push().done();
    assert_eq!(house.wrote_now(), ["200002: 5 -> 6"]);
}

#[test]
fn an_addition_is_live_when_the_links_of_all_its_parts_are() {
    let house = House::live();
    house.usage("Acme,Warm,4,GB\nAcme,Hot,11,GB");
    house.ok("link NW --product Warm --item 1001 --unit GB --size 1");
    let plan = house.plan();
    assert_eq!([&plan.line("Acme Hot")["live"], &plan.line("Acme Warm")["live"]], [false, false]);
    let report = house.update().done().report();
    assert_eq!(report.outcome("Acme Hot"), "held");
    assert_eq!(house.wrote(), [""; 0]);
    house.push().done();
    assert_eq!(house.wrote(), ["200001: 10 -> 15"]);
}

#[test]
fn a_connection_to_another_connectwise_previews_again() {
    let house = House::live();
    let other = House::bare(town());
    house.usage("Acme,Hot,12,GB");
    let key = house.write("key", crate::house::PRIVATE_KEY);
    let url = other.url();
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
    let hosts = format!("{},{}", house.addr(), other.addr());
    crate::ran::Ran::of(&args, house.command(&args).env("HIVE_PRIVATE_HOSTS", &hosts))
        .done()
        .shows(&["previews again"]);
    let run = |words: &str| house.run_with("HIVE_PRIVATE_HOSTS", &hosts, words);
    let ran = run("update NW --format json");
    assert_eq!(ran.code, 1, "{}", ran.err);
    run("sync NW").done();
    run("update NW").ends(1);
    assert_eq!([house.wrote(), other.wrote()], [[""; 0], [""; 0]]);
    let plan = run("plan NW --format json").done().json();
    assert_eq!(plan["lines"][0]["live"], false);
}

#[test]
fn updates_off_writes_nothing_and_manual_still_does() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB");
    house.ok("settings NW updates=off");
    let plan = house.plan();
    house.update().ends(1).tells(&["off", "updates=automatic"]);
    house.hive(&["update", "NW", "--plan", plan.id()]).ends(1).tells(&["off"]);
    house.ok("sync NW");
    assert_eq!(house.sim.requests().patches, 0);
    house.ok("settings NW updates=manual");
    house.update().done();
    assert_eq!(house.wrote(), ["200001: 10 -> 12"]);
}

#[test]
fn with_target_date_next_invoice_the_first_day_of_the_next_invoice_decides() {
    let day = |days: i64| ago(-days * 24 * 60)[..10].parse().unwrap();
    let mut world = town();
    let item = world.item(NewItem { description: "Tape".into(), ..NewItem::default() });
    let next = NewAgreement { start: day(3), next_invoice_date: Some(day(8)), ..NewAgreement::default() };
    let agreement = world.agreement(next);
    world.addition(NewAddition { agreement, item, quantity: 3.into(), ..NewAddition::default() });
    let house = House::connected(world);
    house.usage(&format!("{USED}\nAcme,Tape,4,user"));
    house.ok("settings NW target_date=next_invoice");
    house.ok("sync NW");
    house.hive(&["link", "NW", "--product", "Tape", "--item", &item.to_string()]).done();
    assert_eq!(house.plan().says("Acme Tape"), "change 3 -> 4");
    house.push().done();
    assert_eq!(house.wrote(), ["200007: 3 -> 4"]);
    house.ok("settings NW target_date=today");
    assert!(house.plan().codes("Acme Tape").contains(&"addition.none"));
}

#[test]
fn an_update_keeps_the_sums_of_its_day_for_the_trend() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB");
    house.update().done();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let days = runtime.block_on(async {
        let key = hive_store::KeySource(house.path("hive.key"));
        let url = format!("sqlite://{}", house.path("hive.db").display());
        let store = hive_store::Store::open(&url, key).await.unwrap();
        let msp = store.msp("NW").await.unwrap().unwrap();
        store.days(msp.id, hive_core::Date::MIN).await.unwrap()
    });
    let today = days.last().unwrap();
    let (now, next) = (today.money_now["USD"], today.money_next["USD"]);
    assert_eq!(next.decimal() - now.decimal(), 4.into(), "two more GB at 2 a month, as this Update planned it");
}
