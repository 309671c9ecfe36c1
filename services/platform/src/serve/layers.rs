//! What every request passes on its way to a handler.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use futures::FutureExt as _;
use http::{HeaderMap, HeaderValue};
use tokio::time::{Instant, timeout_at};
use tonic::{Code, Status};
use tracing::{Instrument as _, Span, field::Empty};

#[cfg(debug_assertions)]
use super::undeclared;
use super::{
    address::{self, Proxies},
    admission::Admission,
    body::Answer,
    callers::Callers,
};
use crate::{
    authz::{Guard, answer},
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

/// What stands before the handlers of a server.
pub(super) struct Edge {
    pub(super) proxies: Arc<Proxies>,
    pub(super) callers: Callers,
    pub(super) guard: Guard,
    pub(super) admission: Admission,
}

impl Edge {
    /// `routes` behind it. gRPC-Web, where it is spoken, lies outside, so that it renders what is
    /// refused here too; rate limits, where there are any, lie inside the routes.
    pub(super) fn before(self, routes: Router) -> Router {
        routes.layer(from_fn_with_state(Arc::new(self), pass))
    }
}

/// Everything a request passes, outermost first, in one layer: each further one would copy the routes for
/// every call. Who calls is known before the body is read, and the body is here before the call takes
/// a place.
async fn pass(State(edge): State<Arc<Edge>>, mut request: Request, next: Next) -> Response {
    let id = request_id(&request);
    let header = HeaderValue::from_str(&id);
    address::locate(&edge.proxies, &mut request);
    let mut response = Context::new(id).scope(trace(&edge, request, next)).await;
    bounds::bound_headers(response.headers_mut());
    let mut response = response.map(|body| Body::new(Answer::new(body, ())));
    if let Ok(id) = header {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// The name of the request: the one it came with, or a new one.
fn request_id(request: &Request) -> String {
    let named = request.headers().get(REQUEST_ID);
    named
        .and_then(|value| value.to_str().ok())
        .filter(|id| (1..=64).contains(&id.len()))
        .map_or_else(|| clock::fresh_id().to_string(), ToOwned::to_owned)
}

/// One span per call, named by the OpenTelemetry conventions for RPC.
async fn trace(edge: &Edge, request: Request, next: Next) -> Response {
    let path = bounds::cut(request.uri().path(), METHOD).into_owned();
    let method = path.trim_start_matches('/').to_owned();
    let span = tracing::info_span!(
        "rpc",
        otel.name = method,
        otel.kind = "server",
        rpc.system.name = "grpc",
        rpc.method = method,
        rpc.response.status_code = Empty,
        error.type = Empty,
        request_id = context::request_id(),
    );
    telemetry::continue_trace(&span, request.headers());
    let started = Instant::now();
    async {
        let work = AssertUnwindSafe(admit(edge, request, next)).catch_unwind();
        let response = work.await.unwrap_or_else(panicked);
        let response = declared(&edge.guard, &path, response);
        let refused = Status::from_header_map(response.headers());
        let code = refused.as_ref().map_or(Code::Ok, Status::code);
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

/// Lets in who may call, within the time that the caller waits or the server allows.
async fn admit(edge: &Edge, mut request: Request, next: Next) -> Response {
    if let Err(denied) = edge.callers.admit(&request) {
        return answer(denied.into());
    }
    let longest = edge.admission.longest();
    let asked = client_timeout(request.headers()).unwrap_or(longest);
    let due = Instant::now() + asked.min(longest).saturating_sub(RESERVE);
    let context = Context {
        request_id: context::request_id(),
        deadline: Some(due),
    };
    let work = async {
        edge.guard.admit(&mut request).await?;
        edge.admission.pass(request, next).await
    };
    match timeout_at(due, context.scope(work)).await {
        Ok(answered) => answered.unwrap_or_else(answer),
        Err(_) => answer(error::late()),
    }
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

/// What is refused is refused for a reason that the contract names with the method. Another is a fault of ours, which
/// the operator is told of, and the tests.
fn declared(guard: &Guard, path: &str, response: Response) -> Response {
    let refused = Status::from_header_map(response.headers());
    let Some(reason) = refused.as_ref().and_then(refusal::reason_of) else {
        return response;
    };
    Span::current().record("error.type", &reason);
    if !guard.may_refuse(path, refusal::named(&reason)) {
        tracing::error!(
            path,
            reason,
            "refused for a reason that the contract does not name"
        );
        #[cfg(debug_assertions)]
        undeclared::note(path, &reason);
    }
    response
}

/// A request that cannot be read is the caller's mistake, where tonic calls it
/// `INTERNAL`. What is a fault of ours says so in its details; tonic gives none.
pub(super) fn readable(response: Response) -> Response {
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
