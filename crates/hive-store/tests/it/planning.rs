//! Plans, approvals, answers, go-live.

use crate::door::*;
use hive_core::allow::Approval;
use hive_core::issue::{Code, Issue, Severity};
use hive_core::outcome::Outcome;
use hive_core::plan::{Change, Create, Line, Mark, MirrorRef, Named, Plan, Settle, Settling, Step, StepKind};
use hive_core::*;
use hive_store::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::{BTreeMap, BTreeSet};

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{0,12}", "[äß€\"'\\\\;\n\t💾]{0,6}", Just("null".to_owned())]
}

fn quantity() -> impl Strategy<Value = Quantity> {
    (-999_999_999_999_999_999_i64..=999_999_999_999_999_999, 0_u32..=6)
        .prop_map(|(digits, scale)| Quantity::new(Decimal::new(digits, scale)))
}

fn money() -> impl Strategy<Value = Option<Money>> {
    prop::option::of(any::<i32>().prop_map(|digits| Money::new(Decimal::new(digits.into(), 4))))
}

fn issue() -> impl Strategy<Value = Issue> {
    let code = prop::sample::select(Code::ALL);
    let severity = prop::sample::select(vec![Severity::Note, Severity::Hold, Severity::Stop]);
    (code, severity, prop::option::of(text()), text()).prop_map(|(code, severity, cause, message)| Issue {
        code,
        severity,
        cause,
        message,
    })
}

fn named<Id: std::fmt::Debug>(id: fn(i64) -> Id) -> impl Strategy<Value = Option<Named<Id>>> {
    prop::option::of((any::<i64>(), text()).prop_map(move |(n, name)| Named { id: id(n), name }))
}

fn line() -> impl Strategy<Value = Line> {
    let names = (text(), text(), named(CompanyId), named(AgreementId), prop::option::of(any::<i64>()));
    let numbers = (prop::option::of(quantity()), prop::option::of(quantity()), prop::option::of(quantity()), money());
    let step = (prop::sample::select(StepKind::ALL.to_vec()), text()).prop_map(|(step, words)| Step { step, words });
    let mark = prop::sample::select(Mark::ALL.to_vec());
    let words = (prop::collection::vec(issue(), 0..3), prop::collection::vec(step, 0..4), prop::option::of(text()));
    (any::<(i64, i64)>(), names, numbers, mark, any::<bool>(), words).prop_map(
        |(id, (account, product, company, agreement, addition), (now, next, part, money_month), mark, live, words)| {
            let (issues, trace, currency) = words;
            let (id, addition) = (line_id(id.0, id.1), addition.map(AdditionId));
            Line {
                id,
                account,
                product,
                company,
                agreement,
                addition,
                now,
                next,
                part,
                money_month,
                currency,
                mark,
                live,
                issues,
                trace,
            }
        },
    )
}

fn change() -> impl Strategy<Value = Change> {
    let lines = prop::collection::vec(
        any::<(i64, i64)>().prop_map(|(a, p)| line_id(a.saturating_abs(), p.saturating_abs())),
        1..4,
    );
    let hold = (prop::sample::select(Code::ALL), text());
    let sets = (
        lines,
        prop::collection::btree_set(any::<i64>().prop_map(ProductId), 0..3),
        prop::collection::btree_set(hold, 0..3),
    );
    (
        any::<(i64, i64, i64)>(),
        (quantity(), quantity()),
        sets,
        any::<(bool, bool)>(),
        (money(), prop::option::of(text())),
    )
        .prop_map(
            |(
                (addition, agreement, item),
                (from, to),
                (lines, products, holds),
                (live, countable),
                (money_month, currency),
            )| {
                let (addition, agreement, item) = (AdditionId(addition), AgreementId(agreement), ItemId(item));
                Change {
                    addition,
                    agreement,
                    item,
                    from,
                    to,
                    lines,
                    products,
                    live,
                    holds,
                    countable,
                    money_month,
                    currency,
                }
            },
        )
}

