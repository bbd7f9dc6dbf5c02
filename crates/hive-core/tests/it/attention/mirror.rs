//! What goes wrong on ConnectWise's side.

use super::disasters::{Answer, Disaster, Kind};
use super::world::{Pair, World, at, day_of};
use hive_core::issue::Code;
use hive_core::mirror::{Agreement, Company};
use hive_core::{AdditionId, AgreementId, Decimal, Quantity};

fn agreement(world: &mut World, id: AgreementId) -> &mut Agreement {
    world.mirror.agreements.iter_mut().find(|found| found.id == id).expect("an agreement")
}

fn company(world: &mut World, id: i64) -> &mut Company {
    world.mirror.companies.iter_mut().find(|found| found.id.0 == id).expect("a company")
}

/// Breaks one addition, its agreement or its company, and says how it is mended.
#[expect(clippy::too_many_lines, reason = "a table: what breaks, its code, how it is mended")]
pub(super) fn strike(world: &mut World, disaster: &mut Disaster, found: (Pair, AdditionId, AgreementId)) {
    let (pair, id, on) = found;
    let day = disaster.day;
    match disaster.kind {
        Kind::Deal(_, answer) => {
            let addition = world.addition_of(id);
            let typed = addition.quantity.expect("a quantity").decimal() * Decimal::new(11, 1) + Decimal::TWO;
            addition.quantity = Some(Quantity::new(typed.ceil()));
            addition.updated_by = Some("jane".to_owned());
            addition.updated_at = Some(at(day, 0));
            disaster.named(&[Code::AdditionEditedByHand], 0, Box::new(move |world, day| world.answer(id, answer, day)));
        }
        Kind::RenewalOverlap => {
            let before = world.mirror.additions.len();
            world.renew(pair.0, day);
            let successors = world.mirror.additions.len() - before;
            // Nobody ended what came before, nor its agreement.
            let old: Vec<AdditionId> = world.mirror.additions[..before]
                .iter()
                .filter(|addition| addition.agreement == on && addition.cancelled == Some(day_of(day - 1)))
                .map(|addition| addition.id)
                .collect();
            assert_eq!(successors, old.len(), "each has a successor");
            old.iter().for_each(|id| world.addition_of(*id).cancelled = None);
            agreement(world, on).no_ending_date = true;
            let mend = move |world: &mut World, _: i32| {
                old.iter().for_each(|id| world.addition_of(*id).cancelled = Some(day_of(day - 1)));
            };
            disaster.named(&[Code::AdditionAmbiguous], 1, Box::new(mend));
        }
        Kind::RenewalGap => {
            let before = world.mirror.additions.len();
            world.renew(pair.0, day);
            let new: Vec<AdditionId> = world.mirror.additions[before..].iter().map(|addition| addition.id).collect();
            let begins = move |world: &mut World, day| {
                new.iter().for_each(|id| world.addition_of(*id).effective = Some(day_of(day)));
            };
            begins(world, day + 40);
            let codes = &[Code::AdditionNone, Code::AgreementNoneActive];
            disaster.named(codes, 2, Box::new(move |world, _| begins(world, day)));
        }
        Kind::Departed(_) => {
            world.meters.get_mut(&pair).expect("a meter").base = 0;
            disaster.named(&[Code::UsageZero], 0, Box::new(|_, _| {}));
        }
        Kind::AdditionCancelled(_) => {
            world.addition_of(id).cancelled = Some(day_of(day - 1));
            let mend = move |world: &mut World, _: i32| world.addition_of(id).cancelled = None;
            disaster.named(&[Code::AdditionNone], 1, Box::new(mend));
        }
        Kind::AgreementEnded => {
            let ends = move |world: &mut World, ends: bool| {
                let agreement = agreement(world, on);
                agreement.no_ending_date = !ends;
                agreement.end = ends.then(|| day_of(day - 1));
            };
            ends(world, true);
            disaster.named(&[Code::AgreementNoneActive], 2, Box::new(move |world, _| ends(world, false)));
        }
        Kind::CompanyInactive => {
            company(world, pair.0).status = Some("Inactive".to_owned());
            let mend = move |world: &mut World, _: i32| company(world, pair.0).status = Some("Active".to_owned());
            disaster.named(&[Code::AccountCompanyInactive], 1, Box::new(mend));
        }
        Kind::CompanyDeleted => {
            company(world, pair.0).deleted = true;
            let mend = move |world: &mut World, _: i32| company(world, pair.0).deleted = false;
            disaster.named(&[Code::AccountDeleted], 1, Box::new(mend));
        }
        Kind::UnitOfMeasure => {
            world.addition_of(id).unit_of_measure = Some("TB".to_owned());
            let mend = move |world: &mut World, _: i32| world.addition_of(id).unit_of_measure = None;
            disaster.named(&[Code::UnitMismatch], 1, Box::new(mend));
        }
        Kind::Unreadable(_) => {
            let before = world.addition_of(id).quantity.take();
            let mend = move |world: &mut World, _: i32| world.addition_of(id).quantity = before;
            disaster.named(&[Code::AdditionUnreadable], 1, Box::new(mend));
        }
        Kind::LessIncluded => {
            world.addition_of(id).less_included = Some(Quantity::from(2));
            let mend = move |world: &mut World, _: i32| world.addition_of(id).less_included = None;
            disaster.named(&[Code::IncludedTwice], 1, Box::new(mend));
        }
        Kind::NoCycle => {
            agreement(world, on).billing_cycle = None;
            disaster.names.push(format!("({on})"));
            let mend = move |world: &mut World, _: i32| agreement(world, on).billing_cycle = Some("Monthly".to_owned());
            disaster.named(&[Code::AdditionPaidPeriod], 1, Box::new(mend));
        }
        Kind::OtherWriter(_) => {
            let before = world.addition_of(id).quantity.expect("a quantity");
            world.writer = Some((id, before));
            // Something that Hive will want to write.
            world.meters.get_mut(&pair).expect("a meter").base += 2_000_000;
            let mend = move |world: &mut World, day: i32| {
                world.writer = None;
                world.answer(id, Answer::Overwrite, day);
            };
            disaster.named(&[Code::AdditionOtherWriter], 0, Box::new(mend));
        }
        other => panic!("{other:?} is not ConnectWise's"),
    }
}
