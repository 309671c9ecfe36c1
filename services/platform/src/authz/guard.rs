//! The layer that lets calls through: path → rule → token → caller.

use std::sync::Arc;

use axum::{extract::Request, response::Response};
use http::{HeaderMap, header::AUTHORIZATION};
use tonic::{Status, body::Body};

use super::{Denied, Rules};
use crate::{
    Error,
    ephemeral::Ephemeral,
    refusal::{self, ErrorReason},
    serve::{ClientAddress, PeerName},
    token::{Claims, Keyring},
};

/// Audience of session tokens: the whole system, seen from outside.
pub const AUDIENCE: &str = "yuhui";
/// Issuer of sessions and of the tokens that go inside.
pub const GATEWAY: &str = "gateway";
/// Header in which the gateway tells the services where a call came from.
pub(crate) const REMOTE: &str = "x-yuhui-remote";

/// What stands before the methods of one server.
#[derive(Clone)]
pub struct Guard {
    rules: Arc<Rules>,
    keyring: Keyring,
    audience: String,
    /// Sessions may be ended; asked at the gateway, not again inside.
    sessions: Option<Arc<dyn Ephemeral>>,
}

impl Guard {
    /// Whether the contract lets the method at `path` be refused for that.
    pub(crate) fn may_refuse(&self, path: &str, reason: ErrorReason) -> bool {
        self.rules.may_refuse(path, reason)
    }

    /// Before a service: believes the gateway and, for methods that name
    /// them, other services.
    #[must_use]
    pub fn service(rules: Arc<Rules>, keyring: Keyring, name: &str) -> Self {
        Self {
            rules,
            keyring,
            audience: name.into(),
            sessions: None,
        }
    }

    /// Before the gateway: believes sessions that were not ended.
    #[must_use]
    pub fn gateway(rules: Arc<Rules>, keyring: Keyring, sessions: Arc<dyn Ephemeral>) -> Self {
        Self {
            rules,
            keyring,
            audience: AUDIENCE.into(),
            sessions: Some(sessions),
        }
    }

    /// Whether `path` is answered to anybody: health and reflection tell
    /// nothing about persons.
    fn is_open(path: &str) -> bool {
        path.starts_with("/grpc.health.v1.") || path.starts_with("/grpc.reflection.")
    }

    /// Lets the call through with its [`crate::Caller`] in its extensions, or says why not.
    pub(crate) async fn admit(&self, request: &mut Request) -> Result<(), Status> {
        if Self::is_open(request.uri().path()) {
            return Ok(());
        }
        Ok(self.identify(request).await?)
    }

    async fn identify(&self, request: &mut Request) -> Result<(), Error> {
        let path = request.uri().path().to_owned();
        let claims = self.claims(&path, request.headers()).await?;
        self.is_of_its_signer(&path, request, claims.as_ref())?;
        let mut caller = self.rules.check(&path, claims.as_ref())?;
        caller.remote = self.remote(request, claims.is_some());
        request.extensions_mut().insert(caller);
        Ok(())
    }

    /// What the bearer token says; nothing if there is none. A token that is
    /// not believed is refused even where none was needed.
    async fn claims(&self, path: &str, headers: &HeaderMap) -> Result<Option<Claims>, Error> {
        let Some(header) = headers.get(AUTHORIZATION) else {
            return Ok(None);
        };
        let token = header
            .to_str()
            .ok()
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or(Denied::Unauthenticated)?;
        let mut issuers = vec![GATEWAY];
        if self.sessions.is_none() {
            issuers.extend(self.rules.services(path));
        }
        let claims = self
            .keyring
            .verify(token, &self.audience, &issuers)
            .map_err(|error| {
                tracing::debug!(%error, path, "token refused");
                Denied::Unauthenticated
            })?;
        // At the gateway a session stands for a person; inside, a service speaks
        // for itself under its own key only.
        let honest = match &claims.via {
            None => claims.iss == GATEWAY,
            Some(via) => self.sessions.is_none() && *via == claims.iss,
        };
        if !honest {
            return Err(Denied::Unauthenticated.into());
        }
        if let Some(sessions) = &self.sessions
            && sessions.is_revoked(&claims.sid).await?
        {
            return Err(Denied::Unauthenticated.into());
        }
        Ok(Some(claims))
    }

    /// Two proofs inside: a token is shown by whoever signed it. At the gateway persons show what the
    /// gateway signed.
    fn is_of_its_signer(
        &self,
        path: &str,
        request: &Request,
        claims: Option<&Claims>,
    ) -> Result<(), Denied> {
        let shown = request.extensions().get::<PeerName>();
        match (shown, claims) {
            (Some(PeerName(name)), Some(claims)) if self.sessions.is_none() => {
                if claims.iss == **name {
                    return Ok(());
                }
                tracing::warn!(%name, issuer = claims.iss, path, "the token of another service");
                Err(Denied::Unauthenticated)
            }
            _ => Ok(()),
        }
    }

    /// Where the call came from: the gateway sees it, the services are told.
    fn remote(&self, request: &Request, believed: bool) -> Option<String> {
        if self.sessions.is_none() && believed {
            let header = request.headers().get(REMOTE)?;
            return header.to_str().ok().map(Into::into);
        }
        let address = request.extensions().get::<ClientAddress>()?;
        address.0.map(|it| it.to_string())
    }
}

/// A status as a whole answer.
pub(crate) fn answer(status: Status) -> Response {
    status.into_http::<Body>().map(axum::body::Body::new)
}

impl From<Denied> for Status {
    fn from(denied: Denied) -> Self {
        refusal::status(&denied)
    }
}
