//! Administrative division codes (行政区划代码).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// The code of an administrative division: 6 digits for a province, prefecture or county
/// (旗县区), 9 for a township (苏木乡镇、街道), 12 for a village (嘎查村、居民委员会).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DivisionCode(u64);

/// Level of a division.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DivisionLevel {
    /// 省、自治区
    Province,
    /// 市、盟
    Prefecture,
    /// 旗县区
    County,
    /// 苏木乡镇（街道）
    Township,
    /// 嘎查村（居）民委员会
    Village,
}

/// Why a text is no division code.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DivisionCodeError {
    /// Neither 6, 9 nor 12 characters.
    #[error("a division code has 6, 9 or 12 digits, `{text}` has {length}")]
    Length {
        /// The text that was read.
        text: String,
        /// How many characters it has.
        length: usize,
    },
    /// A character that is not a digit.
    #[error("division code `{text}` has a non-digit at position {position}")]
    NotDigit {
        /// The text that was read.
        text: String,
        /// Position of the first offending character, from 1.
        position: usize,
    },
    /// The first two digits are no province's (GB/T 2260).
    #[error("division code `{text}` begins with no province")]
    NoProvince {
        /// The text that was read.
        text: String,
    },
    /// A 9- or 12-digit code whose last group is 000, or that lies under no county.
    #[error("division code `{text}` names no unit below its parent")]
    EmptyGroup {
        /// The text that was read.
        text: String,
    },
}

/// Provinces, autonomous regions, municipalities and special administrative regions (GB/T 2260).
const PROVINCES: [&str; 34] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
    "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
    "81", "82",
];

const COUNTY_MAX: u64 = 999_999;
const TOWNSHIP_MAX: u64 = 999_999_999;

impl DivisionCode {
    /// Level of the division.
    #[must_use]
    pub const fn level(self) -> DivisionLevel {
        if self.0 > TOWNSHIP_MAX {
            DivisionLevel::Village
        } else if self.0 > COUNTY_MAX {
            DivisionLevel::Township
        } else if self.0.is_multiple_of(10_000) {
            DivisionLevel::Province
        } else if self.0.is_multiple_of(100) {
            DivisionLevel::Prefecture
        } else {
            DivisionLevel::County
        }
    }

    /// The first six digits: the county of a township or village; a six-digit code gives itself.
    #[must_use]
    pub const fn county(self) -> Self {
        if self.0 > TOWNSHIP_MAX {
            Self(self.0 / 1_000_000)
        } else if self.0 > COUNTY_MAX {
            Self(self.0 / 1_000)
        } else {
            self
        }
    }

    /// The first nine digits, for townships and villages.
    #[must_use]
    pub const fn township(self) -> Option<Self> {
        if self.0 > TOWNSHIP_MAX {
            Some(Self(self.0 / 1_000))
        } else if self.0 > COUNTY_MAX {
            Some(self)
        } else {
            None
        }
    }

    /// Whether `other` is this division or lies inside it.
    #[must_use]
    pub fn contains(self, other: &Self) -> bool {
        let ancestor = match self.level() {
            DivisionLevel::Province => Self(other.county().0 / 10_000 * 10_000),
            DivisionLevel::Prefecture => Self(other.county().0 / 100 * 100),
            DivisionLevel::County => other.county(),
            DivisionLevel::Township => other.township().unwrap_or(*other),
            DivisionLevel::Village => *other,
        };
        self == ancestor
    }
}

impl FromStr for DivisionCode {
    type Err = DivisionCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let owned = || text.to_owned();
        let length = text.chars().count();
        if !matches!(length, 6 | 9 | 12) {
            return Err(DivisionCodeError::Length {
                text: owned(),
                length,
            });
        }
        if let Some(index) = text.chars().position(|c| !c.is_ascii_digit()) {
            return Err(DivisionCodeError::NotDigit {
                text: owned(),
                position: index + 1,
            });
        }
        let province = text.get(..2).unwrap_or_default();
        if !PROVINCES.contains(&province) {
            return Err(DivisionCodeError::NoProvince { text: owned() });
        }
        let under_no_county = length > 6 && text.get(4..6) == Some("00");
        if length > 6 && (under_no_county || text.ends_with("000")) {
            return Err(DivisionCodeError::EmptyGroup { text: owned() });
        }
        text.parse()
            .map(Self)
            .map_err(|_| DivisionCodeError::Length {
                text: owned(),
                length,
            })
    }
}

impl fmt::Display for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DivisionCode({})", self.0)
    }
}

impl Serialize for DivisionCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DivisionCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> DivisionCode {
        text.parse().expect("a valid code")
    }

    #[test]
    fn a_village_lies_in_its_township_county_city_and_region() {
        let village = code("150203004001");
        assert_eq!(village.level(), DivisionLevel::Village);
        assert_eq!(village.county(), code("150203"));
        assert_eq!(village.township(), Some(code("150203004")));
        for outer in ["150000", "150200", "150203", "150203004", "150203004001"] {
            assert!(code(outer).contains(&village), "{outer}");
        }
        for other in ["150100", "150204", "150203005", "150203004002"] {
            assert!(!code(other).contains(&village), "{other}");
        }
        assert!(!village.contains(&code("150203")));
    }

    #[test]
    fn errors_name_what_is_wrong() {
        let parse = |text: &str| text.parse::<DivisionCode>();
        assert!(matches!(
            parse("1502"),
            Err(DivisionCodeError::Length { length: 4, .. })
        ));
        assert!(matches!(
            parse("15020a"),
            Err(DivisionCodeError::NotDigit { position: 6, .. })
        ));
        assert!(matches!(
            parse("050203"),
            Err(DivisionCodeError::NoProvince { .. })
        ));
        assert!(matches!(
            parse("888888"),
            Err(DivisionCodeError::NoProvince { .. })
        ));
        assert!(matches!(
            parse("150203000"),
            Err(DivisionCodeError::EmptyGroup { .. })
        ));
    }

    #[test]
    fn json_is_text() {
        let text = serde_json::to_string(&code("150271")).expect("writable");
        assert_eq!(text, "\"150271\"");
        assert!(serde_json::from_str::<DivisionCode>("\"15027\"").is_err());
    }
}
