//! How the demo looks: a hundred columns, headings, figures to the right, words that wrap.

use crate::show::print;
use hive_core::quantity::Money;

/// The widest line.
pub(super) const WIDTH: usize = 100;

/// A numbered heading with what follows from it.
pub(super) fn heading(number: usize, title: &str) {
    print(&format!("\n{number}. {title}\n"));
}

/// A paragraph, wrapped and indented.
pub(super) fn say(text: &str) {
    say_at(3, text);
}

/// A paragraph at its own indent.
pub(super) fn say_at(indent: usize, text: &str) {
    print(&wrapped(indent, text));
}

/// Wraps at words; a word longer than a line stays whole.
pub(super) fn wrapped(indent: usize, text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH - indent => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    let margin = " ".repeat(indent);
    lines.iter().map(|line| format!("{margin}{line}\n")).collect()
}

/// An amount as a clerk writes it.
pub(super) fn dollars(money: Money) -> String {
    let words = money.words();
    words.strip_prefix('-').map_or_else(|| format!("${words}"), |rest| format!("-${rest}"))
}

/// "1 line", "7 lines".
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A whole number with its thousands apart.
pub(super) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut apart = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            apart.push(',');
        }
        apart.push(digit);
    }
    apart
}

/// The message of an issue without the command that mends it: on one screen the words are enough,
/// and `hive plan` shows the command.
pub(super) fn without_command(message: &str) -> &str {
    let Some(command) = message.find(": hive ") else { return message };
    message[..command].rfind(". ").map_or(message, |end| &message[..=end])
}
