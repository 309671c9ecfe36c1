//! Services that prove to each other who they are: over TCP, with certificates of an authority of
//! their own.

use std::sync::atomic::{AtomicUsize, Ordering};

use tonic::{
    Code, Request, Response, Status,
    transport::{Channel, ClientTlsConfig},
};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use yuhui_proto::internal::v1::{
    DeliverRequest, DeliverResponse, event_sink_service_client::EventSinkServiceClient,
    event_sink_service_server::EventSinkService, event_sink_service_server::EventSinkServiceServer,
};

use super::*;
use crate::{
    authz::Rules,
    caller::Caller,
    ephemeral::InProcess,
    peers::{Peers, Wire},
    tls::{
        Files,
        testing::{Authority, Pair, Place},
    },
    token::{Keyring, Signer},
};

const ME: &str = "funding-ledger";

/// Takes every event.
struct Sink;

#[tonic::async_trait]
impl EventSinkService for Sink {
    async fn deliver(
        &self,
        _: Request<DeliverRequest>,
    ) -> Result<Response<DeliverResponse>, Status> {
        Ok(Response::new(DeliverResponse {}))
    }
}

/// The ledger at an address, which believes two services and lets one of them call.
struct System {
    authority: Authority,
    place: Place,
    tls: Tls,
    address: SocketAddr,
    eligibility: Arc<Signer>,
    disbursement: Arc<Signer>,
}

impl System {
    async fn start(limits: Limits, settings: impl FnOnce(&mut Files)) -> Self {
        let authority = Authority::new();
        let place = authority.place(ME);
        Self::with(authority, place, limits, settings).await
    }

    async fn with(
        authority: Authority,
        place: Place,
        limits: Limits,
        settings: impl FnOnce(&mut Files),
    ) -> Self {
        let mut files = place.files();
        settings(&mut files);
        let tls = Tls::open(files, ME).expect("certificates");
        let signer = |name| Arc::new(Signer::generate(name).expect("key"));
        let (eligibility, disbursement) = (signer("eligibility"), signer("disbursement"));
        let rules = Arc::new(Rules::from_pool(yuhui_proto::descriptor_pool()).expect("rules"));
        let keyring = Keyring::new().trust(&eligibility).trust(&disbursement);
        let guard = Guard::service(rules, keyring, ME);
        let routes = Routes::new(EventSinkServiceServer::new(Sink));
        let server = Server::new(ME, guard, routes)
            .limits(limits)
            .callers(["eligibility".to_owned()].into());
        let address = serve(server, &tls, Asks::Services).await;
        Self {
            authority,
            place,
            tls,
            address,
            eligibility,
            disbursement,
        }
    }

    /// What the ledger answers to who shows this certificate and a token of this signer.
    async fn answer(&self, pair: Option<&Pair>, signer: &Arc<Signer>) -> Code {
        let config = self.authority.client(ME, pair);
        deliver(&Peers::new(signer.clone()).with(ME, channel(self.address, config))).await
    }

    /// The ledger as another service reaches it.
    fn peers(&self, tls: Tls) -> Peers {
        let peers = Peers::new(self.eligibility.clone());
        let url = format!("https://{}", self.address);
        let peers = peers.reach(ME, &[url], &Wire::new(Some(tls)));
        peers.expect("a URL")
    }
}

async fn serve(server: Server, tls: &Tls, asks: Asks) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
    let address = listener.local_addr().expect("address");
    let tls = ServerTls {
        certificates: tls.clone(),
        asks,
    };
    tokio::spawn(server.serve(tcp(listener), Some(tls), std::future::pending()));
    address
}

fn channel(address: SocketAddr, config: ClientTlsConfig) -> Channel {
    let endpoint = Channel::from_shared(format!("https://{address}")).expect("address");
    endpoint.tls_config(config).expect("TLS").connect_lazy()
}

