//! Rules of a part and of an item that are more than a sum: dead bands, sizes as items, an account's own
//! item, what becomes of a live rule, and what the checker sees. The figures are in `docs/rules.md`.

use crate::door::{ACME, Planned, acme, check, q};
use hive_core::issue::Code;
use hive_core::plan::{self, Settling};
use hive_core::settings::{At, Key};
use hive_core::{AdditionId, ItemId, ProductId};

fn settled(planned: &Planned) -> Vec<(i64, String, Settling)> {
    planned.plan.settle.iter().map(|settle| (settle.addition.0, settle.value.to_string(), settle.why)).collect()
}

#[test]
fn a_dead_band_leaves_a_value_alone_and_does_not_settle_on_it() {
    let band = "set dead_band 3; product Hot\nusage Acme Hot 12 GB 1d";
    let planned = acme(band, "Acme x Hot: unchanged 10 (addition 1000) [quantity.dead_band]\n1 unchanged");
    assert_eq!(settled(&planned), [(1000, "10".to_owned(), Settling::FirstHeld)], "what a live plan found first");
    let story = planned.story("Acme", "Hot");
    assert!(story.contains("rule: dead band 3: 12 is only 2 from 10, so it stays at 10"), "{story}");

    // Jane typed 10 where Hive had settled on 11: within the band it is left alone, and stays hers.
    let edited = format!("{band}\nsettled 1000 11\naddition 1000 on 1 item 5 at 10; price 2; by jane");
    let planned = acme(&edited, "Acme x Hot: unchanged 10 (addition 1000) [quantity.dead_band]\n1 unchanged");
    assert_eq!(settled(&planned), []);
    acme(
        &format!("{edited}\nusage Acme Hot 14 GB 1d"),
        "Acme x Hot: held 10 -> 14 (addition 1000) 8 [?addition.edited_by_hand addition.paid_period]\n1 held",
    );
    // What is right without the band is agreed with.
    let right = acme(
        "set dead_band 3; product Hot\nusage Acme Hot 10 GB 1d\nsettled 1000 11",
        "Acme x Hot: unchanged 10 (addition 1000)\n1 unchanged",
    );
    assert_eq!(settled(&right), [(1000, "10".to_owned(), Settling::SeenEqual)]);
}

#[test]
fn a_persons_answer_is_stronger_than_a_dead_band() {
    let band = "set dead_band 3; product Hot\nusage Acme Hot 12 GB 1d";
    acme(
        &format!("{band}\nminimum 1000 11"),
        "Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]\n1 change",
    );
    acme(
        &format!("{band}\nlocked 1000 11 until 2026-12-31"),
        "Acme x Hot: change 10 -> 11 (addition 1000) 2 [addition.edited_by_hand addition.paid_period]\n1 change",
    );
}

#[test]
fn rules_of_the_item_must_agree_where_products_share_it() {
    for (key, value) in [("dead_band", "3"), ("bracket_of", "sum"), ("step_items", "500=HOT-GB")] {
        let planned = Planned::of(&format!(
            "{ACME}\nproduct Warm GB -> 5 per 1 GB\nusage Acme Hot 5 GB 1d\nusage Acme Warm 5 GB 1d\nset {key} {value}; product Warm"
        ));
        planned.says(Code::RuleConflict, &[key]);
    }
    let ladders = "product Warm GB -> 5 per 1 GB\nusage Acme Hot 5 GB 1d\nusage Acme Warm 5 GB 1d\nset mode quota_bracket\n\
        set bracket_of sum; product Hot\nset bracket_of sum; product Warm";
    assert_eq!(Planned::of(&format!("{ACME}\n{ladders}")).line("Acme", "Hot").next, Some(q("100")));
    let planned = Planned::of(&format!("{ACME}\n{ladders}\nset ladder 50+50; product Warm"));
    planned.says(Code::RuleConflict, &["ladder is", "50+50 for Warm"]);
}

