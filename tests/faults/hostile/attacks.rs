//! What a hostile caller does, each for [`ATTACK`] and no longer.

use std::{io::Write as _, time::Duration};

use h2::{
    Reason,
    client::{Builder, ResponseFuture, SendRequest},
};
use prost::{Message as _, bytes::Bytes};
use tokio::{
    net::TcpStream,
    task::JoinSet,
    time::{Instant, interval, sleep_until, timeout_at},
};
use yuhui_proto::eligibility::v1::{GetNoticeRequest, ListNoticesRequest};

use super::{
    ATTACK,
    wire::{connect, connect_from_here, frame, head, http2},
};

const NOTICE: &str = "/yuhui.eligibility.v1.NoticeService/GetNotice";
const NOTICES: &str = "/yuhui.eligibility.v1.NoticeService/ListNotices";
const SIGN_IN: &str = "/yuhui.identity.v1.IdentityService/SignIn";
const REFLECTION: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
const WATCH: &str = "/grpc.health.v1.Health/Watch";
/// 120 calls a second.
const PACE: Duration = Duration::from_micros(8_333);
/// Connections of one attack, and calls on each.
const CONNECTIONS: usize = 3;
const CALLS: usize = 180;

/// What the hostile caller was told.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Calls that were answered.
    pub(super) answered: usize,
    /// Calls that were not, until the attack was over.
    pub(super) unanswered: usize,
    /// Longest headers of an answer, in bytes.
    pub(super) longest: usize,
}

impl Told {
    fn note(&mut self, answer: Option<http::Response<h2::RecvStream>>) {
        let Some(answer) = answer else {
            self.unanswered += 1;
            return;
        };
        self.answered += 1;
        let headers = answer.headers().iter();
        let length = headers.map(|(name, value)| name.as_str().len() + value.len());
        self.longest = self.longest.max(length.sum());
    }
}

/// Notices with names of 20 kB, 120 a second.
pub(super) async fn long_names(url: String) -> Told {
    let ask = GetNoticeRequest {
        name: format!("counties/150203/notices/{}", "x".repeat(20_000)),
    };
    steadily(url, None, frame(&ask.encode_to_vec(), false)).await
}

/// 16 MiB of nothing in 16 KiB, 120 a second.
pub(super) async fn bombs(url: String) -> Told {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&vec![0; 16 << 20]).expect("written");
    let small = gzip.finish().expect("compressed");
    steadily(url, Some("gzip"), frame(&small, true)).await
}

/// One call after the other, each with its body.
async fn steadily(url: String, encoding: Option<&str>, body: Bytes) -> Told {
    let until = Instant::now() + ATTACK;
    let mut ticks = interval(PACE);
    let mut answers = JoinSet::new();
    let mut sender = fresh(&url).await;
    while Instant::now() < until {
        ticks.tick().await;
        let mut request = head(NOTICE);
        if let Some(encoding) = encoding {
            let encoding = encoding.parse().expect("a header");
            request.headers_mut().insert("grpc-encoding", encoding);
        }
        let Some(mut calling) = ready(&mut sender, &url).await else {
            continue;
        };
        let Ok((answer, mut sending)) = calling.send_request(request, false) else {
            continue;
        };
        // It waits for room in the window by itself.
        let _ = sending.send_data(body.clone(), true);
        answers.spawn(timeout_at(until + ATTACK, answer));
    }
    let mut told = Told::default();
    while let Some(answer) = answers.join_next().await {
        told.note(answer.expect("joined").ok().and_then(Result::ok));
    }
    told
}

/// Sign-ins whose bodies never come.
pub(super) async fn headers(url: String) -> Told {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(connect(&url).await.expect("connected"));
    }
    open_calls(connections, &[SIGN_IN]).await
}

/// The same from the address that everybody calls from.
pub(super) async fn headers_from_here(url: String) -> Told {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(connect_from_here(&url).await.expect("connected"));
    }
    open_calls(connections, &[SIGN_IN]).await
}

/// Streams of reflection and of health that never end.
pub(super) async fn streams(url: String) -> Told {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(connect(&url).await.expect("connected"));
    }
    open_calls(connections, &[REFLECTION, WATCH]).await
}

