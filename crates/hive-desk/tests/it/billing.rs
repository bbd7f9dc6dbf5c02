//! What is billed of whom: quotas, the MSP's own account, what-ifs, both sides of the balance, days.

use crate::door::{Door, at, story, words};
use hive_core::issue::Code;
use hive_core::settings::{At, Key};
use hive_core::unit::Storage;
use hive_core::{Money, Quantity};
use hive_desk::look::{MayBeBilled, Why};
use hive_desk::money::Sums;
use hive_desk::{OWN_ACCOUNT, Refused, Said};

fn usd(amount: i64) -> Sums {
    Sums::from([("USD".to_owned(), Money::new(amount.into()))])
}

fn gb(size: i64) -> Option<(Quantity, Storage)> {
    Some((Quantity::from(size), Storage::GB))
}

#[test]
fn ac_93_94_a_quota_is_rounded_up_and_never_below_what_is_used() {
    story(async {
        let door = Door::linked().await;
        let (bolt, hot, by) = (door.account("Bolt").await, door.product("Hot").await, door.by(5));
        let Said(said) = door.desk.set_quota(&by, bolt, hot, gb(120), false).await.unwrap();
        assert_eq!(said, "Bolt x Hot has a quota of 250 GB: 120 GB is rounded up to it.");
        door.usage("Bolt,Hot,240,GB", 6).await;
        let refused = door.desk.set_quota(&door.by(7), bolt, hot, gb(90), true).await;
        assert_eq!(
            words(refused),
            "Bolt x Hot keeps its quota as it is: a quota of 90 GB (rounded up to 100 GB) is below the 240 GB that are used now; the smallest size possible is 250 GB"
        );
        let look = door.desk.look(&door.msp, at(8)).await.unwrap();
        let item = look.line_item_of(bolt, hot).unwrap();
        assert_eq!((item.quota_gb(), item.usage_gb()), (Some(Quantity::from(250)), Some(Quantity::from(240))));
        assert_eq!(item.month(), Some(Money::new(40.into())), "20 on the addition at 2");
    });
}

#[test]
fn ac_91_the_msps_own_account_is_apart_from_its_customers() {
    story(async {
        let door = Door::linked().await;
        let hot = door.product("Hot").await;
        let (own, Said(said)) = door.desk.set_own(&door.by(4), None).await.unwrap();
        assert_eq!(said, "(My Account) is the own account of Northwind now.");
        assert_eq!(door.desk.set_own(&door.by(5), None).await.unwrap().0, own, "asked again it is the same one");
        let before = door.desk.look(&door.msp, at(6)).await.unwrap();
        door.desk.set_quota(&door.by(7), own, hot, gb(5000), true).await.unwrap();
        let look = door.desk.look(&door.msp, at(8)).await.unwrap();
        assert_eq!(look.plan.id, before.plan.id, "the MSP's quota is nobody's line");
        assert_eq!(look.customers_gb()[&hot], (Quantity::from(30), Quantity::ZERO));
        assert_eq!(look.line_items(own, true).len(), 1, "Hot alone is storage");
        assert!(look.line_items(own, false)[0].line.is_none());
        // A customer's quota leaves the MSP's as it is.
        door.desk.set_quota(&door.by(9), door.account("Acme").await, hot, gb(100), false).await.unwrap();
        let look = door.desk.look(&door.msp, at(10)).await.unwrap();
        assert_eq!(look.quota(own, hot).map(|quota| quota.size), Some(Quantity::from(5000)));
        assert_eq!(look.customers_gb()[&hot].1, Quantity::from(100));
        // Another account takes its place, and there is one at a time.
        let acme = door.account("Acme").await;
        door.desk.set_own(&door.by(11), Some(acme)).await.unwrap();
        assert_eq!(door.desk.look(&door.msp, at(12)).await.unwrap().own_accounts(), [acme]);
        assert_eq!(door.desk.store.accounts(door.other.id).await.unwrap(), [], "the other MSP has none of it");
        assert_eq!(OWN_ACCOUNT, "(My Account)");
    });
}

