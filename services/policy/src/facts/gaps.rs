//! What is not known: facts in three states. A row is known; neither row nor gap is absent; a gap is
//! unknown, and unknown is not no.

use serde::{Deserialize, Serialize};
use time::Date;

use super::{
    Adoption, Custody, Delivery, Facts, Guardianship, Hukou, Institution, Marriage, Person,
};
use crate::{Reason, iso_date};

/// Declares closed enums with stable codes and Chinese words.
macro_rules! worded {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $code:literal $zh:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name {
            $(#[doc = $zh] #[serde(rename = $code)] $variant,)*
        }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// Chinese words.
            #[must_use]
            pub const fn chinese(self) -> &'static str {
                match self { $(Self::$variant => $zh),* }
            }

            /// The value of that code.
            #[must_use]
            pub fn parse(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

worded! {
    /// What can be unknown: one for each list of [`Facts`], and for what an entry of a list may lack.
    FactKind {
        Person = "PERSON" "人口登记",
        Death = "DEATH" "死亡登记",
        Hukou = "HUKOU" "户籍",
        Marriage = "MARRIAGE" "婚姻登记",
        Birth = "BIRTH" "出生医学证明",
        Siblings = "SIBLINGS" "父母共同生育的其他子女",
        BirthService = "BIRTH_SERVICE" "生育服务登记",
        Adoption = "ADOPTION" "收养登记",
        Custody = "CUSTODY" "抚养和照料",
        Guardianship = "GUARDIANSHIP" "监护",
        Institution = "INSTITUTION" "机构登记、备案与认定",
        Certificate = "CERTIFICATE" "教育部门人数证明",
        Honour = "HONOUR" "示范荣誉",
        Enrolment = "ENROLMENT" "入托记录",
        OtherClaim = "OTHER_CLAIM" "其他申请",
        Fraud = "FRAUD" "骗取补贴的认定",
        NationalPayment = "NATIONAL_PAYMENT" "国家育儿补贴发放记录",
        Name = "NAME" "姓名与证件号码核对",
    }
}

worded! {
    /// Why it is unknown.
    GapState {
        Contradicted = "CONTRADICTED" "登记信息相互矛盾",
        OutOfCoverage = "OUT_OF_COVERAGE" "不在登记部门的登记范围内",
        Pending = "PENDING" "尚待核查",
        Stale = "STALE" "登记信息已过期，须重新核实",
        Unavailable = "UNAVAILABLE" "登记部门暂无答复",
    }
}

impl GapState {
    /// The reason of a case that waits for it.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::Unavailable => Reason::RegisterUnavailable,
            Self::Stale => Reason::FactStale,
            Self::OutOfCoverage => Reason::FactNotCovered,
            Self::Pending => Reason::FactPending,
            Self::Contradicted => Reason::FactsContradict,
        }
    }
}

/// Something that is not known of somebody. What is listed beside it stays known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// What.
    pub fact: FactKind,
    /// Of whom: a person or an institution. Of `SIBLINGS`, `BIRTH` and `BIRTH_SERVICE` the child.
    pub subject: String,
    /// Why.
    pub state: GapState,
    /// The register that would answer, as [`super::Answer::register`] names it.
    pub register: String,
    /// First day on which it is not known; none: from ever.
    #[serde(
        default,
        with = "iso_date::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub from: Option<Date>,
    /// Last day on which it is not known; none: for ever.
    #[serde(
        default,
        with = "iso_date::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub to: Option<Date>,
    /// `CONTRADICTED`: what each of those who contradict one another says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
}

/// One of several answers that cannot all be true: the rows it would add.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Candidate {
    /// Who says so, e.g. `PUBLIC_SECURITY` or `PAPER`.
    pub source: String,
    /// Persons.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub persons: Vec<Person>,
    /// Hukou.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hukou: Vec<Hukou>,
    /// Marriages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub marriages: Vec<Marriage>,
    /// Deliveries.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub births: Vec<Delivery>,
    /// Adoptions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub adoptions: Vec<Adoption>,
    /// Custody.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub custody: Vec<Custody>,
    /// Guardianships.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub guardianships: Vec<Guardianship>,
    /// Institutions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub institutions: Vec<Institution>,
}

impl Gap {
    /// Whether it leaves a day from `first` to `last` open.
    fn touches(&self, first: Date, last: Date) -> bool {
        self.from.is_none_or(|from| from <= last) && self.to.is_none_or(|to| first <= to)
    }

    /// The order in which gaps are told.
    fn place(&self) -> (FactKind, &str, GapState, &str, Option<Date>, Option<Date>) {
        (
            self.fact,
            &self.subject,
            self.state,
            &self.register,
            self.from,
            self.to,
        )
    }

    /// What is missing, in words.
    #[must_use]
    pub fn told(&self) -> String {
        format!("{}：{}", self.fact.chinese(), self.state.chinese())
    }
}

/// Something a rule could not read: a gap, by its place in the facts. Of several the first is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Unknown {
    pub(crate) gap: usize,
    pub(crate) state: GapState,
}

/// A reading in three states: known to be there or not, or unknown.
pub(crate) type Known<T> = Result<T, Unknown>;

impl Facts {
    /// Sorts the gaps, of which the rules name the first that matters; each is told once.
    pub fn settle_gaps(&mut self) {
        self.gaps
            .sort_by(|one, other| one.place().cmp(&other.place()));
        self.gaps.dedup();
    }

    /// What is not known of `subject` on some day from `first` to `last`.
    pub(crate) fn missing_between(
        &self,
        fact: FactKind,
        subject: &str,
        first: Date,
        last: Date,
    ) -> Option<Unknown> {
        let mut gaps = self.gaps.iter().enumerate();
        let (gap, found) = gaps.find(|(_, gap)| {
            gap.fact == fact && gap.subject == subject && gap.touches(first, last)
        })?;
        let state = found.state;
        Some(Unknown { gap, state })
    }

    /// What is not known of `subject` on `day`.
    pub(crate) fn missing_on(&self, fact: FactKind, subject: &str, day: Date) -> Option<Unknown> {
        self.missing_between(fact, subject, day, day)
    }

    /// What is not known of `subject` that may have happened by `day`.
    pub(crate) fn missing_by(&self, fact: FactKind, subject: &str, day: Date) -> Option<Unknown> {
        self.missing_between(fact, subject, Date::MIN, day)
    }

    /// Whether a death by `day` may be missing: of whom the register says nothing it says no death.
    pub(crate) fn missing_death(&self, person: &str, day: Date) -> Option<Unknown> {
        let death = self.missing_by(FactKind::Death, person, day);
        death.or_else(|| self.missing(FactKind::Person, person))
    }

    /// What is not known of `subject` at any time.
    pub(crate) fn missing(&self, fact: FactKind, subject: &str) -> Option<Unknown> {
        self.missing_between(fact, subject, Date::MIN, Date::MAX)
    }

    /// The facts as one of those who contradict one another tells them.
    pub(crate) fn believing(&mut self, candidate: &Candidate) {
        self.persons.extend_from_slice(&candidate.persons);
        self.hukou.extend_from_slice(&candidate.hukou);
        self.marriages.extend_from_slice(&candidate.marriages);
        self.births.extend_from_slice(&candidate.births);
        self.adoptions.extend_from_slice(&candidate.adoptions);
        self.custody.extend_from_slice(&candidate.custody);
        self.guardianships
            .extend_from_slice(&candidate.guardianships);
        self.institutions.extend_from_slice(&candidate.institutions);
    }
}
