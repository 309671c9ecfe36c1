//! Whose bank account a subsidy may be paid to (五(二)4, AMB-48, I7): one rule for every entrance
//! at which an account is stated.
//!
//! A family is paid to the claimant's own personal account, a guardian's to the guardian's own; an
//! institution to the corporate account in its registered name.

use thiserror::Error;

use crate::identity::same_name;

/// Fewest digits of an account number in use at Chinese banks.
const SHORTEST: usize = 9;
/// Most characters that the payment system of the central bank (CNAPS) carries.
const LONGEST: usize = 32;
/// What numbers of UnionPay cards begin with (GB/T 19584, ISO/IEC 7812).
const CARD_ISSUERS: &str = "62";
/// Digits of a card number (ISO/IEC 7812).
const CARD: std::ops::RangeInclusive<usize> = 16..=19;

/// Who is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payee {
    /// A person: to a personal savings account (个人储蓄账户).
    Person,
    /// An institution: to a corporate account (对公账户).
    Institution,
}

/// An account as somebody stated it.
#[derive(Clone, Copy, Debug)]
pub struct StatedAccount<'a> {
    /// 户名
    pub holder_name: &'a str,
    /// 账号
    pub number: &'a str,
    /// 对公账户
    pub corporate: bool,
}

/// What is wrong with a stated account. Numbers and names are never repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AccountFault {
    /// The number has a character that is no digit.
    #[error("must be digits only; the character at position {position} is none")]
    NotDigits {
        /// Position, from 1.
        position: usize,
    },
    /// The number is shorter or longer than account numbers are.
    #[error("must have {SHORTEST} to {LONGEST} digits, this has {length}")]
    Length {
        /// How many digits it has.
        length: usize,
    },
    /// The number is one digit over and over.
    #[error("is one digit over and over")]
    OneDigit,
    /// The number is a bank card's, and its check digit does not fit.
    #[error("is a bank card number whose check digit does not fit")]
    CheckDigit,
    /// An institution states the number of a bank card, which is a person's.
    #[error("is a bank card number; an institution is paid to a corporate account")]
    CardOfInstitution,
    /// A family states a corporate account.
    #[error("a person is paid to a personal account, not to a corporate one")]
    CorporateOfPerson,
    /// An institution states a personal account.
    #[error("an institution is paid to a corporate account")]
    PersonalOfInstitution,
    /// The account is in somebody else's name.
    #[error("must be the payee's own name")]
    OtherHolder,
}

/// Part of a stated account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountPart {
    /// 户名
    HolderName,
    /// 账号
    Number,
    /// 对公账户
    Corporate,
}

impl AccountFault {
    /// The part at fault.
    #[must_use]
    pub fn part(self) -> AccountPart {
        match self {
            Self::NotDigits { .. }
            | Self::Length { .. }
            | Self::OneDigit
            | Self::CheckDigit
            | Self::CardOfInstitution => AccountPart::Number,
            Self::CorporateOfPerson | Self::PersonalOfInstitution => AccountPart::Corporate,
            Self::OtherHolder => AccountPart::HolderName,
        }
    }

    /// The same in Chinese.
    #[must_use]
    pub fn zh(self) -> String {
        match self {
            Self::NotDigits { position } => format!("账号须全部为数字，第{position}位不是数字"),
            Self::Length { length } => {
                format!("账号须为{SHORTEST}至{LONGEST}位数字，现为{length}位")
            }
            Self::OneDigit => "账号不得为同一数字的重复".into(),
            Self::CheckDigit => "银行卡号校验位不符".into(),
            Self::CardOfInstitution => "此为银行卡号，机构补贴须划入对公账户".into(),
            Self::CorporateOfPerson => {
                "个人和家庭补贴须划入本人个人储蓄账户，不得为对公账户".into()
            }
            Self::PersonalOfInstitution => "机构补贴须划入对公账户".into(),
            Self::OtherHolder => "户名须与补贴对象一致".into(),
        }
    }
}

