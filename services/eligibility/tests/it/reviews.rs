//! Reviews of decisions (复核, C.8) and what becomes of a reopened case (F32).

use time::macros::date;
use tonic::{Code, Status};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{self as pb, Case, case::State, review_request},
};

use crate::{
    books::Family,
    harness::{
        COUNTY, OTHER_COUNTY, Office, PARENT, World, at_fault, denied, on_every_world, refused,
    },
    walk::act,
};

const UPHOLD: review_request::Outcome = review_request::Outcome::Uphold;
pub const REOPEN: review_request::Outcome = review_request::Outcome::Reopen;

impl World {
    /// A county maker who had no hand in anything yet.
    pub fn fresh_maker(&self) -> Office {
        self.second(Role::CountyHealthReviewer, COUNTY)
    }

    /// A county checker who had no hand in anything yet.
    pub fn fresh_checker(&self) -> Office {
        self.second(Role::CountyHealthApprover, COUNTY)
    }

    pub async fn request_review(
        &self,
        office: &Office,
        case: &str,
    ) -> Result<pb::ReviewRequest, Status> {
        let ask = pb::RequestReviewRequest {
            case: case.into(),
            grounds: "登记证已在期限内补办".into(),
            request_id: self.fresh(),
        };
        let answer = office.reviews().request_review(ask).await?;
        Ok(answer.into_inner().review_request.expect("a review"))
    }

    pub async fn propose_review(
        &self,
        office: &Office,
        name: &str,
        outcome: review_request::Outcome,
    ) -> Result<pb::ReviewRequest, Status> {
        let ask = pb::ProposeReviewDecisionRequest {
            name: name.into(),
            outcome: outcome.into(),
            reasons: "经复核调查".into(),
            request_id: self.fresh(),
        };
        let answer = office.reviews().propose_review_decision(ask).await?;
        Ok(answer.into_inner().review_request.expect("a review"))
    }

    pub async fn approve_review(
        &self,
        office: &Office,
        name: &str,
    ) -> Result<pb::ReviewRequest, Status> {
        let etag = self.review_etag(name).await;
        self.approve_review_seen(office, name, &etag).await
    }

    /// Approves what was seen with that etag.
    pub async fn approve_review_seen(
        &self,
        office: &Office,
        name: &str,
        etag: &str,
    ) -> Result<pb::ReviewRequest, Status> {
        let ask = pb::ApproveReviewDecisionRequest {
            name: name.into(),
            request_id: self.fresh(),
            etag: etag.into(),
        };
        let answer = office.reviews().approve_review_decision(ask).await?;
        Ok(answer.into_inner().review_request.expect("a review"))
    }

    pub async fn read_review(
        &self,
        office: &Office,
        name: &str,
    ) -> Result<pb::ReviewRequest, Status> {
        let ask = pb::GetReviewRequestRequest { name: name.into() };
        let answer = office.reviews().get_review_request(ask).await?;
        Ok(answer.into_inner().review_request.expect("a review"))
    }

    /// Etag of a review as the county sees it; of none, one that is nobody's.
    async fn review_etag(&self, name: &str) -> String {
        let seen = self.read_review(&self.maker(), name).await;
        seen.map_or_else(|_| "r0".into(), |it| it.etag)
    }

    pub async fn deliver_decision(
        &self,
        case: &str,
        on: &str,
    ) -> Result<pb::RecordDeliveryResponse, Status> {
        let ask = pb::RecordDeliveryRequest {
            case: case.into(),
            delivered_on: on.into(),
            proof: "挂号信回执 XA123".into(),
            request_id: self.fresh(),
        };
        let answer = self.clerk().reviews().record_delivery(ask).await?;
        Ok(answer.into_inner())
    }

    /// A claim that the county refused at its review.
    pub async fn rejected(&self, family: &Family) -> Case {
        let case = self.family_at(family, State::CReview).await;
        self.propose_rejection(&case.name, "NO_STANDING")
            .await
            .expect("proposed");
        let rejected = self.approve_rejection(&self.checker(), &case.name).await;
        rejected.expect("rejected")
    }

