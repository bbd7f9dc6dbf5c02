//! The buttons of a line's page: each one verb of the desk.

use super::line::line_id;
use crate::auth::Do;
use crate::{Answer, Fault, Visitor, Web, part};
use axum::Form;
use axum::extract::{Path, State};
use hive_core::settings::{At, Key};
use hive_core::unit::{ItemUnit, Unit};
use hive_core::{AdditionId, LineId, PlanId, Quantity};
use hive_desk::{Answer as Word, Refused, Said, Which};
use serde::Deserialize;
use std::sync::Arc;

type At2 = Path<(i64, String)>;

fn back(line: LineId) -> String {
    format!("psa-sync/usages/{line}")
}

fn wrong(words: String) -> Fault {
    Fault::Refused(Refused::WrongUsage(words))
}

#[derive(Debug, Deserialize)]
pub(super) struct Pinned {
    addition: String,
}

pub(super) async fn pin(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path((_, id)): At2,
    Form(form): Form<Pinned>,
) -> Answer {
    visitor.need(Do::Map)?;
    let line = line_id(&id)?;
    let addition = match form.addition.trim() {
        "" => None,
        text => Some(AdditionId(text.parse().map_err(|_| wrong(format!("\"{text}\" is no addition's id")))?)),
    };
    let said = web.desk.pin(&visitor.by(), line.account, line.product, addition).await;
    Ok(visitor.done(said.map(|Said(words)| words), &back(line)))
}

#[derive(Debug, Deserialize)]
pub(super) struct Relinked {
    company: String,
}

pub(super) async fn relink(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path((_, id)): At2,
    Form(form): Form<Relinked>,
) -> Answer {
    visitor.need(Do::Map)?;
    let line = line_id(&id)?;
    // An id and nothing else: an empty text would take the link away.
    let company: i64 = form.company.trim().parse().map_err(|_| wrong("Choose a company by its id.".to_owned()))?;
    let said = web.desk.link_account(&visitor.by(), line.account, &company.to_string()).await;
    Ok(visitor.done(said.map(|Said(words)| words), &back(line)))
}

#[derive(Debug, Deserialize)]
pub(super) struct Counted {
    item: String,
    unit: String,
    size: String,
}

pub(super) async fn unit(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path((_, id)): At2,
    Form(form): Form<Counted>,
) -> Answer {
    visitor.need(Do::Map)?;
    let line = line_id(&id)?;
    let asked = || {
        let size = Quantity::parse_plain(form.size.trim()).map_err(|error| format!("The size: {error}"))?;
        let unit = Unit::parse(&form.unit).ok_or("The unit is missing: write GB, TB or what is counted")?;
        ItemUnit::new(unit, size).ok_or("The size must be over 0".to_owned())
    };
    let said = match asked() {
        Ok(unit) => web.desk.map_product(&visitor.by(), line.product, &form.item, Some(unit)).await,
        Err(words) => Err(Refused::WrongUsage(words)),
    };
    Ok(visitor.done(said.map(|Said(words)| words), &back(line)))
}

#[derive(Debug, Deserialize)]
pub(super) struct Ignored {
    what: String,
}

pub(super) async fn ignore(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path((_, id)): At2,
    Form(form): Form<Ignored>,
) -> Answer {
    visitor.need(Do::Map)?;
    let line = line_id(&id)?;
    let by = visitor.by();
    let (said, tab) = match form.what.as_str() {
        "account" => (web.desk.link_account(&by, line.account, "-").await, "Show Accounts"),
        "product" => (web.desk.map_product(&by, line.product, "-", None).await, "Show Products"),
        other => return Err(wrong(format!("\"{other}\" is neither account nor product"))),
    };
    let said = said.map(|Said(words)| format!("{words} {tab} takes it back."));
    // Its line is gone now.
    Ok(visitor.done_at(said, &visitor.path("psa-sync/usages")))
}

#[derive(Debug, Deserialize)]
pub(super) struct Approved {
    plan: String,
}

pub(super) async fn approve(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path((_, id)): At2,
    Form(form): Form<Approved>,
) -> Answer {
    visitor.need(Do::Approve)?;
    let line = line_id(&id)?;
    let approved = web.desk.approve(&visitor.by(), Some(&PlanId(form.plan)), &Which::Lines(vec![line])).await;
    let said = approved.map(|view| {
        let first = view.lines.first().map_or_else(String::new, |line| match &line.from {
            Some(from) => format!("{from} → {}", line.to),
            None => format!("Creating the addition at {}", line.to),
        });
        let more = if view.lines.len() > 1 {
            format!(" ({} share the addition)", part::plural(view.lines.len(), "line", "lines"))
        } else {
            String::new()
        };
        let live = if view.live { "The next Update pushes it." } else { "It is pushed after go-live." };
        format!("{first} is approved{more}, until {}. {live}", part::time_words(view.lapses, &visitor.zone))
    });
    Ok(visitor.done(said, &back(line)))
}

#[derive(Debug, Deserialize)]
pub(super) struct Answered {
    /// The plan that the page showed.
    plan: String,
    answer: String,
    #[serde(default)]
    until: String,
}

impl Answered {
    /// What a person said, of the three there are.
    pub(super) fn word(&self) -> Result<Word, Refused> {
        super::super::update::answer_word(&self.answer, &self.until)
    }
}

pub(super) async fn answer(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path((_, id)): At2,
    Form(form): Form<Answered>,
) -> Answer {
    visitor.need(Do::Approve)?;
    let line = line_id(&id)?;
    let said = match form.word() {
        Ok(word) => web.desk.answer(&visitor.by(), Some(&PlanId(form.plan)), &Which::Lines(vec![line]), word).await,
        Err(refused) => Err(refused),
    };
    Ok(visitor.done(said.map(|Said(words)| words), &back(line)))
}

#[derive(Debug, Deserialize)]
pub(super) struct Sourced {
    source: String,
}

pub(super) async fn source(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path((_, id)): At2,
    Form(form): Form<Sourced>,
) -> Answer {
    visitor.need(Do::Settings)?;
    let line = line_id(&id)?;
    let at = At { product: Some(line.product), account: Some(line.account) };
    let set = web.desk.set_settings(&visitor.by(), &[(Key::Source, at, form.source.clone())]).await;
    Ok(visitor.done(set.map(|()| format!("From now on the source {} counts for this line.", form.source)), &back(line)))
}
