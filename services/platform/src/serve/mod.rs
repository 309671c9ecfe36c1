//! Serving a set of routes: over TCP or a pipe, with health, reflection and a
//! graceful end. Every limit acts before what it limits is used, and who
//! exceeds it pays alone.

mod accept;
mod address;
mod admission;
mod body;
mod callers;
mod connections;
mod fair;
mod here;
mod layers;
mod limits;
mod places;
mod reflection;
mod status;
#[cfg(debug_assertions)]
mod undeclared;
mod watches;

use std::{collections::BTreeSet, future::Future, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use http::HeaderValue;
use ipnet::IpNet;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_stream::{Stream, StreamExt as _, wrappers::TcpListenerStream};
use tonic::service::Routes;
use tonic_web::GrpcWebLayer;
use tower_http::cors::{AllowOrigin, Any, CorsLayer};

use crate::{
    Result,
    authz::Guard,
    health::Health,
    pipe::PipeListener,
    tls::{Asks, Tls},
};

use accept::{Acceptor, Arrival};
use address::Proxies;
use admission::Admission;
use callers::Callers;
use connections::Connections;
use layers::Edge;
use status::Status;

pub(crate) use address::ClientAddress;
pub use address::Network;
pub(crate) use callers::PeerName;
pub use here::{Here, HereListener, here};
pub use limits::Limits;

/// How long requests in hand may take after the signal to stop.
const DRAIN: Duration = Duration::from_secs(20);

/// TLS of a listener.
#[derive(Clone)]
pub struct ServerTls {
    /// The certificates of this process.
    pub certificates: Tls,
    /// Whose certificates it asks for.
    pub asks: Asks,
}

/// Where a server listens.
pub enum Listen {
    /// A TCP address.
    Tcp {
        /// The address.
        addr: SocketAddr,
        /// Certificates; none: plain text, for a machine of one's own only.
        tls: Option<ServerTls>,
    },
    /// A TCP listener bound before, plain text: tests choose their port so.
    Bound(TcpListener),
    /// The serving end of an in-memory pipe.
    Pipe(PipeListener),
    /// The serving end of a service that is called without a wire.
    Here(HereListener),
}

/// What is different before a server that anybody reaches.
#[derive(Clone, Debug, Default)]
pub struct Public {
    /// Proxies that are believed when they say where a call comes from
    /// (`X-Forwarded-For`).
    pub trusted_proxies: Vec<IpNet>,
    /// Paths of the methods that prove a password.
    pub sign_in: &'static [&'static str],
}

/// A server of one service.
pub struct Server {
    name: &'static str,
    guard: Guard,
    routes: Routes,
    limits: Limits,
    public: Option<Public>,
    /// Origins whose pages may call with gRPC-Web; `None`: no gRPC-Web.
    web: Option<Vec<String>>,
    /// Services that may call, by the names in their certificates.
    callers: BTreeSet<String>,
    /// Paths of the methods that are answered here.
    answers: fn(&str) -> bool,
    /// Whether it is ready; `None`: always.
    health: Option<Health>,
    /// How long it goes on after it has said that it ends.
    pause: Duration,
    /// Pages of plain HTTP for anybody.
    open: Router,
}

impl Server {
    /// A server of `routes`, guarded by `guard`, for other services.
    #[must_use]
    pub fn new(name: &'static str, guard: Guard, routes: Routes) -> Self {
        Self {
            name,
            guard,
            routes,
            limits: Limits::internal(),
            public: None,
            web: None,
            callers: BTreeSet::new(),
            answers: |_| true,
            health: None,
            pause: Duration::ZERO,
            open: Router::new(),
        }
    }

    /// Other limits than [`Limits::internal`].
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Stands before everybody: whoever has not signed in has small places of
    /// his own, and no stream of health.
    #[must_use]
    pub fn public(mut self, public: Public) -> Self {
        self.public = Some(public);
        self
    }

    /// Also speaks gRPC-Web, to pages of `origins`.
    #[must_use]
    pub fn grpc_web(mut self, origins: Vec<String>) -> Self {
        self.web = Some(origins);
        self
    }

    /// Where certificates of services are asked for, these may call, and nobody else: by default
    /// nobody.
    #[must_use]
    pub fn callers(mut self, callers: BTreeSet<String>) -> Self {
        self.callers = callers;
        self
    }

    /// Answers the methods at these paths and no others, not even health or reflection.
    #[must_use]
    pub fn answers(mut self, answers: fn(&str) -> bool) -> Self {
        self.answers = answers;
        self
    }

    /// Says that it serves only while `health` finds it ready.
    #[must_use]
    pub fn health(mut self, health: Health) -> Self {
        self.health = Some(health);
        self
    }

