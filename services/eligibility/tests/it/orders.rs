//! Cases reopened by order of a reconsideration authority or a court (C.8, F32).

use time::macros::date;
use tonic::Status;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        self as pb, ReopeningOrder, case::State, reopening_order::Authority, review_request,
    },
    types::v1::Programme,
};

use crate::{
    books::Family,
    harness::{COUNTY, Office, World, at_fault, denied, on_every_world, refused},
    walk::act,
};

pub fn judgment() -> ReopeningOrder {
    ReopeningOrder {
        authority: Authority::Court.into(),
        document_number: "（2025）内0203行初18号".into(),
        document_on: "2025-09-01".into(),
    }
}

impl World {
    pub async fn order(
        &self,
        office: &Office,
        case: &str,
        order: ReopeningOrder,
    ) -> Result<pb::ReviewRequest, Status> {
        let ask = pb::OrderReopeningRequest {
            case: case.into(),
            order: Some(order),
            substance: "撤销原决定，责令重新作出".into(),
            request_id: self.fresh(),
        };
        let answer = office.reviews().order_reopening(ask).await?;
        Ok(answer.into_inner().review_request.expect("a review"))
    }
}

#[tokio::test]
async fn an_order_reopens_a_case_long_after_the_term_of_review() {
    on_every_world(async |world| {
        let case = world.rejected(&Family::of(1)).await;
        world.on(date!(2025 - 09 - 02));
        let ordered = world
            .order(&world.maker(), &case.name, judgment())
            .await
            .expect("it");
        assert_eq!(ordered.state(), review_request::State::Proposed);
        assert_eq!(ordered.order, Some(judgment()));
        let weighed = world
            .propose_review(
                &world.fresh_maker(),
                &ordered.name,
                review_request::Outcome::Uphold,
            )
            .await;
        assert_eq!(
            refused(weighed).1,
            "REVIEW_STATE",
            "an order is carried out"
        );
        let person = "person-of-ROLE_COUNTY_HEALTH_REVIEWER@150203";
        let himself = world.known_as(Role::CountyHealthApprover, COUNTY, "other", Some(person));
        assert_eq!(
            denied(world.approve_review(&himself, &ordered.name).await),
            "DYN-1"
        );
        // Who refused the claim may carry out the order.
        let done = world
            .approve_review(&world.checker(), &ordered.name)
            .await
            .expect("it");
        assert_eq!(done.state(), review_request::State::Reopened);
        assert!(
            done.letter.contains("（2025）内0203行初18号"),
            "{}",
            done.letter
        );
        world
            .bring(&case.name, Programme::P1, State::Confirmed)
            .await;
        let late = world.order(&world.maker(), &case.name, judgment()).await;
        assert_eq!(refused(late).1, "WRONG_STATE");
        world.audited().await;
    })
    .await;
}

#[tokio::test]
async fn an_order_ends_the_countys_own_review() {
    on_every_world(async |world| {
        let case = world.rejected(&Family::of(1)).await;
        let review = world
            .request_review(&world.clerk(), &case.name)
            .await
            .expect("asked");
        let fresh = world.fresh_maker();
        let uphold = review_request::Outcome::Uphold;
        world
            .propose_review(&fresh, &review.name, uphold)
            .await
            .expect("proposed");
        world.on(date!(2025 - 09 - 02));
        let first = world
            .order(&world.maker(), &case.name, judgment())
            .await
            .expect("it");
        // Recorded anew, with the right number.
        let second = world
            .order(&world.maker(), &case.name, judgment())
            .await
            .expect("it");
        let replaced = world.approve_review(&world.checker(), &first.name).await;
        assert_eq!(refused(replaced).1, "REVIEW_STATE");
        world
            .approve_review(&world.checker(), &second.name)
            .await
            .expect("reopened");
        let lapsed = world
            .read_review(&world.maker(), &review.name)
            .await
            .expect("read");
        assert_eq!(lapsed.state(), review_request::State::Lapsed);
        let late = world
            .approve_review(&world.fresh_checker(), &review.name)
            .await;
        assert_eq!(refused(late).1, "REVIEW_STATE");
        assert_eq!(world.look(&case.name).await.state(), State::CReview);
    })
    .await;
}

