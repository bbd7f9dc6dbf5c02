//! Every question to the store can be asked from a task of the server: its future is `Send`.

use crate::door::*;
use hive_core::link::LinkedBy;
use hive_core::*;
use hive_store::*;
use std::collections::{BTreeMap, BTreeSet};

fn task<T>(future: impl Future<Output = Result<T>> + Send) {
    drop(future);
}

/// Compiled, never polled.
#[test]
#[expect(clippy::too_many_lines, reason = "each method of the store, once")]
fn every_future_is_a_task() {
    crate::engine::run(async {
        let door = Door::sqlite().await;
        let (store, msp, now) = (&door.store, door.msp, at(0));
        let lease = &door.begin(RunKind::Sync, 0).await;
        let plan = &plan(msp, "p", &[(1, "1", "2")], 0);
        let released = &released(plan)[0];
        let written = &written(hive_core::outcome::Outcome::Pushed, None);
        let (account, product, addition) = (AccountId(1), ProductId(1), AdditionId(1));
        task(async move { store.msps().await });
        task(async move { store.msp("x").await });
        task(async move { store.add_msp("x", now).await });
        let rights = hive_core::rights::Rights::Unknown { why: String::new() };
        let new = &NewConnection {
            url: String::new(),
            company: String::new(),
            public_key: String::new(),
            private_key: String::new().into(),
            client_id: None,
            codebase: None,
            rights: &rights,
            tested_at: now,
        };
        let ended = store.begin_run(door.other, RunKind::Sync, "x", now, LEASE_MS, None).await.unwrap();
        task(async move { store.save_connection(msp, new, "x", now).await });
        task(async move { store.save_rights(msp, new.rights).await });
        task(async move { store.finish_run(ended, RunState::Failed, None, "x", now).await });
        task(async move { store.connection(msp).await });
        task(async move { store.private_key(msp).await });
        task(async move { store.accept_rights(msp, "x", now).await });
        task(async move { store.preview_again(msp, "x", now).await });
        task(async move { store.accounts(msp).await });
        task(async move { store.products(msp).await });
        task(async move { store.account_links(msp).await });
        task(async move { store.product_links(msp).await });
        task(async move { store.set_account_link(msp, account, None, LinkedBy::Person, "x", now).await });
        task(async move { store.apply_links(msp, &[], &BTreeSet::new(), "x", now).await });
        task(async move { store.link_matches(msp, &[], now).await });
        task(async move { store.rejected_products(msp).await });
        task(async move { store.settings(msp).await });
        task(async move { store.set_settings(msp, &[], "x", now).await });
        task(async move { store.set_quota(msp, account, product, None, "x", now).await });
        task(async move { store.set_pin(msp, account, product, None, "x", now).await });
        task(async move { store.save_mirror(msp, lease, &mirror(&[], 0)).await });
        task(async move { store.mirror(msp).await });
        task(async move { store.mirror_row_read(msp, addition, q("1"), None, now, lease).await });
        task(async move { store.facts(msp, None).await });
        task(async move { store.save_plan(msp, plan).await });
        task(async move { store.newest_plan(msp).await });
        task(async move { store.plan(msp, &plan.id).await });
        task(async move { store.approve(msp, &[], &plan.id).await });
        task(async move { store.approvals(msp, now).await });
        task(async move { store.lapsed(msp, now).await });
        task(async move { store.use_up(msp, &[addition], lease.run).await });
        task(async move { store.answer_overwrite(msp, addition, q("1"), None, "x", now).await });
        task(async move { store.answer_minimum(msp, addition, q("1"), q("1"), "x", now).await });
        task(async move { store.answer_lock(msp, addition, plan.today, q("1"), "x", now).await });
        task(async move { store.go_live(msp, lease, &BTreeMap::new(), &[], &plan.id, "x", now).await });
        task(async move { store.run_plan(lease, &plan.id).await });
        task(async move { store.run_progress(lease, "x", 0, 0, now).await });
        task(async move { store.runs(msp, 1).await });
        task(async move { store.interrupted_runs(msp).await });
        task(async move { store.close_interrupted(lease, lease.run, "x", now).await });
        task(async move { store.record_lines(lease, &[]).await });
        task(async move { store.report(msp, lease.run).await });
        task(async move { store.make_intent(lease, released, &plan.id, "x", now).await });
        task(async move { store.record_outcome(lease, IntentId(1), written, q("1"), &[], now).await });
        task(async move { store.open_intents(msp).await });
        task(async move { store.done(msp, lease.run).await });
        task(async move { lease.renew(now).await });
        task(async move { store.audit(msp).await });
        console(store, msp, lease);
        task(async move { store.verify_audit(msp).await });
    });
}

/// What the console asks.
fn console(store: &Store, msp: MspId, lease: &Lease) {
    let (user, now, today) = (UserId(1), at(0), Date::default());
    task(async move { store.add_user("a@b", Role::Admin, None, "x", now).await });
    task(async move { store.users().await });
    task(async move { store.users_of(msp).await });
    task(async move { store.user_by_email("a@b").await });
    task(async move { store.set_role(user, None, None, "x", now).await });
    task(async move { store.set_password(user, "$", "x", now).await });
    task(async move { store.password(user).await });
    task(async move { store.add_link("h", None, "setup", now, now).await });
    task(async move { store.link("h", now).await });
    task(async move { store.take_link("h", now).await });
    task(async move { store.begin_session("h", user, now, now, "").await });
    task(async move { store.session("h", now).await });
    task(async move { store.touch_session("h", now, now).await });
    task(async move { store.end_session("h").await });
    task(async move { store.end_sessions(user).await });
    task(async move { store.login_failed("k", now).await });
    task(async move { store.login_failures("k", now).await });
    task(async move { store.login_succeeded("k").await });
    task(async move { store.sweep(now).await });
    task(async move { store.make_token(msp, "n", "h", "all", "x", now).await });
    task(async move { store.tokens(msp).await });
    task(async move { store.revoke_token(msp, 1, "x", now).await });
    task(async move { store.token("h", now).await });
    task(async move { store.idempotent(msp, 1, "k").await });
    task(async move { store.schedules(msp).await });
    task(async move { store.due(now).await });
    task(async move { store.ask_stop(msp, lease.run, "x").await });
    task(async move { store.interrupted_everywhere(now).await });
    task(async move { store.invoiced(msp).await });
    task(async move { store.note_invoiced(msp, lease.run, &[], now).await });
    task(async move { store.pulse(msp).await });
    task(async move { store.samples(msp, AccountId(1), ProductId(1), now, 1).await });
    task(async move { store.wrote(msp, AdditionId(1), 1).await });
    task(async move { store.save_day(msp, &Day::default()).await });
    task(async move { store.days(msp, today).await });
    task(async move { store.batches(msp, 1).await });
    task(async move { store.audit_page(msp, None, 1, None).await });
    task(async move { store.quota_changes(msp, AccountId(1), ProductId(1), 1).await });
    task(async move { store.add_folder(msp, "s", "/", "{}", false, "x", now).await });
    task(async move { store.folders(msp).await });
    task(async move { store.all_folders().await });
    task(async move { store.remove_folder(msp, 1, "x", now).await });
    task(async move { store.folder_files(msp, 1, 1).await });
    task(async move { store.knows_file(msp, 1, "h").await });
}
