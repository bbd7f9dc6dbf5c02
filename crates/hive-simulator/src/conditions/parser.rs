//! From words to an expression; every name and literal is checked on the way.
//!
//! **Owns:** the grammar and its limits.
//! **Does not own:** whether a row fits.

use std::iter::Peekable;

use super::{
    Expression, Literal, Operator, check,
    lexer::{Token, tokens},
};
use crate::{
    refusal::{self, Refusal},
    schema::Kind,
};

/// Parentheses deeper than this are refused.
const DEPTH_MAX: usize = 50;

struct Parser<'a> {
    tokens: Peekable<std::vec::IntoIter<Token>>,
    known: &'a dyn Fn(&str) -> Option<Kind>,
    depth: usize,
}

/// Reads a whole condition; `known` says what kind a path has, None for a name that is not one.
pub(crate) fn parse(text: &str, known: &dyn Fn(&str) -> Option<Kind>) -> Result<Expression, Refusal> {
    let mut parser = Parser { tokens: tokens(text)?.into_iter().peekable(), known, depth: 0 };
    let expression = parser.any_of()?;
    match parser.tokens.next() {
        None => Ok(expression),
        Some(_) => Err(refusal::condition("The conditions could not be read to their end.")),
    }
}

impl Parser<'_> {
    fn any_of(&mut self) -> Result<Expression, Refusal> {
        let mut parts = vec![self.all_of()?];
        while self.take_word("or") {
            parts.push(self.all_of()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::Or(parts) })
    }

    fn all_of(&mut self) -> Result<Expression, Refusal> {
        let mut parts = vec![self.one()?];
        while self.take_word("and") {
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::And(parts) })
    }

    fn one(&mut self) -> Result<Expression, Refusal> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(refusal::condition("The conditions are nested too deeply."));
        }
        let expression = if self.take_word("not") {
            Expression::Not(Box::new(self.one()?))
        } else if self.take_sign("(") {
            let inner = self.any_of()?;
            self.expect(")")?;
            inner
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(expression)
    }

    fn comparison(&mut self) -> Result<Expression, Refusal> {
        let Some(Token::Word(path)) = self.tokens.next() else {
            return Err(refusal::condition("A name was expected."));
        };
        let kind = (self.known)(&path).ok_or_else(|| refusal::not_recognized(&path))?;
        let negated = self.take_word("not");
        let operator = self.operator(negated)?;
        let values = if operator == Operator::In { self.list()? } else { vec![self.literal()?] };
        for value in &values {
            check(&path, kind, value)?;
        }
        let comparison = Expression::Compare { path, kind, operator, values };
        Ok(if negated { Expression::Not(Box::new(comparison)) } else { comparison })
    }

    /// After `not` a bare value may follow, which is then compared as equal.
    fn operator(&mut self, negated: bool) -> Result<Operator, Refusal> {
        let operator = match self.tokens.peek() {
            Some(Token::Sign("=")) => Operator::Equal,
            Some(Token::Sign("!=")) => Operator::NotEqual,
            Some(Token::Sign("<")) => Operator::Less,
            Some(Token::Sign("<=")) => Operator::LessOrEqual,
            Some(Token::Sign(">")) => Operator::Greater,
            Some(Token::Sign(">=")) => Operator::GreaterOrEqual,
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("contains") => Operator::Contains,
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("like") => Operator::Like,
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("in") => Operator::In,
            Some(_) if negated => return Ok(Operator::Equal),
            _ => return Err(refusal::condition("An operator was expected.")),
        };
        self.tokens.next();
        Ok(operator)
    }

    fn list(&mut self) -> Result<Vec<Literal>, Refusal> {
        self.expect("(")?;
        let mut values = vec![self.literal()?];
        while self.take_sign(",") {
            values.push(self.literal()?);
        }
        self.expect(")")?;
        Ok(values)
    }

    fn literal(&mut self) -> Result<Literal, Refusal> {
        match self.tokens.next() {
            Some(Token::Text(text)) => Ok(Literal::Text(text)),
            Some(Token::Number(number)) => Ok(Literal::Number(number)),
            Some(Token::Time(time)) => Ok(Literal::Time(time)),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("true") => Ok(Literal::Flag(true)),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("false") => Ok(Literal::Flag(false)),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("null") => Ok(Literal::Null),
            _ => Err(refusal::condition("A value was expected.")),
        }
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.tokens.peek(), Some(Token::Word(next)) if next.eq_ignore_ascii_case(word));
        if found {
            self.tokens.next();
        }
        found
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.tokens.peek(), Some(Token::Sign(next)) if *next == sign);
        if found {
            self.tokens.next();
        }
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), Refusal> {
        if self.take_sign(sign) { Ok(()) } else { Err(refusal::condition(&format!("'{sign}' was expected."))) }
    }
}