/// A create of whatever a change says, but for what only a change has.
fn create() -> impl Strategy<Value = Create> {
    change().prop_map(|change| Create {
        agreement: change.agreement,
        company: CompanyId(change.addition.0),
        item: change.item,
        quantity: change.to,
        lines: change.lines,
        products: change.products,
        live: change.live,
        holds: change.holds,
        countable: change.countable,
        money_month: change.money_month,
        currency: change.currency,
    })
}

fn any_plan(msp: MspId) -> impl Strategy<Value = Plan> {
    let settle = (any::<i64>(), quantity(), any::<bool>()).prop_map(|(addition, value, equal)| Settle {
        addition: AdditionId(addition),
        value,
        why: if equal { Settling::SeenEqual } else { Settling::FirstHeld },
    });
    let parts = (
        prop::collection::vec(line(), 0..8),
        prop::collection::vec(change(), 0..4),
        prop::collection::vec(create(), 0..3),
        prop::collection::vec(settle, 0..3),
    );
    ("[0-9a-f]{64}", text(), any::<Option<i64>>(), 0_i64..1_000_000, 0..1_000_usize, parts).prop_map(
        move |(id, msp_name, mirror, minutes, apart, (mut lines, mut changes, mut creates, settle))| {
            lines.sort_by_key(|line| line.id);
            lines.dedup_by_key(|line| line.id);
            changes.sort_by_key(|change| change.addition);
            changes.dedup_by_key(|change| change.addition);
            creates.sort_by_key(|create| (create.agreement, create.item));
            creates.dedup_by_key(|create| (create.agreement, create.item));
            Plan {
                id: PlanId(id),
                msp,
                msp_name,
                mirror: mirror.map(|id| MirrorRef { id: MirrorId(id), pulled_at: at(minutes - 5) }),
                made_at: at(minutes),
                today: "2026-11-23".parse().unwrap(),
                samples_through: minutes,
                lines,
                changes,
                creates,
                ignored: apart,
                excluded: apart / 2,
                settle,
            }
        },
    )
}

pub(crate) async fn a_plan_reads_back_as_it_was(door: &Door) {
    let mut runner = TestRunner::deterministic();
    for _ in 0..40 {
        let plan = any_plan(door.msp).new_tree(&mut runner).unwrap().current();
        door.store.save_plan(door.msp, &plan).await.unwrap();
        assert_eq!(door.store.plan(door.msp, &plan.id).await.unwrap().as_ref(), Some(&plan));
        assert_eq!(door.store.newest_plan(door.msp).await.unwrap().as_ref(), Some(&plan));
        assert_eq!(door.store.plan(door.other, &plan.id).await.unwrap(), None);
        // The same id again: its time moves, and its words if they differ.
        let mut later = plan.clone();
        later.made_at = at(2_000_000);
        door.store.save_plan(door.msp, &later).await.unwrap();
        if let Some(line) = later.lines.first_mut() {
            line.account = "renamed".into();
        }
        door.store.save_plan(door.msp, &later).await.unwrap();
        assert_eq!(door.store.plan(door.msp, &plan.id).await.unwrap(), Some(later));
    }
    let error = door.store.save_plan(door.other, &plan(door.msp, "p", &[], 0)).await.unwrap_err();
    assert!(error.to_string().starts_with("the plan is MSP"), "{error}");
}

pub(crate) async fn old_plans_go_unless_a_run_names_them(door: &Door) {
    let lease = door.begin(RunKind::Update, 0).await;
    for n in 0..PLANS_KEPT + 10 {
        let plan = plan(door.msp, &format!("p{n}"), &[(1, "10", "12")], n);
        door.store.save_plan(door.msp, &plan).await.unwrap();
        if n == 3 {
            door.store.run_plan(&lease, &plan.id).await.unwrap();
        }
    }
    let there = async |n: i64| door.store.plan(door.msp, &plan_id(&format!("p{n}"))).await.unwrap().is_some();
    assert!(!there(2).await && there(3).await && !there(9).await && there(10).await && there(59).await);
    assert_eq!(door.store.newest_plan(door.msp).await.unwrap().unwrap().id, plan_id("p59"));
}

