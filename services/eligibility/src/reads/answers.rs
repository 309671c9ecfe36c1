//! What registers answered for a case, and who may see the papers of one.

use yuhui_platform::{Result, caller::Caller, db::Tx, refusal};
use yuhui_proto::{
    authz::v1::{Desk, Duty, Level, Power},
    eligibility::v1::{self as pb, case_view::Kind},
    internal::v1::{self as internal, verification_service_client::VerificationServiceClient},
};

use super::views;
use crate::{context::Context, domain::Case, names::REGISTRY, store};

/// The answers given for a case, oldest first.
pub(crate) async fn list(
    context: &Context,
    caller: &Caller,
    ask: pb::ListAnswersRequest,
) -> Result<pb::ListAnswersResponse> {
    let case = context.case(caller, &ask.parent).await?.case;
    let tx = context.db.read(case.tenant).await?;
    shows_papers(&tx, caller, &case).await?;
    drop(tx);
    views::note(context, caller, &case, Kind::Answers).await;
    let ask = internal::ListAnswersRequest {
        parent: ask.parent,
        page_size: ask.page_size,
        page_token: ask.page_token,
    };
    let mut client = VerificationServiceClient::new(context.peers.call(REGISTRY, caller)?);
    let answer = client.list_answers(ask).await?.into_inner();
    Ok(pb::ListAnswersResponse {
        answers: answer.answers,
        next_page_token: answer.next_page_token,
    })
}

/// D.2: whoever reads every case does not for that read its papers. The registrar of the city reads those of the
/// sample, discipline inspection those of cases on which a matter is open.
pub(crate) async fn shows_papers(tx: &Tx, caller: &Caller, case: &Case) -> Result<()> {
    if papers_are_open(tx, caller, case).await? {
        return Ok(());
    }
    let closed = match caller.power() {
        Power::Supervision => refusal::denied(
            "D.2",
            "须先就该个案立项核查",
            "no matter is open on the case",
        ),
        _ => refusal::denied(
            "DYN-9",
            "该个案不在抽查样本之中",
            "the case is not in the drawn sample",
        ),
    };
    Err(closed.into())
}

/// Whether the caller, who reads the case, reads its papers too.
pub(crate) async fn papers_are_open(tx: &Tx, caller: &Caller, case: &Case) -> Result<bool> {
    match (caller.power(), caller.level(), caller.desk()) {
        (Power::Eligibility, Level::Municipal, _) if caller.duty() == Duty::Maker => {
            store::samples::has(tx, case.id).await
        }
        (Power::Supervision, _, Desk::Discipline) => store::matters::is_open(tx, case.id).await,
        _ => Ok(true),
    }
}
