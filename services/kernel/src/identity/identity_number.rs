//! R-ID-1: the number that identifies a natural person in the registers: a citizen number, or
//! for a newborn that has none yet the number of its birth certificate (出生医学证明编号).

use std::fmt;

use thiserror::Error;
use time::Date;

use super::citizen_number::{CitizenNumber, CitizenNumberError, Sex};

/// A valid identity number. Like [`CitizenNumber`] it is never shown whole by accident.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityNumber {
    /// 公民身份号码
    Citizen(CitizenNumber),
    /// 出生医学证明编号
    BirthCertificate(BirthCertificateNumber),
}

/// The number of a birth certificate: a capital letter and nine digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BirthCertificateNumber([u8; 10]);

/// Why a text is no identity number. The text itself is never repeated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IdentityNumberError {
    /// It begins like a citizen number but is none.
    #[error(transparent)]
    Citizen(#[from] CitizenNumberError),
    /// It begins with a letter but is no birth certificate number.
    #[error("a birth certificate number is one capital letter and nine digits")]
    BirthCertificate,
}

impl IdentityNumberError {
    /// The same in Chinese.
    #[must_use]
    pub fn zh(&self) -> &'static str {
        match self {
            Self::Citizen(CitizenNumberError::Length { .. }) => "公民身份号码应为18位",
            Self::Citizen(CitizenNumberError::Character { .. }) => "公民身份号码含有不应出现的字符",
            Self::Citizen(CitizenNumberError::LowerCaseX) => "公民身份号码校验码X应为大写",
            Self::Citizen(CitizenNumberError::BirthDate) => "公民身份号码第7至14位不是有效日期",
            Self::Citizen(CitizenNumberError::CheckCharacter) => "公民身份号码校验码不符",
            Self::BirthCertificate => "出生医学证明编号应为一位大写字母加九位数字",
        }
    }
}

impl IdentityNumber {
    /// Reads either kind: what begins with a letter is the number of a birth certificate.
    pub fn parse(text: &str) -> Result<Self, IdentityNumberError> {
        if !text.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return Ok(Self::Citizen(CitizenNumber::parse(text)?));
        }
        let number: [u8; 10] = text
            .as_bytes()
            .try_into()
            .map_err(|_| IdentityNumberError::BirthCertificate)?;
        let (letter, digits) = (number[0], &number[1..]);
        if letter.is_ascii_uppercase() && digits.iter().all(u8::is_ascii_digit) {
            Ok(Self::BirthCertificate(BirthCertificateNumber(number)))
        } else {
            Err(IdentityNumberError::BirthCertificate)
        }
    }

    /// Date of birth, if the number tells it.
    #[must_use]
    pub fn birth_date(&self) -> Option<Date> {
        match self {
            Self::Citizen(number) => Some(number.birth_date()),
            Self::BirthCertificate(_) => None,
        }
    }

    /// Sex, if the number tells it.
    #[must_use]
    pub fn sex(&self) -> Option<Sex> {
        match self {
            Self::Citizen(number) => Some(number.sex()),
            Self::BirthCertificate(_) => None,
        }
    }

    /// The number with its middle starred.
    #[must_use]
    pub fn masked(&self) -> String {
        match self {
            Self::Citizen(number) => number.masked(),
            Self::BirthCertificate(BirthCertificateNumber(number)) => number
                .iter()
                .enumerate()
                .map(|(index, byte)| match index {
                    2..=6 => '*',
                    _ => char::from(*byte),
                })
                .collect(),
        }
    }

    /// The whole number, for encryption, blind indexes and registry queries only.
    #[must_use]
    pub fn expose(&self) -> String {
        match self {
            Self::Citizen(number) => number.expose(),
            Self::BirthCertificate(BirthCertificateNumber(number)) => {
                number.iter().copied().map(char::from).collect()
            }
        }
    }
}

impl fmt::Display for IdentityNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.masked())
    }
}

impl fmt::Debug for IdentityNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdentityNumber({})", self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_are_read_and_masked() {
        let citizen = IdentityNumber::parse("150299202402290022").expect("valid");
        assert_eq!(citizen.masked(), "150299********0022");
        assert_eq!(citizen.sex(), Some(Sex::Female));
        let newborn = IdentityNumber::parse("U150012345").expect("well formed");
        assert_eq!(newborn.expose(), "U150012345");
        assert_eq!(format!("{newborn:?}"), "IdentityNumber(U1*****345)");
        assert_eq!(newborn.birth_date(), None);
    }

    #[test]
    fn neither_kind_is_refused_with_the_kind_it_resembles() {
        for text in ["u150012345", "U15001234", "U15001234五", "UU50012345"] {
            let error = IdentityNumber::parse(text).expect_err("malformed");
            assert_eq!(error, IdentityNumberError::BirthCertificate, "{text}");
        }
        for text in ["", "15029920240229002x", "150299202402290021"] {
            let error = IdentityNumber::parse(text).expect_err("malformed");
            assert!(matches!(error, IdentityNumberError::Citizen(_)), "{text}");
        }
    }
}
