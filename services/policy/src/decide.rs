//! The two entrances to the rules.

use yuhui_kernel::{Calendar, DivisionCode, Money};

use crate::{
    Claim, Class, Decision, Determination, Facts, Payee, PolicyPack, Programme, Progress, Reason,
    course,
    record::{Recorder, Silent},
    rules::case::{Case, Family, Site},
};

/// What is decided, without the findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// Decision.
    pub decision: Decision,
    /// Primary reason; `None` for PAY.
    pub reason: Option<Reason>,
    /// P1: class of the child, unless refused.
    pub class: Option<Class>,
    /// P3: children counted, unless refused.
    pub headcount: Option<u32>,
    /// Amount confirmed: zero unless PAY or CLAWBACK.
    pub amount: Money,
    /// Round the claim belongs to, unless refused.
    pub round: Option<i32>,
    /// Amount to be recovered.
    pub clawback: Money,
}

/// Decides a claim and tells why, rule by rule. No rule reads a fact later than the day it looks
/// at: the lodging, the confirmation, the payment, or today.
#[must_use]
pub fn determine(
    pack: &PolicyPack,
    calendar: &Calendar,
    facts: &Facts,
    claim: &Claim,
    progress: &Progress,
) -> Determination {
    let case = Case {
        pack,
        calendar,
        facts,
        claim,
        progress,
    };
    let mut recorder = Recorder::new(facts);
    let decided = course::run(case, &mut recorder);
    let stands = !matches!(
        decided.decision,
        Decision::NotAccepted | Decision::Reject | Decision::Refer
    );
    let (findings, cites) = recorder.finish(case.grant(), stands);
    Determination {
        decision: decided.decision,
        reason: decided.reason,
        class: decided.class,
        headcount: decided.headcount,
        amount: decided.amount,
        payees: payees(claim, decided.amount),
        round: decided.round,
        clawback: decided.clawback,
        competent_county: competent_county(case, decided.reason),
        cites,
        findings,
        pack_version: pack.version().to_owned(),
    }
}

/// Decides a claim; the same rules as [`determine`], without findings. It takes nothing from the heap
/// unless a nursery has more stays than any has.
#[must_use]
pub fn decide(
    pack: &PolicyPack,
    calendar: &Calendar,
    facts: &Facts,
    claim: &Claim,
    progress: &Progress,
) -> Decided {
    let case = Case {
        pack,
        calendar,
        facts,
        claim,
        progress,
    };
    course::run(case, &mut Silent)
}

/// The claimant of a family claim, the institution itself of an institution claim.
fn payees(claim: &Claim, amount: Money) -> Vec<Payee> {
    if amount.is_zero() {
        return Vec::new();
    }
    let payee = match claim.programme {
        Programme::P1 | Programme::P2 => &claim.claimant,
        Programme::P3 | Programme::P4 => &claim.subject,
    };
    vec![Payee {
        payee: payee.clone(),
        amount,
    }]
}

/// R-P1-10: who must not accept must name who may.
fn competent_county(case: Case<'_>, reason: Option<Reason>) -> Option<DivisionCode> {
    if reason != Some(Reason::WrongCounty) {
        return None;
    }
    match case.claim.programme {
        Programme::P1 | Programme::P2 => Family::new(case).child_county,
        Programme::P3 | Programme::P4 => Site::new(case)
            .premises
            .institution
            .map(|institution| institution.county.county()),
    }
}
