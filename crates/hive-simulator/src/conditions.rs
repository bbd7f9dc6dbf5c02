//! The language of `conditions`, `childConditions` and `customFieldConditions`.
//!
//! **Owns:** reading it, refusing what ConnectWise refuses, deciding whether a row fits.
//! **Does not own:** the rows and their cells.
//! **Limits on purpose:** text compares without regard to case, and null compares as unknown, as in
//! the SQL beneath (*guess*); quotes inside a text may be doubled or escaped, since clients disagree.

mod lexer;
mod parser;

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::{
    refusal::{self, Refusal},
    rows::Cell,
    schema::Kind,
};

pub(crate) use parser::parse;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    Compare { path: String, kind: Kind, operator: Operator, values: Vec<Literal> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Contains,
    Like,
    In,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    Text(String),
    Number(Decimal),
    Flag(bool),
    Time(Timestamp),
    Null,
}

impl Expression {
    /// Whether a row fits; `cell` gives the row's value behind a path. Unknown does not fit.
    pub(crate) fn fits<'a>(&self, cell: &impl Fn(&str, Kind) -> Cell<'a>) -> bool {
        self.holds(cell) == Some(true)
    }

    fn holds<'a>(&self, cell: &impl Fn(&str, Kind) -> Cell<'a>) -> Option<bool> {
        match self {
            Expression::And(parts) => {
                parts.iter().try_fold(true, |so_far, part| if so_far { part.holds(cell) } else { Some(false) })
            }
            Expression::Or(parts) => {
                let answers: Vec<_> = parts.iter().map(|part| part.holds(cell)).collect();
                if answers.contains(&Some(true)) {
                    Some(true)
                } else if answers.contains(&None) {
                    None
                } else {
                    Some(false)
                }
            }
            Expression::Not(part) => part.holds(cell).map(|holds| !holds),
            Expression::Compare { path, kind, operator, values } => {
                let cell = cell(path, *kind);
                let mut answers = values.iter().map(|value| compare(&cell, *operator, value));
                if *operator == Operator::In { Some(answers.any(|fits| fits == Some(true))) } else { answers.next()? }
            }
        }
    }
}

fn compare(cell: &Cell<'_>, operator: Operator, value: &Literal) -> Option<bool> {
    use std::cmp::Ordering::{Equal, Greater, Less};
    if *value == Literal::Null {
        let null = matches!(cell, Cell::Null);
        return Some(if operator == Operator::NotEqual { !null } else { null });
    }
    if let (Operator::Contains | Operator::Like, Cell::Text(text), Literal::Text(pattern)) = (operator, cell, value) {
        let pattern = if operator == Operator::Contains { format!("%{pattern}%") } else { pattern.clone() };
        return Some(like(&text.to_lowercase(), &pattern.to_lowercase()));
    }
    let order = match (cell, value) {
        (Cell::Text(text), Literal::Text(value)) if value.contains('*') => {
            if like(&text.to_lowercase(), &value.to_lowercase()) { Equal } else { Less }
        }
        (Cell::Text(text), Literal::Text(value)) if text.is_ascii() && value.is_ascii() => {
            text.bytes().map(|b| b.to_ascii_lowercase()).cmp(value.bytes().map(|b| b.to_ascii_lowercase()))
        }
        (Cell::Text(text), Literal::Text(value)) => text.to_lowercase().cmp(&value.to_lowercase()),
        (Cell::Number(number), Literal::Number(value)) => number.cmp(value),
        (Cell::Flag(flag), Literal::Flag(value)) => flag.cmp(value),
        (Cell::Time(time), Literal::Time(value)) => time.cmp(value),
        _ => return None,
    };
    Some(match operator {
        Operator::Equal | Operator::In | Operator::Like | Operator::Contains => order == Equal,
        Operator::NotEqual => order != Equal,
        Operator::Less => order == Less,
        Operator::LessOrEqual => order != Greater,
        Operator::Greater => order == Greater,
        Operator::GreaterOrEqual => order != Less,
    })
}

