//! What is for the public, and the offices that hear it.

use yuhui_proto::portal::v1::{
    chain_head_service_server::ChainHeadService,
    public_statistics_service_server::PublicStatisticsService,
    reference_service_server::ReferenceService, report_service_server::ReportService,
    status_service_server::StatusService,
};

use super::{Handlers, answers};
use crate::{
    acts::{public_codes, reports},
    reads::portal,
};

impl StatusService for Handlers {
    answers! {
        package portal;
        get_status: GetStatusRequest => GetStatusResponse by portal::status::get;
        issue_status_code: IssueStatusCodeRequest => IssueStatusCodeResponse by public_codes::issue;
    }
}

impl ReportService for Handlers {
    answers! {
        package portal;
        submit_report: SubmitReportRequest => SubmitReportResponse by reports::submit;
        get_report: GetReportRequest => GetReportResponse by portal::reports::track;
        list_reports: ListReportsRequest => ListReportsResponse by portal::reports::list;
        get_staff_report: GetStaffReportRequest => GetStaffReportResponse by portal::reports::get, in report;
        admit_report: AdmitReportRequest => AdmitReportResponse by reports::admit;
        answer_report: AnswerReportRequest => AnswerReportResponse by reports::answer;
        reveal_contact: RevealContactRequest => RevealContactResponse by reports::reveal;
    }
}

impl PublicStatisticsService for Handlers {
    answers! {
        package portal;
        get_public_statistics: GetPublicStatisticsRequest => GetPublicStatisticsResponse by portal::statistics::get;
    }
}

impl ReferenceService for Handlers {
    answers! {
        package portal;
        list_reference_data: ListReferenceDataRequest => ListReferenceDataResponse by portal::reference::list;
    }
}

impl ChainHeadService for Handlers {
    answers! {
        package portal;
        list_chain_heads: ListChainHeadsRequest => ListChainHeadsResponse by portal::chain_heads::list;
    }
}
