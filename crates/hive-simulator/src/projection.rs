//! `fields=id,name,status/id`: which members of a row are printed.
//!
//! **Owns:** reading the parameter and the answer "is this member wanted?".
//! **Does not own:** printing (`rows`).
//! **Limits on purpose:** one level of nesting; a name that does not exist is ignored (*guess*).

use serde_json::Value;

/// The wanted members; a reference is wanted whole or in parts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields(Vec<(String, Part)>);

#[derive(Debug, Clone)]
pub(crate) enum Part {
    Whole,
    Members(Vec<String>),
}

impl Part {
    pub(crate) fn wants(&self, name: &str) -> bool {
        match self {
            Part::Whole => true,
            Part::Members(names) => names.iter().any(|wanted| wanted == name),
        }
    }
}

impl Fields {
    /// None when the parameter is missing or empty: everything is wanted.
    pub(crate) fn parse(text: Option<&str>) -> Option<Fields> {
        let mut fields = Fields::default();
        for path in text?.split(',').map(str::trim).filter(|path| !path.is_empty()) {
            let (first, rest) = path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)));
            let found = fields.0.iter_mut().find(|(name, _)| name == first);
            match (found, rest) {
                (Some((_, part)), None) => *part = Part::Whole,
                (Some((_, Part::Whole)), Some(_)) => {}
                (Some((_, Part::Members(names))), Some(rest)) => names.push(rest.to_owned()),
                (None, None) => fields.0.push((first.to_owned(), Part::Whole)),
                (None, Some(rest)) => fields.0.push((first.to_owned(), Part::Members(vec![rest.to_owned()]))),
            }
        }
        (!fields.0.is_empty()).then_some(fields)
    }

    pub(crate) fn part(&self, name: &str) -> Option<&Part> {
        self.0.iter().find(|(wanted, _)| wanted == name).map(|(_, part)| part)
    }

    /// The same for a row that is already JSON.
    pub(crate) fn of(&self, row: &Value) -> Value {
        let Value::Object(row) = row else {
            return row.clone();
        };
        let kept = row.iter().filter_map(|(name, value)| {
            let part = self.part(name)?;
            let value = match (part, value) {
                (Part::Members(_), Value::Object(nested)) => {
                    let nested = nested.iter().filter(|(name, _)| part.wants(name));
                    Value::Object(nested.map(|(name, value)| (name.clone(), value.clone())).collect())
                }
                _ => value.clone(),
            };
            Some((name.clone(), value))
        });
        Value::Object(kept.collect())
    }
}
