//! Citizen numbers (公民身份号码), GB 11643-1999, R-ID-1.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};
use thiserror::Error;
use time::{Date, Month};

/// A valid citizen number. It is never shown whole by accident: `Debug` and `Display` are
/// masked, it cannot be serialised, and [`CitizenNumber::expose`] must be called by name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CitizenNumber([u8; 18]);

/// Sex as the registers record it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Sex {
    /// 女
    #[serde(rename = "F")]
    Female,
    /// 男
    #[serde(rename = "M")]
    Male,
}

/// Why a text is no citizen number. The text itself is never repeated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CitizenNumberError {
    /// Not 18 characters.
    #[error("a citizen number has 18 characters, this has {length}")]
    Length {
        /// How many characters it has.
        length: usize,
    },
    /// A character that may not stand where it stands.
    #[error("the citizen number has an unexpected character at position {position}")]
    Character {
        /// Position, from 1.
        position: usize,
    },
    /// The check character is a lower-case x.
    #[error("the check character X of a citizen number is upper case")]
    LowerCaseX,
    /// Positions 7–14 are no date.
    #[error("positions 7 to 14 of the citizen number are no calendar date")]
    BirthDate,
    /// The check character does not fit.
    #[error("the check character of the citizen number does not fit")]
    CheckCharacter,
}

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS: &[u8; 11] = b"10X98765432";

impl CitizenNumber {
    /// Reads a number of 17 digits and a check character.
    pub fn parse(text: &str) -> Result<Self, CitizenNumberError> {
        let length = text.chars().count();
        if length != 18 {
            return Err(CitizenNumberError::Length { length });
        }
        for (index, character) in text.chars().enumerate() {
            match (index, character) {
                (_, '0'..='9') | (17, 'X') => {}
                (17, 'x') => return Err(CitizenNumberError::LowerCaseX),
                _ => {
                    return Err(CitizenNumberError::Character {
                        position: index + 1,
                    });
                }
            }
        }
        let mut number = [0; 18];
        for (place, byte) in number.iter_mut().zip(text.bytes()) {
            *place = byte;
        }
        let number = Self(number);
        if number.read_birth_date().is_none() {
            return Err(CitizenNumberError::BirthDate);
        }
        let body = text.get(..17).unwrap_or_default();
        if compute_check(body) != text.chars().next_back() {
            return Err(CitizenNumberError::CheckCharacter);
        }
        Ok(number)
    }

    /// The check character that belongs to 17 digits; `None` if `body` is not 17 digits.
    #[must_use]
    pub fn compute_check(body: &str) -> Option<char> {
        compute_check(body)
    }

    /// Date of birth (positions 7–14).
    #[must_use]
    pub fn birth_date(&self) -> Date {
        self.read_birth_date().unwrap_or(Date::MIN)
    }

    /// Sex (position 17: odd is male).
    #[must_use]
    pub fn sex(&self) -> Sex {
        if digit(self.0[16]).is_multiple_of(2) {
            Sex::Female
        } else {
            Sex::Male
        }
    }

    /// First six and last four characters, the rest starred (前6后4).
    #[must_use]
    pub fn masked(&self) -> String {
        let shown = self.0.iter().enumerate().map(|(index, byte)| match index {
            6..=13 => '*',
            _ => char::from(*byte),
        });
        shown.collect()
    }

    /// The whole number, for encryption, blind indexes and registry queries only.
    #[must_use]
    pub fn expose(&self) -> String {
        self.0.iter().copied().map(char::from).collect()
    }

    fn read_birth_date(&self) -> Option<Date> {
        let number = |range: std::ops::Range<usize>| {
            let digits = self.0.get(range)?;
            Some(
                digits
                    .iter()
                    .fold(0_u32, |sum, byte| sum * 10 + digit(*byte)),
            )
        };
        let year = i32::try_from(number(6..10)?).ok()?;
        let month = Month::try_from(u8::try_from(number(10..12)?).ok()?).ok()?;
        let day = u8::try_from(number(12..14)?).ok()?;
        Date::from_calendar_date(year, month, day).ok()
    }
}

fn digit(byte: u8) -> u32 {
    u32::from(byte.wrapping_sub(b'0'))
}

fn compute_check(body: &str) -> Option<char> {
    if body.len() != 17 || !body.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let sum: u32 = body
        .bytes()
        .zip(WEIGHTS)
        .map(|(byte, weight)| digit(byte) * weight)
        .sum();
    let index = usize::try_from(sum % 11).ok()?;
    CHECK_CHARACTERS.get(index).copied().map(char::from)
}

impl fmt::Display for CitizenNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.masked())
    }
}

impl fmt::Debug for CitizenNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CitizenNumber({})", self.masked())
    }
}

impl<'de> Deserialize<'de> for CitizenNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::date;

    use super::*;

    #[test]
    fn the_standard_s_own_examples_are_valid() {
        let number = CitizenNumber::parse("11010519491231002X").expect("valid");
        assert_eq!(number.birth_date(), date!(1949 - 12 - 31));
        assert_eq!(number.sex(), Sex::Female);
        assert!(CitizenNumber::parse("440524188001010014").is_ok());
    }

    #[test]
    fn failing_numbers_say_why() {
        let error = |text: &str| CitizenNumber::parse(text).expect_err("invalid");
        assert_eq!(
            error("44052418800101001"),
            CitizenNumberError::Length { length: 17 }
        );
        assert_eq!(
            error("440524188001010015"),
            CitizenNumberError::CheckCharacter
        );
        assert_eq!(error("150299202302290021"), CitizenNumberError::BirthDate);
        assert_eq!(error("11010519491231002x"), CitizenNumberError::LowerCaseX);
        assert_eq!(
            error("1101051949123100AX"),
            CitizenNumberError::Character { position: 17 }
        );
        assert_eq!(
            error("11010519491231X02X"),
            CitizenNumberError::Character { position: 15 }
        );
    }

    #[test]
    fn nothing_shows_the_whole_number() {
        let number = CitizenNumber::parse("150299202402290022").expect("valid");
        assert_eq!(number.to_string(), "150299********0022");
        assert_eq!(format!("{number:?}"), "CitizenNumber(150299********0022)");
        assert_eq!(number.expose(), "150299202402290022");
    }

    proptest! {
        #[test]
        fn the_computed_check_character_is_the_only_valid_one(
            region in 110_000_u32..820_000, day in 2_420_000_i32..2_461_000, serial in 0_u32..1000,
        ) {
            let born = Date::from_julian_day(day).expect("in range");
            let body = format!(
                "{region}{:04}{:02}{:02}{serial:03}", born.year(), u8::from(born.month()), born.day()
            );
            let check = CitizenNumber::compute_check(&body).expect("17 digits");
            for other in "0123456789X".chars() {
                prop_assert_eq!(
                    CitizenNumber::parse(&format!("{body}{other}")).is_ok(), other == check
                );
            }
        }
    }
}
