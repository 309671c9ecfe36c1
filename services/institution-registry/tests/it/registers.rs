//! The registers of persons, as far as this service asks them: who is whose relative can be set.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use tonic::{Request, Response, Status, service::Routes};
use yuhui_proto::{
    internal::v1::{
        self as internal, verification_service_server::VerificationService,
        verification_service_server::VerificationServiceServer,
    },
    registry::v1 as pb,
};

#[derive(Default)]
pub struct Known {
    /// By person.
    pub relatives: HashMap<String, Vec<String>>,
    /// Two references of one person.
    pub aliases: Vec<(String, String)>,
    /// Nobody answers.
    pub silent: bool,
}

#[derive(Clone, Default)]
pub struct Registers(Arc<Mutex<Known>>);

impl Registers {
    pub fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().expect("lock")
    }

    pub fn routes(&self) -> Routes {
        Routes::new(VerificationServiceServer::new(self.clone()))
    }
}

#[tonic::async_trait]
impl VerificationService for Registers {
    async fn list_relatives(
        &self,
        request: Request<internal::ListRelativesRequest>,
    ) -> Result<Response<internal::ListRelativesResponse>, Status> {
        let person = request.into_inner().person_ref;
        let known = self.known();
        if known.silent {
            return Err(Status::unavailable("the register is being maintained"));
        }
        let relatives = known.relatives.get(&person).cloned();
        Ok(Response::new(internal::ListRelativesResponse {
            person_refs: relatives.unwrap_or_default(),
        }))
    }

    async fn gather_family_facts(
        &self,
        _: Request<internal::GatherFamilyFactsRequest>,
    ) -> Result<Response<internal::GatherFamilyFactsResponse>, Status> {
        Err(Status::unimplemented("not asked here"))
    }

    async fn list_aliases(
        &self,
        request: Request<internal::ListAliasesRequest>,
    ) -> Result<Response<internal::ListAliasesResponse>, Status> {
        let known = self.known();
        if known.silent {
            return Err(Status::unavailable("the register is being maintained"));
        }
        let asked = request.into_inner().person_refs;
        let pairs = known.aliases.iter().flat_map(|(a, b)| [(a, b), (b, a)]);
        let pairs = pairs.filter(|(person, _)| asked.contains(*person));
        let aliases = pairs.map(|(person, alias)| pb::PersonAlias {
            person_ref: person.clone(),
            alias_ref: alias.clone(),
        });
        Ok(Response::new(internal::ListAliasesResponse {
            aliases: aliases.collect(),
        }))
    }

    async fn count_children(
        &self,
        _: Request<internal::CountChildrenRequest>,
    ) -> Result<Response<internal::CountChildrenResponse>, Status> {
        Err(Status::unimplemented("not asked here"))
    }

    async fn list_answers(
        &self,
        _: Request<internal::ListAnswersRequest>,
    ) -> Result<Response<internal::ListAnswersResponse>, Status> {
        Err(Status::unimplemented("not asked here"))
    }
}
