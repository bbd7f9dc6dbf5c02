//! `hive answer`: a person's answer to a value that somebody edited by hand.

use super::approve::{chosen, last_stored};
use crate::cli::{Answer, Format};
use crate::failure::{DONE, Done, Failure};
use crate::house::{House, now};
use crate::show::say;
use hive_core::issue::Code;
use hive_core::plan::{Change, Plan};
use hive_core::{AdditionId, Date, LineId};
use hive_store::Msp;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Copy)]
enum Answered {
    Overwrite,
    Minimum,
    Lock(Date),
}

pub(super) async fn answer(house: &House, format: Format, asked: &Answer) -> Done {
    let (lines, answer) = split(asked)?;
    let answered = read(&answer)?;
    let msp = house.msp(&asked.msp).await?;
    let at = now();
    let today = at.to_zoned(house.store.settings(msp.id).await?.time_zone()).date();
    if let Answered::Lock(until) = answered
        && until < today
    {
        return Err(Failure::wrong_usage(format!(
            "lock={until} lies in the past (today is {today}), so nothing would be locked; nothing was changed"
        )));
    }
    let plan = last_stored(house, &msp).await?;
    let mut all = Vec::new();
    for asked in questions(house, &msp, &plan, &lines, asked.cause.as_deref()).await? {
        let words = match asked {
            Question::Edited(change) => settle(house, &msp, change, answered).await?,
            Question::Answered(addition) if matches!(answered, Answered::Overwrite) => {
                house.store.take_answers_back(msp.id, addition, &house.who, at).await?;
                format!(
                    "Addition {addition}: its minimum and its lock are taken back; the next plan follows the usage."
                )
            }
            Question::Answered(addition) => {
                return Err(Failure::stopped(format!(
                    "addition {addition} was not edited by hand since its last answer; overwrite takes that answer back"
                )));
            }
        };
        all.push(words);
    }
    say(format, &all.join("\n"))?;
    Ok(DONE)
}

/// What there is to answer.
enum Question<'a> {
    /// Somebody edited the addition, and the change waits.
    Edited(&'a Change),
    /// Answered before: a minimum or a lock stands.
    Answered(AdditionId),
}

async fn questions<'a>(
    house: &House,
    msp: &Msp,
    plan: &'a Plan,
    lines: &[String],
    cause: Option<&str>,
) -> Result<Vec<Question<'a>>, Failure> {
    let edited = |change: &Change| change.holds.iter().any(|(code, _)| *code == Code::AdditionEditedByHand);
    if cause.is_some() {
        let changes = chosen(plan, false, lines, cause)?;
        if let Some(other) = changes.iter().find(|change| !edited(change)) {
            return Err(not_edited(other.addition));
        }
        return Ok(changes.into_iter().map(Question::Edited).collect());
    }
    let standings = house.store.facts(msp.id, None).await?.standings;
    let mut questions: BTreeMap<AdditionId, Question<'a>> = BTreeMap::new();
    for text in lines {
        let line = LineId::parse(text).and_then(|id| plan.line(id));
        let line = line.ok_or_else(|| {
            Failure::stopped(format!("plan {} has no line {text}; hive plan … --format json shows the ids", plan.id))
        })?;
        let addition = line
            .addition
            .ok_or_else(|| Failure::stopped(format!("line {text} has no addition, so there is nothing to answer")))?;
        let change = plan.changes.iter().find(|change| change.addition == addition && edited(change));
        let stands = standings.iter().any(|s| s.addition == addition && (s.minimum.is_some() || s.locked.is_some()));
        let question = match change {
            Some(change) => Question::Edited(change),
            None if stands => Question::Answered(addition),
            None => return Err(not_edited(addition)),
        };
        questions.insert(addition, question);
    }
    Ok(questions.into_values().collect())
}

fn not_edited(addition: AdditionId) -> Failure {
    Failure::stopped(format!(
        "addition {addition} was not edited by hand, so there is no question to answer; to agree to a held change: hive approve"
    ))
}

/// The answer settles on the value found; what else holds the change still waits for its own decision.
async fn settle(house: &House, msp: &Msp, change: &Change, answered: Answered) -> Result<String, Failure> {
    let (addition, found, at) = (change.addition, change.from, now());
    let words = match answered {
        Answered::Overwrite => {
            house.store.answer_overwrite(msp.id, addition, found, None, &house.who, at).await?;
            let others: BTreeSet<&str> = change
                .holds
                .iter()
                .filter(|(code, _)| *code != Code::AdditionEditedByHand)
                .map(|(code, _)| code.name())
                .collect();
            let others: Vec<&str> = others.into_iter().collect();
            if others.is_empty() {
                format!("the next Update writes {} over {found}, once", change.to)
            } else {
                format!(
                    "{} may be written over {found}, once; it still waits for approval ({})",
                    change.to,
                    others.join(", ")
                )
            }
        }
        Answered::Minimum => {
            house.store.answer_minimum(msp.id, addition, found, found, &house.who, at).await?;
            format!("{found} is the least it is billed from now on")
        }
        Answered::Lock(until) => {
            house.store.answer_lock(msp.id, addition, until, found, &house.who, at).await?;
            format!("it stays at {found} through {until}")
        }
    };
    Ok(format!("Addition {addition}: {words}."))
}

/// `--line ID ANSWER` takes the answer for a line's id; the last word is the answer then.
fn split(asked: &Answer) -> Result<(Vec<String>, String), Failure> {
    let mut lines = asked.line.clone();
    let answer = asked.answer.clone().or_else(|| lines.pop());
    match answer {
        Some(answer) if asked.cause.is_some() || !lines.is_empty() => Ok((lines, answer)),
        _ => Err(Failure::wrong_usage(
            "say what is answered and how: hive answer MSP --line ID overwrite|minimum|lock=DATE",
        )),
    }
}

fn read(answer: &str) -> Result<Answered, Failure> {
    match answer {
        "overwrite" => Ok(Answered::Overwrite),
        "minimum" => Ok(Answered::Minimum),
        "left" | "keep" | "later" | "accept" => Err(Failure::wrong_usage(format!(
            "{answer} answers a question about a complete batch, which is not built yet; nothing was changed"
        ))),
        _ => {
            let date = answer.strip_prefix("lock=").and_then(|date| date.parse().ok());
            date.map(Answered::Lock).ok_or_else(|| {
                Failure::wrong_usage(format!("\"{answer}\" is none of overwrite, minimum, lock=DATE (2026-12-31)"))
            })
        }
    }
}
