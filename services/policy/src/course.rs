//! The evaluation order of B.2: steps are taken in order, the first that fails gives the decision,
//! all that fail are found.

use yuhui_kernel::Money;

use crate::{
    Claim, Class, Decided, Decision, Programme, Reason,
    record::{Draft, Register, Sink, Verdict},
    rules::{
        birth_order,
        case::{Case, Family, Site},
        clauses::{self, Clause},
        family, fraud, identity, institution, marital, p1, p2, p3, p4, period, standing,
        termination,
    },
};

/// The first step that did not pass, and the first that cannot be read.
#[derive(Default)]
pub(crate) struct Course {
    first: Option<(Decision, Reason)>,
    unknown: Option<Reason>,
}

impl Course {
    pub(crate) fn take(&mut self, on_failure: Decision, verdict: Verdict) {
        let stopped = match verdict {
            Verdict::Pass | Verdict::NotApplicable => return,
            Verdict::Fail(reason) => (on_failure, reason),
            Verdict::Refer(reason) => (Decision::Refer, reason),
            Verdict::Unknown(unknown) => {
                let reason = unknown.state.reason();
                self.unknown.get_or_insert(reason);
                (Decision::Wait, reason)
            }
        };
        self.first.get_or_insert(stopped);
    }

    /// What it comes to, unless it stands. A refusal waits until it can name every step that fails
    /// (R-PRC-2); but who is sent to the competent county is helped by hearing so at once.
    pub(crate) fn stopped(&self) -> Option<(Decision, Reason)> {
        match (self.first, self.unknown) {
            (Some((decision, reason)), Some(unknown))
                if decision != Decision::Refer && reason != Reason::WrongCounty =>
            {
                Some((Decision::Wait, unknown))
            }
            (first, _) => first,
        }
    }

    pub(crate) const fn stands(&self) -> bool {
        self.first.is_none()
    }

    /// Whether the claim may still be confirmed; a person may yet say so of a referred one, a register
    /// of one that waits.
    pub(crate) const fn is_open(&self) -> bool {
        matches!(
            self.first,
            None | Some((Decision::Refer | Decision::Wait, _))
        )
    }
}

/// What a claim comes to besides the decision.
struct Measure {
    class: Option<Class>,
    headcount: Option<u32>,
    round: i32,
    amount: Money,
}

/// Decides a case.
pub(crate) fn run(case: Case<'_>, sink: &mut impl Sink) -> Decided {
    match case.claim.programme {
        Programme::P1 | Programme::P2 => family_course(&Family::new(case), sink),
        Programme::P3 | Programme::P4 => institution_course(&Site::new(case), sink),
        Programme::N1 => of_another_law(case.claim, sink, clauses::ORGANISATION),
    }
}

/// A claim for a subsidy that the law does not grant is not taken up.
pub(crate) fn of_another_law(claim: &Claim, sink: &mut impl Sink, clause: Clause) -> Decided {
    let verdict = Verdict::Fail(Reason::OtherPolicy);
    sink.finding(verdict, || {
        let note = format!("“{}”不由本政策规定。", claim.programme.chinese());
        Draft::new("R-POL-1", clause, note).fact(
            "claim.programme",
            claim.programme.code(),
            Register::Claim,
        )
    });
    Decided {
        decision: Decision::NotAccepted,
        reason: Some(Reason::OtherPolicy),
        class: None,
        headcount: None,
        amount: Money::ZERO,
        round: None,
        clawback: Money::ZERO,
    }
}

fn family_course(claim: &Family<'_>, sink: &mut impl Sink) -> Decided {
    use Decision::{NotAccepted, Reject, Terminate};
    let mut course = Course::default();
    course.take(NotAccepted, family::county_is_competent(claim, sink));
    course.take(NotAccepted, standing::may_claim(claim, sink));
    course.take(NotAccepted, family::is_no_duplicate(claim, sink));
    course.take(Reject, family::is_not_adopted(claim, sink));
    course.take(Reject, period::is_in_policy_period(claim, sink));
    course.take(
        Reject,
        if claim.is_p1() {
            p1::is_lodged_within_limit(claim, sink)
        } else {
            p2::is_lodged_in_window(claim, sink)
        },
    );
    course.take(Reject, family::child_has_baotou_hukou(claim, sink));
    course.take(Reject, family::a_parent_has_baotou_hukou(claim, sink));
    course.take(Reject, family::birth_service_is_registered(claim, sink));
    course.take(Reject, marital::passes_marital_test(claim, sink));
    course.take(Reject, birth_order::class_is_covered(claim, sink));
    if !claim.is_p1() {
        course.take(Reject, p2::institution_is_eligible(claim, sink));
        course.take(Reject, p2::enrolment_is_long_enough(claim, sink));
    }
    course.take(Reject, standing::custody_is_clear(claim, sink));

    let progress = claim.case.progress;
    if let Some(day) = progress.confirmed_on.filter(|_| course.is_open()) {
        let child = termination::child_has_hukou_at_confirmation(claim, day, sink);
        course.take(Reject, child);
        let parents = termination::a_parent_has_hukou_at_confirmation(claim, day, sink);
        course.take(Reject, parents);
    }
    course.take(Reject, fraud::no_fraud_by_confirmation(&claim.case, sink));
    if let Some(day) = progress.paid_on.filter(|_| course.is_open()) {
        let child = termination::child_has_not_moved_out(claim, day, sink);
        course.take(Terminate, child);
        let parents = termination::parents_have_not_moved_out(claim, day, sink);
        course.take(Terminate, parents);
    }
    take_fraud_by_payment(&mut course, &claim.case, sink);
    // Last, so that nobody is asked who he is about a claim that fails anyway.
    course.take(
        Decision::Refer,
        identity::names_belong_to_numbers(&claim.case, sink),
    );

    if course.stands() {
        course.take(Decision::Wait, p1::amount_is_definite(claim, sink));
    }
    let amount = if !course.stands() {
        Money::ZERO
    } else if claim.is_p1() {
        p1::amount(claim, sink)
    } else {
        p2::amount(claim, sink)
    };
    let measure = Measure {
        class: birth_order::class_of(claim).filter(|_| claim.is_p1()),
        headcount: None,
        round: claim.round,
        amount,
    };
    finish(course, &claim.case, measure, sink)
}

