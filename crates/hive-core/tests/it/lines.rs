//! What is a line (design, section 6), and what it shows.

use crate::door::{acme, check};

#[test]
fn more_use_raises_the_addition_and_tells_its_story() {
    let planned = acme(
        "usage Acme Hot 12 GB 1d",
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]
        1 change",
    );
    assert_eq!(
        planned.story("Acme", "Hot"),
        "\
basis: latest sample: 12 GB measured 2026-11-22 10:00 UTC, source import
unit: 12 GB = 12 x 1 GB, one unit of the item
target: addition 1000 is the only ongoing one of item HOT-GB (5) on agreement \"Managed\" (1)
mark: addition 1000 holds 10, 12 is wanted"
    );
}

#[test]
fn equal_as_decimals_is_unchanged() {
    acme(
        "usage Acme Hot 10.000 GB 1d",
        "
        Acme x Hot: unchanged 10 (addition 1000)
        1 unchanged",
    );
}

#[test]
fn a_quota_or_a_pin_alone_makes_a_line_that_waits_for_usage() {
    let stopped = "
        Acme x Hot: issue 10 -> ? (addition 1000) [!usage.missing]
        1 issue";
    acme("quota Acme Hot 500 GB", stopped);
    acme("pin Acme Hot 1000", stopped);
}

#[test]
fn where_nothing_is_known_of_what_is_billed_every_linked_pair_is_a_line() {
    acme(
        "account Acme-East -> 20",
        "
        Acme x Hot: issue 10 -> ? (addition 1000) [!usage.missing]
        Acme-East x Hot: issue 10 -> ? (addition 1000) [!usage.missing]
        1 issue",
    );
    acme("addition 1000 on 1 item 5 at 10; until 2026-11-22", "nothing");
    acme("agreement 1 of 20 Managed; status Cancelled", "nothing");
}

#[test]
fn a_pair_of_which_nothing_was_ever_known_is_no_part_of_a_sum() {
    acme(
        "account Acme-East -> 20
        usage Acme Hot 12 GB 1d",
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]
        1 change",
    );
}

#[test]
fn usage_that_nobody_is_billed_for_is_a_line_with_what_it_is_worth() {
    acme(
        "item 5 HOT-GB; price 3
        usage Zoo Hot 40 GB 1d",
        "
        Acme x Hot: issue 10 -> ? (addition 1000) [!usage.missing]
        Zoo x Hot: issue 120 [!account.unlinked]
        2 issue",
    );
    check(
        "company 20 Acme
        account Acme -> 20
        product Cold GB
        usage Acme Cold 40 GB 1d",
        "
        Acme x Cold: issue [!product.unmapped]
        1 issue",
    );
    let planned = check(
        "product Cold GB
        usage Zoo Cold 40 GB 40d",
        "
        Zoo x Cold: issue [!account.unlinked !product.unmapped !usage.stale]
        1 issue",
    );
    let line = planned.line("Zoo", "Cold");
    assert_eq!((&line.company, &line.addition, line.now, line.next), (&None, &None, None, None));
}

#[test]
fn a_quota_of_an_unlinked_account_is_no_usage() {
    check(
        "product Cold GB
        account Zoo
        quota Zoo Cold 100 GB",
        "nothing",
    );
}

#[test]
fn ignored_ones_are_no_lines_and_counted_apart() {
    acme(
        "account Zoo -> ignored
        usage Zoo Hot 40 GB 1d
        product Cold GB -> ignored
        usage Acme Cold 5 GB 1d
        usage Nobody Cold 5 GB 1d
        usage Acme Hot 10 GB 1d",
        "
        Acme x Hot: unchanged 10 (addition 1000)
        1 unchanged, 3 ignored",
    );
}

