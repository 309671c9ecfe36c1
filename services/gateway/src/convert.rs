//! Between the contract and the domain: accounts and tokens.

use prost_types::Timestamp;
use time::OffsetDateTime;
use yuhui_platform::{Result, vault::Vault};
use yuhui_proto::{
    authz::v1::Role,
    identity::v1::{Account, CreateAccountRequest, TokenPair, account},
};

use crate::{
    domain::{
        account::State,
        profile::{Draft, normal_login},
    },
    sessions::Tokens,
    store::accounts::Model,
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
        create_time: Some(Timestamp {
            seconds: model.created_us.div_euclid(1_000_000),
            nanos: i32::try_from(model.created_us.rem_euclid(1_000_000) * 1000).unwrap_or(0),
        }),
        login: model.login,
        unit: model.unit,
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
    }
}
