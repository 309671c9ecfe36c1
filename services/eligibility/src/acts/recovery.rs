//! Recovering what was paid to a claimant whose fraud another claim has brought to light (五(三)3,
//! R-FRD-1 under `ALL_PAID`). Fraud found in another county changes nothing here by itself: two persons
//! of this county decide.

use yuhui_platform::{Result, caller::Caller, unless_answered};
use yuhui_policy::Reason;
use yuhui_proto::eligibility::v1 as pb;

use super::fraud::recover;
use crate::{
    context::Context,
    convert::text,
    domain::ProposalKind,
    evaluation::{Moment, Verdict},
    gate::Deed,
    reads::recoveries::{elsewhere, recovers_everything},
    refusal::Refused,
    ritual::Command,
    store::{self, cases::Stored},
};

/// County maker, after a hearing.
pub(crate) async fn propose(
    context: &Context,
    caller: &Caller,
    ask: pb::ProposeRecoveryRequest,
) -> Result<pb::Case> {
    let note = text::needed("note", &ask.note)?;
    let command = Command::new(
        (caller, Deed::ProposeRecovery),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let stored = unless_answered!(context.case_of(&command));
    let verdict = judge_due(context, caller, &stored).await?;
    let mut act = unless_answered!(context.begin_at(command, stored.case.revision));
    let outcome = act.attach(verdict).await?;
    let reason = Some(Reason::FraudCancelled);
    act.propose(ProposalKind::Recovery, reason, &note, Some(outcome));
    act.finish("case.propose_recovery", note).await
}

/// County checker, never who proposed it (DYN-1).
pub(crate) async fn approve(
    context: &Context,
    caller: &Caller,
    ask: pb::ApproveRecoveryRequest,
) -> Result<pb::Case> {
    let command = Command::new(
        (caller, Deed::ApproveRecovery),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let stored = unless_answered!(context.case_of(&command));
    let verdict = judge_due(context, caller, &stored).await?;
    let mut act = unless_answered!(context.begin_at(command, stored.case.revision));
    let proposal = act.take_proposal()?;
    act.adopt(verdict).await?;
    recover(&mut act, Reason::FraudCancelled, &proposal.note)?;
    act.finish("case.recover", proposal.note).await
}

/// Runs the rules on a paid case, which must be one to be recovered. What the registers have learned
/// since takes nothing from that: it is recovered for the fraud, not for them.
async fn judge_due(context: &Context, caller: &Caller, stored: &Stored) -> Result<Verdict> {
    let case = &stored.case;
    let moment = Moment {
        confirmed_on: case.confirmed_on,
        paid_on: case.paid_on,
        paid: case.paid_on.is_some(),
        fraud_on: None,
    };
    let verdict = context.judge(caller, stored, moment).await?;
    let tx = context.db.read(case.tenant).await?;
    let findings = store::index::frauds(&tx, &verdict.all_numbers_of(&case.claimant_ref)).await?;
    drop(tx);
    let due = case.is_paid()
        && elsewhere(case, &findings).is_some()
        && recovers_everything(context, case).await?;
    if due {
        return Ok(verdict);
    }
    Err(Refused::rules_disagree(&case.name(), &verdict.outcome).into())
}
