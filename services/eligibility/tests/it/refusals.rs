//! Every reason for which this service refuses something is reachable.

use time::macros::date;
use tonic::Code;
use tonic_types::StatusExt as _;
use yuhui_proto::{
    eligibility::v1::case::State,
    internal::v1::{BatchReleased, event::Payload},
    types::v1::{Decision, Programme},
};

use yuhui_proto::eligibility::v1::PendingProposal;

use crate::{
    books::{self, Family},
    harness::{at_fault, on_every_world, refused},
    walk::act,
};

fn failed(reason: &str) -> (Code, String) {
    (Code::FailedPrecondition, reason.into())
}

#[tokio::test]
async fn a_step_that_does_not_fit_names_the_state_and_what_does() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Lodged).await;
        let status = world
            .confirm(&world.checker(), &case.name)
            .await
            .expect_err("too early");
        assert_eq!(refused(Err::<(), _>(status.clone())), failed("WRONG_STATE"));
        let details = status.get_details_precondition_failure().expect("details");
        let text = format!("{details:?}");
        assert!(text.contains("LODGED") && text.contains("Accept"), "{text}");
    })
    .await;
}

#[tokio::test]
async fn nobody_agrees_to_what_the_rules_refuse() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::VReview).await;
        family.amend(&world, |facts| {
            facts
                .deliveries
                .iter_mut()
                .for_each(|it| it.birth_service_registered_on.clear());
        });
        let status = world
            .report(&world.clerk(), &case.name, true)
            .await
            .expect_err("refused");
        assert_eq!(
            refused(Err::<(), _>(status.clone())),
            failed("RULES_DISAGREE")
        );
        let info = status.get_details_error_info().expect("details");
        assert!(
            info.metadata
                .get("clause")
                .is_some_and(|it| it.contains('一')),
            "{info:?}"
        );

        let disagreed = world
            .report(&world.clerk(), &case.name, false)
            .await
            .expect("reported");
        let told = disagreed.determination.expect("it");
        assert_eq!(told.reason, "NO_BIRTH_SERVICE_REGISTRATION");
        let signed = world.sign(&world.head(), &case.name, true).await;
        assert_eq!(refused(signed), failed("RULES_DISAGREE"));
        let forwarded = world.sign(&world.head(), &case.name, false).await;
        assert_eq!(forwarded.expect("forwarded").state(), State::TReview);
    })
    .await;
}

#[tokio::test]
async fn a_negative_opinion_is_forwarded_without_a_notice() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::VReview).await;
        world
            .report(&world.clerk(), &case.name, false)
            .await
            .expect("reported");
        let forwarded = world
            .sign(&world.head(), &case.name, false)
            .await
            .expect("signed");
        assert_eq!(
            forwarded.state(),
            State::TReview,
            "F8: the township decides"
        );
        let signed = world.sign(&world.lead(), &case.name, true).await;
        assert_eq!(refused(signed), failed("NO_REPORT"));
    })
    .await;
}

#[tokio::test]
async fn a_refusal_of_what_the_rules_pay_needs_a_reason_code() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::CReview).await;
        let (name, maker) = (case.name.as_str(), world.maker());
        assert_eq!(
            refused(world.propose_rejection(name, "").await),
            failed("RULES_PAY")
        );
        let proposed = world
            .propose_rejection(name, "NO_STANDING")
            .await
            .expect("proposed");
        assert_eq!(proposed.pending_proposal(), PendingProposal::Rejection);
        let reviewed = world
            .review(&maker, name)
            .await
            .expect("the maker thinks again");
        assert_eq!(reviewed.pending_proposal(), PendingProposal::Unspecified);
        let approved = world.approve_rejection(&world.checker(), name).await;
        assert_eq!(refused(approved), failed("NO_PROPOSAL"));

        let confirmed = world.bring(name, Programme::P1, State::Confirmed).await;
        let stopped = world.propose_termination(&confirmed.name, "").await;
        assert_eq!(refused(stopped), failed("RULES_PAY"));
        world
            .propose_termination(&confirmed.name, "OTHER_GROUND")
            .await
            .expect("proposed");
        let note = "听证后认定".to_owned();
        let name = confirmed.name.clone();
        let fraud = act!(
            world,
            maker,
            propose_fraud_finding,
            ProposeFraudFindingRequest { name, note }
        );
        assert_eq!(refused(fraud), failed("PROPOSAL_WAITING"));
    })
    .await;
}

#[tokio::test]
async fn what_was_posted_is_what_is_confirmed() {
    on_every_world(async |world| {
        let code = books::nursery(&world, 1, 3);
        let own = world.institution(&code);
        let case = world
            .lodge(&own, books::nursery_claim(&code))
            .await
            .expect("lodged");
        world.bring(&case.name, Programme::P3, State::CNotice).await;
        let (name, checker) = (case.name.as_str(), world.checker());
        assert_eq!(
            refused(world.confirm(&checker, name).await),
            failed("NOTICE_MISSING")
        );
        world.notice(&world.maker(), name).await;
        books::nursery(&world, 1, 2);
        assert_eq!(
            refused(world.confirm(&checker, name).await),
            failed("RESULT_CHANGED")
        );
        let maker = world.maker();
        let unexplained = world.review(&maker, name).await;
        assert_eq!(at_fault(unexplained), ["note"], "R-PRC-8");
        let (name_again, note) = (name.into(), "两名幼儿已离园，人数更正".into());
        let again = act!(
            world,
            maker,
            review_case,
            ReviewCaseRequest {
                name: name_again,
                note
            }
        )
        .expect("reviewed again");
        assert_eq!(again.determination.expect("it").amount_fen, 120_000);
        world.notice(&world.maker(), name).await;
        let confirmed = world.confirm(&checker, name).await.expect("confirmed");
        assert_eq!(confirmed.state(), State::Confirmed);
    })
    .await;
}

