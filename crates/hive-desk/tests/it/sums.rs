//! What a look adds up: each addition once, each decision once.

use crate::door::{Door, at, story};
use hive_core::issue::Code;
use hive_core::plan::Mark;
use hive_core::{AdditionId, Money};
use hive_desk::money::Sums;

fn usd(amount: i64) -> Sums {
    Sums::from([("USD".to_owned(), Money::new(amount.into()))])
}

#[test]
fn money_counts_an_addition_once_however_many_lines_share_it() {
    story(async {
        let door = Door::linked().await;
        // A second account on Acme's company: both add up on addition 1.
        door.usage("Acme East,Hot,2,GB", 4).await;
        let east = door.account("Acme East").await;
        door.desk.link_account(&door.by(5), east, "101").await.unwrap();
        let look = door.desk.look(&door.msp, at(6)).await.unwrap();
        let lines: Vec<_> = look.lines_of_addition(AdditionId(1)).map(|line| line.account.as_str()).collect();
        assert_eq!(lines, ["Acme", "Acme East"]);
        assert_eq!(look.money()[&Mark::Change], usd(4), "2 GB at 2, once");
        assert_eq!(look.money_of(look.lines_of(east)), usd(4), "each of its lines alone tells the whole addition");
        let total: usize =
            [look.counts.change, look.counts.held, look.counts.unchanged, look.counts.issue].iter().sum();
        assert_eq!(total, 3, "three additions, four lines");
        assert_eq!(look.lines_of_product(door.product("Hot").await).count(), 3);
    });
}

#[test]
fn a_cause_is_one_decision() {
    story(async {
        let door = Door::linked().await;
        door.usage("Acme,Seat,0,user\nBolt,Hot,0,GB", 4).await;
        let look = door.desk.look(&door.msp, at(5)).await.unwrap();
        let zero: Vec<_> = look.held_causes().iter().filter(|cause| cause.code == Code::UsageZero).collect();
        let told: Vec<_> = zero.iter().map(|cause| (cause.additions.as_slice(), cause.money.clone())).collect();
        assert_eq!(told, [(&[AdditionId(2)][..], usd(-50)), (&[AdditionId(3)][..], usd(-40))], "the dearest first");
        assert_eq!(zero[0].cause, "usage.zero:2");
        assert!(zero[0].words.contains("Approve it"), "{}", zero[0].words);
        assert_eq!(look.waiting(zero[0]), 1);
    });
}

#[test]
fn usage_that_nobody_is_billed_for_is_one_decision_a_name() {
    story(async {
        let door = Door::linked().await;
        door.usage("Cove,Hot,7,GB\nCove,Seat,1,user\nAcme,Cold,1,TB", 4).await;
        let look = door.desk.look(&door.msp, at(5)).await.unwrap();
        let unlinked: Vec<_> =
            look.unlinked_with_usage().iter().map(|one| (one.name.as_str(), one.lines.len())).collect();
        assert_eq!(unlinked, [("Cove", 2)]);
        // 7 GB and 1 user at the list price of 2.
        assert_eq!(look.unlinked_with_usage()[0].money, usd(16));
        let unmapped: Vec<_> = look.unmapped_with_usage().iter().map(|one| one.name.as_str()).collect();
        assert_eq!(unmapped, ["Cold"]);
        let cove = door.account("Cove").await;
        let suggested: Vec<_> = look.suggestions().of_account(cove).iter().map(|one| one.id).collect();
        assert_eq!(suggested, [103], "Cove Ltd");
        assert!(look.suggestions().of_account(door.account("Acme").await).is_empty(), "Acme is linked");
        let shown = door.desk.links(&door.msp).await.unwrap();
        assert_eq!(serde_json::to_string(&look.links()).unwrap(), serde_json::to_string(&shown).unwrap());
    });
}
