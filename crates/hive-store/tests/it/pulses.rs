//! Which writes can change a plan, and which cannot.

use crate::door::*;
use hive_core::allow::Approval;
use hive_core::import::LinkAsked;
use hive_core::link::{AccountTarget, LinkedBy, ProductTarget};
use hive_core::outcome::Outcome;
use hive_core::plan::{Adjust, Exclusion};
use hive_core::rights::Rights;
use hive_core::settings::{At, Key};
use hive_core::unit::Storage;
use hive_core::*;
use hive_store::*;
use std::collections::{BTreeMap, BTreeSet};

/// What a write did to the counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moved {
    Facts,
    RunsOnly,
    Nothing,
}

/// Looks at the counters after each write.
struct Watch<'d> {
    door: &'d Door,
    before: Pulse,
}

impl Watch<'_> {
    async fn tells(&mut self, expected: Moved, what: &str) {
        let now = self.door.store.pulse(self.door.msp).await.unwrap();
        let moved = match (now.facts > self.before.facts, now.runs > self.before.runs) {
            (true, true) => Moved::Facts,
            (false, true) => Moved::RunsOnly,
            (false, false) => Moved::Nothing,
            (true, false) => panic!("{what}: facts without a write"),
        };
        assert_eq!(moved, expected, "{what}");
        self.before = now;
    }
}

pub(crate) async fn each_write_moves_its_own_counter(door: &Door) {
    let before = door.store.pulse(door.msp).await.unwrap();
    assert_eq!(before, Pulse { facts: 0, runs: 0 });
    let mut watch = Watch { door, before };
    what_people_set(door, &mut watch).await;
    what_runs_do(door, &mut watch).await;
    what_changes_no_plan(door, &mut watch).await;
    assert_eq!(door.store.pulse(door.other).await.unwrap().facts, 0);
    let nobody = door.store.pulse(MspId(99)).await.unwrap_err();
    assert_eq!(nobody.to_string(), "there is no MSP 99");
}

async fn what_people_set(door: &Door, watch: &mut Watch<'_>) {
    use Moved::{Facts, Nothing, RunsOnly};
    let (store, msp, who, now) = (&door.store, door.msp, "user:ann", at(1));
    let (acme, hot) = (AccountId(1), ProductId(1));
    door.connect("https://na.example.com", "acme", "key").await;
    watch.tells(Facts, "save_connection").await;
    store.accept_rights(msp, who, now).await.unwrap();
    watch.tells(Facts, "accept_rights").await;
    store.save_rights(msp, &Rights::Known { missing: vec![], restricted: vec![] }).await.unwrap();
    watch.tells(RunsOnly, "save_rights that are the same").await;
    store.save_rights(msp, &Rights::Unknown { why: "no".into() }).await.unwrap();
    watch.tells(Facts, "save_rights").await;
    store.first_sync_done(msp).await.unwrap();
    watch.tells(Facts, "first_sync_done").await;
    store.preview_again(msp, who, now).await.unwrap();
    watch.tells(Facts, "preview_again").await;
    door.import("Acme | Hot | 1 GB | 2026-11-22").await.unwrap();
    watch.tells(Facts, "import_usage").await;
    let again = rows("Acme | Hot | 2 GB | 2026-11-22");
    store.import_usage(msp, &ImportAsked { dry_run: true, ..door.asked(&again) }).await.unwrap();
    watch.tells(Nothing, "a dry run").await;
    store.set_settings(msp, &[(Key::Updates, At::default(), "manual".into())], who, now).await.unwrap();
    watch.tells(Facts, "set_settings").await;
    store.set_quota(msp, acme, hot, Some((q("500"), Storage::GB, false)), who, now).await.unwrap();
    watch.tells(Facts, "set_quota").await;
    store.set_pin(msp, acme, hot, Some(AdditionId(1000)), who, now).await.unwrap();
    watch.tells(Facts, "set_pin").await;
    let exclusion =
        Exclusion { account: Some(acme), product: None, reason: "own".into(), until: None, who: who.into(), at: now };
    store.exclude(msp, &exclusion).await.unwrap();
    watch.tells(Facts, "exclude").await;
    store.include(msp, (Some(acme), None), who, now).await.unwrap();
    watch.tells(Facts, "include").await;
    let adjustment = crate::deciding::adjustment(Adjust::Plus(q("3")));
    store.adjust(msp, &adjustment).await.unwrap();
    watch.tells(Facts, "adjust").await;
    store.adjust_none(msp, acme, hot, who, now).await.unwrap();
    watch.tells(Facts, "adjust_none").await;
    store.set_account_link(msp, acme, Some(AccountTarget::Ignored), LinkedBy::Person, who, now).await.unwrap();
    watch.tells(Facts, "set_account_link").await;
    let target = Some(ProductTarget::Item(ItemId(7)));
    let asked = ProductLinkAsked { product: hot, target, unit: None, unit_trusted: false };
    store.set_product_link(msp, &asked, LinkedBy::Person, who, now).await.unwrap();
    watch.tells(Facts, "set_product_link").await;
    store.apply_links(msp, &[LinkAsked::UnlinkAccount(acme)], &BTreeSet::new(), who, now).await.unwrap();
    watch.tells(Facts, "apply_links").await;
    store.link_matches(msp, &[(acme, CompanyId(20))], now).await.unwrap();
    watch.tells(Facts, "link_matches").await;
    let refused = store.set_pin(msp, AccountId(99), hot, None, who, now).await;
    assert!(refused.is_err());
    watch.tells(Nothing, "what was refused").await;
}

