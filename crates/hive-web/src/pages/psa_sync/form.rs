//! The form behind the pencil: Company, Public Key, Private Key, URL.
//!
//! **Limits on purpose:** the private key never comes back: not after an error, not into a hidden field.

use crate::help::link;
use crate::part::{self, Kind};
use crate::{About, NotConnected, Visitor};
use hive_store::Connection;
use maud::{Markup, html};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

/// What was typed.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    pub(super) company: String,
    #[serde(default)]
    pub(super) public_key: String,
    #[serde(default, deserialize_with = "secret")]
    private_key: SecretString,
    #[serde(default)]
    pub(super) url: String,
    #[serde(default)]
    pub(super) client_id: String,
    /// The company that a person confirmed to be another ConnectWise.
    #[serde(default)]
    other: String,
    /// The site of `url`, and whether it is another ConnectWise than the stored one: see [`Typed::placed`].
    #[serde(skip)]
    site: String,
    #[serde(skip)]
    pub(super) moves: bool,
}

fn secret<'de, D: serde::Deserializer<'de>>(from: D) -> Result<SecretString, D::Error> {
    String::deserialize(from).map(SecretString::from)
}

/// An error and the field it is about.
pub(super) type Wrong = (Field, String);

/// Where an error stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Company,
    PublicKey,
    PrivateKey,
    Url,
    ClientId,
    /// Above all fields.
    Form,
}

impl Field {
    fn name(self) -> &'static str {
        match self {
            Field::Company => "company",
            Field::PublicKey => "public_key",
            Field::PrivateKey => "private_key",
            Field::Url => "url",
            Field::ClientId => "client_id",
            Field::Form => "form",
        }
    }
}

impl Typed {
    /// The connection as it is, to edit.
    pub(super) fn of(connection: Option<&Connection>) -> Typed {
        let Some(now) = connection else { return Typed::default() };
        Typed {
            company: now.company.clone(),
            public_key: now.public_key.clone(),
            url: now.url.clone(),
            client_id: now.client_id.clone().unwrap_or_default(),
            ..Typed::default()
        }
    }

    /// The same without spaces around what was copied.
    pub(super) fn trimmed(mut self) -> Typed {
        for text in [&mut self.company, &mut self.public_key, &mut self.url, &mut self.client_id] {
            *text = text.trim().to_owned();
        }
        self.private_key = SecretString::from(self.private_key.expose_secret().trim().to_owned());
        self
    }

    /// The key that was typed; `None` where none was.
    pub(super) fn key(&self) -> Option<SecretString> {
        Some(self.private_key.clone()).filter(|key| !key.expose_secret().is_empty())
    }

    /// Says which site it leads to, and whether that is another ConnectWise than the stored one; `site` is how
    /// runs read a URL, so that two spellings of one site are one.
    pub(super) fn placed(mut self, before: Option<&Connection>, site: impl Fn(&str) -> String) -> Typed {
        self.site = site(&self.url);
        self.moves = before.is_some_and(|before| self.company != before.company || self.site != site(&before.url));
        self
    }

    /// Whether a person said yes to exactly this other ConnectWise.
    pub(super) fn confirmed(&self) -> bool {
        !self.other.is_empty() && self.other == self.other_words()
    }

    fn other_words(&self) -> String {
        format!("{} {}", self.company, self.site)
    }

    /// What is missing, before anything is asked of ConnectWise.
    pub(super) fn wrong(&self, before: Option<&Connection>) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        let mut need = |field: Field, text: &str, words: &str| {
            if text.is_empty() {
                wrong.push((field, words.to_owned()));
            }
        };
        need(Field::Company, &self.company, "Company is missing: the name used to log in to ConnectWise.");
        need(Field::PublicKey, &self.public_key, "Public Key is missing.");
        need(
            Field::Url,
            &self.url,
            "URL is missing: System > My Company > Miscellaneous Options > Site URL for Manage.",
        );
        let keeps = before.is_some() && !self.moves;
        if !keeps {
            let words = match before {
                Some(_) => {
                    "Give the private key again: the stored one belongs to the ConnectWise that is connected now."
                }
                None => "Private Key is missing. ConnectWise shows it once, when the API key is made.",
            };
            need(Field::PrivateKey, self.private_key.expose_secret(), words);
        }
        wrong
    }
}

/// Which field a refusal of ConnectWise is about.
pub(super) fn of(refused: &NotConnected) -> Wrong {
    let field = match refused.about {
        About::Company => Field::Company,
        // ConnectWise does not say which of the two: the private one has to be typed again anyway.
        About::Keys => Field::PrivateKey,
        About::Url | About::Network => Field::Url,
        About::ClientId => Field::ClientId,
        About::Rights | About::Other => Field::Form,
    };
    (field, sentence(&refused.refused.to_string()))
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if words.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// What the form shows.
pub(super) struct Shown<'a> {
    pub(super) typed: &'a Typed,
    pub(super) before: Option<&'a Connection>,
    pub(super) wrong: &'a [Wrong],
    /// It would lead to another ConnectWise, and nobody has said yes yet.
    pub(super) asks: bool,
    /// What all ids on the page begin with, since the window and the page could both stand in one.
    pub(super) id: &'a str,
}

