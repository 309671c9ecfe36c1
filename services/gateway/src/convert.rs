//! Between the contract and the domain: accounts, tokens, and what is granted for a time.

use prost_types::Timestamp;
use time::OffsetDateTime;
use yuhui_platform::{Result, caller::actor, clock, vault::Vault};
use yuhui_proto::{
    authz::v1::Role,
    identity::v1::{
        self as pb, Account, CreateAccountRequest, TokenPair, account, break_glass, delegation,
    },
};

use crate::{
    domain::{
        account::State,
        break_glass::State as GlassState,
        delegation::State as DelegationState,
        profile::{Draft, normal_login},
    },
    sessions::{Tokens, micros},
    store::{accounts::Model, break_glass::Model as BreakGlass, delegations::Model as Delegation},
};

/// An account as it is asked for.
pub fn draft(ask: CreateAccountRequest) -> Draft {
    let account = ask.account.unwrap_or_default();
    Draft {
        login: normal_login(&account.login),
        role: Role::try_from(account.role).unwrap_or_default(),
        display_name: account.display_name,
        unit: account.unit,
        identity_number: ask.identity_number,
        password: ask.password,
    }
}

/// An account as callers see it, in a state it may just have entered.
pub fn account_in(vault: &Vault, model: Model, state: State) -> Result<Account> {
    Ok(Account {
        display_name: model.display_name(vault)?,
        name: model.name(),
        role: model.role().into(),
        state: state_of(state).into(),
        create_time: Some(instant(model.created_us)),
        etag: model.etag(vault, state)?,
        created_by: actor(&model.maker),
        ended_by: actor(&model.ended_by),
        login: model.stated_login().to_owned(),
        unit: model.unit,
        reason: model.words,
    })
}

/// An account as callers see it.
pub fn account(vault: &Vault, model: Model) -> Result<Account> {
    let state = model.state();
    account_in(vault, model, state)
}

/// A pair of tokens.
pub fn tokens(tokens: Tokens) -> TokenPair {
    TokenPair {
        access_token: tokens.access,
        access_expire_time: Some(moment(tokens.access_ends)),
        refresh_token: tokens.refresh,
        refresh_expire_time: Some(moment(tokens.refresh_ends)),
    }
}

/// A delegation in its state, with the names of its parties: who is acted for, who acts.
pub fn delegation(
    row: &Delegation,
    state: DelegationState,
    (principal_name, deputy_name): (String, String),
) -> pb::Delegation {
    let state = match state {
        DelegationState::Coming => delegation::State::Coming,
        DelegationState::InForce => delegation::State::InForce,
        DelegationState::Ended => delegation::State::Ended,
        DelegationState::Revoked => delegation::State::Revoked,
    };
    pb::Delegation {
        name: row.name(),
        principal: actor(&row.principal),
        principal_name,
        deputy: actor(&row.deputy),
        deputy_name,
        role: row.role().into(),
        unit: row.unit.clone(),
        from_on: row.from_on.clone(),
        to_on: row.to_on.clone(),
        document: row.document.clone(),
        granted_by: actor(&row.granted_by),
        state: state.into(),
        revoked_by: actor(&row.revoked_by),
        revoke_reason: row.revoke_reason.clone(),
    }
}

/// An emergency access as it stands now.
pub fn break_glass(row: &BreakGlass) -> pb::BreakGlass {
    let state = match row.state(micros(clock::real_now())) {
        GlassState::Open => break_glass::State::Open,
        GlassState::Ended => break_glass::State::Ended,
        GlassState::Reviewed => break_glass::State::Reviewed,
    };
    let verdict = break_glass::Verdict::from_str_name(&row.verdict);
    pb::BreakGlass {
        name: row.name(),
        opened_by: actor(&row.opened_by),
        reason: row.reason.clone(),
        open_time: Some(instant(row.opened_us)),
        end_time: Some(instant(row.ends_us)),
        state: state.into(),
        closed_by: actor(&row.closed_by),
        calls: row.calls,
        verdict: verdict.unwrap_or_default().into(),
        words: row.words.clone(),
        reviewed_by: actor(&row.reviewed_by),
    }
}

/// Microseconds since 1970.
fn instant(us: i64) -> Timestamp {
    Timestamp {
        seconds: us.div_euclid(1_000_000),
        nanos: i32::try_from(us.rem_euclid(1_000_000) * 1000).unwrap_or(0),
    }
}

fn moment(at: OffsetDateTime) -> Timestamp {
    Timestamp {
        seconds: at.unix_timestamp(),
        nanos: i32::try_from(at.nanosecond()).unwrap_or(0),
    }
}

fn state_of(state: State) -> account::State {
    match state {
        State::Pending => account::State::Pending,
        State::Active => account::State::Active,
        State::Suspended => account::State::Suspended,
        State::Declined => account::State::Declined,
        State::Withdrawn => account::State::Withdrawn,
    }
}
