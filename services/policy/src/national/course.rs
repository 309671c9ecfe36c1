//! The evaluation order: as for 126号, who and where before what and how much.

use yuhui_kernel::Money;

use super::{child::Child, conditions, fraud, standing, years};
use crate::{Decided, Decision, Reason, course::Course, record::Sink};

/// Decides a claim.
pub(super) fn run(child: &Child<'_>, sink: &mut impl Sink) -> Decided {
    use Decision::{NotAccepted, Reject, Terminate};
    let (claim, progress) = (child.claim, child.progress);
    let mut course = Course::default();
    course.take(NotAccepted, conditions::county_is_competent(child, sink));
    course.take(NotAccepted, standing::may_claim(child, sink));
    course.take(NotAccepted, conditions::is_no_duplicate(child, sink));
    let by_confirmation = child.confirmed_by();
    let unpaid = conditions::is_not_paid_elsewhere(child, by_confirmation, sink);
    course.take(Reject, unpaid);
    course.take(Reject, years::scheme_has_begun(child, sink));
    course.take(Reject, years::year_is_open(child, sink));
    course.take(Reject, conditions::is_lawful(child, sink));
    course.take(Reject, years::is_under_three(child, sink));
    course.take(Reject, years::is_one_of_its_years(child, sink));
    course.take(Reject, conditions::has_hukou(child, sink));
    let by_lodging = conditions::lives_in_the_year(child, claim.lodged_on, sink);
    course.take(Reject, by_lodging);
    course.take(Reject, standing::custody_is_clear(child, sink));

    if let Some(day) = progress.confirmed_on.filter(|_| course.is_open()) {
        course.take(Reject, conditions::has_not_moved_away(child, day, sink));
        course.take(Reject, conditions::lives_in_the_year(child, day, sink));
    }
    course.take(Reject, fraud::none_by_confirmation(child, sink));
    if let Some(day) = progress.paid_on.filter(|_| course.is_open()) {
        let unpaid = conditions::is_not_paid_elsewhere(child, day, sink);
        course.take(Terminate, unpaid);
        course.take(Terminate, conditions::lives_in_the_year(child, day, sink));
    }
    if let Some(day) = progress.confirmed_on.filter(|_| course.is_open()) {
        course.take(Terminate, fraud::none_by_payment(child, day, sink));
    }

    if progress.paid {
        course.take(Decision::Wait, fraud::later_fraud_is_known(child, sink));
    }
    let amount = if course.stands() {
        years::amount(child, sink)
    } else {
        Money::ZERO
    };
    let recovery = progress
        .paid_on
        .filter(|_| progress.paid && course.stands())
        .and_then(|paid_on| fraud::to_recover(child, paid_on, amount, sink));
    let (decision, reason, clawback) = match (course.stopped(), recovery) {
        (Some((decision, reason)), _) => (decision, Some(reason), Money::ZERO),
        (None, Some(amount)) => (Decision::Clawback, Some(Reason::Fraud), amount),
        (None, None) => (Decision::Pay, None, Money::ZERO),
    };
    let kept = !matches!(decision, NotAccepted | Reject);
    Decided {
        decision,
        reason,
        class: None,
        headcount: None,
        amount,
        round: kept.then_some(child.year),
        clawback,
    }
}
