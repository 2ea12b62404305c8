//! How words are made comparable before they are kept or looked for: case, accents, Arabic vowel signs and the shapes of
//! alef, and everything that is neither letter nor digit make no difference. The index itself is the database's.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// The most words of one search that are looked for.
const MOST_WORDS: usize = 8;

/// The text as it is kept for searching: words in their plain form, one space between them.
pub fn folded(text: &str) -> String {
    words(text).collect::<Vec<_>>().join(" ")
}

/// The words to look for; a report must have one that begins with each of them. Empty when nothing in the text is a word.
pub fn wanted(text: &str) -> Vec<String> {
    words(text).take(MOST_WORDS).collect()
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let plain: String =
        text.nfkd().filter(|c| !is_combining_mark(*c) && *c != TATWEEL).flat_map(char::to_lowercase).map(plain_letter).collect();
    plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>().into_iter()
}

/// The stroke that only stretches a word.
const TATWEEL: char = '\u{0640}';

/// Letters that Arabic writers exchange freely at the end of words, and the one decomposition leaves alone.
const fn plain_letter(c: char) -> char {
    match c {
        'ى' => 'ي',
        'ة' => 'ه',
        'ٱ' => 'ا',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_vowel_signs_and_marks_make_no_difference() {
        assert_eq!(folded("Échelle CASSÉE, près du n° R-2026-00042 !"), "echelle cassee pres du n r 2026 00042");
        assert_eq!(folded("بَالُوعَةٌ مكشوفة"), folded("بالوعه مكـــشوفة"));
        assert_eq!(folded("أسلاك إنارة آلة"), "اسلاك اناره اله");
    }

    #[test]
    fn a_search_of_nothing_but_marks_looks_for_nothing() {
        assert_eq!(wanted("% _ -- '"), Vec::<String>::new());
        assert_eq!(wanted(&"mot ".repeat(100)).len(), MOST_WORDS);
    }
}
