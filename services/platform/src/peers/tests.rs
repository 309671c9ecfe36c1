//! Replicas that end, refuse and come back, over TCP.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    net::TcpListener,
    sync::oneshot,
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep, timeout},
};
use tonic::{Code, Request, Response, Status, service::Routes};
use yuhui_proto::internal::v1::{
    DeliverRequest, DeliverResponse, event_sink_service_client::EventSinkServiceClient,
    event_sink_service_server::EventSinkService, event_sink_service_server::EventSinkServiceServer,
};

use super::*;
use crate::{
    authz::{Guard, Rules},
    caller::Caller,
    health::Checks,
    serve::{Listen, Server},
    token::Keyring,
};

const LEDGER: &str = "funding-ledger";

/// Counts its calls.
#[derive(Clone, Default)]
struct Sink(Arc<AtomicUsize>);

#[tonic::async_trait]
impl EventSinkService for Sink {
    async fn deliver(
        &self,
        request: Request<DeliverRequest>,
    ) -> Result<Response<DeliverResponse>, Status> {
        self.0.fetch_add(1, Ordering::Relaxed);
        if request.into_inner().event_id == "slow" {
            sleep(Duration::from_millis(300)).await;
        }
        Ok(Response::new(DeliverResponse {}))
    }
}

struct Replica {
    address: SocketAddr,
    calls: Arc<AtomicUsize>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<()>>,
}

impl Replica {
    async fn start(signer: &Signer, health: Option<crate::health::Health>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
        Self::at(listener, signer, health)
    }

