//! Serving a set of routes: over TCP or a pipe, with health, reflection and a
//! graceful end.

mod layers;

use std::{future::Future, net::SocketAddr, time::Duration};

use axum::Router;
use http::HeaderValue;
use tokio::net::TcpListener;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{
    service::Routes,
    transport::{
        Certificate, Identity, ServerTlsConfig,
        server::{Connected, TcpIncoming},
    },
};
use tonic_web::GrpcWebLayer;
use tower_http::cors::{AllowOrigin, Any, CorsLayer};

use crate::{Error, Result, authz::Guard, pipe::PipeListener};

/// How long requests in hand may take after the signal to stop.
const DRAIN: Duration = Duration::from_secs(20);

/// Limits on what one server takes on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests served at once; more are refused with `UNAVAILABLE`.
    pub concurrent_requests: usize,
    /// Longest a request may take, whatever the client allows.
    pub deadline: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            concurrent_requests: 512,
            deadline: Duration::from_secs(30),
        }
    }
}

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

/// A server of one service.
pub struct Server {
    name: &'static str,
    guard: Guard,
    routes: Routes,
    limits: Limits,
    /// Origins whose pages may call with gRPC-Web; `None`: no gRPC-Web.
    web: Option<Vec<String>>,
    /// Pages of plain HTTP for anybody.
    open: Router,
}

impl Server {
    /// A server of `routes`, guarded by `guard`.
    #[must_use]
    pub fn new(name: &'static str, guard: Guard, routes: Routes) -> Self {
        Self {
            name,
            guard,
            routes,
            limits: Limits::default(),
            web: None,
            open: Router::new(),
        }
    }

    /// Other limits than the default.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
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
            Listen::Pipe(listener) => self.serve(listener, None, shutdown).await,
        }
    }

    async fn serve<I, C>(
        self,
        incoming: I,
        tls: Option<ServerTls>,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<()>
    where
        I: Stream<Item = std::io::Result<C>> + Send,
        C: tokio::io::AsyncRead + tokio::io::AsyncWrite + Connected + Unpin + Send + 'static,
        C::ConnectInfo: Clone + Send + Sync + 'static,
    {
        let (health, health_service) = tonic_health::server::health_reporter();
        health
            .set_service_status(self.name, tonic_health::ServingStatus::Serving)
            .await;
        let routes = self.routes.add_service(health_service);
        let routes = routes.add_service(reflection()?);
        let routes = routes.add_service(reflection_v1alpha()?);
        let router: Router = layers::stack(routes.into_axum_router(), self.guard, self.limits);
        let router = match self.web.as_deref() {
            Some(origins) => router.layer(GrpcWebLayer::new()).layer(cors(origins)),
            None => router,
        };
        let router = self.open.fallback_service(router);

        let broken = |error: tonic::transport::Error| Error::Fault(error.into());
        let mut server = tonic::transport::Server::builder()
            .accept_http1(self.web.is_some())
            .http2_keepalive_interval(Some(Duration::from_secs(30)));
        if let Some(tls) = tls {
            server = server.tls_config(tls_config(&tls)).map_err(broken)?;
        }
        let (stopping, mut stopped) = tokio::sync::watch::channel(false);
        let signal = async move {
            shutdown.await;
            // Load balancers look at this; requests in hand go on.
            for name in ["", self.name] {
                let down = tonic_health::ServingStatus::NotServing;
                health.set_service_status(name, down).await;
            }
            stopping.send_replace(true);
        };
        let serving = server
            .add_routes(Routes::from(router))
            .serve_with_incoming_shutdown(incoming, signal);
        let too_long = async {
            // An error means that the server is gone already.
            _ = stopped.wait_for(|stopping| *stopping).await;
            tokio::time::sleep(DRAIN).await;
        };
        tokio::select! {
            ended = serving => ended.map_err(broken),
            () = too_long => {
                tracing::warn!(service = self.name, "gave up on connections that would not end");
                Ok(())
            }
        }
    }
}

fn tcp(listener: TcpListener) -> impl Stream<Item = std::io::Result<tokio::net::TcpStream>> {
    TcpIncoming::from(listener)
        .with_nodelay(Some(true))
        .map(|it| it)
}

fn tls_config(tls: &ServerTls) -> ServerTlsConfig {
    let config = ServerTlsConfig::new().identity(Identity::from_pem(&tls.cert, &tls.key));
    match &tls.client_ca {
        Some(ca) => config.client_ca_root(Certificate::from_pem(ca)),
        None => config,
    }
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

fn reflection() -> Result<
    tonic_reflection::server::v1::ServerReflectionServer<
        impl tonic_reflection::server::v1::ServerReflection,
    >,
> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(yuhui_proto::FILE_DESCRIPTOR_SET)
        .build_v1()
        .map_err(|error| Error::Fault(error.into()))
}

/// The same under the name that Python's and other older clients ask for.
fn reflection_v1alpha() -> Result<
    tonic_reflection::server::v1alpha::ServerReflectionServer<
        impl tonic_reflection::server::v1alpha::ServerReflection,
    >,
> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(yuhui_proto::FILE_DESCRIPTOR_SET)
        .build_v1alpha()
        .map_err(|error| Error::Fault(error.into()))
}

#[cfg(test)]
mod tests;
