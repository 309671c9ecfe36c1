//! 授权委托 (DYN-7): a head lets somebody act for one of his unit, and ends it.

use std::collections::BTreeSet;

use yuhui_kernel::dates;
use yuhui_platform::{
    Caller, Result,
    act::OpenAct,
    audit::Entry,
    clock,
    db::{Tenancy, Tx},
    idempotency::Key,
    refusal::{invalid, not_found, same_hand},
    unless_answered,
};
use yuhui_proto::{authz::v1::Power, identity::v1 as pb};

use super::{himself, new_account};
use crate::{
    context::Context,
    domain::{
        account::State as AccountState,
        approval::is_head,
        delegation::{State, Term},
        separation,
    },
    reads::{accounts::named, delegations::shown},
    refusal::Refused,
    store::{
        accounts::Model as Account,
        delegations::{self, Model},
        holders,
    },
};

/// The head of the unit grants.
pub async fn grant(
    context: &Context,
    caller: &Caller,
    ask: pb::GrantDelegationRequest,
) -> Result<pb::GrantDelegationResponse> {
    himself(caller)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let today = context.clock.today();
    let term = Term::read(&ask.from_on, &ask.to_on, today).map_err(invalid)?;
    let act = unless_answered!(OpenAct::begin(
        &context.db,
        &context.clock,
        caller,
        Tenancy::City,
        key
    ));
    let tx = &act.tx;
    let principal = named(tx, &ask.principal).await?;
    // An account of another unit is none of the caller's business: there is none.
    if !heads(caller, &principal.role, &principal.unit) {
        return Err(not_found(&ask.principal).into());
    }
    let deputy = named(tx, &ask.deputy).await?;
    // Always in the same order, so that two grants of one principal, or to one deputy, wait for one another.
    let persons = BTreeSet::from([principal.person.as_str(), deputy.person.as_str()]);
    for person in persons {
        holders::take_turn(tx, person).await?;
    }
    may_act_for(context, caller, (&principal, &deputy))?;
    let delegation = Model {
        id: clock::fresh_id().to_string(),
        principal: principal.id.clone(),
        deputy: deputy.id.clone(),
        deputy_person: deputy.person.clone(),
        role: principal.role.clone(),
        unit: principal.unit.clone(),
        from_on: dates::format(term.from),
        to_on: dates::format(term.to),
        document: ask.document.trim().to_owned(),
        granted_by: caller.account.clone(),
        revoked_by: String::new(),
        revoke_reason: String::new(),
    };
    let days = (delegation.from_on.as_str(), delegation.to_on.as_str());
    let others = delegations::of_principal(tx, &principal.id, days.0, days.1).await?;
    if let Some(other) = others.first() {
        return Err(Refused::AlreadyDelegated { name: other.name() }.into());
    }
    is_free(context, tx, &delegation).await?;
    delegations::insert(tx, delegation.clone()).await?;
    let entry = Entry::new("delegation.grant", delegation.name()).after(&delegation);
    act.record(entry.reason(&delegation.document)).await?;
    let shown = shown(context, tx, &delegation).await?;
    act.finish(pb::GrantDelegationResponse {
        delegation: Some(shown),
    })
    .await
}

/// Whether the caller is the head who decides over `role` in `unit`.
fn heads(caller: &Caller, role: &str, unit: &str) -> bool {
    let own = caller.unit.map(|it| it.to_string()).unwrap_or_default();
    let role = yuhui_proto::authz::v1::Role::from_str_name(role).unwrap_or_default();
    is_head((caller.role, own), role, unit)
}

/// Both may act at all, and neither is the caller: nobody lets himself act for another (DYN-1).
fn may_act_for(
    context: &Context,
    caller: &Caller,
    (principal, deputy): (&Account, &Account),
) -> Result<()> {
    let power = |it: &Account| context.spec(it.role()).unwrap_or_default().power();
    let four = [
        Power::Eligibility,
        Power::Funds,
        Power::Disbursement,
        Power::Supervision,
    ];
    if !four.contains(&power(principal)) || power(deputy) == Power::Claimant {
        return Err(Refused::NotDelegable.into());
    }
    for account in [principal, deputy] {
        if account.state() != AccountState::Active {
            let (name, state) = (account.name(), account.state());
            return Err(Refused::WrongState { name, state }.into());
        }
    }
    let by = caller.hand();
    if by.is(&deputy.holder()) || by.is(&principal.holder()) {
        return Err(same_hand(
            "不得授权给本人，也不得为本人授权",
            "nobody grants a delegation to himself or of his own role",
        )
        .into());
    }
    if principal.holder().is(&deputy.holder()) {
        return Err(same_hand(
            "不得委托本人",
            "nobody acts for himself under another account",
        )
        .into());
    }
    Ok(())
}

/// DYN-7: never to a person barred by the separation of duties. What he would hold for those days is held
/// against his own accounts and against what else is delegated to him.
pub async fn is_free(context: &Context, tx: &Tx, delegation: &Model) -> Result<()> {
    let own = new_account::held(
        context,
        tx,
        &delegation.deputy_person,
        (&delegation.from_on, &delegation.to_on),
        Some(&delegation.id),
    );
    let wanted = new_account::delegated(context, delegation);
    Ok(separation::check(&wanted, &own.await?)?)
}

/// The same head, or whoever is acted for, ends it.
pub async fn revoke(
    context: &Context,
    caller: &Caller,
    ask: pb::RevokeDelegationRequest,
) -> Result<pb::RevokeDelegationResponse> {
    himself(caller)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(OpenAct::begin(
        &context.db,
        &context.clock,
        caller,
        Tenancy::City,
        key
    ));
    let tx = &act.tx;
    let before = by_name(tx, &ask.name).await?;
    if before.principal != caller.account && !heads(caller, &before.role, &before.unit) {
        return Err(not_found(&ask.name).into());
    }
    let state = before.state(context.clock.today())?;
    if matches!(state, State::Ended | State::Revoked) {
        let name = ask.name.clone();
        return Err(Refused::DelegationOver { name, state }.into());
    }
    delegations::revoke(tx, &before.id, &caller.account, &ask.reason).await?;
    let under = [before.name()];
    let sessions = &context.sessions;
    sessions.end_under(tx, &under, "delegation revoked").await?;
    let after = Model {
        revoked_by: caller.account.clone(),
        revoke_reason: ask.reason.clone(),
        ..before.clone()
    };
    let entry = Entry::new("delegation.revoke", after.name());
    act.record(entry.before(&before).after(&after).reason(&ask.reason))
        .await?;
    let shown = shown(context, tx, &after).await?;
    act.finish(pb::RevokeDelegationResponse {
        delegation: Some(shown),
    })
    .await
}

/// The delegation of that name.
pub async fn by_name(tx: &Tx, name: &str) -> Result<Model> {
    let found = match name.strip_prefix("delegations/") {
        Some(id) => delegations::by_id(tx, id).await?,
        None => None,
    };
    found.ok_or_else(|| not_found(name).into())
}
