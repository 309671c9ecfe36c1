//! Accounts, kept by the security administrators (安全管理员).

use std::sync::Arc;

use tonic::{Request, Response, Status};
use yuhui_kernel::{DivisionCode, Tenant, city};
use yuhui_platform::{
    Caller, Result,
    audit::{self, Entry},
    caller,
    db::Tx,
    idempotency::Key,
    paging::Page,
    refusal::{Violation, invalid, not_found},
};
use yuhui_proto::{
    authz::v1::Role,
    identity::v1::{self as pb, account_service_server::AccountService},
};

use super::wire;
use crate::{
    accounts::{self, FirstPassword, Trace},
    domain::{
        account::{Hand, State, activate, may_grant, suspend},
        approval::head_of,
        profile::{Draft, normal_login},
    },
    door::Door,
    refusal::Refused,
    store::accounts::{self as store, Model},
};

/// Most characters of a reason.
const REASON_MAX: usize = 500;

/// Serves `AccountService`.
pub(super) struct Accounts(pub(super) Arc<Door>);

#[tonic::async_trait]
impl AccountService for Accounts {
    async fn create_account(
        &self,
        request: Request<pb::CreateAccountRequest>,
    ) -> Result<Response<pb::CreateAccountResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.create(&caller, ask).await?))
    }

    async fn activate_account(
        &self,
        request: Request<pb::ActivateAccountRequest>,
    ) -> Result<Response<pb::ActivateAccountResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.activate(&caller, ask).await?))
    }

    async fn approve_account(
        &self,
        request: Request<pb::ApproveAccountRequest>,
    ) -> Result<Response<pb::ApproveAccountResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.approve(&caller, ask).await?))
    }

    async fn list_accounts_to_approve(
        &self,
        request: Request<pb::ListAccountsToApproveRequest>,
    ) -> Result<Response<pb::ListAccountsToApproveResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.to_approve(&caller, ask).await?))
    }

    async fn suspend_account(
        &self,
        request: Request<pb::SuspendAccountRequest>,
    ) -> Result<Response<pb::SuspendAccountResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.suspend(&caller, ask).await?))
    }

    async fn list_accounts(
        &self,
        request: Request<pb::ListAccountsRequest>,
    ) -> Result<Response<pb::ListAccountsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.list(&caller, ask).await?))
    }
}

