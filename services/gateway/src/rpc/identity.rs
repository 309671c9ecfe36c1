//! Signing in and out.

use std::sync::Arc;

use tonic::{Request, Response, Status};
use yuhui_platform::{
    Caller, Result,
    audit::{self, Entry},
    caller, clock,
    db::Tenancy,
    refusal::{Violation, invalid},
};
use yuhui_proto::identity::v1::{self as pb, identity_service_server::IdentityService};

use super::wire;
use crate::{
    domain::{
        account::State,
        profile::{normal_login, password_fault},
    },
    door::Door,
    refusal::Refused,
    sessions::{Tokens, micros},
    store::accounts::{self, Model},
    throttle::Attempt,
};

/// Serves `IdentityService`.
pub(super) struct Identity(pub(super) Arc<Door>);

#[tonic::async_trait]
impl IdentityService for Identity {
    async fn sign_in(
        &self,
        request: Request<pb::SignInRequest>,
    ) -> Result<Response<pb::SignInResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let signed_in = self.sign_in(&caller, ask).await?;
        Ok(Response::new(pb::SignInResponse {
            tokens: Some(wire::tokens(signed_in.tokens)),
            account: Some(wire::account(&self.0.vault, signed_in.account)?),
            device_token: signed_in.device_token,
        }))
    }

    async fn refresh_session(
        &self,
        request: Request<pb::RefreshSessionRequest>,
    ) -> Result<Response<pb::RefreshSessionResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let refreshed = self.0.sessions.refresh(&caller, &ask.refresh_token).await;
        Ok(Response::new(pb::RefreshSessionResponse {
            tokens: Some(wire::tokens(refreshed?)),
        }))
    }

    async fn sign_out(
        &self,
        request: Request<pb::SignOutRequest>,
    ) -> Result<Response<pb::SignOutResponse>, Status> {
        let (caller, _) = caller::accept(request)?;
        self.sign_out(&caller).await?;
        Ok(Response::new(pb::SignOutResponse {}))
    }

    async fn get_session(
        &self,
        request: Request<pb::GetSessionRequest>,
    ) -> Result<Response<pb::GetSessionResponse>, Status> {
        let (caller, _) = caller::accept(request)?;
        let account = self.own(&caller).await?;
        Ok(Response::new(pb::GetSessionResponse {
            account: Some(wire::account(&self.0.vault, account)?),
            methods: self.0.methods_of(caller.role).to_vec(),
        }))
    }

    async fn change_password(
        &self,
        request: Request<pb::ChangePasswordRequest>,
    ) -> Result<Response<pb::ChangePasswordResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        self.change_password(&caller, ask).await?;
        Ok(Response::new(pb::ChangePasswordResponse {}))
    }
}

/// What signing in gives.
struct SignedIn {
    account: Model,
    tokens: Tokens,
    device_token: String,
}

impl Identity {
    /// Whatever is wrong, the answer and the work done for it are the same.
    async fn sign_in(&self, caller: &Caller, ask: pb::SignInRequest) -> Result<SignedIn> {
        let door = &self.0;
        let login = normal_login(&ask.login);
        let found = {
            let tx = door.db.read(Tenancy::City).await?;
            accounts::by_login(&tx, &login).await?
        };
        let now = clock::real_now();
        let known = |it: &Model| door.devices.known(&it.id, &ask.device_token, now);
        let device = found.as_ref().and_then(known);
        let since = found.as_ref().map_or(0, |it| it.signed_in_us);
        let attempt = Attempt::new(&login, since, caller.remote.as_deref());
        let mut attempt = attempt.on(device.clone());
        door.throttle.admit(&mut attempt).await?;
        let hash = found.as_ref().map(|it| it.password_hash.as_str());
        let matches = door.passwords.matches(ask.password.clone(), hash).await?;
        let Some(account) = found.filter(|_| matches) else {
            door.throttle.failed(&attempt).await?;
            self.record_failure(caller, &login).await?;
            return Err(Refused::WrongCredentials.into());
        };
        let new_hash = self.first_password(&account, &ask).await?;
        let (account, tokens) = self.open(caller, account, new_hash).await?;
        let device_token = door.devices.token(&account.id, device.as_ref(), now)?;
        Ok(SignedIn {
            account,
            tokens,
            device_token,
        })
    }

