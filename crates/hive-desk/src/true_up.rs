//! True-up lists: what Hive's writes did not bill until the next invoice of a long cycle. For a person to bill by
//! hand; never written to ConnectWise.

use crate::money::{Sums, add};
use crate::{Desk, Refused};
use hive_core::plan::{Pushed, TrueUp, true_up};
use hive_core::{AdditionId, AgreementId, Date, Money, Quantity, RunId, Timestamp};
use hive_store::Msp;
use jiff::ToSpan as _;
use std::collections::HashMap;

/// Which writes are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrueUpOf {
    /// Of one run; `None`: the newest Update's.
    Run(Option<RunId>),
    /// Of a span of dates in the MSP's zone, both days in it.
    Span(Date, Date),
}

/// A list with its sums.
#[derive(Clone, Debug, Default)]
pub struct TrueUps {
    pub msp: String,
    pub run: Option<RunId>,
    pub span: Option<(Date, Date)>,
    /// In the order of the writes.
    pub lines: Vec<TrueUpLine>,
    /// One amount a currency, of rounded rows: what is shown adds up.
    pub sums: Sums,
    /// Writes on what the last Sync does not have.
    pub not_judged: usize,
}

/// One write on an agreement that is billed less often than monthly.
#[derive(Clone, Debug)]
pub struct TrueUpLine {
    pub run: RunId,
    pub customer: String,
    pub agreement: (AgreementId, String),
    pub addition: AdditionId,
    pub item: String,
    pub from: Quantity,
    pub to: Quantity,
    pub pushed_on: Date,
    pub owed: TrueUp,
    /// Empty where ConnectWise names none.
    pub currency: String,
}

impl Desk {
    /// The list of a run or of a span.
    pub async fn true_up(&self, msp: &Msp, of: TrueUpOf) -> Result<TrueUps, Refused> {
        let zone = self.store.settings(msp.id).await?.time_zone();
        let begin = |date: Date| date.to_zoned(zone.clone()).map(|begin| begin.timestamp());
        let bad = |error: jiff::Error| Refused::WrongUsage(format!("that date cannot be used: {error}"));
        let mut found = TrueUps { msp: msp.name.clone(), ..TrueUps::default() };
        let times = match of {
            TrueUpOf::Run(run) => {
                let run = match run {
                    Some(run) => run,
                    None => self.store.newest_update(msp.id).await?.ok_or_else(|| {
                        Refused::NotFound(format!("{} had no Update yet, so nothing was pushed", msp.name))
                    })?,
                };
                if self.store.run(msp.id, run).await?.is_none() {
                    return Err(Refused::NotFound(format!("{} has no run {run}", msp.name)));
                }
                found.run = Some(run);
                (Timestamp::MIN, Timestamp::MAX)
            }
            TrueUpOf::Span(from, to) if to < from => {
                return Err(Refused::WrongUsage(format!("{from} is after {to}")));
            }
            TrueUpOf::Span(from, to) => {
                found.span = Some((from, to));
                (begin(from).map_err(bad)?, begin(to.saturating_add(1.days())).map_err(bad)?)
            }
        };
        let stands = self.store.stands(msp.id, found.run, times).await?;
        let Some(mirror) = self.store.mirror(msp.id).await? else {
            found.not_judged = stands.len();
            return Ok(found);
        };
        let agreements: HashMap<_, _> = mirror.agreements.iter().map(|one| (one.id, one)).collect();
        let additions: HashMap<_, _> = mirror.additions.iter().map(|one| (one.id, one)).collect();
        let companies: HashMap<_, _> = mirror.companies.iter().map(|one| (one.id, one)).collect();
        for one in stands {
            let (Some(agreement), Some(addition)) = (agreements.get(&one.agreement), additions.get(&one.addition))
            else {
                found.not_judged += 1;
                continue;
            };
            let pushed_on = one.at.to_zoned(zone.clone()).date();
            let pushed = Pushed { run: one.run, addition: one.addition, from: one.from, to: one.to, on: pushed_on };
            let Some(owed) = true_up(agreement, addition, &pushed) else { continue };
            let currency = agreement.currency.clone().unwrap_or_default();
            if let Some(amount) = owed.amount {
                add(&mut found.sums, &currency, Money::new(amount.decimal().round_dp(2)));
            }
            let customer = companies.get(&agreement.company).map_or(&agreement.company_name, |company| &company.name);
            found.lines.push(TrueUpLine {
                run: one.run,
                customer: customer.clone(),
                agreement: (agreement.id, agreement.name.clone()),
                addition: addition.id,
                item: addition.item_identifier.clone(),
                from: one.from,
                to: one.to,
                pushed_on,
                owed,
                currency,
            });
        }
        Ok(found)
    }
}
