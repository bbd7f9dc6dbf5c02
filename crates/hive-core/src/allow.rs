//! Allow: lifts holds that have a live approval, and nothing else.
//!
//! **Owns:** [`Released`], the only thing that can be pushed; only this module can make one.
//! **Does not own:** what is held (the plan), the writing (the push).
//! **Limits on purpose:** pure; it never changes a quantity.

use crate::ids::{AccountId, AdditionId, AgreementId, ItemId, LineId, ProductId};
use crate::issue::Code;
use crate::link::{ProductLink, ProductTarget};
use crate::plan::{Change, Plan, Standing};
use crate::quantity::Quantity;
use crate::when::stamp;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

mod create;

pub use create::{AllowedCreates, CreateApproval, ReleasedCreate, allow_creates, create_lifted_by};

/// A person's agreement to one held change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    pub addition: AdditionId,
    /// The value the change starts from.
    pub from: Quantity,
    /// How far it reaches: `to`, and a little beyond for storage.
    pub limit: Quantity,
    /// The hold codes that were shown. Later ones are not lifted.
    pub codes: BTreeSet<Code>,
    pub who: String,
    pub at: Timestamp,
    pub lapses_at: Timestamp,
}

impl Approval {
    /// Approves the holds of `change` that were asked for: those of one `cause`, or all that it shows.
    /// `percent` is how far beyond a quantity of storage it reaches, in the direction of the change.
    pub fn of(
        change: &Change,
        cause: Option<&str>,
        percent: Decimal,
        who: &str,
        span: (Timestamp, Timestamp),
    ) -> Approval {
        let beyond = if change.countable { Decimal::ZERO } else { percent };
        let reach = change.to.decimal().checked_mul(beyond).and_then(|reach| reach.checked_div(Decimal::ONE_HUNDRED));
        let reach = Quantity::new(reach.unwrap_or_default());
        let limit = if change.to >= change.from {
            change.to.plus(reach).unwrap_or(change.to)
        } else {
            change.to.minus(reach).filter(|limit| *limit >= Quantity::ZERO).unwrap_or(change.to)
        };
        let asked = change.holds.iter().filter(|(_, of)| cause.is_none_or(|cause| cause == of));
        Approval {
            addition: change.addition,
            from: change.from,
            limit,
            codes: asked.map(|(code, _)| *code).collect(),
            who: who.to_owned(),
            at: span.0,
            lapses_at: span.1,
        }
    }

    /// Whether it acts on `change` at `now`: the same start, within its limit, not lapsed.
    fn acts_on(&self, change: &Change, now: Timestamp) -> bool {
        let Approval { addition, from, limit, codes: _, who: _, at: _, lapses_at } = self;
        let (low, high) = if from <= limit { (from, limit) } else { (limit, from) };
        *addition == change.addition
            && *from == change.from
            && *low <= change.to
            && change.to <= *high
            && now < *lapses_at
    }
}

/// Who lifted the holds of `change`, all of them, by one approval or several; `None` while a hold
/// stands that nobody was shown.
pub fn lifted_by(change: &Change, approvals: &[Approval], now: Timestamp) -> Option<String> {
    let acting: Vec<&Approval> = approvals.iter().filter(|approval| approval.acts_on(change, now)).collect();
    let lifts = |code: &Code| acting.iter().any(|approval| approval.codes.contains(code));
    if !change.holds.iter().all(|(code, _)| lifts(code)) {
        return None;
    }
    let who: BTreeSet<&str> = acting.iter().map(|approval| approval.who.as_str()).collect();
    let who: Vec<&str> = who.into_iter().collect();
    Some(who.join(", "))
}

/// How an Update was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// A person asked for exactly this plan, by its id: its links go live, and no invoice is waited for.
    pub by_plan_id: bool,
    /// The MSP's clock, for words; `None`: UTC.
    pub zone: Option<TimeZone>,
    /// Only these products; `None`: all.
    pub products: Option<BTreeSet<ProductId>>,
    /// Only these accounts; `None`: all. Go-live is of whole products, so nothing goes live then.
    pub accounts: Option<BTreeSet<AccountId>>,
}

/// A change that may be pushed. Made by [`allow`] and [`turn_round`] alone; not `Clone`.
#[derive(Debug, PartialEq, Eq)]
pub struct Released {
    addition: AdditionId,
    agreement: AgreementId,
    item: ItemId,
    from: Quantity,
    to: Quantity,
    lines: Vec<LineId>,
    approved_by: Option<String>,
}

impl Released {
    pub fn addition(&self) -> AdditionId {
        self.addition
    }

    pub fn agreement(&self) -> AgreementId {
        self.agreement
    }

    /// The item that the addition must still be of.
    pub fn item(&self) -> ItemId {
        self.item
    }

    /// The value it must still hold.
    pub fn from(&self) -> Quantity {
        self.from
    }

    /// The value to write.
    pub fn to(&self) -> Quantity {
        self.to
    }

    pub fn lines(&self) -> &[LineId] {
        &self.lines
    }

    /// Who lifted its hold; `None` where nothing held it.
    pub fn approved_by(&self) -> Option<&str> {
        self.approved_by.as_deref()
    }
}

/// What may be pushed, and what waits for what.
#[derive(Debug, PartialEq, Eq)]
pub struct Allowed {
    /// In the order of their additions.
    pub released: Vec<Released>,
    /// Additions that wait, with the words for the report.
    pub waiting: BTreeMap<AdditionId, String>,
    /// Products whose links go live with this Update, before its first intent.
    pub going_live: BTreeSet<ProductId>,
}

