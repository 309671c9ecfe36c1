//! Corrected accounts, after the bank has answered: F23, DYN-5.

use yuhui_platform::{Result, caller::Caller, form::Form, unless_answered};
use yuhui_proto::{
    eligibility::v1 as pb,
    internal::v1::{AccountCorrected, event::Payload},
};

use super::form;
use crate::{
    clients::facts,
    context::Context,
    domain::{ProposalKind, Step, private::Account},
    gate::Deed,
    names::DISBURSEMENT,
    ritual::{CaseAct, Command},
};

/// County maker enters the corrected account; its holder must be the payee (I7).
pub(crate) async fn propose(
    context: &Context,
    caller: &Caller,
    ask: pb::ProposeAccountCorrectionRequest,
) -> Result<pb::Case> {
    let command = Command::new(
        (caller, Deed::ProposeAccount),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let stored = unless_answered!(context.case_of(&command));
    let registered = facts::registered_name(context, caller, &stored.case).await?;
    let mut act = unless_answered!(context.begin_at(command, stored.case.revision));
    act.step(Step::CorrectAccount)?;
    let mut checked = Form::default();
    let account = form::account(&mut checked, "account", ask.account.as_ref());
    must_be_payees(checked, &act, registered, &account)?;
    act.private.corrected = Some(account);
    act.propose(ProposalKind::AccountCorrection, None, "", None);
    act.finish("case.propose_account", "").await
}

/// The account must be complete, and its holder the payee: an institution as it is registered, a
/// family's claimant otherwise.
fn must_be_payees(
    mut checked: Form,
    act: &CaseAct<'_>,
    registered: Option<String>,
    account: &Account,
) -> Result<()> {
    let payee = registered.unwrap_or_else(|| act.private.claimant_name.clone());
    form::account_complete(&mut checked, "account", account, act.case.kind(), &payee);
    Ok(checked.finish()?)
}

/// A second person approves, who did not confirm the case either (DYN-5); the line may be sent
/// again. The account is compared again with the payee: an institution may have a new name.
pub(crate) async fn approve(
    context: &Context,
    caller: &Caller,
    ask: pb::ApproveAccountCorrectionRequest,
) -> Result<pb::Case> {
    let command = Command::new(
        (caller, Deed::ApproveAccount),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let stored = unless_answered!(context.case_of(&command));
    let registered = facts::registered_name(context, caller, &stored.case).await?;
    let mut act = unless_answered!(context.begin_at(command, stored.case.revision));
    act.step(Step::CorrectAccount)?;
    act.take_proposal()?;
    let corrected = act.private.corrected.take();
    let account = corrected.unwrap_or_else(|| act.private.account.clone());
    must_be_payees(Form::default(), &act, registered, &account)?;
    act.case.account_masked = account.masked();
    act.private.account = account;
    act.case.awaits_account = false;
    let corrected = AccountCorrected {
        case: act.case.name(),
        payee_ref: act.case.claimant_ref.clone(),
        former_payee_ref: String::new(),
    };
    act.publish(DISBURSEMENT, Payload::AccountCorrected(corrected));
    act.state_account().await?;
    act.finish("case.approve_account", "").await
}
