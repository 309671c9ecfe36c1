//! Whether the name that a claim states is the name that the register has for the number.

use yuhui_kernel::same_name;

/// The answer: never the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameAnswer {
    /// 一致
    Match,
    /// 不一致
    Mismatch,
    /// 无此号
    NoSuchNumber,
    /// 无法比对
    CannotCompare,
    /// 暂无答复
    Unavailable,
}

/// Compares the name that public security has with the one stated.
///
/// Two spellings of one name are one name. Two that differ are two names only if both are written
/// to be compared: a register that could not write a character put `□`, `?` or a private code in
/// its place, and pinyin or a foreign spelling beside Chinese characters says nothing either way.
#[must_use]
pub fn compare(registered: &str, stated: &str) -> NameAnswer {
    if registered.trim().is_empty() || [registered, stated].into_iter().any(has_placeholder) {
        NameAnswer::CannotCompare
    } else if same_name(registered, stated) {
        NameAnswer::Match
    } else if [registered, stated].into_iter().all(is_chinese) {
        NameAnswer::Mismatch
    } else {
        NameAnswer::CannotCompare
    }
}

/// Characters written in the place of others: 缺字符号, replacement, private use.
fn has_placeholder(name: &str) -> bool {
    name.chars().any(|letter| {
        matches!(
            letter,
            '□' | '■' | '〓' | '?' | '？' | '*' | '＊' | '\u{fffd}'
        ) || matches!(u32::from(letter), 0xe000..=0xf8ff | 0xf_0000..=0x10_fffd)
    })
}

/// Written in Chinese characters, whatever else is in it.
fn is_chinese(name: &str) -> bool {
    name.chars().any(|letter| {
        matches!(
            u32::from(letter),
            0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff | 0x3007
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_match_and_names_differ() {
        assert_eq!(compare("王芳", " 王　芳"), NameAnswer::Match);
        for dot in ['\u{2022}', '\u{ff0e}', '\u{30fb}', '\u{2027}'] {
            let stated = format!("阿依古丽{dot}买买提");
            assert_eq!(compare("阿依古丽·买买提", &stated), NameAnswer::Match);
        }
        assert_eq!(compare("王芳", "王方"), NameAnswer::Mismatch);
        assert_eq!(compare("王芳", "张伟"), NameAnswer::Mismatch);
    }

    #[test]
    fn what_is_not_written_to_be_compared_is_no_mismatch() {
        for (registered, stated) in [
            ("", "王芳"),
            ("王□", "王喆"),
            ("王?", "王喆"),
            ("王\u{e863}", "王䶮"),
            ("王芳", "WANG FANG"),
            ("Anna Lee", "安娜"),
            ("Anna Lee", "ANNA LEE"),
        ] {
            let answer = compare(registered, stated);
            assert_eq!(answer, NameAnswer::CannotCompare, "{registered} {stated}");
        }
        assert_eq!(compare("Anna Lee", "Anna Lee"), NameAnswer::Match);
        // Two equal gaps are no match either.
        assert_eq!(compare("王□", "王□"), NameAnswer::CannotCompare);
    }
}
