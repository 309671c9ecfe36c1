//! What stands against an act on a review of a decision (C.8, F32, R-PRC-5).

use yuhui_platform::{Result, caller::Caller, refusal::aborted};

use super::reviewable;
use crate::{
    domain::{
        Case,
        review_request::{ReviewRequest, ReviewState},
        turn::Act,
    },
    refusal::review::NotReviewed,
    separation::{had_no_hand, not_the_maker},
};

/// What a person of the county does to a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReviewDeed {
    /// Its maker proposes how it ends.
    Propose,
    /// Its checker approves that.
    Approve,
}

impl ReviewDeed {
    /// Both, in the order in which they come.
    pub(crate) const ALL: [Self; 2] = [Self::Propose, Self::Approve];

    /// Path of its method.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Propose => "/yuhui.eligibility.v1.ReviewRequestService/ProposeReviewDecision",
            Self::Approve => "/yuhui.eligibility.v1.ReviewRequestService/ApproveReviewDecision",
        }
    }

    /// What does that which waits in the queue, if it is an act on a review.
    pub(crate) const fn of(act: Act) -> Option<Self> {
        match act {
            Act::DecideReview => Some(Self::Propose),
            Act::ApproveReview => Some(Self::Approve),
            _ => None,
        }
    }
}

/// Whether the caller may do it to the review of that case, as far as they say. Whose relative he is is asked beside
/// it.
pub(crate) fn may(
    deed: ReviewDeed,
    caller: &Caller,
    review: &ReviewRequest,
    case: &Case,
) -> Result<()> {
    match deed {
        ReviewDeed::Propose => {
            stands(review, &ReviewState::PENDING)?;
            // An order is not weighed, only carried out.
            if review.order.is_some() {
                return Err(NotReviewed::ReviewState {
                    review: review.name(),
                    state: "ORDERED",
                    allowed: ReviewState::Open.as_str(),
                }
                .into());
            }
            had_no_hand(caller, case)?;
        }
        ReviewDeed::Approve => {
            stands(review, &[ReviewState::Proposed])?;
            let proposal = review.proposal.as_ref().ok_or_else(aborted)?;
            not_the_maker(caller, &proposal.by)?;
            if review.order.is_none() {
                had_no_hand(caller, case)?;
            }
        }
    }
    Ok(reviewable(case)?)
}

/// The review must stand where the step needs it.
fn stands(review: &ReviewRequest, states: &[ReviewState]) -> Result<(), NotReviewed> {
    if states.contains(&review.state) {
        return Ok(());
    }
    Err(NotReviewed::ReviewState {
        review: review.name(),
        state: review.state.as_str(),
        allowed: states.first().map_or("", |it| it.as_str()),
    })
}