#[test]
fn what_if_says_what_saving_would_do_and_saves_nothing() {
    story(async {
        let door = Door::linked().await;
        let look = door.desk.look(&door.msp, at(5)).await.unwrap();
        let bracket = [(Key::Mode, At::default(), "quota_bracket".to_owned())];
        let what_if = door.desk.what_if(&look, &bracket).await.unwrap();
        // Acme's 10 GB and Bolt's 20 are each on the step of 100: 90 and 80 more at 2 a month.
        assert_eq!((what_if.lines, what_if.money.clone()), (2, usd(340)));
        let biggest: Vec<_> =
            what_if.moved.iter().filter(|one| one.moves()).map(|one| (one.account.as_str(), one.month)).collect();
        assert_eq!(biggest, [("Acme", Some(Money::new(180.into()))), ("Bolt", Some(Money::new(160.into())))]);
        assert_eq!((what_if.before.unchanged, what_if.after.unchanged), (3, 1));
        assert!(what_if.down.is_empty() && what_if.wait_again.is_empty());
        assert_eq!((what_if.after.change, what_if.after_go_live), (0, (0, 0)), "both rise too far");
        assert_eq!(what_if.new_holds.values().copied().collect::<Vec<_>>(), [2], "{:?}", what_if.new_holds);
        let same = door.desk.what_if(&look, &[(Key::Mode, At::default(), "actual".to_owned())]).await.unwrap();
        assert_eq!((same.lines, same.money.clone()), (0, Sums::new()));
        let wrong = door.desk.what_if(&look, &[(Key::DropPercent, At::default(), "much".to_owned())]).await;
        assert!(matches!(wrong, Err(Refused::WrongUsage(_))));
        assert!(door.desk.store.settings(door.msp.id).await.unwrap().entries().next().is_none(), "nothing is saved");
        door.desk.set_settings(&door.by(6), &bracket).await.unwrap();
        let then = door.desk.look(&door.msp, at(7)).await.unwrap();
        assert_eq!(then.counts.unchanged, what_if.after.unchanged);
        assert_eq!(then.balance().not_billed.money, what_if.money, "what was said is what came");
    });
}

#[test]
fn what_if_another_basis_reads_the_days_before() {
    story(async {
        let door = Door::linked().await;
        // Half of it the day before: the average of two days is 15.
        door.usage("Bolt,Hot,10,GB", -24 * 60).await;
        let hot = At { product: Some(door.product("Hot").await), account: None };
        let look = door.desk.look(&door.msp, at(5)).await.unwrap();
        let changes = [(Key::Basis, hot, "average_30d".to_owned()), (Key::GapsDays, At::default(), "0".to_owned())];
        let what_if = door.desk.what_if(&look, &changes).await.unwrap();
        let moved: Vec<_> =
            what_if.moved.iter().filter(|one| one.moves()).map(|one| (one.account.as_str(), one.after)).collect();
        assert_eq!(moved, [("Bolt", Some(Quantity::from(15)))]);
        assert_eq!((what_if.money, what_if.up), (usd(-10), Sums::new()));
        let averages = door.desk.averages(&look).await.unwrap().unwrap();
        let bolt = &averages[&(door.account("Bolt").await, door.product("Hot").await)];
        assert_eq!((bolt.average, bolt.peak, bolt.measured), (Quantity::from(15), Quantity::from(20), 2));
        assert_eq!(averages.len(), 2, "storage alone");
    });
}

#[test]
fn what_is_not_billed_and_what_is_over_billed_stand_apart() {
    story(async {
        let door = Door::linked().await;
        // Acme: 3 seats more and 4 GB less. Dune is linked to nothing, Cold is mapped to nothing.
        door.usage("Acme,Hot,6,GB\nAcme,Seat,8,user\nDune,Hot,7,GB\nAcme,Cold,1,TB", 4).await;
        let look = door.desk.look(&door.msp, at(5)).await.unwrap();
        let balance = look.balance();
        assert_eq!((&balance.not_billed.money, balance.not_billed.many, balance.not_billed.unpriced), (&usd(44), 3, 1));
        let reasons: Vec<_> = balance.not_billed.by_reason.iter().map(|leak| (leak.why, leak.many)).collect();
        assert_eq!(
            reasons,
            [(Why::Update, 1), (Why::Issue(Code::AccountUnlinked), 1), (Why::Issue(Code::ProductUnmapped), 1)]
        );
        assert_eq!((&balance.over_billed.money, balance.over_billed.many), (&usd(-8), 1));
        assert_eq!(balance.not_billed.dearest[0].1, Money::new(30.into()));
        assert_eq!(balance.unmeasured, (0, Sums::new()));
        assert_eq!(balance.may_be_billed, MayBeBilled::default());
    });
}

