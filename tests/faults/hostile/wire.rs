//! HTTP/2 as a hostile caller speaks it: no client library would.

use std::{io, net::SocketAddr};

use h2::client::{Builder, SendRequest};
use http::Request;
use prost::bytes::Bytes;
use tokio::net::{TcpSocket, TcpStream};

/// The hostile caller's own address; the bystanders call from another.
const ELSEWHERE: &str = "127.0.0.2:0";

/// A connection from an address of its own.
pub(super) async fn connect(url: &str) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    let from: SocketAddr = ELSEWHERE.parse().expect("an address");
    socket.bind(from)?;
    let to = url.trim_start_matches("http://").parse();
    socket.connect(to.expect("an address")).await
}

/// A connection from the address that everybody calls from.
pub(super) async fn connect_from_here(url: &str) -> io::Result<TcpStream> {
    TcpStream::connect(url.trim_start_matches("http://")).await
}

/// HTTP/2 on a connection, as `builder` has it.
pub(super) async fn http2(stream: TcpStream, builder: &Builder) -> Option<SendRequest<Bytes>> {
    let (sender, connection) = builder.handshake(stream).await.ok()?;
    tokio::spawn(async move {
        // It ends as the server pleases; who sends on it is told.
        let _ = connection.await;
    });
    Some(sender)
}

/// A call of `path` without its body.
pub(super) fn head(path: &str) -> Request<()> {
    Request::post(format!("http://yuhui{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(())
        .expect("a request")
}

/// A message as gRPC frames it.
pub(super) fn frame(message: &[u8], is_compressed: bool) -> Bytes {
    let length = u32::try_from(message.len()).expect("short");
    let prefix = [u8::from(is_compressed)];
    [&prefix[..], &length.to_be_bytes(), message]
        .concat()
        .into()
}
