//! After the bank has answered: corrected accounts (F23, DYN-5) and archiving (F31).

use yuhui_kernel::dates;
use yuhui_platform::{Result, caller::Caller, form::Form};
use yuhui_proto::{
    eligibility::v1 as pb,
    events::v1::{AccountCorrected, event::Payload},
};

use super::{form, look, seat};
use crate::{
    desk::{Command, Desk},
    domain::{
        Case, NotAllowed, ProposalKind, State, Step, private::Account, review_request::open_until,
    },
    refusal::review::NotReviewed,
    rpc::{events::DISBURSEMENT, facts, reviews::none_pending},
    separation::not_the_confirmer,
    sitting::Sitting,
};

/// County maker enters the corrected account; its holder must be the payee (I7).
pub(super) async fn propose_account(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ProposeAccountCorrectionRequest,
) -> Result<pb::Case> {
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let looked = look!(desk, command, Step::CorrectAccount);
    let registered = facts::registered_name(desk, caller, &looked.case).await?;
    let mut sitting = seat!(desk, command, looked);
    sitting.step(Step::CorrectAccount)?;
    not_the_confirmer(caller, &sitting.case)?;
    let mut checked = Form::default();
    let account = form::account(&mut checked, "account", ask.account.as_ref());
    must_be_payees(checked, &sitting, registered, &account)?;
    sitting.private.corrected = Some(account);
    sitting.propose(ProposalKind::AccountCorrection, None, "", None)?;
    sitting.finish("case.propose_account", "").await
}

/// The account must be complete, and its holder the payee: an institution as it is registered, a
/// family's claimant otherwise.
fn must_be_payees(
    mut checked: Form,
    sitting: &Sitting<'_>,
    registered: Option<String>,
    account: &Account,
) -> Result<()> {
    let payee = registered.unwrap_or_else(|| sitting.private.claimant_name.clone());
    form::account_complete(
        &mut checked,
        "account",
        account,
        sitting.case.kind(),
        &payee,
    );
    Ok(checked.finish()?)
}

/// A second person approves, who did not confirm the case either (DYN-5); the line may be sent
/// again. The account is compared again with the payee: an institution may have a new name.
pub(super) async fn approve_account(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ApproveAccountCorrectionRequest,
) -> Result<pb::Case> {
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let looked = look!(desk, command, Step::CorrectAccount);
    let registered = facts::registered_name(desk, caller, &looked.case).await?;
    let mut sitting = seat!(desk, command, looked);
    sitting.step(Step::CorrectAccount)?;
    not_the_confirmer(caller, &sitting.case)?;
    sitting.approve(ProposalKind::AccountCorrection)?;
    let corrected = sitting.private.corrected.take();
    let account = corrected.unwrap_or_else(|| sitting.private.account.clone());
    must_be_payees(Form::default(), &sitting, registered, &account)?;
    sitting.case.account_masked = account.masked();
    sitting.private.account = account;
    sitting.case.awaits_account = false;
    let corrected = AccountCorrected {
        case: sitting.case.name(),
        payee_ref: sitting.case.claimant_ref.clone(),
    };
    sitting.tell(DISBURSEMENT, Payload::AccountCorrected(corrected));
    sitting.state_account().await?;
    sitting.finish("case.approve_account", "").await
}

/// What is confirmed is over only if nothing is due, the national subsidy having covered it (八e).
fn must_be_over(case: &Case) -> Result<()> {
    if case.state() == State::Confirmed && !case.amount().is_zero() {
        let refused = NotAllowed {
            state: State::Confirmed,
            allowed: vec![Step::Roster, Step::ProposeTermination, Step::Withdraw],
        };
        return super::fits(Err(refused), case);
    }
    Ok(())
}

/// A refusal stays open as long as its review may be requested (C.8, F32).
fn term_must_have_run(sitting: &Sitting<'_>) -> Result<()> {
    let case = &sitting.case;
    if !matches!(
        case.state(),
        State::Rejected | State::NotAccepted | State::Terminated
    ) {
        return Ok(());
    }
    match open_until(case, sitting.calendar()).filter(|last| sitting.today() <= *last) {
        None => Ok(()),
        Some(last) => Err(NotReviewed::TermRuns {
            case: case.name(),
            last_on: dates::format(last),
        }
        .into()),
    }
}

/// F31 归档, unless the decision is under review (C.8).
pub(super) async fn close(
    desk: &Desk,
    caller: &Caller,
    ask: pb::CloseCaseRequest,
) -> Result<pb::Case> {
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let mut sitting = seat!(desk, command);
    must_be_over(&sitting.case)?;
    sitting.allows(Step::Close)?;
    sitting.nothing_waits()?;
    none_pending(&sitting.tx, &sitting.case).await?;
    term_must_have_run(&sitting)?;
    sitting.step(Step::Close)?;
    let today = sitting.today();
    sitting.reserve(Some(today));
    sitting.finish("case.close", "").await
}
