//! The gRPC services: each method takes the caller, calls its act or read, and wraps the answer.

mod cases;
mod disbursement;
mod documents;
mod evidence;
mod forms;
mod oversight;
mod policy;
mod portal;
mod rosters;
mod work;

use tonic::service::Routes;
use yuhui_proto::documents::v1::document_service_server::DocumentServiceServer;
use yuhui_proto::portal::v1::{
    chain_head_service_server::ChainHeadServiceServer,
    public_statistics_service_server::PublicStatisticsServiceServer,
    reference_service_server::ReferenceServiceServer, report_service_server::ReportServiceServer,
    status_service_server::StatusServiceServer,
};
use yuhui_proto::work::v1::work_service_server::WorkServiceServer;
use yuhui_proto::{
    eligibility::v1::{
        case_batch_service_server::CaseBatchServiceServer,
        case_proposal_service_server::CaseProposalServiceServer,
        case_service_server::CaseServiceServer, case_view_service_server::CaseViewServiceServer,
        deadline_service_server::DeadlineServiceServer,
        evidence_service_server::EvidenceServiceServer,
        finding_service_server::FindingServiceServer,
        forecast_service_server::ForecastServiceServer, form_service_server::FormServiceServer,
        inquiry_service_server::InquiryServiceServer, matter_service_server::MatterServiceServer,
        notice_service_server::NoticeServiceServer,
        policy_pack_service_server::PolicyPackServiceServer,
        pre_check_service_server::PreCheckServiceServer,
        recovery_service_server::RecoveryServiceServer,
        red_flag_service_server::RedFlagServiceServer,
        review_request_service_server::ReviewRequestServiceServer,
        roster_return_service_server::RosterReturnServiceServer,
        roster_service_server::RosterServiceServer, sampling_service_server::SamplingServiceServer,
        statistics_service_server::StatisticsServiceServer,
        takeover_service_server::TakeoverServiceServer, view_service_server::ViewServiceServer,
    },
    internal::v1::{
        clearance_service_server::ClearanceServiceServer,
        payout_service_server::PayoutServiceServer,
    },
};

use crate::context::Context;

/// Answers for every service of the contract.
#[derive(Clone)]
struct Handlers(Context);

/// One line per method: its messages, the act or read that does the work, and the field in which its
/// result is answered, unless it answers with the whole response. Messages are those of eligibility, unless
/// their package is named first.
macro_rules! answers {
    (@wrap $package:ident $response:ident $answer:ident) => {
        $answer
    };
    (@wrap $package:ident $response:ident $answer:ident $field:ident) => {
        ::yuhui_proto::$package::v1::$response {
            $field: Some($answer),
        }
    };
    (package $package:ident;
     $($method:ident: $request:ident => $response:ident by $work:path $(, in $field:ident)?;)*) => {
        $($crate::rpc::answers!(@method $package $method $request $response $work [$($field)?]);)*
    };
    (@method $package:ident $method:ident $request:ident $response:ident $work:path [$($field:ident)?]) => {
        fn $method<'life0, 'async_trait>(
            &'life0 self,
            request: ::tonic::Request<::yuhui_proto::$package::v1::$request>,
        ) -> ::core::pin::Pin<Box<
            dyn ::core::future::Future<
                Output = Result<
                    ::tonic::Response<::yuhui_proto::$package::v1::$response>,
                    ::tonic::Status,
                >,
            > + Send + 'async_trait,
        >>
        where
            'life0: 'async_trait,
            Self: 'async_trait,
        {
            Box::pin(async move {
                let (caller, ask) = ::yuhui_platform::caller::accept(request)?;
                let answer = $work(&self.0, &caller, ask).await?;
                Ok(::tonic::Response::new(
                    $crate::rpc::answers!(@wrap $package $response answer $($field)?),
                ))
            })
        }
    };
    ($method:ident: $($rest:tt)*) => {
        $crate::rpc::answers! { package eligibility; $method: $($rest)* }
    };
}
use answers;

/// Every service of the contract.
pub(crate) fn routes(context: Context) -> Routes {
    let handlers = Handlers(context);
    Routes::new(CaseServiceServer::new(handlers.clone()))
        .add_service(NoticeServiceServer::new(handlers.clone()))
        .add_service(RosterServiceServer::new(handlers.clone()))
        .add_service(EvidenceServiceServer::new(handlers.clone()))
        .add_service(CaseViewServiceServer::new(handlers.clone()))
        .add_service(PreCheckServiceServer::new(handlers.clone()))
        .add_service(PolicyPackServiceServer::new(handlers.clone()))
        .add_service(ForecastServiceServer::new(handlers.clone()))
        .add_service(FormServiceServer::new(handlers.clone()))
        .add_service(DeadlineServiceServer::new(handlers.clone()))
        .add_service(RecoveryServiceServer::new(handlers.clone()))
        .add_service(RedFlagServiceServer::new(handlers.clone()))
        .add_service(RosterReturnServiceServer::new(handlers.clone()))
        .add_service(SamplingServiceServer::new(handlers.clone()))
        .add_service(ReviewRequestServiceServer::new(handlers.clone()))
        .add_service(CaseProposalServiceServer::new(handlers.clone()))
        .add_service(CaseBatchServiceServer::new(handlers.clone()))
        .add_service(TakeoverServiceServer::new(handlers.clone()))
        .add_service(InquiryServiceServer::new(handlers.clone()))
        .add_service(MatterServiceServer::new(handlers.clone()))
        .add_service(FindingServiceServer::new(handlers.clone()))
        .add_service(ViewServiceServer::new(handlers.clone()))
        .add_service(StatisticsServiceServer::new(handlers.clone()))
        .add_service(DocumentServiceServer::new(handlers.clone()))
        .add_service(PayoutServiceServer::new(handlers.clone()))
        .add_service(WorkServiceServer::new(handlers.clone()))
        .add_service(StatusServiceServer::new(handlers.clone()))
        .add_service(ReportServiceServer::new(handlers.clone()))
        .add_service(PublicStatisticsServiceServer::new(handlers.clone()))
        .add_service(ReferenceServiceServer::new(handlers.clone()))
        .add_service(ChainHeadServiceServer::new(handlers.clone()))
        .add_service(ClearanceServiceServer::new(handlers))
}
