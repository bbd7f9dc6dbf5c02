//! `hive answer`: a person's answer to a value that somebody edited by hand, to a customer who is gone,
//! to a batch that answered half.

use super::approve::lines;
use crate::cli::{Answer as Asked, Format};
use crate::failure::{DONE, Done, Failure};
use crate::house::House;
use crate::show::say;
use hive_core::plan::Gone;
use hive_desk::{Answer, Said, Which};

pub(super) async fn answer(house: &House, format: Format, asked: &Asked) -> Done {
    let (texts, answer) = split(asked)?;
    let answer = read(&answer)?;
    let msp = house.msp(&asked.msp).await?;
    let which = match &asked.cause {
        Some(cause) => Which::Cause(cause.clone()),
        None => Which::Lines(lines(house, &msp, &texts).await?),
    };
    let Said(words) = house.desk().answer(&house.by(&msp), None, &which, answer).await?;
    say(format, &words)?;
    Ok(DONE)
}

/// `--line ID ANSWER` takes the answer for a line's id; the last word is the answer then.
fn split(asked: &Asked) -> Result<(Vec<String>, String), Failure> {
    let mut lines = asked.line.clone();
    let answer = asked.answer.clone().or_else(|| lines.pop());
    match answer {
        Some(answer) if asked.cause.is_some() || !lines.is_empty() => Ok((lines, answer)),
        _ => Err(Failure::wrong_usage(
            "say what is answered and how: hive answer MSP --line ID overwrite|minimum|lock=DATE|left|keep|later|accept",
        )),
    }
}

fn read(answer: &str) -> Result<Answer, Failure> {
    match answer {
        "overwrite" => Ok(Answer::Overwrite),
        "minimum" => Ok(Answer::Minimum),
        "accept" => Ok(Answer::Accept),
        _ => {
            if let Some(gone) = Gone::parse(answer) {
                return Ok(Answer::Gone(gone));
            }
            let date = answer.strip_prefix("lock=").and_then(|date| date.parse().ok());
            date.map(Answer::Lock).ok_or_else(|| {
                Failure::wrong_usage(format!(
                    "\"{answer}\" is none of overwrite, minimum, lock=DATE (2026-12-31), left, keep, later, accept"
                ))
            })
        }
    }
}
