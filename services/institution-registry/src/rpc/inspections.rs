//! `InspectionService` and `UseReportService`: what offices find at a nursery.

use tonic::{Request, Response, Status};
use yuhui_platform::caller;
use yuhui_proto::institution::v1::{
    self as pb, inspection_service_server::InspectionService,
    use_report_service_server::UseReportService,
};

use crate::{
    Deps,
    acts::{inspections as acts, use_report},
    reads::{inspections as reads, use_reports},
};

/// Serves inspections.
pub struct Inspections(pub Deps);

/// Serves reports on the use of the money.
pub struct UseReports(pub Deps);

#[tonic::async_trait]
impl InspectionService for Inspections {
    async fn record_inspection(
        &self,
        request: Request<pb::RecordInspectionRequest>,
    ) -> Result<Response<pb::RecordInspectionResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(acts::record(&self.0, &caller, ask).await?))
    }

    async fn sign_inspection(
        &self,
        request: Request<pb::SignInspectionRequest>,
    ) -> Result<Response<pb::SignInspectionResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(acts::sign(&self.0, &caller, ask).await?))
    }

    async fn list_inspections(
        &self,
        request: Request<pb::ListInspectionsRequest>,
    ) -> Result<Response<pb::ListInspectionsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(reads::list(&self.0, &caller, ask).await?))
    }
}

#[tonic::async_trait]
impl UseReportService for UseReports {
    async fn review_use_report(
        &self,
        request: Request<pb::ReviewUseReportRequest>,
    ) -> Result<Response<pb::ReviewUseReportResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = use_report::review(&self.0, &caller, ask).await?;
        Ok(Response::new(answer))
    }

    async fn get_use_report(
        &self,
        request: Request<pb::GetUseReportRequest>,
    ) -> Result<Response<pb::GetUseReportResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            use_reports::get(&self.0, &caller, ask).await?,
        ))
    }

    async fn list_use_reports(
        &self,
        request: Request<pb::ListUseReportsRequest>,
    ) -> Result<Response<pb::ListUseReportsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            use_reports::list(&self.0, &caller, ask).await?,
        ))
    }
}
