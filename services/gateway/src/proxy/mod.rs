//! The way to the services behind the gateway: by the path of the method,
//! without looking into the messages.

mod table;

use std::{future::ready, sync::Arc, time::Duration};

use axum::{
    BoxError,
    extract::{Request, State},
    response::Response,
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Version,
    header::{CONTENT_TYPE, TE},
};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use tonic::{Status, body::Body};
use tower::ServiceExt as _;
use yuhui_platform::{
    Caller,
    bounds::echo,
    context, error,
    peers::Peers,
    refusal::{self, unavailable},
};

pub(crate) use table::SERVICES;
use table::Table;

/// Headers of a call that go on inside. Everything else stays outside: what is
/// about the connection, and whatever could be mistaken for the gateway's word.
const PASSED: [HeaderName; 3] = [
    CONTENT_TYPE,
    HeaderName::from_static("grpc-encoding"),
    HeaderName::from_static("grpc-accept-encoding"),
];

/// Largest answer passed on, in bytes: a county's roster.
const ANSWER: usize = 64 * 1024 * 1024;

/// Forwards calls to the services.
#[derive(Clone)]
pub(crate) struct Proxy(Arc<Inner>);

struct Inner {
    table: Table,
    peers: Peers,
}

impl Proxy {
    pub(crate) fn new(peers: Peers) -> Self {
        let table = Table::of(yuhui_proto::descriptor_pool());
        // The caller's deadline alone decides how long a service may take.
        let peers = peers.patience(Duration::from_secs(3600));
        Self(Arc::new(Inner { table, peers }))
    }

    async fn pass_on(&self, mut request: Request) -> Result<Response, Status> {
        let path = request.uri().path();
        let service = self
            .0
            .table
            .service(path)
            .ok_or_else(|| Status::unimplemented(format!("no such method: {}", echo(path))))?;
        // Only the authorization layer puts it there.
        let caller: Caller = request
            .extensions_mut()
            .remove()
            .ok_or_else(|| error::internal(context::request_id()))?;
        let gone = |cause: String| {
            tracing::warn!(service, cause, "a service does not answer");
            refusal::status(&unavailable(service))
        };
        // Adds the caller's token for the service, the deadline, the request id.
        let channel = self.0.peers.call(service, &caller);
        let channel = channel.map_err(|error| gone(error.to_string()))?;
        let answer = channel.oneshot(inward(request)).await;
        let answer = answer.map_err(|error| gone(error.to_string()))?;
        whole(answer.map(Body::new))
            .await
            .map_err(|error| match error.is::<LengthLimitError>() {
                true => Status::resource_exhausted("the answer is too large"),
                false => gone(error.to_string()),
            })
    }
}

/// The answer with its body in hand. Every caller's answers come over one
/// connection, and what one caller is slow to take must not fill it.
async fn whole(answer: http::Response<Body>) -> Result<Response, BoxError> {
    let (parts, body) = answer.into_parts();
    let read = Limited::new(body, ANSWER).collect().await?;
    let trailers = read.trailers().cloned();
    let message = Full::new(read.to_bytes());
    let body = match trailers {
        Some(trailers) => axum::body::Body::new(message.with_trailers(ready(Some(Ok(trailers))))),
        // A refusal is headers and nothing else.
        None => axum::body::Body::new(message),
    };
    Ok(Response::from_parts(parts, body))
}

/// The call as it goes inside.
fn inward(request: Request) -> http::Request<Body> {
    let (parts, body) = request.into_parts();
    let mut headers: HeaderMap = PASSED
        .into_iter()
        .filter_map(|name| Some((name.clone(), parts.headers.get(name)?.clone())))
        .collect();
    headers.insert(TE, HeaderValue::from_static("trailers"));
    let mut inward = http::Request::new(Body::new(body));
    *inward.method_mut() = parts.method;
    *inward.uri_mut() = parts.uri.path().parse().unwrap_or(parts.uri);
    *inward.version_mut() = Version::HTTP_2;
    *inward.headers_mut() = headers;
    inward
}

/// The fallback of the gateway's routes.
pub(crate) async fn forward(State(proxy): State<Proxy>, request: Request) -> Response {
    proxy.pass_on(request).await.unwrap_or_else(answer)
}

/// A status as a whole answer.
pub(crate) fn answer(status: Status) -> Response {
    status.into_http::<Body>().map(axum::body::Body::new)
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use futures::stream;
    use http_body::Frame;
    use http_body_util::StreamBody;

    use super::*;

    #[tokio::test]
    async fn an_answer_that_breaks_off_is_none() {
        let frames = [
            Ok(Frame::data(Bytes::from("half"))),
            Err("connection reset"),
        ];
        let body = Body::new(StreamBody::new(stream::iter(frames)));
        let error = whole(http::Response::new(body)).await.expect_err("broken");
        assert!(!error.is::<LengthLimitError>(), "{error}");
    }

    #[tokio::test]
    async fn the_trailers_of_an_answer_follow_its_message() {
        let trailers = HeaderMap::from_iter([(TE, HeaderValue::from_static("x"))]);
        let frames = [
            Ok::<_, Status>(Frame::data(Bytes::from("whole"))),
            Ok(Frame::trailers(trailers)),
        ];
        let body = Body::new(StreamBody::new(stream::iter(frames)));
        let answer = whole(http::Response::new(body)).await.expect("an answer");
        let read = answer.into_body().collect().await.expect("a body");
        assert_eq!(read.trailers().expect("trailers").len(), 1);
        assert_eq!(read.to_bytes(), "whole");
    }

    #[test]
    fn only_what_describes_the_message_goes_inside() {
        let request = http::Request::post("https://yuhui/yuhui.x.v1.Y/Z?q=1")
            .header("content-type", "application/grpc")
            .header("grpc-encoding", "gzip")
            .header("authorization", "Bearer outside")
            .header("x-yuhui-remote", "1.2.3.4")
            .header("x-forwarded-for", "1.2.3.4")
            .header("grpc-timeout", "1S")
            .header("connection", "close")
            .header("cookie", "a=b")
            .body(axum::body::Body::empty())
            .expect("a request");
        let inward = inward(request);
        assert_eq!(inward.uri(), "/yuhui.x.v1.Y/Z");
        let mut names: Vec<_> = inward.headers().keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["content-type", "grpc-encoding", "te"]);
    }
}
