//! Unified social credit codes (统一社会信用代码), GB 32100-2015, R-ID-2.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// A unified social credit code of sound structure. Its check digit may still fail: early pilot
/// codes that break the standard are legally valid, so [`CreditCode::check_digit_valid`] warns
/// and does not refuse.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreditCode([u8; 18]);

/// The registrar a code's first two characters name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Registrar {
    /// 民政 (52: private non-enterprise unit)
    CivilAffairs,
    /// 市场监管 (91: enterprise, 92: individual business)
    MarketRegulation,
    /// 编办 (12: public institution)
    PublicInstitutionRegistry,
}

/// Why a text has not the structure of a unified social credit code.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CreditCodeError {
    /// Not 18 characters.
    #[error("a unified social credit code has 18 characters, this has {length}")]
    Length {
        /// How many characters it has.
        length: usize,
    },
    /// A character outside the alphabet `0-9A-HJ-NPQRTUWXY`, or a letter in the division code.
    #[error("the unified social credit code has an unexpected character at position {position}")]
    Character {
        /// Position, from 1.
        position: usize,
    },
}

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const WEIGHTS: [usize; 17] = [
    1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
];

impl CreditCode {
    /// Reads a code and checks its structure, but not its check digit.
    pub fn parse(text: &str) -> Result<Self, CreditCodeError> {
        let length = text.chars().count();
        if length != 18 {
            return Err(CreditCodeError::Length { length });
        }
        let mut code = [0; 18];
        for ((index, character), place) in text.chars().enumerate().zip(code.iter_mut()) {
            let byte = u8::try_from(character).ok().filter(|byte| match index {
                2..=7 => byte.is_ascii_digit(),
                _ => value(*byte).is_some(),
            });
            *place = byte.ok_or(CreditCodeError::Character {
                position: index + 1,
            })?;
        }
        Ok(Self(code))
    }

    /// Whether the last character is the check digit of the standard.
    #[must_use]
    pub fn check_digit_valid(&self) -> bool {
        let sum: usize = self
            .0
            .iter()
            .zip(WEIGHTS)
            .map(|(byte, weight)| value(*byte).unwrap_or(0) * weight)
            .sum();
        ALPHABET.get((31 - sum % 31) % 31) == self.0.last()
    }

    /// The registrar the code names, if it is one of the four kinds the scheme knows.
    #[must_use]
    pub fn registrar(&self) -> Option<Registrar> {
        match &self.0[..2] {
            b"12" => Some(Registrar::PublicInstitutionRegistry),
            b"52" => Some(Registrar::CivilAffairs),
            b"91" | b"92" => Some(Registrar::MarketRegulation),
            _ => None,
        }
    }
}

fn value(byte: u8) -> Option<usize> {
    ALPHABET.iter().position(|known| *known == byte)
}

impl fmt::Display for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: String = self.0.iter().copied().map(char::from).collect();
        f.pad(&text)
    }
}

impl fmt::Debug for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CreditCode({self})")
    }
}

impl Serialize for CreditCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CreditCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(text: &str) -> CreditCode {
        CreditCode::parse(text).expect("sound structure")
    }

    #[test]
    fn a_failing_check_digit_does_not_refuse_the_code() {
        assert!(code("91350100M000100Y43").check_digit_valid());
        assert!(!code("91350100M000100Y44").check_digit_valid());
        assert!(code("52150299MJ000000X5").check_digit_valid());
    }

    #[test]
    fn the_first_two_characters_name_the_registrar() {
        let registrar = |kind: &str| code(&format!("{kind}350100M000100Y43")).registrar();
        assert_eq!(registrar("12"), Some(Registrar::PublicInstitutionRegistry));
        assert_eq!(registrar("52"), Some(Registrar::CivilAffairs));
        assert_eq!(registrar("92"), Some(Registrar::MarketRegulation));
        assert_eq!(registrar("11"), None);
    }

    #[test]
    fn letters_the_standard_leaves_out_are_refused() {
        for letter in "IOSVZa-".chars() {
            assert_eq!(
                CreditCode::parse(&format!("91350100M000100{letter}43")),
                Err(CreditCodeError::Character { position: 16 })
            );
        }
        assert_eq!(
            CreditCode::parse("9135010AM000100Y43"),
            Err(CreditCodeError::Character { position: 8 })
        );
        assert!(CreditCode::parse("9135").is_err());
    }

    proptest! {
        #[test]
        fn exactly_one_check_digit_is_valid(body in "(12|52|91|92)[0-9]{6}[0-9A-HJ-NPQRTUWXY]{9}") {
            let valid = ALPHABET
                .iter()
                .filter(|check| {
                    code(&format!("{body}{}", char::from(**check))).check_digit_valid()
                })
                .count();
            prop_assert_eq!(valid, 1);
        }
    }
}
