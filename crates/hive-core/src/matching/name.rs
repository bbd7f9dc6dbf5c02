//! The normaliser: what stays of a name when case, accents, punctuation, spacing and the legal form
//! are taken away.

use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Legal forms of companies: the name that stands for all spellings of one form, then its spellings
/// as words at the end of a name. Longer spellings come first where one ends in another.
const FORMS: &[(&str, &[&str])] = &[
    // Australia, New Zealand, South Africa
    ("Pty Ltd", &["proprietary limited", "proprietary ltd", "pty limited", "pty ltd", "ptyltd", "p l", "pl", "pty"]),
    // India, Singapore
    ("Pvt Ltd", &["private limited", "private ltd", "pvt limited", "pvt ltd", "pte limited", "pte ltd", "pte", "pvt"]),
    // United Kingdom, Ireland, Canada, New Zealand
    ("PLC", &["public limited company", "plc"]),
    ("LLP", &["limited liability partnership", "l l p", "llp"]),
    // United States
    ("LLC", &["limited liability company", "l l c", "llc"]),
    ("Inc", &["incorporated", "inc"]),
    ("Corp", &["corporation", "corp"]),
    // Germany, Austria, Switzerland
    ("GmbH & Co KG", &["gmbh and co kg", "gmbh co kg"]),
    ("GmbH", &["gesellschaft mit beschrankter haftung", "g m b h", "gmbh", "ges m b h", "gesmbh", "mbh"]),
    ("UG", &["ug haftungsbeschrankt"]),
    ("KGaA", &["kgaa"]),
    ("AG", &["aktiengesellschaft", "a g", "ag"]),
    ("KG", &["kg"]),
    ("OHG", &["ohg"]),
    // France, Belgium, Luxembourg
    ("SARL", &["societe a responsabilite limitee", "s a r l", "sarl", "eurl"]),
    ("SASU", &["sasu"]),
    ("SAS", &["s a s", "sas"]),
    // Netherlands, Belgium
    ("BV", &["besloten vennootschap", "b v", "bvba", "bv"]),
    ("NV", &["naamloze vennootschap", "n v", "nv"]),
    ("VOF", &["v o f", "vof"]),
    // Sweden, Denmark, Norway, Finland
    ("AB", &["aktiebolag", "a b", "ab"]),
    ("ApS", &["anpartsselskab", "a p s", "aps"]),
    ("A/S", &["aktieselskab", "a s", "as"]),
    ("Oyj", &["oyj"]),
    ("Oy", &["osakeyhtio", "o y", "oy"]),
    // Spain, Portugal, Italy, Latin America
    ("SL", &["sociedad limitada", "s l u", "s l", "slu", "sl"]),
    ("SpA", &["societa per azioni", "s p a", "spa"]),
    ("Srl", &["societa a responsabilita limitata", "s r l s", "s r l", "srls", "srl"]),
    ("SA", &["sociedad anonima", "societe anonyme", "s a", "sa"]),
    ("Lda", &["limitada", "lda"]),
    // Poland, Czechia
    ("Sp z oo", &["sp z o o", "sp z oo"]),
    ("sro", &["s r o", "sro"]),
    // Last, since many of the others end in it.
    ("Ltd", &["company limited", "co limited", "co ltd", "limited", "ltd"]),
];

/// Forms that are also a word or a place when they are written without points: South Australia,
/// Nevada, Alberta, a place, a health spa. A name that carries one is the same only as a name that
/// carries it too.
const ALSO_WORDS: [&str; 7] = ["sa", "nv", "ab", "pl", "as", "spa", "sas"];

/// How a name says that the business trades under another.
const TRADING_AS: [&str; 8] =
    [" t/a ", " t/as ", " trading as ", " d/b/a ", " dba ", " t\\a ", " doing business as ", " t.a. "];

/// A name, read once and compared often.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// Every word but the legal form, as they stand.
    pub(super) words: Vec<String>,
    /// All of it without spaces, in its own script.
    pub(super) exact: String,
    /// The same in Latin letters.
    pub(super) plain: String,
    pub(super) form: Option<&'static str>,
    /// The form is written so that it may be no form at all.
    pub(super) form_is_doubtful: bool,
    /// The name before and after "trading as".
    pub(super) sides: Option<Box<(Name, Name)>>,
}