/// The form.
pub(super) fn form(visitor: &Visitor, shown: &Shown<'_>) -> Markup {
    let Shown { typed, before, wrong, asks, id: _ } = shown;
    let stored = before.is_some() && !typed.moves;
    let key_hint = if stored {
        "Stored, and never shown again. It stays as it is when left empty."
    } else {
        "ConnectWise shows it once, when the API key is made."
    };
    html! {
        form.stack method="post" action=(visitor.path("psa-sync/connection")) autocomplete="off" {
            @if !wrong.is_empty() {
                (part::banner(Kind::Bad, "Nothing was saved", html! { @for (_, words) in of_field(wrong, Field::Form) { p { (words) } }
                    @if of_field(wrong, Field::Form).next().is_none() { "What is wrong stands at its field." } }, html! {}))
            }
            @if *asks { (other(shown)) }
            (line(visitor, shown, Field::Company, ("Company", &typed.company), "The name used to log in, as on the login screen under 'Company'.", link::COMPANY))
            (line(visitor, shown, Field::PublicKey, ("Public Key", &typed.public_key), "From the API Keys tab of the member.", link::KEYS))
            (line(visitor, shown, Field::PrivateKey, ("Private Key", ""), key_hint, link::KEYS))
            (line(visitor, shown, Field::Url, ("URL", &typed.url), "Site URL for Manage, as copied.", link::SITE_URL))
            details.reveal open[!typed.client_id.is_empty() || of_field(wrong, Field::ClientId).next().is_some()] {
                summary { "More" }
                div { (line(visitor, shown, Field::ClientId, ("clientId", &typed.client_id), "Leave it empty to use the one that Hive was set up with.", link::CLIENT_ID)) }
            }
            div.actions { (part::submit("button primary", if *asks { "Test and save the other company" } else { "Test and save" })) }
        }
    }
}

fn of_field(wrong: &[Wrong], field: Field) -> impl Iterator<Item = &Wrong> {
    wrong.iter().filter(move |(at, _)| *at == field)
}

/// The warning before another ConnectWise takes the place of the known one.
fn other(shown: &Shown<'_>) -> Markup {
    let Some(before) = shown.before else { return html! {} };
    let body = html! {
        p { "Connected now: " b { (part::name(&before.company)) } " at " (part::name(&before.url)) ". "
            "You entered: " b { (part::name(&shown.typed.company)) } " at " (part::name(&shown.typed.url)) "." }
        p { "Links and maps stay, but they point at records of the company before. Hive previews again: nothing is written "
            "until a person pushes exactly a plan of the new one." }
        label.checkbox { input type="checkbox" name="other" value=(shown.typed.other_words()) required; " Yes, connect to this other ConnectWise" }
    };
    part::banner(Kind::Wait, "This is a different ConnectWise company. Nothing is saved yet", body, html! {})
}

fn line(
    visitor: &Visitor,
    shown: &Shown<'_>,
    field: Field,
    (label, value): (&str, &str),
    hint: &str,
    help: &str,
) -> Markup {
    let id = format!("{}{}", shown.id, field.name());
    let errors: Vec<&Wrong> = of_field(shown.wrong, field).collect();
    let secret = field == Field::PrivateKey;
    // A page never carries a key, so what was typed is gone with the answer.
    let typed = !shown.typed.private_key.expose_secret().is_empty();
    let again = secret && errors.is_empty() && typed && (shown.asks || !shown.wrong.is_empty());
    let described = if again {
        format!("{id}-again {id}-hint")
    } else if errors.is_empty() {
        format!("{id}-hint")
    } else {
        format!("{id}-wrong {id}-hint")
    };
    html! {
        div.field {
            label for=(id) { (label) }
            input id=(id) name=(field.name()) type=(if secret { "password" } else { "text" }) value=[(!secret).then_some(value)]
                autocomplete=(if secret { "new-password" } else { "off" }) spellcheck="false"
                aria-describedby=(described) aria-invalid=[(!errors.is_empty()).then_some("true")];
            @for (_, words) in &errors { p.wrong id={ (id) "-wrong" } { (words) } }
            @if again { p.note id={ (id) "-again" } { "Type the private key again: it is never sent back to the page." } }
            p.hint id={ (id) "-hint" } { (hint) " " a href=(visitor.help(help)) { "Where to find " (label) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_a_sentence() {
        assert_eq!(sentence("na knows no company \"x\""), "Na knows no company \"x\".");
        assert_eq!(sentence("Done."), "Done.");
    }
}
