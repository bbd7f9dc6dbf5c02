//! What an Update would do, told before it is started: for the question that asks first.

use crate::money::{Sums, add, sole_currency};
use crate::plan::apart;
use crate::{Desk, Look, Refused};
use hive_core::allow::{Request, allow, allow_creates};
use hive_core::plan::{Change, Create};
use hive_core::{AdditionId, Money, PlanId, ProductId, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What an Update would write if it ran now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WouldPush {
    /// The additions, in the order of their ids.
    pub additions: Vec<AdditionId>,
    /// How many additions it would create.
    pub creates: usize,
    /// What the rises move a month.
    pub up: Sums,
    /// What the falls move a month.
    pub down: Sums,
    /// How many changes wait, for an approval, an answer, go-live or their invoice.
    pub waiting: usize,
    /// The products that go live with it, and were not before.
    pub going_live: BTreeSet<ProductId>,
}

impl Desk {
    /// What an Update would write: of exactly `plan` where one is named, and of these products.
    pub async fn would_push(
        &self,
        look: &Arc<Look>,
        plan: Option<&PlanId>,
        products: Option<BTreeSet<ProductId>>,
        at: Timestamp,
    ) -> Result<WouldPush, Refused> {
        if let Some(shown) = plan.filter(|shown| **shown != look.plan.id) {
            return Err(Refused::Stopped(format!(
                "plan {shown} is not the newest any more: something changed, and the plan is {} now. Look at it, then push it.",
                look.plan.id
            )));
        }
        let approvals = self.store.approvals(look.msp.id, at).await?;
        let create_approvals = self.store.create_approvals_unused(look.msp.id).await?;
        let zone = Some(look.facts.settings.time_zone());
        let (look, request) = (look.clone(), Request { by_plan_id: plan.is_some(), products, accounts: None, zone });
        apart(move || {
            let allowed = allow(&look.plan, &look.facts.product_links, &approvals, &request, at);
            let additions: Vec<AdditionId> = allowed.released.iter().map(|released| released.addition()).collect();
            let changes = || additions.iter().filter_map(|id| look.change(*id));
            let falls = |change: &&Change| change.money_month.is_some_and(|month| month < Money::ZERO);
            let creates = allow_creates(&look.plan, &create_approvals, &request, at);
            let released = |create: &&Create| {
                creates.released.iter().any(|one| (one.agreement(), one.item()) == (create.agreement, create.item))
            };
            let mut up = look.money_of_changes(changes().filter(|change| !falls(change)));
            for create in look.plan.creates.iter().filter(released) {
                if let Some(month) = create.money_month {
                    let currency = create.currency.as_deref().unwrap_or_else(|| sole_currency(&look.plan));
                    add(&mut up, currency, month);
                }
            }
            let waiting_creates = look.plan.creates.len() - creates.released.len();
            WouldPush {
                creates: creates.released.len(),
                up,
                down: look.money_of_changes(changes().filter(falls)),
                waiting: allowed.waiting.len() + waiting_creates,
                going_live: allowed.going_live.difference(&look.live).copied().collect(),
                additions,
            }
        })
        .await
    }
}