impl Name {
    /// Reads the name of a business.
    pub(super) fn read(text: &str) -> Name {
        let folded = fold(text);
        let Some((legal, trading)) = TRADING_AS.iter().find_map(|marker| folded.split_once(marker)) else {
            return Name::of(&folded, true);
        };
        let (legal, trading) = (Name::of(legal, true), Name::of(trading, true));
        if legal.words.is_empty() || trading.words.is_empty() {
            return Name::of(&folded, true);
        }
        Name {
            words: [legal.words.clone(), trading.words.clone()].concat(),
            exact: format!("{} t/a {}", legal.exact, trading.exact),
            plain: format!("{}{}", legal.plain, trading.plain),
            form: legal.form.or(trading.form),
            form_is_doubtful: legal.form_is_doubtful || trading.form_is_doubtful,
            sides: Some(Box::new((legal, trading))),
        }
    }

    /// Reads a text that is no business: a product, an identifier, a description.
    pub(super) fn read_text(text: &str) -> Name {
        Name::of(&fold(text), false)
    }

    fn of(folded: &str, business: bool) -> Name {
        let mut words = split(folded);
        let mut form = None;
        let mut form_is_doubtful = false;
        if business {
            if let Some((name, count)) = legal_form(&words) {
                form = Some(name);
                form_is_doubtful = count == 1
                    && words
                        .last()
                        .is_some_and(|w| ALSO_WORDS.contains(&w.as_str()) && !folded.trim_end().ends_with('.'));
                words.truncate(words.len() - count);
            }
            if words.len() > 1 && words[0] == "the" {
                words.remove(0);
            }
            if words.len() > 1 && words.last().is_some_and(|word| word == "the") {
                words.pop();
            }
            for word in words.iter_mut().filter(|word| *word == "company") {
                "co".clone_into(word);
            }
        }
        let exact = words.concat();
        let latin = |word: &String| {
            deunicode::deunicode(word).to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect()
        };
        let words: Vec<String> = words.iter().map(latin).collect();
        Name { plain: words.concat(), words, exact, form, form_is_doubtful, sides: None }
    }

    /// What the index looks it up by.
    pub(super) fn keys(&self) -> Vec<String> {
        let mut keys = vec![self.words.join(" ")];
        for side in self.side_list() {
            keys.push(side.words.join(" "));
        }
        keys
    }

    /// Before and after "trading as"; nothing for a plain name.
    pub(super) fn side_list(&self) -> Vec<&Name> {
        self.sides.as_deref().map_or_else(Vec::new, |(legal, trading)| vec![legal, trading])
    }

    /// Every key under which another record may be meant by the same name.
    pub(super) fn doubts(&self) -> BTreeSet<&str> {
        let sides = self.side_list().into_iter().map(|side| side.exact.as_str());
        sides.chain([self.exact.as_str()]).filter(|key| !key.is_empty()).collect()
    }

    /// Whether a clerk could take one for the other: the same name or trading name, and no legal
    /// forms that contradict each other.
    pub(super) fn may_be(&self, other: &Name) -> bool {
        let sides = |name: &'_ Name| -> Vec<(String, Option<&'static str>)> {
            let own = (name.exact.clone(), name.form);
            name.side_list().into_iter().map(|side| (side.exact.clone(), side.form)).chain([own]).collect()
        };
        let others = sides(other);
        sides(self).iter().any(|(key, form)| {
            !key.is_empty()
                && others.iter().any(|(other_key, other_form)| key == other_key && agree(*form, *other_form))
        })
    }

    /// Whether they are equal after normalising, legal form included where both carry one.
    pub(super) fn is_same(&self, other: &Name) -> bool {
        let doubtful = (self.form_is_doubtful || other.form_is_doubtful) && self.form != other.form;
        !self.exact.is_empty() && self.exact == other.exact && agree(self.form, other.form) && !doubtful
    }

    /// Whether the words are the same, whatever the form.
    pub(super) fn is_same_words(&self, other: &Name) -> bool {
        !self.plain.is_empty() && self.plain == other.plain
    }

    /// The numbers in it: two branches often differ in nothing else.
    pub(super) fn numbers(&self) -> Vec<&str> {
        self.words.iter().map(String::as_str).filter(|word| word.bytes().any(|byte| byte.is_ascii_digit())).collect()
    }
}

