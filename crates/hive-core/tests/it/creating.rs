//! Creating what is missing: off by default, only the one place, and never without an approval of it.

use crate::door::{Planned, check};
use hive_core::allow::{AllowedCreates, CreateApproval, Request, allow, allow_creates};
use hive_core::issue::Code;
use hive_core::plan::{self, Mark, Plan};
use hive_core::{AgreementId, CompanyId, Decimal, ItemId, Quantity, Timestamp};
use jiff::SignedDuration;

/// Acme's one agreement lacks the item; everything else is fine, and creating is switched on.
const LACKS: &str = "
    company 20 Acme Dental Pty Ltd
    item 5 HOT-GB; price 2
    agreement 1 of 20 Managed
    account Acme -> 20
    product Hot GB -> 5 per 1 GB
    usage Acme Hot 12 GB 1d
    set create true; product Hot
";

const OFFERED: &str = "
    Acme x Hot: held none -> 12 24 [?addition.to_create]
    1 held";

/// [`LACKS`] with a few more commands: whether it offers to create, by what the line says.
#[track_caller]
fn lacks(more: &str) -> Planned {
    Planned::of(&format!("{LACKS}\n{more}"))
}

/// Nothing is offered, and the line stops with this code.
#[track_caller]
fn stops(more: &str, code: Code) {
    let planned = lacks(more);
    assert_eq!(planned.plan.creates, [], "{more}");
    let line = planned.line("Acme", "Hot");
    assert_eq!((line.mark, line.next), (Mark::Issue, None), "{more}");
    planned.issue(code);
    assert!(line.issues.iter().any(|issue| issue.code == Code::AdditionNone) || code != Code::AdditionNone, "{more}");
}

fn approve(planned: &Planned, cause: Option<&str>) -> CreateApproval {
    let lapses_at = planned.now + SignedDuration::from_hours(24 * 7);
    CreateApproval::of(&planned.plan.creates[0], cause, Decimal::from(5), "cli:jane", (planned.now, lapses_at))
}

fn allowed(planned: &Planned, approvals: &[CreateApproval], request: &Request, now: Timestamp) -> AllowedCreates {
    allow_creates(&planned.plan, approvals, request, now)
}

/// How many are released by an Update without an id.
fn released(planned: &Planned, approvals: &[CreateApproval]) -> usize {
    allowed(planned, approvals, &Request::default(), planned.now).released.len()
}

#[test]
fn off_by_default_and_off_for_every_other_product() {
    stops("set create false; product Hot", Code::AdditionNone);
    let bare = LACKS.replace("set create true; product Hot", "");
    check(&bare, "Acme x Hot: issue 24 [!addition.none]\n1 issue");
    check(
        &format!("{bare}\nproduct Cold GB\nset create true; product Cold"),
        "Acme x Hot: issue 24 [!addition.none]\n1 issue",
    );
}

#[test]
fn the_one_agreement_that_lacks_it_is_offered_and_held() {
    let planned = check(LACKS, OFFERED);
    let create = &planned.plan.creates[0];
    assert_eq!((create.agreement, create.company, create.item), (AgreementId(1), CompanyId(20), ItemId(5)));
    assert_eq!((create.quantity, create.live, create.countable), (Quantity::from(12), true, false));
    assert_eq!(create.holds.iter().map(|(_, cause)| cause.as_str()).collect::<Vec<_>>(), ["addition.to_create:1-5"]);
    planned.says(
        Code::AdditionToCreate,
        &[
            "Acme Dental Pty Ltd (20)",
            "HOT-GB (5)",
            "\"Managed\" (1)",
            "quantity 12",
            "at the catalog price (24.00 USD a month)",
            "ConnectWise decides the price",
        ],
    );
    assert!(planned.plan.changes.is_empty() && planned.plan.settle.is_empty());
    assert!(planned.story("Acme", "Hot").contains("create=true"), "{}", planned.story("Acme", "Hot"));
    // The plan's id is of the line: another quantity is another plan.
    assert_ne!(lacks("usage Acme Hot 13 GB 1d").plan.id, planned.plan.id);
}

#[test]
fn the_money_is_a_months_share_of_the_cycle() {
    let yearly = lacks("agreement 1 of 20 Managed; cycle Yearly; currency EUR");
    assert_eq!(yearly.plan.creates[0].money_month.map(|month| month.to_string()).as_deref(), Some("2"));
    yearly.says(Code::AdditionToCreate, &["billed yearly", "2.00 EUR a month"]);
    let free = lacks("item 5 HOT-GB");
    assert_eq!(free.plan.creates[0].money_month, None);
}

