//! The gateway: the only way into Yuhui. It signs people in, knows who holds
//! which role, checks every call against the contract and passes it on to the
//! service that answers, under a short-lived token for that service alone.
//!
//! It keeps accounts and sessions and shows supervision every service's audit
//! record; it knows nothing of cases and money.

mod acts;
mod bootstrap;
mod clients;
mod config;
mod context;
mod convert;
mod device;
mod domain;
mod emergency;
mod gate;
pub mod jobs;
mod listeners;
mod migration;
mod misses;
mod open;
mod password;
mod proxy;
mod rate;
mod reads;
mod refusal;
mod rpc;
mod seed;
mod sessions;
mod store;
mod throttle;

use std::{future::Future, sync::Arc};

use axum::middleware::from_fn_with_state;
use tonic::service::Routes;
use yuhui_platform::{
    Clock, Result,
    authz::{Guard, Rules},
    db::Database,
    ephemeral::Ephemeral,
    health::Health,
    idempotency,
    peers::Peers,
    serve::{Listen, Public, Server},
    token::{Keyring, Signer},
    vault::{Sealed, Vault},
};

pub use bootstrap::{Founder, bootstrap, is_administered, recover};
pub use config::{Config, Cost, Lives, RateLimits, SignInLimits};
pub use migration::Migrator;
pub use seed::{SeedAccount, seed_accounts};

use crate::{context::Context, misses::Misses, proxy::Proxy, rate::Rate};

/// Name of the service.
pub const NAME: &str = "gateway";

/// Every sealed column.
pub const SEALED: &[Sealed] = &[store::accounts::NAME, idempotency::ANSWER];

/// Methods that prove a password, for people who are not signed in yet.
const SIGN_IN: &[&str] = &["/yuhui.identity.v1.IdentityService/SignIn"];

/// What the gateway works with.
#[derive(Clone)]
pub struct Deps {
    /// Its own database.
    pub db: Database,
    /// Business time, for the record.
    pub clock: Clock,
    /// The services behind it; they are called under `signer`'s name.
    pub peers: Peers,
    /// Makes blind indexes of identity numbers.
    pub vault: Arc<Vault>,
    /// Makes ended sessions known to all replicas, and counts attempts.
    pub ephemeral: Arc<dyn Ephemeral>,
    /// Signs sessions; the issuer is `gateway`.
    pub signer: Arc<Signer>,
    /// Keys that are believed, `signer`'s among them; published as JWKS.
    pub keyring: Keyring,
    /// Who may call what.
    pub rules: Arc<Rules>,
    /// Whether it takes calls; `None`: always.
    pub health: Option<Health>,
    /// Settings.
    pub config: Config,
}

/// The service behind the gateway that answers the method at `path`, if one does.
#[must_use]
pub fn answered_by(path: &str) -> Option<&'static str> {
    let contract = path.strip_prefix('/')?;
    let answers = |(package, _): &&(&str, &str)| {
        let rest = contract.strip_prefix(package);
        rest.is_some_and(|it| it.starts_with('.'))
    };
    proxy::SERVICES
        .iter()
        .find(answers)
        .map(|(_, service)| *service)
}

/// The gateway's own services, with the services behind it as their fallback.
/// They must be served behind [`Guard::gateway`]; [`serve`] does all of it.
pub fn routes(deps: &Deps) -> Result<Routes> {
    Ok(routes_of(&Arc::new(Context::new(deps)?), deps))
}

fn routes_of(context: &Arc<Context>, deps: &Deps) -> Routes {
    let rate = Arc::new(Rate::new(deps.config.rate));
    let misses = Arc::new(Misses::new(deps.ephemeral.clone()));
    let proxy = Proxy::new(deps.peers.clone());
    rpc::routes(context)
        .into_axum_router()
        .fallback_service(axum::handler::Handler::with_state(proxy::forward, proxy))
        .layer(from_fn_with_state(misses, misses::slow))
        .layer(from_fn_with_state(context.clone(), emergency::record))
        .layer(from_fn_with_state(rate, rate::limit))
        .into()
}

/// Serves the whole gateway until `shutdown`.
pub async fn serve(
    deps: Deps,
    listen: Listen,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let answers = if deps.config.bank_apart {
        listeners::not_the_banks
    } else {
        listeners::everything
    };
    let server = server(&deps, answers)?
        .grpc_web(deps.config.origins.clone())
        .open(open::pages(&deps.keyring, deps.db.clone()));
    server.run(listen, shutdown).await
}

/// Serves what is the bank's, and nothing else, until `shutdown`.
pub async fn serve_bank(
    deps: Deps,
    listen: Listen,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    server(&deps, listeners::the_banks)?
        .run(listen, shutdown)
        .await
}

fn server(deps: &Deps, answers: fn(&str) -> bool) -> Result<Server> {
    let context = Arc::new(Context::new(deps)?);
    let sessions = context.sessions.clone();
    let guard = Guard::gateway(deps.rules.clone(), deps.keyring.clone(), sessions);
    let public = Public {
        trusted_proxies: deps.config.trusted_proxies.clone(),
        sign_in: SIGN_IN,
    };
    let server = Server::new(NAME, guard, routes_of(&context, deps))
        .public(public)
        .limits(deps.config.limits.clone())
        .answers(answers)
        .pause(deps.config.pause);
    Ok(match &deps.health {
        Some(health) => server.health(health.clone()),
        None => server,
    })
}
