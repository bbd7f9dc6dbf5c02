//! Allow: lifts the holds that were shown and approved, and nothing else; go-live; undo.

use crate::door::{ACME, Planned, q};
use hive_core::AccountId;
use hive_core::allow::{Allowed, Approval, Done, Request, allow, settled_at_go_live, turn_round};
use hive_core::issue::Code;
use hive_core::{AdditionId, AgreementId, Decimal, ItemId, LineId, ProductId, Timestamp};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};

fn of(more: &str) -> Planned {
    Planned::of(&format!("{ACME}\n{more}"))
}

/// 100 -> 40 at 1 a month: held as a fall of more than 30 % and 50.
fn fall(usage: &str, more: &str) -> Planned {
    of(&format!("addition 1000 on 1 item 5 at 100; price 1\nusage Acme Hot {usage} GB 1d\n{more}"))
}

fn approve(planned: &Planned) -> Approval {
    let lapses_at = planned.now + SignedDuration::from_hours(24 * 7);
    Approval::of(&planned.plan.changes[0], None, Decimal::from(5), "cli:jane", (planned.now, lapses_at))
}

fn allowed(planned: &Planned, approvals: &[Approval], request: &Request, now: Timestamp) -> Allowed {
    allow(&planned.plan, &planned.facts.product_links, approvals, request, now)
}

/// What is released, or the words of the one that waits.
fn outcome(planned: &Planned, approvals: &[Approval]) -> String {
    told(&allowed(planned, approvals, &Request::default(), planned.now))
}

fn told(allowed: &Allowed) -> String {
    let released = allowed.released.iter().map(|r| {
        format!(
            "{}: {} -> {}{}",
            r.addition(),
            r.from(),
            r.to(),
            r.approved_by().map_or(String::new(), |who| format!(" by {who}"))
        )
    });
    let waiting = allowed.waiting.iter().map(|(addition, why)| format!("{addition}: {why}"));
    released.chain(waiting).collect::<Vec<_>>().join("; ")
}

#[test]
fn what_nothing_holds_is_released_and_what_is_held_waits() {
    assert_eq!(outcome(&of("usage Acme Hot 12 GB 1d"), &[]), "1000: 10 -> 12");
    assert_eq!(outcome(&fall("40", ""), &[]), "1000: waits for approval (usage.drop)");
    assert_eq!(outcome(&of("usage Acme Hot 10 GB 1d"), &[]), "");
    assert_eq!(outcome(&of("usage Acme Hot 12 GB 99d"), &[]), "", "an issue is no change");
}

#[test]
fn an_approval_reaches_from_the_value_shown_to_five_percent_beyond() {
    let approval = approve(&fall("40", ""));
    assert_eq!((approval.from, approval.limit), (q("100"), q("38")));
    assert_eq!(outcome(&fall("40", ""), std::slice::from_ref(&approval)), "1000: 100 -> 40 by cli:jane");
    assert_eq!(outcome(&fall("38", ""), std::slice::from_ref(&approval)), "1000: 100 -> 38 by cli:jane");
    assert_eq!(outcome(&fall("37", ""), std::slice::from_ref(&approval)), "1000: waits for approval (usage.drop)");
    assert_eq!(
        outcome(&fall("49", ""), std::slice::from_ref(&approval)),
        "1000: 100 -> 49 by cli:jane",
        "less of the same"
    );
    assert_eq!(outcome(&fall("301", ""), &[approval]), "1000: waits for approval (usage.spike)", "the other way");
    let rise = approve(&fall("300", ""));
    assert_eq!(rise.limit, q("315"));
    assert_eq!(outcome(&fall("315", ""), std::slice::from_ref(&rise)), "1000: 100 -> 315 by cli:jane");
    assert_eq!(outcome(&fall("316", ""), &[rise]), "1000: waits for approval (usage.spike)");
}

#[test]
fn things_are_approved_to_the_very_number() {
    let users = |count: &str| {
        Planned::of(&format!(
            "company 20 A\nitem 6 M365\nagreement 1 of 20 M\nproduct M365 user -> 6\naccount Acme -> 20\n\
        addition 1000 on 1 item 6 at 100; price 1\nusage Acme M365 {count} user 1d"
        ))
    };
    let approval = approve(&users("40"));
    assert_eq!(approval.limit, q("40"));
    assert_eq!(outcome(&users("39"), &[approval]), "1000: waits for approval (usage.drop)");
}

