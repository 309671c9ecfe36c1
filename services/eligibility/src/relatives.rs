//! Whose cases the caller must not act on (DYN-3), as the registers say on the day of the act.

use std::collections::HashSet;

use yuhui_kernel::Tenant;
use yuhui_platform::{Result, caller::Caller, peers::answered};
use yuhui_proto::{
    authz::v1::Power,
    registry::v1::{ListRelativesRequest, verification_service_client::VerificationServiceClient},
};

use crate::{desk::Desk, rpc::facts::REGISTRY};

/// Blind references of the caller, his spouse, parents, children, siblings and in-laws.
#[derive(Debug, Default)]
pub(crate) struct Relatives(HashSet<String>);

impl Relatives {
    /// Whether the person is one of them.
    pub(crate) fn include(&self, person: &str) -> bool {
        self.0.contains(person)
    }
}

impl Desk {
    /// Asks for the caller's relatives, before the transaction of an act in `county`. Claimants act
    /// on their own cases by right, and services are nobody's relatives; for everybody else a
    /// register that does not answer puts off the act.
    pub(crate) async fn relatives(&self, caller: &Caller, county: Tenant) -> Result<Relatives> {
        let Some(person) = &caller.person else {
            return Ok(Relatives::default());
        };
        if caller.power() == Power::Claimant {
            return Ok(Relatives::default());
        }
        let mut client = VerificationServiceClient::new(self.peers.call(REGISTRY, caller)?);
        let ask = ListRelativesRequest {
            parent: format!("counties/{county}"),
            person_ref: person.clone(),
        };
        let reply = answered(REGISTRY, client.list_relatives(ask).await)?;
        Ok(Relatives(reply.person_refs.into_iter().collect()))
    }
}
