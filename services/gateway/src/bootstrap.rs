//! The first security administrators (SOD-4). They are prepared where nobody listens, and installed
//! once; everybody else's account is made by them.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use yuhui_kernel::city;
use yuhui_platform::{
    Caller, Error, Result,
    audit::{self, Entry},
    authz::Rules,
    clock,
    db::{Database, Tenancy},
};
use yuhui_proto::authz::v1::Role;

use crate::{
    Deps, NAME,
    acts::new_account::{self, FirstPassword},
    config::Cost,
    context::Context,
    domain::{
        account::State,
        profile::{self, Draft},
    },
    password::{Passwords, random},
    sessions::micros,
    store,
};

/// The role of those who are installed.
const ROLE: Role = Role::SecurityAdministrator;
/// How long a one-time secret opens anything.
const LIFE: Duration = Duration::hours(72);
/// Bytes of a one-time secret.
const SECRET: usize = 15;

/// A security administrator to be, with a verifier of his one-time secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Founder {
    /// Login.
    pub login: String,
    /// Name shown in records.
    pub display_name: String,
    /// Citizen number; the database keeps a reference to it.
    pub identity_number: String,
    /// Argon2id, PHC string.
    password_hash: String,
}

impl Founder {
    /// Prepares an account and its one-time secret, which is told once and kept nowhere. What is
    /// wrong is told field by field.
    pub async fn prepare(
        rules: &Rules,
        cost: &Cost,
        login: &str,
        display_name: &str,
        identity_number: &str,
    ) -> Result<(Self, String)> {
        let secret = hex::encode(random::<SECRET>()?);
        let draft = draft(login, display_name, identity_number, &secret);
        let spec = rules.roles().into_iter().find(|(role, _)| *role == ROLE);
        let (_, spec) = spec.ok_or_else(|| Error::fault("there are no security administrators"))?;
        let faults = profile::faults(&draft, &spec);
        if let Some(fault) = faults.first() {
            let (field, rule) = (&fault.field, &fault.en);
            return Err(Error::fault(format!("{field} {rule}")));
        }
        let founder = Self {
            login: draft.login,
            display_name: draft.display_name,
            identity_number: draft.identity_number,
            password_hash: Passwords::new(cost)?.hash(draft.password).await?,
        };
        Ok((founder, secret))
    }
}

fn draft(login: &str, display_name: &str, identity_number: &str, password: &str) -> Draft {
    Draft {
        login: profile::normal_login(login),
        display_name: display_name.trim().to_owned(),
        role: ROLE,
        unit: city().to_string(),
        identity_number: identity_number.trim().to_uppercase(),
        password: password.to_owned(),
    }
}

/// Whether there are security administrators, who can make all other accounts.
pub async fn is_administered(db: &Database) -> Result<bool> {
    let tx = db.read(Tenancy::City).await?;
    store::accounts::is_held(&tx, ROLE).await
}

/// Installs the first two, who are two persons. Refused once there is any.
pub async fn bootstrap(deps: &Deps, founders: &[Founder; 2], now: OffsetDateTime) -> Result<()> {
    let context = Context::new(deps)?;
    let tx = context.db.begin_global().await?;
    tx.lock("bootstrap").await?;
    if store::accounts::is_held(&tx, ROLE).await? {
        return Err(Error::fault("there are security administrators already"));
    }
    if founders[0].identity_number == founders[1].identity_number {
        return Err(Error::fault(
            "the two security administrators are one person",
        ));
    }
    let caller = Caller::service(NAME, None);
    for it in founders {
        // The verifier stands for the secret, which nobody here knows.
        let draft = draft(
            &it.login,
            &it.display_name,
            &it.identity_number,
            &it.password_hash,
        );
        let checked = new_account::check(&context, &draft)?;
        let password = FirstPassword {
            hash: it.password_hash.clone(),
            must_change: true,
            until: Some(now + LIFE),
        };
        new_account::make(&context, &tx, &caller, checked, password, State::Active).await?;
    }
    tx.commit().await
}

/// Gives a security administrator who is locked out a new one-time secret, and ends his sessions. On
/// record, with the reason.
pub async fn recover(deps: &Deps, login: &str, why: &str) -> Result<String> {
    let context = Context::new(deps)?;
    let secret = hex::encode(random::<SECRET>()?);
    let hash = context.passwords.hash(secret.clone()).await?;
    let tx = context.db.begin_global().await?;
    let login = profile::normal_login(login);
    let account = store::accounts::by_login(&tx, &login).await?;
    let account = account.filter(|it| it.role() == ROLE && it.state() == State::Active);
    let account = account
        .ok_or_else(|| Error::fault(format!("{login} is no active security administrator")))?;
    let until = micros(clock::real_now() + LIFE);
    store::accounts::set_first_password(&tx, &account.id, &hash, until).await?;
    context
        .sessions
        .end_all(&tx, &account.id, None, "recovered")
        .await?;
    let caller = Caller::service(NAME, None);
    let entry = Entry::new("account.recover", account.name()).reason(why);
    audit::record(&tx, &caller, context.clock.now(), entry).await?;
    tx.commit().await?;
    Ok(secret)
}
