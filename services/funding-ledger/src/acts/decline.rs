//! A proposal ends without effect: a checker declines it, or whoever made it takes it back.

use yuhui_kernel::proposal::{Barred, Ending, ProposalState};
use yuhui_platform::{
    Caller, Error, Result,
    act::OpenAct,
    audit,
    db::Tenancy,
    idempotency::Key,
    refusal::{not_found, same_hand},
    unless_answered,
};
use yuhui_proto::{authz::v1::Level, funding::v1 as pb};

use super::answer::Answer;
use crate::{
    Deps, convert,
    domain::{
        name,
        proposal::{Kind, Proposal},
    },
    refusal::Refusal,
    store::proposals,
};

/// A checker declines what he might have approved.
pub async fn decline(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::DeclineProposalRequest,
) -> Result<pb::DeclineProposalResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    end(deps, caller, key, (&ask.name, &ask.reason), Ending::Decline).await
}

/// Whoever made it takes it back.
pub async fn withdraw(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::WithdrawProposalRequest,
) -> Result<pb::WithdrawProposalResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    end(deps, caller, key, (&ask.name, ""), Ending::Withdraw).await
}

async fn end<R: Answer>(
    deps: &Deps,
    caller: &Caller,
    key: Key,
    (name, words): (&str, &str),
    ending: Ending,
) -> Result<R> {
    let (whose, id) = convert::proposed(caller, name)?;
    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, whose, key));
    let full = name::proposal(whose.scope(), id);
    let found = proposals::get(&act.tx, id).await?;
    let before = found
        .filter(|it| level(whose, it.kind) == caller.level())
        .ok_or_else(|| not_found(&full))?;
    let ended = before.ended_by(&caller.hand(), ending);
    let after = Proposal {
        state: ended.map_err(|it| barred(it, &full))?,
        checker: Some(caller.account.clone()),
        words: words.to_owned(),
        ..before.clone()
    };
    proposals::end(&act.tx, &after).await?;
    let action = match ending {
        Ending::Withdraw => "funding.proposal.withdraw",
        Ending::Decline | Ending::Approve => "funding.proposal.decline",
    };
    let entry = audit::Entry::new(action, &full);
    act.record(entry.before(&before).after(&after).reason(words))
        .await?;
    act.finish(R::of(convert::proposal(whose.scope(), &after)))
        .await
}

/// Whose a proposal in that book is: another level's is not there.
pub fn level(whose: Tenancy, kind: Kind) -> Level {
    match kind {
        _ if whose == Tenancy::City => Level::Municipal,
        Kind::CityShare => Level::Municipal,
        Kind::Appropriation
        | Kind::Supplement
        | Kind::YearClose
        | Kind::CountyShare
        | Kind::Remittance
        | Kind::RecoveryReceipt
        | Kind::RecoveryWriteOff => Level::County,
    }
}

/// Why somebody does not end the proposal `full` so.
pub fn barred(why: Barred, full: &str) -> Error {
    let name = full.to_owned();
    match why {
        Barred::Ended(ProposalState::Approved) => Refusal::AlreadyApproved { name }.into(),
        Barred::Ended(state) => Refusal::ProposalEnded { name, state }.into(),
        Barred::NotTheMaker => Refusal::NotTheMaker.into(),
        Barred::SameHand => Error::from(same_hand(
            "经办人不得审批本人提出的申请",
            "who made a proposal cannot approve it",
        )),
    }
}