#[test]
fn it_lifts_the_codes_that_were_shown_and_no_later_ones() {
    let approval = approve(&fall("40", ""));
    let stale = fall("40", "usage Acme Hot 40 GB 5d");
    assert_eq!(outcome(&stale, &[approval]), "1000: waits for approval (usage.drop, usage.stale)");
    let both = approve(&stale);
    assert_eq!(both.codes, BTreeSet::from([Code::UsageDrop, Code::UsageStale]));
    assert_eq!(outcome(&stale, std::slice::from_ref(&both)), "1000: 100 -> 40 by cli:jane");
    assert_eq!(
        outcome(&fall("40", ""), std::slice::from_ref(&both)),
        "1000: 100 -> 40 by cli:jane",
        "fewer holds than shown"
    );
    assert_eq!(
        outcome(&fall("40", "settled 1000 90"), &[both]),
        "1000: waits for an answer or an approval (addition.edited_by_hand, usage.drop)"
    );
}

#[test]
fn it_acts_while_the_change_starts_from_the_same_value_and_until_it_lapses() {
    let shown = fall("40", "");
    let approval = approve(&shown);
    let moved = fall("40", "addition 1000 on 1 item 5 at 101; price 1");
    assert_eq!(outcome(&moved, std::slice::from_ref(&approval)), "1000: waits for approval (usage.drop)");
    let at = |now: Timestamp| told(&allowed(&shown, std::slice::from_ref(&approval), &Request::default(), now));
    assert_eq!(at(approval.lapses_at - SignedDuration::from_secs(1)), "1000: 100 -> 40 by cli:jane");
    assert_eq!(
        at(approval.lapses_at),
        "1000: waits for approval (usage.drop); the approval by cli:jane lapsed at 2026-11-30 10:00 UTC"
    );
    let other = Approval { addition: AdditionId(1001), ..approval.clone() };
    assert_eq!(outcome(&shown, &[other]), "1000: waits for approval (usage.drop)");
}

#[test]
fn approvals_never_change_a_plan() {
    let shown = fall("40", "");
    let before = shown.plan.clone();
    let _ = outcome(&shown, &[approve(&shown)]);
    assert_eq!(shown.plan, before);
}

#[test]
fn to_approve_an_edit_by_hand_is_to_overwrite_it() {
    let edited = of("settled 1000 8\nusage Acme Hot 12 GB 1d");
    assert_eq!(outcome(&edited, &[approve(&edited)]), "1000: 10 -> 12 by cli:jane");
}

const TWO: &str = "
    item 6 COLD
    product Cold GB -> 6 per 1 GB
    addition 1001 on 1 item 6 at 10; price 2
    usage Acme Hot 12 GB 1d
    usage Acme Cold 12 GB 1d
";

#[test]
fn what_is_not_live_is_pushed_only_by_a_plans_id() {
    let planned = of(&format!("{TWO}\nnot live Hot"));
    let waits = "waits for go-live: start an Update with this plan's id";
    let plain = allowed(&planned, &[], &Request::default(), planned.now);
    assert_eq!(told(&plain), format!("1001: 10 -> 12; 1000: {waits}"));
    assert_eq!(plain.going_live, BTreeSet::new());
    let by_id =
        allowed(&planned, &[], &Request { by_plan_id: true, products: None, ..Request::default() }, planned.now);
    assert_eq!(told(&by_id), "1000: 10 -> 12; 1001: 10 -> 12");
    assert_eq!(by_id.going_live, BTreeSet::from([ProductId(1), ProductId(2)]));
}

#[test]
fn go_live_lifts_no_hold() {
    let planned = fall("40", "not live Hot");
    let by_id =
        allowed(&planned, &[], &Request { by_plan_id: true, products: None, ..Request::default() }, planned.now);
    assert_eq!(told(&by_id), "1000: waits for approval (usage.drop)");
    assert_eq!(by_id.going_live, BTreeSet::from([ProductId(1)]));
}

#[test]
fn only_the_named_products_are_pushed_and_go_live() {
    let planned = of(&format!("{TWO}\nnot live Hot\nnot live Cold"));
    let request = Request { by_plan_id: true, products: Some(BTreeSet::from([ProductId(2)])), ..Request::default() };
    let cold = allowed(&planned, &[], &request, planned.now);
    assert_eq!(told(&cold), "1001: 10 -> 12; 1000: not among the products that this Update was asked for");
    assert_eq!(cold.going_live, BTreeSet::from([ProductId(2)]));
}

