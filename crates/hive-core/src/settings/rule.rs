//! Rules that a person writes as one line: rounding, and which agreements count.

use crate::ids::AgreementId;
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

/// Which agreements of a company count: tests of their type or name, all of which must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementRule {
    /// At least one.
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    field: Field,
    test: Test,
    /// As a person wrote it; `A|B` is a list where the test compares the whole.
    words: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Type,
    Name,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    Is,
    IsNot,
    Contains,
    ContainsNot,
}

impl Test {
    /// Each with its sign; `!=` and `!~` stand before the signs that they begin like.
    const SIGNS: [(Test, &str); 4] =
        [(Test::IsNot, "!="), (Test::ContainsNot, "!~"), (Test::Is, "="), (Test::Contains, "~")];
}

/// What joins two tests.
const AND: &str = " & ";

impl AgreementRule {
    /// Reads `type=Managed Services`, `type!=…`, `type~…` (contains), `type!~…`, or the same with `name`;
    /// `type=A|B` is either, `type!=A|B` neither, and ` & ` joins tests that must all hold. Letters' case
    /// does not matter. An `&` that no test follows belongs to the name, as in `name=Smith & Sons`.
    pub fn parse(text: &str) -> Result<AgreementRule, String> {
        let why = || {
            format!(
                "\"{text}\" is no rule; write type=X, type!=X, type~X (contains), type!~X, or the same with name; type=X|Y is one of several, and \" & \" joins tests that must all hold: type=X & name!~Y"
            )
        };
        let mut terms = Vec::new();
        let mut rest = text;
        loop {
            let end = joint(rest);
            terms.push(Term::parse(end.map_or(rest, |end| &rest[..end])).ok_or_else(why)?);
            let Some(end) = end else { return Ok(AgreementRule { terms }) };
            rest = &rest[end + AND.len()..];
        }
    }

    /// Whether an agreement counts under this rule.
    pub fn admits(&self, agreement: &Agreement) -> bool {
        self.terms.iter().all(|term| term.admits(agreement))
    }
}

/// Where the first ` & ` stands that another test follows.
fn joint(text: &str) -> Option<usize> {
    let places = text.char_indices().map(|(place, _)| place);
    places.into_iter().find(|place| text[*place..].strip_prefix(AND).is_some_and(|rest| begins(rest).is_some()))
}

/// The field and the test that a text begins with, and what follows.
fn begins(text: &str) -> Option<(Field, Test, &str)> {
    let place = text.find(['=', '!', '~'])?;
    let (field, rest) = text.split_at(place);
    let field = match field.trim().to_ascii_lowercase().as_str() {
        "type" => Field::Type,
        "name" => Field::Name,
        _ => return None,
    };
    Test::SIGNS.into_iter().find_map(|(test, sign)| Some((field, test, rest.strip_prefix(sign)?)))
}

impl Term {
    fn parse(text: &str) -> Option<Term> {
        let (field, test, words) = begins(text)?;
        let words = words.trim();
        (!words.is_empty()).then(|| Term { field, test, words: words.to_owned() })
    }

    fn admits(&self, agreement: &Agreement) -> bool {
        let found = match self.field {
            Field::Type => agreement.agreement_type.as_deref().unwrap_or_default(),
            Field::Name => &agreement.name,
        };
        let found = found.trim().to_lowercase();
        let words = self.words.to_lowercase();
        // The whole is one of the list too: names there may hold a bar.
        let one_of = || found == words || words.split('|').any(|word| !word.trim().is_empty() && found == word.trim());
        match self.test {
            Test::Is => one_of(),
            Test::IsNot => !one_of(),
            Test::Contains => found.contains(&words),
            Test::ContainsNot => !found.contains(&words),
        }
    }
}

impl fmt::Display for AgreementRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, Term { field, test, words }) in self.terms.iter().enumerate() {
            let field = match field {
                Field::Type => "type",
                Field::Name => "name",
            };
            let sign = Test::SIGNS.into_iter().find_map(|(of, sign)| (of == *test).then_some(sign)).unwrap_or_default();
            write!(f, "{}{field}{sign}{words}", if place > 0 { AND } else { "" })?;
        }
        Ok(())
    }
}

/// One agreement of a company as a person names it: by its id, or by its name where that is unique.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AgreementChoice {
    Id(AgreementId),
    Name(String),
}

impl AgreementChoice {
    /// Digits are an id, anything else is a name.
    pub fn parse(text: &str) -> Option<AgreementChoice> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().ok().map(|id| AgreementChoice::Id(AgreementId(id)));
        }
        Some(AgreementChoice::Name(text.to_owned()))
    }

    /// Whether it names this agreement. Letters' case does not matter.
    pub fn names(&self, agreement: &Agreement) -> bool {
        match self {
            AgreementChoice::Id(id) => agreement.id == *id,
            AgreementChoice::Name(name) => agreement.name.trim().to_lowercase() == name.to_lowercase(),
        }
    }
}

impl fmt::Display for AgreementChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AgreementChoice::Id(id) => write!(f, "{id}"),
            AgreementChoice::Name(name) => f.write_str(name),
        }
    }
}
