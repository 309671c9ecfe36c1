//! Accounts, kept by the security administrators (安全管理员) and approved by heads of units.

use prost::Message;
use yuhui_kernel::{Tenant, dates};
use yuhui_platform::{
    Caller, Error, Result,
    act::{Begun, OpenAct},
    audit::Entry,
    db::{Tenancy, Tx},
    idempotency::Key,
    refusal::{Violation, invalid, not_found, same_hand},
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
    domain::{
        account::{self, Barred, State, may_grant},
        approval::{head_of, is_head},
    },
    refusal::Refused,
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
    let tx = &act.tx;
    let account = named(tx, &ask.name).await?;
    may_grant(
        &context.spec(account.role()).unwrap_or_default(),
        of_a_county(caller),
    )?;
    // Where the unit has a head, nobody grants past him (D.2).
    if account.state() == State::Pending
        && let Some((role, unit)) = head_of(account.role(), &account.unit)
        && store::has_head(tx, role, &unit, &account.person).await?
    {
        return Err(Refused::HeadApproves { role, unit }.into());
    }
    let to = let_in(&act, &account, "account.activate").await?;
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
    // An account of another unit is none of the caller's business: there is none.
    let account = named(&act.tx, &ask.name).await?;
    let own = caller.unit.map(|it| it.to_string()).unwrap_or_default();
    if !is_head((caller.role, own), account.role(), &account.unit) {
        return Err(not_found(&ask.name).into());
    }
    let to = let_in(&act, &account, "account.approve").await?;
    act.finish(pb::ApproveAccountResponse {
        account: Some(convert::account_in(&context.vault, account, to)?),
    })
    .await
}

/// A pending account may act from now on.
async fn let_in(act: &OpenAct<'_>, account: &Model, action: &str) -> Result<State> {
    let (from, by) = (account.state(), act.caller.hand());
    let to = account::activate(from, &account.maker(), &account.holder(), &by)
        .map_err(|barred| refused(barred, account.name()))?;
    enter(act, account, to, action, "").await?;
    Ok(to)
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
    let account = named(tx, &ask.name).await?;
    let to = account::suspend(account.state());
    let to = to.map_err(|barred| refused(barred, ask.name.clone()))?;
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
    let from = account.state();
    store::set_state(&act.tx, &account.id, from, to).await?;
    let entry = Entry::new(action, account.name())
        .before(&Trace::of(account, from))
        .after(&Trace::of(account, to))
        .reason(reason);
    act.record(entry).await
}

fn refused(barred: Barred, name: String) -> Error {
    match barred {
        Barred::SameHand => same_hand(
            "账号须由创建人和使用人以外的人启用",
            "an account is activated by another person than its maker and its holder",
        )
        .into(),
        Barred::State(state) => Refused::WrongState { name, state }.into(),
    }
}

pub(super) async fn named(tx: &Tx, name: &str) -> Result<Model> {
    let account = match name.strip_prefix("accounts/") {
        Some(id) => store::by_id(tx, id).await?,
        None => None,
    };
    account.ok_or_else(|| not_found(name).into())
}

fn of_a_county(caller: &Caller) -> bool {
    caller.unit.and_then(Tenant::of).is_some()
}