    /// Has the decision on a case reviewed by others, with that outcome.
    pub async fn reviewed(
        &self,
        case: &str,
        outcome: review_request::Outcome,
    ) -> pb::ReviewRequest {
        let review = self
            .request_review(&self.clerk(), case)
            .await
            .expect("asked");
        self.propose_review(&self.fresh_maker(), &review.name, outcome)
            .await
            .expect("proposed");
        self.approve_review(&self.fresh_checker(), &review.name)
            .await
            .expect("decided")
    }
}

#[tokio::test]
async fn a_decision_is_upheld_by_others_than_before_and_reviewed_once() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.rejected(&family).await;
        let own = world.applicant(&family.mother);
        let review = world.request_review(&own, &case.name).await.expect("asked");
        assert_eq!(review.state(), review_request::State::Open);
        assert_eq!(
            (review.decided_on.as_str(), review.due_on.as_str()),
            ("2025-03-26", "2025-04-24")
        );
        assert_eq!(review.contested.as_ref().expect("it").reason, "NO_STANDING");
        let twice = world.request_review(&world.clerk(), &case.name).await;
        assert_eq!(refused(twice).1, "REVIEW_PENDING");
        let (maker, name) = (world.maker(), case.name.clone());
        let closed = act!(world, maker, close_case, CloseCaseRequest { name });
        assert_eq!(refused(closed).1, "REVIEW_PENDING");

        let propose = async |office| world.propose_review(&office, &review.name, UPHOLD).await;
        assert_eq!(
            denied(propose(world.maker()).await),
            "R-PRC-5",
            "he proposed the refusal"
        );
        assert_eq!(
            refused(propose(world.checker()).await).0,
            Code::PermissionDenied
        );
        let early = world
            .approve_review(&world.fresh_checker(), &review.name)
            .await;
        assert_eq!(refused(early).1, "REVIEW_STATE");
        let proposed = propose(world.fresh_maker()).await.expect("proposed");
        assert_eq!(proposed.proposed(), UPHOLD);
        let seen = world.read_review(&own, &review.name).await.expect("read");
        assert_eq!(seen, review, "what is proposed is not told to the claimant");

        let approve = async |office| world.approve_review(&office, &review.name).await;
        assert_eq!(
            denied(approve(world.checker()).await),
            "R-PRC-5",
            "he refused the claim"
        );
        let person = "person-of-second-ROLE_COUNTY_HEALTH_REVIEWER@150203";
        let himself = world.known_as(Role::CountyHealthApprover, COUNTY, "other", Some(person));
        assert_eq!(denied(approve(himself).await), "DYN-1");
        let upheld = approve(world.fresh_checker()).await.expect("decided");
        assert_eq!(upheld.state(), review_request::State::Upheld);
        for part in ["复核决定书", "维持原决定", "行政复议", "经复核调查"] {
            assert!(upheld.letter.contains(part), "{}", upheld.letter);
        }
        assert_eq!(world.look(&case.name).await.state(), State::Rejected);
        let again = world.request_review(&own, &case.name).await;
        assert_eq!(refused(again).1, "REVIEWED_BEFORE");
        let late = propose(world.fresh_maker()).await;
        assert_eq!(refused(late).1, "REVIEW_STATE");
        world.audited().await;
    })
    .await;
}

#[tokio::test]
async fn the_term_runs_from_delivery() {
    on_every_world(async |world| {
        let case = world.rejected(&Family::of(1)).await;
        // Decided and delivered on 26 March; fifteen working days, 4 April is free.
        world.on(date!(2025 - 04 - 18));
        let told = world.deliver_decision(&case.name, "2025-03-26").await;
        assert_eq!(told.expect("recorded").review_until, "2025-04-17");
        let late = world.request_review(&world.clerk(), &case.name).await;
        let status = late.expect_err("too late");
        assert!(status.message().contains("2025-04-17"), "{status}");
        assert_eq!(refused(Err::<(), _>(status)).1, "REVIEW_TERM_OVER");

        let early = world.deliver_decision(&case.name, "2025-03-25").await;
        assert_eq!(at_fault(early), ["delivered_on"]);
        let ahead = world.deliver_decision(&case.name, "2025-04-19").await;
        assert_eq!(at_fault(ahead), ["delivered_on"]);
        let told = world
            .deliver_decision(&case.name, "2025-03-28")
            .await
            .expect("recorded");
        assert_eq!(told.review_until, "2025-04-21");
        let review = world
            .request_review(&world.clerk(), &case.name)
            .await
            .expect("in time");
        assert_eq!(review.delivered_on, "2025-03-28");
    })
    .await;
}

