//! A change ends without effect: its office declines it, or whoever proposed it takes it back.

use yuhui_kernel::proposal::{Barred, Ending, ProposalState};
use yuhui_platform::{
    Caller, Error, Result, act::OpenAct, audit, idempotency::Key, refusal, unless_answered,
};
use yuhui_proto::institution::v1 as pb;

use crate::{
    Deps, convert,
    domain::Office,
    refusal::Refused,
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
    let how = (Office::Health, Ending::Decline);
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
    let how = (Office::Health, Ending::Withdraw);
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
    let how = (Office::Education, Ending::Decline);
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
    let how = (Office::Education, Ending::Withdraw);
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
    let how = (Office::City, Ending::Decline);
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
    let how = (Office::City, Ending::Withdraw);
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
    (office, ending): (Office, Ending),
    answer: impl FnOnce(Option<pb::Change>) -> Answer,
) -> Result<Answer> {
    let (named, institution, change) = convert::change_named("name", name)?;
    let tenant = caller.tenant_for(&named)?;
    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let tx = &act.tx;
    let not_found = || Error::from(refusal::not_found(name));
    let proposal = changes::find(tx, institution, change).await?;
    let proposal = proposal.ok_or_else(not_found)?;
    if proposal.change.office() != office {
        return Err(Refused::OtherOffice.into());
    }
    let state = proposal.ended_by(caller, ending, name)?;
    changes::end(tx, caller, deps.clock.today(), &proposal, (state, words)).await?;
    let action = match ending {
        Ending::Withdraw => "institution.change.withdraw",
        Ending::Decline | Ending::Approve => "institution.change.decline",
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
    act.finish(answer(Some(convert::proposal(of, &ended))))
        .await
}

impl Proposal {
    /// What becomes of the change `name` if the caller ends it so.
    pub fn ended_by(&self, caller: &Caller, ending: Ending, name: &str) -> Result<ProposalState> {
        let change = name.to_owned();
        let ended = ending.of(self.state, &self.maker, &caller.hand());
        ended.map_err(|barred| match barred {
            Barred::Ended(ProposalState::Approved) => Refused::AlreadyApproved { change }.into(),
            Barred::Ended(state) => Refused::ChangeEnded { change, state }.into(),
            Barred::NotTheMaker => Refused::NotTheMaker.into(),
            Barred::SameHand => Error::from(refusal::same_hand(
                "提出变更的人不得审批",
                "who proposed the change may not approve it",
            )),
        })
    }
}
