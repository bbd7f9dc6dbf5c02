//! Answering: a person's word on a value that somebody edited by hand, on a customer who is gone, on a
//! batch that answered half.

use crate::approve::{chosen, no_line};
use crate::{By, Desk, Refused, Said, Which};
use hive_core::issue::Code;
use hive_core::plan::{Change, Gone, Line, OF_A_PART, Plan};
use hive_core::{AdditionId, Date, LineId, PlanId, Quantity};
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
    /// Whether a customer that a complete batch leaves out is gone.
    Gone(Gone),
    /// The batch that lacks much is right as it is.
    Accept,
}

/// What there is to answer.
enum Question<'a> {
    /// Somebody edited the addition, and the change waits.
    Edited(&'a Change),
    /// Answered before: a minimum or a lock stands.
    Answered(AdditionId),
    /// Somebody else writes the addition too; this value was found.
    Fought(AdditionId, Quantity),
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
        match answer {
            Answer::Gone(gone) => {
                return self.answer_gone(by, &plan, &asked_lines(&plan, which, Code::UsageGone)?, gone).await;
            }
            Answer::Accept => return self.accept_batches(by, &partial_causes(&plan, which)?).await,
            Answer::Overwrite | Answer::Minimum | Answer::Lock(_) => {}
        }
        let mut all = Vec::new();
        for question in self.questions(by, &plan, which).await? {
            let words = match question {
                Question::Edited(change) => self.settle(by, change, answer).await?,
                Question::Fought(addition, found) => self.settle_fought(by, (addition, found), answer).await?,
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

    /// The same of an addition that somebody else writes too; the count begins anew.
    async fn settle_fought(
        &self,
        by: &By,
        (addition, found): (AdditionId, Quantity),
        answer: Answer,
    ) -> Result<String, Refused> {
        let msp = by.msp.id;
        let words = match answer {
            Answer::Minimum => {
                self.store.answer_minimum(msp, addition, found, found, &by.who, by.at).await?;
                format!("{found} is the least it is billed from now on")
            }
            Answer::Lock(until) => {
                self.store.answer_lock(msp, addition, until, found, &by.who, by.at).await?;
                format!("it stays at {found} through {until}")
            }
            Answer::Overwrite | Answer::Gone(_) | Answer::Accept => {
                self.store.answer_overwrite(msp, addition, found, None, &by.who, by.at).await?;
                format!("the next plan writes over {found} again, where nothing else holds it")
            }
        };
        Ok(format!("Addition {addition}: {words}. The count of who puts it back begins anew."))
    }

    /// The answer settles on the value found; what else holds the change still waits for its own decision.
    async fn settle(&self, by: &By, change: &Change, answer: Answer) -> Result<String, Refused> {
        let (msp, addition, found) = (by.msp.id, change.addition, change.from);
        let words = match answer {
            Answer::Overwrite | Answer::Gone(_) | Answer::Accept => {
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
        let fought = line.issues.iter().any(|issue| issue.code == Code::AdditionOtherWriter);
        let question = match change {
            Some(change) => Question::Edited(change),
            None if fought => Question::Fought(addition, line.now.unwrap_or_default()),
            None if answered.contains(&addition) => Question::Answered(addition),
            None => return Err(not_edited(addition)),
        };
        questions.insert(addition, question);
    }
    Ok(questions.into_values().collect())
}

/// The lines that are asked about: those named, or those of a cause whose own question it is.
fn asked_lines(plan: &Plan, which: &Which, code: Code) -> Result<Vec<LineId>, Refused> {
    match which {
        Which::All => Err(Refused::WrongUsage("name the lines or the cause that are answered".to_owned())),
        Which::Lines(lines) => Ok(lines.clone()),
        Which::Cause(cause) => {
            let asks = |line: &&Line| {
                let own = |issue: &&hive_core::issue::Issue| {
                    issue.code == code && issue.cause.as_ref() == Some(cause) && !issue.message.starts_with(OF_A_PART)
                };
                line.issues.iter().any(|issue| own(&issue))
            };
            let lines: Vec<LineId> = plan.lines.iter().filter(asks).map(|line| line.id).collect();
            if lines.is_empty() {
                let words = format!("no line of plan {} asks \"{cause}\" with {code}", plan.id);
                return Err(Refused::Stopped(words));
            }
            Ok(lines)
        }
    }
}

/// The causes of batches that answered half, behind what is meant.
fn partial_causes(plan: &Plan, which: &Which) -> Result<BTreeSet<String>, Refused> {
    let lines = asked_lines(plan, which, Code::UsageFeedPartial)?;
    let of_lines = lines.iter().filter_map(|id| plan.line(*id)).flat_map(|line| &line.issues);
    let causes = of_lines.filter(|issue| issue.code == Code::UsageFeedPartial).filter_map(|issue| issue.cause.clone());
    let causes: BTreeSet<String> = match which {
        Which::Cause(cause) => BTreeSet::from([cause.clone()]),
        Which::All | Which::Lines(_) => causes.collect(),
    };
    if causes.is_empty() {
        return Err(Refused::Stopped(
            "no batch behind these lines answered half: there is nothing to accept".to_owned(),
        ));
    }
    Ok(causes)
}

fn edited(change: &Change) -> bool {
    change.holds.iter().any(|(code, _)| *code == Code::AdditionEditedByHand)
}

fn not_edited(addition: AdditionId) -> Refused {
    Refused::Stopped(format!(
        "addition {addition} was not edited by hand, so there is no question to answer; to agree to a held change: hive approve"
    ))
}
