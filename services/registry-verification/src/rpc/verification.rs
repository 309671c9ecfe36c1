//! `VerificationService`: what the registers know by today, and the answers
//! they gave.

use tonic::{Request, Response, Status};
use yuhui_platform::caller;
use yuhui_proto::internal::v1::{self as pb, verification_service_server::VerificationService};

use crate::{
    Deps,
    reads::{answers, facts, people},
};

/// Serves the answers.
pub struct Verification(pub Deps);

#[tonic::async_trait]
impl VerificationService for Verification {
    async fn gather_family_facts(
        &self,
        request: Request<pb::GatherFamilyFactsRequest>,
    ) -> Result<Response<pb::GatherFamilyFactsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(facts::gather(&self.0, &caller, &ask).await?))
    }

    async fn list_relatives(
        &self,
        request: Request<pb::ListRelativesRequest>,
    ) -> Result<Response<pb::ListRelativesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            people::relatives(&self.0, &caller, &ask).await?,
        ))
    }

    async fn list_aliases(
        &self,
        request: Request<pb::ListAliasesRequest>,
    ) -> Result<Response<pb::ListAliasesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            people::aliases(&self.0, &caller, &ask).await?,
        ))
    }

    async fn count_children(
        &self,
        request: Request<pb::CountChildrenRequest>,
    ) -> Result<Response<pb::CountChildrenResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(people::count(&self.0, &caller, &ask).await?))
    }

    async fn list_answers(
        &self,
        request: Request<pb::ListAnswersRequest>,
    ) -> Result<Response<pb::ListAnswersResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(answers::list(&self.0, &caller, &ask).await?))
    }
}
