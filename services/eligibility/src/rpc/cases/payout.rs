//! After the bank has answered: corrected accounts (F23, DYN-5) and archiving (F31).

use yuhui_platform::{
    Result,
    caller::Caller,
    outbox,
    refusal::{self, Violation},
};
use yuhui_proto::{eligibility::v1 as pb, events::v1 as events};

use super::seat;
use crate::{
    desk::Desk,
    domain::{ProposalKind, Step, life::Kind},
    refusal::required,
    rpc::{
        convert,
        events::{DISBURSEMENT, event},
    },
};

/// County maker enters the corrected account; its holder must be the payee.
pub(super) async fn propose_account(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ProposeAccountCorrectionRequest,
) -> Result<pb::Case> {
    let account = ask
        .account
        .as_ref()
        .map(convert::account)
        .unwrap_or_default();
    let missing: Vec<Violation> = [
        (account.holder_name.is_empty(), "account.holder_name"),
        (account.number.is_empty(), "account.account_number"),
        (account.bank_name.is_empty(), "account.bank_name"),
    ]
    .into_iter()
    .filter_map(|(empty, field)| empty.then(|| required(field)))
    .collect();
    if !missing.is_empty() {
        return Err(refusal::invalid(missing).into());
    }
    let mut sitting = seat!(desk, caller, ask);
    if account.holder_name != sitting.case.claimant_name {
        let what = Violation::new(
            "account.holder_name",
            "户名须与补贴对象一致",
            "must be the name of the payee",
        );
        return Err(refusal::invalid(vec![what]).into());
    }
    if sitting.case.kind() == Kind::Institution && !account.corporate {
        let what = Violation::new(
            "account.corporate",
            "须为对公账户",
            "must be a corporate account",
        );
        return Err(refusal::invalid(vec![what]).into());
    }
    sitting.step(Step::CorrectAccount)?;
    sitting.private.corrected = Some(account);
    sitting.propose(ProposalKind::AccountCorrection, "", "")?;
    sitting.finish("case.propose_account", "").await
}

/// A second person, who did not confirm the case, approves (DYN-5); the line may be sent again.
pub(super) async fn approve_account(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ApproveAccountCorrectionRequest,
) -> Result<pb::Case> {
    let mut sitting = seat!(desk, caller, ask);
    if sitting.case.county_hands.contains(&caller.account) {
        return Err(refusal::denied(
            "DYN-5",
            "确认资格的人员不得变更收款账户",
            "who confirmed a case cannot change its account",
        )
        .into());
    }
    sitting.step(Step::CorrectAccount)?;
    sitting.approve(ProposalKind::AccountCorrection)?;
    if let Some(account) = sitting.private.corrected.take() {
        sitting.case.account_masked = account.masked();
        sitting.private.account = account;
    }
    let account = sitting.private.account.clone();
    let payload = events::event::Payload::AccountCorrected(events::AccountCorrected {
        case: sitting.case.name(),
        payee_ref: sitting.case.claimant_ref.clone(),
        payee_name: account.holder_name,
        account_number: account.number,
        bank_name: account.bank_name,
    });
    outbox::publish(&sitting.tx, DISBURSEMENT, event(sitting.today(), payload)).await?;
    sitting.finish("case.approve_account", "").await
}

/// F31 归档.
pub(super) async fn close(
    desk: &Desk,
    caller: &Caller,
    ask: pb::CloseCaseRequest,
) -> Result<pb::Case> {
    let mut sitting = seat!(desk, caller, ask);
    sitting.step(Step::Close)?;
    sitting.finish("case.close", "").await
}
