//! Which register answers for what, and of whom it is asked.

use std::collections::BTreeSet;

use time::Date;

use super::{FactKind, Facts, Gap, GapState};
use crate::Claim;

/// Registers, as [`super::Answer::register`] names them.
pub mod names {
    /// 公安: hukou, deaths, names.
    pub const PUBLIC_SECURITY: &str = "PUBLIC_SECURITY";
    /// 民政: marriages, adoptions, custody, guardianship.
    pub const CIVIL_AFFAIRS: &str = "CIVIL_AFFAIRS";
    /// 妇幼: births, birth-service registration.
    pub const MATERNITY: &str = "MATERNITY";
    /// Institutions and stays.
    pub const INSTITUTION_REGISTRY: &str = "INSTITUTION_REGISTRY";
    /// Other claims and findings of fraud.
    pub const CLAIM_INDEX: &str = "CLAIM_INDEX";
    /// Payments of the national childcare subsidy.
    pub const NATIONAL_SYSTEM: &str = "NATIONAL_SYSTEM";
    /// Every register.
    pub const ALL: [&str; 6] = [
        PUBLIC_SECURITY,
        CIVIL_AFFAIRS,
        MATERNITY,
        INSTITUTION_REGISTRY,
        CLAIM_INDEX,
        NATIONAL_SYSTEM,
    ];
}

impl FactKind {
    /// The register that answers for it.
    #[must_use]
    pub const fn register(self) -> &'static str {
        match self {
            Self::Person | Self::Death | Self::Hukou | Self::Name => names::PUBLIC_SECURITY,
            Self::Marriage | Self::Adoption | Self::Custody | Self::Guardianship => {
                names::CIVIL_AFFAIRS
            }
            Self::Birth | Self::Siblings | Self::BirthService => names::MATERNITY,
            Self::Institution | Self::Certificate | Self::Honour | Self::Enrolment => {
                names::INSTITUTION_REGISTRY
            }
            Self::OtherClaim | Self::Fraud => names::CLAIM_INDEX,
            Self::NationalPayment => names::NATIONAL_SYSTEM,
        }
    }
}

impl Facts {
    /// Everybody of whom a kind of fact is asked to decide a claim, as far as these facts name them.
    #[must_use]
    pub fn asked_of(&self, fact: FactKind, claim: &Claim) -> BTreeSet<String> {
        let of = |ids: Vec<&String>| ids.into_iter().cloned().collect();
        let of_families = !matches!(
            fact.register(),
            names::INSTITUTION_REGISTRY | names::CLAIM_INDEX
        );
        if of_families && !claim.programme.is_family() {
            return BTreeSet::new();
        }
        match fact {
            FactKind::Person | FactKind::Death | FactKind::Hukou | FactKind::Marriage => {
                let mut ids: Vec<&String> = self.persons.iter().map(|it| &it.id).collect();
                for birth in &self.births {
                    ids.push(&birth.mother);
                    ids.extend(&birth.father);
                    ids.extend(birth.children.iter().map(|it| &it.id));
                }
                ids.extend([&claim.subject, &claim.claimant]);
                of(ids)
            }
            FactKind::Birth | FactKind::BirthService | FactKind::Siblings => {
                of(vec![&claim.subject])
            }
            FactKind::Adoption | FactKind::Custody | FactKind::Guardianship => {
                let births = self.births.iter();
                let mut ids: Vec<&String> = births
                    .flat_map(|it| it.children.iter().map(|it| &it.id))
                    .collect();
                ids.push(&claim.subject);
                of(ids)
            }
            FactKind::NationalPayment => of(vec![&claim.subject]),
            FactKind::Institution | FactKind::Certificate | FactKind::Honour => {
                let mut ids: Vec<&String> = self.institutions.iter().map(|it| &it.id).collect();
                ids.extend(self.enrolments.iter().map(|it| &it.institution));
                if !claim.programme.is_family() {
                    ids.push(&claim.subject);
                }
                of(ids)
            }
            FactKind::Enrolment => {
                let mut ids: Vec<&String> = self.enrolments.iter().map(|it| &it.child).collect();
                ids.push(&claim.subject);
                of(ids)
            }
            FactKind::OtherClaim => {
                let mut ids: Vec<&String> =
                    self.other_claims.iter().map(|it| &it.subject).collect();
                ids.push(&claim.subject);
                of(ids)
            }
            FactKind::Fraud => of(vec![&claim.claimant]),
            FactKind::Name => self.names.iter().map(|it| it.person.clone()).collect(),
        }
    }

    /// Takes in that a register is silent, or of a day before `from`. The birth date stays: it is in the
    /// citizen number.
    pub fn silence_register(
        &mut self,
        register: &str,
        claim: &Claim,
        state: GapState,
        from: Option<Date>,
    ) {
        let kinds = FactKind::ALL
            .iter()
            .copied()
            .filter(|it| it.register() == register)
            .filter(|it| !matches!(it, FactKind::Person | FactKind::Name));
        let asked: Vec<(FactKind, BTreeSet<String>)> =
            kinds.map(|it| (it, self.asked_of(it, claim))).collect();
        for (fact, subjects) in asked {
            for subject in subjects {
                self.silence(Gap {
                    fact,
                    subject,
                    state,
                    register: register.to_owned(),
                    from,
                    to: None,
                    candidates: Vec::new(),
                });
            }
        }
    }
}
