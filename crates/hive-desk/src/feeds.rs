//! Sources as people see them: their batches, their rhythm, who is missing; and the answers to these.

use crate::view::{SourceBatchView, SourceProductView, SourceView, SourcesView};
use crate::{By, Desk, Refused, Said};
use hive_core::issue::Code;
use hive_core::plan::rhythm_days;
use hive_core::plan::{Batch, Gone, GoneAnswer, Judged, Line, Listing, Plan, Unlisted, judge_feed, newest_complete};
use hive_core::{AccountId, Date, LineId, ProductId, Timestamp};
use hive_store::{Msp, Sources};
use std::collections::{BTreeMap, BTreeSet, HashMap};

impl Desk {
    /// Every source with its last batches, its rhythm and what is missing.
    pub async fn sources(&self, msp: &Msp, at: Timestamp) -> Result<SourcesView, Refused> {
        let sources = self.store.sources(msp.id).await?;
        let settings = self.store.settings(msp.id).await?;
        let today = at.to_zoned(settings.time_zone()).date();
        let accounts = self.store.accounts(msp.id).await?;
        let accounts: HashMap<AccountId, String> = accounts.into_iter().map(|one| (one.id, one.name)).collect();
        let products = self.store.products(msp.id).await?;
        let products: BTreeMap<ProductId, String> = products.into_iter().map(|one| (one.id, one.name)).collect();
        let mut of_feed: BTreeMap<(&str, ProductId), Vec<&Listing>> = BTreeMap::new();
        for listing in &sources.listings {
            of_feed.entry((&listing.source, listing.product)).or_default().push(listing);
        }
        let name = |account: &AccountId| accounts.get(account).cloned().unwrap_or_else(|| account.to_string());
        let gone = gone_now(&sources);
        let view = |source: &String| {
            let batches: Vec<&Batch> = sources.batches.iter().filter(|batch| batch.source == *source).collect();
            let declared = sources.rhythms.get(source).copied();
            let feeds = of_feed.iter().filter(|((of, _), _)| *of == source.as_str());
            let judged = feeds.filter_map(|((_, product), all)| Some((*product, judge_feed(all, &settings, today)?)));
            SourceView {
                source: source.clone(),
                rhythm_days: rhythm_days(declared, &batches),
                declared: declared.is_some(),
                batches: batches.iter().rev().map(|batch| SourceBatchView::of(batch)).collect(),
                products: judged
                    .map(|(product, judged)| {
                        let names = products.get(&product).cloned().unwrap_or_default();
                        let left_out =
                            gone.iter().filter(|(pair, _)| pair.source == *source && pair.product == product);
                        product_view(source, product, names, &judged, &name, left_out)
                    })
                    .collect(),
            }
        };
        Ok(SourcesView { msp: msp.name.clone(), sources: sources.names.iter().map(view).collect() })
    }

    /// Declares the rhythm of a source in days; `None`: it is learned again.
    pub async fn set_rhythm(&self, by: &By, source: &str, days: Option<i64>) -> Result<Said, Refused> {
        if days.is_some_and(|days| !(1..=hive_store::RHYTHM_DAYS_MAX).contains(&days)) {
            return Err(Refused::WrongUsage(format!(
                "a rhythm is a number of days from 1 to {}, or learned; nothing was changed",
                hive_store::RHYTHM_DAYS_MAX
            )));
        }
        self.store.set_rhythm(by.msp.id, source, days, &by.who, by.at).await?;
        Ok(Said(match days {
            Some(1) => format!("The source \"{source}\" is expected daily."),
            Some(days) => format!("The source \"{source}\" is expected every {days} days."),
            None => format!("The rhythm of the source \"{source}\" is learned from its batches."),
        }))
    }

    /// Answers "is this customer gone?" for the lines that are meant.
    pub(crate) async fn answer_gone(
        &self,
        by: &By,
        plan: &Plan,
        lines: &[LineId],
        answer: Gone,
    ) -> Result<Said, Refused> {
        let sources = self.store.sources(by.msp.id).await?;
        let gone = gone_now(&sources);
        let (mut answers, mut words) = (Vec::new(), Vec::new());
        for id in lines {
            let line = plan.line(*id).ok_or_else(|| crate::approve::no_line(plan, &id.to_string()))?;
            let of_line: Vec<&(&Unlisted, i64)> =
                gone.iter().filter(|(pair, _)| (pair.account, pair.product) == (id.account, id.product)).collect();
            if of_line.is_empty() || !line.issues.iter().any(|issue| issue.code == Code::UsageGone) {
                return Err(Refused::Stopped(format!(
                    "{} x {} is in the newest complete batch of its source, or that source sends none: there is no question to answer",
                    line.account, line.product
                )));
            }
            answers.extend(of_line.iter().map(|(pair, batch)| GoneAnswer {
                account: pair.account,
                product: pair.product,
                source: pair.source.clone(),
                seen: pair.seen,
                batch: *batch,
                answer,
                who: by.who.clone(),
            }));
            words.push(said(line, answer));
        }
        self.store.answer_gone(by.msp.id, &answers, by.at).await?;
        Ok(Said(words.join("\n")))
    }