    /// A first password is known to the administrator who chose it: with it, nothing is possible
    /// but to replace it. The hash of the new one, where there has to be one.
    async fn first_password(
        &self,
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
                Ok(Some(self.0.passwords.hash(new.to_owned()).await?))
            }
        }
    }

    async fn open(
        &self,
        caller: &Caller,
        read: Model,
        new_hash: Option<String>,
    ) -> Result<(Model, Tokens)> {
        let door = &self.0;
        let tx = door.db.begin_global().await?;
        // Read again: since then it may have been suspended or got another password.
        let account = accounts::by_id(&tx, &read.id)
            .await?
            .filter(|it| it.password_hash == read.password_hash)
            .ok_or(Refused::WrongCredentials)?;
        if account.state() != State::Active {
            let (name, state) = (account.name(), account.state());
            let entry = Entry::new("session.refuse", &name).reason("not active");
            let entry = entry.aside();
            audit::record(&tx, caller, door.clock.now(), entry).await?;
            tx.commit().await?;
            return Err(Refused::NotActive { name, state }.into());
        }
        accounts::note_sign_in(&tx, &account.id, micros(clock::real_now())).await?;
        let (session, tokens) = door.sessions.open(&tx, &account).await?;
        let actor = Caller {
            account: account.id.clone(),
            name: account.display_name(&door.vault)?,
            role: account.role(),
            unit: account.unit.parse().ok(),
            session,
            ..caller.clone()
        };
        if let Some(new) = new_hash {
            accounts::set_password(&tx, &account.id, &account.password_hash, &new).await?;
            let entry = Entry::new("account.password", account.name());
            audit::record(&tx, &actor, door.clock.now(), entry).await?;
        }
        let entry = Entry::new("session.open", account.name());
        audit::record(&tx, &actor, door.clock.now(), entry).await?;
        tx.commit().await?;
        Ok((account, tokens))
    }

    /// The record names the login by its blind index: people type their
    /// passwords into the wrong field. Failures are kept aside: anybody can
    /// cause as many as he likes, and acts must not queue up behind them.
    async fn record_failure(&self, caller: &Caller, login: &str) -> Result<()> {
        let door = &self.0;
        let object = format!("logins/{}", door.vault.blind("login", login));
        let tx = door.db.begin_global().await?;
        let entry = Entry::new("session.refuse", object).reason("wrong login or password");
        audit::record(&tx, caller, door.clock.now(), entry.aside()).await?;
        tx.commit().await
    }

    async fn sign_out(&self, caller: &Caller) -> Result<()> {
        let door = &self.0;
        let tx = door.db.begin_global().await?;
        let own = [caller.session.clone()];
        door.sessions.end(&tx, &own, "signed out").await?;
        let entry =
            Entry::new("session.end", format!("accounts/{}", caller.account)).reason("signed out");
        audit::record(&tx, caller, door.clock.now(), entry).await?;
        tx.commit().await
    }

    async fn own(&self, caller: &Caller) -> Result<Model> {
        let tx = self.0.db.read(Tenancy::City).await?;
        accounts::by_id(&tx, &caller.account)
            .await?
            .ok_or(Refused::SessionEnded.into())
    }

    async fn change_password(&self, caller: &Caller, ask: pb::ChangePasswordRequest) -> Result<()> {
        let door = &self.0;
        if let Some(fault) = new_password_fault(&ask.old_password, &ask.new_password) {
            return Err(invalid(vec![fault]).into());
        }
        let account = self.own(caller).await?;
        // Who has somebody's session open must not guess his password here.
        door.throttle.within(&caller.session).await?;
        let old = Some(account.password_hash.as_str());
        if !door.passwords.matches(ask.old_password, old).await? {
            self.record_failure(caller, &account.login).await?;
            return Err(Refused::WrongCredentials.into());
        }
        let hash = door.passwords.hash(ask.new_password).await?;
        let tx = door.db.begin_global().await?;
        accounts::set_password(&tx, &account.id, &account.password_hash, &hash).await?;
        let keep = Some(caller.session.as_str());
        door.sessions
            .end_all(&tx, &account.id, keep, "password changed")
            .await?;
        let entry = Entry::new("account.password", account.name());
        audit::record(&tx, caller, door.clock.now(), entry).await?;
        tx.commit().await
    }
}

fn new_password_fault(old: &str, new: &str) -> Option<Violation> {
    if new == old {
        let (zh, en) = ("须与原密码不同", "must differ from the old one");
        return Some(Violation::new("new_password", zh, en));
    }
    password_fault("new_password", new)
}
