//! Answering: a person's word on a value that somebody edited by hand.

use crate::approve::{chosen, no_line};
use crate::{By, Desk, Refused, Said, Which};
use hive_core::issue::Code;
use hive_core::plan::{Change, Plan};
use hive_core::{AdditionId, Date, LineId, PlanId};
use std::collections::{BTreeMap, BTreeSet};

/// What a person says of an edited value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The usage is right: write over it, once. Takes an older answer back.
    Overwrite,
    /// The value found is the least it is billed from now on.
    Minimum,
    /// It stays as it is through that day.
    Lock(Date),
}

/// What there is to answer.
enum Question<'a> {
    /// Somebody edited the addition, and the change waits.
    Edited(&'a Change),
    /// Answered before: a minimum or a lock stands.
    Answered(AdditionId),
}

impl Desk {
    /// Answers the question about each addition that is meant; a sentence each. With `plan` only if it is
    /// still the plan last stored.
    pub async fn answer(&self, by: &By, plan: Option<&PlanId>, which: &Which, answer: Answer) -> Result<Said, Refused> {
        let msp = by.msp.id;
        let today = by.at.to_zoned(self.store.settings(msp).await?.time_zone()).date();
        if let Answer::Lock(until) = answer
            && until < today
        {
            return Err(Refused::WrongUsage(format!(
                "lock={until} lies in the past (today is {today}), so nothing would be locked; nothing was changed"
            )));
        }
        let plan = self.plan_meant(&by.msp, plan).await?;
        let mut all = Vec::new();
        for question in self.questions(by, &plan, which).await? {
            let words = match question {
                Question::Edited(change) => self.settle(by, change, answer).await?,
                Question::Answered(addition) if answer == Answer::Overwrite => {
                    self.store.take_answers_back(msp, addition, &by.who, by.at).await?;
                    format!(
                        "Addition {addition}: its minimum and its lock are taken back; the next plan follows the usage."
                    )
                }
                Question::Answered(addition) => {
                    return Err(Refused::Stopped(format!(
                        "addition {addition} was not edited by hand since its last answer; overwrite takes that answer back"
                    )));
                }
            };
            all.push(words);
        }
        Ok(Said(all.join("\n")))
    }

    async fn questions<'a>(&self, by: &By, plan: &'a Plan, which: &Which) -> Result<Vec<Question<'a>>, Refused> {
        let lines = match which {
            Which::All => {
                return Err(Refused::WrongUsage("name the lines or the cause that are answered".to_owned()));
            }
            Which::Cause(_) => {
                let changes = chosen(plan, which)?.changes;
                if let Some(other) = changes.iter().find(|change| !edited(change)) {
                    return Err(not_edited(other.addition));
                }
                return Ok(changes.into_iter().map(Question::Edited).collect());
            }
            Which::Lines(lines) => lines,
        };
        let standings = self.store.facts(by.msp.id, None).await?.standings;
        let answered = |standing: &&hive_core::plan::Standing| standing.minimum.is_some() || standing.locked.is_some();
        let stand: BTreeSet<AdditionId> = standings.iter().filter(answered).map(|standing| standing.addition).collect();
        questions_of_lines(plan, lines, &stand)
    }

    /// The answer settles on the value found; what else holds the change still waits for its own decision.
    async fn settle(&self, by: &By, change: &Change, answer: Answer) -> Result<String, Refused> {
        let (msp, addition, found) = (by.msp.id, change.addition, change.from);
        let words = match answer {
            Answer::Overwrite => {
                self.store.answer_overwrite(msp, addition, found, None, &by.who, by.at).await?;
                let others = change.holds.iter().filter(|(code, _)| *code != Code::AdditionEditedByHand);
                let others: BTreeSet<&str> = others.map(|(code, _)| code.name()).collect();
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
            Answer::Minimum => {
                self.store.answer_minimum(msp, addition, found, found, &by.who, by.at).await?;
                format!("{found} is the least it is billed from now on")
            }
            Answer::Lock(until) => {
                self.store.answer_lock(msp, addition, until, found, &by.who, by.at).await?;
                format!("it stays at {found} through {until}")
            }
        };
        Ok(format!("Addition {addition}: {words}."))
    }
}

fn questions_of_lines<'a>(
    plan: &'a Plan,
    lines: &[LineId],
    answered: &BTreeSet<AdditionId>,
) -> Result<Vec<Question<'a>>, Refused> {
    let mut questions: BTreeMap<AdditionId, Question<'a>> = BTreeMap::new();
    for id in lines {
        let line = plan.line(*id).ok_or_else(|| no_line(plan, &id.to_string()))?;
        let addition = line
            .addition
            .ok_or_else(|| Refused::Stopped(format!("line {id} has no addition, so there is nothing to answer")))?;
        let change = plan.changes.iter().find(|change| change.addition == addition && edited(change));
        let question = match change {
            Some(change) => Question::Edited(change),
            None if answered.contains(&addition) => Question::Answered(addition),
            None => return Err(not_edited(addition)),
        };
        questions.insert(addition, question);
    }
    Ok(questions.into_values().collect())
}

fn edited(change: &Change) -> bool {
    change.holds.iter().any(|(code, _)| *code == Code::AdditionEditedByHand)
}

fn not_edited(addition: AdditionId) -> Refused {
    Refused::Stopped(format!(
        "addition {addition} was not edited by hand, so there is no question to answer; to agree to a held change: hive approve"
    ))
}