#[test]
fn any_other_stop_keeps_it_a_stop() {
    stops("usage Acme Hot 0 GB 1d", Code::AdditionNone);
    stops("company 20 Acme Dental Pty Ltd; deleted", Code::AccountDeleted);
    stops("company 20 Acme Dental Pty Ltd; status Inactive", Code::AccountCompanyInactive);
    stops("item 5 HOT-GB; price 2; inactive", Code::ProductItemInactive);
    stops("item 5 HOT-GB; price 2; class Bundle", Code::ProductBundleClass);
    stops("product Hot GB -> 5", Code::UnitUnconfirmed);
    stops("items from additions", Code::AdditionNone);
    stops("usage Acme Hot 12 GB 40d", Code::UsageStale);
    stops("pin Acme Hot 77", Code::AdditionNone);
    stops("agreement 1 of 20 Managed; status Expired", Code::AgreementNoneActive);
    stops("set agreement_rule type=Cloud; product Hot", Code::AgreementNotMatchingRule);
}

#[test]
fn what_could_bill_there_now_or_later_is_never_created_again() {
    stops("addition 77 on 1 item 5 at 4; from 2027-01-01", Code::AdditionFuture);
    // It still bills until the next invoice, which is the day that is judged.
    let next = "agreement 1 of 20 Managed; next 2026-12-01\nset target_date next_invoice";
    stops(&format!("{next}\naddition 77 on 1 item 5 at 4; until 2026-11-30"), Code::AdditionNone);
    let over = lacks("addition 77 on 1 item 5 at 4; until 2026-11-22");
    assert_eq!(over.plan.creates.len(), 1);
    over.says(Code::AdditionToCreate, &["addition 77 at 4", "cancelled as of 2026-11-22"]);
    // An agreement that begins later is none to create on yet.
    stops(
        "set target_date next_invoice\nagreement 1 of 20 Managed; start 2026-12-01; next 2026-12-01",
        Code::AdditionNone,
    );
}

#[test]
fn several_agreements_are_named_until_the_rule_leaves_one() {
    let two = "agreement 2 of 20 Cloud; type Cloud";
    stops(two, Code::AgreementAmbiguous);
    lacks(two).says(Code::AgreementAmbiguous, &["2 agreements", "\"Managed\" (1)", "\"Cloud\" (2)", "agreement_rule"]);
    let ruled = lacks(&format!("{two}\nset agreement_rule type=Cloud; product Hot"));
    assert_eq!(ruled.plan.creates[0].agreement, AgreementId(2));
    let elsewhere = lacks(&format!("{two}\nset agreement_rule type=Cloud; product Hot\naddition 77 on 1 item 5 at 4"));
    elsewhere.says(Code::AdditionToCreate, &["There is addition 77 at 4 on agreement \"Managed\" (1)."]);
}

#[test]
fn lines_that_add_up_make_one_and_all_their_products_must_allow_it() {
    let sum = lacks("account Beta -> 20\nusage Beta Hot 3 GB 1d");
    assert_eq!(sum.plan.creates.len(), 1);
    assert_eq!((sum.plan.creates[0].quantity, sum.plan.creates[0].lines.len()), (Quantity::from(15), 2));
    let warm = "product Warm GB -> 5 per 1 GB\nusage Acme Warm 3 GB 1d";
    stops(warm, Code::AdditionNone);
    assert_eq!(lacks(&format!("{warm}\nset create true; product Warm")).plan.creates[0].quantity, Quantity::from(15));
    // A part that cannot be counted stops them all.
    stops("account Beta -> 20\nusage Beta Hot 3 user 1d", Code::UnitMismatch);
}

#[test]
fn only_an_approval_of_exactly_it_releases_it() {
    let planned = lacks("");
    assert_eq!(released(&planned, &[]), 0);
    let by_id = Request { by_plan_id: true, ..Request::default() };
    let waiting = allowed(&planned, &[], &by_id, planned.now);
    assert!(waiting.released.is_empty(), "going live lifts nothing");
    assert_eq!(waiting.waiting.values().collect::<Vec<_>>(), ["waits for approval (addition.to_create)"]);
    let approval = approve(&planned, None);
    let lifted = allowed(&planned, std::slice::from_ref(&approval), &Request::default(), planned.now);
    let one = &lifted.released[0];
    assert_eq!((one.agreement(), one.item(), one.quantity()), (AgreementId(1), ItemId(5), Quantity::from(12)));
    assert_eq!((one.approved_by(), one.company(), one.lines().len()), ("cli:jane", CompanyId(20), 1));
    for other in [
        CreateApproval { agreement: AgreementId(2), ..approval.clone() },
        CreateApproval { item: ItemId(6), ..approval.clone() },
        CreateApproval { codes: [Code::SyncStale].into(), ..approval.clone() },
        CreateApproval { lapses_at: planned.now, ..approval.clone() },
    ] {
        assert_eq!(released(&planned, &[other]), 0);
    }
    let lapsed = allowed(&planned, &[CreateApproval { lapses_at: planned.now, ..approval }], &by_id, planned.now);
    assert!(lapsed.waiting.values().all(|words| words.contains("the approval by cli:jane lapsed")));
}

