//! Serving a set of routes: over TCP or a pipe, with health, reflection and a
//! graceful end. Every limit acts before what it limits is used, and who
//! exceeds it pays alone.

mod accept;
mod address;
mod admission;
mod body;
mod connections;
mod fair;
mod layers;
mod limits;
mod places;
mod reflection;
mod tls;

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use http::HeaderValue;
use ipnet::IpNet;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};
use tokio_stream::{Stream, StreamExt as _, wrappers::TcpListenerStream};
use tonic::service::Routes;
use tonic_web::GrpcWebLayer;
use tower_http::cors::{AllowOrigin, Any, CorsLayer};

use crate::{Result, authz::Guard, pipe::PipeListener};

use accept::{Acceptor, Arrival};
use address::Proxies;
use admission::Admission;
use connections::Connections;

pub(crate) use address::ClientAddress;
pub use address::Network;
pub use limits::Limits;

/// How long requests in hand may take after the signal to stop.
const DRAIN: Duration = Duration::from_secs(20);

/// Certificates of a server, in PEM.
#[derive(Clone)]
pub struct ServerTls {
    /// Its certificate.
    pub cert: String,
    /// Its private key.
    pub key: String,
    /// Clients must show a certificate of this authority, if set.
    pub client_ca: Option<String>,
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
        let (health, health_service) = tonic_health::server::health_reporter();
        health
            .set_service_status(self.name, tonic_health::ServingStatus::Serving)
            .await;
        let routes = reflection::add(self.routes.add_service(health_service))?;
        let limits = self.limits;
        let public = self.public.unwrap_or_default();
        let proxies = Arc::new(Proxies(public.trusted_proxies));
        let admission = Admission::new(limits.clone(), public.sign_in);
        let router = layers::stack(
            routes.into_axum_router(),
            self.guard,
            admission,
            proxies.clone(),
        );
        let http1 = self.web.is_some();
        let router = match self.web.as_deref() {
            Some(origins) => router.layer(GrpcWebLayer::new()).layer(cors(origins)),
            None => router,
        };
        let tls = tls.map(|it| tls::acceptor(&it, http1)).transpose()?;
        let connections = Connections::new(limits.connections, limits.per_address, proxies);
        let acceptor = Acceptor {
            connections: Arc::new(connections),
            tls,
            routes: self.open.fallback_service(router),
            limits,
            http1,
        };
        let (stopping, stopped) = tokio::sync::watch::channel(false);
        let name = self.name;
        let signal = async move {
            shutdown.await;
            // Load balancers look at this; requests in hand go on.
            for name in ["", name] {
                let down = tonic_health::ServingStatus::NotServing;
                health.set_service_status(name, down).await;
            }
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
mod tests;
