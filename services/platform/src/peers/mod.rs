//! The other services: how to reach them, and the token to show them.

mod line;
mod member;
mod replicas;
mod unsent;

use std::{collections::HashMap, sync::Arc, time::Duration};

use moka::sync::Cache;
use tonic::{
    Code, Request, Response, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
};

use crate::{
    Error, Result,
    authz::{GATEWAY, REMOTE},
    caller::Caller,
    context, refusal,
    relatives::{self, Relatives},
    telemetry,
    token::{Principal, Signer},
};

pub use line::Line;
use replicas::Replicas;
pub use replicas::{Wire, place};

/// How long a minted token is used again.
const REUSED: Duration = Duration::from_secs(30);
/// How long it is valid: the last use must still reach the service.
const LIFE: Duration = Duration::from_secs(90);
/// Tokens kept for use again.
const KEPT: u64 = 10_000;
/// Longest headers or trailers of an answer, in bytes. Longer ones would end
/// the connection, and every call on it; services keep far below.
pub(crate) const HEADERS: u32 = 64 * 1024;
/// Longest a call to another service may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The services this one may call, and its own signing key. Cheap to clone.
#[derive(Clone)]
pub struct Peers {
    signer: Arc<Signer>,
    lines: HashMap<String, Line>,
    tokens: Cache<TokenKey, String>,
    pub(crate) relatives: Cache<relatives::Asked, Relatives>,
    patience: Duration,
}

/// Everything a token depends on.
type TokenKey = (
    String,
    String,
    String,
    String,
    String,
    Option<Principal>,
    Option<String>,
);

impl Peers {
    /// Knows nobody yet.
    #[must_use]
    pub fn new(signer: Arc<Signer>) -> Self {
        let tokens = Cache::builder()
            .max_capacity(KEPT)
            .time_to_live(REUSED)
            .build();
        let relatives = Cache::builder()
            .max_capacity(relatives::KEPT)
            .time_to_live(relatives::REUSED)
            .build();
        Self {
            signer,
            lines: HashMap::new(),
            tokens,
            relatives,
            patience: PATIENCE,
        }
    }

    /// Reaches `service` by `line`.
    #[must_use]
    pub fn with(mut self, service: &str, line: impl Into<Line>) -> Self {
        self.lines.insert(service.into(), line.into());
        self
    }

    /// Reaches `service` at `urls`, each of which may stand for several addresses; they are looked
    /// up and asked for their health from now on. With certificates the URLs are `https`, without
    /// `http`.
    pub fn reach(mut self, service: &str, urls: &[String], wire: &Wire) -> anyhow::Result<Self> {
        let replicas = Replicas::new(service, urls, wire)?;
        self.lines.insert(service.into(), Line::Several(replicas));
        Ok(self)
    }

    /// The services that have no replica which could be called now.
    #[must_use]
    pub fn away(&self) -> Vec<&str> {
        let lines = self.lines.iter();
        let away = lines.filter(|(_, line)| matches!(line, Line::Several(it) if !it.is_there()));
        let mut names: Vec<_> = away.map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// Waits for answers as long as the request at hand may take, at most
    /// `patience`: the default leaves time to answer without them.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The name this service signs under.
    #[must_use]
    pub fn me(&self) -> &str {
        self.signer.issuer()
    }

    /// What this service signs with.
    #[must_use]
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    fn line(&self, service: &str) -> Result<Line> {
        self.lines
            .get(service)
            .cloned()
            .ok_or_else(|| Error::fault(format!("no way to {service}")))
    }

    /// The line to `service` for one call, or a few at once, on behalf of
    /// `caller`: carries a token, the deadline, the request id and the trace.
    pub fn call(&self, service: &str, caller: &Caller) -> Result<InterceptedService<Line, Bearer>> {
        let bearer = Bearer {
            token: format!("Bearer {}", self.token(caller, service)?)
                .parse()
                .map_err(|_| Error::fault("a token is no header value"))?,
            request_id: caller.request_id.parse().ok(),
            remote: caller.remote.as_ref().and_then(|it| it.parse().ok()),
            patience: self.patience,
        };
        Ok(InterceptedService::new(self.line(service)?, bearer))
    }

    /// A token for `audience` that states `caller` again. The gateway lets
    /// persons through as themselves; every other service, and the gateway's
    /// own jobs, sign for themselves and name the caller.
    pub fn token(&self, caller: &Caller, audience: &str) -> Result<String> {
        let me = self.me();
        let as_himself = me == GATEWAY && caller.via.is_none();
        let mut claims = caller.claims();
        claims.via = (!as_himself).then(|| me.to_owned());
        let key = (
            audience.to_owned(),
            claims.sub.clone(),
            claims.sid.clone(),
            claims.role.clone(),
            format!("{}/{}", claims.unit, as_himself),
            claims.principal.clone(),
            claims.glass.clone(),
        );
        self.tokens
            .try_get_with(key, || self.signer.mint(&claims.lasting(audience, LIFE)))
            .map_err(|error| Error::Fault(anyhow::Error::msg(error.to_string())))
    }
}

/// What `service` answered to a question. If it does not answer, what was asked stays unknown and the
/// act waits (`UNAVAILABLE`); if it has too much to do, the caller comes again (`BUSY`); a race lost
/// there is one lost here; and a question it refuses is ours to mend.
pub fn answered<T>(service: &str, reply: Result<Response<T>, Status>) -> Result<T> {
    reply
        .map(Response::into_inner)
        .map_err(|status| match status.code() {
            Code::Unavailable | Code::ResourceExhausted if refusal::is_busy(&status) => {
                refusal::busy(service).into()
            }
            Code::Unavailable
            | Code::DeadlineExceeded
            | Code::Cancelled
            | Code::Unknown
            | Code::ResourceExhausted => {
                tracing::warn!(service, %status, "no answer");
                refusal::unavailable(service).into()
            }
            Code::Aborted => refusal::aborted().into(),
            _ => Error::fault(format!("{service} refused a question: {status}")),
        })
}

/// What `service` answered when it was asked for what its event refers to. If the thing is not
/// there, or not as the event says, the event is refused; else as [`answered`].
pub fn referred<T>(service: &str, reply: Result<Response<T>, Status>) -> Result<T> {
    match reply {
        Err(status)
            if matches!(
                status.code(),
                Code::NotFound | Code::FailedPrecondition | Code::InvalidArgument
            ) =>
        {
            Err(status.into())
        }
        reply => answered(service, reply),
    }
}

/// Adds to a call what the service behind it needs to know.
#[derive(Clone)]
pub struct Bearer {
    token: MetadataValue<Ascii>,
    request_id: Option<MetadataValue<Ascii>>,
    remote: Option<MetadataValue<Ascii>>,
    patience: Duration,
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let time = context::time_left().map_or(self.patience, |left| left.min(self.patience));
        request.set_timeout(time);
        let metadata = request.metadata_mut();
        metadata.insert("authorization", self.token.clone());
        if let Some(id) = &self.request_id {
            metadata.insert("x-request-id", id.clone());
        }
        if let Some(remote) = &self.remote {
            metadata.insert(REMOTE, remote.clone());
        }
        telemetry::pass_trace_on(metadata);
        Ok(request)
    }
}

#[cfg(test)]
mod tests;
