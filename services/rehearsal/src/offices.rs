//! The desks at which the year is played: each is an account that signed in
//! at the gateway, and every act is a call through it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    sync::{OnceCell, RwLock},
    time::{sleep, timeout},
};
use tonic::{
    Code, Request, Response, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::Channel,
};
use yuhui_platform::{clock, refusal::reason_of};
use yuhui_proto::{
    authz::v1::Role,
    identity::v1::{
        RefreshSessionRequest, SignInRequest, TokenPair,
        identity_service_client::IdentityServiceClient,
    },
};

use super::accounts;

/// Longest one call may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longest the same call is tried, over all attempts. What takes longer stands
/// still, and the play says so instead of standing still with it.
const LONGEST: Duration = Duration::from_secs(180);
/// A token is renewed when less than this is left of it.
const RENEW_BEFORE: u64 = 60;
/// Attempts at a call that lost a race or found a service busy.
const ATTEMPTS: u32 = 10;
/// First pause between two attempts; it doubles.
const PAUSE: Duration = Duration::from_millis(15);

/// The gateway with a token to show.
pub(crate) type SignedIn = InterceptedService<Channel, Bearer>;

/// Calls `$client::$method` at a desk, patiently.
macro_rules! at {
    ($desk:expr, $client:ident . $method:ident, $ask:expr) => {
        $desk
            .call(
                concat!(stringify!($client), ".", stringify!($method)),
                $ask,
                |connection, ask| async move { $client::new(connection).$method(ask).await },
            )
            .await
    };
}
pub(crate) use at;

/// Every desk of the play.
pub(crate) struct Offices {
    gateway: Channel,
    bank: Channel,
    desks: Mutex<HashMap<String, Arc<OnceCell<Arc<Desk>>>>>,
}

impl Offices {
    /// Desks behind `gateway`, those of the bank behind `bank`; each signs in when it is first
    /// needed.
    pub(crate) fn new(gateway: Channel, bank: Channel) -> Self {
        Self {
            gateway,
            bank,
            desks: Mutex::default(),
        }
    }

    /// The desk of `role` in `unit`.
    pub(crate) async fn of(&self, role: Role, unit: &str) -> Result<Arc<Desk>, Status> {
        self.at(&accounts::login(role, unit), self.gateway_of(role))
            .await
    }

    /// The second holder of `role` in `unit`.
    pub(crate) async fn second(&self, role: Role, unit: &str) -> Result<Arc<Desk>, Status> {
        let login = accounts::second_login(role, unit);
        self.at(&login, self.gateway_of(role)).await
    }

    /// The desk of the account `login`.
    pub(crate) async fn named(&self, login: &str) -> Result<Arc<Desk>, Status> {
        self.at(login, &self.gateway).await
    }

    fn gateway_of(&self, role: Role) -> &Channel {
        match role {
            Role::BankOperator | Role::BankAuthoriser => &self.bank,
            _ => &self.gateway,
        }
    }

    async fn at(&self, login: &str, gateway: &Channel) -> Result<Arc<Desk>, Status> {
        let cell = {
            let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
            desks.entry(login.to_owned()).or_default().clone()
        };
        let desk = cell
            .get_or_try_init(|| Desk::sign_in(gateway.clone(), login))
            .await?;
        Ok(desk.clone())
    }

    /// Accounts that signed in so far.
    pub(crate) fn signed_in(&self) -> usize {
        let desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        desks.values().filter(|desk| desk.initialized()).count()
    }
}

/// One signed-in account.
pub(crate) struct Desk {
    login: String,
    gateway: Channel,
    session: RwLock<Session>,
}

struct Session {
    bearer: Bearer,
    renew_at: Instant,
    refresh_token: String,
}

impl Desk {
    async fn sign_in(gateway: Channel, login: &str) -> Result<Arc<Self>, Status> {
        let ask = || async {
            let ask = SignInRequest {
                login: login.into(),
                password: accounts::PASSWORD.into(),
                ..SignInRequest::default()
            };
            let mut client = IdentityServiceClient::new(gateway.clone());
            Ok(client.sign_in(ask).await?.into_inner().tokens)
        };
        let tokens = patiently(ask).await;
        let tokens = tokens.map_err(|status| told(&status, &format!("{login} cannot sign in")))?;
        Ok(Arc::new(Self {
            login: login.into(),
            gateway,
            session: RwLock::new(Session::of(tokens.unwrap_or_default())?),
        }))
    }

