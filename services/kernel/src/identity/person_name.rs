//! How names are compared. A name keeps the spelling it was written with; only the comparison
//! sees past what keyboards and registers write differently (民委发〔2016〕33号):
//!
//! 1. full width is half width (`Ａ` is `A`, `（` is `(`),
//! 2. canonical composition (NFC),
//! 3. every dot between the parts of a name (`.` `．` `•` `‧` `∙` `⋅` `・` `･`) is the middle dot
//!    U+00B7 `·`,
//! 4. spaces do not count, except between two Latin letters, where several are one.
//!
//! Letters, their case and the order of the parts do count.

use unicode_normalization::UnicodeNormalization as _;

const MIDDLE_DOT: char = '\u{b7}';

/// Whether two texts write the same name.
#[must_use]
pub fn same_name(one: &str, other: &str) -> bool {
    comparable_name(one) == comparable_name(other)
}

/// The name as it is compared, never as it is shown or kept.
#[must_use]
pub fn comparable_name(name: &str) -> String {
    let mut compared = String::with_capacity(name.len());
    let mut after_space = false;
    for letter in name.chars().map(half_width).nfc().map(dot) {
        if letter.is_whitespace() {
            after_space = true;
            continue;
        }
        let between_latin = compared.chars().next_back().is_some_and(is_latin) && is_latin(letter);
        if after_space && between_latin {
            compared.push(' ');
        }
        after_space = false;
        compared.push(letter);
    }
    // A mark that stood behind a space may have met its letter.
    compared.nfc().collect()
}

/// Full-width forms of ASCII (U+FF01–U+FF5E) lie at a fixed distance from it.
fn half_width(letter: char) -> char {
    const FIRST: u32 = '！' as u32;
    const ASCII: u32 = '!' as u32;
    match letter {
        '！'..='～' => char::from_u32(u32::from(letter) - FIRST + ASCII).unwrap_or(letter),
        _ => letter,
    }
}

fn dot(letter: char) -> char {
    match letter {
        '.' | '\u{2022}' | '\u{2027}' | '\u{2219}' | '\u{22c5}' | '\u{30fb}' | '\u{ff65}' => {
            MIDDLE_DOT
        }
        _ => letter,
    }
}

/// Latin letters, with or without marks.
fn is_latin(letter: char) -> bool {
    letter.is_ascii_alphanumeric()
        || matches!(letter, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_middle_dot_is_one_and_the_same() {
        let name = "阿依古丽·买买提";
        for dot in [
            '\u{2022}', '\u{ff0e}', '\u{30fb}', '\u{2027}', '\u{ff65}', '\u{2219}', '\u{22c5}',
            '\u{387}', '.',
        ] {
            let written = name.replace(MIDDLE_DOT, &dot.to_string());
            assert!(same_name(name, &written), "U+{:04X}", u32::from(dot));
        }
        assert!(!same_name(name, "阿依古丽买买提"));
        assert!(!same_name(name, "买买提·阿依古丽"));
    }

    #[test]
    fn width_and_spaces_do_not_count() {
        assert!(same_name("王芳", " 王　芳\u{a0}"));
        assert!(same_name("包头市（青山区）托育园", "包头市(青山区) 托育园"));
        assert!(same_name("阿依古丽·买买提", "阿依古丽 · 买买提"));
        assert!(same_name("ＡＮＮＡ　ＬＥＥ", "ANNA  LEE"));
        assert!(!same_name("ANNA LEE", "ANNALEE"));
        assert!(!same_name("王芳", "王方"));
        assert!(!same_name("ANNA", "Anna"));
    }

    #[test]
    fn composed_and_decomposed_letters_are_the_same() {
        assert!(same_name("Zo\u{e9} L\u{fc}", "Zoe\u{301} Lu\u{308}"));
        // A compatibility ideograph is the unified one.
        assert!(same_name("\u{f9e1}", "\u{674e}"));
    }

    proptest! {
        #[test]
        fn what_is_compared_compares_as_itself(name in "\\PC{0,40}") {
            let compared = comparable_name(&name);
            prop_assert_eq!(comparable_name(&compared), compared);
        }
    }
}
