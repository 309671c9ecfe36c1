//! Accounts, kept by the security administrators (安全管理员) and approved by heads of units.

use prost::Message;
use yuhui_kernel::{Tenant, dates};
use yuhui_platform::{
    Caller, Result,
    act::{Begun, OpenAct},
    audit::Entry,
    db::Tenancy,
    idempotency::Key,
    refusal::{self, Violation, invalid, not_found},
    unless_answered,
};
use yuhui_proto::identity::v1 as pb;

use super::{
    himself,
    new_account::{self, FirstPassword, Trace},
};
use crate::{
    context::Context,
    convert,
    domain::account::{State, may_grant},
    gate::{self, Deed},
    reads::accounts::{as_seen, named},
    store::{
        accounts::{self as store, Model},
        delegations,
    },
};

/// Most characters of a reason.
const REASON_MAX: usize = 500;

/// Begins an act on accounts, which are the city's.
async fn begin<'a, Answer: Message + Default>(
    context: &'a Context,
    caller: &'a Caller,
    key: Key,
) -> Result<Begun<Answer, OpenAct<'a>>> {
    OpenAct::begin(&context.db, &context.clock, caller, Tenancy::City, key).await
}

/// Makes an account, which another has to activate or approve.
pub async fn create(
    context: &Context,
    caller: &Caller,
    ask: pb::CreateAccountRequest,
) -> Result<pb::CreateAccountResponse> {
    let key = Key::new(caller, &ask.request_id, &without_secrets(context, &ask))?;
    let draft = convert::draft(ask);
    let checked = new_account::check(context, &draft)?;
    may_grant(&checked.holding.spec, of_a_county(caller))?;
    // Before the transaction: other writers do not wait for the hash.
    let hash = context.passwords.hash(draft.password).await?;
    let act = unless_answered!(begin(context, caller, key));
    let password = FirstPassword {
        hash,
        must_change: true,
        until: None,
    };
    let made =
        new_account::make(context, &act.tx, caller, checked, password, State::Pending).await?;
    act.finish(pb::CreateAccountResponse {
        account: Some(convert::account(&context.vault, made)?),
    })
    .await
}

/// The request as its idempotency key may remember it: a plain hash of a
/// citizen number or a password could be guessed.
fn without_secrets(context: &Context, ask: &pb::CreateAccountRequest) -> pb::CreateAccountRequest {
    let vault = &context.vault;
    pb::CreateAccountRequest {
        password: vault.blind("password", &ask.password),
        identity_number: vault.blind("account-request", &ask.identity_number),
        ..ask.clone()
    }
}

/// A second security administrator activates an account, where no head of the unit approves it.
pub async fn activate(
    context: &Context,
    caller: &Caller,
    ask: pb::ActivateAccountRequest,
) -> Result<pb::ActivateAccountResponse> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(begin(context, caller, key));
    let seen = (ask.name.as_str(), Some(ask.etag.as_str()));
    let (account, to) = entered(context, &act, Deed::Activate, seen).await?;
    enter(&act, &account, to, "account.activate", "").await?;
    act.finish(pb::ActivateAccountResponse {
        account: Some(convert::account_in(&context.vault, account, to)?),
    })
    .await
}

/// The head of the unit approves.
pub async fn approve(
    context: &Context,
    caller: &Caller,
    ask: pb::ApproveAccountRequest,
) -> Result<pb::ApproveAccountResponse> {
    himself(caller)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(begin(context, caller, key));
    let seen = (ask.name.as_str(), Some(ask.etag.as_str()));
    let (account, to) = entered(context, &act, Deed::Approve, seen).await?;
    enter(&act, &account, to, "account.approve", "").await?;
    act.finish(pb::ApproveAccountResponse {
        account: Some(convert::account_in(&context.vault, account, to)?),
    })
    .await
}

/// Whoever may approve or activate it declines.
pub async fn decline(
    context: &Context,
    caller: &Caller,
    ask: pb::DeclineAccountRequest,
) -> Result<pb::DeclineAccountResponse> {
    himself(caller)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(begin(context, caller, key));
    let seen = (ask.name.as_str(), Some(ask.etag.as_str()));
    let (account, to) = entered(context, &act, Deed::Decline, seen).await?;
    let account = end(&act, account, to, ("account.decline", &ask.reason)).await?;
    act.finish(pb::DeclineAccountResponse {
        account: Some(convert::account_in(&context.vault, account, to)?),
    })
    .await
}

