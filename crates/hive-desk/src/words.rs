//! Words for a page: what a person reads there names no command.

use std::borrow::Cow;

/// The verbs that the words of issues tell a reader of the command line to use.
const COMMANDS: [&str; 9] = [
    "hive sync ",
    "hive link ",
    "hive ignore ",
    "hive pin ",
    "hive settings ",
    "hive answer ",
    "hive plan ",
    "hive approve ",
    "hive import ",
];

/// The words of an issue up to the sentence that names a command: a page has a button there instead.
pub fn without_command(words: &str) -> Cow<'_, str> {
    let Some(at) = COMMANDS.iter().filter_map(|command| words.find(command)).min() else { return words.into() };
    let before = &words[..at];
    if let Some(open) = before.strip_suffix('(') {
        // A remark in brackets: the sentence stands without it.
        let rest = words[at..].find(')').map_or("", |close| &words[at + close + 1..]);
        return format!("{}{}", open.trim_end(), without_command(rest)).into();
    }
    match before.rfind(". ") {
        Some(end) => words[..=end].into(),
        None => format!("{}.", before.trim_end().trim_end_matches([':', ',', ';'])).into(),
    }
}

/// Who, as people call them: without the prefix that the audit trail keeps.
pub fn who(who: &str) -> String {
    match who.split_once(':') {
        Some(("user", email)) => email.to_owned(),
        Some(("cli", name)) => format!("{name} (command line)"),
        Some(("token", name)) => format!("{name} (API token)"),
        _ if who == "schedule" => "the schedule".to_owned(),
        _ if who == "hive" => "Hive itself".to_owned(),
        _ => who.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_named_as_people_name_them() {
        assert_eq!(who("user:jo@northwind.example"), "jo@northwind.example");
        assert_eq!(who("cli:jo"), "jo (command line)");
        assert_eq!(who("schedule"), "the schedule");
    }

    #[test]
    fn the_sentence_with_the_command_goes() {
        for (words, left) in [
            ("Acme has 2 additions. Choose: hive pin \"N\" --account \"A\"", "Acme has 2 additions."),
            (
                "Updates are off until they are on again (hive settings \"N\" updates=automatic).",
                "Updates are off until they are on again.",
            ),
            ("Too long ago. Run a Sync: hive sync \"N\"", "Too long ago."),
            ("Run a Sync: hive sync \"N\"", "Run a Sync."),
            ("Approve it.", "Approve it."),
        ] {
            assert_eq!(without_command(words), left);
        }
    }
}