    /// Goes on taking calls for so long after it has said that it ends: others need a moment to
    /// notice.
    #[must_use]
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// Also shows `pages` over plain HTTP, to anybody and outside all layers:
    /// public keys, liveness.
    #[must_use]
    pub fn open(mut self, pages: Router) -> Self {
        self.open = pages;
        self
    }

    /// Serves until `shutdown`, then finishes what is in hand.
    pub async fn run(
        self,
        listen: Listen,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<()> {
        match listen {
            Listen::Tcp { addr, tls } => {
                let incoming = TcpListener::bind(addr).await?;
                self.serve(tcp(incoming), tls, shutdown).await
            }
            Listen::Bound(listener) => self.serve(tcp(listener), None, shutdown).await,
            Listen::Pipe(listener) => {
                let incoming = listener.map(|it| it.map(|stream| (stream, None)));
                self.serve(incoming, None, shutdown).await
            }
            Listen::Here(listener) => self.serve_here(listener, shutdown).await,
        }
    }

    async fn serve<C>(
        self,
        incoming: impl Stream<Item = Arrival<C>>,
        tls: Option<ServerTls>,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<()>
    where
        C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        if let Some(tls) = &tls {
            // What is missing is told now, not to the first caller.
            tls.certificates.server(tls.asks)?;
        }
        let ready = self.prepare().await?;
        let limits = ready.limits;
        let connections = Connections::new(limits.connections, limits.per_address, ready.proxies);
        let acceptor = Acceptor {
            connections: Arc::new(connections),
            tls,
            routes: ready.routes,
            limits,
            http1: ready.speaks_http1,
        };
        let (stopping, stopped) = watch::channel(false);
        let signal = async move {
            ready.ending.until(shutdown).await;
            stopping.send_replace(true);
            // Dropping the switch would say the same again.
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = acceptor.run(incoming, stopped, DRAIN) => {}
            () = signal => {}
        }
        Ok(())
    }

    async fn serve_here(
        self,
        listener: HereListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<()> {
        let ready = self.prepare().await?;
        listener.open(ready.routes);
        ready.ending.until(shutdown).await;
        listener.close(DRAIN).await;
        Ok(())
    }

    /// Everything but the wire.
    async fn prepare(self) -> Result<Ready> {
        let (reporter, health_service) = tonic_health::server::health_reporter();
        let status = Status::new(self.name, reporter, self.health).await;
        let routes = reflection::add(self.routes.add_service(health_service))?;
        let limits = self.limits;
        let public = self.public.unwrap_or_default();
        let proxies = Arc::new(Proxies(public.trusted_proxies));
        let edge = Edge {
            proxies: proxies.clone(),
            callers: Callers {
                service: self.name,
                names: self.callers,
                answers: self.answers,
            },
            guard: self.guard,
            admission: Admission::new(limits.clone(), public.sign_in),
        };
        let routes = edge.before(routes.into_axum_router());
        let routes = match self.web.as_deref() {
            Some(origins) => routes.layer(GrpcWebLayer::new()).layer(cors(origins)),
            None => routes,
        };
        Ok(Ready {
            routes: self.open.fallback_service(routes),
            speaks_http1: self.web.is_some(),
            limits,
            proxies,
            ending: Ending {
                status,
                pause: self.pause,
            },
        })
    }
}

/// A server but for its wire.
struct Ready {
    routes: Router,
    speaks_http1: bool,
    limits: Limits,
    proxies: Arc<Proxies>,
    ending: Ending,
}

/// How a server ends.
struct Ending {
    status: Status,
    pause: Duration,
}

impl Ending {
    /// Waits for `shutdown` and says that no more calls are taken. Load balancers look at this; requests
    /// in hand go on.
    async fn until(mut self, shutdown: impl Future<Output = ()>) {
        tokio::select! {
            () = shutdown => {}
            () = self.status.follow() => {}
        }
        self.status.end().await;
        tokio::time::sleep(self.pause).await;
    }
}

fn tcp(listener: TcpListener) -> impl Stream<Item = Arrival<TcpStream>> {
    TcpListenerStream::new(listener).filter_map(|arrival| match arrival {
        Ok(stream) => {
            // Whoever has hung up already has no address any more.
            let address = stream.peer_addr().ok()?.ip();
            stream.set_nodelay(true).ok()?;
            Some(Ok((stream, Some(address))))
        }
        Err(error) => Some(Err(error)),
    })
}

/// What browsers are told about pages of other origins.
fn cors(origins: &[String]) -> CorsLayer {
    let origins = origins
        .iter()
        .filter_map(|it| HeaderValue::from_str(it).ok());
    let exposed = [
        "grpc-status",
        "grpc-message",
        "grpc-status-details-bin",
        "x-request-id",
    ];
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([http::Method::POST])
        .allow_headers(Any)
        .expose_headers(exposed.map(http::HeaderName::from_static))
}

#[cfg(test)]
mod edge_tests;
#[cfg(test)]
mod mutual_tests;
#[cfg(test)]
mod tests;
