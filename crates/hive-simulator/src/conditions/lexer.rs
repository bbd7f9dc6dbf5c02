//! The words of the conditions language.
//!
//! **Owns:** signs, names, numbers, texts in both quotes, dates in brackets.
//! **Does not own:** their order (`parser`).

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use rust_decimal::Decimal;

use crate::refusal::{self, Refusal};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Word(String),
    Text(String),
    Number(Decimal),
    Time(Timestamp),
    /// `= != < <= > >= ( ) ,`
    Sign(&'static str),
}

const SIGNS: [&str; 9] = ["!=", "<=", ">=", "=", "<", ">", "(", ")", ","];

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Token::Sign(sign), &rest[sign.len()..])
        } else {
            match first {
                '"' | '\'' => string(rest, first)?,
                '[' => time(rest)?,
                c if c.is_ascii_digit() || c == '-' || c == '.' => number(rest)?,
                c if c.is_alphabetic() || c == '_' => word(rest),
                _ => {
                    return Err(refusal::condition(&format!("Unexpected character '{first}'.")));
                }
            }
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

fn string(text: &str, quote: char) -> Result<(Token, &str), Refusal> {
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        if (c == quote || c == '\\') && next == Some(quote) {
            value.push(quote);
            chars.next();
        } else if c == quote {
            return Ok((Token::Text(value), &text[at + 1..]));
        } else {
            value.push(c);
        }
    }
    Err(refusal::condition("A text has no closing quote."))
}

fn time(text: &str) -> Result<(Token, &str), Refusal> {
    let (inner, after) =
        text[1..].split_once(']').ok_or_else(|| refusal::condition("A date has no closing bracket."))?;
    let inner = inner.trim().trim_matches(['"', '\'']);
    let utc = |moment: DateTime| moment.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    let found = inner.parse::<Timestamp>().ok();
    let found = found.or_else(|| inner.parse::<DateTime>().ok().and_then(utc));
    let found = found.or_else(|| inner.parse::<Date>().ok().and_then(|day| utc(day.into())));
    let time = found.ok_or_else(|| refusal::condition(&format!("{inner} is not a valid date.")))?;
    Ok((Token::Time(time), after))
}

fn number(text: &str) -> Result<(Token, &str), Refusal> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-')).unwrap_or(text.len());
    let number = text[..end].parse().map_err(|_| refusal::condition(&format!("{} is not a number.", &text[..end])))?;
    Ok((Token::Number(number), &text[end..]))
}

fn word(text: &str) -> (Token, &str) {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '/')).unwrap_or(text.len());
    (Token::Word(text[..end].to_owned()), &text[end..])
}
