//! Where the reader is: the path and its query, and the same place with something changed.

use std::fmt;
use url::form_urlencoded;

/// A path with its query. Links that sort, filter and page are made from it, so that one keeps the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Here {
    path: String,
    query: Vec<(String, String)>,
}

impl Here {
    /// Reads a path and a raw query.
    pub fn new(path: &str, query: &str) -> Here {
        let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Here { path: path.to_owned(), query }
    }

    /// The path alone.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// A parameter's value, where it is given and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).filter(|v| !v.is_empty())
    }

    /// The same place with this parameter; an empty value takes it away.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Here {
        let mut here = self.without(name);
        if !value.is_empty() {
            here.query.push((name.to_owned(), value.to_owned()));
        }
        here
    }

    /// The same place without this parameter.
    #[must_use]
    pub fn without(&self, name: &str) -> Here {
        let query = self.query.iter().filter(|(known, _)| known != name).cloned().collect();
        Here { path: self.path.clone(), query }
    }

    /// Every parameter that is not empty.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).filter(|(_, value)| !value.is_empty())
    }
}

impl fmt::Display for Here {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.parameters());
        let query = query.finish();
        if query.is_empty() { f.write_str(&self.path) } else { write!(f, "{}?{query}", self.path) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_parameter_changes_and_the_others_stay() {
        let here = Here::new("/m/1/accounts", "q=a%26b&sort=-name&page=3&mark=");
        assert_eq!(here.get("q"), Some("a&b"));
        assert_eq!(here.get("mark"), None);
        assert_eq!(here.with("sort", "name").without("page").to_string(), "/m/1/accounts?q=a%26b&sort=name");
        assert_eq!(Here::new("/m/1", "").to_string(), "/m/1");
    }
}
