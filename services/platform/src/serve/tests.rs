//! A server on a pipe and on TCP, called as the gateway and others would.

use std::sync::Arc;

use tokio::sync::oneshot;
use tonic::{Code, Request, Response, Status, transport::Channel};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_types::StatusExt as _;
use yuhui_kernel::Tenant;
use yuhui_proto::{
    audit::v1::{ListEntriesRequest, audit_service_client::AuditServiceClient},
    internal::v1::{
        DeliverRequest, DeliverResponse, ListTrailEntriesRequest,
        audit_trail_service_client::AuditTrailServiceClient,
        event_sink_service_client::EventSinkServiceClient,
        event_sink_service_server::EventSinkService,
        event_sink_service_server::EventSinkServiceServer,
    },
};

use super::*;
use crate::{
    authz::Rules,
    caller::Caller,
    context::Context,
    ephemeral::{Ephemeral, InProcess, Unreachable},
    peers::Peers,
    pipe::pipe,
    token::{Claims, Keyring, Signer},
};

/// Panics, dawdles or answers, as the event id says.
struct Moody;

#[tonic::async_trait]
impl EventSinkService for Moody {
    async fn deliver(
        &self,
        request: Request<DeliverRequest>,
    ) -> Result<Response<DeliverResponse>, Status> {
        match request.into_inner().event_id.as_str() {
            "panic" => panic!("a secret"),
            "dawdle" => tokio::time::sleep(Duration::from_secs(30)).await,
            _ => {}
        }
        Ok(Response::new(DeliverResponse {}))
    }
}

struct System {
    channel: Channel,
    peers: Peers,
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<Result<()>>,
}

fn start(limits: Limits) -> System {
    let signer = Signer::generate("eligibility").expect("key");
    let rules = Arc::new(Rules::from_pool(yuhui_proto::descriptor_pool()).expect("rules"));
    let guard = Guard::service(rules, Keyring::new().trust(&signer), "funding-ledger");
    let routes = Routes::new(EventSinkServiceServer::new(Moody));
    let (channel, listener) = pipe();
    let (stop, stopped) = oneshot::channel();
    let server = Server::new("funding-ledger", guard, routes).limits(limits);
    let task = tokio::spawn(server.run(Listen::Pipe(listener), async {
        _ = stopped.await;
    }));
    System {
        peers: Peers::new(Arc::new(signer)).with("funding-ledger", channel.clone()),
        channel,
        stop,
        task,
    }
}

impl System {
    async fn deliver(&self, mood: &str) -> Result<()> {
        let county = Tenant::parse("150203").expect("county");
        let caller = Caller::service("eligibility", Some(county));
        let channel = self.peers.call("funding-ledger", &caller)?;
        let request = DeliverRequest {
            event_id: mood.into(),
            county: "150203".into(),
            kind: "mood".into(),
            ..DeliverRequest::default()
        };
        EventSinkServiceClient::new(channel)
            .deliver(request)
            .await?;
        Ok(())
    }
}

#[tokio::test]
async fn health_is_open_to_all_and_ends_with_the_server() {
    let system = start(Limits::internal());
    let mut health = HealthClient::new(system.channel.clone());
    let ask = HealthCheckRequest {
        service: "funding-ledger".into(),
    };
    let answer = health.check(ask).await.expect("health").into_inner();
    assert_eq!(answer.status, 1);
    system.stop.send(()).expect("running");
    system.task.await.expect("joined").expect("ended well");
}

