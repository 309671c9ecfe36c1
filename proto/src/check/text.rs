//! Texts: how long, of which characters, written how.

use std::ops::RangeInclusive;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};
use yuhui_kernel::{CreditCode, DivisionCode, IdentityNumber, dates};

use crate::field::v1::{Format, Rules};

/// Longest text that declares no length, in bytes.
const BYTES: usize = 200;
/// Years that a date may be of.
const YEARS: RangeInclusive<i32> = 1900..=2100;

/// What is wrong, in Chinese and in English.
type Fault = (String, String);

pub(super) fn check(text: &str, rules: &Rules) -> Result<(), Fault> {
    if text.is_empty() && !rules.required {
        return Ok(());
    }
    length(text, rules)?;
    if let Some((index, it)) = text.chars().enumerate().find(|it| refused(it.1, rules)) {
        let (place, code) = (index + 1, u32::from(it));
        return Err((
            format!("第{place}个字符（U+{code:04X}）不得使用"),
            format!("has the character U+{code:04X} at position {place}, which is not allowed"),
        ));
    }
    if rules.required && !text.chars().any(seen) {
        return fault("不得为空", "must not be empty");
    }
    written(text, rules.format())
}

fn length(text: &str, rules: &Rules) -> Result<(), Fault> {
    let (least, most) = (rules.min_len as usize, rules.max_len as usize);
    if most == 0 && text.len() > BYTES {
        return fault(
            format!("不得超过{BYTES}字节"),
            format!("has more than {BYTES} bytes"),
        );
    }
    // No count is needed for what is short in bytes.
    if most > 0 && text.len() > most && text.chars().count() > most {
        return fault(
            format!("不得超过{most}个字符"),
            format!("has more than {most} characters"),
        );
    }
    if text.chars().count() < least {
        return fault(
            format!("不得少于{least}个字符"),
            format!("has fewer than {least} characters"),
        );
    }
    Ok(())
}

/// Whether the character is kept out: what ends a line or turns or hides what
/// stands around it would say something else in a letter or a log.
fn refused(it: char, rules: &Rules) -> bool {
    if rules.multiline && matches!(it, '\n' | '\t') {
        return false;
    }
    if it.is_ascii() {
        return it.is_ascii_control();
    }
    let unseen = matches!(
        it.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
    );
    unseen || (rules.format() == Format::Name && ignorable(it))
}

/// Whether there is something to see.
fn seen(it: char) -> bool {
    !it.is_whitespace() && !ignorable(it)
}

/// Characters that are neither control nor format and yet show nothing: those
/// of `Default_Ignorable_Code_Point` (UAX #44), and the blank of braille.
fn ignorable(it: char) -> bool {
    matches!(it,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{2065}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}' | '\u{e0000}'..='\u{e0fff}')
}

fn written(text: &str, format: Format) -> Result<(), Fault> {
    match format {
        Format::Unspecified => Ok(()),
        Format::Date => told(
            dates::parse(text).is_ok_and(|it| YEARS.contains(&it.year())),
            "须为1900年至2100年间YYYY-MM-DD格式的有效日期",
            "must be a calendar date of 1900 to 2100, written YYYY-MM-DD",
        ),
        Format::Division => told(
            text.parse::<DivisionCode>().is_ok(),
            "须为6、9或12位行政区划代码",
            "must be a division code of 6, 9 or 12 digits",
        ),
        Format::IdentityNumber => match IdentityNumber::parse(text) {
            Ok(_) => Ok(()),
            Err(error) => fault(error.zh(), error.to_string()),
        },
        Format::CreditCode => match CreditCode::parse(text) {
            Ok(_) => Ok(()),
            Err(error) => fault("统一社会信用代码有误", error.to_string()),
        },
        Format::Sha256 => told(
            text.len() == 64 && text.bytes().all(|it| it.is_ascii_hexdigit()),
            "须为SHA-256十六进制摘要",
            "must be a SHA-256 digest in hex",
        ),
        Format::Name => told(
            text.chars().any(|it| it.is_alphabetic() && seen(it)),
            "须至少有一个可见的文字",
            "must have at least one letter",
        ),
        Format::ResourceName => told(
            text.split('/').all(segment),
            "不是资源名称",
            "is no resource name",
        ),
    }
}

