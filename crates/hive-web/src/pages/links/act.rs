//! What a person does to links on the two tabs. Each is a verb of the desk; here is only which.

use super::search::read_id;
use super::{done, go, short};
use crate::{Answer, Do, Said, Visitor, Web};
use axum::Form;
use axum::extract::State;
use hive_core::unit::ItemUnit;
use hive_core::{AccountId, CompanyId, ItemId, ProductId};
use hive_desk::look::Boards;
use hive_desk::{LinkWanted, Look, Refused, UndoLinks};
use serde::Deserialize;
use std::sync::Arc;

/// A form as it came: names may repeat.
type Fields = Vec<(String, String)>;

fn field<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
}

fn all<'a>(fields: &'a Fields, name: &'a str) -> impl Iterator<Item = &'a str> {
    fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// `7` or `7.101`: a record and what it would be linked to.
fn pair(text: &str) -> Option<(i64, Option<i64>)> {
    match text.split_once('.') {
        Some((one, other)) => Some((one.parse().ok()?, Some(other.parse().ok()?))),
        None => Some((text.parse().ok()?, None)),
    }
}

/// A choice in a drop-down: an account and a company, of which one was typed.
#[derive(Debug, Deserialize)]
pub(super) struct Chosen {
    account: String,
    company: String,
}

/// Links one account with one company.
pub(super) async fn link(State(web): State<Arc<Web>>, visitor: Visitor, Form(chosen): Form<Chosen>) -> Answer {
    visitor.need(Do::Map)?;
    let (desk, by) = (&web.desk, visitor.by());
    let act = async {
        let account = match read_id(&chosen.account) {
            Some(id) => AccountId(id),
            None => typed_account(&web, &visitor, &chosen.account).await?,
        };
        let target = match read_id(&chosen.company) {
            Some(id) => id.to_string(),
            None if chosen.company.trim().is_empty() => {
                return Err(Refused::WrongUsage("choose a company first; nothing was changed".to_owned()));
            }
            None => typed_company(&web, &visitor, &chosen.company).await?,
        };
        desk.link_account(&by, account, &target).await.map(|said| said.0)
    };
    done(&web, &visitor, act, "psa-sync/accounts").await
}

/// The one account that was typed without choosing from the list.
async fn typed_account(web: &Web, visitor: &Visitor, typed: &str) -> Result<AccountId, Refused> {
    if typed.trim().is_empty() {
        return Err(Refused::WrongUsage("choose a Hive account first; nothing was changed".to_owned()));
    }
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    if let Some(named) = look.facts.accounts.iter().find(|account| account.name == typed.trim()) {
        return Ok(named.id);
    }
    match look.account_finder().find(typed, 1) {
        (found, 1) => Ok(AccountId(found[0])),
        (_, count) => Err(one_of("Hive account", typed, count)),
    }
}

async fn typed_company(web: &Web, visitor: &Visitor, typed: &str) -> Result<String, Refused> {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    match look.company_finder().find(typed, 1) {
        (found, 1) => Ok(found[0].to_string()),
        // An identifier that several names hold is still one company's.
        (found, count) => {
            let exact = found.first().and_then(|id| look.company(CompanyId(*id)));
            let is = |text: &str| text.eq_ignore_ascii_case(typed.trim());
            let exact = exact.filter(|company| is(&company.identifier));
            exact.map(|company| company.id.to_string()).ok_or_else(|| one_of("company", typed, count))
        }
    }
}

fn one_of(what: &str, typed: &str, count: usize) -> Refused {
    let typed = short(typed.trim());
    Refused::Stopped(match count {
        0 => format!("no {what} is called \"{typed}\"; nothing was changed"),
        count => format!("\"{typed}\" fits {count} of them: choose one from the list; nothing was changed"),
    })
}

/// Buttons of rows and of ticked rows on Show Accounts.
pub(super) async fn accounts(State(web): State<Arc<Web>>, visitor: Visitor, Form(fields): Form<Fields>) -> Answer {
    visitor.need(Do::Map)?;
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let boards = web.desk.boards(&look).await?;
    let (desk, by) = (&web.desk, visitor.by());
    let single = [("accept", ""), ("unlink", ""), ("ignore", "-")];
    let single = single.into_iter().find_map(|(what, target)| Some((what, target, pair(field(&fields, what)?)?)));
    let act = async {
        if let Some((what, target, (account, company))) = single {
            let target = company.filter(|_| what == "accept").map_or_else(|| target.to_owned(), |id| id.to_string());
            return desk.link_account(&by, AccountId(account), &target).await.map(|said| said.0);
        }
        let what = field(&fields, "many").unwrap_or_default();
        let rows: Vec<(i64, Option<i64>)> = all(&fields, "row").filter_map(pair).collect();
        let by_company = field(&fields, "rows") == Some("companies");
        let (wanted, words) = many_accounts(&boards, what, &rows, by_company)?;
        Ok(desk.link_many(&by, wanted).await?.words(words))
    };
    done(&web, &visitor, act, "psa-sync/accounts").await
}

/// What ticked rows ask for. A row of the companies' side stands for the accounts on it.
fn many_accounts(
    boards: &Boards,
    what: &str,
    rows: &[(i64, Option<i64>)],
    by_company: bool,
) -> Result<(Vec<LinkWanted>, &'static str), Refused> {
    if rows.is_empty() {
        return Err(Refused::WrongUsage("no row is ticked; tick some first".to_owned()));
    }
    let linked = |row: &(i64, Option<i64>)| match by_company {
        true => boards.accounts_on(CompanyId(row.0)).to_vec(),
        false => vec![AccountId(row.0)],
    };
    match what {
        "accept" => {
            let suggested = rows.iter().filter_map(|(row, other)| Some((*row, (*other)?)));
            let wanted = suggested.map(|(row, other)| {
                let (account, company) = if by_company { (other, row) } else { (row, other) };
                LinkWanted::Account(AccountId(account), company.to_string())
            });
            Ok((wanted.collect(), "linked"))
        }
        "unlink" => {
            let wanted = rows.iter().flat_map(linked).filter(|id| boards.account_link(*id).is_some());
            Ok((wanted.map(|id| LinkWanted::Account(id, String::new())).collect(), "unlinked"))
        }
        "ignore" => {
            let wanted = rows.iter().flat_map(linked);
            Ok((wanted.map(|id| LinkWanted::Account(id, "-".to_owned())).collect(), "ignored"))
        }
        _ => Err(Refused::WrongUsage("choose what to do with the ticked rows".to_owned())),
    }
}

/// Buttons of rows and of ticked rows on Show Products.
pub(super) async fn products(State(web): State<Arc<Web>>, visitor: Visitor, Form(fields): Form<Fields>) -> Answer {
    visitor.need(Do::Map)?;
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let boards = web.desk.boards(&look).await?;
    let (desk, by) = (&web.desk, visitor.by());
    let single = [("unmap", ""), ("ignore", "-")];
    let single = single.into_iter().find_map(|(what, target)| Some((target, pair(field(&fields, what)?)?)));
    let act = async {
        if let Some((target, (product, _))) = single {
            return desk.map_product(&by, ProductId(product), target, None).await.map(|said| said.0);
        }
        let (wanted, words, unconfirmed) = many_products(&look, &boards, &fields)?;
        let mut many = desk.link_many(&by, wanted).await?;
        many.refused.extend(unconfirmed);
        Ok(many.words(words))
    };
    done(&web, &visitor, act, "psa-sync/products").await
}

type Unconfirmed = Vec<(String, String)>;

fn many_products(
    look: &Look,
    boards: &Boards,
    fields: &Fields,
) -> Result<(Vec<LinkWanted>, &'static str, Unconfirmed), Refused> {
    let ticked: Vec<(i64, Option<i64>)> = all(fields, "row").filter_map(pair).collect();
    let what = field(fields, "many").unwrap_or_default();
    if ticked.is_empty() && what != "ignore-rest" {
        return Err(Refused::WrongUsage("no product is ticked; tick some first".to_owned()));
    }
    let mut unconfirmed = Unconfirmed::new();
    let to = |target: &'static str| move |id: i64| LinkWanted::Product(ProductId(id), target.to_owned(), None);
    let (wanted, words): (Vec<LinkWanted>, &str) = match what {
        "accept" => {
            let mut wanted = Vec::new();
            for (product, item) in ticked {
                let Some(item) = item else {
                    let name =
                        look.product(ProductId(product)).map_or_else(|| product.to_string(), |one| one.name.clone());
                    unconfirmed.push((name, "no item is suggested for it: search for one in its row".to_owned()));
                    continue;
                };
                match confirmed(look, ProductId(product), ItemId(item)) {
                    Ok(unit) => wanted.push(LinkWanted::Product(ProductId(product), item.to_string(), unit)),
                    Err(why) => unconfirmed.push(why),
                }
            }
            (wanted, "mapped")
        }
        "unmap" => {
            let mapped = |id: &i64| boards.product(ProductId(*id)).is_some_and(|row| row.link.is_some());
            (ticked.iter().map(|(id, _)| *id).filter(mapped).map(to("")).collect(), "unmapped")
        }
        "ignore" => (ticked.iter().map(|(id, _)| *id).map(to("-")).collect(), "ignored"),
        // What is open on the page and not ticked: only what the person saw.
        "ignore-rest" => {
            let open = |id: &i64| boards.product(ProductId(*id)).is_some_and(|row| row.state.is_open());
            let shown = all(fields, "shown").filter_map(|id| id.parse().ok());
            let rest = shown.filter(|id| !ticked.iter().any(|(ticked, _)| ticked == id)).filter(open);
            (rest.map(to("-")).collect(), "ignored")
        }
        _ => return Err(Refused::WrongUsage("choose what to do with the ticked products".to_owned())),
    };
    Ok((wanted, words, unconfirmed))
}

/// A suggestion is accepted in bulk only where nothing is left to confirm.
fn confirmed(look: &Look, product: ProductId, item: ItemId) -> Result<Option<ItemUnit>, (String, String)> {
    let Some(found) = look.product(product) else { return Ok(None) };
    let name = || found.name.clone();
    if found.is_storage() {
        let identifier = look.item(item).map_or_else(|| item.to_string(), |item| short(&item.identifier));
        return Err((name(), format!("say first what one unit of {identifier} is: choose it in its row")));
    }
    match look.item(item).and_then(super::search::item_state) {
        Some(state) => Err((name(), format!("item {item} is {}", if state == "bundle" { "a bundle" } else { state }))),
        None => Ok(None),
    }
}

/// Which action to take back.
#[derive(Debug, Deserialize)]
pub(super) struct Undone {
    undo: String,
}

/// Undo of the last action.
pub(super) async fn undo(State(web): State<Arc<Web>>, visitor: Visitor, Form(undone): Form<Undone>) -> Answer {
    visitor.need(Do::Map)?;
    let undone = match undone.undo.parse::<UndoLinks>() {
        Ok(undo) => web.desk.undo_links(&visitor.by(), undo).await,
        Err(refused) => Err(refused),
    };
    let to = visitor.person.back().map_or_else(|| visitor.path("psa-sync/accounts"), str::to_owned);
    let said = match undone {
        Ok(said) => Said::good(said.0),
        Err(refused) => Said::bad(refused.to_string()),
    };
    Ok(go(&visitor, &to, &said))
}