#[test]
fn a_sum_needs_all_its_products_named() {
    let planned = of(
        "product Warm GB -> 5 per 1 GB\nusage Acme Hot 10 GB 1d\nusage Acme Warm 2 GB 1d\nnot live Hot\nnot live Warm",
    );
    let named = |products: &[i64]| {
        let products = Some(products.iter().map(|id| ProductId(*id)).collect());
        told(&allowed(&planned, &[], &Request { by_plan_id: true, products, ..Request::default() }, planned.now))
    };
    assert_eq!(named(&[1]), "1000: not among the products that this Update was asked for");
    assert_eq!(named(&[1, 2]), "1000: 10 -> 12");
}

#[test]
fn row_59_an_update_of_single_accounts_pushes_theirs_alone_and_takes_nothing_live() {
    let two = "account Bolt -> 2\ncompany 2 Bolt\nagreement 2 of 2\naddition 1001 on 2 item 5 at 10; price 2\nusage Acme Hot 12 GB 1d\nusage Bolt Hot 12 GB 1d";
    let asked = |planned: &Planned, accounts: &[i64]| {
        let accounts = Some(accounts.iter().map(|id| AccountId(*id)).collect());
        let request = Request { by_plan_id: true, products: None, accounts, zone: None };
        let allowed = allowed(planned, &[], &request, planned.now);
        assert_eq!(allowed.going_live, BTreeSet::new(), "go-live is of whole products");
        told(&allowed)
    };
    let live = of(two);
    assert_eq!(asked(&live, &[1]), "1000: 10 -> 12; 1001: not among the accounts that this Update was asked for");
    assert_eq!(asked(&live, &[1, 2]), "1000: 10 -> 12; 1001: 10 -> 12");
    let waits = asked(&of(&format!("{two}\nnot live Hot")), &[1]);
    assert!(
        waits.starts_with("1000: waits for go-live: an Update of single accounts takes no product live"),
        "{waits}"
    );
    let sum = of("account Bolt -> 20\nusage Acme Hot 12 GB 1d\nusage Bolt Hot 3 GB 1d");
    assert_eq!(asked(&sum, &[1]), "1000: not among the accounts that this Update was asked for");
    assert_eq!(asked(&sum, &[1, 2]), "1000: 10 -> 15");
}

#[test]
fn a_link_without_a_line_in_the_plan_does_not_go_live_with_it() {
    let planned = of("product Unused GB -> 9 per 1 GB\nnot live Hot\nnot live Unused\nusage Acme Hot 12 GB 1d");
    let by_id =
        allowed(&planned, &[], &Request { by_plan_id: true, products: None, ..Request::default() }, planned.now);
    assert_eq!(by_id.going_live, BTreeSet::from([ProductId(1)]));
}

#[test]
fn going_live_settles_what_nobody_has_touched_since() {
    let settled = |more: &str, products: &[i64]| {
        let planned = of(&format!("{TWO}\n{more}"));
        let products = products.iter().map(|id| ProductId(*id)).collect();
        settled_at_go_live(&planned.plan, &planned.facts.standings, &products)
    };
    let hot = BTreeMap::from([(AdditionId(1000), q("10"))]);
    assert_eq!(settled("", &[1]), hot, "for the first time, and Hot alone");
    assert_eq!(settled("settled 1000 10", &[1]), hot);
    assert_eq!(settled("settled 1000 8", &[1]), BTreeMap::new(), "a person typed 10 since: still a question");
    assert_eq!(settled("settled 1000 8", &[1, 2]), BTreeMap::from([(AdditionId(1001), q("10"))]));
    assert_eq!(settled("addition 1000 on 1 item 5 at ?", &[1]), BTreeMap::new(), "nothing was seen");
}

#[test]
fn an_undo_is_the_run_turned_round_and_no_limit_holds_it() {
    let lines = vec![LineId { account: AccountId(1), product: ProductId(1) }];
    let done = |found: &str, wrote: &str| Done {
        addition: AdditionId(1000),
        agreement: AgreementId(1),
        item: ItemId(5),
        found: q(found),
        wrote: q(wrote),
        lines: lines.clone(),
    };
    let undo = turn_round(&[done("100", "0"), done("7", "7")], "cli:jane");
    assert_eq!(undo.len(), 1, "what was right already is left alone");
    assert_eq!(
        (undo[0].from(), undo[0].to(), undo[0].item(), undo[0].agreement()),
        (q("0"), q("100"), ItemId(5), AgreementId(1))
    );
    assert_eq!((undo[0].approved_by(), undo[0].lines()), (Some("cli:jane"), lines.as_slice()));
}
