//! A look is made once, made anew after a change, and never older than it says.

use crate::door::{Door, at, story};
use hive_core::settings::{At, Key};
use hive_core::{AdditionId, Quantity};
use hive_desk::Which;

#[test]
fn a_look_is_made_once_and_anew_after_a_change() {
    story(async {
        let door = Door::linked().await;
        let first = door.desk.look(&door.msp, at(5)).await.unwrap();
        let again = door.desk.look(&door.msp, at(5)).await.unwrap();
        assert!(std::ptr::eq(&first.plan, &again.plan), "nothing changed, so nothing was made");
        assert_eq!(first.change(AdditionId(1)), None);
        assert!(first.fresh);

        door.usage("Acme,Hot,12,GB", 6).await;
        let after = door.desk.look_fresh(&door.msp, at(7)).await.unwrap();
        assert_eq!(after.change(AdditionId(1)).unwrap().to, Quantity::from(12));
        assert_eq!(first.change(AdditionId(1)), None, "who holds the old look goes on with it");
    });
}

#[test]
fn every_verb_is_seen_by_the_next_look() {
    story(async {
        let door = Door::linked().await;
        let acme = door.account("Acme").await;
        let look = |minutes| door.desk.look_fresh(&door.msp, at(minutes));
        let before = look(5).await.unwrap();
        door.desk.link_account(&door.by(5), acme, "-").await.unwrap();
        let ignored = look(5).await.unwrap();
        assert_ne!(before.plan.id, ignored.plan.id, "a link shapes the plan");
        door.desk.link_account(&door.by(5), acme, "101").await.unwrap();
        assert_eq!(look(5).await.unwrap().plan.id, before.plan.id, "and back");
        let key = (Key::DropPercent, At::default(), "7".to_owned());
        door.desk.set_settings(&door.by(5), &[key]).await.unwrap();
        assert_eq!(look(5).await.unwrap().facts.settings.text(Key::DropPercent, At::default()), "7");
    });
}

#[test]
fn a_look_of_ten_minutes_is_made_anew() {
    story(async {
        let door = Door::linked().await;
        let first = door.desk.look(&door.msp, at(5)).await.unwrap();
        let young = door.desk.look(&door.msp, at(14)).await.unwrap();
        assert!(std::ptr::eq(&first.plan, &young.plan));
        let old = door.desk.look_fresh(&door.msp, at(15)).await.unwrap();
        assert_eq!(old.at, at(15), "time passes by itself, and usage with it");
    });
}

#[test]
fn what_a_look_shows_is_the_plan_that_can_be_approved() {
    story(async {
        let door = Door::linked().await;
        // Zero is held whatever the limits.
        door.usage("Acme,Seat,0,user", 4).await;
        let look = door.desk.look(&door.msp, at(5)).await.unwrap();
        let change = look.change(AdditionId(2)).unwrap();
        assert!(look.waits(change), "{:?}", change.holds);
        let which = Which::Lines(change.lines.clone());
        let approved = door.desk.approve(&door.by(6), Some(&look.plan.id), &which).await.unwrap();
        assert_eq!(approved.plan, look.plan.id.to_string());

        let after = door.desk.look_fresh(&door.msp, at(6)).await.unwrap();
        assert_eq!(after.approved.get(&AdditionId(2)).map(String::as_str), Some("user:ann@example.com"));
        assert!(!after.waits(after.change(AdditionId(2)).unwrap()));
        assert_eq!(look.plan.id, after.plan.id, "an approval never makes another plan");
        let lapsed = door.desk.look_fresh(&door.msp, at(60 * 24 * 30)).await.unwrap();
        assert!(lapsed.approved.is_empty(), "an approval lapses by itself");
    });
}

#[test]
fn many_at_once_share_one_look() {
    story(async {
        let door = Door::linked().await;
        let looks: Vec<_> = (0..8)
            .map(|_| {
                let (desk, msp) = (door.desk.clone(), door.msp.clone());
                tokio::spawn(async move { desk.look(&msp, at(5)).await.unwrap() })
            })
            .collect();
        let mut made = Vec::new();
        for look in looks {
            made.push(look.await.unwrap());
        }
        assert!(made.iter().all(|look| std::ptr::eq(&look.plan, &made[0].plan)), "one was made, all have it");
    });
}