/// Whether the text may stand between two `/` of a resource name.
fn segment(text: &str) -> bool {
    let allowed = |it: u8| it.is_ascii_alphanumeric() || b"-_.~:".contains(&it);
    !text.is_empty() && text.bytes().all(allowed)
}

fn told(right: bool, zh: &str, en: &str) -> Result<(), Fault> {
    if right { Ok(()) } else { fault(zh, en) }
}

fn fault<T>(zh: impl Into<String>, en: impl Into<String>) -> Result<T, Fault> {
    Err((zh.into(), en.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Rules = Rules {
        required: false,
        optional: false,
        output_only: false,
        min_len: 0,
        max_len: 0,
        multiline: false,
        format: Format::Unspecified as i32,
        gte: None,
        lte: None,
        min_items: 0,
        max_items: 0,
    };

    fn of(format: Format) -> Rules {
        Rules {
            format: format.into(),
            ..PLAIN
        }
    }

    #[track_caller]
    fn refuses(rules: &Rules, texts: &[&str]) {
        for text in texts {
            assert!(check(text, rules).is_err(), "{text:?} passed");
        }
    }

    #[track_caller]
    fn takes(rules: &Rules, texts: &[&str]) {
        for text in texts {
            assert_eq!(check(text, rules), Ok(()), "{text:?}");
        }
    }

    #[test]
    fn text_that_declares_nothing_is_one_short_line() {
        takes(&PLAIN, &["", "核对无误", "a b", &"a".repeat(200), "其其格"]);
        refuses(&PLAIN, &[&"a".repeat(201), &"村".repeat(67)]);
        refuses(
            &PLAIN,
            &["a\nb", "a\tb", "a\0b", "a\rb", "\u{7f}", "\u{85}"],
        );
        refuses(
            &PLAIN,
            &["\u{202e}fdp", "a\u{200b}b", "\u{feff}", "a\u{2028}b"],
        );
        refuses(
            &PLAIN,
            &["a\u{2066}b", "a\u{ad}b", "a\u{e0041}b", "a\u{180e}b"],
        );
    }

    #[test]
    fn declarations_widen_and_narrow() {
        let long = Rules {
            max_len: 300,
            min_len: 2,
            multiline: true,
            ..PLAIN
        };
        takes(&long, &["", &"村".repeat(300), "一\n\t二"]);
        refuses(
            &long,
            &[
                "一",
                &"村".repeat(301),
                "一\r\n二",
                "一\0二",
                "一\u{202e}二",
            ],
        );
        let required = Rules {
            required: true,
            ..PLAIN
        };
        takes(&required, &["无", " 无 "]);
        refuses(&required, &["", "  ", "\u{3000}", "\u{3164}", "\u{2800}"]);
    }

    #[test]
    fn names_are_seen() {
        let name = of(Format::Name);
        takes(
            &name,
            &["", "乌云·其其格", "Ana María O'Neill", "ᠴᠡᠴᠡᠭ", "某"],
        );
        refuses(&name, &["\u{200b}", "\u{3164}", "...", " ", "··", "123"]);
        refuses(
            &name,
            &["张\u{fe0f}三", "张\u{180b}三", "张\u{202e}三", "张\n三"],
        );
    }

    #[test]
    fn formats_are_kept() {
        let date = of(Format::Date);
        takes(&date, &["2025-03-10", "2024-02-29", "1900-01-01"]);
        refuses(&date, &["0025-03-10", "1899-12-31", "2101-01-01"]);
        refuses(
            &date,
            &[
                "+2025-03-10",
                "2025-3-10",
                "2025-02-29",
                " 2025-03-10",
                "２０２５-03-10",
            ],
        );
        let division = of(Format::Division);
        takes(&division, &["150203", "150203001", "150203001001"]);
        refuses(&division, &["15020", "15020a", "150203000", "+50203"]);
        let digest = of(Format::Sha256);
        takes(&digest, &[&"0f".repeat(32)]);
        refuses(&digest, &["0f", &"0g".repeat(32)]);
        let name = of(Format::ResourceName);
        takes(&name, &["counties/150203", "counties/-/cases/0198-ab"]);
        refuses(
            &name,
            &[
                "/",
                "counties/",
                "counties//cases",
                "counties/某",
                "counties/a b",
            ],
        );
        refuses(&of(Format::IdentityNumber), &["1", "u150012345"]);
        refuses(&of(Format::CreditCode), &["1", "91150203MA0000000I"]);
    }
}