impl Accounts {
    async fn create(
        &self,
        caller: &Caller,
        ask: pb::CreateAccountRequest,
    ) -> Result<pb::CreateAccountResponse> {
        let door = &self.0;
        let key = Key::new(caller, &ask.request_id, &self.without_secrets(&ask))?;
        let draft = draft(ask);
        let checked = accounts::check(door, &draft)?;
        may_grant(&checked.holding.spec, of_a_county(caller))?;
        // Before the transaction: other writers do not wait for the hash.
        let hash = door.passwords.hash(draft.password).await?;
        let tx = door.db.begin_global().await?;
        if let Some(answer) = key.answered(&tx).await? {
            return Ok(answer);
        }
        let password = FirstPassword {
            hash,
            must_change: true,
            until: None,
        };
        let made = accounts::make(door, &tx, caller, checked, password, State::Pending).await?;
        let answer = pb::CreateAccountResponse {
            account: Some(wire::account(&door.vault, made)?),
        };
        key.remember(&tx, &answer).await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// The request as its idempotency key may remember it: a plain hash of a
    /// citizen number or a password could be guessed.
    fn without_secrets(&self, ask: &pb::CreateAccountRequest) -> pb::CreateAccountRequest {
        let vault = &self.0.vault;
        pb::CreateAccountRequest {
            password: vault.blind("password", &ask.password),
            identity_number: vault.blind("account-request", &ask.identity_number),
            ..ask.clone()
        }
    }

    async fn activate(
        &self,
        caller: &Caller,
        ask: pb::ActivateAccountRequest,
    ) -> Result<pb::ActivateAccountResponse> {
        let door = &self.0;
        let key = Key::new(caller, &ask.request_id, &ask)?;
        let tx = door.db.begin_global().await?;
        if let Some(answer) = key.answered(&tx).await? {
            return Ok(answer);
        }
        let account = named(&tx, &ask.name).await?;
        may_grant(
            &door.spec(account.role()).unwrap_or_default(),
            of_a_county(caller),
        )?;
        // Where the unit has a head, nobody grants past him (D.2).
        if account.state() == State::Pending
            && let Some((role, unit)) = head_of(account.role(), &account.unit)
            && store::has_head(&tx, role, &unit, &account.person).await?
        {
            return Err(Refused::HeadApproves { role, unit }.into());
        }
        let to = self
            .let_in(&tx, caller, &account, "account.activate")
            .await?;
        let answer = pb::ActivateAccountResponse {
            account: Some(wire::account_in(&self.0.vault, account, to)?),
        };
        key.remember(&tx, &answer).await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// The head of the unit approves.
    async fn approve(
        &self,
        caller: &Caller,
        ask: pb::ApproveAccountRequest,
    ) -> Result<pb::ApproveAccountResponse> {
        let key = Key::new(caller, &ask.request_id, &ask)?;
        let tx = self.0.db.begin_global().await?;
        if let Some(answer) = key.answered(&tx).await? {
            return Ok(answer);
        }
        // An account of another unit is none of the caller's business: there is none.
        let account = named(&tx, &ask.name).await?;
        if !heads(caller, &account) {
            return Err(not_found(&ask.name).into());
        }
        let to = self
            .let_in(&tx, caller, &account, "account.approve")
            .await?;
        let answer = pb::ApproveAccountResponse {
            account: Some(wire::account_in(&self.0.vault, account, to)?),
        };
        key.remember(&tx, &answer).await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// A pending account may act from now on.
    async fn let_in(
        &self,
        tx: &Tx,
        caller: &Caller,
        account: &Model,
        action: &str,
    ) -> Result<State> {
        let by = Hand {
            account: caller.account.clone(),
            person: caller.person.clone(),
        };
        let (name, from) = (account.name(), account.state());
        let to = activate(&name, from, &account.maker(), &account.holder(), &by)?;
        self.enter(tx, caller, account, to, action, "").await?;
        Ok(to)
    }

    async fn to_approve(
        &self,
        caller: &Caller,
        ask: pb::ListAccountsToApproveRequest,
    ) -> Result<pb::ListAccountsToApproveResponse> {
        let page = Page::parse(ask.page_size, &ask.page_token)?;
        let own = caller.unit.map(|it| it.to_string()).unwrap_or_default();
        // Names are personal data: that they were read is recorded.
        let tx = self.0.db.begin_global().await?;
        let rows = store::pending(&tx, prefix(&own)?, page.after(), page.limit()).await?;
        let (mut rows, next_page_token) = page.cut(rows, |row| row.login.clone());
        rows.retain(|row| heads(caller, row));
        let entry = Entry::new("account.list_to_approve", format!("units/{own}"))
            .note(format!("{} accounts", rows.len()));
        audit::record(&tx, caller, self.0.clock.now(), entry).await?;
        tx.commit().await?;
        let accounts = rows.into_iter().map(|it| wire::account(&self.0.vault, it));
        Ok(pb::ListAccountsToApproveResponse {
            accounts: accounts.collect::<Result<_>>()?,
            next_page_token,
        })
    }

    async fn suspend(
        &self,
        caller: &Caller,
        ask: pb::SuspendAccountRequest,
    ) -> Result<pb::SuspendAccountResponse> {
        let door = &self.0;
        let key = Key::new(caller, &ask.request_id, &ask)?;
        if ask.reason.trim().is_empty() || ask.reason.chars().count() > REASON_MAX {
            let (zh, en) = ("须为 1 至 500 个字符", "must have 1 to 500 characters");
            return Err(invalid(vec![Violation::new("reason", zh, en)]).into());
        }
        let tx = door.db.begin_global().await?;
        if let Some(answer) = key.answered(&tx).await? {
            return Ok(answer);
        }
        let account = named(&tx, &ask.name).await?;
        let to = suspend(&ask.name, account.state())?;
        self.enter(&tx, caller, &account, to, "account.suspend", &ask.reason)
            .await?;
        door.sessions
            .end_all(&tx, &account.id, None, "account suspended")
            .await?;
        let answer = pb::SuspendAccountResponse {
            account: Some(wire::account_in(&self.0.vault, account, to)?),
        };
        key.remember(&tx, &answer).await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// Puts the account into another state and records it.
    async fn enter(
        &self,
        tx: &Tx,
        caller: &Caller,
        account: &Model,
        to: State,
        action: &str,
        reason: &str,
    ) -> Result<()> {
        let from = account.state();
        store::set_state(tx, &account.id, from, to).await?;
        let entry = Entry::new(action, account.name())
            .before(&Trace::of(account, from))
            .after(&Trace::of(account, to))
            .reason(reason);
        audit::record(tx, caller, self.0.clock.now(), entry).await
    }

    async fn list(
        &self,
        caller: &Caller,
        ask: pb::ListAccountsRequest,
    ) -> Result<pb::ListAccountsResponse> {
        let page = Page::parse(ask.page_size, &ask.page_token)?;
        let below = prefix(&ask.unit)?;
        // Names are personal data: that they were read is recorded.
        let tx = self.0.db.begin_global().await?;
        let rows = store::page(&tx, below, page.after(), page.limit()).await?;
        let (rows, next_page_token) = page.cut(rows, |row| row.login.clone());
        let entry = Entry::new("account.list", format!("units/{}", ask.unit))
            .note(format!("{} accounts", rows.len()));
        audit::record(&tx, caller, self.0.clock.now(), entry).await?;
        tx.commit().await?;
        let accounts = rows.into_iter().map(|it| wire::account(&self.0.vault, it));
        Ok(pb::ListAccountsResponse {
            accounts: accounts.collect::<Result<_>>()?,
            next_page_token,
        })
    }
}

fn draft(ask: pb::CreateAccountRequest) -> Draft {
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

/// Whether the caller is the head who approves the account.
fn heads(caller: &Caller, account: &Model) -> bool {
    let own = caller.unit.map(|it| it.to_string()).unwrap_or_default();
    head_of(account.role(), &account.unit) == Some((caller.role, own))
}

async fn named(tx: &Tx, name: &str) -> Result<Model> {
    let account = match name.strip_prefix("accounts/") {
        Some(id) => store::by_id(tx, id).await?,
        None => None,
    };
    account.ok_or_else(|| not_found(name).into())
}

fn of_a_county(caller: &Caller) -> bool {
    caller.unit.and_then(Tenant::of).is_some()
}

/// What the codes of a unit and of everything below it begin with.
fn prefix(unit: &str) -> Result<&str> {
    if unit.is_empty() {
        return Ok(unit);
    }
    match unit.parse::<DivisionCode>() {
        Ok(code) if code == city() => Ok(unit.trim_end_matches('0')),
        Ok(_) => Ok(unit),
        Err(error) => {
            let fault = Violation::new("unit", "不是行政区划代码", error.to_string());
            Err(invalid(vec![fault]).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_city_holds_the_units_of_all_its_counties() {
        assert_eq!(prefix("150200").expect("city"), "1502");
        assert_eq!(prefix("150203").expect("county"), "150203");
        assert_eq!(prefix("").expect("all"), "");
        assert!(prefix("15%").is_err());
    }
}