#[test]
fn a_common_bracket_counts_each_part_once() {
    let sum = "account East -> 20\nset mode quota_bracket; product Hot\nset bracket_of sum; product Hot\n\
        addition 1000 on 1 item 5 at 500; price 2\nusage Acme Hot 430 GB 1d";
    let planned = acme(
        &format!("{sum}\nusage East Hot 80 GB 1d\nquota Acme Hot 250 GB"),
        "
        Acme x Hot: change 500 -> 750 (addition 1000) 500 [quota.missing addition.paid_period]
        East x Hot: change 500 -> 750 (addition 1000) 500 [quota.missing addition.paid_period]
        1 change",
    );
    planned.says(Code::QuotaMissing, &["East of Hot"]);
    assert_eq!(planned.line("East", "Hot").part, Some(q("80")), "its own share");
    let story = planned.story("Acme", "Hot");
    assert!(
        story.contains("the larger of the quotas together 250 GB and the usage together 510 GB is on the step 750 GB"),
        "{story}"
    );
    // Two steps up are judged as any rise is.
    acme(
        &format!("{sum}\nusage East Hot 900 GB 1d"),
        "
        Acme x Hot: held 500 -> 2000 (addition 1000) 3000 [?usage.spike quota.missing addition.paid_period]
        East x Hot: held 500 -> 2000 (addition 1000) 3000 [?usage.spike quota.missing addition.paid_period]
        1 held",
    );
}

#[test]
fn what_is_not_counted_is_listed_with_its_class() {
    let planned = acme(
        "usage Acme Hot 12 GB 1d; class reserved\nset classes billable; product Hot",
        "Acme x Hot: issue 10 -> ? (addition 1000) [!usage.not_counted usage.not_counted]\n1 issue",
    );
    let note = planned.line("Acme", "Hot").issues.iter().find(|issue| issue.message.contains("of class reserved"));
    assert!(note.is_some_and(|note| note.message.contains("what counts is billable")), "{:?}", planned.printed());
    let without = Planned::of(&format!("{ACME}\nusage Acme Hot 12 GB 1d\nset classes trial; product Hot"));
    without.says(Code::UsageNotCounted, &["Nothing of this usage counts"]);
}

#[test]
fn what_exceeds_a_quota_says_what_stops_it() {
    let over = "usage Acme Hot 620 GB 1d\nset overage true; product Hot";
    Planned::of(&format!("{ACME}\n{over}"))
        .says(Code::QuotaMissing, &["Acme has no quota", "hive quota MSP --account \"Acme\" --product \"Hot\""]);
    Planned::of(&format!("{ACME}\n{over}\nset mode quota_bracket\nquota Acme Hot 500 GB"))
        .says(Code::RuleConflict, &["mode=quota_bracket", "overage=true", "Hot for Acme"]);
    let story = Planned::of(&format!("{ACME}\n{over}\nquota Acme Hot 500 GB")).story("Acme", "Hot");
    assert!(story.contains("mode: overage: 620 GB used of a quota of 500 GB, 120 GB exceed it"), "{story}");
}

#[test]
fn the_dates_of_the_billing_period_are_said() {
    let story = |agreement: &str| {
        let before = "before Acme Hot 10 GB 1d..29d\nusage Acme Hot 40 GB 1h\nset basis average_period; product Hot";
        Planned::of(&format!("{ACME}\n{before}\nagreement 1 of 20 Managed; {agreement}")).story("Acme", "Hot")
    };
    let monthly = story("next 2026-12-01");
    assert!(
        monthly.contains("average of 23 days: 260 / 23 = 11.304348 GB; 23 of 23 days measured, source import; the billing period of agreement \"Managed\" (1) (monthly) began on 2026-11-01"),
        "{monthly}"
    );
    let unknown = story("cycle none");
    assert!(
        unknown.contains("30 of 30 days measured") && unknown.contains("so the 30 days ending today are used"),
        "{unknown}"
    );
    // Gaps are judged by the days so far: 15 of 23 are needed of a daily source.
    let gaps = |first: u8| {
        let days =
            format!("before Acme Hot 10 GB {first}d..29d\nusage Acme Hot 10 GB 1h\nset basis peak_period; product Hot");
        let planned = Planned::of(&format!("{ACME}\n{days}"));
        planned.line("Acme", "Hot").issues.iter().any(|issue| issue.code == Code::UsageGaps)
    };
    assert!(!gaps(9), "15 of 23 days");
    assert!(gaps(10), "14 of 23 days");
}

const SIZES: &str = "
    company 20 Acme Dental Pty Ltd
    item 5 HOT-500
    item 6 HOT-1T
    agreement 1 of 20 Managed
    account Acme -> 20
    product Hot GB -> 5
    set mode quota_bracket; product Hot
    set step_items 500=HOT-500,1000=HOT-1T; product Hot
";

