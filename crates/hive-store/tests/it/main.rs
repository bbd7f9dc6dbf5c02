//! The same stories on both engines: SQLite always, PostgreSQL where a server can be had
//! (`HIVE_TEST_POSTGRES_URL`, an admin's URL, or a throwaway cluster from `initdb`).

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

mod arriving;
mod creating;
mod deciding;
mod door;
mod engine;
mod failing;
mod feeds;
mod imports;
mod journal;
mod keeping;
mod killed;
mod leases;
mod linking;
mod mirrors;
mod past;
mod people;
mod planning;
mod pulses;
mod reviews;
mod rules;
mod scheduling;
mod schema;
mod secrets;
mod tasks;
mod tokens;

use door::Door;

macro_rules! stories {
    ($($room:ident :: $story:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[test]
                fn $story() {
                    super::engine::run(async {
                        let door = super::Door::sqlite().await;
                        super::$room::$story(&door).await;
                        door.nobody_else_sees_anything().await;
                    });
                }
            )+
        }

        /// All stories in one test: a cluster is dear, a database in it is cheap.
        #[test]
        fn postgres_tells_the_same_stories() {
            engine::run(async {
                let Some(server) = engine::Server::start().await else { return };
                $(
                    println!("story: {}", stringify!($story));
                    // Boxed: side by side, all their futures are more than a thread's stack.
                    Box::pin(async {
                        let door = Door::postgres(&server).await;
                        $room::$story(&door).await;
                        door.nobody_else_sees_anything().await;
                        door.store.close().await;
                    })
                    .await;
                )+
                schema::both_engines_have_one_logical_schema(&server).await;
            });
        }
    };
}

stories! {
    keeping::msps_have_unique_names,
    keeping::settings_are_all_or_nothing,
    keeping::quotas_and_pins_come_and_go,
    keeping::the_audit_log_finds_every_edit,
    feeds::batches_are_kept_compact_and_say_who_is_gone,
    feeds::samples_one_by_one_are_a_batch_a_day,
    feeds::what_people_say_of_batches_is_kept_and_told,
    feeds::who_puts_a_value_back_is_counted_once_a_write,
    imports::the_same_file_twice_changes_nothing,
    imports::another_quantity_is_a_correction,
    imports::one_bad_row_keeps_the_whole_file_out,
    imports::what_nobody_sees_is_not_taken,
    imports::eighteen_digits_are_exact,
    imports::a_plan_sees_no_later_sample,
    imports::ids_rename_and_quotas_are_set,
    imports::many_rows_are_one_import,
    linking::a_pair_taken_apart_is_not_linked_again,
    linking::a_links_file_is_all_or_nothing,
    linking::a_unit_belongs_to_its_item,
    mirrors::a_generation_replaces_the_one_before,
    mirrors::a_mirror_that_fails_leaves_the_old_one,
    mirrors::a_row_takes_the_value_last_read,
    leases::the_second_run_is_told_who_runs,
    leases::an_old_holder_stores_nothing,
    leases::a_lease_must_be_renewed,
    leases::a_lease_lasts_a_day_at_most,
    leases::a_race_has_one_winner,
    leases::two_processes_write_one_chain,
    killed::a_killed_run_is_taken_over_at_once,
    journal::a_write_is_told_once,
    journal::a_crash_leaves_an_open_intent,
    journal::an_unknown_write_is_looked_up_once,
    journal::an_undo_remembers_what_it_took_back,
    journal::an_undo_that_is_undone_lets_the_push_stand_again,
    journal::an_alarm_settles_on_what_was_read_back,
    journal::a_report_has_every_line,
    creating::an_approval_to_create_acts_until_it_is_used_or_lapses,
    creating::what_was_created_is_in_the_mirror_and_settled,
    creating::a_crash_leaves_an_open_create,
    creating::an_unknown_create_is_looked_up_once,
    planning::a_plan_reads_back_as_it_was,
    planning::old_plans_go_unless_a_run_names_them,
    planning::a_plan_settles_what_it_saw,
    planning::approvals_act_until_they_lapse_or_are_used,
    planning::answers_settle_on_the_value_found,
    planning::a_run_ends_where_its_connection_was_changed,
    planning::another_company_previews_again,
    deciding::an_exclusion_is_kept_with_its_reason_until_it_is_taken_back,
    deciding::an_adjustment_is_kept_with_its_reason_until_it_is_taken_back,
    reviews::a_review_is_one_mark_that_can_be_taken_back,
    reviews::what_was_written_is_told_by_agreement,
    secrets::a_private_key_is_sealed,
    secrets::another_url_wipes_the_key,
    people::an_address_stands_once,
    people::the_last_admin_stays,
    people::two_admins_cannot_both_go,
    people::a_link_is_taken_once,
    people::a_new_password_ends_every_session,
    people::failures_count_for_a_quarter_of_an_hour,
    people::what_expired_is_swept,
    tokens::a_token_opens_its_msp_until_it_is_revoked,
    tokens::a_repeated_request_is_answered_the_same,
    tokens::a_folder_knows_what_it_saw,
    arriving::a_request_is_taken_once_with_its_answer,
    arriving::a_look_at_a_folder_wakes_no_page,
    arriving::a_profile_is_remembered_and_its_folders_follow,
    scheduling::what_is_due_is_told,
    scheduling::a_slot_is_taken_once,
    scheduling::a_stop_reaches_the_lease,
    scheduling::a_crash_is_seen_at_every_msp,
    scheduling::the_run_loop_sees_who_lives_and_what_moved,
    scheduling::an_agreement_is_pushed_for_its_invoice,
    past::a_soft_quota_rises_and_a_hard_one_does_not,
    past::an_account_may_come_before_any_usage,
    past::a_file_that_repeats_its_quota_changes_nothing,
    past::averages_have_their_history,
    past::a_day_is_stored_once,
    past::writes_and_imports_are_listed,
    past::the_log_is_read_page_by_page,
    rules::an_account_has_an_item_of_its_own,
    rules::a_billing_period_has_its_history,
    rules::a_quota_stays_where_what_exceeds_it_is_billed,
    pulses::each_write_moves_its_own_counter,
}
