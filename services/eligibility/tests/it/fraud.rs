//! Fraud established: refused, terminated or recovered, and barred from then on.

use time::macros::date;
use tonic::Status;
use yuhui_kernel::dates;
use yuhui_proto::{
    eligibility::v1::{Case, GetDeterminationRequest, case::State},
    internal::v1::{RecoverySettled, event::Payload},
    types::v1::{Decision, Programme},
};

use yuhui_proto::eligibility::v1::PendingProposal;

use crate::{
    books::{self, Family},
    harness::{World, on_every_world, refused},
    walk::act,
};

pub async fn propose(world: &World, name: &str) -> Result<Case, Status> {
    let (name, note, maker) = (name.into(), "听证后认定伪造材料".to_owned(), world.maker());
    act!(
        world,
        maker,
        propose_fraud_finding,
        ProposeFraudFindingRequest { name, note }
    )
}

pub async fn establish(world: &World, name: &str) -> Case {
    let proposed = propose(world, name).await.expect("proposed");
    assert_eq!(proposed.pending_proposal(), PendingProposal::FraudFinding);
    let (name, checker) = (name.into(), world.checker());
    act!(
        world,
        checker,
        approve_fraud_finding,
        ApproveFraudFindingRequest { name }
    )
    .expect("established")
}

#[tokio::test]
async fn what_was_paid_on_a_tainted_claim_is_recovered() {
    on_every_world(async |world| {
        let code = books::nursery(&world, 1, 3);
        let own = world.institution(&code);
        let case = world
            .lodge(&own, books::nursery_claim(&code))
            .await
            .expect("lodged");
        world.bring(&case.name, Programme::P3, State::Paid).await;
        world.relay().await;
        world.ledger.heard();
        world.on(date!(2025 - 11 - 20));
        // The registers say less by now; what was paid is recovered all the same.
        books::nursery(&world, 1, 2);
        let found = establish(&world, &case.name).await;
        assert_eq!(found.state(), State::Recovering);
        let told = found.determination.expect("it");
        assert_eq!(
            (told.decision(), told.clawback_fen),
            (Decision::Clawback, 180_000)
        );
        let ledger = world.to_ledger().await;
        assert!(matches!(
            &ledger[..],
            [Payload::RecoveryDecided(it)] if it.amount_fen == 180_000 && it.round == 2025
        ));
        let settled = RecoverySettled {
            case: case.name.clone(),
            recovered: true,
        };
        world.ledger_says(Payload::RecoverySettled(settled)).await;
        assert_eq!(world.look(&case.name).await.state(), State::Recovered);

        let claim = yuhui_proto::eligibility::v1::Claim {
            subsidy_year: 2025,
            ..books::nursery_claim(&code)
        };
        world.on(date!(2026 - 03 - 02));
        let later = world
            .lodge(&own, claim)
            .await
            .expect("lodged")
            .determination
            .expect("it");
        assert_eq!(later.decision(), Decision::Reject);
        let name = world.look(&case.name).await.name;
        let closed = {
            let maker = world.maker();
            act!(world, maker, close_case, CloseCaseRequest { name })
        };
        assert_eq!(closed.expect("archived").state(), State::Closed);
    })
    .await;
}

#[tokio::test]
async fn fraud_found_in_time_refuses_or_terminates() {
    on_every_world(async |world| {
        let early = world.family_at(&Family::of(1), State::TReview).await;
        let found = establish(&world, &early.name).await;
        assert_eq!(found.state(), State::Rejected);
        assert_eq!(found.determination.expect("it").reason, "FRAUD");
        let maker = world.maker();
        let name = early.name.clone();
        let soon = act!(world, maker, close_case, CloseCaseRequest { name });
        assert_eq!(refused(soon).1, "REVIEW_TERM_RUNS", "C.8");
        let today = world.clock.today();
        world.on(dates::add_days(today, 30));
        let name = early.name.clone();
        act!(world, maker, close_case, CloseCaseRequest { name }).expect("archived");
        assert_eq!(refused(propose(&world, &early.name).await).1, "WRONG_STATE");

        world.on(date!(2025 - 03 - 10));
        let late = world.family_at(&Family::of(2), State::Funded).await;
        world.relay().await;
        world.disbursement.heard();
        world.hold(&late.name).await.expect("held");
        let found = establish(&world, &late.name).await;
        assert_eq!(found.state(), State::Terminated);
        let told = found.determination.expect("it");
        assert_eq!(
            (told.decision(), told.reason.as_str()),
            (Decision::Terminate, "FRAUD")
        );
        let told = world.to_disbursement().await;
        assert!(
            told.iter()
                .any(|it| matches!(it, Payload::LineTerminated(_))),
            "{told:?}"
        );

        // R-FRD-2: the same mother's later claim.
        world.on(date!(2025 - 05 - 06));
        let again = Family {
            second: books::number("2024-07-16", 7),
            ..Family::of(2)
        };
        again.register(&world);
        again.amend(&world, |facts| {
            for delivery in &mut facts.deliveries {
                for child in delivery
                    .children
                    .iter_mut()
                    .filter(|it| it.born_on.starts_with("2024"))
                {
                    child.born_on = "2024-07-16".into();
                }
            }
        });
        let later = world
            .lodge(&world.clerk(), again.claim())
            .await
            .expect("lodged");
        let told = later.determination.expect("it");
        assert_eq!(
            (told.decision(), told.reason.as_str()),
            (Decision::Reject, "FRAUD_BARRED")
        );
    })
    .await;
}

#[tokio::test]
async fn an_earlier_step_that_fails_too_stays_the_primary_reason() {
    on_every_world(async |world| {
        // B.2: step 9 comes before step 15.
        let family = Family::of(1);
        let case = world.family_at(&family, State::TReview).await;
        family.amend(&world, |facts| {
            for delivery in &mut facts.deliveries {
                delivery.birth_service_registered_on.clear();
            }
        });
        let found = establish(&world, &case.name).await;
        let told = found.determination.expect("it");
        assert_eq!(
            (found.state, told.reason.as_str()),
            (State::Rejected.into(), "NO_BIRTH_SERVICE_REGISTRATION")
        );
        // The letter lists both, and the finding bars the mother all the same.
        let ask = GetDeterminationRequest { name: case.name };
        let shown = world.maker().cases().get_determination(ask).await;
        let shown = shown.expect("replayed").into_inner();
        let failed = shown.determination.expect("it").findings;
        let failed: Vec<_> = failed.iter().filter(|it| it.outcome == "FAIL").collect();
        assert!(failed.iter().any(|it| it.rule == "R-P1-6"), "{failed:?}");
        assert!(failed.iter().any(|it| it.rule == "R-FRD-1"), "{failed:?}");
        assert!(shown.letter.contains("骗取"), "{}", shown.letter);

        // What only a person could have decided is decided by the fraud.
        let referred = Family::of(2);
        let case = world.family_at(&referred, State::VReview).await;
        referred.amend(&world, |facts| {
            for marriage in &mut facts.marriages {
                marriage.to_on = "2025-01-15".into();
            }
        });
        let found = establish(&world, &case.name).await;
        let told = found.determination.expect("it");
        assert_eq!(
            (told.decision(), told.reason.as_str()),
            (Decision::Reject, "FRAUD")
        );
    })
    .await;
}
