//! A proposal ends without effect: a checker declines it, or whoever made it takes it back.

use yuhui_kernel::proposal::ProposalState;
use yuhui_platform::{Caller, Result, act::OpenAct, audit, idempotency::Key, unless_answered};
use yuhui_proto::funding::v1 as pb;

use super::{answer::Answer, found::found};
use crate::{
    Deps, convert,
    domain::{name, proposal::Proposal},
    gate::Deed,
    store::proposals,
};

/// A checker declines what he might have approved.
pub async fn decline(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::DeclineProposalRequest,
) -> Result<pb::DeclineProposalResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    let seen = (ask.name.as_str(), Some(ask.etag.as_str()));
    end(deps, caller, key, (Deed::Decline, &ask.reason), seen).await
}

/// The head of the health office does not agree that a recovery is given up.
pub async fn endorsement(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::DeclineWriteOffRequest,
) -> Result<pb::DeclineWriteOffResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    let seen = (ask.name.as_str(), Some(ask.etag.as_str()));
    let how = (Deed::DeclineEndorsement, ask.reason.as_str());
    end(deps, caller, key, how, seen).await
}

/// Whoever made it takes it back.
pub async fn withdraw(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::WithdrawProposalRequest,
) -> Result<pb::WithdrawProposalResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    end(deps, caller, key, (Deed::Withdraw, ""), (&ask.name, None)).await
}

async fn end<R: Answer>(
    deps: &Deps,
    caller: &Caller,
    key: Key,
    (deed, words): (Deed, &str),
    (name, etag): (&str, Option<&str>),
) -> Result<R> {
    let (whose, id) = convert::proposed(caller, name)?;
    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, whose, key));
    let before = found(&act.tx, caller, deed, (id, etag)).await?;
    let (state, action) = match deed {
        Deed::Withdraw => (ProposalState::Withdrawn, "funding.proposal.withdraw"),
        _ => (ProposalState::Declined, "funding.proposal.decline"),
    };
    let after = Proposal {
        state,
        checker: Some(caller.account.clone()),
        words: words.to_owned(),
        ..before.clone()
    };
    proposals::end(&act.tx, &after).await?;
    let entry = audit::Entry::new(action, name::proposal(whose.scope(), id));
    act.record(entry.before(&before).after(&after).reason(words))
        .await?;
    act.finish(R::of(convert::proposal(whose.scope(), &after)))
        .await
}