#[test]
fn the_own_account_is_left_out_until_somebody_links_it() {
    acme(
        "account Own
        set own true; account Own
        usage Own Hot 99 GB 1d
        usage Acme Hot 10 GB 1d",
        "
        Acme x Hot: unchanged 10 (addition 1000)
        1 unchanged, 1 ignored",
    );
    acme(
        "account Own -> 20
        set own true; account Own
        usage Own Hot 10 GB 1d",
        "
        Own x Hot: unchanged 10 (addition 1000)
        1 unchanged",
    );
}

#[test]
fn without_a_mirror_every_line_says_so() {
    let planned = acme(
        "never synced
        usage Zoo Hot 1 GB 1d
        usage Acme Hot 12 GB 1d",
        "
        Acme x Hot: issue [!sync.never]
        Zoo x Hot: issue [!sync.never]
        2 issue",
    );
    assert_eq!(planned.plan.mirror, None);
}

#[test]
fn an_account_whose_link_is_broken_keeps_its_line() {
    acme(
        "usage Acme Hot 12 GB 1d
        company 20 Acme; gone",
        "
        Acme x Hot: issue 10 -> ? (addition 1000) 4 [!account.deleted]
        1 issue",
    );
    acme(
        "usage Acme Hot 12 GB 1d
        item 5 HOT-GB; gone",
        "
        Acme x Hot: issue 10 -> ? (addition 1000) 4 [!product.deleted]
        1 issue",
    );
    acme(
        "usage Acme Hot 12 GB 1d
        items from additions
        item 5 HOT-GB; gone",
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]
        1 change",
    );
}

#[test]
fn a_line_recovers_by_itself_once_the_cause_is_gone() {
    acme(
        "usage Acme Hot 12 GB 1d
        company 20 Acme; status Inactive",
        "
        Acme x Hot: issue 10 -> ? (addition 1000) 4 [!account.company_inactive]
        1 issue",
    );
    acme(
        "usage Acme Hot 12 GB 1d
        company 20 Acme; status Active",
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]
        1 change",
    );
}

#[test]
fn money_is_per_month_whatever_the_cycle_and_in_the_currency_of_the_agreement() {
    let yearly = acme(
        "usage Acme Hot 22 GB 1d
        agreement 1 of 20 Managed; cycle Yearly; currency EUR
        set rise_percent 1000",
        "
        Acme x Hot: held 10 -> 22 (addition 1000) 2 [?addition.paid_period]
        1 held",
    );
    assert_eq!(yearly.line("Acme", "Hot").currency.as_deref(), Some("EUR"));
    acme(
        "usage Acme Hot 9 GB 1d
        addition 1000 on 1 item 5 at 10; price 0",
        "
        Acme x Hot: change 10 -> 9 (addition 1000) 0 [addition.paid_period price.zero]
        1 change",
    );
    acme(
        "usage Acme Hot 9 GB 1d
        addition 1000 on 1 item 5 at 10",
        "
        Acme x Hot: change 10 -> 9 (addition 1000) [addition.paid_period price.zero]
        1 change",
    );
}

#[test]
fn the_plans_id_is_what_it_says_and_not_when_or_in_which_words() {
    let one = crate::door::Planned::of(&format!("{}\nusage Acme Hot 12 GB 1d", crate::door::ACME));
    let id = |more: &str| {
        crate::door::Planned::of(&format!("{}\nusage Acme Hot 12 GB 1d\n{more}", crate::door::ACME)).plan.id
    };
    assert_eq!(id("usage Acme Hot 12 GB 2d"), one.plan.id, "a time");
    assert_eq!(id("company 20 Acme Renamed"), one.plan.id, "a name");
    assert_eq!(id("now 2026-11-23T11:00:00Z"), one.plan.id);
    for more in [
        "usage Acme Hot 13 GB 1d",
        "addition 1000 on 1 item 5 at 11; price 2",
        "not live Hot",
        "set updates off",
        "account B -> 20\nusage B Hot 0 GB 1d",
    ] {
        assert_ne!(id(more), one.plan.id, "{more}");
    }
    let mut facts = one.facts.clone();
    facts.connection = 2;
    assert_ne!(hive_core::plan::make(&facts, one.now).id, one.plan.id);
}