fn agree(one: Option<&str>, two: Option<&str>) -> bool {
    one.is_none() || two.is_none() || one == two
}

/// Compatibility forms unfolded, accents dropped, lower case, Latin letters of other languages
/// spelled out. Other scripts stay, since two of their words may sound alike in Latin letters.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd().filter(|letter| !is_combining_mark(*letter)) {
        match letter {
            '&' => folded.push_str(" and "),
            '+' => folded.push_str(" plus "),
            letter if letter.is_ascii() || !letter.is_alphanumeric() || letter > '\u{24F}' => {
                folded.extend(letter.to_lowercase())
            }
            letter => folded.push_str(deunicode::deunicode_char(letter).unwrap_or_default()),
        }
    }
    folded.to_lowercase()
}

/// Words. Points and apostrophes join (A.B.C., O'Brien), everything else that is no letter parts.
fn split(folded: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in folded.chars() {
        if letter.is_alphanumeric() {
            if let Some(word) = words.last_mut() {
                word.push(letter);
            }
        } else if !matches!(letter, '.' | '\'' | '\u{2018}' | '\u{2019}' | '`' | '\u{b4}')
            && words.last().is_some_and(|word| !word.is_empty())
        {
            words.push(String::new());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The legal form at the end and how many words it takes; at least one word stays a name.
fn legal_form(words: &[String]) -> Option<(&'static str, usize)> {
    for (form, spellings) in FORMS {
        for spelling in *spellings {
            let count = spelling.split(' ').count();
            if count < words.len() && words[words.len() - count..].iter().map(String::as_str).eq(spelling.split(' ')) {
                return Some((form, count));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let name = Name::read(text);
        format!("{} [{}]", name.words.join(" "), name.form.unwrap_or("-"))
    }

    #[test]
    fn names_lose_case_accents_punctuation_and_legal_form() {
        for (text, expected) in [
            ("Acme Dental Pty Ltd", "acme dental [Pty Ltd]"),
            ("ACME  DENTAL P/L", "acme dental [Pty Ltd]"),
            ("Acme Dental (Pty) Limited", "acme dental [Pty Ltd]"),
            ("The Bakery, Limited", "bakery [Ltd]"),
            ("Bakery Co. Ltd.", "bakery [Ltd]"),
            ("Smith & Sons LLC", "smith and sons [LLC]"),
            ("Smith and Sons, L.L.C.", "smith and sons [LLC]"),
            ("Smith & Company", "smith and co [-]"),
            ("Müller GmbH", "muller [GmbH]"),
            ("Groß & Söhne GmbH & Co. KG", "gross and sohne [GmbH & Co KG]"),
            ("Łódź Spółka Sp. z o.o.", "lodz spolka [Sp z oo]"),
            ("Ærø Færge ApS", "aero faerge [ApS]"),
            ("Panadería Núñez S.L.", "panaderia nunez [SL]"),
            ("Boulangerie Élan S.A.R.L.", "boulangerie elan [SARL]"),
            ("Jansen B.V.", "jansen [BV]"),
            ("Nordic Oy", "nordic [Oy]"),
            ("Berg AB", "berg [AB]"),
            ("Rossi S.r.l.", "rossi [Srl]"),
            ("A.B.C. O’Brien", "abc obrien [-]"),
            ("Limited", "limited [-]"),
            ("Ｆｕｌｌ　Ｗｉｄｔｈ Inc", "full width [Inc]"),
            ("", " [-]"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn trading_as_parts_a_name() {
        let name = Name::read("Smith Holdings Pty Ltd T/A Acme Dental");
        let sides: Vec<String> = name.side_list().into_iter().map(|side| side.words.join(" ")).collect();
        assert_eq!(sides, ["smith holdings", "acme dental"]);
        assert!(name.is_same(&Name::read("Smith Holdings P/L trading as ACME Dental")));
        assert!(name.may_be(&Name::read("Acme Dental")));
        assert!(!name.is_same(&Name::read("Acme Dental")));
    }

    #[test]
    fn scripts_that_sound_alike_are_not_the_same() {
        assert!(!Name::read("深科技").is_same(&Name::read("申科技")));
        assert!(Name::read("深科技").is_same_words(&Name::read("深 科技")));
    }
}
