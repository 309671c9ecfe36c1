//! Reviews of decisions.

use yuhui_kernel::dates;
use yuhui_platform::caller::Caller;
use yuhui_proto::{
    authz::v1::Power,
    eligibility::v1::{self as pb, reopening_order, review_request},
};

use crate::domain::{
    case,
    review_request::{Authority, Order, ReviewRequest, ReviewState},
};

/// A review as the caller sees it: a claimant learns of a decision, not of what is proposed.
pub(crate) fn review(caller: &Caller, review: &ReviewRequest) -> pb::ReviewRequest {
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
        contested: contested.map(|it| super::determination_of(review.round, it, &it.found)),
        decided_on: super::day(review.decided_on),
        delivered_on: super::day(review.delivered_on),
        requested_on: dates::format(review.requested_on),
        due_on: dates::format(review.due_on),
        proposed: proposed.into(),
        reasons: proposal.map(|it| it.reasons.clone()).unwrap_or_default(),
        closed_on: super::day(review.closed_on),
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