/// `%` and `*` stand for anything. Walks both once, going back to the last wildcard on a mismatch.
fn like(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<char>) = (text.chars().collect(), pattern.chars().collect());
    let (mut at, mut p) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(p) {
            Some('%' | '*') => {
                back = Some((p, at));
                p += 1;
            }
            Some(c) if *c == text[at] => {
                p += 1;
                at += 1;
            }
            _ => match back {
                Some((wildcard, from)) => {
                    back = Some((wildcard, from + 1));
                    p = wildcard + 1;
                    at = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| matches!(c, '%' | '*'))
}

/// A literal must be of the member's kind; an enum's word must be one of its words.
fn check(path: &str, kind: Kind, value: &Literal) -> Result<(), Refusal> {
    match (kind, value) {
        (_, Literal::Null)
        | (Kind::Number, Literal::Number(_))
        | (Kind::Flag, Literal::Flag(_))
        | (Kind::Time, Literal::Time(_))
        | (Kind::Text, Literal::Text(_)) => Ok(()),
        (Kind::Choice(words), Literal::Text(word)) if words.iter().any(|known| known.eq_ignore_ascii_case(word)) => {
            Ok(())
        }
        (Kind::Choice(_), _) => Err(refusal::condition("Enum value supplied was invalid")),
        _ => Err(refusal::condition(&format!("The value given for {path} is of the wrong type."))),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::schema;

    fn fits(text: &str) -> Result<bool, String> {
        let known = |path: &str| schema::comparable(schema::AGREEMENT, path);
        let expression = parse(text, &known).map_err(|refusal| refusal.body["message"].to_string())?;
        let cell = |path: &str, _: Kind| match path {
            "id" => Cell::Number(Decimal::from(12)),
            "name" => Cell::Text(Cow::Borrowed("O'Brien & \"Sons\"")),
            "company/id" => Cell::Number(Decimal::from(3)),
            "cancelledFlag" => Cell::Flag(false),
            "agreementStatus" => Cell::text("Active"),
            "lastUpdated" => Cell::Time("2026-01-05T08:30:00Z".parse().unwrap()),
            _ => Cell::Null,
        };
        Ok(expression.fits(&cell))
    }

    #[test]
    fn what_fits() {
        for text in [
            "id=12",
            "id = 12 and cancelledFlag=false",
            "(cancelledFlag=False AND id in (1, 12,3))",
            "not id in (1,2)",
            "id not in (1,2)",
            "name = \"O'Brien & \\\"Sons\\\"\"",
            "name='o''brien & \"sons\"'",
            "name like 'o%sons%'",
            "name contains \"brien\"",
            "name not contains \"zzz\"",
            "company/id != 4",
            "lastUpdated>[2026-01-05T08:29:59Z]",
            "lastUpdated>[2026-01-04T00:00:00.000001+00:00] and lastUpdated<[2026-02-01]",
            "endDate = null",
            "id=1 or id=12 and id>=12",
            "agreementStatus = \"active\"",
        ] {
            assert_eq!(fits(text), Ok(true), "{text}");
        }
        for text in
            ["id=1", "id=12 and (name like 'x%' or cancelledFlag=true)", "endDate > [2020-01-01]", "endDate != null"]
        {
            assert_eq!(fits(text), Ok(false), "{text}");
        }
    }

    #[test]
    fn what_is_refused() {
        let words = |text: &str| fits(text).unwrap_err();
        assert_eq!(words("invoiceDate = 1"), "\"invoiceDate is not a recognized name.\"");
        assert_eq!(words("agreementStatus not like \"Canceled\""), "\"Enum value supplied was invalid\"");
        for text in [
            "id=",
            "id==1",
            "id='12'",
            "name=12",
            "(id=1",
            "id=1)",
            "id=1 and",
            "name='x",
            "lastUpdated>'2026'",
            "id in 3",
        ] {
            assert!(fits(text).is_err(), "{text}");
        }
        assert!(fits(&"(".repeat(10_000)).is_err(), "deep nesting is refused, not a crash");
    }
}