async fn deliver(peers: &Peers) -> Code {
    let caller = Caller::service(peers.me(), None);
    let line = peers.call(ME, &caller).expect("a line");
    let request = DeliverRequest {
        event_id: "e-1".into(),
        county: "150203".into(),
        kind: "roster_sealed".into(),
        digest: "0".repeat(64),
        ..DeliverRequest::default()
    };
    match EventSinkServiceClient::new(line).deliver(request).await {
        Ok(_) => Code::Ok,
        Err(status) => status.code(),
    }
}

async fn is_healthy(channel: Channel) -> Result<(), Status> {
    let ask = HealthCheckRequest::default();
    HealthClient::new(channel).check(ask).await.map(|_| ())
}

#[tokio::test]
async fn who_calls_proves_it_twice() {
    let system = System::start(Limits::internal(), |_| {}).await;
    let authority = &system.authority;
    let own = authority.issue("eligibility");
    assert_eq!(
        system.answer(Some(&own), &system.eligibility).await,
        Code::Ok
    );

    // Another's token, with one's own certificate.
    let stolen = system.answer(Some(&own), &system.disbursement).await;
    assert_eq!(stolen, Code::Unauthenticated);
    // A certificate and a token that are right, of a service that may not call, and its health.
    let other = authority.issue("disbursement");
    let refused = system.answer(Some(&other), &system.disbursement).await;
    assert_eq!(refused, Code::PermissionDenied);
    let config = authority.client(ME, Some(&other));
    let health = is_healthy(channel(system.address, config)).await;
    let health = health.expect_err("refused");
    assert_eq!(health.code(), Code::PermissionDenied);
    assert_eq!(
        crate::refusal::reason_of(&health).as_deref(),
        Some("NOT_A_CALLER")
    );

    // No certificate, one of another authority, one that has ended, one with two names or none.
    let stranger = Authority::new().issue("eligibility");
    let day = time::Duration::DAY;
    let ended = authority.issue_until("eligibility.yuhui.internal", -day);
    let nobody = authority.issue_until("eligibility.example.org", day);
    for pair in [None, Some(&stranger), Some(&ended), Some(&nobody)] {
        let code = system.answer(pair, &system.eligibility).await;
        assert!(
            !matches!(code, Code::Ok | Code::Unauthenticated),
            "{code:?}"
        );
    }
}

#[tokio::test]
async fn nobody_may_call_where_nobody_is_listed() {
    let (authority, signer) = (
        Authority::new(),
        Signer::generate("eligibility").expect("key"),
    );
    let place = authority.place(ME);
    let tls = Tls::open(place.files(), ME).expect("certificates");
    let rules = Arc::new(Rules::from_pool(yuhui_proto::descriptor_pool()).expect("rules"));
    let guard = Guard::service(rules, Keyring::new().trust(&signer), ME);
    let server = Server::new(ME, guard, Routes::new(EventSinkServiceServer::new(Sink)));
    let address = serve(server, &tls, Asks::Services).await;
    let config = authority.client(ME, Some(&authority.issue("eligibility")));
    let peers = Peers::new(Arc::new(signer)).with(ME, channel(address, config));
    assert_eq!(deliver(&peers).await, Code::PermissionDenied);
}

#[tokio::test]
async fn a_certificate_that_is_denied_opens_nothing() {
    let authority = Authority::new();
    let denied = authority.issue("eligibility");
    let place = authority.place(ME);
    let serial = denied.serial.clone();
    let deny = |files: &mut Files| files.denied.push(serial);
    let system = System::with(authority, place, Limits::internal(), deny).await;
    let answer = system.answer(Some(&denied), &system.eligibility).await;
    assert!(
        !matches!(answer, Code::Ok | Code::Unauthenticated),
        "{answer:?}"
    );
    let next = system.authority.issue("eligibility");
    assert_eq!(
        system.answer(Some(&next), &system.eligibility).await,
        Code::Ok
    );
}

