//! Numbers for people, nurseries and accounts that exist nowhere: valid by
//! their check digits, but of divisions that no office ever used.

use std::collections::HashMap;

use anyhow::{Context as _, bail};
use time::Date;
use yuhui_kernel::{CitizenNumber, CreditCode, Registrar, Sex, account::card_check_digit};

/// First of the division codes that name no place; they are used downwards.
const NOWHERE: u32 = 150_299;
/// Last of them: 150271 is the High-tech Zone's.
const NOWHERE_END: u32 = 150_280;
/// Numbers one division gives out per birth date and sex.
const PER_DAY: u32 = 499;
/// Alphabet of GB 32100.
const CREDIT_ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Gives out numbers, each once.
#[derive(Debug, Default)]
pub struct Numbers {
    born: HashMap<(Date, Sex), u32>,
    institutions: u32,
    accounts: u64,
}

impl Numbers {
    /// A citizen number (GB 11643) that fits birth date and sex.
    pub fn person(&mut self, born_on: Date, sex: Sex) -> anyhow::Result<String> {
        let taken = self.born.entry((born_on, sex)).or_default();
        let division = NOWHERE - *taken / PER_DAY;
        if division < NOWHERE_END {
            bail!("too many people born on {born_on}");
        }
        // Odd numbers are men's.
        let serial = (*taken % PER_DAY) * 2 + if sex == Sex::Male { 1 } else { 2 };
        *taken += 1;
        let body = format!(
            "{division}{:04}{:02}{:02}{serial:03}",
            born_on.year(),
            u8::from(born_on.month()),
            born_on.day()
        );
        let check = CitizenNumber::compute_check(&body).context("17 digits")?;
        Ok(format!("{body}{check}"))
    }

    /// A unified social credit code (GB 32100) of that registrar.
    pub fn institution(&mut self, registrar: Registrar) -> anyhow::Result<String> {
        let kind = match registrar {
            Registrar::CivilAffairs => "52",
            Registrar::MarketRegulation => "91",
            Registrar::PublicInstitutionRegistry => "12",
        };
        self.institutions += 1;
        let body = format!("{kind}{NOWHERE}MJ{:07}", self.institutions);
        CREDIT_ALPHABET
            .chars()
            .map(|check| format!("{body}{check}"))
            .find(|code| CreditCode::parse(code).is_ok_and(|code| code.check_digit_valid()))
            .context("one check digit fits")
    }

    /// A bank card (ISO/IEC 7812).
    pub fn card(&mut self) -> String {
        self.accounts += 1;
        let body = format!("6217{:014}", self.accounts);
        // Digits have a check digit.
        let check = card_check_digit(&body).unwrap_or_default();
        format!("{body}{check}")
    }

    /// The number of a corporate account.
    pub fn corporate_account(&mut self) -> String {
        self.accounts += 1;
        format!("15050{:015}", self.accounts)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use time::macros::date;

    use super::*;

    #[test]
    fn a_thousand_mothers_of_one_birthday_are_a_thousand_people() {
        let mut numbers = Numbers::default();
        let given: HashSet<String> = (0..1000)
            .map(|_| {
                numbers
                    .person(date!(1992 - 03 - 08), Sex::Female)
                    .expect("number")
            })
            .collect();
        assert_eq!(given.len(), 1000);
        for number in given {
            let number = CitizenNumber::parse(&number).expect("valid");
            assert_eq!(number.sex(), Sex::Female);
            assert_eq!(number.birth_date(), date!(1992 - 03 - 08));
        }
    }

    #[test]
    fn accounts_may_be_paid_to() {
        let mut numbers = Numbers::default();
        let given = [numbers.card(), numbers.corporate_account(), numbers.card()];
        for number in &given {
            assert_eq!(yuhui_kernel::account::check_number(number), Ok(()));
        }
        assert_ne!(given[0], given[2]);
    }

    #[test]
    fn a_code_names_its_registrar_and_its_check_digit_fits() {
        let mut numbers = Numbers::default();
        let code = numbers.institution(Registrar::CivilAffairs).expect("code");
        let code = CreditCode::parse(&code).expect("sound");
        assert!(code.check_digit_valid());
        assert_eq!(code.registrar(), Some(Registrar::CivilAffairs));
    }
}
