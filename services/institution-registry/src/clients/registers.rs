//! The registers of persons: which children are one (R-P3-5).

use std::collections::{BTreeMap, BTreeSet};

use yuhui_kernel::Tenant;
use yuhui_platform::{Caller, Result, peers::answered};
use yuhui_proto::internal::v1::{
    ListAliasesRequest, verification_service_client::VerificationServiceClient,
};

use crate::{Deps, domain::Enrolment};

const REGISTRY: &str = "registry-verification";

/// Children under several numbers: to each other reference the one by which an institution's child
/// is told.
#[derive(Debug, Default)]
pub struct OneChild(BTreeMap<String, String>);

impl OneChild {
    /// Asks which of `children`, those of an institution of `county`, have other numbers.
    pub async fn of(
        deps: &Deps,
        caller: &Caller,
        county: Tenant,
        children: &BTreeSet<&str>,
    ) -> Result<Self> {
        let mut client = VerificationServiceClient::new(deps.peers.call(REGISTRY, caller)?);
        let ask = ListAliasesRequest {
            parent: format!("counties/{county}"),
            person_refs: children.iter().map(|it| (*it).to_owned()).collect(),
        };
        let reply = answered(REGISTRY, client.list_aliases(ask).await)?;
        let mut told: BTreeMap<&str, &str> = BTreeMap::new();
        for it in &reply.aliases {
            let (person, alias) = (it.person_ref.as_str(), it.alias_ref.as_str());
            // Of two that are both here the first one names the child.
            let first = told.entry(person).or_insert(person);
            if children.contains(alias) {
                *first = (*first).min(alias);
            }
        }
        let aliases = reply.aliases.iter().filter_map(|it| {
            let told = told.get(it.person_ref.as_str())?;
            Some((it.alias_ref.clone(), (*told).to_owned()))
        });
        Ok(Self(aliases.collect()))
    }

    /// Every other reference.
    pub fn others(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The stays, each child under one reference, in order.
    pub fn rename(&self, mut stays: Vec<Enrolment>) -> Vec<Enrolment> {
        for stay in &mut stays {
            if let Some(told) = self.0.get(&stay.child_ref) {
                told.clone_into(&mut stay.child_ref);
            }
        }
        stays.sort();
        stays
    }
}