#[test]
fn storage_may_grow_by_five_percent_and_things_not_at_all() {
    let planned = lacks("usage Acme Hot 100 GB 1d");
    let approval = approve(&planned, None);
    for (gigabytes, count) in [(99, 0), (100, 1), (105, 1), (106, 0)] {
        let then = lacks(&format!("usage Acme Hot {gigabytes} GB 1d"));
        assert_eq!(released(&then, std::slice::from_ref(&approval)), count, "{gigabytes}");
    }
    let seats = |count: i64| {
        let seat = "item 6 SEAT; price 10\nproduct Seat user -> 6\nset create true; product Seat";
        let bare = LACKS.replace("usage Acme Hot 12 GB 1d", "");
        Planned::of(&format!("{bare}\n{seat}\nusage Acme Seat {count} user 1d"))
    };
    let approval = approve(&seats(100), None);
    assert_eq!(released(&seats(100), std::slice::from_ref(&approval)), 1);
    for other in [99, 101] {
        assert_eq!(released(&seats(other), std::slice::from_ref(&approval)), 0, "{other}");
    }
}

#[test]
fn the_other_holds_of_its_lines_hold_it_too() {
    let planned = lacks("pulled 7d ago");
    let codes: Vec<Code> = planned.plan.creates[0].holds.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, [Code::SyncStale, Code::AdditionToCreate]);
    let one = approve(&planned, Some("addition.to_create:1-5"));
    assert_eq!(released(&planned, std::slice::from_ref(&one)), 0, "the other hold stands");
    assert_eq!(released(&planned, &[one, approve(&planned, Some("sync.stale:all"))]), 1);
}

#[test]
fn what_is_not_live_or_not_asked_for_waits() {
    let planned = lacks("not live Hot");
    let approval = [approve(&planned, None)];
    assert_eq!(released(&planned, &approval), 0);
    let by_id = Request { by_plan_id: true, ..Request::default() };
    assert_eq!(allowed(&planned, &approval, &by_id, planned.now).released.len(), 1);
    let other = Request { products: Some([hive_core::ProductId(9)].into()), ..by_id };
    assert_eq!(allowed(&planned, &approval, &other, planned.now).released.len(), 0);
    assert!(allow(&planned.plan, &planned.facts.product_links, &[], &by_id_of_all(), planned.now).released.is_empty());
}

fn by_id_of_all() -> Request {
    Request { by_plan_id: true, ..Request::default() }
}

#[test]
fn once_it_is_there_it_is_an_ordinary_addition() {
    check(
        &format!("{LACKS}\naddition 77 on 1 item 5 at 12; price 2"),
        "Acme x Hot: unchanged 12 (addition 77) []\n1 unchanged".replace(" []", "").as_str(),
    );
}

type Plant = fn(&mut Plan);

#[test]
fn the_checker_finds_what_was_planted() {
    let planned =
        lacks("agreement 2 of 20 Cloud; type Cloud; status Expired\naddition 70 on 1 item 6 at 1\nitem 6 SEAT");
    let first: [(&str, Plant); 12] = [
        ("lost", |plan| plan.creates.clear()),
        ("twice", |plan| plan.creates.extend(plan.creates.first().cloned())),
        ("another agreement", |plan| plan.creates[0].agreement = AgreementId(2)),
        ("another item", |plan| plan.creates[0].item = ItemId(6)),
        ("another company", |plan| plan.creates[0].company = CompanyId(21)),
        ("another quantity", |plan| plan.creates[0].quantity = Quantity::from(13)),
        ("no hold", |plan| plan.creates[0].holds.clear()),
        ("no line", |plan| plan.creates[0].lines.clear()),
        ("no product", |plan| plan.creates[0].products.clear()),
        ("live without a look", |plan| plan.creates[0].live = !plan.creates[0].live),
        ("marked as a change", |plan| plan.lines[0].mark = Mark::Change),
        ("the line's hold lost", |plan| plan.lines[0].issues.retain(|issue| issue.code != Code::AdditionToCreate)),
    ];
    for (name, plant) in first {
        let mut spoiled = planned.plan.clone();
        plant(&mut spoiled);
        assert_ne!(plan::check(&spoiled, &planned.facts), Vec::<String>::new(), "{name} was not found");
    }
    // The same plan against facts that forbid it.
    for more in [
        "set create false; product Hot",
        "addition 77 on 1 item 5 at 4; from 2027-01-01",
        "agreement 3 of 20 Third",
        "agreement 1 of 20 Managed; status Expired",
        "item 5 HOT-GB; price 2; inactive",
        "company 20 Acme Dental Pty Ltd; deleted",
        "pin Acme Hot 77",
    ] {
        let other = lacks(more);
        assert_ne!(plan::check(&planned.plan, &other.facts), Vec::<String>::new(), "{more}");
    }
}
