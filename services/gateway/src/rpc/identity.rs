//! Signing in and out.

use std::sync::Arc;

use tonic::{Request, Response, Status};
use yuhui_platform::{
    Caller, Result,
    audit::{self, Entry},
    caller, clock,
    db::Tenancy,
    refusal::{Violation, invalid},
    token::Claims,
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
        let (account, tokens) = self.sign_in(&caller, ask).await?;
        Ok(Response::new(pb::SignInResponse {
            tokens: Some(wire::tokens(tokens)),
            account: Some(wire::account(account)),
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
            account: Some(wire::account(account)),
            methods: self.methods(&caller),
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

impl Identity {
    /// Whatever is wrong, the answer and the work done for it are the same.
    async fn sign_in(&self, caller: &Caller, ask: pb::SignInRequest) -> Result<(Model, Tokens)> {
        let door = &self.0;
        door.throttle.from(caller.remote.as_deref()).await?;
        let login = normal_login(&ask.login);
        let found = {
            let tx = door.db.read(Tenancy::City).await?;
            accounts::by_login(&tx, &login).await?
        };
        let since = found.as_ref().map_or(0, |it| it.signed_in_us);
        door.throttle.at(&login, since).await?;
        let hash = found.as_ref().map(|it| it.password_hash.as_str());
        let matches = door.passwords.matches(ask.password, hash).await?;
        match found.filter(|_| matches) {
            Some(account) => self.open(caller, account).await,
            None => {
                self.record_failure(caller, &login).await?;
                Err(Refused::WrongCredentials.into())
            }
        }
    }

    async fn open(&self, caller: &Caller, read: Model) -> Result<(Model, Tokens)> {
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
            audit::record(&tx, caller, door.clock.now(), entry).await?;
            tx.commit().await?;
            return Err(Refused::NotActive { name, state }.into());
        }
        accounts::note_sign_in(&tx, &account.id, micros(clock::real_now())).await?;
        let (session, tokens) = door.sessions.open(&tx, &account).await?;
        let actor = Caller {
            account: account.id.clone(),
            name: account.display_name.clone(),
            role: account.role(),
            unit: account.unit.parse().ok(),
            session,
            ..caller.clone()
        };
        let entry = Entry::new("session.open", account.name());
        audit::record(&tx, &actor, door.clock.now(), entry).await?;
        tx.commit().await?;
        Ok((account, tokens))
    }

    /// The record names the login by its blind index: people type their
    /// passwords into the wrong field.
    async fn record_failure(&self, caller: &Caller, login: &str) -> Result<()> {
        let door = &self.0;
        let object = format!("logins/{}", door.vault.blind("login", login));
        let tx = door.db.begin_global().await?;
        let entry = Entry::new("session.refuse", object).reason("wrong login or password");
        audit::record(&tx, caller, door.clock.now(), entry).await?;
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

    /// Full names of the methods that admit the caller's role.
    fn methods(&self, caller: &Caller) -> Vec<String> {
        let claims = Claims {
            sub: caller.account.clone(),
            role: caller.role.as_str_name().into(),
            ..Claims::default()
        };
        let rules = &self.0.rules;
        rules
            .paths()
            .filter(|path| rules.check(path, Some(&claims)).is_ok())
            .map(|path| path.trim_start_matches('/').replace('/', "."))
            .collect()
    }

    async fn change_password(&self, caller: &Caller, ask: pb::ChangePasswordRequest) -> Result<()> {
        let door = &self.0;
        if let Some(fault) = new_password_fault(&ask) {
            return Err(invalid(vec![fault]).into());
        }
        let account = self.own(caller).await?;
        // Who has somebody's session open must not guess his password here.
        door.throttle
            .at(&account.login, account.signed_in_us)
            .await?;
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

fn new_password_fault(ask: &pb::ChangePasswordRequest) -> Option<Violation> {
    if ask.new_password == ask.old_password {
        let (zh, en) = ("须与原密码不同", "must differ from the old one");
        return Some(Violation::new("new_password", zh, en));
    }
    password_fault("new_password", &ask.new_password)
}