/// Why a change waits whose product nobody has looked at, in an Update of some accounts alone.
const WAITS_WHOLE: &str = "waits for go-live: an Update of single accounts takes no product live; start one with this plan's id for the whole product";

/// What of `plan` may be pushed at `now`.
pub fn allow(plan: &Plan, links: &[ProductLink], approvals: &[Approval], request: &Request, now: Timestamp) -> Allowed {
    let named = |product: &ProductId| request.products.as_ref().is_none_or(|products| products.contains(product));
    let mut allowed = Allowed { released: Vec::new(), waiting: BTreeMap::new(), going_live: BTreeSet::new() };
    if request.by_plan_id && request.accounts.is_none() {
        let linked = |link: &&ProductLink| matches!(link.target, ProductTarget::Item(_)) && named(&link.product);
        let shown: BTreeSet<ProductId> = plan.lines.iter().map(|line| line.id.product).collect();
        let going = links.iter().filter(linked).map(|link| link.product);
        allowed.going_live = going.filter(|product| shown.contains(product)).collect();
    }
    for change in &plan.changes {
        match release((plan, change), approvals, request, &named, now) {
            Ok(released) => allowed.released.push(released),
            Err(why) => {
                allowed.waiting.insert(change.addition, why);
            }
        }
    }
    allowed
}

/// Why a change is not due, in the words of its line.
fn waits_invoice<'a>(plan: &'a Plan, change: &Change) -> Option<&'a str> {
    let issues = change.lines.iter().filter_map(|id| plan.line(*id)).flat_map(|line| &line.issues);
    let mut waits = issues.filter(|issue| issue.code == Code::AgreementWaitsInvoice);
    waits.next().map(|issue| issue.message.as_str())
}

fn release(
    (plan, change): (&Plan, &Change),
    approvals: &[Approval],
    request: &Request,
    named: &dyn Fn(&ProductId) -> bool,
    now: Timestamp,
) -> Result<Released, String> {
    if !change.products.iter().all(named) {
        return Err("not among the products that this Update was asked for".to_owned());
    }
    if let Some(accounts) = &request.accounts {
        // What a sum adds up to is every part's: an account that was not named is not pushed by the way.
        if !change.lines.iter().all(|line| accounts.contains(&line.account)) {
            return Err("not among the accounts that this Update was asked for".to_owned());
        }
        if !change.live {
            return Err(WAITS_WHOLE.to_owned());
        }
    }
    if !change.live && !request.by_plan_id {
        return Err("waits for go-live: start an Update with this plan's id".to_owned());
    }
    if let Some(words) = waits_invoice(plan, change).filter(|_| !request.by_plan_id) {
        return Err(words.to_owned());
    }
    let lifted = lifted_by(change, approvals, now);
    if !change.holds.is_empty() && lifted.is_none() {
        let codes: BTreeSet<&str> = change.holds.iter().map(|(code, _)| code.name()).collect();
        let codes: Vec<&str> = codes.into_iter().collect();
        let edited = change.holds.iter().any(|(code, _)| *code == Code::AdditionEditedByHand);
        let what = if edited { "waits for an answer or an approval" } else { "waits for approval" };
        let lapsed =
            approvals.iter().rfind(|a| a.addition == change.addition && a.from == change.from && a.lapses_at <= now);
        let lapsed = lapsed.map_or(String::new(), |a| {
            let zone = request.zone.clone().unwrap_or(TimeZone::UTC);
            format!("; the approval by {} lapsed at {}", a.who, stamp(a.lapses_at, &zone))
        });
        return Err(format!("{what} ({}){lapsed}", codes.join(", ")));
    }
    Ok(Released {
        addition: change.addition,
        agreement: change.agreement,
        item: change.item,
        from: change.from,
        to: change.to,
        lines: change.lines.clone(),
        approved_by: lifted.filter(|_| !change.holds.is_empty()),
    })
}

/// The values to settle on when `going_live` goes live: those that the plan saw, where nothing was
/// settled before or where that value still stands. One that a person typed since stays a question:
/// going live is no answer to it.
pub fn settled_at_go_live(
    plan: &Plan,
    standings: &[Standing],
    going_live: &BTreeSet<ProductId>,
) -> BTreeMap<AdditionId, Quantity> {
    let before: BTreeMap<AdditionId, Quantity> =
        standings.iter().filter_map(|standing| Some((standing.addition, standing.settled?))).collect();
    let of_live = plan.lines.iter().filter(|line| going_live.contains(&line.id.product));
    let seen = of_live.filter_map(|line| Some((line.addition?, line.now?)));
    seen.filter(|(addition, now)| before.get(addition).is_none_or(|before| before == now)).collect()
}

/// One write of a run that is to be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    pub addition: AdditionId,
    pub agreement: AgreementId,
    pub item: ItemId,
    /// What the run found.
    pub found: Quantity,
    /// What the run left there.
    pub wrote: Quantity,
    pub lines: Vec<LineId>,
}

/// A run turned round: from what it wrote, to what it found. A person asked for it, so no limit
/// holds it.
pub fn turn_round(run: &[Done], who: &str) -> Vec<Released> {
    let turn = |done: &Done| Released {
        addition: done.addition,
        agreement: done.agreement,
        item: done.item,
        from: done.wrote,
        to: done.found,
        lines: done.lines.clone(),
        approved_by: Some(who.to_owned()),
    };
    run.iter().filter(|done| done.wrote != done.found).map(turn).collect()
}