#[tokio::test]
async fn a_server_is_believed_by_its_name_and_not_by_its_address() {
    let system = System::start(Limits::internal(), |_| {}).await;
    let caller = system.authority.place("eligibility");
    let right = Tls::open(caller.files(), "eligibility").expect("certificates");
    assert_eq!(deliver(&system.peers(right.clone())).await, Code::Ok);

    // Another service of the same authority answers at the address.
    let url = format!("https://{}", system.address);
    let peers = Peers::new(system.eligibility.clone());
    let peers = peers.reach(
        "disbursement",
        std::slice::from_ref(&url),
        &Wire::new(Some(right)),
    );
    let peers = peers.expect("a URL");
    let caller_is = Caller::service("eligibility", None);
    let line = peers.call("disbursement", &caller_is).expect("a line");
    let answer = EventSinkServiceClient::new(line)
        .deliver(DeliverRequest::default())
        .await;
    assert_eq!(answer.expect_err("refused").code(), Code::Unavailable);

    // One of another authority, and one that is denied.
    let stranger = Authority::new().place("eligibility");
    let stranger = Tls::open(stranger.files(), "eligibility").expect("certificates");
    assert_eq!(deliver(&system.peers(stranger)).await, Code::Unavailable);
    let again = system.authority.issue(ME);
    system.place.put(&again, &system.authority.pem());
    assert!(system.tls.reload().expect("right"));
    let files = Files {
        denied: vec![again.serial],
        ..caller.files()
    };
    let careful = Tls::open(files, "eligibility").expect("certificates");
    assert_eq!(deliver(&system.peers(careful)).await, Code::Unavailable);
}

