//! The two entrances to the rules.

use yuhui_kernel::{Calendar, DivisionCode, Money};

use crate::{
    Claim, Class, Decision, Determination, Facts, Law, Pack, Payee, Progress, Reason,
    record::Recorder, rules::clauses::Clause,
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
/// at: the lodging, the confirmation, the payment, or today; but for the hukou entry that ends a move
/// inside Baotou, which tells what the days before it were (R-DAT-9).
#[must_use]
pub fn determine<L: Law>(
    pack: &Pack<L>,
    calendar: &Calendar,
    facts: &Facts,
    claim: &Claim,
    progress: &Progress,
) -> Determination {
    L::determine(pack, calendar, facts, claim, progress)
}

/// Decides a claim; the same rules as [`determine`], without findings. It takes nothing from the heap
/// unless a nursery has more stays than any has.
#[must_use]
pub fn decide<L: Law>(
    pack: &Pack<L>,
    calendar: &Calendar,
    facts: &Facts,
    claim: &Claim,
    progress: &Progress,
) -> Decided {
    L::decide(pack, calendar, facts, claim, progress)
}

/// What is decided and what was found, put together.
pub(crate) fn assemble(
    decided: Decided,
    recorder: Recorder<'_>,
    grant: Clause,
    claim: &Claim,
    competent_county: Option<DivisionCode>,
    pack_version: &str,
) -> Determination {
    let stands = !matches!(
        decided.decision,
        Decision::NotAccepted | Decision::Reject | Decision::Refer | Decision::Wait
    );
    let (findings, cites) = recorder.finish(grant, stands);
    Determination {
        decision: decided.decision,
        reason: decided.reason,
        class: decided.class,
        headcount: decided.headcount,
        amount: decided.amount,
        payees: payees(claim, decided.amount),
        round: decided.round,
        clawback: decided.clawback,
        competent_county,
        cites,
        findings,
        pack_version: pack_version.to_owned(),
    }
}

/// The claimant of a family claim, the institution itself of an institution claim.
fn payees(claim: &Claim, amount: Money) -> Vec<Payee> {
    if amount.is_zero() {
        return Vec::new();
    }
    let payee = if claim.programme.is_family() {
        &claim.claimant
    } else {
        &claim.subject
    };
    vec![Payee {
        payee: payee.clone(),
        amount,
    }]
}
