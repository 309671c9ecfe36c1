//! Decision letters say what was decided, by whomever, and why.

use yuhui_proto::{
    eligibility::v1::{self as pb, case::State, resolve_inquiry_request::Outcome},
    types::v1::Decision,
};

use crate::{
    books::Family,
    harness::{World, on_every_world},
};

async fn told(world: &World, name: &str) -> (pb::GetDeterminationResponse, Decision) {
    let ask = pb::GetDeterminationRequest { name: name.into() };
    let answer = world.maker().cases().get_determination(ask).await;
    let answer = answer.expect("replayed").into_inner();
    let decision = answer.determination.as_ref().expect("it").decision();
    (answer, decision)
}

#[tokio::test]
async fn before_the_decision_there_is_no_letter() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::CReview).await;
        let (answer, decision) = told(&world, &case.name).await;
        assert_eq!((answer.letter.as_str(), decision), ("", Decision::Pay));
        assert!(answer.determination.expect("it").findings.len() > 10);
        let draft = world
            .draft(&world.clerk(), Family::of(2).claim())
            .await
            .expect("drafted");
        let ask = pb::GetDeterminationRequest { name: draft.name };
        let nothing = world
            .clerk()
            .cases()
            .get_determination(ask)
            .await
            .expect("it")
            .into_inner();
        assert_eq!(nothing, pb::GetDeterminationResponse::default());
    })
    .await;
}

#[tokio::test]
async fn a_refusal_by_the_county_gives_the_countys_reason() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::CReview).await;
        world
            .propose_rejection(&case.name, "NO_STANDING")
            .await
            .expect("proposed");
        let rejected = world.approve_rejection(&world.checker(), &case.name).await;
        let rejected = rejected.expect("rejected").determination.expect("it");
        assert_eq!(
            (rejected.reason.as_str(), rejected.amount_fen),
            ("NO_STANDING", 0)
        );
        assert!(rejected.payees.is_empty());
        assert_eq!(rejected.cites, ["一(一)1", "五(三)6"]);
        let (answer, decision) = told(&world, &case.name).await;
        assert_eq!(decision, Decision::Reject);
        assert!(answer.letter.contains("不予确认") && answer.letter.contains("不符合条件"));
        assert!(answer.letter.contains("依据：五(三)6"), "{}", answer.letter);
        assert!(!answer.letter.contains("5,000"), "{}", answer.letter);
    })
    .await;
}

#[tokio::test]
async fn a_termination_on_other_grounds_names_them() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Confirmed).await;
        world
            .propose_termination(&case.name, "OTHER_GROUND")
            .await
            .expect("proposed");
        let stopped = world
            .approve_termination(&world.checker(), &case.name)
            .await;
        assert_eq!(stopped.expect("stopped").state(), State::Terminated);
        let (answer, decision) = told(&world, &case.name).await;
        assert_eq!(decision, Decision::Terminate);
        assert!(answer.letter.contains("终止发放") && answer.letter.contains("已听取陈述"));
        assert!(answer.letter.contains("依据：六3"), "{}", answer.letter);
    })
    .await;
}

#[tokio::test]
async fn an_inquiry_that_ends_a_case_says_what_it_found() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::TReview).await;
        world
            .object(&world.maker(), &case.name)
            .await
            .expect("recorded");
        let ended = world
            .resolve(&case.name, Outcome::Refuse)
            .await
            .expect("refused");
        assert_eq!(ended.state(), State::Rejected);
        assert_eq!(ended.determination.expect("it").reason, "OTHER_GROUND");
        let (answer, _) = told(&world, &case.name).await;
        assert!(answer.letter.contains("经核查"), "{}", answer.letter);
    })
    .await;
}
