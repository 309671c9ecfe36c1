//! The gateway as browsers and plain HTTP see it.

use prost::Message as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use yuhui_platform::token::Keyring;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::GetNoticeRequest,
    identity::v1::{SignInRequest, SignInResponse},
};

use crate::system::{PASSWORD, System};

/// One exchange in HTTP/1.1: head and body of the answer.
async fn exchange(system: &System, head: &str, body: &[u8]) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(system.addr).await.expect("connected");
    let head = format!(
        "{head}\r\nhost: yuhui\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream.write_all(body).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("read");
    let end = answer
        .windows(4)
        .position(|it| it == b"\r\n\r\n")
        .expect("a head");
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    (head, answer[end + 4..].to_vec())
}

/// One gRPC-Web call, as a page of the configured origin makes it.
async fn call(
    system: &System,
    method: &str,
    headers: &str,
    ask: &impl prost::Message,
) -> (String, Vec<u8>) {
    let message = ask.encode_to_vec();
    let length = u32::try_from(message.len()).expect("short").to_be_bytes();
    let frame = [[0].as_slice(), &length, &message].concat();
    let request = format!(
        "POST /{method} HTTP/1.1\r\ncontent-type: application/grpc-web+proto\r\n\
         x-grpc-web: 1\r\norigin: https://yuhui.example{headers}"
    );
    let (head, body) = exchange(system, &request, &frame).await;
    let body = unchunked(&head, &body);
    (head, body)
}

#[tokio::test]
async fn the_public_keys_verify_what_the_gateway_signs() {
    let system = System::start().await;
    system
        .account("clerk", Role::VillageClerk, "150203004001", 1)
        .await;
    let (head, body) = exchange(&system, "GET /.well-known/jwks.json HTTP/1.1", b"").await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    let set: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
    let keyring = Keyring::from_jwks(&set).expect("keys");
    let token = system.sign_in("clerk").await.access_token;
    let claims = keyring
        .verify(&token, "yuhui", &["gateway"])
        .expect("signed");
    assert_eq!(claims.role, "ROLE_VILLAGE_CLERK");
    assert!(claims.exp - claims.iat <= 600);
}

#[tokio::test]
async fn it_says_that_it_is_alive() {
    let system = System::start().await;
    let (head, body) = exchange(&system, "GET /healthz HTTP/1.1", b"").await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert_eq!(body, b"ok\n");
}

#[tokio::test]
async fn a_browser_signs_in_over_grpc_web() {
    let system = System::start().await;
    system
        .account("clerk", Role::VillageClerk, "150203004001", 1)
        .await;
    let ask = SignInRequest {
        login: "clerk".into(),
        password: PASSWORD.into(),
        ..SignInRequest::default()
    };
    let method = "yuhui.identity.v1.IdentityService/SignIn";
    let (head, body) = call(&system, method, "", &ask).await;
    assert!(
        head.contains("content-type: application/grpc-web+proto"),
        "{head}"
    );
    let origin = "access-control-allow-origin: https://yuhui.example";
    assert!(head.contains(origin), "{head}");
    let length = u32::from_be_bytes(body[1..5].try_into().expect("4 bytes"));
    let length = usize::try_from(length).expect("fits");
    let answer = SignInResponse::decode(&body[5..5 + length]).expect("a message");
    assert_eq!(answer.account.expect("account").login, "clerk");
    let trailers = String::from_utf8_lossy(&body[5 + length..]).to_lowercase();
    assert!(trailers.contains("grpc-status:0"), "{trailers}");
}

/// The client keeps no time of its own: who ends the call is the gateway.
#[tokio::test]
async fn the_callers_deadline_ends_the_call() {
    let system = System::start().await;
    let ask = GetNoticeRequest {
        name: "slow".into(),
    };
    let method = "yuhui.eligibility.v1.NoticeService/GetNotice";
    let limit = "\r\ngrpc-timeout: 300m";
    let (head, body) = call(&system, method, limit, &ask).await;
    let trailers = String::from_utf8_lossy(&body).to_lowercase();
    let is_late = head.contains("grpc-status: 4") || trailers.contains("grpc-status:4");
    assert!(is_late, "{head} {trailers}");
}

#[tokio::test]
async fn pages_of_other_origins_are_not_invited() {
    let system = System::start().await;
    let ask = |origin: &str| {
        format!(
            "OPTIONS /yuhui.identity.v1.IdentityService/SignIn HTTP/1.1\r\norigin: {origin}\r\n\
             access-control-request-method: POST\r\naccess-control-request-headers: x-grpc-web"
        )
    };
    let (own, _) = exchange(&system, &ask("https://yuhui.example"), b"").await;
    assert!(
        own.contains("access-control-allow-origin: https://yuhui.example"),
        "{own}"
    );
    let (other, _) = exchange(&system, &ask("https://evil.example"), b"").await;
    assert!(!other.contains("access-control-allow-origin"), "{other}");
}

/// The body without its chunk sizes.
fn unchunked(head: &str, mut body: &[u8]) -> Vec<u8> {
    if !head.contains("transfer-encoding: chunked") {
        return body.to_vec();
    }
    let mut whole = Vec::new();
    loop {
        let line = body
            .windows(2)
            .position(|it| it == b"\r\n")
            .expect("a size");
        let size = std::str::from_utf8(&body[..line]).expect("ascii");
        let size = usize::from_str_radix(size, 16).expect("hex");
        if size == 0 {
            return whole;
        }
        whole.extend_from_slice(&body[line + 2..line + 2 + size]);
        body = &body[line + 2 + size + 2..];
    }
}
