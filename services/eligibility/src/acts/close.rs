//! Archiving: F31.

use time::Date;
use yuhui_kernel::{Calendar, dates};
use yuhui_platform::{Result, caller::Caller, unless_answered};
use yuhui_proto::eligibility::v1 as pb;

use super::review_requests::not_pending;
use crate::{
    context::Context,
    domain::{
        Case, NotAllowed, State, Step,
        review_request::{ReviewRequest, open_until},
    },
    refusal::{Refused, fits, review::NotReviewed},
    ritual::Command,
    store,
};

/// What is confirmed is over only if nothing is due, the national subsidy having covered it (八e).
pub(super) fn is_over(case: &Case) -> bool {
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
pub(super) fn may_close(
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

/// F31 归档, unless the decision is under review (C.8).
pub(crate) async fn close(
    context: &Context,
    caller: &Caller,
    ask: pb::CloseCaseRequest,
) -> Result<pb::Case> {
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let mut act = unless_answered!(context.begin(command));
    let reviews = store::review_requests::pending(&act.open.tx, &[act.case.id]).await?;
    may_close(&act.case, &reviews, act.calendar(), act.today())?;
    act.step(Step::Close)?;
    let today = act.today();
    act.reserve(Some(today));
    act.finish("case.close", "").await
}
