//! A change ends without effect: its office declines it, or whoever proposed it takes it back.

use yuhui_platform::{
    Caller, Error, Result, act::OpenAct, audit, idempotency::Key, refusal, unless_answered,
};
use yuhui_proto::institution::v1 as pb;

use crate::{
    Deps, convert,
    domain::Office,
    gate::{self, Deed},
    store::changes::{self, Proposal},
};

/// The health office declines a change of its own.
pub async fn decline(
    deps: &Deps,
    caller: &Caller,
    ask: pb::DeclineChangeRequest,
) -> Result<pb::DeclineChangeResponse> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let words = (ask.name.as_str(), ask.reason.as_str());
    let how = (Deed::Decline(Office::Health), Some(ask.etag.as_str()));
    end(deps, caller, key, words, how, |change| {
        pb::DeclineChangeResponse { change }
    })
    .await
}

/// Whoever proposed it for the health office takes it back.
pub async fn withdraw(
    deps: &Deps,
    caller: &Caller,
    ask: pb::WithdrawChangeRequest,
) -> Result<pb::WithdrawChangeResponse> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let words = (ask.name.as_str(), "");
    let how = (Deed::Withdraw(Office::Health), None);
    end(deps, caller, key, words, how, |change| {
        pb::WithdrawChangeResponse { change }
    })
    .await
}

/// The education bureau declines a change of its own.
pub async fn decline_education(
    deps: &Deps,
    caller: &Caller,
    ask: pb::DeclineEducationChangeRequest,
) -> Result<pb::DeclineEducationChangeResponse> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let words = (ask.name.as_str(), ask.reason.as_str());
    let how = (Deed::Decline(Office::Education), Some(ask.etag.as_str()));
    end(deps, caller, key, words, how, |change| {
        pb::DeclineEducationChangeResponse { change }
    })
    .await
}

/// Whoever proposed it for the education bureau takes it back.
pub async fn withdraw_education(
    deps: &Deps,
    caller: &Caller,
    ask: pb::WithdrawEducationChangeRequest,
) -> Result<pb::WithdrawEducationChangeResponse> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let words = (ask.name.as_str(), "");
    let how = (Deed::Withdraw(Office::Education), None);
    end(deps, caller, key, words, how, |change| {
        pb::WithdrawEducationChangeResponse { change }
    })
    .await
}

/// The city declines an honour of its own.
pub async fn decline_honour(
    deps: &Deps,
    caller: &Caller,
    ask: pb::DeclineMunicipalHonourRequest,
) -> Result<pb::DeclineMunicipalHonourResponse> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let words = (ask.name.as_str(), ask.reason.as_str());
    let how = (Deed::Decline(Office::City), Some(ask.etag.as_str()));
    end(deps, caller, key, words, how, |change| {
        pb::DeclineMunicipalHonourResponse { change }
    })
    .await
}

/// Whoever proposed it for the city takes it back.
pub async fn withdraw_honour(
    deps: &Deps,
    caller: &Caller,
    ask: pb::WithdrawMunicipalHonourRequest,
) -> Result<pb::WithdrawMunicipalHonourResponse> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let words = (ask.name.as_str(), "");
    let how = (Deed::Withdraw(Office::City), None);
    end(deps, caller, key, words, how, |change| {
        pb::WithdrawMunicipalHonourResponse { change }
    })
    .await
}

async fn end<Answer: prost::Message + Default>(
    deps: &Deps,
    caller: &Caller,
    key: Key,
    (name, words): (&str, &str),
    (deed, etag): (Deed, Option<&str>),
    answer: impl FnOnce(Option<pb::Change>) -> Answer,
) -> Result<Answer> {
    let (named, institution, change) = convert::change_named("name", name)?;
    let tenant = caller.tenant_for(&named)?;
    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let tx = &act.tx;
    let not_found = || Error::from(refusal::not_found(name));
    let proposal = changes::find(tx, institution, change).await?;
    let proposal = proposal.ok_or_else(not_found)?;
    let state = gate::ends(deed, caller, &proposal, name)?;
    if let Some(etag) = etag {
        refusal::seen(etag, &proposal.etag()?)?;
    }
    changes::end(tx, caller, deps.clock.today(), &proposal, (state, words)).await?;
    let action = match deed {
        Deed::Withdraw(_) => "institution.change.withdraw",
        Deed::Decline(_) | Deed::Approve(_) => "institution.change.decline",
    };
    let entry = audit::Entry::new(action, name)
        .before(&proposal.state)
        .after(&state)
        .reason(words);
    act.record(entry).await?;
    let ended = Proposal {
        state,
        ended_by: Some(caller.account.clone()),
        words: words.into(),
        ..proposal
    };
    let of = name.rsplit_once("/changes/").map_or(name, |(of, _)| of);
    act.finish(answer(Some(convert::proposal(of, &ended)?)))
        .await
}
