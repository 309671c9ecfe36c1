//! What is over of a round is archived at once (F31).

use time::macros::date;
use yuhui_proto::{
    eligibility::v1::{self as pb, case::State},
    operations::v1::{self as operations, operation},
};

use crate::{
    books::Family,
    harness::{PARENT, World},
    operations::slice_by_slice,
};

impl World {
    /// Archives what is over of the round; answers the operation, done.
    async fn close_cases(&self) -> operations::Operation {
        let ask = pb::CloseCasesRequest {
            parent: PARENT.into(),
            round: 2025,
            request_id: self.fresh(),
        };
        let closed = self.maker().cases().close_cases(ask).await;
        let begun = closed.expect("begun").into_inner().operation.expect("it");
        let ended = |it: &operations::Operation| it.state() == operation::State::Done;
        self.work_until(&begun.name, ended).await;
        self.operation(&begun.name).await
    }
}

#[tokio::test]
async fn what_is_over_of_a_round_is_archived_and_the_rest_says_why_not() {
    slice_by_slice(async |world| {
        let confirmed = world.confirmed(1).await.remove(0);
        world.on(date!(2025 - 03 - 10));
        let withdrawn = world.family_at(&Family::of(2), State::TReview).await.name;
        let gone = world.withdraw(&world.clerk(), &withdrawn).await;
        gone.expect("withdrawn");
        let rejected = world.family_at(&Family::of(3), State::CReview).await.name;
        let proposed = world.propose_rejection(&rejected, "NO_STANDING").await;
        proposed.expect("proposed");
        let approved = world.approve_rejection(&world.checker(), &rejected).await;
        approved.expect("rejected");

        let cases = [confirmed, withdrawn, rejected.clone()];
        let closed = world.close_cases().await;
        assert_eq!((closed.done, closed.skipped), (1, 1));
        let left = world.items_at_the_end(&closed.name).await;
        assert_eq!(left[0].name, rejected);
        assert_eq!(left[0].reason, "REVIEW_TERM_RUNS", "C.8");
        let states = world.states(&cases).await;
        assert_eq!(states, [State::Confirmed, State::Closed, State::Rejected]);

        world.on(date!(2025 - 12 - 01));
        let closed = world.close_cases().await;
        assert_eq!((closed.done, closed.skipped), (1, 0));
        let states = world.states(&cases).await;
        assert_eq!(states, [State::Confirmed, State::Closed, State::Closed]);
    })
    .await;
}
