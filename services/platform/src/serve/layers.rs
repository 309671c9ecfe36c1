//! What every request passes on its way to a handler.

use std::{any::Any, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    middleware::{Next, from_fn, from_fn_with_state},
    response::Response,
};
use http::{HeaderMap, HeaderValue};
use tokio::time::{Instant, timeout_at};
use tonic::{Code, Status};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::{Instrument as _, Span, field::Empty};

use super::{
    address::{self, Proxies},
    admission::{self, Admission},
    body::Answer,
    callers::{self, Callers},
};
use crate::{
    authz::{self, Guard, answer},
    bounds, clock,
    context::{self, Context},
    error,
    refusal::{self, Violation, invalid},
    telemetry,
};

/// Header that names the request.
const REQUEST_ID: &str = "x-request-id";
/// Kept of the deadline, so that its passing can be reported in time.
pub(super) const RESERVE: Duration = Duration::from_millis(20);
/// Longest name of a method that is recorded.
const METHOD: usize = 128;

/// The layers of every server, outermost first. gRPC-Web, where it is spoken,
/// lies outside them all, so that it renders their refusals too; rate limits,
/// where there are any, lie inside the routes. Who calls is known before the
/// body is read, and the body is here before the call takes a place.
pub(super) fn stack(
    routes: Router,
    guard: Guard,
    admission: Admission,
    proxies: Arc<Proxies>,
    callers: Callers,
) -> Router {
    let longest = admission.longest();
    routes.layer(
        ServiceBuilder::new()
            .layer(from_fn(request_id))
            .layer(from_fn_with_state(proxies, address::locate))
            .layer(from_fn(trace))
            .layer(from_fn(bound))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn_with_state(Arc::new(callers), callers::admit))
            .layer(from_fn_with_state(longest, deadline))
            .layer(from_fn_with_state(Arc::new(guard), authz::enforce))
            .layer(from_fn_with_state(Arc::new(admission), admission::admit))
            .layer(from_fn(unreadable)),
    )
}

/// Names the request, or keeps the name it came with, and says it back.
async fn request_id(request: Request, next: Next) -> Response {
    let id = request
        .headers()
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .filter(|id| (1..=64).contains(&id.len()))
        .map_or_else(|| clock::fresh_id().to_string(), ToOwned::to_owned);
    let header = HeaderValue::from_str(&id);
    let mut response = Context::new(id).scope(next.run(request)).await;
    if let Ok(id) = header {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// One span per call, named by the OpenTelemetry conventions for RPC.
async fn trace(request: Request, next: Next) -> Response {
    let method = request.uri().path().trim_start_matches('/');
    let method = bounds::cut(method, METHOD).into_owned();
    let span = tracing::info_span!(
        "rpc",
        otel.name = method,
        otel.kind = "server",
        rpc.system.name = "grpc",
        rpc.method = method,
        rpc.response.status_code = Empty,
        request_id = context::request_id(),
    );
    telemetry::continue_trace(&span, request.headers());
    let started = Instant::now();
    async {
        let response = next.run(request).await;
        let code = Status::from_header_map(response.headers()).map_or(Code::Ok, |it| it.code());
        let code = code_name(code);
        Span::current().record("rpc.response.status_code", &code);
        tracing::debug!(method, code, "served");
        // Whoever makes up methods must not make up time series.
        let method = match code.as_str() {
            "UNIMPLEMENTED" => "_OTHER".to_owned(),
            _ => method,
        };
        telemetry::call_served(method, &code, started.elapsed());
        response
    }
    .instrument(span)
    .await
}

/// A panic in a handler is a fault of this request, not the end of the process.
fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let text = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    let request_id = context::request_id();
    tracing::error!(request_id, cause = text, "panic");
    answer(error::internal(request_id))
}

/// Bounds the error of an answer, whoever made it, in headers and trailers.
async fn bound(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    bounds::bound_headers(response.headers_mut());
    response.map(|body| Body::new(Answer::new(body, ())))
}

/// Ends what takes longer than the client waits, or than the server allows.
async fn deadline(State(longest): State<Duration>, request: Request, next: Next) -> Response {
    let asked = client_timeout(request.headers()).unwrap_or(longest);
    let due = Instant::now() + asked.min(longest).saturating_sub(RESERVE);
    let context = Context {
        request_id: context::request_id(),
        deadline: Some(due),
    };
    match timeout_at(due, context.scope(next.run(request))).await {
        Ok(response) => response,
        Err(_) => answer(error::late()),
    }
}

/// A request that cannot be read is the caller's mistake, where tonic calls it
/// `INTERNAL`. What is a fault of ours says so in its details; tonic gives none.
async fn unreadable(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    match Status::from_header_map(response.headers()) {
        Some(status) if status.code() == Code::Internal && status.details().is_empty() => {
            let en = format!("cannot be read: {}", status.message());
            let violation = Violation::new("request", "请求内容无法解析", en);
            answer(refusal::status(&invalid(vec![violation])))
        }
        _ => response,
    }
}

/// `grpc-timeout`: up to eight digits and a unit.
fn client_timeout(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > 8 {
        return None;
    }
    let value: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(value * 3600)),
        "M" => Some(Duration::from_secs(value * 60)),
        "S" => Some(Duration::from_secs(value)),
        "m" => Some(Duration::from_millis(value)),
        "u" => Some(Duration::from_micros(value)),
        "n" => Some(Duration::from_nanos(value)),
        _ => None,
    }
}

/// The code as the conventions write it, e.g. `NOT_FOUND`.
fn code_name(code: Code) -> String {
    let mut name = String::new();
    for letter in format!("{code:?}").chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_timeout_is_read_in_every_unit() {
        let read = |text: &str| {
            let value = HeaderValue::from_str(text).expect("header");
            client_timeout(&HeaderMap::from_iter([(
                http::HeaderName::from_static("grpc-timeout"),
                value,
            )]))
        };
        assert_eq!(read("100m"), Some(Duration::from_millis(100)));
        assert_eq!(read("2S"), Some(Duration::from_secs(2)));
        assert_eq!(read("1H"), Some(Duration::from_secs(3600)));
        for text in ["", "S", "5", "5x", "123456789S", "-1S"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn codes_are_written_as_the_conventions_do() {
        assert_eq!(code_name(Code::NotFound), "NOT_FOUND");
        assert_eq!(code_name(Code::Ok), "OK");
    }
}