    /// A person says that the batch behind a cause is right, whether a plan shows it or not.
    pub async fn accept_batch(&self, by: &By, cause: &str) -> Result<Said, Refused> {
        self.accept_batches(by, &BTreeSet::from([cause.to_owned()])).await
    }

    /// Accepts the batches behind these causes: they are right as they are.
    pub(crate) async fn accept_batches(&self, by: &By, causes: &BTreeSet<String>) -> Result<Said, Refused> {
        let sources = self.store.sources(by.msp.id).await?;
        let settings = self.store.settings(by.msp.id).await?;
        let today = by.at.to_zoned(settings.time_zone()).date();
        let mut words = Vec::new();
        for cause in causes {
            let (source, product) = feed_of(cause).ok_or_else(|| {
                Refused::Stopped(format!(
                    "\"{cause}\" is no batch to accept; its cause begins with {}",
                    Code::UsageFeedPartial
                ))
            })?;
            let judged = judge(&sources, &settings, today, source, product);
            let partial = judged.and_then(|judged| judged.partial).ok_or_else(|| {
                Refused::Stopped(format!(
                    "the newest batch of the source \"{source}\" lacks nothing: there is nothing to accept"
                ))
            })?;
            let name = self.product_of(&by.msp, product).await?.name;
            self.store.accept_batch(by.msp.id, source, product, partial.batch, &by.who, by.at).await?;
            words.push(format!(
                "The batch of the source \"{source}\" for {name} is right as it is: {} of {} accounts, in all {} after {}.",
                partial.accounts, partial.accounts_before, partial.total, partial.total_before
            ));
        }
        Ok(Said(words.join("\n")))
    }
}

fn judge<'a>(
    sources: &'a Sources,
    settings: &hive_core::settings::Settings,
    today: Date,
    source: &str,
    product: ProductId,
) -> Option<Judged<'a>> {
    let all = sources.listings.iter().filter(|of| of.source == source && of.product == product);
    judge_feed(&all.collect::<Vec<_>>(), settings, today)
}

/// `usage.feed_partial:SOURCE-PRODUCT`, taken apart; a source's name may hold a dash.
fn feed_of(cause: &str) -> Option<(&str, ProductId)> {
    let rest = cause.strip_prefix(Code::UsageFeedPartial.name())?.strip_prefix(':')?;
    let (source, product) = rest.rsplit_once('-')?;
    Some((source, ProductId(product.parse().ok()?)))
}

/// Pairs that are gone, each with the complete batch that leaves it out.
fn gone_now(sources: &Sources) -> Vec<(&Unlisted, i64)> {
    let newest = newest_complete(&sources.batches);
    let gone = sources.unlisted.iter().filter_map(|pair| Some((pair, newest.get(pair.source.as_str())?.id)));
    gone.collect()
}

fn said(line: &Line, answer: Gone) -> String {
    let name = format!("{} x {}", line.account, line.product);
    match answer {
        Gone::Left => format!("{name}: left. The next Update sets 0 for it, where nothing else holds it."),
        Gone::Keep => format!("{name}: still there. Its quantity stays until it is listed again."),
        Gone::Later => format!("{name}: asked again at the next complete batch. Its quantity stays until then."),
    }
}

fn product_view<'a>(
    source: &str,
    product: ProductId,
    name: String,
    judged: &Judged<'_>,
    account: &impl Fn(&AccountId) -> String,
    gone: impl Iterator<Item = &'a (&'a Unlisted, i64)>,
) -> SourceProductView {
    let partial = judged.partial.as_ref();
    SourceProductView {
        id: product.0,
        product: name,
        batch: judged.newest.batch,
        measured_at: format!("{:.0}", judged.newest.at),
        accounts: judged.newest.quantities.len(),
        partial: partial.is_some(),
        cause: partial.map(|_| format!("{}:{source}-{product}", Code::UsageFeedPartial)),
        accounts_before: partial.map(|partial| partial.accounts_before),
        total: partial.map(|partial| partial.total.to_string()),
        total_before: partial.map(|partial| partial.total_before.to_string()),
        lines_down: partial.map(|partial| partial.lines_down),
        missing: partial.map_or_else(Vec::new, |partial| partial.missing.iter().map(account).collect()),
        gone: gone.map(|(pair, _)| account(&pair.account)).collect(),
    }
}
