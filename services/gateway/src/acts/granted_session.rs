//! A further session, under what was granted to whoever is signed in.

use yuhui_platform::{
    Caller, Result,
    audit::{self, Entry},
    clock,
    db::Tx,
    refusal::not_found,
};
use yuhui_proto::identity::v1 as pb;

use super::{break_glass, delegations, himself};
use crate::{
    context::Context,
    convert,
    domain::{account::State as AccountState, break_glass::State as GlassState, delegation::State},
    refusal::Refused,
    sessions::{Under, micros},
    store::accounts::{self, Model},
};

/// Opens a session as deputy, or under an emergency access.
pub async fn open(
    context: &Context,
    caller: &Caller,
    ask: pb::OpenGrantedSessionRequest,
) -> Result<pb::OpenGrantedSessionResponse> {
    // What is granted to him is granted to nobody by him: there is no chain.
    himself(caller)?;
    let tx = context.db.begin_global().await?;
    let account = accounts::by_id(&tx, &caller.account).await?;
    let account = account.filter(|it| it.state() == AccountState::Active);
    let account = account.ok_or(Refused::SessionEnded)?;
    let under = match ask.name.starts_with("delegations/") {
        true => deputy(context, &tx, &account, &ask.name).await?,
        false => emergency(&tx, &account, &ask.name).await?,
    };
    let sessions = &context.sessions;
    let (session, tokens) = sessions.open_under(&tx, &account, &under).await?;
    let entry = Entry::new("session.open", account.name()).reason(&ask.name);
    let entry = entry.note(format!("sessions/{session}"));
    audit::record(&tx, caller, context.clock.now(), entry).await?;
    tx.commit().await?;
    Ok(pb::OpenGrantedSessionResponse {
        tokens: Some(convert::tokens(tokens)),
    })
}

/// A delegation to the account, in force today. Whether he is free to hold the role is asked again: he may
/// hold others than on the day of the grant.
async fn deputy(context: &Context, tx: &Tx, account: &Model, name: &str) -> Result<Under> {
    let delegation = delegations::by_name(tx, name).await?;
    if delegation.deputy != account.id {
        return Err(not_found(name).into());
    }
    let state = delegation.state(context.clock.today())?;
    if state != State::InForce {
        let name = name.to_owned();
        return Err(Refused::DelegationOver { name, state }.into());
    }
    delegations::is_free(context, tx, &delegation).await?;
    let principal = accounts::by_id(tx, &delegation.principal).await?;
    let principal = principal.ok_or_else(|| not_found(name))?;
    if principal.state() != AccountState::Active {
        let (name, state) = (principal.name(), principal.state());
        return Err(Refused::WrongState { name, state }.into());
    }
    Ok(Under::Delegation {
        delegation,
        principal: Box::new(principal),
    })
}

/// An emergency access that the account has open.
async fn emergency(tx: &Tx, account: &Model, name: &str) -> Result<Under> {
    let access = break_glass::by_name(tx, name).await?;
    if access.opened_by != account.id {
        return Err(not_found(name).into());
    }
    if access.state(micros(clock::real_now())) != GlassState::Open {
        let name = name.to_owned();
        return Err(Refused::BreakGlassOver { name }.into());
    }
    Ok(Under::BreakGlass(access))
}
