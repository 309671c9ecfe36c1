//! What decisions rest on, and whole cases.

use std::pin::Pin;

use futures::Stream;
use tonic::{Request, Response, Status};
use yuhui_platform::caller;
use yuhui_proto::eligibility::v1::{
    ExportCaseFileRequest, ExportCaseFileResponse, case_view_service_server::CaseViewService,
    evidence_service_server::EvidenceService,
};

use super::{Handlers, answers};
use crate::reads;

impl CaseViewService for Handlers {
    answers! {
        get_comparison: GetComparisonRequest => GetComparisonResponse by reads::comparison::get;
    }
}

#[tonic::async_trait]
impl EvidenceService for Handlers {
    answers! {
        export_evidence: ExportEvidenceRequest => ExportEvidenceResponse by reads::evidence::export;
        list_answers: ListAnswersRequest => ListAnswersResponse by reads::answers::list;
    }

    type ExportCaseFileStream =
        Pin<Box<dyn Stream<Item = Result<ExportCaseFileResponse, Status>> + Send>>;

    async fn export_case_file(
        &self,
        request: Request<ExportCaseFileRequest>,
    ) -> Result<Response<Self::ExportCaseFileStream>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let file = reads::case_file::export(&self.0, &caller, ask).await?;
        Ok(Response::new(Box::pin(file)))
    }
}
