//! Cases, and what is about one of them: inquiries, recoveries, reviews of decisions, evidence.

use yuhui_proto::eligibility::v1::{
    case_batch_service_server::CaseBatchService, case_proposal_service_server::CaseProposalService,
    case_service_server::CaseService, inquiry_service_server::InquiryService,
    recovery_service_server::RecoveryService, review_request_service_server::ReviewRequestService,
    takeover_service_server::TakeoverService,
};

use super::{Handlers, answers};
use crate::{acts, reads};

impl CaseService for Handlers {
    answers! {
        create_case: CreateCaseRequest => CreateCaseResponse by acts::draft::create, in case;
        update_case: UpdateCaseRequest => UpdateCaseResponse by acts::draft::update, in case;
        lodge_case: LodgeCaseRequest => LodgeCaseResponse by acts::lodge::lodge;
        accept_case: AcceptCaseRequest => AcceptCaseResponse by acts::intake::accept, in case;
        refuse_case: RefuseCaseRequest => RefuseCaseResponse by acts::intake::refuse;
        report_case: ReportCaseRequest => ReportCaseResponse by acts::review::report, in case;
        sign_case: SignCaseRequest => SignCaseResponse by acts::review::sign, in case;
        review_case: ReviewCaseRequest => ReviewCaseResponse by acts::review::review, in case;
        confirm_case: ConfirmCaseRequest => ConfirmCaseResponse by acts::review::confirm, in case;
        return_case: ReturnCaseRequest => ReturnCaseResponse by acts::correction::return_case, in case;
        resubmit_case: ResubmitCaseRequest => ResubmitCaseResponse by acts::correction::resubmit, in case;
        refer_case: ReferCaseRequest => ReferCaseResponse by acts::referral::refer, in case;
        resolve_referral: ResolveReferralRequest => ResolveReferralResponse by acts::referral::resolve_referral, in case;
        propose_rejection: ProposeRejectionRequest => ProposeRejectionResponse by acts::rejection::propose, in case;
        approve_rejection: ApproveRejectionRequest => ApproveRejectionResponse by acts::rejection::approve, in case;
        propose_termination: ProposeTerminationRequest => ProposeTerminationResponse by acts::termination::propose, in case;
        approve_termination: ApproveTerminationRequest => ApproveTerminationResponse by acts::termination::approve, in case;
        withdraw_case: WithdrawCaseRequest => WithdrawCaseResponse by acts::termination::withdraw, in case;
        run_pre_payment_check: RunPrePaymentCheckRequest => RunPrePaymentCheckResponse by acts::payment_check::run;
        propose_account_correction: ProposeAccountCorrectionRequest => ProposeAccountCorrectionResponse by acts::account::propose, in case;
        approve_account_correction: ApproveAccountCorrectionRequest => ApproveAccountCorrectionResponse by acts::account::approve, in case;
        propose_fraud_finding: ProposeFraudFindingRequest => ProposeFraudFindingResponse by acts::fraud::propose, in case;
        approve_fraud_finding: ApproveFraudFindingRequest => ApproveFraudFindingResponse by acts::fraud::approve, in case;
        hold_case: HoldCaseRequest => HoldCaseResponse by acts::hold::hold, in case;
        release_hold: ReleaseHoldRequest => ReleaseHoldResponse by acts::hold::release, in case;
        record_objection: RecordObjectionRequest => RecordObjectionResponse by acts::inquiry::object, in case;
        resolve_inquiry: ResolveInquiryRequest => ResolveInquiryResponse by acts::inquiry::resolve, in case;
        close_case: CloseCaseRequest => CloseCaseResponse by acts::close::close, in case;
        close_cases: CloseCasesRequest => CloseCasesResponse by acts::close_cases::run;
        get_case: GetCaseRequest => GetCaseResponse by reads::cases::get;
        list_cases: ListCasesRequest => ListCasesResponse by reads::cases::list;
        list_transitions: ListTransitionsRequest => ListTransitionsResponse by reads::cases::transitions;
        get_determination: GetDeterminationRequest => GetDeterminationResponse by reads::cases::determination;
    }
}

impl CaseBatchService for Handlers {
    answers! {
        batch_sign_cases: BatchSignCasesRequest => BatchSignCasesResponse by acts::batches::sign;
        batch_confirm_cases: BatchConfirmCasesRequest => BatchConfirmCasesResponse by acts::batches::confirm;
    }
}

impl CaseProposalService for Handlers {
    answers! {
        get_case_proposal: GetCaseProposalRequest => GetCaseProposalResponse by reads::proposals::get;
        decline_case_proposal: DeclineCaseProposalRequest => DeclineCaseProposalResponse by acts::proposals::decline, in case;
        withdraw_case_proposal: WithdrawCaseProposalRequest => WithdrawCaseProposalResponse by acts::proposals::withdraw, in case;
    }
}

impl TakeoverService for Handlers {
    answers! {
        propose_takeover: ProposeTakeoverRequest => ProposeTakeoverResponse by acts::takeover::propose, in case;
        approve_takeover: ApproveTakeoverRequest => ApproveTakeoverResponse by acts::takeover::approve, in case;
    }
}

impl InquiryService for Handlers {
    answers! {
        report_inquiry: ReportInquiryRequest => ReportInquiryResponse by acts::inquiry::report, in case;
    }
}

impl RecoveryService for Handlers {
    answers! {
        list_due_recoveries: ListDueRecoveriesRequest => ListDueRecoveriesResponse by reads::recoveries::list;
        propose_recovery: ProposeRecoveryRequest => ProposeRecoveryResponse by acts::recovery::propose, in case;
        approve_recovery: ApproveRecoveryRequest => ApproveRecoveryResponse by acts::recovery::approve, in case;
    }
}

impl ReviewRequestService for Handlers {
    answers! {
        record_delivery: RecordDeliveryRequest => RecordDeliveryResponse by acts::review_requests::request::delivery;
        request_review: RequestReviewRequest => RequestReviewResponse by acts::review_requests::request::review;
        order_reopening: OrderReopeningRequest => OrderReopeningResponse by acts::review_requests::request::order;
        propose_review_decision: ProposeReviewDecisionRequest => ProposeReviewDecisionResponse by acts::review_requests::decide::propose;
        approve_review_decision: ApproveReviewDecisionRequest => ApproveReviewDecisionResponse by acts::review_requests::decide::approve;
        get_review_request: GetReviewRequestRequest => GetReviewRequestResponse by reads::review_requests::get;
        list_review_requests: ListReviewRequestsRequest => ListReviewRequestsResponse by reads::review_requests::list;
    }
}
