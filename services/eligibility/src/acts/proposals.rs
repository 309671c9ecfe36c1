//! A proposal on a case ends without effect: a checker declines it, or whoever made it takes it back.

use yuhui_platform::{Result, caller::Caller, unless_answered};
use yuhui_proto::eligibility::v1 as pb;

use crate::{
    context::Context,
    convert::text,
    gate::Deed,
    ritual::{CaseAct, Command},
};

/// The checker declines what he might have approved; his own proposal as well, from whatever account: that stops
/// nothing that needs two.
pub(crate) async fn decline(
    context: &Context,
    caller: &Caller,
    ask: pb::DeclineCaseProposalRequest,
) -> Result<pb::Case> {
    let reason = text::needed("reason", &ask.reason)?;
    let command = Command::new(
        (caller, Deed::DeclineProposal),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let mut act = unless_answered!(context.begin(command));
    let dropped = act.drop_proposal()?;
    let told = format!("{}：{reason}", dropped.kind.as_str());
    act.finish("case.decline_proposal", told).await
}

/// Whoever made it takes it back, under whatever account.
pub(crate) async fn withdraw(
    context: &Context,
    caller: &Caller,
    ask: pb::WithdrawCaseProposalRequest,
) -> Result<pb::Case> {
    let command = Command::new(
        (caller, Deed::WithdrawProposal),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let mut act: CaseAct<'_> = unless_answered!(context.begin(command));
    let dropped = act.drop_proposal()?;
    act.finish("case.withdraw_proposal", dropped.kind.as_str())
        .await
}