    /// Calls `rpc`, by name `what`, until it is answered for good. Every request carries its
    /// idempotency key, so that a repeated one changes nothing twice.
    pub(crate) async fn call<R, T, F, Fut>(
        &self,
        what: &'static str,
        ask: R,
        rpc: F,
    ) -> Result<T, Status>
    where
        R: Clone,
        F: Fn(SignedIn, R) -> Fut,
        Fut: Future<Output = Result<Response<T>, Status>>,
    {
        let answer = patiently(|| async {
            let connection = self.connection().await?;
            Ok(rpc(connection, ask.clone()).await?.into_inner())
        });
        let answer = answer.await;
        answer.map_err(|status| match status.code() {
            Code::DeadlineExceeded => told(&status, &format!("{} waits for {what}", self.login)),
            _ => status,
        })
    }

    async fn connection(&self) -> Result<SignedIn, Status> {
        {
            let session = self.session.read().await;
            if Instant::now() < session.renew_at {
                return Ok(self.with(session.bearer.clone()));
            }
        }
        let mut session = self.session.write().await;
        if Instant::now() >= session.renew_at {
            let ask = RefreshSessionRequest {
                refresh_token: session.refresh_token.clone(),
            };
            let reply = IdentityServiceClient::new(self.gateway.clone())
                .refresh_session(ask)
                .await
                .map_err(|status| told(&status, &format!("{} stays out", self.login)))?;
            *session = Session::of(reply.into_inner().tokens.unwrap_or_default())?;
        }
        Ok(self.with(session.bearer.clone()))
    }

    fn with(&self, bearer: Bearer) -> SignedIn {
        InterceptedService::new(self.gateway.clone(), bearer)
    }
}

impl Session {
    fn of(tokens: TokenPair) -> Result<Self, Status> {
        let token = format!("Bearer {}", tokens.access_token)
            .parse()
            .map_err(|_| Status::internal("the token is no header value"))?;
        let ends = tokens.access_expire_time.map_or(0, |time| time.seconds);
        let left = u64::try_from(ends - clock::real_now().unix_timestamp()).unwrap_or(0);
        Ok(Self {
            bearer: Bearer(token),
            renew_at: Instant::now() + Duration::from_secs(left.saturating_sub(RENEW_BEFORE)),
            refresh_token: tokens.refresh_token,
        })
    }
}

/// Shows the token and says how long the caller waits.
#[derive(Clone)]
pub(crate) struct Bearer(MetadataValue<Ascii>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.set_timeout(PATIENCE);
        request
            .metadata_mut()
            .insert("authorization", self.0.clone());
        Ok(request)
    }
}

/// Asks again while the answer may be another one later; in the end, whatever was said last.
async fn patiently<T>(ask: impl AsyncFn() -> Result<T, Status>) -> Result<T, Status> {
    let begun = Instant::now();
    let mut pause = PAUSE;
    let mut attempt = 1;
    loop {
        // A call that waits for its turn on the channel is not under its own deadline yet.
        let answer = timeout(PATIENCE, ask()).await.unwrap_or_else(|_| {
            let seconds = PATIENCE.as_secs();
            Err(Status::deadline_exceeded(format!(
                "no answer in {seconds} s, attempt {attempt}"
            )))
        });
        match answer {
            Err(status) if passing(&status) && attempt < ATTEMPTS && begun.elapsed() < LONGEST => {
                attempt += 1;
                sleep(pause).await;
                pause *= 2;
            }
            answer => return answer,
        }
    }
}

/// Whether the same call may succeed later: what has changed since it was seen is read again instead.
fn passing(status: &Status) -> bool {
    let passes = matches!(
        status.code(),
        Code::Aborted | Code::Unavailable | Code::ResourceExhausted | Code::DeadlineExceeded
    );
    passes && reason_of(status).as_deref() != Some("CHANGED_SINCE_SEEN")
}

fn told(status: &Status, what: &str) -> Status {
    Status::new(status.code(), format!("{what}: {}", status.message()))
}

/// A new idempotency key.
pub(crate) fn key() -> String {
    clock::fresh_id().to_string()
}
