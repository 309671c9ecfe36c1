//! Sessions: opened by signing in, continued by refresh tokens, ended for good.
//!
//! The table is the source of truth. The ephemeral store makes an end known to
//! every replica at once; should it lose its memory, the table is asked again
//! within [`TRUSTED`]. If neither can be asked, nobody is let through.

mod under;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use moka::sync::Cache;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use yuhui_platform::{
    Caller, Result,
    audit::{self, Entry},
    authz::AUDIENCE,
    clock::{self, Clock},
    db::{Database, Tx},
    ephemeral::{Ephemeral, Unreachable},
    token::{Claims, Signer},
};

use crate::{
    config::Config,
    domain::account::State,
    password::random,
    refusal::Refused,
    store::{accounts, refresh_tokens, sessions},
};

pub(crate) use under::Under;

/// How long a session found alive in the table is believed to be, unless the
/// ephemeral store says otherwise.
const TRUSTED: Duration = Duration::from_secs(30);
/// Sessions remembered as alive.
const TRUSTED_MAX: u64 = 100_000;
/// How much longer than a token an end is remembered: clocks differ.
const MARGIN: Duration = Duration::from_secs(60);
/// Bytes of a refresh token.
const SECRET: usize = 32;

/// What a session is shown by.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    /// Bearer token.
    pub(crate) access: String,
    /// When it ends.
    pub(crate) access_ends: OffsetDateTime,
    /// Single-use token for the next pair.
    pub(crate) refresh: String,
    /// When it ends.
    pub(crate) refresh_ends: OffsetDateTime,
}

/// What became of a refresh token.
enum Refreshed {
    Continued(Tokens),
    /// It was spent before: somebody has a copy, so the session is over.
    Reused,
}

/// Opens, continues and ends sessions, and knows which last.
pub(crate) struct Sessions {
    db: Database,
    clock: Clock,
    ephemeral: Arc<dyn Ephemeral>,
    signer: Arc<Signer>,
    config: Config,
    alive: Cache<String, ()>,
}

impl Sessions {
    pub(crate) fn new(
        db: Database,
        clock: Clock,
        ephemeral: Arc<dyn Ephemeral>,
        signer: Arc<Signer>,
        config: Config,
    ) -> Self {
        let alive = Cache::builder()
            .max_capacity(TRUSTED_MAX)
            .time_to_live(TRUSTED)
            .build();
        Self {
            db,
            clock,
            ephemeral,
            signer,
            config,
            alive,
        }
    }

    /// Opens a session of `account`; answers its id and tokens.
    pub(crate) async fn open(
        &self,
        tx: &Tx,
        account: &accounts::Model,
    ) -> Result<(String, Tokens)> {
        self.open_under(tx, account, &Under::Nothing).await
    }

    /// The same under what was granted to the account; it does not outlive an emergency access.
    pub(crate) async fn open_under(
        &self,
        tx: &Tx,
        account: &accounts::Model,
        under: &Under,
    ) -> Result<(String, Tokens)> {
        let now = clock::real_now();
        let expires_us = micros(now + self.config.session.life);
        let session = sessions::Model {
            id: clock::fresh_id().to_string(),
            account: account.id.clone(),
            opened_us: micros(now),
            expires_us: under.ends_us().map_or(expires_us, |it| expires_us.min(it)),
            ended_us: None,
            ended_why: None,
            under: under.name(),
        };
        let tokens = self.issue(tx, &session, (account, under), now).await?;
        let id = session.id.clone();
        sessions::insert(tx, session).await?;
        Ok((id, tokens))
    }

    /// Exchanges a refresh token for a new pair. A token that was exchanged
    /// before ends its session.
    pub(crate) async fn refresh(&self, caller: &Caller, presented: &str) -> Result<Tokens> {
        let tx = self.db.begin_global().await?;
        let refreshed = self.exchange(&tx, caller, &hash(presented)).await?;
        tx.commit().await?;
        match refreshed {
            Refreshed::Continued(tokens) => Ok(tokens),
            Refreshed::Reused => Err(Refused::SessionEnded.into()),
        }
    }

    async fn exchange(&self, tx: &Tx, caller: &Caller, hash: &str) -> Result<Refreshed> {
        let now = clock::real_now();
        let token = refresh_tokens::by_hash(tx, hash)
            .await?
            .ok_or(Refused::SessionEnded)?;
        let session = sessions::by_id(tx, &token.session)
            .await?
            .filter(|session| session.lasts(micros(now)))
            .ok_or(Refused::SessionEnded)?;
        let account = accounts::by_id(tx, &session.account)
            .await?
            .filter(|account| account.state() == State::Active)
            .ok_or(Refused::SessionEnded)?;
        if !refresh_tokens::spend(tx, hash, micros(now)).await? {
            let over = std::slice::from_ref(&session.id);
            self.end(tx, over, "refresh token reused").await?;
            let entry = Entry::new("session.end", account.name())
                .reason("refresh token reused")
                .note(format!("sessions/{}", session.id));
            audit::record(tx, caller, self.clock.now(), entry).await?;
            return Ok(Refreshed::Reused);
        }
        if token.expires_us <= micros(now) {
            return Err(Refused::SessionEnded.into());
        }
        let under = Under::read(tx, &session.under).await?;
        if !under.lasts(&self.clock)? {
            return Err(Refused::SessionEnded.into());
        }
        let tokens = self.issue(tx, &session, (&account, &under), now).await?;
        Ok(Refreshed::Continued(tokens))
    }