#[tokio::test]
async fn addresses_are_urls_that_say_whether_they_are_secure() {
    let authority = Authority::new();
    let place = authority.place("eligibility");
    let tls = Tls::open(place.files(), "eligibility").expect("certificates");
    let signer = Arc::new(Signer::generate("eligibility").expect("key"));
    let reach = |urls: &[&str], tls: Option<&Tls>| {
        let urls: Vec<_> = urls.iter().map(ToString::to_string).collect();
        let peers = Peers::new(signer.clone()).reach(ME, &urls, &Wire::new(tls.cloned()));
        peers.err().map(|error| format!("{error:#}"))
    };
    assert_eq!(reach(&["https://ledger:7314"], Some(&tls)), None);
    assert_eq!(reach(&["http://127.0.0.1:7314"], None), None);
    for (url, secure) in [
        ("foo", true),
        ("http://ledger:7314", true),
        ("https://ledger", true),
    ] {
        let said = reach(&[url], secure.then_some(&tls)).expect(url);
        assert!(said.starts_with("peers.funding-ledger: `"), "{said}");
        assert!(said.contains("is no https URL"), "{said}");
    }
    assert!(reach(&["https://ledger:7314"], None).is_some());
    assert!(reach(&[], None).is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_are_swapped_under_load_and_no_call_fails() {
    // Connections end all the time, so that each pair is used.
    let limits = Limits {
        age: Duration::from_millis(100),
        ..Limits::internal()
    };
    let system = System::start(limits, |_| {}).await;
    let caller = system.authority.place("eligibility");
    let theirs = Tls::open(caller.files(), "eligibility").expect("certificates");
    let peers = system.peers(theirs.clone());
    let (done, failed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut load = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (peers, done, failed) = (peers.clone(), done.clone(), failed.clone());
        load.spawn(async move {
            loop {
                match deliver(&peers).await {
                    Code::Ok => done.fetch_add(1, Ordering::Relaxed),
                    _ => failed.fetch_add(1, Ordering::Relaxed),
                };
            }
        });
    }
    let pause = || tokio::time::sleep(Duration::from_millis(300));
    pause().await;

    // The next authority is believed beside the first, then both sides have its certificates, then
    // the first is believed no longer.
    let (first, next) = (&system.authority, Authority::new());
    let both = format!("{}{}", first.pem(), next.pem());
    for (authority, ca) in [(first, &both), (&next, &both), (&next, &next.pem())] {
        for (place, tls, name) in [
            (&system.place, &system.tls, ME),
            (&caller, &theirs, "eligibility"),
        ] {
            place.put(&authority.issue(name), ca);
            assert!(tls.reload().expect("right"), "{name}");
            pause().await;
        }
    }
    // A broken pair leaves the one that is there.
    let mut broken = next.issue(ME);
    broken.key = next.issue(ME).key;
    system.place.put(&broken, &next.pem());
    assert!(system.tls.reload().is_err());
    pause().await;
    load.shutdown().await;
    assert_eq!(failed.load(Ordering::Relaxed), 0);
    assert!(done.load(Ordering::Relaxed) > 100);

    // Nothing is resumed: who has a certificate of the first authority is out.
    let code = system
        .answer(Some(&first.issue("eligibility")), &system.eligibility)
        .await;
    assert_ne!(code, Code::Ok);
}

#[tokio::test]
async fn a_session_is_not_resumed_past_a_rotation() {
    let limits = Limits {
        age: Duration::from_millis(50),
        first_byte: Duration::from_millis(100),
        ..Limits::internal()
    };
    let system = System::start(limits, |_| {}).await;
    let both = Authority::new();
    let own = system.authority.issue("eligibility");
    let config = system.authority.client(ME, Some(&own));
    let peers = Peers::new(system.eligibility.clone());
    let peers = peers.with(ME, channel(system.address, config));
    assert_eq!(deliver(&peers).await, Code::Ok);
    // The ledger keeps its certificate, so that only what it believes of others is new.
    let pair = Pair {
        cert: std::fs::read_to_string(system.place.path().join("cert.pem")).expect("read"),
        key: std::fs::read_to_string(system.place.path().join("key.pem")).expect("read"),
        serial: own.serial.clone(),
    };
    let chained = format!("{}{}", system.authority.pem(), both.pem());
    system.place.put(&pair, &chained);
    assert!(system.tls.reload().expect("right"));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(deliver(&peers).await, Code::Ok);
    let theirs = both.issue(ME);
    system.place.put(&theirs, &both.pem());
    assert!(system.tls.reload().expect("right"));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_ne!(deliver(&peers).await, Code::Ok, "the old authority is out");
}

#[tokio::test]
async fn where_the_bank_is_asked_for_nobody_else_gets_in() {
    let (authority, banks) = (Authority::new(), Authority::new());
    let place = authority.place("gateway");
    let bank_ca = place.path().join("bank.pem");
    std::fs::write(&bank_ca, banks.pem()).expect("written");
    let files = Files {
        bank_ca: Some(bank_ca),
        ..place.files()
    };
    let tls = Tls::open(files, "gateway").expect("certificates");
    let signer = Signer::generate("gateway").expect("key");
    let rules = Arc::new(Rules::from_pool(yuhui_proto::descriptor_pool()).expect("rules"));
    let sessions = Arc::new(InProcess::default());
    let guard = Guard::gateway(rules, Keyring::new().trust(&signer), sessions);
    let server = Server::new("gateway", guard, Routes::default());
    let address = serve(server, &tls, Asks::Bank).await;
    let ask = |pair: Option<&Pair>| is_healthy(channel(address, authority.client("gateway", pair)));
    let day = time::Duration::DAY;
    for host in ["agent.icbc.com.cn", "bank.icbc.yuhui.internal"] {
        let pair = banks.issue_until(host, day);
        ask(Some(&pair)).await.expect(host);
    }
    for pair in [
        None,
        Some(&authority.issue("bank.icbc")),
        Some(&banks.issue("eligibility")),
        Some(&banks.issue_until("agent.icbc.com.cn", -day)),
    ] {
        assert!(ask(pair).await.is_err());
    }
}
