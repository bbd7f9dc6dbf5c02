//! Going live: the rules a person looked at, and the values that stood then.

use crate::Store;
use crate::audit::Entry;
use crate::db::{Row, Tx, args};
use crate::error::{Result, refused};
use crate::lease::Lease;
use hive_core::{AdditionId, MspId, PlanId, ProductId, Quantity, Timestamp};
use std::collections::BTreeMap;

impl Tx {
    pub(crate) async fn live_rules(&mut self, msp: MspId, connection: i64) -> Result<BTreeMap<ProductId, String>> {
        let sql = "SELECT product, rule FROM live_rule WHERE msp = $1 AND connection = $2";
        let read = |row: &mut Row<'_>| Ok((row.take()?, row.take()?));
        Ok(self.all(sql, args![msp, connection], read).await?.into_iter().collect())
    }
}

impl Store {
    /// Lets products go live under their present rules, and settles the values that stand now: all
    /// in one transaction, before the first intent.
    #[expect(clippy::too_many_arguments, reason = "who, when, under which plan and lease: each stands in the row")]
    pub async fn go_live(
        &self,
        msp: MspId,
        lease: &Lease,
        rules: &BTreeMap<ProductId, String>,
        settled: &[(AdditionId, Quantity)],
        plan: &PlanId,
        who: &str,
        at: Timestamp,
    ) -> Result<()> {
        if lease.msp != msp {
            return Err(refused(format!("the lease is MSP {}'s, the rules are MSP {msp}'s", lease.msp)));
        }
        let mut tx = self.db.write_facts(msp).await?;
        tx.check_connection(lease).await?;
        let connection = lease.connection;
        let before = tx.live_rules(msp, connection).await?;
        let changed = rules.iter().filter(|(product, rule)| before.get(product) != Some(rule));
        let changed: Vec<(&ProductId, &String)> = changed.collect();
        let rows = changed.iter().map(|(product, rule)| args![msp, connection, **product, *rule, plan, who, at]);
        let after = "ON CONFLICT (msp, connection, product) DO UPDATE SET rule = excluded.rule, plan = excluded.plan,
            who = excluded.who, at = excluded.at";
        tx.put_many("INSERT INTO live_rule (msp, connection, product, rule, plan, who, at)", after, rows).await?;
        let settled: BTreeMap<AdditionId, Quantity> = settled.iter().copied().collect();
        let rows = settled.into_iter().map(|(addition, value)| args![msp, connection, addition, value, at, 0]);
        let after = "ON CONFLICT (msp, connection, addition) DO UPDATE SET settled = excluded.settled,
            settled_at = excluded.settled_at";
        let insert = "INSERT INTO standing (msp, connection, addition, settled, settled_at, failure_times)";
        tx.put_many(insert, after, rows).await?;
        let entry = |(product, rule): &(&ProductId, &String)| {
            let subject = format!("product {product} by plan {plan}");
            Entry::new("product.go_live", subject, before.get(product).cloned(), Some((*rule).clone()))
        };
        tx.note_all(msp, who, at, changed.iter().map(entry).collect()).await?;
        tx.set_run_plan(lease, plan).await?;
        tx.commit().await
    }
}
