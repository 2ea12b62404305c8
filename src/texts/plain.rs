//! One line of plain text, safe wherever a line may stand, and pieces of the other writing direction kept in their place.
//! What such a line is used for is known elsewhere.

use crate::domain::locale::Locale;

const LEFT_TO_RIGHT: char = '\u{2066}';
const FIRST_STRONG: char = '\u{2068}';
const END: char = '\u{2069}';

/// A left-to-right code (a case number, `P4`) that keeps its order inside right-to-left text (Unicode annex 9, isolates).
pub fn isolate(code: &str) -> String {
    format!("{LEFT_TO_RIGHT}{code}{END}")
}

/// Any value (a code, a name, a date) kept apart from the sentence it is put into, where the two could be of different
/// directions; as it is elsewhere.
pub fn isolate_within(locale: Locale, value: &str) -> String {
    match locale {
        Locale::Ar if value.is_ascii() => isolate(value),
        Locale::Ar => format!("{FIRST_STRONG}{value}{END}"),
        _ if value.chars().any(is_right_to_left) => format!("{FIRST_STRONG}{value}{END}"),
        _ => value.to_owned(),
    }
}

/// The text as one line of at most `most` characters: no control characters, no bidirectional controls, single spaces.
pub fn one_line(text: &str, most: usize) -> String {
    let visible: String = text.chars().filter(|c| !is_bidi_control(*c)).map(|c| if breaks_line(c) { ' ' } else { c }).collect();
    let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let mut cut: String = line.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

fn breaks_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{0590}'..='\u{08ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_is_one_line_whatever_comes_in() {
        assert_eq!(one_line("a\r\nBcc: b\0c\u{2028}d\t e", 70), "a Bcc: b c d e");
        assert_eq!(one_line("\u{202e}txt\u{2066}.exe\u{2069}", 70), "txt.exe");
        assert_eq!(one_line("فاطمة الزهراء", 70), "فاطمة الزهراء");
        assert_eq!(one_line(&"é".repeat(10_000), 70).chars().count(), 70);
        assert_eq!(one_line(" \r\n ", 70), "");
    }

    #[test]
    fn values_are_isolated_only_where_directions_could_mix() {
        assert_eq!(isolate_within(Locale::Ar, "P4"), "\u{2066}P4\u{2069}");
        assert_eq!(isolate_within(Locale::Ar, "أكادير"), "\u{2068}أكادير\u{2069}");
        assert_eq!(isolate_within(Locale::Fr, "أكادير"), "\u{2068}أكادير\u{2069}");
        assert_eq!(isolate_within(Locale::Fr, "Agadir"), "Agadir");
    }
}
