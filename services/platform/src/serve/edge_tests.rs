//! What a server does about callers who are slow, silent or many: raw bytes
//! over TCP, with limits short enough to wait for.

use std::{net::SocketAddr, sync::Arc};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, timeout},
};
use tonic::transport::{Certificate, Channel, ClientTlsConfig};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use super::*;
use crate::{
    authz::Rules,
    ephemeral::InProcess,
    tls::testing::Authority,
    token::{Keyring, Signer},
};

const SIGN_IN: &str = "/yuhui.identity.v1.IdentityService/SignIn";
const SOON: Duration = Duration::from_secs(10);

/// A gateway that anybody reaches, with nothing behind it: what gets to a handler
/// is answered `UNIMPLEMENTED`.
async fn gateway(limits: Limits) -> SocketAddr {
    start(limits, None).await
}

async fn start(limits: Limits, tls: Option<ServerTls>) -> SocketAddr {
    let signer = Signer::generate("gateway").expect("key");
    let rules = Arc::new(Rules::from_pool(yuhui_proto::descriptor_pool()).expect("rules"));
    let guard = Guard::gateway(
        rules,
        Keyring::new().trust(&signer),
        Arc::new(InProcess::default()),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
    let address = listener.local_addr().expect("address");
    let server = Server::new("gateway", guard, Routes::default())
        .limits(limits)
        .grpc_web(Vec::new())
        .public(Public {
            trusted_proxies: Vec::new(),
            sign_in: &[SIGN_IN],
        });
    tokio::spawn(server.serve(tcp(listener), tls, std::future::pending()));
    address
}

fn quick() -> Limits {
    Limits {
        body_pause: Duration::from_millis(200),
        first_byte: Duration::from_millis(200),
        idle: Duration::from_millis(400),
        handshake: Duration::from_millis(200),
        sign_in: 1,
        anonymous_per_address: 1,
        ..Limits::public()
    }
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.expect("connected")
}

/// A call over HTTP/1.1 that says it has `length` bytes and sends `body`.
async fn call(wire: &mut TcpStream, path: &str, length: usize, body: &[u8]) {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/grpc-web+proto\r\n\
         content-length: {length}\r\n\r\n"
    );
    wire.write_all(head.as_bytes()).await.expect("sent");
    wire.write_all(body).await.expect("sent");
}

/// What came back, until there was a status in it or the connection closed.
async fn answer(wire: &mut TcpStream) -> String {
    let mut read = String::new();
    let whole = async {
        let mut part = [0; 4096];
        while code(&read).is_none() {
            match wire.read(&mut part).await {
                Ok(length) if length > 0 => {
                    read += &String::from_utf8_lossy(&part[..length]).to_lowercase();
                }
                _ => return,
            }
        }
    };
    let in_time = timeout(SOON, whole).await.is_ok();
    assert!(in_time, "no answer: {read}");
    read
}

fn code(answer: &str) -> Option<&str> {
    let (_, rest) = answer.split_once("grpc-status:")?;
    rest.split_whitespace().next()
}

#[tokio::test]
async fn a_call_whose_body_never_comes_holds_no_place_and_is_told_so() {
    let address = gateway(quick()).await;
    let mut waiting = Vec::new();
    for _ in 0..8 {
        let mut wire = connect(address).await;
        call(&mut wire, SIGN_IN, 5, b"\0\0").await;
        waiting.push(wire);
    }
    let begun = Instant::now();
    let mut honest = connect(address).await;
    call(&mut honest, SIGN_IN, 5, b"\0\0\0\0\0").await;
    let told = answer(&mut honest).await;
    assert_eq!(code(&told), Some("12"), "{told}");
    assert!(begun.elapsed() < SOON);
    for wire in &mut waiting {
        let told = answer(wire).await;
        assert_eq!(code(&told), Some("4"), "{told}");
    }
}