#[tokio::test]
async fn without_a_token_or_with_the_wrong_one_nothing_is_called() {
    let system = start(Limits::internal());
    let mut bare = EventSinkServiceClient::new(system.channel.clone());
    let refused = bare
        .deliver(DeliverRequest::default())
        .await
        .expect_err("no token");
    assert_eq!(refused.code(), Code::Unauthenticated);

    let stranger = Signer::generate("eligibility").expect("key");
    let peers = Peers::new(Arc::new(stranger)).with("funding-ledger", system.channel.clone());
    let caller = Caller::service("eligibility", None);
    let channel = peers.call("funding-ledger", &caller).expect("channel");
    let refused = EventSinkServiceClient::new(channel)
        .deliver(DeliverRequest::default())
        .await
        .expect_err("a stranger's key");
    assert_eq!(refused.code(), Code::Unauthenticated);

    // A service that the rule does not name, with a key that is trusted.
    let channel = system
        .peers
        .call("funding-ledger", &caller)
        .expect("channel");
    let refused = AuditTrailServiceClient::new(channel)
        .list_trail_entries(ListTrailEntriesRequest::default())
        .await
        .expect_err("for the gateway only");
    assert_eq!(refused.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn a_panic_is_a_fault_of_one_request() {
    let system = start(Limits::internal());
    let fault = Status::from(system.deliver("panic").await.expect_err("a panic"));
    assert_eq!(
        (fault.code(), fault.message()),
        (Code::Internal, "internal fault")
    );
    let info = fault.get_details_error_info().expect("error info");
    assert!(!info.metadata["request_id"].is_empty());
    system.deliver("calm").await.expect("the next request");
}

#[tokio::test]
async fn the_deadline_of_the_request_in_hand_is_passed_on_and_kept() {
    let system = start(Limits::internal());
    let context = Context {
        request_id: "r-1".into(),
        deadline: Some(tokio::time::Instant::now() + Duration::from_millis(200)),
    };
    let late = context.scope(system.deliver("dawdle")).await;
    let late = late.expect_err("late");
    assert_eq!(late.code(), Code::DeadlineExceeded);
    assert_eq!(late.reason().as_deref(), Some("DEADLINE_EXCEEDED"));
}

#[tokio::test]
async fn more_than_the_limit_is_refused_at_once() {
    let system = start(Limits {
        places: 1,
        tenant_wait: Duration::from_millis(50),
        deadline: Duration::from_millis(500),
        ..Limits::internal()
    });
    let (first, second) = tokio::join!(system.deliver("dawdle"), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        system.deliver("calm").await
    });
    assert_eq!(first.expect_err("late").code(), Code::DeadlineExceeded);
    assert_eq!(second.expect_err("shed").code(), Code::ResourceExhausted);
}

#[tokio::test]
async fn grpc_web_refusals_reach_the_page() {
    let signer = Signer::generate("gateway").expect("key");
    let rules = Arc::new(Rules::from_pool(yuhui_proto::descriptor_pool()).expect("rules"));
    let sessions = Arc::new(InProcess::default());
    let guard = Guard::gateway(rules, Keyring::new().trust(&signer), sessions);
    let routes = Routes::new(EventSinkServiceServer::new(Moody));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
    let address = listener.local_addr().expect("address");
    let server = Server::new("gateway", guard, routes).grpc_web(vec!["https://example.org".into()]);
    tokio::spawn(server.run(Listen::Bound(listener), std::future::pending()));

    let request = "POST /yuhui.audit.v1.AuditService/ListEntries HTTP/1.1\r\nhost: x\r\n\
        origin: https://example.org\r\ncontent-type: application/grpc-web+proto\r\n\
        content-length: 5\r\nconnection: close\r\n\r\n\0\0\0\0\0";
    let mut wire = tokio::net::TcpStream::connect(address)
        .await
        .expect("connected");
    tokio::io::AsyncWriteExt::write_all(&mut wire, request.as_bytes())
        .await
        .expect("sent");
    let mut answer = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut wire, &mut answer)
        .await
        .expect("read");
    let answer = answer.to_lowercase();
    assert!(answer.starts_with("http/1.1 200"), "{answer}");
    assert!(
        answer.contains("grpc-status: 16") || answer.contains("grpc-status:16"),
        "{answer}"
    );
    assert!(
        answer.contains("access-control-allow-origin: https://example.org"),
        "{answer}"
    );
}

/// Neither says yes nor no.
struct Down;

#[tonic::async_trait]
impl Ephemeral for Down {
    async fn revoke(&self, _: &str, _: Duration) -> Result<(), Unreachable> {
        Err(Unreachable::because("down"))
    }
    async fn is_revoked(&self, _: &str) -> Result<bool, Unreachable> {
        Err(Unreachable::because("down"))
    }
    async fn block(&self, _: &str, _: Duration) -> Result<(), Unreachable> {
        Err(Unreachable::because("down"))
    }
    async fn blocked_for(&self, _: &str) -> Result<Option<Duration>, Unreachable> {
        Err(Unreachable::because("down"))
    }
    async fn count(&self, _: &str, _: Duration) -> Result<u64, Unreachable> {
        Err(Unreachable::because("down"))
    }
}

/// What the gateway answers to a county auditor's session; `UNIMPLEMENTED` is
/// what the empty routes behind the guard say to those it lets through.
async fn ask_gateway(sessions: Arc<dyn Ephemeral>, claims: Claims) -> Code {
    let signer = Signer::generate("gateway").expect("key");
    let rules = Arc::new(Rules::from_pool(yuhui_proto::descriptor_pool()).expect("rules"));
    let guard = Guard::gateway(rules, Keyring::new().trust(&signer), sessions);
    let (channel, listener) = pipe();
    let server = Server::new("gateway", guard, Routes::default());
    tokio::spawn(server.run(Listen::Pipe(listener), std::future::pending()));
    let token = signer.mint(&claims).expect("token");
    let mut request = Request::new(ListEntriesRequest::default());
    let bearer = format!("Bearer {token}").parse().expect("header");
    request.metadata_mut().insert("authorization", bearer);
    let answer = AuditServiceClient::new(channel).list_entries(request).await;
    answer.expect_err("there are no routes").code()
}

fn session() -> Claims {
    let claims = Claims {
        sub: "acct-1".into(),
        sid: "session-1".into(),
        role: "ROLE_COUNTY_AUDITOR".into(),
        unit: "150203".into(),
        ..Claims::default()
    };
    claims.lasting("yuhui", Duration::from_secs(60))
}

#[tokio::test]
async fn an_ended_session_is_refused_and_so_is_every_session_nobody_can_ask_about() {
    let sessions = Arc::new(InProcess::default());
    let ask = || ask_gateway(sessions.clone(), session());
    assert_eq!(ask().await, Code::Unimplemented);
    let minute = Duration::from_secs(60);
    sessions.revoke("session-1", minute).await.expect("revoked");
    assert_eq!(ask().await, Code::Unauthenticated);
    let down = ask_gateway(Arc::new(Down), session()).await;
    assert_eq!(down, Code::Unavailable);
}

#[tokio::test]
async fn a_token_for_the_inside_does_not_open_the_door() {
    let sessions = Arc::new(InProcess::default());
    let inside = session().lasting("eligibility", Duration::from_secs(60));
    assert_eq!(
        ask_gateway(sessions.clone(), inside).await,
        Code::Unauthenticated
    );
    let for_a_service = Claims {
        via: Some("gateway".into()),
        ..session()
    };
    assert_eq!(
        ask_gateway(sessions, for_a_service).await,
        Code::Unauthenticated
    );
}