#[tokio::test]
async fn an_order_names_its_authority_number_and_day() {
    on_every_world(async |world| {
        let case = world.rejected(&Family::of(1)).await;
        world.on(date!(2025 - 09 - 02));
        let empty = world
            .order(&world.maker(), &case.name, ReopeningOrder::default())
            .await;
        assert_eq!(
            at_fault(empty),
            [
                "order.authority",
                "order.document_number",
                "order.document_on"
            ]
        );
        let ahead = ReopeningOrder {
            document_on: "2025-09-03".into(),
            ..judgment()
        };
        let ahead = world.order(&world.maker(), &case.name, ahead).await;
        assert_eq!(at_fault(ahead), ["order.document_on"]);
    })
    .await;
}

#[tokio::test]
async fn a_repeated_command_is_answered_as_the_first_time() {
    on_every_world(async |world| {
        let case = world.rejected(&Family::of(1)).await;
        let ask = pb::RequestReviewRequest {
            case: case.name.clone(),
            grounds: "登记证已补办".into(),
            request_id: "the same".into(),
        };
        let asked = async |ask: &pb::RequestReviewRequest| {
            let answer = world.clerk().reviews().request_review(ask.clone()).await;
            answer.map(|it| it.into_inner().review_request.expect("a review"))
        };
        let review = asked(&ask).await.expect("asked");
        assert_eq!(asked(&ask).await.expect("asked again"), review);
        let other = pb::RequestReviewRequest {
            grounds: "另有理由".into(),
            ..ask
        };
        assert_eq!(refused(asked(&other).await).1, "REQUEST_ID_REUSED");

        let reopen = review_request::Outcome::Reopen;
        let maker = world.fresh_maker();
        world
            .propose_review(&maker, &review.name, reopen)
            .await
            .expect("proposed");
        let ask = pb::ApproveReviewDecisionRequest {
            etag: world
                .read_review(&maker, &review.name)
                .await
                .expect("it")
                .etag,
            name: review.name,
            request_id: "the same".into(),
        };
        let approved = async || {
            let mut reviews = world.fresh_checker().reviews();
            let answer = reviews.approve_review_decision(ask.clone()).await;
            answer.map(|it| it.into_inner().review_request.expect("a review"))
        };
        let first = approved().await.expect("approved");
        let after = world.look(&case.name).await;
        assert_eq!(approved().await.expect("approved again"), first);
        assert_eq!(
            world.look(&case.name).await.etag,
            after.etag,
            "nothing twice"
        );
    })
    .await;
}

#[tokio::test]
async fn an_order_reaches_into_the_archive() {
    on_every_world(async |world| {
        let case = world.rejected(&Family::of(1)).await;
        let told = world.deliver_decision(&case.name, "2025-03-26").await;
        told.expect("delivered");
        let paid = world.family_at(&Family::of(2), State::Paid).await;
        world.on(date!(2025 - 12 - 01));
        let name = case.name.clone();
        let closed = act!(world, world.maker(), close_case, CloseCaseRequest { name });
        assert_eq!(closed.expect("archived").state(), State::Closed);
        let asked = world.request_review(&world.clerk(), &case.name).await;
        assert_eq!(
            refused(asked).1,
            "REVIEW_TERM_OVER",
            "the claimant's term ran"
        );
        let ordered = world.order(&world.maker(), &case.name, judgment()).await;
        let ordered = ordered.expect("an order");
        world
            .approve_review(&world.checker(), &ordered.name)
            .await
            .expect("carried out");
        assert_eq!(world.look(&case.name).await.state(), State::CReview);

        let name = paid.name.clone();
        act!(world, world.maker(), close_case, CloseCaseRequest { name }).expect("archived");
        let late = world.order(&world.maker(), &paid.name, judgment()).await;
        assert_eq!(refused(late).1, "WRONG_STATE", "it was paid");
    })
    .await;
}