pub(crate) async fn a_plan_settles_what_it_saw(door: &Door) {
    let settle =
        |addition: i64, value: &str, why: Settling| Settle { addition: AdditionId(addition), value: q(value), why };
    let mut seen = plan(door.msp, "p1", &[], 10);
    seen.settle = vec![settle(1, "10", Settling::SeenEqual), settle(2, "20", Settling::FirstHeld)];
    door.store.save_plan(door.msp, &seen).await.unwrap();
    assert_eq!((door.standing(1).await, door.standing(2).await), ("settled 10".into(), "settled 20".into()));
    let mut next = plan(door.msp, "p2", &[], 20);
    next.settle = vec![settle(1, "11", Settling::SeenEqual), settle(2, "21", Settling::FirstHeld)];
    door.store.save_plan(door.msp, &next).await.unwrap();
    assert_eq!((door.standing(1).await, door.standing(2).await), ("settled 11".into(), "settled 20".into()));
    // An older plan that comes late settles over nothing newer.
    seen.made_at = at(15);
    door.store.save_plan(door.msp, &seen).await.unwrap();
    assert_eq!(door.standing(1).await, "settled 11");
}

fn approval(addition: i64, minutes: i64) -> Approval {
    Approval {
        addition: AdditionId(addition),
        from: q("10"),
        limit: q("12.6"),
        codes: BTreeSet::from([Code::UsageDrop, Code::UsageZero]),
        who: "cli:ann".into(),
        at: at(0),
        lapses_at: at(minutes),
    }
}

pub(crate) async fn approvals_act_until_they_lapse_or_are_used(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    let given = [approval(1, 10), approval(2, 20), approval(3, 30)];
    store.approve(msp, &given, &plan_id("p1")).await.unwrap();
    assert_eq!(store.approvals(msp, at(5)).await.unwrap(), given);
    assert_eq!(store.approvals(msp, at(15)).await.unwrap(), given[1..]);
    assert_eq!(store.lapsed(msp, at(15)).await.unwrap(), given[..1]);
    assert_eq!(store.lapsed(msp, at(15)).await.unwrap(), []);
    store.use_up(msp, &[AdditionId(2)], RunId(7)).await.unwrap();
    assert_eq!(store.approvals(msp, at(15)).await.unwrap(), given[2..]);
    store.use_up(door.other, &[AdditionId(3)], RunId(7)).await.unwrap();
    assert_eq!(store.approvals(msp, at(15)).await.unwrap().len(), 1);
    assert_eq!(store.lapsed(msp, at(25)).await.unwrap(), []);
    let log = door.audit_words().await;
    let words = "cli:ann change.approve 1: - -> 10 to 12.6 (usage.drop usage.zero) until 2026-11-23T10:10:00Z, shown in plan p1";
    assert!(log.contains(&words.to_owned()), "{log:#?}");
    assert_eq!(log.last().unwrap(), "hive change.approval_lapsed 1: - -> lapsed unused at 2026-11-23T10:10:00Z");
}

pub(crate) async fn answers_settle_on_the_value_found(door: &Door) {
    let (store, msp, addition) = (&door.store, door.msp, AdditionId(1));
    store.answer_lock(msp, addition, "2026-12-31".parse().unwrap(), q("7"), "cli:ann", at(1)).await.unwrap();
    assert_eq!(door.standing(1).await, "settled 7, locked 7 until 2026-12-31");
    store.answer_minimum(msp, addition, q("8"), q("9"), "cli:ann", at(2)).await.unwrap();
    assert_eq!(door.standing(1).await, "settled 9, minimum 8");
    let given = approval(1, 10);
    store.answer_overwrite(msp, addition, q("11"), Some(&given), "cli:ann", at(3)).await.unwrap();
    assert_eq!(door.standing(1).await, "settled 11, minimum 8", "what else was answered stands");
    assert_eq!(store.approvals(msp, at(3)).await.unwrap(), [given]);
    let log = door.audit_words().await;
    assert_eq!(
        log.last().unwrap(),
        "cli:ann addition.overwrite_once 1: settled on 9, never below 8 -> settled on 11, never below 8"
    );
    store.take_answers_back(msp, addition, "cli:ann", at(4)).await.unwrap();
    assert_eq!(door.standing(1).await, "settled 11");
}

