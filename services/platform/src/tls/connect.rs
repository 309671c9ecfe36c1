//! Connections to one address of a service.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};
use tonic::transport::Uri;

use super::{Tls, host};

/// Connects to an address, and with `tls` believes it only if it proves to be the service.
#[derive(Clone)]
pub(crate) struct Connector {
    pub(crate) service: String,
    pub(crate) address: SocketAddr,
    pub(crate) tls: Option<Tls>,
    /// Longest it may take, the handshake included.
    pub(crate) patience: Duration,
}

/// A stream, with TLS or without.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

impl Connector {
    async fn connect(self) -> io::Result<Box<dyn Wire>> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let Some(tls) = self.tls else {
            return Ok(Box::new(stream));
        };
        let name = ServerName::try_from(host(&self.service)).map_err(io::Error::other)?;
        let stream = TlsConnector::from(tls.client())
            .connect(name, stream)
            .await?;
        let shown = stream.get_ref().1.peer_certificates();
        let leaf = shown.and_then(<[_]>::first);
        let leaf = leaf.ok_or_else(|| io::Error::other("no certificate"))?;
        tls.not_denied(leaf).map_err(io::Error::other)?;
        Ok(Box::new(stream))
    }
}

impl tower::Service<Uri> for Connector {
    type Response = TokioIo<Box<dyn Wire>>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// The address is the connector's, not the URI's.
    fn call(&mut self, _: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            let connected = timeout(connector.patience, connector.connect()).await;
            Ok(TokioIo::new(
                connected.map_err(|_| io::ErrorKind::TimedOut)??,
            ))
        })
    }
}
