//! What Hive remembers of an addition: the value it settled on, what a person undid or answered,
//! what failed; and which links were looked at.

use crate::door::{ACME, Planned, acme};
use hive_core::issue::Code;
use hive_core::plan::Settling;

fn settled(planned: &Planned) -> Vec<(i64, String, Settling)> {
    planned.plan.settle.iter().map(|settle| (settle.addition.0, settle.value.to_string(), settle.why)).collect()
}

fn of(more: &str) -> Planned {
    Planned::of(&format!("{ACME}\n{more}"))
}

#[test]
fn a_value_that_a_person_set_waits_and_both_numbers_are_named() {
    let planned = acme(
        "settled 1000 8
        addition 1000 on 1 item 5 at 10; price 2; by jane
        usage Acme Hot 12 GB 1d",
        "
        Acme x Hot: held 10 -> 12 (addition 1000) 4 [?addition.edited_by_hand addition.paid_period]
        1 held",
    );
    planned.says(
        Code::AdditionEditedByHand,
        &[
            "jane changed addition 1000 in ConnectWise from 8 to 10 on 2026-11-23 08:00 UTC",
            "Hive would write 12",
            "hive answer \"Northwind IT\" --cause addition.edited_by_hand:1000 overwrite",
            "minimum (10",
            "lock=DATE",
        ],
    );
    assert_eq!(settled(&planned), [], "Hive does not settle on it before a person answered");
}

#[test]
fn it_is_no_edit_where_hive_settled_on_it_or_wants_it_or_may_have_written_it() {
    let change = "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]
        1 change";
    acme("settled 1000 10\nusage Acme Hot 12 GB 1d", change);
    acme("usage Acme Hot 12 GB 1d", change);
    acme("settled 1000 8\nopen 1000\nusage Acme Hot 12 GB 1d", change);
    let wanted = acme(
        "settled 1000 8\nusage Acme Hot 10 GB 1d",
        "
        Acme x Hot: unchanged 10 (addition 1000)
        1 unchanged",
    );
    assert_eq!(settled(&wanted), [(1000, "10".to_owned(), Settling::SeenEqual)]);
}

#[test]
fn the_answers_hold_from_the_next_plan_on() {
    acme(
        "settled 1000 10\nminimum 1000 10\nusage Acme Hot 7 GB 1d",
        "
        Acme x Hot: unchanged 10 (addition 1000) [quantity.below_minimum]
        1 unchanged",
    );
    acme(
        "settled 1000 10\nminimum 1000 10\nusage Acme Hot 13 GB 1d",
        "
        Acme x Hot: change 10 -> 13 (addition 1000) 6 [addition.paid_period]
        1 change",
    );
    acme(
        "settled 1000 13\naddition 1000 on 1 item 5 at 13; price 2\nminimum 1000 10\nusage Acme Hot 7 GB 1d",
        "
        Acme x Hot: change 13 -> 10 (addition 1000) -6 [quantity.below_minimum addition.paid_period]
        1 change",
    );
    let locked = acme(
        "settled 1000 10\nlocked 1000 10 until 2026-11-23\nusage Acme Hot 700 GB 1d",
        "
        Acme x Hot: unchanged 10 (addition 1000) [addition.edited_by_hand]
        1 unchanged",
    );
    assert!(
        locked
            .story("Acme", "Hot")
            .contains("locked at 10 through 2026-11-23 by cli:jane; without the lock it would be 700")
    );
    acme(
        "settled 1000 10\nlocked 1000 10 until 2026-11-22\nusage Acme Hot 12 GB 1d",
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]
        1 change",
    );
    acme(
        "settled 1000 10\nlocked 1000 10 until 2026-12-31\naddition 1000 on 1 item 5 at 11; price 2\nusage Acme Hot 12 GB 1d",
        "
        Acme x Hot: held 11 -> 10 (addition 1000) -2 [?addition.edited_by_hand addition.edited_by_hand addition.paid_period]
        1 held",
    );
}

#[test]
fn a_value_that_a_person_undid_waits_while_it_is_the_wanted_one() {
    let planned = acme(
        "settled 1000 10\nundone 1000 12 run 7\nusage Acme Hot 12 GB 1d",
        "
        Acme x Hot: held 10 -> 12 (addition 1000) 4 [?addition.undone addition.paid_period]
        1 held",
    );
    planned.says(Code::AdditionUndone, &["cli:jane took 12 back from addition 1000 (run 7, an undo)", "Approve it"]);
    acme(
        "settled 1000 10\nundone 1000 12 run 7\nusage Acme Hot 13 GB 1d",
        "
        Acme x Hot: change 10 -> 13 (addition 1000) 6 [addition.paid_period]
        1 change",
    );
}