#[test]
fn the_bracket_chooses_the_item_and_its_quantity_is_one() {
    let sizes = |additions: &str, usage: &str, expected: &str| {
        check(&format!("{SIZES}\n{additions}\nusage Acme Hot {usage} GB 1d"), expected)
    };
    let (small, large) = ("addition 1000 on 1 item 5 at 0; price 9", "addition 1001 on 1 item 6 at 0; price 9");
    let both = format!("{small}\n{large}");
    let planned = sizes(
        &both,
        "430",
        "Acme x Hot: change 0 -> 1 (addition 1000) 9 [quota.missing addition.paid_period]\n1 change",
    );
    assert!(
        planned.story("Acme", "Hot").contains("500 GB is billed as 1 x HOT-500"),
        "{}",
        planned.story("Acme", "Hot")
    );
    sizes(
        &both,
        "500.01",
        "Acme x Hot: change 0 -> 1 (addition 1001) 9 [quota.missing addition.paid_period]\n1 change",
    );
    // The size below still bills: nothing is billed twice.
    let billed = format!("addition 1000 on 1 item 5 at 1; price 9\n{large}");
    let planned = sizes(
        &billed,
        "620",
        "Acme x Hot: issue 0 -> ? (addition 1001) 9 [!addition.ambiguous quota.missing]\n1 issue",
    );
    planned.says(
        Code::AdditionAmbiguous,
        &["addition 1000 of item HOT-500 (5)", "still bills 1", "Set that one to 0 or cancel it"],
    );
    sizes(
        &both,
        "1000.01",
        "Acme x Hot: issue [!quantity.overflow !addition.ambiguous quota.missing]\n1 issue"
            .replace("issue [", "issue 0 -> ? (addition 1000) [")
            .replace(" !addition.ambiguous", "")
            .as_str(),
    );
    // Nothing is used: 0 of the size that is billed now.
    let large_now = format!("{small}\naddition 1001 on 1 item 6 at 1; price 9");
    sizes(
        &large_now,
        "0",
        "Acme x Hot: held 1 -> 0 (addition 1001) -9 [?usage.zero quota.missing addition.paid_period]\n1 held",
    );
}

#[test]
fn accounts_of_one_company_have_a_size_each() {
    let two = "account East -> 20\naddition 1000 on 1 item 5 at 1; price 9\naddition 1001 on 1 item 6 at 0; price 9\n\
        usage Acme Hot 430 GB 1d\nusage East Hot";
    check(
        &format!("{SIZES}\n{two} 900 GB 1d"),
        "
        Acme x Hot: unchanged 1 (addition 1000) [quota.missing]
        East x Hot: change 0 -> 1 (addition 1001) 9 [quota.missing addition.paid_period]
        1 change, 1 unchanged",
    );
    check(
        &format!("{SIZES}\n{two} 90 GB 1d"),
        "
        Acme x Hot: change 1 -> 2 (addition 1000) 9 [quota.missing addition.paid_period]
        East x Hot: change 1 -> 2 (addition 1000) 9 [quota.missing addition.paid_period]
        1 change",
    );
}

#[test]
fn sizes_as_items_refuse_what_cannot_choose_one() {
    let refused = |more: &str| {
        let planned =
            Planned::of(&format!("{SIZES}\naddition 1000 on 1 item 5 at 0\nusage Acme Hot 430 GB 1h\n{more}"));
        planned.issue(Code::RuleConflict).message.clone()
    };
    assert!(refused("set mode actual; product Hot").contains("actual usage"));
    assert!(refused("set bracket_of sum; product Hot").contains("bracket_of=sum"));
    assert!(refused("set basis peak_period; product Hot").contains("billing period"));
    let gone = Planned::of(&format!(
        "{SIZES}\naddition 1000 on 1 item 5 at 0\nusage Acme Hot 430 GB 1h\nset step_items 500=NO-SUCH; product Hot"
    ));
    gone.says(Code::ProductDeleted, &["\"NO-SUCH\"", "step_items"]);
}

#[test]
fn an_account_has_an_item_of_its_own() {
    let own = "item 6 HOT-100\naddition 1001 on 1 item 6 at 1; price 9\naccount East -> 20\n\
        usage Acme Hot 12 GB 1d\nusage East Hot 250 GB 1d\nown item East Hot -> 6 per 100 GB";
    let planned = acme(
        own,
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]
        East x Hot: change 1 -> 3 (addition 1001) 18 [addition.paid_period]
        2 change",
    );
    assert!(planned.line("East", "Hot").live, "a decision about one account is no change of the rule");
    let (facts, before) = (&planned.facts, planned.facts.live_rules.clone());
    assert_eq!(plan::looked_at(facts), before);
    // Without a unit of its own it is counted as the product is.
    let same = own.replace(" per 100 GB", "");
    assert_eq!(Planned::of(&format!("{ACME}\n{same}")).line("East", "Hot").next, Some(q("250")));
    // A silent addition of that item is a line of that account alone.
    let silent = "item 6 HOT-100\naddition 1001 on 1 item 6 at 1; price 9\naccount East -> 20\nusage Acme Hot 12 GB 1d\nown item East Hot -> 6";
    acme(
        silent,
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]
        East x Hot: issue 1 -> ? (addition 1001) [!usage.missing]
        1 change, 1 issue",
    );
}

