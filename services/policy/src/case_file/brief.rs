//! Words of a file, fit to be printed: on one line, without signs that hide or turn others, and not
//! longer than anybody reads.

use std::fmt;

/// A text of a file, cut after so many characters.
#[derive(Debug, Clone, Copy)]
pub struct Brief<'a>(pub &'a str, pub usize);

impl fmt::Display for Brief<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text, most) = self;
        for (number, sign) in text.chars().enumerate() {
            if number == *most {
                return write!(f, "… ({} bytes)", text.len());
            }
            if is_hidden(sign) {
                write!(f, "{}", sign.escape_default())?;
            } else {
                write!(f, "{sign}")?;
            }
        }
        Ok(())
    }
}

/// Control characters, line and paragraph separators, signs without width, signs that turn the
/// direction.
fn is_hidden(sign: char) -> bool {
    sign.is_control()
        || matches!(
            sign,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hides_turns_or_breaks_the_line() {
        let text = "一\npassed  X\r\u{1b}[2K\u{202e}\u{200b}\u{2028}。";
        let told = Brief(text, 100).to_string();
        let expected = "一\\npassed  X\\r\\u{1b}[2K\\u{202e}\\u{200b}\\u{2028}。";
        assert_eq!(told, expected);
        assert_eq!(Brief("一二三", 2).to_string(), "一二… (9 bytes)");
        assert_eq!(Brief("一二", 2).to_string(), "一二");
    }
}