async fn what_runs_do(door: &Door, watch: &mut Watch<'_>) {
    use Moved::{Facts, RunsOnly};
    let (store, msp, who, now) = (&door.store, door.msp, "user:ann", at(1));
    let lease = door.begin(RunKind::Update, 1).await;
    watch.tells(RunsOnly, "begin_run").await;
    lease.renew(now).await.unwrap();
    watch.tells(RunsOnly, "renew").await;
    store.run_progress(&lease, "pull", 1, 2, now).await.unwrap();
    watch.tells(RunsOnly, "run_progress").await;
    store.ask_stop(msp, lease.run, who).await.unwrap();
    watch.tells(RunsOnly, "ask_stop").await;
    store.save_mirror(msp, &lease, &mirror(&[(1000, "10")], 1)).await.unwrap();
    watch.tells(Facts, "save_mirror").await;
    store.mirror_row_read(msp, AdditionId(1000), q("10"), None, now, &lease).await.unwrap();
    watch.tells(Facts, "mirror_row_read").await;
    let plan = plan(msp, "p", &[(1000, "10", "12")], 0);
    store.save_plan(msp, &plan).await.unwrap();
    watch.tells(RunsOnly, "save_plan").await;
    store.run_plan(&lease, &plan.id).await.unwrap();
    watch.tells(RunsOnly, "run_plan").await;
    let rules = BTreeMap::from([(ProductId(1), "rule".to_owned())]);
    store.go_live(msp, &lease, &rules, &[], &plan.id, who, now).await.unwrap();
    watch.tells(Facts, "go_live").await;
    let intent = store.make_intent(&lease, &released(&plan)[0], &plan.id, who, now).await.unwrap();
    watch.tells(Facts, "make_intent: an open one holds its line").await;
    let lines = [line_id(1, 1000)];
    let pushed = written(Outcome::Pushed, None);
    store.record_outcome(&lease, intent.id(), &pushed, q("12"), &lines, now).await.unwrap();
    watch.tells(Facts, "record_outcome").await;
    store.record_lines(&lease, &[]).await.unwrap();
    watch.tells(RunsOnly, "record_lines").await;
    let approval = Approval {
        addition: AdditionId(1000),
        from: q("12"),
        limit: q("20"),
        codes: BTreeSet::new(),
        who: who.into(),
        at: now,
        lapses_at: at(2),
    };
    store.approve(msp, std::slice::from_ref(&approval), &plan.id).await.unwrap();
    watch.tells(Facts, "approve").await;
    assert!(store.lapsed(msp, at(1)).await.unwrap().is_empty());
    watch.tells(RunsOnly, "lapsed: none").await;
    assert_eq!(store.lapsed(msp, at(3)).await.unwrap().len(), 1);
    watch.tells(Facts, "lapsed").await;
    store.use_up(msp, &[AdditionId(1000)], lease.run).await.unwrap();
    watch.tells(Facts, "use_up").await;
    store.note_invoiced(msp, lease.run, &[(AgreementId(5), plan.today)], now).await.unwrap();
    watch.tells(Facts, "note_invoiced").await;
    door.finish(lease, 1).await;
    watch.tells(RunsOnly, "finish_run").await;
    let addition = AdditionId(1000);
    store.answer_overwrite(msp, addition, q("12"), None, who, now).await.unwrap();
    watch.tells(Facts, "answer_overwrite").await;
    store.answer_minimum(msp, addition, q("1"), q("12"), who, now).await.unwrap();
    watch.tells(Facts, "answer_minimum").await;
    store.answer_lock(msp, addition, plan.today, q("12"), who, now).await.unwrap();
    watch.tells(Facts, "answer_lock").await;
    store.take_answers_back(msp, addition, who, now).await.unwrap();
    watch.tells(Facts, "take_answers_back").await;
}