#[test]
fn a_new_rule_waits_for_go_live_and_one_accounts_own_does_not() {
    let base = Planned::of(&format!("{ACME}\nusage Acme Hot 12 GB 1d")).facts;
    let rule_with = |key: Key, text: &str, account: bool| {
        let mut facts = base.clone();
        let at = At { product: Some(ProductId(1)), account: account.then_some(facts.accounts[0].id) };
        facts.settings.set(key, at, text).unwrap();
        plan::live_products(&facts).contains(&ProductId(1))
    };
    for (key, text) in [
        (Key::Classes, "all"),
        (Key::Overage, "true"),
        (Key::DeadBand, "3"),
        (Key::BracketOf, "sum"),
        (Key::StepItems, "500=HOT-GB"),
        (Key::Basis, "average_period"),
    ] {
        assert!(!rule_with(key, text, false), "{} is of the rule", key.name());
    }
    for (key, text) in [
        (Key::Included, "3"),
        (Key::Minimum, "3"),
        (Key::Maximum, "3"),
        (Key::Rounding, "up:1"),
        (Key::DeadBand, "3"),
        (Key::Classes, "all"),
        (Key::Basis, "average_period"),
        (Key::Overage, "true"),
    ] {
        assert!(rule_with(key, text, true), "{} of one account is no change of the rule", key.name());
    }
    let rule = plan::rule_of(&base, &base.product_links[0]).unwrap();
    assert_eq!(
        rule,
        "item=5;unit=1 GB;classes=default;basis=latest;included=;minimum=;maximum=;rounding=;agreement_rule=;mode=actual;ladder=100,250,500,750,1000+1000",
        "what went live before there were these rules stays live"
    );
}

/// The checker against a plan that somebody bent.
#[test]
fn the_checker_sees_rules_that_were_not_kept() {
    let wrong = |commands: &str, bend: &dyn Fn(&mut Planned)| {
        let mut planned = Planned::of(&format!("{ACME}\n{commands}"));
        bend(&mut planned);
        plan::check(&planned.plan, &planned.facts).join("; ")
    };
    let set = |key: Key, text: &'static str| {
        move |planned: &mut Planned| {
            planned.facts.settings.set(key, At { product: Some(ProductId(1)), account: None }, text).unwrap();
        }
    };
    let used = "usage Acme Hot 12 GB 1d";
    assert!(wrong(used, &set(Key::DeadBand, "3")).contains("within its dead band"));
    assert!(wrong(used, &set(Key::Classes, "trial")).contains("no class of it counts"));
    assert!(wrong(used, &set(Key::Overage, "true")).contains("billed without one"));
    let quota = format!("{used}\nquota Acme Hot 5 GB");
    assert!(wrong(&quota, &set(Key::Overage, "true")).contains("not what exceeds its quota"));
    let over = format!("{quota}\nset overage true; product Hot");
    assert_eq!(wrong(&over, &|_| {}), "");
    assert!(wrong(&over, &set(Key::Mode, "quota_bracket")).contains("by its bracket and by what exceeds"));
    let trial = "usage Acme Hot 12 GB 1d\naccount East -> 20\nusage East Hot 5 GB 1d; class trial";
    assert!(wrong(trial, &set(Key::Classes, "all")).contains("every class of it counts"));
    let band = format!("{used}\nset dead_band 3; product Hot");
    assert!(wrong(&band, &|planned| planned.plan.settle[0].why = Settling::SeenEqual).contains("settled as right"));
    assert!(wrong(&band, &set(Key::DeadBand, "")).contains("does not stay"));
    let other = |planned: &mut Planned| planned.facts.product_links.clear();
    assert!(wrong(used, &other).contains("is not linked to it"));
    let own = |planned: &mut Planned| {
        let (account, product) = (planned.facts.accounts[0].id, ProductId(1));
        let own = hive_core::link::ItemOverride { account, product, item: ItemId(6), unit: None };
        planned.facts.item_overrides.push(own);
    };
    assert!(wrong(used, &own).contains("is not linked to it"));
    assert!(
        Planned::of(&format!("{ACME}\n{used}")).plan.changes.iter().all(|change| change.addition == AdditionId(1000))
    );
}
