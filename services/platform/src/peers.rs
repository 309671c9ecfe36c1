//! The other services: how to reach them, and the token to show them.

use std::{collections::HashMap, sync::Arc, time::Duration};

use moka::sync::Cache;
use tonic::{
    Code, Request, Response, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity},
};

use crate::{
    Error, Result,
    authz::{GATEWAY, REMOTE},
    caller::Caller,
    context, refusal,
    relatives::{self, Relatives},
    telemetry,
    token::Signer,
};

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

/// Certificates for calls over TCP (mutual TLS), in PEM.
#[derive(Clone)]
pub struct PeerTls {
    /// Certificate of the authority that signs the services' certificates.
    pub ca: String,
    /// Own certificate.
    pub cert: String,
    /// Own private key.
    pub key: String,
}

/// The services this one may call, and its own signing key. Cheap to clone.
#[derive(Clone)]
pub struct Peers {
    signer: Arc<Signer>,
    channels: HashMap<String, Channel>,
    tokens: Cache<TokenKey, String>,
    pub(crate) relatives: Cache<relatives::Asked, Relatives>,
    patience: Duration,
}

/// Everything a token depends on.
type TokenKey = (String, String, String, String, String);

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
            channels: HashMap::new(),
            tokens,
            relatives,
            patience: PATIENCE,
        }
    }

    /// Reaches `service` through `channel`.
    #[must_use]
    pub fn with(mut self, service: &str, channel: Channel) -> Self {
        self.channels.insert(service.into(), channel);
        self
    }

    /// Waits for answers as long as the request at hand may take, at most
    /// `patience`: the default leaves time to answer without them.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// A channel over TCP, which connects when it is first used.
    pub fn tcp(url: &str, tls: Option<&PeerTls>) -> Result<Channel> {
        let broken = |error: tonic::transport::Error| Error::Fault(error.into());
        let mut endpoint = Endpoint::from_shared(url.to_owned())
            .map_err(broken)?
            .connect_timeout(Duration::from_secs(3))
            .http2_keep_alive_interval(Duration::from_secs(30))
            .keep_alive_while_idle(true)
            .http2_max_header_list_size(HEADERS);
        if let Some(tls) = tls {
            let config = ClientTlsConfig::new()
                .ca_certificate(Certificate::from_pem(&tls.ca))
                .identity(Identity::from_pem(&tls.cert, &tls.key));
            endpoint = endpoint.tls_config(config).map_err(broken)?;
        }
        Ok(endpoint.connect_lazy())
    }

    /// The name this service signs under.
    #[must_use]
    pub fn me(&self) -> &str {
        self.signer.issuer()
    }

    /// The bare channel to `service`.
    pub fn channel(&self, service: &str) -> Result<Channel> {
        self.channels
            .get(service)
            .cloned()
            .ok_or_else(|| Error::fault(format!("no channel to {service}")))
    }

    /// The channel to `service` for one call, or a few at once, on behalf of
    /// `caller`: carries a token, the deadline, the request id and the trace.
    pub fn call(
        &self,
        service: &str,
        caller: &Caller,
    ) -> Result<InterceptedService<Channel, Bearer>> {
        let bearer = Bearer {
            token: format!("Bearer {}", self.token(caller, service)?)
                .parse()
                .map_err(|_| Error::fault("a token is no header value"))?,
            request_id: caller.request_id.parse().ok(),
            remote: caller.remote.as_ref().and_then(|it| it.parse().ok()),
            patience: self.patience,
        };
        Ok(InterceptedService::new(self.channel(service)?, bearer))
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
        );
        self.tokens
            .try_get_with(key, || self.signer.mint(&claims.lasting(audience, LIFE)))
            .map_err(|error| Error::Fault(anyhow::Error::msg(error.to_string())))
    }
}

/// What `service` answered to a question. If it does not answer, what was asked stays unknown and the
/// act waits (`UNAVAILABLE`); a race lost there is one lost here; and a question it refuses is ours to
/// mend.
pub fn answered<T>(service: &str, reply: Result<Response<T>, Status>) -> Result<T> {
    reply
        .map(Response::into_inner)
        .map_err(|status| match status.code() {
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
