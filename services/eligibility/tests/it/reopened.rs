//! What becomes of a case that a review reopened (F32).

use yuhui_proto::{
    eligibility::v1::{self as pb, case::State, review_request},
    internal::v1::event::Payload,
    types::v1::{Decision, Programme},
};

use crate::{
    books::Family,
    harness::{on_every_world, refused},
    reviews::REOPEN,
    walk::act,
};

#[tokio::test]
async fn a_reopened_case_goes_on_to_payment_and_keeps_its_history() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.rejected(&family).await;
        let review = world.reviewed(&case.name, REOPEN).await;
        assert_eq!(review.state(), review_request::State::Reopened);
        let reopened = world.look(&case.name).await;
        assert_eq!(
            (reopened.state(), &reopened.lodged_on),
            (State::CReview, &case.lodged_on)
        );

        // The child is spoken for again, in every county.
        let father = pb::Claim {
            claimant_number: family.father.clone(),
            claimant_name: "某男".into(),
            account: Some(crate::books::account("某男", "6217000010007654323", false)),
            ..family.claim()
        };
        let rival = world.lodge(&world.clerk(), father).await.expect("lodged");
        assert_eq!(rival.determination.expect("it").reason, "DUPLICATE");

        let paid = world.bring(&case.name, Programme::P1, State::Paid).await;
        assert_eq!(paid.determination.expect("it").amount_fen, 500_000);
        let ask = pb::ListTransitionsRequest {
            parent: case.name.clone(),
            ..Default::default()
        };
        let steps = world
            .maker()
            .cases()
            .list_transitions(ask)
            .await
            .expect("it");
        let steps = steps.into_inner().transitions;
        let way: Vec<&str> = steps.iter().map(|it| it.action.as_str()).collect();
        let place = way
            .iter()
            .position(|it| *it == "case.reject")
            .expect("refused");
        assert_eq!(
            way.get(place..place + 4),
            Some(
                &[
                    "case.reject",
                    "case.request_review",
                    "case.reopen",
                    "case.review"
                ][..]
            )
        );
        assert_eq!(steps[place + 2].from_state(), State::Rejected);
        assert!(steps[place + 2].reason.contains(&review.name));
        world.audited().await;
    })
    .await;
}

#[tokio::test]
async fn what_was_lodged_meanwhile_goes_before_a_reopened_claim() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.rejected(&family).await;
        let father = pb::Claim {
            claimant_number: family.father.clone(),
            claimant_name: "某男".into(),
            account: Some(crate::books::account("某男", "6217000010007654323", false)),
            ..family.claim()
        };
        let later = world.lodge(&world.clerk(), father).await.expect("lodged");
        assert_eq!(
            later.determination.clone().expect("it").decision(),
            Decision::Pay
        );
        world.reviewed(&case.name, REOPEN).await;
        let reviewed = world.review(&world.maker(), &case.name).await;
        assert_eq!(refused(reviewed).1, "RULES_DISAGREE", "nobody pays twice");
        let later = world
            .bring(&later.name, Programme::P1, State::Confirmed)
            .await;
        assert_eq!(later.determination.expect("it").decision(), Decision::Pay);
    })
    .await;
}

#[tokio::test]
async fn what_was_terminated_on_a_roster_is_paid_on_a_supplementary_one() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Funded).await;
        world
            .propose_termination(&case.name, "OTHER_GROUND")
            .await
            .expect("proposed");
        let checker = world.checker();
        world
            .approve_termination(&checker, &case.name)
            .await
            .expect("terminated");
        world.to_ledger().await;
        world.to_disbursement().await;
        world.reviewed(&case.name, REOPEN).await;
        let reopened = world.look(&case.name).await;
        assert_eq!(
            (reopened.state(), reopened.roster.as_str()),
            (State::CReview, "")
        );
        let again = world
            .bring(&case.name, Programme::P1, State::Rostered)
            .await;
        assert_ne!(again.roster, case.roster);
        let mut told = world.to_ledger().await;
        told.retain(|it| !matches!(it, Payload::CaseContestable(_)));
        assert!(
            matches!(&told[..], [Payload::RosterSealed(it)]
                if it.roster == again.roster && it.line_count == 1),
            "a new line, and nothing of the old one: {told:?}"
        );
        let paid = world.bring(&case.name, Programme::P1, State::Paid).await;
        assert_eq!(paid.determination.expect("it").amount_fen, 500_000);
        world.audited().await;
    })
    .await;
}

#[tokio::test]
async fn a_finding_of_fraud_falls_with_its_decision() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::CReview).await;
        let (name, note) = (case.name.clone(), "材料系伪造".to_owned());
        let maker = world.maker();
        act!(
            world,
            maker,
            propose_fraud_finding,
            ProposeFraudFindingRequest { name, note }
        )
        .expect("proposed");
        let (name, checker) = (case.name.clone(), world.checker());
        let found = act!(
            world,
            checker,
            approve_fraud_finding,
            ApproveFraudFindingRequest { name }
        );
        assert_eq!(
            found.expect("found").determination.expect("it").reason,
            "FRAUD"
        );
        world.reviewed(&case.name, REOPEN).await;
        let confirmed = world
            .bring(&case.name, Programme::P1, State::Confirmed)
            .await;
        assert_eq!(
            confirmed.determination.expect("it").decision(),
            Decision::Pay
        );
    })
    .await;
}
