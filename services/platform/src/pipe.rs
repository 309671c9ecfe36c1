//! An in-memory wire between two services of one process: the same gRPC as
//! over TCP, without a port.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use hyper_util::rt::TokioIo;
use tokio::{io::DuplexStream, sync::mpsc};
use tokio_stream::Stream;
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;

use crate::peers::HEADERS;

/// Bytes in flight in one direction of a connection.
const BUFFER: usize = 256 * 1024;
/// Connections waiting to be accepted.
const BACKLOG: usize = 16;

/// The serving end of a pipe: connections as they arrive.
pub struct PipeListener(mpsc::Receiver<DuplexStream>);

/// A channel, which connects when it is first used, and the end to serve.
#[must_use]
pub fn pipe() -> (Channel, PipeListener) {
    let (sender, receiver) = mpsc::channel(BACKLOG);
    let connector = service_fn(move |_| {
        let sender = sender.clone();
        async move {
            let (client, server) = tokio::io::duplex(BUFFER);
            match sender.send(server).await {
                Ok(()) => Ok(TokioIo::new(client)),
                Err(_) => Err(io::Error::from(io::ErrorKind::ConnectionRefused)),
            }
        }
    });
    let endpoint = Endpoint::from_static("http://pipe").http2_max_header_list_size(HEADERS);
    let channel = endpoint.connect_with_connector_lazy(connector);
    (channel, PipeListener(receiver))
}

impl Stream for PipeListener {
    type Item = io::Result<DuplexStream>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx).map(|stream| stream.map(Ok))
    }
}
