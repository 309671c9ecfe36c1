//! Connections from their first byte to their end. Neither hyper nor tonic
//! has a timer before the first byte of a connection or for one without calls,
//! nor a count of connections; this loop has.

use std::{
    convert::Infallible,
    io,
    net::IpAddr,
    pin::{Pin, pin},
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{Router, body::Body};
use http::{Request, Response};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::watch,
    task::JoinSet,
    time::{Instant, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_stream::{Stream, StreamExt as _};
use tower::ServiceExt as _;

use crate::tls::Asks;

use super::{
    Limits, PeerName, ServerTls,
    address::Peer,
    body::{Answer, Drained},
    connections::{Connection, Connections, Place},
};

/// Pause after a connection could not be taken on: mostly for want of file
/// descriptors, which no hurry brings back.
const RECOVERY: Duration = Duration::from_millis(100);
/// How long a connection that was told to end may take, once nothing is open.
const FAREWELL: Duration = Duration::from_secs(5);
/// hyper's least buffer for HTTP/1.
const HTTP1_BUFFER: usize = 8192;

/// What every connection of a server is served with.
pub(super) struct Acceptor {
    pub(super) connections: Arc<Connections>,
    pub(super) tls: Option<ServerTls>,
    pub(super) routes: Router,
    pub(super) limits: Limits,
    /// Whether HTTP/1.1 is spoken as well.
    pub(super) http1: bool,
}

/// A connection as it arrives, and its other end, if that has an address.
pub(super) type Arrival<C> = io::Result<(C, Option<IpAddr>)>;

impl Acceptor {
    /// Takes connections until `stopping` says so, and serves them to their
    /// ends, which may take `drain`.
    pub(super) async fn run<C>(
        self,
        incoming: impl Stream<Item = Arrival<C>>,
        mut stopping: watch::Receiver<bool>,
        drain: Duration,
    ) where
        C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let this = Arc::new(self);
        let mut serving = JoinSet::new();
        {
            let mut incoming = pin!(incoming);
            let stop = stopping.clone();
            loop {
                tokio::select! {
                    () = told(&mut stopping) => break,
                    Some(_) = serving.join_next() => {}
                    arrival = incoming.next() => match arrival {
                        Some(Ok((stream, address))) => {
                            // Without a place the stream is closed by being dropped.
                            if let Some(place) = this.connections.admit(address) {
                                serving.spawn(this.clone().connection(stream, place, stop.clone()));
                            }
                        }
                        Some(Err(error)) => {
                            tracing::warn!(%error, "a connection was not taken on");
                            if error.kind() != io::ErrorKind::ConnectionAborted {
                                tokio::time::sleep(RECOVERY).await;
                            }
                        }
                        None => break,
                    }
                }
            }
        }
        let all = async { while serving.join_next().await.is_some() {} };
        if timeout(drain, all).await.is_err() {
            tracing::warn!("gave up on connections that would not end");
        }
    }

    async fn connection<C>(self: Arc<Self>, stream: C, place: Place, stop: watch::Receiver<bool>)
    where
        C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Some(tls) = &self.tls else {
            return self.serve(stream, &place, None, stop).await;
        };
        let address = place.connection.address;
        let accept = async {
            let config = tls.certificates.server(tls.asks)?;
            let stream = TlsAcceptor::from(config).accept(stream).await?;
            let shown = stream.get_ref().1.peer_certificates();
            let name = tls.certificates.admit(tls.asks, shown)?;
            anyhow::Ok((stream, name))
        };
        match timeout(self.limits.handshake, accept).await {
            Ok(Ok((stream, name))) => {
                tracing::debug!(?address, name, "a connection with TLS");
                // Of the bank the certificate is asked for, and its people sign in.
                let name = name.filter(|_| tls.asks == Asks::Services);
                let name = name.map(|it| PeerName(it.into()));
                self.serve(stream, &place, name, stop).await;
            }
            // Anybody can make one fail where no certificate is asked for.
            Ok(Err(error)) if tls.asks == Asks::Nobody => {
                tracing::debug!(%error, "a TLS handshake failed");
            }
            Ok(Err(error)) => tracing::warn!(?address, %error, "a connection is refused"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    async fn serve<C>(
        &self,
        stream: C,
        place: &Place,
        name: Option<PeerName>,
        mut stop: watch::Receiver<bool>,
    ) where
        C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let connection = &place.connection;
        let stream = Counted {
            inner: stream,
            connection: connection.clone(),
        };
        let routes = self.routes.clone();
        let served = connection.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let call = served.begin();
            let mut request = request.map(|it| Body::new(Drained::new(it)));
            request.extensions_mut().insert(Peer(served.address));
            if let Some(name) = &name {
                request.extensions_mut().insert(name.clone());
            }
            let answer = routes.clone().oneshot(request);
            async move {
                let answer = answer.await?;
                Ok::<Response<Body>, Infallible>(answer.map(|it| Body::new(Answer::new(it, call))))
            }
        });
        let builder = self.builder(connection.address.is_some());
        let mut serving = pin!(builder.serve_connection(TokioIo::new(stream), service));
        let mut ticks = tokio::time::interval(self.tick());
        let mut ending: Option<Instant> = None;
        loop {
            tokio::select! {
                ended = &mut serving => {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "a connection broke off");
                    }
                    return;
                }
                () = told(&mut stop), if ending.is_none() => {
                    ending = Some(Instant::now());
                    serving.as_mut().graceful_shutdown();
                }
                () = connection.ending.notified(), if ending.is_none() => {
                    ending = Some(Instant::now());
                    serving.as_mut().graceful_shutdown();
                }
                now = ticks.tick() => match self.verdict(connection, ending, now) {
                    Verdict::GoOn => {}
                    Verdict::End => {
                        ending = Some(now);
                        serving.as_mut().graceful_shutdown();
                    }
                    Verdict::Cut => return,
                }
            }
        }
    }

    /// What becomes of a connection.
    fn verdict(&self, it: &Connection, ending: Option<Instant>, now: Instant) -> Verdict {
        if it.address.is_none() && ending.is_none() {
            // A pipe: both its ends are in this process.
            return Verdict::GoOn;
        }
        let limits = &self.limits;
        let since = |then: Instant| now.saturating_duration_since(then);
        let patience = limits.deadline + limits.answer;
        if it.oldest_call().is_some_and(|then| since(then) > patience) {
            tracing::debug!(address = ?it.address, "an answer was not taken");
            return Verdict::Cut;
        }
        if !it.has_spoken() && since(it.since) > limits.first_byte {
            return Verdict::Cut;
        }
        match (ending, it.quiet_since()) {
            (Some(told), Some(quiet)) if since(told.max(quiet)) > FAREWELL => Verdict::Cut,
            (Some(_), _) => Verdict::GoOn,
            (None, Some(quiet)) if since(quiet) > limits.idle => Verdict::End,
            (None, _) if since(it.since) > limits.age => Verdict::End,
            (None, _) => Verdict::GoOn,
        }
    }

    /// How often a connection is looked at.
    fn tick(&self) -> Duration {
        let limits = &self.limits;
        let shortest = limits.first_byte.min(limits.idle).min(limits.answer);
        (shortest / 4).clamp(Duration::from_millis(10), Duration::from_secs(1))
    }

    /// Whether the other end is there is asked on a wire, not on a pipe.
    fn builder(&self, is_wire: bool) -> Builder<TokioExecutor> {
        let limits = &self.limits;
        let small = |size: bytesize::ByteSize| u32::try_from(size.as_u64()).unwrap_or(u32::MAX);
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.streams)
            .keep_alive_interval(is_wire.then_some(limits.ping))
            .keep_alive_timeout(limits.ping_timeout)
            .max_pending_accept_reset_streams(limits.resets_pending)
            .max_local_error_reset_streams(limits.resets_local)
            .max_header_list_size(small(limits.headers))
            .initial_stream_window_size(small(limits.window))
            .initial_connection_window_size(small(limits.connection_window));
        let headers = usize::try_from(limits.headers.as_u64()).unwrap_or(usize::MAX);
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.first_byte)
            .max_buf_size(headers.max(HTTP1_BUFFER));
        if self.http1 {
            builder
        } else {
            builder.http2_only()
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    GoOn,
    /// No more calls; those in hand are finished.
    End,
    /// At once, whatever is in hand.
    Cut,
}

/// Ready once the switch is thrown, or gone.
async fn told(switch: &mut watch::Receiver<bool>) {
    // An error means that the switch itself is gone.
    _ = switch.wait_for(|it| *it).await;
}

/// A stream that counts what came in.
struct Counted<C> {
    inner: C,
    connection: Arc<Connection>,
}

impl<C: AsyncRead + Unpin> AsyncRead for Counted<C> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, buffer))?;
        let read = buffer.filled().len().saturating_sub(before);
        let read = u64::try_from(read).unwrap_or_default();
        self.connection.received.fetch_add(read, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl<C: AsyncWrite + Unpin> AsyncWrite for Counted<C> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}
