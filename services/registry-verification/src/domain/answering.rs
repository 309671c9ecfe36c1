//! What a register answers of whom: known, absent, or unknown. A record that is not told is absent only
//! where its register answers, is complete up to the day, and covers where the record would be.

use std::collections::{BTreeMap, BTreeSet};

use time::Date;

use super::{FamilyFacts, PersonRef, Register};

/// A kind of fact that a register tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactKind {
    /// That there is such a person.
    Person,
    /// Death.
    Death,
    /// Hukou.
    Hukou,
    /// Other numbers of the person.
    Alias,
    /// Marriages.
    Marriage,
    /// Adoption.
    Adoption,
    /// Custody and care.
    Custody,
    /// Guardianship.
    Guardianship,
    /// Birth, and with it the parents.
    Birth,
    /// Other children of the same parents.
    Siblings,
    /// Birth-service registration.
    BirthService,
    /// Payments of the national childcare subsidy.
    NationalPayment,
}

impl FactKind {
    /// Every kind, register by register.
    pub const ALL: [Self; 12] = [
        Self::Person,
        Self::Death,
        Self::Hukou,
        Self::Alias,
        Self::Marriage,
        Self::Adoption,
        Self::Custody,
        Self::Guardianship,
        Self::Birth,
        Self::Siblings,
        Self::BirthService,
        Self::NationalPayment,
    ];

    /// The register that tells it.
    #[must_use]
    pub const fn register(self) -> Register {
        match self {
            Self::Person | Self::Death | Self::Hukou | Self::Alias => Register::PublicSecurity,
            Self::Marriage | Self::Adoption | Self::Custody | Self::Guardianship => {
                Register::CivilAffairs
            }
            Self::Birth | Self::Siblings | Self::BirthService | Self::NationalPayment => {
                Register::Maternity
            }
        }
    }

    /// Name in rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "PERSON",
            Self::Death => "DEATH",
            Self::Hukou => "HUKOU",
            Self::Alias => "ALIAS",
            Self::Marriage => "MARRIAGE",
            Self::Adoption => "ADOPTION",
            Self::Custody => "CUSTODY",
            Self::Guardianship => "GUARDIANSHIP",
            Self::Birth => "BIRTH",
            Self::Siblings => "SIBLINGS",
            Self::BirthService => "BIRTH_SERVICE",
            Self::NationalPayment => "NATIONAL_PAYMENT",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }
}

/// How a register stands for a county.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which register.
    pub register: Register,
    /// It does not answer.
    pub unavailable: bool,
    /// Why.
    pub reason: String,
    /// Day up to which it is complete; none: whatever day it is asked.
    pub as_of: Option<Date>,
    /// Kinds of which an absence is no answer.
    pub partial: BTreeSet<FactKind>,
    /// Since when it stands so; none: from the beginning.
    pub since: Option<Date>,
}

impl Standing {
    /// A register of which nobody has said anything answers for everything.
    #[must_use]
    pub const fn plain(register: Register) -> Self {
        Self {
            register,
            unavailable: false,
            reason: String::new(),
            as_of: None,
            partial: BTreeSet::new(),
            since: None,
        }
    }
}

/// How the registers stand for a county.
#[derive(Clone, Debug, Default)]
pub struct Standings(BTreeMap<Register, Standing>);

impl FromIterator<Standing> for Standings {
    fn from_iter<I: IntoIterator<Item = Standing>>(all: I) -> Self {
        Self(all.into_iter().map(|it| (it.register, it)).collect())
    }
}

impl Standings {
    /// How one stands.
    #[must_use]
    pub fn of(&self, register: Register) -> Standing {
        let own = self.0.get(&register).cloned();
        own.unwrap_or_else(|| Standing::plain(register))
    }

    /// Whether it answers.
    #[must_use]
    pub fn answers(&self, register: Register) -> bool {
        !self.of(register).unavailable
    }

    /// The last day up to `today` that it knows.
    #[must_use]
    pub fn known_until(&self, register: Register, today: Date) -> Date {
        self.of(register).as_of.map_or(today, |it| it.min(today))
    }

