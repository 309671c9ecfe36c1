//! Reading reviews.

use yuhui_kernel::dates;
use yuhui_platform::{Result, caller::Caller, paging::Page, refusal::not_found};
use yuhui_proto::{
    authz::v1::{Power, Reach},
    eligibility::v1::{self as pb, reopening_order, review_request},
};

use super::{county, find};
use crate::{
    desk::{self, Desk},
    domain::{
        case,
        review_letter::letter,
        review_request::{Authority, Order, ReviewRequest, ReviewState},
    },
    rpc::convert,
    store::{self, cases::Stored, review_requests::Filter},
};

pub(super) async fn get(
    desk: &Desk,
    caller: &Caller,
    ask: &pb::GetReviewRequestRequest,
) -> Result<pb::GetReviewRequestResponse> {
    let tx = desk.db.read(county(caller, &ask.name)?).await?;
    let found = find(&tx, &ask.name).await?;
    if !reaches(caller, &found) {
        return Err(not_found(&ask.name).into());
    }
    let stored = store::cases::get(&tx, found.case).await?;
    let stored = stored.ok_or_else(|| not_found(&ask.name))?;
    let review_request = Some(with_letter(desk, caller, &found, &stored)?);
    Ok(pb::GetReviewRequestResponse { review_request })
}

pub(super) async fn list(
    desk: &Desk,
    caller: &Caller,
    ask: &pb::ListReviewRequestsRequest,
) -> Result<pb::ListReviewRequestsResponse> {
    let tenant = desk::parse_parent(caller, &ask.parent)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let case = match ask.case.as_str() {
        "" => None,
        name => {
            let case = desk::parse_name(name, "cases").filter(|it| it.0 == tenant);
            Some(case.ok_or_else(|| not_found(name))?.1)
        }
    };
    let own = caller.reach == Reach::OwnRecords;
    let filter = Filter {
        case,
        pending: ask.pending,
        unit_prefix: desk::unit_prefix(caller),
        claimant_ref: own.then(|| caller.person.clone().unwrap_or_else(|| "nobody".into())),
        after: page.after().map(ToOwned::to_owned),
    };
    let tx = desk.db.read(tenant).await?;
    let rows = store::review_requests::list(&tx, &filter, Some(page.limit())).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.id.to_string());
    let shown = rows.iter().map(|it| review(caller, it));
    Ok(pb::ListReviewRequestsResponse {
        review_requests: shown.collect(),
        next_page_token,
    })
}

fn reaches(caller: &Caller, review: &ReviewRequest) -> bool {
    match caller.reach {
        Reach::OwnRecords => caller.person.as_ref() == Some(&review.claimant_ref),
        Reach::OwnUnit => caller.covers(&review.unit),
        Reach::OwnTenant | Reach::AllTenants => true,
        Reach::NoTenant | Reach::Unspecified => false,
    }
}

/// A review as the caller sees it, and its letter.
pub(super) fn with_letter(
    desk: &Desk,
    caller: &Caller,
    review: &ReviewRequest,
    stored: &Stored,
) -> Result<pb::ReviewRequest> {
    let claimant_name = desk.open(stored)?.claimant_name;
    Ok(pb::ReviewRequest {
        letter: letter(review, &claimant_name),
        ..self::review(caller, review)
    })
}

/// A review as the caller sees it: a claimant learns of a decision, not of what is proposed.
pub(super) fn review(caller: &Caller, review: &ReviewRequest) -> pb::ReviewRequest {
    let is_told = !review.state.is_pending() || caller.power() != Power::Claimant;
    let proposal = review.proposal.as_ref().filter(|_| is_told);
    let proposed = match proposal {
        Some(it) if it.reopen => review_request::Outcome::Reopen,
        Some(_) => review_request::Outcome::Uphold,
        None => review_request::Outcome::Unspecified,
    };
    let contested = review.contested.as_ref();
    pb::ReviewRequest {
        name: review.name(),
        case: case::name(review.tenant, review.case),
        state: state(if is_told {
            review.state
        } else {
            ReviewState::Open
        })
        .into(),
        grounds: review.grounds.clone(),
        order: review.order.as_ref().map(order),
        contested: contested.map(|it| convert::determination_of(review.round, it, &it.found)),
        decided_on: convert::day(review.decided_on),
        delivered_on: convert::day(review.delivered_on),
        requested_on: dates::format(review.requested_on),
        due_on: dates::format(review.due_on),
        proposed: proposed.into(),
        reasons: proposal.map(|it| it.reasons.clone()).unwrap_or_default(),
        closed_on: convert::day(review.closed_on),
        letter: String::new(),
        // That something is proposed is for the offices to know.
        etag: match caller.power() {
            Power::Claimant => String::new(),
            _ => review.etag(),
        },
    }
}

fn state(state: ReviewState) -> review_request::State {
    match state {
        ReviewState::Open => review_request::State::Open,
        ReviewState::Proposed => review_request::State::Proposed,
        ReviewState::Upheld => review_request::State::Upheld,
        ReviewState::Reopened => review_request::State::Reopened,
        ReviewState::Lapsed => review_request::State::Lapsed,
    }
}

fn order(order: &Order) -> pb::ReopeningOrder {
    let authority = match order.authority {
        Authority::Reconsideration => reopening_order::Authority::Reconsideration,
        Authority::Court => reopening_order::Authority::Court,
    };
    pb::ReopeningOrder {
        authority: authority.into(),
        document_number: order.document_number.clone(),
        document_on: dates::format(order.document_on),
    }
}
