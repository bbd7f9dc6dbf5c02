//! Rules that a person writes as one line: rounding, and which agreements count.

use crate::mirror::Agreement;
use crate::quantity::Quantity;
use std::fmt;

/// How the last step of a quantity is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    None,
    Up(Quantity),
    Down(Quantity),
    Nearest(Quantity),
}

impl Rounding {
    /// Reads `none`, `up:N`, `down:N` or `nearest:N`; N is the increment.
    pub fn parse(text: &str) -> Result<Rounding, String> {
        let why =
            || format!("\"{text}\" is none of none, up:N, down:N, nearest:N (N is the increment, for example up:0.01)");
        if text == "none" {
            return Ok(Rounding::None);
        }
        let (way, step) = text.split_once(':').ok_or_else(why)?;
        let step = Quantity::parse_plain(step).ok().filter(|step| !step.is_zero()).ok_or_else(why)?;
        match way {
            "up" => Ok(Rounding::Up(step)),
            "down" => Ok(Rounding::Down(step)),
            "nearest" => Ok(Rounding::Nearest(step)),
            _ => Err(why()),
        }
    }

    /// The rounded quantity; `None` where the arithmetic leaves what a decimal holds.
    pub fn apply(self, value: Quantity) -> Option<Quantity> {
        match self {
            Rounding::None => Some(value),
            Rounding::Up(step) => value.up_to(step.decimal()),
            Rounding::Down(step) => value.down_to(step.decimal()),
            Rounding::Nearest(step) => value.nearest_to(step.decimal()),
        }
    }
}

impl fmt::Display for Rounding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rounding::None => f.write_str("none"),
            Rounding::Up(step) => write!(f, "up:{step}"),
            Rounding::Down(step) => write!(f, "down:{step}"),
            Rounding::Nearest(step) => write!(f, "nearest:{step}"),
        }
    }
}

/// Which agreements of a company count: by type or by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementRule {
    field: Field,
    test: Test,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Type,
    Name,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Is(String),
    IsNot(String),
    Contains(String),
}

impl AgreementRule {
    /// Reads `type=Managed Services`, `type!=…`, `type~…` (contains), or the same with `name`.
    /// Letters' case does not matter.
    pub fn parse(text: &str) -> Result<AgreementRule, String> {
        let why = || format!("\"{text}\" is no rule; write type=X, type!=X, type~X (contains), or the same with name");
        let place = text.find(['=', '!', '~']).ok_or_else(why)?;
        let (field, rest) = text.split_at(place);
        let field = match field.trim().to_ascii_lowercase().as_str() {
            "type" => Field::Type,
            "name" => Field::Name,
            _ => return Err(why()),
        };
        let test: (fn(String) -> Test, &str) = if let Some(word) = rest.strip_prefix("!=") {
            (Test::IsNot, word)
        } else if let Some(word) = rest.strip_prefix('=') {
            (Test::Is, word)
        } else {
            (Test::Contains, rest.strip_prefix('~').ok_or_else(why)?)
        };
        let word = test.1.trim();
        if word.is_empty() { Err(why()) } else { Ok(AgreementRule { field, test: test.0(word.to_owned()) }) }
    }

    /// Whether an agreement counts under this rule.
    pub fn admits(&self, agreement: &Agreement) -> bool {
        let found = match self.field {
            Field::Type => agreement.agreement_type.as_deref().unwrap_or_default(),
            Field::Name => &agreement.name,
        };
        let found = found.trim().to_lowercase();
        match &self.test {
            Test::Is(word) => found == word.to_lowercase(),
            Test::IsNot(word) => found != word.to_lowercase(),
            Test::Contains(word) => found.contains(&word.to_lowercase()),
        }
    }
}

impl fmt::Display for AgreementRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.field {
            Field::Type => "type",
            Field::Name => "name",
        })?;
        match &self.test {
            Test::Is(word) => write!(f, "={word}"),
            Test::IsNot(word) => write!(f, "!={word}"),
            Test::Contains(word) => write!(f, "~{word}"),
        }
    }
}
