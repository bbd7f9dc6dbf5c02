//! Two MSPs never meet: not in a look, not by an id of the other's.

use crate::door::{Door, at, story, words};
use hive_desk::By;

#[test]
fn two_msps_never_meet_in_a_look() {
    story(async {
        let door = Door::linked().await;
        let own = door.desk.look(&door.msp, at(5)).await.unwrap();
        let other = door.desk.look(&door.other, at(5)).await.unwrap();
        assert_eq!((own.id(), own.plan.lines.len()), (door.msp.id, 3));
        assert_eq!((other.id(), other.plan.msp, other.plan.lines.len()), (door.other.id, door.other.id, 0));
        assert!(other.facts.accounts.is_empty() && other.mirror().is_none());
        let again = door.desk.look(&door.msp, at(5)).await.unwrap();
        assert!(std::ptr::eq(&own.plan, &again.plan), "a look at another MSP takes nobody's place");
    });
}

#[test]
fn another_msps_ids_are_nobody() {
    story(async {
        let door = Door::linked().await;
        let (acme, hot) = (door.account("Acme").await, door.product("Hot").await);
        let by = By { msp: door.other.clone(), ..door.by(5) };
        assert_eq!(words(door.desk.link_account(&by, acme, "101").await), format!("Southwind has no account {acme}"));
        assert_eq!(
            words(door.desk.map_product(&by, hot, "1001", None).await),
            format!("Southwind has no product {hot}")
        );
        assert_eq!(words(door.desk.pin(&by, acme, hot, None).await), format!("Southwind has no account {acme}"));
        assert_eq!(
            words(door.desk.set_quota(&by, acme, hot, None, false).await),
            format!("Southwind has no account {acme}")
        );
        assert_eq!(
            words(door.desk.explain(&door.other, acme, hot, at(5)).await),
            format!("Southwind has no account {acme}")
        );
        assert!(door.desk.store.audit(door.other.id).await.unwrap().is_empty(), "nothing was written there");
    });
}