/// Begins calls of `paths` on each connection, as many as it takes, and says
/// nothing more.
async fn open_calls(connections: Vec<TcpStream>, paths: &'static [&'static str]) -> Told {
    let until = Instant::now() + ATTACK;
    let mut all = JoinSet::new();
    for stream in connections {
        let sender = http2(stream, &Builder::new()).await;
        let Some(mut sender) = sender else { continue };
        all.spawn(async move {
            let (mut answers, mut told, mut open) = (JoinSet::new(), Told::default(), Vec::new());
            for path in paths.iter().cycle().take(CALLS) {
                // Over the limit of streams it waits for the answer to another.
                let Ok(Ok(mut calling)) = timeout_at(until, sender.clone().ready()).await else {
                    break;
                };
                let Ok((answer, sending)) = calling.send_request(head(path), false) else {
                    break;
                };
                open.push(sending);
                answers.spawn(ended(answer, until));
                sender = calling;
            }
            sleep_until(until).await;
            while let Some(has_ended) = answers.join_next().await {
                match has_ended.expect("joined") {
                    true => told.answered += 1,
                    false => told.unanswered += 1,
                }
            }
            told
        });
    }
    let mut told = Told::default();
    while let Some(one) = all.join_next().await {
        let one = one.expect("joined");
        told.answered += one.answered;
        told.unanswered += one.unanswered;
    }
    told
}

/// Whether the call is over, body and all, before `until`.
async fn ended(answer: ResponseFuture, until: Instant) -> bool {
    let whole = async {
        let Ok(answer) = answer.await else { return };
        let mut body = answer.into_body();
        while let Some(Ok(_)) = body.data().await {}
    };
    timeout_at(until, whole).await.is_ok()
}

/// Six hundred connections that say nothing; how many of them the other end
/// has not closed.
pub(super) async fn connections(url: String) -> usize {
    let until = Instant::now() + ATTACK;
    let mut open = Vec::new();
    for _ in 0..600 {
        if let Ok(stream) = connect(&url).await {
            open.push(stream);
        }
    }
    sleep_until(until - Duration::from_secs(1)).await;
    let is_open = |stream: &TcpStream| {
        let read = stream.try_read(&mut [0; 1024]);
        // Told to go away counts as gone: what was sent is the farewell.
        read.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
    };
    let held = open.iter().filter(|it| is_open(it)).count();
    sleep_until(until).await;
    held
}

/// Calls that are taken back at once, as fast as they can be made.
pub(super) async fn resets(url: String) {
    let until = Instant::now() + ATTACK;
    let mut sender = fresh(&url).await;
    for made in 0..20_000 {
        if Instant::now() > until {
            break;
        }
        let Some(mut calling) = ready(&mut sender, &url).await else {
            continue;
        };
        if let Ok((_, mut sending)) = calling.send_request(head(NOTICE), false) {
            sending.send_reset(Reason::CANCEL);
        }
        if made % 20 == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    sleep_until(until).await;
}

/// Calls whose answers are never taken: the window for them is nil.
pub(super) async fn untaken(url: String) {
    let until = Instant::now() + ATTACK;
    let ask = ListNoticesRequest {
        parent: "counties/150203".into(),
        ..ListNoticesRequest::default()
    };
    let body = frame(&ask.encode_to_vec(), false);
    let mut all = Vec::new();
    for _ in 0..CONNECTIONS {
        let stream = connect(&url).await.expect("connected");
        let Some(mut sender) = http2(stream, Builder::new().initial_window_size(0)).await else {
            continue;
        };
        for _ in 0..CALLS {
            let Ok(Ok(mut calling)) = timeout_at(until, sender.clone().ready()).await else {
                break;
            };
            let Ok((answer, mut sending)) = calling.send_request(head(NOTICES), false) else {
                break;
            };
            let _ = sending.send_data(body.clone(), true);
            all.push(answer);
            sender = calling;
        }
    }
    sleep_until(until).await;
}

/// Calls with headers of 100 kB, 120 a second.
pub(super) async fn long_headers(url: String) {
    let until = Instant::now() + ATTACK;
    let mut ticks = interval(PACE);
    let mut sender = fresh(&url).await;
    while Instant::now() < until {
        ticks.tick().await;
        let mut request = head(NOTICE);
        let long = "y".repeat(40_000).parse().expect("a header");
        request.headers_mut().insert("x-long", long);
        if let Some(mut calling) = ready(&mut sender, &url).await {
            // Refused, mostly, and the connection with it.
            let _ = calling.send_request(request, true);
        }
    }
}

async fn fresh(url: &str) -> Option<SendRequest<Bytes>> {
    http2(connect(url).await.ok()?, &Builder::new()).await
}

/// The sender once it may send; a fresh connection if the old one has ended.
async fn ready(sender: &mut Option<SendRequest<Bytes>>, url: &str) -> Option<SendRequest<Bytes>> {
    let waiting = sender.clone()?.ready();
    let soon = Instant::now() + Duration::from_secs(1);
    match timeout_at(soon, waiting).await {
        Ok(Ok(ready)) => Some(ready),
        _ => {
            *sender = fresh(url).await;
            None
        }
    }
}