pub(crate) async fn another_company_previews_again(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    door.connect("https://na.example.com", "acme", "secret").await;
    store.first_sync_done(msp).await.unwrap();
    door.sync(&[(1, "10")], 0).await;
    let plan = plan(msp, "p1", &[(1, "10", "12")], 0);
    store.save_plan(msp, &plan).await.unwrap();
    let lease = door.begin(RunKind::Update, 1).await;
    let rules = BTreeMap::from([(ProductId(1), "item 7 per GB".to_owned())]);
    let settled = [(AdditionId(1), q("10"))];
    store.go_live(msp, &lease, &rules, &settled, &plan.id, "cli:ann", at(1)).await.unwrap();
    let intent = store.make_intent(&lease, &released(&plan)[0], &plan.id, "cli:ann", at(1)).await.unwrap();
    let unknown = written(Outcome::Unknown, None);
    store.record_outcome(&lease, intent.id(), &unknown, q("12"), &[line_id(1, 1)], at(1)).await.unwrap();
    door.finish(lease, 2).await;
    store.approve(msp, &[approval(1, 100)], &plan.id).await.unwrap();
    let facts = store.facts(msp, None).await.unwrap();
    assert_eq!((facts.connection, &facts.live_rules), (1, &rules));
    assert_eq!(door.standing(1).await, "settled 10, failed unknown x1, open intent");
    let log = door.audit_words().await;
    assert!(log.contains(&"cli:ann product.go_live product 1 by plan p1: - -> item 7 per GB".to_owned()), "{log:#?}");

    // The same connection saved again keeps all of it; another company keeps none.
    door.connect("https://na.example.com", "acme", "").await;
    assert_eq!(store.facts(msp, None).await.unwrap().live_rules, rules);
    assert!(store.connection(msp).await.unwrap().unwrap().first_sync_done);
    door.connect("https://na.example.com", "acme-test", "").await;
    let facts = store.facts(msp, None).await.unwrap();
    assert_eq!((facts.connection, facts.live_rules.len(), facts.standings.len()), (2, 0, 0));
    assert!(facts.mirror.is_none() && store.newest_plan(msp).await.unwrap().is_none());
    assert!(store.approvals(msp, at(3)).await.unwrap().is_empty());
    assert!(store.open_intents(msp).await.unwrap().is_empty());
    assert!(!store.connection(msp).await.unwrap().unwrap().first_sync_done);
    door.sync(&[(1, "10")], 5).await;
    store.preview_again(msp, "cli:ann", at(6)).await.unwrap();
    assert_eq!(store.facts(msp, None).await.unwrap().connection, 3);
}

pub(crate) async fn a_run_ends_where_its_connection_was_changed(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    door.connect("https://na.example.com", "acme", "secret").await;
    door.sync(&[(1, "10")], 0).await;
    let plan = plan(msp, "p1", &[(1, "10", "12")], 0);
    store.save_plan(msp, &plan).await.unwrap();
    let lease = door.begin(RunKind::Update, 1).await;
    door.connect("https://eu.example.com", "acme", "other").await;
    let refused = store.make_intent(&lease, &released(&plan)[0], &plan.id, "cli:ann", at(1)).await.unwrap_err();
    assert!(refused.to_string().contains("connection was changed"), "{refused}");
    let none = BTreeMap::new();
    assert!(store.go_live(msp, &lease, &none, &[], &plan.id, "cli:ann", at(1)).await.is_err());
    assert!(store.open_intents(msp).await.unwrap().is_empty());
    door.finish(lease, 2).await;
    assert!(store.mirror(msp).await.unwrap().is_none(), "the other ConnectWise was never pulled");
}
