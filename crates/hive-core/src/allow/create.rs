//! What may be created: nothing without a live approval of exactly it, live or not.

use super::Request;
use crate::ids::{AgreementId, CompanyId, ItemId, LineId, ProductId};
use crate::issue::Code;
use crate::plan::{Create, Plan};
use crate::quantity::Quantity;
use jiff::Timestamp;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// A person's agreement to create one addition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateApproval {
    pub agreement: AgreementId,
    pub item: ItemId,
    /// The quantity that was shown.
    pub quantity: Quantity,
    /// How far it reaches: `quantity`, and a little beyond for storage.
    pub limit: Quantity,
    /// The hold codes that were shown. Later ones are not lifted.
    pub codes: BTreeSet<Code>,
    pub who: String,
    pub at: Timestamp,
    pub lapses_at: Timestamp,
}

impl CreateApproval {
    /// Approves the holds of `create` that were asked for: those of one `cause`, or all that it shows.
    /// `percent` is how far beyond a quantity of storage it reaches.
    pub fn of(
        create: &Create,
        cause: Option<&str>,
        percent: Decimal,
        who: &str,
        span: (Timestamp, Timestamp),
    ) -> CreateApproval {
        let beyond = if create.countable { Decimal::ZERO } else { percent };
        let reach = create.quantity.decimal().checked_mul(beyond);
        let reach = Quantity::new(reach.and_then(|reach| reach.checked_div(Decimal::ONE_HUNDRED)).unwrap_or_default());
        let asked = create.holds.iter().filter(|(_, of)| cause.is_none_or(|cause| cause == of));
        CreateApproval {
            agreement: create.agreement,
            item: create.item,
            quantity: create.quantity,
            limit: create.quantity.plus(reach).unwrap_or(create.quantity),
            codes: asked.map(|(code, _)| *code).collect(),
            who: who.to_owned(),
            at: span.0,
            lapses_at: span.1,
        }
    }

    /// Whether it acts on `create` at `now`: the same place, from the quantity shown to the limit.
    fn acts_on(&self, create: &Create, now: Timestamp) -> bool {
        let CreateApproval { agreement, item, quantity, limit, codes: _, who: _, at: _, lapses_at } = self;
        (*agreement, *item) == (create.agreement, create.item)
            && *quantity <= create.quantity
            && create.quantity <= *limit
            && now < *lapses_at
    }
}

/// Who lifted the holds of `create`, all of them; `None` while one stands.
pub fn create_lifted_by(create: &Create, approvals: &[CreateApproval], now: Timestamp) -> Option<String> {
    let acting: Vec<&CreateApproval> = approvals.iter().filter(|approval| approval.acts_on(create, now)).collect();
    let lifts = |code: &Code| acting.iter().any(|approval| approval.codes.contains(code));
    // A create that nothing holds is none that `plan` made: it is never lifted.
    if !lifts(&Code::AdditionToCreate) || !create.holds.iter().all(|(code, _)| lifts(code)) {
        return None;
    }
    let who: BTreeSet<&str> = acting.iter().map(|approval| approval.who.as_str()).collect();
    Some(who.into_iter().collect::<Vec<_>>().join(", "))
}

/// An addition that may be created. Made by [`allow_creates`] alone; not `Clone`.
#[derive(Debug, PartialEq, Eq)]
pub struct ReleasedCreate {
    agreement: AgreementId,
    company: CompanyId,
    item: ItemId,
    quantity: Quantity,
    lines: Vec<LineId>,
    approved_by: String,
}

impl ReleasedCreate {
    /// The agreement to create it on.
    pub fn agreement(&self) -> AgreementId {
        self.agreement
    }

    /// The company that the agreement must still be of.
    pub fn company(&self) -> CompanyId {
        self.company
    }

    /// The item it is of.
    pub fn item(&self) -> ItemId {
        self.item
    }

    /// The quantity it begins with.
    pub fn quantity(&self) -> Quantity {
        self.quantity
    }

    /// The lines it is for.
    pub fn lines(&self) -> &[LineId] {
        &self.lines
    }

    /// Who approved it.
    pub fn approved_by(&self) -> &str {
        &self.approved_by
    }
}

/// What may be created, and what waits for what.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct AllowedCreates {
    /// In the order of their agreements and items.
    pub released: Vec<ReleasedCreate>,
    /// Lines whose addition is not created, with the words for the report.
    pub waiting: BTreeMap<LineId, String>,
}

/// What `plan` may create at `now`. Going live is no approval of it.
pub fn allow_creates(plan: &Plan, approvals: &[CreateApproval], request: &Request, now: Timestamp) -> AllowedCreates {
    let mut allowed = AllowedCreates::default();
    for create in &plan.creates {
        match release(create, approvals, request, now) {
            Ok(released) => allowed.released.push(released),
            Err(why) => allowed.waiting.extend(create.lines.iter().map(|line| (*line, why.clone()))),
        }
    }
    allowed
}

fn release(
    create: &Create,
    approvals: &[CreateApproval],
    request: &Request,
    now: Timestamp,
) -> Result<ReleasedCreate, String> {
    let named = |product: &ProductId| request.products.as_ref().is_none_or(|products| products.contains(product));
    if !create.products.iter().all(named) {
        return Err("not among the products that this Update was asked for".to_owned());
    }
    if let Some(accounts) = &request.accounts
        && !create.lines.iter().all(|line| accounts.contains(&line.account))
    {
        return Err("not among the accounts that this Update was asked for".to_owned());
    }
    if !create.live && !request.by_plan_id {
        return Err("waits for go-live: start an Update with this plan's id".to_owned());
    }
    let Some(approved_by) = create_lifted_by(create, approvals, now) else {
        let codes: BTreeSet<&str> = create.holds.iter().map(|(code, _)| code.name()).collect();
        let of_it = |a: &&CreateApproval| (a.agreement, a.item) == (create.agreement, create.item);
        let lapsed = approvals.iter().rev().find(|a| of_it(a) && a.lapses_at <= now);
        let lapsed =
            lapsed.map_or(String::new(), |a| format!("; the approval by {} lapsed at {:.0}", a.who, a.lapses_at));
        let codes: Vec<&str> = codes.into_iter().collect();
        return Err(format!("waits for approval ({}){lapsed}", codes.join(", ")));
    };
    Ok(ReleasedCreate {
        agreement: create.agreement,
        company: create.company,
        item: create.item,
        quantity: create.quantity,
        lines: create.lines.clone(),
        approved_by,
    })
}
