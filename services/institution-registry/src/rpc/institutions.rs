//! `InstitutionService`: the register of institutions of a county.

use tonic::{Request, Response, Status};
use yuhui_platform::caller;
use yuhui_proto::institution::v1::{self as pb, institution_service_server::InstitutionService};

use crate::{
    Deps,
    acts::{changes, decline, enrolments, register, use_report},
    reads::{changes as proposed, enrolments as stays, institutions},
};

/// Serves the register.
pub struct Institutions(pub Deps);

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
            changes::propose(&self.0, &caller, ask).await?,
        ))
    }

    async fn approve_change(
        &self,
        request: Request<pb::ApproveChangeRequest>,
    ) -> Result<Response<pb::ApproveChangeResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            changes::approve(&self.0, &caller, ask).await?,
        ))
    }

    async fn propose_education_change(
        &self,
        request: Request<pb::ProposeEducationChangeRequest>,
    ) -> Result<Response<pb::ProposeEducationChangeResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            changes::propose_education(&self.0, &caller, ask).await?,
        ))
    }

    async fn approve_education_change(
        &self,
        request: Request<pb::ApproveEducationChangeRequest>,
    ) -> Result<Response<pb::ApproveEducationChangeResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            changes::approve_education(&self.0, &caller, ask).await?,
        ))
    }

    async fn decline_change(
        &self,
        request: Request<pb::DeclineChangeRequest>,
    ) -> Result<Response<pb::DeclineChangeResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = decline::decline(&self.0, &caller, ask).await?;
        Ok(Response::new(answer))
    }

    async fn withdraw_change(
        &self,
        request: Request<pb::WithdrawChangeRequest>,
    ) -> Result<Response<pb::WithdrawChangeResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = decline::withdraw(&self.0, &caller, ask).await?;
        Ok(Response::new(answer))
    }

    async fn decline_education_change(
        &self,
        request: Request<pb::DeclineEducationChangeRequest>,
    ) -> Result<Response<pb::DeclineEducationChangeResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = decline::decline_education(&self.0, &caller, ask).await?;
        Ok(Response::new(answer))
    }

    async fn withdraw_education_change(
        &self,
        request: Request<pb::WithdrawEducationChangeRequest>,
    ) -> Result<Response<pb::WithdrawEducationChangeResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = decline::withdraw_education(&self.0, &caller, ask).await?;
        Ok(Response::new(answer))
    }

    async fn propose_municipal_honour(
        &self,
        request: Request<pb::ProposeMunicipalHonourRequest>,
    ) -> Result<Response<pb::ProposeMunicipalHonourResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = changes::propose_honour(&self.0, &caller, ask).await?;
        Ok(Response::new(answer))
    }

    async fn approve_municipal_honour(
        &self,
        request: Request<pb::ApproveMunicipalHonourRequest>,
    ) -> Result<Response<pb::ApproveMunicipalHonourResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = changes::approve_honour(&self.0, &caller, ask).await?;
        Ok(Response::new(answer))
    }

    async fn decline_municipal_honour(
        &self,
        request: Request<pb::DeclineMunicipalHonourRequest>,
    ) -> Result<Response<pb::DeclineMunicipalHonourResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = decline::decline_honour(&self.0, &caller, ask).await?;
        Ok(Response::new(answer))
    }

    async fn withdraw_municipal_honour(
        &self,
        request: Request<pb::WithdrawMunicipalHonourRequest>,
    ) -> Result<Response<pb::WithdrawMunicipalHonourResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = decline::withdraw_honour(&self.0, &caller, ask).await?;
        Ok(Response::new(answer))
    }

    async fn get_change(
        &self,
        request: Request<pb::GetChangeRequest>,
    ) -> Result<Response<pb::GetChangeResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = proposed::get(&self.0, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn list_changes(
        &self,
        request: Request<pb::ListChangesRequest>,
    ) -> Result<Response<pb::ListChangesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = proposed::list(&self.0, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn get_institution(
        &self,
        request: Request<pb::GetInstitutionRequest>,
    ) -> Result<Response<pb::GetInstitutionResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            institutions::get(&self.0, &caller, ask).await?,
        ))
    }

    async fn list_institutions(
        &self,
        request: Request<pb::ListInstitutionsRequest>,
    ) -> Result<Response<pb::ListInstitutionsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            institutions::list(&self.0, &caller, ask).await?,
        ))
    }

    async fn report_enrolments(
        &self,
        request: Request<pb::ReportEnrolmentsRequest>,
    ) -> Result<Response<pb::ReportEnrolmentsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            enrolments::report(&self.0, &caller, ask).await?,
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
        Ok(Response::new(stays::list(&self.0, &caller, ask).await?))
    }

    async fn submit_use_report(
        &self,
        request: Request<pb::SubmitUseReportRequest>,
    ) -> Result<Response<pb::SubmitUseReportResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            use_report::submit(&self.0, &caller, ask).await?,
        ))
    }
}
