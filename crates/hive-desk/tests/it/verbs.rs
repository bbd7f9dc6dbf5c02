//! Verbs refuse in words, and say what they did in words.

use crate::door::{Door, HEADER, at, story, words};
use hive_core::settings::{At, Key};
use hive_core::unit::Storage;
use hive_core::{AdditionId, LineId, PlanId, Quantity};
use hive_desk::{Answer, Refused, Said, UsageFile, Which};

#[test]
fn a_link_says_what_it_does_and_who_shares_it() {
    story(async {
        let door = Door::linked().await;
        let (acme, hot) = (door.account("Acme").await, door.product("Hot").await);
        let Said(said) = door.desk.link_account(&door.by(5), acme, "bolt").await.unwrap();
        assert!(said.starts_with("account \"Acme\" is linked to company 102.\nIt shares this with \"Bolt\""), "{said}");
        let refused = door.desk.link_account(&door.by(5), acme, "999").await;
        assert!(matches!(&refused, Err(Refused::Stopped(words)) if words.contains("999")), "{refused:?}");
        let Said(said) = door.desk.map_product(&door.by(5), hot, "", None).await.unwrap();
        assert_eq!(said, "product \"Hot\" is linked to nothing now; this pair is never linked automatically again.");
        let unit = hive_core::unit::ItemUnit::new(hive_core::unit::Unit::parse("TB").unwrap(), 1.into()).unwrap();
        assert_eq!(
            words(door.desk.confirm_unit(&door.by(5), hot, unit).await),
            "\"Hot\" is mapped to no item yet; give --item too"
        );
    });
}

#[test]
fn unmistakable_matches_are_shown_before_they_are_linked() {
    story(async {
        let door = Door::bare().await;
        door.usage("Acme,Hot,10,GB\nCove Dental,Hot,1,GB", 0).await;
        door.sync(&[(1, 10)], 1).await;
        let shown = door.desk.match_unmistakable(&door.by(2), false).await.unwrap();
        let named: Vec<_> = shown.matches.iter().map(|one| (one.account.as_str(), one.company.id)).collect();
        assert_eq!((named, shown.applied), (vec![("Acme", 101)], false), "Cove Ltd is only similar to Cove Dental");
        assert!(door.desk.store.account_links(door.msp.id).await.unwrap().is_empty(), "shown is not linked");
        assert_eq!(
            door.desk.link_unmistakable(&door.msp, at(3)).await.unwrap(),
            [("Acme".to_owned(), "Acme (101)".to_owned())]
        );
    });
}

#[test]
fn an_approval_is_of_the_plan_last_stored() {
    story(async {
        let door = Door::linked().await;
        assert_eq!(
            words(door.desk.approve(&door.by(5), None, &Which::All).await),
            "there is no plan of Northwind yet: hive plan \"Northwind\""
        );
        let plan = door.desk.plan(&door.msp, at(5)).await.unwrap();
        let none = door.desk.approve(&door.by(5), Some(&plan.id), &Which::All).await;
        assert_eq!(words(none), format!("nothing is held in plan {}", plan.id));
        let old = door.desk.approve(&door.by(5), Some(&PlanId("old".to_owned())), &Which::All).await;
        assert!(words(old).starts_with(&format!("plan old is not the plan last stored, which is {}", plan.id)));
        let nobody = LineId { account: hive_core::AccountId(99), product: hive_core::ProductId(1) };
        let refused = door.desk.approve(&door.by(5), None, &Which::Lines(vec![nobody])).await;
        assert!(matches!(&refused, Err(Refused::NotFound(words)) if words.contains("L99-1")), "{refused:?}");
        let cause = Which::Cause("usage.zero:1".to_owned());
        assert!(words(door.desk.approve(&door.by(5), None, &cause).await).contains("usage.zero:1"));
    });
}

#[test]
fn an_answer_needs_a_question() {
    story(async {
        let door = Door::linked().await;
        let plan = door.desk.plan(&door.msp, at(5)).await.unwrap();
        assert!(plan.changes.is_empty(), "nothing is held");
        let past = Answer::Lock("2026-11-22".parse().unwrap());
        let refused = door.desk.answer(&door.by(5), None, &Which::All, past).await;
        assert!(
            matches!(&refused, Err(Refused::WrongUsage(words)) if words.contains("lies in the past")),
            "{refused:?}"
        );
        let refused = door.desk.answer(&door.by(5), None, &Which::All, Answer::Minimum).await;
        assert!(matches!(refused, Err(Refused::WrongUsage(_))), "everything is no answer");
        let line = LineId { account: door.account("Acme").await, product: door.product("Hot").await };
        let refused = door.desk.answer(&door.by(5), None, &Which::Lines(vec![line]), Answer::Minimum).await;
        assert!(words(refused).starts_with("addition 1 was not edited by hand"));
    });
}

