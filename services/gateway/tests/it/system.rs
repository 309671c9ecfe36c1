//! A gateway on a port of its own and a service behind it, on SQLite in a
//! temporary folder.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tempfile::TempDir;
use time::macros::date;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use tonic::{
    Code, Request, Response, Status,
    service::{Routes, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};
use tonic_types::{ErrorDetails, StatusExt as _};
use yuhui_gateway::{Config, Cost, Deps, SeedAccount, seed_accounts};
use yuhui_kernel::CitizenNumber;
use yuhui_platform::{
    Clock,
    audit::Trail,
    authz::{Guard, Rules},
    caller,
    db::Database,
    ephemeral::{Ephemeral, InProcess, Unreachable},
    operations::Operations,
    peers::Peers,
    pipe::pipe,
    serve::{Listen, Server},
    token::{Keyring, Signer},
    vault::{Key, Vault},
};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        self as pb,
        notice_service_server::{NoticeService, NoticeServiceServer},
        pre_check_service_server::{PreCheckService, PreCheckServiceServer},
    },
    identity::v1::{
        SignInRequest, SignInResponse, TokenPair, account_service_client::AccountServiceClient,
        identity_service_client::IdentityServiceClient,
    },
    portal::v1::{
        self as portal,
        status_service_server::{StatusService, StatusServiceServer},
    },
};

use crate::store;

/// Password of every seeded account.
pub const PASSWORD: &str = "correct horse battery";

/// A running system.
pub struct System {
    pub deps: Deps,
    pub addr: SocketAddr,
    pub channel: Channel,
    /// Straight to the service behind the gateway.
    pub inside: Channel,
    /// The database of that service.
    pub behind: Database,
    /// Whether the ephemeral store answers.
    pub store: Arc<Switch>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<yuhui_platform::Result<()>>,
    /// Removed when the system goes.
    _folder: TempDir,
}

/// A session a test holds.
pub type Session = InterceptedService<Channel, Bearer>;

/// Adds a token to every call.
#[derive(Clone)]
pub struct Bearer(pub String);

impl tonic::service::Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let value = format!("Bearer {}", self.0).parse().expect("header");
        request.metadata_mut().insert("authorization", value);
        Ok(request)
    }
}

/// An ephemeral store that can be cut off.
#[derive(Default)]
pub struct Switch {
    inner: InProcess,
    is_down: AtomicBool,
}

impl Switch {
    pub fn cut(&self) {
        self.is_down.store(true, Ordering::SeqCst);
    }

    fn up(&self) -> Result<(), Unreachable> {
        match self.is_down.load(Ordering::SeqCst) {
            true => Err(Unreachable::because("cut off")),
            false => Ok(()),
        }
    }
}

#[tonic::async_trait]
impl Ephemeral for Switch {
    async fn revoke(&self, session: &str, life: Duration) -> Result<(), Unreachable> {
        self.up()?;
        self.inner.revoke(session, life).await
    }

    async fn is_revoked(&self, session: &str) -> Result<bool, Unreachable> {
        self.up()?;
        self.inner.is_revoked(session).await
    }

    async fn block(&self, key: &str, life: Duration) -> Result<(), Unreachable> {
        self.up()?;
        self.inner.block(key, life).await
    }

    async fn blocked_for(&self, key: &str) -> Result<Option<Duration>, Unreachable> {
        self.up()?;
        self.inner.blocked_for(key).await
    }

    async fn count(&self, key: &str, window: Duration) -> Result<u64, Unreachable> {
        self.up()?;
        self.inner.count(key, window).await
    }
}

/// The service behind: says back what it was told about the caller.
struct Echo;

