//! The registers of persons, as far as this service asks them: who is whose relative can be set.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use tonic::{Request, Response, Status, service::Routes};
use yuhui_proto::registry::v1::{
    self as pb,
    verification_service_server::{VerificationService, VerificationServiceServer},
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
        request: Request<pb::ListRelativesRequest>,
    ) -> Result<Response<pb::ListRelativesResponse>, Status> {
        let person = request.into_inner().person_ref;
        let known = self.known();
        if known.silent {
            return Err(Status::unavailable("the register is being maintained"));
        }
        let relatives = known.relatives.get(&person).cloned();
        Ok(Response::new(pb::ListRelativesResponse {
            person_refs: relatives.unwrap_or_default(),
        }))
    }

    async fn gather_family_facts(
        &self,
        _: Request<pb::GatherFamilyFactsRequest>,
    ) -> Result<Response<pb::GatherFamilyFactsResponse>, Status> {
        Err(Status::unimplemented("not asked here"))
    }

    async fn list_aliases(
        &self,
        request: Request<pb::ListAliasesRequest>,
    ) -> Result<Response<pb::ListAliasesResponse>, Status> {
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
        Ok(Response::new(pb::ListAliasesResponse {
            aliases: aliases.collect(),
        }))
    }

    async fn count_children(
        &self,
        _: Request<pb::CountChildrenRequest>,
    ) -> Result<Response<pb::CountChildrenResponse>, Status> {
        Err(Status::unimplemented("not asked here"))
    }

    async fn list_answers(
        &self,
        _: Request<pb::ListAnswersRequest>,
    ) -> Result<Response<pb::ListAnswersResponse>, Status> {
        Err(Status::unimplemented("not asked here"))
    }
}
