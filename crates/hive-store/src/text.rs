//! Text that people must be able to trust when they see it.

/// Why a name, a unit or an id is not taken: it holds what nobody sees, or what turns the words
/// around it when they are shown.
pub(crate) fn unseen(text: &str) -> Option<&'static str> {
    if text.contains('\0') {
        return Some("holds a NUL character");
    }
    if text.chars().any(char::is_control) {
        return Some("holds a control character or a line break");
    }
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().any(turns).then_some("holds a character that turns the direction of writing")
}