/// Everything that is wrong with an account for that payee of that name; nothing if it may be paid
/// to. `name` is the claimant's, or the registered name of the institution.
#[must_use]
pub fn check(account: StatedAccount<'_>, payee: Payee, name: &str) -> Vec<AccountFault> {
    let number = check_number(account.number).err();
    let card = number.is_none() && is_card(account.number) && payee == Payee::Institution;
    let kind = match payee {
        Payee::Person => account.corporate.then_some(AccountFault::CorporateOfPerson),
        Payee::Institution => (!account.corporate).then_some(AccountFault::PersonalOfInstitution),
    };
    let holder = !same_name(account.holder_name, name);
    [
        holder.then_some(AccountFault::OtherHolder),
        number,
        card.then_some(AccountFault::CardOfInstitution),
        kind,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Whether a text can be the number of an account: digits of plausible length, and where it is the
/// number of a UnionPay card (62, 16 to 19 digits) its check digit fits (Luhn, ISO/IEC 7812).
pub fn check_number(number: &str) -> Result<(), AccountFault> {
    let strange = number.chars().position(|it| !it.is_ascii_digit());
    if let Some(index) = strange {
        let position = index + 1;
        return Err(AccountFault::NotDigits { position });
    }
    let length = number.len();
    if !(SHORTEST..=LONGEST).contains(&length) {
        return Err(AccountFault::Length { length });
    }
    let mut digits = number.bytes();
    let first = digits.next();
    if digits.all(|it| Some(it) == first) {
        return Err(AccountFault::OneDigit);
    }
    let fits = number.get(..length - 1).and_then(card_check_digit) == number.chars().next_back();
    if is_card(number) && !fits {
        return Err(AccountFault::CheckDigit);
    }
    Ok(())
}

/// The check digit (Luhn) that completes the digits of a card number; `None` if `body` is no digits.
#[must_use]
pub fn card_check_digit(body: &str) -> Option<char> {
    let mut sum = 0;
    for (index, character) in body.chars().rev().enumerate() {
        let digit = character.to_digit(10)?;
        sum += match index % 2 {
            0 => digit * 2 / 10 + digit * 2 % 10,
            _ => digit,
        };
    }
    char::from_digit((10 - sum % 10) % 10, 10).filter(|_| !body.is_empty())
}

fn is_card(number: &str) -> bool {
    CARD.contains(&number.len()) && number.starts_with(CARD_ISSUERS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CARD_NUMBER: &str = "6217000010001234569";
    const CORPORATE_NUMBER: &str = "15050171660000000123";

    fn account<'a>(holder_name: &'a str, number: &'a str, corporate: bool) -> StatedAccount<'a> {
        StatedAccount {
            holder_name,
            number,
            corporate,
        }
    }

    #[test]
    fn what_is_no_number_says_why() {
        for (text, fault) in [
            ("abcdef", AccountFault::NotDigits { position: 1 }),
            ("6217E15", AccountFault::NotDigits { position: 5 }),
            ("６２１７0000", AccountFault::NotDigits { position: 1 }),
            ("000000", AccountFault::Length { length: 6 }),
            ("", AccountFault::Length { length: 0 }),
            ("000000000000", AccountFault::OneDigit),
            ("6217000010001234567", AccountFault::CheckDigit),
        ] {
            assert_eq!(check_number(text), Err(fault), "{text}");
        }
        let long = "12".repeat(17);
        assert_eq!(
            check_number(&long),
            Err(AccountFault::Length { length: 34 })
        );
        // A passbook of a rural credit union, a corporate account, and a card.
        for text in ["110012345678", CORPORATE_NUMBER, CARD_NUMBER] {
            assert_eq!(check_number(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_person_is_paid_to_an_account_of_their_own() {
        let faults = |it| check(it, Payee::Person, "阿依古丽·买买提");
        assert!(faults(account("阿依古丽•买买提", CARD_NUMBER, false)).is_empty());
        assert_eq!(
            faults(account("某男", CARD_NUMBER, false)),
            [AccountFault::OtherHolder]
        );
        assert_eq!(
            faults(account("阿依古丽·买买提", "abcdef", true)),
            [
                AccountFault::NotDigits { position: 1 },
                AccountFault::CorporateOfPerson
            ]
        );
    }

    #[test]
    fn an_institution_is_paid_to_the_corporate_account_in_its_name() {
        let faults = |it| check(it, Payee::Institution, "包头市（青山区）某托育园");
        let own = "包头市(青山区)某托育园";
        assert!(faults(account(own, CORPORATE_NUMBER, true)).is_empty());
        assert_eq!(
            faults(account("某园长", CARD_NUMBER, true)),
            [AccountFault::OtherHolder, AccountFault::CardOfInstitution]
        );
        assert_eq!(
            faults(account(own, CORPORATE_NUMBER, false)),
            [AccountFault::PersonalOfInstitution]
        );
    }

    #[test]
    fn every_fault_names_its_part() {
        let length = AccountFault::Length { length: 3 };
        assert_eq!(length.part(), AccountPart::Number);
        assert_eq!(length.to_string(), "must have 9 to 32 digits, this has 3");
        assert_eq!(AccountFault::OtherHolder.part(), AccountPart::HolderName);
        let corporate = AccountFault::CorporateOfPerson;
        assert_eq!(corporate.part(), AccountPart::Corporate);
    }

    proptest! {
        #[test]
        fn one_check_digit_fits_a_card(body in "62[0-9]{13,16}") {
            let check = card_check_digit(&body).expect("digits");
            for digit in '0'..='9' {
                let sound = check_number(&format!("{body}{digit}")).is_ok();
                prop_assert_eq!(sound, digit == check);
            }
        }

        #[test]
        fn a_mistyped_digit_of_a_card_is_found(body in "62[0-9]{16}", at in 2_usize..18, by in 1_u8..10) {
            let check = card_check_digit(&body).expect("digits");
            let mut digits: Vec<u8> = body.bytes().collect();
            digits[at] = b'0' + (digits[at] - b'0' + by) % 10;
            let typed = String::from_utf8(digits).expect("digits");
            prop_assert_eq!(
                check_number(&format!("{typed}{check}")),
                Err(AccountFault::CheckDigit)
            );
        }
    }
}
