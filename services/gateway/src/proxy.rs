//! The way to the services behind the gateway: by the path of the method,
//! without looking into the messages, streams in both directions.

mod body;
mod table;

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Version,
    header::{CONTENT_TYPE, TE},
};
use tonic::{Status, body::Body};
use tower::ServiceExt as _;
use yuhui_platform::{
    Caller, context, error,
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
            .ok_or_else(|| Status::unimplemented(format!("no such method: {path}")))?;
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
        Ok(answer.map(|inner| axum::body::Body::new(body::Relay::new(inner, service))))
    }
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
    use super::*;

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
