//! Signing in: a session for whoever proves the password of an active account.

use yuhui_platform::{
    Caller, Result,
    audit::{self, Entry},
    clock,
    db::Tenancy,
    refusal::{Violation, invalid},
};
use yuhui_proto::identity::v1 as pb;

use super::password::new_password_fault;
use crate::{
    context::Context,
    convert,
    domain::{account::State, profile::normal_login},
    refusal::Refused,
    sessions::{Tokens, micros},
    store::accounts::{self, Model},
    throttle::Attempt,
};

/// Whatever is wrong, the answer and the work done for it are the same.
pub async fn sign_in(
    context: &Context,
    caller: &Caller,
    ask: pb::SignInRequest,
) -> Result<pb::SignInResponse> {
    let login = normal_login(&ask.login);
    let found = {
        let tx = context.db.read(Tenancy::City).await?;
        accounts::by_login(&tx, &login).await?
    };
    let now = clock::real_now();
    let known = |it: &Model| context.devices.known(&it.id, &ask.device_token, now);
    let device = found.as_ref().and_then(known);
    let since = found.as_ref().map_or(0, |it| it.signed_in_us);
    let attempt = Attempt::new(&login, since, caller.remote.as_deref());
    let mut attempt = attempt.on(device.clone());
    context.throttle.admit(&mut attempt).await?;
    let hash = found.as_ref().map(|it| it.password_hash.as_str());
    let matches = context
        .passwords
        .matches(ask.password.clone(), hash)
        .await?;
    let Some(account) = found.filter(|_| matches) else {
        context.throttle.failed(&attempt).await?;
        record_failure(context, caller, &login).await?;
        return Err(Refused::WrongCredentials.into());
    };
    let new_hash = first_password(context, &account, &ask).await?;
    let (account, tokens) = open(context, caller, account, new_hash).await?;
    let device_token = context.devices.token(&account.id, device.as_ref(), now)?;
    Ok(pb::SignInResponse {
        tokens: Some(convert::tokens(tokens)),
        account: Some(convert::account(&context.vault, account)?),
        device_token,
    })
}

/// A first password is known to the administrator who chose it: with it, nothing is possible
/// but to replace it. The hash of the new one, where there has to be one.
async fn first_password(
    context: &Context,
    account: &Model,
    ask: &pb::SignInRequest,
) -> Result<Option<String>> {
    if account.state() != State::Active {
        return Ok(None);
    }
    let ends = account.first_until_us;
    if account.must_change && ends > 0 && micros(clock::real_now()) > ends {
        return Err(Refused::FirstPasswordEnded.into());
    }
    match (account.must_change, ask.new_password.as_str()) {
        (false, "") => Ok(None),
        (false, _) => {
            let (zh, en) = ("仅用于首次登录", "is for the first sign-in only");
            Err(invalid(vec![Violation::new("new_password", zh, en)]).into())
        }
        (true, "") => Err(Refused::PasswordChangeRequired.into()),
        (true, new) => {
            if let Some(fault) = new_password_fault(&ask.password, new) {
                return Err(invalid(vec![fault]).into());
            }
            Ok(Some(context.passwords.hash(new.to_owned()).await?))
        }
    }
}

async fn open(
    context: &Context,
    caller: &Caller,
    read: Model,
    new_hash: Option<String>,
) -> Result<(Model, Tokens)> {
    let tx = context.db.begin_global().await?;
    // Read again: since then it may have been suspended or got another password.
    let account = accounts::by_id(&tx, &read.id)
        .await?
        .filter(|it| it.password_hash == read.password_hash)
        .ok_or(Refused::WrongCredentials)?;
    if account.state() != State::Active {
        let (name, state) = (account.name(), account.state());
        let entry = Entry::new("session.refuse", &name).reason("not active");
        let entry = entry.aside();
        audit::record(&tx, caller, context.clock.now(), entry).await?;
        tx.commit().await?;
        return Err(Refused::NotActive { name, state }.into());
    }
    accounts::note_sign_in(&tx, &account.id, micros(clock::real_now())).await?;
    let (session, tokens) = context.sessions.open(&tx, &account).await?;
    let actor = Caller {
        account: account.id.clone(),
        name: account.display_name(&context.vault)?,
        role: account.role(),
        unit: account.unit.parse().ok(),
        session,
        ..caller.clone()
    };
    if let Some(new) = new_hash {
        accounts::set_password(&tx, &account.id, &account.password_hash, &new).await?;
        let entry = Entry::new("account.password", account.name());
        audit::record(&tx, &actor, context.clock.now(), entry).await?;
    }
    let entry = Entry::new("session.open", account.name());
    audit::record(&tx, &actor, context.clock.now(), entry).await?;
    tx.commit().await?;
    Ok((account, tokens))
}

/// The record names the login by its blind index: people type their
/// passwords into the wrong field. Failures are kept aside: anybody can
/// cause as many as he likes, and acts must not queue up behind them.
pub async fn record_failure(context: &Context, caller: &Caller, login: &str) -> Result<()> {
    let object = format!("logins/{}", context.vault.blind("login", login));
    let tx = context.db.begin_global().await?;
    let entry = Entry::new("session.refuse", object).reason("wrong login or password");
    audit::record(&tx, caller, context.clock.now(), entry.aside()).await?;
    tx.commit().await
}
