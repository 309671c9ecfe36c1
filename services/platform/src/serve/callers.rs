//! Which services may call this one at all, and what is answered here.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use crate::authz::{Denied, answer};

/// The name in the certificate of the service at the other end. Pipes and plain connections, which
/// are of this process or machine, have none.
#[derive(Clone, Debug)]
pub(crate) struct PeerName(pub(crate) Arc<str>);

/// The services that may call, by the names in their certificates.
pub(super) struct Callers {
    pub(super) service: &'static str,
    pub(super) names: BTreeSet<String>,
    /// Paths of the methods that are answered to anybody.
    pub(super) answers: fn(&str) -> bool,
}

/// Refuses a service that may not call, whatever it calls and whatever token it shows.
pub(super) async fn admit(
    State(callers): State<Arc<Callers>>,
    request: Request,
    next: Next,
) -> Response {
    if let Some(PeerName(name)) = request.extensions().get()
        && !callers.names.contains(name.as_ref())
    {
        tracing::warn!(%name, path = request.uri().path(), "a service that may not call is refused");
        let denied = Denied::NotACaller {
            name: name.to_string(),
            service: callers.service,
        };
        return answer(denied.into());
    }
    let path = request.uri().path();
    if !(callers.answers)(path) {
        return answer(Denied::NoRule(path.to_owned()).into());
    }
    next.run(request).await
}