    /// What is said of one kind of fact of one person.
    #[must_use]
    pub fn say(
        &self,
        fact: FactKind,
        subject: PersonRef,
        is_known: bool,
        today: Date,
    ) -> Vec<Told> {
        let standing = self.of(fact.register());
        let told = |said| Told {
            fact,
            subject: subject.clone(),
            said,
        };
        if standing.unavailable {
            return vec![told(Said::Silent)];
        }
        let mut all = Vec::new();
        if let Some(as_of) = standing.as_of.filter(|it| *it < today) {
            all.push(told(Said::Stale { as_of }));
        }
        if standing.partial.contains(&fact) {
            all.push(told(Said::OutOfCoverage));
        }
        if all.is_empty() {
            all.push(told(if is_known { Said::Known } else { Said::Absent }));
        }
        all
    }
}

/// What a register says of one kind of fact of one person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// What it was asked.
    pub fact: FactKind,
    /// Of whom.
    pub subject: PersonRef,
    /// The answer.
    pub said: Said,
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Said {
    /// There are records.
    Known,
    /// There are none.
    Absent,
    /// It does not answer.
    Silent,
    /// Of later days than this it cannot say.
    Stale {
        /// The day.
        as_of: Date,
    },
    /// It does not reach where a record may be.
    OutOfCoverage,
}

impl FamilyFacts {
    /// Whether there are records of that kind of the person.
    #[must_use]
    pub fn know(&self, fact: FactKind, subject: &PersonRef) -> bool {
        let bears = |it: &super::Delivery| {
            let mut children = it.children.iter();
            children.any(|it| it.child.as_ref() == Some(subject))
        };
        let mut deliveries = self.deliveries.iter();
        match fact {
            FactKind::Person => self.persons.iter().any(|it| it.person == *subject),
            FactKind::Death => {
                let mut persons = self.persons.iter();
                persons.any(|it| it.person == *subject && it.died_on.is_some())
            }
            FactKind::Hukou => self.hukou.iter().any(|it| it.person == *subject),
            FactKind::Alias => self.aliases.iter().any(|(person, _)| person == subject),
            FactKind::Marriage => self.marriages.iter().any(|it| it.spouses.contains(subject)),
            FactKind::Adoption => self.adoptions.iter().any(|it| it.child == *subject),
            FactKind::Custody => self.custody.iter().any(|it| it.child == *subject),
            FactKind::Guardianship => self.guardianships.iter().any(|it| it.child == *subject),
            FactKind::Birth => deliveries.any(bears),
            FactKind::Siblings => self.common_children(subject).len() > 1,
            FactKind::BirthService => {
                deliveries.any(|it| bears(it) && it.birth_service_registered_on.is_some())
            }
            FactKind::NationalPayment => {
                self.national_payments.iter().any(|it| it.child == *subject)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn person() -> PersonRef {
        PersonRef::parse(&"a".repeat(64)).expect("reference")
    }

    fn say(standing: Standing, fact: FactKind, is_known: bool) -> Vec<Said> {
        let standings: Standings = [standing].into_iter().collect();
        let told = standings.say(fact, person(), is_known, date!(2025 - 03 - 31));
        told.into_iter().map(|it| it.said).collect()
    }

    #[test]
    fn an_absence_needs_a_register_that_answers_and_covers() {
        let plain = || Standing::plain(Register::CivilAffairs);
        assert_eq!(say(plain(), FactKind::Marriage, true), [Said::Known]);
        assert_eq!(say(plain(), FactKind::Marriage, false), [Said::Absent]);
        let silent = Standing {
            unavailable: true,
            ..plain()
        };
        assert_eq!(say(silent, FactKind::Marriage, true), [Said::Silent]);
        let partial = || Standing {
            partial: [FactKind::Marriage].into(),
            ..plain()
        };
        assert_eq!(
            say(partial(), FactKind::Marriage, false),
            [Said::OutOfCoverage]
        );
        assert_eq!(say(partial(), FactKind::Custody, false), [Said::Absent]);
        let as_of = date!(2025 - 03 - 30);
        let behind = Standing {
            as_of: Some(as_of),
            ..partial()
        };
        let both = [Said::Stale { as_of }, Said::OutOfCoverage];
        assert_eq!(say(behind, FactKind::Marriage, true), both);
        let current = Standing {
            as_of: Some(date!(2025 - 03 - 31)),
            ..plain()
        };
        assert_eq!(say(current, FactKind::Marriage, false), [Said::Absent]);
    }

    #[test]
    fn every_kind_has_one_name() {
        for kind in FactKind::ALL {
            assert_eq!(FactKind::parse(kind.as_str()), Some(kind));
        }
    }
}