#[tokio::test]
async fn a_message_is_as_large_as_it_may_be_and_no_larger() {
    let address = gateway(Limits {
        anonymous_message: bytesize::ByteSize::b(10),
        ..quick()
    })
    .await;
    for (length, expected) in [(15, "12"), (16, "8")] {
        let mut wire = connect(address).await;
        call(&mut wire, SIGN_IN, length, &vec![0; length]).await;
        let told = answer(&mut wire).await;
        assert_eq!(code(&told), Some(expected), "{told}");
    }
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed_and_so_is_one_that_is_done() {
    let address = gateway(quick()).await;
    let closed = async |mut wire: TcpStream| {
        let mut rest = Vec::new();
        timeout(SOON, wire.read_to_end(&mut rest)).await.is_ok()
    };
    assert!(closed(connect(address).await).await, "nothing said");
    let mut slow = connect(address).await;
    slow.write_all(b"PRI * HTTP/2").await.expect("sent");
    assert!(closed(slow).await, "half a preface");
    let mut done = connect(address).await;
    let begun = Instant::now();
    // The preface and empty settings, as every client of HTTP/2 begins.
    let hello = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    done.write_all(hello).await.expect("sent");
    assert!(closed(done).await, "idle");
    assert!(begun.elapsed() >= quick().idle, "not at once");
}

#[tokio::test]
async fn one_address_has_its_part_of_connections_and_the_idle_give_way() {
    let address = gateway(Limits {
        per_address: 3,
        first_byte: SOON * 10,
        ..Limits::public()
    })
    .await;
    let mut held = Vec::new();
    for _ in 0..10 {
        held.push(connect(address).await);
    }
    let mut honest = connect(address).await;
    call(&mut honest, SIGN_IN, 5, b"\0\0\0\0\0").await;
    assert_eq!(code(&answer(&mut honest).await), Some("12"));
    let mut open = 0;
    for wire in &mut held {
        let read = timeout(Duration::from_millis(50), wire.read(&mut [0; 8])).await;
        open += usize::from(read.is_err());
    }
    assert!(open <= 2, "{open} are held");
}

#[tokio::test]
async fn nobody_outside_watches_health_and_streams_of_reflection_are_few() {
    let address = gateway(Limits {
        wait: Duration::from_millis(100),
        deadline: Duration::from_secs(1),
        ..quick()
    })
    .await;
    let channel = Channel::from_shared(format!("http://{address}")).expect("address");
    let channel = channel.connect().await.expect("connected");
    let mut health = HealthClient::new(channel);
    let ask = HealthCheckRequest::default();
    assert!(health.check(ask.clone()).await.is_ok());
    let refused = health.watch(ask).await.expect_err("from outside");
    assert_eq!(refused.code(), tonic::Code::Unimplemented);

    let reflection = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    let mut held = connect(address).await;
    call(&mut held, reflection, 5, b"").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut second = connect(address).await;
    call(&mut second, reflection, 5, b"").await;
    let told = answer(&mut second).await;
    assert_eq!(code(&told), Some("8"), "{told}");
    let told = answer(&mut held).await;
    assert_eq!(code(&told), Some("4"), "it has an end: {told}");
}

#[tokio::test]
async fn an_error_repeats_little_of_a_long_path() {
    let address = gateway(quick()).await;
    let mut wire = connect(address).await;
    call(&mut wire, &format!("/{}", "x".repeat(3000)), 0, b"").await;
    let told = answer(&mut wire).await;
    assert_eq!(code(&told), Some("12"), "{told}");
    assert!(told.len() < 1500, "{}", told.len());
}

#[tokio::test]
async fn tls_is_spoken_and_a_handshake_has_an_end() {
    let authority = Authority::new();
    let place = authority.place("gateway");
    let tls = ServerTls {
        certificates: Tls::open(place.files(), "gateway").expect("certificates"),
        asks: Asks::Nobody,
    };
    let address = start(quick(), Some(tls)).await;
    let mut silent = connect(address).await;
    let read = timeout(SOON, silent.read(&mut [0; 8])).await;
    assert!(matches!(read, Ok(Ok(0) | Err(_))), "{read:?}");

    let config = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(authority.pem()))
        .domain_name("gateway.yuhui.internal");
    let channel = Channel::from_shared(format!("https://{address}")).expect("address");
    let channel = channel.tls_config(config).expect("TLS").connect().await;
    let mut health = HealthClient::new(channel.expect("connected"));
    assert!(health.check(HealthCheckRequest::default()).await.is_ok());
}
