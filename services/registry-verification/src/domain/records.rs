//! The records of the three registers. People are named by blind reference:
//! nothing here needs to know who they are. Periods are closed on both ends;
//! an end of `None` is open.

use time::Date;
use yuhui_kernel::{DivisionCode, Money, Sex};

/// Blind reference of a person: the vault's index of the identity number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonRef(String);

impl PersonRef {
    /// Reads 64 lower-case hex digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let shaped = text.len() == 64
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        shaped.then(|| Self(text.to_owned()))
    }

    /// What the vault or a row of the registers gave.
    pub(crate) fn trusted(text: String) -> Self {
        Self(text)
    }

    /// The reference as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The authorities that answer for facts (二h, 二i).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Register {
    /// 公安: persons, deaths, hukou.
    PublicSecurity,
    /// 民政: marriage, adoption, custody, guardianship.
    CivilAffairs,
    /// 妇幼保健: births, birth-service registration, national payments.
    Maternity,
}

impl Register {
    /// Every register, in the order in which they answer.
    pub const ALL: [Self; 3] = [Self::PublicSecurity, Self::CivilAffairs, Self::Maternity];

    /// Name in rows, resource names and the audit record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PublicSecurity => "public-security",
            Self::CivilAffairs => "civil-affairs",
            Self::Maternity => "maternity",
        }
    }

    /// The register of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }
}

/// A person as public security has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Person {
    /// Who.
    pub person: PersonRef,
    /// Sex.
    pub sex: Sex,
    /// Birth date.
    pub born_on: Date,
    /// Date of death.
    pub died_on: Option<Date>,
}

/// Why a person has two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AliasGround {
    /// 出生医学证明: a newborn has got its citizen number.
    BirthCertificate,
    /// 换发、重号
    Reissue,
    /// 更正
    Correction,
}

impl AliasGround {
    /// Name in rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BirthCertificate => "BIRTH_CERTIFICATE",
            Self::Reissue => "REISSUE",
            Self::Correction => "CORRECTION",
        }
    }
}

/// Two numbers of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The number the person had.
    pub earlier: PersonRef,
    /// The number the person has now.
    pub later: PersonRef,
    /// Why there are two.
    pub ground: AliasGround,
}

/// A period of hukou (户籍).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hukou {
    /// Whose.
    pub person: PersonRef,
    /// First day.
    pub from_on: Date,
    /// Last day.
    pub to_on: Option<Date>,
    /// Where: the most precise division known, inside or outside Baotou.
    pub division: DivisionCode,
}

/// How a marriage ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// 离婚
    Divorce,
    /// 丧偶
    Death,
}

impl Ending {
    /// Name in rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Divorce => "DIVORCE",
            Self::Death => "DEATH",
        }
    }

    /// The ending of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Divorce, Self::Death]
            .into_iter()
            .find(|it| it.as_str() == name)
    }
}

/// A marriage; on the day it ends it is no longer in force.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Marriage {
    /// The spouses, in the order of their references.
    pub spouses: [PersonRef; 2],
    /// Registration date.
    pub from_on: Date,
    /// When and how it ended.
    pub ended: Option<(Date, Ending)>,
}

/// An adoption (收养、送养).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Adoption {
    /// The child.
    pub child: PersonRef,
    /// Date.
    pub adopted_on: Date,
    /// One or two adopters, in the order of their references.
    pub adopters: Vec<PersonRef>,
}

/// Custody (抚养权) and actual care (实际照料) of a child.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Custody {
    /// The child.
    pub child: PersonRef,
    /// First day.
    pub from_on: Date,
    /// Last day.
    pub to_on: Option<Date>,
    /// Who holds custody, in the order of their references.
    pub holders: Vec<PersonRef>,
    /// Who actually cares, in the order of their references.
    pub actual_carers: Vec<PersonRef>,
    /// Basis, e.g. `DIVORCE_AGREEMENT`.
    pub basis: String,
}

/// A guardianship (监护).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Guardianship {
    /// The child.
    pub child: PersonRef,
    /// The guardian.
    pub guardian: PersonRef,
    /// First day.
    pub from_on: Date,
    /// Last day.
    pub to_on: Option<Date>,
}

/// A payment of the national childcare subsidy (国家育儿补贴).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NationalPayment {
    /// The child.
    pub child: PersonRef,
    /// Day.
    pub paid_on: Date,
    /// Year it is for.
    pub for_year: i32,
    /// Amount.
    pub amount: Money,
}

/// A delivery (胎): twins are one delivery, two children.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delivery {
    /// Number in the register.
    pub number: String,
    /// Mother.
    pub mother: PersonRef,
    /// Father, if known.
    pub father: Option<PersonRef>,
    /// Birth-service registration (生育服务登记).
    pub birth_service_registered_on: Option<Date>,
    /// Children, by order.
    pub children: Vec<BornChild>,
}

/// A child of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BornChild {
    /// Order inside the delivery, from 1.
    pub order: i32,
    /// The child; a stillborn child has no number.
    pub child: Option<PersonRef>,
    /// Birth date.
    pub born_on: Date,
    /// False for a stillbirth.
    pub live: bool,
}
