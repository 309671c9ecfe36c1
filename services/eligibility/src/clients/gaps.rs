//! What the registers did not tell, as gaps in the facts. What they said before is no fact.

use time::Date;
use yuhui_kernel::dates;
use yuhui_platform::{Error, Result};
use yuhui_policy::{
    Facts,
    facts::{Candidate, FactKind, Gap, GapState, names},
};
use yuhui_proto::{
    institution::v1::Enrolment,
    registry::v1::{
        FactKind as Kind, RegisterAnswer,
        register_answer::{Answer, unavailable::Cause},
    },
};

use super::facts::{from_registry, maybe, register_name};
use crate::domain::{Case, freshness::Question};

/// What of its answers a register leaves open. One that is a little behind its time, as far as the
/// stage allows, is taken as it is.
pub(super) fn told(
    answers: Vec<RegisterAnswer>,
    child: &str,
    question: Question,
    today: Date,
) -> Result<Vec<Gap>> {
    let mut gaps = Vec::new();
    for it in answers {
        let Some(fact) = fact(it.fact(), it.subject_ref == child) else {
            return Err(Error::fault("a register answers what nobody asked"));
        };
        let mut gap = Gap {
            fact,
            register: match fact {
                // Maternity passes on what the national system says.
                FactKind::NationalPayment => fact.register().to_owned(),
                _ => register_name(it.register()),
            },
            state: GapState::Unavailable,
            from: None,
            to: None,
            candidates: Vec::new(),
            subject: it.subject_ref,
        };
        match it.answer {
            Some(Answer::Known(_) | Answer::Absent(_)) => continue,
            // Who says nothing has not answered.
            None => {}
            Some(Answer::Unavailable(why)) => {
                gap.state = state(why.cause());
                (gap.from, gap.to) = (maybe(&why.from_on)?, maybe(&why.to_on)?);
                let as_of = gap.from.map(|from| dates::add_days(from, -1));
                let is_fresh = as_of.is_some_and(|it| question.accepts(fact, it, today));
                if gap.state == GapState::Stale && is_fresh {
                    continue;
                }
            }
            Some(Answer::Contradicted(several)) => {
                gap.state = GapState::Contradicted;
                for said in several.candidates {
                    gap.candidates.push(candidate(from_registry(said)?));
                }
            }
        }
        gaps.push(gap);
    }
    Ok(gaps)
}

/// The law's word for what a register was asked. Without the other numbers of a child its other claims
/// cannot all be found, without those of the claimant his findings of fraud cannot.
const fn fact(kind: Kind, of_the_child: bool) -> Option<FactKind> {
    Some(match kind {
        Kind::Person => FactKind::Person,
        Kind::Death => FactKind::Death,
        Kind::Hukou => FactKind::Hukou,
        Kind::Marriage => FactKind::Marriage,
        Kind::Birth => FactKind::Birth,
        Kind::Siblings => FactKind::Siblings,
        Kind::BirthService => FactKind::BirthService,
        Kind::Adoption => FactKind::Adoption,
        Kind::Custody => FactKind::Custody,
        Kind::Guardianship => FactKind::Guardianship,
        Kind::NationalPayment => FactKind::NationalPayment,
        Kind::Alias if of_the_child => FactKind::OtherClaim,
        Kind::Alias => FactKind::Fraud,
        Kind::Unspecified => return None,
    })
}

const fn state(cause: Cause) -> GapState {
    match cause {
        Cause::Silent | Cause::Unspecified => GapState::Unavailable,
        Cause::Stale => GapState::Stale,
        Cause::OutOfCoverage => GapState::OutOfCoverage,
        Cause::Pending => GapState::Pending,
    }
}

fn candidate(said: Facts) -> Candidate {
    Candidate {
        source: said
            .answers
            .first()
            .map_or_else(String::new, |it| it.register.clone()),
        persons: said.persons,
        hukou: said.hukou,
        marriages: said.marriages,
        births: said.births,
        adoptions: said.adoptions,
        custody: said.custody,
        guardianships: said.guardianships,
        institutions: said.institutions,
    }
}

/// Everything a family case asks of the registers, where none of them answers: who the parents are
/// is not known either.
pub(super) fn of_a_silent_registry(case: &Case) -> Vec<Gap> {
    let child = case.subject_ref.as_str();
    let claimant = case.claimant_ref.as_str();
    let of_child = [
        FactKind::Person,
        FactKind::Death,
        FactKind::Hukou,
        FactKind::Birth,
        FactKind::Siblings,
        FactKind::BirthService,
        FactKind::Adoption,
        FactKind::Custody,
        FactKind::Guardianship,
        FactKind::NationalPayment,
    ];
    let of_claimant = [FactKind::Death, FactKind::Hukou, FactKind::Marriage];
    let of_child = of_child.map(|it| silent(it, child)).into_iter();
    let of_claimant = of_claimant.map(|it| silent(it, claimant)).into_iter();
    // Public security knows the other numbers.
    let unlinked =
        [(FactKind::OtherClaim, child), (FactKind::Fraud, claimant)].map(|(fact, of)| Gap {
            register: names::PUBLIC_SECURITY.into(),
            ..silent(fact, of)
        });
    of_child.chain(of_claimant).chain(unlinked).collect()
}

/// The stays of a child, where the institution registry does not answer.
pub(super) fn of_silent_stays(case: &Case) -> Vec<Gap> {
    vec![silent(FactKind::Enrolment, &case.subject_ref)]
}

/// An institution, where the institution registry does not answer.
pub(super) fn of_a_silent_institution(case: &Case) -> Vec<Gap> {
    let kinds = [
        FactKind::Institution,
        FactKind::Certificate,
        FactKind::Honour,
        FactKind::Enrolment,
    ];
    kinds.map(|it| silent(it, &case.subject_ref)).into()
}

/// Stays that nobody has checked yet count for nothing, and against nobody.
pub(super) fn of_unchecked(stays: &[Enrolment]) -> Result<Vec<Gap>> {
    let gaps = stays.iter().map(|stay| {
        Ok(Gap {
            state: GapState::Pending,
            from: maybe(&stay.from_on)?,
            to: maybe(&stay.to_on)?,
            ..silent(FactKind::Enrolment, &stay.child)
        })
    });
    gaps.collect()
}

fn silent(fact: FactKind, subject: &str) -> Gap {
    Gap {
        fact,
        subject: subject.to_owned(),
        state: GapState::Unavailable,
        register: fact.register().to_owned(),
        from: None,
        to: None,
        candidates: Vec::new(),
    }
}