    fn at(listener: TcpListener, signer: &Signer, health: Option<crate::health::Health>) -> Self {
        let address = listener.local_addr().expect("address");
        let rules = Arc::new(Rules::from_pool(yuhui_proto::descriptor_pool()).expect("rules"));
        let guard = Guard::service(rules, Keyring::new().trust(signer), LEDGER);
        let sink = Sink::default();
        let calls = sink.0.clone();
        let mut server = Server::new(
            LEDGER,
            guard,
            Routes::new(EventSinkServiceServer::new(sink)),
        )
        .pause(Duration::from_millis(1500));
        if let Some(health) = health {
            server = server.health(health);
        }
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(server.run(Listen::Bound(listener), async {
            _ = stopped.await;
        }));
        Self {
            address,
            calls,
            stop,
            task,
        }
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

fn signer() -> Arc<Signer> {
    Arc::new(Signer::generate("eligibility").expect("key"))
}

fn peers(signer: &Arc<Signer>, replicas: &[SocketAddr]) -> Peers {
    let urls: Vec<_> = replicas.iter().map(|it| format!("http://{it}")).collect();
    let peers = Peers::new(signer.clone()).reach(LEDGER, &urls, &Wire::new(None));
    peers.expect("URLs")
}

async fn deliver(peers: &Peers, event: &str) -> Code {
    let line = peers.call(LEDGER, &Caller::service("eligibility", None));
    let request = DeliverRequest {
        event_id: event.into(),
        county: "150203".into(),
        kind: "roster_sealed".into(),
        digest: "0".repeat(64),
        ..DeliverRequest::default()
    };
    let answer = EventSinkServiceClient::new(line.expect("a line"))
        .deliver(request)
        .await;
    answer.map_or_else(|status| status.code(), |_| Code::Ok)
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waited = timeout(Duration::from_secs(15), async {
        while !holds().await {
            sleep(Duration::from_millis(20)).await;
        }
    });
    waited.await.expect(what);
}

#[tokio::test]
async fn both_replicas_work_and_the_busier_one_gets_less() {
    let signer = signer();
    let (one, two) = (
        Replica::start(&signer, None).await,
        Replica::start(&signer, None).await,
    );
    let peers = peers(&signer, &[one.address, two.address]);
    let mut calls = JoinSet::new();
    for _ in 0..40 {
        let peers = peers.clone();
        calls.spawn(async move { deliver(&peers, "slow").await });
        tokio::task::yield_now().await;
    }
    assert!(calls.join_all().await.iter().all(|it| *it == Code::Ok));
    // Of two replicas the two that are drawn are always both: the loads differ by one call.
    assert!(
        one.calls().abs_diff(two.calls()) <= 4,
        "{} {}",
        one.calls(),
        two.calls()
    );
}

#[tokio::test]
async fn a_dead_replica_costs_no_call() {
    let signer = signer();
    let (one, two) = (
        Replica::start(&signer, None).await,
        Replica::start(&signer, None).await,
    );
    let peers = peers(&signer, &[one.address, two.address]);
    until("both work", async || {
        assert_eq!(deliver(&peers, "e").await, Code::Ok);
        one.calls() > 0 && two.calls() > 0
    })
    .await;
    // The process is gone, as by `kill -9`: its socket is closed and its connections are reset.
    two.task.abort();
    _ = two.task.await;
    until("it is noticed", async || {
        _ = deliver(&peers, "e").await;
        TcpListener::bind(two.address).await.is_ok()
    })
    .await;
    sleep(Duration::from_millis(100)).await;
    let before = one.calls();
    for _ in 0..200 {
        assert_eq!(deliver(&peers, "e").await, Code::Ok);
    }
    assert_eq!(one.calls(), before + 200);

    // None is left: that is told at once.
    one.task.abort();
    _ = one.task.await;
    until("it is noticed", async || peers.away() == [LEDGER]).await;
    let begin = Instant::now();
    assert_eq!(deliver(&peers, "e").await, Code::Unavailable);
    assert!(begin.elapsed() < Duration::from_millis(200));

    // Back at the same address, it is found by itself.
    let listener = TcpListener::bind(two.address).await.expect("the same port");
    let back = Replica::at(listener, &signer, None);
    until("it is back", async || {
        deliver(&peers, "e").await == Code::Ok
    })
    .await;
    assert!(back.calls() > 0);
    drop((one.stop, two.stop));
}

#[tokio::test]
async fn a_call_that_found_no_connection_goes_elsewhere_once() {
    let signer = signer();
    let alive = Replica::start(&signer, None).await;
    let dead = TcpListener::bind("127.0.0.1:0").await.expect("port");
    let dead_address = dead.local_addr().expect("address");
    drop(dead);
    // Nothing is known of either yet, so that half of the first calls go astray.
    for _ in 0..20 {
        let peers = peers(&signer, &[dead_address, alive.address]);
        assert_eq!(deliver(&peers, "e").await, Code::Ok);
    }
    assert_eq!(alive.calls(), 20, "each was done once");
    // Nobody else is there: one refusal, no third try.
    let peers = peers(&signer, &[dead_address]);
    assert_eq!(deliver(&peers, "e").await, Code::Unavailable);
}

#[tokio::test]
async fn a_replica_that_does_not_serve_gets_no_calls_and_then_again() {
    let signer = signer();
    let well = Arc::new(AtomicUsize::new(1));
    let look = well.clone();
    let checks = Checks::new(LEDGER).every(Duration::from_millis(20));
    let checks = checks.ready("database", move || {
        let well = look.load(Ordering::Relaxed) == 1;
        async move {
            if well {
                Ok(())
            } else {
                Err(anyhow::anyhow!("away"))
            }
        }
    });
    let sick = Replica::start(&signer, Some(checks.start())).await;
    let other = Replica::start(&signer, None).await;
    let peers = peers(&signer, &[sick.address, other.address]);
    until("both work", async || {
        deliver(&peers, "e").await;
        sick.calls() > 0 && other.calls() > 0
    })
    .await;
    well.store(0, Ordering::Relaxed);
    sleep(Duration::from_millis(1500)).await;
    let before = sick.calls();
    for _ in 0..100 {
        assert_eq!(deliver(&peers, "e").await, Code::Ok);
    }
    assert_eq!(sick.calls(), before);
    well.store(1, Ordering::Relaxed);
    until("it is back", async || {
        deliver(&peers, "e").await;
        sick.calls() > before
    })
    .await;
}

#[tokio::test]
async fn a_replica_that_is_stopped_fails_no_call() {
    let signer = signer();
    let (one, two) = (
        Replica::start(&signer, None).await,
        Replica::start(&signer, None).await,
    );
    let peers = peers(&signer, &[one.address, two.address]);
    let mut load = JoinSet::new();
    for _ in 0..4 {
        let peers = peers.clone();
        load.spawn(async move {
            let mut codes: HashMap<Code, usize> = HashMap::new();
            let end = Instant::now() + Duration::from_secs(3);
            while Instant::now() < end {
                *codes.entry(deliver(&peers, "e").await).or_default() += 1;
            }
            codes
        });
    }
    sleep(Duration::from_millis(500)).await;
    two.stop.send(()).expect("running");
    while let Some(codes) = load.join_next().await {
        let codes = codes.expect("joined");
        assert_eq!(codes.keys().collect::<Vec<_>>(), [&Code::Ok], "{codes:?}");
    }
    two.task.await.expect("joined").expect("ended well");
    drop(one.stop);
}