#[tonic::async_trait]
impl NoticeService for Echo {
    async fn get_notice(
        &self,
        request: Request<pb::GetNoticeRequest>,
    ) -> Result<Response<pb::GetNoticeResponse>, Status> {
        let headers: Vec<_> = request
            .metadata()
            .keys()
            .map(|key| format!("{key:?}"))
            .collect();
        let (caller, ask) = caller::accept(request)?;
        if ask.name == "slow" {
            tokio::time::sleep(Duration::from_secs(20)).await;
        }
        if ask.name == "missing" {
            return Err(
                yuhui_platform::Error::from(yuhui_platform::refusal::not_found("missing")).into(),
            );
        }
        if ask.name == "verbose" {
            let long = "包".repeat(10_000);
            let details = ErrorDetails::with_localized_message("zh-CN", long.clone());
            return Err(Status::with_error_details(Code::NotFound, long, details));
        }
        let who = format!("{} with {}", caller.full_name(), caller.persons().count());
        let notice = pb::Notice {
            name: format!("{} as {}", caller.account, caller.role.as_str_name()),
            unit: caller.unit.map(|it| it.to_string()).unwrap_or_default(),
            posted_on: caller.remote.unwrap_or_default(),
            last_on: headers.join(" "),
            objections_to: who,
            ..pb::Notice::default()
        };
        Ok(Response::new(pb::GetNoticeResponse {
            notice: Some(notice),
        }))
    }

    async fn list_notices(
        &self,
        request: Request<pb::ListNoticesRequest>,
    ) -> Result<Response<pb::ListNoticesResponse>, Status> {
        let mut notices = Vec::new();
        if request.into_inner().parent == "large" {
            notices.push(pb::Notice {
                name: "x".repeat(300_000),
                ..pb::Notice::default()
            });
        }
        Ok(Response::new(pb::ListNoticesResponse {
            notices,
            ..pb::ListNoticesResponse::default()
        }))
    }

    async fn post_notice(
        &self,
        _: Request<pb::PostNoticeRequest>,
    ) -> Result<Response<pb::PostNoticeResponse>, Status> {
        Ok(Response::new(pb::PostNoticeResponse::default()))
    }

    async fn close_notice(
        &self,
        _: Request<pb::CloseNoticeRequest>,
    ) -> Result<Response<pb::CloseNoticeResponse>, Status> {
        Ok(Response::new(pb::CloseNoticeResponse::default()))
    }
}

#[tonic::async_trait]
impl StatusService for Echo {
    /// Opens with one code.
    async fn get_status(
        &self,
        request: Request<portal::GetStatusRequest>,
    ) -> Result<Response<portal::GetStatusResponse>, Status> {
        match request.into_inner().code.as_str() {
            "right" => Ok(Response::new(portal::GetStatusResponse::default())),
            _ => Err(yuhui_platform::Error::from(yuhui_platform::refusal::not_found("it")).into()),
        }
    }

    async fn issue_status_code(
        &self,
        _: Request<portal::IssueStatusCodeRequest>,
    ) -> Result<Response<portal::IssueStatusCodeResponse>, Status> {
        Err(Status::unimplemented("not here"))
    }
}

#[tonic::async_trait]
impl PreCheckService for Echo {
    async fn pre_check(
        &self,
        request: Request<pb::PreCheckRequest>,
    ) -> Result<Response<pb::PreCheckResponse>, Status> {
        let (caller, _) = caller::accept(request)?;
        Ok(Response::new(pb::PreCheckResponse {
            pack_version: format!("asked by `{}`", caller.account),
            ..pb::PreCheckResponse::default()
        }))
    }
}

/// The operations of the service behind.
pub fn operations(behind: &Database) -> Operations {
    Operations::new("eligibility", behind.clone(), Clock::system(), 500)
}

impl System {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(settings: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let mut config = Config {
            password: Cost::sandbox(),
            origins: vec!["https://yuhui.example".into()],
            ..Config::default()
        };
        settings(&mut config);
        let signer = Arc::new(Signer::generate("gateway").expect("key"));
        let keyring = Keyring::new().trust(&signer);
        let rules = Arc::new(Rules::from_pool(yuhui_proto::descriptor_pool()).expect("rules"));

        let (inside, listener) = pipe();
        let behind = store::fresh(folder.path(), "eligibility").await;
        let routes = Routes::new(NoticeServiceServer::new(Echo))
            .add_service(PreCheckServiceServer::new(Echo))
            .add_service(StatusServiceServer::new(Echo))
            .add_service(operations(&behind).server())
            .add_service(Trail::server(behind.clone()));
        let guard = Guard::service(rules.clone(), keyring.clone(), "eligibility");
        let service = Server::new("eligibility", guard, routes);
        tokio::spawn(service.run(Listen::Pipe(listener), std::future::pending()));
        // Nobody listens on the other end of these.
        let ((dead, _), (silent, _)) = (pipe(), pipe());

        let switch = Arc::new(Switch::default());
        let deps = Deps {
            db: store::fresh(folder.path(), "gateway").await,
            clock: Clock::sandbox(date!(2025 - 07 - 01)),
            peers: Peers::new(signer.clone())
                .with("eligibility", inside.clone())
                .with("disbursement", silent)
                .with("institution-registry", dead),
            vault: Arc::new(
                Vault::with_first_key(
                    yuhui_gateway::NAME,
                    &Key::from_hex(&"06".repeat(32)).expect("key"),
                    Key::from_hex(&"07".repeat(32)).expect("key"),
                )
                .expect("vault"),
            ),
            ephemeral: switch.clone(),
            signer,
            keyring,
            rules,
            health: None,
            config,
        };
        let (addr, stop, task) = serve(deps.clone()).await;
        Self {
            channel: channel(addr),
            deps,
            addr,
            inside,
            behind,
            store: switch,
            stop,
            task,
            _folder: folder,
        }
    }