#[test]
fn a_pin_never_leaves_its_item_or_its_company() {
    story(async {
        let door = Door::linked().await;
        let (acme, hot) = (door.account("Acme").await, door.product("Hot").await);
        let by = door.by(5);
        let seat = door.desk.pin(&by, acme, hot, Some(AdditionId(2))).await;
        assert!(words(seat).contains("is of item 1002"));
        let bolt = door.desk.pin(&by, acme, hot, Some(AdditionId(3))).await;
        assert!(words(bolt).contains("of company 102, but Acme is linked to company 101"));
        let nowhere = door.desk.pin(&by, acme, hot, Some(AdditionId(9))).await;
        assert!(matches!(nowhere, Err(Refused::NotFound(_))));
        assert!(door.desk.store.facts(door.msp.id, None).await.unwrap().pins.is_empty(), "nothing was changed");
        let Said(said) = door.desk.pin(&by, acme, hot, Some(AdditionId(1))).await.unwrap();
        assert_eq!(said, "Acme x Hot is pinned to addition 1.");
        let Said(said) = door.desk.pin(&by, acme, hot, None).await.unwrap();
        assert_eq!(said, "Acme x Hot has no pin now.");
    });
}

#[test]
fn only_storage_has_a_quota() {
    story(async {
        let door = Door::linked().await;
        let (acme, by) = (door.account("Acme").await, door.by(5));
        let (hot, seat) = (door.product("Hot").await, door.product("Seat").await);
        let size = Some((Quantity::from(500), Storage::GB));
        let refused = door.desk.set_quota(&by, acme, seat, size, false).await;
        assert_eq!(words(refused), "Seat is counted in user: only storage has a quota");
        let Said(said) = door.desk.set_quota(&by, acme, hot, size, false).await.unwrap();
        assert_eq!(said, "Acme x Hot has a quota of 500 GB.");
        let Said(said) = door.desk.set_quota(&by, acme, hot, size, true).await.unwrap();
        assert_eq!(said, "Acme x Hot has a hard quota of 500 GB.");
        let facts = door.desk.store.facts(door.msp.id, None).await.unwrap();
        assert_eq!(facts.quotas.iter().map(|quota| quota.hard).collect::<Vec<_>>(), [true]);
        let Said(said) = door.desk.set_quota(&by, acme, hot, None, false).await.unwrap();
        assert_eq!(said, "Acme x Hot has no quota now.");
    });
}

#[test]
fn one_bad_setting_changes_none() {
    story(async {
        let door = Door::linked().await;
        let change = |key, text: &str| (key, At::default(), text.to_owned());
        let changes = [change(Key::DropPercent, "7"), change(Key::RisePercent, "-1")];
        assert!(matches!(door.desk.set_settings(&door.by(5), &changes).await, Err(Refused::WrongUsage(_))));
        let views = door.desk.settings(&door.msp, At::default()).await.unwrap();
        assert!(views.iter().all(|view| !view.set), "nothing was set");
    });
}

#[test]
fn a_bad_file_is_named_row_by_row() {
    story(async {
        let door = Door::bare().await;
        let text = format!("{HEADER}\nAcme,Hot,1.234.5,GB,2026-11-22T00:00:00Z\n,Hot,1,GB,2026-11-22T00:00:00Z\n");
        let name = "usage.csv".to_owned();
        let file = UsageFile { name, text, source: None, complete: false, dry_run: false };
        let Err(Refused::BadRows { file, rows }) = door.desk.import_usage(&door.by(1), &file).await else {
            panic!("a bad file must be refused by its rows");
        };
        let places: Vec<_> = rows.iter().map(|(line, column, _)| (*line, column.as_deref().unwrap())).collect();
        assert_eq!((file.as_str(), places), ("usage.csv", vec![(2, "quantity"), (3, "account")]));
        assert!(door.desk.store.accounts(door.msp.id).await.unwrap().is_empty(), "nothing of it was taken");
        let links = door.desk.import_links(&door.by(1), "links.csv", "kind,hive,connectwise\naccount,Nobody,1\n").await;
        assert!(matches!(links, Err(Refused::BadRows { .. })));
    });
}

#[test]
fn whom_nobody_knows_is_said() {
    story(async {
        let door = Door::bare().await;
        let refused = door.desk.msp("Eastwind").await.unwrap_err();
        assert_eq!(refused.to_string(), "no MSP is called \"Eastwind\"; there is \"Southwind\", \"Northwind\"");
        assert!(matches!(refused, Refused::NotFound(_)));
        assert!(words(door.desk.account(&door.msp, "Acme").await).contains("Northwind has no account called \"Acme\""));
        assert!(words(door.desk.connection(&door.msp).await.map(|found| found.id)).contains("is not connected"));
        assert!(words(door.desk.report(&door.msp, None).await.map(|report| report.run)).contains("had no Update yet"));
    });
}