async fn what_changes_no_plan(door: &Door, watch: &mut Watch<'_>) {
    use Moved::{Nothing, RunsOnly};
    let (store, msp, who, now) = (&door.store, door.msp, "user:ann", at(1));
    let ann = store.add_user("ann@x.y", Role::Admin, Some(msp), who, now).await.unwrap();
    watch.tells(RunsOnly, "add_user").await;
    store.set_role(ann, None, Some(Role::Admin), who, now).await.unwrap();
    watch.tells(RunsOnly, "set_role").await;
    store.set_password(ann, "$x", who, now).await.unwrap();
    watch.tells(RunsOnly, "set_password").await;
    store.begin_session("s", ann, now, at(9), "").await.unwrap();
    store.touch_session("s", now, at(9)).await.unwrap();
    store.end_session("s").await.unwrap();
    store.add_link("l", None, "setup", now, at(9)).await.unwrap();
    store.take_link("l", now).await.unwrap();
    store.login_failed("k", now).await.unwrap();
    store.login_succeeded("k").await.unwrap();
    store.sweep(now).await.unwrap();
    watch.tells(Nothing, "sessions, links, failures").await;
    let token = store.make_token(msp, "meter", "t", "usage", who, now).await.unwrap();
    watch.tells(RunsOnly, "make_token").await;
    store.token("t", now).await.unwrap();
    watch.tells(Nothing, "token").await;
    let answer = Remembered { request_hash: "r".into(), status: 200, body: String::new() };
    store.remember(msp, token, "k", &answer, now).await.unwrap();
    watch.tells(RunsOnly, "remember").await;
    store.revoke_token(msp, token, who, now).await.unwrap();
    watch.tells(RunsOnly, "revoke_token").await;
    let schedule = Schedule {
        msp,
        kind: RunKind::Sync,
        slot: "2026-11-24".parse().unwrap(),
        due_at: at(60),
        failures: 0,
        retry_at: None,
        words: String::new(),
        last_slot_at: None,
    };
    store.set_schedule(&schedule).await.unwrap();
    watch.tells(RunsOnly, "set_schedule").await;
    store.save_day(msp, &Day::default()).await.unwrap();
    watch.tells(RunsOnly, "save_day").await;
    let id = store.add_folder(msp, "meter", "/srv", "{}", false, who, now).await.unwrap();
    watch.tells(RunsOnly, "add_folder").await;
    let file = FolderFile { name: "a".into(), hash: "h".into(), at: now, words: String::new(), taken: false };
    store.note_file(msp, id, &file).await.unwrap();
    watch.tells(RunsOnly, "note_file").await;
    let folder = store.folders(msp).await.unwrap().remove(0);
    store.set_folder(msp, &folder, who, now).await.unwrap();
    watch.tells(RunsOnly, "set_folder").await;
    store.remove_folder(msp, id, who, now).await.unwrap();
    watch.tells(RunsOnly, "remove_folder").await;
    let crashed = door.begin(RunKind::Sync, 10).await;
    let run = crashed.run;
    drop(crashed);
    let lease = crate::leases::begin_soon(store, msp, 11).await;
    watch.tells(RunsOnly, "two begin_run").await;
    store.close_interrupted(&lease, run, "crashed", at(11)).await.unwrap();
    watch.tells(RunsOnly, "close_interrupted").await;
    door.finish(lease, 12).await;
    watch.tells(RunsOnly, "finish_run").await;
}
