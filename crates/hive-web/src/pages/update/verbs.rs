//! The buttons of Preview and Update: approve, answer, start, stop.

use super::ask;
use crate::auth::Do;
use crate::part;
use crate::{Answer, Fault, RunAsked, Visitor, Web};
use axum::Form;
use axum::extract::RawForm;
use axum::extract::State;
use hive_core::plan::Gone;
use hive_core::{Date, PlanId, ProductId, RunId};
use hive_desk::look::Decision;
use hive_desk::{Answer as Word, Refused, Said, Which};
use hive_store::RunKind;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;

const PAGE: &str = "psa-sync/update";

/// A form whose fields may stand several times.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(super) fn of(body: &[u8]) -> Fields {
        Fields(url::form_urlencoded::parse(body).into_owned().collect())
    }

    pub(super) fn one<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn products(&self) -> BTreeSet<ProductId> {
        self.all("product").filter_map(|id| id.parse().ok()).map(ProductId).collect()
    }
}

/// `POST update/approve`: asks first; with `sure` it approves.
pub(super) async fn approve(State(web): State<Arc<Web>>, visitor: Visitor, RawForm(form): RawForm) -> Answer {
    visitor.need(Do::Approve)?;
    let fields = Fields::of(&form);
    let look = web.desk.look_fresh(&visitor.msp, visitor.now()).await?;
    let plan = PlanId(fields.one("plan").unwrap_or_default().to_owned());
    let all = fields.one("all").is_some();
    let wanted: BTreeSet<&str> = fields.all("cause").collect();
    let decisions = web.desk.decisions(&look, visitor.now()).await?;
    let asked: Vec<Decision<'_>> =
        decisions.into_iter().filter(|one| all || wanted.contains(one.cause.cause.as_str())).collect();
    let page = visitor.path(PAGE);
    if asked.is_empty() {
        let words = if wanted.is_empty() && !all {
            "Tick at least one decision"
        } else {
            "These decisions do not wait any more"
        };
        return Ok(visitor.done_at::<String>(Err(Refused::Stopped(format!("{words}; nothing was approved."))), &page));
    }
    if fields.one("sure").is_none() {
        let lapses_at = web.desk.would_lapse(&visitor.msp, visitor.now()).await?;
        return ask::approve(&visitor, &look, &asked, (all, lapses_at));
    }
    let mut additions = BTreeSet::new();
    for (done, one) in asked.iter().enumerate() {
        let which = Which::Cause(one.cause.cause.clone());
        if let Err(refused) = web.desk.approve(&visitor.by(), Some(&plan), &which).await {
            let before = if done == 0 {
                String::new()
            } else {
                format!("{} before it stand. ", part::plural(done, "approval", "approvals"))
            };
            return Ok(visitor.done_at::<String>(Err(Refused::Stopped(format!("{before}{refused}"))), &page));
        }
        additions.extend(one.waiting.iter().copied());
    }
    let waits = look.together(&asked).waits();
    let waits = match waits {
        0 => String::new(),
        one_or_more => {
            format!(", of which {} for another decision", part::plural(one_or_more, "still waits", "still wait"))
        }
    };
    let words = format!(
        "Approved {}: {}{waits}. Nothing is written before an Update.",
        part::plural(asked.len(), "decision", "decisions"),
        part::plural(additions.len(), "addition", "additions")
    );
    Ok(visitor.done_at(Ok(words), &page))
}

#[derive(Debug, Deserialize)]
pub(super) struct Answered {
    /// The plan that the page showed.
    plan: String,
    cause: String,
    answer: String,
    #[serde(default)]
    until: String,
}

/// What a person says: of a value that somebody typed, of a customer who is gone, of a batch.
pub(in crate::pages) fn answer_word(answer: &str, until: &str) -> Result<Word, Refused> {
    match answer {
        "overwrite" => Ok(Word::Overwrite),
        "minimum" => Ok(Word::Minimum),
        "lock" => {
            let day: Result<Date, _> = until.parse();
            day.map(Word::Lock).map_err(|_| Refused::WrongUsage(format!("\"{until}\" is no day to lock through")))
        }
        "accept" => Ok(Word::Accept),
        other => Gone::parse(other).map(Word::Gone).ok_or_else(|| {
            Refused::WrongUsage(format!("\"{other}\" is none of overwrite, minimum, lock, left, keep, later, accept"))
        }),
    }
}

/// `POST update/answer`.
pub(super) async fn answer(State(web): State<Arc<Web>>, visitor: Visitor, Form(form): Form<Answered>) -> Answer {
    visitor.need(Do::Approve)?;
    let said = match answer_word(&form.answer, &form.until) {
        Ok(word) => web.desk.answer(&visitor.by(), Some(&PlanId(form.plan)), &Which::Cause(form.cause), word).await,
        Err(refused) => Err(refused),
    };
    Ok(visitor.done_at(said.map(|Said(words)| words), &visitor.path(PAGE)))
}

/// `POST update/pass`: the next scheduled Update may move as much.
pub(super) async fn pass(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    visitor.need(Do::Approve)?;
    let said = web.desk.let_pass(&visitor.by()).await;
    Ok(visitor.done_at(said.map(|Said(words)| words), &visitor.path(PAGE)))
}

/// `POST update/start`: the run begins and goes on by itself.
pub(super) async fn start(State(web): State<Arc<Web>>, visitor: Visitor, RawForm(form): RawForm) -> Answer {
    visitor.need(Do::Update)?;
    let fields = Fields::of(&form);
    let plan = fields.one("plan").map(|id| PlanId(id.to_owned()));
    let products = Some(fields.products()).filter(|products| !products.is_empty());
    if plan.is_some() && products.is_none() {
        return Err(Fault::Refused(Refused::WrongUsage("Tick at least one product; nothing was started.".to_owned())));
    }
    let asked = RunAsked::Update { plan, products };
    let started = web.engine.start(&visitor.msp, asked, &visitor.person.who()).await;
    let said = started.map(|run| format!("Update {run} has begun. This page follows it."));
    Ok(visitor.done_at(said, &visitor.path(PAGE)))
}

#[derive(Debug, Deserialize)]
pub(super) struct Stopped {
    run: i64,
}

/// `POST update/stop`: after the write in flight.
pub(super) async fn stop(State(web): State<Arc<Web>>, visitor: Visitor, Form(form): Form<Stopped>) -> Answer {
    let (store, run) = (&web.desk.store, RunId(form.run));
    let newest = store.runs(visitor.msp.id, 1).await?;
    let sync = newest.first().is_some_and(|newest| newest.id == run && newest.kind == RunKind::Sync);
    visitor.need(if sync { Do::Sync } else { Do::Update })?;
    let asked = store.ask_stop(visitor.msp.id, run, &visitor.person.who()).await?;
    let said = if asked {
        Ok(format!("Run {run} was asked to stop: it ends after the write in flight."))
    } else {
        Err(Refused::Stopped(format!("run {run} does not run any more")))
    };
    Ok(visitor.done(said, PAGE))
}
