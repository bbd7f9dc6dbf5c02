//! Everything a plan is made from, as of one moment.

use crate::Store;
use crate::db::args;
use crate::error::{Result, StoreError};
use hive_core::MspId;
use hive_core::plan::Facts;

impl Store {
    /// The planner's facts, read in one transaction: they fit together. With `samples_through`,
    /// samples that came after that one are not seen; a correction is seen at once.
    pub async fn facts(&self, msp: MspId, samples_through: Option<i64>) -> Result<Facts> {
        let mut tx = self.db.read().await?;
        let name = tx.one("SELECT name FROM msp WHERE id = $1", args![msp], |row| row.take()).await?;
        let msp_name: String = name.ok_or_else(|| StoreError::NotFound(format!("there is no MSP {msp}")))?;
        let connection = tx.connection_id(msp).await?;
        let newest = tx.samples_through(msp).await?;
        let samples_through = samples_through.map_or(newest, |through| through.min(newest));
        let (products, settings) = (tx.products(msp).await?, tx.settings(msp).await?);
        let samples = tx.newest_samples(msp, samples_through).await?;
        let sources = tx.sources(msp, samples_through).await?;
        let history = tx.history(msp, &products, &settings, &samples, samples_through).await?;
        Ok(Facts {
            msp,
            msp_name,
            connection,
            mirror: tx.mirror(msp).await?,
            accounts: tx.accounts(msp).await?,
            products,
            account_links: tx.account_links(msp).await?,
            product_links: tx.product_links(msp).await?,
            samples,
            history,
            samples_through,
            quotas: tx.quotas(msp).await?,
            pins: tx.pins(msp).await?,
            settings,
            standings: tx.standings(msp, connection).await?,
            live_rules: tx.live_rules(msp, connection).await?,
            // The last push of an agreement is the one that counts.
            invoiced: tx.invoiced(msp, connection).await?.into_iter().collect(),
            batches: sources.batches,
            listings: sources.listings,
            rhythms: sources.rhythms,
            unlisted: sources.unlisted,
            gone_answers: sources.gone_answers,
        })
    }
}