#[test]
fn the_first_look_of_a_live_link_is_remembered() {
    assert_eq!(settled(&of("usage Acme Hot 12 GB 1d")), [(1000, "10".to_owned(), Settling::FirstHeld)]);
    assert_eq!(
        settled(&of("usage Acme Hot 12 GB 99d")),
        [(1000, "10".to_owned(), Settling::FirstHeld)],
        "an issue too"
    );
    assert_eq!(settled(&of("settled 1000 10\nusage Acme Hot 12 GB 1d")), []);
    assert_eq!(settled(&of("settled 1000 10\nusage Acme Hot 10 GB 1d")), []);
    assert_eq!(settled(&of("not live Hot\nusage Acme Hot 12 GB 1d")), []);
    assert_eq!(settled(&of("addition 1000 on 1 item 5 at ?\nusage Acme Hot 12 GB 1d")), []);
}

#[test]
fn a_link_that_nobody_looked_at_is_not_live() {
    let planned = acme(
        "not live Hot\nusage Acme Hot 12 GB 1d",
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period link.not_live]
        1 change",
    );
    assert!(!planned.plan.changes[0].live);
    planned.says(Code::LinkNotLive, &["Hot", "Update with this plan's id"]);
    acme(
        "looked at Hot under another rule\nusage Acme Hot 12 GB 1d",
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period link.not_live]
        1 change",
    );
    assert!(of("usage Acme Hot 12 GB 1d").plan.changes[0].live);
}

#[test]
fn what_is_part_of_a_rule_and_what_is_not() {
    let looked_at = of("usage Acme Hot 12 GB 1d").facts.live_rules;
    let live = |more: &str| {
        let mut planned = of(&format!("usage Acme Hot 12 GB 1d\n{more}"));
        planned.facts.live_rules.clone_from(&looked_at);
        hive_core::plan::make(&planned.facts, planned.now).line(planned.plan.lines[0].id).expect("the line").live
    };
    for moved in [
        "product Hot GB -> 5 per 2 GB",
        "item 6 X\nproduct Hot GB -> 6 per 1 GB",
        "set mode quota_bracket",
        "set mode quota_bracket; product Hot",
        "set ladder 100; product Hot",
        "set included 1; product Hot",
        "set minimum 1; product Hot",
        "set maximum 99; product Hot",
        "set rounding none; product Hot",
        "set agreement_rule name~M",
        "set agreement_rule name~M; product Hot",
    ] {
        assert!(!live(moved), "{moved}");
    }
    for same in [
        "",
        "set mode quota_bracket; account Acme",
        "set mode actual; product Hot",
        "quota Acme Hot 100 GB",
        "pin Acme Hot 1000",
        "set drop_percent 5",
        "set updates manual",
        "minimum 1000 50",
    ] {
        assert!(live(same), "{same}");
    }
}

#[test]
fn an_addition_is_live_when_the_links_of_all_its_parts_are() {
    let planned = acme(
        "product Warm GB -> 5 per 1 GB\nnot live Warm\nusage Acme Hot 10 GB 1d\nusage Acme Warm 2 GB 1d",
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]
        Acme x Warm: change 10 -> 12 (addition 1000) 4 [addition.paid_period link.not_live]
        1 change",
    );
    assert!(!planned.plan.changes[0].live && !planned.line("Acme", "Hot").live);
}

#[test]
fn a_write_that_failed_is_told_and_tried_again() {
    let planned = acme(
        "failed 1000 refused 3 Quantity is locked.\nusage Acme Hot 12 GB 1d",
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period write.failed]
        1 change",
    );
    planned.says(Code::WriteFailed, &["addition 1000", "refused, 3 in a row", "Quantity is locked.", "tries again"]);
}

#[test]
fn updates_that_are_off_are_noted_on_what_they_would_write() {
    acme(
        "set updates off\nusage Acme Hot 12 GB 1d",
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period update.disabled]
        1 change",
    );
}

#[test]
fn a_lock_is_shown_and_leaves_fractions_and_credits_alone() {
    let seat = "product Seat user -> 5\naccount Acme -> 20\nnot live Hot\n";
    let planned = acme(
        &format!(
            "{seat}addition 1000 on 1 item 5 at 68.5; price 2\nproduct Hot GB\nsettled 1000 68.5\nlocked 1000 68.5 until 2026-12-31\nusage Acme Seat 70 user 1d"
        ),
        "
        Acme x Seat: unchanged 68.5 (addition 1000) [addition.edited_by_hand]
        1 unchanged",
    );
    planned.says(Code::AdditionEditedByHand, &["locked at 68.5 through 2026-12-31 by cli:jane", "would be 70"]);
}

#[test]
fn every_value_that_was_undone_waits_not_only_the_last() {
    for undone in ["undone 1000 12 run 7\nundone 1000 11 run 8", "undone 1000 11 run 8\nundone 1000 12 run 7"] {
        acme(
            &format!("settled 1000 10\n{undone}\nusage Acme Hot 12 GB 1d"),
            "
            Acme x Hot: held 10 -> 12 (addition 1000) 4 [?addition.undone addition.paid_period]
            1 held",
        );
    }
}