fn institution_course(claim: &Site<'_>, sink: &mut impl Sink) -> Decided {
    use Decision::{NotAccepted, Reject};
    let p3_claim = claim.case.claim.programme == Programme::P3;
    let premises = &claim.premises;
    let mut course = Course::default();
    course.take(
        NotAccepted,
        institution::county_is_competent(premises, sink),
    );
    if p3_claim {
        course.take(NotAccepted, p3::is_no_duplicate(claim, sink));
        course.take(Reject, p3::is_in_policy_period(claim, sink));
        course.take(Reject, p3::is_year_of_round(claim, sink));
    } else {
        course.take(NotAccepted, p4::is_no_duplicate(claim, sink));
    }
    course.take(Reject, institution::is_filed_or_approved(premises, sink));
    course.take(Reject, institution::is_affordable(premises, sink));
    course.take(Reject, institution::is_operating(premises, sink));
    course.take(Reject, institution::has_served_one_year(premises, sink));
    let headcount = p3_claim.then(|| p3::headcount(claim));
    let award = p4::amount(claim);
    if let Some(headcount) = headcount {
        course.take(Reject, p3::certificate_is_present(claim, sink));
        let children = p3::has_eligible_children(claim, headcount, sink);
        course.take(Reject, children);
    } else {
        course.take(Reject, p4::has_honour(claim, sink));
        course.take(Reject, p4::honour_is_in_period(claim, sink));
        course.take(Reject, p4::is_not_yet_rewarded(claim, award, sink));
        course.take(Reject, p4::is_first_possible_round(claim, sink));
    }
    course.take(Reject, fraud::no_fraud_by_confirmation(&claim.case, sink));
    take_fraud_by_payment(&mut course, &claim.case, sink);

    let amount = match headcount {
        _ if !course.stands() => Money::ZERO,
        Some(headcount) => p3::amount(claim, headcount, sink),
        None => {
            p4::report_amount(claim, award, sink);
            award
        }
    };
    let measure = Measure {
        class: None,
        headcount,
        round: claim.round,
        amount,
    };
    finish(course, &claim.case, measure, sink)
}

/// Step 17: once confirmed, fraud terminates until the claim is paid.
fn take_fraud_by_payment(course: &mut Course, case: &Case<'_>, sink: &mut impl Sink) {
    let confirmed_on = case.progress.confirmed_on.filter(|_| course.is_open());
    if let Some(day) = confirmed_on {
        let verdict = fraud::no_fraud_by_payment(case, day, sink);
        course.take(Decision::Terminate, verdict);
    }
}

/// Steps 18 and 19, and what the decision carries with it.
fn finish(mut course: Course, case: &Case<'_>, measure: Measure, sink: &mut impl Sink) -> Decided {
    if case.progress.paid && course.stands() {
        course.take(Decision::Wait, fraud::later_fraud_is_known(case, sink));
    }
    let recovery = case
        .progress
        .paid_on
        .filter(|_| case.progress.paid && course.stands())
        .and_then(|paid_on| fraud::to_recover(case, paid_on, measure.amount, sink));
    let amount = if course.stands() {
        measure.amount
    } else {
        Money::ZERO
    };
    let (decision, reason, clawback) = match (course.stopped(), recovery) {
        (Some((decision, reason)), _) => (decision, Some(reason), Money::ZERO),
        (None, Some((reason, amount))) => (Decision::Clawback, Some(reason), amount),
        (None, None) => (Decision::Pay, None, Money::ZERO),
    };
    // A claim that is not taken up or refused has no class, head-count or round of its own; of one that
    // waits they may yet change, but for the round, which follows from its lodging.
    let kept = !matches!(decision, Decision::NotAccepted | Decision::Reject);
    let measured = kept && decision != Decision::Wait;
    Decided {
        decision,
        reason,
        class: measure.class.filter(|_| measured),
        headcount: measure.headcount.filter(|_| measured),
        amount,
        round: kept.then_some(measure.round),
        clawback,
    }
}
