//! `InstitutionFactsService`: what decisions ask for.

use tonic::{Request, Response, Status};
use yuhui_platform::caller;
use yuhui_proto::internal::v1::{
    self as pb, institution_facts_service_server::InstitutionFactsService,
};

use crate::{
    Deps,
    reads::{facts, inspections},
};

/// Serves the facts.
pub struct Facts(pub Deps);

#[tonic::async_trait]
impl InstitutionFactsService for Facts {
    async fn gather_institution_facts(
        &self,
        request: Request<pb::GatherInstitutionFactsRequest>,
    ) -> Result<Response<pb::GatherInstitutionFactsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            facts::of_institution(&self.0, &caller, ask).await?,
        ))
    }

    async fn find_signed_inspection(
        &self,
        request: Request<pb::FindSignedInspectionRequest>,
    ) -> Result<Response<pb::FindSignedInspectionResponse>, Status> {
        let (_, ask) = caller::accept(request)?;
        Ok(Response::new(inspections::signed(&self.0, ask).await?))
    }

    async fn gather_enrolment_facts(
        &self,
        request: Request<pb::GatherEnrolmentFactsRequest>,
    ) -> Result<Response<pb::GatherEnrolmentFactsResponse>, Status> {
        let (_, ask) = caller::accept(request)?;
        Ok(Response::new(facts::of_child(&self.0, ask).await?))
    }
}
