//! ReviewRequestService: reviews of decisions and reopening by order (C.8, F32, R-PRC-5).

mod decide;
mod request;
mod show;

use serde_json::json;
use time::Date;
use tonic::{Request, Response, Status};
use yuhui_kernel::Tenant;
use yuhui_platform::{
    Result, audit,
    caller::{self, Caller},
    db::Tx,
    idempotency::Key,
    refusal::not_found,
};
use yuhui_proto::eligibility::v1::{
    self as pb, review_request_service_server::ReviewRequestService,
};

use crate::{
    desk::{self, Desk},
    domain::{Case, NotAllowed, Step, review_request::ReviewRequest},
    record::{Act, Change},
    refusal::{Refused, review::NotReviewed},
    rpc::events::{LEDGER, contestable, event},
    store,
};

/// The service.
pub(crate) struct Reviews(pub(crate) Desk);

#[tonic::async_trait]
impl ReviewRequestService for Reviews {
    async fn request_review(
        &self,
        request: Request<pb::RequestReviewRequest>,
    ) -> Result<Response<pb::RequestReviewResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = request::review(&self.0, &caller, ask).await?;
        Ok(Response::new(answer))
    }

    async fn record_delivery(
        &self,
        request: Request<pb::RecordDeliveryRequest>,
    ) -> Result<Response<pb::RecordDeliveryResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = request::delivery(&self.0, &caller, ask).await?;
        Ok(Response::new(answer))
    }

    async fn get_review_request(
        &self,
        request: Request<pb::GetReviewRequestRequest>,
    ) -> Result<Response<pb::GetReviewRequestResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = show::get(&self.0, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn list_review_requests(
        &self,
        request: Request<pb::ListReviewRequestsRequest>,
    ) -> Result<Response<pb::ListReviewRequestsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = show::list(&self.0, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn propose_review_decision(
        &self,
        request: Request<pb::ProposeReviewDecisionRequest>,
    ) -> Result<Response<pb::ProposeReviewDecisionResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = decide::propose(&self.0, &caller, ask).await?;
        Ok(Response::new(answer))
    }

    async fn approve_review_decision(
        &self,
        request: Request<pb::ApproveReviewDecisionRequest>,
    ) -> Result<Response<pb::ApproveReviewDecisionResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = decide::approve(&self.0, &caller, ask).await?;
        Ok(Response::new(answer))
    }

    async fn order_reopening(
        &self,
        request: Request<pb::OrderReopeningRequest>,
    ) -> Result<Response<pb::OrderReopeningResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = request::order(&self.0, &caller, ask).await?;
        Ok(Response::new(answer))
    }
}

/// No case is archived while its decision is under review.
pub(crate) async fn none_pending(tx: &Tx, case: &Case) -> Result<()> {
    let known = store::review_requests::of_case(tx, case.id).await?;
    pending(&known, case)
}

/// Until when a case may be contested if no review of it is pending: while one is, nobody knows (C.8).
async fn unless_pending(tx: &Tx, case: &Case, until: Option<Date>) -> Result<Option<Date>> {
    let known = store::review_requests::of_case(tx, case.id).await?;
    let waits = known.iter().any(|it| it.state.is_pending());
    Ok(until.filter(|_| !waits))
}

fn pending(known: &[ReviewRequest], case: &Case) -> Result<()> {
    match known.iter().find(|it| it.state.is_pending()) {
        None => Ok(()),
        Some(review) => Err(NotReviewed::Pending {
            case: case.name(),
            review: review.name(),
        }
        .into()),
    }
}

/// `counties/{county}/reviewRequests/{review}` taken apart, and the review itself.
async fn find(tx: &Tx, name: &str) -> Result<ReviewRequest> {
    let (_, id) = desk::parse_name(name, "reviewRequests").ok_or_else(|| not_found(name))?;
    let review = store::review_requests::get(tx, id).await?;
    review.ok_or_else(|| not_found(name).into())
}

/// County of a review's name.
fn county(caller: &Caller, name: &str) -> Result<Tenant> {
    let (tenant, _) = desk::parse_name(name, "reviewRequests").ok_or_else(|| not_found(name))?;
    let tenant = caller.tenant_for(&tenant).map_err(|_| not_found(name))?;
    Ok(tenant)
}

/// Only a decision against the claimant is reviewed (F32).
fn reviewable(case: &Case) -> Result<(), Refused> {
    let allowed = case.place.allows(Step::Reopen, case.kind()).map(|_| ());
    fits(allowed, case)?;
    if !case.is_refused() {
        let refused = NotAllowed {
            state: case.state(),
            allowed: Vec::new(),
        };
        return fits(Err(refused), case);
    }
    Ok(())
}

fn fits(taken: Result<(), NotAllowed>, case: &Case) -> Result<(), Refused> {
    taken.map_err(|refused| Refused::WrongState {
        case: case.name(),
        refused,
    })
}

/// One act on a review and on its case, in one transaction.
struct Hearing<'a> {
    desk: &'a Desk,
    caller: &'a Caller,
    tx: Tx,
    key: Key,
}

impl Hearing<'_> {
    /// Writes what became of the case, which may be contested until that day, or until its review is
    /// over (C.8). Its revision goes up even if its state stays, so that of two acts on one case one
    /// loses the race.
    async fn write_case(
        &self,
        action: &str,
        (before, after): (Case, Case),
        reason: String,
        until: Option<Date>,
    ) -> Result<Case> {
        let act = Act {
            tx: &self.tx,
            caller: self.caller,
            now: self.desk.clock.now(),
            action,
        };
        let told = contestable(&after, until);
        let letters = told.map(|it| (LEDGER, event(self.desk.today(), it)));
        let change = Change {
            reason,
            after,
            ..Change::of(before)
        };
        act.write_one(change, letters.into_iter().collect()).await
    }

    /// Puts what became of the review on record.
    async fn record(&self, action: &str, review: &ReviewRequest, reason: &str) -> Result<()> {
        let after = json!({
            "case": review.case,
            "state": review.state,
            "contested": review.contested.as_ref().map(|it| &it.evidence_hash),
            "order": review.order,
        });
        let entry = audit::Entry::new(action, review.name())
            .after(&after)
            .reason(reason);
        audit::record(&self.tx, self.caller, self.desk.clock.now(), entry).await?;
        Ok(())
    }

    /// Remembers the answer.
    async fn finish<M: prost::Message + Default>(self, answer: M) -> Result<M> {
        self.key.remember(&self.tx, &answer).await?;
        self.tx.commit().await?;
        Ok(answer)
    }
}