/// Whoever created it takes it back.
pub async fn withdraw(
    context: &Context,
    caller: &Caller,
    ask: pb::WithdrawAccountRequest,
) -> Result<pb::WithdrawAccountResponse> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(begin(context, caller, key));
    let (account, to) = entered(context, &act, Deed::Withdraw, (&ask.name, None)).await?;
    let account = end(&act, account, to, ("account.withdraw", "")).await?;
    act.finish(pb::WithdrawAccountResponse {
        account: Some(convert::account_in(&context.vault, account, to)?),
    })
    .await
}

/// The account of that name and the state it enters by the act, if nothing stands against it and it is the one of
/// which the caller states the etag; where nothing is approved there is none to state.
async fn entered(
    context: &Context,
    act: &OpenAct<'_>,
    deed: Deed,
    (name, etag): (&str, Option<&str>),
) -> Result<(Model, State)> {
    let account = named(&act.tx, name).await?;
    let seen = as_seen(context, &act.tx, act.caller, &account).await?;
    if !seen.concerns(deed) {
        return Err(not_found(name).into());
    }
    let to = gate::enters(deed, &seen)?;
    if let Some(etag) = etag {
        refusal::seen(etag, &account.etag(&context.vault, account.state())?)?;
    }
    Ok((account, to))
}

/// Ends an account that waits, without effect, and records it.
async fn end(
    act: &OpenAct<'_>,
    account: Model,
    to: State,
    (action, words): (&str, &str),
) -> Result<Model> {
    store::end(&act.tx, &account, to, (&act.caller.account, words)).await?;
    record(act, &account, to, action, words).await?;
    Ok(Model {
        ended_by: act.caller.account.clone(),
        words: words.into(),
        ..account
    })
}

/// Suspends an account for good, and ends its sessions.
pub async fn suspend(
    context: &Context,
    caller: &Caller,
    ask: pb::SuspendAccountRequest,
) -> Result<pb::SuspendAccountResponse> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    if ask.reason.trim().is_empty() || ask.reason.chars().count() > REASON_MAX {
        let (zh, en) = ("须为 1 至 500 个字符", "must have 1 to 500 characters");
        return Err(invalid(vec![Violation::new("reason", zh, en)]).into());
    }
    let act = unless_answered!(begin(context, caller, key));
    let tx = &act.tx;
    let (account, to) = entered(context, &act, Deed::Suspend, (&ask.name, None)).await?;
    enter(&act, &account, to, "account.suspend", &ask.reason).await?;
    context
        .sessions
        .end_all(tx, &account.id, None, "account suspended")
        .await?;
    // Nobody acts any longer for whoever may not act himself.
    let today = dates::format(context.clock.today());
    let of_him = delegations::of_principal(tx, &account.id, &today, &today).await?;
    let under: Vec<String> = of_him.iter().map(delegations::Model::name).collect();
    context
        .sessions
        .end_under(tx, &under, "account suspended")
        .await?;
    act.finish(pb::SuspendAccountResponse {
        account: Some(convert::account_in(&context.vault, account, to)?),
    })
    .await
}

/// Puts the account into another state and records it.
async fn enter(
    act: &OpenAct<'_>,
    account: &Model,
    to: State,
    action: &str,
    reason: &str,
) -> Result<()> {
    store::set_state(&act.tx, &account.id, account.state(), to).await?;
    record(act, account, to, action, reason).await
}

async fn record(
    act: &OpenAct<'_>,
    account: &Model,
    to: State,
    action: &str,
    reason: &str,
) -> Result<()> {
    let entry = Entry::new(action, account.name())
        .before(&Trace::of(account, account.state()))
        .after(&Trace::of(account, to))
        .reason(reason);
    act.record(entry).await
}

fn of_a_county(caller: &Caller) -> bool {
    caller.unit.and_then(Tenant::of).is_some()
}