#[tokio::test]
async fn answers_of_registers_last_thirty_days() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::VReview).await;
        world
            .report(&world.clerk(), &case.name, true)
            .await
            .expect("reported");
        world.on(date!(2025 - 04 - 10));
        let signed = world.sign(&world.head(), &case.name, true).await;
        assert_eq!(refused(signed), failed("ANSWERS_TOO_OLD"));
        world
            .report(&world.clerk(), &case.name, true)
            .await
            .expect("reported");
        world
            .sign(&world.head(), &case.name, true)
            .await
            .expect("signed");
    })
    .await;
}

#[tokio::test]
async fn a_claim_in_order_is_taken_up() {
    on_every_world(async |world| {
        let case = world.family_at(&Family::of(1), State::Lodged).await;
        let (name, clerk) = (case.name, world.clerk());
        let refusal = act!(world, clerk, refuse_case, RefuseCaseRequest { name });
        assert_eq!(refused(refusal), failed("NO_GROUND_TO_REFUSE"));
    })
    .await;
}

#[tokio::test]
async fn notices_hang_for_seven_days_and_once() {
    on_every_world(async |world| {
        let clerk = world.clerk();
        assert_eq!(
            refused(world.post(&clerk, &[]).await),
            failed("NOTHING_THERE")
        );
        let case = world.family_at(&Family::of(1), State::VReview).await;
        let posted = world.post(&clerk, &[&case.name]).await;
        assert_eq!(refused(posted), failed("CASE_DOES_NOT_FIT"));
        world.bring(&case.name, Programme::P1, State::VNotice).await;
        let notice = world
            .post(&clerk, &[&case.name])
            .await
            .expect("posted")
            .name;
        world.on(date!(2025 - 03 - 17));
        assert_eq!(
            refused(world.close(&clerk, &notice).await),
            failed("NOTICE_NOT_OVER")
        );
        world.on(date!(2025 - 03 - 18));
        assert_eq!(world.close(&clerk, &notice).await.expect("closed"), 1);
        assert_eq!(
            refused(world.close(&clerk, &notice).await),
            failed("NOTICE_CLOSED")
        );
    })
    .await;
}

#[tokio::test]
async fn rosters_are_sealed_as_they_were_built() {
    on_every_world(async |world| {
        assert_eq!(
            refused(world.build(Programme::P1).await),
            failed("NOTHING_THERE")
        );
        let one = world.family_at(&Family::of(1), State::Confirmed).await;
        world.on(date!(2025 - 03 - 10));
        world.family_at(&Family::of(2), State::Confirmed).await;
        let roster = world.build(Programme::P1).await.expect("built");
        assert_eq!(
            (roster.line_count, roster.total_fen, roster.hash.as_str()),
            (2, 1_000_000, "")
        );
        let (checker, recorder) = (world.checker(), world.recorder());
        let recorded = world.record(&recorder, &roster.name).await;
        assert_eq!(refused(recorded), failed("ROSTER_STATE"));
        world
            .withdraw(&world.clerk(), &one.name)
            .await
            .expect("withdrawn");
        let sealed = world.seal(&checker, &roster.name).await;
        assert_eq!(refused(sealed), failed("ROSTER_STALE"));
        let roster = world.build(Programme::P1).await.expect("built again");
        let sealed = world.seal(&checker, &roster.name).await.expect("sealed");
        assert_eq!((sealed.line_count, sealed.hash.len()), (1, 64));
        let again = world.seal(&checker, &roster.name).await;
        assert_eq!(refused(again), failed("ROSTER_STATE"));
    })
    .await;
}

#[tokio::test]
async fn a_claimant_has_his_term_to_answer() {
    on_every_world(async |world| {
        let family = Family::of(1);
        let case = world.family_at(&family, State::VReview).await;
        let (name, clerk) = (case.name.clone(), world.clerk());
        let defects = vec!["缺生育服务登记证明".to_owned()];
        let returned = act!(
            world,
            clerk,
            return_case,
            ReturnCaseRequest { name, defects }
        );
        let returned = returned.expect("returned");
        assert_eq!(returned.return_due_on, "2025-03-24", "ten working days");
        assert_eq!(returned.resume_state(), State::VReview);
        family.amend(&world, |facts| {
            facts
                .deliveries
                .iter_mut()
                .for_each(|it| it.birth_service_registered_on.clear());
        });
        let early = world.propose_rejection(&case.name, "").await;
        assert_eq!(refused(early), failed("TERM_RUNNING"));
        world.on(date!(2025 - 03 - 25));
        world.propose_rejection(&case.name, "").await.expect("F6");
        let rejected = world.approve_rejection(&world.checker(), &case.name).await;
        let rejected = rejected.expect("rejected");
        assert_eq!(rejected.state(), State::Rejected);
        let told = rejected.determination.expect("it");
        assert_eq!(told.decision(), Decision::Reject);
        assert_eq!(told.reason, "NO_BIRTH_SERVICE_REGISTRATION");
    })
    .await;
}

#[tokio::test]
async fn a_service_tells_its_own_events_only() {
    on_every_world(async |world| {
        let event = world.event(Payload::BatchReleased(BatchReleased::default()));
        let answer = world.deliver("funding-ledger", event).await;
        assert_eq!(
            refused(answer),
            (Code::PermissionDenied, "FOREIGN_EVENT".into())
        );
    })
    .await;
}