    /// Stops the gateway and starts it again with nothing but its database.
    pub async fn restarted(self) -> Self {
        drop(self.channel);
        self.stop.send(()).expect("running");
        self.task.await.expect("joined").expect("ended well");
        let switch = Arc::new(Switch::default());
        let deps = Deps {
            ephemeral: switch.clone(),
            ..self.deps
        };
        let (addr, stop, task) = serve(deps.clone()).await;
        Self {
            channel: channel(addr),
            deps,
            addr,
            store: switch,
            stop,
            task,
            ..self
        }
    }

    /// An active account; `holder` chooses the person.
    pub async fn account(&self, login: &str, role: Role, unit: &str, holder: u16) {
        let seed = SeedAccount {
            login: login.into(),
            display_name: login.into(),
            role,
            unit: unit.into(),
            identity_number: citizen(holder),
            password: PASSWORD.into(),
        };
        seed_accounts(&self.deps, vec![seed]).await.expect("seeded");
    }

    pub fn identity(&self) -> IdentityServiceClient<Channel> {
        IdentityServiceClient::new(self.channel.clone())
    }

    pub async fn try_sign_in(&self, login: &str, password: &str) -> Result<SignInResponse, Status> {
        let ask = SignInRequest {
            login: login.into(),
            password: password.into(),
            ..SignInRequest::default()
        };
        let answer = self.identity().sign_in(ask).await;
        answer.map(Response::into_inner)
    }

    pub async fn sign_in(&self, login: &str) -> TokenPair {
        let answer = self.try_sign_in(login, PASSWORD).await;
        answer.expect("signed in").tokens.expect("tokens")
    }

    /// The channel of somebody who signed in.
    pub async fn session(&self, login: &str) -> Session {
        self.bearing(self.sign_in(login).await.access_token)
    }

    pub fn bearing(&self, token: String) -> Session {
        InterceptedService::new(self.channel.clone(), Bearer(token))
    }

    /// A security administrator's accounts client.
    pub async fn administrator(&self, login: &str, holder: u16) -> AccountServiceClient<Session> {
        let role = Role::SecurityAdministrator;
        self.account(login, role, "150200", holder).await;
        AccountServiceClient::new(self.session(login).await)
    }
}

async fn serve(
    deps: Deps,
) -> (
    SocketAddr,
    oneshot::Sender<()>,
    JoinHandle<yuhui_platform::Result<()>>,
) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("address");
    let (stop, stopped) = oneshot::channel::<()>();
    let gateway = yuhui_gateway::serve(deps, Listen::Bound(listener), async {
        _ = stopped.await;
    });
    (addr, stop, tokio::spawn(gateway))
}

fn channel(addr: SocketAddr) -> Channel {
    Endpoint::from_shared(format!("http://{addr}"))
        .expect("address")
        .connect_lazy()
}

/// The citizen number of the n-th person of these tests.
pub fn citizen(n: u16) -> String {
    let body = format!("15020319800101{n:03}");
    let check = CitizenNumber::compute_check(&body).expect("17 digits");
    format!("{body}{check}")
}

/// Code and reason of a refusal.
pub fn told<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    let status = answer.expect_err("refused");
    let reason = yuhui_platform::refusal::reason_of(&status).unwrap_or_default();
    (status.code(), reason)
}
