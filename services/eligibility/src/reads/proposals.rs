//! What waits on a case for a second person: seen whole before it is signed.

use yuhui_kernel::dates;
use yuhui_platform::{Result, caller::Caller, refusal::not_found};
use yuhui_policy::Reason;
use yuhui_proto::{
    authz::v1::{Level, Power},
    eligibility::v1::{self as pb, case_proposal::Kind, case_view},
};

use super::views;
use crate::{
    context::Context,
    convert,
    domain::{
        Proposal, ProposalKind,
        private::{Account, mask},
    },
    store::cases::Stored,
};

pub(crate) async fn get(
    context: &Context,
    caller: &Caller,
    ask: pb::GetCaseProposalRequest,
) -> Result<pb::GetCaseProposalResponse> {
    let stored = context.case(caller, &ask.name).await?;
    let proposal = stored.case.proposal.as_ref();
    let proposal = proposal.ok_or_else(|| not_found(&ask.name))?;
    views::note(context, caller, &stored.case, case_view::Kind::Proposal).await;
    Ok(pb::GetCaseProposalResponse {
        proposal: Some(shown(context, caller, &stored, proposal)?),
    })
}

fn shown(
    context: &Context,
    caller: &Caller,
    stored: &Stored,
    proposal: &Proposal,
) -> Result<pb::CaseProposal> {
    let case = &stored.case;
    let outcome = proposal.outcome.as_ref();
    let account = match proposal.kind {
        ProposalKind::AccountCorrection => account(context, caller, stored)?,
        _ => None,
    };
    Ok(pb::CaseProposal {
        case: case.name(),
        kind: kind(proposal.kind).into(),
        proposed_by: proposal.by.account.clone(),
        proposed_on: proposal.on.map(dates::format).unwrap_or_default(),
        reason: proposal.reason.map_or("", Reason::code).into(),
        note: proposal.note.clone(),
        determination: outcome.map(|it| convert::determination(case, it, &it.found)),
        account,
        takeover: match proposal.kind {
            ProposalKind::Takeover => takeover(context, caller, stored)?,
            _ => None,
        },
        etag: convert::etag(case),
    })
}

fn account(
    context: &Context,
    caller: &Caller,
    stored: &Stored,
) -> Result<Option<pb::ProposedAccount>> {
    let private = context.open(stored)?;
    let before = private.account;
    Ok(private
        .corrected
        .map(|it| shown_account(caller, it, &before)))
}

/// Who is to take the case over, and where he is to be paid (C.7).
fn takeover(
    context: &Context,
    caller: &Caller,
    stored: &Stored,
) -> Result<Option<pb::ProposedTakeover>> {
    let private = context.open(stored)?;
    let before = private.account;
    Ok(private.successor.map(|it| pb::ProposedTakeover {
        claimant_number: shown_number(caller, &it.claimant_number),
        claimant_name: it.claimant_name,
        account: Some(shown_account(caller, it.account, &before)),
        certificate: it.certificate,
    }))
}

fn shown_account(caller: &Caller, it: Account, before: &Account) -> pb::ProposedAccount {
    pb::ProposedAccount {
        number: shown_number(caller, &it.number),
        holder_name: it.holder_name,
        bank_name: it.bank_name,
        corporate: it.corporate,
        before_masked: before.masked(),
    }
}

/// Whole to those who compare it with what was brought.
fn shown_number(caller: &Caller, number: &str) -> String {
    match (caller.power(), caller.level()) {
        (Power::Eligibility, Level::County) => number.to_owned(),
        _ => mask(number),
    }
}

const fn kind(kind: ProposalKind) -> Kind {
    match kind {
        ProposalKind::Rejection => Kind::Rejection,
        ProposalKind::Termination => Kind::Termination,
        ProposalKind::FraudFinding => Kind::FraudFinding,
        ProposalKind::Recovery => Kind::Recovery,
        ProposalKind::AccountCorrection => Kind::AccountCorrection,
        ProposalKind::Takeover => Kind::Takeover,
    }
}
