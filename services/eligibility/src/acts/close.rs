//! Archiving: F31.

use yuhui_kernel::dates;
use yuhui_platform::{Result, caller::Caller, unless_answered};
use yuhui_proto::eligibility::v1 as pb;

use super::review_requests::none_pending;
use crate::{
    context::Context,
    domain::{Case, NotAllowed, State, Step, review_request::open_until},
    refusal::{fits, review::NotReviewed},
    ritual::{CaseAct, Command},
};

/// What is confirmed is over only if nothing is due, the national subsidy having covered it (八e).
fn must_be_over(case: &Case) -> Result<()> {
    if case.state() == State::Confirmed && !case.amount().is_zero() {
        let refused = NotAllowed {
            state: State::Confirmed,
            allowed: vec![Step::Roster, Step::ProposeTermination, Step::Withdraw],
        };
        return Ok(fits(Err(refused), case)?);
    }
    Ok(())
}

/// A refusal stays open as long as its review may be requested (C.8, F32).
fn term_must_have_run(act: &CaseAct<'_>) -> Result<()> {
    let case = &act.case;
    if !matches!(
        case.state(),
        State::Rejected | State::NotAccepted | State::Terminated
    ) {
        return Ok(());
    }
    match open_until(case, act.calendar()).filter(|last| act.today() <= *last) {
        None => Ok(()),
        Some(last) => Err(NotReviewed::TermRuns {
            case: case.name(),
            last_on: dates::format(last),
        }
        .into()),
    }
}

/// F31 归档, unless the decision is under review (C.8).
pub(crate) async fn close(
    context: &Context,
    caller: &Caller,
    ask: pb::CloseCaseRequest,
) -> Result<pb::Case> {
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let mut act = unless_answered!(context.begin(command));
    must_be_over(&act.case)?;
    act.allows(Step::Close)?;
    act.nothing_waits()?;
    none_pending(&act.open.tx, &act.case).await?;
    term_must_have_run(&act)?;
    act.step(Step::Close)?;
    let today = act.today();
    act.reserve(Some(today));
    act.finish("case.close", "").await
}
