//! `hive links`, `hive match`.

use crate::cli::Format;
use crate::failure::{DONE, Done, Failure};
use crate::house::House;
use crate::run::sync::{link_unmistakable, matches as unmistakable};
use crate::show::links::{self as view, LinksView, Sources};
use crate::show::{Csv, show};
use hive_store::Msp;
use serde::Serialize;

pub(super) async fn links(house: &House, format: Format, msp: &str) -> Done {
    let msp = house.msp(msp).await?;
    let view = LinksView::of(&sources(house, &msp).await?);
    show(format, &view, view::COLUMNS, || view::words(&view))?;
    Ok(DONE)
}

async fn sources(house: &House, msp: &Msp) -> Result<Sources, Failure> {
    let store = &house.store;
    Ok(Sources {
        msp: msp.name.clone(),
        accounts: store.accounts(msp.id).await?,
        products: store.products(msp.id).await?,
        account_links: store.account_links(msp.id).await?,
        product_links: store.product_links(msp.id).await?,
        rejected_accounts: store.rejected_accounts(msp.id).await?.into_iter().collect(),
        rejected_products: store.rejected_products(msp.id).await?.into_iter().collect(),
        mirror: store.mirror(msp.id).await?,
    })
}

#[derive(Debug, Serialize)]
struct MatchesView {
    msp: String,
    applied: bool,
    matches: Vec<MatchView>,
}

#[derive(Debug, Serialize)]
struct MatchView {
    account: String,
    company: CompanyView,
    score: u8,
    reason: String,
}

#[derive(Debug, Serialize)]
struct CompanyView {
    id: i64,
    name: String,
}

const COLUMNS: Csv<'static> =
    Csv { rows: "matches", columns: &["account", "company.id", "company.name", "score", "reason"] };

pub(super) async fn matches(house: &House, format: Format, msp: &str, apply: bool) -> Done {
    let msp = house.msp(msp).await?;
    let found = unmistakable(house, msp.id).await?;
    let sources = sources(house, &msp).await?;
    let companies = sources.mirror.as_ref().map_or(&[][..], |mirror| &mirror.companies);
    let matches: Vec<MatchView> = found
        .iter()
        .map(|one| MatchView {
            account: sources
                .accounts
                .iter()
                .find(|account| account.id == one.hive)
                .map_or_else(String::new, |account| account.name.clone()),
            company: CompanyView {
                id: one.connectwise.0,
                name: companies
                    .iter()
                    .find(|company| company.id == one.connectwise)
                    .map_or_else(String::new, |company| company.name.clone()),
            },
            score: one.score,
            reason: one.reason.clone(),
        })
        .collect();
    if apply {
        link_unmistakable(house, msp.id).await?;
    }
    let view = MatchesView { msp: msp.name.clone(), applied: apply, matches };
    show(format, &view, COLUMNS, || words(&view))?;
    Ok(DONE)
}

fn words(view: &MatchesView) -> String {
    if view.matches.is_empty() {
        return format!(
            "No account of {} has an unmistakable company that is not linked yet. Suggestions: hive links \"{}\"",
            view.msp, view.msp
        );
    }
    let mut text = String::new();
    for one in &view.matches {
        text.push_str(&format!("{} = {} ({}): {}\n", one.account, one.company.name, one.company.id, one.reason));
    }
    if view.applied {
        text + &format!("{} linked.", view.matches.len())
    } else {
        text + &format!("{} unmistakable; link them: hive match \"{}\" --apply", view.matches.len(), view.msp)
    }
}
