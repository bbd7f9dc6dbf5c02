//! `hive answer`: a person's answer to a value that somebody edited by hand.

use super::approve::{chosen, last_stored};
use crate::cli::Answer;
use crate::failure::{DONE, Done, Failure};
use crate::house::{House, now};
use crate::show::print;
use hive_core::Date;
use hive_core::allow::Approval;
use hive_core::issue::Code;
use hive_core::settings::Key;
use jiff::ToSpan as _;

enum Answered {
    Overwrite,
    Minimum,
    Lock(Date),
}

pub(super) async fn answer(house: &House, asked: &Answer) -> Done {
    let (lines, answer) = split(asked)?;
    let answered = read(&answer)?;
    let msp = house.msp(&asked.msp).await?;
    let plan = last_stored(house, &msp).await?;
    let changes = chosen(&plan, false, &lines, asked.cause.as_deref())?;
    let edited = |change: &&&hive_core::plan::Change| change.holds.iter().any(|(code, _)| *code == Code::AdditionEditedByHand);
    if let Some(other) = changes.iter().find(|change| !edited(change)) {
        return Err(Failure::stopped(format!("addition {} was not edited by hand, so there is no question to answer; to agree to a held change: hive approve", other.addition)));
    }
    let at = now();
    let settings = house.store.settings(msp.id).await?;
    let lapses_at = at.saturating_add((settings.whole(Key::ApprovalDays).clamp(0, 36_500) * 24).hours()).unwrap_or(at);
    for change in &changes {
        let (addition, found) = (change.addition, change.from);
        let words = match answered {
            Answered::Overwrite => {
                let approval = Approval::of(change, settings.number(Key::ApprovalPercent), &house.who, at, lapses_at);
                house.store.answer_overwrite(msp.id, addition, found, Some(&approval), &house.who, at).await?;
                format!("the next Update writes {} over {found}, once", change.to)
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
        print(&format!("Addition {addition}: {words}."));
    }
    Ok(DONE)
}

/// `--line ID ANSWER` takes the answer for a line's id; the last word is the answer then.
fn split(asked: &Answer) -> Result<(Vec<String>, String), Failure> {
    let mut lines = asked.line.clone();
    let answer = asked.answer.clone().or_else(|| lines.pop());
    match answer {
        Some(answer) if asked.cause.is_some() || !lines.is_empty() => Ok((lines, answer)),
        _ => Err(Failure::wrong_usage("say what is answered and how: hive answer MSP --line ID overwrite|minimum|lock=DATE")),
    }
}

fn read(answer: &str) -> Result<Answered, Failure> {
    match answer {
        "overwrite" => Ok(Answered::Overwrite),
        "minimum" => Ok(Answered::Minimum),
        "left" | "keep" | "later" | "accept" => Err(Failure::wrong_usage(format!("{answer} answers a question about a complete batch, which is not built yet; nothing was changed"))),
        _ => {
            let date = answer.strip_prefix("lock=").and_then(|date| date.parse().ok());
            date.map(Answered::Lock).ok_or_else(|| Failure::wrong_usage(format!("\"{answer}\" is none of overwrite, minimum, lock=DATE (2026-12-31)")))
        }
    }
}
