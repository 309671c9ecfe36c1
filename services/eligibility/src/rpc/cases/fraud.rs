//! Fraud established by an inquiry with a hearing: 六2, 五(三)3 (R-TER-3, R-FRD-1, R-FRD-2, F29).

use yuhui_kernel::Money;
use yuhui_platform::{Result, caller::Caller};
use yuhui_policy::Reason;
use yuhui_proto::{
    eligibility::v1 as pb,
    events::v1::{RecoveryDecided, event::Payload},
};

use super::{look, rejection, seat, termination};
use crate::{
    desk::{Command, Desk},
    domain::{Case, ProposalKind, State, Step},
    evaluation::Moment,
    rpc::{events::LEDGER, text},
    store,
};

/// Archived without a payment there is nothing left to find.
fn must_be_open(case: &Case) -> Result<()> {
    if case.state() == State::Closed && case.paid_on.is_none() {
        let refused = crate::domain::NotAllowed {
            state: State::Closed,
            allowed: Vec::new(),
        };
        return super::fits(Err(refused), case);
    }
    Ok(())
}

/// County maker records what the inquiry established.
pub(super) async fn propose(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ProposeFraudFindingRequest,
) -> Result<pb::Case> {
    let note = text::needed("note", &ask.note)?;
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let mut sitting = seat!(desk, command);
    sitting.step(Step::ProposeFraudFinding)?;
    must_be_open(&sitting.case)?;
    sitting.propose(ProposalKind::FraudFinding, Some(Reason::Fraud), &note, None)?;
    sitting.finish("case.propose_fraud_finding", note).await
}

/// County checker approves: refused before confirmation, terminated before payment, recovered after
/// it. The finding stands against the claimant in every county from now on.
pub(super) async fn approve(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ApproveFraudFindingRequest,
) -> Result<pb::Case> {
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let looked = look!(desk, command, Step::ProposeFraudFinding);
    must_be_open(&looked.case)?;
    let was_paid = looked.case.paid_on.is_some();
    let moment = Moment {
        confirmed_on: looked.case.confirmed_on,
        paid_on: looked.case.paid_on,
        paid: was_paid,
        fraud_found: true,
    };
    let verdict = desk.judge(caller, &looked.case, moment).await?;
    let mut sitting = seat!(desk, command, looked);
    let proposal = sitting.approve(ProposalKind::FraudFinding)?;
    sitting.adopt(verdict)?;
    if was_paid {
        sitting.step(Step::Recover)?;
        // R-FRD-1: everything paid on the tainted claim.
        let paid = sitting.case.rostered.unwrap_or(Money::ZERO);
        sitting.decide(|outcome| outcome.recover(paid, &proposal.note));
        let demand = RecoveryDecided {
            case: sitting.case.name(),
            round: sitting.case.round,
            amount_fen: paid.fen(),
        };
        sitting.tell(LEDGER, Payload::RecoveryDecided(demand));
    } else if sitting.case.stage().is_before_confirmation() {
        rejection::reject(&mut sitting, Some(Reason::Fraud), &proposal.note)?;
    } else {
        termination::terminate(&mut sitting, Some(Reason::Fraud), &proposal.note)?;
    }
    store::index::put_fraud(&sitting.tx, &sitting.case, sitting.today()).await?;
    sitting.finish("case.fraud_found", proposal.note).await
}