    /// A new pair of tokens; neither outlives the session.
    async fn issue(
        &self,
        tx: &Tx,
        session: &sessions::Model,
        (account, under): (&accounts::Model, &Under),
        now: OffsetDateTime,
    ) -> Result<Tokens> {
        let left = Duration::from_micros(
            u64::try_from(session.expires_us.saturating_sub(micros(now))).unwrap_or(0),
        );
        let claims = Claims {
            sub: account.id.clone(),
            sid: session.id.clone(),
            name: account.display_name(tx.vault()?)?,
            role: account.role.clone(),
            unit: account.unit.clone(),
            person: Some(account.person.clone()),
            ..Claims::default()
        };
        let claims = under.state(claims, tx.vault()?)?;
        let claims = claims.lasting(AUDIENCE, self.config.session.access.min(left));
        let access = self
            .signer
            .mint(&claims)
            .map_err(|error| yuhui_platform::Error::Fault(error.into()))?;

        let refresh = URL_SAFE_NO_PAD.encode(random::<SECRET>()?);
        let refresh_ends = now + self.config.session.refresh.min(left);
        refresh_tokens::insert(
            tx,
            refresh_tokens::Model {
                hash: hash(&refresh),
                session: session.id.clone(),
                expires_us: micros(refresh_ends),
                spent_us: None,
            },
        )
        .await?;
        Ok(Tokens {
            access,
            access_ends: OffsetDateTime::from_unix_timestamp(claims.exp).unwrap_or(now),
            refresh,
            refresh_ends,
        })
    }

    /// Ends sessions. The other replicas are told before the transaction
    /// commits: if they cannot be told, the end is not acknowledged.
    pub(crate) async fn end(&self, tx: &Tx, ids: &[String], why: &str) -> Result<()> {
        for id in ids {
            self.revoke(id, self.config.session.access).await?;
        }
        sessions::end(tx, ids, micros(clock::real_now()), why).await
    }

    /// Ends all sessions of an account but `keep`.
    pub(crate) async fn end_all(
        &self,
        tx: &Tx,
        account: &str,
        keep: Option<&str>,
        why: &str,
    ) -> Result<()> {
        let mut ids = sessions::lasting_of(tx, account, micros(clock::real_now())).await?;
        ids.retain(|id| Some(id.as_str()) != keep);
        self.end(tx, &ids, why).await
    }

    /// Ends all sessions under what was granted by those names.
    pub(crate) async fn end_under(&self, tx: &Tx, names: &[String], why: &str) -> Result<()> {
        let ids = sessions::lasting_under(tx, names, micros(clock::real_now())).await?;
        self.end(tx, &ids, why).await
    }

    /// Whether the table knows the session and it lasts.
    async fn lasts(&self, id: &str) -> Result<bool> {
        let tx = self.db.read(yuhui_platform::db::Tenancy::City).await?;
        let session = sessions::by_id(&tx, id).await?;
        let Some(session) = session.filter(|it| it.lasts(micros(clock::real_now()))) else {
            return Ok(false);
        };
        if session.under.is_empty() {
            self.alive.insert(session.id, ());
            return Ok(true);
        }
        // What was granted for some days ends by itself: it is looked at with every call.
        Under::read(&tx, &session.under).await?.lasts(&self.clock)
    }
}

/// What the gateway asks about sessions.
#[async_trait]
impl Ephemeral for Sessions {
    async fn revoke(&self, session: &str, life: Duration) -> Result<(), Unreachable> {
        self.alive.invalidate(session);
        self.ephemeral.revoke(session, life + MARGIN).await
    }

    async fn is_revoked(&self, session: &str) -> Result<bool, Unreachable> {
        if self.ephemeral.is_revoked(session).await? {
            return Ok(true);
        }
        if self.alive.contains_key(session) {
            return Ok(false);
        }
        let lasts = self.lasts(session).await.map_err(Unreachable::because)?;
        Ok(!lasts)
    }

    async fn block(&self, key: &str, life: Duration) -> Result<(), Unreachable> {
        self.ephemeral.block(key, life).await
    }

    async fn blocked_for(&self, key: &str) -> Result<Option<Duration>, Unreachable> {
        self.ephemeral.blocked_for(key).await
    }

    async fn count(&self, key: &str, window: Duration) -> Result<u64, Unreachable> {
        self.ephemeral.count(key, window).await
    }
}

fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

/// Microseconds since 1970.
pub(crate) fn micros(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1000).unwrap_or(i64::MAX)
}
