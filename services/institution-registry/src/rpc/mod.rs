//! The contract: requests read field by field, acted on, answered.

mod changes;
mod claimant;
mod enrolments;
mod facts;
mod names;
mod read;
mod register;
mod shown;

use tonic::{Request, Response, Status};
use yuhui_platform::caller;
use yuhui_proto::institution::v1::{
    self as pb,
    institution_facts_service_server::{InstitutionFactsService, InstitutionFactsServiceServer},
    institution_service_server::{InstitutionService, InstitutionServiceServer},
};

use crate::{Deps, domain::Office};

/// The institution register of a county.
pub fn institutions(deps: Deps) -> InstitutionServiceServer<Institutions> {
    InstitutionServiceServer::new(Institutions(deps))
}

/// What decisions ask for.
pub fn facts(deps: Deps) -> InstitutionFactsServiceServer<Facts> {
    InstitutionFactsServiceServer::new(Facts(deps))
}

/// Serves the register.
pub struct Institutions(Deps);

/// Serves the facts.
pub struct Facts(Deps);

#[tonic::async_trait]
impl InstitutionService for Institutions {
    async fn register_institution(
        &self,
        request: Request<pb::RegisterInstitutionRequest>,
    ) -> Result<Response<pb::RegisterInstitutionResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            register::register(&self.0, &caller, ask).await?,
        ))
    }

    async fn propose_change(
        &self,
        request: Request<pb::ProposeChangeRequest>,
    ) -> Result<Response<pb::ProposeChangeResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            changes::propose(&self.0, &caller, ask, Office::Health).await?,
        ))
    }

    async fn approve_change(
        &self,
        request: Request<pb::ApproveChangeRequest>,
    ) -> Result<Response<pb::ApproveChangeResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            changes::approve(&self.0, &caller, ask, Office::Health).await?,
        ))
    }

    async fn propose_education_change(
        &self,
        request: Request<pb::ProposeEducationChangeRequest>,
    ) -> Result<Response<pb::ProposeEducationChangeResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let ask = pb::ProposeChangeRequest {
            parent: ask.parent,
            change: ask.change,
            request_id: ask.request_id,
        };
        let answer = changes::propose(&self.0, &caller, ask, Office::Education).await?;
        Ok(Response::new(pb::ProposeEducationChangeResponse {
            change: answer.change,
        }))
    }

    async fn approve_education_change(
        &self,
        request: Request<pb::ApproveEducationChangeRequest>,
    ) -> Result<Response<pb::ApproveEducationChangeResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let ask = pb::ApproveChangeRequest {
            name: ask.name,
            request_id: ask.request_id,
        };
        let answer = changes::approve(&self.0, &caller, ask, Office::Education).await?;
        Ok(Response::new(pb::ApproveEducationChangeResponse {
            institution: answer.institution,
        }))
    }

    async fn get_institution(
        &self,
        request: Request<pb::GetInstitutionRequest>,
    ) -> Result<Response<pb::GetInstitutionResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(read::get(&self.0, &caller, ask).await?))
    }

    async fn list_institutions(
        &self,
        request: Request<pb::ListInstitutionsRequest>,
    ) -> Result<Response<pb::ListInstitutionsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(read::list(&self.0, &caller, ask).await?))
    }

    async fn report_enrolments(
        &self,
        request: Request<pb::ReportEnrolmentsRequest>,
    ) -> Result<Response<pb::ReportEnrolmentsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            claimant::report_enrolments(&self.0, &caller, ask).await?,
        ))
    }

    async fn check_enrolments(
        &self,
        request: Request<pb::CheckEnrolmentsRequest>,
    ) -> Result<Response<pb::CheckEnrolmentsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            enrolments::check(&self.0, &caller, ask).await?,
        ))
    }

    async fn list_enrolments(
        &self,
        request: Request<pb::ListEnrolmentsRequest>,
    ) -> Result<Response<pb::ListEnrolmentsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            enrolments::list(&self.0, &caller, ask).await?,
        ))
    }

    async fn submit_use_report(
        &self,
        request: Request<pb::SubmitUseReportRequest>,
    ) -> Result<Response<pb::SubmitUseReportResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            claimant::submit_use_report(&self.0, &caller, ask).await?,
        ))
    }
}

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

    async fn gather_enrolment_facts(
        &self,
        request: Request<pb::GatherEnrolmentFactsRequest>,
    ) -> Result<Response<pb::GatherEnrolmentFactsResponse>, Status> {
        let (_, ask) = caller::accept(request)?;
        Ok(Response::new(facts::of_child(&self.0, ask).await?))
    }
}
