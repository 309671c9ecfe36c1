//! Which services may call this one at all, and what is answered here.

use std::{collections::BTreeSet, sync::Arc};

use axum::extract::Request;

use crate::authz::Denied;

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

impl Callers {
    /// Refuses a service that may not call, whatever it calls and whatever token it shows.
    pub(super) fn admit(&self, request: &Request) -> Result<(), Denied> {
        let path = request.uri().path();
        if let Some(PeerName(name)) = request.extensions().get()
            && !self.names.contains(name.as_ref())
        {
            tracing::warn!(%name, path, "a service that may not call is refused");
            return Err(Denied::NotACaller {
                name: name.to_string(),
                service: self.service,
            });
        }
        if !(self.answers)(path) {
            return Err(Denied::NoRule(path.to_owned()));
        }
        Ok(())
    }
}
