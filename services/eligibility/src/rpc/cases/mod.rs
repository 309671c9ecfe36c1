//! CaseService: one file per group of steps.

mod correction;
mod draft;
mod form;
pub(super) mod fraud;
mod intake;
mod payment_check;
mod payout;
mod read;
mod rejection;
mod review;
mod supervision;
mod termination;

use tonic::{Request, Response, Status};
use yuhui_platform::{
    Result,
    caller::{self, Caller},
};
use yuhui_proto::eligibility::v1::{self as pb, case_service_server::CaseService};

use crate::{
    desk::Desk,
    domain::{Case, NotAllowed, ProposalKind},
    evaluation::{Moment, Verdict},
    refusal::Refused,
    store::cases::Stored,
};

/// The service; each method's work is in the file of its step.
pub(crate) struct Cases(pub(crate) Desk);

/// Looks at the case of a command before the registers are asked, or answers what was answered
/// before.
macro_rules! look {
    (@ $looked:expr) => {
        match $looked.await? {
            crate::desk::Looked::Answered(case) => return Ok(*case),
            crate::desk::Looked::Found(stored) => *stored,
        }
    };
    ($desk:expr, $command:expr) => {
        look!(@ $desk.look_at(&$command))
    };
    ($desk:expr, $command:expr, $step:expr) => {
        look!(@ $desk.look_before(&$command, $step))
    };
}
pub(super) use look;

/// Takes a seat, or answers what was answered before. A case looked at before must not have moved.
macro_rules! seat {
    ($desk:expr, $command:expr) => {
        seat!($desk, $command, revision: None)
    };
    ($desk:expr, $command:expr, revision: $revision:expr) => {
        match $desk.sit($command, $revision).await? {
            crate::sitting::Seat::Answered(case) => return Ok(*case),
            crate::sitting::Seat::Taken(sitting) => *sitting,
        }
    };
    ($desk:expr, $command:expr, $looked:expr) => {
        seat!($desk, $command, revision: Some($looked.case.revision))
    };
}
pub(super) use seat;

/// Runs the rules again for a proposal of that kind that rests on them, before it is approved.
async fn judge_anew(
    desk: &Desk,
    caller: &Caller,
    stored: &Stored,
    kind: ProposalKind,
    moment: Moment<'_>,
) -> Result<Option<Verdict>> {
    let waiting = stored.case.proposal.as_ref();
    let waiting = waiting.filter(|it| it.kind == kind);
    match waiting.filter(|it| it.rests_on_the_rules()) {
        Some(_) => Ok(Some(desk.judge(caller, stored, moment).await?)),
        None => Ok(None),
    }
}

/// A refusal that names the case.
fn fits(taken: Result<(), NotAllowed>, case: &Case) -> Result<()> {
    Ok(taken.map_err(|refused| Refused::WrongState {
        case: case.name(),
        refused,
    })?)
}

/// A reason code or opinion, and what somebody wrote about it.
fn because(code: &str, note: &str) -> String {
    match (code, note) {
        ("", note) => note.into(),
        (code, "") => code.into(),
        (code, note) => format!("{code}：{note}"),
    }
}

fn wrapped<A, B>(answer: A, wrap: impl FnOnce(A) -> B) -> B {
    wrap(answer)
}

macro_rules! answer {
    ($($method:ident: $request:ident => $response:ident by $work:path, $wrap:expr;)*) => {
        $(fn $method<'life0, 'async_trait>(
            &'life0 self,
            request: Request<pb::$request>,
        ) -> ::core::pin::Pin<Box<
            dyn ::core::future::Future<Output = Result<Response<pb::$response>, Status>> + Send + 'async_trait,
        >>
        where
            'life0: 'async_trait,
            Self: 'async_trait,
        {
            Box::pin(async move {
                let (caller, ask) = caller::accept(request)?;
                let answer = $work(&self.0, &caller, ask).await?;
                Ok(Response::new(wrapped(answer, $wrap)))
            })
        })*
    };
}

/// One line per RPC: take the caller, do the work, answer the case.
macro_rules! answer_the_case {
    ($($method:ident: $request:ident => $response:ident by $work:path;)*) => {
        answer! { $($method: $request => $response by $work, |case| pb::$response { case: Some(case) };)* }
    };
}

impl CaseService for Cases {
    answer_the_case! {
        create_case: CreateCaseRequest => CreateCaseResponse by draft::create;
        update_case: UpdateCaseRequest => UpdateCaseResponse by draft::update;
        lodge_case: LodgeCaseRequest => LodgeCaseResponse by draft::lodge;
        accept_case: AcceptCaseRequest => AcceptCaseResponse by intake::accept;
        report_case: ReportCaseRequest => ReportCaseResponse by review::report;
        sign_case: SignCaseRequest => SignCaseResponse by review::sign;
        review_case: ReviewCaseRequest => ReviewCaseResponse by review::review;
        confirm_case: ConfirmCaseRequest => ConfirmCaseResponse by review::confirm;
        return_case: ReturnCaseRequest => ReturnCaseResponse by correction::return_case;
        resubmit_case: ResubmitCaseRequest => ResubmitCaseResponse by correction::resubmit;
        refer_case: ReferCaseRequest => ReferCaseResponse by correction::refer;
        resolve_referral: ResolveReferralRequest => ResolveReferralResponse by correction::resolve_referral;
        propose_rejection: ProposeRejectionRequest => ProposeRejectionResponse by rejection::propose;
        approve_rejection: ApproveRejectionRequest => ApproveRejectionResponse by rejection::approve;
        propose_termination: ProposeTerminationRequest => ProposeTerminationResponse by termination::propose;
        approve_termination: ApproveTerminationRequest => ApproveTerminationResponse by termination::approve;
        withdraw_case: WithdrawCaseRequest => WithdrawCaseResponse by termination::withdraw;
        propose_account_correction: ProposeAccountCorrectionRequest => ProposeAccountCorrectionResponse by payout::propose_account;
        approve_account_correction: ApproveAccountCorrectionRequest => ApproveAccountCorrectionResponse by payout::approve_account;
        propose_fraud_finding: ProposeFraudFindingRequest => ProposeFraudFindingResponse by fraud::propose;
        approve_fraud_finding: ApproveFraudFindingRequest => ApproveFraudFindingResponse by fraud::approve;
        hold_case: HoldCaseRequest => HoldCaseResponse by supervision::hold;
        release_hold: ReleaseHoldRequest => ReleaseHoldResponse by supervision::release;
        record_objection: RecordObjectionRequest => RecordObjectionResponse by supervision::object;
        resolve_inquiry: ResolveInquiryRequest => ResolveInquiryResponse by supervision::resolve;
        close_case: CloseCaseRequest => CloseCaseResponse by payout::close;
        get_case: GetCaseRequest => GetCaseResponse by read::get;
    }
    answer! {
        refuse_case: RefuseCaseRequest => RefuseCaseResponse by intake::refuse, |it| it;
        run_pre_payment_check: RunPrePaymentCheckRequest => RunPrePaymentCheckResponse by payment_check::run, |it| it;
        list_cases: ListCasesRequest => ListCasesResponse by read::list, |it| it;
        list_transitions: ListTransitionsRequest => ListTransitionsResponse by read::transitions, |it| it;
        get_determination: GetDeterminationRequest => GetDeterminationResponse by read::determination, |it| it;
    }
}
