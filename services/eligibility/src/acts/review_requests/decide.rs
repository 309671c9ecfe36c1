//! How a review is decided: by two persons of the county who had no hand in the case (R-PRC-5).

use yuhui_platform::{
    Result,
    act::OpenAct,
    caller::Caller,
    db::Tx,
    idempotency::Key,
    refusal::{self, not_found},
    unless_answered,
};
use yuhui_proto::eligibility::v1::{self as pb, review_request::Outcome};

use super::{record, unless_pending, write_case};
use crate::{
    context::Context,
    convert::{self, text},
    domain::review_request::{ReviewProposal, ReviewRequest, ReviewState},
    gate::{self, review::ReviewDeed},
    names,
    reads::review_requests::{find, with_letter},
    refusal::{fits, required},
    ritual::behind,
    separation::{conflict, hand},
    store::{self, cases::Stored},
};

/// The case of a review.
async fn case_of(tx: &Tx, review: &ReviewRequest) -> Result<Stored> {
    let stored = store::cases::get(tx, review.case).await?;
    Ok(stored.ok_or_else(|| not_found(review.name()))?)
}

/// County maker: uphold or reopen. An order is not weighed, only carried out.
pub(crate) async fn propose(
    context: &Context,
    caller: &Caller,
    ask: pb::ProposeReviewDecisionRequest,
) -> Result<pb::ProposeReviewDecisionResponse> {
    let reasons = text::needed("reasons", &ask.reasons)?;
    let reopen = match ask.outcome() {
        Outcome::Uphold => false,
        Outcome::Reopen => true,
        Outcome::Unspecified => return Err(refusal::invalid(vec![required("outcome")]).into()),
    };
    let tenant = names::parse_own(caller, &ask.name, "reviewRequests")?.0;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let relatives = context.relatives(caller, tenant).await;
    let act = unless_answered!(context.open_act(caller, tenant, key));
    let tx = &act.tx;
    let mut review = find(tx, &ask.name).await?;
    let case = case_of(tx, &review).await?.case;
    conflict(caller, &relatives?, &case)?;
    gate::review::may(ReviewDeed::Propose, caller, &review, &case)?;
    review.state = ReviewState::Proposed;
    review.proposal = Some(ReviewProposal {
        by: hand(caller),
        reopen,
        reasons: reasons.clone(),
    });
    review.revision += 1;
    store::review_requests::update(tx, &review).await?;
    record(&act, "review.propose", &review, &reasons).await?;
    let review_request = Some(convert::review_requests::review(caller, &review));
    act.finish(pb::ProposeReviewDecisionResponse { review_request })
        .await
}

/// County checker: the decision stands, or the case begins anew at county review (F32).
pub(crate) async fn approve(
    context: &Context,
    caller: &Caller,
    ask: pb::ApproveReviewDecisionRequest,
) -> Result<pb::ApproveReviewDecisionResponse> {
    let tenant = names::parse_own(caller, &ask.name, "reviewRequests")?.0;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let relatives = context.relatives(caller, tenant).await;
    let act = unless_answered!(context.open_act(caller, tenant, key));
    let tx = &act.tx;
    let mut review = find(tx, &ask.name).await?;
    store::cases::lock_all(tx, vec![review.case]).await?;
    let stored = case_of(tx, &review).await?;
    let before = stored.case.clone();
    conflict(caller, &relatives?, &before)?;
    gate::review::may(ReviewDeed::Approve, caller, &review, &before)?;
    refusal::seen(&ask.etag, &review.etag())?;
    let proposal = review.proposal.clone().ok_or_else(refusal::aborted)?;
    let today = context.today();
    review.closed_on = Some(today);
    review.state = if proposal.reopen {
        ReviewState::Reopened
    } else {
        ReviewState::Upheld
    };
    review.revision += 1;
    store::review_requests::update(tx, &review).await?;
    let mut after = before.clone();
    let action = if proposal.reopen {
        store::index::lock(tx, vec![before.subject_ref.as_str()]).await?;
        let last = store::index::last_in_line(tx, &[&before.subject_ref]).await?;
        let reopened = after.reopen(&hand(caller), today, behind(last));
        fits(reopened, &before)?;
        // A finding of fraud made on the case falls with its decision, whatever reason the decision
        // names first; what else rests on the finding is contested on its own.
        store::index::lock_frauds(tx, vec![before.claimant_ref.as_str()]).await?;
        store::index::drop_fraud(tx, &before).await?;
        lapse_others(&act, &review).await?;
        "case.reopen"
    } else {
        "case.uphold"
    };
    let told = format!("{}：{}", review.name(), proposal.reasons);
    // An order that came meanwhile may yet reopen what a review upheld.
    let until = (!proposal.reopen).then_some(today);
    let until = unless_pending(tx, &before, until).await?;
    write_case((context, &act), action, (before, after), told, until).await?;
    record(&act, "review.decide", &review, &proposal.reasons).await?;
    let review_request = Some(with_letter(context, caller, &review, &stored)?);
    act.finish(pb::ApproveReviewDecisionResponse { review_request })
        .await
}

/// A case is reopened once: what else was asked or ordered of it is met.
async fn lapse_others(act: &OpenAct<'_>, review: &ReviewRequest) -> Result<()> {
    let tx = &act.tx;
    let known = store::review_requests::of_case(tx, review.case).await?;
    for mut other in known {
        if other.id == review.id || !other.state.is_pending() {
            continue;
        }
        other.state = ReviewState::Lapsed;
        other.closed_on = review.closed_on;
        other.proposal = None;
        other.revision += 1;
        store::review_requests::update(tx, &other).await?;
        record(act, "review.lapse", &other, "").await?;
    }
    Ok(())
}
