//! Rules of products and of single accounts, from the command line to what is written.

use crate::house::{House, town};

fn next(house: &House, line: &str) -> String {
    house.plan().line(line)["next"].as_str().unwrap_or("none").to_owned()
}

#[test]
fn rules_of_a_product_are_set_shown_explained_and_written() {
    let house = House::live();
    house.usage("Acme,Hot,12,GB");
    assert_eq!(next(&house, "Acme Hot"), "12");
    house.ok("settings NW --product Hot dead_band=2");
    assert_eq!(next(&house, "Acme Hot"), "10", "within the band nothing is written");
    assert!(house.plan().codes("Acme Hot").contains(&"quantity.dead_band"));
    house.ok("explain NW --account Acme --product Hot").shows(&["dead band 2: 12 is only 2 from 10"]);
    house.ok("settings NW --product Hot").shows(&[
        "dead_band",
        "2 *",
        "bracket_of",
        "classes",
        "overage",
        "step_items",
    ]);
    house.ok("settings NW --product Hot dead_band=");
    house.ok("quota NW --account Acme --product Hot 100 GB");
    house.ok("settings NW --product Hot --account Acme overage=true");
    house.usage("Acme,Hot,112,GB");
    assert_eq!(next(&house, "Acme Hot"), "12", "what exceeds 100 GB");
    house.ok("explain NW --account Acme --product Hot").shows(&["112 GB used of a quota of 100 GB, 12 GB exceed it"]);
    house.update().done();
    assert_eq!(house.holds(200_001), "12", "a rule of one account needs no go-live");
}

#[test]
fn a_rule_that_cannot_be_is_refused_in_words() {
    let house = House::live();
    for (words, why) in [
        (
            "settings NW --product Hot basis=average_month",
            "none of latest, average_30d, peak_30d, average_period, peak_period",
        ),
        ("settings NW --product Hot classes=all,trial", "says all and names classes too"),
        ("settings NW --product Hot step_items=1000=A,500=B", "sizes in GB, rising"),
        ("settings NW --product Hot bracket_of=company", "none of account, sum"),
        ("settings NW --product Hot dead_band=-1", "negative"),
        ("settings NW dead_band=1", "needs --product"),
        ("settings NW --product Hot --account Acme step_items=500=A", "no --account"),
    ] {
        house.run(words).ends(2).tells(&[why]);
    }
}

#[test]
fn one_accounts_product_is_billed_as_another_item() {
    let house = House::live();
    house.usage("Acme,Hot,250,GB");
    let before = house.plan().line("Acme Hot")["addition"]["id"].clone();
    house.run("link NW --account Acme --product Hot").ends(2).tells(&["--item"]);
    house.run("link NW --account Acme --product Hot --item 999").ends(1);
    house.run("ignore NW --account Acme --product Hot").ends(2);
    house.ok("link NW --account Acme --product Hot --item 1002 --unit GB --size 100").shows(&["item 1002", "100 GB"]);
    let plan = house.plan();
    let line = plan.line("Acme Hot");
    assert_ne!(line["addition"]["id"], before);
    // Its own item is that of its seats: 3 blocks and 5 seats on one addition are of two kinds.
    assert!(plan.codes("Acme Hot").contains(&"rule.conflict"), "{:?}", plan.codes("Acme Hot"));
    house.ok("link NW --account Acme --product Hot --item 1001 --unit GB --size 100");
    assert_eq!(house.plan().line("Acme Hot")["next"], "3", "blocks of 100 GB for Acme alone");
    assert_eq!(next(&house, "Bolt Hot"), "20");
    house.ok("unlink NW --account Acme --product Hot").shows(&["the item that Hot is mapped to"]);
    let plan = house.plan();
    assert_eq!(
        (plan.line("Acme Hot")["addition"]["id"].clone(), plan.line("Acme Hot")["next"].as_str()),
        (before, Some("250"))
    );
}

#[test]
fn classes_and_the_billing_period_are_chosen_for_one_account() {
    let house = House::connected(town());
    house.import(format!(
        "account,product,quantity,unit,measured_at,class\nAcme,Hot,12,GB,{0},trial\nBolt,Hot,21,GB,{0},trial\n",
        crate::house::ago(10)
    ));
    house.ok("sync NW");
    house.ok("link NW --product Hot --item 1001 --unit GB --size 1");
    assert!(house.plan().codes("Acme Hot").contains(&"usage.not_counted"));
    house.ok("settings NW --product Hot --account Acme classes=trial");
    assert_eq!(next(&house, "Acme Hot"), "12");
    assert!(house.plan().codes("Bolt Hot").contains(&"usage.not_counted"));
    house.ok("settings NW gaps_days=0");
    house.ok("settings NW --product Hot --account Acme basis=average_period");
    house.ok("explain NW --account Acme --product Hot").shows(&["average of 1 day", "12 GB"]);
}
