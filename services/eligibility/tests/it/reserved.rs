//! What the ledger is told so that the money of a contested case stays reserved (C.8).

use time::macros::date;
use yuhui_proto::{
    eligibility::v1::{case::State, review_request::Outcome},
    internal::v1::event::Payload,
    types::v1::Programme,
};

use crate::{
    books::Family,
    harness::{World, on_every_world},
    orders::judgment,
    walk::act,
};

impl World {
    /// Days until which the ledger was told to reserve, in order.
    async fn reserved(&self) -> Vec<String> {
        let told = self.to_ledger().await.into_iter();
        let days = told.filter_map(|it| match it {
            Payload::CaseContestable(it) => Some(it.until_on),
            _ => None,
        });
        days.collect()
    }

    /// A case on a recorded roster, terminated on a ground of 六3.
    async fn terminated(&self) -> String {
        let case = self.family_at(&Family::of(1), State::Recorded).await;
        self.on(date!(2025 - 09 - 01));
        self.propose_termination(&case.name, "OTHER_GROUND")
            .await
            .expect("proposed");
        self.approve_termination(&self.checker(), &case.name)
            .await
            .expect("terminated");
        case.name
    }
}

#[tokio::test]
async fn a_terminated_line_is_reserved_until_its_review_is_over() {
    on_every_world(async |world| {
        let name = world.terminated().await;
        assert_eq!(
            world.reserved().await,
            [""],
            "no term runs before the delivery"
        );
        let answer = world.deliver_decision(&name, "2025-09-01").await;
        assert_eq!(answer.expect("delivered").review_until, "2025-09-22");
        assert_eq!(world.reserved().await, ["2025-09-22"]);
        let review = world.request_review(&world.clerk(), &name).await;
        let review = review.expect("asked").name;
        assert_eq!(world.reserved().await, [""]);
        world.on(date!(2025 - 09 - 10));
        world
            .propose_review(&world.fresh_maker(), &review, Outcome::Uphold)
            .await
            .expect("proposed");
        world
            .approve_review(&world.fresh_checker(), &review)
            .await
            .expect("upheld");
        assert_eq!(world.reserved().await, ["2025-09-10"]);
    })
    .await;
}

#[tokio::test]
async fn a_reopened_line_stays_reserved_until_the_case_is_payable_again_or_ends() {
    on_every_world(async |world| {
        let name = world.terminated().await;
        world.reviewed(&name, Outcome::Reopen).await;
        assert_eq!(world.reserved().await, ["", "", ""]);
        world
            .propose_rejection(&name, "NO_STANDING")
            .await
            .expect("proposed");
        world
            .approve_rejection(&world.checker(), &name)
            .await
            .expect("rejected");
        assert_eq!(world.reserved().await, [""]);
        world.on(date!(2025 - 09 - 23));
        act!(world, world.maker(), close_case, CloseCaseRequest { name }).expect("archived");
        assert_eq!(world.reserved().await, ["2025-09-23"], "the term has run");
    })
    .await;
}

#[tokio::test]
async fn what_a_review_upheld_an_order_may_yet_reopen() {
    on_every_world(async |world| {
        let name = world.terminated().await;
        let review = world.request_review(&world.clerk(), &name).await;
        let review = review.expect("asked").name;
        let order = world.order(&world.maker(), &name, judgment()).await;
        let order = order.expect("an order").name;
        world
            .propose_review(&world.fresh_maker(), &review, Outcome::Uphold)
            .await
            .expect("proposed");
        world
            .approve_review(&world.fresh_checker(), &review)
            .await
            .expect("upheld");
        assert_eq!(
            world.reserved().await,
            ["", "", "", ""],
            "the order is pending"
        );
        world
            .approve_review(&world.checker(), &order)
            .await
            .expect("carried out");
        assert_eq!(world.look(&name).await.state(), State::CReview);
        let applicant = world.applicant(&Family::of(1).mother);
        world.withdraw(&applicant, &name).await.expect("withdrawn");
        assert_eq!(world.reserved().await, ["", "2025-09-01"]);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_reserved_for_what_was_on_no_roster() {
    on_every_world(async |world| {
        let case = world.rejected(&Family::of(1)).await;
        world.reviewed(&case.name, Outcome::Reopen).await;
        world
            .bring(&case.name, Programme::P1, State::Confirmed)
            .await;
        assert!(world.reserved().await.is_empty());
    })
    .await;
}