#[test]
fn an_account_that_is_like_a_company_may_be_billed_already_and_is_in_no_sum() {
    story(async {
        let door = Door::linked().await;
        // Nobody linked either. ConnectWise has a Cove Ltd, and nothing like Dune.
        door.usage("Cove,Hot,7,GB\nDune,Hot,4,GB", 4).await;
        let look = door.desk.look(&door.msp, at(5)).await.unwrap();
        let balance = door.desk.balance(&look).await.unwrap();
        assert_eq!((&balance.not_billed.money, balance.not_billed.many), (&usd(8), 1), "Dune's 4 at 2");
        let may_be = &balance.may_be_billed;
        assert_eq!((may_be.many, may_be.unpriced, &may_be.money), (1, 0, &usd(14)), "Cove's 7 at 2");
        assert_eq!(may_be.accounts, [door.account("Cove").await].into());
        // Somebody says that they are not the same: then nobody is billed for it.
        let cove = door.account("Cove").await;
        door.desk.link_account(&door.by(6), cove, "103").await.unwrap();
        door.desk.link_account(&door.by(6), cove, "").await.unwrap();
        let look = door.desk.look(&door.msp, at(7)).await.unwrap();
        assert_eq!(look.balance().not_billed.money, usd(22));
    });
}

#[test]
fn what_is_billed_without_any_usage_is_on_neither_side() {
    story(async {
        let door = Door::bare().await;
        door.usage("Acme,Seat,5,user\nBolt,Hot,20,GB", 0).await;
        door.sync(&[(1, 10), (2, 5), (3, 20)], 1).await;
        door.desk.match_unmistakable(&door.by(2), true).await.unwrap();
        door.map("Hot", "1001", Some(("GB", 1))).await;
        door.map("Seat", "1002", None).await;
        let look = door.desk.look(&door.msp, at(5)).await.unwrap();
        let balance = look.balance();
        assert_eq!(balance.unmeasured, (1, usd(20)), "Acme's 10 GB at 2");
        assert_eq!((balance.not_billed.many, balance.over_billed.many), (0, 0));
    });
}

#[test]
fn each_day_that_is_planned_has_its_sums() {
    story(async {
        let door = Door::linked().await;
        let _ = door.desk.plan(&door.msp, at(5)).await.unwrap();
        door.usage("Acme,Seat,8,user", 6).await;
        door.desk.look(&door.msp, at(7)).await.unwrap();
        let tomorrow = at(24 * 60);
        door.desk.look(&door.msp, tomorrow).await.unwrap();
        let days = door.desk.store.days(door.msp.id, "2026-11-01".parse().unwrap()).await.unwrap();
        let dates: Vec<String> = days.iter().map(|day| day.date.to_string()).collect();
        assert_eq!(dates, ["2026-11-23", "2026-11-24"], "a day once, however often it is planned");
        assert_eq!((&days[0].money_now, &days[0].money_next), (&usd(110), &usd(140)), "the last plan of a day stands");
        assert_eq!((days[0].lines, days[0].quantity[&door.product("Hot").await]), (3, Quantity::from(30)));
    });
}

#[test]
fn billable_items_are_sums_over_customers() {
    story(async {
        let door = Door::linked().await;
        let hot = door.product("Hot").await;
        door.desk.set_quota(&door.by(4), door.account("Acme").await, hot, gb(100), false).await.unwrap();
        let look = door.desk.look(&door.msp, at(5)).await.unwrap();
        let all = look.billables();
        assert_eq!(all.iter().map(|one| one.accounts).collect::<Vec<_>>(), [2, 1], "Hot, Seat");
        let one = &all[0];
        assert_eq!((one.usage, one.quota_gb), (Some(Quantity::from(30)), Some(Quantity::from(100))));
        assert_eq!((one.billed, one.additions, &one.money), (Quantity::from(30), 2, &usd(60)));
        let rates: Vec<_> = one.rates.keys().map(|(currency, months)| (currency.as_str(), *months)).collect();
        assert_eq!(rates, [("USD", Some(1.into()))], "two dollars a month");
        assert_eq!(one.prices["USD"], (Money::new(2.into()), Money::new(2.into())));
    });
}

#[test]
fn lowest_and_highest_price_are_a_month_whatever_the_billing_cycle() {
    story(async {
        let door = Door::linked().await;
        door.sync_with_bolt_billed("Annual", 4).await;
        let look = door.desk.look(&door.msp, at(5)).await.unwrap();
        let views = hive_desk::view::BillableView::all(&look, None);
        let hot = views.iter().find(|view| view.product == "Hot").unwrap();
        let prices = (hot.unit_price_month_lowest.as_deref(), hot.unit_price_month_highest.as_deref());
        assert_eq!(prices, (Some("0.1667"), Some("2")), "2 USD a year and 2 USD a month");
        let csv = hive_desk::view::BILLABLE_COLUMNS.of(&views).unwrap();
        assert!(csv.contains("unit_price_month_lowest,unit_price_month_highest,money_month"), "{csv}");
    });
}