#[tokio::test]
async fn only_a_refusal_is_reviewed_and_only_by_who_may_ask() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::CReview).await;
        let clerk = world.clerk();
        assert_eq!(
            refused(world.request_review(&clerk, &case.name).await).1,
            "WRONG_STATE"
        );
        let delivered = world.deliver_decision(&case.name, "2025-03-10").await;
        assert_eq!(refused(delivered).1, "WRONG_STATE");
        world
            .propose_rejection(&case.name, "NO_STANDING")
            .await
            .expect("proposed");
        let checker = world.checker();
        world
            .approve_rejection(&checker, &case.name)
            .await
            .expect("rejected");
        // Families ask at their village, not at the county; nobody asks for a stranger.
        assert_eq!(
            denied(world.request_review(&world.maker(), &case.name).await),
            "F1"
        );
        let stranger = world.applicant(&family.father);
        assert_eq!(
            refused(world.request_review(&stranger, &case.name).await).0,
            Code::NotFound
        );

        let review = world
            .request_review(&clerk, &case.name)
            .await
            .expect("asked");
        assert_eq!(
            refused(world.read_review(&stranger, &review.name).await).0,
            Code::NotFound
        );
        let elsewhere = review.name.replace(COUNTY, OTHER_COUNTY);
        let read = world.read_review(&world.maker(), &elsewhere).await;
        assert_eq!(refused(read).0, Code::NotFound);
        let list = async |office: Office, pending| {
            let ask = pb::ListReviewRequestsRequest {
                parent: PARENT.into(),
                pending,
                ..Default::default()
            };
            let listed = office
                .reviews()
                .list_review_requests(ask)
                .await
                .expect("listed");
            listed.into_inner().review_requests.len()
        };
        assert_eq!(list(world.clerk(), true).await, 1);
        assert_eq!(list(world.inspector(), false).await, 1);
        assert_eq!(list(world.applicant(&family.mother), true).await, 1);
        assert_eq!(list(world.applicant(&family.father), false).await, 0);
        let other = world.at(Role::VillageClerk, "150203002002");
        assert_eq!(list(other, false).await, 0);
        world
            .propose_review(&world.fresh_maker(), &review.name, UPHOLD)
            .await
            .expect("it");
        world
            .approve_review(&world.fresh_checker(), &review.name)
            .await
            .expect("it");
        assert_eq!(list(world.maker(), true).await, 0);
    })
    .await;
}

#[tokio::test]
async fn who_approves_a_review_approves_what_he_saw() {
    on_every_world(async |world| {
        use review_request::Outcome::{Reopen, Uphold};
        let case = world.rejected(&Family::of(1)).await;
        let review = world
            .request_review(&world.clerk(), &case.name)
            .await
            .expect("asked");
        let maker = world.fresh_maker();
        let seen = world.propose_review(&maker, &review.name, Uphold).await;
        let seen = seen.expect("proposed").etag;
        let now = world.propose_review(&maker, &review.name, Reopen).await;
        let now = now.expect("proposed anew").etag;
        let checker = world.fresh_checker();
        let stale = world.approve_review_seen(&checker, &review.name, &seen);
        assert_eq!(refused(stale.await).0, Code::Aborted);
        let done = world.approve_review_seen(&checker, &review.name, &now);
        let done = done.await.expect("approved");
        assert_eq!(done.state(), review_request::State::Reopened);
    })
    .await;
}
