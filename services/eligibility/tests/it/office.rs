//! What somebody at work can call.

use yuhui_proto::{
    documents::v1::document_service_client::DocumentServiceClient,
    eligibility::v1::{
        case_batch_service_client::CaseBatchServiceClient,
        case_proposal_service_client::CaseProposalServiceClient,
        case_service_client::CaseServiceClient, case_view_service_client::CaseViewServiceClient,
        deadline_service_client::DeadlineServiceClient,
        evidence_service_client::EvidenceServiceClient,
        finding_service_client::FindingServiceClient,
        forecast_service_client::ForecastServiceClient, form_service_client::FormServiceClient,
        inquiry_service_client::InquiryServiceClient, matter_service_client::MatterServiceClient,
        notice_service_client::NoticeServiceClient,
        policy_pack_service_client::PolicyPackServiceClient,
        pre_check_service_client::PreCheckServiceClient,
        recovery_service_client::RecoveryServiceClient,
        red_flag_service_client::RedFlagServiceClient,
        review_request_service_client::ReviewRequestServiceClient,
        roster_return_service_client::RosterReturnServiceClient,
        roster_service_client::RosterServiceClient, sampling_service_client::SamplingServiceClient,
        statistics_service_client::StatisticsServiceClient,
        takeover_service_client::TakeoverServiceClient, view_service_client::ViewServiceClient,
    },
    operations::v1::operation_service_client::OperationServiceClient,
    portal::v1::{
        chain_head_service_client::ChainHeadServiceClient,
        public_statistics_service_client::PublicStatisticsServiceClient,
        reference_service_client::ReferenceServiceClient,
        report_service_client::ReportServiceClient, status_service_client::StatusServiceClient,
    },
    work::v1::work_service_client::WorkServiceClient,
};

use crate::harness::Wire;

/// Somebody at work.
pub struct Office(pub Wire);

impl Office {
    pub fn cases(&self) -> CaseServiceClient<Wire> {
        CaseServiceClient::new(self.0.clone())
    }

    pub fn case_views(&self) -> CaseViewServiceClient<Wire> {
        CaseViewServiceClient::new(self.0.clone())
    }

    pub fn documents(&self) -> DocumentServiceClient<Wire> {
        DocumentServiceClient::new(self.0.clone())
    }

    pub fn forecasts(&self) -> ForecastServiceClient<Wire> {
        ForecastServiceClient::new(self.0.clone())
    }

    pub fn forms(&self) -> FormServiceClient<Wire> {
        FormServiceClient::new(self.0.clone())
    }

    pub fn evidence(&self) -> EvidenceServiceClient<Wire> {
        EvidenceServiceClient::new(self.0.clone())
    }

    pub fn notices(&self) -> NoticeServiceClient<Wire> {
        NoticeServiceClient::new(self.0.clone())
    }

    pub fn packs(&self) -> PolicyPackServiceClient<Wire> {
        PolicyPackServiceClient::new(self.0.clone())
    }

    pub fn pre_checks(&self) -> PreCheckServiceClient<Wire> {
        PreCheckServiceClient::new(self.0.clone())
    }

    pub fn recoveries(&self) -> RecoveryServiceClient<Wire> {
        RecoveryServiceClient::new(self.0.clone())
    }

    pub fn red_flags(&self) -> RedFlagServiceClient<Wire> {
        RedFlagServiceClient::new(self.0.clone())
    }

    pub fn deadlines(&self) -> DeadlineServiceClient<Wire> {
        DeadlineServiceClient::new(self.0.clone())
    }

    pub fn operations(&self) -> OperationServiceClient<Wire> {
        OperationServiceClient::new(self.0.clone())
    }

    pub fn rosters(&self) -> RosterServiceClient<Wire> {
        RosterServiceClient::new(self.0.clone())
    }

    pub fn returns(&self) -> RosterReturnServiceClient<Wire> {
        RosterReturnServiceClient::new(self.0.clone())
    }

    pub fn sampling(&self) -> SamplingServiceClient<Wire> {
        SamplingServiceClient::new(self.0.clone())
    }

    pub fn proposals(&self) -> CaseProposalServiceClient<Wire> {
        CaseProposalServiceClient::new(self.0.clone())
    }

    pub fn takeovers(&self) -> TakeoverServiceClient<Wire> {
        TakeoverServiceClient::new(self.0.clone())
    }

    pub fn batches(&self) -> CaseBatchServiceClient<Wire> {
        CaseBatchServiceClient::new(self.0.clone())
    }

    pub fn matters(&self) -> MatterServiceClient<Wire> {
        MatterServiceClient::new(self.0.clone())
    }

    pub fn findings(&self) -> FindingServiceClient<Wire> {
        FindingServiceClient::new(self.0.clone())
    }

    pub fn statistics(&self) -> StatisticsServiceClient<Wire> {
        StatisticsServiceClient::new(self.0.clone())
    }

    pub fn views(&self) -> ViewServiceClient<Wire> {
        ViewServiceClient::new(self.0.clone())
    }

    pub fn inquiries(&self) -> InquiryServiceClient<Wire> {
        InquiryServiceClient::new(self.0.clone())
    }

    pub fn work(&self) -> WorkServiceClient<Wire> {
        WorkServiceClient::new(self.0.clone())
    }

    pub fn statuses(&self) -> StatusServiceClient<Wire> {
        StatusServiceClient::new(self.0.clone())
    }

    pub fn reports(&self) -> ReportServiceClient<Wire> {
        ReportServiceClient::new(self.0.clone())
    }

    pub fn public_statistics(&self) -> PublicStatisticsServiceClient<Wire> {
        PublicStatisticsServiceClient::new(self.0.clone())
    }

    pub fn references(&self) -> ReferenceServiceClient<Wire> {
        ReferenceServiceClient::new(self.0.clone())
    }

    pub fn chain_heads(&self) -> ChainHeadServiceClient<Wire> {
        ChainHeadServiceClient::new(self.0.clone())
    }

    pub fn reviews(&self) -> ReviewRequestServiceClient<Wire> {
        ReviewRequestServiceClient::new(self.0.clone())
    }
}
