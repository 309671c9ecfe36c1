//! Whose matters an official must not act on (DYN-3), as the registers say on the day of the act.

use std::{collections::HashSet, sync::Arc, time::Duration};

use time::Date;
use yuhui_kernel::Tenant;
use yuhui_proto::{
    authz::v1::Power,
    internal::v1::{ListRelativesRequest, verification_service_client::VerificationServiceClient},
};

use crate::{
    Result,
    caller::Caller,
    peers::{Peers, answered},
};

const REGISTRY: &str = "registry-verification";
/// How long an answer is used again: an official acts on case after case, and marries less often.
pub(crate) const REUSED: Duration = Duration::from_secs(30);
/// Answers kept for use again.
pub(crate) const KEPT: u64 = 10_000;

/// Who asked, in which county, for which day.
pub(crate) type Asked = (String, Tenant, Date);

/// Blind references of the caller, his spouse, parents, children, siblings and in-laws.
#[derive(Clone, Debug, Default)]
pub struct Relatives(Arc<HashSet<String>>);

impl Relatives {
    /// Whether the person is one of them.
    #[must_use]
    pub fn include(&self, person: &str) -> bool {
        self.0.contains(person)
    }
}

impl Peers {
    /// Asks for the caller's relatives, and for those of whom he acts for (DYN-7), before the transaction
    /// of an act in `county`; an answer may be half a minute old. Claimants act on their own cases by
    /// right, and services are nobody's relatives; for everybody else a register that does not answer
    /// puts off the act.
    pub async fn relatives(
        &self,
        caller: &Caller,
        county: Tenant,
        today: Date,
    ) -> Result<Relatives> {
        if caller.power() == Power::Claimant {
            return Ok(Relatives::default());
        }
        let mut persons = caller.persons();
        let Some(first) = persons.next() else {
            return Ok(Relatives::default());
        };
        let own = self.relatives_of(caller, first, county, today).await?;
        let Some(second) = persons.next() else {
            return Ok(own);
        };
        let his = self.relatives_of(caller, second, county, today).await?;
        // Whom he acts for is concerned as he is himself.
        let all = own.0.union(&his.0).cloned().chain([second.to_owned()]);
        Ok(Relatives(Arc::new(all.collect())))
    }

    async fn relatives_of(
        &self,
        caller: &Caller,
        person: &str,
        county: Tenant,
        today: Date,
    ) -> Result<Relatives> {
        let asked = (person.to_owned(), county, today);
        if let Some(known) = self.relatives.get(&asked) {
            return Ok(known);
        }
        let mut client = VerificationServiceClient::new(self.call(REGISTRY, caller)?);
        let ask = ListRelativesRequest {
            parent: format!("counties/{county}"),
            person_ref: person.to_owned(),
        };
        let reply = answered(REGISTRY, client.list_relatives(ask).await)?;
        let relatives = Relatives(Arc::new(reply.person_refs.into_iter().collect()));
        self.relatives.insert(asked, relatives.clone());
        Ok(relatives)
    }
}
