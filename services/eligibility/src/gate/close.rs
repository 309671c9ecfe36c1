//! Whether a case may be archived: F31.

use time::Date;
use yuhui_kernel::{Calendar, dates};
use yuhui_platform::Result;

use super::not_pending;
use crate::{
    domain::{
        Case, NotAllowed, State, Step,
        review_request::{ReviewRequest, open_until},
    },
    refusal::{Refused, fits, review::NotReviewed},
};

/// What is confirmed is over only if nothing is due, the national subsidy having covered it (八e).
pub(crate) fn is_over(case: &Case) -> bool {
    case.state() != State::Confirmed || case.amount().is_zero()
}

fn must_be_over(case: &Case) -> Result<()> {
    if is_over(case) {
        return Ok(());
    }
    let refused = NotAllowed {
        state: State::Confirmed,
        allowed: vec![Step::Roster, Step::ProposeTermination, Step::Withdraw],
    };
    Ok(fits(Err(refused), case)?)
}

/// A refusal stays open as long as its review may be requested (C.8, F32).
fn term_must_have_run(case: &Case, calendar: &'static Calendar, today: Date) -> Result<()> {
    if !matches!(
        case.state(),
        State::Rejected | State::NotAccepted | State::Terminated
    ) {
        return Ok(());
    }
    match open_until(case, calendar).filter(|last| today <= *last) {
        None => Ok(()),
        Some(last) => Err(NotReviewed::TermRuns {
            case: case.name(),
            last_on: dates::format(last),
        }
        .into()),
    }
}

/// Whether the case may be archived: it is over, nothing waits for a second person or is under review, among
/// `reviews` of it or of others, and nobody may ask for one any more (C.8).
pub(crate) fn may_close(
    case: &Case,
    reviews: &[ReviewRequest],
    calendar: &'static Calendar,
    today: Date,
) -> Result<()> {
    must_be_over(case)?;
    fits(
        case.place.allows(Step::Close, case.kind()).map(|_| ()),
        case,
    )?;
    if let Some(waiting) = &case.proposal {
        return Err(Refused::proposal_waiting(&case.name(), waiting.kind).into());
    }
    not_pending(reviews, case)?;
    term_must_have_run(case, calendar, today)
}
